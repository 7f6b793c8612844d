// SPDX-License-Identifier: GPL-3.0-or-later
// A prior: a family with its parameters, and what modifies it. Immutable once made.
#ifndef WS_PRIOR_PRIOR_H
#define WS_PRIOR_PRIOR_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "numeric/table.h"
#include "prior/family.h"

// One alternative of a choice, one component of a mixture, one value of a discrete prior ...
struct ws_prior_part {
    const char *label;            // NULL where the family has none
    double weight;                // normalised: the parts' weights sum to one
    double value;                 // discrete families
    const struct ws_prior *prior; // mixture, given
};

struct ws_prior {
    const struct ws_family *family;
    double p[WS_MAX_PARAMETERS];
    size_t n_parts;
    const struct ws_prior_part *parts;
    size_t n_data;
    const double *data; // what a composite family's law is made of: a metalog's coefficients
    // x = shift + scale * y with y from the family; truncation is of x, the quantity itself. scale may be negative.
    double shift, scale;
    double low, high;     // -inf, inf where not truncated
    double widen, centre; // y's spread is multiplied by `widen` about its median `centre`; 0 where it is not (widen.c)
    const char *text;     // as the study spells it, on one line ("120e6 to 500e6")
};

// Checks p against the family's domains and relations and the modifiers against each other; 0, or nonzero with a text
// that says what is wanted and what was found. Prior fields other than text must be set.
int ws_prior_check(const struct ws_prior *prior, char *text, size_t size);

// All of these are of the quantity itself, after shift, scale and truncation.
double ws_prior_quantile(const struct ws_prior *prior, double v, int upper); // as ws_family.quantile
double ws_prior_cdf(const struct ws_prior *prior, double x);
// P(X > x) without cancellation.
double ws_prior_sf(const struct ws_prior *prior, double x);
// NAN where it does not exist. Closed forms where known, else by quadrature of the quantile function.
double ws_prior_mean(const struct ws_prior *prior);
double ws_prior_sd(const struct ws_prior *prior);
void ws_prior_moments(const struct ws_prior *prior, double *mean, double *variance); // both at once
int ws_prior_is_constant(const struct ws_prior *prior); // one value has all the weight
int ws_prior_is_categorical(const struct ws_prior *prior);
// The prior with its spread multiplied by `factor` > 0 about its family's median, before scale, shift and truncation;
// alternatives, discrete values, constants and shares of a whole stay as they are. (widen.c)
const struct ws_prior *ws_prior_widened(const struct ws_prior *prior, double factor, struct ws_arena *arena);
// From the family's y to the widened one, and back.
double ws_prior_widen(const struct ws_prior *prior, double y);
double ws_prior_unwiden(const struct ws_prior *prior, double y);
// Parameters, parts and modifiers all equal: the same table serves both.
int ws_prior_equal(const struct ws_prior *a, const struct ws_prior *b);
uint64_t ws_prior_hash(const struct ws_prior *prior); // equal priors have equal ones

// What every table build shares (nodes, their logarithms, interpolation weights). Read-only once made.
struct ws_table_grid;
struct ws_table_grid *ws_table_grid_create(void); // NULL where memory runs out
void ws_table_grid_destroy(struct ws_table_grid *grid);

// Compiles the prior. Safe to call from several threads at once on one grid; memory is malloc'ed. Returns 0, or a
// negative status with a text in err (the error bound could not be reached, memory).
struct ws_error;
int ws_table_build(struct ws_table *table, const struct ws_prior *prior, const struct ws_table_grid *grid,
                   struct ws_error *err);
void ws_table_finish(struct ws_table *table); // frees what build allocated
// SHA-256 over kind, rows, breaks, steps: what merge and resume compare.
void ws_table_digest(const struct ws_table *table, char hex[65]);

#endif
