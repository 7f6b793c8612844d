// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/markup.h"

#include <string.h>

#include "base/text.h"

int ws_markup_of(const struct ws_report_options *options) {
    return options->format == WS_FORMAT_MARKDOWN ? WS_MARKUP_MARKDOWN
           : options->format == WS_FORMAT_LATEX  ? WS_MARKUP_LATEX
                                                 : WS_MARKUP_NONE;
}

// What stands for a piece of text that means something else in the markup; longer pieces first.
struct escape {
    const char *text, *markup;
};

static const struct escape in_markdown[] = {{"<=", "≤"},  {"\\", "\\\\"}, {"|", "\\|"},  {"*", "\\*"}, {"_", "\\_"},
                                            {"`", "\\`"}, {"<", "&lt;"},  {">", "&gt;"}, {NULL, NULL}};

static const struct escape in_latex[] = {{"<=", "$\\le$"},
                                         {"±", "$\\pm$"},
                                         {"\u00a0", "~"},
                                         {"\\", "\\textbackslash{}"},
                                         {"~", "\\textasciitilde{}"},
                                         {"^", "\\textasciicircum{}"},
                                         {"<", "\\textless{}"},
                                         {">", "\\textgreater{}"},
                                         {"&", "\\&"},
                                         {"%", "\\%"},
                                         {"$", "\\$"},
                                         {"#", "\\#"},
                                         {"_", "\\_"},
                                         {"{", "\\{"},
                                         {"}", "\\}"},
                                         {NULL, NULL}};

// Text for the markup. Blanks at its start, by which reports set rows below others, are kept.
static const char *escaped(const char *text, int markup, struct ws_arena *arena) {
    int latex = markup == WS_MARKUP_LATEX;
    struct ws_text result = {.arena = arena};
    ws_text_add(&result, "");
    for (; *text == ' '; text++)
        ws_text_add(&result, latex ? "\\enspace{}" : "&ensp;");
    while (*text) {
        const struct escape *e = latex ? in_latex : in_markdown;
        while (e->text && strncmp(text, e->text, strlen(e->text)) != 0)
            e++;
        if (e->text)
            ws_text_add(&result, e->markup);
        else
            ws_text_add_n(&result, text, 1);
        text += e->text ? strlen(e->text) : 1;
    }
    return result.data;
}

static const char *cell_text(const struct ws_grid *grid, const struct ws_grid_row *row, size_t column) {
    return escaped(row->cells[column] ? row->cells[column] : "", grid->markup, grid->arena);
}

static void print_markdown_rule(const struct ws_grid *grid, FILE *out) {
    for (size_t c = 0; c < grid->n_columns; c++)
        fputs(grid->columns[c].align == WS_RIGHT ? "|---:" : "|:---", out);
    fputs("|\n", out);
}

static void print_markdown_row(const struct ws_grid *grid, const struct ws_grid_row *row, FILE *out) {
    for (size_t c = 0; c < grid->n_columns; c++)
        fprintf(out, "| %s ", c <= row->span ? cell_text(grid, row, c) : "");
    fputs("|\n", out);
}

// Columns of running text take 60 % of the line.
static void print_latex_columns(const struct ws_grid *grid, FILE *out) {
    fputs("\\begin{tabular}{@{}", out);
    for (size_t c = 0; c < grid->n_columns; c++)
        fputs(grid->columns[c].align == WS_RIGHT     ? "r"
              : grid->columns[c].align == WS_WRAPPED ? "p{0.6\\linewidth}"
                                                     : "l",
              out);
    fputs("@{}}\n\\toprule\n", out);
}

static void print_latex_row(const struct ws_grid *grid, const struct ws_grid_row *row, FILE *out) {
    for (size_t c = 0; c < grid->n_columns && c <= row->span; c++) {
        const char *text = cell_text(grid, row, c);
        fputs(c ? " & " : "", out);
        if (c == row->span)
            fprintf(out, "\\multicolumn{%zu}{l@{}}{%s}", grid->n_columns - c, text);
        else // the brace keeps a leading [ from being taken for the argument of the row end before it
            fprintf(out, *text == '[' ? "{%s}" : "%s", text);
    }
    fputs(" \\\\\n", out);
}

void ws_markup_grid(const struct ws_grid *grid, FILE *out) {
    int latex = grid->markup == WS_MARKUP_LATEX;
    void (*print_row)(const struct ws_grid *, const struct ws_grid_row *, FILE *) =
        latex ? print_latex_row : print_markdown_row;
    struct ws_grid_row titles = {WS_NEW_ARRAY(grid->arena, const char *, grid->n_columns), WS_BOLD, SIZE_MAX};
    for (size_t c = 0; c < grid->n_columns; c++)
        titles.cells[c] = grid->columns[c].title;
    if (latex)
        print_latex_columns(grid, out);
    print_row(grid, &titles, out);
    if (latex)
        fputs("\\midrule\n", out);
    else
        print_markdown_rule(grid, out);
    for (size_t r = 0; r < grid->n_rows; r++)
        print_row(grid, &grid->rows[r], out);
    fputs(latex ? "\\bottomrule\n\\end{tabular}\n\n" : "\n", out);
}

void ws_markup_paragraph(const char *text, int style, int markup, struct ws_arena *arena, FILE *out) {
    const char *plain = escaped(text + strspn(text, " "), markup, arena);
    if (markup == WS_MARKUP_LATEX)
        fprintf(out, style == WS_BOLD ? "\\noindent\\textbf{%s}\n\n" : "\\noindent %s\n\n", plain);
    else
        fprintf(out, style == WS_BOLD ? "**%s**\n\n" : "%s\n\n", plain);
}
