// SPDX-License-Identifier: GPL-3.0-or-later
// Whole runs against closed forms and published tables, at ten million draws.
#include "tap.h"

#include "wattspan.h"

static ws_result *run(const char *text, uint64_t draws) {
    struct ws_error error = {0};
    ws_study *study = NULL;
    ws_result *result = NULL;
    const struct ws_options options = {.draws = draws, .seed = 20};
    if (ws_study_parse("study.yaml", text, strlen(text), NULL, NULL, &study, &error) == 0)
        ws_run(study, &options, &result, &error);
    if (!CHECK(result != NULL))
        printf("# %s: %s\n", error.where, error.text);
    ws_study_destroy(study);
    return result;
}

static void check_mean(const ws_result *r, const char *output, double truth) {
    struct ws_estimate e = {NAN, NAN};
    CHECK_INT(ws_result_mean(r, output, &e, NULL), 0);
    CHECK_Z(e.value, truth, e.se, 4);
}

static void check_sd(const ws_result *r, const char *output, double truth) {
    struct ws_estimate e = {NAN, NAN};
    CHECK_INT(ws_result_sd(r, output, &e, NULL), 0);
    CHECK_Z(e.value, truth, e.se, 4);
}

static void check_quantile(const ws_result *r, const char *output, double p, double truth) {
    struct ws_estimate e = {NAN, NAN};
    CHECK_INT(ws_result_quantile(r, output, p, &e, NULL), 0);
    CHECK_Z(e.value, truth, e.se, 4);
}

// Y = prod X_i with ln X_i ~ N(0, s_i^2): lognormal with s^2 = sum s_i^2.
static void test_product_of_lognormals(void) {
    ws_result *r = run("wattspan: 1\n"
                       "inputs:\n"
                       "  a: {unit: '1', prior: {lognormal: {mu: 0, sigma: 0.2}}}\n"
                       "  b: {unit: '1', prior: {lognormal: {mu: 0, sigma: 0.5}}}\n"
                       "  c: {unit: '1', prior: {lognormal: {mu: 0, sigma: 0.1}}}\n"
                       "  d: {unit: '1', prior: {lognormal: {mu: 0, sigma: 0.3}}}\n"
                       "outputs:\n"
                       "  y: {unit: '1', formula: a * b * c * d}\n",
                       10000000);
    if (!r)
        return;
    const double s = 0.6244997998398398, mean = exp(s * s / 2);
    check_mean(r, "y", mean);
    check_sd(r, "y", mean * sqrt(expm1(s * s)));
    check_quantile(r, "y", 0.05, exp(-1.6448536269514722 * s));
    check_quantile(r, "y", 0.5, 1);
    check_quantile(r, "y", 0.95, exp(1.6448536269514722 * s));
    check_quantile(r, "y", 0.999, exp(3.0902323061678132 * s));
    ws_result_destroy(r);
}

// JCGM 101:2008, 9.2.2 to 9.2.4: sums of four inputs.
static void test_jcgm_101_sums(void) {
    ws_result *r = run("wattspan: 1\n"
                       "inputs:\n"
                       "  n1: {unit: '1', prior: {normal: {mean: 0, sd: 1}}}\n"
                       "  n2: {unit: '1', prior: {normal: {mean: 0, sd: 1}}}\n"
                       "  n3: {unit: '1', prior: {normal: {mean: 0, sd: 1}}}\n"
                       "  n4: {unit: '1', prior: {normal: {mean: 0, sd: 1}}}\n"
                       "  u1: {unit: '1', prior: {uniform: {min: -1.7320508075688772, max: 1.7320508075688772}}}\n"
                       "  u2: {unit: '1', prior: {uniform: {min: -1.7320508075688772, max: 1.7320508075688772}}}\n"
                       "  u3: {unit: '1', prior: {uniform: {min: -1.7320508075688772, max: 1.7320508075688772}}}\n"
                       "  u4: {unit: '1', prior: {uniform: {min: -1.7320508075688772, max: 1.7320508075688772}}}\n"
                       "  w4: {unit: '1', prior: {uniform: {min: -17.320508075688772, max: 17.320508075688772}}}\n"
                       "outputs:\n"
                       "  normal: {unit: '1', formula: n1 + n2 + n3 + n4}\n"
                       "  even: {unit: '1', formula: u1 + u2 + u3 + u4}\n"
                       "  uneven: {unit: '1', formula: u1 + u2 + u3 + w4}\n",
                       10000000);
    if (!r)
        return;
    check_mean(r, "normal", 0);
    check_sd(r, "normal", 2);
    check_quantile(r, "normal", 0.975, 2 * 1.959963984540054);
    check_quantile(r, "normal", 0.025, -2 * 1.959963984540054);
    check_sd(r, "even", 2);
    check_quantile(r, "even", 0.975, 3.879406741);
    check_quantile(r, "even", 0.025, -3.879406741);
    check_sd(r, "uneven", sqrt(103));
    check_quantile(r, "uneven", 0.975, 17.015814);
    ws_result_destroy(r);
}

// JCGM 101:2008, 9.3: mass calibration. Published with MCM: 1.2341 mg, 0.0754 mg; recomputed to more digits by
// quadrature.
static void test_jcgm_101_mass(void) {
    ws_result *r =
        run("wattspan: 1\n"
            "inputs:\n"
            "  mRc: {unit: mg, prior: {normal: {mean: 100000, sd: 0.05}}}\n"
            "  dmRc: {unit: mg, prior: {normal: {mean: 1.234, sd: 0.02}}}\n"
            "  ra: {unit: kg/m3, prior: {uniform: {min: 1.10, max: 1.30}}}\n"
            "  rW: {unit: kg/m3, prior: {uniform: {min: 7000, max: 9000}}}\n"
            "  rR: {unit: kg/m3, prior: {uniform: {min: 7950, max: 8050}}}\n"
            "outputs:\n"
            "  dm: {unit: mg, formula: '(mRc + dmRc) * (1 + (ra - 1.2 [kg/m3]) * (1/rW - 1/rR)) - 100000 [mg]'}\n",
            10000000);
    if (!r)
        return;
    struct ws_estimate mean = {NAN, NAN}, sd = {NAN, NAN}, low = {NAN, NAN}, high = {NAN, NAN};
    ws_result_mean(r, "dm", &mean, NULL);
    ws_result_sd(r, "dm", &sd, NULL);
    ws_result_quantile(r, "dm", 0.025, &low, NULL);
    ws_result_quantile(r, "dm", 0.975, &high, NULL);
    CHECK_ABS(mean.value, 1.23402, 5e-6 + 4 * mean.se);
    CHECK_ABS(sd.value, 0.07548, 5e-6 + 4 * sd.se);
    CHECK_ABS(low.value, 1.0844, 2e-4);
    CHECK_ABS(high.value, 1.3836, 2e-4);
    ws_result_destroy(r);
}

// The same numbers far from zero: a calendar year keeps its small spread.
static void test_far_from_zero(void) {
    ws_result *r = run("wattspan: 1\n"
                       "inputs:\n"
                       "  t: {unit: yr, prior: {normal: {mean: 2027.3, sd: 0.5}}}\n"
                       "outputs:\n"
                       "  year: {unit: yr, formula: t}\n",
                       10000000);
    if (!r)
        return;
    check_mean(r, "year", 2027.3);
    check_sd(r, "year", 0.5);
    check_quantile(r, "year", 0.05, 2027.3 - 0.5 * 1.6448536269514722);
    check_quantile(r, "year", 0.5, 2027.3);
    check_quantile(r, "year", 0.99, 2027.3 + 0.5 * 2.3263478740408408);
    ws_result_destroy(r);
}

// Conditions and categorical inputs.
// Squares and fourth powers of such values are beyond what floating-point numbers hold; their moments are not.
static void test_tiny_and_huge(void) {
    static const char *const outputs[] = {"tiny", "huge"};
    static const double unit[] = {0x1p-990, 0x1p990};
    ws_result *r = run("wattspan: 1\n"
                       "inputs: {a: {unit: 1, prior: {gamma: {shape: 2}}}, k: {prior: {choice: {u: 1, v: 3}}}}\n"
                       "outputs:\n"
                       "  y: {unit: 1, formula: a, by: k}\n"
                       "  tiny: {unit: 1, formula: a * 2^-990, by: k}\n"
                       "  huge: {unit: 1, formula: a * 2^990, by: k}\n",
                       100000);
    struct ws_estimate plain[3], e[3];
    if (!r)
        return;
    check_sd(r, "y", sqrt(2));
    ws_result_mean(r, "y", &plain[0], NULL);
    ws_result_sd(r, "y", &plain[1], NULL);
    ws_result_quantile(r, "y", 0.9, &plain[2], NULL);
    for (int i = 0; i < 2; i++) {
        ws_result_mean(r, outputs[i], &e[0], NULL);
        ws_result_sd(r, outputs[i], &e[1], NULL);
        ws_result_quantile(r, outputs[i], 0.9, &e[2], NULL);
        for (int k = 0; k < 3; k++) {
            CHECK_REL(e[k].value, plain[k].value * unit[i], 1e-12);
            CHECK_REL(e[k].se, plain[k].se * unit[i], 1e-9);
        }
    }
    ws_result_destroy(r);
}

static void test_discrete(void) {
    ws_result *r = run("wattspan: 1\n"
                       "inputs:\n"
                       "  kind: {unit: '1', prior: {choice: {small: 1, large: 3}}}\n"
                       "  x: {unit: '1', prior: {uniform: {min: 0, max: 1}}}\n"
                       "outputs:\n"
                       "  high: {unit: '1', formula: x > 0.8}\n"
                       "  size: {unit: '1', formula: 'select(kind, small = 2, large = 5)', by: kind}\n",
                       10000000);
    if (!r)
        return;
    check_mean(r, "high", 0.2);
    check_sd(r, "high", 0.4);
    check_mean(r, "size", 4.25);
    struct ws_estimate e = {NAN, NAN};
    CHECK_INT(ws_result_probability(r, "size", 3, &e, NULL), 0);
    CHECK_Z(e.value, 0.25, e.se, 4);
    ws_result_destroy(r);
}

int main(void) {
    RUN(test_product_of_lognormals);
    RUN(test_jcgm_101_sums);
    RUN(test_jcgm_101_mass);
    RUN(test_far_from_zero);
    RUN(test_tiny_and_huge);
    RUN(test_discrete);
    return tap_done();
}
