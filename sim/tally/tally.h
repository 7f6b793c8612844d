// SPDX-License-Identifier: GPL-3.0-or-later
// Mergeable accumulators of one output (in one case, one randomisation, one alternative). Integers and exact sums
// alone, so that the order of merging does not change a bit.
#ifndef WS_TALLY_TALLY_H
#define WS_TALLY_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "numeric/exact_sum.h"
#include "numeric/kernels.h"

// ---- moments (moments.c) ----

struct ws_moments {
    double pivot, scale;        // sums are of d = (x - pivot) * scale and its powers; scale is a power of two
    struct ws_exact_sum sum[4]; // d, d^2, d^3, d^4
    double minimum, maximum;    // +inf, -inf while empty
    uint64_t count, invalid;    // finite draws; NaN and infinite ones
    uint64_t first_invalid;     // address of the first invalid draw; UINT64_MAX
};

void ws_moments_init(struct ws_moments *moments, double pivot, double scale);
// Adds what a group of blocks has gathered.
void ws_moments_add(struct ws_moments *moments, const struct ws_moment_lanes *lanes);
void ws_moments_merge(struct ws_moments *moments, const struct ws_moments *other);
// Takes out draws that have been merged, but for what they have in minimum, maximum and first_invalid.
void ws_moments_subtract(struct ws_moments *moments, const struct ws_moments *other);

// Central moments: mean, and m[k] = E (X - mean)^k for k = 2, 3, 4 (population form) in units of (1 / scale)^k, so that
// they neither overflow nor vanish. NAN while empty.
void ws_moments_central(const struct ws_moments *moments, double *mean, double m[5]);
// The same where the sums are of `total` instead of `count` (draws with weights).
void ws_moments_central_of(const struct ws_moments *moments, double total, double *mean, double m[5]);

// ---- quantile sketch (sketch.c) ----

// Bins are log-linear in x - origin: octave (sign and binary exponent) and 10 leading mantissa bits, so at most 0.1 %
// of |x - origin| wide. Pages are octaves that hold counts, ascending in x.
struct ws_sketch_page {
    int octave;      // ordered: +(biased exponent + 1) for x > origin, -(biased exponent + 1) for x < origin, 0 for x =
                     // origin (bin 0 alone)
    int64_t *counts; // WS_BINS_PER_OCTAVE, by leading mantissa bits of |x - origin|
    int64_t total;   // of the counts where it has been noted; below 0: it has not
};

struct ws_sketch {
    double origin;
    size_t n_pages;
    struct ws_sketch_page *pages; // malloc'ed, ascending octave
    int64_t total;
};

void ws_sketch_init(struct ws_sketch *sketch, double origin);
void ws_sketch_finish(struct ws_sketch *sketch);
// 0, or WS_ERROR_MEMORY.
int ws_sketch_add(struct ws_sketch *sketch, double x, int64_t count); // x finite
// Moves the counts of a window over. All draws in it are from minimum to maximum, so that few octaves are looked at.
int ws_sketch_add_window(struct ws_sketch *sketch, const struct ws_bin_window *window, double minimum, double maximum);
int ws_sketch_merge(struct ws_sketch *sketch, const struct ws_sketch *other);
// Takes out draws that have been merged. 0, or -1 where they have not been.
int ws_sketch_subtract(struct ws_sketch *sketch, const struct ws_sketch *other);
// Notes what each page holds, which quantiles are spared adding up until the page is written to.
void ws_sketch_note(struct ws_sketch *sketch);
// The counts of an octave, to be written to, made where missing; NULL where memory runs out.
int64_t *ws_sketch_page(struct ws_sketch *sketch, int octave);
// Which of the 64 bins from counts on hold anything, a bit each: most of a page is empty, and where is no use guessing.
uint64_t ws_sketch_filled(const int64_t *counts);
// Edges of the bin that holds a finite x.
void ws_sketch_bin_of(const struct ws_sketch *sketch, double x, double *low, double *high);
// Edges of one bin, low < high but for the bin of the origin itself, where low = high.
void ws_sketch_edges(const struct ws_sketch *sketch, int octave, unsigned bin, double *low, double *high);

// Quantile p in [0, 1] with linear interpolation in a bin, held inside [minimum, maximum]; NAN while empty.
double ws_sketch_quantile(const struct ws_sketch *sketch, double p, double minimum, double maximum);
// The same for many p, in one pass over the counts where they ascend; begins as {.sketch = sketch}.
struct ws_sketch_walk {
    const struct ws_sketch *sketch;
    double wanted;          // counts up to the last quantile
    double before, in_page; // counts below the page, and in it once it was entered
    double below;           // counts below the bin
    size_t page;
    unsigned bin;
    int entered, lost; // lost: rounding has led past the end of a page
};
double ws_sketch_walk_to(struct ws_sketch_walk *walk, double p, double minimum, double maximum);
// P(X <= x), interpolated the same way; its exact inverse.
double ws_sketch_cdf(const struct ws_sketch *sketch, double x, double minimum, double maximum);

// ---- both ----

// Weights are whole multiples of 2^-28, and so are their squares, so that sums of them are exact. A weight of 1 is
// about the largest that a draw has; sums stay below 2^63 up to 2^35 draws of that weight.
enum { WS_WEIGHT_BITS = 28 };

struct ws_tally;

// A part of a tally that was put together from several, each in a proportion that is given.
struct ws_part_tally {
    const struct ws_tally *tally;
    double factor; // what each of its draws counts
};

// What draws with weights have besides: the sums that the standard errors of a ratio of weighted sums need.
struct ws_weighing {
    struct ws_exact_sum square[4];     // w^2 d, w^2 d^2, w^2 d^3, w^2 d^4
    struct ws_sketch squares;          // w^2 in units of 2^-28, on the pages of the tally's sketch
    size_t n_parts;                    // 0 where the tally is not put together
    const struct ws_part_tally *parts; // somebody else's memory
};

// Without weights every draw counts 1. With them the sketch holds sums of w in units of 2^-28 and the moments sums of
// w d^k; count, invalid, minimum and maximum are of the draws with a weight above 0.
struct ws_tally {
    struct ws_moments moments;
    struct ws_sketch sketch;
    struct ws_weighing *weighing; // malloc'ed; NULL where there are no weights
};

void ws_tally_finish(struct ws_tally *tally);
void ws_tally_note(struct ws_tally *tally); // its sketches' pages
// 0, or WS_ERROR_MEMORY, or WS_ERROR_RUN where the sums of weights are beyond their range.
int ws_tally_merge(struct ws_tally *tally, const struct ws_tally *other);
// Takes out draws that have been merged and are to be merged again, among more: their minimum, maximum and first
// invalid draw stay. 0, or -1 where they have not been merged.
int ws_tally_subtract(struct ws_tally *tally, const struct ws_tally *other);
// Makes an empty tally one of draws with weights. 0, or WS_ERROR_MEMORY.
int ws_tally_weigh(struct ws_tally *tally);
// An empty tally that is centred and weighed as another one. 0, or WS_ERROR_MEMORY.
int ws_tally_like(struct ws_tally *tally, const struct ws_tally *model);
// What draws with weights add: a run of blocks' lanes; a window's counts, each of which has the same weight (0: there
// are none), and sums, of weights and of their squares in turn (NULL: none); one draw. 0, WS_ERROR_MEMORY or _RUN.
void ws_tally_add_lanes(struct ws_tally *tally, const struct ws_weighted_lanes *lanes);
int ws_tally_add_window(struct ws_tally *tally, const struct ws_bin_window *window, int64_t weight, int64_t square,
                        int64_t *sums, double minimum, double maximum);
// The octaves of a window, by its index, that may hold draws from minimum to maximum: of those at or above the origin
// (side 0), or below it (1), from *first up to but without *end.
void ws_window_octaves(const struct ws_bin_window *window, uint32_t side, double minimum, double maximum,
                       uint32_t *first, uint32_t *end);
int ws_tally_add_weight(struct ws_tally *tally, double x, int64_t weight, int64_t square);
// Adds another tally, each of its draws `factor` times, to one of draws with weights. 0, WS_ERROR_MEMORY or _RUN.
int ws_tally_add_scaled(struct ws_tally *tally, const struct ws_tally *other, double factor);
// Sum of the weights, or number of draws.
double ws_tally_total(const struct ws_tally *tally);
// Effective sample size, (sum w)^2 / sum w^2 (Kong 1992); the number of valid draws where there are no weights.
double ws_tally_ess(const struct ws_tally *tally);
void ws_tally_central(const struct ws_tally *tally, double *mean, double m[5]);

#endif
