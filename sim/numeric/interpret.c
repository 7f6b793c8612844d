// SPDX-License-Identifier: GPL-3.0-or-later
// The interpreter of vector programs: one instruction after the other over the whole block, in strips that fit the
// registers. Compiled once for each instruction set.
#include "numeric/interpret.h"

#include "numeric/chain.h"
#include "numeric/functions.h"
#include "numeric/vec.h"

// A strip is 8 vectors: accumulators of a chain in half of the registers, enough operations under way at once to hide
// their latency. The dispatch between the links of a chain costs about as much as 2 of them.
enum { STRIP = 8 * WIDTH };
#define EACH_VECTOR(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)

// An operand: a row, or a constant spread over one strip, over which `step` stays.
struct source {
    const double *at;
    size_t step;
};

typedef void operation_function(const struct ws_instruction *code, const struct source *source, double *target);

// ---- one operation ----

#define LOOP_1(name, value) \
    static void run_##name(const struct ws_instruction *code, const struct source *source, double *target) { \
        (void)code; \
        const double *p = source[0].at; \
        for (size_t i = 0; i < WS_BLOCK; i += STRIP, p += source[0].step) \
            for (size_t k = 0; k < STRIP; k += WIDTH) { \
                vd x = load(p + k); \
                store(target + i + k, value); \
            } \
    }

#define LOOP_2(name, value) \
    static void run_##name(const struct ws_instruction *code, const struct source *source, double *target) { \
        (void)code; \
        const double *p = source[0].at, *q = source[1].at; \
        for (size_t i = 0; i < WS_BLOCK; i += STRIP, p += source[0].step, q += source[1].step) \
            for (size_t k = 0; k < STRIP; k += WIDTH) { \
                vd x = load(p + k), y = load(q + k); \
                store(target + i + k, value); \
            } \
    }

// 1 where the mask is set, else 0.
INLINE vd truth(vm mask) { return (vd)(mask & (vm)splat(1)); }
INLINE vm is_true(vd x) { return x != 0; }
// x, or NaN where y or z is NaN.
INLINE vd unless_nan(vd x, vd y, vd z) { return blend((y != y) | (z != z), y + z, x); }

LOOP_2(ADD, x + y)
LOOP_2(SUB, x - y)
LOOP_2(MUL, x *y)
LOOP_2(DIV, x / y)
LOOP_2(MIN, unless_nan(smaller(x, y), x, y))
LOOP_2(MAX, unless_nan(larger(x, y), x, y))
LOOP_2(LT, truth(x < y))
LOOP_2(LE, truth(x <= y))
LOOP_2(GT, truth(x > y))
LOOP_2(GE, truth(x >= y))
LOOP_2(EQ, truth(x == y))
LOOP_2(NE, truth(x != y))
LOOP_2(AND, truth(is_true(x) & is_true(y)))
LOOP_2(OR, truth(is_true(x) | is_true(y)))
LOOP_1(NOT, truth(x == 0))
LOOP_1(NEG, -x)
LOOP_1(ABS, magnitude(x))
LOOP_1(SQRT, square_root(x))
LOOP_1(SIN, SLEEF_1(sin, x))
LOOP_1(COS, SLEEF_1(cos, x))
LOOP_1(TAN, SLEEF_1(tan, x))
LOOP_1(ATAN, SLEEF_1(atan, x))
LOOP_1(FLOOR, floor_of(x))
LOOP_1(CEIL, ceil_of(x))

// Two vectors at a time; rows are fetched long after their offsets have been stored (as in draw_smooth, kernels.c).
#define LOOP_PAIRS(name, locate, function) \
    static void run_##name(const struct ws_instruction *code, const struct source *source, double *target) { \
        (void)code; \
        uint32_t offset[WS_BLOCK] __attribute__((aligned(64))); \
        const double *p = source[0].at; \
        for (size_t i = 0; i < WS_BLOCK; i += STRIP, p += source[0].step) \
            for (size_t k = 0; k < STRIP; k += 2 * WIDTH) \
                locate(p + k, offset + i + k); \
        p = source[0].at; \
        for (size_t i = 0; i < WS_BLOCK; i += STRIP, p += source[0].step) \
            for (size_t k = 0; k < STRIP; k += 2 * WIDTH) \
                function(p + k, offset + i + k, target + i + k); \
    }

LOOP_PAIRS(EXP, exp_locate_two, exp_of_two)
LOOP_PAIRS(LOG, log_locate_two, log_of_two)
LOOP_PAIRS(LOG10, log_locate_two, log10_of_two)
LOOP_PAIRS(TANH, tanh_locate_two, tanh_of_two)
LOOP_PAIRS(ERF, erf_locate_two, erf_of_two)

INLINE struct pow_rows pow_rows_from(struct pow_rows rows, size_t i) {
    return (struct pow_rows){rows.offset + i, rows.high + i, rows.low + i};
}

// The logarithms of the whole block, or of one strip where x is a constant. Rows are fetched long after their offsets
// have been stored, here and below.
INLINE void pow_logs(struct source x, struct pow_rows rows) {
    const size_t n = x.step ? WS_BLOCK : STRIP;
    for (size_t i = 0; i < n; i += 2 * WIDTH)
        log_locate_two(x.at + i, rows.offset + i);
    for (size_t i = 0; i < n; i += 2 * WIDTH)
        pow_log_two(x.at + i, pow_rows_from(rows, i));
}

static void run_POW(const struct ws_instruction *code, const struct source *source, double *target) {
    (void)code;
    uint32_t offset[WS_BLOCK] __attribute__((aligned(64)));
    double high[WS_BLOCK] __attribute__((aligned(64))), low[WS_BLOCK] __attribute__((aligned(64)));
    double constant[2][STRIP] __attribute__((aligned(64)));
    const struct source x = source[0], y = source[1];
    const struct pow_rows rows = {offset, high, low};
    const struct pow_rows logs = x.step ? rows : (struct pow_rows){offset, constant[0], constant[1]};
    pow_logs(x, logs);
    for (size_t i = 0; i < WS_BLOCK; i += 2 * WIDTH)
        pow_times_two(y.at + (y.step ? i : 0), pow_rows_from(logs, x.step ? i : 0), pow_rows_from(rows, i));
    for (size_t i = 0; i < WS_BLOCK; i += 2 * WIDTH)
        pow_finish_two(x.at + (x.step ? i : 0), y.at + (y.step ? i : 0), pow_rows_from(rows, i), target + i);
}

static void run_SELECT(const struct ws_instruction *code, const struct source *source, double *target) {
    (void)code;
    const double *p = source[0].at, *q = source[1].at, *r = source[2].at;
    for (size_t i = 0; i < WS_BLOCK; i += STRIP, p += source[0].step, q += source[1].step, r += source[2].step)
        for (size_t k = 0; k < STRIP; k += WIDTH) {
            vd condition = load(p + k);
            vd chosen = blend(is_true(condition), load(q + k), load(r + k));
            store(target + i + k, unless_nan(chosen, condition, condition));
        }
}

static operation_function *const operations[WS_OPERATION_COUNT] = {
#define WS_X(name, arity) [WS_OP_##name] = run_##name,
    WS_OPERATIONS(WS_X)
#undef WS_X
};

// ---- chains ----

// One case of the switch for every pair of verb and side; x, y and side are vector k's.
#define LINK_VECTOR_1(k, side_value, verb_value) \
    { \
        vd x = load(p + (k)*WIDTH), side = (side_value), acc = acc##k; \
        acc##k = (verb_value); \
    }
#define LINK_VECTOR_2(k, side_value, verb_value) \
    { \
        vd x = load(p + (k)*WIDTH), y = load(q + (k)*WIDTH), side = (side_value), acc = acc##k; \
        acc##k = (verb_value); \
    }
#define LINK_VECTORS(n, s, v) \
    LINK_VECTOR_##n(0, s, v) LINK_VECTOR_##n(1, s, v) LINK_VECTOR_##n(2, s, v) LINK_VECTOR_##n(3, s, v) \
        LINK_VECTOR_##n(4, s, v) LINK_VECTOR_##n(5, s, v) LINK_VECTOR_##n(6, s, v) LINK_VECTOR_##n(7, s, v)
#define LINK_CASE(verb, verb_value, side_name, n, side_value) \
    case CHAIN_LINK(CHAIN_##verb, CHAIN_##side_name): \
        LINK_VECTORS(n, side_value, verb_value) \
        next += n; \
        break;
#define LINK_CASES(verb, value) \
    LINK_CASE(verb, value, ONE, 1, x) \
    LINK_CASE(verb, value, SUM, 2, x + y) \
    LINK_CASE(verb, value, DIFFERENCE, 2, x - y) \
    LINK_CASE(verb, value, PRODUCT, 2, x *y) \
    LINK_CASE(verb, value, QUOTIENT, 2, x / y)

static void run_chain(const struct ws_instruction *code, const struct source *source, double *target) {
    for (size_t strip = 0; strip < WS_BLOCK / STRIP; strip++) {
        const double *start = source[0].at + strip * source[0].step;
#define ACCUMULATOR(k) vd acc##k = load(start + (k)*WIDTH);
        EACH_VECTOR(ACCUMULATOR)
        const struct source *next = source + 1;
        for (int32_t links = code->operation & ~CHAIN; links; links >>= CHAIN_LINK_BITS) {
            const double *p = next[0].at + strip * next[0].step, *q = next[1].at + strip * next[1].step;
            switch (links & CHAIN_LINK_MASK) {
                CHAIN_VERBS(LINK_CASES)
            default:
                __builtin_unreachable();
            }
        }
#define KEEP(k) store(target + strip * STRIP + (k)*WIDTH, acc##k);
        EACH_VECTOR(KEEP)
    }
}

// ---- programs ----

void PER_ISA(ws_program_run)(const struct ws_program *program, double *rows) {
    double spread[CHAIN_OPERANDS][STRIP] __attribute__((aligned(64)));
    struct source source[CHAIN_OPERANDS + 1] = {{rows, 0}}; // the last is looked at by a chain's last link, never used
    for (size_t i = 0; i < CHAIN_OPERANDS + 1; i++)
        source[i].at = rows;
    for (const struct ws_instruction *code = program->instructions, *end = code + program->n_instructions; code < end;
         code++) {
        size_t arity = ws_operation_arity(code->operation);
        for (size_t k = 0; k < arity; k++) {
            int32_t operand = code->operand[k];
            if (operand >= 0) {
                source[k] = (struct source){rows + (size_t)operand * WS_ROW_STRIDE, STRIP};
                continue;
            }
            vd constant = splat(program->constants[-1 - operand]);
            for (size_t j = 0; j < STRIP; j += WIDTH)
                store(spread[k] + j, constant);
            source[k] = (struct source){spread[k], 0};
        }
        operation_function *function = code->operation & CHAIN ? run_chain : operations[code->operation];
        function(code, source, rows + (size_t)code->target * WS_ROW_STRIDE);
    }
}
