// SPDX-License-Identifier: GPL-3.0-or-later
// Where a file goes: written beside its place as PATH.part, synced, renamed over it. POSIX alone, no HDF5.
#ifndef WS_STORE_PLACE_H
#define WS_STORE_PLACE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct ws_hold;

// Takes the place `path` for a file: PATH.part is made and held until ws_place_release. Refused where what stands at
// `path` is something else than an earlier result (which WS_SAVE_NO_CLOBBER protects, too), and where another run that
// is still there holds it. flags: enum ws_save_flags.
int ws_place_take(const char *path, int flags, struct ws_hold **hold, struct ws_error *err);
// Whether it is a hold on `path`, nothing having been published yet.
int ws_place_is_of(const struct ws_hold *hold, const char *path);
// 0, or WS_ERROR_FILE where another run has taken the place over.
int ws_place_is_held(const struct ws_hold *hold, struct ws_error *err);
// Puts the bytes in the place that is held. On failure what was there before is left alone, and it may be tried again.
int ws_place_publish(struct ws_hold *hold, const void *bytes, size_t size, struct ws_error *err);
// The same where somebody else writes the bytes, to the empty file that is open as fd; his status is passed on.
typedef int ws_place_writer(void *user, int fd, struct ws_error *err);
int ws_place_publish_by(struct ws_hold *hold, ws_place_writer *write, void *user, struct ws_error *err);
// Bytes free for a file at `path`; nonzero where nobody says.
int ws_place_free(const char *path, uint64_t *bytes);
// Removes PATH.part where nothing was published. Accepts NULL.
void ws_place_release(struct ws_hold *hold);

// Puts the bytes at `path`, which only the one who holds the output writes to; what was there goes to `previous`,
// or where that is NULL is replaced. On failure both are left alone. The same where somebody else writes them.
int ws_place_succeed(const char *path, const char *previous, const void *bytes, size_t size, struct ws_error *err);
int ws_place_succeed_by(const char *path, const char *previous, ws_place_writer *write, void *user,
                        struct ws_error *err);

// Taking and releasing; taking, publishing and releasing.
int ws_place_check(const char *path, int flags, struct ws_error *err);
int ws_place_write(const char *path, int flags, const void *bytes, size_t size, struct ws_error *err);

#endif
