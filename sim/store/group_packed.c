// SPDX-License-Identifier: GPL-3.0-or-later
// /sketch of a sweep: the packed tallies (tally/packed.h) of one output, a row of bytes each, some cases at a time.
// Empty bins take no room.
#include <string.h>

#include "engine/shelf.h"
#include "store/groups.h"

// The tallies of a group, slot fastest, of which a case has `each`.
struct rows {
    struct ws_h5 *h5;
    const struct ws_result *result;
    const char *path; // of the group
    const size_t *slots;
    size_t n_slots, each, longest;
    const int64_t *sizes;
};

static size_t place_of(const struct rows *rows, size_t i, size_t *case_index, size_t *slot) {
    *case_index = i / rows->each;
    *slot = rows->slots[i % rows->n_slots];
    return i / rows->n_slots % rows->result->replicates;
}

static void fill_bytes(void *user, size_t first, size_t count, void *buffer) {
    struct rows *rows = user;
    size_t begin = first * rows->each, end = (first + count) * rows->each, c, slot;
    for (size_t i = begin; i < end && !rows->h5->status; i++) {
        struct ws_packed packed;
        size_t r = place_of(rows, i, &c, &slot);
        int status = ws_shelf_copy(rows->result->shelf, c, r, slot, &packed);
        if (!status && packed.size > 0)
            memcpy((unsigned char *)buffer + (i - begin) * rows->longest, packed.bytes, packed.size);
        ws_packed_finish(&packed);
        if (status)
            rows->h5->status =
                ws_error_set(rows->h5->err, status, rows->h5->path, "memory ran out, or a scratch file cannot be read");
    }
}

void ws_packed_write(struct ws_group *group, const struct ws_result *result, const size_t *slots, size_t n_slots) {
    struct rows rows = {.h5 = group->h5,
                        .result = result,
                        .slots = slots,
                        .n_slots = n_slots,
                        .each = result->replicates * n_slots,
                        .longest = 1};
    size_t n = result->n_cases * rows.each, c, slot;
    int64_t *sizes = WS_NEW_ARRAY(group->h5->arena, int64_t, n + 1);
    for (size_t i = 0; i < n; i++) {
        size_t r = place_of(&rows, i, &c, &slot);
        sizes[i] = (int64_t)ws_shelf_size(result->shelf, c, r, slot);
        rows.longest = (size_t)sizes[i] > rows.longest ? (size_t)sizes[i] : rows.longest;
    }
    ws_axis_count(group, "byte", rows.longest, "byte of a packed tally");
    ws_variable_write(group, &(struct ws_variable){.name = "size",
                                                   .type = WS_VALUE_INT,
                                                   .axes = "case replicate slot",
                                                   .data = sizes,
                                                   .long_name = "bytes of the packed tally",
                                                   .packing = WS_PACKED});
    ws_variable_write_rows(group,
                           &(struct ws_variable){.name = "packed",
                                                 .type = WS_VALUE_BYTE,
                                                 .axes = "case replicate slot byte",
                                                 .long_name = "packed tallies, as results/README.md says",
                                                 .packing = WS_PACKED},
                           fill_bytes, &rows);
}

static void take_bytes(void *user, size_t first, size_t count, const void *values) {
    struct rows *rows = user;
    size_t begin = first * rows->each, end = (first + count) * rows->each, c, slot;
    for (size_t i = begin; i < end && !rows->h5->status; i++) {
        size_t r = place_of(rows, i, &c, &slot);
        // Never written to: a tally is copied on its way to the shelf.
        union {
            const unsigned char *read;
            unsigned char *write;
        } row = {(const unsigned char *)values + (i - begin) * rows->longest};
        const int64_t size = rows->sizes[i];
        const struct ws_packed packed = {size ? row.write : NULL, (size_t)size};
        int status = size < 0 || (uint64_t)size > rows->longest
                         ? WS_ERROR_FILE
                         : ws_shelf_put(rows->result->shelf, c, r, slot, &packed, rows->result->unconditioned != NULL);
        if (status == WS_ERROR_FILE)
            ws_h5_damaged(rows->h5, "tally %zu of '/%s' makes no sense, or has no room in a scratch file", i,
                          rows->path);
        else if (status)
            rows->h5->status = ws_error_set(rows->h5->err, status, rows->h5->path, "memory ran out");
    }
}

void ws_packed_read(struct ws_h5 *h5, struct ws_result *result, const char *path, const size_t *slots, size_t n_slots) {
    size_t axes[4] = {result->n_cases, result->replicates, n_slots,
                      ws_h5_length(h5, ws_arena_printf(h5->arena, "%s/byte", path))};
    struct rows rows = {.h5 = h5,
                        .result = result,
                        .path = path,
                        .slots = slots,
                        .n_slots = n_slots,
                        .each = result->replicates * n_slots,
                        .longest = axes[3]};
    rows.sizes = ws_h5_read(h5, ws_arena_printf(h5->arena, "%s/size", path), WS_VALUE_INT, 3, axes);
    ws_h5_read_batches(h5, ws_arena_printf(h5->arena, "%s/packed", path), WS_VALUE_BYTE, 4, axes, take_bytes, &rows);
}
