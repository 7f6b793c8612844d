// SPDX-License-Identifier: GPL-3.0-or-later
// What there is to choose from, read from the tables that the program itself works by.
#include "report/report.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "prior/family.h"
#include "report/csv.h"
#include "report/forms.h"
#include "report/json.h"
#include "report/layout.h"
#include "sampler/sampler.h"
#include "study/load.h"

enum { N_FIELDS = 6 };

struct entry {
    // As the topic's keys name them; NULL or "" where there is nothing.
    const char *fields[N_FIELDS];
};

struct topic {
    const char *name;
    const char *keys[N_FIELDS]; // up to a NULL; the first is what the list is of, the third its summary
    struct entry *(*collect)(struct ws_arena *arena, size_t *count);
};

static const char *domain_of(int domain) {
    static const char *const texts[] = {
        [WS_ANY] = "", [WS_POSITIVE] = " > 0", [WS_NON_NEGATIVE] = " >= 0", [WS_PROBABILITY] = " in (0, 1)"};
    return texts[domain];
}

// "df > 0, mean (else 0), scale > 0 (else 1)": names, domains, and what holds for those left out.
static const char *parameters_of(const struct ws_family *family, struct ws_arena *arena) {
    struct ws_text text = {.arena = arena};
    if (family->takes)
        return family->takes;
    for (size_t i = 0; i < WS_MAX_PARAMETERS && family->parameters[i].name; i++) {
        const struct ws_parameter *parameter = &family->parameters[i];
        char fallback[32];
        ws_text_printf(&text, "%s%s%s", i ? ", " : "", parameter->name, domain_of(parameter->domain));
        if (!isnan(parameter->fallback))
            ws_text_printf(&text, " (else %s)", ws_format_double(parameter->fallback, fallback));
    }
    return text.data;
}

static const char *with_commas(const char *words, struct ws_arena *arena) {
    struct ws_text text = {.arena = arena};
    for (; *words; words++)
        ws_text_add(&text, *words == ' ' ? ", " : (char[]){*words, '\0'});
    return text.data;
}

// What can take the place of the parameters: "mean > 0, sd > 0; median > 0, gsd > 0; any two quantiles".
static const char *other_forms_of(const struct ws_family *family, struct ws_arena *arena) {
    struct ws_text text = {.arena = arena};
    for (size_t f = 0; f < WS_MAX_FORMS && family->forms[f].names[0]; f++) {
        const struct ws_form *form = &family->forms[f];
        for (size_t i = 0; i < WS_MAX_PARAMETERS && form->names[i]; i++)
            ws_text_printf(&text, "%s%s%s", i ? ", " : f ? "; " : "", form->names[i], domain_of(form->domains[i]));
    }
    if (family->from_quantiles)
        ws_text_printf(&text, "%sany two quantiles%s", family->forms[0].names[0] ? "; " : "",
                       family->beside ? ws_arena_printf(arena, " beside %s", with_commas(family->beside, arena)) : "");
    return text.data;
}

static struct entry *collect_families(struct ws_arena *arena, size_t *count) {
    const struct ws_family *families = ws_families(count);
    struct entry *entries = WS_NEW_ARRAY(arena, struct entry, *count);
    for (size_t i = 0; i < *count; i++)
        entries[i] = (struct entry){{families[i].name, families[i].aliases, families[i].summary, families[i].example,
                                     parameters_of(&families[i], arena), other_forms_of(&families[i], arena)}};
    return entries;
}

static struct entry *collect_designs(struct ws_arena *arena, size_t *count) {
    const struct ws_design *designs = ws_designs(count);
    struct entry *entries = WS_NEW_ARRAY(arena, struct entry, *count);
    for (size_t i = 0; i < *count; i++)
        entries[i] = (struct entry){{designs[i].name, NULL, designs[i].summary}};
    return entries;
}

static struct entry *collect_generators(struct ws_arena *arena, size_t *count) {
    enum { MOST = 256 };
    struct ws_generator *generators = WS_NEW_ARRAY(arena, struct ws_generator, MOST);
    *count = ws_generators(generators, MOST);
    struct entry *entries = WS_NEW_ARRAY(arena, struct entry, *count);
    for (size_t i = 0; i < *count; i++)
        entries[i] = (struct entry){{generators[i].name, generators[i].weak ? "weak" : NULL,
                                     !generators[i].type  ? "counter-based, addressed draw by draw: the default"
                                     : generators[i].weak ? "GSL's; not for serious use, kept for comparison"
                                                          : "GSL's, seeded anew for each group and stream"}};
    return entries;
}

static struct entry *collect_functions(struct ws_arena *arena, size_t *count) {
    const struct ws_function *functions = ws_functions(count);
    struct entry *entries = WS_NEW_ARRAY(arena, struct entry, *count);
    for (size_t i = 0; i < *count; i++)
        entries[i] = (struct entry){{functions[i].name, functions[i].arguments, functions[i].summary}};
    return entries;
}

static struct entry *collect_units(struct ws_arena *arena, size_t *count) {
    const struct ws_unit_row *units = ws_unit_rows(count);
    struct entry *entries = WS_NEW_ARRAY(arena, struct entry, *count);
    for (size_t i = 0; i < *count; i++)
        entries[i] = (struct entry){{units[i].symbol, units[i].name, units[i].meaning}};
    return entries;
}

static const struct topic topics[] = {
    {"families", {"family", "aliases", "summary", "example", "parameters", "instead"}, collect_families},
    {"designs", {"design", NULL, "summary"}, collect_designs},
    {"generators", {"generator", "quality", "summary"}, collect_generators},
    {"functions", {"function", "arguments", "summary"}, collect_functions},
    {"units", {"unit", "name", "meaning"}, collect_units},
};

static int is_given(const char *text) { return text && *text; }

// What has an example has a line for it, and for its other names: columns of their own would leave the summary no room.
static void write_table(const struct topic *topic, const struct entry *entries, size_t n,
                        const struct ws_report_options *options, struct ws_arena *arena, FILE *out) {
    const struct ws_grid_column three[] = {
        {topic->keys[0], WS_LEFT}, {topic->keys[1] ? topic->keys[1] : "", WS_LEFT}, {topic->keys[2], WS_WRAPPED}};
    const struct ws_grid_column two[] = {three[0], three[2]};
    int has_examples = topic->keys[3] != NULL;
    size_t n_columns = topic->keys[1] && !has_examples ? 3 : 2;
    struct ws_grid grid = {.arena = arena,
                           .columns = n_columns == 3 ? three : two,
                           .n_columns = n_columns,
                           .limit = WS_TERMINAL_COLUMNS,
                           .color = options->color};
    for (size_t i = 0; i < n; i++) {
        const char *const *fields = entries[i].fields;
        struct ws_grid_row *row = ws_grid_add(&grid, WS_PLAIN);
        row->cells[0] = fields[0];
        row->cells[1] = fields[1];
        row->cells[n_columns - 1] = fields[2];
        if (!has_examples)
            continue;
        ws_grid_add(&grid, WS_DIM)->cells[1] = is_given(fields[3]) ? fields[3] : "";
        if (is_given(fields[4]))
            ws_grid_add(&grid, WS_DIM)->cells[1] = ws_arena_printf(arena, "needs %s", fields[4]);
        if (is_given(fields[5]))
            ws_grid_add(&grid, WS_DIM)->cells[1] = ws_arena_printf(arena, "or by %s", fields[5]);
        if (is_given(fields[1]))
            ws_grid_add(&grid, WS_DIM)->cells[1] =
                ws_arena_printf(arena, "also called %s", with_commas(fields[1], arena));
    }
    ws_grid_print(&grid, out);
}

static void write_json(const struct topic *topic, const struct entry *entries, size_t n, FILE *out) {
    struct ws_json json = {.out = out};
    ws_json_list(&json, NULL);
    for (size_t i = 0; i < n; i++) {
        ws_json_object(&json, NULL);
        for (size_t k = 0; k < N_FIELDS; k++)
            if (topic->keys[k])
                ws_json_note(&json, topic->keys[k], entries[i].fields[k]);
        ws_json_end(&json);
    }
    ws_json_end(&json);
}

static void write_csv(const struct topic *topic, const struct entry *entries, size_t n, FILE *out) {
    struct ws_csv csv = {.out = out};
    for (size_t i = 0; i <= n; i++) {
        const char *const *fields = i == 0 ? topic->keys : entries[i - 1].fields;
        for (size_t k = 0; k < N_FIELDS; k++)
            if (topic->keys[k])
                ws_csv_text(&csv, fields[k]);
        ws_csv_end(&csv);
    }
}

int ws_report_write_list(const char *name, const struct ws_report_options *options, struct ws_arena *arena, FILE *out) {
    for (size_t t = 0; t < sizeof topics / sizeof *topics; t++) {
        if (strcmp(topics[t].name, name) != 0)
            continue;
        size_t n;
        const struct entry *entries = topics[t].collect(arena, &n);
        if (options->format == WS_FORMAT_JSON)
            write_json(&topics[t], entries, n, out);
        else if (options->format == WS_FORMAT_CSV)
            write_csv(&topics[t], entries, n, out);
        else
            write_table(&topics[t], entries, n, options, arena, out);
        return ws_report_flush(out);
    }
    return WS_ERROR_USAGE;
}
