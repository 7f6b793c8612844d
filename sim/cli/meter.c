// SPDX-License-Identifier: GPL-3.0-or-later
// Progress of a run: percentage, rate and time left.
#include <stdio.h>
#include <unistd.h>

#include "cli/console.h"
#include "cli/options.h"

struct ws_meter ws_meter_make(int when, int quiet) {
    int terminal = isatty(STDERR_FILENO);
    int enabled = when == WS_PROGRESS_ALWAYS || (when == WS_PROGRESS_AUTO && terminal && !quiet);
    return (struct ws_meter){.enabled = enabled, .terminal = terminal};
}

static const char *format_time(double seconds, char *buf, size_t size) {
    unsigned long s = (unsigned long)(seconds + 0.5);
    if (s < 60)
        snprintf(buf, size, "%lu s", s);
    else if (s < 3600)
        snprintf(buf, size, "%lu min %02lu s", s / 60, s % 60);
    else
        snprintf(buf, size, "%lu h %02lu min", s / 3600, s % 3600 / 60);
    return buf;
}

void ws_meter_show(void *user, const struct ws_progress *progress) {
    enum { LINES_APART = 10 }; // seconds between lines that stay, in a log
    struct ws_meter *meter = user;
    const char *verb = progress->is_writing ? " written" : "";
    int finished = progress->done >= progress->total;
    if (!meter->enabled || !(progress->seconds > 0) || progress->done == progress->before)
        return;
    if (progress->seconds < meter->last) // another piece of work has begun
        meter->last = 0;
    // On a terminal nothing flashes up for a run that is over at once; a log has the end of every run.
    if (meter->terminal ? progress->seconds < 0.3 : !finished && progress->seconds - meter->last < LINES_APART)
        return;
    meter->last = progress->seconds;
    double rate = (double)(progress->done - progress->before) / progress->seconds,
           left = (double)(progress->total - progress->done) / rate;
    char time[32];
    fprintf(stderr, "%s%3.0f %%%s  %.1f million draws/s  %s %s%s", meter->terminal ? "\r\033[K" : "",
            100 * (double)progress->done / (double)progress->total, verb, rate / 1e6,
            format_time(finished ? progress->seconds : left, time, sizeof time), finished ? "in all" : "left",
            meter->terminal ? "" : "\n");
    fflush(stderr);
    meter->shown = meter->terminal;
}

void ws_meter_erase(struct ws_meter *meter) {
    if (meter->shown)
        fputs("\r\033[K", stderr);
    meter->shown = 0;
}
