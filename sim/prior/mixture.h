// SPDX-License-Identifier: GPL-3.0-or-later
// Inverting a law that is known by its tail probabilities alone. For the files of this folder.
#ifndef WS_PRIOR_MIXTURE_H
#define WS_PRIOR_MIXTURE_H

#include "prior/prior.h"

// P(X <= x), or P(X > x) where upper is nonzero, without cancellation.
typedef double ws_tail(const struct ws_prior *prior, double x, int upper);

// The least x with P(X <= x) >= u, at distance v in (0, 1/2] of u from the lower or the upper end, between `low`, where
// P is less, and `high`.
double ws_tail_inverse(ws_tail *tail, const struct ws_prior *prior, double v, int upper, double low, double high);

#endif
