// SPDX-License-Identifier: GPL-3.0-or-later
// A study as loaded: merged, typed, checked, immutable. Everything lives in study->arena.
#ifndef WS_STUDY_STUDY_H
#define WS_STUDY_STUDY_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "prior/prior.h"
#include "study/data.h"
#include "study/formula.h"

struct ws_node;

struct ws_study_source { // an entry of `sources`
    const char *key, *title, *publisher, *date, *url, *note;
};

struct ws_study_file { // a text the study was made of, in the order read; the last is the study itself
    const char *name;  // as the user would name it; "-" for standard input, "<command line>" for --set
    const char *text;
    size_t length;
    char sha256[65];
};

struct ws_unit {
    const char *label;     // as the study spells it: "GWh", "USD/h"; "1" where dimensionless
    const char *canonical; // as stock UDUNITS reads it: "GW h"
    double to_base;        // value in this unit * to_base = value in coherent base units
    const char *dimension; // canonical text of the base units' product, "" where dimensionless: equal texts convert
    int is_money;          // holds a declared currency
};

enum ws_role { WS_INPUT, WS_DERIVED, WS_OUTPUT };

// A named quantity. Inputs have a prior, the others a formula.
struct ws_quantity {
    const char *name;
    int role; // enum ws_role
    struct ws_place place;
    const char *description, *source, *basis, *note, *boundary, *currency, *gwp_basis; // "" where not given
    double price_year;                                                                 // NAN where not given
    struct ws_unit unit; // inferred where a derived quantity leaves it out (label then the inferred text)
    int unit_inferred;
    int shared;    // `shared: true`
    int log_scale; // `scale: log`

    const struct ws_prior *prior; // WS_INPUT
    uint64_t stream;              // ws_hash64 of "input:NAME"
    const char *of_study;         // the one of the studies swept over that has it, NULL where it is of all
    // A conditional prior: index of the categorical input that chooses, and a prior for each of its labels; `prior` is
    // then the law over all labels, their mixture or a choice with pooled weights. Else SIZE_MAX, 0, NULL.
    size_t given, n_given;
    const struct ws_prior *const *given_priors;

    // A share of a whole: the inputs that sum to one, in the order in which they are drawn, and the prior of the part
    // that this one takes of what those before it have left. Else NULL, 0.
    const size_t *shares;
    size_t n_shares;
    const char *share_group;
    const struct ws_prior *stick;

    const char *formula_text;            // derived, output; one line
    const struct ws_expression *formula; // value in `unit`
    int by_model;                        // an output that has no formula: the study's model in code computes it

    // The point value, in `unit`; NAN where there is none. Inputs: as given, or a constant's value; a choice's point is
    // the label's index. Formulas: computed when every input reached has one.
    double point;
    int has_point;

    size_t n_by;      // outputs: categorical inputs to split by
    const size_t *by; // indices into quantities

    size_t rank; // position in evaluation order among all quantities
};

// A published figure for an output.
struct ws_claim {
    size_t output;             // index into quantities
    double value, p5, p95;     // in the output's unit; NAN where not given
    double value_as_published; // in `unit`
    double tolerance;          // relative, of the recomputation at the points; NAN where none is stated
    struct ws_unit unit;       // the claim's own
    const char *source, *basis, *note, *key;
    const char *bound; // "lower", "upper": the truth is said to lie above, below it; "" for a value
    struct ws_place place;
};

// A fact, by whose likelihood every draw is weighed.
struct ws_evidence {
    const char *name;
    size_t quantity; // index into quantities
    struct ws_unit unit;
    const struct ws_prior *observed; // in `unit`; NULL where the fact is an interval
    double low, high;                // of the interval, in `unit`; -inf, inf where open
    const char *source, *note, *description;
    struct ws_place place;
    const struct ws_expression *log_likelihood; // ln of the likelihood over its greatest value
    double log_greatest;                        // ln of that value: of a density per `unit`, or of a probability
    const char *of_study;                       // the one of the studies swept over that it is of, NULL: of all
};

// What outputs amount to in things that people know: value / one of them, or whole / value.
struct ws_equivalent {
    const char *name, *description, *source, *basis, *note;
    struct ws_unit unit; // of one and whole
    double one, whole;   // positive; NAN where not given, as one of the two is not
    size_t n_of;
    const size_t *of; // the outputs that it is for, indices into quantities; their units convert to `unit`
};

// Two inputs that move together.
struct ws_correlation {
    size_t a, b;  // indices into quantities
    int measure;  // enum ws_measure (prior/dependence.h)
    double value; // as asked for
    double score; // the correlation of the normal scores that gives it
    const char *source, *note;
    struct ws_place place;
};

// Inputs that are drawn jointly: their normal scores are factor times independent ones.
struct ws_joint {
    size_t n;
    const size_t *inputs;      // ascending
    const double *correlation; // of the scores, n * n
    const double *factor;      // lower Cholesky factor, packed by rows
};

// A value of a swept quantity: a constant, or a prior of its own.
struct ws_sweep_value {
    const char *label;            // as the study names it: "1.2", "straight_line", "wide"
    double number;                // of a constant; the index of an alternative; NAN where there is a prior
    const struct ws_prior *prior; // NULL: a constant
};

// A swept quantity, an input. Case c has value (c / stride) % n_values; what is zipped has the same of both.
struct ws_sweep_axis {
    size_t quantity; // index into quantities
    size_t n_values, stride;
    const struct ws_sweep_value *values;
    int by_label; // values are known by their labels: not all of them are numbers
};

struct ws_run_defaults { // `run:`; unset values are 0, NULL or NAN
    uint64_t draws, seed;
    int has_seed;
    const char *design, *rng;
    uint64_t keep;
    int has_keep;
    double tolerance;
    double widen; // every prior's spread is multiplied by it (prior/widen.c); 0: not given
};

struct ws_study {
    struct ws_arena *arena;
    unsigned references; // owners; sim/api counts them
    const char *name;    // file name without folder and extension; "study" for standard input
    const char *title, *description;
    const char *released_text; // "2025-07-09", "" where not given
    double released;           // the same in years, 2025.52; NAN
    struct ws_study_source *sources;
    size_t n_sources;
    struct ws_study_file *files;
    size_t n_files;

    const struct ws_data *data; // what the priors were read from beside the texts
    size_t n_data;

    // In the order of the merged text: inputs, then derived, then outputs.
    struct ws_quantity *quantities;
    size_t n_quantities, n_inputs, n_derived, n_outputs;
    const size_t *order; // indices into quantities such that every formula comes after what it uses

    struct ws_claim *claims;
    size_t n_claims;

    struct ws_evidence *evidence;
    size_t n_evidence;
    const struct ws_expression *log_weight; // of a draw: the sum of the facts' log-likelihoods; NULL without evidence

    struct ws_equivalent *equivalents;
    size_t n_equivalents;

    const struct ws_correlation *correlations;
    size_t n_correlations;
    struct ws_joint *joints;
    size_t n_joints;

    // `sweep`: a grid of cases, the last axis fastest. n_cases is 1 where nothing is swept.
    const struct ws_sweep_axis *axes;
    size_t n_axes, n_cases;

    const double *quantiles; // asked for by `run: quantiles` in addition to the standard ones, ascending, in (0, 1)
    size_t n_quantiles;
    struct ws_run_defaults run;

    const char *model; // `model:`, the name of the code that computes the outputs without a formula; NULL: none
    ws_model compute;  // that code; NULL in a study that a result was read with
    void *compute_user;

    const struct ws_node *merged; // the merged study as a tree (study/node.h)
    const char
        *flattened;  // the merged study as YAML, each entry with its origin in a comment; reads back as the same study
    char sha256[65]; // of the canonical merged text (without comments): equal studies have equal digests
};

// What a value of an output, in its unit, amounts to. Falls as the value grows where the equivalent has a whole.
double ws_equivalent_value(const struct ws_equivalent *equivalent, const struct ws_quantity *output, double value);
// 1 if the quantity is 0 or 1 by the form of its formula: a comparison, or logic. (questions.c)
int ws_study_is_condition(const struct ws_study *study, size_t quantity);
// Sets used[i] for every quantity that quantity q is computed from directly: those its formula names, or all inputs.
void ws_study_uses(const struct ws_study *study, size_t q, unsigned char *used);
// The axis that sweeps a quantity, NULL if none does. (sweep.c)
const struct ws_sweep_axis *ws_study_axis(const struct ws_study *study, size_t quantity);
// Which of the studies swept over a case is of, "" where none are; and whether an input is in it. (sweep.c)
const char *ws_study_of_case(const struct ws_study *study, size_t case_index);
int ws_study_in_case(const struct ws_study *study, size_t input, size_t case_index);
// ln of the facts' likelihood in a case, of a draw whose log-weight is 0. (sweep.c)
double ws_study_log_greatest(const struct ws_study *study, size_t case_index);
static inline const struct ws_sweep_value *ws_sweep_value_of(const struct ws_sweep_axis *axis, size_t case_index) {
    return &axis->values[case_index / axis->stride % axis->n_values];
}
// SIZE_MAX if there is none.
size_t ws_study_find(const struct ws_study *study, const char *name);

#endif
