// SPDX-License-Identifier: GPL-3.0-or-later
// What `wattspan check` shows, as JSON at full precision, and its quantities as CSV.
#include "report/forms.h"

#include <math.h>

#include "analysis/claims.h"
#include "analysis/dependence.h"
#include "report/csv.h"
#include "report/facts.h"
#include "report/json.h"

void ws_point_write_json(struct ws_json *json, const struct ws_quantity *q) {
    const char *label = q->has_point ? ws_quantity_label(q, q->point) : NULL;
    if (label)
        ws_json_string(json, "point", label);
    else
        ws_json_number(json, "point", q->has_point ? q->point : NAN);
}

void ws_weights_write_json(struct ws_json *json, const struct ws_prior *prior) {
    ws_json_object_inline(json, "weights");
    for (size_t k = 0; k < prior->n_parts; k++)
        ws_json_number(json, prior->parts[k].label, prior->parts[k].weight);
    ws_json_end(json);
}

static void write_law(struct ws_json *json, const struct ws_prior *prior) {
    ws_json_string(json, "family", prior->family->name);
    ws_json_string(json, "prior", prior->text);
    if (ws_prior_is_categorical(prior)) {
        ws_weights_write_json(json, prior);
    } else {
        ws_json_number(json, "mean", ws_prior_mean(prior));
        ws_json_number(json, "sd", ws_prior_sd(prior));
        ws_json_number(json, "p5", ws_prior_quantile(prior, 0.05, 0));
        ws_json_number(json, "p50", ws_prior_quantile(prior, 0.5, 0));
        ws_json_number(json, "p95", ws_prior_quantile(prior, 0.05, 1));
    }
}

static void write_labels(struct ws_json *json, const struct ws_plan *plan, size_t i) {
    const struct ws_quantity *q = &plan->study->quantities[i];
    const struct ws_table *table = plan->tables[i];
    if (q->n_given == 0)
        return;
    const struct ws_quantity *by = &plan->study->quantities[q->given];
    ws_json_string(json, "given", by->name);
    ws_json_object(json, "alternatives");
    for (size_t k = 0; k < q->n_given; k++) {
        ws_json_object(json, by->prior->parts[k].label);
        write_law(json, q->given_priors[k]);
        ws_json_number(json, "table_error", (table->n_given ? table->given[k] : table)->error);
        ws_json_end(json);
    }
    ws_json_end(json);
}

static void write_prior(struct ws_json *json, const struct ws_plan *plan, size_t i) {
    write_law(json, plan->study->quantities[i].prior);
    write_labels(json, plan, i);
    ws_json_number(json, "table_error", plan->tables[i]->error);
}

static void write_quantity(struct ws_json *json, const struct ws_plan *plan, size_t i) {
    const struct ws_quantity *q = &plan->study->quantities[i];
    ws_json_object(json, NULL);
    ws_json_string(json, "name", q->name);
    ws_json_string(json, "unit", q->unit.label);
    ws_json_string(json, "units", q->unit.canonical);
    ws_json_boolean(json, "unit_inferred", q->unit_inferred);
    ws_json_note(json, "description", q->description);
    ws_json_note(json, "boundary", q->boundary);
    ws_json_note(json, "source", q->source);
    ws_json_note(json, "basis", q->basis);
    ws_json_note(json, "note", q->note);
    ws_point_write_json(json, q);
    if (q->prior)
        write_prior(json, plan, i);
    else
        ws_json_string(json, "formula", q->formula_text);
    ws_json_end(json);
}

static void write_quantities(struct ws_json *json, const char *key, const struct ws_plan *plan, size_t first,
                             size_t count) {
    ws_json_list(json, key);
    for (size_t i = first; i < first + count; i++)
        write_quantity(json, plan, i);
    ws_json_end(json);
}

void ws_claim_write_json(struct ws_json *json, const struct ws_study *study, const struct ws_claim *claim,
                         const struct ws_claim_check *check) {
    ws_json_string(json, "name", claim->key);
    ws_json_number(json, "value", claim->value);
    ws_json_number(json, "value_as_published", claim->value_as_published);
    ws_json_string(json, "unit_as_published", claim->unit.label);
    ws_json_number(json, "p5", claim->p5);
    ws_json_number(json, "p95", claim->p95);
    ws_json_note(json, "bound", claim->bound);
    ws_json_note(json, "source", claim->source);
    ws_json_note(json, "basis", claim->basis);
    ws_json_note(json, "note", claim->note);
    ws_json_number(json, "recomputed", check->recomputed);
    ws_json_number(json, "ratio", check->ratio);
    ws_json_number(json, "tolerance", claim->tolerance);
    ws_json_list_inline(json, "fitted");
    for (size_t i = 0; i < check->n_fitted; i++)
        ws_json_string(json, NULL, study->quantities[check->fitted[i]].name);
    ws_json_end(json);
}

static void write_claim(struct ws_json *json, const struct ws_study *study, const struct ws_claim *claim,
                        struct ws_arena *arena) {
    struct ws_claim_check check = ws_claim_check_make(study, claim, arena);
    ws_claim_back_solve(study, claim, &check, arena);
    ws_json_object(json, NULL);
    ws_json_string(json, "output", study->quantities[claim->output].name);
    ws_claim_write_json(json, study, claim, &check);
    ws_json_list(json, "needed");
    for (size_t i = 0; i < check.n_solved; i++) {
        const struct ws_back_solve *solved = &check.solved[i];
        ws_json_object_inline(json, NULL);
        ws_json_string(json, "input", study->quantities[solved->input].name);
        ws_json_number(json, "value", solved->solvable ? solved->value : NAN);
        ws_json_number(json, "percentile", solved->solvable ? solved->percentile : NAN);
        ws_json_end(json);
    }
    ws_json_end(json);
    ws_json_end(json);
}

static void write_correlations(struct ws_json *json, const struct ws_study *study) {
    ws_json_list(json, "correlations");
    for (size_t i = 0; i < study->n_correlations; i++) {
        const struct ws_correlation *pair = &study->correlations[i];
        ws_json_object_inline(json, NULL);
        ws_json_string(json, "input", study->quantities[pair->a].name);
        ws_json_string(json, "input_2", study->quantities[pair->b].name);
        ws_json_number(json, ws_measure_name(pair), pair->value);
        ws_json_number(json, "scores", pair->score);
        ws_json_note(json, "source", pair->source);
        ws_json_note(json, "note", pair->note);
        ws_json_end(json);
    }
    ws_json_end(json);
}

static void write_weak(struct ws_json *json, const struct ws_study *study, const struct ws_weak_point *weak,
                       size_t n_weak) {
    ws_json_list(json, "weak_points");
    for (size_t i = 0; i < n_weak; i++) {
        ws_json_object_inline(json, NULL);
        ws_json_string(json, "output", ws_output_at(study, weak[i].output)->name);
        ws_json_string(json, "input", study->quantities[weak[i].input].name);
        ws_json_string(json, "basis", study->quantities[weak[i].input].basis);
        ws_json_number(json, "share", weak[i].share);
        ws_json_string(json, "scale", weak[i].in_log ? "log" : "linear");
        ws_json_end(json);
    }
    ws_json_end(json);
}

void ws_check_write_json(const struct ws_plan *plan, const struct ws_weak_point *weak, size_t n_weak,
                         struct ws_arena *arena, FILE *out) {
    const struct ws_study *study = plan->study;
    struct ws_json json = {.out = out};
    ws_json_report(&json, "wattspan-check", study->title);
    ws_json_note(&json, "description", study->description);
    ws_json_list(&json, "files");
    for (size_t i = 0; i < study->n_files; i++) {
        ws_json_object_inline(&json, NULL);
        ws_json_string(&json, "name", study->files[i].name);
        ws_json_string(&json, "sha256", study->files[i].sha256);
        ws_json_end(&json);
    }
    ws_json_end(&json);
    ws_json_string(&json, "study_sha256", study->sha256);
    ws_json_string(&json, "tables_digest", plan->tables_digest);
    ws_json_count(&json, "draws", plan->draws);
    ws_json_count(&json, "keep", plan->keep);
    ws_json_count(&json, "threads", (uint64_t)plan->threads);
    ws_json_count(&json, "bytes", plan->bytes);
    ws_json_count(&json, "kept_bytes", ws_plan_kept_bytes(plan));
    ws_json_count(&json, "disk_bytes", plan->disk_bytes);
    write_quantities(&json, "inputs", plan, 0, study->n_inputs);
    write_quantities(&json, "derived", plan, study->n_inputs, study->n_derived);
    write_quantities(&json, "outputs", plan, study->n_inputs + study->n_derived, study->n_outputs);
    write_correlations(&json, study);
    ws_json_list(&json, "published");
    for (size_t i = 0; i < study->n_claims; i++)
        write_claim(&json, study, &study->claims[i], arena);
    ws_json_end(&json);
    ws_json_list(&json, "evidence");
    for (size_t i = 0; i < study->n_evidence; i++) {
        ws_json_object_inline(&json, NULL);
        ws_json_string(&json, "name", study->evidence[i].name);
        ws_json_string(&json, "fact", ws_fact_text(study, &study->evidence[i], arena));
        ws_json_end(&json);
    }
    ws_json_end(&json);
    write_weak(&json, study, weak, n_weak);
    ws_json_end(&json);
}

void ws_check_write_csv(const struct ws_plan *plan, struct ws_arena *arena, FILE *out) {
    static const char *const header[] = {"role", "name",        "unit",  "point",  "p5",        "p50",
                                         "p95",  "table_error", "basis", "source", "definition"};
    static const char *const roles[] = {[WS_INPUT] = "input", [WS_DERIVED] = "derived", [WS_OUTPUT] = "output"};
    struct ws_csv csv = {.out = out};
    (void)arena;
    ws_csv_row(&csv, header, sizeof header / sizeof *header);
    for (size_t i = 0; i < plan->study->n_quantities; i++) {
        const struct ws_quantity *q = &plan->study->quantities[i];
        const char *label = q->has_point ? ws_quantity_label(q, q->point) : NULL;
        int numeric = q->prior && !ws_prior_is_categorical(q->prior);
        ws_csv_text(&csv, roles[q->role]);
        ws_csv_text(&csv, q->name);
        ws_csv_text(&csv, q->unit.label);
        if (label)
            ws_csv_text(&csv, label);
        else
            ws_csv_number(&csv, q->has_point ? q->point : NAN);
        ws_csv_number(&csv, numeric ? ws_prior_quantile(q->prior, 0.05, 0) : NAN);
        ws_csv_number(&csv, numeric ? ws_prior_quantile(q->prior, 0.5, 0) : NAN);
        ws_csv_number(&csv, numeric ? ws_prior_quantile(q->prior, 0.05, 1) : NAN);
        ws_csv_number(&csv, q->prior ? plan->tables[i]->error : NAN);
        ws_csv_text(&csv, q->basis);
        ws_csv_text(&csv, q->source);
        ws_csv_text(&csv, q->prior ? q->prior->text : q->formula_text);
        ws_csv_end(&csv);
    }
}
