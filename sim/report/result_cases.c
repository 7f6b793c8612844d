// SPDX-License-Identifier: GPL-3.0-or-later
// Many cases of a sweep for people: the extremes of each output, or one line for each case, sorted and picked.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report/facts.h"
#include "report/forms.h"
#include "report/layout.h"
#include "report/markup.h"
#include "report/number.h"
#include "study/load.h"
#include "study/units.h"

enum { FULL_CASES = 8, LINES = 40, MOST_OUTPUTS = 4, QUANTILES = 3 };
static const double levels[QUANTILES] = {0.05, 0.5, 0.95};
enum { MEDIAN = 1 };

// What cases are sorted and picked by: an output's median, or a swept quantity.
struct measure {
    size_t output;                   // SIZE_MAX: none
    const struct ws_case_axis *axis; // NULL: none
};

struct lister {
    const struct ws_result *result;
    const struct ws_report_options *options;
    struct ws_arena *arena;
    FILE *out;
    double *quantiles; // [case][output][level]
    struct measure sort, where;
    int descending;
    const char *comparison; // of `where`: "<", "<=", ">", ">=", "=", "!="
    const char *wanted;     // its right side
    double number;          // the same as a number, or NAN
};

// ---- asking ----

static double quantile(const struct lister *l, size_t c, size_t output, int level) {
    return l->quantiles[(c * l->result->study->n_outputs + output) * QUANTILES + (size_t)level];
}

static void find_quantiles(struct lister *l) {
    const struct ws_result *r = l->result;
    size_t n = r->study->n_outputs;
    l->quantiles = WS_NEW_ARRAY(l->arena, double, r->n_cases *n *QUANTILES + 1);
    for (size_t o = 0; o < n; o++) // one output after the other, as its tallies are opened
        for (size_t c = 0; c < r->n_cases; c++) {
            const struct ws_tally *t = ws_result_tally(r, c, o);
            for (size_t k = 0; k < QUANTILES; k++)
                l->quantiles[(c * n + o) * QUANTILES + k] =
                    ws_sketch_quantile(&t->sketch, levels[k], t->moments.minimum, t->moments.maximum);
        }
}

static int find_measure(const struct ws_result *r, const char *name, struct measure *measure) {
    *measure = (struct measure){SIZE_MAX, NULL};
    for (size_t a = 0; a < r->n_axes; a++)
        if (strcmp(r->axes[a].name, name) == 0)
            measure->axis = &r->axes[a];
    for (size_t o = 0; o < r->study->n_outputs; o++)
        if (strcmp(ws_output_at(r->study, o)->name, name) == 0)
            measure->output = o;
    return measure->axis || measure->output != SIZE_MAX;
}

static int refuse_name(const struct lister *l, const char *option, const char *name, struct ws_error *err) {
    struct ws_text known = {.arena = l->arena};
    for (size_t a = 0; a < l->result->n_axes; a++)
        ws_text_printf(&known, "%s%s", a ? ", " : "", l->result->axes[a].name);
    for (size_t o = 0; o < l->result->study->n_outputs; o++)
        ws_text_printf(&known, ", %s", ws_output_at(l->result->study, o)->name);
    return ws_error_set(err, WS_ERROR_USAGE, NULL, "%s: '%.80s' is neither swept nor an output; there are %.600s",
                        option, name, known.data ? known.data : "none");
}

// "300", "300 GWh" or "300 [GWh]": a number, in the unit that it is compared in.
static int take_number(struct lister *l, const char *name, const char *text, struct ws_error *err) {
    const struct ws_study *study = l->result->study;
    const struct ws_quantity *quantity = &study->quantities[ws_study_find(study, name)];
    const size_t length = strcspn(text, " ["), open = length + strspn(text + length, " [");
    const size_t rest = strcspn(text + open, "]");
    struct ws_unit unit;
    char why[256];
    double factor = 1;
    if (ws_parse_double(ws_arena_copy_n(l->arena, text, length), &l->number))
        return ws_error_set(err, WS_ERROR_USAGE, NULL,
                            "where: '%.80s' is no number; '%s' is compared with one such as 300 or 300 [%s]", text,
                            name, quantity->unit.label);
    if (rest == 0)
        return 0;
    if (ws_study_parse_unit(study, ws_arena_copy_n(l->arena, text + open, rest), l->arena, &unit, why, sizeof why))
        return ws_error_set(err, WS_ERROR_USAGE, NULL, "where: %s", why);
    if (ws_unit_factor(&unit, &quantity->unit, &factor))
        return ws_error_set(err, WS_ERROR_USAGE, NULL, "where: '%s' is in %s, which '%s' does not convert to", name,
                            quantity->unit.label, unit.label);
    l->number *= factor;
    return 0;
}

// "energy > 300"
static int take_where(struct lister *l, const char *text, struct ws_error *err) {
    static const char *const signs[] = {"<=", ">=", "!=", "<", ">", "="};
    size_t length = strcspn(text, "<>=! ");
    const char *name = ws_arena_copy_n(l->arena, text, length), *s = text + length + strspn(text + length, " ");
    for (size_t i = 0; i < sizeof signs / sizeof *signs && !l->comparison; i++)
        if (strncmp(s, signs[i], strlen(signs[i])) == 0)
            l->comparison = signs[i];
    if (!l->comparison)
        return ws_error_set(err, WS_ERROR_USAGE, NULL,
                            "where: '%.80s' compares nothing, wanted such as energy > 300 or owner = lab", text);
    if (!find_measure(l->result, name, &l->where))
        return refuse_name(l, "where", name, err);
    s += strlen(l->comparison);
    s += *s == '=' ? 1 : 0; // "=="
    s += strspn(s, " ");
    l->wanted = s;
    int by_label = l->where.axis && l->where.axis->labels;
    if (by_label && *l->comparison != '=' && *l->comparison != '!')
        return ws_error_set(err, WS_ERROR_USAGE, NULL, "where: '%s' has labels, which are = or != to one", name);
    return by_label ? 0 : take_number(l, name, s, err);
}

static int prepare(struct lister *l, struct ws_error *err) {
    const char *sort = l->options->sort;
    l->sort = l->where = (struct measure){SIZE_MAX, NULL};
    l->descending = sort && *sort == '-';
    if (sort && !find_measure(l->result, sort + l->descending, &l->sort))
        return refuse_name(l, "sort", sort + l->descending, err);
    return l->options->where ? take_where(l, l->options->where, err) : 0;
}

static double value_of(const struct lister *l, const struct measure *m, size_t c) {
    return m->axis ? m->axis->values[c] : quantile(l, c, m->output, MEDIAN);
}

static int holds(const struct lister *l, size_t c) {
    if (!l->comparison)
        return 1;
    if (l->where.axis && l->where.axis->labels)
        return (strcmp(l->where.axis->labels[c], l->wanted) == 0) == (*l->comparison == '=');
    double x = value_of(l, &l->where, c);
    int equal = l->comparison[1] == '=';
    switch (*l->comparison) {
    case '<':
        return equal ? x <= l->number : x < l->number;
    case '>':
        return equal ? x >= l->number : x > l->number;
    case '!':
        return x != l->number;
    default:
        return x == l->number;
    }
}

struct place {
    double value;
    const char *label; // NULL: by value
    size_t c;
};

static int ascending(const void *a, const void *b) {
    const struct place *x = a, *y = b;
    int order = x->label ? strcmp(x->label, y->label) : (x->value > y->value) - (x->value < y->value);
    return order ? order : (x->c > y->c) - (x->c < y->c);
}

// The cases to print, in order; returns how many.
static size_t choose(const struct lister *l, struct place *places) {
    size_t n = 0;
    int sorted = l->sort.axis || l->sort.output != SIZE_MAX;
    for (size_t c = 0; c < l->result->n_cases; c++) {
        if (!holds(l, c))
            continue;
        int by_label = l->sort.axis && l->sort.axis->labels;
        double value = by_label || !sorted ? 0 : value_of(l, &l->sort, c);
        places[n++] = (struct place){isnan(value) ? INFINITY : value, by_label ? l->sort.axis->labels[c] : NULL, c};
    }
    if (sorted)
        qsort(places, n, sizeof *places, ascending);
    for (size_t i = 0; l->descending && i < n / 2; i++) {
        struct place other = places[i];
        places[i] = places[n - 1 - i];
        places[n - 1 - i] = other;
    }
    return n;
}

// ---- printing ----

static void say(const struct lister *l, const char *text, int style) {
    ws_print_wrapped(text, 2, WS_TERMINAL_COLUMNS, style, l->options->color, l->arena, l->out);
}

static struct ws_grid make_grid(const struct lister *l, const struct ws_grid_column *columns, size_t n) {
    return (struct ws_grid){.arena = l->arena,
                            .columns = columns,
                            .n_columns = n,
                            .limit = l->options->wide ? 0 : WS_TERMINAL_COLUMNS,
                            .color = l->options->color,
                            .markup = ws_markup_of(l->options)};
}

static void put_axes(const struct lister *l, struct ws_grid_row *row, size_t first, size_t c) {
    for (size_t a = 0; a < l->result->n_axes; a++)
        row->cells[first + a] = ws_case_text(&l->result->axes[a], c, l->arena);
}

static void put_quantiles(const struct lister *l, struct ws_grid_row *row, size_t first, size_t c, size_t output) {
    for (int k = 0; k < QUANTILES; k++)
        row->cells[first + (size_t)k] = ws_number(l->arena, quantile(l, c, output, k), 0, 3);
}

// Least and greatest median of each output, and where.
static void print_extremes(const struct lister *l) {
    const struct ws_result *r = l->result;
    size_t n_axes = r->n_axes, n = 3 + n_axes + QUANTILES;
    static const char *const ends[] = {"least", "greatest"};
    struct ws_grid_column *columns = WS_NEW_ARRAY(l->arena, struct ws_grid_column, n);
    const struct ws_grid_column leading[] = {{"output", WS_LEFT}, {"unit", WS_LEFT}, {"", WS_LEFT}},
                                trailing[] = {{"p5", WS_RIGHT}, {"median", WS_RIGHT}, {"p95", WS_RIGHT}};
    memcpy(columns, leading, sizeof leading);
    for (size_t a = 0; a < n_axes; a++)
        columns[3 + a] = (struct ws_grid_column){r->axes[a].name, r->axes[a].labels ? WS_LEFT : WS_RIGHT};
    memcpy(columns + 3 + n_axes, trailing, sizeof trailing);
    struct ws_grid grid = make_grid(l, columns, n);
    for (size_t o = 0; o < r->study->n_outputs; o++) {
        size_t extreme[2] = {0, 0};
        for (size_t c = 0; c < r->n_cases; c++) {
            double x = quantile(l, c, o, MEDIAN);
            if (!(x >= quantile(l, extreme[0], o, MEDIAN)))
                extreme[0] = c;
            if (!(x <= quantile(l, extreme[1], o, MEDIAN)))
                extreme[1] = c;
        }
        for (int end = 0; end < 2; end++) {
            struct ws_grid_row *row = ws_grid_add(&grid, WS_PLAIN);
            row->cells[0] = end ? NULL : ws_output_at(r->study, o)->name;
            row->cells[1] = end ? NULL : ws_output_at(r->study, o)->unit.label;
            row->cells[2] = ends[end];
            put_axes(l, row, 3, extreme[end]);
            put_quantiles(l, row, 3 + n_axes, extreme[end], o);
        }
    }
    ws_grid_print(&grid, l->out);
}

// Which outputs have columns: those sorted and picked by first.
static size_t choose_outputs(const struct lister *l, size_t *outputs) {
    size_t n = 0, most = l->options->wide ? SIZE_MAX : MOST_OUTPUTS, total = l->result->study->n_outputs;
    const size_t first[] = {l->sort.output, l->where.output};
    for (size_t i = 0; i < 2; i++)
        if (first[i] != SIZE_MAX && (n == 0 || outputs[0] != first[i]))
            outputs[n++] = first[i];
    for (size_t o = 0; o < total && n < most; o++) {
        int there = 0;
        for (size_t i = 0; i < n; i++)
            there |= outputs[i] == o;
        if (!there)
            outputs[n++] = o;
    }
    return n;
}

static void print_lines(const struct lister *l, const struct place *places, size_t n) {
    const struct ws_result *r = l->result;
    size_t *outputs = WS_NEW_ARRAY(l->arena, size_t, r->study->n_outputs + 2), n_outputs = choose_outputs(l, outputs);
    size_t each = l->options->wide ? QUANTILES : 1, n_columns = r->n_axes + each * n_outputs;
    struct ws_grid_column *columns = WS_NEW_ARRAY(l->arena, struct ws_grid_column, n_columns + 1);
    for (size_t a = 0; a < r->n_axes; a++)
        columns[a] = (struct ws_grid_column){r->axes[a].name, r->axes[a].labels ? WS_LEFT : WS_RIGHT};
    for (size_t i = 0; i < n_outputs; i++) {
        const struct ws_quantity *q = ws_output_at(r->study, outputs[i]);
        static const char *const names[] = {" p5", " median", " p95"};
        for (size_t k = 0; k < each; k++)
            columns[r->n_axes + each * i + k] = (struct ws_grid_column){
                ws_arena_printf(l->arena, "%s%s, %s", q->name, each > 1 ? names[k] : "", q->unit.label), WS_RIGHT};
    }
    struct ws_grid grid = make_grid(l, columns, n_columns);
    for (size_t i = 0; i < n; i++) {
        struct ws_grid_row *row = ws_grid_add(&grid, WS_PLAIN);
        put_axes(l, row, 0, places[i].c);
        for (size_t k = 0; k < n_outputs; k++) {
            if (each > 1)
                put_quantiles(l, row, r->n_axes + each * k, places[i].c, outputs[k]);
            else
                row->cells[r->n_axes + k] = ws_number(l->arena, quantile(l, places[i].c, outputs[k], MEDIAN), 0, 3);
        }
    }
    ws_grid_print(&grid, l->out);
    if (each == 1)
        say(l,
            ws_arena_printf(l->arena, "medians%s; --wide adds p5 and p95",
                            n_outputs < r->study->n_outputs
                                ? ws_arena_printf(l->arena, " of %zu of %zu outputs", n_outputs, r->study->n_outputs)
                                : ""),
            WS_DIM);
}

int ws_sweep_is_listed(const struct ws_result *result, const struct ws_report_options *options) {
    return result->n_axes > 0 &&
           (result->n_cases > FULL_CASES || options->sort || options->where || options->most_cases);
}

int ws_sweep_list(const struct ws_result *result, const struct ws_report_options *options, struct ws_arena *arena,
                  FILE *out, struct ws_error *err) {
    struct lister l = {.result = result, .options = options, .arena = arena, .out = out, .number = NAN};
    int status = prepare(&l, err);
    if (status)
        return status;
    find_quantiles(&l);
    fprintf(out, "\n");
    if (!options->sort && !options->where && !options->most_cases) {
        print_extremes(&l);
        say(&l,
            ws_arena_printf(arena,
                            "the cases with the least and the greatest median of %s; --sort, --where and --cases "
                            "list cases, --format csv has all",
                            ws_number_count(arena, result->n_cases)),
            WS_DIM);
        return 0;
    }
    struct place *places = WS_NEW_ARRAY(arena, struct place, result->n_cases + 1);
    size_t n = choose(&l, places), most = options->most_cases ? options->most_cases : LINES,
           shown = n < most ? n : most;
    if (n == 0) {
        say(&l,
            ws_arena_printf(arena, "none of %s cases has %s", ws_number_count(arena, result->n_cases), options->where),
            WS_BOLD);
        return 0;
    }
    print_lines(&l, places, shown);
    say(&l,
        ws_arena_printf(
            arena, "%s of %s cases%s", ws_number_count(arena, shown), ws_number_count(arena, result->n_cases),
            n > shown ? ws_arena_printf(arena, ", %s more; --cases N shows them", ws_number_count(arena, n - shown))
                      : ""),
        WS_DIM);
    return 0;
}
