// SPDX-License-Identifier: GPL-3.0-or-later
// Comparisons: names in formulas, what is one quantity and what is two, and the ratio of two lognormals.
#include "tap.h"

#include <unistd.h>

#include "api/handles.h"
#include "study/compare.h"
#include "study/rename.h"

static void test_renaming(void) {
    static const char *const names[] = {"x", "label", "max", "e3"}, *const renamed[] = {"b_x", "b_l", "b_m", "b_e"};
    struct ws_arena *arena = ws_arena_create();
    static const char *const cases[][2] = {
        {"x*x + 2e3 * e3", "b_x*b_x + 2e3 * b_e"},
        {"max(x, max) + 3 [x/label]", "max(b_x, b_m) + 3 [x/label]"},
        {"select(x, label = label, other: x)", "select(b_x, label = b_l, other: b_x)"},
        {"select(x, a = max(x, label = x))", "select(b_x, a = max(b_x, b_l = b_x))"},
        {"if(x == 1, label, (x))", "if(b_x == 1, b_l, (b_x))"},
        {"xx + max_x", "xx + max_x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK(strcmp(ws_formula_rename(cases[i][0], names, renamed, 4, arena), cases[i][1]) == 0);
    ws_arena_destroy(arena);
}

static char folder[] = "/tmp/wattspan-compare-XXXXXX";

static const char *write_file(const char *name, const char *text, char *path) {
    snprintf(path, 128, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (!CHECK(file != NULL))
        return path;
    fputs(text, file);
    fclose(file);
    return path;
}

#define HOURS "{unit: h, prior: {lognormal: {p5: 57.735, p95: 173.205}}, point: 100, shared: true}"
static const char base_text[] = "wattspan: 1\ninputs:\n  hours: " HOURS "\n"
                                "  price: {unit: USD/h, prior: 1 to 3, point: 2}\n"
                                "  gwp: {unit: 1, prior: 20 to 40, shared: true}\n"
                                "outputs:\n  time: {unit: h, formula: hours}\n"
                                "  cost: {unit: USD, formula: hours * price}\n"
                                "  warm: {unit: 1, formula: gwp}\n  dear: {unit: 1, formula: 'cost > 200 [USD]'}\n";
static const char a_text[] = "wattspan: 1\nextends: base.yaml\ntitle: A\nsources: {s: {title: A's}}\n"
                             "outputs:\n  cost: {published: [{value: 200, source: s}, {value: 4, ratio_to: b, source: "
                             "s}]}\n";
static const char b_text[] = "wattspan: 1\nextends: base.yaml\ntitle: B\nsources: {s: {title: B's}}\ninputs:\n"
                             "  gwp: {prior: 20 to 50}\n"
                             "outputs:\n  time: {unit: d}\n  cost: {published: {value: 0.1, unit: kUSD, source: s}}\n";

static char a_path[128], b_path[128], base_path[128], result_path[128];

static ws_result *compare(const char *a, const char *b, const struct ws_compare_options *choices, ws_study **study) {
    struct ws_error error = {0};
    ws_result *result = NULL;
    if (!CHECK(ws_study_compare(a, b, NULL, choices, NULL, study, &error) == WS_OK)) {
        printf("# %s: %s\n", error.where, error.text);
        return NULL;
    }
    CHECK(ws_run(*study, &(struct ws_options){.draws = 1000000}, &result, &error) == WS_OK);
    return result;
}

static double quantile(const ws_result *result, const char *output, double p) {
    struct ws_estimate estimate = {0};
    CHECK(ws_result_quantile(result, output, p, &estimate, NULL) == WS_OK);
    return estimate.value;
}

static void check_identical(const ws_result *result) {
    CHECK_REL(quantile(result, "time_ratio", 0.05), 1.0, 1e-12);
    CHECK_REL(quantile(result, "time_ratio", 0.95), 1.0, 1e-12);
    CHECK_ABS(quantile(result, "time_difference", 0.95), 0.0, 1e-10);
}

// The ratio of two independent lognormals of p95/p50 = sqrt(3) each is lognormal with p95/p5 = 3^sqrt(2) = 4.729.
static void test_apart_and_shared(void) {
    ws_study *study = NULL;
    static const char *const hours[] = {"hours"};
    ws_result *result = compare(a_path, b_path, NULL, &study);
    if (!result)
        return;
    check_identical(result); // marked as shared, and of one file
    CHECK(ws_study_find(study, "b_hours") == SIZE_MAX && ws_study_find(study, "b_price") != SIZE_MAX);
    CHECK(ws_study_find(study, "b_gwp") != SIZE_MAX); // b has another prior
    CHECK(ws_study_find(study, "dear_ratio") == SIZE_MAX && ws_study_find(study, "dear") != SIZE_MAX);
    CHECK(strstr(study->description, "One quantity in both: hours. Two quantities: price, gwp.") != NULL);
    ws_result_destroy(result);
    ws_study_destroy(study);
    result = compare(a_path, b_path, &(struct ws_compare_options){.apart = hours, .n_apart = 1}, &study);
    CHECK_REL(quantile(result, "time_ratio", 0.95) / quantile(result, "time_ratio", 0.05), pow(3, sqrt(2)), 0.01);
    CHECK_REL(quantile(result, "time_ratio", 0.5), 1.0, 0.003);
    ws_result_destroy(result);
    ws_study_destroy(study);
}

// 4 as stated, 200 USD over 0.1 kUSD as published, with sources of the right study.
static void test_claims(void) {
    ws_study *study = NULL;
    ws_result *result = compare(a_path, b_path, NULL, &study);
    if (!result)
        return;
    CHECK(study->n_claims == 2);
    CHECK_ABS(study->claims[0].value, 4.0, 0.0);
    CHECK_REL(study->claims[1].value, 2.0, 1e-12);
    CHECK(strcmp(study->claims[1].source, "s") == 0 && study->n_sources == 2);
    ws_result_destroy(result);
    ws_study_destroy(study);
    result = compare(b_path, a_path, NULL, &study); // the other way round
    CHECK_REL(study->claims[0].value, 0.25, 1e-12);
    CHECK(strcmp(study->claims[0].source, "b_s") == 0);
    ws_result_destroy(result);
    ws_study_destroy(study);
}

// Half a year apart (182.5 of 365 days): growth a year is the ratio squared, 16 and 4; the stated growth stays 3.
static void test_per_year(void) {
    char dated_a[128], dated_b[128];
    ws_study *study = NULL;
    write_file("dated.yaml",
               "wattspan: 1\nextends: a.yaml\nreleased: 2023-07-02\noutputs:\n"
               "  cost: {published: [{value: 4, name: r, ratio_to: old}, {value: 3, per_year: true, ratio_to: old}]}\n",
               dated_a);
    write_file("old.yaml", "wattspan: 1\nextends: b.yaml\nreleased: 2023-01-01\n", dated_b);
    ws_result *result = compare(dated_a, dated_b, NULL, &study);
    if (!result)
        return;
    double exponent = 1 / (182.0 / 365), ratio = quantile(result, "cost_ratio", 0.95);
    CHECK_REL(quantile(result, "cost_per_year", 0.95), pow(ratio, exponent), 1e-3);
    CHECK(ws_study_find(study, "time_per_year") == SIZE_MAX); // nothing was published of it
    size_t yearly = ws_study_find(study, "cost_per_year");
    double values[3];
    size_t n = 0;
    for (size_t i = 0; i < study->n_claims; i++)
        if (study->claims[i].output == yearly && n < 3)
            values[n++] = study->claims[i].value;
    CHECK_INT(n, 3);
    CHECK_REL(values[0], pow(4, exponent), 1e-12);
    CHECK_REL(values[1], 3.0, 1e-12);
    CHECK_REL(values[2], pow(2, exponent), 1e-12);
    ws_result_destroy(result);
    ws_study_destroy(study);
    result = compare(dated_b, dated_a, NULL, &study); // growth runs forward in time, whichever comes first
    CHECK_REL(quantile(result, "cost_per_year", 0.95), pow(ratio, exponent), 1e-2);
    ws_result_destroy(result);
    ws_study_destroy(study);
    unlink(dated_a);
    unlink(dated_b);
}

// A result is drawn again from the study that it holds, whose lines say where everything came from.
static void test_results(void) {
    struct ws_error error = {0};
    ws_study *study = NULL;
    ws_result *result = NULL;
    if (!CHECK(ws_study_load(a_path, NULL, NULL, &study, &error) == WS_OK))
        return;
    CHECK(ws_run(study, &(struct ws_options){.draws = 1000}, &result, &error) == WS_OK);
    snprintf(result_path, sizeof result_path, "%s/a.h5", folder);
    CHECK(ws_result_save(result, result_path, 0, &error) == WS_OK);
    double own = quantile(result, "time", 0.5);
    ws_result_destroy(result);
    ws_study_destroy(study);
    result = compare(result_path, b_path, NULL, &study);
    if (!result)
        return;
    check_identical(result);
    CHECK(study->run.draws == 1000);
    CHECK_REL(own, 100.0, 0.2);
    ws_result_destroy(result);
    ws_study_destroy(study);
    unlink(result_path);
}

static void check_error(const struct ws_compare_options *choices, const char *text) {
    struct ws_error error = {0};
    ws_study *study = NULL;
    CHECK(ws_study_compare(a_path, b_path, NULL, choices, NULL, &study, &error) == WS_ERROR_STUDY);
    if (!CHECK(strstr(error.text, text) != NULL))
        printf("# %s\n", error.text);
}

static void test_errors(void) {
    static const char *const unknown[] = {"hour"}, *const other[] = {"gwp"};
    check_error(&(struct ws_compare_options){.share = unknown, .n_share = 1}, "did you mean 'hours'?");
    check_error(&(struct ws_compare_options){.apart = unknown, .n_apart = 1}, "no input of both studies");
    check_error(&(struct ws_compare_options){.share = other, .n_share = 1}, "one quantity has one prior");
    static const char *const hours[] = {"hours"};
    check_error(&(struct ws_compare_options){.share = hours, .n_share = 1, .apart = hours, .n_apart = 1},
                "'hours' is in --share and in --apart");
}

int main(void) {
    if (!mkdtemp(folder))
        return 1;
    write_file("base.yaml", base_text, base_path);
    write_file("a.yaml", a_text, a_path);
    write_file("b.yaml", b_text, b_path);
    RUN(test_renaming);
    RUN(test_apart_and_shared);
    RUN(test_claims);
    RUN(test_per_year);
    RUN(test_results);
    RUN(test_errors);
    unlink(base_path);
    unlink(a_path);
    unlink(b_path);
    rmdir(folder);
    return tap_done();
}
