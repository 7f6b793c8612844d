// SPDX-License-Identifier: GPL-3.0-or-later
// Conditional priors. Three experts have views on four inputs; pooled with `given` each speaks through all four at
// once. Since a draw's uniforms are named by seed, input and address alone, what the pooled study draws where expert A
// speaks is to the bit what a study of A's priors alone draws at that address, and its outputs within A have A's
// distribution; the pooled output has the mixture of the three.
#include "tap.h"

#include "analysis/partition.h"
#include "analysis/summary.h"
#include "api/handles.h"

#define OUTPUTS \
    "  plain: {unit: h, prior: {gamma: {shape: 3, scale: 2}}}\n" \
    "outputs:\n  y: {unit: h, formula: a * b + c * d + plain BY}\n"
#define BEFORE "wattspan: 1\ninputs:\n"

static const char *const alone[3] = {
    BEFORE "  a: {unit: h, prior: 10 to 30}\n  b: {unit: '1', prior: {pert: {min: 1, mode: 1.2, max: 2}}}\n"
           "  c: {unit: h, prior: {normal: {mean: 5, sd: 1}}}\n  d: {unit: '1', prior: 2}\n",
    BEFORE "  a: {unit: h, prior: 40 to 90}\n  b: {unit: '1', prior: {triangular: {min: 1, mode: 1.1, max: 1.3}}}\n"
           "  c: {unit: h, prior: {normal: {mean: 9, sd: 2}}}\n  d: {unit: '1', prior: {uniform: {min: 1, max: 3}}}\n",
    BEFORE "  a: {unit: h, prior: 5 to 100}\n  b: {unit: '1', prior: {beta: {a: 2, b: 3, min: 1, max: 4}}}\n"
           "  c: {unit: h, prior: {student_t: {df: 5, mean: 6}}}\n  d: {unit: '1', prior: 1 to 4}\n",
};

// The choice comes last, after what depends on it.
static const char pooled[] =
    BEFORE "  a: {unit: h, prior: {given: expert, ann: 10 to 30, bo: 40 to 90, cy: 5 to 100}}\n"
           "  b: {unit: '1', prior: {given: expert, bo: {triangular: {min: 1, mode: 1.1, max: 1.3}},\n"
           "       cy: {beta: {a: 2, b: 3, min: 1, max: 4}}, ann: {pert: {min: 1, mode: 1.2, max: 2}}}}\n"
           "  c: {unit: h, prior: {given: expert, ann: {normal: {mean: 5, sd: 1}}, bo: {normal: {mean: 9, sd: 2}},\n"
           "       cy: {student_t: {df: 5, mean: 6}}}}\n"
           "  d: {unit: '1', prior: {given: expert, ann: 2, bo: {uniform: {min: 1, max: 3}}, cy: 1 to 4}}\n"
           "  expert: {prior: {choice: {ann: 5, bo: 3, cy: 2}}}\n";
static const double weights[3] = {0.5, 0.3, 0.2};

static ws_result *run_with(const char *inputs, const char *by, const struct ws_options *options) {
    char text[8192];
    const char *mark = strstr(OUTPUTS, " BY");
    snprintf(text, sizeof text, "%s%.*s%s}\n", inputs, (int)(mark - OUTPUTS), OUTPUTS, by);
    struct ws_error error = {0};
    ws_study *study = NULL;
    ws_result *result = NULL;
    if (ws_study_parse("study.yaml", text, strlen(text), NULL, NULL, &study, &error) == 0)
        ws_run(study, options, &result, &error);
    if (!CHECK(result != NULL))
        printf("# %s: %s\n", error.where, error.text);
    ws_study_destroy(study);
    return result;
}

static const double *kept(const ws_result *r, const char *name) {
    size_t q = ws_study_find(r->study, name);
    return q < r->study->n_inputs ? r->kept_inputs + q * r->n_kept
                                  : r->kept_outputs + (q - r->study->n_inputs - r->study->n_derived) * r->n_kept;
}

// Draw by draw; returns how many draws each expert spoke in.
static void check_same_draws(const ws_result *r, ws_result *const one[3], size_t counts[3]) {
    static const char *const names[] = {"a", "b", "c", "d", "plain", "y"};
    const double *expert = kept(r, "expert");
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        const double *x = kept(r, names[k]), *of[3];
        size_t differ = 0;
        for (int e = 0; e < 3; e++)
            of[e] = kept(one[e], names[k]);
        for (size_t i = 0; i < r->n_kept; i++)
            differ += x[i] != of[(int)expert[i]][i];
        CHECK_INT(differ, 0);
    }
    for (size_t i = 0; i < r->n_kept; i++)
        counts[(int)expert[i]]++;
}

static void check_distributions(const ws_result *r, ws_result *const one[3]) {
    struct ws_estimate within, separate, mixed;
    for (int e = 0; e < 3; e++)
        for (double u = 0.05; u < 1; u += 0.15) {
            ws_summary_quantile(r, 0, 1 + (size_t)e, u, &within.value, &within.se); // slot 0 is y over all
            ws_result_quantile(one[e], "y", u, &separate, NULL);
            CHECK_ABS(within.value, separate.value, 4.5 * (within.se + separate.se));
        }
    for (double x = 15; x < 300; x += 25) {
        double p = 0;
        for (int e = 0; e < 3; e++) {
            ws_result_probability(one[e], "y", x, &separate, NULL);
            p += weights[e] * separate.value;
        }
        ws_result_probability(r, "y", x, &mixed, NULL);
        CHECK_ABS(mixed.value, p, 4.5 * (mixed.se + 1e-5));
    }
}

static void check_design(const char *design, const char *rng) {
    const struct ws_options options = {.draws = 1048576, .design = design, .rng = rng, .keep = 65536, .seed = 7};
    ws_result *one[3], *r = run_with(pooled, ", by: expert", &options);
    size_t counts[3] = {0};
    for (int e = 0; e < 3; e++)
        one[e] = run_with(alone[e], "", &options);
    if (r && one[0] && one[1] && one[2]) {
        int moves = strcmp(design, "sobol") == 0; // its dimensions count uncertain inputs: `d` is none for ann
        if (!moves)
            check_same_draws(r, one, counts);
        for (int e = 0; e < 3 && !moves; e++)
            CHECK_ABS((double)counts[e] / (double)r->n_kept, weights[e], 0.01);
        check_distributions(r, one);
    }
    ws_result_destroy(r);
    for (int e = 0; e < 3; e++)
        ws_result_destroy(one[e]);
}

static void test_three_experts(void) { check_design("mc", "philox4x32"); }
static void test_three_experts_by_mt19937(void) { check_design("mc", "mt19937"); }
static void test_three_experts_on_a_net(void) { check_design("sobol", "philox4x32"); }
static void test_three_experts_in_strata(void) { check_design("lhs", "philox4x32"); }

static void test_same_bits(void) {
    const struct ws_options options[] = {{.draws = 300000, .threads = 1, .keep = 5000},
                                         {.draws = 300000, .threads = 3, .keep = 5000},
                                         {.draws = 300000, .threads = 2, .keep = 5000, .isa = "baseline"}};
    ws_result *r[3];
    for (int i = 0; i < 3; i++)
        r[i] = run_with(pooled, ", by: expert", &options[i]);
    for (int i = 1; i < 3 && r[0] && r[i]; i++) {
        CHECK(memcmp(r[0]->kept_inputs, r[i]->kept_inputs, 6 * r[0]->n_kept * sizeof(double)) == 0);
        for (size_t s = 0; s < r[0]->n_slots; s++)
            for (int k = 0; k < 4; k++)
                CHECK(ws_exact_value(&r[0]->tallies[s].moments.sum[k]) ==
                      ws_exact_value(&r[i]->tallies[s].moments.sum[k]));
    }
    for (int i = 0; i < 3; i++)
        ws_result_destroy(r[i]);
}

// So many tables that the hot loop is scheduled, and draws of each expert's priors where he speaks alone: its tallies,
// tails among them, against the kept draws, for which all priors are drawn everywhere.
static void check_wide(const char *voices) {
    const struct ws_options options = {.draws = 131072, .keep = 131072, .seed = 5};
    char inputs[4096];
    size_t length = (size_t)snprintf(inputs, sizeof inputs, "%s", voices);
    for (int i = 0; i < 12; i++)
        length += (size_t)snprintf(inputs + length, sizeof inputs - length,
                                   "  w%d: {unit: h, prior: {gamma: {shape: %d, scale: 2}}}\n", i, 3 + i);
    ws_result *r = run_with(inputs, ", by: expert", &options);
    double sum[4] = {0}, n[4] = {0}, most[4] = {0};
    for (size_t i = 0; r && i < r->n_kept; i++) {
        size_t expert = (size_t)kept(r, "expert")[i];
        double y = kept(r, "y")[i];
        for (int k = 0; k < 2; k++) {
            size_t slot = k ? 1 + expert : 0;
            sum[slot] += y;
            most[slot] = fmax(most[slot], y);
            n[slot]++;
        }
    }
    for (size_t slot = 0; r && slot < 4; slot++) {
        double mean, se;
        ws_summary_mean(r, 0, slot, &mean, &se);
        CHECK_REL(mean, sum[slot] / n[slot], 1e-12);
        CHECK(r->tallies[slot].moments.maximum == most[slot]);
    }
    ws_result_destroy(r);
}

static void test_wide(void) { check_wide(pooled); }

// Who speaks is conditional itself, so that no single column has the labels.
static void test_wide_nested(void) {
    static const char conditional[] =
        "  expert: {prior: {given: school, old: {choice: {ann: 5, bo: 3, cy: 2}},\n"
        "       new: {choice: {ann: 0, bo: 1, cy: 3}}}}\n"
        "  school: {prior: {choice: {old: 1, new: 2}}}\n";
    char nested[sizeof pooled + sizeof conditional];
    snprintf(nested, sizeof nested, "%.*s%s", (int)(strstr(pooled, "  expert:") - pooled), pooled, conditional);
    check_wide(nested);
}

// The law over all experts, as the reports show it: moments and quantiles of the mixture, against the draws.
static void test_law_over_all(void) {
    const struct ws_options options = {.draws = 200000, .keep = 200000, .seed = 3};
    ws_result *r = run_with(pooled, "", &options);
    if (!r)
        return;
    static const char *const names[] = {"a", "b", "c", "d"};
    for (int k = 0; k < 4; k++) {
        const struct ws_prior *prior = r->study->quantities[ws_study_find(r->study, names[k])].prior;
        const double *x = kept(r, names[k]), n = (double)r->n_kept;
        double mean = 0,
               at[3] = {ws_prior_quantile(prior, 0.05, 0), ws_prior_quantile(prior, 0.4, 0),
                        ws_prior_quantile(prior, 0.05, 1)},
               below[3] = {0};
        for (size_t i = 0; i < r->n_kept; i++) {
            mean += x[i] / n;
            for (int j = 0; j < 3; j++)
                below[j] += (x[i] <= at[j]) / n;
        }
        CHECK_Z(mean, ws_prior_mean(prior), ws_prior_sd(prior) / sqrt(n), 4);
        for (int j = 0; j < 3; j++)
            CHECK_Z(below[j], ws_prior_cdf(prior, at[j]), sqrt(0.25 / n), 4);
    }
    ws_result_destroy(r);
}

static void check_moves(const char *setting, double widen, double wanted_mean) {
    char text[4096];
    snprintf(text, sizeof text, "%soutputs:\n  y: {unit: h, formula: c}\n", pooled);
    const struct ws_study_options changed = {.settings = &setting, .n_settings = setting != NULL, .widen = widen};
    const struct ws_options options = {.draws = 300000};
    struct ws_error error = {0};
    struct ws_estimate mean = {NAN, NAN}, sd = {NAN, NAN};
    ws_study *study = NULL;
    ws_result *r = NULL;
    if (ws_study_parse("study.yaml", text, strlen(text), &changed, NULL, &study, &error) == 0 &&
        ws_run(study, &options, &r, &error) == 0) {
        ws_result_mean(r, "y", &mean, NULL);
        ws_result_sd(r, "y", &sd, NULL);
        CHECK_Z(mean.value, wanted_mean, mean.se, 4);
        const struct ws_prior *prior = r->study->quantities[2].prior;
        CHECK_REL(sd.value, ws_prior_sd(prior), 0.02);
    } else
        CHECK(0);
    ws_result_destroy(r);
    ws_study_destroy(study);
}

static void test_set_and_widen(void) {
    check_moves("expert=bo", 0, 9);
    check_moves("c={normal: {mean: 3, sd: 1}}", 0, 3);
    check_moves(NULL, 2, 0.5 * 5 + 0.3 * 9 + 0.2 * 6);
}

// y is N(0, 1) or N(3, 4) with weights 1 and 3: of its variance 0.1875 * 9 is between, 0.25 + 0.75 * 4 within.
static void check_partition(const char *design) {
    static const char text[] = BEFORE "  which: {prior: {choice: {low: 1, high: 3}}}\n"
                                      "  x: {unit: h, prior: {given: which, low: {normal: {mean: 0, sd: 1}}, "
                                      "high: {normal: {mean: 3, sd: 2}}}}\n"
                                      "outputs:\n  y: {unit: h, formula: x, by: which}\n";
    const struct ws_options options = {.draws = 1000000, .design = design};
    const double between = 0.1875 * 9, within = 3.25;
    struct ws_error error = {0};
    ws_study *study = NULL;
    ws_result *r = NULL;
    if (ws_study_parse("study.yaml", text, strlen(text), NULL, NULL, &study, &error) == 0 &&
        ws_run(study, &options, &r, &error) == 0) {
        CHECK_INT(ws_partition_length(r, 1), 2);
        struct ws_partition p = ws_partition_make(r, 0, 1, 2);
        CHECK_Z(p.share, between / (between + within), p.share_se, 4);
        CHECK_REL(p.between, between, 0.01);
        CHECK_REL(p.within, within, 0.01);
        if (strcmp(design, "mc") == 0)
            CHECK_REL(p.share_se, 6.72e-4, 0.03); // sd over 4,000 NumPy runs of 10,000 draws, / 10
        CHECK(p.share_se > 0 && p.share_se < 1e-3);
        CHECK_INT(ws_result_repool(r, "which=low:1,high:1", NULL), 0);
        CHECK(isnan(ws_partition_make(r, 0, 1, 2).share));
    } else
        CHECK(0);
    ws_result_destroy(r);
    ws_study_destroy(study);
}

static void test_between_and_within(void) {
    check_partition("mc");
    check_partition("sobol");
}

int main(void) {
    RUN(test_three_experts);
    RUN(test_three_experts_by_mt19937);
    RUN(test_three_experts_on_a_net);
    RUN(test_three_experts_in_strata);
    RUN(test_wide);
    RUN(test_wide_nested);
    RUN(test_same_bits);
    RUN(test_law_over_all);
    RUN(test_set_and_widen);
    RUN(test_between_and_within);
    return tap_done();
}
