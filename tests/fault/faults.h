// SPDX-License-Identifier: GPL-3.0-or-later
// A countdown to the one call that fails: what the wrapped calls ask, and what the tests set.
#ifndef WS_TESTS_FAULTS_H
#define WS_TESTS_FAULTS_H

#include <stdatomic.h>

// Calls that were counted, and the one among them that fails: from 1; 0: none; negative: nothing is counted.
extern atomic_long fault_calls, fault_target;
extern const char *fault_name; // of the call that failed last

static inline void fault_at(long target) {
    atomic_store(&fault_calls, 0);
    atomic_store(&fault_target, target);
}

// What follows neither counts nor fails.
static inline void fault_stop(void) { atomic_store(&fault_target, -1); }

// 1 for the call that is to fail.
static inline int fault_now(const char *name) {
    int now = atomic_load(&fault_target) >= 0 && atomic_fetch_add(&fault_calls, 1) + 1 == atomic_load(&fault_target);
    if (now)
        fault_name = name;
    return now;
}

#endif
