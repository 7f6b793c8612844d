// SPDX-License-Identifier: GPL-3.0-or-later
#include "prior/prior.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "prior/families.h"
#include "prior/shape.h"
#include "prior/span.h"

// Below this share of the distribution tail probabilities come close to the smallest doubles.
static const double least_mass = 1e-280;

// ---- checking ----

static int in_domain(int domain, double value) {
    switch (domain) {
    case WS_POSITIVE:
        return value > 0;
    case WS_NON_NEGATIVE:
        return value >= 0;
    case WS_PROBABILITY:
        return value > 0 && value < 1;
    default:
        return 1;
    }
}

static const char *domain_text(int domain) {
    static const char *const texts[] = {[WS_ANY] = "finite",
                                        [WS_POSITIVE] = "> 0",
                                        [WS_NON_NEGATIVE] = ">= 0",
                                        [WS_PROBABILITY] = "above 0 and below 1"};
    return texts[domain];
}

static int check_parameters(const struct ws_prior *prior, char *text, size_t size) {
    const struct ws_family *family = prior->family;
    char found[32];
    for (size_t i = 0; i < WS_MAX_PARAMETERS && family->parameters[i].name; i++) {
        const struct ws_parameter *parameter = &family->parameters[i];
        int domain = isfinite(prior->p[i]) ? parameter->domain : WS_ANY;
        if (!isfinite(prior->p[i]) || !in_domain(domain, prior->p[i])) {
            snprintf(text, size, "%s needs %s %s, found %s", family->name, parameter->name, domain_text(domain),
                     ws_format_double(prior->p[i], found));
            return -1;
        }
    }
    return family->check ? family->check(prior->p, text, size) : 0;
}

static int check_parts(const struct ws_prior *prior, char *text, size_t size) {
    char found[32];
    if (prior->n_parts == 0) {
        snprintf(text, size, "%s needs at least one alternative", prior->family->name);
        return -1;
    }
    for (size_t i = 0; i < prior->n_parts; i++) {
        const struct ws_prior_part *part = &prior->parts[i];
        if (part->weight > 0 && isfinite(part->weight))
            continue;
        snprintf(text, size, "%s needs weights > 0, found %s%s%s", prior->family->name,
                 ws_format_double(part->weight, found), part->label ? " for " : "", part->label ? part->label : "");
        return -1;
    }
    return 0;
}

static int check_truncation(const struct ws_prior *prior, char *text, size_t size) {
    char low[32], high[32], from[32], to[32];
    if (isnan(prior->low) || isnan(prior->high) || !(prior->low < prior->high)) {
        snprintf(text, size, "truncate needs low < high, found [%s, %s]", ws_format_double(prior->low, low),
                 ws_format_double(prior->high, high));
        return -1;
    }
    struct ws_span span;
    ws_span_make(&span, prior);
    if (span.low < span.high && span.mass >= least_mass)
        return 0;
    double support_low, support_high;
    struct ws_prior whole = *prior;
    whole.low = -INFINITY;
    whole.high = INFINITY;
    ws_span_make(&span, &whole);
    support_low = span.low;
    support_high = span.high;
    if (isinf(prior->low) && isinf(prior->high) && support_low == support_high) {
        snprintf(text, size, "%s has all its weight on %s; for a constant write the number alone", prior->family->name,
                 ws_format_double(support_low, from));
        return -1;
    }
    int apart = prior->high <= support_low || prior->low >= support_high;
    ws_format_double(prior->low, low);
    ws_format_double(prior->high, high);
    if (apart)
        snprintf(text, size, "truncate: [%s, %s] leaves nothing of %s, which lies between %s and %s", low, high,
                 prior->family->name, ws_format_double(support_low, from), ws_format_double(support_high, to));
    else
        snprintf(text, size, "truncate: [%s, %s] leaves nothing of %s, of which 90 %% lie between %.3g and %.3g", low,
                 high, prior->family->name, ws_prior_quantile(&whole, 0.05, 0), ws_prior_quantile(&whole, 0.05, 1));
    return -1;
}

static int check_modifiers(const struct ws_prior *prior, char *text, size_t size) {
    char found[32];
    if (prior->family->kind != WS_CONTINUOUS) {
        if (prior->shift == 0 && prior->scale == 1 && isinf(prior->low) && isinf(prior->high))
            return 0;
        snprintf(text, size, "%s takes no truncate, shift or scale", prior->family->name);
        return -1;
    }
    if (!isfinite(prior->shift)) {
        snprintf(text, size, "shift needs a finite number, found %s", ws_format_double(prior->shift, found));
        return -1;
    }
    if (!isfinite(prior->scale) || prior->scale == 0) {
        snprintf(text, size, "scale needs a finite number other than 0, found %s",
                 ws_format_double(prior->scale, found));
        return -1;
    }
    return check_truncation(prior, text, size);
}

int ws_prior_check(const struct ws_prior *prior, char *text, size_t size) {
    if (check_parameters(prior, text, size))
        return -1;
    int has_parts = prior->family->kind == WS_CATEGORICAL || prior->family->kind == WS_DISCRETE;
    if (has_parts && check_parts(prior, text, size))
        return -1;
    return check_modifiers(prior, text, size);
}

// ---- evaluation ----

static int is_discrete(const struct ws_prior *prior) {
    return prior->family->kind == WS_CATEGORICAL || prior->family->kind == WS_DISCRETE;
}

static double part_value(const struct ws_prior *prior, size_t i) {
    return prior->family->kind == WS_CATEGORICAL ? (double)i : prior->parts[i].value;
}

static double parts_quantile(const struct ws_prior *prior, double v, int upper) {
    double u = upper ? 1 - v : v, sum = 0;
    size_t i = 0;
    while (i + 1 < prior->n_parts && (sum += prior->parts[i].weight) <= u)
        i++;
    return part_value(prior, i);
}

static double parts_probability(const struct ws_prior *prior, double x, int upper) {
    double sum = 0;
    for (size_t i = 0; i < prior->n_parts; i++)
        if ((part_value(prior, i) > x) == (upper != 0))
            sum += prior->parts[i].weight;
    return fmin(sum, 1);
}

double ws_prior_quantile(const struct ws_prior *prior, double v, int upper) {
    if (is_discrete(prior))
        return parts_quantile(prior, v, upper);
    struct ws_span span;
    double x;
    ws_span_make(&span, prior);
    ws_span_quantiles(&span, 1, &v, upper, &x);
    return x;
}

static double tail_probability(const struct ws_prior *prior, double x, int upper) {
    if (is_discrete(prior))
        return parts_probability(prior, x, upper);
    struct ws_span span;
    ws_span_make(&span, prior);
    return ws_span_cdf(&span, x, upper);
}

double ws_prior_cdf(const struct ws_prior *prior, double x) { return tail_probability(prior, x, 0); }

double ws_prior_sf(const struct ws_prior *prior, double x) { return tail_probability(prior, x, 1); }

int ws_prior_is_constant(const struct ws_prior *prior) {
    return prior->family->kind == WS_CONSTANT || (is_discrete(prior) && prior->n_parts == 1);
}

int ws_prior_is_categorical(const struct ws_prior *prior) { return prior->family->kind == WS_CATEGORICAL; }

// ---- moments ----

// Adds the integrals over v in [from, to] on one side of (x - centre) and its square.
static void add_piece(const struct ws_span *span, int upper, double from, double to, double centre, double sum[2]) {
    double v[WS_GAUSS_POINTS], x[WS_GAUSS_POINTS];
    for (int i = 0; i < WS_GAUSS_POINTS; i++)
        v[i] = from + (to - from) * (0.5 + 0.5 * ws_gauss_x[i]);
    ws_span_quantiles(span, WS_GAUSS_POINTS, v, upper, x);
    for (int i = 0; i < WS_GAUSS_POINTS; i++) {
        double d = x[i] - centre, weight = 0.5 * (to - from) * ws_gauss_w[i];
        sum[0] += weight * d;
        sum[1] += weight * d * d;
    }
}

// One side of the quantile function, octave by octave of v into the tail until nothing is added any more.
static void add_side(const struct ws_span *span, int upper, double centre, double sum[2]) {
    double breaks[WS_MAX_BREAKS];
    size_t n = ws_span_breaks(span, upper, breaks);
    for (double to = 0.5; to > 1e-300; to /= 2) {
        double before[2] = {sum[0], sum[1]}, start = to;
        while (n > 0 && breaks[n - 1] > to / 2) {
            add_piece(span, upper, breaks[n - 1], start, centre, sum);
            start = breaks[--n];
        }
        add_piece(span, upper, to / 2, start, centre, sum);
        if (n == 0 && fabs(sum[0] - before[0]) <= 1e-18 * sqrt(sum[1]) && sum[1] - before[1] <= 1e-18 * sum[1])
            break;
    }
}

// Whether E |X|^power is finite: the tails fall off faster than 1 / |x|^power. Asked of widened priors, whose moments
// are not the family's.
static int has_moment(const struct ws_span *span, double power) {
    int found = 1;
    for (int side = 0; side < 2; side++) {
        double v = 1e-290, x;
        ws_span_quantiles(span, 1, &v, side, &x);
        found &= v * pow(fabs(x), power) < 1e-20;
    }
    return found;
}

// A moment that the family lacks is there once truncation has cut the tail that has none, and we ask for both.
static void truncated_moments(const struct ws_span *span, const double family[4], double *mean, double *variance) {
    int bounded = isfinite(span->low) && isfinite(span->high), widened = span->prior->widen != 0;
    double v = 0.5, centre, sum[2] = {0, 0};
    ws_span_quantiles(span, 1, &v, 0, &centre);
    add_side(span, 0, centre, sum);
    add_side(span, 1, centre, sum);
    *mean = bounded || (widened ? has_moment(span, 1) : isfinite(family[0])) ? centre + sum[0] : NAN;
    *variance = bounded || (widened ? has_moment(span, 2) : isfinite(family[1])) ? sum[1] - sum[0] * sum[0] : NAN;
}

void ws_prior_moments(const struct ws_prior *prior, double *mean, double *variance) {
    double m[4];
    struct ws_span span;
    *mean = *variance = NAN;
    if (prior->family->kind == WS_CATEGORICAL)
        return;
    if (is_discrete(prior)) {
        *mean = *variance = 0;
        for (size_t i = 0; i < prior->n_parts; i++)
            *mean += prior->parts[i].weight * prior->parts[i].value;
        for (size_t i = 0; i < prior->n_parts; i++)
            *variance += prior->parts[i].weight * (prior->parts[i].value - *mean) * (prior->parts[i].value - *mean);
        return;
    }
    ws_shape_moments(prior, m);
    ws_span_make(&span, prior);
    if (span.truncated || prior->widen != 0 || (prior->family->composite && prior->family->composite->by_quadrature)) {
        truncated_moments(&span, m, mean, variance);
    } else {
        *mean = prior->shift + prior->scale * m[0];
        *variance = prior->scale * prior->scale * m[1];
    }
}

double ws_prior_mean(const struct ws_prior *prior) {
    double mean, variance;
    ws_prior_moments(prior, &mean, &variance);
    return mean;
}

double ws_prior_sd(const struct ws_prior *prior) {
    double mean, variance;
    ws_prior_moments(prior, &mean, &variance);
    return sqrt(variance);
}

// ---- comparison ----

static int part_equal(const struct ws_prior_part *a, const struct ws_prior_part *b) {
    if (a->weight != b->weight || a->value != b->value || !a->label != !b->label || !a->prior != !b->prior)
        return 0;
    if (a->label && strcmp(a->label, b->label) != 0)
        return 0;
    return !a->prior || ws_prior_equal(a->prior, b->prior);
}

int ws_prior_equal(const struct ws_prior *a, const struct ws_prior *b) {
    if (a->family != b->family || a->n_parts != b->n_parts || a->shift != b->shift || a->scale != b->scale ||
        a->low != b->low || a->high != b->high || a->widen != b->widen)
        return 0;
    for (size_t i = 0; i < WS_MAX_PARAMETERS && a->family->parameters[i].name; i++)
        if (a->p[i] != b->p[i])
            return 0;
    for (size_t i = 0; a->family->composite && i < WS_MAX_PARAMETERS; i++)
        if (a->p[i] != b->p[i])
            return 0;
    if (a->n_data != b->n_data || (a->n_data && memcmp(a->data, b->data, a->n_data * sizeof *a->data) != 0))
        return 0;
    for (size_t i = 0; i < a->n_parts; i++)
        if (!part_equal(&a->parts[i], &b->parts[i]))
            return 0;
    return 1;
}

// Of what ws_prior_equal compares, for where that is not a text; x + 0.0 since -0 and +0 are equal.
uint64_t ws_prior_hash(const struct ws_prior *prior) {
    uint64_t hash = ws_checksum(prior->family->name, strlen(prior->family->name));
    const double modifiers[] = {prior->shift + 0.0, prior->scale + 0.0,     prior->low + 0.0,     prior->high + 0.0,
                                prior->widen + 0.0, (double)prior->n_parts, (double)prior->n_data};
    hash ^= ws_checksum(modifiers, sizeof modifiers);
    for (size_t i = 0; i < WS_MAX_PARAMETERS && (prior->family->composite || prior->family->parameters[i].name); i++) {
        const double mixed[] = {(double)(hash >> 11), prior->p[i] + 0.0};
        hash ^= ws_checksum(mixed, sizeof mixed);
    }
    for (size_t i = 0; i < prior->n_parts; i++) {
        const double mixed[] = {(double)(hash >> 11), prior->parts[i].weight + 0.0, prior->parts[i].value + 0.0};
        hash ^= ws_checksum(mixed, sizeof mixed);
    }
    return prior->n_data > 0 ? hash ^ ws_checksum(prior->data, prior->n_data * sizeof *prior->data) : hash;
}
