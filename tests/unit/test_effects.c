// SPDX-License-Identifier: GPL-3.0-or-later
// Sensitivity analyses against closed forms: first order, total and Shapley effects with their intervals.
#include "tap.h"

#include <unistd.h>

#include "analysis/effects.h"
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
    RUN(test_bits);
    RUN(test_file);
    RUN(test_refusals);
    return tap_done();
}
