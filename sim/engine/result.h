// SPDX-License-Identifier: GPL-3.0-or-later
// What a run produces, and what a result file is read back into: tallies, kept draws and where they came from.
// Statistics are computed from it (sim/analysis), never stored in it.
#ifndef WS_ENGINE_RESULT_H
#define WS_ENGINE_RESULT_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "study/study.h"
#include "tally/evidence.h"
#include "tally/tally.h"

struct ws_provenance {
    const char *version, *revision;  // of the program that ran
    const char *host, *date_created; // ISO 8601, UTC
    const char *history;             // the command line, or ""
    double wall_seconds;
    int threads, ranks;
    const char *isa;
};

// One swept quantity, one value per case.
struct ws_case_axis {
    const char *name;          // of the quantity
    const double *values;      // n_cases; NULL where there are labels
    const char *const *labels; // n_cases; NULL where the values are numbers
};

struct ws_result_slot {
    size_t output;      // index into study->quantities
    size_t by;          // index into study->quantities, or SIZE_MAX for the pooled slot
    size_t alternative; // label's index
};

struct ws_input_table { // per input, what its compiled prior was
    double table_error, mean, sd, p5, p50, p95;
};

struct ws_rack;         // rack.h
struct ws_scratch;      // base/scratch.h
struct ws_hold;         // store/place.h
struct ws_plan;         // engine/plan.h
struct ws_indices;      // analysis/indices.h
struct ws_summary;      // analysis/summary.h
struct ws_effects;      // analysis/effects.h
struct ws_freeze_state; // engine/freeze.h
struct ws_convergence;  // analysis/tolerance.h
struct ws_progress;     // wattspan.h

// Who is told of work that lasts, and may end it; each may be NULL.
struct ws_watch {
    const volatile int *interrupt; // nonzero ends the work
    void (*progress)(void *user, const struct ws_progress *progress);
    void *user;
};

struct ws_result {
    struct ws_arena *arena;
    const struct ws_study *study; // the result's own
    uint64_t draws, seed;
    const char *rng, *design;
    size_t replicates;
    char tables_digest[65];
    struct ws_provenance provenance;
    struct ws_hold *hold;    // on the place where it is to be saved, or NULL
    const char *finished_at; // the file that it was read back from because nothing was left to do, or NULL

    size_t n_cases; // 1 where nothing is swept
    size_t asked;   // the case that wattspan.h asks of
    size_t n_axes;
    struct ws_case_axis *axes;

    // Slots: pooled outputs first, in the study's order, then the splits. tallies[(case * replicates + replicate) *
    // n_slots + slot].
    size_t n_slots;
    struct ws_result_slot *slots;
    struct ws_tally *tallies;
    struct ws_tally
        *pooled; // [case][slot]: the randomisations together; the same array as tallies where there is only one
    struct ws_shelf *shelf; // of several cases instead of both (shelf.h)

    struct ws_input_table *inputs; // study->n_inputs

    // Kept draws: columns of n_kept values, n_kept / replicates of each randomisation, one randomisation after the
    // other; with one randomisation the addresses 0..n_kept-1. Outputs: [case][output][draw].
    size_t n_kept;
    uint64_t n_beyond;                // further draws kept, in the file alone, after the n_kept / replicates of each
    const struct ws_plan *plan;       // where these, or all, are drawn only when they are written; else NULL
    struct ws_watch watch;            // who follows that
    double *kept_inputs;              // study->n_inputs * n_kept
    double *kept_outputs;             // n_cases * study->n_outputs * n_kept
    const struct ws_indices *indices; // what ws_indices_make once found, or NULL
    const struct ws_effects *effects; // of a sensitivity analysis, or NULL
    struct ws_freeze_state *freeze;   // of one that is being made, or NULL
    const struct ws_convergence *convergence; // of a run to a tolerance, or NULL
    const double *spearman;                   // what ws_spearman once found, or NULL: it is asked for more than once
    const struct ws_summary *summaries;       // what ws_summaries_make once found, or NULL

    const char
        *repooled; // "ownership = straight_line 1, value_decay 0": weights other than the run's (analysis/repool.h)
    // Where the study has evidence: the same result given it. Its tallies have weights, its kept draws are drawn anew
    // from the whole run in proportion to them. NULL where there is none, and in what is conditioned itself, which
    // points back to the prior.
    struct ws_result *posterior, *unconditioned;
    struct ws_evidence_tally *evidence;     // of a posterior: the weights of each case; in a sweep without the largest,
    struct ws_rack *tails;                  // which are here, packed: see ws_result_weights
    struct ws_evidence_tally *open_weights; // one case's with the largest
    struct ws_scratch *scratch;             // where a sweep's tallies are that memory is not to hold, or NULL
    const uint64_t *kept_addresses;         // of a posterior: of its kept draws, in the order of being drawn
    double *kept_log_weights;               // of the prior, where there is a posterior: n_cases * n_kept
};

// The tally of a slot in a case, over all randomisations, and that of one of them. Where there are several cases it is
// to be read until another case of the same slot is asked for.
const struct ws_tally *ws_result_tally(const struct ws_result *result, size_t case_index, size_t slot);
const struct ws_tally *ws_result_replicate(const struct ws_result *result, size_t case_index, size_t replicate,
                                           size_t slot);
// The tally of a slot to count into directly; NULL where tallies are packed.
struct ws_tally *ws_result_open_tally(struct ws_result *result, size_t case_index, size_t replicate, size_t slot);
// Adds a tally of one slot in a case and a randomisation. 0, WS_ERROR_MEMORY or _RUN. For several threads at once only
// where there are several cases, and on different ones.
int ws_result_add(struct ws_result *result, size_t case_index, size_t replicate, size_t slot,
                  const struct ws_tally *tally);
// About what the file of a result of one case takes, of which so many draws are kept, and given the evidence.
size_t ws_file_bytes(const struct ws_study *study, size_t n_kept, size_t n_posterior);
// The same of a result; of a sweep its packed tallies and kept draws, those given the evidence, too.
size_t ws_result_bytes(const struct ws_result *result);
// Files of more than this are not made in memory first.
enum { WS_MOST_IMAGE = 16 << 20 };
// The axes of the study's sweep, for all cases.
void ws_result_make_axes(struct ws_result *result, struct ws_arena *arena);
// Makes the (zeroed) array of tallies for n_cases, replicates and n_slots, whose memory is released with the arena.
void ws_result_make_tallies(struct ws_result *result, struct ws_arena *arena);
// Makes the array of each case's weights of a posterior, in the same way. 0, or WS_ERROR_MEMORY.
int ws_result_make_evidence(struct ws_result *result, size_t most_arrivals, struct ws_arena *arena);
// The weights of a case, to be read until another case's are asked for. Where memory runs out, or the scratch file
// cannot be read, this jumps as an allocation from the arena does.
const struct ws_evidence_tally *ws_result_weights(const struct ws_result *posterior, size_t case_index);
// Adds those of a case. 0, WS_ERROR_MEMORY, _FILE or _RUN. For several threads at once as ws_result_add.
int ws_result_add_weights(struct ws_result *posterior, size_t case_index, const struct ws_evidence_tally *weights);
// Adds what another part of the same run has counted, given the evidence, too, where there is some; pooling and draws
// come afterwards (ws_engine_finish). 0, WS_ERROR_MEMORY, or WS_ERROR_RUN where sums are beyond their range.
int ws_result_merge(struct ws_result *result, const struct ws_result *part);
// Takes out what a part with the draws from an address on has counted, which are to be drawn again among more. 0, or
// WS_ERROR_FILE where the result has not counted them.
int ws_result_subtract(struct ws_result *result, const struct ws_result *part, uint64_t address);
// Makes `pooled` once all tallies are there. 0, or WS_ERROR_MEMORY.
int ws_result_pool(struct ws_result *result, struct ws_arena *arena, struct ws_error *err);

#endif
