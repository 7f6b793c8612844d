// SPDX-License-Identifier: GPL-3.0-or-later
// The HDF5 file (results/README.md is its contract): the only folder that knows HDF5.
#ifndef WS_STORE_STORE_H
#define WS_STORE_STORE_H

#include "base/arena.h"
#include "engine/result.h"
#include "study/load.h"

// 1 if the file is a wattspan result, 2 if it is a part of a run, 0 if it is something else, -1 if there is no such
// file, -2 if it cannot be read.
int ws_store_probe(const char *path);
// 1 if the file begins as HDF5 files do, be it sound or damaged, a result or not.
int ws_store_is_hdf5(const char *path);
// Whether `path` could be written: PATH.part is created and removed, and what stands under `path` is a wattspan result
// or nothing. flags: enum ws_save_flags.
int ws_store_check_output(const char *path, int flags, struct ws_error *err);
// Everything, as PATH.part, synced, renamed over `path`.
int ws_store_save(const struct ws_result *result, const char *path, int flags, struct ws_error *err);
// Reads a result back, its study built from the text in the file. Everything but tallies (malloc'ed pages) lives in
// `arena`.
int ws_store_load(const char *path, struct ws_arena *arena, struct ws_result **result, struct ws_error *err);

// What some of a run's groups have counted: a shard, a checkpoint.
struct ws_part {
    struct ws_result *result; // its tallies, not pooled; its draws are those of the whole run
    uint64_t first, end;      // groups; none where they are equal
    uint64_t asked_end;       // up to which group the part was to go: a checkpoint has end below it
    uint64_t keep;            // draws that the run keeps
    uint64_t shard, shards;   // 1 .. shards; 1 of 1 where the run is in one piece
    char study_sha256[65];
};
// Written as results are, with the same care; read back with the study that it holds, or where `study` is given with
// that one, which has the digest that the part names or else the part is refused.
int ws_store_save_part(const struct ws_part *part, const char *path, int flags, struct ws_error *err);
int ws_store_load_part(const char *path, const struct ws_study *study, struct ws_arena *arena, struct ws_part *part,
                       struct ws_error *err);

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
