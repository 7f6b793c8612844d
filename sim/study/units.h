// SPDX-License-Identifier: GPL-3.0-or-later
// Units through UDUNITS-2, with what it lacks (Wh, MMBtu, money) and without its traps (gal, kt, yr).
//
// A unit's text is a product of names: blank, `.`, `*`, `·` or `-` between names multiply, `/` or `per` divides, a
// whole number after a name is its power (m2, m^2, h-1). A hyphen makes one compound unit: USD/GPU-h is USD/(GPU h). A
// product after a division is refused as ambiguous unless it stands in parentheses. Names are looked up one by one,
// first among the language's own (atoms.c lists them), then the study's base units, then UDUNITS' with its prefixes. A
// year (yr, year) is 8766 h = 365.25 d, as cost estimates reckon, not UDUNITS' tropical one; a month is its twelfth.
#ifndef WS_STUDY_UNITS_H
#define WS_STUDY_UNITS_H

#include <stddef.h>

#include "base/arena.h"
#include "study/product.h"
#include "study/study.h"

struct ws_units; // a unit system with the study's own base units; released with its arena

// declared: names of extra base units (`units: [USD, gpu]`); USD is always there, and a name may come twice. NULL with
// a reason in `why` where a name is not a name or is a unit already, *bad is then its index; bad = SIZE_MAX where the
// unit database itself cannot be read. Switches UDUNITS' own printing of errors off, which is process-wide. UDUNITS is
// not for use by several threads at once.
struct ws_units *ws_units_create(struct ws_arena *arena, const char *const *declared, size_t n_declared, size_t *bad,
                                 char *why, size_t size);
// Fills *unit from text such as "GWh", "USD/kWh", "gal/MWh", "1", "%". Nonzero with a reason (and a suggestion where a
// name is near) in `why`: unknown unit, offset unit (degC), logarithmic unit. `unit` is left alone then.
int ws_unit_parse(struct ws_units *units, const char *text, struct ws_unit *unit, char *why, size_t size);
// The factor from values in `from` to values in `to`, exact where a short decimal is (1000, not 1000.0000000000001);
// nonzero where the dimensions differ.
int ws_unit_factor(const struct ws_unit *from, const struct ws_unit *to, double *factor);

// The unit's parts, for calculating with units.
int ws_unit_expand(struct ws_units *units, const char *text, struct ws_product *product, char *why, size_t size);
// "kg.m2/s3": the product's dimension by base units, which ws_unit_parse reads; powers must be whole.
const char *ws_units_base_label(struct ws_units *units, const struct ws_product *product);

#endif
