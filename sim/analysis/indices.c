// SPDX-License-Identifier: GPL-3.0-or-later
// Indices from given draws.
//
// First order: the rank estimator of Gamboa, Gremaud, Klein & Lagnoux 2022 ("Global sensitivity analysis: a novel
// generation of mighty estimators based on rank statistics", Bernoulli 28) in the form of von Neumann's ratio: with the
// draws ordered by the input, half the mean square difference of neighbours' outputs estimates E Var(Y | X). Neighbours
// are taken from different randomisations of the design, since within one of them points that are near in one
// coordinate are kept apart in the others; equal values of an input are ordered at random.
//
// Draws given evidence are drawn with replacement: copies of one draw follow one another in every order, count as draws
// do, but are no neighbours of each other, and errors are those of n^2 / sum of (copies of a draw)^2 draws (Kish 1965,
// "Survey sampling", section 11.7).
#include "analysis/indices.h"

#include <gsl/gsl_linalg.h>
#include <math.h>
#include <string.h>

#include "analysis/drivers.h"
#include "analysis/summary.h"
#include "engine/threads.h"
#include "numeric/neighbours.h"
#include "numeric/order.h"
#include "study/sweep.h"

enum { LEAST_DRAWS = 50 };

struct scratch {    // of a thread
    uint32_t *work; // of sorting: 2 n
    uint64_t *keys; // n
    struct ws_pair *pairs;
};

// Columns are analysed in strips of WS_LANES side by side; the last strip may have columns of zeros behind it.
struct analyst {
    const struct ws_result *result;
    const struct ws_neighbour_kernels *kernels;
    size_t n, n_inputs, n_columns, n_strips, per_chain;
    const uint64_t *address; // given evidence: which draw of the run each one is; else NULL
    double n_effective;      // draws that the errors are of
    uint32_t *start;         // the draws in a random order, copies of one together
    double *ranks;           // unit ranks of the inputs, [input][draw]
    struct ws_strip *strips; // outputs in the scale of the analysis, about their means
    double *mean, *variance; // of each column
    int *constant;           // of each column: but for rounding it does not vary
    unsigned char *in_log;   // of each column
    struct ws_index *items;
    struct scratch *scratch;
};

// ---- one input's order ----

static void shuffle(struct analyst *a, struct ws_arena *arena) {
    double *random = WS_NEW_ARRAY(arena, double, a->n + 1);
    a->start = WS_NEW_ARRAY(arena, uint32_t, a->n + 1);
    for (size_t i = 0; i < a->n; i++) {
        uint64_t x = ((a->address ? a->address[i] : i) + 1) * UINT64_C(0x9E3779B97F4A7C15); // splitmix64
        x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
        x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
        random[i] = (double)(x >> 11);
    }
    const uint32_t *order = ws_order(random, a->n, NULL, a->scratch[0].work, a->scratch[0].keys);
    memcpy(a->start, order, a->n * sizeof *order);
}

// Whether two draws are copies of one.
static int is_copy(const struct analyst *a, size_t i, size_t j) { return a->address && a->address[i] == a->address[j]; }

// Whether two draws, no copies, are of different randomisations.
static int are_apart(const struct analyst *a, size_t i, size_t j) {
    return a->per_chain == a->n || i / a->per_chain != j / a->per_chain;
}

static double count_effective(const struct analyst *a) {
    double squares = 0;
    for (size_t i = 0, copies; i < a->n; i += copies) {
        copies = 1;
        while (i + copies < a->n && is_copy(a, a->start[i], a->start[i + copies]))
            copies++;
        squares += (double)copies * (double)copies;
    }
    return (double)a->n * (double)a->n / squares;
}

// Neighbours in the order, at the end of `pairs`, which holds n. Draws of one randomisation that follow one another are
// all paired with the first of another one.
static const struct ws_pair *list_pairs(const struct analyst *a, const uint32_t *order, struct ws_pair *pairs,
                                        size_t *count) {
    struct ws_pair *first = pairs + a->n;
    size_t next = a->n;
    int again = 0; // whether j is a copy of the one before
    for (size_t j = a->n; j-- > 0;) {
        const int next_again = again;
        again = j > 0 && is_copy(a, order[j - 1], order[j]);
        if (j + 1 < a->n && !next_again && are_apart(a, order[j], order[j + 1]))
            next = j + 1;
        if (next < a->n)
            *--first = (struct ws_pair){order[j], order[next], again};
    }
    *count = (size_t)(pairs + a->n - first);
    return first;
}

// ---- first order ----

// With D half the squared difference of a pair, the mean of D estimates E Var(Y | X). Its error is that of the sum of
// Z = D - (1 - S) e, e the pair's mean squared deviation: neighbouring Z share a draw, and what Z has in common with
// the one after the next is the trend along the input. The copies of a draw have one Z, the sum over their pairs.
static void find_first_order(const struct analyst *a, const struct ws_pair *pairs, size_t n_pairs, size_t input,
                             size_t strip) {
    struct ws_strip_sums sums;
    double ratio[WS_LANES] __attribute__((aligned(64))) = {0};
    size_t first = strip * WS_LANES, count = a->n_columns - first < WS_LANES ? a->n_columns - first : WS_LANES;
    a->kernels->half_squares(&a->strips[strip], pairs, n_pairs, &sums);
    for (size_t k = 0; k < count; k++)
        ratio[k] = 0.5 * sums.half_squares[k] / (sums.pairs[k] * a->variance[first + k]);
    a->kernels->products(&a->strips[strip], pairs, n_pairs, ratio, &sums);
    for (size_t k = 0; k < count; k++) {
        double n = sums.pairs[k], variance = a->variance[first + k];
        if (!(variance > 0) || a->constant[first + k] || n < LEAST_DRAWS)
            continue;
        struct ws_index *index = &a->items[(first + k) * a->n_inputs + input];
        double spread = sums.products[0][k] + 2 * (sums.products[1][k] - sums.products[2][k]);
        index->first_order = 1 - sums.half_squares[k] / n / variance;
        index->first_order_se = sqrt(fmax(spread, 0.25 * sums.products[0][k])) / n / variance;
    }
}

// ---- swings ----

// Mean and standard error of a column from its sums over some draws.
static void find_mean(const struct analyst *a, const struct ws_strip_sums *sums, size_t lane, size_t column,
                      double *mean, double *se) {
    double sum = sums->sum[lane], valid = sums->valid[lane];
    // y is about its mean: nothing cancels that matters
    double centre = sum / valid, spread = fmax(sums->square[lane] - sum * centre, 0);
    *mean = a->in_log[column] ? exp(centre + a->mean[column]) : centre + a->mean[column];
    double copies = (double)a->n / a->n_effective;
    *se = valid > copies ? sqrt(spread / (valid / copies - 1) / valid) * (a->in_log[column] ? *mean : 1) : NAN;
}

// The tenths of the draws whose middles are p5 and p95, with all draws that equal their last one.
static void find_swings(const struct analyst *a, const double *x, const uint32_t *order, size_t input) {
    size_t tenth = (a->n + 9) / 10, low = tenth, high = a->n - tenth;
    while (low < a->n && x[order[low]] == x[order[low - 1]])
        low++;
    while (high > 0 && x[order[high - 1]] == x[order[high]])
        high--;
    struct ws_strip_sums of_low, of_high;
    for (size_t c = 0; c < a->n_columns; c++) {
        struct ws_index *index = &a->items[c * a->n_inputs + input];
        if (c % WS_LANES == 0) {
            a->kernels->moments(&a->strips[c / WS_LANES], order, low, &of_low);
            a->kernels->moments(&a->strips[c / WS_LANES], order + high, a->n - high, &of_high);
        }
        find_mean(a, &of_low, c % WS_LANES, c, &index->low, &index->low_se);
        find_mean(a, &of_high, c % WS_LANES, c, &index->high, &index->high_se);
    }
}

// ---- rank correlations ----

// Bonett & Wright 2000: (1 + r^2 / 2) (1 - r^2)^2 / (n - 3).
static double rank_se(double r, double n) { return sqrt((1 + r * r / 2) / (n - 3)) * (1 - r * r); }

// The inverse of the rank correlations among the inputs that vary, packed; NULL where they are dependent or too many.
static gsl_matrix *invert_correlations(const struct analyst *a, const size_t *varying, size_t p,
                                       struct ws_arena *arena) {
    if (p == 0 || p > WS_MOST_PARTIAL || a->n_effective < (double)(p + LEAST_DRAWS))
        return NULL;
    const double *ranks[WS_MOST_PARTIAL];
    double *r = WS_NEW_ARRAY(arena, double, p *p);
    for (size_t i = 0; i < p; i++)
        ranks[i] = a->ranks + varying[i] * a->n;
    ws_dots_all(ranks, p, a->n, r, arena);
    gsl_matrix *m = gsl_matrix_alloc(p, p);
    if (!m)
        return NULL;
    for (size_t i = 0; i < p; i++) {
        gsl_matrix_set(m, i, i, 1);
        for (size_t j = 0; j < i; j++) {
            gsl_matrix_set(m, i, j, r[i * p + j]);
            gsl_matrix_set(m, j, i, r[i * p + j]);
        }
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
    double rest = 1, b[WS_MOST_PARTIAL], r[WS_MOST_PARTIAL];
    for (size_t i = 0; i < p; i++)
        r[i] = row[varying[i]].spearman;
    for (size_t i = 0; i < p; i++) {
        const double *own = k->data + i * k->tda;
        b[i] = 0;
        for (size_t j = 0; j < p; j++)
            b[i] += own[j] * r[j];
        rest -= b[i] * r[i];
    }
    for (size_t i = 0; i < p && rest > 0; i++) {
        struct ws_index *index = &row[varying[i]];
        index->partial = b[i] / sqrt(rest * gsl_matrix_get(k, i, i) + b[i] * b[i]);
        index->partial_se = rank_se(index->partial, n - (double)(p - 1));
    }
}

// Of the cases of one study, whose inputs are the same.
static void find_partial_of(const struct analyst *a, const char *of_study, struct ws_index *items, size_t *varying,
                            struct ws_arena *arena) {
    const struct ws_study *study = a->result->study;
    size_t p = 0;
    for (size_t i = 0; i < a->n_inputs; i++) {
        const char *own = study->quantities[i].of_study;
        if (!isnan(a->ranks[i * a->n]) && (!own || !*of_study || strcmp(own, of_study) == 0))
            varying[p++] = i;
    }
    struct ws_arena_mark mark = ws_arena_mark(arena);
    gsl_matrix *inverse = invert_correlations(a, varying, p, arena);
    ws_arena_release(arena, mark);
    for (size_t c = 0; c < a->n_columns && inverse; c++)
        if (strcmp(ws_study_of_case(study, c / study->n_outputs), of_study) == 0 &&
            !isnan(items[c * a->n_inputs + varying[0]].spearman))
            find_partial(inverse, varying, a->n_effective, items + c * a->n_inputs);
    gsl_matrix_free(inverse);
}

static void find_all_partial(const struct analyst *a, struct ws_index *items, struct ws_arena *arena) {
    const struct ws_study *study = a->result->study;
    size_t *varying = WS_NEW_ARRAY(arena, size_t, a->n_inputs + 1), q = ws_study_find(study, WS_SWEEP_STUDIES);
    const struct ws_sweep_axis *axis = q == SIZE_MAX ? NULL : ws_study_axis(study, q);
    for (size_t i = 0; i < (axis ? axis->n_values : 1); i++)
        find_partial_of(a, axis ? axis->values[i].label : "", items, varying, arena);
}

// An input that is of another study than the case drives nothing there, though it may draw the same random numbers.
static void leave_out_others(const struct analyst *a) {
    for (size_t k = 0; k < a->n_columns * a->n_inputs; k++)
        if (!ws_study_in_case(a->result->study, k % a->n_inputs, k / a->n_inputs / a->result->study->n_outputs))
            a->items[k] = (struct ws_index){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
}

// ---- all together ----

static int choose_log(const double *y, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (isfinite(y[i]) && !(y[i] > 0))
            return 0;
    return 1;
}

// About its mean, into its place in the strip.
static void centre(struct analyst *a, size_t column, const double *values, double *y, double *valid) {
    double sum = 0, square = 0, count = 0, least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < a->n; i++) {
        least = values[i] < least ? values[i] : least;
        most = values[i] > most ? values[i] : most;
        valid[i * WS_LANES] = !isnan(values[i]);
        sum += isnan(values[i]) ? 0 : values[i];
        count += valid[i * WS_LANES];
    }
    a->mean[column] = sum / count;
    for (size_t i = 0; i < a->n; i++) {
        y[i * WS_LANES] = isnan(values[i]) ? 0 : values[i] - a->mean[column];
        square += y[i * WS_LANES] * y[i * WS_LANES];
    }
    a->variance[column] = square / (count - (double)a->n / a->n_effective);
    a->constant[column] = ws_summary_is_rounding(least, most);
    if (count < (double)a->n)
        a->strips[column / WS_LANES].valid = valid - column % WS_LANES; // that of the strip's first column
}

static void prepare_outputs(struct analyst *a, struct ws_arena *arena) {
    const struct ws_study *study = a->result->study;
    double *values = WS_NEW_ARRAY(arena, double, a->n), *y = NULL, *valid = NULL;
    for (size_t c = 0; c < a->n_columns; c++) {
        const struct ws_quantity *q = &study->quantities[study->n_inputs + study->n_derived + c % study->n_outputs];
        const double *from = a->result->kept_outputs + c * a->n;
        size_t strip = c / WS_LANES, lane = c % WS_LANES;
        if (lane == 0) {
            a->strips[strip].y = y = WS_NEW_ARRAY(arena, double, a->n *WS_LANES);
            if (strip == 0 || a->strips[strip - 1].valid) // else nobody looks at it again
                valid = WS_NEW_ARRAY(arena, double, a->n *WS_LANES);
        }
        a->in_log[c] = q->log_scale && choose_log(from, a->n);
        for (size_t i = 0; i < a->n; i++)
            values[i] = !isfinite(from[i]) ? (double)NAN : a->in_log[c] ? log(from[i]) : from[i];
        centre(a, c, values, y + lane, valid + lane);
    }
}

static void analyse_input(void *user, size_t input, size_t thread) {
    const struct analyst *a = user;
    struct scratch *s = &a->scratch[thread];
    const double *x = a->result->kept_inputs + input * a->n;
    double *ranks = a->ranks + input * a->n;
    if (ws_ranks_of_constant(x, a->n, ranks))
        return;
    const uint32_t *order = ws_order(x, a->n, a->start, s->work, s->keys);
    ws_unit_ranks(x, a->n, order, ranks);
    if (a->n_effective < LEAST_DRAWS)
        return;
    size_t n_pairs;
    const struct ws_pair *pairs = list_pairs(a, order, s->pairs, &n_pairs);
    for (size_t strip = 0; strip < a->n_strips; strip++)
        find_first_order(a, pairs, n_pairs, input, strip);
    find_swings(a, x, order, input);
}

static void make_scratch(struct scratch *scratch, size_t n, struct ws_arena *arena) {
    scratch->work = WS_NEW_ARRAY(arena, uint32_t, 2 * n + 1);
    scratch->keys = WS_NEW_ARRAY(arena, uint64_t, n + 1);
    scratch->pairs = WS_NEW_ARRAY(arena, struct ws_pair, n + 1);
}

static void find_spearman(const struct analyst *a, struct ws_arena *arena) {
    const double *spearman =
        a->result->spearman ? a->result->spearman : ws_spearman_of_ranks(a->result, a->ranks, arena);
    for (size_t k = 0; k < a->n_columns * a->n_inputs; k++) {
        double rank = a->constant[k / a->n_inputs] ? (double)NAN : spearman[k];
        a->items[k].spearman = rank;
        a->items[k].spearman_se = rank_se(rank, a->n_effective);
    }
}

static void analyse(struct analyst *a, struct ws_arena *arena) {
    const struct ws_kernels *kernels = ws_kernels_select(NULL);
    const double order_ns = 30, column_ns = 0.5; // of a draw
    const double input_ns = (double)a->n * (order_ns + column_ns * (double)a->n_columns);
    const int threads = ws_parallel_threads(a->result->provenance.threads, a->n_inputs, input_ns);
    a->kernels = (kernels ? kernels : &ws_kernels_baseline)->neighbours;
    a->n_strips = (a->n_columns + WS_LANES - 1) / WS_LANES;
    a->ranks = WS_NEW_ARRAY(arena, double, a->n * a->n_inputs + 1);
    a->mean = WS_NEW_ARRAY(arena, double, a->n_columns + 1);
    a->variance = WS_NEW_ARRAY(arena, double, a->n_columns + 1);
    a->constant = WS_NEW_ARRAY(arena, int, a->n_columns + 1);
    a->strips = WS_NEW_ARRAY(arena, struct ws_strip, a->n_strips + 1);
    a->scratch = WS_NEW_ARRAY(arena, struct scratch, (size_t)threads + 1);
    for (int t = 0; t < threads || t == 0; t++)
        make_scratch(&a->scratch[t], a->n, arena);
    shuffle(a, arena);
    if (a->address)
        a->n_effective = count_effective(a);
    if (a->n_effective >= LEAST_DRAWS)
        prepare_outputs(a, arena);
    ws_parallel_for(a->n_inputs, threads, analyse_input, a);
    find_spearman(a, arena);
    ws_threads_rest();
    if (a->n_effective >= LEAST_DRAWS)
        find_all_partial(a, a->items, arena);
    leave_out_others(a);
}

const struct ws_indices *ws_indices_make(const struct ws_result *result, struct ws_arena *arena) {
    size_t n_inputs = result->study->n_inputs, n_columns = result->n_cases * result->study->n_outputs;
    struct ws_index *items = WS_NEW_ARRAY(arena, struct ws_index, n_columns * n_inputs + 1);
    for (size_t k = 0; k < n_columns * n_inputs; k++)
        items[k] = (struct ws_index){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    unsigned char *in_log = WS_NEW_ARRAY(arena, unsigned char, n_columns + 1);
    struct ws_indices *indices = WS_NEW(arena, struct ws_indices);
    *indices = (struct ws_indices){items, in_log};
    struct ws_arena_mark scratch = ws_arena_mark(arena);
    struct analyst a = {.result = result,
                        .n = result->n_kept,
                        .n_inputs = n_inputs,
                        .n_columns = n_columns,
                        .per_chain = result->n_kept / (result->unconditioned ? 1 : result->replicates),
                        .address = result->kept_addresses,
                        .n_effective = (double)result->n_kept,
                        .in_log = in_log,
                        .items = items};
    if (a.n > 0)
        analyse(&a, arena);
    ws_arena_release(arena, scratch);
    return indices;
}

const struct ws_indices *ws_indices_find(const struct ws_result *result, struct ws_arena *arena) {
    return result->indices ? result->indices : ws_indices_make(result, arena);
}

const double *ws_indices_spearman(const struct ws_result *result, const struct ws_indices *indices,
                                  struct ws_arena *arena) {
    size_t n = result->n_cases * result->study->n_outputs * result->study->n_inputs;
    double *rho = WS_NEW_ARRAY(arena, double, n + 1);
    for (size_t k = 0; k < n; k++)
        rho[k] = indices->items[k].spearman;
    return rho;
}

const struct ws_index *ws_indices_of(const struct ws_indices *indices, const struct ws_result *result,
                                     size_t case_index, size_t output) {
    return indices->items + (case_index * result->study->n_outputs + output) * result->study->n_inputs;
}
