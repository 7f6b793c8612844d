// SPDX-License-Identifier: GPL-3.0-or-later
#include "prior/metalog.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "prior/shape.h"

// ---- the series ----

// Term k's power of y - 1/2, and whether it has the factor L.
static int power_of(size_t k) { return k < 2 ? 0 : k < 4 ? 1 : (int)(k / 2); }
static int has_logit(size_t k) { return k == 1 || k == 2 || (k > 4 && k % 2 == 1); }

// y - 1/2 and L at distance v from the lower end, or from the upper.
static void place(double v, int upper, double *c, double *logit) {
    *c = upper ? 0.5 - v : v - 0.5;
    *logit = log(v) - log1p(-v);
    if (upper)
        *logit = -*logit;
}

static double term(size_t k, double c, double logit) {
    double value = has_logit(k) ? logit : 1;
    for (int i = power_of(k); i > 0; i--)
        value *= c;
    return value;
}

static double series(const double *a, size_t n, double c, double logit) {
    double sum = 0;
    for (size_t k = 0; k < n; k++)
        sum += a[k] * term(k, c, logit);
    return sum;
}

// The slope by L, which stays finite in the tails: y (1 - y) M'(y).
static double slope(const double *a, size_t n, double logit) {
    double tail = 1 / (1 + exp(fabs(logit))), c = logit < 0 ? tail - 0.5 : 0.5 - tail, rate = tail * (1 - tail);
    double sum = 0;
    for (size_t k = 0; k < n; k++) {
        int power = power_of(k);
        double lower = 1; // c^(power - 1)
        for (int i = 1; i < power; i++)
            lower *= c;
        double grown = power ? power * lower * rate : 0, whole = power ? lower * c : 1;
        sum += a[k] * (has_logit(k) ? whole + grown * logit : grown);
    }
    return sum;
}

// ---- bounds ----

static double unbounded(double x, double low, double high) {
    if (isinf(low))
        return isinf(high) ? x : -log(high - x);
    return isinf(high) ? log(x - low) : log((x - low) / (high - x));
}

static double bounded(double z, double low, double high) {
    if (isinf(low))
        return isinf(high) ? z : high - exp(-z);
    if (isinf(high))
        return low + exp(z);
    return z < 0 ? low + (high - low) * (exp(z) / (1 + exp(z))) : high - (high - low) / (1 + exp(z));
}

// ---- fitting ----

// Gauss's elimination with partial pivoting; nonzero where a pivot vanishes.
static int eliminate(size_t n, double m[WS_METALOG_MOST][WS_METALOG_MOST + 1]) {
    for (size_t k = 0; k < n; k++) {
        size_t best = k;
        for (size_t i = k + 1; i < n; i++)
            if (fabs(m[i][k]) > fabs(m[best][k]))
                best = i;
        if (!(fabs(m[best][k]) > 1e-13))
            return -1;
        for (size_t j = 0; j <= n && best != k; j++) {
            double swap = m[k][j];
            m[k][j] = m[best][j];
            m[best][j] = swap;
        }
        for (size_t i = k + 1; i < n; i++) {
            double factor = m[i][k] / m[k][k];
            for (size_t j = k; j <= n; j++)
                m[i][j] -= factor * m[k][j];
        }
    }
    return 0;
}

// The term that column k of n stands for, where the last is left out for the next or not.
static size_t column_term(size_t k, size_t n, int next) { return k + 1 == n && next ? n : k; }

static int solve(const struct ws_metalog *q, int next, double *a) {
    double m[WS_METALOG_MOST][WS_METALOG_MOST + 1];
    for (size_t i = 0; i < q->n; i++) {
        double c, logit;
        int upper = q->p[i] > 0.5;
        place(upper ? 1 - q->p[i] : q->p[i], upper, &c, &logit);
        for (size_t k = 0; k < q->n; k++)
            m[i][k] = term(column_term(k, q->n, next), c, logit);
        m[i][q->n] = unbounded(q->x[i], q->low, q->high);
    }
    if (eliminate(q->n, m))
        return -1;
    a[q->n] = 0;
    for (size_t k = q->n; k-- > 0;) {
        a[k] = m[k][q->n];
        for (size_t j = k + 1; j < q->n; j++)
            a[k] -= m[k][j] * a[j];
        a[k] /= m[k][k];
    }
    if (next) {
        a[q->n] = a[q->n - 1];
        a[q->n - 1] = 0;
    }
    return 0;
}

static int coefficients(const struct ws_metalog *q, double *a) { return solve(q, 0, a) && solve(q, 1, a); }

// The least slope anywhere: on a grid, refined about its least point, and in the limits of both tails.
static double least_slope(const double *a, size_t n) {
    const double step = 0.1, end = 30;
    double at = -end, least = slope(a, n, at);
    for (double t = -end; t <= end; t += step) {
        double s = slope(a, n, t);
        if (s < least) {
            least = s;
            at = t;
        }
    }
    double from = at - step, to = at + step;
    for (int i = 0; i < 60; i++) {
        double left = from + (to - from) / 3, right = to - (to - from) / 3;
        if (slope(a, n, left) < slope(a, n, right))
            to = right;
        else
            from = left;
    }
    least = fmin(least, slope(a, n, 0.5 * (from + to)));
    return fmin(least, fmin(slope(a, n, -700), slope(a, n, 700)));
}

enum ws_metalog_fit ws_metalog_fit(const struct ws_metalog *q, double *a) {
    if (coefficients(q, a))
        return WS_METALOG_SINGULAR;
    double spread = unbounded(q->x[q->n - 1], q->low, q->high) - unbounded(q->x[0], q->low, q->high);
    for (size_t i = 0; i < q->n; i++) {
        double c, logit;
        int upper = q->p[i] > 0.5;
        place(upper ? 1 - q->p[i] : q->p[i], upper, &c, &logit);
        double off = series(a, q->n + 1, c, logit) - unbounded(q->x[i], q->low, q->high);
        if (!(fabs(off) <= 1e-9 * spread))
            return WS_METALOG_SINGULAR;
    }
    return least_slope(a, q->n + 1) > 0 ? WS_METALOG_FITS : WS_METALOG_FALLS;
}

// ---- what to move ----
//
// The series is linear in the quantiles (on the axis without bounds), and so is its slope at each place. The feasible
// sets are therefore convex: between two of them lie no others, and along a line they are one interval.

// A set that fits with something to spare, so that it goes on fitting when its numbers are rounded.
static double spare_slope(const struct ws_metalog *q) {
    size_t last = q->n - 1;
    double rise = unbounded(q->x[last], q->low, q->high) - unbounded(q->x[0], q->low, q->high);
    return 2e-3 * rise / (log(q->p[last] / (1 - q->p[last])) - log(q->p[0] / (1 - q->p[0])));
}

static int fits_at(const struct ws_metalog *q, const double *z) {
    struct ws_metalog moved = *q;
    double a[WS_METALOG_TERMS];
    for (size_t i = 0; i < q->n; i++) {
        moved.x[i] = bounded(z[i], q->low, q->high);
        if (!(moved.x[i] > q->low && moved.x[i] < q->high && (i == 0 || moved.x[i] > moved.x[i - 1])))
            return 0;
    }
    return ws_metalog_fit(&moved, a) == WS_METALOG_FITS && least_slope(a, q->n + 1) > spare_slope(q);
}

// Moves quantile i alone, as little as there is a feasible place for; 0 where it is found.
static int move_one(const struct ws_metalog *q, const double *own, size_t i, double *z) {
    static const double shares[] = {0.003, 0.01, 0.03, 0.1, 0.3, 0.5};
    const double step = 0.01 * (own[q->n - 1] - own[0]), end = 30, spare = spare_slope(q);
    struct ws_metalog moved = *q;
    double a[2][WS_METALOG_TERMS], low = -1e3 * step, high = 1e3 * step;
    moved.x[i] = bounded(own[i] + step, q->low, q->high);
    if (coefficients(q, a[0]) || coefficients(&moved, a[1]))
        return -1;
    for (double t = -end; t <= end; t += 0.1) {
        double s = slope(a[0], q->n + 1, t), rate = (slope(a[1], q->n + 1, t) - s) / step;
        if (rate > 0)
            low = fmax(low, (spare - s) / rate);
        else if (rate < 0)
            high = fmin(high, (spare - s) / rate);
    }
    for (size_t k = 0; k < sizeof shares / sizeof *shares && low < high; k++) {
        double room = shares[k] * (high - low);
        memcpy(z, own, q->n * sizeof *z);
        z[i] += low > 0 ? low + fmin(room, low) : high < 0 ? high - fmin(room, -high) : 0;
        if (fits_at(q, z))
            return 0;
    }
    return -1;
}

// The least-squares fit of the first n_terms terms to all quantiles.
static int smooth(const struct ws_metalog *q, const double *own, size_t n_terms, double *z) {
    double m[WS_METALOG_MOST][WS_METALOG_MOST + 1] = {{0}}, value[WS_METALOG_MOST][WS_METALOG_TERMS];
    for (size_t i = 0; i < q->n; i++) {
        double c, logit;
        int upper = q->p[i] > 0.5;
        place(upper ? 1 - q->p[i] : q->p[i], upper, &c, &logit);
        for (size_t k = 0; k < n_terms; k++)
            value[i][k] = term(k, c, logit);
        for (size_t k = 0; k < n_terms; k++) {
            for (size_t j = 0; j < n_terms; j++)
                m[k][j] += value[i][k] * value[i][j];
            m[k][n_terms] += value[i][k] * own[i];
        }
    }
    if (eliminate(n_terms, m))
        return -1;
    double a[WS_METALOG_TERMS];
    for (size_t k = n_terms; k-- > 0;) {
        a[k] = m[k][n_terms];
        for (size_t j = k + 1; j < n_terms; j++)
            a[k] -= m[k][j] * a[j];
        a[k] /= m[k][k];
    }
    for (size_t i = 0; i < q->n; i++) {
        z[i] = 0;
        for (size_t k = 0; k < n_terms; k++)
            z[i] += a[k] * value[i][k];
    }
    return fits_at(q, z) ? 0 : -1;
}

// As near to `goal` as z fits where all entries from `first` up to `end` go there together; z fits before and after.
static void approach(const struct ws_metalog *q, double *z, const double *goal, size_t first, size_t end) {
    double from[WS_METALOG_MOST], try[WS_METALOG_MOST], good = 0, bad = 1;
    memcpy(from, z, q->n * sizeof *z);
    memcpy(try, z, q->n * sizeof *z);
    for (int step = 0; step < 30; step++) {
        double share = step == 0 ? 1 : 0.5 * (good + bad);
        for (size_t i = first; i < end; i++)
            try[i] = share == 1 ? goal[i] : from[i] + share * (goal[i] - from[i]);
        if (fits_at(q, try)) {
            memcpy(z, try, q->n * sizeof *z);
            good = share;
            if (share == 1)
                return;
        } else {
            bad = share;
        }
    }
}

static double distance(const double *a, const double *b, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += fabs(a[i] - b[i]);
    return sum;
}

// Moves as many as it takes: from a smooth set, which is feasible, back towards the given one: one by one from either
// end, or first all together. Whatever comes nearest to what was given.
static int move_several(const struct ws_metalog *q, const double *own, double *z) {
    enum { FORWARDS, BACKWARDS, TOGETHER, WAYS };
    double least = INFINITY, start[WS_METALOG_MOST], found[WS_METALOG_MOST];
    for (size_t n_terms = 2; n_terms <= 4 && n_terms < q->n; n_terms++) {
        if (smooth(q, own, n_terms, start))
            continue;
        for (int way = 0; way < WAYS; way++) {
            memcpy(found, start, sizeof found);
            if (way == TOGETHER)
                approach(q, found, own, 0, q->n);
            for (size_t i = 0; i < q->n; i++) {
                size_t k = way == BACKWARDS ? q->n - 1 - i : i;
                approach(q, found, own, k, k + 1);
            }
            double far = distance(found, own, q->n);
            if (far < least) {
                least = far;
                memcpy(z, found, q->n * sizeof *z);
            }
        }
    }
    return isfinite(least) ? 0 : -1;
}

int ws_metalog_remedy(const struct ws_metalog *q, double *x) {
    double own[WS_METALOG_MOST], z[WS_METALOG_MOST], best[WS_METALOG_MOST], least = INFINITY;
    for (size_t i = 0; i < q->n; i++)
        own[i] = unbounded(q->x[i], q->low, q->high);
    for (size_t i = 0; i < q->n; i++) {
        if (move_one(q, own, i, z) || distance(z, own, q->n) >= least)
            continue;
        least = distance(z, own, q->n);
        memcpy(best, z, sizeof best);
    }
    if (!isfinite(least) && move_several(q, own, best))
        return -1;
    for (size_t i = 0; i < q->n; i++)
        x[i] = best[i] == own[i] ? q->x[i] : bounded(best[i], q->low, q->high);
    return 0;
}

// ---- the distribution ----

static void metalog_quantiles(const struct ws_prior *prior, size_t n, const double *v, int upper, double *y) {
    for (size_t i = 0; i < n; i++) {
        double c, logit;
        place(v[i], upper, &c, &logit);
        y[i] = bounded(series(prior->data, prior->n_data, c, logit), prior->p[0], prior->p[1]);
    }
}

// By halving in L, in which M rises everywhere.
static double metalog_cdf(const struct ws_prior *prior, double y, int upper) {
    if (y <= prior->p[0] || y >= prior->p[1])
        return (y >= prior->p[1]) != (upper != 0) ? 1 : 0;
    double z = unbounded(y, prior->p[0], prior->p[1]), from = -745, to = 745;
    for (int i = 0; i < 200 && to - from > 2 * DBL_EPSILON * fmin(fabs(from), fabs(to)); i++) {
        double logit = 0.5 * (from + to), tail = 1 / (1 + exp(fabs(logit)));
        double c = logit < 0 ? tail - 0.5 : 0.5 - tail;
        if (series(prior->data, prior->n_data, c, logit) < z)
            from = logit;
        else
            to = logit;
    }
    double logit = 0.5 * (from + to);
    return 1 / (1 + exp(upper ? logit : -logit));
}

static void metalog_support(const struct ws_prior *prior, double *low, double *high) {
    *low = prior->p[0];
    *high = prior->p[1];
}

// In the tails M goes as L, so that exp M has moments of orders below 1 / its slope there alone.
static void metalog_moments(const struct ws_prior *prior, double m[4]) {
    double lower = prior->p[0], upper = prior->p[1], tail = 0;
    int open_below = isinf(lower) != 0, open_above = isinf(upper) != 0;
    if (open_below != open_above)
        tail = slope(prior->data, prior->n_data, open_above ? 700 : -700);
    for (int order = 1; order <= 4; order++)
        m[order - 1] = order * tail < 1 ? 0 : NAN;
}

static size_t metalog_kinks(const struct ws_prior *prior, double *y, size_t most) {
    (void)prior;
    (void)y;
    (void)most;
    return 0;
}

// Along L: z = M(L) has the density y (1 - y) / M'(L), which falls as e^(-|L| / M') in the tails.
static void metalog_log_density(const struct ws_prior *prior, double logit, double at[3]) {
    const double h = 1e-4; // of a slope that is known to rounding
    double c, same, tail = 1 / (1 + exp(fabs(logit))), rate = slope(prior->data, prior->n_data, logit);
    double bend =
        (slope(prior->data, prior->n_data, logit + h) - slope(prior->data, prior->n_data, logit - h)) / (2 * h);
    place(tail, logit > 0, &c, &same);
    at[0] = series(prior->data, prior->n_data, c, logit);
    at[1] = log(tail) + log1p(-tail) - log(rate);
    at[2] = (-tanh(logit / 2) - bend / rate) / rate;
}

static size_t metalog_seeds(const struct ws_prior *prior, double *t, size_t most, double *bend, int *of_logarithm) {
    enum { PANELS = 30, END = 30 };
    (void)prior;
    *bend = 0;
    *of_logarithm = 0;
    for (size_t i = 0; i <= PANELS && i < most; i++)
        t[i] = -END + 2.0 * END * (double)i / PANELS;
    return PANELS + 1;
}

const struct ws_composite ws_metalog_composite = {.quantiles = metalog_quantiles,
                                                  .cdf = metalog_cdf,
                                                  .support = metalog_support,
                                                  .moments = metalog_moments,
                                                  .by_quadrature = 1,
                                                  .kinks = metalog_kinks,
                                                  .log_density = metalog_log_density,
                                                  .seeds = metalog_seeds};
