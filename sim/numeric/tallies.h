// SPDX-License-Identifier: GPL-3.0-or-later
// The kernels that rows of draws go into moments and bins by, one of each for each instruction set: ws_kernels.moments,
// bin, tally and locate.
#ifndef WS_NUMERIC_TALLIES_H
#define WS_NUMERIC_TALLIES_H

#include "numeric/kernels.h"

#define WS_TALLY_KERNELS(isa) \
    void ws_moments_add_row_##isa(struct ws_moment_lanes *lanes, const double *x, size_t n, double pivot, \
                                  double scale, size_t *first_invalid); \
    size_t ws_bins_count_##isa(const struct ws_bin_window *window, const double *label, const double *x, size_t n, \
                               uint32_t *index); \
    void ws_bins_locate_##isa(const struct ws_bin_window *window, const double *label, const double *x, size_t n, \
                              uint32_t *index); \
    size_t ws_tally_row_##isa(struct ws_moment_lanes *lanes, const struct ws_bin_window *window, const double *label, \
                              const double *x, size_t n, double pivot, double scale, size_t *first_invalid, \
                              uint32_t *index);
WS_TALLY_KERNELS(baseline)
WS_TALLY_KERNELS(avx2)
WS_TALLY_KERNELS(avx512)
#undef WS_TALLY_KERNELS

#endif
