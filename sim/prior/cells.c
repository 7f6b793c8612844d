// SPDX-License-Identifier: GPL-3.0-or-later
#include "prior/cells.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "prior/mixture.h"

// Of a mixture: atoms that have a cell each; of a discrete prior its values.
enum { MOST_CELLED = 32, MOST_LISTED = WS_MOST_CELLS };
_Static_assert(2 * MOST_CELLED + 1 <= (int)WS_MOST_CELLS, "atoms and what is between fit");

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void add_cell(struct ws_cells *cells, double mass, int is_run) {
    cells->is_run[cells->n] = (unsigned char)is_run;
    cells->weight[cells->n++] = mass;
    cells->has_runs |= is_run;
}

static void divide(struct ws_cells *cells, const struct ws_prior *prior) {
    static const double negligible = 1e-9; // cut off by truncation, an atom met before, or rounding
    double atoms[WS_MOST_ATOMS];
    size_t n_atoms = ws_mixture_atoms(prior, atoms);
    qsort(atoms, n_atoms, sizeof *atoms, ascending);
    double divided = 0, from = 0; // up to there there are cells; up to there the law has been gone through
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
        if (below - divided > negligible)
            add_cell(cells, below - divided, 1);
        add_cell(cells, mass, 0);
        divided = to;
    }
    if (1 - divided > negligible)
        add_cell(cells, 1 - divided, 1);
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
        divide(cells, prior);
    if (!is_discrete && cells->same < few_ties)
        *cells = (struct ws_cells){0};
}

int ws_prior_has_ties(const struct ws_prior *prior) {
    struct ws_cells cells;
    ws_cells_make(&cells, prior);
    return cells.n > 0;
}
