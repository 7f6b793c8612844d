// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled once for each instruction set: all segments of an octave of a quantile table at once.
#include "numeric/segments.h"

#include "numeric/vec.h"

void PER_ISA(ws_segments_fit)(const double (*weights)[WS_LANES], const double *y, size_t n_nodes, size_t n_segments,
                              double (*out)[WS_LANES]) {
    enum { PARTS = WS_LANES / WIDTH };
    for (size_t s = 0; s < n_segments; s++, weights += n_nodes) {
        vd sums[PARTS];
        for (size_t k = 0; k < PARTS; k++)
            sums[k] = splat(0);
        for (size_t j = 0; j < n_nodes; j++)
            for (size_t k = 0; k < PARTS; k++)
                sums[k] += load(weights[j] + k * WIDTH) * splat(y[j]);
        for (size_t k = 0; k < PARTS; k++)
            store(out[s] + k * WIDTH, sums[k]);
    }
}
