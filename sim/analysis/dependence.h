// SPDX-License-Identifier: GPL-3.0-or-later
// How far the draws have the correlations that the study asks for.
#ifndef WS_ANALYSIS_DEPENDENCE_H
#define WS_ANALYSIS_DEPENDENCE_H

#include "base/arena.h"
#include "engine/result.h"

// Of the inputs that are drawn jointly with others, in the study's order; matrices are n rows of n.
struct ws_dependence {
    size_t n;
    const size_t *inputs;
    const double *scores;    // correlations of the normal scores
    const double *requested; // Spearman's rho, mid-ranks for ties, that follows from the scores'
    const double *realised;  // the same of the kept draws; NAN where fewer than 3 were kept
    // Kendall's tau-b, as asked for and of the kept draws, of the pairs that were asked for by it, else NAN; NULL where
    // none was.
    const double *kendall_requested, *kendall_realised;
};

// n = 0 where the study has no correlations. `result` may be NULL: then nothing is realised (NULL).
struct ws_dependence ws_dependence_make(const struct ws_study *study, const struct ws_result *result,
                                        struct ws_arena *arena);
// Kendall's tau-b of n pairs; NAN where one of the two never varies. (kendall.c)
double ws_kendall(const double *x, const double *y, size_t n, struct ws_arena *arena);
// "spearman", "kendall", "gaussian"
const char *ws_measure_name(const struct ws_correlation *pair);

#endif
