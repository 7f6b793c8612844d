// SPDX-License-Identifier: GPL-3.0-or-later
// `--probability` and `--widen`: outputs added from the command line, and priors with another spread.
#include "tap.h"

#include "api/handles.h"

static const char text[] = "wattspan: 1\n"
                           "inputs:\n"
                           "  price: {unit: USD/h, prior: {lognormal: {mu: 0.5, sigma: 0.3}}}\n"
                           "  hours: {unit: h, prior: {normal: {mean: 100, sd: 5}}}\n"
                           "  share: {unit: '1', prior: {beta: {a: 5, b: 3}}}\n"
                           "  ratio: {unit: '1', prior: {normal: {mean: 0.7, sd: 0.1}, truncate: [0, 1]}}\n"
                           "  level: {unit: '1', prior: {uniform: {min: 1, max: 4}}, point: 2}\n"
                           "  pue: {unit: '1', prior: {lognormal: {mu: -1, sigma: 0.5}, shift: 1}}\n"
                           "  kind: {prior: {choice: {a: 1, b: 3}}}\n"
                           "outputs:\n"
                           "  cost: {unit: USD, formula: price * hours * pue * level * share * ratio}\n";

static ws_study *load(const struct ws_study_options *options, struct ws_error *error) {
    ws_study *study = NULL;
    *error = (struct ws_error){0};
    ws_study_parse("study.yaml", text, strlen(text), options, NULL, &study, error);
    return study;
}

static const struct ws_prior *prior_of(const ws_study *study, const char *name) {
    return study->quantities[ws_study_find(study, name)].prior;
}

static void check_quantiles(const struct ws_prior *prior, double p5, double p50, double p95) {
    CHECK_REL(ws_prior_quantile(prior, 0.05, 0), p5, 1e-12);
    CHECK_REL(ws_prior_quantile(prior, 0.5, 0), p50, 1e-12);
    CHECK_REL(ws_prior_quantile(prior, 0.05, 1), p95, 1e-12);
    CHECK_REL(ws_prior_cdf(prior, p5), 0.05, 1e-12);
    CHECK_REL(ws_prior_cdf(prior, p95), 0.95, 1e-12);
}

// Of a lognormal and a normal the widened prior has a closed form: sigma and sd times F.
static void test_widened_priors(void) {
    struct ws_error error;
    const double f = 2.5, z = 1.6448536269514722;
    ws_study *study = load(&(struct ws_study_options){.widen = f}, &error);
    if (!CHECK(study != NULL))
        return;
    check_quantiles(prior_of(study, "price"), exp(0.5 - f * 0.3 * z), exp(0.5), exp(0.5 + f * 0.3 * z));
    check_quantiles(prior_of(study, "hours"), 100 - f * 5 * z, 100, 100 + f * 5 * z);
    check_quantiles(prior_of(study, "pue"), 1 + exp(-1 - f * 0.5 * z), 1 + exp(-1), 1 + exp(-1 + f * 0.5 * z));
    CHECK_REL(ws_prior_mean(prior_of(study, "price")), exp(0.5 + f * f * 0.09 / 2), 1e-9);
    CHECK_REL(ws_prior_sd(prior_of(study, "hours")), f * 5, 1e-9);
    // Uniform on 1..4 in ln x about 2.5; a truncated prior stays within its bounds, a share within 0 and 1.
    const struct ws_prior *level = prior_of(study, "level"), *ratio = prior_of(study, "ratio"),
                          *share = prior_of(study, "share");
    check_quantiles(level, 2.5 * pow(1.15 / 2.5, f), 2.5, 2.5 * pow(3.85 / 2.5, f));
    CHECK(ws_prior_quantile(ratio, 1e-9, 1) <= 1 && ws_prior_quantile(ratio, 1e-9, 0) >= 0);
    CHECK(ws_prior_quantile(ratio, 0.05, 0) < 0.7 - 2 * 0.1 * z);
    CHECK(ws_prior_quantile(share, 1e-12, 1) <= 1 && ws_prior_quantile(share, 1e-12, 0) >= 0);
    ws_study *unchanged = load(NULL, &error);
    double plain = ws_prior_quantile(prior_of(unchanged, "share"), 0.05, 0);
    ws_study_destroy(unchanged);
    double median = ws_prior_quantile(share, 0.5, 0), wide = ws_prior_quantile(share, 0.05, 0);
    CHECK_REL(log(wide / (1 - wide)) - log(median / (1 - median)),
              f * (log(plain / (1 - plain)) - log(median / (1 - median))), 1e-9);
    CHECK(prior_of(study, "kind")->widen == 0);
    CHECK(strstr(study->flattened, "widen: 2.5") != NULL);
    ws_study_destroy(study);
}

static ws_result *run(const struct ws_study_options *options) {
    struct ws_error error;
    ws_result *result = NULL;
    ws_study *study = load(options, &error);
    const struct ws_options how = {.draws = 100000};
    if (CHECK(study != NULL))
        CHECK_INT(ws_run(study, &how, &result, &error), 0);
    ws_study_destroy(study);
    return result;
}

static void test_factor_one_changes_nothing(void) {
    ws_result *a = run(NULL), *b = run(&(struct ws_study_options){.widen = 1});
    if (a && b) {
        CHECK_STR(a->study->sha256, b->study->sha256);
        CHECK_STR(a->tables_digest, b->tables_digest);
        CHECK(memcmp(a->kept_outputs, b->kept_outputs, a->n_kept * sizeof(double)) == 0);
    }
    ws_result_destroy(a);
    ws_result_destroy(b);
}

static void test_probability(void) {
    const char *const conditions[] = {"cost > 0.2 [kUSD]", "price < 2 [USD/h] and kind = b"};
    ws_result *r = run(&(struct ws_study_options){.probabilities = conditions, .n_probabilities = 2});
    if (!r)
        return;
    CHECK_STR(ws_result_output(r, 1), "cost_gt_0_2_kUSD");
    CHECK_STR(ws_result_output(r, 2), "price_lt_2_USD_h_and_kind_eq_b");
    struct ws_estimate asked, direct;
    CHECK_INT(ws_result_mean(r, "cost_gt_0_2_kUSD", &asked, NULL), 0);
    CHECK_INT(ws_result_probability(r, "cost", 200, &direct, NULL), 0);
    CHECK_ABS(asked.value, 1 - direct.value, 2e-4);
    CHECK_INT(ws_result_mean(r, "price_lt_2_USD_h_and_kind_eq_b", &asked, NULL), 0);
    CHECK_Z(asked.value, 0.75 * 0.5 * erfc(-(log(2) - 0.5) / 0.3 / sqrt(2)), asked.se, 4);
    ws_result_destroy(r);
}

// A condition is a plain number whether it says so or not; a sweep over studies may join it with what is none.
static void test_condition_without_unit(void) {
    static const char whole[] = "wattspan: 1\ninputs:\n  a: {unit: GWh, prior: 1 to 4}\n"
                                "outputs:\n  much: {formula: 'a > 2 [GWh]'}\n";
    struct ws_error error = {0};
    ws_study *study = NULL;
    if (!CHECK_INT(ws_study_parse("study.yaml", whole, strlen(whole), NULL, NULL, &study, &error), 0))
        printf("# %s: %s\n", error.where, error.text);
    if (!study)
        return;
    const struct ws_quantity *much = &study->quantities[ws_study_find(study, "much")];
    CHECK_STR(much->unit.label, "1");
    CHECK(ws_study_is_condition(study, ws_study_find(study, "much")));
    ws_study_destroy(study);
}

static void check_refused(const char *condition, const char *part) {
    struct ws_error error;
    ws_study *study = load(&(struct ws_study_options){.probabilities = &condition, .n_probabilities = 1}, &error);
    CHECK(study == NULL);
    CHECK_INT(error.status, WS_ERROR_STUDY);
    if (!CHECK(strstr(error.text, part) != NULL))
        printf("# %s: %s\n", error.where, error.text);
    ws_study_destroy(study);
}

static void test_bad_questions(void) {
    check_refused("share * 2", "is no condition");
    check_refused("cost > 3 [h]", "cannot compare USD with h");
    check_refused("coast > 3 [USD]", "did you mean 'cost'?");
    check_refused("cost >", "condition 'cost >': the formula ends");
}

int main(void) {
    RUN(test_widened_priors);
    RUN(test_factor_one_changes_nothing);
    RUN(test_probability);
    RUN(test_condition_without_unit);
    RUN(test_bad_questions);
    return tap_done();
}
