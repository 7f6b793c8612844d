// SPDX-License-Identifier: GPL-3.0-or-later
// wattspan replay
#include "cli/study.h"

static int print_draw(const struct ws_arguments *arguments, const ws_study *study, struct ws_console *console) {
    struct ws_error error = {0};
    struct ws_report_options style = ws_report_style(arguments);
    struct ws_options options = ws_run_options(arguments);
    struct ws_page page;
    int code = ws_page_begin(&page);
    if (code)
        return code;
    int status = ws_report_draw(study, &options, arguments->draw, &style, page.stream, &error);
    return ws_page_end(&page, status, console, &error);
}

int ws_command_replay(const struct ws_arguments *arguments) {
    struct ws_console console = ws_console_make(0);
    ws_study *study = NULL;
    if (!arguments->draw_given) {
        ws_say("wattspan replay: which draw? say --draw I, counted from 0");
        return 2;
    }
    int code = ws_study_open(arguments, &console, &study);
    if (!code)
        code = print_draw(arguments, study, &console);
    ws_study_destroy(study);
    return code;
}
