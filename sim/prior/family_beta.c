// SPDX-License-Identifier: GPL-3.0-or-later
// Beta and PERT. The incomplete beta function is evaluated here rather than by GSL, which recomputes ln B at every call
// and gives up where the parameters are large; tables need some hundred values for one pair of parameters.
#include <float.h>
#include <math.h>
#include <stdio.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>

#include "prior/families.h"
#include "prior/invert.h"

struct shape {
    double a, b;
    double x0, y0;    // a / (a + b), b / (a + b)
    double log_x0;    // without loss where x0 is near 1
    double log_front; // of x^a y^b / B(a, b) at x0
};

// B(a, b) through Stirling's formula and its correction gammastar (DLMF 5.11.3), which keeps its accuracy where a
// and b are large and ln B alone would lose it.
static struct shape make_shape(double a, double b) {
    struct shape shape = {.a = a, .b = b, .x0 = a / (a + b), .y0 = b / (a + b)};
    double star = gsl_sf_gammastar(a + b) / (gsl_sf_gammastar(a) * gsl_sf_gammastar(b));
    shape.log_x0 = b < a ? log1p(-shape.y0) : log(shape.x0);
    shape.log_front = log(star) + 0.5 * log(a / (2 * M_PI) * shape.y0);
    return shape;
}

// The continued fraction of DLMF 8.17.22 by the modified Lentz method, h with I_x(a, b) = x^a y^b / (a B(a, b)) h;
// converges quickly for x < (a + 1) / (a + b + 2).
static double continued_fraction(double a, double b, double x) {
    double c = 1, d = 1 / (1 - (a + b) * x / (a + 1)), h = d;
    for (int m = 1; m <= 100000; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        c = 1 + even / c;
        d = 1 / (1 + even * d);
        h *= c * d;
        c = 1 + odd / c;
        d = 1 / (1 + odd * d);
        h *= c * d;
        if (fabs(c * d - 1) <= DBL_EPSILON)
            return h;
    }
    return NAN;
}

// ln I_x(a, b) and its slopes by t = ln x.
static struct ws_tail_point lower_tail(const void *object, double t) {
    const struct shape *shape = object;
    double a = shape->a, b = shape->b, x = exp(t), y = -expm1(t);
    if (!(y > 0))
        return (struct ws_tail_point){.log_p = 0, .rate = DBL_MIN, .bend = 0};
    double dy = (y - shape->y0) / shape->y0, log_y = fabs(dy) < 0.5 ? log1p(dy) : log(y / shape->y0);
    double log_front = shape->log_front + a * (t - shape->log_x0) + b * log_y;
    struct ws_tail_point point;
    if (x * (a + b + 2) < a + 1) {
        double h = continued_fraction(a, b, x);
        point.log_p = log_front + log(h / a);
        point.rate = a / (y * h);
    } else {
        double front = exp(log_front), p = 1 - front * continued_fraction(b, a, y) / b;
        point.log_p = log(p);
        point.rate = front / (y * p);
    }
    point.bend = point.rate * (a - (b - 1) * x / y - point.rate);
    return point;
}

// The power law of the tail, which for b >= 1 is below the answer; or, where both ends have falling densities,
// ln(x / y) taken as normal, whichever is larger.
static double first_guess(const void *object, double v) {
    const struct shape *shape = object;
    double a = shape->a, b = shape->b;
    double log_b = a * shape->log_x0 + b * log(shape->y0) - shape->log_front;
    double power = (log(v) + log(a) + log_b) / a;
    if (a > 1 && b > 1) {
        double logit = log((a - 0.5) / (b - 0.5)) + gsl_cdf_ugaussian_Pinv(v) * sqrt(1 / (a - 0.5) + 1 / (b - 0.5));
        power = fmax(power, -log1p(exp(-logit)));
    }
    return fmin(power, log(shape->x0 + 0.5 * shape->y0));
}

void ws_beta_log_quantiles(double a, double b, size_t n, const double *v, double *log_x) {
    struct shape shape = make_shape(a, b);
    struct ws_tail tail = {.shape = &shape, .at = lower_tail, .start = first_guess, .t_max = 0};
    ws_tail_invert(&tail, n, v, log_x);
}

double ws_beta_tail(double a, double b, double log_x) {
    if (!(log_x > -INFINITY && log_x < 0))
        return log_x >= 0 ? 1 : 0;
    struct shape shape = make_shape(a, b);
    return exp(lower_tail(&shape, log_x).log_p);
}

// ---- beta {a, b, min, max} ----

// The continued fraction takes the longer the larger both are, and beyond this does not end; and quantiles that are 0
// or 1 but for a few are no function that a table takes.
static int check_size(const char *name, const double *p, char *text, size_t size) {
    double m[4];
    if (fmax(p[0], p[1]) < 0.003) {
        snprintf(text, size,
                 "%s with both exponents below 0.003 (%.3g and %.3g) lies at its ends: {discrete: {values: [%.15g, "
                 "%.15g], weights: [%.15g, %.15g]}}",
                 name, p[0], p[1], p[2], p[3], p[1], p[0]);
        return -1;
    }
    if (!(fmin(p[0], p[1]) > 2e9))
        return 0;
    ws_beta_moments(p, m);
    snprintf(text, size, "%s with both exponents above 2e9 (%.3g and %.3g) is {normal: {mean: %.15g, sd: %.6g}}", name,
             p[0], p[1], m[0], sqrt(m[1]));
    return -1;
}

int ws_beta_check(const double *p, char *text, size_t size) {
    return p[2] < p[3] ? check_size("beta", p, text, size)
                       : ws_refuse_pair(text, size, "beta", "min < max", "min", p[2], "max", p[3]);
}

// The upper tail of Beta(a, b) is the lower one of Beta(b, a). x is placed by its distance from the nearer end, which
// may be the other one.
void ws_beta_quantiles(const double *p, size_t n, const double *v, int upper, double *x) {
    ws_beta_log_quantiles(upper ? p[1] : p[0], upper ? p[0] : p[1], n, v, x);
    double width = p[3] - p[2];
    for (size_t i = 0; i < n; i++) {
        int from_high = x[i] > -M_LN2 ? !upper : upper;
        double distance = width * (x[i] > -M_LN2 ? -expm1(x[i]) : exp(x[i]));
        x[i] = from_high ? p[3] - distance : p[2] + distance;
    }
}

double ws_beta_quantile(const double *p, double v, int upper) {
    double x;
    ws_beta_quantiles(p, 1, &v, upper, &x);
    return x;
}

double ws_beta_cdf(const double *p, double x, int upper) {
    if (x <= p[2] || x >= p[3])
        return (x >= p[3]) != (upper != 0) ? 1 : 0;
    double near = (upper ? p[3] - x : x - p[2]) / (p[3] - p[2]), far = (upper ? x - p[2] : p[3] - x) / (p[3] - p[2]);
    return ws_beta_tail(upper ? p[1] : p[0], upper ? p[0] : p[1], near < 0.5 ? log(near) : log1p(-far));
}

void ws_beta_support(const double *p, double *low, double *high) {
    *low = p[2];
    *high = p[3];
}

void ws_beta_moments(const double *p, double m[4]) {
    double a = p[0], b = p[1], n = a + b, width = p[3] - p[2];
    m[0] = p[2] + width * (a / n);
    m[1] = width * width * (a / n) * (b / n) / (n + 1);
    m[2] = 2 * (b - a) * sqrt(n + 1) / ((n + 2) * sqrt(a) * sqrt(b));
    m[3] = 6 * ((a - b) * (a - b) * (n + 1) / (a * b * (n + 2)) - 1) / (n + 3);
}

// ---- pert {min, mode, max, lambda}: Beta(1 + lambda (mode - min) / width, 1 + lambda (max - mode) / width) on [min,
// max] ---- (Vose 2000; lambda = 4 gives the mean (min + 4 mode + max) / 6 of Malcolm et al. 1959.)

static void pert_to_beta(const double *p, double beta[4]) {
    double width = p[2] - p[0];
    beta[0] = 1 + p[3] * (p[1] - p[0]) / width;
    beta[1] = 1 + p[3] * (p[2] - p[1]) / width;
    beta[2] = p[0];
    beta[3] = p[2];
}

int ws_pert_check(const double *p, char *text, size_t size) {
    static const char relation[] = "min <= mode <= max";
    if (!(p[0] <= p[1]))
        return ws_refuse_pair(text, size, "pert", relation, "min", p[0], "mode", p[1]);
    if (!(p[1] <= p[2]))
        return ws_refuse_pair(text, size, "pert", relation, "mode", p[1], "max", p[2]);
    if (!(p[0] < p[2]))
        return ws_refuse_pair(text, size, "pert", "min < max", "min", p[0], "max", p[2]);
    double beta[4];
    pert_to_beta(p, beta);
    return check_size("pert", beta, text, size);
}

void ws_pert_quantiles(const double *p, size_t n, const double *v, int upper, double *x) {
    double beta[4];
    pert_to_beta(p, beta);
    ws_beta_quantiles(beta, n, v, upper, x);
}

double ws_pert_quantile(const double *p, double v, int upper) {
    double x;
    ws_pert_quantiles(p, 1, &v, upper, &x);
    return x;
}

double ws_pert_cdf(const double *p, double x, int upper) {
    double beta[4];
    pert_to_beta(p, beta);
    return ws_beta_cdf(beta, x, upper);
}

void ws_pert_support(const double *p, double *low, double *high) {
    *low = p[0];
    *high = p[2];
}

void ws_pert_moments(const double *p, double m[4]) {
    double beta[4];
    pert_to_beta(p, beta);
    ws_beta_moments(beta, m);
}
