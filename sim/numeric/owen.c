// SPDX-License-Identifier: GPL-3.0-or-later
#include "numeric/owen.h"

#include "numeric/kernels.h"

uint32_t ws_owen_hash(uint32_t x, uint32_t seed) {
    OWEN_HASH(x, seed)
    return x;
}
