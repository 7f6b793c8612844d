// SPDX-License-Identifier: GPL-3.0-or-later
#include "prior/log_density.h"

#include <math.h>
#include <string.h>

#include "prior/shape.h"

static const double wanted_error = 1e-5;
static const double negligible = 40; // below the greatest, in logarithms: errors count in proportion

// ---- evaluation ----

// Cubic with values and slopes at both ends (Hermite), t = (z - z0) / width.
static double hermite(double width, const double value[2], const double slope[2], double t) {
    double c2 = 3 * (value[1] - value[0]) - width * (2 * slope[0] + slope[1]);
    double c3 = 2 * (value[0] - value[1]) + width * (slope[0] + slope[1]);
    return value[0] + t * (width * slope[0] + t * (c2 + t * c3));
}

double ws_log_density_at(const struct ws_log_density *d, double z) {
    size_t i = 0, last = d->n - 1;
    while (i < last && z >= d->z[i + 1])
        i++;
    if (z >= d->z[0] && i < last) {
        double width = d->z[i + 1] - d->z[i];
        return hermite(width, d->value + i, d->slope + i, (z - d->z[i]) / width);
    }
    double off = z - d->z[i];
    return d->value[i] + off * (d->slope[i] + 0.5 * d->bend * off);
}

// ln |dz / dy|.
static double log_rate(const struct ws_log_density *d, double z) {
    if (d->of_logarithm || d->scale == WS_SCALE_PLAIN)
        return 0;
    if (d->scale == WS_SCALE_ABOVE)
        return -z;
    if (d->scale == WS_SCALE_BELOW)
        return z;
    return fabs(z) + 2 * log1p(exp(-fabs(z))) - log(d->high - d->low);
}

// ---- knots ----

struct point {
    double t, z, value, slope;
};

struct fitting {
    const struct ws_prior *prior;
    struct ws_log_density *density;
    double greatest; // value seen
    int rough;
};

static struct point look(struct fitting *f, double t) {
    double at[3];
    f->prior->family->composite->log_density(f->prior, t, at);
    f->greatest = fmax(f->greatest, at[1]);
    return (struct point){t, at[0], at[1], at[2]};
}

static void keep(struct fitting *f, const struct point *p) {
    struct ws_log_density *d = f->density;
    if (d->n == WS_MOST_KNOTS || !isfinite(p->value) || !isfinite(p->slope) || (d->n > 0 && !(p->z > d->z[d->n - 1]))) {
        f->rough = 1;
        return;
    }
    d->z[d->n] = p->z;
    d->value[d->n] = p->value;
    d->slope[d->n++] = p->slope;
}

static double miss(const struct point *a, const struct point *b, const struct point *between) {
    const double value[2] = {a->value, b->value}, slope[2] = {a->slope, b->slope}, width = b->z - a->z;
    return fabs(hermite(width, value, slope, (between->z - a->z) / width) - between->value);
}

// Keeps the knots behind a, b the last of them.
static void divide(struct fitting *f, const struct point *a, const struct point *b) {
    const struct point middle = look(f, 0.5 * (a->t + b->t)), quarter = look(f, 0.75 * a->t + 0.25 * b->t),
                       third = look(f, 0.25 * a->t + 0.75 * b->t);
    double depth = fmax((f->greatest - fmax(a->value, b->value)) / negligible, 1);
    double error = fmax(miss(a, b, &middle), fmax(miss(a, b, &quarter), miss(a, b, &third)));
    if (f->rough)
        return;
    if (error <= wanted_error * depth) {
        keep(f, b);
        return;
    }
    divide(f, a, &middle);
    divide(f, &middle, b);
}

// ---- the whole ----

static void choose_scale(struct ws_log_density *d, const struct ws_prior *prior) {
    ws_shape_support(prior, &d->low, &d->high);
    if (isinf(d->low))
        d->scale = isinf(d->high) ? WS_SCALE_PLAIN : WS_SCALE_BELOW;
    else
        d->scale = isinf(d->high) ? WS_SCALE_ABOVE : WS_SCALE_BETWEEN;
}

// Towards a bound z's density goes as e^(slope z), y's as that over dy / dz.
static int is_unbounded(const struct ws_log_density *d) {
    const double enough = 1 - 1e-9;
    int low = d->scale == WS_SCALE_ABOVE || d->scale == WS_SCALE_BETWEEN;
    int high = d->scale == WS_SCALE_BELOW || d->scale == WS_SCALE_BETWEEN;
    return !d->of_logarithm && ((low && d->slope[0] < enough) || (high && -d->slope[d->n - 1] < enough));
}

static void find_greatest(struct ws_log_density *d) {
    enum { STEPS = 256 };
    d->greatest = -INFINITY;
    for (size_t i = 0; i + 1 < d->n; i++)
        for (int k = 0; k <= STEPS; k++) {
            double z = d->z[i] + (d->z[i + 1] - d->z[i]) * k / STEPS;
            d->greatest = fmax(d->greatest, ws_log_density_at(d, z) + log_rate(d, z));
        }
}

enum ws_log_density_fit ws_log_density_fit(struct ws_log_density *density, const struct ws_prior *prior) {
    double seeds[WS_MOST_KNOTS];
    const struct ws_composite *composite = prior->family->composite;
    struct fitting f = {.prior = prior, .density = density, .greatest = -INFINITY};
    *density = (struct ws_log_density){0};
    choose_scale(density, prior);
    size_t n = composite->seeds(prior, seeds, WS_MOST_KNOTS, &density->bend, &density->of_logarithm);
    if (n < 2)
        return WS_LOG_DENSITY_ROUGH;
    for (size_t i = 0; i < n; i++)
        look(&f, seeds[i]);
    struct point last = look(&f, seeds[0]);
    keep(&f, &last);
    for (size_t i = 1; i < n && !f.rough; i++) {
        const struct point next = look(&f, seeds[i]);
        divide(&f, &last, &next);
        last = next;
    }
    if (f.rough)
        return WS_LOG_DENSITY_ROUGH;
    if (is_unbounded(density))
        return WS_LOG_DENSITY_UNBOUNDED;
    find_greatest(density);
    return WS_LOG_DENSITY_FITS;
}
