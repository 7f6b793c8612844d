// SPDX-License-Identifier: GPL-3.0-or-later
// Results given evidence against closed forms, in any order of threads, and what is refused.
#include "evidence_run.h"

#include <unistd.h>

#include "analysis/evidence.h"
#include "engine/run.h"

static void check_quantile(const ws_result *r, const char *output, double p, double truth) {
    struct ws_estimate e = {NAN, NAN};
    ws_result_quantile(r, output, p, &e, NULL);
    check(e.value, truth, e.se, output);
    ws_result_probability(r, output, truth, &e, NULL);
    check(e.value, p, e.se, output);
}

#define CONJUGATE \
    "wattspan: 1\n" \
    "inputs:\n" \
    "  a: {unit: MW, prior: {normal: {mean: 100, sd: 20}}}\n" \
    "  p: {unit: '1', prior: {beta: {a: 2, b: 3}}}\n" \
    "  g: {unit: h, prior: {lognormal: {mu: 2, sigma: 0.5}}}\n" \
    "  which: {prior: {choice: {some: 3, none: 1}}}\n" \
    "derived:\n" \
    "  twice: {formula: a * 2}\n" \
    "outputs:\n" \
    "  y: {unit: MW, formula: a, by: which}\n" \
    "  q: {unit: '1', formula: p}\n" \
    "  h: {unit: h, formula: g}\n" \
    "  b: {unit: '1', formula: 'a > 110 [MW]'}\n" \
    "evidence:\n" \
    "  meter: {quantity: twice, unit: kW, observed: {normal: {mean: 240e3, sd: 30e3}}}\n" \
    "  counts: {quantity: p, unit: '1', observed: {beta: {a: 8, b: 4}}}\n" \
    "  clock: {quantity: g, unit: h, observed: {lognormal: {mu: 2.6, sigma: 0.4}}}\n"

static const double z95 = 1.6448536269514722;

// N(100, 20) observed at 120 +- 15; beta(2, 3) after 7 of 10; ln g of N(2, 0.5) observed at 2.6 +- 0.4: three facts at
// once, each about an input of its own.
static void check_conjugates(const char *design) {
    ws_result *r = run(CONJUGATE, design);
    if (!r)
        return;
    const ws_result *given = ws_result_posterior(r);
    double precision = 1 / 400. + 1 / 225., mean = (100 / 400. + 120 / 225.) / precision, sd = sqrt(1 / precision);
    check_mean_sd(given, "y", mean, sd);
    check_quantile(given, "y", 0.05, mean - z95 * sd);
    check_quantile(given, "y", 0.5, mean);
    check_quantile(given, "y", 0.95, mean + z95 * sd);
    check_mean_sd(given, "q", 9. / 15, sqrt(9. * 6 / (15 * 15 * 16)));
    double log_precision = 1 / 0.25 + 1 / 0.16, mu = (2 / 0.25 + 2.6 / 0.16) / log_precision,
           sigma = sqrt(1 / log_precision);
    check_quantile(given, "h", 0.05, exp(mu - z95 * sigma));
    check_quantile(given, "h", 0.95, exp(mu + z95 * sigma));
    check_mean_sd(given, "h", exp(mu + sigma * sigma / 2), exp(mu + sigma * sigma / 2) * sqrt(expm1(sigma * sigma)));
    struct ws_estimate e = {NAN, NAN};
    ws_result_mean(given, "b", &e, NULL);
    check(e.value, erfc((110 - mean) / sd / sqrt(2)) / 2, e.se, "b");
    check_mean_sd(r, "y", 100, 20); // the prior stays
    ws_result_destroy(r);
}

static void test_conjugates(void) { check_conjugates("mc"); }
static void test_conjugates_lhs(void) { check_conjugates("lhs"); }
static void test_conjugates_sobol(void) { check_conjugates("sobol"); }

static double lbeta(double a, double b) { return lgamma(a) + lgamma(b) - lgamma(a + b); }

// Counts that were seen: 4 events in 2 h of a rate Gamma(3, 1/2), 7 of 10 of a probability Beta(2, 3), none of a rate
// Gamma(1, 1).
static void test_counts(void) {
    ws_result *r = run("wattspan: 1\n"
                       "inputs:\n"
                       "  rate: {unit: 1/h, prior: {gamma: {shape: 3, scale: 0.5}}}\n"
                       "  p: {unit: '1', prior: {beta: {a: 2, b: 3}}}\n"
                       "  few: {unit: '1', prior: {gamma: {shape: 1, scale: 1}}}\n"
                       "outputs:\n"
                       "  y: {unit: 1/h, formula: rate}\n"
                       "  q: {unit: '1', formula: p}\n"
                       "  z: {unit: '1', formula: few}\n"
                       "evidence:\n"
                       "  seen: {quantity: rate, unit: 1/h, observed: {poisson: {count: 4, exposure: 2}}}\n"
                       "  succeeded: {quantity: p, unit: '1', observed: {binomial: {successes: 7, trials: 10}}}\n"
                       "  none: {quantity: few, unit: '1', observed: {poisson: {count: 0}}}\n",
                       "mc");
    if (!r)
        return;
    const ws_result *given = ws_result_posterior(r);
    check_mean_sd(given, "y", 7. / 4, sqrt(7) / 4);
    check_mean_sd(given, "q", 9. / 15, sqrt(9. * 6 / (15 * 15 * 16)));
    check_mean_sd(given, "z", 0.5, 0.5);
    // Negative binomial (in 2 h at a scale of 1/2 h), beta-binomial, and 1 / 2.
    double seen = log(15 * pow(0.5, 3 + 4)), succeeded = log(120) + lbeta(9, 6) - lbeta(2, 3);
    struct ws_evidence_report report = {0};
    ws_result_evidence(r, &report, NULL);
    CHECK_Z(report.log_evidence, seen + succeeded - M_LN2, report.log_evidence_se, 4);
    ws_result_destroy(r);
}

// What is learnt of one input is learnt of the other: a bivariate normal with correlation 0.6, a seen at 1 +- 1.
static void test_evidence_along_a_correlation(void) {
    ws_result *r = run("wattspan: 1\n"
                       "inputs:\n"
                       "  a: {unit: MW, prior: {normal: {mean: 0, sd: 1}}}\n"
                       "  b: {unit: MW, prior: {normal: {mean: 0, sd: 1}}}\n"
                       "correlations: [{between: [a, b], gaussian: 0.6}]\n"
                       "outputs: {y: {unit: MW, formula: b}}\n"
                       "evidence: {meter: {quantity: a, unit: MW, observed: {normal: {mean: 1, sd: 1}}}}\n",
                       "mc");
    if (!r)
        return;
    check_mean_sd(ws_result_posterior(r), "y", 0.3, sqrt(1 - 0.36 + 0.36 * 0.5));
    check_quantile(ws_result_posterior(r), "y", 0.95, 0.3 + z95 * sqrt(0.82));
    ws_result_destroy(r);
}

// Evidence: N(100, 20) seen at 120 +- 15.
static void test_evidence_and_sample_size(void) {
    ws_result *r = run("wattspan: 1\n"
                       "inputs: {a: {unit: MW, prior: {normal: {mean: 100, sd: 20}}}}\n"
                       "outputs: {y: {unit: MW, formula: a}}\n"
                       "evidence: {meter: {quantity: y, unit: MW, observed: {normal: {mean: 120, sd: 15}}}}\n",
                       "mc");
    struct ws_evidence_report report = {0};
    if (!r || !CHECK_INT(ws_result_evidence(r, &report, NULL), 0))
        return;
    double v = 400 + 225, first = sqrt(225 / v) * exp(-400 / (2 * v));            // E w
    double v2 = 400 + 225 / 2., second = sqrt(112.5 / v2) * exp(-400 / (2 * v2)); // E w^2
    CHECK_Z(report.log_evidence, -400 / (2 * v) - 0.5 * log(2 * M_PI * v), report.log_evidence_se, 4);
    CHECK_REL(report.ess, 1e6 * first * first / second, 0.01);
    CHECK(report.pareto_k < 0.5);
    ws_result_destroy(r);
}

// An interval cuts the prior off; draws beyond weigh nothing.
static void test_between(void) {
    ws_result *r = run("wattspan: 1\n"
                       "inputs: {u: {unit: MW, prior: {uniform: {min: 0, max: 10}}}}\n"
                       "outputs: {y: {unit: kW, formula: u}, z: {unit: '1', formula: 'log(u / 1 [MW] - 4)'}}\n"
                       "evidence:\n"
                       "  low: {quantity: u, unit: kW, between: [2000, null]}\n"
                       "  high: {quantity: y, unit: MW, between: [null, 5]}\n",
                       "mc");
    struct ws_evidence_report report = {0};
    if (!r)
        return;
    const ws_result *given = ws_result_posterior(r);
    check_mean_sd(given, "y", 3500, 3000 / sqrt(12));
    check_quantile(given, "y", 0.25, 2750);
    ws_result_evidence(r, &report, NULL);
    CHECK_Z(report.log_evidence, log(0.3), report.log_evidence_se, 4);
    CHECK(isnan(report.pareto_k));
    CHECK_ABS(report.ess, 3e5, 3000);
    const struct ws_tally *z = ws_result_tally(r->posterior, 0, 1);
    CHECK(z->moments.invalid > 190000 && z->moments.invalid < 210000); // log of u < 4, among those with a weight
    ws_result_destroy(r);
}

// Draws anew: their distribution is the conditioned one, and they are what replay gives at their addresses.
// Evidence that all draws but a few meet to the same degree: blocks in which all weigh alike, and others. Draws counted
// one by one are the truth; outputs are split, and one of them is zero or far out now and then.
#define SPLIT_AND_STRAYING \
    "wattspan: 1\n" \
    "inputs:\n" \
    "  a: {unit: '1', prior: {normal: {mean: 10, sd: 2}}}\n" \
    "  rare: {unit: '1', prior: {bernoulli: {p: 0.001}}}\n" \
    "  which: {prior: {choice: {some: 3, none: 1}}}\n" \
    "outputs:\n" \
    "  y: {unit: '1', formula: 'if(a > 9, a, if(a > 4, 0, 1e30 * a))', by: which}\n" \
    "evidence:\n"
#define WITHIN(low, high) SPLIT_AND_STRAYING "  low: {quantity: a, unit: '1', between: [" low ", " high "]}\n"
#define ALIKE WITHIN("2", "15") "  often: {quantity: rare, unit: '1', observed: {normal: {mean: 1, sd: 1}}}\n"
// Facts alone: what they rule out is counted, or what they leave, by which is less.
#define FEW_RULED_OUT WITHIN("3.5", "13")

// Within the rounding of the C library's exp to units of 2^-28.
static void check_near(const struct ws_sketch *found, const struct ws_sketch *wanted, uint64_t draws) {
    if (!CHECK_INT(found->n_pages, wanted->n_pages))
        return;
    CHECK(llabs(found->total - wanted->total) <= (int64_t)draws);
    for (size_t p = 0; p < found->n_pages; p++) {
        int64_t off = 0;
        CHECK_INT(found->pages[p].octave, wanted->pages[p].octave);
        for (size_t bin = 0; bin < WS_BINS_PER_OCTAVE; bin++)
            off += llabs(found->pages[p].counts[bin] - wanted->pages[p].counts[bin]);
        CHECK(off <= (int64_t)draws);
    }
}

static void check_counted(const ws_result *r, size_t slot, const double *y, const double *log_weight) {
    const struct ws_tally *tally = ws_result_tally(r->posterior, 0, slot);
    const double reference = ws_result_weights(r->posterior, 0)->log_reference;
    const size_t alternative = r->slots[slot].alternative;
    struct ws_sketch sums, squares;
    ws_sketch_init(&sums, tally->sketch.origin);
    ws_sketch_init(&squares, tally->sketch.origin);
    uint64_t n = 0;
    for (size_t i = 0; i < r->n_kept; i++) {
        double weight = nearbyint(ldexp(exp(log_weight[i] - reference), 28));
        int is_other =
            r->slots[slot].by != SIZE_MAX && r->kept_inputs[r->slots[slot].by * r->n_kept + i] != (double)alternative;
        if (weight == 0 || is_other)
            continue;
        n++;
        ws_sketch_add(&sums, y[i], (int64_t)weight);
        ws_sketch_add(&squares, y[i], (int64_t)nearbyint(ldexp(weight * weight, -28)));
    }
    CHECK_INT(tally->moments.count, n);
    check_near(&tally->sketch, &sums, n);
    check_near(&tally->weighing->squares, &squares, n);
    ws_sketch_finish(&sums);
    ws_sketch_finish(&squares);
}

static void check_all_counted(const char *study, const char *design) {
    struct ws_error error = {0};
    ws_result *r =
        run_how(study, (struct how){.design = design, .draws = 131072, .keep = 131072, .threads = 2}, &error);
    if (CHECK(r != NULL) && CHECK_INT(r->n_slots, 3) && CHECK_INT(r->n_kept, 131072))
        for (size_t slot = 0; slot < r->n_slots; slot++)
            check_counted(r, slot, r->kept_outputs, r->kept_log_weights);
    ws_result_destroy(r);
}

static void test_weights_alike(void) {
    check_all_counted(ALIKE, "mc");
    check_all_counted(FEW_RULED_OUT, "mc");
    check_all_counted(WITHIN("3.5", "8"), "mc");
    check_all_counted(FEW_RULED_OUT, "sobol");
}

static void test_drawn_anew(void) {
    ws_result *r = run(CONJUGATE, "mc");
    if (!r)
        return;
    const struct ws_result *given = r->posterior;
    double sum = 0, square = 0, n = (double)given->n_kept;
    CHECK_INT(given->n_kept, 10000);
    for (size_t i = 0; i < given->n_kept; i++) {
        sum += given->kept_outputs[i] / n;
        square += given->kept_outputs[i] * given->kept_outputs[i] / n;
        CHECK(given->kept_outputs[i] == given->kept_inputs[i]); // y = a
        uint64_t address = given->kept_addresses[i];
        if (address < r->n_kept)
            CHECK(given->kept_inputs[i] == r->kept_inputs[address]);
    }
    CHECK_Z(sum, 112.8, 12 / sqrt(n), 4);
    CHECK_Z(square - sum * sum, 144, 144 * sqrt(2 / n), 4);
    struct ws_arena *arena = ws_arena_create();
    if (ws_arena_catch(arena) == 0) {
        const struct ws_evidence_summary s = ws_evidence_summarise(given, 0, arena);
        CHECK(s.n_distinct > 9000 && s.n_distinct < 10000);
    }
    ws_arena_destroy(arena);
    ws_result_destroy(r);
}

// Whatever draws are drawn anew, they have the very bits of the run's own, here kept in full; correlated inputs and
// tails among them.
static void check_drawn_anew(const char *design, const char *rng) {
    enum { GROUPS = 2, DRAWS = GROUPS * WS_GROUP }; // as many as are kept in memory
    static const char text[] = CONJUGATE "correlations: [{between: [a, g], spearman: 0.5}]\n";
    struct ws_error error = {0};
    ws_result *r = run_how(text, (struct how){design, rng, NULL, 3, DRAWS, DRAWS}, &error);
    if (!CHECK(r != NULL))
        return;
    const struct ws_result *given = r->posterior;
    size_t n = given->n_kept, different = 0;
    CHECK_INT(n, 100000);
    for (size_t i = 0; i < n; i++) {
        uint64_t address = given->kept_addresses[i], replicate = address % WS_GROUP / WS_RUN;
        uint64_t at =
            r->replicates == 1 ? address : replicate * GROUPS * WS_RUN + address / WS_GROUP * WS_RUN + address % WS_RUN;
        for (size_t k = 0; k < r->study->n_inputs; k++)
            different += given->kept_inputs[k * n + i] != r->kept_inputs[k * DRAWS + at];
        for (size_t k = 0; k < r->study->n_outputs; k++)
            different += given->kept_outputs[k * n + i] != r->kept_outputs[k * DRAWS + at];
    }
    CHECK_INT(different, 0);
    ws_result_destroy(r);
}

static void test_drawn_anew_bit_by_bit(void) {
    check_drawn_anew("mc", NULL);
    check_drawn_anew("lhs", NULL);
    check_drawn_anew("sobol", NULL);
    check_drawn_anew("mc", "mt19937");
}

// Where few draws have all the weight, each comes up as often as its weight says.
static void test_heavy_draws_come_often(void) {
    ws_result *r = run("wattspan: 1\n"
                       "inputs: {u: {unit: '1', prior: {normal: {mean: 0, sd: 1}}}}\n"
                       "outputs: {y: {unit: '1', formula: u}}\n"
                       "evidence: {far: {quantity: u, unit: '1', observed: {normal: {mean: 3, sd: 0.2}}}}\n",
                       "mc");
    if (!r)
        return;
    const struct ws_result *given = r->posterior;
    struct ws_estimate e = {NAN, NAN};
    double mean = 0;
    ws_result_mean(given, "y", &e, NULL);
    CHECK_Z(e.value, 3 / 1.04, e.se, 4);
    for (size_t i = 0; i < given->n_kept; i++)
        mean += given->kept_outputs[i] / (double)given->n_kept;
    CHECK_Z(mean, e.value, 0.2 / sqrt((double)given->n_kept), 4); // the draws stand for the run, whatever it is worth
    ws_result_destroy(r);
}

// ---- the same bits ----

static void check_same(const ws_result *a, const ws_result *b) {
    for (size_t s = 0; s < a->replicates * a->n_slots; s++) {
        struct ws_tally *x = &a->posterior->tallies[s], *y = &b->posterior->tallies[s];
        CHECK_INT(x->sketch.total, y->sketch.total);
        CHECK_INT(x->weighing->squares.total, y->weighing->squares.total);
        CHECK_INT(x->sketch.n_pages, y->sketch.n_pages);
        for (size_t p = 0; p < x->sketch.n_pages && p < y->sketch.n_pages; p++) {
            CHECK_INT(x->sketch.pages[p].octave, y->sketch.pages[p].octave);
            CHECK(memcmp(x->sketch.pages[p].counts, y->sketch.pages[p].counts, WS_BINS_PER_OCTAVE * sizeof(int64_t)) ==
                  0);
            CHECK(memcmp(x->weighing->squares.pages[p].counts, y->weighing->squares.pages[p].counts,
                         WS_BINS_PER_OCTAVE * sizeof(int64_t)) == 0);
        }
        for (int k = 0; k < 4; k++) {
            ws_exact_normalise(&x->moments.sum[k]);
            ws_exact_normalise(&y->moments.sum[k]);
            ws_exact_normalise(&x->weighing->square[k]);
            ws_exact_normalise(&y->weighing->square[k]);
            CHECK(memcmp(x->moments.sum[k].limb, y->moments.sum[k].limb, sizeof x->moments.sum[k].limb) == 0);
            CHECK(memcmp(x->weighing->square[k].limb, y->weighing->square[k].limb, sizeof x->moments.sum[k].limb) == 0);
        }
        CHECK(x->moments.minimum == y->moments.minimum && x->moments.maximum == y->moments.maximum);
    }
    CHECK_INT(a->posterior->n_kept, b->posterior->n_kept);
    size_t bytes = a->posterior->n_kept * sizeof(double);
    CHECK(memcmp(a->posterior->kept_addresses, b->posterior->kept_addresses, bytes) == 0);
    CHECK(memcmp(a->posterior->kept_outputs, b->posterior->kept_outputs, bytes * a->study->n_outputs) == 0);
    CHECK(memcmp(a->posterior->kept_inputs, b->posterior->kept_inputs, bytes * a->study->n_inputs) == 0);
}

static void check_bits(const char *study, const char *design, const char *rng) {
    static const char *const others[] = {"avx2", "avx512"}; // as far as the machine has them
    struct ws_error error = {0};
    ws_result *one = run_how(study, (struct how){design, rng, "baseline", 1, 400000, 0}, &error);
    ws_result *many = run_how(study, (struct how){design, rng, NULL, 5, 400000, 0}, &error);
    if (CHECK(one && many))
        check_same(one, many);
    for (size_t i = 0; i < 2; i++) {
        ws_result *other = run_how(study, (struct how){design, rng, others[i], 3, 400000, 0}, &error);
        if (one && other)
            check_same(one, other);
        ws_result_destroy(other);
    }
    ws_result_destroy(one);
    ws_result_destroy(many);
}

static void test_same_bits_for_any_threads(void) {
    check_bits(CONJUGATE, "mc", NULL);
    check_bits(CONJUGATE, "sobol", NULL);
    check_bits(CONJUGATE, "mc", "mt19937");
    check_bits(FEW_RULED_OUT, "mc", NULL);
}

// Groups in three parts: the later ones first, the last ones counted by themselves.
static void test_same_bits_in_parts(void) {
    struct ws_error error = {0};
    const struct ws_options options = {.draws = 400000, .seed = 11, .threads = 2};
    ws_result *whole = run_how(CONJUGATE, (struct how){.draws = 400000}, &error), *parts = NULL;
    ws_study *study = NULL;
    struct ws_arena *arena = ws_arena_create();
    struct ws_plan *plan;
    if (ws_arena_catch(arena) == 0 && whole &&
        CHECK_INT(ws_study_parse("study.yaml", CONJUGATE, strlen(CONJUGATE), NULL, NULL, &study, &error), 0) &&
        CHECK_INT(ws_plan_create(study, &options, arena, &plan, &error), 0)) {
        parts = ws_engine_start(plan, &options, arena);
        ws_result *rest = ws_engine_start(plan, &options, arena);
        CHECK_INT(ws_engine_draw_groups(plan, &options, parts, 3, 4, &error), 0);
        CHECK_INT(ws_engine_draw_groups(plan, &options, parts, 0, 3, &error), 0);
        CHECK_INT(ws_engine_draw_groups(plan, &options, rest, 4, ws_plan_groups(plan), &error), 0);
        CHECK_INT(ws_result_merge(parts, rest), 0);
        CHECK_INT(ws_engine_finish(plan, parts, arena, &error), 0);
        check_same(whole, parts);
    }
    ws_arena_destroy(arena);
    ws_study_destroy(study);
    ws_result_destroy(whole);
}

static void test_read_back(void) {
    char path[64];
    struct ws_error error = {0};
    ws_result *found = NULL, *wanted = run_how(CONJUGATE, (struct how){.design = "lhs", .draws = 200000}, &error);
    snprintf(path, sizeof path, "/tmp/wattspan-evidence-%ld.h5", (long)getpid());
    if (CHECK(wanted != NULL) && CHECK_INT(ws_result_save(wanted, path, 0, &error), 0) &&
        CHECK_INT(ws_result_load(path, &found, &error), 0)) {
        check_same(wanted, found);
        struct ws_evidence_report a = {0}, b = {0};
        ws_result_evidence(wanted, &a, NULL);
        ws_result_evidence(found, &b, NULL);
        CHECK(a.ess == b.ess && a.pareto_k == b.pareto_k && a.log_evidence == b.log_evidence);
        CHECK(memcmp(wanted->kept_log_weights, found->kept_log_weights, found->n_kept * sizeof(double)) == 0);
    } else
        printf("# %s: %s\n", error.where, error.text);
    remove(path);
    ws_result_destroy(found);
    ws_result_destroy(wanted);
}

// ---- what is refused while drawing ----

static void check_fails(const char *prior, const char *fact, const char *wanted) {
    char text[500];
    struct ws_error error = {0};
    snprintf(text, sizeof text,
             "wattspan: 1\ninputs: {u: {unit: MW, prior: %s}}\noutputs: {y: {unit: MW, formula: u}}\n"
             "evidence: {meter: {quantity: u, unit: MW, %s}}\n",
             prior, fact);
    ws_result *r = run_how(text, (struct how){.draws = 2000000}, &error);
    CHECK(r == NULL);
    CHECK_INT(error.status, WS_ERROR_STUDY);
    if (!CHECK(strstr(error.text, wanted) != NULL))
        printf("# %s\n", error.text);
    ws_result_destroy(r);
}

static void test_impossible(void) {
    check_fails("{uniform: {min: 0, max: 10}}", "between: [11, 12]", "none of 2000000 draws agrees");
    check_fails("{normal: {mean: 0, sd: 1}}", "observed: {normal: {mean: 60, sd: 0.5}}", "contradict each other");
}

// ---- the tail ----

// Quantiles of generalised Pareto distributions, for which the estimate is its shape but for what its prior adds.
static void test_pareto_shape(void) {
    enum { N = 2000 };
    static double x[N];
    for (double k = -0.3; k < 1.3; k += 0.25) {
        for (size_t i = 0; i < N; i++) {
            double u = ((double)i + 0.5) / N;
            x[i] = fabs(k) < 1e-9 ? -log1p(-u) : expm1(-k * log1p(-u)) / k;
        }
        CHECK_ABS(ws_pareto_shape(x, N), (N * k + 10 * 0.5) / (N + 10), 0.02);
    }
}

int main(void) {
    RUN(test_conjugates);
    RUN(test_conjugates_lhs);
    RUN(test_conjugates_sobol);
    RUN(test_counts);
    RUN(test_evidence_along_a_correlation);
    RUN(test_evidence_and_sample_size);
    RUN(test_between);
    RUN(test_weights_alike);
    RUN(test_drawn_anew);
    RUN(test_drawn_anew_bit_by_bit);
    RUN(test_heavy_draws_come_often);
    RUN(test_same_bits_for_any_threads);
    RUN(test_same_bits_in_parts);
    RUN(test_read_back);
    RUN(test_impossible);
    RUN(test_pareto_shape);
    return tap_done();
}
