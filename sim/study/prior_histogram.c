// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/prior_mixture.h"

#include <math.h>
#include <string.h>

enum { MAX_BINS = 100 };

struct reading {
    const char *subject;
    struct ws_arena *arena;
    struct ws_messages *messages;
};

// The numbers of a list under a key; NULL with a message where there is no such list.
static const double *read_list(const struct reading *r, const struct ws_node *map, struct ws_place place,
                               const char *key, size_t *n) {
    const struct ws_item *item = ws_node_find(map, key);
    const struct ws_node *list = item ? item->value : NULL;
    if (!list || list->kind != WS_NODE_LIST || list->n_items == 0 || list->n_items > MAX_BINS + 1) {
        ws_complain(r->messages, list ? list->place : place, "%s: '%s' is %s, wanted a list of up to %d numbers",
                    r->subject, key, list ? ws_node_describe(list, r->arena) : "missing", (int)MAX_BINS + 1);
        return NULL;
    }
    double *values = WS_NEW_ARRAY(r->arena, double, list->n_items);
    *n = list->n_items;
    for (size_t i = 0; i < list->n_items; i++) {
        const struct ws_node *value = list->items[i].value;
        if (ws_node_number(value, &values[i]) == 0)
            continue;
        ws_complain(r->messages, value->place, "%s: '%s' holds %s, wanted a number%s", r->subject, key,
                    ws_node_describe(value, r->arena), ws_number_hint(value));
        return NULL;
    }
    return values;
}

static struct ws_prior *make_uniform(const struct reading *r, double low, double high) {
    struct ws_prior *prior = WS_NEW(r->arena, struct ws_prior);
    *prior = (struct ws_prior){.family = ws_family_find("uniform"),
                               .p = {low, high},
                               .scale = 1,
                               .low = -INFINITY,
                               .high = INFINITY,
                               .text = "one bin"};
    return prior;
}

static int check(const struct reading *r, const struct ws_node *node, const double *edges, size_t n_edges,
                 const double *weights, size_t n_weights) {
    size_t errors = r->messages->errors;
    const struct ws_node *edge_list = ws_node_get(node, "edges"), *weight_list = ws_node_get(node, "weights");
    if (n_edges != n_weights + 1)
        ws_complain(r->messages, weight_list->place, "%s: %zu edges make %zu bin%s, found %zu weight%s", r->subject,
                    n_edges, n_edges - 1, n_edges == 2 ? "" : "s", n_weights, n_weights == 1 ? "" : "s");
    for (size_t i = 1; i < n_edges; i++)
        if (!(edges[i - 1] < edges[i])) {
            ws_complain(r->messages, edge_list->items[i].place, "%s: edges rise, found %s after %s", r->subject,
                        edge_list->items[i].value->text, edge_list->items[i - 1].value->text);
            break;
        }
    for (size_t i = 0; i < n_weights; i++)
        if (!(weights[i] >= 0))
            ws_complain(r->messages, weight_list->items[i].place, "%s: the weight of a bin is %s, wanted 0 or more",
                        r->subject, weight_list->items[i].value->text);
    return r->messages->errors > errors ? -1 : 0;
}

int ws_histogram_parse(struct ws_prior *prior, const struct ws_node *node, struct ws_place place, const char *subject,
                       struct ws_arena *arena, struct ws_messages *messages) {
    const struct reading r = {subject, arena, messages};
    size_t errors = messages->errors, n_edges = 0, n_weights = 0;
    if (node->kind != WS_NODE_MAP) {
        ws_complain(messages, place, "%s: a histogram is given %s, wanted edges and weights, for example %s", subject,
                    ws_node_describe(node, arena), ws_family_find("histogram")->example);
        return -1;
    }
    for (size_t i = 0; i < node->n_items; i++)
        if (strcmp(node->items[i].key, "edges") != 0 && strcmp(node->items[i].key, "weights") != 0)
            ws_complain(messages, node->items[i].place,
                        "%s: histogram has no parameter '%.60s'; wanted edges and weights", subject,
                        node->items[i].key);
    const double *edges = read_list(&r, node, place, "edges", &n_edges);
    const double *weights = read_list(&r, node, place, "weights", &n_weights);
    if (messages->errors > errors || check(&r, node, edges, n_edges, weights, n_weights))
        return -1;
    struct ws_prior_part *parts = WS_NEW_ARRAY(arena, struct ws_prior_part, n_weights);
    double sum = 0;
    for (size_t i = 0; i < n_weights; i++)
        sum += weights[i];
    for (size_t i = 0; i < n_weights; i++)
        if (weights[i] > 0)
            parts[prior->n_parts++] =
                (struct ws_prior_part){.weight = weights[i] / sum, .prior = make_uniform(&r, edges[i], edges[i + 1])};
    prior->parts = parts;
    if (prior->n_parts > 0 && isfinite(sum))
        return 0;
    ws_complain(messages, place, "%s: the weights of a histogram add up to %s, wanted more than 0", subject,
                sum > 0 ? "infinity" : "0");
    return -1;
}
