// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/weigh.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "wattspan.h"

struct slot {
    struct ws_weighted_lanes lanes; // of the run of blocks in work
    struct ws_bin_window window;    // counts of draws with the usual weight
    int64_t *sums;         // of other weights and of their squares, in turn, by index in the window; NULL: none
    struct ws_tally tally; // what has been moved out of the two above, and draws outside of the window
};

struct places { // of draws in the block, at the front
    size_t n;
    uint32_t of[WS_BLOCK];
};

// A weight and its square, added at once.
typedef int64_t pair __attribute__((vector_size(16), may_alias));

// Of the block in work; weights and their squares in whole units of 2^-28.
struct ws_weigh {
    pair pairs[WS_BLOCK]; // of draws with a weight above 0, where it is not the usual one
    double weight[WS_ROW_STRIDE] __attribute__((aligned(64)));
    double square[WS_ROW_STRIDE] __attribute__((aligned(64)));
    double packed_weight[WS_ROW_STRIDE] __attribute__((aligned(64))); // of one alternative's draws
    double packed_x[WS_ROW_STRIDE] __attribute__((aligned(64)));
    double usual_x[WS_ROW_STRIDE] __attribute__((aligned(64))); // of the draws with the usual weight
    uint32_t words[WS_BLOCK] __attribute__((aligned(64)));
    uint32_t index[WS_BLOCK] __attribute__((aligned(64)));
    size_t n_found;                      // indices, of the draws of a part without a weight
    struct places heavy, labelled, rest; // with a weight above 0, those of them with one label, and without a weight
    const struct ws_plan *plan;
    const struct ws_weigh *lead; // counts what is common to it and this case of a sweep, or NULL
    uint64_t stream;
    struct slot *slots; // [replicate][slot]
    double in_windows;  // a bound on the largest sum in the windows
    // The first weight that was met. Where evidence is facts, all draws weigh this much or nothing: blocks of which
    // this is so are counted, which takes a quarter of the memory that sums do, and so stays in the cache.
    int64_t usual, usual_square;
    uint64_t counted; // a bound on the largest count in the windows
    // Where that is so of all blocks and most draws weigh something, windows count the others, which are those of all
    // draws less what is wanted: ws_weigh_complete. Not in a case of a sweep that leaves counting to another one.
    int counts_rest;
    struct ws_evidence_tally evidence;
};

enum { UNIT = 1 << WS_WEIGHT_BITS };

static const struct ws_weighted_lanes empty_lanes = {.minimum = INFINITY, .maximum = -INFINITY};

static size_t n_slots(const struct ws_plan *plan) { return plan->replicates * plan->n_slots; }

static size_t window_cells(const struct ws_slot *slot) {
    return (size_t)slot->octaves * WS_BINS_PER_OCTAVE * (slot->both_signs ? 2 : 1);
}

// Not where every fact is an interval, which a draw is in or not.
static int weights_differ(const struct ws_study *study) {
    for (size_t i = 0; i < study->n_evidence; i++)
        if (study->evidence[i].observed)
            return 1;
    return 0;
}

size_t ws_weigh_bytes(const struct ws_plan *plan, int leads) {
    const size_t cell = sizeof(uint32_t) + (weights_differ(plan->study) ? 2 * sizeof(int64_t) : 0);
    size_t bytes = sizeof(struct ws_weigh) + WS_MOST_GATHERED * sizeof(double);
    for (size_t s = 0; s < plan->n_slots; s++)
        if (leads || !(plan->common_weights && plan->slots[s].is_common))
            bytes += plan->replicates * (sizeof(struct slot) + window_cells(&plan->slots[s]) * cell);
    return bytes;
}

static int init_slot(struct slot *slot, const struct ws_slot *plan) {
    size_t cells = window_cells(plan);
    slot->lanes = empty_lanes;
    ws_moments_init(&slot->tally.moments, plan->pivot, plan->scale);
    ws_sketch_init(&slot->tally.sketch, plan->origin);
    slot->window = (struct ws_bin_window){.origin = plan->origin,
                                          .first = plan->first_octave,
                                          .octaves = plan->octaves,
                                          .both_signs = plan->both_signs,
                                          .stray = (uint32_t)cells};
    slot->window.counts = calloc(cells + 1, sizeof *slot->window.counts);
    return slot->window.counts ? ws_tally_weigh(&slot->tally) : WS_ERROR_MEMORY;
}

// Slot s of a replicate.
static int has_lead(const struct ws_weigh *weigh, size_t s) {
    const struct ws_plan *plan = weigh->plan;
    return weigh->lead && plan->common_weights && plan->slots[s % plan->n_slots].is_common;
}

struct ws_weigh *ws_weigh_create(const struct ws_plan *plan, const struct ws_weigh *lead) {
    struct ws_weigh *weigh = aligned_alloc(64, (sizeof *weigh + 63) / 64 * 64);
    if (!weigh)
        return NULL;
    memset(weigh, 0, sizeof *weigh);
    weigh->plan = plan;
    weigh->lead = lead;
    weigh->counts_rest = !lead && plan->few_ruled_out && !weights_differ(plan->study);
    weigh->stream = ws_hash64("evidence:posterior");
    weigh->slots = aligned_alloc(64, n_slots(plan) * sizeof *weigh->slots);
    int status = ws_evidence_init(&weigh->evidence, ws_plan_posterior(plan));
    weigh->evidence.log_reference = plan->log_reference;
    if (weigh->slots)
        memset(weigh->slots, 0, n_slots(plan) * sizeof *weigh->slots);
    for (size_t s = 0; weigh->slots && !status && s < n_slots(plan); s++)
        status = has_lead(weigh, s) ? 0 : init_slot(&weigh->slots[s], &plan->slots[s % plan->n_slots]);
    if (weigh->slots && !status)
        return weigh;
    ws_weigh_destroy(weigh);
    return NULL;
}

void ws_weigh_destroy(struct ws_weigh *weigh) {
    if (!weigh)
        return;
    for (size_t s = 0; weigh->slots && s < n_slots(weigh->plan); s++) {
        free(weigh->slots[s].sums);
        free(weigh->slots[s].window.counts);
        ws_tally_finish(&weigh->slots[s].tally);
    }
    free(weigh->slots);
    ws_evidence_finish(&weigh->evidence);
    free(weigh);
}

// ---- the weights themselves ----

static int64_t weight_at(const struct ws_weigh *weigh, size_t i) { return (int64_t)weigh->weight[i]; }

static int64_t square_at(const struct ws_weigh *weigh, size_t i) { return (int64_t)weigh->square[i]; }

// Lists the draws that weigh anything, which may be few, and the others.
static void list_heavy(struct ws_weigh *weigh, size_t n) {
    struct places *heavy = &weigh->heavy, *rest = &weigh->rest;
    heavy->n = rest->n = 0;
    for (uint32_t i = 0; i < n; i++) {
        const int is_heavy = weigh->weight[i] > 0;
        heavy->of[heavy->n] = rest->of[rest->n] = i;
        heavy->n += is_heavy;
        rest->n += !is_heavy;
    }
}

// Whether all of them weigh what is usual.
static int are_usual(struct ws_weigh *weigh, size_t n) {
    const struct places *heavy = &weigh->heavy;
    int others = 0;
    if (weigh->usual == 0 && heavy->n > 0) {
        weigh->usual = weight_at(weigh, heavy->of[0]);
        weigh->usual_square = square_at(weigh, heavy->of[0]);
    }
    for (size_t i = 0; i < n; i++)
        others |= (weigh->weight[i] > 0) & (weigh->weight[i] != (double)weigh->usual);
    return !others;
}

static const struct places *list_labelled(struct ws_weigh *weigh, const double *label, double wanted) {
    const struct places *all = &weigh->heavy;
    struct places *some = &weigh->labelled;
    some->n = 0;
    for (size_t k = 0; k < all->n; k++) {
        some->of[some->n] = all->of[k];
        some->n += label[all->of[k]] == wanted;
    }
    return some;
}

static void keep_weights(struct ws_weigh *weigh, double greatest) {
    struct ws_evidence_tally *e = &weigh->evidence;
    for (size_t k = 0; k < weigh->heavy.n && greatest > e->least; k++)
        if (weigh->weight[weigh->heavy.of[k]] > e->least)
            ws_evidence_add_weight(e, weigh->weight[weigh->heavy.of[k]]);
}

static int count_weights(struct ws_weigh *weigh, const double *log_weight, size_t n, double greatest, int usual) {
    struct ws_evidence_tally *e = &weigh->evidence;
    const struct places *heavy = &weigh->heavy;
    int64_t total = usual ? (int64_t)heavy->n * weigh->usual : 0;
    int64_t squares = usual ? (int64_t)heavy->n * weigh->usual_square : 0;
    e->draws += n;
    e->weighed += heavy->n;
    for (size_t i = 0; i < n; i++)
        e->undefined += log_weight[i] != log_weight[i];
    for (size_t k = 0; k < heavy->n && !usual; k++) {
        const size_t i = heavy->of[k];
        weigh->pairs[i] = (pair){weight_at(weigh, i), square_at(weigh, i)};
        total += weigh->pairs[i][0];
        squares += weigh->pairs[i][1];
    }
    weigh->in_windows += fmax((double)total, (double)squares);
    if (__builtin_add_overflow(e->total, total, &e->total) || __builtin_add_overflow(e->squares, squares, &e->squares))
        return WS_ERROR_RUN;
    keep_weights(weigh, greatest);
    return 0;
}

// A standard exponential variable to 52 bits: `word` leads, a second word refines it.
static double exponential(const struct ws_weigh *weigh, uint32_t word, uint64_t stream, uint64_t address) {
    uint64_t fraction = ws_philox_word(weigh->plan->sampler.seed, stream + 1, address) >> 12;
    double u = ((double)word * 0x1p20 + (double)fraction + 0.5) * 0x1p-52;
    return -ws_log(u);
}

// The events of a draw's process after one time that are early enough, and not after another one. As -ln u >= 1 - u,
// most words say by themselves that the next one comes too late.
static void add_arrivals(struct ws_weigh *weigh, uint32_t word, double weight, uint64_t address, double after,
                         double until) {
    uint64_t seed = weigh->plan->sampler.seed, stream = weigh->stream;
    double time = 0;
    for (;; stream += 2, word = ws_philox_word(seed, stream, address)) {
        const double latest = fmin(until, ws_evidence_horizon(&weigh->evidence));
        if (time + (double)(UINT32_MAX - word) * 0x1p-32 / weight > latest)
            return;
        time += exponential(weigh, word, stream, address) / weight;
        if (time > latest)
            return;
        if (time > after)
            ws_evidence_add_arrival(&weigh->evidence, (struct ws_arrival){time, address});
    }
}

// A draw whose 1 - u is too large for the horizon has no event before it.
static void add_draws(struct ws_weigh *weigh, uint64_t address, double after, double until) {
    double horizon = fmin(until, ws_evidence_horizon(&weigh->evidence)) * 0x1p32;
    for (size_t k = 0; k < weigh->heavy.n; k++) {
        size_t i = weigh->heavy.of[k];
        double weight = weigh->weight[i];
        if ((double)(UINT32_MAX - weigh->words[i]) <= horizon * weight) {
            add_arrivals(weigh, weigh->words[i], weight, address + i, after, until);
            horizon = fmin(until, ws_evidence_horizon(&weigh->evidence)) * 0x1p32;
        }
    }
}

static double sum_weights(const struct ws_weigh *weigh) {
    double sum = 0;
    for (size_t k = 0; k < weigh->heavy.n; k++)
        sum += weigh->weight[weigh->heavy.of[k]];
    return sum;
}

// As long as no horizon is known every event is early enough. The first draws' are taken up to a time at which there
// should be enough of them, and then to a later one if need be: draw by draw, there would be many times as many.
static void choose_draws(struct ws_weigh *weigh, uint64_t address) {
    const struct ws_sampler *sampler = &weigh->plan->sampler;
    struct ws_evidence_tally *evidence = &weigh->evidence;
    double after = 0;
    if (evidence->most_arrivals == 0)
        return;
    sampler->kernels->philox(weigh->words, sampler->seed, weigh->stream, address);
    while (isinf(ws_evidence_horizon(evidence))) {
        double until = after + 1.25 * (double)evidence->most_arrivals / sum_weights(weigh);
        add_draws(weigh, address, after, until);
        ws_evidence_settle(evidence);
        after = until;
    }
    if (after == 0)
        add_draws(weigh, address, 0, INFINITY);
}

// ---- the outputs ----

static int empty_window(struct ws_weigh *weigh, struct slot *slot, struct ws_tally *into) {
    const struct ws_moments *m = &slot->tally.moments;
    int64_t weight = weigh->counted > 0 ? weigh->usual : 0;
    slot->window.counts[slot->window.stray] = 0;
    return ws_tally_add_window(into, &slot->window, weight, weigh->usual_square, slot->sums,
                               fmin(m->minimum, slot->lanes.minimum), fmax(m->maximum, slot->lanes.maximum));
}

int ws_weigh_empty(struct ws_weigh *weigh) {
    int status = 0;
    for (size_t s = 0; s < n_slots(weigh->plan) && !status; s++)
        status = has_lead(weigh, s) ? 0 : empty_window(weigh, &weigh->slots[s], &weigh->slots[s].tally);
    weigh->in_windows = 0;
    weigh->counted = 0;
    return status;
}

void ws_weigh_complete(struct ws_weigh *weigh, size_t slot, const struct ws_bin_window *all, double minimum,
                       double maximum) {
    uint32_t *rest = weigh->slots[slot].window.counts;
    for (uint32_t side = 0; weigh->counts_rest && side < (all->both_signs ? 2u : 1u); side++) {
        uint32_t first, end;
        ws_window_octaves(all, side, minimum, maximum, &first, &end);
        for (size_t i = first; i < (size_t)end; i++)
            for (size_t k = 0, at = (side * all->octaves + i) * WS_BINS_PER_OCTAVE; k < WS_BINS_PER_OCTAVE; k++, at++)
                rest[at] = all->counts[at] - rest[at];
    }
}

// A draw outside of the window, but at its origin.
static int add_stray(struct ws_weigh *weigh, struct slot *slot, double x, size_t i) {
    return isfinite(x) ? ws_tally_add_weight(&slot->tally, x, weigh->pairs[i][0], weigh->pairs[i][1]) : 0;
}

// The draws' indices in the windows are there. Windows of many outputs do not stay in the cache: what will be needed is
// asked for in advance.
static int bin(struct ws_weigh *weigh, struct slot *slot, const double *x, const struct places *draws) {
    enum { AHEAD = 16 };
    const size_t stray = slot->window.stray;
    if (!slot->sums && !(slot->sums = calloc(2 * stray + 1, sizeof *slot->sums)))
        return WS_ERROR_MEMORY;
    pair *sums = (pair *)slot->sums, at_origin = {0, 0}; // outputs such as conditions are full of zeros
    for (size_t k = 0; k < draws->n; k++) {
        const size_t ahead = draws->of[k + AHEAD < draws->n ? k + AHEAD : k], i = draws->of[k];
        int status = 0;
        __builtin_prefetch(&sums[weigh->index[ahead]], 1);
        if (weigh->index[i] < stray)
            sums[weigh->index[i]] += weigh->pairs[i];
        else if (x[i] == slot->window.origin)
            at_origin += weigh->pairs[i];
        else
            status = add_stray(weigh, slot, x[i], i);
        if (status)
            return status;
    }
    return at_origin[0] ? ws_tally_add_weight(&slot->tally, slot->window.origin, at_origin[0], at_origin[1]) : 0;
}

// One alternative's draws, or all.
struct part {
    const double *row, *label; // of the block; label is NULL where the draws are all
    double wanted;
};

static int is_in(const struct part *part, size_t i) { return !part->label || part->label[i] == part->wanted; }

// Draws with the usual weight that lie outside of the window.
static int count_strays(struct ws_weigh *weigh, struct slot *slot, const struct part *part) {
    const struct places *heavy = &weigh->heavy;
    const double origin = slot->window.origin;
    int64_t at_origin = 0;
    weigh->plan->sampler.kernels->locate(&slot->window, part->row, weigh->index);
    for (size_t k = 0; k < heavy->n; k++) {
        const double stray = part->row[heavy->of[k]];
        if (weigh->index[heavy->of[k]] < slot->window.stray || !isfinite(stray) || !is_in(part, heavy->of[k]))
            continue;
        at_origin += stray == origin;
        int status = stray == origin ? 0 : ws_tally_add_weight(&slot->tally, stray, weigh->usual, weigh->usual_square);
        if (status)
            return status;
    }
    return at_origin
               ? ws_tally_add_weight(&slot->tally, origin, at_origin * weigh->usual, at_origin * weigh->usual_square)
               : 0;
}

// The first n draws, all of which have the usual weight or none.
static int count_usual(struct ws_weigh *weigh, struct slot *slot, const double *x, const double *weight, size_t n,
                       const struct part *part) {
    const struct ws_kernels *kernels = weigh->plan->sampler.kernels;
    const size_t count = kernels->pack(x, weight, (double)weigh->usual, n, weigh->usual_x);
    return kernels->bin(&slot->window, weigh->usual_x, count) == 0 ? 0 : count_strays(weigh, slot, part);
}

// Looks up the bins of the draws without a weight, which are few, so that they are in no cache, and asks for them.
static void find_rest(struct ws_weigh *weigh, const struct slot *slot, const struct part *part) {
    weigh->n_found = 0;
    for (size_t k = 0; k < weigh->rest.n; k++) {
        const size_t i = weigh->rest.of[k];
        const uint32_t bin = ws_window_index(&slot->window, part->row[i]);
        weigh->index[weigh->n_found] = bin;
        weigh->n_found += is_in(part, i);
        __builtin_prefetch(&slot->window.counts[bin], 1);
    }
}

// The draws without a weight. has_strays: some draw of the block lies outside of the window.
static int count_rest(struct ws_weigh *weigh, struct slot *slot, const struct part *part, int has_strays) {
    for (size_t k = 0; k < weigh->n_found; k++)
        slot->window.counts[weigh->index[k]]++;
    return has_strays ? count_strays(weigh, slot, part) : 0;
}

// The draws of one alternative, at the front, and draws without weight up to a whole number of lanes.
static size_t pack(struct ws_weigh *weigh, const double *x, const double *label, double wanted, size_t n) {
    const struct ws_kernels *kernels = weigh->plan->sampler.kernels;
    size_t count = kernels->pack(x, label, wanted, n, weigh->packed_x);
    kernels->pack(weigh->weight, label, wanted, n, weigh->packed_weight);
    for (size_t i = count; i < count + WS_LANES - 1 && i < WS_BLOCK; i++)
        weigh->packed_weight[i] = 0;
    return count;
}

// Addresses of invalid draws: k counts the draws of the alternative.
static uint64_t position_of(const double *label, double wanted, size_t k) {
    uint64_t i = 0;
    for (;; i++)
        if (label[i] == wanted && k-- == 0)
            return i;
}

static int add_block(struct ws_weigh *weigh, const struct ws_workspace *workspace, struct slot *slot,
                     const struct ws_slot *plan, uint64_t address, size_t n, int usual, int has_strays) {
    const struct ws_kernels *kernels = weigh->plan->sampler.kernels;
    struct part part = {ws_workspace_row(workspace, plan->output), NULL, (double)plan->alternative};
    const double *x = part.row, *weight = weigh->weight;
    size_t count = n, invalid = SIZE_MAX;
    if (plan->by != SIZE_MAX) {
        part.label = ws_workspace_row(workspace, plan->by);
        count = pack(weigh, part.row, part.label, part.wanted, n);
        x = weigh->packed_x;
        weight = weigh->packed_weight;
    }
    if (weigh->counts_rest)
        find_rest(weigh, slot, &part); // long before they are needed
    kernels->weighted_moments(&slot->lanes, x, weight, count, usual && weigh->usual == UNIT, plan->pivot, plan->scale,
                              &invalid);
    if (invalid != SIZE_MAX) {
        uint64_t at = address + (part.label ? position_of(part.label, part.wanted, invalid) : invalid);
        if (at < slot->tally.moments.first_invalid)
            slot->tally.moments.first_invalid = at;
    }
    if (weigh->counts_rest)
        return count_rest(weigh, slot, &part, has_strays);
    if (usual)
        return count_usual(weigh, slot, x, weight, count, &part);
    kernels->locate(&slot->window, part.row, weigh->index);
    return bin(weigh, slot, part.row, part.label ? list_labelled(weigh, part.label, part.wanted) : &weigh->heavy);
}

int ws_weigh_block(struct ws_weigh *weigh, const struct ws_workspace *workspace, size_t replicate, uint64_t address,
                   size_t n, const unsigned char *has_strays) {
    const struct ws_plan *plan = weigh->plan;
    const double *log_weight = ws_workspace_log_weight(workspace);
    double greatest = plan->sampler.kernels->weigh(log_weight, n, plan->log_reference, weigh->weight, weigh->square);
    if (!(greatest <= ldexp(1, WS_MOST_WEIGHT_BITS)))
        return WS_ERROR_RUN;
    // A block adds 2^61 at most to any sum. What counts the rest goes by the windows of all draws, which are full
    // first.
    int full = weigh->in_windows > 0x1p61 || weigh->counted > UINT32_MAX - WS_BLOCK;
    int status = full && !weigh->counts_rest ? ws_weigh_empty(weigh) : 0;
    list_heavy(weigh, n);
    const int usual = are_usual(weigh, n);
    if (!status)
        status = count_weights(weigh, log_weight, n, greatest, usual);
    if (status || (greatest == 0 && !weigh->counts_rest))
        return status;
    if (greatest > 0)
        choose_draws(weigh, address);
    weigh->counted += usual ? n : 0;
    struct slot *slots = weigh->slots + replicate * plan->n_slots;
    for (size_t s = 0; s < plan->n_slots && !status; s++)
        status = has_lead(weigh, s)
                     ? 0
                     : add_block(weigh, workspace, &slots[s], &plan->slots[s], address, n, usual, has_strays[s]);
    return status;
}

void ws_weigh_end_run(struct ws_weigh *weigh, size_t replicate) {
    struct slot *slots = weigh->slots + replicate * weigh->plan->n_slots;
    for (size_t s = 0; s < weigh->plan->n_slots; s++) {
        if (has_lead(weigh, s))
            continue;
        ws_tally_add_lanes(&slots[s].tally, &slots[s].lanes);
        slots[s].lanes = empty_lanes;
    }
}

// As merge_slot of gather.c.
static int merge_slot(struct ws_weigh *weigh, size_t s, struct ws_result *posterior) {
    const struct ws_plan *plan = weigh->plan;
    struct slot *slot = &weigh->slots[s];
    size_t replicate = s / plan->n_slots, index = s % plan->n_slots;
    if (has_lead(weigh, s))
        return ws_result_add(posterior, plan->case_index, replicate, index, &weigh->lead->slots[s].tally);
    struct ws_tally *into = ws_result_open_tally(posterior, plan->case_index, replicate, index);
    int status = empty_window(weigh, slot, into ? into : &slot->tally);
    return status ? status : ws_result_add(posterior, plan->case_index, replicate, index, &slot->tally);
}

int ws_weigh_merge(struct ws_weigh *weigh, struct ws_result *posterior) {
    int status = 0;
    for (size_t s = 0; s < n_slots(weigh->plan) && !status; s++)
        status = merge_slot(weigh, s, posterior);
    weigh->in_windows = 0;
    weigh->counted = 0;
    return status ? status : ws_result_add_weights(posterior, weigh->plan->case_index, &weigh->evidence);
}
