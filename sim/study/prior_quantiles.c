// SPDX-License-Identifier: GPL-3.0-or-later
// {quantiles: {p10: .., p50: .., p90: .., min: .., max: ..}}: the metalog through them.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "prior/metalog.h"
#include "study/prior_mixture.h"

struct reading {
    struct ws_place place; // of the family's name
    const char *subject;
    struct ws_arena *arena;
    struct ws_messages *messages;
    struct ws_metalog q;
    const struct ws_item *items[WS_METALOG_MOST]; // of the quantiles
};

static void read_quantile(struct reading *r, const struct ws_item *item, double value) {
    double p;
    if (ws_quantile_key(item->key, &p)) {
        ws_complain(r->messages, item->place, "%s: quantiles has no '%.60s', wanted p10, p50 and so on, min or max",
                    r->subject, item->key);
    } else if (!(p > 0 && p < 1)) {
        ws_complain(r->messages, item->place,
                    "%s: '%s' is no quantile, wanted one between p0 and p100; bounds are min "
                    "and max",
                    r->subject, item->key);
    } else if (r->q.n == WS_METALOG_MOST) {
        ws_complain(r->messages, item->place,
                    "%s: more than %d quantiles; a histogram or an empirical prior takes any "
                    "number",
                    r->subject, (int)WS_METALOG_MOST);
    } else {
        size_t i = r->q.n++;
        for (; i > 0 && r->q.p[i - 1] > p; i--) {
            r->q.p[i] = r->q.p[i - 1];
            r->q.x[i] = r->q.x[i - 1];
            r->items[i] = r->items[i - 1];
        }
        r->q.p[i] = p;
        r->q.x[i] = value;
        r->items[i] = item;
    }
}

static void read_items(struct reading *r, const struct ws_node *node) {
    r->q.low = -INFINITY;
    r->q.high = INFINITY;
    for (size_t k = 0; k < node->n_items; k++) {
        const struct ws_item *item = &node->items[k];
        double value;
        if (ws_node_number(item->value, &value))
            ws_complain(r->messages, item->value->place, "%s: '%.60s' is %s, wanted a number%s", r->subject, item->key,
                        ws_node_describe(item->value, r->arena), ws_number_hint(item->value));
        else if (strcmp(item->key, "min") == 0)
            r->q.low = value;
        else if (strcmp(item->key, "max") == 0)
            r->q.high = value;
        else
            read_quantile(r, item, value);
    }
}

static void check_order(const struct reading *r) {
    for (size_t i = 0; i < r->q.n; i++) {
        const struct ws_item *item = r->items[i], *before = i > 0 ? r->items[i - 1] : NULL;
        if (before && r->q.p[i] == r->q.p[i - 1])
            ws_complain(r->messages, item->place, "%s: '%s' and '%s' are the same quantile", r->subject, before->key,
                        item->key);
        else if (before && !(r->q.x[i] > r->q.x[i - 1]))
            ws_complain(r->messages, item->value->place, "%s: quantiles must rise, found %s %s, %s %s", r->subject,
                        before->key, before->value->text, item->key, item->value->text);
        char bound[32];
        int below = !(r->q.x[i] > r->q.low);
        if (below || !(r->q.x[i] < r->q.high))
            ws_complain(r->messages, item->value->place, "%s: %s %s is not between min and max: %s is %s", r->subject,
                        item->key, item->value->text, below ? "min" : "max",
                        ws_format_double(below ? r->q.low : r->q.high, bound));
    }
    if (r->q.n < 3)
        ws_complain(r->messages, r->place,
                    "%s: quantiles takes three or more, found %zu; give two to normal or lognormal, as in {lognormal: "
                    "{p5: 2, p95: 8}}",
                    r->subject, r->q.n);
}

// To as few digits as leave the set feasible.
static void round_moves(const struct ws_metalog *q, const double *x, struct ws_metalog *moved) {
    double a[WS_METALOG_TERMS];
    for (int digits = 3; digits < 17; digits++) {
        int rises = 1;
        *moved = *q;
        for (size_t i = 0; i < q->n; i++) {
            char text[40];
            snprintf(text, sizeof text, "%.*g", digits, x[i]);
            if (x[i] != q->x[i])
                moved->x[i] = strtod(text, NULL);
            rises &= moved->x[i] > (i > 0 ? moved->x[i - 1] : q->low) && moved->x[i] < q->high;
        }
        if (rises && ws_metalog_fit(moved, a) == WS_METALOG_FITS)
            return;
    }
}

// Which quantiles to move, and how far.
static void refuse(const struct reading *r) {
    double x[WS_METALOG_MOST];
    struct ws_text text = {.arena = r->arena};
    struct ws_metalog moved;
    int moves = 0;
    if (ws_metalog_remedy(&r->q, x)) {
        ws_complain(r->messages, r->place, "%s: no metalog distribution has these quantiles; leave some out",
                    r->subject);
        return;
    }
    round_moves(&r->q, x, &moved);
    struct ws_place place = r->place;
    for (size_t i = 0; i < r->q.n; i++) {
        char number[32];
        if (moved.x[i] == r->q.x[i])
            continue;
        if (moves++ == 0)
            place = r->items[i]->value->place;
        ws_text_printf(&text, "%s%s from %s to %s", text.length ? ", " : "", r->items[i]->key, r->items[i]->value->text,
                       ws_format_double(moved.x[i], number));
    }
    ws_complain(r->messages, place, "%s: no metalog distribution has these quantiles; move %s%s", r->subject, text.data,
                moves > 2 ? "; or leave some out" : "");
}

int ws_quantiles_parse(struct ws_prior *prior, const struct ws_node *node, struct ws_place place, const char *subject,
                       struct ws_arena *arena, struct ws_messages *messages) {
    size_t errors = messages->errors;
    struct reading r = {.place = place, .subject = subject, .arena = arena, .messages = messages};
    if (node->kind != WS_NODE_MAP) {
        ws_complain(messages, place, "%s: quantiles is given %s, wanted three or more, for example %s", subject,
                    ws_node_describe(node, arena), ws_family_find("quantiles")->example);
        return -1;
    }
    read_items(&r, node);
    if (messages->errors == errors)
        check_order(&r);
    if (messages->errors > errors)
        return -1;
    double *a = WS_NEW_ARRAY(arena, double, WS_METALOG_TERMS);
    enum ws_metalog_fit fit = ws_metalog_fit(&r.q, a);
    if (fit == WS_METALOG_SINGULAR)
        ws_complain(messages, place, "%s: the quantiles lie too close together to be told apart; leave some out",
                    subject);
    else if (fit == WS_METALOG_FALLS)
        refuse(&r);
    prior->data = a;
    prior->n_data = r.q.n + 1;
    prior->p[0] = r.q.low;
    prior->p[1] = r.q.high;
    return messages->errors > errors ? -1 : 0;
}
