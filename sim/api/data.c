// SPDX-License-Identifier: GPL-3.0-or-later
#include "api/data.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "engine/team.h"
#include "store/store.h"
#include "study/data.h"
#include "wattspan.h"

enum { MOST_TEXT = 16 << 20 }; // bytes of one study file

// All of a stream, or a reason why not.
static int read_stream(FILE *file, const char *path, size_t most, struct ws_arena *arena, char **text, size_t *length,
                       struct ws_error *err) {
    struct ws_text all = {.arena = arena};
    char buffer[65536];
    size_t n;
    ws_text_add(&all, "");
    while ((n = fread(buffer, 1, sizeof buffer, file)) > 0 && all.length <= most)
        ws_text_add_n(&all, buffer, n);
    if (ferror(file))
        return ws_error_set(err, WS_ERROR_FILE, path, "cannot be read: %s", strerror(errno));
    if (all.length > most)
        return ws_error_set(err, WS_ERROR_FILE, path, "is larger than %zu MiB, the most that is read", most >> 20);
    *text = all.data;
    *length = all.length;
    return 0;
}

static void close_deferred(void *file) { fclose(file); }

static int read_file(const char *path, size_t most, struct ws_arena *arena, char **text, size_t *length,
                     struct ws_error *err) {
    struct stat info;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return ws_error_set(err, WS_ERROR_FILE, path, "is a folder");
    FILE *file = fopen(path, "rbe");
    if (!file)
        return ws_error_set(err, WS_ERROR_FILE, path, "cannot be opened: %s", strerror(errno));
    ws_arena_defer(arena, close_deferred, file); // an allocation may jump away from here
    return read_stream(file, path, most, arena, text, length, err);
}

// What is on standard input only rank 0 has.
static int read_for_all(const struct ws_team *team, struct ws_arena *arena, char **text, size_t *length,
                        struct ws_error *err) {
    int status = 0;
    *text = NULL;
    if (ws_team_rank(team) == 0)
        status = read_stream(stdin, "<standard input>", MOST_TEXT, arena, text, length, err);
    if (status)
        *text = NULL;
    int stranger = ws_team_share(team, text, length, arena);
    if (status)
        return status;
    if (stranger)
        return ws_error_set(err, WS_ERROR_FILE, "<standard input>",
                            "rank %d does not read the study from there; " WS_ALL_ALIKE, stranger);
    return *text ? 0
                 : ws_error_set(err, WS_ERROR_FILE, "<standard input>",
                                "rank 0 cannot read it, or has not been told to: " WS_ALL_ALIKE);
}

static int read_text(void *user, const char *path, struct ws_arena *arena, char **text, size_t *length,
                     struct ws_error *err) {
    if (strcmp(path, "-") != 0)
        return read_file(path, MOST_TEXT, arena, text, length, err);
    return ws_team_size(user) > 1 ? read_for_all(user, arena, text, length, err)
                                  : read_stream(stdin, "<standard input>", MOST_TEXT, arena, text, length, err);
}

// A pipe would be read once and never again, so that the run could not be repeated.
static int read_column(void *user, const char *path, const char *column, struct ws_arena *arena,
                       struct ws_data_column *read, struct ws_error *err) {
    (void)user;
    struct stat info;
    if (ws_store_is_hdf5(path))
        return ws_store_read_column(path, column, arena, read, err);
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return ws_error_set(err, WS_ERROR_FILE, path, "%s",
                            S_ISDIR(info.st_mode) ? "is a folder" : "is no ordinary file");
    char *text = NULL;
    size_t length = 0;
    int status = read_file(path, WS_DATA_MOST_BYTES, arena, &text, &length, err);
    return status ? status : ws_csv_column(path, text, length, column, arena, read, err);
}

const struct ws_reader ws_file_reader = {.read = read_text, .column = read_column};
