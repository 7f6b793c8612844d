// SPDX-License-Identifier: GPL-3.0-or-later
// Regional sensitivity analysis (Hornberger & Spear 1981, "An approach to the preliminary analysis of environmental
// systems"): the distance between an input's distributions among the draws that meet a condition and those that do not,
// Kolmogorov & Smirnov's largest difference of the two distribution functions; of a categorical input, whose labels
// have no order, the total variation.
#include "analysis/explain.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/drivers.h"
#include "base/text.h"
#include "wattspan.h"

struct explainer {
    const struct ws_result *result;
    const struct ws_study *condition;
    struct ws_arena *arena;
    size_t n;
    unsigned char *met; // per draw: 1, 0, or 2 where the condition is not a number
    size_t n_met, n_unmet;
    double *met_values, *unmet_values; // n each
};

// ---- which draws meet it ----

static unsigned char *mark_needed(const struct ws_study *study, size_t wanted, struct ws_arena *arena) {
    unsigned char *needed = WS_NEW_ARRAY(arena, unsigned char, study->n_quantities + 1);
    needed[wanted] = 1;
    for (size_t i = study->n_quantities; i-- > 0;) {
        if (needed[study->order[i]])
            ws_study_uses(study, study->order[i], needed);
    }
    return needed;
}

// The kept draws of what a model in code has computed, per quantity; NULL for all others.
static const double *const *model_columns(const struct explainer *e) {
    const struct ws_study *own = e->result->study;
    const double **columns = WS_NEW_ARRAY(e->arena, const double *, e->condition->n_quantities + 1);
    for (size_t o = 0; o < own->n_outputs; o++) {
        const struct ws_quantity *output = &own->quantities[own->n_inputs + own->n_derived + o];
        if (output->by_model)
            columns[ws_study_find(e->condition, output->name)] = e->result->kept_outputs + o * e->n;
    }
    return columns;
}

// Recomputed from the kept inputs, so that intermediate quantities can be asked for, which are not kept.
static int evaluate(struct explainer *e, struct ws_error *err) {
    const struct ws_study *study = e->condition;
    size_t wanted = study->n_quantities - 1;
    const unsigned char *needed = mark_needed(study, wanted, e->arena);
    double *values = WS_NEW_ARRAY(e->arena, double, study->n_quantities + 1);
    const double **columns = WS_NEW_ARRAY(e->arena, const double *, study->n_inputs + 1);
    for (size_t i = 0; i < study->n_inputs; i++) {
        size_t own = ws_study_find(e->result->study, study->quantities[i].name);
        if (own == SIZE_MAX || own >= e->result->study->n_inputs)
            return ws_error_set(err, WS_ERROR_USAGE, NULL, "the result has no input '%s'", study->quantities[i].name);
        columns[i] = e->result->kept_inputs + own * e->n;
    }
    const double *const *modelled = model_columns(e);
    for (size_t d = 0; d < e->n; d++) {
        for (size_t i = 0; i < study->n_inputs; i++)
            values[i] = columns[i][d];
        for (size_t i = 0; i < study->n_quantities; i++) {
            size_t q = study->order[i];
            if (modelled[q])
                values[q] = modelled[q][d];
            else if (needed[q] && study->quantities[q].formula)
                values[q] = ws_expression_value(study->quantities[q].formula, values);
        }
        e->met[d] = isnan(values[wanted]) ? 2 : values[wanted] != 0;
        e->n_met += e->met[d] == 1;
        e->n_unmet += e->met[d] == 0;
    }
    return 0;
}

// ---- one input ----

static void split(struct explainer *e, const double *x) {
    size_t met = 0, unmet = 0;
    for (size_t d = 0; d < e->n; d++) {
        if (e->met[d] == 1)
            e->met_values[met++] = x[d];
        else if (e->met[d] == 0)
            e->unmet_values[unmet++] = x[d];
    }
}

static double median(const double *sorted, size_t n) { return 0.5 * (sorted[(n - 1) / 2] + sorted[n / 2]); }

static void shift_of_values(struct explainer *e, struct ws_shift *shift) {
    size_t i = 0, j = 0;
    gsl_sort(e->met_values, 1, e->n_met);
    gsl_sort(e->unmet_values, 1, e->n_unmet);
    while (i < e->n_met && j < e->n_unmet) {
        double x = fmin(e->met_values[i], e->unmet_values[j]);
        while (i < e->n_met && e->met_values[i] <= x)
            i++;
        while (j < e->n_unmet && e->unmet_values[j] <= x)
            j++;
        shift->distance = fmax(shift->distance, fabs((double)i / (double)e->n_met - (double)j / (double)e->n_unmet));
    }
    shift->met = median(e->met_values, e->n_met);
    shift->unmet = median(e->unmet_values, e->n_unmet);
}

static void shift_of_labels(struct explainer *e, size_t n_labels, struct ws_shift *shift) {
    size_t *counts = WS_NEW_ARRAY(e->arena, size_t, 2 * n_labels + 1);
    for (size_t i = 0; i < e->n_met; i++)
        counts[(size_t)e->met_values[i]]++;
    for (size_t i = 0; i < e->n_unmet; i++)
        counts[n_labels + (size_t)e->unmet_values[i]]++;
    shift->label = 0;
    double most = -1;
    for (size_t k = 0; k < n_labels; k++) {
        double met = (double)counts[k] / (double)e->n_met, unmet = (double)counts[n_labels + k] / (double)e->n_unmet;
        shift->distance += 0.5 * fabs(met - unmet);
        if (fabs(met - unmet) <= most)
            continue;
        most = fabs(met - unmet);
        shift->label = k;
        shift->met = met;
        shift->unmet = unmet;
    }
}

static int varies(const double *x, size_t n) {
    for (size_t i = 1; i < n; i++)
        if (x[i] != x[0])
            return 1;
    return 0;
}

static int by_distance(const void *a, const void *b) {
    const struct ws_shift *x = a, *y = b;
    if (x->distance != y->distance)
        return x->distance < y->distance ? 1 : -1;
    return (x->input > y->input) - (x->input < y->input);
}

static void find_shifts(struct explainer *e, struct ws_explanation *out) {
    const struct ws_study *study = e->result->study;
    struct ws_shift *shifts = WS_NEW_ARRAY(e->arena, struct ws_shift, study->n_inputs + 1);
    e->met_values = WS_NEW_ARRAY(e->arena, double, e->n + 1);
    e->unmet_values = WS_NEW_ARRAY(e->arena, double, e->n + 1);
    for (size_t i = 0; i < study->n_inputs; i++) {
        const double *x = e->result->kept_inputs + i * e->n;
        const struct ws_prior *prior = study->quantities[i].prior;
        if (!varies(x, e->n))
            continue;
        struct ws_shift *shift = &shifts[out->n_shifts++];
        *shift = (struct ws_shift){.input = i, .label = SIZE_MAX};
        split(e, x);
        if (ws_prior_is_categorical(prior))
            shift_of_labels(e, prior->n_parts, shift);
        else
            shift_of_values(e, shift);
    }
    qsort(shifts, out->n_shifts, sizeof *shifts, by_distance);
    out->shifts = shifts;
}

int ws_explain(const struct ws_result *result, const struct ws_study *condition, struct ws_arena *arena,
               struct ws_explanation *out, struct ws_error *err) {
    struct explainer e = {.result = result, .condition = condition, .arena = arena, .n = result->n_kept};
    *out = (struct ws_explanation){.n = e.n};
    if (e.n == 0)
        return ws_error_set(err, WS_ERROR_USAGE, NULL,
                            "no draws are kept in the result: run it again with --keep 10000");
    if (result->n_cases > 1)
        return ws_error_set(err, WS_ERROR_USAGE, NULL,
                            "the result has %zu cases of a sweep; run the case in question alone with --set",
                            result->n_cases);
    e.met = WS_NEW_ARRAY(arena, unsigned char, e.n + 1);
    if (evaluate(&e, err))
        return WS_ERROR_USAGE;
    out->n_met = e.n_met;
    out->n_unmet = e.n_unmet;
    if (e.n_met == 0 || e.n_unmet == 0)
        return 0;
    // Kolmogorov's distribution: P(D > d) is about 2 exp(-2 d^2 m n / (m + n)).
    double m = (double)e.n_met, n = (double)e.n_unmet;
    out->chance = fmin(sqrt(log(2 / 0.01) / 2 * (m + n) / (m * n)), 1);
    find_shifts(&e, out);
    return 0;
}

uint64_t ws_explain_keep(const struct ws_explanation *e) {
    size_t rarer = e->n_met < e->n_unmet ? e->n_met : e->n_unmet;
    if (rarer == 0 || rarer >= WS_EXPLAIN_ENOUGH)
        return 0;
    double wanted = 1.1 * (double)WS_EXPLAIN_ENOUGH * (double)e->n / (double)rarer,
           unit = pow(10, floor(log10(wanted)));
    return (uint64_t)(ceil(wanted / unit) * unit); // one figure
}
