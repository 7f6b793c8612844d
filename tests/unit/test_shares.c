// SPDX-License-Identifier: GPL-3.0-or-later
// Shares of a whole: draws of a Dirichlet distribution against its moments, for all designs; the same draws in any
// order of the entries; one factor; one quantity in two studies only as a whole.
#include "tap.h"

#include "api/handles.h"

#define INPUTS \
    "wattspan: 1\ninputs:\n" \
    "  coal: {unit: 1, prior: {dirichlet: {group: mix, alpha: 3}}, point: 0.3}\n" \
    "  gas: {unit: 1, prior: {dirichlet: {group: mix, alpha: 0.5}}, point: 0.1}\n" \
    "  wind: {unit: 1, prior: {dirichlet: {group: mix, alpha: 5}}, point: 0.5}\n" \
    "  sun: {unit: 1, prior: {dirichlet: {group: mix, alpha: 1.5}}, point: 0.1}\n" \
    "  hours: {unit: h, prior: 10 to 30}\n" \
    "  owner: {prior: {choice: {us: 1, them: 1}}}\n"
#define OTHER_ORDER \
    "wattspan: 1\ninputs:\n" \
    "  hours: {unit: h, prior: 10 to 30}\n" \
    "  sun: {unit: 1, prior: {dirichlet: {alpha: 1.5, group: mix}}, point: 0.1}\n" \
    "  owner: {prior: {choice: {us: 1, them: 1}}}\n" \
    "  wind: {unit: 1, prior: {dirichlet: {group: mix, alpha: 5}}, point: 0.5}\n" \
    "  gas: {unit: 1, prior: {dirichlet: {group: mix, alpha: 0.5}}, point: 0.1}\n" \
    "  coal: {unit: 1, prior: {dirichlet: {group: mix, alpha: 3}}, point: 0.3}\n"
#define OUTPUTS \
    "outputs:\n" \
    "  y: {unit: h, formula: hours * (coal + 2 * gas), by: owner}\n" \
    "  whole: {unit: 1, formula: coal + gas + wind + sun}\n"

static const char *const names[] = {"coal", "gas", "wind", "sun"};
static const double alpha[] = {3, 0.5, 5, 1.5};
static const double whole = 10;
enum { MEMBERS = 4 };

static ws_study *load(const char *text, const char *setting, struct ws_error *error) {
    ws_study *study = NULL;
    const struct ws_study_options options = {.settings = &setting, .n_settings = setting ? 1 : 0};
    *error = (struct ws_error){0};
    ws_study_parse("study.yaml", text, strlen(text), &options, NULL, &study, error);
    return study;
}

static ws_result *run(const char *text, const char *setting, const struct ws_options *options) {
    struct ws_error error;
    ws_result *result = NULL;
    ws_study *study = load(text, setting, &error);
    if (study)
        ws_run(study, options, &result, &error);
    if (!CHECK(result != NULL))
        printf("# %s: %s\n", error.where, error.text);
    ws_study_destroy(study);
    return result;
}

static const double *kept(const ws_result *r, const char *name) {
    return r->kept_inputs + ws_study_find(r->study, name) * r->n_kept;
}

// E x_i x_j of the kept draws, i = j included.
static double product(const ws_result *r, int i, int j) {
    const double *x = kept(r, names[i]), *y = kept(r, names[j]);
    double sum = 0;
    for (size_t k = 0; k < r->n_kept; k++)
        sum += x[k] * y[k];
    return sum / (double)r->n_kept;
}

static void check_moments(const ws_result *r) {
    double n = (double)r->n_kept;
    for (int i = 0; i < MEMBERS; i++) {
        const double *x = kept(r, names[i]);
        double mean = alpha[i] / whole, variance = mean * (1 - mean) / (whole + 1), sum = 0, cubes = 0;
        for (size_t k = 0; k < r->n_kept; k++) {
            sum += x[k] / n;
            cubes += x[k] * x[k] * x[k] / n;
        }
        CHECK_ABS(sum, mean, 4 * sqrt(variance / n));
        // E x^m = prod (alpha + k) / (whole + k)
        double third = mean * (alpha[i] + 1) / (whole + 1) * (alpha[i] + 2) / (whole + 2), sixth = third;
        for (int k = 3; k < 6; k++)
            sixth *= (alpha[i] + k) / (whole + k);
        CHECK_ABS(cubes, third, 4 * sqrt((sixth - third * third) / n));
        CHECK_ABS(r->inputs[ws_study_find(r->study, names[i])].mean, mean, 1e-12);
        CHECK_ABS(r->inputs[ws_study_find(r->study, names[i])].sd, sqrt(variance), 1e-12);
        for (int j = 0; j < i; j++) {
            double both = alpha[i] * alpha[j] / (whole * (whole + 1));
            double square = both * (alpha[i] + 1) * (alpha[j] + 1) / ((whole + 2) * (whole + 3));
            CHECK_ABS(product(r, i, j), both, 4 * sqrt((square - both * both) / n));
        }
    }
}

static void check_sums(const ws_result *r) {
    double worst = 0;
    for (size_t k = 0; k < r->n_kept; k++) {
        double sum = 0;
        for (int i = 0; i < MEMBERS; i++) {
            sum += kept(r, names[i])[k];
            worst = fmax(worst, kept(r, names[i])[k] < 0);
        }
        worst = fmax(worst, fabs(sum - 1));
    }
    CHECK(worst < 4 * 0x1p-52);
}

static void test_moments(void) {
    static const char *const designs[] = {"mc", "lhs", "sobol"};
    for (int d = 0; d < 3; d++) {
        ws_result *r =
            run(INPUTS OUTPUTS, NULL, &(struct ws_options){.draws = 262144, .keep = 262144, .design = designs[d]});
        if (r) {
            check_moments(r);
            check_sums(r);
        }
        ws_result_destroy(r);
    }
}

static void test_another_generator(void) {
    ws_result *r = run(INPUTS OUTPUTS, NULL, &(struct ws_options){.draws = 131072, .keep = 131072, .rng = "mt19937"});
    if (r)
        check_moments(r);
    ws_result_destroy(r);
}

static void test_order_of_entries(void) {
    const struct ws_options options = {.draws = 70000, .keep = 2000};
    ws_result *a = run(INPUTS OUTPUTS, NULL, &options), *b = run(OTHER_ORDER OUTPUTS, NULL, &options);
    for (int i = 0; a && b && i < MEMBERS; i++)
        CHECK(memcmp(kept(a, names[i]), kept(b, names[i]), a->n_kept * sizeof(double)) == 0);
    if (a && b) {
        double mean[2], m[2][5];
        ws_moments_central(&a->tallies[0].moments, &mean[0], m[0]);
        ws_moments_central(&b->tallies[0].moments, &mean[1], m[1]);
        CHECK(mean[0] == mean[1] && m[0][2] == m[1][2] && m[0][4] == m[1][4]);
    }
    ws_result_destroy(a);
    ws_result_destroy(b);
}

static void test_points(void) {
    struct ws_error error;
    ws_study *study = load(INPUTS OUTPUTS, NULL, &error);
    if (CHECK(study != NULL))
        CHECK_ABS(study->quantities[ws_study_find(study, "whole")].point, 1, 1e-15);
    ws_study_destroy(study);
}

static void test_set(void) {
    struct ws_error error;
    CHECK(load(INPUTS OUTPUTS, "gas=0.3", &error) == NULL);
    CHECK(strstr(error.text, "'gas' is a share of the group 'mix'") != NULL);
    CHECK(load(INPUTS OUTPUTS, "gas={uniform: {min: 0, max: 1}}", &error) == NULL);
    ws_study *study = load(INPUTS OUTPUTS, "gas={dirichlet: {group: mix, alpha: 30.5}}", &error);
    if (CHECK(study != NULL))
        CHECK_ABS(ws_prior_mean(study->quantities[ws_study_find(study, "gas")].prior), 30.5 / 40, 1e-15);
    ws_study_destroy(study);
}

int main(void) {
    RUN(test_moments);
    RUN(test_another_generator);
    RUN(test_order_of_entries);
    RUN(test_points);
    RUN(test_set);
    return tap_done();
}
