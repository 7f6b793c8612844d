// SPDX-License-Identifier: GPL-3.0-or-later
// What `wattspan check` shows: inputs with their compiled priors, formulas with their units, memory, and what each
// published figure would take.
#include "report/forms.h"

#include <math.h>
#include <string.h>

#include "analysis/claims.h"
#include "analysis/dependence.h"
#include "report/facts.h"
#include "report/layout.h"
#include "report/number.h"

struct check {
    const struct ws_plan *plan;
    const struct ws_study *study;
    struct ws_arena *arena;
    FILE *out;
    int color;
};

static struct ws_grid grid_make(const struct check *c, const struct ws_grid_column *columns, size_t n) {
    return (struct ws_grid){
        .arena = c->arena, .columns = columns, .n_columns = n, .limit = WS_TERMINAL_COLUMNS, .color = c->color};
}

static void print(const struct check *c, int style, const char *text) {
    ws_print_wrapped(text, 2, WS_TERMINAL_COLUMNS, style, c->color, c->arena, c->out);
}

static void print_heading(const struct check *c) {
    struct ws_text files = {.arena = c->arena};
    for (size_t i = 0; i < c->study->n_files; i++)
        ws_text_printf(&files, "%s%s", i ? ", " : "", c->study->files[i].name);
    print(c, WS_BOLD, *c->study->title ? c->study->title : c->study->name);
    if (files.length > 0)
        print(c, WS_DIM, ws_arena_printf(c->arena, "from %s", files.data));
    print(c, WS_DIM, ws_arena_printf(c->arena, "sha256 %s", c->study->sha256));
}

// ---- inputs ----

enum { I_NAME, I_UNIT, I_P5, I_MEDIAN, I_P95, I_POINT, I_ERROR, I_BASIS, I_COLUMNS };

static const char *weights_text(const struct check *c, const struct ws_prior *prior) {
    struct ws_text text = {.arena = c->arena};
    for (size_t i = 0; i < prior->n_parts; i++)
        ws_text_printf(&text, "%s%s %s %%", i ? ", " : "", prior->parts[i].label,
                       ws_number_short(c->arena, 100 * prior->parts[i].weight, 3));
    return text.length ? text.data : "";
}

// Quantiles of a prior and the error of its table, or a choice's weights.
static void fill_prior(const struct check *c, struct ws_grid_row *row, const struct ws_prior *prior,
                       const struct ws_table *table, struct ws_scale scale) {
    if (ws_prior_is_categorical(prior)) {
        row->span = I_P5;
        row->cells[I_P5] = weights_text(c, prior);
    } else {
        int constant = ws_prior_is_constant(prior);
        double median = ws_prior_quantile(prior, 0.5, 0);
        const double p5 = constant ? NAN : ws_prior_quantile(prior, 0.05, 0),
                     p95 = constant ? NAN : ws_prior_quantile(prior, 0.05, 1);
        row->cells[I_P5] = ws_number(c->arena, ws_scale_apply(scale, p5), 0, 3);
        row->cells[I_MEDIAN] = constant ? ws_number_short(c->arena, ws_scale_apply(scale, median), 6)
                                        : ws_number(c->arena, ws_scale_apply(scale, median), 0, 3);
        row->cells[I_P95] = ws_number(c->arena, ws_scale_apply(scale, p95), 0, 3);
        row->cells[I_ERROR] = constant || !table ? "-" : ws_number(c->arena, table->error, 0, 1);
    }
}

// A conditional prior has a line for every label.
static void add_labels(const struct check *c, struct ws_grid *grid, size_t i, struct ws_scale scale) {
    const struct ws_quantity *q = &c->study->quantities[i];
    const struct ws_table *table = c->plan->tables[i];
    for (size_t k = 0; k < q->n_given; k++) {
        const struct ws_quantity *by = &c->study->quantities[q->given];
        struct ws_grid_row *row = ws_grid_add(grid, WS_PLAIN);
        row->cells[I_NAME] = ws_arena_printf(c->arena, "  %s=%s", by->name, by->prior->parts[k].label);
        row->cells[I_UNIT] = scale.unit;
        fill_prior(c, row, q->given_priors[k], table->n_given ? table->given[k] : table, scale);
    }
}

// And a mixture one for every part.
static void add_parts(const struct check *c, struct ws_grid *grid, const struct ws_prior *prior,
                      struct ws_scale scale) {
    for (size_t k = 0; strcmp(prior->family->name, "mixture") == 0 && k < prior->n_parts; k++) {
        const struct ws_prior_part *part = &prior->parts[k];
        struct ws_grid_row *row = ws_grid_add(grid, WS_PLAIN);
        const char *weight = ws_number_short(c->arena, 100 * part->weight, 3);
        row->cells[I_NAME] = part->label ? ws_arena_printf(c->arena, "  %s %s %%", part->label, weight)
                                         : ws_arena_printf(c->arena, "  part %zu %s %%", k + 1, weight);
        row->cells[I_UNIT] = scale.unit;
        fill_prior(c, row, part->prior, NULL, scale);
    }
}

static void add_input(const struct check *c, struct ws_grid *grid, size_t i) {
    const struct ws_quantity *q = &c->study->quantities[i];
    const struct ws_prior *prior = q->prior;
    struct ws_scale scale = ws_scale_plain(&q->unit, ws_prior_quantile(prior, 0.5, 0), c->arena);
    const char *label = q->has_point ? ws_quantity_label(q, q->point) : NULL;
    struct ws_grid_row *row = ws_grid_add(grid, WS_PLAIN);
    row->cells[I_NAME] = q->name;
    row->cells[I_UNIT] = scale.unit;
    fill_prior(c, row, prior, c->plan->tables[i], scale);
    if (!ws_prior_is_categorical(prior)) {
        row->cells[I_POINT] = q->has_point ? ws_number_short(c->arena, ws_scale_apply(scale, q->point), 5) : "-";
        row->cells[I_BASIS] = q->basis;
    }
    add_labels(c, grid, i, scale);
    add_parts(c, grid, prior, scale);
    struct ws_grid_row *below = ws_grid_add(grid, WS_DIM);
    below->span = 0;
    below->cells[0] = ws_arena_printf(c->arena, "  %s%s%s%s%s", prior->text, label ? "; point " : "",
                                      label ? label : "", *q->source ? "; " : "", q->source);
}

static void print_inputs(const struct check *c) {
    static const struct ws_grid_column columns[I_COLUMNS] = {
        [I_NAME] = {"input", WS_LEFT},     [I_UNIT] = {"unit", WS_LEFT},   [I_P5] = {"p5", WS_RIGHT},
        [I_MEDIAN] = {"median", WS_RIGHT}, [I_P95] = {"p95", WS_RIGHT},    [I_POINT] = {"point", WS_RIGHT},
        [I_ERROR] = {"error", WS_RIGHT},   [I_BASIS] = {"basis", WS_LEFT},
    };
    struct ws_grid grid = grid_make(c, columns, I_COLUMNS);
    for (size_t i = 0; i < c->study->n_inputs; i++)
        add_input(c, &grid, i);
    putc('\n', c->out);
    ws_grid_print(&grid, c->out);
    if (grid.n_rows > 0)
        print(c, WS_DIM, "error: of the compiled prior, measured, relative to max(|x|, interquartile range)");
}

static void print_correlations(const struct check *c) {
    static const struct ws_grid_column columns[] = {
        {"correlated", WS_LEFT}, {"with", WS_LEFT}, {"measure", WS_LEFT}, {"asked", WS_RIGHT}, {"scores", WS_RIGHT}};
    struct ws_grid grid = grid_make(c, columns, 5);
    for (size_t i = 0; i < c->study->n_correlations; i++) {
        const struct ws_correlation *pair = &c->study->correlations[i];
        struct ws_grid_row *row = ws_grid_add(&grid, WS_PLAIN);
        row->cells[0] = c->study->quantities[pair->a].name;
        row->cells[1] = c->study->quantities[pair->b].name;
        row->cells[2] = ws_measure_name(pair);
        row->cells[3] = ws_number_short(c->arena, pair->value, 4);
        row->cells[4] = ws_number_short(c->arena, pair->score, 4);
    }
    if (c->study->n_correlations == 0)
        return;
    putc('\n', c->out);
    ws_grid_print(&grid, c->out);
    print(c, WS_DIM, "scores: correlation of the normal scores behind the two priors");
}

// ---- formulas ----

static void print_formulas(const struct check *c, const char *title, size_t first, size_t count) {
    const struct ws_grid_column columns[] = {
        {title, WS_LEFT}, {"unit", WS_LEFT}, {"points", WS_RIGHT}, {"formula", WS_WRAPPED}};
    struct ws_grid grid = grid_make(c, columns, 4);
    int inferred = 0;
    for (size_t i = first; i < first + count; i++) {
        const struct ws_quantity *q = &c->study->quantities[i];
        struct ws_scale scale = ws_scale_choose(&q->unit, q->has_point ? q->point : NAN, c->arena);
        struct ws_grid_row *row = ws_grid_add(&grid, WS_PLAIN);
        row->cells[0] = q->name;
        row->cells[1] = q->unit_inferred ? ws_arena_printf(c->arena, "%s *", scale.unit) : scale.unit;
        row->cells[2] = ws_number_short(c->arena, q->has_point ? ws_scale_apply(scale, q->point) : NAN, 5);
        row->cells[3] = q->formula_text;
        inferred = inferred || q->unit_inferred;
    }
    if (count > 0)
        putc('\n', c->out);
    ws_grid_print(&grid, c->out);
    if (inferred)
        print(c, WS_DIM, "* unit inferred");
}

// ---- published figures ----

const char *ws_bound_sign(const struct ws_claim *claim) {
    return *claim->bound == 'l' ? ">" : *claim->bound == 'u' ? "<" : "";
}

static void print_back_solve(const struct check *c, const struct ws_claim_check *check) {
    static const struct ws_grid_column columns[] = {{"what one input alone would have to be", WS_LEFT},
                                                    {"unit", WS_LEFT},
                                                    {"point", WS_RIGHT},
                                                    {"needed", WS_RIGHT},
                                                    {"lies at", WS_RIGHT}};
    struct ws_grid grid = grid_make(c, columns, 5);
    grid.indent = 2;
    for (size_t i = 0; i < check->n_solved; i++) {
        const struct ws_back_solve *solved = &check->solved[i];
        const struct ws_quantity *q = &c->study->quantities[solved->input];
        struct ws_scale scale = ws_scale_plain(&q->unit, q->point != 0 ? q->point : solved->value, c->arena);
        struct ws_grid_row *row = ws_grid_add(&grid, WS_PLAIN);
        row->cells[0] = q->name;
        row->cells[1] = scale.unit;
        row->cells[2] = ws_number_short(c->arena, ws_scale_apply(scale, q->point), 5);
        row->cells[3] =
            solved->solvable ? ws_number(c->arena, ws_scale_apply(scale, solved->value), 0, 4) : "none does";
        row->cells[4] = solved->solvable ? ws_number_percentile(c->arena, solved->percentile, 0) : "";
    }
    ws_grid_print(&grid, c->out);
}

static void print_claim(const struct check *c, const struct ws_claim *claim) {
    const struct ws_quantity *q = &c->study->quantities[claim->output];
    struct ws_claim_check check = ws_claim_check_make(c->study, claim, c->arena);
    ws_claim_back_solve(c->study, claim, &check, c->arena);
    struct ws_scale published = ws_scale_choose(&claim->unit, claim->value_as_published, c->arena);
    struct ws_scale own = ws_scale_choose(&q->unit, check.recomputed, c->arena);
    struct ws_text text = {.arena = c->arena};
    ws_text_printf(&text, "%s: published %s%s %s", q->name, ws_bound_sign(claim),
                   ws_number_short(c->arena, ws_scale_apply(published, claim->value_as_published), 6), published.unit);
    if (*claim->source)
        ws_text_printf(&text, " (%s)", claim->source);
    if (isnan(check.recomputed))
        ws_text_add(&text, "; not recomputed, since not every input that it reaches has a point");
    else
        ws_text_printf(&text, "; recomputed %s %s, ratio %s",
                       ws_number(c->arena, ws_scale_apply(own, check.recomputed), 0, 5), own.unit,
                       ws_number(c->arena, check.ratio, 0, 5));
    if (check.n_fitted > 0)
        ws_text_printf(&text, ", fitted: %s", ws_fitted_text(c->study, claim, c->arena));
    putc('\n', c->out);
    print(c, WS_BOLD, text.data);
    if (*claim->note)
        print(c, WS_DIM, ws_arena_printf(c->arena, "  %s", claim->note));
    print_back_solve(c, &check);
}

static void print_evidence(const struct check *c) {
    static const struct ws_grid_column columns[] = {{"evidence", WS_LEFT}, {"fact", WS_WRAPPED}};
    struct ws_grid grid = grid_make(c, columns, 2);
    for (size_t i = 0; i < c->study->n_evidence; i++) {
        struct ws_grid_row *row = ws_grid_add(&grid, WS_PLAIN);
        row->cells[0] = c->study->evidence[i].name;
        row->cells[1] = ws_fact_text(c->study, &c->study->evidence[i], c->arena);
    }
    if (c->study->n_evidence > 0)
        putc('\n', c->out);
    ws_grid_print(&grid, c->out);
}

static void print_memory(const struct check *c) {
    if (c->study->n_axes > 0) {
        struct ws_text cases = {.arena = c->arena};
        ws_text_printf(&cases, "A sweep of %s cases:", ws_number_count(c->arena, c->study->n_cases));
        for (size_t a = 0; a < c->study->n_axes; a++)
            ws_text_printf(&cases, "%s %s (%zu values)", a ? "," : "",
                           c->study->quantities[c->study->axes[a].quantity].name, c->study->axes[a].n_values);
        putc('\n', c->out);
        print(c, WS_PLAIN, cases.data);
    }
    const char *text = ws_arena_printf(
        c->arena, "A run of %s draws%s, %s of them kept, on %d thread%s needs %s of memory%s%s.",
        ws_number_count(c->arena, c->plan->draws), c->study->n_cases > 1 ? " of each case" : "",
        ws_number_count(c->arena, c->plan->keep), c->plan->threads, c->plan->threads == 1 ? "" : "s",
        ws_number_bytes(c->arena, (double)c->plan->bytes),
        c->plan->keep <= WS_MOST_IN_MEMORY
            ? ""
            : ws_arena_printf(c->arena, ", and %s on disk for the draws",
                              ws_number_bytes(c->arena, (double)ws_plan_kept_bytes(c->plan))),
        !c->plan->on_disk
            ? ""
            : ws_arena_printf(
                  c->arena, ", and %s on disk for the cases' tallies, beside the result, for which they are compressed",
                  ws_number_bytes(c->arena, (double)c->plan->disk_bytes)));
    putc('\n', c->out);
    print(c, WS_PLAIN, text);
}

void ws_check_write_table(const struct ws_plan *plan, const struct ws_weak_point *weak, size_t n_weak,
                          const struct ws_report_options *options, struct ws_arena *arena, FILE *out) {
    struct check c = {plan, plan->study, arena, out, options->color};
    print_heading(&c);
    print_inputs(&c);
    print_correlations(&c);
    print_formulas(&c, "derived", c.study->n_inputs, c.study->n_derived);
    print_formulas(&c, "output", c.study->n_inputs + c.study->n_derived, c.study->n_outputs);
    for (size_t i = 0; i < c.study->n_claims; i++)
        print_claim(&c, &c.study->claims[i]);
    print_evidence(&c);
    if (n_weak > 0)
        putc('\n', out);
    for (size_t i = 0; i < n_weak; i++)
        print(&c, WS_BOLD, ws_weak_text(c.study, &weak[i], arena));
    print_memory(&c);
}
