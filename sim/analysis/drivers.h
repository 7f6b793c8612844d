// SPDX-License-Identifier: GPL-3.0-or-later
// What drives an output: rank correlations of the kept draws with each input.
#ifndef WS_ANALYSIS_DRIVERS_H
#define WS_ANALYSIS_DRIVERS_H

#include "base/arena.h"
#include "engine/result.h"

// Spearman's rho, mid-ranks for ties, of every output with every input: [case][output][input], n_cases * n_outputs *
// n_inputs values; NAN where either is constant or fewer than 3 draws were kept.
const double *ws_spearman(const struct ws_result *result, struct ws_arena *arena);
// Fractional ranks 1..n (ties get their mean) of n finite values. work holds 2 n of size_t.
void ws_ranks(const double *x, size_t n, double *ranks, size_t *work);

#endif
