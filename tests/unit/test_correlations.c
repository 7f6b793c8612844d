// SPDX-License-Identifier: GPL-3.0-or-later
// Inputs that move together: realised rank correlations, closed forms, the same bits, matrices that cannot be.
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "analysis/dependence.h"
#include "analysis/drivers.h"
#include "api/handles.h"
#include "base/text.h"
#include "numeric/kernels.h"
#include "prior/dependence.h"
#include "prior/matrix.h"
#include "tap.h"

static ws_study *load(const char *text, int repair, struct ws_error *error) {
    ws_study *study = NULL;
    *error = (struct ws_error){0};
    const struct ws_study_options options = {.repair_correlations = repair};
    ws_study_parse("study.yaml", text, strlen(text), &options, NULL, &study, error);
    return study;
}

static ws_result *run(const char *text, const struct ws_options *options) {
    struct ws_error error;
    ws_result *result = NULL;
    ws_study *study = load(text, 0, &error);
    if (study)
        ws_run(study, options, &result, &error);
    if (!CHECK(result != NULL))
        printf("# %s: %s\n", error.where, error.text);
    ws_study_destroy(study);
    return result;
}

static double realised(const ws_result *result, const char *a, const char *b) {
    size_t n = result->n_kept, i = ws_study_find(result->study, a), j = ws_study_find(result->study, b);
    struct ws_arena *arena = ws_arena_create();
    double *ranks = WS_NEW_ARRAY(arena, double, result->study->n_inputs *n);
    ws_rank_inputs(result, ranks, arena);
    double r = ws_dot(ranks + i * n, ranks + j * n, n);
    ws_arena_destroy(arena);
    return r;
}

#define MARGINS \
    "wattspan: 1\n" \
    "inputs:\n" \
    "  n: {unit: 1, prior: {normal: {mean: 5, sd: 2}}}\n" \
    "  l: {unit: 1, prior: {lognormal: {mu: 0, sigma: 0.7}}}\n" \
    "  t: {unit: 1, prior: {triangular: {min: 1, mode: 2, max: 5}}}\n" \
    "  p: {unit: 1, prior: {poisson: {mean: 2}}}\n" \
    "  b: {unit: 1, prior: {bernoulli: {p: 0.3}}}\n" \
    "  d: {unit: 1, prior: {discrete: {values: [1, 2, 5], weights: [1, 2, 1]}}}\n" \
    "  k: {prior: {choice: {one: 1, two: 1}}}\n" \
    "  g: {unit: 1, prior: {given: k, one: 1 to 2, two: {uniform: {min: 5, max: 6}}}}\n" \
    "  free: {unit: 1, prior: 1 to 2}\n" \
    "outputs:\n" \
    "  y: {unit: 1, formula: n + l + t + p + b + d + g + free}\n"

static struct ws_prior few(size_t n, const struct ws_prior_part *parts) {
    return (struct ws_prior){.family = ws_family_find("discrete"),
                             .n_parts = n,
                             .parts = parts,
                             .scale = 1,
                             .low = -INFINITY,
                             .high = INFINITY};
}

// A mixture that is 0 half of the time and else continuous, and a normal: against sums over fine grids of the scores.
// Its middle rank is 1/4 below the median, and of two draws below it neither is the greater.
static void test_ties_of_a_mixture(void) {
    const struct ws_prior zero = {.family = ws_family_find("constant"), .scale = 1, .low = -INFINITY, .high = INFINITY},
                          rest = {.family = ws_family_find("uniform"),
                                  .p = {1, 2},
                                  .scale = 1,
                                  .low = -INFINITY,
                                  .high = INFINITY};
    const struct ws_prior_part parts[] = {{.weight = 0.5, .prior = &zero}, {.weight = 0.5, .prior = &rest}};
    struct ws_prior mixed = few(2, parts), normal = rest;
    mixed.family = ws_family_find("mixture");
    const double step = 0.02;
    for (double r = -0.9; r < 1; r += 0.6) {
        double s = sqrt(1 - r * r), ranks = 0, signs = 0;
        for (double z = -6 + step / 2; z < 6; z += step) {
            double u = gsl_cdf_ugaussian_P(z), weight = step * gsl_ran_ugaussian_pdf(z);
            ranks += weight * ((u < 0.5 ? 0.25 : u) - 0.5) * (gsl_cdf_ugaussian_P(r * z / sqrt(2 - r * r)) - 0.5);
            for (double other = -6 + step / 2; other < z && z > 0; other += step)
                signs += 2 * weight * step * gsl_ran_ugaussian_pdf(other) * erf(r * (z - other) / s / 2);
        }
        CHECK_ABS(ws_spearman_of_scores(&mixed, &normal, r), 12 * ranks / sqrt(1 - 0.125), 4e-4);
        CHECK_ABS(ws_kendall_of_scores(&mixed, &normal, r), signs / sqrt(0.75), 2e-3);
    }
    CHECK(ws_prior_has_ties(&mixed) && !ws_prior_has_ties(&normal));
}

// Mixtures with values of their own, from the score's thirds on or in the middle of what is continuous: against SciPy's
// double and triple integrals of E sign(X' - X) sign(Y' - Y) and of the mid-ranks' covariance, by Gauss's rule with 60
// to 200 points; from 0.97 on against sums over rectangles of the scores' joint law, 0.01 wide, which are good to 1e-6.
static void test_mixtures_with_values(void) {
    static const struct {
        int a, b; // 0: normal, 1: a third uniform, then two values, 2: a value within a gapped uniform
        double r, spearman, kendall;
    } cases[] = {{1, 0, 0.5, 0.46034412002213243, 0.3436689680806641},
                 {1, 0, 0.9985, NAN, 0.869835992433948},
                 {0, 1, 0.9, 0.8557634891055759, NAN},
                 {0, 1, -0.99, -0.9514178944561332, NAN},
                 {2, 2, 0.3, 0.28019046860219005, 0.20453680409871922},
                 {2, 2, 0.7, 0.6634048895457714, 0.5145458819844566},
                 {2, 2, 0.9, 0.8668234200809153, 0.7288149922091839},
                 {1, 2, 0.5, NAN, 0.35265659696432866},
                 {1, 2, 0.9, 0.8400732535748148, 0.7156812326669193},
                 {1, 2, 0.97, NAN, 0.80528067},
                 {2, 2, 0.97, NAN, 0.85123663},
                 {2, 2, 0.99, 0.9769822, 0.91377755}};
    struct ws_prior one = few(0, NULL), value[2], even[2], normal = few(0, NULL);
    normal.family = ws_family_find("normal");
    normal.p[1] = 1;
    for (int i = 0; i < 2; i++) {
        value[i] = even[i] = one;
        value[i].family = ws_family_find("constant");
        value[i].p[0] = 5 + i;
        even[i].family = ws_family_find("uniform");
        even[i].p[0] = 3 * i;
        even[i].p[1] = 1 + 6 * i;
    }
    const struct ws_prior_part thirds[][3] = {{{.prior = &even[0]}, {.prior = &value[0]}, {.prior = &value[1]}},
                                              {{.prior = &even[0]}, {.prior = &value[0]}, {.prior = &even[1]}}};
    struct ws_prior_part parts[2][3];
    struct ws_prior priors[3] = {normal};
    for (int m = 0; m < 2; m++) {
        for (int i = 0; i < 3; i++) {
            parts[m][i] = thirds[m][i];
            parts[m][i].weight = 1.0 / 3;
        }
        priors[1 + m] = few(3, parts[m]);
        priors[1 + m].family = ws_family_find("mixture");
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct ws_prior *a = &priors[cases[i].a], *b = &priors[cases[i].b];
        const double off = cases[i].r > 0.95 && cases[i].a && cases[i].b ? 1e-6 : 1e-7;
        if (!isnan(cases[i].spearman))
            CHECK_ABS(ws_spearman_of_scores(a, b, cases[i].r), cases[i].spearman, 1e-5);
        if (!isnan(cases[i].kendall))
            CHECK_ABS(ws_kendall_of_scores(a, b, cases[i].r), cases[i].kendall, off);
    }
    double r;
    char text[256];
    CHECK_INT(ws_scores_correlation(WS_KENDALL, 0.8819, &priors[1], &normal, &r, text, sizeof text), 0);
    CHECK(ws_scores_correlation(WS_KENDALL, 0.882, &priors[1], &normal, &r, text, sizeof text) != 0);
    CHECK_STR(text, "kendall 0.882 cannot be had from these two priors: -0.8819 to 0.8819 can"); // sqrt(7) / 3
    for (double tau = -0.8; tau < 0.9; tau += 0.2) {
        CHECK_INT(ws_scores_correlation(WS_KENDALL, tau, &priors[1], &priors[2], &r, text, sizeof text), 0);
        CHECK_ABS(ws_kendall_of_scores(&priors[1], &priors[2], r), tau, 1e-11);
    }
    CHECK(ws_scores_correlation(WS_KENDALL, -0.88, &priors[1], &priors[2], &r, text, sizeof text) != 0);
    CHECK_INT(ws_scores_correlation(WS_SPEARMAN, 0.9622, &priors[1], &normal, &r, text, sizeof text), 0);
    CHECK(ws_scores_correlation(WS_SPEARMAN, 0.9623, &priors[1], &normal, &r, text, sizeof text) != 0); // 5 / sqrt(27)
}

// tau-b of scores cut at their median: 2 / pi asin(r) of two (Sheppard), 2 sqrt(2) / pi asin(r / sqrt(2)) of one and a
// continuous prior (orthants of three normals). At the ends: sqrt(P(X' != X)).
static void test_kendall_of_few_values(void) {
    static const struct ws_prior_part half[] = {{.value = 0, .weight = 0.5}, {.value = 1, .weight = 0.5}},
                                      rare[] = {{.value = 0, .weight = 0.9}, {.value = 1, .weight = 0.1}},
                                      three[] = {{.value = 1, .weight = 0.2},
                                                 {.value = 2, .weight = 0.5},
                                                 {.value = 4, .weight = 0.3}};
    const struct ws_prior coin = few(2, half), bernoulli = few(2, rare), steps = few(3, three);
    struct ws_prior normal = {.family = ws_family_find("normal"), .p = {0, 1}, .scale = 1, .low = -INFINITY};
    normal.high = INFINITY;
    for (double r = -0.96; r < 1; r += 0.16) {
        CHECK_ABS(ws_kendall_of_scores(&coin, &coin, r), 2 / M_PI * asin(r), 1e-9);
        CHECK_ABS(ws_kendall_of_scores(&coin, &normal, r), 2 * M_SQRT2 / M_PI * asin(r * M_SQRT1_2), 1e-6);
        CHECK_ABS(ws_kendall_of_scores(&normal, &coin, r), 2 * M_SQRT2 / M_PI * asin(r * M_SQRT1_2), 1e-6);
        CHECK_ABS(ws_kendall_of_scores(&normal, &normal, r), 2 / M_PI * asin(r), 1e-15);
        CHECK_ABS(ws_kendall_of_scores(&steps, &bernoulli, r), ws_kendall_of_scores(&bernoulli, &steps, r), 1e-9);
    }
    CHECK_ABS(ws_kendall_of_scores(&steps, &normal, 0), 0, 1e-6);
    CHECK_ABS(ws_kendall_of_scores(&bernoulli, &normal, 0.999999), sqrt(0.18), 1e-3);
    double r, back;
    char text[256];
    CHECK_INT(ws_scores_correlation(WS_KENDALL, 0.35, &steps, &normal, &r, text, sizeof text), 0);
    back = ws_kendall_of_scores(&steps, &normal, r);
    CHECK_ABS(back, 0.35, 1e-9);
    CHECK(ws_scores_correlation(WS_KENDALL, 0.5, &bernoulli, &normal, &r, text, sizeof text) != 0);
    CHECK_STR(text, "kendall 0.5 cannot be had from these two priors: -0.4242 to 0.4242 can");
}

// The sample's tau-b against all pairs, one by one.
static void test_kendall_of_samples(void) {
    enum { N = 300 };
    double x[N], y[N], sum = 0, same_x = 0, same_y = 0;
    struct ws_arena *arena = ws_arena_create();
    for (int i = 0; i < N; i++) {
        x[i] = floor(10 * sin(i * 1.7));
        y[i] = i % 3 ? x[i] + cos(i * 0.9) : floor(4 * cos(i * 2.3));
    }
    for (int i = 0; i < N; i++)
        for (int k = 0; k < i; k++) {
            double dx = x[i] - x[k], dy = y[i] - y[k];
            sum += ((dx > 0) - (dx < 0)) * ((dy > 0) - (dy < 0));
            same_x += dx == 0;
            same_y += dy == 0;
        }
    double all = N * (N - 1) / 2.0;
    CHECK_ABS(ws_kendall(x, y, N, arena), sum / sqrt((all - same_x) * (all - same_y)), 1e-14);
    ws_arena_destroy(arena);
}

// tau-b of 400,000 draws is as asked for, for all designs and kinds of margins.
static void test_kendall_realised(void) {
    static const char *const designs[] = {"mc", "lhs", "sobol"};
    static const char text[] = MARGINS "correlations:\n"
                                       "  - {between: [n, p], kendall: 0.5}\n"
                                       "  - {between: [b, d], kendall: -0.3}\n"
                                       "  - {between: [l, t], kendall: 0.4}\n"
                                       "  - {between: [g, free], kendall: -0.2}\n";
    const size_t n = 400000;
    for (size_t d = 0; d < 3; d++) {
        ws_result *result = run(text, &(struct ws_options){.draws = n, .keep = n, .design = designs[d]});
        struct ws_arena *arena = ws_arena_create();
        for (size_t k = 0; result && k < result->study->n_correlations; k++) {
            const struct ws_correlation *pair = &result->study->correlations[k];
            if (result->study->quantities[pair->a].n_given) // over all labels it is another
                continue;
            double found = ws_kendall(result->kept_inputs + pair->a * result->n_kept,
                                      result->kept_inputs + pair->b * result->n_kept, result->n_kept, arena);
            if (!CHECK(fabs(found - pair->value) < 4 * 1.0 / sqrt((double)n)))
                printf("# %s %s %g, wanted %g\n", designs[d], result->study->quantities[pair->a].name, found,
                       pair->value);
        }
        ws_arena_destroy(arena);
        ws_result_destroy(result);
    }
}

static void test_realised(void) {
    static const char *const pairs[][3] = {
        {"n", "l", "0.6"}, {"t", "p", "-0.5"}, {"b", "d", "0.4"}, {"l", "p", "0.3"}, {"n", "b", "-0.35"}};
    struct ws_text text = {.arena = ws_arena_create()};
    ws_text_add(&text, MARGINS "correlations:\n");
    for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++)
        ws_text_printf(&text, "  - {between: [%s, %s], spearman: %s}\n", pairs[k][0], pairs[k][1], pairs[k][2]);
    ws_text_add(&text, "  - {between: [t, g], kendall: 0.2}\n");
    const size_t n = 400000;
    static const char *const designs[] = {"mc", "lhs", "sobol"};
    for (size_t d = 0; d < 3; d++) {
        ws_result *result = run(text.data, &(struct ws_options){.draws = n, .keep = n, .design = designs[d]});
        for (size_t k = 0; result && k < sizeof pairs / sizeof *pairs; k++) {
            double wanted = atof(pairs[k][2]), found = realised(result, pairs[k][0], pairs[k][1]);
            if (!CHECK(fabs(found - wanted) < 4 * 1.1 / sqrt((double)n)))
                printf("# %s %s-%s %g, wanted %g\n", designs[d], pairs[k][0], pairs[k][1], found, wanted);
        }
        if (result)
            CHECK(fabs(realised(result, "n", "free")) < 4 / sqrt((double)n));
        ws_result_destroy(result);
    }
    ws_arena_destroy(text.arena);
}

// ln of a product of lognormals is normal with variance s' R s.
static void test_product(void) {
    ws_result *result = run("wattspan: 1\n"
                            "inputs:\n"
                            "  a: {unit: 1, prior: {lognormal: {mu: 0, sigma: 0.2}}}\n"
                            "  b: {unit: 1, prior: {lognormal: {mu: 0, sigma: 0.5}}}\n"
                            "  c: {unit: 1, prior: {lognormal: {mu: 0, sigma: 0.3}}}\n"
                            "correlations:\n"
                            "  - {between: [a, b], spearman: 0.5}\n"
                            "  - {between: [b, c], gaussian: -0.4}\n"
                            "outputs:\n"
                            "  y: {unit: 1, formula: a * b * c}\n",
                            &(struct ws_options){.draws = 10000000});
    if (!result)
        return;
    const double rho = 0.5176380902;
    double s = sqrt(0.04 + 0.25 + 0.09 + 2 * (rho * 0.2 * 0.5 - 0.4 * 0.5 * 0.3));
    struct ws_estimate found;
    ws_result_mean(result, "y", &found, NULL);
    CHECK_Z(found.value, exp(s * s / 2), found.se, 4);
    for (double p = 0.05; p < 1; p += 0.45) {
        ws_result_quantile(result, "y", p, &found, NULL);
        CHECK_Z(found.value, exp(s * gsl_cdf_ugaussian_Pinv(p)), found.se, 4);
    }
    ws_result_destroy(result);
}

static void test_measures(void) {
    const struct ws_prior normal = {.family = ws_family_find("normal"), .p = {0, 1}, .scale = 1};
    char text[256];
    double r;
    CHECK_INT(ws_scores_correlation(WS_SPEARMAN, -0.2, &normal, &normal, &r, text, sizeof text), 0);
    CHECK_REL(r, -0.2090569265, 1e-9);
    CHECK_INT(ws_scores_correlation(WS_SPEARMAN, 0.9, &normal, &normal, &r, text, sizeof text), 0);
    CHECK_REL(r, 0.9079809995, 1e-9);
    CHECK_INT(ws_scores_correlation(WS_KENDALL, 0.5, &normal, &normal, &r, text, sizeof text), 0);
    CHECK_REL(r, sin(M_PI / 4), 1e-12);
    // Two fair coins: P(both) = 1/4 + asin(r) / (2 pi) (Sheppard 1899), the rank correlation is 4 P - 1.
    const struct ws_prior_part parts[] = {{.value = 0, .weight = 0.5}, {.value = 1, .weight = 0.5}};
    const struct ws_prior coin = {.family = ws_family_find("discrete"), .n_parts = 2, .parts = parts, .scale = 1};
    CHECK_REL(ws_spearman_of_scores(&coin, &coin, 0.7), 2 / M_PI * asin(0.7), 1e-9);
    // A coin and a continuous quantity: sqrt(3) times the correlation of Phi(Z) with a sign.
    CHECK_REL(ws_spearman_of_scores(&coin, &normal, 0.7), sqrt(12) / M_PI * asin(0.7 / sqrt(2)), 1e-9);
    CHECK(ws_scores_correlation(WS_SPEARMAN, 0.95, &coin, &normal, &r, text, sizeof text) != 0);
    CHECK(strstr(text, "0.8660") != NULL);
}

static void test_same_bits(void) {
    static const char text[] = MARGINS "correlations:\n"
                                       "  - {between: [n, l], spearman: 0.6}\n"
                                       "  - {between: [g, p], spearman: -0.3}\n";
    const struct ws_kernels *all[WS_MOST_ISAS];
    size_t n = ws_kernels_all(all);
    ws_result *one = run(text, &(struct ws_options){.draws = 200003, .threads = 1, .isa = "baseline"});
    ws_result *free = run(MARGINS, &(struct ws_options){.draws = 200003});
    for (size_t k = 0; one && k < n; k++) {
        ws_result *other = run(text, &(struct ws_options){.draws = 200003, .threads = 3, .isa = all[k]->isa});
        if (!other)
            continue;
        CHECK(memcmp(one->kept_inputs, other->kept_inputs, one->study->n_inputs * one->n_kept * sizeof(double)) == 0);
        for (int power = 0; power < 4; power++)
            CHECK(ws_exact_value(&one->tallies[0].moments.sum[power]) ==
                  ws_exact_value(&other->tallies[0].moments.sum[power]));
        ws_result_destroy(other);
    }
    // The first of a group, and inputs without partners, have the values that they have without correlations.
    if (one && free) {
        static const char *const same[] = {"t", "b", "d", "free"};
        for (size_t i = 0; i < 4; i++) {
            size_t at = ws_study_find(one->study, same[i]) * one->n_kept;
            CHECK(memcmp(one->kept_inputs + at, free->kept_inputs + at, one->n_kept * sizeof(double)) == 0);
        }
    }
    ws_result_destroy(one);
    ws_result_destroy(free);
}

// Higham (2002), section 4: the nearest correlation matrix to [1 1 0; 1 1 1; 0 1 1].
static void test_nearest(void) {
    const double matrix[] = {1, 1, 0, 1, 1, 1, 0, 1, 1};
    double nearest[9], factor[6];
    CHECK(ws_matrix_factor(matrix, 3, factor) != 0);
    CHECK_INT(ws_matrix_nearest(matrix, 3, nearest), 0);
    CHECK(fabs(nearest[1] - 0.7607) < 1e-4 && fabs(nearest[2] - 0.1573) < 1e-4);
    CHECK_INT(ws_matrix_factor(nearest, 3, factor), 0);
}

#define IMPOSSIBLE \
    MARGINS "correlations:\n" \
            "  - {between: [n, l], gaussian: 0.9}\n" \
            "  - {between: [l, t], gaussian: 0.9}\n" \
            "  - {between: [n, t], gaussian: -0.9}\n"

static void test_repair(void) {
    struct ws_error error;
    ws_study *study = load(IMPOSSIBLE, 0, &error);
    CHECK(study == NULL && strstr(error.text, "not positive definite") && strstr(error.text, "--repair-correlations"));
    ws_study_destroy(study);
    study = load(IMPOSSIBLE, 1, &error);
    if (CHECK(study != NULL)) {
        CHECK_INT(study->n_joints, 1);
        ws_study *again = load(study->flattened, 0, &error); // what is stored needs no repair
        if (CHECK(again != NULL))
            CHECK(memcmp(again->joints[0].factor, study->joints[0].factor, 6 * sizeof(double)) == 0 ||
                  fabs(again->joints[0].factor[1] - study->joints[0].factor[1]) < 1e-12);
        ws_study_destroy(again);
    }
    ws_study_destroy(study);
}

static void count_notes(void *user, int severity, const char *where, const char *text) {
    (void)where;
    *(int *)user += severity == WS_SEVERITY_NOTE && strstr(text, "no longer move together") != NULL;
}

// An input that --set fixes leaves its partners to themselves, here and when the result is repeated.
static void test_fixed(void) {
    static const char text[] = MARGINS "correlations:\n"
                                       "  - {between: [n, l], spearman: 0.6}\n"
                                       "  - {between: [l, p], spearman: -0.3}\n";
    const char *const settings[] = {"n=5"};
    const struct ws_study_options options = {.settings = settings, .n_settings = 1};
    int notes = 0;
    const struct ws_sink sink = {count_notes, &notes};
    struct ws_error error = {0};
    ws_study *study = NULL;
    CHECK_INT(ws_study_parse("study.yaml", text, strlen(text), &options, &sink, &study, &error), 0);
    CHECK_INT(notes, 1);
    if (study) {
        CHECK_INT(study->n_correlations, 1);
        CHECK_INT(study->joints[0].n, 2);
        ws_study *again = load(study->flattened, 0, &error);
        CHECK(again != NULL && again->n_correlations == 1 && strcmp(again->sha256, study->sha256) == 0);
        ws_study_destroy(again);
    }
    ws_study_destroy(study);
}

// What is stored: asked for by any measure, as a rank correlation, and realised.
static void test_stored(void) {
    const size_t n = 100000;
    ws_result *result = run(MARGINS "correlations:\n"
                                    "  - {between: [n, l], kendall: 0.5}\n"
                                    "  - {between: [t, p], spearman: -0.5}\n",
                            &(struct ws_options){.draws = n, .keep = n});
    if (!result)
        return;
    struct ws_arena *arena = ws_arena_create();
    const struct ws_dependence d = ws_dependence_make(result->study, result, arena);
    if (CHECK_INT(d.n, 4)) {
        CHECK_REL(d.requested[1], 6 / M_PI * asin(sin(M_PI / 4) / 2), 1e-12);
        CHECK_REL(d.requested[2 * 4 + 3], -0.5, 1e-9);
        CHECK(d.requested[2] == 0 && d.realised[0] == 1);
        for (size_t i = 0; i < 16; i++)
            CHECK(fabs(d.realised[i] - d.requested[i]) < 4 * 1.1 / sqrt((double)n));
    }
    ws_arena_destroy(arena);
    ws_result_destroy(result);
}

// An equicorrelated crowd: the variance of the sum of n normal inputs is n + n (n - 1) r.
static void test_crowd(void) {
    enum { N = 200 };
    struct ws_text text = {.arena = ws_arena_create()};
    ws_text_add(&text, "wattspan: 1\ninputs:\n");
    for (int i = 0; i < N; i++)
        ws_text_printf(&text, "  x%d: {unit: 1, prior: {normal: {mean: 0, sd: 1}}}\n", i);
    ws_text_add(&text, "correlations:\n");
    for (int i = 0; i < N; i++)
        for (int j = 0; j < i; j++)
            ws_text_printf(&text, "  - {between: [x%d, x%d], gaussian: 0.1}\n", i, j);
    ws_text_add(&text, "outputs:\n  y: {unit: 1, formula: x0");
    for (int i = 1; i < N; i++)
        ws_text_printf(&text, " + x%d", i);
    ws_text_add(&text, "}\n");
    ws_result *result = run(text.data, &(struct ws_options){.draws = 200000, .keep = 1000});
    if (result) {
        struct ws_estimate sd;
        ws_result_sd(result, "y", &sd, NULL);
        CHECK_Z(sd.value, sqrt(N + N * (N - 1) * 0.1), sd.se, 4);
    }
    ws_result_destroy(result);
    ws_arena_destroy(text.arena);
}

int main(void) {
    RUN(test_measures);
    RUN(test_nearest);
    RUN(test_realised);
    RUN(test_mixtures_with_values);
    RUN(test_kendall_of_few_values);
    RUN(test_ties_of_a_mixture);
    RUN(test_kendall_of_samples);
    RUN(test_kendall_realised);
    RUN(test_product);
    RUN(test_same_bits);
    RUN(test_repair);
    RUN(test_fixed);
    RUN(test_stored);
    RUN(test_crowd);
    return tap_done();
}
