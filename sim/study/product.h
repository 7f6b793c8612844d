// SPDX-License-Identifier: GPL-3.0-or-later
// Units as products of powers of named units: what formulas calculate with.
#ifndef WS_STUDY_PRODUCT_H
#define WS_STUDY_PRODUCT_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum {
    WS_MAX_BASES = 64,     // SI's seven and the declared ones
    WS_MAX_PARTS = 16,     // names in one product
    WS_ONE = 12,           // powers are counted in twelfths, so that square, cubic and fourth roots are exact
    WS_MAX_POWER = 60 * 12 // of any name or base unit
};

// A name as a study spells it: "GWh", "USD". One object for each spelling.
struct ws_atom {
    const char *name, *canonical; // canonical: as stock UDUNITS reads it, "GW h"
    double to_base;
    int is_money;
    int16_t dimension[WS_MAX_BASES]; // in twelfths
};

struct ws_part {
    const struct ws_atom *atom;
    int power; // in twelfths, not 0
};

struct ws_product {
    double to_base;                  // of everything
    double coefficient;              // of the numbers in it alone: 1e6 for "1e6 Btu"
    int16_t dimension[WS_MAX_BASES]; // in twelfths
    int spelled; // the parts tell the whole dimension; 0 where a name's power would not be exact, or too many
    size_t n_parts;
    struct ws_part part[WS_MAX_PARTS];
};

// One: a number without unit.
void ws_product_init(struct ws_product *product);
void ws_product_from_atom(struct ws_product *product, const struct ws_atom *atom);
// product *= other^power; power in twelfths. Nonzero where a power is not a whole number of twelfths or too large,
// or the scale beyond the range of numbers; product is spoilt then.
int ws_product_multiply(struct ws_product *product, const struct ws_product *other, int power);
int ws_product_is_number(const struct ws_product *product); // no dimension; its scale may be 0.01 (%)
int ws_product_is_whole(const struct ws_product *product);  // no fractional power
int ws_product_same_dimension(const struct ws_product *a, const struct ws_product *b);
// A short spelling of the dimension for people and for ws_unit_parse, its scale may differ from the product's:
// names of one dimension are merged, and one name that says all stands alone. "USD/h", "W.h", "1"; NULL where `spelled`
// is 0.
const char *ws_product_label(const struct ws_product *product, struct ws_arena *arena);

// The decimal number of at most 13 digits, or its reciprocal, that x stands for where rounding in a few conversions has
// moved it by some units in the last place; else x.
double ws_round_factor(double x);

#endif
