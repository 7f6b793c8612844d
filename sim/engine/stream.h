// SPDX-License-Identifier: GPL-3.0-or-later
// Kept draws too many for memory: drawn piece by piece, each handed on while the next is being drawn.
#ifndef WS_ENGINE_STREAM_H
#define WS_ENGINE_STREAM_H

#include "engine/plan.h"
#include "engine/result.h"

// Rows of a chain, from `first` on, as columns by quantity; the one behind the last quantity has the log-weights given
// the evidence. NULL for what is not kept.
struct ws_piece {
    size_t chain;
    uint64_t first;
    size_t count;
    double *const *columns;
};

// Rows of a piece, but for the last of a chain.
enum { WS_PIECE = 2 * WS_GROUP };

// Takes a piece on, in a thread of its own, one after the other, chain by chain; a nonzero status ends the stream.
typedef int ws_piece_taker(void *user, const struct ws_piece *piece);

// Draws the inputs, the outputs and the log-weights of the plan->keep draws to be kept. 0, what the taker
// returned, WS_ERROR_INTERRUPTED where the watch interrupted it, or WS_ERROR_MEMORY; only of the last
// two err says something.
int ws_engine_stream(const struct ws_plan *plan, const struct ws_watch *watch, ws_piece_taker *take, void *user,
                     struct ws_error *err);

#endif
