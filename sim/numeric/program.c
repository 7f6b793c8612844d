// SPDX-License-Identifier: GPL-3.0-or-later
// What is known of operations outside of the hot loop: operands, single values, fusion into chains.
#include "numeric/program.h"

#include <sleef.h>
#include <string.h>

#include "numeric/chain.h"
#include "numeric/interpret.h"

static const size_t arities[WS_OPERATION_COUNT] = {
#define WS_X(name, arity) [WS_OP_##name] = arity,
    WS_OPERATIONS(WS_X)
#undef WS_X
};

static const size_t side_operands[] = {
#define CHAIN_X(name, operands, value) [CHAIN_##name] = operands,
    CHAIN_SIDES(CHAIN_X)
#undef CHAIN_X
};

size_t ws_operation_arity(int operation) {
    if (!(operation & CHAIN))
        return arities[operation];
    size_t n = 1;
    for (int links = operation & ~CHAIN; links; links >>= CHAIN_LINK_BITS)
        n += side_operands[(links & CHAIN_LINK_MASK) >> CHAIN_VERB_BITS];
    return n;
}

double ws_operation_apply(int operation, double a, double b, double c) {
    double row[WS_ROW_STRIDE] __attribute__((aligned(64)));
    double constants[] = {a, b, c};
    struct ws_instruction code = {operation, 0, {-1, -2, -3}};
    struct ws_program program = {1, 1, 3, &code, constants};
    ws_program_run_baseline(&program, row);
    return row[0];
}

double ws_log(double x) { return Sleef_cinz_logd1_u10purec(x); }
double ws_exp(double x) { return Sleef_cinz_expd1_u10purec(x); }
double ws_erfc(double x) { return Sleef_cinz_erfcd1_u15purec(x); }

// ---- fusion ----

struct fuser {
    struct ws_instruction *code;
    int32_t *producer; // per value: the instruction that gives it, or -1
    int32_t *uses;     // per value; a wanted value counts as used twice more, so that it stays
};

enum { ABSORBED = -1 }; // the operation of an instruction that has become part of another one

static enum chain_verb verb_of(int operation, int reversed) {
    switch (operation) {
    case WS_OP_ADD:
        return CHAIN_ADD;
    case WS_OP_SUB:
        return reversed ? CHAIN_FROM : CHAIN_SUB;
    case WS_OP_MUL:
        return CHAIN_MUL;
    case WS_OP_DIV:
        return reversed ? CHAIN_INTO : CHAIN_DIV;
    default:
        return CHAIN_END;
    }
}

static enum chain_side side_of(int operation) {
    switch (operation) {
    case WS_OP_ADD:
        return CHAIN_SUM;
    case WS_OP_SUB:
        return CHAIN_DIFFERENCE;
    case WS_OP_MUL:
        return CHAIN_PRODUCT;
    case WS_OP_DIV:
        return CHAIN_QUOTIENT;
    default:
        return CHAIN_ONE;
    }
}

static int is_arithmetic(int operation) { return operation & CHAIN || verb_of(operation, 0) != CHAIN_END; }

static size_t count_links(int operation) {
    size_t n = operation & CHAIN ? 0 : 1;
    for (int links = operation & CHAIN ? operation & ~CHAIN : 0; links; links >>= CHAIN_LINK_BITS)
        n++;
    return n;
}

// The arithmetic instruction that gives an operand and that nothing else needs, or NULL.
static struct ws_instruction *source_of(const struct fuser *fuser, int32_t operand) {
    if (operand < 0 || fuser->uses[operand] != 1 || fuser->producer[operand] < 0)
        return NULL;
    struct ws_instruction *source = &fuser->code[fuser->producer[operand]];
    return is_arithmetic(source->operation) ? source : NULL;
}

// Whether the chain that starts with `source` can take one more link with this many operands.
static int has_room(const struct ws_instruction *source, size_t operands) {
    return count_links(source->operation) < CHAIN_LINKS &&
           ws_operation_arity(source->operation) + operands <= CHAIN_OPERANDS;
}

// Which operand's source the accumulator comes from: the longer one's. -1 if neither can be.
static int pick_accumulator(struct ws_instruction *const source[2]) {
    int possible[2] = {source[0] && has_room(source[0], 1), source[1] && has_room(source[1], 1)};
    if (possible[0] && possible[1])
        return count_links(source[1]->operation) > count_links(source[0]->operation);
    return possible[0] ? 0 : possible[1] ? 1 : -1;
}

// Makes `code`, one binary operation, the last link of the chain that gives one of its operands. If its other operand
// comes from a single operation, the link takes that in, too.
static void extend_chain(const struct fuser *fuser, struct ws_instruction *code) {
    struct ws_instruction *source[2] = {source_of(fuser, code->operand[0]), source_of(fuser, code->operand[1])};
    int first = pick_accumulator(source);
    if (first < 0)
        return;
    struct ws_instruction chain = *source[first], *other = source[!first];
    size_t n_links = count_links(chain.operation), n_operands = ws_operation_arity(chain.operation);
    if (!(chain.operation & CHAIN))
        chain.operation = CHAIN | CHAIN_LINK(verb_of(chain.operation, 0), CHAIN_ONE);
    enum chain_side side = CHAIN_ONE;
    chain.operand[n_operands] = code->operand[!first];
    if (other && !(other->operation & CHAIN) && has_room(source[first], 2)) {
        side = side_of(other->operation);
        chain.operand[n_operands] = other->operand[0];
        chain.operand[n_operands + 1] = other->operand[1];
        other->operation = ABSORBED;
    }
    chain.operation |= (int)CHAIN_LINK(verb_of(code->operation, first), side) << n_links * CHAIN_LINK_BITS;
    chain.target = code->target;
    source[first]->operation = ABSORBED;
    *code = chain;
}

size_t ws_program_fuse(struct ws_instruction *code, size_t n_code, size_t n_values, const unsigned char *wanted,
                       struct ws_arena *arena) {
    struct fuser fuser = {code, WS_NEW_ARRAY(arena, int32_t, n_values + 1), WS_NEW_ARRAY(arena, int32_t, n_values + 1)};
    for (size_t v = 0; v < n_values; v++) {
        fuser.producer[v] = -1;
        fuser.uses[v] = wanted[v] ? 2 : 0;
    }
    for (size_t i = 0; i < n_code; i++) {
        fuser.producer[code[i].target] = (int32_t)i;
        for (size_t k = 0; k < ws_operation_arity(code[i].operation); k++)
            if (code[i].operand[k] >= 0)
                fuser.uses[code[i].operand[k]]++;
    }
    for (size_t i = 0; i < n_code; i++)
        if (verb_of(code[i].operation, 0) != CHAIN_END)
            extend_chain(&fuser, &code[i]);
    size_t kept = 0;
    for (size_t i = 0; i < n_code; i++)
        if (code[i].operation != ABSORBED)
            code[kept++] = code[i];
    return kept;
}
