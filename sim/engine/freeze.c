// SPDX-License-Identifier: GPL-3.0-or-later
// A batch is a randomisation of the two samples, cut into parts of whole runs; a part is summed up in one thread, and
// parts are added in their order, so that the number of threads does not matter.
#include "engine/freeze.h"

#include <math.h>
#include <omp.h>

#include "engine/exchange.h"
#include "engine/pile.h"
#include "engine/registers.h"
#include "engine/run.h"
#include "engine/team.h"
#include "wattspan.h"

struct freeze {
    struct ws_exchange exchange;
    const struct ws_plan *plan;
    const struct ws_factors *factors;
    const struct ws_options *options;
    uint64_t parts; // of each batch
    struct ws_freeze_state *state;
    struct ws_pile pile;  // of tasks
    uint64_t done, begun; // model runs: all, atomic; those before this step
    uint64_t before;      // those of an earlier process
    double start, deadline;
};

static void report(struct freeze *freeze, int finished) {
    const struct ws_options *options = freeze->options;
    if (!options->progress)
        return;
    uint64_t done;
#pragma omp atomic read
    done = freeze->done;
    uint64_t total = ws_freeze_runs(freeze->plan->draws, freeze->factors);
    done += freeze->pile.given * (total / freeze->state->n_tasks); // what others have in hand is counted as done
    const struct ws_progress progress = {.done = ws_pile_shown(done, total, finished),
                                         .total = total,
                                         .before = freeze->before,
                                         .seconds = ws_engine_clock() - freeze->start};
    options->progress(options->progress_user, &progress);
}

static int interrupted(const struct freeze *freeze) {
    return freeze->options->interrupt && *freeze->options->interrupt;
}

// Whether the step is to end. However short its time is, something is done in it.
static int is_over(struct freeze *freeze) {
    uint64_t done;
#pragma omp atomic read
    done = freeze->done;
    if (ws_pile_look(&freeze->pile))
        return 1;
    int over = interrupted(freeze) ||
               (freeze->deadline < INFINITY && done > freeze->begun && ws_engine_clock() >= freeze->deadline);
    if (over)
        ws_pile_close(&freeze->pile);
    return over;
}

static int do_part(struct freeze *freeze, struct ws_bench *bench, uint64_t task) {
    const size_t each = freeze->plan->study->n_outputs * freeze->factors->n;
    struct ws_freeze_state *state = freeze->state;
    uint64_t first, n = ws_freeze_groups(freeze->plan, task, &first);
    while (state->reached[task] < n && !is_over(freeze)) {
        int status = ws_bench_run(bench, first + state->reached[task], task / freeze->parts, state->sums + task * each);
        if (status)
            return status;
        state->reached[task]++;
#pragma omp atomic
        freeze->done += ws_freeze_runs(WS_RUN, freeze->factors);
        if (omp_get_thread_num() == 0)
            report(freeze, 0);
    }
    return 0;
}

static int do_parts(struct freeze *freeze, struct ws_bench *bench) {
    int status = 0;
    for (uint64_t task, end; !status && ws_pile_take(&freeze->pile, &task, &end);)
        status = do_part(freeze, bench, task);
    return status;
}

static int do_step(struct freeze *freeze) {
    struct ws_freeze_state *state = freeze->state;
    const uint64_t n_tasks = state->n_tasks;
    int threads = n_tasks < (uint64_t)freeze->plan->threads ? (int)n_tasks : freeze->plan->threads, status = 0;
    freeze->begun = freeze->done;
#pragma omp parallel num_threads(threads) reduction(min : status)
    {
        struct ws_bench *bench = ws_bench_create(&freeze->exchange, omp_get_thread_num());
        status = bench ? do_parts(freeze, bench) : WS_ERROR_MEMORY;
        if (status)
            ws_pile_close(&freeze->pile);
#pragma omp critical
        for (size_t o = 0; bench && o < freeze->plan->study->n_outputs; o++)
            state->not_positive[o] |= ws_bench_not_positive(bench)[o];
        ws_bench_destroy(bench);
    }
    ws_pile_end(&freeze->pile, status);
    return status;
}

static struct ws_pile make_pile(const struct freeze *freeze) {
    const uint64_t n_tasks = WS_BATCHES * freeze->parts;
    struct ws_pile pile = ws_pile_begin(freeze->options->team, 0, n_tasks, freeze->plan->threads);
    pile.stops = 1;
    return pile;
}

// With the other processes, where there are some.
static int do_step_with_all(struct freeze *freeze, struct ws_error *err) {
    const struct ws_team *team = freeze->options->team;
    if (team)
        ws_freeze_hand_out(team, freeze->state, freeze->plan);
    freeze->pile = make_pile(freeze);
    int status = ws_registers_fail(do_step(freeze), err);
    if (team)
        status = ws_freeze_take_in(team, freeze->state, status, err);
    freeze->done = ws_freeze_done(freeze->state) * ws_freeze_runs(WS_RUN, freeze->factors);
    return status;
}

static int do_all(struct freeze *freeze, struct ws_steps *steps, struct ws_error *err) {
    const uint64_t total = ws_freeze_runs(freeze->plan->draws, freeze->factors);
    while (freeze->done < total) {
        freeze->deadline = ws_steps_deadline(steps);
        int status = do_step_with_all(freeze, err);
        if (status)
            return status;
        if (freeze->done < total && (status = ws_steps_pause(steps, interrupted(freeze), err)))
            return status;
    }
    return 0;
}

// All but what the state is needed for.
static int prepare(struct freeze *freeze, const struct ws_plan *plan, const struct ws_factors *factors,
                   const struct ws_options *options, struct ws_arena *arena, struct ws_error *err) {
    *freeze = (struct freeze){.plan = plan,
                              .factors = factors,
                              .options = options,
                              .parts = ws_freeze_parts(plan),
                              .start = ws_engine_clock(),
                              .deadline = INFINITY};
    return ws_exchange_init(&freeze->exchange, plan, factors, arena, err);
}

static int begin(struct freeze *freeze, struct ws_freeze_state *state, struct ws_error *err) {
    freeze->state = state;
    freeze->exchange.in_log = state->in_log;
    freeze->before = freeze->done = ws_freeze_done(state) * ws_freeze_runs(WS_RUN, freeze->factors);
    return ws_registers_fail(ws_exchange_settle(&freeze->exchange), err);
}

int ws_engine_freeze(struct ws_steps *steps, const struct ws_factors *factors, struct ws_freeze_state *state,
                     struct ws_freeze_sums *sums, struct ws_arena *arena, struct ws_error *err) {
    struct freeze freeze;
    int status = prepare(&freeze, steps->plan, factors, steps->options, arena, err);
    if (!status)
        status = begin(&freeze, state, err);
    if (!status)
        status = do_all(&freeze, steps, err);
    if (status)
        return status;
    ws_freeze_total(state, sums);
    report(&freeze, 1);
    return 0;
}

// To itself, since an allocation may jump back into it.
static int prepare_caught(struct freeze *freeze, const struct ws_plan *plan, const struct ws_factors *factors,
                          const struct ws_options *options, struct ws_arena *arena, struct ws_freeze_state **state,
                          struct ws_error *err) {
    *state = NULL;
    if (!arena || ws_arena_catch(arena))
        return ws_error_set(err, WS_ERROR_MEMORY, NULL, "memory ran out");
    int status = prepare(freeze, plan, factors, options, arena, err);
    if (!status)
        *state = ws_freeze_start(plan, factors, arena);
    return status;
}

void ws_freeze_serve(const struct ws_plan *plan, const struct ws_options *options, const struct ws_factors *factors) {
    struct ws_arena *arena = ws_arena_create();
    struct ws_freeze_state *state;
    struct ws_error error = {0};
    struct freeze freeze = {.options = options, .plan = plan};
    uint64_t reached[WS_MOST_FREEZE_TASKS];
    int status = prepare_caught(&freeze, plan, factors, options, arena, &state, &error);
    ws_freeze_receive(options->team, 0, state, plan, factors);
    if (!status)
        status = begin(&freeze, state, &error);
    for (size_t t = 0; state && t < state->n_tasks; t++)
        reached[t] = state->reached[t];
    freeze.pile = make_pile(&freeze);
    if (!status)
        status = ws_registers_fail(do_step(&freeze), &error);
    else
        ws_pile_end(&freeze.pile, status);
    ws_freeze_hand_in(options->team, state, reached, status, &error);
    ws_arena_destroy(arena);
}
