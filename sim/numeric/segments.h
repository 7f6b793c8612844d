// SPDX-License-Identifier: GPL-3.0-or-later
// The kernel that compiles quantile tables, one for each instruction set: ws_kernels.fit_segments.
#ifndef WS_NUMERIC_SEGMENTS_H
#define WS_NUMERIC_SEGMENTS_H

#include "numeric/kernels.h"

#define WS_SEGMENT_KERNEL(isa) \
    void ws_segments_fit_##isa(const double(*weights)[WS_LANES], const double *y, size_t n_nodes, size_t n_segments, \
                               double(*out)[WS_LANES]);
WS_SEGMENT_KERNEL(baseline)
WS_SEGMENT_KERNEL(avx2)
WS_SEGMENT_KERNEL(avx512)

#endif
