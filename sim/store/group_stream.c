// SPDX-License-Identifier: GPL-3.0-or-later
// Kept draws that never are in memory together: each piece is written while the next is being drawn.
#include "engine/plan.h"
#include "engine/stream.h"
#include "store/groups.h"
#include "wattspan.h"

struct column {
    hid_t dataset;
    int type;        // enum ws_value_type, as it is written
    size_t quantity; // index into a piece's columns
};

struct stream {
    struct ws_h5 *h5;
    const struct ws_plan *plan;
    struct column *columns;
    size_t n;
    size_t rows; // of a chunk: one that is not full takes as much room as one that is
    union {
        float singles[WS_PIECE];
        int32_t labels[WS_PIECE];
    } * converted;
};

static void open_column(struct stream *s, struct ws_group *group, struct ws_variable variable, size_t quantity) {
    if (variable.type == WS_VALUE_REAL && s->plan->keep_single)
        variable.type = WS_VALUE_SINGLE;
    variable.packing = s->plan->keep_deflate ? WS_PACKED : WS_CHECKED;
    variable.deflate = s->plan->keep_deflate;
    variable.piece = s->rows;
    s->columns[s->n++] = (struct column){ws_variable_begin(group, &variable), variable.type, quantity};
}

static void open_all(struct stream *s, const struct ws_result *result) {
    const struct ws_study *study = result->study;
    struct ws_arena *arena = s->h5->arena;
    struct ws_group group;
    if (study->n_inputs > 0) {
        group = ws_group_begin(s->h5, "prior");
        ws_draws_begin(&group, result);
        for (size_t i = 0; i < study->n_inputs; i++)
            open_column(s, &group, ws_draws_variable(&study->quantities[i], arena), i);
        ws_group_end(&group);
    }
    group = ws_group_begin(s->h5, "prior_predictive");
    ws_draws_begin(&group, result);
    for (size_t o = 0; o < study->n_outputs; o++) {
        size_t q = ws_output_quantity(study, o);
        open_column(s, &group, ws_draws_variable(&study->quantities[q], arena), q);
    }
    ws_group_end(&group);
    if (!study->log_weight)
        return;
    group = ws_group_begin(s->h5, "sample_stats_prior");
    ws_draws_begin(&group, result);
    open_column(s, &group, ws_log_weight_variable(), study->n_quantities);
    ws_group_end(&group);
}

// In a thread of its own: nothing is allocated in an arena here.
static int take(void *user, const struct ws_piece *piece) {
    struct stream *s = user;
    for (size_t c = 0; c < s->n && !s->h5->disk->trouble; c++) {
        const struct column *column = &s->columns[c];
        const double *x = piece->columns[column->quantity];
        const void *values = x;
        if (column->type == WS_VALUE_SINGLE) {
            for (size_t i = 0; i < piece->count; i++)
                s->converted->singles[i] = (float)x[i];
            values = s->converted->singles;
        } else if (column->type == WS_VALUE_LABEL) {
            for (size_t i = 0; i < piece->count; i++)
                s->converted->labels[i] = (int32_t)x[i];
            values = s->converted->labels;
        }
        ws_variable_put(s->h5, column->dataset, column->type, piece->chain, piece->first, piece->count, values);
    }
    return s->h5->disk->trouble ? WS_ERROR_FILE : s->h5->status;
}

void ws_draws_stream(struct ws_h5 *h5, const struct ws_result *result) {
    enum { FEW_ROWS = 32768, MANY = 1 << 20 };
    const uint64_t each = result->plan->keep / result->plan->replicates;
    struct stream s = {.h5 = h5, .plan = result->plan, .rows = each < MANY ? FEW_ROWS : WS_PIECE};
    s.columns = WS_NEW_ARRAY(h5->arena, struct column, result->study->n_inputs + result->study->n_outputs + 1);
    s.converted = ws_arena_alloc(h5->arena, sizeof *s.converted);
    open_all(&s, result);
    if (!h5->status) {
        int status = ws_engine_stream(result->plan, &result->watch, take, &s, h5->err);
        if (!h5->status)
            h5->status = status;
    }
    for (size_t c = 0; c < s.n; c++)
        ws_variable_end(h5, s.columns[c].dataset);
}
