// SPDX-License-Identifier: GPL-3.0-or-later
#include "tally/evidence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "wattspan.h"

int ws_evidence_init(struct ws_evidence_tally *tally, size_t most_arrivals) {
    *tally = (struct ws_evidence_tally){.most_arrivals = most_arrivals};
    tally->tail = calloc(WS_TAIL_WEIGHTS, sizeof *tally->tail);
    tally->arrivals = calloc(most_arrivals + 1, sizeof *tally->arrivals);
    return tally->tail && tally->arrivals ? 0 : WS_ERROR_MEMORY;
}

void ws_evidence_finish(struct ws_evidence_tally *tally) {
    free(tally->tail);
    free(tally->arrivals);
    *tally = (struct ws_evidence_tally){0};
}

// ---- the largest weights ----

static void sink_weight(double *heap, size_t n, size_t at) {
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        child += child + 1 < n && heap[child + 1] < heap[child];
        if (heap[at] <= heap[child])
            return;
        double moved = heap[at];
        heap[at] = heap[child];
        heap[child] = moved;
    }
}

void ws_evidence_add_weight(struct ws_evidence_tally *tally, double weight) {
    double *heap = tally->tail;
    if (tally->n_tail == WS_TAIL_WEIGHTS) {
        if (weight > heap[0]) {
            heap[0] = weight;
            sink_weight(heap, WS_TAIL_WEIGHTS, 0);
        }
        return;
    }
    size_t at = tally->n_tail++;
    for (; at > 0 && heap[(at - 1) / 2] > weight; at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = weight;
}

// ---- the earliest events ----

// A total order, so that which events are kept does not depend on the order in which they come.
static int is_later(struct ws_arrival a, struct ws_arrival b) {
    return a.time > b.time || (a.time == b.time && a.address > b.address);
}

static void sink_arrival(struct ws_arrival *heap, size_t n, size_t at) {
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        child += child + 1 < n && is_later(heap[child + 1], heap[child]);
        if (!is_later(heap[child], heap[at]))
            return;
        struct ws_arrival moved = heap[at];
        heap[at] = heap[child];
        heap[child] = moved;
    }
}

void ws_evidence_add_arrival(struct ws_evidence_tally *tally, struct ws_arrival arrival) {
    struct ws_arrival *heap = tally->arrivals;
    if (tally->n_arrivals == tally->most_arrivals) {
        if (tally->most_arrivals > 0 && is_later(heap[0], arrival)) {
            heap[0] = arrival;
            sink_arrival(heap, tally->n_arrivals, 0);
        }
        return;
    }
    size_t at = tally->n_arrivals++;
    for (; at > 0 && is_later(arrival, heap[(at - 1) / 2]); at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = arrival;
}

double ws_evidence_horizon(const struct ws_evidence_tally *tally) {
    if (tally->most_arrivals == 0)
        return 0;
    return tally->n_arrivals < tally->most_arrivals ? INFINITY : tally->arrivals[0].time;
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
    return 0;
}

double ws_evidence_ess(const struct ws_evidence_tally *tally) {
    double total = (double)tally->total;
    return tally->squares > 0 ? ldexp(total * total / (double)tally->squares, -28) : 0;
}
