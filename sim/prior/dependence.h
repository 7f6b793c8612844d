// SPDX-License-Identifier: GPL-3.0-or-later
// What correlation of two normal scores gives two priors the rank correlation asked for (Gaussian copula).
#ifndef WS_PRIOR_DEPENDENCE_H
#define WS_PRIOR_DEPENDENCE_H

#include "prior/cells.h"

enum ws_measure { WS_SPEARMAN, WS_KENDALL, WS_GAUSSIAN };

// Spearman's rho with mid-ranks, of two priors whose normal scores correlate by r in [-1, 1].
double ws_spearman_of_scores(const struct ws_prior *a, const struct ws_prior *b, double r);
// Kendall's tau-b of two priors whose normal scores correlate by r in (-1, 1); NAN where memory runs out.
double ws_kendall_of_scores(const struct ws_prior *a, const struct ws_prior *b, double r);
double ws_kendall_of_cells(const struct ws_cells *a, const struct ws_cells *b, double r); // (kendall.c)
// The scores' correlation that gives `value` by `measure`: 0, or nonzero with a text that tells the attainable range.
int ws_scores_correlation(enum ws_measure measure, double value, const struct ws_prior *a, const struct ws_prior *b,
                          double *r, char *text, size_t size);

#endif
