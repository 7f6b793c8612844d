// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/prior_mixture.h"

#include <math.h>
#include <string.h>

#include "study/keys.h"

enum { MAX_PARTS = 256 };

struct reading {
    const char *subject;
    struct ws_arena *arena;
    struct ws_messages *messages;
};

static double read_weight(const struct reading *r, const struct ws_item *item) {
    double weight = 0;
    if (ws_node_number(item->value, &weight))
        ws_complain(r->messages, item->value->place, "%s: 'weight' is %s, wanted a number%s", r->subject,
                    ws_node_describe(item->value, r->arena), ws_number_hint(item->value));
    else if (!(weight > 0))
        ws_complain(r->messages, item->value->place,
                    "%s: the weight is %s, wanted more than 0; leave out what has none", r->subject, item->value->text);
    return weight;
}

static const char *read_text(const struct reading *r, const struct ws_item *item) {
    if (item->value->kind == WS_NODE_SCALAR && *item->value->text)
        return item->value->text;
    ws_complain(r->messages, item->value->place, "%s: '%s' is %s, wanted a text", r->subject, item->key,
                ws_node_describe(item->value, r->arena));
    return NULL;
}

// What stands beside a part's family is known by its name; a near miss of one would be read as a family.
static int refuse_key(const struct reading *r, const struct ws_node *part, const struct ws_item *item) {
    static const char *const names[] = {"weight", "label", "source"};
    const char *near = ws_suggestion(r->arena, item->key, names, sizeof names / sizeof *names);
    if (strcmp(item->key, "prior") == 0 && part->n_items > 1)
        ws_complain(r->messages, item->place,
                    "%s: 'prior' takes the place of a family, and beside it stand weight, label and source alone; put "
                    "the rest into it: {weight: 2, prior: {normal: {mean: 1, sd: 0.1}, truncate: [0, 2]}}",
                    r->subject);
    else if (*near && !ws_family_find(item->key) && !ws_key_find(WS_KEYS_PRIOR, item->key))
        ws_complain(r->messages, item->place, "%s: a part has no '%.60s'%s", r->subject, item->key, near);
    else
        return 0;
    return 1;
}

// A part is a prior with weight, label and source beside its family; {weight: 2, prior: 3 to 5} where it has none.
static const struct ws_prior *read_part(const struct reading *r, const struct ws_node *node,
                                        struct ws_prior_part *part) {
    if (node->kind != WS_NODE_MAP)
        return ws_prior_parse(node, r->subject, r->arena, r->messages);
    struct ws_node *rest = ws_node_map(r->arena, node->place);
    for (size_t i = 0; i < node->n_items; i++) {
        const struct ws_item *item = &node->items[i];
        if (strcmp(item->key, "weight") == 0)
            part->weight = read_weight(r, item);
        else if (strcmp(item->key, "label") == 0)
            part->label = read_text(r, item);
        else if (strcmp(item->key, "source") == 0)
            read_text(r, item);
        else
            ws_node_set(r->arena, rest, item->key, item->place, item->value);
    }
    for (size_t i = 0; i < rest->n_items; i++)
        if (refuse_key(r, rest, &rest->items[i]))
            return NULL;
    const struct ws_node *whole = rest->n_items == 1 ? ws_node_get(rest, "prior") : NULL;
    return ws_prior_parse(whole ? whole : rest, r->subject, r->arena, r->messages);
}

static void read_parts(const struct reading *r, const struct ws_node *node, struct ws_prior_part *parts) {
    double sum = 0;
    for (size_t i = 0; i < node->n_items; i++) {
        const struct ws_node *item = node->items[i].value;
        const char *label =
            item->kind == WS_NODE_MAP && ws_node_get(item, "label") ? ws_node_get(item, "label")->text : NULL;
        struct reading own = *r;
        own.subject = label ? ws_arena_printf(r->arena, "%s, part '%.80s'", r->subject, label)
                            : ws_arena_printf(r->arena, "%s, part %zu", r->subject, i + 1);
        parts[i] = (struct ws_prior_part){.weight = 1};
        parts[i].prior = read_part(&own, item, &parts[i]);
        if (parts[i].prior && ws_prior_is_categorical(parts[i].prior))
            ws_complain(r->messages, item->place,
                        "%s: a choice has labels, not numbers, and cannot be part of a mixture; give the choice an "
                        "input of its own",
                        own.subject);
        if (parts[i].prior && strcmp(parts[i].prior->family->name, "dirichlet") == 0)
            ws_complain(r->messages, item->place,
                        "%s: a share of a whole is an input's whole prior, no part of another", own.subject);
        sum += parts[i].weight;
    }
    for (size_t i = 0; i < node->n_items; i++)
        parts[i].weight /= sum;
    if (!isfinite(sum) && node->n_items > 1)
        ws_complain(r->messages, node->place,
                    "%s: the weights of the parts add up to infinity; divide them by the "
                    "greatest",
                    r->subject);
}

int ws_mixture_parse(struct ws_prior *prior, const struct ws_node *node, struct ws_place place, const char *subject,
                     struct ws_arena *arena, struct ws_messages *messages) {
    size_t errors = messages->errors;
    if (node->kind != WS_NODE_LIST || node->n_items == 0 || node->n_items > MAX_PARTS) {
        const char *found = node->kind == WS_NODE_LIST && node->n_items > 0
                                ? ws_arena_printf(arena, "a list of %zu", node->n_items)
                                : ws_node_describe(node, arena);
        ws_complain(messages, place, "%s: a mixture is given %s, wanted a list of up to %d priors, for example %s",
                    subject, found, (int)MAX_PARTS, ws_family_find("mixture")->example);
        return -1;
    }
    struct ws_prior_part *parts = WS_NEW_ARRAY(arena, struct ws_prior_part, node->n_items);
    const struct reading r = {subject, arena, messages};
    read_parts(&r, node, parts);
    prior->parts = parts;
    prior->n_parts = node->n_items;
    return messages->errors > errors ? -1 : 0;
}

void ws_mixture_sources(const struct ws_node *prior, void (*visit)(void *user, const struct ws_item *source),
                        void *user) {
    for (size_t i = 0; prior->kind != WS_NODE_SCALAR && i < prior->n_items; i++) {
        const struct ws_node *value = prior->items[i].value;
        const struct ws_item *source =
            prior->kind == WS_NODE_LIST && value->kind == WS_NODE_MAP ? ws_node_find(value, "source") : NULL;
        if (source)
            visit(user, source);
        ws_mixture_sources(value, visit, user);
    }
}
