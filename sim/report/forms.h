// SPDX-License-Identifier: GPL-3.0-or-later
// The forms that a report takes, one function each; report.c chooses among them.
#ifndef WS_REPORT_FORMS_H
#define WS_REPORT_FORMS_H

#include <stdio.h>

#include "analysis/claims.h"
#include "base/arena.h"
#include "engine/plan.h"
#include "engine/result.h"
#include "report/json.h"

struct ws_weak_point; // analysis/weak.h

// 0, or WS_ERROR_USAGE where the options name what there is not.
int ws_result_write_table(const struct ws_result *result, const struct ws_report_options *options,
                          struct ws_arena *arena, FILE *out, struct ws_error *err);
// Whether a sweep is told by its cases instead of each in full; that, without a heading. (result_cases.c)
int ws_sweep_is_listed(const struct ws_result *result, const struct ws_report_options *options);
int ws_sweep_list(const struct ws_result *result, const struct ws_report_options *options, struct ws_arena *arena,
                   FILE *out, struct ws_error *err);
void ws_result_write_json(const struct ws_result *result, struct ws_arena *arena, FILE *out);
void ws_result_write_csv(const struct ws_result *result, struct ws_arena *arena, FILE *out);

void ws_check_write_table(const struct ws_plan *plan, const struct ws_weak_point *weak, size_t n_weak,
                          const struct ws_report_options *options, struct ws_arena *arena, FILE *out);
void ws_check_write_json(const struct ws_plan *plan, const struct ws_weak_point *weak, size_t n_weak,
                         struct ws_arena *arena, FILE *out);
void ws_check_write_csv(const struct ws_plan *plan, struct ws_arena *arena, FILE *out);

// What several JSON forms have in common: "point", a categorical prior's "weights", and of a claim all but its
// percentiles. (check_json.c)
void ws_point_write_json(struct ws_json *json, const struct ws_quantity *q);
void ws_weights_write_json(struct ws_json *json, const struct ws_prior *prior);
void ws_claim_write_json(struct ws_json *json, const struct ws_study *study, const struct ws_claim *claim,
                         const struct ws_claim_check *check);

// ">" before a lower bound, "<" before an upper one. (check.c)
const char *ws_bound_sign(const struct ws_claim *claim);

// 0, or WS_ERROR_FILE where something has gone wrong on the stream.
int ws_report_flush(FILE *out);

#endif
