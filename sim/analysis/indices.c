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

enum { LEAST_DRAWS = 50 };
// What is summed over pairs of neighbours, for all columns side by side.
enum { HALF_SQUARES, PAIRS, HALF_RATIO, PRODUCT_0, PRODUCT_1, PRODUCT_2, NEW, BEFORE, BEFORE_THAT, PAIR_SUMS };

struct analyst {
    const struct ws_result *result;
    size_t n, n_inputs, n_columns, per_chain;
    const uint64_t *address; // given evidence: which draw of the run each one is; else NULL
    double n_effective;      // draws that the errors are of
    size_t *start;           // the draws in a random order
    size_t *work;            // of sorting: 2 n
    uint64_t *keys;          // n
    size_t *partner;         // position in the order of each position's neighbour; n where there is none
    double *ranks;           // unit ranks of the inputs, [input][draw]
    double *y;               // outputs in the scale of the analysis, [draw][column], about their means; 0 where invalid
    double *valid;           // 1 or 0, [draw][column]: a factor, so that the sums over columns have no branches
    double *mean, *variance; // of each column
    unsigned char *in_log;   // of each column
    double *sums[PAIR_SUMS]; // of each column
};

// ---- one input's order ----

static void shuffle(struct analyst *a, struct ws_arena *arena) {
    double *random = WS_NEW_ARRAY(arena, double, a->n + 1);
    for (size_t i = 0; i < a->n; i++) {
        uint64_t x = ((a->address ? a->address[i] : i) + 1) * UINT64_C(0x9E3779B97F4A7C15); // splitmix64
        x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
        x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
        random[i] = (double)(x >> 11);
        a->start[i] = i;
    }
    if (a->n == 0)
        return;
    const size_t *order = ws_order(random, a->n, a->start, a->work, a->keys);
    memcpy(a->start, order, a->n * sizeof *order);
}

// Whether two draws are copies of one.
static int is_copy(const struct analyst *a, size_t i, size_t j) { return a->address && a->address[i] == a->address[j]; }

static int are_apart(const struct analyst *a, size_t i, size_t j) {
    return !is_copy(a, i, j) && (a->per_chain == a->n || i / a->per_chain != j / a->per_chain);
}

// The draws in a random order, copies together, are given in start.
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

// Draws of one randomisation that follow one another in the order are all paired with the first of another one.
static void find_partners(struct analyst *a, const size_t *order) {
    size_t next = a->n;
    for (size_t j = a->n; j-- > 0;) {
        if (j + 1 < a->n && are_apart(a, order[j], order[j + 1]))
            next = j + 1;
        a->partner[j] = next;
    }
}

// ---- first order ----

static void clear_sums(struct analyst *a) {
    for (size_t k = 0; k < PAIR_SUMS; k++)
        memset(a->sums[k], 0, a->n_columns * sizeof(double));
}

// Two neighbours' rows.
struct pair {
    const double *u, *v, *u_valid, *v_valid;
    int again; // u is a copy of the last pair's
};

// The mean of D, half the squared difference of a pair, estimates E Var(Y | X).
static void add_half_squares(const struct analyst *a, struct pair p) {
    double *restrict half = a->sums[HALF_SQUARES], *restrict pairs = a->sums[PAIRS];
    for (size_t c = 0, n = a->n_columns; c < n; c++) {
        double d = p.u[c] - p.v[c], valid = p.u_valid[c] * p.v_valid[c];
        half[c] += valid * (0.5 * d * d);
        pairs[c] += valid;
    }
}

// The sum of Z over the copies of a draw is complete.
static void take_product(const struct analyst *a) {
    double *restrict z = a->sums[NEW];
    double *restrict s0 = a->sums[PRODUCT_0], *restrict s1 = a->sums[PRODUCT_1], *restrict s2 = a->sums[PRODUCT_2];
    double *restrict before = a->sums[BEFORE], *restrict before_that = a->sums[BEFORE_THAT];
    for (size_t c = 0, n = a->n_columns; c < n; c++) {
        s0[c] += z[c] * z[c];
        s1[c] += z[c] * before[c];
        s2[c] += z[c] * before_that[c];
        before_that[c] = before[c];
        before[c] = z[c];
        z[c] = 0;
    }
}

// Sums over the pairs of Z = D - (1 - S) e, D half the squared difference and e the pair's mean squared deviation.
// Neighbouring Z share a draw; what Z has in common with the one after the next is the trend along the input.
static void add_products(const struct analyst *a, struct pair p) {
    const double *restrict half_ratio = a->sums[HALF_RATIO];
    double *restrict z = a->sums[NEW];
    if (!p.again)
        take_product(a);
    for (size_t c = 0, n = a->n_columns; c < n; c++) {
        double d = p.u[c] - p.v[c], squares = p.u[c] * p.u[c] + p.v[c] * p.v[c];
        z[c] += p.u_valid[c] * p.v_valid[c] * (0.5 * d * d - half_ratio[c] * squares);
    }
}

static void for_pairs(const struct analyst *a, const size_t *order,
                      void (*add)(const struct analyst *a, struct pair pair)) {
    for (size_t j = 0; j < a->n; j++) {
        if (a->partner[j] == a->n)
            continue;
        size_t u = order[j] * a->n_columns, v = order[a->partner[j]] * a->n_columns;
        int again = j > 0 && is_copy(a, order[j - 1], order[j]);
        add(a, (struct pair){a->y + u, a->y + v, a->valid + u, a->valid + v, again});
    }
}

static void find_first_order(struct analyst *a, const size_t *order, size_t input, struct ws_index *items) {
    clear_sums(a);
    for_pairs(a, order, add_half_squares);
    for (size_t c = 0; c < a->n_columns; c++)
        a->sums[HALF_RATIO][c] = 0.5 * a->sums[HALF_SQUARES][c] / (a->sums[PAIRS][c] * a->variance[c]);
    for_pairs(a, order, add_products);
    take_product(a);
    for (size_t c = 0; c < a->n_columns; c++) {
        double pairs = a->sums[PAIRS][c], variance = a->variance[c];
        if (!(variance > 0) || pairs < LEAST_DRAWS)
            continue;
        struct ws_index *index = &items[c * a->n_inputs + input];
        double spread = a->sums[PRODUCT_0][c] + 2 * (a->sums[PRODUCT_1][c] - a->sums[PRODUCT_2][c]);
        index->first_order = 1 - a->sums[HALF_SQUARES][c] / pairs / variance;
        index->first_order_se = sqrt(fmax(spread, 0.25 * a->sums[PRODUCT_0][c])) / pairs / variance;
    }
}

// ---- swings ----

// Mean and standard error of a column over n draws of the order.
static void find_mean(const struct analyst *a, const size_t *order, size_t n, size_t column, double *mean, double *se) {
    double sum = 0, square = 0, valid = 0;
    for (size_t i = 0; i < n; i++) {
        double y = a->y[order[i] * a->n_columns + column];
        sum += y;
        square += y * y; // y is about its mean: nothing cancels that matters
        valid += a->valid[order[i] * a->n_columns + column];
    }
    double centre = sum / valid, spread = fmax(square - sum * centre, 0);
    *mean = a->in_log[column] ? exp(centre + a->mean[column]) : centre + a->mean[column];
    double copies = (double)a->n / a->n_effective;
    *se = valid > copies ? sqrt(spread / (valid / copies - 1) / valid) * (a->in_log[column] ? *mean : 1) : NAN;
}

// The tenths of the draws whose middles are p5 and p95, with all draws that equal their last one.
static void find_swings(const struct analyst *a, const double *x, const size_t *order, size_t input,
                        struct ws_index *items) {
    size_t tenth = (a->n + 9) / 10, low = tenth, high = a->n - tenth;
    while (low < a->n && x[order[low]] == x[order[low - 1]])
        low++;
    while (high > 0 && x[order[high - 1]] == x[order[high]])
        high--;
    for (size_t c = 0; c < a->n_columns; c++) {
        struct ws_index *index = &items[c * a->n_inputs + input];
        find_mean(a, order, low, c, &index->low, &index->low_se);
        find_mean(a, order + high, a->n - high, c, &index->high, &index->high_se);
    }
}

// ---- rank correlations ----

// Bonett & Wright 2000: (1 + r^2 / 2) (1 - r^2)^2 / (n - 3).
static double rank_se(double r, double n) { return sqrt((1 + r * r / 2) / (n - 3)) * (1 - r * r); }

// The inverse of the rank correlations among the inputs that vary, packed; NULL where they are dependent or too many.
static gsl_matrix *invert_correlations(const struct analyst *a, const size_t *varying, size_t p) {
    if (p == 0 || p > WS_MOST_PARTIAL || a->n_effective < (double)(p + LEAST_DRAWS))
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

static void find_all_partial(const struct analyst *a, struct ws_index *items, struct ws_arena *arena) {
    size_t *varying = WS_NEW_ARRAY(arena, size_t, a->n_inputs + 1), p = 0;
    for (size_t i = 0; i < a->n_inputs; i++)
        if (!isnan(a->ranks[i * a->n]))
            varying[p++] = i;
    gsl_matrix *inverse = invert_correlations(a, varying, p);
    if (!inverse)
        return;
    for (size_t c = 0; c < a->n_columns; c++)
        if (!isnan(items[c * a->n_inputs + varying[0]].spearman))
            find_partial(inverse, varying, a->n_effective, items + c * a->n_inputs);
    gsl_matrix_free(inverse);
}

// ---- all together ----

static int choose_log(const double *y, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (isfinite(y[i]) && !(y[i] > 0))
            return 0;
    return 1;
}

static void centre(struct analyst *a, size_t column) {
    double *y = a->y + column, *valid = a->valid + column, sum = 0, square = 0, count = 0;
    size_t stride = a->n_columns;
    for (size_t i = 0; i < a->n; i++) {
        valid[i * stride] = !isnan(y[i * stride]);
        sum += isnan(y[i * stride]) ? 0 : y[i * stride];
        count += valid[i * stride];
    }
    a->mean[column] = sum / count;
    for (size_t i = 0; i < a->n; i++) {
        y[i * stride] = isnan(y[i * stride]) ? 0 : y[i * stride] - a->mean[column];
        square += y[i * stride] * y[i * stride];
    }
    a->variance[column] = square / (count - (double)a->n / a->n_effective);
}

static void prepare_outputs(struct analyst *a) {
    const struct ws_study *study = a->result->study;
    for (size_t c = 0; c < a->n_columns; c++) {
        const struct ws_quantity *q = &study->quantities[study->n_inputs + study->n_derived + c % study->n_outputs];
        const double *values = a->result->kept_outputs + c * a->n;
        a->in_log[c] = q->log_scale && choose_log(values, a->n);
        for (size_t i = 0; i < a->n; i++)
            a->y[i * a->n_columns + c] = !isfinite(values[i]) ? (double)NAN : a->in_log[c] ? log(values[i]) : values[i];
        centre(a, c);
    }
}

static void analyse_input(struct analyst *a, size_t input, struct ws_index *items) {
    const double *x = a->result->kept_inputs + input * a->n;
    if (isnan(a->ranks[input * a->n])) // a constant
        return;
    const size_t *order = ws_order(x, a->n, a->start, a->work, a->keys);
    find_partners(a, order);
    find_first_order(a, order, input, items);
    find_swings(a, x, order, input, items);
}

static void make_room(struct analyst *a, struct ws_arena *arena) {
    a->start = WS_NEW_ARRAY(arena, size_t, a->n + 1);
    a->work = WS_NEW_ARRAY(arena, size_t, 2 * a->n + 1);
    a->keys = WS_NEW_ARRAY(arena, uint64_t, a->n + 1);
    a->partner = WS_NEW_ARRAY(arena, size_t, a->n + 1);
    a->y = WS_NEW_ARRAY(arena, double, a->n * a->n_columns + 1);
    a->valid = WS_NEW_ARRAY(arena, double, a->n * a->n_columns + 1);
    a->mean = WS_NEW_ARRAY(arena, double, a->n_columns + 1);
    a->variance = WS_NEW_ARRAY(arena, double, a->n_columns + 1);
    for (size_t k = 0; k < PAIR_SUMS; k++)
        a->sums[k] = WS_NEW_ARRAY(arena, double, a->n_columns + 1);
}

static void find_spearman(struct analyst *a, struct ws_index *items, struct ws_arena *arena) {
    const double *spearman =
        a->result->spearman ? a->result->spearman : ws_spearman_of_ranks(a->result, a->ranks, arena);
    for (size_t k = 0; k < a->n_columns * a->n_inputs; k++) {
        items[k].spearman = spearman[k];
        items[k].spearman_se = rank_se(spearman[k], a->n_effective);
    }
}

const struct ws_indices *ws_indices_make(const struct ws_result *result, struct ws_arena *arena) {
    size_t n = result->n_kept, n_inputs = result->study->n_inputs;
    size_t n_columns = result->n_cases * result->study->n_outputs;
    struct ws_index *items = WS_NEW_ARRAY(arena, struct ws_index, n_columns * n_inputs + 1);
    for (size_t k = 0; k < n_columns * n_inputs; k++)
        items[k] = (struct ws_index){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    unsigned char *in_log = WS_NEW_ARRAY(arena, unsigned char, n_columns + 1);
    struct ws_indices *indices = WS_NEW(arena, struct ws_indices);
    *indices = (struct ws_indices){items, in_log};
    struct ws_arena_mark scratch = ws_arena_mark(arena);
    struct analyst a = {.result = result,
                        .n = n,
                        .n_inputs = n_inputs,
                        .n_columns = n_columns,
                        .per_chain = result->unconditioned ? n : n / result->replicates,
                        .address = result->kept_addresses,
                        .n_effective = (double)n,
                        .in_log = in_log,
                        .ranks = WS_NEW_ARRAY(arena, double, n *n_inputs + 1)};
    ws_rank_inputs(result, a.ranks, arena);
    make_room(&a, arena);
    shuffle(&a, arena);
    if (a.address && n > 0)
        a.n_effective = count_effective(&a);
    find_spearman(&a, items, arena);
    if (a.n_effective >= LEAST_DRAWS) {
        prepare_outputs(&a);
        for (size_t i = 0; i < n_inputs; i++)
            analyse_input(&a, i, items);
        find_all_partial(&a, items, arena);
    }
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
