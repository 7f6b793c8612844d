// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/weigh.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/windows.h"
#include "wattspan.h"

struct slot {
    struct ws_weighted_lanes lanes; // of the run of blocks in work
    struct ws_bin_window window;    // counts of draws with the usual weight; as in gather.h
    int64_t *sums;         // of other weights and of their squares, in turn, by index in the window; NULL: none
    struct ws_tally tally; // what has been moved out of the two above, and draws outside of the window
};

struct places { // of draws in the block, at the front
    size_t n;
    uint32_t of[WS_BLOCK];
};

// A block whose weights are known, in whole units of 2^-28.
struct block {
    double weight[WS_ROW_STRIDE] __attribute__((aligned(64)));
    struct places heavy, rest; // with a weight above 0, and without one
    int usual;                 // all weights are the usual one or 0
};

struct ws_weigh {
    double square[WS_ROW_STRIDE] __attribute__((aligned(64)));        // of the block in work
    double packed_weight[WS_ROW_STRIDE] __attribute__((aligned(64))); // of one alternative's draws
    uint32_t words[WS_BLOCK] __attribute__((aligned(64)));
    struct block *blocks; // [n_blocks]
    size_t n_blocks;
    const struct ws_plan *plan;
    const struct ws_weigh *lead; // counts what is common to it and this case of a sweep, or NULL
    uint64_t stream;
    struct slot *slots; // [replicate][slot]
    int64_t *at_origin; // sums of weights and squares of a block's draws there, by alternative
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
    size_t bytes = sizeof(struct ws_weigh) + plan->hot.n_tile * sizeof(struct block);
    bytes += WS_MOST_GATHERED * sizeof(double);
    for (size_t s = 0; s < plan->n_slots; s++)
        if (leads || !(plan->common_weights && plan->slots[s].is_common))
            bytes += plan->replicates * (sizeof(struct slot) + window_cells(&plan->slots[s]) * cell);
    return bytes;
}

static int init_slot(const struct ws_weigh *weigh, size_t s) {
    const struct ws_slot *plan = &weigh->plan->slots[s % weigh->plan->n_slots];
    struct slot *slot = &weigh->slots[s];
    slot->lanes = empty_lanes;
    ws_moments_init(&slot->tally.moments, plan->pivot, plan->scale);
    ws_sketch_init(&slot->tally.sketch, plan->origin);
    slot->window = ws_window_make(plan, plan->alternative > 0 ? &slot[-(ptrdiff_t)plan->alternative].window : NULL);
    return slot->window.counts ? ws_tally_weigh(&slot->tally) : WS_ERROR_MEMORY;
}

// Slot s of a replicate.
static int has_lead(const struct ws_weigh *weigh, size_t s) {
    const struct ws_plan *plan = weigh->plan;
    return weigh->lead && plan->common_weights && plan->slots[s % plan->n_slots].is_common;
}

int ws_weigh_has_lead(const struct ws_weigh *weigh, size_t slot) { return has_lead(weigh, slot); }

struct ws_weigh *ws_weigh_create(const struct ws_plan *plan, const struct ws_weigh *lead) {
    struct ws_weigh *weigh = aligned_alloc(64, (sizeof *weigh + 63) / 64 * 64);
    if (!weigh)
        return NULL;
    memset(weigh, 0, sizeof *weigh);
    weigh->plan = plan;
    weigh->lead = lead;
    weigh->counts_rest = !lead && plan->few_ruled_out && !weights_differ(plan->study);
    weigh->stream = ws_hash64("evidence:posterior");
    weigh->n_blocks = plan->hot.n_tile;
    weigh->blocks = aligned_alloc(64, weigh->n_blocks * sizeof *weigh->blocks);
    weigh->slots = aligned_alloc(64, n_slots(plan) * sizeof *weigh->slots);
    weigh->at_origin = calloc(2 * ws_window_most(plan), sizeof *weigh->at_origin);
    int status = weigh->blocks && weigh->at_origin ? ws_evidence_init(&weigh->evidence, ws_plan_posterior(plan))
                                                   : WS_ERROR_MEMORY;
    weigh->evidence.log_reference = plan->log_reference;
    if (weigh->slots)
        memset(weigh->slots, 0, n_slots(plan) * sizeof *weigh->slots);
    for (size_t s = 0; weigh->slots && !status && s < n_slots(plan); s++)
        status = has_lead(weigh, s) ? 0 : init_slot(weigh, s);
    if (weigh->slots && !status)
        return weigh;
    ws_weigh_destroy(weigh);
    return NULL;
}

// The first of an input's alternatives owns what all of them count into.
void ws_weigh_destroy(struct ws_weigh *weigh) {
    if (!weigh)
        return;
    for (size_t s = 0; weigh->slots && s < n_slots(weigh->plan); s++) {
        if (weigh->plan->slots[s % weigh->plan->n_slots].alternative == 0) {
            free(weigh->slots[s].sums);
            free(weigh->slots[s].window.counts);
        }
        ws_tally_finish(&weigh->slots[s].tally);
    }
    free(weigh->slots);
    free(weigh->blocks);
    free(weigh->at_origin);
    ws_evidence_finish(&weigh->evidence);
    free(weigh);
}

// ---- the weights themselves ----

// Lists the draws that weigh anything, which may be few, and the others.
static void list_heavy(struct block *block, size_t n) {
    struct places *heavy = &block->heavy, *rest = &block->rest;
    heavy->n = rest->n = 0;
    for (uint32_t i = 0; i < n; i++) {
        const int is_heavy = block->weight[i] > 0;
        heavy->of[heavy->n] = rest->of[rest->n] = i;
        heavy->n += (size_t)is_heavy;
        rest->n += (size_t)!is_heavy;
    }
}

// Whether all of them weigh what is usual.
static int are_usual(struct ws_weigh *weigh, const struct block *block, size_t n) {
    int others = 0;
    if (weigh->usual == 0 && block->heavy.n > 0) {
        weigh->usual = (int64_t)block->weight[block->heavy.of[0]];
        weigh->usual_square = (int64_t)weigh->square[block->heavy.of[0]];
    }
    for (size_t i = 0; i < n; i++)
        others |= (block->weight[i] > 0) & (block->weight[i] != (double)weigh->usual);
    return !others;
}

static void keep_weights(struct ws_weigh *weigh, const struct block *block, double greatest) {
    struct ws_evidence_tally *e = &weigh->evidence;
    for (size_t k = 0; k < block->heavy.n && greatest > e->least; k++)
        if (block->weight[block->heavy.of[k]] > e->least)
            ws_evidence_add_weight(e, block->weight[block->heavy.of[k]]);
}

static int count_weights(struct ws_weigh *weigh, const struct block *block, const double *log_weight, size_t n) {
    struct ws_evidence_tally *e = &weigh->evidence;
    int64_t total = 0, squares = 0;
    e->draws += n;
    e->weighed += block->heavy.n;
    for (size_t i = 0; i < n; i++) {
        e->undefined += log_weight[i] != log_weight[i];
        total += (int64_t)block->weight[i];
        squares += (int64_t)weigh->square[i];
    }
    weigh->in_windows += fmax((double)total, (double)squares);
    if (__builtin_add_overflow(e->total, total, &e->total) || __builtin_add_overflow(e->squares, squares, &e->squares))
        return WS_ERROR_RUN;
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
static void add_draws(struct ws_weigh *weigh, const struct block *block, uint64_t address, double after, double until) {
    double horizon = fmin(until, ws_evidence_horizon(&weigh->evidence)) * 0x1p32;
    for (size_t k = 0; k < block->heavy.n; k++) {
        size_t i = block->heavy.of[k];
        double weight = block->weight[i];
        if ((double)(UINT32_MAX - weigh->words[i]) <= horizon * weight) {
            add_arrivals(weigh, weigh->words[i], weight, address + i, after, until);
            horizon = fmin(until, ws_evidence_horizon(&weigh->evidence)) * 0x1p32;
        }
    }
}

static double sum_weights(const struct block *block) {
    double sum = 0;
    for (size_t k = 0; k < block->heavy.n; k++)
        sum += block->weight[block->heavy.of[k]];
    return sum;
}

// As long as no horizon is known every event is early enough. The first draws' are taken up to a time at which there
// should be enough of them, and then to a later one if need be: draw by draw, there would be many times as many.
static void choose_draws(struct ws_weigh *weigh, const struct block *block, uint64_t address) {
    const struct ws_sampler *sampler = &weigh->plan->sampler;
    struct ws_evidence_tally *evidence = &weigh->evidence;
    double after = 0;
    if (evidence->most_arrivals == 0)
        return;
    sampler->kernels->philox(weigh->words, sampler->seed, weigh->stream, address);
    while (isinf(ws_evidence_horizon(evidence))) {
        double until = after + 1.25 * (double)evidence->most_arrivals / sum_weights(block);
        add_draws(weigh, block, address, after, until);
        ws_evidence_settle(evidence);
        after = until;
    }
    if (after == 0)
        add_draws(weigh, block, address, 0, INFINITY);
}

static int prepare(struct ws_weigh *weigh, struct block *block, const double *log_weight, uint64_t address, size_t n) {
    const struct ws_plan *plan = weigh->plan;
    double greatest = plan->sampler.kernels->weigh(log_weight, n, plan->log_reference, block->weight, weigh->square);
    if (!(greatest <= ldexp(1, WS_MOST_WEIGHT_BITS)))
        return WS_ERROR_RUN;
    list_heavy(block, n);
    block->usual = are_usual(weigh, block, n);
    if (count_weights(weigh, block, log_weight, n))
        return WS_ERROR_RUN;
    keep_weights(weigh, block, greatest);
    if (greatest > 0)
        choose_draws(weigh, block, address);
    weigh->counted += block->usual ? n : 0;
    return 0;
}

// A block adds 2^61 at most to any sum. What counts the rest goes by the windows of all draws, which are full first.
static int is_full(const struct ws_weigh *weigh) {
    return !weigh->counts_rest && (weigh->in_windows > 0x1p61 || weigh->counted > UINT32_MAX - WS_BLOCK);
}

int ws_weigh_prepare(struct ws_weigh *weigh, struct ws_workspace *workspace, const struct ws_tile *tile, size_t first,
                     size_t *end) {
    int status = is_full(weigh) ? ws_weigh_empty(weigh) : 0;
    const size_t most = first + weigh->n_blocks, n = ws_tile_blocks(tile);
    for (*end = first; *end < (n < most ? n : most) && !status && !is_full(weigh); ++*end) {
        ws_workspace_show(workspace, tile->first + *end);
        status = prepare(weigh, &weigh->blocks[*end - first], ws_workspace_log_weight(workspace),
                         tile->address + *end * WS_BLOCK, ws_tile_draws(tile, *end));
    }
    return status;
}

// ---- the outputs ----

static double least(const struct slot *slot) { return fmin(slot->tally.moments.minimum, slot->lanes.minimum); }

static double greatest(const struct slot *slot) { return fmax(slot->tally.moments.maximum, slot->lanes.maximum); }

static int empty_window(struct ws_weigh *weigh, size_t s, struct ws_tally *into) {
    const struct slot *slot = &weigh->slots[s];
    const size_t alternative = weigh->plan->slots[s % weigh->plan->n_slots].alternative;
    int64_t *sums = slot[-(ptrdiff_t)alternative].sums, weight = weigh->counted > 0 ? weigh->usual : 0;
    if (sums)
        sums += 2 * alternative * slot->window.cells;
    return ws_tally_add_window(into, &slot->window, weight, weigh->usual_square, sums, least(slot), greatest(slot));
}

static int make_sums(struct slot *slot) {
    if (!slot->sums)
        slot->sums = calloc(2 * ((size_t)slot->window.stray + 1), sizeof *slot->sums);
    return slot->sums ? 0 : WS_ERROR_MEMORY;
}

// What has been counted of an output is what has been counted of its first input's alternatives.
static int pool(struct ws_weigh *weigh, size_t replicate, size_t o) {
    const struct ws_plan *plan = weigh->plan;
    struct slot *slots = weigh->slots + replicate * plan->n_slots, *into = &slots[o];
    const struct slot *from = &slots[plan->slots[o].first_split];
    if (!ws_window_is_pooled(plan, o) || has_lead(weigh, o))
        return 0;
    if (from->sums && make_sums(into))
        return WS_ERROR_MEMORY;
    ws_window_pool(&from->window, from->sums, &into->window, into->sums, least(into), greatest(into));
    return 0;
}

static int pool_all(struct ws_weigh *weigh) {
    int status = 0;
    for (size_t r = 0; r < weigh->plan->replicates; r++)
        for (size_t o = 0; o < weigh->plan->study->n_outputs && !status; o++)
            status = pool(weigh, r, o);
    return status;
}

int ws_weigh_empty(struct ws_weigh *weigh) {
    int status = pool_all(weigh);
    for (size_t s = 0; s < n_slots(weigh->plan) && !status; s++)
        status = has_lead(weigh, s) ? 0 : empty_window(weigh, s, &weigh->slots[s].tally);
    weigh->in_windows = 0;
    weigh->counted = 0;
    return status;
}

void ws_weigh_complete(struct ws_weigh *weigh, size_t slot, const struct ws_bin_window *all, double minimum,
                       double maximum) {
    uint32_t *rest = weigh->slots[slot].window.counts;
    if (!weigh->counts_rest || ws_window_is_pooled(weigh->plan, slot % weigh->plan->n_slots))
        return;
    for (uint32_t side = 0; side < (all->both_signs ? 2u : 1u); side++) {
        uint32_t first, end;
        ws_window_octaves(all, side, minimum, maximum, &first, &end);
        for (size_t i = first; i < (size_t)end; i++)
            for (size_t k = 0, at = (side * all->octaves + i) * WS_BINS_PER_OCTAVE; k < WS_BINS_PER_OCTAVE; k++, at++)
                rest[at] = all->counts[at] - rest[at];
    }
}

// A weight's square, in the units that weights have.
static int64_t square_of(double weight) { return (int64_t)(weight * weight * 0x1p-28 + 0.5); }

static void add_sums(struct slot *slot, const struct block *block, const uint32_t *index) {
    for (size_t k = 0; k < block->heavy.n; k++) {
        const double weight = block->weight[block->heavy.of[k]];
        int64_t *sums = slot->sums + 2 * (size_t)index[block->heavy.of[k]];
        sums[0] += (int64_t)weight;
        sums[1] += square_of(weight);
    }
}

int ws_weigh_bins(struct ws_weigh *weigh, const struct ws_visit *visit, size_t slot) {
    const struct block *block = &weigh->blocks[visit->block];
    struct slot *into = &weigh->slots[visit->replicate * weigh->plan->n_slots + slot];
    const struct places *counted = weigh->counts_rest ? &block->rest : &block->heavy;
    if (!block->usual && make_sums(into))
        return WS_ERROR_MEMORY;
    if (!block->usual)
        add_sums(into, block, visit->index);
    for (size_t k = 0; block->usual && k < counted->n; k++)
        into->window.counts[visit->index[counted->of[k]]]++;
    return 0;
}

static int add_at_origin(struct slot *slot, int64_t weight, int64_t square) {
    return weight ? ws_tally_add_weight(&slot->tally, slot->window.origin, weight, square) : 0;
}

// Draws with a weight that lie outside of the window: of a slot, or of the alternatives from it on where there are
// labels. Outputs such as conditions are full of zeros, which are added up first.
static int add_strays(struct ws_weigh *weigh, struct slot *slots, const struct block *block,
                      const struct ws_visit *visit, const double *label, size_t alternatives) {
    const double origin = slots->window.origin;
    int64_t *sums = weigh->at_origin;
    int status = 0;
    memset(sums, 0, 2 * alternatives * sizeof *sums);
    for (size_t k = 0; k < visit->n_strays && !status; k++) {
        const size_t i = visit->strays[k], alternative = label ? (size_t)label[i] : 0;
        const double x = visit->x[i], weight = block->weight[i], here = x == origin ? weight : 0;
        sums[2 * alternative] += (int64_t)here;
        sums[2 * alternative + 1] += square_of(here);
        if (visit->has_others && weight != here && isfinite(x))
            status = ws_tally_add_weight(&slots[alternative].tally, x, (int64_t)weight, square_of(weight));
    }
    for (size_t a = 0; a < alternatives && !status; a++)
        status = add_at_origin(&slots[a], sums[2 * a], sums[2 * a + 1]);
    return status;
}

int ws_weigh_strays(struct ws_weigh *weigh, const struct ws_visit *visit, size_t head) {
    const struct ws_plan *plan = weigh->plan;
    return add_strays(weigh, weigh->slots + visit->replicate * plan->n_slots + head, &weigh->blocks[visit->block],
                      visit, visit->label, plan->slots[head].alternatives);
}

// The weights of one alternative's draws, at the front, and none up to a whole number of lanes.
static const double *take(struct ws_weigh *weigh, const struct block *block, const struct ws_visit *visit,
                          size_t alternative) {
    size_t n;
    const uint16_t *places = ws_visit_places(visit, alternative, &n);
    weigh->plan->sampler.kernels->take(block->weight, places, n, weigh->packed_weight);
    for (size_t i = n; i < n + WS_LANES - 1 && i < WS_BLOCK; i++)
        weigh->packed_weight[i] = 0;
    return weigh->packed_weight;
}

// Counts into the windows of `head`, and takes the draws outside of them out again: at the origin, if others are not.
static int add_all(struct ws_weigh *weigh, const struct ws_visit *visit, struct slot *into, struct slot *head,
                   const struct ws_slot *plan, size_t *invalid) {
    const struct block *block = &weigh->blocks[visit->block];
    if (make_sums(head))
        return WS_ERROR_MEMORY;
    int64_t *outside = head->sums + 2 * (size_t)visit->stray;
    outside[0] = outside[1] = 0;
    weigh->plan->sampler.kernels->weighted_tally(&into->lanes, visit->x, block->weight, visit->n, 0, plan->pivot,
                                                 plan->scale, visit->index, head->sums, invalid);
    return visit->has_others ? add_strays(weigh, into, block, visit, NULL, 1)
                             : add_at_origin(into, outside[0], outside[1]);
}

// Draws without a weight are few, so that their bins are in no cache.
static void ask_for_rest(const struct slot *head, const struct block *block, const struct ws_visit *visit) {
    for (size_t k = 0; k < block->rest.n; k++)
        __builtin_prefetch(&head->window.counts[visit->index[block->rest.of[k]]], 1);
}

// Where few draws weigh anything, these are looked up in the windows by themselves.
static int are_few(const struct block *block) { return block->heavy.n < WS_BLOCK / 4; }

int ws_weigh_slot(struct ws_weigh *weigh, const struct ws_visit *visit, size_t slot, size_t head, const double *x,
                  size_t count) {
    const struct ws_slot *plan = &weigh->plan->slots[slot];
    const struct block *block = &weigh->blocks[visit->block];
    struct slot *slots = weigh->slots + visit->replicate * weigh->plan->n_slots, *into = &slots[slot];
    const int is_split = plan->by != SIZE_MAX, units = block->usual && weigh->usual == UNIT;
    size_t invalid = SIZE_MAX;
    int status = 0;
    if (head != SIZE_MAX && !block->usual && !are_few(block)) {
        status = add_all(weigh, visit, into, &slots[head], plan, &invalid);
    } else {
        const double *weight = is_split ? take(weigh, block, visit, plan->alternative) : block->weight;
        if (head != SIZE_MAX && weigh->counts_rest)
            ask_for_rest(&slots[head], block, visit);
        if (block->heavy.n > 0)
            weigh->plan->sampler.kernels->weighted_tally(&into->lanes, x, weight, count, units, plan->pivot,
                                                         plan->scale, NULL, NULL, &invalid);
        if (head != SIZE_MAX)
            status = ws_weigh_bins(weigh, visit, head);
        if (!status && visit->has_strays && !is_split)
            status = add_strays(weigh, into, block, visit, NULL, 1);
    }
    if (invalid != SIZE_MAX)
        ws_visit_note(visit, is_split ? ws_visit_places(visit, plan->alternative, &count)[invalid] : invalid,
                      &into->tally.moments);
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
    int status = empty_window(weigh, s, into ? into : &slot->tally);
    return status ? status : ws_result_add(posterior, plan->case_index, replicate, index, &slot->tally);
}

int ws_weigh_merge(struct ws_weigh *weigh, struct ws_result *posterior) {
    int status = pool_all(weigh);
    for (size_t s = 0; s < n_slots(weigh->plan) && !status; s++)
        status = merge_slot(weigh, s, posterior);
    weigh->in_windows = 0;
    weigh->counted = 0;
    return status ? status : ws_result_add_weights(posterior, weigh->plan->case_index, &weigh->evidence);
}
