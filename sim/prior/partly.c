// SPDX-License-Identifier: GPL-3.0-or-later
// E sign(X' - X) sign(Y' - Y) by its derivative in the scores' correlation r. With g = sign(X' - X) as a function of
// the two scores (z, z') of X, and h of those of Y,
//     dE/dr = 2 E[dg/dz dh/dz]      (Price 1958, IRE Trans. Inform. Theory 4: once for each pair of scores)
// where, along z, g falls by 2 at z' where X is continuous at z', and by 1 at either end of a value's scores where z'
// lies among these. So each cell of X meets each of Y:
//   - both continuous: 8 times the integral of the squared joint density, which is that of scores of variance 1/2;
//   - a value and a continuous one: 4 times the integral, over the scores z2 of the latter, of the joint density at an
//     end c of the value's and z2, times the value's probability given z2: a rectangle of two normals that correlate by
//     r / sqrt 2;
//   - two values: 2 times the sum of the joint density at the four corners, times the probability within them.
// With r = sin t this is integrated in pieces that halve towards t = pi / 2, since a corner whose scores differ by d
// counts from cos t ~ d on. What is within rectangles is integrated beside it, from the same points (Plackett 1954).
#include "prior/partly.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "prior/families.h"

enum { PIECES = 20, POINTS = WS_GAUSS_POINTS };

struct ws_rise {
    size_t rows, columns;
    double a[WS_MOST_CELLS + 1], b[WS_MOST_CELLS + 1]; // cuts
    unsigned char a_runs[WS_MOST_CELLS], b_runs[WS_MOST_CELLS];
    double part[POINTS][POINTS]; // of a piece's half width: the integral to point i is the sum over j of these
    double value[PIECES + 1];    // at the pieces' ends
    double *within;              // at the pieces' ends: of each pair of cells that are alike, row by row
};

// A piece of angles, and what is looked up at its points.
struct piece {
    double from, half;
    double sine[POINTS], cosine[POINTS];
};

static double end_of(int piece) { return M_PI_2 * (1 - exp2(-piece)); }

static struct piece piece_of(double from, double to) {
    struct piece piece = {.from = from, .half = (to - from) / 2};
    for (int i = 0; i < POINTS; i++) {
        double t = from + piece.half * (1 + ws_gauss_x[i]);
        piece.sine[i] = sin(t);
        piece.cosine[i] = sin(M_PI_2 - t); // which keeps its digits near 0
    }
    return piece;
}

// The integrals of Lagrange's polynomials at Gauss's points, each a sum of Legendre's polynomials, from -1 to a point.
static void integrate_to_points(double part[POINTS][POINTS]) {
    double p[POINTS][POINTS + 1];
    for (int i = 0; i < POINTS; i++) {
        p[i][0] = 1;
        p[i][1] = ws_gauss_x[i];
        for (int m = 1; m < POINTS; m++)
            p[i][m + 1] = ((2 * m + 1) * ws_gauss_x[i] * p[i][m] - m * p[i][m - 1]) / (m + 1);
    }
    for (int i = 0; i < POINTS; i++)
        for (int j = 0; j < POINTS; j++) {
            double sum = ws_gauss_x[i] + 1;
            for (int m = 1; m < POINTS; m++)
                sum += p[j][m] * (p[i][m + 1] - p[i][m - 1]);
            part[i][j] = ws_gauss_w[j] / 2 * sum;
        }
}

// ---- two values, or two continuous cells ----

// Over a piece: the sum of the density at the corners, times what is within; continuous cells have no corners. `within`
// goes from the piece's beginning to its end.
static double over_alike(const struct ws_rise *rise, const struct piece *piece, size_t k, size_t l, double *within) {
    const int are_runs = rise->a_runs[k];
    double corners[POINTS] = {0}, rate[POINTS] = {0}, sum = 0;
    for (int x = 0; x < 2; x++)
        for (int y = 0; y < 2; y++) {
            const double a = rise->a[k + x], b = rise->b[l + y];
            if (isinf(a) || isinf(b))
                continue;
            for (int i = 0; i < POINTS; i++) {
                double c = piece->cosine[i];
                double squares = ((a - b) * (a - b) + 2 * a * b * (1 - piece->sine[i])) / (c * c);
                double density = exp(are_runs ? -squares : -squares / 2) / (2 * M_PI);
                corners[i] += density;
                rate[i] += x == y ? density : -density;
            }
        }
    const double before = *within;
    for (int i = 0; i < POINTS; i++) {
        double now = before;
        for (int j = 0; j < POINTS; j++)
            now += piece->half * rise->part[i][j] * rate[j];
        sum += ws_gauss_w[i] * now * (are_runs ? 2 / M_PI : 2 * corners[i]);
        *within += piece->half * ws_gauss_w[i] * rate[i];
    }
    return piece->half * sum;
}

// ---- a value and a continuous cell ----

// P(Z1 < h, Z2 < k) of scores that correlate by sin(angle), up to sqrt(1/2).
static double both_below(double h, double k, double angle) {
    double p = gsl_cdf_ugaussian_P(h) * gsl_cdf_ugaussian_P(k), sum = 0;
    if (isinf(h) || isinf(k))
        return p;
    for (int i = 0; i < POINTS; i++) {
        double t = angle * (0.5 + 0.5 * ws_gauss_x[i]), c = cos(t);
        sum += ws_gauss_w[i] * exp(-(h * h - 2 * sin(t) * h * k + k * k) / (2 * c * c));
    }
    return p + sum * angle / 2 / (2 * M_PI);
}

// The rate with the angle. Given that the value's score is at its end c, and weighed by the density of the other's, z2
// is normal about r c / (1 + s^2) with the variance s^2 / (1 + s^2), s^2 = 1 - r^2.
static double rate_of_unlike(const double value[2], const double run[2], double r, double s) {
    static const double negligible = 1e-18;
    const double v = 1 + s * s, spread = s / sqrt(v), angle = asin(r * M_SQRT1_2);
    double sum = 0;
    for (int end = 0; end < 2; end++) {
        const double c = value[end], middle = r * c / v;
        const double weight = exp(-c * c / v) / (2 * M_PI * sqrt(v)); // -c^2 / 2 - (r c)^2 / (2 v)
        if (isinf(c) || weight < negligible)
            continue;
        double rectangle = 0;
        for (int x = 0; x < 2; x++)
            for (int y = 0; y < 2; y++) {
                double p = both_below((run[y] - middle) / spread, (value[x] - r * middle) / s * sqrt(v / 2), angle);
                rectangle += x == y ? p : -p;
            }
        sum += weight * rectangle;
    }
    return 4 * s * sum;
}

static double over_unlike(const struct ws_rise *rise, const struct piece *piece, size_t k, size_t l) {
    const double *a = rise->a + k, *b = rise->b + l;
    double sum = 0;
    for (int i = 0; i < POINTS; i++)
        sum += ws_gauss_w[i] * (rise->a_runs[k] ? rate_of_unlike(b, a, piece->sine[i], piece->cosine[i])
                                                : rate_of_unlike(a, b, piece->sine[i], piece->cosine[i]));
    return piece->half * sum;
}

// ---- the whole ----

// Over angles from..to; `next`, where it is not NULL, gets what is within at the end.
static double over_piece(const struct ws_rise *rise, double from, double to, const double *within, double *next) {
    const struct piece piece = piece_of(from, to);
    double sum = 0;
    for (size_t k = 0; k < rise->rows; k++)
        for (size_t l = 0; l < rise->columns; l++) {
            double inside = within[k * rise->columns + l];
            sum += rise->a_runs[k] == rise->b_runs[l] ? over_alike(rise, &piece, k, l, &inside)
                                                      : over_unlike(rise, &piece, k, l);
            if (next)
                next[k * rise->columns + l] = inside;
        }
    return sum;
}

// Of scores that are independent; those of two continuous cells have half the variance.
static void begin(const struct ws_rise *rise, double *within) {
    for (size_t k = 0; k < rise->rows; k++)
        for (size_t l = 0; l < rise->columns; l++) {
            const double *a = rise->a + k, *b = rise->b + l, by = rise->a_runs[k] ? M_SQRT2 : 1;
            within[k * rise->columns + l] = (gsl_cdf_ugaussian_P(by * a[1]) - gsl_cdf_ugaussian_P(by * a[0])) *
                                            (gsl_cdf_ugaussian_P(by * b[1]) - gsl_cdf_ugaussian_P(by * b[0]));
        }
}

static size_t copy_cuts(const struct ws_cells *cells, int turned, double *cut, unsigned char *is_run) {
    double from[WS_MOST_CELLS + 1];
    ws_cells_cuts(cells, from);
    for (size_t k = 0; k <= cells->n; k++)
        cut[k] = turned ? -from[cells->n - k] : from[k];
    for (size_t k = 0; k < cells->n; k++)
        is_run[k] = cells->is_run[turned ? cells->n - 1 - k : k];
    return cells->n;
}

struct ws_rise *ws_rise_create(const struct ws_cells *a, const struct ws_cells *b, int turned) {
    const size_t all = a->n * b->n;
    struct ws_rise *rise = calloc(1, sizeof *rise);
    if (!rise || !(rise->within = malloc((PIECES + 1) * all * sizeof *rise->within))) {
        free(rise);
        return NULL;
    }
    rise->rows = copy_cuts(a, 0, rise->a, rise->a_runs);
    rise->columns = copy_cuts(b, turned, rise->b, rise->b_runs);
    integrate_to_points(rise->part);
    begin(rise, rise->within);
    for (int i = 0; i < PIECES; i++) {
        double *within = rise->within + (size_t)i * all;
        rise->value[i + 1] = rise->value[i] + over_piece(rise, end_of(i), end_of(i + 1), within, within + all);
    }
    return rise;
}

void ws_rise_destroy(struct ws_rise *rise) {
    if (rise)
        free(rise->within);
    free(rise);
}

static double at_angle(const struct ws_rise *rise, int piece, double angle) {
    const double *within = rise->within + (size_t)piece * rise->rows * rise->columns;
    return rise->value[piece] + over_piece(rise, end_of(piece), angle, within, NULL);
}

double ws_rise_at(const struct ws_rise *rise, double r) {
    double angle = asin(r);
    int piece = 0;
    while (piece + 1 < PIECES && end_of(piece + 1) < angle)
        piece++;
    return at_angle(rise, piece, angle);
}

// False position, where an end that has stayed twice counts half (Illinois: Dowell & Jarratt 1971, BIT 11).
double ws_rise_inverse(const struct ws_rise *rise, double wanted) {
    enum { STEPS = 60 };
    static const double enough = 1e-14;
    int piece = 0;
    while (piece + 1 < PIECES && rise->value[piece + 1] < wanted)
        piece++;
    double low = end_of(piece), high = end_of(piece + 1);
    double below = rise->value[piece] - wanted, above = rise->value[piece + 1] - wanted;
    if (below >= 0 || above <= 0)
        return sin(below >= 0 ? low : high);
    double at = low, off = below;
    for (int i = 0, moved = 0; i < STEPS && fabs(off) > enough; i++) {
        at = high - above * (high - low) / (above - below);
        off = at_angle(rise, piece, at) - wanted;
        if (off < 0) {
            low = at;
            below = off;
            above /= moved < 0 ? 2 : 1;
            moved = -1;
        } else {
            high = at;
            above = off;
            below /= moved > 0 ? 2 : 1;
            moved = 1;
        }
    }
    return sin(at);
}
