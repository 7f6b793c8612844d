// SPDX-License-Identifier: GPL-3.0-or-later
// The logarithm of a density that has no closed form, as a spline: of a metalog, whose quantile function is known, and
// of a sample's kernels, which are too many to be summed for each draw.
#ifndef WS_PRIOR_LOG_DENSITY_H
#define WS_PRIOR_LOG_DENSITY_H

#include "prior/prior.h"

enum { WS_MOST_KNOTS = 256 };
// What takes the bounds to infinity: z = y, ln(y - low), -ln(high - y), ln((y - low) / (high - y)).
enum ws_log_density_scale { WS_SCALE_PLAIN, WS_SCALE_ABOVE, WS_SCALE_BELOW, WS_SCALE_BETWEEN };

// ln of z's density: cubics between knots with their values and slopes, parabolas beyond the first and the last.
struct ws_log_density {
    enum ws_log_density_scale scale;
    double low, high; // bounds of y
    size_t n;
    double z[WS_MOST_KNOTS], value[WS_MOST_KNOTS], slope[WS_MOST_KNOTS];
    double bend;     // second derivative beyond the outermost knots
    double greatest; // of y's density, in logarithms; where of_logarithm, of ln y's
    int of_logarithm;
};

enum ws_log_density_fit { WS_LOG_DENSITY_FITS, WS_LOG_DENSITY_UNBOUNDED, WS_LOG_DENSITY_ROUGH };
// Of the family alone, without shift, scale and truncation, off by 1e-5 at most where it is above e^-40 of the
// greatest. The prior's family has a composite with `log_density`.
enum ws_log_density_fit ws_log_density_fit(struct ws_log_density *density, const struct ws_prior *prior);
double ws_log_density_at(const struct ws_log_density *density, double z); // of z

#endif
