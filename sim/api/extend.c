// SPDX-License-Identifier: GPL-3.0-or-later
// Going on from a finished result to more draws. A run's groups are counted as wholes: a last one that is short is
// drawn again and taken out, then drawn as the whole that the longer run has of it.
#include <gsl/gsl_errno.h>
#include <string.h>

#include "api/handles.h"
#include "api/session.h"
#include "engine/plan.h"
#include "engine/run.h"

static int refuse(const char *path, const char *why, struct ws_error *error) {
    return ws_error_set(error, WS_ERROR_USAGE, path, "%s", why);
}

static int check_kind(const struct ws_result *old, const char *path, const struct ws_options *options,
                      struct ws_error *error) {
    if (options->draws == 0)
        return refuse(path, "how many draws there are to be in all has to be said (-n)", error);
    if (options->n_tolerances > 0)
        return refuse(path, "is extended to a number of draws, not to a tolerance", error);
    if (old->effects)
        return refuse(
            path,
            "holds a sensitivity analysis, to whose points none can be added; run 'wattspan sensitivity' with "
            "more points (-n)",
            error);
    return 0;
}

// How the old run was made. It keeps as many draws as the longer run would by itself: where it has kept all of its few
// that is what the study or the default says; where they were more than memory holds, it keeps all again.
static struct ws_options options_of(const struct ws_result *old, const struct ws_options *options) {
    struct ws_options run = *options;
    run.seed = old->seed;
    run.seed_given = 1;
    run.design = old->design;
    run.rng = old->rng;
    const uint64_t kept = old->n_kept + old->n_beyond;
    if (!options->keep_given && !options->keep && (kept < old->draws || old->n_beyond > 0)) {
        run.keep = kept < old->draws ? kept : UINT64_MAX;
        run.keep_given = 1;
    }
    return run;
}

static int make_plan(const struct ws_result *old, const char *path, const struct ws_options *options,
                     struct ws_arena *scratch, struct ws_arena *arena, struct ws_plan **plan, struct ws_error *error) {
    struct ws_options run = options_of(old, options);
    int status = ws_plan_create(old->study, &run, ws_plan_streams(old->study, &run) ? arena : scratch, plan, error);
    if (status)
        return status;
    if (!options->keep_given && !options->keep && (*plan)->keep < old->n_kept)
        (*plan)->keep = old->n_kept;
    if (!(*plan)->sampler.design->extends)
        return ws_error_set(
            error, WS_ERROR_USAGE, path,
            "was drawn with design '%s', whose draws are spread evenly for their number: no more can be "
            "added; 'mc' and 'sobol' can be extended",
            old->design);
    if ((*plan)->draws < old->draws)
        return ws_error_set(error, WS_ERROR_USAGE, path,
                            "has %llu draws: it cannot be extended to %llu, which are fewer",
                            (unsigned long long)old->draws, (unsigned long long)(*plan)->draws);
    return 0;
}

// Whether the plan is that of the old run, but for its number of draws.
static int check_run(const struct ws_session *session, struct ws_result *old, const char *path,
                     struct ws_arena *scratch, struct ws_error *error) {
    const struct ws_result *run = session->part.result;
    const struct ws_task any_number = {.name = "", .is_open = 1, .shard = 1, .shards = 1};
    struct ws_part whole = {.result = old, .task = "", .shard = 1, .shards = 1};
    memcpy(whole.study_sha256, old->study->sha256, sizeof whole.study_sha256);
    if (run->posterior && old->posterior &&
        old->posterior->evidence[0].most_arrivals < run->posterior->evidence[0].most_arrivals)
        return ws_error_set(error, WS_ERROR_USAGE, path,
                            "keeps %zu draws given the evidence: to keep more (--keep) the whole run has to be drawn "
                            "again",
                            old->posterior->evidence[0].most_arrivals);
    return ws_part_check(run, 0, &whole, &any_number, path, "this program", scratch, error);
}

// Draws the short last group as the old run did, and takes it out.
static int take_out_short(const struct ws_session *session, const struct ws_result *old, const char *path,
                          struct ws_arena *scratch, struct ws_error *error) {
    const uint64_t last = old->draws / WS_GROUP;
    struct ws_options options = *session->options;
    struct ws_plan plan = *session->steps.plan;
    if (old->draws % WS_GROUP == 0)
        return 0;
    plan.draws = old->draws;
    options.progress = NULL;
    options.team = NULL; // one group, which every process could draw, but one has to
    struct ws_result *part = ws_engine_start(&plan, &options, scratch);
    int status = ws_engine_draw_groups(&plan, &options, part, last, last + 1, error);
    if (!status && (status = ws_result_subtract(session->part.result, part, last * WS_GROUP)))
        ws_error_set(error, status, path, "is damaged: it does not hold what its last draws give");
    return status;
}

// Whole groups of the old run are there already.
static int take_over(struct ws_session *session, struct ws_result *old, const char *path, struct ws_arena *scratch,
                     struct ws_error *error) {
    struct ws_result *result = session->part.result;
    const uint64_t whole = old->draws / WS_GROUP;
    if (whole == 0)
        return 0;
    int status = check_run(session, old, path, scratch, error);
    if (!status && (status = ws_result_merge(result, old)))
        ws_error_set(error, status, path, "cannot be added: sums are too large, or memory ran out");
    if (!status)
        status = take_out_short(session, old, path, scratch, error);
    result->provenance.wall_seconds += old->provenance.wall_seconds;
    session->steps.reached = session->steps.resumed = whole;
    return status;
}

static void tell(const struct ws_options *options, const char *where, const char *text) {
    if (options->sink && options->sink->message)
        options->sink->message(options->sink->user, WS_SEVERITY_NOTE, where, text);
}

static int go_on(struct ws_result *old, const char *path, const struct ws_plan *plan, const struct ws_options *options,
                 struct ws_arena *scratch, struct ws_arena *arena, ws_result **result, struct ws_error *error) {
    struct ws_session session;
    const struct ws_task task = ws_task_whole(plan);
    int status = ws_session_begin(&session, plan, options, &task, scratch, arena, error);
    *result = session.part.result;
    if (status || session.finished)
        return status;
    if (old->convergence)
        tell(options, path, "was drawn to a tolerance, which is not looked at any more");
    if (session.steps.reached == 0) // no checkpoint, which would hold the old draws, too
        status = take_over(&session, old, path, scratch, error);
    if (!status)
        status = ws_steps_draw(&session.steps, task.end, error);
    if (!status)
        status = ws_steps_finish(&session.steps, arena, error);
    if (!status) {
        ws_result_analyse(*result, arena);
        ws_result_warn(*result, options->sink, scratch);
    }
    return status;
}

// The study of the old result is the new one's: both live in `arena`.
static int extend(const char *path, const struct ws_options *options, struct ws_arena *scratch, struct ws_arena *arena,
                  ws_result **result, struct ws_error *error) {
    struct ws_options chosen = *options;
    struct ws_result *old;
    struct ws_plan *plan;
    int status = ws_store_load(path, arena, &old, error);
    if (!status)
        status = check_kind(old, path, options, error);
    if (!status)
        status = make_plan(old, path, options, scratch, arena, &plan, error);
    if (status)
        return status;
    if (!chosen.output)
        chosen.output = path;
    if (plan->draws == old->draws) {
        tell(options, path, "has as many draws already: nothing is left to do");
        old->finished_at = ws_arena_copy(arena, path);
        *result = old;
        return 0;
    }
    chosen.history = ws_arena_printf(scratch, "%s%s%s", old->provenance.history, *old->provenance.history ? "\n" : "",
                                     options->history ? options->history : "");
    return go_on(old, path, plan, &chosen, scratch, arena, result, error);
}

int ws_extend(const char *path, const struct ws_options *options, ws_result **result, struct ws_error *error) {
    static const struct ws_options none;
    struct ws_arena *arena = ws_arena_create(), *scratch = ws_arena_create();
    if (!arena || !scratch || ws_arena_catch(arena) || ws_arena_catch(scratch))
        return ws_give_up(arena, scratch, result, error);
    gsl_set_error_handler_off(); // no study may have been loaded before
    int status = extend(path, options ? options : &none, scratch, arena, result, error);
    ws_arena_destroy(scratch);
    if (status) {
        ws_arena_destroy(arena);
        *result = NULL;
    }
    return status;
}
