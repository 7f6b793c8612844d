// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/workspace.h"

#include <stdlib.h>
#include <string.h>

#include "wattspan.h"

int ws_workspace_init(struct ws_workspace *workspace, const struct ws_plan *plan, const struct ws_compiled *compiled) {
    const size_t row_bytes = WS_ROW_STRIDE * sizeof(double), line = 64;
    *workspace = (struct ws_workspace){.plan = plan, .compiled = compiled};
    workspace->rows = aligned_alloc(line, (compiled->program.n_rows + 1) * row_bytes);
    workspace->cursor = ws_cursor_create(&plan->sampler, compiled->drawn, compiled->n_columns);
    if (!workspace->rows || !workspace->cursor)
        return WS_ERROR_MEMORY;
    memset(workspace->rows, 0, (compiled->program.n_rows + 1) * row_bytes);
    for (size_t i = 0; i < compiled->n_fills; i++)
        for (size_t k = 0; k < WS_BLOCK; k++)
            workspace->rows[(size_t)compiled->fills[i].row * WS_ROW_STRIDE + k] = compiled->fills[i].value;
    return 0;
}

void ws_workspace_finish(struct ws_workspace *workspace) {
    free(workspace->rows);
    ws_cursor_destroy(workspace->cursor);
    *workspace = (struct ws_workspace){0};
}

void ws_workspace_seek(struct ws_workspace *workspace, uint64_t group) { ws_cursor_seek(workspace->cursor, group); }

void ws_workspace_block(struct ws_workspace *workspace, uint64_t block) {
    const struct ws_compiled *compiled = workspace->compiled;
    for (size_t k = 0; k < compiled->n_columns; k++)
        ws_cursor_draw(workspace->cursor, k, block, compiled->tables[k], workspace->rows + k * WS_ROW_STRIDE);
    workspace->plan->sampler.kernels->run(&compiled->program, workspace->rows);
}

const double *ws_workspace_row(const struct ws_workspace *workspace, size_t quantity) {
    return workspace->rows + (size_t)workspace->compiled->row_of[quantity] * WS_ROW_STRIDE;
}

const double *ws_workspace_log_weight(const struct ws_workspace *workspace) {
    return workspace->rows + (size_t)workspace->compiled->log_weight * WS_ROW_STRIDE;
}
