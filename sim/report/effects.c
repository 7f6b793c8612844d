// SPDX-License-Identifier: GPL-3.0-or-later
// A sensitivity analysis: for each output the inputs, or groups of them, by their share of its variance.
#include "analysis/effects.h"
#include "analysis/indices.h"
#include "analysis/summary.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>

#include "report/csv.h"
#include "report/facts.h"
#include "report/forms.h"
#include "report/json.h"
#include "report/layout.h"
#include "report/number.h"
#include "report/report.h"

struct writer {
    const struct ws_result *result;
    const struct ws_study *study;
    const struct ws_effects *effects;
    const struct ws_indices *given; // of the draws given the evidence, by their rank estimator; NULL without evidence
    struct ws_arena *arena;
    FILE *out;
};

// The first input of each factor, the largest total first; returns how many.
static size_t rank_factors(const struct writer *w, size_t output, size_t *inputs) {
    const struct ws_effect *row = ws_effects_of(w->effects, w->study, output);
    size_t n = 0, count = w->study->n_inputs;
    size_t *order = WS_NEW_ARRAY(w->arena, size_t, count + 1);
    double *key = WS_NEW_ARRAY(w->arena, double, count + 1);
    for (size_t i = 0; i < count; i++) {
        size_t first = 0;
        while (strcmp(w->effects->factor[first], w->effects->factor[i]) != 0)
            first++;
        if (first != i || !w->effects->factor[i][0])
            continue;
        key[n] = isnan(row[i].total) ? 0 : -row[i].total;
        inputs[n++] = i;
    }
    gsl_sort_index(order, key, 1, n);
    size_t *ranked = WS_NEW_ARRAY(w->arena, size_t, n + 1);
    for (size_t i = 0; i < n; i++)
        ranked[i] = inputs[order[i]];
    memcpy(inputs, ranked, n * sizeof *inputs);
    return n;
}

// "0.5955 ± 0.0012": the value and half of its interval.
static const char *with_interval(const struct writer *w, double value, double half) {
    if (isnan(value))
        return "-";
    int decimals = half > 0 ? (int)fmin(fmax(1 - floor(log10(half)), 2), 6) : 2;
    if (half == 0)
        return ws_arena_printf(w->arena, "%.*f", value == 0 ? 0 : 4, value);
    return ws_arena_printf(w->arena, "%.*f ± %.*f", decimals, value + 0.0, decimals, half);
}

// Why an output has no shares, or NULL where it has some.
static const char *find_reason(const struct writer *w, size_t output) {
    const struct ws_effect *row = ws_effects_of(w->effects, w->study, output);
    for (size_t i = 0; i < w->study->n_inputs; i++)
        if (!isnan(row[i].total))
            return NULL;
    const struct ws_summary summary = ws_summarise(w->result, 0, output, w->arena);
    return summary.n == 0                                             ? "no draw of it is valid"
           : ws_summary_is_rounding(summary.minimum, summary.maximum) ? "it does not vary"
                                                                      : "its variance is beyond the range of numbers";
}

static struct ws_grid start_grid(const struct writer *w, const struct ws_grid_column *columns, size_t n_columns,
                                 const struct ws_report_options *options) {
    return (struct ws_grid){.arena = w->arena,
                            .columns = columns,
                            .n_columns = n_columns,
                            .limit = options->wide ? 0 : WS_TERMINAL_COLUMNS,
                            .color = options->color};
}

static void write_output_table(const struct writer *w, size_t output, const struct ws_report_options *options) {
    static const struct ws_grid_column columns[] = {
        {"input", WS_LEFT}, {"first order", WS_RIGHT}, {"total", WS_RIGHT}, {"Shapley", WS_RIGHT}};
    const struct ws_effect *row = ws_effects_of(w->effects, w->study, output);
    const char *name = ws_output_at(w->study, output)->name;
    struct ws_grid grid = start_grid(w, columns, sizeof columns / sizeof *columns, options);
    size_t *inputs = WS_NEW_ARRAY(w->arena, size_t, w->study->n_inputs + 1), n = rank_factors(w, output, inputs);
    putc('\n', w->out);
    ws_print_wrapped(ws_arena_printf(w->arena,
                                     w->effects->in_log[output] ? "%s: shares of the variance of ln(%s)"
                                                                : "%s: shares of its variance",
                                     name, name),
                     2, WS_TERMINAL_COLUMNS, WS_BOLD, options->color, w->arena, w->out);
    const char *reason = find_reason(w, output);
    if (reason) {
        ws_print_wrapped(ws_arena_printf(w->arena, "none: %s", reason), 2, WS_TERMINAL_COLUMNS, WS_PLAIN,
                         options->color, w->arena, w->out);
        return;
    }
    size_t idle = 0;
    for (size_t k = 0; k < n; k++) {
        const struct ws_effect *e = &row[inputs[k]];
        if (e->total == 0 && e->first_order == 0 && e->shapley == 0) { // nothing at all
            idle++;
            continue;
        }
        struct ws_grid_row *line = ws_grid_add(&grid, WS_PLAIN);
        line->cells[0] = w->effects->factor[inputs[k]];
        line->cells[1] = with_interval(w, e->first_order, ws_effects_half_width() * e->first_order_se);
        line->cells[2] = with_interval(w, e->total, ws_effects_half_width() * e->total_se);
        line->cells[3] = with_interval(w, e->shapley, ws_effects_half_width() * e->shapley_se);
    }
    ws_grid_print(&grid, w->out);
    if (idle > 0)
        ws_print_wrapped(ws_arena_printf(w->arena, "(%zu input%s without any effect)", idle, idle == 1 ? "" : "s"), 2,
                         WS_TERMINAL_COLUMNS, WS_DIM, options->color, w->arena, w->out);
}

// ---- given the evidence ----

static const double normal_half_width = 1.96;

static const struct ws_index *given_of(const struct writer *w, size_t output) {
    return ws_indices_of(w->given, w->result->posterior, 0, output);
}

static int given_in_log(const struct writer *w, size_t output) { return w->given->in_log[output]; }

// Inputs that vary, the largest share first; returns how many.
static size_t rank_given(const struct writer *w, size_t output, size_t *inputs) {
    const struct ws_index *row = given_of(w, output);
    size_t n = 0, count = w->study->n_inputs, *order = WS_NEW_ARRAY(w->arena, size_t, count + 1);
    double *key = WS_NEW_ARRAY(w->arena, double, count + 1);
    for (size_t i = 0; i < count; i++)
        key[i] = isnan(row[i].first_order) ? INFINITY : -row[i].first_order;
    gsl_sort_index(order, key, 1, count);
    for (size_t k = 0; k < count; k++)
        if (!isnan(row[order[k]].first_order))
            inputs[n++] = order[k];
    return n;
}

// Beyond what one of many inputs without any effect might show.
static int is_seen(double value, double se) { return value > 3.3 * se; }

static void write_given_table(const struct writer *w, size_t output, const struct ws_report_options *options) {
    static const struct ws_grid_column columns[] = {
        {"input", WS_LEFT}, {"first order", WS_RIGHT}, {"rank correlation", WS_RIGHT}};
    const struct ws_index *row = given_of(w, output);
    const char *name = ws_output_at(w->study, output)->name;
    struct ws_grid grid = start_grid(w, columns, sizeof columns / sizeof *columns, options);
    size_t *inputs = WS_NEW_ARRAY(w->arena, size_t, w->study->n_inputs + 1), n = rank_given(w, output, inputs);
    const char *heading = ws_arena_printf(
        w->arena, "%s given the evidence: shares of %s, from %s draws", name,
        given_in_log(w, output) ? ws_arena_printf(w->arena, "the variance of ln(%s)", name) : "its variance",
        ws_number_count(w->arena, w->result->posterior->n_kept));
    putc('\n', w->out);
    ws_print_wrapped(heading, 2, WS_TERMINAL_COLUMNS, WS_BOLD, options->color, w->arena, w->out);
    size_t shown = 0;
    for (size_t k = 0; k < n; k++) {
        const struct ws_index *index = &row[inputs[k]];
        if (!is_seen(index->first_order, index->first_order_se) && !is_seen(fabs(index->spearman), index->spearman_se))
            continue;
        shown++;
        struct ws_grid_row *line = ws_grid_add(&grid, WS_PLAIN);
        line->cells[0] = w->study->quantities[inputs[k]].name;
        line->cells[1] = with_interval(w, index->first_order, normal_half_width * index->first_order_se);
        line->cells[2] = with_interval(w, index->spearman, normal_half_width * index->spearman_se);
    }
    if (n == 0)
        ws_print_wrapped("none: the output does not vary, or the evidence leaves too few different draws", 2,
                         WS_TERMINAL_COLUMNS, WS_PLAIN, options->color, w->arena, w->out);
    ws_grid_print(&grid, w->out);
    if (shown < n)
        ws_print_wrapped(ws_arena_printf(w->arena,
                                         "(%zu input%s without an effect that these draws could tell from none)",
                                         n - shown, n - shown == 1 ? "" : "s"),
                         2, WS_TERMINAL_COLUMNS, WS_DIM, options->color, w->arena, w->out);
}

// ---- all outputs ----

static void write_table(const struct writer *w, const struct ws_report_options *options) {
    const struct ws_result *r = w->result;
    ws_print_wrapped(*w->study->title ? w->study->title : w->study->name, 2, WS_TERMINAL_COLUMNS, WS_BOLD,
                     options->color, w->arena, w->out);
    ws_print_wrapped(ws_arena_printf(w->arena, "%s points, %s, seed %llu, %s model runs",
                                     ws_number_count(w->arena, w->effects->points), r->design,
                                     (unsigned long long)r->seed, ws_number_count(w->arena, w->effects->model_runs)),
                     2, WS_TERMINAL_COLUMNS, WS_DIM, options->color, w->arena, w->out);
    for (size_t o = 0; o < w->study->n_outputs; o++) {
        write_output_table(w, o, options);
        if (w->given)
            write_given_table(w, o, options);
    }
    putc('\n', w->out);
    ws_print_wrapped("First order: explained by the input alone. Total: with its interactions. Shapley: interactions "
                     "shared out, sums to 1. ± is half of a 95 % interval (Student's t, 16 batches).",
                     2, WS_TERMINAL_COLUMNS, WS_PLAIN, options->color, w->arena, w->out);
    if (w->study->n_joints > 0)
        ws_print_wrapped("Some inputs correlate: first order counts what an input tells about the others too, total "
                         "only what it adds once the others are known, and may be the smaller of the two.",
                         2, WS_TERMINAL_COLUMNS, WS_PLAIN, options->color, w->arena, w->out);
}

static void write_share(struct ws_json *json, const char *name, double value, double se, double half_width) {
    double half = half_width * se;
    ws_json_object_inline(json, name);
    ws_json_number(json, "value", value);
    ws_json_number(json, "se", se);
    ws_json_number(json, "low", value - half);
    ws_json_number(json, "high", value + half);
    ws_json_end(json);
}

static void write_given_json(const struct writer *w, struct ws_json *json, size_t output) {
    const struct ws_index *row = given_of(w, output);
    size_t *inputs = WS_NEW_ARRAY(w->arena, size_t, w->study->n_inputs + 1), n = rank_given(w, output, inputs);
    ws_json_object(json, "given_evidence");
    ws_json_string(json, "scale", given_in_log(w, output) ? "log" : "linear");
    ws_json_count(json, "draws", w->result->posterior->n_kept);
    ws_json_object(json, "shares");
    for (size_t k = 0; k < n; k++) {
        const struct ws_index *index = &row[inputs[k]];
        ws_json_object(json, w->study->quantities[inputs[k]].name);
        write_share(json, "first_order", index->first_order, index->first_order_se, normal_half_width);
        write_share(json, "spearman", index->spearman, index->spearman_se, normal_half_width);
        ws_json_end(json);
    }
    ws_json_end(json);
    ws_json_end(json);
}

static void write_output_json(const struct writer *w, struct ws_json *json, size_t output) {
    const struct ws_effect *row = ws_effects_of(w->effects, w->study, output);
    size_t *inputs = WS_NEW_ARRAY(w->arena, size_t, w->study->n_inputs + 1), n = rank_factors(w, output, inputs);
    ws_json_object(json, NULL);
    ws_json_string(json, "name", ws_output_at(w->study, output)->name);
    ws_json_string(json, "scale", w->effects->in_log[output] ? "log" : "linear");
    if (find_reason(w, output))
        ws_json_string(json, "reason", find_reason(w, output));
    ws_json_object(json, "shares");
    for (size_t k = 0; k < n; k++) {
        const struct ws_effect *e = &row[inputs[k]];
        ws_json_object(json, w->effects->factor[inputs[k]]);
        write_share(json, "first_order", e->first_order, e->first_order_se, ws_effects_half_width());
        write_share(json, "total", e->total, e->total_se, ws_effects_half_width());
        write_share(json, "shapley", e->shapley, e->shapley_se, ws_effects_half_width());
        ws_json_end(json);
    }
    ws_json_end(json);
    if (w->given)
        write_given_json(w, json, output);
    ws_json_end(json);
}

static void write_json(const struct writer *w) {
    struct ws_json json = {.out = w->out};
    ws_json_report(&json, "wattspan-sensitivity", w->study->title);
    ws_json_string(&json, "study_sha256", w->study->sha256);
    ws_json_count(&json, "points", w->effects->points);
    ws_json_count(&json, "model_runs", w->effects->model_runs);
    ws_json_string(&json, "design", w->result->design);
    ws_json_count(&json, "seed", w->result->seed);
    ws_json_list(&json, "outputs");
    for (size_t o = 0; o < w->study->n_outputs; o++)
        write_output_json(w, &json, o);
    ws_json_end(&json);
    ws_json_end(&json);
}

static void write_csv_row(struct ws_csv *csv, const char *output, int in_log, const char *input, struct ws_effect e,
                          const char *given) {
    const double values[] = {e.first_order, e.first_order_se, e.total, e.total_se, e.shapley, e.shapley_se};
    ws_csv_text(csv, output);
    ws_csv_text(csv, in_log ? "log" : "linear");
    ws_csv_text(csv, input);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        ws_csv_number(csv, values[i]);
    ws_csv_text(csv, given);
    ws_csv_end(csv);
}

static void write_csv(const struct writer *w) {
    static const char *const header[] = {"output", "scale",    "input",   "first_order", "first_order_se",
                                         "total",  "total_se", "shapley", "shapley_se",  "given"};
    struct ws_csv csv = {.out = w->out};
    size_t *inputs = WS_NEW_ARRAY(w->arena, size_t, w->study->n_inputs + 1);
    ws_csv_row(&csv, header, sizeof header / sizeof *header);
    for (size_t o = 0; o < w->study->n_outputs; o++) {
        const char *name = ws_output_at(w->study, o)->name;
        for (size_t k = 0, n = rank_factors(w, o, inputs); k < n; k++)
            write_csv_row(&csv, name, w->effects->in_log[o], w->effects->factor[inputs[k]],
                          ws_effects_of(w->effects, w->study, o)[inputs[k]], "priors");
        for (size_t k = 0, n = w->given ? rank_given(w, o, inputs) : 0; k < n; k++) {
            const struct ws_index *index = &given_of(w, o)[inputs[k]];
            const struct ws_effect e = {index->first_order, index->first_order_se, NAN, NAN, NAN, NAN};
            write_csv_row(&csv, name, given_in_log(w, o), w->study->quantities[inputs[k]].name, e, "evidence");
        }
    }
}

int ws_report_write_effects(const struct ws_result *result, const struct ws_report_options *options,
                            struct ws_arena *arena, FILE *out) {
    const struct ws_indices *given = result->posterior ? ws_indices_find(result->posterior, arena) : NULL;
    const struct writer w = {result, result->study, result->effects, given, arena, out};
    if (!result->effects)
        return WS_ERROR_USAGE;
    if (options->format == WS_FORMAT_JSON)
        write_json(&w);
    else if (options->format == WS_FORMAT_CSV)
        write_csv(&w);
    else
        write_table(&w, options);
    return ws_report_flush(out);
}
