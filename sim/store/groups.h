// SPDX-License-Identifier: GPL-3.0-or-later
// What each group of a result file holds, as results/README.md says. One function writes a kind of group; where a
// result is read back from a group, the function that reads it stands in the same file.
#ifndef WS_STORE_GROUPS_H
#define WS_STORE_GROUPS_H

#include "engine/result.h"
#include "store/reader.h"
#include "store/writer.h"

// /sources, /inputs, /cases, /published (group_study.c)
void ws_sources_write(struct ws_h5 *h5, const struct ws_study *study);
void ws_inputs_write(struct ws_h5 *h5, const struct ws_result *result);
void ws_cases_write(struct ws_h5 *h5, const struct ws_result *result);
void ws_published_write(struct ws_h5 *h5, const struct ws_result *result);
// Puts the original texts in place of the one that the study was rebuilt from.
void ws_sources_read(struct ws_h5 *h5, struct ws_study *study);
void ws_inputs_read(struct ws_h5 *h5, struct ws_result *result);
void ws_cases_read(struct ws_h5 *h5, struct ws_result *result);
// The axis of cases: the number of each.
void ws_cases_axis(struct ws_group *group, const struct ws_result *result);

// /data (group_data.c), where priors were read from files. Reading takes the session's arena.
void ws_data_write(struct ws_h5 *h5, const struct ws_study *study);
const struct ws_data *ws_data_read(struct ws_h5 *h5, size_t *n);

// /summary, /summary_by, /histogram (group_summary.c), /sensitivity (group_sensitivity.c)
void ws_summary_write(struct ws_h5 *h5, const struct ws_result *result);
void ws_summary_by_write(struct ws_h5 *h5, const struct ws_result *result);
void ws_histogram_write(struct ws_h5 *h5, const struct ws_result *result);
void ws_sensitivity_write(struct ws_h5 *h5, const struct ws_result *result);
void ws_sensitivity_read(struct ws_h5 *h5, struct ws_result *result);

// /correlation (group_correlation.c), where the study has correlations
void ws_correlation_write(struct ws_h5 *h5, const struct ws_result *result);

// /convergence (group_convergence.c)
void ws_convergence_write(struct ws_h5 *h5, const struct ws_result *result);
void ws_convergence_read(struct ws_h5 *h5, struct ws_result *result);

// /freeze, how far a sensitivity analysis is (group_freeze.c)
void ws_freeze_write(struct ws_h5 *h5, const struct ws_result *result);
void ws_freeze_read(struct ws_h5 *h5, struct ws_result *result);

// /sketch (group_sketch.c). Reading fills in the slots and their tallies, which are released with the arena.
void ws_sketch_write(struct ws_h5 *h5, const struct ws_result *result);
void ws_sketch_read(struct ws_h5 *h5, struct ws_result *result);

// /prior, /prior_predictive, /sample_stats_prior, or /posterior, /posterior_predictive (group_draws.c)
void ws_draws_write(struct ws_h5 *h5, const struct ws_result *result);
// Those that are drawn only now, piece by piece (group_stream.c), and what both ways of writing them have in common.
void ws_draws_stream(struct ws_h5 *h5, const struct ws_result *result);
void ws_draws_begin(struct ws_group *group, const struct ws_result *result);
struct ws_variable ws_draws_variable(const struct ws_quantity *quantity, struct ws_arena *arena);
struct ws_variable ws_log_weight_variable(void);
void ws_draws_read(struct ws_h5 *h5, struct ws_result *result);

// /evidence (group_evidence.c). Reading makes result->posterior, but for its tallies and draws, where there is
// evidence.
void ws_evidence_write(struct ws_h5 *h5, const struct ws_result *result);
void ws_evidence_read(struct ws_h5 *h5, struct ws_result *result);

// "_posterior" for a result given evidence, "" else: what is added to the names of the groups that both have.
static inline const char *ws_group_suffix(const struct ws_result *result) {
    return result->unconditioned ? "_posterior" : "";
}

// The study's quantity behind output number `index`.
static inline size_t ws_output_quantity(const struct ws_study *study, size_t index) {
    return study->n_inputs + study->n_derived + index;
}

#endif
