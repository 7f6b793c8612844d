// SPDX-License-Identifier: GPL-3.0-or-later
// A file without a name for what memory is not to hold. It is gone with the process, however that ends.
#ifndef WS_BASE_SCRATCH_H
#define WS_BASE_SCRATCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct ws_scratch;

// Where something lies in it; zeroed: nowhere.
struct ws_scrap {
    uint64_t place;
    uint32_t size, room; // bytes; those that may stand there without moving
};

// Makes the file in the folder of `path`; where `path` is NULL, or nothing can be made there, in $TMPDIR, else in /tmp.
// Closed with the arena. Where it cannot be made, putting something fails.
struct ws_scratch *ws_scratch_create(const char *path, struct ws_arena *arena);
// Puts bytes in the place of what the scrap held, for several threads at once on different scraps. 0, or WS_ERROR_FILE.
int ws_scratch_put(struct ws_scratch *scratch, struct ws_scrap *scrap, const void *bytes, size_t size);
// Fetches all of a scrap. 0, or WS_ERROR_FILE.
int ws_scratch_get(const struct ws_scratch *scratch, const struct ws_scrap *scrap, void *bytes);
// Says of the first failure what there is to say; returns WS_ERROR_FILE.
int ws_scratch_fail(const struct ws_scratch *scratch, struct ws_error *err);

#endif
