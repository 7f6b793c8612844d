// SPDX-License-Identifier: GPL-3.0-or-later
// How much memory a run of one case will need at its largest. A test holds it against what runs have needed.
#include "engine/gather.h"
#include "engine/plan.h"
#include "engine/result.h"
#include "engine/split.h"
#include "engine/stream.h"
#include "engine/weigh.h"
#include "tally/tally.h"

enum {
    BASE = 10 << 20, // what libraries allocate, the pilot, the making of tables
    HOLES = 7 << 20, // left in the heap by what a posterior is made of one after the other
    PAGE = WS_BINS_PER_OCTAVE * sizeof(int64_t),
};

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

static int has_evidence(const struct ws_plan *plan) { return plan->study->log_weight != NULL; }

// Whether kept draws are drawn only when they are written.
static int streams(const struct ws_plan *plan) {
    return plan->keep > WS_MOST_IN_MEMORY || plan->keep_single || plan->keep_deflate;
}

// Pages of all sketches of one kind. Where the run is in parts, few of them see what the pilot has not seen.
static size_t count_pages(const struct ws_plan *plan) {
    size_t pages = 0;
    for (size_t s = 0; s < plan->n_slots; s++)
        pages += plan->slots[s].pages - (plan->replicates > 1);
    return plan->replicates * pages;
}

// The posterior's, which is narrower: of the weights, and as many of their squares.
static size_t count_posterior_pages(const struct ws_plan *plan) {
    return has_evidence(plan) ? count_pages(plan) * 9 / 10 : 0;
}

static size_t count_slots(const struct ws_plan *plan) {
    size_t tally =
        sizeof(struct ws_tally) + (has_evidence(plan) ? sizeof(struct ws_tally) + sizeof(struct ws_weighing) : 0);
    return plan->replicates * plan->n_slots * tally;
}

static size_t count_tallies(const struct ws_plan *plan) {
    return (count_pages(plan) + 2 * count_posterior_pages(plan)) * PAGE + count_slots(plan);
}

// Of a thread: rows, windows as far as anything is counted in them, and blocks whose weights are known; of the windows'
// margins most is touched, too, where the allocator has to clear them.
static size_t count_thread(const struct ws_plan *plan) {
    size_t rows = plan->hot.n_tile * plan->hot.program.n_rows * WS_ROW_STRIDE * sizeof(double);
    size_t windows = count_pages(plan) * PAGE / 2 + count_posterior_pages(plan) * 5 / 2 * PAGE;
    size_t arrivals = has_evidence(plan) ? ws_evidence_room(ws_plan_posterior(plan)) * sizeof(struct ws_arrival) : 0;
    size_t margins = plan->replicates > 1 ? 0 : plan->n_slots * WS_BINS_PER_OCTAVE * sizeof(uint32_t) * 3;
    size_t weighed = has_evidence(plan) ? 2 * plan->hot.n_tile * WS_ROW_STRIDE * sizeof(double) : 0;
    return rows + windows + margins + count_slots(plan) + arrivals + weighed + ws_splits_bytes(plan);
}

static size_t count_kept(const struct ws_plan *plan) {
    size_t columns = plan->study->n_inputs + plan->study->n_outputs;
    size_t kept = ws_plan_in_memory(plan) + (streams(plan) ? 2 * WS_PIECE : 0) +
                  (has_evidence(plan) ? ws_plan_posterior(plan) : 0);
    return kept * columns * sizeof(double);
}

// What the indices of the kept draws take for a while (analysis/indices.c).
static size_t count_indices(const struct ws_plan *plan) {
    const struct ws_study *study = plan->study;
    const size_t lanes = (study->n_outputs + WS_LANES - 1) / WS_LANES * WS_LANES;
    const size_t batches = lanes / WS_LANES,
                 correlating = batches < (size_t)plan->threads ? batches : (size_t)plan->threads;
    return ws_plan_in_memory(plan) * sizeof(double) *
           (study->n_inputs + lanes + WS_LANES + 1 + (size_t)plan->threads * 4 + correlating * 12);
}

// The file, which is in memory before it is written unless it is large, and what HDF5 takes beside it: most for data in
// chunks, of which it forgets the oldest.
static size_t count_file(const struct ws_plan *plan) {
    enum { SLOT = 3 << 10, INPUT = 2 << 10, PACKED_PAGE = 2 << 10, ON_DISK = 6 << 20 };
    enum { CHUNKED = 48 << 10, MOST_CHUNKED = 110 };
    const struct ws_study *study = plan->study;
    size_t columns = study->n_inputs + study->n_outputs, groups = has_evidence(plan) ? 2 : 1;
    size_t chunked = plan->keep == 0 ? 0 : columns * groups < MOST_CHUNKED ? columns * groups : MOST_CHUNKED;
    size_t file = ws_file_bytes(study, streams(plan) ? 0 : ws_plan_in_memory(plan),
                                has_evidence(plan) && !streams(plan) ? ws_plan_posterior(plan) : 0);
    if (file > WS_MOST_IMAGE)
        return ON_DISK + chunked * CHUNKED;
    size_t pages = count_pages(plan) + 2 * count_posterior_pages(plan);
    return file + groups * plan->replicates * plan->n_slots * SLOT + pages * PACKED_PAGE + study->n_inputs * INPUT +
           chunked * CHUNKED;
}

// The indices themselves (analysis/indices.h, whose ten numbers an input and output have).
static size_t count_analyses(const struct ws_plan *plan) {
    const size_t numbers = 10;
    return plan->study->n_inputs * plan->study->n_outputs * numbers * sizeof(double) * (has_evidence(plan) ? 2 : 1);
}

size_t ws_plan_memory(const struct ws_plan *plan, const struct ws_arena *arena) {
    size_t texts = ws_arena_bytes(plan->study->arena) + ws_arena_bytes(arena), tallies = count_tallies(plan);
    size_t result = tallies + (plan->replicates > 1 ? tallies / plan->replicates : 0) + count_analyses(plan);
    size_t base = has_evidence(plan) ? BASE + HOLES : BASE;
    return base + texts + plan->bytes + result + count_kept(plan) + (size_t)plan->threads * count_thread(plan) +
           larger(count_indices(plan), count_file(plan));
}
