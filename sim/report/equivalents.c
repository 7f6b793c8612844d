// SPDX-License-Identifier: GPL-3.0-or-later
// What a result's outputs amount to in things that people know: pools, households, budgets.
#include <math.h>
#include <string.h>

#include "analysis/claims.h"
#include "report/csv.h"
#include "report/facts.h"
#include "report/forms.h"
#include "report/json.h"
#include "report/layout.h"
#include "report/markup.h"
#include "report/number.h"
#include "report/report.h"

static const double probabilities[] = {0.05, 0.25, 0.5, 0.75, 0.95};
enum { N_PROBABILITIES = sizeof probabilities / sizeof *probabilities };

struct writer {
    const struct ws_result *result;
    const struct ws_study *study;
    const struct ws_report_options *options;
    struct ws_arena *arena;
    FILE *out;
    size_t case_index;
};

// Something told in an equivalent: the output's quantiles, its point and published figures.
struct told {
    const struct ws_equivalent *equivalent;
    const struct ws_quantity *output;
    double point, quantile[N_PROBABILITIES], se[N_PROBABILITIES];
};

static double tell(const struct told *t, double value) { return ws_equivalent_value(t->equivalent, t->output, value); }

// The error of a quantile carries over by the slope: that of value / one is constant, that of whole / value is
// -(whole / value) / value.
static double tell_error(const struct told *t, double value, double se) {
    return isnan(t->equivalent->whole) ? tell(t, se) : tell(t, value) * se / fabs(value);
}

static struct told tell_output(const struct writer *w, const struct ws_equivalent *e, size_t quantity) {
    const struct ws_quantity *output = &w->study->quantities[quantity];
    struct told told = {.equivalent = e, .output = output, .point = NAN};
    size_t slot = quantity - ws_output_index(w->study, 0);
    if (output->has_point)
        told.point = tell(&told, output->point);
    for (int i = 0; i < N_PROBABILITIES; i++) {
        double value, se, p = isnan(e->whole) ? probabilities[i] : 1 - probabilities[i]; // what falls turns round
        ws_summary_quantile(w->result, w->case_index, slot, p, &value, &se);
        told.quantile[i] = tell(&told, value);
        told.se[i] = tell_error(&told, value, se);
    }
    return told;
}

// Calls `visit` for each output that each equivalent is for.
static void for_each(struct writer *w, void (*visit)(struct writer *w, const struct told *told, void *user),
                     void *user) {
    for (size_t i = 0; i < w->study->n_equivalents; i++)
        for (size_t k = 0; k < w->study->equivalents[i].n_of; k++) {
            const struct told told = tell_output(w, &w->study->equivalents[i], w->study->equivalents[i].of[k]);
            visit(w, &told, user);
        }
}

// ---- table ----

static struct ws_scale scale_of(const struct writer *w, double typical) {
    static const struct ws_unit none = {.label = "1"};
    return ws_scale_plain(&none, typical, w->arena);
}

static void set_claim(const struct writer *w, const struct told *told, struct ws_grid_row *row, struct ws_scale scale) {
    size_t index = (size_t)(told->output - w->study->quantities);
    struct ws_text text = {.arena = w->arena};
    for (const struct ws_claim *c = w->study->claims; c < w->study->claims + w->study->n_claims; c++)
        if (c->output == index && !isnan(c->value) && !*c->bound) // a bound is no figure to tell
            ws_text_printf(&text, "%s%s", text.length ? ", " : "",
                           ws_number(w->arena, ws_scale_apply(scale, tell(told, c->value)), 0, 3));
    row->cells[2] = text.length ? text.data : NULL;
}

static void add_row(struct writer *w, const struct told *told, void *user) {
    struct ws_grid_row *row = ws_grid_add(user, WS_PLAIN);
    struct ws_scale scale = scale_of(w, told->quantile[N_PROBABILITIES / 2]);
    row->cells[0] =
        *scale.unit ? ws_arena_printf(w->arena, "%s %s", scale.unit, told->equivalent->name) : told->equivalent->name;
    row->cells[1] = told->output->name;
    set_claim(w, told, row, scale);
    row->cells[3] = isnan(told->point) ? "-" : ws_number(w->arena, ws_scale_apply(scale, told->point), 0, 3);
    for (int i = 0; i < 3; i++)
        row->cells[4 + i] = ws_number(w->arena, ws_scale_apply(scale, told->quantile[2 * i]),
                                      ws_scale_apply(scale, told->se[2 * i]), 3);
}

static void say(const struct writer *w, const char *text, int style) {
    int markup = ws_markup_of(w->options);
    if (markup)
        ws_markup_paragraph(text, style, markup, w->arena, w->out);
    else
        ws_print_wrapped(text, 2, WS_TERMINAL_COLUMNS, style, w->options->color, w->arena, w->out);
}

static void leave_blank(const struct writer *w) {
    if (!ws_markup_of(w->options))
        putc('\n', w->out);
}

static void write_grid(struct writer *w) {
    static const struct ws_grid_column columns[] = {{"told in", WS_LEFT}, {"output", WS_LEFT}, {"published", WS_RIGHT},
                                                    {"points", WS_RIGHT}, {"p5", WS_RIGHT},    {"median", WS_RIGHT},
                                                    {"p95", WS_RIGHT}};
    struct ws_grid grid = {.arena = w->arena,
                           .columns = columns,
                           .n_columns = sizeof columns / sizeof *columns,
                           .color = w->options->color,
                           .markup = ws_markup_of(w->options),
                           .limit = w->options->wide ? 0 : WS_TERMINAL_COLUMNS};
    for_each(w, add_row, &grid);
    leave_blank(w);
    ws_grid_print(&grid, w->out);
}

// What one of each is, and who says so.
static void write_legend(const struct writer *w) {
    static const struct ws_grid_column columns[] = {{"told in", WS_LEFT}, {"what it is", WS_WRAPPED}};
    struct ws_grid grid = {.arena = w->arena,
                           .columns = columns,
                           .n_columns = 2,
                           .color = w->options->color,
                           .markup = ws_markup_of(w->options),
                           .limit = WS_TERMINAL_COLUMNS};
    for (size_t i = 0; i < w->study->n_equivalents; i++) {
        const struct ws_equivalent *e = &w->study->equivalents[i];
        if (e->n_of == 0)
            continue;
        struct ws_text text = {.arena = w->arena};
        double amount = isnan(e->whole) ? e->one : e->whole;
        ws_text_printf(&text, "%s%s%s %s %s", e->description, *e->description ? ", " : "",
                       isnan(e->whole) ? "one is" : "out of", ws_number_short(w->arena, amount, 9), e->unit.label);
        if (*e->source)
            ws_text_printf(&text, " (%s%s%s)", e->source, *e->basis ? ", " : "", e->basis);
        if (*e->note)
            ws_text_printf(&text, "; %s", e->note);
        struct ws_grid_row *row = ws_grid_add(&grid, WS_PLAIN);
        row->cells[0] = e->name;
        row->cells[1] = text.data;
    }
    leave_blank(w);
    ws_grid_print(&grid, w->out);
}

static void write_case_heading(const struct writer *w) {
    if (w->result->n_axes == 0)
        return;
    leave_blank(w);
    say(w, ws_case_heading(w->result, w->case_index, w->arena), WS_BOLD);
}

static void write_table(struct writer *w) {
    const struct ws_result *prior = w->result;
    say(w, *w->study->title ? w->study->title : w->study->name, WS_BOLD);
    for (w->case_index = 0; w->case_index < prior->n_cases; w->case_index++) {
        write_case_heading(w);
        write_grid(w);
        if (prior->posterior) {
            leave_blank(w);
            say(w, "Given the evidence:", WS_BOLD);
            w->result = prior->posterior;
            write_grid(w);
            w->result = prior;
        }
    }
    write_legend(w);
}

// ---- JSON ----

static void write_quantiles(struct ws_json *json, const char *key, const struct told *told) {
    ws_json_list(json, key);
    for (int i = 0; i < N_PROBABILITIES; i++) {
        ws_json_object_inline(json, NULL);
        ws_json_number(json, "probability", probabilities[i]);
        ws_json_number(json, "value", told->quantile[i]);
        ws_json_number(json, "se", told->se[i]);
        ws_json_end(json);
    }
    ws_json_end(json);
}

static void write_told(struct writer *w, const struct told *told, void *user) {
    struct ws_json *json = user;
    size_t index = (size_t)(told->output - w->study->quantities);
    ws_json_object(json, NULL);
    ws_json_string(json, "equivalent", told->equivalent->name);
    ws_json_string(json, "output", told->output->name);
    ws_json_number(json, "point", told->point);
    ws_json_list_inline(json, "published");
    for (const struct ws_claim *c = w->study->claims; c < w->study->claims + w->study->n_claims; c++)
        if (c->output == index && !isnan(c->value) && !*c->bound) // a bound is no figure to tell
            ws_json_number(json, NULL, tell(told, c->value));
    ws_json_end(json);
    write_quantiles(json, "quantiles", told);
    if (w->result->posterior) {
        struct writer given = *w;
        given.result = w->result->posterior;
        const struct told again = tell_output(&given, told->equivalent, index);
        write_quantiles(json, "posterior_quantiles", &again);
    }
    ws_json_end(json);
}

static void write_equivalent(struct ws_json *json, const struct ws_equivalent *e) {
    ws_json_object(json, NULL);
    ws_json_string(json, "name", e->name);
    ws_json_note(json, "description", e->description);
    ws_json_string(json, "unit", e->unit.label);
    ws_json_number(json, isnan(e->whole) ? "one" : "whole", isnan(e->whole) ? e->one : e->whole);
    ws_json_note(json, "source", e->source);
    ws_json_note(json, "basis", e->basis);
    ws_json_note(json, "note", e->note);
    ws_json_end(json);
}

static void write_case_value(struct ws_json *json, const struct ws_case_axis *axis, size_t case_index) {
    if (axis->labels)
        ws_json_string(json, axis->name, axis->labels[case_index]);
    else
        ws_json_number(json, axis->name, axis->values[case_index]);
}

static void write_json(struct writer *w) {
    struct ws_json json = {.out = w->out};
    ws_json_report(&json, "wattspan-equivalents", w->study->title);
    ws_json_string(&json, "study_sha256", w->study->sha256);
    ws_json_list(&json, "equivalents");
    for (size_t i = 0; i < w->study->n_equivalents; i++)
        write_equivalent(&json, &w->study->equivalents[i]);
    ws_json_end(&json);
    ws_json_list(&json, "cases");
    for (w->case_index = 0; w->case_index < w->result->n_cases; w->case_index++) {
        ws_json_object(&json, NULL);
        ws_json_object(&json, "case");
        for (size_t a = 0; a < w->result->n_axes; a++)
            write_case_value(&json, &w->result->axes[a], w->case_index);
        ws_json_end(&json);
        ws_json_list(&json, "outputs");
        for_each(w, write_told, &json);
        ws_json_end(&json);
        ws_json_end(&json);
    }
    ws_json_end(&json);
    ws_json_end(&json);
}

// ---- CSV ----

static void write_row(struct writer *w, const struct told *told, void *user) {
    struct ws_csv *csv = user;
    ws_csv_text(csv, w->result->unconditioned ? "posterior equivalent" : "equivalent");
    ws_csv_text(csv, told->equivalent->name);
    ws_csv_text(csv, told->output->name);
    for (size_t a = 0; a < w->result->n_axes; a++)
        ws_csv_text(csv, ws_case_text(&w->result->axes[a], w->case_index, w->arena));
    ws_csv_number(csv, told->point);
    for (int i = 0; i < N_PROBABILITIES; i++) {
        ws_csv_number(csv, told->quantile[i]);
        ws_csv_number(csv, told->se[i]);
    }
    ws_csv_end(csv);
}

static void write_csv(struct writer *w) {
    const struct ws_result *prior = w->result;
    struct ws_csv csv = {.out = w->out};
    static const char *const leading[] = {"kind", "equivalent", "output"};
    for (size_t i = 0; i < sizeof leading / sizeof *leading; i++)
        ws_csv_text(&csv, leading[i]);
    for (size_t a = 0; a < prior->n_axes; a++)
        ws_csv_text(&csv, ws_arena_printf(w->arena, "case:%s", prior->axes[a].name));
    ws_csv_text(&csv, "point");
    for (int i = 0; i < N_PROBABILITIES; i++) {
        ws_csv_text(&csv, ws_arena_printf(w->arena, "p%g", 100 * probabilities[i]));
        ws_csv_text(&csv, ws_arena_printf(w->arena, "p%g_se", 100 * probabilities[i]));
    }
    ws_csv_end(&csv);
    for (w->case_index = 0; w->case_index < prior->n_cases; w->case_index++) {
        for_each(w, write_row, &csv);
        if (!prior->posterior)
            continue;
        w->result = prior->posterior;
        for_each(w, write_row, &csv);
        w->result = prior;
    }
}

int ws_report_write_equivalents(const struct ws_result *result, const struct ws_report_options *options,
                                struct ws_arena *arena, FILE *out) {
    struct writer w = {result, result->study, options, arena, out, 0};
    size_t told = 0;
    for (size_t i = 0; i < result->study->n_equivalents; i++)
        told += result->study->equivalents[i].n_of;
    if (told == 0)
        return WS_ERROR_USAGE;
    if (options->format == WS_FORMAT_JSON)
        write_json(&w);
    else if (options->format == WS_FORMAT_CSV)
        write_csv(&w);
    else
        write_table(&w);
    return ws_report_flush(out);
}
