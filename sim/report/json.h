// SPDX-License-Identifier: GPL-3.0-or-later
// JSON on a stream: commas, indentation and quoting. Keys are NULL within lists.
#ifndef WS_REPORT_JSON_H
#define WS_REPORT_JSON_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { WS_JSON_DEPTH = 16 };

struct ws_json {
    FILE *out;
    int depth;
    int filled[WS_JSON_DEPTH]; // something stands in it already
    char closing[WS_JSON_DEPTH];
    int compact; // > 0: within this many objects or lists that stand on one line
};

// Starts a report: the outermost object, what it is ("wattspan-result"), the version of that form, the study's title.
void ws_json_report(struct ws_json *json, const char *format, const char *title);
void ws_json_object(struct ws_json *json, const char *key);
void ws_json_list(struct ws_json *json, const char *key);
// The same, on one line with all that is in them.
void ws_json_object_inline(struct ws_json *json, const char *key);
void ws_json_list_inline(struct ws_json *json, const char *key);
void ws_json_end(struct ws_json *json);

void ws_json_string(struct ws_json *json, const char *key, const char *value); // NULL gives null
void ws_json_number(struct ws_json *json, const char *key, double value);      // NaN and infinity give null
void ws_json_count(struct ws_json *json, const char *key, uint64_t value);
void ws_json_boolean(struct ws_json *json, const char *key, int value);
// A string that is left out where it is empty.
void ws_json_note(struct ws_json *json, const char *key, const char *value);

#endif
