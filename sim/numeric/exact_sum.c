// SPDX-License-Identifier: GPL-3.0-or-later
#include "numeric/exact_sum.h"

#include <math.h>
#include <string.h>

enum {
    LIMB_BITS = 32,
    LOWEST_BIT = 1126,        // bit 0 of limb 0 is worth 2^-1126
    TOP = WS_EXACT_LIMBS - 1, // the limb that holds the sign
    MANTISSA_BITS = 53,
    MOST_PENDING = 1 << 29 // additions of less than 2^32 to a limb, far from 2^63
};

static uint32_t saturating_add(uint32_t a, uint32_t b) { return a > UINT32_MAX - b ? UINT32_MAX : a + b; }
static uint32_t saturating_subtract(uint32_t a, uint32_t b) { return a < b ? 0 : a - b; }

static void count_special(struct ws_exact_sum *sum, double x) {
    uint32_t *count = isnan(x) ? &sum->nan : x > 0 ? &sum->plus_inf : &sum->minus_inf;
    *count = saturating_add(*count, 1);
}

void ws_exact_add(struct ws_exact_sum *sum, double x) {
    if (!isfinite(x)) {
        count_special(sum, x);
        return;
    }
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    uint64_t exponent = bits >> 52 & 0x7ff, mantissa = bits & ((UINT64_C(1) << 52) - 1);
    if (exponent)
        mantissa |= UINT64_C(1) << 52;
    else
        exponent = 1; // subnormal
    // |x| = mantissa 2^(exponent - 1075), spread over three limbs
    uint64_t place = exponent - 1075 + LOWEST_BIT, shift = place % LIMB_BITS;
    uint64_t low = (mantissa & UINT32_MAX) << shift, high = (mantissa >> 32) << shift;
    int64_t part[3] = {(int64_t)(low & UINT32_MAX), (int64_t)((low >> 32) + (high & UINT32_MAX)),
                       (int64_t)(high >> 32)};
    for (int k = 0; k < 3; k++)
        sum->limb[place / LIMB_BITS + k] += bits >> 63 ? -part[k] : part[k];
    if ((sum->pending += 2) >= MOST_PENDING) // the middle part is below 2^33
        ws_exact_normalise(sum);
}

void ws_exact_normalise(struct ws_exact_sum *sum) {
    int64_t carry = 0;
    for (int i = 0; i < TOP; i++) {
        int64_t limb = sum->limb[i] + carry, digit = limb & UINT32_MAX;
        carry = (limb - digit) / (INT64_C(1) << LIMB_BITS);
        sum->limb[i] = digit;
    }
    sum->limb[TOP] += carry;
    sum->pending = 0;
}

// Adds sign * other to the limbs.
static void combine(struct ws_exact_sum *sum, const struct ws_exact_sum *other, int64_t sign) {
    uint32_t pending = other->pending + 1; // a normalised limb is like one addition
    for (int i = 0; i < WS_EXACT_LIMBS; i++)
        sum->limb[i] += sign * other->limb[i];
    sum->pending += pending;
    if (sum->pending >= MOST_PENDING)
        ws_exact_normalise(sum);
}

void ws_exact_merge(struct ws_exact_sum *sum, const struct ws_exact_sum *other) {
    combine(sum, other, 1);
    sum->nan = saturating_add(sum->nan, other->nan);
    sum->plus_inf = saturating_add(sum->plus_inf, other->plus_inf);
    sum->minus_inf = saturating_add(sum->minus_inf, other->minus_inf);
}

void ws_exact_subtract(struct ws_exact_sum *sum, const struct ws_exact_sum *other) {
    combine(sum, other, -1);
    sum->nan = saturating_subtract(sum->nan, other->nan);
    sum->plus_inf = saturating_subtract(sum->plus_inf, other->plus_inf);
    sum->minus_inf = saturating_subtract(sum->minus_inf, other->minus_inf);
}

// 1 with the limbs' magnitude in their place if they are negative, else 0. Limbs are normalised before and after.
static int take_sign(struct ws_exact_sum *sum) {
    if (sum->limb[TOP] >= 0)
        return 0;
    for (int i = 0; i < WS_EXACT_LIMBS; i++)
        sum->limb[i] = -sum->limb[i];
    ws_exact_normalise(sum);
    return 1;
}

// The bits from `place` on, 32 of them.
static uint64_t bits_from(const struct ws_exact_sum *sum, int place) {
    int i = place / LIMB_BITS, shift = place % LIMB_BITS;
    uint64_t low = (uint64_t)sum->limb[i], high = i < TOP ? (uint64_t)sum->limb[i + 1] : 0;
    return (low >> shift | high << (LIMB_BITS - shift)) & UINT32_MAX;
}

static int any_below(const struct ws_exact_sum *sum, int place) {
    for (int i = 0; i < place / LIMB_BITS; i++)
        if (sum->limb[i])
            return 1;
    return (sum->limb[place / LIMB_BITS] & ((INT64_C(1) << place % LIMB_BITS) - 1)) != 0;
}

// A normalised sum that is not negative, rounded to nearest even. Below 2^-1022 every sum of doubles is a double.
static double round_magnitude(const struct ws_exact_sum *sum) {
    int top = TOP;
    while (top > 0 && sum->limb[top] == 0)
        top--;
    if (sum->limb[top] == 0)
        return 0;
    if (top == TOP)
        return INFINITY; // at least 2^1082
    int highest = LIMB_BITS * top + 63 - __builtin_clzll((uint64_t)sum->limb[top]);
    int lowest = highest - MANTISSA_BITS + 1; // >= 0, for nothing is below bit 52
    uint64_t mantissa = bits_from(sum, lowest) | (bits_from(sum, lowest + LIMB_BITS) & 0x1fffff) << LIMB_BITS;
    int half = lowest > 0 && bits_from(sum, lowest - 1) & 1;
    if (half && (mantissa & 1 || any_below(sum, lowest - 1)))
        mantissa++;
    return ldexp((double)mantissa, lowest - LOWEST_BIT);
}

double ws_exact_value(const struct ws_exact_sum *sum) {
    if (sum->nan || (sum->plus_inf && sum->minus_inf))
        return NAN;
    if (sum->plus_inf || sum->minus_inf)
        return sum->plus_inf ? INFINITY : -INFINITY;
    struct ws_exact_sum copy = *sum;
    ws_exact_normalise(&copy);
    int negative = take_sign(&copy);
    double magnitude = round_magnitude(&copy);
    return negative ? -magnitude : magnitude;
}
