// SPDX-License-Identifier: GPL-3.0-or-later
// What is counted at a time: an output, in a block of a tile.
#ifndef WS_ENGINE_VISIT_H
#define WS_ENGINE_VISIT_H

#include "engine/plan.h"
#include "engine/split.h"
#include "tally/tally.h"

// Blocks that a workspace has in hand, one after the other, all of one replicate.
struct ws_tile {
    size_t replicate, first; // the first block is this one in hand
    uint64_t address, n;     // of its first draw; draws
};

static inline size_t ws_tile_blocks(const struct ws_tile *tile) {
    return (size_t)((tile->n + WS_BLOCK - 1) / WS_BLOCK);
}

// Those of the tile's block b.
static inline size_t ws_tile_draws(const struct ws_tile *tile, size_t b) {
    return tile->n - b * WS_BLOCK < WS_BLOCK ? (size_t)(tile->n - b * WS_BLOCK) : WS_BLOCK;
}

struct ws_visit {
    size_t replicate, block; // of those that have been weighed
    uint64_t address;
    size_t n;
    const double *x, *label; // label: of the alternatives that the output is split by, or NULL
    const struct ws_split *split;
    const uint32_t *index;      // in the windows of all alternatives
    uint32_t stray;             // the index of draws outside
    int has_strays, has_others; // some may be outside; and not at the origin
    const uint32_t *strays;     // which, once they have been listed
    size_t n_strays;
};

// Where the draws of an alternative, n of them, stand among all.
static inline const uint16_t *ws_visit_places(const struct ws_visit *visit, size_t alternative, size_t *n) {
    const uint16_t *begin = visit->split->begin;
    *n = (size_t)begin[alternative + 1] - begin[alternative];
    return visit->split->place + begin[alternative];
}

// Takes down draw i as an invalid one. Addresses rise within a thread's groups, but groups come in any order.
static inline void ws_visit_note(const struct ws_visit *visit, size_t i, struct ws_moments *moments) {
    if (visit->address + i < moments->first_invalid)
        moments->first_invalid = visit->address + i;
}

#endif
