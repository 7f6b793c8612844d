// SPDX-License-Identifier: GPL-3.0-or-later
// Nanoseconds per draw of whole studies on one thread: words, tables, formulas and tallies, but nothing that is done
// once in a run. The studies take turns. What is drawn is the same each time, in the pieces in which a run draws it (of
// a wide study half a millisecond each), and what counts is the least time of each piece: other programs on the machine
// seldom spare a whole run, but they spare each piece of it sometimes. What they add is seen in the median.
//
// Usage: bench_draws TURNS STUDY...       A line for each: draws that were timed, least and median ns per draw.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "engine/gather.h"
#include "engine/plan.h"
#include "engine/run.h"
#include "engine/workspace.h"
#include "wattspan.h"

enum { LAPS = 3, BLOCKS = 32 }; // of a turn, of which the first finds other studies in the caches; of a lap

struct job {
    ws_study *study;
    struct ws_arena *arena;
    struct ws_plan *plan;
    struct ws_workspace workspace;
    struct ws_gather gather;
    size_t n_pieces;
    double *least;  // seconds, by piece
    double *totals; // seconds, by lap
    size_t n_totals;
};

static _Noreturn void fail(const char *path, const char *text) {
    fprintf(stderr, "%s: %s\n", path, text);
    exit(1);
}

static size_t count_pieces(const struct ws_compiled *hot) {
    return (BLOCKS + hot->n_tile - 1) / hot->n_tile * (hot->stages ? hot->n_stages : 1);
}

static uint64_t draws_of(const struct job *job) {
    const struct ws_compiled *hot = &job->plan->hot;
    return job->n_pieces / (hot->stages ? hot->n_stages : 1) * hot->n_tile * WS_BLOCK;
}

static void open_job(struct job *job, const char *path, size_t turns) {
    const struct ws_options options = {.draws = WS_GROUP, .keep = 0, .keep_given = 1, .threads = 1};
    struct ws_error error;
    *job = (struct job){.arena = ws_arena_create()};
    if (!job->arena || ws_arena_catch(job->arena))
        fail(path, "memory ran out");
    if (ws_study_load(path, NULL, NULL, &job->study, &error) ||
        ws_plan_create(job->study, &options, job->arena, &job->plan, &error))
        fail(path, error.text);
    if (ws_workspace_init_hot(&job->workspace, job->plan) || ws_gather_init(&job->gather, job->plan, NULL))
        fail(path, "memory ran out");
    job->n_pieces = count_pieces(&job->plan->hot);
    job->least = WS_NEW_ARRAY(job->arena, double, job->n_pieces);
    job->totals = WS_NEW_ARRAY(job->arena, double, turns * LAPS);
    for (size_t i = 0; i < job->n_pieces; i++)
        job->least[i] = INFINITY;
}

static void close_job(struct job *job) {
    ws_gather_finish(&job->gather);
    ws_workspace_finish(&job->workspace);
    ws_arena_destroy(job->arena);
    ws_study_destroy(job->study);
}

// One stage of a tile, or where there are none a block.
static int draw_piece(struct job *job, const struct ws_tile *tile, size_t stage) {
    const struct ws_compiled *hot = &job->plan->hot;
    size_t first = 0, n = job->plan->study->n_outputs;
    uint64_t block = tile->address / WS_BLOCK;
    if (!hot->stages) {
        if (ws_workspace_block(&job->workspace, block))
            return -1;
    } else {
        ws_workspace_stage(&job->workspace, &hot->stages[stage], block, ws_tile_blocks(tile));
        first = hot->stages[stage].first_output;
        n = hot->stages[stage].n_outputs;
    }
    return ws_gather_tile(&job->gather, &job->workspace, tile, first, n);
}

static int lap(struct job *job) {
    const struct ws_compiled *hot = &job->plan->hot;
    const size_t stages = hot->stages ? hot->n_stages : 1;
    double total = 0;
    ws_workspace_seek(&job->workspace, 0);
    for (size_t i = 0; i < job->n_pieces; i++) {
        const struct ws_tile tile = {.address = i / stages * hot->n_tile * WS_BLOCK, .n = hot->n_tile * WS_BLOCK};
        double start = ws_engine_clock();
        if (draw_piece(job, &tile, i % stages))
            return -1;
        double seconds = ws_engine_clock() - start;
        total += seconds;
        job->least[i] = fmin(job->least[i], seconds);
    }
    job->totals[job->n_totals++] = total;
    return ws_gather_end_run(&job->gather, 0, draws_of(job));
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print(struct job *job) {
    const double draws = (double)draws_of(job);
    double least = 0;
    for (size_t i = 0; i < job->n_pieces; i++)
        least += job->least[i];
    qsort(job->totals, job->n_totals, sizeof *job->totals, compare);
    printf("%.0f %.6g %.6g\n", draws, least / draws * 1e9, job->totals[job->n_totals / 2] / draws * 1e9);
}

int main(int n_words, char **words) {
    size_t turns = n_words > 2 ? strtoull(words[1], NULL, 10) : 0, n = (size_t)n_words - 2;
    if (turns < 1)
        fail(words[0], "usage: bench_draws TURNS STUDY...");
    struct job *jobs = calloc(n, sizeof *jobs);
    if (!jobs)
        fail(words[0], "memory ran out");
    for (size_t j = 0; j < n; j++)
        open_job(&jobs[j], words[j + 2], turns);
    for (size_t turn = 0; turn < turns; turn++)
        for (size_t j = 0; j < n; j++)
            for (int i = 0; i < LAPS; i++)
                if (lap(&jobs[j]))
                    fail(words[j + 2], "cannot be drawn");
    for (size_t j = 0; j < n; j++)
        print(&jobs[j]);
    for (size_t j = 0; j < n; j++)
        close_job(&jobs[j]);
    free(jobs);
    return 0;
}
