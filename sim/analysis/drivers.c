// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/drivers.h"

#include <math.h>
#include <string.h>

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

// Doubles as unsigned integers of the same order.
static uint64_t sortable(double x) {
    uint64_t bits;
    x += 0.0; // -0 and +0 tie
    memcpy(&bits, &x, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

// One pass of a radix sort of indices by a digit of their keys; returns 0 if all keys share the digit.
static int radix_pass(const uint64_t *keys, const size_t *from, size_t *to, size_t n, unsigned shift) {
    size_t start[DIGITS] = {0};
    for (size_t i = 0; i < n; i++)
        start[keys[i] >> shift & (DIGITS - 1)]++;
    if (start[keys[0] >> shift & (DIGITS - 1)] == n)
        return 0;
    for (size_t d = 0, sum = 0; d < DIGITS; d++) {
        size_t count = start[d];
        start[d] = sum;
        sum += count;
    }
    for (size_t i = 0; i < n; i++)
        to[start[keys[from[i]] >> shift & (DIGITS - 1)]++] = from[i];
    return 1;
}

const size_t *ws_order(const double *x, size_t n, const size_t *start, size_t *work, uint64_t *keys) {
    size_t *order = work, *spare = work + n;
    for (size_t i = 0; i < n; i++) {
        keys[i] = sortable(x[i]);
        order[i] = start ? start[i] : i;
    }
    for (unsigned shift = 0; n > 0 && shift < 64; shift += DIGIT_BITS)
        if (radix_pass(keys, order, spare, n, shift)) {
            size_t *sorted = spare;
            spare = order;
            order = sorted;
        }
    return order;
}

static void ranks_of_order(const double *x, size_t n, const size_t *order, double *ranks) {
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && x[order[j]] == x[order[i]]; j++)
            ;
        for (size_t k = i; k < j; k++)
            ranks[order[k]] = 0.5 * (double)(i + 1 + j); // the mean of i + 1 .. j
    }
}

void ws_unit_ranks(const double *x, size_t n, const size_t *order, double *ranks) {
    ranks_of_order(x, n, order, ranks);
    double mean = 0.5 * (double)(n + 1), square = 0;
    for (size_t i = 0; i < n; i++) {
        ranks[i] -= mean;
        square += ranks[i] * ranks[i];
    }
    double unit = square > 0 ? 1 / sqrt(square) : NAN;
    for (size_t i = 0; i < n; i++)
        ranks[i] *= unit;
}

static void unit_ranks(const double *x, size_t n, double *ranks, size_t *work) {
    ws_unit_ranks(x, n, ws_order(x, n, NULL, work, (uint64_t *)ranks), ranks);
}

double ws_dot(const double *a, const double *b, size_t n) {
    enum { LANES = 8 };
    double sum[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            sum[k] += a[i + k] * b[i + k];
    for (; i < n; i++)
        sum[0] += a[i] * b[i];
    double r = ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
    return r > 1 ? 1 : r < -1 ? -1 : r;
}

struct ranker {
    const struct ws_result *result;
    double *column, *input_column, *ranks, *input_ranks; // scratch, n_kept each
    size_t *work;                                        // 2 * n_kept
};

// Where some of an output's draws are invalid, both sides are ranked anew among the valid ones.
static double spearman_of_valid(struct ranker *r, const double *output, size_t input) {
    size_t n = r->result->n_kept, valid = 0;
    const double *x = r->result->kept_inputs + input * n;
    for (size_t i = 0; i < n; i++)
        if (isfinite(output[i])) {
            r->column[valid] = output[i];
            r->input_column[valid++] = x[i];
        }
    if (valid < 3)
        return NAN;
    unit_ranks(r->column, valid, r->ranks, r->work);
    unit_ranks(r->input_column, valid, r->input_ranks, r->work);
    return ws_dot(r->ranks, r->input_ranks, valid);
}

static int all_finite(const double *x, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return 0;
    return 1;
}

void ws_rank_inputs(const struct ws_result *result, double *ranks, struct ws_arena *arena) {
    size_t n = result->n_kept, *work = WS_NEW_ARRAY(arena, size_t, 2 * n + 1);
    for (size_t i = 0; i < result->study->n_inputs && n > 0; i++)
        unit_ranks(result->kept_inputs + i * n, n, ranks + i * n, work);
}

const double *ws_spearman_of_ranks(const struct ws_result *result, const double *ranks, struct ws_arena *arena) {
    size_t n = result->n_kept, n_inputs = result->study->n_inputs,
           n_columns = result->n_cases * result->study->n_outputs;
    double *rho = WS_NEW_ARRAY(arena, double, n_columns *n_inputs + 1);
    for (size_t i = 0; i < n_columns * n_inputs; i++)
        rho[i] = NAN;
    if (n < 3)
        return rho;
    struct ranker r = {result,
                       WS_NEW_ARRAY(arena, double, n),
                       WS_NEW_ARRAY(arena, double, n),
                       WS_NEW_ARRAY(arena, double, n),
                       WS_NEW_ARRAY(arena, double, n),
                       WS_NEW_ARRAY(arena, size_t, 2 * n)};
    for (size_t o = 0; o < n_columns; o++) {
        const double *output = result->kept_outputs + o * n;
        int finite = all_finite(output, n);
        if (finite)
            unit_ranks(output, n, r.ranks, r.work);
        for (size_t i = 0; i < n_inputs; i++)
            if (!isnan(ranks[i * n])) // not a constant
                rho[o * n_inputs + i] = finite ? ws_dot(r.ranks, ranks + i * n, n) : spearman_of_valid(&r, output, i);
    }
    return rho;
}

const double *ws_spearman(const struct ws_result *result, struct ws_arena *arena) {
    if (result->spearman)
        return result->spearman;
    double *ranks = WS_NEW_ARRAY(arena, double, result->study->n_inputs * result->n_kept + 1);
    ws_rank_inputs(result, ranks, arena);
    return ws_spearman_of_ranks(result, ranks, arena);
}
