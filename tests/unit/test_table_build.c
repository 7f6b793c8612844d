// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled tables against the exact quantile function at points that no table node knows of, deep into both tails.
#include "tap.h"

#include <float.h>

#include <gsl/gsl_errno.h>

#include "base/error.h"
#include "prior/prior.h"

static struct ws_table_grid *grid;

struct given { // a prior as the tests below list it; scale 0 stands for 1
    const char *family;
    double p[WS_MAX_PARAMETERS];
    double low, high, shift, scale;
};

static struct ws_prior prior_of(const struct given *given) {
    struct ws_prior prior = {.family = ws_family_find(given->family), .low = given->low, .high = given->high};
    prior.shift = given->shift;
    prior.scale = given->scale == 0 ? 1 : given->scale;
    memcpy(prior.p, given->p, sizeof prior.p);
    return prior;
}

// The layout of numeric/table.h, spelled out once more.
static double at(const struct ws_table *table, double v, int upper) {
    int exponent;
    double fraction = 2 * frexp(v, &exponent) - 1;
    size_t octave = (size_t)(exponent + WS_TABLE_OCTAVES);
    size_t segment = (size_t)ldexp(fraction, (int)table->log2_segments);
    size_t row = (((size_t)upper * WS_TABLE_OCTAVES + octave) << table->log2_segments) + segment;
    double s = fraction - ldexp((double)segment, -(int)table->log2_segments);
    const double *c = table->rows[row];
    if (table->kind == WS_TABLE_BROKEN && s >= table->break_at[row])
        c = table->beyond[table->break_row[row]];
    return ((c[3] * s + c[2]) * s + c[1]) * s + c[0];
}

// Uniform in [0, 1), the same at every run.
static double next_random(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) * 0x1p-53;
}

static void check_point(const struct ws_table *table, const struct ws_prior *prior, double spread, double v,
                        int upper) {
    double exact = ws_prior_quantile(prior, v, upper), x = at(table, v, upper);
    double allowed = (1.1 * table->error + 1e-15) * fmax(fabs(exact), spread);
    if (!CHECK_ABS(x, exact, allowed))
        printf("# %s %g %g %g at v %.17g upper %d, table error %.3g\n", prior->family->name, prior->p[0], prior->p[1],
               prior->p[2], v, upper, table->error);
    CHECK(x >= prior->low - 2 * DBL_EPSILON * fabs(prior->low) &&
          x <= prior->high + 2 * DBL_EPSILON * fabs(prior->high));
    if (prior->family->positive && prior->shift >= 0 && prior->scale > 0)
        CHECK(x > 0);
}

static int build(struct ws_table *table, const struct ws_prior *prior) {
    struct ws_error error = {0};
    char text[256];
    if (!CHECK_INT(ws_prior_check(prior, text, sizeof text), 0) ||
        !CHECK_INT(ws_table_build(table, prior, grid, &error), 0)) {
        printf("# %s %g %g: %s\n", prior->family->name, prior->p[0], prior->p[1], error.text);
        return 0;
    }
    return 1;
}

// Half of the points uniform in u, half uniform in ln v; and the ends of the table.
static void check_table(const struct given *given) {
    struct ws_prior prior = prior_of(given);
    struct ws_table table;
    uint64_t random = 1;
    if (!build(&table, &prior))
        return;
    double spread = ws_prior_quantile(&prior, 0.25, 1) - ws_prior_quantile(&prior, 0.25, 0);
    CHECK(table.kind == WS_TABLE_SMOOTH || table.kind == WS_TABLE_BROKEN);
    CHECK(table.log2_segments <= 8 && table.error > 0 && table.error <= 2e-9 + 1e-15);
    CHECK(((uintptr_t)table.rows & 63) == 0 && table.bytes >= (size_t)(64 * WS_TABLE_OCTAVES) << table.log2_segments);
    for (int upper = 0; upper < 2; upper++) {
        for (int i = 0; i < 500; i++) {
            check_point(&table, &prior, spread, 0.5 * next_random(&random), upper);
            check_point(&table, &prior, spread, exp2(-1 - 53 * next_random(&random)), upper);
        }
        check_point(&table, &prior, spread, 0x1p-54, upper);
        check_point(&table, &prior, spread, nextafter(0.5, 0), upper);
    }
    ws_table_finish(&table);
}

#define CHECK_TABLES(list) \
    for (size_t i = 0; i < sizeof(list) / sizeof(list)[0]; i++) \
        check_table(&(list)[i]);

static void test_plain(void) {
    static const struct given list[] = {
        {"uniform", {3, 6}, -INFINITY, INFINITY, 0, 0},
        {"loguniform", {0.1, 10}, -INFINITY, INFINITY, 0, 0},
        {"loguniform", {1e-6, 1e6}, -INFINITY, INFINITY, 0, 0},
        {"normal", {0, 1}, -INFINITY, INFINITY, 0, 0},
        {"normal", {0.38, 0.05}, -INFINITY, INFINITY, 0, 0},
        {"normal", {2027.3, 0.5}, -INFINITY, INFINITY, 0, 0},
        {"lognormal", {19, 0.2}, -INFINITY, INFINITY, 0, 0},
        {"lognormal", {0, 1}, -INFINITY, INFINITY, 0, 0},
        {"lognormal", {0, 3}, -INFINITY, INFINITY, 0, 0},
        {"lognormal", {0, 10}, -INFINITY, INFINITY, 0, 0},
        {"pert", {1.3, 1.45, 1.9, 4}, -INFINITY, INFINITY, 0, 0},
        {"pert", {1, 2, 6, 4}, -INFINITY, INFINITY, 0, 0},
        {"pert", {3, 3, 6, 4}, -INFINITY, INFINITY, 0, 0},
        {"pert", {0, 0.5, 1, 100}, -INFINITY, INFINITY, 0, 0},
        {"beta", {2, 5, 0, 1}, -INFINITY, INFINITY, 0, 0},
        {"beta", {0.1, 0.2, 0, 1}, -INFINITY, INFINITY, 0, 0},
        {"beta", {1000, 3000, 0, 1}, -INFINITY, INFINITY, 0, 0},
        {"beta", {30, 0.3, 5, 7}, -INFINITY, INFINITY, 0, 0},
        {"student_t", {4, 10, 2}, -INFINITY, INFINITY, 0, 0},
        {"student_t", {1, 0, 1}, -INFINITY, INFINITY, 0, 0},
        {"logistic", {5, 0.5}, -INFINITY, INFINITY, 0, 0},
        {"gamma", {3, 2}, -INFINITY, INFINITY, 0, 0},
        {"gamma", {0.1, 1}, -INFINITY, INFINITY, 0, 0},
        {"gamma", {1e4, 1}, -INFINITY, INFINITY, 0, 0},
        {"exponential", {2}, -INFINITY, INFINITY, 0, 0},
        {"weibull", {1.5, 4}, -INFINITY, INFINITY, 0, 0},
        {"weibull", {0.3, 1}, -INFINITY, INFINITY, 0, 0},
        {"gumbel", {10, 2}, -INFINITY, INFINITY, 0, 0},
        {"pareto", {3, 1}, -INFINITY, INFINITY, 0, 0},
        {"pareto", {0.3, 1}, -INFINITY, INFINITY, 0, 0},
        {"arcsine", {-1, 1}, -INFINITY, INFINITY, 0, 0},
        {"gamma", {0.03, 1}, -INFINITY, INFINITY, 0, 0},
        {"student_t", {1e12, 0, 1}, -INFINITY, INFINITY, 0, 0},
    };
    CHECK_TABLES(list)
}

static void test_modified(void) {
    static const struct given list[] = {
        {"normal", {0.8, 0.08}, 0.5, 1, 0, 0},
        {"normal", {0.52, 0.06}, 0, 10, 0, 0},
        {"normal", {0, 1}, 1, 2, 0, 0},
        {"normal", {0, 1}, 5, INFINITY, 0, 0},
        {"normal", {0, 1}, 30, INFINITY, 0, 0},
        {"normal", {0, 1}, -INFINITY, -6, 0, 0},
        {"normal", {0, 1}, -INFINITY, 8, 0, 0},
        {"normal", {0, 1}, -1e-4, 1e-4, 0, 0},
        {"lognormal", {-1.7, 0.49}, -INFINITY, INFINITY, 1, 0},
        {"lognormal", {0, 1}, -INFINITY, INFINITY, 10, -2},
        {"lognormal", {0, 1}, 0.1, 5, 0, 0},
        {"lognormal", {0, 1}, -9, 9.5, 10, -2},
        {"pert", {3, 4.5, 6, 4}, 4, 5, 0, 0},
        {"pert", {3, 4.5, 6, 4}, -INFINITY, 5.9, 0, 0},
        {"beta", {0.5, 0.5, 0, 1}, 0.01, INFINITY, 0, 0},
        {"pareto", {0.5, 1}, 2, 50, 0, 0},
        {"gamma", {3, 2}, 1, INFINITY, -1, 1},
        {"exponential", {2}, -INFINITY, INFINITY, 0, 1e-6},
        {"uniform", {0, 1}, 0.25, 0.5, 0, -1},
    };
    // The last lies outside of [-1, 0] altogether.
    for (size_t i = 0; i + 1 < sizeof list / sizeof list[0]; i++)
        check_table(&list[i]);
    struct ws_prior outside = prior_of(&list[sizeof list / sizeof list[0] - 1]);
    char text[256];
    CHECK(ws_prior_check(&outside, text, sizeof text) != 0);
}

// ---- kinks ----

static void check_kink(const struct given *given, double u) {
    struct ws_prior prior = prior_of(given);
    struct ws_table table;
    check_table(given);
    if (!build(&table, &prior))
        return;
    double spread = ws_prior_quantile(&prior, 0.25, 1) - ws_prior_quantile(&prior, 0.25, 0);
    int upper = u > 0.5;
    double v = upper ? 1 - u : u;
    for (double d = 0x1p-4; d > 1e-14; d /= 2) {
        check_point(&table, &prior, spread, v * (1 - d), upper);
        check_point(&table, &prior, spread, fmin(v * (1 + d), nextafter(0.5, 0)), upper);
    }
    ws_table_finish(&table);
}

static void test_kinks(void) {
    static const struct given plain = {"triangular", {1.08, 1.2, 1.5}, -INFINITY, INFINITY, 0, 0};
    check_kink(&plain, 0.12 / 0.42);
    static const struct given late = {"triangular", {0, 0.9, 1}, -INFINITY, INFINITY, 0, 0};
    check_kink(&late, 0.9);
    static const struct given early = {"triangular", {0, 1e-6, 1}, -INFINITY, INFINITY, 0, 0};
    check_kink(&early, 1e-6);
    static const struct given half = {"triangular", {0, 0.5, 1}, -INFINITY, INFINITY, 0, 0};
    check_kink(&half, 0.5);
    static const struct given octave = {"triangular", {0, 0.25, 1}, -INFINITY, INFINITY, 0, 0};
    check_kink(&octave, 0.25);
    static const struct given beside = {"triangular", {0, 0.25 + 1e-9, 1}, -INFINITY, INFINITY, 0, 0};
    check_kink(&beside, 0.25 + 1e-9);
    static const struct given end = {"triangular", {0, 0, 1}, -INFINITY, INFINITY, 0, 0};
    check_table(&end);
    // Truncated and turned over: what is cut off below 0.05 and above 0.9 of the triangle before it is turned.
    static const struct given turned = {"triangular", {0, 0.3, 1}, -0.9, -0.05, 0, -1};
    double below = 0.05 * 0.05 / 0.3, above = 0.1 * 0.1 / 0.7;
    check_kink(&turned, 1 - (0.3 - below) / (1 - below - above));
}

static void test_kind_of_table(void) {
    struct ws_table table;
    static const struct given kinked = {"triangular", {1.08, 1.2, 1.5}, -INFINITY, INFINITY, 0, 0};
    struct ws_prior prior = prior_of(&kinked);
    if (build(&table, &prior)) {
        CHECK_INT(table.kind, WS_TABLE_BROKEN);
        size_t n_rows = (size_t)(2 * WS_TABLE_OCTAVES) << table.log2_segments, n_broken = 0;
        for (size_t i = 0; i < n_rows; i++)
            n_broken += table.break_at[i] < 2;
        CHECK_INT(n_broken, 1);
        ws_table_finish(&table);
    }
    static const struct given straight = {"uniform", {3, 6}, -INFINITY, INFINITY, 0, 0};
    prior = prior_of(&straight);
    if (build(&table, &prior)) {
        CHECK_INT(table.kind, WS_TABLE_SMOOTH);
        CHECK_INT(table.log2_segments, 0);
        CHECK(table.break_at == NULL && table.error < 1e-12);
        ws_table_finish(&table);
        CHECK(table.rows == NULL);
    }
}

// ---- discrete priors ----

static void test_constant(void) {
    static const struct given given = {"constant", {700}, -INFINITY, INFINITY, 0, 0};
    struct ws_prior prior = prior_of(&given);
    struct ws_table table;
    if (!build(&table, &prior))
        return;
    CHECK_INT(table.kind, WS_TABLE_CONSTANT);
    CHECK(table.constant == 700 && table.error == 0);
    ws_table_finish(&table);
}

static void test_choice(void) {
    static const struct ws_prior_part parts[] = {
        {.label = "a", .weight = 0.5}, {.label = "b", .weight = 0.25}, {.label = "c", .weight = 0.25}};
    static const struct given given = {"choice", {0}, -INFINITY, INFINITY, 0, 0};
    struct ws_prior prior = prior_of(&given);
    struct ws_table table;
    prior.parts = parts;
    prior.n_parts = 3;
    if (!build(&table, &prior))
        return;
    CHECK_INT(table.kind, WS_TABLE_STEPS);
    CHECK_INT(table.n_steps, 3);
    CHECK(table.values[0] == 0 && table.values[1] == 1 && table.values[2] == 2);
    CHECK(table.thresholds[0] == 0.5 && table.thresholds[1] == 0.75);
    ws_table_finish(&table);
    prior.n_parts = 1;
    if (build(&table, &prior)) {
        CHECK_INT(table.kind, WS_TABLE_CONSTANT);
        CHECK(table.constant == 0);
    }
}

// ---- digests and refusals ----

static void digest_of(const struct given *given, char hex[65]) {
    struct ws_prior prior = prior_of(given);
    struct ws_table table;
    strcpy(hex, "none");
    if (build(&table, &prior)) {
        ws_table_digest(&table, hex);
        ws_table_finish(&table);
    }
}

static void test_digest(void) {
    static const struct given a = {"triangular", {0, 0.3, 1}, -INFINITY, INFINITY, 0, 0};
    static const struct given b = {"triangular", {0, 0.3000001, 1}, -INFINITY, INFINITY, 0, 0};
    static const struct given c = {"constant", {1}, -INFINITY, INFINITY, 0, 0};
    static const struct given d = {"constant", {2}, -INFINITY, INFINITY, 0, 0};
    char first[65], again[65], other[65];
    digest_of(&a, first);
    digest_of(&a, again);
    digest_of(&b, other);
    CHECK_INT(strlen(first), 64);
    CHECK_STR(again, first);
    CHECK(strcmp(first, other) != 0);
    digest_of(&c, first);
    digest_of(&d, other);
    CHECK(strcmp(first, other) != 0);
}

static void check_refused(const struct given *given) {
    struct ws_prior prior = prior_of(given);
    struct ws_table table;
    struct ws_error error = {0};
    CHECK_INT(ws_table_build(&table, &prior, grid, &error), WS_ERROR_STUDY);
    CHECK(strncmp(error.text, given->family, strlen(given->family)) == 0);
}

static void test_refusals(void) {
    // exp(100 z) and v^(-1/0.03) overflow; 1e-12 of a standard deviation is 1e4 steps of the cdf wide; x = v^100.
    static const struct given list[] = {
        {"lognormal", {0, 100}, -INFINITY, INFINITY, 0, 0},
        {"pareto", {0.03, 1}, -INFINITY, INFINITY, 0, 0},
        {"normal", {0, 1}, -1e-12, 1e-12, 0, 0},
        {"beta", {0.01, 3, 0, 1}, -INFINITY, INFINITY, 0, 0},
    };
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
        check_refused(&list[i]);
}

int main(void) {
    gsl_set_error_handler_off();
    grid = ws_table_grid_create();
    if (!grid)
        return 1;
    RUN(test_plain);
    RUN(test_modified);
    RUN(test_kinks);
    RUN(test_kind_of_table);
    RUN(test_constant);
    RUN(test_choice);
    RUN(test_digest);
    RUN(test_refusals);
    ws_table_grid_destroy(grid);
    return tap_done();
}
