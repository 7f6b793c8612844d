// SPDX-License-Identifier: GPL-3.0-or-later
// Sums over pairs of draws of WS_LANES columns side by side, one set of functions for each instruction set: what the
// rank indices of many outputs are made of. Every column's sums are in the order of the pairs, whatever the width.
#ifndef WS_NUMERIC_NEIGHBOURS_H
#define WS_NUMERIC_NEIGHBOURS_H

#include "numeric/kernels.h"

// Draws of WS_LANES columns, [draw][column], 64-byte aligned; 0 where a value is not valid.
struct ws_strip {
    const double *y;
    const double *valid; // 1 or 0, laid out the same; NULL where all are valid
};

struct ws_pair { // two draws
    uint32_t u, v;
    uint32_t again; // whether u is a copy of the last pair's
};

// Sums of each column. products[k] is of z_j z_(j-k), j the pair or the last of a draw's copies'.
struct ws_strip_sums {
    double half_squares[WS_LANES], pairs[WS_LANES], products[3][WS_LANES];
    double sum[WS_LANES], square[WS_LANES], valid[WS_LANES];
} __attribute__((aligned(64)));

enum { WS_DOTS = 4 }; // sums at a time, so that none waits for itself

struct ws_lane_sums {
    double lane[WS_LANES] __attribute__((aligned(64)));
};

struct ws_neighbour_kernels {
    // half_squares: of D = (u - v)^2 / 2 over the pairs both of whose draws are valid; pairs: how many there are.
    void (*half_squares)(const struct ws_strip *strip, const struct ws_pair *pairs, size_t n,
                         struct ws_strip_sums *sums);
    // products: of z = D - ratio (u^2 + v^2), 0 where a draw is not valid, summed over copies of u.
    void (*products)(const struct ws_strip *strip, const struct ws_pair *pairs, size_t n, const double ratio[WS_LANES],
                     struct ws_strip_sums *sums);
    // sum, square, valid: of the draws with the given numbers.
    void (*moments)(const struct ws_strip *strip, const uint32_t *draws, size_t n, struct ws_strip_sums *sums);
    // Adds the products a[i] b[k][i] of n draws, a multiple of WS_LANES, to the sums of lanes i % WS_LANES.
    void (*dots)(const double *a, const double *const b[WS_DOTS], size_t n, struct ws_lane_sums sums[WS_DOTS]);
};

extern const struct ws_neighbour_kernels ws_neighbours_baseline, ws_neighbours_avx2, ws_neighbours_avx512;

#endif
