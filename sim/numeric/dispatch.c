// SPDX-License-Identifier: GPL-3.0-or-later
// Which instruction set's kernels to use.
#include <stdlib.h>
#include <string.h>

#include "numeric/kernels.h"

size_t ws_kernels_all(const struct ws_kernels *kernels[WS_MOST_ISAS]) {
    size_t n = 0;
#ifdef __x86_64__
    __builtin_cpu_init();
    // Processors with AVX-512 but without VBMI2 lower their clock for wide vectors; they stay with AVX2.
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("gfni"))
        kernels[n++] = &ws_kernels_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi"))
        kernels[n++] = &ws_kernels_avx2;
#endif
    kernels[n++] = &ws_kernels_baseline;
    return n;
}

const struct ws_kernels *ws_kernels_select(const char *name) {
    const struct ws_kernels *kernels[WS_MOST_ISAS];
    size_t n = ws_kernels_all(kernels);
    if (!name)
        name = getenv("WATTSPAN_ISA");
    if (!name || !*name)
        return kernels[0];
    for (size_t k = 0; k < n; k++)
        if (strcmp(name, kernels[k]->isa) == 0)
            return kernels[k];
    return NULL;
}
