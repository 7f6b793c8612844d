// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/facts.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "report/number.h"
#include "study/sweep.h"

size_t ws_output_index(const struct ws_study *study, size_t output) {
    return study->n_inputs + study->n_derived + output;
}

const struct ws_quantity *ws_output_at(const struct ws_study *study, size_t output) {
    return &study->quantities[ws_output_index(study, output)];
}

const char *ws_slot_label(const struct ws_result *result, size_t slot) {
    const struct ws_result_slot *s = &result->slots[slot];
    return s->by == SIZE_MAX ? NULL : ws_quantity_label(&result->study->quantities[s->by], (double)s->alternative);
}

int ws_is_indicator(const struct ws_study *study, size_t quantity) { return ws_study_is_condition(study, quantity); }

const char *ws_quantity_label(const struct ws_quantity *quantity, double value) {
    if (!quantity->prior || !ws_prior_is_categorical(quantity->prior) || !(value >= 0))
        return NULL;
    return value < (double)quantity->prior->n_parts ? quantity->prior->parts[(size_t)value].label : NULL;
}

double ws_summary_at(const struct ws_summary *summary, double probability, double *se) {
    for (size_t i = 0; i < summary->n_quantiles; i++)
        if (fabs(summary->probability[i] - probability) < 1e-12) {
            if (se)
                *se = summary->quantile_se[i];
            return summary->quantile[i];
        }
    if (se)
        *se = NAN;
    return NAN;
}

const char *ws_fact_text(const struct ws_study *study, const struct ws_evidence *fact, struct ws_arena *arena) {
    struct ws_text text = {.arena = arena};
    ws_text_add(&text, study->quantities[fact->quantity].name);
    if (fact->observed)
        ws_text_printf(&text, " observed as %s", fact->observed->text);
    else if (isinf(fact->low))
        ws_text_printf(&text, " at most %s", ws_number_short(arena, fact->high, 12));
    else if (isinf(fact->high))
        ws_text_printf(&text, " at least %s", ws_number_short(arena, fact->low, 12));
    else
        ws_text_printf(&text, " between %s and %s", ws_number_short(arena, fact->low, 12),
                       ws_number_short(arena, fact->high, 12));
    ws_text_printf(&text, "%s%s", strcmp(fact->unit.label, "1") ? " " : "",
                   strcmp(fact->unit.label, "1") ? fact->unit.label : "");
    if (*fact->source)
        ws_text_printf(&text, " (%s)", fact->source);
    return text.data;
}

double ws_monte_carlo_error(const struct ws_result *result, struct ws_arena *arena) {
    static const double probabilities[] = {0.05, 0.5, 0.95};
    double worst = 0;
    size_t n_figures = 0;
    for (size_t c = 0; c < result->n_cases; c++)
        for (size_t s = 0; s < result->study->n_outputs; s++) {
            struct ws_summary summary = ws_summarise(result, c, s, arena);
            if (isnan(summary.mean)) // no valid draw: there is no figure that could be wrong
                continue;
            n_figures++;
            if (!isfinite(summary.mean_se)) // of one draw, say: an unknown error is no small one
                return NAN;
            double error = summary.mean_se / fmax(fabs(summary.mean), summary.sd);
            worst = error > worst ? error : worst; // a NaN, where nothing varies, is no error
            for (int i = 0; i < 3 && !ws_is_indicator(result->study, result->slots[s].output); i++) {
                double se, value = ws_summary_at(&summary, probabilities[i], &se);
                error = se / fmax(fabs(value), summary.sd);
                worst = error > worst ? error : worst;
            }
        }
    return n_figures > 0 && isfinite(worst) ? worst : NAN;
}

static struct ws_driver judge(const struct ws_result *result, const struct ws_index *index, size_t input) {
    double chance = result->n_kept > 1 ? 3 / sqrt((double)result->n_kept - 1) : 1;
    struct ws_driver driver = {input, NAN, NAN, 0};
    if (fabs(index->spearman) > chance)
        driver.spearman = index->spearman;
    if (index->first_order > 3 * index->first_order_se)
        driver.share = index->first_order;
    driver.strength = fmax(fmax(driver.spearman * driver.spearman, driver.share), 0);
    return driver;
}

size_t ws_top_drivers(const struct ws_result *result, const struct ws_index *index, struct ws_driver *drivers,
                      size_t most) {
    size_t n = 0;
    for (size_t i = 0; i < result->study->n_inputs; i++) {
        struct ws_driver driver = judge(result, &index[i], i);
        if (!(driver.strength > 0))
            continue;
        size_t at = n < most ? n++ : most;
        for (; at > 0 && drivers[at - 1].strength < driver.strength; at--)
            if (at < most)
                drivers[at] = drivers[at - 1];
        if (at < most)
            drivers[at] = driver;
    }
    return n;
}

const char *ws_case_text(const struct ws_case_axis *axis, size_t case_index, struct ws_arena *arena) {
    char text[32];
    return axis->labels ? axis->labels[case_index]
                        : ws_arena_copy(arena, ws_format_double(axis->values[case_index], text));
}

const char *ws_case_heading(const struct ws_result *result, size_t case_index, struct ws_arena *arena) {
    struct ws_text text = {.arena = arena};
    const char *of_study = ws_study_of_case(result->study, case_index);
    ws_text_printf(&text, "Case %zu of %zu: ", case_index + 1, result->n_cases);
    for (size_t a = 0, n = 0; a < result->n_axes; a++) {
        const char *value = ws_case_text(&result->axes[a], case_index, arena);
        int follows = strcmp(value, of_study) == 0 && strcmp(result->axes[a].name, WS_SWEEP_STUDIES) != 0;
        if (!follows) // what the study's own prior is need not be said
            ws_text_printf(&text, "%s%s = %s", n++ ? ", " : "", result->axes[a].name, value);
    }
    return text.data;
}

const char *ws_weak_text(const struct ws_study *study, const struct ws_weak_point *point, struct ws_arena *arena) {
    const struct ws_quantity *input = &study->quantities[point->input];
    return ws_arena_printf(arena, "%s: %s carries %s %% of the variance%s, and its basis is '%s': look it up first",
                           ws_output_at(study, point->output)->name, input->name,
                           ws_number(arena, 100 * point->share, 1, 2), point->in_log ? " of ln" : "", input->basis);
}
