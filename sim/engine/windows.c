// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/windows.h"

#include <stdlib.h>

#include "tally/tally.h"

int ws_window_is_pooled(const struct ws_plan *plan, size_t slot) {
    const struct ws_slot *s = &plan->slots[slot];
    return s->by == SIZE_MAX && s->first_split < s->end_splits;
}

size_t ws_window_most(const struct ws_plan *plan) {
    size_t most = 1;
    for (size_t s = 0; s < plan->n_slots; s++)
        most = plan->slots[s].alternatives > most ? plan->slots[s].alternatives : most;
    return most;
}

struct ws_bin_window ws_window_make(const struct ws_slot *slot, const struct ws_bin_window *first) {
    const uint32_t cells = slot->octaves * WS_BINS_PER_OCTAVE * (slot->both_signs ? 2 : 1);
    struct ws_bin_window window = {.origin = slot->origin,
                                   .first = slot->first_octave,
                                   .octaves = slot->octaves,
                                   .both_signs = slot->both_signs,
                                   .cells = cells,
                                   .stray = cells * (uint32_t)slot->alternatives};
    if (slot->alternative == 0)
        window.counts = calloc((size_t)window.stray + 1, sizeof *window.counts);
    else
        window.counts = first->counts + slot->alternative * cells;
    return window;
}

static void pool_octave(const struct ws_bin_window *from, const int64_t *from_sums, const struct ws_bin_window *into,
                        int64_t *sums, size_t first) {
    for (size_t at = first; at < from->stray; at += from->cells) {
        for (size_t k = 0; k < WS_BINS_PER_OCTAVE; k++)
            into->counts[first + k] += from->counts[at + k];
        for (size_t k = 0; from_sums && k < 2 * (size_t)WS_BINS_PER_OCTAVE; k++)
            sums[2 * first + k] += from_sums[2 * at + k];
    }
}

void ws_window_pool(const struct ws_bin_window *from, const int64_t *from_sums, const struct ws_bin_window *into,
                    int64_t *sums, double minimum, double maximum) {
    for (uint32_t side = 0; side < (from->both_signs ? 2u : 1u); side++) {
        uint32_t i, end;
        for (ws_window_octaves(from, side, minimum, maximum, &i, &end); i < end; i++)
            pool_octave(from, from_sums, into, sums, (size_t)(side * from->octaves + i) * WS_BINS_PER_OCTAVE);
    }
}
