// SPDX-License-Identifier: GPL-3.0-or-later
// Priors that list what can come out: labels, values, counts.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "study/prior_reading.h"

enum { MAX_LABELS = 4096, MAX_VALUES = 100000, MAX_LABEL = 128 };

// ---- alternatives ----

static int is_label(const char *s) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.+-";
    size_t length = strlen(s);
    return length > 0 && length <= MAX_LABEL && strspn(s, letters) == length;
}

void ws_prior_read_labels(struct ws_prior_reading *p) {
    if (p->node->kind != WS_NODE_MAP || p->node->n_items == 0 || p->node->n_items > MAX_LABELS) {
        ws_prior_complain(p, p->node->place, "%s is given %s, wanted up to %d labels with weights, for example %s",
                          p->family->name, ws_node_describe(p->node, p->arena), (int)MAX_LABELS, p->family->example);
        return;
    }
    struct ws_prior_part *parts = WS_NEW_ARRAY(p->arena, struct ws_prior_part, p->node->n_items);
    double sum = 0;
    for (size_t i = 0; i < p->node->n_items; i++) {
        const struct ws_item *item = &p->node->items[i];
        parts[i] = (struct ws_prior_part){.label = item->key, .value = (double)i};
        if (!is_label(item->key))
            ws_prior_complain(p, item->place, "'%.80s' is no label, wanted letters, digits, _ . + or -", item->key);
        if (ws_prior_take_number(p, item->value, item->key, &parts[i].weight) == 0 && parts[i].weight < 0)
            ws_prior_complain(p, item->value->place, "the weight of '%s' is %s, wanted 0 or more", item->key,
                              item->value->text);
        sum += parts[i].weight;
    }
    if (!p->failed && !(sum > 0 && isfinite(sum)))
        ws_prior_complain(p, p->place, "the weights of %s add up to %s, wanted more than 0", p->family->name,
                          sum > 0 ? "infinity" : "0");
    for (size_t i = 0; i < p->node->n_items && !p->failed; i++)
        parts[i].weight /= sum;
    p->prior->parts = parts;
    p->prior->n_parts = p->node->n_items;
}

// ---- values with weights ----

// A list of numbers under a key of the family; NULL where it is not there or no such list.
static const struct ws_node *take_list(struct ws_prior_reading *p, const char *key) {
    const struct ws_item *item = ws_node_find(p->node, key);
    if (!item)
        return NULL;
    if (item->value->kind == WS_NODE_LIST && item->value->n_items > 0 && item->value->n_items <= MAX_VALUES)
        return item->value;
    if (item->value->kind == WS_NODE_LIST && item->value->n_items > 0)
        ws_prior_complain(p, item->value->place, "'%s' has %zu numbers, at most %d are taken; write a sample to a file",
                          key, item->value->n_items, (int)MAX_VALUES);
    else
        ws_prior_complain(p, item->value->place, "'%s' is %s, wanted a list of up to %d numbers", key,
                          ws_node_describe(item->value, p->arena), (int)MAX_VALUES);
    return NULL;
}

static int by_value(const void *a, const void *b) {
    double x = ((const struct ws_prior_part *)a)->value, y = ((const struct ws_prior_part *)b)->value;
    return (x > y) - (x < y);
}

// Ascending, one part for each value; weights that sum to one.
static void settle_values(struct ws_prior_reading *p, struct ws_prior_part *parts, size_t n) {
    size_t kept = 0;
    double sum = 0;
    qsort(parts, n, sizeof *parts, by_value);
    for (size_t i = 0; i < n; i++) {
        sum += parts[i].weight;
        if (kept > 0 && parts[kept - 1].value == parts[i].value)
            parts[kept - 1].weight += parts[i].weight;
        else
            parts[kept++] = parts[i];
    }
    if (!isfinite(sum))
        ws_prior_complain(p, p->place, "the weights of %s add up to infinity", p->family->name);
    for (size_t i = 0; i < kept; i++)
        parts[i].weight /= sum;
    p->prior->parts = parts;
    p->prior->n_parts = kept;
}

void ws_prior_read_values(struct ws_prior_reading *p) {
    if (p->node->kind != WS_NODE_MAP) {
        ws_prior_complain(p, p->node->place, "%s is given %s, wanted values and weights, for example %s",
                          p->family->name, ws_node_describe(p->node, p->arena), p->family->example);
        return;
    }
    for (size_t i = 0; i < p->node->n_items; i++)
        if (strcmp(p->node->items[i].key, "values") != 0 && strcmp(p->node->items[i].key, "weights") != 0)
            ws_prior_complain(p, p->node->items[i].place, "%s has no parameter '%.60s'; wanted values and weights",
                              p->family->name, p->node->items[i].key);
    const struct ws_node *values = take_list(p, "values"), *weights = take_list(p, "weights");
    if (!values && !p->failed)
        ws_prior_complain(p, p->place, "%s needs 'values'; for example %s", p->family->name, p->family->example);
    if (values && weights && values->n_items != weights->n_items)
        ws_prior_complain(p, weights->place, "%s has %zu values and %zu weights, wanted as many of each",
                          p->family->name, values->n_items, weights->n_items);
    if (p->failed)
        return;
    struct ws_prior_part *parts = WS_NEW_ARRAY(p->arena, struct ws_prior_part, values->n_items);
    for (size_t i = 0; i < values->n_items; i++) {
        parts[i].weight = 1;
        ws_prior_take_number(p, values->items[i].value, "values", &parts[i].value);
        if (weights && ws_prior_take_number(p, weights->items[i].value, "weights", &parts[i].weight) == 0 &&
            !(parts[i].weight > 0))
            ws_prior_complain(p, weights->items[i].value->place, "a weight of %s is %s, wanted more than 0",
                              p->family->name, weights->items[i].value->text);
    }
    if (!p->failed)
        settle_values(p, parts, values->n_items);
}

// ---- counts ----

// Counts have their values listed once their parameters are known to be good.
void ws_prior_list_counts(struct ws_prior_reading *p) {
    char text[256];
    struct ws_prior bare = *p->prior;
    bare.n_parts = 1;
    bare.shift = 0;
    bare.scale = 1;
    bare.low = -INFINITY;
    bare.high = INFINITY;
    bare.parts = &(struct ws_prior_part){.weight = 1};
    if (ws_prior_check(&bare, text, sizeof text)) {
        ws_prior_complain(p, p->place, "%s", text);
        return;
    }
    struct ws_prior_part *parts;
    p->prior->n_parts = ws_counts_parts(p->family, p->prior->p, p->arena, &parts);
    p->prior->parts = parts;
}

// ---- modifiers ----

void ws_prior_modify_values(struct ws_prior_reading *p) {
    struct ws_prior *prior = p->prior;
    struct ws_prior_part *parts = WS_NEW_ARRAY(p->arena, struct ws_prior_part, prior->n_parts + 1);
    double sum = 0, low = prior->low, high = prior->high;
    size_t kept = 0, n = prior->n_parts;
    for (size_t i = 0; i < n; i++) {
        struct ws_prior_part part = prior->parts[prior->scale < 0 ? n - 1 - i : i];
        part.value = prior->shift + prior->scale * part.value;
        if (!(part.value >= low && part.value <= high))
            continue;
        sum += part.weight;
        parts[kept++] = part;
    }
    for (size_t i = 0; i < kept; i++)
        parts[i].weight /= sum;
    if (kept == 0) {
        char from[32], to[32];
        ws_prior_complain(
            p, p->place, "truncate leaves none of the values of %s, which lie between %s and %s", p->family->name,
            ws_format_double(prior->shift + prior->scale * prior->parts[prior->scale < 0 ? n - 1 : 0].value, from),
            ws_format_double(prior->shift + prior->scale * prior->parts[prior->scale < 0 ? 0 : n - 1].value, to));
    }
    prior->parts = parts;
    prior->n_parts = kept;
    prior->shift = 0;
    prior->scale = 1;
    prior->low = -INFINITY;
    prior->high = INFINITY;
}
