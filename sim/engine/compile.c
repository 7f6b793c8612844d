// SPDX-License-Identifier: GPL-3.0-or-later
// Formulas -> vector program: value numbering (common subexpressions), constant folding, dead code, fusion, rows.
// Nothing here changes a rounding: x * 1 is dropped, (x * 2) * 3 is not made x * 6.
#include <math.h>
#include <string.h>

#include "engine/plan.h"
#include "study/sweep.h"

// While compiling, every instruction has a target of its own (static single assignment): value v < n_columns is an
// input's column or an output of a model in code, value n_columns + i is instruction i's. Negative operands are
// constants, -1 - index.
struct compiler {
    struct ws_arena *arena;
    const struct ws_study *study;
    size_t n_columns;
    struct ws_instruction *code;
    size_t n_code, n_ahead; // those ahead of the call of a model in code
    double *constants;
    size_t n_constants;
    int32_t *first_given;    // per input with a conditional prior: where its operands begin among `alternatives`
    int32_t *alternatives;   // values or constants
    int32_t *operand_of;     // per quantity: its value or constant, or WS_NOT_COMPUTED
    int32_t *slots;          // hash table of instruction indices + 1, by operation and operands
    size_t n_slots;          // a power of two
    struct emitted *emitted; // hash table of subtrees that have been met: trees share them
    size_t n_emitted, emitted_slots;
};

struct emitted {
    const struct ws_expression *tree; // NULL where the place is free
    int32_t value;
};

// ---- constants and value numbers ----

static int32_t constant(struct compiler *c, double x) {
    for (size_t i = 0; i < c->n_constants; i++)
        if (memcmp(&c->constants[i], &x, sizeof x) == 0)
            return -1 - (int32_t)i;
    c->constants = ws_arena_grow(c->arena, c->constants, c->n_constants, sizeof *c->constants);
    c->constants[c->n_constants] = x;
    return -1 - (int32_t)c->n_constants++;
}

static int is_constant(int32_t operand) { return operand < 0; }
static double constant_value(const struct compiler *c, int32_t operand) { return c->constants[-1 - operand]; }

static size_t hash(const struct ws_instruction *code) {
    uint64_t h = (uint64_t)code->operation;
    for (int i = 0; i < 3; i++)
        h = (h ^ (uint32_t)code->operand[i]) * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(h ^ h >> 29);
}

static int same(const struct ws_instruction *a, const struct ws_instruction *b) {
    return a->operation == b->operation && a->operand[0] == b->operand[0] && a->operand[1] == b->operand[1] &&
           a->operand[2] == b->operand[2];
}

// Where the instruction is in the hash table, or the free place for it.
static int32_t *lookup(const struct compiler *c, const struct ws_instruction *code) {
    for (size_t i = hash(code);; i++) {
        int32_t *slot = &c->slots[i & (c->n_slots - 1)];
        if (*slot == 0 || same(&c->code[*slot - 1], code))
            return slot;
    }
}

static void enlarge_table(struct compiler *c) {
    c->n_slots = c->n_slots ? 2 * c->n_slots : 256;
    c->slots = WS_NEW_ARRAY(c->arena, int32_t, c->n_slots);
    for (size_t i = 0; i < c->n_code; i++)
        *lookup(c, &c->code[i]) = (int32_t)i + 1;
}

static int32_t instruction(struct compiler *c, struct ws_instruction code) {
    if (2 * (c->n_code + 1) > c->n_slots)
        enlarge_table(c);
    int32_t *slot = lookup(c, &code);
    if (*slot == 0) {
        code.target = (int32_t)(c->n_columns + c->n_code);
        c->code = ws_arena_grow(c->arena, c->code, c->n_code, sizeof *c->code);
        c->code[c->n_code++] = code;
        *slot = (int32_t)c->n_code;
    }
    return c->code[*slot - 1].target;
}

// ---- trees -> instructions ----

// What needs no instruction: operations on constants, and identities that hold for every x to the last bit.
static int simplify(struct compiler *c, int operation, size_t n, const int32_t *operand, int32_t *value) {
    double k[3] = {0};
    size_t n_constant = 0;
    for (size_t i = 0; i < n; i++)
        if (is_constant(operand[i])) {
            k[i] = constant_value(c, operand[i]);
            n_constant++;
        }
    if (n_constant == n) {
        *value = constant(c, ws_operation_apply(operation, k[0], k[1], k[2]));
        return 1;
    }
    int one_first = is_constant(operand[0]) && k[0] == 1, one_second = n > 1 && is_constant(operand[1]) && k[1] == 1;
    if (operation == WS_OP_MUL && (one_first || one_second)) {
        *value = operand[one_first ? 1 : 0];
        return 1;
    }
    if (operation == WS_OP_DIV && one_second) {
        *value = operand[0];
        return 1;
    }
    if (operation == WS_OP_SELECT && is_constant(operand[0]) && !isnan(k[0])) {
        *value = operand[k[0] != 0 ? 1 : 2];
        return 1;
    }
    return 0;
}

static int32_t apply(struct compiler *c, int operation, size_t n, const int32_t operand[3]) {
    int32_t value;
    if (simplify(c, operation, n, operand, &value))
        return value;
    return instruction(c, (struct ws_instruction){operation, 0, {operand[0], operand[1], operand[2]}});
}

static struct emitted *find_emitted(const struct compiler *c, const struct ws_expression *tree) {
    size_t at = (size_t)((uint64_t)(uintptr_t)tree * UINT64_C(0x9E3779B97F4A7C15) >> 20);
    while (c->emitted[at & (c->emitted_slots - 1)].tree && c->emitted[at & (c->emitted_slots - 1)].tree != tree)
        at++;
    return &c->emitted[at & (c->emitted_slots - 1)];
}

static void make_room(struct compiler *c) {
    if (2 * (c->n_emitted + 1) <= c->emitted_slots)
        return;
    struct emitted *old = c->emitted;
    size_t n = c->emitted_slots;
    c->emitted_slots = n ? 2 * n : 256;
    c->emitted = WS_NEW_ARRAY(c->arena, struct emitted, c->emitted_slots);
    for (size_t i = 0; i < n; i++)
        if (old[i].tree)
            *find_emitted(c, old[i].tree) = old[i];
}

static int32_t emit(struct compiler *c, const struct ws_expression *e) {
    if (e->kind == WS_NUMBER)
        return constant(c, e->number);
    if (e->kind == WS_QUANTITY)
        return c->operand_of[e->quantity];
    make_room(c);
    const struct emitted *known = find_emitted(c, e);
    if (known->tree)
        return known->value;
    int32_t operand[3] = {0};
    for (size_t i = 0; i < e->n_operands; i++)
        operand[i] = emit(c, e->operand[i]);
    int32_t value = apply(c, e->operation, e->n_operands, operand);
    make_room(c);
    *find_emitted(c, e) = (struct emitted){e, value};
    c->n_emitted++;
    return value;
}

// The alternative of the label drawn. Every alternative is drawn from the same uniform, so that this is a conditional
// prior with one uniform, and a choice between rows like any other.
static int32_t emit_given(struct compiler *c, size_t input) {
    int32_t label = c->operand_of[c->study->quantities[input].given], n = (int32_t)c->study->quantities[input].n_given;
    const int32_t *alternatives = c->alternatives + c->first_given[input];
    int32_t value = alternatives[n - 1];
    for (int32_t k = n - 2; k >= 0; k--) {
        int32_t is_label = apply(c, WS_OP_EQ, 2, (const int32_t[3]){label, constant(c, k)});
        value = apply(c, WS_OP_SELECT, 3, (const int32_t[3]){is_label, alternatives[k], value});
    }
    return value;
}

// Shares of a whole: each takes its part of what those before it have left. Their operands are the parts so far.
static void emit_shares(struct compiler *c, const struct ws_quantity *first) {
    int32_t left = constant(c, 1), one = left;
    for (size_t k = 0; k < first->n_shares; k++) {
        int32_t *operand = &c->operand_of[first->shares[k]], part = *operand;
        *operand = apply(c, WS_OP_MUL, 2, (const int32_t[3]){left, part});
        if (k + 1 < first->n_shares)
            left =
                apply(c, WS_OP_MUL, 2, (const int32_t[3]){left, apply(c, WS_OP_SUB, 2, (const int32_t[3]){one, part})});
    }
}

// ---- what is needed ----

// Marks every quantity that the wanted ones reach.
static unsigned char *reach(const struct ws_study *study, const unsigned char *wanted, struct ws_arena *arena) {
    unsigned char *needed = WS_NEW_ARRAY(arena, unsigned char, study->n_quantities);
    memcpy(needed, wanted, study->n_quantities);
    for (size_t i = 0; i < study->n_evidence; i++) {
        needed[study->evidence[i].quantity] = 1;
        if (study->evidence[i].of_study)
            needed[ws_study_find(study, WS_SWEEP_STUDIES)] = 1;
    }
    for (size_t i = study->n_quantities; i-- > 0;) {
        const struct ws_quantity *q = &study->quantities[study->order[i]];
        if (needed[study->order[i]])
            ws_study_uses(study, study->order[i], needed);
        if (needed[study->order[i]] && q->given != SIZE_MAX)
            needed[q->given] = 1;
    }
    // What is a share of a whole needs all of it.
    for (size_t i = 0; i < study->n_inputs; i++)
        for (size_t k = 0; k < study->quantities[i].n_shares && needed[i]; k++)
            needed[study->quantities[i].shares[k]] = 1;
    // Inputs that are drawn jointly are drawn together or not at all.
    for (size_t j = 0; j < study->n_joints; j++) {
        const struct ws_joint *joint = &study->joints[j];
        int some = 0;
        for (size_t i = 0; i < joint->n; i++)
            some |= needed[joint->inputs[i]];
        for (size_t i = 0; i < joint->n && some; i++) {
            needed[joint->inputs[i]] = 1;
            if (study->quantities[joint->inputs[i]].given != SIZE_MAX)
                needed[study->quantities[joint->inputs[i]].given] = 1;
        }
    }
    return needed;
}

// A row of its own for a table, unless it is constant in all cases.
static int32_t add_column(struct compiler *c, struct ws_compiled *compiled, size_t input, size_t dimension,
                          const struct ws_table *table) {
    const struct ws_sweep_axis *axis = ws_study_axis(c->study, input);
    if (table->kind == WS_TABLE_CONSTANT && !axis)
        return constant(c, table->constant);
    compiled->axes = ws_arena_grow(c->arena, compiled->axes, c->n_columns, sizeof *compiled->axes);
    compiled->axes[c->n_columns] = axis;
    compiled->drawn = ws_arena_grow(c->arena, compiled->drawn, c->n_columns, sizeof *compiled->drawn);
    compiled->columns = ws_arena_grow(c->arena, compiled->columns, c->n_columns, sizeof *compiled->columns);
    compiled->tables = ws_arena_grow(c->arena, compiled->tables, c->n_columns, sizeof *compiled->tables);
    compiled->drawn[c->n_columns] = (struct ws_column){c->study->quantities[input].stream, dimension};
    compiled->columns[c->n_columns] = input;
    compiled->tables[c->n_columns] = table;
    return (int32_t)c->n_columns++;
}

// Whether the input varies, in any of the cases: it has a dimension of the design.
static int is_uncertain(const struct ws_study *study, size_t input, const struct ws_table *table) {
    const struct ws_sweep_axis *axis = ws_study_axis(study, input);
    if (!axis)
        return table->kind != WS_TABLE_CONSTANT;
    for (size_t i = 0; i < axis->n_values; i++)
        if (axis->values[i].prior)
            return 1;
    return 0;
}

static void assign_columns(struct compiler *c, struct ws_compiled *compiled, const struct ws_table *const *tables,
                           const unsigned char *needed) {
    size_t n_alternatives = 0;
    c->first_given = WS_NEW_ARRAY(c->arena, int32_t, c->study->n_inputs + 1);
    for (size_t i = 0; i < c->study->n_inputs; i++) {
        size_t own = compiled->n_dimensions;
        compiled->n_dimensions += (size_t)is_uncertain(c->study, i, tables[i]);
        c->operand_of[i] = WS_NOT_COMPUTED;
        if (!needed[i])
            continue;
        if (tables[i]->kind != WS_TABLE_GIVEN) {
            c->operand_of[i] = add_column(c, compiled, i, own, tables[i]);
            continue;
        }
        c->first_given[i] = (int32_t)n_alternatives;
        for (size_t k = 0; k < tables[i]->n_given; k++) {
            c->alternatives = ws_arena_grow(c->arena, c->alternatives, n_alternatives, sizeof *c->alternatives);
            c->alternatives[n_alternatives++] = add_column(c, compiled, i, own, tables[i]->given[k]);
        }
    }
    compiled->n_columns = c->n_columns;
}

// Rows for what a model in code computes, all of it or none.
static void assign_model(struct compiler *c, struct ws_compiled *compiled, const unsigned char *needed) {
    for (size_t q = 0; q < c->study->n_quantities; q++)
        compiled->calls_model |= c->study->quantities[q].by_model && needed[q];
    compiled->first_model_row = (int32_t)c->n_columns;
    for (size_t q = 0; compiled->calls_model && q < c->study->n_quantities; q++)
        if (c->study->quantities[q].by_model)
            c->operand_of[q] = (int32_t)c->n_columns++;
}

// The columns of inputs that are drawn jointly. Columns of one input stand together.
static void find_joints(struct compiler *c, struct ws_compiled *compiled, const unsigned char *needed) {
    const struct ws_study *study = c->study;
    compiled->is_joint = WS_NEW_ARRAY(c->arena, unsigned char, c->n_columns + 1);
    compiled->joints = WS_NEW_ARRAY(c->arena, struct ws_compiled_joint, study->n_joints + 1);
    for (size_t j = 0; j < study->n_joints; j++) {
        const struct ws_joint *joint = &study->joints[j];
        if (!needed[joint->inputs[0]])
            continue;
        size_t *first = WS_NEW_ARRAY(c->arena, size_t, joint->n), *count = WS_NEW_ARRAY(c->arena, size_t, joint->n);
        for (size_t i = 0; i < joint->n; i++)
            for (size_t k = 0; k < compiled->n_columns; k++)
                if (compiled->columns[k] == joint->inputs[i]) {
                    first[i] = count[i]++ == 0 ? k : first[i];
                    compiled->is_joint[k] = 1;
                }
        compiled->joints[compiled->n_joints++] =
            (struct ws_compiled_joint){joint->n, joint, first, count, joint->factor};
    }
}

// ---- values -> rows ----

static void drop_dead_code(struct compiler *c, const unsigned char *wanted_value) {
    size_t n_values = c->n_columns + c->n_code;
    unsigned char *live = WS_NEW_ARRAY(c->arena, unsigned char, n_values + 1);
    memcpy(live, wanted_value, n_values);
    for (size_t i = c->n_code; i-- > 0;)
        for (size_t k = 0; k < ws_operation_arity(c->code[i].operation) && live[c->code[i].target]; k++)
            if (c->code[i].operand[k] >= 0)
                live[c->code[i].operand[k]] = 1;
    size_t kept = 0, ahead = 0;
    for (size_t i = 0; i < c->n_code; i++)
        if (live[c->code[i].target]) {
            ahead += i < c->n_ahead;
            c->code[kept++] = c->code[i];
        }
    c->n_code = kept;
    c->n_ahead = ahead;
}

// Puts what no swept column reaches ahead of the rest, where something is swept. `varies` is for all values.
static void hoist(struct compiler *c, const struct ws_compiled *compiled, unsigned char *varies) {
    size_t first = 0, rest = 0;
    struct ws_instruction *later = WS_NEW_ARRAY(c->arena, struct ws_instruction, c->n_code + 1);
    for (size_t k = 0; k < c->n_columns; k++)
        varies[k] = compiled->axes[k] != NULL;
    for (size_t i = 0; i < c->n_code && c->study->n_axes > 0; i++) {
        const struct ws_instruction code = c->code[i];
        for (size_t k = 0; k < ws_operation_arity(code.operation); k++)
            varies[code.target] |= code.operand[k] >= 0 && varies[code.operand[k]];
        if (varies[code.target])
            later[rest++] = code;
        else
            c->code[first++] = code;
    }
    if (rest > 0)
        memcpy(c->code + first, later, rest * sizeof *later);
    c->n_ahead = first;
}

// From values to quantities. Constants are the same in all cases.
static void mark_varying(struct compiler *c, struct ws_compiled *compiled, const unsigned char *wanted,
                         int32_t log_weight, const unsigned char *varies) {
    const size_t n = c->study->n_quantities;
    unsigned char *marks = WS_NEW_ARRAY(c->arena, unsigned char, n + 1);
    for (size_t q = 0; q < n; q++)
        marks[q] = wanted[q] && c->operand_of[q] >= 0 && varies[c->operand_of[q]];
    marks[n] = log_weight >= 0 && varies[log_weight];
    compiled->varies = marks;
}

// Marks the values that some instructions use.
static void mark_used(const struct ws_instruction *code, size_t n, unsigned char *used) {
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < ws_operation_arity(code[i].operation); k++)
            if (code[i].operand[k] >= 0)
                used[code[i].operand[k]] = 1;
}

// What stands ahead is fused by itself, and keeps what the rest uses.
static void fuse(struct compiler *c, size_t n_values, const unsigned char *wanted_value) {
    if (c->n_code == 0)
        return;
    struct ws_instruction *rest = c->code + c->n_ahead;
    size_t n_rest = ws_program_fuse(rest, c->n_code - c->n_ahead, n_values, wanted_value, c->arena);
    unsigned char *used = WS_NEW_ARRAY(c->arena, unsigned char, n_values + 1);
    memcpy(used, wanted_value, n_values);
    mark_used(rest, n_rest, used);
    c->n_ahead = ws_program_fuse(c->code, c->n_ahead, n_values, used, c->arena);
    memmove(c->code + c->n_ahead, rest, n_rest * sizeof *rest);
    c->n_code = c->n_ahead + n_rest;
}

// Gives values rows, using a row again once its value is dead, so that the register file stays small enough for the
// first-level cache. Inputs and wanted values keep theirs, and so does what all cases of a sweep start from.
static size_t allocate_rows(struct compiler *c, size_t n_values, const unsigned char *wanted_value,
                            int32_t *row_of_value) {
    size_t *last_use = WS_NEW_ARRAY(c->arena, size_t, n_values + 1);
    unsigned char *kept = WS_NEW_ARRAY(c->arena, unsigned char, n_values + 1);
    int32_t *free_rows = WS_NEW_ARRAY(c->arena, int32_t, n_values + 1);
    size_t n_free = 0, n_rows = c->n_columns;
    if (c->n_code > 0)
        mark_used(c->code + c->n_ahead, c->n_code - c->n_ahead, kept);
    for (size_t i = c->n_ahead; i < c->n_code; i++)
        kept[c->code[i].target] = 0;
    for (size_t v = 0; v < n_values; v++)
        kept[v] |= v < c->n_columns || wanted_value[v];
    for (size_t i = 0; i < c->n_code; i++)
        for (size_t k = 0; k < ws_operation_arity(c->code[i].operation); k++)
            if (c->code[i].operand[k] >= 0)
                last_use[c->code[i].operand[k]] = i;
    for (size_t v = 0; v < c->n_columns; v++)
        row_of_value[v] = (int32_t)v;
    for (size_t i = 0; i < c->n_code; i++) {
        struct ws_instruction *code = &c->code[i];
        size_t arity = ws_operation_arity(code->operation);
        for (size_t k = 0; k < arity; k++) {
            int32_t value = code->operand[k];
            if (value < 0)
                continue;
            code->operand[k] = row_of_value[value];
            if (!kept[value] && last_use[value] == i) {
                free_rows[n_free++] = row_of_value[value];
                last_use[value] = SIZE_MAX; // an operand that appears twice is freed once
            }
        }
        row_of_value[code->target] = n_free ? free_rows[--n_free] : (int32_t)n_rows++;
        code->target = row_of_value[code->target];
    }
    return n_rows;
}

// Rows of the wanted quantities, and constant rows for those that need no computing.
static size_t place_wanted(struct compiler *c, struct ws_compiled *compiled, const unsigned char *wanted,
                           int32_t log_weight, const int32_t *row_of_value, size_t n_rows) {
    int32_t *row_of = WS_NEW_ARRAY(c->arena, int32_t, c->study->n_quantities + 1);
    struct ws_fill *fills = WS_NEW_ARRAY(c->arena, struct ws_fill, c->study->n_quantities + 2);
    for (size_t q = 0; q < c->study->n_quantities; q++) {
        int32_t operand = c->operand_of[q];
        row_of[q] = WS_NOT_COMPUTED;
        if (!wanted[q])
            continue;
        if (is_constant(operand)) {
            row_of[q] = (int32_t)n_rows++;
            fills[compiled->n_fills++] = (struct ws_fill){row_of[q], constant_value(c, operand)};
        } else {
            row_of[q] = row_of_value[operand];
        }
    }
    compiled->log_weight = WS_NOT_COMPUTED;
    if (c->study->log_weight && is_constant(log_weight)) { // a fact about constants
        compiled->log_weight = (int32_t)n_rows++;
        fills[compiled->n_fills++] = (struct ws_fill){compiled->log_weight, constant_value(c, log_weight)};
    } else if (c->study->log_weight) {
        compiled->log_weight = row_of_value[log_weight];
    }
    compiled->row_of = row_of;
    compiled->fills = fills;
    return n_rows;
}

// Formulas in the order in which they can be evaluated, those of inputs first.
static void emit_all(struct compiler *c, const struct ws_table *const *tables, const unsigned char *needed) {
    const struct ws_study *study = c->study;
    for (size_t i = 0; i < study->n_inputs; i++)
        if (needed[i] && study->quantities[i].n_shares && study->quantities[i].shares[0] == i)
            emit_shares(c, &study->quantities[i]);
    for (size_t i = 0; i < study->n_quantities; i++) {
        size_t q = study->order[i];
        if (needed[q] && q < study->n_inputs && tables[q]->kind == WS_TABLE_GIVEN)
            c->operand_of[q] = emit_given(c, q);
    }
    c->n_ahead = c->n_code;
    for (size_t i = 0; i < study->n_quantities; i++) {
        size_t q = study->order[i];
        if (study->quantities[q].formula)
            c->operand_of[q] = needed[q] ? emit(c, study->quantities[q].formula) : WS_NOT_COMPUTED;
    }
}

// A model in code is given every input.
static const unsigned char *add_model_inputs(const struct ws_compiled *compiled, const struct ws_study *study,
                                             const unsigned char *wanted, struct ws_arena *arena) {
    unsigned char *all = WS_NEW_ARRAY(arena, unsigned char, study->n_quantities + 1);
    for (size_t q = 0; q < study->n_quantities; q++)
        all[q] = wanted[q] || (compiled->calls_model && q < study->n_inputs);
    return all;
}

static void make_programs(struct ws_compiled *compiled, const struct compiler *c, size_t n_rows) {
    struct ws_program all = {n_rows, c->n_code, c->n_constants, c->code, c->constants};
    compiled->ahead = compiled->program = all;
    compiled->ahead.n_instructions = c->n_ahead;
    if (c->n_ahead) {
        compiled->program.n_instructions -= c->n_ahead;
        compiled->program.instructions += c->n_ahead;
    }
}

void ws_compile(struct ws_compiled *compiled, const struct ws_study *study, const struct ws_table *const *tables,
                const unsigned char *wanted, struct ws_arena *arena) {
    *compiled = (struct ws_compiled){0};
    struct compiler c = {.arena = arena, .study = study};
    c.operand_of = WS_NEW_ARRAY(arena, int32_t, study->n_quantities + 1);
    const unsigned char *needed = reach(study, wanted, arena);
    assign_columns(&c, compiled, tables, needed);
    assign_model(&c, compiled, needed);
    find_joints(&c, compiled, needed);
    wanted = add_model_inputs(compiled, study, wanted, arena);
    emit_all(&c, tables, needed);
    int32_t log_weight = study->log_weight ? emit(&c, study->log_weight) : WS_NOT_COMPUTED;
    size_t n_values = c.n_columns + c.n_code;
    unsigned char *wanted_value = WS_NEW_ARRAY(arena, unsigned char, n_values + 1);
    for (size_t q = 0; q < study->n_quantities; q++)
        if (wanted[q] && c.operand_of[q] >= 0)
            wanted_value[c.operand_of[q]] = 1;
    if (log_weight >= 0)
        wanted_value[log_weight] = 1;
    drop_dead_code(&c, wanted_value);
    unsigned char *varies = WS_NEW_ARRAY(arena, unsigned char, n_values + 1);
    if (compiled->calls_model)
        memset(varies, 1, n_values);
    else
        hoist(&c, compiled, varies);
    mark_varying(&c, compiled, wanted, log_weight, varies);
    fuse(&c, n_values, wanted_value);
    int32_t *row_of_value = WS_NEW_ARRAY(arena, int32_t, n_values + 1);
    size_t n_rows = allocate_rows(&c, n_values, wanted_value, row_of_value);
    make_programs(compiled, &c, place_wanted(&c, compiled, wanted, log_weight, row_of_value, n_rows));
}
