// SPDX-License-Identifier: GPL-3.0-or-later
// The compiled priors for a plotter, as CSV in long form: quantiles as the tables have them, and the density there.
#include <math.h>

#include "prior/shape.h"
#include "prior/span.h"
#include "report/csv.h"
#include "report/report.h"

struct writer {
    struct ws_csv csv;
    const struct ws_quantity *quantity;
    const char *given; // label of the choice that a conditional prior is of, or ""
};

static void write_row(struct writer *w, const char *kind, double probability, const char *label, double value,
                      double height) {
    ws_csv_text(&w->csv, w->quantity->name);
    ws_csv_text(&w->csv, w->given);
    ws_csv_text(&w->csv, w->quantity->unit.label);
    ws_csv_text(&w->csv, kind);
    ws_csv_number(&w->csv, probability);
    if (label)
        ws_csv_text(&w->csv, label);
    else
        ws_csv_number(&w->csv, value);
    ws_csv_number(&w->csv, height);
    ws_csv_end(&w->csv);
}

// ---- densities ----

struct density {
    struct ws_span span;
    double low, high; // support
    size_t n_kinks;
    double kinks[2 * WS_MAX_BREAKS]; // the x at which the density jumps or bends
};

static void prepare(struct density *d, const struct ws_prior *prior) {
    const size_t most = sizeof d->kinks / sizeof *d->kinks, n = ws_prior_kinks(prior, d->kinks, most);
    d->n_kinks = n < most ? n : most;
    ws_prior_ends(prior, &d->low, &d->high);
    ws_span_make(&d->span, prior);
}

// The cdf's derivative at x by four points h apart, each counted from the tail that x lies in.
static double slope(const struct density *d, double x, double h, int upper) {
    static const double weights[] = {1, -8, 8, -1};
    static const double steps[] = {-2, -1, 1, 2};
    double sum = 0;
    for (int i = 0; i < 4; i++)
        sum += weights[i] * ws_span_cdf(&d->span, x + steps[i] * h, upper);
    return (upper ? -sum : sum) / (12 * h);
}

// The step is a small part of how far the neighbouring quantiles lie apart, so that tails over many orders of magnitude
// are as exact as the middle, and does not reach over a kink. *at_kink is set where x is one.
static double step_at(const struct density *d, double x, double spread, int *at_kink) {
    double h = fmin(spread / 64, 0.02 * fmin(x - d->low, d->high - x));
    *at_kink = 0;
    for (size_t i = 0; i < d->n_kinks; i++) {
        double away = fabs(x - d->kinks[i]);
        if (away > 1e-6 * spread)
            h = fmin(h, away / 2.1);
        else
            *at_kink = 1;
    }
    return (x + h) - x;
}

// At x, the quantile at v from the lower or upper end; NAN at an atom, where there is none. Where it jumps, that
// beyond.
static double density_at(const struct density *d, double x, double v, int upper) {
    const double around[] = {0.9 * v, fmin(1.1 * v, 0.5)};
    double ends[2];
    int at_kink;
    ws_span_quantiles(&d->span, 2, around, upper, ends);
    double spread = fabs(ends[1] - ends[0]), h = step_at(d, x, spread, &at_kink);
    if (!(h > 0))
        return NAN;
    double wide = slope(d, x, h, upper), narrow = slope(d, x, 0.1 * h, upper);
    if (narrow > 5 * wide)
        return NAN;
    if (!at_kink)
        return wide;
    x += 1e-5 * spread;
    h = step_at(d, x, spread, &at_kink);
    return h > 0 ? slope(d, x, h, upper) : wide;
}

// Where a curve is drawn from: every half per cent, and further into the tails.
static double next_probability(double u) {
    static const double tails[] = {1e-6, 1e-5, 1e-4, 1e-3};
    enum { TAILS = sizeof tails / sizeof *tails };
    for (int i = 0; i < TAILS; i++)
        if (u < tails[i] * 0.999)
            return tails[i];
    double step = (floor(200 * u + 0.5) + 1) / 200;
    if (u < 0.995 * 0.9999 && step < 1)
        return step;
    for (int i = TAILS; i-- > 0;)
        if (u < (1 - tails[i]) * (1 - 1e-9))
            return 1 - tails[i];
    return 1;
}

static void write_curve(struct writer *w, const struct ws_prior *prior, const struct ws_table *table) {
    struct density density;
    prepare(&density, prior);
    for (double u = next_probability(0); u < 1; u = next_probability(u)) {
        int upper = u > 0.5;
        double v = upper ? 1 - u : u;
        double x = table ? ws_table_at(table, v, upper) : ws_prior_quantile(prior, v, upper);
        write_row(w, "density", u, NULL, x, density_at(&density, x, v, upper));
    }
}

// What is no curve: a constant, counts and lists, labels. The probability is that of the value or a lesser one.
static void write_masses(struct writer *w, const struct ws_prior *prior) {
    double sum = 0;
    if (prior->n_parts == 0)
        write_row(w, "mass", 1, NULL, ws_prior_quantile(prior, 0.5, 0), 1);
    for (size_t k = 0; k < prior->n_parts; k++) {
        sum += prior->parts[k].weight;
        write_row(w, "mass", fmin(sum, 1), ws_prior_is_categorical(prior) ? prior->parts[k].label : NULL,
                  prior->parts[k].value, prior->parts[k].weight);
    }
}

static void write_prior(struct writer *w, const struct ws_prior *prior, const struct ws_table *table) {
    int has_curve = table && (table->kind == WS_TABLE_SMOOTH || table->kind == WS_TABLE_BROKEN);
    if (prior->family->kind == WS_CONTINUOUS)
        write_curve(w, prior, has_curve ? table : NULL);
    else
        write_masses(w, prior);
}

int ws_report_write_priors(const struct ws_plan *plan, FILE *out) {
    static const char *const header[] = {"input", "given", "unit", "kind", "probability", "value", "height"};
    struct writer w = {.csv = {.out = out}};
    ws_csv_row(&w.csv, header, sizeof header / sizeof *header);
    for (size_t i = 0; i < plan->study->n_inputs; i++) {
        const struct ws_table *table = plan->tables[i];
        w.quantity = &plan->study->quantities[i];
        w.given = "";
        // A share of a whole is compiled as its part of what is left, a conditional prior label by label.
        write_prior(&w, w.quantity->prior, w.quantity->n_shares || w.quantity->n_given ? NULL : table);
        for (size_t k = 0; k < w.quantity->n_given; k++) {
            w.given = plan->study->quantities[w.quantity->given].prior->parts[k].label;
            write_prior(&w, w.quantity->given_priors[k], table->n_given ? table->given[k] : table);
        }
    }
    return fflush(out) || ferror(out) ? WS_ERROR_FILE : 0;
}
