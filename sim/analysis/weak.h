// SPDX-License-Identifier: GPL-3.0-or-later
// What stands or falls with one number that nobody looked up.
#ifndef WS_ANALYSIS_WEAK_H
#define WS_ANALYSIS_WEAK_H

#include "analysis/indices.h"
#include "engine/plan.h"

// An input that carries over 80 % of an output's variance though its basis is assumed or recalled.
struct ws_weak_point {
    size_t output, input; // output: position among the outputs; input: among the study's quantities
    double share;
    int in_log; // share of the variance of ln(output)
};
// In case 0, at most one for each output; returns how many. points holds n_outputs.
size_t ws_weak_points(const struct ws_result *result, const struct ws_indices *indices, struct ws_weak_point *points);
// The same before any run, from a few thousand draws of the plan. 0, or a negative status with the reason in err.
int ws_weak_points_find(const struct ws_plan *plan, struct ws_arena *arena, struct ws_weak_point *points, size_t *n,
                        struct ws_error *err);

#endif
