// SPDX-License-Identifier: GPL-3.0-or-later
// With continuous priors Spearman's rho and Kendall's tau depend on the scores' correlation r alone:
//     rho_s = 6 / pi asin(r / 2),   tau = 2 / pi asin(r)      (Kruskal 1958, J. Amer. Statist. Assoc. 53, sections 8,
//     10)
// A prior of few values is a step function of its score. Its mid-rank jumps by j_k = (p_k + p_k+1) / 2 at score a_k, so
// that
//     cov(mid-rank of X, mid-rank of Y) = sum_k sum_l j_k j_l cov(1[Z1 > a_k], 1[Z2 > b_l]),
// and cov(1[Z1 > a], 1[Z2 > b]) is the integral over asin r' from 0 to asin r of the bivariate normal density
// (Plackett 1954, Biometrika 41). A continuous Y has mid-rank Phi(Z2) = P(W < Z2 | Z2) for an independent normal W: one
// jump of 1 at b = 0, with the score (Z2 - W) / sqrt 2. Where a prior is continuous between values of their own
// probability (cells.h), its mid-rank rises with the score's rank, and the sum is an integral there, by Gauss's rule.
#include "prior/dependence.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "base/text.h"
#include "prior/cells.h"
#include "prior/families.h"
#include "prior/partly.h"

// A prior's mid-rank as a function of its score. What is continuous rises in pieces, of so many points each.
enum { MOST_PIECES = 14, POINTS = 4, MOST_STEPS = (MOST_PIECES + WS_MOST_CELLS) * POINTS };
struct steps {
    size_t n;
    double at[MOST_STEPS], jump[MOST_STEPS];
    double variance; // of the mid-rank
    double shrink;   // of the score's correlations: 1, or sqrt(1 / 2) where the prior is continuous
};

static void add_step(struct steps *steps, double rank, double jump) {
    steps->jump[steps->n] = jump;
    steps->at[steps->n++] = gsl_cdf_ugaussian_Pinv(rank);
}

// The rise of the ranks by `mass` from `below` on.
static void add_rise(struct steps *steps, double below, double mass) {
    static const double x[POINTS] = {-0.86113631159405258, -0.33998104358485626, 0.33998104358485626,
                                     0.86113631159405258};
    static const double w[POINTS] = {0.34785484513745386, 0.65214515486254614, 0.65214515486254614,
                                     0.34785484513745386};
    const size_t pieces = (size_t)ceil(MOST_PIECES * mass);
    const double half = mass / (double)pieces / 2;
    for (size_t i = 0; i < pieces; i++)
        for (int k = 0; k < POINTS; k++)
            add_step(steps, below + half * ((double)(2 * i + 1) + x[k]), half * w[k]);
}

static void make_steps(struct steps *steps, const struct ws_cells *cells) {
    *steps = (struct steps){.n = 1, .jump = {1}, .variance = 1.0 / 12, .shrink = M_SQRT1_2};
    if (cells->n == 0)
        return;
    const double negligible = 1e-14;
    double below = 0;
    steps->n = 0;
    steps->shrink = 1;
    for (size_t k = 0; k < cells->n; k++) {
        const unsigned char *is_run = cells->is_run;
        if (is_run[k])
            add_rise(steps, below, cells->weight[k]);
        below += cells->weight[k];
        if (k + 1 == cells->n || below < negligible || below > 1 - negligible)
            continue;
        add_step(steps, below, ((is_run[k] ? 0 : cells->weight[k]) + (is_run[k + 1] ? 0 : cells->weight[k + 1])) / 2);
    }
    steps->variance = (1 - cells->thrice) / 12;
}

// cov(1[Z1 > a], 1[Z2 > b]) for correlation sin(angle).
static double indicator_covariance(double a, double b, double angle) {
    double sum = 0;
    for (int i = 0; i < WS_GAUSS_POINTS; i++) {
        double t = angle * (0.5 + 0.5 * ws_gauss_x[i]), c = cos(t);
        sum += ws_gauss_w[i] * exp(-(a * a - 2 * sin(t) * a * b + b * b) / (2 * c * c));
    }
    return sum * angle / 2 / (2 * M_PI);
}

static double spearman_of_steps(const struct steps *a, const struct steps *b, double r) {
    double sum = 0, angle = asin(r * a->shrink * b->shrink);
    for (size_t k = 0; k < a->n; k++)
        for (size_t l = 0; l < b->n; l++) {
            // In halves: near r = 1 the integrand rises late.
            double whole = 0;
            enum { PIECES = 4 };
            for (int i = 0; i < PIECES; i++) {
                double from = angle * (1 - exp2(-i)), to = i + 1 == PIECES ? angle : angle * (1 - exp2(-i - 1));
                whole += indicator_covariance(a->at[k], b->at[l], to) - indicator_covariance(a->at[k], b->at[l], from);
            }
            sum += a->jump[k] * b->jump[l] * whole;
        }
    return sum / sqrt(a->variance * b->variance);
}

static double spearman_of_cells(const struct ws_cells *a, const struct ws_cells *b, double r) {
    if (a->n == 0 && b->n == 0)
        return 6 / M_PI * asin(r / 2);
    struct steps x, y;
    make_steps(&x, a);
    make_steps(&y, b);
    return spearman_of_steps(&x, &y, r);
}

double ws_spearman_of_scores(const struct ws_prior *a, const struct ws_prior *b, double r) {
    struct ws_cells x, y;
    ws_cells_make(&x, a);
    ws_cells_make(&y, b);
    return spearman_of_cells(&x, &y, r);
}

double ws_kendall_of_scores(const struct ws_prior *a, const struct ws_prior *b, double r) {
    struct ws_cells x, y;
    ws_cells_make(&x, a);
    ws_cells_make(&y, b);
    return ws_kendall_of_cells(&x, &y, r);
}

static const double nearest_to_one = 1 - 1e-12;
typedef double of_scores(const struct ws_cells *a, const struct ws_cells *b, double r);

// The ends are printed inwards, so that they can be had as printed.
static int refuse(const char *name, double wanted, double least, double largest, char *text, size_t size) {
    char found[32];
    snprintf(text, size, "%s %s cannot be had from these two priors: %.4f to %.4f can", name,
             ws_format_double(wanted, found), ceil(1e4 * least) / 1e4, floor(1e4 * largest) / 1e4);
    return -1;
}

// By halving: either measure rises with r. The ends are as near as the integrals go.
static int solve(of_scores *function, const char *name, double most, double wanted, const struct ws_cells *a,
                 const struct ws_cells *b, double *r, char *text, size_t size) {
    double low = -most, high = most, least = function(a, b, low), largest = function(a, b, high);
    if (!(wanted >= least && wanted <= largest))
        return refuse(name, wanted, least, largest, text, size);
    for (int i = 0; i < 50; i++) {
        double middle = (low + high) / 2;
        if (function(a, b, middle) < wanted)
            low = middle;
        else
            high = middle;
    }
    *r = (low + high) / 2;
    return 0;
}

// Kendall's tau where the integrals to any r lie on the way to the last one.
static int solve_rise(double wanted, const struct ws_cells *a, const struct ws_cells *b, double *r, char *text,
                      size_t size) {
    struct ws_rise *to[] = {ws_rise_create(a, b, 0), ws_rise_create(a, b, 1)};
    const double all = sqrt((1 - a->same) * (1 - b->same));
    double largest = to[0] ? ws_rise_at(to[0], nearest_to_one) / all : NAN;
    double least = to[1] ? -ws_rise_at(to[1], nearest_to_one) / all : NAN;
    int can = wanted >= least && wanted <= largest;
    if (can)
        *r = copysign(ws_rise_inverse(to[wanted < 0], fabs(wanted) * all), wanted);
    ws_rise_destroy(to[0]);
    ws_rise_destroy(to[1]);
    return can ? 0 : refuse("kendall", wanted, least, largest, text, size);
}

int ws_scores_correlation(enum ws_measure measure, double value, const struct ws_prior *a, const struct ws_prior *b,
                          double *r, char *text, size_t size) {
    struct ws_cells x, y;
    ws_cells_make(&x, a);
    ws_cells_make(&y, b);
    if (measure == WS_GAUSSIAN)
        *r = value;
    else if (measure == WS_SPEARMAN && x.n + y.n > 0)
        return solve(spearman_of_cells, "spearman", nearest_to_one, value, &x, &y, r, text, size);
    else if (x.n > 0 && y.n > 0 && (x.has_runs || y.has_runs))
        return solve_rise(value, &x, &y, r, text, size);
    else if (x.n + y.n > 0) // whose integrals step through scores where there are no runs
        return solve(ws_kendall_of_cells, "kendall", x.has_runs || y.has_runs ? nearest_to_one : 1 - 1e-6, value, &x,
                     &y, r, text, size);
    else
        *r = measure == WS_KENDALL ? sin(M_PI_2 * value) : 2 * sin(M_PI / 6 * value);
    return 0;
}
