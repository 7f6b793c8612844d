// SPDX-License-Identifier: GPL-3.0-or-later
// The same bits for any number of threads, any generator, any instruction set, any order of inputs.
#include "tap.h"

#include "api/handles.h"
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

int main(void) {
    RUN(test_threads);
    RUN(test_threads_mt19937);
    RUN(test_threads_ranlxd2);
    RUN(test_instruction_sets);
    RUN(test_order_and_idle_inputs);
    RUN(test_seeds_differ);
    RUN(test_other_outputs);
    return tap_done();
}
