// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/weighted.h"

#include <math.h>

// The estimate of E f is sum w f / sum w, and its variance sum w^2 (f - E f)^2 / (sum w)^2 (Owen 2013, "Monte Carlo
// theory, methods and examples", section 9.2).

static double squares_of(const struct ws_tally *tally) {
    return ldexp((double)tally->weighing->squares.total, -WS_WEIGHT_BITS);
}

// sum w^2 (d - a)^k for k = 2 and 4, with d = (x - pivot) * scale.
static void about(const struct ws_tally *tally, double a, double *second, double *fourth) {
    double s[5] = {squares_of(tally)};
    for (int k = 1; k <= 4; k++)
        s[k] = ws_exact_value(&tally->weighing->square[k - 1]);
    *second = fmax(s[2] - 2 * a * s[1] + a * a * s[0], 0);
    *fourth = fmax(s[4] - 4 * a * s[3] + 6 * a * a * s[2] - 4 * a * a * a * s[1] + a * a * a * a * s[0], 0);
}

double ws_weighted_mean_se(const struct ws_tally *tally) {
    double mean, m[5], second, fourth;
    ws_tally_central(tally, &mean, m);
    if (!(ws_tally_ess(tally) > 1))
        return NAN;
    if (m[2] == 0)
        return 0;
    about(tally, (mean - tally->moments.pivot) * tally->moments.scale, &second, &fourth);
    return sqrt(second) / ws_tally_total(tally) / tally->moments.scale;
}

// Of the variance s^2, f is (x - mean)^2; sd(s) = sd(s^2) / (2 s).
double ws_weighted_sd_se(const struct ws_tally *tally) {
    double mean, m[5], second, fourth, scale = tally->moments.scale;
    ws_tally_central(tally, &mean, m);
    if (!(ws_tally_ess(tally) > 1))
        return NAN;
    if (m[2] == 0)
        return 0;
    about(tally, (mean - tally->moments.pivot) * scale, &second, &fourth);
    double variance = m[2] * scale * scale;
    double sum = fmax(fourth - 2 * variance * second + variance * variance * squares_of(tally), 0);
    return sqrt(sum) / ws_tally_total(tally) / (2 * sqrt(variance)) / scale;
}

double ws_weighted_probability_se(const struct ws_tally *tally, double x, double p) {
    double all = squares_of(tally), total = ws_tally_total(tally);
    if (!(total > 0))
        return NAN;
    const struct ws_moments *m = &tally->moments;
    double below = all > 0 ? all * ws_sketch_cdf(&tally->weighing->squares, x, m->minimum, m->maximum) : 0;
    return sqrt(fmax((1 - p) * (1 - p) * below + p * p * (all - below), 0)) / total;
}
