// SPDX-License-Identifier: GPL-3.0-or-later
// Draws with weights. Compiled once for each instruction set.
#include "numeric/weigh.h"

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
// in the block, whatever the width.
static void sum_lane(struct ws_weighted_lanes *lanes, size_t lane, const double *x, const double *weight, size_t n,
                     vd pivot, vd scale) {
    vd sum[4], square[4], minimum = splat(__builtin_inf()), maximum = -minimum;
    for (int k = 0; k < 4; k++) {
        sum[k] = load(&lanes->sum[k][lane]);
        square[k] = load(&lanes->square[k][lane]);
    }
    for (size_t i = lane; i < n + lane; i += WS_LANES) {
        vd value = load(x + i), w = load(weight + i) * splat(0x1p-28);
        vm counts = (w > 0) & (value - value == 0);
        minimum = smaller(blend(counts, value, splat(__builtin_inf())), minimum);
        maximum = larger(blend(counts, value, splat(-__builtin_inf())), maximum);
        vd d = (blend(counts, value, pivot) - pivot) * scale, term = blend(counts, w, splat(0));
        for (int k = 0; k < 4; k++) {
            term = term * d;
            sum[k] += term;
            square[k] += term * w;
        }
    }
    for (int k = 0; k < 4; k++) {
        store(&lanes->sum[k][lane], sum[k]);
        store(&lanes->square[k][lane], square[k]);
    }
    // + 0 makes -0 into 0, so that the extremes do not depend on the order of the draws
    for (int k = 0; k < WIDTH; k++) {
        lanes->minimum = (minimum[k] < lanes->minimum ? minimum[k] : lanes->minimum) + 0.0;
        lanes->maximum = (maximum[k] > lanes->maximum ? maximum[k] : lanes->maximum) + 0.0;
    }
}

void PER_ISA(ws_weighted_moments)(struct ws_weighted_lanes *lanes, const double *x, const double *weight, size_t n,
                                  double pivot, double scale, size_t *first_invalid) {
    for (size_t lane = 0; lane < WS_LANES; lane += WIDTH)
        sum_lane(lanes, lane, x, weight, n, splat(pivot), splat(scale));
    uint64_t valid = 0, invalid = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned finite = x[i] - x[i] == 0, counts = weight[i] > 0;
        valid += finite & counts;
        invalid += (finite ^ 1) & counts;
    }
    lanes->count += valid;
    lanes->invalid += invalid;
    for (size_t i = 0; invalid > 0 && i < n; i++)
        if (weight[i] > 0 && x[i] - x[i] != 0) {
            *first_invalid = i;
            return;
        }
}
