// SPDX-License-Identifier: GPL-3.0-or-later
// One column of a CSV text (RFC 4180, with the liberties that data.h names).
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "study/data.h"
#include "wattspan.h"

enum { MOST_COLUMNS = 4096 };

struct cell { // a piece of the file's text, without blanks and quotes around it
    const char *start;
    size_t length;
};

struct csv {
    const char *path, *at, *end;
    char separator;
    int line; // of `at`
    struct ws_arena *arena;
    struct ws_error *err;
    // The row under way.
    int row_line;
    size_t n_cells;
    struct cell cells[MOST_COLUMNS];
};

static int refuse(struct csv *csv, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

static int refuse(struct csv *csv, int line, const char *format, ...) {
    va_list args;
    va_start(args, format);
    const char *text = ws_arena_vprintf(csv->arena, format, args);
    va_end(args);
    return ws_error_set(csv->err, WS_ERROR_STUDY, ws_arena_printf(csv->arena, "%s:%d", csv->path, line), "%s", text);
}

// ---- rows ----

static char find_separator(const struct csv *csv) {
    static const char candidates[] = ",;\t";
    size_t count[sizeof candidates] = {0}, best = 0;
    int quoted = 0;
    for (const char *s = csv->at; s < csv->end && (quoted || *s != '\n'); s++) {
        const char *found = *s ? strchr(candidates, *s) : NULL;
        quoted ^= *s == '"';
        if (found && !quoted)
            count[found - candidates]++;
    }
    for (size_t i = 1; candidates[i]; i++)
        best = count[i] > count[best] ? i : best;
    return candidates[best];
}

static void next_line(struct csv *csv) {
    const char *newline = memchr(csv->at, '\n', (size_t)(csv->end - csv->at));
    csv->at = newline ? newline + 1 : csv->end;
    csv->line++;
}

static int is_passed_over(const struct csv *csv) {
    const char *s = csv->at;
    while (s < csv->end && (*s == ' ' || *s == '\r'))
        s++;
    return s < csv->end && (*s == '\n' || *s == '#');
}

static struct cell trimmed(const char *start, size_t length) {
    while (length > 0 && (*start == ' ' || *start == '\t')) {
        start++;
        length--;
    }
    while (length > 0 && strchr(" \t\r", start[length - 1]))
        length--;
    return (struct cell){start, length};
}

// Two quotes, which within a quoted cell stand for one.
static struct cell without_doubles(struct csv *csv, struct cell cell) {
    char *text = ws_arena_copy_n(csv->arena, cell.start, cell.length);
    size_t n = 0;
    for (size_t i = 0; i < cell.length; i++) {
        text[n++] = cell.start[i];
        i += cell.start[i] == '"';
    }
    return (struct cell){text, n};
}

// A cell in quotes, two of which within stand for one; csv->at is then behind the closing one and the blanks after it.
static int take_quoted(struct csv *csv, struct cell *cell) {
    int line = csv->line;
    const char *start = ++csv->at;
    for (; csv->at < csv->end && (*csv->at != '"' || (csv->at + 1 < csv->end && csv->at[1] == '"')); csv->at++) {
        csv->at += *csv->at == '"';
        csv->line += *csv->at == '\n';
    }
    if (csv->at == csv->end)
        return refuse(csv, line, "a quote opens here and never closes");
    *cell = trimmed(start, (size_t)(csv->at++ - start));
    if (memchr(cell->start, '"', cell->length))
        *cell = without_doubles(csv, *cell);
    while (csv->at < csv->end && (*csv->at == ' ' || *csv->at == '\r'))
        csv->at++;
    if (csv->at < csv->end && *csv->at != csv->separator && *csv->at != '\n')
        return refuse(csv, csv->line, "text follows a closing quote");
    return 0;
}

static int take_cell(struct csv *csv, struct cell *cell) {
    while (csv->at < csv->end && *csv->at == ' ')
        csv->at++;
    if (csv->at < csv->end && *csv->at == '"')
        return take_quoted(csv, cell);
    const char *start = csv->at;
    while (csv->at < csv->end && *csv->at != csv->separator && *csv->at != '\n')
        csv->at++;
    *cell = trimmed(start, (size_t)(csv->at - start));
    return 0;
}

// 1 with a row, 0 at the end, or an error.
static int next_row(struct csv *csv) {
    while (is_passed_over(csv))
        next_line(csv);
    if (csv->at == csv->end)
        return 0;
    csv->row_line = csv->line;
    for (csv->n_cells = 0;;) {
        if (csv->n_cells == MOST_COLUMNS)
            return refuse(csv, csv->line, "a row has more than %d columns", (int)MOST_COLUMNS);
        if (take_cell(csv, &csv->cells[csv->n_cells++]))
            return WS_ERROR_STUDY;
        if (csv->at == csv->end)
            return 1;
        if (*csv->at++ == '\n') {
            csv->line++;
            return 1;
        }
    }
}

// ---- the column ----

static int read_number(struct cell cell, double *value) {
    char text[512];
    if (cell.length >= sizeof text)
        return -1;
    memcpy(text, cell.start, cell.length);
    text[cell.length] = '\0';
    return ws_parse_double(text, value);
}

static int is_called(struct cell cell, const char *name) {
    return strlen(name) == cell.length && memcmp(cell.start, name, cell.length) == 0;
}

static const char *list_names(const struct csv *csv) {
    enum { SHOWN = 12, LETTERS = 40 };
    struct ws_text names = {.arena = csv->arena};
    for (size_t i = 0; i < csv->n_cells && i < SHOWN; i++)
        ws_text_printf(&names, "%s%.*s", i ? ", " : "",
                       (int)(csv->cells[i].length < LETTERS ? csv->cells[i].length : LETTERS), csv->cells[i].start);
    return ws_arena_printf(csv->arena, "%s%s", names.data, csv->n_cells > SHOWN ? ", ..." : "");
}

// Which column of the first row is meant; *names tells whether that row holds names.
static int find_column(struct csv *csv, const char *column, size_t *index, int *names) {
    double number;
    size_t found = 0;
    uint64_t count = 0;
    for (size_t i = 0; i < csv->n_cells && *column; i++)
        if (is_called(csv->cells[i], column)) {
            found++;
            *index = i;
        }
    if (found > 1)
        return refuse(csv, csv->row_line, "%zu columns are called '%.60s'; give the column's number", found, column);
    if (!*column && csv->n_cells != 1)
        return refuse(csv, csv->row_line, "the file has %zu columns (%s); say which: 'column: NAME'", csv->n_cells,
                      list_names(csv));
    if (found == 0 && *column && ws_parse_count(column, &count))
        return refuse(csv, csv->row_line, "no column is called '%.60s'; there are: %s", column, list_names(csv));
    if (found == 0 && *column && (count < 1 || count > csv->n_cells))
        return refuse(csv, csv->row_line, "there is no column %.20s: the file has 1 to %zu", column, csv->n_cells);
    if (found == 0)
        *index = *column ? (size_t)count - 1 : 0;
    *names = found == 1 || read_number(csv->cells[*index], &number) != 0;
    return 0;
}

static int take_value(struct csv *csv, const char *column, size_t index, double *value) {
    const struct cell cell = index < csv->n_cells ? csv->cells[index] : (struct cell){"", 0};
    if (cell.length > 0 && read_number(cell, value) == 0)
        return 0;
    const char *what = *column ? ws_arena_printf(csv->arena, "column '%.60s'", column) : "the column";
    if (cell.length == 0)
        return refuse(csv, csv->row_line, "%s is empty here, wanted a number; remove the row or give it one", what);
    const char *text = ws_arena_copy_n(csv->arena, cell.start, cell.length < 60 ? cell.length : 60);
    int separated = strchr(text, ',') && strspn(text, "0123456789,.+-") == strlen(text);
    return refuse(csv, csv->row_line, "%s holds '%s', wanted a finite number; %s", what, text,
                  separated ? "write 1234.5: a decimal point and no separators" : "remove the row or give it a number");
}

// More cells than the first row has are a number cut in two, or columns that have slipped; empty ones are neither.
static int check_width(struct csv *csv, size_t width) {
    for (size_t i = width; i < csv->n_cells; i++)
        if (csv->cells[i].length > 0)
            return refuse(csv, csv->row_line,
                          "%zu cells where the first row has %zu; put cells that hold a '%c' in quotes", csv->n_cells,
                          width, csv->separator);
    return 0;
}

static int read_rows(struct csv *csv, const char *column, double *values, size_t *n) {
    size_t index = 0;
    int names = 0, row = next_row(csv);
    if (row == 0)
        return refuse(csv, 1, "the file is empty");
    if (row < 0 || find_column(csv, column, &index, &names))
        return WS_ERROR_STUDY;
    const size_t width = csv->n_cells;
    if (names)
        row = next_row(csv);
    for (*n = 0; row > 0; row = next_row(csv)) {
        if (*n == WS_DATA_MOST_VALUES)
            return refuse(csv, csv->row_line, "more than %d values; take a sample of them", (int)WS_DATA_MOST_VALUES);
        if (check_width(csv, width) || take_value(csv, column, index, &values[(*n)++]))
            return WS_ERROR_STUDY;
    }
    return row;
}

// Lines that end with a carriage return alone, as some spreadsheets write them.
static const char *with_newlines(const char *text, size_t length, struct ws_arena *arena) {
    if (memchr(text, '\n', length) || !memchr(text, '\r', length))
        return text;
    char *copy = ws_arena_copy_n(arena, text, length);
    for (char *s = copy; s < copy + length; s++)
        *s = *s == '\r' ? '\n' : *s;
    return copy;
}

int ws_csv_column(const char *path, const char *text, size_t length, const char *column, struct ws_arena *arena,
                  struct ws_data_column *read, struct ws_error *err) {
    static const char mark[] = "\xEF\xBB\xBF";
    struct csv *csv = WS_NEW(arena, struct csv);
    text = with_newlines(text, length, arena);
    *csv = (struct csv){.path = path, .at = text, .end = text + length, .line = 1, .arena = arena, .err = err};
    for (const char *s = text; s < csv->end; s++) {
        csv->line += *s == '\n';
        if ((unsigned char)*s < 0x20 && *s != '\n' && *s != '\r' && *s != '\t')
            return refuse(csv, csv->line, "byte 0x%02x: this is no text, wanted a CSV or an HDF5 file",
                          (unsigned)(unsigned char)*s);
    }
    size_t lines = (size_t)csv->line;
    double *values = WS_NEW_ARRAY(arena, double, lines < WS_DATA_MOST_VALUES ? lines : WS_DATA_MOST_VALUES);
    *read = (struct ws_data_column){.values = values, .units = ""};
    csv->line = 1;
    if (length >= sizeof mark - 1 && memcmp(text, mark, sizeof mark - 1) == 0)
        csv->at += sizeof mark - 1;
    while (is_passed_over(csv))
        next_line(csv);
    csv->separator = find_separator(csv);
    return read_rows(csv, column, values, &read->n);
}
