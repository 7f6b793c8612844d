// SPDX-License-Identifier: GPL-3.0-or-later
// wattspan list
#include "cli/study.h"

int ws_command_list(const struct ws_arguments *arguments) {
    struct ws_console console = ws_console_make(0);
    struct ws_error error = {0};
    struct ws_report_options style = ws_report_style(arguments);
    struct ws_page page;
    int code = ws_page_begin(&page);
    if (code)
        return code;
    int status = ws_report_list(arguments->operand, &style, page.stream, &error);
    return ws_page_end(&page, status, &console, &error);
}
