// SPDX-License-Identifier: GPL-3.0-or-later
// Waiting times, lives and sizes on the half line: gamma, exponential, weibull, pareto.
#include <float.h>
#include <math.h>
#include <stdio.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_log.h>

#include "prior/families.h"
#include "prior/invert.h"

// ---- gamma {shape, scale} ----

// Incomplete gamma functions take the longer the larger the shape is, and beyond this do not end.
int ws_gamma_check(const double *p, char *text, size_t size) {
    if (p[0] <= 1e10)
        return 0;
    snprintf(
        text, size,
        "gamma needs shape up to 1e10, found %g; beyond that it is {normal: {mean: shape * scale, sd: sqrt(shape) * "
        "scale}}, worked out",
        p[0]);
    return -1;
}

struct shape {
    double a;
    double log_front; // of x^a e^-x / Gamma(a) at x = a
    int upper;        // which tail is wanted
};

static struct shape make_shape(double a, int upper) {
    double log_front = 0.5 * log(a / (2 * M_PI)) - log(gsl_sf_gammastar(a)); // DLMF 5.11.3
    return (struct shape){.a = a, .log_front = log_front, .upper = upper};
}

// P(a, x) = x^a e^-x / (a Gamma(a)) * sum (DLMF 8.11.4); for x < a + 1.
static double lower_series(double a, double x) {
    double term = 1, sum = 1;
    for (int k = 1; term > DBL_EPSILON / 4 * sum && k < 1000000; k++)
        sum += term *= x / (a + k);
    return sum;
}

// Q(a, x) = x^a e^-x / Gamma(a) * h (DLMF 8.9.2, its even part), by the modified Lentz method; for x >= a + 1.
static double upper_fraction(double a, double x) {
    double b = x + 1 - a, c = 1 / DBL_MIN, d = 1 / b, h = d;
    for (int k = 1; k < 1000000; k++) {
        double numerator = k * (a - k);
        b += 2;
        d = 1 / (b + numerator * d);
        c = b + numerator / c;
        h *= c * d;
        if (fabs(c * d - 1) <= DBL_EPSILON)
            return h;
    }
    return NAN;
}

// ln P or ln Q and its slopes by t = ln x. Whichever of the two is computed directly needs no exponential.
static struct ws_tail_point gamma_tail(const void *object, double t) {
    const struct shape *shape = object;
    double a = shape->a, x = exp(t), r = x / a;
    double bulk = fabs(r - 1) < 0.5 ? gsl_sf_log_1plusx_mx(r - 1) : t - log(a) + 1 - r;
    double log_front = shape->log_front + a * bulk;
    int lower_known = x < a + 1;
    double h = lower_known ? lower_series(a, x) / a : upper_fraction(a, x);
    struct ws_tail_point point;
    if (lower_known == !shape->upper) {
        point.log_p = log_front + log(h);
        point.rate = 1 / h;
    } else {
        double front = exp(log_front), p = 1 - front * h;
        point.log_p = log(p);
        point.rate = front / p;
    }
    if (shape->upper)
        point.rate = -point.rate;
    point.bend = point.rate * (a - x - point.rate);
    return point;
}

// The larger of the lower tail's power law, which is below the answer, and Wilson & Hilferty's (1931) cube of a normal.
static double gamma_guess(const void *object, double v) {
    const struct shape *shape = object;
    double a = shape->a, z = gsl_cdf_ugaussian_Pinv(v), log_gamma = gsl_sf_lngamma(a + 1);
    double power = ((shape->upper ? log1p(-v) : log(v)) + log_gamma) / a;
    double root = 1 - 1 / (9 * a) + (shape->upper ? -z : z) / (3 * sqrt(a));
    return root > 0 ? fmax(power, log(a) + 3 * log(root)) : power;
}

void ws_gamma_quantiles(const double *p, size_t n, const double *v, int upper, double *x) {
    struct shape shape = make_shape(p[0], upper);
    struct ws_tail tail = {.shape = &shape, .at = gamma_tail, .start = gamma_guess, .t_max = INFINITY};
    ws_tail_invert(&tail, n, v, x);
    for (size_t i = 0; i < n; i++)
        x[i] = p[1] * exp(x[i]);
}

double ws_gamma_quantile(const double *p, double v, int upper) {
    double x;
    ws_gamma_quantiles(p, 1, &v, upper, &x);
    return x;
}

double ws_gamma_cdf(const double *p, double x, int upper) {
    if (!(x > 0 && x < INFINITY))
        return (x > 0) != (upper != 0) ? 1 : 0;
    struct shape shape = make_shape(p[0], upper);
    return exp(gamma_tail(&shape, log(x / p[1])).log_p);
}

static void half_line(double *low, double *high) {
    *low = 0;
    *high = INFINITY;
}

void ws_gamma_support(const double *p, double *low, double *high) {
    (void)p;
    half_line(low, high);
}

void ws_gamma_moments(const double *p, double m[4]) {
    m[0] = p[0] * p[1];
    m[1] = p[0] * p[1] * p[1];
    m[2] = 2 / sqrt(p[0]);
    m[3] = 6 / p[0];
}

// ---- exponential {mean} ----

double ws_exponential_quantile(const double *p, double v, int upper) { return -p[0] * (upper ? log(v) : log1p(-v)); }

double ws_exponential_cdf(const double *p, double x, int upper) {
    double y = fmax(x, 0) / p[0];
    return upper ? exp(-y) : -expm1(-y);
}

void ws_exponential_support(const double *p, double *low, double *high) {
    (void)p;
    half_line(low, high);
}

void ws_exponential_moments(const double *p, double m[4]) {
    m[0] = p[0];
    m[1] = p[0] * p[0];
    m[2] = 2;
    m[3] = 6;
}

// ---- weibull {shape, scale} ----

double ws_weibull_quantile(const double *p, double v, int upper) {
    return p[1] * pow(upper ? -log(v) : -log1p(-v), 1 / p[0]);
}

double ws_weibull_cdf(const double *p, double x, int upper) {
    double y = pow(fmax(x, 0) / p[1], p[0]);
    return upper ? exp(-y) : -expm1(-y);
}

void ws_weibull_support(const double *p, double *low, double *high) {
    (void)p;
    half_line(low, high);
}

// About the mean, by Gauss-Legendre over ln of the exponential variate behind it, since differences of gamma functions
// cancel where the shape is large.
static void weibull_central(double k, double mean, double central[5]) {
    enum { PANELS = 100 };
    double from = -40, to = 6; // e^e^6: the weight is below 1e-170 above, and below 1e-17 under e^-40
    central[2] = central[3] = central[4] = 0;
    for (int i = 0; i < PANELS * WS_GAUSS_POINTS; i++) {
        double half = 0.5 * (to - from) / PANELS;
        double y = from + half * (2 * (i / WS_GAUSS_POINTS) + 1 + ws_gauss_x[i % WS_GAUSS_POINTS]);
        double weight = half * ws_gauss_w[i % WS_GAUSS_POINTS] * exp(y - exp(y)), d = exp(y / k) - mean;
        central[2] += weight * d * d;
        central[3] += weight * d * d * d;
        central[4] += weight * d * d * d * d;
    }
}

void ws_weibull_moments(const double *p, double m[4]) {
    double k = p[0], mean = exp(gsl_sf_lngamma(1 + 1 / k)), central[5];
    if (k >= 1) {
        weibull_central(k, mean, central);
    } else {
        double g[5] = {1, mean};
        for (int i = 2; i <= 4; i++)
            g[i] = exp(gsl_sf_lngamma(1 + i / k));
        central[2] = g[2] - mean * mean;
        central[3] = g[3] - 3 * mean * g[2] + 2 * mean * mean * mean;
        central[4] = g[4] - 4 * mean * g[3] + 6 * mean * mean * g[2] - 3 * mean * mean * mean * mean;
    }
    m[0] = p[1] * mean;
    m[1] = p[1] * p[1] * central[2];
    m[2] = central[3] / (central[2] * sqrt(central[2]));
    m[3] = central[4] / (central[2] * central[2]) - 3;
}

// ---- pareto {shape, min} ----

double ws_pareto_quantile(const double *p, double v, int upper) {
    return p[1] * exp(-(upper ? log(v) : log1p(-v)) / p[0]);
}

double ws_pareto_cdf(const double *p, double x, int upper) {
    double y = p[0] * log(fmax(x / p[1], 1));
    return upper ? exp(-y) : -expm1(-y);
}

void ws_pareto_support(const double *p, double *low, double *high) {
    *low = p[1];
    *high = INFINITY;
}

void ws_pareto_moments(const double *p, double m[4]) {
    double a = p[0];
    m[0] = a > 1 ? p[1] * a / (a - 1) : NAN;
    m[1] = a > 2 ? p[1] * p[1] * a / ((a - 1) * (a - 1) * (a - 2)) : NAN;
    m[2] = a > 3 ? 2 * (1 + a) / (a - 3) * sqrt((a - 2) / a) : NAN;
    m[3] = a > 4 ? 6 * (a * a * a + a * a - 6 * a - 2) / (a * (a - 3) * (a - 4)) : NAN;
}
