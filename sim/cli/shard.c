// SPDX-License-Identifier: GPL-3.0-or-later
// run --shard: one part of a run alone, for wattspan merge.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/draw.h"

static int read_number(const char *text, uint64_t *number) {
    char *end;
    *number = strtoull(text ? text : "", &end, 10);
    return text && *text >= '0' && *text <= '9' && *end == '\0' && *number <= INT32_MAX ? 0 : -1;
}

// A job array of the tasks MIN .. MAX, all of them: task I is shard I - MIN + 1.
static int shard_of_task(uint64_t *shard, uint64_t *shards) {
    uint64_t task, first, last, count;
    if (read_number(getenv("SLURM_ARRAY_TASK_ID"), &task) || read_number(getenv("SLURM_ARRAY_TASK_MIN"), &first) ||
        read_number(getenv("SLURM_ARRAY_TASK_MAX"), &last) || read_number(getenv("SLURM_ARRAY_TASK_COUNT"), &count)) {
        ws_say("wattspan run: --shard slurm is for a task of a job array (sbatch --array=1-100), where "
               "SLURM_ARRAY_TASK_ID, "
               "_MIN, _MAX and _COUNT are set");
        return 2;
    }
    if (task < first || task > last || count != last - first + 1) {
        ws_say("wattspan run: --shard slurm needs an array without gaps; to draw some shards again, give --shard I/N");
        return 2;
    }
    *shard = task - first + 1;
    *shards = count;
    return 0;
}

static int read_shard(const char *text, uint64_t *shard, uint64_t *shards) {
    char copy[32], *slash;
    if (strcmp(text, "slurm") == 0)
        return shard_of_task(shard, shards);
    snprintf(copy, sizeof copy, "%s", text);
    slash = strchr(copy, '/');
    if (slash)
        *slash = '\0';
    if (slash && strlen(text) < sizeof copy && !read_number(copy, shard) && !read_number(slash + 1, shards) &&
        *shard >= 1 && *shard <= *shards)
        return 0;
    ws_say("wattspan run: --shard needs I/N, part I of N counted from 1, or slurm, found '%s'", text);
    return 2;
}

int ws_draw_shard(const struct ws_arguments *arguments, const ws_study *study, struct ws_console *console) {
    uint64_t shard = 0, shards = 0;
    char suffix[80];
    struct ws_error error = {0};
    struct ws_sink sink = ws_console_sink(console);
    struct ws_meter meter = ws_meter_make(arguments->progress, arguments->quiet);
    struct ws_options options = ws_run_options(arguments);
    int code = read_shard(arguments->shard, &shard, &shards);
    if (code)
        return code;
    int width = snprintf(suffix, sizeof suffix, "%llu", (unsigned long long)shards); // so that names sort
    snprintf(suffix, sizeof suffix, ".shard-%0*llu-of-%llu", width, (unsigned long long)shard,
             (unsigned long long)shards);
    char *path = ws_output_path(arguments->output, ws_study_name(study), suffix);
    char *history = ws_command_line(arguments);
    options.sink = &sink;
    options.progress = ws_meter_show;
    options.progress_user = &meter;
    options.history = history;
    options.interrupt = ws_interrupt_watch();
    const uint64_t before = path ? ws_file_identity(path) : 0;
    int status =
        path ? ws_run_shard(study, &options, shard, shards, path, options.output_flags, &error) : WS_ERROR_MEMORY;
    ws_meter_erase(&meter);
    code = ws_interrupt_end(status, console, &error);
    if (!status && !arguments->quiet && ws_file_identity(path) != before)
        ws_say("written to %s", path);
    free(history);
    free(path);
    return code;
}
