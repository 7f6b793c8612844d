// SPDX-License-Identifier: GPL-3.0-or-later
// Alternatives weighed anew: against the mixture's closed form, a run with the other weights, and bad requests.
#include "tap.h"

#include "wattspan.h"

#define STUDY(weights) \
    "wattspan: 1\n" \
    "inputs:\n" \
    "  which: {prior: {choice: {low: " weights "}}}\n" \
    "  a: {unit: '1', prior: {normal: {mean: 0, sd: 1}}}\n" \
    "  b: {unit: '1', prior: {normal: {mean: 4, sd: 2}}}\n" \
    "outputs:\n" \
    "  y: {unit: '1', formula: 'select(which, low = a, high = b, none = 100)', by: which}\n" \
    "  alone: {unit: '1', formula: a + b}\n" \
    "  unsplit: {unit: '1', formula: 'if(which = low, a, b)'}\n"

static ws_result *run(const char *text, const char *design) {
    struct ws_error error = {0};
    ws_study *study = NULL;
    ws_result *result = NULL;
    const struct ws_options options = {.draws = 1000000, .seed = 5, .design = design};
    if (ws_study_parse("study.yaml", text, strlen(text), NULL, NULL, &study, &error) == 0)
        ws_run(study, &options, &result, &error);
    if (!CHECK(result != NULL))
        printf("# %s: %s\n", error.where, error.text);
    ws_study_destroy(study);
    return result;
}

static double normal_cdf(double z) { return erfc(-z / sqrt(2)) / 2; }

// 0.7 N(0, 1) + 0.3 N(4, 4) from a run of 0.25 and 0.75.
static void check_mixture(const char *design) {
    struct ws_estimate e = {NAN, NAN};
    ws_result *r = run(STUDY("1, high: 3, none: 0"), design);
    if (!r || !CHECK_INT(ws_result_repool(r, "which=low:7,high:3", NULL), 0))
        return;
    ws_result_mean(r, "y", &e, NULL);
    CHECK_ABS(e.value, 1.2, 4 * e.se + 5e-5); // bins are interpolated
    ws_result_sd(r, "y", &e, NULL);
    CHECK_ABS(e.value, sqrt(0.7 * (1 + 1.44) + 0.3 * (4 + 2.8 * 2.8)), 4 * e.se + 5e-5);
    for (double x = -1; x < 7; x += 1.3) {
        ws_result_probability(r, "y", x, &e, NULL);
        CHECK_ABS(e.value, 0.7 * normal_cdf(x) + 0.3 * normal_cdf((x - 4) / 2), 4 * e.se + 5e-5);
        ws_result_quantile(r, "y", 0.7 * normal_cdf(x) + 0.3 * normal_cdf((x - 4) / 2), &e, NULL);
        CHECK_ABS(e.value, x, 4 * e.se + 5e-5);
    }
    ws_result_destroy(r);
}

// Standard errors are those of independent samples from either alternative: 0.7^2 / 250,000 and 0.3^2 4 / 750,000, and
// not what the distance of their means would add.
static void test_standard_errors(void) {
    struct ws_estimate e = {NAN, NAN};
    ws_result *r = run(STUDY("1, high: 3, none: 0"), "mc");
    if (!r || !CHECK_INT(ws_result_repool(r, "which=low:7,high:3", NULL), 0))
        return;
    ws_result_mean(r, "y", &e, NULL);
    CHECK_REL(e.se, sqrt(0.49 / 250000 + 0.36 / 750000), 0.01);
    ws_result_probability(r, "y", 2, &e, NULL);
    double low = normal_cdf(2), high = normal_cdf(-1);
    CHECK_REL(e.se, sqrt(0.49 * low * (1 - low) / 250000 + 0.09 * high * (1 - high) / 750000), 0.01);
    ws_result_sd(r, "y", &e, NULL); // of f = (y - 1.2)^2: variances 2 s^4 + 4 s^2 d^2
    double variance = 0.49 * (2 + 4 * 1.44) / 250000 + 0.09 * (2 * 16 + 4 * 4 * 2.8 * 2.8) / 750000;
    CHECK_REL(e.se, sqrt(variance) / (2 * sqrt(0.7 * 2.44 + 0.3 * (4 + 7.84))), 0.01);
    ws_result_destroy(r);
}

static void test_mixture(void) { check_mixture("mc"); }
static void test_mixture_of_a_net(void) { check_mixture("sobol"); }

static void test_what_stays_and_what_goes(void) {
    struct ws_estimate before, after;
    ws_result *r = run(STUDY("1, high: 3, none: 0"), "mc");
    if (!r)
        return;
    ws_result_quantile(r, "alone", 0.3, &before, NULL);
    CHECK_INT(ws_result_repool(r, "which=high:1", NULL), 0);
    ws_result_quantile(r, "alone", 0.3, &after, NULL);
    CHECK(after.value == before.value && after.se == before.se);
    ws_result_mean(r, "unsplit", &after, NULL);
    CHECK(isnan(after.value));
    ws_result_mean(r, "y", &after, NULL);
    CHECK_Z(after.value, 4, after.se, 4);
    CHECK_ABS(after.se, 2 / sqrt(750000), 1e-5);
    CHECK_INT(ws_result_repool(r, "which=low:1", NULL), WS_ERROR_USAGE); // once
    ws_result_destroy(r);
}

static void check_refused(const char *weights, const char *wanted) {
    struct ws_error error = {0};
    ws_result *r = run(STUDY("1, high: 3, none: 0"), "mc");
    if (!r)
        return;
    CHECK_INT(ws_result_repool(r, weights, &error), WS_ERROR_USAGE);
    CHECK_STR(error.text, wanted);
    ws_result_destroy(r);
}

static void test_bad_requests(void) {
    check_refused("which", "weights: found 'which', wanted INPUT=LABEL:WEIGHT,LABEL:WEIGHT");
    check_refused("witch=low:1", "weights: the study has no input 'witch'; did you mean 'which'?");
    check_refused("a=low:1", "weights: 'a' has no alternatives, wanted an input with a choice");
    check_refused("which=lou:1", "weights: 'which' has no alternative 'lou'; did you mean 'low'?");
    check_refused("which=low:-1", "weights: 'low' has the weight -1, wanted 0 or more, below 1e100");
    check_refused("which=low:nan", "weights: found 'low:nan', wanted LABEL:WEIGHT");
    check_refused("which=low:1,low:2", "weights: 'low' comes twice");
    check_refused("which=low:0,high:0", "weights: all are 0, wanted one above 0");
    check_refused("which=low:1,", "weights: found '', wanted LABEL:WEIGHT");
    check_refused("which=none:1", "weights: the run has no draws of 'which = none' to give a weight to; give it one in "
                                  "the study, however small, and run again");
}

// Given the sum of a and b, which is low or high: what is known of `a` hangs on the weights, too.
#define FACT(weights) \
    "wattspan: 1\n" \
    "inputs:\n" \
    "  which: {prior: {choice: {low: " weights "}}}\n" \
    "  a: {unit: '1', prior: {normal: {mean: 0, sd: 1}}}\n" \
    "  b: {unit: '1', prior: {given: which, low: {normal: {mean: 0, sd: 1}}, high: {normal: {mean: 4, sd: 1}}}}\n" \
    "outputs:\n" \
    "  sum: {unit: '1', formula: a + b}\n" \
    "  y: {unit: '1', formula: b, by: which}\n" \
    "  z: {unit: '1', formula: a}\n" \
    "evidence:\n" \
    "  seen: {quantity: sum, unit: '1', observed: {normal: {mean: 3, sd: 0.5}}}\n"

static void test_given_evidence(void) {
    struct ws_estimate wanted = {NAN, NAN}, found = {NAN, NAN};
    ws_result *r = run(FACT("1, high: 1"), "mc"), *anew = run(FACT("5, high: 1"), "mc");
    if (!r || !anew || !CHECK_INT(ws_result_repool(r, "which=low:5,high:1", NULL), 0))
        return;
    ws_result_mean(ws_result_posterior(anew), "y", &wanted, NULL);
    ws_result_mean(ws_result_posterior(r), "y", &found, NULL);
    CHECK_Z(found.value, wanted.value, hypot(found.se, wanted.se), 4);
    ws_result_mean(r, "z", &found, NULL); // from the priors alone nothing has changed
    CHECK(isfinite(found.value));
    ws_result_mean(ws_result_posterior(r), "z", &found, NULL);
    CHECK(isnan(found.value));
    struct ws_evidence_report report;
    CHECK_INT(ws_result_evidence(r, &report, NULL), 0);
    CHECK(isnan(report.ess) && isnan(report.pareto_k));
    ws_result_destroy(r);
    ws_result_destroy(anew);
}

// `inner` is conditional on `outer`: draws of one of its alternatives are not those of all of the other's.
static void test_choice_that_is_conditional(void) {
    struct ws_estimate e = {NAN, NAN};
    ws_result *r = run("wattspan: 1\n"
                       "inputs:\n"
                       "  outer: {prior: {choice: {low: 1, high: 1}}}\n"
                       "  inner: {prior: {given: outer, low: {choice: {u: 1, v: 3}}, high: {choice: {v: 1, u: 3}}}}\n"
                       "  a: {unit: '1', prior: {given: outer, low: 0, high: 1}}\n"
                       "outputs:\n"
                       "  y: {unit: '1', formula: a, by: inner}\n"
                       "  z: {unit: '1', formula: a}\n",
                       "mc");
    if (!r || !CHECK_INT(ws_result_repool(r, "inner=u:1,v:0", NULL), 0))
        return;
    ws_result_mean(r, "y", &e, NULL);
    CHECK_Z(e.value, 0.75, e.se, 4);
    ws_result_mean(r, "z", &e, NULL);
    CHECK(isnan(e.value));
    ws_result_destroy(r);
}

int main(void) {
    RUN(test_mixture);
    RUN(test_mixture_of_a_net);
    RUN(test_standard_errors);
    RUN(test_what_stays_and_what_goes);
    RUN(test_given_evidence);
    RUN(test_choice_that_is_conditional);
    RUN(test_bad_requests);
    return tap_done();
}
