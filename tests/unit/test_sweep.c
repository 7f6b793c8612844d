// SPDX-License-Identifier: GPL-3.0-or-later
// Sweeps: every case has the bits of a run of that case alone, whatever the design, the threads and the parts.
#include "tap.h"

#include <unistd.h>

#include "api/handles.h"
#include "engine/plan.h"

static const char study[] =
    "wattspan: 1\n"
    "inputs:\n"
    "  hours: {unit: h, prior: 120e6 to 500e6}\n"
    "  pue: {unit: 1, prior: 1.1 to 1.4}\n"
    "  power: {unit: W, prior: {normal: {mean: 700, sd: 80}, truncate: [300, 1100]}}\n"
    "  owner: {prior: {choice: {one: 1, two: 2}}}\n"
    "  life: {unit: yr, prior: {given: owner, one: 2 to 3, two: {pert: {min: 3, mode: 4, max: 6}}}}\n"
    "  idle: {unit: 1, prior: {beta: {a: 2, b: 3}}}\n"
    "correlations:\n"
    "  - {between: [hours, power], spearman: 0.5}\n"
    "derived:\n"
    "  server: {formula: power * (1 + idle / 10)}\n"
    "outputs:\n"
    "  energy: {unit: GWh, formula: hours * server * pue, by: owner}\n"
    "  age: {unit: yr, formula: 'select(owner, one = life, two = life * pue)'}\n"
    "  gap: {unit: 1, formula: log(pue - 1.12)}\n" // invalid now and then
    "  work: {unit: GWh, formula: hours * power, by: owner}\n"; // the same in all cases

#define EVIDENCE "evidence: {seen: {quantity: energy, unit: GWh, observed: {normal: {mean: 250, sd: 60}}}}\n"

enum { MOST = 6 };

struct texts {
    const char *items[MOST];
};

static size_t count(const char *const *texts) {
    size_t n = 0;
    while (n < MOST && texts[n])
        n++;
    return n;
}

static ws_study *load(const char *text, const char *const *settings, const char *const *sweeps) {
    struct ws_error error = {0};
    ws_study *loaded = NULL;
    const struct ws_study_options options = {
        .settings = settings, .n_settings = count(settings), .sweeps = sweeps, .n_sweeps = count(sweeps)};
    ws_study_parse("study.yaml", text, strlen(text), &options, NULL, &loaded, &error);
    if (!CHECK(loaded != NULL))
        printf("# %s: %s\n", error.where, error.text);
    return loaded;
}

static const struct texts none;

static ws_result *run(const char *text, const char *const *settings, const char *const *sweeps,
                      const struct ws_options *options) {
    struct ws_error error = {0};
    ws_result *result = NULL;
    ws_study *loaded = load(text, settings, sweeps);
    if (loaded)
        ws_run(loaded, options, &result, &error);
    if (!CHECK(result != NULL))
        printf("# %s: %s\n", error.where, error.text);
    ws_study_destroy(loaded);
    return result;
}

static int same_sketch(const struct ws_sketch *a, const struct ws_sketch *b) {
    int same = a->total == b->total && a->origin == b->origin && a->n_pages == b->n_pages;
    for (size_t p = 0; same && p < a->n_pages; p++)
        same = a->pages[p].octave == b->pages[p].octave &&
               memcmp(a->pages[p].counts, b->pages[p].counts, WS_BINS_PER_OCTAVE * sizeof(int64_t)) == 0;
    return same;
}

static int same_tally(const struct ws_tally *a, const struct ws_tally *b) {
    const struct ws_moments *x = &a->moments, *y = &b->moments;
    int same = x->count == y->count && x->invalid == y->invalid && x->first_invalid == y->first_invalid &&
               x->pivot == y->pivot && x->scale == y->scale && x->minimum == y->minimum && x->maximum == y->maximum &&
               same_sketch(&a->sketch, &b->sketch) && !a->weighing == !b->weighing;
    for (int k = 0; k < 4; k++)
        same &= ws_exact_value(&x->sum[k]) == ws_exact_value(&y->sum[k]);
    for (int k = 0; same && a->weighing && k < 4; k++)
        same &= ws_exact_value(&a->weighing->square[k]) == ws_exact_value(&b->weighing->square[k]);
    return same && (!a->weighing || same_sketch(&a->weighing->squares, &b->weighing->squares));
}

// One case of a sweep against a run of it alone.
static void check_tallies(const ws_result *swept, size_t c, const ws_result *alone) {
    for (size_t s = 0; s < alone->n_slots; s++)
        for (size_t r = 0; r < alone->replicates; r++)
            if (!CHECK(same_tally(ws_result_replicate(swept, c, r, s), ws_result_replicate(alone, 0, r, s))))
                printf("# case %zu, randomisation %zu, slot %zu\n", c, r, s);
}

static void check_case(const ws_result *swept, size_t c, const ws_result *alone) {
    size_t n = swept->n_kept, n_outputs = alone->study->n_outputs, each = n / swept->replicates;
    if (!CHECK_INT(swept->n_slots, alone->n_slots) || !CHECK_INT(swept->replicates, alone->replicates))
        return;
    check_tallies(swept, c, alone);
    for (size_t o = 0; o < n_outputs; o++)
        for (size_t r = 0; r < swept->replicates; r++)
            CHECK(memcmp(swept->kept_outputs + (c * n_outputs + o) * n + r * each,
                         alone->kept_outputs + o * alone->n_kept + r * (alone->n_kept / alone->replicates),
                         each * sizeof(double)) == 0);
    if (!alone->posterior || !CHECK(swept->posterior != NULL))
        return;
    check_tallies(swept->posterior, c, alone->posterior);
    CHECK(swept->posterior->evidence[c].total == alone->posterior->evidence[0].total);
    CHECK(swept->posterior->evidence[c].log_reference == alone->posterior->evidence[0].log_reference);
}

// Every case of the sweeps against a run with the settings that the case has.
static void check_sweep(const char *text, const char *const *sweeps, const struct texts *cases, size_t n_cases,
                        const struct ws_options *options) {
    ws_result *swept = run(text, none.items, sweeps, options);
    if (!swept || !CHECK_INT(swept->n_cases, n_cases)) {
        ws_result_destroy(swept);
        return;
    }
    for (size_t c = 0; c < n_cases; c++) {
        struct ws_options alone = *options;
        alone.threads = 1;
        ws_result *result = run(text, cases[c].items, none.items, &alone);
        if (result)
            check_case(swept, c, result);
        ws_result_destroy(result);
    }
    ws_result_destroy(swept);
}

static const char *const constants[MOST] = {"pue=1.1,1.25", "server=400:900:3"};
static const struct texts of_constants[] = {{{"pue=1.1", "server=400"}},  {{"pue=1.1", "server=650"}},
                                            {{"pue=1.1", "server=900"}},  {{"pue=1.25", "server=400"}},
                                            {{"pue=1.25", "server=650"}}, {{"pue=1.25", "server=900"}}};

static void test_constants(void) {
    static const char *const designs[] = {"mc", "lhs", "sobol"};
    for (size_t i = 0; i < 3; i++)
        for (int threads = 1; threads <= 3; threads += 2) {
            const struct ws_options options = {
                .draws = 2 * 65536 + 1000, .design = designs[i], .threads = threads, .keep = 160};
            check_sweep(study, constants, of_constants, 6, &options);
        }
}

static void test_generators(void) {
    const struct ws_options options = {.draws = 70001, .rng = "mt19937", .threads = 2};
    static const char *const sweeps[MOST] = {"pue=1.2,1.1 to 1.5,{pert: {min: 1, mode: 1.1, max: 2}}"};
    static const struct texts cases[] = {
        {{"pue=1.2"}}, {{"pue=1.1 to 1.5"}}, {{"pue={pert: {min: 1, mode: 1.1, max: 2}}"}}};
    check_sweep(study, constants, of_constants, 6, &options);
    check_sweep(study, sweeps, cases, 3, &options);
}

// Priors where all cases are uncertain keep every input's dimension; one of the inputs is drawn jointly with another.
static void test_priors(void) {
    static const char *const designs[] = {"mc", "lhs", "sobol"};
    static const char *const sweeps[MOST] = {"power={low: 300 to 600, high: {normal: {mean: 900, sd: 50}}}",
                                             "life={short: 1 to 2, long: 5 to 8}"};
    static const struct texts cases[] = {
        {{"power=300 to 600", "life=1 to 2"}},
        {{"power=300 to 600", "life=5 to 8"}},
        {{"power={normal: {mean: 900, sd: 50}}", "life=1 to 2"}},
        {{"power={normal: {mean: 900, sd: 50}}", "life=5 to 8"}},
    };
    for (size_t i = 0; i < 3; i++) {
        const struct ws_options options = {.draws = 131072, .design = designs[i], .threads = 2, .keep = 160};
        check_sweep(study, sweeps, cases, 4, &options);
    }
}

// A label is a constant; a correlated input that is one no longer moves with the others.
static void test_labels_and_zip(void) {
    static const char *const sweeps[MOST] = {"owner=one,two", "power=500,600; pue=1.2,1.1 to 1.3"};
    static const struct texts cases[] = {{{"owner=one", "power=500", "pue=1.2"}},
                                         {{"owner=one", "power=600", "pue=1.1 to 1.3"}},
                                         {{"owner=two", "power=500", "pue=1.2"}},
                                         {{"owner=two", "power=600", "pue=1.1 to 1.3"}}};
    const struct ws_options options = {.draws = 100000, .threads = 2};
    check_sweep(study, sweeps, cases, 4, &options);
}

static void test_evidence(void) {
    const struct ws_options options = {.draws = 140000, .threads = 2};
    struct ws_arena *arena = ws_arena_create();
    const char *text = strcat(strcpy(ws_arena_alloc(arena, sizeof study + sizeof EVIDENCE), study), EVIDENCE);
    check_sweep(text, constants, of_constants, 6, &options);
    ws_arena_destroy(arena);
}

// Sobol plans the union of inputs: where a case fixes an input that another leaves uncertain, all others keep their
// dimensions, so that both cases have the same draws of them.
static void test_union(void) {
    static const char *const sweeps[MOST] = {"pue=1.2 to 1.3,1.25"};
    const struct ws_options options = {.draws = 65536, .design = "sobol", .keep = 1600};
    ws_result *result = run(study, none.items, sweeps, &options);
    size_t n = result ? result->n_kept : 0, n_outputs = result ? result->study->n_outputs : 0;
    size_t pairs = 0;
    for (size_t i = 0; i < n; i++) { // energy / pue is the same in both, and age of owner `one` is
        double a = result->kept_outputs[n + i], b = result->kept_outputs[(n_outputs + 1) * n + i];
        pairs += a == b;
    }
    CHECK(pairs > n / 5 && pairs < n / 2); // a third has owner `one`
    ws_result_destroy(result);
}

// The study's own `sweep`, and what the command line makes of it.
static void test_language(void) {
    struct ws_arena *arena = ws_arena_create();
    const char *text = ws_arena_printf(arena,
                                       "%ssweep:\n"
                                       "  pue: {from: 1.1, to: 1.3, steps: 3}\n"
                                       "  hours: {from: 1e6, to: 1e8, steps: 3, log: true}\n"
                                       "  zip: [{idle: [0.1, 0.2], server: {low: 500, high: 600 to 700}}]\n",
                                       study);
    static const char *const fewer[MOST] = {"idle=0.5", "server=550", "hours=2e6"};
    static const char *const other[MOST] = {"pue=1.5,1.6,1.7,1.8"};
    ws_study *own = load(text, none.items, none.items), *less = load(text, fewer, none.items),
             *more = load(text, none.items, other), *again = own ? load(own->flattened, none.items, none.items) : NULL;
    if (own && less && more && again) {
        CHECK_INT(own->n_cases, 18);
        CHECK_INT(own->n_axes, 4);
        CHECK(ws_sweep_value_of(&own->axes[0], 6)->number == 1.2);
        CHECK(ws_sweep_value_of(&own->axes[1], 2)->number == 1e7);
        CHECK(ws_sweep_value_of(&own->axes[2], 1)->number == 0.2);
        CHECK_STR(ws_sweep_value_of(&own->axes[3], 1)->label, "high");
        CHECK_INT(less->n_cases, 3);
        CHECK_INT(less->n_axes, 1);
        CHECK_INT(more->n_cases, 24);
        CHECK_STR(again->sha256, own->sha256);
        CHECK_INT(again->n_cases, 18);
    }
    ws_study_destroy(own);
    ws_study_destroy(less);
    ws_study_destroy(more);
    ws_study_destroy(again);
    ws_arena_destroy(arena);
}

static void test_refusals(void) {
    ws_study *loaded = load(study, none.items, constants);
    struct ws_error error = {0};
    ws_result *result = NULL;
    CHECK_INT(ws_sensitivity(loaded, &(struct ws_options){.draws = 4096}, NULL, &result, &error), WS_ERROR_USAGE);
    CHECK(strstr(error.text, "6 cases") != NULL);
    ws_study_destroy(loaded);
}

// Shards of a sweep, some of them without a single group, merged in another order.
static void test_shards(void) {
    enum { SHARDS = 5 };
    const struct ws_options options = {.draws = 3 * 65536, .keep = 100, .threads = 1};
    ws_study *loaded = load(study, none.items, constants);
    ws_result *whole = NULL, *merged = NULL;
    struct ws_error error = {0};
    char names[SHARDS][64], *paths[SHARDS];
    for (uint64_t i = 0; i < SHARDS; i++) {
        paths[i] = names[(i * 2 + 1) % SHARDS];
        snprintf(names[i], sizeof names[i], "sweep-%ld-%d.h5", (long)getpid(), (int)i);
        CHECK_INT(ws_run_shard(loaded, &options, i + 1, SHARDS, names[i], 0, &error), 0);
    }
    CHECK_INT(ws_run(loaded, &options, &whole, &error), 0);
    if (!CHECK_INT(ws_merge((const char *const *)paths, SHARDS, &options, &merged, &error), 0))
        printf("# %s: %s\n", error.where, error.text);
    for (size_t c = 0; merged && whole && c < whole->n_cases; c++)
        for (size_t s = 0; s < whole->n_slots; s++)
            CHECK(same_tally(ws_result_replicate(merged, c, 0, s), ws_result_replicate(whole, c, 0, s)));
    for (size_t i = 0; i < SHARDS; i++)
        unlink(names[i]);
    ws_result_destroy(whole);
    ws_result_destroy(merged);
    ws_study_destroy(loaded);
}

// With too little memory for all cases' tallies these are on disk, and the result is made there; nothing else changes.
static int needs(const ws_study *loaded, const struct ws_options *options, uint64_t *bytes) {
    struct ws_arena *arena = ws_arena_create();
    struct ws_plan *plan = NULL;
    struct ws_error error = {0};
    int on_disk = -1;
    if (!ws_arena_catch(arena) && CHECK_INT(ws_plan_create(loaded, options, arena, &plan, &error), 0)) {
        *bytes = plan->bytes;
        on_disk = plan->on_disk;
    }
    ws_arena_destroy(arena);
    return on_disk;
}

static void check_same(const ws_result *a, const ws_result *b) {
    if (!CHECK_INT(a->n_cases, b->n_cases))
        return;
    for (size_t c = 0; c < a->n_cases; c++) {
        for (size_t s = 0; s < a->n_slots; s++)
            CHECK(same_tally(ws_result_replicate(a, c, 0, s), ws_result_replicate(b, c, 0, s)));
        const struct ws_evidence_tally *x = ws_result_weights(a->posterior, c), *y = ws_result_weights(b->posterior, c);
        CHECK(x->total == y->total && x->squares == y->squares && x->weighed == y->weighed);
        CHECK(x->n_tail == y->n_tail && x->n_tail > 100);
        CHECK(memcmp(x->tail, y->tail, x->n_tail * sizeof *x->tail) == 0);
    }
    const size_t kept = a->n_kept * a->n_cases * a->study->n_outputs * sizeof(double);
    CHECK(a->n_kept == b->n_kept && memcmp(a->kept_outputs, b->kept_outputs, kept) == 0);
}

static void test_on_disk(void) {
    static const char *const many[MOST] = {"pue=1.1:1.3:10", "server=400:900:10"};
    struct ws_options options = {.draws = 30000, .threads = 2, .keep = 3000, .memory = UINT64_C(1) << 40};
    struct ws_arena *arena = ws_arena_create();
    const char *text = strcat(strcpy(ws_arena_alloc(arena, sizeof study + sizeof EVIDENCE), study), EVIDENCE);
    ws_study *loaded = load(text, none.items, many);
    ws_result *in_memory = NULL, *on_disk = NULL, *read = NULL;
    struct ws_error error = {0};
    uint64_t bytes = 0, less = 0;
    char path[64];
    snprintf(path, sizeof path, "on-disk-%ld.h5", (long)getpid());
    CHECK_INT(needs(loaded, &options, &bytes), 0);
    CHECK_INT(ws_run(loaded, &options, &in_memory, &error), 0);
    options.output = path;
    int is_on_disk = 0;
    for (options.memory = bytes - 1; !is_on_disk; options.memory -= UINT64_C(1) << 20) // fewer cases in hand, first
        is_on_disk = needs(loaded, &options, &less);
    options.memory += UINT64_C(1) << 20;
    CHECK_INT(is_on_disk, 1);
    CHECK(less < bytes);
    CHECK_INT(ws_run(loaded, &options, &on_disk, &error), 0);
    if (in_memory && on_disk && CHECK(on_disk->scratch != NULL)) {
        check_same(in_memory, on_disk);
        CHECK_INT(ws_result_save(on_disk, path, 0, &error), 0);
        if (CHECK_INT(ws_result_load(path, &read, &error), 0) && CHECK(read->scratch != NULL))
            check_same(in_memory, read);
        ws_result_destroy(read);
    }
    options.memory = UINT64_C(1) << 20;
    CHECK_INT(ws_run(loaded, &options, &read, &error), WS_ERROR_USAGE);
    CHECK(strstr(error.text, "100 cases need") != NULL);
    unlink(path);
    ws_result_destroy(in_memory);
    ws_result_destroy(on_disk);
    ws_study_destroy(loaded);
    ws_arena_destroy(arena);
}

// What the library is asked of each case.
static void test_library(void) {
    static const char *const swept[MOST] = {"owner=one,two", "pue=1.2,1.4"};
    struct ws_arena *arena = ws_arena_create();
    const char *text = strcat(strcpy(ws_arena_alloc(arena, sizeof study + sizeof EVIDENCE), study), EVIDENCE);
    const struct ws_options options = {.draws = 20000, .threads = 1};
    static const char *const alone[MOST] = {"owner=two", "pue=1.4"};
    ws_result *cases = run(text, none.items, swept, &options), *one = run(text, alone, none.items, &options);
    struct ws_estimate x, y;
    struct ws_evidence_report seen, seen_alone;
    struct ws_error error = {0};
    double value = 0;
    const char *label = NULL;
    if (!cases || !one)
        return;
    CHECK_INT(ws_result_cases(one), 1);
    CHECK_INT(ws_result_cases(cases), 4);
    CHECK_INT(ws_result_select_case(cases, 4, &error), WS_ERROR_USAGE);
    CHECK_INT(ws_result_select_case(cases, 3, &error), 0);
    CHECK_STR(ws_result_swept(cases, 1), "pue");
    CHECK(ws_result_swept(cases, 2) == NULL && ws_result_swept(one, 0) == NULL);
    CHECK_INT(ws_result_swept_value(cases, 0, &value, &label, &error), 0);
    CHECK(value != value);
    CHECK_STR(label, "two");
    CHECK_INT(ws_result_swept_value(cases, 1, &value, &label, &error), 0);
    CHECK(value == 1.4 && label == NULL);
    CHECK_INT(ws_result_swept_value(cases, 2, NULL, NULL, &error), WS_ERROR_USAGE);
    CHECK(!ws_result_mean(cases, "energy", &x, &error) && !ws_result_mean(one, "energy", &y, &error));
    CHECK(x.value == y.value && x.se == y.se);
    CHECK(!ws_result_quantile(cases, "age", 0.9, &x, &error) && !ws_result_quantile(one, "age", 0.9, &y, &error));
    CHECK(x.value == y.value && x.se == y.se);
    CHECK(!ws_result_sd(ws_result_posterior(cases), "energy", &x, &error) &&
          !ws_result_sd(ws_result_posterior(one), "energy", &y, &error));
    CHECK(x.value == y.value && x.se == y.se);
    CHECK(!ws_result_evidence(cases, &seen, &error) && !ws_result_evidence(one, &seen_alone, &error));
    CHECK(seen.ess == seen_alone.ess && seen.log_evidence == seen_alone.log_evidence);
    ws_result_destroy(cases);
    ws_result_destroy(one);
    ws_arena_destroy(arena);
}

int main(void) {
    RUN(test_constants);
    RUN(test_generators);
    RUN(test_priors);
    RUN(test_labels_and_zip);
    RUN(test_evidence);
    RUN(test_union);
    RUN(test_language);
    RUN(test_refusals);
    RUN(test_shards);
    RUN(test_on_disk);
    RUN(test_library);
    return tap_done();
}
