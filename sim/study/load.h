// SPDX-License-Identifier: GPL-3.0-or-later
// Loading: files -> node trees -> one merged tree -> struct ws_study.
#ifndef WS_STUDY_LOAD_H
#define WS_STUDY_LOAD_H

#include "study/study.h"

// Folders above hand down how to read a file, so that this folder knows neither standard input nor the network.
// Returns 0 and a text in `arena` (NUL-terminated, may hold NULs), or nonzero with a one-line reason in err.
struct ws_reader {
    int (*read)(void *user, const char *path, struct ws_arena *arena, char **text, size_t *length,
                struct ws_error *err);
    // A column of a CSV or HDF5 file, in `arena`. 0, WS_ERROR_FILE where the file cannot be read, or
    // WS_ERROR_STUDY where it has no such column or something else than numbers in it, with where and why in err.
    int (*column)(void *user, const char *path, const char *column, struct ws_arena *arena, struct ws_data_column *read,
                  struct ws_error *err);
    void *user;
};

struct ws_load_request {
    const char *path; // of the study; extends are relative to the file that names them
    const char *text; // if not NULL the study's text itself, `path` is then only its name
    size_t length;
    const char *const
        *settings; // n_settings of "NAME=VALUE" or "NAME=PRIOR" (`--set`), laid over the merged study in order
    size_t n_settings;
    const char *const *probabilities; // n_probabilities of conditions (`--probability`), each a further output
    size_t n_probabilities;
    const char *const *sweeps; // n_sweeps of "NAME=VALUES" (`--vary`), laid over the study's own `sweep`
    size_t n_sweeps;
    double widen;     // `--widen`; 0: as the study says
    int repair;       // `--repair-correlations`
    ws_model compute; // the code that `model` names, and what it is handed; NULL: there is none
    void *compute_user;
    int without_sweep;          // one of the studies that are swept over: its own sweep does not count
    int without_model;          // a study that names one is loaded without it, to be looked at and not run
    const struct ws_data *data; // n_data that are known already, by their digests: those of a result, of two compared
    size_t n_data;
    struct ws_reader reader;
};

// The study, or NULL with at least one error among the messages (a file that cannot be read is one, too, and then
// *file_trouble is set). Messages and study live in `arena`.
struct ws_study *ws_study_make(const struct ws_load_request *request, struct ws_arena *arena,
                               struct ws_messages *messages, int *file_trouble);

// A unit as the study's own formulas would read it. Nonzero with a reason in `why`. Not for several threads at once.
int ws_study_parse_unit(const struct ws_study *study, const char *text, struct ws_arena *arena, struct ws_unit *unit,
                        char *why, size_t size);

// The JSON Schema of the study language, from the tables of families and keys.
const char *ws_study_schema(struct ws_arena *arena);
// The merged study as JSON (the YAML form is study->flattened).
const char *ws_study_flatten_json(const struct ws_study *study, struct ws_arena *arena);

// A unit known to the language, for `wattspan list units`.
struct ws_unit_row {
    const char *symbol, *name, *meaning;
};
const struct ws_unit_row *ws_unit_rows(size_t *count);

#endif
