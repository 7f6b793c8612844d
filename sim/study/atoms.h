// SPDX-License-Identifier: GPL-3.0-or-later
// The unit system within struct ws_units: for units.c alone.
#ifndef WS_STUDY_ATOMS_H
#define WS_STUDY_ATOMS_H

#include <stddef.h>

#include "study/product.h"
#include "study/units.h"

struct ws_units {
    struct ws_arena *arena;
    struct ut_system *system;
    const char *bases[WS_MAX_BASES]; // symbols of base units, in the order met
    size_t n_bases;
    const char *declared[WS_MAX_BASES];
    size_t n_declared;
    const struct ws_atom **atoms; // every name looked up so far
    size_t n_atoms;
};

// The name's unit; NULL with a reason in `why`.
const struct ws_atom *ws_atom_find(struct ws_units *units, const char *name, char *why, size_t size);
// The base unit's index in dimensions, a new one if it has not been met; SIZE_MAX where there are too many.
size_t ws_base_index(struct ws_units *units, const char *symbol);

#endif
