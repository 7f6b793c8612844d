// SPDX-License-Identifier: GPL-3.0-or-later
// Exact sums of doubles: a long accumulator (Kulisch; Neal 2015, "Fast exact summation using small and large
// superaccumulators"), so that the order of additions does not matter.
#ifndef WS_NUMERIC_EXACT_SUM_H
#define WS_NUMERIC_EXACT_SUM_H

#include <stdint.h>

enum { WS_EXACT_LIMBS = 70 }; // of 32 bits each, covering 2^-1074 .. 2^1023 and headroom

struct ws_exact_sum {
    int64_t limb[WS_EXACT_LIMBS];      // value = sum limb[i] 2^(32 i - 1126); canonical after ws_exact_normalise
    uint32_t pending;                  // additions since the last normalisation
    uint32_t nan, plus_inf, minus_inf; // counts of non-finite terms (saturating)
};

void ws_exact_add(struct ws_exact_sum *sum, double x);
void ws_exact_merge(struct ws_exact_sum *sum, const struct ws_exact_sum *other);
void ws_exact_subtract(struct ws_exact_sum *sum, const struct ws_exact_sum *other);
// Brings the limbs to their one canonical form (all but the highest in [0, 2^32)): equal sums have equal bytes.
void ws_exact_normalise(struct ws_exact_sum *sum);
// The sum rounded once, to nearest even.
double ws_exact_value(const struct ws_exact_sum *sum);

#endif
