// SPDX-License-Identifier: GPL-3.0-or-later
// Comparing: which inputs are one quantity, then one tree from two, and its text.
#include "study/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "study/keys.h"
#include "study/loader.h"
#include "study/rename.h"

struct comparing {
    const struct ws_compare_request *request;
    const struct ws_study *a, *b;
    struct ws_arena *arena;
    struct ws_messages *messages;
    struct ws_place place;        // of what is made here
    unsigned char *shared;        // for each quantity of b: whether it is a's of the same name
    const char **names, **become; // b's quantities, and what they are called in the comparison
    const char *prefix;           // of b's names
    const char **sources, **sources_become;
    size_t n_sources;
};

static const char *const sections[] = {"inputs", "derived", "outputs"};

static const struct ws_node *entry_of(const struct ws_study *study, const char *section, const char *name) {
    return ws_node_get(ws_node_get(study->merged, section), name);
}

// ---- which inputs are one quantity ----

// The file that a key stands in. A flattened study (and thereby a result) says it at the end of the line.
static const char *origin(const struct ws_study *study, struct ws_place place, struct ws_arena *arena) {
    const char *file = place.file;
    for (size_t i = 0; i < study->n_files; i++) {
        const char *line = study->files[i].text;
        if (strcmp(study->files[i].name, place.file) != 0)
            continue;
        for (int n = 1; n < place.line && line; n++)
            line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL;
        size_t length = line ? strcspn(line, "\n") : 0, digits = 0;
        while (digits < length && line[length - 1 - digits] >= '0' && line[length - 1 - digits] <= '9')
            digits++;
        size_t end = length - digits, start = end;
        if (!digits || !end || line[end - 1] != ':')
            break;
        while (start > 0 && strncmp(line + start - 1, "  # ", 4) != 0)
            start--;
        if (start > 0)
            file = ws_arena_copy_n(arena, line + start + 3, end - 1 - (start + 3));
        break;
    }
    const char *slash = strrchr(file, '/');
    return slash ? slash + 1 : file;
}

static int same_value(const struct ws_node *a, const struct ws_node *b, const char *key, struct ws_arena *arena) {
    const struct ws_node *x = ws_node_get(a, key), *y = ws_node_get(b, key);
    if (!x || !y)
        return x == y;
    return strcmp(ws_node_line(x, arena), ws_node_line(y, arena)) == 0;
}

static int same_law(const struct ws_node *a, const struct ws_node *b, struct ws_arena *arena) {
    return same_value(a, b, "prior", arena) && same_value(a, b, "unit", arena);
}

static int same_origin(struct comparing *c, const struct ws_node *a, const struct ws_node *b, const char *key) {
    const struct ws_item *x = ws_node_find(a, key), *y = ws_node_find(b, key);
    return x && y && strcmp(origin(c->a, x->place, c->arena), origin(c->b, y->place, c->arena)) == 0;
}

// Marked as shared, and inherited unchanged from one file, whose path may differ between the two.
static int is_shared(struct comparing *c, const char *name) {
    size_t i = ws_study_find(c->a, name), k = ws_study_find(c->b, name);
    if (i >= c->a->n_inputs || k >= c->b->n_inputs || !c->a->quantities[i].shared || !c->b->quantities[k].shared)
        return 0;
    const struct ws_node *a = entry_of(c->a, "inputs", name), *b = entry_of(c->b, "inputs", name);
    return same_law(a, b, c->arena) && same_origin(c, a, b, "prior") && same_origin(c, a, b, "shared");
}

static const char *suggest(struct comparing *c, const char *name) {
    const char **names = WS_NEW_ARRAY(c->arena, const char *, c->b->n_inputs + 1);
    for (size_t i = 0; i < c->b->n_inputs; i++) {
        size_t k = ws_study_find(c->a, c->b->quantities[i].name);
        names[i] = k < c->a->n_inputs ? c->b->quantities[i].name : NULL;
    }
    return ws_suggestion(c->arena, name, names, c->b->n_inputs);
}

// The input of b that --share or --apart names; SIZE_MAX after a complaint.
static size_t named_input(struct comparing *c, const char *option, const char *name) {
    size_t i = ws_study_find(c->a, name), k = ws_study_find(c->b, name);
    if (i < c->a->n_inputs && k < c->b->n_inputs)
        return k;
    ws_complain(c->messages, c->place, "--%s %.80s: no input of both studies has this name%s", option, name,
                suggest(c, name));
    return SIZE_MAX;
}

static void share(struct comparing *c, const char *name) {
    size_t k = named_input(c, "share", name);
    if (k == SIZE_MAX)
        return;
    for (size_t i = 0; i < c->request->n_apart; i++)
        if (strcmp(c->request->apart[i], name) == 0) {
            ws_complain(c->messages, c->place, "'%.80s' is in --share and in --apart; leave one of them out", name);
            return;
        }
    const struct ws_node *a = entry_of(c->a, "inputs", name), *b = entry_of(c->b, "inputs", name);
    if (same_law(a, b, c->arena)) {
        c->shared[k] = 1;
        return;
    }
    const struct ws_node *x = ws_node_get(a, "prior"), *y = ws_node_get(b, "prior");
    ws_complain(c->messages, c->place,
                "--share %.80s: one quantity has one prior, found %.200s %s and %.200s %s; use --set in a study of its "
                "own to give both the same",
                name, ws_node_line(x, c->arena), c->a->quantities[ws_study_find(c->a, name)].unit.label,
                ws_node_line(y, c->arena), c->b->quantities[k].unit.label);
}

// A conditional prior is one quantity only where what it is given is.
static int part_givens(struct comparing *c) {
    int parted = 0;
    for (size_t i = 0; i < c->b->n_inputs; i++) {
        size_t given = c->b->quantities[i].given;
        if (c->shared[i] && given != SIZE_MAX && !c->shared[given]) {
            c->shared[i] = 0;
            parted = 1;
        }
    }
    return parted;
}

// Shares of one whole are all one quantity or none is.
static int part_wholes(struct comparing *c) {
    int parted = 0;
    for (size_t i = 0; i < c->b->n_inputs; i++)
        for (size_t k = 0; k < c->b->quantities[i].n_shares && c->shared[i]; k++)
            if (!c->shared[c->b->quantities[i].shares[k]]) {
                c->shared[i] = 0;
                parted = 1;
            }
    return parted;
}

static const char *depends_on(const struct comparing *c, size_t input) {
    const struct ws_quantity *q = &c->b->quantities[input];
    for (size_t k = 0; k < q->n_shares; k++)
        if (!c->shared[q->shares[k]] && q->shares[k] != input)
            return c->b->quantities[q->shares[k]].name;
    return q->given == SIZE_MAX ? q->name : c->b->quantities[q->given].name;
}

static void check_shares(struct comparing *c) {
    for (size_t i = 0; i < c->request->n_share; i++) {
        size_t k = ws_study_find(c->b, c->request->share[i]);
        if (k < c->b->n_inputs && !c->shared[k] && c->messages->errors == 0)
            ws_complain(c->messages, c->place,
                        "--share %.80s: its prior depends on '%.80s', which is not shared; share that as well, and "
                        "name neither in --apart",
                        c->request->share[i], depends_on(c, k));
    }
}

static void find_shared(struct comparing *c) {
    c->shared = ws_arena_alloc(c->arena, c->b->n_quantities + 1);
    memset(c->shared, 0, c->b->n_quantities + 1);
    for (size_t i = 0; i < c->b->n_inputs; i++)
        c->shared[i] = (unsigned char)is_shared(c, c->b->quantities[i].name);
    for (size_t i = 0; i < c->request->n_share; i++)
        share(c, c->request->share[i]);
    for (size_t i = 0; i < c->request->n_apart; i++) {
        size_t k = named_input(c, "apart", c->request->apart[i]);
        if (k != SIZE_MAX)
            c->shared[k] = 0;
    }
    while (part_givens(c) || part_wholes(c))
        ;
    check_shares(c);
}

// ---- names ----

static const char *free_prefix(struct comparing *c) {
    for (int number = 1;; number++) {
        const char *prefix = number == 1 ? "b_" : ws_arena_printf(c->arena, "b%d_", number);
        int taken = 0;
        for (size_t i = 0; i < c->a->n_quantities; i++)
            taken |= strncmp(c->a->quantities[i].name, prefix, strlen(prefix)) == 0;
        if (!taken)
            return prefix;
    }
}

static void name_sources(struct comparing *c) {
    const struct ws_node *a = ws_node_get(c->a->merged, "sources"), *b = ws_node_get(c->b->merged, "sources");
    size_t count = b ? b->n_items : 0;
    c->sources = WS_NEW_ARRAY(c->arena, const char *, count + 1);
    c->sources_become = WS_NEW_ARRAY(c->arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct ws_node *other = ws_node_get(a, b->items[i].key);
        if (!other || strcmp(ws_node_line(other, c->arena), ws_node_line(b->items[i].value, c->arena)) == 0)
            continue;
        c->sources[c->n_sources] = b->items[i].key;
        c->sources_become[c->n_sources++] = ws_arena_printf(c->arena, "b_%s", b->items[i].key);
    }
}

static void name_quantities(struct comparing *c) {
    const char *prefix = c->prefix = free_prefix(c);
    c->names = WS_NEW_ARRAY(c->arena, const char *, c->b->n_quantities + 1);
    c->become = WS_NEW_ARRAY(c->arena, const char *, c->b->n_quantities + 1);
    for (size_t i = 0; i < c->b->n_quantities; i++) {
        c->names[i] = c->b->quantities[i].name;
        c->become[i] = c->shared[i] ? c->names[i] : ws_arena_printf(c->arena, "%s%s", prefix, c->names[i]);
    }
}

// ---- b under its new names ----

static const struct ws_node *rewrite(struct comparing *c, const struct ws_node *node) {
    const struct ws_renaming renaming = {c->names,          c->become,    c->b->n_quantities, c->sources,
                                         c->sources_become, c->n_sources, c->prefix};
    return ws_node_rename(node, &renaming, c->arena);
}

// An output becomes a derived quantity: the comparison reports its own.
static const struct ws_node *as_derived(struct comparing *c, const struct ws_node *entry) {
    struct ws_node *copy = ws_node_copy(c->arena, entry);
    for (size_t i = copy->n_items; i-- > 0;)
        if (!ws_key_find(WS_KEYS_DERIVED, copy->items[i].key))
            ws_node_remove(copy, copy->items[i].key);
    return copy;
}

static void add_quantities(struct comparing *c, struct ws_node *inputs, struct ws_node *derived) {
    for (int s = 0; s < 3; s++) {
        const struct ws_node *a = ws_node_get(c->a->merged, sections[s]);
        for (size_t i = 0; a && i < a->n_items; i++)
            ws_node_set(c->arena, s ? derived : inputs, a->items[i].key, a->items[i].place,
                        s ? as_derived(c, a->items[i].value) : a->items[i].value);
    }
    for (int s = 0; s < 3; s++) {
        const struct ws_node *b = ws_node_get(c->b->merged, sections[s]);
        for (size_t i = 0; b && i < b->n_items; i++) {
            const char *name = ws_name_replaced(b->items[i].key, c->names, c->become, c->b->n_quantities);
            const struct ws_node *entry = rewrite(c, b->items[i].value);
            if (name != b->items[i].key && strcmp(name, b->items[i].key) != 0)
                ws_node_set(c->arena, s ? derived : inputs, name, b->items[i].place, s ? as_derived(c, entry) : entry);
        }
    }
}

// A shared input keeps its point only where both estimates used the same.
static void settle_points(struct comparing *c, struct ws_node *inputs) {
    for (size_t i = 0; i < c->b->n_inputs; i++) {
        const char *name = c->names[i];
        const struct ws_node *a = entry_of(c->a, "inputs", name), *b = entry_of(c->b, "inputs", name);
        if (!c->shared[i] || same_value(a, b, "point", c->arena))
            continue;
        struct ws_node *copy = ws_node_copy(c->arena, ws_node_get(inputs, name));
        ws_node_remove(copy, "point");
        ws_node_set(c->arena, inputs, name, ws_node_find(inputs, name)->place, copy);
    }
}

// ---- ratio and difference ----

static void put(struct comparing *c, struct ws_node *map, const char *key, const char *text, int quoted) {
    ws_node_set(c->arena, map, key, c->place, ws_node_scalar(c->arena, text, quoted, c->place));
}

static void put_key(struct comparing *c, struct ws_node *map, const struct ws_node *from, const char *key) {
    const struct ws_item *item = ws_node_find(from, key);
    if (item && !ws_node_is_null(item->value))
        ws_node_set(c->arena, map, key, item->place, item->value);
}

static const char *number(struct comparing *c, double value) {
    char buffer[32];
    return ws_arena_copy(c->arena, ws_format_double(value, buffer));
}

static const struct ws_claim *first_claim(const struct ws_study *study, size_t output) {
    for (size_t i = 0; i < study->n_claims; i++)
        if (study->claims[i].output == output && !isnan(study->claims[i].value) && !*study->claims[i].bound)
            return &study->claims[i];
    return NULL;
}

static void add_claim(struct comparing *c, struct ws_node *claims, const char *name, double value, const char *source,
                      const char *note) {
    struct ws_node *claim = ws_node_map(c->arena, c->place);
    claim->flow = 1;
    put(c, claim, "name", name, 1);
    put(c, claim, "value", number(c, value), 0);
    if (*source)
        put(c, claim, "source", source, 1);
    if (*note)
        put(c, claim, "note", note, 1);
    ws_node_set(c->arena, claims, NULL, c->place, claim);
}

// A ratio per year, as the growth from the older to the newer; a ratio in whole where exponent is 1.
static double per_year(double ratio, double exponent) { return exponent == 1 ? ratio : pow(ratio, exponent); }

static int is_per_year(const struct ws_node *claim) {
    const struct ws_node *flag = ws_node_get(claim, "per_year");
    return flag && flag->kind == WS_NODE_SCALAR && strcmp(flag->text, "true") == 0;
}

// What one study claims of its ratio to the other: `ratio_to` in its output's `published`. The growth of a year has the
// claims of both kinds, the ratio those of its own.
static void add_stated(struct comparing *c, struct ws_node *claims, const struct ws_node *output, const char *other,
                       int inverse, double exponent) {
    const struct ws_node *published = ws_node_get(output, "published");
    size_t count = !published ? 0 : published->kind == WS_NODE_LIST ? published->n_items : 1;
    for (size_t i = 0; i < count; i++) {
        const struct ws_node *claim = published->kind == WS_NODE_LIST ? published->items[i].value : published;
        const struct ws_node *to = ws_node_get(claim, "ratio_to"), *value = ws_node_get(claim, "value");
        const struct ws_node *source = ws_node_get(claim, "source"), *note = ws_node_get(claim, "note");
        double ratio;
        if (!to || strcmp(to->text, other) != 0 || !value || ws_node_number(value, &ratio))
            continue;
        const char *key = source ? source->text : "";
        if (is_per_year(claim) && exponent == 1)
            continue;
        // A growth a year reads the same whichever study comes first.
        double told = is_per_year(claim) ? ratio : per_year(inverse ? 1 / ratio : ratio, exponent);
        add_claim(c, claims, is_per_year(claim) ? "stated growth" : "stated ratio", told,
                  inverse ? ws_name_replaced(key, c->sources, c->sources_become, c->n_sources) : key,
                  note ? note->text : "");
    }
}

static const struct ws_node *ratio_claims(struct comparing *c, size_t i, size_t k, double exponent) {
    struct ws_node *claims = ws_node_list(c->arena, c->place);
    const char *name = c->names[k];
    add_stated(c, claims, entry_of(c->a, "outputs", name), c->b->name, 0, exponent);
    add_stated(c, claims, entry_of(c->b, "outputs", name), c->a->name, 1, exponent);
    const struct ws_claim *a = first_claim(c->a, i), *b = first_claim(c->b, k);
    double factor;
    if (a && b && b->value != 0 && !ws_unit_factor(&c->b->quantities[k].unit, &c->a->quantities[i].unit, &factor))
        add_claim(c, claims, "published figures", per_year(a->value / (b->value * factor), exponent), a->source,
                  ws_arena_printf(c->arena, "%s %s over %s %s as published", number(c, a->value_as_published),
                                  a->unit.label, number(c, b->value_as_published), b->unit.label));
    return claims;
}

static const char *free_name(struct comparing *c, const struct ws_node *outputs, const char *wanted) {
    const char *name = wanted;
    for (int n = 2;; n++) {
        int taken = ws_node_find(outputs, name) || ws_study_find(c->a, name) != SIZE_MAX;
        for (size_t i = 0; i < c->b->n_quantities; i++)
            taken |= strcmp(c->become[i], name) == 0;
        if (!taken)
            return name;
        name = ws_arena_printf(c->arena, "%s_%d", wanted, n);
    }
}

// The growth in a year that the ratio amounts to, for outputs of which a ratio was published; only where both studies
// say when what they estimate was released, and these are a month apart or more.
static void add_yearly(struct comparing *c, struct ws_node *outputs, size_t i, size_t k) {
    const char *name = c->names[k];
    const struct ws_node *entry = entry_of(c->a, "outputs", name);
    double years = c->a->released - c->b->released;
    if (!(fabs(years) >= 1.0 / 12))
        return;
    const struct ws_node *claims = ratio_claims(c, i, k, 1 / years);
    if (claims->n_items == 0)
        return;
    int forward = years > 0;
    const struct ws_study *from = forward ? c->b : c->a, *to = forward ? c->a : c->b;
    struct ws_node *yearly = ws_node_map(c->arena, c->place);
    put(c, yearly, "description",
        ws_arena_printf(c->arena, "%s, growth a year from %s (%s) to %s (%s)", name, from->name, from->released_text,
                        to->name, to->released_text),
        1);
    put(c, yearly, "unit", "1", 0);
    put(c, yearly, "formula", ws_arena_printf(c->arena, "(%s / %s)^(1 / (%s))", name, c->become[k], number(c, years)),
        0);
    put_key(c, yearly, entry, "boundary");
    put_key(c, yearly, entry, "scale");
    ws_node_set(c->arena, yearly, "published", c->place, claims);
    ws_node_set(c->arena, outputs, free_name(c, outputs, ws_arena_printf(c->arena, "%s_per_year", name)), c->place,
                yearly);
}

static void add_pair(struct comparing *c, struct ws_node *outputs, size_t i, size_t k) {
    const char *name = c->names[k], *other = c->become[k];
    const struct ws_node *entry = entry_of(c->a, "outputs", name);
    const struct ws_node *claims = ratio_claims(c, i, k, 1);
    struct ws_node *ratio = ws_node_map(c->arena, c->place), *difference = ws_node_map(c->arena, c->place);
    put(c, ratio, "description", ws_arena_printf(c->arena, "%s of %s over that of %s", name, c->a->name, c->b->name),
        1);
    put(c, ratio, "unit", "1", 0);
    put(c, ratio, "formula", ws_arena_printf(c->arena, "%s / %s", name, other), 0);
    put_key(c, ratio, entry, "boundary");
    put_key(c, ratio, entry, "scale");
    if (claims->n_items)
        ws_node_set(c->arena, ratio, "published", c->place, claims);
    put(c, difference, "description",
        ws_arena_printf(c->arena, "%s of %s less that of %s", name, c->a->name, c->b->name), 1);
    put(c, difference, "unit", c->a->quantities[i].unit.label, 1);
    put(c, difference, "formula", ws_arena_printf(c->arena, "%s - %s", name, other), 0);
    static const char *const kept[] = {"boundary", "currency", "price_year", "gwp_basis"};
    for (size_t n = 0; n < sizeof kept / sizeof *kept; n++)
        put_key(c, difference, entry, kept[n]);
    ws_node_set(c->arena, outputs, free_name(c, outputs, ws_arena_printf(c->arena, "%s_ratio", name)), c->place, ratio);
    add_yearly(c, outputs, i, k);
    ws_node_set(c->arena, outputs, free_name(c, outputs, ws_arena_printf(c->arena, "%s_difference", name)), c->place,
                difference);
}

static void list_name(struct ws_text *list, const char *name) {
    ws_text_printf(list, "%s%s", list->length ? ", " : "", name);
}

static const struct ws_node *pair_outputs(struct comparing *c, const char **not_compared) {
    struct ws_node *outputs = ws_node_map(c->arena, c->place);
    struct ws_text left = {.arena = c->arena};
    ws_text_add(&left, "");
    for (size_t k = c->b->n_inputs + c->b->n_derived; k < c->b->n_quantities; k++) {
        size_t i = ws_study_find(c->a, c->names[k]);
        double factor;
        if (i == SIZE_MAX || c->a->quantities[i].role != WS_OUTPUT)
            continue;
        int condition = ws_study_is_condition(c->a, i) || ws_study_is_condition(c->b, k);
        if (condition || ws_unit_factor(&c->b->quantities[k].unit, &c->a->quantities[i].unit, &factor))
            list_name(&left, c->names[k]);
        else
            add_pair(c, outputs, i, k);
    }
    if (outputs->n_items == 0)
        ws_complain(c->messages, c->place,
                    "there is nothing to compare: no output of '%.80s' and '%.80s' has the same name and a unit that "
                    "converts; see 'wattspan check' of each",
                    c->a->name, c->b->name);
    *not_compared = left.data;
    return outputs;
}

// ---- the other sections ----

// Facts of b about a quantity that is shared are a's as well, where both state them.
static const struct ws_node *join_evidence(struct comparing *c) {
    const struct ws_node *a = ws_node_get(c->a->merged, "evidence"), *b = ws_node_get(c->b->merged, "evidence");
    struct ws_node *joined = a ? ws_node_copy(c->arena, a) : ws_node_map(c->arena, c->place);
    for (size_t i = 0; b && i < b->n_items; i++) {
        const struct ws_item *item = &b->items[i];
        const struct ws_node *fact = rewrite(c, item->value), *same = ws_node_get(a, item->key);
        if (same && strcmp(ws_node_line(same, c->arena), ws_node_line(fact, c->arena)) == 0)
            continue;
        const char *name = ws_arena_printf(c->arena, "b_%s", item->key);
        while (ws_node_find(joined, name))
            name = ws_arena_printf(c->arena, "b_%s", name);
        ws_node_set(c->arena, joined, name, item->place, fact);
    }
    return joined;
}

static const struct ws_node *join_sources(struct comparing *c) {
    const struct ws_node *b = ws_node_get(c->b->merged, "sources"), *a = ws_node_get(c->a->merged, "sources");
    struct ws_node *joined = a ? ws_node_copy(c->arena, a) : ws_node_map(c->arena, c->place);
    for (size_t i = 0; b && i < b->n_items; i++)
        ws_node_set(c->arena, joined, ws_name_replaced(b->items[i].key, c->sources, c->sources_become, c->n_sources),
                    b->items[i].place, b->items[i].value);
    return joined;
}

// Lists of which each entry stands once: units, correlations.
static const struct ws_node *join_list(struct comparing *c, const char *key) {
    const struct ws_node *a = ws_node_get(c->a->merged, key), *b = ws_node_get(c->b->merged, key);
    struct ws_node *joined = a ? ws_node_copy(c->arena, a) : ws_node_list(c->arena, c->place);
    for (size_t i = 0; b && i < b->n_items; i++) {
        const struct ws_node *item = rewrite(c, b->items[i].value);
        int known = 0;
        for (size_t k = 0; k < joined->n_items; k++)
            known |= strcmp(ws_node_line(joined->items[k].value, c->arena), ws_node_line(item, c->arena)) == 0;
        if (!known)
            ws_node_set(c->arena, joined, NULL, b->items[i].place, item);
    }
    return joined;
}

static void list_inputs(struct comparing *c, struct ws_comparison *comparison) {
    struct ws_text shared = {.arena = c->arena}, apart = {.arena = c->arena};
    ws_text_add(&shared, "");
    ws_text_add(&apart, "");
    for (size_t i = 0; i < c->b->n_inputs; i++) {
        size_t k = ws_study_find(c->a, c->names[i]);
        if (c->shared[i])
            list_name(&shared, c->names[i]);
        else if (k < c->a->n_inputs &&
                 !(ws_prior_is_constant(c->a->quantities[k].prior) && ws_prior_is_constant(c->b->quantities[i].prior)))
            list_name(&apart, c->names[i]);
    }
    comparison->shared = shared.data;
    comparison->apart = apart.data;
}

static const struct ws_node *run_of(struct comparing *c) {
    const struct ws_node *run = ws_node_get(c->a->merged, "run");
    double a = c->a->run.widen > 0 ? c->a->run.widen : 1, b = c->b->run.widen > 0 ? c->b->run.widen : 1;
    if (a < b || a > b)
        ws_complain(c->messages, c->place,
                    "'%.80s' widens its priors by %g and '%.80s' by %g; compare studies that do the same, or take "
                    "--widen for both",
                    c->a->name, a, c->b->name, b);
    return run;
}

static void write_text(struct comparing *c, const struct ws_node *outputs, struct ws_comparison *comparison) {
    struct ws_node *root = ws_node_map(c->arena, c->place), *inputs = ws_node_map(c->arena, c->place),
                   *derived = ws_node_map(c->arena, c->place);
    const struct ws_node *run = run_of(c);
    put(c, root, "wattspan", "1", 0);
    put(c, root, "title", ws_arena_printf(c->arena, "%s, compared with: %s", c->a->title, c->b->title), 1);
    put(c, root, "description",
        ws_arena_printf(c->arena,
                        "Ratios and differences of %s (as in its own study) and %s (b_...). One quantity in "
                        "both: %s. Two quantities: %s.",
                        c->a->name, c->b->name, *comparison->shared ? comparison->shared : "none",
                        *comparison->apart ? comparison->apart : "none"),
        1);
    ws_node_set(c->arena, root, "units", c->place, join_list(c, "units"));
    ws_node_set(c->arena, root, "sources", c->place, join_sources(c));
    add_quantities(c, inputs, derived);
    settle_points(c, inputs);
    ws_node_set(c->arena, root, "inputs", c->place, inputs);
    ws_node_set(c->arena, root, "derived", c->place, derived);
    ws_node_set(c->arena, root, "outputs", c->place, outputs);
    if (ws_node_get(c->a->merged, "correlations") || ws_node_get(c->b->merged, "correlations"))
        ws_node_set(c->arena, root, "correlations", c->place, join_list(c, "correlations"));
    const struct ws_node *evidence = join_evidence(c);
    if (evidence->n_items)
        ws_node_set(c->arena, root, "evidence", c->place, evidence);
    if (run)
        ws_node_set(c->arena, root, "run", c->place, run);
    ws_flatten_yaml(root, &comparison->text, c->arena);
}

// What one of the two sweeps by itself is no sweep of the comparison.
static void refuse_sweep(const struct comparing *c, const struct ws_study *study) {
    if (study->n_axes > 0)
        ws_complain(c->messages, c->place,
                    "'%.80s' sweeps %s, and a comparison is of one case of each: take 'sweep' out of the study; what "
                    "both are to be swept over is given to the comparison by --vary",
                    study->name, study->quantities[study->axes[0].quantity].name);
}

int ws_compare(const struct ws_compare_request *request, struct ws_comparison *comparison, struct ws_arena *arena,
               struct ws_messages *messages) {
    struct comparing c = {.request = request, .a = request->a, .b = request->b, .arena = arena, .messages = messages};
    size_t errors = messages->errors;
    comparison->name = ws_arena_printf(arena, "%s-vs-%s", c.a->name, c.b->name);
    c.place = (struct ws_place){comparison->name, 0, 0};
    refuse_sweep(&c, c.a);
    refuse_sweep(&c, c.b);
    find_shared(&c);
    name_quantities(&c);
    name_sources(&c);
    const struct ws_node *outputs = pair_outputs(&c, &comparison->not_compared);
    list_inputs(&c, comparison);
    if (messages->errors == errors)
        write_text(&c, outputs, comparison);
    return messages->errors > errors ? -1 : 0;
}
