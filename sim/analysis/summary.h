// SPDX-License-Identifier: GPL-3.0-or-later
// Statistics of one tally, with their Monte Carlo standard errors.
#ifndef WS_ANALYSIS_SUMMARY_H
#define WS_ANALYSIS_SUMMARY_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "engine/result.h"

struct ws_summary {
    double mean, mean_se, sd, sd_se, skewness, kurtosis; // kurtosis is excess
    double minimum, maximum;
    uint64_t n, n_invalid, first_invalid;
    size_t n_quantiles;
    const double *probability, *quantile, *quantile_se;
};

// The probabilities reported for a study: the standard ones and those it asks for, ascending, without repeats.
const double *ws_summary_probabilities(const struct ws_study *study, struct ws_arena *arena, size_t *count);
struct ws_summary ws_summarise(const struct ws_result *result, size_t case_index, size_t slot, struct ws_arena *arena);
// Those of all slots, for a result of one case to keep: they are asked for more than once.
const struct ws_summary *ws_summaries_make(const struct ws_result *result, struct ws_arena *arena);
// Whether values between these two differ by rounding alone, as a sum of shares does.
int ws_summary_is_rounding(double minimum, double maximum);
// Single statistics with their standard errors: mean, sd, p-quantile, P(X <= x).
void ws_summary_mean(const struct ws_result *result, size_t case_index, size_t slot, double *value, double *se);
void ws_summary_sd(const struct ws_result *result, size_t case_index, size_t slot, double *value, double *se);
void ws_summary_quantile(const struct ws_result *result, size_t case_index, size_t slot, double p, double *value,
                         double *se);
void ws_summary_probability(const struct ws_result *result, size_t case_index, size_t slot, double x, double *value,
                            double *se);

// A plotter's histogram, about 200 bins shared by all cases; edges are sketch edges, so that counts are exact.
struct ws_histogram {
    size_t n_bins;
    const double *edges;   // n_bins + 1
    const int64_t *counts; // n_cases * n_bins
    int log_spaced;
};
struct ws_histogram ws_histogram_make(const struct ws_result *result, size_t slot, struct ws_arena *arena);

#endif
