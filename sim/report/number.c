// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/number.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

// |value| rounded to n significant decimal digits: digits[0].digits[1]... * 10^exponent
struct decimal {
    char digits[20];
    int n, exponent;
};

// Takes the digits alone from printf's text, so that no locale's decimal point gets in.
static struct decimal decimal_make(double value, int n) {
    char text[64];
    struct decimal decimal = {.n = 0};
    snprintf(text, sizeof text, "%.*e", n - 1, fabs(value));
    const char *s = text;
    for (; *s && *s != 'e'; s++)
        if (isdigit((unsigned char)*s) && decimal.n < 17)
            decimal.digits[decimal.n++] = *s;
    decimal.exponent = *s ? atoi(s + 1) : 0;
    return decimal;
}

static char digit(const struct decimal *decimal, int i) { return i >= 0 && i < decimal->n ? decimal->digits[i] : '0'; }

// Appends digits with the point after the one of 10^0.
static void add_plain(struct ws_text *out, const struct decimal *decimal) {
    int last = decimal->exponent < decimal->n - 1 ? decimal->n - 1 : decimal->exponent; // the last digit to be written
    for (int i = decimal->exponent < 0 ? decimal->exponent : 0; i <= last; i++) {
        char c = digit(decimal, i);
        ws_text_add_n(out, &c, 1);
        if (i == decimal->exponent && i < last)
            ws_text_add_n(out, ".", 1);
    }
}

static void add_exponential(struct ws_text *out, const struct decimal *decimal) {
    ws_text_add_n(out, decimal->digits, 1);
    if (decimal->n > 1) {
        ws_text_add_n(out, ".", 1);
        ws_text_add_n(out, decimal->digits + 1, (size_t)decimal->n - 1);
    }
    ws_text_printf(out, "e%d", decimal->exponent);
}

static const char *write_number(struct ws_arena *arena, double value, struct decimal decimal) {
    struct ws_text out = {.arena = arena};
    if (value < 0)
        ws_text_add_n(&out, "-", 1);
    if (decimal.exponent < -4 || decimal.exponent >= 6)
        add_exponential(&out, &decimal);
    else
        add_plain(&out, &decimal);
    return out.data;
}

static const char *special(double value) {
    if (isnan(value))
        return "-";
    if (isinf(value))
        return value > 0 ? "inf" : "-inf";
    return value == 0 ? "0" : NULL;
}

const char *ws_number(struct ws_arena *arena, double value, double se, int digits) {
    if (special(value))
        return special(value);
    struct decimal decimal = decimal_make(value, digits);
    while (digits > 1 && se > 0 && 2 * pow(10, decimal.exponent - digits + 1) < se)
        decimal = decimal_make(value, --digits);
    return write_number(arena, value, decimal);
}

int ws_number_digits(double p5, double median, double p95) {
    double relative = (p95 - p5) / fabs(median);
    int more = relative > 0 && relative < 0.1 ? (int)ceil(-log10(relative)) - 1 : 0;
    return more < 9 ? 3 + more : 12;
}

const char *ws_number_short(struct ws_arena *arena, double value, int digits) {
    if (special(value))
        return special(value);
    struct decimal decimal = decimal_make(value, digits);
    while (decimal.n > 1 && decimal.digits[decimal.n - 1] == '0')
        decimal.n--;
    return write_number(arena, value, decimal);
}

const char *ws_number_count(struct ws_arena *arena, uint64_t count) {
    const char *digits = ws_arena_printf(arena, "%llu", (unsigned long long)count);
    struct ws_text out = {.arena = arena};
    for (size_t left = strlen(digits); left > 0; left--, digits++) {
        ws_text_add_n(&out, digits, 1);
        if (left % 3 == 1 && left > 1)
            ws_text_add_n(&out, ",", 1);
    }
    return out.data;
}

const char *ws_number_percentile(struct ws_arena *arena, double p, double se) {
    if (isnan(p))
        return "-";
    if (p < 1e-4)
        return "<p0.01";
    if (p > 1 - 1e-4)
        return ">p99.99";
    // Near the upper end it is the distance to 100 that counts: p99.73, not p99.7.
    int digits = p < 0.1 ? 2 : p <= 0.99 ? 3 : 4;
    return ws_arena_printf(arena, "p%s", ws_number(arena, 100 * p, 100 * se, digits));
}

const char *ws_number_bytes(struct ws_arena *arena, double bytes) {
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t i = 0;
    for (; bytes >= 1000 && i < 4; i++)
        bytes /= 1024;
    return ws_arena_printf(arena, "%s %s", ws_number_short(arena, bytes, 3), units[i]);
}
