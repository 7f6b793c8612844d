// SPDX-License-Identifier: GPL-3.0-or-later
// Runs to a tolerance: that they stop where they should, are the runs of as many draws, and say what they reached.
#include "tap.h"

#include <unistd.h>

#include "analysis/tolerance.h"
#include "api/handles.h"

static const char *const study_text = "wattspan: 1\n"
                                      "inputs:\n"
                                      "  hours: {unit: h, prior: {lognormal: {mu: 10, sigma: 0.5}}}\n"
                                      "  power: {unit: kW, prior: {normal: {mean: 7, sd: 1}}}\n"
                                      "  price: {unit: USD/kWh, prior: {lognormal: {mu: -2, sigma: 0.3}}}\n"
                                      "outputs:\n"
                                      "  energy: {unit: MWh, formula: hours * power}\n"
                                      "  cost: {unit: USD, formula: hours * power * price}\n"
                                      "  dear: {unit: '1', formula: 'cost > 30000 [USD]'}\n"
                                      "  fixed: {unit: '1', formula: '3'}\n";

struct heard {
    int warnings;
    char text[512];
};

static void hear(void *user, int severity, const char *where, const char *text) {
    struct heard *heard = user;
    (void)where;
    if (severity != WS_SEVERITY_WARNING)
        return;
    heard->warnings++;
    snprintf(heard->text, sizeof heard->text, "%s", text);
}

static int run_text(const char *text, struct ws_options options, struct heard *heard, ws_result **result,
                    struct ws_error *error) {
    ws_study *study = NULL;
    const struct ws_sink sink = {hear, heard};
    *result = NULL;
    CHECK_INT(ws_study_parse("study.yaml", text, strlen(text), NULL, NULL, &study, error), 0);
    options.sink = heard ? &sink : NULL;
    int status = study ? ws_run(study, &options, result, error) : -1;
    ws_study_destroy(study);
    return status;
}

static ws_result *run_to(const char *tolerance, struct ws_options options, struct heard *heard) {
    struct ws_error error = {0};
    ws_result *result = NULL;
    options.tolerances = &tolerance;
    options.n_tolerances = tolerance ? 1 : 0;
    if (!CHECK_INT(run_text(study_text, options, heard, &result, &error), 0))
        printf("# %s\n", error.text);
    return result;
}

static struct ws_estimate quantile(const ws_result *r, const char *output, double p) {
    struct ws_estimate e = {NAN, NAN};
    ws_result_quantile(r, output, p, &e, NULL);
    return e;
}

static void check_design(const char *design) {
    ws_result *r = run_to("0.1%", (struct ws_options){.design = design, .threads = 1}, NULL), *same, *threads;
    if (!r)
        return;
    const struct ws_convergence *c = r->convergence;
    struct ws_estimate mean = {0}, sd = {0}, p95 = quantile(r, "cost", 0.95);
    ws_result_mean(r, "cost", &mean, NULL);
    ws_result_sd(r, "cost", &sd, NULL);
    CHECK(ws_result_tolerance_reached(r) && c->n_rounds > 1);
    CHECK(mean.se <= 1e-3 * fmax(mean.value, sd.value));
    CHECK(p95.se <= 1e-3 * fmax(p95.value, sd.value));
    CHECK_INT(c->draws[c->n_rounds - 1], ws_result_draws(r));
    for (size_t round = 0; round < c->n_rounds; round++) {
        size_t of_case, output, watched;
        double worst = ws_convergence_worst(c, r, round, &of_case, &output, &watched);
        CHECK((worst <= 1) == (round + 1 == c->n_rounds));
    }
    // The run of as many draws, and with other threads: the same bits.
    same = run_to(NULL, (struct ws_options){.design = design, .draws = r->draws, .threads = 2}, NULL);
    threads = run_to("0.1%", (struct ws_options){.design = design, .threads = 3}, NULL);
    if (same && threads) {
        CHECK(quantile(same, "cost", 0.95).value == p95.value && quantile(same, "cost", 0.95).se == p95.se);
        CHECK(memcmp(same->kept_outputs, r->kept_outputs, r->n_kept * sizeof(double)) == 0);
        CHECK(quantile(threads, "cost", 0.95).value == p95.value && threads->draws == r->draws);
    }
    ws_result_destroy(same);
    ws_result_destroy(threads);
    ws_result_destroy(r);
}

static void test_mc(void) { check_design("mc"); }
static void test_sobol(void) { check_design("sobol"); }

// Only what is named is watched; a value with a unit is absolute: 0.05 GWh are 50 MWh.
static void test_named(void) {
    ws_result *r = run_to("energy=0.05 GWh", (struct ws_options){.draws = 1}, NULL);
    if (!r)
        return;
    CHECK_INT(ws_result_draws(r), 65536);
    CHECK_REL(r->convergence->allowed[0], 50.0, 1e-12);
    CHECK(isnan(r->convergence->allowed[WS_WATCHED]));
    ws_result_destroy(r);
    r = run_to("energy=0.2 MWh", (struct ws_options){.draws = 200000}, NULL); // -n: the least
    if (!r)
        return;
    CHECK_INT(r->convergence->draws[0], 4 * 65536);
    CHECK(r->convergence->se[(r->convergence->n_rounds - 1) * 4 * WS_WATCHED] <= 0.2);
    ws_result_destroy(r);
}

static void test_limit(void) {
    struct heard heard = {0};
    ws_result *r = run_to("0.001%", (struct ws_options){.max_draws = 200000, .design = "sobol"}, &heard), *read = NULL;
    char path[] = "/tmp/wattspan-tolerance-XXXXXX";
    int fd = mkstemp(path);
    struct ws_error error = {0};
    if (!r || !CHECK(fd >= 0))
        return;
    close(fd);
    unlink(path);
    CHECK(!ws_result_tolerance_reached(r));
    CHECK_INT(ws_result_draws(r), 3 * 65536);
    CHECK_INT(heard.warnings, 1);
    CHECK(strstr(heard.text, "--max-draws") != NULL);
    if (CHECK_INT(ws_result_save(r, path, 0, &error), 0) && CHECK_INT(ws_result_load(path, &read, &error), 0) &&
        CHECK(read->convergence != NULL)) {
        const struct ws_convergence *a = r->convergence, *b = read->convergence;
        size_t n = a->n_rounds * 4 * WS_WATCHED;
        CHECK(!b->reached && b->n_rounds == a->n_rounds);
        CHECK_STR(b->asked, "0.001%");
        CHECK(memcmp(a->draws, b->draws, a->n_rounds * sizeof *a->draws) == 0);
        CHECK(memcmp(a->value, b->value, n * sizeof(double)) == 0);
        CHECK(memcmp(a->se, b->se, n * sizeof(double)) == 0);
    }
    unlink(path);
    ws_result_destroy(r);
    ws_result_destroy(read);
}

// `run: tolerance`, unless a number of draws is given.
static void test_of_the_study(void) {
    char text[1024];
    struct ws_error error = {0};
    ws_result *result;
    snprintf(text, sizeof text, "%srun: {tolerance: 0.5%%}\n", study_text);
    if (CHECK_INT(run_text(text, (struct ws_options){0}, NULL, &result, &error), 0)) {
        CHECK(result->convergence && result->convergence->reached);
        CHECK_STR(result->convergence->asked, "0.5%");
    }
    ws_result_destroy(result);
    if (CHECK_INT(run_text(text, (struct ws_options){.draws = 1000}, NULL, &result, &error), 0))
        CHECK(!result->convergence && ws_result_draws(result) == 1000);
    ws_result_destroy(result);
}

// What has no error that could be known has not reached it, and does not keep the run going.
static void test_unknown_errors(void) {
    static const char *const bad[][2] = {{"sqrt(-1 - x * x)", "no draw of it is valid"},
                                         {"1e308 * x", "beyond the range of numbers"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[512];
        const char *one = "5%";
        struct heard heard = {0};
        struct ws_error error = {0};
        ws_result *r;
        snprintf(text, sizeof text,
                 "wattspan: 1\n"
                 "inputs:\n"
                 "  x: {unit: '1', prior: {normal: {mean: 0, sd: 1}}}\n"
                 "outputs:\n"
                 "  fine: {unit: '1', formula: x}\n"
                 "  bad: {unit: '1', formula: '%s'}\n",
                 bad[i][0]);
        if (!CHECK_INT(run_text(text, (struct ws_options){.tolerances = &one, .n_tolerances = 1}, &heard, &r, &error),
                       0))
            continue;
        CHECK(!ws_result_tolerance_reached(r));
        CHECK(ws_result_draws(r) <= 16 * 65536);
        if (!CHECK(strstr(heard.text, bad[i][1]) != NULL))
            printf("# %s\n", heard.text);
        ws_result_destroy(r);
        one = "fine=5%";
        if (CHECK_INT(run_text(text, (struct ws_options){.tolerances = &one, .n_tolerances = 1}, NULL, &r, &error), 0))
            CHECK(ws_result_tolerance_reached(r));
        ws_result_destroy(r);
    }
}

// Two or three draws of a group agree with the evidence: their spread says nothing, and the run goes on.
static void test_scarce_evidence(void) {
    static const char *const text = "wattspan: 1\n"
                                    "inputs:\n"
                                    "  x: {unit: '1', prior: {uniform: {min: 0, max: 1}}}\n"
                                    "outputs:\n"
                                    "  y: {unit: '1', formula: x}\n"
                                    "evidence:\n"
                                    "  seen: {quantity: x, unit: '1', between: [0.5, 0.5001]}\n";
    const char *one = "1%";
    struct ws_error error = {0};
    struct heard heard = {0};
    ws_result *r;
    struct ws_options options = {.tolerances = &one, .n_tolerances = 1, .max_draws = 65536};
    if (CHECK_INT(run_text(text, options, &heard, &r, &error), 0)) {
        CHECK(!ws_result_tolerance_reached(r));
        if (!CHECK(strstr(heard.text, "evidence leaves") != NULL))
            printf("# %s\n", heard.text);
    }
    ws_result_destroy(r);
    options.max_draws = 0;
    if (CHECK_INT(run_text(text, options, NULL, &r, &error), 0))
        CHECK(ws_result_tolerance_reached(r) && ws_result_draws(r) > 65536);
    ws_result_destroy(r);
}

static void test_refusals(void) {
    static const char *const bad[][2] = {
        {"x", "no number above 0"},       {"0%", "no number above 0"},      {"-1%", "no number above 0"},
        {"2", "no share below 1"},        {"", "no number above 0"},        {"enrgy=1%", "did you mean 'energy'"},
        {"2 GWh", "does not fit output"}, {"energy=2 foo", "unknown unit"}, {"energy=", "no number above 0"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ws_error error = {0};
        ws_result *result;
        struct ws_options options = {.tolerances = &bad[i][0], .n_tolerances = 1};
        CHECK_INT(run_text(study_text, options, NULL, &result, &error), WS_ERROR_USAGE);
        if (!CHECK(strstr(error.text, bad[i][1]) != NULL))
            printf("# %s\n", error.text);
    }
    const char *one = "1%";
    struct ws_error error = {0};
    ws_result *result;
    struct ws_options options = {.tolerances = &one, .n_tolerances = 1, .design = "lhs"};
    CHECK_INT(run_text(study_text, options, NULL, &result, &error), WS_ERROR_USAGE);
    CHECK(strstr(error.text, "cannot grow") != NULL);
}

int main(void) {
    RUN(test_mc);
    RUN(test_sobol);
    RUN(test_named);
    RUN(test_limit);
    RUN(test_of_the_study);
    RUN(test_unknown_errors);
    RUN(test_scarce_evidence);
    RUN(test_refusals);
    return tap_done();
}
