// SPDX-License-Identifier: GPL-3.0-or-later
// wattspan explain
#include "cli/study.h"

int ws_command_explain(const struct ws_arguments *arguments) {
    struct ws_console console = ws_console_make(0);
    struct ws_error error = {0};
    struct ws_report_options style = ws_report_style(arguments);
    struct ws_page page;
    ws_result *result = NULL;
    if (!arguments->when) {
        ws_say("wattspan explain: --when is missing: a condition such as --when 'cost > 1e9 [USD]'");
        ws_say("try 'wattspan explain --help'");
        return 2;
    }
    if (ws_result_load(arguments->operand, &result, &error))
        return ws_console_fail(&console, &error);
    int code = ws_page_begin(&page);
    if (!code) {
        int status = ws_report_explain(result, arguments->when, &style, page.stream, &error);
        code = ws_page_end(&page, status, &console, &error);
    }
    ws_result_destroy(result);
    return code;
}
