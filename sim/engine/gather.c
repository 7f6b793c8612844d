// SPDX-License-Identifier: GPL-3.0-or-later
// Blocks of values into tallies: lanes for a group, windows for as long as 32 bits hold, exact tallies beyond.
#include "engine/gather.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "wattspan.h"

static const struct ws_moment_lanes empty_lanes = {.minimum = INFINITY, .maximum = -INFINITY};

static int init_slot(struct ws_gather_slot *slot, const struct ws_slot *plan) {
    slot->lanes = empty_lanes;
    ws_moments_init(&slot->tally.moments, plan->pivot, plan->scale);
    ws_sketch_init(&slot->tally.sketch, plan->origin);
    slot->window = (struct ws_bin_window){.origin = plan->origin,
                                          .first = plan->first_octave,
                                          .octaves = plan->octaves,
                                          .both_signs = plan->both_signs,
                                          .stray = plan->octaves * WS_BINS_PER_OCTAVE * (plan->both_signs ? 2 : 1)};
    slot->window.counts = calloc(slot->window.stray + 1, sizeof *slot->window.counts);
    return slot->window.counts ? 0 : WS_ERROR_MEMORY;
}

// Slot s of a replicate.
static int has_lead(const struct ws_gather *gather, size_t s) {
    return gather->lead && gather->plan->slots[s % gather->plan->n_slots].is_common;
}

int ws_gather_init(struct ws_gather *gather, const struct ws_plan *plan, const struct ws_gather *lead) {
    const size_t line = 64;
    *gather = (struct ws_gather){.plan = plan, .lead = lead};
    if (plan->study->log_weight && !(gather->weigh = ws_weigh_create(plan, lead ? lead->weigh : NULL)))
        return WS_ERROR_MEMORY;
    gather->packed = aligned_alloc(line, WS_ROW_STRIDE * sizeof *gather->packed);
    gather->slots = calloc(plan->replicates * plan->n_slots + 1, sizeof *gather->slots);
    gather->has_strays = calloc(WS_MOST_TILE * plan->n_slots + 1, 1);
    if (!gather->packed || !gather->slots || !gather->has_strays)
        return WS_ERROR_MEMORY;
    memset(gather->packed, 0, WS_ROW_STRIDE * sizeof *gather->packed);
    for (size_t s = 0; s < plan->replicates * plan->n_slots; s++)
        if (!has_lead(gather, s) && init_slot(&gather->slots[s], &plan->slots[s % plan->n_slots]))
            return WS_ERROR_MEMORY;
    return 0;
}

void ws_gather_finish(struct ws_gather *gather) {
    for (size_t s = 0; gather->slots && s < gather->plan->replicates * gather->plan->n_slots; s++) {
        free(gather->slots[s].window.counts);
        ws_tally_finish(&gather->slots[s].tally);
    }
    ws_weigh_destroy(gather->weigh);
    free(gather->slots);
    free(gather->packed);
    free(gather->has_strays);
    *gather = (struct ws_gather){0};
}

// Counts the finite draws of a row that lie outside of the window: zeros at once, since outputs such as conditions are
// full of them, the others one by one.
static int count_strays(const struct ws_kernels *kernels, struct ws_gather_slot *slot, const double *x, size_t n,
                        size_t strays) {
    double packed[WS_ROW_STRIDE] __attribute__((aligned(64)));
    uint32_t index[WS_BLOCK] __attribute__((aligned(64)));
    const struct ws_bin_window *w = &slot->window;
    const size_t at_origin = kernels->pack(x, x, w->origin, n, packed);
    if (at_origin && ws_sketch_add(&slot->tally.sketch, w->origin, (int64_t)at_origin))
        return WS_ERROR_MEMORY;
    if (strays == at_origin)
        return 0;
    kernels->locate(w, x, index);
    for (size_t i = 0; i < n; i++) {
        if (index[i] < w->stray || x[i] == w->origin || !isfinite(x[i]))
            continue;
        if (ws_sketch_add(&slot->tally.sketch, x[i], 1))
            return WS_ERROR_MEMORY;
    }
    return 0;
}

// Addresses rise within a thread's groups, but groups come in any order.
static void note_invalid(struct ws_gather_slot *slot, uint64_t address) {
    if (address < slot->tally.moments.first_invalid)
        slot->tally.moments.first_invalid = address;
}

// The address of packed draw k of one alternative.
static size_t position_of(const double *label, double wanted, size_t k) {
    size_t i = 0;
    for (;; i++)
        if (label[i] == wanted && k-- == 0)
            return i;
}

// Counts the first n draws of the block in work for slot s. *has_strays: some lie outside of its window.
static int count_slot(struct ws_gather *gather, const struct ws_workspace *workspace, size_t replicate, size_t s,
                      uint64_t address, size_t n, unsigned char *has_strays) {
    const struct ws_kernels *kernels = gather->plan->sampler.kernels;
    const struct ws_slot *plan = &gather->plan->slots[s];
    struct ws_gather_slot *slot = &gather->slots[replicate * gather->plan->n_slots + s];
    const double *x = ws_workspace_row(workspace, plan->output), *label = NULL;
    size_t count = n, first_invalid = SIZE_MAX;
    if (plan->by != SIZE_MAX) {
        label = ws_workspace_row(workspace, plan->by);
        count = kernels->pack(x, label, (double)plan->alternative, n, gather->packed);
        x = gather->packed;
    }
    size_t strays = kernels->tally(&slot->lanes, &slot->window, x, count, plan->pivot, plan->scale, &first_invalid);
    if (first_invalid != SIZE_MAX)
        note_invalid(slot,
                     address + (label ? position_of(label, (double)plan->alternative, first_invalid) : first_invalid));
    *has_strays = strays > 0;
    return strays && count_strays(kernels, slot, x, count, strays) ? WS_ERROR_MEMORY : 0;
}

int ws_gather_block(struct ws_gather *gather, const struct ws_workspace *workspace, size_t replicate, uint64_t address,
                    size_t n) {
    int status = 0;
    for (size_t s = 0; s < gather->plan->n_slots && !status; s++)
        if (!has_lead(gather, s))
            status = count_slot(gather, workspace, replicate, s, address, n, &gather->has_strays[s]);
    gather->counted += n;
    return gather->weigh && !status
               ? ws_weigh_block(gather->weigh, workspace, replicate, address, n, gather->has_strays)
               : status;
}

// The draws of block b among n.
static size_t count_in_block(uint64_t n, size_t b) {
    return n - b * WS_BLOCK < WS_BLOCK ? (size_t)(n - b * WS_BLOCK) : WS_BLOCK;
}

int ws_gather_stage(struct ws_gather *gather, struct ws_workspace *workspace, const struct ws_stage *stage,
                    size_t replicate, uint64_t address, uint64_t n) {
    const size_t *slots = workspace->compiled->slots + stage->first_slot, n_slots = gather->plan->n_slots;
    int status = 0;
    for (size_t i = 0; i < stage->n_slots; i++)
        for (size_t b = 0; b * WS_BLOCK < n && !status; b++) {
            ws_workspace_show(workspace, b);
            status = count_slot(gather, workspace, replicate, slots[i], address + b * WS_BLOCK, count_in_block(n, b),
                                &gather->has_strays[b * n_slots + slots[i]]);
        }
    return status;
}

int ws_gather_end_tile(struct ws_gather *gather, struct ws_workspace *workspace, size_t replicate, uint64_t address,
                       uint64_t n) {
    int status = 0;
    gather->counted += n;
    for (size_t b = 0; b * WS_BLOCK < n && !status && gather->weigh; b++) {
        ws_workspace_show(workspace, b);
        status = ws_weigh_block(gather->weigh, workspace, replicate, address + b * WS_BLOCK, count_in_block(n, b),
                                &gather->has_strays[b * gather->plan->n_slots]);
    }
    return status;
}

// At the end of a run, when the moments know the least and the greatest draw.
static int empty_window(struct ws_gather_slot *slot, struct ws_sketch *into) {
    const struct ws_moments *m = &slot->tally.moments;
    slot->window.counts[slot->window.stray] = 0;
    return ws_sketch_add_window(into, &slot->window, m->minimum, m->maximum);
}

// What is given the evidence may be known only beside all draws.
static void complete_weights(struct ws_gather *gather) {
    for (size_t s = 0; gather->weigh && s < gather->plan->replicates * gather->plan->n_slots; s++) {
        const struct ws_moments *m = &gather->slots[s].tally.moments;
        ws_weigh_complete(gather->weigh, s, &gather->slots[s].window, m->minimum, m->maximum);
    }
}

static int empty_windows(struct ws_gather *gather) {
    complete_weights(gather);
    int status = gather->weigh ? ws_weigh_empty(gather->weigh) : 0;
    for (size_t s = 0; s < gather->plan->replicates * gather->plan->n_slots && !status; s++)
        status = has_lead(gather, s) ? 0 : empty_window(&gather->slots[s], &gather->slots[s].tally.sketch);
    gather->counted = 0;
    return status;
}

int ws_gather_end_run(struct ws_gather *gather, size_t replicate) {
    struct ws_gather_slot *slots = gather->slots + replicate * gather->plan->n_slots;
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
    complete_weights(gather);
    for (size_t s = 0; s < gather->plan->replicates * gather->plan->n_slots && !status; s++)
        status = merge_slot(gather, s, result);
    gather->counted = 0;
    return !status && gather->weigh ? ws_weigh_merge(gather->weigh, result->posterior) : status;
}
