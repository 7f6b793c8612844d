// SPDX-License-Identifier: GPL-3.0-or-later
// What the kernels find their way through breaks and steps by, made from the table itself.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "numeric/table_tree.h"

enum { FEW_BREAKS = 6 };   // words are compared with each; of more, there is a tree
enum { LOG2_STARTS = 16 }; // cells of 32-bit words where steps are many
enum { MOST_CELL_STEPS = 1 << 12, LEAST_LOG2_CELLS = 8 };

// ---- breaks ----

// Whether the break of a row lies at or before the place of `cell`, the number of whole words between a draw and its
// end. Both are exact.
static int is_beyond(const struct ws_table *table, size_t row, double cell) {
    size_t octave = (row >> table->log2_segments) % WS_TABLE_OCTAVES;
    double segments = (double)(1u << table->log2_segments);
    double fraction = ldexp(cell + 0.5, 22 - (int)octave) - 1; // v = 2^(octave - 54) (1 + fraction)
    return fraction - (double)(row & ((1u << table->log2_segments) - 1)) / segments >= table->break_at[row];
}

// The words beyond the break of a row, if there are any.
static int find_break(const struct ws_table *table, size_t row, struct ws_table_break *found) {
    size_t n_rows = (size_t)(2 * WS_TABLE_OCTAVES) << table->log2_segments, octave = row >> table->log2_segments;
    double segments = (double)(1u << table->log2_segments);
    double segment = (double)(row & ((1u << table->log2_segments) - 1)) / segments;
    int upper = octave >= WS_TABLE_OCTAVES, exponent = (int)(octave % WS_TABLE_OCTAVES) - 22;
    double end = ceil(ldexp(1 + segment + 1 / segments, exponent) - 0.5);
    double first = ceil(ldexp(1 + segment, exponent) - 0.5);
    double cell = ceil(ldexp(1 + segment + table->break_at[row], exponent) - 0.5); // up to rounding
    while (cell > first && is_beyond(table, row, cell - 1))
        cell--;
    while (cell < end && !is_beyond(table, row, cell))
        cell++;
    if (cell >= end)
        return 0;
    uint32_t least = (uint32_t)cell, most = (uint32_t)(end - 1);
    *found = (struct ws_table_break){upper ? ~most : least, most - least,
                                     (uint32_t)(n_rows + table->break_row[row]) * WS_TABLE_ROW_BYTES};
    return 1;
}

static int index_breaks(struct ws_table *table) {
    size_t n_rows = (size_t)(2 * WS_TABLE_OCTAVES) << table->log2_segments, n = 0;
    struct ws_table_break *breaks = malloc(FEW_BREAKS * sizeof *breaks);
    if (!breaks)
        return -1;
    for (size_t row = 0; row < n_rows; row++) {
        struct ws_table_break found;
        if (table->break_at[row] >= 2 || !find_break(table, row, &found))
            continue;
        if (n == FEW_BREAKS) {
            free(breaks);
            return 0;
        }
        breaks[n++] = found;
    }
    table->breaks = breaks;
    table->n_breaks = n;
    return 0;
}

static int index_broken(struct ws_table *table) {
    if (!table->piece_end && index_breaks(table))
        return -1;
    return table->breaks ? 0 : ws_table_tree(table);
}

// ---- steps ----

// How many thresholds are at or below the u of a word.
static size_t count_below(const struct ws_table *table, uint32_t word, size_t from) {
    double u = (word + 0.5) * 0x1p-32;
    while (from < table->n_steps - 1 && table->thresholds[from] <= u)
        from++;
    return from;
}

static int index_cells(struct ws_table *table) {
    const size_t last = table->n_steps - 1;
    unsigned log2_cells = LEAST_LOG2_CELLS;
    while ((size_t)1 << log2_cells < 2 * table->n_steps)
        log2_cells++;
    double(*cells)[4] = aligned_alloc(64, ((size_t)1 << log2_cells) * sizeof *cells);
    if (!cells)
        return -1;
    for (size_t c = 0, k = 0; c >> log2_cells == 0; c++) {
        k = count_below(table, (uint32_t)(c << (32 - log2_cells)), k);
        cells[c][0] = k < last ? table->thresholds[k] : 2;
        cells[c][1] = table->values[k];
        cells[c][2] = table->values[k < last ? k + 1 : last];
        cells[c][3] = k + 1 < last ? table->thresholds[k + 1] : 2;
    }
    table->cells = (const double(*)[4])cells;
    table->cell_shift = 32 - log2_cells;
    return 0;
}

static int index_starts(struct ws_table *table) {
    const size_t n = (size_t)1 << LOG2_STARTS, last = table->n_steps - 1;
    uint32_t *starts = malloc(n * sizeof *starts);
    if (!starts)
        return -1;
    for (size_t c = 0, k = 0; c < n; c++)
        starts[c] = (uint32_t)(k = count_below(table, (uint32_t)(c << (32 - LOG2_STARTS)), k));
    for (size_t c = 0; c < n; c++) {
        size_t in_cell = count_below(table, (uint32_t)(((c + 1) << (32 - LOG2_STARTS)) - 1), starts[c]) - starts[c];
        table->most_in_cell = in_cell > table->most_in_cell ? in_cell : table->most_in_cell;
    }
    for (size_t c = 0; c < n; c++) // so that a search stays within the thresholds
        starts[c] = starts[c] + table->most_in_cell > last ? (uint32_t)(last - table->most_in_cell) : starts[c];
    table->starts = starts;
    table->cell_shift = 32 - LOG2_STARTS;
    return 0;
}

int ws_table_index(struct ws_table *table) {
    if (table->kind == WS_TABLE_BROKEN)
        return index_broken(table);
    if (table->kind != WS_TABLE_STEPS)
        return 0;
    return table->n_steps <= MOST_CELL_STEPS ? index_cells(table) : index_starts(table);
}

void ws_table_unindex(struct ws_table *table) {
    free((void *)(uintptr_t)table->breaks);
    free((void *)(uintptr_t)table->tree);
    free((void *)(uintptr_t)table->cells);
    free((void *)(uintptr_t)table->starts);
    table->breaks = NULL;
    table->tree = NULL;
    table->cells = NULL;
    table->starts = NULL;
}
