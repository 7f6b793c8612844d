// SPDX-License-Identifier: GPL-3.0-or-later
// Kendall's tau of two priors each of which is continuous but for some values, under a Gaussian copula. For the files
// of this folder.
#ifndef WS_PRIOR_PARTLY_H
#define WS_PRIOR_PARTLY_H

#include "prior/cells.h"

struct ws_rise; // E sign(X' - X) sign(Y' - Y) of independent copies, as the scores' correlation rises from 0 to 1

struct ws_rise *ws_rise_create(const struct ws_cells *a, const struct ws_cells *b, int turned); // NULL: no memory.
// Where `turned` is nonzero Y falls with its score, so that what rises is of correlations below 0.
double ws_rise_at(const struct ws_rise *rise, double r);           // for r in [0, 1 - 1e-12]
double ws_rise_inverse(const struct ws_rise *rise, double wanted); // the r that gives it; the nearest that can be had
void ws_rise_destroy(struct ws_rise *rise);

// The scores beyond which the prior is beyond its cell k - 1, for k up to the number of cells; infinite at the ends.
void ws_cells_cuts(const struct ws_cells *cells, double *cut);

#endif
