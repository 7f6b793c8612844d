// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/split.h"

#include <stdlib.h>

#include "engine/windows.h"
#include "wattspan.h"

// Which of the inputs that outputs are split by a slot's is; n where it is none of the first n.
static size_t number_of(const size_t *by, size_t n, size_t wanted) {
    size_t k = 0;
    while (k < n && by[k] != wanted)
        k++;
    return k;
}

// Into by, with room for a number of each slot; returns how many.
static size_t list_inputs(const struct ws_plan *plan, size_t *by) {
    size_t n = 0;
    for (size_t s = 0; s < plan->n_slots; s++) {
        const size_t input = plan->slots[s].by;
        if (input != SIZE_MAX && number_of(by, n, input) == n)
            by[n++] = input;
    }
    return n;
}

// Numbers of a block: its draws, as many behind them as a vector may read, the alternatives' begins and the end.
static size_t room_of(const struct ws_plan *plan) { return WS_BLOCK + WS_LANES + ws_window_most(plan) + 1; }

size_t ws_splits_bytes(const struct ws_plan *plan) {
    size_t *by = calloc(plan->n_slots + 1, sizeof *by), n = by ? list_inputs(plan, by) : 0;
    free(by);
    return n * plan->hot.n_tile * (room_of(plan) * sizeof(uint16_t) + sizeof(struct ws_split));
}

int ws_splits_init(struct ws_splits *splits, const struct ws_plan *plan) {
    *splits = (struct ws_splits){.plan = plan, .by = calloc(plan->n_slots + 1, sizeof *splits->by)};
    if (!splits->by)
        return WS_ERROR_MEMORY;
    splits->n_inputs = list_inputs(plan, splits->by);
    const size_t n = splits->n_inputs * plan->hot.n_tile, room = room_of(plan);
    splits->of = calloc(n + 1, sizeof *splits->of);
    splits->room = calloc(n * room + 1, sizeof *splits->room);
    if (!splits->of || !splits->room)
        return WS_ERROR_MEMORY;
    for (size_t k = 0; k < n; k++) {
        splits->of[k].place = splits->room + k * room;
        splits->of[k].begin = splits->of[k].place + WS_BLOCK + WS_LANES;
    }
    return 0;
}

void ws_splits_finish(struct ws_splits *splits) {
    free(splits->by);
    free(splits->of);
    free(splits->room);
    *splits = (struct ws_splits){0};
}

static void find_places(struct ws_split *split, const double *label, size_t alternatives) {
    size_t count = 0;
    for (size_t a = 0; a < alternatives; a++) {
        const double wanted = (double)a;
        split->begin[a] = (uint16_t)count;
        for (size_t i = 0; i < split->n; i++) {
            split->place[count] = (uint16_t)i;
            count += label[i] == wanted;
        }
    }
    split->begin[alternatives] = (uint16_t)count;
}

const struct ws_split *ws_splits_find(struct ws_splits *splits, const struct ws_slot *slot, size_t replicate,
                                      uint64_t address, size_t n, const double *label) {
    const size_t n_tile = splits->plan->hot.n_tile, input = number_of(splits->by, splits->n_inputs, slot->by);
    struct ws_split *split = &splits->of[input * n_tile + address / WS_BLOCK % n_tile];
    if (split->n != n || split->address != address || split->replicate != replicate) {
        *split = (struct ws_split){replicate, n, address, split->begin, split->place};
        find_places(split, label, slot->alternatives);
    }
    return split;
}
