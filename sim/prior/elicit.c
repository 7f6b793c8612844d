// SPDX-License-Identifier: GPL-3.0-or-later
// Parameters from two quantiles where there is no closed form: beta and gamma by one root inside another, or one.
#include <math.h>
#include <stdio.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_roots.h>

#include "prior/families.h"

struct wanted {
    double p1, x1, p2, x2;
    double weight; // of a beta: a + b
};

// The root of a function that changes sign between low and high (Brent's method); NAN where it does not.
static double find_root(double (*f)(double x, void *object), void *object, double low, double high) {
    gsl_function function = {f, object};
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    double root = NAN;
    if (solver && gsl_root_fsolver_set(solver, &function, low, high) == GSL_SUCCESS)
        for (int i = 0; i < 200; i++) {
            if (gsl_root_fsolver_iterate(solver) != GSL_SUCCESS)
                break;
            root = gsl_root_fsolver_root(solver);
            if (gsl_root_test_interval(gsl_root_fsolver_x_lower(solver), gsl_root_fsolver_x_upper(solver), 1e-15,
                                       1e-15) == GSL_SUCCESS)
                break;
        }
    if (solver)
        gsl_root_fsolver_free(solver);
    return root;
}

// What is too narrow for the family is a normal distribution by all that can be told; what reaches too far down is
// nearest to a lognormal one.
static int refuse(char *text, size_t size, const char *family, double p1, double x1, double p2, double x2) {
    snprintf(text, size, "no %s comes close to these two quantiles; {%s: {p%.10g: %.10g, p%.10g: %.10g}} does", family,
             x1 > 0 && x2 / x1 > 1.5 ? "lognormal" : "normal", 100 * p1, x1, 100 * p2, x2);
    return -1;
}

// ---- gamma: the ratio of two quantiles falls as the shape grows ----

static double gamma_at(double shape, double p) {
    const double parameters[] = {shape, 1};
    return p <= 0.5 ? ws_gamma_quantile(parameters, p, 0) : ws_gamma_quantile(parameters, 1 - p, 1);
}

static double gamma_ratio(double log_shape, void *object) {
    const struct wanted *w = object;
    double low = gamma_at(exp(log_shape), w->p1), high = gamma_at(exp(log_shape), w->p2);
    return fmin(log(high) - log(fmax(low, 1e-300)), 600) - log(w->x2 / w->x1);
}

int ws_gamma_from_quantiles(double p1, double x1, double p2, double x2, double *p, char *text, size_t size) {
    if (ws_check_quantiles("gamma", 1, p1, x1, p2, x2, text, size))
        return -1;
    struct wanted w = {p1, x1, p2, x2, 0};
    p[0] = exp(find_root(gamma_ratio, &w, log(1e-2), log(1e8)));
    p[1] = x2 / gamma_at(p[0], p2);
    return isfinite(p[0]) && isfinite(p[1]) && p[1] > 0 ? 0 : refuse(text, size, "gamma", p1, x1, p2, x2);
}

// ---- beta: for a weight a + b, the mean that meets the first quantile; the weight that then meets the second ----

static double beta_below(const struct wanted *w, double logit_mean, double x) {
    double mean = 1 / (1 + exp(-logit_mean));
    const double parameters[] = {w->weight * mean, w->weight / (1 + exp(logit_mean)), 0, 1};
    return ws_beta_cdf(parameters, x, 0);
}

static double miss_first(double logit_mean, void *object) {
    const struct wanted *w = object;
    return beta_below(w, logit_mean, w->x1) - w->p1;
}

static double miss_second(double log_weight, void *object) {
    struct wanted *w = object;
    w->weight = exp(log_weight);
    return beta_below(w, find_root(miss_first, w, -30, 30), w->x2) - w->p2;
}

int ws_beta_from_quantiles(double p1, double x1, double p2, double x2, double *p, char *text, size_t size) {
    if (ws_check_quantiles("beta", 0, p1, x1, p2, x2, text, size))
        return -1;
    double width = p[3] - p[2];
    if (!(width > 0))
        return ws_refuse_pair(text, size, "beta", "min < max", "min", p[2], "max", p[3]);
    struct wanted w = {p1, (x1 - p[2]) / width, p2, (x2 - p[2]) / width, 0};
    if (!(w.x1 > 0 && w.x2 < 1))
        return ws_refuse_pair(text, size, "beta", "both quantiles between min and max", "the lower", x1, "the upper",
                              x2);
    w.weight = exp(find_root(miss_second, &w, log(1e-2), log(1e7)));
    if (!isfinite(w.weight))
        return refuse(text, size, "beta", p1, x1, p2, x2);
    double logit_mean = find_root(miss_first, &w, -30, 30);
    p[0] = w.weight / (1 + exp(-logit_mean));
    p[1] = w.weight / (1 + exp(logit_mean));
    return isfinite(p[0]) && isfinite(p[1]) ? 0 : refuse(text, size, "beta", p1, x1, p2, x2);
}
