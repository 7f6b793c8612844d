// SPDX-License-Identifier: GPL-3.0-or-later
// Running a plan.
#ifndef WS_ENGINE_RUN_H
#define WS_ENGINE_RUN_H

#include "engine/plan.h"
#include "engine/result.h"

struct ws_options;

// A result that counts nothing yet; groups first .. end - 1 of the plan's added to it, in any order, each once; what is
// made of the tallies once all are there: randomisations pooled, kept draws. The tallies' memory is released with the
// arena. Drawing needs memory, obeys the interrupt flag of the options and calls their progress callback.
struct ws_result *ws_engine_start(const struct ws_plan *plan, const struct ws_options *options, struct ws_arena *arena);
int ws_engine_draw_groups(const struct ws_plan *plan, const struct ws_options *options, struct ws_result *result,
                          uint64_t first, uint64_t end, struct ws_error *err);
// From group *reached on, at least one, and no new group once ws_engine_clock() has come to the deadline, or the
// interrupt flag is set (WS_ERROR_INTERRUPTED, of which err says nothing). Groups in flight are finished: those below
// *reached are in the result then, and no others. After any other error the result is of no use.
int ws_engine_draw_until(const struct ws_plan *plan, const struct ws_options *options, struct ws_result *result,
                         uint64_t *reached, uint64_t end, double deadline, struct ws_error *err);
// What one process of a team draws of groups that rank 0 shares out (engine/team.h).
int ws_engine_share_groups(const struct ws_plan *plan, const struct ws_options *options, struct ws_result *result,
                           uint64_t first, uint64_t end, struct ws_error *err);
// Seconds on a clock that nobody sets.
double ws_engine_clock(void);
int ws_engine_finish(const struct ws_plan *plan, struct ws_result *result, struct ws_arena *arena,
                     struct ws_error *err);

// Values of quantities at points first .. first + count - 1 of a chain, which is a randomisation of the design, or
// where there is one alone all draws by their addresses; first is a multiple of WS_GROUP. Those of quantity q go to
// columns[q], where that is not NULL; columns[n_quantities], where not NULL, receives the draws' log-weights given the
// evidence.
int ws_engine_rows(const struct ws_plan *plan, size_t chain, uint64_t first, uint64_t count, double *const *columns,
                   struct ws_error *err);

// Values of quantities at the kept draws that are held in memory: draws 0 .. n - 1, or for a design with randomisations
// the first n / replicates points of each, one randomisation after the other, n = ws_plan_in_memory.
int ws_engine_keep(const struct ws_plan *plan, double *const *columns, struct ws_error *err);

// Values of all quantities at one draw.
int ws_engine_draw(const struct ws_plan *plan, uint64_t address, double *values, struct ws_error *err);

#endif
