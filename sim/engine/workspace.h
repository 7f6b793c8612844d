// SPDX-License-Identifier: GPL-3.0-or-later
// One thread's registers and place in the streams: addresses in, rows of values out.
//
// A sweep draws several blocks for several cases: what all cases share is drawn and computed once for each block, and
// stays in the block's own registers while case after case computes the rest.
#ifndef WS_ENGINE_WORKSPACE_H
#define WS_ENGINE_WORKSPACE_H

#include <stdint.h>

#include "engine/registers.h"

// A swept column drawn through the table of one of its values.
struct ws_swept_row {
    size_t column, row; // the row is the column's own where there is one case
    const struct ws_table *table;
};

struct ws_workspace {
    const struct ws_plan *plan;
    const struct ws_compiled *compiled;
    struct ws_registers registers; // of the block in work
    struct ws_registers *files;    // of all blocks; NULL where there is one
    size_t n_files;
    double *scores; // of inputs drawn jointly: one row each
    struct ws_cursor *cursor;
    struct ws_swept_row *swept; // ascending in column
    size_t n_swept;
};

// For the plan's case. 0, or WS_ERROR_MEMORY; to be finished either way.
int ws_workspace_init(struct ws_workspace *workspace, const struct ws_plan *plan, const struct ws_compiled *compiled);
// To draw the plan's outputs as they are scheduled, tile by tile and stage by stage where there are stages.
int ws_workspace_init_hot(struct ws_workspace *workspace, const struct ws_plan *plan);
// For the cases first .. first + n_cases - 1, and n_files blocks at a time.
int ws_workspace_init_cases(struct ws_workspace *workspace, const struct ws_plan *plan,
                            const struct ws_compiled *compiled, size_t first, size_t n_cases, size_t n_files);
void ws_workspace_finish(struct ws_workspace *workspace);
void ws_workspace_seek(struct ws_workspace *workspace, uint64_t group);
// Draws and computes block `block` of the group; blocks of a group must be asked for in order, without gaps. 0, or
// WS_ERROR_MODEL.
int ws_workspace_block(struct ws_workspace *workspace, uint64_t block);
// One stage of the outputs as they are scheduled, of the blocks first .. first + n - 1, n <= compiled->n_tile; what
// follows sees one of them, the one last shown, and in it the outputs that this stage is to count.
void ws_workspace_stage(struct ws_workspace *workspace, const struct ws_stage *stage, uint64_t first, size_t n);
void ws_workspace_show(struct ws_workspace *workspace, size_t i);
// The same in two steps for many cases: draws the block into a register file and computes what all cases share; and
// computes the rest for the case that a plan is about.
void ws_workspace_draw(struct ws_workspace *workspace, uint64_t block, size_t file);
int ws_workspace_compute(struct ws_workspace *workspace, const struct ws_plan *of_case, size_t file);
// Draws and computes WS_BLOCK draws anywhere in the run. Not for generators with a state; to be followed by a seek or
// another one of these. 0, or WS_ERROR_MODEL.
int ws_workspace_gather(struct ws_workspace *workspace, const uint64_t *addresses);
// The row of the draws' log-weights, where the study has evidence.
const double *ws_workspace_log_weight(const struct ws_workspace *workspace);
// The row of a quantity that was wanted.
const double *ws_workspace_row(const struct ws_workspace *workspace, size_t quantity);

#endif
