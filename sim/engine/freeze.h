// SPDX-License-Identifier: GPL-3.0-or-later
// Pick and freeze: the model run again with some inputs exchanged for those of a second, independent sample, and the
// sums over such runs from which shares of variance are estimated (sim/analysis/effects.c).
#ifndef WS_ENGINE_FREEZE_H
#define WS_ENGINE_FREEZE_H

#include "engine/plan.h"
#include "engine/steps.h"

struct ws_team;
struct ws_error;

// What is exchanged together: one uncertain input, or several.
struct ws_factors {
    size_t n;
    const size_t *of_input;      // per input of the study: its factor, or SIZE_MAX where it is constant
    size_t n_linked;             // factors that correlate with others
    const unsigned char *linked; // per factor
};

// Over the draws of one batch, of one output and one factor. A and B are the two samples, and C is A with the factor's
// inputs redrawn from their law given all others, by B's innovations: where the factor correlates with no other that is
// to take them from B. b and c are values at two points that share the factor's inputs and are otherwise independent:
// B and C, or where the factor correlates with others A and D, which is A with all others redrawn given the factor.
// Values are less a pivot and in units of a power of two. Draws with an invalid value among those that a sum needs are
// left out of it.
struct ws_freeze_sums {
    double n, a, aa, b, bb, c, cc, bc; // draws, sums and sums of products
    double square;                     // of A's value less C's
    // From A to B in random order, factor after factor, each time with all factors so far redrawn given the others:
    // half the growth of the squared distance from A's value with the factor's step, and half the squared distance
    // between A and B (the same for every factor).
    double walks, step, whole;
};

// Batches: the randomisations of the design, or with mc the runs dealt out in the same way.
enum { WS_BATCHES = WS_REPLICATES };

// Which factors correlate with others: fills in `linked`, which has room for all.
void ws_factors_link(struct ws_factors *factors, const struct ws_plan *plan, unsigned char *linked);
// How far it is. A batch is cut into tasks of whole groups, each of which is summed up from its first group to its
// last, so that the number of threads does not matter, and neither does where it was interrupted.
struct ws_freeze_state {
    size_t n_outputs, n_factors, n_tasks;
    unsigned char *in_log;       // per output: analysed in ln
    unsigned char *not_positive; // per output: a value at or below zero was met, which then counts as invalid
    uint64_t *reached;           // per task: groups done
    struct ws_freeze_sums *sums; // [task][output][factor]
};
// Tasks that a batch is cut into; groups of a task, and the first of them; groups done, of all tasks.
uint64_t ws_freeze_parts(const struct ws_plan *plan);
uint64_t ws_freeze_groups(const struct ws_plan *plan, uint64_t task, uint64_t *first);
uint64_t ws_freeze_done(const struct ws_freeze_state *state);
// Nothing done yet, and no output in ln.
struct ws_freeze_state *ws_freeze_start(const struct ws_plan *plan, const struct ws_factors *factors,
                                        struct ws_arena *arena);
void ws_freeze_restart(struct ws_freeze_state *state);
// Whether it is one of this plan and these factors.
int ws_freeze_fits(const struct ws_freeze_state *state, const struct ws_plan *plan, const struct ws_factors *factors);
// What share of the work is done.
double ws_freeze_share(const struct ws_freeze_state *state, const struct ws_plan *plan);
// The sums of each batch, its tasks added in their order: [batch][output][factor].
void ws_freeze_total(const struct ws_freeze_state *state, struct ws_freeze_sums *sums);
// Model runs that n draws take.
uint64_t ws_freeze_runs(uint64_t n, const struct ws_factors *factors);

// In a team rank 0 hands out where each task is, all work on what none of the others does, and hand in what they have
// got to. What is between two calls is received whatever goes wrong; state may be NULL where status is not 0.
enum { WS_MOST_FREEZE_TASKS = 512 };
void ws_freeze_hand_out(const struct ws_team *team, const struct ws_freeze_state *state, const struct ws_plan *plan);
void ws_freeze_receive(const struct ws_team *team, int from, struct ws_freeze_state *state, const struct ws_plan *plan,
                       const struct ws_factors *factors);
void ws_freeze_hand_in(const struct ws_team *team, const struct ws_freeze_state *state, const uint64_t *before,
                       int status, const struct ws_error *error);
int ws_freeze_take_in(const struct ws_team *team, struct ws_freeze_state *state, int status, struct ws_error *err);
// One step, on the other ranks.
void ws_freeze_serve(const struct ws_plan *plan, const struct ws_options *options, const struct ws_factors *factors);

// The draws (whole groups of them) of the steps' plan are sample A. Goes on from the state, which it changes; sums:
// [batch][output][factor], once all is done. The same bits for any number of threads. 0, or a negative status with the
// reason in err.
int ws_engine_freeze(struct ws_steps *steps, const struct ws_factors *factors, struct ws_freeze_state *state,
                     struct ws_freeze_sums *sums, struct ws_arena *arena, struct ws_error *err);

#endif
