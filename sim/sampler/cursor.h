// SPDX-License-Identifier: GPL-3.0-or-later
// The cursor as the designs see it.
#ifndef WS_SAMPLER_CURSOR_H
#define WS_SAMPLER_CURSOR_H

#include <stdalign.h>

#include "sampler/reseed.h"
#include "sampler/sampler.h"

struct ws_cursor {
    struct ws_sampler sampler;
    const struct ws_column *columns;
    size_t n_columns;
    uint64_t group;
    const uint64_t *addresses; // of WS_BLOCK draws anywhere, or NULL: blocks of the group
    // mc with a generator that has a state: one of it per column, and one more for the rare second words. NULL for
    // Philox.
    gsl_rng **rngs;
    gsl_rng *second;
    struct ws_word_source source;
    uint32_t *scramble_keys; // sobol: [replicate][column]
    // lhs: what is below the words of the block last filled.
    uint32_t below[WS_BLOCK];
    // The column and the block whose words are held, SIZE_MAX for none, and whether some are in the tails. The same
    // column may be drawn again with another table, and the column after it may be another table of the same input,
    // whose words are the same.
    size_t filled;
    uint64_t filled_block;
    int tail;
    alignas(64) uint32_t words[WS_BLOCK];
    struct ws_late late;
};

// The first point of a block in its replicate.
static inline uint64_t ws_point_of(uint64_t group, uint64_t block) {
    return group * WS_RUN + block % WS_BLOCKS_PER_RUN * WS_BLOCK;
}

// 64 random bits for the randomisation of a column in one replicate; `purpose` tells different uses apart.
enum ws_key_purpose { WS_KEY_SOBOL, WS_KEY_SOBOL_BELOW, WS_KEY_LHS };
uint64_t ws_replicate_key(const struct ws_cursor *cursor, size_t k, uint64_t replicate, enum ws_key_purpose purpose);

// The designs' rows of functions.
int ws_mc_fill(struct ws_cursor *cursor, size_t k, uint64_t block);
int ws_mc_fill_at(struct ws_cursor *cursor, size_t k, const uint64_t *addresses);
uint32_t ws_mc_word(struct ws_cursor *cursor, size_t k, uint64_t block, uint32_t i);
uint32_t ws_mc_second(struct ws_cursor *cursor, size_t k, uint64_t block, uint32_t i);
int ws_lhs_fill(struct ws_cursor *cursor, size_t k, uint64_t block);
uint32_t ws_lhs_word(struct ws_cursor *cursor, size_t k, uint64_t block, uint32_t i);
uint32_t ws_lhs_second(struct ws_cursor *cursor, size_t k, uint64_t block, uint32_t i);
int ws_sobol_fill(struct ws_cursor *cursor, size_t k, uint64_t block);
uint32_t ws_sobol_word(struct ws_cursor *cursor, size_t k, uint64_t block, uint32_t i);
uint32_t ws_sobol_second(struct ws_cursor *cursor, size_t k, uint64_t block, uint32_t i);

#endif
