// SPDX-License-Identifier: GPL-3.0-or-later
// The tallies themselves, as exact integers: what statistics are computed from, what runs are merged and extended from.
//
// A group holds those of one output: for every case, randomisation and slot a row of bytes (tally/packed.h), so that
// empty bins take no room. Slot "all" is the output over all draws, slot "ownership=straight_line" the draws of one
// alternative. A sweep's are on a shelf, packed already.
#include <string.h>

#include "engine/shelf.h"
#include "prior/prior.h"
#include "store/groups.h"
#include "tally/packed.h"

// The tallies of a group, slot fastest, of which a case has `each`.
struct rows {
    struct ws_h5 *h5;
    const struct ws_result *result;
    const char *path; // of the group
    const size_t *slots;
    size_t n_slots, each, n, longest;
    const int64_t *sizes;
    const unsigned char **bytes; // of each, in the arena; NULL: they are on the shelf
};

// ---- slots ----

// The result's slots that belong to an output, in order.
static size_t slots_of(const struct ws_result *result, size_t output, size_t *slots) {
    size_t n = 0;
    for (size_t s = 0; s < result->n_slots; s++)
        if (result->slots[s].output == output)
            slots[n++] = s;
    return n;
}

static const char *slot_label(const struct ws_result *result, size_t slot, struct ws_arena *arena) {
    const struct ws_result_slot *s = &result->slots[slot];
    if (s->by == SIZE_MAX)
        return "all";
    const struct ws_quantity *by = &result->study->quantities[s->by];
    return ws_arena_printf(arena, "%s=%s", by->name, by->prior->parts[s->alternative].label);
}

static struct rows rows_of(struct ws_h5 *h5, const struct ws_result *result, size_t output) {
    size_t *slots = WS_NEW_ARRAY(h5->arena, size_t, result->n_slots + 1);
    struct rows rows = {.h5 = h5, .result = result, .slots = slots};
    rows.path =
        ws_arena_printf(h5->arena, "sketch%s/%s", ws_group_suffix(result), result->study->quantities[output].name);
    rows.n_slots = slots_of(result, output, slots);
    rows.each = result->replicates * rows.n_slots;
    rows.n = result->n_cases * rows.each;
    return rows;
}

static size_t place_of(const struct rows *rows, size_t i, size_t *case_index, size_t *slot) {
    *case_index = i / rows->each;
    *slot = rows->slots[i % rows->n_slots];
    return i / rows->n_slots % rows->result->replicates;
}

static struct ws_tally *tally_of(const struct rows *rows, size_t i) {
    size_t c, slot, r = place_of(rows, i, &c, &slot);
    return &rows->result->tallies[(c * rows->result->replicates + r) * rows->result->n_slots + slot];
}

static void fail(struct rows *rows, int status) {
    rows->h5->status =
        ws_error_set(rows->h5->err, status, rows->h5->path, "memory ran out, or a scratch file cannot be read");
}

// ---- writing ----

// One tally, packed, by way of `packed`, which the caller keeps: copying may jump.
static size_t pack(struct rows *rows, size_t i, struct ws_packed *packed) {
    unsigned char *copy;
    int status = ws_tally_pack(tally_of(rows, i), packed);
    if (status) {
        fail(rows, status);
        return 0;
    }
    rows->bytes[i] = copy = ws_arena_array(rows->h5->arena, packed->size, 1);
    memcpy(copy, packed->bytes, packed->size);
    return packed->size;
}

static void measure(struct rows *rows, struct ws_packed *packed) {
    const struct ws_shelf *shelf = rows->result->shelf;
    int64_t *sizes = WS_NEW_ARRAY(rows->h5->arena, int64_t, rows->n + 1);
    if (!shelf)
        rows->bytes = WS_NEW_ARRAY(rows->h5->arena, const unsigned char *, rows->n + 1);
    rows->longest = 1;
    for (size_t i = 0; i < rows->n && !rows->h5->status; i++) {
        size_t c, slot, r = place_of(rows, i, &c, &slot);
        size_t size = shelf ? ws_shelf_size(shelf, c, r, slot) : pack(rows, i, packed);
        rows->longest = size > rows->longest ? size : rows->longest;
        sizes[i] = (int64_t)size;
    }
    rows->sizes = sizes;
}

static int copy_from_shelf(const struct rows *rows, size_t i, unsigned char *to) {
    struct ws_packed packed;
    size_t c, slot, r = place_of(rows, i, &c, &slot);
    int status = ws_shelf_copy(rows->result->shelf, c, r, slot, &packed);
    if (!status && packed.size > 0)
        memcpy(to, packed.bytes, packed.size);
    ws_packed_finish(&packed);
    return status;
}

static void fill_bytes(void *user, size_t first, size_t count, void *buffer) {
    struct rows *rows = user;
    unsigned char *to = buffer;
    for (size_t i = first * rows->each; i < (first + count) * rows->each; i++, to += rows->longest) {
        int status = 0;
        if (rows->bytes)
            memcpy(to, rows->bytes[i], (size_t)rows->sizes[i]);
        else
            status = copy_from_shelf(rows, i, to);
        if (status) {
            fail(rows, status);
            return;
        }
    }
}

static void write_axes(struct ws_group *group, const struct rows *rows) {
    struct ws_arena *arena = group->h5->arena;
    const char **labels = WS_NEW_ARRAY(arena, const char *, rows->n_slots);
    for (size_t s = 0; s < rows->n_slots; s++)
        labels[s] = slot_label(rows->result, rows->slots[s], arena);
    ws_cases_axis(group, rows->result);
    ws_axis_count(group, "replicate", rows->result->replicates, "randomisation of the design");
    ws_axis_texts(group, "slot", rows->n_slots, labels, "all draws, or those of one alternative");
    ws_axis_count(group, "byte", rows->longest, "byte of a packed tally");
}

static void write_tallies(struct ws_h5 *h5, const struct ws_result *result, size_t output, struct ws_packed *packed) {
    struct rows rows = rows_of(h5, result, output);
    struct ws_group group = ws_group_begin(h5, "%s", rows.path);
    measure(&rows, packed);
    write_axes(&group, &rows);
    ws_variable_write(&group, &(struct ws_variable){.name = "size",
                                                    .type = WS_VALUE_INT,
                                                    .axes = "case replicate slot",
                                                    .data = rows.sizes,
                                                    .long_name = "bytes of the packed tally",
                                                    .packing = WS_PACKED});
    ws_variable_write_rows(&group,
                           &(struct ws_variable){.name = "packed",
                                                 .type = WS_VALUE_BYTE,
                                                 .axes = "case replicate slot byte",
                                                 .long_name = "packed tallies, as results/README.md says",
                                                 .packing = result->shelf ? WS_PACKED : WS_CHECKED},
                           fill_bytes, &rows);
    ws_group_end(&group);
}

static void release_packed(void *packed) { ws_packed_finish(packed); }

void ws_sketch_write(struct ws_h5 *h5, const struct ws_result *result) {
    struct ws_group parent = ws_group_begin(h5, "sketch%s", ws_group_suffix(result));
    ws_group_end(&parent);
    struct ws_packed *packed = WS_NEW(h5->arena, struct ws_packed);
    ws_arena_defer(h5->arena, release_packed, packed);
    struct ws_arena_mark scratch = ws_arena_mark(h5->arena);
    for (size_t o = 0; o < result->study->n_outputs; o++, ws_arena_release(h5->arena, scratch))
        write_tallies(h5, result, ws_output_quantity(result->study, o), packed);
    ws_packed_finish(packed);
}

// ---- reading ----

// The slots that a run of the study has: pooled outputs, then every output's alternatives.
static void make_slots(struct ws_result *result, struct ws_arena *arena) {
    const struct ws_study *study = result->study;
    size_t first = ws_output_quantity(study, 0), n = study->n_outputs;
    for (size_t o = first; o < study->n_quantities; o++)
        for (size_t k = 0; k < study->quantities[o].n_by; k++)
            n += study->quantities[study->quantities[o].by[k]].prior->n_parts;
    result->slots = WS_NEW_ARRAY(arena, struct ws_result_slot, n + 1);
    for (size_t o = first; o < study->n_quantities; o++)
        result->slots[result->n_slots++] = (struct ws_result_slot){.output = o, .by = SIZE_MAX};
    for (size_t o = first; o < study->n_quantities; o++)
        for (size_t k = 0; k < study->quantities[o].n_by; k++) {
            size_t by = study->quantities[o].by[k];
            for (size_t a = 0; a < study->quantities[by].prior->n_parts; a++)
                result->slots[result->n_slots++] = (struct ws_result_slot){.output = o, .by = by, .alternative = a};
        }
}

static void check_slots(const struct rows *rows) {
    struct ws_h5 *h5 = rows->h5;
    const char *const *labels =
        ws_h5_read(h5, ws_arena_printf(h5->arena, "%s/slot", rows->path), WS_VALUE_TEXT, 1, &rows->n_slots);
    for (size_t s = 0; s < rows->n_slots && !h5->status; s++)
        if (strcmp(labels[s], slot_label(rows->result, rows->slots[s], h5->arena)) != 0)
            ws_h5_damaged(h5, "'/%s/slot' and the study differ at '%s'", rows->path, labels[s]);
}

// Into an empty tally.
static int unpack(struct ws_tally *tally, const struct ws_packed *packed, int weighted) {
    int status = ws_tally_unpack(packed, tally);
    return !status && !tally->weighing != !weighted ? WS_ERROR_FILE : status;
}

static void take_bytes(void *user, size_t first, size_t count, const void *values) {
    struct rows *rows = user;
    struct ws_shelf *shelf = rows->result->shelf;
    size_t begin = first * rows->each, end = (first + count) * rows->each, c, slot;
    const int weighted = rows->result->unconditioned != NULL;
    for (size_t i = begin; i < end && !rows->h5->status; i++) {
        size_t r = place_of(rows, i, &c, &slot);
        // Never written to: a tally is copied on its way to the shelf.
        union {
            const unsigned char *read;
            unsigned char *write;
        } row = {(const unsigned char *)values + (i - begin) * rows->longest};
        const int64_t size = rows->sizes[i];
        const struct ws_packed packed = {size ? row.write : NULL, (size_t)size};
        int status = size < 0 || (uint64_t)size > rows->longest ? WS_ERROR_FILE
                     : shelf                                    ? ws_shelf_put(shelf, c, r, slot, &packed, weighted)
                                                                : unpack(tally_of(rows, i), &packed, weighted);
        if (status == WS_ERROR_FILE)
            ws_h5_damaged(rows->h5, "tally %zu of '/%s' makes no sense, or has no room in a scratch file", i,
                          rows->path);
        else if (status)
            rows->h5->status = ws_error_set(rows->h5->err, status, rows->h5->path, "memory ran out");
    }
}

static void read_tallies(struct ws_h5 *h5, struct ws_result *result, size_t output) {
    struct rows rows = rows_of(h5, result, output);
    size_t axes[4] = {result->n_cases, result->replicates, rows.n_slots,
                      ws_h5_length(h5, ws_arena_printf(h5->arena, "%s/byte", rows.path))};
    check_slots(&rows);
    rows.longest = axes[3];
    rows.sizes = ws_h5_read(h5, ws_arena_printf(h5->arena, "%s/size", rows.path), WS_VALUE_INT, 3, axes);
    ws_h5_read_batches(h5, ws_arena_printf(h5->arena, "%s/packed", rows.path), WS_VALUE_BYTE, 4, axes, take_bytes,
                       &rows);
}

void ws_sketch_read(struct ws_h5 *h5, struct ws_result *result) {
    result->n_slots = 0; // of a posterior, those of the prior
    make_slots(result, h5->arena);
    ws_result_make_tallies(result, h5->arena);
    for (size_t o = 0; o < result->study->n_outputs && !h5->status; o++)
        read_tallies(h5, result, ws_output_quantity(result->study, o));
    if (!h5->status)
        h5->status = ws_result_pool(result, h5->arena, h5->err);
}
