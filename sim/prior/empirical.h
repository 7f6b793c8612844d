// SPDX-License-Identifier: GPL-3.0-or-later
// A sample as a prior: as it is (each value as likely as its weight: a step function of u), or smoothed by a normal
// kernel about each value, of x or of ln x.
//
// The kernel's width is Silverman's rule of thumb, h = 0.9 min(sd, IQR / 1.34) n^(-1/5) (B. W. Silverman 1986, Density
// Estimation for Statistics and Data Analysis, eq. 3.31), with n = (sum w)^2 / sum w^2 where there are weights; where
// half of the sample is one value, sd alone. Values within h / 8 of each other share one kernel that has their mean
// and their variance beside h^2, so that a large sample costs little more than a small one: the cdf is off by less than
// 2e-5 of their weight (their third moment's part), mean and variance are not.
#ifndef WS_PRIOR_EMPIRICAL_H
#define WS_PRIOR_EMPIRICAL_H

#include "prior/prior.h"

// Makes the parts of a prior whose family is set: ascending, equal values together. weights may be NULL.
void ws_empirical_steps(struct ws_prior *prior, const double *values, const double *weights, size_t n,
                        struct ws_arena *arena);
// Sets family, parameters and data. `in_log`: all values are positive. 0, or nonzero where the values are too near
// each other for a width.
int ws_empirical_smooth(struct ws_prior *prior, const double *values, const double *weights, size_t n, int in_log,
                        struct ws_arena *arena);

#endif
