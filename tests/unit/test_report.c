// SPDX-License-Identifier: GPL-3.0-or-later
// Reports of a result made by hand: layout within 80 columns, numbers, units, JSON, CSV.
#include "tap.h"

#include "base/text.h"
#include "prior/prior.h"
#include "report/csv.h"
#include "report/facts.h"
#include "report/json.h"
#include "report/layout.h"
#include "report/number.h"
#include "report/report.h"

enum {
    HOURS,
    METHOD,
    TDP,
    ENERGY,
    COST,
    AGREE,
    N_QUANTITIES,
    N_INPUTS = 3,
    N_OUTPUTS = 3,
    N_DRAWS = 20000,
    N_KEPT = 500
};

// ---- a study and its result ----

static const struct ws_prior_part alternatives[] = {{.label = "rented", .weight = 0.25},
                                                    {.label = "owned", .weight = 0.75}};

static const struct ws_prior *make_prior(struct ws_arena *arena, const char *family, const char *text, double a,
                                         double b) {
    struct ws_prior *prior = WS_NEW(arena, struct ws_prior);
    *prior = (struct ws_prior){
        .family = ws_family_find(family), .p = {a, b}, .scale = 1, .low = -INFINITY, .high = INFINITY, .text = text};
    if (strcmp(family, "choice") == 0) {
        prior->parts = alternatives;
        prior->n_parts = 2;
    }
    return prior;
}

static struct ws_quantity make_quantity(const char *name, int role, const char *unit, double point) {
    return (struct ws_quantity){.name = name,
                                .role = role,
                                .description = "",
                                .source = "",
                                .basis = "assumed",
                                .note = "",
                                .boundary = "",
                                .currency = "",
                                .gwp_basis = "",
                                .price_year = NAN,
                                .unit = {unit, unit, 1, "", strcmp(unit, "USD") == 0},
                                .given = SIZE_MAX,
                                .formula_text = role == WS_INPUT ? NULL : "some formula",
                                .point = point,
                                .has_point = !isnan(point)};
}

static struct ws_claim make_claim(size_t output, double value, const char *unit, const char *source) {
    return (struct ws_claim){.output = output,
                             .value = value,
                             .p5 = NAN,
                             .p95 = NAN,
                             .value_as_published = value,
                             .unit = {unit, unit, 1, "", 0},
                             .source = source,
                             .basis = "",
                             .note = "",
                             .bound = "",
                             .key = source};
}

static const struct ws_expression *make_expression(struct ws_arena *arena, int kind, size_t quantity, int operation) {
    struct ws_expression *e = WS_NEW(arena, struct ws_expression);
    *e = (struct ws_expression){.kind = kind, .quantity = quantity, .operation = operation, .number = 1};
    if (kind == WS_APPLY) {
        e->n_operands = 2;
        e->operand[0] = e->operand[1] = make_expression(arena, WS_QUANTITY, HOURS, 0);
    }
    return e;
}

static struct ws_study *make_study(struct ws_arena *arena) {
    static const size_t order[] = {HOURS, METHOD, TDP, ENERGY, COST, AGREE}, by[] = {METHOD};
    struct ws_study *study = WS_NEW(arena, struct ws_study);
    struct ws_quantity *q = WS_NEW_ARRAY(arena, struct ws_quantity, N_QUANTITIES);
    q[HOURS] = make_quantity("gpu_hours", WS_INPUT, "h", 246e6);
    q[METHOD] = make_quantity("method", WS_INPUT, "1", 1);
    q[TDP] = make_quantity("tdp", WS_INPUT, "W", 700);
    q[ENERGY] = make_quantity("energy", WS_OUTPUT, "GWh", 314.61);
    q[COST] = make_quantity("cost", WS_OUTPUT, "USD", NAN);
    q[AGREE] = make_quantity("agree", WS_OUTPUT, "1", NAN);
    q[HOURS].prior = make_prior(arena, "lognormal", "120e6 to 500e6", 19.3, 0.43);
    q[METHOD].prior = make_prior(arena, "choice", "{choice: {rented: 1, owned: 3}}", 0, 0);
    q[TDP].prior = make_prior(arena, "constant", "700", 700, 0);
    q[ENERGY].formula = make_expression(arena, WS_QUANTITY, HOURS, 0);
    q[COST].formula = make_expression(arena, WS_QUANTITY, HOURS, 0);
    q[AGREE].formula = make_expression(arena, WS_APPLY, 0, WS_OP_LE);
    q[ENERGY].boundary = "final run, at the meter";
    q[COST].by = by;
    q[COST].n_by = 1;
    *study = (struct ws_study){.arena = arena,
                               .name = "test",
                               .title = "Training \"Grök\" 4",
                               .description = "",
                               .quantities = q,
                               .n_quantities = N_QUANTITIES,
                               .n_inputs = N_INPUTS,
                               .n_outputs = N_OUTPUTS,
                               .order = order,
                               .n_claims = 3,
                               .claims = WS_NEW_ARRAY(arena, struct ws_claim, 3),
                               .flattened = ""};
    study->claims[0] = make_claim(ENERGY, 310, "GWh", "epoch");
    study->claims[1] = make_claim(COST, 490e6, "USD", "epoch");
    study->claims[2] = make_claim(COST, 1e6, "USD", "press, later");
    return study;
}

// What draw i of a slot is: lognormal shapes, and 7 % ones for `agree`.
static double draw_of(size_t slot, int i) {
    double u = (i + 0.5) / N_DRAWS, z = log(u / (1 - u)) / 1.7; // a logistic stands in for the normal
    return slot == ENERGY - ENERGY ? 296 * exp(0.43 * z) : slot == AGREE - ENERGY ? u > 0.93 : 500e6 * exp(0.5 * z);
}

static void fill_tally(struct ws_tally *tally, size_t slot) {
    double pivot = draw_of(slot, N_DRAWS / 2), scale = 1 / (1 + fabs(pivot));
    scale = exp2(floor(log2(scale)));
    ws_moments_init(&tally->moments, pivot, scale);
    ws_sketch_init(&tally->sketch, 0);
    struct ws_moment_lanes lanes = {.minimum = INFINITY, .maximum = -INFINITY};
    for (int i = 0; i < N_DRAWS; i++) {
        double x = draw_of(slot, i), d = (x - pivot) * scale, power = 1;
        for (int k = 0; k < 4; k++)
            lanes.sum[k][i % WS_LANES] += power *= d;
        lanes.minimum = fmin(lanes.minimum, x);
        lanes.maximum = fmax(lanes.maximum, x);
        lanes.count++;
        CHECK(ws_sketch_add(&tally->sketch, x, 1) == 0);
    }
    ws_moments_add(&tally->moments, &lanes);
}

static struct ws_result *make_result(struct ws_arena *arena) {
    struct ws_result *r = WS_NEW(arena, struct ws_result);
    *r = (struct ws_result){.arena = arena,
                            .study = make_study(arena),
                            .draws = N_DRAWS,
                            .seed = 1,
                            .rng = "philox4x32",
                            .design = "mc",
                            .replicates = 1,
                            .n_cases = 1,
                            .n_slots = 5,
                            .n_kept = N_KEPT,
                            .provenance = {"0.1.0", "", "", "", "", 1.5, 2, 1, "avx2"}};
    r->slots = WS_NEW_ARRAY(arena, struct ws_result_slot, r->n_slots);
    for (size_t s = 0; s < N_OUTPUTS; s++)
        r->slots[s] = (struct ws_result_slot){ENERGY + s, SIZE_MAX, 0};
    for (size_t k = 0; k < 2; k++)
        r->slots[N_OUTPUTS + k] = (struct ws_result_slot){COST, METHOD, k};
    ws_result_make_tallies(r, arena);
    for (size_t s = 0; s < r->n_slots; s++)
        fill_tally(&r->tallies[s], s);
    CHECK(ws_result_pool(r, arena, NULL) == 0);
    r->inputs = WS_NEW_ARRAY(arena, struct ws_input_table, N_INPUTS);
    r->kept_inputs = WS_NEW_ARRAY(arena, double, N_INPUTS *N_KEPT);
    r->kept_outputs = WS_NEW_ARRAY(arena, double, N_OUTPUTS *N_KEPT);
    for (size_t i = 0; i < N_KEPT; i++) { // energy follows the hours, cost falls with them, agree knows nothing of them
        r->kept_inputs[i] = r->kept_outputs[i] = (double)i;
        r->kept_outputs[N_KEPT + i] = -(double)i;
        r->kept_outputs[2 * N_KEPT + i] = (double)(i * 7919 % N_KEPT);
        r->kept_inputs[N_KEPT + i] = (double)(i * 104729 % 2);
    }
    return r;
}

// ---- what was printed ----

static char *print_result(const struct ws_result *result, struct ws_report_options options) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    CHECK_INT(ws_report_write_result(result, &options, result->arena, out, NULL), 0);
    fclose(out);
    return text;
}

// The widest line, in terminal columns.
static size_t widest(const char *text) {
    size_t most = 0;
    while (*text) {
        char line[4096];
        size_t n = strcspn(text, "\n");
        snprintf(line, sizeof line, "%.*s", (int)n, text);
        most = ws_text_width(line) > most ? ws_text_width(line) : most;
        CHECK(n == 0 || text[n - 1] != ' ');
        text += n + (text[n] == '\n');
    }
    return most;
}

// The line that begins with `start`, in a static buffer; "" where there is none.
static const char *line_of(const char *text, const char *start) {
    static char line[4096];
    for (const char *s = text; s && *s; s = strchr(s, '\n'), s += s != NULL)
        if (strncmp(s, start, strlen(start)) == 0) {
            snprintf(line, sizeof line, "%.*s", (int)strcspn(s, "\n"), s);
            return line;
        }
    return "";
}

static void show(const char *text) { // as TAP comments, for people who look at the log
    for (size_t length; *text; text += length + (text[length] == '\n')) {
        length = strcspn(text, "\n");
        fputs("# ", stdout);
        fwrite(text, 1, length, stdout);
        fputc('\n', stdout);
    }
}

// ---- tests ----

static void test_numbers(void) {
    struct ws_arena *a = ws_arena_create();
    CHECK_STR(ws_number(a, 296.31, 0, 3), "296");
    CHECK_INT(ws_number_digits(138, 296, 634), 3);
    CHECK_INT(ws_number_digits(2026.48, 2027.3, 2028.12), 6);
    CHECK_STR(ws_number(a, 2026.4783, 0, ws_number_digits(2026.48, 2027.3, 2028.12)), "2026.48");
    CHECK_INT(ws_number_digits(1, 1, 1), 3);
    CHECK_INT(ws_number_digits(-1, 0, 1), 3);
    CHECK_STR(ws_number(a, 1163.2, 0, 3), "1160");
    CHECK_STR(ws_number(a, 999.7, 0, 3), "1000");
    CHECK_STR(ws_number(a, 0.99996, 0, 3), "1.00");
    CHECK_STR(ws_number(a, 4.0621, 0, 3), "4.06");
    CHECK_STR(ws_number(a, -0.012345, 0, 3), "-0.0123");
    CHECK_STR(ws_number(a, 1.5e-7, 0, 3), "1.50e-7");
    CHECK_STR(ws_number(a, 2.5e9, 0, 2), "2.5e9");
    CHECK_STR(ws_number(a, 296.31, 3, 3), "300");
    CHECK_STR(ws_number(a, 4.0621, 0.05, 3), "4.1");
    CHECK_STR(ws_number(a, 5, 100, 3), "5");
    CHECK_STR(ws_number(a, NAN, 0, 3), "-");
    CHECK_STR(ws_number(a, 0, 0, 3), "0");
    CHECK_STR(ws_number(a, -INFINITY, 0, 3), "-inf");
    CHECK_STR(ws_number_short(a, 310, 5), "310");
    CHECK_STR(ws_number_short(a, 314.61, 5), "314.61");
    CHECK_STR(ws_number_short(a, 700000, 5), "700000");
    CHECK_STR(ws_number_count(a, 10000000), "10,000,000");
    CHECK_STR(ws_number_count(a, 999), "999");
    CHECK_STR(ws_number_percentile(a, 0.531, 0), "p53.1");
    CHECK_STR(ws_number_percentile(a, 0.9973, 0), "p99.73");
    CHECK_STR(ws_number_percentile(a, 0, 0), "<p0.01");
    CHECK_STR(ws_number_percentile(a, 1, 0), ">p99.99");
    CHECK_STR(ws_number_bytes(a, 3.5 * 1024 * 1024), "3.5 MiB");
    ws_arena_destroy(a);
}

static const char *scaled(struct ws_arena *arena, const char *label, double to_base, int is_money, double value) {
    struct ws_unit unit = {label, label, to_base, "", is_money};
    struct ws_scale scale = ws_scale_choose(&unit, value, arena);
    return ws_arena_printf(arena, "%s %s", ws_number(arena, ws_scale_apply(scale, value), 0, 3), scale.unit);
}

static void test_scales(void) {
    struct ws_arena *a = ws_arena_create();
    CHECK_STR(scaled(a, "GWh", 3.6e12, 0, 296), "296 GWh");
    CHECK_STR(scaled(a, "GWh", 3.6e12, 0, 0.296), "296 MWh");
    CHECK_STR(scaled(a, "kWh", 3.6e6, 0, 2.96e8), "296 GWh");
    CHECK_STR(scaled(a, "USD", 1, 1, 521e6), "521 MUSD");
    CHECK_STR(scaled(a, "MUSD", 1e6, 1, 5210), "5210 MUSD");
    CHECK_STR(scaled(a, "MUSD", 1e6, 1, 0.0521), "52.1 kUSD");
    CHECK_STR(scaled(a, "USD/h", 1. / 3600, 1, 2.5), "2.50 USD/h");
    CHECK_STR(scaled(a, "kg", 1, 0, 154e6), "154 kt");
    CHECK_STR(scaled(a, "h", 3600, 0, 246e6), "246 1e6 h");
    CHECK_STR(scaled(a, "1", 1, 0, 0.3), "0.300 ");
    CHECK_STR(scaled(a, "1", 1, 0, 3e-7), "300 1e-9");
    CHECK_STR(scaled(a, "GWh", 3.6e12, 0, 0), "0 GWh");
    ws_arena_destroy(a);
}

static void test_table(void) {
    struct ws_arena *arena = ws_arena_create();
    struct ws_result *result = make_result(arena);
    char *text = print_result(result, (struct ws_report_options){0});
    show(text);
    CHECK(widest(text) <= 80);
    CHECK(strstr(line_of(text, "energy "), "GWh"));
    CHECK(strstr(line_of(text, "energy "), " 310 "));
    CHECK(strstr(line_of(text, "energy "), " 315 "));
    CHECK(strstr(line_of(text, "energy "), " 296 "));
    CHECK(strstr(line_of(text, "cost "), "MUSD"));
    CHECK(strstr(line_of(text, "  rented "), "500"));
    CHECK(strstr(line_of(text, "  press, later "), " 1 "));
    CHECK(strstr(line_of(text, "agree "), "true in 7.0 % of draws ± 0.2 %"));
    CHECK(strstr(text, "gpu_hours +1.0") && strstr(text, "gpu_hours -1.0"));
    CHECK(strstr(text, "final run, at the meter"));
    CHECK(strstr(text, "Monte Carlo error <= "));
    CHECK(!strstr(text, "\033"));
    free(text);
    text = print_result(result, (struct ws_report_options){.wide = 1, .color = 1});
    show(text);
    CHECK(strstr(text, "█") && strstr(text, "mean se") && strstr(text, "\033[1m"));
    free(text);
    ws_arena_destroy(arena);
}

// Names as long as the language lets them be, and units as long: nothing is lost, nothing runs over 80 columns.
static void test_wide_names(void) {
    struct ws_arena *arena = ws_arena_create();
    struct ws_result *result = make_result(arena);
    char name[129];
    memset(name, 'x', 128);
    name[128] = '\0';
    result->study->quantities[ENERGY].name = name;
    result->study->quantities[COST].name = "a_rather_long_name_for_an_output_of_a_study";
    result->study->quantities[COST].unit = (struct ws_unit){"kg m2 s-3 USD-1 gpu-1", "", 1, "x", 0};
    char *text = print_result(result, (struct ws_report_options){0});
    show(text);
    CHECK(widest(text) <= 80);
    size_t crosses = 0;
    for (const char *s = text; (s = strchr(s, 'x')); s++)
        crosses++;
    // In table, drivers, warning and boundaries; two in philox4x32.
    CHECK_INT(crosses, 4 * 128 + strlen("philox4x32") - 8);
    CHECK(strstr(text, "a_rather_long_name_for_an_output_of_a_study  1e6 kg m2 s-3 USD-1 gpu-1\n"));
    free(text);
    ws_arena_destroy(arena);
}

static void test_invalid(void) {
    struct ws_arena *arena = ws_arena_create();
    struct ws_result *result = make_result(arena);
    result->tallies[0].moments.invalid = 12;
    result->tallies[0].moments.first_invalid = 48123;
    char *text = print_result(result, (struct ws_report_options){0});
    CHECK(
        strstr(text, "energy: 12 of 20,012 draws are invalid (not finite) and left out; the first is\n  draw 48123\n"));
    free(text);
    ws_arena_destroy(arena);
}

static void test_json(void) {
    struct ws_arena *arena = ws_arena_create();
    struct ws_result *result = make_result(arena);
    char *text = print_result(result, (struct ws_report_options){.format = WS_FORMAT_JSON});
    CHECK(strstr(text, "\"title\": \"Training \\\"Grök\\\" 4\""));
    CHECK(strstr(text, "\"point\": 314.61"));
    CHECK(strstr(text, "\"point\": \"owned\""));
    CHECK(strstr(text, "\"point\": null"));
    CHECK(strstr(text, "\"weights\": {\"rented\": 0.25, \"owned\": 0.75}"));
    CHECK(strstr(text, "\"alternative\": \"rented\""));
    CHECK(!strstr(text, "nan") && !strstr(text, "inf\n"));
    long depth = 0;
    for (const char *s = text; *s; s++)
        depth += (*s == '{' || *s == '[') - (*s == '}' || *s == ']');
    CHECK_INT(depth, 0);
    free(text);
    ws_arena_destroy(arena);
}

static void test_csv(void) {
    struct ws_arena *arena = ws_arena_create();
    struct ws_result *result = make_result(arena);
    char *text = print_result(result, (struct ws_report_options){.format = WS_FORMAT_CSV});
    size_t lines = 0, commas = 0, commas_first = 0;
    int quoted = 0;
    for (const char *s = text; *s; s++) {
        quoted ^= *s == '"';
        commas += *s == ',' && !quoted;
        if (*s != '\n')
            continue;
        commas_first = lines++ == 0 ? commas : commas_first;
        CHECK_INT(commas, commas_first);
        commas = 0;
    }
    CHECK_INT(lines, 1 + 5 + 3);
    CHECK(strncmp(text, "kind,output,by,alternative,unit,point,mean,", 43) == 0);
    CHECK(strstr(text, ",p5,p5_se,") && strstr(text, ",p97.5,p97.5_se,"));
    CHECK(strstr(text, "\nalternative,cost,method,rented,USD,"));
    CHECK(strstr(text, ",\"press, later\","));
    free(text);
    ws_arena_destroy(arena);
}

static void test_layout(void) {
    CHECK_INT(ws_text_width("Grök"), 4);
    CHECK_INT(ws_text_width("能源"), 4);
    CHECK_INT(ws_text_width("e\u0301"), 1);
    CHECK_INT(ws_text_width("\xff\xfe"), 2);
    char *text = NULL;
    size_t size;
    struct ws_arena *arena = ws_arena_create();
    FILE *out = open_memstream(&text, &size);
    ws_print_wrapped("one two three four", 2, 9, WS_PLAIN, 0, arena, out);
    ws_print_wrapped("能源能源能源", 0, 5, WS_PLAIN, 0, arena, out);
    fclose(out);
    CHECK_STR(text, "one two\n  three\n  four\n能源\n能源\n能源\n");
    free(text);
    ws_arena_destroy(arena);
}

static void test_broken_stream(void) {
    struct ws_arena *arena = ws_arena_create();
    struct ws_result *result = make_result(arena);
    struct ws_report_options options = {.format = WS_FORMAT_JSON};
    FILE *full = fopen("/dev/full", "w");
    if (CHECK(full != NULL)) {
        CHECK_INT(ws_report_write_result(result, &options, arena, full, NULL), WS_ERROR_FILE);
        fclose(full);
    }
    ws_arena_destroy(arena);
}

static void test_lists(void) {
    static const char *const topics[] = {"families", "designs", "generators", "functions", "units"};
    struct ws_arena *arena = ws_arena_create();
    struct ws_report_options options = {0};
    for (int i = 0; i < 5; i++) {
        char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);
        CHECK_INT(ws_report_write_list(topics[i], &options, arena, out), 0);
        fclose(out);
        show(text);
        CHECK(size > 100 && widest(text) <= 80);
        if (i == 0) {
            CHECK(strstr(text, "needs df > 0, mean (else 0), scale > 0 (else 1)") != NULL);
            CHECK(strstr(text, "or by mean > 0, sd > 0; median > 0, gsd > 0") != NULL);
        }
        free(text);
    }
    CHECK_INT(ws_report_write_list("colours", &options, arena, stdout), WS_ERROR_USAGE);
    ws_arena_destroy(arena);
}

int main(void) {
    RUN(test_numbers);
    RUN(test_scales);
    RUN(test_layout);
    RUN(test_table);
    RUN(test_wide_names);
    RUN(test_invalid);
    RUN(test_json);
    RUN(test_csv);
    RUN(test_broken_stream);
    RUN(test_lists);
    return tap_done();
}
