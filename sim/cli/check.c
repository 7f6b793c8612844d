// SPDX-License-Identifier: GPL-3.0-or-later
// wattspan check
#include "cli/study.h"

static int print_report(const struct ws_arguments *arguments, const ws_study *study, struct ws_console *console) {
    struct ws_error error = {0};
    struct ws_report_options style = ws_report_style(arguments);
    struct ws_options run = ws_run_options(arguments);
    struct ws_page page;
    if (arguments->quiet && !arguments->format_given && !arguments->flatten && !arguments->priors)
        return 0;
    int code = ws_page_begin(&page);
    if (code)
        return code;
    int status = arguments->priors    ? ws_report_priors(study, page.stream, &error)
                 : arguments->flatten ? ws_report_flatten(study, &style, page.stream, &error)
                                      : ws_report_check(study, &run, &style, page.stream, &error);
    return ws_page_end(&page, status, console, &error);
}

int ws_command_check(const struct ws_arguments *arguments) {
    struct ws_console console = ws_console_make(arguments->quiet);
    ws_study *study = NULL;
    if (arguments->flatten && arguments->format == WS_FORMAT_CSV) {
        ws_say("wattspan check: --flatten gives YAML (table) or JSON (--format json), not CSV");
        return 2;
    }
    if (arguments->priors && (arguments->flatten || (arguments->format_given && arguments->format != WS_FORMAT_CSV))) {
        ws_say("wattspan check: --priors gives CSV, and nothing beside it");
        return 2;
    }
    int code = ws_study_open(arguments, &console, &study);
    if (!code)
        code = print_report(arguments, study, &console);
    if (!code && console.warnings > 0)
        ws_say("%zu warning%s", console.warnings, console.warnings == 1 ? "" : "s");
    ws_study_destroy(study);
    return code;
}
