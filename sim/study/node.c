// SPDX-License-Identifier: GPL-3.0-or-later
// The tree itself: finding, describing, building.
#include "study/node.h"

#include <string.h>

const struct ws_item *ws_node_find(const struct ws_node *map, const char *key) {
    if (!map || map->kind != WS_NODE_MAP)
        return NULL;
    for (size_t i = 0; i < map->n_items; i++)
        if (strcmp(map->items[i].key, key) == 0)
            return &map->items[i];
    return NULL;
}

const struct ws_node *ws_node_get(const struct ws_node *map, const char *key) {
    const struct ws_item *item = ws_node_find(map, key);
    return item && !ws_node_is_null(item->value) ? item->value : NULL;
}

int ws_node_is_null(const struct ws_node *node) { return node->kind == WS_NODE_NULL; }

int ws_node_number(const struct ws_node *node, double *value) {
    return node->kind == WS_NODE_SCALAR && !node->quoted ? ws_parse_double(node->text, value) : -1;
}

const char *ws_node_describe(const struct ws_node *node, struct ws_arena *arena) {
    double number;
    switch (node->kind) {
    case WS_NODE_NULL:
        return *node->text ? "null" : "nothing";
    case WS_NODE_LIST:
        return node->n_items ? "a list" : "an empty list";
    case WS_NODE_MAP:
        return node->n_items ? "a mapping" : "an empty mapping";
    default:
        break;
    }
    if (ws_node_number(node, &number) == 0)
        return ws_arena_printf(arena, "%.60s", node->text);
    const char *more = strlen(node->text) > 60 ? "..." : "";
    if (node->quoted && ws_parse_double(node->text, &number) == 0)
        return ws_arena_printf(arena, "the text \"%.60s%s\" (a number in quotes is text)", node->text, more);
    return ws_arena_printf(arena, "'%.60s%s'", node->text, more);
}

static int is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

struct ws_place ws_node_place_at(const struct ws_node *node, size_t offset) {
    struct ws_place place = node->text_place;
    const char *raw = node->raw;
    for (size_t i = 0; raw && i < offset && node->text[i]; i++) {
        if (!is_blank(node->text[i])) {
            if (*raw++ != node->text[i]) // an escape: what follows on this line is near enough
                break;
            place.column += (*raw & 0xC0) != 0x80;
            continue;
        }
        if (!is_blank(*raw))
            break;
        do { // a fold: one blank in the text is any run around a line's end in the file
            int line_end = *raw == '\n';
            place.line += line_end;
            place.column = line_end ? 1 : place.column + 1;
            raw++;
        } while (is_blank(*raw) && !is_blank(node->text[i + 1]));
    }
    return place;
}

static struct ws_node *make(struct ws_arena *arena, int kind, struct ws_place place) {
    struct ws_node *node = WS_NEW(arena, struct ws_node);
    *node = (struct ws_node){.kind = kind, .place = place, .text_place = place, .text = "", .weight = 1};
    return node;
}

struct ws_node *ws_node_scalar(struct ws_arena *arena, const char *text, int quoted, struct ws_place place) {
    struct ws_node *node = make(arena, WS_NODE_SCALAR, place);
    node->text = text;
    node->quoted = quoted;
    return node;
}

struct ws_node *ws_node_null(struct ws_arena *arena, struct ws_place place) {
    return make(arena, WS_NODE_NULL, place);
}

struct ws_node *ws_node_map(struct ws_arena *arena, struct ws_place place) {
    return make(arena, WS_NODE_MAP, place);
}

struct ws_node *ws_node_list(struct ws_arena *arena, struct ws_place place) {
    return make(arena, WS_NODE_LIST, place);
}

struct ws_node *ws_node_copy(struct ws_arena *arena, const struct ws_node *node) {
    struct ws_node *copy = make(arena, WS_NODE_MAP, node->place);
    if (node->kind == WS_NODE_NULL)
        return copy;
    *copy = *node;
    copy->items = NULL;
    for (copy->n_items = 0; copy->n_items < node->n_items; copy->n_items++) {
        copy->items = ws_arena_grow(arena, copy->items, copy->n_items, sizeof *copy->items);
        copy->items[copy->n_items] = node->items[copy->n_items];
    }
    return copy;
}

void ws_node_set(struct ws_arena *arena, struct ws_node *node, const char *key, struct ws_place place,
                 const struct ws_node *value) {
    struct ws_item item = {key, place, value};
    node->weight += value->weight;
    for (size_t i = 0; key && i < node->n_items; i++)
        if (strcmp(node->items[i].key, key) == 0) {
            node->weight -= node->items[i].value->weight;
            node->items[i] = item;
            return;
        }
    node->items = ws_arena_grow(arena, node->items, node->n_items, sizeof *node->items);
    node->items[node->n_items++] = item;
}

void ws_node_remove(struct ws_node *map, const char *key) {
    for (size_t i = 0; i < map->n_items; i++)
        if (strcmp(map->items[i].key, key) == 0) {
            map->weight -= map->items[i].value->weight;
            memmove(map->items + i, map->items + i + 1, (map->n_items - i - 1) * sizeof *map->items);
            map->n_items--;
            return;
        }
}
