// SPDX-License-Identifier: GPL-3.0-or-later
// Running, saving, loading and asking: wattspan.h on the folders below.
#include <gsl/gsl_errno.h>
#include <math.h>
#include <string.h>

#include "analysis/drivers.h"
#include "analysis/evidence.h"
#include "analysis/indices.h"
#include "analysis/repool.h"
#include "analysis/summary.h"
#include "api/handles.h"
#include "api/session.h"
#include "base/text.h"
#include "engine/plan.h"
#include "engine/run.h"
#include "store/place.h"
#include "store/store.h"

static void release_study(void *study) { ws_study_destroy(study); }

void ws_arena_own_study(struct ws_arena *arena, const struct ws_study *study) {
    union {
        const struct ws_study *read;
        ws_study *write;
    } handle = {ws_study_share(study)};
    ws_arena_defer(arena, release_study, handle.write);
}

int ws_give_up(struct ws_arena *arena, struct ws_arena *scratch, ws_result **result, struct ws_error *error) {
    ws_arena_destroy(scratch);
    ws_arena_destroy(arena);
    if (result)
        *result = NULL;
    return ws_error_set(error, WS_ERROR_MEMORY, NULL, "memory ran out");
}

void ws_result_warn(const struct ws_result *result, const struct ws_sink *sink, struct ws_arena *arena) {
    if (!result->posterior || !sink || !sink->message)
        return;
    const struct ws_evidence_summary s = ws_evidence_summarise(result->posterior, 0, arena);
    const char *advice = ws_evidence_advice(&s, arena);
    if (*advice)
        sink->message(sink->user, WS_SEVERITY_WARNING, "", advice);
}

static int run_draws(const ws_study *study, const struct ws_options *options, struct ws_arena *scratch,
                     struct ws_arena *arena, ws_result **result, struct ws_error *error) {
    struct ws_plan *plan;
    struct ws_session session;
    int status = ws_plan_create(study, options, ws_plan_streams(study, options) ? arena : scratch, &plan, error);
    if (status)
        return status;
    const struct ws_task task = ws_task_whole(plan);
    status = ws_session_begin(&session, plan, options, &task, scratch, arena, error);
    *result = session.part.result;
    if (status || session.finished)
        return status;
    status = ws_steps_draw(&session.steps, task.end, error);
    return status ? status : ws_steps_finish(&session.steps, arena, error);
}

// Plans in one arena, which goes at the end, and runs into the other.
static int run(const ws_study *study, const struct ws_options *options, struct ws_arena *scratch,
               struct ws_arena *arena, ws_result **result, struct ws_error *error) {
    static const struct ws_options defaults;
    const struct ws_options *chosen = options ? options : &defaults;
    ws_arena_own_study(arena, study);
    int status = ws_run_has_tolerance(study, chosen) ? ws_run_to_tolerance(study, chosen, scratch, arena, result, error)
                                                     : run_draws(study, chosen, scratch, arena, result, error);
    if (!status && !(*result)->finished_at) {
        ws_result_analyse(*result, arena);
        ws_result_warn(*result, chosen->sink, scratch);
    }
    return status;
}

void ws_result_analyse(struct ws_result *result, struct ws_arena *arena) {
    enum { LEAST = 1000 }; // kept draws of a case of a sweep
    if (result->n_cases > 1 && result->n_kept < LEAST)
        return;
    result->spearman = NULL; // of fewer draws, where it was read
    result->summaries = result->n_cases == 1 ? ws_summaries_make(result, arena) : NULL;
    result->indices = ws_indices_make(result, arena);
    result->spearman = ws_indices_spearman(result, result->indices, arena);
    if (result->posterior)
        ws_result_analyse(result->posterior, arena);
}

int ws_run(const ws_study *study, const struct ws_options *options, ws_result **result, struct ws_error *error) {
    struct ws_arena *arena = ws_arena_create(), *scratch = ws_arena_create();
    if (!arena || !scratch || ws_arena_catch(arena) || ws_arena_catch(scratch))
        return ws_give_up(arena, scratch, result, error);
    int status = run(study, options, scratch, arena, result, error);
    ws_arena_destroy(scratch);
    if (status) {
        ws_arena_destroy(arena);
        *result = NULL;
    }
    return status;
}

void ws_result_destroy(ws_result *result) {
    if (result)
        ws_arena_destroy(result->arena);
}

int ws_output_check(const char *path, int flags, struct ws_error *error) {
    return ws_store_check_output(path, flags, error);
}

int ws_result_save(const ws_result *result, const char *path, int flags, struct ws_error *error) {
    if (result->finished_at && strcmp(result->finished_at, path) == 0)
        return 0;
    const int held = ws_place_is_of(result->hold, path);
    if (ws_arena_catch(result->arena)) // a sweep's tallies are unpacked
        return ws_error_set(error, WS_ERROR_MEMORY, path, "memory ran out, or a scratch file cannot be read");
    int status = ws_store_save(result, path, flags, error);
    if (!status && held)
        ws_checkpoint_remove(path);
    return status;
}

int ws_result_load(const char *path, ws_result **result, struct ws_error *error) {
    gsl_set_error_handler_off(); // no study may have been loaded before
    struct ws_arena *arena = ws_arena_create();
    if (!arena || ws_arena_catch(arena))
        return ws_give_up(arena, NULL, result, error);
    int status = ws_store_load(path, arena, result, error);
    if (status) {
        ws_arena_destroy(arena);
        *result = NULL;
    }
    return status;
}

int ws_result_repool(ws_result *result, const char *weights, struct ws_error *error) {
    if (ws_arena_catch(result->arena))
        return ws_error_set(error, WS_ERROR_MEMORY, NULL, "memory ran out");
    return ws_repool(result, weights, error);
}

int ws_is_result(const char *path) { return ws_store_probe(path) == 1; }

// ---- asking ----

static size_t output_index(const ws_result *result, size_t index) {
    return result->study->n_inputs + result->study->n_derived + index;
}

const char *ws_result_output(const ws_result *result, size_t index) {
    return index < result->study->n_outputs ? result->study->quantities[output_index(result, index)].name : NULL;
}

int ws_result_find(const ws_result *result, const char *output, size_t *slot, struct ws_error *error) {
    for (size_t i = 0; i < result->study->n_outputs; i++)
        if (strcmp(ws_result_output(result, i), output) == 0) {
            *slot = i;
            return 0;
        }
    return ws_error_set(error, WS_ERROR_USAGE, NULL, "there is no output '%s'", output);
}

const char *ws_result_unit(const ws_result *result, const char *output) {
    size_t slot = 0;
    return ws_result_find(result, output, &slot, NULL)
               ? NULL
               : result->study->quantities[output_index(result, slot)].unit.label;
}

uint64_t ws_result_draws(const ws_result *result) { return result->draws; }

size_t ws_result_cases(const ws_result *result) { return result->n_cases; }

int ws_result_select_case(ws_result *result, size_t case_index, struct ws_error *error) {
    if (case_index >= result->n_cases)
        return ws_error_set(error, WS_ERROR_USAGE, NULL, "there is no case %zu: the result has %zu, from 0", case_index,
                            result->n_cases);
    result->asked = case_index;
    if (result->posterior)
        result->posterior->asked = case_index;
    return 0;
}

const char *ws_result_swept(const ws_result *result, size_t index) {
    return index < result->n_axes ? result->axes[index].name : NULL;
}

int ws_result_swept_value(const ws_result *result, size_t index, double *value, const char **label,
                          struct ws_error *error) {
    if (index >= result->n_axes)
        return ws_error_set(error, WS_ERROR_USAGE, NULL, "there is no swept quantity %zu: there are %zu, from 0", index,
                            result->n_axes);
    const struct ws_case_axis *axis = &result->axes[index];
    if (value)
        *value = axis->labels ? (double)NAN : axis->values[result->asked];
    if (label)
        *label = axis->labels ? axis->labels[result->asked] : NULL;
    return 0;
}

const ws_result *ws_result_posterior(const ws_result *result) { return result->posterior; }

int ws_result_evidence(const ws_result *result, struct ws_evidence_report *report, struct ws_error *error) {
    if (!result->posterior)
        return ws_error_set(error, WS_ERROR_USAGE, NULL, "the study has no evidence");
    struct ws_arena *arena = ws_arena_create();
    if (!arena || ws_arena_catch(arena) || ws_arena_catch(result->arena))
        return ws_give_up(arena, NULL, NULL, error);
    const struct ws_evidence_summary s = ws_evidence_summarise(result->posterior, result->asked, arena);
    *report = (struct ws_evidence_report){s.ess, s.pareto_k, s.log_evidence, s.log_evidence_se};
    ws_arena_destroy(arena);
    return 0;
}

int ws_result_quantile(const ws_result *result, const char *output, double p, struct ws_estimate *estimate,
                       struct ws_error *error) {
    if (ws_arena_catch(result->arena)) // a sweep's tallies are unpacked
        return ws_error_set(error, WS_ERROR_MEMORY, NULL, "memory ran out");
    size_t slot = 0;
    if (ws_result_find(result, output, &slot, error))
        return WS_ERROR_USAGE;
    if (!(p > 0 && p < 1))
        return ws_error_set(error, WS_ERROR_USAGE, NULL, "a probability must lie between 0 and 1, found %g", p);
    ws_summary_quantile(result, result->asked, slot, p, &estimate->value, &estimate->se);
    return 0;
}

int ws_result_probability(const ws_result *result, const char *output, double x, struct ws_estimate *estimate,
                          struct ws_error *error) {
    if (ws_arena_catch(result->arena)) // a sweep's tallies are unpacked
        return ws_error_set(error, WS_ERROR_MEMORY, NULL, "memory ran out");
    size_t slot = 0;
    if (ws_result_find(result, output, &slot, error))
        return WS_ERROR_USAGE;
    ws_summary_probability(result, result->asked, slot, x, &estimate->value, &estimate->se);
    return 0;
}

int ws_result_mean(const ws_result *result, const char *output, struct ws_estimate *estimate, struct ws_error *error) {
    if (ws_arena_catch(result->arena)) // a sweep's tallies are unpacked
        return ws_error_set(error, WS_ERROR_MEMORY, NULL, "memory ran out");
    size_t slot = 0;
    if (ws_result_find(result, output, &slot, error))
        return WS_ERROR_USAGE;
    ws_summary_mean(result, result->asked, slot, &estimate->value, &estimate->se);
    return 0;
}

int ws_result_sd(const ws_result *result, const char *output, struct ws_estimate *estimate, struct ws_error *error) {
    if (ws_arena_catch(result->arena)) // a sweep's tallies are unpacked
        return ws_error_set(error, WS_ERROR_MEMORY, NULL, "memory ran out");
    size_t slot = 0;
    if (ws_result_find(result, output, &slot, error))
        return WS_ERROR_USAGE;
    ws_summary_sd(result, result->asked, slot, &estimate->value, &estimate->se);
    return 0;
}
