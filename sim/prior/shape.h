// SPDX-License-Identifier: GPL-3.0-or-later
// The family's own law of a prior, before scale, shift and truncation: by the family's functions of its parameters, or
// where the prior is made of parts or of a sample by those of family.h's struct ws_composite.
#ifndef WS_PRIOR_SHAPE_H
#define WS_PRIOR_SHAPE_H

#include "prior/prior.h"

void ws_shape_quantiles(const struct ws_prior *prior, size_t n, const double *v, int upper, double *y);
double ws_shape_quantile(const struct ws_prior *prior, double v, int upper);
double ws_shape_cdf(const struct ws_prior *prior, double y, int upper);
void ws_shape_support(const struct ws_prior *prior, double *low, double *high);
void ws_shape_moments(const struct ws_prior *prior, double m[4]);
// The u in (0, 1) at which the quantile function has a kink or a gap, ascending, at most `most` of them.
size_t ws_shape_breaks(const struct ws_prior *prior, double *u, size_t most);
// Between which values the prior as a whole, of any kind, lies.
void ws_prior_ends(const struct ws_prior *prior, double *low, double *high);
// The x at which the prior as a whole, of any kind, starts, ends, has an atom or a kink: appends at most `most`,
// returns how many it would have appended.
size_t ws_prior_kinks(const struct ws_prior *prior, double *x, size_t most);

extern const struct ws_composite ws_mixture_composite, ws_dirichlet_composite;

#endif
