// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/prior_parse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "study/keys.h"
#include "study/prior_dirichlet.h"
#include "study/prior_mixture.h"
#include "study/prior_reading.h"

void ws_prior_complain(struct ws_prior_reading *p, struct ws_place place, const char *format, ...) {
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

int ws_prior_take_number(struct ws_prior_reading *p, const struct ws_node *node, const char *key, double *value) {
    if (ws_node_number(node, value) == 0)
        return 0;
    ws_prior_complain(p, node->place, "'%s' is %s, wanted a number%s", key, ws_node_describe(node, p->arena),
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

// ---- modifiers ----

static int parse_bound(struct ws_prior_reading *p, const struct ws_node *node, int upper, double *bound) {
    static const char *const open_ends[2][4] = {{"-inf", "-.inf", "-Infinity", NULL},
                                                {"inf", ".inf", "Infinity", NULL}};
    if (ws_node_is_null(node))
        return 0;
    for (int i = 0; node->kind == WS_NODE_SCALAR && open_ends[upper][i]; i++)
        if (strcmp(node->text, open_ends[upper][i]) == 0)
            return 0;
    return ws_prior_take_number(p, node, "truncate", bound);
}

static void parse_truncate(struct ws_prior_reading *p, const struct ws_node *node) {
    if (node->kind != WS_NODE_LIST || node->n_items != 2) {
        ws_prior_complain(p, node->place, "'truncate' is %s, wanted [low, high]", ws_node_describe(node, p->arena));
        return;
    }
    if (parse_bound(p, node->items[0].value, 0, &p->prior->low) == 0 &&
        parse_bound(p, node->items[1].value, 1, &p->prior->high) == 0 && !(p->prior->low < p->prior->high))
        ws_prior_complain(p, node->place, "truncate needs low < high, found %s", ws_node_line(node, p->arena));
}

static void parse_modifier(struct ws_prior_reading *p, const struct ws_item *item) {
    if (strcmp(item->key, "truncate") == 0)
        parse_truncate(p, item->value);
    else if (strcmp(item->key, "shift") == 0)
        ws_prior_take_number(p, item->value, item->key, &p->prior->shift);
    else if (ws_prior_take_number(p, item->value, item->key, &p->prior->scale) == 0 && p->prior->scale == 0)
        ws_prior_complain(p, item->value->place, "'scale' is 0, wanted another number");
}

// ---- the whole ----

static void refuse_family(struct ws_prior_reading *p, const struct ws_item *item) {
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
    ws_prior_complain(p, item->place, "no family of priors is called '%.60s'%s", item->key,
                      *near ? near : ws_arena_printf(p->arena, "; this version has %s", all.data));
}

static void take_family(struct ws_prior_reading *p, const struct ws_item *item) {
    const struct ws_key *key = ws_key_find(WS_KEYS_PRIOR, item->key);
    const struct ws_family *family = key ? NULL : ws_family_find(item->key);
    if (!key && !family) {
        refuse_family(p, item);
    } else if (family && p->family) {
        ws_prior_complain(p, item->place, "a prior has one family, found '%s' beside '%s'", item->key, p->family->name);
    } else if (family) {
        p->family = family;
        p->node = item->value;
        p->place = item->place;
    }
}

// Families with readers of their own. Nonzero where this is one.
static int parse_composite(struct ws_prior_reading *p) {
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

static int is_modified(const struct ws_prior *prior) {
    return prior->shift != 0 || prior->scale != 1 || isfinite(prior->low) || isfinite(prior->high);
}

static void parse_family(struct ws_prior_reading *p) {
    if (p->family->kind == WS_CATEGORICAL)
        ws_prior_read_labels(p);
    else if (parse_composite(p))
        return;
    else if (p->family->kind == WS_DISCRETE && !p->family->ratio)
        ws_prior_read_values(p);
    else
        ws_prior_read_parameters(p);
    if (p->family->ratio && !p->failed)
        ws_prior_list_counts(p);
}

static void parse_mapping(struct ws_prior_reading *p, const struct ws_node *node) {
    const struct ws_item *given = ws_node_find(node, "given");
    if (given) {
        ws_prior_complain(
            p, given->place,
            "a conditional prior is an input's whole prior, no part of another; give it an input of its own and "
            "choose with select");
        return;
    }
    for (size_t i = 0; i < node->n_items; i++)
        take_family(p, &node->items[i]);
    if (!p->family) {
        if (!p->failed)
            ws_prior_complain(
                p, node->place,
                "the prior names no family, wanted {family: {...}} such as {normal: {mean: 0.75, sd: 0.08}}");
        return;
    }
    p->prior->family = p->family;
    for (size_t i = 0; i < node->n_items; i++) {
        const struct ws_item *item = &node->items[i];
        if (!ws_key_find(WS_KEYS_PRIOR, item->key))
            continue;
        if (p->family->kind == WS_CATEGORICAL)
            ws_prior_complain(p, item->place, "%s takes no '%s': its alternatives are labels, not numbers",
                              p->family->name, item->key);
        else if (strcmp(p->family->name, "dirichlet") == 0)
            ws_prior_complain(p, item->place, "%s takes no '%s': its shares would no longer sum to one",
                              p->family->name, item->key);
        else if (p->family->kind == WS_CONSTANT)
            ws_prior_complain(p, item->place, "%s takes no '%s'; write the number that comes out", p->family->name,
                              item->key);
        else
            parse_modifier(p, item);
    }
    parse_family(p);
    if (p->prior->family->kind == WS_DISCRETE && !p->failed && is_modified(p->prior))
        ws_prior_modify_values(p);
}

// "A to B": the central 90 %, lognormal where both ends are positive, else normal.
static int parse_range(struct ws_prior_reading *p, const struct ws_node *node) {
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
        ws_prior_complain(p, node->place, "'%.60s' is no range, wanted two numbers as in 120e6 to 500e6", node->text);
        return 1;
    }
    if (!(value[0] < value[1])) {
        ws_prior_complain(p, node->place, "the range '%.60s' needs its lower end first and two different ends",
                          node->text);
        return 1;
    }
    p->family = ws_family_find(value[0] > 0 ? "lognormal" : "normal");
    p->prior->family = p->family;
    ws_prior_from_two(p, probability, value, node->place);
    return 1;
}

static void parse_scalar(struct ws_prior_reading *p, const struct ws_node *node) {
    double number;
    p->place = node->place;
    if (ws_node_number(node, &number) == 0) {
        p->prior->family = p->family = ws_family_find("constant");
        p->prior->p[0] = number;
    } else if (!parse_range(p, node)) {
        const struct ws_family *family = ws_family_find(node->text);
        const char *hint =
            family ? ws_arena_printf(p->arena, "; did you mean %s?", family->example) : ws_number_hint(node);
        ws_prior_complain(p, node->place, "the prior is %s, wanted a number, 'A to B' or {family: {...}}%s",
                          ws_node_describe(node, p->arena), hint);
    }
}

const struct ws_prior *ws_prior_parse(const struct ws_node *node, const char *subject, struct ws_arena *arena,
                                      struct ws_messages *messages) {
    struct ws_prior *prior = WS_NEW(arena, struct ws_prior);
    *prior = (struct ws_prior){.scale = 1, .low = -INFINITY, .high = INFINITY, .text = ws_node_line(node, arena)};
    struct ws_prior_reading p = {
        .subject = subject, .arena = arena, .messages = messages, .prior = prior, .place = node->place};
    if (node->kind == WS_NODE_MAP)
        parse_mapping(&p, node);
    else if (node->kind == WS_NODE_SCALAR)
        parse_scalar(&p, node);
    else
        ws_prior_complain(&p, node->place, "the prior is %s, wanted a number, 'A to B' or {family: {...}}",
                          ws_node_describe(node, arena));
    char text[512];
    // Alternatives have been checked above; one of weight 0 is how --set rules out a label that formulas go on naming.
    if (!p.failed && prior->family->kind != WS_CATEGORICAL && ws_prior_check(prior, text, sizeof text))
        ws_prior_complain(&p, p.place, "%s", text);
    return p.failed ? NULL : prior;
}
