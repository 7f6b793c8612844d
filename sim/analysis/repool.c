// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/repool.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "prior/prior.h"
#include "wattspan.h"

struct repool {
    struct ws_result *result; // becomes the new one
    struct ws_result old;
    struct ws_error *err;
    size_t input;           // index into the study's quantities
    const double *weights;  // of its labels, sum 1
    unsigned char *depends; // quantities that the input reaches
};

// ---- what is asked for ----

static const char *did_you_mean(const struct ws_result *result, const char *name, const char *const *names, size_t n) {
    const char *nearest = ws_nearest(name, names, n);
    return nearest ? ws_arena_printf(result->arena, "; did you mean '%s'?", nearest) : "";
}

// The labels of a categorical input, or NULL with a reason.
static const struct ws_prior *find_input(struct repool *r, const char *name) {
    const struct ws_study *study = r->result->study;
    const char **names = WS_NEW_ARRAY(r->result->arena, const char *, study->n_inputs + 1);
    for (size_t i = 0; i < study->n_inputs; i++) {
        const struct ws_prior *prior = study->quantities[i].prior;
        names[i] = ws_prior_is_categorical(prior) ? study->quantities[i].name : NULL;
        if (strcmp(study->quantities[i].name, name) != 0)
            continue;
        r->input = i;
        if (names[i])
            return prior;
        ws_error_set(r->err, WS_ERROR_USAGE, NULL, "weights: '%s' has no alternatives, wanted an input with a choice",
                     name);
        return NULL;
    }
    ws_error_set(r->err, WS_ERROR_USAGE, NULL, "weights: the study has no input '%.80s'%s", name,
                 did_you_mean(r->result, name, names, study->n_inputs));
    return NULL;
}

static size_t find_label(struct repool *r, const struct ws_prior *choice, const char *label) {
    const char **labels = WS_NEW_ARRAY(r->result->arena, const char *, choice->n_parts + 1);
    for (size_t a = 0; a < choice->n_parts; a++) {
        labels[a] = choice->parts[a].label;
        if (strcmp(labels[a], label) == 0)
            return a;
    }
    ws_error_set(r->err, WS_ERROR_USAGE, NULL, "weights: '%s' has no alternative '%.80s'%s",
                 r->result->study->quantities[r->input].name, label,
                 did_you_mean(r->result, label, labels, choice->n_parts));
    return SIZE_MAX;
}

// One "label:weight", which is cut in two.
static int take_weight(struct repool *r, const struct ws_prior *choice, char *text, double *weights) {
    char *colon = strrchr(text, ':');
    double weight;
    if (!colon || ws_parse_double(colon + 1, &weight))
        return ws_error_set(r->err, WS_ERROR_USAGE, NULL, "weights: found '%.80s', wanted LABEL:WEIGHT", text);
    *colon = '\0';
    size_t label = find_label(r, choice, text);
    if (label == SIZE_MAX)
        return WS_ERROR_USAGE;
    if (!(weight >= 0 && weight < 1e100))
        return ws_error_set(r->err, WS_ERROR_USAGE, NULL,
                            "weights: '%s' has the weight %s, wanted 0 or more, below 1e100", text, colon + 1);
    if (weights[label] >= 0)
        return ws_error_set(r->err, WS_ERROR_USAGE, NULL, "weights: '%s' comes twice", text);
    weights[label] = weight;
    return 0;
}

static int take_weights(struct repool *r, const char *text) {
    struct ws_arena *arena = r->result->arena;
    char *name = ws_arena_copy(arena, text), *equals = strchr(name, '=');
    if (!equals)
        return ws_error_set(r->err, WS_ERROR_USAGE, NULL,
                            "weights: found '%.80s', wanted INPUT=LABEL:WEIGHT,LABEL:WEIGHT", text);
    *equals = '\0';
    const struct ws_prior *choice = find_input(r, name);
    if (!choice)
        return WS_ERROR_USAGE;
    double *weights = WS_NEW_ARRAY(arena, double, choice->n_parts), sum = 0;
    for (size_t a = 0; a < choice->n_parts; a++)
        weights[a] = -1;
    for (char *item = equals + 1, *comma; item; item = comma) {
        comma = strchr(item, ',');
        if (comma)
            *comma++ = '\0';
        int status = take_weight(r, choice, item, weights);
        if (status)
            return status;
    }
    for (size_t a = 0; a < choice->n_parts; a++)
        sum += weights[a] = weights[a] > 0 ? weights[a] : 0;
    if (!(sum > 0))
        return ws_error_set(r->err, WS_ERROR_USAGE, NULL, "weights: all are 0, wanted one above 0");
    struct ws_text note = {.arena = arena};
    for (size_t a = 0; a < choice->n_parts; a++) {
        weights[a] /= sum;
        ws_text_printf(&note, "%s%s %g", a ? ", " : "", choice->parts[a].label, weights[a]);
    }
    r->weights = weights;
    r->result->repooled = ws_arena_printf(arena, "%s = %s", name, note.data);
    return 0;
}

// What has another law once the input has: what it reaches, and of a choice that is conditional itself what that is
// conditional on, since draws of one alternative are not draws of all of those. Given evidence on any of these, all
// that the facts are about moves with it; so that there nothing stays as it was.
static void mark_dependants(struct repool *r) {
    const struct ws_study *study = r->result->study;
    unsigned char *used = WS_NEW_ARRAY(r->result->arena, unsigned char, study->n_quantities);
    r->depends = WS_NEW_ARRAY(r->result->arena, unsigned char, study->n_quantities);
    for (size_t q = r->input; q != SIZE_MAX; q = study->quantities[q].given)
        r->depends[q] = 1;
    for (size_t i = 0; i < study->n_quantities; i++) {
        size_t q = study->order[i];
        if (study->quantities[q].given != SIZE_MAX)
            r->depends[q] |= r->depends[study->quantities[q].given];
        memset(used, 0, study->n_quantities);
        ws_study_uses(study, q, used);
        for (size_t k = 0; k < study->n_quantities; k++)
            r->depends[q] |= used[k] && r->depends[k];
    }
    for (size_t i = 0; r->result->unconditioned && i < study->n_evidence; i++)
        if (r->depends[study->evidence[i].quantity]) {
            memset(r->depends, 1, study->n_quantities);
            return;
        }
}

// ---- pooling ----

// Draws of an alternative in a case and a randomisation, valid or not, whatever their own weights.
static double draws_of(const struct repool *r, size_t round, size_t slot) {
    const struct ws_result *result = r->old.unconditioned ? r->old.unconditioned : &r->old;
    const struct ws_moments *moments = &result->tallies[round * result->n_slots + slot].moments;
    return (double)(moments->count + moments->invalid);
}

// The output's alternatives by the input: the first of n neighbouring slots, SIZE_MAX where it was not split by it.
static size_t first_alternative(const struct repool *r, size_t output) {
    for (size_t s = r->old.study->n_outputs; s < r->old.n_slots; s++)
        if (r->old.slots[s].output == output && r->old.slots[s].by == r->input)
            return s;
    return SIZE_MAX;
}

static int no_draws(const struct repool *r, size_t alternative) {
    const struct ws_quantity *input = &r->old.study->quantities[r->input];
    return ws_error_set(r->err, WS_ERROR_USAGE, NULL,
                        "weights: the run has no draws of '%s = %s' to give a weight to; give it one in the study, "
                        "however small, and run again",
                        input->name, input->prior->parts[alternative].label);
}

// A draw of alternative a counts w = p / (its share of the draws) times. Runs beyond 2^34 draws get smaller weights all
// over, so that the sums stay in their range.
static int pool_slot(const struct repool *r, size_t round, size_t slot, struct ws_tally *tally) {
    size_t first = first_alternative(r, r->old.slots[slot].output);
    size_t n = r->old.study->quantities[r->input].prior->n_parts;
    const struct ws_tally *old = &r->old.tallies[round * r->old.n_slots];
    double all = 0, unit = 1;
    for (size_t a = 0; a < n; a++)
        all += draws_of(r, round, first + a);
    while (all * unit > 0x1p34)
        unit /= 2;
    struct ws_part_tally *parts = WS_NEW_ARRAY(r->result->arena, struct ws_part_tally, n + 1);
    tally->weighing->parts = parts;
    for (size_t a = 0; a < n; a++) {
        if (r->weights[a] == 0)
            continue;
        double draws = draws_of(r, round, first + a);
        if (draws == 0)
            return no_draws(r, a);
        struct ws_part_tally part = {&old[first + a], r->weights[a] * all / draws * unit};
        parts[tally->weighing->n_parts++] = part;
        int status = ws_tally_add_scaled(tally, part.tally, part.factor);
        if (status)
            return ws_error_set(r->err, status, NULL, "weights: too large to add up, or memory ran out");
    }
    return 0;
}

// The tally of one slot in one case and randomisation.
static int renew(const struct repool *r, size_t round, size_t slot) {
    const struct ws_tally *old = &r->old.tallies[round * r->old.n_slots + slot];
    struct ws_tally *tally = &r->result->tallies[round * r->old.n_slots + slot];
    size_t output = r->old.slots[slot].output;
    int status = ws_tally_like(tally, old);
    if (status)
        return ws_error_set(r->err, status, NULL, "memory ran out");
    if (r->old.slots[slot].by == SIZE_MAX && first_alternative(r, output) != SIZE_MAX) {
        if (!tally->weighing)
            status = ws_tally_weigh(tally);
        return status ? ws_error_set(r->err, status, NULL, "memory ran out") : pool_slot(r, round, slot, tally);
    }
    if (!r->depends[output] || r->old.slots[slot].by == r->input)
        status = ws_tally_merge(tally, old);
    return status ? ws_error_set(r->err, status, NULL, "memory ran out") : 0;
}

static int renew_all(struct repool *r) {
    struct ws_result *result = r->result;
    ws_result_make_tallies(result, result->arena);
    for (size_t round = 0; round < result->n_cases * result->replicates; round++)
        for (size_t slot = 0; slot < result->n_slots; slot++) {
            int status = renew(r, round, slot);
            if (status)
                return status;
        }
    return ws_result_pool(result, result->arena, r->err);
}

// Whether any output can be known.
static int check_splits(const struct repool *r) {
    const struct ws_study *study = r->result->study;
    for (size_t o = study->n_inputs + study->n_derived; o < study->n_quantities; o++)
        if (first_alternative(r, o) != SIZE_MAX)
            return 0;
    return ws_error_set(r->err, WS_ERROR_USAGE, NULL,
                        "weights: no output was split by '%s'; give the output 'by: %s' in the study and run again",
                        study->quantities[r->input].name, study->quantities[r->input].name);
}

int ws_repool(struct ws_result *result, const char *weights, struct ws_error *err) {
    struct repool r = {.result = result, .old = *result, .err = err};
    if (result->repooled)
        return ws_error_set(err, WS_ERROR_USAGE, NULL, "weights: the result has other weights than its run already");
    if (result->n_cases > 1)
        return ws_error_set(err, WS_ERROR_USAGE, NULL,
                            "weights: the result has %zu cases of a sweep; sweep the weights instead, as priors",
                            result->n_cases);
    int status = result->posterior ? ws_repool(result->posterior, weights, err) : 0; // it looks at the old tallies
    if (!status)
        status = take_weights(&r, weights);
    if (!status)
        status = check_splits(&r);
    if (status)
        return status;
    mark_dependants(&r);
    result->n_kept = 0;
    result->n_beyond = 0;
    result->indices = NULL;
    result->spearman = NULL;
    result->summaries = NULL;
    return renew_all(&r);
}
