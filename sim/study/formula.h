// SPDX-License-Identifier: GPL-3.0-or-later
// Formulas: text -> tree, with units checked on the way.
//
// A checked tree is unitless: where units differ in scale the checker has put in multiplications by constants, so that
// what is left is plain arithmetic on the values that the quantities have in their own units.
#ifndef WS_STUDY_FORMULA_H
#define WS_STUDY_FORMULA_H

#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "numeric/program.h"

enum ws_expression_kind { WS_NUMBER, WS_QUANTITY, WS_APPLY };

// Trees may share subtrees (x^4 is the square of one x^2). They are at most 2,000 operations high, so that
// recursion over them is safe, and sharing never makes them larger than about a thousand operations for each one
// written.
struct ws_expression {
    int kind;          // enum ws_expression_kind
    double number;     // WS_NUMBER
    size_t quantity;   // WS_QUANTITY: index into the study's quantities
    int operation;     // WS_APPLY: enum ws_operation
    size_t n_operands; // 1 to 3
    const struct ws_expression *operand[3];
    int column; // within the formula's text, from 1
};

// Evaluates on single values (values[i] is that of quantity i) with the operations' own bits.
double ws_expression_value(const struct ws_expression *expression, const double *values);
// Sets used[i] for every quantity that the expression names directly.
void ws_expression_uses(const struct ws_expression *expression, unsigned char *used);

// What a function asks of its arguments' units and gives.
enum ws_function_rule {
    WS_RULE_NUMBER, // a number without unit -> a number without unit: exp, sin ...
    WS_RULE_SAME,   // arguments of one dimension -> the same: abs, min, sum ...
    WS_RULE_CLAMP,  // the same, as min(max(x, low), high)
    WS_RULE_SQRT,
    WS_RULE_POW,
    WS_RULE_IF,    // condition, then two of one dimension
    WS_RULE_SELECT // a choice, then one labelled value for each of its labels
};

// A function of the language: one row each. `wattspan list functions`, the parser and the checker read the rows.
struct ws_function {
    const char *name, *arguments, *summary;
    int rule;           // enum ws_function_rule
    int operation;      // enum ws_operation, or -1 where the rule alone says what is done
    size_t least, most; // number of arguments
};
const struct ws_function *ws_functions(size_t *count);
// NULL if there is none of that name.
const struct ws_function *ws_function_find(const char *name);
// 1 for words that no quantity may be called: pi, and, or, not, if, select, else, chain, draw, case, quantile, bin,
// input.
int ws_name_is_reserved(const char *name);

#endif
