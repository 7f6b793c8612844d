// SPDX-License-Identifier: GPL-3.0-or-later
// How far a sensitivity analysis is, from one process to another: sums of tasks that are begun, which are no exact
// ones, so that each is gone on with by one process at a time.
#include <string.h>

#include "base/error.h"
#include "engine/freeze.h"
#include "engine/team.h"

static const enum ws_tag TAG = WS_TAG_PARCEL;

struct label {
    int status;
    struct ws_error error;
    uint64_t reached[WS_MOST_FREEZE_TASKS];
    unsigned char moved[WS_MOST_FREEZE_TASKS]; // of these the sums follow
    uint64_t n_not_positive;                   // outputs, whose numbers follow
};

static void send_sums(const struct ws_wire *wire, int to, const struct ws_freeze_state *state,
                      const struct label *label) {
    const size_t each = state->n_outputs * state->n_factors;
    for (size_t t = 0; t < state->n_tasks; t++)
        if (label->moved[t])
            wire->send(wire, to, TAG, state->sums + t * each, each * sizeof *state->sums);
}

static void receive_sums(const struct ws_wire *wire, int from, size_t each, const struct label *label,
                         struct ws_freeze_state *state, size_t n_tasks) {
    for (size_t t = 0; t < n_tasks; t++)
        if (label->moved[t])
            wire->receive(wire, from, TAG, state ? state->sums + t * each : NULL, each * sizeof *state->sums);
}

void ws_freeze_hand_out(const struct ws_team *team, const struct ws_freeze_state *state, const struct ws_plan *plan) {
    struct label label = {0};
    uint64_t first;
    memcpy(label.reached, state->reached, state->n_tasks * sizeof *state->reached);
    for (size_t t = 0; t < state->n_tasks; t++)
        label.moved[t] = state->reached[t] > 0 && state->reached[t] < ws_freeze_groups(plan, t, &first);
    ws_team_order(team, &(struct ws_order){.kind = WS_ORDER_FREEZE, .draws = plan->draws});
    for (int r = 1; r < team->wire->size; r++) {
        team->wire->send(team->wire, r, TAG, &label, sizeof label);
        team->wire->send(team->wire, r, TAG, state->in_log, state->n_outputs);
        send_sums(team->wire, r, state, &label);
    }
}

void ws_freeze_receive(const struct ws_team *team, int from, struct ws_freeze_state *state, const struct ws_plan *plan,
                       const struct ws_factors *factors) {
    const struct ws_wire *wire = team->wire;
    const size_t n_outputs = plan->study->n_outputs, n_tasks = WS_BATCHES * ws_freeze_parts(plan);
    struct label label;
    wire->receive(wire, from, TAG, &label, sizeof label);
    wire->receive(wire, from, TAG, state ? state->in_log : NULL, n_outputs);
    receive_sums(wire, from, n_outputs * factors->n, &label, state, n_tasks);
    if (state)
        memcpy(state->reached, label.reached, n_tasks * sizeof *state->reached);
}

void ws_freeze_hand_in(const struct ws_team *team, const struct ws_freeze_state *state, const uint64_t *before,
                       int status, const struct ws_error *error) {
    const struct ws_wire *wire = team->wire;
    struct label label = {.status = status, .error = *error};
    for (size_t t = 0; !status && t < state->n_tasks; t++) {
        label.reached[t] = state->reached[t];
        label.moved[t] = state->reached[t] != before[t];
    }
    for (size_t o = 0; !status && o < state->n_outputs; o++)
        label.n_not_positive += state->not_positive[o];
    wire->send(wire, 0, TAG, &label, sizeof label);
    for (uint64_t o = 0; !status && o < state->n_outputs; o++)
        if (state->not_positive[o])
            wire->send(wire, 0, TAG, &o, sizeof o);
    if (!status)
        send_sums(wire, 0, state, &label);
}

int ws_freeze_take_in(const struct ws_team *team, struct ws_freeze_state *state, int status, struct ws_error *err) {
    const struct ws_wire *wire = team->wire;
    struct label label;
    for (int r = 1; r < wire->size; r++) {
        wire->receive(wire, r, TAG, &label, sizeof label);
        if (label.status && !status) {
            status = label.status;
            ws_error_set(err, status, label.error.where, "%s (of rank %d)", label.error.text, r);
        }
        if (label.status)
            continue;
        for (uint64_t o; label.n_not_positive > 0; label.n_not_positive--) {
            wire->receive(wire, r, TAG, &o, sizeof o);
            state->not_positive[o] = 1;
        }
        receive_sums(wire, r, state->n_outputs * state->n_factors, &label, state, state->n_tasks);
        for (size_t t = 0; t < state->n_tasks; t++)
            if (label.moved[t])
                state->reached[t] = label.reached[t];
    }
    return status;
}
