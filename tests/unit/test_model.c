// SPDX-License-Identifier: GPL-3.0-or-later
// Models in code: a study whose outputs a C function computes has the bits of the same study in formulas, in every way
// that a study is used; and what no file can hold is refused with the reason.
#include "tap.h"

#include <unistd.h>

#include "wattspan.h"

#define INPUTS \
    "wattspan: 1\ntitle: T\ninputs:\n" \
    "  way: {prior: {choice: {short: 1, long: 2}}}\n" \
    "  hours: {unit: h, prior: {given: way, short: 10 to 20, long: {uniform: {min: 20, max: 50}}}}\n" \
    "  power: {unit: W, prior: 600 to 900}\n  pue: {unit: 1, prior: 1.25}\n  unused: {unit: 1, prior: 1 to 2}\n"
#define REST \
    "  twice: {unit: kWh, formula: 'select(way, short = 1, long = 2) * energy'}\n" \
    "evidence:\n  met: {quantity: energy, unit: kWh, observed: {normal: {mean: 20, sd: 6}}}\n"

static const char in_formulas[] = INPUTS "outputs:\n"
                                         "  energy: {unit: kWh, formula: '(hours * power) * 1e-3 [kWh/h/W] * pue'}\n"
                                         "  heat: {unit: W, formula: 'max(power, 700 [W])', by: way}\n" REST;
static const char in_code[] = INPUTS "model: as formulas\noutputs:\n  energy: {unit: kWh}\n"
                                     "  heat: {unit: W, by: way}\n" REST;
enum { WAY, HOURS, POWER, PUE };

struct trouble {
    long calls, fails_at; // 0: never
    double nan_above;     // of power; 0: none
};

static int compute(void *user, size_t n, const double *const *inputs, double *const *outputs) {
    struct trouble *trouble = user;
    if (trouble && __atomic_add_fetch(&trouble->calls, 1, __ATOMIC_RELAXED) == trouble->fails_at)
        return 7;
    for (size_t k = 0; k < n; k++) {
        double power = inputs[POWER][k];
        outputs[0][k] = inputs[HOURS][k] * power * 1e-3 * inputs[PUE][k];
        outputs[1][k] = power > 700 ? power : 700;
        if (trouble && trouble->nan_above > 0 && power > trouble->nan_above)
            outputs[0][k] = (double)NAN;
    }
    return 0;
}

static const struct ws_study_options by_code = {.model = compute};

static ws_study *parse(const char *text, const struct ws_study_options *options, struct ws_error *error) {
    ws_study *study = NULL;
    if (ws_study_parse("model.yaml", text, strlen(text), options, NULL, &study, error))
        printf("# %s: %s\n", error->where, error->text);
    return study;
}

static ws_result *run(const char *text, const struct ws_study_options *options, struct ws_options o, int sensitivity) {
    struct ws_error error = {0};
    ws_result *result = NULL;
    ws_study *study = parse(text, options, &error);
    if (!CHECK(study != NULL))
        return NULL;
    int status = sensitivity ? ws_sensitivity(study, &o, NULL, &result, &error) : ws_run(study, &o, &result, &error);
    CHECK_INT(status, WS_OK);
    CHECK_STR(error.text, "");
    ws_study_destroy(study);
    return result;
}

// All of a result as text: the wide table, with every statistic's digits as JSON has them.
static char *report(const ws_result *result) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    const struct ws_report_options options = {.format = WS_FORMAT_CSV, .wide = 1};
    CHECK_INT(ws_report_result(result, &options, out, NULL), WS_OK);
    fclose(out);
    return text;
}

static void same_estimates(const ws_result *a, const ws_result *b) {
    static const char *const outputs[] = {"energy", "heat", "twice"};
    for (size_t i = 0; i < 3; i++) {
        struct ws_estimate x, y;
        for (int p = 1; p < 20; p++)
            CHECK(!ws_result_quantile(a, outputs[i], p / 20.0, &x, NULL) &&
                  !ws_result_quantile(b, outputs[i], p / 20.0, &y, NULL) && x.value == y.value && x.se == y.se);
        CHECK(!ws_result_mean(a, outputs[i], &x, NULL) && !ws_result_mean(b, outputs[i], &y, NULL) &&
              x.value == y.value && x.se == y.se);
    }
}

static void test_code_gives_the_bits_of_formulas(void) {
    static const char *const designs[] = {"mc", "lhs", "sobol"};
    for (size_t d = 0; d < 3; d++) {
        ws_result *a = run(in_formulas, NULL, (struct ws_options){.draws = 200000, .design = designs[d]}, 0);
        ws_result *b = run(in_code, &by_code, (struct ws_options){.draws = 200000, .design = designs[d]}, 0);
        if (CHECK(a && b)) {
            same_estimates(a, b);
            same_estimates(ws_result_posterior(a), ws_result_posterior(b));
            char *x = report(a), *y = report(b);
            CHECK_STR(y, x);
            free(x);
            free(y);
        }
        ws_result_destroy(a);
        ws_result_destroy(b);
    }
}

static void test_threads_do_not_matter(void) {
    ws_result *a = run(in_code, &by_code, (struct ws_options){.draws = 300000, .threads = 1}, 0);
    ws_result *b = run(in_code, &by_code, (struct ws_options){.draws = 300000, .threads = 5}, 0);
    if (CHECK(a && b))
        same_estimates(a, b);
    ws_result_destroy(a);
    ws_result_destroy(b);
}

static void test_sensitivity_is_that_of_formulas(void) {
    static const char *const inputs[] = {"way", "hours", "power", "unused"};
    ws_result *a = run(in_formulas, NULL, (struct ws_options){.draws = 65536}, 1);
    ws_result *b = run(in_code, &by_code, (struct ws_options){.draws = 65536}, 1);
    for (size_t i = 0; CHECK(a && b) && i < 4; i++)
        for (int share = WS_SHARE_FIRST_ORDER; share <= WS_SHARE_SHAPLEY; share++) {
            struct ws_estimate x, y;
            CHECK_INT(ws_result_share(a, "energy", inputs[i], share, &x, NULL), WS_OK);
            CHECK_INT(ws_result_share(b, "energy", inputs[i], share, &y, NULL), WS_OK);
            CHECK(x.value == y.value && x.se == y.se);
        }
    ws_result_destroy(a);
    ws_result_destroy(b);
}

static void test_conditions_are_asked_of_code(void) {
    static const char *const asked[] = {"energy > 20 [kWh]"};
    const struct ws_study_options formulas = {.probabilities = asked, .n_probabilities = 1},
                                  code = {.probabilities = asked, .n_probabilities = 1, .model = compute};
    ws_result *a = run(in_formulas, &formulas, (struct ws_options){.draws = 100000}, 0);
    ws_result *b = run(in_code, &code, (struct ws_options){.draws = 100000}, 0);
    struct ws_estimate x, y, z;
    if (CHECK(a && b) && CHECK(!ws_result_mean(a, "energy_gt_20_kWh", &x, NULL)) &&
        CHECK(!ws_result_mean(b, "energy_gt_20_kWh", &y, NULL))) {
        CHECK(x.value == y.value && x.value > 0.1 && x.value < 0.9);
        CHECK_INT(ws_result_probability(b, "energy", 20, &z, NULL), WS_OK);
        CHECK_ABS(z.value, 1 - y.value, 1e-3);
    }
    ws_result_destroy(a);
    ws_result_destroy(b);
}

static char path[] = "/tmp/wattspan-model-XXXXXX";

static void explain(const ws_result *result, char **text) {
    size_t size = 0;
    FILE *out = open_memstream(text, &size);
    struct ws_error error = {0};
    CHECK_INT(ws_report_explain(result, "twice > 40 [kWh]", NULL, out, &error), WS_OK);
    CHECK_STR(error.text, "");
    fclose(out);
}

// Read, reported and explained everywhere; run again only where the function is.
static void test_files_hold_all_but_the_code(void) {
    struct ws_error error = {0};
    ws_result *made = run(in_code, &by_code, (struct ws_options){.draws = 100000, .history = "test"}, 0), *read = NULL;
    if (!CHECK(made != NULL) || !CHECK_INT(ws_result_save(made, path, 0, &error), WS_OK) ||
        !CHECK_INT(ws_result_load(path, &read, &error), WS_OK)) {
        printf("# %s\n", error.text);
        return;
    }
    char *texts[4] = {report(made), report(read)};
    CHECK_STR(texts[1], texts[0]);
    explain(made, &texts[2]);
    explain(read, &texts[3]);
    CHECK_STR(texts[3], texts[2]);
    ws_result *formulas = run(in_formulas, NULL, (struct ws_options){.draws = 100000}, 0);
    char *wanted = NULL;
    explain(formulas, &wanted);
    CHECK_STR(texts[2], wanted);
    ws_study *study = NULL;
    CHECK_INT(ws_study_load(path, NULL, NULL, &study, &error), WS_ERROR_STUDY);
    CHECK(strstr(error.text, "the model of this study is code ('as formulas'), which no file holds") != NULL);
    CHECK_INT(ws_study_load(path, &by_code, NULL, &study, NULL), WS_OK);
    ws_result *again = NULL;
    if (CHECK(study != NULL) && CHECK_INT(ws_run(study, NULL, &again, NULL), WS_OK))
        same_estimates(made, again);
    ws_result_destroy(again);
    ws_study_destroy(study);
    ws_result_destroy(made);
    ws_result_destroy(read);
    ws_result_destroy(formulas);
    for (size_t i = 0; i < 4; i++)
        free(texts[i]);
    free(wanted);
}

static void test_a_model_that_fails_ends_the_run(void) {
    static const long fails_at[] = {1, 9, 200, 396}; // in the pilot, while drawing, among the draws kept
    for (size_t i = 0; i < sizeof fails_at / sizeof *fails_at; i++)
        for (int sensitivity = 0; sensitivity < 2; sensitivity++) {
            struct trouble trouble = {.fails_at = fails_at[i]};
            const struct ws_study_options options = {.model = compute, .model_user = &trouble};
            const struct ws_options o = {.draws = sensitivity ? 65536 : 200000, .keep = 10000, .threads = 2};
            struct ws_error error = {0};
            ws_study *study = parse(in_code, &options, &error);
            ws_result *result = NULL;
            int status = !CHECK(study != NULL) ? 0
                         : sensitivity         ? ws_sensitivity(study, &o, NULL, &result, &error)
                                               : ws_run(study, &o, &result, &error);
            CHECK_INT(status, WS_ERROR_MODEL);
            CHECK(strstr(error.text, "model function") != NULL && result == NULL);
            ws_study_destroy(study);
        }
}

static void test_draws_without_a_number_are_invalid(void) {
    struct trouble trouble = {.nan_above = 850};
    const struct ws_study_options options = {.model = compute, .model_user = &trouble};
    const char *text = INPUTS "model: m\noutputs:\n  energy: {unit: kWh}\n  heat: {unit: W}\n"
                              "  above: {unit: 1, formula: 'power > 850 [W]'}\n";
    ws_result *result = run(text, &options, (struct ws_options){.draws = 100000}, 0);
    struct ws_estimate above;
    if (!CHECK(result != NULL) || !CHECK_INT(ws_result_mean(result, "above", &above, NULL), WS_OK))
        return;
    char *csv = report(result), count[64];
    snprintf(count, sizeof count, ",%.0f,", above.value * 100000); // n_invalid among the row's counts
    size_t before = strcspn(csv, "\n");
    while (csv[before] && strncmp(csv + before, "\noutput,energy,", 15) != 0)
        before += 1 + strcspn(csv + before + 1, "\n");
    CHECK(above.value > 0.001 && strstr(csv + before, count) != NULL);
    free(csv);
    ws_result_destroy(result);
}

static void test_what_cannot_be_is_refused(void) {
    struct ws_error error = {0};
    ws_study *study = NULL;
    CHECK_INT(ws_study_parse("x", in_code, strlen(in_code), NULL, NULL, &study, &error), WS_ERROR_STUDY);
    CHECK_STR(error.where, "x:9:1");
    error.status = 0;
    CHECK_INT(ws_study_parse("x", in_formulas, strlen(in_formulas), &by_code, NULL, &study, &error), WS_ERROR_STUDY);
    CHECK(strstr(error.text, "no 'model'") != NULL);
    static const char *const settings[] = {"energy=3"};
    const struct ws_study_options set = {.model = compute, .settings = settings, .n_settings = 1};
    error.status = 0;
    CHECK_INT(ws_study_parse("x", in_code, strlen(in_code), &set, NULL, &study, &error), WS_ERROR_STUDY);
    CHECK(strstr(error.text, "computed by the study's model") != NULL);
    study = parse(in_code, &by_code, &error);
    error.status = 0;
    CHECK_INT(ws_run_shard(study, NULL, 1, 2, path, 0, &error), WS_ERROR_USAGE);
    CHECK(strstr(error.text, "model is code") != NULL);
    ws_study_destroy(study);
}

// ---- the builder ----

static int square(void *user, size_t n, const double *const *inputs, double *const *outputs) {
    (void)user;
    for (size_t k = 0; k < n; k++)
        outputs[0][k] = inputs[0][k] * inputs[0][k];
    return 0;
}

static void test_a_study_is_built(void) {
    struct ws_error error = {0};
    ws_builder *b = NULL;
    ws_study *study = NULL;
    ws_result *result = NULL;
    CHECK_INT(ws_builder_create("squares", &b, &error), WS_OK);
    CHECK_INT(ws_builder_set(b, "title", "Squares: a test # of texts", &error), WS_OK);
    CHECK_INT(ws_builder_add_input(b, "x", "m", "{uniform: {min: 0, max: 1}}", &error), WS_OK);
    CHECK_INT(ws_builder_add_output(b, "area", "m2", NULL, &error), WS_OK);
    CHECK_INT(ws_builder_add_output(b, "half", "cm2", "area / 2", &error), WS_OK);
    CHECK_INT(ws_builder_set(b, "outputs.area.published", "{value: 0.25, note: 'a: b'}", &error), WS_OK);
    CHECK_INT(ws_builder_set(b, "inputs.x.description", "null: it is", &error), WS_OK);
    CHECK_INT(ws_builder_set(b, "run.draws", "1e5", &error), WS_OK);
    CHECK_INT(ws_builder_set_model(b, "square 1", square, NULL, &error), WS_OK);
    CHECK_INT(ws_study_build(b, NULL, NULL, &study, &error), WS_OK);
    CHECK_STR(error.text, "");
    if (study) {
        CHECK_STR(ws_study_title(study), "Squares: a test # of texts");
        CHECK_STR(ws_study_name(study), "squares");
        CHECK_INT(ws_run(study, NULL, &result, &error), WS_OK);
    }
    struct ws_estimate mean, half;
    if (CHECK(result != NULL) && CHECK(!ws_result_mean(result, "area", &mean, NULL))) {
        CHECK_Z(mean.value, 1.0 / 3, mean.se, 4.5);
        CHECK_INT(ws_result_draws(result), 100000);
        CHECK(!ws_result_mean(result, "half", &half, NULL));
        CHECK_ABS(half.value, mean.value * 5000, 1e-9);
    }
    ws_result_destroy(result);
    ws_study_destroy(study);
    ws_builder_destroy(b);
    ws_builder_destroy(NULL);
}

static void test_the_builder_refuses(void) {
    static const struct {
        const char *path, *value, *text;
        int status;
    } bad[] = {
        {"inputs.x.priro", "1", "unknown key 'priro'; did you mean 'prior'?", WS_ERROR_STUDY},
        {"inputs.x", "1", "is no place in a study", WS_ERROR_USAGE},
        {"", "1", "is no place", WS_ERROR_USAGE},
        {"a.b.c.d", "1", "is no place", WS_ERROR_USAGE},
        {"inputs..x", "1", "is no place", WS_ERROR_USAGE},
        {"titel", "1", "did you mean 'title'?", WS_ERROR_STUDY},
        {"inputs.x.prior", "{uniform: {min: 0", "", WS_ERROR_STUDY},
        {"title", "\x01", "", WS_ERROR_STUDY},
    };
    struct ws_error error = {0};
    ws_builder *b = NULL;
    ws_study *study = NULL;
    CHECK_INT(ws_builder_create("x", &b, &error), WS_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        error = (struct ws_error){0};
        CHECK_INT(ws_builder_set(b, bad[i].path, bad[i].value, &error), bad[i].status);
        CHECK(error.text[0] && strstr(error.text, bad[i].text) != NULL);
        if (!strstr(error.text, bad[i].text))
            printf("# %s: %s\n", error.where, error.text);
    }
    error = (struct ws_error){0};
    CHECK_INT(ws_builder_add_input(b, "2x", "1", "1", &error), WS_ERROR_USAGE);
    error = (struct ws_error){0};
    CHECK_INT(ws_builder_add_input(b, "x", "1", "5 to 3", &error), WS_OK); // the study says what is wrong with it
    CHECK_INT(ws_builder_add_output(b, "y", "1", NULL, &error), WS_OK);
    CHECK_INT(ws_study_build(b, NULL, NULL, &study, &error), WS_ERROR_STUDY);
    CHECK(strstr(error.text, "input 'x'") != NULL || strstr(error.text, "'formula' is missing") != NULL);
    error = (struct ws_error){0};
    CHECK_INT(ws_builder_add_input(b, "x", "1", "3 to 5", &error), WS_OK); // mended, and built again
    CHECK_INT(ws_builder_set_model(b, "m", square, NULL, &error), WS_OK);
    CHECK_INT(ws_study_build(b, NULL, NULL, &study, &error), WS_OK);
    ws_study_destroy(study);
    ws_builder_destroy(b);
}

int main(void) {
    int fd = mkstemp(path);
    if (fd >= 0)
        close(fd);
    unlink(path);
    RUN(test_code_gives_the_bits_of_formulas);
    RUN(test_threads_do_not_matter);
    RUN(test_sensitivity_is_that_of_formulas);
    RUN(test_conditions_are_asked_of_code);
    RUN(test_files_hold_all_but_the_code);
    RUN(test_a_model_that_fails_ends_the_run);
    RUN(test_draws_without_a_number_are_invalid);
    RUN(test_what_cannot_be_is_refused);
    RUN(test_a_study_is_built);
    RUN(test_the_builder_refuses);
    unlink(path);
    return tap_done();
}
