// SPDX-License-Identifier: GPL-3.0-or-later
// The kernels that compile quantile tables, one set for each instruction set: ws_kernels.fit_segments and
// ws_kernels.settle_segments.
#ifndef WS_NUMERIC_SEGMENTS_H
#define WS_NUMERIC_SEGMENTS_H

#include "numeric/kernels.h"

// What a quantile function's cubics are held to.
struct ws_segment_bounds {
    double low, high; // the support
    double spread;    // errors are relative to max(|x|, spread)
};

#define WS_SEGMENT_KERNELS(isa) \
    void ws_segments_fit_##isa(const double(*weights)[WS_LANES], const double *y, size_t n_nodes, size_t n_segments, \
                               double(*out)[WS_LANES]); \
    int ws_segments_settle_##isa(double(*fits)[WS_LANES], size_t n, const struct ws_segment_bounds *bounds, \
                                 double(*rows)[WS_LANES / 2], double *error);
WS_SEGMENT_KERNELS(baseline)
WS_SEGMENT_KERNELS(avx2)
WS_SEGMENT_KERNELS(avx512)

#endif
