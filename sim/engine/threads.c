// SPDX-License-Identifier: GPL-3.0-or-later
// How many threads a run uses where nobody says, and loops for those who have no threads of their own.
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "engine/threads.h"

enum { MOST_THREADS = 4096 };

static int from_environment(const char *name) {
    const char *text = getenv(name);
    uint64_t n;
    return text && ws_parse_count(text, &n) == 0 && n >= 1 && n <= MOST_THREADS ? (int)n : 0;
}

// CPUs' worth of time that the control group may use (cgroup v2, then v1), rounded down but at least 1; 0 where there
// is no limit.
int ws_quota_threads(void) {
    double quota = 0, period = 0;
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "re");
    if (file) {
        if (fscanf(file, "%lf %lf", &quota, &period) != 2) // "max 100000" where there is no limit
            quota = 0;
        fclose(file);
    } else if ((file = fopen("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "re"))) {
        if (fscanf(file, "%lf", &quota) != 1)
            quota = 0;
        fclose(file);
        if ((file = fopen("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "re"))) {
            if (fscanf(file, "%lf", &period) != 1)
                period = 0;
            fclose(file);
        }
    }
    if (!(quota > 0 && period > 0))
        return 0;
    return quota < period ? 1 : (int)(quota / period);
}

int ws_threads_asked(void) {
    int n = from_environment("OMP_NUM_THREADS");
    return n ? n : from_environment("SLURM_CPUS_PER_TASK");
}

int ws_default_threads(void) {
    int n = ws_threads_asked();
    if (n)
        return n;
    n = omp_get_num_procs(); // minds the CPU affinity
    int quota = ws_quota_threads();
    return quota && quota < n ? quota : n;
}

// A thread that is made comes late, and the others wait for it in a loop: with less to do than this it costs more
// processor time than it saves time.
static const double least_nanoseconds = 4e6;

int ws_parallel_threads(int threads, size_t n_items, double nanoseconds) {
    const double worthwhile = (double)n_items * nanoseconds / least_nanoseconds;
    int most = omp_get_num_procs();
    threads = threads < most ? threads : most;
    threads = worthwhile < (double)threads ? (int)worthwhile : threads;
    return n_items < (size_t)threads ? (int)n_items : threads < 1 ? 1 : threads;
}

void ws_parallel_for(size_t n_items, int threads, ws_parallel_function *function, void *user) {
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads > 1 ? threads : 1)
    for (size_t i = 0; i < n_items; i++)
        function(user, i, (size_t)omp_get_thread_num());
}

// Does nothing within a parallel region of the caller's.
void ws_threads_rest(void) { omp_pause_resource_all(omp_pause_soft); }
