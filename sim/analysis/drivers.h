// SPDX-License-Identifier: GPL-3.0-or-later
// What drives an output: rank correlations of the kept draws with each input.
#ifndef WS_ANALYSIS_DRIVERS_H
#define WS_ANALYSIS_DRIVERS_H

#include "base/arena.h"
#include "engine/result.h"

// Spearman's rho, mid-ranks for ties, of every output with every input: [case][output][input], n_cases * n_outputs *
// n_inputs values; NAN where either is constant or fewer than 3 draws were kept.
const double *ws_spearman(const struct ws_result *result, struct ws_arena *arena);
// The same in two steps: unit ranks of all inputs, [input][draw], all NAN for a constant; what follows from them.
void ws_rank_inputs(const struct ws_result *result, double *ranks, struct ws_arena *arena);
const double *ws_spearman_of_ranks(const struct ws_result *result, const double *ranks, struct ws_arena *arena);
// Ranks centred and scaled to unit length, so that a correlation is a dot product; all NAN for a constant column.
void ws_unit_ranks(const double *x, size_t n, const uint32_t *order, double *ranks);
// Those of a column that is constant, which need no order; returns 0, leaving the ranks alone, where it is not.
int ws_ranks_of_constant(const double *x, size_t n, double *ranks);
double ws_dot(const double *a, const double *b, size_t n); // held within [-1, 1]
// Of one column with each of several.
void ws_dots(const double *a, const double *const *b, size_t count, size_t n, double *r);
// Of each column i with each one j before it: r[i * count + j].
void ws_dots_all(const double *const *columns, size_t count, size_t n, double *r, struct ws_arena *arena);

#endif
