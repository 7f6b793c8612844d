// SPDX-License-Identifier: GPL-3.0-or-later
// Unit tests in one header: checks that may hold statistical assertions, one TAP line per test function.
//
//     static void test_sum(void) { CHECK_INT(1 + 1, 2); }
//     int main(void) { RUN(test_sum); return tap_done(); }
//
// A failed check says where it stands and both values, and the test goes on. Every check is also an expression: 1 if it
// held, 0 if not, for `if (!CHECK(study != NULL)) return;`. A test function without a single check fails, and so does
// a program without a test: nothing passes by having been skipped unseen.
#ifndef WS_TESTS_TAP_H
#define WS_TESTS_TAP_H

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    int tests, failed_tests; // functions given to RUN
    long checks, failures;   // within the function that runs
} tap;

enum { TAP_SHOWN = 20 }; // failures of one function that are printed; a loop over a million draws may fail at each

static inline int tap_result(int held, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static inline int tap_result(int held, const char *file, int line, const char *format, ...) {
    tap.checks++;
    if (held)
        return 1;
    if (++tap.failures <= TAP_SHOWN) {
        printf("# %s:%d: ", file, line);
        va_list args;
        va_start(args, format);
        vprintf(format, args);
        va_end(args);
        putchar('\n');
    }
    return 0;
}

static inline int tap_text(const char *file, int line, const char *what, const char *found, const char *wanted) {
    int held = found == wanted || (found && wanted && strcmp(found, wanted) == 0);
    return tap_result(held, file, line, "%s is \"%s\", wanted \"%s\"", what, found ? found : "(null)",
                      wanted ? wanted : "(null)");
}

// Equal values (infinities, too) are within any tolerance; a NaN is within none.
static inline int tap_near(const char *file, int line, const char *what, double found, double wanted, double allowed) {
    int held = found == wanted || fabs(found - wanted) <= allowed;
    return tap_result(held, file, line, "%s is %.17g, wanted %.17g +- %.3g, off by %.3g", what, found, wanted, allowed,
                      found - wanted);
}

static inline int tap_z(const char *file, int line, const char *what, double estimate, double truth, double se,
                        double z_max) {
    int held = se > 0 && fabs(estimate - truth) <= z_max * se;
    return tap_result(held, file, line,
                      "%s is %.10g, wanted %.10g: %.2f standard errors of %.3g off, at most %g allowed", what, estimate,
                      truth, (estimate - truth) / se, se, z_max);
}

static inline int tap_integer(const char *file, int line, const char *what, long long found, long long wanted) {
    return tap_result(found == wanted, file, line, "%s is %lld, wanted %lld", what, found, wanted);
}

#define CHECK(condition) tap_result(!!(condition), __FILE__, __LINE__, "%s does not hold", #condition)
// For any integers that fit 64 bits (an unsigned one above 2^63 is compared, and shown, modulo 2^64).
#define CHECK_INT(found, wanted) tap_integer(__FILE__, __LINE__, #found, (long long)(found), (long long)(wanted))
#define CHECK_STR(found, wanted) tap_text(__FILE__, __LINE__, #found, (found), (wanted))
// |found - wanted| <= tolerance * |wanted|; tolerance 0 asks for equal values.
#define CHECK_REL(found, wanted, tolerance) \
    tap_near(__FILE__, __LINE__, #found, (found), (wanted), (tolerance)*fabs(wanted))
#define CHECK_ABS(found, wanted, tolerance) tap_near(__FILE__, __LINE__, #found, (found), (wanted), (tolerance))
// |estimate - truth| <= z_max standard errors; se must be positive.
#define CHECK_Z(estimate, truth, se, z_max) tap_z(__FILE__, __LINE__, #estimate, (estimate), (truth), (se), (z_max))

#define RUN(function) tap_run(#function, function)

static inline void tap_run(const char *name, void (*function)(void)) {
    tap.checks = tap.failures = 0;
    function();
    int passed = tap.checks > 0 && tap.failures == 0;
    if (tap.checks == 0)
        printf("# %s checks nothing\n", name);
    if (tap.failures > TAP_SHOWN)
        printf("# and %ld more failures\n", tap.failures - TAP_SHOWN);
    printf("%sok %d - %s (%ld checks)\n", passed ? "" : "not ", ++tap.tests, name, tap.checks);
    tap.failed_tests += !passed;
    fflush(stdout);
}

// Where the whole program cannot run here: `if (...) return tap_skip("needs AVX2");` before the first RUN.
static inline int tap_skip(const char *reason) {
    printf("1..0 # SKIP %s\n", reason);
    return EXIT_SUCCESS;
}

// Ends the TAP stream; the exit status for main.
static inline int tap_done(void) {
    printf("1..%d\n", tap.tests);
    if (tap.tests == 0)
        printf("Bail out! no test was run\n");
    return tap.tests > 0 && tap.failed_tests == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
