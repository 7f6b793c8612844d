// SPDX-License-Identifier: GPL-3.0-or-later
// Tables and paragraphs for a paper: Markdown (pipe tables) and LaTeX (booktabs).
#ifndef WS_REPORT_MARKUP_H
#define WS_REPORT_MARKUP_H

#include <stdio.h>

#include "base/arena.h"
#include "report/layout.h"
#include "wattspan.h"

enum ws_markup { WS_MARKUP_NONE, WS_MARKUP_MARKDOWN, WS_MARKUP_LATEX };

// The markup that a report's format stands for.
int ws_markup_of(const struct ws_report_options *options);
// The grid as a table; ws_grid_print calls it where grid->markup is set.
void ws_markup_grid(const struct ws_grid *grid, FILE *out);
// Text of one line as a paragraph; style is an enum ws_style.
void ws_markup_paragraph(const char *text, int style, int markup, struct ws_arena *arena, FILE *out);

#endif
