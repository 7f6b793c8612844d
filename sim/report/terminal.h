// SPDX-License-Identifier: GPL-3.0-or-later
// How wide characters are on a terminal, without the C library's locale: output is UTF-8 whatever that says.
#ifndef WS_REPORT_TERMINAL_H
#define WS_REPORT_TERMINAL_H

#include <stddef.h>
#include <stdint.h>

// Reads one UTF-8 character and moves *s beyond it; a stray byte is read as U+FFFD.
uint32_t ws_next_character(const char **s);
// 0, 1 or 2 columns.
size_t ws_character_width(uint32_t character);

#endif
