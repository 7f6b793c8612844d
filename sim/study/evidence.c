// SPDX-License-Identifier: GPL-3.0-or-later
// `evidence`: facts that every draw is weighed by.
#include <math.h>
#include <string.h>

#include "study/counts.h"
#include "study/likelihood.h"
#include "study/loader.h"
#include "study/prior_given.h"
#include "study/prior_parse.h"
#include "study/sweep.h"

enum { MOST_FACTS = 1000 }; // so that their sum is not too high a tree

// An entry on its way.
struct fact {
    struct ws_loader *loader;
    const struct ws_node *node;
    const char *subject;
    struct ws_evidence *evidence;
};

static int find_quantity(struct fact *f) {
    struct ws_loader *loader = f->loader;
    const struct ws_item *item = ws_node_find(f->node, "quantity");
    if (!item || item->value->kind != WS_NODE_SCALAR) // its error was reported
        return -1;
    size_t index = ws_loader_find(loader, item->value->text);
    f->evidence->quantity = index;
    if (index == SIZE_MAX) {
        ws_loader_complain(loader, item->value->place, f->subject,
                           "'quantity' names '%.80s', which the study has not%s", item->value->text,
                           ws_suggestion(loader->arena, item->value->text, loader->names, loader->study->n_quantities));
        return -1;
    }
    const struct ws_quantity *q = &loader->study->quantities[index];
    if (q->prior && ws_prior_is_categorical(q->prior)) {
        ws_loader_complain(loader, item->value->place, f->subject,
                           "'%s' has alternatives, wanted a quantity with a number; to rule alternatives out give "
                           "their weights in its prior",
                           q->name);
        return -1;
    }
    if (q->prior && ws_prior_is_constant(q->prior))
        ws_warn(loader->messages, item->value->place,
                "%s: '%s' is a constant, which no fact changes; give it a prior if it is uncertain", f->subject,
                q->name);
    return loader->drafts[index].bad || !q->unit.label ? -1 : 0; // silent where it had an error of its own
}

// The factor from the quantity's unit to the fact's.
static int take_factor(struct fact *f, double *factor) {
    const struct ws_quantity *q = &f->loader->study->quantities[f->evidence->quantity];
    const struct ws_item *item = ws_node_find(f->node, "unit");
    if (!item || ws_node_is_null(item->value) || ws_take_unit(f->loader, item, f->subject, &f->evidence->unit))
        return -1;
    if (ws_unit_factor(&q->unit, &f->evidence->unit, factor) == 0)
        return 0;
    ws_loader_complain(f->loader, item->value->place, f->subject,
                       "the fact is in %s, which does not convert to %s of '%s'", f->evidence->unit.label,
                       q->unit.label, q->name);
    return -1;
}

static int take_end(struct fact *f, const struct ws_node *node, double *end) {
    if (ws_node_is_null(node) || ws_node_number(node, end) == 0)
        return 0;
    ws_loader_complain(f->loader, node->place, f->subject, "'between' holds %s, wanted numbers such as [150, 800]%s",
                       ws_node_describe(node, f->loader->arena), ws_number_hint(node));
    return -1;
}

static const struct ws_expression *take_between(struct fact *f, const struct ws_node *node,
                                                const struct ws_expression *y) {
    struct ws_evidence *e = f->evidence;
    if (node->kind != WS_NODE_LIST || node->n_items != 2) {
        ws_loader_complain(f->loader, node->place, f->subject,
                           "'between' is %s, wanted [low, high]; null leaves an end open",
                           ws_node_line(node, f->loader->arena));
        return NULL;
    }
    if (take_end(f, node->items[0].value, &e->low) || take_end(f, node->items[1].value, &e->high))
        return NULL;
    if (isinf(e->low) && isinf(e->high))
        ws_loader_complain(f->loader, node->place, f->subject, "'between' is open at both ends, which says nothing");
    else if (!(e->low < e->high))
        ws_loader_complain(f->loader, node->place, f->subject, "'between' needs low < high, found %g and %g", e->low,
                           e->high);
    else
        return ws_likelihood_between(e->low, e->high, y, f->loader->arena);
    return NULL;
}

static const struct ws_expression *take_observed(struct fact *f, const struct ws_node *node,
                                                 const struct ws_expression *y) {
    char why[1024];
    if (ws_given_is(node)) {
        ws_loader_complain(f->loader, node->place, f->subject,
                           "a likelihood is the same whatever was chosen; state the fact of a quantity that selects by "
                           "the choice");
        return NULL;
    }
    const struct ws_prior *observed =
        ws_count_is(node) ? ws_count_parse(node, &f->evidence->unit, f->subject, f->loader->arena, f->loader->messages)
                          : ws_prior_parse(node, f->subject, f->loader->arena, f->loader->messages);
    ws_samples_check(f->loader, node, &f->evidence->unit, f->subject);
    if (!observed)
        return NULL;
    f->evidence->observed = observed;
    if (observed->family->kind == WS_CONSTANT) {
        ws_loader_complain(f->loader, node->place, f->subject,
                           "an exact observation leaves no draw; give its error, as in {normal: {mean: %s, sd: ...}}",
                           observed->text);
        return NULL;
    }
    const struct ws_expression *likelihood =
        ws_likelihood(observed, y, f->loader->arena, &f->evidence->log_greatest, why, sizeof why);
    if (ws_count_is(node))
        f->evidence->log_greatest += ws_count_log_share(observed);
    if (!likelihood)
        ws_loader_complain(f->loader, node->place, f->subject, "%s", why);
    return likelihood;
}

// A fact of one of the studies that are swept over says nothing about the others.
static int take_study(struct fact *f) {
    struct ws_loader *loader = f->loader;
    const struct ws_item *item = ws_node_find(f->node, "of_study");
    const char *label;
    if (!item)
        return 0;
    if (ws_take_text(loader, item, f->subject, &label))
        return -1;
    size_t q = ws_loader_find(loader, WS_SWEEP_STUDIES);
    const struct ws_prior *studies = q == SIZE_MAX ? NULL : loader->study->quantities[q].prior;
    for (size_t i = 0; studies && ws_prior_is_categorical(studies) && i < studies->n_parts; i++)
        if (strcmp(studies->parts[i].label, label) == 0) {
            f->evidence->of_study = label;
            f->evidence->log_likelihood = ws_likelihood_where(q, i, f->evidence->log_likelihood, f->loader->arena);
            return 0;
        }
    ws_loader_complain(loader, item->value->place, f->subject,
                       "'of_study' names '%.80s', which is none of the studies that are swept over", label);
    return -1;
}

static void load_fact(struct ws_loader *loader, const struct ws_item *item) {
    struct ws_study *study = loader->study;
    struct ws_evidence evidence = {.name = item->key,
                                   .source = "",
                                   .note = "",
                                   .description = "",
                                   .low = -INFINITY,
                                   .high = INFINITY,
                                   .place = item->place};
    struct fact f = {loader, item->value, ws_arena_printf(loader->arena, "evidence '%.80s'", item->key), &evidence};
    if (!ws_is_name(item->key))
        ws_loader_complain(loader, item->place, f.subject,
                           "not a name, wanted letters, digits and _, not a digit first");
    if (item->value->kind != WS_NODE_MAP) {
        ws_loader_complain(loader, item->place, f.subject,
                           "found %s, wanted a mapping such as {quantity: site_power, unit: MW, between: [100, 200]}",
                           ws_node_describe(item->value, loader->arena));
        return;
    }
    if (ws_take_fields(loader, f.node, WS_KEYS_EVIDENCE, f.subject, item->place, &evidence))
        return;
    const struct ws_node *observed = ws_node_get(f.node, "observed"), *between = ws_node_get(f.node, "between");
    if (!observed == !between)
        ws_loader_complain(loader, item->place, f.subject,
                           observed ? "'observed' and 'between' are two facts; give each an entry of its own"
                                    : "the fact is missing: give 'observed: {normal: {mean: ..., sd: ...}}' or "
                                      "'between: [low, high]'");
    double factor = 1;
    if (find_quantity(&f) || take_factor(&f, &factor) || !observed == !between)
        return;
    const struct ws_expression *y = ws_likelihood_scaled(evidence.quantity, factor, loader->arena);
    evidence.log_likelihood = observed ? take_observed(&f, observed, y) : take_between(&f, between, y);
    if (!evidence.log_likelihood || take_study(&f))
        return;
    study->log_weight = ws_likelihood_sum(study->log_weight, evidence.log_likelihood, loader->arena);
    study->evidence[study->n_evidence++] = evidence;
}

void ws_load_evidence(struct ws_loader *loader) {
    const struct ws_node *section = ws_node_get(loader->root, "evidence");
    size_t n = section ? section->n_items : 0;
    if (n > MOST_FACTS) {
        ws_loader_complain(loader, section->items[MOST_FACTS].place, "",
                           "'evidence' has %zu facts, at most %d are allowed", n, (int)MOST_FACTS);
        return;
    }
    loader->study->evidence = WS_NEW_ARRAY(loader->arena, struct ws_evidence, n + 1);
    for (size_t i = 0; i < n; i++)
        load_fact(loader, &section->items[i]);
}
