// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/claims.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_roots.h>
#include <math.h>
#include <string.h>

#include "analysis/summary.h"
#include "base/text.h"

// The study at its points, with one input moved.
struct at_points {
    const struct ws_study *study;
    const unsigned char *depends; // quantities that the moved input reaches
    double *values;               // of all quantities
    size_t input, output;
    double target;
};

static double excess(double x, void *user) {
    struct at_points *p = user;
    p->values[p->input] = x;
    for (size_t i = 0; i < p->study->n_quantities; i++) {
        size_t q = p->study->order[i];
        if (p->depends[q] && p->study->quantities[q].formula)
            p->values[q] = ws_expression_value(p->study->quantities[q].formula, p->values);
    }
    return p->values[p->output] - p->target;
}

// Marks what an input reaches; returns whether the output is among it.
static int mark_dependants(const struct ws_study *study, size_t input, size_t output, unsigned char *depends,
                           unsigned char *used) {
    memset(depends, 0, study->n_quantities);
    depends[input] = 1;
    for (size_t i = 0; i < study->n_quantities; i++) {
        size_t q = study->order[i];
        memset(used, 0, study->n_quantities);
        ws_study_uses(study, q, used);
        for (size_t k = 0; k < study->n_quantities; k++)
            depends[q] |= used[k] && depends[k];
    }
    return depends[output];
}

// Step number k outwards from the point: by 2 % of the point for positive quantities and by tenths of the prior's 90 %
// interval for others, growing, so that a bracket is narrow near the point and the search reaches a factor of 10^4
// either way.
static double outward(const struct ws_prior *prior, double point, int k) {
    double low = ws_prior_quantile(prior, 0.05, 0), high = ws_prior_quantile(prior, 0.05, 1);
    if (low > 0 && point > 0)
        return point * exp(0.02 * k);
    double unit = high > low ? (high - low) / 10 : fabs(point) > 0 ? fabs(point) / 10 : 0.1;
    return point + unit * (k < 0 ? -1 : 1) * (exp(0.05 * abs(k)) - 1) * 2;
}

enum { STEPS = 460 };

// The bracket of a sign change nearest to the point, in steps; 0 where there is none.
static int bracket(struct at_points *p, const struct ws_prior *prior, double point, double *low, double *high) {
    double at_point = excess(point, p), below = at_point, above = at_point;
    for (int k = 1; k <= STEPS; k++)
        for (int side = -1; side <= 1; side += 2) {
            double x = outward(prior, point, side * k), before = outward(prior, point, side * (k - 1)),
                   *last = side < 0 ? &below : &above;
            double f = excess(x, p);
            if (isfinite(f) && isfinite(*last) && (f <= 0) != (*last <= 0)) {
                *low = fmin(x, before);
                *high = fmax(x, before);
                return 1;
            }
            *last = f;
        }
    return 0;
}

static int solve(struct at_points *p, double low, double high, double *root) {
    gsl_function f = {excess, p};
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    if (!solver)
        return 0;
    int status = gsl_root_fsolver_set(solver, &f, low, high);
    for (int i = 0; !status && i < 200; i++) {
        status = gsl_root_fsolver_iterate(solver);
        *root = gsl_root_fsolver_root(solver);
        if (!status && gsl_root_test_interval(gsl_root_fsolver_x_lower(solver), gsl_root_fsolver_x_upper(solver), 0,
                                              1e-13) == GSL_SUCCESS)
            break;
    }
    gsl_root_fsolver_free(solver);
    return status == GSL_SUCCESS;
}

static struct ws_back_solve back_solve(struct at_points *p, size_t input) {
    const struct ws_quantity *q = &p->study->quantities[input];
    struct ws_back_solve solved = {.input = input, .value = NAN, .percentile = NAN};
    double low, high;
    p->input = input;
    if (fabs(excess(q->point, p)) <= 1e-12 * fabs(p->target)) {
        solved.solvable = 1;
        solved.value = q->point;
    } else if (bracket(p, q->prior, q->point, &low, &high)) {
        solved.solvable = solve(p, low, high, &solved.value);
    }
    if (solved.solvable)
        solved.percentile = ws_prior_cdf(q->prior, solved.value);
    excess(q->point, p); // puts everything back to its point
    return solved;
}

// Inputs whose point was solved for, so that a published figure comes out.
static size_t *find_fitted(const struct ws_study *study, size_t output, size_t *count, struct ws_arena *arena) {
    unsigned char *depends = WS_NEW_ARRAY(arena, unsigned char, study->n_quantities);
    unsigned char *used = WS_NEW_ARRAY(arena, unsigned char, study->n_quantities);
    size_t *fitted = WS_NEW_ARRAY(arena, size_t, study->n_inputs + 1);
    *count = 0;
    for (size_t i = 0; i < study->n_inputs; i++)
        if (strcmp(study->quantities[i].basis, "fitted") == 0 && mark_dependants(study, i, output, depends, used))
            fitted[(*count)++] = i;
    return fitted;
}

struct ws_claim_check ws_claim_check_make(const struct ws_study *study, const struct ws_claim *claim,
                                          struct ws_arena *arena) {
    const struct ws_quantity *output = &study->quantities[claim->output];
    struct ws_claim_check check = {.recomputed = output->has_point ? output->point : NAN};
    check.ratio = check.recomputed / claim->value;
    check.fitted = find_fitted(study, claim->output, &check.n_fitted, arena);
    return check;
}

void ws_claim_back_solve(const struct ws_study *study, const struct ws_claim *claim, struct ws_claim_check *check,
                         struct ws_arena *arena) {
    check->solved = WS_NEW_ARRAY(arena, struct ws_back_solve, study->n_inputs + 1);
    if (!study->quantities[claim->output].has_point || isnan(claim->value))
        return;
    unsigned char *depends = WS_NEW_ARRAY(arena, unsigned char, study->n_quantities);
    unsigned char *used = WS_NEW_ARRAY(arena, unsigned char, study->n_quantities);
    struct at_points p = {study, depends,       WS_NEW_ARRAY(arena, double, study->n_quantities),
                          0,     claim->output, claim->value};
    for (size_t i = 0; i < study->n_quantities; i++)
        p.values[i] = study->quantities[i].has_point ? study->quantities[i].point : NAN;
    for (size_t i = 0; i < study->n_inputs; i++) {
        const struct ws_quantity *q = &study->quantities[i];
        if (q->has_point && !ws_prior_is_constant(q->prior) && !ws_prior_is_categorical(q->prior) &&
            mark_dependants(study, i, claim->output, depends, used))
            check->solved[check->n_solved++] = back_solve(&p, i);
    }
}

const char *ws_fitted_text(const struct ws_study *study, const struct ws_claim *claim, struct ws_arena *arena) {
    struct ws_text text = {.arena = arena};
    size_t n;
    const size_t *fitted = find_fitted(study, claim->output, &n, arena);
    for (size_t i = 0; i < n; i++)
        ws_text_printf(&text, "%s%s", i ? ", " : "", study->quantities[fitted[i]].name);
    return n ? text.data : "";
}

void ws_claim_percentile(const struct ws_result *result, size_t case_index, const struct ws_claim *claim, double *value,
                         double *se) {
    size_t slot = 0;
    while (result->slots[slot].output != claim->output)
        slot++;
    *value = *se = NAN;
    if (!isnan(claim->value))
        ws_summary_probability(result, case_index, slot, claim->value, value, se);
}
