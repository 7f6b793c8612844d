// SPDX-License-Identifier: GPL-3.0-or-later
// /sketch of a sweep: the packed tallies (tally/packed.h) of one output, a row of bytes each. Empty bins take no room.
#include <string.h>

#include "engine/shelf.h"
#include "store/groups.h"

static size_t round_of(const struct ws_result *result, size_t i, size_t n_slots, size_t *case_index) {
    *case_index = i / n_slots / result->replicates;
    return i / n_slots % result->replicates;
}

void ws_packed_write(struct ws_group *group, const struct ws_result *result, const size_t *slots, size_t n_slots) {
    struct ws_arena *arena = group->h5->arena;
    size_t n = result->n_cases * result->replicates * n_slots, longest = 1, c;
    int64_t *sizes = WS_NEW_ARRAY(arena, int64_t, n + 1);
    for (size_t i = 0; i < n; i++) {
        size_t r = round_of(result, i, n_slots, &c);
        sizes[i] = (int64_t)ws_shelf_packed(result->shelf, c, r, slots[i % n_slots])->size;
        longest = (size_t)sizes[i] > longest ? (size_t)sizes[i] : longest;
    }
    unsigned char *bytes = ws_arena_array(arena, n + 1, longest);
    for (size_t i = 0; i < n; i++) {
        size_t r = round_of(result, i, n_slots, &c);
        if (sizes[i])
            memcpy(bytes + i * longest, ws_shelf_packed(result->shelf, c, r, slots[i % n_slots])->bytes,
                   (size_t)sizes[i]);
    }
    ws_axis_count(group, "byte", longest, "byte of a packed tally");
    ws_variable_write(group, &(struct ws_variable){.name = "size",
                                                   .type = WS_VALUE_INT,
                                                   .axes = "case replicate slot",
                                                   .data = sizes,
                                                   .long_name = "bytes of the packed tally",
                                                   .packing = WS_PACKED});
    ws_variable_write(group, &(struct ws_variable){.name = "packed",
                                                   .type = WS_VALUE_BYTE,
                                                   .axes = "case replicate slot byte",
                                                   .data = bytes,
                                                   .long_name = "packed tallies, as results/README.md says",
                                                   .packing = WS_PACKED});
}

void ws_packed_read(struct ws_h5 *h5, struct ws_result *result, const char *path, const size_t *slots, size_t n_slots) {
    size_t n = result->n_cases * result->replicates * n_slots, c;
    size_t axes[4] = {result->n_cases, result->replicates, n_slots,
                      ws_h5_length(h5, ws_arena_printf(h5->arena, "%s/byte", path))};
    const int64_t *sizes = ws_h5_read(h5, ws_arena_printf(h5->arena, "%s/size", path), WS_VALUE_INT, 3, axes);
    const unsigned char *bytes = ws_h5_read(h5, ws_arena_printf(h5->arena, "%s/packed", path), WS_VALUE_BYTE, 4, axes);
    for (size_t i = 0; i < n && !h5->status; i++) {
        size_t r = round_of(result, i, n_slots, &c);
        // Never written to: a tally is copied on its way to the shelf.
        union {
            const unsigned char *read;
            unsigned char *write;
        } row = {bytes + i * axes[3]};
        const struct ws_packed_tally packed = {sizes[i] ? row.write : NULL, (size_t)sizes[i]};
        int status =
            sizes[i] < 0 || (uint64_t)sizes[i] > axes[3]
                ? WS_ERROR_FILE
                : ws_shelf_put(result->shelf, c, r, slots[i % n_slots], &packed, result->unconditioned != NULL);
        if (status == WS_ERROR_FILE)
            ws_h5_damaged(h5, "tally %zu of '/%s' makes no sense", i, path);
        else if (status)
            h5->status = ws_error_set(h5->err, status, h5->path, "memory ran out");
    }
}
