// SPDX-License-Identifier: GPL-3.0-or-later
// The numbers of a family: its own parameters, another form of them, or two quantiles.
#include <math.h>
#include <string.h>

#include "study/keys.h"
#include "study/prior_reading.h"

// ---- the names of parameters and forms ----

static int in_words(const char *words, const char *word) {
    size_t length = strlen(word);
    for (const char *s = words; s && *s;) {
        size_t n = strcspn(s, " ");
        if (n == length && strncmp(s, word, n) == 0)
            return 1;
        s += n;
        s += *s == ' ';
    }
    return 0;
}

static size_t n_parameters(const struct ws_family *family) {
    size_t n = 0;
    while (n < WS_MAX_PARAMETERS && family->parameters[n].name)
        n++;
    return n;
}

static size_t parameter_index(const struct ws_family *family, const char *name) {
    size_t n = n_parameters(family);
    for (size_t i = 0; i < n; i++)
        if (strcmp(family->parameters[i].name, name) == 0 || in_words(family->parameters[i].aliases, name))
            return i;
    return SIZE_MAX;
}

static size_t form_length(const struct ws_form *form) {
    size_t n = 0;
    while (n < WS_MAX_PARAMETERS && form->names[n])
        n++;
    return n;
}

static size_t form_index(const struct ws_form *form, const char *name) {
    size_t n = form_length(form);
    for (size_t i = 0; i < n; i++)
        if (strcmp(form->names[i], name) == 0)
            return i;
    return SIZE_MAX;
}

static size_t n_forms(const struct ws_family *family) {
    size_t n = 0;
    while (n < WS_MAX_FORMS && family->forms[n].names[0])
        n++;
    return n;
}

// "{mu, sigma}, {mean, sd} or two quantiles such as {p5, p95}"
static const char *wanted(const struct ws_prior_reading *p) {
    struct ws_text text = {.arena = p->arena};
    size_t parameters = n_parameters(p->family), forms = n_forms(p->family);
    ws_text_add(&text, "{");
    for (size_t i = 0; i < parameters; i++)
        ws_text_printf(&text, "%s%s", i ? ", " : "", p->family->parameters[i].name);
    ws_text_add(&text, "}");
    for (size_t k = 0; k < forms; k++) {
        size_t n = form_length(&p->family->forms[k]);
        ws_text_add(&text, k + 1 == forms && !p->family->from_quantiles ? " or {" : ", {");
        for (size_t i = 0; i < n; i++)
            ws_text_printf(&text, "%s%s", i ? ", " : "", p->family->forms[k].names[i]);
        ws_text_add(&text, "}");
    }
    if (p->family->from_quantiles)
        ws_text_add(&text, " or two quantiles such as {p5, p95}");
    return text.data;
}

static void from_parameters(struct ws_prior_reading *p) {
    size_t n = n_parameters(p->family);
    const char *given[WS_MAX_PARAMETERS] = {0};
    for (size_t i = 0; i < n; i++)
        p->prior->p[i] = p->family->parameters[i].fallback;
    for (size_t k = 0; k < p->node->n_items; k++) {
        const struct ws_item *item = &p->node->items[k];
        size_t i = parameter_index(p->family, item->key);
        if (given[i])
            ws_prior_complain(p, item->place, "'%s' and '%s' of %s are the same parameter", given[i], item->key,
                              p->family->name);
        given[i] = item->key;
        ws_prior_take_number(p, item->value, item->key, &p->prior->p[i]);
    }
    for (size_t i = 0; i < n; i++)
        if (!given[i] && isnan(p->family->parameters[i].fallback))
            ws_prior_complain(p, p->place, "%s needs '%s'; wanted %s", p->family->name, p->family->parameters[i].name,
                              wanted(p));
}

static int in_domain(int domain, double x) {
    return domain == WS_POSITIVE       ? x > 0
           : domain == WS_NON_NEGATIVE ? x >= 0
           : domain == WS_PROBABILITY  ? x > 0 && x < 1
                                       : 1;
}

static void from_form(struct ws_prior_reading *p, const struct ws_form *form) {
    static const char *const domains[] = {[WS_ANY] = "finite",
                                          [WS_POSITIVE] = "> 0",
                                          [WS_NON_NEGATIVE] = ">= 0",
                                          [WS_PROBABILITY] = "above 0 and below 1"};
    double values[WS_MAX_PARAMETERS] = {0};
    size_t n = form_length(form);
    for (size_t i = 0; i < n; i++) {
        const struct ws_item *item = ws_node_find(p->node, form->names[i]);
        if (!item)
            ws_prior_complain(p, p->place, "%s needs '%s' too; wanted %s", p->family->name, form->names[i], wanted(p));
        else if (ws_prior_take_number(p, item->value, item->key, &values[i]) == 0 &&
                 !in_domain(form->domains[i], values[i]))
            ws_prior_complain(p, item->value->place, "%s needs %s %s, found %s", p->family->name, item->key,
                              domains[form->domains[i]], item->value->text);
    }
    const char *reason = p->failed ? NULL : form->convert(values, p->prior->p);
    if (!reason)
        return;
    struct ws_text found = {.arena = p->arena};
    for (size_t i = 0; i < n; i++) {
        char number[32];
        ws_text_printf(&found, "%s%s %s", i ? ", " : "", form->names[i], ws_format_double(values[i], number));
    }
    ws_prior_complain(p, p->place, "%s, found %s", reason, found.data);
}

void ws_prior_from_two(struct ws_prior_reading *p, const double *probability, const double *value,
                       struct ws_place place) {
    char text[256] = "";
    int first = probability[0] < probability[1] ? 0 : 1;
    if (!(value[first] < value[1 - first])) {
        char low[32], high[32], p1[32], p2[32];
        ws_prior_complain(p, place, "%s needs p%s < p%s, found %s and %s", p->family->name,
                          ws_format_double(100 * probability[first], p1),
                          ws_format_double(100 * probability[1 - first], p2), ws_format_double(value[first], low),
                          ws_format_double(value[1 - first], high));
    } else if (p->family->from_quantiles(probability[first], value[first], probability[1 - first], value[1 - first],
                                         p->prior->p, text, sizeof text)) {
        ws_prior_complain(p, place, "%s", text);
    }
}

static void from_quantiles(struct ws_prior_reading *p) {
    double probability[2] = {0}, value[2] = {0};
    size_t count = 0;
    for (size_t i = 0; i < n_parameters(p->family); i++)
        p->prior->p[i] = p->family->parameters[i].fallback;
    for (size_t k = 0; k < p->node->n_items; k++) {
        const struct ws_item *item = &p->node->items[k];
        size_t own = parameter_index(p->family, item->key);
        double u;
        if (own != SIZE_MAX && ws_is_listed(p->family->beside, p->family->parameters[own].name)) {
            ws_prior_take_number(p, item->value, item->key, &p->prior->p[own]);
        } else if (ws_quantile_key(item->key, &u)) {
            ws_prior_complain(p, item->place,
                              "quantiles take the place of all parameters of %s, found '%s' beside them",
                              p->family->name, item->key);
        } else if (!(u > 0 && u < 1)) {
            ws_prior_complain(p, item->place, "'%s' is no quantile, wanted one between p0 and p100", item->key);
        } else {
            double x = 0;
            ws_prior_take_number(p, item->value, item->key, &x);
            if (count < 2) {
                probability[count] = u;
                value[count] = x;
            }
            count++;
        }
    }
    if (!p->family->from_quantiles)
        ws_prior_complain(p, p->place, "%s is not given by quantiles; wanted %s", p->family->name, wanted(p));
    else if (!p->failed && (count != 2 || probability[0] == probability[1]))
        ws_prior_complain(p, p->place, "%s takes two different quantiles, found %zu%s", p->family->name,
                          count == 2 ? (size_t)1 : count,
                          count > 2 ? "; {quantiles: {p5: ..., p50: ..., p95: ...}} takes three or more" : "");
    for (size_t i = 0; i < n_parameters(p->family); i++) {
        const struct ws_parameter *parameter = &p->family->parameters[i];
        if (isnan(p->prior->p[i]) && ws_is_listed(p->family->beside, parameter->name))
            ws_prior_complain(p, p->place, "%s needs '%s' beside its quantiles", p->family->name, parameter->name);
        else if (!isnan(p->prior->p[i]) && !in_domain(parameter->domain, p->prior->p[i]))
            ws_prior_complain(p, p->place, "%s needs %s > 0", p->family->name, parameter->name);
    }
    if (!p->failed)
        ws_prior_from_two(p, probability, value, p->place);
}

// Refuses what no way of giving the family knows; returns the way that most keys belong to: 0 its own parameters, else
// a form's number from 1.
static size_t choose_form(struct ws_prior_reading *p) {
    size_t best = 0, most = 0, forms = n_forms(p->family), parameters = n_parameters(p->family);
    const char *names[WS_MAX_PARAMETERS * (1 + WS_MAX_FORMS)];
    size_t n_names = 0;
    for (size_t i = 0; i < parameters; i++)
        names[n_names++] = p->family->parameters[i].name;
    for (size_t f = 0; f < forms; f++)
        for (size_t i = 0; i < form_length(&p->family->forms[f]); i++)
            names[n_names++] = p->family->forms[f].names[i];
    for (size_t f = 0; f <= forms; f++) {
        size_t matched = 0;
        for (size_t k = 0; k < p->node->n_items; k++) {
            const char *key = p->node->items[k].key;
            matched +=
                (f == 0 ? parameter_index(p->family, key) : form_index(&p->family->forms[f - 1], key)) != SIZE_MAX;
        }
        if (matched > most) {
            most = matched;
            best = f;
        }
    }
    for (size_t k = 0; k < p->node->n_items && most < p->node->n_items; k++) {
        const struct ws_item *item = &p->node->items[k];
        int own = parameter_index(p->family, item->key) != SIZE_MAX, known = own;
        for (size_t f = 0; f < forms; f++)
            known |= form_index(&p->family->forms[f], item->key) != SIZE_MAX;
        if (!known) {
            const char *near = ws_suggestion(p->arena, item->key, names, n_names);
            ws_prior_complain(p, item->place, "%s has no parameter '%.60s'%s", p->family->name, item->key,
                              *near ? near : ws_arena_printf(p->arena, "; wanted %s", wanted(p)));
        } else if (best == 0 ? !own : form_index(&p->family->forms[best - 1], item->key) == SIZE_MAX) {
            ws_prior_complain(p, item->place, "'%s' of %s does not go with the other parameters; wanted %s", item->key,
                              p->family->name, wanted(p));
        }
    }
    return best;
}

void ws_prior_read_parameters(struct ws_prior_reading *p) {
    double number;
    if (n_parameters(p->family) == 1 && p->node->kind == WS_NODE_SCALAR && ws_node_number(p->node, &number) == 0) {
        p->prior->p[0] = number;
        return;
    }
    if (p->node->kind != WS_NODE_MAP) {
        ws_prior_complain(p, p->node->place, "%s is given %s, wanted %s, for example %s", p->family->name,
                          ws_node_describe(p->node, p->arena), wanted(p), p->family->example);
        return;
    }
    for (size_t k = 0; k < p->node->n_items; k++) {
        double u;
        if (ws_quantile_key(p->node->items[k].key, &u) == 0 &&
            parameter_index(p->family, p->node->items[k].key) == SIZE_MAX) {
            from_quantiles(p);
            return;
        }
    }
    size_t form = choose_form(p);
    if (p->failed)
        return;
    if (form == 0)
        from_parameters(p);
    else
        from_form(p, &p->family->forms[form - 1]);
}
