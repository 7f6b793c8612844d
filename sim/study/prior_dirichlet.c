// SPDX-License-Identifier: GPL-3.0-or-later
// The draws are made by breaking a stick (Sethuraman 1994, "A constructive definition of Dirichlet priors", section 3;
// for finitely many members it is textbook): in the order of their names, member k takes the part b_k ~ Beta(alpha_k,
// sum of the alphas after it) of what the members before it have left, and the last takes what is left.
#include "study/prior_dirichlet.h"

#include <math.h>
#include <string.h>

#include "study/prior_parse.h"

int ws_dirichlet_parse(struct ws_prior *prior, const struct ws_node *node, struct ws_place place, const char *subject,
                       struct ws_arena *arena, struct ws_messages *messages) {
    static const char *const names[] = {"group", "alpha"};
    const char *example = ws_family_find("dirichlet")->example;
    size_t errors = messages->errors;
    if (node->kind != WS_NODE_MAP) {
        ws_complain(messages, place, "%s: dirichlet is given %s, wanted a group and alpha, for example %s", subject,
                    ws_node_describe(node, arena), example);
        return -1;
    }
    for (size_t i = 0; i < node->n_items; i++)
        if (strcmp(node->items[i].key, "group") != 0 && strcmp(node->items[i].key, "alpha") != 0)
            ws_complain(messages, node->items[i].place,
                        "%s: dirichlet has no parameter '%.60s'%s; wanted group and alpha", subject, node->items[i].key,
                        ws_suggestion(arena, node->items[i].key, names, 2));
    const struct ws_node *group = ws_node_get(node, "group"), *alpha = ws_node_get(node, "alpha");
    if (!group || !alpha)
        ws_complain(messages, place, "%s: dirichlet needs '%s'; for example %s", subject, group ? "alpha" : "group",
                    example);
    if (group && (group->kind != WS_NODE_SCALAR || !ws_is_name(group->text)))
        ws_complain(messages, group->place, "%s: 'group' is %s, wanted a name such as fuel_mix", subject,
                    ws_node_describe(group, arena));
    if (alpha && ws_node_number(alpha, &prior->p[0]))
        ws_complain(messages, alpha->place, "%s: 'alpha' is %s, wanted a number%s", subject,
                    ws_node_describe(alpha, arena), ws_number_hint(alpha));
    else if (alpha && !(prior->p[0] > 0))
        ws_complain(messages, alpha->place, "%s: dirichlet needs alpha > 0, found %s", subject, alpha->text);
    prior->p[1] = 1; // until the others are known
    return messages->errors > errors ? -1 : 0;
}

const char *ws_dirichlet_group(const struct ws_node *prior) {
    for (size_t i = 0; prior && prior->kind == WS_NODE_MAP && i < prior->n_items; i++) {
        const struct ws_family *family = ws_family_find(prior->items[i].key);
        const struct ws_node *group =
            family && strcmp(family->name, "dirichlet") == 0 && prior->items[i].value->kind == WS_NODE_MAP
                ? ws_node_get(prior->items[i].value, "group")
                : NULL;
        if (group && group->kind == WS_NODE_SCALAR)
            return group->text;
    }
    return NULL;
}

int ws_dirichlet_parted(const char *name, const struct ws_node *old, const struct ws_node *prior, struct ws_place place,
                        struct ws_messages *messages) {
    const char *group = ws_dirichlet_group(old), *other = ws_dirichlet_group(prior);
    if (!group || (other && strcmp(group, other) == 0))
        return 0;
    ws_complain(messages, place,
                "'%s' is a share of the group '%s', whose members sum to one, and cannot be set alone; set its alpha "
                "({dirichlet: {group: %s, alpha: ...}}), or give all members in a study that extends this one",
                name, group, group);
    return -1;
}

// ---- groups ----

static int is_share(const struct ws_quantity *q) {
    return q->prior && strcmp(q->prior->family->name, "dirichlet") == 0;
}

static const char *group_of(const struct ws_loader *loader, size_t input) {
    return ws_dirichlet_group(ws_node_get(loader->drafts[input].entry, "prior"));
}

static const struct ws_prior *make_prior(const struct ws_prior *like, const char *family, double a, double b,
                                         struct ws_arena *arena) {
    struct ws_prior *prior = WS_NEW(arena, struct ws_prior);
    *prior = *like;
    prior->family = ws_family_find(family);
    prior->p[0] = a;
    prior->p[1] = b;
    prior->p[2] = 0;
    prior->p[3] = 1;
    return prior;
}

static void sort_by_name(const struct ws_study *study, size_t *members, size_t n) {
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k > 0; k--) {
            size_t later = members[k];
            if (strcmp(study->quantities[members[k - 1]].name, study->quantities[later].name) < 0)
                break;
            members[k] = members[k - 1];
            members[k - 1] = later;
        }
}

// All members' priors and what they are drawn with, in the order of their names.
static void join(struct ws_loader *loader, const size_t *members, size_t n, const char *group) {
    struct ws_study *study = loader->study;
    double after = 0, all = 0;
    for (size_t k = 0; k < n; k++)
        all += study->quantities[members[k]].prior->p[0];
    for (size_t k = n; k-- > 0;) {
        struct ws_quantity *q = &study->quantities[members[k]];
        double alpha = q->prior->p[0];
        q->stick = k + 1 == n ? make_prior(q->prior, "constant", 1, 0, loader->arena)
                              : make_prior(q->prior, "beta", alpha, after, loader->arena);
        q->prior = make_prior(q->prior, "dirichlet", alpha, all - alpha, loader->arena);
        q->shares = members;
        q->n_shares = n;
        q->share_group = group;
        after += alpha;
    }
}

static void check_member(struct ws_loader *loader, size_t input) {
    const struct ws_quantity *q = &loader->study->quantities[input];
    const struct ws_node *unit = ws_node_get(loader->drafts[input].entry, "unit");
    if (q->unit.label && (*q->unit.dimension || q->unit.to_base != 1))
        ws_loader_complain(loader, unit ? unit->place : q->place, loader->drafts[input].subject,
                           "a share of a whole has the unit 1, found '%s'", q->unit.label);
}

static void check_points(struct ws_loader *loader, const size_t *members, size_t n, const char *group) {
    double sum = 0;
    for (size_t k = 0; k < n; k++) {
        const struct ws_quantity *q = &loader->study->quantities[members[k]];
        if (!q->has_point)
            return;
        sum += q->point;
    }
    if (fabs(sum - 1) > 0.005)
        ws_warn(loader->messages, loader->study->quantities[members[0]].place,
                "the points of the group '%s' add up to %g, where its shares add up to 1", group, sum);
}

static void load_group(struct ws_loader *loader, size_t first, const char *group) {
    struct ws_study *study = loader->study;
    size_t *members = WS_NEW_ARRAY(loader->arena, size_t, study->n_inputs + 1), n = 0,
           errors = loader->messages->errors;
    size_t bad = 0; // members whose own errors were reported
    for (size_t i = 0; i < study->n_inputs; i++) {
        const char *own = group_of(loader, i);
        if (!own || strcmp(own, group) != 0)
            continue;
        if (is_share(&study->quantities[i]))
            members[n++] = i;
        else
            bad++;
    }
    if (bad)
        return;
    for (size_t k = 0; k < n; k++)
        check_member(loader, members[k]);
    if (ws_loader_find(loader, group) != SIZE_MAX)
        ws_loader_complain(loader, study->quantities[first].place, loader->drafts[first].subject,
                           "the group '%s' has the name of a quantity; give it another", group);
    if (n < 2)
        ws_loader_complain(loader, study->quantities[first].place, loader->drafts[first].subject,
                           "it is the only member of the group '%s'; shares of a whole are two or more", group);
    if (loader->messages->errors > errors)
        return;
    sort_by_name(study, members, n);
    join(loader, members, n, group);
    check_points(loader, members, n, group);
}

void ws_load_shares(struct ws_loader *loader) {
    struct ws_study *study = loader->study;
    for (size_t i = 0; i < study->n_inputs; i++) {
        int seen = 0;
        const char *group = is_share(&study->quantities[i]) ? group_of(loader, i) : NULL;
        for (size_t k = 0; k < i && group; k++)
            seen |= is_share(&study->quantities[k]) && strcmp(group_of(loader, k), group) == 0;
        if (group && !seen)
            load_group(loader, i, group);
    }
}
