// SPDX-License-Identifier: GPL-3.0-or-later
// The HDF5 file (results/README.md is its contract): the only folder that knows HDF5.
#ifndef WS_STORE_STORE_H
#define WS_STORE_STORE_H

#include "base/arena.h"
#include "engine/result.h"
#include "study/load.h"

// 1 if the file is a wattspan result, 0 if it is something else, -1 if there is no such file, -2 if it cannot be read.
int ws_store_probe(const char *path);
// Whether `path` could be written: PATH.part is created and removed, and what stands under `path` is a wattspan result
// or nothing. flags: enum ws_save_flags.
int ws_store_check_output(const char *path, int flags, struct ws_error *err);
// Everything, as PATH.part, synced, renamed over `path`.
int ws_store_save(const struct ws_result *result, const char *path, int flags, struct ws_error *err);
// Reads a result back, its study built from the text in the file. Everything but tallies (malloc'ed pages) lives in
// `arena`.
int ws_store_load(const char *path, struct ws_arena *arena, struct ws_result **result, struct ws_error *err);

// What `wattspan run FILE.h5` needs: the flattened study and how it was run.
struct ws_stored_run {
    char *study;
    size_t length;
    const char *name; // of the study
    uint64_t draws, seed, keep;
    const char *design, *rng;
};
int ws_store_load_run(const char *path, struct ws_arena *arena, struct ws_stored_run *run, struct ws_error *err);

#endif
