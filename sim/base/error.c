// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

int ws_error_set(struct ws_error *err, int status, const char *where, const char *format, ...) {
    if (!err || err->status)
        return status;
    err->status = status;
    snprintf(err->where, sizeof err->where, "%s", where ? where : "");
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return status;
}

static void add(struct ws_messages *messages, int severity, struct ws_place place, const char *format, va_list args) {
    const char *text = ws_arena_vprintf(messages->arena, format, args);
    messages->items = ws_arena_grow(messages->arena, messages->items, messages->count, sizeof *messages->items);
    messages->items[messages->count++] = (struct ws_message){severity, place, text};
    messages->errors += severity == WS_SEVERITY_ERROR;
}

void ws_message_add(struct ws_messages *messages, int severity, struct ws_place place, const char *format, ...) {
    va_list args;
    va_start(args, format);
    add(messages, severity, place, format, args);
    va_end(args);
}

void ws_complain(struct ws_messages *messages, struct ws_place place, const char *format, ...) {
    va_list args;
    va_start(args, format);
    add(messages, WS_SEVERITY_ERROR, place, format, args);
    va_end(args);
}

void ws_warn(struct ws_messages *messages, struct ws_place place, const char *format, ...) {
    va_list args;
    va_start(args, format);
    add(messages, WS_SEVERITY_WARNING, place, format, args);
    va_end(args);
}

const char *ws_place_format(struct ws_place place, char *buf, size_t size) {
    const char *file = place.file ? place.file : "";
    if (place.line <= 0)
        snprintf(buf, size, "%s", file);
    else if (place.column <= 0)
        snprintf(buf, size, "%s:%d", file, place.line);
    else
        snprintf(buf, size, "%s:%d:%d", file, place.line, place.column);
    return buf;
}
