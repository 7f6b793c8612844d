// SPDX-License-Identifier: GPL-3.0-or-later
// Running a plan.
#ifndef WS_ENGINE_RUN_H
#define WS_ENGINE_RUN_H

#include "engine/plan.h"
#include "engine/result.h"

struct ws_options;

// Draws everything into a new result in `arena`; options gives the progress callback and the interrupt flag. 0, or a
// negative status with the reason in err. The tallies' memory is released with the arena.
int ws_engine_run(const struct ws_plan *plan, const struct ws_options *options, struct ws_arena *arena,
                  struct ws_result **result, struct ws_error *err);

// The same in steps, for runs that are drawn in parts: a result that counts nothing yet; groups first .. end - 1 of
// the plan's added to it, in any order, each once; what is made of the tallies once all are there: randomisations
// pooled, kept draws. Groups in flight when the interrupt flag is seen are finished but not told apart from those that
// were not begun: to be able to go on, draw in steps as small as what may be lost.
struct ws_result *ws_engine_start(const struct ws_plan *plan, const struct ws_options *options, struct ws_arena *arena);
int ws_engine_draw_groups(const struct ws_plan *plan, const struct ws_options *options, struct ws_result *result,
                          uint64_t first, uint64_t end, struct ws_error *err);
int ws_engine_finish(const struct ws_plan *plan, struct ws_result *result, struct ws_arena *arena,
                     struct ws_error *err);

// Values of quantities at the draws first .. first + count - 1, first a multiple of WS_GROUP: those of quantity q go to
// columns[q], where that is not NULL; columns[n_quantities], where not NULL, receives the draws' log-weights given the
// evidence.
int ws_engine_draws(const struct ws_plan *plan, uint64_t first, uint64_t count, double *const *columns,
                    struct ws_error *err);

// Values of quantities at the plan->keep draws that are kept: draws 0 .. keep - 1, or for a design with randomisations
// the first keep / replicates points of each, one randomisation after the other.
int ws_engine_keep(const struct ws_plan *plan, double *const *columns, struct ws_error *err);

// Values of all quantities at one draw.
int ws_engine_draw(const struct ws_plan *plan, uint64_t address, double *values, struct ws_error *err);

#endif
