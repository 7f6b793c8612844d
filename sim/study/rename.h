// SPDX-License-Identifier: GPL-3.0-or-later
// A study's entries under other names: what a comparison and a sweep over studies take into one study.
#ifndef WS_STUDY_RENAME_H
#define WS_STUDY_RENAME_H

#include "study/node.h"

struct ws_renaming {
    const char *const *names, *const *become; // count quantities
    size_t count;
    const char *const *sources, *const *sources_become;
    size_t n_sources;
    const char *prefix; // of the names of wholes that shares are of
};

// become[i] where the name is names[i], else the name itself.
const char *ws_name_replaced(const char *name, const char *const *names, const char *const *become, size_t count);
// The formula with names replaced, unless one is a function, a unit or a label.
const char *ws_formula_rename(const char *formula, const char *const *names, const char *const *become, size_t count,
                              struct ws_arena *arena);
// An entry of a study, or what is in it.
const struct ws_node *ws_node_rename(const struct ws_node *node, const struct ws_renaming *renaming,
                                     struct ws_arena *arena);

#endif
