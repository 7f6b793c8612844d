// SPDX-License-Identifier: GPL-3.0-or-later
// Signals that end a run. The program has mutable state of its own here, since a handler can reach no other, and in
// console.c alone.
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/console.h"

static volatile int caught; // the signal's number; int as the library wants it, which on POSIX systems sig_atomic_t is

enum { TEMPORARY_FAILURE = 75 }; // EX_TEMPFAIL of sysexits.h: the job is to be run again

// A second Ctrl-C ends the program at once. The other two come from batch systems, which may send them more than once
// (Slurm to the step and to the script) while a checkpoint is being written.
static const struct {
    int number, flags;
} watched[] = {{SIGINT, (int)SA_RESETHAND | SA_RESTART}, {SIGTERM, SA_RESTART}, {SIGUSR1, SA_RESTART}};

static void catch_signal(int number) {
    if (!caught)
        caught = number;
}

static int code_of(int number) { return number == SIGUSR1 ? TEMPORARY_FAILURE : 128 + number; }

static void leave_at_once(int number) {
    static const char line[] = "wattspan: interrupted before anything was drawn\n";
    ssize_t written = ws_console_is_mute() ? 0 : write(STDERR_FILENO, line, sizeof line - 1);
    (void)written;
    _exit(code_of(number));
}

static void watch(void (*handler)(int number)) {
    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++) {
        struct sigaction action, before;
        memset(&action, 0, sizeof action);
        action.sa_handler = handler;
        action.sa_flags = watched[i].flags;
        // Under nohup or in a script's background SIGINT is ignored, and stays so.
        if (sigaction(watched[i].number, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            (void)sigaction(watched[i].number, &action, NULL);
    }
}

void ws_interrupt_early(void) { watch(leave_at_once); }

const volatile int *ws_interrupt_watch(void) {
    watch(catch_signal);
    return &caught;
}

void ws_interrupt_over(void) {
    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++) {
        struct sigaction before;
        if (sigaction(watched[i].number, NULL, &before) == 0 &&
            (before.sa_handler == catch_signal || before.sa_handler == leave_at_once))
            signal(watched[i].number, SIG_DFL);
    }
}

int ws_interrupt_end(int status, struct ws_console *console, const struct ws_error *error) {
    ws_interrupt_over();
    if (status == WS_SERVED) // what becomes of the work rank 0 says
        return 0;
    if (status == WS_ERROR_INTERRUPTED)
        ws_say("wattspan: %s", error->text);
    else if (status)
        return ws_console_fail(console, error);
    else if (caught == SIGUSR1) // all is done already: not to be run again
        return 0;
    return caught ? code_of(caught) : 0;
}
