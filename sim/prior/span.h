// SPDX-License-Identifier: GPL-3.0-or-later
// A continuous prior taken apart for evaluation: x = shift + scale y, truncated, with what truncation cuts off computed
// once.
#ifndef WS_PRIOR_SPAN_H
#define WS_PRIOR_SPAN_H

#include "prior/prior.h"

enum { WS_MAX_BREAKS = 256 };

struct ws_span {
    const struct ws_prior *prior;
    int flipped, truncated;
    double below, above, mass; // of y: probability cut off at the lower end, at the upper end, and kept
    double from, to;           // of y: where truncation cuts, if it does
    double low, high;          // support of x
};

void ws_span_make(struct ws_span *span, const struct ws_prior *prior);
// x[i] at distance v[i] in (0, 1/2] from the lower end, or from the upper end where upper is nonzero.
void ws_span_quantiles(const struct ws_span *span, size_t n, const double *v, int upper, double *x);
// P(X <= x), or P(X > x) where upper is nonzero.
double ws_span_cdf(const struct ws_span *span, double x, int upper);
// The v in (0, 1/2) on one side at which the quantile function has a kink or a gap, ascending; returns how many.
size_t ws_span_breaks(const struct ws_span *span, int upper, double v[WS_MAX_BREAKS]);

#endif
