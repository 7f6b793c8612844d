// SPDX-License-Identifier: GPL-3.0-or-later
// Two samples of the inputs, and the model run again with those of one exchanged for those of the other: what one
// thread does for pick and freeze (engine/freeze.h).
#ifndef WS_ENGINE_EXCHANGE_H
#define WS_ENGINE_EXCHANGE_H

#include "engine/freeze.h"

// What all threads read.
struct ws_exchange {
    const struct ws_plan *plan;
    const struct ws_factors *factors;
    const unsigned char *in_log;    // per output: analysed in ln
    struct ws_sampler sampler;      // the plan's, with directions for both samples
    const struct ws_column *second; // the inputs of sample B
    size_t n_columns, n_outputs;
    const size_t *factor_of;      // per column
    const struct ws_link *links;  // per joint
    const size_t *first_row;      // per joint: of its scores
    size_t n_scores, most_linked; // rows of scores of all joints, and inputs of the largest
    struct ws_law *rooms;         // [thread][joint]
    double *pivots;               // per output, taken off its values in units of 1 / scale of its slot
};

// All but in_log and the pivots, which are 0. What it points to is the arena's. 0, or WS_ERROR_USAGE where the design
// has too few dimensions for two samples, or WS_ERROR_MEMORY.
int ws_exchange_init(struct ws_exchange *exchange, const struct ws_plan *plan, const struct ws_factors *factors,
                     struct ws_arena *arena, struct ws_error *err);
// The pivots: the mean of each output over the first block that has valid draws of it. 0, WS_ERROR_MEMORY or
// WS_ERROR_MODEL.
int ws_exchange_settle(struct ws_exchange *exchange);

// One thread's memory; `thread` is below the plan's number of them. NULL where memory ran out.
struct ws_bench *ws_bench_create(const struct ws_exchange *exchange, int thread);
void ws_bench_destroy(struct ws_bench *bench);
// Adds the draws that a batch has in a group to sums: [output][factor]. 0, or WS_ERROR_MODEL.
int ws_bench_run(struct ws_bench *bench, uint64_t group, uint64_t batch, struct ws_freeze_sums *sums);
// Per output: whether a value at or below zero was met where it is analysed in ln.
const unsigned char *ws_bench_not_positive(const struct ws_bench *bench);

#endif
