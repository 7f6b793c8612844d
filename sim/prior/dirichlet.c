// SPDX-License-Identifier: GPL-3.0-or-later
// One share of a Dirichlet distribution by itself: Beta(alpha, what the other members' alphas add up to).
#include "prior/families.h"
#include "prior/shape.h"

enum { ALPHA, REST };

static void beta_of(const struct ws_prior *prior, double p[4]) {
    p[0] = prior->p[ALPHA];
    p[1] = prior->p[REST];
    p[2] = 0;
    p[3] = 1;
}

static void share_quantiles(const struct ws_prior *prior, size_t n, const double *v, int upper, double *y) {
    double p[4];
    beta_of(prior, p);
    ws_beta_quantiles(p, n, v, upper, y);
}

static double share_cdf(const struct ws_prior *prior, double y, int upper) {
    double p[4];
    beta_of(prior, p);
    return ws_beta_cdf(p, y, upper);
}

static void share_support(const struct ws_prior *prior, double *low, double *high) {
    double p[4];
    beta_of(prior, p);
    ws_beta_support(p, low, high);
}

static void share_moments(const struct ws_prior *prior, double m[4]) {
    double p[4];
    beta_of(prior, p);
    ws_beta_moments(p, m);
}

static size_t no_kinks(const struct ws_prior *prior, double *y, size_t most) {
    (void)prior, (void)y, (void)most;
    return 0;
}

const struct ws_composite ws_dirichlet_composite = {.quantiles = share_quantiles,
                                                    .cdf = share_cdf,
                                                    .support = share_support,
                                                    .moments = share_moments,
                                                    .kinks = no_kinks};
