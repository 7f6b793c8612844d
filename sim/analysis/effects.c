// SPDX-License-Identifier: GPL-3.0-or-later
// With the points A, B, C, D of engine/freeze.h:
//   first order: the correlation of the values at two points that share the factor alone (Martinez 2011, "Analyse de
//     sensibilite globale par decomposition de la variance"; Baudin et al. 2016);
//   total: half the mean square of f(A) - f(C), which share all but the factor, over the variance (Jansen 1999,
//     "Analysis of variance designs for model output");
//   Shapley: Goda 2021, see engine/freeze.c; independent of the estimates above. Divided by the mean of the same draws'
//     whole distances, so that the sum over factors is 1.
// They hold for any law of the inputs: the first is Var E(Y | factor) / Var Y, the second E Var(Y | all others) / Var Y
// (Kucherenko, Tarantola & Annoni 2012, "Estimation of global sensitivity indices for models with dependent variables",
// Comput. Phys. Commun. 183, whose conditional sampling this is).
// Values are from all batches together, standard errors from the spread over the batches.
#include "analysis/effects.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

#include "analysis/summary.h"
#include "base/text.h"
#include "wattspan.h"

// ---- factors ----

struct naming {
    const struct ws_plan *plan;
    struct ws_arena *arena;
    struct ws_error *err;
    size_t *of_input;
    const char **names; // of groups, then of single inputs
    size_t n;
};

static int find_input(const struct naming *naming, const char *group, const char *name, size_t *input) {
    const struct ws_study *study = naming->plan->study;
    *input = ws_study_find(study, name);
    if (*input != SIZE_MAX && *input < study->n_inputs)
        return 0;
    const char **inputs = WS_NEW_ARRAY(naming->arena, const char *, study->n_inputs + 1);
    for (size_t i = 0; i < study->n_inputs; i++)
        inputs[i] = study->quantities[i].name;
    const char *nearest = ws_nearest(name, inputs, study->n_inputs);
    return ws_error_set(naming->err, WS_ERROR_USAGE, NULL, "group '%s': there is no input '%s'%s%s%s", group, name,
                        nearest ? ", did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

static int add_member(struct naming *naming, const char *name) {
    const char *group = naming->names[naming->n];
    size_t input;
    if (find_input(naming, group, name, &input))
        return WS_ERROR_USAGE;
    if (naming->plan->study->quantities[input].n_shares)
        return ws_error_set(naming->err, WS_ERROR_USAGE, NULL,
                            "group '%s': input '%s' is a share of a whole, whose shares count as one already", group,
                            name);
    if (naming->plan->tables[input]->kind == WS_TABLE_CONSTANT)
        return ws_error_set(naming->err, WS_ERROR_USAGE, NULL, "group '%s': input '%s' is constant", group, name);
    if (naming->of_input[input] != SIZE_MAX)
        return ws_error_set(naming->err, WS_ERROR_USAGE, NULL, "group '%s': input '%s' is in a group already", group,
                            name);
    naming->of_input[input] = naming->n;
    return 0;
}

// "NAME=INPUT,INPUT".
static int add_group(struct naming *naming, const char *text) {
    size_t length = strcspn(text, "=");
    char *name = ws_arena_copy_n(naming->arena, text, length);
    if (text[length] != '=' || !ws_is_name(name))
        return ws_error_set(naming->err, WS_ERROR_USAGE, NULL,
                            "a group is written NAME=INPUT,INPUT, as in prices=gpu_price,power_price; found '%s'",
                            text);
    size_t q = ws_study_find(naming->plan->study, name);
    int taken = q < naming->plan->study->n_inputs;
    for (size_t g = 0; g < naming->n; g++)
        taken |= strcmp(naming->names[g], name) == 0;
    if (taken)
        return ws_error_set(naming->err, WS_ERROR_USAGE, NULL, "group '%s': the name is taken", name);
    naming->names[naming->n] = name;
    for (const char *s = text + length; *s;) {
        size_t n = strcspn(++s, ",");
        if (add_member(naming, ws_arena_copy_n(naming->arena, s, n)))
            return WS_ERROR_USAGE;
        s += n;
    }
    naming->n++;
    return 0;
}

int ws_factors_make(const struct ws_plan *plan, const char *const *groups, size_t n_groups, struct ws_factors *factors,
                    const char *const **names, struct ws_arena *arena, struct ws_error *err) {
    size_t n_inputs = plan->study->n_inputs;
    struct naming naming = {.plan = plan,
                            .arena = arena,
                            .err = err,
                            .of_input = WS_NEW_ARRAY(arena, size_t, n_inputs + 1),
                            .names = WS_NEW_ARRAY(arena, const char *, n_inputs + n_groups + 1)};
    for (size_t i = 0; i < n_inputs; i++)
        naming.of_input[i] = SIZE_MAX;
    for (size_t g = 0; g < n_groups; g++)
        if (add_group(&naming, groups[g]))
            return WS_ERROR_USAGE;
    for (size_t i = 0; i < n_inputs; i++) {
        const struct ws_quantity *q = &plan->study->quantities[i];
        if (naming.of_input[i] != SIZE_MAX || (plan->tables[i]->kind == WS_TABLE_CONSTANT && !q->n_shares))
            continue;
        for (size_t k = 0; k < q->n_shares; k++) // none of them can be exchanged by itself
            naming.of_input[q->shares[k]] = naming.n;
        naming.of_input[i] = naming.n;
        naming.names[naming.n++] = q->n_shares ? q->share_group : q->name;
    }
    *factors = (struct ws_factors){.n = naming.n, .of_input = naming.of_input};
    ws_factors_link(factors, plan, WS_NEW_ARRAY(arena, unsigned char, naming.n + 1));
    *names = naming.names;
    return 0;
}

// ---- sums to shares ----

enum { SHARES = 3 };

static void add_sums(struct ws_freeze_sums *to, const struct ws_freeze_sums *from) {
    to->n += from->n;
    to->a += from->a;
    to->aa += from->aa;
    to->b += from->b;
    to->bb += from->bb;
    to->c += from->c;
    to->cc += from->cc;
    to->bc += from->bc;
    to->square += from->square;
    to->walks += from->walks;
    to->step += from->step;
    to->whole += from->whole;
}

static void estimate(const struct ws_freeze_sums *s, int linked, double share[SHARES]) {
    double va = s->aa - s->a * s->a / s->n, vb = s->bb - s->b * s->b / s->n, vc = s->cc - s->c * s->c / s->n;
    share[0] = share[1] = share[2] = NAN;
    if (!(va > 0 && vb > 0 && vc > 0))
        return;
    int moves = s->square > 0 || linked; // else the factor does nothing at all
    share[0] = moves ? (s->bc - s->b * s->c / s->n) / sqrt(vb * vc) : 0;
    share[1] = s->square / (va + vc) * (s->n - 1) / s->n;
    share[2] = s->whole > 0 ? s->step / s->whole : NAN;
}

// sums: of batch 0, the next batch's `stride` further on.
static struct ws_effect make_effect(const struct ws_freeze_sums *sums, size_t stride, int linked) {
    struct ws_freeze_sums all = {0};
    double value[SHARES], each[WS_BATCHES][SHARES], se[SHARES];
    for (size_t b = 0; b < WS_BATCHES; b++) {
        estimate(&sums[b * stride], linked, each[b]);
        add_sums(&all, &sums[b * stride]);
    }
    estimate(&all, linked, value);
    for (size_t k = 0; k < SHARES; k++) {
        double mean = 0, square = 0;
        for (size_t b = 0; b < WS_BATCHES; b++)
            mean += each[b][k] / WS_BATCHES;
        for (size_t b = 0; b < WS_BATCHES; b++)
            square += (each[b][k] - mean) * (each[b][k] - mean);
        se[k] = sqrt(square / (WS_BATCHES - 1) / WS_BATCHES);
    }
    return (struct ws_effect){value[0], se[0], value[1], se[1], value[2], se[2]};
}

double ws_effects_half_width(void) { return gsl_cdf_tdist_Pinv(0.975, WS_BATCHES - 1); }

const struct ws_effect *ws_effects_of(const struct ws_effects *effects, const struct ws_study *study, size_t output) {
    return effects->items + output * study->n_inputs;
}

// ---- all together ----

static const struct ws_effect *make_items(const struct ws_result *result, const struct ws_plan *plan,
                                          const struct ws_factors *factors, const struct ws_freeze_sums *sums,
                                          struct ws_arena *arena) {
    size_t n_inputs = plan->study->n_inputs, n_outputs = plan->study->n_outputs;
    struct ws_effect *items = WS_NEW_ARRAY(arena, struct ws_effect, n_inputs * n_outputs + 1);
    for (size_t o = 0; o < n_outputs; o++)
        for (size_t i = 0; i < n_inputs; i++) {
            size_t f = factors->of_input[i];
            const struct ws_moments *moments = &ws_result_replicate(result, 0, 0, o)->moments;
            items[o * n_inputs + i] =
                f == SIZE_MAX || ws_summary_is_rounding(moments->minimum, moments->maximum)
                    ? (struct ws_effect){NAN, NAN, NAN, NAN, NAN, NAN}
                    : make_effect(&sums[o * factors->n + f], n_outputs * factors->n, factors->linked[f]);
        }
    return items;
}

static struct ws_freeze_state *begin(const struct ws_plan *plan, const struct ws_factors *factors,
                                     struct ws_arena *arena) {
    struct ws_freeze_state *state = ws_freeze_start(plan, factors, arena);
    for (size_t o = 0; o < state->n_outputs; o++)
        state->in_log[o] = plan->study->quantities[plan->slots[o].output].log_scale != 0;
    return state;
}

// Outputs of `scale: log` are analysed in ln, but where a value at or below zero turns up, all is done again without.
static int freeze(struct ws_steps *steps, const struct ws_factors *factors, struct ws_freeze_sums *sums,
                  struct ws_arena *arena, struct ws_error *err) {
    struct ws_result *result = steps->result;
    if (!result->freeze)
        result->freeze = begin(steps->plan, factors, arena);
    else if (!ws_freeze_fits(result->freeze, steps->plan, factors))
        return ws_error_set(err, WS_ERROR_FILE, NULL, "the checkpoint is damaged: it is of another analysis");
    for (int again = 1; again;) {
        struct ws_freeze_state *state = result->freeze;
        int status = ws_engine_freeze(steps, factors, state, sums, arena, err);
        if (status)
            return status;
        again = 0;
        for (size_t o = 0; o < state->n_outputs; o++)
            if (state->in_log[o] && state->not_positive[o]) {
                state->in_log[o] = 0;
                again = 1;
            }
        if (again)
            ws_freeze_restart(state);
    }
    return 0;
}

int ws_effects_make(struct ws_steps *steps, const struct ws_factors *factors, const char *const *names,
                    struct ws_arena *scratch, struct ws_arena *arena, struct ws_error *err) {
    const struct ws_plan *plan = steps->plan;
    size_t n_inputs = plan->study->n_inputs, n_outputs = plan->study->n_outputs;
    unsigned char *in_log = WS_NEW_ARRAY(arena, unsigned char, n_outputs + 1);
    struct ws_freeze_sums *sums = WS_NEW_ARRAY(scratch, struct ws_freeze_sums, WS_BATCHES * n_outputs * factors->n + 1);
    int status = freeze(steps, factors, sums, scratch, err);
    if (status)
        return status;
    memcpy(in_log, steps->result->freeze->in_log, n_outputs);
    steps->result->freeze = NULL;
    const char **factor = WS_NEW_ARRAY(arena, const char *, n_inputs + 1);
    for (size_t i = 0; i < n_inputs; i++)
        factor[i] = factors->of_input[i] == SIZE_MAX ? "" : ws_arena_copy(arena, names[factors->of_input[i]]);
    struct ws_effects *effects = WS_NEW(arena, struct ws_effects);
    *effects = (struct ws_effects){.points = plan->draws,
                                   .model_runs = ws_freeze_runs(plan->draws, factors),
                                   .factor = factor,
                                   .items = make_items(steps->result, plan, factors, sums, arena),
                                   .in_log = in_log};
    steps->result->effects = effects;
    return 0;
}
