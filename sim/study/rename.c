// SPDX-License-Identifier: GPL-3.0-or-later
// Other names in a study that has been loaded before, so that nothing is wrong with its formulas.
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "study/rename.h"

enum { DEEPEST = 256 };

struct renaming {
    const char *const *names, *const *renamed;
    size_t count;
    struct ws_text out;
    int depth, selects[DEEPEST]; // of parentheses; whether one is a select's
    int starts_argument;         // the last token was the opening of a call or a comma
};

static int is_word(char c) { return isalnum((unsigned char)c) || c == '_'; }

static size_t skip_blanks(const char *s) { return strspn(s, " \t\r\n"); }

// "label = value" or "label: value" as an argument of select.
static int is_label(const struct renaming *r, const char *after) {
    int in_select = r->depth > 0 && r->depth <= DEEPEST && r->selects[r->depth - 1];
    return in_select && r->starts_argument && (*after == ':' || (*after == '=' && after[1] != '='));
}

static const char *find(const struct renaming *r, const char *word, size_t length) {
    for (size_t i = 0; i < r->count; i++)
        if (strlen(r->names[i]) == length && strncmp(r->names[i], word, length) == 0)
            return r->renamed[i];
    return NULL;
}

static void open_call(struct renaming *r, int is_select) {
    if (r->depth < DEEPEST)
        r->selects[r->depth] = is_select;
    r->depth++;
}

static size_t word_length(const char *s) {
    size_t n = 0;
    while (is_word(s[n]))
        n++;
    return n;
}

// 1.5e-3: its letter is no name. Returns its length.
static size_t number_length(const char *s) {
    size_t n = strspn(s, "0123456789.");
    if (n && (s[n] == 'e' || s[n] == 'E')) {
        size_t sign = s[n + 1] == '+' || s[n + 1] == '-';
        size_t digits = strspn(s + n + 1 + sign, "0123456789");
        n += digits ? 1 + sign + digits : 0;
    }
    return n;
}

// Copies one token, changed where it is a name, and returns its length.
static size_t copy_token(struct renaming *r, const char *s, int *select_before) {
    size_t n = number_length(s);
    int is_select = 0, starts = 0;
    if (n) {
        ws_text_add_n(&r->out, s, n);
    } else if (*s == '[') {
        n = strcspn(s, "]") + 1;
        ws_text_add_n(&r->out, s, n);
    } else if (*s == '\'' || *s == '"') {
        n = strcspn(s + 1, *s == '"' ? "\"" : "'") + 2;
        ws_text_add_n(&r->out, s, n);
    } else if (is_word(*s)) {
        n = word_length(s);
        const char *after = s + n + skip_blanks(s + n), *name = find(r, s, n);
        int kept = !name || *after == '(' || is_label(r, after);
        is_select = *after == '(' && n == strlen("select") && strncmp(s, "select", n) == 0;
        ws_text_add_n(&r->out, kept ? s : name, kept ? n : strlen(name));
    } else {
        n = 1;
        if (*s == '(')
            open_call(r, *select_before);
        r->depth -= *s == ')' && r->depth > 0;
        starts = *s == '(' || *s == ',';
        ws_text_add_n(&r->out, s, n);
    }
    r->starts_argument = starts;
    *select_before = is_select;
    return n;
}

const char *ws_formula_rename(const char *formula, const char *const *names, const char *const *renamed, size_t count,
                              struct ws_arena *arena) {
    struct renaming r = {.names = names, .renamed = renamed, .count = count, .out = {.arena = arena}};
    int select_before = 0;
    ws_text_add(&r.out, "");
    for (const char *s = formula; *s;) {
        size_t blanks = skip_blanks(s);
        ws_text_add_n(&r.out, s, blanks);
        s += blanks;
        if (*s)
            s += copy_token(&r, s, &select_before);
    }
    return r.out.data;
}

// ---- entries ----

const char *ws_name_replaced(const char *name, const char *const *names, const char *const *become, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return become[i];
    return name;
}

static const struct ws_node *rename_scalar(const struct ws_node *node, const char *key, const struct ws_renaming *r,
                                           struct ws_arena *arena) {
    static const char *const named[] = {"given", "quantity", "between", "select"};
    const char *text = node->text;
    if (strcmp(key, "formula") == 0)
        text = ws_formula_rename(text, r->names, r->become, r->count, arena);
    else if (strcmp(key, "source") == 0)
        text = ws_name_replaced(text, r->sources, r->sources_become, r->n_sources);
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (strcmp(key, named[i]) == 0)
            text = ws_name_replaced(text, r->names, r->become, r->count);
    return text == node->text ? node : ws_node_scalar(arena, text, node->quoted, node->place);
}

static const struct ws_node *rename_under(const struct ws_node *node, const char *key, const struct ws_renaming *r,
                                          struct ws_arena *arena) {
    if (node->kind == WS_NODE_SCALAR)
        return rename_scalar(node, key, r, arena);
    if (node->kind == WS_NODE_NULL)
        return node;
    struct ws_node *copy = ws_node_copy(arena, node);
    for (size_t i = 0; i < copy->n_items; i++)
        copy->items[i].value =
            rename_under(copy->items[i].value, copy->items[i].key ? copy->items[i].key : key, r, arena);
    const struct ws_node *group = strcmp(key, "dirichlet") == 0 ? ws_node_get(node, "group") : NULL;
    if (group) // another whole: what is one quantity in both is not renamed
        ws_node_set(arena, copy, "group", group->place,
                    ws_node_scalar(arena, ws_arena_printf(arena, "%s%s", r->prefix, group->text), 0, group->place));
    return copy;
}

const struct ws_node *ws_node_rename(const struct ws_node *node, const struct ws_renaming *renaming,
                                     struct ws_arena *arena) {
    return rename_under(node, "", renaming, arena);
}
