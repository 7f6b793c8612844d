// SPDX-License-Identifier: GPL-3.0-or-later
// wattspan extend
#include <stdlib.h>
#include <string.h>

#include "cli/draw.h"

static int extend(const struct ws_arguments *arguments, const ws_study *study, const struct ws_options *options,
                  ws_result **result, struct ws_error *error) {
    (void)study;
    return ws_extend(arguments->operand, options, result, error);
}

// In a folder the result has the name of the file that it goes on from.
static char *find_path(const struct ws_arguments *arguments) {
    if (!arguments->output)
        return strdup(arguments->operand);
    const char *slash = strrchr(arguments->operand, '/');
    char *name = strdup(slash ? slash + 1 : arguments->operand);
    if (!name)
        return NULL;
    char *end = strrchr(name, '.');
    if (end && strcmp(end, ".h5") == 0)
        *end = '\0';
    char *path = ws_output_path(arguments->output, name, "");
    free(name);
    return path;
}

int ws_command_extend(const struct ws_arguments *arguments) {
    struct ws_console console = ws_console_make(arguments->quiet);
    if (arguments->draws == 0) {
        ws_say("wattspan extend: --draws is missing: how many draws there are to be in all");
        ws_say("try 'wattspan extend --help'");
        return 2;
    }
    char *path = find_path(arguments);
    if (!path) {
        ws_say("wattspan: error: memory ran out");
        return 1;
    }
    int code = ws_draw_to(arguments, &(struct ws_drawing){"", extend, ws_report_result}, NULL, path, &console);
    free(path);
    return code;
}
