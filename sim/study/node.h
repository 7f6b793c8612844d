// SPDX-License-Identifier: GPL-3.0-or-later
// A study's text as a tree: what YAML or JSON says, with the place of everything, before anything is understood.
//
// Nodes are shared (aliases, merged parents) and therefore never changed once another tree may hold them: whoever edits
// a mapping edits a copy of it.
#ifndef WS_STUDY_NODE_H
#define WS_STUDY_NODE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

enum ws_node_kind { WS_NODE_NULL, WS_NODE_SCALAR, WS_NODE_LIST, WS_NODE_MAP };

struct ws_item {
    const char *key;       // NULL in a list
    struct ws_place place; // of the key, in a list of the value
    const struct ws_node *value;
};

struct ws_node {
    int kind;                   // enum ws_node_kind
    int quoted;                 // a scalar in quotes or in block style: text even if it looks like a number
    int flow;                   // a list in [ ], a mapping in { }
    struct ws_place place;      // of the first character, quotes and brackets included
    const char *text;           // scalar; "" for a null that is not written out
    struct ws_place text_place; // of the scalar's first character within quotes or block
    const char *raw;            // the file's text from text_place on; NULL where there is no file
    size_t n_items;
    struct ws_item *items;      // list and mapping, in the order written
    const struct ws_data *data; // what the file holds that an `empirical` prior names, once it is read (data.c)
    size_t weight;              // nodes in this tree, shared ones counted each time they are met
};

enum { WS_STUDY_MAX_BYTES = 16 << 20, WS_STUDY_MAX_DEPTH = 64, WS_STUDY_MAX_NODES = 1000000 };
enum { WS_STUDY_MAX_KEYS = 10000 }; // in one mapping
enum { WS_STUDY_MAX_ERRORS = 200 }; // that are listed

// The tree of one YAML or JSON document, whose top is a mapping unless any_top is nonzero; NULL with errors among the
// messages. `first` is where the text starts in its file. (yaml.c)
const struct ws_node *ws_node_parse(const char *text, size_t length, struct ws_place first, int any_top,
                                    struct ws_arena *arena, struct ws_messages *messages);
// Complains of bytes that no study can hold (not UTF-8, zero bytes, control characters, too many); 0 if there are none.
// (yaml.c)
int ws_text_check(const char *text, size_t length, const char *file, struct ws_messages *messages);

const struct ws_item *ws_node_find(const struct ws_node *map, const char *key);
// The value under a key, or NULL; a null counts as not there.
const struct ws_node *ws_node_get(const struct ws_node *map, const char *key);
int ws_node_is_null(const struct ws_node *node);
// 0 if the node is a plain scalar that reads as a finite number.
int ws_node_number(const struct ws_node *node, double *value);
// "a list", "the text 'abc'", "nothing": what was found, for messages.
const char *ws_node_describe(const struct ws_node *node, struct ws_arena *arena);
// Where byte `offset` of the scalar's text stands in the file, over folded lines.
struct ws_place ws_node_place_at(const struct ws_node *node, size_t offset);

// ---- building ----

struct ws_node *ws_node_scalar(struct ws_arena *arena, const char *text, int quoted, struct ws_place place);
// A null that is not written out.
struct ws_node *ws_node_null(struct ws_arena *arena, struct ws_place place);
struct ws_node *ws_node_map(struct ws_arena *arena, struct ws_place place);
struct ws_node *ws_node_list(struct ws_arena *arena, struct ws_place place);
// A copy whose own items may be changed; a null gives an empty mapping.
struct ws_node *ws_node_copy(struct ws_arena *arena, const struct ws_node *node);
// Replaces in place, or appends (always, where key is NULL).
void ws_node_set(struct ws_arena *arena, struct ws_node *node, const char *key, struct ws_place place,
                 const struct ws_node *value);
void ws_node_remove(struct ws_node *map, const char *key);

// ---- writing (flatten.c) ----

// YAML in flow style on one line, which reads back as the same tree; equal trees give equal texts.
void ws_node_write_flow(struct ws_text *out, const struct ws_node *node);
const char *ws_node_line(const struct ws_node *node, struct ws_arena *arena);
void ws_node_write_json(struct ws_text *out, const struct ws_node *node, int indent);
// One scalar in YAML: plain where that reads back as the same, else in double quotes.
void ws_node_write_scalar(struct ws_text *out, const char *text, int quoted);

#endif
