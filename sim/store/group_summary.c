// SPDX-License-Identifier: GPL-3.0-or-later
// What came out, ready for plotting: statistics, histograms. Everything here follows from /sketch
// and the kept draws, and is never read back.
#include <math.h>

#include "analysis/partition.h"
#include "analysis/summary.h"
#include "prior/prior.h"
#include "store/groups.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

// ---- /summary, /summary_by ----

struct summary_record { // of a slot in a case
    double mean, mean_se, sd, sd_se, skewness, kurtosis, minimum, maximum, point_value;
    int64_t n, n_invalid;
    const double *quantile_value, *quantile_se;
};

#define ROW(type, name, type_of_value, axes, unit, text, is_list) \
    { #name, type_of_value, axes, unit, text, offsetof(struct type, name), is_list, 0 }
#define REAL(name, unit, text) ROW(summary_record, name, WS_VALUE_REAL, "case", unit, text, 0)
#define INTEGER(name, text) ROW(summary_record, name, WS_VALUE_INT, "case", WS_UNIT_NONE, text, 0)
#define PER_QUANTILE(name, text) ROW(summary_record, name, WS_VALUE_REAL, "case quantile", WS_UNIT_OWN, text, 1)
static const struct ws_field summary_fields[] = {
    REAL(mean, WS_UNIT_OWN, "mean"),
    REAL(mean_se, WS_UNIT_OWN, "Monte Carlo standard error of the mean"),
    REAL(sd, WS_UNIT_OWN, "standard deviation"),
    REAL(sd_se, WS_UNIT_OWN, "Monte Carlo standard error of the standard deviation"),
    REAL(skewness, WS_UNIT_NONE, "skewness"),
    REAL(kurtosis, WS_UNIT_NONE, "excess kurtosis"),
    REAL(minimum, WS_UNIT_OWN, "smallest draw"),
    REAL(maximum, WS_UNIT_OWN, "largest draw"),
    INTEGER(n, "number of valid draws"),
    INTEGER(n_invalid, "number of draws that were no finite number"),
    REAL(point_value, WS_UNIT_OWN, "value at the inputs' points"),
    PER_QUANTILE(quantile_value, "quantile"),
    PER_QUANTILE(quantile_se, "Monte Carlo standard error of the quantile"),
};
enum { N_SUMMARY_FIELDS = COUNT(summary_fields) };

static struct summary_record summarise(const struct ws_result *result, size_t case_index, size_t slot,
                                       struct ws_arena *arena) {
    const struct ws_quantity *output = &result->study->quantities[result->slots[slot].output];
    const struct ws_summary s = ws_summarise(result, case_index, slot, arena);
    // A swept quantity has no one point, and an alternative is not at its point.
    int has_point = output->has_point && result->slots[slot].by == SIZE_MAX;
    return (struct summary_record){
        .mean = s.mean,
        .mean_se = s.mean_se,
        .sd = s.sd,
        .sd_se = s.sd_se,
        .skewness = s.skewness,
        .kurtosis = s.kurtosis,
        .minimum = s.minimum,
        .maximum = s.maximum,
        .point_value = has_point ? output->point : (double)NAN,
        .n = (int64_t)s.n,
        .n_invalid = (int64_t)s.n_invalid,
        .quantile_value = s.quantile,
        .quantile_se = s.quantile_se,
    };
}

// What is known of an output, on the group that is about it.
static void describe_output(struct ws_group *group, const struct ws_quantity *output) {
    struct ws_h5 *h5 = group->h5;
    ws_attribute_text(h5, group->id, "long_name", output->description);
    ws_attribute_text(h5, group->id, "units", output->unit.canonical);
    ws_attribute_text(h5, group->id, "unit_label", output->unit.label);
    ws_attribute_text(h5, group->id, "boundary", output->boundary);
    ws_attribute_text(h5, group->id, "currency", output->currency);
    ws_attribute_text(h5, group->id, "gwp_basis", output->gwp_basis);
    if (!isnan(output->price_year))
        ws_attribute_real(h5, group->id, "price_year", output->price_year);
}

static void write_quantile_axis(struct ws_group *group, const struct ws_study *study) {
    struct ws_variable axis = {.name = "quantile", .type = WS_VALUE_REAL, .long_name = "probability"};
    size_t n;
    axis.data = ws_summary_probabilities(study, group->h5->arena, &n);
    ws_axis_write(group, n, &axis);
}

static void write_summary(struct ws_h5 *h5, const struct ws_result *result, size_t slot) {
    const struct ws_quantity *output = &result->study->quantities[result->slots[slot].output];
    struct summary_record *records = WS_NEW_ARRAY(h5->arena, struct summary_record, result->n_cases);
    for (size_t c = 0; c < result->n_cases; c++)
        records[c] = summarise(result, c, slot, h5->arena);
    struct ws_group group = ws_group_begin(h5, "summary%s/%s", ws_group_suffix(result), output->name);
    describe_output(&group, output);
    ws_cases_axis(&group, result);
    write_quantile_axis(&group, result->study);
    ws_fields_write(&group, summary_fields, N_SUMMARY_FIELDS, records, result->n_cases, sizeof *records, &output->unit);
    ws_group_end(&group);
}

// An empty group to hold others.
static void make_parent(struct ws_h5 *h5, const char *path) {
    struct ws_group parent = ws_group_begin(h5, "%s", path);
    ws_group_end(&parent);
}

void ws_summary_write(struct ws_h5 *h5, const struct ws_result *result) {
    make_parent(h5, ws_arena_printf(h5->arena, "summary%s", ws_group_suffix(result)));
    struct ws_arena_mark scratch = ws_arena_mark(h5->arena);
    for (size_t slot = 0; slot < result->study->n_outputs; slot++, ws_arena_release(h5->arena, scratch))
        write_summary(h5, result, slot);
}

// The summary fields with one more axis.
static void add_alternative(struct ws_field fields[N_SUMMARY_FIELDS]) {
    for (size_t i = 0; i < N_SUMMARY_FIELDS; i++) {
        fields[i] = summary_fields[i];
        fields[i].axes = fields[i].is_list ? "case alternative quantile" : "case alternative";
    }
}

struct partition_record { // of an output by an input in a case
    double share_between, share_between_se;
};

static const struct ws_field partition_fields[] = {
    ROW(partition_record, share_between, WS_VALUE_REAL, "case", WS_UNIT_NONE,
        "share of the variance that is between the alternatives' means, the rest being within them", 0),
    ROW(partition_record, share_between_se, WS_VALUE_REAL, "case", WS_UNIT_NONE,
        "Monte Carlo standard error of the share", 0),
};

static void write_partition(struct ws_group *group, const struct ws_result *result, size_t first, size_t n) {
    struct partition_record *records = WS_NEW_ARRAY(group->h5->arena, struct partition_record, result->n_cases);
    for (size_t c = 0; c < result->n_cases; c++) {
        struct ws_partition p = ws_partition_make(result, c, first, n);
        records[c] = (struct partition_record){p.share, p.share_se};
    }
    ws_fields_write(group, partition_fields, COUNT(partition_fields), records, result->n_cases, sizeof *records, NULL);
}

// Slots first .. first + n - 1 are the alternatives of one categorical input.
static void write_summary_by(struct ws_h5 *h5, const struct ws_result *result, size_t first, size_t n) {
    const struct ws_quantity *output = &result->study->quantities[result->slots[first].output];
    const struct ws_quantity *by = &result->study->quantities[result->slots[first].by];
    struct ws_field fields[N_SUMMARY_FIELDS];
    struct summary_record *records = WS_NEW_ARRAY(h5->arena, struct summary_record, result->n_cases * n);
    const char **labels = WS_NEW_ARRAY(h5->arena, const char *, n);
    add_alternative(fields);
    for (size_t a = 0; a < n; a++) {
        labels[a] = by->prior->parts[result->slots[first + a].alternative].label;
        for (size_t c = 0; c < result->n_cases; c++)
            records[c * n + a] = summarise(result, c, first + a, h5->arena);
    }
    struct ws_group group = ws_group_begin(h5, "summary_by%s/%s/%s", ws_group_suffix(result), output->name, by->name);
    describe_output(&group, output);
    ws_cases_axis(&group, result);
    ws_axis_texts(&group, "alternative", n, labels, by->description);
    write_quantile_axis(&group, result->study);
    ws_fields_write(&group, fields, N_SUMMARY_FIELDS, records, result->n_cases * n, sizeof *records, &output->unit);
    write_partition(&group, result, first, n);
    ws_group_end(&group);
}

void ws_summary_by_write(struct ws_h5 *h5, const struct ws_result *result) {
    size_t first = result->study->n_outputs, n;
    if (result->n_slots > first)
        make_parent(h5, ws_arena_printf(h5->arena, "summary_by%s", ws_group_suffix(result)));
    struct ws_arena_mark scratch = ws_arena_mark(h5->arena);
    for (size_t s = first, output = SIZE_MAX; s < result->n_slots; s += n, ws_arena_release(h5->arena, scratch)) {
        const struct ws_result_slot *slots = result->slots + s;
        for (n = 1; s + n < result->n_slots && slots[n].output == slots[0].output && slots[n].by == slots[0].by; n++)
            ;
        if (slots[0].output != output) {
            output = slots[0].output;
            make_parent(h5, ws_arena_printf(h5->arena, "summary_by%s/%s", ws_group_suffix(result),
                                            result->study->quantities[output].name));
        }
        write_summary_by(h5, result, s, n);
    }
}

// ---- /histogram ----

static const double *weights_of(const struct ws_histogram *histogram, size_t n, struct ws_arena *arena) {
    double *weights = WS_NEW_ARRAY(arena, double, n);
    for (size_t i = 0; i < n; i++)
        weights[i] = ldexp((double)histogram->counts[i], -WS_WEIGHT_BITS);
    return weights;
}

static void write_histogram(struct ws_h5 *h5, const struct ws_result *result, size_t slot,
                            const struct ws_histogram *histogram) {
    const struct ws_quantity *output = &result->study->quantities[result->slots[slot].output];
    size_t n = histogram->n_bins;
    const double *edges = histogram->edges;
    double *middles = WS_NEW_ARRAY(h5->arena, double, n), *bounds = WS_NEW_ARRAY(h5->arena, double, 2 * n);
    for (size_t i = 0; i < n; i++) {
        bounds[2 * i] = edges[i];
        bounds[2 * i + 1] = edges[i + 1];
        middles[i] = edges[i] + (edges[i + 1] - edges[i]) / 2;
    }
    struct ws_group group = ws_group_begin(h5, "histogram%s/%s", ws_group_suffix(result), output->name);
    describe_output(&group, output);
    ws_attribute_text(h5, group.id, "spacing", histogram->log_spaced ? "logarithmic" : "linear");
    ws_cases_axis(&group, result);
    ws_axis_write(&group, n,
                  &(struct ws_variable){.name = "bin",
                                        .type = WS_VALUE_REAL,
                                        .data = middles,
                                        .unit = &output->unit,
                                        .long_name = "middle of the bin",
                                        .bounds = "bin_bounds"});
    ws_axis_count(&group, "nv", 2, "lower and upper end");
    ws_variable_write(&group, &(struct ws_variable){.name = "bin_bounds",
                                                    .type = WS_VALUE_REAL,
                                                    .axes = "bin nv",
                                                    .data = bounds,
                                                    .unit = &output->unit,
                                                    .long_name = "ends of the bin"});
    struct ws_variable count = {.name = "count",
                                .type = WS_VALUE_INT,
                                .axes = "case bin",
                                .data = histogram->counts,
                                .long_name = "number of draws in the bin",
                                .packing = result->n_cases > 1 ? WS_PACKED : WS_PLAIN};
    if (result->unconditioned) {
        count.type = WS_VALUE_REAL;
        count.data = weights_of(histogram, n * result->n_cases, h5->arena);
        count.long_name = "sum of the weights of the draws in the bin";
    }
    ws_variable_write(&group, &count);
    ws_group_end(&group);
}

void ws_histogram_write(struct ws_h5 *h5, const struct ws_result *result) {
    make_parent(h5, ws_arena_printf(h5->arena, "histogram%s", ws_group_suffix(result)));
    struct ws_arena_mark scratch = ws_arena_mark(h5->arena);
    for (size_t slot = 0; slot < result->study->n_outputs; slot++, ws_arena_release(h5->arena, scratch)) {
        const struct ws_histogram histogram = ws_histogram_make(result, slot, h5->arena);
        if (histogram.n_bins > 0) // an output without a single valid draw has none
            write_histogram(h5, result, slot, &histogram);
    }
}
