// SPDX-License-Identifier: GPL-3.0-or-later
// Which instruction set's kernels to use.
#include <stdlib.h>
#include <string.h>

#include "numeric/kernels.h"

static const struct ws_kernels *avx2(void) {
#ifdef __x86_64__
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2"))
        return &ws_kernels_avx2;
#endif
    return NULL;
}

const struct ws_kernels *ws_kernels_select(const char *name) {
    if (!name)
        name = getenv("WATTSPAN_ISA");
    if (!name || !*name)
        return avx2() ? avx2() : &ws_kernels_baseline;
    if (strcmp(name, "baseline") == 0)
        return &ws_kernels_baseline;
    return strcmp(name, "avx2") == 0 ? avx2() : NULL;
}
