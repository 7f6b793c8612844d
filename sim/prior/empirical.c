// SPDX-License-Identifier: GPL-3.0-or-later
#include "prior/empirical.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "prior/mixture.h"

// ---- the sample ----

static int by_value(const void *a, const void *b) {
    double x = ((const struct ws_prior_part *)a)->value, y = ((const struct ws_prior_part *)b)->value;
    return (x > y) - (x < y);
}

// Ascending, equal values together, none of weight 0; weights that sum to one.
static struct ws_prior_part *sorted(const double *values, const double *weights, size_t n, size_t *kept,
                                    struct ws_arena *arena) {
    struct ws_prior_part *parts = WS_NEW_ARRAY(arena, struct ws_prior_part, n + 1);
    double sum = 0;
    size_t taken = 0;
    for (size_t i = 0; i < n; i++)
        if (!weights || weights[i] > 0)
            parts[taken++] = (struct ws_prior_part){.value = values[i], .weight = weights ? weights[i] : 1};
    qsort(parts, taken, sizeof *parts, by_value);
    *kept = 0;
    for (size_t i = 0; i < taken; i++) {
        sum += parts[i].weight;
        if (*kept > 0 && parts[*kept - 1].value == parts[i].value)
            parts[*kept - 1].weight += parts[i].weight;
        else
            parts[(*kept)++] = parts[i];
    }
    for (size_t i = 0; i < *kept; i++)
        parts[i].weight /= sum;
    return parts;
}

void ws_empirical_steps(struct ws_prior *prior, const double *values, const double *weights, size_t n,
                        struct ws_arena *arena) {
    prior->parts = sorted(values, weights, n, &prior->n_parts, arena);
}

// ---- the kernels: data = means, then widths, weights, the weights of all before and of all behind each, and the law's
// two tails at the means ----

enum { MEAN, WIDTH, WEIGHT, BEFORE, BEHIND, LOWER, UPPER, ROWS };

struct kernels {
    size_t n;
    const double *mean, *width, *weight, *before, *behind, *tail[2];
};

static struct kernels kernels_of(const struct ws_prior *prior) {
    size_t n = prior->n_data / ROWS;
    const double *d = prior->data;
    return (struct kernels){
        n, d, d + WIDTH * n, d + WEIGHT * n, d + BEFORE * n, d + BEHIND * n, {d + LOWER * n, d + UPPER * n}};
}

static int in_log(const struct ws_prior *prior) { return prior->p[0] != 0; }

// ---- the law ----

// The first kernel whose mean is at or beyond x.
static size_t first_beyond(const struct kernels *k, double x) {
    size_t low = 0, high = k->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (k->mean[middle] < x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// P(Z > z) of a standard normal, z >= 0.
static double beyond(double z) { return 0.5 * erfc(z * M_SQRT1_2); }

// P(Y <= y), or beyond, of the kernels' own scale: from the kernels next to y outwards. Those far on the tail's side
// are whole, those far on the other are nothing beside what is there already.
static double tail(const struct ws_prior *prior, double y, int upper) {
    enum { WHOLE = 9 }; // widths: Phi(-9) is 1e-19
    const struct kernels k = kernels_of(prior);
    size_t at = first_beyond(&k, y), near = upper ? k.n - at : at, far = k.n - near;
    double sum = 0;
    for (size_t n = 0; n < near; n++) {
        size_t i = upper ? at + n : at - 1 - n;
        double z = fabs(y - k.mean[i]) / k.width[i];
        if (z > WHOLE) {
            sum += k.weight[i] + (upper ? k.behind[i] : k.before[i]);
            break;
        }
        sum += k.weight[i] * (1 - beyond(z));
    }
    for (size_t n = 0; n < far; n++) {
        size_t i = upper ? at - 1 - n : at + n;
        double z = fabs(y - k.mean[i]) / k.width[i], part = beyond(z);
        sum += k.weight[i] * part;
        if (part < 1e-18 * sum || z > 39)
            break;
    }
    return fmin(sum, 1);
}

// Two means between which the quantile lies; beyond the outermost, a point whose tail is smaller still.
static void bracket(const struct kernels *k, double v, int upper, double *low, double *high) {
    size_t first = 0, last = k->n; // the first mean with P(Y <= mean) >= u
    while (first < last) {
        size_t middle = first + (last - first) / 2;
        if (upper ? k->tail[1][middle] > v : k->tail[0][middle] < v)
            first = middle + 1;
        else
            last = middle;
    }
    double z = gsl_cdf_ugaussian_Pinv(v) - 1;
    *low = first > 0 ? k->mean[first - 1] : INFINITY;
    *high = first < k->n ? k->mean[first] : -INFINITY;
    for (size_t i = 0; i < k->n && first == 0; i++)
        *low = fmin(*low, k->mean[i] + z * k->width[i]);
    for (size_t i = 0; i < k->n && first == k->n; i++)
        *high = fmax(*high, k->mean[i] - z * k->width[i]);
}

static void smoothed_quantiles(const struct ws_prior *prior, size_t n, const double *v, int upper, double *y) {
    const struct kernels k = kernels_of(prior);
    for (size_t i = 0; i < n; i++) {
        double low, high, at = v[i];
        bracket(&k, at, upper, &low, &high);
        double x = ws_tail_inverse(tail, prior, at, upper, low, high);
        y[i] = in_log(prior) ? exp(x) : x;
    }
}

static double smoothed_cdf(const struct ws_prior *prior, double y, int upper) {
    if (in_log(prior) && !(y > 0))
        return upper ? 1 : 0;
    return tail(prior, in_log(prior) ? log(y) : y, upper);
}

static void smoothed_support(const struct ws_prior *prior, double *low, double *high) {
    *low = in_log(prior) ? 0 : -INFINITY;
    *high = INFINITY;
}

static void smoothed_moments(const struct ws_prior *prior, double m[4]) {
    const struct kernels k = kernels_of(prior);
    double mean = 0, variance = 0;
    for (size_t i = 0; i < k.n; i++)
        mean += k.weight[i] * (in_log(prior) ? exp(k.mean[i] + k.width[i] * k.width[i] / 2) : k.mean[i]);
    for (size_t i = 0; i < k.n; i++) {
        double s2 = k.width[i] * k.width[i], own = in_log(prior) ? exp(k.mean[i] + s2 / 2) : k.mean[i];
        double spread = in_log(prior) ? own * own * expm1(s2) : s2;
        variance += k.weight[i] * (spread + (own - mean) * (own - mean));
    }
    m[0] = mean;
    m[1] = variance;
    m[2] = m[3] = NAN;
}

// Where the density falls to nothing between two kernels the quantile function jumps.
static size_t smoothed_kinks(const struct ws_prior *prior, double *y, size_t most) {
    enum { APART = 6 }; // widths from the middle
    const struct kernels k = kernels_of(prior);
    size_t n = 0;
    for (size_t i = 1; i < k.n; i++) {
        double middle = (k.mean[i - 1] + k.mean[i]) / 2;
        if (middle - k.mean[i - 1] < APART * fmax(k.width[i - 1], k.width[i]))
            continue;
        if (n < most)
            y[n] = in_log(prior) ? exp(middle) : middle;
        n++;
    }
    return n;
}

// Along the kernels' own scale, less the greatest term: between two clusters all may be too small for a number.
static void smoothed_log_density(const struct ws_prior *prior, double y, double at[3]) {
    const struct kernels k = kernels_of(prior);
    double greatest = -INFINITY, sum = 0, slope = 0;
    for (size_t i = 0; i < k.n; i++) {
        double z = (y - k.mean[i]) / k.width[i];
        greatest = fmax(greatest, log(k.weight[i] / k.width[i]) - 0.5 * z * z);
    }
    for (size_t i = 0; i < k.n; i++) {
        double z = (y - k.mean[i]) / k.width[i], part = exp(log(k.weight[i] / k.width[i]) - 0.5 * z * z - greatest);
        sum += part;
        slope -= part * z / k.width[i];
    }
    at[0] = y;
    at[1] = greatest + log(sum) - 0.5 * log(2 * M_PI);
    at[2] = slope / sum;
}

// The kernels, thinned to a width's distance, and nine widths beyond the outermost.
static size_t smoothed_seeds(const struct ws_prior *prior, double *t, size_t most, double *bend, int *of_logarithm) {
    const struct kernels k = kernels_of(prior);
    double h = prior->p[1], last = k.mean[k.n - 1];
    size_t n = 1;
    *bend = -1 / (h * h);
    *of_logarithm = in_log(prior);
    t[0] = k.mean[0] - 9 * h;
    for (size_t i = 0; i < k.n && n + 2 < most; i++)
        if (i == 0 || k.mean[i] - t[n - 1] >= h)
            t[n++] = k.mean[i];
    if (n + 2 >= most)
        return 0;
    t[n++] = last + 9 * h;
    return n;
}

static const struct ws_composite composite = {.quantiles = smoothed_quantiles,
                                              .cdf = smoothed_cdf,
                                              .support = smoothed_support,
                                              .moments = smoothed_moments,
                                              .kinks = smoothed_kinks,
                                              .log_density = smoothed_log_density,
                                              .seeds = smoothed_seeds};

// What `empirical` is where it is smoothed: its row in the table of families is of the sample as it is.
static const struct ws_family smoothed = {.name = "empirical", .kind = WS_CONTINUOUS, .composite = &composite};

// ---- smoothing ----

static double quantile_of(const struct ws_prior_part *parts, size_t n, double u) {
    double sum = 0;
    size_t i = 0;
    while (i + 1 < n && (sum += parts[i].weight) < u)
        i++;
    return parts[i].value;
}

// Silverman's width; `raw` are the weights before equal values were put together.
static double width_of(const struct ws_prior_part *parts, size_t n, const double *raw, size_t n_raw) {
    double mean = 0, variance = 0, sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        mean += parts[i].weight * parts[i].value;
    for (size_t i = 0; i < n; i++)
        variance += parts[i].weight * (parts[i].value - mean) * (parts[i].value - mean);
    for (size_t i = 0; i < n_raw; i++) {
        sum += raw ? raw[i] : 1;
        squares += raw ? raw[i] * raw[i] : 1;
    }
    double size = sum / squares * sum, range = quantile_of(parts, n, 0.75) - quantile_of(parts, n, 0.25);
    double sd = sqrt(size > 1 ? variance * size / (size - 1) : variance);
    double spread = range > 0 ? fmin(sd, range / 1.34) : sd;
    return 0.9 * spread * pow(size, -0.2);
}

// Values within h / 8 of the first of theirs under one kernel. The kernels' number.
static size_t gather(const struct ws_prior_part *parts, size_t n, double h, double *mean, double *width,
                     double *weight) {
    size_t count = 0;
    for (size_t i = 0; i < n;) {
        double first = parts[i].value, sum = 0, moment = 0, square = 0;
        for (; i < n && parts[i].value - first <= h / 8; i++) {
            double off = parts[i].value - first;
            sum += parts[i].weight;
            moment += parts[i].weight * off;
            square += parts[i].weight * off * off;
        }
        double centre = moment / sum;
        mean[count] = first + centre;
        width[count] = sqrt(h * h + fmax(square / sum - centre * centre, 0));
        weight[count++] = sum;
    }
    return count;
}

// The rows that follow from the first three.
static void accumulate(const struct ws_prior *prior, double *data) {
    size_t n = prior->n_data / ROWS;
    double *weight = data + WEIGHT * n, *before = data + BEFORE * n, *behind = data + BEHIND * n;
    for (size_t i = 1; i < n; i++) {
        before[i] = before[i - 1] + weight[i - 1];
        behind[n - 1 - i] = behind[n - i] + weight[n - i];
    }
    for (size_t i = 0; i < n; i++) {
        data[LOWER * n + i] = tail(prior, data[i], 0);
        data[UPPER * n + i] = tail(prior, data[i], 1);
    }
}

int ws_empirical_smooth(struct ws_prior *prior, const double *values, const double *weights, size_t n, int logarithm,
                        struct ws_arena *arena) {
    size_t kept;
    struct ws_prior_part *parts = sorted(values, weights, n, &kept, arena);
    for (size_t i = 0; i < kept && logarithm; i++)
        parts[i].value = log(parts[i].value);
    double h = width_of(parts, kept, weights, n), largest = fmax(fabs(parts[0].value), fabs(parts[kept - 1].value));
    if (!(h > 1e6 * DBL_EPSILON * largest) || !isfinite(h))
        return -1;
    double *data = WS_NEW_ARRAY(arena, double, ROWS *kept);
    size_t count = gather(parts, kept, h, data, data + kept, data + 2 * kept);
    for (size_t row = WIDTH; row <= WEIGHT; row++)
        memmove(data + row * count, data + row * kept, count * sizeof *data);
    memset(data + BEFORE * count, 0, (ROWS - BEFORE) * count * sizeof *data);
    prior->family = &smoothed;
    prior->p[0] = logarithm;
    prior->p[1] = h;
    prior->data = data;
    prior->n_data = ROWS * count;
    accumulate(prior, data);
    return 0;
}
