// SPDX-License-Identifier: GPL-3.0-or-later
// Exact sums against integers, against themselves in other orders, and at the edges of the double format.
#include "numeric/exact_sum.h"

#include <float.h>

#include "tap.h"

static uint64_t random_state = 1;

// splitmix64
static uint64_t random_bits(void) {
    uint64_t z = random_state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

// Any finite double, all exponents alike.
static double random_double(void) {
    double x;
    do {
        uint64_t bits = random_bits();
        memcpy(&x, &bits, sizeof x);
    } while (!isfinite(x));
    return x;
}

static double sum_of(const double *x, size_t n) {
    struct ws_exact_sum sum = {0};
    for (size_t i = 0; i < n; i++)
        ws_exact_add(&sum, x[i]);
    return ws_exact_value(&sum);
}
#define SUM(...) sum_of((const double[]){__VA_ARGS__}, sizeof(double[]){__VA_ARGS__} / sizeof(double))

#define CHECK_SAME(found, wanted) CHECK_REL(found, (double)(wanted), 0)

__extension__ typedef __int128 wide_integer;

// The nearest double to value * 2^-40, by the compiler's own conversion of 128-bit integers.
static double scaled(wide_integer value) { return ldexp((double)value, -40); }

static void test_against_integers(void) {
    for (int round = 0; round < 2000; round++) {
        struct ws_exact_sum sum = {0};
        wide_integer truth = 0;
        int n = 1 + (int)(random_bits() % 300);
        for (int i = 0; i < n; i++) {
            int64_t mantissa = (int64_t)random_bits() >> 11; // 53 bits and a sign
            unsigned shift = (unsigned)(random_bits() % 60);
            truth += (wide_integer)mantissa * ((wide_integer)1 << shift);
            ws_exact_add(&sum, ldexp((double)mantissa, (int)shift - 40));
        }
        CHECK_SAME(ws_exact_value(&sum), scaled(truth));
    }
}

static void test_single_values(void) {
    for (int i = 0; i < 100000; i++) {
        double x = random_double();
        CHECK_SAME(SUM(x), x);
    }
    CHECK_SAME(SUM(DBL_MAX), DBL_MAX);
    CHECK_SAME(SUM(-DBL_MAX), -DBL_MAX);
    CHECK_SAME(SUM(0x1p-1074), 0x1p-1074);
    CHECK_SAME(SUM(DBL_MIN, -0x1p-1074), DBL_MIN - 0x1p-1074);
    CHECK_SAME(sum_of(NULL, 0), 0);
    CHECK(!signbit(SUM(-0.0, -0.0)));
}

static void test_cancellation(void) {
    CHECK_SAME(SUM(1e308, 1, -1e308), 1);
    CHECK_SAME(SUM(1e308, 1e308, 1e308, -1e308, -1e308, 0x1p-1074), 1e308);
    CHECK_SAME(SUM(1e308, 0x1p-1074, -1e308), 0x1p-1074);
    CHECK_SAME(SUM(1, 1e-300, -1), 1e-300);
    CHECK_SAME(SUM(-1, 0x1p-53, 0x1p-53), -1 + 0x1p-52);
}

static void test_rounding(void) {
    CHECK_SAME(SUM(1, 0x1p-53), 1); // halfway: to even
    CHECK_SAME(SUM(1 + 0x1p-52, 0x1p-53), 1 + 0x1p-51);
    CHECK_SAME(SUM(1, 0x1p-53, 0x1p-1074), 1 + 0x1p-52);
    CHECK_SAME(SUM(1 + 0x1p-52, 0x1p-53, -0x1p-1074), 1 + 0x1p-52);
    CHECK_SAME(SUM(-1, -0x1p-53, -0x1p-1074), -1 - 0x1p-52);
    CHECK_SAME(SUM(0x1p53, 0x1p53, -0x1p-1074), 0x1p54); // just below a power of two
    CHECK(SUM(DBL_MAX, DBL_MAX) == INFINITY);
    CHECK(SUM(DBL_MAX, 0x1p969) == DBL_MAX);
    CHECK(SUM(DBL_MAX, 0x1p970) == INFINITY); // halfway to 2^1024
    CHECK(SUM(-DBL_MAX, -0x1p970) == -INFINITY);
}

static void test_specials(void) {
    CHECK(isnan(SUM(1, NAN, 2)));
    CHECK(SUM(1, INFINITY) == INFINITY);
    CHECK(SUM(1, -INFINITY, -INFINITY) == -INFINITY);
    CHECK(isnan(SUM(INFINITY, -INFINITY)));
    struct ws_exact_sum a = {0}, b = {0};
    ws_exact_add(&a, 3);
    ws_exact_add(&b, INFINITY);
    ws_exact_merge(&a, &b);
    CHECK(ws_exact_value(&a) == INFINITY);
    ws_exact_subtract(&a, &b);
    CHECK_SAME(ws_exact_value(&a), 3);
}

// The same terms in any order and any grouping give the same bytes.
static void test_canonical_form(void) {
    enum { TERMS = 500, PARTS = 7 };
    double x[TERMS];
    for (int round = 0; round < 50; round++) {
        struct ws_exact_sum whole = {0}, merged = {0}, part[PARTS];
        memset(part, 0, sizeof part);
        for (int i = 0; i < TERMS; i++)
            ws_exact_add(&whole, x[i] = random_double());
        for (int i = TERMS; i-- > 0;) {
            size_t j = random_bits() % ((size_t)i + 1);
            ws_exact_add(&part[random_bits() % PARTS], x[j]);
            x[j] = x[i];
        }
        for (int k = 0; k < PARTS; k++) {
            if (random_bits() & 1)
                ws_exact_normalise(&part[k]);
            ws_exact_merge(&merged, &part[k]);
        }
        CHECK_SAME(ws_exact_value(&merged), ws_exact_value(&whole));
        ws_exact_normalise(&whole);
        ws_exact_normalise(&merged);
        CHECK(memcmp(&whole, &merged, sizeof whole) == 0);
        ws_exact_subtract(&merged, &whole);
        ws_exact_normalise(&merged);
        struct ws_exact_sum zero = {0};
        CHECK(memcmp(&merged, &zero, sizeof zero) == 0);
    }
}

// Many merges of sums that were never normalised stay within 64-bit limbs.
static void test_many_merges(void) {
    struct ws_exact_sum sum = {0}, doubled = {0};
    ws_exact_add(&doubled, 0x1.fffffffffffffp+10);
    for (int i = 0; i < 60; i++) {
        sum = doubled;
        ws_exact_merge(&doubled, &sum);
    }
    CHECK_SAME(ws_exact_value(&doubled), 0x1.fffffffffffffp+70);
    for (int i = 0; i < 60; i++) { // and back, by halves that were normalised
        struct ws_exact_sum half = {0};
        ws_exact_add(&half, -ldexp(0x1.fffffffffffffp+69, -i));
        ws_exact_normalise(&half);
        ws_exact_merge(&doubled, &half);
    }
    CHECK_SAME(ws_exact_value(&doubled), 0x1.fffffffffffffp+10);
}

int main(void) {
    RUN(test_against_integers);
    RUN(test_single_values);
    RUN(test_cancellation);
    RUN(test_rounding);
    RUN(test_specials);
    RUN(test_canonical_form);
    RUN(test_many_merges);
    return tap_done();
}
