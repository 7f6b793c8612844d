// SPDX-License-Identifier: GPL-3.0-or-later
// Questions that the command line asks of a study: `--probability CONDITION` adds an output that is the condition, and
// `--widen F` sets `run: widen`. Both become part of the merged study, so that a result repeats itself.
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "study/loader.h"

enum { MOST_NAME = 100 };

// ---- a name for a condition ----

static const char *sign_name(const char *sign, size_t *length) {
    static const char *const names[][2] = {{"<=", "le"}, {">=", "ge"}, {"!=", "ne"}, {"==", "eq"},
                                           {"<", "lt"},  {">", "gt"},  {"=", "eq"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        *length = strlen(names[i][0]);
        if (strncmp(sign, names[i][0], *length) == 0)
            return names[i][1];
    }
    *length = 1;
    return "";
}

// "cost > 1e9 [USD]" -> "cost_gt_1e9_USD"
static const char *name_of(const char *condition, struct ws_arena *arena) {
    struct ws_text name = {.arena = arena};
    size_t length;
    int gap = 0;
    for (const char *s = condition; *s && name.length < MOST_NAME; s += length) {
        const char *sign = sign_name(s, &length);
        int letter = isalnum((unsigned char)*s) || *s == '_';
        if (name.length == 0 && isdigit((unsigned char)*s))
            ws_text_add(&name, "p");
        if ((letter && gap) || *sign)
            ws_text_add(&name, name.length ? "_" : "");
        ws_text_add(&name, sign);
        if (letter)
            ws_text_add_n(&name, s, 1);
        gap = !letter && name.length > 0;
    }
    return name.length ? name.data : "probability";
}

static const char *free_name(const struct ws_node *root, const char *wanted, struct ws_arena *arena) {
    const char *name = wanted;
    for (int i = 2; ws_merge_section_of(root, name) || ws_name_is_reserved(name); i++)
        name = ws_arena_printf(arena, "%s_%d", wanted, i);
    return name;
}

static void add_condition(struct ws_node *root, const char *condition, int number, struct ws_arena *arena) {
    struct ws_place place = {WS_COMMAND_LINE, number, 1};
    struct ws_node *output = ws_node_map(arena, place);
    ws_node_set(arena, output, "description", place, ws_node_scalar(arena, condition, 1, place));
    ws_node_set(arena, output, "unit", place, ws_node_scalar(arena, "1", 0, place));
    ws_node_set(arena, output, "formula", place, ws_node_scalar(arena, condition, 1, place));
    ws_node_set(arena, ws_merge_section(root, "outputs", arena), free_name(root, name_of(condition, arena), arena),
                place, output);
}

const char *ws_question_asked(const struct ws_item *item) {
    const struct ws_item *text = item->value->kind == WS_NODE_MAP ? ws_node_find(item->value, "description") : NULL;
    return text && item->place.file && strcmp(item->place.file, WS_COMMAND_LINE) == 0 ? text->value->text : NULL;
}

static void set_widen(struct ws_node *root, double widen, struct ws_arena *arena) {
    char text[32];
    struct ws_place place = {WS_COMMAND_LINE, 0, 0};
    const struct ws_item *item = ws_node_find(root, "run");
    struct ws_node *run = item ? ws_node_copy(arena, item->value) : ws_node_map(arena, place);
    ws_node_remove(run, "widen");
    if (widen != 1)
        ws_node_set(arena, run, "widen", place,
                    ws_node_scalar(arena, ws_arena_copy(arena, ws_format_double(widen, text)), 0, place));
    if (run->n_items)
        ws_node_set(arena, root, "run", item ? item->place : place, run);
}

void ws_merge_questions(struct ws_node *root, const struct ws_load_request *request, struct ws_arena *arena) {
    for (size_t i = 0; i < request->n_probabilities; i++)
        add_condition(root, request->probabilities[i], (int)(request->n_settings + i) + 1, arena);
    if (request->widen > 0)
        set_widen(root, request->widen, arena);
}

// ---- conditions ----

static int is_condition(const struct ws_study *study, const struct ws_expression *e) {
    if (e->kind == WS_NUMBER)
        return e->number == 0 || e->number == 1;
    if (e->kind == WS_QUANTITY)
        return ws_study_is_condition(study, e->quantity);
    switch (e->operation) {
    case WS_OP_LT:
    case WS_OP_LE:
    case WS_OP_GT:
    case WS_OP_GE:
    case WS_OP_EQ:
    case WS_OP_NE:
    case WS_OP_AND:
    case WS_OP_OR:
    case WS_OP_NOT:
        return 1;
    case WS_OP_SELECT:
        return is_condition(study, e->operand[1]) && is_condition(study, e->operand[2]);
    default:
        return 0;
    }
}

int ws_study_is_condition(const struct ws_study *study, size_t quantity) {
    const struct ws_quantity *q = &study->quantities[quantity];
    // A formula that is a mere number is a constant, not a probability.
    return q->formula && q->formula->kind != WS_NUMBER && is_condition(study, q->formula);
}

static void widen(struct ws_quantity *q, double factor, struct ws_arena *arena) {
    const struct ws_prior **priors = WS_NEW_ARRAY(arena, const struct ws_prior *, q->n_given + 1);
    for (size_t i = 0; i < q->n_given; i++)
        priors[i] = ws_prior_widened(q->given_priors[i], factor, arena);
    q->given_priors = q->n_given ? priors : NULL;
    if (q->prior)
        q->prior = ws_prior_widened(q->prior, factor, arena);
}

void ws_load_questions(struct ws_loader *loader) {
    struct ws_study *study = loader->study;
    for (size_t i = study->n_inputs + study->n_derived; i < study->n_quantities; i++) {
        const struct ws_quantity *q = &study->quantities[i];
        if (q->formula && strcmp(q->place.file, WS_COMMAND_LINE) == 0 && !ws_study_is_condition(study, i))
            ws_loader_complain(loader, q->place, "command line",
                               "'%s' is no condition that holds or not in a draw, wanted one such as cost > 1e9 [USD]",
                               q->formula_text);
    }
    if (!(study->run.widen > 0 && study->run.widen != 1))
        return;
    for (size_t i = 0; i < study->n_inputs; i++)
        widen(&study->quantities[i], study->run.widen, loader->arena);
}
