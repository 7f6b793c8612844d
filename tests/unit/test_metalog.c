// SPDX-License-Identifier: GPL-3.0-or-later
// The metalog. Coefficients and quantiles of the symmetric-percentile triplets were computed elsewhere to all their
// digits, as was the bound of feasibility: with alpha the lower probability and r = (q50 - qa) / (q1a - qa), Keelin's
// k < r < 1 - k, k = (1 - 1.66711 (1/2 - alpha)) / 2.
#include "tap.h"

#include "base/error.h"
#include "prior/metalog.h"
#include "prior/prior.h"

static struct ws_prior fitted(const struct ws_metalog *q, double *a) {
    CHECK_INT(ws_metalog_fit(q, a), WS_METALOG_FITS);
    struct ws_prior prior = {.family = ws_family_find("quantiles"),
                             .scale = 1,
                             .low = -INFINITY,
                             .high = INFINITY,
                             .n_data = q->n + 1,
                             .data = a};
    prior.p[0] = q->low;
    prior.p[1] = q->high;
    return prior;
}

static double quantile(const struct ws_prior *prior, double u) {
    return u <= 0.5 ? ws_prior_quantile(prior, u, 0) : ws_prior_quantile(prior, 1 - u, 1);
}

static const struct ws_metalog triplet = {3, {0.1, 0.5, 0.9}, {10, 20, 50}, -INFINITY, INFINITY};
static const double at[4] = {0.01, 0.25, 0.75, 0.99};

static void test_unbounded(void) {
    static const double known[4] = {3.7921989378, 13.125, 33.125, 87.4453657106};
    double a[WS_METALOG_TERMS];
    struct ws_prior prior = fitted(&triplet, a);
    CHECK_REL(a[0], 20.0, 1e-14);
    CHECK_REL(a[1], 9.1023922663, 5e-12);
    CHECK_REL(a[2], 11.3779903328, 5e-12);
    for (int i = 0; i < 4; i++)
        CHECK_REL(quantile(&prior, at[i]), known[i], 2e-11);
    // Keelin 2016: mean a1 + a3 / 2, variance pi^2/3 a2^2 + (1/12 + pi^2/36) a3^2.
    CHECK_REL(ws_prior_mean(&prior), a[0] + a[2] / 2, 1e-12);
    double variance = M_PI * M_PI / 3 * (a[1] * a[1] + a[2] * a[2] / 12) + a[2] * a[2] / 12;
    CHECK_REL(ws_prior_sd(&prior) * ws_prior_sd(&prior), variance, 1e-10);
}

static void test_bounded_below(void) {
    static const double known[4] = {4.9462679896, 13.8493593513, 30.9681089543, 143.2365992};
    struct ws_metalog q = triplet;
    double a[WS_METALOG_TERMS];
    q.low = 0;
    struct ws_prior prior = fitted(&q, a);
    CHECK_REL(a[0], 2.9957322736, 2e-11);
    CHECK_REL(a[1], 0.3662433802, 2e-10);
    CHECK_REL(a[2], 0.1269462585, 5e-10);
    for (int i = 0; i < 4; i++)
        CHECK_REL(quantile(&prior, at[i]), known[i], i < 3 ? 2e-11 : 5e-10);
    CHECK(isfinite(ws_prior_mean(&prior)) && isfinite(ws_prior_sd(&prior)));
    q.x[1] = 200;
    q.x[2] = 5000; // a tail whose exponential has no mean
    prior = fitted(&q, a);
    CHECK(isnan(ws_prior_mean(&prior)));
}

// What was given comes back, with any bounds and many quantiles; the cdf inverts; the mirror image mirrors.
static void test_round_trips(void) {
    const struct ws_metalog sets[] = {
        triplet,
        {3, {0.1, 0.5, 0.9}, {10, 20, 50}, -INFINITY, 80},
        {3, {0.05, 0.5, 0.95}, {10, 20, 50}, 0, 80},
        {4, {0.05, 0.25, 0.5, 0.9}, {10, 16, 20, 41}, 0, INFINITY},
        {5, {0.05, 0.25, 0.5, 0.75, 0.95}, {-2, -0.7, 0, 0.8, 2.5}, -INFINITY, INFINITY},
        {7, {0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99}, {1, 3, 4.6, 6.5, 8.6, 10.6, 14}, -INFINITY, INFINITY},
    };
    for (size_t k = 0; k < sizeof sets / sizeof *sets; k++) {
        double a[WS_METALOG_TERMS];
        struct ws_prior prior = fitted(&sets[k], a);
        for (size_t i = 0; i < sets[k].n; i++)
            CHECK_ABS(quantile(&prior, sets[k].p[i]), sets[k].x[i], 1e-11 * fabs(sets[k].x[i]) + 1e-12);
        double before = -INFINITY;
        for (double logit = -20; logit <= 20; logit += 0.25) {
            double v = 1 / (1 + exp(fabs(logit))), x = ws_prior_quantile(&prior, v, logit > 0);
            CHECK(x > before);
            CHECK_REL(logit > 0 ? ws_prior_sf(&prior, x) : ws_prior_cdf(&prior, x), v, 1e-7);
            before = x;
        }
        struct ws_table table = {0};
        struct ws_table_grid *grid = ws_table_grid_create();
        struct ws_error error = {0};
        CHECK_INT(ws_table_build(&table, &prior, grid, &error), 0);
        CHECK(table.error < 2e-9);
        ws_table_finish(&table);
        ws_table_grid_destroy(grid);
    }
    CHECK_REL(sets[1].x[1], 20.0, 0);
}

static void check_bound(double alpha, double k) {
    struct ws_metalog q = {3, {alpha, 0.5, 1 - alpha}, {0, 0.3, 1}, -INFINITY, INFINITY};
    double a[WS_METALOG_TERMS], x[WS_METALOG_MOST] = {0};
    q.x[1] = k + 1e-5;
    CHECK_INT(ws_metalog_fit(&q, a), WS_METALOG_FITS);
    q.x[1] = k - 1e-5;
    CHECK_INT(ws_metalog_fit(&q, a), WS_METALOG_FALLS);
    q.x[1] = 1 - k + 1e-5;
    CHECK_INT(ws_metalog_fit(&q, a), WS_METALOG_FALLS);
    q.x[1] = 1 - k - 1e-5;
    CHECK_INT(ws_metalog_fit(&q, a), WS_METALOG_FITS);
    q.x[1] = 0.5 * k;
    CHECK_INT(ws_metalog_fit(&q, a), WS_METALOG_FALLS);
    CHECK_INT(ws_metalog_remedy(&q, x), 0);
    int moved = 0;
    for (int i = 0; i < 3; i++)
        moved += x[i] != q.x[i];
    CHECK_INT(moved, 1);
    double ratio = (x[1] - x[0]) / (x[2] - x[0]);
    CHECK(ratio > k && ratio < 1.05 * k);
}

// Sets of every size whose gaps are anything from narrow to wide: what is advised for an infeasible one is feasible, to
// three digits and more.
static void test_remedies(void) {
    static const double p[] = {0.01, 0.05, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.95, 0.99};
    uint64_t word = 1;
    size_t infeasible = 0;
    for (int trial = 0; trial < 300; trial++) {
        struct ws_metalog q = {3 + (size_t)trial % 5, {0}, {0}, trial % 2 ? 0 : -INFINITY, trial % 3 ? INFINITY : 1e4};
        double a[WS_METALOG_TERMS], x[WS_METALOG_MOST], at_x = 1;
        for (size_t i = 0; i < q.n; i++) {
            word = word * 6364136223846793005u + 1442695040888963407u;
            at_x += exp(6 * (double)(word >> 40) / (1 << 24) - 3);
            q.p[i] = p[i * 10 / (q.n - 1)];
            q.x[i] = at_x;
        }
        if (ws_metalog_fit(&q, a) != WS_METALOG_FALLS)
            continue;
        infeasible++;
        if (!CHECK_INT(ws_metalog_remedy(&q, x), 0))
            continue;
        memcpy(q.x, x, sizeof q.x);
        CHECK_INT(ws_metalog_fit(&q, a), WS_METALOG_FITS);
    }
    CHECK(infeasible > 100);
}

static void test_feasible(void) {
    check_bound(0.1, 0.166578);
    check_bound(0.05, 0.124900);
}

int main(void) {
    RUN(test_unbounded);
    RUN(test_bounded_below);
    RUN(test_round_trips);
    RUN(test_feasible);
    RUN(test_remedies);
    return tap_done();
}
