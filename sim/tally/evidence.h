// SPDX-License-Identifier: GPL-3.0-or-later
// What is counted of the draws' weights themselves, over all outputs: their sums, the largest of them, and the draws
// that stand for the run when it is drawn anew in proportion to them.
#ifndef WS_TALLY_EVIDENCE_H
#define WS_TALLY_EVIDENCE_H

#include <stddef.h>
#include <stdint.h>

enum {
    WS_TAIL_WEIGHTS = 10001, // that are kept: the tail whose shape is estimated, and the weight that it starts from
    WS_MOST_GATHERED = 2 * WS_TAIL_WEIGHTS,
    WS_MOST_POSTERIOR = 100000, // draws that a run is drawn anew for
    WS_MOST_WEIGHT_BITS = 40    // of a weight, in units of 2^-28
};

// A draw of weight w is an event of a Poisson process of rate w; the earliest n events of all draws' processes are n
// independent draws in proportion to the weights (with a draw as often as it comes), whatever the order in which they
// are looked at (competing exponential clocks; Efraimidis & Spirakis 2006 for the variant without replacement).
struct ws_arrival {
    double time;
    uint64_t address;
};

struct ws_evidence_tally {
    double log_reference;    // the log-weight of a draw that weighs 1
    uint64_t draws, weighed; // looked at; with a weight above 0
    uint64_t undefined;      // of no weight because the log-weight was NaN
    int64_t total, squares;  // sums of weights and of their squares, in units of 2^-28
    size_t n_tail;
    double *tail; // the largest weights and, until tallies are merged, up to as many others; malloc'ed
    double least; // no smaller one is kept, nor another one like it; 0 while there is room
    size_t n_arrivals, most_arrivals;
    struct ws_arrival *arrivals; // the earliest and, until tallies are merged, some others; malloc'ed
    struct ws_arrival last;      // no later one is kept; at infinity while there is room
};

// How many events are gathered before those to be kept are selected: half as many again. To find an event costs several
// times what it takes to select among them, and the newer the horizon, the fewer are found in vain.
static inline size_t ws_evidence_room(size_t most_arrivals) { return most_arrivals + most_arrivals / 2 + 1; }

// 0, or WS_ERROR_MEMORY; to be finished either way.
int ws_evidence_init(struct ws_evidence_tally *tally, size_t most_arrivals);
void ws_evidence_finish(struct ws_evidence_tally *tally);
// 0, or WS_ERROR_RUN where the sums are beyond their range.
int ws_evidence_merge(struct ws_evidence_tally *tally, const struct ws_evidence_tally *other);

// Takes out the draws from an address on, which `other` holds alone, so that they can be counted again among more: what
// is kept of the others is all that can be needed then.
void ws_evidence_forget(struct ws_evidence_tally *tally, const struct ws_evidence_tally *other, uint64_t address);

// Keeps a weight, an event, if it is among those to be kept.
void ws_evidence_add_weight(struct ws_evidence_tally *tally, double weight);
void ws_evidence_add_arrival(struct ws_evidence_tally *tally, struct ws_arrival arrival);
// Leaves the earliest `most_arrivals`, the last of which is the horizon, where there are as many.
void ws_evidence_settle(struct ws_evidence_tally *tally);
// Events after it are not kept and need not be looked at; infinite while there is room.
double ws_evidence_horizon(const struct ws_evidence_tally *tally);

// The events of a merged tally in the order of time, n_arrivals of them: independent draws in proportion to their
// weights.
void ws_evidence_events(const struct ws_evidence_tally *tally, struct ws_arrival *events);

// Effective sample size, (sum w)^2 / sum w^2.
double ws_evidence_ess(const struct ws_evidence_tally *tally);

#endif
