// SPDX-License-Identifier: GPL-3.0-or-later
// Latin hypercube sampling (McKay, Beckman & Conover 1979) without a stored table: the stratum of a point is a keyed
// permutation of its number, and the place within the stratum a Philox word.
#include "sampler/cursor.h"

// 64 mixed bits (Stafford's variant 13 of the MurmurHash3 finaliser).
static uint64_t mix(uint64_t x) {
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

// A permutation of 0 .. n - 1: a Feistel network on the least even number of bits that holds them, walked along its
// cycle until it is back inside (Black & Rogaway 2002).
static uint64_t permute(uint64_t x, uint64_t n, uint64_t key) {
    unsigned half = 1;
    while (half < 32 && UINT64_C(1) << 2 * half < n)
        half++;
    const uint64_t mask = (UINT64_C(1) << half) - 1;
    do {
        uint64_t left = x >> half, right = x & mask;
        for (uint64_t round = 1; round <= 4; round++) {
            uint64_t next = left ^ (mix(right + key * (2 * round + 1)) & mask);
            left = right;
            right = next;
        }
        x = left << half | right;
    } while (x >= n);
    return x;
}

// u in [0, 1] as 64 bits in two words.
static void split(double u, uint32_t *word, uint32_t *below) {
    const double most = 0x1p32 - 1;
    double scaled = u * 0x1p32;
    *word = scaled < most ? (uint32_t)scaled : UINT32_MAX;
    double rest = (scaled - (double)*word) * 0x1p32;
    *below = rest < most ? (uint32_t)rest : UINT32_MAX;
}

// The draw's word, from the one that places it within its stratum; what is below it goes into the cursor.
static uint32_t stratify(struct ws_cursor *cursor, uint64_t key, uint64_t point, uint32_t i, uint32_t within) {
    double place = ((double)within + 0.5) * 0x1p-32, points = (double)cursor->sampler.points;
    uint32_t word;
    split(((double)permute(point, cursor->sampler.points, key) + place) / points, &word, &cursor->below[i]);
    return word;
}

int ws_lhs_fill(struct ws_cursor *cursor, size_t k, uint64_t block) {
    const struct ws_sampler *sampler = &cursor->sampler;
    uint64_t first = cursor->group * WS_GROUP + block * WS_BLOCK, point = ws_point_of(cursor->group, block);
    uint64_t key = ws_replicate_key(cursor, k, ws_replicate_of(block), WS_KEY_LHS);
    sampler->kernels->philox(cursor->words, sampler->seed, cursor->columns[k].stream, first);
    for (uint32_t i = 0; i < WS_BLOCK; i++)
        cursor->words[i] = stratify(cursor, key, point + i, i, cursor->words[i]);
    return sampler->kernels->has_tail(cursor->words);
}

uint32_t ws_lhs_word(struct ws_cursor *cursor, size_t k, uint64_t block, uint32_t i) {
    uint64_t key = ws_replicate_key(cursor, k, ws_replicate_of(block), WS_KEY_LHS);
    return stratify(cursor, key, ws_point_of(cursor->group, block) + i, i, ws_mc_word(cursor, k, block, i));
}

uint32_t ws_lhs_second(struct ws_cursor *cursor, size_t k, uint64_t block, uint32_t i) {
    (void)k;
    (void)block;
    return cursor->below[i];
}
