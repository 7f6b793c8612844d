// SPDX-License-Identifier: GPL-3.0-or-later
// Families with closed quantile functions on a bounded interval: constant, uniform, loguniform, triangular, arcsine.
#include <math.h>

#include "prior/families.h"

// ---- constant {value} ----

double ws_constant_quantile(const double *p, double v, int upper) {
    (void)v, (void)upper;
    return p[0];
}

double ws_constant_cdf(const double *p, double x, int upper) { return (x >= p[0]) != (upper != 0) ? 1 : 0; }

void ws_constant_support(const double *p, double *low, double *high) { *low = *high = p[0]; }

void ws_constant_moments(const double *p, double m[4]) {
    m[0] = p[0];
    m[1] = 0;
    m[2] = m[3] = NAN;
}

// ---- uniform {min, max} ----

int ws_uniform_check(const double *p, char *text, size_t size) {
    return p[0] < p[1] ? 0 : ws_refuse_pair(text, size, "uniform", "min < max", "min", p[0], "max", p[1]);
}

double ws_uniform_quantile(const double *p, double v, int upper) {
    double width = p[1] - p[0];
    return upper ? p[1] - v * width : p[0] + v * width;
}

double ws_uniform_cdf(const double *p, double x, int upper) {
    double part = upper ? p[1] - x : x - p[0];
    return fmin(fmax(part / (p[1] - p[0]), 0), 1);
}

void ws_uniform_support(const double *p, double *low, double *high) {
    *low = p[0];
    *high = p[1];
}

void ws_uniform_moments(const double *p, double m[4]) {
    double width = p[1] - p[0];
    m[0] = p[0] + width / 2;
    m[1] = width * width / 12;
    m[2] = 0;
    m[3] = -1.2;
}

int ws_uniform_from_quantiles(double p1, double x1, double p2, double x2, double *p, char *text, size_t size) {
    if (ws_check_quantiles("uniform", 0, p1, x1, p2, x2, text, size))
        return -1;
    double slope = (x2 - x1) / (p2 - p1);
    p[0] = x1 - p1 * slope;
    p[1] = x2 + (1 - p2) * slope;
    return 0;
}

// ---- loguniform {min, max}: ln x is uniform ----

int ws_loguniform_check(const double *p, char *text, size_t size) {
    return p[0] < p[1] ? 0 : ws_refuse_pair(text, size, "loguniform", "min < max", "min", p[0], "max", p[1]);
}

static double log_ratio(const double *p) { return log(p[1]) - log(p[0]); }

double ws_loguniform_quantile(const double *p, double v, int upper) {
    return upper ? p[1] * exp(-v * log_ratio(p)) : p[0] * exp(v * log_ratio(p));
}

double ws_loguniform_cdf(const double *p, double x, int upper) {
    if (x <= p[0] || x >= p[1])
        return (x >= p[1]) != (upper != 0) ? 1 : 0;
    return (upper ? log(p[1] / x) : log(x / p[0])) / log_ratio(p);
}

void ws_loguniform_support(const double *p, double *low, double *high) { ws_uniform_support(p, low, high); }

// About the mean of e^y with y uniform, by Gauss-Legendre in panels of y at most one wide: the closed forms
// are differences of nearly equal numbers where max / min is near one.
void ws_loguniform_moments(const double *p, double m[4]) {
    double width = log_ratio(p), middle = sqrt(p[0]) * sqrt(p[1]), sum[5] = {0};
    double mean = sinh(width / 2) / (width / 2); // in units of the geometric mean
    int panels = (int)ceil(width);
    for (int i = 0; i < panels * WS_GAUSS_POINTS; i++) {
        double y = width * ((i / WS_GAUSS_POINTS + 0.5 + 0.5 * ws_gauss_x[i % WS_GAUSS_POINTS]) / panels - 0.5);
        double d = exp(y) - mean, weight = 0.5 * ws_gauss_w[i % WS_GAUSS_POINTS] / panels;
        sum[2] += weight * d * d;
        sum[3] += weight * d * d * d;
        sum[4] += weight * d * d * d * d;
    }
    m[0] = middle * mean;
    m[1] = middle * middle * sum[2];
    m[2] = sum[3] / (sum[2] * sqrt(sum[2]));
    m[3] = sum[4] / (sum[2] * sum[2]) - 3;
}

int ws_loguniform_from_quantiles(double p1, double x1, double p2, double x2, double *p, char *text, size_t size) {
    if (ws_check_quantiles("loguniform", 1, p1, x1, p2, x2, text, size))
        return -1;
    double slope = log(x2 / x1) / (p2 - p1);
    p[0] = x1 * exp(-p1 * slope);
    p[1] = x2 * exp((1 - p2) * slope);
    return 0;
}

// ---- triangular {min, mode, max} ----

int ws_triangular_check(const double *p, char *text, size_t size) {
    static const char relation[] = "min <= mode <= max";
    if (!(p[0] <= p[1]))
        return ws_refuse_pair(text, size, "triangular", relation, "min", p[0], "mode", p[1]);
    if (!(p[1] <= p[2]))
        return ws_refuse_pair(text, size, "triangular", relation, "mode", p[1], "max", p[2]);
    return p[0] < p[2] ? 0 : ws_refuse_pair(text, size, "triangular", "min < max", "min", p[0], "max", p[2]);
}

// From the end that v is counted from up to the mode a square root; beyond it by the distance from the mode, since the
// distance from the far end would lose digits where the mode is close to this one.
double ws_triangular_quantile(const double *p, double v, int upper) {
    double near = upper ? p[2] - p[1] : p[1] - p[0], far = upper ? p[1] - p[0] : p[2] - p[1], width = p[2] - p[0];
    double beyond = v * width - near;
    if (beyond <= 0) {
        double distance = sqrt(v * width * near);
        return upper ? p[2] - distance : p[0] + distance;
    }
    double distance = beyond / (1 + sqrt(1 - beyond / far)); // far (1 - sqrt(1 - beyond / far))
    return upper ? p[1] - distance : p[1] + distance;
}

double ws_triangular_cdf(const double *p, double x, int upper) {
    if (x <= p[0] || x >= p[2])
        return (x >= p[2]) != (upper != 0) ? 1 : 0;
    double near = upper ? p[2] - p[1] : p[1] - p[0], far = upper ? p[1] - p[0] : p[2] - p[1], width = p[2] - p[0];
    double distance = upper ? p[2] - x : x - p[0], beyond = upper ? p[1] - x : x - p[1];
    return beyond <= 0 ? distance / width * (distance / near) : (near + beyond * (2 - beyond / far)) / width;
}

void ws_triangular_support(const double *p, double *low, double *high) {
    *low = p[0];
    *high = p[2];
}

void ws_triangular_moments(const double *p, double m[4]) {
    double rise = p[1] - p[0], fall = p[2] - p[1];
    double spread = rise * rise + rise * fall + fall * fall;
    m[0] = p[0] + (2 * rise + fall) / 3;
    m[1] = spread / 18;
    m[2] = sqrt(2) * (fall - rise) * (2 * rise + fall) * (rise + 2 * fall) / (5 * spread * sqrt(spread));
    m[3] = -0.6;
}

size_t ws_triangular_breaks(const double *p, double *u) {
    u[0] = (p[1] - p[0]) / (p[2] - p[0]);
    return u[0] > 0 && u[0] < 1;
}

// ---- arcsine {min, max}: a cosine at a random phase ----

int ws_arcsine_check(const double *p, char *text, size_t size) {
    return p[0] < p[1] ? 0 : ws_refuse_pair(text, size, "arcsine", "min < max", "min", p[0], "max", p[1]);
}

double ws_arcsine_quantile(const double *p, double v, int upper) {
    double root = sin(M_PI_2 * v), distance = (p[1] - p[0]) * root * root;
    return upper ? p[1] - distance : p[0] + distance;
}

double ws_arcsine_cdf(const double *p, double x, int upper) {
    if (x <= p[0] || x >= p[1])
        return (x >= p[1]) != (upper != 0) ? 1 : 0;
    double below = x - p[0], above = p[1] - x;
    return M_2_PI * (upper ? atan2(sqrt(above), sqrt(below)) : atan2(sqrt(below), sqrt(above)));
}

void ws_arcsine_support(const double *p, double *low, double *high) { ws_uniform_support(p, low, high); }

void ws_arcsine_moments(const double *p, double m[4]) {
    double width = p[1] - p[0];
    m[0] = p[0] + width / 2;
    m[1] = width * width / 8;
    m[2] = 0;
    m[3] = -1.5;
}
