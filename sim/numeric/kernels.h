// SPDX-License-Identifier: GPL-3.0-or-later
// The hot loop's kernels, compiled once per instruction set from the same sources, chosen at run time.
// Every instruction set gives the same bits: whatever a vector's width, a draw's operations are the same, reductions
// have a fixed number of lanes, nothing is contracted, and elementary functions are our own or SLEEF's FMA-free `cinz`
// family. (NaN is NaN: its sign and payload are not promised.)
//
// Rows are WS_BLOCK long, 64-byte aligned; n <= WS_BLOCK is the number of draws that count. Kernels may compute
// and write all WS_BLOCK elements of a row, but only the first n enter moments and counts.
#ifndef WS_NUMERIC_KERNELS_H
#define WS_NUMERIC_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "numeric/program.h"
#include "numeric/scores.h"
#include "numeric/table.h"

enum { WS_LANES = 8 };              // accumulators of every sum: draw i of a block goes to lane i % 8
enum { WS_TAIL_CELLS = 2048 };      // 32-bit words nearer than this to either end of the range get a second word
enum { WS_BINS_PER_OCTAVE = 1024 }; // sketch bins: exponent and 10 leading mantissa bits of x - origin

// Sums over draws of d, d^2, d^3, d^4 with d = (x - pivot) * scale, scale a power of two; the lanes are added across
// blocks in the order of the draws.
struct ws_moment_lanes {
    double sum[4][WS_LANES];
    double minimum, maximum; // of the valid draws; start at +inf, -inf; never -0
    uint64_t count, invalid; // finite draws; NaN and infinite ones
};

// Counts of a thread for one tally: windows of consecutive octaves of |x - origin|, from biased exponent `first` >= 1
// to first + octaves <= 2047.
//   index = ((biased exponent - first) << 10) + leading mantissa bits, + octaves * 1024 where x - origin < 0 and
//   both_signs.
// Alternatives have their cells one after another: label times `cells` is added. A draw outside of the windows (zero,
// NaN, infinity, or the other sign) is counted in counts[stray]: the block is then gone through once more by the
// caller.
struct ws_bin_window {
    double origin;
    uint32_t first, octaves;
    int both_signs;
    uint32_t cells;   // = octaves * 1024 * (both_signs ? 2 : 1), of one alternative
    uint32_t stray;   // = cells times the number of alternatives, the last index
    uint32_t *counts; // stray + 1 of them
};

// The same of draws with weights: sums of w d^k and of w^2 d^k. What is counted are draws with a weight above 0.
struct ws_weighted_lanes {
    double sum[4][WS_LANES], square[4][WS_LANES];
    double minimum, maximum;
    uint64_t count, invalid;
} __attribute__((aligned(64)));

// Draws at a table's marks (table.h), left undone in several blocks until they are worth going down its tree together:
// one after the other, each waits for the row that the one before has led to.
enum { WS_LATE = 1024, WS_LATE_BLOCKS = 32 }; // draws, blocks
struct ws_late {
    const struct ws_table *table;
    size_t n, n_blocks;           // start at 0
    double *x[WS_LATE_BLOCKS];    // the blocks' draws
    uint32_t place[WS_LATE + 64]; // block * WS_BLOCK + draw; with room for a vector behind them
    uint32_t words[WS_LATE + 64] __attribute__((aligned(64)));
};

struct ws_neighbour_kernels;
struct ws_segment_bounds; // segments.h

struct ws_kernels {
    const char *isa; // "baseline", "avx2", "avx512"

    // The 32-bit words of WS_BLOCK draws from address `first` (a multiple of WS_BLOCK) of one stream: Philox4x32-10
    // with key = seed (low word, high word) and counter = (q low, q high, stream low, stream high), q = address / 4 in
    // groups of 16: draw i of 16 takes word 2 (i / 8) + i % 2 of counter 4 (address / 16) + (i % 8) / 2. Returns
    // nonzero if some word is within WS_TAIL_CELLS of either end.
    int (*philox)(uint32_t *words, uint64_t seed, uint64_t stream, uint64_t first);
    // The words of WS_BLOCK draws at any addresses.
    int (*philox_at)(uint32_t *words, uint64_t seed, uint64_t stream, const uint64_t *addresses);
    // Nonzero if some word is within WS_TAIL_CELLS of either end (for words that come from elsewhere).
    int (*has_tail)(const uint32_t *words);

    // Sobol words: reversed(pattern[i] ^ base) with the bits scrambled by ws_owen_hash of `seed`; pattern and base are
    // bit-reversed. Returns nonzero if some word is within WS_TAIL_CELLS of either end.
    int (*scramble)(uint32_t *words, const uint32_t *pattern, uint32_t base, uint32_t seed);

    // Words to values, all WS_BLOCK of them: u = (word + 1/2) / 2^32 through the table, of any kind.
    void (*draw)(const struct ws_table *table, const uint32_t *words, double *x);
    // The same, but that some draws of the block may be left to do until `late` is finished; others of it are done then
    // where they are another table's, or many.
    void (*draw_late)(const struct ws_table *table, const uint32_t *words, double *x, struct ws_late *late);
    void (*finish)(struct ws_late *late);
    // The same as draw of those draws alone whose label is the one wanted; the others' values stay, or are anything.
    void (*draw_where)(const struct ws_table *table, const uint32_t *words, const double *label, double wanted,
                       double *x);

    // Independent normal scores, n rows of them at rows + i * WS_ROW_STRIDE, to correlated ones in place: row i becomes
    // the sum over j <= i of factor[i (i + 1) / 2 + j] times row j, j ascending.
    void (*combine)(double *rows, size_t n, const double *factor);

    // Normal scores to words for draw(): the word is the cell that holds Phi(z). Returns nonzero if some score is as
    // far out as WS_TAIL_SCORE; words of such ones are not to be used (ws_score_word).
    int (*words_of_scores)(const struct ws_score_table *table, const double *z, uint32_t *words);

    // Runs the program over the register file `rows` (n_rows * WS_ROW_STRIDE doubles, the inputs' rows filled).
    void (*run)(const struct ws_program *program, double *rows);

    // Adds the first n draws of x to the lanes. *first_invalid is set to the index of the first NaN or
    // infinity if there is one, else left alone.
    void (*moments)(struct ws_moment_lanes *lanes, const double *x, size_t n, double pivot, double scale,
                    size_t *first_invalid);

    // Counts the first n draws by their labels, numbers from 0 on (NULL: all are of the first alternative), and gives
    // the indices of all, a row; those of the row from n on are `stray`. Returns how many of n went to `stray`.
    size_t (*bin)(const struct ws_bin_window *window, const double *label, const double *x, size_t n, uint32_t *index);

    // Both of the same draws: quicker than one after the other.
    size_t (*tally)(struct ws_moment_lanes *lanes, const struct ws_bin_window *window, const double *label,
                    const double *x, size_t n, double pivot, double scale, size_t *first_invalid, uint32_t *index);

    // The indices alone.
    void (*locate)(const struct ws_bin_window *window, const double *label, const double *x, size_t n, uint32_t *index);

    // Weights exp(log_weight - reference) of the first n draws and their squares, as whole numbers of units of 2^-28; 0
    // for the others of the block and for a NaN. Returns the greatest weight, which may be infinite.
    double (*weigh)(const double *log_weight, size_t n, double reference, double *weight, double *square);
    // Adds the first n draws with their weights (beyond n, up to a multiple of WS_LANES, weights must be 0);
    // *first_invalid is set to the index of the first invalid draw that has a weight, else left alone. units: all
    // weights are 1 or 0, of which half as much is computed. Where sums is not NULL, a draw's weight and its square are
    // also added to sums[2 * index[i]] and the one after it (an index beyond n may be any that is there).
    void (*weighted_tally)(struct ws_weighted_lanes *lanes, const double *x, const double *weight, size_t n, int units,
                           double pivot, double scale, const uint32_t *index, int64_t *sums, size_t *first_invalid);

    const struct ws_neighbour_kernels *neighbours; // neighbours.h

    // For the compilation of tables: out[s][k] is the sum over nodes j, ascending, of weights[s * n_nodes + j][k] y[j].
    // weights and out are 64-byte aligned.
    void (*fit_segments)(const double (*weights)[WS_LANES], const double *y, size_t n_nodes, size_t n_segments,
                         double (*out)[WS_LANES]);
    // Of n segments, a power of two, each its cubic in t in [0, 1] and the cubic's 4 errors: rows of a table, and the
    // largest relative error. Returns 0 where one of them leaves the bounds or is no number. fits, 64-byte aligned, has
    // room for WS_LANES at least.
    int (*settle_segments)(double (*fits)[WS_LANES], size_t n, const struct ws_segment_bounds *bounds,
                           double (*rows)[WS_LANES / 2], double *error);

    // Packs x[i] of the first n draws with label[i] == wanted to the front of out, a row; returns how many.
    size_t (*pack)(const double *x, const double *label, double wanted, size_t n, double *out);
    // The n draws of a row at these places, into another; WIDTH - 1 places more are read, which are to be in the row.
    void (*take)(const double *x, const uint16_t *places, size_t n, double *out);
};

// What each instruction set gives; to be reached through ws_kernels_select.
extern const struct ws_kernels ws_kernels_baseline;
#ifdef __x86_64__
extern const struct ws_kernels ws_kernels_avx2, ws_kernels_avx512;
#endif

// The best that the processor runs, or the one named (see ws_kernels_all; also by the environment variable
// WATTSPAN_ISA); NULL where the named one is unknown or cannot run here. name may be NULL.
const struct ws_kernels *ws_kernels_select(const char *name);
// All that the processor runs, the best first; returns how many, at most WS_MOST_ISAS.
enum { WS_MOST_ISAS = 3 };
size_t ws_kernels_all(const struct ws_kernels *kernels[WS_MOST_ISAS]);

// One draw's word alone, as philox() would give it.
uint32_t ws_philox_word(uint64_t seed, uint64_t stream, uint64_t address);
// Nested uniform scrambling of a bit-reversed number: every bit depends on the less significant ones alone (Laine &
// Karras 2011, "Stratified sampling for stochastic transparency"; constants by Vegdahl). The seed must be well mixed.
uint32_t ws_owen_hash(uint32_t x, uint32_t seed);
// Philox4x32-10 itself (Salmon et al. 2011): 4 words of counter, 2 of key, in place.
void ws_philox4x32_10(uint32_t counter[4], const uint32_t key[2]);

#endif
