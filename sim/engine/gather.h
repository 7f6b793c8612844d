// SPDX-License-Identifier: GPL-3.0-or-later
// One thread's tallies of all slots.
#ifndef WS_ENGINE_GATHER_H
#define WS_ENGINE_GATHER_H

#include "engine/weigh.h"
#include "engine/workspace.h"
#include "tally/tally.h"

struct ws_gather_slot {
    struct ws_moment_lanes lanes; // of the run of blocks in work
    struct ws_bin_window window;
    struct ws_tally tally; // what has been moved out of the two above, and draws outside of the window
};

struct ws_gather {
    const struct ws_plan *plan;
    struct ws_gather_slot *slots; // [replicate][slot]
    uint64_t counted;             // draws since the windows were last emptied
    double *packed;               // one row
    struct ws_weigh *weigh;       // the same given the evidence, where there is some
    // Another case of a sweep that counts what is common to both, and is handed in before this one; or NULL.
    const struct ws_gather *lead;
    unsigned char *has_strays; // [block of a tile][slot]: some draw of the block lies outside of the slot's window
};

// 0, or WS_ERROR_MEMORY (of weights also WS_ERROR_RUN); to be finished either way.
int ws_gather_init(struct ws_gather *gather, const struct ws_plan *plan, const struct ws_gather *lead);
void ws_gather_finish(struct ws_gather *gather);
// Counts the first n draws of the workspace's block for a replicate; the block's first draw has the given address.
int ws_gather_block(struct ws_gather *gather, const struct ws_workspace *workspace, size_t replicate, uint64_t address,
                    size_t n);
// The same of all blocks that the workspace has in hand, n draws: what a stage of theirs is to count, one slot after
// the other, so that a slot's window stays in the first-level cache for as long as it is counted into. Then, once all
// stages are over, what comes of all of them.
int ws_gather_stage(struct ws_gather *gather, struct ws_workspace *workspace, const struct ws_stage *stage,
                    size_t replicate, uint64_t address, uint64_t n);
int ws_gather_end_tile(struct ws_gather *gather, struct ws_workspace *workspace, size_t replicate, uint64_t address,
                       uint64_t n);
// Moves the lanes of a replicate's finished run of blocks into the exact sums; windows are emptied only before they
// could overflow.
int ws_gather_end_run(struct ws_gather *gather, size_t replicate);
// Adds everything to the case of the result that the plan is about.
int ws_gather_merge(struct ws_gather *gather, struct ws_result *result);

#endif
