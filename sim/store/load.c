// SPDX-License-Identifier: GPL-3.0-or-later
// Reading a result back. Files are not trusted: see reader.h.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/scratch.h"
#include "store/groups.h"
#include "store/root.h"
#include "store/seal.h"
#include "store/store.h"

// ---- is it ours ----

enum { MAGIC_BYTES = 8 };
static const unsigned char magic[MAGIC_BYTES] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};

enum kind { OTHER = 0, HDF5 = 1, ABSENT = -1, UNREADABLE = -2 };

// Looks at the first bytes alone, so that a study's text costs no start of the HDF5 library.
static int kind_of(const char *path) {
    unsigned char first[MAGIC_BYTES];
    struct stat status;
    if (stat(path, &status) != 0)
        return errno == ENOENT ? ABSENT : UNREADABLE;
    if (!S_ISREG(status.st_mode)) // a pipe must not be opened: it would wait
        return OTHER;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return UNREADABLE;
    ssize_t n = read(fd, first, sizeof first);
    close(fd);
    return n < 0 ? UNREADABLE : n == sizeof first && memcmp(first, magic, sizeof first) == 0 ? HDF5 : OTHER;
}

int ws_store_is_hdf5(const char *path) { return kind_of(path) == HDF5; }

int ws_store_probe(const char *path) {
    int kind = kind_of(path);
    if (kind != HDF5)
        return kind;
    enum ws_seal_state seal = ws_seal_check(path);
    if (seal != WS_SEAL_SOUND && seal != WS_SEAL_NONE) // HDF5 must not open it
        return OTHER;
    struct ws_arena *arena = ws_arena_create();
    if (!arena || ws_arena_catch(arena)) {
        ws_arena_destroy(arena);
        return UNREADABLE;
    }
    struct ws_error unused = {0};
    struct ws_h5 *h5 = ws_h5_open(path, WS_H5_READ, arena, &unused);
    const char *format = ws_h5_text(h5, "format", 0);
    int ours = strcmp(format, WS_FORMAT_NAME) == 0 ? 1 : strcmp(format, WS_PART_NAME) == 0 ? 2 : 0;
    ws_h5_close(h5);
    ws_arena_destroy(arena);
    return ours;
}

// ---- opening ----

static void check_format(struct ws_h5 *h5, const char *wanted) {
    const char *format = H5Aexists(h5->file, "format") > 0 ? ws_h5_text(h5, "format", 0) : "";
    if (h5->status || strcmp(format, wanted) == 0)
        return;
    if (strcmp(format, WS_PART_NAME) == 0)
        h5->status =
            ws_error_set(h5->err, WS_ERROR_FILE, h5->path,
                         "is a part of a run (a shard or a checkpoint), no whole result: 'wattspan merge' puts "
                         "shards together, 'wattspan run --resume' goes on from a checkpoint");
    else if (strcmp(format, WS_FORMAT_NAME) == 0)
        h5->status = ws_error_set(h5->err, WS_ERROR_FILE, h5->path,
                                  "is a whole result, no part of a run: a shard or a checkpoint was wanted");
    else
        h5->status = ws_error_set(h5->err, WS_ERROR_FILE, h5->path, "is an HDF5 file, but no wattspan result");
}

static struct ws_h5 *open_sound(const char *path, const char *format, struct ws_arena *arena, struct ws_error *err) {
    struct ws_h5 *h5 = ws_h5_open(path, WS_H5_READ, arena, err);
    check_format(h5, format);
    int64_t version = ws_h5_int(h5, "format_version", 1, INT64_MAX);
    if (!h5->status && version > WS_FORMAT_VERSION)
        h5->status = ws_error_set(err, WS_ERROR_FILE, path,
                                  "has format version %lld, this program reads up to %d: a newer wattspan is needed",
                                  (long long)version, WS_FORMAT_VERSION);
    if (!h5->status)
        return h5;
    ws_h5_close(h5);
    return NULL;
}

// The session, or NULL with a reason in err.
static struct ws_h5 *open_result(const char *path, const char *format, struct ws_arena *arena, struct ws_error *err) {
    int kind = kind_of(path);
    enum ws_seal_state seal = kind == HDF5 ? ws_seal_check(path) : WS_SEAL_NONE;
    if (kind == ABSENT)
        ws_error_set(err, WS_ERROR_FILE, path, "there is no such file");
    else if (kind == UNREADABLE || seal == WS_SEAL_UNREADABLE)
        ws_error_set(err, WS_ERROR_FILE, path, "cannot be read: %s", strerror(errno));
    else if (kind == OTHER)
        ws_error_set(err, WS_ERROR_FILE, path, "is no HDF5 file, so no wattspan result");
    else if (seal == WS_SEAL_DAMAGED)
        ws_error_set(err, WS_ERROR_FILE, path, "is damaged: its checksum does not fit");
    else
        return open_sound(path, format, arena, err);
    return NULL;
}

// ---- the study ----

// The flattened study extends nothing, and may not reach for files.
static int refuse_files(void *user, const char *path, struct ws_arena *arena, char **text, size_t *length,
                        struct ws_error *err) {
    (void)user, (void)arena, (void)text, (void)length;
    return ws_error_set(err, WS_ERROR_FILE, path, "a study within a result reads no other file");
}

static void read_study(struct ws_h5 *h5, struct ws_result *result) {
    const char *text = ws_h5_text(h5, "study", 0);
    struct ws_load_request request = {
        .path = h5->path, .text = text, .length = strlen(text), .without_model = 1, .reader = {.read = refuse_files}};
    request.data = ws_data_read(h5, &request.n_data);
    struct ws_messages messages = {.arena = h5->arena};
    int file_trouble = 0;
    if (h5->status)
        return;
    struct ws_study *study = ws_study_make(&request, h5->arena, &messages, &file_trouble);
    if (!study) {
        const char *reason = "";
        for (size_t i = messages.count; i-- > 0;)
            if (messages.items[i].severity == WS_SEVERITY_ERROR)
                reason = messages.items[i].text;
        ws_h5_damaged(h5, "the study that it holds has an error (%s)", reason);
        return;
    }
    study->name = ws_h5_text(h5, "study_name", 0);
    study->title = ws_h5_text(h5, "title", 0); // where the text has none it was made from the file's name
    study->flattened = text;
    ws_sources_read(h5, study);
    result->study = study;
}

// ---- the run ----

static void read_run(struct ws_h5 *h5, struct ws_result *result) {
    struct ws_provenance *p = &result->provenance;
    result->seed = ws_h5_uint(h5, "seed");
    result->rng = ws_h5_text(h5, "rng", 0);
    result->design = ws_h5_text(h5, "design", 0);
    result->draws = ws_h5_uint(h5, "draws");
    result->replicates = (size_t)ws_h5_int(h5, "replicates", 1, UINT16_MAX);
    const char *digest = ws_h5_text(h5, "tables_digest", 1);
    if (strlen(digest) >= sizeof result->tables_digest)
        ws_h5_damaged(h5, "its attribute 'tables_digest' is too long");
    else
        memcpy(result->tables_digest, digest, strlen(digest) + 1);
    *p = (struct ws_provenance){
        .version = ws_h5_text(h5, "version", 1),
        .revision = ws_h5_text(h5, "revision", 1),
        .host = ws_h5_text(h5, "host", 1),
        .date_created = ws_h5_text(h5, "date_created", 1),
        .history = ws_h5_text(h5, "history", 1),
        .isa = ws_h5_text(h5, "isa", 1),
        .threads = (int)ws_h5_int(h5, "threads", 0, INT_MAX),
        .ranks = (int)ws_h5_int(h5, "ranks", 0, INT_MAX),
        .wall_seconds = ws_h5_real(h5, "wall_seconds"),
    };
}

// A sweep's tallies are several times as large as a file has them: where that is much they go to a scratch file.
static void choose_room(struct ws_h5 *h5, struct ws_result *result) {
    enum { MOST_BYTES = 8 << 20 };
    if (result->n_cases > 1 && h5->file_size > MOST_BYTES)
        result->scratch = ws_scratch_create(h5->path, h5->arena);
}

int ws_store_load(const char *path, struct ws_arena *arena, struct ws_result **out, struct ws_error *err) {
    struct ws_error local = {0};
    struct ws_result *result = WS_NEW(arena, struct ws_result);
    struct ws_h5 *h5 = open_result(path, WS_FORMAT_NAME, arena, err ? err : &local);
    if (!h5)
        return WS_ERROR_FILE;
    result->arena = arena;
    read_study(h5, result);
    read_run(h5, result);
    if (!h5->status) {
        ws_inputs_read(h5, result);
        ws_cases_read(h5, result);
        choose_room(h5, result);
    }
    if (!h5->status)
        ws_sketch_read(h5, result);
    if (!h5->status)
        ws_draws_read(h5, result);
    if (!h5->status)
        ws_evidence_read(h5, result);
    if (!h5->status && result->posterior)
        ws_sketch_read(h5, result->posterior);
    if (!h5->status && result->posterior)
        ws_draws_read(h5, result->posterior);
    if (!h5->status)
        ws_sensitivity_read(h5, result);
    if (!h5->status && result->posterior)
        ws_sensitivity_read(h5, result->posterior);
    if (!h5->status)
        ws_convergence_read(h5, result);
    *out = result;
    return ws_h5_close(h5);
}

int ws_store_load_run(const char *path, struct ws_arena *arena, struct ws_stored_run *run, struct ws_error *err) {
    struct ws_h5 *h5 = open_result(path, WS_FORMAT_NAME, arena, err);
    if (!h5)
        return WS_ERROR_FILE;
    const char *study = ws_h5_text(h5, "study", 0);
    size_t n_data = 0;
    const struct ws_data *data = ws_data_read(h5, &n_data);
    *run = (struct ws_stored_run){
        .study = ws_arena_copy(arena, study),
        .length = strlen(study),
        .data = data,
        .n_data = n_data,
        .name = ws_h5_text(h5, "study_name", 0),
        .draws = ws_h5_uint(h5, "draws"),
        .seed = ws_h5_uint(h5, "seed"),
        .keep = ws_h5_uint(h5, "kept_draws"),
        .design = ws_h5_text(h5, "design", 0),
        .rng = ws_h5_text(h5, "rng", 0),
    };
    return ws_h5_close(h5);
}

// ---- parts ----

static void read_digest(struct ws_h5 *h5, const struct ws_study *study, struct ws_part *part) {
    const char *digest = ws_h5_text(h5, "study_sha256", 0);
    if (h5->status)
        return;
    if (strlen(digest) != sizeof part->study_sha256 - 1)
        ws_h5_damaged(h5, "its attribute 'study_sha256' is no digest");
    else
        memcpy(part->study_sha256, digest, sizeof part->study_sha256);
    if (!h5->status && study && strcmp(digest, study->sha256) != 0)
        h5->status = ws_error_set(h5->err, WS_ERROR_FILE, h5->path, "is of another study (or of other settings of it)");
}

static void read_span(struct ws_h5 *h5, struct ws_part *part) {
    part->first = ws_h5_uint(h5, "first_group");
    part->end = ws_h5_uint(h5, "end_group");
    part->asked_end = ws_h5_uint(h5, "asked_end_group");
    part->keep = ws_h5_uint(h5, "kept_draws");
    part->shard = ws_h5_uint(h5, "shard");
    part->shards = ws_h5_uint(h5, "shards");
    part->task = ws_h5_text(h5, "task", 1);
    if (!h5->status &&
        (part->first > part->end || part->end > part->asked_end || part->shard < 1 || part->shard > part->shards))
        ws_h5_damaged(h5, "its range of groups makes no sense");
}

static void read_counts(struct ws_h5 *h5, struct ws_result *result) {
    ws_cases_read(h5, result);
    choose_room(h5, result);
    if (!h5->status)
        ws_sketch_read(h5, result);
    if (!h5->status)
        ws_evidence_read(h5, result);
    if (!h5->status && result->posterior)
        ws_sketch_read(h5, result->posterior);
    if (!h5->status)
        ws_convergence_read(h5, result);
    if (!h5->status)
        ws_freeze_read(h5, result);
}

int ws_store_load_part(const char *path, const struct ws_study *study, struct ws_arena *arena, struct ws_part *part,
                       struct ws_error *err) {
    struct ws_error local = {0};
    struct ws_h5 *h5 = open_result(path, WS_PART_NAME, arena, err ? err : &local);
    if (!h5)
        return WS_ERROR_FILE;
    *part = (struct ws_part){.result = WS_NEW(arena, struct ws_result)};
    part->result->arena = arena;
    part->result->study = study;
    read_digest(h5, study, part);
    read_span(h5, part);
    if (!study && !h5->status)
        read_study(h5, part->result);
    if (!h5->status)
        read_run(h5, part->result);
    if (!h5->status)
        read_counts(h5, part->result);
    return ws_h5_close(h5);
}
