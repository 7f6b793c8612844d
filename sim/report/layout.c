// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/layout.h"

#include <stdint.h>
#include <string.h>

#include "report/markup.h"
#include "report/terminal.h"

struct ws_grid_row *ws_grid_add(struct ws_grid *grid, int style) {
    grid->rows = ws_arena_grow(grid->arena, grid->rows, grid->n_rows, sizeof *grid->rows);
    struct ws_grid_row *row = &grid->rows[grid->n_rows++];
    *row = (struct ws_grid_row){WS_NEW_ARRAY(grid->arena, const char *, grid->n_columns), style, SIZE_MAX};
    return row;
}

void ws_print_styled(const char *text, int style, int color, FILE *out) {
    static const char *const codes[] = {[WS_PLAIN] = "", [WS_BOLD] = "\033[1m", [WS_DIM] = "\033[2m"};
    int styled = color && style != WS_PLAIN && *text;
    fprintf(out, "%s%s%s\n", styled ? codes[style] : "", text, styled ? "\033[0m" : "");
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

static void pad(struct ws_text *line, size_t count) {
    while (count-- > 0)
        ws_text_add_n(line, " ", 1);
}

// Prints the line without the blanks at its end and empties it.
static void end_line(struct ws_text *line, int style, int color, FILE *out) {
    while (line->length > 0 && line->data[line->length - 1] == ' ')
        line->data[--line->length] = '\0';
    ws_print_styled(line->length ? line->data : "", style, color, out);
    line->length = 0;
}

// Bytes of the first piece of text that fits `width` columns: up to a blank where there is one, at least one character.
static size_t piece(const char *text, size_t width) {
    size_t columns = 0, at_blank = 0;
    const char *s = text;
    while (*s) {
        const char *start = s;
        columns += ws_character_width(ws_next_character(&s));
        if (columns > width)
            return at_blank ? at_blank : start > text ? (size_t)(start - text) : (size_t)(s - text);
        if (*start == ' ' && start > text)
            at_blank = (size_t)(start - text);
    }
    return (size_t)(s - text);
}

// Adds text to the line, in pieces of at most `width` columns, new lines beginning at column `indent`.
static void add_wrapped(struct ws_text *line, const char *text, size_t indent, size_t width, int style, int color,
                        FILE *out) {
    for (;;) {
        size_t n = piece(text, width);
        ws_text_add_n(line, text, n);
        text += n;
        text += strspn(text, " ");
        if (!*text)
            return;
        end_line(line, style, color, out);
        pad(line, indent);
    }
}

void ws_print_wrapped(const char *text, size_t indent, size_t limit, int style, int color, struct ws_arena *arena,
                      FILE *out) {
    struct ws_text line = {.arena = arena};
    size_t first = piece(text, limit);
    ws_text_add_n(&line, text, first);
    text += first;
    text += strspn(text, " ");
    if (*text) {
        end_line(&line, style, color, out);
        pad(&line, indent);
        add_wrapped(&line, text, indent, limit - indent, style, color, out);
    }
    end_line(&line, style, color, out);
}

// ---- widths ----

static int is_wrapped(const struct ws_grid *grid, size_t column) { return grid->columns[column].align == WS_WRAPPED; }

static void natural_widths(const struct ws_grid *grid, size_t *widths) {
    for (size_t c = 0; c < grid->n_columns; c++) {
        widths[c] = ws_text_width(grid->columns[c].title);
        for (size_t r = 0; r < grid->n_rows && !is_wrapped(grid, c); r++) {
            const struct ws_grid_row *row = &grid->rows[r];
            if (row->cells[c] && c < row->span)
                widths[c] = larger(widths[c], ws_text_width(row->cells[c]));
        }
    }
}

static size_t total_width(const struct ws_grid *grid, const size_t *widths, size_t gap) {
    size_t total = grid->indent + gap * (grid->n_columns - 1);
    for (size_t c = 0; c < grid->n_columns; c++)
        total += widths[c];
    return total;
}

// Takes columns from the widest of the left-aligned columns until all fit; nonzero if none had to become narrower than
// a usual name is long.
static int shrink(const struct ws_grid *grid, size_t *widths, size_t gap) {
    enum { LEAST = 6, COMFORTABLE = 16 };
    int comfortable = 1;
    size_t total = total_width(grid, widths, gap);
    while (total > grid->limit) {
        size_t widest = SIZE_MAX;
        for (size_t c = 0; c < grid->n_columns; c++)
            if (grid->columns[c].align == WS_LEFT && widths[c] > LEAST &&
                (widest == SIZE_MAX || widths[c] > widths[widest]))
                widest = c;
        if (widest == SIZE_MAX)
            return 0;
        widths[widest]--;
        total--;
        comfortable = comfortable && widths[widest] >= COMFORTABLE;
    }
    return comfortable;
}

// Returns the gap between columns.
static size_t fit(const struct ws_grid *grid, size_t *widths) {
    enum { LEAST_WRAPPED = 32 };
    size_t last = grid->n_columns - 1, gap = 2;
    natural_widths(grid, widths);
    if (is_wrapped(grid, last))
        widths[last] = LEAST_WRAPPED;
    if (grid->limit > 0 && !shrink(grid, widths, gap)) {
        gap = 1;
        natural_widths(grid, widths);
        if (is_wrapped(grid, last))
            widths[last] = LEAST_WRAPPED;
        (void)shrink(grid, widths, gap);
    }
    if (is_wrapped(grid, last)) {
        size_t rest = total_width(grid, widths, gap) - widths[last],
               limit = grid->limit ? grid->limit : 2 * WS_TERMINAL_COLUMNS;
        widths[last] = limit > rest + LEAST_WRAPPED ? limit - rest : LEAST_WRAPPED;
    }
    return gap;
}

// ---- rows ----

// The left cells on a line of their own where one of them is wider than its column; nonzero if so.
static int spill(const struct ws_grid *grid, const struct ws_grid_row *row, const size_t *widths, struct ws_text *line,
                 FILE *out) {
    int over = 0;
    size_t n = 0;
    for (; n < grid->n_columns && grid->columns[n].align == WS_LEFT && n < row->span; n++)
        over = over || (row->cells[n] && ws_text_width(row->cells[n]) > widths[n]);
    if (!over)
        return 0;
    struct ws_text joined = {.arena = grid->arena};
    for (size_t c = 0; c < n; c++)
        if (row->cells[c] && *row->cells[c])
            ws_text_printf(&joined, "%s%s", joined.length ? "  " : "", row->cells[c]);
    size_t lead = strspn(joined.data, " ");
    pad(line, grid->indent + lead);
    add_wrapped(line, joined.data + lead, grid->indent + lead + 2, grid->limit - grid->indent - lead - 2, row->style,
                grid->color, out);
    end_line(line, row->style, grid->color, out);
    return 1;
}

static void print_row(const struct ws_grid *grid, const struct ws_grid_row *row, const size_t *widths, size_t gap,
                      FILE *out) {
    struct ws_text line = {.arena = grid->arena};
    int spilled = spill(grid, row, widths, &line, out), leading = 1;
    size_t column = grid->indent;
    pad(&line, column);
    for (size_t c = 0; c < grid->n_columns; c++) {
        leading = leading && grid->columns[c].align == WS_LEFT;
        const char *cell = row->cells[c] && !(spilled && leading) ? row->cells[c] : "";
        size_t width = ws_text_width(cell);
        if (c == row->span || is_wrapped(grid, c)) {
            size_t lead = strspn(cell, " ");
            size_t room = grid->limit == 0 && c == row->span ? SIZE_MAX / 2
                          : c == row->span                   ? grid->limit - column
                                                             : widths[c];
            pad(&line, lead);
            add_wrapped(&line, cell + lead, column + lead, larger(room, lead + 8) - lead, row->style, grid->color, out);
            break;
        }
        size_t blanks = width < widths[c] ? widths[c] - width : 0;
        pad(&line, grid->columns[c].align == WS_RIGHT ? blanks : 0);
        ws_text_add(&line, cell);
        pad(&line, (grid->columns[c].align == WS_RIGHT ? 0 : blanks) + gap);
        column += larger(width, widths[c]) + gap;
    }
    end_line(&line, row->style, grid->color, out);
}

void ws_grid_print(const struct ws_grid *grid, FILE *out) {
    if (grid->n_rows == 0)
        return;
    if (grid->markup) {
        ws_markup_grid(grid, out);
        return;
    }
    size_t *widths = WS_NEW_ARRAY(grid->arena, size_t, grid->n_columns);
    size_t gap = fit(grid, widths);
    struct ws_grid_row titles = {WS_NEW_ARRAY(grid->arena, const char *, grid->n_columns), WS_BOLD, SIZE_MAX};
    int titled = 0;
    for (size_t c = 0; c < grid->n_columns; c++) {
        titles.cells[c] = grid->columns[c].title;
        titled = titled || *titles.cells[c];
    }
    if (titled)
        print_row(grid, &titles, widths, gap, out);
    for (size_t r = 0; r < grid->n_rows; r++)
        print_row(grid, &grid->rows[r], widths, gap, out);
}
