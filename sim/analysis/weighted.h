// SPDX-License-Identifier: GPL-3.0-or-later
// Standard errors of statistics of independent draws with weights: ratios of weighted sums, by the delta method.
#ifndef WS_ANALYSIS_WEIGHTED_H
#define WS_ANALYSIS_WEIGHTED_H

#include "tally/tally.h"

double ws_weighted_mean_se(const struct ws_tally *tally);
double ws_weighted_sd_se(const struct ws_tally *tally);
// Of the estimate of P(X <= x).
double ws_weighted_probability_se(const struct ws_tally *tally, double x);

#endif
