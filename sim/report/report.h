// SPDX-License-Identifier: GPL-3.0-or-later
// Results, checks, draws and lists as text on a stream. Every function returns 0, or WS_ERROR_FILE where the stream
// fails.
#ifndef WS_REPORT_REPORT_H
#define WS_REPORT_REPORT_H

#include <stdio.h>

#include "analysis/explain.h"
#include "base/arena.h"
#include "engine/plan.h"
#include "engine/result.h"

struct ws_weak_point; // analysis/weak.h

// The result as the 80-column table (wider with options->wide), JSON or CSV.
int ws_report_write_result(const struct ws_result *result, const struct ws_report_options *options,
                           struct ws_arena *arena, FILE *out, struct ws_error *err);
// The shares of variance of a sensitivity analysis; WS_ERROR_USAGE where the result has none.
int ws_report_write_effects(const struct ws_result *result, const struct ws_report_options *options,
                            struct ws_arena *arena, FILE *out);
// The outputs told in the study's equivalents; WS_ERROR_USAGE where it has none for its outputs.
int ws_report_write_equivalents(const struct ws_result *result, const struct ws_report_options *options,
                                struct ws_arena *arena, FILE *out);
// Which inputs separate draws that meet a condition from the others; study: the result's.
int ws_report_write_explanation(const struct ws_study *study, const struct ws_explanation *explanation,
                                const char *condition, const struct ws_report_options *options, struct ws_arena *arena,
                                FILE *out);
// Units, compiled priors, memory, claims and their back-solves.
int ws_report_write_check(const struct ws_plan *plan, const struct ws_weak_point *weak, size_t n_weak,
                          const struct ws_report_options *options, struct ws_arena *arena, FILE *out);
// Quantiles and densities of the compiled priors, as CSV.
int ws_report_write_priors(const struct ws_plan *plan, FILE *out);
// One draw: values[i] is that of study quantity i.
int ws_report_write_draw(const struct ws_plan *plan, uint64_t draw, const double *values,
                         const struct ws_report_options *options, struct ws_arena *arena, FILE *out);
// "families", "designs", "generators", "functions", "units"; WS_ERROR_USAGE for another topic.
int ws_report_write_list(const char *topic, const struct ws_report_options *options, struct ws_arena *arena, FILE *out);

#endif
