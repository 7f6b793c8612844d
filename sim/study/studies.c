// SPDX-License-Identifier: GPL-3.0-or-later
// `sweep: {study: [a.yaml, b.yaml]}`: each case is another study as it stands. Studies of one sweep have the same
// formulas and differ in their inputs' priors: these become values that go side by side, each under its study's name,
// beside a choice `study` between the names.
#include <string.h>

#include "study/keys.h"
#include "study/merge.h"
#include "study/sweep.h"

struct studies {
    struct ws_node *root; // of the study that sweeps
    const struct ws_load_request *request;
    struct ws_arena *arena;
    struct ws_messages *messages;
    size_t n;
    const char **names;            // without folder and ending
    const struct ws_node **trees;  // merged
    const struct ws_place *places; // where each is named
};

static const char remedy[] = "studies of one sweep have the same formulas and differ in their inputs' priors; run "
                             "others by themselves, or compare two with wattspan compare";

static const char *name_of(const char *path, struct ws_arena *arena) {
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path, *dot = strrchr(base, '.');
    return ws_arena_copy_n(arena, base, dot && dot > base ? (size_t)(dot - base) : strlen(base));
}

// ---- reading ----

// The merged tree of a study, or NULL with a message.
static const struct ws_node *read_study(struct studies *s, const struct ws_node *path) {
    const int typed = strcmp(path->place.file, WS_COMMAND_LINE) == 0;
    if (path->kind != WS_NODE_SCALAR) {
        ws_complain(s->messages, path->place, "sweep of 'study': found %s, wanted the name of a study's file",
                    ws_node_describe(path, s->arena));
        return NULL;
    }
    if (!typed && path->text[0] == '/') {
        ws_complain(s->messages, path->place,
                    "sweep of 'study': '%.200s' is an absolute path, wanted one relative to this file", path->text);
        return NULL;
    }
    const char *file = typed ? path->text : ws_path_beside(s->arena, path->place.file, path->text);
    const struct ws_load_request request = {.path = file, .reader = s->request->reader};
    struct ws_file_list list = {0};
    if (ws_files_read(&request, &list, s->arena, s->messages))
        return NULL;
    return ws_merge_trees(&list, s->arena, s->messages);
}

// 0 where all could be read.
static int read_all(struct studies *s, const struct ws_node *list) {
    size_t errors = s->messages->errors;
    struct ws_place *places = WS_NEW_ARRAY(s->arena, struct ws_place, list->n_items + 1);
    s->names = WS_NEW_ARRAY(s->arena, const char *, list->n_items + 1);
    s->trees = WS_NEW_ARRAY(s->arena, const struct ws_node *, list->n_items + 1);
    s->places = places;
    s->n = list->n_items;
    for (size_t i = 0; i < s->n; i++) {
        const struct ws_node *path = list->items[i].value;
        places[i] = path->place;
        s->trees[i] = read_study(s, path);
        s->names[i] = path->kind == WS_NODE_SCALAR ? name_of(path->text, s->arena) : "";
        for (size_t k = 0; k < i; k++)
            if (strcmp(s->names[k], s->names[i]) == 0)
                ws_complain(s->messages, path->place, "sweep of 'study': two studies are called '%.80s'", s->names[i]);
    }
    return s->messages->errors > errors;
}

// ---- what they must have in common ----

static const char *line_of(const struct ws_node *node, struct ws_arena *arena) {
    return node ? ws_node_line(node, arena) : "";
}

static int same(const struct ws_node *a, const struct ws_node *b, const char *key, struct ws_arena *arena) {
    return strcmp(line_of(ws_node_get(a, key), arena), line_of(ws_node_get(b, key), arena)) == 0;
}

static void compare_section(struct studies *s, size_t i, const char *section, const char *const *keys) {
    const struct ws_node *own = ws_node_get(s->root, section), *other = ws_node_get(s->trees[i], section);
    for (size_t k = 0; own && k < own->n_items; k++) {
        const char *name = own->items[k].key;
        const struct ws_node *a = own->items[k].value, *b = ws_node_get(other, name);
        if (!b && !ws_question_asked(&own->items[k]))
            ws_complain(s->messages, s->places[i], "sweep of 'study': '%.80s' has no '%.80s' among its %s; %s",
                        s->names[i], name, section, remedy);
        for (size_t key = 0; b && keys[key]; key++)
            if (!same(a, b, keys[key], s->arena))
                ws_complain(s->messages, s->places[i],
                            "sweep of 'study': '%.80s' has another %s of '%.80s' (%.200s) than the study that sweeps "
                            "(%.200s); %s",
                            s->names[i], keys[key], name, line_of(ws_node_get(b, keys[key]), s->arena),
                            line_of(ws_node_get(a, keys[key]), s->arena), remedy);
    }
    for (size_t k = 0; other && k < other->n_items; k++)
        if (!ws_node_get(own, other->items[k].key))
            ws_complain(s->messages, s->places[i],
                        "sweep of 'study': '%.80s' has '%.80s' among its %s, which the study that sweeps has not; %s",
                        s->names[i], other->items[k].key, section, remedy);
}

static void compare_all(struct studies *s, size_t i) {
    static const char *const of_input[] = {"unit", NULL},
                             *const of_formula[] = {"unit", "formula", "by", "scale", NULL};
    static const char *const whole[] = {"correlations", "evidence", "units"};
    compare_section(s, i, "inputs", of_input);
    compare_section(s, i, "derived", of_formula);
    compare_section(s, i, "outputs", of_formula);
    for (size_t k = 0; k < sizeof whole / sizeof *whole; k++)
        if (!same(s->root, s->trees[i], whole[k], s->arena))
            ws_complain(s->messages, s->places[i],
                        "sweep of 'study': '%.80s' has other %s than the study that sweeps; %s", s->names[i], whole[k],
                        remedy);
}

// ---- what differs ----

static void refuse_conditional(struct studies *s, size_t i, const char *name) {
    ws_complain(s->messages, s->places[i],
                "sweep of 'study': the conditional prior of '%.80s' differs in '%.80s': only a whole prior can be "
                "swept; run such studies by themselves, or compare two with wattspan compare",
                name, s->names[i]);
}

static int is_set(const struct studies *s, const char *name) {
    size_t length = strlen(name);
    for (size_t i = 0; i < s->request->n_settings; i++)
        if (strncmp(s->request->settings[i], name, length) == 0 && s->request->settings[i][length] == '=')
            return 1;
    return 0;
}

// The priors of an input, each under its study's name; NULL where all are the same, or --set says what it is.
static const struct ws_node *priors_of(struct studies *s, const char *name, struct ws_place place) {
    struct ws_node *values = ws_node_map(s->arena, place);
    const char *first = NULL;
    int differ = 0;
    values->flow = 1;
    for (size_t i = 0; i < s->n; i++) {
        const struct ws_node *prior = ws_node_get(ws_node_get(ws_node_get(s->trees[i], "inputs"), name), "prior");
        if (!prior)
            return NULL; // said where the study is loaded by itself
        first = first ? first : ws_node_line(prior, s->arena);
        differ |= strcmp(first, ws_node_line(prior, s->arena)) != 0;
        ws_node_set(s->arena, values, s->names[i], place, prior);
    }
    // What all have in common may still differ from what the sweeping study has.
    const struct ws_node *own = ws_node_get(ws_node_get(ws_node_get(s->root, "inputs"), name), "prior");
    differ |= !own || strcmp(first, ws_node_line(own, s->arena)) != 0;
    if (!differ || is_set(s, name))
        return NULL;
    for (size_t i = 0; i < s->n; i++)
        if (ws_node_find(values->items[i].value, "given")) {
            refuse_conditional(s, i, name);
            return NULL;
        }
    return values;
}

// An input `study`, a choice between the names.
static void add_choice(struct studies *s, struct ws_place place) {
    struct ws_node *labels = ws_node_map(s->arena, place), *prior = ws_node_map(s->arena, place),
                   *entry = ws_node_map(s->arena, place);
    labels->flow = prior->flow = 1;
    for (size_t i = 0; i < s->n; i++)
        ws_node_set(s->arena, labels, s->names[i], place, ws_node_scalar(s->arena, "1", 0, place));
    ws_node_set(s->arena, prior, "choice", place, labels);
    ws_node_set(s->arena, entry, "description", place, ws_node_scalar(s->arena, "study of the case", 0, place));
    ws_node_set(s->arena, entry, "prior", place, prior);
    ws_node_set(s->arena, ws_merge_section(s->root, "inputs", s->arena), WS_SWEEP_STUDIES, place, entry);
}

static struct ws_node *make_group(struct studies *s, struct ws_place place) {
    struct ws_node *group = ws_node_map(s->arena, place), *names = ws_node_list(s->arena, place);
    const struct ws_node *inputs = ws_node_get(s->root, "inputs");
    group->flow = names->flow = 1;
    for (size_t i = 0; i < s->n; i++)
        ws_node_set(s->arena, names, NULL, place, ws_node_scalar(s->arena, s->names[i], 1, place));
    ws_node_set(s->arena, group, WS_SWEEP_STUDIES, place, names);
    for (size_t i = 0; i < inputs->n_items; i++) {
        const struct ws_node *values = priors_of(s, inputs->items[i].key, place);
        if (values)
            ws_node_set(s->arena, group, inputs->items[i].key, place, values);
    }
    return group;
}

struct ws_node *ws_sweep_studies(struct ws_node *root, const struct ws_item *item,
                                 const struct ws_load_request *request, struct ws_arena *arena,
                                 struct ws_messages *messages) {
    struct studies s = {.root = root, .request = request, .arena = arena, .messages = messages};
    size_t errors = messages->errors;
    if (item->value->kind != WS_NODE_LIST || item->value->n_items == 0) {
        ws_complain(messages, item->place, "sweep of 'study': found %s, wanted a list of files, [a.yaml, b.yaml]",
                    ws_node_describe(item->value, arena));
        return NULL;
    }
    if (read_all(&s, item->value))
        return NULL;
    for (size_t i = 0; i < s.n; i++)
        compare_all(&s, i);
    if (messages->errors > errors)
        return NULL;
    struct ws_node *group = make_group(&s, item->place);
    if (messages->errors > errors)
        return NULL;
    add_choice(&s, item->place);
    return group;
}
