// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/shelf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wattspan.h"

struct open {
    size_t case_index; // SIZE_MAX: none
    struct ws_tally tally;
};

struct ws_shelf {
    struct ws_arena *arena;
    size_t n_cases, replicates, n_slots;
    struct ws_packed_tally *items; // [case][replicate][slot]
    struct open *open;             // [replicate, or all of them][slot]
};

static void release(void *object) {
    struct ws_shelf *shelf = object;
    for (size_t i = 0; i < shelf->n_cases * shelf->replicates * shelf->n_slots; i++)
        ws_packed_finish(&shelf->items[i]);
    for (size_t i = 0; i < (shelf->replicates + 1) * shelf->n_slots; i++)
        ws_tally_finish(&shelf->open[i].tally);
}

struct ws_shelf *ws_shelf_create(size_t n_cases, size_t replicates, size_t n_slots, struct ws_arena *arena) {
    struct ws_shelf *shelf = WS_NEW(arena, struct ws_shelf);
    size_t n_open = (replicates + 1) * n_slots;
    *shelf = (struct ws_shelf){.arena = arena, .n_cases = n_cases, .replicates = replicates, .n_slots = n_slots};
    shelf->items = ws_arena_array(arena, n_cases, (replicates * n_slots + 1) * sizeof *shelf->items);
    shelf->open = WS_NEW_ARRAY(arena, struct open, n_open + 1);
    for (size_t i = 0; i < n_open; i++)
        shelf->open[i].case_index = SIZE_MAX;
    ws_arena_defer(arena, release, shelf);
    return shelf;
}

static struct ws_packed_tally *item(const struct ws_shelf *shelf, size_t case_index, size_t replicate, size_t slot) {
    return &shelf->items[(case_index * shelf->replicates + replicate) * shelf->n_slots + slot];
}

static int is_empty(const struct ws_tally *tally) { return tally->moments.count + tally->moments.invalid == 0; }

// What is open of a tally that changes is not it any more.
static void forget_open(struct ws_shelf *shelf, size_t case_index, size_t replicate, size_t slot) {
    struct open *open = &shelf->open[replicate * shelf->n_slots + slot],
                *pooled = &shelf->open[shelf->replicates * shelf->n_slots + slot];
    if (open->case_index == case_index || pooled->case_index == case_index) // never while several threads add
        open->case_index = pooled->case_index = SIZE_MAX;
}

int ws_shelf_add(struct ws_shelf *shelf, size_t case_index, size_t replicate, size_t slot,
                 const struct ws_tally *tally) {
    struct ws_packed_tally *packed = item(shelf, case_index, replicate, slot);
    forget_open(shelf, case_index, replicate, slot);
    if (!packed->bytes)
        return ws_tally_pack(tally, packed);
    struct ws_tally sum;
    int status = ws_tally_unpack(packed, &sum);
    if (!status && is_empty(&sum)) // of a part without a group, which is centred nowhere
        status = ws_tally_pack(tally, packed);
    else if (!status && !is_empty(tally)) {
        status = ws_tally_merge(&sum, tally);
        if (!status)
            status = ws_tally_pack(&sum, packed);
    }
    ws_tally_finish(&sum);
    return status;
}

int ws_shelf_subtract(struct ws_shelf *shelf, size_t case_index, size_t replicate, size_t slot,
                      const struct ws_tally *tally) {
    struct ws_packed_tally *packed = item(shelf, case_index, replicate, slot);
    struct ws_tally rest;
    forget_open(shelf, case_index, replicate, slot);
    int status = ws_tally_unpack(packed, &rest);
    if (!status && ws_tally_subtract(&rest, tally))
        status = WS_ERROR_FILE;
    if (!status)
        status = ws_tally_pack(&rest, packed);
    ws_tally_finish(&rest);
    return status;
}

static void fail(struct ws_shelf *shelf, struct open *open) {
    ws_tally_finish(&open->tally);
    open->case_index = SIZE_MAX;
    ws_arena_array(shelf->arena, SIZE_MAX, 2); // jumps
}

const struct ws_tally *ws_shelf_replicate(struct ws_shelf *shelf, size_t case_index, size_t replicate, size_t slot) {
    struct open *open = &shelf->open[replicate * shelf->n_slots + slot];
    if (open->case_index == case_index)
        return &open->tally;
    ws_tally_finish(&open->tally);
    open->case_index = case_index;
    if (ws_tally_unpack(item(shelf, case_index, replicate, slot), &open->tally))
        fail(shelf, open);
    return &open->tally;
}

const struct ws_tally *ws_shelf_pooled(struct ws_shelf *shelf, size_t case_index, size_t slot) {
    struct open *open = &shelf->open[shelf->replicates * shelf->n_slots + slot];
    if (shelf->replicates == 1)
        return ws_shelf_replicate(shelf, case_index, 0, slot);
    if (open->case_index == case_index)
        return &open->tally;
    ws_tally_finish(&open->tally);
    open->case_index = case_index;
    int status = ws_tally_like(&open->tally, ws_shelf_replicate(shelf, case_index, 0, slot));
    for (size_t r = 0; r < shelf->replicates && !status; r++)
        status = ws_tally_merge(&open->tally, ws_shelf_replicate(shelf, case_index, r, slot));
    if (status)
        fail(shelf, open);
    return &open->tally;
}

const struct ws_packed_tally *ws_shelf_packed(const struct ws_shelf *shelf, size_t case_index, size_t replicate,
                                              size_t slot) {
    return item(shelf, case_index, replicate, slot);
}

int ws_shelf_put(struct ws_shelf *shelf, size_t case_index, size_t replicate, size_t slot,
                 const struct ws_packed_tally *packed, int weighted) {
    struct ws_tally tally;
    int status = ws_tally_unpack(packed, &tally);
    if (!status && !is_empty(&tally) && !tally.weighing != !weighted)
        status = WS_ERROR_FILE;
    ws_tally_finish(&tally);
    unsigned char *copy = status || packed->size == 0 ? NULL : malloc(packed->size);
    if (!status && packed->size > 0 && !copy)
        status = WS_ERROR_MEMORY;
    if (!status && copy) {
        memcpy(copy, packed->bytes, packed->size);
        *item(shelf, case_index, replicate, slot) = (struct ws_packed_tally){copy, packed->size};
    }
    return status;
}

size_t ws_shelf_bytes(const struct ws_shelf *shelf) {
    size_t bytes = 0;
    for (size_t i = 0; i < shelf->n_cases * shelf->replicates * shelf->n_slots; i++)
        bytes += shelf->items[i].size;
    return bytes;
}
