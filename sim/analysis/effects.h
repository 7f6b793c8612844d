// SPDX-License-Identifier: GPL-3.0-or-later
// Shares of each output's variance by pick and freeze: first order, total and Shapley effects, with standard errors.
#ifndef WS_ANALYSIS_EFFECTS_H
#define WS_ANALYSIS_EFFECTS_H

#include "base/arena.h"
#include "engine/freeze.h"
#include "engine/result.h"

struct ws_options;

// Of one input for one output; NAN for a constant input and for an output that does not vary.
struct ws_effect {
    double first_order, first_order_se; // Var E(Y | X) / Var Y
    double total, total_se;             // E Var(Y | all but X) / Var Y
    double shapley, shapley_se;         // between the two; the factors' sum to 1
};

struct ws_effects {
    uint64_t points, model_runs;
    const char *const *factor; // per input: its own name, or that of the group it was analysed in; "" for a constant
    const struct ws_effect *items; // [output][input]; the members of a group have all the group's
    const unsigned char *in_log;   // per output: shares of the variance of ln(output)
};

// Factors: every input that is not constant, and every group "NAME=INPUT,INPUT" of such; names[f] is that of factor f.
// 0, or WS_ERROR_USAGE.
int ws_factors_make(const struct ws_plan *plan, const char *const *groups, size_t n_groups, struct ws_factors *factors,
                    const char *const **names, struct ws_arena *arena, struct ws_error *err);
// Runs the model ws_freeze_runs(draws, factors) times and gives the steps' result its `effects`, which live in `arena`.
// Goes on from its `freeze` where a checkpoint has brought that along.
int ws_effects_make(struct ws_steps *steps, const struct ws_factors *factors, const char *const *names,
                    struct ws_arena *scratch, struct ws_arena *arena, struct ws_error *err);

const struct ws_effect *ws_effects_of(const struct ws_effects *effects, const struct ws_study *study, size_t output);
// Half the width of the interval that holds the truth in 95 of 100 cases, in standard errors: Student's t with
// batches - 1 degrees of freedom.
double ws_effects_half_width(void);

#endif
