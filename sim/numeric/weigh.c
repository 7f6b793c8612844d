// SPDX-License-Identifier: GPL-3.0-or-later
// Draws with weights. Compiled once for each instruction set.
#include "numeric/weigh.h"

#include <string.h>

#include "numeric/vec.h"

// Whole units of 2^-28. A NaN log-weight weighs nothing.
double PER_ISA(ws_weigh)(const double *log_weight, size_t n, double reference, double *weight, double *square) {
    vd unit = splat(0x1p28), greatest = splat(0);
    for (size_t i = 0; i < WS_BLOCK; i += WIDTH) {
        vd relative = load(log_weight + i) - splat(reference);
        vd w = floor_of(SLEEF_1(exp, relative) * unit + 0.5);
        w = blend(w > 0, w, splat(0));
        store(weight + i, w);
        store(square + i, floor_of(w * w * splat(0x1p-28) + 0.5));
    }
    for (size_t i = n; i < WS_BLOCK; i++)
        weight[i] = square[i] = 0;
    for (size_t i = 0; i < WS_BLOCK; i += WIDTH)
        greatest = larger(load(weight + i), greatest);
    double most = 0;
    for (int k = 0; k < WIDTH; k++)
        most = greatest[k] > most ? greatest[k] : most;
    return most;
}

typedef int64_t pair __attribute__((vector_size(16), may_alias)); // a weight and its square

// Weights and their squares, in turn, as they are then added.
INLINE void store_pairs(vd weight, int64_t *pairs) {
    vm whole = truncated_long(weight), square = truncated_long(weight * weight * splat(0x1p-28) + 0.5);
    *(vm *)pairs = first_pairs(whole, square);
    *(vm *)(pairs + WIDTH) = last_pairs(whole, square);
}

INLINE void add_pairs(const int64_t *pairs, const uint32_t *index, int64_t *sums) {
#pragma GCC unroll 8
    for (size_t k = 0; k < WIDTH; k++)
        *(pair *)(sums + 2 * (size_t)index[k]) += *(const pair *)(pairs + 2 * k);
}

// Windows of many outputs do not stay in the cache: what will be needed is asked for in advance.
INLINE void ask_for(const uint32_t *index, const int64_t *sums) {
#pragma GCC unroll 8
    for (size_t k = 0; k < WIDTH; k++)
        __builtin_prefetch(sums + 2 * (size_t)index[k], 1);
}

struct weighted { // of WIDTH lanes
    vd sum[4], square[4], minimum, maximum;
    uint64_t weighed, valid;
};

// Draws without a weight, and invalid ones, add nothing: they stand at the pivot. Of weights that are all 1 or 0
// (`units`) the sums of squares are the sums. `trusting`: all draws are valid; a weight of 0 is then a factor.
INLINE void add_draws(struct weighted *to, vd value, vd weight, vd pivot, vd scale, int units, int trusting) {
    vd w = weight * splat(0x1p-28);
    vm has_weight = w > 0, counts = trusting ? has_weight : has_weight & (value - value == 0);
    to->weighed += (uint64_t)__builtin_popcount((unsigned)some(has_weight));
    to->valid += trusting ? 0 : (uint64_t)__builtin_popcount((unsigned)some(counts));
    to->minimum = smaller(blend(counts, value, splat(__builtin_inf())), to->minimum);
    to->maximum = larger(blend(counts, value, splat(-__builtin_inf())), to->maximum);
    vd d = ((trusting && !units ? value : blend(counts, value, pivot)) - pivot) * scale, term = d;
    if (!units)
        term = (trusting ? w : blend(counts, w, splat(0))) * d;
    for (int k = 0; k < 4; k++, term = term * d) {
        to->sum[k] += term;
        if (!units)
            to->square[k] += term * w;
    }
}

INLINE struct weighted load_lanes(const struct ws_weighted_lanes *lanes, size_t lane) {
    struct weighted of = {.minimum = splat(__builtin_inf()), .maximum = splat(-__builtin_inf())};
    for (int k = 0; k < 4; k++) {
        of.sum[k] = load(&lanes->sum[k][lane]);
        of.square[k] = load(&lanes->square[k][lane]);
    }
    return of;
}

INLINE void store_lanes(struct ws_weighted_lanes *lanes, size_t lane, const struct weighted *of, int units) {
    for (int k = 0; k < 4; k++) {
        store(&lanes->sum[k][lane], of->sum[k]);
        if (!units)
            store(&lanes->square[k][lane], of->square[k]);
    }
    // + 0 makes -0 into 0, so that the extremes do not depend on the order of the draws
    for (int k = 0; k < WIDTH; k++) {
        lanes->minimum = (of->minimum[k] < lanes->minimum ? of->minimum[k] : lanes->minimum) + 0.0;
        lanes->maximum = (of->maximum[k] > lanes->maximum ? of->maximum[k] : lanes->maximum) + 0.0;
    }
    lanes->count += of->valid;
    lanes->invalid += of->weighed - of->valid;
}

struct row {
    const double *x, *weight;
    size_t n;
    double pivot, scale;
    const uint32_t *index;
    int64_t *sums; // or NULL
};

// Lanes are those of the draws' places in the block, whatever the width. Moments wait for arithmetic, sums for memory:
// what a vector adds to them is stored, and fetched one by one some way behind. Where all draws were to be trusted and
// may not have been, which the sums then tell, the lanes stay as they were; returns 0.
INLINE int sum_lane(struct ws_weighted_lanes *lanes, size_t lane, const struct row *row, int units, int trusting) {
    enum { BEHIND = 4, RING = 8, AHEAD = 8 };
    int64_t pairs[RING][2 * WIDTH] __attribute__((aligned(64)));
    struct weighted of = load_lanes(lanes, lane);
    const vd pivot = splat(row->pivot), scale = splat(row->scale);
    const size_t vectors = (row->n + WS_LANES - 1) / WS_LANES;
    for (size_t v = 0; v < vectors + (row->sums ? BEHIND : 0); v++) {
        const size_t i = lane + v * WS_LANES;
        if (v < vectors)
            add_draws(&of, load(row->x + i), load(row->weight + i), pivot, scale, units, trusting);
        if (v < vectors && row->sums) {
            store_pairs(load(row->weight + i), pairs[v % RING]);
            ask_for(row->index + (v + AHEAD < vectors ? i + AHEAD * WS_LANES : i), row->sums);
        }
        if (v >= BEHIND && row->sums)
            add_pairs(pairs[(v - BEHIND) % RING], row->index + i - BEHIND * WS_LANES, row->sums);
    }
    if (trusting && some((of.sum[1] + of.sum[3]) * 0 != 0))
        return 0;
    of.valid = trusting ? of.weighed : of.valid;
    store_lanes(lanes, lane, &of, units);
    return 1;
}

static int sum_units(struct ws_weighted_lanes *lanes, size_t lane, const struct row *row) {
    const struct row alone = {row->x, row->weight, row->n, row->pivot, row->scale, NULL, NULL};
    return sum_lane(lanes, lane, &alone, 1, 1);
}

static int sum_moments(struct ws_weighted_lanes *lanes, size_t lane, const struct row *row) {
    const struct row alone = {row->x, row->weight, row->n, row->pivot, row->scale, NULL, NULL};
    return sum_lane(lanes, lane, &alone, 0, 1);
}

static int sum_all(struct ws_weighted_lanes *lanes, size_t lane, const struct row *row) {
    return sum_lane(lanes, lane, row, 0, 1);
}

static void sum_carefully(struct ws_weighted_lanes *lanes, size_t lane, const struct row *row, int units) {
    const struct row alone = {row->x, row->weight, row->n, row->pivot, row->scale, NULL, NULL};
    if (units)
        sum_lane(lanes, lane, &alone, 1, 0);
    else
        sum_lane(lanes, lane, &alone, 0, 0);
}

void PER_ISA(ws_weighted_tally)(struct ws_weighted_lanes *lanes, const double *x, const double *weight, size_t n,
                                int units, double pivot, double scale, const uint32_t *index, int64_t *sums,
                                size_t *first_invalid) {
    const struct row row = {x, weight, n, pivot, scale, index, sums};
    const uint64_t invalid = lanes->invalid;
    // Nor were there other weights before.
    units = units && memcmp(lanes->sum, lanes->square, sizeof lanes->sum) == 0;
    for (size_t lane = 0; lane < WS_LANES; lane += WIDTH)
        if (!(sums ? sum_all : units ? sum_units : sum_moments)(lanes, lane, &row))
            sum_carefully(lanes, lane, &row, units);
    if (units)
        memcpy(lanes->square, lanes->sum, sizeof lanes->sum);
    for (size_t i = 0; lanes->invalid > invalid && i < n; i++)
        if (weight[i] > 0 && x[i] - x[i] != 0) {
            *first_invalid = i;
            return;
        }
}
