// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/draw.h"

#include <stdlib.h>

// Draws and saves. The report comes later, so that a result is on disk before anything else can go wrong.
static int draw(const struct ws_arguments *arguments, const struct ws_drawing *drawing, const ws_study *study,
                const char *path, struct ws_console *console, ws_result **result, int *saved) {
    struct ws_error error = {0};
    struct ws_sink sink = ws_console_sink(console);
    struct ws_meter meter = ws_meter_make(arguments->progress, arguments->quiet);
    struct ws_options options = ws_run_options(arguments);
    options.output = path;
    options.sink = &sink;
    options.progress = ws_meter_show;
    options.progress_user = &meter;
    options.interrupt = ws_interrupt_watch();
    const uint64_t before = ws_file_identity(path);
    char *history = ws_command_line(arguments);
    options.history = history;
    int status = drawing->draw(arguments, study, &options, result, &error);
    free(history);
    if (!status)
        status = ws_result_save(*result, path, options.output_flags, &error);
    ws_meter_erase(&meter);
    *saved = !status && ws_file_identity(path) != before;
    return ws_interrupt_end(status, console, &error);
}

int ws_draw_to(const struct ws_arguments *arguments, const struct ws_drawing *drawing, const ws_study *study,
               const char *path, struct ws_console *console) {
    ws_result *result = NULL;
    int saved = 0;
    int code = draw(arguments, drawing, study, path, console, &result, &saved);
    if (!code && result) // none where this process has drawn for another one
        code = ws_print_result(arguments, result, drawing->report, console);
    if (saved && !arguments->quiet)
        ws_say("written to %s", path);
    ws_result_destroy(result);
    return code;
}

int ws_draw_command(const struct ws_arguments *arguments, const struct ws_drawing *drawing) {
    struct ws_console console = ws_console_make(arguments->quiet);
    ws_study *study = NULL;
    char *path = NULL;
    ws_interrupt_early();
    int code = ws_study_open(arguments, &console, &study);
    if (code)
        goto out;
    if (arguments->shard) {
        code = ws_draw_shard(arguments, study, &console);
        goto out;
    }
    path = ws_output_path(arguments->output, ws_study_name(study), drawing->suffix);
    if (!path) {
        ws_say("wattspan: error: memory ran out");
        code = 1;
        goto out;
    }
    code = ws_draw_to(arguments, drawing, study, path, &console);
out:
    ws_interrupt_over();
    free(path);
    ws_study_destroy(study);
    return code;
}
