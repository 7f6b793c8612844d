// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/stream.h"

#include <pthread.h>
#include <stdlib.h>

#include "engine/run.h"
#include "wattspan.h"

enum { BUFFERS = 2 }; // one is filled while the other is emptied

struct buffer {
    double *values;
    double **columns; // into values, by quantity
    struct ws_piece piece;
};

struct relay {
    struct buffer buffers[BUFFERS];
    ws_piece_taker *take;
    void *user;
    const struct ws_watch *watch;
    double start; // on ws_engine_clock()
    // What follows is shared, under the mutex.
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    uint64_t filled, emptied; // pieces; number n is in buffer n mod BUFFERS
    int finished;             // there will be no more
    int status;               // of the taker
};

// ---- buffers ----

static int make_buffer(struct buffer *buffer, const struct ws_plan *plan) {
    const struct ws_study *study = plan->study;
    size_t first_output = study->n_inputs + study->n_derived, n = 0;
    size_t n_values = (study->n_inputs + study->n_outputs + (study->log_weight ? 1 : 0)) * (size_t)WS_PIECE;
    buffer->values = calloc(n_values + 1, sizeof *buffer->values);
    buffer->columns = calloc(study->n_quantities + 1, sizeof *buffer->columns);
    if (!buffer->values || !buffer->columns)
        return WS_ERROR_MEMORY;
    for (size_t q = 0; q <= study->n_quantities; q++) {
        int is_kept = q < study->n_inputs || (q >= first_output && q < study->n_quantities) ||
                      (q == study->n_quantities && study->log_weight);
        if (is_kept)
            buffer->columns[q] = buffer->values + n++ * WS_PIECE;
    }
    return 0;
}

static void free_buffers(struct relay *relay) {
    for (int b = 0; b < BUFFERS; b++) {
        free(relay->buffers[b].values);
        free(relay->buffers[b].columns);
    }
}

// ---- the thread that takes ----

static void *take_pieces(void *user) {
    struct relay *relay = user;
    pthread_mutex_lock(&relay->mutex);
    for (;;) {
        while (relay->emptied == relay->filled && !relay->finished)
            pthread_cond_wait(&relay->changed, &relay->mutex);
        if (relay->emptied == relay->filled || relay->status)
            break;
        const struct ws_piece *piece = &relay->buffers[relay->emptied % BUFFERS].piece;
        pthread_mutex_unlock(&relay->mutex);
        int status = relay->take(relay->user, piece);
        pthread_mutex_lock(&relay->mutex);
        relay->status = status;
        relay->emptied++;
        pthread_cond_signal(&relay->changed);
    }
    pthread_mutex_unlock(&relay->mutex);
    return NULL;
}

// Waits until a buffer is free; NULL where nobody takes any more.
static struct buffer *next_buffer(struct relay *relay) {
    pthread_mutex_lock(&relay->mutex);
    while (relay->filled - relay->emptied == BUFFERS && !relay->status)
        pthread_cond_wait(&relay->changed, &relay->mutex);
    int status = relay->status;
    pthread_mutex_unlock(&relay->mutex);
    return status ? NULL : &relay->buffers[relay->filled % BUFFERS];
}

static void hand_on(struct relay *relay, int finished) {
    pthread_mutex_lock(&relay->mutex);
    relay->filled += !finished;
    relay->finished = finished;
    pthread_cond_signal(&relay->changed);
    pthread_mutex_unlock(&relay->mutex);
}

// ---- the threads that draw ----

static void report(const struct relay *relay, const struct ws_plan *plan, size_t chain, uint64_t of_chain) {
    const struct ws_progress progress = {.done = chain * (plan->keep / plan->replicates) + of_chain,
                                         .total = plan->keep,
                                         .seconds = ws_engine_clock() - relay->start,
                                         .is_writing = 1};
    if (relay->watch->progress)
        relay->watch->progress(relay->watch->user, &progress);
}

static int draw_chain(struct relay *relay, const struct ws_plan *plan, size_t chain, struct ws_error *err) {
    const uint64_t each = plan->keep / plan->replicates;
    const volatile int *interrupt = relay->watch->interrupt;
    for (uint64_t first = 0; first < each; first += WS_PIECE) {
        size_t count = each - first < WS_PIECE ? (size_t)(each - first) : WS_PIECE;
        struct buffer *buffer = next_buffer(relay);
        if (!buffer)
            return 0;
        if (interrupt && *interrupt)
            return ws_error_set(err, WS_ERROR_INTERRUPTED, NULL, "interrupted while the draws were written");
        int status = ws_engine_rows(plan, chain, first, count, buffer->columns, err);
        if (status)
            return status;
        buffer->piece = (struct ws_piece){chain, first, count, buffer->columns};
        hand_on(relay, 0);
        report(relay, plan, chain, first + count);
    }
    return 0;
}

int ws_engine_stream(const struct ws_plan *plan, const struct ws_watch *watch, ws_piece_taker *take, void *user,
                     struct ws_error *err) {
    struct relay relay = {.take = take,
                          .user = user,
                          .watch = watch,
                          .start = ws_engine_clock(),
                          .mutex = PTHREAD_MUTEX_INITIALIZER,
                          .changed = PTHREAD_COND_INITIALIZER};
    pthread_t taker;
    int status = 0;
    for (int b = 0; b < BUFFERS && !status; b++)
        status = make_buffer(&relay.buffers[b], plan);
    if (status || pthread_create(&taker, NULL, take_pieces, &relay)) {
        free_buffers(&relay);
        return ws_error_set(err, WS_ERROR_MEMORY, NULL, "memory ran out");
    }
    for (size_t chain = 0; chain < plan->replicates && !status; chain++)
        status = draw_chain(&relay, plan, chain, err);
    hand_on(&relay, 1);
    pthread_join(taker, NULL);
    free_buffers(&relay);
    return status ? status : relay.status;
}
