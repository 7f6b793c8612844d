// SPDX-License-Identifier: GPL-3.0-or-later
// curvilinear_trapezoid {min, max, inexactness}: a uniform whose bounds are known to +- inexactness only, the midpoint
// being fixed (JCGM 101:2008, 6.4.3). With w the half-width and d the inexactness, the density at distance t from the
// midpoint is ln((w + d) / max(t, w - d)) / (4 d).
#include <math.h>

#include "prior/families.h"

struct trapezoid {
    double middle, inner, outer, flank; // midpoint; w - d, w + d; 4 d
};

static struct trapezoid make(const double *p) {
    double half = (p[1] - p[0]) / 2;
    return (struct trapezoid){p[0] + half, half - p[2], half + p[2], 4 * p[2]};
}

int ws_curvilinear_trapezoid_check(const double *p, char *text, size_t size) {
    if (!(p[0] < p[1]))
        return ws_refuse_pair(text, size, "curvilinear_trapezoid", "min < max", "min", p[0], "max", p[1]);
    if (!(p[2] <= (p[1] - p[0]) / 2))
        return ws_refuse_pair(text, size, "curvilinear_trapezoid", "inexactness up to half of max - min", "inexactness",
                              p[2], "max - min", p[1] - p[0]);
    return 0;
}

// 1 - (1 + y) e^-y, without cancellation where y is small.
static double lost(double y) {
    if (y > 0.1)
        return 1 - (1 + y) * exp(-y);
    double term = y * y / 2, sum = 0; // sum over k >= 2 of (-1)^k (k - 1) y^k / k!
    for (int k = 2; k < 16; k++) {
        sum += term * (k - 1);
        term *= -y / (k + 1);
    }
    return sum;
}

// P(distance from the midpoint >= t on one side), inner <= t <= outer. With t = outer e^-y it is
// outer (1 - (1 + y) e^-y) / (4 d).
static double flank_tail(const struct trapezoid *c, double t) { return c->outer * lost(log(c->outer / t)) / c->flank; }

// The probability beyond the flat part on one side.
static double flank_mass(const struct trapezoid *c) {
    return c->inner > 0 ? flank_tail(c, c->inner) : c->outer / c->flank;
}

// y from 1 - (1 + y) e^-y = q, by Newton in sqrt(q), in which the left side is nearly straight.
static double solve(double q) {
    double y = sqrt(2 * q);
    y += y * y / 3;
    for (int i = 0; i < 60; i++) {
        double at = lost(y), root = sqrt(at), step = (root - sqrt(q)) * 2 * root / (y * exp(-y));
        y -= step;
        if (fabs(step) <= 1e-16 * y)
            break;
    }
    return y;
}

// Distance from the end that v is counted from.
double ws_curvilinear_trapezoid_quantile(const double *p, double v, int upper) {
    struct trapezoid c = make(p);
    double mass = flank_mass(&c), t;
    if (v < mass) {
        double from_end = -c.outer * expm1(-solve(v * c.flank / c.outer));
        return upper ? p[1] + p[2] - from_end : p[0] - p[2] + from_end;
    }
    t = c.inner > 0 ? c.inner - (v - mass) / (0.5 - mass) * c.inner : 0;
    return upper ? c.middle + t : c.middle - t;
}

double ws_curvilinear_trapezoid_cdf(const double *p, double x, int upper) {
    struct trapezoid c = make(p);
    double t = fabs(x - c.middle), tail;
    if (t >= c.outer)
        tail = 0;
    else if (t >= c.inner && t > 0)
        tail = flank_tail(&c, t);
    else
        tail = c.inner > 0 ? flank_mass(&c) + (1 - t / c.inner) * (0.5 - flank_mass(&c)) : 0.5;
    return (x > c.middle) == (upper != 0) ? tail : 1 - tail;
}

void ws_curvilinear_trapezoid_support(const double *p, double *low, double *high) {
    *low = p[0] - p[2];
    *high = p[1] + p[2];
}

// x = middle + U W, U uniform on [-1, 1], W uniform on [w - d, w + d].
void ws_curvilinear_trapezoid_moments(const double *p, double m[4]) {
    double w = (p[1] - p[0]) / 2, d = p[2], w2 = w * w, d2 = d * d;
    m[0] = p[0] + w;
    m[1] = w2 / 3 + d2 / 9;
    m[2] = 0;
    m[3] = (w2 * w2 + 2 * w2 * d2 + d2 * d2 / 5) / 5 / (m[1] * m[1]) - 3;
}

// Where the flat part begins and ends.
size_t ws_curvilinear_trapezoid_breaks(const double *p, double *u) {
    struct trapezoid c = make(p);
    u[0] = flank_mass(&c);
    u[1] = 1 - u[0];
    return u[0] < 0.5 ? 2 : 0;
}
