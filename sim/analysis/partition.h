// SPDX-License-Identifier: GPL-3.0-or-later
// How much of an output's variance is which alternative holds, and how much is what each leaves open.
#ifndef WS_ANALYSIS_PARTITION_H
#define WS_ANALYSIS_PARTITION_H

#include "engine/result.h"

struct ws_partition {
    double between, within; // variance of the alternatives' means, and mean of their variances: together the whole
    double share, share_se; // between over the whole, with its Monte Carlo standard error
};

// Of the slots first .. first + n - 1, which are an output's alternatives by one input. All NAN where the alternatives
// have been given other weights than those they were drawn with, or there is no variance.
struct ws_partition ws_partition_make(const struct ws_result *result, size_t case_index, size_t first, size_t n);
// How many slots from `first` on are alternatives of one output by one input.
size_t ws_partition_length(const struct ws_result *result, size_t first);

#endif
