// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/pile.h"

#include "engine/run.h"
#include "engine/team.h"

struct ask {
    int failed;
};

struct give { // nothing where first == end
    uint64_t first, end, most;
};

struct ws_pile ws_pile_begin(const struct ws_team *team, uint64_t first, uint64_t end, int threads) {
    struct ws_pile pile = {.team = team, .next = first, .end = end, .most = 1, .most_given = 1};
    pile.threads = team && team->wire->rank == 0 ? team->all_threads : (uint64_t)threads;
    if (team && team->wire->rank > 0)
        pile.end = first;
    else if (team)
        pile.n_waiting = team->wire->size - 1;
    return pile;
}

static int is_here(const struct ws_pile *pile) { return !pile->team || pile->team->wire->rank == 0; }

// So many of what is left that all can still finish together.
static uint64_t portion(const struct ws_pile *pile, uint64_t per_thread, uint64_t most) {
    uint64_t share = (pile->end - pile->next) / (pile->threads * per_thread);
    return share < 1 ? 1 : share < most ? share : most;
}

// next is read by threads that look how far it is.
static void take(struct ws_pile *pile, uint64_t n, uint64_t *first, uint64_t *end) {
    uint64_t left = pile->end - pile->next;
    *first = pile->next;
    *end = *first + (n < left ? n : left);
#pragma omp atomic write
    pile->next = *end;
}

// ---- rank 0 ----

static void answer(struct ws_pile *pile, int rank) {
    enum { PER_THREAD = 4 }; // what is given is held by slow processes, too
    const struct ws_team *team = pile->team;
    struct ask ask;
    struct give give = {.most = portion(pile, 2, pile->most)};
    team->wire->receive(team->wire, rank, WS_TAG_ASK, &ask, sizeof ask);
    pile->has_failed |= ask.failed;
    pile->is_closed |= ask.failed;
    if (!pile->is_closed)
        take(pile, portion(pile, PER_THREAD, pile->most_given) * team->threads[rank], &give.first, &give.end);
    pile->given += give.end - give.first;
    pile->n_waiting -= give.first == give.end;
    team->wire->send(team->wire, rank, WS_TAG_GIVE, &give, sizeof give);
}

static void answer_all(struct ws_pile *pile) {
    int rank;
    while (pile->n_waiting > 0 && (rank = pile->team->wire->poll(pile->team->wire, -1, WS_TAG_ASK)) > 0)
        answer(pile, rank);
}

static void stop_others(struct ws_pile *pile) {
    const struct ws_wire *wire = pile->team->wire;
    const char stop = 1;
    for (int r = 1; r < wire->size && pile->stops && !pile->is_stopped; r++)
        wire->send(wire, r, WS_TAG_STOP, &stop, sizeof stop);
    pile->is_stopped = 1;
}

// ---- elsewhere ----

static void ask_for_more(struct ws_pile *pile, int failed) {
    const struct ask ask = {failed};
    pile->team->wire->send(pile->team->wire, 0, WS_TAG_ASK, &ask, sizeof ask);
    pile->has_asked = 1;
}

// Waits for what has been asked for.
static void get_more(struct ws_pile *pile) {
    struct give give;
    pile->team->wire->receive(pile->team->wire, 0, WS_TAG_GIVE, &give, sizeof give);
    pile->has_asked = 0;
    pile->is_closed = give.first == give.end;
    pile->next = give.first;
    pile->end = give.end;
    pile->most = give.most;
}

static void refill(struct ws_pile *pile) {
    if (!pile->has_asked)
        ask_for_more(pile, 0);
    get_more(pile);
    if (pile->is_ahead && !pile->is_closed)
        ask_for_more(pile, 0);
}

static void look_for_stop(struct ws_pile *pile) {
    const struct ws_wire *wire = pile->team->wire;
    char stop;
    if (pile->is_stopped || !pile->stops || wire->poll(wire, 0, WS_TAG_STOP) < 0)
        return;
    wire->receive(wire, 0, WS_TAG_STOP, &stop, sizeof stop);
    pile->is_stopped = 1;
}

// ---- both ----

int ws_pile_take(struct ws_pile *pile, uint64_t *first, uint64_t *end) {
    *first = *end = 0;
#pragma omp critical(ws_pile)
    {
        if (!is_here(pile) && pile->next == pile->end && !pile->is_closed)
            refill(pile);
        else if (pile->team && is_here(pile))
            answer_all(pile);
        if (pile->next < pile->end && (!pile->is_closed || !is_here(pile)))
            take(pile, is_here(pile) ? portion(pile, 2, pile->most) : pile->most, first, end);
    }
    return *first < *end;
}

void ws_pile_close(struct ws_pile *pile) {
#pragma omp critical(ws_pile)
    if (is_here(pile)) {
        pile->is_closed = 1;
        if (pile->team)
            stop_others(pile);
    }
}

int ws_pile_look(struct ws_pile *pile) {
    static const double apart = 2e-4;
    int stopped = 0;
    if (!pile->team)
        return 0;
#pragma omp critical(ws_pile)
    {
        double now = ws_engine_clock();
        if (now - pile->looked >= apart) {
            if (is_here(pile))
                answer_all(pile);
            else
                look_for_stop(pile);
            pile->looked = now;
        }
        stopped = !is_here(pile) && pile->is_stopped;
    }
    return stopped;
}

void ws_pile_end(struct ws_pile *pile, int status) {
    if (!pile->team)
        return;
    const struct ws_wire *wire = pile->team->wire;
    char stop;
    if (is_here(pile)) {
        pile->is_closed = 1;
        while (pile->n_waiting > 0)
            answer(pile, ws_wire_wait(wire, -1, WS_TAG_ASK));
        stop_others(pile);
        return;
    }
    while (!pile->is_closed) { // failed: what has been given is nobody's
        if (!pile->has_asked)
            ask_for_more(pile, status != 0);
        get_more(pile);
    }
    if (pile->stops && !pile->is_stopped)
        wire->receive(wire, 0, WS_TAG_STOP, &stop, sizeof stop);
}
