// SPDX-License-Identifier: GPL-3.0-or-later
// What outputs have beyond a formula: splits by alternatives, and published figures to be held against them.
#include <math.h>
#include <string.h>

#include "study/loader.h"

// ---- by ----

static size_t find_categorical(struct ws_loader *loader, const struct ws_node *node, const char *subject) {
    if (node->kind != WS_NODE_SCALAR) {
        ws_loader_complain(loader, node->place, subject,
                           "'by' is %s, wanted the name of a categorical input or a list of names",
                           ws_node_describe(node, loader->arena));
        return SIZE_MAX;
    }
    size_t index = ws_loader_find(loader, node->text);
    if (index == SIZE_MAX) {
        ws_loader_complain(loader, node->place, subject, "'by' names '%.80s', which the study has not%s", node->text,
                           ws_suggestion(loader->arena, node->text, loader->names, loader->study->n_quantities));
        return SIZE_MAX;
    }
    const struct ws_quantity *q = &loader->study->quantities[index];
    if (q->role == WS_INPUT && !q->prior) // its own error was reported
        return SIZE_MAX;
    if (!q->prior || !ws_prior_is_categorical(q->prior)) {
        ws_loader_complain(loader, node->place, subject, "'by' names '%s', which is no categorical input (a choice)",
                           node->text);
        return SIZE_MAX;
    }
    return index;
}

static void load_by(struct ws_loader *loader, struct ws_quantity *q, const struct ws_draft *draft) {
    const struct ws_node *by = ws_node_get(draft->entry, "by");
    if (!by)
        return;
    size_t count = by->kind == WS_NODE_LIST ? by->n_items : 1;
    size_t *indices = WS_NEW_ARRAY(loader->arena, size_t, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct ws_node *node = by->kind == WS_NODE_LIST ? by->items[i].value : by;
        size_t index = find_categorical(loader, node, draft->subject);
        int repeated = 0;
        for (size_t k = 0; k < q->n_by; k++)
            repeated |= indices[k] == index;
        if (repeated)
            ws_loader_complain(loader, node->place, draft->subject, "'by' names '%s' twice", node->text);
        else if (index != SIZE_MAX)
            indices[q->n_by++] = index;
    }
    q->by = indices;
}

// ---- claims ----

struct publishing {
    struct ws_loader *loader;
    size_t output;
    const struct ws_draft *draft;
    size_t first; // claim of this output
};

static double in_output_unit(struct publishing *p, const struct ws_claim *claim, double value, struct ws_place place,
                             int *failed) {
    const struct ws_unit *unit = &p->loader->study->quantities[p->output].unit;
    double factor = 1;
    if (!claim->unit.label || !unit->label || isnan(value))
        return value;
    if (ws_unit_factor(&claim->unit, unit, &factor) && !*failed) {
        ws_loader_complain(p->loader, place, p->draft->subject,
                           "the published figure is in %s, which does not convert to the output's %s",
                           claim->unit.label, unit->label);
        *failed = 1;
    }
    return value * factor;
}

static const char *claim_key(struct publishing *p, const struct ws_node *node, const char *source) {
    const struct ws_node *name = ws_node_get(node, "name");
    const char *base = name && name->kind == WS_NODE_SCALAR ? name->text : *source ? source : "claim", *key = base;
    const struct ws_study *study = p->loader->study;
    for (int number = 2, taken = 1; taken; number++) {
        taken = 0;
        for (size_t i = p->first; i < study->n_claims; i++)
            taken |= strcmp(study->claims[i].key, key) == 0;
        if (taken)
            key = ws_arena_printf(p->loader->arena, "%s %d", base, number);
    }
    return key;
}

static void load_figures(struct publishing *p, const struct ws_node *node, struct ws_claim *claim) {
    static const char *const keys[] = {"value", "p5", "p95"};
    double *const figures[] = {&claim->value, &claim->p5, &claim->p95};
    for (int i = 0; i < 3; i++) {
        const struct ws_item *item = ws_node_find(node, keys[i]);
        if (item && !ws_node_is_null(item->value))
            ws_take_number(p->loader, item, p->draft->subject, figures[i]);
    }
    const struct ws_item *unit = ws_node_find(node, "unit");
    if (unit && !ws_node_is_null(unit->value)) {
        if (ws_take_unit(p->loader, unit, p->draft->subject, &claim->unit))
            claim->unit = p->loader->study->quantities[p->output].unit;
    }
    if (isnan(claim->value) && (isnan(claim->p5) || isnan(claim->p95)) && !ws_node_get(node, "value"))
        ws_loader_complain(p->loader, node->place, p->draft->subject,
                           "a published figure needs 'value', or 'p5' and 'p95'");
    if (claim->p5 >= claim->p95)
        ws_loader_complain(p->loader, node->place, p->draft->subject, "a published figure needs p5 < p95");
    if (*claim->bound && isnan(claim->value))
        ws_loader_complain(p->loader, node->place, p->draft->subject,
                           "'bound: %s' says what 'value' is, and there is none", claim->bound);
    if (claim->tolerance <= 0)
        ws_loader_complain(p->loader, node->place, p->draft->subject,
                           "the tolerance of a published figure is %g, wanted a positive number such as 0.02 for 2 %%",
                           claim->tolerance);
    int failed = 0;
    struct ws_place place = unit ? unit->value->place : node->place;
    claim->value_as_published = claim->value;
    for (int i = 0; i < 3; i++)
        *figures[i] = in_output_unit(p, claim, *figures[i], place, &failed);
}

// A claim about the ratio to another study's output, which `compare` reads from the merged tree: it says nothing of the
// output alone.
static int is_ratio(struct publishing *p, const struct ws_node *node) {
    static const char *const others[] = {"p5", "p95", "unit", "tolerance", "bound"};
    const struct ws_node *to = ws_node_get(node, "ratio_to"), *value = ws_node_get(node, "value");
    double ratio;
    if (!to) {
        const struct ws_item *yearly = ws_node_find(node, "per_year");
        if (yearly)
            ws_loader_complain(p->loader, yearly->place, p->draft->subject,
                               "'per_year' is for a published ratio ('ratio_to'), and this is none");
        return 0;
    }
    if (to->kind != WS_NODE_SCALAR || !*to->text)
        ws_loader_complain(p->loader, to->place, p->draft->subject,
                           "'ratio_to' is %s, wanted the name of a study, such as llama-3.1-405b",
                           ws_node_describe(to, p->loader->arena));
    if (!value || ws_node_number(value, &ratio) || !(ratio > 0))
        ws_loader_complain(p->loader, node->place, p->draft->subject,
                           "a published ratio ('ratio_to') needs a 'value' above 0");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (ws_node_get(node, others[i]))
            ws_loader_complain(p->loader, ws_node_find(node, others[i])->place, p->draft->subject,
                               "a published ratio ('ratio_to') has no '%s'", others[i]);
    return 1;
}

static void load_claim(struct publishing *p, const struct ws_node *node) {
    struct ws_loader *loader = p->loader;
    struct ws_study *study = loader->study;
    struct ws_claim claim = {.output = p->output,
                             .value = NAN,
                             .p5 = NAN,
                             .p95 = NAN,
                             .tolerance = NAN,
                             .unit = study->quantities[p->output].unit,
                             .source = "",
                             .basis = "",
                             .note = "",
                             .bound = "",
                             .place = node->place};
    if (node->kind == WS_NODE_MAP) {
        if (ws_take_fields(loader, node, WS_KEYS_CLAIM, p->draft->subject, node->place, &claim))
            return;
        if (is_ratio(p, node))
            return;
        load_figures(p, node, &claim);
    } else if (ws_node_number(node, &claim.value) == 0) {
        claim.value_as_published = claim.value;
    } else {
        ws_loader_complain(
            loader, node->place, p->draft->subject,
            "'published' is %s, wanted a number, {value, p5, p95, unit, source, note} or a list of these",
            ws_node_describe(node, loader->arena));
        return;
    }
    claim.key = claim_key(p, node, claim.source);
    study->claims = ws_arena_grow(loader->arena, study->claims, study->n_claims, sizeof *study->claims);
    study->claims[study->n_claims++] = claim;
}

static void load_claims(struct ws_loader *loader, size_t output) {
    struct publishing p = {loader, output, &loader->drafts[output], loader->study->n_claims};
    const struct ws_node *published = ws_node_get(p.draft->entry, "published");
    if (!published)
        return;
    if (published->kind != WS_NODE_LIST)
        load_claim(&p, published);
    for (size_t i = 0; published->kind == WS_NODE_LIST && i < published->n_items; i++)
        load_claim(&p, published->items[i].value);
}

void ws_load_outputs(struct ws_loader *loader) {
    struct ws_study *study = loader->study;
    for (size_t i = study->n_inputs + study->n_derived; i < study->n_quantities; i++) {
        load_by(loader, &study->quantities[i], &loader->drafts[i]);
        load_claims(loader, i);
    }
}
