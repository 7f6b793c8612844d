// SPDX-License-Identifier: GPL-3.0-or-later
// Reading YAML (and JSON, which is YAML in flow style) through libfyaml's events. Events rather than documents: the
// tree is then ours alone, lives in the arena, and its depth and size are bounded before memory is spent.
#include "study/node.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libfyaml.h>

// ---- bytes ----

// Length of the UTF-8 sequence at s (Unicode 15, table 3-7), 0 where there is none.
static size_t sequence(const unsigned char *s, size_t left) {
    size_t n = *s < 0x80                  ? 1
               : *s >= 0xC2 && *s <= 0xDF ? 2
               : (*s & 0xF0) == 0xE0      ? 3
               : *s >= 0xF0 && *s <= 0xF4 ? 4
                                          : 0;
    if (n == 0 || n > left)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    if ((*s == 0xE0 && s[1] < 0xA0) || (*s == 0xED && s[1] > 0x9F) || (*s == 0xF0 && s[1] < 0x90) ||
        (*s == 0xF4 && s[1] > 0x8F))
        return 0;
    return n;
}

// Control characters would reach terminals through titles and labels: none is text.
static int is_control(const unsigned char *s, size_t n) {
    return (n == 1 && (*s < 0x20 || *s == 0x7F) && *s != '\t' && *s != '\n' && *s != '\r') ||
           (n == 2 && *s == 0xC2 && s[1] < 0xA0);
}

static int refuse_byte(const unsigned char *s, size_t n, struct ws_place place, struct ws_messages *messages) {
    if (*s == 0)
        ws_complain(messages, place, "not a text file (it holds a zero byte); a study is YAML or JSON in UTF-8");
    else if (n == 0)
        ws_complain(messages, place, "not UTF-8 (byte 0x%02x); save the file as UTF-8", *s);
    else
        ws_complain(messages, place, "control character 0x%02x in the text; remove it", s[n - 1]);
    return -1;
}

int ws_text_check(const char *text, size_t length, const char *file, struct ws_messages *messages) {
    struct ws_place place = {file, 1, 1};
    const unsigned char *s = (const unsigned char *)text;
    if (length > WS_STUDY_MAX_BYTES) {
        ws_complain(messages, (struct ws_place){file, 0, 0}, "too large for a study: %zu bytes, at most 16 MiB",
                    length);
        return -1;
    }
    if (length >= 2 && ((s[0] == 0xFF && s[1] == 0xFE) || (s[0] == 0xFE && s[1] == 0xFF))) {
        ws_complain(messages, place, "the file is UTF-16; save it as UTF-8");
        return -1;
    }
    for (size_t i = 0, n; i < length; i += n) {
        n = sequence(s + i, length - i);
        if (n == 0 || is_control(s + i, n))
            return refuse_byte(s + i, n, place, messages);
        place.column++;
        if (s[i] == '\n')
            place = (struct ws_place){file, place.line + 1, 1};
    }
    return 0;
}

// ---- events to nodes ----

struct frame {
    struct ws_node *node;
    const char *key; // of a mapping, waiting for its value
    struct ws_place key_place;
    const char *anchor;
};

struct anchor {
    const char *name;
    const struct ws_node *node;
};

struct reader {
    struct ws_arena *arena;
    struct ws_messages *messages;
    struct ws_place first;
    const char *text;
    size_t length;
    struct fy_diag *diag; // these three are released with the arena too, should memory run out between
    struct fy_parser *parser;
    struct fy_event *event;
    struct frame stack[WS_STUDY_MAX_DEPTH];
    size_t depth, n_nodes, n_anchors;
    struct anchor *anchors;
    const struct ws_node *top;
    int documents, failed;
};

static void release(void *object) {
    struct reader *reader = object;
    if (reader->event)
        fy_parser_event_free(reader->parser, reader->event);
    if (reader->parser)
        fy_parser_destroy(reader->parser);
    if (reader->diag)
        fy_diag_destroy(reader->diag);
    reader->event = NULL;
    reader->parser = NULL;
    reader->diag = NULL;
}

static struct ws_place place_of(const struct reader *reader, int line, int column) {
    if (line == 0)
        column += reader->first.column - 1;
    return (struct ws_place){reader->first.file, reader->first.line + line, column + 1};
}

static struct ws_place event_place(const struct reader *reader, struct fy_event *event) {
    const struct fy_mark *mark = fy_event_start_mark(event);
    if (mark)
        return place_of(reader, mark->line, mark->column);
    const struct frame *frame = reader->depth ? &reader->stack[reader->depth - 1] : NULL;
    return !frame ? reader->first : frame->key ? frame->key_place : frame->node->place;
}

static void fail(struct reader *reader, struct ws_place place, const char *text) {
    ws_complain(reader->messages, place, "%s", text);
    reader->failed = 1;
}

static const char *token_text(struct reader *reader, struct fy_token *token) {
    size_t length = 0;
    const char *text = token ? fy_token_get_text(token, &length) : NULL;
    return text ? ws_arena_copy_n(reader->arena, text, length) : "";
}

static int is_null_text(const char *s) {
    return !strcmp(s, "") || !strcmp(s, "~") || !strcmp(s, "null") || !strcmp(s, "Null") || !strcmp(s, "NULL");
}

// The scalar's first character within its quotes; a block's marks start at the beginning of its line.
static void find_text(struct reader *reader, struct ws_node *node, struct fy_token *token, int style) {
    const struct fy_mark *mark = fy_token_start_mark(token);
    if (!mark || mark->input_pos > reader->length)
        return;
    size_t blanks = 0;
    if (style == FYSS_LITERAL || style == FYSS_FOLDED)
        while (mark->input_pos + blanks < reader->length && reader->text[mark->input_pos + blanks] == ' ')
            blanks++;
    node->raw = reader->text + mark->input_pos + blanks;
    node->text_place = place_of(reader, mark->line, mark->column + (int)blanks);
    node->place = node->text_place;
    if (style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED)
        node->place.column--;
}

static struct ws_node *scalar_node(struct reader *reader, struct fy_event *event) {
    struct fy_token *token = event->scalar.value;
    struct ws_place place = event_place(reader, event);
    int style = token ? (int)fy_token_scalar_style(token) : FYSS_PLAIN;
    size_t length = 0;
    const char *text = token ? fy_token_get_text(token, &length) : "";
    struct ws_node *node = ws_node_scalar(reader->arena, text ? ws_arena_copy_n(reader->arena, text, length) : "",
                                          style != FYSS_PLAIN, place);
    if (token)
        find_text(reader, node, token, style);
    // "\0" and "\e" in double quotes are not in the file's bytes but come out of them.
    for (size_t i = 0, n; i < length; i += n) {
        n = sequence((const unsigned char *)text + i, length - i);
        if (n == 0 || is_control((const unsigned char *)text + i, n)) {
            fail(reader, node->place, "the text holds an escaped control character; remove it");
            break;
        }
    }
    if (!node->quoted && is_null_text(node->text))
        node->kind = WS_NODE_NULL;
    return node;
}

static void attach(struct reader *reader, const struct ws_node *node, const char *anchor) {
    if (anchor) {
        reader->anchors = ws_arena_grow(reader->arena, reader->anchors, reader->n_anchors, sizeof *reader->anchors);
        reader->anchors[reader->n_anchors++] = (struct anchor){anchor, node};
    }
    if (reader->depth == 0) {
        reader->top = node;
        return;
    }
    struct frame *frame = &reader->stack[reader->depth - 1];
    if (frame->node->kind == WS_NODE_LIST) {
        ws_node_set(reader->arena, frame->node, NULL, node->place, node);
    } else if (frame->key) {
        struct ws_item item = {frame->key, frame->key_place, node};
        frame->node->items = ws_arena_grow(reader->arena, frame->node->items, frame->node->n_items, sizeof item);
        frame->node->items[frame->node->n_items++] = item;
        frame->node->weight += node->weight;
        frame->key = NULL;
    } else if (node->kind == WS_NODE_SCALAR || node->kind == WS_NODE_NULL) {
        frame->key = node->text;
        frame->key_place = node->place;
        if (strcmp(node->text, "<<") == 0 && !node->quoted)
            fail(reader, node->place, "merge keys (<<) are not part of the study language; use 'extends'");
    } else {
        fail(reader, node->place,
             "a key must be a name, not a list or a mapping; quote a formula that starts with [ or {");
    }
    if (frame->node->kind == WS_NODE_MAP && frame->node->n_items > WS_STUDY_MAX_KEYS && !reader->failed)
        fail(reader, node->place, "too many keys in one mapping: more than 10000"); // merging looks keys up one by one
    if (frame->node->weight > WS_STUDY_MAX_NODES && !reader->failed)
        fail(reader, node->place, "too many values: aliases repeat each other to more than 1000000");
}

static void open_node(struct reader *reader, struct ws_node *node, struct fy_event *event, struct fy_token *anchor) {
    const struct fy_mark *mark = fy_event_start_mark(event);
    node->flow = mark && mark->input_pos < reader->length &&
                 (reader->text[mark->input_pos] == '{' || reader->text[mark->input_pos] == '[');
    if (reader->depth == WS_STUDY_MAX_DEPTH) {
        fail(reader, node->place, "nested too deeply: more than 64 levels");
        return;
    }
    const char *name = anchor ? token_text(reader, anchor) : NULL;
    reader->stack[reader->depth++] = (struct frame){.node = node, .anchor = name};
}

struct keyed {
    const char *key;
    size_t index;
};

static int by_key(const void *a, const void *b) {
    const struct keyed *x = a, *y = b;
    int order = strcmp(x->key, y->key);
    return order ? order : x->index < y->index ? -1 : 1;
}

static void refuse_duplicates(struct reader *reader, const struct ws_node *map) {
    struct keyed *keys = WS_NEW_ARRAY(reader->arena, struct keyed, map->n_items + 1);
    for (size_t i = 0; i < map->n_items; i++)
        keys[i] = (struct keyed){map->items[i].key, i};
    qsort(keys, map->n_items, sizeof *keys, by_key);
    for (size_t i = 1; i < map->n_items; i++)
        if (strcmp(keys[i - 1].key, keys[i].key) == 0)
            ws_complain(reader->messages, map->items[keys[i].index].place,
                        "duplicate key '%.80s', first given on line %d; remove one", keys[i].key,
                        map->items[keys[i - 1].index].place.line);
}

static void close_node(struct reader *reader) {
    struct frame frame = reader->stack[--reader->depth];
    if (frame.node->kind == WS_NODE_MAP)
        refuse_duplicates(reader, frame.node);
    if (reader->depth && reader->stack[reader->depth - 1].node->kind == WS_NODE_MAP &&
        !reader->stack[reader->depth - 1].key)
        fail(reader, frame.node->place,
             "a key must be a name, not a list or a mapping; quote a formula that starts with [ or {");
    else
        attach(reader, frame.node, frame.anchor);
}

static void alias_node(struct reader *reader, struct fy_event *event) {
    const char *name = token_text(reader, event->alias.anchor);
    struct ws_place place = event_place(reader, event);
    place.column--; // the mark stands after the star
    for (size_t i = reader->n_anchors; i-- > 0;)
        if (strcmp(reader->anchors[i].name, name) == 0) {
            attach(reader, reader->anchors[i].node, NULL);
            return;
        }
    ws_complain(reader->messages, place,
                "'*%.80s' refers to no anchor '&%.80s' before it; quote a text that starts with *", name, name);
    reader->failed = 1;
}

static int has_tag(const struct fy_event *event) {
    return (event->type == FYET_SCALAR && event->scalar.tag) ||
           (event->type == FYET_SEQUENCE_START && event->sequence_start.tag) ||
           (event->type == FYET_MAPPING_START && event->mapping_start.tag);
}

static void take(struct reader *reader, struct fy_event *event) {
    if (++reader->n_nodes > WS_STUDY_MAX_NODES) {
        fail(reader, event_place(reader, event), "too many values: more than 1000000");
        return;
    }
    if (has_tag(event)) {
        fail(reader, event_place(reader, event),
             "tags (!...) are not part of the study language; quote a text that starts with !");
        return;
    }
    switch (event->type) {
    case FYET_DOCUMENT_START:
        if (reader->documents++)
            fail(reader, event_place(reader, event), "a second document (---); a study file holds one");
        break;
    case FYET_SCALAR:
        attach(reader, scalar_node(reader, event),
               event->scalar.anchor ? token_text(reader, event->scalar.anchor) : NULL);
        break;
    case FYET_SEQUENCE_START:
        open_node(reader, ws_node_list(reader->arena, event_place(reader, event)), event, event->sequence_start.anchor);
        break;
    case FYET_MAPPING_START:
        open_node(reader, ws_node_map(reader->arena, event_place(reader, event)), event, event->mapping_start.anchor);
        break;
    case FYET_SEQUENCE_END:
    case FYET_MAPPING_END:
        close_node(reader);
        break;
    case FYET_ALIAS:
        alias_node(reader, event);
        break;
    default:
        break;
    }
}

// ---- libfyaml's errors in our words ----

// Whether the line that ends before `column` holds a formula: YAML stumbles over its commas, colons and brackets.
static int in_formula(const struct reader *reader, int line, int column) {
    const char *start = reader->text, *end = reader->text + reader->length;
    for (int i = 1; i < line && start; i++) {
        const char *newline = memchr(start, '\n', (size_t)(end - start));
        start = newline ? newline + 1 : NULL;
    }
    static const char key[] = "formula";
    size_t key_length = sizeof key - 1;
    for (int i = 0; start && i < column && start + key_length < end && *start != '\n'; i++, start++)
        if (strncmp(start, key, key_length) == 0 && strchr("\": ", start[key_length]))
            return 1;
    return 0;
}

// The innermost list or mapping in brackets that is open, or NULL.
static const struct ws_node *open_flow(const struct reader *reader) {
    size_t depth = reader->depth;
    while (depth > 0 && !reader->stack[depth - 1].node->flow)
        depth--;
    return depth ? reader->stack[depth - 1].node : NULL;
}

static const char *advice(const struct reader *reader, const struct fy_diag_error *error) {
    const struct ws_node *open = open_flow(reader);
    if (in_formula(reader, error->line, error->column))
        return "; YAML has cut the formula here: quote the formula";
    if (strstr(error->msg, "tab"))
        return "; indent with spaces";
    if (strstr(error->msg, "nested block mapping") || strstr(error->msg, "multiline plain"))
        return "; look at the indentation, or quote a text that holds ': '";
    if (strstr(error->msg, "cannot start with"))
        return "; quote the text";
    if (strstr(error->msg, "wrongly indented"))
        return "; is the closing quote missing?";
    if (strstr(error->msg, "missing comma") && open)
        return ws_arena_printf(reader->arena, "; the bracket opened at %d:%d is not closed before", open->place.line,
                               open->place.column);
    return "";
}

static void report(struct reader *reader) {
    void *iterator = NULL;
    size_t before = reader->messages->errors;
    const struct fy_diag_error *error;
    while ((error = fy_diag_errors_iterate(reader->diag, &iterator))) {
        struct ws_place place = place_of(reader, error->line - 1, error->column - 1);
        // An open bracket swallows the rest of the file: the place that helps is where it was opened.
        if (strstr(error->msg, "without a closing bracket") && open_flow(reader))
            place = open_flow(reader)->place;
        ws_complain(reader->messages, place, "syntax error: %s%s", error->msg, advice(reader, error));
    }
    if (reader->messages->errors == before)
        ws_complain(reader->messages, reader->first, "syntax error: this is neither YAML nor JSON");
}

static int start(struct reader *reader) {
    struct fy_diag_cfg collect;
    fy_diag_cfg_default(&collect);
    collect.fp = NULL;
    collect.level = FYET_ERROR;
    reader->diag = fy_diag_create(&collect);
    if (!reader->diag)
        return -1;
    fy_diag_set_collect_errors(reader->diag, true);
    struct fy_parse_cfg config = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DISABLE_MMAP_OPT | FYPCF_JSON_NONE,
                                  .diag = reader->diag};
    reader->parser = fy_parser_create(&config);
    return reader->parser ? fy_parser_set_string(reader->parser, reader->text, reader->length) : -1;
}

static void read_events(struct reader *reader) {
    while (!reader->failed && (reader->event = fy_parser_parse(reader->parser))) {
        take(reader, reader->event);
        fy_parser_event_free(reader->parser, reader->event);
        reader->event = NULL;
    }
    if (!reader->failed && fy_parser_get_stream_error(reader->parser)) {
        report(reader);
        reader->failed = 1;
    }
}

const struct ws_node *ws_node_parse(const char *text, size_t length, struct ws_place first, int any_top,
                                    struct ws_arena *arena, struct ws_messages *messages) {
    static const char bom[] = "\xEF\xBB\xBF";
    if (ws_text_check(text, length, first.file, messages))
        return NULL;
    if (length >= 3 && memcmp(text, bom, 3) == 0) {
        text += 3;
        length -= 3;
    }
    struct reader *reader = WS_NEW(arena, struct reader);
    *reader = (struct reader){.arena = arena, .messages = messages, .first = first, .text = text, .length = length};
    ws_arena_defer(arena, release, reader);
    if (start(reader)) {
        release(reader);
        fail(reader, first, "the YAML parser could not be started (out of memory?)");
        return NULL;
    }
    read_events(reader);
    release(reader);
    if (reader->failed)
        return NULL;
    if (!reader->top && any_top)
        reader->top = ws_node_null(arena, first);
    if (!reader->top || (reader->top->kind == WS_NODE_NULL && !any_top)) {
        ws_complain(messages, first, "the file is empty; a study starts with 'wattspan: 1'");
        return NULL;
    }
    if (reader->top->kind != WS_NODE_MAP && !any_top) {
        ws_complain(messages, reader->top->place, "found %s, wanted a mapping that starts with 'wattspan: 1'",
                    ws_node_describe(reader->top, arena));
        return NULL;
    }
    return reader->top;
}
