// SPDX-License-Identifier: GPL-3.0-or-later
// What separates draws that meet a condition from those that do not: inputs, the most telling first.
#include "report/report.h"

#include <math.h>

#include "report/csv.h"
#include "report/facts.h"
#include "report/forms.h"
#include "report/json.h"
#include "report/layout.h"
#include "report/number.h"

struct writer {
    const struct ws_study *study;
    const struct ws_explanation *e;
    const char *condition;
    struct ws_arena *arena;
    FILE *out;
    const struct ws_report_options *options;
};

static const char *label_of(const struct writer *w, const struct ws_shift *s) {
    return s->label == SIZE_MAX ? NULL : ws_quantity_label(&w->study->quantities[s->input], (double)s->label);
}

static void say(const struct writer *w, const char *text, int style) {
    ws_print_wrapped(text, 2, WS_TERMINAL_COLUMNS, style, w->options->color, w->arena, w->out);
}

// What is too little to go by, and what to do about it.
static const char *caution(const struct writer *w) {
    const struct ws_explanation *e = w->e;
    size_t rarer = e->n_met < e->n_unmet ? e->n_met : e->n_unmet;
    const char *verb = e->n_met <= e->n_unmet ? "meet" : "do not meet";
    if (rarer == 0)
        return ws_arena_printf(
            w->arena,
            "No kept draw %ss it: nothing can be told apart. Keep more draws (run --keep), or ask for "
            "a condition that is not as rare.",
            e->n_met == 0 ? "meet" : "fail");
    if (rarer >= WS_EXPLAIN_ENOUGH)
        return "";
    if (ws_explain_keep(e) > WS_MOST_IN_MEMORY)
        return ws_arena_printf(w->arena,
                               "Only %zu kept draws %s it, which shows the strongest influences alone, and of kept "
                               "draws the first %d are used: ask for a condition that is not as rare.",
                               rarer, verb, WS_MOST_IN_MEMORY);
    return ws_arena_printf(w->arena,
                           "Only %zu kept draws %s it, which shows the strongest influences alone: for %d of them keep "
                           "%s draws (run --keep %llu).",
                           rarer, verb, WS_EXPLAIN_ENOUGH, ws_number_count(w->arena, ws_explain_keep(e)),
                           (unsigned long long)ws_explain_keep(e));
}

static void add_row(const struct writer *w, struct ws_grid *grid, const struct ws_shift *s) {
    const struct ws_quantity *q = &w->study->quantities[s->input];
    const char *label = label_of(w, s);
    struct ws_scale scale = ws_scale_plain(&q->unit, s->unmet != 0 ? s->unmet : s->met, w->arena);
    struct ws_grid_row *row = ws_grid_add(grid, WS_PLAIN);
    row->cells[0] = q->name;
    row->cells[1] = ws_number(w->arena, s->distance, w->e->chance / 3, 2);
    if (label) {
        row->cells[2] = ws_arena_printf(w->arena, "%s %%", ws_number(w->arena, 100 * s->met, 1, 3));
        row->cells[3] = ws_arena_printf(w->arena, "%s %%", ws_number(w->arena, 100 * s->unmet, 1, 3));
        row->cells[4] = ws_arena_printf(w->arena, "%s", label);
        return;
    }
    row->cells[2] = ws_number(w->arena, ws_scale_apply(scale, s->met), 0, 3);
    row->cells[3] = ws_number(w->arena, ws_scale_apply(scale, s->unmet), 0, 3);
    row->cells[4] = scale.unit;
}

static void write_table(const struct writer *w) {
    static const struct ws_grid_column columns[] = {
        {"input", WS_LEFT}, {"shift", WS_RIGHT}, {"when met", WS_RIGHT}, {"otherwise", WS_RIGHT}, {"", WS_LEFT}};
    const struct ws_explanation *e = w->e;
    struct ws_grid grid = {.arena = w->arena,
                           .columns = columns,
                           .n_columns = 5,
                           .limit = WS_TERMINAL_COLUMNS,
                           .color = w->options->color};
    size_t told = 0;
    say(w, ws_arena_printf(w->arena, "When %s", w->condition), WS_BOLD);
    say(w,
        ws_arena_printf(w->arena, "%s of %s kept draws, %s %%", ws_number_count(w->arena, e->n_met),
                        ws_number_count(w->arena, e->n),
                        ws_number(w->arena, 100 * (double)e->n_met / (double)e->n, 0, 3)),
        WS_DIM);
    while (told < e->n_shifts && e->shifts[told].distance > e->chance)
        add_row(w, &grid, &e->shifts[told++]);
    if (told > 0)
        putc('\n', w->out);
    ws_grid_print(&grid, w->out);
    putc('\n', w->out);
    if (*caution(w))
        say(w, caution(w), WS_BOLD);
    const char *rest = e->n_shifts == told
                           ? ""
                           : ws_arena_printf(w->arena, " %s%zu input%s within chance (%s).", told ? "The other " : "",
                                             e->n_shifts - told, e->n_shifts - told == 1 ? " is" : "s are",
                                             ws_number(w->arena, e->chance, 0, 2));
    if (e->n_shifts > 0)
        say(w,
            ws_arena_printf(w->arena,
                            "Shift: the largest difference of the input's distribution functions, 0 alike, 1 apart; "
                            "medians, or the share of the alternative named.%s",
                            rest),
            WS_PLAIN);
}

static void write_json(const struct writer *w) {
    const struct ws_explanation *e = w->e;
    struct ws_json json = {.out = w->out};
    ws_json_report(&json, "wattspan-explanation", w->study->title);
    ws_json_string(&json, "condition", w->condition);
    ws_json_count(&json, "kept", e->n);
    ws_json_count(&json, "met", e->n_met);
    ws_json_count(&json, "unmet", e->n_unmet);
    ws_json_number(&json, "chance", e->chance);
    ws_json_note(&json, "caution", caution(w));
    ws_json_list(&json, "inputs");
    for (size_t i = 0; i < e->n_shifts; i++) {
        const struct ws_shift *s = &e->shifts[i];
        ws_json_object_inline(&json, NULL);
        ws_json_string(&json, "name", w->study->quantities[s->input].name);
        ws_json_number(&json, "shift", s->distance);
        ws_json_number(&json, "met", s->met);
        ws_json_number(&json, "unmet", s->unmet);
        if (label_of(w, s))
            ws_json_string(&json, "alternative", label_of(w, s));
        else
            ws_json_string(&json, "unit", w->study->quantities[s->input].unit.label);
        ws_json_end(&json);
    }
    ws_json_end(&json);
    ws_json_end(&json);
}

static void write_csv(const struct writer *w) {
    static const char *const header[] = {"input", "shift", "met", "unmet", "unit", "alternative"};
    struct ws_csv csv = {.out = w->out};
    ws_csv_row(&csv, header, sizeof header / sizeof *header);
    for (size_t i = 0; i < w->e->n_shifts; i++) {
        const struct ws_shift *s = &w->e->shifts[i];
        ws_csv_text(&csv, w->study->quantities[s->input].name);
        ws_csv_number(&csv, s->distance);
        ws_csv_number(&csv, s->met);
        ws_csv_number(&csv, s->unmet);
        ws_csv_text(&csv, label_of(w, s) ? "1" : w->study->quantities[s->input].unit.label);
        ws_csv_text(&csv, label_of(w, s));
        ws_csv_end(&csv);
    }
}

int ws_report_write_explanation(const struct ws_study *study, const struct ws_explanation *explanation,
                                const char *condition, const struct ws_report_options *options, struct ws_arena *arena,
                                FILE *out) {
    const struct writer w = {study, explanation, condition, arena, out, options};
    if (options->format == WS_FORMAT_JSON)
        write_json(&w);
    else if (options->format == WS_FORMAT_CSV)
        write_csv(&w);
    else
        write_table(&w);
    return ws_report_flush(out);
}
