// SPDX-License-Identifier: GPL-3.0-or-later
// Exact power sums about a pivot, and the moments that follow from them.
#include "tally/tally.h"

#include <math.h>

void ws_moments_init(struct ws_moments *moments, double pivot, double scale) {
    *moments = (struct ws_moments){
        .pivot = pivot, .scale = scale, .minimum = INFINITY, .maximum = -INFINITY, .first_invalid = UINT64_MAX};
}

void ws_moments_add(struct ws_moments *moments, const struct ws_moment_lanes *lanes) {
    for (int k = 0; k < 4; k++)
        for (int lane = 0; lane < WS_LANES; lane++)
            ws_exact_add(&moments->sum[k], lanes->sum[k][lane]);
    moments->minimum = fmin(moments->minimum, lanes->minimum);
    moments->maximum = fmax(moments->maximum, lanes->maximum);
    moments->count += lanes->count;
    moments->invalid += lanes->invalid;
}

void ws_moments_merge(struct ws_moments *moments, const struct ws_moments *other) {
    for (int k = 0; k < 4; k++)
        ws_exact_merge(&moments->sum[k], &other->sum[k]);
    moments->minimum = fmin(moments->minimum, other->minimum);
    moments->maximum = fmax(moments->maximum, other->maximum);
    moments->count += other->count;
    moments->invalid += other->invalid;
    if (other->first_invalid < moments->first_invalid)
        moments->first_invalid = other->first_invalid;
}

void ws_moments_subtract(struct ws_moments *moments, const struct ws_moments *other) {
    for (int k = 0; k < 4; k++)
        ws_exact_subtract(&moments->sum[k], &other->sum[k]);
    moments->count -= other->count;
    moments->invalid -= other->invalid;
}

void ws_moments_central(const struct ws_moments *moments, double *mean, double m[5]) {
    ws_moments_central_of(moments, (double)moments->count, mean, m);
}

void ws_moments_central_of(const struct ws_moments *moments, double n, double *mean, double m[5]) {
    double raw[5] = {1};
    for (int k = 1; k <= 4; k++)
        raw[k] = n > 0 ? ws_exact_value(&moments->sum[k - 1]) / n : NAN;
    // Central moments from raw ones about the pivot (binomial theorem); the pivot is a pilot mean, so little cancels.
    double a = raw[1], unit = 1 / moments->scale, variance = raw[2] - a * a;
    *mean = moments->pivot + a * unit;
    m[0] = 1;
    m[1] = 0;
    m[2] = variance < 0 ? 0 : variance; // NAN where the sums are beyond the range of numbers
    m[3] = raw[3] - 3 * a * raw[2] + 2 * a * a * a;
    m[4] = raw[4] - 4 * a * raw[3] + 6 * a * a * raw[2] - 3 * a * a * a * a;
    if (moments->minimum == moments->maximum) { // a constant: say so exactly
        *mean = moments->minimum;
        m[2] = m[3] = m[4] = 0;
    }
}
