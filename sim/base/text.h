// SPDX-License-Identifier: GPL-3.0-or-later
// Small strings: a growing buffer, number formatting that reads back exactly, nearest names, SHA-256.
#ifndef WS_BASE_TEXT_H
#define WS_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

// A growing, always NUL-terminated text in an arena. Zero-initialise but for the arena.
struct ws_text {
    struct ws_arena *arena;
    char *data; // NULL while empty
    size_t length, capacity;
};

void ws_text_add(struct ws_text *text, const char *s);
void ws_text_add_n(struct ws_text *text, const char *s, size_t length);
void ws_text_printf(struct ws_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

// The shortest decimal that reads back as the same double ("0.1", "310", "1.2e+12", "nan", "inf"); locale-independent.
const char *ws_format_double(double value, char buf[32]);
// Reads all of `s` as a number ("1e6", "-.5", "inf" refused); 0 on success. Locale-independent.
int ws_parse_double(const char *s, double *value);
// A count that may be written 1e6; 0 on success, refused if negative, fractional or above 2^63.
int ws_parse_count(const char *s, uint64_t *value);

// The candidate nearest to `name` by edit distance (transpositions count one, case counts little), or NULL
// where none is near enough to suggest. candidates[i] may be NULL (skipped).
const char *ws_nearest(const char *name, const char *const *candidates, size_t count);
// 1 if s is [A-Za-z_][A-Za-z0-9_]*.
int ws_is_name(const char *s);

// Lower-case hex SHA-256 (FIPS 180-4) of the bytes.
void ws_sha256_hex(const void *bytes, size_t length, char hex[65]);
// A fast 64-bit checksum of much data, which tells accidents apart, not attacks. Depends on the byte order of the
// machine.
uint64_t ws_checksum(const void *bytes, size_t length);
// A 64-bit hash of a text, for naming random streams: the first 8 bytes of its SHA-256, little-endian.
uint64_t ws_hash64(const char *text);

#endif
