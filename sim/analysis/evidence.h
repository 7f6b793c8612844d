// SPDX-License-Identifier: GPL-3.0-or-later
// How much the evidence has left of the draws.
#ifndef WS_ANALYSIS_EVIDENCE_H
#define WS_ANALYSIS_EVIDENCE_H

#include "base/arena.h"
#include "engine/result.h"

struct ws_evidence_summary {
    // NAN where alternatives were weighed anew, and so are Pareto k and the log evidence.
    double ess;          // effective sample size, (sum w)^2 / sum w^2
    double pareto_k;     // shape of the weights' upper tail; NAN where the largest are all alike, or too few
    double log_evidence; // ln of the mean likelihood over the prior: of the marginal likelihood
    double log_evidence_se;
    uint64_t draws, weighed, undefined; // looked at; with a weight; without one since the quantity was no number
    size_t n_kept, n_distinct;          // draws of the posterior, and different ones among them
};
struct ws_evidence_summary ws_evidence_summarise(const struct ws_result *posterior, size_t case_index,
                                                 struct ws_arena *arena);
// What to mind where the weights are too uneven for the results to be relied on, "" where they are not.
const char *ws_evidence_advice(const struct ws_evidence_summary *summary, struct ws_arena *arena);

// Shape k of a generalised Pareto distribution for n excesses over a threshold, ascending and above 0 (Zhang & Stephens
// 2009, with the weakly informative prior of Vehtari, Simpson, Gelman, Yao & Gabry 2024).
double ws_pareto_shape(const double *x, size_t n);

#endif
