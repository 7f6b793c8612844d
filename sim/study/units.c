// SPDX-License-Identifier: GPL-3.0-or-later
// The text of a unit -> a product of names, and back to the texts that a result has.
#include "study/units.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "study/atoms.h"

enum { MAX_TEXT = 256, MAX_NESTING = 16, MAX_EXPONENT = 12 };

// ---- reading a unit's text ----

#define TOO_LARGE "the unit has too many names, or too large a power or size"

struct reader {
    struct ws_units *units;
    const char *at;
    int nesting;
    char *why;
    size_t size;
};

static int fail(struct reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int fail(struct reader *r, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(r->why, r->size, format, args);
    va_end(args);
    return -1;
}

static int is_digit(char c) { return c >= '0' && c <= '9'; }
static int is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Superscripts (UTF-8) as the digits that they stand for, '-' for the minus, 0 for anything else; *length in bytes.
static char superscript(const char *s, size_t *length) {
    static const struct {
        const char *text;
        char digit;
    } signs[] = {{"⁰", '0'}, {"¹", '1'}, {"²", '2'}, {"³", '3'}, {"⁴", '4'}, {"⁵", '5'},
                 {"⁶", '6'}, {"⁷", '7'}, {"⁸", '8'}, {"⁹", '9'}, {"⁻", '-'}};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        *length = strlen(signs[i].text);
        if (strncmp(s, signs[i].text, *length) == 0)
            return signs[i].digit;
    }
    return 0;
}

static const char dot[] = "·";

// Names are letters, digits, '_', and the signs % ' " $ and any non-ASCII letter; they neither start nor end with a
// digit.
static size_t name_length(const char *s) {
    size_t n = 0, unused;
    while (s[n] &&
           (strchr("_%'\"$", s[n]) || (s[n] & 0x80) || is_digit(s[n]) || (s[n] >= 'A' && s[n] <= 'Z') ||
            (s[n] >= 'a' && s[n] <= 'z')) &&
           !superscript(s + n, &unused) && strncmp(s + n, dot, strlen(dot)) != 0)
        n++;
    if (is_digit(*s))
        return 0;
    while (n > 0 && is_digit(s[n - 1]))
        n--;
    return n;
}

static int starts_factor(const char *s) { return *s == '(' || is_digit(*s) || name_length(s) > 0; }

// The length of ^ or **, 0 where there is none.
static int has_caret(const char *s) { return *s == '^' ? 1 : strncmp(s, "**", 2) == 0 ? 2 : 0; }

// A power after a name or ')': 2 ^2 **2 -1 ², else 1.
static int read_power(struct reader *r, int *power) {
    char digits[8];
    size_t n = 0, length;
    int caret = has_caret(r->at);
    r->at += caret;
    char sign = superscript(r->at, &length);
    for (; sign && n + 1 < sizeof digits; sign = superscript(r->at, &length)) {
        digits[n++] = sign;
        r->at += length;
    }
    if (n == 0 && (*r->at == '-' || *r->at == '+') && is_digit(r->at[1]))
        digits[n++] = *r->at++;
    for (; n + 1 < sizeof digits && is_digit(*r->at); r->at++)
        digits[n++] = *r->at;
    digits[n] = '\0';
    if (n == 0 && caret)
        return fail(r, "a whole number is wanted after '^' in a unit");
    *power = 1;
    if (n == 0)
        return 0;
    char *end;
    *power = (int)strtol(digits, &end, 10);
    if (*end || end == digits || is_digit(*r->at) || *power == 0 || abs(*power) > MAX_EXPONENT)
        return fail(r, "power '%s' in a unit is not a whole number from 1 to %d or its negative", digits, MAX_EXPONENT);
    if (name_length(r->at) > 0)
        return fail(r, "in a unit a blank or '.' is wanted before '%.20s'", r->at);
    return 0;
}

static int read_product(struct reader *r, struct ws_product *product);

static int read_number(struct reader *r, struct ws_product *product) {
    size_t n = strspn(r->at, "0123456789.");
    if ((r->at[n] == 'e' || r->at[n] == 'E') && is_digit(r->at[n + 1 + (r->at[n + 1] == '+' || r->at[n + 1] == '-')])) {
        n += 2;
        n += strspn(r->at + n, "0123456789");
    }
    char digits[64];
    double value = 0;
    if (n < sizeof digits)
        memcpy(digits, r->at, n);
    digits[n < sizeof digits ? n : 0] = '\0';
    if (ws_parse_double(digits, &value) || !(value > 0))
        return fail(r, "'%.*s' in a unit is not a positive number", (int)n, r->at);
    r->at += n;
    if (name_length(r->at) > 0)
        return fail(r, "in a unit a blank is wanted between %s and '%.20s'", digits, r->at);
    ws_product_init(product);
    product->to_base = product->coefficient = value;
    return 0;
}

static int read_name(struct reader *r, struct ws_product *product) {
    size_t n = name_length(r->at);
    const struct ws_atom *atom = ws_atom_find(r->units, ws_arena_copy_n(r->units->arena, r->at, n), r->why, r->size);
    if (!atom)
        return -1;
    r->at += n;
    ws_product_from_atom(product, atom);
    return 0;
}

static int read_factor(struct reader *r, struct ws_product *product) {
    struct ws_product base;
    int power = 1, failed;
    if (*r->at == '(') {
        r->at++;
        failed = read_product(r, &base);
        if (!failed && *r->at != ')')
            return fail(r, "')' is missing in the unit");
        r->at += !failed;
        failed = failed || read_power(r, &power);
    } else if (is_digit(*r->at))
        failed = read_number(r, &base) || (has_caret(r->at) && read_power(r, &power));
    else if (name_length(r->at) > 0)
        failed = read_name(r, &base) || read_power(r, &power);
    else
        return *r->at ? fail(r, "found '%.20s' where the name of a unit is wanted", r->at)
                      : fail(r, "the unit ends where a name is wanted");
    ws_product_init(product);
    if (!failed && (ws_product_multiply(product, &base, power * WS_ONE) || !product->spelled))
        return fail(r, TOO_LARGE);
    return failed;
}

// Factors joined by hyphens: GPU-h.
static int read_compound(struct reader *r, struct ws_product *product) {
    if (read_factor(r, product))
        return -1;
    while (*r->at == '-') {
        struct ws_product factor;
        r->at++;
        if (read_factor(r, &factor))
            return -1;
        if (ws_product_multiply(product, &factor, WS_ONE) || !product->spelled)
            return fail(r, TOO_LARGE);
    }
    return 0;
}

static void skip_blanks(struct reader *r) {
    while (is_blank(*r->at))
        r->at++;
}

// 1 for a multiplication, -1 for a division, 0 where the product ends.
static int read_separator(struct reader *r) {
    const char *start = r->at;
    skip_blanks(r);
    int sign = *r->at == '/' ? -1 : *r->at == '.' || *r->at == '*' ? 1 : 0;
    r->at += sign != 0;
    if (sign == 0 && strncmp(r->at, dot, strlen(dot)) == 0) {
        r->at += strlen(dot);
        sign = 1;
    } else if (sign == 0 && strncmp(r->at, "per", 3) == 0 && is_blank(r->at[3])) {
        r->at += 3;
        sign = -1;
    } else if (sign == 0 && r->at != start && starts_factor(r->at))
        sign = 1;
    skip_blanks(r);
    return sign;
}

static int read_product(struct reader *r, struct ws_product *product) {
    if (++r->nesting > MAX_NESTING)
        return fail(r, "the unit has more than %d parentheses within each other", MAX_NESTING);
    skip_blanks(r);
    if (read_compound(r, product))
        return -1;
    int divided = 0, sign;
    while ((sign = read_separator(r)) != 0) {
        struct ws_product factor;
        if (divided && sign > 0)
            return fail(r, "a product after a division is ambiguous in a unit: write USD/(GPU h) or USD h/GPU");
        divided |= sign < 0;
        if (read_compound(r, &factor))
            return -1;
        if (ws_product_multiply(product, &factor, sign * WS_ONE) || !product->spelled)
            return fail(r, TOO_LARGE);
    }
    r->nesting--;
    return 0;
}

int ws_unit_expand(struct ws_units *units, const char *text, struct ws_product *product, char *why, size_t size) {
    struct reader r = {.units = units, .at = text, .why = why, .size = size};
    skip_blanks(&r);
    if (*r.at == '\0')
        return fail(&r, "the unit is empty: a number without unit has the unit 1");
    if (strlen(text) > MAX_TEXT)
        return fail(&r, "the unit is longer than %d bytes", MAX_TEXT);
    if (read_product(&r, product))
        return -1;
    if (*r.at != '\0')
        return fail(&r, "found '%.20s' where the unit should end", r.at);
    return 0;
}

// ---- a unit as a result has it ----

// "GW h" to the power -1: "GW-1 h-1"; "1e6 Btu" to the power -1: "(1e6 Btu)-1".
static void add_canonical(struct ws_text *text, const char *canonical, int power) {
    ws_text_add(text, text->length ? " " : "");
    if (power == 1) {
        ws_text_add(text, canonical);
    } else if (is_digit(*canonical)) {
        ws_text_printf(text, "(%s)%d", canonical, power);
    } else {
        size_t first = strcspn(canonical, " ");
        ws_text_printf(text, "%.*s%d", (int)first, canonical, power);
        if (canonical[first])
            add_canonical(text, canonical + first + 1, power);
    }
}

static const char *canonical_text(struct ws_arena *arena, const struct ws_product *product) {
    struct ws_text text = {.arena = arena};
    char number[32];
    if (product->coefficient != 1 || product->n_parts == 0)
        ws_text_add(&text, ws_format_double(product->coefficient, number));
    for (size_t i = 0; i < product->n_parts; i++)
        add_canonical(&text, product->part[i].atom->canonical, product->part[i].power / WS_ONE);
    return text.data;
}

static int compare_bases(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// Base units to their powers by alphabet, so that the text does not depend on the order of declarations.
static const char *base_text(struct ws_units *units, const struct ws_product *product, const char *separator) {
    const char *sorted[WS_MAX_BASES];
    memcpy(sorted, units->bases, sizeof sorted);
    qsort(sorted, units->n_bases, sizeof *sorted, compare_bases);
    struct ws_text text = {.arena = units->arena};
    for (size_t i = 0; i < units->n_bases; i++) {
        int power = product->dimension[ws_base_index(units, sorted[i])] / WS_ONE;
        if (power == 0)
            continue;
        ws_text_printf(&text, power == 1 ? "%s%s" : "%s%s%d", text.length ? separator : "", sorted[i], power);
    }
    return text.data ? text.data : "";
}

const char *ws_units_base_label(struct ws_units *units, const struct ws_product *product) {
    const char *label = base_text(units, product, ".");
    return *label ? label : "1";
}

int ws_unit_parse(struct ws_units *units, const char *text, struct ws_unit *unit, char *why, size_t size) {
    struct ws_product product;
    if (ws_unit_expand(units, text, &product, why, size))
        return -1;
    text += strspn(text, " \t\r\n");
    size_t length = strlen(text);
    while (is_blank(text[length - 1]))
        length--;
    int is_money = 0;
    for (size_t i = 0; i < product.n_parts; i++)
        is_money |= product.part[i].atom->is_money;
    *unit = (struct ws_unit){
        .label = ws_arena_copy_n(units->arena, text, length),
        .canonical = canonical_text(units->arena, &product),
        .to_base = ws_round_factor(product.to_base),
        .dimension = base_text(units, &product, " "),
        .is_money = is_money,
    };
    return 0;
}

int ws_unit_factor(const struct ws_unit *from, const struct ws_unit *to, double *factor) {
    if (strcmp(from->dimension, to->dimension) != 0)
        return -1;
    *factor = ws_round_factor(from->to_base / to->to_base);
    return 0;
}
