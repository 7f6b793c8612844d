// SPDX-License-Identifier: GPL-3.0-or-later
// Sorting of numbers by their places.
#ifndef WS_NUMERIC_ORDER_H
#define WS_NUMERIC_ORDER_H

#include <stddef.h>
#include <stdint.h>

// The draws in ascending order of x; equal ones stay as `start` (NULL: 0, 1, ...) has them. The order lies in work,
// which holds 2 n, keys n.
const uint32_t *ws_order(const double *x, size_t n, const uint32_t *start, uint32_t *work, uint64_t *keys);

#endif
