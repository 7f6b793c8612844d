// SPDX-License-Identifier: GPL-3.0-or-later
#include "prior/table_advice.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A number of two digits just outside x, as it is printed; null where it is infinite.
static double round_out(double x, int up, char text[32]) {
    double value = x;
    if (x != 0 && isfinite(x)) {
        double unit = pow(10, floor(log10(fabs(x))) - 1);
        value = (up ? ceil(x / unit) : floor(x / unit)) * unit;
    }
    snprintf(text, 32, "%.2g", value);
    if (isinf(x))
        snprintf(text, 32, "null");
    return isinf(x) ? x : strtod(text, NULL);
}

int ws_advise_truncation(const struct ws_prior *prior, const struct ws_table_grid *grid, char *text, size_t size) {
    static const double tails[] = {1e-12, 1e-9, 1e-6, 1e-4, 1e-3, 1e-2};
    for (size_t k = 0; k < sizeof tails / sizeof *tails; k++) {
        char low[32], high[32];
        struct ws_prior cut = *prior;
        cut.low = fmax(prior->low, round_out(ws_prior_quantile(prior, tails[k], 0), 0, low));
        cut.high = fmin(prior->high, round_out(ws_prior_quantile(prior, tails[k], 1), 1, high));
        if (!(cut.low < cut.high) || !isfinite(cut.high - cut.low) || ws_prior_check(&cut, text, size))
            continue;
        int status = ws_table_try(&cut, grid);
        if (status == 0)
            snprintf(text, size, "truncate: [%s, %s]", low, high);
        if (status <= 0)
            return status;
    }
    return 1;
}

// Families whose tails (or, of the trapezoid, peak) a parameter makes as steep as one likes, towards 0 or, where
// `down`, away from it. Of a beta's two it is the smaller.
static const struct {
    const char *family;
    int parameter, down;
} shapes[] = {
    {"student_t", 0, 0}, {"gamma", 0, 0},    {"weibull", 0, 0}, {"pareto", 0, 0},      {"lognormal", 1, 1},
    {"normal", 1, 1},    {"logistic", 1, 1}, {"gumbel", 1, 1},  {"exponential", 0, 1}, {"curvilinear_trapezoid", 2, 1},
    {"beta", 0, 0},      {"beta", 1, 0}};

static int with_shape(const struct ws_prior *prior, const struct ws_table_grid *grid, int parameter, double value) {
    char text[256];
    struct ws_prior other = *prior;
    other.p[parameter] = value;
    return ws_prior_check(&other, text, sizeof text) ? 1 : ws_table_try(&other, grid);
}

int ws_advise_shape(const struct ws_prior *prior, const struct ws_table_grid *grid, char *text, size_t size) {
    enum { DOUBLINGS = 60, HALVINGS = 5 };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        int k = shapes[i].parameter, status = 1;
        if (strcmp(shapes[i].family, prior->family->name) != 0)
            continue;
        if (strcmp(shapes[i].family, "beta") == 0 && prior->p[k] > prior->p[1 - k])
            continue;
        double bad = prior->p[k], good = bad, factor = shapes[i].down ? 0.5 : 2;
        for (int n = 0; n < DOUBLINGS && status > 0; n++) {
            bad = good;
            good *= factor;
            status = with_shape(prior, grid, k, good);
        }
        for (int n = 0; n < HALVINGS && status == 0; n++) {
            double middle = sqrt(bad * good);
            *(with_shape(prior, grid, k, middle) == 0 ? &good : &bad) = middle;
        }
        char number[32];
        if (status == 0 && with_shape(prior, grid, k, round_out(good, !shapes[i].down, number)) == 0) {
            snprintf(text, size, "%s %s or %s", prior->family->parameters[k].name, number,
                     shapes[i].down ? "less" : "more");
            return 0;
        }
    }
    return 1;
}
