// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/terminal.h"

#include "report/layout.h"

uint32_t ws_next_character(const char **s) {
    const unsigned char *p = (const unsigned char *)*s;
    unsigned n = p[0] < 0x80                   ? 1
                 : p[0] >= 0xc2 && p[0] < 0xe0 ? 2
                 : p[0] >= 0xe0 && p[0] < 0xf0 ? 3
                 : p[0] >= 0xf0 && p[0] < 0xf5 ? 4
                                               : 0;
    uint32_t character = n == 1 ? p[0] : n ? p[0] & (0x7fu >> n) : 0xfffd;
    for (unsigned i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            *s += 1;
            return 0xfffd;
        }
        character = character << 6 | (p[i] & 0x3f);
    }
    *s += n ? n : 1;
    return character;
}

struct range {
    uint32_t first, last;
};

static int within(const struct range *ranges, size_t count, uint32_t character) {
    for (size_t i = 0; i < count; i++)
        if (character >= ranges[i].first && character <= ranges[i].last)
            return 1;
    return 0;
}

// The blocks that titles meet in practice, after Unicode's EastAsianWidth.txt (W and F) and general categories Mn, Me,
// Cf.
size_t ws_character_width(uint32_t character) {
    static const struct range none[] = {{0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x064b, 0x065f},
                                        {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x2064}, {0x20d0, 0x20f0},
                                        {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0xe0100, 0xe01ef}};
    static const struct range wide[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0x33ff},  {0x3400, 0x4dbf},
                                        {0x4e00, 0x9fff},   {0xa000, 0xa4cf},   {0xac00, 0xd7a3},  {0xf900, 0xfaff},
                                        {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},  {0x1f300, 0x1f64f},
                                        {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
    if (character < 0x300)
        return 1;
    if (within(none, sizeof none / sizeof *none, character))
        return 0;
    return within(wide, sizeof wide / sizeof *wide, character) ? 2 : 1;
}

size_t ws_text_width(const char *text) {
    size_t width = 0;
    while (*text)
        width += ws_character_width(ws_next_character(&text));
    return width;
}
