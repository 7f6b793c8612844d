// SPDX-License-Identifier: GPL-3.0-or-later
// The plotter's histogram: sketch bins gathered into about 200 wider ones whose edges are sketch edges, so that counts
// stay exact.
#include <math.h>
#include <stdlib.h>

#include "analysis/summary.h"

enum { BINS = 200 };
static const double tail = 0.0005; // each end's share that goes into one outermost bin
static const double skewed = 20;   // q99.95 / q0.05 from which bins are log-spaced

struct range {
    double low, high;        // of the bins proper
    double minimum, maximum; // of all draws
    uint64_t count;
};

static struct range find_range(const struct ws_result *result, size_t slot) {
    struct range r = {INFINITY, -INFINITY, INFINITY, -INFINITY, 0};
    for (size_t c = 0; c < result->n_cases; c++) {
        const struct ws_tally *tally = ws_result_tally(result, c, slot);
        const struct ws_moments *m = &tally->moments;
        if (m->count == 0)
            continue;
        r.low = fmin(r.low, ws_sketch_quantile(&tally->sketch, tail, m->minimum, m->maximum));
        r.high = fmax(r.high, ws_sketch_quantile(&tally->sketch, 1 - tail, m->minimum, m->maximum));
        r.minimum = fmin(r.minimum, m->minimum);
        r.maximum = fmax(r.maximum, m->maximum);
        r.count += m->count;
    }
    return r;
}

// The nearest edge of a sketch bin at or below x.
static double edge_below(const struct ws_sketch *sketch, double x) {
    double low, high;
    ws_sketch_bin_of(sketch, x, &low, &high);
    return low;
}

// Ascending edges: evenly spaced (in x or in ln x) from low to high, moved to sketch edges, and one bin for each tail.
static size_t make_edges(const struct ws_sketch *sketch, const struct range *r, int log_spaced, double *edges) {
    size_t n = 0;
    edges[n++] = r->minimum;
    for (int i = 0; i <= BINS; i++) {
        double f = (double)i / BINS;
        double x = log_spaced ? r->low * pow(r->high / r->low, f) : r->low + (r->high - r->low) * f;
        double edge = edge_below(sketch, x);
        if (edge > edges[n - 1] && edge < r->maximum)
            edges[n++] = edge;
    }
    edges[n] = r->maximum > edges[n - 1] ? r->maximum : nextafter(r->maximum, INFINITY);
    return n + 1;
}

// Counts the 64 bins from `first` on, from which x ascends, or descends below the origin.
static size_t count_bins(const struct ws_sketch *sketch, const struct ws_sketch_page *page, unsigned first,
                         const double *edges, size_t n_bins, size_t at, int64_t *counts) {
    const int descends = page->octave < 0;
    for (uint64_t filled = ws_sketch_filled(page->counts + first); filled;) {
        unsigned k = (unsigned)(descends ? 63 - __builtin_clzll(filled) : __builtin_ctzll(filled));
        double low, high;
        ws_sketch_edges(sketch, page->octave, first + k, &low, &high);
        double middle = low + (high - low) / 2;
        while (at + 1 < n_bins && middle >= edges[at + 1])
            at++;
        counts[at] += page->counts[first + k];
        filled &= ~(UINT64_C(1) << k);
    }
    return at;
}

static void count_sketch(const struct ws_sketch *sketch, const double *edges, size_t n_bins, int64_t *counts) {
    size_t at = 0;
    for (size_t k = 0; k < sketch->n_pages; k++)
        for (unsigned i = 0; i < WS_BINS_PER_OCTAVE; i += 64) {
            const struct ws_sketch_page *page = &sketch->pages[k];
            unsigned first = page->octave < 0 ? WS_BINS_PER_OCTAVE - 64 - i : i;
            at = count_bins(sketch, page, first, edges, n_bins, at, counts);
        }
}

struct ws_histogram ws_histogram_make(const struct ws_result *result, size_t slot, struct ws_arena *arena) {
    const struct ws_sketch *first = &ws_result_tally(result, 0, slot)->sketch;
    const struct range r = find_range(result, slot);
    struct ws_histogram h = {0};
    if (r.count == 0)
        return h;
    const struct ws_quantity *output = &result->study->quantities[result->slots[slot].output];
    h.log_spaced = r.low > 0 && (output->log_scale || r.high / r.low > skewed);
    double *edges = WS_NEW_ARRAY(arena, double, BINS + 3);
    h.n_bins = make_edges(first, &r, h.log_spaced, edges) - 1;
    h.edges = edges;
    int64_t *counts = WS_NEW_ARRAY(arena, int64_t, result->n_cases * h.n_bins);
    for (size_t c = 0; c < result->n_cases; c++)
        count_sketch(&ws_result_tally(result, c, slot)->sketch, edges, h.n_bins, counts + c * h.n_bins);
    h.counts = counts;
    return h;
}
