// SPDX-License-Identifier: GPL-3.0-or-later
// The kept draws, in the groups and on the axes that ArviZ gives them: /prior the inputs, /prior_predictive the
// outputs, /sample_stats_prior the log-weights; given evidence /posterior and /posterior_predictive.
#include <math.h>

#include "engine/plan.h"
#include "prior/prior.h"
#include "store/groups.h"

// A posterior is drawn anew from the whole run, so that its draws are of no one randomisation.
static size_t n_chains(const struct ws_result *result) { return result->unconditioned ? 1 : result->replicates; }

static const char *group_name(const struct ws_result *result) { return result->unconditioned ? "posterior" : "prior"; }

void ws_draws_begin(struct ws_group *group, const struct ws_result *result) {
    struct ws_h5 *h5 = group->h5;
    ws_attribute_text(h5, group->id, "inference_library", "wattspan");
    ws_attribute_text(h5, group->id, "inference_library_version", result->provenance.version);
    ws_axis_count(group, "chain", n_chains(result), result->unconditioned ? "one" : "randomisation of the design");
    ws_axis_count(group, "draw", (result->n_kept + result->n_beyond) / n_chains(result),
                  result->unconditioned    ? "number of the draw"
                  : result->replicates > 1 ? "number of the point in its randomisation"
                                           : "address of the draw");
}

struct ws_variable ws_draws_variable(const struct ws_quantity *quantity, struct ws_arena *arena) {
    struct ws_variable variable = {.name = quantity->name,
                                   .type = WS_VALUE_REAL,
                                   .axes = "chain draw",
                                   .unit = &quantity->unit,
                                   .long_name = quantity->description};
    const struct ws_prior *prior = quantity->prior;
    if (!prior || !ws_prior_is_categorical(prior))
        return variable;
    const char **labels = WS_NEW_ARRAY(arena, const char *, prior->n_parts);
    for (size_t i = 0; i < prior->n_parts; i++)
        labels[i] = prior->parts[i].label;
    variable.type = WS_VALUE_LABEL;
    variable.unit = NULL;
    variable.labels = labels;
    variable.n_labels = prior->n_parts;
    return variable;
}

struct ws_variable ws_log_weight_variable(void) {
    return (struct ws_variable){.name = "log_weight",
                                .type = WS_VALUE_REAL,
                                .axes = "chain draw",
                                .long_name = "ln of the likelihood relative to the greatest"};
}

static int is_constant(const double *x, size_t n) {
    for (size_t i = 1; i < n; i++)
        if (x[i] != x[0])
            return 0;
    return 1;
}

// Random digits do not compress (and cost 25 ns each to try); labels and constants do.
static void write_draws(struct ws_group *group, const struct ws_quantity *quantity, const char *axes,
                        const double *draws, size_t n) {
    struct ws_variable variable = ws_draws_variable(quantity, group->h5->arena);
    variable.axes = axes;
    variable.data = draws;
    variable.packing = is_constant(draws, n) ? WS_PACKED : WS_CHECKED;
    ws_variable_write(group, &variable);
}

static void write_labels(struct ws_group *group, const struct ws_quantity *quantity, const double *draws, size_t n) {
    int32_t *values = WS_NEW_ARRAY(group->h5->arena, int32_t, n);
    for (size_t i = 0; i < n; i++)
        values[i] = (int32_t)draws[i];
    struct ws_variable variable = ws_draws_variable(quantity, group->h5->arena);
    variable.data = values;
    variable.packing = WS_PACKED;
    ws_variable_write(group, &variable);
}

// What is swept has other draws in every case: they are not kept.
static int is_swept(const struct ws_result *result, size_t input) {
    return result->n_cases > 1 && ws_study_axis(result->study, input);
}

static void write_prior(struct ws_h5 *h5, const struct ws_result *result) {
    size_t n = result->n_kept;
    ws_h5_expect_links(h5, result->study->n_inputs + 2); // and two axes
    struct ws_group group = ws_group_begin(h5, "%s", group_name(result));
    ws_h5_expect_links(h5, 0);
    ws_draws_begin(&group, result);
    for (size_t i = 0; i < result->study->n_inputs; i++) {
        const struct ws_quantity *input = &result->study->quantities[i];
        if (is_swept(result, i))
            continue;
        if (ws_prior_is_categorical(input->prior))
            write_labels(&group, input, result->kept_inputs + i * n, n);
        else
            write_draws(&group, input, "chain draw", result->kept_inputs + i * n, n);
    }
    ws_group_end(&group);
}

// Draws with the case as the fastest axis: ArviZ wants chain and draw first. Those of a case are `stride` after those
// of the case before; buffer: room for all.
static const double *by_case(const struct ws_result *result, const double *from, size_t stride, double *buffer) {
    size_t n = result->n_kept, n_cases = result->n_cases;
    if (n_cases == 1)
        return from;
    for (size_t c = 0; c < n_cases; c++)
        for (size_t i = 0; i < n; i++)
            buffer[i * n_cases + c] = from[c * stride + i];
    return buffer;
}

static void write_predictive(struct ws_h5 *h5, const struct ws_result *result) {
    const struct ws_study *study = result->study;
    int swept = result->n_cases > 1;
    struct ws_group group = ws_group_begin(h5, "%s_predictive", group_name(result));
    ws_draws_begin(&group, result);
    if (swept)
        ws_cases_axis(&group, result);
    double *buffer = WS_NEW_ARRAY(h5->arena, double, swept ? result->n_kept * result->n_cases : 1);
    for (size_t o = 0; o < study->n_outputs; o++)
        write_draws(
            &group, &study->quantities[ws_output_quantity(study, o)], swept ? "chain draw case" : "chain draw",
            by_case(result, result->kept_outputs + o * result->n_kept, study->n_outputs * result->n_kept, buffer),
            result->n_kept * result->n_cases);
    ws_group_end(&group);
}

static void write_log_weights(struct ws_h5 *h5, const struct ws_result *result) {
    int swept = result->n_cases > 1;
    double *buffer = WS_NEW_ARRAY(h5->arena, double, result->n_kept * result->n_cases + 1);
    const double *draws = by_case(result, result->kept_log_weights, result->n_kept, buffer);
    struct ws_group group = ws_group_begin(h5, "sample_stats_prior");
    ws_draws_begin(&group, result);
    if (swept)
        ws_cases_axis(&group, result);
    struct ws_variable variable = ws_log_weight_variable();
    variable.axes = swept ? "chain draw case" : "chain draw";
    variable.data = draws;
    variable.packing = WS_CHECKED;
    ws_variable_write(&group, &variable);
    ws_group_end(&group);
}

void ws_draws_write(struct ws_h5 *h5, const struct ws_result *result) {
    if (result->n_kept == 0)
        return;
    if (result->plan) {
        ws_draws_stream(h5, result);
        return;
    }
    if (result->study->n_inputs > 0)
        write_prior(h5, result);
    write_predictive(h5, result);
    if (result->kept_log_weights)
        write_log_weights(h5, result);
}

// ---- reading ----

// What is held in memory of a variable with the axes chain and draw.
static void read_rows(struct ws_h5 *h5, const struct ws_result *result, const char *path, int type, void *values) {
    const size_t n = n_chains(result), sizes[2] = {n, (result->n_kept + result->n_beyond) / n};
    ws_h5_read_rows(h5, path, type, sizes, result->n_kept / n, values);
}

static void read_labels(struct ws_h5 *h5, const struct ws_result *result, const char *path,
                        const struct ws_prior *prior, double *draws) {
    int64_t *labels = WS_NEW_ARRAY(h5->arena, int64_t, result->n_kept + 1);
    read_rows(h5, result, path, WS_VALUE_INT, labels);
    for (size_t i = 0; i < result->n_kept && !h5->status; i++) {
        if (labels[i] < 0 || (uint64_t)labels[i] >= prior->n_parts)
            ws_h5_damaged(h5, "'/%s' holds %lld, which is no label", path, (long long)labels[i]);
        draws[i] = (double)labels[i];
    }
}

static void read_prior(struct ws_h5 *h5, struct ws_result *result) {
    const struct ws_study *study = result->study;
    for (size_t i = 0; i < study->n_inputs && !h5->status; i++) {
        const char *path = ws_arena_printf(h5->arena, "%s/%s", group_name(result), study->quantities[i].name);
        double *draws = result->kept_inputs + i * result->n_kept;
        if (is_swept(result, i))
            continue;
        if (ws_prior_is_categorical(study->quantities[i].prior))
            read_labels(h5, result, path, study->quantities[i].prior, draws);
        else
            read_rows(h5, result, path, WS_VALUE_REAL, draws);
    }
}

// With a sweep all draws are in memory.
static void read_cases(struct ws_h5 *h5, struct ws_result *result, const char *path, size_t output) {
    size_t n = result->n_kept, n_cases = result->n_cases;
    const size_t sizes[3] = {n_chains(result), n / n_chains(result), n_cases};
    const double *draws = ws_h5_read(h5, path, WS_VALUE_REAL, 3, sizes);
    for (size_t c = 0; c < n_cases && !h5->status; c++)
        for (size_t i = 0; i < n; i++)
            result->kept_outputs[(c * result->study->n_outputs + output) * n + i] = draws[i * n_cases + c];
}

static void read_predictive(struct ws_h5 *h5, struct ws_result *result) {
    const struct ws_study *study = result->study;
    for (size_t o = 0; o < study->n_outputs && !h5->status; o++) {
        const char *name = study->quantities[ws_output_quantity(study, o)].name;
        const char *path = ws_arena_printf(h5->arena, "%s_predictive/%s", group_name(result), name);
        if (result->n_cases > 1)
            read_cases(h5, result, path, o);
        else
            read_rows(h5, result, path, WS_VALUE_REAL, result->kept_outputs + o * result->n_kept);
    }
}

static void read_log_weights(struct ws_h5 *h5, struct ws_result *result) {
    const char *path = "sample_stats_prior/log_weight";
    size_t n = result->n_kept, n_cases = result->n_cases;
    const size_t sizes[3] = {n_chains(result), n / n_chains(result), n_cases};
    result->kept_log_weights = ws_arena_array(h5->arena, n + 1, n_cases * sizeof(double));
    if (n_cases == 1) {
        read_rows(h5, result, path, WS_VALUE_REAL, result->kept_log_weights);
        return;
    }
    const double *draws = ws_h5_read(h5, path, WS_VALUE_REAL, 3, sizes);
    for (size_t i = 0; i < n * n_cases && !h5->status; i++)
        result->kept_log_weights[i % n_cases * n + i / n_cases] = draws[i];
}

// The events of the first case are the draws.
static void read_addresses(struct ws_h5 *h5, struct ws_result *posterior) {
    const struct ws_evidence_tally *tally = &posterior->evidence[0];
    if (tally->n_arrivals != posterior->n_kept) {
        ws_h5_damaged(h5, "'/posterior_predictive' has not as many draws as '/evidence/event'");
        return;
    }
    uint64_t *addresses = WS_NEW_ARRAY(h5->arena, uint64_t, posterior->n_kept + 1);
    struct ws_arrival *events = WS_NEW_ARRAY(h5->arena, struct ws_arrival, posterior->n_kept + 1);
    ws_evidence_events(tally, events);
    for (size_t i = 0; i < posterior->n_kept; i++)
        addresses[i] = events[i].address;
    posterior->kept_addresses = addresses;
}

void ws_draws_read(struct ws_h5 *h5, struct ws_result *result) {
    const struct ws_study *study = result->study;
    const char *group = ws_arena_printf(h5->arena, "%s_predictive", group_name(result));
    size_t n = ws_h5_has(h5, group) ? ws_h5_length(h5, ws_arena_printf(h5->arena, "%s/draw", group)) : 0;
    n = n > SIZE_MAX / n_chains(result) ? 0 : n * n_chains(result);
    if (h5->status)
        return;
    result->n_kept = n;
    result->n_beyond = 0;
    if (n > WS_MOST_IN_MEMORY && result->n_cases == 1 && !result->unconditioned) {
        result->n_kept = WS_MOST_IN_MEMORY / n_chains(result) * n_chains(result);
        result->n_beyond = n - result->n_kept;
        n = result->n_kept;
    }
    result->kept_log_weights = NULL;
    result->kept_inputs = ws_arena_array(h5->arena, n + 1, (study->n_inputs + 1) * sizeof(double));
    result->kept_outputs = ws_arena_array(h5->arena, n + 1, (study->n_outputs * result->n_cases + 1) * sizeof(double));
    if (n == 0)
        return;
    if (study->n_inputs > 0)
        read_prior(h5, result);
    read_predictive(h5, result);
    if (!h5->status && ws_h5_has(h5, "sample_stats_prior") && !result->unconditioned) {
        read_log_weights(h5, result);
    }
    if (result->unconditioned && !h5->status)
        read_addresses(h5, result);
}
