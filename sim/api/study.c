// SPDX-License-Identifier: GPL-3.0-or-later
// Studies of wattspan.h.
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_errno.h>

#include "api/data.h"
#include "api/handles.h"
#include "base/text.h"
#include "store/store.h"
#include "study/compare.h"

// Hands all messages to the sink and the first error to *error.
static int report_messages(const struct ws_messages *messages, int status, const struct ws_sink *sink,
                           struct ws_error *error) {
    char where[sizeof error->where];
    for (size_t i = 0; i < messages->count; i++) {
        const struct ws_message *m = &messages->items[i];
        ws_place_format(m->place, where, sizeof where);
        if (sink && sink->message)
            sink->message(sink->user, m->severity, where, m->text);
        if (m->severity == WS_SEVERITY_ERROR)
            ws_error_set(error, status, where, "%s", m->text);
    }
    return status;
}

static int load(const struct ws_load_request *request, const struct ws_stored_run *stored, const struct ws_sink *sink,
                struct ws_arena *arena, ws_study **out, struct ws_error *error) {
    struct ws_messages messages = {.arena = arena};
    int file_trouble = 0;
    struct ws_study *study = ws_study_make(request, arena, &messages, &file_trouble);
    if (!study) {
        report_messages(&messages, file_trouble ? WS_ERROR_FILE : WS_ERROR_STUDY, sink, error);
        return file_trouble ? WS_ERROR_FILE : WS_ERROR_STUDY;
    }
    report_messages(&messages, WS_ERROR_STUDY, sink, NULL);
    if (stored) { // a result repeats itself: how it was run counts more than the study's own defaults
        study->name = stored->name;
        study->run.draws = stored->draws;
        study->run.seed = stored->seed;
        study->run.keep = stored->keep;
        study->run.has_seed = study->run.has_keep = 1;
        study->run.design = stored->design;
        study->run.rng = stored->rng;
    }
    study->arena = arena;
    study->references = 1;
    *out = study;
    return 0;
}

static int begin(struct ws_arena **arena, struct ws_error *error) {
    gsl_set_error_handler_off();
    *arena = ws_arena_create();
    return *arena ? 0 : ws_error_set(error, WS_ERROR_MEMORY, NULL, "memory ran out");
}

static struct ws_load_request make_request(const char *path, const struct ws_study_options *options) {
    static const struct ws_study_options none;
    const struct ws_study_options *o = options ? options : &none;
    return (struct ws_load_request){.path = path,
                                    .settings = o->settings,
                                    .n_settings = o->n_settings,
                                    .probabilities = o->probabilities,
                                    .n_probabilities = o->n_probabilities,
                                    .sweeps = o->sweeps,
                                    .n_sweeps = o->n_sweeps,
                                    .widen = o->widen,
                                    .compute = o->model,
                                    .compute_user = o->model_user,
                                    .repair = o->repair_correlations,
                                    .reader = {ws_file_reader.read, ws_file_reader.column, o->team}};
}

int ws_study_load(const char *path, const struct ws_study_options *options, const struct ws_sink *sink,
                  ws_study **study, struct ws_error *error) {
    struct ws_arena *arena;
    if (begin(&arena, error))
        return WS_ERROR_MEMORY;
    if (ws_arena_catch(arena)) {
        ws_arena_destroy(arena);
        return ws_error_set(error, WS_ERROR_MEMORY, path, "memory ran out");
    }
    int status = 0;
    struct ws_load_request request = make_request(path, options);
    struct ws_stored_run stored;
    int is_result = strcmp(path, "-") != 0 && ws_store_is_hdf5(path); // what is no sound result is refused in words
    if (is_result) {
        status = ws_store_load_run(path, arena, &stored, error);
        request.text = stored.study;
        request.length = stored.length;
        request.data = stored.data;
        request.n_data = stored.n_data;
    }
    if (!status)
        status = load(&request, is_result ? &stored : NULL, sink, arena, study, error);
    if (status)
        ws_arena_destroy(arena);
    return status;
}

int ws_study_parse(const char *name, const char *text, size_t length, const struct ws_study_options *options,
                   const struct ws_sink *sink, ws_study **study, struct ws_error *error) {
    struct ws_arena *arena;
    if (begin(&arena, error))
        return WS_ERROR_MEMORY;
    if (ws_arena_catch(arena)) {
        ws_arena_destroy(arena);
        return ws_error_set(error, WS_ERROR_MEMORY, name, "memory ran out");
    }
    struct ws_load_request request = make_request(name, options);
    request.text = text;
    request.length = length;
    int status = load(&request, NULL, sink, arena, study, error);
    if (status)
        ws_arena_destroy(arena);
    return status;
}

static void tell(const struct ws_sink *sink, struct ws_arena *arena, const char *what, const char *names) {
    if (sink && sink->message && *names)
        sink->message(sink->user, WS_SEVERITY_NOTE, "", ws_arena_printf(arena, "%s: %s", what, names));
}

// How the first study is run, which for a result counts more than its text.
static void take_run(ws_study *study, const ws_study *from, struct ws_arena *arena) {
    double widen = study->run.widen;
    study->run = from->run;
    study->run.widen = widen;
    study->run.design = from->run.design ? ws_arena_copy(arena, from->run.design) : NULL;
    study->run.rng = from->run.rng ? ws_arena_copy(arena, from->run.rng) : NULL;
}

static const double *copy_values(const double *values, size_t n, struct ws_arena *arena) {
    return values ? memcpy(WS_NEW_ARRAY(arena, double, n), values, n * sizeof *values) : NULL;
}

// The two studies do not live as long as their comparison.
static const struct ws_data *both_data(const struct ws_compare_request *request, struct ws_arena *arena) {
    const struct ws_study *const studies[] = {request->a, request->b};
    struct ws_data *data = WS_NEW_ARRAY(arena, struct ws_data, request->a->n_data + request->b->n_data + 1);
    size_t n = 0;
    for (int s = 0; s < 2; s++)
        for (size_t i = 0; i < studies[s]->n_data; i++, n++) {
            data[n] = studies[s]->data[i]; // only digest and values are looked at
            data[n].values = copy_values(data[n].values, data[n].n, arena);
            data[n].weights = copy_values(data[n].weights, data[n].n, arena);
        }
    return data;
}

// The comparison is loaded as any study is, from its text.
static int compare(const struct ws_compare_request *request, const struct ws_study_options *options,
                   const struct ws_sink *sink, struct ws_arena *arena, ws_study **study, struct ws_error *error) {
    struct ws_messages messages = {.arena = arena};
    struct ws_comparison comparison = {0};
    if (ws_compare(request, &comparison, arena, &messages))
        return report_messages(&messages, WS_ERROR_STUDY, sink, error);
    tell(sink, arena, "one quantity in both", comparison.shared);
    tell(sink, arena, "two quantities", comparison.apart);
    tell(sink, arena, "not compared, as conditions or by units that do not convert", comparison.not_compared);
    struct ws_load_request load_request = make_request(comparison.name, options);
    load_request.text = comparison.text;
    load_request.length = strlen(comparison.text);
    load_request.data = both_data(request, arena);
    load_request.n_data = request->a->n_data + request->b->n_data;
    int status = load(&load_request, NULL, sink, arena, study, error);
    if (status)
        return status;
    take_run(*study, request->a, arena);
    (*study)->name = comparison.name; // which may hold dots
    return 0;
}

// With an arena of the comparison's own. A function to itself, since an allocation may jump back into it.
static int compare_loaded(const struct ws_compare_request *request, const struct ws_study_options *options,
                          const struct ws_sink *sink, ws_study **study, struct ws_error *error) {
    struct ws_arena *arena;
    if (begin(&arena, error))
        return WS_ERROR_MEMORY;
    if (ws_arena_catch(arena)) {
        ws_arena_destroy(arena);
        return ws_error_set(error, WS_ERROR_MEMORY, NULL, "memory ran out");
    }
    int status = compare(request, options, sink, arena, study, error);
    if (status)
        ws_arena_destroy(arena);
    return status;
}

int ws_study_compare(const char *a, const char *b, const struct ws_study_options *options,
                     const struct ws_compare_options *choices, const struct ws_sink *sink, ws_study **study,
                     struct ws_error *error) {
    static const struct ws_compare_options none;
    const struct ws_compare_options *o = choices ? choices : &none;
    ws_study *first = NULL, *second = NULL;
    int status = ws_study_load(a, NULL, sink, &first, error);
    if (!status)
        status = ws_study_load(b, NULL, sink, &second, error);
    if (!status) {
        const struct ws_compare_request request = {first, second, o->share, o->apart, o->n_share, o->n_apart};
        status = compare_loaded(&request, options, sink, study, error);
    }
    ws_study_destroy(first);
    ws_study_destroy(second);
    return status;
}

void ws_study_destroy(ws_study *study) {
    if (study && __atomic_sub_fetch(&study->references, 1, __ATOMIC_ACQ_REL) == 0)
        ws_arena_destroy(study->arena);
}

const struct ws_study *ws_study_share(const struct ws_study *study) {
    union {
        const struct ws_study *read;
        struct ws_study *write;
    } shared = {study};
    __atomic_add_fetch(&shared.write->references, 1, __ATOMIC_RELAXED);
    return study;
}

const char *ws_study_name(const ws_study *study) { return study->name; }
const char *ws_study_title(const ws_study *study) { return study->title; }

int ws_refuse_sweep(const struct ws_study *study, const char *what, struct ws_error *error) {
    if (study->n_axes == 0)
        return 0;
    return ws_error_set(error, WS_ERROR_USAGE, NULL,
                        "the study sweeps '%s' over %zu case%s, and %s is of one: fix what is swept with --set",
                        study->quantities[study->axes[0].quantity].name, study->n_cases, study->n_cases == 1 ? "" : "s",
                        what);
}
