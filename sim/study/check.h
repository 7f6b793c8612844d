// SPDX-License-Identifier: GPL-3.0-or-later
// From the text of a formula to its checked tree, in two steps, because a derived quantity's unit may only be known
// once those that it uses are: parse all formulas, sort them by what they use, then check them in that order.
#ifndef WS_STUDY_CHECK_H
#define WS_STUDY_CHECK_H

#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "study/study.h"
#include "study/units.h"

struct ws_syntax; // a parsed formula: names not yet looked up, units not yet known

// NULL with errors among the messages. `place` is where the formula's first character stands in its file.
const struct ws_syntax *ws_syntax_parse(const char *text, struct ws_place place, struct ws_arena *arena,
                                        struct ws_messages *messages);

// A name that the formula uses as a quantity (each once, in order of appearance; labels of select are not among them).
// Unknown names need no complaint from the caller: ws_formula_check makes it, with a suggestion.
struct ws_syntax_name {
    const char *name;
    int column;
    int may_be_label; // stands only beside = or != and another name, as in `ownership = straight_line`: a label if the
                      // other is a choice
};
const struct ws_syntax_name *ws_syntax_names(const struct ws_syntax *syntax, size_t *count);

struct ws_scope {
    struct ws_units *units;
    const struct ws_quantity *quantities; // those used must have their unit, and categorical ones their prior's labels
    size_t n_quantities;
};

// Quantities whose own formula failed have no unit (label NULL): formulas that use them are checked as far as possible,
// and NULL then comes without a message.
//
// The checked tree, whose value is in *unit: if unit->label is NULL on entry it is inferred and filled in (an
// expression whose unit has no spelling of its own gets a product of base units), else the formula must convert to it.
// NULL with errors among the messages, which name the operator, both units and the column.
const struct ws_expression *ws_formula_check(const struct ws_syntax *syntax, const struct ws_scope *scope,
                                             struct ws_unit *unit, struct ws_arena *arena,
                                             struct ws_messages *messages);

#endif
