// SPDX-License-Identifier: GPL-3.0-or-later
// wattspan run
#include "cli/draw.h"

static int draw(const struct ws_arguments *arguments, const ws_study *study, const struct ws_options *options,
                ws_result **result, struct ws_error *error) {
    (void)arguments;
    return ws_run(study, options, result, error);
}

int ws_command_run(const struct ws_arguments *arguments) {
    return ws_draw_command(arguments, &(struct ws_drawing){"", draw, ws_report_result});
}
