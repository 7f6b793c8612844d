// SPDX-License-Identifier: GPL-3.0-or-later
// Facts as formulas: the logarithm of a likelihood, over the operations that formulas have. Private to this folder.
#ifndef WS_STUDY_LIKELIHOOD_H
#define WS_STUDY_LIKELIHOOD_H

#include "base/arena.h"
#include "study/study.h"

// ln of the observed family's density as a function of y, less *log_greatest, so that it is 0 at most; -inf where the
// family has no density. Lognormal and loguniform are functions of ln y: the density's factor 1/y is that of the median
// instead, as for a reading whose error is relative. NULL with a reason in `why` where the density is
// unbounded, or the family none that measures a quantity.
const struct ws_expression *ws_likelihood(const struct ws_prior *observed, const struct ws_expression *y,
                                          struct ws_arena *arena, double *log_greatest, char *why, size_t size);
// 0 where low <= y <= high, else -inf.
const struct ws_expression *ws_likelihood_between(double low, double high, const struct ws_expression *y,
                                                  struct ws_arena *arena);
// The value of a quantity times a factor; the sum of two (a may be NULL).
const struct ws_expression *ws_likelihood_scaled(size_t quantity, double factor, struct ws_arena *arena);
const struct ws_expression *ws_likelihood_sum(const struct ws_expression *a, const struct ws_expression *b,
                                              struct ws_arena *arena);
// The same where a choice has that label, else 0: a fact that says nothing.
const struct ws_expression *ws_likelihood_where(size_t choice, size_t label, const struct ws_expression *likelihood,
                                                struct ws_arena *arena);

#endif
