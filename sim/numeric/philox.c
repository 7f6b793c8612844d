// SPDX-License-Identifier: GPL-3.0-or-later
// Philox one counter at a time: the reference that the kernels are tested against, and single draws.
#include "numeric/philox.h"

#include "numeric/kernels.h"

void ws_philox4x32_10(uint32_t counter[4], const uint32_t key[2]) {
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < PHILOX_ROUNDS; round++, k0 += PHILOX_W0, k1 += PHILOX_W1) {
        uint64_t p = (uint64_t)counter[0] * PHILOX_M0, q = (uint64_t)counter[2] * PHILOX_M1;
        uint32_t c1 = counter[1], c3 = counter[3];
        counter[0] = (uint32_t)(q >> 32) ^ c1 ^ k0;
        counter[1] = (uint32_t)q;
        counter[2] = (uint32_t)(p >> 32) ^ c3 ^ k1;
        counter[3] = (uint32_t)p;
    }
}

uint32_t ws_philox_word(uint64_t seed, uint64_t stream, uint64_t address) {
    uint64_t place = address % 16, q = 4 * (address / 16) + place % 8 / 2;
    uint32_t counter[4] = {(uint32_t)q, (uint32_t)(q >> 32), (uint32_t)stream, (uint32_t)(stream >> 32)};
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    ws_philox4x32_10(counter, key);
    return counter[2 * (place / 8) + place % 2];
}
