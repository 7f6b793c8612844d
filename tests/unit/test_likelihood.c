// SPDX-License-Identifier: GPL-3.0-or-later
// Likelihoods: each family against its density, alone, in mixtures and in mixtures of mixtures.
#include "evidence_run.h"

// N(0, 2) observed at 3 +- 1 by a source of weight 1 and at -1 +- 1/2 by one of weight 3: a mixture of the posteriors
// given either, by weight times the density at the observation of prior and error together.
static double pool_posteriors(const double mean[2], const double sd[2], const double weight[2], double *spread) {
    double total = 0, sum = 0, square = 0;
    for (int i = 0; i < 2; i++) {
        double v = 4 + sd[i] * sd[i], w = weight[i] * exp(-mean[i] * mean[i] / (2 * v)) / sqrt(v);
        double centre = mean[i] * 4 / v, variance = 4 * sd[i] * sd[i] / v;
        total += w;
        sum += w * centre;
        square += w * (variance + centre * centre);
    }
    *spread = sqrt(square / total - sum * sum / total / total);
    return sum / total;
}

#define MIXED(observed) \
    "wattspan: 1\n" \
    "inputs: {a: {unit: MW, prior: {normal: {mean: 0, sd: 2}}}}\n" \
    "outputs: {y: {unit: MW, formula: a}}\n" \
    "evidence: {f: {quantity: a, unit: MW, observed: " observed "}}\n"

static void test_sources_that_disagree(void) {
    double spread, centre = pool_posteriors((double[]){3, -1}, (double[]){1, 0.5}, (double[]){1, 3}, &spread);
    const char *const studies[] = {
        MIXED("{mixture: [{normal: {mean: 3, sd: 1}}, {weight: 3, normal: {mean: -1, sd: 0.5}}]}"),
        MIXED(
            "{mixture: [{normal: {mean: 6, sd: 2}}, {weight: 3, mixture: [{normal: {mean: -2, sd: 1}}]}], scale: 0.5}"),
        MIXED("{mixture: [{normal: {mean: 1, sd: 0.5}, scale: -2, shift: 5}, "
              "{weight: 3, normal: {mean: -1, sd: 0.5}}]}")};
    for (int i = 0; i < 3; i++) {
        ws_result *r = run(studies[i], "mc");
        if (!r)
            return;
        check_mean_sd(ws_result_posterior(r), "y", centre, spread);
        struct ws_evidence_report report = {0};
        double sharp = exp(-0.5 / 4.25) / sqrt(4.25), vague = exp(-4.5 / 5) / sqrt(5); // over root of 2 pi, at -1 and 3
        ws_result_evidence(r, &report, NULL);
        CHECK_Z(report.log_evidence, log((0.75 * sharp + 0.25 * vague) / sqrt(2 * M_PI)), report.log_evidence_se, 4);
        ws_result_destroy(r);
    }
}

// A mixture of mixtures, many levels deep, in a prior and as a fact: no more work than its parts side by side.
static void test_nested(void) {
    enum { LEVELS = 16 };
    char nested[8192] = "{normal: {mean: 0, sd: 1}}", flat[4096] = "", text[24000];
    for (int i = 1; i <= LEVELS; i++) {
        char inner[sizeof nested];
        strcpy(inner, nested);
        snprintf(nested, sizeof nested, "{mixture: [{normal: {mean: %d, sd: 1}}, %.7000s]}", i, inner);
    }
    for (int i = LEVELS; i >= 0; i--)
        snprintf(flat + strlen(flat), sizeof flat - strlen(flat), "%s{weight: %.17g, normal: {mean: %d, sd: 1}}",
                 *flat ? ", " : "{mixture: [", ldexp(1, i > 0 ? i - LEVELS : 1 - LEVELS), i);
    strcat(flat, "]}");
    struct ws_evidence_report report[2];
    memset(report, 0, sizeof report);
    for (int k = 0; k < 2; k++) {
        snprintf(text, sizeof text,
                 "wattspan: 1\ninputs: {a: {unit: 1, prior: %s}}\noutputs: {y: {unit: 1, formula: a}}\n"
                 "evidence: {f: {quantity: a, unit: 1, observed: %s}}\n",
                 k ? flat : nested, k ? flat : nested);
        ws_result *r = run_how(text, (struct how){.draws = 10000}, NULL);
        if (!CHECK(r != NULL))
            return;
        ws_result_evidence(r, &report[k], NULL);
        ws_result_destroy(r);
    }
    CHECK_REL(report[0].log_evidence, report[1].log_evidence, 1e-6);
}

// Parts of every other family are weighed by their density: against sums over a fine grid of the prior's quantiles.
static double log_gauss(double x, double mean, double sd) { return -0.5 * pow((x - mean) / sd, 2) - log(sd); }

static double density_of(int which, double x) {
    static const double root = 2.5066282746310002; // of 2 pi
    double t;
    switch (which) {
    case 0: // lognormal {median: 3, gsd: 1.5}, of an observation of 3
        return x > 0 ? exp(log_gauss(log(x), log(3), log(1.5))) / 3 / root : 0;
    case 1: // student_t {df: 3, mean: 2, scale: 0.5}
        t = (x - 2) / 0.5;
        return 6 * sqrt(3) / M_PI / pow(3 + t * t, 2) / 0.5;
    case 2: // logistic {mean: 2, scale: 0.5}
        return 1 / (0.5 * 4 * pow(cosh(x - 2), 2));
    case 3: // gumbel {mode: 2, scale: 0.5}
        t = (x - 2) / 0.5;
        return exp(-t - exp(-t)) / 0.5;
    case 4: // uniform {min: 1, max: 4}
        return x >= 1 && x <= 4 ? 1 / 3. : 0;
    case 5: // triangular {min: 1, mode: 2, max: 4}
        return x < 1 || x > 4 ? 0 : x < 2 ? (x - 1) * 2 / 3 : (4 - x) / 3;
    case 6: // pert {min: 1, mode: 2, max: 4}: Beta(7/3, 11/3)
        t = (x - 1) / 3;
        return t <= 0 || t >= 1
                   ? 0
                   : exp(4. / 3 * log(t) + 8. / 3 * log1p(-t) - lgamma(7. / 3) - lgamma(11. / 3) + lgamma(6)) / 3;
    case 7: // gamma {shape: 4, scale: 0.5}
        return x > 0 ? pow(x, 3) * exp(-x / 0.5) / (6 * pow(0.5, 4)) : 0;
    case 8: // exponential {mean: 2}
        return x > 0 ? exp(-x / 2) / 2 : 0;
    case 9: // weibull {shape: 2, scale: 3}
        return x > 0 ? 2 * x / 9 * exp(-x * x / 9) : 0;
    case 10: // pareto {shape: 3, min: 1}
        return x >= 1 ? 3 / pow(x, 4) : 0;
    case 11: // normal {mean: 2, sd: 1}, truncate: [1, 4]
        return x >= 1 && x <= 4 ? exp(log_gauss(x, 2, 1)) / root / 0.8185946141203637 : 0;
    default: // histogram {edges: [0, 1, 3], weights: [1, 3]}
        return x >= 0 && x < 1 ? 0.25 : x >= 1 && x <= 3 ? 0.375 : 0;
    }
}

static const char *const likelihoods[] = {"lognormal: {median: 3, gsd: 1.5}",
                                          "student_t: {df: 3, mean: 2, scale: 0.5}",
                                          "logistic: {mean: 2, scale: 0.5}",
                                          "gumbel: {mode: 2, scale: 0.5}",
                                          "uniform: {min: 1, max: 4}",
                                          "triangular: {min: 1, mode: 2, max: 4}",
                                          "pert: {min: 1, mode: 2, max: 4}",
                                          "gamma: {shape: 4, scale: 0.5}",
                                          "exponential: {mean: 2}",
                                          "weibull: {shape: 2, scale: 3}",
                                          "pareto: {shape: 3, min: 1}",
                                          "normal: {mean: 2, sd: 1}, truncate: [1, 4]",
                                          "histogram: {edges: [0, 1, 3], weights: [1, 3]}"};

static void test_every_family_in_a_mixture(void) {
    for (int which = 0; which < (int)(sizeof likelihoods / sizeof *likelihoods); which++) {
        char text[1024];
        snprintf(text, sizeof text, MIXED("{mixture: [{normal: {mean: -2, sd: 1}}, {weight: 2, %s}]}"),
                 likelihoods[which]);
        double total = 0, sum = 0, square = 0;
        for (double x = -12 + 0.0005; x < 12; x += 0.001) {
            double w =
                exp(-x * x / 8) * (exp(log_gauss(x, -2, 1)) / 2.5066282746310002 / 3 + 2 * density_of(which, x) / 3);
            total += w;
            sum += w * x;
            square += w * x * x;
        }
        ws_result *r = run_how(text, (struct how){.draws = 200000}, NULL);
        if (!CHECK(r != NULL))
            continue;
        check_mean_sd(ws_result_posterior(r), "y", sum / total, sqrt(square / total - sum * sum / total / total));
        ws_result_destroy(r);
    }
}

// Differences of the log-likelihood between points are those of the logarithm of the density, which the distribution
// function's slope gives; where ln x is what has an error, of the density times x over the median. It is 0 at its
// greatest, which is then the logarithm of that density's.
static void check_likelihood(const char *family, int in_log) {
    char text[500];
    ws_study *study = NULL;
    struct ws_error error = {0};
    snprintf(text, sizeof text,
             "wattspan: 1\ninputs: {u: {unit: MW, prior: 1 to 2}}\noutputs: {y: {unit: MW, formula: u}}\n"
             "evidence: {fact: {quantity: u, unit: MW, observed: %s}}\n",
             family);
    if (!CHECK_INT(ws_study_parse("study.yaml", text, strlen(text), NULL, NULL, &study, &error), 0)) {
        printf("# %s: %s\n", family, error.text);
        return;
    }
    const struct ws_evidence *fact = &study->evidence[0];
    double values[2] = {0}, greatest = -INFINITY, first = NAN;
    for (int i = 1; i < 200; i++) {
        double x = values[0] = ws_prior_quantile(fact->observed, i < 100 ? i / 200. : (200 - i) / 200., i >= 100);
        double log_likelihood = ws_expression_value(fact->log_likelihood, values), h = 1e-5 * fabs(x);
        double slope = (ws_prior_cdf(fact->observed, x + h) - ws_prior_cdf(fact->observed, x - h)) / (2 * h);
        double offset = log_likelihood - log(slope) - (in_log ? log(x) : 0);
        greatest = fmax(greatest, log_likelihood);
        if (i == 1)
            first = offset;
        if (!CHECK(fabs(offset - first) < 2e-4))
            printf("# %s at %g: %g, wanted %g\n", family, x, offset, first);
    }
    CHECK(greatest <= (fact->observed->family->composite ? 1e-6 : 1e-12) && greatest > -0.01);
    double median = in_log ? ws_prior_quantile(fact->observed, 0.5, 0) : 1;
    if (!CHECK(fabs(first + log(median) + fact->log_greatest) < 2e-4))
        printf("# %s: greatest %g, wanted %g\n", family, fact->log_greatest, -first - log(median));
    double low = -INFINITY, high;
    if (fact->observed->family->support)
        fact->observed->family->support(fact->observed->p, &low, &high);
    values[0] = fact->observed->shift + fact->observed->scale * low - 1;
    if (isfinite(values[0]))
        CHECK(ws_expression_value(fact->log_likelihood, values) == -INFINITY);
    ws_study_destroy(study);
}

static void test_likelihoods(void) {
    check_likelihood("{normal: {mean: 3, sd: 2}}", 0);
    check_likelihood("{lognormal: {median: 3, gsd: 2}}", 1);
    check_likelihood("2 to 5", 1);
    check_likelihood("{student_t: {df: 3, mean: 1.7, scale: 2}}", 0);
    check_likelihood("{logistic: {mean: 5.3, scale: 0.5}}", 0);
    check_likelihood("{gumbel: {mode: 2, scale: 0.7}}", 0);
    check_likelihood("{uniform: {min: 1, max: 3}}", 0);
    check_likelihood("{loguniform: {min: 1, max: 30}}", 1);
    check_likelihood("{triangular: {min: 1, mode: 2.2, max: 7}}", 0);
    check_likelihood("{triangular: {min: 1, mode: 1, max: 7}}", 0);
    check_likelihood("{pert: {min: 1, mode: 2.2, max: 7}}", 0);
    check_likelihood("{beta: {a: 2.5, b: 4, min: 1, max: 3}}", 0);
    check_likelihood("{beta: {a: 1, b: 4}}", 0);
    check_likelihood("{beta: {a: 1, b: 1}}", 0);
    check_likelihood("{gamma: {shape: 2.5, scale: 3}}", 0);
    check_likelihood("{gamma: {shape: 1, scale: 3}}", 0);
    check_likelihood("{exponential: {mean: 3}}", 0);
    check_likelihood("{weibull: {shape: 1.7, scale: 3}}", 0);
    check_likelihood("{pareto: {shape: 2, min: 1.5}}", 0);
    check_likelihood("{gamma: {shape: 2.5, scale: 3}, shift: 1, scale: 0.5}", 0);
    check_likelihood("{normal: {mean: 3, sd: 2}, truncate: [1, 6]}", 0);
    check_likelihood("{curvilinear_trapezoid: {min: 1, max: 3, inexactness: 0.4}}", 0);
    check_likelihood("{quantiles: {p10: 1, p50: 2, p90: 4}}", 0);
    check_likelihood("{quantiles: {p10: 1, p50: 2, p90: 4, min: 0}, scale: 2, shift: 1}", 0);
    check_likelihood("{quantiles: {p10: 1, p50: 3, p90: 4, max: 6}, truncate: [2, 5]}", 0);
    check_likelihood("{quantiles: {p5: 0.62, p25: 0.7, p50: 0.75, p75: 0.79, p95: 0.85, min: 0, max: 1}}", 0);
}

int main(void) {
    RUN(test_sources_that_disagree);
    RUN(test_nested);
    RUN(test_every_family_in_a_mixture);
    RUN(test_likelihoods);
    return tap_done();
}
