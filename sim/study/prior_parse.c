// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/prior_parse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "study/keys.h"
#include "study/prior_dirichlet.h"
#include "study/prior_mixture.h"

enum { MAX_LABELS = 4096, MAX_VALUES = 100000, MAX_LABEL = 128 };

struct parsing {
    const char *subject;
    struct ws_arena *arena;
    struct ws_messages *messages;
    struct ws_prior *prior;
    const struct ws_family *family;
    const struct ws_node *node; // the family's parameters
    struct ws_place place;      // of the family's name
    int failed;
};

static void complain(struct parsing *p, struct ws_place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void complain(struct parsing *p, struct ws_place place, const char *format, ...) {
    va_list args;
    va_start(args, format);
    ws_complain(p->messages, place, "%s: %s", p->subject, ws_arena_vprintf(p->arena, format, args));
    va_end(args);
    p->failed = 1;
}

const char *ws_number_hint(const struct ws_node *node) {
    static const char separated[] = "0123456789_, '";
    double number;
    if (node->kind != WS_NODE_SCALAR || !*node->text)
        return "";
    if (ws_parse_double(node->text, &number) == 0)
        return node->quoted ? "; remove the quotes" : "";
    size_t length = strlen(node->text);
    if (node->text[length - 1] == '%')
        return "; write 0.8 for 80%";
    if (strspn(node->text, separated) == length)
        return "; write digits without separators, such as 120000 or 1.2e5";
    return strspn(node->text, "0123456789+-.eE") == length ? "; a number lies between -1.8e308 and 1.8e308" : "";
}

static int take_number(struct parsing *p, const struct ws_node *node, const char *key, double *value) {
    if (ws_node_number(node, value) == 0)
        return 0;
    complain(p, node->place, "'%s' is %s, wanted a number%s", key, ws_node_describe(node, p->arena),
             ws_number_hint(node));
    return -1;
}

int ws_quantile_key(const char *key, double *probability) {
    char text[40];
    size_t length = strlen(key);
    if (key[0] != 'p' || length < 2 || length > 30 || strspn(key + 1, "0123456789.") != length - 1)
        return -1;
    memcpy(text, key + 1, length - 1);
    strcpy(text + length - 1, "e-2"); // read as a decimal: 99.9 / 100 would be an ulp off
    return ws_parse_double(text, probability);
}

// ---- the parameters of a family ----

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
static const char *wanted(const struct parsing *p) {
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

static void from_parameters(struct parsing *p) {
    size_t n = n_parameters(p->family);
    const char *given[WS_MAX_PARAMETERS] = {0};
    for (size_t i = 0; i < n; i++)
        p->prior->p[i] = p->family->parameters[i].fallback;
    for (size_t k = 0; k < p->node->n_items; k++) {
        const struct ws_item *item = &p->node->items[k];
        size_t i = parameter_index(p->family, item->key);
        if (given[i])
            complain(p, item->place, "'%s' and '%s' of %s are the same parameter", given[i], item->key,
                     p->family->name);
        given[i] = item->key;
        take_number(p, item->value, item->key, &p->prior->p[i]);
    }
    for (size_t i = 0; i < n; i++)
        if (!given[i] && isnan(p->family->parameters[i].fallback))
            complain(p, p->place, "%s needs '%s'; wanted %s", p->family->name, p->family->parameters[i].name,
                     wanted(p));
}

static int in_domain(int domain, double x) {
    return domain == WS_POSITIVE       ? x > 0
           : domain == WS_NON_NEGATIVE ? x >= 0
           : domain == WS_PROBABILITY  ? x > 0 && x < 1
                                       : 1;
}

static void from_form(struct parsing *p, const struct ws_form *form) {
    static const char *const domains[] = {[WS_ANY] = "finite",
                                          [WS_POSITIVE] = "> 0",
                                          [WS_NON_NEGATIVE] = ">= 0",
                                          [WS_PROBABILITY] = "above 0 and below 1"};
    double values[WS_MAX_PARAMETERS] = {0};
    size_t n = form_length(form);
    for (size_t i = 0; i < n; i++) {
        const struct ws_item *item = ws_node_find(p->node, form->names[i]);
        if (!item)
            complain(p, p->place, "%s needs '%s' too; wanted %s", p->family->name, form->names[i], wanted(p));
        else if (take_number(p, item->value, item->key, &values[i]) == 0 && !in_domain(form->domains[i], values[i]))
            complain(p, item->value->place, "%s needs %s %s, found %s", p->family->name, item->key,
                     domains[form->domains[i]], item->value->text);
    }
    const char *reason = p->failed ? NULL : form->convert(values, p->prior->p);
    if (reason)
        complain(p, p->place, "%s", reason);
}

static void from_two(struct parsing *p, const double *probability, const double *value, const struct ws_place place) {
    char text[256] = "";
    int first = probability[0] < probability[1] ? 0 : 1;
    if (!(value[first] < value[1 - first])) {
        char low[32], high[32], p1[32], p2[32];
        complain(p, place, "%s needs p%s < p%s, found %s and %s", p->family->name,
                 ws_format_double(100 * probability[first], p1), ws_format_double(100 * probability[1 - first], p2),
                 ws_format_double(value[first], low), ws_format_double(value[1 - first], high));
    } else if (p->family->from_quantiles(probability[first], value[first], probability[1 - first], value[1 - first],
                                         p->prior->p, text, sizeof text)) {
        complain(p, place, "%s", text);
    }
}

static void from_quantiles(struct parsing *p) {
    double probability[2] = {0}, value[2] = {0};
    size_t count = 0;
    for (size_t i = 0; i < n_parameters(p->family); i++)
        p->prior->p[i] = p->family->parameters[i].fallback;
    for (size_t k = 0; k < p->node->n_items; k++) {
        const struct ws_item *item = &p->node->items[k];
        size_t own = parameter_index(p->family, item->key);
        double u;
        if (own != SIZE_MAX && ws_is_listed(p->family->beside, p->family->parameters[own].name)) {
            take_number(p, item->value, item->key, &p->prior->p[own]);
        } else if (ws_quantile_key(item->key, &u)) {
            complain(p, item->place, "quantiles take the place of all parameters of %s, found '%s' beside them",
                     p->family->name, item->key);
        } else if (!(u > 0 && u < 1)) {
            complain(p, item->place, "'%s' is no quantile, wanted one between p0 and p100", item->key);
        } else {
            double x = 0;
            take_number(p, item->value, item->key, &x);
            if (count < 2) {
                probability[count] = u;
                value[count] = x;
            }
            count++;
        }
    }
    if (!p->family->from_quantiles)
        complain(p, p->place, "%s is not given by quantiles; wanted %s", p->family->name, wanted(p));
    else if (!p->failed && (count != 2 || probability[0] == probability[1]))
        complain(p, p->place, "%s takes two different quantiles, found %zu", p->family->name,
                 count == 2 ? (size_t)1 : count);
    for (size_t i = 0; i < n_parameters(p->family); i++) {
        const struct ws_parameter *parameter = &p->family->parameters[i];
        if (isnan(p->prior->p[i]) && ws_is_listed(p->family->beside, parameter->name))
            complain(p, p->place, "%s needs '%s' beside its quantiles", p->family->name, parameter->name);
        else if (!isnan(p->prior->p[i]) && !in_domain(parameter->domain, p->prior->p[i]))
            complain(p, p->place, "%s needs %s > 0", p->family->name, parameter->name);
    }
    if (!p->failed)
        from_two(p, probability, value, p->place);
}

// Refuses what no way of giving the family knows; returns the way that most keys belong to: 0 its own parameters, else
// a form's number from 1.
static size_t choose_form(struct parsing *p) {
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
            complain(p, item->place, "%s has no parameter '%.60s'%s", p->family->name, item->key,
                     *near ? near : ws_arena_printf(p->arena, "; wanted %s", wanted(p)));
        } else if (best == 0 ? !own : form_index(&p->family->forms[best - 1], item->key) == SIZE_MAX) {
            complain(p, item->place, "'%s' of %s does not go with the other parameters; wanted %s", item->key,
                     p->family->name, wanted(p));
        }
    }
    return best;
}

static void parse_parameters(struct parsing *p) {
    double number;
    if (n_parameters(p->family) == 1 && p->node->kind == WS_NODE_SCALAR && ws_node_number(p->node, &number) == 0) {
        p->prior->p[0] = number;
        return;
    }
    if (p->node->kind != WS_NODE_MAP) {
        complain(p, p->node->place, "%s is given %s, wanted %s, for example %s", p->family->name,
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

// ---- alternatives ----

static int is_label(const char *s) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.+-";
    size_t length = strlen(s);
    return length > 0 && length <= MAX_LABEL && strspn(s, letters) == length;
}

static void parse_alternatives(struct parsing *p) {
    if (p->node->kind != WS_NODE_MAP || p->node->n_items == 0 || p->node->n_items > MAX_LABELS) {
        complain(p, p->node->place, "%s is given %s, wanted up to %d labels with weights, for example %s",
                 p->family->name, ws_node_describe(p->node, p->arena), (int)MAX_LABELS, p->family->example);
        return;
    }
    struct ws_prior_part *parts = WS_NEW_ARRAY(p->arena, struct ws_prior_part, p->node->n_items);
    double sum = 0;
    for (size_t i = 0; i < p->node->n_items; i++) {
        const struct ws_item *item = &p->node->items[i];
        parts[i] = (struct ws_prior_part){.label = item->key, .value = (double)i};
        if (!is_label(item->key))
            complain(p, item->place, "'%.80s' is no label, wanted letters, digits, _ . + or -", item->key);
        if (take_number(p, item->value, item->key, &parts[i].weight) == 0 && parts[i].weight < 0)
            complain(p, item->value->place, "the weight of '%s' is %s, wanted 0 or more", item->key, item->value->text);
        sum += parts[i].weight;
    }
    if (!p->failed && !(sum > 0 && isfinite(sum)))
        complain(p, p->place, "the weights of %s add up to %s, wanted more than 0", p->family->name,
                 sum > 0 ? "infinity" : "0");
    for (size_t i = 0; i < p->node->n_items && !p->failed; i++)
        parts[i].weight /= sum;
    p->prior->parts = parts;
    p->prior->n_parts = p->node->n_items;
}

// ---- values with weights ----

// A list of numbers under a key of the family; NULL where it is not there or no such list.
static const struct ws_node *take_list(struct parsing *p, const char *key) {
    const struct ws_item *item = ws_node_find(p->node, key);
    if (!item)
        return NULL;
    if (item->value->kind == WS_NODE_LIST && item->value->n_items > 0 && item->value->n_items <= MAX_VALUES)
        return item->value;
    if (item->value->kind == WS_NODE_LIST && item->value->n_items > 0)
        complain(p, item->value->place, "'%s' has %zu numbers, at most %d are taken; write a sample to a file", key,
                 item->value->n_items, (int)MAX_VALUES);
    else
        complain(p, item->value->place, "'%s' is %s, wanted a list of up to %d numbers", key,
                 ws_node_describe(item->value, p->arena), (int)MAX_VALUES);
    return NULL;
}

static int by_value(const void *a, const void *b) {
    double x = ((const struct ws_prior_part *)a)->value, y = ((const struct ws_prior_part *)b)->value;
    return (x > y) - (x < y);
}

// Ascending, one part for each value; weights that sum to one.
static void settle_values(struct parsing *p, struct ws_prior_part *parts, size_t n) {
    size_t kept = 0;
    double sum = 0;
    qsort(parts, n, sizeof *parts, by_value);
    for (size_t i = 0; i < n; i++) {
        sum += parts[i].weight;
        if (kept > 0 && parts[kept - 1].value == parts[i].value)
            parts[kept - 1].weight += parts[i].weight;
        else
            parts[kept++] = parts[i];
    }
    if (!isfinite(sum))
        complain(p, p->place, "the weights of %s add up to infinity", p->family->name);
    for (size_t i = 0; i < kept; i++)
        parts[i].weight /= sum;
    p->prior->parts = parts;
    p->prior->n_parts = kept;
}

static void parse_values(struct parsing *p) {
    if (p->node->kind != WS_NODE_MAP) {
        complain(p, p->node->place, "%s is given %s, wanted values and weights, for example %s", p->family->name,
                 ws_node_describe(p->node, p->arena), p->family->example);
        return;
    }
    for (size_t i = 0; i < p->node->n_items; i++)
        if (strcmp(p->node->items[i].key, "values") != 0 && strcmp(p->node->items[i].key, "weights") != 0)
            complain(p, p->node->items[i].place, "%s has no parameter '%.60s'; wanted values and weights",
                     p->family->name, p->node->items[i].key);
    const struct ws_node *values = take_list(p, "values"), *weights = take_list(p, "weights");
    if (!values && !p->failed)
        complain(p, p->place, "%s needs 'values'; for example %s", p->family->name, p->family->example);
    if (values && weights && values->n_items != weights->n_items)
        complain(p, weights->place, "%s has %zu values and %zu weights, wanted as many of each", p->family->name,
                 values->n_items, weights->n_items);
    if (p->failed)
        return;
    struct ws_prior_part *parts = WS_NEW_ARRAY(p->arena, struct ws_prior_part, values->n_items);
    for (size_t i = 0; i < values->n_items; i++) {
        parts[i].weight = 1;
        take_number(p, values->items[i].value, "values", &parts[i].value);
        if (weights && take_number(p, weights->items[i].value, "weights", &parts[i].weight) == 0 &&
            !(parts[i].weight > 0))
            complain(p, weights->items[i].value->place, "a weight of %s is %s, wanted more than 0", p->family->name,
                     weights->items[i].value->text);
    }
    if (!p->failed)
        settle_values(p, parts, values->n_items);
}

// ---- modifiers ----

static int parse_bound(struct parsing *p, const struct ws_node *node, int upper, double *bound) {
    static const char *const open_ends[2][4] = {{"-inf", "-.inf", "-Infinity", NULL},
                                                {"inf", ".inf", "Infinity", NULL}};
    if (ws_node_is_null(node))
        return 0;
    for (int i = 0; node->kind == WS_NODE_SCALAR && open_ends[upper][i]; i++)
        if (strcmp(node->text, open_ends[upper][i]) == 0)
            return 0;
    return take_number(p, node, "truncate", bound);
}

static void parse_truncate(struct parsing *p, const struct ws_node *node) {
    if (node->kind != WS_NODE_LIST || node->n_items != 2) {
        complain(p, node->place, "'truncate' is %s, wanted [low, high]", ws_node_describe(node, p->arena));
        return;
    }
    if (parse_bound(p, node->items[0].value, 0, &p->prior->low) == 0 &&
        parse_bound(p, node->items[1].value, 1, &p->prior->high) == 0 && !(p->prior->low < p->prior->high))
        complain(p, node->place, "truncate needs low < high, found %s", ws_node_line(node, p->arena));
}

static void parse_modifier(struct parsing *p, const struct ws_item *item) {
    if (strcmp(item->key, "truncate") == 0)
        parse_truncate(p, item->value);
    else if (strcmp(item->key, "shift") == 0)
        take_number(p, item->value, item->key, &p->prior->shift);
    else if (take_number(p, item->value, item->key, &p->prior->scale) == 0 && p->prior->scale == 0)
        complain(p, item->value->place, "'scale' is 0, wanted another number");
}

// ---- the whole ----

static void refuse_family(struct parsing *p, const struct ws_item *item) {
    size_t count, n_modifiers;
    const struct ws_family *families = ws_families(&count);
    const struct ws_key *modifiers = ws_keys(WS_KEYS_PRIOR, &n_modifiers);
    const char **names = WS_NEW_ARRAY(p->arena, const char *, count + n_modifiers);
    struct ws_text all = {.arena = p->arena};
    for (size_t i = 0; i < count; i++) {
        names[i] = families[i].name;
        ws_text_printf(&all, "%s%s", i ? ", " : "", names[i]);
    }
    for (size_t i = 0; i < n_modifiers; i++)
        names[count + i] = modifiers[i].name;
    const char *near = ws_suggestion(p->arena, item->key, names, count + n_modifiers);
    complain(p, item->place, "no family of priors is called '%.60s'%s", item->key,
             *near ? near : ws_arena_printf(p->arena, "; this version has %s", all.data));
}

static void take_family(struct parsing *p, const struct ws_item *item) {
    const struct ws_key *key = ws_key_find(WS_KEYS_PRIOR, item->key);
    const struct ws_family *family = key ? NULL : ws_family_find(item->key);
    if (!key && !family) {
        refuse_family(p, item);
    } else if (family && p->family) {
        complain(p, item->place, "a prior has one family, found '%s' beside '%s'", item->key, p->family->name);
    } else if (family) {
        p->family = family;
        p->node = item->value;
        p->place = item->place;
    }
}

// Counts have their values listed once their parameters are known to be good.
static void make_counts(struct parsing *p) {
    char text[256];
    struct ws_prior bare = *p->prior;
    bare.n_parts = 1;
    bare.shift = 0;
    bare.scale = 1;
    bare.low = -INFINITY;
    bare.high = INFINITY;
    bare.parts = &(struct ws_prior_part){.weight = 1};
    if (ws_prior_check(&bare, text, sizeof text)) {
        complain(p, p->place, "%s", text);
        return;
    }
    struct ws_prior_part *parts;
    p->prior->n_parts = ws_counts_parts(p->family, p->prior->p, p->arena, &parts);
    p->prior->parts = parts;
}

// Families with readers of their own. Nonzero where this is one.
static int parse_composite(struct parsing *p) {
    static const struct {
        const char *family;
        int (*parse)(struct ws_prior *, const struct ws_node *, struct ws_place, const char *, struct ws_arena *,
                     struct ws_messages *);
    } readers[] = {{"mixture", ws_mixture_parse},
                   {"quantiles", ws_quantiles_parse},
                   {"histogram", ws_histogram_parse},
                   {"empirical", ws_empirical_parse},
                   {"dirichlet", ws_dirichlet_parse}};
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
        if (strcmp(p->family->name, readers[i].family) == 0) {
            p->failed |= readers[i].parse(p->prior, p->node, p->place, p->subject, p->arena, p->messages) != 0;
            return 1;
        }
    return 0;
}

// Listed values take their modifiers at once: the prior is then of the numbers that are left.
static void modify_values(struct parsing *p) {
    struct ws_prior *prior = p->prior;
    struct ws_prior_part *parts = WS_NEW_ARRAY(p->arena, struct ws_prior_part, prior->n_parts + 1);
    double sum = 0, low = prior->low, high = prior->high;
    size_t kept = 0, n = prior->n_parts;
    for (size_t i = 0; i < n; i++) {
        struct ws_prior_part part = prior->parts[prior->scale < 0 ? n - 1 - i : i];
        part.value = prior->shift + prior->scale * part.value;
        if (!(part.value >= low && part.value <= high))
            continue;
        sum += part.weight;
        parts[kept++] = part;
    }
    for (size_t i = 0; i < kept; i++)
        parts[i].weight /= sum;
    if (kept == 0) {
        char from[32], to[32];
        complain(p, p->place, "truncate leaves none of the values of %s, which lie between %s and %s", p->family->name,
                 ws_format_double(prior->shift + prior->scale * prior->parts[prior->scale < 0 ? n - 1 : 0].value, from),
                 ws_format_double(prior->shift + prior->scale * prior->parts[prior->scale < 0 ? 0 : n - 1].value, to));
    }
    prior->parts = parts;
    prior->n_parts = kept;
    prior->shift = 0;
    prior->scale = 1;
    prior->low = -INFINITY;
    prior->high = INFINITY;
}

static int is_modified(const struct ws_prior *prior) {
    return prior->shift != 0 || prior->scale != 1 || isfinite(prior->low) || isfinite(prior->high);
}

static void parse_family(struct parsing *p) {
    if (p->family->kind == WS_CATEGORICAL)
        parse_alternatives(p);
    else if (parse_composite(p))
        return;
    else if (p->family->kind == WS_DISCRETE && !p->family->ratio)
        parse_values(p);
    else
        parse_parameters(p);
    if (p->family->ratio && !p->failed)
        make_counts(p);
}

static void parse_mapping(struct parsing *p, const struct ws_node *node) {
    const struct ws_item *given = ws_node_find(node, "given");
    if (given) {
        complain(p, given->place,
                 "a conditional prior is an input's whole prior, no part of another; give it an input of its own and "
                 "choose with select");
        return;
    }
    for (size_t i = 0; i < node->n_items; i++)
        take_family(p, &node->items[i]);
    if (!p->family) {
        if (!p->failed)
            complain(p, node->place,
                     "the prior names no family, wanted {family: {...}} such as {normal: {mean: 0.75, sd: 0.08}}");
        return;
    }
    p->prior->family = p->family;
    for (size_t i = 0; i < node->n_items; i++) {
        const struct ws_item *item = &node->items[i];
        if (!ws_key_find(WS_KEYS_PRIOR, item->key))
            continue;
        if (p->family->kind == WS_CATEGORICAL)
            complain(p, item->place, "%s takes no '%s': its alternatives are labels, not numbers", p->family->name,
                     item->key);
        else if (strcmp(p->family->name, "dirichlet") == 0)
            complain(p, item->place, "%s takes no '%s': its shares would no longer sum to one", p->family->name,
                     item->key);
        else if (p->family->kind == WS_CONSTANT)
            complain(p, item->place, "%s takes no '%s'; write the number that comes out", p->family->name, item->key);
        else
            parse_modifier(p, item);
    }
    parse_family(p);
    if (p->prior->family->kind == WS_DISCRETE && !p->failed && is_modified(p->prior))
        modify_values(p);
}

// "A to B": the central 90 %, lognormal where both ends are positive, else normal.
static int parse_range(struct parsing *p, const struct ws_node *node) {
    const char *to = strstr(node->text, " to ");
    if (!to)
        return 0;
    const char *first = ws_arena_copy_n(p->arena, node->text, (size_t)(to - node->text));
    const char *second = to + 4 + strspn(to + 4, " ");
    double probability[2] = {0.05, 0.95}, value[2];
    size_t length = strlen(first);
    while (length > 0 && first[length - 1] == ' ')
        length--;
    if (ws_parse_double(ws_arena_copy_n(p->arena, first, length), &value[0]) || ws_parse_double(second, &value[1])) {
        complain(p, node->place, "'%.60s' is no range, wanted two numbers as in 120e6 to 500e6", node->text);
        return 1;
    }
    if (!(value[0] < value[1])) {
        complain(p, node->place, "the range '%.60s' needs its lower end first and two different ends", node->text);
        return 1;
    }
    p->family = ws_family_find(value[0] > 0 ? "lognormal" : "normal");
    p->prior->family = p->family;
    from_two(p, probability, value, node->place);
    return 1;
}

static void parse_scalar(struct parsing *p, const struct ws_node *node) {
    double number;
    p->place = node->place;
    if (ws_node_number(node, &number) == 0) {
        p->prior->family = p->family = ws_family_find("constant");
        p->prior->p[0] = number;
    } else if (!parse_range(p, node)) {
        const struct ws_family *family = ws_family_find(node->text);
        const char *hint =
            family ? ws_arena_printf(p->arena, "; did you mean %s?", family->example) : ws_number_hint(node);
        complain(p, node->place, "the prior is %s, wanted a number, 'A to B' or {family: {...}}%s",
                 ws_node_describe(node, p->arena), hint);
    }
}

const struct ws_prior *ws_prior_parse(const struct ws_node *node, const char *subject, struct ws_arena *arena,
                                      struct ws_messages *messages) {
    struct ws_prior *prior = WS_NEW(arena, struct ws_prior);
    *prior = (struct ws_prior){.scale = 1, .low = -INFINITY, .high = INFINITY, .text = ws_node_line(node, arena)};
    struct parsing p = {.subject = subject, .arena = arena, .messages = messages, .prior = prior, .place = node->place};
    if (node->kind == WS_NODE_MAP)
        parse_mapping(&p, node);
    else if (node->kind == WS_NODE_SCALAR)
        parse_scalar(&p, node);
    else
        complain(&p, node->place, "the prior is %s, wanted a number, 'A to B' or {family: {...}}",
                 ws_node_describe(node, arena));
    char text[512];
    // Alternatives have been checked above; one of weight 0 is how --set rules out a label that formulas go on naming.
    if (!p.failed && prior->family->kind != WS_CATEGORICAL && ws_prior_check(prior, text, sizeof text))
        complain(&p, p.place, "%s", text);
    return p.failed ? NULL : prior;
}
