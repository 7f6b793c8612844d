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
    int by_part;               // next to the cuts y is where the parts' kept tails say, whatever rounding left of them
    double low, high;          // support of x
};

void ws_span_make(struct ws_span *span, const struct ws_prior *prior);
// Asks a truncated prior's parts from now on what each of them keeps; zero where they cannot say or that is done.
int ws_span_by_part(struct ws_span *span);
// Whether x at v is lost in the rounding of what truncation cuts off on that side: of a thin tail, even if the tail is
// far from thin at the cut. `allowed` is relative to max(|x|, spread).
int ws_span_is_rounding(const struct ws_span *span, double v, int upper, double allowed, double spread);
// x[i] at distance v[i] in (0, 1/2] from the lower end, or from the upper end where upper is nonzero.
void ws_span_quantiles(const struct ws_span *span, size_t n, const double *v, int upper, double *x);
// P(X <= x), or P(X > x) where upper is nonzero.
double ws_span_cdf(const struct ws_span *span, double x, int upper);
// The v in (0, 1/2) on one side at which the quantile function has a kink or a gap, ascending; returns how many.
size_t ws_span_breaks(const struct ws_span *span, int upper, double v[WS_MAX_BREAKS]);

#endif
