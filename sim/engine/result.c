// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/result.h"

#include <math.h>

#include "engine/rack.h"
#include "engine/shelf.h"
#include "wattspan.h"

struct tallies {
    struct ws_tally *items;
    size_t count;
};

static void release(void *object) {
    struct tallies *tallies = object;
    for (size_t i = 0; i < tallies->count; i++)
        ws_tally_finish(&tallies->items[i]);
}

static struct ws_tally *make(size_t count, struct ws_arena *arena) {
    struct tallies *tallies = WS_NEW(arena, struct tallies);
    *tallies = (struct tallies){WS_NEW_ARRAY(arena, struct ws_tally, count + 1), count};
    ws_arena_defer(arena, release, tallies);
    return tallies->items;
}

void ws_result_make_tallies(struct ws_result *result, struct ws_arena *arena) {
    result->tallies = result->pooled = NULL;
    result->shelf = NULL;
    if (result->n_cases > 1)
        result->shelf = ws_shelf_create(result->n_cases, result->replicates, result->n_slots, result->scratch, arena);
    else
        result->tallies = make(result->n_cases * result->replicates * result->n_slots, arena);
}

// ---- the weights of the cases ----

static void release_evidence(void *object) {
    const struct ws_result *result = object;
    for (size_t c = 0; c < result->n_cases; c++)
        ws_evidence_finish(&result->evidence[c]);
    if (result->open_weights)
        ws_evidence_finish(result->open_weights);
}

static int make_packed_evidence(struct ws_result *result, struct ws_arena *arena) {
    for (size_t c = 0; c < result->n_cases; c++)
        result->evidence[c].last = (struct ws_arrival){INFINITY, UINT64_MAX};
    result->tails = ws_rack_create(result->n_cases, result->scratch, arena);
    result->open_weights = WS_NEW(arena, struct ws_evidence_tally);
    return 0;
}

static int make_open_evidence(struct ws_result *result, size_t most_arrivals) {
    int status = 0;
    for (size_t c = 0; c < result->n_cases && !status; c++)
        status = ws_evidence_init(&result->evidence[c], most_arrivals);
    return status;
}

int ws_result_make_evidence(struct ws_result *result, size_t most_arrivals, struct ws_arena *arena) {
    struct ws_result *owner = WS_NEW(arena, struct ws_result); // the arrays alone, whatever becomes of the result
    result->evidence = WS_NEW_ARRAY(arena, struct ws_evidence_tally, result->n_cases + 1);
    result->tails = NULL;
    result->open_weights = NULL;
    int status = result->n_cases > 1 ? make_packed_evidence(result, arena) : make_open_evidence(result, most_arrivals);
    owner->n_cases = result->n_cases;
    owner->evidence = result->evidence;
    owner->open_weights = result->open_weights;
    ws_arena_defer(arena, release_evidence, owner);
    return status;
}

// All weights of a case, to be finished whatever comes.
static int open_weights(const struct ws_result *posterior, size_t case_index, struct ws_evidence_tally *tally) {
    struct ws_packed packed = {0};
    struct ws_evidence_tally own;
    int status = ws_evidence_init(&own, 0);
    if (!status)
        status = ws_rack_copy(posterior->tails, case_index, &packed);
    if (!status)
        status = ws_tail_unpack(&packed, &own);
    ws_packed_finish(&packed);
    *tally = posterior->evidence[case_index];
    tally->tail = own.tail;
    tally->n_tail = own.n_tail;
    tally->arrivals = own.arrivals;
    return status;
}

static int close_weights(struct ws_result *posterior, size_t case_index, const struct ws_evidence_tally *tally) {
    struct ws_packed packed = {0};
    int status = ws_tail_pack(tally, &packed);
    if (!status)
        status = ws_rack_put(posterior->tails, case_index, &packed);
    posterior->evidence[case_index] = *tally;
    posterior->evidence[case_index].tail = NULL;
    posterior->evidence[case_index].n_tail = 0;
    posterior->evidence[case_index].arrivals = NULL;
    return status;
}

const struct ws_evidence_tally *ws_result_weights(const struct ws_result *posterior, size_t case_index) {
    if (!posterior->tails)
        return &posterior->evidence[case_index];
    ws_evidence_finish(posterior->open_weights);
    if (open_weights(posterior, case_index, posterior->open_weights)) {
        ws_evidence_finish(posterior->open_weights);
        ws_arena_array(posterior->arena, SIZE_MAX, 2); // jumps
    }
    return posterior->open_weights;
}

int ws_result_add_weights(struct ws_result *posterior, size_t case_index, const struct ws_evidence_tally *weights) {
    struct ws_evidence_tally sum;
    if (!posterior->tails)
        return ws_evidence_merge(&posterior->evidence[case_index], weights);
    int status = open_weights(posterior, case_index, &sum);
    if (!status)
        status = ws_evidence_merge(&sum, weights);
    if (!status)
        status = close_weights(posterior, case_index, &sum);
    ws_evidence_finish(&sum);
    return status;
}

static int forget_weights(struct ws_result *posterior, size_t case_index, const struct ws_evidence_tally *weights,
                          uint64_t address) {
    struct ws_evidence_tally rest;
    if (!posterior->tails) {
        ws_evidence_forget(&posterior->evidence[case_index], weights, address);
        return 0;
    }
    int status = open_weights(posterior, case_index, &rest);
    if (!status) {
        ws_evidence_forget(&rest, weights, address);
        status = close_weights(posterior, case_index, &rest);
    }
    ws_evidence_finish(&rest);
    return status;
}

// ---- tallies ----

const struct ws_tally *ws_result_replicate(const struct ws_result *result, size_t case_index, size_t replicate,
                                           size_t slot) {
    if (result->shelf)
        return ws_shelf_replicate(result->shelf, case_index, replicate, slot);
    return &result->tallies[(case_index * result->replicates + replicate) * result->n_slots + slot];
}

const struct ws_tally *ws_result_tally(const struct ws_result *result, size_t case_index, size_t slot) {
    if (result->shelf)
        return ws_shelf_pooled(result->shelf, case_index, slot);
    return &result->pooled[case_index * result->n_slots + slot];
}

struct ws_tally *ws_result_open_tally(struct ws_result *result, size_t case_index, size_t replicate, size_t slot) {
    return result->shelf ? NULL
                         : &result->tallies[(case_index * result->replicates + replicate) * result->n_slots + slot];
}

int ws_result_add(struct ws_result *result, size_t case_index, size_t replicate, size_t slot,
                  const struct ws_tally *tally) {
    if (result->shelf)
        return ws_shelf_add(result->shelf, case_index, replicate, slot, tally);
    return ws_tally_merge(&result->tallies[(case_index * result->replicates + replicate) * result->n_slots + slot],
                          tally);
}

size_t ws_file_bytes(const struct ws_study *study, size_t n_kept, size_t n_posterior) {
    enum { OUTPUT = 40 << 10, INDEX = 128 }; // by what files of many studies came to
    size_t columns = study->n_inputs + study->n_outputs, groups = study->log_weight ? 2 : 1;
    return (n_kept + n_posterior) * columns * sizeof(double) +
           groups * study->n_outputs * (OUTPUT + study->n_inputs * INDEX);
}

size_t ws_result_bytes(const struct ws_result *result) {
    if (!result->shelf)
        return ws_file_bytes(result->study, result->n_kept, result->posterior ? result->posterior->n_kept : 0);
    size_t bytes =
        ws_shelf_bytes(result->shelf) + result->n_kept * result->n_cases * result->study->n_outputs * sizeof(double);
    if (result->posterior)
        bytes += ws_shelf_bytes(result->posterior->shelf) + ws_rack_bytes(result->posterior->tails);
    return bytes;
}

void ws_result_make_axes(struct ws_result *result, struct ws_arena *arena) {
    const struct ws_study *study = result->study;
    result->n_cases = study->n_cases;
    result->n_axes = study->n_axes;
    result->axes = WS_NEW_ARRAY(arena, struct ws_case_axis, study->n_axes + 1);
    for (size_t a = 0; a < study->n_axes; a++) {
        const struct ws_sweep_axis *axis = &study->axes[a];
        double *values = WS_NEW_ARRAY(arena, double, result->n_cases);
        const char **labels = WS_NEW_ARRAY(arena, const char *, axis->by_label ? result->n_cases : 1);
        for (size_t c = 0; c < result->n_cases; c++) {
            values[c] = ws_sweep_value_of(axis, c)->number;
            if (axis->by_label)
                labels[c] = ws_sweep_value_of(axis, c)->label;
        }
        result->axes[a] = (struct ws_case_axis){study->quantities[axis->quantity].name, axis->by_label ? NULL : values,
                                                axis->by_label ? labels : NULL};
    }
}

int ws_result_merge(struct ws_result *result, const struct ws_result *part) {
    int status = 0;
    for (size_t c = 0; c < result->n_cases && !status; c++)
        for (size_t r = 0; r < result->replicates && !status; r++)
            for (size_t s = 0; s < result->n_slots && !status; s++)
                status = ws_result_add(result, c, r, s, ws_result_replicate(part, c, r, s));
    for (size_t c = 0; c < result->n_cases && result->evidence && !status; c++)
        status = ws_result_add_weights(result, c, ws_result_weights(part, c));
    return status || !result->posterior ? status : ws_result_merge(result->posterior, part->posterior);
}

static int subtract(struct ws_result *result, size_t case_index, size_t replicate, size_t slot,
                    const struct ws_tally *tally) {
    if (result->shelf)
        return ws_shelf_subtract(result->shelf, case_index, replicate, slot, tally);
    size_t t = (case_index * result->replicates + replicate) * result->n_slots + slot;
    return ws_tally_subtract(&result->tallies[t], tally) ? WS_ERROR_FILE : 0;
}

int ws_result_subtract(struct ws_result *result, const struct ws_result *part, uint64_t address) {
    int status = 0;
    for (size_t c = 0; c < result->n_cases && !status; c++)
        for (size_t r = 0; r < result->replicates && !status; r++)
            for (size_t s = 0; s < result->n_slots && !status; s++)
                status = subtract(result, c, r, s, ws_result_replicate(part, c, r, s));
    for (size_t c = 0; c < result->n_cases && result->evidence && !status; c++)
        status = forget_weights(result, c, ws_result_weights(part, c), address);
    if (status)
        return status;
    return result->posterior ? ws_result_subtract(result->posterior, part->posterior, address) : 0;
}

static int pool(struct ws_result *result, struct ws_arena *arena) {
    int status = 0;
    result->pooled = make(result->n_cases * result->n_slots, arena);
    for (size_t i = 0; i < result->n_cases * result->n_slots && !status; i++) {
        size_t case_index = i / result->n_slots, slot = i % result->n_slots;
        status = ws_tally_like(&result->pooled[i], ws_result_replicate(result, case_index, 0, slot));
        for (size_t r = 0; r < result->replicates && !status; r++)
            status = ws_tally_merge(&result->pooled[i], ws_result_replicate(result, case_index, r, slot));
        ws_tally_note(&result->pooled[i]);
    }
    return status;
}

int ws_result_pool(struct ws_result *result, struct ws_arena *arena, struct ws_error *err) {
    if (result->shelf) // pools what is asked for
        return 0;
    for (size_t i = 0; i < result->n_cases * result->replicates * result->n_slots; i++)
        ws_tally_note(&result->tallies[i]);
    result->pooled = result->tallies;
    int status = result->replicates == 1 ? 0 : pool(result, arena);
    return status ? ws_error_set(err, status, NULL, "the sums of weights are too large, or memory ran out") : 0;
}
