// SPDX-License-Identifier: GPL-3.0-or-later
// Inputs, derived quantities and outputs: names, units, priors, points as given.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "prior/shape.h"
#include "study/loader.h"
#include "study/prior_given.h"
#include "study/prior_mixture.h"
#include "study/prior_parse.h"

enum { MAX_NAME = 128, MAX_QUANTITIES = WS_STUDY_MAX_KEYS };

static const struct {
    const char *section, *subject;
    int role, table;
} sections[] = {{"inputs", "input", WS_INPUT, WS_KEYS_INPUT},
                {"derived", "derived", WS_DERIVED, WS_KEYS_DERIVED},
                {"outputs", "output", WS_OUTPUT, WS_KEYS_OUTPUT}};

static void check_name(struct ws_loader *loader, const struct ws_item *item, const char *subject) {
    if (!ws_is_name(item->key))
        ws_loader_complain(loader, item->place, subject, "not a name, wanted letters, digits and _, not a digit first");
    else if (strlen(item->key) > MAX_NAME)
        ws_loader_complain(loader, item->place, subject, "a name has at most %d characters", (int)MAX_NAME);
    else if (ws_name_is_reserved(item->key))
        ws_loader_complain(loader, item->place, subject, "'%s' is a reserved word; choose another name", item->key);
}

static void check_details(struct ws_loader *loader, const struct ws_quantity *q, const struct ws_draft *draft) {
    const struct ws_item *year = ws_node_find(draft->entry, "price_year");
    if (year && !isnan(q->price_year) && !(q->price_year >= 1800 && q->price_year <= 2300))
        ws_loader_complain(loader, year->value->place, draft->subject, "'price_year' is %s, wanted a year such as 2024",
                           year->value->text);
    const struct ws_item *scale = ws_node_find(draft->entry, "scale");
    const char *text = "";
    if (q->role == WS_OUTPUT && scale && ws_take_text(loader, scale, draft->subject, &text) == 0 &&
        strcmp(text, "log") && strcmp(text, "linear"))
        ws_loader_complain(loader, scale->value->place, draft->subject, "'scale' is '%.60s', wanted linear or log",
                           text);
}

static void load_unit(struct ws_loader *loader, struct ws_quantity *q, struct ws_draft *draft) {
    const struct ws_item *unit = ws_node_find(draft->entry, "unit");
    if (unit && !ws_node_is_null(unit->value)) {
        if (ws_take_unit(loader, unit, draft->subject, &q->unit))
            draft->bad = 1;
    } else if (q->role == WS_INPUT ? draft->formula != NULL : !q->by_model) { // of outputs for conditions alone
        q->unit_inferred = 1;
    } else if (q->role == WS_INPUT && q->prior && ws_prior_is_categorical(q->prior)) {
        char why[128];
        if (loader->units)
            ws_unit_parse(loader->units, "1", &q->unit, why, sizeof why);
    } else {
        if (q->prior || q->by_model)
            ws_loader_complain(loader, q->place, draft->subject,
                               "'unit' is missing: give it a unit, or 1 for a plain number");
        draft->bad = 1;
    }
    if (q->prior && ws_prior_is_categorical(q->prior) && q->unit.label && *q->unit.dimension)
        ws_loader_complain(loader, unit->value->place, draft->subject,
                           "alternatives have no unit, found '%s'; remove it", q->unit.label);
}

static void point_label(struct ws_loader *loader, struct ws_quantity *q, const struct ws_item *item,
                        const char *subject) {
    const char *label;
    if (ws_take_text(loader, item, subject, &label))
        return;
    const char **labels = WS_NEW_ARRAY(loader->arena, const char *, q->prior->n_parts + 1);
    for (size_t i = 0; i < q->prior->n_parts; i++) {
        labels[i] = q->prior->parts[i].label;
        if (strcmp(labels[i], label) == 0) {
            q->point = (double)i;
            q->has_point = 1;
            return;
        }
    }
    ws_loader_complain(loader, item->value->place, subject, "'point' is '%.80s', wanted one of the prior's labels%s",
                       label, ws_suggestion(loader->arena, label, labels, q->prior->n_parts));
}

// Whether x lies outside what the prior can give; its edges are inside.
static int is_outside(const struct ws_prior *prior, double x) {
    double low, high;
    if (prior->family->kind != WS_CONTINUOUS)
        return 0;
    ws_shape_support(prior, &low, &high);
    double a = prior->shift + prior->scale * low, b = prior->shift + prior->scale * high;
    return x < fmin(a, b) || x > fmax(a, b) || x < prior->low || x > prior->high;
}

static void load_point(struct ws_loader *loader, struct ws_quantity *q, const char *subject,
                       const struct ws_item *item) {
    int constant = q->prior->family->kind == WS_CONSTANT;
    if (constant) {
        q->point = q->prior->p[0];
        q->has_point = 1;
    }
    if (!item || ws_node_is_null(item->value))
        return;
    if (ws_prior_is_categorical(q->prior)) {
        point_label(loader, q, item, subject);
        return;
    }
    double point;
    if (ws_take_number(loader, item, subject, &point))
        return;
    if (constant && point != q->point)
        ws_loader_complain(loader, item->value->place, subject,
                           "a constant is its own point: 'prior' is %s, 'point' is %s", q->prior->text,
                           item->value->text);
    else if (is_outside(q->prior, point))
        ws_warn(loader->messages, item->value->place, "%s: the point %s lies outside the prior %s", subject,
                item->value->text, q->prior->text);
    q->point = point;
    q->has_point = 1;
}

static int is_choice(const struct ws_node *prior) {
    int found = 0;
    for (size_t i = 0; prior->kind == WS_NODE_MAP && i < prior->n_items; i++) {
        const struct ws_family *family = ws_family_find(prior->items[i].key);
        found |= family && family->kind == WS_CATEGORICAL;
        found |= ws_given_is(prior) && prior->items[i].value->kind == WS_NODE_MAP && is_choice(prior->items[i].value);
    }
    return found;
}

struct sources {
    struct ws_loader *loader;
    const char *subject;
};

static void check_source(void *user, const struct ws_item *item) {
    const struct sources *s = user;
    const char *source;
    ws_take_source(s->loader, item, s->subject, &source);
}

static void load_input(struct ws_loader *loader, struct ws_quantity *q, struct ws_draft *draft) {
    const struct ws_node *prior = ws_node_get(draft->entry, "prior");
    const struct ws_item *stream = ws_node_find(draft->entry, "stream");
    const char *namesake = q->name;
    if (stream && ws_take_text(loader, stream, draft->subject, &namesake))
        draft->bad = 1;
    q->stream = ws_hash64(ws_arena_printf(loader->arena, "input:%s", namesake));
    if (prior && ws_given_is(prior))
        draft->given = ws_given_parse(loader, prior, draft->subject, q);
    else if (prior)
        q->prior = ws_prior_parse(prior, draft->subject, loader->arena, loader->messages);
    if (q->prior)
        ws_mixture_sources(prior, check_source, &(struct sources){loader, draft->subject});
    draft->formula = ws_node_get(draft->entry, WS_KEY_CUT_FORMULA);
    load_unit(loader, q, draft);
    if (!q->prior && prior && is_choice(prior))
        q->unit.label = NULL; // formulas that select by it stay silent
    if (q->prior)
        load_point(loader, q, draft->subject, ws_node_find(draft->entry, "point"));
    draft->bad |= !q->prior;
}

static void load_formula(struct ws_loader *loader, struct ws_quantity *q, struct ws_draft *draft) {
    const struct ws_item *item = ws_node_find(draft->entry, "formula");
    const struct ws_node *scale = ws_node_get(draft->entry, "scale");
    q->log_scale = q->role == WS_OUTPUT && scale && strcmp(scale->text, "log") == 0;
    draft->bad |= !item && !loader->study->model;
    q->by_model = !item && q->role == WS_OUTPUT && loader->study->model;
    load_unit(loader, q, draft);
    if (q->by_model)
        q->formula_text = "by the model";
    else if (!item && q->role == WS_OUTPUT)
        ws_loader_complain(loader, q->place, draft->subject, "'formula' is missing: %s",
                           ws_key_find(WS_KEYS_OUTPUT, "formula")->summary);
    if (!item || (ws_node_is_null(item->value) && !*item->value->text))
        return;
    if (item->value->kind != WS_NODE_SCALAR) {
        ws_loader_complain(loader, item->value->place, draft->subject,
                           "YAML has read the formula as %s: quote the formula",
                           ws_node_describe(item->value, loader->arena));
        draft->bad = 1;
        return;
    }
    char *text = ws_arena_copy(loader->arena, item->value->text);
    for (char *s = text; *s; s++)
        if (*s == '\n' || *s == '\t' || *s == '\r')
            *s = ' ';
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == ' ')
        text[--length] = '\0';
    q->formula_text = text;
    draft->formula = item->value;
}

static void load_quantity(struct ws_loader *loader, const struct ws_item *item, size_t section, size_t index) {
    struct ws_quantity *q = &loader->study->quantities[index];
    struct ws_draft *draft = &loader->drafts[index];
    *q = (struct ws_quantity){.name = item->key,
                              .role = sections[section].role,
                              .place = item->place,
                              .description = "",
                              .source = "",
                              .basis = "",
                              .note = "",
                              .boundary = "",
                              .currency = "",
                              .gwp_basis = "",
                              .price_year = NAN,
                              .given = SIZE_MAX,
                              .point = NAN,
                              .formula_text = ""};
    const char *asked = ws_question_asked(item); // its name is made up, and would say nothing to who asked
    draft->subject = asked ? ws_arena_printf(loader->arena, "condition '%.80s'", asked)
                           : ws_arena_printf(loader->arena, "%s '%.80s'", sections[section].subject, item->key);
    draft->entry = item->value;
    check_name(loader, item, draft->subject);
    if (item->value->kind != WS_NODE_MAP) {
        const char *example =
            q->role == WS_INPUT ? "{unit: 1, prior: 0.8 to 1.2}" : "{unit: GWh, formula: power * time}";
        ws_loader_complain(loader, item->value->place.line ? item->value->place : item->place, draft->subject,
                           "found %s, wanted a mapping such as %s", ws_node_describe(item->value, loader->arena),
                           example);
        draft->entry = ws_node_map(loader->arena, item->place);
        draft->bad = 1;
        return;
    }
    if (ws_take_fields(loader, draft->entry, sections[section].table, draft->subject, item->place, q)) {
        draft->bad = 1;
        return;
    }
    check_details(loader, q, draft);
    if (q->role == WS_INPUT)
        load_input(loader, q, draft);
    else
        load_formula(loader, q, draft);
}

struct named {
    const char *name;
    size_t index;
};

static int compare_names(const void *a, const void *b) {
    const struct named *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static void index_names(struct ws_loader *loader, size_t count) {
    struct named *named = WS_NEW_ARRAY(loader->arena, struct named, count + 1);
    loader->names = WS_NEW_ARRAY(loader->arena, const char *, count + 1);
    loader->by_name = WS_NEW_ARRAY(loader->arena, size_t, count + 1);
    for (size_t i = 0; i < count; i++) {
        loader->names[i] = loader->study->quantities[i].name;
        named[i] = (struct named){loader->names[i], i};
    }
    qsort(named, count, sizeof *named, compare_names);
    for (size_t i = 0; i < count; i++)
        loader->by_name[i] = named[i].index;
}

size_t ws_loader_find(const struct ws_loader *loader, const char *name) {
    size_t low = 0, high = loader->study->n_quantities;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, loader->names[loader->by_name[middle]]);
        if (order == 0)
            return loader->by_name[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return SIZE_MAX;
}

void ws_load_quantities(struct ws_loader *loader) {
    struct ws_study *study = loader->study;
    const struct ws_node *nodes[3];
    size_t counts[3], total = 0, index = 0;
    for (size_t i = 0; i < 3; i++) {
        nodes[i] = ws_node_get(loader->root, sections[i].section);
        counts[i] = nodes[i]->n_items;
        total += counts[i];
    }
    if (total > MAX_QUANTITIES) {
        ws_loader_complain(loader, loader->root->place, "", "the study has %zu quantities, at most %d are allowed",
                           total, (int)MAX_QUANTITIES);
        return;
    }
    study->n_inputs = counts[0];
    study->n_derived = counts[1];
    study->n_outputs = counts[2];
    study->quantities = WS_NEW_ARRAY(loader->arena, struct ws_quantity, total + 1);
    loader->drafts = WS_NEW_ARRAY(loader->arena, struct ws_draft, total + 1);
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < counts[i] && loader->messages->errors <= WS_STUDY_MAX_ERRORS; k++)
            load_quantity(loader, &nodes[i]->items[k], i, index++);
    if (loader->messages->errors > WS_STUDY_MAX_ERRORS)
        return;
    study->n_quantities = total;
    index_names(loader, total);
    int set = 0;
    for (size_t i = 0; i < study->n_inputs; i++) {
        const struct ws_node *prior = ws_node_get(loader->drafts[i].entry, "prior");
        set |= prior && prior->place.file && strcmp(prior->place.file, WS_COMMAND_LINE) == 0;
    }
    if (study->n_outputs == 0 && set)
        ws_loader_complain(loader, loader->root->place, "",
                           "the study has no outputs left: --set makes a quantity an input; set what the output is "
                           "computed from");
    else if (study->n_outputs == 0)
        ws_loader_complain(loader, loader->root->place, "",
                           "the study has no outputs; give at least one under 'outputs'");
}
