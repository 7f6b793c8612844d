// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/weighted.h"

#include <math.h>

// The estimate of E f is sum w f / sum w, and its variance sum w^2 (f - E f)^2 / (sum w)^2 (Owen 2013, "Monte Carlo
// theory, methods and examples", section 9.2). Where the tally is put together from parts in proportions that are
// given, f varies about each part's own mean alone (stratification, section 8.4).

// The parts of a tally; itself where it has none.
static size_t parts_of(const struct ws_tally *tally, struct ws_part_tally *itself, const struct ws_part_tally **parts) {
    *itself = (struct ws_part_tally){tally, 1};
    *parts = tally->weighing->n_parts > 0 ? tally->weighing->parts : itself;
    return tally->weighing->n_parts > 0 ? tally->weighing->n_parts : 1;
}

static double squares_of(const struct ws_tally *tally) {
    return tally->weighing ? ldexp((double)tally->weighing->squares.total, -WS_WEIGHT_BITS)
                           : (double)tally->moments.count;
}

// sum w^2 (d - a)^k for k = 2 and 4, with d = (x - pivot) * scale.
static void about(const struct ws_tally *tally, double a, double *second, double *fourth) {
    const struct ws_exact_sum *sums = tally->weighing ? tally->weighing->square : tally->moments.sum;
    double s[5] = {squares_of(tally)};
    for (int k = 1; k <= 4; k++)
        s[k] = ws_exact_value(&sums[k - 1]);
    *second = fmax(s[2] - 2 * a * s[1] + a * a * s[0], 0);
    *fourth = fmax(s[4] - 4 * a * s[3] + 6 * a * a * s[2] - 4 * a * a * a * s[1] + a * a * a * a * s[0], 0);
}

// Mean and variance of d.
static void centre(const struct ws_tally *tally, double *mean, double *variance) {
    double m[5];
    ws_tally_central(tally, mean, m);
    *mean = (*mean - tally->moments.pivot) * tally->moments.scale;
    *variance = m[2];
}

double ws_weighted_mean_se(const struct ws_tally *tally) {
    struct ws_part_tally itself;
    const struct ws_part_tally *parts;
    double mean, variance, second, fourth, sum = 0;
    size_t n = parts_of(tally, &itself, &parts);
    if (!(ws_tally_ess(tally) > 1))
        return NAN;
    for (size_t i = 0; i < n; i++) {
        centre(parts[i].tally, &mean, &variance);
        about(parts[i].tally, mean, &second, &fourth);
        sum += variance > 0 ? parts[i].factor * parts[i].factor * second : 0;
    }
    return sqrt(sum) / ws_tally_total(tally) / tally->moments.scale;
}

// Of the variance s^2, f is (d - mean)^2; sd(s) = sd(s^2) / (2 s).
double ws_weighted_sd_se(const struct ws_tally *tally) {
    struct ws_part_tally itself;
    const struct ws_part_tally *parts;
    double mean, variance, second, fourth, sum = 0;
    size_t n = parts_of(tally, &itself, &parts);
    centre(tally, &mean, &variance);
    if (!(ws_tally_ess(tally) > 1))
        return NAN;
    if (variance == 0)
        return 0;
    for (size_t i = 0; i < n; i++) {
        double own_mean, own_variance;
        centre(parts[i].tally, &own_mean, &own_variance);
        about(parts[i].tally, mean, &second, &fourth);
        double f = own_variance + (own_mean - mean) * (own_mean - mean);
        double square = fourth - 2 * f * second + f * f * squares_of(parts[i].tally);
        sum += own_variance > 0 ? parts[i].factor * parts[i].factor * fmax(square, 0) : 0;
    }
    return sqrt(sum) / ws_tally_total(tally) / (2 * sqrt(variance)) / tally->moments.scale;
}

double ws_weighted_probability_se(const struct ws_tally *tally, double x) {
    struct ws_part_tally itself;
    const struct ws_part_tally *parts;
    double total = ws_tally_total(tally), sum = 0;
    size_t n = parts_of(tally, &itself, &parts);
    if (!(total > 0))
        return NAN;
    for (size_t i = 0; i < n; i++) {
        const struct ws_tally *part = parts[i].tally;
        const struct ws_moments *m = &part->moments;
        double all = squares_of(part), p = ws_sketch_cdf(&part->sketch, x, m->minimum, m->maximum);
        const struct ws_sketch *squares = part->weighing ? &part->weighing->squares : &part->sketch;
        double below = all > 0 ? all * ws_sketch_cdf(squares, x, m->minimum, m->maximum) : 0;
        if (all > 0)
            sum += parts[i].factor * parts[i].factor * fmax((1 - p) * (1 - p) * below + p * p * (all - below), 0);
    }
    return sqrt(sum) / total;
}
