// SPDX-License-Identifier: GPL-3.0-or-later
// Where a file goes: written beside its place as PATH.part, synced, renamed over it. POSIX alone, no HDF5.
#ifndef WS_STORE_PLACE_H
#define WS_STORE_PLACE_H

#include <stddef.h>

#include "base/error.h"

// Whether a file may be put at `path`: PATH.part can be made, and what stands there is nothing or an earlier result
// (which WS_SAVE_NO_CLOBBER protects, too). flags: enum ws_save_flags.
int ws_place_check(const char *path, int flags, struct ws_error *err);
// Puts the bytes there. On failure what was there before is left alone, and no PATH.part remains.
int ws_place_write(const char *path, int flags, const void *bytes, size_t size, struct ws_error *err);

#endif
