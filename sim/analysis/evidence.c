// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/evidence.h"

#include <math.h>

#include "numeric/order.h"

// ---- the tail of the weights ----

// Mean of ln(1 - theta x): the shape that goes with a theta.
static double shape_of(double theta, const double *x, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += log1p(-theta * x[i]);
    return sum / (double)n;
}

double ws_pareto_shape(const double *x, size_t n) {
    enum { MOST_CANDIDATES = 512, PRIOR_WEIGHT = 10 };
    static const double prior_shape = 0.5, prior_scale = 3;
    double theta[MOST_CANDIDATES], likelihood[MOST_CANDIDATES], quartile = x[(size_t)((double)n / 4 + 0.5) - 1];
    size_t m = 30 + (size_t)sqrt((double)n);
    m = m < MOST_CANDIDATES ? m : MOST_CANDIDATES;
    for (size_t j = 0; j < m; j++) {
        theta[j] = 1 / x[n - 1] + (1 - sqrt((double)m / ((double)j + 0.5))) / (prior_scale * quartile);
        double k = shape_of(theta[j], x, n);
        likelihood[j] = (double)n * (log(-theta[j] / k) - k - 1);
    }
    double mean = 0;
    for (size_t j = 0; j < m; j++) {
        double sum = 0;
        for (size_t i = 0; i < m; i++)
            sum += exp(likelihood[i] - likelihood[j]);
        mean += theta[j] / sum;
    }
    double k = shape_of(mean, x, n), weight = (double)n;
    return (weight * k + PRIOR_WEIGHT * prior_shape) / (weight + PRIOR_WEIGHT);
}

// The values in ascending order.
static double *sort(const double *x, size_t n, struct ws_arena *arena) {
    double *sorted = WS_NEW_ARRAY(arena, double, n + 1);
    const uint32_t *order =
        ws_order(x, n, NULL, WS_NEW_ARRAY(arena, uint32_t, 2 * n + 1), WS_NEW_ARRAY(arena, uint64_t, n + 1));
    for (size_t i = 0; i < n; i++)
        sorted[i] = x[order[i]];
    return sorted;
}

// The largest min(n / 5, 3 sqrt n) weights, as far as they are kept, over the one below them (Vehtari et al. 2024).
static double tail_shape(const struct ws_evidence_tally *tally, struct ws_arena *arena) {
    enum { LEAST = 5 };
    double n = (double)tally->draws;
    size_t kept = tally->n_tail, wanted = (size_t)fmin(n / 5, 3 * sqrt(n));
    size_t m = wanted < kept ? wanted : kept > 0 ? kept - 1 : 0;
    double *weights = sort(tally->tail, kept, arena);
    // Where fewer draws than that have any weight at all, the tail begins at a draw without one.
    double threshold = kept > m ? weights[kept - m - 1] : 0;
    double *tail = weights + kept - m;
    size_t above = 0;
    for (size_t i = 0; i < m; i++)
        if (tail[i] > threshold)
            tail[above++] = tail[i] - threshold;
    if (above < LEAST || above < m / 2 || tail[above - 1] - tail[0] <= 1e-9 * tail[above - 1])
        return NAN;
    return ws_pareto_shape(tail, above);
}

// ---- the whole ----

static size_t count_distinct(const struct ws_result *posterior, struct ws_arena *arena) {
    size_t n = posterior->n_kept, distinct = n > 0;
    if (!posterior->kept_addresses)
        return 0;
    double *addresses = WS_NEW_ARRAY(arena, double, n + 1);
    for (size_t i = 0; i < n; i++)
        addresses[i] = (double)posterior->kept_addresses[i]; // no run reaches 2^53 draws
    const double *sorted = sort(addresses, n, arena);
    for (size_t i = 1; i < n; i++)
        distinct += sorted[i] != sorted[i - 1];
    return distinct;
}

struct ws_evidence_summary ws_evidence_summarise(const struct ws_result *posterior, size_t case_index,
                                                 struct ws_arena *arena) {
    const struct ws_evidence_tally *tally = ws_result_weights(posterior, case_index);
    struct ws_evidence_summary s = {.ess = ws_evidence_ess(tally),
                                    .draws = tally->draws,
                                    .weighed = tally->weighed,
                                    .undefined = tally->undefined,
                                    .n_kept = posterior->n_kept};
    double n = (double)tally->draws, mean = ldexp((double)tally->total, -WS_WEIGHT_BITS) / n;
    s.log_evidence = log(mean) + tally->log_reference + ws_study_log_greatest(posterior->study, case_index);
    s.log_evidence_se = sqrt(fmax(1 / s.ess - 1 / n, 0));   // of ln of a mean, by the delta method
    const struct ws_arena_mark mark = ws_arena_mark(arena); // there may be thousands of cases
    s.pareto_k = tail_shape(tally, arena);
    s.n_distinct = count_distinct(posterior, arena);
    ws_arena_release(arena, mark);
    if (posterior->repooled) // the draws' weights were for the run's own alternatives
        s.ess = s.pareto_k = s.log_evidence = s.log_evidence_se = NAN;
    return s;
}

const char *ws_evidence_advice(const struct ws_evidence_summary *s, struct ws_arena *arena) {
    static const double few = 1000, heavy = 0.7;
    if (s->pareto_k > heavy)
        return ws_arena_printf(
            arena,
            "the evidence leaves the weight to a few draws (Pareto k %.2f, above 0.7): neither the conditioned "
            "results nor their standard errors can be relied on. Check the evidence against the priors; where "
            "both are right, give the priors what the evidence says of the inputs",
            s->pareto_k);
    if (s->ess < few)
        return ws_arena_printf(arena,
                               "the evidence leaves %.0f draws' worth of the run: draw more (-n), about %.0f times "
                               "as many for 10,000",
                               s->ess, ceil(10000 / fmax(s->ess, 1e-3)));
    return "";
}
