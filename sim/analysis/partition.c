// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/partition.h"

#include <math.h>

#include "analysis/weighted.h"

static double weight_of(const struct ws_tally *tally) { return (double)tally->sketch.total; }

// With alternative a's share of the draws w, its mean's distance d from the whole's, its central moments m and the
// share of variance s = between / whole, a draw's influence on s times the whole variance is
// (1 - s) (d^2 + 2 d (x - mean_a)) - s (x - mean_a)^2, whose square has this mean (the delta method).
static double influence(const double m[5], double d, double s) {
    return (1 - s) * (1 - s) * (d * d * d * d + 4 * d * d * m[2]) - 2 * s * (1 - s) * (d * d * m[2] + 2 * d * m[3]) +
           s * s * m[4];
}

static struct ws_partition split(const struct ws_tally *const *tallies, size_t n) {
    // All in units of the moments, whose scale is the output's.
    double total = 0, mean = 0, between = 0, within = 0, noise = 0, draws = 0, scale = tallies[0]->moments.scale;
    for (size_t a = 0; a < n; a++) {
        total += weight_of(tallies[a]);
        draws += weight_of(tallies[a]) > 0 ? ws_tally_ess(tallies[a]) : 0;
    }
    for (size_t pass = 0; pass < 3; pass++)
        for (size_t a = 0; a < n; a++) {
            double own, m[5], w = weight_of(tallies[a]) / total;
            if (!(w > 0))
                continue;
            ws_tally_central(tallies[a], &own, m);
            own *= scale;
            if (pass == 0) {
                mean += w * own;
            } else if (pass == 1) {
                between += w * (own - mean) * (own - mean);
                within += w * m[2];
            } else {
                noise += w * influence(m, own - mean, between / (between + within));
            }
        }
    double whole = between + within;
    double square = scale * scale;
    return (struct ws_partition){between / square, within / square, between / whole,
                                 sqrt(fmax(noise, 0) / draws) / whole};
}

struct ws_partition ws_partition_make(const struct ws_result *result, size_t case_index, size_t first, size_t n) {
    const struct ws_tally **tallies = WS_NEW_ARRAY(result->arena, const struct ws_tally *, n + 1);
    for (size_t a = 0; a < n; a++)
        tallies[a] = ws_result_tally(result, case_index, first + a);
    struct ws_partition whole = split(tallies, n);
    if (result->repooled || !isfinite(whole.share))
        return (struct ws_partition){NAN, NAN, NAN, NAN};
    if (result->replicates == 1)
        return whole;
    double square = 0, replicates = (double)result->replicates;
    for (size_t r = 0; r < result->replicates; r++) {
        for (size_t a = 0; a < n; a++)
            tallies[a] = ws_result_replicate(result, case_index, r, first + a);
        double off = split(tallies, n).share - whole.share;
        square += off * off;
    }
    whole.share_se = sqrt(square / (replicates - 1) / replicates);
    return whole;
}

size_t ws_partition_length(const struct ws_result *result, size_t first) {
    const struct ws_result_slot *slots = result->slots + first;
    size_t n = 1;
    while (first + n < result->n_slots && slots[n].output == slots[0].output && slots[n].by == slots[0].by)
        n++;
    return n;
}
