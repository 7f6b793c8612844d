// SPDX-License-Identifier: GPL-3.0-or-later
// The run loop: groups of blocks over threads. Tallies are exact, so which thread takes which group does not matter.
#include "engine/run.h"

#include <math.h>
#include <omp.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/scratch.h"
#include "engine/gather.h"
#include "engine/pile.h"
#include "engine/sweep.h"
#include "engine/team.h"
#include "engine/threads.h"
#include "engine/workspace.h"
#include "wattspan.h"

// What the threads share while drawing.
struct race {
    const struct ws_plan *plan;
    const struct ws_options *options;
    struct ws_result *result;
    uint64_t first, end; // groups
    struct ws_pile pile; // of them
    uint64_t done;       // draws of this process; atomic
    double start, deadline, last_report;
    int status; // 0 or the first trouble; atomic
};

// Not omp_get_wtime: what may be set back is no measure of how long something takes.
double ws_engine_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int interrupted(const struct ws_options *options) { return options->interrupt && *options->interrupt; }

// Called by the first thread only.
static void report_progress(struct race *race, int finished) {
    double now = ws_engine_clock();
    if (!race->options->progress || (!finished && now - race->last_report < 0.1))
        return;
    race->last_report = now;
    uint64_t done, total = ws_plan_span(race->plan, race->first, race->end);
#pragma omp atomic read
    done = race->done;
    done += race->pile.given * WS_GROUP; // what others have in hand is counted as done
    const struct ws_progress progress = {
        .done = ws_pile_shown(done, total, finished), .total = total, .seconds = now - race->start};
    race->options->progress(race->options->progress_user, &progress);
}

// Draws and counts a tile, whose first block is this one of its group.
static int draw_tile(struct ws_workspace *workspace, struct ws_gather *gather, const struct ws_tile *tile,
                     uint64_t block) {
    const struct ws_compiled *compiled = workspace->compiled;
    int status = 0;
    if (!compiled->stages) {
        status = ws_workspace_block(workspace, block);
        return status ? status : ws_gather_tile(gather, workspace, tile, 0, workspace->plan->study->n_outputs);
    }
    for (size_t i = 0; i < compiled->n_stages && !status; i++) {
        const struct ws_stage *stage = &compiled->stages[i];
        ws_workspace_stage(workspace, stage, block, ws_tile_blocks(tile));
        status = ws_gather_tile(gather, workspace, tile, stage->first_output, stage->n_outputs);
    }
    return status;
}

// Blocks first .. end - 1 of a group, all of one replicate.
static int draw_blocks(struct ws_workspace *workspace, struct ws_gather *gather, uint64_t group, uint64_t first,
                       uint64_t end) {
    const uint64_t size = ws_plan_span(workspace->plan, group, group + 1),
                   most = workspace->compiled->n_tile * WS_BLOCK;
    size_t replicate = workspace->plan->replicates > 1 ? ws_replicate_of(first) : 0;
    ws_workspace_seek(workspace, group);
    uint64_t start = first * WS_BLOCK, stop = end * WS_BLOCK < size ? end * WS_BLOCK : size;
    uint64_t draws = stop > start ? stop - start : 0;
    for (uint64_t n; start < stop; start += n) {
        n = stop - start < most ? stop - start : most;
        const struct ws_tile tile = {.replicate = replicate, .address = group * WS_GROUP + start, .n = n};
        int status = draw_tile(workspace, gather, &tile, start / WS_BLOCK);
        if (status)
            return status;
    }
    return ws_gather_end_run(gather, replicate, draws);
}

// Groups first .. end - 1, replicate by replicate, so that the counts of one replicate stay in the cache while several
// groups' draws go into them.
static int draw_batch(struct race *race, struct ws_workspace *workspace, struct ws_gather *gather, uint64_t first,
                      uint64_t end) {
    uint64_t per_run = WS_BLOCKS_PER_GROUP / workspace->plan->replicates;
    for (uint64_t run = 0; run < WS_BLOCKS_PER_GROUP; run += per_run) {
        for (uint64_t group = first; group < end; group++) {
            int status = draw_blocks(workspace, gather, group, run, run + per_run);
            if (status)
                return status;
        }
        ws_pile_look(&race->pile);
    }
    return 0;
}

// Whether no more groups are to be taken. However short the time is, something is drawn in it.
static int is_over(const struct race *race) {
    int status;
    uint64_t next;
#pragma omp atomic read
    status = race->status;
#pragma omp atomic read
    next = race->pile.next;
    return status || interrupted(race->options) ||
           (race->deadline < INFINITY && next > race->first && ws_engine_clock() >= race->deadline);
}

// Looks before it takes: what has been taken is drawn, so that the groups below pile.next are those in the tallies.
static int draw_groups(struct race *race, struct ws_workspace *workspace, struct ws_gather *gather) {
    uint64_t first, end;
    while (!is_over(race) && ws_pile_take(&race->pile, &first, &end)) {
        int status = draw_batch(race, workspace, gather, first, end);
        if (status) {
#pragma omp atomic write
            race->status = status;
            return status;
        }
#pragma omp atomic
        race->done += ws_plan_span(race->plan, first, end);
        if (omp_get_thread_num() == 0)
            report_progress(race, 0);
    }
    ws_pile_close(&race->pile);
    return 0;
}

// Replicated designs: enough groups at a time to make use of the cache.
static struct ws_pile make_pile(const struct race *race) {
    enum { MOST = 16, MOST_GIVEN = 8 };
    struct ws_pile pile = ws_pile_begin(race->options->team, race->first, race->end, race->plan->threads);
    pile.most = race->plan->replicates > 1 ? MOST : 1;
    pile.most_given = race->plan->replicates > 1 ? MOST : MOST_GIVEN;
    pile.is_ahead = 1;
    return pile;
}

static int draw_all(struct race *race) {
    uint64_t n_groups = race->end - race->first;
    int threads = n_groups < (uint64_t)race->plan->threads ? (int)n_groups : race->plan->threads, status = 0;
#pragma omp parallel num_threads(threads) reduction(min : status)
    {
        struct ws_workspace workspace;
        struct ws_gather gather;
        status = ws_workspace_init_hot(&workspace, race->plan);
        int gathering = ws_gather_init(&gather, race->plan, NULL);
        if (!status)
            status = gathering;
        if (status) {
#pragma omp atomic write
            race->status = status;
        }
        int drawing = draw_groups(race, &workspace, &gather);
        if (!status)
            status = drawing;
        if (!status) {
#pragma omp critical
            status = ws_gather_merge(&gather, race->result);
        }
        ws_gather_finish(&gather);
        ws_workspace_finish(&workspace);
    }
    ws_threads_rest();
    return race->status ? race->status : status;
}

// ---- the result around it ----

static void make_slots(struct ws_result *result, const struct ws_plan *plan, struct ws_arena *arena) {
    result->n_slots = plan->n_slots;
    result->slots = WS_NEW_ARRAY(arena, struct ws_result_slot, plan->n_slots + 1);
    for (size_t s = 0; s < plan->n_slots; s++)
        result->slots[s] =
            (struct ws_result_slot){plan->slots[s].output, plan->slots[s].by, plan->slots[s].alternative};
    ws_result_make_tallies(result, arena);
    for (size_t t = 0; !result->shelf && t < plan->replicates * plan->n_slots; t++) {
        const struct ws_slot *slot = &plan->slots[t % plan->n_slots];
        ws_moments_init(&result->tallies[t].moments, slot->pivot, slot->scale);
        ws_sketch_init(&result->tallies[t].sketch, slot->origin);
    }
}

static void describe_inputs(struct ws_result *result, const struct ws_plan *plan, struct ws_arena *arena) {
    result->inputs = WS_NEW_ARRAY(arena, struct ws_input_table, plan->study->n_inputs + 1);
    for (size_t i = 0; i < plan->study->n_inputs; i++) {
        const struct ws_prior *prior = plan->study->quantities[i].prior;
        result->inputs[i] = (struct ws_input_table){
            .table_error = plan->tables[i]->error,
            .mean = ws_prior_mean(prior),
            .sd = ws_prior_sd(prior),
            .p5 = ws_prior_quantile(prior, 0.05, 0),
            .p50 = ws_prior_quantile(prior, 0.5, 0),
            .p95 = ws_prior_quantile(prior, 0.05, 1),
        };
    }
}

static void describe_run(struct ws_result *result, const struct ws_plan *plan, const char *history, int ranks,
                         struct ws_arena *arena) {
    char host[256] = "", date[32] = "";
    gethostname(host, sizeof host - 1);
    time_t now = time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc))
        strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &utc);
    result->provenance = (struct ws_provenance){
        .version = ws_version(),
        .revision = ws_revision(),
        .host = ws_arena_copy(arena, host),
        .date_created = ws_arena_copy(arena, date),
        .history = ws_arena_copy(arena, history ? history : ""),
        .threads = plan->threads,
        .ranks = ranks,
        .isa = plan->sampler.kernels->isa,
    };
    result->study = plan->study;
    result->draws = plan->draws;
    result->seed = plan->sampler.seed;
    result->rng = ws_arena_copy(arena, plan->sampler.generator.name);
    result->design = plan->sampler.design->name;
    result->replicates = plan->replicates;
    memcpy(result->tables_digest, plan->tables_digest, sizeof result->tables_digest);
}

static int keep_draws(struct ws_result *result, const struct ws_plan *plan, struct ws_arena *arena,
                      struct ws_error *err) {
    const struct ws_study *study = plan->study;
    size_t n = ws_plan_in_memory(plan), first_output = study->n_inputs + study->n_derived;
    result->n_kept = n;
    result->n_beyond = plan->keep - n;
    result->plan = n < plan->keep || plan->keep_single || plan->keep_deflate ? plan : NULL;
    result->kept_inputs = WS_NEW_ARRAY(arena, double, study->n_inputs *n + 1);
    result->kept_outputs = ws_arena_array(arena, n + 1, (study->n_outputs * result->n_cases + 1) * sizeof(double));
    if (study->log_weight)
        result->kept_log_weights = ws_arena_array(arena, n + 1, (result->n_cases + 1) * sizeof(double));
    if (result->shelf)
        return ws_registers_fail(ws_sweep_keep(plan, result), err);
    double **columns = WS_NEW_ARRAY(arena, double *, study->n_quantities + 1);
    for (size_t i = 0; i < study->n_inputs; i++)
        columns[i] = result->kept_inputs + i * n;
    for (size_t o = 0; o < study->n_outputs; o++)
        columns[first_output + o] = result->kept_outputs + o * n;
    columns[study->n_quantities] = result->kept_log_weights;
    return ws_engine_keep(plan, columns, err);
}

struct ws_result *ws_engine_start(const struct ws_plan *plan, const struct ws_options *options,
                                  struct ws_arena *arena) {
    struct ws_result *result = WS_NEW(arena, struct ws_result);
    result->arena = arena;
    result->watch = (struct ws_watch){options->interrupt, options->progress, options->progress_user};
    describe_run(result, plan, options->history, ws_team_size(options->team), arena);
    describe_inputs(result, plan, arena);
    ws_result_make_axes(result, arena);
    result->scratch = plan->on_disk ? ws_scratch_create(options->output, arena) : NULL;
    make_slots(result, plan, arena);
    if (plan->study->log_weight && ws_posterior_start(plan, result, arena))
        result->posterior = NULL; // memory: drawing says so
    return result;
}

// What this process draws, and on rank 0 how far all have come.
static int draw_here(struct race *race, uint64_t *reached, struct ws_error *err) {
    struct ws_result *result = race->result;
    const struct ws_plan *plan = race->plan;
    race->pile = make_pile(race);
    int status = plan->study->log_weight && !result->posterior ? WS_ERROR_MEMORY : draw_all(race);
    ws_pile_end(&race->pile, status);
    if (status == WS_ERROR_RUN)
        return ws_posterior_fail(plan, err);
    *reached = race->pile.next < race->end ? race->pile.next : race->end;
    return ws_registers_fail(status, err);
}

int ws_engine_share_groups(const struct ws_plan *plan, const struct ws_options *options, struct ws_result *result,
                           uint64_t first, uint64_t end, struct ws_error *err) {
    struct race race = {
        .plan = plan, .options = options, .result = result, .first = first, .end = end, .deadline = INFINITY};
    return draw_here(&race, &first, err);
}

int ws_engine_draw_until(const struct ws_plan *plan, const struct ws_options *options, struct ws_result *result,
                         uint64_t *reached, uint64_t end, double deadline, struct ws_error *err) {
    struct race race = {.plan = plan,
                        .options = options,
                        .result = result,
                        .first = *reached,
                        .end = end,
                        .start = ws_engine_clock(),
                        .deadline = deadline};
    if (*reached >= end)
        return 0;
    int status;
    if (result->shelf) {
        status = ws_sweep_draw(plan, options, result, reached, end, deadline, err);
    } else {
        if (options->team)
            ws_team_order(
                options->team,
                &(struct ws_order){.kind = WS_ORDER_DRAW, .draws = plan->draws, .first = race.first, .end = race.end});
        status = draw_here(&race, reached, err);
    }
    if (options->team) {
        ws_team_order(options->team, &(struct ws_order){.kind = WS_ORDER_COLLECT});
        status = ws_team_collect(options->team, result, status, err);
    }
    result->provenance.wall_seconds += ws_engine_clock() - race.start;
    if (status)
        return status;
    if (*reached < end && interrupted(options))
        return WS_ERROR_INTERRUPTED;
    if (!result->shelf)
        report_progress(&race, 1);
    return 0;
}

int ws_engine_draw_groups(const struct ws_plan *plan, const struct ws_options *options, struct ws_result *result,
                          uint64_t first, uint64_t end, struct ws_error *err) {
    int status = ws_engine_draw_until(plan, options, result, &first, end, INFINITY, err);
    return status == WS_ERROR_INTERRUPTED ? ws_error_set(err, status, NULL, "interrupted; nothing was saved") : status;
}

int ws_engine_finish(const struct ws_plan *plan, struct ws_result *result, struct ws_arena *arena,
                     struct ws_error *err) {
    double start = ws_engine_clock();
    int status = ws_result_pool(result, arena, err);
    if (!status)
        status = keep_draws(result, plan, arena, err);
    if (!status && result->posterior)
        status = ws_posterior_finish(plan, result, arena, err);
    ws_threads_rest();
    result->provenance.wall_seconds += ws_engine_clock() - start;
    return status;
}
