// SPDX-License-Identifier: GPL-3.0-or-later
// The tallies of a sweep's cases, packed; those last asked for are open. Statistics go through the cases of one slot,
// so one open tally for each slot is enough.
#ifndef WS_ENGINE_SHELF_H
#define WS_ENGINE_SHELF_H

#include <stddef.h>

#include "base/arena.h"
#include "engine/rack.h"

struct ws_shelf;

// In memory where scratch is NULL. Released with the arena.
struct ws_shelf *ws_shelf_create(size_t n_cases, size_t replicates, size_t n_slots, struct ws_scratch *scratch,
                                 struct ws_arena *arena);
// Adds what a tally has counted. 0, WS_ERROR_MEMORY, _FILE, or WS_ERROR_RUN where sums of weights are beyond their
// range. Safe for several threads at once on different cases, while nobody reads.
int ws_shelf_add(struct ws_shelf *shelf, size_t case_index, size_t replicate, size_t slot,
                 const struct ws_tally *tally);
// Takes out what has been added and is to be added again among more (ws_tally_subtract). 0, WS_ERROR_MEMORY, or
// WS_ERROR_FILE where it has not been added.
int ws_shelf_subtract(struct ws_shelf *shelf, size_t case_index, size_t replicate, size_t slot,
                      const struct ws_tally *tally);
// A tally of one randomisation, to be read until another case of the slot is asked for; that of all of them. Where
// memory runs out, or the scratch file cannot be read, this jumps as an allocation from the arena does.
const struct ws_tally *ws_shelf_replicate(struct ws_shelf *shelf, size_t case_index, size_t replicate, size_t slot);
const struct ws_tally *ws_shelf_pooled(struct ws_shelf *shelf, size_t case_index, size_t slot);
// A copy of a tally's packed form, to be finished whatever comes, and its size; what takes its place, checked: 0,
// WS_ERROR_MEMORY, or WS_ERROR_FILE where the bytes are no tally, or not one with weights where `weighted` is nonzero,
// and the other way round.
int ws_shelf_copy(const struct ws_shelf *shelf, size_t case_index, size_t replicate, size_t slot,
                  struct ws_packed *packed);
size_t ws_shelf_size(const struct ws_shelf *shelf, size_t case_index, size_t replicate, size_t slot);
int ws_shelf_put(struct ws_shelf *shelf, size_t case_index, size_t replicate, size_t slot,
                 const struct ws_packed *packed, int weighted);

// What all packed tallies take, in bytes.
size_t ws_shelf_bytes(const struct ws_shelf *shelf);

#endif
