// SPDX-License-Identifier: GPL-3.0-or-later
// Elementary functions of vectors that are faster than SLEEF's: ln x, log10 x, e^x, tanh x, erf x and x^y by tables of
// 128 rows, of two vectors at a time, since that is what the words of their rows' numbers fill. Within so many units in
// the last place: e^x 0.52, ln x 0.63, log10 x 0.6, tanh x and erf x 1.01, x^y 0.54; what is out of their range
// (infinite, NaN, subnormal, not positive) is left to SLEEF, but for tanh and erf, which have none.
#ifndef WS_NUMERIC_FUNCTIONS_H
#define WS_NUMERIC_FUNCTIONS_H

#include "numeric/elementary.h"
#include "numeric/vec.h"

enum { FUNCTION_WORDS = 2 * WIDTH, ROW_BYTES = 4 * sizeof(double), ROW_MASK = WS_ELEMENTARY_ROWS - 1 };

// The leading 26 bits, of which products are exact.
INLINE vd leading_half(vd x) { return (vd)((vu)x & splat_u(~(uint64_t)0x7ffffff)); }

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

struct two { // their unrounded sum
    vd high, low;
};

INLINE vm has_log(vd x) { return (x >= 0x1p-1022) & (x <= 0x1.fffffffffffffp1023); }

INLINE struct two log_sum(vd x, struct log_parts p, struct cubics row) {
    vd z = (vd)((vu)x - (((p.bits >> 52) - 1024) << 52));
    vd high = (vd)((vu)z & splat_u(~(uint64_t)UINT32_MAX)), r = (high * row.c0 - 1) + (z - high) * row.c0;
    vd whole = p.k * 0x1.62e42fefa38p-1 + row.c1, rest = p.k * 0x1.ef35793c7673p-45 + row.c2;
    vd sum = whole + r, low = (whole - sum) + r + rest, r2 = r * r;
    vd series = (r * (1.0 / 3) - 0.5) + r2 * ((r * 0.2 - 0.25) + r2 * (r * (1.0 / 7) - 1.0 / 6));
    return (struct two){sum, low + r2 * series};
}

INLINE vd log_finish(vd x, struct log_parts p, struct cubics row) {
    struct two ln = log_sum(x, p, row);
    vd y = ln.high + ln.low;
    return some(~has_log(x)) ? blend(has_log(x), y, SLEEF_1(log, x)) : y;
}

// Times 1 / ln 10, whose leading bits' product with the leading half is exact.
INLINE vd log10_finish(vd x, struct log_parts p, struct cubics row) {
    struct two ln = log_sum(x, p, row);
    const double leading = 0x1.bcb7b10000000p-2, rest = 0x1.49b9438ca9aaep-28;
    vd half = leading_half(ln.high);
    vd y = half * leading + (((ln.high - half) * leading + ln.high * rest) + ln.low * (leading + rest));
    return some(~has_log(x)) ? blend(has_log(x), y, SLEEF_1(log10, x)) : y;
}

// Where the rows of two vectors are, and ln x by them.
INLINE void log_locate_two(const double *x, uint32_t *offset) {
    struct log_parts p0 = log_split(load(x)), p1 = log_split(load(x + WIDTH));
    vw row = low_words((vd)(p0.bits >> 45), (vd)(p1.bits >> 45)) & splat_w(ROW_MASK);
    store_words(offset, row * ROW_BYTES);
}
INLINE void log_of_two(const double *x, const uint32_t *offset, double *y) {
    vd x0 = load(x), x1 = load(x + WIDTH);
    store(y, log_finish(x0, log_split(x0), load_rows(ws_log_rows, offset)));
    store(y + WIDTH, log_finish(x1, log_split(x1), load_rows(ws_log_rows, offset + WIDTH)));
}
INLINE void log10_of_two(const double *x, const uint32_t *offset, double *y) {
    vd x0 = load(x), x1 = load(x + WIDTH);
    store(y, log10_finish(x0, log_split(x0), load_rows(ws_log_rows, offset)));
    store(y + WIDTH, log10_finish(x1, log_split(x1), load_rows(ws_log_rows, offset + WIDTH)));
}

// x = (n / 128) ln 2 + r, |r| < ln 2 / 256: e^x = 2^(n / 128) e^r. n stands in the low bits of the sum with 1.5 2^52.
INLINE vd exp_split(vd x) { return x * 0x1.71547652b82fep7 + 0x1.8p52; }

// 2^(n / 128) e^(r + more), r from x.
INLINE vd exp_series(vd x, vd more, vd shifted, struct cubics row) {
    vd n = shifted - 0x1.8p52, r = (x - n * 0x1.62e42fef8p-8) - (n * 0x1.1cf79abc9e3b4p-43 - more), r2 = r * r;
    vd series = r + r2 * ((r * (1.0 / 6) + 0.5) + r2 * (r * (1.0 / 120) + 1.0 / 24));
    vd y = row.c0 + (row.c1 + row.c0 * series);
    return (vd)((vu)y + ((vu)shifted >> 7 << 52));
}

INLINE vd exp_finish(vd x, vd shifted, struct cubics row) {
    vd y = exp_series(x, splat(0), shifted, row);
    vm ordinary = magnitude(x) < 708;
    return some(~ordinary) ? blend(ordinary, y, SLEEF_1(exp, x)) : y;
}

INLINE void exp_locate_two(const double *x, uint32_t *offset) {
    vw row = low_words(exp_split(load(x)), exp_split(load(x + WIDTH))) & splat_w(ROW_MASK);
    store_words(offset, row * ROW_BYTES);
}
INLINE void exp_of_two(const double *x, const uint32_t *offset, double *y) {
    vd x0 = load(x), x1 = load(x + WIDTH);
    store(y, exp_finish(x0, exp_split(x0), load_rows(ws_exp_rows, offset)));
    store(y + WIDTH, exp_finish(x1, exp_split(x1), load_rows(ws_exp_rows, offset + WIDTH)));
}

// ---- tanh x ----

// tanh x = q / (q + 2), q = e^(2 |x|) - 1 to about 2^-63. From |x| = 32 on it is 1.
INLINE vd tanh_argument(vd x) { return smaller(magnitude(x) * 2, splat(64)); }

INLINE struct two exp_less_one(vd t, struct cubics row) {
    vd shifted = exp_split(t), n = shifted - 0x1.8p52, scale = (vd)((vu)splat(1) + ((vu)shifted >> 7 << 52));
    vd near = t - n * 0x1.62e42fef8p-8, far = n * 0x1.1cf79abc9e3b4p-43, r = near - far, r_low = (near - r) - far;
    vd r2 = r * r, tail = r2 * ((r * (1.0 / 6) + 0.5) + r2 * ((r2 * (1.0 / 720) + r * (1.0 / 120)) + 1.0 / 24));
    vd whole = scale * row.c0 - 1, sum = whole + r;
    vd rest = ((whole - sum) + r) + (tail + (whole * (r + tail) + (scale * row.c1 * (1 + r) + r_low))), q = sum + rest;
    return (struct two){q, (sum - q) + rest};
}

INLINE vd tanh_finish(vd x, struct cubics row) {
    struct two q = exp_less_one(tanh_argument(x), row);
    vd d = q.high + 2, of_q = d - 2, d_low = (2 - (d - of_q)) + (q.high - of_q);
    vd y = q.high / d, less = 1 - y; // = 2 / (q + 2)
    y += (q.low * less - y * d_low) * (less * 0.5);
    return blend(x == x, with_sign_of(y, x), x);
}

INLINE void tanh_locate_two(const double *x, uint32_t *offset) {
    vd t0 = tanh_argument(load(x)), t1 = tanh_argument(load(x + WIDTH));
    store_words(offset, (low_words(exp_split(t0), exp_split(t1)) & splat_w(ROW_MASK)) * ROW_BYTES);
}
INLINE void tanh_of_two(const double *x, const uint32_t *offset, double *y) {
    vd x0 = load(x), x1 = load(x + WIDTH);
    store(y, tanh_finish(x0, load_rows(ws_exp_rows, offset)));
    store(y + WIDTH, tanh_finish(x1, load_rows(ws_exp_rows, offset + WIDTH)));
}

// ---- erf x ----

// With |x| = m + r, m the multiple of 3/64 next to it, |r| < 3/128: erf |x| = erf m + r + r p(r). The row has erf m,
// the coefficients of p, and in the low half of the last one's bits the leading half of what erf m was rounded by. As
// the slope less 1 is small where erf is, the errors of p hardly count. From 127 multiples on it is 1.
INLINE vd erf_argument(vd x) { return smaller(magnitude(x), splat(127 * 0x3p-6)); }
INLINE vd erf_split(vd t) { return t * (64.0 / 3) + 0x1.8p52; }

INLINE vd erf_finish(vd x, const uint32_t *offset) {
    struct cubics row = load_rows(ws_erf_rows, offset), more = load_rows(ws_erf_rows[0] + 4, offset);
    vd t = erf_argument(x), r = t - (erf_split(t) - 0x1.8p52) * 0x3p-6, r2 = r * r;
    vd p = (row.c1 + r * row.c2) + r2 * ((row.c3 + r * more.c0) + r2 * ((more.c1 + r * more.c2) + r2 * more.c3));
    vd sum = row.c0 + r, rest = ((row.c0 - sum) + r) + (vd)((vu)more.c3 << 32);
    return blend(x == x, with_sign_of(sum + (rest + r * p), x), x);
}

INLINE void erf_locate_two(const double *x, uint32_t *offset) {
    vd t0 = erf_argument(load(x)), t1 = erf_argument(load(x + WIDTH));
    store_words(offset, low_words(erf_split(t0), erf_split(t1)) * (2 * ROW_BYTES));
}
INLINE void erf_of_two(const double *x, const uint32_t *offset, double *y) {
    store(y, erf_finish(load(x), offset));
    store(y + WIDTH, erf_finish(load(x + WIDTH), offset + WIDTH));
}

// ---- x^y ----

// ln x to about 2^-66: as log_finish does it, but with the rounding errors of r (Knuth), of the sums (Dekker) and of
// the square kept.
INLINE struct two log_exact(vd x, struct log_parts p, struct cubics row) {
    vd z = (vd)((vu)x - (((p.bits >> 52) - 1024) << 52));
    vd high = (vd)((vu)z & splat_u(~(uint64_t)UINT32_MAX)), a = high * row.c0 - 1, b = (z - high) * row.c0;
    vd r = a + b, of_b = r - a, r_low = (a - (r - of_b)) + (b - of_b), r2 = r * r;
    vd whole = p.k * 0x1.62e42fefa38p-1 + row.c1, rest = p.k * 0x1.ef35793c7673p-45 + row.c2;
    vd half = leading_half(r), square = half * half * -0.5, square_low = (r + half) * (r - half) * -0.5;
    vd sum1 = whole + r, low1 = (whole - sum1) + r, sum2 = sum1 + square, low2 = (sum1 - sum2) + square;
    vd series = (r * -0.25 + 1.0 / 3) + r2 * ((r * (-1.0 / 6) + 0.2) + r2 * (r * -0.125 + 1.0 / 7));
    vd low = (low1 + low2) + (square_low + rest) + r_low * (1 - r) + r * r2 * series;
    vd y = sum2 + low;
    return (struct two){y, (sum2 - y) + low};
}

INLINE struct two times_exact(vd y, struct two x) {
    vd product = y * x.high, y1 = leading_half(y), x1 = leading_half(x.high), y2 = y - y1, x2 = x.high - x1;
    return (struct two){product, (((y1 * x1 - product) + y1 * x2) + y2 * x1) + y2 * x2 + y * x.low};
}

// What becomes of draws on their way from x and y to x^y: their rows' offsets, and ln x, then y ln x as the sum of two.
struct pow_rows {
    uint32_t *offset;
    double *high, *low;
};

INLINE struct two load_two(struct pow_rows at, size_t k) { return (struct two){load(at.high + k), load(at.low + k)}; }
INLINE void store_two(struct pow_rows at, size_t k, struct two x) {
    store(at.high + k, x.high);
    store(at.low + k, x.low);
}

// The logarithms of two vectors by the offsets of their rows.
INLINE void pow_log_two(const double *x, struct pow_rows at) {
    vd x0 = load(x), x1 = load(x + WIDTH);
    store_two(at, 0, log_exact(x0, log_split(x0), load_rows(ws_log_rows, at.offset)));
    store_two(at, WIDTH, log_exact(x1, log_split(x1), load_rows(ws_log_rows, at.offset + WIDTH)));
}

// Their products with y, from logarithms that may be a constant's, and the offsets of the rows of exp.
INLINE void pow_times_two(const double *y, struct pow_rows logs, struct pow_rows at) {
    struct two e0 = times_exact(load(y), load_two(logs, 0)), e1 = times_exact(load(y + WIDTH), load_two(logs, WIDTH));
    store_two(at, 0, e0);
    store_two(at, WIDTH, e1);
    store_words(at.offset, (low_words(exp_split(e0.high), exp_split(e1.high)) & splat_w(ROW_MASK)) * ROW_BYTES);
}

INLINE vd pow_finish(vd x, vd y, struct two exponent, struct cubics row) {
    vd z = exp_series(exponent.high, exponent.low, exp_split(exponent.high), row);
    vm ordinary = has_log(x) & (magnitude(exponent.high) < 708);
    return some(~ordinary) ? blend(ordinary, z, SLEEF_2(pow, x, y)) : z;
}
INLINE void pow_finish_two(const double *x, const double *y, struct pow_rows at, double *z) {
    struct cubics row0 = load_rows(ws_exp_rows, at.offset), row1 = load_rows(ws_exp_rows, at.offset + WIDTH);
    store(z, pow_finish(load(x), load(y), load_two(at, 0), row0));
    store(z + WIDTH, pow_finish(load(x + WIDTH), load(y + WIDTH), load_two(at, WIDTH), row1));
}

#endif
