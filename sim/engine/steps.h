// SPDX-License-Identifier: GPL-3.0-or-later
// Drawing in steps: a run that lasts is saved from time to time, and once more when it is interrupted.
#ifndef WS_ENGINE_STEPS_H
#define WS_ENGINE_STEPS_H

#include "engine/plan.h"
#include "engine/result.h"

struct ws_options;

// Groups first .. reached - 1 of the plan's are in the result: what a process has these can go on from.
struct ws_steps {
    const struct ws_plan *plan;
    const struct ws_options *options;
    struct ws_result *result;
    uint64_t first, reached;
    uint64_t resumed; // the groups below were drawn by an earlier process
    // Writes down where the run is; NULL where that is nobody's task. A nonzero status ends the run, so that a disk
    // which is full for now is not to be reported. Of an interruption err may say what was saved.
    int (*save)(void *user, const struct ws_steps *steps, int interrupted, struct ws_error *err);
    void *user;
    double seconds;      // from one saving to the next; 0: only when interrupted
    double start, saved; // on ws_engine_clock()
};

// Counts time from now on.
struct ws_steps ws_steps_begin(const struct ws_plan *plan, const struct ws_options *options, struct ws_result *result,
                               uint64_t first);
// Draws from `reached` up to group `end`. A run may be drawn in several calls, the savings follow the clock through all
// of them. As ws_engine_draw_until; WS_ERROR_INTERRUPTED after having saved.
int ws_steps_draw(struct ws_steps *steps, uint64_t end, struct ws_error *err);

// For other work that is done in steps: when the next one is to end, on ws_engine_clock(), and what comes after it, or
// after an interruption (WS_ERROR_INTERRUPTED). What the work has come to belongs to the steps' result.
double ws_steps_deadline(const struct ws_steps *steps);
int ws_steps_pause(struct ws_steps *steps, int interrupted, struct ws_error *err);
// Makes the result whole once all is drawn (ws_engine_finish). Where that is interrupted all draws are saved as a pause
// would save them, and it is WS_ERROR_INTERRUPTED.
int ws_steps_finish(struct ws_steps *steps, struct ws_arena *arena, struct ws_error *err);

#endif
