// SPDX-License-Identifier: GPL-3.0-or-later
// The work is cut into units: a batch of cases times a part of the groups. A thread draws a unit by itself, run of
// blocks after run of blocks, each for all its cases while the draws are in its cache, and hands in what it has counted
// once at the end. A case's bits are those of a run of that case alone.
#include "engine/sweep.h"

#include <assert.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>

#include "engine/gather.h"
#include "engine/pile.h"
#include "engine/rack.h"
#include "engine/run.h"
#include "engine/shelf.h"
#include "engine/team.h"
#include "engine/weigh.h"
#include "engine/workspace.h"
#include "wattspan.h"

static_assert((int)WS_PILOT_BLOCKS <= (int)WS_BLOCKS_PER_RUN, "the pilot is in a unit's registers at a time");

struct unit {
    size_t first_case, n_cases;
    uint64_t first, end; // groups
};

// What the threads share.
struct sweep {
    const struct ws_plan *plan;
    const struct ws_options *options;
    struct ws_result *result;
    uint64_t all_first, all_end; // groups of the call
    uint64_t first, end;         // groups in work
    size_t batch;                // cases of a unit
    uint64_t parts;              // that the groups are cut into
    struct ws_pile pile;         // of units
    uint64_t done;               // draws; atomic
    double start, last_report;
    int status; // 0 or the first trouble; atomic
};

// A case in the making.
struct making {
    struct ws_plan plan;
    struct ws_gather gather;
};

// Called by the first thread only.
static void report_progress(struct sweep *sweep, int finished) {
    double now = ws_engine_clock();
    if (!sweep->options->progress || (!finished && now - sweep->last_report < 0.1))
        return;
    sweep->last_report = now;
    uint64_t done, total = sweep->plan->study->n_cases * ws_plan_span(sweep->plan, sweep->all_first, sweep->all_end);
#pragma omp atomic read
    done = sweep->done;
    const struct ws_progress progress = {
        .done = ws_pile_shown(done, total, finished), .total = total, .seconds = now - sweep->start};
    sweep->options->progress(sweep->options->progress_user, &progress);
}

static struct unit unit_of(const struct sweep *sweep, uint64_t index) {
    uint64_t part = index % sweep->parts, n_groups = sweep->end - sweep->first;
    struct unit unit = {.first_case = (size_t)(index / sweep->parts) * sweep->batch};
    size_t left = sweep->plan->study->n_cases - unit.first_case;
    unit.n_cases = left < sweep->batch ? left : sweep->batch;
    unit.first = sweep->first + n_groups * part / sweep->parts;
    unit.end = sweep->first + n_groups * (part + 1) / sweep->parts;
    return unit;
}

// The pilot of all cases is drawn once. What cases have in common, the first of them counts for all.
static int begin(struct ws_workspace *workspace, const struct unit *unit, struct making *cases, struct ws_slot *slots) {
    const struct ws_plan *plan = workspace->plan;
    int status = 0;
    ws_workspace_seek(workspace, 0);
    for (size_t block = 0; block < WS_PILOT_BLOCKS; block++)
        ws_workspace_draw(workspace, block, block);
    for (size_t c = 0; c < unit->n_cases && !status; c++) {
        ws_plan_case(plan, unit->first_case + c, slots + c * plan->n_slots, &cases[c].plan);
        status = ws_pilot_case(&cases[c].plan, workspace, c > 0 ? &cases[0].plan : NULL);
        if (!status)
            status = ws_gather_init(&cases[c].gather, &cases[c].plan, c > 0 ? &cases[0].gather : NULL);
    }
    return status;
}

static double row_bytes(const struct ws_plan *plan) {
    return (double)plan->outputs.program.n_rows * WS_ROW_STRIDE * sizeof(double);
}

// Blocks that each case has in its turn: what a case counts into does not stay in the cache while the others have
// theirs, so that there should be some, but rows have to be kept of all. In designs with randomisations they are those
// of one of them.
static size_t blocks_of_turn(const struct ws_plan *plan) {
    enum { MANY = 4 * WS_BLOCKS_PER_RUN, MOST_BYTES = 8 << 20 };
    return plan->replicates > 1 || MANY * row_bytes(plan) > MOST_BYTES ? WS_BLOCKS_PER_RUN : MANY;
}

// One turn of all cases.
static int draw_turn(struct ws_workspace *workspace, const struct unit *unit, struct making *cases, uint64_t group,
                     uint64_t turn) {
    const struct ws_plan *plan = workspace->plan;
    const size_t most = workspace->n_files;
    uint64_t size = ws_plan_span(plan, group, group + 1), first = turn * most * WS_BLOCK;
    size_t n_blocks = 0, replicate = plan->replicates > 1 ? (size_t)turn : 0;
    for (; n_blocks < most && first + n_blocks * WS_BLOCK < size; n_blocks++)
        ws_workspace_draw(workspace, turn * most + n_blocks, n_blocks);
    for (size_t c = 0; c < unit->n_cases; c++)
        for (size_t b = 0; b < n_blocks; b++) {
            uint64_t start = first + b * WS_BLOCK, n = size - start < WS_BLOCK ? size - start : WS_BLOCK;
            const struct ws_tile tile = {replicate, b, group * WS_GROUP + start, n};
            int status = ws_workspace_compute(workspace, &cases[c].plan, b);
            if (!status)
                status = ws_gather_tile(&cases[c].gather, workspace, &tile, 0, plan->study->n_outputs);
            if (status)
                return status;
        }
    return 0;
}

// Sums are closed where a run of the case alone closes them.
static int end_run(const struct unit *unit, struct making *cases, int replicated, size_t replicate) {
    const uint64_t draws = replicated ? WS_RUN : WS_GROUP;
    int status = 0;
    for (size_t c = 0; c < unit->n_cases && !status; c++)
        status = ws_gather_end_run(&cases[c].gather, replicate, draws);
    return status;
}

static int draw_group(struct ws_pile *pile, struct ws_workspace *workspace, const struct unit *unit,
                      struct making *cases, uint64_t group) {
    const uint64_t turns = WS_BLOCKS_PER_GROUP / workspace->n_files;
    int replicated = workspace->plan->replicates > 1, status = 0;
    ws_workspace_seek(workspace, group);
    for (uint64_t turn = 0; turn < turns && !status; turn++) {
        status = draw_turn(workspace, unit, cases, group, turn);
        ws_pile_look(pile);
        if (!status && (replicated || turn == turns - 1))
            status = end_run(unit, cases, replicated, replicated ? (size_t)turn : 0);
    }
    return status;
}

// What has gone wrong elsewhere.
static int trouble(struct sweep *sweep) {
    int status;
#pragma omp atomic read
    status = sweep->status;
    return status;
}

static int draw_groups(struct sweep *sweep, struct ws_workspace *workspace, const struct unit *unit,
                       struct making *cases) {
    int status = 0;
    for (uint64_t group = unit->first; group < unit->end && !status; group++) {
        status = trouble(sweep);
        if (!status)
            status = draw_group(&sweep->pile, workspace, unit, cases, group);
#pragma omp atomic
        sweep->done += unit->n_cases * ws_plan_span(sweep->plan, group, group + 1);
        if (omp_get_thread_num() == 0)
            report_progress(sweep, 0);
    }
    return status;
}

// Only parts of the same cases get in each other's way.
static int hand_in(struct sweep *sweep, const struct unit *unit, struct making *cases) {
    int status = 0;
    for (size_t c = 0; c < unit->n_cases && !status; c++) {
        if (sweep->parts == 1) {
            status = ws_gather_merge(&cases[c].gather, sweep->result);
        } else {
#pragma omp critical
            status = ws_gather_merge(&cases[c].gather, sweep->result);
        }
    }
    return status;
}

static int draw_unit(struct sweep *sweep, const struct unit *unit, struct making *cases, struct ws_slot *slots) {
    struct ws_workspace workspace = {0};
    for (size_t c = 0; c < unit->n_cases; c++)
        cases[c].gather = (struct ws_gather){0};
    int status = ws_workspace_init_cases(&workspace, sweep->plan, &sweep->plan->outputs, unit->first_case,
                                         unit->n_cases, blocks_of_turn(sweep->plan));
    if (!status)
        status = begin(&workspace, unit, cases, slots);
    if (!status)
        status = draw_groups(sweep, &workspace, unit, cases);
    if (!status)
        status = hand_in(sweep, unit, cases);
    for (size_t c = 0; c < unit->n_cases; c++)
        if (cases[c].gather.plan)
            ws_gather_finish(&cases[c].gather);
    ws_workspace_finish(&workspace);
    return status;
}

static int draw_units(struct sweep *sweep) {
    struct making *cases = calloc(sweep->batch, sizeof *cases);
    struct ws_slot *slots = calloc(sweep->batch, (sweep->plan->n_slots + 1) * sizeof *slots);
    int status = cases && slots ? 0 : WS_ERROR_MEMORY;
    for (uint64_t index, end; !status && !(status = trouble(sweep)) && ws_pile_take(&sweep->pile, &index, &end);) {
        const struct unit unit = unit_of(sweep, index);
        status = draw_unit(sweep, &unit, cases, slots);
    }
    if (status) {
#pragma omp atomic write
        sweep->status = status;
    }
    free(cases);
    free(slots);
    return status;
}

static uint64_t all_threads(const struct ws_plan *plan, const struct ws_options *options) {
    return options->team ? options->team->all_threads : (uint64_t)plan->threads;
}

// Groups that are drawn before the next look at clock and interrupt flag, all cases having the same groups then: what
// takes a second or two, going by those before, which took so many seconds. Tallies are packed after each.
static uint64_t choose_stride(uint64_t before, double seconds, uint64_t threads) {
    enum { MOST_GROWTH = 8, FIRST = 4, MOST = 1000000 };
    static const double wanted = 2;
    if (before == 0)
        return FIRST * threads;
    double growth = seconds * MOST_GROWTH > wanted ? wanted / seconds : MOST_GROWTH, groups = (double)before * growth;
    return groups < 1 ? 1 : groups < MOST ? (uint64_t)groups : MOST;
}

// The first strides of many cases are short ones, too.
static uint64_t first_stride(const struct ws_plan *plan, uint64_t threads) {
    const double draws_of_a_thread = 4e6;
    double groups = draws_of_a_thread * (double)threads / ((double)plan->study->n_cases * WS_GROUP);
    uint64_t most = choose_stride(0, 0, threads);
    return groups < 1 ? 1 : groups < (double)most ? (uint64_t)groups : most;
}

static uint64_t count_batches(const struct sweep *sweep) {
    return (sweep->plan->study->n_cases + sweep->batch - 1) / sweep->batch;
}

// Groups first .. end - 1. Few cases are cut by their groups, too, so that all threads have some.
static void cut(struct sweep *sweep, uint64_t first, uint64_t end, uint64_t threads) {
    uint64_t n_batches = count_batches(sweep), units = threads > 1 ? 4 * threads : 1;
    sweep->first = first;
    sweep->end = end;
    sweep->parts = n_batches >= units ? 1 : (units + n_batches - 1) / n_batches;
    if (sweep->parts > end - first)
        sweep->parts = end - first;
}

static int draw_span(struct sweep *sweep, struct ws_error *err) {
    int status = sweep->plan->study->log_weight && !sweep->result->posterior ? WS_ERROR_MEMORY : 0;
    sweep->status = status;
    sweep->pile = ws_pile_begin(sweep->options->team, 0, count_batches(sweep) * sweep->parts, sweep->plan->threads);
#pragma omp parallel num_threads(sweep->plan->threads) reduction(min : status)
    status = draw_units(sweep);
    status = sweep->status ? sweep->status : status;
    ws_pile_end(&sweep->pile, status);
    if (status == WS_ERROR_FILE)
        return ws_scratch_fail(sweep->result->scratch, err);
    return status == WS_ERROR_RUN ? ws_posterior_fail(sweep->plan, err) : ws_registers_fail(status, err);
}

int ws_sweep_share(const struct ws_plan *plan, const struct ws_options *options, struct ws_result *result,
                   const struct ws_order *order, struct ws_error *err) {
    struct sweep sweep = {.plan = plan,
                          .options = options,
                          .result = result,
                          .first = order->first,
                          .end = order->end,
                          .batch = (size_t)order->batch,
                          .parts = order->parts};
    return draw_span(&sweep, err);
}

// What others draw is known when it has been drawn.
static int draw_with_all(struct sweep *sweep, uint64_t first, uint64_t end, struct ws_error *err) {
    const struct ws_team *team = sweep->options->team;
    cut(sweep, first, end, all_threads(sweep->plan, sweep->options));
    if (team)
        ws_team_order(team, &(struct ws_order){.kind = WS_ORDER_DRAW,
                                               .draws = sweep->plan->draws,
                                               .first = first,
                                               .end = end,
                                               .batch = sweep->batch,
                                               .parts = sweep->parts});
    int status = draw_span(sweep, err);
    sweep->done = sweep->plan->study->n_cases * ws_plan_span(sweep->plan, sweep->all_first, end);
    return status;
}

int ws_sweep_draw(const struct ws_plan *plan, const struct ws_options *options, struct ws_result *result,
                  uint64_t *reached, uint64_t end, double deadline, struct ws_error *err) {
    struct sweep sweep = {.plan = plan,
                          .options = options,
                          .result = result,
                          .all_first = *reached,
                          .all_end = end,
                          .batch = plan->batch,
                          .start = ws_engine_clock()};
    const uint64_t threads = all_threads(plan, options);
    uint64_t stride = first_stride(plan, threads);
    while (*reached < end) {
        const double began = ws_engine_clock();
        uint64_t next = end - *reached > stride ? *reached + stride : end;
        if ((options->interrupt && *options->interrupt) ||
            (*reached > sweep.all_first && ws_engine_clock() >= deadline))
            return 0;
        int status = draw_with_all(&sweep, *reached, next, err);
        if (status || sweep.pile.has_failed) // of others the team's collecting says what
            return status;
        stride = choose_stride(next - *reached, ws_engine_clock() - began, threads);
        *reached = next;
    }
    report_progress(&sweep, 1);
    return 0;
}

// ---- kept draws ----

static int keep_case(const struct ws_plan *plan, struct ws_result *result, size_t c, struct ws_slot *slots,
                     double **columns) {
    const struct ws_study *study = plan->study;
    size_t n = result->n_kept, first_output = study->n_inputs + study->n_derived;
    struct ws_plan of_case;
    ws_plan_case(plan, c, slots, &of_case);
    for (size_t i = 0; i < study->n_inputs; i++) // what is swept has no draws that hold for all cases
        columns[i] = c == 0 && !ws_study_axis(study, i) ? result->kept_inputs + i * n : NULL;
    for (size_t o = 0; o < study->n_outputs; o++)
        columns[first_output + o] = result->kept_outputs + (c * study->n_outputs + o) * n;
    if (result->kept_log_weights)
        columns[study->n_quantities] = result->kept_log_weights + c * n;
    return ws_engine_keep(&of_case, columns, NULL);
}

int ws_sweep_keep(const struct ws_plan *plan, struct ws_result *result) {
    const struct ws_study *study = plan->study;
    int status = 0;
#pragma omp parallel num_threads(plan->threads) reduction(min : status)
    {
        struct ws_slot *slots = calloc(plan->n_slots + 1, sizeof *slots);
        double **columns = calloc(study->n_quantities + 1, sizeof *columns);
        status = slots && columns ? 0 : WS_ERROR_MEMORY;
#pragma omp for schedule(dynamic, 1)
        for (size_t c = 0; c < study->n_cases; c++)
            if (!status)
                status = keep_case(plan, result, c, slots, columns);
        free(slots);
        free(columns);
    }
    return status;
}

// ---- memory ----

// Of cases that are looked at: what the packed tallies of each take, and what a thread counts it with.
struct sample {
    double packed, hand; // bytes
    double lead;         // that the first case takes beside `hand`, since it counts what is common to all
};

// What a thread counts one case with, one that leads or one that is led. The pilot's margins at the ends of a window
// are mapped when it is emptied, but no page of a tally is made there.
static double count_hand(const struct ws_plan *plan, int leads) {
    enum { MARGINS = 4 };
    const double page = WS_BINS_PER_OCTAVE * sizeof(int64_t), window = WS_BINS_PER_OCTAVE * sizeof(uint32_t);
    const double narrower = 0.9; // is the posterior
    const int weighted = plan->study->log_weight != NULL;
    double bytes = 0;
    for (size_t s = 0; s < plan->n_slots; s++) {
        const double sides = plan->slots[s].both_signs ? 2 : 1, octaves = plan->slots[s].octaves;
        const double occupied = octaves > MARGINS ? octaves - MARGINS : 1;
        if (leads || !plan->slots[s].is_common)
            bytes += sides * (octaves * window + occupied * page) + sizeof(struct ws_gather_slot);
        if (weighted && (leads || !(plan->slots[s].is_common && plan->common_weights)))
            bytes += sides * 2 * narrower * occupied * page;
    }
    bytes *= (double)plan->replicates;
    return weighted ? bytes + (double)ws_weigh_bytes(plan, leads) : bytes;
}

static int descending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

// From some cases and so many draws, with more cases where these are few. Cases at an end of a range may have much
// wider windows than all others: one of them is nothing to go by.
static int measure(const struct ws_plan *plan, uint64_t draws, struct ws_arena *arena, struct sample *sample) {
    enum { LEAST = 3, MOST = 9, DRAWS = 6 * WS_GROUP };
    static const struct ws_options silent;
    struct ws_plan sampled = *plan;
    sampled.draws = draws;
    sampled.on_disk = 0;
    struct ws_result *result = ws_engine_start(&sampled, &silent, arena);
    struct sweep sweep = {.plan = &sampled, .options = &silent, .result = result, .parts = 1, .batch = 1};
    struct making one = {0};
    struct ws_slot *slots = WS_NEW_ARRAY(arena, struct ws_slot, plan->n_slots + 1);
    double hands[MOST];
    size_t fit = (size_t)(DRAWS / draws), n = fit < LEAST ? LEAST : fit < MOST ? fit : MOST;
    n = n < plan->study->n_cases ? n : plan->study->n_cases;
    int status = plan->study->log_weight && !result->posterior ? WS_ERROR_MEMORY : 0;
    for (size_t i = 0; i < n && !status; i++) {
        if (ws_plan_is_interrupted(plan))
            return WS_ERROR_INTERRUPTED;
        const struct unit unit = {(plan->study->n_cases - 1) * i / (n - 1), 1, 0, ws_plan_groups(&sampled)};
        status = draw_unit(&sweep, &unit, &one, slots);
        hands[i] = status ? 0 : count_hand(&one.plan, 0);
    }
    if (status)
        return status;
    qsort(hands, n, sizeof *hands, descending);
    sample->hand = hands[1];
    sample->lead = count_hand(&one.plan, 1) - count_hand(&one.plan, 0);
    sample->packed = (double)ws_shelf_bytes(result->shelf) / (double)n;
    if (result->posterior)
        sample->packed +=
            (double)(ws_shelf_bytes(result->posterior->shelf) + ws_rack_bytes(result->posterior->tails)) / (double)n;
    return 0;
}

// Counts have more digits and reach further into the tails.
static double grow(double bytes, uint64_t sampled, uint64_t draws) {
    return bytes * (1 + 0.35 * log10((double)draws / (double)sampled));
}

// What a case leaves behind: its packed tallies with what is about them, and then its kept draws. Beside all of them
// there is what the indices of the kept draws take for a while, or the file, one variable after the other, and itself
// where it is made in memory.
struct share {
    double tallies, kept, indices, file; // bytes
};

static size_t most_alternatives(const struct ws_plan *plan) {
    size_t most = 0, n;
    for (size_t s = plan->study->n_outputs; s < plan->n_slots; s += n) {
        const struct ws_slot *slots = plan->slots + s;
        for (n = 1; s + n < plan->n_slots && slots[n].output == slots[0].output && slots[n].by == slots[0].by; n++)
            ;
        most = n > most ? n : most;
    }
    return most;
}

// The largest of a case's variables, in numbers: the draws of an output in the order of the file and what writes them;
// its histogram, of whose sums of weights there is a copy; statistics of alternatives, as records and as variables.
static double count_variable(const struct ws_plan *plan) {
    enum { HISTOGRAM = 220, STATISTICS = 80 };
    static const double of_a_draw = 2;
    const double kinds = plan->study->log_weight ? 2 : 1;
    return fmax(of_a_draw * (double)plan->keep, fmax(HISTOGRAM * kinds, STATISTICS * (double)most_alternatives(plan)));
}

static struct share count_case(const struct ws_plan *plan, double packed, int on_disk) {
    enum { INDICES = 20, LEAST = 1000 }; // numbers of an input and an output, where so many draws are kept
    const struct ws_study *study = plan->study;
    const double kinds = study->log_weight ? 2 : 1, outputs = (double)study->n_outputs, keep = (double)plan->keep,
                 n_tallies = (double)(plan->replicates * plan->n_slots) * kinds,
                 tails = study->log_weight ? sizeof(struct ws_evidence_tally) : 0,
                 indices = plan->keep >= LEAST ? INDICES * (double)study->n_inputs * outputs : 0;
    struct share share = {
        .tallies = (on_disk ? 0 : packed) + n_tallies * 2 * sizeof(struct ws_packed) + tails,
        .kept = sizeof(double) * (keep * (outputs + kinds - 1) + indices),
        .indices = plan->keep >= LEAST ? sizeof(double) * keep * outputs : 0,
        .file = sizeof(double) * count_variable(plan),
    };
    if ((packed + share.kept) * (double)study->n_cases <= WS_MOST_IMAGE)
        share.file += packed + share.kept;
    return share;
}

// What HDF5 has of the variables that it has written to a file on disk, by which it would find them again: measured.
static double count_descriptions(const struct ws_plan *plan) {
    enum { EACH = 14 << 10, OF_OUTPUT = 44, OF_SPLIT = 20 }; // bytes; variables, in /summary, /histogram, /sketch, ...
    const size_t kinds = plan->study->log_weight ? 2 : 1;
    size_t splits = 0;
    for (size_t o = 0; o < plan->study->n_outputs; o++)
        splits += plan->study->quantities[plan->slots[o].output].n_by;
    return EACH * (double)(kinds * (OF_OUTPUT * plan->study->n_outputs + OF_SPLIT * splits));
}

// Cases in hand, and bytes at the most: while drawing, with each thread's registers, or afterwards. What threads
// counted with the allocator does not give back where packed tallies lie in between; where these are on disk about half
// of it.
static double budget(struct ws_plan *plan, struct share share, const struct sample *sample) {
    enum { LEAST = 1, MOST = 16 };
    static const double program = 24 << 20; // with its libraries
    const double threads = plan->threads, cases = (double)plan->study->n_cases,
                 written = plan->on_disk ? count_descriptions(plan) : 0,
                 fixed = program + (double)plan->bytes + threads * sample->lead + written,
                 registers = threads * (double)blocks_of_turn(plan) * row_bytes(plan),
                 later = cases * (share.kept + fmax(share.indices, share.file));
    const double most =
        ((double)plan->memory - fixed - cases * share.tallies - fmax(registers, later)) / (threads * sample->hand);
    plan->batch = most >= MOST ? MOST : most <= LEAST ? LEAST : (size_t)most;
    const double in_hand = threads * sample->hand * (double)plan->batch, left = plan->on_disk ? 0.5 : 1;
    return fixed + cases * share.tallies + fmax(in_hand + registers, left * in_hand + later);
}

int ws_sweep_budget(struct ws_plan *plan, struct ws_arena *arena, struct ws_error *err) {
    enum { MOST_SAMPLED = 2 * WS_GROUP };
    uint64_t sampled = plan->draws < MOST_SAMPLED ? plan->draws : MOST_SAMPLED;
    struct sample sample;
    int status = measure(plan, sampled, arena, &sample);
    if (status)
        return status == WS_ERROR_INTERRUPTED ? ws_plan_stop(err) : ws_registers_fail(status, err);
    const double packed = grow(sample.packed, sampled, plan->draws);
    double needed = budget(plan, count_case(plan, packed, 0), &sample);
    if (needed > (double)plan->memory) {
        plan->on_disk = 1;
        plan->disk_bytes = (size_t)(packed * (double)plan->study->n_cases);
        needed = budget(plan, count_case(plan, packed, 1), &sample);
    }
    plan->bytes = (size_t)needed;
    if (needed <= (double)plan->memory)
        return 0;
    const double mebi = 1 << 20;
    return ws_error_set(
        err, WS_ERROR_USAGE, NULL,
        "%zu cases need %.0f MiB, and %.0f MiB are allowed: give --memory %.0fMiB, keep fewer draws (--keep), or take "
        "fewer cases%s",
        plan->study->n_cases, ceil(needed / mebi), (double)plan->memory / mebi, ceil(needed / mebi),
        plan->replicates > 1 ? ", or design mc, which holds a sixteenth" : "");
}
