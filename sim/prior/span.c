// SPDX-License-Identifier: GPL-3.0-or-later
// Probabilities are always counted from the nearer end of the family's distribution, so that neither tail loses digits.
#include "prior/span.h"

#include <float.h>
#include <math.h>

#include "prior/shape.h"

// Where truncation at y cuts: beyond an atom there, which stays, as it does where values are listed.
static double cut_of(const struct ws_prior *prior, double y, int upper) {
    static const double negligible = 1e-9;
    double slack = 16 * (DBL_EPSILON * fabs(y) + DBL_MIN), past = upper ? y + slack : y - slack;
    if (prior->n_parts == 0)
        return y;
    return ws_shape_cdf(prior, past, upper) < ws_shape_cdf(prior, y, upper) - negligible ? past : y;
}

void ws_span_make(struct ws_span *span, const struct ws_prior *prior) {
    double y_low, y_high;
    ws_shape_support(prior, &y_low, &y_high);
    y_low = ws_prior_widen(prior, y_low);
    y_high = ws_prior_widen(prior, y_high);
    double from = (prior->low - prior->shift) / prior->scale, to = (prior->high - prior->shift) / prior->scale;
    int flipped = prior->scale < 0;
    if (flipped) {
        double swap = from;
        from = to;
        to = swap;
    }
    *span = (struct ws_span){.prior = prior, .flipped = flipped, .mass = 1};
    span->low = fmax(prior->low, prior->shift + prior->scale * (flipped ? y_high : y_low));
    span->high = fmin(prior->high, prior->shift + prior->scale * (flipped ? y_low : y_high));
    span->truncated = from > y_low || to < y_high;
    if (!span->truncated)
        return;
    from = ws_prior_unwiden(prior, from);
    to = ws_prior_unwiden(prior, to);
    ws_shape_support(prior, &y_low, &y_high);
    from = cut_of(prior, from, 0);
    to = cut_of(prior, to, 1);
    span->from = from;
    span->to = to;
    span->below = from > y_low ? ws_shape_cdf(prior, from, 0) : 0;
    span->above = to < y_high ? ws_shape_cdf(prior, to, 1) : 0;
    if (span->below > 0.5)
        span->mass = ws_shape_cdf(prior, from, 1) - span->above;
    else if (span->above > 0.5)
        span->mass = ws_shape_cdf(prior, to, 0) - span->below;
    else
        span->mass = 1 - span->below - span->above;
}

// Tail probability of the family's own distribution at distance v of the truncated one; *upper goes in as the side of v
// and comes out as the tail that the answer is of. 1 - v is exact enough: v is at most 1/2.
static double untruncate(const struct ws_span *span, double v, int *upper) {
    double lower_part = *upper ? 1 - v : v, upper_part = *upper ? v : 1 - v;
    double lower = span->below + lower_part * span->mass;
    *upper = lower > 0.5;
    return *upper ? fmin(span->above + upper_part * span->mass, 0.5) : lower;
}

// In runs that come from the same tail, so that neighbours can help each other.
static void truncated_quantiles(const struct ws_span *span, size_t n, const double *v, int upper, double *y) {
    size_t start = 0;
    int tail = 0;
    for (size_t i = 0; i < n; i++) {
        int side = upper;
        double probability = untruncate(span, v[i], &side);
        if (i > start && side != tail) {
            ws_shape_quantiles(span->prior, i - start, y + start, tail, y + start);
            start = i;
        }
        tail = side;
        y[i] = probability;
    }
    ws_shape_quantiles(span->prior, n - start, y + start, tail, y + start);
}

static int has_kept_quantiles(const struct ws_prior *prior) {
    return prior->family->composite && prior->family->composite->kept_quantiles;
}

int ws_span_by_part(struct ws_span *span) {
    if (!span->truncated || span->by_part || !has_kept_quantiles(span->prior))
        return 0;
    span->by_part = 1;
    return 1;
}

// Whether truncation has cut parts off whole and left a tail so thin before them that it is lost in the rounding of
// their probability: then a law that has parts is asked for what each keeps.
static int is_lost(const struct ws_span *span, int upper, double *median) {
    static const double faint = 0x1p-40, negligible = 1e-9;
    const struct ws_prior *prior = span->prior;
    const double cut = upper ? span->to : span->from, beyond = upper ? span->above : span->below;
    double v[2] = {0.5, faint}, y[2];
    if (!has_kept_quantiles(prior) || !(beyond > 0))
        return 0;
    if (span->by_part) {
        truncated_quantiles(span, 1, v, upper, median);
        return 1;
    }
    double step = 1e-3 * fmin(span->to - span->from, fabs(cut)); // most have some density at the cut
    if (ws_shape_cdf(prior, upper ? cut - step : cut + step, upper) - beyond > negligible * beyond)
        return 0;
    truncated_quantiles(span, 2, v, upper, y);
    *median = y[0];
    double inner = y[1] + (y[0] - y[1]) / 100;
    return inner != y[1] && ws_shape_cdf(prior, inner, upper) - ws_shape_cdf(prior, y[1], upper) < negligible * beyond;
}

static void kept_quantiles(const struct ws_span *span, size_t n, const double *v, int upper, double median, double *y) {
    struct ws_prior cut = *span->prior;
    cut.low = span->from;
    cut.high = span->to;
    for (size_t i = 0; i < n; i++)
        y[i] = v[i] * span->mass;
    cut.family->composite->kept_quantiles(&cut, n, y, upper, median, y);
}

void ws_span_quantiles(const struct ws_span *span, size_t n, const double *v, int upper, double *x) {
    const struct ws_prior *prior = span->prior;
    int side = (upper != 0) != span->flipped;
    double median;
    if (span->truncated && is_lost(span, side, &median))
        kept_quantiles(span, n, v, side, median, x);
    else if (span->truncated)
        truncated_quantiles(span, n, v, side, x);
    else
        ws_shape_quantiles(prior, n, v, side, x);
    for (size_t i = 0; i < n; i++) {
        double value = prior->shift + prior->scale * ws_prior_widen(prior, x[i]);
        // Written so that a NaN stays one.
        x[i] = value < span->low ? span->low : value > span->high ? span->high : value;
    }
}

// There x is a step function of v: by one step of the rounding, which is many to the octave, it moves too far.
int ws_span_is_rounding(const struct ws_span *span, double v, int upper, double allowed, double spread) {
    double beyond = (upper != 0) != span->flipped ? span->above : span->below;
    double step = (nextafter(beyond, 1) - beyond) / span->mass, x[2];
    if (!span->truncated || span->by_part || !(beyond > 0 && step < 0x1p-12 * v))
        return 0;
    ws_span_quantiles(span, 2, (double[]){v, v + step}, upper, x);
    return fabs(x[1] - x[0]) > allowed * fmax(fabs(x[0]), spread);
}

double ws_span_cdf(const struct ws_span *span, double x, int upper) {
    const struct ws_prior *prior = span->prior;
    if (x < span->low || x >= span->high)
        return (x >= span->high) != (upper != 0) ? 1 : 0;
    double y = ws_prior_unwiden(prior, (x - prior->shift) / prior->scale);
    int side = (upper != 0) != span->flipped;
    double cut_near = side ? span->above : span->below, cut_far = side ? span->below : span->above;
    double near = ws_shape_cdf(prior, y, side);
    if (!span->truncated)
        return near;
    double kept = near <= 0.5 ? near - cut_near : span->mass - (ws_shape_cdf(prior, y, !side) - cut_far);
    return fmin(fmax(kept / span->mass, 0), 1);
}

size_t ws_span_breaks(const struct ws_span *span, int upper, double v[WS_MAX_BREAKS]) {
    double u[WS_MAX_BREAKS];
    size_t n = ws_shape_breaks(span->prior, u, WS_MAX_BREAKS), kept = 0;
    int side = (upper != 0) != span->flipped;
    for (size_t i = 0; i < n; i++) {
        double at = u[side ? n - 1 - i : i];
        double near = ((side ? 1 - at - span->above : at - span->below)) / span->mass;
        if (near > 0 && near < 0.5)
            v[kept++] = near;
    }
    return kept;
}
