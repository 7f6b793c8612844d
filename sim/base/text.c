// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/sha2.h>

void ws_text_add_n(struct ws_text *text, const char *s, size_t length) {
    if (text->capacity - text->length < length + 1 || !text->data) {
        size_t capacity = 2 * (text->length + length) + 64;
        char *data = ws_arena_array(text->arena, capacity, 1);
        if (text->length)
            memcpy(data, text->data, text->length);
        text->data = data;
        text->capacity = capacity;
    }
    memcpy(text->data + text->length, s, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void ws_text_add(struct ws_text *text, const char *s) { ws_text_add_n(text, s, strlen(s)); }

void ws_text_printf(struct ws_text *text, const char *format, ...) {
    va_list args;
    va_start(args, format);
    ws_text_add(text, ws_arena_vprintf(text->arena, format, args));
    va_end(args);
}

// A program that embeds the library may run under a locale with another decimal point; numbers here never do.
static char decimal_point(void) {
    const struct lconv *conventions = localeconv();
    return conventions && conventions->decimal_point[0] ? conventions->decimal_point[0] : '.';
}

int ws_parse_double(const char *s, double *value) {
    char copy[512];
    size_t length = strlen(s);
    // strtod also takes hexadecimal numbers, "nan", "inf" and leading blanks: a study's numbers are decimal.
    if (length == 0 || length >= sizeof copy || strspn(s, "0123456789+-.eE") != length || s[0] == 'e' || s[0] == 'E')
        return -1;
    memcpy(copy, s, length + 1);
    char *point = strchr(copy, '.');
    if (point)
        *point = decimal_point();
    char *end;
    double x = strtod(copy, &end);
    if (*end != '\0' || end == copy || !isfinite(x))
        return -1;
    *value = x;
    return 0;
}

// %.{digits-1}e rewritten: plain decimals for moderate sizes ("310", "0.00012"), else a short exponent ("1.2e+12").
static void format_digits(char *buf, size_t size, int digits, double value) {
    char scientific[32];
    snprintf(scientific, sizeof scientific, "%.*e", digits - 1, value);
    int exponent = atoi(strchr(scientific, 'e') + 1);
    int decimals = digits - 1 - exponent;
    if (exponent >= -5 && exponent < 10)
        snprintf(buf, size, "%.*f", decimals > 0 ? decimals : 0, value);
    else
        snprintf(buf, size, "%s", scientific);
    char *point = strchr(buf, decimal_point());
    if (point)
        *point = '.';
}

const char *ws_format_double(double value, char buf[32]) {
    if (isnan(value))
        return strcpy(buf, "nan");
    if (isinf(value))
        return strcpy(buf, value > 0 ? "inf" : "-inf");
    for (int digits = 1; digits <= 17; digits++) {
        double back;
        format_digits(buf, 32, digits, value);
        if (ws_parse_double(buf, &back) == 0 && back == value)
            break;
    }
    return buf;
}

int ws_parse_count(const char *s, uint64_t *value) {
    size_t length = strlen(s);
    if (length > 0 && length < 20 && strspn(s, "0123456789") == length) {
        errno = 0;
        unsigned long long exact = strtoull(s, NULL, 10);
        if (errno || exact > INT64_MAX)
            return -1;
        *value = exact;
        return 0;
    }
    double x;
    if (ws_parse_double(s, &x) || !(x >= 0 && x < 0x1p63) || x != floor(x))
        return -1;
    *value = (uint64_t)x;
    return 0;
}

enum { NAME_MAX_COMPARED = 64 };

// Optimal string alignment distance in half edits: a change of case costs one half.
static unsigned distance(const char *a, size_t na, const char *b, size_t nb) {
    unsigned d[3][NAME_MAX_COMPARED + 1];
    for (size_t j = 0; j <= nb; j++)
        d[0][j] = 2 * (unsigned)j;
    for (size_t i = 1; i <= na; i++) {
        unsigned *row = d[i % 3], *last = d[(i + 2) % 3], *before = d[(i + 1) % 3];
        row[0] = 2 * (unsigned)i;
        for (size_t j = 1; j <= nb; j++) {
            unsigned change = a[i - 1] == b[j - 1]                                                   ? 0
                              : tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]) ? 1
                                                                                                     : 2;
            unsigned best = last[j - 1] + change;
            if (last[j] + 2 < best)
                best = last[j] + 2;
            if (row[j - 1] + 2 < best)
                best = row[j - 1] + 2;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 2 < best)
                best = before[j - 2] + 2;
            row[j] = best;
        }
    }
    return d[na % 3][nb];
}

const char *ws_nearest(const char *name, const char *const *candidates, size_t count) {
    size_t length = strlen(name);
    if (length > NAME_MAX_COMPARED)
        return NULL;
    const char *best = NULL;
    unsigned least = 2 * (unsigned)(length / 3 + 1) + 1; // a third of the letters may differ
    for (size_t i = 0; i < count; i++) {
        size_t other = candidates[i] ? strlen(candidates[i]) : 0;
        if (other == 0 || other > NAME_MAX_COMPARED)
            continue;
        unsigned d = distance(name, length, candidates[i], other);
        if (d < least && d < 2 * (unsigned)(length > other ? length : other)) {
            least = d;
            best = candidates[i];
        }
    }
    return best;
}

int ws_is_name(const char *s) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    return *s != '\0' && !isdigit((unsigned char)*s) && s[strspn(s, letters)] == '\0';
}

static void digest(const void *bytes, size_t length, uint8_t out[SHA256_DIGEST_SIZE]) {
    struct sha256_ctx context;
    sha256_init(&context);
    sha256_update(&context, length, bytes);
    sha256_digest(&context, SHA256_DIGEST_SIZE, out);
}

void ws_sha256_hex(const void *bytes, size_t length, char hex[65]) {
    uint8_t out[SHA256_DIGEST_SIZE];
    digest(bytes, length, out);
    for (size_t i = 0; i < sizeof out; i++) {
        hex[2 * i] = "0123456789abcdef"[out[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[out[i] & 15];
    }
    hex[2 * sizeof out] = '\0';
}

static const uint64_t odd = UINT64_C(0x9E3779B97F4A7C15);

static inline uint64_t mix(uint64_t lane, uint64_t word) {
    lane = (lane ^ word) * odd;
    return lane ^ lane >> 32;
}

// Four multiplicative lanes, folded together at the end.
uint64_t ws_checksum(const void *bytes, size_t length) {
    const unsigned char *from = bytes;
    uint64_t lane[4] = {length, 1, 2, 3};
    size_t whole = length / 32 * 32;
    for (size_t i = 0; i < whole; i += 32) {
        uint64_t words[4];
        memcpy(words, from + i, sizeof words);
        for (int k = 0; k < 4; k++)
            lane[k] = mix(lane[k], words[k]);
    }
    for (size_t i = whole; i < length; i += 8) {
        uint64_t word = 0, *h = &lane[i / 8 % 4];
        memcpy(&word, from + i, length - i < 8 ? length - i : 8);
        *h = mix(*h, word);
    }
    for (int k = 1; k < 4; k++)
        lane[0] = (lane[0] ^ lane[k]) * odd, lane[0] ^= lane[0] >> 29;
    return lane[0];
}

uint64_t ws_hash64(const char *text) {
    uint8_t out[SHA256_DIGEST_SIZE];
    uint64_t hash = 0;
    digest(text, strlen(text), out);
    for (int i = 7; i >= 0; i--)
        hash = hash << 8 | out[i];
    return hash;
}
