// SPDX-License-Identifier: GPL-3.0-or-later
// The metalog distribution through three or more quantiles: T. W. Keelin 2016, "The metalog distributions", Decision
// Analysis 13(4). With y the cumulative probability its quantile function is the series
//   M(y) = a1 + a2 L + a3 (y - 1/2) L + a4 (y - 1/2) + a5 (y - 1/2)^2 + a6 (y - 1/2)^2 L + ...,   L = ln(y / (1 - y)),
// as many terms as quantiles, of x itself or of what takes its bounds to infinity: ln(x - min), -ln(max - x), or
// ln((x - min) / (max - x)). Three symmetric quantiles give Keelin's SPT metalog. A set is feasible if M rises.
#ifndef WS_PRIOR_METALOG_H
#define WS_PRIOR_METALOG_H

#include <stddef.h>

#include "prior/family.h"

enum { WS_METALOG_MOST = 16, WS_METALOG_TERMS = WS_METALOG_MOST + 1 };

// Probabilities, ascending, and values of n quantiles; bounds, infinite where there is none.
struct ws_metalog {
    size_t n;
    double p[WS_METALOG_MOST], x[WS_METALOG_MOST];
    double low, high;
};

enum ws_metalog_fit { WS_METALOG_FITS, WS_METALOG_SINGULAR, WS_METALOG_FALLS };
// Coefficients a[0..n], of which one of the last two is 0: symmetric sets of 7, 11 or 15 quantiles have one even
// condition too many for the first n terms, and take the term after the last in place of it. WS_METALOG_SINGULAR where
// no number of digits can tell the quantiles apart, WS_METALOG_FALLS where the set is infeasible.
enum ws_metalog_fit ws_metalog_fit(const struct ws_metalog *quantiles, double *a);
// Of an infeasible set: a feasible one near it, which has one quantile elsewhere if that is enough, else as many as it
// takes; with something to spare, so that it may be rounded. Nonzero where none is found.
int ws_metalog_remedy(const struct ws_metalog *quantiles, double *x);

// A prior with data = a, p[0] and p[1] = the bounds.
extern const struct ws_composite ws_metalog_composite;

#endif
