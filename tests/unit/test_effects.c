// SPDX-License-Identifier: GPL-3.0-or-later
// Sensitivity analyses against closed forms: first order, total and Shapley effects with their intervals.
#include "tap.h"

#include <unistd.h>

#include "analysis/effects.h"
#include "analysis/indices.h"
#include "api/handles.h"

static ws_study *parse(const char *text) {
    struct ws_error error = {0};
    ws_study *study = NULL;
    if (!CHECK_INT(ws_study_parse("study.yaml", text, strlen(text), NULL, NULL, &study, &error), 0))
        printf("# %s: %s\n", error.where, error.text);
    return study;
}

static ws_result *analyse(const char *text, struct ws_options options, const char *group) {
    struct ws_error error = {0};
    ws_study *study = parse(text);
    ws_result *result = NULL;
    const struct ws_sensitivity_options groups = {&group, group ? 1 : 0};
    if (study && !CHECK_INT(ws_sensitivity(study, &options, &groups, &result, &error), 0))
        printf("# %s: %s\n", error.where, error.text);
    ws_study_destroy(study);
    return result;
}

static struct ws_estimate share(const ws_result *result, const char *output, const char *input, int which) {
    struct ws_estimate estimate = {NAN, NAN};
    CHECK_INT(ws_result_share(result, output, input, which, &estimate, NULL), 0);
    return estimate;
}

// Intervals of 95 % are missed by one in twenty. Of `n` that are not independent no more than a quarter may miss, and
// none by far: 5 standard errors of 15 degrees of freedom are as rare as 3.7 of a normal.
struct tested {
    int n, missed;
};

static void test_one(struct tested *tested, const ws_result *r, const char *input, int which, double truth) {
    struct ws_estimate e = share(r, "y", input, which);
    tested->n++;
    tested->missed += !(fabs(e.value - truth) <= ws_effects_half_width() * e.se);
    CHECK_Z(e.value, truth, e.se, 5);
}

static void conclude(const struct tested *tested) {
    printf("# %d of %d intervals miss\n", tested->missed, tested->n);
    CHECK(4 * tested->missed <= tested->n);
}

static double sum_of_shapley(const ws_result *r, const char *const *inputs, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += share(r, "y", inputs[i], WS_SHARE_SHAPLEY).value;
    return sum;
}

static const char *const sobol_g =
    "wattspan: 1\n"
    "inputs:\n"
    "  x1: {unit: '1', prior: {uniform: {min: 0, max: 1}}}\n"
    "  x2: {unit: '1', prior: {uniform: {min: 0, max: 1}}}\n"
    "  x3: {unit: '1', prior: {uniform: {min: 0, max: 1}}}\n"
    "  x4: {unit: '1', prior: {uniform: {min: 0, max: 1}}}\n"
    "  x5: {unit: '1', prior: {uniform: {min: 0, max: 1}}}\n"
    "  x6: {unit: '1', prior: {uniform: {min: 0, max: 1}}}\n"
    "  x7: {unit: '1', prior: {uniform: {min: 0, max: 1}}}\n"
    "  x8: {unit: '1', prior: {uniform: {min: 0, max: 1}}}\n"
    "outputs:\n"
    "  y: {unit: '1', formula: 'abs(4*x1-2) * (abs(4*x2-2)+1)/2 * (abs(4*x3-2)+4.5)/5.5 * (abs(4*x4-2)+9)/10 * "
    "(abs(4*x5-2)+99)/100 * (abs(4*x6-2)+99)/100 * (abs(4*x7-2)+99)/100 * (abs(4*x8-2)+99)/100'}\n";

static const char *const xs[] = {"x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8"};

// Sobol's g function: V_i = 1 / (3 (1 + a_i)^2), Var = prod (1 + V_i) - 1. Shapley effects of a product of independent
// factors with means of 1: the sum over subsets of the others, here by enumeration.
static void g_truth(double first[8], double total[8], double shapley[8]) {
    static const double a[] = {0, 1, 4.5, 9, 99, 99, 99, 99}, factorial[] = {1, 1, 2, 6, 24, 120, 720, 5040, 40320};
    double v[8], variance = 1;
    for (int i = 0; i < 8; i++)
        variance *= 1 + (v[i] = 1 / (3 * (1 + a[i]) * (1 + a[i])));
    variance -= 1;
    for (int i = 0; i < 8; i++) {
        first[i] = v[i] / variance;
        total[i] = v[i] / (1 + v[i]) * (variance + 1) / variance;
        shapley[i] = 0;
        for (int set = 0; set < 256; set++) {
            double product = 1;
            int size = 0;
            for (int j = 0; j < 8; j++)
                if (set >> j & 1) {
                    product *= 1 + v[j];
                    size++;
                }
            if (!(set >> i & 1))
                shapley[i] += factorial[size] * factorial[7 - size] / factorial[8] * product * v[i] / variance;
        }
    }
}

static void check_g(uint64_t points, const char *design) {
    double truth[3][8];
    struct tested tested = {0};
    ws_result *r = analyse(sobol_g, (struct ws_options){.draws = points, .keep_given = 1, .design = design}, NULL);
    if (!r)
        return;
    g_truth(truth[0], truth[1], truth[2]);
    CHECK_REL(truth[0][0], .716192, 1e-6);
    CHECK_REL(truth[1][1], .242198, 3e-6);
    for (int i = 0; i < 8; i++)
        for (int which = 0; which < 3; which++)
            test_one(&tested, r, xs[i], which, truth[which][i]);
    conclude(&tested);
    CHECK_ABS(sum_of_shapley(r, xs, 8), 1, 1e-12);
    ws_result_destroy(r);
}

static void test_g(void) { check_g(1 << 16, "sobol"); }
static void test_g_many(void) { check_g(1 << 20, "sobol"); }
static void test_g_other_designs(void) {
    check_g(1 << 16, "mc");
    check_g(1 << 16, "lhs");
}

// x1 x2 + x3: S = (3, 3, 12) / 19, ST = (4, 4, 12) / 19; the one interaction is halved.
static void check_polynomial(uint64_t points) {
    static const double truth[3][3] = {{3, 3, 12}, {4, 4, 12}, {3.5, 3.5, 12}};
    struct tested tested = {0};
    ws_result *r = analyse("wattspan: 1\n"
                           "inputs:\n"
                           "  x1: {unit: '1', prior: {uniform: {min: 0, max: 1}}}\n"
                           "  x2: {unit: '1', prior: {uniform: {min: 0, max: 1}}}\n"
                           "  x3: {unit: '1', prior: {uniform: {min: 0, max: 1}}}\n"
                           "outputs:\n"
                           "  y: {unit: '1', formula: x1 * x2 + x3}\n",
                           (struct ws_options){.draws = points, .keep_given = 1}, NULL);
    if (!r)
        return;
    for (int i = 0; i < 3; i++)
        for (int which = 0; which < 3; which++)
            test_one(&tested, r, xs[i], which, truth[which][i] / 19);
    conclude(&tested);
    CHECK_ABS(sum_of_shapley(r, xs, 3), 1, 1e-12);
    ws_result_destroy(r);
}

static void test_polynomial(void) {
    check_polynomial(1 << 16);
    check_polynomial(1 << 20);
}

static const char *const product =
    "wattspan: 1\n"
    "inputs:\n"
    "  a: {unit: '1', prior: {lognormal: {mu: 0, sigma: 0.2}}}\n"
    "  b: {unit: '1', prior: {lognormal: {mu: 0, sigma: 0.5}}}\n"
    "  c: {unit: '1', prior: {lognormal: {mu: 0, sigma: 0.1}}}\n"
    "  d: {unit: '1', prior: {lognormal: {mu: 0, sigma: 0.3}}}\n"
    "  idle: {unit: '1', prior: {uniform: {min: 0, max: 1}}}\n"
    "  muted: {unit: '1', prior: {uniform: {min: 0, max: 1}}}\n"
    "  k: {unit: '1', prior: 3}\n"
    "outputs:\n"
    "  y: {unit: '1', formula: k * a * b * c * d + 0 * muted}\n"
    "  z: {unit: '1', formula: a * b * c * d, scale: log}\n"
    "  low: {unit: '1', formula: a - b, scale: log}\n"; // at or below zero now and then: analysed as it is

// Closed forms of the product of lognormals; in ln, shares are s_i^2 / s^2 and there are no interactions.
static void test_product(void) {
    static const double s[] = {.2, .5, .1, .3}, first[] = {.0855606, .5954651, .0210704, .1974383},
                        total[] = {.1214163, .6849479, .0308109, .2665138};
    static const char *const names[] = {"a", "b", "c", "d"};
    struct tested tested = {0};
    ws_result *r = analyse(product, (struct ws_options){.draws = 1 << 18}, NULL);
    if (!r)
        return;
    for (int i = 0; i < 4; i++) {
        test_one(&tested, r, names[i], WS_SHARE_FIRST_ORDER, first[i]);
        test_one(&tested, r, names[i], WS_SHARE_TOTAL, total[i]);
        for (int which = 0; which < 3; which++) {
            struct ws_estimate e = share(r, "z", names[i], which);
            CHECK_Z(e.value, s[i] * s[i] / 0.39, e.se, 5);
            CHECK(e.se < 0.002);
        }
    }
    conclude(&tested);
    CHECK(!r->effects->in_log[0] && r->effects->in_log[1] && !r->effects->in_log[2]);
    for (int which = 0; which < 3; which++) {
        static const char *const inert[] = {"idle", "muted"};
        for (int i = 0; i < 2; i++) {
            struct ws_estimate e = share(r, "y", inert[i], which);
            CHECK(fabs(e.value) <= ws_effects_half_width() * e.se);
        }
        CHECK(isnan(share(r, "y", "k", which).value));
    }
    ws_result_destroy(r);
}

// a and c as one: V = e^(s_a^2 + s_c^2) - 1 takes the place of the single ones.
static void test_groups(void) {
    ws_result *r = analyse(product, (struct ws_options){.draws = 1 << 18}, "both=a,c");
    if (!r)
        return;
    double all = exp(.39) - 1, pair = .05;
    struct tested tested = {0};
    test_one(&tested, r, "a", WS_SHARE_FIRST_ORDER, (exp(pair) - 1) / all);
    test_one(&tested, r, "c", WS_SHARE_TOTAL, (exp(.39) - exp(.39 - pair)) / all);
    CHECK_STR(r->effects->factor[0], "both");
    CHECK_STR(r->effects->factor[2], "both");
    CHECK_STR(r->effects->factor[1], "b");
    CHECK_INT(r->effects->model_runs, (uint64_t)(1 << 18) * 11);
    ws_result_destroy(r);
}

// A choice between two normals 2 apart with variances of 1: its share is 1 / (1 + 1).
static void test_categorical(void) {
    struct tested tested = {0};
    ws_result *r = analyse("wattspan: 1\n"
                           "inputs:\n"
                           "  route: {prior: {choice: {high: 1, low: 1}}}\n"
                           "  noise: {unit: '1', prior: {normal: {mean: 0, sd: 1}}}\n"
                           "outputs:\n"
                           "  y: {unit: '1', formula: 'select(route, high = 1, low = -1) + noise'}\n",
                           (struct ws_options){.draws = 1 << 16}, NULL);
    if (!r)
        return;
    for (int which = 0; which < 3; which++) {
        test_one(&tested, r, "route", which, 0.5);
        test_one(&tested, r, "noise", which, 0.5);
    }
    ws_result_destroy(r);
}

// Energy as in grok-4.yaml, by the independent priors of a published table, whose shares of the variance of ln it gives
// with two digits. In ln all is additive: shares are Var ln x over their sum.
static void test_energy(void) {
    static const char *const names[] = {"hours", "power_ratio", "pue", "overhead"};
    static const double published[] = {.88, .08, .03, .01};
    ws_result *r =
        analyse("wattspan: 1\n"
                "inputs:\n"
                "  hours: {unit: h, prior: {lognormal: {p5: 120e6, p95: 500e6}}}\n"
                "  power_ratio: {unit: '1', prior: {lognormal: {p5: 0.60, p95: 0.92}, truncate: [0, 1.05]}}\n"
                "  pue: {unit: '1', prior: {lognormal: {p5: 0.08, p95: 0.40}, shift: 1}}\n"
                "  overhead: {unit: '1', prior: {pert: {min: 1.70, mode: 1.95, max: 2.15}}}\n"
                "outputs:\n"
                "  y: {unit: GWh, formula: 'hours * 700 [W] * power_ratio * overhead * pue', scale: log}\n",
                (struct ws_options){.draws = 1 << 16}, NULL);
    if (!r)
        return;
    CHECK(r->effects->in_log[0]);
    for (int i = 0; i < 4; i++) {
        for (int which = 0; which < 3; which++)
            CHECK_ABS(share(r, "y", names[i], which).value, published[i], 0.008);
        const struct ws_index *given = &ws_indices_of(r->indices, r, 0, 0)[i];
        CHECK_Z(given->first_order, share(r, "y", names[i], WS_SHARE_FIRST_ORDER).value, given->first_order_se, 4);
    }
    ws_result_destroy(r);
}

// Shares from kept draws beside those from further runs of the model, on a whole study: of its outputs and inputs as
// many are within two of their standard errors as should be.
static void test_given_data(void) {
    const char *root = getenv("WS_SOURCE_ROOT");
    char path[4096];
    struct ws_error error = {0};
    ws_study *study = NULL;
    ws_result *r = NULL;
    size_t n = 0, beyond_2 = 0;
    snprintf(path, sizeof path, "%s/priors/grok-4.yaml", root ? root : ".");
    const struct ws_options options = {.draws = 1 << 16, .keep = 1 << 15, .design = "mc"};
    if (!CHECK_INT(ws_study_load(path, NULL, NULL, &study, &error), 0))
        return;
    CHECK_INT(ws_sensitivity(study, &options, NULL, &r, &error), 0);
    for (size_t o = 0; r && o < r->study->n_outputs; o++) {
        const struct ws_index *given = ws_indices_of(r->indices, r, 0, o);
        const struct ws_effect *effect = ws_effects_of(r->effects, r->study, o);
        CHECK_INT(r->indices->in_log[o], r->effects->in_log[o]);
        for (size_t i = 0; i < r->study->n_inputs; i++) {
            double se = hypot(given[i].first_order_se, effect[i].first_order_se);
            if (isnan(given[i].first_order) || isnan(effect[i].first_order))
                continue;
            n++;
            beyond_2 += fabs(given[i].first_order - effect[i].first_order) > 2 * se;
            CHECK_Z(given[i].first_order, effect[i].first_order, se, 5.5);
        }
    }
    printf("# %zu of %zu shares are more than two standard errors apart\n", beyond_2, n);
    CHECK(n > 100 && (double)beyond_2 < 0.08 * (double)n);
    ws_result_destroy(r);
    ws_study_destroy(study);
}

// ---- inputs that correlate ----

static void check_shares(const ws_result *r, const char *output, const char *input, const double truth[3]) {
    for (int which = 0; which < 3; which++) {
        struct ws_estimate e = share(r, output, input, which);
        CHECK_Z(e.value, truth[which], e.se + 1e-9, 5);
        CHECK(e.se < 0.01);
    }
}

// Linear in normals: Var E(y | u) = c' S^-1 c over u, c the covariances with y.
static void test_correlated_linear(void) {
    // y = x1 + x2 + x3 with sds 1, 1, 2 and a correlation of 1/2 of the last two: Var y = 8. `told` is in no formula.
    static const double truth[][3] = {
        {1. / 8, 1. / 8, 1. / 8}, {4. / 8, .75 / 8, 2.375 / 8}, {6.25 / 8, 3. / 8, 4.625 / 8}};
    static const char *const study = "wattspan: 1\n"
                                     "inputs:\n"
                                     "  x1: {unit: '1', prior: {normal: {mean: 3, sd: 1}}}\n"
                                     "  x2: {unit: '1', prior: {normal: {mean: 0, sd: 1}}}\n"
                                     "  x3: {unit: '1', prior: {normal: {mean: 0, sd: 2}}}\n"
                                     "  source: {unit: '1', prior: {normal: {mean: 0, sd: 2}}}\n"
                                     "  told: {unit: '1', prior: 3 to 4}\n"
                                     "correlations:\n"
                                     "  - {between: [x2, x3], gaussian: 0.5}\n"
                                     "  - {between: [source, told], gaussian: -0.6}\n"
                                     "outputs:\n"
                                     "  y: {unit: '1', formula: x1 + x2 + x3}\n"
                                     "  z: {unit: '1', formula: source}\n";
    static const char *const xs_of_y[] = {"x1", "x2", "x3"};
    static const char *const designs[] = {"sobol", "mc", "lhs"};
    for (int d = 0; d < 3; d++) {
        ws_result *r = analyse(study, (struct ws_options){.draws = 1 << 17, .design = designs[d]}, NULL);
        if (!r)
            return;
        for (int i = 0; i < 3; i++)
            check_shares(r, "y", xs_of_y[i], truth[i]);
        CHECK_ABS(sum_of_shapley(r, xs_of_y, 3), 1, 1e-12);
        check_shares(r, "z", "source", (const double[]){1, .64, .82});
        check_shares(r, "z", "told", (const double[]){.36, 0, .18});
        CHECK_INT(r->effects->model_runs, (uint64_t)(1 << 17) * (2 * 5 + 4 + 1));
        ws_result_destroy(r);
    }
    // Together the two are independent of the rest, and cost no more.
    ws_result *r = analyse(study, (struct ws_options){.draws = 1 << 17}, "pair=x2,x3");
    if (!r)
        return;
    check_shares(r, "y", "x2", (const double[]){7. / 8, 7. / 8, 7. / 8});
    CHECK_INT(r->effects->model_runs, (uint64_t)(1 << 17) * (2 * 4 + 2 + 1));
    ws_result_destroy(r);
}

// One group holds all that correlate, so that no factor does: a product, whose Shapley effects differ from its shares.
static void test_correlated_group(void) {
    ws_result *r = analyse("wattspan: 1\n"
                           "inputs:\n"
                           "  a: {unit: '1', prior: {normal: {mean: 0, sd: 1}}}\n"
                           "  b: {unit: '1', prior: {normal: {mean: 0, sd: 1}}}\n"
                           "  c: {unit: '1', prior: {normal: {mean: 1, sd: 1}}}\n"
                           "correlations:\n"
                           "  - {between: [a, b], gaussian: 0.5}\n"
                           "outputs:\n"
                           "  y: {unit: '1', formula: (a + b) * c}\n",
                           (struct ws_options){.draws = 1 << 17}, "pair=a,b");
    if (!r)
        return;
    // Var y = 3 * 2; given the pair 3, given c nothing.
    check_shares(r, "y", "a", (const double[]){0.5, 1, 0.75});
    check_shares(r, "y", "c", (const double[]){0, 0.5, 0.25});
    CHECK_INT(r->effects->model_runs, (uint64_t)(1 << 17) * (2 * 2 + 1));
    ws_result_destroy(r);
}

// Nine normals, which are more than whose laws are remembered, pairwise correlated by r: y is their sum.
static void test_correlated_many(void) {
    enum { N = 9 };
    const double r = 0.3, variance = N + N * (N - 1) * r;
    char text[4096];
    size_t length = (size_t)snprintf(text, sizeof text, "wattspan: 1\ninputs:\n");
    for (int i = 0; i < N; i++)
        length += (size_t)snprintf(text + length, sizeof text - length,
                                   "  x%d: {unit: '1', prior: {normal: {mean: 0, sd: 1}}}\n", i);
    length += (size_t)snprintf(text + length, sizeof text - length, "correlations:\n");
    for (int i = 0; i < N; i++)
        for (int j = 0; j < i; j++)
            length += (size_t)snprintf(text + length, sizeof text - length, "  - {between: [x%d, x%d], gaussian: %g}\n",
                                       i, j, r);
    snprintf(text + length, sizeof text - length,
             "outputs:\n  y: {unit: '1', formula: x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8}\n");
    ws_result *result = analyse(text, (struct ws_options){.draws = 1 << 16}, NULL);
    if (!result)
        return;
    // Given the others' mean: variance 1 - r^2 (N - 1) / (1 + (N - 2) r).
    double first = (1 + (N - 1) * r) * (1 + (N - 1) * r) / variance, given = 1 - r * r * (N - 1) / (1 + (N - 2) * r);
    for (int i = 0; i < N; i++) {
        char name[8];
        snprintf(name, sizeof name, "x%d", i);
        check_shares(result, "y", name, (const double[]){first, given / variance, 1. / N});
    }
    ws_result_destroy(result);
}

// Discrete inputs count by their values, not by the scores behind them, which tell more.
static void test_correlated_discrete(void) {
    const double r = 0.8, m = r * sqrt(2 / M_PI), phi = 1 / sqrt(2 * M_PI);
    ws_result *result = analyse("wattspan: 1\n"
                                "inputs:\n"
                                "  d: {unit: '1', prior: {bernoulli: {p: 0.5}}}\n"
                                "  x: {unit: '1', prior: {normal: {mean: 0, sd: 1}}}\n"
                                "  d1: {unit: '1', prior: {bernoulli: {p: 0.5}}}\n"
                                "  d2: {unit: '1', prior: {bernoulli: {p: 0.5}}}\n"
                                "  w: {unit: '1', prior: {normal: {mean: 0, sd: 1}}}\n"
                                "  e1: {unit: '1', prior: {bernoulli: {p: 0.5}}}\n"
                                "  e2: {unit: '1', prior: {bernoulli: {p: 0.5}}}\n"
                                "  route: {prior: {choice: {high: 1, low: 1}}}\n"
                                "correlations:\n"
                                "  - {between: [d, x], gaussian: 0.8}\n"
                                "  - {between: [d1, d2], gaussian: 0.7}\n"
                                "  - {between: [e1, e2], gaussian: 0.7}\n"
                                "  - {between: [d1, w], gaussian: 0.8}\n"
                                "  - {between: [d2, w], gaussian: 0.6}\n"
                                "outputs:\n"
                                "  y: {unit: '1', formula: d + x}\n"
                                "  both: {unit: '1', formula: e1 + e2}\n"
                                "  all: {unit: '1', formula: d1 + d2 + w}\n"
                                "  mixed: {unit: '1', formula: 'd + x + select(route, high = 1, low = -1)'}\n",
                                (struct ws_options){.draws = 1 << 17}, NULL);
    if (!result)
        return;
    // m = E(x | d = 1), and E Var(d | x) = 1/4 - asin(r^2) / (2 pi).
    double variance = 1.25 + m, total_x = (1 - m * m) / variance,
           total_d = (0.25 - asin(r * r) / (2 * M_PI)) / variance;
    const double d[] = {1 - total_x, total_d, (1 - total_x + total_d) / 2};
    const double x[] = {1 - total_d, total_x, (1 - total_d + total_x) / 2};
    check_shares(result, "y", "d", d);
    check_shares(result, "y", "x", x);
    // With an independent choice beside them that has a variance of 1.
    double scale = variance / (variance + 1), own = 1 - scale;
    check_shares(result, "mixed", "route", (const double[]){own, own, own});
    check_shares(result, "mixed", "d", (const double[]){d[0] * scale, d[1] * scale, d[2] * scale});
    // p: that both are equal.
    double p = 0.5 + asin(0.7) / M_PI;
    check_shares(result, "both", "e1", (const double[]){p, 1 - p, 0.5});
    // E(w; d1, d2) are (0.8 +- 0.6) phi / 2 (Tallis 1961), so both kept at once.
    double known = 2 * (pow(0.7 * phi, 2) / (p / 2) + pow(0.1 * phi, 2) / ((1 - p) / 2));
    double whole = p + 1 + 2 * (0.8 + 0.6) * phi;
    struct ws_estimate e = share(result, "all", "w", WS_SHARE_TOTAL);
    CHECK_Z(e.value, (1 - known) / whole, e.se, 5);
    CHECK(e.se < 0.002);
    ws_result_destroy(result);
}

// Half of m's values are one: that half of its scores tells no more of x than that it is below the median.
static void test_correlated_atom(void) {
    ws_result *result = analyse("wattspan: 1\n"
                                "inputs:\n"
                                "  m: {unit: '1', prior: {mixture: [{weight: 1, constant: 0}, {weight: 1, uniform: "
                                "{min: 1, max: 2}}]}}\n"
                                "  x: {unit: '1', prior: {normal: {mean: 0, sd: 1}}}\n"
                                "correlations:\n"
                                "  - {between: [m, x], gaussian: 0.8}\n"
                                "outputs:\n"
                                "  y: {unit: '1', formula: x}\n",
                                (struct ws_options){.draws = 1 << 16}, NULL);
    if (!result)
        return;
    double first = 0.64 * (0.5 + 0.5 * 2 / M_PI); // E(x | m) is 0.8 of m's score above, of its mean below
    check_shares(result, "y", "m", (const double[]){first, 0, first / 2});
    check_shares(result, "y", "x", (const double[]){1, 1 - first, 1 - first / 2});
    ws_result_destroy(result);
}

static void test_correlated_bits(void) {
    static const char *const study = "wattspan: 1\n"
                                     "inputs:\n"
                                     "  n: {unit: '1', prior: {poisson: {mean: 3}}}\n"
                                     "  d: {unit: '1', prior: {bernoulli: {p: 0.5}}}\n"
                                     "  x: {unit: '1', prior: 1 to 2}\n"
                                     "correlations:\n"
                                     "  - {between: [n, x], spearman: 0.5}\n"
                                     "  - {between: [d, x], spearman: 0.5}\n"
                                     "outputs:\n"
                                     "  y: {unit: '1', formula: n * x + d}\n";
    ws_result *one = analyse(study, (struct ws_options){.draws = 1 << 16, .threads = 1, .isa = "baseline"}, NULL);
    ws_result *five = analyse(study, (struct ws_options){.draws = 1 << 16, .threads = 5}, NULL);
    if (one && five)
        CHECK(memcmp(one->effects->items, five->effects->items, 3 * sizeof(struct ws_effect)) == 0);
    ws_result_destroy(one);
    ws_result_destroy(five);
}

static void test_bits(void) {
    ws_result *one = analyse(sobol_g, (struct ws_options){.draws = 1 << 17, .threads = 1}, NULL);
    ws_result *five = analyse(sobol_g, (struct ws_options){.draws = 1 << 17, .threads = 5}, NULL);
    ws_result *other = analyse(sobol_g, (struct ws_options){.draws = 1 << 17, .seed = 2}, NULL);
    if (one && five && other) {
        CHECK(memcmp(one->effects->items, five->effects->items, 8 * sizeof(struct ws_effect)) == 0);
        CHECK(memcmp(one->effects->items, other->effects->items, 8 * sizeof(struct ws_effect)) != 0);
    }
    ws_result_destroy(one);
    ws_result_destroy(five);
    ws_result_destroy(other);
}

// From a file the same shares as from the run.
static void test_file(void) {
    char path[] = "/tmp/wattspan-effects-XXXXXX";
    struct ws_error error = {0};
    int fd = mkstemp(path);
    ws_result *r = analyse(product, (struct ws_options){.draws = 1 << 16}, "both=a,c"), *read = NULL;
    if (!CHECK(fd >= 0) || !r)
        return;
    close(fd);
    unlink(path);
    if (CHECK_INT(ws_result_save(r, path, 0, &error), 0) && CHECK_INT(ws_result_load(path, &read, &error), 0) &&
        CHECK(read->effects != NULL)) {
        CHECK(memcmp(r->effects->items, read->effects->items, 6 * sizeof(struct ws_effect)) == 0);
        CHECK(memcmp(r->effects->in_log, read->effects->in_log, 3) == 0);
        CHECK_INT(read->effects->points, 1 << 16);
        CHECK_INT(read->effects->model_runs, r->effects->model_runs);
        CHECK_STR(read->effects->factor[2], "both");
    }
    unlink(path);
    ws_result_destroy(r);
    ws_result_destroy(read);
}

static void test_refusals(void) {
    static const char *const bad[][2] = {
        {"a,b", "NAME=INPUT,INPUT"}, {"both=a,bb", "no input 'bb'"}, {"both=a,a", "in a group already"},
        {"both=a,k", "is constant"}, {"b=a,c", "name is taken"},
    };
    ws_study *study = parse(product);
    for (size_t i = 0; study && i < sizeof bad / sizeof *bad; i++) {
        struct ws_error error = {0};
        ws_result *result = NULL;
        const struct ws_sensitivity_options groups = {&bad[i][0], 1};
        CHECK_INT(ws_sensitivity(study, NULL, &groups, &result, &error), WS_ERROR_USAGE);
        if (!CHECK(strstr(error.text, bad[i][1]) != NULL))
            printf("# %s\n", error.text);
    }
    ws_study_destroy(study);
}

int main(void) {
    RUN(test_g);
    RUN(test_g_many);
    RUN(test_g_other_designs);
    RUN(test_polynomial);
    RUN(test_product);
    RUN(test_groups);
    RUN(test_categorical);
    RUN(test_energy);
    RUN(test_given_data);
    RUN(test_correlated_linear);
    RUN(test_correlated_group);
    RUN(test_correlated_many);
    RUN(test_correlated_discrete);
    RUN(test_correlated_atom);
    RUN(test_correlated_bits);
    RUN(test_bits);
    RUN(test_file);
    RUN(test_refusals);
    return tap_done();
}
