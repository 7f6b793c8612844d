// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/study.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int ws_study_open(const struct ws_arguments *arguments, struct ws_console *console, ws_study **study) {
    struct ws_error error = {0};
    struct ws_sink sink = ws_console_sink(console);
    struct ws_study_options options = {.settings = arguments->settings,
                                       .n_settings = arguments->n_settings,
                                       .probabilities = arguments->probabilities.items,
                                       .n_probabilities = arguments->probabilities.count,
                                       .sweeps = arguments->sweeps.items,
                                       .n_sweeps = arguments->sweeps.count,
                                       .repair_correlations = arguments->repair_correlations,
                                       .widen = arguments->widen,
                                       .team = arguments->command->draws ? arguments->team : NULL};
    const struct ws_compare_options compare = {arguments->share.items, arguments->share.count, arguments->apart.items,
                                               arguments->apart.count};
    if (arguments->second)
        return ws_study_compare(arguments->operand, arguments->second, &options, &compare, &sink, study, &error)
                   ? ws_console_fail(console, &error)
                   : 0;
    return ws_study_load(arguments->operand, &options, &sink, study, &error) ? ws_console_fail(console, &error) : 0;
}

struct ws_report_options ws_report_style(const struct ws_arguments *arguments) {
    return (struct ws_report_options){.format = arguments->format,
                                      .wide = arguments->wide,
                                      .color = ws_wants_color(STDOUT_FILENO),
                                      .most_cases = arguments->cases,
                                      .sort = arguments->sort,
                                      .where = arguments->where};
}

int ws_print_result(const struct ws_arguments *arguments, const ws_result *result, ws_reporter *report,
                    struct ws_console *console) {
    struct ws_error error = {0};
    struct ws_report_options style = ws_report_style(arguments);
    struct ws_page page;
    if (arguments->quiet && !arguments->format_given)
        return 0;
    int code = ws_page_begin(&page);
    if (code)
        return code;
    int status = report(result, &style, page.stream, &error);
    return ws_page_end(&page, status, console, &error);
}

struct ws_options ws_run_options(const struct ws_arguments *arguments) {
    return (struct ws_options){
        .draws = arguments->draws,
        .seed = arguments->seed,
        .seed_given = arguments->seed_given,
        .design = arguments->design,
        .rng = arguments->rng,
        .threads = arguments->threads < INT_MAX ? (int)arguments->threads : INT_MAX,
        .keep = arguments->keep,
        .keep_given = arguments->keep_given,
        .keep_single = arguments->keep_type == 1,
        .keep_deflate = arguments->keep_deflate < INT_MAX ? (int)arguments->keep_deflate : INT_MAX,
        .tolerances = arguments->tolerances.items,
        .n_tolerances = arguments->tolerances.count,
        .max_draws = arguments->max_draws,
        .memory = arguments->memory,
        .output_flags = arguments->no_clobber ? WS_SAVE_NO_CLOBBER : 0,
        .checkpoint = arguments->checkpoint_given && arguments->checkpoint == 0 ? -1 : arguments->checkpoint,
        .resume = arguments->resume,
        .team = arguments->team,
    };
}

static int is_folder(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

uint64_t ws_file_identity(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 ? (uint64_t)info.st_ino : 0;
}

char *ws_output_path(const char *asked, const char *name, const char *suffix) {
    const char *folder = asked ? asked : "results";
    size_t size = strlen(folder) + strlen(name) + strlen(suffix) + sizeof "/.h5";
    char *path = malloc(size);
    if (!path)
        return NULL;
    if (is_folder(folder))
        snprintf(path, size, "%s%s%s%s.h5", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", name, suffix);
    else if (asked)
        snprintf(path, size, "%s", asked);
    else
        snprintf(path, size, "%s%s.h5", name, suffix);
    return path;
}

char *ws_command_line(const struct ws_arguments *arguments) {
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    if (!stream)
        return NULL;
    fprintf(stream, "wattspan %s", arguments->command->name);
    for (int i = 0; i < arguments->n_words; i++) {
        int plain = arguments->words[i][strcspn(arguments->words[i], " \t\n'\"\\$`*?[]{}()<>|&;#~!")] == '\0';
        fprintf(stream, plain && *arguments->words[i] ? " %s" : " '%s'", arguments->words[i]);
    }
    if (fclose(stream) == 0)
        return text;
    free(text);
    return NULL;
}
