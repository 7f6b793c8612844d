// SPDX-License-Identifier: GPL-3.0-or-later
// `equivalents`: what outputs amount to in things that people know, told when a result is shown. They cost no draw: a
// quantile of the output is a quantile of the equivalent.
#include <math.h>
#include <string.h>

#include "study/loader.h"

enum { MOST_EQUIVALENTS = 1000 };

// An entry on its way.
struct telling {
    struct ws_loader *loader;
    const struct ws_node *node;
    struct ws_place place;
    const char *subject;
    struct ws_equivalent *equivalent;
    size_t *of;
};

static const struct ws_quantity *quantity_at(const struct telling *t, size_t index) {
    return &t->loader->study->quantities[index];
}

static void take_amount(struct telling *t) {
    const struct ws_equivalent *e = t->equivalent;
    const struct ws_item *one = ws_node_find(t->node, "one"), *whole = ws_node_find(t->node, "whole");
    if (!one == !whole) {
        ws_loader_complain(
            t->loader, t->place, t->subject,
            one ? "'one' and 'whole' exclude each other: an output is so many times one, or goes into the "
                  "whole so many times"
                : "the amount is missing: give 'one', as in {unit: ML, one: 2.5}, or 'whole'");
        return;
    }
    const struct ws_item *item = one ? one : whole;
    double amount = one ? e->one : e->whole;
    if (!isnan(amount) && !(amount > 0 && isfinite(amount)))
        ws_loader_complain(t->loader, item->value->place, t->subject, "'%s' is %g, wanted a number above 0", item->key,
                           amount);
}

static int converts(const struct telling *t, size_t index) {
    double factor;
    const struct ws_unit *unit = &quantity_at(t, index)->unit;
    return unit->label && ws_unit_factor(unit, &t->equivalent->unit, &factor) == 0;
}

// An output that --set has fixed is one no more; there is nothing to tell of it then.
static int is_fixed(const struct telling *t, size_t index) {
    const struct ws_node *prior = ws_node_get(t->loader->drafts[index].entry, "prior");
    return prior && prior->place.file && strcmp(prior->place.file, WS_COMMAND_LINE) == 0;
}

static void take_output(struct telling *t, const struct ws_node *node) {
    struct ws_loader *loader = t->loader;
    struct ws_equivalent *e = t->equivalent;
    if (node->kind != WS_NODE_SCALAR) {
        ws_loader_complain(loader, node->place, t->subject,
                           "'of' is %s, wanted the name of an output or a list of names",
                           ws_node_describe(node, loader->arena));
        return;
    }
    size_t index = ws_loader_find(loader, node->text);
    if (index == SIZE_MAX) {
        ws_loader_complain(loader, node->place, t->subject, "'of' names '%.80s', which the study has not%s", node->text,
                           ws_suggestion(loader->arena, node->text, loader->names, loader->study->n_quantities));
        return;
    }
    const struct ws_quantity *q = quantity_at(t, index);
    if (q->role != WS_OUTPUT) {
        if (!is_fixed(t, index))
            ws_loader_complain(loader, node->place, t->subject, "'of' names '%s', which is no output", q->name);
    } else if (!e->unit.label || !q->unit.label) { // its own error was reported
        return;
    } else if (!converts(t, index)) {
        ws_loader_complain(loader, node->place, t->subject, "it is in %s, which does not convert to %s of '%s'",
                           e->unit.label, q->unit.label, q->name);
    } else {
        t->of[e->n_of++] = index;
    }
}

static void take_outputs(struct telling *t) {
    const struct ws_study *study = t->loader->study;
    const struct ws_node *of = ws_node_get(t->node, "of");
    size_t named = of && of->kind == WS_NODE_LIST ? of->n_items : 1;
    t->of = WS_NEW_ARRAY(t->loader->arena, size_t, named + study->n_outputs);
    t->equivalent->of = t->of;
    if (of && of->kind == WS_NODE_LIST) {
        for (size_t i = 0; i < of->n_items; i++)
            take_output(t, of->items[i].value);
    } else if (of) {
        take_output(t, of);
    }
    for (size_t i = study->n_quantities - study->n_outputs; !of && i < study->n_quantities; i++)
        if (t->equivalent->unit.label && converts(t, i) && !ws_study_is_condition(study, i))
            t->of[t->equivalent->n_of++] = i;
}

static void load_equivalent(struct ws_loader *loader, const struct ws_item *item) {
    struct ws_equivalent equivalent = {
        .name = item->key, .description = "", .source = "", .basis = "", .note = "", .one = NAN, .whole = NAN};
    const char *subject = ws_arena_printf(loader->arena, "equivalent '%.80s'", item->key);
    struct telling t = {loader, item->value, item->place, subject, &equivalent, NULL};
    if (!ws_is_name(item->key))
        ws_loader_complain(loader, item->place, subject, "not a name, wanted letters, digits and _, not a digit first");
    if (item->value->kind != WS_NODE_MAP) {
        ws_loader_complain(loader, item->place, subject, "found %s, wanted a mapping such as {unit: ML, one: 2.5}",
                           ws_node_describe(item->value, loader->arena));
        return;
    }
    if (ws_take_fields(loader, t.node, WS_KEYS_EQUIVALENT, subject, item->place, &equivalent))
        return;
    const struct ws_item *unit = ws_node_find(t.node, "unit");
    if (unit && !ws_node_is_null(unit->value) && ws_take_unit(loader, unit, subject, &equivalent.unit))
        equivalent.unit.label = NULL;
    take_amount(&t);
    take_outputs(&t);
    loader->study->equivalents[loader->study->n_equivalents++] = equivalent;
}

void ws_load_equivalents(struct ws_loader *loader) {
    const struct ws_node *section = ws_node_get(loader->root, "equivalents");
    size_t n = section ? section->n_items : 0;
    if (n > MOST_EQUIVALENTS) {
        ws_loader_complain(loader, section->items[MOST_EQUIVALENTS].place, "",
                           "'equivalents' has %zu entries, at most %d are allowed", n, (int)MOST_EQUIVALENTS);
        return;
    }
    loader->study->equivalents = WS_NEW_ARRAY(loader->arena, struct ws_equivalent, n + 1);
    for (size_t i = 0; i < n; i++)
        load_equivalent(loader, &section->items[i]);
}

double ws_equivalent_value(const struct ws_equivalent *equivalent, const struct ws_quantity *output, double value) {
    double factor = 1;
    (void)ws_unit_factor(&output->unit, &equivalent->unit, &factor); // they were seen to convert
    return isnan(equivalent->whole) ? value * factor / equivalent->one : equivalent->whole / (value * factor);
}
