// SPDX-License-Identifier: GPL-3.0-or-later
// What the subcommands that draw have in common: open the study, draw, save, report.
#ifndef WS_CLI_DRAW_H
#define WS_CLI_DRAW_H

#include "cli/study.h"

struct ws_drawing {
    const char *suffix; // of the default output's name
    int (*draw)(const struct ws_arguments *arguments, const ws_study *study, const struct ws_options *options,
                ws_result **result, struct ws_error *error);
    ws_reporter *report;
};

// The whole subcommand; its exit code.
int ws_draw_command(const struct ws_arguments *arguments, const struct ws_drawing *drawing);
// What comes after opening the study (NULL: there is none) and finding out where the result goes.
int ws_draw_to(const struct ws_arguments *arguments, const struct ws_drawing *drawing, const ws_study *study,
               const char *path, struct ws_console *console);
// Draws the part that --shard names and saves it; an exit code. (shard.c)
int ws_draw_shard(const struct ws_arguments *arguments, const ws_study *study, struct ws_console *console);

#endif
