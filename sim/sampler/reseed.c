// SPDX-License-Identifier: GPL-3.0-or-later
// Seeds and words of GSL generators, which have a state and no address: they are seeded afresh for every group of every
// stream, and their words combined to 32 bits.
#include "sampler/reseed.h"

#include "numeric/kernels.h"

__extension__ typedef unsigned __int128 wide;

// One round function of the Feistel network: 16 bits of Philox keyed by seed and stream.
static uint32_t mix(uint32_t half, uint32_t round, uint64_t seed, uint64_t stream) {
    uint32_t counter[4] = {half, round, (uint32_t)stream, (uint32_t)(stream >> 32)};
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    ws_philox4x32_10(counter, key);
    return counter[0] & 0xffff;
}

// A keyed permutation of 32-bit numbers (Luby & Rackoff 1988: four rounds suffice).
static uint32_t permute(uint32_t x, uint64_t seed, uint64_t stream) {
    uint32_t left = x >> 16, right = x & 0xffff;
    for (uint32_t round = 0; round < 4; round++) {
        uint32_t next = left ^ mix(right, round, seed, stream);
        left = right;
        right = next;
    }
    return left << 16 | right;
}

unsigned long ws_group_seed(uint64_t seed, uint64_t stream, uint64_t group) {
    // Walks the permutation's cycle until it is back inside the seeds, which keeps it one-to-one on them.
    uint32_t x = (uint32_t)group;
    do
        x = permute(x, seed, stream);
    while (x >= WS_SEEDS);
    return (unsigned long)x + 1; // GSL takes seed 0 for "the default seed"
}

// How many of a generator's words make at least 40 bits, so that the 32 taken from them are even to 2^-8 of a cell; one
// where a word has exactly 32.
static unsigned words_needed(double range) {
    if (range == 0x1p32)
        return 1;
    unsigned n = 1;
    for (double all = range; all < 0x1p40; all *= range)
        n++;
    return n;
}

struct ws_word_source ws_word_source_make(const gsl_rng_type *type) {
    double range = (double)type->max - (double)type->min + 1;
    return (struct ws_word_source){type->min, (uint64_t)range, words_needed(range)};
}

uint32_t ws_word_next(const struct ws_word_source *source, const gsl_rng *rng) {
    if (source->n == 1 && source->range == UINT64_C(1) << 32)
        return (uint32_t)(gsl_rng_get(rng) - source->min);
    wide value = 0, all = 1;
    for (unsigned i = 0; i < source->n; i++) {
        value = value * source->range + (gsl_rng_get(rng) - source->min);
        all *= source->range;
    }
    return (uint32_t)((value << 32) / all);
}
