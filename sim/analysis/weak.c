// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/weak.h"

#include <string.h>

#include "engine/run.h"

size_t ws_weak_points(const struct ws_result *result, const struct ws_indices *indices, struct ws_weak_point *points) {
    const double most = 0.8;
    const struct ws_study *study = result->study;
    size_t n = 0;
    for (size_t o = 0; o < study->n_outputs; o++) {
        const struct ws_index *row = ws_indices_of(indices, result, 0, o);
        for (size_t i = 0; i < study->n_inputs; i++) {
            const char *basis = study->quantities[i].basis;
            int unseen = strcmp(basis, "assumed") == 0 || strcmp(basis, "recalled") == 0;
            if (unseen && row[i].first_order > most)
                points[n++] = (struct ws_weak_point){o, i, row[i].first_order, indices->in_log[o]};
        }
    }
    return n;
}

int ws_weak_points_find(const struct ws_plan *plan, struct ws_arena *arena, struct ws_weak_point *points, size_t *n,
                        struct ws_error *err) {
    enum { ENOUGH = 4096 }; // errors of a share are then a hundredth or two
    const struct ws_study *study = plan->study;
    const size_t first_output = study->n_inputs + study->n_derived;
    struct ws_plan few = *plan;
    few.keep = plan->draws < ENOUGH ? plan->draws / plan->replicates * plan->replicates : ENOUGH;
    struct ws_result result = {.study = study, .n_cases = 1, .replicates = plan->replicates, .n_kept = few.keep};
    result.kept_inputs = WS_NEW_ARRAY(arena, double, study->n_inputs *few.keep + 1);
    result.kept_outputs = WS_NEW_ARRAY(arena, double, study->n_outputs *few.keep + 1);
    double **columns = WS_NEW_ARRAY(arena, double *, study->n_quantities + 1);
    for (size_t i = 0; i < study->n_inputs; i++)
        columns[i] = result.kept_inputs + i * few.keep;
    for (size_t o = 0; o < study->n_outputs; o++)
        columns[first_output + o] = result.kept_outputs + o * few.keep;
    *n = 0;
    int status = ws_engine_keep(&few, columns, err);
    if (!status)
        *n = ws_weak_points(&result, ws_indices_make(&result, arena), points);
    return status;
}
