// SPDX-License-Identifier: GPL-3.0-or-later
// /evidence: the facts, what they have left of the draws, and what goes on from there when runs are put together.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/evidence.h"
#include "prior/prior.h"
#include "store/groups.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

// ---- the facts ----

struct fact_record {
    const char *quantity, *unit, *observed, *source, *note, *description;
    double low, high, log_greatest;
};

#define FACT(name, type, unit, text) \
    { #name, type, "fact", unit, text, offsetof(struct fact_record, name), 0, 0 }
static const struct ws_field fact_fields[] = {
    FACT(quantity, WS_VALUE_TEXT, WS_UNIT_NONE, "what was observed"),
    FACT(unit, WS_VALUE_TEXT, WS_UNIT_NONE, "unit of the fact, as the study spells it"),
    FACT(observed, WS_VALUE_TEXT, WS_UNIT_NONE, "likelihood as the study has it, empty for an interval"),
    FACT(low, WS_VALUE_REAL, WS_UNIT_MIXED, "lower end of an interval"),
    FACT(high, WS_VALUE_REAL, WS_UNIT_MIXED, "upper end of an interval"),
    FACT(log_greatest, WS_VALUE_REAL, WS_UNIT_NONE,
         "ln of the greatest likelihood, of a density per unit of the fact or of a probability"),
    FACT(description, WS_VALUE_TEXT, WS_UNIT_NONE, "description"),
    FACT(source, WS_VALUE_TEXT, WS_UNIT_NONE, "key of the source"),
    FACT(note, WS_VALUE_TEXT, WS_UNIT_NONE, "note"),
};

static void write_facts(struct ws_group *group, const struct ws_study *study) {
    struct ws_arena *arena = group->h5->arena;
    struct fact_record *records = WS_NEW_ARRAY(arena, struct fact_record, study->n_evidence);
    const char **names = WS_NEW_ARRAY(arena, const char *, study->n_evidence);
    for (size_t i = 0; i < study->n_evidence; i++) {
        const struct ws_evidence *e = &study->evidence[i];
        names[i] = e->name;
        records[i] = (struct fact_record){.quantity = study->quantities[e->quantity].name,
                                          .unit = e->unit.label,
                                          .observed = e->observed ? e->observed->text : "",
                                          .source = e->source,
                                          .note = e->note,
                                          .description = e->description,
                                          .low = e->observed ? (double)NAN : e->low,
                                          .high = e->observed ? (double)NAN : e->high,
                                          .log_greatest = e->log_greatest};
    }
    ws_axis_texts(group, "fact", study->n_evidence, names, "facts that the draws are weighed by");
    ws_fields_write(group, fact_fields, COUNT(fact_fields), records, study->n_evidence, sizeof *records, NULL);
}

// ---- the weights ----

struct weight_record { // of a case
    double ess, pareto_k, log_evidence, log_evidence_se, log_reference;
    int64_t draws, weighed, undefined, total, squares, distinct;
    double *time;
    int64_t *address;
};

#define WEIGHT(name, type, axes, text, is_list, packing) \
    { #name, type, axes, WS_UNIT_NONE, text, offsetof(struct weight_record, name), is_list, packing }
#define REAL(name, text) WEIGHT(name, WS_VALUE_REAL, "case", text, 0, 0)
#define INTEGER(name, text) WEIGHT(name, WS_VALUE_INT, "case", text, 0, 0)
static const struct ws_field weight_fields[] = {
    REAL(ess, "effective sample size, (sum w)^2 / sum w^2"),
    REAL(pareto_k, "shape of the upper tail of the weights, NaN where it has none"),
    REAL(log_evidence, "ln of the marginal likelihood: of the mean likelihood over the priors"),
    REAL(log_evidence_se, "Monte Carlo standard error of log_evidence"),
    INTEGER(distinct, "different draws among those of /posterior"),
    INTEGER(draws, "draws that were weighed"),
    INTEGER(weighed, "draws with a weight above 0"),
    INTEGER(undefined, "draws without a weight because the quantity observed was no number"),
    REAL(log_reference, "log-weight of a draw that weighs 1"),
    INTEGER(total, "sum of w in units of 2^-28"),
    INTEGER(squares, "sum of w^2 in units of 2^-28"),
    WEIGHT(time, WS_VALUE_REAL, "case event", "time of the event that draws /posterior", 1, WS_CHECKED),
    WEIGHT(address, WS_VALUE_INT, "case event", "address of the draw", 1, WS_PACKED),
};

static const struct ws_variable tail_variable = {.name = "tail",
                                                 .type = WS_VALUE_REAL,
                                                 .axes = "case rank",
                                                 .long_name =
                                                     "the largest weights in units of 2^-28, 0 beyond the last",
                                                 .packing = WS_PACKED};

static int descending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

static struct weight_record record_of(const struct ws_result *posterior, size_t case_index, struct ws_arena *arena) {
    const struct ws_evidence_tally *t = ws_result_weights(posterior, case_index);
    const struct ws_evidence_summary s = ws_evidence_summarise(posterior, case_index, arena);
    struct weight_record record = {.ess = s.ess,
                                   .pareto_k = s.pareto_k,
                                   .log_evidence = s.log_evidence,
                                   .log_evidence_se = s.log_evidence_se,
                                   .log_reference = t->log_reference,
                                   .draws = (int64_t)t->draws,
                                   .weighed = (int64_t)t->weighed,
                                   .undefined = (int64_t)t->undefined,
                                   .total = t->total,
                                   .squares = t->squares,
                                   .distinct = (int64_t)s.n_distinct,
                                   .time = WS_NEW_ARRAY(arena, double, t->most_arrivals + 1),
                                   .address = WS_NEW_ARRAY(arena, int64_t, t->most_arrivals + 1)};
    struct ws_arrival *events = WS_NEW_ARRAY(arena, struct ws_arrival, t->most_arrivals + 1);
    ws_evidence_events(t, events);
    for (size_t i = 0; i < t->most_arrivals; i++) {
        int there = i < t->n_arrivals;
        record.time[i] = there ? events[i].time : INFINITY;
        record.address[i] = there ? (int64_t)events[i].address : -1;
    }
    return record;
}

// A case's largest weights take 80 KB.
static void fill_tails(void *user, size_t first, size_t count, void *buffer) {
    const struct ws_result *posterior = user;
    for (size_t c = 0; c < count; c++) {
        const struct ws_evidence_tally *t = ws_result_weights(posterior, first + c);
        double *tail = (double *)buffer + c * WS_TAIL_WEIGHTS;
        if (t->n_tail > 0)
            memcpy(tail, t->tail, t->n_tail * sizeof *tail);
        qsort(tail, t->n_tail, sizeof *tail, descending);
    }
}

void ws_evidence_write(struct ws_h5 *h5, const struct ws_result *result) {
    const struct ws_result *posterior = result->posterior;
    size_t n_events = posterior->evidence[0].most_arrivals;
    struct weight_record *records = WS_NEW_ARRAY(h5->arena, struct weight_record, posterior->n_cases);
    for (size_t c = 0; c < posterior->n_cases; c++)
        records[c] = record_of(posterior, c, h5->arena);
    struct ws_group group = ws_group_begin(h5, "evidence");
    write_facts(&group, result->study);
    ws_cases_axis(&group, result);
    ws_axis_count(&group, "rank", WS_TAIL_WEIGHTS, "rank among the largest weights");
    if (n_events > 0)
        ws_axis_count(&group, "event", n_events, "number of the draw in /posterior");
    ws_fields_write(&group, weight_fields, COUNT(weight_fields) - (n_events > 0 ? 0 : 2), records, posterior->n_cases,
                    sizeof *records, NULL);
    ws_variable_write_rows(&group, &tail_variable, fill_tails, result->posterior);
    ws_group_end(&group);
}

// ---- reading ----

static int is_sound(const struct weight_record *r, size_t n_events) {
    int sound = isfinite(r->log_reference) && r->draws >= 0 && r->weighed >= 0 && r->undefined >= 0 && r->total >= 0 &&
                r->squares >= 0;
    for (size_t i = 0; i < n_events && sound; i++)
        sound = r->time[i] >= 0 && r->address[i] >= -1;
    return sound;
}

static void take_record(struct ws_evidence_tally *t, const struct weight_record *r, size_t n_events) {
    t->log_reference = r->log_reference;
    t->draws = (uint64_t)r->draws;
    t->weighed = (uint64_t)r->weighed;
    t->undefined = (uint64_t)r->undefined;
    t->total = r->total;
    t->squares = r->squares;
    for (size_t i = 0; i < n_events; i++)
        if (r->address[i] >= 0)
            ws_evidence_add_arrival(t, (struct ws_arrival){r->time[i], (uint64_t)r->address[i]});
}

struct tails {
    struct ws_h5 *h5;
    struct ws_result *posterior;
};

static int take_tail(struct ws_result *posterior, size_t case_index, const double *weights) {
    struct ws_evidence_tally tail;
    int sound = 1, status = ws_evidence_init(&tail, 0);
    for (size_t i = 0; i < WS_TAIL_WEIGHTS && !status && sound; i++) {
        sound = weights[i] >= 0 && weights[i] <= ldexp(1, WS_MOST_WEIGHT_BITS) && weights[i] == floor(weights[i]);
        if (sound && weights[i] > 0)
            ws_evidence_add_weight(&tail, weights[i]);
    }
    tail.log_reference = posterior->evidence[case_index].log_reference;
    if (!status)
        status = sound ? ws_result_add_weights(posterior, case_index, &tail) : WS_ERROR_FILE;
    ws_evidence_finish(&tail);
    return status;
}

static void take_tails(void *user, size_t first, size_t count, const void *values) {
    const struct tails *tails = user;
    struct ws_h5 *h5 = tails->h5;
    for (size_t c = 0; c < count && !h5->status; c++) {
        int status = take_tail(tails->posterior, first + c, (const double *)values + c * WS_TAIL_WEIGHTS);
        if (status == WS_ERROR_FILE)
            ws_h5_damaged(h5, "the weights of case %zu in '/evidence' make no sense", first + c);
        else if (status)
            h5->status = ws_error_set(h5->err, status, h5->path, "memory ran out");
    }
}

void ws_evidence_read(struct ws_h5 *h5, struct ws_result *result) {
    if (!result->study->log_weight)
        return;
    struct ws_result *posterior = WS_NEW(h5->arena, struct ws_result);
    *posterior = *result;
    posterior->unconditioned = result;
    result->posterior = posterior;
    size_t n_events = ws_h5_has(h5, "evidence/event") ? ws_h5_length(h5, "evidence/event") : 0;
    if (n_events > WS_MOST_POSTERIOR || (n_events > 0 && result->n_cases > 1))
        ws_h5_damaged(h5, "'/evidence/event' is too long");
    const struct ws_axis_size axes[] = {{"case", result->n_cases}, {"rank", WS_TAIL_WEIGHTS}, {"event", n_events}};
    struct weight_record *records = WS_NEW_ARRAY(h5->arena, struct weight_record, result->n_cases + 1);
    if (!h5->status)
        ws_fields_read(h5, "evidence", weight_fields, COUNT(weight_fields) - (n_events > 0 ? 0 : 2), records,
                       result->n_cases, sizeof *records, axes, n_events > 0 ? 3 : 2);
    if (h5->status)
        return;
    if (ws_result_make_evidence(posterior, n_events, h5->arena)) {
        h5->status = ws_error_set(h5->err, WS_ERROR_MEMORY, h5->path, "memory ran out");
        return;
    }
    for (size_t c = 0; c < result->n_cases; c++) {
        if (!is_sound(&records[c], n_events)) {
            ws_h5_damaged(h5, "the weights of case %zu in '/evidence' make no sense", c);
            return;
        }
        take_record(&posterior->evidence[c], &records[c], n_events);
    }
    const size_t sizes[2] = {result->n_cases, WS_TAIL_WEIGHTS};
    ws_h5_read_batches(h5, "evidence/tail", WS_VALUE_REAL, 2, sizes, take_tails, &(struct tails){h5, posterior});
}
