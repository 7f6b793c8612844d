// SPDX-License-Identifier: GPL-3.0-or-later
// The table that every prior compiles to: a quantile function u -> x in a form that a vector loop reads.
//
// Continuous: piecewise cubics on a grid that is geometric towards both ends. With v the distance of u to
// the nearer end of (0, 1), v in [2^-WS_TABLE_OCTAVES-1, 1/2), octave o = WS_TABLE_OCTAVES - 1 is [1/4, 1/2),
// o - 1 is [1/8, 1/4) and so on; each octave has 2^log2_segments equal segments. Row (side, o, segment) is
// rows[((side * WS_TABLE_OCTAVES + o) << log2_segments) + segment], side 0 below the median and 1 above; its cubic
//   x = ((c[3] s + c[2]) s + c[1]) s + c[0]
// is in s = the fraction of v's octave beyond the segment's start, s in [0, 2^-log2_segments), v = 2^e (1 + ...).
// (Derflinger, Hörmann & Leydold 2010 for the idea of checked numerical inversion.)
#ifndef WS_NUMERIC_TABLE_H
#define WS_NUMERIC_TABLE_H

#include <stddef.h>
#include <stdint.h>

enum { WS_TABLE_OCTAVES = 53, WS_TABLE_ROW_BYTES = 32, WS_TABLE_LOG2_CELLS = 9 };

enum ws_table_kind {
    WS_TABLE_CONSTANT, // x = constant for every u
    WS_TABLE_SMOOTH,   // rows alone
    WS_TABLE_BROKEN,   // rows, and for segments that hold a kink or a gap a second row beyond a breakpoint
    WS_TABLE_STEPS,    // a discrete prior: x = values[number of thresholds <= u]
    WS_TABLE_GIVEN     // none of its own: one of `given`, by the value of another input
};

// The 32-bit words first .. first + width, which lie beyond the break of their segment, and where their row is: its
// distance from the first of all rows, in bytes.
struct ws_table_break {
    uint32_t first, width, offset;
};

struct ws_table {
    int kind;               // enum ws_table_kind
    unsigned log2_segments; // segments per octave, 0..8
    double constant;
    const double (*rows)[4]; // 64-byte aligned; 2 * WS_TABLE_OCTAVES << log2_segments of them
    // WS_TABLE_BROKEN: for every row, the s at which the second row takes over (2 where there is no break), and the
    // second row's index among `beyond`. Where a segment has more pieces, the rows that follow among `beyond` are
    // theirs, and `piece_end` has the s at which each ends, 2 for a segment's last; NULL where no segment has more than
    // two. `beyond` lies right behind `rows`.
    const double *break_at;
    const uint32_t *break_row;
    const double (*beyond)[4];
    const double *piece_end;
    size_t n_beyond;
    // WS_TABLE_STEPS: n_steps values, n_steps - 1 ascending thresholds in (0, 1).
    size_t n_steps;
    const double *values, *thresholds;
    // What kernels find their way by, from ws_table_index. WS_TABLE_BROKEN: all breaks where they are few, else NULL,
    // and the rows as a tree. WS_TABLE_STEPS: cells of words, equal in their bits from cell_shift on. Where steps are
    // not too many, a row for each cell: the first threshold that lies in it or behind it, the values below and from
    // there on, and the second such threshold; 2 where there is none. Else the number of thresholds before each cell
    // and the most that lie in one.
    size_t n_breaks;
    const struct ws_table_break *breaks;
    // The tree: n_tree rows, the first of them those of `rows`, where one whose segment has a break is a mark {NaN,
    // scale, part, to}. What holds at s is then the row number to + s scale, rounded down, and the one behind it where
    // s >= part; it may be a mark in turn. What most draws need comes first. 64-byte aligned.
    // Behind the first rows are those of the middle, where nearly all draws begin: cells of 2^-9 of u where these are
    // no wider than segments, from cell 2^log2_segments to as many before the last. A cell has the cubic that holds in
    // all of it, with the s of its segment, or is a mark.
    const double (*tree)[4];
    size_t n_tree, n_hot;     // the rows; up to where they are worth to be asked for ahead
    const double (*cells)[4]; // 64-byte aligned
    const uint32_t *starts;
    size_t most_in_cell;
    unsigned cell_shift;
    // WS_TABLE_GIVEN: a table for each value of the other input. The kernels know only these.
    size_t n_given;
    const struct ws_table *const *given;
    double error; // the largest error measured, relative to max(|x|, interquartile range); 0 for discrete priors
    size_t bytes; // memory of all of the above
    char digest[65]; // of what draws get from it, where whoever built it has noted it (ws_table_digest)
};

// Makes the index of a table that is otherwise complete; nonzero where memory runs out. To be freed by
// ws_table_unindex.
int ws_table_index(struct ws_table *table);
void ws_table_unindex(struct ws_table *table);

// The table at one point: v in (0, 1/2] is the distance to the lower end, or where upper is nonzero to the upper
// end; values below 2^-54 count as 2^-54. The same bits as the vector kernels give.
double ws_table_at(const struct ws_table *table, double v, int upper);

// Asks for what n_blocks blocks of draws read of the table to come into the cache: before each block of the table's
// predecessor, whose number is given, for another part of it.
void ws_table_prefetch(const struct ws_table *table, size_t block, size_t n_blocks);

#endif
