// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/schedule.h"

#include <string.h>

// A narrow study's rows and tables stay in the second-level cache as they are. Else a table is drawn through for as
// many blocks as a second level holds a stage's rows of, since what a table has that is hot is 26 KiB, which only so
// many draws are worth. Where a stage has many columns, or rows live long, those of a few blocks go to the third level,
// which costs less than to have all tables come from there for every block.
enum { NARROW = 1 << 20, MOST_STAGE_BYTES = 1 << 20, FEW_BLOCKS = 8, MOST_BYTES = 16 << 20 };

// While scheduling, every value has a number of its own: column k is value k, instruction i gives value n_columns + i.
struct scheduler {
    const struct ws_compiled *from;
    struct ws_arena *arena;
    size_t n_code, n_values;
    const struct ws_instruction *code; // with values for rows
    int32_t *in_row;                   // per row of `from`: the value that is there in the end
    struct ws_drawing *drawings;       // as they stand in `from`
    size_t *drawing_of;                // per column
    unsigned char *placed;             // per value
    // What comes out, in order.
    size_t n_placed, n_drawn, n_stages;
    size_t *order; // instructions
    struct ws_drawing *drawn;
    struct ws_stage *stages;
    size_t *counted; // outputs
    size_t n_counted;
    size_t *counted_in; // per value: the stage in which an output's draws are counted, or SIZE_MAX
};

// ---- rows -> values ----

static void name_values(struct scheduler *s) {
    const struct ws_program *all = &s->from->ahead; // what stands ahead and the rest follow each other
    struct ws_instruction *code = WS_NEW_ARRAY(s->arena, struct ws_instruction, s->n_code + 1);
    s->in_row = WS_NEW_ARRAY(s->arena, int32_t, s->from->program.n_rows + 1);
    for (size_t k = 0; k < s->from->n_columns; k++)
        s->in_row[k] = (int32_t)k;
    for (size_t i = 0; i < s->n_code; i++) {
        code[i] = all->instructions[i];
        for (size_t k = 0; k < ws_operation_arity(code[i].operation); k++)
            if (code[i].operand[k] >= 0)
                code[i].operand[k] = s->in_row[code[i].operand[k]];
        code[i].target = (int32_t)(s->from->n_columns + i);
        s->in_row[all->instructions[i].target] = code[i].target;
    }
    s->code = code;
}

// Where a conditional prior's labels are another column, of its columns only what is chosen need be drawn. Labels that
// are conditional themselves are several columns, and which of them holds is known to a formula only.
static void find_label(const struct ws_compiled *from, const struct ws_study *study, struct ws_drawing *drawing) {
    const struct ws_quantity *input = &study->quantities[from->columns[drawing->first]];
    size_t n = 0;
    if (input->n_given < 2 || drawing->count != input->n_given)
        return;
    for (size_t k = 0; k < from->n_columns; k++)
        if (from->columns[k] == input->given) {
            drawing->label = k;
            n++;
        }
    drawing->by_label = n == 1 && from->tables[drawing->label]->kind == WS_TABLE_STEPS;
}

// What is drawn together: the columns of one input, whose words are the same, or those of a joint.
static void list_drawings(struct scheduler *s, const struct ws_study *study) {
    const struct ws_compiled *from = s->from;
    size_t n = from->n_joints;
    s->drawings = WS_NEW_ARRAY(s->arena, struct ws_drawing, from->n_joints + from->n_columns + 1);
    s->drawing_of = WS_NEW_ARRAY(s->arena, size_t, from->n_columns + 1);
    for (size_t j = 0; j < from->n_joints; j++) {
        s->drawings[j] = (struct ws_drawing){.joint = &from->joints[j], .count = from->n_columns};
        for (size_t i = 0; i < from->joints[j].n; i++)
            for (size_t k = 0; k < from->joints[j].count[i]; k++)
                s->drawing_of[from->joints[j].first[i] + k] = j;
    }
    for (size_t k = 0; k < from->n_columns; k++) {
        if (from->is_joint[k])
            continue;
        if (k == 0 || from->is_joint[k - 1] || from->columns[k] != from->columns[k - 1])
            s->drawings[n++] = (struct ws_drawing){.first = k};
        s->drawings[n - 1].count++;
        s->drawing_of[k] = n - 1;
    }
    for (size_t d = from->n_joints; d < n; d++)
        find_label(from, study, &s->drawings[d]);
}

// ---- order ----

static struct ws_stage *last_stage(struct scheduler *s) {
    if (s->n_stages == 0)
        s->n_stages = 1;
    return &s->stages[s->n_stages - 1];
}

// The stage that can take one drawing or instruction more.
static struct ws_stage *open_stage(struct scheduler *s, int drawing) {
    const struct ws_stage *last = last_stage(s);
    s->n_stages += last->n_outputs > 0 || (drawing && last->n_instructions > 0);
    return last_stage(s);
}

static void place_column(struct scheduler *s, size_t column) {
    const struct ws_drawing *drawing = &s->drawings[s->drawing_of[column]];
    if (s->placed[column])
        return;
    if (drawing->by_label)
        place_column(s, drawing->label);
    open_stage(s, 1)->n_drawings++;
    s->drawn[s->n_drawn++] = *drawing;
    for (size_t k = drawing->first; k < drawing->first + drawing->count; k++)
        s->placed[k] |= s->drawing_of[k] == s->drawing_of[column];
}

static void place_instruction(struct scheduler *s, size_t i) {
    const struct ws_instruction *code = &s->code[i];
    for (size_t k = 0; k < ws_operation_arity(code->operation); k++)
        if (code->operand[k] >= 0 && (size_t)code->operand[k] < s->from->n_columns)
            place_column(s, (size_t)code->operand[k]);
    open_stage(s, 0)->n_instructions++;
    s->order[s->n_placed++] = i;
    s->placed[code->target] = 1;
}

// An operand that is to be computed first; -1 where there is none.
static int32_t missing_operand(const struct scheduler *s, int32_t value) {
    const struct ws_instruction *code = &s->code[(size_t)value - s->from->n_columns];
    for (size_t k = 0; k < ws_operation_arity(code->operation); k++)
        if (code->operand[k] >= (int32_t)s->from->n_columns && !s->placed[code->operand[k]])
            return code->operand[k];
    return -1;
}

// Computes a value after all that it needs, depth first: formulas may be deep, so that the stack is not the program's.
static void place(struct scheduler *s, int32_t value, int32_t *stack) {
    size_t depth = 0;
    if ((size_t)value < s->from->n_columns) {
        place_column(s, (size_t)value);
        return;
    }
    if (!s->placed[value])
        stack[depth++] = value;
    while (depth > 0) {
        int32_t missing = missing_operand(s, stack[depth - 1]);
        if (missing >= 0)
            stack[depth++] = missing;
        else
            place_instruction(s, (size_t)stack[--depth] - s->from->n_columns);
    }
}

static int is_fill(const struct ws_compiled *from, int32_t row) {
    return from->n_fills > 0 && row >= from->fills[0].row;
}

// Has an output counted in the last stage.
static void list_output(struct scheduler *s, size_t output) {
    s->counted[s->n_counted++] = output;
    last_stage(s)->n_outputs++;
}

// Has those outputs counted there that are not yet: all where weights must be known first, else what is constant.
static void list_others(struct scheduler *s, size_t n_outputs) {
    unsigned char *is_listed = WS_NEW_ARRAY(s->arena, unsigned char, n_outputs + 1);
    for (size_t i = 0; i < s->n_counted; i++)
        is_listed[s->counted[i]] = 1;
    for (size_t o = 0; o < n_outputs; o++)
        if (!is_listed[o])
            list_output(s, o);
}

// What is wanted, value by value, computed in the order of the study. An output is counted as soon as it is there, but
// where weights must be known first; other values are marked, whose rows are kept to the end.
static unsigned char *place_all(struct scheduler *s, const struct ws_study *study) {
    unsigned char *kept = WS_NEW_ARRAY(s->arena, unsigned char, s->n_values + 1);
    int32_t *stack = WS_NEW_ARRAY(s->arena, int32_t, s->n_values + 1);
    for (size_t k = 0; k < s->from->n_columns; k++)
        if (s->drawings[s->drawing_of[k]].by_label)
            kept[s->drawings[s->drawing_of[k]].label] = 1;
    for (size_t q = 0; q <= study->n_quantities; q++) {
        int32_t row = q < study->n_quantities ? s->from->row_of[q] : s->from->log_weight;
        if (row == WS_NOT_COMPUTED || is_fill(s->from, row))
            continue;
        const int32_t value = s->in_row[row];
        place(s, value, stack);
        if (q < study->n_inputs + study->n_derived || q == study->n_quantities || study->log_weight) {
            kept[value] = 1;
            continue;
        }
        list_output(s, q - study->n_inputs - study->n_derived);
        s->counted_in[value] = s->n_stages - 1;
    }
    list_others(s, study->n_outputs);
    return kept;
}

// ---- values -> rows ----

struct rows {
    int32_t *of_value, *free; // those whose values are dead, to be given again
    size_t *last_use;         // per value: the instruction's place in the order
    size_t n_free, n;
};

static void give_row(struct rows *rows, size_t value) {
    rows->of_value[value] = rows->n_free ? rows->free[--rows->n_free] : (int32_t)rows->n++;
}

static void give_columns(const struct scheduler *s, struct rows *rows, const struct ws_drawing *drawing) {
    size_t place = s->drawing_of[drawing->joint ? drawing->joint->first[0] : drawing->first];
    for (size_t k = drawing->first; k < drawing->first + drawing->count; k++)
        if (s->drawing_of[k] == place)
            give_row(rows, k);
}

// Rows for an instruction's operands and its target, which may be one of theirs.
static struct ws_instruction give_rows(const struct scheduler *s, struct rows *rows, size_t place, size_t stage,
                                       const unsigned char *kept) {
    struct ws_instruction code = s->code[s->order[place]];
    for (size_t k = 0; k < ws_operation_arity(code.operation); k++) {
        int32_t value = code.operand[k];
        if (value < 0)
            continue;
        code.operand[k] = rows->of_value[value];
        const int is_awaited = s->counted_in[value] != SIZE_MAX && s->counted_in[value] >= stage;
        if (kept[value] || is_awaited || rows->last_use[value] != place)
            continue;
        rows->free[rows->n_free++] = rows->of_value[value];
        rows->last_use[value] = SIZE_MAX; // an operand that appears twice is freed once
    }
    give_row(rows, (size_t)code.target);
    code.target = rows->of_value[code.target];
    return code;
}

// Frees the rows of outputs that are counted in a stage and that no instruction from `place` on needs.
static void free_counted(const struct scheduler *s, struct rows *rows, size_t stage, size_t place,
                         const struct ws_plan *plan, const unsigned char *kept) {
    const struct ws_stage *counted = &s->stages[stage];
    for (size_t i = counted->first_output; i < counted->first_output + counted->n_outputs; i++) {
        const int32_t row = s->from->row_of[plan->slots[s->counted[i]].output];
        const size_t value = is_fill(s->from, row) ? SIZE_MAX : (size_t)s->in_row[row];
        if (value == SIZE_MAX || kept[value] || s->counted_in[value] != stage || rows->last_use[value] >= place)
            continue;
        rows->free[rows->n_free++] = rows->of_value[value];
        rows->last_use[value] = SIZE_MAX; // several slots may be of one value
    }
}

static struct rows assign_rows(const struct scheduler *s, const struct ws_plan *plan, struct ws_instruction *out,
                               const unsigned char *kept) {
    struct rows rows = {.of_value = WS_NEW_ARRAY(s->arena, int32_t, s->n_values + 1),
                        .free = WS_NEW_ARRAY(s->arena, int32_t, s->n_values + 1),
                        .last_use = WS_NEW_ARRAY(s->arena, size_t, s->n_values + 1)};
    for (size_t p = 0; p < s->n_placed; p++)
        for (size_t k = 0; k < ws_operation_arity(s->code[s->order[p]].operation); k++)
            if (s->code[s->order[p]].operand[k] >= 0)
                rows.last_use[s->code[s->order[p]].operand[k]] = p;
    size_t place = 0, drawing = 0;
    for (size_t stage = 0; stage < s->n_stages; stage++) {
        for (size_t d = 0; d < s->stages[stage].n_drawings; d++)
            give_columns(s, &rows, &s->drawn[drawing++]);
        for (size_t i = 0; i < s->stages[stage].n_instructions; i++, place++)
            out[place] = give_rows(s, &rows, place, stage, kept);
        free_counted(s, &rows, stage, place, plan, kept);
    }
    return rows;
}

// ---- the whole ----

static int32_t new_row(const struct scheduler *s, const struct rows *rows, int32_t row) {
    if (row == WS_NOT_COMPUTED)
        return row;
    return is_fill(s->from, row) ? row - s->from->fills[0].row + (int32_t)rows->n : rows->of_value[s->in_row[row]];
}

// What is constant stands behind the other rows, as it does in `from`.
static void rename_rows(const struct scheduler *s, const struct ws_study *study, const struct rows *rows,
                        struct ws_compiled *hot) {
    int32_t *row_of = WS_NEW_ARRAY(s->arena, int32_t, study->n_quantities + 1);
    struct ws_fill *fills = WS_NEW_ARRAY(s->arena, struct ws_fill, hot->n_fills + 1);
    for (size_t q = 0; q < study->n_quantities; q++)
        row_of[q] = new_row(s, rows, s->from->row_of[q]);
    for (size_t i = 0; i < hot->n_fills; i++)
        fills[i] = (struct ws_fill){new_row(s, rows, s->from->fills[i].row), s->from->fills[i].value};
    hot->row_of = row_of;
    hot->fills = fills;
    hot->log_weight = new_row(s, rows, s->from->log_weight);
    hot->column_rows = rows->of_value;
    hot->program.n_rows = rows->n + hot->n_fills;
}

static void make_room(struct scheduler *s, const struct ws_plan *plan) {
    s->n_code = s->from->ahead.n_instructions + s->from->program.n_instructions;
    s->n_values = s->from->n_columns + s->n_code;
    s->placed = WS_NEW_ARRAY(s->arena, unsigned char, s->n_values + 1);
    s->order = WS_NEW_ARRAY(s->arena, size_t, s->n_code + 1);
    s->drawn = WS_NEW_ARRAY(s->arena, struct ws_drawing, s->from->n_columns + 1);
    s->stages = WS_NEW_ARRAY(s->arena, struct ws_stage, s->from->n_columns + plan->study->n_outputs + 2);
    s->counted = WS_NEW_ARRAY(s->arena, size_t, plan->study->n_outputs + 1);
    s->counted_in = WS_NEW_ARRAY(s->arena, size_t, s->n_values + 1);
    for (size_t v = 0; v < s->n_values; v++)
        s->counted_in[v] = SIZE_MAX;
}

static void number_stages(struct scheduler *s) {
    for (size_t i = 1; i < s->n_stages; i++) {
        const struct ws_stage *before = &s->stages[i - 1];
        s->stages[i].first_drawing = before->first_drawing + before->n_drawings;
        s->stages[i].first_instruction = before->first_instruction + before->n_instructions;
        s->stages[i].first_output = before->first_output + before->n_outputs;
    }
}

static void schedule(struct scheduler *s, const struct ws_plan *plan, struct ws_compiled *hot) {
    make_room(s, plan);
    name_values(s);
    list_drawings(s, plan->study);
    const unsigned char *kept = place_all(s, plan->study);
    number_stages(s);
    struct ws_instruction *code = WS_NEW_ARRAY(s->arena, struct ws_instruction, s->n_code + 1);
    struct rows rows = assign_rows(s, plan, code, kept);
    *hot = *s->from;
    hot->program.instructions = code;
    hot->program.n_instructions = s->n_placed;
    hot->ahead.n_instructions = 0;
    hot->drawings = s->drawn;
    hot->n_drawings = s->n_drawn;
    hot->stages = s->stages;
    hot->n_stages = s->n_stages;
    hot->counted = s->counted;
    rename_rows(s, plan->study, &rows, hot);
}

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

// Columns that are drawn before any is used.
static size_t widest_stage(const struct ws_compiled *hot) {
    const struct ws_drawing *drawing = hot->drawings;
    size_t widest = 0;
    for (size_t k = 0; k < hot->n_stages; k++) {
        size_t n = 0;
        for (size_t d = 0; d < hot->stages[k].n_drawings; d++, drawing++)
            n += drawing->count;
        widest = n > widest ? n : widest;
    }
    return widest;
}

static size_t tile(const struct ws_compiled *hot) {
    const size_t row = WS_ROW_STRIDE * sizeof(double);
    size_t most = smaller(MOST_BYTES / (hot->program.n_rows * row + 1), WS_MOST_TILE);
    size_t fit = MOST_STAGE_BYTES / ((widest_stage(hot) + 1) * row); // and what they are added up in
    return most < 1 ? 1 : smaller(fit < FEW_BLOCKS ? FEW_BLOCKS : fit, most);
}

void ws_schedule(const struct ws_plan *plan, struct ws_compiled *hot, struct ws_arena *arena) {
    const struct ws_compiled *from = &plan->outputs;
    size_t rows = from->program.n_rows * WS_ROW_STRIDE * sizeof(double);
    *hot = *from;
    hot->n_tile = 1;
    if (plan->study->n_axes > 0 || from->calls_model || rows + plan->bytes < NARROW)
        return;
    struct scheduler s = {.from = from, .arena = arena};
    schedule(&s, plan, hot);
    hot->n_tile = tile(hot);
}
