// SPDX-License-Identifier: GPL-3.0-or-later
// What drives each output, from the kept draws alone: shares of variance, partial rank correlations and swings, each
// with its standard error.
#ifndef WS_ANALYSIS_INDICES_H
#define WS_ANALYSIS_INDICES_H

#include "base/arena.h"
#include "engine/result.h"

// Of one input for one output; NAN where either is constant, or too few draws were kept.
struct ws_index {
    double spearman, spearman_se;
    double partial, partial_se;         // partial rank correlation, all other inputs held
    double first_order, first_order_se; // share of the output's variance that the input alone explains
    double low, low_se, high, high_se;  // the output's mean (in_log: geometric mean) with the input around p5 and p95
};

struct ws_indices {
    const struct ws_index *items; // [case][output][input]
    const unsigned char *in_log;  // [case][output]: analysed in ln(output): `scale: log` and no draw at or below 0
};

enum { WS_MOST_PARTIAL = 200 }; // with more uncertain inputs there are no partial correlations: cost is their square

const struct ws_indices *ws_indices_make(const struct ws_result *result, struct ws_arena *arena);
// What the result has already, or made now.
const struct ws_indices *ws_indices_find(const struct ws_result *result, struct ws_arena *arena);
// The rank correlations among them, as ws_spearman gives them.
const double *ws_indices_spearman(const struct ws_result *result, const struct ws_indices *indices,
                                  struct ws_arena *arena);
const struct ws_index *ws_indices_of(const struct ws_indices *indices, const struct ws_result *result,
                                     size_t case_index, size_t output);

#endif
