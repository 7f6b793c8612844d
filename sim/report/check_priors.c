// SPDX-License-Identifier: GPL-3.0-or-later
// The compiled priors for a plotter, as CSV in long form: quantiles as the tables have them, and the density there.
#include <math.h>

#include "prior/shape.h"
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

// The cdf's slope at x by a central difference within the support; NAN at an atom, where there is none.
static double density(const struct ws_prior *prior, double x, double spread) {
    double slope[2], low, high;
    ws_prior_ends(prior, &low, &high);
    double step = fmin(1e-5 * spread, 0.1 * fmin(x - low, high - x));
    for (int i = 0; i < 2; i++) {
        double h = i ? 0.1 * step : step, above = ws_prior_sf(prior, x - h) - ws_prior_sf(prior, x + h);
        double below = ws_prior_cdf(prior, x + h) - ws_prior_cdf(prior, x - h);
        slope[i] = (ws_prior_cdf(prior, x) < 0.5 ? below : above) / (2 * h);
    }
    return slope[1] > 5 * slope[0] ? (double)NAN : slope[0];
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
    double spread = ws_prior_quantile(prior, 0.25, 1) - ws_prior_quantile(prior, 0.25, 0);
    for (double u = next_probability(0); u < 1; u = next_probability(u)) {
        int upper = u > 0.5;
        double v = upper ? 1 - u : u;
        double x = table ? ws_table_at(table, v, upper) : ws_prior_quantile(prior, v, upper);
        write_row(w, "density", u, NULL, x, density(prior, x, spread));
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
