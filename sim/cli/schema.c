// SPDX-License-Identifier: GPL-3.0-or-later
// wattspan schema
#include "cli/study.h"

int ws_command_schema(const struct ws_arguments *arguments) {
    struct ws_console console = ws_console_make(0);
    struct ws_error error = {0};
    struct ws_page page;
    (void)arguments;
    int code = ws_page_begin(&page);
    if (code)
        return code;
    int status = ws_report_schema(page.stream, &error);
    return ws_page_end(&page, status, &console, &error);
}
