// SPDX-License-Identifier: GPL-3.0-or-later
// A result as CSV: one row for each output, each of its alternatives and each published figure, in every case; where
// there is evidence the same once more given it.
#include "report/forms.h"

#include <math.h>

#include "analysis/claims.h"
#include "report/csv.h"
#include "report/facts.h"
#include "report/number.h"

struct writer {
    struct ws_csv csv;
    const struct ws_result *result;
    struct ws_arena *arena;
    size_t case_index;
};

static const char *const leading[] = {"kind", "output", "by", "alternative", "unit"};
static const char *const statistics[] = {"mean",     "mean_se", "sd",      "sd_se", "skewness",
                                         "kurtosis", "minimum", "maximum", "n",     "n_invalid"};
static const char *const of_claims[] = {"published", "published_p5", "published_p95",
                                        "source",    "percentile",   "percentile_se"};

enum { N_STATISTICS = sizeof statistics / sizeof *statistics, N_OF_CLAIMS = sizeof of_claims / sizeof *of_claims };

static size_t write_header(struct writer *w) {
    const struct ws_result *r = w->result;
    size_t n;
    const double *probabilities = ws_summary_probabilities(r->study, w->arena, &n);
    for (size_t i = 0; i < sizeof leading / sizeof *leading; i++)
        ws_csv_text(&w->csv, leading[i]);
    for (size_t a = 0; a < r->n_axes; a++)
        ws_csv_text(&w->csv, ws_arena_printf(w->arena, "case:%s", r->axes[a].name));
    ws_csv_text(&w->csv, "point");
    for (size_t i = 0; i < N_STATISTICS; i++)
        ws_csv_text(&w->csv, statistics[i]);
    for (size_t i = 0; i < n; i++) {
        const char *name = ws_number_short(w->arena, 100 * probabilities[i], 12);
        ws_csv_text(&w->csv, ws_arena_printf(w->arena, "p%s", name));
        ws_csv_text(&w->csv, ws_arena_printf(w->arena, "p%s_se", name));
    }
    ws_csv_row(&w->csv, of_claims, N_OF_CLAIMS);
    return n;
}

static void write_leading(struct writer *w, const char *kind, const struct ws_quantity *q, const char *by,
                          const char *alternative) {
    const char *const values[] = {kind, q->name, by, alternative, q->unit.label};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        ws_csv_text(&w->csv, values[i]);
    for (size_t a = 0; a < w->result->n_axes; a++)
        ws_csv_text(&w->csv, ws_case_text(&w->result->axes[a], w->case_index, w->arena));
    ws_csv_number(&w->csv, !by && q->has_point ? q->point : NAN);
}

// "posterior output": given the evidence.
static const char *kind_of(const struct ws_result *result, const char *kind, struct ws_arena *arena) {
    return result->unconditioned ? ws_arena_printf(arena, "posterior %s", kind) : kind;
}

static void write_empty(struct writer *w, size_t n) {
    while (n-- > 0)
        ws_csv_text(&w->csv, NULL);
}

static void write_slot(struct writer *w, size_t slot) {
    const struct ws_result *r = w->result;
    const struct ws_result_slot *s = &r->slots[slot];
    struct ws_summary summary = ws_summarise(r, w->case_index, slot, w->arena);
    int split = s->by != SIZE_MAX;
    write_leading(w, kind_of(r, split ? "alternative" : "output", w->arena), &r->study->quantities[s->output],
                  split ? r->study->quantities[s->by].name : NULL, ws_slot_label(r, slot));
    const double values[] = {summary.mean,     summary.mean_se,  summary.sd,      summary.sd_se,
                             summary.skewness, summary.kurtosis, summary.minimum, summary.maximum};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        ws_csv_number(&w->csv, values[i]);
    ws_csv_count(&w->csv, summary.n);
    ws_csv_count(&w->csv, summary.n_invalid);
    for (size_t i = 0; i < summary.n_quantiles; i++) {
        ws_csv_number(&w->csv, summary.quantile[i]);
        ws_csv_number(&w->csv, summary.quantile_se[i]);
    }
    write_empty(w, N_OF_CLAIMS);
    ws_csv_end(&w->csv);
}

static void write_claim(struct writer *w, const struct ws_claim *claim, size_t n_quantiles) {
    double percentile, se;
    ws_claim_percentile(w->result, w->case_index, claim, &percentile, &se);
    write_leading(w, kind_of(w->result, "claim", w->arena), &w->result->study->quantities[claim->output], NULL, NULL);
    write_empty(w, N_STATISTICS + 2 * n_quantiles);
    ws_csv_number(&w->csv, claim->value);
    ws_csv_number(&w->csv, claim->p5);
    ws_csv_number(&w->csv, claim->p95);
    ws_csv_text(&w->csv, claim->source);
    ws_csv_number(&w->csv, percentile);
    ws_csv_number(&w->csv, se);
    ws_csv_end(&w->csv);
}

static void write_case(struct writer *w, size_t n_quantiles) {
    for (size_t s = 0; s < w->result->n_slots; s++)
        write_slot(w, s);
    for (size_t i = 0; i < w->result->study->n_claims; i++)
        write_claim(w, &w->result->study->claims[i], n_quantiles);
}

void ws_result_write_csv(const struct ws_result *result, struct ws_arena *arena, FILE *out) {
    struct writer w = {.csv = {.out = out}, .result = result, .arena = arena};
    size_t n_quantiles = write_header(&w);
    struct ws_arena_mark scratch = ws_arena_mark(arena);
    for (; w.case_index < result->n_cases; w.case_index++, ws_arena_release(arena, scratch)) {
        write_case(&w, n_quantiles);
        if (!result->posterior)
            continue;
        w.result = result->posterior;
        write_case(&w, n_quantiles);
        w.result = result;
    }
}
