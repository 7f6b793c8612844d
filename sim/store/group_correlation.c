// SPDX-License-Identifier: GPL-3.0-or-later
// /correlation: what was asked of the inputs that move together, and what the kept draws have. Follows from the study
// and the draws, and is never read back.
#include "analysis/dependence.h"
#include "store/groups.h"

static void write_matrix(struct ws_group *group, const char *name, const double *matrix, const char *long_name) {
    const struct ws_variable variable = {
        .name = name, .type = WS_VALUE_REAL, .axes = "input input_2", .data = matrix, .long_name = long_name};
    ws_variable_write(group, &variable);
}

void ws_correlation_write(struct ws_h5 *h5, const struct ws_result *result) {
    const struct ws_study *study = result->study;
    const struct ws_dependence d = ws_dependence_make(study, result, h5->arena);
    if (d.n == 0)
        return;
    const char **names = WS_NEW_ARRAY(h5->arena, const char *, d.n);
    for (size_t i = 0; i < d.n; i++)
        names[i] = study->quantities[d.inputs[i]].name;
    struct ws_group group = ws_group_begin(h5, "correlation");
    ws_axis_texts(&group, "input", d.n, names, "inputs that are drawn jointly with others");
    ws_axis_texts(&group, "input_2", d.n, names, "the same");
    write_matrix(&group, "requested", d.requested, "Spearman's rank correlation asked for, or that follows");
    write_matrix(&group, "realised", d.realised, "Spearman's rank correlation of the kept draws");
    write_matrix(&group, "scores", d.scores, "correlation of the normal scores of the Gaussian copula");
    if (d.kendall_requested) {
        write_matrix(&group, "kendall_requested", d.kendall_requested, "Kendall's tau-b asked for");
        write_matrix(&group, "kendall_realised", d.kendall_realised, "Kendall's tau-b of the kept draws");
    }
    ws_group_end(&group);
}
