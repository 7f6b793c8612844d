// SPDX-License-Identifier: GPL-3.0-or-later
// {quantiles: {p10: .., p50: .., p90: .., min: .., max: ..}}: the metalog through them.
#include <math.h>
#include <stdint.h>
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
        if (!(r->q.x[i] > r->q.low && r->q.x[i] < r->q.high))
            ws_complain(r->messages, item->value->place, "%s: %s %s is not between min and max", r->subject, item->key,
                        item->value->text);
    }
    if (r->q.n < 3)
        ws_complain(r->messages, r->place,
                    "%s: quantiles takes three or more, found %zu; give two to normal or lognormal, as in {lognormal: "
                    "{p5: 2, p95: 8}}",
                    r->subject, r->q.n);
}

// Which quantile to move, and how far.
static void refuse(const struct reading *r) {
    double to = NAN;
    size_t i = ws_metalog_remedy(&r->q, &to);
    if (i == SIZE_MAX) {
        ws_complain(r->messages, r->place,
                    "%s: no metalog distribution has these quantiles, whichever one of them is moved; leave some out",
                    r->subject);
        return;
    }
    // A hair further, so that the value printed is feasible.
    double step = 1e-4 * (r->q.x[r->q.n - 1] - r->q.x[0]), value = to + (to > r->q.x[i] ? step : -step);
    double unit = pow(10, floor(log10(step)));
    char text[32];
    ws_complain(r->messages, r->items[i]->value->place,
                "%s: no metalog distribution has these quantiles; move %s from %s to %s or a little beyond", r->subject,
                r->items[i]->key, r->items[i]->value->text, ws_format_double(round(value / unit) * unit, text));
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
