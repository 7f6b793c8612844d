// SPDX-License-Identifier: GPL-3.0-or-later
// Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3") as a GSL generator.
#define WATTSPAN_WITH_GSL // for the declaration that exports it
#include "numeric/kernels.h"
#include "wattspan.h"

struct philox_state {
    uint32_t key[2], counter[4]; // the counter of the next four words, least significant word first
    uint32_t words[4];
    unsigned used; // of words
};

static void philox_set(void *memory, unsigned long seed) {
    struct philox_state *state = memory;
    uint64_t wide = seed;
    *state = (struct philox_state){.key = {(uint32_t)wide, (uint32_t)(wide >> 32)}, .used = 4};
}

static unsigned long philox_get(void *memory) {
    struct philox_state *state = memory;
    if (state->used == 4) {
        for (int i = 0; i < 4; i++)
            state->words[i] = state->counter[i];
        ws_philox4x32_10(state->words, state->key);
        for (int i = 0; i < 4 && ++state->counter[i] == 0; i++)
            ;
        state->used = 0;
    }
    return state->words[state->used++];
}

static double philox_get_double(void *memory) { return (double)philox_get(memory) / 4294967296.0; }

static const gsl_rng_type philox_type = {"philox4x32", 0xffffffffUL,     0, sizeof(struct philox_state), philox_set,
                                         philox_get,   philox_get_double};

const gsl_rng_type *ws_rng_philox4x32 = &philox_type;
