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
    struct ws_rack *rack; // [case][replicate][slot]
    struct open *open;    // [replicate, or all of them][slot]
};

static void release(void *object) {
    struct ws_shelf *shelf = object;
    for (size_t i = 0; i < (shelf->replicates + 1) * shelf->n_slots; i++)
        ws_tally_finish(&shelf->open[i].tally);
}

struct ws_shelf *ws_shelf_create(size_t n_cases, size_t replicates, size_t n_slots, struct ws_scratch *scratch,
                                 struct ws_arena *arena) {
    struct ws_shelf *shelf = WS_NEW(arena, struct ws_shelf);
    size_t n_open = (replicates + 1) * n_slots;
    *shelf = (struct ws_shelf){.arena = arena, .n_cases = n_cases, .replicates = replicates, .n_slots = n_slots};
    shelf->rack = ws_rack_create(n_cases * replicates * n_slots, scratch, arena);
    shelf->open = WS_NEW_ARRAY(arena, struct open, n_open + 1);
    for (size_t i = 0; i < n_open; i++)
        shelf->open[i].case_index = SIZE_MAX;
    ws_arena_defer(arena, release, shelf);
    return shelf;
}

static size_t item(const struct ws_shelf *shelf, size_t case_index, size_t replicate, size_t slot) {
    return (case_index * shelf->replicates + replicate) * shelf->n_slots + slot;
}

static int open_item(const struct ws_shelf *shelf, size_t i, struct ws_tally *tally) {
    struct ws_packed packed;
    *tally = (struct ws_tally){0};
    int status = ws_rack_copy(shelf->rack, i, &packed);
    if (!status)
        status = ws_tally_unpack(&packed, tally);
    ws_packed_finish(&packed);
    return status;
}

static int close_item(struct ws_shelf *shelf, size_t i, const struct ws_tally *tally) {
    struct ws_packed packed = {0};
    int status = ws_tally_pack(tally, &packed);
    return status ? status : ws_rack_put(shelf->rack, i, &packed);
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
    const size_t i = item(shelf, case_index, replicate, slot);
    forget_open(shelf, case_index, replicate, slot);
    if (ws_rack_size(shelf->rack, i) == 0)
        return close_item(shelf, i, tally);
    struct ws_tally sum;
    int status = open_item(shelf, i, &sum);
    if (!status && is_empty(&sum)) // of a part without a group, which is centred nowhere
        status = close_item(shelf, i, tally);
    else if (!status && !is_empty(tally)) {
        status = ws_tally_merge(&sum, tally);
        if (!status)
            status = close_item(shelf, i, &sum);
    }
    ws_tally_finish(&sum);
    return status;
}

int ws_shelf_subtract(struct ws_shelf *shelf, size_t case_index, size_t replicate, size_t slot,
                      const struct ws_tally *tally) {
    const size_t i = item(shelf, case_index, replicate, slot);
    struct ws_tally rest;
    forget_open(shelf, case_index, replicate, slot);
    int status = open_item(shelf, i, &rest);
    if (!status && ws_tally_subtract(&rest, tally))
        status = WS_ERROR_FILE;
    if (!status)
        status = close_item(shelf, i, &rest);
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
    if (open_item(shelf, item(shelf, case_index, replicate, slot), &open->tally))
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

int ws_shelf_copy(const struct ws_shelf *shelf, size_t case_index, size_t replicate, size_t slot,
                  struct ws_packed *packed) {
    return ws_rack_copy(shelf->rack, item(shelf, case_index, replicate, slot), packed);
}

size_t ws_shelf_size(const struct ws_shelf *shelf, size_t case_index, size_t replicate, size_t slot) {
    return ws_rack_size(shelf->rack, item(shelf, case_index, replicate, slot));
}

int ws_shelf_put(struct ws_shelf *shelf, size_t case_index, size_t replicate, size_t slot,
                 const struct ws_packed *packed, int weighted) {
    struct ws_tally tally;
    int status = ws_tally_unpack(packed, &tally);
    if (!status && !is_empty(&tally) && !tally.weighing != !weighted)
        status = WS_ERROR_FILE;
    ws_tally_finish(&tally);
    struct ws_packed copy = {status || packed->size == 0 ? NULL : malloc(packed->size), packed->size};
    if (status || packed->size == 0)
        return status;
    if (!copy.bytes)
        return WS_ERROR_MEMORY;
    memcpy(copy.bytes, packed->bytes, packed->size);
    return ws_rack_put(shelf->rack, item(shelf, case_index, replicate, slot), &copy);
}

size_t ws_shelf_bytes(const struct ws_shelf *shelf) { return ws_rack_bytes(shelf->rack); }
