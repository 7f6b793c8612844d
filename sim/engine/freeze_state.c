// SPDX-License-Identifier: GPL-3.0-or-later
// How far a sensitivity analysis is.
#include <string.h>

#include "engine/freeze.h"

enum { MOST_PARTS = WS_MOST_FREEZE_TASKS / WS_BATCHES }; // of a batch

uint64_t ws_freeze_runs(uint64_t n, const struct ws_factors *factors) {
    return factors->n == 0 ? 2 * n : n * (2 * (uint64_t)factors->n + factors->n_linked + 1);
}

void ws_factors_link(struct ws_factors *factors, const struct ws_plan *plan, unsigned char *linked) {
    const struct ws_compiled *compiled = &plan->outputs;
    for (size_t j = 0; j < compiled->n_joints; j++) {
        const struct ws_joint *joint = compiled->joints[j].joint;
        size_t first = factors->of_input[joint->inputs[0]], others = 0;
        for (size_t i = 0; i < joint->n; i++)
            others |= factors->of_input[joint->inputs[i]] != first;
        for (size_t i = 0; i < joint->n && others; i++)
            if (factors->of_input[joint->inputs[i]] != SIZE_MAX)
                linked[factors->of_input[joint->inputs[i]]] = 1;
    }
    factors->linked = linked;
    for (size_t f = 0; f < factors->n; f++)
        factors->n_linked += linked[f];
}

uint64_t ws_freeze_parts(const struct ws_plan *plan) {
    const uint64_t groups = ws_plan_groups(plan);
    return groups < MOST_PARTS ? groups : MOST_PARTS;
}

uint64_t ws_freeze_groups(const struct ws_plan *plan, uint64_t task, uint64_t *first) {
    const uint64_t parts = ws_freeze_parts(plan), part = task % parts, groups = ws_plan_groups(plan);
    *first = part * groups / parts;
    return (part + 1) * groups / parts - *first;
}

struct ws_freeze_state *ws_freeze_start(const struct ws_plan *plan, const struct ws_factors *factors,
                                        struct ws_arena *arena) {
    struct ws_freeze_state *state = WS_NEW(arena, struct ws_freeze_state);
    const size_t n_outputs = plan->study->n_outputs, n_tasks = WS_BATCHES * ws_freeze_parts(plan);
    *state = (struct ws_freeze_state){
        .n_outputs = n_outputs,
        .n_factors = factors->n,
        .n_tasks = n_tasks,
        .in_log = WS_NEW_ARRAY(arena, unsigned char, n_outputs + 1),
        .not_positive = WS_NEW_ARRAY(arena, unsigned char, n_outputs + 1),
        .reached = WS_NEW_ARRAY(arena, uint64_t, n_tasks + 1),
        .sums = ws_arena_array(arena, n_tasks * n_outputs * factors->n + 1, sizeof(struct ws_freeze_sums)),
    };
    return state;
}

void ws_freeze_restart(struct ws_freeze_state *state) {
    memset(state->not_positive, 0, state->n_outputs);
    memset(state->reached, 0, state->n_tasks * sizeof *state->reached);
    memset(state->sums, 0, state->n_tasks * state->n_outputs * state->n_factors * sizeof *state->sums);
}

int ws_freeze_fits(const struct ws_freeze_state *state, const struct ws_plan *plan, const struct ws_factors *factors) {
    uint64_t first;
    if (state->n_outputs != plan->study->n_outputs || state->n_factors != factors->n ||
        state->n_tasks != WS_BATCHES * ws_freeze_parts(plan))
        return 0;
    for (uint64_t t = 0; t < state->n_tasks; t++)
        if (state->reached[t] > ws_freeze_groups(plan, t, &first))
            return 0;
    return 1;
}

uint64_t ws_freeze_done(const struct ws_freeze_state *state) {
    uint64_t done = 0;
    for (size_t t = 0; t < state->n_tasks; t++)
        done += state->reached[t];
    return done;
}

double ws_freeze_share(const struct ws_freeze_state *state, const struct ws_plan *plan) {
    return (double)ws_freeze_done(state) / (double)(WS_BATCHES * ws_plan_groups(plan));
}

static void add_sums(struct ws_freeze_sums *to, const struct ws_freeze_sums *from) {
    enum { FIELDS = sizeof(struct ws_freeze_sums) / sizeof(double) };
    double a[FIELDS], b[FIELDS];
    memcpy(a, to, sizeof a);
    memcpy(b, from, sizeof b);
    for (size_t i = 0; i < FIELDS; i++)
        a[i] += b[i];
    memcpy(to, a, sizeof a);
}

void ws_freeze_total(const struct ws_freeze_state *state, struct ws_freeze_sums *sums) {
    const size_t each = state->n_outputs * state->n_factors, parts = state->n_tasks / WS_BATCHES;
    memset(sums, 0, WS_BATCHES * each * sizeof *sums);
    for (size_t t = 0; t < state->n_tasks; t++)
        for (size_t i = 0; i < each; i++)
            add_sums(&sums[t / parts * each + i], &state->sums[t * each + i]);
}
