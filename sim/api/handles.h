// SPDX-License-Identifier: GPL-3.0-or-later
// What the public handles are made of.
#ifndef WS_API_HANDLES_H
#define WS_API_HANDLES_H

#include "engine/result.h"
#include "study/study.h"
#include "wattspan.h"

// Another owner of the study: released with ws_study_destroy.
const struct ws_study *ws_study_share(const struct ws_study *study);
// Makes the arena another owner.
void ws_arena_own_study(struct ws_arena *arena, const struct ws_study *study);
// Ends a call whose memory ran out, in the middle of anything: what it made is released and handed to nobody. result
// may be NULL. WS_ERROR_MEMORY.
int ws_give_up(struct ws_arena *arena, struct ws_arena *scratch, ws_result **result, struct ws_error *error);
// Refuses a study with a sweep where one case is wanted: "a sensitivity analysis".
int ws_refuse_sweep(const struct ws_study *study, const char *what, struct ws_error *error);
// What follows from the kept draws and both the file and the report want.
void ws_result_analyse(struct ws_result *result, struct ws_arena *arena);
// Says at once that weights are too uneven, beside what reports say.
void ws_result_warn(const struct ws_result *result, const struct ws_sink *sink, struct ws_arena *arena);
// Runs until errors are small enough (tolerance.c): where the options ask for it, or the study does and the options
// give no number of draws.
int ws_run_has_tolerance(const struct ws_study *study, const struct ws_options *options);
int ws_run_to_tolerance(const struct ws_study *study, const struct ws_options *options, struct ws_arena *scratch,
                        struct ws_arena *arena, ws_result **result, struct ws_error *error);
// The pooled slot of an output: they stand in the order of the outputs. 0, or WS_ERROR_USAGE.
int ws_result_find(const ws_result *result, const char *output, size_t *slot, struct ws_error *error);

#endif
