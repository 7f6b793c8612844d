// SPDX-License-Identifier: GPL-3.0-or-later
// priors/reference.yaml as a user of GSL and OpenMP writes it at first: mt19937 per thread, gsl_ran_*, all draws stored
// and sorted. Usage: gsl_peer DRAWS. Prints mean, sd, p5, p25, p50, p75, p95 of every output.
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>

enum { OUTPUTS = 6 };
static const char *const names[OUTPUTS] = {"energy", "cost_rental", "cost_amortized", "water", "co2", "cost_per_flop"};

static double lognormal(const gsl_rng *rng, double p5, double p95) {
    double low = log(p5), high = log(p95);
    return gsl_ran_lognormal(rng, (low + high) / 2, (high - low) / (2 * 1.6448536269514722));
}

static double truncated_normal(const gsl_rng *rng, double mean, double sd, double low, double high) {
    double x;
    do
        x = mean + gsl_ran_gaussian(rng, sd);
    while (x < low || x > high);
    return x;
}

static double pert(const gsl_rng *rng, double low, double mode, double high) {
    double width = high - low;
    return low + width * gsl_ran_beta(rng, 1 + 4 * (mode - low) / width, 1 + 4 * (high - mode) / width);
}

static double triangular(const gsl_rng *rng, double low, double mode, double high) {
    double u = gsl_rng_uniform_pos(rng), below = (mode - low) / (high - low);
    return u < below ? low + sqrt(u * (high - low) * (mode - low))
                     : high - sqrt((1 - u) * (high - low) * (high - mode));
}

static void draw(const gsl_rng *rng, double *y[OUTPUTS], size_t i) {
    double hours = lognormal(rng, 180e6, 340e6);
    double energy = hours * 0.7 * truncated_normal(rng, 0.80, 0.08, 0.5, 1.0) * pert(rng, 1.3, 1.45, 1.9) *
                    triangular(rng, 1.08, 1.2, 1.5);
    double turbines = gsl_ran_flat(rng, 0.3, 1.0);
    double factor =
        turbines * truncated_normal(rng, 0.52, 0.06, 0, 10) + (1 - turbines) * (0.38 + gsl_ran_gaussian(rng, 0.05));
    y[0][i] = energy;
    y[1][i] = hours * lognormal(rng, 1.5, 3.2);
    y[2][i] =
        hours * lognormal(rng, 30e3, 55e3) / gsl_ran_flat(rng, 26298, 52596) + energy * lognormal(rng, 0.04, 0.11);
    y[3][i] = energy * (lognormal(rng, 0.5, 2.8) + 0.5981 * turbines);
    y[4][i] = energy * factor / 1000;
    y[5][i] = y[2][i] / 5e26;
}

int main(int argc, char **argv) {
    size_t n = argc > 1 ? (size_t)atof(argv[1]) : 1000000;
    double *y[OUTPUTS], summary[OUTPUTS][7];
    const double p[] = {0.05, 0.25, 0.5, 0.75, 0.95};
    for (int k = 0; k < OUTPUTS; k++)
        if (!(y[k] = malloc(n * sizeof *y[k])))
            return EXIT_FAILURE;
#pragma omp parallel
    {
        gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
        gsl_rng_set(rng, 1 + (unsigned long)omp_get_thread_num());
#pragma omp for
        for (size_t i = 0; i < n; i++)
            draw(rng, y, i);
        gsl_rng_free(rng);
    }
#pragma omp parallel for schedule(dynamic)
    for (int k = 0; k < OUTPUTS; k++) {
        summary[k][0] = gsl_stats_mean(y[k], 1, n);
        summary[k][1] = gsl_stats_sd_m(y[k], 1, n, summary[k][0]);
        gsl_sort(y[k], 1, n);
        for (int j = 0; j < 5; j++)
            summary[k][2 + j] = gsl_stats_quantile_from_sorted_data(y[k], 1, n, p[j]);
    }
    for (int k = 0; k < OUTPUTS; k++) {
        printf("%s", names[k]);
        for (int j = 0; j < 7; j++)
            printf(" %.8g", summary[k][j]);
        putchar('\n');
        free(y[k]);
    }
    return EXIT_SUCCESS;
}
