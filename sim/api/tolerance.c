// SPDX-License-Identifier: GPL-3.0-or-later
// Runs to a tolerance.
#include "analysis/tolerance.h"

#include <math.h>
#include <string.h>

#include "api/handles.h"
#include "api/session.h"
#include "base/text.h"
#include "engine/plan.h"

static const uint64_t default_most = 1000000000;

int ws_run_has_tolerance(const struct ws_study *study, const struct ws_options *options) {
    return options->n_tolerances > 0 || (options->draws == 0 && study->run.tolerance > 0);
}

static const char *join(const char *const *texts, size_t n, struct ws_arena *arena) {
    struct ws_text text = {.arena = arena};
    for (size_t i = 0; i < n; i++)
        ws_text_printf(&text, "%s%s", i ? ", " : "", texts[i]);
    return text.data;
}

static void warn(const struct ws_options *options, const ws_result *result, struct ws_arena *arena) {
    const struct ws_convergence *c = result->convergence;
    int hopeless;
    if (c->reached || !options->sink || !options->sink->message)
        return;
    const char *shortfall = ws_convergence_shortfall(c, result, &hopeless, arena);
    options->sink->message(
        options->sink->user, WS_SEVERITY_WARNING, "",
        ws_arena_printf(arena,
                        hopeless ? "tolerance %s not reached with %llu draws: %s; name the outputs that it is asked of"
                                 : "tolerance %s not reached with the most draws allowed, %llu: %s; allow more with "
                                   "--max-draws",
                        c->asked, (unsigned long long)result->draws, shortfall));
}

// The most draws, in whole groups where that is not less than one.
static uint64_t most_draws(const struct ws_options *options) {
    uint64_t most = options->max_draws ? options->max_draws : default_most;
    return most < WS_GROUP ? most : most / WS_GROUP * WS_GROUP;
}

// What is asked, of a run and of its result.
struct asked {
    const char *text;
    uint64_t least, most;
};

static int is_result(const void *user, const struct ws_result *result) {
    const struct asked *asked = user;
    const struct ws_convergence *c = result->convergence;
    return c && strcmp(c->asked, asked->text) == 0 && !result->effects && c->n_rounds > 0 &&
           c->draws[0] >= asked->least && result->draws <= asked->most && (c->reached || result->draws == asked->most);
}

static struct ws_task make_task(const struct ws_plan *plan, const struct asked *asked, struct ws_arena *arena) {
    struct ws_task task = ws_task_whole(plan);
    task.is_open = 1;
    task.is_result = is_result;
    task.user = asked;
    task.name = ws_arena_printf(arena, "tolerance %s, %llu to %llu draws", asked->text,
                                (unsigned long long)asked->least, (unsigned long long)asked->most);
    return task;
}

int ws_run_to_tolerance(const struct ws_study *study, const struct ws_options *options, struct ws_arena *scratch,
                        struct ws_arena *arena, ws_result **result, struct ws_error *error) {
    char number[32];
    const char *from_study = ws_arena_printf(scratch, "%s%%", ws_format_double(100 * study->run.tolerance, number));
    const char *const *texts = options->n_tolerances ? options->tolerances : &from_study;
    size_t n = options->n_tolerances ? options->n_tolerances : 1;
    const struct asked asked = {join(texts, n, scratch), options->draws, most_draws(options)};
    struct ws_tolerance *per_output = WS_NEW_ARRAY(scratch, struct ws_tolerance, study->n_outputs + 1);
    struct ws_options most = *options;
    struct ws_session session;
    struct ws_plan *plan;
    most.draws = asked.most;
    int status = ws_tolerance_parse(study, texts, n, per_output, scratch, error);
    if (!status)
        status = ws_plan_create(study, &most, ws_plan_streams(study, &most) ? arena : scratch, &plan, error);
    if (!status && !plan->sampler.design->extends)
        status =
            ws_error_set(error, WS_ERROR_USAGE, NULL,
                         "design '%s' cannot grow: its number of draws is fixed; a tolerance needs 'sobol' or 'mc'",
                         plan->sampler.design->name);
    if (status)
        return status;
    const struct ws_task task = make_task(plan, &asked, scratch);
    status = ws_session_begin(&session, plan, &most, &task, scratch, arena, error);
    *result = session.part.result;
    if (!status && !session.finished)
        status = ws_tolerance_run(&session.steps, plan, per_output, asked.text, asked.least, scratch, arena, error);
    if (!status)
        warn(options, *result, scratch);
    return status;
}

int ws_result_tolerance_reached(const ws_result *result) {
    return !result->convergence || result->convergence->reached;
}
