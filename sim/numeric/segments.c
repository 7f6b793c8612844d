// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled once for each instruction set: all segments of an octave of a quantile table at once.
#include "numeric/segments.h"

#include <float.h>

#include "numeric/vec.h"

enum { PARTS = WS_LANES / WIDTH, SIDE_BY_SIDE = 8 / PARTS }; // 8 sums, which registers hold beside what they are of

INLINE void fit_some(const double (*weights)[WS_LANES], const double *y, size_t n_nodes, size_t n_segments,
                     double (*out)[WS_LANES]) {
    vd sums[SIDE_BY_SIDE][PARTS];
    for (size_t s = 0; s < n_segments; s++)
        for (size_t k = 0; k < PARTS; k++)
            sums[s][k] = splat(0);
    for (size_t j = 0; j < n_nodes; j++)
        for (size_t s = 0; s < n_segments; s++)
            for (size_t k = 0; k < PARTS; k++)
                sums[s][k] += load(weights[s * n_nodes + j] + k * WIDTH) * splat(y[j]);
    for (size_t s = 0; s < n_segments; s++)
        for (size_t k = 0; k < PARTS; k++)
            store(out[s] + k * WIDTH, sums[s][k]);
}

void PER_ISA(ws_segments_fit)(const double (*weights)[WS_LANES], const double *y, size_t n_nodes, size_t n_segments,
                              double (*out)[WS_LANES]) {
    size_t s = 0;
    for (; s + SIDE_BY_SIDE <= n_segments; s += SIDE_BY_SIDE)
        fit_some(weights + s * n_nodes, y, n_nodes, SIDE_BY_SIDE, out + s);
    for (; s < n_segments; s++)
        fit_some(weights + s * n_nodes, y, n_nodes, 1, out + s);
}

// The largest relative error of WIDTH segments; *inside loses the lanes of those that are to be looked at one by one.
INLINE vd errors_of(double (*fits)[WS_LANES], const struct ws_segment_bounds *bounds, vm *inside) {
    static const uint32_t at[] = {0, 64, 128, 192, 256, 320, 384, 448};
    const vd zero = splat(0), third = splat(3);
    struct cubics c = load_rows(fits[0], at), e = load_rows(fits[0] + WS_LANES / 2, at);
    vd worst = larger(larger(magnitude(e.c0), magnitude(e.c1)), larger(magnitude(e.c2), magnitude(e.c3)));
    vd b1 = c.c0 + c.c1 / third, b2 = c.c0 + (splat(2) * c.c1 + c.c2) / third, b3 = c.c0 + c.c1 + c.c2 + c.c3;
    vd least = smaller(smaller(c.c0, b1), smaller(b2, b3)), most = larger(larger(c.c0, b1), larger(b2, b3));
    vd low = bounds->low == 0 ? larger(splat(DBL_MIN), most * splat(0x1p-44)) : splat(bounds->low);
    *inside &= (least >= low) & (most <= splat(bounds->high));
    *inside &= (e.c0 == e.c0) & (e.c1 == e.c1) & (e.c2 == e.c2) & (e.c3 == e.c3);
    vd nearest = blend((c.c0 > zero) == (b3 > zero), smaller(magnitude(c.c0), magnitude(b3)), zero);
    return worst / larger(nearest, splat(bounds->spread));
}

int PER_ISA(ws_segments_settle)(double (*fits)[WS_LANES], size_t n, const struct ws_segment_bounds *bounds,
                                double (*rows)[WS_LANES / 2], double *error) {
    enum { CUBIC = WS_LANES / 2 };
    double errors[WIDTH] __attribute__((aligned(64))), scale[CUBIC] = {1};
    for (size_t i = n; i < WIDTH; i++)
        memcpy(fits[i], fits[0], sizeof fits[i]);
    vd worst = splat(0);
    vm inside = worst == worst;
    for (size_t i = 0; i < n; i += WIDTH)
        worst = larger(errors_of(fits + i, bounds, &inside), worst);
    if (some(~inside))
        return 0;
    store(errors, worst);
    *error = 0;
    for (size_t k = 0; k < WIDTH; k++)
        *error = errors[k] > *error ? errors[k] : *error;
    for (size_t k = 1; k < CUBIC; k++)
        scale[k] = scale[k - 1] * (double)n;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < CUBIC; k++)
            rows[i][k] = fits[i][k] * scale[k];
    return 1;
}
