// SPDX-License-Identifier: GPL-3.0-or-later
// Sensitivity analyses: a run, and the shares of variance beside it.
#include <math.h>
#include <string.h>

#include "analysis/effects.h"
#include "api/handles.h"
#include "api/session.h"
#include "base/text.h"
#include "engine/plan.h"
#include "engine/run.h"

enum { DEFAULT_POINTS = 4 * WS_GROUP };

static const struct ws_options no_options;
static const struct ws_sensitivity_options no_groups;

static void note(const struct ws_options *options, const char *text) {
    if (options->sink && options->sink->message)
        options->sink->message(options->sink->user, WS_SEVERITY_NOTE, "", text);
}

// The run that samples are taken from: whole groups, so that all batches have the same number of points.
static struct ws_options settle(const struct ws_options *options, struct ws_arena *arena) {
    struct ws_options run = options ? *options : no_options;
    uint64_t asked = run.draws ? run.draws : DEFAULT_POINTS;
    run.draws = (asked + WS_GROUP - 1) / WS_GROUP * WS_GROUP;
    run.design = run.design ? run.design : "sobol";
    run.rng = "philox4x32";
    if (run.draws != asked)
        note(&run, ws_arena_printf(arena, "%llu points rounded up to %llu: %d batches of a multiple of %d points",
                                   (unsigned long long)asked, (unsigned long long)run.draws, WS_BATCHES, WS_RUN));
    return run;
}

static void say_cost(const struct ws_options *run, const struct ws_factors *factors, struct ws_arena *arena) {
    unsigned long long points = run->draws;
    size_t n = factors->n;
    const char *more = factors->n_linked ? ws_arena_printf(arena, " + %zu that correlate", factors->n_linked) : "";
    note(run,
         ws_arena_printf(arena,
                         "%llu model runs: %llu points times (%zu%s + 2) for first and total order of %zu input%s, "
                         "times (%zu - 1) for Shapley effects",
                         (unsigned long long)ws_freeze_runs(run->draws, factors), points, n, more, n,
                         n == 1 ? "" : "s or groups", n));
}

// What is analysed, in a checkpoint or a result.
struct asked {
    const struct ws_plan *plan;
    const struct ws_factors *factors;
    const char *const *names;
};

static int is_result(const void *user, const struct ws_result *result) {
    const struct asked *asked = user;
    if (!result->effects || result->convergence || result->effects->points != asked->plan->draws)
        return 0;
    for (size_t i = 0; i < asked->plan->study->n_inputs; i++) {
        size_t f = asked->factors->of_input[i];
        if (strcmp(result->effects->factor[i], f == SIZE_MAX ? "" : asked->names[f]) != 0)
            return 0;
    }
    return 1;
}

static struct ws_task make_task(const struct asked *asked, const struct ws_sensitivity_options *sensitivity,
                                struct ws_arena *arena) {
    struct ws_task task = ws_task_whole(asked->plan);
    struct ws_text name = {.arena = arena};
    ws_text_add(&name, "sensitivity");
    for (size_t g = 0; g < sensitivity->n_groups; g++)
        ws_text_printf(&name, " %s", sensitivity->groups[g]);
    task.name = name.data;
    task.is_result = is_result;
    task.user = asked;
    task.factors = asked->factors;
    return task;
}

static int analyse(const ws_study *study, const struct ws_options *options,
                   const struct ws_sensitivity_options *sensitivity, struct ws_arena *scratch, struct ws_arena *arena,
                   ws_result **result, struct ws_error *error) {
    struct ws_options run = settle(options, scratch);
    struct ws_plan *plan;
    struct ws_factors factors;
    const char *const *names;
    ws_arena_own_study(arena, study);
    int status = ws_plan_create(study, &run, ws_plan_streams(study, &run) ? arena : scratch, &plan, error);
    if (!status)
        status = ws_factors_make(plan, sensitivity->groups, sensitivity->n_groups, &factors, &names, scratch, error);
    if (!status && factors.n == 0)
        status = ws_error_set(error, WS_ERROR_USAGE, NULL, "all inputs are constant: nothing to analyse");
    if (status)
        return status;
    say_cost(&run, &factors, scratch);
    const struct asked asked = {plan, &factors, names};
    const struct ws_task task = make_task(&asked, sensitivity, scratch);
    struct ws_session session;
    status = ws_session_begin(&session, plan, &run, &task, scratch, arena, error);
    *result = session.part.result;
    if (status || session.finished)
        return status;
    status = ws_steps_draw(&session.steps, task.end, error);
    if (!status)
        status = ws_engine_finish(plan, *result, arena, error);
    if (!status)
        status = ws_effects_make(&session.steps, &factors, names, scratch, arena, error);
    if (!status)
        ws_result_analyse(*result, arena);
    return status;
}

int ws_sensitivity(const ws_study *study, const struct ws_options *options,
                   const struct ws_sensitivity_options *sensitivity, ws_result **result, struct ws_error *error) {
    if (ws_refuse_sweep(study, "a sensitivity analysis", error))
        return WS_ERROR_USAGE;
    struct ws_arena *arena = ws_arena_create(), *scratch = ws_arena_create();
    if (!arena || !scratch || ws_arena_catch(arena) || ws_arena_catch(scratch))
        return ws_give_up(arena, scratch, result, error);
    int status = analyse(study, options, sensitivity ? sensitivity : &no_groups, scratch, arena, result, error);
    ws_arena_destroy(scratch);
    if (status) {
        ws_arena_destroy(arena);
        *result = NULL;
    }
    return status;
}

int ws_result_share(const ws_result *result, const char *output, const char *input, int share,
                    struct ws_estimate *estimate, struct ws_error *error) {
    size_t slot = 0, i = ws_study_find(result->study, input);
    if (ws_result_find(result, output, &slot, error))
        return WS_ERROR_USAGE;
    if (i == SIZE_MAX || i >= result->study->n_inputs)
        return ws_error_set(error, WS_ERROR_USAGE, NULL, "there is no input '%s'", input);
    if (!result->effects)
        return ws_error_set(error, WS_ERROR_USAGE, NULL, "the result holds no sensitivity analysis");
    const struct ws_effect *e = &ws_effects_of(result->effects, result->study, slot)[i];
    const struct ws_estimate all[] = {
        [WS_SHARE_FIRST_ORDER] = {e->first_order, e->first_order_se},
        [WS_SHARE_TOTAL] = {e->total, e->total_se},
        [WS_SHARE_SHAPLEY] = {e->shapley, e->shapley_se},
    };
    if (share < 0 || (size_t)share >= sizeof all / sizeof *all)
        return ws_error_set(error, WS_ERROR_USAGE, NULL, "there is no share %d", share);
    *estimate = all[share];
    return 0;
}
