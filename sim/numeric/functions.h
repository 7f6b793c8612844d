// SPDX-License-Identifier: GPL-3.0-or-later
// Elementary functions of vectors that are faster than SLEEF's: ln x and e^x by tables of 128 rows, of two vectors at a
// time, since that is what the words of their rows' numbers fill. e^x is within 0.52 units in the last place, ln x
// within 0.63; what is out of their range (infinite, NaN, subnormal, not positive) is left to SLEEF.
#ifndef WS_NUMERIC_FUNCTIONS_H
#define WS_NUMERIC_FUNCTIONS_H

#include "numeric/elementary.h"
#include "numeric/vec.h"

enum { FUNCTION_WORDS = 2 * WIDTH, ROW_BYTES = 4 * sizeof(double), ROW_MASK = WS_ELEMENTARY_ROWS - 1 };

// x = 2^k z, z about 1 and in segment i of the table; the row has c, 1 / z about, and the logarithm of 1 / c. With
// r = z c - 1 exact but for one rounding, |r| < 2^-7.9,
//   ln x = k ln 2 + ln (1 / c) + ln (1 + r),
// whose first two terms are multiples of 2^-42, and a rest.
struct log_parts {
    vu bits;
    vd k;
};

INLINE struct log_parts log_split(vd x) {
    // The lower end of segment 0, and 2^10 more in the exponent to keep k positive.
    const vu start = splat_u(UINT64_C(0x3fe6100000000000) - (UINT64_C(1024) << 52)), integer = (vu)splat(0x1p52);
    vu bits = (vu)x - start;
    return (struct log_parts){bits, (vd)(bits >> 52 | integer) - splat(0x1p52 + 1024)};
}

INLINE vd log_finish(vd x, struct log_parts p, struct cubics row) {
    vd z = (vd)((vu)x - (((p.bits >> 52) - 1024) << 52));
    vd high = (vd)((vu)z & splat_u(~(uint64_t)UINT32_MAX)), r = (high * row.c0 - 1) + (z - high) * row.c0;
    vd whole = p.k * 0x1.62e42fefa38p-1 + row.c1, rest = p.k * 0x1.ef35793c7673p-45 + row.c2;
    vd sum = whole + r, low = (whole - sum) + r + rest, r2 = r * r;
    vd series = (r * (1.0 / 3) - 0.5) + r2 * ((r * 0.2 - 0.25) + r2 * (r * (1.0 / 7) - 1.0 / 6));
    vd y = sum + (low + r2 * series);
    vm ordinary = (x >= 0x1p-1022) & (x <= 0x1.fffffffffffffp1023);
    return some(~ordinary) ? blend(ordinary, y, SLEEF_1(log, x)) : y;
}

INLINE void log_of_two(const double *x, double *y) {
    uint32_t offset[FUNCTION_WORDS] __attribute__((aligned(64)));
    vd x0 = load(x), x1 = load(x + WIDTH);
    struct log_parts p0 = log_split(x0), p1 = log_split(x1);
    vw row = low_words((vd)(p0.bits >> 45), (vd)(p1.bits >> 45)) & splat_w(ROW_MASK);
    store_words(offset, row * ROW_BYTES);
    store(y, log_finish(x0, p0, load_rows(ws_log_rows, offset)));
    store(y + WIDTH, log_finish(x1, p1, load_rows(ws_log_rows, offset + WIDTH)));
}

// x = (n / 128) ln 2 + r, |r| < ln 2 / 256: e^x = 2^(n / 128) e^r. n stands in the low bits of the sum with 1.5 2^52.
INLINE vd exp_split(vd x) { return x * 0x1.71547652b82fep7 + 0x1.8p52; }

INLINE vd exp_finish(vd x, vd shifted, struct cubics row) {
    vd n = shifted - 0x1.8p52, r = (x - n * 0x1.62e42fef8p-8) - n * 0x1.1cf79abc9e3b4p-43, r2 = r * r;
    vd series = r + r2 * ((r * (1.0 / 6) + 0.5) + r2 * (r * (1.0 / 120) + 1.0 / 24));
    vd y = row.c0 + (row.c1 + row.c0 * series);
    y = (vd)((vu)y + ((vu)shifted >> 7 << 52));
    vm ordinary = magnitude(x) < 708;
    return some(~ordinary) ? blend(ordinary, y, SLEEF_1(exp, x)) : y;
}

INLINE void exp_of_two(const double *x, double *y) {
    uint32_t offset[FUNCTION_WORDS] __attribute__((aligned(64)));
    vd x0 = load(x), x1 = load(x + WIDTH), t0 = exp_split(x0), t1 = exp_split(x1);
    vw row = low_words(t0, t1) & splat_w(ROW_MASK);
    store_words(offset, row * ROW_BYTES);
    store(y, exp_finish(x0, t0, load_rows(ws_exp_rows, offset)));
    store(y + WIDTH, exp_finish(x1, t1, load_rows(ws_exp_rows, offset + WIDTH)));
}

#endif
