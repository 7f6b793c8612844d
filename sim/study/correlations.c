// SPDX-License-Identifier: GPL-3.0-or-later
// `correlations`: pairs of inputs that move together, and the groups of inputs that are drawn jointly for it.
#include <math.h>
#include <string.h>

#include "prior/dependence.h"
#include "prior/matrix.h"
#include "study/loader.h"
#include "study/sweep.h"

static const char *const measures[] = {
    [WS_SPEARMAN] = "spearman", [WS_KENDALL] = "kendall", [WS_GAUSSIAN] = "gaussian"};

// ---- one pair ----

// An end of the pair: an input that varies and is a number. SIZE_MAX where it is not; *fixed where --set or a sweep has
// made it a constant, which ends its correlations without an error.
static size_t take_end(struct ws_loader *loader, const struct ws_node *name, int *fixed) {
    const char *what = ws_node_describe(name, loader->arena);
    size_t index = name->kind == WS_NODE_SCALAR ? ws_loader_find(loader, name->text) : SIZE_MAX;
    if (index == SIZE_MAX) {
        ws_loader_complain(loader, name->place, "correlations", "%s is no input of the study%s", what,
                           name->kind == WS_NODE_SCALAR
                               ? ws_suggestion(loader->arena, name->text, loader->names, loader->study->n_quantities)
                               : "");
        return SIZE_MAX;
    }
    const struct ws_quantity *q = &loader->study->quantities[index];
    if (q->role != WS_INPUT) {
        ws_loader_complain(loader, name->place, "correlations",
                           "'%s' has a formula; only inputs are drawn, and what they cause follows by itself", q->name);
        return SIZE_MAX;
    }
    if (loader->drafts[index].bad)
        return SIZE_MAX;
    for (size_t k = 0; k < q->n_given; k++)
        if (q->given_priors[k]->family->kind != WS_CONTINUOUS || ws_prior_has_ties(q->given_priors[k])) {
            ws_loader_complain(loader, name->place, "correlations",
                               "'%s' has a conditional prior that is not continuous for every label", q->name);
            return SIZE_MAX;
        }
    if (q->n_shares) {
        ws_loader_complain(loader, name->place, "correlations",
                           "'%s' is a share of a whole, which moves with the other shares already", q->name);
        return SIZE_MAX;
    }
    if (!q->prior)
        return q->n_given ? index : SIZE_MAX;
    if (ws_prior_is_categorical(q->prior)) {
        ws_loader_complain(loader, name->place, "correlations",
                           "'%s' has labels, which have no order; use a conditional prior (given: %s) instead", q->name,
                           q->name);
        return SIZE_MAX;
    }
    if (ws_prior_is_constant(q->prior)) {
        const struct ws_node *prior = ws_node_get(loader->drafts[index].entry, "prior");
        *fixed = (prior && prior->place.file && strcmp(prior->place.file, WS_COMMAND_LINE) == 0) ||
                 ws_sweep_has(loader->root, q->name, loader->arena);
        if (!*fixed)
            ws_loader_complain(loader, name->place, "correlations", "'%s' is a constant, which moves with nothing",
                               q->name);
        return SIZE_MAX;
    }
    return index;
}

// Which measure the entry gives, and its value; nonzero with a message where not exactly one.
static int take_measure(struct ws_loader *loader, const struct ws_node *entry, struct ws_correlation *pair) {
    int found = 0;
    for (int m = 0; m < 3; m++) {
        const struct ws_item *item = ws_node_find(entry, measures[m]);
        if (!item)
            continue;
        found++;
        pair->measure = m;
        if (ws_take_number(loader, item, "correlations", &pair->value))
            return -1;
        if (!(fabs(pair->value) < 1)) {
            ws_loader_complain(loader, item->value->place, "correlations",
                               "'%s' is %s, wanted more than -1 and less than 1%s", item->key, item->value->text,
                               fabs(pair->value) == 1 ? "; of two that always move together one follows from the "
                                                        "other: give it a formula"
                                                      : "");
            return -1;
        }
    }
    if (found == 1)
        return 0;
    ws_loader_complain(loader, entry->place, "correlations",
                       "a pair has one of spearman, kendall and gaussian, found %d", found);
    return -1;
}

static const struct ws_prior *prior_of(const struct ws_quantity *q) {
    return q->prior ? q->prior
                    : q->given_priors[0]; // any continuous one: the scores' correlation does not depend on it
}

// 0 where *pair is complete; *ended where --set has ended it.
static int take_pair(struct ws_loader *loader, const struct ws_node *entry, struct ws_correlation *pair, int *ended) {
    if (entry->kind != WS_NODE_MAP) {
        ws_loader_complain(loader, entry->place, "correlations",
                           "an entry is %s, wanted {between: [a, b], spearman: 0.6}",
                           ws_node_describe(entry, loader->arena));
        return -1;
    }
    size_t before = loader->messages->errors;
    ws_take_fields(loader, entry, WS_KEYS_CORRELATION, "correlations", entry->place, pair);
    const struct ws_node *between = ws_node_get(entry, "between");
    if (!between)
        return -1;
    if (between->kind != WS_NODE_LIST || between->n_items != 2) {
        ws_loader_complain(loader, between->place, "correlations", "'between' is %s, wanted two inputs, [a, b]",
                           ws_node_line(between, loader->arena));
        return -1;
    }
    int fixed[2] = {0};
    pair->place = entry->place;
    pair->a = take_end(loader, between->items[0].value, &fixed[0]);
    pair->b = take_end(loader, between->items[1].value, &fixed[1]);
    int bad = take_measure(loader, entry, pair);
    *ended = (fixed[0] || fixed[1]) && loader->messages->errors == before;
    if (*ended)
        ws_message_add(
            loader->messages, WS_SEVERITY_NOTE, pair->place,
            "correlations: '%s' and '%s' no longer move together, since --set or the sweep makes %s a constant",
            between->items[0].value->text, between->items[1].value->text,
            fixed[0] && fixed[1] ? "both"
            : fixed[0]           ? "the first"
                                 : "the second");
    if (bad || pair->a == SIZE_MAX || pair->b == SIZE_MAX || loader->messages->errors > before)
        return -1;
    if (pair->a == pair->b) {
        ws_loader_complain(loader, between->place, "correlations", "'%s' is paired with itself",
                           loader->study->quantities[pair->a].name);
        return -1;
    }
    char text[256];
    if (ws_scores_correlation(pair->measure, pair->value, prior_of(&loader->study->quantities[pair->a]),
                              prior_of(&loader->study->quantities[pair->b]), &pair->score, text, sizeof text)) {
        ws_loader_complain(loader, entry->place, "correlations", "%s", text);
        return -1;
    }
    return 0;
}

static int is_same_pair(const struct ws_correlation *x, const struct ws_correlation *y) {
    return (x->a == y->a && x->b == y->b) || (x->a == y->b && x->b == y->a);
}

static void take_pairs(struct ws_loader *loader, const struct ws_node *list) {
    struct ws_study *study = loader->study;
    struct ws_correlation *pairs = WS_NEW_ARRAY(loader->arena, struct ws_correlation, list->n_items + 1);
    struct ws_node *left = ws_node_list(loader->arena, list->place);
    size_t n = 0;
    for (size_t i = 0; i < list->n_items; i++) {
        int ended = 0;
        pairs[n] = (struct ws_correlation){.source = "", .note = ""};
        int bad = take_pair(loader, list->items[i].value, &pairs[n], &ended);
        if (!ended)
            ws_node_set(loader->arena, left, NULL, list->items[i].place, list->items[i].value);
        if (bad)
            continue;
        for (size_t k = 0; k < n; k++)
            if (is_same_pair(&pairs[k], &pairs[n]))
                ws_loader_complain(loader, pairs[n].place, "correlations", "the pair '%s', '%s' is there twice",
                                   study->quantities[pairs[n].a].name, study->quantities[pairs[n].b].name);
        n++;
    }
    if (left->n_items < list->n_items) // so that a result, which has the merged study, repeats itself
        ws_node_set(loader->arena, loader->root, "correlations", list->place, left);
    study->correlations = pairs;
    study->n_correlations = n;
}

// ---- groups that are drawn jointly ----

// Every input's group: the least input that it is connected with.
static void find_groups(const struct ws_study *study, size_t *group) {
    for (size_t i = 0; i < study->n_inputs; i++)
        group[i] = i;
    for (int changed = 1; changed;) {
        changed = 0;
        for (size_t k = 0; k < study->n_correlations; k++) {
            size_t *a = &group[study->correlations[k].a], *b = &group[study->correlations[k].b];
            if (*a != *b) {
                *a = *b = *a < *b ? *a : *b;
                changed = 1;
            }
        }
    }
}

static size_t position(const struct ws_joint *joint, size_t input) {
    size_t i = 0;
    while (i < joint->n && joint->inputs[i] != input)
        i++;
    return i;
}

static int is_in(const struct ws_joint *joint, const struct ws_correlation *pair) {
    return position(joint, pair->a) < joint->n;
}

// Rounds a matrix to the four digits that are printed of it, nearer to independence by as little as leaves it a factor:
// who writes down what was printed has a matrix that holds.
static int round_matrix(double *matrix, size_t n, double *factor, struct ws_arena *arena) {
    double *rounded = WS_NEW_ARRAY(arena, double, n *n);
    for (double shrink = 0; shrink<0.5; shrink = shrink> 0 ? 2 * shrink : 1e-5) {
        for (size_t k = 0; k < n * n; k++)
            rounded[k] = k / n == k % n ? 1 : rint(1e4 * (1 - shrink) * matrix[k]) / 1e4;
        if (ws_matrix_factor(rounded, n, factor) == 0) {
            memcpy(matrix, rounded, n * n * sizeof *matrix);
            return 0;
        }
    }
    return -1;
}

static const struct ws_correlation *farthest_moved(const struct ws_study *study, const struct ws_joint *joint,
                                                   const double *nearest) {
    const struct ws_correlation *worst = NULL;
    double most = -1;
    for (size_t k = 0; k < study->n_correlations; k++) {
        const struct ws_correlation *pair = &study->correlations[k];
        double moved = is_in(joint, pair)
                           ? fabs(nearest[position(joint, pair->a) * joint->n + position(joint, pair->b)] - pair->score)
                           : -1;
        if (moved > most) {
            most = moved;
            worst = pair;
        }
    }
    return worst;
}

// Where the nearest matrix has the pairs, those too that were not asked for.
static const char *describe_moves(struct ws_loader *loader, const struct ws_joint *joint, const double *asked,
                                  const double *nearest) {
    enum { MOST = 100 };
    struct ws_text text = {.arena = loader->arena};
    size_t n = 0;
    for (size_t i = 0; i < joint->n; i++)
        for (size_t j = i + 1; j < joint->n; j++) {
            size_t at = i * joint->n + j;
            if ((asked[at] == 0 && nearest[at] == 0) || n++ >= MOST)
                continue;
            ws_text_printf(&text, "%s%s-%s %.4f (is %.4f)", text.length ? ", " : "",
                           loader->study->quantities[joint->inputs[i]].name,
                           loader->study->quantities[joint->inputs[j]].name, nearest[at], asked[at]);
        }
    if (n > MOST)
        ws_text_printf(&text, " and %zu more", n - MOST);
    return text.data;
}

// Writes the nearest matrix into the merged study, so that a result repeats itself.
static void write_back(struct ws_loader *loader, const struct ws_joint *joint, const double *nearest) {
    const struct ws_item *item = ws_node_find(loader->root, "correlations");
    struct ws_node *list = ws_node_list(loader->arena, item->value->place);
    for (size_t k = 0; k < item->value->n_items; k++) {
        const struct ws_node *entry = item->value->items[k].value;
        size_t a = ws_loader_find(loader, ws_node_get(entry, "between")->items[0].value->text);
        if (position(joint, a) == joint->n)
            ws_node_set(loader->arena, list, NULL, entry->place, entry);
    }
    for (size_t i = 0; i < joint->n; i++)
        for (size_t j = 0; j < i; j++) {
            char number[32];
            struct ws_place place = item->value->place;
            if (fabs(nearest[i * joint->n + j]) < 1e-9)
                continue;
            struct ws_node *entry = ws_node_map(loader->arena, place), *between = ws_node_list(loader->arena, place);
            entry->flow = between->flow = 1;
            const size_t ends[] = {joint->inputs[j], joint->inputs[i]};
            for (int e = 0; e < 2; e++)
                ws_node_set(loader->arena, between, NULL, place,
                            ws_node_scalar(loader->arena, loader->study->quantities[ends[e]].name, 0, place));
            ws_node_set(loader->arena, entry, "between", place, between);
            ws_node_set(
                loader->arena, entry, "gaussian", place,
                ws_node_scalar(loader->arena,
                               ws_arena_copy(loader->arena, ws_format_double(nearest[i * joint->n + j], number)), 0,
                               place));
            ws_node_set(loader->arena, list, NULL, place, entry);
        }
    ws_node_set(loader->arena, loader->root, "correlations", item->place, list);
}

static void repair(struct ws_loader *loader, struct ws_joint *joint, double *matrix, double *factor) {
    double *nearest = WS_NEW_ARRAY(loader->arena, double, joint->n * joint->n);
    int failed = ws_matrix_nearest(matrix, joint->n, nearest) || round_matrix(nearest, joint->n, factor, loader->arena);
    const struct ws_correlation *worst = farthest_moved(loader->study, joint, nearest);
    const char *moves = describe_moves(loader, joint, matrix, nearest);
    const char *ends = ws_arena_printf(loader->arena, "'%s' and '%s'", loader->study->quantities[worst->a].name,
                                       loader->study->quantities[worst->b].name);
    if (failed || !loader->repair) {
        ws_loader_complain(loader, worst->place, "correlations",
                           "these cannot all hold (the matrix is not positive definite), least of all that of %s; the "
                           "nearest that can, each as 'gaussian': %s; --repair-correlations takes them",
                           ends, moves);
        return;
    }
    ws_warn(loader->messages, worst->place,
            "correlations repaired to the nearest that can hold, each as 'gaussian': %s", moves);
    memcpy(matrix, nearest, joint->n * joint->n * sizeof *matrix);
    write_back(loader, joint, nearest);
}

static void make_joint(struct ws_loader *loader, struct ws_joint *joint, const size_t *group, size_t first) {
    struct ws_study *study = loader->study;
    size_t *inputs = WS_NEW_ARRAY(loader->arena, size_t, study->n_inputs + 1);
    for (size_t i = first; i < study->n_inputs; i++)
        if (group[i] == first)
            inputs[joint->n++] = i;
    joint->inputs = inputs;
    double *matrix = WS_NEW_ARRAY(loader->arena, double, joint->n * joint->n);
    double *factor = WS_NEW_ARRAY(loader->arena, double, joint->n *(joint->n + 1) / 2);
    for (size_t i = 0; i < joint->n; i++)
        matrix[i * joint->n + i] = 1;
    for (size_t k = 0; k < study->n_correlations; k++) {
        const struct ws_correlation *pair = &study->correlations[k];
        if (!is_in(joint, pair))
            continue;
        size_t a = position(joint, pair->a), b = position(joint, pair->b);
        matrix[a * joint->n + b] = matrix[b * joint->n + a] = pair->score;
    }
    joint->correlation = matrix;
    joint->factor = factor;
    if (ws_matrix_factor(matrix, joint->n, factor))
        repair(loader, joint, matrix, factor);
}

static int has_partner(const size_t *group, size_t n, size_t input) {
    for (size_t i = 0; i < n; i++)
        if (i != input && group[i] == group[input])
            return 1;
    return 0;
}

void ws_load_correlations(struct ws_loader *loader) {
    struct ws_study *study = loader->study;
    const struct ws_item *item = ws_node_find(loader->root, "correlations");
    size_t before = loader->messages->errors;
    if (!item || ws_node_is_null(item->value))
        return;
    take_pairs(loader, item->value);
    if (loader->messages->errors > before)
        return;
    size_t *group = WS_NEW_ARRAY(loader->arena, size_t, study->n_inputs + 1);
    struct ws_joint *joints = WS_NEW_ARRAY(loader->arena, struct ws_joint, study->n_inputs + 1);
    find_groups(study, group);
    for (size_t i = 0; i < study->n_inputs; i++)
        if (group[i] == i && has_partner(group, study->n_inputs, i))
            make_joint(loader, &joints[study->n_joints++], group, i);
    study->joints = joints;
}
