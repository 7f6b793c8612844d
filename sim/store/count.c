// SPDX-License-Identifier: GPL-3.0-or-later
// Axes 0, 1, ... n - 1, of which a file has many and long ones. They are compressed in pieces, each of which is the
// same in all of them: so it is compressed once, and copied as it lies in the file.
#include <string.h>

#include "store/writer.h"

enum {
    PIECE = WS_COUNT_PIECE,
    DEFLATE_LEVEL = 1,
    LONG_AXIS = WS_COUNT_PIECES * PIECE, // longer ones are not compressed
    LONG_PIECE = LONG_AXIS
};

static void begin_axis(struct ws_group *group, const char *name, size_t size, const char *long_name, int packing,
                       size_t piece, const int64_t *numbers) {
    const struct ws_variable coordinates = {.name = name,
                                            .type = WS_VALUE_INT,
                                            .data = numbers,
                                            .long_name = long_name,
                                            .packing = packing,
                                            .piece = piece,
                                            .deflate = DEFLATE_LEVEL};
    ws_axis_write(group, size, &coordinates);
}

// Returns whether the piece was there to be copied.
static int copy_piece(struct ws_h5 *h5, hid_t dataset, hsize_t first) {
    const struct ws_count_piece *piece = &h5->counts[first / PIECE];
    if (piece->size == 0)
        return 0;
    if (H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, &first, piece->size, piece->bytes) < 0)
        ws_h5_fail(h5, "an axis cannot be written");
    return 1;
}

static void remember_piece(struct ws_h5 *h5, hid_t dataset, hsize_t first) {
    struct ws_count_piece *piece = &h5->counts[first / PIECE];
    uint32_t left_out = 0;
    hsize_t size;
    if (h5->status)
        return;
    if (H5Dget_chunk_storage_size(dataset, &first, &size) < 0 ||
        (size <= sizeof piece->bytes && H5Dread_chunk(dataset, H5P_DEFAULT, &first, &left_out, piece->bytes) < 0))
        ws_h5_fail(h5, "an axis cannot be written");
    else if (size <= sizeof piece->bytes && left_out == 0)
        piece->size = size;
}

static void write_pieces(struct ws_group *group, size_t size, size_t piece) {
    struct ws_h5 *h5 = group->h5;
    const hid_t dataset = group->axes[group->n_axes - 1].dataset;
    struct ws_arena_mark mark = ws_arena_mark(h5->arena);
    int64_t *numbers = WS_NEW_ARRAY(h5->arena, int64_t, piece);
    for (size_t first = 0; first < size && !h5->status; first += piece) {
        size_t count = size - first < piece ? size - first : piece;
        int is_shared = piece == PIECE && count == PIECE;
        if (is_shared && copy_piece(h5, dataset, first))
            continue;
        for (size_t i = 0; i < count; i++)
            numbers[i] = (int64_t)(first + i);
        ws_variable_put(h5, dataset, WS_VALUE_INT, 0, first, count, numbers);
        if (is_shared)
            remember_piece(h5, dataset, first);
    }
    ws_arena_release(h5->arena, mark);
}

void ws_axis_count(struct ws_group *group, const char *name, size_t size, const char *long_name) {
    if (size > LONG_AXIS) {
        begin_axis(group, name, size, long_name, WS_CHECKED, LONG_PIECE, NULL);
        write_pieces(group, size, LONG_PIECE);
    } else if (size > PIECE) {
        begin_axis(group, name, size, long_name, WS_PACKED, PIECE, NULL);
        write_pieces(group, size, PIECE);
    } else {
        int64_t *numbers = WS_NEW_ARRAY(group->h5->arena, int64_t, size + 1);
        for (size_t i = 0; i < size; i++)
            numbers[i] = (int64_t)i;
        begin_axis(group, name, size, long_name, WS_PLAIN, 0, numbers);
    }
}
