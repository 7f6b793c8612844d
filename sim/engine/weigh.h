// SPDX-License-Identifier: GPL-3.0-or-later
// One thread's tallies given the evidence: what gather.h is for draws without weights. Only where a study has evidence.
#ifndef WS_ENGINE_WEIGH_H
#define WS_ENGINE_WEIGH_H

#include "engine/result.h"
#include "engine/visit.h"
#include "engine/workspace.h"
#include "tally/evidence.h"
#include "tally/tally.h"

struct ws_weigh;

// NULL where memory runs out. What is common to this case of a sweep and another one the latter counts, which then
// leads, and is merged first; NULL: there is none.
struct ws_weigh *ws_weigh_create(const struct ws_plan *plan, const struct ws_weigh *lead);
void ws_weigh_destroy(struct ws_weigh *weigh);
// Whether that other case counts a slot.
int ws_weigh_has_lead(const struct ws_weigh *weigh, size_t slot);
// Weighs blocks of a tile from `first` on, as many as are then to be counted before the next ones are: up to *end. 0,
// WS_ERROR_MEMORY, or WS_ERROR_RUN where a weight or a sum of them is beyond its range.
int ws_weigh_prepare(struct ws_weigh *weigh, struct ws_workspace *workspace, const struct ws_tile *tile, size_t first,
                     size_t *end);
// Counts a block's draws of an output in the windows of a slot, or of the alternatives from it on. 0, or
// WS_ERROR_MEMORY.
int ws_weigh_bins(struct ws_weigh *weigh, const struct ws_visit *visit, size_t slot);
// Adds what else comes of them: the moments of x, `count` draws, which are those of the slot's alternative if it is a
// split one, and of a pooled slot draws outside of the windows. Counts them as ws_weigh_bins does, too, in the windows
// of `head`, unless that is SIZE_MAX: quicker than one after the other. 0, WS_ERROR_MEMORY or WS_ERROR_RUN.
int ws_weigh_slot(struct ws_weigh *weigh, const struct ws_visit *visit, size_t slot, size_t head, const double *x,
                  size_t count);
// Adds the draws outside of the windows to the alternatives from slot `head` on, which the visit has the labels of.
int ws_weigh_strays(struct ws_weigh *weigh, const struct ws_visit *visit, size_t head);
void ws_weigh_end_run(struct ws_weigh *weigh, size_t replicate);
// To be called of each slot, [replicate][slot], between two runs before the window of all draws is emptied; they lie
// from minimum to maximum. What is counted there given the evidence is then emptied, too, by one of the two below.
void ws_weigh_complete(struct ws_weigh *weigh, size_t slot, const struct ws_bin_window *all, double minimum,
                       double maximum);
int ws_weigh_empty(struct ws_weigh *weigh);
// Adds everything to the case of the result's posterior that the plan is about.
int ws_weigh_merge(struct ws_weigh *weigh, struct ws_result *posterior);
// What a thread's tallies take, of a case that leads or has none to lead it, or of one that is led.
size_t ws_weigh_bytes(const struct ws_plan *plan, int leads);

// Makes result->posterior, which counts nothing yet. (posterior.c)
int ws_posterior_start(const struct ws_plan *plan, struct ws_result *result, struct ws_arena *arena);
// Pools it, and draws it anew from the whole run. (posterior.c)
int ws_posterior_finish(const struct ws_plan *plan, struct ws_result *result, struct ws_arena *arena,
                        struct ws_error *err);
// Says what WS_ERROR_RUN means while drawing. (posterior.c)
int ws_posterior_fail(const struct ws_plan *plan, struct ws_error *err);

#endif
