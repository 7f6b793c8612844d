// SPDX-License-Identifier: GPL-3.0-or-later
// One process's tallies on their way to another, case after case. They are merged on the way, in pairs of processes, so
// that rank 0 takes in only as many as the number of processes has binary digits.
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "engine/shelf.h"
#include "engine/team.h"

struct label { // ahead of a parcel
    struct ws_error error;
    char host[64];
    int rank, status; // whose the error is; where status is not 0 nothing follows
    uint64_t n_cases;
};

struct buffer {
    unsigned char *bytes; // malloc'ed
    size_t size, capacity, at;
    int status;
};

// ---- packing ----

static size_t padded(size_t n) { return (n + 7) / 8 * 8; }

// Room for n bytes, aligned as doubles are; NULL where there is none.
static void *extend(struct buffer *b, size_t n) {
    size_t size = b->size + padded(n);
    if (size > b->capacity && !b->status) {
        unsigned char *larger = realloc(b->bytes, 2 * size);
        b->status = larger ? 0 : WS_ERROR_MEMORY;
        b->bytes = larger ? larger : b->bytes;
        b->capacity = larger ? 2 * size : b->capacity;
    }
    if (b->status)
        return NULL;
    void *place = b->bytes + b->size;
    b->size = size;
    return place;
}

static void put(struct buffer *b, const void *bytes, size_t n) {
    void *place = extend(b, n);
    if (place && n > 0)
        memcpy(place, bytes, n);
}

static void put_tally(struct buffer *b, const struct ws_result *result, size_t c, size_t r, size_t s) {
    struct ws_packed packed = {0};
    if (result->shelf ? ws_shelf_copy(result->shelf, c, r, s, &packed)
                      : ws_tally_pack(ws_result_replicate(result, c, r, s), &packed))
        b->status = WS_ERROR_MEMORY;
    put(b, &packed.size, sizeof packed.size);
    put(b, packed.bytes, packed.size);
    ws_packed_finish(&packed);
}

static void put_case(struct buffer *b, const struct ws_result *result, size_t c) {
    for (size_t r = 0; r < result->replicates; r++)
        for (size_t s = 0; s < result->n_slots; s++)
            put_tally(b, result, c, r, s);
    if (result->evidence) {
        const struct ws_evidence_tally *e = ws_result_weights(result, c);
        put(b, e, sizeof *e);
        put(b, e->tail, e->n_tail * sizeof *e->tail);
        put(b, e->arrivals, e->n_arrivals * sizeof *e->arrivals);
    }
    if (result->posterior)
        put_case(b, result->posterior, c);
}

// ---- unpacking ----

static void *get(struct buffer *b, size_t n) {
    void *place = b->bytes + b->at;
    b->at += padded(n);
    return place;
}

static int get_tally(struct buffer *b, struct ws_result *result, size_t c, size_t r, size_t s) {
    struct ws_packed packed;
    struct ws_tally tally;
    memcpy(&packed.size, get(b, sizeof packed.size), sizeof packed.size);
    packed.bytes = get(b, packed.size);
    if (packed.size == 0)
        return 0;
    int status = ws_tally_unpack(&packed, &tally);
    if (!status)
        status = ws_result_add(result, c, r, s, &tally);
    ws_tally_finish(&tally);
    return status;
}

static int get_case(struct buffer *b, struct ws_result *result, size_t c) {
    int status = 0;
    for (size_t r = 0; r < result->replicates && !status; r++)
        for (size_t s = 0; s < result->n_slots && !status; s++)
            status = get_tally(b, result, c, r, s);
    if (result->evidence && !status) {
        struct ws_evidence_tally e;
        memcpy(&e, get(b, sizeof e), sizeof e);
        e.tail = get(b, e.n_tail * sizeof *e.tail);
        e.arrivals = get(b, e.n_arrivals * sizeof *e.arrivals);
        if (e.draws > 0)
            status = ws_result_add_weights(result, c, &e);
    }
    return status || !result->posterior ? status : get_case(b, result->posterior, c);
}

// ---- on the way ----

static void send_cases(const struct ws_wire *wire, int to, const struct ws_result *result) {
    for (size_t c = 0; c < result->n_cases; c++) {
        struct buffer b = {0};
        put_case(&b, result, c);
        if (b.status)
            b.size = 0; // what is missing is told by that
        wire->send(wire, to, WS_TAG_PARCEL, &b.size, sizeof b.size);
        wire->send(wire, to, WS_TAG_PARCEL, b.bytes, b.size);
        free(b.bytes);
    }
}

// Receives all, whatever goes wrong: the other side knows nothing of it.
static int receive_cases(const struct ws_wire *wire, int from, uint64_t n_cases, struct ws_result *result) {
    int status = result ? 0 : WS_ERROR_MEMORY;
    for (size_t c = 0; c < n_cases; c++) {
        struct buffer b = {0};
        wire->receive(wire, from, WS_TAG_PARCEL, &b.size, sizeof b.size);
        b.bytes = status || b.size == 0 ? NULL : malloc(b.size);
        wire->receive(wire, from, WS_TAG_PARCEL, b.bytes, b.size);
        if (!status)
            status = b.bytes ? get_case(&b, result, c) : WS_ERROR_MEMORY;
        free(b.bytes);
    }
    return status;
}

static void note(struct label *own, int status) {
    if (status && !own->status) {
        own->status = status;
        ws_error_set(&own->error, status, NULL, "%s",
                     status == WS_ERROR_MEMORY ? "memory ran out" : "the sums of weights are too large");
    }
}

static void receive_parcel(const struct ws_wire *wire, int from, struct label *own, struct ws_result *result) {
    struct label other;
    wire->receive(wire, from, WS_TAG_PARCEL, &other, sizeof other);
    if (other.status && !own->status) {
        own->status = other.status;
        own->error = other.error;
        own->rank = other.rank;
        memcpy(own->host, other.host, sizeof own->host);
    }
    if (!other.status)
        note(own, receive_cases(wire, from, other.n_cases, own->status ? NULL : result));
}

int ws_team_collect(const struct ws_team *team, struct ws_result *result, int status, struct ws_error *err) {
    const struct ws_wire *wire = team->wire;
    struct label own = {.rank = wire->rank, .status = status, .n_cases = result ? result->n_cases : 0};
    memcpy(own.host, wire->host, sizeof own.host);
    if (status && err)
        own.error = *err;
    for (int mask = 1; mask < wire->size; mask <<= 1) {
        if (wire->rank & mask) {
            wire->send(wire, wire->rank - mask, WS_TAG_PARCEL, &own, sizeof own);
            if (!own.status)
                send_cases(wire, wire->rank - mask, result);
            return own.status;
        }
        if (wire->rank + mask < wire->size)
            receive_parcel(wire, wire->rank + mask, &own, result);
    }
    if (own.status && own.rank != wire->rank && err) {
        ws_team_blame(team, own.host, own.rank, &own.error);
        *err = own.error;
    } else if (own.status && err && !err->status) {
        *err = own.error;
    }
    return own.status;
}
