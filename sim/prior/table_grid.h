// SPDX-License-Identifier: GPL-3.0-or-later
// What every table build shares. The quantile as a function of s = log2 v is analytic away from kinks and its only near
// singularity is the other end of the distribution at s = 0. A panel of s whose width is in proportion to |s| is
// therefore known to about 1e-12 from its values at 16 Chebyshev nodes (Bernstein ellipse of rho = 3 + sqrt 8, 16
// nodes: 6e-13; Trefethen 2013, Approximation Theory and Approximation Practice, ch. 8), and all cubics of the table
// are linear in these values.
#ifndef WS_PRIOR_TABLE_GRID_H
#define WS_PRIOR_TABLE_GRID_H

#include "numeric/kernels.h"

enum {
    WS_NODES = 16, // interpolation nodes of a panel
    WS_CHECKS = 5, // points between them, at both ends and at extrema of the error's leading term
    WS_POINTS = WS_NODES + WS_CHECKS,
    WS_MAX_LEVEL = 5,    // panels are 2^level octaves wide
    WS_MAX_SEGMENTS = 8, // log2 of the segments in an octave
    WS_CUBIC = 4,
};

// From the 16 node values of an octave to WS_LANES numbers: one segment's cubic, c[0] to c[3], and cubic minus
// interpolant at its 4 check points.
typedef double ws_segment_fit[WS_NODES][WS_LANES];
_Static_assert(2 * WS_CUBIC == WS_LANES, "a cubic and its errors are what a kernel computes together");

struct ws_table_grid {
    // The points of a panel in ascending order, positions in [0, 1] along s; which of them are nodes and checks.
    double position[WS_POINTS];
    int node[WS_NODES], check[WS_CHECKS];
    double at_check[WS_CHECKS][WS_NODES]; // node values -> interpolant at the checks
    // Node values of a panel of 2^level octaves -> those of its octave k, spread[2^level - 1 + k], WS_LANES at a time.
    ws_segment_fit spread[(2 << WS_MAX_LEVEL) - 1][WS_NODES / WS_LANES] __attribute__((aligned(64)));
    // Segment i of 2^l in an octave: fit[2^l - 1 + i].
    ws_segment_fit fit[(2 << WS_MAX_SEGMENTS) - 1] __attribute__((aligned(64)));
    const struct ws_kernels *kernels;
};

// The cubic's nodes and check points in [0, 1] of a segment: Chebyshev's, and where T4 is -1 or 1 but for the middle.
extern const double ws_cubic_node[WS_CUBIC], ws_cubic_check[WS_CUBIC];
// Coefficients, in [0, 1], of the cubic with values y at the nodes.
void ws_cubic_through(const double y[WS_CUBIC], double c[WS_CUBIC]);

#endif
