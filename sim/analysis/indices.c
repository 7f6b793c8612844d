// SPDX-License-Identifier: GPL-3.0-or-later
// Indices from given draws.
//
// First order: the rank estimator of Gamboa, Gremaud, Klein & Lagnoux 2022 ("Global sensitivity analysis: a novel
// generation of mighty estimators based on rank statistics", Bernoulli 28) in the form of von Neumann's ratio: with the
// draws ordered by the input, half the mean square difference of neighbours' outputs estimates E Var(Y | X). Neighbours
// are taken from different randomisations of the design, since within one of them points that are near in one
// coordinate are kept apart in the others; equal values of an input are ordered at random.
#include "analysis/indices.h"

#include <gsl/gsl_linalg.h>
#include <math.h>
#include <string.h>

#include "analysis/drivers.h"

enum { LEAST_DRAWS = 50 };

struct analyst {
    const struct ws_result *result;
    size_t n, n_inputs, per_chain;
    size_t *start;   // the draws in a random order
    size_t *work;    // of sorting: 2 n
    uint64_t *keys;  // n
    size_t *partner; // position in the order of each position's neighbour; n where there is none
    double *sorted;  // an output's values in the order
    double *ranks;   // unit ranks of the inputs, [input][draw]
    double *y;       // outputs in the scale of the analysis, [column][draw], NAN where invalid
};

// ---- one input's order ----

static void shuffle(struct analyst *a, struct ws_arena *arena) {
    double *random = WS_NEW_ARRAY(arena, double, a->n);
    for (size_t i = 0; i < a->n; i++) {
        uint64_t x = (i + 1) * UINT64_C(0x9E3779B97F4A7C15); // splitmix64
        x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
        x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
        random[i] = (double)(x >> 11);
        a->start[i] = i;
    }
    const size_t *order = ws_order(random, a->n, a->start, a->work, a->keys);
    memcpy(a->start, order, a->n * sizeof *order);
}

// Draws of one randomisation that follow one another in the order are all paired with the first of another one.
static void find_partners(struct analyst *a, const size_t *order) {
    size_t next = a->n;
    for (size_t j = a->n; j-- > 0;) {
        int apart = j + 1 < a->n && (a->per_chain == a->n || order[j] / a->per_chain != order[j + 1] / a->per_chain);
        if (apart)
            next = j + 1;
        a->partner[j] = next;
    }
}

// ---- first order ----

// Sums over the pairs of Z = D - (1 - S) e, D half the squared difference and e the pair's mean squared deviation.
// Neighbouring Z share a draw; what Z has in common with the one after the next is the trend along the input.
static double pair_variance(const struct analyst *a, double centre, double ratio) {
    double sum[3] = {0}, before[2] = {0};
    size_t n = 0;
    for (size_t j = 0; j < a->n; j++) {
        if (a->partner[j] == a->n || isnan(a->sorted[j]) || isnan(a->sorted[a->partner[j]]))
            continue;
        double u = a->sorted[j] - centre, v = a->sorted[a->partner[j]] - centre;
        double z = 0.5 * (u - v) * (u - v) - ratio * 0.5 * (u * u + v * v);
        sum[0] += z * z;
        sum[1] += z * before[0];
        sum[2] += z * before[1];
        before[1] = before[0];
        before[0] = z;
        n++;
    }
    double variance = sum[0] + 2 * (sum[1] - sum[2]);
    return fmax(variance, 0.25 * sum[0]) / ((double)n * (double)n);
}

static void find_first_order(const struct analyst *a, struct ws_index *index) {
    double mean = 0, square = 0, half = 0;
    size_t n = 0, pairs = 0;
    for (size_t j = 0; j < a->n; j++)
        if (!isnan(a->sorted[j])) {
            mean += a->sorted[j];
            n++;
        }
    mean /= (double)n;
    for (size_t j = 0; j < a->n; j++) {
        if (isnan(a->sorted[j]))
            continue;
        square += (a->sorted[j] - mean) * (a->sorted[j] - mean);
        if (a->partner[j] == a->n || isnan(a->sorted[a->partner[j]]))
            continue;
        double d = a->sorted[j] - a->sorted[a->partner[j]];
        half += 0.5 * d * d;
        pairs++;
    }
    double variance = square / ((double)n - 1);
    if (!(variance > 0) || pairs < LEAST_DRAWS)
        return;
    double ratio = half / (double)pairs / variance;
    index->first_order = 1 - ratio;
    index->first_order_se = sqrt(pair_variance(a, mean, ratio)) / variance;
}

// ---- swings ----

static void find_mean(const double *y, size_t n, int in_log, double *mean, double *se) {
    double sum = 0, square = 0;
    size_t valid = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(y[i])) {
            sum += y[i];
            valid++;
        }
    double centre = sum / (double)valid;
    for (size_t i = 0; i < n; i++)
        if (!isnan(y[i]))
            square += (y[i] - centre) * (y[i] - centre);
    *mean = in_log ? exp(centre) : centre;
    *se = valid > 1 ? sqrt(square / ((double)valid - 1) / (double)valid) * (in_log ? *mean : 1) : NAN;
}

// The tenths of the draws whose middles are p5 and p95, with all draws that equal their last one.
static void find_swing(const struct analyst *a, const double *x, const size_t *order, int in_log,
                       struct ws_index *index) {
    size_t tenth = (a->n + 9) / 10, low = tenth, high = a->n - tenth;
    while (low < a->n && x[order[low]] == x[order[low - 1]])
        low++;
    while (high > 0 && x[order[high - 1]] == x[order[high]])
        high--;
    find_mean(a->sorted, low, in_log, &index->low, &index->low_se);
    find_mean(a->sorted + high, a->n - high, in_log, &index->high, &index->high_se);
}

// ---- rank correlations ----

// Bonett & Wright 2000: (1 + r^2 / 2) (1 - r^2)^2 / (n - 3).
static double rank_se(double r, double n) { return sqrt((1 + r * r / 2) / (n - 3)) * (1 - r * r); }

// The inverse of the rank correlations among the inputs that vary, packed; NULL where they are dependent or too many.
static gsl_matrix *invert_correlations(const struct analyst *a, const size_t *varying, size_t p) {
    if (p == 0 || p > WS_MOST_PARTIAL || a->n < p + LEAST_DRAWS)
        return NULL;
    gsl_matrix *m = gsl_matrix_alloc(p, p);
    if (!m)
        return NULL;
    for (size_t i = 0; i < p; i++)
        for (size_t j = 0; j <= i; j++) {
            double r = i == j ? 1 : ws_dot(a->ranks + varying[i] * a->n, a->ranks + varying[j] * a->n, a->n);
            gsl_matrix_set(m, i, j, r);
            gsl_matrix_set(m, j, i, r);
        }
    if (gsl_linalg_cholesky_decomp1(m) || gsl_linalg_cholesky_invert(m)) {
        gsl_matrix_free(m);
        return NULL;
    }
    return m;
}

// With K the inverse of the inputs' correlations, r those with the output, b = K r and s = 1 - r b, the correlation of
// input i and the output given the other inputs is b_i / sqrt(s K_ii + b_i^2) (inverse of a bordered matrix).
static void find_partial(const gsl_matrix *k, const size_t *varying, double n, struct ws_index *row) {
    size_t p = k->size1;
    double rest = 1, b[WS_MOST_PARTIAL];
    for (size_t i = 0; i < p; i++) {
        b[i] = 0;
        for (size_t j = 0; j < p; j++)
            b[i] += gsl_matrix_get(k, i, j) * row[varying[j]].spearman;
        rest -= b[i] * row[varying[i]].spearman;
    }
    for (size_t i = 0; i < p && rest > 0; i++) {
        struct ws_index *index = &row[varying[i]];
        index->partial = b[i] / sqrt(rest * gsl_matrix_get(k, i, i) + b[i] * b[i]);
        index->partial_se = rank_se(index->partial, n - (double)(p - 1));
    }
}

static void find_all_partial(const struct analyst *a, size_t n_columns, struct ws_index *items,
                             struct ws_arena *arena) {
    size_t *varying = WS_NEW_ARRAY(arena, size_t, a->n_inputs + 1), p = 0;
    for (size_t i = 0; i < a->n_inputs; i++)
        if (!isnan(a->ranks[i * a->n]))
            varying[p++] = i;
    gsl_matrix *inverse = invert_correlations(a, varying, p);
    if (!inverse)
        return;
    for (size_t c = 0; c < n_columns; c++)
        if (!isnan(items[c * a->n_inputs + varying[0]].spearman))
            find_partial(inverse, varying, (double)a->n, items + c * a->n_inputs);
    gsl_matrix_free(inverse);
}

// ---- all together ----

static int choose_log(const double *y, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (isfinite(y[i]) && !(y[i] > 0))
            return 0;
    return 1;
}

static void prepare_outputs(struct analyst *a, size_t n_columns, unsigned char *in_log) {
    const struct ws_study *study = a->result->study;
    for (size_t c = 0; c < n_columns; c++) {
        const struct ws_quantity *q = &study->quantities[study->n_inputs + study->n_derived + c % study->n_outputs];
        const double *values = a->result->kept_outputs + c * a->n;
        in_log[c] = q->log_scale && choose_log(values, a->n);
        for (size_t i = 0; i < a->n; i++)
            a->y[c * a->n + i] = !isfinite(values[i]) ? (double)NAN : in_log[c] ? log(values[i]) : values[i];
    }
}

static void analyse_input(struct analyst *a, size_t input, size_t n_columns, const unsigned char *in_log,
                          struct ws_index *items) {
    const double *x = a->result->kept_inputs + input * a->n;
    const size_t *order = ws_order(x, a->n, a->start, a->work, a->keys);
    ws_unit_ranks(x, a->n, order, a->ranks + input * a->n);
    if (x[order[0]] == x[order[a->n - 1]])
        return;
    find_partners(a, order);
    for (size_t c = 0; c < n_columns; c++) {
        struct ws_index *index = &items[c * a->n_inputs + input];
        for (size_t j = 0; j < a->n; j++)
            a->sorted[j] = a->y[c * a->n + order[j]];
        find_first_order(a, index);
        find_swing(a, x, order, in_log[c], index);
    }
}

const struct ws_indices *ws_indices_make(const struct ws_result *result, struct ws_arena *arena) {
    size_t n = result->n_kept, n_inputs = result->study->n_inputs;
    size_t n_columns = result->n_cases * result->study->n_outputs;
    const double *spearman = ws_spearman(result, arena);
    struct ws_index *items = WS_NEW_ARRAY(arena, struct ws_index, n_columns * n_inputs + 1);
    unsigned char *in_log = WS_NEW_ARRAY(arena, unsigned char, n_columns + 1);
    struct ws_indices *indices = WS_NEW(arena, struct ws_indices);
    *indices = (struct ws_indices){items, in_log};
    for (size_t k = 0; k < n_columns * n_inputs; k++)
        items[k] =
            (struct ws_index){spearman[k], rank_se(spearman[k], (double)n), NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    if (n < LEAST_DRAWS)
        return indices;
    struct analyst a = {.result = result,
                        .n = n,
                        .n_inputs = n_inputs,
                        .per_chain = n / result->replicates,
                        .start = WS_NEW_ARRAY(arena, size_t, n),
                        .work = WS_NEW_ARRAY(arena, size_t, 2 * n),
                        .keys = WS_NEW_ARRAY(arena, uint64_t, n),
                        .partner = WS_NEW_ARRAY(arena, size_t, n),
                        .sorted = WS_NEW_ARRAY(arena, double, n),
                        .ranks = WS_NEW_ARRAY(arena, double, n *n_inputs + 1),
                        .y = WS_NEW_ARRAY(arena, double, n *n_columns + 1)};
    shuffle(&a, arena);
    prepare_outputs(&a, n_columns, in_log);
    for (size_t i = 0; i < n_inputs; i++)
        analyse_input(&a, i, n_columns, in_log, items);
    find_all_partial(&a, n_columns, items, arena);
    return indices;
}

const struct ws_indices *ws_indices_find(const struct ws_result *result, struct ws_arena *arena) {
    return result->indices ? result->indices : ws_indices_make(result, arena);
}

const struct ws_index *ws_indices_of(const struct ws_indices *indices, const struct ws_result *result,
                                     size_t case_index, size_t output) {
    return indices->items + (case_index * result->study->n_outputs + output) * result->study->n_inputs;
}

size_t ws_weak_points(const struct ws_result *result, const struct ws_indices *indices, struct ws_weak_point *points) {
    const double most = 0.8;
    const struct ws_study *study = result->study;
    size_t n = 0;
    for (size_t o = 0; o < study->n_outputs; o++) {
        const struct ws_index *row = ws_indices_of(indices, result, 0, o);
        for (size_t i = 0; i < study->n_inputs; i++) {
            const char *basis = study->quantities[i].basis;
            int unseen = strcmp(basis, "assumed") == 0 || strcmp(basis, "recalled") == 0;
            if (unseen && row[i].first_order > most)
                points[n++] = (struct ws_weak_point){o, i, row[i].first_order, indices->in_log[o]};
        }
    }
    return n;
}
