// SPDX-License-Identifier: GPL-3.0-or-later
// Indices from kept draws against closed forms, for every design; their standard errors against their spread.
#include "tap.h"

#include "analysis/indices.h"
#include "api/handles.h"

enum { KEEP = 40000 };
static const char *const designs[] = {"mc", "lhs", "sobol"};

static ws_result *run(const char *text, const char *design, uint64_t seed, uint64_t keep) {
    struct ws_error error = {0};
    ws_study *study = NULL;
    ws_result *result = NULL;
    const struct ws_options options = {
        .draws = 65536, .keep = keep, .seed = seed, .seed_given = 1, .design = design, .threads = 1};
    if (ws_study_parse("study.yaml", text, strlen(text), NULL, NULL, &study, &error) == 0)
        ws_run(study, &options, &result, &error);
    if (!CHECK(result != NULL))
        printf("# %s: %s\n", error.where, error.text);
    ws_study_destroy(study);
    return result;
}

static const struct ws_index *indices_of(const ws_result *result, size_t output) {
    return ws_indices_of(result->indices, result, 0, output);
}

// y = a + 2 b, an idle input and a constant.
static const char *const linear = "wattspan: 1\n"
                                  "inputs:\n"
                                  "  a: {unit: '1', prior: {normal: {mean: 0, sd: 1}}}\n"
                                  "  b: {unit: '1', prior: {normal: {mean: 3, sd: 1}}}\n"
                                  "  idle: {unit: '1', prior: {uniform: {min: 0, max: 1}}}\n"
                                  "  k: {unit: '1', prior: 7}\n"
                                  "outputs:\n"
                                  "  y: {unit: '1', formula: a + 2 * b}\n"
                                  "  fixed: {unit: '1', formula: k}\n";

static void test_linear(void) {
    for (int d = 0; d < 3; d++) {
        ws_result *r = run(linear, designs[d], 1, KEEP);
        if (!r)
            return;
        const struct ws_index *y = indices_of(r, 0), *fixed = indices_of(r, 1);
        CHECK_Z(y[0].first_order, 0.2, y[0].first_order_se, 4);
        CHECK_Z(y[1].first_order, 0.8, y[1].first_order_se, 4);
        CHECK_Z(y[2].first_order, 0, y[2].first_order_se, 4);
        CHECK(y[2].first_order_se < 0.01);
        // E(z | z < its p10) = -phi(1.2816) / 0.1 = -1.7549833; E y = 6.
        CHECK_Z(y[1].low, 6 - 2 * 1.7549833193, y[1].low_se, 4);
        CHECK_Z(y[1].high, 6 + 2 * 1.7549833193, y[1].high_se, 4);
        CHECK_Z(y[2].high - y[2].low, 0, hypot(y[2].high_se, y[2].low_se), 4);
        CHECK_Z(y[2].partial, 0, y[2].partial_se, 4);
        // Of independent inputs: r_a / sqrt(1 - r_b^2) with Spearman's r, itself (6 / pi) asin(rho / 2) for normals.
        double ra = 6 / M_PI * asin(sqrt(0.2) / 2), rb = 6 / M_PI * asin(sqrt(0.8) / 2);
        CHECK_Z(y[0].partial, ra / sqrt(1 - rb * rb), y[0].partial_se, 4);
        CHECK_Z(y[1].partial, rb / sqrt(1 - ra * ra), y[1].partial_se, 4);
        CHECK_Z(y[0].spearman, ra, y[0].spearman_se, 4);
        CHECK(isnan(y[3].first_order) && isnan(y[3].partial) && isnan(y[3].low));
        CHECK(isnan(fixed[0].first_order) && isnan(fixed[0].spearman));
        CHECK(!r->indices->in_log[0]);
        ws_result_destroy(r);
    }
}

// ln y = sum of normals: shares s_i^2 / s^2 on the scale of the analysis, swings as ratios.
static void test_log(void) {
    for (int d = 0; d < 3; d++) {
        ws_result *r = run("wattspan: 1\n"
                           "inputs:\n"
                           "  a: {unit: '1', prior: {lognormal: {mu: 0, sigma: 0.2}}}\n"
                           "  b: {unit: '1', prior: {lognormal: {mu: 0, sigma: 0.5}}}\n"
                           "  c: {unit: '1', prior: {lognormal: {mu: 1, sigma: 0.3}}}\n"
                           "outputs:\n"
                           "  y: {unit: '1', formula: a * b / c, scale: log}\n"
                           "  z: {unit: '1', formula: a - b, scale: log}\n", // below zero now and then: linear
                           designs[d], 2, KEEP);
        if (!r)
            return;
        const struct ws_index *y = indices_of(r, 0);
        static const double s[] = {0.2, 0.5, 0.3};
        CHECK(r->indices->in_log[0] && !r->indices->in_log[1]);
        for (int i = 0; i < 3; i++)
            CHECK_Z(y[i].first_order, s[i] * s[i] / 0.38, y[i].first_order_se, 4);
        CHECK_Z(y[1].high, exp(-1 + 0.5 * 1.7549833193), y[1].high_se, 4);
        CHECK_Z(y[2].high, exp(-1 - 0.3 * 1.7549833193), y[2].high_se, 4);
        CHECK(y[2].partial < -0.8);
        ws_result_destroy(r);
    }
}

// Ties: y = (0 or 1 by a choice of 1:3) + u; and where some draws are invalid.
static void test_categorical(void) {
    for (int d = 0; d < 3; d++) {
        ws_result *r = run("wattspan: 1\n"
                           "inputs:\n"
                           "  kind: {unit: '1', prior: {choice: {small: 1, large: 3}}}\n"
                           "  coin: {unit: '1', prior: {choice: {heads: 1, tails: 1}}}\n"
                           "  u: {unit: '1', prior: {uniform: {min: 0, max: 1}}}\n"
                           "outputs:\n"
                           "  y: {unit: '1', formula: 'select(kind, small = 0, large = 1) + u'}\n"
                           "  half: {unit: '1', formula: 'sqrt(u - 0.5) + select(coin, heads = 0, tails = 1)'}\n",
                           designs[d], 3, KEEP);
        if (!r)
            return;
        const struct ws_index *y = indices_of(r, 0), *half = indices_of(r, 1);
        const double total = 3.0 / 16 + 1.0 / 12;
        CHECK_Z(y[0].first_order, 3.0 / 16 / total, y[0].first_order_se, 4);
        CHECK_Z(y[1].first_order, 0, y[1].first_order_se, 4);
        CHECK_Z(y[2].first_order, 1.0 / 12 / total, y[2].first_order_se, 4);
        CHECK_Z(y[0].low, 0.5, y[0].low_se, 4);
        CHECK_Z(y[0].high, 1.5, y[0].high_se, 4);
        // sqrt(v / 2) with v uniform: variance 1/4 - 2/9 = 1/36; the coin's 1/4.
        CHECK_Z(half[1].first_order, 0.25 / (0.25 + 1.0 / 36), half[1].first_order_se, 4);
        CHECK_Z(half[2].first_order, 1.0 / 36 / (0.25 + 1.0 / 36), half[2].first_order_se, 4);
        ws_result_destroy(r);
    }
}

// The errors reported are those made: the spread over 80 seeds.
static void test_honest_errors(void) {
    enum { SEEDS = 80 };
    for (int d = 0; d < 3; d++) {
        double sum[3] = {0}, square[3] = {0}, reported[3] = {0};
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
            ws_result *r = run(linear, designs[d], seed, 2000);
            if (!r)
                return;
            const struct ws_index *y = indices_of(r, 0);
            for (int i = 0; i < 3; i++) {
                sum[i] += y[i].first_order / SEEDS;
                square[i] += y[i].first_order * y[i].first_order / SEEDS;
                reported[i] += y[i].first_order_se * y[i].first_order_se / SEEDS;
            }
            ws_result_destroy(r);
        }
        for (int i = 0; i < 3; i++) {
            double ratio = sqrt((square[i] - sum[i] * sum[i]) * SEEDS / (SEEDS - 1) / reported[i]);
            printf("# %s input %d: mean %.4f, spread over reported error %.3f\n", designs[d], i, sum[i], ratio);
            CHECK(ratio < 1.3);                  // four standard errors of a spread from 80 runs are 0.32
            CHECK(ratio > (d == 0 ? 0.7 : 0.1)); // stratified draws do better than the formula knows
        }
    }
}

static void test_few_draws(void) {
    ws_result *r = run(linear, "mc", 1, 20);
    if (!r)
        return;
    CHECK(isnan(indices_of(r, 0)[0].first_order));
    ws_result_destroy(r);
}

// Given evidence x has a variance of 1 / (1 + 1 / 0.3^2). Half of the 4,000 draws are copies of others.
static void test_posterior(void) {
    enum { SEEDS = 40 };
    static const char *const study = "wattspan: 1\n"
                                     "inputs:\n"
                                     "  x: {unit: '1', prior: {normal: {mean: 0, sd: 1}}}\n"
                                     "  w: {unit: '1', prior: {normal: {mean: 0, sd: 1}}}\n"
                                     "  v: {unit: '1', prior: {normal: {mean: 0, sd: 1}}}\n"
                                     "  coin: {prior: {choice: {heads: 1, tails: 1}}}\n"
                                     "outputs:\n"
                                     "  y: {unit: '1', formula: x + w + v}\n"
                                     "evidence:\n"
                                     "  seen: {quantity: x, unit: '1', observed: {normal: {mean: 2, sd: 0.3}}}\n";
    const double own = 1 / (1 + 1 / 0.09), truth[] = {own / (2 + own), 1 / (2 + own), 1 / (2 + own), 0};
    double sum[4] = {0}, square[4] = {0}, reported[4] = {0};
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        ws_result *r = run(study, "mc", seed, 4000);
        if (!r || !CHECK(r->posterior && r->posterior->indices))
            return;
        const struct ws_index *y = ws_indices_of(r->posterior->indices, r->posterior, 0, 0);
        for (int i = 0; i < 4; i++) {
            sum[i] += y[i].first_order / SEEDS;
            square[i] += y[i].first_order * y[i].first_order / SEEDS;
            reported[i] += y[i].first_order_se * y[i].first_order_se / SEEDS;
        }
        CHECK(fabs(indices_of(r, 0)[0].first_order - 1.0 / 3) < 5 * indices_of(r, 0)[0].first_order_se);
        ws_result_destroy(r);
    }
    for (int i = 0; i < 4; i++) {
        double ratio = sqrt((square[i] - sum[i] * sum[i]) * SEEDS / (SEEDS - 1) / reported[i]);
        printf("# input %d: mean %.4f, wanted %.4f, spread over reported error %.3f\n", i, sum[i], truth[i], ratio);
        CHECK_Z(sum[i], truth[i], sqrt(reported[i] / SEEDS), 4);
        CHECK(ratio > 0.6 && ratio < 1.45); // four standard errors of a spread from 40 runs
    }
}

int main(void) {
    RUN(test_linear);
    RUN(test_log);
    RUN(test_categorical);
    RUN(test_honest_errors);
    RUN(test_few_draws);
    RUN(test_posterior);
    return tap_done();
}
