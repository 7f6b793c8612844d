// SPDX-License-Identifier: GPL-3.0-or-later
// Where a block's draws of each alternative of an input stand: found once, for all outputs that are split by the input.
#ifndef WS_ENGINE_SPLIT_H
#define WS_ENGINE_SPLIT_H

#include "engine/plan.h"

// The places of draws in the block, alternative by alternative.
struct ws_split {
    size_t replicate, n; // of the block that was looked at last; n = 0: none
    uint64_t address;
    uint16_t *begin, *place; // begin: of each alternative in `place`, and the end
};

struct ws_splits {
    const struct ws_plan *plan;
    size_t n_inputs, *by; // what outputs are split by
    struct ws_split *of;  // [n_inputs][hot.n_tile]
    uint16_t *room;
};

// 0 or WS_ERROR_MEMORY; to be finished either way.
int ws_splits_init(struct ws_splits *splits, const struct ws_plan *plan);
void ws_splits_finish(struct ws_splits *splits);
// Bytes of them.
size_t ws_splits_bytes(const struct ws_plan *plan);
// Of a block, the first n draws of which have these labels, and so many alternatives; the same each time that it is
// asked for with its address.
const struct ws_split *ws_splits_find(struct ws_splits *splits, const struct ws_slot *slot, size_t replicate,
                                      uint64_t address, size_t n, const double *label);

#endif
