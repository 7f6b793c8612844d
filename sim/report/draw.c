// SPDX-License-Identifier: GPL-3.0-or-later
// One draw: all its quantities, at full precision and in their own units.
#include "report/report.h"

#include <string.h>

#include "report/csv.h"
#include "report/facts.h"
#include "report/forms.h"
#include "report/json.h"
#include "report/layout.h"
#include "report/number.h"

struct draw {
    const struct ws_plan *plan;
    const struct ws_study *study;
    uint64_t address;
    const double *values;
};

static const struct {
    const char *title, *key;
} roles[] = {
    [WS_INPUT] = {"input", "inputs"}, [WS_DERIVED] = {"derived", "derived"}, [WS_OUTPUT] = {"output", "outputs"}};

static void write_table(const struct draw *d, const struct ws_report_options *options, struct ws_arena *arena,
                        FILE *out) {
    const struct ws_study *study = d->study;
    ws_print_wrapped(*study->title ? study->title : study->name, 2, WS_TERMINAL_COLUMNS, WS_BOLD, options->color, arena,
                     out);
    const char *text = ws_arena_printf(arena, "draw %s, %s, %s, seed %llu", ws_number_count(arena, d->address),
                                       d->plan->sampler.design->name, d->plan->sampler.generator.name,
                                       (unsigned long long)d->plan->sampler.seed);
    ws_print_wrapped(text, 2, WS_TERMINAL_COLUMNS, WS_DIM, options->color, arena, out);
    for (int role = WS_INPUT; role <= WS_OUTPUT; role++) {
        const struct ws_grid_column columns[] = {{roles[role].title, WS_LEFT}, {"value", WS_LEFT}, {"unit", WS_LEFT}};
        struct ws_grid grid = {
            .arena = arena, .columns = columns, .n_columns = 3, .limit = WS_TERMINAL_COLUMNS, .color = options->color};
        for (size_t i = 0; i < study->n_quantities; i++) {
            const struct ws_quantity *q = &study->quantities[i];
            if (q->role != role)
                continue;
            char buf[32];
            const char *label = ws_quantity_label(q, d->values[i]);
            struct ws_grid_row *row = ws_grid_add(&grid, WS_PLAIN);
            row->cells[0] = q->name;
            row->cells[1] = label ? label : ws_arena_copy(arena, ws_format_double(d->values[i], buf));
            row->cells[2] = strcmp(q->unit.label, "1") != 0 ? q->unit.label : "";
        }
        if (grid.n_rows > 0)
            putc('\n', out);
        ws_grid_print(&grid, out);
    }
}

static void write_json(const struct draw *d, FILE *out) {
    struct ws_json json = {.out = out};
    ws_json_report(&json, "wattspan-draw", d->study->title);
    ws_json_string(&json, "study_sha256", d->study->sha256);
    ws_json_count(&json, "draw", d->address);
    ws_json_count(&json, "seed", d->plan->sampler.seed);
    ws_json_string(&json, "rng", d->plan->sampler.generator.name);
    ws_json_string(&json, "design", d->plan->sampler.design->name);
    for (int role = WS_INPUT; role <= WS_OUTPUT; role++) {
        ws_json_object(&json, roles[role].key);
        for (size_t i = 0; i < d->study->n_quantities; i++) {
            const struct ws_quantity *q = &d->study->quantities[i];
            if (q->role != role)
                continue;
            ws_json_object_inline(&json, q->name);
            ws_json_number(&json, "value", d->values[i]);
            ws_json_string(&json, "unit", q->unit.label);
            ws_json_note(&json, "label", ws_quantity_label(q, d->values[i]));
            ws_json_end(&json);
        }
        ws_json_end(&json);
    }
    ws_json_end(&json);
}

static void write_csv(const struct draw *d, FILE *out) {
    static const char *const header[] = {"role", "name", "value", "unit", "label"};
    struct ws_csv csv = {.out = out};
    ws_csv_row(&csv, header, sizeof header / sizeof *header);
    for (size_t i = 0; i < d->study->n_quantities; i++) {
        const struct ws_quantity *q = &d->study->quantities[i];
        ws_csv_text(&csv, roles[q->role].title);
        ws_csv_text(&csv, q->name);
        ws_csv_number(&csv, d->values[i]);
        ws_csv_text(&csv, q->unit.label);
        ws_csv_text(&csv, ws_quantity_label(q, d->values[i]));
        ws_csv_end(&csv);
    }
}

int ws_report_write_draw(const struct ws_plan *plan, uint64_t draw, const double *values,
                         const struct ws_report_options *options, struct ws_arena *arena, FILE *out) {
    struct draw d = {plan, plan->study, draw, values};
    if (options->format == WS_FORMAT_JSON)
        write_json(&d, out);
    else if (options->format == WS_FORMAT_CSV)
        write_csv(&d, out);
    else
        write_table(&d, options, arena, out);
    return ws_report_flush(out);
}
