// SPDX-License-Identifier: GPL-3.0-or-later
// `sweep: {study: [a.yaml, b.yaml]}` and `--vary study=a.yaml,b.yaml`: each case is another study as it stands. They
// are loaded one by one, and made one study (unite.c) before the command line's settings are laid over it.
#include <string.h>

#include "base/text.h"
#include "study/merge.h"
#include "study/sweep.h"
#include "study/unite.h"

struct studies {
    const struct ws_load_request *request;
    struct ws_file_list *list;
    struct ws_arena *arena;
    struct ws_messages *messages;
    size_t n;
    const char **names; // without folder and ending
    const struct ws_study **loaded;
    const char **fixed;
    size_t n_fixed;
};

static const char *name_of(const char *path, struct ws_arena *arena) {
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path, *dot = strrchr(base, '.');
    return ws_arena_copy_n(arena, base, dot && dot > base ? (size_t)(dot - base) : strlen(base));
}

// ---- reading ----

// What a study alone has to say is said of it; warnings are the whole's.
static const struct ws_study *load(struct studies *s, const char *file) {
    const struct ws_load_request request = {.path = file, .reader = s->request->reader, .without_sweep = 1};
    struct ws_messages own = {.arena = s->arena};
    int trouble = 0;
    const struct ws_study *study = ws_study_make(&request, s->arena, &own, &trouble);
    s->list->trouble |= trouble;
    for (size_t i = 0; i < own.count; i++)
        if (own.items[i].severity == WS_SEVERITY_ERROR)
            ws_complain(s->messages, own.items[i].place, "%s", own.items[i].text);
    return study;
}

// The texts go into the result, before that of the study that sweeps.
static void keep_files(struct studies *s, const struct ws_study *study) {
    for (size_t i = 0; i < study->n_files; i++) {
        int known = 0;
        for (size_t k = 0; k < s->list->count; k++)
            known |= strcmp(s->list->files[k].name, study->files[i].name) == 0;
        if (!known)
            ws_files_insert(s->list, &study->files[i], s->arena);
    }
}

static void read_study(struct studies *s, size_t i, const struct ws_node *path) {
    const int typed = strcmp(path->place.file, WS_COMMAND_LINE) == 0;
    if (path->kind != WS_NODE_SCALAR || strcmp(path->text, "-") == 0) {
        ws_complain(s->messages, path->place, "sweep of 'study': found %s, wanted the name of a study's file",
                    ws_node_describe(path, s->arena));
        return;
    }
    if (!typed && path->text[0] == '/') {
        ws_complain(s->messages, path->place,
                    "sweep of 'study': '%.200s' is an absolute path, wanted one relative to this file", path->text);
        return;
    }
    s->names[i] = name_of(path->text, s->arena);
    for (size_t k = 0; k < i; k++)
        if (strcmp(s->names[k], s->names[i]) == 0)
            ws_complain(s->messages, path->place, "sweep of 'study': two studies are called '%.80s'", s->names[i]);
    s->loaded[i] = load(s, typed ? path->text : ws_path_beside(s->arena, path->place.file, path->text));
    if (s->loaded[i])
        keep_files(s, s->loaded[i]);
}

// 0 where all could be read.
static int read_all(struct studies *s, const struct ws_node *list) {
    size_t errors = s->messages->errors;
    s->names = WS_NEW_ARRAY(s->arena, const char *, list->n_items + 1);
    s->loaded = WS_NEW_ARRAY(s->arena, const struct ws_study *, list->n_items + 1);
    s->n = list->n_items;
    for (size_t i = 0; i < s->n; i++)
        s->names[i] = "";
    for (size_t i = 0; i < s->n; i++)
        read_study(s, i, list->items[i].value);
    return s->messages->errors > errors;
}

// ---- where the list stands ----

// The last --vary that says it, else the study; a quantity may have the name as well, and is then meant.
static const struct ws_item *find_list(struct studies *s, const struct ws_node *root, struct ws_node *sweep) {
    if (ws_merge_section_of(root, WS_SWEEP_STUDIES))
        return NULL;
    struct ws_node *typed = ws_node_map(s->arena, (struct ws_place){WS_COMMAND_LINE, 0, 0});
    for (size_t i = 0; i < s->request->n_sweeps; i++)
        if (ws_vary_is_of(s->request->sweeps[i], WS_SWEEP_STUDIES))
            ws_vary_parse(typed, s->request, i, s->arena, s->messages);
    return typed->n_items ? &typed->items[0] : ws_node_find(sweep, WS_SWEEP_STUDIES);
}

static void add_fixed(struct studies *s, const char *name) {
    s->fixed = ws_arena_grow(s->arena, s->fixed, s->n_fixed, sizeof *s->fixed);
    s->fixed[s->n_fixed++] = name;
}

// What --set, --vary and the rest of the sweep say of a quantity, they say of it in all studies.
static void list_fixed(struct studies *s, const struct ws_node *root) {
    const struct ws_load_request *request = s->request;
    struct ws_messages unsaid = {.arena = s->arena}; // it is said later
    struct ws_node *typed = ws_node_map(s->arena, root->place);
    for (size_t i = 0; i < request->n_settings; i++) {
        if (ws_vary_is_of(request->settings[i], WS_SWEEP_STUDIES))
            ws_complain(s->messages, (struct ws_place){WS_COMMAND_LINE, (int)i + 1, 1},
                        "'" WS_SWEEP_STUDIES "' is swept over; to have one of the studies run it by itself");
        add_fixed(s, ws_arena_copy_n(s->arena, request->settings[i], strcspn(request->settings[i], "=")));
    }
    for (size_t i = 0; i < request->n_sweeps; i++)
        ws_vary_parse(typed, request, i, s->arena, &unsaid);
    for (size_t i = 0; i < typed->n_items; i++)
        add_fixed(s, typed->items[i].key);
    size_t n;
    const struct ws_sweep_entry *entries = ws_sweep_entries(root, &n, s->arena, NULL);
    for (size_t i = 0; i < n; i++)
        add_fixed(s, entries[i].item->key);
}

// A title of its own where the command line sweeps: the study's is that of one of the cases.
static void set_title(struct studies *s, struct ws_node *root, struct ws_place place) {
    struct ws_text title = {.arena = s->arena};
    if (strcmp(place.file, WS_COMMAND_LINE) != 0)
        return;
    ws_text_add(&title, "Sweep over studies");
    for (size_t i = 0; i < s->n; i++)
        ws_text_printf(&title, "%s%s", i ? ", " : ": ", s->names[i]);
    ws_node_set(s->arena, root, "title", place, ws_node_scalar(s->arena, title.data, 1, place));
    ws_node_remove(root, "description");
    ws_node_remove(root, "released");
}

int ws_merge_studies(struct ws_node *root, const struct ws_load_request *request, struct ws_file_list *list,
                     struct ws_arena *arena, struct ws_messages *messages) {
    struct studies s = {.request = request, .list = list, .arena = arena, .messages = messages};
    const struct ws_item *old = ws_node_find(root, "sweep");
    struct ws_node *sweep = old ? ws_node_copy(arena, old->value) : ws_node_map(arena, root->place);
    const struct ws_item *found = find_list(&s, root, sweep);
    if (!found)
        return 0;
    const struct ws_item item = *found;
    ws_node_remove(sweep, WS_SWEEP_STUDIES);
    list_fixed(&s, root);
    struct ws_node *group = NULL;
    if (item.value->kind != WS_NODE_LIST || item.value->n_items == 0)
        ws_complain(messages, item.place, "sweep of 'study': found %s, wanted a list of files, [a.yaml, b.yaml]",
                    ws_node_describe(item.value, arena));
    else if (read_all(&s, item.value) == 0) {
        const struct ws_unite_request uniting = {root, s.n, s.names, s.loaded, item.place, s.fixed, s.n_fixed};
        group = ws_unite(&uniting, arena, messages);
        set_title(&s, root, item.place);
    }
    if (group)
        ws_vary_add(sweep, group, arena);
    ws_node_remove(root, "sweep");
    if (sweep->n_items)
        ws_node_set(arena, root, "sweep", item.place, sweep);
    return group ? 1 : -1;
}
