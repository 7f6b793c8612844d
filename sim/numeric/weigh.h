// SPDX-License-Identifier: GPL-3.0-or-later
// The kernels of draws with weights, one for each instruction set: ws_kernels.weigh and ws_kernels.weighted_tally.
#ifndef WS_NUMERIC_WEIGH_H
#define WS_NUMERIC_WEIGH_H

#include "numeric/kernels.h"

#define WS_WEIGH_KERNELS(isa) \
    double ws_weigh_##isa(const double *log_weight, size_t n, double reference, double *weight, double *square); \
    void ws_weighted_tally_##isa(struct ws_weighted_lanes *lanes, const double *x, const double *weight, size_t n, \
                                 int units, double pivot, double scale, const uint32_t *index, int64_t *sums, \
                                 size_t *first_invalid);
WS_WEIGH_KERNELS(baseline)
WS_WEIGH_KERNELS(avx2)
WS_WEIGH_KERNELS(avx512)

#endif
