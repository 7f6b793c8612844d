// SPDX-License-Identifier: GPL-3.0-or-later
// Studies built in code: a tree of the study language, written as YAML and loaded as any other study is.
#include <string.h>

#include "base/text.h"
#include "study/loader.h"
#include "wattspan.h"

struct ws_builder {
    struct ws_arena *arena;
    const char *name;
    struct ws_node *root;
    ws_model model;
    void *model_user;
};

static int out_of_memory(struct ws_error *error) {
    return ws_error_set(error, WS_ERROR_MEMORY, NULL, "memory ran out");
}

static struct ws_place place_of(const struct ws_builder *builder) { return (struct ws_place){builder->name, 0, 0}; }

static void begin(struct ws_builder *builder) {
    builder->root = ws_node_map(builder->arena, place_of(builder));
    ws_node_set(builder->arena, builder->root, "wattspan", place_of(builder),
                ws_node_scalar(builder->arena, "1", 0, place_of(builder)));
}

int ws_builder_create(const char *name, ws_builder **builder, struct ws_error *error) {
    struct ws_arena *arena = ws_arena_create();
    if (!arena || ws_arena_catch(arena)) {
        ws_arena_destroy(arena);
        return out_of_memory(error);
    }
    *builder = WS_NEW(arena, struct ws_builder);
    (*builder)->arena = arena;
    (*builder)->name = ws_arena_copy(arena, name);
    begin(*builder);
    return 0;
}

void ws_builder_destroy(ws_builder *builder) {
    if (builder)
        ws_arena_destroy(builder->arena);
}

// ---- setting ----

// The first error among the messages is the caller's.
static int refuse(const struct ws_messages *messages, const char *path, struct ws_error *error) {
    for (size_t i = 0; i < messages->count; i++)
        if (messages->items[i].severity == WS_SEVERITY_ERROR)
            return ws_error_set(error, WS_ERROR_STUDY, path, "%s", messages->items[i].text);
    return ws_error_set(error, WS_ERROR_STUDY, path, "cannot be read");
}

// Texts are taken as they are, whatever YAML would make of them; anything else is YAML.
static const struct ws_node *read_value(struct ws_builder *builder, const struct ws_key *key, const char *text,
                                        struct ws_messages *messages) {
    switch (key->type) {
    case WS_KEY_TEXT:
    case WS_KEY_WORD:
    case WS_KEY_SOURCE:
    case WS_KEY_FORMULA:
        return ws_text_check(text, strlen(text), builder->name, messages)
                   ? NULL
                   : ws_node_scalar(builder->arena, text, 1, place_of(builder));
    default:
        return ws_node_parse(text, strlen(text), place_of(builder), 1, builder->arena, messages);
    }
}

// The mapping under a key, made where it is missing.
static struct ws_node *child(struct ws_builder *builder, struct ws_node *map, const char *key) {
    const struct ws_node *found = ws_node_get(map, key);
    struct ws_node *copy = found ? ws_node_copy(builder->arena, found) : ws_node_map(builder->arena, place_of(builder));
    ws_node_set(builder->arena, map, key, place_of(builder), copy);
    return copy;
}

enum { PARTS = 3 };

// "inputs.hours.prior" in up to three parts; 0 where there are none, or more.
static size_t split(const char *path, const char *parts[PARTS], struct ws_arena *arena) {
    size_t n = 0;
    for (const char *s = path;; s++) {
        size_t length = strcspn(s, ".");
        if (length == 0 || n == PARTS)
            return 0;
        parts[n++] = ws_arena_copy_n(arena, s, length);
        s += length;
        if (!*s)
            return n;
    }
}

static int set(struct ws_builder *builder, const char *path, const char *value, struct ws_error *error) {
    struct ws_messages messages = {.arena = builder->arena};
    const char *parts[PARTS] = {NULL};
    size_t n = split(path, parts, builder->arena);
    const struct ws_key *top = n ? ws_key_find(WS_KEYS_TOP, parts[0]) : NULL, *key = top;
    int table = WS_KEYS_TOP;
    size_t depth = !top ? 1 : top->type == WS_KEY_SECTION ? 3 : top->type == WS_KEY_RUN ? 2 : 1;
    if (n == 0 || n != depth)
        return ws_error_set(error, WS_ERROR_USAGE, path,
                            "is no place in a study; places are such as title, run.draws, inputs.NAME.prior");
    if (depth > 1) {
        table = top->type == WS_KEY_RUN ? WS_KEYS_RUN : top->entries;
        key = ws_key_find(table, parts[depth - 1]);
    }
    if (!key) {
        ws_refuse_key(table, "", parts[depth - 1], place_of(builder), builder->arena, &messages);
        return refuse(&messages, path, error);
    }
    const struct ws_node *node = read_value(builder, key, ws_arena_copy(builder->arena, value), &messages);
    if (!node)
        return refuse(&messages, path, error);
    struct ws_node *map = builder->root;
    for (size_t i = 0; i + 1 < n; i++)
        map = child(builder, map, parts[i]);
    ws_node_set(builder->arena, map, parts[n - 1], place_of(builder), node);
    return 0;
}

int ws_builder_set(ws_builder *builder, const char *path, const char *value, struct ws_error *error) {
    return ws_arena_catch(builder->arena) ? out_of_memory(error) : set(builder, path, value, error);
}

static int set_entry(ws_builder *builder, const char *section, const char *name, const char *key, const char *value,
                     struct ws_error *error) {
    if (ws_arena_catch(builder->arena))
        return out_of_memory(error);
    if (!ws_is_name(name))
        return ws_error_set(error, WS_ERROR_USAGE, name,
                            "is not a name, wanted letters, digits and _, not a digit first");
    return set(builder, ws_arena_printf(builder->arena, "%s.%s.%s", section, name, key), value, error);
}

int ws_builder_add_input(ws_builder *builder, const char *name, const char *unit, const char *prior,
                         struct ws_error *error) {
    int status = set_entry(builder, "inputs", name, "unit", unit, error);
    return status ? status : set_entry(builder, "inputs", name, "prior", prior, error);
}

int ws_builder_add_output(ws_builder *builder, const char *name, const char *unit, const char *formula,
                          struct ws_error *error) {
    int status = set_entry(builder, "outputs", name, "unit", unit, error);
    return status || !formula ? status : set_entry(builder, "outputs", name, "formula", formula, error);
}

int ws_builder_set_model(ws_builder *builder, const char *name, ws_model model, void *user, struct ws_error *error) {
    builder->model = model;
    builder->model_user = user;
    return ws_builder_set(builder, "model", name, error);
}

// ---- building ----

int ws_study_build(ws_builder *builder, const struct ws_study_options *options, const struct ws_sink *sink,
                   ws_study **study, struct ws_error *error) {
    static const struct ws_study_options none;
    struct ws_study_options all = options ? *options : none;
    all.model = builder->model;
    all.model_user = builder->model_user;
    if (ws_arena_catch(builder->arena))
        return out_of_memory(error);
    const char *text = ws_flatten_yaml(builder->root, NULL, builder->arena);
    return ws_study_parse(builder->name, text, strlen(text), &all, sink, study, error);
}
