// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/team.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "engine/threads.h"

// Between two looks for a message, of which there were `looks`.
static void rest(int looks, long *pause) {
    enum { BUSY = 64, MOST = 1000000 }; // looks; nanoseconds between those that come after
    if (looks < BUSY) {
        sched_yield();
        return;
    }
    nanosleep(&(struct timespec){.tv_nsec = *pause}, NULL);
    *pause = *pause < MOST ? *pause + *pause / 4 : MOST;
}

static const long shortest_pause = 20000;

int ws_wire_wait(const struct ws_wire *wire, int from, enum ws_tag tag) {
    long pause = shortest_pause;
    for (int looks = 0;; looks++) {
        int rank = wire->poll(wire, from, tag);
        if (rank >= 0)
            return rank;
        rest(looks, &pause);
    }
}

// Rank 0: what a process comes for, a text or with its card.
static enum ws_tag wait_for_errand(const struct ws_wire *wire, int from) {
    long pause = shortest_pause;
    for (int looks = 0;; looks++) {
        if (wire->poll(wire, from, WS_TAG_CARD) >= 0)
            return WS_TAG_CARD;
        if (wire->poll(wire, from, WS_TAG_TEXT) >= 0)
            return WS_TAG_TEXT;
        rest(looks, &pause);
    }
}

int ws_team_default_threads(const struct ws_team *team) {
    int n = ws_default_threads();
    if (!team || ws_threads_asked())
        return n;
    const struct ws_wire *wire = team->wire; // those bound to the same processors share them out
    int cpus = wire->node_cpus > 0 ? wire->node_cpus : n, quota = ws_quota_threads();
    if (quota && quota < cpus)
        cpus = quota;
    int share = cpus / wire->neighbours;
    return share < 1 ? 1 : share < n ? share : n;
}

// ---- a text of rank 0's ----

static void answer(const struct ws_wire *wire, int rank, const char *text, uint64_t bytes) {
    char asked;
    wire->receive(wire, rank, WS_TAG_TEXT, &asked, sizeof asked);
    wire->send(wire, rank, WS_TAG_TEXT, &bytes, sizeof bytes);
    wire->send(wire, rank, WS_TAG_TEXT, text, bytes);
}

static void ask(const struct ws_wire *wire, char **text, size_t *length, struct ws_arena *arena) {
    const char asked = 1;
    uint64_t bytes;
    wire->send(wire, 0, WS_TAG_TEXT, &asked, sizeof asked);
    wire->receive(wire, 0, WS_TAG_TEXT, &bytes, sizeof bytes);
    *text = bytes ? ws_arena_array(arena, bytes, 1) : NULL;
    *length = bytes ? bytes - 1 : 0;
    wire->receive(wire, 0, WS_TAG_TEXT, *text, bytes);
}

int ws_team_share(const struct ws_team *team, char **text, size_t *length, struct ws_arena *arena) {
    const struct ws_wire *wire = team->wire;
    int stranger = 0;
    if (wire->rank > 0) {
        ask(wire, text, length, arena);
        return 0;
    }
    for (int rank = 1; rank < wire->size; rank++)
        if (wait_for_errand(wire, rank) != WS_TAG_TEXT)
            stranger = rank;
        else
            answer(wire, rank, *text, *text ? *length + 1 : 0); // with the zero at its end
    return stranger;
}

// ---- coming together, and leaving ----

enum { FACT = 256 };

// What a process comes with: to draw, or to leave.
struct card {
    int leaves, code, threads;
    struct ws_error error; // why it leaves
    char host[64];
    char facts[WS_TEAM_FACTS][FACT];
};

struct verdict { // the same for all
    int code;
    int over;              // some have left
    struct ws_error error; // why those who came to draw cannot
};

void ws_team_blame(const struct ws_team *team, const char *host, int rank, struct ws_error *error) {
    struct ws_error blamed = {0};
    if (rank == team->wire->rank)
        return;
    ws_error_set(&blamed, error->status, error->where, "%s (of rank %d on %s)", error->text, rank, host);
    *error = blamed;
}

static void judge(const struct ws_team *team, const struct card *own, const struct card *other, int rank,
                  const struct ws_team_facts *facts, struct verdict *verdict) {
    verdict->over |= own->leaves | other->leaves;
    if (own->leaves) {
        verdict->code = verdict->code ? verdict->code : other->code;
    } else if (other->leaves && !verdict->error.status) {
        verdict->error = other->error;
        ws_team_blame(team, other->host, rank, &verdict->error);
    }
    for (size_t i = 0; !own->leaves && !other->leaves && i < WS_TEAM_FACTS; i++)
        if (strcmp(own->facts[i], other->facts[i]) != 0) {
            ws_error_set(&verdict->error, WS_ERROR_FILE, NULL,
                         "rank %d on %s has another %s than rank 0: '%.200s', not '%.200s'; " WS_ALL_ALIKE, rank,
                         other->host, facts->items[i].name, other->facts[i], own->facts[i]);
            verdict->over = 1;
        }
}

// Rank 0 hears all others and tells them what follows.
static void meet(struct ws_team *team, const struct card *own, const struct ws_team_facts *facts,
                 struct verdict *verdict) {
    const struct ws_wire *wire = team->wire;
    struct card other;
    *verdict = (struct verdict){.code = own->code, .over = own->leaves};
    if (wire->rank > 0) {
        wire->send(wire, 0, WS_TAG_CARD, own, sizeof *own);
        wire->receive(wire, 0, WS_TAG_VERDICT, verdict, sizeof *verdict);
    }
    team->all_threads = (uint64_t)own->threads;
    for (int r = 1; r < wire->size && wire->rank == 0; r++) {
        while (wait_for_errand(wire, r) == WS_TAG_TEXT)
            answer(wire, r, NULL, 0); // there is none: it comes again, to leave
        wire->receive(wire, r, WS_TAG_CARD, &other, sizeof other);
        judge(team, own, &other, r, facts, verdict);
        team->threads[r] = (uint64_t)other.threads;
        team->all_threads += (uint64_t)other.threads;
    }
    for (int r = 1; r < wire->size && wire->rank == 0; r++)
        wire->send(wire, r, WS_TAG_VERDICT, verdict, sizeof *verdict);
    team->is_over |= verdict->over;
    team->code = verdict->code;
}

static void copy_text(char *to, size_t size, const char *from) { snprintf(to, size, "%s", from); }

int ws_team_begin(struct ws_team *team, const struct ws_team_facts *facts, struct ws_error *err) {
    struct card card = {.threads = facts->threads};
    struct verdict verdict;
    if (team->is_over)
        return ws_error_set(err, WS_ERROR_RUN, NULL, "some of the processes have left");
    copy_text(card.host, sizeof card.host, team->wire->host);
    for (size_t i = 0; i < WS_TEAM_FACTS; i++)
        copy_text(card.facts[i], FACT, facts->items[i].value);
    meet(team, &card, facts, &verdict);
    if (verdict.error.status)
        return ws_error_set(err, verdict.error.status, verdict.error.where, "%s", verdict.error.text);
    return verdict.over ? ws_error_set(err, WS_ERROR_RUN, NULL, "rank 0 has left") : 0;
}

void ws_team_order(const struct ws_team *team, const struct ws_order *order) {
    for (int r = 1; r < team->wire->size; r++)
        team->wire->send(team->wire, r, WS_TAG_ORDER, order, sizeof *order);
}

void ws_team_end(struct ws_team *team) { ws_team_order(team, &(struct ws_order){.kind = WS_ORDER_END}); }

// ---- wattspan.h ----

static int open_wire(struct ws_wire **wire, struct ws_error *error) {
    struct ws_launch launch;
    if (!ws_launch_look(&launch))
        return 0;
#ifdef WS_MPI
    if (launch.is_mpi)
        return ws_mpi_open(wire, error);
    return ws_error_set(error, WS_ERROR_USAGE, NULL,
                        "srun has started %d tasks, but has not told them of each other: start them with srun "
                        "--mpi=pmix, or with mpirun; WATTSPAN_MPI=off lets each run by itself",
                        launch.size);
#else
    *wire = NULL;
    if (launch.size < 2)
        return 0;
    return ws_error_set(error, WS_ERROR_USAGE, NULL,
                        "%s has started %d processes, and this wattspan is built without MPI, by which they could draw "
                        "together (scripts/README.md says how to build it); WATTSPAN_MPI=off lets each run by itself",
                        launch.who, launch.size);
#endif
}

int ws_team_join(ws_team **team, struct ws_error *error) {
    struct ws_wire *wire = NULL;
    *team = NULL;
    int status = open_wire(&wire, error);
    if (!wire)
        return status;
    *team = calloc(1, sizeof **team);
    uint64_t *threads = calloc((size_t)wire->size, sizeof *threads);
    if (!*team || !threads) { // the others wait for this one, which the launcher is to end with them
        free(threads);
        free(*team);
        *team = NULL;
        return ws_error_set(error, WS_ERROR_MEMORY, NULL, "memory ran out");
    }
    **team = (ws_team){.wire = wire, .threads = threads};
    return status;
}

int ws_team_rank(const ws_team *team) {
    struct ws_launch launch = {0};
    if (team)
        return team->wire->rank;
    return ws_launch_look(&launch) && launch.size > 1 ? launch.rank : 0;
}

int ws_team_size(const ws_team *team) { return team ? team->wire->size : 1; }

int ws_team_leave(ws_team *team, int code, const struct ws_error *why) {
    struct card card = {.leaves = 1, .code = code};
    struct verdict verdict;
    if (!team)
        return code;
    copy_text(card.host, sizeof card.host, team->wire->host);
    card.error = why && why->status ? *why : (struct ws_error){WS_ERROR_RUN, "", "has nothing to draw"};
    if (!team->is_over)
        meet(team, &card, NULL, &verdict);
    code = team->code ? team->code : code; // the others say what rank 0 says
    team->wire->close(team->wire);
    free(team->threads);
    free(team);
    return code;
}

const char *ws_mpi(void) {
#ifdef WS_MPI
    return ws_mpi_version();
#else
    return "";
#endif
}
