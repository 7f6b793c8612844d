// SPDX-License-Identifier: GPL-3.0-or-later
// What the rows of families.c are made of. For the files of this folder alone.
#ifndef WS_PRIOR_FAMILIES_H
#define WS_PRIOR_FAMILIES_H

#include <stddef.h>

#include "prior/family.h"

// The four functions that every family with a quantile function has; family.h says what each promises.
#define WS_FAMILY_FUNCTIONS(name) \
    double ws_##name##_quantile(const double *p, double v, int upper); \
    double ws_##name##_cdf(const double *p, double x, int upper); \
    void ws_##name##_support(const double *p, double *low, double *high); \
    void ws_##name##_moments(const double *p, double m[4]);

WS_FAMILY_FUNCTIONS(constant)
WS_FAMILY_FUNCTIONS(uniform)
WS_FAMILY_FUNCTIONS(loguniform)
WS_FAMILY_FUNCTIONS(triangular)
WS_FAMILY_FUNCTIONS(arcsine)
WS_FAMILY_FUNCTIONS(normal)
WS_FAMILY_FUNCTIONS(lognormal)
WS_FAMILY_FUNCTIONS(logistic)
WS_FAMILY_FUNCTIONS(gumbel)
WS_FAMILY_FUNCTIONS(beta)
WS_FAMILY_FUNCTIONS(pert)
WS_FAMILY_FUNCTIONS(student)
WS_FAMILY_FUNCTIONS(gamma)
WS_FAMILY_FUNCTIONS(exponential)
WS_FAMILY_FUNCTIONS(weibull)
WS_FAMILY_FUNCTIONS(pareto)
WS_FAMILY_FUNCTIONS(curvilinear_trapezoid)

// Counts, known by their mode and the ratio of the probabilities of k + 1 and k.
#define WS_COUNT_FUNCTIONS(name) \
    double ws_##name##_mode(const double *p); \
    double ws_##name##_ratio(const double *p, double k);

WS_COUNT_FUNCTIONS(poisson)
WS_COUNT_FUNCTIONS(binomial)
WS_COUNT_FUNCTIONS(bernoulli)
#define WS_MOST_COUNT 1e9 // largest mean or number of trials: its distribution still fits a table

void ws_beta_quantiles(const double *p, size_t n, const double *v, int upper, double *x);
void ws_pert_quantiles(const double *p, size_t n, const double *v, int upper, double *x);
void ws_gamma_quantiles(const double *p, size_t n, const double *v, int upper, double *x);
size_t ws_triangular_breaks(const double *p, double *u);
size_t ws_curvilinear_trapezoid_breaks(const double *p, double *u);

int ws_uniform_check(const double *p, char *text, size_t size);
int ws_loguniform_check(const double *p, char *text, size_t size);
int ws_triangular_check(const double *p, char *text, size_t size);
int ws_arcsine_check(const double *p, char *text, size_t size);
int ws_beta_check(const double *p, char *text, size_t size);
int ws_gamma_check(const double *p, char *text, size_t size);
int ws_pert_check(const double *p, char *text, size_t size);
int ws_curvilinear_trapezoid_check(const double *p, char *text, size_t size);
int ws_poisson_check(const double *p, char *text, size_t size);
int ws_binomial_check(const double *p, char *text, size_t size);

int ws_uniform_from_quantiles(double p1, double x1, double p2, double x2, double *p, char *text, size_t size);
int ws_loguniform_from_quantiles(double p1, double x1, double p2, double x2, double *p, char *text, size_t size);
int ws_normal_from_quantiles(double p1, double x1, double p2, double x2, double *p, char *text, size_t size);
int ws_lognormal_from_quantiles(double p1, double x1, double p2, double x2, double *p, char *text, size_t size);
int ws_beta_from_quantiles(double p1, double x1, double p2, double x2, double *p, char *text, size_t size);
int ws_gamma_from_quantiles(double p1, double x1, double p2, double x2, double *p, char *text, size_t size);
int ws_student_from_quantiles(double p1, double x1, double p2, double x2, double *p, char *text, size_t size);

const char *ws_lognormal_from_mean_sd(const double *values, double *p);
const char *ws_lognormal_from_median_gsd(const double *values, double *p);

// "FAMILY needs RELATION, found NAME_A A, NAME_B B" into text; returns -1.
int ws_refuse_pair(char *text, size_t size, const char *family, const char *relation, const char *name_a, double a,
                   const char *name_b, double b);
// "FAMILY needs NAME a whole number up to 1e9, found VALUE" into text; returns -1.
int ws_refuse_count(char *text, size_t size, const char *family, const char *name, double value);
// 0 if x1 < x2 (and x1 > 0 where positive), else -1 with a text.
int ws_check_quantiles(const char *family, int positive, double p1, double x1, double p2, double x2, char *text,
                       size_t size);

// ln x of Beta(a, b) on [0, 1] at lower tail probabilities v <= 1/2 (log_x may be v), and P(ln X <= log_x).
void ws_beta_log_quantiles(double a, double b, size_t n, const double *v, double *log_x);
double ws_beta_tail(double a, double b, double log_x);

// Gauss-Legendre with 10 points on [-1, 1] (Abramowitz & Stegun 25.4.30): abscissae and weights.
enum { WS_GAUSS_POINTS = 10 };
extern const double ws_gauss_x[WS_GAUSS_POINTS], ws_gauss_w[WS_GAUSS_POINTS];

#endif
