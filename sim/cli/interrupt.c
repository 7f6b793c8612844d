// SPDX-License-Identifier: GPL-3.0-or-later
// Ctrl-C and SIGTERM: the one place where the program has mutable state of its own, since a handler can reach no other.
#include <signal.h>
#include <string.h>

#include "cli/console.h"

static volatile int caught; // the signal's number; int as the library wants it, which on POSIX systems sig_atomic_t is

static const int watched[] = {SIGINT, SIGTERM};

static void catch_signal(int number) { caught = number; }

const volatile int *ws_interrupt_watch(void) {
    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++) {
        struct sigaction action, before;
        memset(&action, 0, sizeof action);
        action.sa_handler = catch_signal;
        action.sa_flags = (int)SA_RESETHAND | SA_RESTART; // the second one kills
        // Under nohup or in a script's background SIGINT is ignored, and stays so.
        if (sigaction(watched[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            (void)sigaction(watched[i], &action, NULL);
    }
    return &caught;
}

int ws_interrupt_unwatch(void) {
    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++) {
        struct sigaction before;
        if (sigaction(watched[i], NULL, &before) == 0 && before.sa_handler == catch_signal)
            signal(watched[i], SIG_DFL);
    }
    return caught;
}
