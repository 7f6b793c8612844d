// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/likelihood.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

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

static const struct {
    const char *family;
    node (*make)(const struct building *b);
    int first_shape, last_shape; // parameters that must be at least 1 for a bounded density; none where first > last
} rows[] = {
    {"normal", of_normal, 0, -1},     {"lognormal", of_lognormal, 0, -1},
    {"student_t", of_student, 0, -1}, {"logistic", of_logistic, 0, -1},
    {"gumbel", of_gumbel, 0, -1},     {"uniform", of_flat, 0, -1},
    {"loguniform", of_flat, 0, -1},   {"triangular", of_triangular, 0, -1},
    {"pert", of_pert, 0, -1},         {"beta", of_beta, 0, 1},
    {"gamma", of_gamma, 0, 0},        {"exponential", of_exponential, 0, -1},
    {"weibull", of_weibull, 0, 0},    {"pareto", of_pareto, 0, -1},
};
enum { ROWS = sizeof rows / sizeof *rows };

static void list_families(char *why, size_t size, const char *name) {
    if (strcmp(name, "binomial") == 0 || strcmp(name, "bernoulli") == 0) {
        snprintf(why, size,
                 "%s counts successes, their probability is what can be observed: k of n give it the likelihood "
                 "{beta: {a: k + 1, b: n - k + 1}}, sums worked out",
                 name);
        return;
    }
    if (strcmp(name, "poisson") == 0) {
        snprintf(why, size,
                 "poisson counts events, their mean is what can be observed: k events give it the "
                 "likelihood {gamma: {shape: k + 1, scale: 1}}, the sum worked out");
        return;
    }
    const struct ws_family *family = ws_family_find(name);
    int no_formula = (family && family->composite) || strcmp(name, "empirical") == 0;
    size_t n = (size_t)snprintf(why, size, "%s gives no likelihood of a quantity%s, wanted one of", name,
                                no_formula ? " (its density is no formula to weigh a draw by)" : "");
    for (size_t i = 0; i < ROWS && n < size; i++)
        n += (size_t)snprintf(why + n, size - n, "%s %s", i ? "," : "", rows[i].family);
}

node ws_likelihood(const struct ws_prior *observed, node y, struct ws_arena *arena, char *why, size_t size) {
    const struct ws_family *family = observed->family;
    size_t i = 0;
    while (i < ROWS && strcmp(rows[i].family, family->name) != 0)
        i++;
    if (strcmp(family->name, "arcsine") == 0) {
        snprintf(why, size, "an arcsine likelihood is unbounded at both ends; give a bounded family or 'between'");
        return NULL;
    }
    if (i == ROWS) {
        list_families(why, size, family->name);
        return NULL;
    }
    for (int k = rows[i].first_shape; k <= rows[i].last_shape; k++)
        if (observed->p[k] < 1) {
            snprintf(why, size, "a %s likelihood with '%s' below 1 is unbounded, found %g; give 1 or more",
                     family->name, family->parameters[k].name, observed->p[k]);
            return NULL;
        }
    struct building b = {arena, observed->p, y};
    if (observed->shift != 0 || observed->scale != 1)
        b.y = standard(&b, y, observed->shift, observed->scale);
    double low, high;
    family->support(observed->p, &low, &high);
    node value = limited(arena, low, high, b.y, rows[i].make(&b));
    return limited(arena, observed->low, observed->high, y, value);
}
