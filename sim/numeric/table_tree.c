// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of a table with many breaks as a tree: a row without a break is its cubic, any other a mark that leads on to
// rows for parts of its segment, which may be marks in turn. So the kernels go down by vectors of draws, and what most
// draws need lies together.
#include "numeric/table_tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_LOG2_CELLS = 5, LOG2_HOT = 14 };

// Where words are within their segments are multiples of this.
static const double resolution = 0x1p-31;

// A piece of a segment, and where it ends; the last one's end is beyond it.
struct piece {
    const double *row;
    double end;
};

// A row to be filled: for the part of a segment from `low` on that is `width` wide, in which the pieces
// first .. last are.
struct task {
    size_t row, first, last;
    double low, width;
    int octave; // of the segment, counted from the median: a draw's place is in it with probability 2^-(octave + 2)
    int done;
};

struct tree {
    struct piece *pieces;
    double (*rows)[4];
    struct task *tasks;
    size_t n_pieces, n_rows, room, n_tasks, task_room;
    size_t n_hot; // rows that one draw in 2^LOG2_HOT leads to, or more, and what stands before them
};

// ---- pieces ----

static size_t count_pieces(const struct ws_table *table, size_t n_rows) {
    size_t n = n_rows;
    for (size_t row = 0; row < n_rows; row++) {
        if (table->break_at[row] >= 2)
            continue;
        size_t k = table->break_row[row];
        for (n++; table->piece_end && table->piece_end[k] < 2; k++)
            n++;
    }
    return n;
}

// The pieces of a row's segment, those of no width left out. Returns the first one's number.
static size_t list_pieces(struct tree *tree, const struct ws_table *table, size_t row) {
    size_t first = tree->n_pieces;
    double end = table->break_at[row];
    if (end > 0)
        tree->pieces[tree->n_pieces++] = (struct piece){table->rows[row], end};
    for (size_t k = table->break_row[row]; end < 2; k++) {
        double start = end;
        end = table->piece_end ? table->piece_end[k] : 2;
        if (end > start)
            tree->pieces[tree->n_pieces++] = (struct piece){table->beyond[k], end};
    }
    return first;
}

// ---- rows ----

// n rows, from the start of a cache line on; 0 where memory runs out.
static size_t add_rows(struct tree *tree, size_t n) {
    size_t first = (tree->n_rows + 1) / 2 * 2;
    if (first + n > tree->room) {
        size_t room = 2 * (first + n);
        void *rows = realloc(tree->rows, room * sizeof *tree->rows);
        if (!rows)
            return 0;
        tree->rows = rows;
        tree->room = room;
    }
    memset(tree->rows + tree->n_rows, 0, (first + n - tree->n_rows) * sizeof *tree->rows);
    tree->n_rows = first + n;
    return first;
}

static int add_task(struct tree *tree, struct task task) {
    if (tree->n_tasks == tree->task_room) {
        size_t room = 2 * tree->task_room + 64;
        void *tasks = realloc(tree->tasks, room * sizeof *tree->tasks);
        if (!tasks)
            return -1;
        tree->tasks = tasks;
        tree->task_room = room;
    }
    tree->tasks[tree->n_tasks++] = task;
    return 0;
}

// Cell c of 2^log2_cells of a task's part, with the pieces in it, of which none is before `first`. One as narrow as
// words are apart has a word at its start alone.
static struct task cell_of(const struct tree *tree, const struct task *of, unsigned log2_cells, size_t c,
                           size_t first) {
    double width = ldexp(of->width, -(int)log2_cells), low = of->low + (double)c * width;
    while (tree->pieces[first].end <= low)
        first++;
    size_t last = first;
    while (width > resolution && tree->pieces[last].end < low + width)
        last++;
    return (struct task){.first = first, .last = last, .low = low, .width = width, .octave = of->octave};
}

// As few cells as leave no more than two pieces in each, within reason.
static unsigned choose_cells(const struct tree *tree, const struct task *task) {
    for (unsigned log2_cells = 1; log2_cells < MOST_LOG2_CELLS; log2_cells++) {
        size_t first = task->first, most = 0;
        for (size_t c = 0; c >> log2_cells == 0; c++) {
            struct task cell = cell_of(tree, task, log2_cells, c, first);
            first = cell.first;
            most = cell.last - cell.first > most ? cell.last - cell.first : most;
        }
        if (most <= 1)
            return log2_cells;
    }
    return MOST_LOG2_CELLS;
}

static void fill_plain(struct tree *tree, size_t row, size_t piece) {
    memcpy(tree->rows[row], tree->pieces[piece].row, sizeof *tree->rows);
}

// Two rows, to either side of a break.
static int part(struct tree *tree, const struct task *task) {
    size_t to = add_rows(tree, 2);
    if (!to)
        return -1;
    memcpy(tree->rows[task->row], (double[4]){NAN, 0, tree->pieces[task->first].end, (double)to}, sizeof *tree->rows);
    fill_plain(tree, to, task->first);
    fill_plain(tree, to + 1, task->last);
    return 0;
}

static int divide(struct tree *tree, const struct task *task) {
    unsigned log2_cells = choose_cells(tree, task);
    double scale = ldexp(1, (int)log2_cells) / task->width;
    size_t to = add_rows(tree, (size_t)1 << log2_cells), first = task->first;
    if (!to)
        return -1;
    memcpy(tree->rows[task->row], (double[4]){NAN, scale, 2, (double)to - task->low * scale}, sizeof *tree->rows);
    for (size_t c = 0; c >> log2_cells == 0; c++) {
        struct task cell = cell_of(tree, task, log2_cells, c, first);
        first = cell.first;
        cell.row = to + c;
        if (cell.first == cell.last)
            fill_plain(tree, cell.row, cell.first);
        else if (add_task(tree, cell))
            return -1;
    }
    return 0;
}

static int begin(struct tree *tree, const struct task *task) {
    if (task->first < task->last)
        return add_task(tree, *task);
    fill_plain(tree, task->row, task->first);
    return 0;
}

// The cells of the middle that a segment is divided into by 2^log2_cells, the first of which lies at v = cell 2^-9.
static int begin_cells(struct tree *tree, const struct task *segment, unsigned log2_cells, int upper, size_t cell) {
    for (size_t c = 0; c >> log2_cells == 0; c++) {
        struct task task = cell_of(tree, segment, log2_cells, c, segment->first);
        size_t number = upper ? ((size_t)1 << WS_TABLE_LOG2_CELLS) - 1 - (cell + c) : cell + c;
        task.row = segment->row + number;
        if (begin(tree, &task))
            return -1;
    }
    return 0;
}

// Of draws, how many reach a task's row.
static double probability(const struct task *task) { return ldexp(task->width, -task->octave - 2); }

// All tasks and those that they lead on to: rows that most draws need come first, and among them lie close together.
static int do_tasks(struct tree *tree) {
    size_t left = tree->n_tasks;
    for (int scale = 1; left > 0; scale++) {
        for (size_t k = 0; k < tree->n_tasks; k++) {
            const struct task task = tree->tasks[k]; // the array grows
            const size_t before = tree->n_tasks;
            if (task.done || probability(&task) < ldexp(1, -scale))
                continue;
            tree->tasks[k].done = 1;
            if (task.last == task.first + 1 ? part(tree, &task) : divide(tree, &task))
                return -1;
            left += tree->n_tasks - before;
            left--;
        }
        if (scale <= LOG2_HOT)
            tree->n_hot = tree->n_rows;
    }
    return 0;
}

// All segments, those next to the median first, those of the middle as cells; then what they lead on to.
static int plant(struct tree *tree, const struct ws_table *table) {
    const size_t per_octave = (size_t)1 << table->log2_segments, n_rows = 2 * WS_TABLE_OCTAVES * per_octave;
    for (size_t i = 0; i < n_rows; i++) {
        size_t below = i / per_octave / 2, side = i / per_octave % 2, segment = i % per_octave;
        size_t row = (side * WS_TABLE_OCTAVES + WS_TABLE_OCTAVES - 1 - below) * per_octave + segment;
        const size_t first = list_pieces(tree, table, row);
        struct task task = {row, first, tree->n_pieces - 1, 0, 1 / (double)per_octave, (int)below, 0};
        // v from 2^-(below + 2) (1 + segment / per_octave) on
        int log2_cells = WS_TABLE_LOG2_CELLS - (int)table->log2_segments - 2 - (int)below;
        if (log2_cells < 0) {
            if (begin(tree, &task))
                return -1;
            continue;
        }
        task.row = n_rows - per_octave;
        if (begin_cells(tree, &task, (unsigned)log2_cells, side == 1, (per_octave + segment) << log2_cells))
            return -1;
    }
    return do_tasks(tree);
}

// ---- the whole ----

int ws_table_tree(struct ws_table *table) {
    const size_t n_rows = (size_t)(2 * WS_TABLE_OCTAVES) << table->log2_segments;
    const size_t all = n_rows + ((size_t)1 << WS_TABLE_LOG2_CELLS) - ((size_t)2 << table->log2_segments);
    struct tree tree = {.n_rows = all, .room = all, .rows = malloc(all * sizeof *tree.rows)};
    tree.pieces = malloc((count_pieces(table, n_rows) + 1) * sizeof *tree.pieces);
    double(*rows)[4] = NULL;
    if (tree.rows && tree.pieces) {
        memcpy(tree.rows, table->rows, n_rows * sizeof *tree.rows);
        if (!plant(&tree, table))
            rows = aligned_alloc(64, (tree.n_rows + 1) / 2 * 2 * sizeof *rows);
    }
    if (rows) {
        memcpy(rows, tree.rows, tree.n_rows * sizeof *rows);
        table->tree = (const double(*)[4])rows;
        table->n_tree = tree.n_rows;
        table->n_hot = tree.n_hot > all ? tree.n_hot : all;
        table->bytes += tree.n_rows * sizeof *rows;
    }
    free(tree.rows);
    free(tree.pieces);
    free(tree.tasks);
    return rows ? 0 : -1;
}
