// SPDX-License-Identifier: GPL-3.0-or-later
// Whole numbers as bytes of 7 bits (LEB128), runs of empty bins as their length, counts without the power of two that
// they have in common, sums by sign and without leading and trailing zeros: 1e5 draws take some kilobytes instead of
// some ten. Under facts all draws weigh 2^28, and a bin takes two bytes instead of six and its squares of ten.
#include "tally/packed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "wattspan.h"

enum { MOST_OCTAVE = 2047, MOST_BYTES = 10 };
enum { PAGES = 4096, SHIFTS = 63 }; // more than there are of either

// ---- writing ----

struct writer {
    unsigned char *bytes;
    size_t size, capacity;
    int failed;
};

// Room for n bytes more; NULL where memory runs out.
static unsigned char *reserve(struct writer *w, size_t n) {
    if (w->size + n > w->capacity && !w->failed) {
        size_t capacity = 2 * (w->capacity + n);
        unsigned char *larger = realloc(w->bytes, capacity);
        if (larger) {
            w->bytes = larger;
            w->capacity = capacity;
        }
        w->failed = !larger;
    }
    return w->failed ? NULL : w->bytes + w->size;
}

static void put_bytes(struct writer *w, const void *bytes, size_t n) {
    unsigned char *to = reserve(w, n);
    if (to)
        memcpy(to, bytes, n);
    w->size += n;
}

static inline unsigned char *append(unsigned char *to, uint64_t x) {
    for (; x >= 0x80; x >>= 7)
        *to++ = (unsigned char)(x | 0x80);
    *to++ = (unsigned char)x;
    return to;
}

static void put_whole(struct writer *w, uint64_t x) {
    unsigned char bytes[MOST_BYTES];
    put_bytes(w, bytes, (size_t)(append(bytes, x) - bytes));
}

static void put_real(struct writer *w, double x) { put_bytes(w, &x, sizeof x); }

static void put_sum(struct writer *w, const struct ws_exact_sum *exact) {
    struct ws_exact_sum sum = *exact;
    ws_exact_normalise(&sum);
    int negative = sum.limb[WS_EXACT_LIMBS - 1] < 0, first = 0, end = WS_EXACT_LIMBS;
    for (int i = 0; negative && i < WS_EXACT_LIMBS; i++)
        sum.limb[i] = -sum.limb[i];
    if (negative)
        ws_exact_normalise(&sum);
    while (first < end && sum.limb[first] == 0)
        first++;
    while (end > first && sum.limb[end - 1] == 0)
        end--;
    put_whole(w, (uint64_t)negative);
    put_whole(w, (uint64_t)first);
    put_whole(w, (uint64_t)(end - first));
    for (int i = first; i < end; i++)
        put_whole(w, (uint64_t)sum.limb[i]);
    put_whole(w, sum.nan);
    put_whole(w, sum.plus_inf);
    put_whole(w, sum.minus_inf);
}

// 0 and how many empty bins there are, if there are any; by few branches, since it is anyone's guess.
static inline unsigned char *append_empty(unsigned char *to, size_t n) {
    if (n >= 0x80) {
        *to = 0;
        return append(to + 1, n);
    }
    to[0] = 0;
    to[1] = (unsigned char)n;
    return to + (n > 0 ? 2 : 0);
}

// Counts above 0 as they are but for the factor; 0 and how many there are of them.
static void put_page(struct writer *w, const struct ws_sketch_page *page, int shift) {
    put_whole(w, page->octave < 0 ? 2 * (uint64_t)-page->octave - 1 : 2 * (uint64_t)page->octave);
    unsigned char *start = reserve(w, (size_t)WS_BINS_PER_OCTAVE * MOST_BYTES), *to = start;
    size_t next = 0; // bin to be written
    for (size_t first = 0; start && first < WS_BINS_PER_OCTAVE; first += 64)
        for (uint64_t filled = ws_sketch_filled(page->counts + first); filled; filled &= filled - 1) {
            size_t i = first + (size_t)__builtin_ctzll(filled);
            to = append_empty(to, i - next);
            to = append(to, (uint64_t)page->counts[i] >> shift);
            next = i + 1;
        }
    to = start ? append_empty(to, WS_BINS_PER_OCTAVE - next) : to;
    w->size += start ? (size_t)(to - start) : 0;
}

// The power of two that divides all counts.
static int common_shift(const struct ws_sketch *sketch) {
    uint64_t bits = 0;
    for (size_t p = 0; p < sketch->n_pages && !(bits & 1); p++)
        for (size_t i = 0; i < WS_BINS_PER_OCTAVE; i++)
            bits |= (uint64_t)sketch->pages[p].counts[i];
    return bits ? __builtin_ctzll(bits) : 0;
}

static void put_sketch(struct writer *w, const struct ws_sketch *sketch) {
    const int shift = common_shift(sketch);
    put_real(w, sketch->origin);
    put_whole(w, sketch->n_pages + (uint64_t)shift * PAGES);
    for (size_t i = 0; i < sketch->n_pages; i++)
        put_page(w, &sketch->pages[i], shift);
}

// Cut to its size where it is: what is copied to elsewhere leaves holes that cost a sixth of all.
static int finish(struct writer *w, struct ws_packed *packed) {
    unsigned char *bytes = w->failed ? NULL : realloc(w->bytes, w->size);
    if (!bytes) {
        free(w->bytes);
        return WS_ERROR_MEMORY;
    }
    ws_packed_finish(packed);
    *packed = (struct ws_packed){bytes, w->size};
    return 0;
}

int ws_tally_pack(const struct ws_tally *tally, struct ws_packed *packed) {
    const struct ws_moments *m = &tally->moments;
    struct writer w = {0};
    put_real(&w, m->pivot);
    put_real(&w, m->scale);
    put_real(&w, m->minimum);
    put_real(&w, m->maximum);
    put_whole(&w, m->count);
    put_whole(&w, m->invalid);
    put_whole(&w, m->first_invalid + 1); // 0 where there is none
    for (int k = 0; k < 4; k++)
        put_sum(&w, &m->sum[k]);
    put_sketch(&w, &tally->sketch);
    put_whole(&w, tally->weighing != NULL);
    for (int k = 0; tally->weighing && k < 4; k++)
        put_sum(&w, &tally->weighing->square[k]);
    if (tally->weighing)
        put_sketch(&w, &tally->weighing->squares);
    return finish(&w, packed);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// Weights are whole numbers: each as what it is more than the one before.
int ws_tail_pack(const struct ws_evidence_tally *tally, struct ws_packed *packed) {
    struct writer w = {0};
    double *sorted = malloc((tally->n_tail + 1) * sizeof *sorted), before = 0;
    if (!sorted)
        return WS_ERROR_MEMORY;
    if (tally->n_tail > 0)
        memcpy(sorted, tally->tail, tally->n_tail * sizeof *sorted);
    qsort(sorted, tally->n_tail, sizeof *sorted, ascending);
    put_whole(&w, tally->n_tail);
    for (size_t i = 0; i < tally->n_tail; i++) {
        put_whole(&w, (uint64_t)(sorted[i] - before));
        before = sorted[i];
    }
    free(sorted);
    return finish(&w, packed);
}

void ws_packed_finish(struct ws_packed *packed) {
    free(packed->bytes);
    *packed = (struct ws_packed){0};
}

// ---- reading ----

// Bytes may come from a file: whatever they are, nothing is read beyond them and nothing beyond a tally is written.
struct reader {
    const unsigned char *at, *end;
    int status; // WS_ERROR_FILE: no tally; WS_ERROR_MEMORY
};

static uint64_t take_long(struct reader *r) {
    uint64_t x = 0;
    for (int shift = 0; shift < 64 && r->at < r->end; shift += 7) {
        unsigned char byte = *r->at++;
        x |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return x;
    }
    r->status = WS_ERROR_FILE;
    return 0;
}

static inline uint64_t take_whole(struct reader *r) {
    return r->at < r->end && *r->at < 0x80 ? *r->at++ : take_long(r);
}

static inline uint64_t take_below(struct reader *r, uint64_t limit) {
    uint64_t x = take_whole(r);
    if (x < limit)
        return x;
    r->status = WS_ERROR_FILE;
    return 0;
}

static double take_real(struct reader *r) {
    double x = 0;
    if ((size_t)(r->end - r->at) < sizeof x) {
        r->status = WS_ERROR_FILE;
        return 0;
    }
    memcpy(&x, r->at, sizeof x);
    r->at += sizeof x;
    return x;
}

static void take_sum(struct reader *r, struct ws_exact_sum *sum) {
    *sum = (struct ws_exact_sum){0};
    uint64_t negative = take_below(r, 2), first = take_below(r, WS_EXACT_LIMBS + 1),
             n = take_below(r, WS_EXACT_LIMBS + 1 - first);
    for (uint64_t i = first; i < first + n; i++) {
        int64_t limb = (int64_t)take_below(r, i == WS_EXACT_LIMBS - 1 ? INT64_MAX : UINT64_C(1) << 32);
        sum->limb[i] = negative ? -limb : limb;
    }
    if (negative)
        ws_exact_normalise(sum);
    sum->nan = (uint32_t)take_below(r, UINT64_C(1) << 32);
    sum->plus_inf = (uint32_t)take_below(r, UINT64_C(1) << 32);
    sum->minus_inf = (uint32_t)take_below(r, UINT64_C(1) << 32);
}

static void take_page(struct reader *r, struct ws_sketch *sketch, int shift) {
    uint64_t code = take_below(r, 2 * MOST_OCTAVE + 1);
    int octave = code % 2 ? -(int)((code + 1) / 2) : (int)(code / 2);
    if (sketch->n_pages > 0 && sketch->pages[sketch->n_pages - 1].octave >= octave)
        r->status = WS_ERROR_FILE;
    int64_t *counts = r->status ? NULL : ws_sketch_page(sketch, octave);
    if (!counts) {
        r->status = r->status ? r->status : WS_ERROR_MEMORY;
        return;
    }
    for (size_t i = 0; i < WS_BINS_PER_OCTAVE && !r->status;) {
        uint64_t count = take_below(r, ((uint64_t)INT64_MAX >> shift) + 1) << shift;
        if (count == 0)
            i += take_below(r, WS_BINS_PER_OCTAVE + 1 - i);
        else if (octave == 0 && i > 0) // the origin has one bin
            r->status = WS_ERROR_FILE;
        else if (__builtin_add_overflow(sketch->total, (int64_t)count, &sketch->total))
            r->status = WS_ERROR_FILE;
        else
            counts[i++] = (int64_t)count;
    }
}

static void take_sketch(struct reader *r, struct ws_sketch *sketch) {
    ws_sketch_init(sketch, take_real(r));
    if (!isfinite(sketch->origin))
        r->status = WS_ERROR_FILE;
    const uint64_t head = take_below(r, (uint64_t)SHIFTS * PAGES), n = head % PAGES;
    for (uint64_t i = 0; i < n && !r->status; i++)
        take_page(r, sketch, (int)(head / PAGES));
}

static void take_moments(struct reader *r, struct ws_moments *m) {
    int exponent;
    double pivot = take_real(r), scale = take_real(r);
    ws_moments_init(m, pivot, scale);
    m->minimum = take_real(r);
    m->maximum = take_real(r);
    m->count = take_below(r, INT64_MAX);
    m->invalid = take_below(r, INT64_MAX);
    m->first_invalid = take_whole(r) - 1;
    for (int k = 0; k < 4; k++)
        take_sum(r, &m->sum[k]);
    if (!isfinite(pivot) || frexp(scale, &exponent) != 0.5 || isnan(m->minimum) || isnan(m->maximum))
        r->status = WS_ERROR_FILE;
}

int ws_tally_unpack(const struct ws_packed *packed, struct ws_tally *tally) {
    struct reader r = {packed->bytes, packed->bytes + packed->size, 0};
    *tally = (struct ws_tally){0};
    ws_moments_init(&tally->moments, 0, 1);
    if (!packed->bytes)
        return 0;
    take_moments(&r, &tally->moments);
    if (!r.status)
        take_sketch(&r, &tally->sketch);
    if (!r.status && take_below(&r, 2))
        r.status = ws_tally_weigh(tally);
    for (int k = 0; tally->weighing && k < 4 && !r.status; k++)
        take_sum(&r, &tally->weighing->square[k]);
    if (tally->weighing && !r.status)
        take_sketch(&r, &tally->weighing->squares);
    if (!r.status && (r.at != r.end || (!tally->weighing && (uint64_t)tally->sketch.total != tally->moments.count)))
        r.status = WS_ERROR_FILE;
    return r.status;
}

int ws_tail_unpack(const struct ws_packed *packed, struct ws_evidence_tally *tally) {
    if (!packed->bytes)
        return 0;
    struct reader r = {packed->bytes, packed->bytes + packed->size, 0};
    const uint64_t n = take_below(&r, WS_TAIL_WEIGHTS + 1), most = UINT64_C(1) << WS_MOST_WEIGHT_BITS;
    uint64_t weight = 0;
    for (uint64_t i = 0; i < n && !r.status; i++) {
        weight += take_below(&r, most + 1);
        if (weight > most)
            r.status = WS_ERROR_FILE;
        ws_evidence_add_weight(tally, (double)weight);
    }
    return r.status ? r.status : r.at != r.end ? WS_ERROR_FILE : 0;
}
