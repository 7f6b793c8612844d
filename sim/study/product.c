// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/product.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void ws_product_init(struct ws_product *product) {
    *product = (struct ws_product){.to_base = 1, .coefficient = 1, .spelled = 1};
}

void ws_product_from_atom(struct ws_product *product, const struct ws_atom *atom) {
    ws_product_init(product);
    product->to_base = atom->to_base;
    memcpy(product->dimension, atom->dimension, sizeof product->dimension);
    product->n_parts = 1;
    product->part[0] = (struct ws_part){atom, WS_ONE};
}

// base^power, power in twelfths. Whole powers by multiplication: 1000^-2 is 1e-6 to the last bit more often than by
// pow.
static double raise(double base, int power) {
    if (power % WS_ONE != 0)
        return pow(base, (double)power / WS_ONE);
    double result = 1;
    for (int i = 0; i < abs(power) / WS_ONE; i++)
        result *= base;
    return power < 0 ? 1 / result : result;
}

// a * b / WS_ONE into *result; nonzero where that is not whole or too large.
static int multiply_powers(int a, int b, int *result) {
    *result = a * b / WS_ONE;
    return a * b % WS_ONE != 0 || abs(*result) > WS_MAX_POWER;
}

// Parts that cancel go; parts beyond the limit, or to a power that is not a whole number of twelfths, make it
// unspelled.
static void add_part(struct ws_product *product, const struct ws_atom *atom, int power) {
    size_t i = 0;
    while (i < product->n_parts && product->part[i].atom != atom)
        i++;
    if (i < product->n_parts) {
        product->part[i].power += power;
        if (product->part[i].power == 0) {
            product->n_parts--;
            memmove(&product->part[i], &product->part[i + 1], (product->n_parts - i) * sizeof product->part[0]);
        } else if (abs(product->part[i].power) > WS_MAX_POWER)
            product->spelled = 0;
    } else if (product->n_parts < WS_MAX_PARTS)
        product->part[product->n_parts++] = (struct ws_part){atom, power};
    else
        product->spelled = 0;
}

int ws_product_multiply(struct ws_product *product, const struct ws_product *other, int power) {
    int more;
    for (size_t i = 0; i < WS_MAX_BASES; i++) {
        if (multiply_powers(other->dimension[i], power, &more) || abs(product->dimension[i] + more) > WS_MAX_POWER)
            return -1;
        product->dimension[i] = (int16_t)(product->dimension[i] + more);
    }
    product->to_base *= raise(other->to_base, power);
    product->coefficient *= raise(other->coefficient, power);
    product->spelled &= other->spelled;
    for (size_t i = 0; product->spelled && i < other->n_parts; i++) {
        if (multiply_powers(other->part[i].power, power, &more))
            product->spelled = 0;
        else if (more != 0)
            add_part(product, other->part[i].atom, more);
    }
    return !isfinite(product->to_base) || product->to_base == 0;
}

int ws_product_is_number(const struct ws_product *product) {
    for (size_t i = 0; i < WS_MAX_BASES; i++)
        if (product->dimension[i] != 0)
            return 0;
    return 1;
}

int ws_product_is_whole(const struct ws_product *product) {
    for (size_t i = 0; i < WS_MAX_BASES; i++)
        if (product->dimension[i] % WS_ONE != 0)
            return 0;
    return 1;
}

int ws_product_same_dimension(const struct ws_product *a, const struct ws_product *b) {
    return memcmp(a->dimension, b->dimension, sizeof a->dimension) == 0;
}

// GWh . gal / MWh -> gal: a name whose dimension an earlier one has is counted as a power of that one.
static void merge_parts(const struct ws_product *product, struct ws_product *merged) {
    ws_product_init(merged);
    for (size_t i = 0; i < product->n_parts; i++) {
        const struct ws_atom *atom = product->part[i].atom;
        for (size_t j = 0; j < merged->n_parts; j++)
            if (memcmp(merged->part[j].atom->dimension, atom->dimension, sizeof atom->dimension) == 0)
                atom = merged->part[j].atom;
        add_part(merged, atom, product->part[i].power);
    }
}

// W . h . USD / kWh -> USD: the one part that has the whole dimension by itself.
static void keep_telling_part(const struct ws_product *product, struct ws_product *merged) {
    for (size_t i = 0; i < merged->n_parts; i++) {
        struct ws_product atom, alone;
        ws_product_from_atom(&atom, merged->part[i].atom);
        ws_product_init(&alone);
        if (ws_product_multiply(&alone, &atom, merged->part[i].power) || !ws_product_same_dimension(&alone, product))
            continue;
        merged->part[0] = merged->part[i];
        merged->n_parts = 1;
        return;
    }
}

static void add_power(struct ws_text *text, const struct ws_atom *atom, int power) {
    ws_text_add(text, atom->name);
    if (power % WS_ONE != 0)
        ws_text_printf(text, "^(%g)", (double)power / WS_ONE); // for messages only: such units are refused in results
    else if (power != WS_ONE)
        ws_text_printf(text, "%d", power / WS_ONE);
}

const char *ws_product_label(const struct ws_product *product, struct ws_arena *arena) {
    if (!product->spelled)
        return NULL;
    struct ws_product merged;
    merge_parts(product, &merged);
    if (ws_product_is_number(product) && !(product->n_parts == 1 && product->part[0].power == WS_ONE))
        return "1";
    keep_telling_part(product, &merged);
    struct ws_text text = {.arena = arena};
    for (size_t i = 0; i < merged.n_parts; i++)
        if (merged.part[i].power > 0) {
            ws_text_add(&text, text.length ? "." : "");
            add_power(&text, merged.part[i].atom, merged.part[i].power);
        }
    if (text.length == 0)
        ws_text_add(&text, "1");
    for (size_t i = 0; i < merged.n_parts; i++)
        if (merged.part[i].power < 0) {
            ws_text_add(&text, "/");
            add_power(&text, merged.part[i].atom, -merged.part[i].power);
        }
    return text.data;
}

static int near(double x, double y) { return fabs(x - y) <= 8 * DBL_EPSILON * fabs(y); }

// 13 digits hold every conversion factor that is a short decimal (a gallon has 10, a Btu 12) and are too few to be met
// by chance: 1 in about 100 other factors is moved, by no more than 8 units in its last place.
double ws_round_factor(double x) {
    char digits[40];
    if (!isfinite(x) || x == 0)
        return x;
    snprintf(digits, sizeof digits, "%.12e", x);
    double decimal = strtod(digits, NULL); // the same locale writes and reads
    if (near(x, decimal))
        return decimal;
    snprintf(digits, sizeof digits, "%.12e", 1 / x);
    double inverse = 1 / strtod(digits, NULL);
    return near(x, inverse) ? inverse : x;
}
