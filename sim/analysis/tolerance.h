// SPDX-License-Identifier: GPL-3.0-or-later
// Runs that go on until the Monte Carlo error is small enough.
#ifndef WS_ANALYSIS_TOLERANCE_H
#define WS_ANALYSIS_TOLERANCE_H

#include "base/arena.h"
#include "engine/plan.h"
#include "engine/result.h"
#include "engine/steps.h"

enum { WS_WATCHED = 4 }; // mean, p5, p50, p95
extern const char *const ws_watched_names[WS_WATCHED];

// What is asked of one output: a standard error of `relative` times max(|value|, sd), or of `absolute` in the output's
// unit; both NAN where nothing is asked.
struct ws_tolerance {
    double relative, absolute;
};

// How the errors came down. Arrays are [round][case][output][watched].
struct ws_convergence {
    const char *asked; // "0.1 %", "energy 2 GWh, cost 1 %"
    int reached;
    size_t n_rounds;
    const uint64_t *draws; // after each round
    const double *value, *se,
        *allowed; // se: NAN where not known, infinite where it never is; allowed: NAN where nothing was asked
};

// Reads "0.1%", "0.001", "2 GWh" and "OUTPUT=0.1%"; per_output holds n_outputs. A tolerance without a name is that of
// every output that has none of its own. 0, or WS_ERROR_USAGE.
int ws_tolerance_parse(const struct ws_study *study, const char *const *texts, size_t n_texts,
                       struct ws_tolerance *per_output, struct ws_arena *arena, struct ws_error *err);

// Draws groups of the plan (that of the steps), whose draws are the most that may be, in growing rounds until every
// standard error is as small as asked, the first of at least `least` draws. An error that is not known is not small,
// and where more draws would not make it known it does not keep the run going either. Afterwards plan->draws are those
// drawn. The result is that of a run of as many draws, and has `convergence`. While drawing, that of the steps' result
// holds the rounds so far; where it is there at the start, those are not drawn again.
int ws_tolerance_run(struct ws_steps *steps, struct ws_plan *plan, const struct ws_tolerance *per_output,
                     const char *asked, uint64_t least, struct ws_arena *scratch, struct ws_arena *arena,
                     struct ws_error *err);

// The largest of se / allowed in a round, over 1 where it is not reached and infinite where an error is not known;
// which case, output and watched statistic it is of.
double ws_convergence_worst(const struct ws_convergence *c, const struct ws_result *result, size_t round,
                            size_t *case_index, size_t *output, size_t *watched);
// What keeps the last round from what was asked: "the standard error of p5 of 'energy' is 3.1 times as large", or that
// it is not known and why; *hopeless is 1 where more draws would not help.
const char *ws_convergence_shortfall(const struct ws_convergence *c, const struct ws_result *result, int *hopeless,
                                     struct ws_arena *arena);

#endif
