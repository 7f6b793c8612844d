// SPDX-License-Identifier: GPL-3.0-or-later
// What correlation of two normal scores gives two priors the rank correlation asked for (Gaussian copula).
#ifndef WS_PRIOR_DEPENDENCE_H
#define WS_PRIOR_DEPENDENCE_H

#include "prior/prior.h"

enum ws_measure { WS_SPEARMAN, WS_KENDALL, WS_GAUSSIAN };

// 1 if the prior takes few values, so that ties count.
int ws_prior_is_stepped(const struct ws_prior *prior);
// Spearman's rho with mid-ranks, of two priors whose normal scores correlate by r in [-1, 1].
double ws_spearman_of_scores(const struct ws_prior *a, const struct ws_prior *b, double r);
// Kendall's tau-b of two priors whose normal scores correlate by r in (-1, 1); NAN where memory runs out. (kendall.c)
double ws_kendall_of_scores(const struct ws_prior *a, const struct ws_prior *b, double r);
// The scores' correlation that gives `value` by `measure`: 0, or nonzero with a text that tells the attainable range.
int ws_scores_correlation(enum ws_measure measure, double value, const struct ws_prior *a, const struct ws_prior *b,
                          double *r, char *text, size_t size);

#endif
