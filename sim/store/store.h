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
// Everything, as PATH.part, synced, renamed over `path`, where the result has a hold on that into the place held.
int ws_store_save(const struct ws_result *result, const char *path, int flags, struct ws_error *err);
// Whether there is room at `path` for the draws that a plan keeps, as far as the file system says; better to know
// before than after an hour of writing.
int ws_store_check_space(const struct ws_plan *plan, const char *path, struct ws_error *err);
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
    const char *task;         // "" for a run of so many draws; else what it is that is to be gone on with, and how
    char study_sha256[65];
};
// Written as results are, with the same care; read back with the study that it holds, or where `study` is given with
// that one, which has the digest that the part names or else the part is refused.
int ws_store_save_part(const struct ws_part *part, const char *path, int flags, struct ws_error *err);
// The same at `newest`, what is there going to `previous` (NULL: nowhere).
int ws_store_save_checkpoint(const struct ws_part *part, const char *newest, const char *previous,
                             struct ws_error *err);
int ws_store_load_part(const char *path, const struct ws_study *study, struct ws_arena *arena, struct ws_part *part,
                       struct ws_error *err);

// Checkpoints of a run stand beside its output, in two generations: OUTPUT.checkpoint, and the one before it,
// OUTPUT.checkpoint.previous. (checkpoint.c)
enum ws_generation { WS_GENERATION_NEWEST, WS_GENERATION_PREVIOUS, WS_GENERATIONS };
const char *ws_checkpoint_path(const char *output, enum ws_generation generation, struct ws_arena *arena);
enum ws_checkpoint_state { WS_CHECKPOINT_NONE, WS_CHECKPOINT_SOUND, WS_CHECKPOINT_DAMAGED };
enum ws_checkpoint_state ws_checkpoint_look(const char *path);
// 0, or WS_ERROR_FILE where a file that is no checkpoint stands in the way of one.
int ws_checkpoint_check(const char *output, struct ws_error *err);
// Writes the newest. Those that are there already are the run's own, and the newest of them is now the previous one; or
// they are another run's, and go.
int ws_checkpoint_save(const struct ws_part *part, const char *output, int are_own, struct ws_error *err);
// Removes both, or the newest alone, where they are.
void ws_checkpoint_remove(const char *output);
void ws_checkpoint_forget(const char *output);

// A one-dimensional dataset of numbers of any HDF5 file, as struct ws_reader's `column`. (column.c)
int ws_store_read_column(const char *path, const char *column, struct ws_arena *arena, struct ws_data_column *read,
                         struct ws_error *err);

// What `wattspan run FILE.h5` needs: the flattened study and how it was run.
struct ws_stored_run {
    char *study;
    size_t length;
    const struct ws_data *data; // n_data that its priors were made of
    size_t n_data;
    const char *name; // of the study
    uint64_t draws, seed, keep;
    const char *design, *rng;
};
int ws_store_load_run(const char *path, struct ws_arena *arena, struct ws_stored_run *run, struct ws_error *err);

#endif
