// SPDX-License-Identifier: GPL-3.0-or-later
// Sobol points with nested uniform scrambling.
//
// Direction numbers: Joe & Kuo 2008, "Constructing Sobol sequences with better two-dimensional projections", set D(6).
// Points in Gray-code order (Antonov & Saleev 1979) with 64-bit numbers; point 0 is kept (Owen 2020, "On dropping the
// first Sobol' point"). Scrambling: Owen 1995, by a hash in which every bit depends on the more significant ones alone
// (Laine & Karras 2011, with the constants of Vegdahl). The leading 32 bits are scrambled in the vector loop, the
// trailing ones, by a hash keyed with the leading ones, only where they are asked for.
#include <stdlib.h>

#include "sampler/cursor.h"

enum { MOST_DEGREE = 13 };

static const struct {
    uint8_t degree;          // of the primitive polynomial
    uint16_t coefficients;   // its inner ones
    uint16_t m[MOST_DEGREE]; // initial direction integers
} joe_kuo[WS_SOBOL_DIMENSIONS - 1] = {
#include "joe_kuo_d6.inc"
};

static uint32_t reverse(uint32_t x) {
    x = x >> 16 | x << 16;
    x = (x & 0x00ff00ff) << 8 | (x >> 8 & 0x00ff00ff);
    x = (x & 0x0f0f0f0f) << 4 | (x >> 4 & 0x0f0f0f0f);
    x = (x & 0x33333333) << 2 | (x >> 2 & 0x33333333);
    return (x & 0x55555555) << 1 | (x >> 1 & 0x55555555);
}

static void make_directions(uint64_t word[64], size_t dimension) {
    if (dimension == 0) { // van der Corput
        for (int k = 0; k < 64; k++)
            word[k] = UINT64_C(1) << (63 - k);
        return;
    }
    unsigned s = joe_kuo[dimension - 1].degree, a = joe_kuo[dimension - 1].coefficients;
    for (unsigned k = 0; k < s; k++)
        word[k] = (uint64_t)joe_kuo[dimension - 1].m[k] << (63 - k);
    for (unsigned k = s; k < 64; k++) {
        word[k] = word[k - s] ^ word[k - s] >> s;
        for (unsigned j = 1; j < s; j++)
            if (a >> (s - 1 - j) & 1)
                word[k] ^= word[k - j];
    }
}

static uint64_t combine(const uint64_t word[64], uint64_t gray) {
    uint64_t x = 0;
    for (; gray; gray &= gray - 1)
        x ^= word[__builtin_ctzll(gray)];
    return x;
}

uint64_t ws_sobol_point(const struct ws_directions *directions, size_t dimension, uint64_t n) {
    return combine(directions->word[dimension], n ^ n >> 1);
}

struct ws_directions *ws_directions_create(size_t n_dimensions) {
    struct ws_directions *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->n_dimensions = n_dimensions;
    d->word = calloc(n_dimensions + 1, sizeof *d->word);
    d->pattern = aligned_alloc(64, (n_dimensions + 1) * sizeof *d->pattern);
    if (!d->word || !d->pattern) {
        ws_directions_destroy(d);
        return NULL;
    }
    for (size_t k = 0; k < n_dimensions; k++) {
        make_directions(d->word[k], k);
        for (uint64_t n = 0; n < WS_BLOCK; n++)
            d->pattern[k][n] = reverse((uint32_t)(ws_sobol_point(d, k, n) >> 32));
    }
    return d;
}

void ws_directions_destroy(struct ws_directions *directions) {
    if (!directions)
        return;
    free(directions->word);
    free(directions->pattern);
    free(directions);
}

// The block's points are its first one's digits combined with those of points 0 .. WS_BLOCK - 1: first is a multiple of
// WS_BLOCK, so that gray(first + i) = gray(first) ^ gray(i).
int ws_sobol_fill(struct ws_cursor *cursor, size_t k, uint64_t block) {
    const struct ws_sampler *sampler = &cursor->sampler;
    size_t dimension = cursor->columns[k].dimension;
    uint64_t first = ws_sobol_point(sampler->directions, dimension, ws_point_of(cursor->group, block));
    uint32_t key = cursor->scramble_keys[ws_replicate_of(block) * cursor->n_columns + k];
    return sampler->kernels->scramble(cursor->words, sampler->directions->pattern[dimension],
                                      reverse((uint32_t)(first >> 32)), key);
}

uint32_t ws_sobol_word(struct ws_cursor *cursor, size_t k, uint64_t block, uint32_t i) {
    uint64_t point = ws_point_of(cursor->group, block) + i;
    uint64_t x = ws_sobol_point(cursor->sampler.directions, cursor->columns[k].dimension, point);
    uint32_t key = cursor->scramble_keys[ws_replicate_of(block) * cursor->n_columns + k];
    return reverse(ws_owen_hash(reverse((uint32_t)(x >> 32)), key));
}

uint32_t ws_sobol_second(struct ws_cursor *cursor, size_t k, uint64_t block, uint32_t i) {
    uint64_t point = ws_point_of(cursor->group, block) + i;
    uint64_t x = ws_sobol_point(cursor->sampler.directions, cursor->columns[k].dimension, point);
    uint64_t key = ws_replicate_key(cursor, k, ws_replicate_of(block), WS_KEY_SOBOL_BELOW);
    uint32_t counter[4] = {(uint32_t)(x >> 32)}; // a permutation of its own below every leading word
    const uint32_t both[2] = {(uint32_t)key, (uint32_t)(key >> 32)};
    ws_philox4x32_10(counter, both);
    return reverse(ws_owen_hash(reverse((uint32_t)x), counter[0]));
}
