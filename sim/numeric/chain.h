// SPDX-License-Identifier: GPL-3.0-or-later
// Chains: fused arithmetic, made by program.c and run by interpret.c.
//
// A chain starts from its first operand and passes it through up to CHAIN_LINKS links, acc = acc VERB side, where the
// side is one operand or an operation on two: energy = a * b * c * d, cost = a * b / c + d * e, water = k * s + w times
// energy. Every operation is rounded as it would be alone; all that fusion saves is loads and stores of intermediate
// rows.
//
// An operation number with the bit CHAIN is a chain; below that bit are the links, CHAIN_LINK_BITS each, first link
// lowest, 0 after the last. A link is verb | side << CHAIN_VERB_BITS.
#ifndef WS_NUMERIC_CHAIN_H
#define WS_NUMERIC_CHAIN_H

#include <stddef.h>
#include <stdint.h>

enum {
    CHAIN = 1 << 30,
    CHAIN_VERB_BITS = 3,
    CHAIN_LINK_BITS = 6,
    CHAIN_LINKS = 5,
    CHAIN_OPERANDS = 6 // = the operands of a struct ws_instruction
};

//  name, acc becomes
#define CHAIN_VERBS(X) \
    X(ADD, acc + side) X(SUB, acc - side) X(FROM, side - acc) X(MUL, acc *side) X(DIV, acc / side) X(INTO, side / acc)
//  name, the side's operands, its value
#define CHAIN_SIDES(X) X(ONE, 1, x) X(SUM, 2, x + y) X(DIFFERENCE, 2, x - y) X(PRODUCT, 2, x *y) X(QUOTIENT, 2, x / y)

enum chain_verb {
    CHAIN_END, // 0: no link
#define CHAIN_X(name, value) CHAIN_##name,
    CHAIN_VERBS(CHAIN_X)
#undef CHAIN_X
};

enum chain_side {
#define CHAIN_X(name, operands, value) CHAIN_##name,
    CHAIN_SIDES(CHAIN_X)
#undef CHAIN_X
};

#define CHAIN_LINK(verb, side) ((verb) | (side) << CHAIN_VERB_BITS)
#define CHAIN_LINK_MASK ((1 << CHAIN_LINK_BITS) - 1)

#endif
