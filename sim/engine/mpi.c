// SPDX-License-Identifier: GPL-3.0-or-later
// The wire that MPI is. Everything is sent from one process to another: MPI's collective calls would keep those who
// wait busy, and could not be left where one has failed.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE // sched_getaffinity
#endif
#include <mpi.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "engine/wire.h"
#include "wattspan.h"

struct mpi_wire {
    struct ws_wire wire; // first
    MPI_Comm comm;       // of our own: a program around the library may send messages, too
    int finalize;
};

#define TEXT(x) #x
#define DOTTED(a, b) TEXT(a) "." TEXT(b)

const char *ws_mpi_version(void) { return DOTTED(MPI_VERSION, MPI_SUBVERSION); }

enum { PIECE = 1 << 16 }; // bytes of a message at most, so that any number can be received into no memory

static MPI_Comm comm_of(const struct ws_wire *wire) {
    union {
        const struct ws_wire *base;
        const struct mpi_wire *whole;
    } both = {wire};
    return both.whole->comm;
}

static int poll(const struct ws_wire *wire, int from, enum ws_tag tag) {
    MPI_Status status;
    int waits = 0;
    MPI_Iprobe(from < 0 ? MPI_ANY_SOURCE : from, tag, comm_of(wire), &waits, &status);
    return waits ? status.MPI_SOURCE : -1;
}

static size_t piece_of(size_t n) { return n < PIECE ? n : PIECE; }

static void send(const struct ws_wire *wire, int to, enum ws_tag tag, const void *bytes, size_t n) {
    const char *at = bytes;
    for (size_t piece; n > 0; at += piece, n -= piece) {
        piece = piece_of(n);
        MPI_Send(at, (int)piece, MPI_BYTE, to, tag, comm_of(wire));
    }
}

static void receive(const struct ws_wire *wire, int from, enum ws_tag tag, void *bytes, size_t n) {
    char *at = bytes, nowhere[PIECE];
    for (size_t piece; n > 0; n -= piece) {
        piece = piece_of(n);
        ws_wire_wait(wire, from, tag);
        MPI_Recv(at ? at : nowhere, (int)piece, MPI_BYTE, from, tag, comm_of(wire), MPI_STATUS_IGNORE);
        at = at ? at + piece : NULL;
    }
}

static void close_wire(struct ws_wire *wire) {
    union {
        struct ws_wire *base;
        struct mpi_wire *whole;
    } both = {wire};
    const int finalize = both.whole->finalize;
    MPI_Comm_free(&both.whole->comm);
    free(both.whole);
    if (finalize)
        MPI_Finalize();
}

// Processors that any of the processes on this machine may run on: bound to some each, they have them all together.
static void look_around(struct ws_wire *wire, MPI_Comm comm) {
    MPI_Comm node;
    cpu_set_t own, all;
    CPU_ZERO(&own);
    CPU_ZERO(&all);
    MPI_Comm_split_type(comm, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
    MPI_Comm_size(node, &wire->neighbours);
    if (sched_getaffinity(0, sizeof own, &own))
        CPU_ZERO(&own); // more processors than a set holds: everybody counts for themselves
    MPI_Allreduce(&own, &all, (int)sizeof own, MPI_BYTE, MPI_BOR, node);
    wire->node_cpus = CPU_COUNT(&all);
    MPI_Comm_free(&node);
}

int ws_mpi_open(struct ws_wire **opened, struct ws_error *err) {
    int there = 0, level = MPI_THREAD_SINGLE;
    struct mpi_wire *own = calloc(1, sizeof *own);
    if (!own)
        return ws_error_set(err, WS_ERROR_MEMORY, NULL, "memory ran out");
    MPI_Initialized(&there);
    if (there)
        MPI_Query_thread(&level);
    else
        MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &level);
    own->finalize = !there;
    MPI_Comm_dup(MPI_COMM_WORLD, &own->comm);
    own->wire = (struct ws_wire){.poll = poll, .send = send, .receive = receive, .close = close_wire};
    *opened = &own->wire;
    MPI_Comm_rank(own->comm, &own->wire.rank);
    MPI_Comm_size(own->comm, &own->wire.size);
    gethostname(own->wire.host, sizeof own->wire.host - 1);
    look_around(&own->wire, own->comm);
    if (level < MPI_THREAD_SERIALIZED)
        return ws_error_set(err, WS_ERROR_RUN, NULL, "this MPI cannot be called from threads in turn, as it has to be");
    return 0;
}
