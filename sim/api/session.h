// SPDX-License-Identifier: GPL-3.0-or-later
// A run that lasts, around its drawing: the hold on its output, the checkpoint that it goes on from, those that it
// leaves.
#ifndef WS_API_SESSION_H
#define WS_API_SESSION_H

#include "engine/steps.h"
#include "store/store.h"

struct ws_factors; // engine/freeze.h

// What is to be done with a plan.
struct ws_task {
    const char *name; // what else than the plan makes the run what it is; "" for a run of so many draws
    int is_open;      // how many draws there will be is not known yet
    uint64_t first, end, shard, shards; // the groups; a whole run is shard 1 of 1
    // Whether a whole result is that of the task, its plan being the same; NULL for a shard.
    int (*is_result)(const void *user, const struct ws_result *result);
    const void *user;
    const struct ws_factors *factors; // of a sensitivity analysis, else NULL
};
// All groups of a plan, for no tolerance and no sensitivity analysis.
struct ws_task ws_task_whole(const struct ws_plan *plan);

struct ws_session {
    struct ws_part part; // its result is what is drawn into; its end is how far a checkpoint was
    struct ws_steps steps;
    const struct ws_options *options;
    struct ws_task task;
    struct ws_arena *scratch;
    int finished;    // the output holds this very run already: part.result has been read back, nothing is to be done
    int are_own;     // the checkpoints that are there
    int has_trouble; // with the last checkpoint
};

// Makes the result, takes options->output for it, and where options->resume says so goes to where its checkpoint was.
// The session lives as long as `scratch`, the result and its hold as long as `arena`. WS_ERROR_FILE where the output
// is not to be had, or a checkpoint is of another run. In a team, whose processes it brings together for as long as
// `scratch` lives, rank 0 alone gets so far; on the others it draws for rank 0 until that is over, and gives WS_SERVED.
int ws_session_begin(struct ws_session *session, const struct ws_plan *plan, const struct ws_options *options,
                     const struct ws_task *task, struct ws_arena *scratch, struct ws_arena *arena,
                     struct ws_error *error);

// Whether a part is one of the run that `run` was begun for, which keeps `keep` draws: 0, or WS_ERROR_FILE that says
// what is different from `whose` ("the others"). (parts.c)
int ws_part_check(const struct ws_result *run, uint64_t keep, const struct ws_part *part, const struct ws_task *task,
                  const char *path, const char *whose, struct ws_arena *arena, struct ws_error *error);

#endif
