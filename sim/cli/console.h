// SPDX-License-Identifier: GPL-3.0-or-later
// What the program says: messages and progress to standard error, reports to standard output.
#ifndef WS_CLI_CONSOLE_H
#define WS_CLI_CONSOLE_H

#include <stdio.h>

#include "wattspan.h"

// One line to standard error.
void ws_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Of several processes that do the same one alone speaks: after this nothing is said or printed.
void ws_console_mute(void);
int ws_console_is_mute(void);
// What the muted process would have said first, or "".
const char *ws_console_unsaid(void);

// 1 where colours are wanted on a descriptor: a terminal, and NO_COLOR is not set (https://no-color.org).
int ws_wants_color(int descriptor);

// Counts and prints the library's messages.
struct ws_console {
    int quiet; // notes are left out
    int color;
    size_t errors, warnings;
};
struct ws_console ws_console_make(int quiet);
struct ws_sink ws_console_sink(struct ws_console *console);
// Prints the error of a failed call unless the sink has shown it already, and how many errors a study has; returns the
// program's exit code.
int ws_console_fail(struct ws_console *console, const struct ws_error *error);

// A report on its way to standard output: written into memory first, so that errors of writing are seen where they
// happen.
struct ws_page {
    FILE *stream;
    char *data;
    size_t size;
};
// 0, or an exit code.
int ws_page_begin(struct ws_page *page);
// Writes the page out if `status`, what the library returned, is 0, else prints the error; lets the page go. Returns
// the exit code; a reader who has gone away is no error.
int ws_page_end(struct ws_page *page, int status, struct ws_console *console, const struct ws_error *error);

// A line on how far a run is.
struct ws_meter {
    int shown; // a line stands on the terminal
    int enabled, terminal;
    double last; // seconds at the last line
};
struct ws_meter ws_meter_make(int when, int quiet); // enum ws_progress_when
void ws_meter_show(void *meter, const struct ws_progress *progress);
void ws_meter_erase(struct ws_meter *meter);

// Until there is something to lose SIGINT, SIGTERM and SIGUSR1 end the program at once, with the codes that they have
// later. (interrupt.c)
void ws_interrupt_early(void);
// From here on they set the flag; a second SIGINT ends the program at once. (interrupt.c)
const volatile int *ws_interrupt_watch(void);
// They end the program without a word again, as mpirun may end one that waits for the others to leave. (interrupt.c)
void ws_interrupt_over(void);
// Back to how the signals were; what became of the work, of which the error is printed, as an exit code.
int ws_interrupt_end(int status, struct ws_console *console, const struct ws_error *error);

#endif
