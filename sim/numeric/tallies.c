// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled once for each instruction set: rows of draws into moments and bins.
#include "numeric/tallies.h"

#include "numeric/vec.h"

enum { WORDS = 2 * WIDTH }; // 32-bit words in a vector

// ---- moments ----

struct powers { // of WIDTH lanes
    vd sum[4], minimum, maximum;
};

INLINE struct powers add_powers(struct powers p, vd x, vd pivot, vd scale) {
    vd d = (x - pivot) * scale, d2 = d * d;
    return (struct powers){{p.sum[0] + d, p.sum[1] + d2, p.sum[2] + d2 * d, p.sum[3] + d2 * d2},
                           smaller(x, p.minimum),
                           larger(x, p.maximum)};
}

// By halves, since each step waits for the one before.
INLINE double least_lane(vd x, double least) {
    for (int n = WIDTH / 2; n > 0; n /= 2)
        for (int k = 0; k < n; k++)
            x[k] = x[k + n] < x[k] ? x[k + n] : x[k];
    return x[0] < least ? x[0] : least;
}
INLINE double greatest_lane(vd x, double greatest) {
    for (int n = WIDTH / 2; n > 0; n /= 2)
        for (int k = 0; k < n; k++)
            x[k] = x[k + n] > x[k] ? x[k + n] : x[k];
    return x[0] > greatest ? x[0] : greatest;
}

INLINE struct powers no_powers(void) { return (struct powers){{{0}}, splat(__builtin_inf()), splat(-__builtin_inf())}; }

// As the lanes from `lane` on of a block. Returns whether the sums of squares are finite, as they are unless some draw
// is not or is very far from the pivot.
INLINE int keep_powers(struct ws_moment_lanes *block, size_t lane, struct powers p) {
    for (int k = 0; k < 4; k++)
        store(&block->sum[k][lane], p.sum[k]);
    block->minimum = least_lane(p.minimum, block->minimum);
    block->maximum = greatest_lane(p.maximum, block->maximum);
    return !some(p.sum[1] * 0 != 0);
}

// The power sums of n draws, a multiple of WS_LANES, from zero. As many lanes at a time as the registers hold. Returns
// whether the sums can be trusted to be finite.
INLINE int sum_draws(struct ws_moment_lanes *block, const double *x, size_t n, double pivot_value, double scale_value) {
    enum { CHAINS = WS_LANES / WIDTH < 2 ? 1 : 2 };
    vd pivot = splat(pivot_value), scale = splat(scale_value);
    int finite = 1;
    for (size_t lane = 0; lane < WS_LANES; lane += CHAINS * WIDTH) {
        struct powers a[CHAINS];
        for (int c = 0; c < CHAINS; c++)
            a[c] = no_powers();
        for (size_t i = lane; i < n + lane; i += WS_LANES)
#pragma GCC unroll 2
            for (int c = 0; c < CHAINS; c++)
                a[c] = add_powers(a[c], load(x + i + c * WIDTH), pivot, scale);
        for (int c = 0; c < CHAINS; c++)
            finite &= keep_powers(block, lane + (size_t)c * WIDTH, a[c]);
    }
    return finite;
}

// The last draws, fewer than there are lanes, and nothing of what stands behind them.
INLINE int sum_last(struct ws_moment_lanes *block, const double *x, size_t n, double pivot, double scale) {
    vd place = {0};
    int finite = 1;
    for (int k = 0; k < WIDTH; k++)
        place[k] = k;
    for (size_t lane = 0; lane < n; lane += WIDTH, place += (double)WIDTH) {
        const vm is_there = place < (double)n;
        struct powers p = no_powers();
        for (int k = 0; k < 4; k++)
            p.sum[k] = load(&block->sum[k][lane]);
        const vd value = load(x + lane);
        p = add_powers(p, blend(is_there, value, splat(pivot)), splat(pivot), splat(scale));
        p.minimum = blend(is_there, value, splat(__builtin_inf()));
        p.maximum = blend(is_there, value, splat(-__builtin_inf()));
        finite &= keep_powers(block, lane, p);
    }
    return finite;
}

// The first n draws of a row, if the sums can be trusted to be finite.
static int sum_block(struct ws_moment_lanes *block, const double *x, size_t n, double pivot, double scale) {
    const size_t whole = n / WS_LANES * WS_LANES;
    return sum_draws(block, x, whole, pivot, scale) && sum_last(block, x + whole, n - whole, pivot, scale);
}

// A row whose invalid draws, and those from n on in the last lanes, add nothing to the sums: they stand at the pivot.
static void sum_some(struct ws_moment_lanes *block, const double *x, size_t n, double pivot, double scale,
                     size_t *first_invalid) {
    double valid[WS_BLOCK] __attribute__((aligned(64)));
    const size_t end = (n + WS_LANES - 1) / WS_LANES * WS_LANES;
    vd minimum = splat(__builtin_inf()), maximum = splat(-__builtin_inf()), place = {0};
    for (int k = 0; k < WIDTH; k++)
        place[k] = k;
    block->count = 0;
    for (size_t i = 0; i < end; i += WIDTH, place += (double)WIDTH) {
        vd value = load(x + i);
        vm is_valid = (value * 0 == 0) & (place < (double)n);
        store(valid + i, blend(is_valid, value, splat(pivot)));
        minimum = smaller(blend(is_valid, value, splat(__builtin_inf())), minimum);
        maximum = larger(blend(is_valid, value, splat(-__builtin_inf())), maximum);
        block->count += (uint64_t)__builtin_popcount((unsigned)some(is_valid));
    }
    sum_draws(block, valid, end, pivot, scale);
    block->minimum = least_lane(minimum, __builtin_inf());
    block->maximum = greatest_lane(maximum, -__builtin_inf());
    block->invalid = n - block->count;
    for (size_t i = 0; block->invalid > 0 && i < n; i++)
        if (!__builtin_isfinite(x[i])) {
            *first_invalid = i;
            break;
        }
}

static const struct ws_moment_lanes no_draws = {.minimum = __builtin_inf(), .maximum = -__builtin_inf()};

static void add_block(struct ws_moment_lanes *lanes, const struct ws_moment_lanes *block) {
    for (int k = 0; k < 4; k++)
        for (int lane = 0; lane < WS_LANES; lane++)
            lanes->sum[k][lane] += block->sum[k][lane];
    // + 0 makes -0 into 0, so that the extremes do not depend on the order of the draws
    lanes->minimum = (block->minimum < lanes->minimum ? block->minimum : lanes->minimum) + 0.0;
    lanes->maximum = (block->maximum > lanes->maximum ? block->maximum : lanes->maximum) + 0.0;
    lanes->count += block->count;
    lanes->invalid += block->invalid;
}

void PER_ISA(ws_moments_add_row)(struct ws_moment_lanes *lanes, const double *x, size_t n, double pivot, double scale,
                                 size_t *first_invalid) {
    struct ws_moment_lanes block __attribute__((aligned(64))) = no_draws;
    block.count = n;
    if (!sum_block(&block, x, n, pivot, scale)) {
        block = no_draws;
        sum_some(&block, x, n, pivot, scale, first_invalid);
    }
    add_block(lanes, &block);
}

// ---- bins ----

enum { BIN_BITS = 10 };
_Static_assert(1 << BIN_BITS == WS_BINS_PER_OCTAVE, "bins per octave");

struct binning { // a window as vectors
    vd origin;
    vw base, width, cells, stray;
};

INLINE struct binning binning_by(const struct ws_bin_window *window) {
    return (struct binning){splat(window->origin), splat_w(window->first << BIN_BITS),
                            splat_w(window->octaves << BIN_BITS), splat_w(window->cells), splat_w(window->stray)};
}

// The indices of draws by the high words of x - origin. One sign: with the sign bit left in, the other sign's are too
// large, as are those of other octaves (modulo 2^32).
INLINE vw indices(struct binning by, int both_signs, vw high) {
    if (!both_signs)
        return smaller_words((high >> (20 - BIN_BITS)) - by.base, by.cells);
    vw within = smaller_words(((high & 0x7fffffff) >> (20 - BIN_BITS)) - by.base, by.width);
    vw outside = (vw)(within == by.width), negative = (vw)((vi)high >> 31);
    return smaller_words((within + (negative & by.width)) | outside, by.cells);
}

// The same among the cells of the draws' alternatives; strays stay behind all of them.
INLINE vw labelled(struct binning by, vw index, const double *label) {
    const vd integer = splat(0x1p52); // which then stands in the low word
    const vw number = low_words(load(label) + integer, load(label + WIDTH) + integer);
    return blend_below(index, by.cells, index + number * by.cells, by.stray);
}

// Of 2 WIDTH draws.
INLINE void store_indices(struct binning by, int both_signs, const double *label, vd x0, vd x1, uint32_t *index) {
    const vw all = indices(by, both_signs, high_words(x0 - by.origin, x1 - by.origin));
    store_words(index, label ? labelled(by, all, label) : all);
}

INLINE void locate_all(const struct ws_bin_window *window, int both_signs, const double *label, const double *x,
                       uint32_t *index) {
    const struct binning by = binning_by(window);
    for (size_t i = 0; i < WS_BLOCK; i += WORDS)
        store_indices(by, both_signs, label ? label + i : NULL, load(x + i), load(x + i + WIDTH), index + i);
}

void PER_ISA(ws_bins_locate)(const struct ws_bin_window *window, const double *label, const double *x, size_t n,
                             uint32_t *index) {
    if (window->both_signs)
        locate_all(window, 1, label, x, index);
    else
        locate_all(window, 0, label, x, index);
    for (size_t i = n; i < WS_BLOCK; i++)
        index[i] = window->stray;
}

enum { COUNTED = 2 * WS_LANES }; // at a time
INLINE void count_some(uint32_t *counts, const uint32_t *index) {
#pragma GCC unroll 16
    for (size_t k = 0; k < COUNTED; k++)
        counts[index[k]]++;
}

size_t PER_ISA(ws_bins_count)(const struct ws_bin_window *window, const double *label, const double *x, size_t n,
                              uint32_t *index) {
    PER_ISA(ws_bins_locate)(window, label, x, n, index);
    uint32_t *counts = window->counts, strays_before = counts[window->stray];
    size_t i = 0;
    for (; i + COUNTED <= n; i += COUNTED)
        count_some(counts, index + i);
    for (; i < n; i++)
        counts[index[i]]++;
    return counts[window->stray] - strays_before;
}

// ---- moments and bins ----

// Sums wait for arithmetic, counts for memory: together they take little more than the slower of the two. Indices are
// stored as vectors and loaded one by one some way behind, as rows of tables are. Returns whether the sums can be
// trusted to be finite.
INLINE int tally_block(struct ws_moment_lanes *block, const struct ws_bin_window *window, int both_signs,
                       const double *label, const double *x, double pivot_value, double scale_value, uint32_t *index) {
    enum { CHAINS = WS_LANES / WIDTH, BEHIND = 4 * COUNTED };
    uint32_t *counts = window->counts;
    struct binning by = binning_by(window);
    vd pivot = splat(pivot_value), scale = splat(scale_value);
    struct powers a[CHAINS];
    int finite = 1;
    for (int c = 0; c < CHAINS; c++)
        a[c] = no_powers();
    for (size_t i = 0; i < WS_BLOCK + BEHIND; i += COUNTED) {
        for (size_t k = i; i < WS_BLOCK && k < i + COUNTED; k += WORDS) {
            vd x0 = load(x + k), x1 = load(x + k + WIDTH);
            a[0] = add_powers(a[0], x0, pivot, scale);
            a[1 % CHAINS] = add_powers(a[1 % CHAINS], x1, pivot, scale);
            store_indices(by, both_signs, label ? label + k : NULL, x0, x1, index + k);
        }
        if (i >= BEHIND)
            count_some(counts, index + i - BEHIND);
    }
    for (size_t c = 0; c < CHAINS; c++)
        finite &= keep_powers(block, c * WIDTH, a[c]);
    return finite;
}

static int tally_one_sign(struct ws_moment_lanes *block, const struct ws_bin_window *window, const double *label,
                          const double *x, double pivot, double scale, uint32_t *index) {
    return label ? tally_block(block, window, 0, label, x, pivot, scale, index)
                 : tally_block(block, window, 0, NULL, x, pivot, scale, index);
}

static int tally_both_signs(struct ws_moment_lanes *block, const struct ws_bin_window *window, const double *label,
                            const double *x, double pivot, double scale, uint32_t *index) {
    return label ? tally_block(block, window, 1, label, x, pivot, scale, index)
                 : tally_block(block, window, 1, NULL, x, pivot, scale, index);
}

size_t PER_ISA(ws_tally_row)(struct ws_moment_lanes *lanes, const struct ws_bin_window *window, const double *label,
                             const double *x, size_t n, double pivot, double scale, size_t *first_invalid,
                             uint32_t *index) {
    enum { FITS_REGISTERS = WS_LANES / WIDTH <= 2 };
    if (n < WS_BLOCK || !FITS_REGISTERS) {
        PER_ISA(ws_moments_add_row)(lanes, x, n, pivot, scale, first_invalid);
        return PER_ISA(ws_bins_count)(window, label, x, n, index);
    }
    struct ws_moment_lanes block __attribute__((aligned(64))) = no_draws;
    uint32_t strays_before = window->counts[window->stray];
    int finite =
        (window->both_signs ? tally_both_signs : tally_one_sign)(&block, window, label, x, pivot, scale, index);
    block.count = n;
    if (finite)
        add_block(lanes, &block);
    else
        PER_ISA(ws_moments_add_row)(lanes, x, n, pivot, scale, first_invalid);
    return window->counts[window->stray] - strays_before;
}
