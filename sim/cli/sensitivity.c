// SPDX-License-Identifier: GPL-3.0-or-later
// wattspan sensitivity
#include "cli/draw.h"

static int analyse(const struct ws_arguments *arguments, const ws_study *study, const struct ws_options *options,
                   ws_result **result, struct ws_error *error) {
    const struct ws_sensitivity_options groups = {arguments->groups.items, arguments->groups.count};
    return ws_sensitivity(study, options, &groups, result, error);
}

int ws_command_sensitivity(const struct ws_arguments *arguments) {
    return ws_draw_command(arguments, &(struct ws_drawing){".sensitivity", analyse, ws_report_sensitivity});
}
