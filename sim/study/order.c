// SPDX-License-Identifier: GPL-3.0-or-later
// Formulas in the order in which they can be evaluated: parse all, sort by what they use (depth first, Tarjan 1976),
// check each once what it uses has its unit, compute the points.
#include <math.h>
#include <string.h>

#include "study/loader.h"
#include "study/sweep.h"

enum { UNSEEN, OPEN, DONE };

// The checker knows a formula's text alone: it counts columns within it, which over folded lines is not the place in
// the file, and does not know whose formula it is.
static void complete_messages(struct ws_loader *loader, const struct ws_draft *draft, size_t first) {
    const struct ws_node *formula = draft->formula;
    for (size_t i = first; i < loader->messages->count; i++) {
        struct ws_message *message = &loader->messages->items[i];
        struct ws_place *place = &message->place;
        message->text = ws_arena_printf(loader->arena, "%s: %s", draft->subject, message->text);
        if (place->file == formula->text_place.file && place->line == formula->text_place.line &&
            place->column > formula->text_place.column)
            *place = ws_node_place_at(formula, (size_t)(place->column - formula->text_place.column));
    }
}

static const char *text_of(const struct ws_loader *loader, size_t index) {
    const struct ws_quantity *q = &loader->study->quantities[index];
    return q->role == WS_INPUT ? loader->drafts[index].formula->text : q->formula_text;
}

// `ownership = straight_line` names a label, not the quantity straight_line, where a choice in the formula has it.
static int is_label(const struct ws_loader *loader, const struct ws_syntax_name *names, size_t count,
                    const char *name) {
    for (size_t i = 0; i < count; i++) {
        size_t index = ws_loader_find(loader, names[i].name);
        const struct ws_prior *prior = index == SIZE_MAX ? NULL : loader->study->quantities[index].prior;
        for (size_t k = 0; prior && ws_prior_is_categorical(prior) && k < prior->n_parts; k++)
            if (strcmp(prior->parts[k].label, name) == 0)
                return 1;
    }
    return 0;
}

// A model in code is given every input.
static void use_all_inputs(struct ws_loader *loader, struct ws_draft *draft) {
    draft->n_uses = loader->study->n_inputs;
    draft->uses = WS_NEW_ARRAY(loader->arena, size_t, draft->n_uses + 1);
    for (size_t i = 0; i < draft->n_uses; i++)
        draft->uses[i] = i;
}

static void parse_formula(struct ws_loader *loader, size_t index) {
    struct ws_draft *draft = &loader->drafts[index];
    if (loader->study->quantities[index].by_model)
        use_all_inputs(loader, draft);
    if (!draft->formula)
        return;
    size_t before = loader->messages->count, count;
    draft->syntax =
        ws_syntax_parse(text_of(loader, index), draft->formula->text_place, loader->arena, loader->messages);
    complete_messages(loader, draft, before);
    if (!draft->syntax) {
        draft->bad = 1;
        return;
    }
    const struct ws_syntax_name *names = ws_syntax_names(draft->syntax, &count);
    draft->uses = WS_NEW_ARRAY(loader->arena, size_t, count + 1);
    for (size_t i = 0; i < count; i++) {
        size_t used = ws_loader_find(loader, names[i].name);
        if (used != SIZE_MAX && !(names[i].may_be_label && is_label(loader, names, count, names[i].name)))
            draft->uses[draft->n_uses++] = used;
    }
}

// ---- order ----

struct step {
    size_t index, next; // the quantity, and which of its uses comes next
};

static void report_cycle(struct ws_loader *loader, const struct step *stack, size_t depth, size_t again) {
    size_t from = depth;
    while (stack[from - 1].index != again)
        from--;
    struct ws_text chain = {.arena = loader->arena};
    for (size_t i = from - 1; i < depth; i++) {
        loader->drafts[stack[i].index].bad = 1;
        if (i < from + 20)
            ws_text_printf(&chain, "%s -> ", loader->study->quantities[stack[i].index].name);
    }
    if (depth > from + 20)
        ws_text_add(&chain, "... -> ");
    const struct ws_draft *draft = &loader->drafts[again];
    const struct ws_quantity *q = &loader->study->quantities[again];
    ws_loader_complain(loader, draft->given ? q->place : draft->formula->text_place, draft->subject,
                       "the %s form a cycle: %s%s", draft->given ? "conditional priors" : "formulas", chain.data,
                       q->name);
}

// Appends what `root` uses, then root. Recursion would be as deep as the study's longest chain.
static void visit(struct ws_loader *loader, size_t root, size_t *order, size_t *count, struct step *stack) {
    size_t depth = 0;
    if (loader->drafts[root].state != UNSEEN)
        return;
    stack[depth++] = (struct step){root, 0};
    loader->drafts[root].state = OPEN;
    while (depth > 0) {
        struct step *top = &stack[depth - 1];
        struct ws_draft *draft = &loader->drafts[top->index];
        if (top->next == draft->n_uses) {
            draft->state = DONE;
            order[(*count)++] = top->index;
            depth--;
            continue;
        }
        size_t used = draft->uses[top->next++];
        if (loader->drafts[used].state == OPEN) {
            report_cycle(loader, stack, depth, used);
        } else if (loader->drafts[used].state == UNSEEN) {
            loader->drafts[used].state = OPEN;
            stack[depth++] = (struct step){used, 0};
        }
    }
}

static void sort(struct ws_loader *loader) {
    struct ws_study *study = loader->study;
    size_t *order = WS_NEW_ARRAY(loader->arena, size_t, study->n_quantities + 1), count = 0;
    struct step *stack = WS_NEW_ARRAY(loader->arena, struct step, study->n_quantities + 1);
    for (size_t i = 0; i < study->n_quantities; i++)
        visit(loader, i, order, &count, stack);
    for (size_t i = 0; i < count; i++)
        study->quantities[order[i]].rank = i;
    study->order = order;
}

// ---- units and points ----

// A quantity that --set has fixed takes the unit of the formula it had; from here on it is like any other input.
static void adopt_unit(struct ws_loader *loader, struct ws_quantity *q) {
    struct ws_node *inputs = ws_merge_section(loader->root, "inputs", loader->arena);
    const struct ws_item *item = ws_node_find(inputs, q->name);
    struct ws_node *entry = ws_node_copy(loader->arena, item->value);
    struct ws_place place = ws_node_find(entry, WS_KEY_CUT_FORMULA)->place;
    ws_node_remove(entry, WS_KEY_CUT_FORMULA);
    ws_node_set(loader->arena, entry, "unit", place, ws_node_scalar(loader->arena, q->unit.label, 0, place));
    ws_node_set(loader->arena, inputs, q->name, item->place, entry);
}

// A choice that failed has no labels: what selects by it cannot be checked, and stays silent.
static int uses_failed_choice(const struct ws_loader *loader, const struct ws_draft *draft) {
    int failed = 0;
    for (size_t i = 0; i < draft->n_uses; i++) {
        const struct ws_quantity *q = &loader->study->quantities[draft->uses[i]];
        failed |= q->role == WS_INPUT && !q->prior && !q->unit.label;
    }
    return failed;
}

static void check_formula(struct ws_loader *loader, size_t index) {
    struct ws_study *study = loader->study;
    struct ws_quantity *q = &study->quantities[index];
    struct ws_draft *draft = &loader->drafts[index];
    if (!draft->syntax || !loader->units || draft->bad)
        return;
    if (uses_failed_choice(loader, draft)) {
        draft->bad = 1;
        return;
    }
    struct ws_scope scope = {loader->units, study->quantities, study->n_quantities};
    size_t before = loader->messages->count;
    const struct ws_expression *formula =
        ws_formula_check(draft->syntax, &scope, &q->unit, loader->arena, loader->messages);
    complete_messages(loader, draft, before);
    draft->bad = !formula;
    if (q->role == WS_INPUT && formula)
        adopt_unit(loader, q);
    if (q->role == WS_INPUT)
        return;
    q->formula = formula;
    if (!formula || q->role != WS_OUTPUT || !q->unit_inferred || ws_study_is_condition(study, index))
        return;
    ws_loader_complain(loader, q->place, draft->subject, "'unit' is missing: give one to report in, such as %s",
                       q->unit.label);
    q->unit.label = NULL; // what uses it stays silent
    draft->bad = 1;
}

static void compute_point(struct ws_loader *loader, size_t index, double *values) {
    struct ws_quantity *q = &loader->study->quantities[index];
    const struct ws_draft *draft = &loader->drafts[index];
    int known = q->formula != NULL;
    if (ws_sweep_has(loader->root, q->name, loader->arena)) { // it has as many values as there are cases
        q->point = NAN;
        q->has_point = 0;
    }
    for (size_t i = 0; i < draft->n_uses; i++)
        known &= loader->study->quantities[draft->uses[i]].has_point;
    if (q->role != WS_INPUT && known) {
        q->point = ws_expression_value(q->formula, values);
        q->has_point = isfinite(q->point);
        if (!q->has_point)
            q->point = NAN;
    }
    values[index] = q->point;
}

void ws_load_formulas(struct ws_loader *loader) {
    struct ws_study *study = loader->study;
    double *values = WS_NEW_ARRAY(loader->arena, double, study->n_quantities + 1);
    for (size_t i = 0; i < study->n_quantities; i++)
        parse_formula(loader, i);
    sort(loader);
    for (size_t i = 0; i < study->n_quantities && loader->messages->errors <= WS_STUDY_MAX_ERRORS; i++) {
        check_formula(loader, study->order[i]);
        compute_point(loader, study->order[i], values);
    }
}
