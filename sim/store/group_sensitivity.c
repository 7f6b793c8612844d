// SPDX-License-Identifier: GPL-3.0-or-later
// /sensitivity: what drives each output; /sensitivity_posterior: the same given the evidence. What follows from the
// kept draws is read back where all of it is there: to make it again takes seconds of a wide study.
#include <string.h>

#include "analysis/effects.h"
#include "analysis/indices.h"
#include "store/groups.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

#define ROW(name, unit, text) \
    { #name, WS_VALUE_REAL, "case input", unit, text, offsetof(struct ws_index, name), 0, 0 }
static const struct ws_field index_fields[] = {
    ROW(spearman, WS_UNIT_NONE, "Spearman's rank correlation with the input, over the kept draws"),
    ROW(spearman_se, WS_UNIT_NONE, "standard error of spearman"),
    ROW(partial, WS_UNIT_NONE, "partial rank correlation with the input, the others held"),
    ROW(partial_se, WS_UNIT_NONE, "standard error of partial"),
    ROW(first_order, WS_UNIT_NONE, "share of the variance that the input alone explains, from the kept draws"),
    ROW(first_order_se, WS_UNIT_NONE, "standard error of first_order"),
    ROW(low, WS_UNIT_OWN, "mean of the output with the input around its p5 (the lowest tenth of the draws)"),
    ROW(low_se, WS_UNIT_OWN, "standard error of low"),
    ROW(high, WS_UNIT_OWN, "mean of the output with the input around its p95 (the highest tenth of the draws)"),
    ROW(high_se, WS_UNIT_OWN, "standard error of high"),
};

#define SHARE(name, text) \
    { #name, WS_VALUE_REAL, "case input", WS_UNIT_NONE, text, offsetof(struct ws_effect, name), 0, 0 }
static const struct ws_field share_fields[] = {
    SHARE(total, "share of the variance that the input carries with all its interactions"),
    SHARE(total_se, "standard error of total"),
    SHARE(shapley, "Shapley effect: share of the variance with the interactions shared out"),
    SHARE(shapley_se, "standard error of shapley"),
};

static void write_shares(struct ws_group *group, const struct ws_result *result, size_t output) {
    const struct ws_effects *effects = result->effects;
    const struct ws_effect *row = ws_effects_of(effects, result->study, output);
    const struct ws_variable factor = {.name = "factor",
                                       .type = WS_VALUE_TEXT,
                                       .axes = "input",
                                       .data = effects->factor,
                                       .long_name = "the input itself, or the group that it was analysed in"};
    ws_fields_write(group, share_fields, COUNT(share_fields), row, result->study->n_inputs, sizeof *row, NULL);
    ws_variable_write(group, &factor);
}

static const char *parent_name(const struct ws_result *result) {
    return result->unconditioned ? "sensitivity_posterior" : "sensitivity";
}

static void write_output(struct ws_h5 *h5, const struct ws_result *result, size_t index, const char *const *names,
                         const struct ws_indices *indices) {
    const struct ws_study *study = result->study;
    const struct ws_quantity *output = &study->quantities[ws_output_quantity(study, index)];
    size_t n = study->n_inputs;
    struct ws_index *records = WS_NEW_ARRAY(h5->arena, struct ws_index, result->n_cases * n);
    int in_log = 1; // one word for all cases: where one of them reaches zero, "linear"
    for (size_t c = 0; c < result->n_cases; c++) {
        const struct ws_index *row = ws_indices_of(indices, result, c, index);
        for (size_t i = 0; i < n; i++)
            records[c * n + i] = row[i];
        in_log &= indices->in_log[c * study->n_outputs + index];
    }
    const struct ws_effects *effects = result->unconditioned ? NULL : result->effects; // of the priors
    if (effects) { // the better estimate of the same share
        const struct ws_effect *row = ws_effects_of(effects, study, index);
        in_log = effects->in_log[index];
        for (size_t i = 0; i < n; i++) {
            records[i].first_order = row[i].first_order;
            records[i].first_order_se = row[i].first_order_se;
        }
    }
    struct ws_group group = ws_group_begin(h5, "%s/%s", parent_name(result), output->name);
    ws_attribute_text(h5, group.id, "scale", in_log ? "log" : "linear");
    ws_cases_axis(&group, result);
    ws_axis_texts(&group, "input", n, names, "input of the study");
    ws_fields_write(&group, index_fields, COUNT(index_fields), records, result->n_cases * n, sizeof *records,
                    &output->unit);
    if (effects)
        write_shares(&group, result, index);
    ws_group_end(&group);
}

void ws_sensitivity_write(struct ws_h5 *h5, const struct ws_result *result) {
    const struct ws_study *study = result->study;
    const struct ws_effects *effects = result->unconditioned ? NULL : result->effects;
    enum { LEAST = 1000 }; // kept draws of a case of a sweep that are worth it
    if (study->n_inputs == 0 || (result->n_kept == 0 && !effects) || (result->n_cases > 1 && result->n_kept < LEAST))
        return;
    const struct ws_indices *indices = ws_indices_find(result, h5->arena);
    const char **names = WS_NEW_ARRAY(h5->arena, const char *, study->n_inputs);
    for (size_t i = 0; i < study->n_inputs; i++)
        names[i] = study->quantities[i].name;
    struct ws_group parent = ws_group_begin(h5, "%s", parent_name(result));
    if (effects) {
        ws_attribute_uint(h5, parent.id, "points", effects->points);
        ws_attribute_uint(h5, parent.id, "model_runs", effects->model_runs);
    }
    ws_group_end(&parent);
    struct ws_arena_mark scratch = ws_arena_mark(h5->arena);
    for (size_t o = 0; o < study->n_outputs; o++, ws_arena_release(h5->arena, scratch))
        write_output(h5, result, o, names, indices);
}

// ---- reading ----

// Returns whether they are of the output's ln.
static int read_shares(struct ws_h5 *h5, const struct ws_result *result, size_t output, struct ws_effect *row) {
    static const struct ws_field first_order[] = {
        SHARE(first_order, ""),
        SHARE(first_order_se, ""),
    };
    const size_t n = result->study->n_inputs;
    const char *name = result->study->quantities[ws_output_quantity(result->study, output)].name;
    const char *group = ws_arena_printf(h5->arena, "sensitivity/%s", name);
    const struct ws_axis_size axes[] = {{"case", 1}, {"input", n}};
    ws_fields_read(h5, group, first_order, COUNT(first_order), row, n, sizeof *row, axes, COUNT(axes));
    ws_fields_read(h5, group, share_fields, COUNT(share_fields), row, n, sizeof *row, axes, COUNT(axes));
    return strcmp(ws_h5_text_of(h5, group, "scale"), "log") == 0;
}

static void read_effects(struct ws_h5 *h5, struct ws_result *result, const char *factor) {
    const struct ws_study *study = result->study;
    size_t n = study->n_inputs;
    struct ws_effects *effects = WS_NEW(h5->arena, struct ws_effects);
    struct ws_effect *items = WS_NEW_ARRAY(h5->arena, struct ws_effect, n * study->n_outputs + 1);
    unsigned char *in_log = WS_NEW_ARRAY(h5->arena, unsigned char, study->n_outputs + 1);
    effects->factor = ws_h5_read(h5, factor, WS_VALUE_TEXT, 1, &n);
    for (size_t o = 0; o < study->n_outputs && !h5->status; o++)
        in_log[o] = (unsigned char)read_shares(h5, result, o, items + o * n);
    effects->points = ws_h5_uint_of(h5, "sensitivity", "points");
    effects->model_runs = ws_h5_uint_of(h5, "sensitivity", "model_runs");
    effects->items = items;
    effects->in_log = in_log;
    result->effects = h5->status ? NULL : effects;
}

static void read_indices(struct ws_h5 *h5, struct ws_result *result) {
    const struct ws_study *study = result->study;
    size_t n = study->n_inputs;
    const struct ws_axis_size axes[] = {{"case", 1}, {"input", n}};
    struct ws_index *items = WS_NEW_ARRAY(h5->arena, struct ws_index, n * study->n_outputs + 1);
    unsigned char *in_log = WS_NEW_ARRAY(h5->arena, unsigned char, study->n_outputs + 1);
    struct ws_indices *indices = WS_NEW(h5->arena, struct ws_indices);
    for (size_t o = 0; o < study->n_outputs && !h5->status; o++) {
        const char *group = ws_arena_printf(h5->arena, "%s/%s", parent_name(result),
                                            study->quantities[ws_output_quantity(study, o)].name);
        ws_fields_read(h5, group, index_fields, COUNT(index_fields), items + o * n, n, sizeof *items, axes,
                       COUNT(axes));
        in_log[o] = strcmp(ws_h5_text_of(h5, group, "scale"), "log") == 0;
    }
    *indices = (struct ws_indices){items, in_log};
    result->indices = h5->status ? NULL : indices;
}

// Of a sweep the file does not say which cases were analysed in ln, and where there are effects it has their first
// order instead of that of the kept draws.
void ws_sensitivity_read(struct ws_h5 *h5, struct ws_result *result) {
    const struct ws_study *study = result->study;
    if (study->n_inputs == 0 || study->n_outputs == 0 || result->n_cases != 1)
        return;
    const char *group =
        ws_arena_printf(h5->arena, "%s/%s", parent_name(result), study->quantities[ws_output_quantity(study, 0)].name);
    const char *factor = ws_arena_printf(h5->arena, "%s/factor", group);
    if (!result->unconditioned && ws_h5_has(h5, factor))
        read_effects(h5, result, factor);
    else if (result->n_kept > 0 && ws_h5_has(h5, ws_arena_printf(h5->arena, "%s/high_se", group)))
        read_indices(h5, result);
}
