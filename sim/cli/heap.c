// SPDX-License-Identifier: GPL-3.0-or-later
// The program's heap in large pages. A run touches some 20 MiB for the first time, within a tenth of a second, and the
// system takes nearly 2 us for each page of 4 KiB: some 7 % of the processor time of `run priors/grok-4.yaml -n 1e3`. A
// library must leave its caller's heap alone, so that only the program does this.
#include "cli/heap.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__GLIBC__) && defined(MADV_HUGEPAGE)
enum {
    LARGE_PAGE = 2 << 20,
    HEAP = 32 << 20,     // that the heap grows by, and keeps where memory is given back
    OWN_PAGES = 4 << 20, // larger blocks are mapped by themselves, and given back when they are freed
    FIRST = 1 << 20      // more than the heap begins with
};

void ws_heap_begin(void) {
    mallopt(M_MMAP_THRESHOLD, OWN_PAGES);
    mallopt(M_TOP_PAD, HEAP);
    const uintptr_t before = (uintptr_t)sbrk(0);
    void *volatile block = malloc(FIRST); // makes the heap grow; volatile, or compilers leave it out
    free(block);
    const uintptr_t start = (before + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE, end = (uintptr_t)sbrk(0);
    if (end > start) // not where another allocator is used; without large pages all goes on as before
        madvise((void *)start, end - start, MADV_HUGEPAGE);
}
#else
void ws_heap_begin(void) {}
#endif
