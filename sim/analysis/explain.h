// SPDX-License-Identifier: GPL-3.0-or-later
// Which inputs separate the draws that meet a condition from those that do not.
#ifndef WS_ANALYSIS_EXPLAIN_H
#define WS_ANALYSIS_EXPLAIN_H

#include "base/arena.h"
#include "engine/result.h"

struct ws_shift { // of one input
    size_t input;
    double distance;   // between its distributions among both: 0 alike, 1 apart
    double met, unmet; // medians; of a categorical input the shares of `label`
    size_t label;      // whose share differs most; SIZE_MAX: not categorical
};

struct ws_explanation {
    size_t n, n_met, n_unmet; // kept draws; those where the condition is not a number are in neither
    double chance;            // a distance that 1 in 100 inputs without any influence exceeds
    size_t n_shifts;
    const struct ws_shift *shifts; // of inputs that vary, the largest distance first
};

enum { WS_EXPLAIN_ENOUGH = 300 }; // draws of either kind that it takes to tell more than the strongest influences

// condition: a study with the result's inputs whose last output is the condition. 0, or WS_ERROR_USAGE.
int ws_explain(const struct ws_result *result, const struct ws_study *condition, struct ws_arena *arena,
               struct ws_explanation *explanation, struct ws_error *err);
// How many draws to keep so that enough of the rarer kind are expected; 0 where there are enough or none at all.
uint64_t ws_explain_keep(const struct ws_explanation *explanation);

#endif
