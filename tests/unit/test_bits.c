// SPDX-License-Identifier: GPL-3.0-or-later
// The same bits for any number of threads, any generator, any instruction set, any order of inputs.
#include "tap.h"

#include "api/handles.h"
#include "engine/plan.h"
#include "numeric/kernels.h"

#define INPUT_A "  a: {unit: h, prior: 120e6 to 500e6}\n"
#define INPUT_B "  b: {unit: '1', prior: {pert: {min: 1.7, mode: 1.95, max: 2.15}}}\n"
#define INPUT_C "  c: {unit: '1', prior: {normal: {mean: 0.75, sd: 0.08}, truncate: [0.4, 1.05]}}\n"
#define INPUT_K "  k: {unit: '1', prior: {choice: {one: 1, two: 2}}}\n"
#define UNUSED "  idle: {unit: '1', prior: {beta: {a: 2, b: 3}}}\n"
#define OUTPUTS \
    "outputs:\n" \
    "  y: {unit: h, formula: a * b * c, by: k}\n" \
    "  z: {unit: '1', formula: 'exp(c) - log(b) + select(k, one = 0.1, two = c)'}\n" \
    "  w: {unit: '1', formula: log(b - 1.9)}\n" /* invalid now and then */

static ws_result *run(const char *text, const struct ws_options *options) {
    struct ws_error error = {0};
    ws_study *study = NULL;
    ws_result *result = NULL;
    if (ws_study_parse("study.yaml", text, strlen(text), NULL, NULL, &study, &error) == 0)
        ws_run(study, options, &result, &error);
    if (!CHECK(result != NULL))
        printf("# %s: %s\n", error.where, error.text);
    ws_study_destroy(study);
    return result;
}

static void check_same_tally(const struct ws_tally *a, const struct ws_tally *b) {
    CHECK(a->moments.count == b->moments.count && a->moments.invalid == b->moments.invalid);
    CHECK(a->moments.first_invalid == b->moments.first_invalid);
    CHECK(a->moments.pivot == b->moments.pivot && a->moments.scale == b->moments.scale);
    CHECK(a->moments.minimum == b->moments.minimum && a->moments.maximum == b->moments.maximum);
    for (int k = 0; k < 4; k++)
        CHECK(ws_exact_value(&a->moments.sum[k]) == ws_exact_value(&b->moments.sum[k]));
    CHECK(a->sketch.total == b->sketch.total && a->sketch.origin == b->sketch.origin);
    if (!CHECK_INT(a->sketch.n_pages, b->sketch.n_pages))
        return;
    for (size_t p = 0; p < a->sketch.n_pages; p++) {
        CHECK_INT(a->sketch.pages[p].octave, b->sketch.pages[p].octave);
        CHECK(memcmp(a->sketch.pages[p].counts, b->sketch.pages[p].counts, WS_BINS_PER_OCTAVE * sizeof(int64_t)) == 0);
    }
}

static void check_same(const ws_result *a, const ws_result *b) {
    if (!a || !b || !CHECK_INT(a->n_slots, b->n_slots))
        return;
    for (size_t s = 0; s < a->n_slots; s++)
        check_same_tally(&a->tallies[s], &b->tallies[s]);
    CHECK_INT(a->n_kept, b->n_kept);
    CHECK(memcmp(a->kept_outputs, b->kept_outputs, a->study->n_outputs * a->n_kept * sizeof(double)) == 0);
}

static const char study[] = "wattspan: 1\ninputs:\n" INPUT_A INPUT_B INPUT_C INPUT_K OUTPUTS;

static void check_threads(const char *rng, uint64_t draws) {
    const struct ws_options one = {.draws = draws, .threads = 1, .rng = rng},
                            two = {.draws = draws, .threads = 2, .rng = rng},
                            five = {.draws = draws, .threads = 5, .rng = rng};
    ws_result *a = run(study, &one), *b = run(study, &two), *c = run(study, &five);
    check_same(a, b);
    check_same(a, c);
    ws_result_destroy(a);
    ws_result_destroy(b);
    ws_result_destroy(c);
}

static void test_threads(void) { check_threads("philox4x32", 1000003); }
static void test_threads_mt19937(void) { check_threads("mt19937", 300001); }
static void test_threads_ranlxd2(void) { check_threads("ranlxd2", 131073); }

static void test_instruction_sets(void) {
    const struct ws_kernels *all[WS_MOST_ISAS];
    size_t n = ws_kernels_all(all);
    const struct ws_options baseline = {.draws = 300000, .isa = "baseline"};
    ws_result *a = run(study, &baseline);
    for (size_t k = 0; k < n; k++) {
        printf("# %s\n", all[k]->isa);
        ws_result *b = run(study, &(struct ws_options){.draws = 300000, .isa = all[k]->isa});
        check_same(a, b);
        ws_result_destroy(b);
    }
    ws_result_destroy(a);
}

static void test_order_and_idle_inputs(void) {
    const struct ws_options options = {.draws = 200000};
    ws_result *a = run(study, &options);
    ws_result *b = run("wattspan: 1\ninputs:\n" INPUT_K UNUSED INPUT_C INPUT_B INPUT_A OUTPUTS, &options);
    check_same(a, b);
    ws_result_destroy(a);
    ws_result_destroy(b);
}

static void test_seeds_differ(void) {
    const struct ws_options one = {.draws = 5000, .seed = 1}, two = {.draws = 5000, .seed = 2};
    ws_result *a = run(study, &one), *b = run(study, &two);
    if (a && b)
        CHECK(memcmp(a->kept_outputs, b->kept_outputs, 5000 * sizeof(double)) != 0);
    ws_result_destroy(a);
    ws_result_destroy(b);
}

// An output's bits do not depend on which other outputs are asked for (the compiler never reassociates).
static void test_other_outputs(void) {
    const struct ws_options options = {.draws = 100000};
    ws_result *a = run(
        "wattspan: 1\ninputs:\n" INPUT_A INPUT_B INPUT_C "outputs:\n  y: {unit: h, formula: a * b * c}\n", &options);
    ws_result *b =
        run("wattspan: 1\ninputs:\n" INPUT_A INPUT_B INPUT_C "derived:\n  ab: {formula: a * b}\noutputs:\n"
            "  y: {unit: h, formula: a * b * c}\n  v: {unit: h, formula: ab * 2}\n  u: {unit: h, formula: ab}\n",
            &options);
    if (a && b)
        check_same_tally(&a->tallies[0], &b->tallies[0]);
    ws_result_destroy(a);
    ws_result_destroy(b);
}

// ---- wide studies, which are drawn in stages (engine/schedule.c) ----

// Every kind of column: equal words for several tables, shares, drawn jointly, chosen by label, with breaks and steps.
static const char core_inputs[] =
    "wattspan: 1\ninputs:\n" INPUT_A INPUT_B INPUT_C INPUT_K
    "  g: {unit: '1', prior: {given: k, one: {normal: {mean: 1, sd: 0.1}}, two: {uniform: {min: 2, max: 3}}}}\n"
    "  p: {unit: '1', prior: {dirichlet: {group: parts, alpha: 2}}}\n"
    "  q: {unit: '1', prior: {dirichlet: {group: parts, alpha: 3}}}\n"
    "  n: {unit: '1', prior: {poisson: {mean: 4}}}\n"
    "  t: {unit: '1', prior: {histogram: {edges: [0, 1, 2, 5], weights: [1, 3, 2]}}}\n"
    "  idle: {unit: '1', prior: {beta: {a: 2, b: 3}}}\n";
static const char core_joint[] = "correlations:\n  - {between: [b, idle], spearman: 0.5}\n";
static const char core_outputs[] = "derived:\n  share: {formula: p * g + q}\noutputs:\n"
                                   "  y: {unit: h, formula: a * b * c, by: k}\n"
                                   "  s: {unit: '1', formula: 'share + exp(c) * select(k, one = 0.1, two = share)'}\n"
                                   "  d: {unit: '1', formula: 'log(n) - t'}\n" // invalid now and then
                                   "  i: {unit: '1', formula: b}\n"            // no instruction
                                   "  o: {unit: '1', formula: '2'}\n";         // no column
static const char core_evidence[] =
    "evidence:\n  seen: {quantity: share, unit: '1', observed: {normal: {mean: 1, sd: 0.2}}}\n";
enum { WIDE = 60, CORE_OUTPUTS = 5 };

// The core study within one of many more inputs and outputs, which use what the core does in between.
static const char *wide_text(void) {
    static char text[1 << 15];
    char *at = text + sprintf(text, "%s", core_inputs);
    for (int i = 0; i < WIDE; i++)
        at += sprintf(at, "  w%d: {unit: '1', prior: {lognormal: {median: 2, gsd: %g}}}\n", i, 1.3 + 0.01 * i);
    at += sprintf(at, "%s%s", core_joint, core_outputs);
    for (int i = 0; i < WIDE; i += 10) {
        at += sprintf(at, "  z%d: {unit: '1', formula: 'share * w%d", i, (i + 7) % WIDE);
        for (int k = i < 5 ? 0 : i - 5; k < i + 10; k++)
            at += sprintf(at, " %s w%d", k % 3 ? "+" : "- b *", k);
        at += sprintf(at, "'}\n");
    }
    sprintf(at, "%s", core_evidence);
    return text;
}

static const struct ws_tally *find_tally(const ws_result *result, const struct ws_result_slot *slot) {
    for (size_t s = 0; s < result->n_slots; s++) {
        const struct ws_result_slot *other = &result->slots[s];
        int both_pooled = slot->by == SIZE_MAX && other->by == SIZE_MAX;
        if (slot->alternative == other->alternative && (both_pooled || slot->by == other->by) &&
            slot->output - WIDE == other->output)
            return &result->pooled[s];
    }
    return NULL;
}

// What both studies have, with evidence and without. The wide one has WIDE inputs before its first output.
static void check_core(const ws_result *core, const ws_result *wide) {
    size_t same = 0;
    for (size_t s = 0; wide && core && s < wide->n_slots; s++) {
        const struct ws_tally *tally = find_tally(core, &wide->slots[s]);
        if (!tally)
            continue;
        check_same_tally(tally, &wide->pooled[s]);
        same++;
    }
    CHECK_INT(same, CORE_OUTPUTS + 2);
}

static void check_wide(struct ws_options options) {
    static char core_text[1 << 13];
    sprintf(core_text, "%s%s%s%s", core_inputs, core_joint, core_outputs, core_evidence);
    options.keep = 200;
    ws_result *core = run(core_text, &options);
    options.threads = 2;
    ws_result *wide = run(wide_text(), &options);
    check_core(core, wide);
    if (core && wide)
        check_core(core->posterior, wide->posterior);
    ws_result_destroy(core);
    ws_result_destroy(wide);
}

static void test_wide_plan(void) {
    struct ws_error error = {0};
    const struct ws_options options = {.draws = 1000};
    ws_study *wide = NULL;
    struct ws_plan *plan = NULL;
    struct ws_arena *arena = ws_arena_create();
    if (CHECK(ws_study_parse("study.yaml", wide_text(), strlen(wide_text()), NULL, NULL, &wide, &error) == 0) &&
        CHECK(ws_plan_create(wide, &options, arena, &plan, &error) == 0)) {
        CHECK(plan->hot.stages != NULL && plan->hot.n_stages > WIDE / 10);
        CHECK(plan->hot.n_tile > 1 && plan->hot.program.n_rows < plan->outputs.program.n_rows);
    }
    ws_arena_destroy(arena);
    ws_study_destroy(wide);
}

static void test_wide_instruction_sets(void) {
    const struct ws_kernels *all[WS_MOST_ISAS];
    for (size_t k = 0, n = ws_kernels_all(all); k < n; k++)
        check_wide((struct ws_options){.draws = 65536 + 11 * 512 + 3, .isa = all[k]->isa});
}
static void test_wide_block_edges(void) {
    const uint64_t draws[] = {1, 511, 513, 8 * 512, 8 * 512 + 1};
    for (size_t k = 0; k < sizeof draws / sizeof *draws; k++)
        check_wide((struct ws_options){.draws = draws[k]});
}
static void test_wide_generator(void) { check_wide((struct ws_options){.draws = 30001, .rng = "mt19937"}); }
static void test_wide_lhs(void) { check_wide((struct ws_options){.draws = 65536, .design = "lhs"}); }
static void test_wide_sobol(void) { check_wide((struct ws_options){.draws = 65536, .design = "sobol"}); }

int main(void) {
    RUN(test_threads);
    RUN(test_threads_mt19937);
    RUN(test_threads_ranlxd2);
    RUN(test_instruction_sets);
    RUN(test_order_and_idle_inputs);
    RUN(test_seeds_differ);
    RUN(test_other_outputs);
    RUN(test_wide_plan);
    RUN(test_wide_instruction_sets);
    RUN(test_wide_block_edges);
    RUN(test_wide_generator);
    RUN(test_wide_lhs);
    RUN(test_wide_sobol);
    return tap_done();
}
