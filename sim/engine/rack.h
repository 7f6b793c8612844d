// SPDX-License-Identifier: GPL-3.0-or-later
// Many packed things by number, in memory or in a scratch file.
#ifndef WS_ENGINE_RACK_H
#define WS_ENGINE_RACK_H

#include <stddef.h>

#include "base/arena.h"
#include "base/scratch.h"
#include "tally/packed.h"

struct ws_rack;

// Empty; in memory where scratch is NULL. Released with the arena.
struct ws_rack *ws_rack_create(size_t n, struct ws_scratch *scratch, struct ws_arena *arena);
// Replaces an item by bytes that it takes over, whatever comes. 0, or WS_ERROR_FILE. Safe for several threads at once
// on different items.
int ws_rack_put(struct ws_rack *rack, size_t i, struct ws_packed *packed);
// A copy of an item, to be finished whatever comes. 0, WS_ERROR_MEMORY or _FILE.
int ws_rack_copy(const struct ws_rack *rack, size_t i, struct ws_packed *packed);
// Bytes of an item, 0 where there is none; of all.
size_t ws_rack_size(const struct ws_rack *rack, size_t i);
size_t ws_rack_bytes(const struct ws_rack *rack);

#endif
