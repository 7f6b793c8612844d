// SPDX-License-Identifier: GPL-3.0-or-later
// From files to a study: read, merge, lay the command line over it, then understand part by part. Every part goes on
// after an error, so that one pass lists them all.
#include "study/load.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "study/loader.h"
#include "study/prior_dirichlet.h"
#include "study/prior_given.h"

static const char *name_of(const char *path, struct ws_arena *arena) {
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    size_t length = dot && dot > base ? (size_t)(dot - base) : strlen(base);
    return strcmp(path, "-") == 0 || length == 0 ? "study" : ws_arena_copy_n(arena, base, length);
}

static void load_sources(struct ws_loader *loader) {
    struct ws_study *study = loader->study;
    const struct ws_node *sources = ws_node_get(loader->root, "sources");
    study->sources = WS_NEW_ARRAY(loader->arena, struct ws_study_source, sources->n_items + 1);
    for (size_t i = 0; i < sources->n_items; i++) {
        const struct ws_item *item = &sources->items[i];
        const char *subject = ws_arena_printf(loader->arena, "source '%.80s'", item->key);
        struct ws_study_source *source = &study->sources[study->n_sources++];
        *source = (struct ws_study_source){item->key, "", "", "", "", ""};
        if (item->value->kind == WS_NODE_MAP)
            ws_take_fields(loader, item->value, WS_KEYS_SOURCE, subject, item->place, source);
        else
            ws_loader_complain(loader, item->place, subject,
                               "found %s, wanted a mapping such as {title: ..., url: ...}",
                               ws_node_describe(item->value, loader->arena));
    }
}

// Leaves out the units that are refused and tries again, so that each is reported.
static void load_units(struct ws_loader *loader) {
    const struct ws_node *units = ws_node_get(loader->root, "units");
    size_t count = units ? units->n_items : 0, n = 0;
    const char **names = WS_NEW_ARRAY(loader->arena, const char *, count + 1);
    const struct ws_node **nodes = WS_NEW_ARRAY(loader->arena, const struct ws_node *, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct ws_node *node = units->items[i].value;
        if (node->kind != WS_NODE_SCALAR) {
            ws_loader_complain(loader, node->place, "", "'units' holds %s, wanted names such as gpu",
                               ws_node_describe(node, loader->arena));
            continue;
        }
        nodes[n] = node;
        names[n++] = node->text;
    }
    while (!loader->units) {
        char why[512];
        size_t bad = SIZE_MAX;
        loader->units = ws_units_create(loader->arena, names, n, &bad, why, sizeof why);
        if (loader->units)
            break;
        if (bad >= n) {
            ws_loader_complain(loader, loader->root->place, "", "%s", why);
            break;
        }
        ws_loader_complain(loader, nodes[bad]->place, "", "units: %s", why);
        n--;
        memmove(names + bad, names + bad + 1, (n - bad) * sizeof *names);
        memmove(nodes + bad, nodes + bad + 1, (n - bad) * sizeof *nodes);
    }
}

// Years since the year 0 of "2025-07-09", by days of the civil calendar; NAN for what is no date.
static double parse_date(const char *text) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day, length = 0;
    if (strlen(text) != 10 || strspn(text, "0123456789-") != 10 ||
        sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &length) != 3 || length != 10)
        return NAN;
    int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days[month - 1] + (leap && month == 2))
        return NAN;
    int before = day - 1;
    for (int m = 1; m < month; m++)
        before += days[m - 1] + (leap && m == 2);
    return year + before / (365.0 + leap);
}

static void load_released(struct ws_loader *loader) {
    struct ws_study *study = loader->study;
    const struct ws_item *released = ws_node_find(loader->root, "released");
    study->released_text = "";
    study->released = NAN;
    if (!released || ws_node_is_null(released->value) || ws_take_text(loader, released, "", &study->released_text))
        return;
    study->released = parse_date(study->released_text);
    if (isnan(study->released))
        ws_loader_complain(loader, released->value->place, "",
                           "'released' is '%.40s', wanted a date such as 2025-07-09", study->released_text);
}

static void load_top(struct ws_loader *loader) {
    struct ws_study *study = loader->study;
    const struct ws_item *title = ws_node_find(loader->root, "title"),
                         *description = ws_node_find(loader->root, "description");
    study->title = study->name;
    study->description = "";
    if (title && !ws_node_is_null(title->value))
        ws_take_text(loader, title, "", &study->title);
    if (description && !ws_node_is_null(description->value))
        ws_take_text(loader, description, "", &study->description);
    load_released(loader);
    load_sources(loader);
    load_units(loader);
}

// A model in code is not in any file: who asks for the study has to bring it.
static void load_model(struct ws_loader *loader, const struct ws_load_request *request) {
    struct ws_study *study = loader->study;
    const struct ws_item *item = ws_node_find(loader->root, "model");
    if (item && ws_take_text(loader, item, "", &study->model) == 0 && !request->compute && !request->without_model)
        ws_loader_complain(loader, item->place, "",
                           "the model of this study is code ('%.80s'), which no file holds: the program that has it "
                           "runs the study (ws_model in wattspan.h)",
                           study->model);
    if (!item && request->compute)
        ws_loader_complain(loader, loader->root->place, "",
                           "there is a model function, but the study has no 'model' that names it");
    study->compute = request->compute;
    study->compute_user = request->compute_user;
}

static void finish(struct ws_loader *loader) {
    struct ws_study *study = loader->study;
    const char *canonical = ws_flatten_yaml(loader->root, &study->flattened, loader->arena);
    ws_sha256_hex(canonical, strlen(canonical), study->sha256);
    study->merged = loader->root;
}

// Nonzero where there is something to finish.
static int load_parts(struct ws_loader *loader, const struct ws_load_request *request, struct ws_file_list *list) {
    loader->root = ws_merge_trees(list, loader->arena, loader->messages);
    if (ws_merge_settings(loader->root, request, list, loader->arena, loader->messages))
        return 0;
    ws_merge_data(loader->root, request, list, loader->arena, loader->messages);
    loader->study->data = list->data;
    loader->study->n_data = list->n_data;
    loader->study->files = list->files;
    loader->study->n_files = list->count;
    load_top(loader);
    load_model(loader, request);
    ws_load_run(loader);
    ws_load_quantities(loader);
    if (loader->study->n_quantities == 0)
        return 0;
    ws_load_givens(loader);
    ws_load_shares(loader);
    ws_load_formulas(loader);
    ws_load_samples(loader);
    ws_load_outputs(loader);
    ws_load_evidence(loader);
    ws_load_equivalents(loader);
    ws_load_correlations(loader);
    ws_load_sweep(loader);
    ws_load_questions(loader);
    return 1;
}

struct ws_study *ws_study_make(const struct ws_load_request *request, struct ws_arena *arena,
                               struct ws_messages *messages, int *file_trouble) {
    struct ws_file_list list = {0};
    struct ws_study *study = WS_NEW(arena, struct ws_study);
    struct ws_loader loader = {.arena = arena, .messages = messages, .study = study, .repair = request->repair};
    study->arena = arena;
    study->name = name_of(request->path, arena);
    size_t errors = messages->errors;
    int failed = ws_files_read(request, &list, arena, messages);
    failed = failed || !load_parts(&loader, request, &list);
    *file_trouble = list.trouble;
    if (failed || messages->errors > errors) {
        if (messages->errors > WS_STUDY_MAX_ERRORS)
            ws_complain(messages, (struct ws_place){request->path, 0, 0}, "more than %d errors: the rest is not listed",
                        (int)WS_STUDY_MAX_ERRORS);
        return NULL;
    }
    ws_load_warnings(&loader);
    finish(&loader);
    return study;
}

int ws_study_parse_unit(const struct ws_study *study, const char *text, struct ws_arena *arena, struct ws_unit *unit,
                        char *why, size_t size) {
    const struct ws_node *declared = ws_node_get(study->merged, "units");
    size_t n = declared ? declared->n_items : 0, bad;
    const char **names = WS_NEW_ARRAY(arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++)
        names[i] = declared->items[i].value->text;
    struct ws_units *units = ws_units_create(arena, names, n, &bad, why, size);
    return units ? ws_unit_parse(units, text, unit, why, size) : -1;
}
