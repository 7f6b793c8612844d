// SPDX-License-Identifier: GPL-3.0-or-later
// The table of families: a new family is one row here and its functions in the file of its kin.
#include "prior/families.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "prior/metalog.h"
#include "prior/shape.h"

#define MIN_ALIASES "low lower minimum"
#define MAX_ALIASES "high upper maximum"
#define MEAN_ALIASES "mu loc location"
#define SD_ALIASES "sigma std stdev"

#define FUNCTIONS(name) \
    .quantile = ws_##name##_quantile, .cdf = ws_##name##_cdf, .support = ws_##name##_support, \
    .moments = ws_##name##_moments

static const struct ws_family families[] = {
    {.name = "constant",
     .aliases = "fixed",
     .summary = "one value, without uncertainty; a bare number is one",
     .example = "{constant: {value: 700}}",
     .kind = WS_CONSTANT,
     .parameters = {{"value", NULL, WS_ANY, NAN}},
     FUNCTIONS(constant)},
    {.name = "uniform",
     .aliases = "rectangular",
     .summary = "all values between two bounds equally likely",
     .example = "{uniform: {min: 3, max: 6}}",
     .kind = WS_CONTINUOUS,
     .parameters = {{"min", MIN_ALIASES, WS_ANY, NAN}, {"max", MAX_ALIASES, WS_ANY, NAN}},
     .check = ws_uniform_check,
     .from_quantiles = ws_uniform_from_quantiles,
     FUNCTIONS(uniform)},
    {.name = "loguniform",
     .aliases = "log_uniform reciprocal",
     .summary = "all orders of magnitude between two bounds equally likely",
     .example = "{loguniform: {min: 0.1, max: 10}}",
     .kind = WS_CONTINUOUS,
     .positive = 1,
     .parameters = {{"min", MIN_ALIASES, WS_POSITIVE, NAN}, {"max", MAX_ALIASES, WS_POSITIVE, NAN}},
     .check = ws_loguniform_check,
     .from_quantiles = ws_loguniform_from_quantiles,
     FUNCTIONS(loguniform)},
    {.name = "normal",
     .aliases = "gaussian",
     .summary = "symmetric about its mean, thin tails; sums of many small effects",
     .example = "{normal: {mean: 0.75, sd: 0.08}}",
     .kind = WS_CONTINUOUS,
     .parameters = {{"mean", MEAN_ALIASES, WS_ANY, NAN}, {"sd", SD_ALIASES, WS_POSITIVE, NAN}},
     .from_quantiles = ws_normal_from_quantiles,
     FUNCTIONS(normal)},
    {.name = "lognormal",
     .aliases = "log_normal",
     .summary = "positive, its logarithm normal; products of many small factors",
     .example = "{lognormal: {median: 250, gsd: 1.5}}",
     .kind = WS_CONTINUOUS,
     .positive = 1,
     .parameters = {{"mu", NULL, WS_ANY, NAN}, {"sigma", NULL, WS_POSITIVE, NAN}},
     .forms = {{{"mean", "sd"}, {WS_POSITIVE, WS_POSITIVE}, ws_lognormal_from_mean_sd},
               {{"median", "gsd"}, {WS_POSITIVE, WS_POSITIVE}, ws_lognormal_from_median_gsd}},
     .from_quantiles = ws_lognormal_from_quantiles,
     FUNCTIONS(lognormal)},
    {.name = "student_t",
     .aliases = "student",
     .summary = "like the normal but with heavier tails; a mean known from few observations",
     .example = "{student_t: {df: 4, mean: 10, scale: 2}}",
     .kind = WS_CONTINUOUS,
     .parameters = {{"df", "nu degrees_of_freedom", WS_POSITIVE, NAN},
                    {"mean", MEAN_ALIASES, WS_ANY, 0},
                    {"scale", NULL, WS_POSITIVE, 1}},
     .beside = "df",
     .from_quantiles = ws_student_from_quantiles,
     FUNCTIONS(student)},
    {.name = "logistic",
     .summary = "symmetric about its mean, tails between the normal's and Student's",
     .example = "{logistic: {mean: 5, scale: 0.5}}",
     .kind = WS_CONTINUOUS,
     .parameters = {{"mean", MEAN_ALIASES, WS_ANY, 0}, {"scale", NULL, WS_POSITIVE, 1}},
     FUNCTIONS(logistic)},
    {.name = "triangular",
     .aliases = "triangle",
     .summary = "a straight rise from min to mode and fall to max",
     .example = "{triangular: {min: 1.08, mode: 1.2, max: 1.5}}",
     .kind = WS_CONTINUOUS,
     .parameters = {{"min", MIN_ALIASES, WS_ANY, NAN},
                    {"mode", "peak", WS_ANY, NAN},
                    {"max", MAX_ALIASES, WS_ANY, NAN}},
     .check = ws_triangular_check,
     .breaks = ws_triangular_breaks,
     FUNCTIONS(triangular)},
    {.name = "pert",
     .aliases = "beta_pert",
     .summary = "a smooth hump from min over mode to max; lambda says how much the mode weighs",
     .example = "{pert: {min: 1.3, mode: 1.45, max: 1.9}}",
     .kind = WS_CONTINUOUS,
     .parameters = {{"min", MIN_ALIASES, WS_ANY, NAN},
                    {"mode", "peak", WS_ANY, NAN},
                    {"max", MAX_ALIASES, WS_ANY, NAN},
                    {"lambda", "shape", WS_POSITIVE, 4}},
     .check = ws_pert_check,
     .quantiles = ws_pert_quantiles,
     FUNCTIONS(pert)},
    {.name = "beta",
     .summary = "a share between two bounds; a and b count what speaks for either end",
     .example = "{beta: {a: 2, b: 5}}",
     .kind = WS_CONTINUOUS,
     .parameters = {{"a", "alpha", WS_POSITIVE, NAN},
                    {"b", "beta", WS_POSITIVE, NAN},
                    {"min", MIN_ALIASES, WS_ANY, 0},
                    {"max", MAX_ALIASES, WS_ANY, 1}},
     .check = ws_beta_check,
     .beside = "min max",
     .from_quantiles = ws_beta_from_quantiles,
     .quantiles = ws_beta_quantiles,
     FUNCTIONS(beta)},
    {.name = "gamma",
     .summary = "positive, skewed; a sum of waiting times",
     .example = "{gamma: {shape: 3, scale: 2}}",
     .kind = WS_CONTINUOUS,
     .positive = 1,
     .parameters = {{"shape", "k alpha", WS_POSITIVE, NAN}, {"scale", "theta", WS_POSITIVE, 1}},
     .check = ws_gamma_check,
     .from_quantiles = ws_gamma_from_quantiles,
     .quantiles = ws_gamma_quantiles,
     FUNCTIONS(gamma)},
    {.name = "exponential",
     .summary = "positive, a waiting time without memory",
     .example = "{exponential: {mean: 2}}",
     .kind = WS_CONTINUOUS,
     .positive = 1,
     .parameters = {{"mean", "scale", WS_POSITIVE, NAN}},
     FUNCTIONS(exponential)},
    {.name = "weibull",
     .summary = "positive, times to failure that rises (shape > 1) or falls with age",
     .example = "{weibull: {shape: 1.5, scale: 4}}",
     .kind = WS_CONTINUOUS,
     .positive = 1,
     .parameters = {{"shape", "k", WS_POSITIVE, NAN}, {"scale", "lambda", WS_POSITIVE, 1}},
     FUNCTIONS(weibull)},
    {.name = "gumbel",
     .summary = "the largest of many; skewed to the right",
     .example = "{gumbel: {mode: 10, scale: 2}}",
     .kind = WS_CONTINUOUS,
     .parameters = {{"mode", "loc location mu", WS_ANY, NAN}, {"scale", "beta", WS_POSITIVE, NAN}},
     FUNCTIONS(gumbel)},
    {.name = "pareto",
     .summary = "above a minimum with a power law's heavy tail",
     .example = "{pareto: {shape: 3, min: 1}}",
     .kind = WS_CONTINUOUS,
     .positive = 1,
     .parameters = {{"shape", "alpha", WS_POSITIVE, NAN}, {"min", MIN_ALIASES, WS_POSITIVE, NAN}},
     FUNCTIONS(pareto)},
    {.name = "arcsine",
     .summary = "between two bounds, likeliest at both ends; a cycle met at a random moment",
     .example = "{arcsine: {min: -1, max: 1}}",
     .kind = WS_CONTINUOUS,
     .parameters = {{"min", MIN_ALIASES, WS_ANY, NAN}, {"max", MAX_ALIASES, WS_ANY, NAN}},
     .check = ws_arcsine_check,
     FUNCTIONS(arcsine)},
    {.name = "curvilinear_trapezoid",
     .aliases = "ctrap",
     .summary = "a uniform whose bounds are known to +- inexactness only",
     .example = "{curvilinear_trapezoid: {min: 3, max: 6, inexactness: 0.5}}",
     .kind = WS_CONTINUOUS,
     .parameters = {{"min", MIN_ALIASES, WS_ANY, NAN},
                    {"max", MAX_ALIASES, WS_ANY, NAN},
                    {"inexactness", "d", WS_POSITIVE, NAN}},
     .check = ws_curvilinear_trapezoid_check,
     .breaks = ws_curvilinear_trapezoid_breaks,
     FUNCTIONS(curvilinear_trapezoid)},
    {.name = "poisson",
     .summary = "a number of independent events, known by its mean",
     .example = "{poisson: {mean: 3}}",
     .kind = WS_DISCRETE,
     .parameters = {{"mean", "lambda rate mu", WS_POSITIVE, NAN}},
     .check = ws_poisson_check,
     .mode = ws_poisson_mode,
     .ratio = ws_poisson_ratio},
    {.name = "binomial",
     .summary = "how many of n independent trials succeed",
     .example = "{binomial: {n: 20, p: 0.1}}",
     .kind = WS_DISCRETE,
     .parameters = {{"n", "trials", WS_POSITIVE, NAN}, {"p", "probability", WS_PROBABILITY, NAN}},
     .check = ws_binomial_check,
     .mode = ws_binomial_mode,
     .ratio = ws_binomial_ratio},
    {.name = "bernoulli",
     .summary = "1 with probability p, else 0",
     .example = "{bernoulli: {p: 0.3}}",
     .kind = WS_DISCRETE,
     .parameters = {{"p", "probability", WS_PROBABILITY, NAN}},
     .mode = ws_bernoulli_mode,
     .ratio = ws_bernoulli_ratio},
    {.name = "discrete",
     .aliases = "values",
     .summary = "listed numbers with weights, equal where none are given",
     .example = "{discrete: {values: [1, 2, 4], weights: [5, 3, 1]}}",
     .takes = "values, weights > 0 (else equal)",
     .kind = WS_DISCRETE},
    {.name = "empirical",
     .aliases = "sample",
     .summary = "a sample in a file beside the study (CSV column, HDF5 dataset), as it is or smoothed",
     .example = "{empirical: {file: prices.csv, column: usd_per_hour, smooth: true}}",
     .takes =
         "file; column (else the only one); weights: a column, >= 0 (else equal); smooth: true or log (else false)",
     .kind = WS_DISCRETE},
    {.name = "quantiles",
     .aliases = "metalog",
     .summary = "through three or more quantiles that an expert gives, and between bounds if there are any (metalog)",
     .example = "{quantiles: {p10: 10, p50: 20, p90: 50, min: 0}}",
     .takes = "3 to 16 of p1, p2.5, p50 and so on, which rise; min (else -inf); max (else inf)",
     .kind = WS_CONTINUOUS,
     .composite = &ws_metalog_composite},
    {.name = "histogram",
     .summary = "weights between edges, even within each bin",
     .example = "{histogram: {edges: [0, 1, 2, 5], weights: [1, 3, 2]}}",
     .takes = "edges, which rise; weights >= 0 of the up to 100 bins between",
     .kind = WS_CONTINUOUS,
     .composite = &ws_mixture_composite},
    {.name = "mixture",
     .aliases = "pooled",
     .summary = "one of several priors, with weights: experts who disagree, two ways that it may have gone",
     .example = "{mixture: [{weight: 2, normal: {mean: 1, sd: 0.1}}, {weight: 1, uniform: {min: 2, max: 3}}]}",
     .takes = "a list of up to 256 priors, each with a weight > 0 (else 1), a label and a source if you like",
     .kind = WS_CONTINUOUS,
     .composite = &ws_mixture_composite},
    {.name = "given",
     .summary = "a categorical input chooses the prior, label by label",
     .example = "{given: ownership, straight_line: {pert: {min: 3, mode: 4.5, max: 6}}, value_decay: 2 to 4}",
     .takes = "name of a choice, and beside it a prior for each of its labels",
     .kind = WS_CONTINUOUS,
     .composite = &ws_mixture_composite},
    {.name = "dirichlet",
     .summary = "a share of a whole: inputs that name one group sum to one; alpha says how much and how surely",
     .example = "{dirichlet: {group: fuel_mix, alpha: 4}}",
     .takes = "group, alpha > 0",
     .kind = WS_CONTINUOUS,
     .composite = &ws_dirichlet_composite},
    {.name = "choice",
     .aliases = "categorical",
     .summary = "labelled alternatives with weights",
     .example = "{choice: {straight_line: 1, value_decay: 1}}",
     .takes = "for each label a weight >= 0",
     .kind = WS_CATEGORICAL},
};

const struct ws_family *ws_families(size_t *count) {
    *count = sizeof families / sizeof families[0];
    return families;
}

int ws_is_listed(const char *list, const char *word) {
    size_t length = strlen(word);
    while (list && length > 0) {
        size_t span = strcspn(list, " ");
        if (span == length && memcmp(list, word, length) == 0)
            return 1;
        list = list[span] ? list + span + 1 : NULL;
    }
    return 0;
}

const struct ws_family *ws_family_find(const char *name) {
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
        if (strcmp(families[i].name, name) == 0 || ws_is_listed(families[i].aliases, name))
            return &families[i];
    return NULL;
}

int ws_refuse_pair(char *text, size_t size, const char *family, const char *relation, const char *name_a, double a,
                   const char *name_b, double b) {
    char text_a[32], text_b[32];
    snprintf(text, size, "%s needs %s, found %s %s, %s %s", family, relation, name_a, ws_format_double(a, text_a),
             name_b, ws_format_double(b, text_b));
    return -1;
}

int ws_refuse_count(char *text, size_t size, const char *family, const char *name, double value) {
    char found[32];
    snprintf(text, size, "%s needs %s up to 1e9%s, found %s%s", family, name,
             value > WS_MOST_COUNT ? "" : " and a whole number", ws_format_double(value, found),
             value > WS_MOST_COUNT ? "; a normal is as good for more" : "");
    return -1;
}

int ws_check_quantiles(const char *family, int positive, double p1, double x1, double p2, double x2, char *text,
                       size_t size) {
    char name1[40], name2[40];
    snprintf(name1, sizeof name1, "p%.10g", 100 * p1);
    snprintf(name2, sizeof name2, "p%.10g", 100 * p2);
    if (!(x1 < x2))
        return ws_refuse_pair(text, size, family, "quantiles that rise", name1, x1, name2, x2);
    if (positive && !(x1 > 0))
        return ws_refuse_pair(text, size, family, "positive quantiles", name1, x1, name2, x2);
    return 0;
}
