// SPDX-License-Identifier: GPL-3.0-or-later
// Draws are put near their places by the leading bits of their keys, and settled there by all of them.
#include "numeric/order.h"

#include <math.h>
#include <string.h>

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };
enum { MOST_BUCKETS = 1 << 14, MOST_SPREAD = 1 << 15 }; // more draws are sorted digit by digit

// Doubles as unsigned integers of the same order.
static uint64_t sortable(double x) {
    uint64_t bits;
    x += 0.0; // -0 and +0 tie
    memcpy(&bits, &x, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static double from_sortable(uint64_t key) {
    const uint64_t bits = key >> 63 ? key ^ UINT64_C(1) << 63 : ~key;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

// ---- digit by digit ----

// One pass of a radix sort of indices by a digit of their keys; returns 0 if all keys share the digit.
static int radix_pass(const uint64_t *keys, const uint32_t *from, uint32_t *to, size_t n, unsigned shift) {
    uint32_t start[DIGITS] = {0};
    for (size_t i = 0; i < n; i++)
        start[keys[i] >> shift & (DIGITS - 1)]++;
    if (start[keys[0] >> shift & (DIGITS - 1)] == n)
        return 0;
    uint32_t sum = 0;
    for (size_t d = 0; d < DIGITS; d++) {
        uint32_t count = start[d];
        start[d] = sum;
        sum += count;
    }
    for (size_t i = 0; i < n; i++)
        to[start[keys[from[i]] >> shift & (DIGITS - 1)]++] = from[i];
    return 1;
}

static uint32_t *sort_from(const uint64_t *keys, uint32_t *order, uint32_t *spare, size_t n, unsigned shift) {
    for (; n > 0 && shift < 64; shift += DIGIT_BITS)
        if (radix_pass(keys, order, spare, n, shift)) {
            uint32_t *sorted = spare;
            spare = order;
            order = sorted;
        }
    return order;
}

static void start_over(uint32_t *order, const uint32_t *start, size_t n) {
    for (size_t i = 0; i < n; i++)
        order[i] = start ? start[i] : (uint32_t)i;
}

// ---- in one pass ----

// About as many buckets as draws, of equal width: in the keys, which are nearly ln |x|, or in x where it has both
// signs, between which keys are far apart.
struct buckets {
    size_t count;
    int by_value;
    double low, scale;
    uint64_t first;
    unsigned shift;
};

// Nonzero where the draws do not suit.
static int choose_buckets(struct buckets *b, const uint64_t *keys, size_t n) {
    enum { LEAST_BUCKETS = 64 };
    uint64_t low = keys[0], high = keys[0];
    for (size_t i = 1; i < n; i++) {
        low = keys[i] < low ? keys[i] : low;
        high = keys[i] > high ? keys[i] : high;
    }
    const double least = from_sortable(low), most = from_sortable(high);
    *b = (struct buckets){.count = LEAST_BUCKETS, .by_value = least < 0 && most > 0, .low = least, .first = low};
    while (b->count < n && b->count < MOST_BUCKETS)
        b->count *= 2;
    b->scale = (double)(b->count - 1) / (most - least);
    while ((high - low) >> b->shift >= b->count)
        b->shift++;
    return !isfinite(least) || !isfinite(most) || (b->by_value && !isnormal(b->scale));
}

static void find_buckets(const struct buckets *b, const double *x, const uint64_t *keys, uint32_t *bucket, size_t n) {
    if (b->by_value)
        for (size_t i = 0; i < n; i++)
            bucket[i] = (uint32_t)((x[i] - b->low) * b->scale);
    else
        for (size_t i = 0; i < n; i++)
            bucket[i] = (uint32_t)((keys[i] - b->first) >> b->shift);
}

// `order` holds 2 n.
static void spread(const struct buckets *b, const double *x, const uint64_t *keys, const uint32_t *start,
                   uint32_t *order, size_t n) {
    uint32_t place[MOST_BUCKETS], sum = 0, *bucket = order + n;
    memset(place, 0, b->count * sizeof *place);
    find_buckets(b, x, keys, bucket, n);
    for (size_t i = 0; i < n; i++)
        place[bucket[i]]++;
    for (size_t k = 0; k < b->count; k++) {
        uint32_t count = place[k];
        place[k] = sum;
        sum += count;
    }
    for (size_t k = 0; k < n; k++) {
        uint32_t i = start ? start[k] : (uint32_t)k;
        order[place[bucket[i]]++] = i;
    }
}

// Settles by their whole keys, each at its place or a few before, draws that are near their places. Returns 0, having
// changed the order of some, where too many lie before too many others.
static int settle(const uint64_t *keys, uint32_t *order, size_t n) {
    enum { FAR = 64 };
    uint64_t greatest = n > 0 ? keys[order[0]] : 0;
    for (size_t i = 1; i < n; i++) {
        uint32_t draw = order[i];
        uint64_t key = keys[draw];
        size_t j = i;
        for (; key < greatest && j > 0 && keys[order[j - 1]] > key; j--) {
            if (i - j == FAR)
                return 0;
            order[j] = order[j - 1];
        }
        order[j] = draw;
        greatest = key > greatest ? key : greatest;
    }
    return 1;
}

const uint32_t *ws_order(const double *x, size_t n, const uint32_t *start, uint32_t *work, uint64_t *keys) {
    enum { LEADING = 3 * DIGIT_BITS }; // more than enough to tell nearly all of a million draws apart
    struct buckets buckets;
    for (size_t i = 0; i < n; i++)
        keys[i] = sortable(x[i]);
    if (n > 0 && n <= MOST_SPREAD && !choose_buckets(&buckets, keys, n)) {
        spread(&buckets, x, keys, start, work, n);
        if (settle(keys, work, n))
            return work;
    }
    start_over(work, start, n);
    uint32_t *order = sort_from(keys, work, work + n, n, 66 - LEADING);
    if (settle(keys, order, n))
        return order;
    start_over(work, start, n);
    return sort_from(keys, work, work + n, n, 0);
}
