// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/summary.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/weighted.h"

static const double standard[] = {0.001, 0.01, 0.025, 0.05, 0.10, 0.25, 0.5, 0.75, 0.90, 0.95, 0.975, 0.99, 0.999};
enum { N_STANDARD = sizeof standard / sizeof *standard };

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

const double *ws_summary_probabilities(const struct ws_study *study, struct ws_arena *arena, size_t *count) {
    double *p = WS_NEW_ARRAY(arena, double, N_STANDARD + study->n_quantiles);
    size_t n = 0;
    for (size_t i = 0; i < N_STANDARD; i++)
        p[n++] = standard[i];
    for (size_t i = 0; i < study->n_quantiles; i++)
        p[n++] = study->quantiles[i];
    qsort(p, n, sizeof *p, ascending);
    size_t distinct = 1;
    for (size_t i = 1; i < n; i++)
        if (p[i] - p[distinct - 1] > 1e-12) // 0.05 and 5 / 100.0 are one
            p[distinct++] = p[i];
    *count = distinct;
    return p;
}

// ---- statistics of one tally ----

static double quantile(const struct ws_tally *tally, double p) {
    return ws_sketch_quantile(&tally->sketch, p, tally->moments.minimum, tally->moments.maximum);
}

static double probability(const struct ws_tally *tally, double x) {
    return ws_sketch_cdf(&tally->sketch, x, tally->moments.minimum, tally->moments.maximum);
}

static double mean(const struct ws_tally *tally, double unused) {
    double mean_value, m[5];
    (void)unused;
    ws_tally_central(tally, &mean_value, m);
    return mean_value;
}

static double sd(const struct ws_tally *tally, double unused) {
    double mean_value, m[5], n = ws_tally_ess(tally);
    (void)unused;
    ws_tally_central(tally, &mean_value, m);
    return n > 1 ? sqrt(m[2] * n / (n - 1)) / tally->moments.scale : NAN;
}

// ---- their standard errors ----

// Designs with randomisations: from the spread of the statistic over them, since they are independent and alike. For
// intervals, it has replicates - 1 degrees of freedom. Differences are squared in units of 1 / scale.
static double replicated_se(const struct ws_result *result, size_t case_index, size_t slot,
                            double (*statistic)(const struct ws_tally *tally, double argument), double argument,
                            double scale) {
    double centre = 0, square = 0, n = (double)result->replicates;
    for (size_t r = 0; r < result->replicates; r++)
        centre += statistic(ws_result_replicate(result, case_index, r, slot), argument) / n;
    for (size_t r = 0; r < result->replicates; r++) {
        double d = (statistic(ws_result_replicate(result, case_index, r, slot), argument) - centre) * scale;
        square += d * d;
    }
    return sqrt(square / (n - 1) / n) / scale;
}

static double mean_se(const struct ws_result *result, size_t case_index, size_t slot) {
    const struct ws_tally *tally = ws_result_tally(result, case_index, slot);
    if (result->replicates > 1)
        return replicated_se(result, case_index, slot, mean, 0, tally->moments.scale);
    return tally->weighing ? ws_weighted_mean_se(tally) : sd(tally, 0) / sqrt((double)tally->moments.count);
}

// Var(s^2) = (mu4 - sigma^4 (n - 3) / (n - 1)) / n, and sd(s) = sd(s^2) / (2 s) (Kendall & Stuart, section 10.5).
static double sd_se(const struct ws_result *result, size_t case_index, size_t slot) {
    const struct ws_tally *tally = ws_result_tally(result, case_index, slot);
    if (result->replicates > 1)
        return replicated_se(result, case_index, slot, sd, 0, tally->moments.scale);
    const struct ws_moments *moments = &tally->moments;
    if (tally->weighing)
        return ws_weighted_sd_se(tally);
    double mean_value, m[5], n = (double)moments->count;
    ws_moments_central(moments, &mean_value, m);
    if (!(n > 1))
        return NAN;
    double square = fmax(m[4] - m[2] * m[2] * (n - 3) / (n - 1), 0) / n;
    return m[2] > 0 ? sqrt(square) / (2 * sqrt(m[2])) / moments->scale : 0;
}

// Where quantiles have been asked for, so that those of ascending probabilities are found in one pass.
struct walks {
    struct ws_sketch_walk value, low, high;
    struct ws_sketch_walk *replicates; // NULL: there is one, or they are not all in memory
};

static double walk_to(struct ws_sketch_walk *walk, const struct ws_tally *tally, double p) {
    return ws_sketch_walk_to(walk, p, tally->moments.minimum, tally->moments.maximum);
}

static double replicated_quantile_se(const struct ws_result *result, size_t case_index, size_t slot,
                                     struct ws_sketch_walk *walks, double p) {
    double centre = 0, square = 0, n = (double)result->replicates;
    double scale = ws_result_tally(result, case_index, slot)->moments.scale;
    for (size_t r = 0; r < result->replicates; r++)
        centre += walk_to(&walks[r], ws_result_replicate(result, case_index, r, slot), p) / n;
    for (size_t r = 0; r < result->replicates; r++) {
        const struct ws_tally *tally = ws_result_replicate(result, case_index, r, slot);
        double d = (walk_to(&walks[r], tally, p) - centre) * scale;
        square += d * d;
    }
    return sqrt(square / (n - 1) / n) / scale;
}

// The number of draws at or below the p-quantile, `value`, is binomial, so the sample quantile varies between the
// quantiles at p plus and minus one binomial standard deviation (order statistics; David & Nagaraja 2003, section 7.1).
static double quantile_se(const struct ws_tally *tally, struct walks *walks, double p, double value) {
    double step =
        tally->weighing ? ws_weighted_probability_se(tally, value) : sqrt(p * (1 - p) / (double)tally->sketch.total);
    if (!(tally->sketch.total > 1) || step == 0)
        return tally->sketch.total > 1 ? 0 : NAN;
    double low = p - step > 0 ? p - step : 0, high = p + step < 1 ? p + step : 1;
    return (walk_to(&walks->high, tally, high) - walk_to(&walks->low, tally, low)) / (high - low) * step;
}

static void find_quantile(const struct ws_result *result, size_t case_index, size_t slot, struct walks *walks, double p,
                          double *value, double *se) {
    const struct ws_tally *tally = ws_result_tally(result, case_index, slot);
    *value = walk_to(&walks->value, tally, p);
    if (walks->replicates)
        *se = replicated_quantile_se(result, case_index, slot, walks->replicates, p);
    else if (result->replicates > 1)
        *se = replicated_se(result, case_index, slot, quantile, p, tally->moments.scale);
    else
        *se = quantile_se(tally, walks, p, *value);
}

static struct walks start_walks(const struct ws_tally *tally) {
    const struct ws_sketch_walk start = {.sketch = &tally->sketch};
    return (struct walks){start, start, start, NULL};
}

static double probability_se(const struct ws_result *result, size_t case_index, size_t slot, double x) {
    if (result->replicates > 1)
        return replicated_se(result, case_index, slot, probability, x, 1);
    const struct ws_tally *tally = ws_result_tally(result, case_index, slot);
    double p = probability(tally, x);
    return tally->weighing ? ws_weighted_probability_se(tally, x) : sqrt(p * (1 - p) / (double)tally->sketch.total);
}

static struct ws_summary summarise(const struct ws_result *result, size_t case_index, size_t slot,
                                   struct ws_arena *arena) {
    const struct ws_tally *tally = ws_result_tally(result, case_index, slot);
    const struct ws_moments *moments = &tally->moments;
    struct ws_summary s = {.n = moments->count, .n_invalid = moments->invalid, .first_invalid = moments->first_invalid};
    double m[5];
    ws_tally_central(tally, &s.mean, m);
    s.minimum = s.n ? moments->minimum : NAN;
    s.maximum = s.n ? moments->maximum : NAN;
    s.sd = sd(tally, 0);
    s.mean_se = mean_se(result, case_index, slot);
    s.sd_se = sd_se(result, case_index, slot);
    s.skewness = m[2] > 0 ? m[3] / pow(m[2], 1.5) : NAN;
    s.kurtosis = m[2] > 0 ? m[4] / (m[2] * m[2]) - 3 : NAN;

    s.probability = ws_summary_probabilities(result->study, arena, &s.n_quantiles);
    double *value = WS_NEW_ARRAY(arena, double, s.n_quantiles), *se = WS_NEW_ARRAY(arena, double, s.n_quantiles);
    struct walks walks = start_walks(tally);
    if (result->replicates > 1 && !result->shelf) // tallies on a shelf are there one at a time
        walks.replicates = WS_NEW_ARRAY(arena, struct ws_sketch_walk, result->replicates);
    for (size_t r = 0; walks.replicates && r < result->replicates; r++)
        walks.replicates[r].sketch = &ws_result_replicate(result, case_index, r, slot)->sketch;
    for (size_t i = 0; i < s.n_quantiles; i++)
        find_quantile(result, case_index, slot, &walks, s.probability[i], &value[i], &se[i]);
    s.quantile = value;
    s.quantile_se = se;
    return s;
}

struct ws_summary ws_summarise(const struct ws_result *result, size_t case_index, size_t slot, struct ws_arena *arena) {
    return result->summaries ? result->summaries[slot] : summarise(result, case_index, slot, arena);
}

const struct ws_summary *ws_summaries_make(const struct ws_result *result, struct ws_arena *arena) {
    struct ws_summary *summaries = WS_NEW_ARRAY(arena, struct ws_summary, result->n_slots + 1);
    for (size_t s = 0; s < result->n_slots; s++)
        summaries[s] = summarise(result, 0, s, arena);
    return summaries;
}

int ws_summary_is_rounding(double minimum, double maximum) {
    return maximum - minimum <= 0x1p-46 * fmax(fabs(minimum), fabs(maximum));
}

void ws_summary_mean(const struct ws_result *result, size_t case_index, size_t slot, double *value, double *se) {
    *value = mean(ws_result_tally(result, case_index, slot), 0);
    *se = mean_se(result, case_index, slot);
}

void ws_summary_sd(const struct ws_result *result, size_t case_index, size_t slot, double *value, double *se) {
    *value = sd(ws_result_tally(result, case_index, slot), 0);
    *se = sd_se(result, case_index, slot);
}

void ws_summary_quantile(const struct ws_result *result, size_t case_index, size_t slot, double p, double *value,
                         double *se) {
    struct walks walks = start_walks(ws_result_tally(result, case_index, slot));
    find_quantile(result, case_index, slot, &walks, p, value, se);
}

void ws_summary_probability(const struct ws_result *result, size_t case_index, size_t slot, double x, double *value,
                            double *se) {
    *value = probability(ws_result_tally(result, case_index, slot), x);
    *se = probability_se(result, case_index, slot, x);
}
