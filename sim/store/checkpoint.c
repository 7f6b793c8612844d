// SPDX-License-Identifier: GPL-3.0-or-later
// Where checkpoints stand, and whether they are as they were written.
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/place.h"
#include "store/seal.h"
#include "store/store.h"

enum { NAME_BYTES = PATH_MAX + 32 };

static const char *make_name(char name[NAME_BYTES], const char *output, int generation) {
    static const char *const suffixes[WS_GENERATIONS] = {".checkpoint", ".checkpoint.previous"};
    snprintf(name, NAME_BYTES, "%.*s%s", PATH_MAX, output, suffixes[generation]);
    return name;
}

const char *ws_checkpoint_path(const char *output, enum ws_generation generation, struct ws_arena *arena) {
    char name[NAME_BYTES];
    return ws_arena_copy(arena, make_name(name, output, generation));
}

enum ws_checkpoint_state ws_checkpoint_look(const char *path) {
    struct stat info;
    if (stat(path, &info) != 0 && errno == ENOENT)
        return WS_CHECKPOINT_NONE;
    return ws_store_is_hdf5(path) && ws_seal_check(path) == WS_SEAL_SOUND ? WS_CHECKPOINT_SOUND : WS_CHECKPOINT_DAMAGED;
}

// What a power failure has left may be empty; else a checkpoint begins as HDF5 files do.
static int is_foreign(const char *path) {
    struct stat info;
    if (lstat(path, &info) != 0)
        return 0;
    return !S_ISREG(info.st_mode) || (info.st_size > 0 && !ws_store_is_hdf5(path));
}

int ws_checkpoint_check(const char *output, struct ws_error *err) {
    char name[NAME_BYTES];
    for (int g = 0; g < WS_GENERATIONS; g++)
        if (is_foreign(make_name(name, output, g)))
            return ws_error_set(err, WS_ERROR_FILE, name,
                                "is there already and is no checkpoint: it is not replaced; choose another name for "
                                "the output");
    return 0;
}

int ws_checkpoint_save(const struct ws_part *part, const char *output, int are_own, struct ws_error *err) {
    char newest[NAME_BYTES], previous[NAME_BYTES];
    make_name(newest, output, WS_GENERATION_NEWEST);
    make_name(previous, output, WS_GENERATION_PREVIOUS);
    int status = ws_store_save_checkpoint(part, newest, are_own ? previous : NULL, err);
    if (!status && !are_own)
        unlink(previous);
    return status;
}

void ws_checkpoint_remove(const char *output) {
    char name[NAME_BYTES];
    for (int g = 0; g < WS_GENERATIONS; g++)
        if (!is_foreign(make_name(name, output, g)))
            unlink(name);
    // What a run that was killed while it saved has left (ws_place_succeed).
    char part[NAME_BYTES + sizeof ".part"];
    snprintf(part, sizeof part, "%s.part", make_name(name, output, WS_GENERATION_NEWEST));
    unlink(part);
}

void ws_checkpoint_forget(const char *output) {
    char name[NAME_BYTES];
    unlink(make_name(name, output, WS_GENERATION_NEWEST));
}
