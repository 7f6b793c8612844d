// SPDX-License-Identifier: GPL-3.0-or-later
#include "prior/shape.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "prior/span.h"

void ws_shape_quantiles(const struct ws_prior *prior, size_t n, const double *v, int upper, double *y) {
    const struct ws_family *family = prior->family;
    if (family->composite) {
        family->composite->quantiles(prior, n, v, upper, y);
    } else if (family->quantiles) {
        family->quantiles(prior->p, n, v, upper, y);
    } else {
        for (size_t i = 0; i < n; i++)
            y[i] = family->quantile(prior->p, v[i], upper);
    }
}

double ws_shape_quantile(const struct ws_prior *prior, double v, int upper) {
    double y;
    if (!prior->family->composite)
        return prior->family->quantile(prior->p, v, upper);
    prior->family->composite->quantiles(prior, 1, &v, upper, &y);
    return y;
}

double ws_shape_cdf(const struct ws_prior *prior, double y, int upper) {
    const struct ws_composite *composite = prior->family->composite;
    return composite ? composite->cdf(prior, y, upper) : prior->family->cdf(prior->p, y, upper);
}

void ws_shape_support(const struct ws_prior *prior, double *low, double *high) {
    if (prior->family->composite)
        prior->family->composite->support(prior, low, high);
    else
        prior->family->support(prior->p, low, high);
}

void ws_shape_moments(const struct ws_prior *prior, double m[4]) {
    if (prior->family->composite)
        prior->family->composite->moments(prior, m);
    else
        prior->family->moments(prior->p, m);
}

// ---- kinks and gaps ----

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// Sorted, and those that rounding alone tells apart made one.
static size_t distinct(double *u, size_t n) {
    size_t kept = 0;
    qsort(u, n, sizeof *u, ascending);
    for (size_t i = 0; i < n; i++)
        if (u[i] > 0 && u[i] < 1 && (kept == 0 || u[i] - u[kept - 1] > 8 * DBL_EPSILON * fmin(u[i], 1 - u[i])))
            u[kept++] = u[i];
    return kept;
}

size_t ws_shape_breaks(const struct ws_prior *prior, double *u, size_t most) {
    if (!prior->family->composite)
        return prior->family->breaks ? prior->family->breaks(prior->p, u) : 0;
    size_t n = prior->family->composite->kinks(prior, u, most / 2);
    n = n < most / 2 ? n : most / 2;
    for (size_t i = n; i-- > 0;) { // an atom has two: where its flat part begins and where it ends
        double y = u[i];
        u[2 * i] = ws_shape_cdf(prior, nextafter(y, -INFINITY), 0);
        u[2 * i + 1] = ws_shape_cdf(prior, y, 0);
    }
    return distinct(u, 2 * n);
}

static void append(double *x, size_t most, size_t *n, double value) {
    if (!isfinite(value))
        return;
    if (*n < most)
        x[*n] = value;
    ++*n;
}

// The family's kinks as values of the quantity.
static void append_inner(const struct ws_prior *prior, const struct ws_span *span, double *x, size_t most, size_t *n) {
    const struct ws_family *family = prior->family;
    double y[WS_MAX_BREAKS];
    size_t count = family->composite ? family->composite->kinks(prior, y, WS_MAX_BREAKS)
                   : family->breaks  ? family->breaks(prior->p, y)
                                     : 0;
    for (size_t i = 0; i < count && i < WS_MAX_BREAKS; i++) {
        if (!family->composite)
            y[i] = y[i] <= 0.5 ? family->quantile(prior->p, y[i], 0) : family->quantile(prior->p, 1 - y[i], 1);
        double at = prior->shift + prior->scale * ws_prior_widen(prior, y[i]);
        if (at > span->low && at < span->high)
            append(x, most, n, at);
    }
    if (count > WS_MAX_BREAKS)
        *n += count - WS_MAX_BREAKS;
}

void ws_prior_ends(const struct ws_prior *prior, double *low, double *high) {
    if (prior->family->kind == WS_CONTINUOUS) {
        struct ws_span span;
        ws_span_make(&span, prior);
        *low = span.low;
        *high = span.high;
        return;
    }
    const int is_constant = prior->family->kind == WS_CONSTANT;
    *low = is_constant ? prior->p[0] : prior->parts[0].value; // values are listed as they rise
    *high = is_constant ? prior->p[0] : prior->parts[prior->n_parts - 1].value;
}

size_t ws_prior_kinks(const struct ws_prior *prior, double *x, size_t most) {
    size_t n = 0;
    if (prior->family->kind == WS_CONSTANT) {
        append(x, most, &n, prior->p[0]);
    } else if (prior->family->kind != WS_CONTINUOUS) {
        for (size_t i = 0; i < prior->n_parts; i++)
            append(x, most, &n, prior->parts[i].value);
    } else {
        struct ws_span span;
        ws_span_make(&span, prior);
        append(x, most, &n, span.low);
        append(x, most, &n, span.high);
        append_inner(prior, &span, x, most, &n);
    }
    return n;
}
