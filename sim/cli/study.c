// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/study.h"

#include <limits.h>
#include <unistd.h>

int ws_study_open(const struct ws_arguments *arguments, struct ws_console *console, ws_study **study) {
    struct ws_error error = {0};
    struct ws_sink sink = ws_console_sink(console);
    struct ws_study_options options = {.settings = arguments->settings,
                                       .n_settings = arguments->n_settings,
                                       .probabilities = arguments->probabilities.items,
                                       .n_probabilities = arguments->probabilities.count,
                                       .widen = arguments->widen};
    return ws_study_load(arguments->operand, &options, &sink, study, &error) ? ws_console_fail(console, &error) : 0;
}

struct ws_report_options ws_report_style(const struct ws_arguments *arguments) {
    return (struct ws_report_options){arguments->format, arguments->wide, ws_wants_color(STDOUT_FILENO)};
}

struct ws_options ws_run_options(const struct ws_arguments *arguments) {
    return (struct ws_options){
        .draws = arguments->draws,
        .seed = arguments->seed,
        .seed_given = arguments->seed_given,
        .design = arguments->design,
        .rng = arguments->rng,
        .threads = arguments->threads < INT_MAX ? (int)arguments->threads : INT_MAX,
        .keep = arguments->keep,
        .keep_given = arguments->keep_given,
    };
}
