// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/likelihood.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "prior/log_density.h"
#include "prior/span.h"

typedef const struct ws_expression *node;

// ---- building ----

static node number(struct ws_arena *arena, double x) {
    struct ws_expression *e = WS_NEW(arena, struct ws_expression);
    *e = (struct ws_expression){.kind = WS_NUMBER, .number = x};
    return e;
}

static node apply(struct ws_arena *arena, int operation, node a, node b, node c) {
    struct ws_expression *e = WS_NEW(arena, struct ws_expression);
    *e = (struct ws_expression){.kind = WS_APPLY,
                                .operation = operation,
                                .n_operands = c   ? 3
                                              : b ? 2
                                                  : 1,
                                .operand = {a, b, c}};
    return e;
}

struct building {
    struct ws_arena *arena;
    const double *p; // the family's parameters
    node y;          // what they are about
};

static node plus(const struct building *b, node x, node y) { return apply(b->arena, WS_OP_ADD, x, y, NULL); }
static node plus_number(const struct building *b, node x, double a) { return plus(b, x, number(b->arena, a)); }
static node times(const struct building *b, double a, node x) {
    return apply(b->arena, WS_OP_MUL, number(b->arena, a), x, NULL);
}
static node square(const struct building *b, node x) { return apply(b->arena, WS_OP_MUL, x, x, NULL); }
static node logarithm(const struct building *b, node x) { return apply(b->arena, WS_OP_LOG, x, NULL, NULL); }
static node exponential(const struct building *b, node x) { return apply(b->arena, WS_OP_EXP, x, NULL, NULL); }
// (x - location) / scale
static node standard(const struct building *b, node x, double location, double scale) {
    return apply(b->arena, WS_OP_DIV, plus_number(b, x, -location), number(b->arena, scale), NULL);
}

node ws_likelihood_between(double low, double high, node y, struct ws_arena *arena) {
    node above = apply(arena, WS_OP_GE, y, number(arena, low), NULL);
    node below = apply(arena, WS_OP_LE, y, number(arena, high), NULL);
    node within = isinf(low) ? below : isinf(high) ? above : apply(arena, WS_OP_AND, above, below, NULL);
    return apply(arena, WS_OP_SELECT, within, number(arena, 0), number(arena, -INFINITY));
}

// value where low <= y <= high, else -inf.
static node limited(struct ws_arena *arena, double low, double high, node y, node value) {
    if (isinf(low) && isinf(high))
        return value;
    node within = ws_likelihood_between(low, high, y, arena)->operand[0];
    return apply(arena, WS_OP_SELECT, within, value, number(arena, -INFINITY));
}

node ws_likelihood_scaled(size_t quantity, double factor, struct ws_arena *arena) {
    struct ws_expression *x = WS_NEW(arena, struct ws_expression);
    *x = (struct ws_expression){.kind = WS_QUANTITY, .quantity = quantity};
    return factor == 1 ? x : apply(arena, WS_OP_MUL, x, number(arena, factor), NULL);
}

node ws_likelihood_sum(node a, node b, struct ws_arena *arena) { return a ? apply(arena, WS_OP_ADD, a, b, NULL) : b; }

node ws_likelihood_where(size_t choice, size_t label, node likelihood, struct ws_arena *arena) {
    node drawn = ws_likelihood_scaled(choice, 1, arena);
    return apply(arena, WS_OP_SELECT, apply(arena, WS_OP_EQ, drawn, number(arena, (double)label), NULL), likelihood,
                 number(arena, 0));
}

// ---- the families: ln of the density over its greatest value ----

static node of_square(const struct building *b, node t) { return times(b, -0.5, square(b, t)); }

static node of_normal(const struct building *b) { return of_square(b, standard(b, b->y, b->p[0], b->p[1])); }

static node of_lognormal(const struct building *b) {
    return of_square(b, standard(b, logarithm(b, b->y), b->p[0], b->p[1]));
}

static node of_student(const struct building *b) {
    double df = b->p[0];
    node t = standard(b, b->y, b->p[1], b->p[2]);
    return times(b, -(df + 1) / 2, logarithm(b, plus_number(b, times(b, 1 / df, square(b, t)), 1)));
}

// ln (4 e^-t / (1 + e^-t)^2), even in t.
static node of_logistic(const struct building *b) {
    node t = apply(b->arena, WS_OP_ABS, standard(b, b->y, b->p[0], b->p[1]), NULL, NULL);
    node tail = logarithm(b, plus_number(b, exponential(b, times(b, -1, t)), 1));
    return plus_number(b, plus(b, times(b, -1, t), times(b, -2, tail)), 2 * M_LN2);
}

static node of_gumbel(const struct building *b) {
    node t = times(b, -1, standard(b, b->y, b->p[0], b->p[1]));
    return plus_number(b, plus(b, t, times(b, -1, exponential(b, t))), 1);
}

static node of_flat(const struct building *b) { return number(b->arena, 0); }

static node of_triangular(const struct building *b) {
    double low = b->p[0], mode = b->p[1], high = b->p[2];
    node rising = mode > low ? standard(b, b->y, low, mode - low) : NULL;
    node falling = high > mode ? times(b, -1, standard(b, b->y, high, high - mode)) : NULL;
    node height = rising && falling ? apply(b->arena, WS_OP_MIN, rising, falling, NULL) : rising ? rising : falling;
    return logarithm(b, height);
}

// (a - 1) ln t + (b - 1) ln(1 - t) for t on [0, 1]; a term without a coefficient would be 0 * -inf at an end.
static node of_powers(const struct building *b, node t, double a, double c) {
    double mode = a + c > 2 ? (a - 1) / (a + c - 2) : 0.5, greatest = 0;
    node sum = NULL, rest = plus_number(b, times(b, -1, t), 1);
    if (a > 1) {
        sum = times(b, a - 1, logarithm(b, t));
        greatest += (a - 1) * log(mode);
    }
    if (c > 1) {
        sum = ws_likelihood_sum(sum, times(b, c - 1, logarithm(b, rest)), b->arena);
        greatest += (c - 1) * log1p(-mode);
    }
    return sum ? plus_number(b, sum, -greatest) : of_flat(b);
}

static node of_beta(const struct building *b) {
    return of_powers(b, standard(b, b->y, b->p[2], b->p[3] - b->p[2]), b->p[0], b->p[1]);
}

static node of_pert(const struct building *b) {
    double low = b->p[0], mode = b->p[1], width = b->p[2] - low, lambda = b->p[3];
    double a = 1 + lambda * (mode - low) / width, c = 1 + lambda * (b->p[2] - mode) / width;
    return of_powers(b, standard(b, b->y, low, width), a, c);
}

static node of_gamma(const struct building *b) {
    double more = b->p[0] - 1;
    node t = standard(b, b->y, 0, b->p[1]), fall = times(b, -1, t);
    if (more == 0)
        return fall;
    return plus_number(b, plus(b, times(b, more, logarithm(b, t)), fall), more - more * log(more));
}

static node of_exponential(const struct building *b) { return times(b, -1 / b->p[0], b->y); }

static node of_weibull(const struct building *b) {
    double k = b->p[0];
    node t = standard(b, b->y, 0, b->p[1]);
    node fall = times(b, -1, apply(b->arena, WS_OP_POW, t, number(b->arena, k), NULL));
    if (k == 1)
        return fall;
    double greatest = (k - 1) / k * log((k - 1) / k) - (k - 1) / k;
    return plus_number(b, plus(b, times(b, k - 1, logarithm(b, t)), fall), -greatest);
}

static node of_pareto(const struct building *b) {
    return times(b, -(b->p[0] + 1), logarithm(b, standard(b, b->y, 0, b->p[1])));
}

// JCGM 101, 6.4.3: the logarithm of the half-width over the distance from the middle, flat within the least half-width.
static node of_trapezoid(const struct building *b) {
    double middle = (b->p[0] + b->p[1]) / 2, half = (b->p[1] - b->p[0]) / 2, d = b->p[2];
    node off = apply(b->arena, WS_OP_ABS, plus_number(b, b->y, -middle), NULL, NULL);
    node width = apply(b->arena, WS_OP_MAX, off, number(b->arena, half - d), NULL);
    node height = logarithm(b, apply(b->arena, WS_OP_DIV, number(b->arena, half + d), width, NULL));
    return plus_number(b, logarithm(b, height), -log(log((half + d) / (half - d))));
}

// ---- densities that are a spline ----

// The number that goes with the piece that z is in: first[i] below limit[i], the last beyond all. By halving, so that
// the tree is not high; the comparisons are the same ones for every number.
static node pick(const struct building *b, node z, const double *limit, const double *values, size_t n) {
    if (n == 0)
        return number(b->arena, values[0]);
    size_t middle = n / 2;
    node below = apply(b->arena, WS_OP_LT, z, number(b->arena, limit[middle]), NULL);
    return apply(b->arena, WS_OP_SELECT, below, pick(b, z, limit, values, middle),
                 pick(b, z, limit + middle + 1, values + middle + 1, n - middle - 1));
}

// Cubics in z less the knot that each begins at; parabolas beyond the ends.
static node of_knots(const struct building *b, const struct ws_log_density *d, node z) {
    double from[WS_MOST_KNOTS + 1], c[4][WS_MOST_KNOTS + 1];
    for (size_t piece = 0; piece <= d->n; piece++) {
        size_t i = piece > 0 ? piece - 1 : 0;
        from[piece] = d->z[i];
        c[0][piece] = d->value[i];
        c[1][piece] = d->slope[i];
        c[2][piece] = d->bend / 2;
        c[3][piece] = 0;
        if (piece == 0 || piece == d->n)
            continue;
        double width = d->z[i + 1] - d->z[i], rise = (d->value[i + 1] - d->value[i]) / width;
        c[2][piece] = (3 * rise - 2 * d->slope[i] - d->slope[i + 1]) / width;
        c[3][piece] = (d->slope[i] + d->slope[i + 1] - 2 * rise) / (width * width);
    }
    node off = apply(b->arena, WS_OP_SUB, z, pick(b, z, d->z, from, d->n), NULL);
    node sum = pick(b, z, d->z, c[3], d->n);
    for (int power = 2; power >= 0; power--)
        sum = plus(b, apply(b->arena, WS_OP_MUL, sum, off, NULL), pick(b, z, d->z, c[power], d->n));
    return sum;
}

// ln of the density of y: of z's, plus ln |dz / dy|.
static node of_spline(const struct building *b, const struct ws_log_density *d) {
    node above = isinf(d->low) ? NULL : logarithm(b, plus_number(b, b->y, -d->low));
    node below = isinf(d->high) ? NULL : logarithm(b, plus_number(b, times(b, -1, b->y), d->high));
    node fall = below ? times(b, -1, below) : NULL;
    node z = above && below ? plus(b, above, fall) : above ? above : below ? fall : b->y;
    node value = plus_number(b, of_knots(b, d, z), -d->greatest);
    if (above && !d->of_logarithm)
        value = plus(b, value, times(b, -1, above));
    if (below)
        value = plus(b, value, fall);
    return above && below ? plus_number(b, value, log(d->high - d->low)) : value;
}

// ---- their greatest densities, in logarithms: what parts of a mixture are weighed by ----

static double greatest_power(double a, double c) {
    double sum = a + c, mode = sum > 2 ? (a - 1) / (sum - 2) : 0.5;
    double log_beta = lgamma(a) + lgamma(c) - lgamma(sum);
    return (a > 1 ? (a - 1) * log(mode) : 0) + (c > 1 ? (c - 1) * log1p(-mode) : 0) - log_beta;
}

static double peak_normal(const double *p) { return -log(p[1]) - 0.5 * log(2 * M_PI); }

// Of what was observed, e^mu, whose error is relative.
static double peak_lognormal(const double *p) { return -p[0] - log(p[1]) - 0.5 * log(2 * M_PI); }

static double peak_student(const double *p) {
    return lgamma((p[0] + 1) / 2) - lgamma(p[0] / 2) - 0.5 * log(p[0] * M_PI) - log(p[2]);
}

static double peak_logistic(const double *p) { return -log(4 * p[1]); }
static double peak_gumbel(const double *p) { return -1 - log(p[1]); }
static double peak_uniform(const double *p) { return -log(p[1] - p[0]); }
static double peak_loguniform(const double *p) { return -log(log(p[1] / p[0])) - 0.5 * (log(p[0]) + log(p[1])); }
static double peak_triangular(const double *p) { return M_LN2 - log(p[2] - p[0]); }
static double peak_beta(const double *p) { return greatest_power(p[0], p[1]) - log(p[3] - p[2]); }

static double peak_pert(const double *p) {
    double width = p[2] - p[0];
    return greatest_power(1 + p[3] * (p[1] - p[0]) / width, 1 + p[3] * (p[2] - p[1]) / width) - log(width);
}

static double peak_gamma(const double *p) {
    double more = p[0] - 1;
    return (more > 0 ? more * log(more) - more : 0) - lgamma(p[0]) - log(p[1]);
}

static double peak_exponential(const double *p) { return -log(p[0]); }

static double peak_weibull(const double *p) {
    double k = p[0], share = (k - 1) / k;
    return log(k / p[1]) + (k > 1 ? share * log(share) - share : 0);
}

static double peak_trapezoid(const double *p) {
    double half = (p[1] - p[0]) / 2, d = p[2];
    return log(log((half + d) / (half - d)) / (4 * d));
}

static double peak_pareto(const double *p) { return log(p[0] / p[1]); }

static const struct row {
    const char *family;
    node (*make)(const struct building *b);
    double (*peak)(const double *p);
    int first_shape, last_shape; // parameters that must be at least 1 for a bounded density; none where first > last
} rows[] = {
    {"normal", of_normal, peak_normal, 0, -1},
    {"lognormal", of_lognormal, peak_lognormal, 0, -1},
    {"student_t", of_student, peak_student, 0, -1},
    {"logistic", of_logistic, peak_logistic, 0, -1},
    {"gumbel", of_gumbel, peak_gumbel, 0, -1},
    {"uniform", of_flat, peak_uniform, 0, -1},
    {"loguniform", of_flat, peak_loguniform, 0, -1},
    {"triangular", of_triangular, peak_triangular, 0, -1},
    {"pert", of_pert, peak_pert, 0, -1},
    {"beta", of_beta, peak_beta, 0, 1},
    {"gamma", of_gamma, peak_gamma, 0, 0},
    {"exponential", of_exponential, peak_exponential, 0, -1},
    {"weibull", of_weibull, peak_weibull, 0, 0},
    {"pareto", of_pareto, peak_pareto, 0, -1},
    {"curvilinear_trapezoid", of_trapezoid, peak_trapezoid, 0, -1},
};
enum { ROWS = sizeof rows / sizeof *rows, MOST_PARTS = 256 };

static const struct row *row_of(const struct ws_family *family) {
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(rows[i].family, family->name) == 0)
            return &rows[i];
    return NULL;
}

// Why the family is none of ours, and what to do instead.
static void refuse_family(char *why, size_t size, const struct ws_family *family) {
    const char *name = family->name;
    if (strcmp(name, "arcsine") == 0) {
        snprintf(why, size, "an arcsine likelihood is unbounded at both ends; give a bounded family or 'between'");
        return;
    }
    if (family->kind == WS_CONSTANT) {
        snprintf(why, size, "an exact value agrees with no draw; give its error, as in {normal: {mean: 3, sd: 0.1}}");
        return;
    }
    const char *reason = "";
    if (strcmp(name, "empirical") == 0)
        reason = " (a sample as it is has no density; smooth it, or fit a family)";
    size_t n = (size_t)snprintf(why, size, "%s gives no likelihood of a quantity%s, wanted one of", name, reason);
    for (size_t i = 0; i < ROWS && n < size; i++)
        n += (size_t)snprintf(why + n, size - n, " %s,", rows[i].family);
    if (n < size)
        snprintf(why + n, size - n, " quantiles, histogram, mixture, or a count (poisson, binomial)");
}

// ln of the density over its greatest value, whose logarithm is *peak.
static node density(const struct ws_prior *observed, node y, struct ws_arena *arena, double *peak, char *why,
                    size_t size);

// The sum over parts of weight times density, relative to the sum of what each has at most. In logarithms less the
// greatest of them, so that a draw far from all parts keeps its weight.
static node mixture(const struct ws_prior *observed, node y, struct ws_arena *arena, double *peak, char *why,
                    size_t size) {
    size_t n = observed->n_parts;
    node values[MOST_PARTS], most = NULL, sum = NULL;
    double peaks[MOST_PARTS], bound = 0, highest = -INFINITY;
    if (n > MOST_PARTS) {
        snprintf(why, size, "a likelihood of %zu parts, at most %d are allowed", n, (int)MOST_PARTS);
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        values[i] = density(observed->parts[i].prior, y, arena, &peaks[i], why, size);
        if (!values[i])
            return NULL;
        peaks[i] += log(observed->parts[i].weight);
        highest = fmax(highest, peaks[i]);
    }
    for (size_t i = 0; i < n; i++)
        bound += exp(peaks[i] - highest);
    *peak = highest + log(bound);
    const struct building b = {arena, NULL, y};
    for (size_t i = 0; i < n; i++) {
        values[i] = plus_number(&b, values[i], peaks[i] - *peak);
        most = most ? apply(arena, WS_OP_MAX, most, values[i], NULL) : values[i];
    }
    for (size_t i = 0; i < n; i++)
        sum = ws_likelihood_sum(sum, exponential(&b, plus(&b, values[i], times(&b, -1, most))), arena);
    node none = apply(arena, WS_OP_EQ, most, number(arena, -INFINITY), NULL);
    return apply(arena, WS_OP_SELECT, none, number(arena, -INFINITY), plus(&b, most, logarithm(&b, sum)));
}

static node spline(const struct ws_prior *observed, const struct building *b, double *peak, char *why, size_t size) {
    const char *name = observed->family->name;
    struct ws_log_density fitted;
    enum ws_log_density_fit fit = ws_log_density_fit(&fitted, observed);
    if (fit == WS_LOG_DENSITY_UNBOUNDED)
        snprintf(
            why, size,
            "the density of these %s has no bound at an end of what is possible; give quantiles that leave it less "
            "probability, or 'between'",
            name);
    else if (fit == WS_LOG_DENSITY_ROUGH)
        snprintf(why, size, "the density of this %s has too many humps to weigh draws by; give a mixture of families",
                 name);
    if (fit != WS_LOG_DENSITY_FITS)
        return NULL;
    // Of ln y: over the median, as lognormal is.
    *peak = fitted.greatest - (fitted.of_logarithm ? log(ws_prior_quantile(observed, 0.5, 0)) : 0);
    return limited(b->arena, fitted.low, fitted.high, b->y, of_spline(b, &fitted));
}

static node from_row(const struct row *row, const struct ws_prior *observed, const struct building *b, double *peak,
                     char *why, size_t size) {
    const struct ws_family *family = observed->family;
    double low, high;
    for (int k = row->first_shape; k <= row->last_shape; k++)
        if (observed->p[k] < 1) {
            snprintf(why, size, "a %s likelihood with '%s' below 1 is unbounded, found %g; give 1 or more",
                     family->name, family->parameters[k].name, observed->p[k]);
            return NULL;
        }
    *peak = row->peak(observed->p);
    if (isinf(*peak)) { // a trapezoid without a flat part
        snprintf(why, size,
                 "a %s likelihood whose inexactness is half of max - min is unbounded in its middle; give less",
                 family->name);
        return NULL;
    }
    family->support(observed->p, &low, &high);
    return limited(b->arena, low, high, b->y, row->make(b));
}

static node density(const struct ws_prior *observed, node y, struct ws_arena *arena, double *peak, char *why,
                    size_t size) {
    const struct ws_family *family = observed->family;
    const struct row *row = row_of(family);
    struct building b = {arena, observed->p, y};
    struct ws_span span;
    struct ws_prior bare = *observed;
    bare.shift = 0;
    bare.scale = 1;
    bare.low = -INFINITY;
    bare.high = INFINITY;
    node value = NULL;
    if (observed->shift != 0 || observed->scale != 1)
        b.y = standard(&b, y, observed->shift, observed->scale);
    if (strcmp(family->name, "mixture") == 0 || strcmp(family->name, "histogram") == 0)
        value = mixture(observed, b.y, arena, peak, why, size);
    else if (family->composite && family->composite->log_density)
        value = spline(&bare, &b, peak, why, size);
    else if (row)
        value = from_row(row, observed, &b, peak, why, size);
    else
        refuse_family(why, size, family);
    if (!value)
        return NULL;
    ws_span_make(&span, observed);
    *peak -= log(fabs(observed->scale)) + log(span.mass);
    return limited(arena, observed->low, observed->high, y, value);
}

node ws_likelihood(const struct ws_prior *observed, node y, struct ws_arena *arena, double *log_greatest, char *why,
                   size_t size) {
    return density(observed, y, arena, log_greatest, why, size);
}
