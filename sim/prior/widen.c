// SPDX-License-Identifier: GPL-3.0-or-later
// What if the priors are overconfident? A family's spread multiplied about its median m: y becomes m + F (y - m), or,
// where y is never negative, m (y / m)^F, which is the same in ln y. A share (beta) is spread in its log-odds, so that
// it stays between its own ends. Scale, shift and truncation come afterwards, so that what `truncate` rules out stays
// ruled out.
#include <math.h>
#include <string.h>

#include "prior/prior.h"
#include "prior/shape.h"

enum spread { LINEAR, LOGARITHM, LOG_ODDS };

static enum spread spread_of(const struct ws_prior *prior) {
    double low, high;
    if (strcmp(prior->family->name, "beta") == 0)
        return LOG_ODDS;
    ws_shape_support(prior, &low, &high);
    return low >= 0 && prior->centre > 0 ? LOGARITHM : LINEAR;
}

static double odds_power(double odds, double centre, double power) { return centre * pow(odds / centre, power); }

// y between min and max, its odds about those of the centre raised to a power.
static double spread_share(const struct ws_prior *prior, double y, double power) {
    double low, high;
    ws_shape_support(prior, &low, &high);
    if (!(y > low))
        return low;
    if (!(y < high))
        return high;
    double odds = odds_power((y - low) / (high - y), (prior->centre - low) / (high - prior->centre), power);
    return odds < 1 ? low + (high - low) * (odds / (1 + odds)) : high - (high - low) / (1 + odds);
}

static double spread(const struct ws_prior *prior, double y, double power) {
    switch (spread_of(prior)) {
    case LOG_ODDS:
        return spread_share(prior, y, power);
    case LOGARITHM:
        return y > 0 ? prior->centre * pow(y / prior->centre, power) : 0;
    default:
        return prior->centre + power * (y - prior->centre);
    }
}

double ws_prior_widen(const struct ws_prior *prior, double y) {
    return prior->widen == 0 ? y : spread(prior, y, prior->widen);
}

double ws_prior_unwiden(const struct ws_prior *prior, double y) {
    return prior->widen == 0 ? y : spread(prior, y, 1 / prior->widen);
}

// The parts of a mixture, or what a categorical input chooses among, are each widened about their own median: every
// expert is taken to have been too sure.
static const struct ws_prior_part *widen_parts(const struct ws_prior *prior, double factor, struct ws_arena *arena) {
    struct ws_prior_part *parts = WS_NEW_ARRAY(arena, struct ws_prior_part, prior->n_parts + 1);
    for (size_t i = 0; i < prior->n_parts; i++) {
        parts[i] = prior->parts[i];
        if (parts[i].prior)
            parts[i].prior = ws_prior_widened(parts[i].prior, factor, arena);
    }
    return parts;
}

const struct ws_prior *ws_prior_widened(const struct ws_prior *prior, double factor, struct ws_arena *arena) {
    int in_parts = prior->n_parts > 0 && prior->parts[0].prior != NULL;
    if (factor == 1 || strcmp(prior->family->name, "dirichlet") == 0 ||
        (prior->family->kind != WS_CONTINUOUS && !in_parts))
        return prior;
    struct ws_prior *widened = WS_NEW(arena, struct ws_prior);
    *widened = *prior;
    if (in_parts) {
        widened->parts = widen_parts(prior, factor, arena);
    } else {
        widened->widen = factor;
        widened->centre = ws_shape_quantile(prior, 0.5, 0);
    }
    return widened;
}
