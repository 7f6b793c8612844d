// SPDX-License-Identifier: GPL-3.0-or-later
// Filling the caller's struct ws_error, and lists of messages with their places.
#ifndef WS_BASE_ERROR_H
#define WS_BASE_ERROR_H

#include <stddef.h>

#include "base/arena.h"
#include "wattspan.h"

// Sets status, where ("" if NULL) and text, and returns status. The first error wins: an error that is
// already set is left alone. err may be NULL.
int ws_error_set(struct ws_error *err, int status, const char *where, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// A place in a study file. line and column count from 1; line 0 means no place within the file.
struct ws_place {
    const char *file;
    int line, column;
};

struct ws_message {
    int severity; // enum ws_severity of wattspan.h
    struct ws_place place;
    const char *text; // one line, no trailing stop
};

// The messages of one study, in the order found.
struct ws_messages {
    struct ws_arena *arena;
    struct ws_message *items;
    size_t count, errors; // of all severities; of severity WS_SEVERITY_ERROR
};

void ws_message_add(struct ws_messages *messages, int severity, struct ws_place place, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
// Shorthands for the two common severities.
void ws_complain(struct ws_messages *messages, struct ws_place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void ws_warn(struct ws_messages *messages, struct ws_place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// "file:line:column", "file:line" or "file" into buf.
const char *ws_place_format(struct ws_place place, char *buf, size_t size);

#endif
