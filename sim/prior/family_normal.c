// SPDX-License-Identifier: GPL-3.0-or-later
// Location-scale families on the whole line and what is made of them: normal, lognormal, logistic, gumbel, student_t.
#include <math.h>

#include <gsl/gsl_cdf.h>

#include "prior/families.h"

// Standard normal quantile at lower tail probability v <= 1/2: GSL's is Wichura's AS 241, good to about 1e-16 in both
// tails once it is asked for the lower one only.
static double lower_z(double v) { return gsl_cdf_ugaussian_Pinv(v); }

// Also for u > 1/2, where 1 - u is exact.
static double z_of(double u) { return u <= 0.5 ? lower_z(u) : -lower_z(1 - u); }

static void whole_line(double *low, double *high) {
    *low = -INFINITY;
    *high = INFINITY;
}

// ---- normal {mean, sd} ----

double ws_normal_quantile(const double *p, double v, int upper) {
    return p[0] + p[1] * (upper ? -lower_z(v) : lower_z(v));
}

double ws_normal_cdf(const double *p, double x, int upper) {
    double z = (x - p[0]) / p[1];
    return upper ? gsl_cdf_ugaussian_Q(z) : gsl_cdf_ugaussian_P(z);
}

void ws_normal_support(const double *p, double *low, double *high) {
    (void)p;
    whole_line(low, high);
}

void ws_normal_moments(const double *p, double m[4]) {
    m[0] = p[0];
    m[1] = p[1] * p[1];
    m[2] = m[3] = 0;
}

int ws_normal_from_quantiles(double p1, double x1, double p2, double x2, double *p, char *text, size_t size) {
    if (ws_check_quantiles("normal", 0, p1, x1, p2, x2, text, size))
        return -1;
    double z1 = z_of(p1), z2 = z_of(p2);
    p[1] = (x2 - x1) / (z2 - z1);
    p[0] = (x1 * z2 - x2 * z1) / (z2 - z1);
    return 0;
}

// ---- lognormal {mu, sigma}: ln x is normal ----

double ws_lognormal_quantile(const double *p, double v, int upper) { return exp(ws_normal_quantile(p, v, upper)); }

double ws_lognormal_cdf(const double *p, double x, int upper) {
    if (x <= 0)
        return upper ? 1 : 0;
    return ws_normal_cdf(p, log(x), upper);
}

void ws_lognormal_support(const double *p, double *low, double *high) {
    (void)p;
    *low = 0;
    *high = INFINITY;
}

void ws_lognormal_moments(const double *p, double m[4]) {
    double s2 = p[1] * p[1], w = exp(s2), growth = expm1(s2);
    m[0] = exp(p[0] + s2 / 2);
    m[1] = m[0] * m[0] * growth;
    m[2] = (w + 2) * sqrt(growth);
    m[3] = growth * (w * w * (w + 3) + 6 * (w + 1)); // w^4 + 2 w^3 + 3 w^2 - 6, with its root at w = 1 taken out
}

int ws_lognormal_from_quantiles(double p1, double x1, double p2, double x2, double *p, char *text, size_t size) {
    if (ws_check_quantiles("lognormal", 1, p1, x1, p2, x2, text, size))
        return -1;
    return ws_normal_from_quantiles(p1, log(x1), p2, log(x2), p, text, size);
}

const char *ws_lognormal_from_mean_sd(const double *values, double *p) {
    double ratio = values[1] / values[0], s2 = log1p(ratio * ratio);
    p[0] = log(values[0]) - s2 / 2;
    p[1] = sqrt(s2);
    return NULL;
}

const char *ws_lognormal_from_median_gsd(const double *values, double *p) {
    if (!(values[1] > 1))
        return "lognormal needs gsd > 1 (the factor from the median to the 84 % quantile)";
    p[0] = log(values[0]);
    p[1] = log(values[1]);
    return NULL;
}

// ---- logistic {mean, scale} ----

double ws_logistic_quantile(const double *p, double v, int upper) {
    double logit = log(v) - log1p(-v);
    return p[0] + p[1] * (upper ? -logit : logit);
}

double ws_logistic_cdf(const double *p, double x, int upper) {
    double y = (x - p[0]) / p[1];
    return 1 / (1 + exp(upper ? y : -y));
}

void ws_logistic_support(const double *p, double *low, double *high) {
    (void)p;
    whole_line(low, high);
}

void ws_logistic_moments(const double *p, double m[4]) {
    m[0] = p[0];
    m[1] = p[1] * p[1] * M_PI * M_PI / 3;
    m[2] = 0;
    m[3] = 1.2;
}

// ---- gumbel {mode, scale}: the largest of many ----

double ws_gumbel_quantile(const double *p, double v, int upper) {
    return p[0] - p[1] * log(upper ? -log1p(-v) : -log(v));
}

double ws_gumbel_cdf(const double *p, double x, int upper) {
    double rare = exp(-(x - p[0]) / p[1]);
    return upper ? -expm1(-rare) : exp(-rare);
}

void ws_gumbel_support(const double *p, double *low, double *high) {
    (void)p;
    whole_line(low, high);
}

void ws_gumbel_moments(const double *p, double m[4]) {
    static const double euler = 0.57721566490153286061, zeta3 = 1.20205690315959428540;
    m[0] = p[0] + p[1] * euler;
    m[1] = p[1] * p[1] * M_PI * M_PI / 6;
    m[2] = 12 * sqrt(6) * zeta3 / (M_PI * M_PI * M_PI);
    m[3] = 2.4;
}

// ---- student_t {df, mean, scale} ----

// With y = df / (df + t^2) of Beta(df / 2, 1 / 2): P(|T| > |t|) = P(Y < y). Near the centre 1 - y is solved for
// instead.
// Beyond this the beta distribution's logarithms lose digits, and the first terms about the normal are exact.
static const double nearly_normal = 1e8;

// Abramowitz & Stegun 26.7.5, of which the next term is 1e-19 at z = 8.3.
static double from_normal(double z, double df) {
    double z2 = z * z;
    return z + z * (z2 + 1) / (4 * df) + z * ((5 * z2 + 16) * z2 + 3) / (96 * df * df);
}

// The other way: Abramowitz & Stegun 26.7.8.
static double to_normal(double t, double df) { return t * (1 - 1 / (4 * df)) / sqrt(1 + t * t / (2 * df)); }

double ws_student_quantile(const double *p, double v, int upper) {
    if (p[0] > nearly_normal) {
        double t = from_normal(gsl_cdf_ugaussian_Qinv(v), p[0]);
        return p[1] + p[2] * (upper ? t : -t);
    }
    double half = p[0] / 2, probability = v <= 0.25 ? 2 * v : 1 - 2 * v, log_y, t = 0;
    if (v <= 0.25) {
        ws_beta_log_quantiles(half, 0.5, 1, &probability, &log_y);
        t = sqrt(p[0]) * sqrt(expm1(-log_y));
    } else if (probability > 0) {
        ws_beta_log_quantiles(0.5, half, 1, &probability, &log_y);
        t = sqrt(p[0]) / sqrt(expm1(-log_y));
    }
    return p[1] + p[2] * (upper ? t : -t);
}

double ws_student_cdf(const double *p, double x, int upper) {
    double t = (x - p[1]) / p[2];
    if (isinf(t))
        return (t > 0) != (upper != 0) ? 1 : 0;
    if (p[0] > nearly_normal)
        return upper ? gsl_cdf_ugaussian_Q(to_normal(t, p[0])) : gsl_cdf_ugaussian_P(to_normal(t, p[0]));
    double ratio = t * t / p[0], half = p[0] / 2; // (1 - y) / y
    double tail =
        fabs(t) > 0.7 ? ws_beta_tail(half, 0.5, -log1p(ratio)) : 1 - ws_beta_tail(0.5, half, -log1p(1 / ratio));
    return (t > 0) == (upper != 0) ? tail / 2 : 1 - tail / 2;
}

void ws_student_support(const double *p, double *low, double *high) {
    (void)p;
    whole_line(low, high);
}

void ws_student_moments(const double *p, double m[4]) {
    double df = p[0];
    m[0] = df > 1 ? p[1] : NAN;
    m[1] = df > 2 ? p[2] * p[2] * df / (df - 2) : NAN;
    m[2] = df > 3 ? 0 : NAN;
    m[3] = df > 4 ? 6 / (df - 4) : NAN;
}

int ws_student_from_quantiles(double p1, double x1, double p2, double x2, double *p, char *text, size_t size) {
    if (ws_check_quantiles("student_t", 0, p1, x1, p2, x2, text, size))
        return -1;
    const double standard[] = {p[0], 0, 1};
    double t1 = ws_student_quantile(standard, p1 <= 0.5 ? p1 : 1 - p1, p1 > 0.5);
    double t2 = ws_student_quantile(standard, p2 <= 0.5 ? p2 : 1 - p2, p2 > 0.5);
    p[2] = (x2 - x1) / (t2 - t1);
    p[1] = (x1 * t2 - x2 * t1) / (t2 - t1);
    return 0;
}
