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

// Values that a mixture, or one of its parts however deep, gives a probability of their own: those with at least a
// 4096th of the whole, so that there are no more. Their number.
enum { WS_MOST_ATOMS = 4096 };
size_t ws_mixture_atoms(const struct ws_prior *prior, double x[WS_MOST_ATOMS]);

#endif
