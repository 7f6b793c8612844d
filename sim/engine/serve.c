// SPDX-License-Identifier: GPL-3.0-or-later
// A process that draws for rank 0.
#include "base/arena.h"
#include "base/error.h"
#include "engine/freeze.h"
#include "engine/pile.h"
#include "engine/run.h"
#include "engine/sweep.h"
#include "engine/team.h"

// What it has drawn since it was last collected.
struct share {
    struct ws_plan plan; // rank 0 decides how many draws there are
    struct ws_options options;
    struct ws_arena *arena; // NULL: nothing
    struct ws_result *result;
    int status;
    struct ws_error error;
};

static void fail(struct share *share, int status) {
    if (!share->status)
        share->status = ws_error_set(&share->error, status, NULL, "memory ran out");
    share->result = NULL;
}

// A function to itself, since an allocation may jump back into it.
static void start(struct share *share) {
    if (share->arena || share->status)
        return;
    share->arena = ws_arena_create();
    if (!share->arena || ws_arena_catch(share->arena))
        fail(share, WS_ERROR_MEMORY);
    else
        share->result = ws_engine_start(&share->plan, &share->options, share->arena);
    if (share->arena)
        share->arena->catching = 0; // this function is not there any more when the result is drawn into
}

static void refuse(const struct share *share, const struct ws_order *order) {
    struct ws_pile pile = ws_pile_begin(share->options.team, order->first, order->end, 1);
    ws_pile_end(&pile, share->status);
}

// What cannot be drawn is not taken, but the others are told so.
static void draw(struct share *share, const struct ws_order *order) {
    share->plan.draws = order->draws;
    start(share);
    if (!share->result || share->status)
        refuse(share, order);
    else if (share->result->shelf)
        share->status = ws_sweep_share(&share->plan, &share->options, share->result, order, &share->error);
    else
        share->status = ws_engine_share_groups(&share->plan, &share->options, share->result, order->first, order->end,
                                               &share->error);
}

static void collect(struct share *share) {
    ws_team_collect(share->options.team, share->result, share->status, &share->error);
    ws_arena_destroy(share->arena);
    share->arena = NULL;
    share->result = NULL;
    share->status = 0;
    share->error = (struct ws_error){0};
}

int ws_team_serve(struct ws_team *team, const struct ws_plan *plan, const struct ws_options *options,
                  const struct ws_factors *factors) {
    struct share share = {.plan = *plan, .options = *options};
    struct ws_order order;
    share.options.progress = NULL;
    share.options.interrupt = NULL; // rank 0 alone minds it
    for (;;) {
        team->wire->receive(team->wire, 0, WS_TAG_ORDER, &order, sizeof order);
        switch (order.kind) {
        case WS_ORDER_DRAW:
            draw(&share, &order);
            break;
        case WS_ORDER_COLLECT:
            collect(&share);
            break;
        case WS_ORDER_FREEZE:
            ws_freeze_serve(&share.plan, &share.options, factors);
            break;
        case WS_ORDER_END:
            ws_arena_destroy(share.arena);
            return WS_SERVED;
        }
    }
}
