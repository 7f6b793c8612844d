// SPDX-License-Identifier: GPL-3.0-or-later
// A result for people: one row per output, 80 columns wide unless asked for more, and what to make of it below.
#include "report/forms.h"

#include <math.h>
#include <string.h>

#include "analysis/claims.h"
#include "analysis/evidence.h"
#include "analysis/indices.h"
#include "analysis/partition.h"
#include "analysis/tolerance.h"
#include "report/facts.h"
#include "report/layout.h"
#include "report/markup.h"
#include "report/number.h"

enum column {
    NAME,
    UNIT,
    PUBLISHED,
    POINT,
    P5,
    MEDIAN,
    P95,
    SPREAD,
    LIES_AT,
    P5_SE,
    MEDIAN_SE,
    P95_SE,
    MEAN,
    MEAN_SE,
    SD,
    SD_SE,
    HISTOGRAM,
    N_COLUMNS
};

static const struct ws_grid_column all_columns[N_COLUMNS] = {
    [NAME] = {"output", WS_LEFT},
    [UNIT] = {"unit", WS_LEFT},
    [PUBLISHED] = {"published", WS_RIGHT},
    [POINT] = {"points", WS_RIGHT},
    [P5] = {"p5", WS_RIGHT},
    [MEDIAN] = {"median", WS_RIGHT},
    [P95] = {"p95", WS_RIGHT},
    [SPREAD] = {"p95/p5", WS_RIGHT},
    [LIES_AT] = {"lies at", WS_RIGHT},
    [P5_SE] = {"p5 se", WS_RIGHT},
    [MEDIAN_SE] = {"median se", WS_RIGHT},
    [P95_SE] = {"p95 se", WS_RIGHT},
    [MEAN] = {"mean", WS_RIGHT},
    [MEAN_SE] = {"mean se", WS_RIGHT},
    [SD] = {"sd", WS_RIGHT},
    [SD_SE] = {"sd se", WS_RIGHT},
    [HISTOGRAM] = {"p0.5 to p99.5", WS_LEFT},
};

struct table {
    const struct ws_result *result;
    const struct ws_report_options *options;
    struct ws_arena *arena;
    FILE *out;
    size_t case_index;
    const struct ws_indices *indices;
    int in_log; // which outputs' drivers are in hand: those analysed in ln(output), or the others
    struct ws_grid_column columns[N_COLUMNS];
    size_t position[N_COLUMNS]; // of the columns that are shown, SIZE_MAX for the others
    struct ws_grid grid;
};

static int is_shown(const struct table *t, int column) {
    const struct ws_study *study = t->result->study;
    if (column == PUBLISHED || column == LIES_AT)
        return study->n_claims > 0;
    if (column == POINT)
        for (size_t i = 0; i < study->n_outputs; i++)
            if (ws_output_at(study, i)->has_point)
                return 1;
    if (column == HISTOGRAM && t->options->format == WS_FORMAT_LATEX)
        return 0; // its blocks are in no usual text font
    return column != POINT && (column <= LIES_AT || t->options->wide);
}

static void choose_columns(struct table *t) {
    size_t n = 0;
    for (int c = 0; c < N_COLUMNS; c++) {
        t->position[c] = is_shown(t, c) ? n : SIZE_MAX;
        if (t->position[c] != SIZE_MAX)
            t->columns[n++] = all_columns[c];
    }
    t->grid = (struct ws_grid){.arena = t->arena,
                               .columns = t->columns,
                               .n_columns = n,
                               .color = t->options->color,
                               .markup = ws_markup_of(t->options),
                               .limit = t->options->wide ? 0 : WS_TERMINAL_COLUMNS};
}

static void set(const struct table *t, struct ws_grid_row *row, int column, const char *text) {
    if (t->position[column] != SIZE_MAX)
        row->cells[t->position[column]] = text;
}

// Sixteen bars of the share of draws in equal steps from p0.5 to p99.5 (equal steps of ln x for `scale: log`).
static const char *small_histogram(const struct table *t, size_t slot, int log_scale) {
    enum { BARS = 16 };
    static const char *const bars[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    double low, high, se, share[BARS], most = 0, before;
    ws_summary_quantile(t->result, t->case_index, slot, 0.005, &low, &se);
    ws_summary_quantile(t->result, t->case_index, slot, 0.995, &high, &se);
    if (!(high > low))
        return "";
    int geometric = log_scale && low > 0;
    ws_summary_probability(t->result, t->case_index, slot, low, &before, &se);
    for (int i = 0; i < BARS; i++) {
        double step = (i + 1.0) / BARS, below;
        double edge = geometric ? low * pow(high / low, step) : low + (high - low) * step;
        ws_summary_probability(t->result, t->case_index, slot, edge, &below, &se);
        share[i] = below - before;
        before = below;
        most = fmax(most, share[i]);
    }
    struct ws_text text = {.arena = t->arena};
    for (int i = 0; i < BARS; i++)
        ws_text_add(&text, bars[most > 0 && share[i] > 0 ? (int)ceil(8 * share[i] / most) : 0]);
    return text.data;
}

static void set_wide(const struct table *t, struct ws_grid_row *row, size_t slot, const struct ws_summary *summary,
                     struct ws_scale scale) {
    double se[3];
    (void)ws_summary_at(summary, 0.05, &se[0]);
    (void)ws_summary_at(summary, 0.5, &se[1]);
    (void)ws_summary_at(summary, 0.95, &se[2]);
    for (int i = 0; i < 3; i++)
        set(t, row, P5_SE + i, ws_number(t->arena, ws_scale_apply(scale, se[i]), 0, 2));
    const double values[] = {summary->mean, summary->sd}, errors[] = {summary->mean_se, summary->sd_se};
    for (int i = 0; i < 2; i++) {
        double value = ws_scale_apply(scale, values[i]), error = ws_scale_apply(scale, errors[i]);
        set(t, row, MEAN + 2 * i, ws_number(t->arena, value, error, 5));
        set(t, row, MEAN_SE + 2 * i, ws_number(t->arena, error, 0, 2));
    }
    set(t, row, HISTOGRAM,
        small_histogram(t, slot, t->result->study->quantities[t->result->slots[slot].output].log_scale));
}

static void set_quantiles(const struct table *t, struct ws_grid_row *row, const struct ws_summary *summary,
                          struct ws_scale scale) {
    static const double probabilities[] = {0.05, 0.5, 0.95};
    double value[3], se[3];
    for (int i = 0; i < 3; i++) {
        value[i] = ws_summary_at(summary, probabilities[i], &se[i]);
    }
    int digits = ws_number_digits(value[0], value[1], value[2]);
    for (int i = 0; i < 3; i++)
        set(t, row, P5 + i, ws_number(t->arena, ws_scale_apply(scale, value[i]), ws_scale_apply(scale, se[i]), digits));
    double spread = value[0] > 0 ? value[2] / value[0] : NAN;
    set(t, row, SPREAD, ws_number(t->arena, spread, spread * hypot(se[0] / value[0], se[2] / value[2]), 3));
}

// What all draws agree on has a standard error of 0, which is no reason to take it for certain: of n independent draws
// without a hit the probability is below 1 - 0.05^(1/n) at 95 %, about 3/n (Hanley and Lippman-Hand 1983).
static const char *unanimous(const struct table *t, const struct ws_summary *summary) {
    const char *draws = ws_number_count(t->arena, summary->n), *word = summary->mean > 0 ? "all" : "none";
    // Draws that are not of equal weight, or not independent, give no such bound.
    if (t->result->unconditioned || t->result->repooled || strcmp(t->result->design, "mc") != 0)
        return ws_arena_printf(t->arena, "true in %s of %s draws", word, draws);
    double rare = -100 * expm1(log(0.05) / (double)summary->n);
    const char *bound =
        summary->mean > 0 ? ws_number(t->arena, 100 - rare, rare / 2, 9) : ws_number_short(t->arena, rare, 1);
    return ws_arena_printf(t->arena, "true in %s of %s draws: %s %s %% (95 %%)", word, draws,
                           summary->mean > 0 ? ">" : "<", bound);
}

// An output of zeros and ones has no quantiles worth a look; its mean is a probability. Its standard error stands
// beside it, so that the mean may have a digit more than elsewhere.
static void set_probability(const struct table *t, struct ws_grid_row *row, const struct ws_summary *summary) {
    if (summary->n == 0) {
        set(t, row, P5, "-");
        return;
    }
    int is_unanimous = summary->mean == 0 || summary->mean == 1;
    row->span = t->position[P5];
    set(t, row, P5,
        is_unanimous ? unanimous(t, summary)
                     : ws_arena_printf(t->arena, "true in %s %% of draws ± %s %%",
                                       ws_number(t->arena, 100 * summary->mean, 50 * summary->mean_se, 3),
                                       ws_number(t->arena, 100 * summary->mean_se, 0, 1)));
}

static int is_interval(const struct ws_claim *claim) { return !isnan(claim->p5) || !isnan(claim->p95); }

static const struct ws_claim *next_claim(const struct ws_study *study, size_t quantity, const struct ws_claim *last) {
    for (const struct ws_claim *c = last ? last + 1 : study->claims; c < study->claims + study->n_claims; c++)
        if (c->output == quantity)
            return c;
    return NULL;
}

static void set_claim(const struct table *t, struct ws_grid_row *row, const struct ws_claim *claim,
                      struct ws_scale scale) {
    double percentile, se;
    ws_claim_percentile(t->result, t->case_index, claim, &percentile, &se);
    set(t, row, PUBLISHED,
        ws_arena_printf(t->arena, "%s%s", ws_bound_sign(claim),
                        ws_number_short(t->arena, ws_scale_apply(scale, claim->value), 5)));
    if (!ws_is_indicator(t->result->study, claim->output))
        set(t, row, LIES_AT, ws_number_percentile(t->arena, percentile, se));
}

// What a claim's line is called: by its source, and by its own name where the output has another of that source.
static const char *claim_label(const struct table *t, const struct ws_claim *claim) {
    int twin = 0;
    for (const struct ws_claim *c = next_claim(t->result->study, claim->output, NULL); c;
         c = next_claim(t->result->study, claim->output, c))
        twin |= c != claim && strcmp(c->source, claim->source) == 0;
    const char *key = claim->key && *claim->key ? claim->key : "claim";
    return *claim->source && !twin ? claim->source : key;
}

// Several claims, and such as have an interval of their own, get a line each.
static void add_claims(struct table *t, const struct ws_claim *first, struct ws_scale scale) {
    for (const struct ws_claim *c = first; c; c = next_claim(t->result->study, first->output, c)) {
        struct ws_grid_row *row = ws_grid_add(&t->grid, WS_DIM);
        set(t, row, NAME, ws_arena_printf(t->arena, "  %s", claim_label(t, c)));
        set_claim(t, row, c, scale);
        if (!isnan(c->p5))
            set(t, row, P5, ws_number_short(t->arena, ws_scale_apply(scale, c->p5), 5));
        if (!isnan(c->p95))
            set(t, row, P95, ws_number_short(t->arena, ws_scale_apply(scale, c->p95), 5));
    }
}

static void set_values(const struct table *t, struct ws_grid_row *row, size_t slot, const struct ws_summary *summary,
                       struct ws_scale scale) {
    if (ws_is_indicator(t->result->study, t->result->slots[slot].output)) {
        set_probability(t, row, summary);
        return;
    }
    set_quantiles(t, row, summary, scale);
    if (t->options->wide)
        set_wide(t, row, slot, summary, scale);
}

static void add_splits(struct table *t, size_t quantity, struct ws_scale scale) {
    const struct ws_study *study = t->result->study;
    int several = study->quantities[quantity].n_by > 1;
    for (size_t s = study->n_outputs; s < t->result->n_slots; s++) {
        const struct ws_result_slot *slot = &t->result->slots[s];
        if (slot->output != quantity)
            continue;
        struct ws_summary summary = ws_summarise(t->result, t->case_index, s, t->arena);
        struct ws_grid_row *row = ws_grid_add(&t->grid, WS_PLAIN);
        set(t, row, NAME,
            ws_arena_printf(t->arena, "  %s%s%s", several ? study->quantities[slot->by].name : "", several ? "=" : "",
                            ws_slot_label(t->result, s)));
        set_values(t, row, s, &summary, scale);
    }
}

static const char *point_text(const struct table *t, size_t quantity, const struct ws_summary *summary,
                              struct ws_scale scale) {
    const struct ws_quantity *q = &t->result->study->quantities[quantity];
    if (!q->has_point)
        return "-";
    if (ws_is_indicator(t->result->study, quantity))
        return q->point != 0 ? "true" : "false";
    int digits = ws_number_digits(ws_summary_at(summary, 0.05, NULL), ws_summary_at(summary, 0.5, NULL),
                                  ws_summary_at(summary, 0.95, NULL));
    return ws_number(t->arena, ws_scale_apply(scale, q->point), 0, digits);
}

// What the scale goes by: the median, unless it is next to nothing in an interval about zero.
static double typical_of(const struct ws_summary *summary) {
    double median = ws_summary_at(summary, 0.5, NULL), low = ws_summary_at(summary, 0.05, NULL);
    double reach = fmax(-low, ws_summary_at(summary, 0.95, NULL));
    if (low < 0 && reach > 100 * fabs(median))
        return reach;
    return median != 0 ? median : summary->sd;
}

static void add_output(struct table *t, size_t output) {
    const struct ws_study *study = t->result->study;
    size_t index = ws_output_index(study, output);
    const struct ws_quantity *q = &study->quantities[index];
    struct ws_summary summary = ws_summarise(t->result, t->case_index, output, t->arena);
    struct ws_scale scale = ws_scale_choose(&q->unit, typical_of(&summary), t->arena);
    if (ws_is_indicator(study, index))
        scale = (struct ws_scale){"", 0};
    const struct ws_claim *claim = next_claim(study, index, NULL);
    int apart = claim && (is_interval(claim) || next_claim(study, index, claim));

    struct ws_grid_row *row = ws_grid_add(&t->grid, WS_PLAIN);
    set(t, row, NAME, q->name);
    set(t, row, UNIT, scale.unit);
    set(t, row, POINT, point_text(t, index, &summary, scale));
    set_values(t, row, output, &summary, scale);
    if (claim && !apart)
        set_claim(t, row, claim, scale);
    if (apart)
        add_claims(t, claim, scale);
    add_splits(t, index, scale);
}

// ---- above and below ----

// A line that breaks at 80 columns, or a paragraph of the paper.
static void say(const struct table *t, const char *text, int style) {
    int markup = ws_markup_of(t->options);
    if (markup)
        ws_markup_paragraph(text, style, markup, t->arena, t->out);
    else
        ws_print_wrapped(text, 2, WS_TERMINAL_COLUMNS, style, t->options->color, t->arena, t->out);
}

// Markup has its own blank lines.
static void leave_blank(const struct table *t) {
    if (!ws_markup_of(t->options))
        putc('\n', t->out);
}

static void print_heading(const struct table *t) {
    const struct ws_result *r = t->result;
    say(t, *r->study->title ? r->study->title : r->study->name, WS_BOLD);
    const char *ranks = r->provenance.ranks > 1 ? ws_arena_printf(t->arena, "%d ranks of ", r->provenance.ranks) : "";
    const char *text =
        ws_arena_printf(t->arena, "%s draw%s, %s, %s, seed %llu, %s s on %s%d thread%s",
                        ws_number_count(t->arena, r->draws), r->draws == 1 ? "" : "s", r->design, r->rng,
                        (unsigned long long)r->seed, ws_number(t->arena, r->provenance.wall_seconds, 0, 2), ranks,
                        r->provenance.threads, r->provenance.threads == 1 ? "" : "s");
    say(t, text, WS_DIM);
    if (r->repooled)
        say(t, ws_arena_printf(t->arena, "alternatives weighed anew: %s", r->repooled), WS_BOLD);
    double widen = r->study->run.widen;
    if (widen > 0 && widen != 1)
        say(t, ws_arena_printf(t->arena, "every prior's spread times %s", ws_number_short(t->arena, widen, 6)),
            WS_BOLD);
}

static void print_case(const struct table *t) {
    const struct ws_result *r = t->result;
    if (r->n_axes == 0)
        return;
    leave_blank(t);
    say(t, ws_case_heading(r, t->case_index, t->arena), WS_BOLD);
}

// The facts, the same table given them, and how much they have left of the draws.
static void print_facts(const struct table *t) {
    const struct ws_study *study = t->result->study;
    leave_blank(t);
    say(t, "Given the evidence:", WS_BOLD);
    for (size_t i = 0; i < study->n_evidence; i++)
        say(t,
            ws_arena_printf(t->arena, "  %s: %s", study->evidence[i].name,
                            ws_fact_text(study, &study->evidence[i], t->arena)),
            WS_DIM);
}

static void print_worth(const struct table *t) {
    const struct ws_evidence_summary s = ws_evidence_summarise(t->result, t->case_index, t->arena);
    struct ws_text text = {.arena = t->arena};
    double unit = s.ess >= 10 ? pow(10, floor(log10(s.ess)) - 1) : 1; // two digits
    if (!isnan(s.ess))
        ws_text_printf(&text, "worth about %s of %s draws",
                       ws_number_count(t->arena, (uint64_t)(fmax(round(s.ess / unit), 1) * unit)),
                       ws_number_count(t->arena, s.draws));
    if (!isnan(s.pareto_k))
        ws_text_printf(&text, ", Pareto k %s", ws_number(t->arena, s.pareto_k, 0.01, 2));
    if (s.n_kept > 0)
        ws_text_printf(&text, ", %s kept (%s different)", ws_number_count(t->arena, s.n_kept),
                       ws_number_count(t->arena, s.n_distinct));
    double error = ws_monte_carlo_error(t->result, t->arena);
    ws_text_printf(&text, isnan(error) ? "%sMonte Carlo error unknown" : "%sMonte Carlo error <= %s %%",
                   text.length ? ", " : "", ws_number(t->arena, 100 * error, 0, 1));
    say(t, text.data, WS_DIM);
    const char *advice = ws_evidence_advice(&s, t->arena);
    if (*advice)
        say(t, ws_arena_printf(t->arena, "warning: %s", advice), WS_BOLD);
    if (s.undefined > 0)
        say(t,
            ws_arena_printf(t->arena, "%s draws weigh nothing since an observed quantity is no number",
                            ws_number_count(t->arena, s.undefined)),
            WS_BOLD);
}

static void print_posterior(struct table *t) {
    const struct ws_result *prior = t->result;
    print_facts(t);
    t->result = prior->posterior;
    choose_columns(t);
    for (size_t i = 0; i < prior->study->n_outputs; i++)
        add_output(t, i);
    ws_grid_print(&t->grid, t->out);
    print_worth(t);
    t->result = prior;
}

static void print_error_line(const struct table *t) {
    double error = 100 * ws_monte_carlo_error(t->result, t->arena);
    if (isnan(error)) {
        leave_blank(t);
        say(t, "Monte Carlo error unknown: an output has no standard error (too few valid draws, or values too large)",
            WS_BOLD);
        return;
    }
    double unit = error > 0 ? pow(10, floor(log10(error))) : 1;
    const char *bound = ws_number_short(t->arena, ceil(error / unit - 1e-9) * unit, 1);
    const char *text = ws_arena_printf(
        t->arena, "Monte Carlo error <= %s %%; %s", bound,
        error > 2 ? "more draws (-n) would lower it, the rest of the interval's width comes from the priors"
                  : "the interval's width comes from the priors");
    leave_blank(t);
    say(t, text, WS_PLAIN);
}

static void print_convergence(const struct table *t) {
    const struct ws_convergence *c = t->result->convergence;
    if (!c)
        return;
    int hopeless;
    const char *rounds = ws_arena_printf(t->arena, "%s draws, %zu round%s", ws_number_count(t->arena, t->result->draws),
                                         c->n_rounds, c->n_rounds == 1 ? "" : "s");
    const char *text = c->reached ? ws_arena_printf(t->arena, "Tolerance %s reached: %s", c->asked, rounds)
                                  : ws_arena_printf(t->arena, "Tolerance %s not reached with %s: %s", c->asked, rounds,
                                                    ws_convergence_shortfall(c, t->result, &hopeless, t->arena));
    say(t, text, c->reached ? WS_PLAIN : WS_BOLD);
}

static void print_invalid(const struct table *t) {
    for (size_t s = 0; s < t->result->study->n_outputs; s++) {
        const struct ws_moments *m = &ws_result_tally(t->result, t->case_index, s)->moments;
        if (m->invalid == 0)
            continue;
        const char *text = ws_arena_printf(
            t->arena, "%s: %s of %s draws are invalid (not finite) and left out; the first is draw %llu",
            ws_output_at(t->result->study, s)->name, ws_number_count(t->arena, m->invalid),
            ws_number_count(t->arena, m->invalid + m->count), (unsigned long long)m->first_invalid);
        say(t, text, WS_BOLD);
    }
}

// What drives each output and what is counted in it: a line each.
static void print_lines(const struct table *t, const char *title,
                        const char *(*text_of)(const struct table *t, size_t output)) {
    const struct ws_grid_column columns[] = {{"output", WS_LEFT}, {title, WS_WRAPPED}};
    struct ws_grid grid = {.arena = t->arena,
                           .columns = columns,
                           .n_columns = 2,
                           .color = t->options->color,
                           .markup = ws_markup_of(t->options),
                           .limit = WS_TERMINAL_COLUMNS};
    for (size_t i = 0; i < t->result->study->n_outputs; i++) {
        const char *text = text_of(t, i);
        if (!*text)
            continue;
        struct ws_grid_row *row = ws_grid_add(&grid, WS_PLAIN);
        row->cells[0] = ws_output_at(t->result->study, i)->name;
        row->cells[1] = text;
    }
    if (grid.n_rows > 0)
        leave_blank(t);
    ws_grid_print(&grid, t->out);
}

static const char *drivers_text(const struct table *t, size_t output) {
    const struct ws_study *study = t->result->study;
    const struct ws_index *index = ws_indices_of(t->indices, t->result, t->case_index, output);
    struct ws_driver drivers[WS_TOP_DRIVERS];
    struct ws_text text = {.arena = t->arena};
    if (t->indices->in_log[t->case_index * study->n_outputs + output] != t->in_log)
        return "";
    size_t n = ws_top_drivers(t->result, index, drivers, WS_TOP_DRIVERS);
    for (size_t i = 0; i < n; i++) {
        const struct ws_driver *driver = &drivers[i];
        ws_text_printf(&text, "%s%s", i ? ", " : "", study->quantities[driver->input].name);
        if (!isnan(driver->spearman))
            ws_text_printf(&text, " %s%s", driver->spearman > 0 ? "+" : "",
                           ws_number(t->arena, driver->spearman, 0.01, 2));
        if (!isnan(driver->share))
            ws_text_printf(&text, "\u00a0(%s\u00a0%%)", ws_number(t->arena, 100 * driver->share, 1, 2));
    }
    return n ? text.data : "";
}

// "ownership 49 %, expert 12 %": what the choice of an alternative explains.
static const char *partitions_text(const struct table *t, size_t output) {
    const struct ws_result *r = t->result;
    struct ws_text text = {.arena = t->arena};
    for (size_t s = r->study->n_outputs, n; s < r->n_slots; s += n) {
        n = ws_partition_length(r, s);
        if (r->slots[s].output != ws_output_index(r->study, output))
            continue;
        struct ws_partition p = ws_partition_make(r, t->case_index, s, n);
        if (!isnan(p.share))
            ws_text_printf(&text, "%s%s %s\u00a0%%", text.length ? ", " : "", r->study->quantities[r->slots[s].by].name,
                           ws_number(t->arena, 100 * p.share, 100 * p.share_se, 3));
    }
    return text.length ? text.data : "";
}

static void print_drivers(struct table *t) {
    static const char *const headings[2][2] = {
        {"driven by (rank correlation, share of variance)", "driven by (rank correlation, share of variance of ln)"},
        {"given the evidence, driven by (rank correlation, share of variance)",
         "given the evidence, driven by (rank correlation, share of variance of ln)"}};
    for (t->in_log = 0; t->in_log < 2; t->in_log++)
        print_lines(t, headings[t->result->unconditioned != NULL][t->in_log], drivers_text);
}

// By the draws made anew in proportion to their weights.
static void print_posterior_drivers(struct table *t) {
    const struct ws_result *prior = t->result;
    const struct ws_indices *indices = t->indices;
    t->result = prior->posterior;
    t->indices = ws_indices_find(t->result, t->arena);
    print_drivers(t);
    t->result = prior;
    t->indices = indices;
}

// Said once, in case 0: what stands or falls with one number that nobody looked up.
static void print_weak_points(const struct table *t) {
    const struct ws_study *study = t->result->study;
    struct ws_weak_point *points = WS_NEW_ARRAY(t->arena, struct ws_weak_point, study->n_outputs + 1);
    size_t n = ws_weak_points(t->result, t->indices, points);
    if (n > 0)
        leave_blank(t);
    for (size_t i = 0; i < n; i++)
        say(t, ws_weak_text(study, &points[i], t->arena), WS_BOLD);
}

static const char *boundary_text(const struct table *t, size_t output) {
    return ws_output_at(t->result->study, output)->boundary;
}

// The label of a choice that has all the weight on one of several, NULL for any other input.
static const char *switch_label(const struct ws_quantity *q) {
    const char *only = NULL;
    if (!ws_prior_is_categorical(q->prior) || q->given != SIZE_MAX || q->prior->n_parts < 2)
        return NULL;
    for (size_t i = 0; i < q->prior->n_parts; i++) {
        if (q->prior->parts[i].weight > 0 && only)
            return NULL;
        if (q->prior->parts[i].weight > 0)
            only = q->prior->parts[i].label;
    }
    return only;
}

// What a boundary leaves to the study's switches.
static void print_switches(const struct table *t) {
    const struct ws_study *study = t->result->study;
    struct ws_text text = {.arena = t->arena};
    for (size_t i = 0; i < study->n_inputs; i++) {
        const char *label = switch_label(&study->quantities[i]);
        if (label)
            ws_text_printf(&text, "%s%s\u00a0=\u00a0%s", text.length ? ", " : "switches: ", study->quantities[i].name,
                           label);
    }
    if (text.length == 0)
        return;
    leave_blank(t);
    say(t, text.data, WS_PLAIN);
}

int ws_result_write_table(const struct ws_result *result, const struct ws_report_options *options,
                          struct ws_arena *arena, FILE *out, struct ws_error *err) {
    struct table t = {.result = result, .options = options, .arena = arena, .out = out};
    print_heading(&t);
    if (ws_sweep_is_listed(result, options)) {
        int status = ws_sweep_list(result, options, arena, out, err);
        if (!status)
            print_lines(&t, "what is counted", boundary_text);
        return status;
    }
    t.indices = ws_indices_find(result, arena);
    for (; t.case_index < result->n_cases; t.case_index++) {
        print_case(&t);
        choose_columns(&t);
        for (size_t i = 0; i < result->study->n_outputs; i++)
            add_output(&t, i);
        leave_blank(&t);
        ws_grid_print(&t.grid, out);
        print_invalid(&t);
        if (result->posterior)
            print_posterior(&t);
        print_drivers(&t);
        if (result->posterior)
            print_posterior_drivers(&t);
        if (t.options->wide)
            print_lines(&t, "which alternative holds explains (share of variance)", partitions_text);
    }
    print_weak_points(&t);
    print_lines(&t, "what is counted", boundary_text);
    print_switches(&t);
    print_error_line(&t);
    print_convergence(&t);
    return 0;
}
