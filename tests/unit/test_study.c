// SPDX-License-Identifier: GPL-3.0-or-later
// Studies that load: what they are understood as, how files merge, what --set does, and that the flattened text is the
// same study. Those that must not load are in tests/bad-studies.
#include "base/error.h"
#include "base/text.h"
#include "study/load.h"
#include "study/node.h"
#include "tap.h"

#define HEAD "wattspan: 1\n"

// ---- studies in memory ----

struct text_file {
    const char *name, *text;
};

struct loaded {
    struct ws_arena *arena;
    struct ws_messages messages;
    struct ws_study *study;
    int trouble;
};

static int read_memory(void *user, const char *path, struct ws_arena *arena, char **text, size_t *length,
                       struct ws_error *err) {
    for (const struct text_file *file = user; file->name; file++)
        if (strcmp(file->name, path) == 0) {
            *length = strlen(file->text);
            *text = ws_arena_copy_n(arena, file->text, *length);
            return 0;
        }
    return ws_error_set(err, WS_ERROR_FILE, path, "no such file");
}

static int read_disk(void *user, const char *path, struct ws_arena *arena, char **text, size_t *length,
                     struct ws_error *err) {
    (void)user;
    FILE *file = fopen(path, "rb");
    if (!file)
        return ws_error_set(err, WS_ERROR_FILE, path, "no such file");
    static char buf[1 << 20];
    *length = fread(buf, 1, sizeof buf, file);
    *text = ws_arena_copy_n(arena, buf, *length);
    fclose(file);
    return 0;
}

static struct loaded load_request(const struct ws_load_request *request) {
    struct loaded l = {.arena = ws_arena_create()};
    l.messages.arena = l.arena;
    l.study = ws_study_make(request, l.arena, &l.messages, &l.trouble);
    return l;
}

// The last of the files, which end at a NULL name.
static struct loaded load_files(const struct text_file *files, const char *const *settings, size_t n_settings) {
    const struct text_file *last = files;
    while (last[1].name)
        last++;
    struct ws_load_request request = {.path = last->name, .settings = settings, .n_settings = n_settings};
    request.reader.read = read_memory;
    request.reader.user = (void *)(uintptr_t)files; // read_memory does not write to it
    return load_request(&request);
}

static struct loaded load_text(const char *text) {
    const struct text_file files[] = {{"study.yaml", text}, {NULL, NULL}};
    return load_files(files, NULL, 0);
}

static void show(const struct loaded *l) {
    for (size_t i = 0; i < l->messages.count; i++) {
        char place[256];
        const struct ws_message *m = &l->messages.items[i];
        printf("# %s: %s\n", ws_place_format(m->place, place, sizeof place), m->text);
    }
}

static void done(struct loaded *l) { ws_arena_destroy(l->arena); }

static int has_loaded(const struct loaded *l) {
    if (CHECK(l->study != NULL))
        return 1;
    show(l);
    return 0;
}

static const struct ws_quantity *find(const struct loaded *l, const char *name) {
    static const struct ws_quantity none = {
        .name = "", .formula_text = "", .note = "", .source = "", .unit = {.label = ""}};
    size_t index = ws_study_find(l->study, name);
    return CHECK(index != SIZE_MAX) ? &l->study->quantities[index] : &none;
}

static int says(const struct loaded *l, const char *text) {
    for (size_t i = 0; i < l->messages.count; i++)
        if (strstr(l->messages.items[i].text, text))
            return 1;
    show(l);
    return 0;
}

// ---- what is understood ----

static const char whole[] =
    HEAD "title: All of it\n"
         "units: [gpu]\n"
         "sources:\n"
         "  epoch: {title: T, date: 2025-09-12, url: \"https://x\"}\n"
         "inputs:\n"
         "  hours: {unit: h, prior: 100 to 400, point: 246, source: epoch, basis: quoted}\n"
         "  tdp: {unit: W, prior: 700, shared: true}\n"
         "  pue: {unit: 1, prior: {lognormal: {p5: 0.08, p95: 0.4}, shift: 1, truncate: [1, null]}, point: 1.2}\n"
         "  change: {unit: kW, prior: -2 to 3}\n"
         "  way:\n"
         "    prior: {choice: {left: 1, \"2\": 3}}\n"
         "    point: 2\n"
         "derived:\n"
         "  it_power: {formula: \"tdp * select(way, left: 1, 2: 2)\"}\n"
         "outputs:\n"
         "  energy:\n"
         "    unit: kWh\n"
         "    formula: >-\n"
         "      hours * it_power\n"
         "      * pue\n"
         "    by: way\n"
         "    scale: log\n"
         "    boundary: at the meter\n"
         "    published:\n"
         "      - 310\n"
         "      - {value: 0.3, p5: 0.2, p95: 0.4, unit: MWh, source: epoch, note: n}\n"
         "  swing: {unit: W, formula: change}\n"
         "run: {draws: 10e6, seed: 0, design: mc, keep: all, tolerance: 0.1%, quantiles: [p99.9, 0.005, p0.5]}\n";

static void test_quantities(void) {
    struct loaded l = load_text(whole);
    if (!has_loaded(&l)) {
        done(&l);
        return;
    }
    CHECK_INT(l.study->n_inputs, 5);
    CHECK_INT(l.study->n_derived, 1);
    CHECK_INT(l.study->n_outputs, 2);
    CHECK_STR(l.study->quantities[0].name, "hours");
    CHECK_STR(l.study->quantities[6].name, "energy");
    const struct ws_quantity *hours = find(&l, "hours"), *pue = find(&l, "pue"), *way = find(&l, "way");
    CHECK_STR(hours->prior->family->name, "lognormal");
    CHECK_STR(hours->prior->text, "100 to 400");
    CHECK_REL(ws_prior_cdf(hours->prior, 100), 0.05, 1e-12);
    CHECK_STR(hours->source, "epoch");
    CHECK(hours->stream == ws_hash64("input:hours"));
    CHECK_STR(find(&l, "change")->prior->family->name, "normal");
    CHECK_STR(find(&l, "tdp")->prior->family->name, "constant");
    CHECK(find(&l, "tdp")->shared && find(&l, "tdp")->has_point);
    CHECK_ABS(pue->prior->shift, 1, 0);
    CHECK_ABS(pue->prior->low, 1, 0);
    CHECK(pue->prior->high == INFINITY);
    CHECK_INT(way->prior->n_parts, 2);
    CHECK_STR(way->prior->parts[1].label, "2");
    CHECK_ABS(way->prior->parts[1].weight, 0.75, 0);
    CHECK_ABS(way->point, 1, 0);
    CHECK_STR(way->unit.label, "1");
    done(&l);
}

static void test_outputs(void) {
    struct loaded l = load_text(whole);
    if (!has_loaded(&l)) {
        done(&l);
        return;
    }
    const struct ws_quantity *energy = find(&l, "energy"), *it_power = find(&l, "it_power");
    CHECK_STR(energy->formula_text, "hours * it_power * pue");
    CHECK_REL(energy->point, 246 * 0.7 * 2 * 1.2, 1e-14);
    CHECK(!find(&l, "swing")->has_point && isnan(find(&l, "swing")->point));
    CHECK_INT(energy->n_by, 1);
    CHECK_STR(l.study->quantities[energy->by[0]].name, "way");
    CHECK(energy->log_scale);
    CHECK_STR(energy->boundary, "at the meter");
    CHECK(it_power->unit_inferred && it_power->unit.label);
    CHECK(it_power->rank < energy->rank);
    CHECK_INT(l.study->n_claims, 2);
    CHECK_ABS(l.study->claims[0].value, 310, 0);
    CHECK(isnan(l.study->claims[0].p5));
    CHECK_ABS(l.study->claims[1].value, 300, 1e-12);
    CHECK_ABS(l.study->claims[1].value_as_published, 0.3, 0);
    CHECK_ABS(l.study->claims[1].p95, 400, 1e-12);
    CHECK_STR(l.study->claims[1].source, "epoch");
    done(&l);
}

static void test_run(void) {
    struct loaded l = load_text(whole);
    if (!has_loaded(&l)) {
        done(&l);
        return;
    }
    const struct ws_run_defaults *run = &l.study->run;
    CHECK_INT(run->draws, 10000000);
    CHECK(run->has_seed && run->seed == 0);
    CHECK(run->has_keep && run->keep == UINT64_MAX);
    CHECK_ABS(run->tolerance, 0.001, 0);
    CHECK_STR(run->design, "mc");
    CHECK_INT(l.study->n_quantiles, 2);
    CHECK_ABS(l.study->quantiles[0], 0.005, 0);
    CHECK_ABS(l.study->quantiles[1], 0.999, 0);
    CHECK_STR(l.study->name, "study");
    CHECK_STR(l.study->title, "All of it");
    CHECK_STR(l.study->sources[0].date, "2025-09-12");
    CHECK_INT(l.study->n_files, 1);
    done(&l);
}

#define SMALL(prior) HEAD "inputs:\n  a: {unit: h, prior: " prior "}\noutputs:\n  b: {unit: h, formula: a}\n"

// Every spelling of one and the same normal and lognormal prior.
static void test_prior_spellings(void) {
    static const char *const same[] = {SMALL("{normal: {mean: 2, sd: 3}}"), SMALL("{gaussian: {mu: 2, sigma: 3}}"),
                                       SMALL("{\"normal\": {\"mean\": 2.0, \"sd\": 0.3e1}}")};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        struct loaded l = load_text(same[i]);
        if (has_loaded(&l)) {
            CHECK_ABS(find(&l, "a")->prior->p[0], 2, 0);
            CHECK_ABS(find(&l, "a")->prior->p[1], 3, 0);
        }
        done(&l);
    }
    struct loaded l = load_text(SMALL("{lognormal: {median: 10, gsd: 2}}"));
    if (has_loaded(&l))
        CHECK_REL(ws_prior_quantile(find(&l, "a")->prior, 0.5, 0), 10.0, 1e-14);
    done(&l);
    l = load_text(SMALL("{uniform: {p10: 1, p90: 9}}"));
    if (has_loaded(&l))
        CHECK_REL(ws_prior_quantile(find(&l, "a")->prior, 0.5, 0), 5.0, 1e-14);
    done(&l);
    l = load_text(SMALL("\"1e2 to 4e2\""));
    if (has_loaded(&l))
        CHECK_STR(find(&l, "a")->prior->text, "1e2 to 4e2");
    done(&l);
    l = load_text(SMALL("{constant: 5}"));
    if (has_loaded(&l))
        CHECK_ABS(find(&l, "a")->point, 5, 0);
    done(&l);
}

// Line ends, byte order mark, JSON, aliases: the same study.
static void test_text_forms(void) {
    static const char *const forms[] = {
        SMALL("1 to 2"),
        "\xEF\xBB\xBF" SMALL("1 to 2"),
        "wattspan: 1\r\ninputs:\r\n  a: {unit: h, prior: 1 to 2}\r\noutputs:\r\n  b: {unit: h, formula: a}\r\n",
        ("{\"wattspan\": 1,\n\t\"inputs\": {\"a\": {\"unit\": \"h\", \"prior\": \"1 to 2\"}},\n"
         "\t\"outputs\": {\"b\": {\"unit\": \"h\", \"formula\": \"a\"}}}"),
        "---\nwattspan: 1\ninputs:\n  a: {unit: &u h, prior: 1 to 2}\noutputs:\n  b: {unit: *u, formula: a}\n...\n",
    };
    char first[65] = "";
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct loaded l = load_text(forms[i]);
        if (has_loaded(&l)) {
            if (i == 0)
                strcpy(first, l.study->sha256);
            CHECK_STR(l.study->sha256, first);
        }
        done(&l);
    }
}

// Bytes that no editor writes, where a comment cannot say what is expected.
static void test_no_text(void) {
    static const struct {
        const char *text;
        size_t length;
        const char *wanted;
    } cases[] = {{"", 0, "empty"},
                 {"\n \n", 3, "empty"},
                 {"\xFF\xFEw\0a\0", 6, "UTF-16"},
                 {"null\n", 5, "empty"},
                 {"\x89HDF\r\n\x1a\n", 8, "UTF-8"},
                 {"a: \xED\xA0\x80", 6, "UTF-8"},
                 {"\0\0\0\0", 4, "zero byte"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ws_load_request request = {.path = "x.yaml", .text = cases[i].text, .length = cases[i].length};
        struct loaded l = load_request(&request);
        CHECK(l.study == NULL && says(&l, cases[i].wanted));
        done(&l);
    }
}

// ---- merging ----

static const char parent[] =
    HEAD "title: Parent\n"
         "units: [gpu]\n"
         "sources: {s: {title: S, note: old}, t: {title: T}}\n"
         "inputs:\n"
         "  a: {unit: h, prior: 1 to 2, point: 1.5, source: s, note: why, basis: read, description: A}\n"
         "  b: {unit: kW, prior: 3, note: kept}\n"
         "  c: {unit: 1, prior: 4}\n"
         "derived:\n"
         "  d: {unit: kWh, formula: a * b, note: old}\n"
         "outputs:\n"
         "  e: {unit: kWh, formula: d * c, published: [{value: 1, source: s}, {value: 2, source: t}], note: N}\n"
         "run: {draws: 100, seed: 7}\n";

static void test_merge(void) {
    const struct text_file files[] = {{"lib/parent.yaml", parent},
                                      {"lib/child.yaml",
                                       HEAD "extends: parent.yaml\n"
                                            "units: [rack, gpu]\n"
                                            "sources: {s: {note: new}}\n"
                                            "inputs:\n"
                                            "  a: {prior: 5 to 6, basis: assumed}\n"
                                            "  b: {point: 3}\n"
                                            "  z: {unit: h, prior: 1}\n"
                                            "outputs:\n"
                                            "  e: {published: [{value: 9, source: t}, {value: 3, name: new}]}\n"
                                            "run: {seed: null, keep: 5}\n"},
                                      {NULL, NULL}};
    struct loaded l = load_files(files, NULL, 0);
    if (!has_loaded(&l)) {
        done(&l);
        return;
    }
    const struct ws_quantity *a = find(&l, "a");
    CHECK_STR(a->prior->text, "5 to 6");
    CHECK_STR(a->source, "");
    CHECK_STR(a->note, "");
    CHECK_STR(a->basis, "assumed");
    CHECK_STR(a->description, "A");
    CHECK_STR(a->unit.label, "h");
    CHECK(!a->has_point);
    CHECK_STR(find(&l, "b")->note, "kept");
    CHECK_STR(l.study->quantities[0].name, "a"); // the parent's order first
    CHECK_STR(l.study->quantities[3].name, "z");
    CHECK_STR(l.study->sources[0].title, "S");
    CHECK_STR(l.study->sources[0].note, "new");
    CHECK_STR(l.study->title, "Parent");
    CHECK_INT(l.study->n_claims, 3);
    CHECK_ABS(l.study->claims[0].value, 1, 0);
    CHECK_ABS(l.study->claims[1].value, 9, 0);
    CHECK_STR(l.study->claims[2].key, "new");
    CHECK(l.study->run.draws == 100 && !l.study->run.has_seed && l.study->run.keep == 5);
    CHECK_INT(l.study->n_files, 2);
    CHECK_STR(l.study->files[0].name, "lib/parent.yaml");
    CHECK_STR(l.study->files[1].name, "lib/child.yaml");
    CHECK(strstr(l.study->flattened, "# lib/parent.yaml:6") && strstr(l.study->flattened, "# lib/child.yaml:6"));
    done(&l);
}

// A name moves between sections, and null removes.
static void test_merge_moves(void) {
    const struct text_file files[] = {{"parent.yaml", parent},
                                      {"child.yaml", HEAD "extends: [./parent.yaml]\n"
                                                          "inputs:\n"
                                                          "  c: null\n"
                                                          "  d: {prior: 7}\n"
                                                          "derived:\n"
                                                          "  b: {formula: d / a}\n"
                                                          "outputs:\n"
                                                          "  e: {formula: d, published: null, note: null}\n"},
                                      {NULL, NULL}};
    struct loaded l = load_files(files, NULL, 0);
    if (!has_loaded(&l)) {
        done(&l);
        return;
    }
    const struct ws_quantity *b = find(&l, "b"), *d = find(&l, "d");
    CHECK_INT(ws_study_find(l.study, "c"), SIZE_MAX);
    CHECK_INT(b->role, WS_DERIVED);
    CHECK_STR(b->note, "");
    CHECK(!b->prior);
    CHECK_INT(d->role, WS_INPUT);
    CHECK_STR(d->unit.label, "kWh");
    CHECK_STR(d->formula_text, "");
    CHECK_INT(l.study->n_claims, 0);
    CHECK_STR(find(&l, "e")->note, "");
    done(&l);
}

// A common parent of two parents is laid down once, below both.
static void test_merge_diamond(void) {
    const struct text_file files[] = {{"base.yaml", SMALL("1")},
                                      {"one.yaml", HEAD "extends: base.yaml\ninputs: {a: {prior: 2}}\n"},
                                      {"two.yaml", "extends: base.yaml\ninputs: {x: {unit: h, prior: 3}}\n"},
                                      {"all.yaml", HEAD "extends: [one.yaml, two.yaml]\n"},
                                      {NULL, NULL}};
    struct loaded l = load_files(files, NULL, 0);
    if (has_loaded(&l)) {
        CHECK_ABS(find(&l, "a")->point, 2, 0);
        CHECK_ABS(find(&l, "x")->point, 3, 0);
        CHECK_INT(l.study->n_files, 4);
    }
    done(&l);
}

// ---- the command line ----

static void test_settings(void) {
    const struct text_file files[] = {{"study.yaml", whole}, {NULL, NULL}};
    static const char *const settings[] = {"hours=200", "it_power={uniform: {min: 600, max: 800}}", "way=left",
                                           "pue=1.1 to 1.3"};
    struct loaded l = load_files(files, settings, 4);
    if (!has_loaded(&l)) {
        done(&l);
        return;
    }
    const struct ws_quantity *it_power = find(&l, "it_power"), *way = find(&l, "way");
    CHECK_ABS(find(&l, "hours")->point, 200, 0);
    CHECK_STR(find(&l, "hours")->source, "");
    CHECK_INT(it_power->role, WS_INPUT);
    CHECK_STR(it_power->prior->text, "{uniform: {min: 600, max: 800}}");
    CHECK(it_power->unit.label && !*it_power->formula_text && !it_power->formula);
    CHECK_INT(way->prior->n_parts, 2);
    CHECK_ABS(way->prior->parts[0].weight, 1, 0);
    CHECK_ABS(way->prior->parts[1].weight, 0, 0);
    CHECK(!find(&l, "pue")->has_point);
    CHECK_INT(l.study->n_files, 2);
    CHECK_STR(l.study->files[0].name, "<command line>");
    CHECK_STR(l.study->files[1].name, "study.yaml");
    done(&l);
}

// An output that is fixed is no output any more; the unit that a cut formula had stays.
static void test_settings_cut(void) {
    const struct text_file files[] = {{"p.yaml", parent}, {NULL, NULL}};
    static const char *const settings[] = {"d=5", "d=6"};
    struct loaded l = load_files(files, settings, 2);
    if (has_loaded(&l)) {
        CHECK_ABS(find(&l, "d")->point, 6, 0);
        CHECK_ABS(find(&l, "e")->point, 24, 1e-12);
        CHECK_INT(l.study->n_derived, 0);
    }
    done(&l);
    static const char *const gone[] = {"e=5"};
    l = load_files(files, gone, 1);
    CHECK(l.study == NULL && says(&l, "no outputs"));
    done(&l);
}

// ---- flattening ----

static void check_round_trip(const struct loaded *l, const char *text, const char *name) {
    struct ws_load_request request = {.path = name, .text = text, .length = strlen(text)};
    struct loaded again = load_request(&request);
    if (has_loaded(&again)) {
        CHECK_STR(again.study->sha256, l->study->sha256);
        CHECK_INT(again.study->n_quantities, l->study->n_quantities);
        CHECK_INT(again.study->n_claims, l->study->n_claims);
        for (size_t i = 0; i < l->study->n_quantities; i++) {
            const struct ws_quantity *x = &l->study->quantities[i], *y = &again.study->quantities[i];
            CHECK_STR(y->name, x->name);
            CHECK_STR(y->unit.label, x->unit.label);
            CHECK_STR(y->formula_text, x->formula_text);
            CHECK_STR(y->note, x->note);
            CHECK(x->has_point == y->has_point && (!x->has_point || x->point == y->point));
            CHECK(!x->prior || ws_prior_equal(x->prior, y->prior));
        }
    }
    done(&again);
}

static void test_flatten(void) {
    const struct text_file files[] = {{"study.yaml", whole}, {NULL, NULL}};
    static const char *const settings[] = {"it_power=3 to 5", "way=2"};
    for (size_t n = 0; n <= 2; n++) {
        struct loaded l = load_files(files, settings, n);
        if (has_loaded(&l)) {
            check_round_trip(&l, l.study->flattened, "flat.yaml");
            check_round_trip(&l, ws_study_flatten_json(l.study, l.arena), "flat.json");
        }
        done(&l);
    }
}

// Texts that must be quoted to read back as they are.
static void test_flatten_quoting(void) {
    static const char *const notes[] = {"yes", "null",  "1e5",    "~",           "a: b", "a #b", "'x'",
                                        "- x", "[x]",   "{x}",    "*x",          "&x",   "!x",   "%x",
                                        "@x",  " x ",   "x\\ty",  "two\\nlines", "\\\"", "ü, é", "\\u2028",
                                        "-",   "--- x", "a\\\\b", "?",           "x:",   ", x"};
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++) {
        char text[512];
        snprintf(text, sizeof text,
                 HEAD "inputs:\n  a: {unit: h, prior: 1, note: \"%s\"}\noutputs:\n  b: {unit: h, formula: a}\n",
                 notes[i]);
        struct loaded l = load_text(text);
        if (has_loaded(&l)) {
            check_round_trip(&l, l.study->flattened, "flat.yaml");
            check_round_trip(&l, ws_study_flatten_json(l.study, l.arena), "flat.json");
        }
        done(&l);
    }
}

// ---- warnings, limits, the schema ----

static void test_warnings(void) {
    struct loaded l = load_text(HEAD "inputs:\n"
                                     "  share: {unit: 1, prior: {uniform: {min: 0, max: 1}}}\n"
                                     "  safe: {unit: 1, prior: 1 to 2}\n"
                                     "  p22: {unit: USD, prior: 5, price_year: 2022}\n"
                                     "  p24: {unit: USD, prior: 5, price_year: 2024}\n"
                                     "  edge: {unit: 1, prior: {uniform: {min: 1, max: 2}}, point: 3}\n"
                                     "derived:\n  both: {formula: 2 * share}\n"
                                     "outputs:\n  cost: {unit: USD, formula: (p22 + p24) / both / safe}\n");
    if (has_loaded(&l)) {
        CHECK_INT(l.messages.count, 3);
        CHECK(says(&l, "divides by 'share'"));
        CHECK(says(&l, "mixes prices of 2022 ('p22') and 2024 ('p24')"));
        CHECK(says(&l, "the point 3 lies outside the prior"));
    }
    done(&l);
}

// A chain of 5,000 formulas written backwards: the order is found without recursion.
static void test_long_chain(void) {
    enum { LINKS = 5000 };
    struct ws_arena *arena = ws_arena_create();
    struct ws_text text = {.arena = arena};
    ws_text_add(&text, HEAD "inputs:\n  x0: {unit: 1, prior: 1}\nderived:\n");
    for (int i = LINKS; i > 0; i--)
        ws_text_printf(&text, "  x%d: {formula: x%d + 1}\n", i, i - 1);
    ws_text_printf(&text, "outputs:\n  y: {unit: 1, formula: x%d}\n", LINKS);
    struct loaded l = load_text(text.data);
    if (has_loaded(&l))
        CHECK_ABS(find(&l, "y")->point, LINKS + 1, 0);
    done(&l);
    ws_arena_destroy(arena);
}

static void test_schema(void) {
    struct ws_arena *arena = ws_arena_create();
    struct ws_messages messages = {.arena = arena};
    const char *schema = ws_study_schema(arena);
    const struct ws_node *root =
        ws_node_parse(schema, strlen(schema), (struct ws_place){"schema.json", 1, 1}, 0, arena, &messages);
    if (CHECK(root != NULL)) {
        CHECK(ws_node_get(ws_node_get(root, "properties"), "outputs") != NULL);
        CHECK(ws_node_get(ws_node_get(root, "$defs"), "prior") != NULL);
        CHECK(ws_node_get(ws_node_get(root, "properties"), "sweep") != NULL);
    }
    ws_arena_destroy(arena);
}

// The published chain closes: 314.61 GWh, 154.16 kt, 754.46 ML.
static void test_grok(void) {
    const char *root = getenv("WS_SOURCE_ROOT");
    char path[4096];
    snprintf(path, sizeof path, "%s/priors/grok-4.yaml", root ? root : ".");
    struct ws_load_request request = {.path = path, .reader = {.read = read_disk}};
    struct loaded l = load_request(&request);
    if (has_loaded(&l)) {
        CHECK_INT(l.messages.count, 0);
        show(&l);
        CHECK_REL(find(&l, "energy")->point, 314.6094, 1e-7);
        CHECK_REL(find(&l, "co2e_operational")->point, 154.158606, 1e-7);
        CHECK_REL(find(&l, "water")->point, 754.463, 1e-6);
        check_round_trip(&l, l.study->flattened, "flat.yaml");
    }
    done(&l);
}

int main(void) {
    RUN(test_quantities);
    RUN(test_outputs);
    RUN(test_run);
    RUN(test_prior_spellings);
    RUN(test_text_forms);
    RUN(test_no_text);
    RUN(test_merge);
    RUN(test_merge_moves);
    RUN(test_merge_diamond);
    RUN(test_settings);
    RUN(test_settings_cut);
    RUN(test_flatten);
    RUN(test_flatten_quoting);
    RUN(test_warnings);
    RUN(test_long_chain);
    RUN(test_schema);
    RUN(test_grok);
    return tap_done();
}
