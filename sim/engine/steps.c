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

static int save(struct ws_steps *steps, int interrupted, struct ws_error *err) {
    int status = steps->save(steps->user, steps, interrupted, err);
    steps->saved = ws_engine_clock();
    return status;
}

static int draw_step(struct ws_steps *steps, uint64_t end, struct ws_error *err) {
    struct relay relay = {steps, ws_plan_span(steps->plan, steps->first, steps->reached)};
    struct ws_options options = *steps->options;
    double deadline = steps->save && steps->seconds > 0 ? steps->saved + steps->seconds : INFINITY;
    options.progress = options.progress ? relay_progress : NULL;
    options.progress_user = &relay;
    return ws_engine_draw_until(steps->plan, &options, steps->result, &steps->reached, end, deadline, err);
}

int ws_steps_draw(struct ws_steps *steps, uint64_t end, struct ws_error *err) {
    int status = 0;
    while (steps->reached < end && !status) {
        status = draw_step(steps, end, err);
        if (!status && steps->reached < end)
            status = save(steps, 0, err);
    }
    if (status != WS_ERROR_INTERRUPTED)
        return status;
    int trouble = steps->save ? save(steps, 1, err) : 0;
    return trouble ? trouble : ws_error_set(err, status, NULL, "interrupted; nothing was saved");
}
