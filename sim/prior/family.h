// SPDX-License-Identifier: GPL-3.0-or-later
// The families of priors: one row each in the table of families.c. The parser, its messages, `wattspan list
// families`, the documentation's table, the JSON Schema and the generic tests all read the row.
#ifndef WS_PRIOR_FAMILY_H
#define WS_PRIOR_FAMILY_H

#include <stddef.h>

enum { WS_MAX_PARAMETERS = 6, WS_MAX_FORMS = 4 };

enum ws_family_kind {
    WS_CONTINUOUS,  // takes truncate, shift and scale
    WS_DISCRETE,    // numbers with probabilities: counts, or listed where `ratio` is NULL; takes them when it is read
    WS_CATEGORICAL, // labels with weights; values are the labels' indices
    WS_CONSTANT
};

enum ws_domain { WS_ANY, WS_POSITIVE, WS_NON_NEGATIVE, WS_PROBABILITY /* (0, 1) */ };

struct ws_parameter {
    const char *name;    // "mean"
    const char *aliases; // "mu loc", space-separated, or NULL
    int domain;          // enum ws_domain
    double fallback;     // used where the study leaves it out; NAN: must be given
};

// Another way to give the same parameters, e.g. lognormal by median and gsd.
struct ws_form {
    const char *names[WS_MAX_PARAMETERS]; // NULL-terminated
    int domains[WS_MAX_PARAMETERS];
    // values in the order of names -> parameters in the family's order; NULL or an error text.
    const char *(*convert)(const double *values, double *parameters);
};

struct ws_prior;

// What a family whose law is not a function of a few parameters has in place of the functions of p below: the prior's
// parts or its sample say what the law is. All are of the family's own y, before scale, shift and truncation.
struct ws_composite {
    void (*quantiles)(const struct ws_prior *prior, size_t n, const double *v, int upper, double *y);
    double (*cdf)(const struct ws_prior *prior, double y, int upper);
    // Of the law truncated to the prior's low and high, which are of y here: y[i] beyond which what is kept has
    // probability v[i] of the whole law, the median being known. NULL where parts do not lie apart.
    void (*kept_quantiles)(const struct ws_prior *prior, size_t n, const double *v, int upper, double median,
                           double *y);
    void (*support)(const struct ws_prior *prior, double *low, double *high);
    void (*moments)(const struct ws_prior *prior, double m[4]); // mean and variance; the others may be NAN
    int by_quadrature; // moments says by NAN alone which do not exist; they are integrals of the quantile function
    // At most `most` of the y at which the quantile function has a kink, a gap's end or a flat part, in any order;
    // returns how many there are.
    size_t (*kinks)(const struct ws_prior *prior, double *y, size_t most);
    // Where the density is known along a parameter t, for log_density.h (else NULL): at[] = z, ln of its density, the
    // slope of that by z; and the t, ascending, between which it is looked at, fewer than 2 where there would be too
    // many. *bend is its second derivative beyond them, *of_logarithm nonzero where a likelihood is of ln y.
    void (*log_density)(const struct ws_prior *prior, double t, double at[3]);
    size_t (*seeds)(const struct ws_prior *prior, double *t, size_t most, double *bend, int *of_logarithm);
};

struct ws_family {
    const char *name;
    const char *aliases;                  // space-separated, or NULL
    const char *summary;                  // one line for people
    const char *example;                  // a prior as a study would have it: "{normal: {mean: 0.75, sd: 0.08}}"
    const char *takes;                    // what it is given where that is no list of parameters, or NULL
    const struct ws_composite *composite; // NULL: the functions of p below; else these and the parsing are its own
    int kind;                             // enum ws_family_kind
    int positive;                         // support in (0, inf) for all parameters: spreads are about ln x
    struct ws_parameter parameters[WS_MAX_PARAMETERS]; // ends at a NULL name
    struct ws_form forms[WS_MAX_FORMS];                // ends at a NULL names[0]
    // Relations between parameters ("triangular needs min <= mode <= max, found ..."): 0, or nonzero with a text.
    int (*check)(const double *p, char *text, size_t size);
    // x at distance v in (0, 1/2] of u from the lower end, or from the upper end where upper is nonzero.
    double (*quantile)(const double *p, double v, int upper);
    // The same for n values of v that follow each other closely, where a neighbour's answer saves work; x may be v
    // itself. NULL: quantile is as good.
    void (*quantiles)(const double *p, size_t n, const double *v, int upper, double *x);
    // P(X <= x), or P(X > x) where upper is nonzero, without cancellation.
    double (*cdf)(const double *p, double x, int upper);
    void (*support)(const double *p, double *low, double *high);
    // mean, variance, skewness, excess kurtosis; NAN where they do not exist.
    void (*moments)(const double *p, double m[4]);
    // The u in (0, 1), ascending, where the quantile function has a kink or a gap; returns how many (at most 8). May be
    // NULL.
    size_t (*breaks)(const double *p, double *u);
    // Counts: the likeliest value, and P(k + 1) / P(k). NULL for all others.
    double (*mode)(const double *p);
    double (*ratio)(const double *p, double k);
    // Parameters from two quantiles, 0 < p1 < p2 < 1: 0, or nonzero with a text. NULL: no two-quantile form. The
    // parameters named by `beside` (space-separated) are given beside the quantiles and stand in p already.
    const char *beside;
    int (*from_quantiles)(double p1, double x1, double p2, double x2, double *p, char *text, size_t size);
};

// All values of a count with weights that sum to one, ascending, in `arena`; returns how many.
struct ws_arena;
struct ws_prior_part;
size_t ws_counts_parts(const struct ws_family *family, const double *p, struct ws_arena *arena,
                       struct ws_prior_part **parts);

// 1 if `word` is one of the space-separated words of `list`, which may be NULL.
int ws_is_listed(const char *list, const char *word);

// The rows, ordered for people. *count receives their number.
const struct ws_family *ws_families(size_t *count);
// By name or alias, or NULL.
const struct ws_family *ws_family_find(const char *name);

#endif
