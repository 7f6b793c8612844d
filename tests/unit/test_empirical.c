// SPDX-License-Identifier: GPL-3.0-or-later
// Samples as priors: the CSV reader's liberties, the kernels' width, law and moments against sums written down here,
// and the compiled tables of samples that are large, have gaps or heavy tails.
#include "tap.h"

#include "base/error.h"
#include "numeric/table.h"
#include "prior/empirical.h"
#include "study/data.h"
#include "wattspan.h"

static struct ws_arena *arena;

// ---- CSV ----

// Checks what a column of the text holds; n = 0: an error whose text holds `wanted`.
static void check_column(const char *text, const char *column, size_t n, const double *values, const char *wanted) {
    struct ws_data_column read = {0};
    struct ws_error err = {0};
    int status = ws_csv_column("x.csv", text, strlen(text), column, arena, &read, &err);
    if (n == 0) {
        CHECK_INT(status, WS_ERROR_STUDY);
        if (!CHECK(strstr(err.text, wanted) != NULL))
            printf("# %s: %s\n", err.where, err.text);
        return;
    }
    if (!CHECK_INT(status, 0))
        printf("# %s: %s\n", err.where, err.text);
    CHECK_INT(read.n, n);
    for (size_t i = 0; i < read.n && i < n; i++)
        CHECK_ABS(read.values[i], values[i], 0);
}

static void test_csv(void) {
    static const double two[] = {1.5, -2e3};
    check_column("a\n1.5\n-2e3\n", "a", 2, two, "");
    check_column("a\n1.5\n-2e3", "", 2, two, "");
    check_column("1.5\n-2e3\n", "", 2, two, "");
    check_column("1.5\n-2e3\n", "1", 2, two, "");
    check_column("b,a\n0,1.5\n0,-2e3\n", "2", 2, two, "");
    check_column("\xEF\xBB\xBF\"a\",b\r\n1.5,x\r\n-2e3,y\r\n", "a", 2, two, "");
    check_column("# from a survey\n\nx;\"a, with a comma\"\n7; 1.5 \n\n8;\"-2e3\"\n", "a, with a comma", 2, two, "");
    check_column("x\ta\n7\t1.5\n8\t-2e3\n", "a", 2, two, "");
    check_column("note,a\n\"two\nlines, \"\"quoted\"\"\",1.5\nn,-2e3\n", "a", 2, two, "");
    check_column("x,7\n1,1.5\n2,-2e3\n", "7", 2, two, ""); // a name that is a number
    check_column("a\n1.5\ninf\n", "a", 0, NULL, "holds 'inf', wanted a finite number");
    check_column("a\n1e999\n", "a", 0, NULL, "holds '1e999'");
    check_column("a,b\n1.5\n", "b", 0, NULL, "'b' is empty here");
    check_column("a\n\"1.5\"x\n", "a", 0, NULL, "text follows a closing quote");
    check_column("a,b\n1,2\n", "0", 0, NULL, "there is no column 0: the file has 1 to 2");
    check_column("", "a", 0, NULL, "the file is empty");
    check_column("a\n\x01\n", "a", 0, NULL, "byte 0x01");
}

// ---- laws ----

static struct ws_prior prior_of(const char *family) {
    return (struct ws_prior){
        .family = ws_family_find(family), .scale = 1, .low = -INFINITY, .high = INFINITY, .text = "sample"};
}

static double kernels(const double *centre, const double *weight, size_t n, double h, double x) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += weight[i] * 0.5 * erfc((centre[i] - x) / h / M_SQRT2);
    return sum;
}

// Values so far apart that each has a kernel of its own: Silverman's width by hand, and the law as a sum.
static void test_width_and_law(void) {
    static const double x[] = {9, 1, 4, 2.5, 6}, share[] = {0.2, 0.2, 0.2, 0.2, 0.2};
    struct ws_prior prior = prior_of("empirical");
    CHECK_INT(ws_empirical_smooth(&prior, x, NULL, 5, 0, arena), 0);
    // mean 4.5, sum of squares about it 39, sd = sqrt(39 / 4), quartiles 2.5 and 6
    double mean = 4.5, square = 39, h = 0.9 * fmin(sqrt(square / 4), 3.5 / 1.34) * pow(5, -0.2);
    CHECK_ABS(ws_prior_mean(&prior), mean, 1e-14);
    CHECK_ABS(ws_prior_sd(&prior), sqrt(square / 5 + h * h), 1e-14);
    for (double at = -6; at < 17; at += 0.37) {
        double wanted = kernels(x, share, 5, h, at), other = kernels(x, share, 5, -h, at);
        CHECK_ABS(ws_prior_cdf(&prior, at) / wanted, 1, 1e-13);
        CHECK_ABS(ws_prior_sf(&prior, at) / other, 1, 1e-13);
    }
    for (int k = 4; k < 200; k += 3)
        for (int upper = 0; upper < 2; upper++) {
            double v = exp2(-k / 4.0), q = ws_prior_quantile(&prior, v, upper);
            CHECK_ABS(kernels(x, share, 5, upper ? -h : h, q) / v, 1, 1e-11);
        }
}

static void test_weights_and_logarithms(void) {
    static const double x[] = {1, 10, 100}, w[] = {1, 2, 1}, share[] = {0.25, 0.5, 0.25};
    double centre[] = {0, log(10), log(100)};
    struct ws_prior prior = prior_of("empirical");
    CHECK_INT(ws_empirical_smooth(&prior, x, w, 3, 1, arena), 0);
    // Kish's size: 16 / 6; the variance of the logarithms is ln(10)^2 / 2, quartiles 1 and 10 by the least x with
    // P(X <= x) >= u.
    double size = 16.0 / 6, ln = log(10), sd = sqrt(ln * ln / 2 * size / (size - 1));
    double h = 0.9 * fmin(sd, ln / 1.34) * pow(size, -0.2);
    for (double at = 0.05; at < 3000; at *= 1.7)
        CHECK_ABS(ws_prior_cdf(&prior, at) / kernels(centre, share, 3, h, log(at)), 1, 1e-13);
    double low, high;
    prior.family->composite->support(&prior, &low, &high);
    CHECK_ABS(low, 0, 0);
    CHECK(isinf(high));
    double m = 0;
    for (int i = 0; i < 3; i++)
        m += share[i] * exp(centre[i] + h * h / 2);
    CHECK_ABS(ws_prior_mean(&prior) / m, 1, 1e-13);
}

static void test_steps(void) {
    static const double x[] = {3, 1, 3, 2, 9}, w[] = {1, 1, 2, 4, 0};
    struct ws_prior prior = prior_of("empirical");
    ws_empirical_steps(&prior, x, w, 5, arena);
    CHECK_INT(prior.n_parts, 3); // 9 weighs nothing
    static const double value[] = {1, 2, 3}, weight[] = {1. / 8, 4. / 8, 3. / 8};
    for (size_t i = 0; i < 3; i++) {
        CHECK_ABS(prior.parts[i].value, value[i], 0);
        CHECK_ABS(prior.parts[i].weight, weight[i], 1e-16);
    }
    CHECK_ABS(ws_prior_mean(&prior), 2.25, 1e-15);
}

// What shares a kernel keeps mean and variance, and the cdf to 2e-5.
static void test_large_samples(void) {
    enum { N = 3000 };
    static double x[N], share[N];
    double mean = 0, square = 0;
    for (int i = 0; i < N; i++) {
        double u = (i + 0.5) / N;
        x[i] = -log(1 - u) + (i % 7) * 1e-4;
        share[i] = 1.0 / N;
        mean += x[i] / N;
    }
    for (int i = 0; i < N; i++)
        square += (x[i] - mean) * (x[i] - mean) / N;
    struct ws_prior prior = prior_of("empirical");
    CHECK_INT(ws_empirical_smooth(&prior, x, NULL, N, 0, arena), 0);
    double h = prior.p[1];
    CHECK(prior.n_data / 7 < N / 4); // kernels
    CHECK_ABS(ws_prior_mean(&prior), mean, 1e-13);
    CHECK_ABS(ws_prior_sd(&prior), sqrt(square + h * h), 1e-13);
    for (double at = -1; at < 9; at += 0.11)
        CHECK_ABS(ws_prior_cdf(&prior, at), kernels(x, share, N, h, at), 2e-5);
}

// The table holds the law to 2e-9 of its spread or x.
static void check_table(const double *x, size_t n, int in_log) {
    struct ws_prior prior = prior_of("empirical");
    struct ws_table table = {0};
    struct ws_error err = {0};
    struct ws_table_grid *grid = ws_table_grid_create();
    CHECK_INT(ws_empirical_smooth(&prior, x, NULL, n, in_log, arena), 0);
    if (CHECK(grid != NULL) && CHECK_INT(ws_table_build(&table, &prior, grid, &err), 0)) {
        double spread = ws_prior_quantile(&prior, 0.25, 1) - ws_prior_quantile(&prior, 0.25, 0);
        for (double v = 0.4999; v > 1e-12; v *= 0.93)
            for (int upper = 0; upper < 2; upper++) {
                double exact = ws_prior_quantile(&prior, v, upper), found = ws_table_at(&table, v, upper);
                CHECK_ABS(found, exact, 4e-9 * fmax(fabs(exact), spread));
            }
    } else {
        printf("# %s\n", err.text);
    }
    ws_table_finish(&table);
    ws_table_grid_destroy(grid);
}

static void test_tables(void) {
    enum { N = 400 };
    static double x[N];
    for (int i = 0; i < N; i++) // a heavy tail
        x[i] = pow((i + 0.5) / N, -1 / 1.5);
    check_table(x, N, 0);
    check_table(x, N, 1);
    for (int i = 0; i < N; i++) // two clusters
        x[i] = (i % 2) * 50 + sin(i);
    check_table(x, N, 0);
    check_table((const double[]){1, 2}, 2, 0);
}

static void test_too_near(void) {
    static const double x[] = {1, 1 + 1e-14, 1, 1};
    struct ws_prior prior = prior_of("empirical");
    CHECK(ws_empirical_smooth(&prior, x, NULL, 4, 0, arena) != 0);
}

int main(void) {
    arena = ws_arena_create();
    if (!arena || ws_arena_catch(arena))
        return 1;
    RUN(test_csv);
    RUN(test_width_and_law);
    RUN(test_weights_and_logarithms);
    RUN(test_steps);
    RUN(test_large_samples);
    RUN(test_tables);
    RUN(test_too_near);
    ws_arena_destroy(arena);
    return tap_done();
}
