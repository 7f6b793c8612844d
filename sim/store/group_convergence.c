// SPDX-License-Identifier: GPL-3.0-or-later
// /convergence: how the errors of a run to a tolerance came down, round by round.
#include "analysis/tolerance.h"
#include "store/groups.h"

static const char *const axes = "case round watched";

// [round][case][output][watched] -> [case][round][watched] of one output.
static double *of_output(const double *all, const struct ws_result *result, size_t n_rounds, size_t output,
                         struct ws_arena *arena) {
    size_t n_cases = result->n_cases, n_outputs = result->study->n_outputs;
    double *own = WS_NEW_ARRAY(arena, double, n_cases *n_rounds *WS_WATCHED + 1);
    for (size_t c = 0; c < n_cases; c++)
        for (size_t r = 0; r < n_rounds; r++)
            for (size_t k = 0; k < WS_WATCHED; k++)
                own[(c * n_rounds + r) * WS_WATCHED + k] =
                    all[((r * n_cases + c) * n_outputs + output) * WS_WATCHED + k];
    return own;
}

static void write_output(struct ws_h5 *h5, const struct ws_result *result, size_t output) {
    const struct ws_convergence *c = result->convergence;
    const struct ws_quantity *q = &result->study->quantities[ws_output_quantity(result->study, output)];
    int64_t *draws = WS_NEW_ARRAY(h5->arena, int64_t, c->n_rounds + 1);
    for (size_t r = 0; r < c->n_rounds; r++)
        draws[r] = (int64_t)c->draws[r];
    const struct {
        const char *name, *long_name;
        const double *values;
    } watched[] = {{"value", "value after the round", c->value},
                   {"se", "its standard error", c->se},
                   {"allowed", "the standard error that the tolerance allows", c->allowed}};
    const struct ws_variable draws_variable = {.name = "draws",
                                               .type = WS_VALUE_INT,
                                               .axes = "round",
                                               .data = draws,
                                               .long_name = "draws after the round, in all"};
    struct ws_group group = ws_group_begin(h5, "convergence/%s", q->name);
    ws_cases_axis(&group, result);
    ws_axis_count(&group, "round", c->n_rounds, "round of draws");
    ws_axis_texts(&group, "watched", WS_WATCHED, ws_watched_names, "statistic that is watched");
    ws_variable_write(&group, &draws_variable);
    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++) {
        const struct ws_variable variable = {.name = watched[i].name,
                                             .type = WS_VALUE_REAL,
                                             .axes = axes,
                                             .data =
                                                 of_output(watched[i].values, result, c->n_rounds, output, h5->arena),
                                             .unit = &q->unit,
                                             .long_name = watched[i].long_name};
        ws_variable_write(&group, &variable);
    }
    ws_group_end(&group);
}

void ws_convergence_write(struct ws_h5 *h5, const struct ws_result *result) {
    if (!result->convergence)
        return;
    struct ws_group parent = ws_group_begin(h5, "convergence");
    ws_attribute_text(h5, parent.id, "tolerance", result->convergence->asked);
    ws_attribute_int(h5, parent.id, "reached", result->convergence->reached);
    ws_group_end(&parent);
    for (size_t o = 0; o < result->study->n_outputs; o++)
        write_output(h5, result, o);
}

// ---- reading ----

static void read_variable(struct ws_h5 *h5, const struct ws_result *result, size_t output, const char *name,
                          size_t n_rounds, double *all) {
    size_t n_cases = result->n_cases, n_outputs = result->study->n_outputs;
    const size_t sizes[3] = {n_cases, n_rounds, WS_WATCHED};
    const char *own = result->study->quantities[ws_output_quantity(result->study, output)].name;
    const double *values =
        ws_h5_read(h5, ws_arena_printf(h5->arena, "convergence/%s/%s", own, name), WS_VALUE_REAL, 3, sizes);
    for (size_t i = 0; i < n_cases * n_rounds * WS_WATCHED && !h5->status; i++) {
        size_t k = i % WS_WATCHED, r = i / WS_WATCHED % n_rounds, c = i / WS_WATCHED / n_rounds;
        all[((r * n_cases + c) * n_outputs + output) * WS_WATCHED + k] = values[i];
    }
}

void ws_convergence_read(struct ws_h5 *h5, struct ws_result *result) {
    const struct ws_study *study = result->study;
    if (!ws_h5_has(h5, "convergence") || study->n_outputs == 0)
        return;
    const char *first = study->quantities[ws_output_quantity(study, 0)].name;
    struct ws_convergence *c = WS_NEW(h5->arena, struct ws_convergence);
    size_t n_rounds = ws_h5_length(h5, ws_arena_printf(h5->arena, "convergence/%s/round", first));
    const int64_t *stored =
        ws_h5_read(h5, ws_arena_printf(h5->arena, "convergence/%s/draws", first), WS_VALUE_INT, 1, &n_rounds);
    if (h5->status || n_rounds == 0)
        return;
    size_t each = result->n_cases * study->n_outputs * WS_WATCHED;
    double *values = ws_arena_array(h5->arena, n_rounds, (3 * each + 1) * sizeof *values);
    uint64_t *draws = WS_NEW_ARRAY(h5->arena, uint64_t, n_rounds);
    for (size_t r = 0; r < n_rounds; r++)
        draws[r] = (uint64_t)stored[r];
    for (size_t o = 0; o < study->n_outputs && !h5->status; o++) {
        read_variable(h5, result, o, "value", n_rounds, values);
        read_variable(h5, result, o, "se", n_rounds, values + n_rounds * each);
        read_variable(h5, result, o, "allowed", n_rounds, values + 2 * n_rounds * each);
    }
    *c = (struct ws_convergence){.asked = ws_h5_text_of(h5, "convergence", "tolerance"),
                                 .reached = ws_h5_uint_of(h5, "convergence", "reached") == 1,
                                 .n_rounds = n_rounds,
                                 .draws = draws,
                                 .value = values,
                                 .se = values + n_rounds * each,
                                 .allowed = values + 2 * n_rounds * each};
    result->convergence = h5->status ? NULL : c;
}
