// SPDX-License-Identifier: GPL-3.0-or-later
// The conditional law of a Gaussian copula: some of the inputs that are drawn jointly drawn again, given the values of
// the others.
//
// With a and b independent draws of all scores, v the inputs kept, u those redrawn, and S the scores' correlation,
//   u' = b_u + S_uv S_vv^-1 (a_v - b_v)
// has the law of the scores of u given a_v and depends on nothing else of a (Matheron's rule; see Doucet 2010, "A note
// on efficient conditional simulation of Gaussian vectors"). It goes over into b_u where nothing is kept.
//
// A value that many scores give (a discrete prior, an atom of a mixture) says only in which cell its score lies: the
// kept scores are then first drawn anew given the values. Of one such input that is exact. Of several it is a chain of
// independent proposals, each score in turn from its cell given those before (Geweke 1991, Hajivassiliou & Keane's
// sampler), accepted by Metropolis & Hastings; it starts from a itself and so keeps the law exactly, and what is left
// of a's own scores after WS_PROPOSALS of them is next to nothing.
#ifndef WS_ENGINE_REDRAW_H
#define WS_ENGINE_REDRAW_H

#include "engine/plan.h"

enum {
    WS_BUNDLE = 16,        // draws that are redrawn together, by the same law
    WS_PROPOSALS = 12,     // of kept scores where several are known by their cells alone
    WS_MOST_REMEMBERED = 8 // inputs of a joint up to which the laws of all subsets are made beforehand
};

// Scores that give one value, ascending and apart; between them a score gives a value of its own.
struct ws_cells {
    size_t n;
    const double *low, *high;
};

// How to redraw the last n - n_kept of the inputs in `order`, given the others, of which the first n_exact are known by
// their scores.
struct ws_law {
    size_t n_exact, n_kept;
    size_t *order;  // positions in the joint
    double *factor; // lower Cholesky factor of the scores' correlation in this order, packed by rows
};

// A compiled joint as it is redrawn. Immutable.
struct ws_link {
    size_t n;
    const double *correlation;    // n * n
    const struct ws_cells *cells; // per input
    const struct ws_law *laws;    // by the set of the redrawn as bits; NULL beyond WS_MOST_REMEMBERED inputs
    const struct ws_table *normal;
};

// Where random numbers come from: Philox at the draws' addresses. `use` tells apart what is drawn for one draw.
struct ws_dice {
    uint32_t key[2];
    uint64_t address; // of the first draw of the block
    uint32_t use;
};

// One link for each of the plan's compiled joints.
const struct ws_link *ws_links_create(const struct ws_plan *plan, struct ws_arena *arena);
// Memory for a law of the link; its contents come from ws_link_law.
struct ws_law ws_law_room(const struct ws_link *link, struct ws_arena *arena);
// The law that redraws the inputs with redrawn[i] != 0; made in `room` if it is not remembered.
const struct ws_law *ws_link_law(const struct ws_link *link, const unsigned char *redrawn, struct ws_law *room);
// The redrawn inputs' scores of draws first .. first + WS_BUNDLE - 1 of a block into their rows of z. Rows of a, b and
// z are WS_ROW_STRIDE apart, one for each input of the link. scratch: 2 * n * WS_BUNDLE numbers.
void ws_link_redraw(const struct ws_link *link, const struct ws_law *law, const double *a, const double *b,
                    size_t first, const struct ws_dice *dice, double *scratch, double *z);

#endif
