// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled once for each instruction set. A few times WIDTH columns at a time, their sums in registers.
#include "numeric/neighbours.h"

#include "numeric/vec.h"

// Columns that go past the pairs together: more would not stay in registers.
enum { PARTS = WS_LANES / WIDTH < 2 ? WS_LANES / WIDTH : 2 };

// Both draws of a pair, in the columns from `lane` on.
struct two {
    vd u, v, valid;
};

INLINE struct two load_two(const struct ws_strip *strip, struct ws_pair pair, size_t lane, int checked) {
    size_t u = (size_t)pair.u * WS_LANES + lane, v = (size_t)pair.v * WS_LANES + lane;
    struct two two = {load(strip->y + u), load(strip->y + v), splat(1)};
    if (checked)
        two.valid = load(strip->valid + u) * load(strip->valid + v);
    return two;
}

// The first to look at the draws of a strip, in what is no order for the cache: it asks for them in advance.
INLINE void sum_half_squares(const struct ws_strip *strip, const struct ws_pair *pairs, size_t n, size_t lane,
                             struct ws_strip_sums *sums, int checked) {
    enum { AHEAD = 16 };
    vd half[PARTS], count[PARTS];
    for (size_t k = 0; k < PARTS; k++)
        half[k] = count[k] = splat(0);
    for (size_t j = 0; j < n; j++) {
        __builtin_prefetch(strip->y + (size_t)pairs[j + AHEAD < n ? j + AHEAD : j].v * WS_LANES + lane);
        for (size_t k = 0; k < PARTS; k++) {
            struct two p = load_two(strip, pairs[j], lane + k * WIDTH, checked);
            vd d = p.u - p.v;
            half[k] += p.valid * (0.5 * d * d);
            count[k] += checked ? p.valid : splat(0);
        }
    }
    for (size_t k = 0; k < PARTS; k++) {
        store(sums->half_squares + lane + k * WIDTH, half[k]);
        store(sums->pairs + lane + k * WIDTH, checked ? count[k] : splat((double)n));
    }
}

static void half_squares(const struct ws_strip *strip, const struct ws_pair *pairs, size_t n,
                         struct ws_strip_sums *sums) {
    for (size_t lane = 0; lane < WS_LANES; lane += PARTS * WIDTH)
        if (strip->valid)
            sum_half_squares(strip, pairs, n, lane, sums, 1);
        else
            sum_half_squares(strip, pairs, n, lane, sums, 0);
}

struct product_sums {
    vd z, before, before_that, s0, s1, s2;
};

// The sum over the copies of a draw is complete.
INLINE struct product_sums take_product(struct product_sums p) {
    return (struct product_sums){
        splat(0), p.z, p.before, p.s0 + p.z * p.z, p.s1 + p.z * p.before, p.s2 + p.z * p.before_that};
}

INLINE void sum_products(const struct ws_strip *strip, const struct ws_pair *pairs, size_t n, const double *ratios,
                         size_t lane, struct ws_strip_sums *sums, int checked) {
    const vd zero = splat(0);
    struct product_sums p[PARTS];
    for (size_t k = 0; k < PARTS; k++)
        p[k] = (struct product_sums){zero, zero, zero, zero, zero, zero};
    for (size_t j = 0; j < n; j++) {
        if (!pairs[j].again)
            for (size_t k = 0; k < PARTS; k++)
                p[k] = take_product(p[k]);
        for (size_t k = 0; k < PARTS; k++) {
            struct two two = load_two(strip, pairs[j], lane + k * WIDTH, checked);
            vd d = two.u - two.v, squares = two.u * two.u + two.v * two.v;
            p[k].z += two.valid * (0.5 * d * d - load(ratios + lane + k * WIDTH) * squares);
        }
    }
    for (size_t k = 0; k < PARTS; k++) {
        p[k] = take_product(p[k]);
        store(sums->products[0] + lane + k * WIDTH, p[k].s0);
        store(sums->products[1] + lane + k * WIDTH, p[k].s1);
        store(sums->products[2] + lane + k * WIDTH, p[k].s2);
    }
}

static void products(const struct ws_strip *strip, const struct ws_pair *pairs, size_t n, const double ratio[WS_LANES],
                     struct ws_strip_sums *sums) {
    for (size_t lane = 0; lane < WS_LANES; lane += PARTS * WIDTH)
        if (strip->valid)
            sum_products(strip, pairs, n, ratio, lane, sums, 1);
        else
            sum_products(strip, pairs, n, ratio, lane, sums, 0);
}

static void moments(const struct ws_strip *strip, const uint32_t *draws, size_t n, struct ws_strip_sums *sums) {
    for (size_t lane = 0; lane < WS_LANES; lane += WIDTH) {
        vd sum = splat(0), square = splat(0), valid = strip->valid ? splat(0) : splat((double)n);
        for (size_t i = 0; i < n; i++) {
            vd y = load(strip->y + (size_t)draws[i] * WS_LANES + lane);
            sum += y;
            square += y * y;
        }
        for (size_t i = 0; strip->valid && i < n; i++)
            valid += load(strip->valid + (size_t)draws[i] * WS_LANES + lane);
        store(sums->sum + lane, sum);
        store(sums->square + lane, square);
        store(sums->valid + lane, valid);
    }
}

static void dots(const double *a, const double *const b[WS_DOTS], size_t n, struct ws_lane_sums sums[WS_DOTS]) {
    typedef double unaligned __attribute__((vector_size(8 * WIDTH), aligned(8), may_alias));
    vd sum[WS_DOTS][WS_LANES / WIDTH];
    for (size_t c = 0; c < WS_DOTS; c++)
        for (size_t k = 0; k < WS_LANES / WIDTH; k++)
            sum[c][k] = load(sums[c].lane + k * WIDTH);
    for (size_t i = 0; i < n; i += WS_LANES)
        for (size_t k = 0; k < WS_LANES / WIDTH; k++)
            for (size_t c = 0; c < WS_DOTS; c++)
                sum[c][k] += *(const unaligned *)(a + i + k * WIDTH) * *(const unaligned *)(b[c] + i + k * WIDTH);
    for (size_t c = 0; c < WS_DOTS; c++)
        for (size_t k = 0; k < WS_LANES / WIDTH; k++)
            store(sums[c].lane + k * WIDTH, sum[c][k]);
}

const struct ws_neighbour_kernels PER_ISA(ws_neighbours) = {half_squares, products, moments, dots};
