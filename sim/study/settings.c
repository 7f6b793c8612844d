// SPDX-License-Identifier: GPL-3.0-or-later
// `--set NAME=VALUE|PRIOR`: replaces an input's prior, or fixes a derived quantity or an output, which cuts its
// formula.
#include <string.h>

#include "prior/family.h"
#include "study/keys.h"
#include "study/merge.h"
#include "study/prior_dirichlet.h"

void ws_merge_refuse_name(const struct ws_node *root, const char *name, struct ws_place place, struct ws_arena *arena,
                          struct ws_messages *messages) {
    static const char *const sections[] = {"inputs", "derived", "outputs"};
    const char **names = NULL;
    size_t count = 0;
    for (int i = 0; i < 3; i++) {
        const struct ws_node *section = ws_node_get(root, sections[i]);
        for (size_t k = 0; section && k < section->n_items; k++) {
            names = ws_arena_grow(arena, names, count, sizeof *names);
            names[count++] = section->items[k].key;
        }
    }
    ws_complain(messages, place, "the study has no quantity '%.80s'%s", name, ws_suggestion(arena, name, names, count));
}

// The labels and weights of a categorical prior, or NULL.
static const struct ws_node *alternatives(const struct ws_node *prior) {
    if (!prior || prior->kind != WS_NODE_MAP || prior->n_items != 1)
        return NULL;
    const struct ws_family *family = ws_family_find(prior->items[0].key);
    const struct ws_node *labels = prior->items[0].value;
    return family && family->kind == WS_CATEGORICAL && labels->kind == WS_NODE_MAP ? labels : NULL;
}

// A label on its own has all the weight; the others keep their places, so that formulas may go on naming them.
static const struct ws_node *fix_label(struct ws_arena *arena, const char *name, const struct ws_node *prior,
                                       const struct ws_node *value, struct ws_messages *messages) {
    const struct ws_node *labels = alternatives(prior);
    if (!ws_node_find(labels, value->text)) {
        const char **names = WS_NEW_ARRAY(arena, const char *, labels->n_items + 1);
        for (size_t i = 0; i < labels->n_items; i++)
            names[i] = labels->items[i].key;
        ws_complain(messages, value->place, "'%s' has no alternative '%.80s'%s", name, value->text,
                    ws_suggestion(arena, value->text, names, labels->n_items));
        return NULL;
    }
    struct ws_node *fixed = ws_node_map(arena, value->place), *weights = ws_node_map(arena, value->place);
    for (size_t i = 0; i < labels->n_items; i++) {
        const char *weight = strcmp(labels->items[i].key, value->text) == 0 ? "1" : "0";
        ws_node_set(arena, weights, labels->items[i].key, value->place, ws_node_scalar(arena, weight, 0, value->place));
    }
    fixed->flow = weights->flow = 1;
    ws_node_set(arena, fixed, prior->items[0].key, value->place, weights);
    return fixed;
}

int ws_merge_is_choice(const struct ws_node *prior) { return alternatives(prior) != NULL; }

void ws_merge_fix(struct ws_node *root, struct ws_arena *arena, const char *name, const struct ws_node *prior) {
    const char *section = ws_merge_section_of(root, name);
    const struct ws_item *item = ws_node_find(ws_node_get(root, section), name);
    struct ws_node *entry = ws_node_copy(arena, item->value);
    const struct ws_node *formula = ws_node_get(entry, "formula");
    struct ws_place place = item->place;
    ws_merge_drop_definition(entry);
    for (size_t i = entry->n_items; i-- > 0;)
        if (!ws_key_find(WS_KEYS_INPUT, entry->items[i].key) && strcmp(entry->items[i].key, WS_KEY_CUT_FORMULA) != 0)
            ws_node_remove(entry, entry->items[i].key);
    ws_node_set(arena, entry, "prior", prior->place, prior);
    if (formula && !ws_node_get(entry, "unit"))
        ws_node_set(arena, entry, WS_KEY_CUT_FORMULA, formula->place, formula);
    if (strcmp(section, "inputs") != 0)
        ws_node_remove(ws_merge_section(root, section, arena), name);
    ws_node_set(arena, ws_merge_section(root, "inputs", arena), name, place, entry);
}

// "NAME=VALUE|PRIOR", number `line` of the command line's.
static void lay_over(struct ws_node *root, const char *text, int line, struct ws_arena *arena,
                     struct ws_messages *messages) {
    struct ws_place place = {WS_COMMAND_LINE, line, 1};
    const char *equals = strchr(text, '=');
    if (!equals || equals == text) {
        ws_complain(messages, place, "'%.80s' sets nothing, wanted NAME=VALUE or NAME=PRIOR", text);
        return;
    }
    const char *name = ws_arena_copy_n(arena, text, (size_t)(equals - text));
    const char *section = ws_merge_section_of(root, name);
    if (!section) {
        ws_merge_refuse_name(root, name, place, arena, messages);
        return;
    }
    const struct ws_node *entry = ws_node_get(ws_node_get(root, section), name);
    if (strcmp(section, "outputs") == 0 && ws_node_get(root, "model") && !ws_node_get(entry, "formula")) {
        ws_complain(messages, place, "'%.80s' is computed by the study's model, and cannot be set", name);
        return;
    }
    place.column += (int)(equals - text) + 1;
    const struct ws_node *value = ws_node_parse(equals + 1, strlen(equals + 1), place, 1, arena, messages);
    if (!value || !entry || entry->kind != WS_NODE_MAP)
        return;
    if (ws_node_is_null(value)) {
        ws_complain(messages, place, "'%s' is set to nothing, wanted a value or a prior", name);
        return;
    }
    const struct ws_node *prior = value, *old = ws_node_get(entry, "prior");
    if (ws_dirichlet_parted(name, old, value, place, messages))
        return;
    if (value->kind == WS_NODE_SCALAR && alternatives(old))
        prior = fix_label(arena, name, old, value, messages);
    if (prior)
        ws_merge_fix(root, arena, name, prior);
}

static void add_command_line(struct ws_file_list *list, const char *text, struct ws_arena *arena) {
    struct ws_study_file file = {.name = WS_COMMAND_LINE, .text = text, .length = strlen(text)};
    ws_sha256_hex(text, file.length, file.sha256);
    ws_files_insert(list, &file, arena);
}

int ws_merge_settings(struct ws_node *root, const struct ws_load_request *request, struct ws_file_list *list,
                      struct ws_arena *arena, struct ws_messages *messages) {
    struct ws_text all = {.arena = arena};
    if (request->without_sweep)
        ws_node_remove(root, "sweep");
    int over_studies = ws_merge_studies(root, request, list, arena, messages);
    if (over_studies < 0)
        return -1;
    for (size_t i = 0; i < request->n_settings; i++) {
        ws_text_printf(&all, "%s\n", request->settings[i]);
        lay_over(root, request->settings[i], (int)i + 1, arena, messages);
    }
    ws_merge_questions(root, request, arena);
    for (size_t i = 0; i < request->n_probabilities; i++)
        ws_text_printf(&all, "%s\n", request->probabilities[i]);
    for (size_t i = 0; i < request->n_sweeps; i++)
        ws_text_printf(&all, "%s\n", request->sweeps[i]);
    ws_merge_sweep(root, request, over_studies, arena, messages);
    if (all.length)
        add_command_line(list, all.data, arena);
    return 0;
}
