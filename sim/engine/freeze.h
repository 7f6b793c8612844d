// SPDX-License-Identifier: GPL-3.0-or-later
// Pick and freeze: the model run again with some inputs exchanged for those of a second, independent sample, and the
// sums over such runs from which shares of variance are estimated (sim/analysis/effects.c).
#ifndef WS_ENGINE_FREEZE_H
#define WS_ENGINE_FREEZE_H

#include "engine/plan.h"

struct ws_options;

// What is exchanged together: one uncertain input, or several.
struct ws_factors {
    size_t n;
    const size_t *of_input; // per input of the study: its factor, or SIZE_MAX where it is constant
};

// Over the draws of one batch, of one output and one factor. With A and B the two samples and C being A with the
// factor's inputs taken from B: a, b and c are the output's values less a pivot. Draws with an invalid value among
// those that a sum needs are left out of it.
struct ws_freeze_sums {
    double n, a, aa, b, bb, c, cc, bc; // draws, sums and sums of products
    double square;                     // of (a - c)^2
    // From A to B in random order, factor after factor: half the growth of the squared distance from A's value with the
    // factor's step, and half the squared distance between A and B (the same for every factor).
    double walks, step, whole;
};

// Batches: the randomisations of the design, or with mc the runs dealt out in the same way.
enum { WS_BATCHES = WS_REPLICATES };

// Model runs that n draws take.
uint64_t ws_freeze_runs(uint64_t n, size_t n_factors);

// The plan's draws (whole groups of them) are sample A. in_log says which outputs are analysed in ln; *not_positive is
// set for those where a value at or below zero was met, which then count as invalid. sums: [batch][output][factor].
// The same bits for any number of threads. 0, or a negative status with the reason in err.
int ws_engine_freeze(const struct ws_plan *plan, const struct ws_factors *factors, const unsigned char *in_log,
                     const struct ws_options *options, unsigned char *not_positive, struct ws_freeze_sums *sums,
                     struct ws_arena *arena, struct ws_error *err);

#endif
