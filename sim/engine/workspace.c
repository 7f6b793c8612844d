// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/workspace.h"

#include <stdlib.h>
#include <string.h>

#include "wattspan.h"

static const size_t row_bytes = WS_ROW_STRIDE * sizeof(double);

static double *row_at(const struct ws_workspace *workspace, size_t row) {
    return workspace->registers.rows + row * WS_ROW_STRIDE;
}

static double *column_at(const struct ws_workspace *workspace, size_t column) {
    const int32_t *rows = workspace->compiled->column_rows;
    return row_at(workspace, rows ? (size_t)rows[column] : column);
}

static void fill(double *row, double value) {
    for (size_t k = 0; k < WS_BLOCK; k++)
        row[k] = value;
}

// ---- swept columns ----

// Adds what is to be drawn of one column in the cases, each table once.
static void list_tables(struct ws_workspace *workspace, const struct ws_plan *plan, size_t column, size_t first,
                        size_t n_cases) {
    size_t start = workspace->n_swept;
    struct ws_plan of_case = *plan;
    for (size_t c = first; c < first + n_cases; c++) {
        double constant;
        of_case.case_index = c;
        const struct ws_table *table = ws_plan_table(&of_case, workspace->compiled, column, &constant);
        size_t i = start;
        while (table && i < workspace->n_swept && workspace->swept[i].table != table)
            i++;
        if (table && i == workspace->n_swept)
            workspace->swept[workspace->n_swept++] = (struct ws_swept_row){column, column, table};
    }
}

// The tables of swept columns. One case draws into the columns themselves, several into rows of their own, of which
// *more are needed.
static int list_swept(struct ws_workspace *workspace, const struct ws_plan *plan, size_t first, size_t n_cases,
                      size_t *more) {
    const struct ws_compiled *compiled = workspace->compiled;
    size_t n = 0;
    for (size_t k = 0; k < compiled->n_columns; k++)
        n += compiled->axes[k] != NULL;
    workspace->swept = malloc((n * n_cases + 1) * sizeof *workspace->swept);
    if (!workspace->swept)
        return WS_ERROR_MEMORY;
    for (size_t k = 0; k < compiled->n_columns; k++)
        if (compiled->axes[k])
            list_tables(workspace, plan, k, first, n_cases);
    *more = n_cases > 1 ? workspace->n_swept : 0;
    for (size_t i = 0; i < *more; i++)
        workspace->swept[i].row = compiled->program.n_rows + 1 + i;
    return 0;
}

static void fill_swept(struct ws_workspace *workspace) {
    const struct ws_compiled *compiled = workspace->compiled;
    double constant = 0;
    for (size_t k = 0; k < compiled->n_columns; k++)
        if (compiled->axes[k] && !ws_plan_table(workspace->plan, compiled, k, &constant))
            fill(row_at(workspace, k), constant);
}

static void take_swept(struct ws_workspace *workspace, const struct ws_plan *of_case, size_t column) {
    double constant;
    const struct ws_table *table = ws_plan_table(of_case, workspace->compiled, column, &constant);
    if (!table)
        fill(row_at(workspace, column), constant);
    for (size_t i = 0; table && i < workspace->n_swept; i++)
        if (workspace->swept[i].column == column && workspace->swept[i].table == table &&
            workspace->swept[i].row != column)
            memcpy(row_at(workspace, column), row_at(workspace, workspace->swept[i].row), row_bytes);
}

// ---- making and ending ----

static int init_common(struct ws_workspace *workspace, const struct ws_plan *plan, const struct ws_compiled *compiled) {
    const size_t line = 64;
    size_t most = 0;
    *workspace = (struct ws_workspace){.plan = plan, .compiled = compiled};
    for (size_t j = 0; j < compiled->n_joints; j++)
        most = compiled->joints[j].n > most ? compiled->joints[j].n : most;
    workspace->scores = aligned_alloc(line, (most + 1) * row_bytes);
    workspace->cursor = ws_cursor_create(&plan->sampler, compiled->drawn, compiled->n_columns);
    return workspace->scores && workspace->cursor ? 0 : WS_ERROR_MEMORY;
}

int ws_workspace_init(struct ws_workspace *workspace, const struct ws_plan *plan, const struct ws_compiled *compiled) {
    size_t more;
    int status = init_common(workspace, plan, compiled);
    if (!status)
        status = list_swept(workspace, plan, plan->case_index, 1, &more);
    if (!status)
        status = ws_registers_init(&workspace->registers, plan, compiled, 0);
    if (!status)
        fill_swept(workspace);
    return status;
}

int ws_workspace_init_hot(struct ws_workspace *workspace, const struct ws_plan *plan) {
    if (!plan->hot.stages)
        return ws_workspace_init(workspace, plan, &plan->hot);
    int status = init_common(workspace, plan, &plan->hot);
    workspace->files = calloc(plan->hot.n_tile, sizeof *workspace->files);
    if (!workspace->files)
        return WS_ERROR_MEMORY;
    for (; !status && workspace->n_files < plan->hot.n_tile; workspace->n_files++)
        status = ws_registers_init(&workspace->files[workspace->n_files], plan, &plan->hot, 0);
    return status;
}

int ws_workspace_init_cases(struct ws_workspace *workspace, const struct ws_plan *plan,
                            const struct ws_compiled *compiled, size_t first, size_t n_cases, size_t n_files) {
    size_t more = 0;
    int status = init_common(workspace, plan, compiled);
    if (!status)
        status = list_swept(workspace, plan, first, n_cases, &more);
    workspace->files = calloc(n_files, sizeof *workspace->files);
    if (!workspace->files)
        return WS_ERROR_MEMORY;
    for (; !status && workspace->n_files < n_files; workspace->n_files++)
        status = ws_registers_init(&workspace->files[workspace->n_files], plan, compiled, more);
    return status;
}

void ws_workspace_finish(struct ws_workspace *workspace) {
    if (!workspace->files)
        ws_registers_finish(&workspace->registers);
    for (size_t i = 0; i < workspace->n_files; i++)
        ws_registers_finish(&workspace->files[i]);
    free(workspace->files);
    free(workspace->scores);
    free(workspace->swept);
    ws_cursor_destroy(workspace->cursor);
    *workspace = (struct ws_workspace){0};
}

// ---- drawing ----

void ws_workspace_seek(struct ws_workspace *workspace, uint64_t group) { ws_cursor_seek(workspace->cursor, group); }

static void draw_scores(struct ws_workspace *workspace, size_t column, const double *scores) {
    if (!workspace->compiled->axes[column])
        ws_cursor_draw_scores(workspace->cursor, scores, workspace->compiled->tables[column],
                              column_at(workspace, column));
    for (size_t i = 0; i < workspace->n_swept; i++)
        if (workspace->swept[i].column == column)
            ws_cursor_draw_scores(workspace->cursor, scores, workspace->swept[i].table,
                                  row_at(workspace, workspace->swept[i].row));
}

// Normal scores of all inputs of a joint, made to correlate, then each through its own tables.
static void draw_joint(struct ws_workspace *workspace, const struct ws_compiled_joint *joint, uint64_t block) {
    const struct ws_plan *plan = workspace->plan;
    for (size_t i = 0; i < joint->n; i++)
        ws_cursor_draw(workspace->cursor, joint->first[i], block, plan->normal, workspace->scores + i * WS_ROW_STRIDE);
    plan->sampler.kernels->combine(workspace->scores, joint->n, joint->factor);
    for (size_t i = 0; i < joint->n; i++)
        for (size_t k = joint->first[i]; k < joint->first[i] + joint->count[i]; k++)
            draw_scores(workspace, k, workspace->scores + i * WS_ROW_STRIDE);
}

static void draw_columns(struct ws_workspace *workspace, uint64_t block) {
    const struct ws_compiled *compiled = workspace->compiled;
    for (size_t j = 0; j < compiled->n_joints; j++)
        draw_joint(workspace, &compiled->joints[j], block);
    for (size_t k = 0; k < compiled->n_columns; k++)
        if (!compiled->is_joint[k] && !compiled->axes[k])
            ws_cursor_draw(workspace->cursor, k, block, compiled->tables[k], row_at(workspace, k));
    for (size_t i = 0; i < workspace->n_swept; i++)
        if (!compiled->is_joint[workspace->swept[i].column])
            ws_cursor_draw(workspace->cursor, workspace->swept[i].column, block, workspace->swept[i].table,
                           row_at(workspace, workspace->swept[i].row));
}

int ws_workspace_block(struct ws_workspace *workspace, uint64_t block) {
    draw_columns(workspace, block);
    return ws_registers_run(&workspace->registers);
}

void ws_workspace_show(struct ws_workspace *workspace, size_t i) {
    if (workspace->files)
        workspace->registers = workspace->files[i];
}

// Values may be missing until the cursor has finished.
static void draw(struct ws_workspace *workspace, const struct ws_drawing *drawing, uint64_t block) {
    if (drawing->joint)
        draw_joint(workspace, drawing->joint, block);
    for (size_t k = drawing->first; k < drawing->first + drawing->count && !drawing->joint; k++) {
        const struct ws_table *table = workspace->compiled->tables[k];
        if (drawing->by_label)
            ws_cursor_draw_where(workspace->cursor, k, block, table, column_at(workspace, drawing->label),
                                 (double)(k - drawing->first), column_at(workspace, k));
        else
            ws_cursor_draw_late(workspace->cursor, k, block, table, column_at(workspace, k));
    }
}

// While a block is drawn, a part of what the next drawing reads comes into the cache.
static void prefetch(const struct ws_compiled *compiled, const struct ws_drawing *drawing, size_t block, size_t n) {
    for (size_t k = drawing->first; k < drawing->first + drawing->count && !drawing->joint; k++)
        ws_table_prefetch(compiled->tables[k], block, n);
}

void ws_workspace_stage(struct ws_workspace *workspace, const struct ws_stage *stage, uint64_t first, size_t n) {
    const struct ws_compiled *compiled = workspace->compiled;
    const struct ws_drawing *drawing = compiled->drawings + stage->first_drawing,
                            *end = compiled->drawings + compiled->n_drawings;
    struct ws_program program = compiled->program;
    for (size_t d = 0; d < stage->n_drawings; d++, drawing++)
        for (size_t b = 0; b < n; b++) {
            ws_workspace_show(workspace, b);
            if (drawing + 1 < end)
                prefetch(compiled, drawing + 1, b, n);
            draw(workspace, drawing, first + b);
        }
    ws_cursor_finish(workspace->cursor);
    program.instructions += stage->first_instruction;
    program.n_instructions = stage->n_instructions;
    for (size_t b = 0; b < n && program.n_instructions > 0; b++)
        workspace->plan->sampler.kernels->run(&program, workspace->files[b].rows);
}

int ws_workspace_gather(struct ws_workspace *workspace, const uint64_t *addresses) {
    ws_cursor_gather(workspace->cursor, addresses);
    return ws_workspace_block(workspace, 0);
}

void ws_workspace_draw(struct ws_workspace *workspace, uint64_t block, size_t file) {
    workspace->registers = workspace->files[file];
    draw_columns(workspace, block);
    ws_registers_share(&workspace->registers);
}

int ws_workspace_compute(struct ws_workspace *workspace, const struct ws_plan *of_case, size_t file) {
    workspace->registers = workspace->files[file];
    for (size_t k = 0; k < workspace->compiled->n_columns; k++)
        if (workspace->compiled->axes[k])
            take_swept(workspace, of_case, k);
    return ws_registers_rest(&workspace->registers);
}

const double *ws_workspace_row(const struct ws_workspace *workspace, size_t quantity) {
    return row_at(workspace, (size_t)workspace->compiled->row_of[quantity]);
}

const double *ws_workspace_log_weight(const struct ws_workspace *workspace) {
    return row_at(workspace, (size_t)workspace->compiled->log_weight);
}
