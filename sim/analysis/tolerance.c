// SPDX-License-Identifier: GPL-3.0-or-later
// Rounds grow by what the errors of the last one ask for: with mc, whose errors fall as draws^(-1/2), to that; with
// Sobol points to powers of two, which are nets. Few rounds also keep the error of stopping by an estimated error
// small: it is looked at where it should be below what is asked, and once or twice more, not after every few draws.
#include "analysis/tolerance.h"

#include <math.h>
#include <string.h>

#include "analysis/summary.h"
#include "base/text.h"
#include "engine/run.h"
#include "study/load.h"
#include "study/units.h"
#include "wattspan.h"

const char *const ws_watched_names[WS_WATCHED] = {"mean", "p5", "p50", "p95"};
static const double probabilities[WS_WATCHED] = {NAN, 0.05, 0.5, 0.95};

// ---- what is asked ----

static int complain(struct ws_error *err, const char *text, const char *reason) {
    return ws_error_set(err, WS_ERROR_USAGE, NULL,
                        "tolerance '%s' %s; wanted a share such as 0.1%%, or a number with a unit such as '2 GWh', and "
                        "OUTPUT= before it where it is of one output alone",
                        text, reason);
}

// The share, or the number and its unit's text (NULL for a share). Nonzero where it is neither.
static int split(const char *text, double *number, const char **unit, struct ws_arena *arena) {
    const char *s = text + strspn(text, " ");
    size_t length = strspn(s, "0123456789.eE+-");
    while (length > 0 && strchr("eE", s[length - 1])) // "2eV"
        length--;
    if (ws_parse_double(ws_arena_copy_n(arena, s, length), number) || !(*number > 0))
        return -1;
    s += length + strspn(s + length, " ");
    *unit = NULL;
    if (strcmp(s, "%") == 0)
        *number /= 100;
    else if (*s == '[' && s[strlen(s) - 1] == ']')
        *unit = ws_arena_copy_n(arena, s + 1, strlen(s) - 2);
    else if (*s)
        *unit = s;
    return 0;
}

static int set_one(const struct ws_study *study, size_t output, const char *text, double number,
                   const struct ws_unit *unit, struct ws_tolerance *tolerance, struct ws_error *err) {
    const struct ws_quantity *q = &study->quantities[study->n_inputs + study->n_derived + output];
    double factor;
    *tolerance = (struct ws_tolerance){number, NAN};
    if (!unit)
        return 0;
    if (ws_unit_factor(unit, &q->unit, &factor))
        return ws_error_set(err, WS_ERROR_USAGE, NULL,
                            "tolerance '%s' does not fit output '%s', which is in %s; name the outputs, as in "
                            "OUTPUT='2 GWh', or give a share such as 0.1%%",
                            text, q->name, q->unit.label);
    *tolerance = (struct ws_tolerance){NAN, number * factor};
    return 0;
}

// The output before '=', or SIZE_MAX where none is named.
static int find_output(const struct ws_study *study, const char *text, size_t length, size_t *output,
                       struct ws_arena *arena, struct ws_error *err) {
    const char *name = ws_arena_copy_n(arena, text, length);
    const char **names = WS_NEW_ARRAY(arena, const char *, study->n_outputs + 1);
    for (size_t o = 0; o < study->n_outputs; o++) {
        names[o] = study->quantities[study->n_inputs + study->n_derived + o].name;
        if (strcmp(names[o], name) == 0) {
            *output = o;
            return 0;
        }
    }
    const char *nearest = ws_nearest(name, names, study->n_outputs);
    return ws_error_set(err, WS_ERROR_USAGE, NULL, "tolerance '%s': there is no output '%s'%s%s%s", text, name,
                        nearest ? ", did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

static int parse_one(const struct ws_study *study, const char *text, unsigned char *named,
                     struct ws_tolerance *per_output, struct ws_arena *arena, struct ws_error *err) {
    const char *equals = strchr(text, '='), *value = equals ? equals + 1 : text, *unit_text;
    size_t output = SIZE_MAX;
    double number;
    struct ws_unit unit;
    char why[256];
    if (equals && find_output(study, text, (size_t)(equals - text), &output, arena, err))
        return WS_ERROR_USAGE;
    if (split(value, &number, &unit_text, arena))
        return complain(err, text, "has no number above 0");
    if (unit_text && ws_study_parse_unit(study, unit_text, arena, &unit, why, sizeof why))
        return complain(err, text, why);
    if (!unit_text && !(number < 1))
        return complain(err, text, "is no share below 1");
    for (size_t o = 0; o < study->n_outputs; o++) {
        if (equals ? o != output : named[o])
            continue;
        if (set_one(study, o, text, number, unit_text ? &unit : NULL, &per_output[o], err))
            return WS_ERROR_USAGE;
        named[o] |= equals != NULL;
    }
    return 0;
}

int ws_tolerance_parse(const struct ws_study *study, const char *const *texts, size_t n_texts,
                       struct ws_tolerance *per_output, struct ws_arena *arena, struct ws_error *err) {
    unsigned char *named = WS_NEW_ARRAY(arena, unsigned char, study->n_outputs + 1);
    for (size_t o = 0; o < study->n_outputs; o++)
        per_output[o] = (struct ws_tolerance){NAN, NAN};
    for (int with_name = 1; with_name >= 0; with_name--) // those with a name first: the others leave them alone
        for (size_t i = 0; i < n_texts; i++)
            if ((strchr(texts[i], '=') != NULL) == with_name &&
                parse_one(study, texts[i], named, per_output, arena, err))
                return WS_ERROR_USAGE;
    return 0;
}

// ---- a round ----

enum { MOST_ROUNDS = 80 }; // each at least one group more than the last: mc far from the end grows by much

struct watch {
    struct ws_steps *steps;
    struct ws_plan *plan;
    const struct ws_tolerance *per_output;
    struct ws_result *result;
    struct ws_convergence so_far;
    struct ws_arena *scratch;
    size_t n_recalled, n_each; // rounds of an earlier process; n_cases * n_outputs * WS_WATCHED
    size_t room;               // for so many rounds
    uint64_t *draws;
    double *value, *se, *allowed; // those of so_far
};

// Whether so few draws are valid, or are left by the evidence, that errors estimated from them mean nothing.
static int is_scarce(const struct ws_tally *tally) {
    static const double few = 20, few_weighed = 100;
    return !(ws_tally_ess(tally) >= (tally->weighing ? few_weighed : few));
}

// Whether more draws will not help: none is valid, or their variance is beyond what a number holds.
static int is_hopeless(const struct ws_result *result, size_t case_index, size_t output) {
    double sd, unused;
    const struct ws_tally *tally = ws_result_tally(result, case_index, output);
    ws_summary_sd(result, case_index, output, &sd, &unused);
    return tally->moments.count == 0 ? tally->moments.invalid > 0 : tally->moments.count > 1 && !isfinite(sd);
}

// An output of zeros and ones has no quantiles worth a look. An error that is not known, or not to be relied on, is
// NAN, or infinite where more draws would not help.
static void watch_output(const struct watch *w, const struct ws_result *result, size_t case_index, size_t output,
                         double *value, double *se, double *allowed) {
    const struct ws_tolerance *asked = &w->per_output[output];
    int indicator = ws_study_is_condition(result->study, result->slots[output].output);
    const struct ws_tally *tally = ws_result_tally(result, case_index, output);
    double sd, unused;
    ws_summary_sd(result, case_index, output, &sd, &unused);
    for (size_t k = 0; k < WS_WATCHED; k++) {
        if (k == 0)
            ws_summary_mean(result, case_index, output, &value[k], &se[k]);
        else
            ws_summary_quantile(result, case_index, output, probabilities[k], &value[k], &se[k]);
        if (!isfinite(se[k]) || is_scarce(tally))
            se[k] = is_hopeless(result, case_index, output) ? INFINITY : NAN;
        double size = fmax(fabs(value[k]), isfinite(sd) ? sd : 0);
        allowed[k] = isnan(asked->relative) ? asked->absolute : asked->relative * size;
        if (!isnan(asked->relative) && !isfinite(size)) // no value: still asked for
            allowed[k] = 0;
        if (indicator && k > 0)
            allowed[k] = NAN;
    }
}

// An error over what is allowed: infinite where it is not known, 0 where nothing is asked.
static double times_allowed(double se, double allowed) {
    if (isnan(allowed) || se == 0)
        return 0;
    return isnan(se) || isinf(se) || allowed == 0 ? INFINITY : se / allowed;
}

// Errors of what has been drawn so far, given the evidence where there is some; the pooled tallies live for as long as
// it takes.
static int look(struct watch *w, struct ws_error *err) {
    struct ws_arena *arena = ws_arena_create();
    if (!arena || ws_arena_catch(arena)) {
        ws_arena_destroy(arena);
        return ws_error_set(err, WS_ERROR_MEMORY, NULL, "memory ran out");
    }
    struct ws_result *result = w->result->posterior ? w->result->posterior : w->result;
    int status = ws_result_pool(result, arena, err);
    size_t n_outputs = result->study->n_outputs;
    for (size_t i = 0; i < result->n_cases * n_outputs && !status; i++) {
        size_t at = w->so_far.n_rounds * w->n_each + i * WS_WATCHED;
        watch_output(w, result, i / n_outputs, i % n_outputs, w->value + at, w->se + at, w->allowed + at);
    }
    result->pooled = NULL;
    ws_arena_destroy(arena);
    return status;
}

static double *widened(struct watch *w, const double *from) {
    double *to = WS_NEW_ARRAY(w->scratch, double, w->room * w->n_each + 1);
    if (from)
        memcpy(to, from, w->so_far.n_rounds * w->n_each * sizeof *to);
    return to;
}

// Room for so many rounds: a sweep has many values of each, and seldom more than a few rounds.
static void reserve(struct watch *w, size_t rounds) {
    if (rounds <= w->room)
        return;
    w->room = rounds > 2 * w->room ? rounds : 2 * w->room;
    w->value = widened(w, w->value);
    w->se = widened(w, w->se);
    w->allowed = widened(w, w->allowed);
    w->so_far.value = w->value;
    w->so_far.se = w->se;
    w->so_far.allowed = w->allowed;
}

static int do_round(struct watch *w, uint64_t end, uint64_t most, struct ws_error *err) {
    w->result->draws = w->plan->draws = end * WS_GROUP < most ? end * WS_GROUP : most;
    if (w->so_far.n_rounds < w->n_recalled)
        return 0;
    int status = ws_steps_draw(w->steps, end, err);
    if (status)
        return status;
    w->draws[w->so_far.n_rounds] = w->plan->draws;
    reserve(w, w->so_far.n_rounds + 1);
    return look(w, err);
}

double ws_convergence_worst(const struct ws_convergence *c, const struct ws_result *result, size_t round,
                            size_t *case_index, size_t *output, size_t *watched) {
    size_t n_outputs = result->study->n_outputs, n = result->n_cases * n_outputs * WS_WATCHED;
    double worst = 0;
    *case_index = *output = *watched = 0;
    for (size_t i = 0; i < n; i++) {
        double ratio = times_allowed(c->se[round * n + i], c->allowed[round * n + i]);
        if (!(ratio > worst))
            continue;
        worst = ratio;
        *case_index = i / WS_WATCHED / n_outputs;
        *output = i / WS_WATCHED % n_outputs;
        *watched = i % WS_WATCHED;
    }
    return worst;
}

// Why an output's errors are not known, and whether more draws would help.
static const char *find_reason(const struct ws_result *result, size_t output, int *hopeless) {
    result = result->posterior ? result->posterior : result;
    *hopeless = 0;
    for (size_t i = 0; i < result->n_cases && !*hopeless; i++)
        if (is_hopeless(result, i, output)) {
            *hopeless = 1;
            return ws_result_tally(result, i, output)->moments.count == 0
                       ? "no draw of it is valid"
                       : "its variance is beyond the range of numbers";
        }
    return result->unconditioned ? "the evidence leaves too few draws of it" : "too few draws of it are valid";
}

const char *ws_convergence_shortfall(const struct ws_convergence *c, const struct ws_result *result, int *hopeless,
                                     struct ws_arena *arena) {
    size_t case_index, output, watched;
    double worst = ws_convergence_worst(c, result, c->n_rounds - 1, &case_index, &output, &watched);
    const char *name = result->study->quantities[result->slots[output].output].name;
    const char *where = result->n_axes ? ws_arena_printf(arena, " in case %zu", case_index + 1) : "";
    const char *start =
        ws_arena_printf(arena, "the standard error of %s of '%s'%s is", ws_watched_names[watched], name, where);
    *hopeless = 0;
    return isinf(worst) ? ws_arena_printf(arena, "%s not known, since %s", start, find_reason(result, output, hopeless))
                        : ws_arena_printf(arena, "%s %.3g times as large as asked", start, worst);
}

// The largest of se / allowed of what more draws can help; *hopeless: something is asked that they cannot.
static double judge(const struct watch *w, size_t round, int *hopeless) {
    double worst = 0;
    *hopeless = 0;
    for (size_t i = round * w->n_each; i < (round + 1) * w->n_each; i++) {
        if (isinf(w->se[i]) && !isnan(w->allowed[i]))
            *hopeless = 1;
        else
            worst = fmax(worst, times_allowed(w->se[i], w->allowed[i]));
    }
    return worst;
}

// Groups to have drawn after the next round.
static uint64_t next_end(const struct watch *w, uint64_t end, double ratio) {
    enum { MOST_GROWTH = 16 };
    if (w->plan->replicates == 1) {
        double wanted = (double)end * fmin(1.1 * ratio * ratio, MOST_GROWTH);
        return wanted > (double)(end + 1) ? (uint64_t)ceil(wanted) : end + 1;
    }
    uint64_t next = 1; // errors of quantiles fall as draws^(-3/4) or so
    while (next < end * 2 || (double)next < (double)end * fmin(pow(ratio, 4.0 / 3), MOST_GROWTH))
        next *= 2;
    return next;
}

static struct ws_convergence *copy_out(const struct watch *w, int reached, struct ws_arena *arena) {
    struct ws_convergence *c = WS_NEW(arena, struct ws_convergence);
    size_t n = w->so_far.n_rounds * w->n_each;
    double *values = WS_NEW_ARRAY(arena, double, 3 * n + 1);
    uint64_t *draws = WS_NEW_ARRAY(arena, uint64_t, w->so_far.n_rounds + 1);
    memcpy(values, w->value, n * sizeof *values);
    memcpy(values + n, w->se, n * sizeof *values);
    memcpy(values + 2 * n, w->allowed, n * sizeof *values);
    memcpy(draws, w->draws, w->so_far.n_rounds * sizeof *draws);
    *c = (struct ws_convergence){
        ws_arena_copy(arena, w->so_far.asked), reached, w->so_far.n_rounds, draws, values, values + n, values + 2 * n};
    return c;
}

// The rounds that a checkpoint has brought along.
static void watch_init(struct watch *w, const char *asked) {
    enum { FIRST = 4 };
    const struct ws_convergence *before = w->result->convergence;
    w->n_each = w->result->n_cases * w->plan->study->n_outputs * WS_WATCHED;
    w->draws = WS_NEW_ARRAY(w->scratch, uint64_t, MOST_ROUNDS);
    w->so_far = (struct ws_convergence){.asked = asked, .draws = w->draws};
    w->n_recalled = !before ? 0 : before->n_rounds < MOST_ROUNDS ? before->n_rounds : MOST_ROUNDS;
    reserve(w, w->n_recalled > FIRST ? w->n_recalled : FIRST);
    if (!before)
        return;
    memcpy(w->draws, before->draws, w->n_recalled * sizeof *w->draws);
    memcpy(w->value, before->value, w->n_recalled * w->n_each * sizeof *w->value);
    memcpy(w->se, before->se, w->n_recalled * w->n_each * sizeof *w->se);
    memcpy(w->allowed, before->allowed, w->n_recalled * w->n_each * sizeof *w->allowed);
}

int ws_tolerance_run(struct ws_steps *steps, struct ws_plan *plan, const struct ws_tolerance *per_output,
                     const char *asked, uint64_t least, struct ws_arena *scratch, struct ws_arena *arena,
                     struct ws_error *err) {
    uint64_t most = plan->draws, groups = ws_plan_groups(plan), first = 0;
    uint64_t end = least > WS_GROUP ? (least + WS_GROUP - 1) / WS_GROUP : 1;
    struct watch w = {
        .steps = steps, .plan = plan, .per_output = per_output, .result = steps->result, .scratch = scratch};
    double worst = INFINITY;
    int hopeless = 0;
    watch_init(&w, asked);
    while (worst > 1 && first < groups && w.so_far.n_rounds < MOST_ROUNDS) {
        end = end < groups ? end : groups;
        int status = do_round(&w, end, most, err);
        if (status)
            return status;
        worst = judge(&w, w.so_far.n_rounds++, &hopeless);
        w.result->convergence = &w.so_far; // for a checkpoint in the next round
        first = end;
        end = next_end(&w, end, worst);
    }
    plan->keep = plan->keep < plan->draws ? plan->keep : plan->draws;
    w.result->convergence = copy_out(&w, worst <= 1 && !hopeless, arena);
    return ws_engine_finish(plan, w.result, arena, err);
}
