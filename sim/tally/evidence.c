// SPDX-License-Identifier: GPL-3.0-or-later
#include "tally/evidence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "wattspan.h"

int ws_evidence_init(struct ws_evidence_tally *tally, size_t most_arrivals) {
    *tally = (struct ws_evidence_tally){.most_arrivals = most_arrivals, .last = {INFINITY, UINT64_MAX}};
    tally->tail = calloc(WS_MOST_GATHERED, sizeof *tally->tail);
    tally->arrivals = calloc(ws_evidence_room(most_arrivals), sizeof *tally->arrivals);
    return tally->tail && tally->arrivals ? 0 : WS_ERROR_MEMORY;
}

void ws_evidence_finish(struct ws_evidence_tally *tally) {
    free(tally->tail);
    free(tally->arrivals);
    *tally = (struct ws_evidence_tally){0};
}

// ---- the largest weights ----

// Brings the largest `wanted` of n weights to the front, in any order (Hoare's selection).
static void select_largest(double *a, size_t n, size_t wanted) {
    for (size_t first = 0, end = n; end - first > 1;) {
        const double pivot = a[first + (end - first - 1) / 2];
        size_t low = first - 1, high = end;
        for (;;) {
            do
                high--;
            while (a[high] < pivot);
            do
                low++;
            while (a[low] > pivot);
            if (low >= high)
                break;
            double moved = a[low];
            a[low] = a[high];
            a[high] = moved;
        }
        if (wanted <= high)
            end = high + 1;
        else
            first = high + 1;
    }
}

static void settle_weights(struct ws_evidence_tally *tally) {
    if (tally->n_tail < WS_TAIL_WEIGHTS)
        return;
    select_largest(tally->tail, tally->n_tail, WS_TAIL_WEIGHTS);
    tally->n_tail = WS_TAIL_WEIGHTS;
    tally->least = tally->tail[0];
    for (size_t i = 1; i < WS_TAIL_WEIGHTS; i++)
        tally->least = fmin(tally->least, tally->tail[i]);
}

// Twice as many are gathered as are kept, so that each costs a comparison or two.
void ws_evidence_add_weight(struct ws_evidence_tally *tally, double weight) {
    if (weight <= tally->least)
        return;
    if (tally->n_tail == WS_MOST_GATHERED)
        settle_weights(tally);
    if (weight > tally->least)
        tally->tail[tally->n_tail++] = weight;
}

// ---- the earliest events ----

// A total order, so that which events are kept does not depend on the order in which they come.
static int is_later(struct ws_arrival a, struct ws_arrival b) {
    return a.time > b.time || (a.time == b.time && a.address > b.address);
}

// Brings the earliest `wanted` of n events to the front, in any order (Hoare's selection).
static void select_earliest(struct ws_arrival *a, size_t n, size_t wanted) {
    for (size_t first = 0, end = n; end - first > 1;) {
        struct ws_arrival pivot = a[first + (end - first - 1) / 2];
        size_t low = first - 1, high = end;
        for (;;) {
            do
                high--;
            while (is_later(a[high], pivot));
            do
                low++;
            while (is_later(pivot, a[low]));
            if (low >= high)
                break;
            struct ws_arrival moved = a[low];
            a[low] = a[high];
            a[high] = moved;
        }
        if (wanted <= high) // what is at `high` or before is not later than the pivot, what is after not earlier
            end = high + 1;
        else
            first = high + 1;
    }
}

void ws_evidence_settle(struct ws_evidence_tally *tally) {
    const size_t most = tally->most_arrivals;
    if (most == 0 || tally->n_arrivals < most)
        return;
    select_earliest(tally->arrivals, tally->n_arrivals, most);
    tally->n_arrivals = most;
    tally->last = tally->arrivals[0];
    for (size_t i = 1; i < most; i++)
        if (is_later(tally->arrivals[i], tally->last))
            tally->last = tally->arrivals[i];
}

void ws_evidence_add_arrival(struct ws_evidence_tally *tally, struct ws_arrival arrival) {
    if (tally->most_arrivals == 0 || !is_later(tally->last, arrival))
        return;
    if (tally->n_arrivals == ws_evidence_room(tally->most_arrivals))
        ws_evidence_settle(tally);
    tally->arrivals[tally->n_arrivals++] = arrival;
}

double ws_evidence_horizon(const struct ws_evidence_tally *tally) {
    return tally->most_arrivals == 0 ? 0 : tally->last.time;
}

static int by_time(const void *a, const void *b) {
    const struct ws_arrival *x = a, *y = b;
    return is_later(*x, *y) - is_later(*y, *x);
}

void ws_evidence_events(const struct ws_evidence_tally *tally, struct ws_arrival *events) {
    if (tally->n_arrivals > 0)
        memcpy(events, tally->arrivals, tally->n_arrivals * sizeof *events);
    qsort(events, tally->n_arrivals, sizeof *events, by_time);
}

// ---- both ----

int ws_evidence_merge(struct ws_evidence_tally *tally, const struct ws_evidence_tally *other) {
    if (tally->draws == 0)
        tally->log_reference = other->log_reference;
    if (__builtin_add_overflow(tally->total, other->total, &tally->total) ||
        __builtin_add_overflow(tally->squares, other->squares, &tally->squares))
        return WS_ERROR_RUN;
    tally->draws += other->draws;
    tally->weighed += other->weighed;
    tally->undefined += other->undefined;
    for (size_t i = 0; i < other->n_tail; i++)
        ws_evidence_add_weight(tally, other->tail[i]);
    for (size_t i = 0; i < other->n_arrivals; i++)
        ws_evidence_add_arrival(tally, other->arrivals[i]);
    settle_weights(tally);
    ws_evidence_settle(tally);
    return 0;
}

static int descending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

// Of equal weights it does not matter whose they are.
static void forget_weights(struct ws_evidence_tally *tally, const struct ws_evidence_tally *other) {
    const size_t n = tally->n_tail;
    size_t k = 0;
    qsort(tally->tail, n, sizeof *tally->tail, descending);
    qsort(other->tail, other->n_tail, sizeof *other->tail, descending);
    tally->n_tail = 0;
    tally->least = 0;
    for (size_t i = 0; i < n; i++) {
        const double weight = tally->tail[i]; // adding it overwrites nothing that is still to be read
        while (k < other->n_tail && other->tail[k] > weight)
            k++;
        if (k < other->n_tail && other->tail[k] == weight)
            k++;
        else
            ws_evidence_add_weight(tally, weight);
    }
}

void ws_evidence_forget(struct ws_evidence_tally *tally, const struct ws_evidence_tally *other, uint64_t address) {
    const size_t n = tally->n_arrivals;
    tally->total -= other->total;
    tally->squares -= other->squares;
    tally->draws -= other->draws;
    tally->weighed -= other->weighed;
    tally->undefined -= other->undefined;
    forget_weights(tally, other);
    tally->n_arrivals = 0;
    tally->last = (struct ws_arrival){INFINITY, UINT64_MAX};
    for (size_t i = 0; i < n; i++)
        if (tally->arrivals[i].address < address)
            tally->arrivals[tally->n_arrivals++] = tally->arrivals[i];
}

double ws_evidence_ess(const struct ws_evidence_tally *tally) {
    double total = (double)tally->total;
    return tally->squares > 0 ? ldexp(total * total / (double)tally->squares, -28) : 0;
}
