// SPDX-License-Identifier: GPL-3.0-or-later
// Mixtures: the compiled table of each against the weighted sum of its parts' closed-form cdfs, written down here with
// erf and exp alone; gaps, atoms, nesting, modifiers; every kernel against the table read at one point.
#include "tap.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "numeric/kernels.h"
#include "prior/prior.h"
#include "study/prior_parse.h"

static double normal(double x, double mean, double sd) { return 0.5 * erfc((mean - x) / sd / sqrt(2)); }
static double lognormal(double x, double median, double sigma) { return x > 0 ? normal(log(x / median), 0, sigma) : 0; }
static double uniform(double x, double low, double high) { return fmin(fmax((x - low) / (high - low), 0), 1); }
static double exponential(double x, double mean) { return x > 0 ? -expm1(-x / mean) : 0; }

static double two_far(double x) { return 0.5 * normal(x, 0, 1) + 0.5 * normal(x, 100, 1); }
static double two_near(double x) { return 0.7 * normal(x, 0, 1) + 0.3 * normal(x, 2.5, 0.5); }
static double a_few_far(double x) { return (1e-4 * normal(x, 1000, 1) + normal(x, 1, 0.25)) / 1.0001; }
static double boxes(double x) { return 0.6 * uniform(x, 0, 1) + 0.2 * (x >= 5) + 0.2 * uniform(x, 2, 3); }
static double atoms(double x) { return (1 * (x >= 1) + 2 * (x >= 3)) / 3.; }
static double nested(double x) {
    return 0.25 * lognormal(x, 4, 0.3) +
           0.75 * (0.2 * exponential(x, 2) + 0.8 * (0.5 * uniform(x, 1, 9) + 0.5 * normal(x, 3, 0.1)));
}
static double nested_cut(double x) { // truncated to [2, 8] before it is read, then -2 x + 1
    double y = (x - 1) / -2;
    return 1 - fmin(fmax((nested(y) - nested(2)) / (nested(8) - nested(2)), 0), 1);
}

// A part's tail that ends in nothing where another part, however deep it stands, is cut off whole.
static double kept(double x) { // of N(1, 0.3) up to 3.25, and the value 2
    double tail = 0.5 * erfc((3.25 - 1) / 0.3 / sqrt(2)), n = x < 3.25 ? normal(x, 1, 0.3) : 1 - tail;
    return (2 * n + (x >= 2)) / (3 - 2 * tail);
}
static double kept_mirrored(double x) { return 1 - kept(fmax((1 - x) / 2, -9)); } // -2 x + 1

#define NESTED \
    "mixture: [{weight: 1, lognormal: {median: 4, gsd: 1.3498588075760032}}, {weight: 3, label: rest, mixture: [" \
    "{weight: 2, exponential: {mean: 2}}, {weight: 8, mixture: [{uniform: {min: 1, max: 9}}, " \
    "{normal: {mean: 3, sd: 0.1}}]}]}]"

static const struct {
    const char *text;
    double (*cdf)(double x);
    double mean, variance;
} cases[] = {
    {"{mixture: [{weight: 2, normal: {mean: 0, sd: 1}}, {weight: 2, normal: {mean: 100, sd: 1}}]}", two_far, 50, 2501},
    {"{mixture: [{weight: 7, normal: {mean: 0, sd: 1}}, {weight: 3, normal: {mean: 2.5, sd: 0.5}}]}", two_near, 0.75,
     0.7 * (1 + 0.75 * 0.75) + 0.3 * (0.25 + 1.75 * 1.75)},
    {"{mixture: [{weight: 1e-4, normal: {mean: 1000, sd: 1}}, {normal: {mean: 1, sd: 0.25}}]}", a_few_far, 1.1 / 1.0001,
     (1e-4 * 1000001 + 1.0625) / 1.0001 - (1.1 / 1.0001) * (1.1 / 1.0001)},
    {"{mixture: [{weight: 3, uniform: {min: 0, max: 1}}, {prior: 5}, {uniform: {min: 2, max: 3}}]}", boxes, 1.8,
     0.6 * (1. / 3) + 0.2 * 25 + 0.2 * (6.25 + 1. / 12) - 1.8 * 1.8},
    {"{mixture: [1, {weight: 2, prior: 3}]}", atoms, 7. / 3, 19. / 3 - 49. / 9},
    {"{" NESTED "}", nested, NAN, NAN},
    {"{" NESTED ", truncate: [-15, -3], scale: -2, shift: 1}", nested_cut, NAN, NAN},
    {"{mixture: [{weight: 2, normal: {mean: 1, sd: 0.3}}, 2, {mixture: [{uniform: {min: 4, max: 5}}, 5], shift: 1}], "
     "truncate: [null, 3.25]}",
     kept, NAN, NAN},
    {"{mixture: [{weight: 2, normal: {mean: 1, sd: 0.3}}, 2, {mixture: [{uniform: {min: 4, max: 5}}, 5], shift: 1}], "
     "truncate: [-5.5, null], scale: -2, shift: 1}",
     kept_mirrored, NAN, NAN},
};
enum { CASES = sizeof cases / sizeof *cases };

static struct ws_table_grid *grid;

static int compile(const char *text, struct ws_arena *arena, const struct ws_prior **prior, struct ws_table *table) {
    struct ws_messages messages = {.arena = arena};
    struct ws_error error = {0};
    const struct ws_node *node =
        ws_node_parse(text, strlen(text), (struct ws_place){"prior", 1, 1}, 1, arena, &messages);
    *prior = node ? ws_prior_parse(node, "input 'x'", arena, &messages) : NULL;
    if (!CHECK(*prior != NULL) || !CHECK_INT(ws_table_build(table, *prior, grid, &error), 0)) {
        printf("# %s: %s%s\n", text, messages.count ? messages.items[0].text : "", error.text);
        return -1;
    }
    CHECK(table->error <= 2.1e-9);
    return 0;
}

// F(x -) <= u <= F(x) up to what the table's error and rounding move.
static void check_point(size_t k, const struct ws_table *table, double v, int upper, double spread) {
    double x = ws_table_at(table, v, upper), slack = 4e-9 * fmax(fabs(x), spread);
    double low = cases[k].cdf(x - slack), high = cases[k].cdf(x + slack), u = upper ? 1 - v : v;
    if (!CHECK(low <= u + 1e-12) || !CHECK(high >= u - 1e-12))
        printf("# %s\n# u %.17g x %.17g F %.17g .. %.17g\n", cases[k].text, u, x, low, high);
}

static void test_tables(void) {
    for (size_t k = 0; k < CASES; k++) {
        struct ws_arena *arena = ws_arena_create();
        const struct ws_prior *prior;
        struct ws_table table = {0};
        if (compile(cases[k].text, arena, &prior, &table) == 0) {
            double spread = ws_prior_quantile(prior, 0.25, 1) - ws_prior_quantile(prior, 0.25, 0);
            for (uint32_t i = 1; i < 4000; i++)
                check_point(k, &table, 0.5 * (i * UINT32_C(2654435769) + 0.5) * 0x1p-32, i & 1, spread);
            for (int e = 5; e < 45; e++) // towards the tails
                for (int side = 0; side < 2; side++)
                    check_point(k, &table, ldexp(0.7, -e), side, spread);
            if (!isnan(cases[k].mean)) {
                CHECK_REL(ws_prior_mean(prior), cases[k].mean, 1e-12);
                CHECK_REL(ws_prior_sd(prior) * ws_prior_sd(prior), cases[k].variance, 1e-12);
            }
        }
        ws_table_finish(&table);
        ws_arena_destroy(arena);
    }
}

static void test_kernels(void) {
    struct ws_kernels const *all[WS_MOST_ISAS];
    size_t n = ws_kernels_all(all);
    for (size_t k = 0; k < CASES; k++) {
        struct ws_arena *arena = ws_arena_create();
        const struct ws_prior *prior;
        struct ws_table table = {0};
        size_t differ = 0;
        if (compile(cases[k].text, arena, &prior, &table) == 0)
            for (uint32_t block = 0; block < 64; block++)
                for (size_t j = 0; j < n; j++) {
                    _Alignas(64) uint32_t words[WS_BLOCK];
                    _Alignas(64) double x[WS_ROW_STRIDE];
                    for (uint32_t i = 0; i < WS_BLOCK; i++)
                        words[i] = block < 32 ? (block * WS_BLOCK + i) * UINT32_C(2654435769)
                                              : (UINT32_C(1) << 31) + (i - 256) * (1u << (block - 32) / 2);
                    all[j]->draw(&table, words, x);
                    for (uint32_t i = 0; i < WS_BLOCK; i++) {
                        uint32_t upper = words[i] >> 31, cell = upper ? ~words[i] : words[i];
                        differ += x[i] != ws_table_at(&table, (cell + 0.5) * 0x1p-32, (int)upper);
                    }
                }
        CHECK_INT(differ, 0);
        ws_table_finish(&table);
        ws_arena_destroy(arena);
    }
}

// The median of two modes that are equally likely is anywhere between them; a widened mixture's parts are widened.
static void test_widened(void) {
    struct ws_arena *arena = ws_arena_create();
    const struct ws_prior *prior;
    struct ws_table table = {0};
    if (compile("{mixture: [{weight: 1, normal: {mean: 0, sd: 1}}, {weight: 3, normal: {mean: 9, sd: 2}}]}", arena,
                &prior, &table) == 0) {
        const struct ws_prior *wide = ws_prior_widened(prior, 1.5, arena);
        for (double x = -4; x < 16; x += 0.7)
            CHECK_REL(ws_prior_cdf(wide, x), 0.25 * normal(x, 0, 1.5) + 0.75 * normal(x, 9, 3), 1e-13);
        CHECK_REL(ws_prior_sd(wide), sqrt(0.25 * (2.25 + 6.75 * 6.75) + 0.75 * (9 + 2.25 * 2.25)), 1e-13);
        CHECK(ws_prior_equal(prior, prior) && !ws_prior_equal(prior, wide));
    }
    ws_table_finish(&table);
    ws_arena_destroy(arena);
}

// A value that has a probability of its own is drawn to the last bit, whatever it lies among, and stays where
// truncation ends at it.
static void test_atoms(void) {
    static const struct {
        const char *text;
        double x, probability;
    } values[] = {
        {"{mixture: [1, 2, {weight: 3, normal: {mean: 0, sd: 1}}]}", 2, 0.2},
        {"{mixture: [0, {normal: {mean: 0, sd: 1}}]}", 0, 0.5},
        {"{mixture: [0, {weight: 9, prior: 1 to 2}]}", 0, 0.1},
        {"{mixture: [{bernoulli: {p: 0.5}}, {normal: {mean: 0, sd: 1}}], scale: -0.1, shift: 3}", 3 - 0.1, 0.25},
        {"{mixture: [{weight: 1, mixture: [0, 2], scale: 0.1, shift: 1}, {uniform: {min: 0, max: 4}}]}", 1.2, 0.25},
        {"{mixture: [1, 2, 5], truncate: [2, null]}", 2, 0.5},
        {"{mixture: [1, 2, {uniform: {min: 0, max: 4}}], truncate: [1, 2]}", 1, 1 / 2.25},
        {"{mixture: [{weight: 8, prior: 1}, {uniform: {min: 0, max: 4}}], truncate: [null, 1]}", 1, 8 / 8.25},
    };
    enum { POINTS = 100000 };
    for (size_t k = 0; k < sizeof values / sizeof *values; k++) {
        struct ws_arena *arena = ws_arena_create();
        const struct ws_prior *prior;
        struct ws_table table = {0};
        size_t equal = 0, near = 0;
        if (compile(values[k].text, arena, &prior, &table) == 0)
            for (int i = 0; i < POINTS; i++) {
                int upper = i >= POINTS / 2;
                double x = ws_table_at(&table, (upper ? POINTS - i - 0.5 : i + 0.5) / POINTS, upper);
                equal += x == values[k].x;
                near += fabs(x - values[k].x) < 1e-9;
            }
        CHECK(equal == near);
        CHECK_ABS((double)equal / POINTS, values[k].probability, 1e-4);
        ws_table_finish(&table);
        ws_arena_destroy(arena);
    }
}

// What a cut keeps of a part's tail may thin out further inside, before the next part begins, so far that the rounding
// of what is cut off is more: the tail is drawn to the last of it all the same, and found in no time.
static double beyond(double z) { return 0.5 * erfc(z / sqrt(2)); }
static double thin_below(double x) { // from -11.18 of N(-19.84, 2), and all of an exponential
    double cut = beyond(8.66 / 2);
    return (0.01 * (cut - beyond((x + 19.84) / 2)) + exponential(x, 0.5)) / (1 + 0.01 * cut);
}
static double thin_above(double x) { // all of N(-13, 0.4), and up to 2.35 of a lognormal: no part ends between
    double cut = lognormal(2.35, 5, 0.14);
    return (0.36 * beyond((x + 13) / 0.4) + 0.64 * (cut - lognormal(x, 5, 0.14))) / (0.36 + 0.64 * cut);
}

static void test_thin(void) {
    static const struct {
        const char *text;
        double (*tail)(double x);
        int upper;
    } thin[] = {
        {"{mixture: [{weight: 0.01, normal: {mean: -19.84, sd: 2}}, {weight: 1, exponential: {mean: 0.5}}], "
         "truncate: [-11.18, null]}",
         thin_below, 0},
        {"{mixture: [{weight: 36, normal: {mean: -13, sd: 0.4}}, "
         "{weight: 64, lognormal: {median: 5, gsd: 1.1502737988572274}}], truncate: [null, 2.35]}",
         thin_above, 1},
    };
    for (size_t k = 0; k < sizeof thin / sizeof *thin; k++) {
        struct ws_arena *arena = ws_arena_create();
        const struct ws_prior *prior;
        struct ws_table table = {0};
        if (compile(thin[k].text, arena, &prior, &table) == 0)
            for (int e = 2; e < 400; e++) {
                double v = exp2(-1 - e / 8.0), x = ws_table_at(&table, v, thin[k].upper), slack = 4e-9 * fabs(x);
                double less = thin[k].tail(thin[k].upper ? x + slack : x - slack);
                double more = thin[k].tail(thin[k].upper ? x - slack : x + slack);
                if (!CHECK(less <= v * (1 + 1e-8)) || !CHECK(more >= v * (1 - 1e-8)))
                    printf("# %s\n# v %.17g x %.17g tail %.17g .. %.17g\n", thin[k].text, v, x, less, more);
            }
        CHECK(table.n_beyond < 2000); // noise takes tens of thousands
        ws_table_finish(&table);
        ws_arena_destroy(arena);
    }
}

// Next to where floating-point numbers end a cubic goes beyond them: refused, and what is 64 times less is drawn.
static void test_largest(void) {
    static const char *const texts[] = {
        "{histogram: {edges: [0, 1e308, 1.7e308], weights: [1, 1]}}",
        "{histogram: {edges: [-1.7e308, 1e308, 1.7e308], weights: [1, 1]}}",
        "{mixture: [{uniform: {min: 0, max: 8e307}}, {uniform: {min: 1e308, max: 1.2e308}}]}",
    };
    struct ws_arena *arena = ws_arena_create();
    const struct ws_prior *prior;
    struct ws_table table = {0};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        struct ws_messages messages = {.arena = arena};
        struct ws_error error = {0};
        const struct ws_node *node =
            ws_node_parse(texts[k], strlen(texts[k]), (struct ws_place){"prior", 1, 1}, 1, arena, &messages);
        prior = ws_prior_parse(node, "input 'x'", arena, &messages);
        if (!CHECK(prior != NULL))
            continue;
        CHECK_INT(ws_table_build(&table, prior, grid, &error), WS_ERROR_STUDY);
        CHECK(strstr(error.text, "floating-point numbers end; give it a larger unit") != NULL);
        ws_table_finish(&table);
    }
    if (compile("{histogram: {edges: [-2.6e306, 1.5e306, 2.6e306], weights: [1, 1]}}", arena, &prior, &table) == 0)
        for (int e = 1; e < 53; e++)
            for (int side = 0; side < 2; side++)
                CHECK(fabs(ws_table_at(&table, ldexp(0.7, -e), side)) <= 2.6e306);
    ws_table_finish(&table);
    ws_arena_destroy(arena);
}

int main(void) {
    grid = ws_table_grid_create();
    RUN(test_tables);
    RUN(test_kernels);
    RUN(test_widened);
    RUN(test_atoms);
    RUN(test_thin);
    RUN(test_largest);
    ws_table_grid_destroy(grid);
    return tap_done();
}
