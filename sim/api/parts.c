// SPDX-License-Identifier: GPL-3.0-or-later
// Runs in parts: shards, and putting them together.
#include <gsl/gsl_errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/handles.h"
#include "api/session.h"
#include "base/text.h"
#include "engine/plan.h"
#include "engine/run.h"
#include "store/store.h"

static const struct ws_options no_options;

enum { MOST_SHARDS = 1000000 };

// The first group of a shard: groups * (shard - 1) / shards, rounded down, in a form that does not overflow.
static uint64_t first_group(uint64_t groups, uint64_t shard, uint64_t shards) {
    return groups / shards * (shard - 1) + groups % shards * (shard - 1) / shards;
}

// ---- does a part belong to the run ----

static const char *number(struct ws_arena *arena, uint64_t n) {
    return ws_arena_printf(arena, "%llu", (unsigned long long)n);
}

static int is_empty(const struct ws_tally *tally) { return tally->moments.count + tally->moments.invalid == 0; }

// Whether b can be added to a: sums and bins only where they are about the same pivots: equal tables and programs make
// them so, but files are not trusted.
static int same_pivots(const struct ws_result *a, const struct ws_result *b) {
    if (a->n_cases != b->n_cases || a->n_slots != b->n_slots || !a->posterior != !b->posterior)
        return 0;
    for (size_t t = 0; t < a->n_cases * a->replicates * a->n_slots; t++) {
        size_t c = t / a->n_slots / a->replicates, r = t / a->n_slots % a->replicates, s = t % a->n_slots;
        const struct ws_tally *x = ws_result_replicate(a, c, r, s), *y = ws_result_replicate(b, c, r, s);
        if (a->n_cases > 1 && (is_empty(x) || is_empty(y))) // a sweep's cases are centred when they are drawn
            continue;
        if (x->moments.pivot != y->moments.pivot || x->moments.scale != y->moments.scale ||
            x->sketch.origin != y->sketch.origin)
            return 0;
    }
    if (!a->posterior)
        return 1;
    for (size_t c = 0; c < a->n_cases; c++) {
        const struct ws_evidence_tally *x = &a->posterior->evidence[c], *y = &b->posterior->evidence[c];
        int comparable = a->n_cases == 1 || (x->draws > 0 && y->draws > 0);
        if (x->most_arrivals > y->most_arrivals || (comparable && x->log_reference != y->log_reference))
            return 0;
    }
    return same_pivots(a->posterior, b->posterior);
}

int ws_part_check(const struct ws_result *run, uint64_t keep, const struct ws_part *part, const struct ws_task *task,
                  const char *path, const char *whose, struct ws_arena *arena, struct ws_error *error) {
    const struct ws_result *r = part->result;
    const struct {
        const char *what, *found, *wanted;
    } facts[] = {
        {"task", part->task, task->name},
        {"seed", number(arena, r->seed), number(arena, run->seed)},
        {"number of draws", number(arena, r->draws), number(arena, task->is_open ? r->draws : run->draws)},
        {"number of kept draws", number(arena, part->keep), number(arena, keep)},
        {"design", r->design, run->design},
        {"generator", r->rng, run->rng},
        {"number of shards", number(arena, part->shards), number(arena, task->shards)},
        {"shard", number(arena, part->shard), number(arena, task->shard ? task->shard : part->shard)},
        {"version of wattspan", r->provenance.version, run->provenance.version},
        {"revision of wattspan", r->provenance.revision, run->provenance.revision},
        {"digest of the priors' tables", r->tables_digest, run->tables_digest},
    };
    if (strcmp(part->study_sha256, run->study->sha256) != 0)
        return ws_error_set(error, WS_ERROR_FILE, path, "is of another study (or of other settings of it)");
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        if (strcmp(facts[i].found, facts[i].wanted) != 0)
            return ws_error_set(error, WS_ERROR_FILE, path, "has another %s than %s: '%.200s', not '%.200s'",
                                facts[i].what, whose, facts[i].found, facts[i].wanted);
    if (r->replicates != run->replicates || !same_pivots(run, r))
        return ws_error_set(error, WS_ERROR_FILE, path, "is damaged: its tallies are not those of the run");
    if (!task->is_open && part->asked_end > (run->draws + WS_GROUP - 1) / WS_GROUP)
        return ws_error_set(error, WS_ERROR_FILE, path, "is damaged: the run has not so many groups");
    return 0;
}

// ---- drawing a shard ----

// Tasks of a job array that are all told the same file would each take the place of the one before.
static int refuse_other_shard(const struct ws_study *study, const char *path, const struct ws_task *task,
                              struct ws_error *error) {
    struct ws_part part;
    struct ws_error unsaid = {0}; // what is no part of a run is looked at where the file is taken
    struct ws_arena *arena = ws_store_probe(path) == 2 ? ws_arena_create() : NULL;
    if (!arena)
        return 0;
    int status = ws_arena_catch(arena) ? WS_ERROR_MEMORY : ws_store_load_part(path, study, arena, &part, &unsaid);
    if (!status && part.shards == task->shards && part.shard != task->shard &&
        strcmp(part.study_sha256, study->sha256) == 0)
        status = ws_error_set(error, WS_ERROR_FILE, path,
                              "holds shard %llu of %llu of this study, which shard %llu is not to take the place of: "
                              "each needs a file of its own, as they have without -o",
                              (unsigned long long)part.shard, (unsigned long long)part.shards,
                              (unsigned long long)task->shard);
    else
        status = 0;
    ws_arena_destroy(arena);
    return status;
}

static int draw_shard(const ws_study *study, const struct ws_options *options, uint64_t shard, uint64_t shards,
                      struct ws_arena *arena, struct ws_error *error) {
    struct ws_plan *plan;
    if (shard < 1 || shard > shards || shards > MOST_SHARDS)
        return ws_error_set(error, WS_ERROR_USAGE, NULL,
                            "shards count from 1 to their number, of at most %d, found %llu of %llu", MOST_SHARDS,
                            (unsigned long long)shard, (unsigned long long)shards);
    if (ws_run_has_tolerance(study, options))
        return ws_error_set(
            error, WS_ERROR_USAGE, NULL,
            "a run to a tolerance cannot be drawn in shards: how many draws it takes is known only when "
            "all are together; give a number of draws (-n) and no tolerance");
    if (study->model)
        return ws_error_set(error, WS_ERROR_USAGE, NULL,
                            "a study whose model is code cannot be drawn in shards: what puts them together could not "
                            "run the model");
    int status = ws_plan_create(study, options, arena, &plan, error);
    if (status)
        return status;
    const uint64_t groups = ws_plan_groups(plan);
    const struct ws_task task = {.name = "",
                                 .first = first_group(groups, shard, shards),
                                 .end = first_group(groups, shard + 1, shards),
                                 .shard = shard,
                                 .shards = shards};
    struct ws_session session;
    status = ws_session_begin(&session, plan, options, &task, arena, arena, error);
    if (status || session.finished)
        return status;
    status = refuse_other_shard(study, options->output, &task, error);
    if (!status)
        status = ws_steps_draw(&session.steps, task.end, error);
    session.part.end = task.end;
    if (!status)
        status = ws_store_save_part(&session.part, options->output, options->output_flags, error);
    if (!status)
        ws_checkpoint_remove(options->output);
    return status;
}

int ws_run_shard(const ws_study *study, const struct ws_options *options, uint64_t shard, uint64_t shards,
                 const char *path, int flags, struct ws_error *error) {
    struct ws_arena *arena = ws_arena_create();
    if (!arena || ws_arena_catch(arena))
        return ws_give_up(arena, NULL, NULL, error);
    struct ws_options with_output = options ? *options : no_options;
    with_output.output = path;
    with_output.output_flags = flags;
    int status = draw_shard(study, &with_output, shard, shards, arena, error);
    ws_arena_destroy(arena);
    return status;
}

// ---- merging ----

struct span {
    uint64_t first, end;
    const char *path;
};

static int by_first(const void *a, const void *b) {
    const struct span *x = a, *y = b;
    return x->first != y->first ? (x->first > y->first) - (x->first < y->first) : (x->end > y->end) - (x->end < y->end);
}

// Which shards hold groups first .. end - 1.
static void say_missing(uint64_t first, uint64_t end, uint64_t groups, uint64_t shards, struct ws_text *text) {
    uint64_t from = 1;
    while (first_group(groups, from + 1, shards) <= first)
        from++;
    uint64_t to = from;
    while (first_group(groups, to + 1, shards) < end)
        to++;
    ws_text_printf(text, from == to ? "%s%llu" : "%s%llu to %llu", text->length ? ", " : "", (unsigned long long)from,
                   (unsigned long long)to);
}

static int check_spans(struct span *spans, size_t n, uint64_t groups, uint64_t shards, struct ws_arena *scratch,
                       struct ws_error *error) {
    struct ws_text missing = {.arena = scratch};
    uint64_t at = 0;
    const char *last = "";
    ws_text_add(&missing, "");
    qsort(spans, n, sizeof *spans, by_first);
    for (size_t i = 0; i < n; i++) {
        if (spans[i].first == spans[i].end)
            continue;
        if (spans[i].first < at)
            return ws_error_set(error, WS_ERROR_FILE, spans[i].path,
                                "holds draws that '%.200s' holds, too: each shard is to be given once", last);
        if (spans[i].first > at)
            say_missing(at, spans[i].first, groups, shards, &missing);
        at = spans[i].end;
        last = spans[i].path;
    }
    if (at < groups)
        say_missing(at, groups, groups, shards, &missing);
    if (missing.length == 0)
        return 0;
    return ws_error_set(error, WS_ERROR_FILE, spans[0].path,
                        "is not all of its run: of %llu shards these are missing: %s", (unsigned long long)shards,
                        missing.data);
}

// The plan of the run that the first part is of, and a result that has counted nothing.
static int begin_merge(const char *path, const struct ws_options *options, struct ws_arena *scratch,
                       struct ws_arena *arena, struct ws_plan **plan, struct ws_result **result, uint64_t *shards,
                       struct ws_error *error) {
    struct ws_part first;
    int status = ws_store_load_part(path, NULL, arena, &first, error);
    if (status)
        return status;
    struct ws_options run = *options;
    run.draws = first.result->draws;
    run.seed = first.result->seed;
    run.keep = first.keep;
    run.seed_given = run.keep_given = 1;
    run.design = first.result->design;
    run.rng = first.result->rng;
    *shards = first.shards;
    if (*shards > MOST_SHARDS)
        return ws_error_set(error, WS_ERROR_FILE, path, "is damaged: no run has so many shards");
    status = ws_plan_create(first.result->study, &run, ws_plan_streams(first.result->study, &run) ? arena : scratch,
                            plan, error);
    if (!status)
        *result = ws_engine_start(*plan, &run, arena);
    if (!status && (*plan)->study->log_weight && !(*result)->posterior)
        status = ws_error_set(error, WS_ERROR_MEMORY, NULL, "memory ran out");
    return status;
}

static int add_part(const struct ws_plan *plan, struct ws_result *result, const char *path, uint64_t shards,
                    struct span *span, struct ws_arena *arena, struct ws_error *error) {
    struct ws_part part;
    int status = ws_store_load_part(path, plan->study, arena, &part, error);
    if (!status)
        status = ws_part_check(result, plan->keep, &part, &(struct ws_task){.name = "", .shards = shards}, path,
                               "the others", arena, error);
    if (!status && part.end != part.asked_end)
        status = ws_error_set(error, WS_ERROR_FILE, path, "is the checkpoint of a run that has not finished");
    if (status)
        return status;
    *span = (struct span){part.first, part.end, path};
    result->provenance.wall_seconds += part.result->provenance.wall_seconds;
    status = ws_result_merge(result, part.result);
    return status ? ws_error_set(error, status, path, "cannot be added: sums are too large, or memory ran out") : 0;
}

// Each part has an arena of its own, so that there is never more than one beside the result.
static int add_file(const struct ws_plan *plan, struct ws_result *result, const char *path, uint64_t shards,
                    struct span *span, struct ws_error *error) {
    struct ws_arena *arena = ws_arena_create();
    if (!arena || ws_arena_catch(arena))
        return ws_give_up(arena, NULL, NULL, error);
    int status = add_part(plan, result, path, shards, span, arena, error);
    ws_arena_destroy(arena);
    return status;
}

static int merge(const char *const *paths, size_t n, const struct ws_options *options, struct ws_arena *scratch,
                 struct ws_arena *arena, ws_result **result, struct ws_error *error) {
    struct ws_plan *plan;
    uint64_t shards = 1;
    struct span *spans = WS_NEW_ARRAY(scratch, struct span, n + 1);
    if (n == 0)
        return ws_error_set(error, WS_ERROR_USAGE, NULL, "there is nothing to merge");
    int status = begin_merge(paths[0], options, scratch, arena, &plan, result, &shards, error);
    for (size_t i = 0; i < n && !status; i++)
        status = add_file(plan, *result, paths[i], shards, &spans[i], error);
    if (!status)
        status = check_spans(spans, n, ws_plan_groups(plan), shards, scratch, error);
    if (!status)
        status = ws_engine_finish(plan, *result, arena, error);
    if (!status)
        ws_result_analyse(*result, arena);
    return status;
}

int ws_merge(const char *const *paths, size_t n_paths, const struct ws_options *options, ws_result **result,
             struct ws_error *error) {
    struct ws_arena *arena = ws_arena_create(), *scratch = ws_arena_create();
    if (!arena || !scratch || ws_arena_catch(arena) || ws_arena_catch(scratch))
        return ws_give_up(arena, scratch, result, error);
    gsl_set_error_handler_off(); // no study may have been loaded before
    int status = merge(paths, n_paths, options ? options : &no_options, scratch, arena, result, error);
    ws_arena_destroy(scratch);
    if (status) {
        ws_arena_destroy(arena);
        *result = NULL;
    }
    return status;
}
