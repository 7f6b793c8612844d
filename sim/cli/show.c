// SPDX-License-Identifier: GPL-3.0-or-later
// wattspan show
#include "cli/study.h"

int ws_command_show(const struct ws_arguments *arguments) {
    struct ws_console console = ws_console_make(0);
    struct ws_error error = {0};
    struct ws_report_options style = ws_report_style(arguments);
    struct ws_page page;
    ws_result *result = NULL;
    if (ws_result_load(arguments->operand, &result, &error))
        return ws_console_fail(&console, &error);
    if (arguments->weights && ws_result_repool(result, arguments->weights, &error)) {
        ws_result_destroy(result);
        return ws_console_fail(&console, &error);
    }
    int code = ws_page_begin(&page);
    if (!code) {
        int status = arguments->equivalents ? ws_report_equivalents(result, &style, page.stream, &error)
                                            : ws_report_result(result, &style, page.stream, &error);
        code = ws_page_end(&page, status, &console, &error);
    }
    ws_result_destroy(result);
    return code;
}
