// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/dependence.h"

#include <math.h>

#include "analysis/drivers.h"
#include "numeric/order.h"
#include "prior/dependence.h"

const char *ws_measure_name(const struct ws_correlation *pair) {
    static const char *const names[] = {
        [WS_SPEARMAN] = "spearman", [WS_KENDALL] = "kendall", [WS_GAUSSIAN] = "gaussian"};
    return names[pair->measure];
}

// Of a conditional prior, any one: all are continuous, and the rank correlation is that within a label.
static const struct ws_prior *prior_of(const struct ws_quantity *q) {
    return q->n_given ? q->given_priors[0] : q->prior;
}

static int is_in(const struct ws_joint *joint, size_t input, size_t *position) {
    for (size_t i = 0; i < joint->n; i++)
        if (joint->inputs[i] == input) {
            *position = i;
            return 1;
        }
    return 0;
}

static double score_of(const struct ws_study *study, size_t a, size_t b) {
    size_t i, j;
    for (size_t k = 0; k < study->n_joints; k++)
        if (is_in(&study->joints[k], a, &i) && is_in(&study->joints[k], b, &j))
            return study->joints[k].correlation[i * study->joints[k].n + j];
    return 0;
}

static size_t *joint_inputs(const struct ws_study *study, size_t *n, struct ws_arena *arena) {
    size_t *inputs = WS_NEW_ARRAY(arena, size_t, study->n_inputs + 1), position;
    for (size_t i = 0; i < study->n_inputs; i++)
        for (size_t k = 0; k < study->n_joints; k++)
            if (is_in(&study->joints[k], i, &position))
                inputs[(*n)++] = i;
    return inputs;
}

static const double *realise(const struct ws_dependence *d, const struct ws_result *result, struct ws_arena *arena) {
    size_t n = result->n_kept;
    double *realised = WS_NEW_ARRAY(arena, double, d->n * d->n + 1);
    double *ranks = WS_NEW_ARRAY(arena, double, d->n *n + 1);
    uint32_t *work = WS_NEW_ARRAY(arena, uint32_t, 2 * n + 1);
    for (size_t i = 0; n >= 3 && i < d->n; i++) {
        const double *x = result->kept_inputs + d->inputs[i] * n;
        double *own = ranks + i * n;
        ws_unit_ranks(x, n, ws_order(x, n, NULL, work, (uint64_t *)own), own);
    }
    for (size_t i = 0; i < d->n; i++)
        for (size_t j = 0; j <= i; j++) {
            double r = n >= 3 ? ws_dot(ranks + i * n, ranks + j * n, n) : NAN;
            realised[i * d->n + j] = realised[j * d->n + i] = i == j && n >= 3 && !isnan(r) ? 1 : r;
        }
    return realised;
}

static size_t place_of(const struct ws_dependence *d, size_t input) {
    size_t i = 0;
    while (d->inputs[i] != input)
        i++;
    return i;
}

// Of the pairs that ask for it alone: it takes longer than ranks do.
static void add_kendall(struct ws_dependence *d, const struct ws_study *study, const struct ws_result *result,
                        struct ws_arena *arena) {
    size_t asked = 0, n = result->n_kept;
    for (size_t k = 0; k < study->n_correlations; k++)
        asked += study->correlations[k].measure == WS_KENDALL;
    if (asked == 0)
        return;
    double *requested = WS_NEW_ARRAY(arena, double, d->n * d->n), *realised = WS_NEW_ARRAY(arena, double, d->n * d->n);
    for (size_t i = 0; i < d->n * d->n; i++)
        requested[i] = realised[i] = NAN;
    for (size_t k = 0; k < study->n_correlations; k++) {
        const struct ws_correlation *pair = &study->correlations[k];
        if (pair->measure != WS_KENDALL)
            continue;
        size_t i = place_of(d, pair->a), j = place_of(d, pair->b);
        requested[i * d->n + j] = requested[j * d->n + i] = pair->value;
        if (n >= 3)
            realised[i * d->n + j] = realised[j * d->n + i] =
                ws_kendall(result->kept_inputs + pair->a * n, result->kept_inputs + pair->b * n, n, arena);
    }
    d->kendall_requested = requested;
    d->kendall_realised = realised;
}

struct ws_dependence ws_dependence_make(const struct ws_study *study, const struct ws_result *result,
                                        struct ws_arena *arena) {
    struct ws_dependence d = {0};
    d.inputs = joint_inputs(study, &d.n, arena);
    double *scores = WS_NEW_ARRAY(arena, double, d.n *d.n + 1), *requested = WS_NEW_ARRAY(arena, double, d.n *d.n + 1);
    for (size_t i = 0; i < d.n; i++)
        for (size_t j = 0; j <= i; j++) {
            const struct ws_quantity *a = &study->quantities[d.inputs[i]], *b = &study->quantities[d.inputs[j]];
            double r = i == j ? 1 : score_of(study, d.inputs[i], d.inputs[j]);
            double rho = i == j || r == 0 ? r : ws_spearman_of_scores(prior_of(a), prior_of(b), r);
            scores[i * d.n + j] = scores[j * d.n + i] = r;
            requested[i * d.n + j] = requested[j * d.n + i] = rho;
        }
    d.scores = scores;
    d.requested = requested;
    if (result && d.n) {
        d.realised = realise(&d, result, arena);
        add_kendall(&d, study, result, arena);
    }
    return d;
}
