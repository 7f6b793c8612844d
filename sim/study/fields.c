// SPDX-License-Identifier: GPL-3.0-or-later
// Reading single values out of the tree, by the rows of the key tables.
#include <stdarg.h>
#include <string.h>

#include "study/loader.h"
#include "study/prior_parse.h"

void ws_loader_complain(struct ws_loader *loader, struct ws_place place, const char *subject, const char *format, ...) {
    va_list args;
    va_start(args, format);
    const char *text = ws_arena_vprintf(loader->arena, format, args);
    va_end(args);
    ws_complain(loader->messages, place, "%s%s%s", subject, *subject ? ": " : "", text);
}

static int refuse(struct ws_loader *loader, const struct ws_item *item, const char *subject, const char *wanted,
                  const char *hint) {
    ws_loader_complain(loader, item->value->place, subject, "'%s' is %s, wanted %s%s", item->key,
                       ws_node_describe(item->value, loader->arena), wanted, hint);
    return -1;
}

int ws_take_text(struct ws_loader *loader, const struct ws_item *item, const char *subject, const char **text) {
    if (item->value->kind != WS_NODE_SCALAR)
        return refuse(loader, item, subject, "a text",
                      item->value->kind == WS_NODE_MAP ? "; quote a text that holds ': '" : "");
    size_t length = strlen(item->value->text);
    while (length > 0 && item->value->text[length - 1] == '\n') // what a block scalar ends with
        length--;
    *text = ws_arena_copy_n(loader->arena, item->value->text, length);
    return 0;
}

int ws_take_number(struct ws_loader *loader, const struct ws_item *item, const char *subject, double *value) {
    return ws_node_number(item->value, value) ? refuse(loader, item, subject, "a number", ws_number_hint(item->value))
                                              : 0;
}

int ws_take_count(struct ws_loader *loader, const struct ws_item *item, const char *subject, uint64_t *value) {
    double number;
    if (ws_node_number(item->value, &number) || ws_parse_count(item->value->text, value))
        return refuse(loader, item, subject, "a whole number from 0 to 9.2e18, such as 10e6",
                      ws_number_hint(item->value));
    return 0;
}

int ws_take_unit(struct ws_loader *loader, const struct ws_item *item, const char *subject, struct ws_unit *unit) {
    char why[512];
    const char *text;
    if (ws_take_text(loader, item, subject, &text))
        return -1;
    if (loader->units && ws_unit_parse(loader->units, text, unit, why, sizeof why)) {
        ws_loader_complain(loader, item->value->place, subject, "%s", why);
        return -1;
    }
    return loader->units ? 0 : -1; // without a unit system its own error has been reported
}

static void take_word(struct ws_loader *loader, const struct ws_item *item, const char *subject, const char *words,
                      const char **text) {
    const char *list[16], *word;
    size_t count = 0;
    if (ws_take_text(loader, item, subject, &word))
        return;
    for (const char *s = words; *s && count < sizeof list / sizeof *list;) {
        size_t n = strcspn(s, " ");
        list[count++] = ws_arena_copy_n(loader->arena, s, n);
        s += n;
        s += *s == ' ';
    }
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], word) == 0) {
            *text = list[i];
            return;
        }
    struct ws_text all = {.arena = loader->arena};
    for (size_t i = 0; i < count; i++)
        ws_text_printf(&all, "%s%s", i == 0 ? "" : i + 1 == count ? " or " : ", ", list[i]);
    refuse(loader, item, subject, all.data, ws_suggestion(loader->arena, word, list, count));
}

static void take_boolean(struct ws_loader *loader, const struct ws_item *item, const char *subject, int *flag) {
    const char *text = item->value->kind == WS_NODE_SCALAR && !item->value->quoted ? item->value->text : "";
    if (strcmp(text, "true") && strcmp(text, "false"))
        refuse(loader, item, subject, "true or false", "");
    *flag = strcmp(text, "true") == 0;
}

void ws_take_source(struct ws_loader *loader, const struct ws_item *item, const char *subject, const char **text) {
    const struct ws_study *study = loader->study;
    if (ws_take_text(loader, item, subject, text))
        return;
    const char **keys = WS_NEW_ARRAY(loader->arena, const char *, study->n_sources + 1);
    for (size_t i = 0; i < study->n_sources; i++) {
        keys[i] = study->sources[i].key;
        if (strcmp(keys[i], *text) == 0)
            return;
    }
    ws_loader_complain(loader, item->value->place, subject, "'sources' has no '%.80s'%s", *text,
                       ws_suggestion(loader->arena, *text, keys, study->n_sources));
}

static void store(struct ws_loader *loader, const struct ws_item *item, const struct ws_key *key, const char *subject,
                  void *object) {
    // Offsets in the tables are of fields of these very types.
    void *field = (char *)object + key->offset;
    switch (key->type) {
    case WS_KEY_TEXT:
        ws_take_text(loader, item, subject, field);
        break;
    case WS_KEY_WORD:
        take_word(loader, item, subject, key->words, field);
        break;
    case WS_KEY_SOURCE:
        ws_take_source(loader, item, subject, field);
        break;
    case WS_KEY_NUMBER:
        ws_take_number(loader, item, subject, field);
        break;
    case WS_KEY_COUNT:
        ws_take_count(loader, item, subject, field);
        break;
    case WS_KEY_BOOLEAN:
        take_boolean(loader, item, subject, field);
        break;
    default:
        break;
    }
}

// Brackets that are opened and not closed: what is left of a formula that { , } around it has cut.
static int is_cut(const struct ws_node *node) {
    int open = 0;
    for (const char *s = node->text; *s; s++)
        open += (*s == '(') + (*s == '[') - (*s == ')') - (*s == ']');
    return node->kind == WS_NODE_SCALAR && !node->quoted && open > 0;
}

// Unknown keys after a value that YAML has cut are the rest of it: one error says so. (Other texts may hold an open
// bracket.)
static int refuse_cut(struct ws_loader *loader, const struct ws_node *map, int table, const char *subject) {
    int unknown = 0;
    for (size_t i = 0; i < map->n_items; i++)
        unknown |= !ws_key_find(table, map->items[i].key);
    for (size_t i = 0; map->flow && i < map->n_items; i++)
        if (is_cut(map->items[i].value) && (unknown || strcmp(map->items[i].key, "formula") == 0)) {
            ws_loader_complain(loader, map->items[i].value->place, subject,
                               "YAML has cut the %s at a comma or colon, after '%.80s': quote the %s",
                               map->items[i].key, map->items[i].value->text, map->items[i].key);
            return 1;
        }
    return 0;
}

int ws_take_fields(struct ws_loader *loader, const struct ws_node *map, int table, const char *subject,
                   struct ws_place place, void *object) {
    size_t count;
    const struct ws_key *rows = ws_keys(table, &count);
    int cut = refuse_cut(loader, map, table, subject);
    for (size_t i = 0; i < map->n_items; i++) {
        const struct ws_item *item = &map->items[i];
        const struct ws_key *key = ws_key_find(table, item->key);
        if (strcmp(item->key, WS_KEY_CUT_FORMULA) == 0 && table == WS_KEYS_INPUT)
            continue;
        if (!key && !cut)
            ws_refuse_key(table, subject, item->key, item->place, loader->arena, loader->messages);
        else if (key && ws_node_is_null(item->value) && !*item->value->text)
            ws_loader_complain(loader, item->place, subject, "'%s' is empty; give it a value or remove it", item->key);
        else if (key && key->offset != SIZE_MAX && !ws_node_is_null(item->value))
            store(loader, item, key, subject, object);
    }
    for (size_t i = 0; i < count; i++)
        if (rows[i].required && !ws_node_find(map, rows[i].name) && !cut)
            ws_loader_complain(loader, place, subject, "'%s' is missing: %s", rows[i].name, rows[i].summary);
    return cut;
}
