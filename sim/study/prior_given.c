// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/prior_given.h"

#include <math.h>
#include <string.h>

#include "study/prior_parse.h"

enum { MAX_LABELS = 256 };

// A conditional prior as read.
struct ws_given {
    const struct ws_node *node; // the whole
    const struct ws_item *by;   // given: NAME
    size_t n;
    const struct ws_item **items;   // the labels
    const struct ws_prior **priors; // NULL where one has failed
    int settled;
};

int ws_given_is(const struct ws_node *node) { return node->kind == WS_NODE_MAP && ws_node_find(node, "given"); }

// ---- reading ----

static int is_modifier(const char *key) { return ws_key_find(WS_KEYS_PRIOR, key) != NULL; }

static const struct ws_prior *parse_one(struct ws_loader *loader, const struct ws_item *item, const char *subject) {
    const char *own = ws_arena_printf(loader->arena, "%s given '%.80s'", subject, item->key);
    if (ws_given_is(item->value)) {
        ws_loader_complain(loader, item->value->place, own,
                           "a conditional prior stands within another; give it an input of its own and choose with "
                           "select");
        return NULL;
    }
    const struct ws_prior *prior = ws_prior_parse(item->value, own, loader->arena, loader->messages);
    if (!prior || strcmp(prior->family->name, "dirichlet") != 0)
        return prior;
    ws_loader_complain(loader, item->value->place, own,
                       "a share of a whole is an input's whole prior, no part of another");
    return NULL;
}

// The choice with its labels in the order of the first; NULL where they are not the same.
static const struct ws_prior *in_order(struct ws_loader *loader, const struct ws_prior *first,
                                       const struct ws_prior *other) {
    size_t n = first->n_parts;
    if (other->n_parts != n)
        return NULL;
    struct ws_prior *sorted = WS_NEW(loader->arena, struct ws_prior);
    struct ws_prior_part *parts = WS_NEW_ARRAY(loader->arena, struct ws_prior_part, n + 1);
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < n && strcmp(other->parts[k].label, first->parts[i].label) != 0)
            k++;
        if (k == n)
            return NULL;
        parts[i] = other->parts[k];
        parts[i].value = (double)i;
    }
    *sorted = *other;
    sorted->parts = parts;
    return sorted;
}

// All numbers, or all choices between the same labels.
static int check_kinds(struct ws_loader *loader, struct ws_given *given, const char *subject) {
    const struct ws_prior *first = given->priors[0];
    int categorical = ws_prior_is_categorical(first);
    for (size_t i = 1; i < given->n; i++) {
        const struct ws_prior *other = given->priors[i];
        const struct ws_prior *sorted =
            categorical && ws_prior_is_categorical(other) ? in_order(loader, first, other) : other;
        const char *wrong = ws_prior_is_categorical(other) != categorical
                                ? "is a choice where another label's is a number, wanted all of one kind"
                            : !sorted ? "has other labels than the first, wanted the same (a weight of 0 rules one out)"
                                      : NULL;
        if (!wrong) {
            given->priors[i] = sorted;
            continue;
        }
        ws_loader_complain(loader, given->items[i]->value->place, subject, "the prior given '%.80s' %s",
                           given->items[i]->key, wrong);
        return -1;
    }
    return 0;
}

// The law of the quantity over all labels: a mixture, or a choice with pooled weights.
static const struct ws_prior *pooled(struct ws_loader *loader, const struct ws_given *given, const double *weights) {
    const struct ws_prior *first = given->priors[0];
    int categorical = ws_prior_is_categorical(first);
    size_t n = categorical ? first->n_parts : given->n;
    struct ws_prior *prior = WS_NEW(loader->arena, struct ws_prior);
    struct ws_prior_part *parts = WS_NEW_ARRAY(loader->arena, struct ws_prior_part, n + 1);
    *prior = (struct ws_prior){.family = categorical ? first->family : ws_family_find("given"),
                               .n_parts = n,
                               .parts = parts,
                               .scale = 1,
                               .low = -INFINITY,
                               .high = INFINITY,
                               .text = ws_node_line(given->node, loader->arena)};
    for (size_t i = 0; i < n; i++)
        parts[i] = categorical ? first->parts[i]
                               : (struct ws_prior_part){given->items[i]->key, weights[i], 0, given->priors[i]};
    for (size_t i = 0; categorical && i < n; i++) {
        parts[i].weight = 0;
        for (size_t k = 0; k < given->n; k++)
            parts[i].weight += weights[k] * given->priors[k]->parts[i].weight;
    }
    return prior;
}

struct ws_given *ws_given_parse(struct ws_loader *loader, const struct ws_node *node, const char *subject,
                                struct ws_quantity *q) {
    struct ws_given *given = WS_NEW(loader->arena, struct ws_given);
    size_t errors = loader->messages->errors;
    *given = (struct ws_given){.node = node, .by = ws_node_find(node, "given")};
    if (given->by->value->kind != WS_NODE_SCALAR || given->by->value->quoted || !ws_is_name(given->by->value->text))
        ws_loader_complain(loader, given->by->value->place, subject,
                           "'given' is %s, wanted the name of a categorical input",
                           ws_node_describe(given->by->value, loader->arena));
    given->items = WS_NEW_ARRAY(loader->arena, const struct ws_item *, node->n_items);
    given->priors = WS_NEW_ARRAY(loader->arena, const struct ws_prior *, node->n_items);
    double *weights = WS_NEW_ARRAY(loader->arena, double, node->n_items);
    for (size_t i = 0; i < node->n_items; i++) {
        const struct ws_item *item = &node->items[i];
        if (item == given->by)
            continue;
        if (is_modifier(item->key)) {
            ws_loader_complain(loader, item->place, subject,
                               "'%s' beside 'given': write it within the prior of each label", item->key);
            continue;
        }
        given->items[given->n] = item;
        given->priors[given->n++] = parse_one(loader, item, subject);
    }
    if (given->n == 0 || given->n > MAX_LABELS)
        ws_loader_complain(loader, node->place, subject,
                           "a conditional prior has %zu labels, wanted 1 to %d, such as %s", given->n, (int)MAX_LABELS,
                           ws_family_find("given")->example);
    if (loader->messages->errors > errors || check_kinds(loader, given, subject))
        return NULL;
    for (size_t i = 0; i < given->n; i++)
        weights[i] = 1 / (double)given->n;
    q->prior = pooled(loader, given, weights);
    return given;
}

// ---- settling ----

static void refuse_name(struct ws_loader *loader, const struct ws_given *given, const char *subject, size_t by) {
    const char *name = given->by->value->text;
    if (by != SIZE_MAX) {
        const struct ws_quantity *q = &loader->study->quantities[by];
        ws_loader_complain(loader, given->by->value->place, subject,
                           "given '%.80s', which is %s; wanted an input whose prior is a choice", name,
                           q->role == WS_INPUT ? "a number" : "a formula");
        return;
    }
    ws_loader_complain(loader, given->by->value->place, subject, "given '%.80s', but there is no such input%s", name,
                       ws_suggestion(loader->arena, name, loader->names, loader->study->n_quantities));
}

// The labels of the choice without a prior here, in one message.
static void refuse_missing(struct ws_loader *loader, const struct ws_given *given, const char *subject,
                           const struct ws_prior *choice, const unsigned char *found) {
    struct ws_text missing = {.arena = loader->arena};
    for (size_t i = 0; i < choice->n_parts; i++)
        if (!found[i])
            ws_text_printf(&missing, "%s'%s'", missing.length ? ", " : "", choice->parts[i].label);
    if (missing.length)
        ws_loader_complain(loader, given->node->place, subject, "no prior for %s of '%s'; give one for every label",
                           missing.data, given->by->value->text);
}

static const char *list_labels(struct ws_loader *loader, const struct ws_prior *choice) {
    enum { SHOWN = 12 };
    struct ws_text text = {.arena = loader->arena};
    for (size_t i = 0; i < choice->n_parts && i < SHOWN; i++)
        ws_text_printf(&text, "%s%s", i ? ", " : "", choice->parts[i].label);
    return choice->n_parts > SHOWN ? ws_arena_printf(loader->arena, "%s, ...", text.data) : text.data;
}

// Puts items and priors in the order of the choice's labels; nonzero where they do not fit.
static int match_labels(struct ws_loader *loader, struct ws_given *given, const char *subject,
                        const struct ws_prior *choice) {
    size_t n = choice->n_parts, errors = loader->messages->errors;
    const struct ws_item **items = WS_NEW_ARRAY(loader->arena, const struct ws_item *, n + 1);
    const struct ws_prior **priors = WS_NEW_ARRAY(loader->arena, const struct ws_prior *, n + 1);
    const char **labels = WS_NEW_ARRAY(loader->arena, const char *, n + 1);
    unsigned char *found = WS_NEW_ARRAY(loader->arena, unsigned char, n + 1);
    for (size_t i = 0; i < n; i++)
        labels[i] = choice->parts[i].label;
    for (size_t k = 0; k < given->n; k++) {
        size_t i = 0;
        while (i < n && strcmp(labels[i], given->items[k]->key) != 0)
            i++;
        if (i == n) {
            const char *near = ws_suggestion(loader->arena, given->items[k]->key, labels, n);
            ws_loader_complain(loader, given->items[k]->place, subject, "'%s' has no label '%.80s'%s",
                               given->by->value->text, given->items[k]->key,
                               *near ? near
                                     : ws_arena_printf(loader->arena, ", it has %s", list_labels(loader, choice)));
            continue;
        }
        found[i] = 1;
        items[i] = given->items[k];
        priors[i] = given->priors[k];
    }
    refuse_missing(loader, given, subject, choice, found);
    given->items = items;
    given->priors = priors;
    given->n = n;
    return loader->messages->errors > errors;
}

// A choice with one label, or whose prior for the label at the point is a constant, settles the point.
static void take_point(struct ws_quantity *q, const struct ws_quantity *by, const struct ws_given *given) {
    if (q->has_point || !by->has_point || ws_prior_is_categorical(q->prior))
        return;
    const struct ws_prior *prior = given->priors[(size_t)by->point];
    if (prior->family->kind != WS_CONSTANT)
        return;
    q->point = prior->p[0];
    q->has_point = 1;
}

// The choice first; depth is bounded by the number of inputs. What is met again while open is a cycle, which the order
// of evaluation reports.
static void settle(struct ws_loader *loader, size_t index) {
    struct ws_quantity *q = &loader->study->quantities[index];
    struct ws_draft *draft = &loader->drafts[index];
    struct ws_given *given = draft->given;
    if (!given || given->settled)
        return;
    given->settled = 1;
    size_t by = ws_loader_find(loader, given->by->value->text);
    if (by == SIZE_MAX || loader->study->quantities[by].role != WS_INPUT) {
        refuse_name(loader, given, draft->subject, by);
        return;
    }
    q->given = by;
    draft->uses = WS_NEW_ARRAY(loader->arena, size_t, 1);
    draft->uses[draft->n_uses++] = by;
    settle(loader, by);
    const struct ws_quantity *choice = &loader->study->quantities[by];
    if (!choice->prior) // its own error was reported
        return;
    if (!ws_prior_is_categorical(choice->prior)) {
        refuse_name(loader, given, draft->subject, by);
        return;
    }
    if (match_labels(loader, given, draft->subject, choice->prior))
        return;
    double *weights = WS_NEW_ARRAY(loader->arena, double, given->n + 1);
    for (size_t i = 0; i < given->n; i++)
        weights[i] = choice->prior->parts[i].weight;
    q->prior = pooled(loader, given, weights);
    q->n_given = given->n;
    q->given_priors = given->priors;
    take_point(q, choice, given);
}

void ws_load_givens(struct ws_loader *loader) {
    for (size_t i = 0; i < loader->study->n_inputs; i++)
        settle(loader, i);
}
