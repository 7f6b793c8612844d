// SPDX-License-Identifier: GPL-3.0-or-later
// Several processes that draw for one result. Rank 0 runs the program and has the result; the others have made the same
// plan, and do what it orders until it has no more to do.
#ifndef WS_ENGINE_TEAM_H
#define WS_ENGINE_TEAM_H

#include <stdint.h>

#include "engine/plan.h"
#include "engine/result.h"
#include "engine/wire.h"
#include "wattspan.h"

struct ws_factors;

struct ws_team {
    struct ws_wire *wire;
    int is_over;          // some have left: nothing more is sent
    int code;             // what the program is to exit with, once it is over
    uint64_t *threads;    // per rank; known in a session, on rank 0
    uint64_t all_threads; // of all ranks
};

// ---- coming together ----

// The remedy where they differ.
#define WS_ALL_ALIKE "all processes have to run the same program with the same files and options"

// What all processes must agree on before they draw: names and what stands for them.
enum { WS_TEAM_FACTS = 6 };
struct ws_team_facts {
    struct ws_team_fact {
        const char *name, *value;
    } items[WS_TEAM_FACTS];
    int threads; // of this process
};
// Waits until all are there. 0, or what is wrong with one of them, on all ranks the same.
int ws_team_begin(struct ws_team *team, const struct ws_team_facts *facts, struct ws_error *err);
// Rank 0: lets the others go their way.
void ws_team_end(struct ws_team *team);
// On the other ranks: does what rank 0 orders. WS_SERVED, or a negative status where nothing can be ordered any more.
int ws_team_serve(struct ws_team *team, const struct ws_plan *plan, const struct ws_options *options,
                  const struct ws_factors *factors);

// Hands a text of rank 0's to all others, who take it into an arena. On rank 0 *text is NULL where it has none to hand
// on, as it then is on the others, and where rank 0 never comes here. On rank 0: a rank that has not come for it, or 0.
int ws_team_share(const struct ws_team *team, char **text, size_t *length, struct ws_arena *arena);

// Threads of a process where nobody says.
int ws_team_default_threads(const struct ws_team *team);

// ---- what rank 0 orders ----

enum ws_order_kind { WS_ORDER_END, WS_ORDER_DRAW, WS_ORDER_COLLECT, WS_ORDER_FREEZE };

struct ws_order {
    enum ws_order_kind kind;
    uint64_t draws;        // of the plan
    uint64_t first, end;   // groups
    uint64_t batch, parts; // of a sweep
};
void ws_team_order(const struct ws_team *team, const struct ws_order *order);

// ---- what has been drawn ----

// Adds what all processes have drawn to rank 0's result; everybody takes part, whatever has become of its share. The
// status of the first that has failed, of which err tells on rank 0. result may be NULL where status is not 0.
// (parcel.c)
int ws_team_collect(const struct ws_team *team, struct ws_result *result, int status, struct ws_error *err);
// Says whose an error is, where it is another process's.
void ws_team_blame(const struct ws_team *team, const char *host, int rank, struct ws_error *error);

#endif
