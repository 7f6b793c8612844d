// SPDX-License-Identifier: GPL-3.0-or-later
// Drawing many cases: what all of them share is drawn once for each run of blocks, then case after case.
#ifndef WS_ENGINE_SWEEP_H
#define WS_ENGINE_SWEEP_H

#include "engine/plan.h"
#include "engine/result.h"

struct ws_options;
struct ws_order;

// Adds groups of all cases to the result, as ws_engine_draw_until does, which calls it. Looks at deadline and interrupt
// flag only every few groups. 0, also where it stopped before the end; or WS_ERROR_MEMORY, _RUN, _MODEL.
int ws_sweep_draw(const struct ws_plan *plan, const struct ws_options *options, struct ws_result *result,
                  uint64_t *reached, uint64_t end, double deadline, struct ws_error *err);
// What one process of a team draws of what rank 0 has ordered.
int ws_sweep_share(const struct ws_plan *plan, const struct ws_options *options, struct ws_result *result,
                   const struct ws_order *order, struct ws_error *err);
// Chooses how many cases a thread has in hand at a time, and counts the bytes that the sweep will take (plan->bytes),
// for which it draws some of the cases. 0, or WS_ERROR_USAGE where that is more than it may.
int ws_sweep_budget(struct ws_plan *plan, struct ws_arena *arena, struct ws_error *err);
// Fills the result's kept draws: outputs of every case, inputs of the first.
int ws_sweep_keep(const struct ws_plan *plan, struct ws_result *result);

#endif
