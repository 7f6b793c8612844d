// SPDX-License-Identifier: GPL-3.0-or-later
// A prior with ties as cells of its normal score, for what rank correlations come out of a Gaussian copula: the values
// that have a probability of their own, and between them what is continuous.
#ifndef WS_PRIOR_CELLS_H
#define WS_PRIOR_CELLS_H

#include "prior/prior.h"

enum { WS_MOST_CELLS = 128 };

struct ws_cells {
    size_t n;                            // 0: no ties, or as good as none
    double weight[WS_MOST_CELLS];        // ascending in the values
    unsigned char is_run[WS_MOST_CELLS]; // continuous
    int has_runs;
    double same, thrice; // P(X = X'), P(X = X' = X'') of independent copies
};

// A discrete prior of more values, none of which is frequent, is as good as continuous. A mixture's atoms are those of
// its parts, however deep.
void ws_cells_make(struct ws_cells *cells, const struct ws_prior *prior);
int ws_prior_has_ties(const struct ws_prior *prior); // 1 if it has cells

#endif
