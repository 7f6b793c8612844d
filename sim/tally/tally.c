// SPDX-License-Identifier: GPL-3.0-or-later
#include "tally/tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "wattspan.h"

void ws_tally_finish(struct ws_tally *tally) {
    ws_sketch_finish(&tally->sketch);
    if (tally->weighing)
        ws_sketch_finish(&tally->weighing->squares);
    free(tally->weighing);
    tally->weighing = NULL;
}

// Sums of counts stay within int64_t by far, those of weights may not.
static int check_range(const struct ws_tally *tally, const struct ws_tally *other) {
    int64_t sum;
    if (__builtin_add_overflow(tally->sketch.total, other->sketch.total, &sum) ||
        (tally->weighing &&
         __builtin_add_overflow(tally->weighing->squares.total, other->weighing->squares.total, &sum)))
        return WS_ERROR_RUN;
    return 0;
}

int ws_tally_merge(struct ws_tally *tally, const struct ws_tally *other) {
    int status = check_range(tally, other);
    if (status)
        return status;
    ws_moments_merge(&tally->moments, &other->moments);
    if (tally->weighing) {
        for (int k = 0; k < 4; k++)
            ws_exact_merge(&tally->weighing->square[k], &other->weighing->square[k]);
        if (ws_sketch_merge(&tally->weighing->squares, &other->weighing->squares))
            return WS_ERROR_MEMORY;
    }
    return ws_sketch_merge(&tally->sketch, &other->sketch);
}

int ws_tally_subtract(struct ws_tally *tally, const struct ws_tally *other) {
    if (tally->moments.count < other->moments.count || tally->moments.invalid < other->moments.invalid)
        return -1;
    ws_moments_subtract(&tally->moments, &other->moments);
    for (int k = 0; k < 4 && tally->weighing; k++)
        ws_exact_subtract(&tally->weighing->square[k], &other->weighing->square[k]);
    if (tally->weighing && ws_sketch_subtract(&tally->weighing->squares, &other->weighing->squares))
        return -1;
    return ws_sketch_subtract(&tally->sketch, &other->sketch);
}

int ws_tally_weigh(struct ws_tally *tally) {
    tally->weighing = calloc(1, sizeof *tally->weighing);
    if (!tally->weighing)
        return WS_ERROR_MEMORY;
    ws_sketch_init(&tally->weighing->squares, tally->sketch.origin);
    return 0;
}

void ws_tally_note(struct ws_tally *tally) {
    ws_sketch_note(&tally->sketch);
    if (tally->weighing)
        ws_sketch_note(&tally->weighing->squares);
}

int ws_tally_like(struct ws_tally *tally, const struct ws_tally *model) {
    *tally = (struct ws_tally){0};
    ws_moments_init(&tally->moments, model->moments.pivot, model->moments.scale);
    ws_sketch_init(&tally->sketch, model->sketch.origin);
    return model->weighing ? ws_tally_weigh(tally) : 0;
}

// ---- draws with weights ----

void ws_tally_add_lanes(struct ws_tally *tally, const struct ws_weighted_lanes *lanes) {
    struct ws_moments *m = &tally->moments;
    for (int k = 0; k < 4; k++)
        for (int lane = 0; lane < WS_LANES; lane++) {
            ws_exact_add(&m->sum[k], lanes->sum[k][lane]);
            ws_exact_add(&tally->weighing->square[k], lanes->square[k][lane]);
        }
    m->minimum = fmin(m->minimum, lanes->minimum);
    m->maximum = fmax(m->maximum, lanes->maximum);
    m->count += lanes->count;
    m->invalid += lanes->invalid;
}

int ws_tally_add_weight(struct ws_tally *tally, double x, int64_t weight, int64_t square) {
    if (tally->sketch.total > INT64_MAX - weight || tally->weighing->squares.total > INT64_MAX - square)
        return WS_ERROR_RUN;
    int status = ws_sketch_add(&tally->sketch, x, weight);
    return status ? status : ws_sketch_add(&tally->weighing->squares, x, square);
}

// What was counted in one octave of a window, to be moved out of it.
struct octave {
    uint32_t *counts; // NULL: none
    int64_t each[2];  // what a count weighs, and its square
    int64_t *sums;    // NULL: none
};

static void sum_octave(const struct octave *from, int64_t total[2]) {
    int64_t count = 0;
    total[0] = total[1] = 0;
    for (size_t i = 0; from->sums && i < 2 * (size_t)WS_BINS_PER_OCTAVE; i++)
        total[i % 2] += from->sums[i];
    for (size_t i = 0; from->counts && i < WS_BINS_PER_OCTAVE; i++)
        count += from->counts[i];
    for (int k = 0; k < 2; k++)
        total[k] += count * from->each[k];
}

static void empty_octave(const struct octave *from, int64_t *page, int k) {
    for (size_t i = 0; from->sums && i < WS_BINS_PER_OCTAVE; i++)
        page[i] += from->sums[2 * i + (size_t)k];
    for (size_t i = 0; from->counts && i < WS_BINS_PER_OCTAVE; i++)
        page[i] += from->counts[i] * from->each[k];
}

// Both sketches have the same pages: those in which anything is.
static int move_octave(struct ws_tally *tally, int octave, const struct octave *from) {
    struct ws_sketch *sketch[2] = {&tally->sketch, &tally->weighing->squares};
    int64_t total[2];
    sum_octave(from, total);
    if (total[0] == 0)
        return 0;
    for (int k = 0; k < 2; k++) {
        int64_t *page = ws_sketch_page(sketch[k], octave);
        if (!page)
            return WS_ERROR_MEMORY;
        if (__builtin_add_overflow(sketch[k]->total, total[k], &sketch[k]->total))
            return WS_ERROR_RUN;
        empty_octave(from, page, k);
    }
    if (from->sums)
        memset(from->sums, 0, 2 * (size_t)WS_BINS_PER_OCTAVE * sizeof *from->sums);
    if (from->counts)
        memset(from->counts, 0, WS_BINS_PER_OCTAVE * sizeof *from->counts);
    return 0;
}

int ws_tally_add_window(struct ws_tally *tally, const struct ws_bin_window *window, int64_t weight, int64_t square,
                        int64_t *sums, double minimum, double maximum) {
    for (uint32_t side = 0; side < (window->both_signs ? 2u : 1u); side++) {
        uint32_t i, end;
        for (ws_window_octaves(window, side, minimum, maximum, &i, &end); i < end; i++) {
            int octave = (int)(window->first + i) + 1;
            size_t first = (size_t)(side * window->octaves + i) * WS_BINS_PER_OCTAVE;
            const struct octave from = {
                weight ? window->counts + first : NULL, {weight, square}, sums ? sums + 2 * first : NULL};
            int status = move_octave(tally, side ? -octave : octave, &from);
            if (status)
                return status;
        }
    }
    return 0;
}

// ---- scaling ----

// Counts times a factor, each rounded to a whole unit.
static int add_scaled(struct ws_sketch *sketch, const struct ws_sketch *other, double factor) {
    if (!((double)other->total * factor + (double)sketch->total < 0x1p62))
        return WS_ERROR_RUN;
    for (size_t i = 0; i < other->n_pages; i++) {
        int64_t *page = ws_sketch_page(sketch, other->pages[i].octave);
        if (!page)
            return WS_ERROR_MEMORY;
        for (size_t bin = 0; bin < WS_BINS_PER_OCTAVE; bin++) {
            int64_t count = llrint((double)other->pages[i].counts[bin] * factor);
            page[bin] += count;
            sketch->total += count;
        }
    }
    return 0;
}

int ws_tally_add_scaled(struct ws_tally *tally, const struct ws_tally *other, double factor) {
    struct ws_moments *to = &tally->moments;
    const struct ws_moments *from = &other->moments;
    double unit = other->weighing ? 1 : ldexp(1, WS_WEIGHT_BITS);
    for (int k = 0; k < 4; k++) {
        const struct ws_exact_sum *square = other->weighing ? &other->weighing->square[k] : &from->sum[k];
        ws_exact_add(&to->sum[k], factor * ws_exact_value(&from->sum[k]));
        ws_exact_add(&tally->weighing->square[k], factor * factor * ws_exact_value(square));
    }
    to->minimum = fmin(to->minimum, from->minimum);
    to->maximum = fmax(to->maximum, from->maximum);
    to->count += from->count;
    to->invalid += from->invalid;
    if (from->first_invalid < to->first_invalid)
        to->first_invalid = from->first_invalid;
    int status = add_scaled(&tally->sketch, &other->sketch, factor * unit);
    if (status)
        return status;
    return add_scaled(&tally->weighing->squares, other->weighing ? &other->weighing->squares : &other->sketch,
                      factor * factor * unit);
}

// ---- asking ----

double ws_tally_total(const struct ws_tally *tally) {
    return tally->weighing ? ldexp((double)tally->sketch.total, -WS_WEIGHT_BITS) : (double)tally->moments.count;
}

double ws_tally_ess(const struct ws_tally *tally) {
    double total = ws_tally_total(tally);
    if (!tally->weighing)
        return total;
    double squares = ldexp((double)tally->weighing->squares.total, -WS_WEIGHT_BITS);
    return squares > 0 ? total * total / squares : 0;
}

void ws_tally_central(const struct ws_tally *tally, double *mean, double m[5]) {
    ws_moments_central_of(&tally->moments, ws_tally_total(tally), mean, m);
}
