// SPDX-License-Identifier: GPL-3.0-or-later
// Numbered items of work that all threads of all processes take from, in order, each once. Whoever is faster takes
// more.
#ifndef WS_ENGINE_PILE_H
#define WS_ENGINE_PILE_H

#include <stdint.h>

struct ws_team;

struct ws_pile {
    const struct ws_team *team; // NULL: the threads of this process alone
    uint64_t next, end;  // what nobody has taken; elsewhere than on rank 0 what rank 0 has given, and no thread taken
    uint64_t threads;    // all that take from it
    uint64_t most;       // items that a thread takes at a time: towards the end ever fewer
    uint64_t most_given; // items that a process is given at a time, for each of its threads
    int is_ahead;        // processes ask for more while they still have some: they hold it back at the end
    int stops;           // items are so long that processes look whether they should stop
    int is_closed;       // nothing more is given, or will be
    int has_asked, is_stopped; // elsewhere than on rank 0
    int n_waiting;             // rank 0: processes that do not know yet that nothing more is given
    uint64_t given;            // rank 0: items that went to other processes
    int has_failed;            // rank 0: one of them has said so
    double looked;             // when messages were last looked for
};

// Everybody begins it with the same items, and ends it.
struct ws_pile ws_pile_begin(const struct ws_team *team, uint64_t first, uint64_t end, int threads);
// Takes items *first .. *end - 1; 0 where none are left. By any thread.
int ws_pile_take(struct ws_pile *pile, uint64_t *first, uint64_t *end);
// Nothing more is given. What has been taken is to be done; where the pile `stops`, the others are to leave off.
void ws_pile_close(struct ws_pile *pile);
// On rank 0 answers those who ask, often enough that they need not wait. On the others says whether they are to leave
// off. Costs little; by any thread.
int ws_pile_look(struct ws_pile *pile);
// On rank 0: all that was taken is known to be taken by those who will do it or say that they have failed.
void ws_pile_end(struct ws_pile *pile, int status);

// How much is said to be done: not all before all is, though what others have in hand is counted.
static inline uint64_t ws_pile_shown(uint64_t done, uint64_t total, int finished) {
    return finished || total == 0 ? total : done < total ? done : total - 1;
}

#endif
