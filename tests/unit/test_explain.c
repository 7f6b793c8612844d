// SPDX-License-Identifier: GPL-3.0-or-later
// Explanations against shifts that are known: which inputs separate draws that meet a condition from the others.
#include "tap.h"

#include "analysis/explain.h"
#include "api/handles.h"

static const char *const text = "wattspan: 1\n"
                                "inputs:\n"
                                "  a: {unit: m, prior: {uniform: {min: 0, max: 1}}}\n"
                                "  b: {unit: m, prior: {uniform: {min: 0, max: 1}}}\n"
                                "  idle: {unit: '1', prior: {normal: {mean: 0, sd: 1}}}\n"
                                "  route: {prior: {choice: {road: 1, rail: 1, air: 2}}}\n"
                                "  k: {unit: '1', prior: 7}\n"
                                "derived:\n"
                                "  half: {unit: m, formula: a / 2}\n"
                                "outputs:\n"
                                "  y: {unit: cm, formula: a + b}\n"
                                "  fast: {unit: '1', formula: 'select(route, road = 0, rail = 0, air = 1)'}\n";

static ws_result *run(uint64_t keep) {
    struct ws_error error = {0};
    ws_study *study = NULL;
    ws_result *result = NULL;
    const struct ws_options options = {.draws = 65536, .keep = keep, .keep_given = 1, .design = "sobol"};
    if (CHECK_INT(ws_study_parse("study.yaml", text, strlen(text), NULL, NULL, &study, &error), 0))
        CHECK_INT(ws_run(study, &options, &result, &error), 0);
    ws_study_destroy(study);
    return result;
}

static struct ws_explanation explain(const ws_result *result, const char *condition, struct ws_arena *arena) {
    struct ws_explanation e = {0};
    struct ws_error error = {0};
    ws_study *study = NULL;
    const struct ws_study_options options = {.probabilities = &condition, .n_probabilities = 1};
    if (!CHECK_INT(ws_study_parse("study.yaml", text, strlen(text), &options, NULL, &study, &error), 0))
        printf("# %s\n", error.text);
    else
        CHECK_INT(ws_explain(result, study, arena, &e, &error), 0);
    ws_study_destroy(study);
    return e;
}

static void test_shifts(void) {
    ws_result *r = run(20000);
    struct ws_arena *arena = ws_arena_create();
    if (!r || !arena)
        return;
    // a + b > 1.5 m, an eighth of all: F = (2 a - 1)^2 from 1/2 on, against (a - F / 8) 8 / 7; they differ by 8 (a - F)
    // / 7, at most 9/14, at a = 5/8.
    struct ws_explanation e = explain(r, "y > 150 [cm]", arena);
    CHECK_INT(e.n, 20000);
    CHECK_ABS((double)e.n_met / 20000, 0.125, 0.002);
    CHECK_INT(e.n_shifts, 4); // the constant has none
    CHECK_INT(e.shifts[0].input + e.shifts[1].input, 1);
    CHECK_ABS(e.shifts[0].distance, 9.0 / 14, 0.01);
    CHECK_ABS(e.shifts[1].distance, 9.0 / 14, 0.01);
    CHECK_ABS(e.shifts[0].met, (1 + sqrt(0.5)) / 2, 0.01);
    CHECK(e.shifts[2].distance < e.chance && e.shifts[3].distance < e.chance);
    CHECK_INT(ws_explain_keep(&e), 0);
    // An intermediate quantity that one input decides alone.
    e = explain(r, "half > 0.25 [m]", arena);
    CHECK_INT(e.shifts[0].input, 0);
    CHECK_ABS(e.shifts[0].distance, 1.0, 0);
    // A choice, named by the alternative that makes the difference.
    e = explain(r, "fast = 1", arena);
    CHECK_INT(e.shifts[0].input, 3);
    CHECK_ABS(e.shifts[0].distance, 1.0, 1e-12);
    CHECK_INT(e.shifts[0].label, 2);
    CHECK_ABS(e.shifts[0].met, 1.0, 0);
    ws_arena_destroy(arena);
    ws_result_destroy(r);
}

static void test_few(void) {
    ws_result *r = run(1600);
    struct ws_arena *arena = ws_arena_create();
    if (!r || !arena)
        return;
    struct ws_explanation e = explain(r, "y > 180 [cm]", arena); // 2 %
    CHECK(e.n_met > 15 && e.n_met < 60);
    CHECK(ws_explain_keep(&e) >= 10000 && ws_explain_keep(&e) <= 40000);
    e = explain(r, "y > 3 [m]", arena);
    CHECK(e.n_met == 0 && e.n_shifts == 0 && ws_explain_keep(&e) == 0);
    ws_arena_destroy(arena);
    ws_result_destroy(r);
}

static void test_refusals(void) {
    struct ws_error error = {0};
    ws_result *none = run(0), *r = run(1600);
    FILE *out = fopen("/dev/null", "w");
    if (none && r && out) {
        CHECK_INT(ws_report_explain(none, "y > 1 [m]", NULL, out, &error), WS_ERROR_USAGE);
        CHECK(strstr(error.text, "--keep") != NULL);
        error = (struct ws_error){0};
        CHECK_INT(ws_report_explain(r, "yy > 1 [m]", NULL, out, &error), WS_ERROR_STUDY);
        CHECK_INT(ws_report_explain(r, "y > 1 [kg]", NULL, out, &error), WS_ERROR_STUDY);
        CHECK_INT(ws_report_explain(r, "y + 1 [m]", NULL, out, &error), WS_ERROR_STUDY);
        CHECK_INT(ws_report_explain(r, "y > 1 [m]", NULL, out, &error), 0);
    }
    if (out)
        fclose(out);
    ws_result_destroy(none);
    ws_result_destroy(r);
}

int main(void) {
    RUN(test_shifts);
    RUN(test_few);
    RUN(test_refusals);
    return tap_done();
}
