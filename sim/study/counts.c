// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/counts.h"

#include <math.h>
#include <string.h>

#include "study/prior_parse.h"
#include "study/units.h"

enum { COUNT, TRIALS, EXPOSURE, VALUES };

static const struct kind {
    const char *name, *aliases[VALUES]; // the first of each is the one to write; NULL: it takes none
    const char *example;
} kinds[] = {
    {"poisson", {"count events k", NULL, "exposure"}, "{poisson: {count: 3}}, or {poisson: {count: 3, exposure: 2}}"},
    {"binomial", {"count successes k", "n trials", NULL}, "{binomial: {count: 7, n: 10}}"},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

struct reading {
    const struct kind *kind;
    const struct ws_item *item; // the kind and what it is given
    const char *subject;
    struct ws_arena *arena;
    struct ws_messages *messages;
    double value[VALUES];
    const struct ws_node *at[VALUES];
};

static const struct ws_item *find(const struct ws_node *node, const struct kind **kind) {
    for (size_t i = 0; node->kind == WS_NODE_MAP && i < node->n_items; i++)
        for (size_t k = 0; k < KINDS; k++)
            if (strcmp(node->items[i].key, kinds[k].name) == 0) {
                *kind = &kinds[k];
                return &node->items[i];
            }
    return NULL;
}

int ws_count_is(const struct ws_node *node) {
    const struct kind *kind;
    return find(node, &kind) != NULL;
}

static int take(struct reading *r, const struct ws_item *item) {
    for (int v = 0; v < VALUES; v++) {
        if (!r->kind->aliases[v] || !ws_is_listed(r->kind->aliases[v], item->key))
            continue;
        if (r->at[v])
            ws_complain(r->messages, item->place, "%s: '%s' is given twice", r->subject, item->key);
        else if (ws_node_number(item->value, &r->value[v]))
            ws_complain(r->messages, item->value->place, "%s: '%s' is %s, wanted a number%s", r->subject, item->key,
                        ws_node_describe(item->value, r->arena), ws_number_hint(item->value));
        r->at[v] = item->value;
        return 0;
    }
    return -1;
}

static void read_values(struct reading *r) {
    const struct ws_node *node = r->item->value;
    size_t errors = r->messages->errors;
    for (size_t i = 0; node->kind == WS_NODE_MAP && i < node->n_items; i++)
        if (take(r, &node->items[i]))
            ws_complain(r->messages, node->items[i].place,
                        "%s: '%.40s' is not what was seen; a fact says how many were counted: %s", r->subject,
                        node->items[i].key, r->kind->example);
    int missing = !r->at[COUNT] || (r->kind->aliases[TRIALS] && !r->at[TRIALS]);
    if (missing && r->messages->errors == errors)
        ws_complain(r->messages, r->item->place, "%s: a %s fact says what was counted: %s", r->subject, r->kind->name,
                    r->kind->example);
}

static int is_whole(double x, double least, double most) { return x >= least && x <= most && floor(x) == x; }

static void check_values(const struct reading *r) {
    const double most = 1e9;
    double trials = r->at[TRIALS] ? r->value[TRIALS] : most;
    if (r->at[TRIALS] && !is_whole(trials, 1, most))
        ws_complain(r->messages, r->at[TRIALS]->place, "%s: n is %s, wanted a whole number from 1 to 1e9", r->subject,
                    r->at[TRIALS]->text);
    else if (!is_whole(r->value[COUNT], 0, trials))
        ws_complain(r->messages, r->at[COUNT]->place, "%s: the count is %s, wanted a whole number from 0 to %s",
                    r->subject, r->at[COUNT]->text, r->at[TRIALS] ? r->at[TRIALS]->text : "1e9");
    if (r->at[EXPOSURE] && !(r->value[EXPOSURE] > 0))
        ws_complain(r->messages, r->at[EXPOSURE]->place, "%s: the exposure is %s, wanted more than 0", r->subject,
                    r->at[EXPOSURE]->text);
}

// Means of counts and probabilities are plain numbers; a rate is one once it is multiplied by an exposure.
static void check_unit(const struct reading *r, const struct ws_unit *unit) {
    if ((!*unit->dimension && unit->to_base == 1) || r->at[EXPOSURE])
        return;
    ws_complain(r->messages, r->item->place,
                r->kind->aliases[EXPOSURE]
                    ? "%s: the mean of a count is a plain number, and the fact is in %s; give the exposure, by which "
                      "it is multiplied, as in {poisson: {count: 3, exposure: 2}}, or 'unit: 1'"
                    : "%s: a probability is a plain number, and the fact is in %s; give 'unit: 1'",
                r->subject, unit->label);
}

static const struct ws_prior *make(const struct reading *r, const struct ws_node *node) {
    struct ws_prior *prior = WS_NEW(r->arena, struct ws_prior);
    *prior = (struct ws_prior){.scale = 1, .low = -INFINITY, .high = INFINITY, .text = ws_node_line(node, r->arena)};
    double k = r->value[COUNT];
    prior->p[0] = k + 1;
    if (r->at[TRIALS]) {
        prior->family = ws_family_find("beta");
        prior->p[1] = r->value[TRIALS] - k + 1;
        prior->p[3] = 1;
    } else {
        prior->family = ws_family_find("gamma");
        prior->p[1] = r->at[EXPOSURE] ? 1 / r->value[EXPOSURE] : 1;
    }
    return prior;
}

const struct ws_prior *ws_count_parse(const struct ws_node *node, const struct ws_unit *unit, const char *subject,
                                      struct ws_arena *arena, struct ws_messages *messages) {
    size_t errors = messages->errors;
    struct reading r = {.subject = subject, .arena = arena, .messages = messages};
    r.item = find(node, &r.kind);
    for (size_t i = 0; i < node->n_items; i++)
        if (&node->items[i] != r.item)
            ws_complain(messages, node->items[i].place, "%s: a count takes no '%.40s' beside it, wanted %s", subject,
                        node->items[i].key, r.kind->example);
    read_values(&r);
    if (messages->errors == errors) {
        check_values(&r);
        check_unit(&r, unit);
    }
    return messages->errors == errors ? make(&r, node) : NULL;
}

double ws_count_log_share(const struct ws_prior *observed) {
    const double *p = observed->p;
    return strcmp(observed->family->name, "beta") == 0 ? -log(p[0] + p[1] - 1) : log(p[1]);
}
