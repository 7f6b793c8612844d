// SPDX-License-Identifier: GPL-3.0-or-later
// `sweep`: the cases of a study. The swept quantities are inputs by now (vary.c); here their values are read, and the
// grid is laid out.
#include "study/sweep.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "study/loader.h"
#include "study/prior_parse.h"

enum { MOST_STEPS = 1000000 };
static const size_t most_cases = 100000000;

// ---- the form ----

static void add_group(const struct ws_node *map, size_t *n_groups, struct ws_sweep_entry **entries, size_t *count,
                      struct ws_arena *arena) {
    for (size_t i = 0; i < map->n_items; i++) {
        *entries = ws_arena_grow(arena, *entries, *count, sizeof **entries);
        (*entries)[(*count)++] = (struct ws_sweep_entry){&map->items[i], *n_groups};
    }
    *n_groups += 1;
}

static void refuse_zip(const struct ws_node *node, struct ws_arena *arena, struct ws_messages *messages) {
    if (messages)
        ws_complain(messages, node->place,
                    "sweep: 'zip' is %s, wanted lists that go side by side, such as "
                    "{a: [1, 2], b: [3, 4]}",
                    ws_node_describe(node, arena));
}

struct ws_sweep_entry *ws_sweep_entries(const struct ws_node *root, size_t *count, struct ws_arena *arena,
                                        struct ws_messages *messages) {
    const struct ws_node *sweep = ws_node_get(root, "sweep");
    struct ws_sweep_entry *entries = NULL;
    size_t n_groups = 0;
    *count = 0;
    for (size_t i = 0; sweep && i < sweep->n_items; i++) {
        const struct ws_item *item = &sweep->items[i];
        int is_list = item->value->kind == WS_NODE_LIST;
        if (strcmp(item->key, "zip") != 0) {
            entries = ws_arena_grow(arena, entries, *count, sizeof *entries);
            entries[(*count)++] = (struct ws_sweep_entry){item, n_groups++};
            continue;
        }
        if (!is_list && item->value->kind != WS_NODE_MAP)
            refuse_zip(item->value, arena, messages);
        for (size_t k = 0; is_list && k < item->value->n_items; k++)
            if (item->value->items[k].value->kind == WS_NODE_MAP)
                add_group(item->value->items[k].value, &n_groups, &entries, count, arena);
            else
                refuse_zip(item->value->items[k].value, arena, messages);
        if (item->value->kind == WS_NODE_MAP)
            add_group(item->value, &n_groups, &entries, count, arena);
    }
    return entries;
}

int ws_sweep_has(const struct ws_node *root, const char *name, struct ws_arena *arena) {
    size_t n;
    const struct ws_sweep_entry *entries = ws_sweep_entries(root, &n, arena, NULL);
    for (size_t i = 0; i < n; i++)
        if (strcmp(entries[i].item->key, name) == 0)
            return 1;
    return 0;
}

int ws_sweep_is_range(const struct ws_node *values) {
    return values->kind == WS_NODE_MAP && (ws_node_find(values, "from") || ws_node_find(values, "steps"));
}

const struct ws_node *ws_sweep_first(const struct ws_node *values) {
    if (ws_sweep_is_range(values))
        return ws_node_get(values, "from");
    int has_items = values->kind == WS_NODE_LIST || values->kind == WS_NODE_MAP;
    return has_items && values->n_items ? values->items[0].value : NULL;
}

const struct ws_sweep_axis *ws_study_axis(const struct ws_study *study, size_t quantity) {
    for (size_t a = 0; a < study->n_axes; a++)
        if (study->axes[a].quantity == quantity)
            return &study->axes[a];
    return NULL;
}

const char *ws_study_of_case(const struct ws_study *study, size_t case_index) {
    size_t q = ws_study_find(study, WS_SWEEP_STUDIES);
    const struct ws_sweep_axis *axis = q == SIZE_MAX ? NULL : ws_study_axis(study, q);
    return axis && axis->by_label ? ws_sweep_value_of(axis, case_index)->label : "";
}

int ws_study_in_case(const struct ws_study *study, size_t input, size_t case_index) {
    const char *own = study->quantities[input].of_study, *of_case = own ? ws_study_of_case(study, case_index) : "";
    return !*of_case || strcmp(own, of_case) == 0;
}

double ws_study_log_greatest(const struct ws_study *study, size_t case_index) {
    const char *of_case = ws_study_of_case(study, case_index);
    double sum = 0;
    for (size_t i = 0; i < study->n_evidence; i++) {
        const char *own = study->evidence[i].of_study;
        sum += !own || strcmp(own, of_case) == 0 ? study->evidence[i].log_greatest : 0;
    }
    return sum;
}

// ---- values ----

struct reading {
    struct ws_loader *loader;
    const char *subject; // "sweep of 'pue'"
    const struct ws_quantity *q;
    struct ws_sweep_value *values;
    size_t n;
    int by_label;
};

static struct ws_sweep_value constant(const char *label, double number) {
    return (struct ws_sweep_value){.label = label, .number = number};
}

// 0, or nonzero with a message: number, end, step of {from, to, steps, log}.
static int take_range(struct reading *r, const struct ws_node *node, double *from, double *to, uint64_t *steps,
                      int *log_spaced) {
    struct ws_loader *loader = r->loader;
    size_t errors = loader->messages->errors;
    for (size_t i = 0; i < node->n_items; i++) {
        const struct ws_item *item = &node->items[i];
        if (strcmp(item->key, "from") == 0)
            ws_take_number(loader, item, r->subject, from);
        else if (strcmp(item->key, "to") == 0)
            ws_take_number(loader, item, r->subject, to);
        else if (strcmp(item->key, "steps") == 0)
            ws_take_count(loader, item, r->subject, steps);
        else if (strcmp(item->key, "log") != 0)
            ws_loader_complain(loader, item->place, r->subject, "unknown key '%.80s'; a range has from, to, steps, log",
                               item->key);
        else if (item->value->kind == WS_NODE_SCALAR && strcmp(item->value->text, "true") == 0)
            *log_spaced = 1;
        else if (item->value->kind != WS_NODE_SCALAR || strcmp(item->value->text, "false") != 0)
            ws_loader_complain(loader, item->value->place, r->subject, "'log' is %s, wanted true or false",
                               ws_node_describe(item->value, loader->arena));
    }
    static const char *const keys[] = {"from", "to", "steps"};
    for (int i = 0; i < 3; i++)
        if (!ws_node_get(node, keys[i]))
            ws_loader_complain(loader, node->place, r->subject, "'%s' is missing; a range has from, to, steps, log",
                               keys[i]);
    return loader->messages->errors > errors;
}

// Rounded to 15 digits, so that 1.1 to 1.3 in three steps has the 1.2 that people write.
static double step(double from, double to, uint64_t i, uint64_t steps, int log_spaced) {
    double share = (double)i / (double)(steps - 1), x;
    if (i == 0 || i == steps - 1)
        return i ? to : from;
    x = log_spaced ? from * pow(to / from, share) : from + (to - from) * share;
    char text[40];
    snprintf(text, sizeof text, "%.14e", x);
    ws_parse_double(text, &x);
    return x;
}

static void read_range(struct reading *r, const struct ws_node *node) {
    double from = NAN, to = NAN;
    uint64_t steps = 0;
    int log_spaced = 0;
    if (take_range(r, node, &from, &to, &steps, &log_spaced))
        return;
    if (steps < 2 || steps > MOST_STEPS) {
        ws_loader_complain(r->loader, node->place, r->subject, "'steps' is %s, wanted the number of values, 2 to %d",
                           ws_node_get(node, "steps")->text, (int)MOST_STEPS);
        return;
    }
    if (from == to) {
        ws_loader_complain(r->loader, node->place, r->subject,
                           "'from' and 'to' are both %s; a range of one value is written as a list, [%s]",
                           ws_node_get(node, "to")->text, ws_node_get(node, "to")->text);
        return;
    }
    if (log_spaced && !(from > 0 && to > 0)) {
        ws_loader_complain(r->loader, node->place, r->subject,
                           "a logarithmic range goes between numbers above 0, found %s and %s",
                           ws_node_get(node, "from")->text, ws_node_get(node, "to")->text);
        return;
    }
    r->values = WS_NEW_ARRAY(r->loader->arena, struct ws_sweep_value, steps);
    r->n = (size_t)steps;
    for (uint64_t i = 0; i < steps; i++) {
        char text[32];
        double x = step(from, to, i, steps, log_spaced);
        r->values[i] = constant(ws_arena_copy(r->loader->arena, ws_format_double(x, text)), x);
    }
}

// The index of a label, or NAN with a message.
static double find_label(struct reading *r, const struct ws_node *node) {
    const struct ws_prior *prior = r->q->prior;
    const char **labels = WS_NEW_ARRAY(r->loader->arena, const char *, prior->n_parts + 1);
    for (size_t i = 0; i < prior->n_parts; i++) {
        labels[i] = prior->parts[i].label;
        if (strcmp(labels[i], node->text) == 0)
            return (double)i;
    }
    ws_loader_complain(r->loader, node->place, r->subject, "'%s' has no alternative '%.80s'%s", r->q->name, node->text,
                       ws_suggestion(r->loader->arena, node->text, labels, prior->n_parts));
    return NAN;
}

static int same_labels(const struct ws_prior *a, const struct ws_prior *b) {
    int same = a->n_parts == b->n_parts;
    for (size_t i = 0; same && i < a->n_parts; i++)
        same = strcmp(a->parts[i].label, b->parts[i].label) == 0;
    return same;
}

// A number, a label or a prior; `label` is NULL where the value has no name of its own.
static void read_value(struct reading *r, const struct ws_node *node, const char *label) {
    struct ws_loader *loader = r->loader;
    struct ws_sweep_value *value = &r->values[r->n++];
    int categorical = ws_prior_is_categorical(r->q->prior);
    *value = constant(label ? label : ws_node_line(node, loader->arena), NAN);
    r->by_label |= label != NULL || categorical;
    if (ws_node_is_null(node)) {
        ws_loader_complain(loader, node->place, r->subject, "found nothing, wanted a value");
        return;
    }
    if (categorical && node->kind == WS_NODE_SCALAR) {
        value->number = find_label(r, node);
        value->label = label ? label : node->text;
        return;
    }
    const struct ws_prior *prior = ws_prior_parse(node, r->subject, loader->arena, loader->messages);
    ws_samples_check(loader, node, &r->q->unit, r->subject);
    if (!prior)
        return;
    if (ws_prior_is_categorical(prior) != categorical || (categorical && !same_labels(prior, r->q->prior))) {
        ws_loader_complain(loader, node->place, r->subject, "%s is no prior for '%s', wanted %s", prior->text,
                           r->q->name, categorical ? "one with the same labels in the same order" : "one of numbers");
        return;
    }
    if (ws_prior_is_constant(prior)) {
        value->number = ws_prior_quantile(prior, 0.5, 0);
        return;
    }
    value->prior = loader->study->run.widen > 0 && loader->study->run.widen != 1
                       ? ws_prior_widened(prior, loader->study->run.widen, loader->arena)
                       : prior;
    r->by_label = 1;
}

static void read_list(struct reading *r, const struct ws_node *node) {
    if (node->n_items == 0) {
        ws_loader_complain(r->loader, node->place, r->subject, "the list of values is empty");
        return;
    }
    r->values = WS_NEW_ARRAY(r->loader->arena, struct ws_sweep_value, node->n_items);
    for (size_t i = 0; i < node->n_items; i++)
        read_value(r, node->items[i].value, node->kind == WS_NODE_MAP ? node->items[i].key : NULL);
}

static int equal(const struct ws_sweep_axis *axis, size_t i, size_t j) {
    return axis->by_label ? strcmp(axis->values[i].label, axis->values[j].label) == 0
                          : axis->values[i].number == axis->values[j].number;
}

// ---- axes ----

static int is_correlated(const struct ws_node *root, const char *name) {
    const struct ws_node *list = ws_node_get(root, "correlations");
    for (size_t i = 0; list && i < list->n_items; i++) {
        const struct ws_node *pair = list->items[i].value;
        const struct ws_node *between = pair->kind == WS_NODE_MAP ? ws_node_get(pair, "between") : NULL;
        for (size_t k = 0; between && k < between->n_items; k++)
            if (between->items[k].value->text && strcmp(between->items[k].value->text, name) == 0)
                return 1;
    }
    return 0;
}

// What moves together with others does so in all cases or in none.
static void check_correlated(struct reading *r, struct ws_place place) {
    size_t continuous = 0, constants = 0;
    if (!is_correlated(r->loader->root, r->q->name))
        return;
    for (size_t i = 0; i < r->n; i++) {
        continuous += r->values[i].prior && r->values[i].prior->family->kind == WS_CONTINUOUS;
        constants += !r->values[i].prior;
    }
    if (continuous != r->n && constants != r->n)
        ws_loader_complain(r->loader, place, r->subject,
                           "'%s' is correlated: its values are all numbers, which ends its correlations, or all "
                           "continuous priors, which keeps them",
                           r->q->name);
}

// 0 where the axis is sound.
static int read_axis(struct ws_loader *loader, const struct ws_item *item, struct ws_sweep_axis *axis) {
    size_t errors = loader->messages->errors, q = ws_loader_find(loader, item->key);
    struct reading r = {.loader = loader, .subject = ws_arena_printf(loader->arena, "sweep of '%.80s'", item->key)};
    if (q == SIZE_MAX || loader->study->quantities[q].role != WS_INPUT)
        return -1; // said before
    r.q = &loader->study->quantities[q];
    if (item->value->kind != WS_NODE_LIST && item->value->kind != WS_NODE_MAP)
        ws_loader_complain(loader, item->value->place.line ? item->value->place : item->place, r.subject,
                           "found %s, wanted a list of values [a, b, c], a range {from: 1, to: 2, steps: 5} or "
                           "{label: prior, ...}",
                           ws_node_describe(item->value, loader->arena));
    else if (!r.q->prior)
        return -1;
    else if (ws_sweep_is_range(item->value) && !ws_prior_is_categorical(r.q->prior))
        read_range(&r, item->value);
    else
        read_list(&r, item->value);
    if (loader->messages->errors > errors)
        return -1;
    check_correlated(&r, item->place);
    *axis = (struct ws_sweep_axis){.quantity = q, .n_values = r.n, .values = r.values, .by_label = r.by_label};
    return loader->messages->errors > errors;
}

// A reader could not tell two cases of the same value apart, unless others beside it do.
static void check_distinct(struct ws_loader *loader, const struct ws_sweep_axis *axis, const struct ws_item *item) {
    for (size_t i = 1; i < axis->n_values && !ws_sweep_is_range(item->value); i++)
        for (size_t j = 0; j < i; j++)
            if (equal(axis, i, j)) {
                ws_loader_complain(loader, item->value->items[i].value->place, "sweep", "'%s' has '%.80s' twice",
                                   item->key, axis->values[i].label);
                return;
            }
}

static void check_groups(struct ws_loader *loader, const struct ws_sweep_entry *entries, struct ws_sweep_axis *axes,
                         size_t n) {
    for (size_t i = 0; i < n; i++) {
        const struct ws_item *item = entries[i].item;
        int follows = i > 0 && entries[i - 1].group == entries[i].group,
            leads = i + 1 < n && entries[i + 1].group == entries[i].group;
        if (!follows && !leads)
            check_distinct(loader, &axes[i], item);
        for (size_t k = 0; k < i; k++)
            if (axes[k].quantity == axes[i].quantity)
                ws_loader_complain(loader, item->place, "sweep", "'%s' is there twice", item->key);
        if (follows && axes[i - 1].n_values != axes[i].n_values)
            ws_loader_complain(loader, item->place, "sweep",
                               "lists that are zipped are of one length, but '%s' has %zu values and '%s' has %zu",
                               entries[i - 1].item->key, axes[i - 1].n_values, item->key, axes[i].n_values);
    }
}

// The last group varies fastest.
static void lay_out(struct ws_loader *loader, const struct ws_sweep_entry *entries, struct ws_sweep_axis *axes,
                    size_t n) {
    size_t cases = 1;
    for (size_t i = n; i-- > 0;) {
        axes[i].stride = cases;
        if (i > 0 && entries[i - 1].group == entries[i].group)
            continue;
        if (cases > most_cases / axes[i].n_values) {
            ws_loader_complain(loader, ws_node_find(loader->root, "sweep")->place, "sweep",
                               "more than %zu cases: take fewer values, or split the sweep", most_cases);
            return;
        }
        cases *= axes[i].n_values;
    }
    loader->study->n_cases = cases;
}

void ws_load_sweep(struct ws_loader *loader) {
    struct ws_study *study = loader->study;
    size_t n, errors = loader->messages->errors, bad = 0;
    const struct ws_sweep_entry *entries = ws_sweep_entries(loader->root, &n, loader->arena, NULL);
    struct ws_sweep_axis *axes = WS_NEW_ARRAY(loader->arena, struct ws_sweep_axis, n + 1);
    study->n_cases = 1;
    for (size_t i = 0; i < n; i++)
        bad += read_axis(loader, entries[i].item, &axes[i]) != 0;
    if (bad == 0)
        check_groups(loader, entries, axes, n);
    if (bad == 0 && loader->messages->errors == errors)
        lay_out(loader, entries, axes, n);
    study->axes = axes;
    study->n_axes = n;
}
