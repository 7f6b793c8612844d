// SPDX-License-Identifier: GPL-3.0-or-later
// wattspan merge
#include <stdlib.h>

#include "cli/study.h"

int ws_command_merge(const struct ws_arguments *arguments) {
    struct ws_console console = ws_console_make(arguments->quiet);
    struct ws_error error = {0};
    struct ws_sink sink = ws_console_sink(&console);
    struct ws_options options = ws_run_options(arguments);
    ws_result *result = NULL;
    int flags = arguments->no_clobber ? WS_SAVE_NO_CLOBBER : 0;
    char *history = ws_command_line(arguments);
    options.sink = &sink;
    options.history = history;
    int status = ws_output_check(arguments->operand, flags, &error);
    if (!status)
        status = ws_merge(arguments->more.items, arguments->more.count, &options, &result, &error);
    if (!status)
        status = ws_result_save(result, arguments->operand, flags, &error);
    free(history);
    int code =
        status ? ws_console_fail(&console, &error) : ws_print_result(arguments, result, ws_report_result, &console);
    if (!status && !arguments->quiet)
        ws_say("written to %s", arguments->operand);
    ws_result_destroy(result);
    return code;
}
