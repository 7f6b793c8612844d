// SPDX-License-Identifier: GPL-3.0-or-later
// The parsed formula as the parser hands it to the checker: a tree of terms, names not yet looked up.
#ifndef WS_STUDY_SYNTAX_H
#define WS_STUDY_SYNTAX_H

#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "study/check.h"
#include "study/formula.h"

enum ws_term_kind {
    WS_TERM_NUMBER,   // number, and perhaps a unit's text
    WS_TERM_NAME,     // a quantity, or a label beside = and !=
    WS_TERM_LABEL,    // a label in quotes, beside = and != alone
    WS_TERM_OPERATOR, // operation on one or two children
    WS_TERM_CALL      // function of its children
};

struct ws_term_label { // of select: `label = term`
    const char *name;  // NULL for else
    int offset;
    const struct ws_term *term;
};

struct ws_term {
    int kind;   // enum ws_term_kind
    int offset; // of the number, name, operator or function, in bytes from the formula's first
    int height; // longest way down
    double number;
    const char *unit; // NULL where the number has none
    int unit_offset;
    const char *name;   // NAME, LABEL, and a number's own spelling
    const char *symbol; // OPERATOR: as spelled
    int operation;      // OPERATOR: enum ws_operation
    const struct ws_function *function;
    size_t n_children; // of select: 1, the choice
    const struct ws_term **children;
    size_t n_labels;
    const struct ws_term_label *labels;
};

struct ws_syntax {
    const char *text;
    struct ws_place place;
    const struct ws_term *root;
    size_t n_names;
    const struct ws_syntax_name *names;
};

// Where the byte at `offset` stands in the study file. In a formula of several lines the column is known on the first
// only.
struct ws_place ws_syntax_place(const char *text, struct ws_place start, int offset);
// The column within the formula, from 1, in characters.
int ws_syntax_column(const char *text, int offset);

#endif
