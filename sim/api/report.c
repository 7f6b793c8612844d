// SPDX-License-Identifier: GPL-3.0-or-later
// Reports of wattspan.h: each makes what sim/report writes.
#include "report/report.h"
#include "analysis/weak.h"

#include "api/handles.h"
#include "engine/plan.h"
#include "engine/run.h"
#include "study/load.h"

static int out_of_memory(struct ws_arena *arena, struct ws_error *error) {
    ws_arena_destroy(arena);
    return ws_error_set(error, WS_ERROR_MEMORY, NULL, "memory ran out");
}

// Turns a writer's status into the caller's, and releases its arena.
static int finish(struct ws_arena *arena, int status, struct ws_error *error) {
    ws_arena_destroy(arena);
    if (status == WS_ERROR_FILE)
        ws_error_set(error, status, NULL, "the report could not be written");
    return status;
}

static const struct ws_report_options plain;

// Markdown and LaTeX are forms of a result alone.
static int refuse_markup(const struct ws_report_options *options, struct ws_error *error) {
    if (!options || (options->format != WS_FORMAT_MARKDOWN && options->format != WS_FORMAT_LATEX))
        return WS_OK;
    return ws_error_set(error, WS_ERROR_USAGE, NULL,
                        "only the report of a result comes as Markdown or LaTeX; others are table, JSON or CSV");
}

int ws_report_result(const ws_result *result, const struct ws_report_options *options, FILE *out,
                     struct ws_error *error) {
    struct ws_arena *arena = ws_arena_create();
    if (!arena || ws_arena_catch(arena) || ws_arena_catch(result->arena))
        return out_of_memory(arena, error);
    return finish(arena, ws_report_write_result(result, options ? options : &plain, arena, out, error), error);
}

int ws_report_equivalents(const ws_result *result, const struct ws_report_options *options, FILE *out,
                          struct ws_error *error) {
    struct ws_arena *arena = ws_arena_create();
    if (!arena || ws_arena_catch(arena))
        return out_of_memory(arena, error);
    int status = ws_report_write_equivalents(result, options ? options : &plain, arena, out);
    if (status == WS_ERROR_USAGE)
        ws_error_set(error, status, NULL,
                     "the result's study has no equivalents for its outputs; 'equivalents' in the study gives them, as "
                     "in priors/equivalents/everyday.yaml");
    return finish(arena, status, error);
}

int ws_report_sensitivity(const ws_result *result, const struct ws_report_options *options, FILE *out,
                          struct ws_error *error) {
    if (refuse_markup(options, error))
        return WS_ERROR_USAGE;
    struct ws_arena *arena = ws_arena_create();
    if (!arena || ws_arena_catch(arena))
        return out_of_memory(arena, error);
    int status = ws_report_write_effects(result, options ? options : &plain, arena, out);
    if (status == WS_ERROR_USAGE)
        ws_error_set(error, status, NULL, "the result holds no sensitivity analysis");
    return finish(arena, status, error);
}

int ws_report_check(const ws_study *study, const struct ws_options *run, const struct ws_report_options *options,
                    FILE *out, struct ws_error *error) {
    static const struct ws_options defaults;
    if (refuse_markup(options, error))
        return WS_ERROR_USAGE;
    struct ws_arena *arena = ws_arena_create();
    if (!arena || ws_arena_catch(arena))
        return out_of_memory(arena, error);
    struct ws_plan *plan;
    struct ws_weak_point *weak = WS_NEW_ARRAY(arena, struct ws_weak_point, study->n_outputs + 1);
    size_t n_weak = 0;
    int status = ws_plan_create(study, run ? run : &defaults, arena, &plan, error);
    if (!status && study->n_cases == 1)
        status = ws_weak_points_find(plan, arena, weak, &n_weak, error);
    if (!status)
        status = ws_report_write_check(plan, weak, n_weak, options ? options : &plain, arena, out);
    return finish(arena, status, error);
}

int ws_report_priors(const ws_study *study, FILE *out, struct ws_error *error) {
    static const struct ws_options defaults;
    struct ws_arena *arena = ws_arena_create();
    if (!arena || ws_arena_catch(arena))
        return out_of_memory(arena, error);
    struct ws_plan *plan;
    int status = ws_plan_create(study, &defaults, arena, &plan, error);
    if (!status)
        status = ws_report_write_priors(plan, out);
    return finish(arena, status, error);
}

int ws_report_flatten(const ws_study *study, const struct ws_report_options *options, FILE *out,
                      struct ws_error *error) {
    if (refuse_markup(options, error))
        return WS_ERROR_USAGE;
    struct ws_arena *arena = ws_arena_create();
    if (!arena || ws_arena_catch(arena))
        return out_of_memory(arena, error);
    int json = options && options->format == WS_FORMAT_JSON;
    int failed = fputs(json ? ws_study_flatten_json(study, arena) : study->flattened, out) < 0 || fflush(out) != 0;
    return finish(arena, failed ? WS_ERROR_FILE : 0, error);
}

int ws_report_draw(const ws_study *study, const struct ws_options *run, uint64_t draw,
                   const struct ws_report_options *options, FILE *out, struct ws_error *error) {
    static const struct ws_options defaults;
    if (refuse_markup(options, error) || ws_refuse_sweep(study, "a replayed draw", error))
        return WS_ERROR_USAGE;
    struct ws_arena *arena = ws_arena_create();
    if (!arena || ws_arena_catch(arena))
        return out_of_memory(arena, error);
    struct ws_plan *plan;
    double *values = WS_NEW_ARRAY(arena, double, study->n_quantities + 1);
    int status = ws_plan_create(study, run ? run : &defaults, arena, &plan, error);
    if (!status)
        status = ws_engine_draw(plan, draw, values, error);
    if (!status)
        status = ws_report_write_draw(plan, draw, values, options ? options : &plain, arena, out);
    return finish(arena, status, error);
}

int ws_report_list(const char *topic, const struct ws_report_options *options, FILE *out, struct ws_error *error) {
    if (refuse_markup(options, error))
        return WS_ERROR_USAGE;
    struct ws_arena *arena = ws_arena_create();
    if (!arena || ws_arena_catch(arena))
        return out_of_memory(arena, error);
    int status = ws_report_write_list(topic, options ? options : &plain, arena, out);
    if (status == WS_ERROR_USAGE)
        ws_error_set(error, status, NULL,
                     "there is no list '%s'; there are families, designs, generators, functions and units", topic);
    return finish(arena, status, error);
}

int ws_report_schema(FILE *out, struct ws_error *error) {
    struct ws_arena *arena = ws_arena_create();
    if (!arena || ws_arena_catch(arena))
        return out_of_memory(arena, error);
    int failed = fputs(ws_study_schema(arena), out) < 0 || fflush(out) != 0;
    return finish(arena, failed ? WS_ERROR_FILE : 0, error);
}
