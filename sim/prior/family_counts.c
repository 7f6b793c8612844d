// SPDX-License-Identifier: GPL-3.0-or-later
// Counts: poisson, binomial, bernoulli. Each is known by its mode and by the ratio of neighbouring probabilities, from
// which the whole distribution follows outwards from the mode without a logarithm or a factorial.
#include <math.h>

#include "prior/families.h"
#include "prior/prior.h"

// ---- poisson {mean} ----

double ws_poisson_mode(const double *p) { return floor(p[0]); }

double ws_poisson_ratio(const double *p, double k) { return p[0] / (k + 1); }

int ws_poisson_check(const double *p, char *text, size_t size) {
    return p[0] <= WS_MOST_COUNT ? 0 : ws_refuse_count(text, size, "poisson", "mean", p[0]);
}

// ---- binomial {n, p}, bernoulli {p} ----

static double binomial_ratio(double n, double p, double k) { return (n - k) / (k + 1) * (p / (1 - p)); }

double ws_binomial_mode(const double *p) { return fmin(floor((p[0] + 1) * p[1]), p[0]); }

double ws_binomial_ratio(const double *p, double k) { return binomial_ratio(p[0], p[1], k); }

int ws_binomial_check(const double *p, char *text, size_t size) {
    if (p[0] != floor(p[0]) || p[0] > WS_MOST_COUNT)
        return ws_refuse_count(text, size, "binomial", "n", p[0]);
    return 0;
}

double ws_bernoulli_mode(const double *p) { return p[0] > 0.5; }

double ws_bernoulli_ratio(const double *p, double k) { return binomial_ratio(1, p[0], k); }

// ---- all of them ----

// Steps from the mode in one direction until what follows is less than 2^-70 of it: no uniform that is drawn gets
// there.
static size_t count_steps(const struct ws_family *family, const double *p, double mode, int up) {
    const double least = 0x1p-70;
    double weight = 1;
    size_t n = 0;
    for (double k = mode; up || k > 0; k += up ? 1 : -1) {
        weight *= up ? family->ratio(p, k) : 1 / family->ratio(p, k - 1);
        if (!(weight > least))
            break;
        n++;
    }
    return n;
}

size_t ws_counts_parts(const struct ws_family *family, const double *p, struct ws_arena *arena,
                       struct ws_prior_part **parts) {
    double mode = family->mode(p), sum = 0;
    size_t below = count_steps(family, p, mode, 0), above = count_steps(family, p, mode, 1), n = below + 1 + above;
    struct ws_prior_part *part = *parts = WS_NEW_ARRAY(arena, struct ws_prior_part, n);
    part[below] = (struct ws_prior_part){.value = mode, .weight = 1};
    for (size_t i = below; i-- > 0;) {
        double k = mode - (double)(below - i);
        part[i] = (struct ws_prior_part){.value = k, .weight = part[i + 1].weight / family->ratio(p, k)};
    }
    for (size_t i = below + 1; i < n; i++) {
        double k = mode + (double)(i - below);
        part[i] = (struct ws_prior_part){.value = k, .weight = part[i - 1].weight * family->ratio(p, k - 1)};
    }
    for (size_t i = 0; i < n; i++)
        sum += part[i].weight;
    for (size_t i = 0; i < n; i++)
        part[i].weight /= sum;
    return n;
}
