// SPDX-License-Identifier: GPL-3.0-or-later
// Streams and designs: where the 32-bit words behind every uniform come from.
//
// The word of (seed, stream, draw) is a pure function of the three. A stream is named by a 64-bit hash of what it is
// for
// ("input:NAME"), so that nothing moves when inputs are added or reordered.
//
// Designs with randomisations ("replicates") deal their draws out in runs: run g of WS_RUN consecutive draws belongs to
// replicate g mod R and holds its points floor(g / R) * WS_RUN onwards, R = WS_REPLICATES, so that every group of draws
// holds one run of every replicate, and a run can be extended and computed in parts.
#ifndef WS_SAMPLER_SAMPLER_H
#define WS_SAMPLER_SAMPLER_H

#include <stddef.h>
#include <stdint.h>

#include <gsl/gsl_rng.h>

#include "numeric/kernels.h"

enum {
    WS_GROUP = 65536,                  // draws in a group: the unit of thread work, merge, checkpoint and re-seeding
    WS_REPLICATES = 16,                // independent randomisations of lhs and sobol
    WS_RUN = WS_GROUP / WS_REPLICATES, // consecutive draws of one replicate
    WS_BLOCKS_PER_GROUP = WS_GROUP / WS_BLOCK,
    WS_BLOCKS_PER_RUN = WS_RUN / WS_BLOCK
};

// The replicate that a block of a group belongs to.
static inline uint64_t ws_replicate_of(uint64_t block) { return block / WS_BLOCKS_PER_RUN; }

// ---- generators ----

// Philox4x32-10 for any GSL program (philox_rng.c).
extern const gsl_rng_type *ws_rng_philox4x32;

struct ws_generator {
    const char *name;
    const gsl_rng_type *type; // NULL: the vectorised Philox of the kernels
    int weak;                 // not among those that GSL recommends for simulation; kept for comparison
};
// All generators that `--rng` accepts, Philox first, at most `most` of them; returns how many. Like
// gsl_rng_types_setup, which it calls, not to be called from two threads at once for the first time.
size_t ws_generators(struct ws_generator *generators, size_t most);
// 0, or nonzero where there is none of that name.
int ws_generator_find(const char *name, struct ws_generator *generator);

// ---- designs ----

struct ws_cursor;

struct ws_design {
    const char *name, *summary;
    int replicated; // has WS_REPLICATES randomisations; draws come in whole groups
    int extends;    // more draws leave those before as they are
    // Words of block `block` of the group for column k into cursor's words; nonzero if some are within WS_TAIL_CELLS of
    // an end.
    int (*fill)(struct ws_cursor *cursor, size_t k, uint64_t block);
    // The word of draw i of a block alone, where addresses do (see ws_cursor_gather), and the words of draws anywhere
    // at once as of fill; NULL where there is no better way than one by one.
    int (*fill_at)(struct ws_cursor *cursor, size_t k, const uint64_t *addresses);
    uint32_t (*word)(struct ws_cursor *cursor, size_t k, uint64_t block, uint32_t i);
    // The second word of draw i of the block last filled, or of the draw last asked for.
    uint32_t (*second)(struct ws_cursor *cursor, size_t k, uint64_t block, uint32_t i);
};
// mc, lhs, sobol.
const struct ws_design *ws_designs(size_t *count);
const struct ws_design *ws_design_find(const char *name); // NULL: none

// Sobol direction numbers of dimensions 0 .. n - 1 (sobol.c): 64 words of 64 bits each, most significant digit first.
enum { WS_SOBOL_DIMENSIONS = 1111 };
struct ws_directions {
    size_t n_dimensions;
    uint64_t (*word)[64];
    uint32_t (*pattern)[WS_BLOCK]; // per dimension: the first WS_BLOCK points' leading 32 bits, bit-reversed
};
// malloc'ed; NULL where memory runs out. n is at most WS_SOBOL_DIMENSIONS.
struct ws_directions *ws_directions_create(size_t n_dimensions);
void ws_directions_destroy(struct ws_directions *directions);
// Point n (Gray-code order) of a dimension, unscrambled: a fraction of 2^64.
uint64_t ws_sobol_point(const struct ws_directions *directions, size_t dimension, uint64_t n);

// ---- drawing ----

// What a run's words are drawn with. Immutable.
struct ws_sampler {
    struct ws_generator generator;
    const struct ws_kernels *kernels;
    const struct ws_design *design;
    const struct ws_directions *directions; // sobol
    const struct ws_score_table *scores;    // where inputs are drawn jointly
    uint64_t seed;
    uint64_t points; // lhs: points of one replicate
};

// An input as the sampler knows it.
struct ws_column {
    uint64_t stream;
    size_t dimension; // its place among the uncertain inputs of the study
};

// A thread's place in the streams. `columns` must live as long. NULL: memory.
struct ws_cursor *ws_cursor_create(const struct ws_sampler *sampler, const struct ws_column *columns, size_t n_columns);
void ws_cursor_destroy(struct ws_cursor *cursor);
// Goes to a group: group g holds draws g * WS_GROUP up to (g + 1) * WS_GROUP. Blocks are then drawn in order.
void ws_cursor_seek(struct ws_cursor *cursor, uint64_t group);
// Values of the WS_BLOCK draws of block `block` of the group for column k, through the table. Words near either end are
// refined by a second word, which resolves both tails beyond 2^-53.
void ws_cursor_draw(struct ws_cursor *cursor, size_t k, uint64_t block, const struct ws_table *table, double *x);
// The same, but that values may be missing until ws_cursor_finish: cheaper by far for some tables where many blocks are
// drawn one after the other.
void ws_cursor_draw_late(struct ws_cursor *cursor, size_t k, uint64_t block, const struct ws_table *table, double *x);
void ws_cursor_finish(struct ws_cursor *cursor);
// The same as ws_cursor_draw of those draws alone whose label is the one wanted; the others' values are anything.
void ws_cursor_draw_where(struct ws_cursor *cursor, size_t k, uint64_t block, const struct ws_table *table,
                          const double *label, double wanted, double *x);
// Goes to WS_BLOCK draws anywhere in the run, which ws_cursor_draw then gives, whatever its `block`, until the next
// seek. Not for generators with a state (ws_generator.type). The addresses must live as long.
void ws_cursor_gather(struct ws_cursor *cursor, const uint64_t *addresses);
// Values of WS_BLOCK draws from their normal scores z, through the table; scores are what ws_cursor_draw gives with the
// standard normal's table, and what the kernels' `combine` makes of several of them.
void ws_cursor_draw_scores(struct ws_cursor *cursor, const double *z, const struct ws_table *table, double *x);

#endif
