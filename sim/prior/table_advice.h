// SPDX-License-Identifier: GPL-3.0-or-later
// What to do about a prior that cannot be tabulated: remedies that were tried. Private to this folder.
#ifndef WS_PRIOR_TABLE_ADVICE_H
#define WS_PRIOR_TABLE_ADVICE_H

#include "prior/prior.h"

// 0 where the prior can be tabulated. (table_build.c)
int ws_table_try(const struct ws_prior *prior, const struct ws_table_grid *grid);

// "truncate: [0, 1e+20]": of tails that are as rare as can be; nonzero where no more than 1 % at either end will not
// do.
int ws_advise_truncation(const struct ws_prior *prior, const struct ws_table_grid *grid, char *text, size_t size);
// "df 0.05 or more": of the parameter that says how far the family reaches; nonzero where it has none, or none does.
int ws_advise_shape(const struct ws_prior *prior, const struct ws_table_grid *grid, char *text, size_t size);

#endif
