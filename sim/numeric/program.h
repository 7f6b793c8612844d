// SPDX-License-Identifier: GPL-3.0-or-later
// A vector program: what the formulas of a study are compiled to, run over one block of draws.
//
// Registers are rows of WS_BLOCK doubles at a stride of WS_ROW_STRIDE; each instruction reads whole rows and writes a
// whole row. Every operation has one fixed rounding sequence (no fused multiply-add, no reassociation), so that a
// quantity has the same bits in every program that computes it.
#ifndef WS_NUMERIC_PROGRAM_H
#define WS_NUMERIC_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum {
    WS_BLOCK = 512, // draws in a block: 256 to 1,024 are alike on a quiet machine, and 256 worst on a busy one
    WS_ROW_STRIDE = WS_BLOCK + 8 // one cache line of padding: a power of two would put every row on one L1 set
};

// The operations of the language: name, number of operands. Comparisons and logic give 0 or 1.
//   WS_OP_SELECT: a != 0 ? b : c.  A NaN condition gives NaN.
//   EXP, LOG, LOG10, TANH, POW: functions.h.  MIN, MAX: NaN if either is NaN.  FLOOR, CEIL, SQRT, ABS, NEG:
//   exact IEEE 754.
#define WS_OPERATIONS(X) \
    X(ADD, 2) \
    X(SUB, 2) \
    X(MUL, 2) \
    X(DIV, 2) \
    X(POW, 2) \
    X(MIN, 2) X(MAX, 2) X(LT, 2) X(LE, 2) X(GT, 2) X(GE, 2) X(EQ, 2) X(NE, 2) X(AND, 2) X(OR, 2) X(NOT, 1) X(NEG, 1) \
        X(ABS, 1) X(SQRT, 1) X(EXP, 1) X(LOG, 1) X(LOG10, 1) X(SIN, 1) X(COS, 1) X(TAN, 1) X(ATAN, 1) X(TANH, 1) \
            X(ERF, 1) X(FLOOR, 1) X(CEIL, 1) X(SELECT, 3)

enum ws_operation {
#define WS_X(name, arity) WS_OP_##name,
    WS_OPERATIONS(WS_X)
#undef WS_X
        WS_OPERATION_COUNT
};

// An operand is a row (0 <= operand < n_rows) or, where negative, constant number -1 - operand of the program.
struct ws_instruction {
    int32_t operation; // enum ws_operation, or a fused operation private to the kernels' own translation
    int32_t target;    // row
    int32_t operand[6];
};

struct ws_program {
    size_t n_rows; // rows of the register file, the inputs' rows among them
    size_t n_instructions, n_constants;
    struct ws_instruction *instructions;
    double *constants;
};

// Number of operands of an operation, fused ones included.
size_t ws_operation_arity(int operation);

// Fuses short chains: CALLED BEFORE ROWS ARE ASSIGNED (sim/engine/compile.c), when every instruction still has a target
// value of its own (static single assignment; values below n_values, operands may also be inputs' values or constants).
// An intermediate that has one use and is not wanted (wanted[value] == 0) may disappear. Works in place; returns the
// new number of instructions. No rounding changes.
size_t ws_program_fuse(struct ws_instruction *code, size_t n_code, size_t n_values, const unsigned char *wanted,
                       struct ws_arena *arena);

// One operation on single values, with the bits of the kernels (used to fold constants).
double ws_operation_apply(int operation, double a, double b, double c);
// SLEEF's ln x, e^x and 1 - erf x: the same bits everywhere, without the cost of a block.
double ws_log(double x);
double ws_exp(double x);
double ws_erfc(double x);

#endif
