// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WS_SAMPLER_RESEED_H
#define WS_SAMPLER_RESEED_H

#include <stdint.h>

#include <gsl/gsl_rng.h>

enum { WS_SEEDS = 2147483646 }; // seeds are 1 .. 2^31 - 2, which every GSL generator tells apart; so are groups

// The seed of a group of a stream: for one seed and stream a permutation, so that no two groups share a state.
unsigned long ws_group_seed(uint64_t seed, uint64_t stream, uint64_t group);

// How 32-bit words are made from a generator's own.
struct ws_word_source {
    unsigned long min;
    uint64_t range; // number of values of one of its words
    unsigned n;     // words combined
};

struct ws_word_source ws_word_source_make(const gsl_rng_type *type);
uint32_t ws_word_next(const struct ws_word_source *source, const gsl_rng *rng);

#endif
