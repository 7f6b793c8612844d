// SPDX-License-Identifier: GPL-3.0-or-later
// `run:`, a study's defaults for how it is run. Names of designs and generators are checked where they are known,
// above.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "study/loader.h"
#include "study/prior_parse.h"

// "p99.5" or 0.995
static int take_probability(struct ws_loader *loader, const struct ws_node *node, double *u) {
    int good = node->kind == WS_NODE_SCALAR && (ws_quantile_key(node->text, u) == 0 || ws_node_number(node, u) == 0);
    if (good && *u > 0 && *u < 1)
        return 0;
    ws_loader_complain(loader, node->place, "run",
                       "a quantile is %s, wanted one such as p99.5 or 0.995, between p0 and p100",
                       ws_node_describe(node, loader->arena));
    return -1;
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void load_quantiles(struct ws_loader *loader, const struct ws_node *node) {
    enum { MOST = 1000 };
    struct ws_study *study = loader->study;
    size_t count = node->kind == WS_NODE_LIST ? node->n_items : 1, n = 0;
    if (count > MOST) {
        ws_loader_complain(loader, node->place, "run", "%zu quantiles, at most %d are reported", count, (int)MOST);
        return;
    }
    double *quantiles = WS_NEW_ARRAY(loader->arena, double, count + 1);
    for (size_t i = 0; i < count; i++)
        n += take_probability(loader, node->kind == WS_NODE_LIST ? node->items[i].value : node, &quantiles[n]) == 0;
    qsort(quantiles, n, sizeof *quantiles, compare_doubles);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || quantiles[i] != quantiles[study->n_quantiles - 1])
            quantiles[study->n_quantiles++] = quantiles[i];
    study->quantiles = quantiles;
}

static void load_keep(struct ws_loader *loader, const struct ws_item *item) {
    struct ws_run_defaults *run = &loader->study->run;
    if (item->value->kind == WS_NODE_SCALAR && strcmp(item->value->text, "all") == 0)
        run->keep = UINT64_MAX;
    else if (ws_take_count(loader, item, "run", &run->keep))
        return;
    run->has_keep = 1;
}

// "0.1%" or 0.001
static void load_tolerance(struct ws_loader *loader, const struct ws_node *node) {
    double value = NAN;
    size_t length = node->kind == WS_NODE_SCALAR ? strlen(node->text) : 0;
    if (length > 1 && node->text[length - 1] == '%')
        ws_parse_double(ws_arena_printf(loader->arena, "%.*se-2", (int)(length - 1), node->text), &value);
    else
        ws_node_number(node, &value);
    if (!(value > 0 && value < 1)) {
        ws_loader_complain(loader, node->place, "run", "'tolerance' is %s, wanted a share such as 0.1%% or 0.001",
                           ws_node_describe(node, loader->arena));
        return;
    }
    loader->study->run.tolerance = value;
}

void ws_load_run(struct ws_loader *loader) {
    struct ws_run_defaults *run = &loader->study->run;
    const struct ws_node *node = ws_node_get(loader->root, "run");
    run->tolerance = NAN;
    if (!node)
        return;
    ws_take_fields(loader, node, WS_KEYS_RUN, "run", node->place, run);
    const struct ws_node *seed = ws_node_get(node, "seed"), *draws = ws_node_get(node, "draws");
    run->has_seed = seed != NULL;
    if (draws && strcmp(draws->text, "0") == 0)
        ws_loader_complain(loader, draws->place, "run", "'draws' is 0, wanted at least 1");
    const struct ws_node *widen = ws_node_get(node, "widen");
    if (widen && !(run->widen > 0))
        ws_loader_complain(loader, widen->place, "run", "'widen' is %s, wanted a factor above 0 such as 1.5",
                           widen->text);
    if (ws_node_get(node, "quantiles"))
        load_quantiles(loader, ws_node_get(node, "quantiles"));
    if (ws_node_get(node, "keep"))
        load_keep(loader, ws_node_find(node, "keep"));
    if (ws_node_get(node, "tolerance"))
        load_tolerance(loader, ws_node_get(node, "tolerance"));
}
