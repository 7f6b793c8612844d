// SPDX-License-Identifier: GPL-3.0-or-later
// The order in which the hot loop of a wide study draws and computes.
#ifndef WS_ENGINE_SCHEDULE_H
#define WS_ENGINE_SCHEDULE_H

#include "engine/plan.h"

// Makes *hot what run.c draws the outputs with: plan->outputs itself where its rows and the plan's tables fit the
// caches, or where what it needs must be there before it starts (a sweep's cases, a model in code). Else the same
// instructions in stages: inputs are drawn just before they are first used, what an output needs is computed before the
// next one's, an output's draws are counted before anything else is computed, and a row is used again once its value is
// dead, so that of any number of inputs few are in the cache; and
// several blocks at a time, so that a table that has come there serves them all. No rounding changes.
void ws_schedule(const struct ws_plan *plan, struct ws_compiled *hot, struct ws_arena *arena);

#endif
