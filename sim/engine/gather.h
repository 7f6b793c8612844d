// SPDX-License-Identifier: GPL-3.0-or-later
// One thread's tallies of all slots.
#ifndef WS_ENGINE_GATHER_H
#define WS_ENGINE_GATHER_H

#include "engine/visit.h"
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
    uint32_t *index, *strays;     // of a block's draws
    int64_t *at_origin;           // draws of a block, by alternative
    struct ws_splits splits;
    struct ws_weigh *weigh; // the same given the evidence, where there is some
    // Another case of a sweep that counts what is common to both, and is handed in before this one; or NULL.
    const struct ws_gather *lead;
};

// 0, or WS_ERROR_MEMORY (of weights also WS_ERROR_RUN); to be finished either way.
int ws_gather_init(struct ws_gather *gather, const struct ws_plan *plan, const struct ws_gather *lead);
void ws_gather_finish(struct ws_gather *gather);
// Counts a tile's draws of n outputs, from `first` on in the order in which the plan counts them: one output after the
// other in several blocks each, so that its windows stay in the cache for as long as they are counted into. Where there
// is evidence, all outputs are to be counted at a time.
int ws_gather_tile(struct ws_gather *gather, struct ws_workspace *workspace, const struct ws_tile *tile, size_t first,
                   size_t n);
// Moves the lanes of a replicate's finished run of blocks, so many draws at most, into the exact sums; windows are
// emptied only before they could overflow.
int ws_gather_end_run(struct ws_gather *gather, size_t replicate, uint64_t draws);
// Adds everything to the case of the result that the plan is about.
int ws_gather_merge(struct ws_gather *gather, struct ws_result *result);

#endif
