// SPDX-License-Identifier: GPL-3.0-or-later
// Threads for what is computed from results.
#ifndef WS_ENGINE_THREADS_H
#define WS_ENGINE_THREADS_H

#include <stddef.h>

// Threads to use where the user does not say: OMP_NUM_THREADS, SLURM_CPUS_PER_TASK, else the least of CPU affinity and
// cgroup quota.
int ws_default_threads(void);
// The first two alone, and the last alone; 0 where there is none.
int ws_threads_asked(void);
int ws_quota_threads(void);

// How many of `threads` are worth their while here for n_items items that take about that long each; 1 at least, but
// for no items.
int ws_parallel_threads(int threads, size_t n_items, double nanoseconds);
// Calls the function for items 0 .. n_items - 1, each once, from that many threads, with the number of the thread that
// calls. What it gives must depend neither on the order nor on the thread. No arenas: what it needs is there before.
typedef void ws_parallel_function(void *user, size_t item, size_t thread);
void ws_parallel_for(size_t n_items, int threads, ws_parallel_function *function, void *user);

// To be called where a thread goes on alone for more than a moment: the others, which OpenMP keeps for the next loop,
// would wait for it in a loop of their own, GCC's for some 10 ms of processor time each. Making them anew costs a
// hundredth of that.
void ws_threads_rest(void);

#endif
