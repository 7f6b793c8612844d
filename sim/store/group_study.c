// SPDX-License-Identifier: GPL-3.0-or-later
// What was asked: the texts of the study, its inputs, cases and published figures.
#include <math.h>
#include <string.h>

#include "analysis/claims.h"
#include "prior/prior.h"
#include "store/groups.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

// ---- /sources ----

static const struct ws_field source_fields[] = {
    {"name", WS_VALUE_TEXT, "file", WS_UNIT_NONE, "name of the file", offsetof(struct ws_study_file, name), 0, 0},
    {"text", WS_VALUE_TEXT, "file", WS_UNIT_NONE, "the file as it was read", offsetof(struct ws_study_file, text), 0,
     0},
};

void ws_sources_write(struct ws_h5 *h5, const struct ws_study *study) {
    if (study->n_files == 0)
        return;
    const char **digests = WS_NEW_ARRAY(h5->arena, const char *, study->n_files);
    for (size_t i = 0; i < study->n_files; i++)
        digests[i] = study->files[i].sha256;
    struct ws_group group = ws_group_begin(h5, "sources");
    ws_axis_count(&group, "file", study->n_files, "texts of the study in the order read, the study itself last");
    ws_fields_write(&group, source_fields, COUNT(source_fields), study->files, study->n_files, sizeof *study->files,
                    NULL);
    ws_variable_write(&group, &(struct ws_variable){.name = "sha256",
                                                    .type = WS_VALUE_TEXT,
                                                    .axes = "file",
                                                    .data = digests,
                                                    .long_name = "SHA-256 of the text"});
    ws_group_end(&group);
}

void ws_sources_read(struct ws_h5 *h5, struct ws_study *study) {
    size_t n = ws_h5_length(h5, "sources/file");
    const char *const *names = ws_h5_read(h5, "sources/name", WS_VALUE_TEXT, 1, &n);
    const char *const *texts = ws_h5_read(h5, "sources/text", WS_VALUE_TEXT, 1, &n);
    const char *const *digests = ws_h5_read(h5, "sources/sha256", WS_VALUE_TEXT, 1, &n);
    if (h5->status)
        return;
    struct ws_study_file *files = WS_NEW_ARRAY(h5->arena, struct ws_study_file, n);
    for (size_t i = 0; i < n; i++) {
        files[i] = (struct ws_study_file){.name = names[i], .text = texts[i], .length = strlen(texts[i])};
        if (strlen(digests[i]) != sizeof files[i].sha256 - 1)
            ws_h5_damaged(h5, "'/sources/sha256' holds '%s'", digests[i]);
        else
            memcpy(files[i].sha256, digests[i], sizeof files[i].sha256);
    }
    study->files = files;
    study->n_files = n;
}

// ---- /inputs ----

struct input_record {
    const char *name, *family, *prior, *unit, *description, *source, *basis, *note, *currency;
    double price_year, point;
};

#define INPUT(name, type, unit, text) \
    { #name, type, "input", unit, text, offsetof(struct input_record, name), 0, 0 }
static const struct ws_field input_fields[] = {
    INPUT(name, WS_VALUE_TEXT, WS_UNIT_NONE, "name"),
    INPUT(family, WS_VALUE_TEXT, WS_UNIT_NONE, "family of the prior"),
    INPUT(prior, WS_VALUE_TEXT, WS_UNIT_NONE, "the prior as the study has it"),
    INPUT(unit, WS_VALUE_TEXT, WS_UNIT_NONE, "unit of point, mean, sd, p5, p50 and p95, as the study spells it"),
    INPUT(description, WS_VALUE_TEXT, WS_UNIT_NONE, "description"),
    INPUT(source, WS_VALUE_TEXT, WS_UNIT_NONE, "key of the source"),
    INPUT(basis, WS_VALUE_TEXT, WS_UNIT_NONE, "read, quoted, computed, fitted, recalled or assumed"),
    INPUT(note, WS_VALUE_TEXT, WS_UNIT_NONE, "note"),
    INPUT(currency, WS_VALUE_TEXT, WS_UNIT_NONE, "currency of money"),
    INPUT(price_year, WS_VALUE_REAL, WS_UNIT_MIXED, "calendar year of the prices"),
    INPUT(point, WS_VALUE_REAL, WS_UNIT_MIXED, "value that the published estimate used"),
};

#define TABLE(name, unit, text) \
    { #name, WS_VALUE_REAL, "input", unit, text, offsetof(struct ws_input_table, name), 0, 0 }
static const struct ws_field table_fields[] = {
    TABLE(mean, WS_UNIT_MIXED, "mean of the prior"),
    TABLE(sd, WS_UNIT_MIXED, "standard deviation of the prior"),
    TABLE(p5, WS_UNIT_MIXED, "5 % quantile of the prior"),
    TABLE(p50, WS_UNIT_MIXED, "median of the prior"),
    TABLE(p95, WS_UNIT_MIXED, "95 % quantile of the prior"),
    TABLE(table_error, WS_UNIT_NONE,
          "largest error of the compiled quantile table, relative to max(|x|, interquartile range)"),
};

static struct input_record describe_input(const struct ws_quantity *input) {
    return (struct input_record){
        .name = input->name,
        .family = input->prior->family->name,
        .prior = input->prior->text,
        .unit = input->unit.label,
        .description = input->description,
        .source = input->source,
        .basis = input->basis,
        .note = input->note,
        .currency = input->currency,
        .price_year = input->price_year,
        .point = input->has_point ? input->point : (double)NAN,
    };
}

void ws_inputs_write(struct ws_h5 *h5, const struct ws_result *result) {
    size_t n = result->study->n_inputs;
    if (n == 0)
        return;
    struct input_record *records = WS_NEW_ARRAY(h5->arena, struct input_record, n);
    const char **names = WS_NEW_ARRAY(h5->arena, const char *, n);
    for (size_t i = 0; i < n; i++) {
        records[i] = describe_input(&result->study->quantities[i]);
        names[i] = records[i].name;
    }
    struct ws_group group = ws_group_begin(h5, "inputs");
    ws_axis_texts(&group, "input", n, names, "input of the study");
    ws_fields_write(&group, input_fields, COUNT(input_fields), records, n, sizeof *records, NULL);
    ws_fields_write(&group, table_fields, COUNT(table_fields), result->inputs, n, sizeof *result->inputs, NULL);
    ws_group_end(&group);
}

void ws_inputs_read(struct ws_h5 *h5, struct ws_result *result) {
    size_t n = result->study->n_inputs;
    result->inputs = WS_NEW_ARRAY(h5->arena, struct ws_input_table, n + 1);
    if (n == 0)
        return;
    const char *const *names = ws_h5_read(h5, "inputs/input", WS_VALUE_TEXT, 1, &n);
    for (size_t i = 0; i < n && !h5->status; i++)
        if (strcmp(names[i], result->study->quantities[i].name) != 0)
            ws_h5_damaged(h5, "'/inputs/input' and the study differ at '%s'", names[i]);
    const struct ws_axis_size axis = {"input", n};
    ws_fields_read(h5, "inputs", table_fields, COUNT(table_fields), result->inputs, n, sizeof *result->inputs, &axis,
                   1);
}

// ---- /cases ----

void ws_cases_axis(struct ws_group *group, const struct ws_result *result) {
    ws_axis_count(group, "case", result->n_cases, "case of the sweep");
}

void ws_cases_write(struct ws_h5 *h5, const struct ws_result *result) {
    const struct ws_study *study = result->study;
    struct ws_group group = ws_group_begin(h5, "cases");
    ws_cases_axis(&group, result);
    for (size_t i = 0; i < result->n_axes; i++) {
        const struct ws_case_axis *axis = &result->axes[i];
        const struct ws_quantity *q = &study->quantities[ws_study_find(study, axis->name)];
        ws_variable_write(&group,
                          &(struct ws_variable){.name = axis->name,
                                                .type = axis->labels ? WS_VALUE_TEXT : WS_VALUE_REAL,
                                                .axes = "case",
                                                .data = axis->labels ? (const void *)axis->labels : axis->values,
                                                .unit = axis->labels ? NULL : &q->unit,
                                                .long_name = q->description,
                                                .packing = axis->labels ? WS_PLAIN : WS_PACKED});
    }
    ws_group_end(&group);
}

static int same_values(struct ws_h5 *h5, const struct ws_case_axis *axis, size_t n) {
    const char *path = ws_arena_printf(h5->arena, "cases/%s", axis->name);
    if (!axis->labels) {
        const double *values = ws_h5_read(h5, path, WS_VALUE_REAL, 1, &n);
        return h5->status || memcmp(values, axis->values, n * sizeof *values) == 0;
    }
    const char *const *labels = ws_h5_read(h5, path, WS_VALUE_TEXT, 1, &n);
    for (size_t c = 0; c < n && !h5->status; c++)
        if (strcmp(labels[c], axis->labels[c]) != 0)
            return 0;
    return 1;
}

// The cases follow from the study; the file only has to agree.
void ws_cases_read(struct ws_h5 *h5, struct ws_result *result) {
    size_t n = ws_h5_length(h5, "cases/case");
    if (!h5->status && n != result->study->n_cases)
        ws_h5_damaged(h5, "'/cases' has %zu cases, its study %zu", n, result->study->n_cases);
    if (h5->status)
        return;
    ws_result_make_axes(result, h5->arena);
    for (size_t i = 0; i < result->n_axes && !h5->status; i++)
        if (!same_values(h5, &result->axes[i], n))
            ws_h5_damaged(h5, "'/cases/%s' and the study's sweep differ", result->axes[i].name);
}

// ---- /published ----

struct claim_record {
    const char *output, *unit, *published_unit, *bound, *source, *basis, *note, *fitted;
    double value, p5, p95, published_value, recomputed, tolerance;
};
struct percentile_record { // of a claim in a case
    double percentile, percentile_se, percentile_posterior, percentile_posterior_se;
};

#define CLAIM(name, type, unit, text) \
    { #name, type, "claim", unit, text, offsetof(struct claim_record, name), 0, 0 }
static const struct ws_field claim_fields[] = {
    CLAIM(output, WS_VALUE_TEXT, WS_UNIT_NONE, "output that the figure is about"),
    CLAIM(value, WS_VALUE_REAL, WS_UNIT_MIXED, "published figure"),
    CLAIM(p5, WS_VALUE_REAL, WS_UNIT_MIXED, "published 5 % quantile"),
    CLAIM(p95, WS_VALUE_REAL, WS_UNIT_MIXED, "published 95 % quantile"),
    CLAIM(unit, WS_VALUE_TEXT, WS_UNIT_NONE, "unit of value, p5, p95 and recomputed: the output's"),
    CLAIM(published_value, WS_VALUE_REAL, WS_UNIT_MIXED, "the figure in the unit it was published in"),
    CLAIM(published_unit, WS_VALUE_TEXT, WS_UNIT_NONE, "that unit"),
    CLAIM(bound, WS_VALUE_TEXT, WS_UNIT_NONE, "lower or upper, where the figure is a bound"),
    CLAIM(source, WS_VALUE_TEXT, WS_UNIT_NONE, "key of the source"),
    CLAIM(basis, WS_VALUE_TEXT, WS_UNIT_NONE, "read, quoted, computed, fitted, recalled or assumed"),
    CLAIM(note, WS_VALUE_TEXT, WS_UNIT_NONE, "note"),
    CLAIM(recomputed, WS_VALUE_REAL, WS_UNIT_MIXED, "the output at the point values of the inputs"),
    CLAIM(tolerance, WS_VALUE_REAL, WS_UNIT_NONE, "relative distance within which recomputed should be of value"),
    CLAIM(fitted, WS_VALUE_TEXT, WS_UNIT_NONE, "inputs behind recomputed whose point was fitted to a published figure"),
};

#define PERCENTILE(name, text) \
    { #name, WS_VALUE_REAL, "case claim", WS_UNIT_NONE, text, offsetof(struct percentile_record, name), 0, 0 }
static const struct ws_field percentile_fields[] = {
    PERCENTILE(percentile, "probability that the output is at or below the published figure"),
    PERCENTILE(percentile_se, "its Monte Carlo standard error"),
    PERCENTILE(percentile_posterior, "the same probability given the evidence"),
    PERCENTILE(percentile_posterior_se, "its Monte Carlo standard error"),
};
enum { POSTERIOR_FIELDS = 2 }; // the last, only where there is evidence

static struct claim_record describe_claim(const struct ws_study *study, const struct ws_claim *claim,
                                          struct ws_arena *arena) {
    const struct ws_quantity *output = &study->quantities[claim->output];
    return (struct claim_record){
        .output = output->name,
        .unit = output->unit.label,
        .published_unit = claim->unit.label,
        .bound = claim->bound,
        .source = claim->source,
        .basis = claim->basis,
        .note = claim->note,
        .fitted = ws_fitted_text(study, claim, arena),
        .value = claim->value,
        .p5 = claim->p5,
        .p95 = claim->p95,
        .published_value = claim->value_as_published,
        .recomputed = output->has_point ? output->point : (double)NAN,
        .tolerance = claim->tolerance,
    };
}

void ws_published_write(struct ws_h5 *h5, const struct ws_result *result) {
    const struct ws_study *study = result->study;
    size_t n = study->n_claims;
    if (n == 0)
        return;
    struct claim_record *records = WS_NEW_ARRAY(h5->arena, struct claim_record, n);
    struct percentile_record *percentiles = WS_NEW_ARRAY(h5->arena, struct percentile_record, result->n_cases * n);
    for (size_t i = 0; i < n; i++) {
        records[i] = describe_claim(study, &study->claims[i], h5->arena);
        for (size_t c = 0; c < result->n_cases; c++) {
            struct percentile_record *p = &percentiles[c * n + i];
            ws_claim_percentile(result, c, &study->claims[i], &p->percentile, &p->percentile_se);
            if (result->posterior)
                ws_claim_percentile(result->posterior, c, &study->claims[i], &p->percentile_posterior,
                                    &p->percentile_posterior_se);
        }
    }
    struct ws_group group = ws_group_begin(h5, "published");
    ws_cases_axis(&group, result);
    ws_axis_count(&group, "claim", n, "published figure, in the order of the study");
    ws_fields_write(&group, claim_fields, COUNT(claim_fields), records, n, sizeof *records, NULL);
    ws_fields_write(&group, percentile_fields, COUNT(percentile_fields) - (result->posterior ? 0 : POSTERIOR_FIELDS),
                    percentiles, result->n_cases * n, sizeof *percentiles, NULL);
    ws_group_end(&group);
}
