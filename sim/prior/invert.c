// SPDX-License-Identifier: GPL-3.0-or-later
#include "prior/invert.h"

#include <math.h>

enum { MAX_STEPS = 200 };

// Halley's step from a point that is g = ln P - ln v off, held back where the point is too far for its curvature to
// mean much.
static double halley_step(const struct ws_tail_point *point, double g) {
    double newton = -g / point->rate;
    double bending = 1 + 0.5 * newton * point->bend / point->rate;
    return newton / fmin(fmax(bending, 0.5), 2);
}

// Where a step has left what is known of the answer's place: half way into it.
static double bisect(double below, double above) {
    if (isinf(below))
        return above - 2;
    return isinf(above) ? below + 2 : 0.5 * (below + above);
}

// Solves from the guess t; *point receives the slopes there, for the next neighbour's guess.
static double solve(const struct ws_tail *tail, double log_v, double t, struct ws_tail_point *point) {
    double below = -INFINITY, above = tail->t_max;
    for (int i = 0; i < MAX_STEPS; i++) {
        *point = tail->at(tail->shape, t);
        double g = point->log_p - log_v, step = halley_step(point, g);
        // Convergence is of third order: the step from |g| <= 1e-5 leaves an error of about 1e-15 in ln P.
        if (fabs(g) <= 1e-5 || above - below <= 1e-16 * fabs(t)) {
            point->rate += point->bend * step;
            return fmin(t + step, tail->t_max);
        }
        if ((g > 0) == (point->rate > 0))
            above = t;
        else
            below = t;
        t = t + step > below && t + step < above ? t + step : bisect(below, above);
    }
    return NAN;
}

void ws_tail_invert(const struct ws_tail *tail, size_t n, const double *v, double *t) {
    struct ws_tail_point point = {0};
    double log_before = 0, before = NAN;
    for (size_t i = 0; i < n; i++) {
        double log_v = log(v[i]), change = log_v - log_before;
        // Second-order expansion of t as a function of ln P about the neighbour.
        double guess = before + change / point.rate * (1 - 0.5 * change * point.bend / (point.rate * point.rate));
        if (!(fabs(change) < 3 && guess < tail->t_max && fabs(guess - before) < 10 * fabs(change / point.rate)))
            guess = tail->start(tail->shape, v[i]);
        t[i] = before = solve(tail, log_v, guess, &point);
        log_before = log_v;
    }
}
