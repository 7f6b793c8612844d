// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/formula.h"

#include <string.h>

enum { MANY = 1000 };

static const struct ws_function functions[] = {
    {"abs", "x", "the value without its sign", WS_RULE_SAME, WS_OP_ABS, 1, 1},
    {"min", "a, b, ...", "the least of them", WS_RULE_SAME, WS_OP_MIN, 2, MANY},
    {"max", "a, b, ...", "the greatest of them", WS_RULE_SAME, WS_OP_MAX, 2, MANY},
    {"sum", "a, b, ...", "all of them added, in pairs", WS_RULE_SAME, WS_OP_ADD, 1, MANY},
    {"clamp", "x, low, high", "x, but not below low and not above high", WS_RULE_CLAMP, -1, 3, 3},
    {"floor", "x", "the whole number at or below x", WS_RULE_NUMBER, WS_OP_FLOOR, 1, 1},
    {"ceil", "x", "the whole number at or above x", WS_RULE_NUMBER, WS_OP_CEIL, 1, 1},
    {"sqrt", "x", "square root; of m2 it gives m", WS_RULE_SQRT, WS_OP_SQRT, 1, 1},
    {"pow", "x, y", "x^y", WS_RULE_POW, WS_OP_POW, 2, 2},
    {"exp", "x", "e^x", WS_RULE_NUMBER, WS_OP_EXP, 1, 1},
    {"log", "x", "natural logarithm", WS_RULE_NUMBER, WS_OP_LOG, 1, 1},
    {"log10", "x", "decimal logarithm", WS_RULE_NUMBER, WS_OP_LOG10, 1, 1},
    {"sin", "x", "sine; x in radians, or with an angle's unit", WS_RULE_NUMBER, WS_OP_SIN, 1, 1},
    {"cos", "x", "cosine", WS_RULE_NUMBER, WS_OP_COS, 1, 1},
    {"tan", "x", "tangent", WS_RULE_NUMBER, WS_OP_TAN, 1, 1},
    {"atan", "x", "arc tangent, in radians", WS_RULE_NUMBER, WS_OP_ATAN, 1, 1},
    {"tanh", "x", "hyperbolic tangent", WS_RULE_NUMBER, WS_OP_TANH, 1, 1},
    {"erf", "x", "error function", WS_RULE_NUMBER, WS_OP_ERF, 1, 1},
    {"if", "condition, a, b", "a where the condition holds, else b", WS_RULE_IF, WS_OP_SELECT, 3, 3},
    {"select", "x, label = a, ..., else = b", "the value for the label that the choice x has", WS_RULE_SELECT,
     WS_OP_SELECT, 2, MANY},
};

const struct ws_function *ws_functions(size_t *count) {
    *count = sizeof functions / sizeof *functions;
    return functions;
}

const struct ws_function *ws_function_find(const char *name) {
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (strcmp(functions[i].name, name) == 0)
            return &functions[i];
    return NULL;
}

// Words of the language, and dimensions of the result file that a variable of the same name would shadow.
int ws_name_is_reserved(const char *name) {
    static const char *const words[] = {"pi",    "and",  "or",   "not",      "if",  "select", "else",
                                        "chain", "draw", "case", "quantile", "bin", "input"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], name) == 0)
            return 1;
    return 0;
}

double ws_expression_value(const struct ws_expression *expression, const double *values) {
    if (expression->kind == WS_NUMBER)
        return expression->number;
    if (expression->kind == WS_QUANTITY)
        return values[expression->quantity];
    double x[3] = {0, 0, 0};
    for (size_t i = 0; i < expression->n_operands; i++)
        x[i] = ws_expression_value(expression->operand[i], values);
    return ws_operation_apply(expression->operation, x[0], x[1], x[2]);
}

void ws_expression_uses(const struct ws_expression *expression, unsigned char *used) {
    if (expression->kind == WS_QUANTITY)
        used[expression->quantity] = 1;
    for (size_t i = 0; expression->kind == WS_APPLY && i < expression->n_operands; i++)
        ws_expression_uses(expression->operand[i], used);
}
