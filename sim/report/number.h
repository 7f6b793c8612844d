// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers and units for people.
#ifndef WS_REPORT_NUMBER_H
#define WS_REPORT_NUMBER_H

#include <stdint.h>

#include "base/arena.h"
#include "study/study.h"

// `digits` significant digits (at most 15), fewer where the last would be less than half of the standard error se (0:
// exact); "-" for NaN. Between 1e-4 and 1e6 without an exponent.
const char *ws_number(struct ws_arena *arena, double value, double se, int digits);
// How many digits tell p5, median and p95 apart: 3, and more where they lie within a few per cent of the median (a
// calendar year: 2026.48, 2027.30, 2028.12).
int ws_number_digits(double p5, double median, double p95);
// The same without zeros at the end of the decimals: for figures that somebody wrote.
const char *ws_number_short(struct ws_arena *arena, double value, int digits);
// "10,000,000".
const char *ws_number_count(struct ws_arena *arena, uint64_t count);
// "p53.1" for 0.531; "<p0.01" and ">p99.99" beyond what is worth telling apart; "-" for NaN.
const char *ws_number_percentile(struct ws_arena *arena, double p, double se);
// "1.5 GiB"
const char *ws_number_bytes(struct ws_arena *arena, double bytes);

// A unit in which a row's numbers read well: shown = value / 10^power, in `unit`.
struct ws_scale {
    const char *unit; // "" where dimensionless and unscaled
    int power;
};

// Keeps the study's unit where `typical` has one to four digits before the point in it; else another SI prefix where
// the unit takes them in everyday use (Wh, t, L, money ...), else a power of ten: "1e6 h".
struct ws_scale ws_scale_choose(const struct ws_unit *unit, double typical, struct ws_arena *arena);
// The study's own unit, or a power of ten of it: for priors, which are written in that unit.
struct ws_scale ws_scale_plain(const struct ws_unit *unit, double typical, struct ws_arena *arena);
double ws_scale_apply(struct ws_scale scale, double value);

#endif
