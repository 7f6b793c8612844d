// SPDX-License-Identifier: GPL-3.0-or-later
// Text laid out in columns for a terminal: what every report for people is drawn with.
#ifndef WS_REPORT_LAYOUT_H
#define WS_REPORT_LAYOUT_H

#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/text.h"

enum { WS_TERMINAL_COLUMNS = 80 };

enum ws_align {
    WS_LEFT,
    WS_RIGHT,
    WS_WRAPPED // the last column alone: gets the width that is left, breaks lines at blanks
};

enum ws_style { WS_PLAIN, WS_BOLD, WS_DIM };

struct ws_grid_column {
    const char *title;
    int align; // enum ws_align
};

struct ws_grid_row {
    const char **cells; // one per column; NULL is empty
    int style;          // enum ws_style
    size_t span;        // this cell's text runs on over all columns after it; SIZE_MAX: none does
};

// Columns get the width of their widest cell. Where that is more than `limit` in sum, gaps shrink, then the
// left-aligned columns; a row whose left cells no longer fit has them on a line of their own. Nothing is ever cut.
struct ws_grid {
    struct ws_arena *arena;
    const struct ws_grid_column *columns;
    size_t n_columns;
    struct ws_grid_row *rows;
    size_t n_rows;
    size_t indent;
    size_t limit; // 0: as wide as it gets
    int color;
    int markup; // enum ws_markup; nonzero: a table for a paper, without regard to widths
};

// A new row at the end. It stays where it is only until the next one is added.
struct ws_grid_row *ws_grid_add(struct ws_grid *grid, int style);
void ws_grid_print(const struct ws_grid *grid, FILE *out);

// Terminal columns that UTF-8 text takes: 0 for combining marks, 2 for East Asian wide characters and emoji.
size_t ws_text_width(const char *text);
// Words on lines of at most `limit` columns, all but the first indented.
void ws_print_wrapped(const char *text, size_t indent, size_t limit, int style, int color, struct ws_arena *arena,
                      FILE *out);
// A line in a style.
void ws_print_styled(const char *text, int style, int color, FILE *out);

#endif
