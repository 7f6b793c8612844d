// SPDX-License-Identifier: GPL-3.0-or-later
// Warnings: studies that load but may not mean what they say.
#include <math.h>
#include <string.h>

#include "study/loader.h"

// ---- denominators near zero ----

// A quotient has no mean, and wild tails, where its denominator may be zero: the prior reaches across zero, or (beta,
// uniform from 0) has weight within a thousandth of its median. Positive families fall off fast enough.
static int may_vanish(const struct ws_prior *prior) {
    if (ws_prior_is_constant(prior))
        return ws_prior_quantile(prior, 0.5, 0) == 0;
    if (fmin(ws_prior_cdf(prior, 0), ws_prior_sf(prior, 0)) > 1e-6)
        return 1;
    if (prior->family->kind != WS_CONTINUOUS || (prior->family->positive && prior->shift == 0))
        return 0;
    double near = 1e-3 * fabs(ws_prior_quantile(prior, 0.5, 0));
    return ws_prior_cdf(prior, near) - ws_prior_cdf(prior, -near) > 1e-5;
}

struct search {
    struct ws_loader *loader;
    size_t formula;        // the quantity whose formula is looked at
    unsigned char *warned; // inputs already named
    size_t budget;         // trees share subtrees: a bound on the work
};

// How many of an operation's leading operands make it zero when they are.
static size_t n_factors(int operation) {
    switch (operation) {
    case WS_OP_MUL:
        return 2;
    case WS_OP_DIV:
    case WS_OP_NEG:
    case WS_OP_ABS:
    case WS_OP_SQRT:
        return 1;
    default:
        return 0;
    }
}

// The factors of a denominator that are inputs, through the formulas of what it names.
static void search_factors(struct search *s, const struct ws_expression *e) {
    const struct ws_study *study = s->loader->study;
    if (s->budget == 0)
        return;
    s->budget--;
    if (e->kind == WS_QUANTITY) {
        const struct ws_quantity *q = &study->quantities[e->quantity];
        if (q->formula)
            search_factors(s, q->formula);
        else if (q->prior && !s->warned[e->quantity] && !ws_prior_is_categorical(q->prior) && may_vanish(q->prior)) {
            s->warned[e->quantity] = 1;
            ws_warn(s->loader->messages, s->loader->drafts[s->formula].formula->text_place,
                    "%s: divides by '%s', whose prior %s may be zero or near it; truncate or change the prior",
                    s->loader->drafts[s->formula].subject, q->name, q->prior->text);
        }
    } else if (e->kind == WS_APPLY) {
        for (size_t i = 0; i < n_factors(e->operation); i++)
            search_factors(s, e->operand[i]);
    }
}

static void search_quotients(struct search *s, const struct ws_expression *e) {
    if (s->budget == 0)
        return;
    s->budget--;
    for (size_t i = 0; e->kind == WS_APPLY && i < e->n_operands; i++)
        search_quotients(s, e->operand[i]);
    if (e->kind == WS_APPLY && e->operation == WS_OP_DIV)
        search_factors(s, e->operand[1]);
}

// ---- money of several years ----

static int is_deflator(const struct ws_quantity *q) {
    static const char *const words[] = {"deflator", "inflation", "price_index", "cpi"};
    int found = 0;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        found |= strstr(q->name, words[i]) != NULL;
    return found;
}

// Per quantity: the price years among the inputs it reaches (NAN: none; first and another, with who has it), and
// whether a deflator is among them.
struct money {
    size_t first, other; // quantities with price years that differ; SIZE_MAX: none
    int deflated;
};

static void add_money(const struct ws_study *study, struct money *to, size_t index) {
    if (index == SIZE_MAX)
        return;
    if (to->first == SIZE_MAX)
        to->first = index;
    else if (to->other == SIZE_MAX && study->quantities[index].price_year != study->quantities[to->first].price_year)
        to->other = index;
}

static void gather_money(struct ws_loader *loader, size_t index, struct money *all) {
    const struct ws_study *study = loader->study;
    const struct ws_quantity *q = &study->quantities[index];
    struct money *m = &all[index];
    *m = (struct money){SIZE_MAX, SIZE_MAX, is_deflator(q)};
    if (!isnan(q->price_year) && q->role == WS_INPUT)
        m->first = index;
    for (size_t i = 0; i < loader->drafts[index].n_uses; i++) {
        const struct money *used = &all[loader->drafts[index].uses[i]];
        add_money(study, m, used->first);
        add_money(study, m, used->other);
        m->deflated |= used->deflated;
    }
    if (q->role == WS_OUTPUT && q->unit.is_money && !isnan(q->price_year) && m->first != SIZE_MAX)
        add_money(study, m, index);
    if (q->role == WS_OUTPUT && q->unit.is_money && m->other != SIZE_MAX && !m->deflated) {
        const struct ws_quantity *a = &study->quantities[m->first], *b = &study->quantities[m->other];
        ws_warn(loader->messages, q->place,
                "%s: mixes prices of %.0f ('%s') and %.0f ('%s') without a deflator among its inputs",
                loader->drafts[index].subject, a->price_year, a->name, b->price_year, b->name);
    }
}

void ws_load_warnings(struct ws_loader *loader) {
    const struct ws_study *study = loader->study;
    struct money *money = WS_NEW_ARRAY(loader->arena, struct money, study->n_quantities + 1);
    unsigned char *warned = ws_arena_alloc(loader->arena, study->n_quantities + 1);
    for (size_t i = 0; i < study->n_quantities; i++) {
        size_t index = study->order[i];
        const struct ws_quantity *q = &study->quantities[index];
        struct search search = {loader, index, warned, 10000};
        if (q->formula)
            search_quotients(&search, q->formula);
        gather_money(loader, index, money);
        if (!isnan(q->price_year) && q->unit.label && !q->unit.is_money)
            ws_warn(loader->messages, q->place, "%s: has a price year, but its unit %s holds no money",
                    loader->drafts[index].subject, q->unit.label);
    }
}
