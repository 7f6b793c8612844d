// SPDX-License-Identifier: GPL-3.0-or-later
// Draws recomputed from their addresses: those that are kept, and single ones for `replay`.
#include <math.h>
#include <omp.h>

#include "engine/run.h"
#include "engine/workspace.h"
#include "wattspan.h"

// The kernels do not promise a NaN's sign and payload; what is kept has one form of it.
static void copy_values(double *target, const double *row, uint64_t n) {
    for (uint64_t i = 0; i < n; i++)
        target[i] = isnan(row[i]) ? (double)NAN : row[i];
}

// The first n draws of the block in work.
static void copy_block(const struct ws_workspace *workspace, uint64_t n, double *const *columns, uint64_t offset) {
    size_t n_quantities = workspace->plan->study->n_quantities;
    for (size_t q = 0; q < n_quantities; q++)
        if (columns[q])
            copy_values(columns[q] + offset, ws_workspace_row(workspace, q), n);
    if (columns[n_quantities])
        copy_values(columns[n_quantities] + offset, ws_workspace_log_weight(workspace), n);
}

// One group's draws, `count` of them from its first on, to columns[q] + offset.
static int draw_group(struct ws_workspace *workspace, uint64_t group, uint64_t count, double *const *columns,
                      uint64_t offset) {
    ws_workspace_seek(workspace, group);
    for (uint64_t block = 0; block * WS_BLOCK < count; block++) {
        uint64_t start = block * WS_BLOCK, n = count - start < WS_BLOCK ? count - start : WS_BLOCK;
        int status = ws_workspace_block(workspace, block);
        if (status)
            return status;
        copy_block(workspace, n, columns, offset + start);
    }
    return 0;
}

int ws_engine_draws(const struct ws_plan *plan, uint64_t first, uint64_t count, double *const *columns,
                    struct ws_error *err) {
    uint64_t n_groups = (count + WS_GROUP - 1) / WS_GROUP;
    int threads = n_groups < (uint64_t)plan->threads ? (int)n_groups : plan->threads, status = 0;
#pragma omp parallel num_threads(threads > 0 ? threads : 1) reduction(min : status)
    {
        struct ws_workspace workspace;
        status = ws_workspace_init(&workspace, plan, &plan->everything);
#pragma omp for schedule(dynamic, 1)
        for (uint64_t g = 0; g < n_groups; g++) {
            uint64_t left = count - g * WS_GROUP;
            if (!status)
                status = draw_group(&workspace, first / WS_GROUP + g, left < WS_GROUP ? left : WS_GROUP, columns,
                                    g * WS_GROUP);
        }
        ws_workspace_finish(&workspace);
    }
    return ws_registers_fail(status, err);
}

// Points 0 .. count - 1 of one replicate, `run` being its first block in every group, to columns[q].
static int draw_replicate(struct ws_workspace *workspace, uint64_t run, uint64_t count, double *const *columns,
                          uint64_t offset) {
    for (uint64_t point = 0; point < count; point += WS_BLOCK) {
        uint64_t n = count - point < WS_BLOCK ? count - point : WS_BLOCK;
        if (point % WS_RUN == 0)
            ws_workspace_seek(workspace, point / WS_RUN);
        int status = ws_workspace_block(workspace, run + point % WS_RUN / WS_BLOCK);
        if (status)
            return status;
        copy_block(workspace, n, columns, offset + point);
    }
    return 0;
}

int ws_engine_keep(const struct ws_plan *plan, double *const *columns, struct ws_error *err) {
    if (plan->replicates == 1)
        return ws_engine_draws(plan, 0, plan->keep, columns, err);
    uint64_t each = plan->keep / plan->replicates;
    int status = 0;
#pragma omp parallel num_threads(each > WS_RUN ? plan->threads : 1) reduction(min : status)
    {
        struct ws_workspace workspace;
        status = ws_workspace_init(&workspace, plan, &plan->everything);
#pragma omp for schedule(static)
        for (size_t r = 0; r < plan->replicates; r++)
            if (!status)
                status = draw_replicate(&workspace, r * WS_BLOCKS_PER_RUN, each, columns, r * each);
        ws_workspace_finish(&workspace);
    }
    return ws_registers_fail(status, err);
}

int ws_engine_draw(const struct ws_plan *plan, uint64_t address, double *values, struct ws_error *err) {
    struct ws_workspace workspace;
    int status = ws_workspace_init(&workspace, plan, &plan->everything);
    if (!status) {
        ws_workspace_seek(&workspace, address / WS_GROUP);
        // Generators with a state go in order.
        for (uint64_t block = 0; !status && block <= address % WS_GROUP / WS_BLOCK; block++)
            status = ws_workspace_block(&workspace, block);
        for (size_t q = 0; !status && q < plan->study->n_quantities; q++)
            values[q] = ws_workspace_row(&workspace, q)[address % WS_BLOCK];
    }
    ws_workspace_finish(&workspace);
    return ws_registers_fail(status, err);
}
