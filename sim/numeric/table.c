// SPDX-License-Identifier: GPL-3.0-or-later
// A table at one point, with the very operations of the vector kernels.
#include "numeric/table.h"

#include <math.h>
#include <stdint.h>

// x = values[number of thresholds <= u]. On the upper side u = 1 - v >= 1/2, and 1 - threshold is exact where it
// matters.
static double step_at(const struct ws_table *table, double v, int upper) {
    size_t low = 0, high = table->n_steps - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        double threshold = table->thresholds[middle];
        if (upper ? threshold < 0.5 || v <= 1 - threshold : threshold <= v)
            low = middle + 1;
        else
            high = middle;
    }
    return table->values[low];
}

static double cubic(const double *c, double s) { return ((c[3] * s + c[2]) * s + c[1]) * s + c[0]; }

// The row among `beyond` that holds at s, from the first that a segment has there.
static uint32_t find_piece(const struct ws_table *table, uint32_t row, double s) {
    while (table->piece_end && s >= table->piece_end[row])
        row++;
    return row;
}

static double piece_at(const struct ws_table *table, double v, int upper) {
    double segments = (double)(1u << table->log2_segments);
    int exponent;
    double fraction = 2 * frexp(v, &exponent) - 1; // v = 2^(exponent - 1) (1 + fraction)
    size_t octave = (size_t)(WS_TABLE_OCTAVES + exponent);
    if (v >= 0.5) { // the end of the last segment
        octave = WS_TABLE_OCTAVES - 1;
        fraction = 1;
    }
    double segment = fmin(floor(fraction * segments), segments - 1), s = fraction - segment / segments;
    size_t row = (((upper ? WS_TABLE_OCTAVES : 0) + octave) << table->log2_segments) + (size_t)segment;
    if (table->kind == WS_TABLE_BROKEN && s >= table->break_at[row])
        return cubic(table->beyond[find_piece(table, table->break_row[row], s)], s);
    return cubic(table->rows[row], s);
}

double ws_table_at(const struct ws_table *table, double v, int upper) {
    v = fmax(v, 0x1p-54);
    switch (table->kind) {
    case WS_TABLE_CONSTANT:
        return table->constant;
    case WS_TABLE_STEPS:
        return step_at(table, v, upper);
    default:
        return piece_at(table, v, upper);
    }
}

static void prefetch(const void *from, size_t bytes, size_t part, size_t parts) {
    enum { LINE = 64 };
    const char *at = from;
    for (size_t i = bytes * part / parts / LINE * LINE; i < bytes * (part + 1) / parts; i += LINE)
        __builtin_prefetch(at + i);
}

void ws_table_prefetch(const struct ws_table *table, size_t block, size_t n_blocks) {
    enum { LOG2_BLOCK = 9, MOST = 1024 }; // rows
    size_t octaves = LOG2_BLOCK;          // those next to the median, which all draws but one are in
    for (size_t n = n_blocks; n > 1; n /= 2)
        octaves++;
    const size_t per_octave = (size_t)1 << table->log2_segments, n_rows = 2 * WS_TABLE_OCTAVES * per_octave;
    const double(*rows)[4] = table->tree ? table->tree : table->rows;
    size_t beyond = table->tree ? table->n_hot - n_rows : table->n_beyond;
    size_t skipped = table->tree ? WS_TABLE_LOG2_CELLS - 1 - table->log2_segments : 0; // octaves of the middle
    for (size_t side = 1; side <= 2 && rows && octaves > skipped; side++)
        prefetch(rows + (side * WS_TABLE_OCTAVES - octaves) * per_octave,
                 (octaves - skipped) * per_octave * sizeof *rows, block, n_blocks);
    if (beyond > 0)
        prefetch(rows + n_rows, (beyond < MOST ? beyond : MOST) * sizeof *rows, block, n_blocks);
    if (table->cells) {
        prefetch(table->cells, sizeof *table->cells << (32 - table->cell_shift), block, n_blocks); // all alike
    }
}
