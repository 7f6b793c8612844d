// SPDX-License-Identifier: GPL-3.0-or-later
// `--set NAME=VALUE|PRIOR`: replaces an input's prior, or fixes a derived quantity or an output, which cuts its
// formula.
#include <string.h>

#include "prior/family.h"
#include "study/keys.h"
#include "study/merge.h"

struct setting {
    struct ws_node *root;
    struct ws_arena *arena;
    struct ws_messages *messages;
    struct ws_place place; // of the setting's first character in the pseudo-file of the command line
    const char *name, *section;
    const struct ws_item *item; // the entry to change
};

static void refuse_name(const struct setting *set) {
    static const char *const sections[] = {"inputs", "derived", "outputs"};
    const char **names = NULL;
    size_t count = 0;
    for (int i = 0; i < 3; i++) {
        const struct ws_node *section = ws_node_get(set->root, sections[i]);
        for (size_t k = 0; section && k < section->n_items; k++) {
            names = ws_arena_grow(set->arena, names, count, sizeof *names);
            names[count++] = section->items[k].key;
        }
    }
    ws_complain(set->messages, set->place, "the study has no quantity '%.80s'%s", set->name,
                ws_suggestion(set->arena, set->name, names, count));
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
static const struct ws_node *fix_label(const struct setting *set, const struct ws_node *prior,
                                       const struct ws_node *value) {
    const struct ws_node *labels = alternatives(prior);
    if (!ws_node_find(labels, value->text)) {
        const char **names = WS_NEW_ARRAY(set->arena, const char *, labels->n_items + 1);
        for (size_t i = 0; i < labels->n_items; i++)
            names[i] = labels->items[i].key;
        ws_complain(set->messages, value->place, "'%s' has no alternative '%.80s'%s", set->name, value->text,
                    ws_suggestion(set->arena, value->text, names, labels->n_items));
        return NULL;
    }
    struct ws_node *fixed = ws_node_map(set->arena, value->place), *weights = ws_node_map(set->arena, value->place);
    for (size_t i = 0; i < labels->n_items; i++) {
        const char *weight = strcmp(labels->items[i].key, value->text) == 0 ? "1" : "0";
        ws_node_set(set->arena, weights, labels->items[i].key, value->place,
                    ws_node_scalar(set->arena, weight, 0, value->place));
    }
    fixed->flow = weights->flow = 1;
    ws_node_set(set->arena, fixed, prior->items[0].key, value->place, weights);
    return fixed;
}

static void apply(const struct setting *set, const struct ws_node *prior) {
    struct ws_node *entry = ws_node_copy(set->arena, set->item->value);
    const struct ws_node *formula = ws_node_get(entry, "formula");
    ws_merge_drop_definition(entry);
    for (size_t i = entry->n_items; i-- > 0;)
        if (!ws_key_find(WS_KEYS_INPUT, entry->items[i].key) && strcmp(entry->items[i].key, WS_KEY_CUT_FORMULA) != 0)
            ws_node_remove(entry, entry->items[i].key);
    ws_node_set(set->arena, entry, "prior", set->place, prior);
    if (formula && !ws_node_get(entry, "unit"))
        ws_node_set(set->arena, entry, WS_KEY_CUT_FORMULA, formula->place, formula);
    struct ws_place place = set->item->place;
    if (strcmp(set->section, "inputs") != 0)
        ws_node_remove(ws_merge_section(set->root, set->section, set->arena), set->name);
    ws_node_set(set->arena, ws_merge_section(set->root, "inputs", set->arena), set->name, place, entry);
}

static void lay_over(struct setting *set, const char *text) {
    const char *equals = strchr(text, '=');
    if (!equals || equals == text) {
        ws_complain(set->messages, set->place, "'%.80s' sets nothing, wanted NAME=VALUE or NAME=PRIOR", text);
        return;
    }
    set->name = ws_arena_copy_n(set->arena, text, (size_t)(equals - text));
    set->section = ws_merge_section_of(set->root, set->name);
    if (!set->section) {
        refuse_name(set);
        return;
    }
    struct ws_place first = set->place;
    first.column += (int)(equals - text) + 1;
    set->item = ws_node_find(ws_node_get(set->root, set->section), set->name);
    if (strcmp(set->section, "outputs") == 0 && ws_node_get(set->root, "model") &&
        !ws_node_get(set->item->value, "formula")) {
        ws_complain(set->messages, set->place, "'%.80s' is computed by the study's model, and cannot be set",
                    set->name);
        return;
    }
    const struct ws_node *value = ws_node_parse(equals + 1, strlen(equals + 1), first, 1, set->arena, set->messages);
    if (!value || set->item->value->kind != WS_NODE_MAP)
        return;
    if (ws_node_is_null(value)) {
        ws_complain(set->messages, first, "'%s' is set to nothing, wanted a value or a prior", set->name);
        return;
    }
    const struct ws_node *prior = ws_node_get(set->item->value, "prior");
    const struct ws_node *wanted =
        value->kind == WS_NODE_SCALAR && alternatives(prior) ? fix_label(set, prior, value) : value;
    if (wanted)
        apply(set, wanted);
}

// The study itself stays the last of the files.
static void add_command_line(struct ws_file_list *list, const char *text, struct ws_arena *arena) {
    struct ws_study_file file = {.name = WS_COMMAND_LINE, .text = text, .length = strlen(text)};
    ws_sha256_hex(text, file.length, file.sha256);
    list->files = ws_arena_grow(arena, list->files, list->count, sizeof *list->files);
    list->trees = ws_arena_grow(arena, list->trees, list->count, sizeof *list->trees);
    list->files[list->count] = list->files[list->count - 1];
    list->trees[list->count] = list->trees[list->count - 1];
    list->files[list->count - 1] = file;
    list->trees[list->count - 1] = ws_node_map(arena, (struct ws_place){WS_COMMAND_LINE, 1, 1});
    list->count++;
}

void ws_merge_settings(struct ws_node *root, const struct ws_load_request *request, struct ws_file_list *list,
                       struct ws_arena *arena, struct ws_messages *messages) {
    struct ws_text all = {.arena = arena};
    for (size_t i = 0; i < request->n_settings; i++) {
        const char *text = request->settings[i];
        struct ws_place place = {WS_COMMAND_LINE, (int)i + 1, 1};
        ws_text_printf(&all, "%s\n", text);
        struct setting set = {.root = root, .arena = arena, .messages = messages, .place = place};
        lay_over(&set, text);
    }
    ws_merge_questions(root, request, arena);
    for (size_t i = 0; i < request->n_probabilities; i++)
        ws_text_printf(&all, "%s\n", request->probabilities[i]);
    if (all.length)
        add_command_line(list, all.data, arena);
}
