// SPDX-License-Identifier: GPL-3.0-or-later
// What the processes of a team send each other through. MPI (mpi.c) is all of it that there is.
#ifndef WS_ENGINE_WIRE_H
#define WS_ENGINE_WIRE_H

#include <stddef.h>

struct ws_error;

enum ws_tag {
    WS_TAG_CARD = 1,
    WS_TAG_VERDICT,
    WS_TAG_ORDER,
    WS_TAG_ASK,
    WS_TAG_GIVE,
    WS_TAG_STOP,
    WS_TAG_PARCEL,
    WS_TAG_TEXT
};

// One thread at a time may use it.
struct ws_wire {
    int rank, size;
    int neighbours, node_cpus; // processes on this machine, and processors that they may run on between them
    char host[64];
    // The process from which a message with the tag has come, or -1 where there is none; from: a rank, or -1 for any.
    int (*poll)(const struct ws_wire *wire, int from, enum ws_tag tag);
    // n bytes, which the other side receives as n bytes; NULL receives them for nobody. Waits without taking the
    // processor from others.
    void (*send)(const struct ws_wire *wire, int to, enum ws_tag tag, const void *bytes, size_t n);
    void (*receive)(const struct ws_wire *wire, int from, enum ws_tag tag, void *bytes, size_t n);
    // Waits for all others to do the same.
    void (*close)(struct ws_wire *wire);
};

// Waits for a message from anybody; where it is from.
int ws_wire_wait(const struct ws_wire *wire, int from, enum ws_tag tag);

// Whether an MPI launcher has started this process, as one of several. (launcher.c)
struct ws_launch {
    int is_mpi;      // and can be spoken to by MPI
    const char *who; // "mpirun"
    int rank, size;  // size is 0 where it is not known
};
int ws_launch_look(struct ws_launch *launch);

#ifdef WS_MPI
// 0, or WS_ERROR_RUN, WS_ERROR_MEMORY. (mpi.c)
int ws_mpi_open(struct ws_wire **wire, struct ws_error *err);
const char *ws_mpi_version(void);
#endif

#endif
