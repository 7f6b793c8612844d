// SPDX-License-Identifier: GPL-3.0-or-later
// A plan: everything that a run reads and nothing that it changes. Study + options -> tables, vector programs, tally
// slots.
#ifndef WS_ENGINE_PLAN_H
#define WS_ENGINE_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "numeric/program.h"
#include "sampler/sampler.h"
#include "study/study.h"

// An output, pooled (by = SIZE_MAX) or within one alternative of a categorical input.
struct ws_slot {
    size_t output;                  // index into the study's quantities
    size_t by;                      // index into the study's quantities, or SIZE_MAX
    size_t alternative;             // label's index
    size_t alternatives;            // of the input, whose slots follow each other; 1 of a pooled slot
    size_t first_split, end_splits; // of a pooled slot: the output's slots by its inputs, one input after the other
    double origin, pivot, scale;    // from the pilot: sketch origin, moments' pivot and scale; a split has its output's
    uint32_t first_octave, octaves; // the window of the sketch
    int both_signs;
    int is_common;  // to all cases of a sweep, whatever is swept
    uint32_t pages; // of the sketch, as far as the pilot can tell
};

enum { WS_NOT_COMPUTED = INT32_MIN };
enum { WS_PILOT_DRAWS = 4096 };

struct ws_fill { // a row that holds one value throughout
    int32_t row;
    double value;
};

// Inputs drawn jointly, as columns.
struct ws_compiled_joint {
    size_t n;
    const struct ws_joint *joint;
    const size_t *first, *count; // per input: its columns
    const double *factor;        // as of struct ws_joint
};

// What is drawn at a time: the columns of one input, which have the same words, or a joint, whose columns are among
// these.
struct ws_drawing {
    const struct ws_compiled_joint *joint; // or NULL
    size_t first, count;
    int by_label; // the columns are those of a conditional prior, whose labels are what column `label` has drawn
    size_t label;
};

// What is drawn, then computed, then counted: of the drawings, of the instructions and of the outputs, those from
// `first_` on.
struct ws_stage {
    size_t first_drawing, n_drawings, first_instruction, n_instructions, first_output, n_outputs;
};

enum { WS_MOST_TILE = 32 }; // blocks drawn at a time

// Formulas compiled for a set of wanted quantities.
struct ws_compiled {
    struct ws_program program;
    // What is computed first, on the same rows as `program`, which comes after it: in a sweep what all cases share;
    // where the study's model is code and something wanted comes from it, what is computed before it is called.
    struct ws_program ahead;
    int calls_model;
    int32_t first_model_row;           // of the model's first output, behind which the others stand
    size_t n_columns;                  // drawn, column k into row k; those of one input's tables stand together
    size_t *columns;                   // their inputs: indices into the study's quantities
    const struct ws_table **tables;    // an input with a conditional prior has a column for each of its tables
    const struct ws_sweep_axis **axes; // per column: what sweeps it, NULL for nothing; its table is then the case's
    size_t n_dimensions;               // uncertain inputs of the study, needed or not
    struct ws_column *drawn;           // the same as the sampler knows them
    unsigned char *is_joint;           // per column
    size_t n_joints;
    struct ws_compiled_joint *joints;
    size_t n_fills; // wanted quantities that turned out constant
    const struct ws_fill *fills;
    const int32_t *row_of; // per quantity of the study: its row if it was wanted, else WS_NOT_COMPUTED
    int32_t log_weight;    // the row of the draws' log-weights, or WS_NOT_COMPUTED where there is no evidence
    // Of quantities that were wanted, whether cases of a sweep may differ in them; behind them that of the log-weights.
    const unsigned char *varies;
    // As schedule.c orders it: stage by stage, n_tile blocks at a time, columns in rows that others have before and
    // after them. NULL where all columns are drawn first, column k into row k.
    const struct ws_stage *stages;
    size_t n_stages, n_drawings, n_tile;
    const struct ws_drawing *drawings;
    const size_t *counted; // all outputs' pooled slots; their rows are another's once the stage is over
    const int32_t *column_rows;
};

struct ws_plan {
    const struct ws_study *study;
    struct ws_sampler sampler;
    uint64_t draws;
    uint64_t keep;     // a multiple of replicates
    int keep_single;   // kept draws are written as float
    int keep_deflate;  // and compressed at this level, above 0
    size_t replicates; // randomisations of the design; 1 for mc
    int threads;
    const struct ws_table *normal;  // the standard normal's, of the scores of inputs drawn jointly; NULL where none are
    const struct ws_table **tables; // per quantity: its prior's table; equal priors share one. NULL for formulas
    // A sweep: per axis and value the table of its prior, NULL where it is a constant. A plan is about one case, the
    // first unless ws_plan_case has made it about another.
    const struct ws_table *const **swept;
    size_t case_index;
    size_t batch;                  // cases that a thread has in hand at a time
    uint64_t memory;               // bytes that the run may take
    int on_disk;                   // a sweep whose tallies memory is not to hold: they go to a scratch file
    size_t disk_bytes;             // about what is there then; 0
    struct ws_compiled outputs;    // what the outputs need
    struct ws_compiled hot;        // the same in the order in which the hot loop computes it
    struct ws_compiled everything; // all inputs, derived and outputs: kept draws, replay
    struct ws_slot *slots;         // pooled slots first, one per output in the study's order, then the splits
    size_t n_slots;
    double log_reference; // evidence: the log-weight of a draw that weighs 1, from the pilot
    int common_weights;   // evidence: draws weigh the same in all cases
    int few_ruled_out;    // evidence: most draws of the pilot weigh something
    size_t bytes;         // memory the run will need: tables, registers, tallies of all threads, kept draws
    char tables_digest[65];
    const volatile int *interrupt; // nonzero ends the planning; NULL: nothing does
};

struct ws_options;

static inline int ws_plan_is_interrupted(const struct ws_plan *plan) { return plan->interrupt && *plan->interrupt; }
// Says so.
int ws_plan_stop(struct ws_error *err);

// How many draws a run with evidence is drawn anew for: as many as are kept, within reason.
size_t ws_plan_posterior(const struct ws_plan *plan);

// How many of the kept draws are held in memory, where what is computed from draws (indices, explain) finds them. All,
// or the first of each randomisation.
enum { WS_MOST_IN_MEMORY = 131072 };
static inline size_t ws_plan_in_memory(const struct ws_plan *plan) {
    return plan->keep < WS_MOST_IN_MEMORY ? (size_t)plan->keep : WS_MOST_IN_MEMORY;
}
// Whether the kept draws are drawn only when they are written, which the plan has to be there for; known from the
// options before there is one.
int ws_plan_streams(const struct ws_study *study, const struct ws_options *options);
// Bytes that the kept draws take on disk, before compression.
uint64_t ws_plan_kept_bytes(const struct ws_plan *plan);

// Memory that the run will need beside the program and its libraries. (memory.c)
size_t ws_plan_memory(const struct ws_plan *plan, const struct ws_arena *arena);

// Groups of a run of the plan's draws, the last of which may be short.
static inline uint64_t ws_plan_groups(const struct ws_plan *plan) { return (plan->draws + WS_GROUP - 1) / WS_GROUP; }

// Whether a slot is an output's that is split, too: what is counted of its alternatives is then added up for it.
static inline int ws_plan_is_pooled(const struct ws_plan *plan, size_t slot) {
    return plan->slots[slot].by == SIZE_MAX && plan->slots[slot].first_split < plan->slots[slot].end_splits;
}

// Draws in groups first .. end - 1.
static inline uint64_t ws_plan_span(const struct ws_plan *plan, uint64_t first, uint64_t end) {
    uint64_t last = end * WS_GROUP;
    return (last < plan->draws ? last : plan->draws) - first * WS_GROUP;
}

// 0, or a negative status with the reason in err. Everything lives in `arena`.
int ws_plan_create(const struct ws_study *study, const struct ws_options *options, struct ws_arena *arena,
                   struct ws_plan **plan, struct ws_error *err);

// Compiles what the wanted quantities need (compile.c). The optimiser shares and folds but never reassociates: a
// quantity has the same bits whatever else is wanted.
void ws_compile(struct ws_compiled *compiled, const struct ws_study *study, const struct ws_table *const *tables,
                const unsigned char *wanted, struct ws_arena *arena);

// Builds the tables of all inputs, in parallel, equal priors sharing one (tables.c).
int ws_tables_build(struct ws_plan *plan, struct ws_arena *arena, struct ws_error *err);

// Fills in the slots' origins, pivots and windows from the pilot: the draws at addresses 0..4095 of the plan's case.
// (pilot.c)
int ws_pilot(struct ws_plan *plan, struct ws_error *err);
// The same of several cases whose pilot draws a workspace holds. What is common to them is taken over from `lead`, one
// of them that has been centred; NULL: there is none yet.
struct ws_workspace;
enum { WS_PILOT_BLOCKS = WS_PILOT_DRAWS / WS_BLOCK };
int ws_pilot_case(struct ws_plan *of_case, struct ws_workspace *workspace, const struct ws_plan *lead);

// Makes `plan` about another case of its sweep: the same, with slots of its own in the caller's array of n_slots, to
// be centred by ws_pilot.
void ws_plan_case(const struct ws_plan *plan, size_t case_index, struct ws_slot *slots, struct ws_plan *of_case);
// The table of a column: NULL where it is a constant in the plan's case, which is then in *constant.
const struct ws_table *ws_plan_table(const struct ws_plan *plan, const struct ws_compiled *compiled, size_t column,
                                     double *constant);

#endif
