// SPDX-License-Identifier: GPL-3.0-or-later
// One thread's registers and place in the streams: addresses in, rows of values out.
#ifndef WS_ENGINE_WORKSPACE_H
#define WS_ENGINE_WORKSPACE_H

#include <stdint.h>

#include "engine/registers.h"

struct ws_workspace {
    const struct ws_plan *plan;
    const struct ws_compiled *compiled;
    struct ws_registers registers;
    double *scores; // of inputs drawn jointly: one row each
    struct ws_cursor *cursor;
};

// 0, or WS_ERROR_MEMORY; to be finished either way.
int ws_workspace_init(struct ws_workspace *workspace, const struct ws_plan *plan, const struct ws_compiled *compiled);
void ws_workspace_finish(struct ws_workspace *workspace);
void ws_workspace_seek(struct ws_workspace *workspace, uint64_t group);
// Draws and computes block `block` of the group; blocks of a group must be asked for in order, without gaps. 0, or
// WS_ERROR_MODEL.
int ws_workspace_block(struct ws_workspace *workspace, uint64_t block);
// Draws and computes WS_BLOCK draws anywhere in the run. Not for generators with a state; to be followed by a seek or
// another one of these. 0, or WS_ERROR_MODEL.
int ws_workspace_gather(struct ws_workspace *workspace, const uint64_t *addresses);
// The row of the draws' log-weights, where the study has evidence.
const double *ws_workspace_log_weight(const struct ws_workspace *workspace);
// The row of a quantity that was wanted.
const double *ws_workspace_row(const struct ws_workspace *workspace, size_t quantity);

#endif
