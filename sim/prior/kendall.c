// SPDX-License-Identifier: GPL-3.0-or-later
// Kendall's tau-b of two priors under a Gaussian copula, where one takes few values at least: with independent copies
// (X', Y') of (X, Y),
//     tau_b = E sign(X' - X) sign(Y' - Y) / sqrt(P(X' != X) P(Y' != Y))      (Kendall 1945, Biometrika 33)
// and the expectation is P(concordant) - P(discordant). Of two discrete priors these are sums over the cells of their
// joint law; of a discrete X and a continuous Y with score z an integral over z, since P(X = x | z) is known. Where X
// is continuous but for some values, the expectation is that of two continuous ones less what the values take from it,
// when X' = X; where Y has such values, too, or is discrete, see partly.h.
#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "prior/dependence.h"
#include "prior/families.h"
#include "prior/partly.h"

void ws_cells_cuts(const struct ws_cells *cells, double *cut) {
    double below = 0, above = 1;
    cut[0] = -INFINITY;
    for (size_t k = 0; k + 1 < cells->n; k++) {
        below += cells->weight[k];
        above = fmax(1 - below, 0);
        cut[k + 1] = below < 0.5 ? gsl_cdf_ugaussian_Pinv(below) : gsl_cdf_ugaussian_Qinv(above);
    }
    cut[cells->n] = INFINITY;
}

// ---- one discrete, one continuous ----

enum { WIDTH = 9 }; // of the scores that are looked at, to either side

struct grid {
    double step;
    size_t n;
};

static double point_of(const struct grid *grid, size_t k) { return -WIDTH + grid->step * (double)k; }
static double density(double z) { return exp(-z * z / 2) / sqrt(2 * M_PI); }

// P(X is beyond value i - 1 | z).
static double beyond(double cut, double z, double r, double s) {
    return isinf(cut) ? cut < 0 : gsl_cdf_ugaussian_Q((cut - r * z) / s);
}

// E sign sign by the trapezoid rule, the inner integral (over z' < z) with the first term of Euler and Maclaurin.
static double expect_mixed(const struct ws_cells *discrete, double r) {
    double s = sqrt(1 - r * r), step = fmin(1.0 / 64, fmax(s / 4, 1.0 / 512)), sum = 0;
    const struct grid grid = {step, (size_t)(2 * WIDTH / step) + 1};
    double *cut = malloc((discrete->n + 1) * sizeof *cut);
    if (!cut)
        return NAN;
    ws_cells_cuts(discrete, cut);
    for (size_t i = 0; i < discrete->n; i++) {
        double inner = 0, before = 0; // of P(X < i | z') - P(X > i | z') over z' < z
        for (size_t k = 0; k < grid.n; k++) {
            double z = point_of(&grid, k), weight = density(z);
            double above = beyond(cut[i + 1], z, r, s), from = beyond(cut[i], z, r, s);
            double now = weight * ((1 - from) - above), slope = (now - before) / step;
            inner += step * (now + before) / 2;
            sum += step * weight * (from - above) * (inner - step * step / 12 * slope);
            before = now;
        }
    }
    free(cut);
    return 2 * sum;
}

// ---- one continuous but for some values ----

// The integral of density(z') erf(rate (z' - z)) over z' from z to `to`.
static double inner_sum(double z, double to, double rate) {
    static const double settled = 5.5; // beyond it erf is 1
    double end = fmin(to, z + settled / rate), sum = gsl_cdf_ugaussian_Q(end) - gsl_cdf_ugaussian_Q(to);
    int pieces = 2 + (int)(end - z);
    double half = (end - z) / pieces / 2;
    for (int p = 0; p < pieces; p++)
        for (int i = 0; i < WS_GAUSS_POINTS; i++) {
            double off = half * (2 * p + 1 + ws_gauss_x[i]);
            sum += half * ws_gauss_w[i] * density(z + off) * erf(rate * off);
        }
    return sum;
}

// E sign(Z1' - Z1) sign(Z2' - Z2) where Z1 and Z1' both lie between two scores; r > 0. Given these, Z2' - Z2 is normal
// with the mean r (Z1' - Z1) and the variance 2 (1 - r^2).
static double expect_within(double from, double to, double r) {
    double rate = r / (2 * sqrt(1 - r * r)), sum = 0;
    from = fmax(from, -WIDTH);
    to = fmin(to, WIDTH);
    int pieces = 2 + (int)(2 * (to - from));
    double half = (to - from) / pieces / 2;
    for (int p = 0; p < pieces; p++)
        for (int i = 0; i < WS_GAUSS_POINTS; i++) {
            double z = from + half * (2 * p + 1 + ws_gauss_x[i]);
            sum += half * ws_gauss_w[i] * density(z) * inner_sum(z, to, rate);
        }
    return 2 * sum;
}

static double expect_partly(const struct ws_cells *cells, double r) {
    double sum = 2 / M_PI * asin(r), *cut = malloc((cells->n + 1) * sizeof *cut);
    if (!cut || r == 0) {
        free(cut);
        return r == 0 ? 0 : NAN;
    }
    ws_cells_cuts(cells, cut);
    for (size_t k = 0; k < cells->n; k++)
        if (!cells->is_run[k])
            sum -= copysign(expect_within(cut[k], cut[k + 1], fabs(r)), r);
    free(cut);
    return sum;
}

// ---- two discrete ----

// cov(1[Z1 > a], 1[Z2 > b]) of scores that correlate by sin(angle), in pieces: near 1 the integrand rises late.
static double covariance(double a, double b, double angle) {
    enum { PIECES = 6 };
    double sum = 0;
    if (isinf(a) || isinf(b))
        return 0;
    for (int p = 0; p < PIECES; p++) {
        double from = angle * (1 - exp2(-p)), to = p + 1 == PIECES ? angle : angle * (1 - exp2(-p - 1));
        for (int i = 0; i < WS_GAUSS_POINTS; i++) {
            double t = from + (to - from) * (0.5 + 0.5 * ws_gauss_x[i]), c = cos(t);
            sum += (to - from) / 2 * ws_gauss_w[i] * exp(-(a * a - 2 * sin(t) * a * b + b * b) / (2 * c * c));
        }
    }
    return sum / (2 * M_PI);
}

// P(X < value i, Y < value j) for all i and j up to the numbers of values, which are included.
static double *joint_law(const struct ws_cells *a, const struct ws_cells *b, double r) {
    size_t rows = a->n + 1, columns = b->n + 1;
    double *law = malloc(rows * columns * sizeof *law), *x = malloc(rows * sizeof *x), *y = malloc(columns * sizeof *y);
    if (law && x && y) {
        ws_cells_cuts(a, x);
        ws_cells_cuts(b, y);
        for (size_t i = 0; i < rows; i++)
            for (size_t j = 0; j < columns; j++)
                law[i * columns + j] =
                    gsl_cdf_ugaussian_P(x[i]) * gsl_cdf_ugaussian_P(y[j]) + covariance(x[i], y[j], asin(r));
    }
    int failed = !law || !x || !y;
    free(x);
    free(y);
    if (!failed)
        return law;
    free(law);
    return NULL;
}

static double expect_discrete(const struct ws_cells *a, const struct ws_cells *b, double r) {
    size_t columns = b->n + 1;
    double *law = joint_law(a, b, r), sum = 0;
    if (!law)
        return NAN;
    for (size_t i = 0; i < a->n; i++)
        for (size_t j = 0; j < b->n; j++) {
            const double *here = law + i * columns + j, *next = here + columns;
            double cell = next[1] - next[0] - here[1] + here[0];             // P(X = i, Y = j)
            double less = here[0], more = law[i * columns + b->n] - here[1]; // X less, and Y less or more
            sum += cell * (less - more);
        }
    free(law);
    return 2 * sum;
}

// ---- both continuous but for some values, or one of these and one discrete ----

static double expect_rise(const struct ws_cells *a, const struct ws_cells *b, double r) {
    struct ws_rise *rise = ws_rise_create(a, b, r < 0);
    double sum = rise ? copysign(ws_rise_at(rise, fabs(r)), r) : NAN;
    ws_rise_destroy(rise);
    return sum;
}

double ws_kendall_of_cells(const struct ws_cells *a, const struct ws_cells *b, double r) {
    if (a->n == 0 && b->n == 0)
        return 2 / M_PI * asin(r);
    double all = sqrt((1 - a->same) * (1 - b->same));
    if (a->n > 0 && b->n > 0)
        return (a->has_runs || b->has_runs ? expect_rise(a, b, r) : expect_discrete(a, b, r)) / all;
    const struct ws_cells *ties = a->n > 0 ? a : b;
    return (ties->has_runs ? expect_partly(ties, r) : expect_mixed(ties, r)) / all;
}
