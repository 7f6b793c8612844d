// SPDX-License-Identifier: GPL-3.0-or-later
// Draws are put near their places by the leading bits of their keys, and settled there by all of them.
#include "numeric/order.h"

#include <math.h>
#include <string.h>

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };
enum { MOST_SPREAD = 1 << 15 }; // more draws are sorted by more digits
enum { LEAST_BITS = 8, MOST_BITS = 10 };
enum { CELLS_BITS = 7 }; // log2 of how many cells there are for a draw, where a word has room for their numbers
enum { FAR = 64 }; // places that a draw is moved at most

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

// ---- by leading bits ----

// Cells of equal width, many more than draws: in the keys, which are nearly ln |x|, or in x where it has both signs,
// between which keys are far apart.
struct cells {
    unsigned bits;        // of each of the two digits that a cell's number has
    unsigned number_bits; // of a draw's number, which goes with its cell's into one word
    int by_value;
    double low, scale;
    uint64_t first;
    unsigned shift;
};

// Nonzero where the draws do not suit. low, high: their least and greatest key.
static int choose_cells(struct cells *c, uint64_t low, uint64_t high, size_t n) {
    const double least = from_sortable(low), most = from_sortable(high);
    *c = (struct cells){.number_bits = LEAST_BITS, .by_value = least < 0 && most > 0, .low = least, .first = low};
    while ((size_t)1 << c->number_bits < n)
        c->number_bits++;
    const unsigned room = (32 - c->number_bits) / 2, wanted = (c->number_bits + CELLS_BITS) / 2;
    c->bits = wanted < MOST_BITS ? wanted : MOST_BITS;
    c->bits = c->bits < room ? c->bits : room;
    const uint64_t count = UINT64_C(1) << 2 * c->bits;
    c->scale = (double)(count - 1) / (most - least);
    while ((high - low) >> c->shift >= count)
        c->shift++;
    return !isfinite(least) || !isfinite(most) || (c->by_value && !isnormal(c->scale));
}

static inline uint32_t find_cell(const struct cells *c, double x, uint64_t key, int by_value) {
    return by_value ? (uint32_t)((x - c->low) * c->scale) : (uint32_t)((key - c->first) >> c->shift);
}

// The cells of all draws, and how many have each digit.
static inline void count_cells(const struct cells *c, const double *x, const uint64_t *keys, size_t n, int by_value,
                               uint32_t *cell, uint32_t *low, uint32_t *high) {
    const uint32_t digits = (uint32_t)1 << c->bits;
    for (size_t i = 0; i < n; i++) {
        cell[i] = find_cell(c, x[i], keys[i], by_value);
        low[cell[i] & (digits - 1)]++;
        high[cell[i] >> c->bits]++;
    }
}

static void accumulate(uint32_t *place, size_t n) {
    uint32_t sum = 0;
    for (size_t d = 0; d < n; d++) {
        uint32_t count = place[d];
        place[d] = sum;
        sum += count;
    }
}

// The draws in the order of their cells, each as its cell and its number behind that; they lie in packed + n. `packed`
// holds 2 n.
static const uint32_t *spread(const struct cells *c, const double *x, const uint64_t *keys, const uint32_t *start,
                              uint32_t *packed, size_t n) {
    const uint32_t digits = (uint32_t)1 << c->bits, *cell = packed + n;
    uint32_t low[1 << MOST_BITS], high[1 << MOST_BITS];
    memset(low, 0, digits * sizeof *low);
    memset(high, 0, digits * sizeof *high);
    if (c->by_value)
        count_cells(c, x, keys, n, 1, packed + n, low, high);
    else
        count_cells(c, x, keys, n, 0, packed + n, low, high);
    accumulate(low, digits);
    accumulate(high, digits);
    for (size_t k = 0; k < n; k++) {
        uint32_t i = start ? start[k] : (uint32_t)k;
        packed[low[cell[i] & (digits - 1)]++] = cell[i] << c->number_bits | i;
    }
    for (size_t k = 0; k < n; k++)
        packed[n + high[packed[k] >> (c->bits + c->number_bits)]++] = packed[k];
    return packed + n;
}

// Settles by their whole keys those that share a cell. Returns 0 where too many lie before too many others.
static int settle_cells(const struct cells *c, const uint64_t *keys, const uint32_t *packed, uint32_t *order,
                        size_t n) {
    const uint32_t numbers = ((uint32_t)1 << c->number_bits) - 1;
    for (size_t i = 0, first = 0; i < n; i++) {
        uint32_t draw = packed[i] & numbers;
        size_t j = i;
        if (i > 0 && (packed[i] ^ packed[i - 1]) > numbers)
            first = i;
        for (; j > first && keys[order[j - 1]] > keys[draw]; j--) {
            if (i - j == FAR)
                return 0;
            order[j] = order[j - 1];
        }
        order[j] = draw;
    }
    return 1;
}

// ---- digit by digit, and then by all ----

// Settles by their whole keys, each at its place or a few before, draws that are near their places. Returns 0, having
// changed the order of some, where too many lie before too many others.
static int settle(const uint64_t *keys, uint32_t *order, size_t n) {
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
    struct cells cells;
    uint64_t low = UINT64_MAX, high = 0;
    for (size_t i = 0; i < n; i++) {
        const uint64_t key = keys[i] = sortable(x[i]);
        low = key < low ? key : low;
        high = key > high ? key : high;
    }
    if (n > 0 && n <= MOST_SPREAD && !choose_cells(&cells, low, high, n) &&
        settle_cells(&cells, keys, spread(&cells, x, keys, start, work, n), work, n))
        return work;
    start_over(work, start, n);
    uint32_t *order = sort_from(keys, work, work + n, n, 66 - LEADING);
    if (settle(keys, order, n))
        return order;
    start_over(work, start, n);
    return sort_from(keys, work, work + n, n, 0);
}
