// SPDX-License-Identifier: GPL-3.0-or-later
// The quantile sketch against a sort of the same numbers, and moments against two-pass sums.
#include "tap.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>

#include "sampler/sampler.h"
#include "tally/tally.h"

enum { N = 100000 };
static const double probabilities[] = {0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999};

struct sample {
    double *x, minimum, maximum;
    struct ws_sketch sketch;
};

static struct sample make(double origin, double (*draw)(const gsl_rng *)) {
    struct sample s = {malloc(N * sizeof(double)), 0, 0, {.origin = 0}};
    gsl_rng *rng = gsl_rng_alloc(ws_rng_philox4x32);
    gsl_rng_set(rng, 7);
    ws_sketch_init(&s.sketch, origin);
    for (size_t i = 0; i < N; i++) {
        s.x[i] = draw(rng);
        CHECK_INT(ws_sketch_add(&s.sketch, s.x[i], 1), 0);
    }
    gsl_rng_free(rng);
    gsl_sort(s.x, 1, N);
    s.minimum = s.x[0];
    s.maximum = s.x[N - 1];
    return s;
}

static void done(struct sample *s) {
    free(s->x);
    ws_sketch_finish(&s->sketch);
}

// A quantile may be off by one bin, at most 0.1 % of |x - origin|, and by the gap to the next number.
static void check_quantiles(struct sample *s) {
    for (size_t i = 0; i < sizeof probabilities / sizeof *probabilities; i++) {
        double p = probabilities[i], found = ws_sketch_quantile(&s->sketch, p, s->minimum, s->maximum);
        size_t k = (size_t)(p * N);
        double below = s->x[k - 1], above = s->x[k], slack = fabs(below - s->sketch.origin) / 1024 * 1.0001;
        if (!CHECK(found >= below - slack && found <= above + slack))
            printf("# p %g: %.17g, sorted %.17g .. %.17g\n", p, found, below, above);
        CHECK_ABS(ws_sketch_cdf(&s->sketch, found, s->minimum, s->maximum), p, 1e-12);
    }
}

// A walk finds what single searches find, to the bit, also where it has to turn back.
static void check_walk(struct sample *s) {
    static const double p[] = {0, 0.01, 0.01, 0.25, 0.2500001, 0.9, 0.1, 0.5, 0.999999, 1, 0.75};
    struct ws_sketch_walk walk = {.sketch = &s->sketch};
    for (size_t i = 0; i < sizeof p / sizeof *p; i++)
        CHECK(ws_sketch_walk_to(&walk, p[i], s->minimum, s->maximum) ==
              ws_sketch_quantile(&s->sketch, p[i], s->minimum, s->maximum));
}

static double draw_lognormal(const gsl_rng *rng) { return gsl_ran_lognormal(rng, 19, 0.5); }
static double draw_both_signs(const gsl_rng *rng) { return gsl_ran_gaussian(rng, 3) + 0.5; }
static double draw_near_zero(const gsl_rng *rng) { return 1e-9 * gsl_ran_gaussian(rng, 1); }
static double draw_negative(const gsl_rng *rng) { return -gsl_ran_gamma(rng, 3, 2); }
static double draw_year(const gsl_rng *rng) { return 2027.3 + gsl_ran_gaussian(rng, 0.5); }

static void check_sample(double origin, double (*draw)(const gsl_rng *)) {
    struct sample s = make(origin, draw);
    check_quantiles(&s);
    check_walk(&s);
    CHECK_INT(s.sketch.total, N);
    done(&s);
}

static void test_lognormal(void) { check_sample(0, draw_lognormal); }
static void test_both_signs(void) { check_sample(0, draw_both_signs); }
static void test_near_zero(void) { check_sample(0, draw_near_zero); }
static void test_negative(void) { check_sample(0, draw_negative); }
static void test_calendar_year(void) { check_sample(2027.31, draw_year); }

// Interpolated quantiles of a smooth density are much closer than a bin.
static void test_interpolation(void) {
    struct sample s = make(0, draw_lognormal);
    for (size_t i = 2; i < 7; i++) {
        size_t k = (size_t)(probabilities[i] * N);
        CHECK_REL(ws_sketch_quantile(&s.sketch, probabilities[i], s.minimum, s.maximum), 0.5 * (s.x[k - 1] + s.x[k]),
                  2e-4);
    }
    done(&s);
}

static void test_conditions(void) { // zeros and ones come back exactly
    struct ws_sketch sketch;
    ws_sketch_init(&sketch, 0);
    CHECK_INT(ws_sketch_add(&sketch, 0, 300), 0);
    CHECK_INT(ws_sketch_add(&sketch, 1, 700), 0);
    CHECK(ws_sketch_quantile(&sketch, 0.25, 0, 1) == 0);
    CHECK(ws_sketch_quantile(&sketch, 0.5, 0, 1) == 1);
    CHECK_ABS(ws_sketch_cdf(&sketch, 0, 0, 1), 0.3, 1e-15);
    CHECK_ABS(ws_sketch_cdf(&sketch, 0.5, 0, 1), 0.3, 1e-15);
    CHECK(ws_sketch_cdf(&sketch, 1, 0, 1) == 1);
    CHECK(ws_sketch_cdf(&sketch, -0.1, 0, 1) == 0);
    ws_sketch_finish(&sketch);
}

static void test_merge(void) {
    struct sample whole = make(0, draw_both_signs);
    struct ws_sketch half[2];
    for (int h = 0; h < 2; h++)
        ws_sketch_init(&half[h], 0);
    for (size_t i = 0; i < N; i++)
        ws_sketch_add(&half[i % 3 == 0], whole.x[i], 1);
    ws_sketch_note(&half[0]); // what was noted is forgotten where there is more or less since
    const double median = ws_sketch_quantile(&half[0], 0.5, whole.minimum, whole.maximum);
    for (int k = 0; k < 2; k++) {
        CHECK_INT(ws_sketch_merge(&half[0], &half[1]), 0);
        CHECK(ws_sketch_quantile(&half[0], 0.5, whole.minimum, whole.maximum) ==
              ws_sketch_quantile(&whole.sketch, 0.5, whole.minimum, whole.maximum));
        ws_sketch_note(&half[0]);
        if (k > 0)
            break;
        CHECK_INT(ws_sketch_subtract(&half[0], &half[1]), 0);
        CHECK(ws_sketch_quantile(&half[0], 0.5, whole.minimum, whole.maximum) == median);
    }
    CHECK_INT(half[0].n_pages, whole.sketch.n_pages);
    for (size_t k = 0; k < half[0].n_pages; k++) {
        CHECK_INT(half[0].pages[k].octave, whole.sketch.pages[k].octave);
        CHECK(memcmp(half[0].pages[k].counts, whole.sketch.pages[k].counts, WS_BINS_PER_OCTAVE * sizeof(int64_t)) == 0);
    }
    for (int h = 0; h < 2; h++)
        ws_sketch_finish(&half[h]);
    done(&whole);
}

static void test_extremes(void) {
    struct ws_sketch sketch;
    ws_sketch_init(&sketch, 0);
    const double x[] = {-1.7976931348623157e308, -5e-324, 0, 5e-324, 1.7976931348623157e308};
    for (size_t i = 0; i < 5; i++)
        CHECK_INT(ws_sketch_add(&sketch, x[i], 1), 0);
    CHECK(ws_sketch_quantile(&sketch, 0, x[0], x[4]) == x[0]);
    CHECK(ws_sketch_quantile(&sketch, 1, x[0], x[4]) == x[4]);
    CHECK(ws_sketch_quantile(&sketch, 0.5, x[0], x[4]) == 0);
    CHECK(isnan(ws_sketch_quantile(&(struct ws_sketch){0}, 0.5, 0, 1)));
    ws_sketch_finish(&sketch);
}

static void test_moments(void) {
    struct sample s = make(0, draw_lognormal);
    struct ws_moments moments;
    const struct ws_kernels *kernels = ws_kernels_select(NULL);
    double *row = aligned_alloc(64, WS_ROW_STRIDE * sizeof *row);
    ws_moments_init(&moments, 2e8, 0x1p-28);
    for (size_t i = 0; i < N; i += WS_BLOCK) {
        struct ws_moment_lanes lanes = {.minimum = INFINITY, .maximum = -INFINITY};
        size_t n = N - i < WS_BLOCK ? N - i : WS_BLOCK, invalid = SIZE_MAX;
        memcpy(row, s.x + i, n * sizeof *row);
        kernels->moments(&lanes, row, n, moments.pivot, moments.scale, &invalid);
        ws_moments_add(&moments, &lanes);
        CHECK(invalid == SIZE_MAX);
    }
    double mean, m[5], sd = gsl_stats_sd(s.x, 1, N);
    ws_moments_central(&moments, &mean, m);
    CHECK_INT(moments.count, N);
    CHECK(moments.minimum == s.minimum && moments.maximum == s.maximum);
    CHECK_REL(mean, gsl_stats_mean(s.x, 1, N), 1e-13);
    CHECK_REL(sqrt(m[2] * N / (N - 1)) / moments.scale, sd, 1e-12);
    // GSL divides by the sample sd: (n - 1) form
    CHECK_REL(m[3] / pow(m[2] * N / (N - 1), 1.5), gsl_stats_skew(s.x, 1, N), 1e-11);
    CHECK_REL(m[4] / pow(m[2] * N / (N - 1), 2) - 3, gsl_stats_kurtosis(s.x, 1, N), 1e-11);
    free(row);
    done(&s);
}

int main(void) {
    RUN(test_lognormal);
    RUN(test_both_signs);
    RUN(test_near_zero);
    RUN(test_negative);
    RUN(test_calendar_year);
    RUN(test_interpolation);
    RUN(test_conditions);
    RUN(test_merge);
    RUN(test_extremes);
    RUN(test_moments);
    return tap_done();
}
