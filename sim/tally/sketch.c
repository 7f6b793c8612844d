// SPDX-License-Identifier: GPL-3.0-or-later
// The quantile sketch: integer counts in log-linear bins taken from the bits of x - origin.
#include "tally/tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "wattspan.h"

enum { MANTISSA_BITS = 52, BIN_BITS = 10, EXPONENT_MASK = 0x7ff };

void ws_sketch_init(struct ws_sketch *sketch, double origin) { *sketch = (struct ws_sketch){.origin = origin}; }

void ws_sketch_finish(struct ws_sketch *sketch) {
    for (size_t i = 0; i < sketch->n_pages; i++)
        free(sketch->pages[i].counts);
    free(sketch->pages);
    ws_sketch_init(sketch, sketch->origin);
}

// Octave and bin of a finite x - origin.
static int locate(double d, unsigned *bin) {
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    *bin = (unsigned)(bits >> (MANTISSA_BITS - BIN_BITS)) & (WS_BINS_PER_OCTAVE - 1);
    int exponent = (int)(bits >> MANTISSA_BITS) & EXPONENT_MASK;
    return d == 0 ? 0 : d > 0 ? exponent + 1 : -(exponent + 1);
}

// The first page whose octave is not below the given one.
static size_t page_position(const struct ws_sketch *sketch, int octave) {
    size_t low = 0, high = sketch->n_pages;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sketch->pages[middle].octave < octave)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int64_t *ws_sketch_page(struct ws_sketch *sketch, int octave) {
    size_t at = page_position(sketch, octave);
    if (at < sketch->n_pages && sketch->pages[at].octave == octave) {
        sketch->pages[at].total = -1;
        return sketch->pages[at].counts;
    }
    struct ws_sketch_page *pages = realloc(sketch->pages, (sketch->n_pages + 1) * sizeof *pages);
    if (!pages)
        return NULL;
    sketch->pages = pages;
    int64_t *counts = calloc(WS_BINS_PER_OCTAVE, sizeof *counts);
    if (!counts)
        return NULL;
    memmove(pages + at + 1, pages + at, (sketch->n_pages - at) * sizeof *pages);
    pages[at] = (struct ws_sketch_page){octave, counts, -1};
    sketch->n_pages++;
    return counts;
}

int ws_sketch_add(struct ws_sketch *sketch, double x, int64_t count) {
    unsigned bin;
    int octave = locate(x - sketch->origin, &bin);
    int64_t *counts = ws_sketch_page(sketch, octave);
    if (!counts)
        return WS_ERROR_MEMORY;
    counts[octave == 0 ? 0 : bin] += count;
    sketch->total += count;
    return 0;
}

static uint32_t octave_in(const struct ws_bin_window *window, double distance) {
    uint64_t bits;
    memcpy(&bits, &distance, sizeof bits);
    uint32_t exponent = (uint32_t)(bits >> MANTISSA_BITS) & EXPONENT_MASK;
    return exponent < window->first ? 0 : exponent - window->first;
}

void ws_window_octaves(const struct ws_bin_window *window, uint32_t side, double minimum, double maximum,
                       uint32_t *first, uint32_t *end) {
    // Differences are rounded, but never past one another: no draw is nearer or farther than these two.
    double near = side ? window->origin - maximum : minimum - window->origin;
    double far = side ? window->origin - minimum : maximum - window->origin;
    *first = near > 0 ? octave_in(window, near) : 0;
    *end = far > 0 ? octave_in(window, far) + 1 : 0;
    *end = *end < window->octaves ? *end : window->octaves;
}

// Moves one octave of a window, if anything is in it.
static int move_octave(struct ws_sketch *sketch, int octave, uint32_t *counts) {
    int64_t total = 0;
    for (size_t i = 0; i < WS_BINS_PER_OCTAVE; i++)
        total += counts[i];
    if (total == 0)
        return 0;
    int64_t *page = ws_sketch_page(sketch, octave);
    if (!page)
        return WS_ERROR_MEMORY;
    for (size_t i = 0; i < WS_BINS_PER_OCTAVE; i++)
        page[i] += counts[i];
    memset(counts, 0, WS_BINS_PER_OCTAVE * sizeof *counts);
    sketch->total += total;
    return 0;
}

int ws_sketch_add_window(struct ws_sketch *sketch, const struct ws_bin_window *window, double minimum, double maximum) {
    for (uint32_t side = 0; side < (window->both_signs ? 2u : 1u); side++) {
        uint32_t i, end;
        for (ws_window_octaves(window, side, minimum, maximum, &i, &end); i < end; i++) {
            int octave = (int)(window->first + i) + 1;
            uint32_t *counts = window->counts + (size_t)(side * window->octaves + i) * WS_BINS_PER_OCTAVE;
            if (move_octave(sketch, side ? -octave : octave, counts))
                return WS_ERROR_MEMORY;
        }
    }
    return 0;
}

int ws_sketch_merge(struct ws_sketch *sketch, const struct ws_sketch *other) {
    for (size_t i = 0; i < other->n_pages; i++) {
        int64_t *page = ws_sketch_page(sketch, other->pages[i].octave);
        if (!page)
            return WS_ERROR_MEMORY;
        for (size_t bin = 0; bin < WS_BINS_PER_OCTAVE; bin++)
            page[bin] += other->pages[i].counts[bin];
    }
    sketch->total += other->total;
    return 0;
}

int ws_sketch_subtract(struct ws_sketch *sketch, const struct ws_sketch *other) {
    for (size_t i = 0; i < other->n_pages; i++) {
        size_t at = page_position(sketch, other->pages[i].octave);
        if (at == sketch->n_pages || sketch->pages[at].octave != other->pages[i].octave)
            return -1;
        int64_t *counts = sketch->pages[at].counts;
        sketch->pages[at].total = -1;
        for (size_t bin = 0; bin < WS_BINS_PER_OCTAVE; bin++)
            if ((counts[bin] -= other->pages[i].counts[bin]) < 0)
                return -1;
    }
    sketch->total -= other->total;
    return 0;
}

uint64_t ws_sketch_filled(const int64_t *counts) {
    uint64_t filled = 0;
    for (unsigned i = 0; i < 64; i++)
        filled |= (uint64_t)(counts[i] != 0) << i;
    return filled;
}

// |x - origin| at the lower end of a bin; bin WS_BINS_PER_OCTAVE is the next octave's first.
static double magnitude(int octave, unsigned bin) {
    uint64_t bits = ((uint64_t)(abs(octave) - 1) << MANTISSA_BITS) + ((uint64_t)bin << (MANTISSA_BITS - BIN_BITS));
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

void ws_sketch_edges(const struct ws_sketch *sketch, int octave, unsigned bin, double *low, double *high) {
    if (octave == 0) {
        *low = *high = sketch->origin;
    } else if (octave > 0) {
        *low = sketch->origin + magnitude(octave, bin);
        *high = sketch->origin + magnitude(octave, bin + 1);
    } else {
        *low = sketch->origin - magnitude(octave, bin + 1);
        *high = sketch->origin - magnitude(octave, bin);
    }
}

void ws_sketch_bin_of(const struct ws_sketch *sketch, double x, double *low, double *high) {
    unsigned bin;
    int octave = locate(x - sketch->origin, &bin);
    ws_sketch_edges(sketch, octave, bin, low, high);
}

enum { RUN = 32 }; // of bins that are passed over together

static int64_t sum_of(const int64_t *counts, size_t n) {
    int64_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += counts[i];
    return total;
}

static int64_t page_total(const struct ws_sketch_page *page) {
    return page->total >= 0 ? page->total : sum_of(page->counts, WS_BINS_PER_OCTAVE);
}

void ws_sketch_note(struct ws_sketch *sketch) {
    for (size_t i = 0; i < sketch->n_pages; i++)
        sketch->pages[i].total = sum_of(sketch->pages[i].counts, WS_BINS_PER_OCTAVE);
}

// Whether sums of counts are exact in double precision, so that bins may be added in any order.
static int is_exact(const struct ws_sketch *sketch) { return sketch->total < INT64_C(1) << 53; }

// Bins in ascending x: below the origin they run backwards in magnitude.
static unsigned ascending(int octave, unsigned i) { return octave < 0 ? WS_BINS_PER_OCTAVE - 1 - i : i; }

static double clamp(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

// Passes over the run of bins that begins where the walk stands, if the wanted count is not among them.
static int pass_run(struct ws_sketch_walk *walk, const struct ws_sketch_page *page) {
    if (walk->bin % RUN)
        return 0;
    unsigned first = page->octave < 0 ? WS_BINS_PER_OCTAVE - RUN - walk->bin : walk->bin;
    int64_t sum = sum_of(page->counts + first, RUN);
    if (sum > 0 && (!is_exact(walk->sketch) || walk->below + (double)sum >= walk->wanted))
        return 0;
    walk->below += (double)sum;
    walk->bin += RUN;
    return 1;
}

// Looks for the wanted count in the bins of the page from where the walk stands; nonzero where it is found.
static int walk_bins(struct ws_sketch_walk *walk, const struct ws_sketch_page *page, double *x) {
    while (walk->bin < WS_BINS_PER_OCTAVE) {
        if (pass_run(walk, page))
            continue;
        unsigned bin = ascending(page->octave, walk->bin);
        double count = (double)page->counts[bin], low, high;
        if (count > 0 && walk->below + count >= walk->wanted) {
            ws_sketch_edges(walk->sketch, page->octave, bin, &low, &high);
            *x = low + (high - low) * ((walk->wanted - walk->below) / count);
            return 1;
        }
        walk->below += count;
        walk->bin++;
    }
    return 0;
}

// Sums are rounded, so that each quantile is found as if it were the first: pages are passed over by their totals.
double ws_sketch_walk_to(struct ws_sketch_walk *walk, double p, double minimum, double maximum) {
    const struct ws_sketch *sketch = walk->sketch;
    double wanted = p * (double)sketch->total, x;
    if (sketch->total <= 0)
        return NAN;
    if (wanted <= 0)
        return minimum;
    if (wanted < walk->wanted || walk->lost)
        *walk = (struct ws_sketch_walk){.sketch = sketch};
    walk->wanted = wanted;
    for (; walk->page < sketch->n_pages; walk->page++, walk->bin = 0, walk->entered = 0) {
        const struct ws_sketch_page *page = &sketch->pages[walk->page];
        if (!walk->entered) {
            walk->before = walk->below;
            walk->in_page = (double)page_total(page);
            walk->entered = 1;
        }
        if (walk->before + walk->in_page < wanted) {
            walk->below = walk->before + walk->in_page;
            continue;
        }
        if (walk_bins(walk, page, &x))
            return clamp(x, minimum, maximum);
        walk->lost = 1;
    }
    return maximum;
}

double ws_sketch_quantile(const struct ws_sketch *sketch, double p, double minimum, double maximum) {
    struct ws_sketch_walk walk = {.sketch = sketch};
    return ws_sketch_walk_to(&walk, p, minimum, maximum);
}

// Adds the counts of the page's first n bins, in ascending x.
static double add_bins_below(const struct ws_sketch *sketch, const struct ws_sketch_page *page, unsigned n,
                             double below) {
    if (is_exact(sketch))
        return below + (double)sum_of(page->counts + (page->octave < 0 ? WS_BINS_PER_OCTAVE - n : 0), n);
    for (unsigned i = 0; i < n; i++)
        below += (double)page->counts[ascending(page->octave, i)];
    return below;
}

double ws_sketch_cdf(const struct ws_sketch *sketch, double x, double minimum, double maximum) {
    if (sketch->total <= 0 || isnan(x))
        return NAN;
    if (x < minimum)
        return 0;
    if (x >= maximum)
        return 1;
    unsigned bin_of_x;
    int octave = locate(x - sketch->origin, &bin_of_x);
    double below = 0;
    size_t k = 0;
    for (; k < sketch->n_pages && sketch->pages[k].octave < octave; k++)
        below += (double)page_total(&sketch->pages[k]);
    if (k < sketch->n_pages && sketch->pages[k].octave == octave) {
        const struct ws_sketch_page *page = &sketch->pages[k];
        if (octave == 0)
            return (below + (double)page->counts[0]) / (double)sketch->total;
        below = add_bins_below(sketch, page, ascending(octave, bin_of_x), below);
        double low, high;
        ws_sketch_edges(sketch, octave, bin_of_x, &low, &high);
        below += (double)page->counts[bin_of_x] * clamp((x - low) / (high - low), 0, 1);
    }
    return below / (double)sketch->total;
}
