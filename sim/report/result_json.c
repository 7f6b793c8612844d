// SPDX-License-Identifier: GPL-3.0-or-later
// A result as JSON: all that the table shows, at full precision and in the study's own units. wattspan-run(1) documents
// the keys.
#include "report/forms.h"

#include "analysis/claims.h"
#include "analysis/dependence.h"
#include "analysis/drivers.h"
#include "analysis/evidence.h"
#include "analysis/indices.h"
#include "analysis/partition.h"
#include "analysis/tolerance.h"
#include "report/facts.h"
#include "report/json.h"

struct writer {
    struct ws_json json;
    const struct ws_result *result;
    struct ws_arena *arena;
    size_t case_index;
};

static void write_tolerance(struct writer *w) {
    const struct ws_convergence *c = w->result->convergence;
    size_t of_case, output, watched;
    if (!c)
        return;
    ws_json_object(&w->json, "tolerance");
    ws_json_string(&w->json, "asked", c->asked);
    ws_json_boolean(&w->json, "reached", c->reached);
    ws_json_number(&w->json, "worst", ws_convergence_worst(c, w->result, c->n_rounds - 1, &of_case, &output, &watched));
    ws_json_string(&w->json, "worst_output", ws_output_at(w->result->study, output)->name);
    ws_json_string(&w->json, "worst_statistic", ws_watched_names[watched]);
    if (w->result->n_axes)
        ws_json_number(&w->json, "worst_case", (double)(of_case + 1));
    ws_json_list_inline(&w->json, "draws");
    for (size_t r = 0; r < c->n_rounds; r++)
        ws_json_count(&w->json, NULL, c->draws[r]);
    ws_json_end(&w->json);
    ws_json_end(&w->json);
}

static void write_run(struct writer *w) {
    const struct ws_result *r = w->result;
    const struct ws_provenance *p = &r->provenance;
    ws_json_object(&w->json, "run");
    ws_json_string(&w->json, "program", p->version);
    ws_json_note(&w->json, "revision", p->revision);
    ws_json_note(&w->json, "date", p->date_created);
    ws_json_note(&w->json, "host", p->host);
    ws_json_count(&w->json, "draws", r->draws);
    ws_json_count(&w->json, "kept", r->n_kept + r->n_beyond);
    ws_json_count(&w->json, "seed", r->seed);
    ws_json_string(&w->json, "rng", r->rng);
    ws_json_string(&w->json, "design", r->design);
    ws_json_count(&w->json, "replicates", r->replicates);
    ws_json_count(&w->json, "threads", (uint64_t)p->threads);
    ws_json_count(&w->json, "ranks", (uint64_t)p->ranks);
    ws_json_note(&w->json, "isa", p->isa);
    ws_json_number(&w->json, "wall_seconds", p->wall_seconds);
    ws_json_string(&w->json, "study_sha256", r->study->sha256);
    ws_json_string(&w->json, "tables_digest", r->tables_digest);
    ws_json_note(&w->json, "weights", r->repooled ? r->repooled : "");
    ws_json_number(&w->json, "monte_carlo_error", ws_monte_carlo_error(r, w->arena));
    write_tolerance(w);
    ws_json_end(&w->json);
}

static void write_input(struct writer *w, size_t i) {
    const struct ws_quantity *q = &w->result->study->quantities[i];
    const struct ws_input_table *table = &w->result->inputs[i];
    int categorical = ws_prior_is_categorical(q->prior);
    ws_json_object(&w->json, NULL);
    ws_json_string(&w->json, "name", q->name);
    ws_json_string(&w->json, "unit", q->unit.label);
    ws_json_note(&w->json, "description", q->description);
    ws_json_string(&w->json, "family", q->prior->family->name);
    ws_json_string(&w->json, "prior", q->prior->text);
    ws_json_note(&w->json, "source", q->source);
    ws_json_note(&w->json, "basis", q->basis);
    ws_json_note(&w->json, "note", q->note);
    ws_point_write_json(&w->json, q);
    if (categorical) {
        ws_weights_write_json(&w->json, q->prior);
    } else {
        ws_json_number(&w->json, "mean", table->mean);
        ws_json_number(&w->json, "sd", table->sd);
        ws_json_number(&w->json, "p5", table->p5);
        ws_json_number(&w->json, "p50", table->p50);
        ws_json_number(&w->json, "p95", table->p95);
    }
    ws_json_number(&w->json, "table_error", table->table_error);
    ws_json_end(&w->json);
}

static void write_summary(struct writer *w, size_t slot) {
    struct ws_summary s = ws_summarise(w->result, w->case_index, slot, w->arena);
    ws_json_number(&w->json, "mean", s.mean);
    ws_json_number(&w->json, "mean_se", s.mean_se);
    ws_json_number(&w->json, "sd", s.sd);
    ws_json_number(&w->json, "sd_se", s.sd_se);
    ws_json_number(&w->json, "skewness", s.skewness);
    ws_json_number(&w->json, "kurtosis", s.kurtosis);
    ws_json_number(&w->json, "minimum", s.minimum);
    ws_json_number(&w->json, "maximum", s.maximum);
    ws_json_count(&w->json, "n", s.n);
    ws_json_count(&w->json, "n_invalid", s.n_invalid);
    if (s.n_invalid > 0)
        ws_json_count(&w->json, "first_invalid", s.first_invalid);
    ws_json_list(&w->json, "quantiles");
    for (size_t i = 0; i < s.n_quantiles; i++) {
        ws_json_object_inline(&w->json, NULL);
        ws_json_number(&w->json, "probability", s.probability[i]);
        ws_json_number(&w->json, "value", s.quantile[i]);
        ws_json_number(&w->json, "se", s.quantile_se[i]);
        ws_json_end(&w->json);
    }
    ws_json_end(&w->json);
}

static void write_claims(struct writer *w, size_t quantity) {
    const struct ws_study *study = w->result->study;
    ws_json_list(&w->json, "published");
    for (const struct ws_claim *c = study->claims; c < study->claims + study->n_claims; c++) {
        if (c->output != quantity)
            continue;
        double percentile, se;
        ws_claim_percentile(w->result, w->case_index, c, &percentile, &se);
        struct ws_claim_check check = ws_claim_check_make(study, c, w->arena);
        ws_json_object(&w->json, NULL);
        ws_claim_write_json(&w->json, study, c, &check);
        ws_json_number(&w->json, "percentile", percentile);
        ws_json_number(&w->json, "percentile_se", se);
        ws_json_end(&w->json);
    }
    ws_json_end(&w->json);
}

static void write_splits(struct writer *w, size_t quantity) {
    const struct ws_result *r = w->result;
    ws_json_list(&w->json, "by");
    for (size_t s = r->study->n_outputs; s < r->n_slots; s++) {
        if (r->slots[s].output != quantity)
            continue;
        ws_json_object(&w->json, NULL);
        ws_json_string(&w->json, "input", r->study->quantities[r->slots[s].by].name);
        ws_json_string(&w->json, "alternative", ws_slot_label(r, s));
        write_summary(w, s);
        ws_json_end(&w->json);
    }
    ws_json_end(&w->json);
}

// How much of the variance is which alternative, and how much is within them.
static void write_partitions(struct writer *w, size_t quantity) {
    const struct ws_result *r = w->result;
    ws_json_list(&w->json, "variance_by");
    for (size_t s = r->study->n_outputs, n; s < r->n_slots; s += n) {
        n = ws_partition_length(r, s);
        if (r->slots[s].output != quantity)
            continue;
        struct ws_partition p = ws_partition_make(r, w->case_index, s, n);
        ws_json_object(&w->json, NULL);
        ws_json_string(&w->json, "input", r->study->quantities[r->slots[s].by].name);
        ws_json_number(&w->json, "between", p.between);
        ws_json_number(&w->json, "within", p.within);
        ws_json_number(&w->json, "share_between", p.share);
        ws_json_number(&w->json, "share_between_se", p.share_se);
        ws_json_end(&w->json);
    }
    ws_json_end(&w->json);
}

static void write_drivers(struct writer *w, size_t output) {
    const struct ws_study *study = w->result->study;
    const struct ws_indices *indices = ws_indices_find(w->result, w->arena);
    const struct ws_index *row = ws_indices_of(indices, w->result, w->case_index, output);
    ws_json_object(&w->json, "spearman");
    for (size_t i = 0; i < study->n_inputs; i++)
        ws_json_number(&w->json, study->quantities[i].name, row[i].spearman);
    ws_json_end(&w->json);
    int in_log = indices->in_log[w->case_index * study->n_outputs + output];
    ws_json_string(&w->json, "sensitivity_scale", in_log ? "log" : "linear");
    ws_json_object(&w->json, "sensitivity");
    for (size_t i = 0; i < study->n_inputs; i++) {
        ws_json_object_inline(&w->json, study->quantities[i].name);
        ws_json_number(&w->json, "first_order", row[i].first_order);
        ws_json_number(&w->json, "first_order_se", row[i].first_order_se);
        ws_json_number(&w->json, "partial", row[i].partial);
        ws_json_number(&w->json, "partial_se", row[i].partial_se);
        ws_json_number(&w->json, "low", row[i].low);
        ws_json_number(&w->json, "low_se", row[i].low_se);
        ws_json_number(&w->json, "high", row[i].high);
        ws_json_number(&w->json, "high_se", row[i].high_se);
        ws_json_end(&w->json);
    }
    ws_json_end(&w->json);
}

static void write_histogram(struct writer *w, size_t slot) {
    struct ws_histogram h = ws_histogram_make(w->result, slot, w->arena);
    ws_json_object(&w->json, "histogram");
    ws_json_list_inline(&w->json, "edges");
    for (size_t i = 0; h.n_bins > 0 && i <= h.n_bins; i++)
        ws_json_number(&w->json, NULL, h.edges[i]);
    ws_json_end(&w->json);
    ws_json_list_inline(&w->json, "counts");
    for (size_t i = 0; i < h.n_bins; i++)
        ws_json_count(&w->json, NULL, (uint64_t)h.counts[w->case_index * h.n_bins + i]);
    ws_json_end(&w->json);
    ws_json_end(&w->json);
}

// The same given the evidence.
static void write_posterior(struct writer *w, size_t output) {
    const struct ws_result *prior = w->result;
    w->result = prior->posterior;
    ws_json_object(&w->json, "posterior");
    write_summary(w, output);
    write_claims(w, ws_output_index(prior->study, output));
    write_splits(w, ws_output_index(prior->study, output));
    write_partitions(w, ws_output_index(prior->study, output));
    write_drivers(w, output);
    write_histogram(w, output);
    ws_json_end(&w->json);
    w->result = prior;
}

static void write_output(struct writer *w, size_t output) {
    size_t index = ws_output_index(w->result->study, output);
    const struct ws_quantity *q = &w->result->study->quantities[index];
    ws_json_object(&w->json, NULL);
    ws_json_string(&w->json, "name", q->name);
    ws_json_string(&w->json, "unit", q->unit.label);
    ws_json_string(&w->json, "units", q->unit.canonical);
    ws_json_note(&w->json, "description", q->description);
    ws_json_note(&w->json, "boundary", q->boundary);
    ws_json_note(&w->json, "currency", q->currency);
    ws_json_note(&w->json, "gwp_basis", q->gwp_basis);
    ws_json_boolean(&w->json, "probability", ws_is_indicator(w->result->study, index));
    ws_point_write_json(&w->json, q);
    write_summary(w, output);
    write_claims(w, index);
    write_splits(w, index);
    write_partitions(w, index);
    write_drivers(w, output);
    write_histogram(w, output);
    if (w->result->posterior)
        write_posterior(w, output);
    ws_json_end(&w->json);
}

static void write_fact(struct writer *w, const struct ws_evidence *fact) {
    ws_json_object(&w->json, NULL);
    ws_json_string(&w->json, "name", fact->name);
    ws_json_string(&w->json, "quantity", w->result->study->quantities[fact->quantity].name);
    ws_json_string(&w->json, "unit", fact->unit.label);
    ws_json_note(&w->json, "observed", fact->observed ? fact->observed->text : "");
    if (!fact->observed) {
        ws_json_number(&w->json, "low", fact->low);
        ws_json_number(&w->json, "high", fact->high);
    }
    ws_json_note(&w->json, "description", fact->description);
    ws_json_note(&w->json, "source", fact->source);
    ws_json_note(&w->json, "note", fact->note);
    ws_json_end(&w->json);
}

static void write_evidence(struct writer *w) {
    const struct ws_study *study = w->result->study;
    const struct ws_evidence_summary s = ws_evidence_summarise(w->result->posterior, w->case_index, w->arena);
    ws_json_object(&w->json, "evidence");
    ws_json_number(&w->json, "ess", s.ess);
    ws_json_number(&w->json, "pareto_k", s.pareto_k);
    ws_json_number(&w->json, "log_evidence", s.log_evidence);
    ws_json_number(&w->json, "log_evidence_se", s.log_evidence_se);
    ws_json_count(&w->json, "weighed", s.weighed);
    ws_json_count(&w->json, "undefined", s.undefined);
    ws_json_count(&w->json, "kept", s.n_kept);
    ws_json_count(&w->json, "distinct", s.n_distinct);
    ws_json_number(&w->json, "monte_carlo_error", ws_monte_carlo_error(w->result->posterior, w->arena));
    ws_json_note(&w->json, "warning", ws_evidence_advice(&s, w->arena));
    ws_json_list(&w->json, "facts");
    for (size_t i = 0; i < study->n_evidence; i++)
        write_fact(w, &study->evidence[i]);
    ws_json_end(&w->json);
    ws_json_end(&w->json);
}

static void write_correlations(struct writer *w) {
    const struct ws_study *study = w->result->study;
    const struct ws_dependence d = ws_dependence_make(study, w->result, w->arena);
    ws_json_list(&w->json, "correlations");
    for (size_t i = 0; i < d.n; i++)
        for (size_t j = 0; j < i; j++) {
            if (d.scores[i * d.n + j] == 0)
                continue;
            ws_json_object_inline(&w->json, NULL);
            ws_json_string(&w->json, "input", study->quantities[d.inputs[j]].name);
            ws_json_string(&w->json, "input_2", study->quantities[d.inputs[i]].name);
            ws_json_number(&w->json, "requested", d.requested[i * d.n + j]);
            ws_json_number(&w->json, "realised", d.realised[i * d.n + j]);
            ws_json_number(&w->json, "scores", d.scores[i * d.n + j]);
            ws_json_end(&w->json);
        }
    ws_json_end(&w->json);
}

static void write_case(struct writer *w) {
    const struct ws_result *r = w->result;
    ws_json_object(&w->json, NULL);
    ws_json_object(&w->json, "case");
    for (size_t a = 0; a < r->n_axes; a++)
        if (r->axes[a].labels)
            ws_json_string(&w->json, r->axes[a].name, r->axes[a].labels[w->case_index]);
        else
            ws_json_number(&w->json, r->axes[a].name, r->axes[a].values[w->case_index]);
    ws_json_end(&w->json);
    if (r->posterior)
        write_evidence(w);
    ws_json_list(&w->json, "outputs");
    for (size_t i = 0; i < r->study->n_outputs; i++)
        write_output(w, i);
    ws_json_end(&w->json);
    ws_json_end(&w->json);
}

void ws_result_write_json(const struct ws_result *result, struct ws_arena *arena, FILE *out) {
    struct writer w = {.json = {.out = out}, .result = result, .arena = arena};
    ws_json_report(&w.json, "wattspan-result", result->study->title);
    ws_json_note(&w.json, "description", result->study->description);
    write_run(&w);
    ws_json_list(&w.json, "inputs");
    for (size_t i = 0; i < result->study->n_inputs; i++)
        write_input(&w, i);
    ws_json_end(&w.json);
    write_correlations(&w);
    ws_json_list(&w.json, "cases");
    struct ws_arena_mark scratch = ws_arena_mark(arena);
    for (; w.case_index < result->n_cases; w.case_index++, ws_arena_release(arena, scratch))
        write_case(&w);
    ws_json_end(&w.json);
    ws_json_end(&w.json);
}
