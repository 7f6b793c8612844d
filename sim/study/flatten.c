// SPDX-License-Identifier: GPL-3.0-or-later
// Writing trees: the merged study as YAML or JSON. Keys stand in the order of the key tables and every scalar has one
// spelling, so that equal trees give equal texts, which is what the study's digest is of.
#include <stdio.h>
#include <string.h>

#include "study/loader.h"

// ---- scalars ----

static int is_one_of(const char *s, const char *const *words) {
    while (*words && strcmp(*words, s) != 0)
        words++;
    return *words != NULL;
}

// Texts that other YAML readers take for something else when they stand without quotes.
static int is_typed(const char *s) {
    static const char *const words[] = {"null",  "Null", "NULL", "~",  "",    "true",
                                        "false", "yes",  "no",   "on", "off", NULL};
    double number;
    return is_one_of(s, words) || ws_parse_double(s, &number) == 0;
}

static int is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

static int is_plain(const char *s) {
    const char first = *s;
    char last = ' ';
    if (!first || !(is_letter_or_digit(first) || strchr("_/(", first) ||
                    (strchr("-+.", first) && s[1] >= '0' && s[1] <= '9')))
        return 0;
    for (; *s; last = *s++)
        if (!is_letter_or_digit(*s) && !strchr("_ ./()*+^%$<=>;'-", *s))
            return 0;
    return last != ' ';
}

// Double quotes in the way that YAML and JSON share.
static void write_quoted(struct ws_text *out, const char *s) {
    ws_text_add(out, "\"");
    for (size_t plain; *s; s++) {
        if ((plain = strcspn(s, "\"\\\n\t\r\xE2\xEF")) > 0) {
            ws_text_add_n(out, s, plain);
            s += plain - 1;
        } else if (*s == '"' || *s == '\\')
            ws_text_add(out, *s == '"' ? "\\\"" : "\\\\");
        else if (*s == '\n' || *s == '\t' || *s == '\r')
            ws_text_add(out, *s == '\n' ? "\\n" : *s == '\t' ? "\\t" : "\\r");
        else if (strncmp(s, "\xE2\x80\xA8", 3) == 0 || strncmp(s, "\xE2\x80\xA9", 3) == 0) // line ends to some readers
            ws_text_add(out, *(s += 2) == '\xA8' ? "\\u2028" : "\\u2029");
        else if (strncmp(s, "\xEF\xBB\xBF", 3) == 0) { // a byte order mark
            ws_text_add(out, "\\ufeff");
            s += 2;
        } else
            ws_text_add_n(out, s, 1);
    }
    ws_text_add(out, "\"");
}

void ws_node_write_scalar(struct ws_text *out, const char *text, int quoted) {
    if (is_plain(text) && !(quoted && is_typed(text)))
        ws_text_add(out, text);
    else
        write_quoted(out, text);
}

void ws_node_write_flow(struct ws_text *out, const struct ws_node *node) {
    if (node->kind == WS_NODE_NULL) {
        ws_text_add(out, "null");
        return;
    }
    if (node->kind == WS_NODE_SCALAR) {
        ws_node_write_scalar(out, node->text, node->quoted);
        return;
    }
    ws_text_add(out, node->kind == WS_NODE_LIST ? "[" : "{");
    for (size_t i = 0; i < node->n_items; i++) {
        if (i)
            ws_text_add(out, ", ");
        if (node->kind == WS_NODE_MAP) {
            ws_node_write_scalar(out, node->items[i].key, 0);
            ws_text_add(out, ": ");
        }
        ws_node_write_flow(out, node->items[i].value);
    }
    ws_text_add(out, node->kind == WS_NODE_LIST ? "]" : "}");
}

const char *ws_node_line(const struct ws_node *node, struct ws_arena *arena) {
    struct ws_text text = {.arena = arena};
    ws_node_write_flow(&text, node);
    return text.data;
}

// ---- YAML ----

struct writer {
    struct ws_text out, plain; // with and without where each line came from
};

static void add_blanks(struct ws_text *out, size_t count) {
    static const char blanks[] = "                                                                ";
    for (size_t n; count > 0; count -= n) {
        n = count < sizeof blanks - 1 ? count : sizeof blanks - 1;
        ws_text_add_n(out, blanks, n);
    }
}

static void end_line(struct writer *w, size_t start, struct ws_place place) {
    enum { COMMENTS_AT = 60 };
    size_t length = w->out.length - start;
    ws_text_add_n(&w->plain, w->out.data + start, length);
    ws_text_add(&w->plain, "\n");
    if (place.file && place.line) {
        char line[16];
        add_blanks(&w->out, length < COMMENTS_AT ? COMMENTS_AT - length : 0);
        ws_text_add(&w->out, "  # ");
        size_t name = w->out.length;
        ws_text_add(&w->out, place.file);
        for (char *s = w->out.data + name; *s; s++) // a file's name may hold anything
            *s = (unsigned char)*s < 0x20 ? '?' : *s;
        ws_text_add_n(&w->out, line, (size_t)snprintf(line, sizeof line, ":%d", place.line));
    }
    ws_text_add(&w->out, "\n");
}

static void write_line(struct writer *w, int indent, const char *key, const struct ws_node *value,
                       struct ws_place place) {
    size_t start = w->out.length;
    add_blanks(&w->out, (size_t)indent);
    if (key) {
        ws_node_write_scalar(&w->out, key, 0);
        ws_text_add(&w->out, value ? ": " : ":");
    } else {
        ws_text_add(&w->out, "- ");
    }
    if (value)
        ws_node_write_flow(&w->out, value);
    end_line(w, start, place);
}

static void write_value(struct writer *w, int indent, const struct ws_item *item, int type) {
    if (type != WS_KEY_CLAIMS || item->value->kind != WS_NODE_LIST || item->value->n_items == 0) {
        write_line(w, indent, item->key, item->value, item->place);
        return;
    }
    write_line(w, indent, item->key, NULL, item->place);
    for (size_t i = 0; i < item->value->n_items; i++)
        write_line(w, indent + 2, NULL, item->value->items[i].value, item->value->items[i].place);
}

static void write_fields(struct writer *w, int indent, const struct ws_node *map, int table) {
    size_t count;
    const struct ws_key *rows = ws_keys(table, &count);
    for (size_t i = 0; i < count; i++) {
        const struct ws_item *item = ws_node_find(map, rows[i].name);
        if (item && !ws_node_is_null(item->value))
            write_value(w, indent, item, rows[i].type);
    }
}

static void write_section(struct writer *w, const struct ws_item *section, int table) {
    if (section->value->n_items == 0)
        return;
    write_line(w, 0, section->key, NULL, (struct ws_place){0});
    for (size_t i = 0; i < section->value->n_items; i++) {
        const struct ws_item *entry = &section->value->items[i];
        int full = entry->value->kind == WS_NODE_MAP && entry->value->n_items > 0;
        write_line(w, 2, entry->key, full ? NULL : entry->value, entry->place);
        if (full)
            write_fields(w, 4, entry->value, table);
    }
}

const char *ws_flatten_yaml(const struct ws_node *root, const char **with_origins, struct ws_arena *arena) {
    struct writer w = {{.arena = arena}, {.arena = arena}};
    size_t count;
    const struct ws_key *rows = ws_keys(WS_KEYS_TOP, &count);
    for (size_t i = 0; i < count; i++) {
        const struct ws_item *item = ws_node_find(root, rows[i].name);
        if (!item || ws_node_is_null(item->value))
            continue;
        if (rows[i].type == WS_KEY_SECTION) {
            write_section(&w, item, rows[i].entries);
        } else if (rows[i].type == WS_KEY_RUN) {
            if (item->value->n_items)
                write_line(&w, 0, item->key, NULL, (struct ws_place){0});
            write_fields(&w, 2, item->value, WS_KEYS_RUN);
        } else if (rows[i].type == WS_KEY_SWEEP) {
            if (item->value->n_items)
                write_line(&w, 0, item->key, NULL, (struct ws_place){0});
            for (size_t k = 0; k < item->value->n_items; k++)
                write_line(&w, 2, item->value->items[k].key, item->value->items[k].value, item->value->items[k].place);
        } else {
            write_line(&w, 0, item->key, item->value, item->place);
        }
    }
    if (with_origins)
        *with_origins = w.out.data;
    return w.plain.data;
}

// ---- JSON ----

// RFC 8259's grammar of numbers, which is narrower than YAML's.
static int is_json_number(const char *s) {
    s += *s == '-';
    size_t digits = strspn(s, "0123456789");
    if (digits == 0 || (*s == '0' && digits > 1))
        return 0;
    s += digits;
    if (*s == '.') {
        digits = strspn(s + 1, "0123456789");
        if (digits == 0)
            return 0;
        s += 1 + digits;
    }
    if (*s == 'e' || *s == 'E') {
        s += 1 + (s[1] == '+' || s[1] == '-');
        digits = strspn(s, "0123456789");
        if (digits == 0)
            return 0;
        s += digits;
    }
    return *s == '\0';
}

static void write_json_scalar(struct ws_text *out, const struct ws_node *node) {
    char buf[32];
    double number;
    int boolean = strcmp(node->text, "true") == 0 || strcmp(node->text, "false") == 0;
    if (!node->quoted && (is_json_number(node->text) || boolean))
        ws_text_add(out, node->text);
    else if (ws_node_number(node, &number) == 0)
        ws_text_add(out, ws_format_double(number, buf));
    else
        write_quoted(out, node->text);
}

void ws_node_write_json(struct ws_text *out, const struct ws_node *node, int indent) {
    if (node->kind == WS_NODE_NULL) {
        ws_text_add(out, "null");
        return;
    }
    if (node->kind == WS_NODE_SCALAR) {
        write_json_scalar(out, node);
        return;
    }
    ws_text_add(out, node->kind == WS_NODE_LIST ? "[" : "{");
    for (size_t i = 0; i < node->n_items; i++) {
        ws_text_printf(out, "%s\n%*s", i ? "," : "", indent + 2, "");
        if (node->kind == WS_NODE_MAP) {
            write_quoted(out, node->items[i].key);
            ws_text_add(out, ": ");
        }
        ws_node_write_json(out, node->items[i].value, indent + 2);
    }
    if (node->n_items)
        ws_text_printf(out, "\n%*s", indent, "");
    ws_text_add(out, node->kind == WS_NODE_LIST ? "]" : "}");
}

// "file:line" for every key, in the shape of the study.
static struct ws_node *origins_of(const struct ws_node *map, int depth, struct ws_arena *arena) {
    struct ws_node *origins = ws_node_map(arena, map->place);
    for (size_t i = 0; i < map->n_items; i++) {
        struct ws_item item = map->items[i];
        const struct ws_node *value;
        if (depth > 0 && item.value->kind == WS_NODE_MAP)
            value = origins_of(item.value, depth - 1, arena);
        else
            value =
                ws_node_scalar(arena, ws_arena_printf(arena, "%s:%d", item.place.file, item.place.line), 1, item.place);
        ws_node_set(arena, origins, item.key, item.place, value);
    }
    return origins;
}

const char *ws_study_flatten_json(const struct ws_study *study, struct ws_arena *arena) {
    struct ws_text text = {.arena = arena};
    struct ws_node *root = ws_node_map(arena, study->merged->place);
    for (size_t i = 0; i < study->merged->n_items; i++) {
        struct ws_item item = study->merged->items[i];
        if (item.value->n_items || item.value->kind == WS_NODE_SCALAR)
            ws_node_set(arena, root, item.key, item.place, item.value);
    }
    const struct ws_node *origins = origins_of(root, 2, arena);
    ws_node_set(arena, root, "origins", root->place, origins);
    ws_node_write_json(&text, root, 0);
    ws_text_add(&text, "\n");
    return text.data;
}
