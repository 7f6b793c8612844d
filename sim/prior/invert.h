// SPDX-License-Identifier: GPL-3.0-or-later
// Inverting a tail probability that has no closed inverse (beta, gamma) by Halley's iteration on ln P as a function of
// t = ln x. In the tails ln P is almost linear in t, so few steps are needed however small P is, and nothing cancels.
#ifndef WS_PRIOR_INVERT_H
#define WS_PRIOR_INVERT_H

#include <stddef.h>

struct ws_tail_point {
    double log_p;      // ln P at t
    double rate, bend; // its first and second derivative by t
};

struct ws_tail {
    const void *shape;
    struct ws_tail_point (*at)(const void *shape, double t);
    double (*start)(const void *shape, double v); // a first guess of t
    double t_max;                                 // the support's end
};

// t[i] such that P(t[i]) = v[i]. Neighbours in v serve each other as starting points. NAN where the tail cannot be
// evaluated. t may be v.
void ws_tail_invert(const struct ws_tail *tail, size_t n, const double *v, double *t);

#endif
