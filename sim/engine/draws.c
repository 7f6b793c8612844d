// SPDX-License-Identifier: GPL-3.0-or-later
// Draws recomputed from their addresses: those that are kept, and single ones for `replay`.
#include <math.h>
#include <omp.h>
#include <stdlib.h>

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

// Rows point .. point + count - 1 of a chain, a stretch that lies within one group.
static int draw_stretch(struct ws_workspace *workspace, size_t chain, uint64_t point, uint64_t count,
                        double *const *columns, uint64_t offset) {
    int replicated = workspace->plan->replicates > 1;
    uint64_t group = replicated ? point / WS_RUN : point / WS_GROUP;
    uint64_t block = replicated ? chain * WS_BLOCKS_PER_RUN : point % WS_GROUP / WS_BLOCK;
    ws_workspace_seek(workspace, group);
    for (uint64_t done = 0; done < count; done += WS_BLOCK, block++) {
        uint64_t n = count - done < WS_BLOCK ? count - done : WS_BLOCK;
        int status = ws_workspace_block(workspace, block);
        if (status)
            return status;
        copy_block(workspace, n, columns, offset + done);
    }
    return 0;
}

int ws_engine_rows(const struct ws_plan *plan, size_t chain, uint64_t first, uint64_t count, double *const *columns,
                   struct ws_error *err) {
    // Generators with a state go through a group in order; else a group is shared out among the threads.
    const uint64_t stretch = plan->sampler.generator.type ? WS_GROUP : WS_RUN;
    uint64_t n = (count + stretch - 1) / stretch;
    int threads = n < (uint64_t)plan->threads ? (int)n : plan->threads, status = 0;
#pragma omp parallel num_threads(threads > 0 ? threads : 1) reduction(min : status)
    {
        struct ws_workspace workspace;
        status = ws_workspace_init(&workspace, plan, &plan->everything);
#pragma omp for schedule(dynamic, 1)
        for (uint64_t s = 0; s < n; s++) {
            uint64_t done = s * stretch, left = count - done;
            if (!status)
                status = draw_stretch(&workspace, chain, first + done, left < stretch ? left : stretch, columns, done);
        }
        ws_workspace_finish(&workspace);
    }
    return ws_registers_fail(status, err);
}

int ws_engine_keep(const struct ws_plan *plan, double *const *columns, struct ws_error *err) {
    size_t n_columns = plan->study->n_quantities + 1;
    uint64_t each = ws_plan_in_memory(plan) / plan->replicates;
    double **shifted = calloc(n_columns, sizeof *shifted);
    int status = shifted ? 0 : ws_error_set(err, WS_ERROR_MEMORY, NULL, "memory ran out");
    for (size_t chain = 0; chain < plan->replicates && !status; chain++) {
        for (size_t c = 0; c < n_columns; c++)
            shifted[c] = columns[c] ? columns[c] + chain * each : NULL;
        status = ws_engine_rows(plan, chain, 0, each, shifted, err);
    }
    free(shifted);
    return status;
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
