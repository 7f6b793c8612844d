// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/workspace.h"

#include <stdlib.h>

#include "wattspan.h"

int ws_workspace_init(struct ws_workspace *workspace, const struct ws_plan *plan, const struct ws_compiled *compiled) {
    const size_t row_bytes = WS_ROW_STRIDE * sizeof(double), line = 64;
    *workspace = (struct ws_workspace){.plan = plan, .compiled = compiled};
    size_t most = 0;
    for (size_t j = 0; j < compiled->n_joints; j++)
        most = compiled->joints[j].n > most ? compiled->joints[j].n : most;
    workspace->scores = aligned_alloc(line, (most + 1) * row_bytes);
    workspace->cursor = ws_cursor_create(&plan->sampler, compiled->drawn, compiled->n_columns);
    int status = ws_registers_init(&workspace->registers, plan, compiled);
    return status || !workspace->scores || !workspace->cursor ? WS_ERROR_MEMORY : 0;
}

void ws_workspace_finish(struct ws_workspace *workspace) {
    ws_registers_finish(&workspace->registers);
    free(workspace->scores);
    ws_cursor_destroy(workspace->cursor);
    *workspace = (struct ws_workspace){0};
}

void ws_workspace_seek(struct ws_workspace *workspace, uint64_t group) { ws_cursor_seek(workspace->cursor, group); }

// Normal scores of all inputs of a joint, made to correlate, then each through its own tables.
static void draw_joint(struct ws_workspace *workspace, const struct ws_compiled_joint *joint, uint64_t block) {
    const struct ws_plan *plan = workspace->plan;
    for (size_t i = 0; i < joint->n; i++)
        ws_cursor_draw(workspace->cursor, joint->first[i], block, plan->normal, workspace->scores + i * WS_ROW_STRIDE);
    plan->sampler.kernels->combine(workspace->scores, joint->n, joint->factor);
    for (size_t i = 0; i < joint->n; i++)
        for (size_t k = joint->first[i]; k < joint->first[i] + joint->count[i]; k++)
            ws_cursor_draw_scores(workspace->cursor, workspace->scores + i * WS_ROW_STRIDE,
                                  workspace->compiled->tables[k], workspace->registers.rows + k * WS_ROW_STRIDE);
}

int ws_workspace_block(struct ws_workspace *workspace, uint64_t block) {
    const struct ws_compiled *compiled = workspace->compiled;
    for (size_t j = 0; j < compiled->n_joints; j++)
        draw_joint(workspace, &compiled->joints[j], block);
    for (size_t k = 0; k < compiled->n_columns; k++)
        if (!compiled->is_joint[k])
            ws_cursor_draw(workspace->cursor, k, block, compiled->tables[k],
                           workspace->registers.rows + k * WS_ROW_STRIDE);
    return ws_registers_run(&workspace->registers);
}

int ws_workspace_gather(struct ws_workspace *workspace, const uint64_t *addresses) {
    ws_cursor_gather(workspace->cursor, addresses);
    return ws_workspace_block(workspace, 0);
}

const double *ws_workspace_row(const struct ws_workspace *workspace, size_t quantity) {
    return workspace->registers.rows + (size_t)workspace->compiled->row_of[quantity] * WS_ROW_STRIDE;
}

const double *ws_workspace_log_weight(const struct ws_workspace *workspace) {
    return workspace->registers.rows + (size_t)workspace->compiled->log_weight * WS_ROW_STRIDE;
}
