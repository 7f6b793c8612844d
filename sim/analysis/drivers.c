// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/drivers.h"

#include <math.h>
#include <string.h>

#include "engine/threads.h"
#include "numeric/neighbours.h"
#include "numeric/order.h"

static uint64_t cube_less(uint64_t n) { return n * n * n - n; }

// The squares of centred ranks are whole multiples of 1/4, and their sum is (n^3 - n) / 12 less (t^3 - t) / 12 for each
// run of t equal draws (Kendall 1948, "Rank correlation methods", section 3.6).
void ws_unit_ranks(const double *x, size_t n, const uint32_t *order, double *ranks) {
    const double mean = 0.5 * (double)(n + 1);
    uint64_t twelve = cube_less(n);
    double value = n > 0 ? x[order[0]] : NAN, next = value;
    for (size_t i = 0, j; i < n; i = j, value = next) {
        for (j = i + 1; j < n && (next = x[order[j]]) == value; j++)
            ;
        const double rank = 0.5 * (double)(i + 1 + j) - mean; // the mean of i + 1 .. j
        ranks[order[i]] = rank;
        if (j == i + 1) // as nearly all are
            continue;
        twelve -= cube_less(j - i);
        for (size_t k = i + 1; k < j; k++)
            ranks[order[k]] = rank;
    }
    const double unit = twelve > 0 ? 1 / sqrt((double)twelve / 12) : NAN;
    for (size_t i = 0; i < n; i++)
        ranks[i] *= unit;
}

int ws_ranks_of_constant(const double *x, size_t n, double *ranks) {
    size_t i = 0;
    while (i < n && x[i] == x[0])
        i++;
    if (i < n)
        return 0;
    for (i = 0; i < n; i++)
        ranks[i] = NAN;
    return 1;
}

static void unit_ranks(const double *x, size_t n, double *ranks, uint32_t *work) {
    if (!ws_ranks_of_constant(x, n, ranks))
        ws_unit_ranks(x, n, ws_order(x, n, NULL, work, (uint64_t *)ranks), ranks);
}

static const struct ws_neighbour_kernels *select_kernels(void) {
    const struct ws_kernels *kernels = ws_kernels_select(NULL);
    return (kernels ? kernels : &ws_kernels_baseline)->neighbours;
}

// Adds the products of draws first .. first + n - 1 of a column and of each of several others, of whose sums there are
// a multiple of WS_DOTS.
static void add_dots(const struct ws_neighbour_kernels *kernels, const double *a, const double *const *b, size_t count,
                     size_t first, size_t n, struct ws_lane_sums *sums) {
    for (size_t at = 0; at < count; at += WS_DOTS) {
        const double *columns[WS_DOTS];
        for (size_t k = 0; k < WS_DOTS; k++)
            columns[k] = b[at + k < count ? at + k : at] + first;
        kernels->dots(a + first, columns, n, sums + at);
    }
}

// Held within [-1, 1]; the draws beyond a whole number of lanes, from `first` on, are in the first one.
static double complete_dot(const struct ws_lane_sums *sums, const double *a, const double *b, size_t first, size_t n) {
    double rest = sums->lane[0];
    const double *s = sums->lane;
    for (size_t i = first; i < n; i++)
        rest += a[i] * b[i];
    const double r = ((rest + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
    return r > 1 ? 1 : r < -1 ? -1 : r;
}

void ws_dots(const double *a, const double *const *b, size_t count, size_t n, double *r) {
    const size_t whole = n / WS_LANES * WS_LANES;
    for (size_t first = 0; first < count; first += WS_DOTS) {
        struct ws_lane_sums sums[WS_DOTS] = {0};
        const size_t some = count - first < WS_DOTS ? count - first : WS_DOTS;
        add_dots(select_kernels(), a, b + first, some, 0, whole, sums);
        for (size_t k = 0; k < some; k++)
            r[first + k] = complete_dot(&sums[k], a, b[first + k], whole, n);
    }
}

void ws_dots_all(const double *const *columns, size_t count, size_t n, double *r, struct ws_arena *arena) {
    enum { SOME_DRAWS = 512 }; // of which all columns are in the cache
    const struct ws_neighbour_kernels *kernels = select_kernels();
    const size_t row = (count + WS_DOTS - 1) / WS_DOTS * WS_DOTS, whole = n / WS_LANES * WS_LANES;
    struct ws_arena_mark mark = ws_arena_mark(arena);
    struct ws_lane_sums *sums = WS_NEW_ARRAY(arena, struct ws_lane_sums, count * row + 1);
    for (size_t first = 0; first < whole; first += SOME_DRAWS)
        for (size_t i = 0; i < count; i++)
            add_dots(kernels, columns[i], columns, i, first, whole - first < SOME_DRAWS ? whole - first : SOME_DRAWS,
                     sums + i * row);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            r[i * count + j] = complete_dot(&sums[i * row + j], columns[i], columns[j], whole, n);
    ws_arena_release(arena, mark);
}

double ws_dot(const double *a, const double *b, size_t n) {
    double r;
    ws_dots(a, &b, 1, n, &r);
    return r;
}

// Outputs that go together past an input's ranks, which are then read once for all of them.
enum { TOGETHER = 8 };

struct ranker {
    const struct ws_result *result;
    const double *input_ranks; // [input][draw]
    double *rho;               // [column][input]
    size_t n_columns;
    struct scratch { // of a thread
        double *ranks[TOGETHER], *column, *input_column, *own_ranks;
        uint32_t *work; // 2 * n_kept
    } * scratch;
};

// Where some of an output's draws are invalid, both sides are ranked anew among the valid ones.
static double spearman_of_valid(const struct ranker *r, struct scratch *s, const double *output, size_t input) {
    size_t n = r->result->n_kept, valid = 0;
    const double *x = r->result->kept_inputs + input * n;
    for (size_t i = 0; i < n; i++)
        if (isfinite(output[i])) {
            s->column[valid] = output[i];
            s->input_column[valid++] = x[i];
        }
    if (valid < 3)
        return NAN;
    unit_ranks(s->input_column, valid, s->own_ranks, s->work);
    unit_ranks(s->column, valid, s->input_column, s->work);
    return ws_dot(s->input_column, s->own_ranks, valid);
}

static int all_finite(const double *x, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return 0;
    return 1;
}

static void correlate(void *user, size_t batch, size_t thread) {
    const struct ranker *r = user;
    struct scratch *s = &r->scratch[thread];
    size_t n = r->result->n_kept, n_inputs = r->result->study->n_inputs, first = batch * TOGETHER;
    size_t count = r->n_columns - first < TOGETHER ? r->n_columns - first : TOGETHER;
    int finite[TOGETHER];
    double rho[TOGETHER];
    for (size_t k = 0; k < count; k++) {
        const double *output = r->result->kept_outputs + (first + k) * n;
        if ((finite[k] = all_finite(output, n)))
            unit_ranks(output, n, s->ranks[k], s->work);
    }
    const struct ws_study *study = r->result->study;
    for (size_t i = 0; i < n_inputs; i++) {
        const double *ranks = r->input_ranks + i * n;
        if (isnan(ranks[0])) // a constant
            continue;
        ws_dots(ranks, (const double *const *)s->ranks, count, n, rho);
        for (size_t k = 0; k < count; k++)
            if (ws_study_in_case(study, i, (first + k) / study->n_outputs))
                r->rho[(first + k) * n_inputs + i] =
                    finite[k] ? rho[k] : spearman_of_valid(r, s, r->result->kept_outputs + (first + k) * n, i);
    }
}

static void make_scratch(struct scratch *scratch, size_t n, struct ws_arena *arena) {
    for (size_t k = 0; k < TOGETHER; k++)
        scratch->ranks[k] = WS_NEW_ARRAY(arena, double, n);
    scratch->column = WS_NEW_ARRAY(arena, double, n);
    scratch->input_column = WS_NEW_ARRAY(arena, double, n);
    scratch->own_ranks = WS_NEW_ARRAY(arena, double, n);
    scratch->work = WS_NEW_ARRAY(arena, uint32_t, 2 * n);
}

const double *ws_spearman_of_ranks(const struct ws_result *result, const double *ranks, struct ws_arena *arena) {
    size_t n_columns = result->n_cases * result->study->n_outputs, n = n_columns * result->study->n_inputs;
    double *rho = WS_NEW_ARRAY(arena, double, n + 1);
    for (size_t i = 0; i < n; i++)
        rho[i] = NAN;
    if (result->n_kept < 3)
        return rho;
    struct ws_arena_mark mark = ws_arena_mark(arena);
    size_t n_batches = (n_columns + TOGETHER - 1) / TOGETHER;
    const double output_ns = 20, pair_ns = 0.25; // of a draw
    const double batch_ns = (double)result->n_kept * TOGETHER * (output_ns + pair_ns * (double)result->study->n_inputs);
    int threads = ws_parallel_threads(result->provenance.threads, n_batches, batch_ns);
    struct ranker r = {result, ranks, rho, n_columns, WS_NEW_ARRAY(arena, struct scratch, (size_t)threads + 1)};
    for (int t = 0; t < threads; t++)
        make_scratch(&r.scratch[t], result->n_kept, arena);
    ws_parallel_for(n_batches, threads, correlate, &r);
    ws_arena_release(arena, mark);
    return rho;
}

void ws_rank_inputs(const struct ws_result *result, double *ranks, struct ws_arena *arena) {
    size_t n = result->n_kept;
    uint32_t *work = WS_NEW_ARRAY(arena, uint32_t, 2 * n + 1);
    for (size_t i = 0; i < result->study->n_inputs && n > 0; i++)
        unit_ranks(result->kept_inputs + i * n, n, ranks + i * n, work);
}

const double *ws_spearman(const struct ws_result *result, struct ws_arena *arena) {
    if (result->spearman)
        return result->spearman;
    double *ranks = WS_NEW_ARRAY(arena, double, result->study->n_inputs * result->n_kept + 1);
    ws_rank_inputs(result, ranks, arena);
    return ws_spearman_of_ranks(result, ranks, arena);
}
