// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/steps.h"

#include <math.h>

#include "engine/run.h"
#include "wattspan.h"

struct ws_steps ws_steps_begin(const struct ws_plan *plan, const struct ws_options *options, struct ws_result *result,
                               uint64_t first) {
    double now = ws_engine_clock();
    return (struct ws_steps){.plan = plan,
                             .options = options,
                             .result = result,
                             .first = first,
                             .reached = first,
                             .resumed = first,
                             .start = now,
                             .saved = now};
}

// Progress is counted over all steps.
struct relay {
    const struct ws_steps *steps;
    uint64_t before; // draws of earlier steps and processes
};

static void relay_progress(void *user, const struct ws_progress *progress) {
    const struct relay *relay = user;
    const struct ws_steps *s = relay->steps;
    const struct ws_progress all = {.done = relay->before + progress->done,
                                    .total = relay->before + progress->total,
                                    .before = ws_plan_span(s->plan, s->first, s->resumed),
                                    .seconds = ws_engine_clock() - s->start};
    s->options->progress(s->options->progress_user, &all);
}

double ws_steps_deadline(const struct ws_steps *steps) {
    return steps->save && steps->seconds > 0 ? steps->saved + steps->seconds : INFINITY;
}

int ws_steps_pause(struct ws_steps *steps, int interrupted, struct ws_error *err) {
    int status = steps->save ? steps->save(steps->user, steps, interrupted, err) : 0;
    steps->saved = ws_engine_clock();
    if (status || !interrupted)
        return status;
    return ws_error_set(err, WS_ERROR_INTERRUPTED, NULL, "interrupted; nothing was saved");
}

static int draw_step(struct ws_steps *steps, uint64_t end, struct ws_error *err) {
    struct relay relay = {steps, ws_plan_span(steps->plan, steps->first, steps->reached)};
    struct ws_options options = *steps->options;
    options.progress = options.progress ? relay_progress : NULL;
    options.progress_user = &relay;
    return ws_engine_draw_until(steps->plan, &options, steps->result, &steps->reached, end, ws_steps_deadline(steps),
                                err);
}

int ws_steps_draw(struct ws_steps *steps, uint64_t end, struct ws_error *err) {
    int status = 0;
    while (steps->reached < end && !status) {
        status = draw_step(steps, end, err);
        if (status == WS_ERROR_INTERRUPTED || (!status && steps->reached < end))
            status = ws_steps_pause(steps, status != 0, err);
    }
    return status;
}

int ws_steps_finish(struct ws_steps *steps, struct ws_arena *arena, struct ws_error *err) {
    const volatile int *interrupt = steps->options->interrupt;
    int status = ws_engine_finish(steps->plan, steps->result, arena, err);
    return !status && interrupt && *interrupt ? ws_steps_pause(steps, 1, err) : status;
}
