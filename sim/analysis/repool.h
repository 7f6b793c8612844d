// SPDX-License-Identifier: GPL-3.0-or-later
// Other weights for the alternatives of a categorical input, without drawing again: each output's distribution is put
// together anew from those within the alternatives.
#ifndef WS_ANALYSIS_REPOOL_H
#define WS_ANALYSIS_REPOOL_H

#include "base/arena.h"
#include "engine/result.h"

// weights: "ownership=straight_line:1,value_decay:0", normalised; an alternative that is not named has none. Outputs
// that do not depend on the input stay as they are, those that do but were not split `by` it become unknown (no draws),
// and so do the kept draws, since they have the run's own weights. Changes `result`; 0, WS_ERROR_USAGE or _MEMORY.
int ws_repool(struct ws_result *result, const char *weights, struct ws_error *err);

#endif
