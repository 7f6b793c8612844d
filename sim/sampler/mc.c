// SPDX-License-Identifier: GPL-3.0-or-later
// Plain Monte Carlo: every word on its own, by its address (Philox) or in the order of its group (GSL's generators).
#include "sampler/cursor.h"

int ws_mc_fill(struct ws_cursor *cursor, size_t k, uint64_t block) {
    const struct ws_kernels *kernels = cursor->sampler.kernels;
    if (!cursor->rngs) {
        uint64_t first = cursor->group * WS_GROUP + block * WS_BLOCK;
        return kernels->philox(cursor->words, cursor->sampler.seed, cursor->columns[k].stream, first);
    }
    for (size_t i = 0; i < WS_BLOCK; i++)
        cursor->words[i] = ws_word_next(&cursor->source, cursor->rngs[k]);
    return kernels->has_tail(cursor->words);
}

int ws_mc_fill_at(struct ws_cursor *cursor, size_t k, const uint64_t *addresses) {
    const struct ws_sampler *sampler = &cursor->sampler;
    return sampler->kernels->philox_at(cursor->words, sampler->seed, cursor->columns[k].stream, addresses);
}

uint32_t ws_mc_word(struct ws_cursor *cursor, size_t k, uint64_t block, uint32_t i) {
    return ws_philox_word(cursor->sampler.seed, cursor->columns[k].stream,
                          cursor->group * WS_GROUP + block * WS_BLOCK + i);
}

// From the stream's complement: a stream of its own, hence independent of all first words.
uint32_t ws_mc_second(struct ws_cursor *cursor, size_t k, uint64_t block, uint32_t i) {
    uint64_t seed = cursor->sampler.seed, stream = ~cursor->columns[k].stream, in_group = block * WS_BLOCK + i;
    if (!cursor->rngs)
        return ws_philox_word(seed, stream, cursor->group * WS_GROUP + in_group);
    gsl_rng_set(cursor->second, ws_group_seed(seed, stream, cursor->group));
    for (uint64_t n = 0; n < in_group; n++)
        ws_word_next(&cursor->source, cursor->second);
    return ws_word_next(&cursor->source, cursor->second);
}
