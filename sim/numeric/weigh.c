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

// Draws without a weight, and invalid ones, add nothing: they stand at the pivot. Lanes are those of the draws' places
// in the block, whatever the width. Of weights that are all 1 or 0 (`units`) the sums of squares are the sums.
INLINE void sum_lane(struct ws_weighted_lanes *lanes, size_t lane, const double *x, const double *weight, size_t n,
                     vd pivot, vd scale, int units) {
    vd sum[4], square[4], minimum = splat(__builtin_inf()), maximum = -minimum;
    uint64_t weighed = 0, valid = 0;
    for (int k = 0; k < 4; k++) {
        sum[k] = load(&lanes->sum[k][lane]);
        square[k] = load(&lanes->square[k][lane]);
    }
    for (size_t i = lane; i < n + lane; i += WS_LANES) {
        vd value = load(x + i), w = load(weight + i) * splat(0x1p-28);
        vm has_weight = w > 0, counts = has_weight & (value - value == 0);
        weighed += (uint64_t)__builtin_popcount((unsigned)some(has_weight));
        valid += (uint64_t)__builtin_popcount((unsigned)some(counts));
        minimum = smaller(blend(counts, value, splat(__builtin_inf())), minimum);
        maximum = larger(blend(counts, value, splat(-__builtin_inf())), maximum);
        vd d = (blend(counts, value, pivot) - pivot) * scale, term = d;
        if (!units)
            term = blend(counts, w, splat(0)) * d;
        for (int k = 0; k < 4; k++, term = term * d) {
            sum[k] += term;
            if (!units)
                square[k] += term * w;
        }
    }
    for (int k = 0; k < 4; k++) {
        store(&lanes->sum[k][lane], sum[k]);
        if (!units)
            store(&lanes->square[k][lane], square[k]);
    }
    // + 0 makes -0 into 0, so that the extremes do not depend on the order of the draws
    for (int k = 0; k < WIDTH; k++) {
        lanes->minimum = (minimum[k] < lanes->minimum ? minimum[k] : lanes->minimum) + 0.0;
        lanes->maximum = (maximum[k] > lanes->maximum ? maximum[k] : lanes->maximum) + 0.0;
    }
    lanes->count += valid;
    lanes->invalid += weighed - valid;
}

static void sum_units(struct ws_weighted_lanes *lanes, size_t lane, const double *x, const double *weight, size_t n,
                      vd pivot, vd scale) {
    sum_lane(lanes, lane, x, weight, n, pivot, scale, 1);
}

static void sum_any(struct ws_weighted_lanes *lanes, size_t lane, const double *x, const double *weight, size_t n,
                    vd pivot, vd scale) {
    sum_lane(lanes, lane, x, weight, n, pivot, scale, 0);
}

void PER_ISA(ws_weighted_moments)(struct ws_weighted_lanes *lanes, const double *x, const double *weight, size_t n,
                                  int units, double pivot, double scale, size_t *first_invalid) {
    const uint64_t invalid = lanes->invalid;
    // Nor were there other weights before.
    units = units && memcmp(lanes->sum, lanes->square, sizeof lanes->sum) == 0;
    for (size_t lane = 0; lane < WS_LANES; lane += WIDTH)
        (units ? sum_units : sum_any)(lanes, lane, x, weight, n, splat(pivot), splat(scale));
    if (units)
        memcpy(lanes->square, lanes->sum, sizeof lanes->sum);
    for (size_t i = 0; lanes->invalid > invalid && i < n; i++)
        if (weight[i] > 0 && x[i] - x[i] != 0) {
            *first_invalid = i;
            return;
        }
}
