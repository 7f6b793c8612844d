// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/json.h"

#include <math.h>

#include "base/text.h"

static void write_string(FILE *out, const char *s) {
    putc('"', out);
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c == '\n')
            fputs("\\n", out);
        else if (c < 0x20 || c == 0x7f)
            fprintf(out, "\\u%04x", c);
        else
            putc(c, out);
    }
    putc('"', out);
}

static void new_line(const struct ws_json *json) {
    putc('\n', json->out);
    for (int i = 0; i < json->depth; i++)
        fputs("  ", json->out);
}

// What stands before a value: the comma after the last one, a new line, the key.
static void begin(struct ws_json *json, const char *key) {
    if (json->depth > 0) {
        int *filled = &json->filled[json->depth - 1];
        if (*filled)
            putc(',', json->out);
        if (!json->compact)
            new_line(json);
        else if (*filled)
            putc(' ', json->out);
        *filled = 1;
    }
    if (key) {
        write_string(json->out, key);
        fputs(": ", json->out);
    }
}

static void open_with(struct ws_json *json, const char *key, char opening, char closing, int compact) {
    begin(json, key);
    putc(opening, json->out);
    json->filled[json->depth] = 0;
    json->closing[json->depth++] = closing;
    if (json->compact || compact)
        json->compact++;
}

void ws_json_object(struct ws_json *json, const char *key) { open_with(json, key, '{', '}', 0); }
void ws_json_list(struct ws_json *json, const char *key) { open_with(json, key, '[', ']', 0); }
void ws_json_object_inline(struct ws_json *json, const char *key) { open_with(json, key, '{', '}', 1); }
void ws_json_list_inline(struct ws_json *json, const char *key) { open_with(json, key, '[', ']', 1); }

void ws_json_end(struct ws_json *json) {
    json->depth--;
    if (json->compact)
        json->compact--;
    else if (json->filled[json->depth])
        new_line(json);
    putc(json->closing[json->depth], json->out);
    if (json->depth == 0)
        putc('\n', json->out);
}

void ws_json_string(struct ws_json *json, const char *key, const char *value) {
    begin(json, key);
    if (value)
        write_string(json->out, value);
    else
        fputs("null", json->out);
}

void ws_json_note(struct ws_json *json, const char *key, const char *value) {
    if (value && *value)
        ws_json_string(json, key, value);
}

void ws_json_number(struct ws_json *json, const char *key, double value) {
    char buf[32];
    begin(json, key);
    fputs(isfinite(value) ? ws_format_double(value, buf) : "null", json->out);
}

void ws_json_count(struct ws_json *json, const char *key, uint64_t value) {
    begin(json, key);
    fprintf(json->out, "%llu", (unsigned long long)value);
}

void ws_json_boolean(struct ws_json *json, const char *key, int value) {
    begin(json, key);
    fputs(value ? "true" : "false", json->out);
}

void ws_json_report(struct ws_json *json, const char *format, const char *title) {
    ws_json_object(json, NULL);
    ws_json_string(json, "format", format);
    ws_json_count(json, "format_version", 1);
    ws_json_string(json, "title", title);
}
