// SPDX-License-Identifier: GPL-3.0-or-later
#include "prior/cells.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "prior/mixture.h"

// Of a mixture: atoms that have a cell each, and slices were it all continuous; of a discrete prior its values.
enum { MOST_CELLED = 32, SLICES = 56, MOST_LISTED = 128 };
_Static_assert(MOST_CELLED + SLICES + 2 * (MOST_CELLED + 1) <= WS_MOST_CELLS,
               "atoms, slices and what is rounded up fit");

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// Slices of ranks `from` to `to`, narrower towards both tails, so that none is wide in the normal score: even in the
// ranks that a normal of twice the variance gives the scores.
static void add_slices(struct ws_cells *cells, double from, double to) {
    const double low = from > 0 ? gsl_cdf_ugaussian_P(gsl_cdf_ugaussian_Pinv(from) * M_SQRT1_2) : 0;
    const double high = to < 1 ? gsl_cdf_ugaussian_P(gsl_cdf_ugaussian_Pinv(to) * M_SQRT1_2) : 1;
    const size_t n = 2 * (size_t)ceil((to - from) * SLICES / 2);
    cells->is_sliced = 1;
    for (size_t i = 1; i <= n; i++) {
        double even = low + (high - low) * (double)i / (double)n;
        double next = i == n ? to : gsl_cdf_ugaussian_P(gsl_cdf_ugaussian_Pinv(even) * M_SQRT2);
        cells->is_slice[cells->n] = 1;
        cells->weight[cells->n++] = next - from;
        from = next;
    }
}

static void slice(struct ws_cells *cells, const struct ws_prior *prior) {
    static const double negligible = 1e-9; // cut off by truncation, an atom met before, or rounding
    double atoms[WS_MOST_ATOMS];
    size_t n_atoms = ws_mixture_atoms(prior, atoms);
    qsort(atoms, n_atoms, sizeof *atoms, ascending);
    double sliced = 0, from = 0; // up to there there are cells; up to there the law has been gone through
    for (size_t i = 0; i < n_atoms; i++) {
        double slack = 16 * DBL_EPSILON * fabs(atoms[i]) + DBL_MIN; // what modifiers have rounded
        double below = fmax(ws_prior_cdf(prior, atoms[i] - slack), from);
        double to = ws_prior_cdf(prior, atoms[i] + slack), mass = to - below;
        if (mass < negligible)
            continue;
        cells->same += mass * mass;
        cells->thrice += mass * mass * mass;
        from = to;
        if (mass * MOST_CELLED < 1)
            continue;
        if (below - sliced > negligible)
            add_slices(cells, sliced, below);
        cells->weight[cells->n++] = mass;
        sliced = to;
    }
    if (1 - sliced > negligible)
        add_slices(cells, sliced, 1);
}

static void list(struct ws_cells *cells, const struct ws_prior *prior) {
    for (size_t k = 0; k < prior->n_parts; k++) {
        double p = cells->weight[cells->n++] = prior->parts[k].weight;
        cells->same += p * p;
        cells->thrice += p * p * p;
    }
}

static int has_frequent_value(const struct ws_prior *prior) {
    for (size_t k = 0; k < prior->n_parts; k++)
        if (prior->parts[k].weight * MOST_CELLED >= 1)
            return 1;
    return 0;
}

void ws_cells_make(struct ws_cells *cells, const struct ws_prior *prior) {
    static const double few_ties = 1e-3;
    int is_discrete = prior->family->kind == WS_DISCRETE;
    *cells = (struct ws_cells){0};
    if (is_discrete && prior->n_parts <= MOST_LISTED)
        list(cells, prior);
    else if (is_discrete ? has_frequent_value(prior) : prior->n_parts > 0)
        slice(cells, prior);
    if (!is_discrete && cells->same < few_ties)
        *cells = (struct ws_cells){0};
}

int ws_prior_has_ties(const struct ws_prior *prior) {
    struct ws_cells cells;
    ws_cells_make(&cells, prior);
    return cells.n > 0;
}
