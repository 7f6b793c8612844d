// SPDX-License-Identifier: GPL-3.0-or-later
// Blocks of values into tallies: lanes for a group, windows for as long as 32 bits hold, exact tallies beyond.
#include "engine/gather.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/windows.h"
#include "wattspan.h"

static const struct ws_moment_lanes empty_lanes = {.minimum = INFINITY, .maximum = -INFINITY};

// Slot s of a replicate.
static int has_lead(const struct ws_gather *gather, size_t s) {
    return gather->lead && gather->plan->slots[s % gather->plan->n_slots].is_common;
}

static int init_slot(struct ws_gather *gather, size_t s) {
    const struct ws_slot *plan = &gather->plan->slots[s % gather->plan->n_slots];
    struct ws_gather_slot *slot = &gather->slots[s];
    slot->lanes = empty_lanes;
    ws_moments_init(&slot->tally.moments, plan->pivot, plan->scale);
    ws_sketch_init(&slot->tally.sketch, plan->origin);
    slot->window = ws_window_make(plan, &slot[-(ptrdiff_t)plan->alternative].window);
    return slot->window.counts ? 0 : WS_ERROR_MEMORY;
}

int ws_gather_init(struct ws_gather *gather, const struct ws_plan *plan, const struct ws_gather *lead) {
    const size_t line = 64;
    *gather = (struct ws_gather){.plan = plan, .lead = lead};
    if (ws_splits_init(&gather->splits, plan))
        return WS_ERROR_MEMORY;
    if (plan->study->log_weight && !(gather->weigh = ws_weigh_create(plan, lead ? lead->weigh : NULL)))
        return WS_ERROR_MEMORY;
    gather->packed = aligned_alloc(line, WS_ROW_STRIDE * sizeof *gather->packed);
    gather->index = aligned_alloc(line, WS_BLOCK * sizeof *gather->index);
    gather->strays = malloc(WS_BLOCK * sizeof *gather->strays);
    gather->at_origin = calloc(ws_window_most(plan), sizeof *gather->at_origin);
    gather->slots = calloc(plan->replicates * plan->n_slots + 1, sizeof *gather->slots);
    if (!gather->packed || !gather->index || !gather->strays || !gather->at_origin || !gather->slots)
        return WS_ERROR_MEMORY;
    memset(gather->packed, 0, WS_ROW_STRIDE * sizeof *gather->packed);
    for (size_t s = 0; s < plan->replicates * plan->n_slots; s++)
        if (!has_lead(gather, s) && init_slot(gather, s))
            return WS_ERROR_MEMORY;
    return 0;
}

// The first of an input's alternatives owns the window of all.
void ws_gather_finish(struct ws_gather *gather) {
    for (size_t s = 0; gather->slots && s < gather->plan->replicates * gather->plan->n_slots; s++) {
        if (gather->plan->slots[s % gather->plan->n_slots].alternative == 0)
            free(gather->slots[s].window.counts);
        ws_tally_finish(&gather->slots[s].tally);
    }
    ws_weigh_destroy(gather->weigh);
    ws_splits_finish(&gather->splits);
    free(gather->slots);
    free(gather->packed);
    free(gather->index);
    free(gather->strays);
    free(gather->at_origin);
    *gather = (struct ws_gather){0};
}

// ---- draws of an output in a block ----

// Where another case of a sweep counts a slot, its window is not there, but where draws lie in it may be asked all the
// same.
static const struct ws_bin_window *window_of(const struct ws_gather *gather, size_t replicate, size_t s) {
    const struct ws_gather *owner = has_lead(gather, s) ? gather->lead : gather;
    return &owner->slots[replicate * gather->plan->n_slots + s].window;
}

// Counts draws at the window's origin, which lie outside of it: outputs such as conditions are full of zeros. Returns
// how many there are, or WS_ERROR_MEMORY.
static int count_at_origin(const struct ws_kernels *kernels, struct ws_gather_slot *slot, const double *x, size_t n) {
    double packed[WS_ROW_STRIDE] __attribute__((aligned(64)));
    const double origin = slot->window.origin;
    const int count = (int)kernels->pack(x, x, origin, n, packed);
    return count && ws_sketch_add(&slot->tally.sketch, origin, count) ? WS_ERROR_MEMORY : count;
}

// Lists the draws outside of the window, which are mostly few.
static void list_strays(struct ws_gather *gather, struct ws_visit *visit) {
    size_t n = 0;
    for (uint32_t i = 0; i < visit->n; i++) {
        gather->strays[n] = i;
        n += visit->index[i] == visit->stray;
    }
    visit->strays = gather->strays;
    visit->n_strays = n;
}

// Counts those that are not at the origin, one by one.
static int count_others(struct ws_gather_slot *slot, const struct ws_visit *visit) {
    for (size_t k = 0; k < visit->n_strays; k++) {
        const double x = visit->x[visit->strays[k]];
        if (x != slot->window.origin && isfinite(x) && ws_sketch_add(&slot->tally.sketch, x, 1))
            return WS_ERROR_MEMORY;
    }
    return 0;
}

// Counts all of them for their alternatives, from this slot on.
static int count_strays(struct ws_gather *gather, struct ws_gather_slot *slots, const struct ws_visit *visit,
                        size_t alternatives) {
    const double origin = slots->window.origin;
    memset(gather->at_origin, 0, alternatives * sizeof *gather->at_origin);
    for (size_t k = 0; k < visit->n_strays; k++) {
        const size_t i = visit->strays[k], a = (size_t)visit->label[i];
        const double x = visit->x[i];
        gather->at_origin[a] += x == origin;
        if (visit->has_others && x != origin && isfinite(x) && ws_sketch_add(&slots[a].tally.sketch, x, 1))
            return WS_ERROR_MEMORY;
    }
    for (size_t a = 0; a < alternatives; a++)
        if (gather->at_origin[a] && ws_sketch_add(&slots[a].tally.sketch, origin, gather->at_origin[a]))
            return WS_ERROR_MEMORY;
    return 0;
}

// Finds where the visit's draws lie in the window of a slot, and counts them there where this is not another's to do.
static void bin(struct ws_gather *gather, struct ws_visit *visit, size_t s) {
    const struct ws_kernels *kernels = gather->plan->sampler.kernels;
    const struct ws_bin_window *window = window_of(gather, visit->replicate, s);
    visit->stray = window->stray;
    if (has_lead(gather, s))
        kernels->locate(window, visit->label, visit->x, visit->n, gather->index);
    else
        kernels->bin(window, visit->label, visit->x, visit->n, gather->index);
    if (visit->has_strays && !visit->strays)
        list_strays(gather, visit);
}

// An output's pooled draws, which are counted as those of its first alternatives where it has any.
static int count_pooled(struct ws_gather *gather, struct ws_visit *visit, size_t o, size_t head) {
    const struct ws_kernels *kernels = gather->plan->sampler.kernels;
    const struct ws_slot *plan = &gather->plan->slots[o];
    struct ws_gather_slot *slots = &gather->slots[visit->replicate * gather->plan->n_slots], *slot = &slots[o];
    size_t invalid = SIZE_MAX;
    int at_origin = 0;
    const size_t strays = kernels->tally(&slot->lanes, &slots[head].window, visit->label, visit->x, visit->n,
                                         plan->pivot, plan->scale, &invalid, gather->index);
    if (invalid != SIZE_MAX)
        ws_visit_note(visit, invalid, &slot->tally.moments);
    if (strays && (at_origin = count_at_origin(kernels, slot, visit->x, visit->n)) < 0)
        return at_origin;
    visit->stray = slots[head].window.stray;
    visit->has_strays = strays > 0;
    visit->has_others = strays > (size_t)at_origin;
    if (strays && (visit->has_others || visit->label || gather->weigh))
        list_strays(gather, visit);
    return visit->has_others ? count_others(slot, visit) : 0;
}

// The draws of one alternative, which the visit's are split by.
static int count_alternative(struct ws_gather *gather, const struct ws_visit *visit, size_t s) {
    const struct ws_kernels *kernels = gather->plan->sampler.kernels;
    const struct ws_slot *plan = &gather->plan->slots[s];
    struct ws_gather_slot *slot = &gather->slots[visit->replicate * gather->plan->n_slots + s];
    size_t n, invalid = SIZE_MAX;
    const uint16_t *places = ws_visit_places(visit, plan->alternative, &n);
    kernels->take(visit->x, places, n, gather->packed);
    if (!has_lead(gather, s)) {
        kernels->moments(&slot->lanes, gather->packed, n, plan->pivot, plan->scale, &invalid);
        if (invalid != SIZE_MAX)
            ws_visit_note(visit, places[invalid], &slot->tally.moments);
    }
    return !gather->weigh ? 0 : ws_weigh_slot(gather->weigh, visit, s, SIZE_MAX, gather->packed, n);
}

// The alternatives of one input, from slot `head` on, in whose window the draws may have been counted.
static int count_split(struct ws_gather *gather, const struct ws_workspace *workspace, struct ws_visit *visit,
                       size_t head, int is_binned) {
    const struct ws_slot *plan = &gather->plan->slots[head];
    struct ws_gather_slot *slots = &gather->slots[visit->replicate * gather->plan->n_slots + head];
    int status = 0;
    visit->label = ws_workspace_row(workspace, plan->by);
    visit->split = ws_splits_find(&gather->splits, plan, visit->replicate, visit->address, visit->n, visit->label);
    if (!is_binned)
        bin(gather, visit, head);
    if (!is_binned && gather->weigh)
        status = ws_weigh_bins(gather->weigh, visit, head);
    if (!status && visit->has_strays && !has_lead(gather, head))
        status = count_strays(gather, slots, visit, plan->alternatives);
    if (!status && visit->has_strays && gather->weigh)
        status = ws_weigh_strays(gather->weigh, visit, head);
    for (size_t a = 0; a < plan->alternatives && !status; a++)
        status = count_alternative(gather, visit, head + a);
    return status;
}

// Whether nothing is to be done for a slot but by another case.
static int is_led(const struct ws_gather *gather, size_t s) {
    return has_lead(gather, s) && !(gather->weigh && !ws_weigh_has_lead(gather->weigh, s));
}

static int count_output(struct ws_gather *gather, const struct ws_workspace *workspace, struct ws_visit *visit,
                        size_t o) {
    const struct ws_plan *plan = gather->plan;
    const size_t first = plan->slots[o].first_split, end = plan->slots[o].end_splits;
    const size_t head = first < end ? first : o;
    int status = 0;
    visit->x = ws_workspace_row(workspace, plan->slots[o].output);
    visit->label = first < end ? ws_workspace_row(workspace, plan->slots[first].by) : NULL;
    if (!has_lead(gather, o))
        status = count_pooled(gather, visit, o, head);
    else if (!is_led(gather, o))
        bin(gather, visit, head);
    if (!status && gather->weigh && !is_led(gather, o))
        status = ws_weigh_slot(gather->weigh, visit, o, head, visit->x, visit->n);
    for (size_t s = first; s < end && !status; s += plan->slots[s].alternatives)
        if (!is_led(gather, s))
            status = count_split(gather, workspace, visit, s, s == first && !is_led(gather, o));
    return status;
}

// ---- tiles ----

int ws_gather_tile(struct ws_gather *gather, struct ws_workspace *workspace, const struct ws_tile *tile, size_t first,
                   size_t n) {
    const size_t *order = workspace->compiled->counted, n_blocks = ws_tile_blocks(tile);
    int status = 0;
    for (size_t begin = 0, end = n_blocks; n > 0 && begin < n_blocks && !status; begin = end) {
        if (gather->weigh)
            status = ws_weigh_prepare(gather->weigh, workspace, tile, begin, &end);
        for (size_t i = first; i < first + n; i++)
            for (size_t b = begin; b < end && !status; b++) {
                struct ws_visit visit = {tile->replicate,
                                         b - begin,
                                         tile->address + b * WS_BLOCK,
                                         ws_tile_draws(tile, b),
                                         .index = gather->index,
                                         .has_strays = 1,
                                         .has_others = 1};
                ws_workspace_show(workspace, tile->first + b);
                status = count_output(gather, workspace, &visit, order ? order[i] : i);
            }
    }
    return status;
}

// At the end of a run, when the moments know the least and the greatest draw.
static int empty_window(struct ws_gather_slot *slot, struct ws_sketch *into) {
    const struct ws_moments *m = &slot->tally.moments;
    return ws_sketch_add_window(into, &slot->window, m->minimum, m->maximum);
}

// Before windows are emptied: what is given the evidence may be known only beside all draws, and what is pooled only
// from the alternatives.
static void complete_windows(struct ws_gather *gather) {
    const struct ws_plan *plan = gather->plan;
    for (size_t s = 0; s < plan->replicates * plan->n_slots; s++) {
        struct ws_gather_slot *slot = &gather->slots[s];
        const struct ws_moments *m = &slot->tally.moments;
        const struct ws_slot *of = &plan->slots[s % plan->n_slots];
        if (gather->weigh)
            ws_weigh_complete(gather->weigh, s, &slot->window, m->minimum, m->maximum);
        if (ws_window_is_pooled(plan, s % plan->n_slots) && !has_lead(gather, s))
            ws_window_pool(&slot[of->first_split - s % plan->n_slots].window, NULL, &slot->window, NULL, m->minimum,
                           m->maximum);
    }
}

static int empty_windows(struct ws_gather *gather) {
    complete_windows(gather);
    int status = gather->weigh ? ws_weigh_empty(gather->weigh) : 0;
    for (size_t s = 0; s < gather->plan->replicates * gather->plan->n_slots && !status; s++)
        status = has_lead(gather, s) ? 0 : empty_window(&gather->slots[s], &gather->slots[s].tally.sketch);
    gather->counted = 0;
    return status;
}

int ws_gather_end_run(struct ws_gather *gather, size_t replicate, uint64_t draws) {
    struct ws_gather_slot *slots = gather->slots + replicate * gather->plan->n_slots;
    gather->counted += draws;
    for (size_t s = 0; s < gather->plan->n_slots; s++) {
        if (has_lead(gather, s))
            continue;
        ws_moments_add(&slots[s].tally.moments, &slots[s].lanes);
        slots[s].lanes = empty_lanes;
    }
    if (gather->weigh)
        ws_weigh_end_run(gather->weigh, replicate);
    return gather->counted > UINT32_MAX - 2 * (uint64_t)WS_GROUP ? empty_windows(gather) : 0;
}

// Straight into the result's tally where that is open to it: a tally in between would take as much memory.
static int merge_slot(struct ws_gather *gather, size_t s, struct ws_result *result) {
    const struct ws_plan *plan = gather->plan;
    struct ws_gather_slot *slot = &gather->slots[s];
    size_t replicate = s / plan->n_slots, index = s % plan->n_slots;
    if (has_lead(gather, s))
        return ws_result_add(result, plan->case_index, replicate, index, &gather->lead->slots[s].tally);
    struct ws_tally *into = ws_result_open_tally(result, plan->case_index, replicate, index);
    int status = empty_window(slot, into ? &into->sketch : &slot->tally.sketch);
    return status ? status : ws_result_add(result, plan->case_index, replicate, index, &slot->tally);
}

int ws_gather_merge(struct ws_gather *gather, struct ws_result *result) {
    int status = 0;
    complete_windows(gather);
    for (size_t s = 0; s < gather->plan->replicates * gather->plan->n_slots && !status; s++)
        status = merge_slot(gather, s, result);
    gather->counted = 0;
    return !status && gather->weigh ? ws_weigh_merge(gather->weigh, result->posterior) : status;
}
