// SPDX-License-Identifier: GPL-3.0-or-later
// A mixture: the law of a quantity that is drawn from one of several priors, chosen with given weights. Its parts are
// priors of any kind, mixtures among them; its cdf is the weighted sum of theirs, and its quantile that sum's inverse.
#include "prior/mixture.h"

#include <float.h>
#include <math.h>

#include "prior/shape.h"

enum { MAX_STEPS = 300 };

static double part_tail(const struct ws_prior *part, double x, int upper) {
    return upper ? ws_prior_sf(part, x) : ws_prior_cdf(part, x);
}

static double mixture_cdf(const struct ws_prior *prior, double x, int upper) {
    double sum = 0;
    for (size_t i = 0; i < prior->n_parts; i++)
        if (prior->parts[i].weight > 0)
            sum += prior->parts[i].weight * part_tail(prior->parts[i].prior, x, upper);
    return fmin(sum, 1);
}

// ln of the tail probability over v: rises through 0 at the quantile on the lower side, falls on the upper, where it is
// turned round. Tails are nearly straight in it.
static double excess(ws_tail *tail, const struct ws_prior *prior, double x, double v, int upper) {
    double p = tail(prior, x, upper);
    double g = p > 0 ? log(p / v) : -DBL_MAX;
    return upper ? -g : g;
}

// Between the least and the greatest of the parts' own quantiles.
static void bracket(const struct ws_prior *prior, double v, int upper, double *low, double *high) {
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t i = 0; i < prior->n_parts; i++) {
        if (!(prior->parts[i].weight > 0))
            continue;
        double x = ws_prior_quantile(prior->parts[i].prior, v, upper), slack = 8 * DBL_EPSILON * fabs(x) + DBL_MIN;
        *low = fmin(*low, x - slack);
        *high = fmax(*high, x + slack);
    }
}

// The last two answers.
struct known {
    size_t n;
    double v[2], x[2];
};

// Where what is asked for is near to what was asked for before, the answers are, too: between the last one and twice as
// far as the last two foretell, in most cases.
static void narrow(const struct ws_prior *prior, double v, int upper, const struct known *known, double *low,
                   double *high) {
    if (known->n == 0)
        return;
    const double x = known->x[0], change = v - known->v[0], slack = 8 * DBL_EPSILON * fabs(x) + DBL_MIN;
    if ((change >= 0) == !upper)
        *low = fmax(*low, x - slack);
    else
        *high = fmin(*high, x + slack);
    const double guess = x + 2 * (x - known->x[1]) / (known->v[0] - known->v[1]) * change;
    if (known->n > 1 && guess > *low && guess < *high)
        *(excess(mixture_cdf, prior, guess, v, upper) >= 0 ? high : low) = guess;
}

static void keep(struct known *known, double v, double x) {
    *known = (struct known){known->n + 1, {v, known->v[0]}, {x, known->x[0]}};
}

// T. R. Chandrupatla 1997, "A new hybrid
// quadratic/bisection algorithm for finding the zero of a nonlinear function without using derivatives", Advances in
// Engineering Software 28: inverse quadratic interpolation where the last three points warrant it, else halving, which
// also finds atoms and the ends of gaps.
double ws_tail_inverse(ws_tail *tail, const struct ws_prior *prior, double v, int upper, double low, double high) {
    double a = high, b = low, c = low, t = 0.5;
    double fa = excess(tail, prior, a, v, upper), fb = excess(tail, prior, b, v, upper), fc = fb;
    if (!(fb < 0))
        return isnan(fb) ? fb : low;
    if (!(fa >= 0))
        return isnan(fa) ? fa : high;
    for (int i = 0; i < MAX_STEPS; i++) {
        double at = a + t * (b - a), f = excess(tail, prior, at, v, upper);
        if ((f >= 0) == (fa >= 0)) {
            c = a;
            fc = fa;
        } else {
            c = b;
            b = a;
            fc = fb;
            fb = fa;
        }
        a = at;
        fa = f;
        double least = 2 * DBL_EPSILON * fabs(a) + DBL_MIN;
        if (fabs(b - a) <= 2 * least)
            break;
        double limit = least / fabs(b - a), xi = (a - b) / (c - b), phi = (fa - fb) / (fc - fb);
        int smooth = fabs(fc) < DBL_MAX && phi * phi < xi && (1 - phi) * (1 - phi) < 1 - xi;
        t = smooth ? fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb) : 0.5;
        t = fmin(fmax(t, limit), 1 - limit);
    }
    return fa >= 0 ? a : b;
}

// Whether each part ends before the next begins, as the bins of a histogram do.
static int is_in_order(const struct ws_prior *prior) {
    double end = -INFINITY;
    for (size_t i = 0; i < prior->n_parts; i++) {
        if (!(prior->parts[i].weight > 0))
            continue;
        double from, to;
        ws_prior_ends(prior->parts[i].prior, &from, &to);
        if (!(from >= end))
            return 0;
        end = to;
    }
    return end > -INFINITY;
}

// Of parts in order: the quantile of the one part that probability v falls into, counted from the end that v is.
static double quantile_in_order(const struct ws_prior *prior, double v, int upper) {
    double x = NAN;
    for (size_t i = 0; i < prior->n_parts; i++) {
        const struct ws_prior_part *part = &prior->parts[upper ? prior->n_parts - 1 - i : i];
        if (!(part->weight > 0))
            continue;
        double within = fmin(v / part->weight, 1);
        // From the part's nearer end, where its probability is the more exact.
        x = within <= 0.5 ? ws_prior_quantile(part->prior, within, upper)
                          : ws_prior_quantile(part->prior, 1 - within, !upper);
        v -= part->weight;
        if (v <= 0)
            break;
    }
    return x;
}

// ---- atoms ----

// Behind the first n of x, as the parts themselves compute them.
static size_t add_atoms(const struct ws_prior *prior, double share, double *x, size_t n) {
    size_t first = n;
    if (share < 1.0 / WS_MOST_ATOMS)
        return n;
    if (prior->family->kind == WS_CONSTANT && n < WS_MOST_ATOMS)
        x[n++] = prior->p[0];
    for (size_t i = 0; i < prior->n_parts; i++) {
        const struct ws_prior_part *part = &prior->parts[i];
        if (part->prior)
            n = add_atoms(part->prior, share * part->weight, x, n);
        else if (prior->family->kind == WS_DISCRETE && share * part->weight >= 1.0 / WS_MOST_ATOMS && n < WS_MOST_ATOMS)
            x[n++] = part->value;
    }
    for (size_t i = first; i < n && (prior->scale != 1 || prior->shift != 0); i++)
        x[i] = prior->shift + prior->scale * x[i];
    return n;
}

size_t ws_mixture_atoms(const struct ws_prior *prior, double x[WS_MOST_ATOMS]) { return add_atoms(prior, 1, x, 0); }

// The atom next to x if that is the quantile: a search comes near to it, and in 0's neighbourhood not even that.
static double snap(ws_tail *tail, const struct ws_prior *prior, double x, double v, int upper, const double *atoms,
                   size_t n) {
    double nearest = INFINITY;
    for (size_t i = 0; i < n; i++)
        if (fabs(atoms[i] - x) < fabs(nearest - x))
            nearest = atoms[i];
    if (isinf(nearest))
        return x;
    double before = nearest - 16 * (DBL_EPSILON * fabs(nearest) + DBL_MIN);
    double at = tail(prior, nearest, upper), less = tail(prior, before, upper);
    return (upper ? at <= v && less > v : at >= v && less < v) ? nearest : x;
}

static size_t add_atoms_of_parts(const struct ws_prior *prior, double x[WS_MOST_ATOMS]) {
    size_t n = 0;
    for (size_t i = 0; i < prior->n_parts; i++)
        n = add_atoms(prior->parts[i].prior, prior->parts[i].weight, x, n);
    return n;
}

static void mixture_quantiles(const struct ws_prior *prior, size_t n, const double *v, int upper, double *x) {
    const int in_order = is_in_order(prior);
    double atoms[WS_MOST_ATOMS];
    size_t n_atoms = 0;
    struct known known = {0};
    if (!in_order)
        n_atoms = add_atoms_of_parts(prior, atoms);
    for (size_t i = 0; i < n; i++) {
        if (in_order) {
            x[i] = quantile_in_order(prior, v[i], upper);
            continue;
        }
        double low, high, at = v[i];
        bracket(prior, at, upper, &low, &high);
        narrow(prior, at, upper, &known, &low, &high);
        x[i] = ws_tail_inverse(mixture_cdf, prior, at, upper, low, high); // which may be where v is
        x[i] = snap(mixture_cdf, prior, x[i], at, upper, atoms, n_atoms);
        keep(&known, at, x[i]);
    }
}

// ---- truncated where parts end ----

static int is_mixture(const struct ws_prior *prior) {
    return prior->family->composite == &ws_mixture_composite && isinf(prior->low) && isinf(prior->high);
}

// Probability of what lies between x and the cut, part by part: of a part that is cut off whole that is 0, and not the
// rounding of its weight.
static double between(const struct ws_prior *prior, double x, double cut, int upper) {
    double sum = 0;
    for (size_t i = 0; i < prior->n_parts; i++) {
        const struct ws_prior *part = prior->parts[i].prior;
        double at = (x - part->shift) / part->scale, end = (cut - part->shift) / part->scale;
        int side = (upper != 0) != (part->scale < 0);
        if (is_mixture(part))
            sum += prior->parts[i].weight * between(part, at, end, side);
        else if (prior->parts[i].weight > 0 && part_tail(part, cut, upper) <= 0.5)
            sum += prior->parts[i].weight * (part_tail(part, x, upper) - part_tail(part, cut, upper));
        else if (prior->parts[i].weight > 0)
            sum += prior->parts[i].weight * (part_tail(part, cut, !upper) - part_tail(part, x, !upper));
    }
    return sum;
}

static double kept_tail(const struct ws_prior *prior, double x, int upper) {
    return between(prior, x, upper ? prior->high : prior->low, upper);
}

static void mixture_kept_quantiles(const struct ws_prior *prior, size_t n, const double *v, int upper, double median,
                                   double *x) {
    double atoms[WS_MOST_ATOMS], slack = 8 * DBL_EPSILON * fabs(median) + DBL_MIN;
    size_t n_atoms = add_atoms_of_parts(prior, atoms);
    double low = upper ? median - slack : prior->low, high = upper ? prior->high : median + slack;
    for (size_t i = 0; i < n; i++) {
        double at = v[i];
        x[i] = ws_tail_inverse(kept_tail, prior, at, upper, low, high);
        x[i] = snap(kept_tail, prior, x[i], at, upper, atoms, n_atoms);
    }
}

static void mixture_support(const struct ws_prior *prior, double *low, double *high) {
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t i = 0; i < prior->n_parts; i++) {
        double from, to;
        ws_prior_ends(prior->parts[i].prior, &from, &to);
        *low = fmin(*low, from);
        *high = fmax(*high, to);
    }
}

// In one pass, and each part is asked once, since it may be a mixture itself, as may its parts: T. F. Chan, G. H. Golub
// & R. J. LeVeque 1983, "Algorithms for computing the sample variance", The American Statistician 37, equation 2.1,
// with weights in place of counts.
static void mixture_moments(const struct ws_prior *prior, double m[4]) {
    double mean = 0, centre = 0, variance = 0, weight = 0;
    for (size_t i = 0; i < prior->n_parts; i++) {
        const double own = prior->parts[i].weight;
        double own_mean, own_variance;
        if (!(own > 0))
            continue;
        ws_prior_moments(prior->parts[i].prior, &own_mean, &own_variance);
        const double off = own_mean - centre, share = own / (weight + own);
        mean += own * own_mean;
        variance += own * own_variance + weight * share * off * off;
        centre += share * off;
        weight += own;
    }
    m[0] = mean;
    m[1] = variance;
    m[2] = m[3] = NAN;
}

static size_t mixture_kinks(const struct ws_prior *prior, double *y, size_t most) {
    size_t n = 0;
    for (size_t i = 0; i < prior->n_parts; i++)
        if (prior->parts[i].weight > 0)
            n += ws_prior_kinks(prior->parts[i].prior, n < most ? y + n : y, n < most ? most - n : 0);
    return n;
}

const struct ws_composite ws_mixture_composite = {.quantiles = mixture_quantiles,
                                                  .cdf = mixture_cdf,
                                                  .kept_quantiles = mixture_kept_quantiles,
                                                  .support = mixture_support,
                                                  .moments = mixture_moments,
                                                  .kinks = mixture_kinks};
