// SPDX-License-Identifier: GPL-3.0-or-later
// Windows of slots. Draws are counted once for all alternatives of an input that their output is split by, in a window
// with room for all of them; those of the first such input are also the output's own.
#ifndef WS_ENGINE_WINDOWS_H
#define WS_ENGINE_WINDOWS_H

#include "engine/plan.h"
#include "numeric/kernels.h"

// Whether a slot's counts are those of its output's alternatives, added up.
int ws_window_is_pooled(const struct ws_plan *plan, size_t slot);
// The most alternatives that an output is split by, or 1.
size_t ws_window_most(const struct ws_plan *plan);
// The window of a slot: with room for all alternatives where it is the first of them (the caller's to free), else a
// part of the first's, which is to be given. Without counts where memory runs out.
struct ws_bin_window ws_window_make(const struct ws_slot *slot, const struct ws_bin_window *first);
// Adds up what alternatives have counted in `from`, and sums of weights and squares by the same indices where there are
// some, else NULL. All draws are from minimum to maximum.
void ws_window_pool(const struct ws_bin_window *from, const int64_t *from_sums, const struct ws_bin_window *into,
                    int64_t *sums, double minimum, double maximum);

#endif
