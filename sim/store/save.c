// SPDX-License-Identifier: GPL-3.0-or-later
// A result as a file. It is made in memory, where HDF5 cannot run into a full disk or a file system without locks, and
// then put in its place in one go.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/plan.h"
#include "store/groups.h"
#include "store/place.h"
#include "store/root.h"
#include "store/seal.h"
#include "store/store.h"
#include "wattspan.h"

static const char *describe_program(const struct ws_provenance *p, struct ws_arena *arena) {
    return p->revision[0] ? ws_arena_printf(arena, "wattspan %s (git %s)", p->version, p->revision)
                          : ws_arena_printf(arena, "wattspan %s", p->version);
}

// What the run was, for people and for running it again.
static void write_root(struct ws_h5 *h5, const struct ws_result *result, const char *format) {
    const struct ws_study *study = result->study;
    const struct ws_provenance *p = &result->provenance;
    const char *history = p->history[0] ? p->history : "wattspan run";
    ws_attribute_text(h5, h5->file, "Conventions", "CF-1.10");
    ws_attribute_text(h5, h5->file, "format", format);
    ws_attribute_int(h5, h5->file, "format_version", WS_FORMAT_VERSION);
    ws_attribute_text(h5, h5->file, "title", study->title);
    ws_attribute_text(h5, h5->file, "description", study->description);
    ws_attribute_text(h5, h5->file, "source", describe_program(p, h5->arena));
    ws_attribute_text(h5, h5->file, "history", history);
    ws_attribute_text(h5, h5->file, "date_created", p->date_created);
    ws_attribute_text(h5, h5->file, "study_name", study->name);
    ws_attribute_text(h5, h5->file, "study", study->flattened);
    ws_attribute_text(h5, h5->file, "study_sha256", study->sha256);
    ws_attribute_text(h5, h5->file, "tables_digest", result->tables_digest);
    ws_attribute_uint(h5, h5->file, "seed", result->seed);
    ws_attribute_text(h5, h5->file, "rng", result->rng);
    ws_attribute_text(h5, h5->file, "design", result->design);
    ws_attribute_uint(h5, h5->file, "draws", result->draws);
    ws_attribute_int(h5, h5->file, "replicates", (int64_t)result->replicates);
    ws_attribute_text(h5, h5->file, "version", p->version);
    ws_attribute_text(h5, h5->file, "revision", p->revision);
    ws_attribute_text(h5, h5->file, "host", p->host);
    ws_attribute_text(h5, h5->file, "isa", p->isa);
    ws_attribute_int(h5, h5->file, "threads", p->threads);
    ws_attribute_int(h5, h5->file, "ranks", p->ranks);
    ws_attribute_real(h5, h5->file, "wall_seconds", p->wall_seconds);
}

static void write_posterior(struct ws_h5 *h5, const struct ws_result *result) {
    ws_summary_write(h5, result->posterior);
    ws_summary_by_write(h5, result->posterior);
    ws_histogram_write(h5, result->posterior);
    ws_sketch_write(h5, result->posterior);
    ws_evidence_write(h5, result);
    ws_sensitivity_write(h5, result->posterior);
    ws_draws_write(h5, result->posterior);
}

static void write_result(struct ws_h5 *h5, const void *object) {
    const struct ws_result *result = object;
    write_root(h5, result, WS_FORMAT_NAME);
    ws_attribute_uint(h5, h5->file, "kept_draws", result->n_kept + result->n_beyond);
    ws_sources_write(h5, result->study);
    ws_data_write(h5, result->study);
    ws_inputs_write(h5, result);
    ws_cases_write(h5, result);
    ws_correlation_write(h5, result);
    ws_summary_write(h5, result);
    ws_summary_by_write(h5, result);
    ws_published_write(h5, result);
    ws_histogram_write(h5, result);
    ws_sketch_write(h5, result);
    ws_sensitivity_write(h5, result);
    ws_convergence_write(h5, result);
    ws_draws_write(h5, result);
    if (result->posterior)
        write_posterior(h5, result);
}

// What is needed to go on, and no statistics.
static void write_part(struct ws_h5 *h5, const void *object) {
    const struct ws_part *part = object;
    const struct ws_result *result = part->result;
    write_root(h5, result, WS_PART_NAME);
    ws_attribute_uint(h5, h5->file, "kept_draws", part->keep);
    ws_attribute_uint(h5, h5->file, "first_group", part->first);
    ws_attribute_uint(h5, h5->file, "end_group", part->end);
    ws_attribute_uint(h5, h5->file, "asked_end_group", part->asked_end);
    ws_attribute_uint(h5, h5->file, "shard", part->shard);
    ws_attribute_uint(h5, h5->file, "shards", part->shards);
    ws_attribute_text(h5, h5->file, "task", part->task);
    ws_sources_write(h5, result->study);
    ws_data_write(h5, result->study);
    ws_cases_write(h5, result);
    ws_sketch_write(h5, result);
    if (result->posterior) {
        ws_sketch_write(h5, result->posterior);
        ws_evidence_write(h5, result);
    }
    ws_convergence_write(h5, result);
    ws_freeze_write(h5, result);
}

typedef void write_content(struct ws_h5 *h5, const void *object);

// Seals the file in memory; NULL where memory runs out, and then the bytes are freed.
static void *seal(void *bytes, size_t *size) {
    unsigned char *sealed = realloc(bytes, *size + WS_SEAL_BYTES);
    if (!sealed) {
        free(bytes);
        return NULL;
    }
    ws_seal_write(sealed, *size);
    *size += WS_SEAL_BYTES;
    return sealed;
}

// The whole file, malloc'ed.
static int make_image(write_content *content, const void *object, const char *path, void **image, size_t *size,
                      struct ws_error *err) {
    struct ws_arena *arena = ws_arena_create();
    if (!arena || ws_arena_catch(arena)) {
        ws_arena_destroy(arena);
        return ws_error_set(err, WS_ERROR_MEMORY, path, "memory ran out");
    }
    void *bytes;
    struct ws_h5 *h5 = ws_h5_open(path, WS_H5_IMAGE, arena, err);
    if (!h5->status)
        content(h5, object);
    int status = ws_h5_close_image(h5, &bytes, size);
    ws_arena_destroy(arena);
    *image = status ? NULL : seal(bytes, size);
    return status || *image ? status : ws_error_set(err, WS_ERROR_MEMORY, path, "memory ran out");
}

int ws_store_check_output(const char *path, int flags, struct ws_error *err) {
    return ws_place_check(path, flags, err);
}

// Memory is not spent on a file that has no place.
static int save_anywhere(write_content *content, const void *object, const char *path, int flags,
                         struct ws_error *err) {
    size_t size = 0;
    void *image = NULL;
    int status = ws_place_check(path, flags, err);
    if (status)
        return status;
    status = make_image(content, object, path, &image, &size, err);
    if (!status)
        status = ws_place_write(path, flags, image, size, err);
    free(image);
    return status;
}

// ---- more than memory holds: kept draws, the tallies of many cases ----

struct on_disk {
    write_content *content;
    const void *object;
    const char *path;
    int sealed;
};

// Kept draws make such a file as large as they are, so that there is no seal, which to check means to read it all: each
// piece of the draws has a checksum of its own.
static int write_on_disk(void *user, int fd, struct ws_error *err) {
    const struct on_disk *file = user;
    struct ws_arena *arena = ws_arena_create();
    struct ws_disk disk = {.fd = fd};
    if (!arena || ws_arena_catch(arena)) {
        ws_arena_destroy(arena);
        return ws_error_set(err, WS_ERROR_MEMORY, file->path, "memory ran out");
    }
    struct ws_h5 *h5 = ws_h5_create(file->path, &disk, arena, err);
    if (!h5->status)
        file->content(h5, file->object);
    int status = ws_h5_close(h5);
    ws_arena_destroy(arena);
    if (!status && file->sealed && ws_seal_append(fd))
        status = ws_error_set(err, WS_ERROR_FILE, file->path, "cannot be written: %s", strerror(errno));
    return status;
}

int ws_store_check_space(const struct ws_plan *plan, const char *path, struct ws_error *err) {
    uint64_t wanted = ws_plan_kept_bytes(plan), free_bytes;
    if (plan->keep_deflate || ws_place_free(path, &free_bytes) || wanted <= free_bytes)
        return 0;
    return ws_error_set(err, WS_ERROR_FILE, path,
                        "cannot be written: %llu kept draws take %.3g GB, and %.3g GB are free there",
                        (unsigned long long)plan->keep, 1e-9 * (double)wanted, 1e-9 * (double)free_bytes);
}

static int save_on_disk(const struct on_disk *file, struct ws_hold *hold, int flags, struct ws_error *err) {
    struct ws_hold *own = NULL;
    struct on_disk writer = *file;
    int status = ws_place_is_of(hold, file->path) ? 0 : ws_place_take(file->path, flags, &own, err);
    if (!status)
        status = ws_place_publish_by(own ? own : hold, write_on_disk, &writer, err);
    ws_place_release(own);
    return status;
}

static int save(write_content *content, const void *object, int on_disk, struct ws_hold *hold, const char *path,
                int flags, struct ws_error *err) {
    size_t size = 0;
    void *image = NULL;
    if (on_disk)
        return save_on_disk(&(struct on_disk){content, object, path, 1}, hold, flags, err);
    if (!ws_place_is_of(hold, path))
        return save_anywhere(content, object, path, flags, err);
    int status = make_image(content, object, path, &image, &size, err);
    if (!status)
        status = ws_place_publish(hold, image, size, err);
    free(image);
    return status;
}

int ws_store_save(const struct ws_result *result, const char *path, int flags, struct ws_error *err) {
    if (result->n_beyond > 0 && !result->plan)
        return ws_error_set(err, WS_ERROR_USAGE, path,
                            "cannot be written from a result that was loaded: of its %llu kept draws %zu are in memory",
                            (unsigned long long)(result->n_kept + result->n_beyond), result->n_kept);
    if (!result->plan || result->n_kept == 0)
        return save(write_result, result, ws_result_bytes(result) > WS_MOST_IMAGE, result->hold, path, flags, err);
    int status = ws_store_check_space(result->plan, path, err);
    return status ? status : save_on_disk(&(struct on_disk){write_result, result, path, 0}, result->hold, flags, err);
}

int ws_store_save_part(const struct ws_part *part, const char *path, int flags, struct ws_error *err) {
    return save(write_part, part, ws_result_bytes(part->result) > WS_MOST_IMAGE, part->result->hold, path,
                flags, err);
}

int ws_store_save_checkpoint(const struct ws_part *part, const char *newest, const char *previous,
                             struct ws_error *err) {
    size_t size = 0;
    void *image = NULL;
    if (ws_result_bytes(part->result) > WS_MOST_IMAGE)
        return ws_place_succeed_by(newest, previous, write_on_disk, &(struct on_disk){write_part, part, newest, 1},
                                   err);
    int status = make_image(write_part, part, newest, &image, &size, err);
    if (!status)
        status = ws_place_succeed(newest, previous, image, size, err);
    free(image);
    return status;
}
