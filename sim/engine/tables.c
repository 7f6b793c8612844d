// SPDX-License-Identifier: GPL-3.0-or-later
// Tables of all inputs, built side by side; equal priors share one.
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/plan.h"

static void release_table(void *table) { ws_table_finish(table); }
static void release_grid(void *grid) { ws_table_grid_destroy(grid); }

// First input whose prior equals input i's; i itself where there is none before.
static size_t first_equal(const struct ws_study *study, size_t i) {
    for (size_t j = 0; j < i; j++)
        if (ws_prior_equal(study->quantities[j].prior, study->quantities[i].prior))
            return j;
    return i;
}

static int build(struct ws_table *tables, const size_t *distinct, size_t n_distinct, const struct ws_plan *plan,
                 struct ws_arena *arena, struct ws_error *err) {
    struct ws_table_grid *grid = ws_table_grid_create();
    if (!grid)
        return ws_error_set(err, WS_ERROR_MEMORY, NULL, "memory ran out");
    ws_arena_defer(arena, release_grid, grid);
    struct ws_error *errors = WS_NEW_ARRAY(arena, struct ws_error, n_distinct + 1);
    // Dynamic: a beta takes ten times as long as a normal.
#pragma omp parallel for schedule(dynamic, 1) num_threads(plan->threads)
    for (size_t k = 0; k < n_distinct; k++)
        ws_table_build(&tables[distinct[k]], plan->study->quantities[distinct[k]].prior, grid, &errors[k]);
    for (size_t k = 0; k < n_distinct; k++) {
        if (!errors[k].status)
            continue;
        char where[sizeof err->where];
        const struct ws_quantity *q = &plan->study->quantities[distinct[k]];
        return ws_error_set(err, errors[k].status, ws_place_format(q->place, where, sizeof where), "input '%s': %s",
                            q->name, errors[k].text);
    }
    return 0;
}

// One digest over the inputs' names and tables, in the order of names so that the order of the file does not matter.
static int by_text(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

static void digest(struct ws_plan *plan, struct ws_arena *arena) {
    size_t n = plan->study->n_inputs;
    const char **lines = WS_NEW_ARRAY(arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        char hex[65];
        ws_table_digest(plan->tables[i], hex);
        lines[i] = ws_arena_printf(arena, "%s %s\n", plan->study->quantities[i].name, hex);
    }
    qsort(lines, n, sizeof *lines, by_text);
    struct ws_text all = {.arena = arena};
    ws_text_add(&all, "");
    for (size_t i = 0; i < n; i++)
        ws_text_add(&all, lines[i]);
    ws_sha256_hex(all.data, all.length, plan->tables_digest);
}

int ws_tables_build(struct ws_plan *plan, struct ws_arena *arena, struct ws_error *err) {
    size_t n = plan->study->n_inputs, n_distinct = 0;
    struct ws_table *tables = WS_NEW_ARRAY(arena, struct ws_table, n + 1);
    size_t *distinct = WS_NEW_ARRAY(arena, size_t, n + 1);
    plan->tables = WS_NEW_ARRAY(arena, const struct ws_table *, plan->study->n_quantities + 1);
    for (size_t i = 0; i < n; i++) {
        size_t first = first_equal(plan->study, i);
        plan->tables[i] = &tables[first];
        if (first == i) {
            distinct[n_distinct++] = i;
            ws_arena_defer(arena, release_table, &tables[i]);
        }
    }
    int status = build(tables, distinct, n_distinct, plan, arena, err);
    if (status)
        return status;
    for (size_t k = 0; k < n_distinct; k++)
        plan->bytes += tables[distinct[k]].bytes;
    digest(plan, arena);
    return 0;
}
