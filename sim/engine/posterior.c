// SPDX-License-Identifier: GPL-3.0-or-later
// The result given the evidence, around the weighted tallies: begun beside the prior's, pooled and drawn anew at the
// end.
#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/text.h"
#include "engine/weigh.h"
#include "numeric/order.h"
#include "wattspan.h"

int ws_posterior_start(const struct ws_plan *plan, struct ws_result *result, struct ws_arena *arena) {
    struct ws_result *posterior = WS_NEW(arena, struct ws_result);
    *posterior = *result;
    posterior->unconditioned = result;
    result->posterior = posterior;
    ws_result_make_tallies(posterior, arena);
    for (size_t t = 0; !result->shelf && t < plan->replicates * plan->n_slots; t++)
        if (ws_tally_like(&posterior->tallies[t], &result->tallies[t]) || ws_tally_weigh(&posterior->tallies[t]))
            return WS_ERROR_MEMORY;
    int status = ws_result_make_evidence(posterior, ws_plan_posterior(plan), arena);
    if (!result->shelf)
        posterior->evidence[0].log_reference = plan->log_reference;
    return status;
}

// ---- what may go wrong ----

static const char *names_of(const struct ws_study *study, struct ws_text *text) {
    for (size_t i = 0; i < study->n_evidence; i++)
        ws_text_printf(text, "%s%s", i ? ", " : "", study->evidence[i].name);
    return text->data;
}

static const char *place_of(const struct ws_study *study, char *buffer, size_t size) {
    return study->evidence[0].place.file ? ws_place_format(study->evidence[0].place, buffer, size) : NULL;
}

int ws_posterior_fail(const struct ws_plan *plan, struct ws_error *err) {
    struct ws_text names = {.arena = plan->study->arena};
    char place[1024];
    return ws_error_set(err, WS_ERROR_STUDY, place_of(plan->study, place, sizeof place),
                        "evidence (%.200s): some draws agree with it so much better than the first %d that they alone "
                        "would make the result; the evidence and the priors contradict each other: look for what is "
                        "wrong with either, or widen the priors; a fact much sharper than the priors belongs into them",
                        names_of(plan->study, &names), WS_PILOT_DRAWS);
}

// Where the quantities are that the facts are about, as far as priors and tallies tell: those of formulas that are no
// outputs are not known.
static const char *describe_quantities(const struct ws_result *result, struct ws_text *text) {
    const struct ws_study *study = result->study;
    for (size_t i = 0; i < study->n_evidence; i++) {
        size_t quantity = study->evidence[i].quantity, slot = 0, before = 0;
        while (study->evidence[before].quantity != quantity)
            before++;
        if (before < i) // said already
            continue;
        const struct ws_quantity *q = &study->quantities[quantity];
        double low = NAN, high = NAN;
        while (slot < result->n_slots && (result->slots[slot].output != quantity || result->slots[slot].by != SIZE_MAX))
            slot++;
        if (q->prior) {
            low = ws_prior_quantile(q->prior, 0.001, 0);
            high = ws_prior_quantile(q->prior, 0.001, 1);
        } else if (slot < result->n_slots && !result->shelf) {
            const struct ws_moments *moments = &ws_result_tally(result, 0, slot)->moments;
            low = moments->minimum;
            high = moments->maximum;
        }
        if (low <= high)
            ws_text_printf(text, "; '%.60s' lies between %.4g and %.4g%s%.60s in nearly all draws", q->name, low, high,
                           strcmp(q->unit.label, "1") == 0 ? "" : " ",
                           strcmp(q->unit.label, "1") == 0 ? "" : q->unit.label);
    }
    return text->length ? text->data : "";
}

static int no_draw(const struct ws_result *posterior, struct ws_error *err) {
    struct ws_text names = {.arena = posterior->arena}, where = {.arena = posterior->arena};
    char place[1024];
    return ws_error_set(
        err, WS_ERROR_STUDY, place_of(posterior->study, place, sizeof place),
        "evidence (%.200s): none of %llu draws agrees with it, so that nothing can be said given it; look "
        "for what is wrong with the evidence or the priors, or draw more%.300s",
        names_of(posterior->study, &names), (unsigned long long)posterior->draws,
        describe_quantities(posterior->unconditioned, &where));
}

// ---- drawing anew ----

struct place { // where the draw of an address goes
    uint64_t address;
    size_t position;
};

struct redraw {
    const struct ws_plan *plan;
    double *const *columns; // by quantity; NULL: not wanted
    const struct place *places;
};

static struct place *sort_places(const uint64_t *addresses, size_t n, struct ws_arena *arena) {
    struct place *places = WS_NEW_ARRAY(arena, struct place, n + 1);
    const struct ws_arena_mark mark = ws_arena_mark(arena);
    double *x = WS_NEW_ARRAY(arena, double, n + 1);
    for (size_t i = 0; i < n; i++)
        x[i] = (double)addresses[i]; // no run reaches 2^53 draws
    const uint32_t *order =
        ws_order(x, n, NULL, WS_NEW_ARRAY(arena, uint32_t, 2 * n + 1), WS_NEW_ARRAY(arena, uint64_t, n + 1));
    for (size_t i = 0; i < n; i++)
        places[i] = (struct place){addresses[order[i]], order[i]};
    ws_arena_release(arena, mark);
    return places;
}

// Goes to a block with a generator that has a state, which draws the blocks before it in the group, too. `next` is the
// block after the last one drawn.
static int go_to(struct ws_workspace *workspace, uint64_t here, uint64_t *next) {
    const uint64_t group = here / WS_BLOCKS_PER_GROUP;
    int status = 0;
    if (*next == UINT64_MAX || (*next - 1) / WS_BLOCKS_PER_GROUP != group || *next > here + 1) {
        ws_workspace_seek(workspace, group);
        *next = group * WS_BLOCKS_PER_GROUP;
    }
    for (; *next <= here && !status; ++*next)
        status = ws_workspace_block(workspace, *next % WS_BLOCKS_PER_GROUP);
    return status;
}

// The kernels do not promise a NaN's sign and payload; what is kept has one form of it.
static double one_nan(double x) { return isnan(x) ? (double)NAN : x; }

// Draw `from` of the block in work, to where it goes.
static void keep_draw(const struct redraw *r, const struct ws_workspace *workspace, size_t from, size_t position) {
    for (size_t q = 0; q < r->plan->study->n_quantities; q++)
        if (r->columns[q])
            r->columns[q][position] = one_nan(ws_workspace_row(workspace, q)[from]);
}

// A block's worth of draws or fewer, by their addresses.
static int redraw_anywhere(const struct redraw *r, struct ws_workspace *workspace, size_t first, size_t end) {
    uint64_t addresses[WS_BLOCK];
    for (size_t i = 0; i < WS_BLOCK; i++)
        addresses[i] = r->places[first + i < end ? first + i : end - 1].address;
    int status = ws_workspace_gather(workspace, addresses);
    for (size_t q = 0; q < r->plan->study->n_quantities && !status; q++) {
        const double *row = r->columns[q] ? ws_workspace_row(workspace, q) : NULL;
        for (size_t i = first; i < end && row; i++)
            r->columns[q][r->places[i].position] = one_nan(row[i - first]);
    }
    return status;
}

static int redraw_in_order(const struct redraw *r, struct ws_workspace *workspace, size_t first, size_t end) {
    uint64_t next = UINT64_MAX;
    int status = 0;
    for (size_t i = first; i < end && !status; i++) {
        uint64_t address = r->places[i].address;
        status = go_to(workspace, address / WS_BLOCK, &next);
        if (!status)
            keep_draw(r, workspace, address % WS_BLOCK, r->places[i].position);
    }
    return status;
}

static int redraw_all(const struct redraw *r, size_t n) {
    enum { FEW = 8 * WS_BLOCK }; // are done before another thread has come
    const int in_order = r->plan->sampler.generator.type != NULL;
    int status = 0;
#pragma omp parallel num_threads(n > FEW ? r->plan->threads : 1) reduction(min : status)
    {
        struct ws_workspace workspace;
        status = ws_workspace_init(&workspace, r->plan, &r->plan->everything);
#pragma omp for schedule(dynamic, 1)
        for (size_t first = 0; first < n; first += WS_BLOCK) {
            size_t end = first + WS_BLOCK < n ? first + WS_BLOCK : n;
            if (!status)
                status = (in_order ? redraw_in_order : redraw_anywhere)(r, &workspace, first, end);
        }
        ws_workspace_finish(&workspace);
    }
    return status;
}

// The earliest events of all draws, as draws of the posterior in random order.
static int keep_posterior(const struct ws_plan *plan, struct ws_result *posterior, struct ws_arena *arena) {
    const struct ws_study *study = plan->study;
    const struct ws_evidence_tally *evidence = &posterior->evidence[0];
    size_t n = evidence->n_arrivals, first_output = study->n_inputs + study->n_derived;
    struct ws_arrival *events = WS_NEW_ARRAY(arena, struct ws_arrival, n + 1);
    ws_evidence_events(evidence, events);
    uint64_t *addresses = WS_NEW_ARRAY(arena, uint64_t, n + 1);
    for (size_t i = 0; i < n; i++)
        addresses[i] = events[i].address;
    const struct place *places = sort_places(addresses, n, arena);
    posterior->n_kept = n;
    posterior->kept_addresses = addresses;
    posterior->kept_inputs = ws_arena_array(arena, n + 1, (study->n_inputs + 1) * sizeof(double));
    posterior->kept_outputs = ws_arena_array(arena, n + 1, (study->n_outputs + 1) * sizeof(double));
    double **columns = WS_NEW_ARRAY(arena, double *, study->n_quantities + 1);
    for (size_t i = 0; i < study->n_inputs; i++)
        columns[i] = posterior->kept_inputs + i * n;
    for (size_t o = 0; o < study->n_outputs; o++)
        columns[first_output + o] = posterior->kept_outputs + o * n;
    return redraw_all(&(struct redraw){plan, columns, places}, n);
}

int ws_posterior_finish(const struct ws_plan *plan, struct ws_result *result, struct ws_arena *arena,
                        struct ws_error *err) {
    struct ws_result *posterior = result->posterior;
    if (!result->shelf && posterior->evidence[0].total == 0) // of a sweep's cases some may have none
        return no_draw(posterior, err);
    posterior->draws = result->draws;
    int status = ws_result_pool(posterior, arena, err);
    if (!status && !result->shelf)
        status = ws_registers_fail(keep_posterior(plan, posterior, arena), err);
    return status;
}
