// SPDX-License-Identifier: GPL-3.0-or-later
#include "api/session.h"

#include <string.h>

#include "engine/freeze.h"
#include "engine/run.h"
#include "engine/team.h"
#include "store/place.h"
#include "wattspan.h"

enum { DEFAULT_SECONDS = 60 };

static void tell(const struct ws_session *session, int severity, const char *where, const char *text) {
    const struct ws_sink *sink = session->options->sink;
    if (sink && sink->message)
        sink->message(sink->user, severity, where, text);
}

static int is_plain(const void *user, const struct ws_result *result) {
    (void)user;
    return !result->convergence && !result->effects;
}

struct ws_task ws_task_whole(const struct ws_plan *plan) {
    return (struct ws_task){.name = "", .end = ws_plan_groups(plan), .shard = 1, .shards = 1, .is_result = is_plain};
}

// ---- is it done already ----

static int is_result_of(const struct ws_session *session, const struct ws_plan *plan, struct ws_result *found,
                        struct ws_arena *own) {
    const struct ws_task *task = &session->task;
    struct ws_part whole = {.result = found, .task = task->name, .shard = 1, .shards = 1};
    uint64_t draws = task->is_open ? found->draws : plan->draws;
    uint64_t keep = plan->keep < draws ? plan->keep : draws;
    memcpy(whole.study_sha256, found->study->sha256, sizeof whole.study_sha256);
    whole.keep = found->n_kept + found->n_beyond;
    return ws_part_check(session->part.result, keep, &whole, task, "", "", own, NULL) == 0 &&
           task->is_result(task->user, found);
}

static void release(void *arena) { ws_arena_destroy(arena); }

// Reads what is at the output into an arena of its own, which `arena` takes over where it is what is wanted.
static int look_at_output(struct ws_session *session, const struct ws_plan *plan, struct ws_arena *own,
                          struct ws_arena *arena) {
    const char *path = session->options->output;
    const struct ws_task *task = &session->task;
    struct ws_part part = {0};
    int done = 0;
    if (ws_arena_catch(own))
        return 0;
    if (task->is_result)
        done = ws_store_load(path, own, &part.result, NULL) == 0 && is_result_of(session, plan, part.result, own);
    else
        done = ws_store_load_part(path, plan->study, own, &part, NULL) == 0 &&
               ws_part_check(session->part.result, plan->keep, &part, task, "", "", own, NULL) == 0 &&
               part.end == part.asked_end;
    if (!done)
        return 0;
    ws_arena_defer(arena, release, own);
    part.result->arena = arena;
    part.result->finished_at = ws_arena_copy(arena, path);
    session->part.result = part.result;
    return 1;
}

static int is_finished(struct ws_session *session, const struct ws_plan *plan, struct ws_arena *arena) {
    const char *path = session->options->output;
    if (ws_store_probe(path) != (session->task.is_result ? 1 : 2))
        return 0;
    struct ws_arena *own = ws_arena_create();
    if (!own)
        return 0;
    if (!look_at_output(session, plan, own, arena)) {
        ws_arena_destroy(own);
        return 0;
    }
    tell(session, WS_SEVERITY_NOTE, path, "is the finished result of this run: nothing is left to do");
    ws_checkpoint_remove(path);
    return 1;
}

// ---- going on ----

static const char *how_far(const struct ws_session *session, uint64_t reached) {
    const struct ws_plan *plan = session->steps.plan;
    uint64_t first = session->part.first, done = reached > first ? ws_plan_span(plan, first, reached) : 0;
    if (session->part.result->freeze && reached == session->part.asked_end)
        return ws_arena_printf(session->scratch, "all draws and %.1f %% of the model runs",
                               100 * ws_freeze_share(session->part.result->freeze, plan));
    if (session->task.is_open)
        return ws_arena_printf(session->scratch, "%llu draws", (unsigned long long)done);
    return ws_arena_printf(session->scratch, "%llu of %llu draws", (unsigned long long)done,
                           (unsigned long long)ws_plan_span(plan, first, session->part.asked_end));
}

static int read_checkpoint(struct ws_session *session, const char *path, struct ws_part *part, struct ws_arena *own,
                           struct ws_error *error) {
    struct ws_result *result = session->part.result;
    if (ws_arena_catch(own))
        return ws_error_set(error, WS_ERROR_MEMORY, path, "memory ran out");
    int status = ws_store_load_part(path, result->study, own, part, error);
    if (!status)
        status = ws_part_check(result, session->part.keep, part, &session->task, path,
                               "this run (without --resume it starts afresh)", own, error);
    return status;
}

// Takes over what a checkpoint has counted. What belongs to its task stays in the arena that it was read into.
static int take_over(struct ws_session *session, const char *path, struct ws_error *error) {
    struct ws_result *result = session->part.result;
    struct ws_arena *own = ws_arena_create();
    struct ws_part part;
    if (!own)
        return ws_error_set(error, WS_ERROR_MEMORY, path, "memory ran out");
    int status = read_checkpoint(session, path, &part, own, error);
    if (!status && (status = ws_result_merge(result, part.result)))
        ws_error_set(error, status, path, "cannot be added: sums are too large, or memory ran out");
    if (!status) {
        result->provenance.wall_seconds += part.result->provenance.wall_seconds;
        result->convergence = part.result->convergence;
        result->freeze = part.result->freeze;
        session->steps.reached = session->steps.resumed = part.end;
    }
    if (!status && (result->convergence || result->freeze))
        ws_arena_defer(session->scratch, release, own);
    else
        ws_arena_destroy(own);
    return status;
}

static int resume(struct ws_session *session, struct ws_error *error) {
    const char *output = session->options->output;
    for (int g = 0; g < WS_GENERATIONS; g++) {
        const char *path = ws_checkpoint_path(output, (enum ws_generation)g, session->scratch);
        enum ws_checkpoint_state state = ws_checkpoint_look(path);
        if (state == WS_CHECKPOINT_DAMAGED)
            tell(session, WS_SEVERITY_WARNING, path,
                 g == WS_GENERATION_NEWEST ? "is damaged; looking for the one before it" : "is damaged");
        if (state != WS_CHECKPOINT_SOUND)
            continue;
        int status = take_over(session, path, error);
        if (status)
            return status;
        session->are_own = 1;
        tell(session, WS_SEVERITY_NOTE, path,
             ws_arena_printf(session->scratch, "going on from here: %s are done",
                             how_far(session, session->steps.reached)));
        if (g == WS_GENERATION_PREVIOUS)
            ws_checkpoint_forget(output); // a damaged one is not to take this one's place
        return 0;
    }
    tell(session, WS_SEVERITY_NOTE, ws_checkpoint_path(output, WS_GENERATION_NEWEST, session->scratch),
         "there is no checkpoint to go on from: starting from the beginning");
    return ws_checkpoint_check(output, error);
}

// What is there is left where it is until something takes its place.
static int start_afresh(struct ws_session *session, struct ws_error *error) {
    const char *newest = ws_checkpoint_path(session->options->output, WS_GENERATION_NEWEST, session->scratch);
    int status = ws_checkpoint_check(session->options->output, error);
    if (!status && ws_checkpoint_look(newest) != WS_CHECKPOINT_NONE)
        tell(session, WS_SEVERITY_NOTE, newest,
             "is an earlier run's, which --resume would go on from: starting from the beginning");
    return status;
}

// ---- saving ----

static void say_interrupted(const struct ws_session *session, uint64_t reached, struct ws_error *error) {
    const char *path = ws_checkpoint_path(session->options->output, WS_GENERATION_NEWEST, session->scratch);
    ws_error_set(error, WS_ERROR_INTERRUPTED, NULL,
                 "interrupted after %s, which are saved in %s; the same command with --resume goes on from there",
                 how_far(session, reached), path);
}

// Once until it is over: a disk that is full for a day is no reason for a thousand warnings.
static void say_trouble(struct ws_session *session, const struct ws_error *trouble) {
    if (trouble->status && !session->has_trouble)
        tell(session, WS_SEVERITY_WARNING, trouble->where,
             ws_arena_printf(session->scratch, "%s; drawing goes on, and saving is tried again", trouble->text));
    session->has_trouble = trouble->status != 0;
}

static int save(void *user, const struct ws_steps *steps, int interrupted, struct ws_error *error) {
    struct ws_session *session = user;
    struct ws_error trouble = {0};
    int status = ws_place_is_held(steps->result->hold, error);
    if (status)
        return status;
    if (steps->reached == steps->first) // nothing to be saved
        return 0;
    session->part.end = steps->reached;
    status = ws_checkpoint_save(&session->part, session->options->output, session->are_own, &trouble);
    session->are_own |= !status;
    if (!interrupted)
        say_trouble(session, &trouble);
    else if (!status)
        say_interrupted(session, steps->reached, error);
    else
        return ws_error_set(error, status, trouble.where, "interrupted, and what was drawn is lost: %s", trouble.text);
    return 0;
}

// ---- beginning ----

static void release_hold(void *hold) { ws_place_release(hold); }

// Kept draws that go to disk, which a shard leaves to the merge. A run to a tolerance says too late how many they are.
static int check_space(const struct ws_session *session, struct ws_error *error) {
    const struct ws_plan *plan = session->steps.plan;
    if (plan->keep <= WS_MOST_IN_MEMORY || session->task.shards > 1 || session->task.is_open)
        return 0;
    tell(session, WS_SEVERITY_NOTE, session->options->output,
         ws_arena_printf(session->scratch, "%llu kept draws take %.3g GB there%s", (unsigned long long)plan->keep,
                         1e-9 * (double)ws_plan_kept_bytes(plan), plan->keep_deflate ? " before compression" : ""));
    return ws_store_check_space(plan, session->options->output, error);
}

static int take_output(struct ws_session *session, struct ws_arena *arena, struct ws_error *error) {
    const struct ws_options *options = session->options;
    int status = check_space(session, error);
    if (!status)
        status = ws_place_take(options->output, options->output_flags, &session->part.result->hold, error);
    if (status)
        return status;
    ws_arena_defer(arena, release_hold, session->part.result->hold);
    status = options->resume ? resume(session, error) : start_afresh(session, error);
    session->steps.save = save;
    session->steps.user = session;
    session->steps.seconds = options->checkpoint > 0   ? options->checkpoint
                             : options->checkpoint < 0 ? 0
                                                       : DEFAULT_SECONDS;
    return status;
}

// What the processes of a team have to agree on: whatever else they may differ in changes no bit.
static struct ws_team_facts facts_of(const struct ws_plan *plan, const struct ws_task *task, struct ws_arena *arena) {
    const struct ws_sampler *sampler = &plan->sampler;
    return (struct ws_team_facts){
        .items = {{"study, or other settings of it,", plan->study->sha256},
                  {"digest of the priors' tables", plan->tables_digest},
                  {"version of wattspan", ws_version()},
                  {"revision of wattspan", ws_revision()},
                  {"task", ws_arena_printf(arena, "shard %llu of %llu, groups %llu to %llu, %s",
                                           (unsigned long long)task->shard, (unsigned long long)task->shards,
                                           (unsigned long long)task->first, (unsigned long long)task->end, task->name)},
                  {"set of options",
                   ws_arena_printf(arena, "design %s, generator %s, seed %llu, %llu draws, %llu kept",
                                   sampler->design->name, sampler->generator.name, (unsigned long long)sampler->seed,
                                   (unsigned long long)plan->draws, (unsigned long long)plan->keep)}},
        .threads = plan->threads};
}

static void end_team(void *team) { ws_team_end(team); }

static int gather_team(const struct ws_plan *plan, const struct ws_options *options, const struct ws_task *task,
                       struct ws_arena *scratch, struct ws_error *error) {
    const struct ws_team_facts facts = facts_of(plan, task, scratch);
    int status = ws_team_begin(options->team, &facts, error);
    if (status)
        return status;
    if (ws_team_rank(options->team) > 0)
        return ws_team_serve(options->team, plan, options, task->factors);
    ws_arena_defer(scratch, end_team, options->team);
    return 0;
}

int ws_session_begin(struct ws_session *session, const struct ws_plan *plan, const struct ws_options *options,
                     const struct ws_task *task, struct ws_arena *scratch, struct ws_arena *arena,
                     struct ws_error *error) {
    *session = (struct ws_session){.options = options, .task = *task, .scratch = scratch};
    int status = options->team ? gather_team(plan, options, task, scratch, error) : 0;
    if (status)
        return status;
    struct ws_result *result = ws_engine_start(plan, options, arena);
    if (plan->study->log_weight && !result->posterior)
        return ws_error_set(error, WS_ERROR_MEMORY, NULL, "memory ran out");
    session->part = (struct ws_part){.result = result,
                                     .first = task->first,
                                     .end = task->first,
                                     .asked_end = task->end,
                                     .keep = plan->keep,
                                     .shard = task->shard,
                                     .shards = task->shards,
                                     .task = task->name};
    session->steps = ws_steps_begin(plan, options, result, task->first);
    if (!options->output)
        return 0;
    session->finished = options->resume && is_finished(session, plan, arena);
    return session->finished ? 0 : take_output(session, arena, error);
}
