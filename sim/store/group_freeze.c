// SPDX-License-Identifier: GPL-3.0-or-later
// /freeze, in a checkpoint alone: how far a sensitivity analysis is.
#include <string.h>

#include "engine/freeze.h"
#include "store/groups.h"

enum { SUMS = sizeof(struct ws_freeze_sums) / sizeof(double), MOST_TASKS = 1 << 16 };

static int64_t *widen(const unsigned char *flags, size_t n, struct ws_arena *arena) {
    int64_t *wide = WS_NEW_ARRAY(arena, int64_t, n + 1);
    for (size_t i = 0; i < n; i++)
        wide[i] = flags[i];
    return wide;
}

void ws_freeze_write(struct ws_h5 *h5, const struct ws_result *result) {
    const struct ws_freeze_state *state = result->freeze;
    if (!state)
        return;
    int64_t *reached = WS_NEW_ARRAY(h5->arena, int64_t, state->n_tasks + 1);
    for (size_t t = 0; t < state->n_tasks; t++)
        reached[t] = (int64_t)state->reached[t];
    const struct ws_variable variables[] = {
        {.name = "in_log",
         .type = WS_VALUE_INT,
         .axes = "output",
         .data = widen(state->in_log, state->n_outputs, h5->arena),
         .long_name = "1 for an output that is analysed in ln"},
        {.name = "not_positive",
         .type = WS_VALUE_INT,
         .axes = "output",
         .data = widen(state->not_positive, state->n_outputs, h5->arena),
         .long_name = "1 where a value at or below zero was met"},
        {.name = "reached", .type = WS_VALUE_INT, .axes = "task", .data = reached, .long_name = "groups done"},
        {.name = "sums",
         .type = WS_VALUE_REAL,
         .axes = "task output factor sum",
         .data = state->sums,
         .long_name = "sums over the draws of the groups done",
         .packing = WS_CHECKED},
    };
    struct ws_group group = ws_group_begin(h5, "freeze");
    ws_axis_count(&group, "task", state->n_tasks, "part of a batch");
    ws_axis_count(&group, "output", state->n_outputs, "output, in the study's order");
    ws_axis_count(&group, "factor", state->n_factors, "input, or group of inputs");
    ws_axis_count(&group, "sum", SUMS, "number of the sum");
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        ws_variable_write(&group, &variables[i]);
    ws_group_end(&group);
}

static void narrow(struct ws_h5 *h5, const char *path, size_t n, unsigned char *flags) {
    const int64_t *wide = ws_h5_read(h5, path, WS_VALUE_INT, 1, &n);
    for (size_t i = 0; i < n && !h5->status; i++)
        flags[i] = wide[i] != 0;
}

void ws_freeze_read(struct ws_h5 *h5, struct ws_result *result) {
    if (!ws_h5_has(h5, "freeze"))
        return;
    struct ws_freeze_state *state = WS_NEW(h5->arena, struct ws_freeze_state);
    state->n_tasks = ws_h5_length(h5, "freeze/task");
    state->n_outputs = ws_h5_length(h5, "freeze/output");
    state->n_factors = ws_h5_length(h5, "freeze/factor");
    if (!h5->status && state->n_tasks > MOST_TASKS)
        ws_h5_damaged(h5, "'/freeze/task' is too long");
    const size_t sizes[] = {state->n_tasks, state->n_outputs, state->n_factors, SUMS};
    const int64_t *reached = ws_h5_read(h5, "freeze/reached", WS_VALUE_INT, 1, &state->n_tasks);
    const double *sums = ws_h5_read(h5, "freeze/sums", WS_VALUE_REAL, 4, sizes);
    if (h5->status)
        return;
    state->in_log = WS_NEW_ARRAY(h5->arena, unsigned char, state->n_outputs + 1);
    state->not_positive = WS_NEW_ARRAY(h5->arena, unsigned char, state->n_outputs + 1);
    narrow(h5, "freeze/in_log", state->n_outputs, state->in_log);
    narrow(h5, "freeze/not_positive", state->n_outputs, state->not_positive);
    state->reached = WS_NEW_ARRAY(h5->arena, uint64_t, state->n_tasks + 1);
    for (size_t t = 0; t < state->n_tasks; t++)
        state->reached[t] = (uint64_t)reached[t];
    const size_t n = state->n_tasks * state->n_outputs * state->n_factors;
    state->sums = ws_arena_array(h5->arena, n + 1, sizeof *state->sums);
    memcpy(state->sums, sums, n * sizeof *state->sums);
    result->freeze = h5->status ? NULL : state;
}
