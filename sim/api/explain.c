// SPDX-License-Identifier: GPL-3.0-or-later
// What separates the kept draws that meet a condition from the others.
#include "analysis/explain.h"

#include <string.h>

#include "api/handles.h"
#include "report/report.h"

// What a model in code has computed is kept: it is not called.
static int no_model(void *user, size_t n, const double *const *inputs, double *const *outputs) {
    (void)user, (void)n, (void)inputs, (void)outputs;
    return 1;
}

// The study of the result once more, with the condition as its last output: checked as any formula is.
static int parse_condition(const ws_result *result, const char *condition, ws_study **study, struct ws_error *error) {
    const struct ws_study_options options = {
        .probabilities = &condition, .n_probabilities = 1, .model = result->study->model ? no_model : NULL};
    const char *text = result->study->flattened;
    return ws_study_parse(result->study->name, text, strlen(text), &options, NULL, study, error);
}

static int explain(const ws_result *result, const struct ws_study *study, const char *condition,
                   const struct ws_report_options *options, struct ws_arena *arena, FILE *out, struct ws_error *error) {
    static const struct ws_report_options plain;
    struct ws_explanation explanation;
    int status = ws_explain(result, study, arena, &explanation, error);
    if (status)
        return status;
    status =
        ws_report_write_explanation(result->study, &explanation, condition, options ? options : &plain, arena, out);
    return status ? ws_error_set(error, status, NULL, "the report could not be written") : 0;
}

int ws_report_explain(const ws_result *result, const char *condition, const struct ws_report_options *options,
                      FILE *out, struct ws_error *error) {
    ws_study *study = NULL;
    int status = parse_condition(result, condition, &study, error);
    if (status)
        return status;
    struct ws_arena *arena = ws_arena_create();
    if (!arena || ws_arena_catch(arena))
        status = ws_error_set(error, WS_ERROR_MEMORY, NULL, "memory ran out");
    else
        status = explain(result, study, condition, options, arena, out, error);
    ws_arena_destroy(arena);
    ws_study_destroy(study);
    return status;
}
