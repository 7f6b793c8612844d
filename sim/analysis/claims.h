// SPDX-License-Identifier: GPL-3.0-or-later
// Published figures held against the study: recomputed values, percentiles, and the back-solve of each input.
#ifndef WS_ANALYSIS_CLAIMS_H
#define WS_ANALYSIS_CLAIMS_H

#include "base/arena.h"
#include "engine/result.h"

// What one input alone would have to be, all others at their points, for the output to equal the claim.
struct ws_back_solve {
    size_t input;
    int solvable;      // 0: no value in the prior's range (extended tenfold) gives the claim
    double value;      // in the input's unit
    double percentile; // of that value in the input's prior, in [0, 1]
};

struct ws_claim_check {
    double recomputed;            // the output at the point values, in its unit; NAN where an input has no point
    double ratio;                 // recomputed / claim
    size_t n_solved;              // 0 until ws_claim_back_solve
    struct ws_back_solve *solved; // one per uncertain input with a point that the output reaches
    size_t n_fitted;
    size_t *fitted; // inputs that the output reaches and whose basis is 'fitted': then the recomputation shows nothing
};

struct ws_claim_check ws_claim_check_make(const struct ws_study *study, const struct ws_claim *claim,
                                          struct ws_arena *arena);
// Fills check->solved: a search for each input, which takes a while.
void ws_claim_back_solve(const struct ws_study *study, const struct ws_claim *claim, struct ws_claim_check *check,
                         struct ws_arena *arena);
// The names of the fitted inputs, "a, b"; "" where there is none.
const char *ws_fitted_text(const struct ws_study *study, const struct ws_claim *claim, struct ws_arena *arena);
// Percentile of the claim in the output's distribution, with its standard error; in [0, 1].
void ws_claim_percentile(const struct ws_result *result, size_t case_index, const struct ws_claim *claim, double *value,
                         double *se);

#endif
