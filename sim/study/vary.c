// SPDX-License-Identifier: GPL-3.0-or-later
// `--vary`: what the command line lays over a study's `sweep`. And what a sweep does to the merged tree: every swept
// quantity is an input whose prior is its first value, so that the study is that of the first case.
#include <string.h>

#include "prior/family.h"
#include "study/keys.h"
#include "study/merge.h"
#include "study/prior_dirichlet.h"
#include "study/sweep.h"

struct vary {
    struct ws_arena *arena;
    struct ws_messages *messages;
    struct ws_node *sweep;
};

// ---- splitting the text ----

// Length of the text up to a separator that is neither in brackets nor in quotes.
static size_t piece(const char *text, char separator) {
    int depth = 0;
    char quote = 0;
    size_t i = 0;
    for (; text[i] && (depth > 0 || quote || text[i] != separator); i++) {
        char c = text[i];
        if (quote)
            quote = c == quote ? 0 : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '{' || c == '[' || c == '(')
            depth++;
        else if (c == '}' || c == ']' || c == ')')
            depth--;
    }
    return i;
}

// A part of a line of the command line, without blanks around it.
struct part {
    const char *text;
    struct ws_place place;
};

static struct part make_part(struct vary *v, const char *text, size_t length, struct ws_place place) {
    while (length > 0 && *text == ' ') {
        text++;
        length--;
        place.column++;
    }
    while (length > 0 && text[length - 1] == ' ')
        length--;
    return (struct part){ws_arena_copy_n(v->arena, text, length), place};
}

// ---- values ----

static void set_scalar(struct vary *v, struct ws_node *map, const char *key, struct part part) {
    ws_node_set(v->arena, map, key, part.place, ws_node_scalar(v->arena, part.text, 0, part.place));
}

// FROM:TO:STEPS[:log], or NULL where the text has another form.
static const struct ws_node *take_range(struct vary *v, struct part all) {
    static const char *const keys[] = {"from", "to", "steps", "log"};
    struct ws_node *range = ws_node_map(v->arena, all.place);
    const char *s = all.text;
    size_t n = 0;
    if (strspn(s, "0123456789.eE+-:log ") != strlen(s) || !strchr(s, ':'))
        return NULL;
    for (; n < 4; n++) {
        size_t length = piece(s, ':');
        struct ws_place place = all.place;
        place.column += (int)(s - all.text);
        struct part part = make_part(v, s, length, place);
        if (n == 3 && strcmp(part.text, "log") == 0)
            part.text = "true";
        set_scalar(v, range, keys[n], part);
        s += length;
        if (!*s++)
            break;
    }
    range->flow = 1;
    if (n == 2 || n == 3)
        return range;
    ws_complain(v->messages, all.place, "'%.80s' is no range, wanted FROM:TO:STEPS or FROM:TO:STEPS:log", all.text);
    return range;
}

// {LABEL: VALUE, ...}, as a study has it; a prior in braces is no such thing.
static const struct ws_node *take_labels(struct vary *v, struct part all) {
    if (*all.text != '{' || all.text[piece(all.text, ',')])
        return NULL;
    const struct ws_node *map = ws_node_parse(all.text, strlen(all.text), all.place, 1, v->arena, v->messages);
    if (!map || map->kind != WS_NODE_MAP || map->n_items == 0 || ws_family_find(map->items[0].key))
        return NULL;
    return map;
}

static const struct ws_node *take_list(struct vary *v, struct part all) {
    struct ws_node *list = ws_node_list(v->arena, all.place);
    list->flow = 1;
    for (const char *s = all.text;;) {
        size_t length = piece(s, ',');
        struct ws_place place = all.place;
        place.column += (int)(s - all.text);
        struct part one = make_part(v, s, length, place);
        const struct ws_node *value = NULL;
        if (*one.text)
            value = ws_node_parse(one.text, strlen(one.text), one.place, 1, v->arena, v->messages);
        else
            ws_complain(v->messages, one.place, "a value is missing, wanted NAME=a,b,c or NAME=FROM:TO:STEPS");
        if (value)
            ws_node_set(v->arena, list, NULL, value->place, value);
        s += length;
        if (!*s++)
            return list;
    }
}

// ---- one --vary ----

// "NAME=VALUES", into a mapping.
static void take_axis(struct vary *v, struct ws_node *target, struct part all) {
    const char *equals = strchr(all.text, '=');
    size_t errors = v->messages->errors;
    if (!equals || equals == all.text) {
        ws_complain(v->messages, all.place,
                    "'%.80s' varies nothing, wanted NAME=a,b,c or NAME=FROM:TO:STEPS or NAME=FROM:TO:STEPS:log",
                    all.text);
        return;
    }
    struct ws_place place = all.place;
    place.column += (int)(equals - all.text) + 1;
    struct part name = make_part(v, all.text, (size_t)(equals - all.text), all.place),
                values = make_part(v, equals + 1, strlen(equals + 1), place);
    const struct ws_node *taken = take_range(v, values);
    if (!taken)
        taken = take_labels(v, values);
    if (!taken)
        taken = take_list(v, values);
    if (v->messages->errors == errors)
        ws_node_set(v->arena, target, name.text, all.place, taken);
}

// A group without a name, or the group itself where it has none of it.
static const struct ws_node *without(struct vary *v, const struct ws_node *group, const char *name) {
    if (group->kind != WS_NODE_MAP || !ws_node_find(group, name))
        return group;
    struct ws_node *copy = ws_node_copy(v->arena, group);
    ws_node_remove(copy, name);
    return copy;
}

// Takes a quantity out of what the study itself sweeps: the command line says anew what it is.
static void forget(struct vary *v, const char *name) {
    const struct ws_node *zip = ws_node_get(v->sweep, "zip"), *rest = zip;
    ws_node_remove(v->sweep, name);
    if (zip && zip->kind == WS_NODE_MAP) {
        rest = without(v, zip, name);
    } else if (zip && zip->kind == WS_NODE_LIST) {
        struct ws_node *list = ws_node_list(v->arena, zip->place);
        list->flow = 1;
        for (size_t i = 0; i < zip->n_items; i++) {
            const struct ws_node *group = without(v, zip->items[i].value, name);
            if (group == zip->items[i].value || group->n_items)
                ws_node_set(v->arena, list, NULL, zip->items[i].place, group);
        }
        rest = list;
    }
    if (rest && rest != zip && rest->n_items == 0)
        ws_node_remove(v->sweep, "zip");
    else if (rest != zip)
        ws_node_set(v->arena, v->sweep, "zip", zip->place, rest);
}

// Adds a group to `zip`, as a list.
static void add_group(struct ws_node *sweep, const struct ws_node *group, struct ws_arena *arena) {
    const struct ws_node *old = ws_node_get(sweep, "zip");
    struct ws_node *list =
        old && old->kind == WS_NODE_LIST ? ws_node_copy(arena, old) : ws_node_list(arena, group->place);
    if (old && old->kind == WS_NODE_MAP && old->n_items)
        ws_node_set(arena, list, NULL, old->place, old);
    ws_node_set(arena, list, NULL, group->place, group);
    list->flow = 1;
    ws_node_set(arena, sweep, "zip", group->place, list);
}

void ws_vary_add(struct ws_node *sweep, const struct ws_node *group, struct ws_arena *arena) {
    if (group->n_items == 1)
        ws_node_set(arena, sweep, group->items[0].key, group->items[0].place, group->items[0].value);
    else if (group->n_items > 1)
        add_group(sweep, group, arena);
}

int ws_vary_is_of(const char *text, const char *name) {
    size_t length = strlen(name), blanks = strspn(text, " ");
    return strncmp(text + blanks, name, length) == 0 && text[blanks + length] == '=';
}

// "NAME=VALUES", or several with ; between them, into a mapping.
static void take_axes(struct vary *v, struct ws_node *group, const char *text, int line) {
    struct ws_place place = {WS_COMMAND_LINE, line, 1};
    for (const char *s = text;;) {
        size_t length = piece(s, ';');
        struct ws_place at = place;
        at.column += (int)(s - text);
        take_axis(v, group, make_part(v, s, length, at));
        s += length;
        if (!*s++)
            break;
    }
}

static int line_of(const struct ws_load_request *request, size_t i) {
    return (int)(request->n_settings + request->n_probabilities + i) + 1;
}

void ws_vary_parse(struct ws_node *map, const struct ws_load_request *request, size_t i, struct ws_arena *arena,
                   struct ws_messages *messages) {
    struct vary v = {.arena = arena, .messages = messages};
    take_axes(&v, map, request->sweeps[i], line_of(request, i));
}

// Several of one --vary go side by side.
static void lay_over(struct vary *v, const char *text, int line) {
    struct ws_node *group = ws_node_map(v->arena, (struct ws_place){WS_COMMAND_LINE, line, 1});
    group->flow = 1;
    take_axes(v, group, text, line);
    for (size_t i = 0; i < group->n_items; i++)
        forget(v, group->items[i].key);
    ws_vary_add(v->sweep, group, v->arena);
}

// ---- what a sweep does to the tree ----

// --set beats the study's own sweep, as it beats all else that a study says.
static void forget_settings(struct vary *v, const struct ws_load_request *request) {
    for (size_t i = 0; i < request->n_settings; i++) {
        const char *equals = strchr(request->settings[i], '=');
        if (equals)
            forget(v, ws_arena_copy_n(v->arena, request->settings[i], (size_t)(equals - request->settings[i])));
    }
}

static int is_set(const struct ws_load_request *request, const char *name) {
    size_t length = strlen(name);
    for (size_t i = 0; i < request->n_settings; i++)
        if (strncmp(request->settings[i], name, length) == 0 && request->settings[i][length] == '=')
            return 1;
    return 0;
}

// Nonzero where the quantity can be swept.
static int check_name(const struct vary *v, const struct ws_load_request *request, struct ws_node *root,
                      const struct ws_item *item) {
    const char *section = ws_merge_section_of(root, item->key);
    if (!section) {
        ws_merge_refuse_name(root, item->key, item->place, v->arena, v->messages);
    } else if (strcmp(section, "outputs") == 0) {
        ws_complain(v->messages, item->place,
                    "sweep: '%s' is an output, which follows from the others; sweep an input or a derived quantity",
                    item->key);
    } else if (ws_dirichlet_group(ws_node_get(ws_node_get(ws_node_get(root, section), item->key), "prior"))) {
        ws_complain(v->messages, item->place,
                    "sweep: '%s' is a share of a whole, and the other shares would not make up for it; sweep what it "
                    "goes into",
                    item->key);
    } else if (is_set(request, item->key)) {
        ws_complain(v->messages, item->place,
                    "sweep: '%s' is both swept by --vary and fixed by --set; leave one of them out", item->key);
    } else {
        return 1;
    }
    return 0;
}

// A choice between labels stays as it is, so that all of them stay known.
static void fix_first(const struct vary *v, struct ws_node *root, const struct ws_item *item) {
    const struct ws_node *first = ws_sweep_first(item->value);
    const struct ws_node *entry = ws_node_get(ws_node_get(root, ws_merge_section_of(root, item->key)), item->key);
    if (!first || ws_node_is_null(first) || !entry || entry->kind != WS_NODE_MAP)
        return;
    if (!ws_merge_is_choice(ws_node_get(entry, "prior")))
        ws_merge_fix(root, v->arena, item->key, first);
}

void ws_merge_sweep(struct ws_node *root, const struct ws_load_request *request, int over_studies,
                    struct ws_arena *arena, struct ws_messages *messages) {
    const struct ws_item *old = ws_node_find(root, "sweep");
    struct vary v = {.arena = arena, .messages = messages};
    if (!old && request->n_sweeps == 0)
        return;
    struct ws_place place = old ? old->place : (struct ws_place){WS_COMMAND_LINE, 0, 0};
    v.sweep = old ? ws_node_copy(arena, old->value) : ws_node_map(arena, place);
    forget_settings(&v, request);
    for (size_t i = 0; i < request->n_sweeps; i++)
        if (!over_studies || !ws_vary_is_of(request->sweeps[i], WS_SWEEP_STUDIES)) // taken before
            lay_over(&v, request->sweeps[i], line_of(request, i));
    ws_node_remove(root, "sweep");
    if (v.sweep->n_items)
        ws_node_set(arena, root, "sweep", place, v.sweep);
    size_t n;
    const struct ws_sweep_entry *entries = ws_sweep_entries(root, &n, arena, messages);
    for (size_t i = 0; i < n; i++)
        if (check_name(&v, request, root, entries[i].item))
            fix_first(&v, root, entries[i].item);
}
