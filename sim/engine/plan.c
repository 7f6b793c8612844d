// SPDX-License-Identifier: GPL-3.0-or-later
// Study and options -> plan.
#include "engine/plan.h"

#include <string.h>

#include "base/text.h"
#include "engine/schedule.h"
#include "engine/stream.h"
#include "engine/sweep.h"
#include "engine/team.h"
#include "engine/weigh.h"
#include "tally/tally.h"
#include "wattspan.h"

enum { DEFAULT_DRAWS = 10000000, DEFAULT_KEEP = 10000, DEFAULT_MEMORY = 1 << 30, MOST_THREADS = 4096 };

static const char *first_text(const char *a, const char *b, const char *fallback) { return a ? a : b ? b : fallback; }

// A seeded group of a GSL generator has one of 2^31 - 2 seeds; addresses of Philox have 64 bits.
static int check_draws(const struct ws_plan *plan, struct ws_error *err) {
    uint64_t most = plan->sampler.generator.type ? (UINT64_C(1) << 31) * WS_GROUP / 2 : UINT64_C(1) << 62;
    if (plan->draws > most)
        return ws_error_set(err, WS_ERROR_USAGE, NULL,
                            "%llu draws are more than the %llu that generator '%s' can tell apart",
                            (unsigned long long)plan->draws, (unsigned long long)most, plan->sampler.generator.name);
    if (plan->keep > UINT32_MAX)
        return ws_error_set(err, WS_ERROR_USAGE, NULL, "%llu draws are more than can be kept, which are 2^32 - 1",
                            (unsigned long long)plan->keep);
    return 0;
}

static int resolve_generator(struct ws_plan *plan, const char *name, struct ws_error *err) {
    if (ws_generator_find(name, &plan->sampler.generator) == 0)
        return 0;
    struct ws_generator all[128];
    const char *names[128];
    size_t count = ws_generators(all, 128);
    for (size_t i = 0; i < count; i++)
        names[i] = all[i].name;
    const char *nearest = ws_nearest(name, names, count);
    return ws_error_set(err, WS_ERROR_USAGE, NULL,
                        "unknown generator '%s'%s%s%s; `wattspan list generators` has them all", name,
                        nearest ? ", did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

static void note(const struct ws_options *options, const char *text) {
    if (options->sink && options->sink->message)
        options->sink->message(options->sink->user, WS_SEVERITY_NOTE, "", text);
}

// Designs with randomisations come in whole groups, so that all randomisations have the same number of points.
static void round_draws(struct ws_plan *plan, const struct ws_options *options, struct ws_arena *arena) {
    uint64_t rounded = (plan->draws + WS_GROUP - 1) / WS_GROUP * WS_GROUP;
    if (rounded != plan->draws)
        note(options,
             ws_arena_printf(
                 arena, "%llu draws rounded up to %llu: design '%s' has %d randomisations of a multiple of %d points",
                 (unsigned long long)plan->draws, (unsigned long long)rounded, plan->sampler.design->name,
                 WS_REPLICATES, WS_RUN));
    plan->draws = rounded;
    plan->sampler.points = rounded / WS_REPLICATES;
}

static int resolve_design(struct ws_plan *plan, const char *name, const struct ws_options *options,
                          struct ws_arena *arena, struct ws_error *err) {
    plan->replicates = 1;
    plan->sampler.design = ws_design_find(name);
    if (!plan->sampler.design)
        return ws_error_set(err, WS_ERROR_USAGE, NULL, "unknown design '%s'; `wattspan list designs` has them all",
                            name);
    if (!plan->sampler.design->replicated)
        return 0;
    if (plan->sampler.generator.type)
        return ws_error_set(err, WS_ERROR_USAGE, NULL,
                            "design '%s' is randomised by philox4x32; generator '%s' goes with design 'mc'", name,
                            plan->sampler.generator.name);
    plan->replicates = WS_REPLICATES;
    round_draws(plan, options, arena);
    return 0;
}

// The cases of a sweep share a million draws that are kept, each at least 100; of a study with thousands of inputs and
// outputs as many are kept as take 128 MiB.
static uint64_t default_keep(const struct ws_study *study) {
    enum { LEAST = 100, ALL = 1000000, MOST_VALUES = 1 << 24 };
    uint64_t share = ALL / study->n_cases, fit = MOST_VALUES / (study->n_inputs + study->n_outputs + 1);
    share = share < fit ? share : fit;
    return share > DEFAULT_KEEP ? DEFAULT_KEEP : share < LEAST ? LEAST : share;
}

static uint64_t wanted_keep(const struct ws_study *study, const struct ws_options *options) {
    if (options->keep_given || options->keep)
        return options->keep;
    return study->run.has_keep ? study->run.keep : default_keep(study);
}

int ws_plan_streams(const struct ws_study *study, const struct ws_options *options) {
    return wanted_keep(study, options) > WS_MOST_IN_MEMORY || options->keep_single || options->keep_deflate;
}

uint64_t ws_plan_kept_bytes(const struct ws_plan *plan) {
    const struct ws_study *study = plan->study;
    const uint64_t real = plan->keep_single ? sizeof(float) : sizeof(double);
    uint64_t each = study->n_outputs * real + sizeof(int64_t); // and the number of the draw
    for (size_t i = 0; i < study->n_inputs; i++)
        each += ws_prior_is_categorical(study->quantities[i].prior) ? sizeof(int32_t) : real;
    each += study->n_inputs > 0 ? sizeof(int64_t) : 0;
    each += study->log_weight ? real + sizeof(int64_t) : 0;
    return plan->keep * each;
}

static int resolve_options(struct ws_plan *plan, const struct ws_options *options, struct ws_arena *arena,
                           struct ws_error *err) {
    const struct ws_run_defaults *run = &plan->study->run;
    plan->draws = options->draws ? options->draws : run->draws ? run->draws : DEFAULT_DRAWS;
    plan->sampler.seed = options->seed_given || options->seed ? options->seed : run->has_seed ? run->seed : 1;
    plan->keep = wanted_keep(plan->study, options);
    plan->memory = options->memory ? options->memory : DEFAULT_MEMORY;
    if (options->keep_deflate < 0 || options->keep_deflate > 9)
        return ws_error_set(err, WS_ERROR_USAGE, NULL, "kept draws are compressed at a level from 1 to 9, found %d",
                            options->keep_deflate);
    plan->keep_single = options->keep_single;
    plan->keep_deflate = options->keep_deflate;
    plan->threads = options->threads > 0 ? options->threads : ws_team_default_threads(options->team);
    if (options->threads < 0 || options->threads > MOST_THREADS)
        return ws_error_set(err, WS_ERROR_USAGE, NULL, "threads must be 1 to %d, found %d", MOST_THREADS,
                            options->threads);
    plan->sampler.kernels = ws_kernels_select(options->isa);
    if (!plan->sampler.kernels)
        return ws_error_set(err, WS_ERROR_USAGE, NULL, "this processor or program has no instruction set '%s'",
                            first_text(options->isa, NULL, "asked for by WATTSPAN_ISA"));
    int status = resolve_generator(plan, first_text(options->rng, run->rng, "philox4x32"), err);
    if (!status)
        status = resolve_design(plan, first_text(options->design, run->design, "mc"), options, arena, err);
    if (status)
        return status;
    if (plan->keep > plan->draws)
        plan->keep = plan->draws;
    plan->keep = (plan->keep + plan->replicates - 1) / plan->replicates * plan->replicates; // as many of each
    if (plan->study->n_axes > 0 && (plan->keep > WS_MOST_IN_MEMORY || plan->keep_single || plan->keep_deflate))
        return ws_error_set(err, WS_ERROR_USAGE, NULL,
                            "a sweep keeps at most %d draws, as float64 and not compressed: those of all its cases are "
                            "held in memory; to keep more, run the case in question alone with --set",
                            WS_MOST_IN_MEMORY);
    return check_draws(plan, err);
}

static size_t alternatives(const struct ws_study *study, size_t by) { return study->quantities[by].prior->n_parts; }

static void make_splits(struct ws_plan *plan, size_t output, size_t by) {
    const size_t n = alternatives(plan->study, by);
    for (size_t a = 0; a < n; a++)
        plan->slots[plan->n_slots++] =
            (struct ws_slot){.output = output, .by = by, .alternative = a, .alternatives = n};
}

// Pooled slots, then for every output and each of its `by` inputs one slot per alternative.
static void make_slots(struct ws_plan *plan, struct ws_arena *arena) {
    const struct ws_study *study = plan->study;
    size_t first = study->n_inputs + study->n_derived, n = study->n_outputs;
    for (size_t o = first; o < study->n_quantities; o++)
        for (size_t k = 0; k < study->quantities[o].n_by; k++)
            n += alternatives(study, study->quantities[o].by[k]);
    plan->slots = WS_NEW_ARRAY(arena, struct ws_slot, n + 1);
    for (size_t o = first; o < study->n_quantities; o++)
        plan->slots[plan->n_slots++] = (struct ws_slot){.output = o, .by = SIZE_MAX, .alternatives = 1};
    for (size_t o = first; o < study->n_quantities; o++) {
        plan->slots[o - first].first_split = plan->n_slots;
        for (size_t k = 0; k < study->quantities[o].n_by; k++)
            make_splits(plan, o, study->quantities[o].by[k]);
        plan->slots[o - first].end_splits = plan->n_slots;
    }
}

static void mark_common(struct ws_plan *plan) {
    const unsigned char *varies = plan->outputs.varies;
    for (size_t s = 0; s < plan->n_slots; s++)
        plan->slots[s].is_common =
            !varies[plan->slots[s].output] && (plan->slots[s].by == SIZE_MAX || !varies[plan->slots[s].by]);
    plan->common_weights = !varies[plan->study->n_quantities];
}

static void compile(struct ws_plan *plan, struct ws_arena *arena) {
    const struct ws_study *study = plan->study;
    unsigned char *wanted = WS_NEW_ARRAY(arena, unsigned char, study->n_quantities + 1);
    for (size_t s = 0; s < plan->n_slots; s++) {
        wanted[plan->slots[s].output] = 1;
        if (plan->slots[s].by != SIZE_MAX)
            wanted[plan->slots[s].by] = 1;
    }
    ws_compile(&plan->outputs, study, plan->tables, wanted, arena);
    mark_common(plan);
    ws_schedule(plan, &plan->hot, arena);
    memset(wanted, 1, study->n_quantities);
    ws_compile(&plan->everything, study, plan->tables, wanted, arena);
}

static void release_directions(void *directions) { ws_directions_destroy(directions); }

static int make_directions(struct ws_plan *plan, struct ws_arena *arena, struct ws_error *err) {
    if (strcmp(plan->sampler.design->name, "sobol") != 0)
        return 0;
    size_t n = plan->everything.n_dimensions; // every uncertain input has a dimension
    if (n > WS_SOBOL_DIMENSIONS)
        return ws_error_set(err, WS_ERROR_USAGE, NULL,
                            "design 'sobol' has %d dimensions, the study %zu uncertain inputs; use 'mc' or 'lhs'",
                            WS_SOBOL_DIMENSIONS, n);
    struct ws_directions *directions = ws_directions_create(n);
    if (!directions)
        return ws_error_set(err, WS_ERROR_MEMORY, NULL, "memory ran out");
    ws_arena_defer(arena, release_directions, directions);
    plan->sampler.directions = directions;
    return 0;
}

size_t ws_plan_posterior(const struct ws_plan *plan) {
    if (plan->study->n_axes > 0) // a sweep's cases are not drawn anew
        return 0;
    return plan->keep < WS_MOST_POSTERIOR ? (size_t)plan->keep : WS_MOST_POSTERIOR;
}

void ws_plan_case(const struct ws_plan *plan, size_t case_index, struct ws_slot *slots, struct ws_plan *of_case) {
    *of_case = *plan;
    of_case->case_index = case_index;
    of_case->slots = slots;
    memcpy(slots, plan->slots, plan->n_slots * sizeof *slots);
}

const struct ws_table *ws_plan_table(const struct ws_plan *plan, const struct ws_compiled *compiled, size_t column,
                                     double *constant) {
    const struct ws_sweep_axis *axis = compiled->axes[column];
    if (!axis)
        return compiled->tables[column];
    const struct ws_sweep_value *value = ws_sweep_value_of(axis, plan->case_index);
    *constant = value->number;
    return plan->swept[axis - plan->study->axes][value - axis->values];
}

int ws_plan_stop(struct ws_error *err) {
    return ws_error_set(err, WS_ERROR_INTERRUPTED, NULL, "interrupted before anything was drawn");
}

int ws_plan_create(const struct ws_study *study, const struct ws_options *options, struct ws_arena *arena,
                   struct ws_plan **out, struct ws_error *err) {
    struct ws_plan *plan = WS_NEW(arena, struct ws_plan);
    plan->study = study;
    plan->interrupt = ws_team_rank(options->team) == 0 ? options->interrupt : NULL; // rank 0 decides for all
    if (study->model && !study->compute)
        return ws_error_set(err, WS_ERROR_STUDY, study->name,
                            "the model of this study is code ('%.80s'), which no file holds", study->model);
    int status = resolve_options(plan, options, arena, err);
    if (!status)
        status = ws_tables_build(plan, arena, err);
    if (status)
        return status;
    make_slots(plan, arena);
    compile(plan, arena);
    status = make_directions(plan, arena, err);
    if (!status)
        status = ws_pilot(plan, err);
    if (study->n_cases == 1)
        plan->bytes = ws_plan_memory(plan, arena);
    else if (!status)
        status = ws_sweep_budget(plan, arena, err);
    *out = plan;
    return status;
}
