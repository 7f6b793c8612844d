// SPDX-License-Identifier: GPL-3.0-or-later
// What more than one form of a report needs to know of a result.
#ifndef WS_REPORT_FACTS_H
#define WS_REPORT_FACTS_H

#include <stddef.h>

#include "analysis/indices.h"
#include "analysis/summary.h"
#include "analysis/weak.h"
#include "base/arena.h"
#include "engine/result.h"

// The study's output number i, its index among the quantities and back.
size_t ws_output_index(const struct ws_study *study, size_t output);
const struct ws_quantity *ws_output_at(const struct ws_study *study, size_t output);
// "straight_line"; NULL for a pooled slot.
const char *ws_slot_label(const struct ws_result *result, size_t slot);

// 1 if the quantity is 0 or 1 by the form of its formula: a comparison, or logic.
int ws_is_indicator(const struct ws_study *study, size_t quantity);
// The label that a categorical input has at a value, NULL for any other quantity.
const char *ws_quantity_label(const struct ws_quantity *quantity, double value);

// What a swept quantity is in a case: "1.2", "straight_line".
const char *ws_case_text(const struct ws_case_axis *axis, size_t case_index, struct ws_arena *arena);
// "Case 2 of 6: hours = 200, owner = lab".
const char *ws_case_heading(const struct ws_result *result, size_t case_index, struct ws_arena *arena);

// The quantile that a summary holds for one of its probabilities, with its standard error (which may be NULL); NAN if
// it does not.
double ws_summary_at(const struct ws_summary *summary, double probability, double *se);

// "site_power between 100 and 200 MW (local_press)": a fact of the study's evidence.
const char *ws_fact_text(const struct ws_study *study, const struct ws_evidence *fact, struct ws_arena *arena);

// The largest standard error of mean, p5, median and p95 of all outputs, relative to max(|value|, sd);
// NAN where one is unknown, or no output has a value.
double ws_monte_carlo_error(const struct ws_result *result, struct ws_arena *arena);

enum { WS_TOP_DRIVERS = 3 };
struct ws_driver {
    size_t input;
    double spearman, share; // NAN where it could be chance
    double strength;        // the larger of share and spearman^2
};
// The inputs that explain most, no more than `most`. A rank correlation counts from three standard errors of none at
// all on, a share of variance from three of its own: an input that acts both ways has a share alone. index is a row of
// ws_indices.
size_t ws_top_drivers(const struct ws_result *result, const struct ws_index *index, struct ws_driver *drivers,
                      size_t most);

// "energy: hours carries 90 % of the variance, and its basis is 'assumed': look it up first".
const char *ws_weak_text(const struct ws_study *study, const struct ws_weak_point *point, struct ws_arena *arena);

#endif
