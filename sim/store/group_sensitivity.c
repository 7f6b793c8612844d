// SPDX-License-Identifier: GPL-3.0-or-later
// /sensitivity: what drives each output, from the kept draws. Follows from them and is never read back.
#include "analysis/indices.h"
#include "store/groups.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

#define ROW(name, unit, text) {#name, WS_VALUE_REAL, "case input", unit, text, offsetof(struct ws_index, name), 0, 0}
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
    struct ws_group group = ws_group_begin(h5, "sensitivity/%s", output->name);
    ws_attribute_text(h5, group.id, "scale", in_log ? "log" : "linear");
    ws_cases_axis(&group, result);
    ws_axis_texts(&group, "input", n, names, "input of the study");
    ws_fields_write(&group, index_fields, COUNT(index_fields), records, result->n_cases * n, sizeof *records,
                    &output->unit);
    ws_group_end(&group);
}

void ws_sensitivity_write(struct ws_h5 *h5, const struct ws_result *result) {
    const struct ws_study *study = result->study;
    if (study->n_inputs == 0 || result->n_kept == 0)
        return;
    const struct ws_indices *indices = ws_indices_find(result, h5->arena);
    const char **names = WS_NEW_ARRAY(h5->arena, const char *, study->n_inputs);
    for (size_t i = 0; i < study->n_inputs; i++)
        names[i] = study->quantities[i].name;
    struct ws_group parent = ws_group_begin(h5, "sensitivity");
    ws_group_end(&parent);
    for (size_t o = 0; o < study->n_outputs; o++)
        write_output(h5, result, o, names, indices);
}
