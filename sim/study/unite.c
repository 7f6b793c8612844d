// SPDX-License-Identifier: GPL-3.0-or-later
// First what each name is in each study, and whether it can stand once; then the sections of one tree.
#include "study/unite.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "study/keys.h"
#include "study/loader.h"
#include "study/rename.h"
#include "study/sweep.h"

// A name that some of the studies have.
struct named {
    const char *name;
    size_t *index;            // per study: of its quantity, SIZE_MAX where it has none
    const char **copies;      // per study: what its own is called where the name is split
    size_t n;                 // studies that have it
    int is_input, is_formula; // in any of them
    int apart;                // cannot be put together by selecting: labels, or units that do not convert
    int split, swept;
};

struct uniting {
    const struct ws_unite_request *request;
    struct ws_node *root;
    const struct ws_node *own_outputs; // of the study that sweeps
    struct ws_arena *arena;
    struct ws_messages *messages;
    size_t n;
    const struct ws_study *const *studies;
    struct named *all;
    size_t n_all;
    struct ws_renaming *renamings; // per study, of what is its own
    struct ws_renaming *shared;    // of what stands once: sources alone
};

static const char *const sections[] = {"inputs", "derived", "outputs"};

static const struct ws_quantity *quantity_of(const struct uniting *u, const struct named *e, size_t s) {
    return e->index[s] == SIZE_MAX ? NULL : &u->studies[s]->quantities[e->index[s]];
}

static const struct ws_item *item_of(const struct uniting *u, const struct named *e, size_t s) {
    const struct ws_quantity *q = quantity_of(u, e, s);
    return q ? ws_node_find(ws_node_get(u->studies[s]->merged, sections[q->role]), e->name) : NULL;
}

static struct named *find(const struct uniting *u, const char *name) {
    for (size_t i = 0; i < u->n_all; i++)
        if (strcmp(u->all[i].name, name) == 0)
            return &u->all[i];
    return NULL;
}

// Whether the name has units that do not convert.
static int units_differ(const struct uniting *u, const struct named *e) {
    const struct ws_quantity *first = NULL;
    for (size_t s = 0; s < u->n; s++) {
        const struct ws_quantity *q = quantity_of(u, e, s);
        if (first && q && strcmp(first->unit.dimension, q->unit.dimension) != 0)
            return 1;
        first = first ? first : q;
    }
    return 0;
}

// ---- what there is ----

static void add_names(struct uniting *u, size_t s) {
    for (size_t i = 0; i < u->studies[s]->n_quantities; i++) {
        const struct ws_quantity *q = &u->studies[s]->quantities[i];
        struct named *e = find(u, q->name);
        if (!e) {
            u->all = ws_arena_grow(u->arena, u->all, u->n_all, sizeof *u->all);
            e = &u->all[u->n_all++];
            *e = (struct named){.name = q->name, .index = WS_NEW_ARRAY(u->arena, size_t, u->n)};
            for (size_t k = 0; k < u->n; k++)
                e->index[k] = SIZE_MAX;
        }
        e->index[s] = i;
        e->n++;
        e->is_input |= q->role == WS_INPUT;
        e->is_formula |= q->role != WS_INPUT;
        e->apart |= (q->prior && ws_prior_is_categorical(q->prior)) || units_differ(u, e);
    }
}

static int is_correlated(const struct ws_study *study, size_t q) {
    for (size_t i = 0; i < study->n_correlations; i++)
        if (study->correlations[i].a == q || study->correlations[i].b == q)
            return 1;
    return 0;
}

// All that the values of a quantity follow from, beside other quantities' values: equal texts, equal values.
static const char *definition(const struct uniting *u, const struct named *e, size_t s) {
    const struct ws_study *study = u->studies[s];
    const struct ws_quantity *q = quantity_of(u, e, s);
    const struct ws_node *entry = item_of(u, e, s)->value, *unit = ws_node_get(entry, "unit");
    struct ws_text text = {.arena = u->arena};
    ws_text_printf(&text, "%s|%s", unit ? unit->text : "", q->role == WS_INPUT ? "" : q->formula_text);
    if (q->role != WS_INPUT)
        return text.data;
    ws_node_write_flow(&text, ws_node_get(entry, "prior"));
    for (size_t k = 0; k < q->n_shares; k++) {
        const char *share = study->quantities[q->shares[k]].name;
        ws_text_printf(&text, "|%s ", share);
        ws_node_write_flow(&text, ws_node_get(ws_node_get(ws_node_get(study->merged, "inputs"), share), "prior"));
    }
    const struct ws_node *pairs = ws_node_get(study->merged, "correlations");
    for (size_t i = 0; i < study->n_correlations; i++)
        if (study->correlations[i].a == e->index[s] || study->correlations[i].b == e->index[s]) {
            ws_text_add(&text, "|");
            ws_node_write_flow(&text, pairs->items[i].value);
        }
    return text.data;
}

// ---- what differs ----

static int differs(const struct uniting *u, const struct named *e) {
    const char *first = NULL;
    if (e->is_input && e->is_formula)
        return 1;
    if (units_differ(u, e))
        return 1;
    for (size_t s = 0; s < u->n; s++) {
        if (!quantity_of(u, e, s))
            continue;
        const char *text = definition(u, e, s);
        if (first && strcmp(first, text) != 0)
            return 1;
        first = text;
    }
    return 0;
}

static int same_labels(const struct ws_prior *a, const struct ws_prior *b) {
    int is_choice = ws_prior_is_categorical(a);
    if (is_choice != ws_prior_is_categorical(b) || (is_choice && a->n_parts != b->n_parts))
        return 0;
    for (size_t i = 0; is_choice && i < a->n_parts; i++)
        if (strcmp(a->parts[i].label, b->parts[i].label) != 0)
            return 0;
    return 1;
}

// Whether an input that differs is a value in each case: a whole prior, in all studies and in one unit.
static int can_be_swept(const struct uniting *u, const struct named *e) {
    const struct ws_quantity *first = quantity_of(u, e, 0);
    int can = e->n == u->n && !e->is_formula;
    for (size_t s = 0; s < u->n && can; s++) {
        const struct ws_quantity *q = quantity_of(u, e, s);
        can = q->given == SIZE_MAX && !q->n_shares && !is_correlated(u->studies[s], e->index[s]) &&
              strcmp(q->unit.label, first->unit.label) == 0 && same_labels(q->prior, first->prior);
    }
    return can;
}

static int is_split(const struct uniting *u, size_t s, size_t quantity) {
    return find(u, u->studies[s]->quantities[quantity].name)->split;
}

// Whether what stands once would name or move with something that does not.
static int follows(const struct uniting *u, const struct named *e, size_t s) {
    const struct ws_study *study = u->studies[s];
    const struct ws_quantity *q = quantity_of(u, e, s);
    int found = q->given != SIZE_MAX && is_split(u, s, q->given);
    for (size_t k = 0; k < q->n_shares && !found; k++)
        found = is_split(u, s, q->shares[k]);
    for (size_t i = 0; q->role == WS_INPUT && i < study->n_correlations && !found; i++) {
        const struct ws_correlation *pair = &study->correlations[i];
        found =
            (pair->a == e->index[s] && is_split(u, s, pair->b)) || (pair->b == e->index[s] && is_split(u, s, pair->a));
    }
    if (q->role == WS_INPUT || found)
        return found;
    unsigned char *uses = WS_NEW_ARRAY(u->arena, unsigned char, study->n_quantities + 1);
    ws_study_uses(study, e->index[s], uses);
    for (size_t i = 0; i < study->n_quantities && !found; i++) {
        const struct named *used = uses[i] ? find(u, study->quantities[i].name) : NULL;
        found = used && used->split && used->apart;
    }
    return found;
}

// What is fixed stands once, whatever it is in the studies.
static int is_fixed(const struct uniting *u, const struct named *e) {
    for (size_t i = 0; i < u->request->n_fixed; i++)
        if (strcmp(u->request->fixed[i], e->name) == 0)
            return 1;
    return 0;
}

static void decide(struct uniting *u) {
    for (size_t i = 0; i < u->n_all; i++)
        if (!is_fixed(u, &u->all[i]) && differs(u, &u->all[i])) {
            u->all[i].swept = can_be_swept(u, &u->all[i]);
            u->all[i].split = !u->all[i].swept;
        }
    for (int changed = 1; changed;) {
        changed = 0;
        for (size_t i = 0; i < u->n_all; i++) {
            struct named *e = &u->all[i];
            int before = e->split;
            for (size_t s = 0; s < u->n && !e->split && !is_fixed(u, e); s++)
                e->split = quantity_of(u, e, s) && follows(u, e, s);
            e->swept &= !e->split;
            changed |= e->split != before;
        }
    }
}

// ---- names ----

static const char *as_name(const char *text, struct ws_arena *arena) {
    char *name = ws_arena_copy(arena, text);
    for (char *s = name; *s; s++)
        if (!isalnum((unsigned char)*s))
            *s = '_';
    return name;
}

static int is_taken(const struct uniting *u, const char *name) {
    if (find(u, name) || ws_merge_section_of(u->root, name))
        return 1;
    for (size_t i = 0; i < u->n_all; i++)
        for (size_t s = 0; s < u->n && u->all[i].copies; s++)
            if (u->all[i].copies[s] && strcmp(u->all[i].copies[s], name) == 0)
                return 1;
    return 0;
}

static const char *free_name(const struct uniting *u, const char *name, size_t s) {
    const char *wanted = ws_arena_printf(u->arena, "%s_%s", name, as_name(u->request->names[s], u->arena));
    const char *given = wanted;
    for (int i = 2; is_taken(u, given); i++)
        given = ws_arena_printf(u->arena, "%s_%d", wanted, i);
    return given;
}

// What one study alone has keeps its name.
static void name_copies(struct uniting *u) {
    for (size_t i = 0; i < u->n_all; i++) {
        struct named *e = &u->all[i];
        if (!e->split)
            continue;
        e->copies = WS_NEW_ARRAY(u->arena, const char *, u->n);
        for (size_t s = 0; s < u->n; s++)
            if (quantity_of(u, e, s))
                e->copies[s] = e->n == 1 ? e->name : free_name(u, e->name, s);
    }
}

// Sources of one key that differ get keys of their own.
static void name_sources(struct uniting *u, struct ws_node *joined, size_t s, struct ws_renaming *r) {
    const struct ws_node *own = ws_node_get(u->studies[s]->merged, "sources");
    size_t n = own ? own->n_items : 0;
    const char **names = WS_NEW_ARRAY(u->arena, const char *, n + 1),
               **become = WS_NEW_ARRAY(u->arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        const struct ws_item *item = &own->items[i];
        const struct ws_node *other = ws_node_get(joined, item->key);
        const char *key = item->key;
        if (other && strcmp(ws_node_line(other, u->arena), ws_node_line(item->value, u->arena)) != 0)
            key = ws_arena_printf(u->arena, "%s_%s", key, as_name(u->request->names[s], u->arena));
        names[i] = item->key;
        become[i] = key;
        ws_node_set(u->arena, joined, key, item->place, item->value);
    }
    r->sources = names;
    r->sources_become = become;
    r->n_sources = n;
}

static void make_renamings(struct uniting *u) {
    struct ws_node *sources = ws_merge_section(u->root, "sources", u->arena);
    u->renamings = WS_NEW_ARRAY(u->arena, struct ws_renaming, u->n);
    u->shared = WS_NEW_ARRAY(u->arena, struct ws_renaming, u->n);
    for (size_t s = 0; s < u->n; s++) {
        struct ws_renaming *r = &u->renamings[s];
        const char **names = WS_NEW_ARRAY(u->arena, const char *, u->n_all + 1),
                   **become = WS_NEW_ARRAY(u->arena, const char *, u->n_all + 1);
        for (size_t i = 0; i < u->n_all; i++)
            if (u->all[i].copies && u->all[i].copies[s]) {
                names[r->count] = u->all[i].name;
                become[r->count++] = u->all[i].copies[s];
            }
        r->names = names;
        r->become = become;
        r->prefix = ws_arena_printf(u->arena, "%s_", as_name(u->request->names[s], u->arena));
        name_sources(u, sources, s, r);
        u->shared[s] = *r;
        u->shared[s].count = 0;
    }
}

// ---- quantities ----

static void put(struct uniting *u, struct ws_node *map, const char *key, const char *text) {
    ws_node_set(u->arena, map, key, u->request->place, ws_node_scalar(u->arena, text, 1, u->request->place));
}

static size_t first_study(const struct uniting *u, const struct named *e) {
    size_t s = 0;
    while (!quantity_of(u, e, s))
        s++;
    return s;
}

// The entry of a quantity in one of the studies, under the names that it has in all, with the keys of its new section.
static struct ws_node *entry_of(const struct uniting *u, const struct named *e, size_t s, int table) {
    const struct ws_renaming *renaming = e->split ? &u->renamings[s] : &u->shared[s];
    struct ws_node *entry = ws_node_copy(u->arena, ws_node_rename(item_of(u, e, s)->value, renaming, u->arena));
    for (size_t i = entry->n_items; i-- > 0;)
        if (!ws_key_find(table, entry->items[i].key))
            ws_node_remove(entry, entry->items[i].key);
    return entry;
}

static int same_everywhere(const struct uniting *u, const struct named *e, const char *key) {
    const char *first = NULL;
    for (size_t s = 0; s < u->n; s++) {
        const struct ws_item *item = item_of(u, e, s);
        const struct ws_node *value = item ? ws_node_get(item->value, key) : NULL;
        const char *line = value ? ws_node_line(value, u->arena) : "";
        if (item && first && strcmp(first, line) != 0)
            return 0;
        first = item ? line : first;
    }
    return 1;
}

static void add_entry(struct uniting *u, const char *section, const char *name, struct ws_place place,
                      const struct ws_node *entry) {
    ws_node_set(u->arena, ws_merge_section(u->root, section, u->arena), name, place, entry);
}

// What stands once. Where estimates differ in the point there is none.
static void add_shared(struct uniting *u, const struct named *e) {
    size_t s = first_study(u, e);
    struct ws_node *entry = entry_of(u, e, s, e->is_input ? WS_KEYS_INPUT : WS_KEYS_DERIVED);
    if (!same_everywhere(u, e, "point"))
        ws_node_remove(entry, "point");
    if (e->is_input && e->n == 1)
        put(u, entry, "of_study", u->request->names[s]);
    add_entry(u, e->is_input ? "inputs" : "derived", e->name, item_of(u, e, s)->place, entry);
}

// What each study has for itself; an input draws the same random numbers under its new name.
static void add_copies(struct uniting *u, const struct named *e) {
    for (size_t s = 0; s < u->n; s++) {
        const struct ws_quantity *q = quantity_of(u, e, s);
        if (!q)
            continue;
        int is_input = q->role == WS_INPUT;
        struct ws_node *entry = entry_of(u, e, s, is_input ? WS_KEYS_INPUT : WS_KEYS_DERIVED);
        if (is_input && strcmp(e->copies[s], e->name) != 0 && !ws_node_get(entry, "stream"))
            put(u, entry, "stream", e->name);
        if (is_input)
            put(u, entry, "of_study", u->request->names[s]);
        add_entry(u, is_input ? "inputs" : "derived", e->copies[s], item_of(u, e, s)->place, entry);
    }
}

// "select(study, 'a' = x_a, else = x_b)": what the case's study has.
static const char *selection(const struct uniting *u, const struct named *e) {
    size_t last = u->n;
    struct ws_text text = {.arena = u->arena};
    while (!e->copies[last - 1])
        last--;
    ws_text_add(&text, "select(" WS_SWEEP_STUDIES);
    for (size_t s = 0; s + 1 < last; s++)
        if (e->copies[s])
            ws_text_printf(&text, ", '%s' = %s", u->request->names[s], e->copies[s]);
    ws_text_printf(&text, ", else = %s)", e->copies[last - 1]);
    return text.data;
}

static int is_selected(const struct named *e) { return e->split && e->n > 1 && !e->apart; }

static void add_selected(struct uniting *u, const struct named *e) {
    size_t s = first_study(u, e);
    struct ws_node *entry = entry_of(u, e, s, WS_KEYS_DERIVED);
    if (!same_everywhere(u, e, "unit") && quantity_of(u, e, s)->unit_inferred)
        ws_node_remove(entry, "unit");
    put(u, entry, "formula", selection(u, e));
    add_entry(u, "derived", e->name, item_of(u, e, s)->place, entry);
}

static void add_quantities(struct uniting *u) {
    for (size_t i = 0; i < u->n_all; i++) {
        const struct named *e = &u->all[i];
        if (e->split)
            add_copies(u, e);
        else
            add_shared(u, e);
        if (is_selected(e))
            add_selected(u, e);
    }
}

// ---- outputs ----

// Why an output is left out, NULL where all studies have it.
static const char *why_not(const struct uniting *u, const struct named *e) {
    const struct ws_quantity *first = NULL;
    for (size_t s = 0; s < u->n; s++) {
        const struct ws_quantity *q = quantity_of(u, e, s);
        if (!q || q->role != WS_OUTPUT)
            return ws_arena_printf(u->arena, "'%s' has none", u->request->names[s]);
        if (first && strcmp(first->unit.dimension, q->unit.dimension) != 0)
            return ws_arena_printf(u->arena, "%s is no %s", q->unit.label, first->unit.label);
        first = first ? first : q;
    }
    return NULL;
}

// The alternatives that all studies split the output by.
static void settle_by(struct uniting *u, const struct named *e, struct ws_node *entry) {
    const struct ws_node *by = ws_node_get(entry, "by");
    struct ws_node *left = ws_node_list(u->arena, u->request->place);
    const struct ws_quantity *first = quantity_of(u, e, first_study(u, e));
    for (size_t k = 0; k < first->n_by; k++) {
        const char *name = u->studies[first_study(u, e)]->quantities[first->by[k]].name;
        size_t has = 0;
        for (size_t s = 0; s < u->n; s++) {
            const struct ws_quantity *q = quantity_of(u, e, s);
            for (size_t i = 0; i < q->n_by; i++)
                has += strcmp(u->studies[s]->quantities[q->by[i]].name, name) == 0;
        }
        if (has == u->n && !find(u, name)->split)
            ws_node_set(u->arena, left, NULL, u->request->place, ws_node_scalar(u->arena, name, 1, u->request->place));
    }
    left->flow = 1;
    if (by && left->n_items)
        ws_node_set(u->arena, entry, "by", by->place, left);
    else
        ws_node_remove(entry, "by");
}

// As the study that sweeps has it, or the first of them; claims are left where all make the same.
static void add_output(struct uniting *u, const struct named *e) {
    const struct ws_item *item = item_of(u, e, 0);
    struct ws_node *entry = entry_of(u, e, 0, WS_KEYS_OUTPUT),
                   *outputs = ws_merge_section(u->root, "outputs", u->arena);
    const struct ws_node *own = ws_node_get(u->own_outputs, e->name);
    static const char *const kept[] = {"description", "unit", "boundary", "scale"};
    for (size_t i = 0; own && own->kind == WS_NODE_MAP && i < sizeof kept / sizeof *kept; i++)
        if (ws_node_get(own, kept[i]))
            ws_node_set(u->arena, entry, kept[i], ws_node_find(own, kept[i])->place, ws_node_get(own, kept[i]));
    if (!ws_node_get(entry, "unit")) // of a condition, which may be none in another study
        put(u, entry, "unit", quantity_of(u, e, 0)->unit.label);
    if (e->split)
        put(u, entry, "formula", selection(u, e));
    if (!same_everywhere(u, e, "published"))
        ws_node_remove(entry, "published");
    settle_by(u, e, entry);
    ws_node_set(u->arena, outputs, e->name, item->place, entry);
}

static void add_outputs(struct uniting *u) {
    struct ws_text left = {.arena = u->arena};
    size_t n = 0;
    for (size_t i = 0; i < u->n_all; i++) {
        const struct named *e = &u->all[i];
        int is_output = 0;
        for (size_t s = 0; s < u->n; s++)
            is_output |= quantity_of(u, e, s) && quantity_of(u, e, s)->role == WS_OUTPUT;
        const char *why = is_output ? why_not(u, e) : NULL;
        n += is_output && !why;
        if (why)
            ws_text_printf(&left, "%s%s (%s)", left.length ? ", " : "", e->name, why);
        if (!is_output || why)
            continue;
        ws_node_remove(ws_merge_section(u->root, "derived", u->arena), e->name);
        add_output(u, e);
    }
    if (n == 0)
        ws_complain(u->messages, u->request->place,
                    "sweep of 'study': the studies have no output in common, by name and with units that convert%s%s",
                    left.length ? ": " : "", left.length ? left.data : "");
    else if (left.length)
        ws_warn(u->messages, u->request->place, "sweep of 'study': outputs that not all studies have are left out: %s",
                left.data);
}

// ---- other sections ----

static int stated_by_all(const struct uniting *u, const struct ws_item *fact) {
    const struct ws_node *quantity = ws_node_get(fact->value, "quantity");
    for (size_t s = 0; s < u->n; s++) {
        const struct ws_node *other = ws_node_get(ws_node_get(u->studies[s]->merged, "evidence"), fact->key);
        if (!other || strcmp(ws_node_line(other, u->arena), ws_node_line(fact->value, u->arena)) != 0)
            return 0;
    }
    const struct named *e = find(u, quantity->text);
    return !(e->split && e->apart);
}

// A fact that all state is a fact of all; others count in the cases of their study.
static void add_facts_of(struct uniting *u, size_t s, struct ws_node *facts) {
    const struct ws_node *section = ws_node_get(u->studies[s]->merged, "evidence");
    for (size_t i = 0; section && i < section->n_items; i++) {
        const struct ws_item *item = &section->items[i];
        int shared = stated_by_all(u, item);
        const struct ws_renaming *renaming = shared ? &u->shared[s] : &u->renamings[s];
        struct ws_node *fact = ws_node_copy(u->arena, ws_node_rename(item->value, renaming, u->arena));
        const char *name = item->key;
        if (!shared) {
            put(u, fact, "of_study", u->request->names[s]);
            name = ws_arena_printf(u->arena, "%s_%s", name, as_name(u->request->names[s], u->arena));
        }
        ws_node_set(u->arena, facts, name, item->place, fact);
    }
}

// What only the study that sweeps states holds in every case.
static void add_evidence(struct uniting *u) {
    struct ws_node *facts = ws_node_map(u->arena, u->request->place);
    const struct ws_node *own = ws_node_get(u->root, "evidence");
    for (size_t s = 0; s < u->n; s++)
        add_facts_of(u, s, facts);
    for (size_t i = 0; own && i < own->n_items; i++) {
        int known = 0;
        for (size_t s = 0; s < u->n; s++)
            known |= ws_node_find(ws_node_get(u->studies[s]->merged, "evidence"), own->items[i].key) != NULL;
        if (!known)
            ws_node_set(u->arena, facts, own->items[i].key, own->items[i].place, own->items[i].value);
    }
    ws_node_remove(u->root, "evidence");
    if (facts->n_items)
        ws_node_set(u->arena, u->root, "evidence", u->request->place, facts);
}

static int holds(const struct ws_node *list, const struct ws_node *item, struct ws_arena *arena) {
    for (size_t k = 0; k < list->n_items; k++)
        if (strcmp(ws_node_line(list->items[k].value, arena), ws_node_line(item, arena)) == 0)
            return 1;
    return 0;
}

// A list of which each entry stands once: units, correlations. What the study that sweeps has of it comes first.
static void join_list(struct uniting *u, const char *key) {
    struct ws_node *joined = ws_node_list(u->arena, u->request->place);
    const struct ws_node *own = ws_node_get(u->root, key);
    if (own && strcmp(key, "units") == 0)
        joined = ws_node_copy(u->arena, own);
    for (size_t s = 0; s < u->n; s++) {
        const struct ws_node *list = ws_node_get(u->studies[s]->merged, key);
        for (size_t i = 0; list && i < list->n_items; i++) {
            const struct ws_node *item = ws_node_rename(list->items[i].value, &u->renamings[s], u->arena);
            if (!holds(joined, item, u->arena))
                ws_node_set(u->arena, joined, NULL, list->items[i].place, item);
        }
    }
    ws_node_remove(u->root, key);
    if (joined->n_items)
        ws_node_set(u->arena, u->root, key, u->request->place, joined);
}

// Equivalents of outputs that are none here are left out.
static void settle_equivalents(struct uniting *u) {
    const struct ws_node *outputs = ws_node_get(u->root, "outputs");
    struct ws_node *all =
        ws_node_get(u->root, "equivalents") ? ws_merge_section(u->root, "equivalents", u->arena) : NULL;
    for (size_t i = all ? all->n_items : 0; i-- > 0;) {
        const struct ws_node *of = ws_node_get(all->items[i].value, "of");
        int is_list = of && of->kind == WS_NODE_LIST;
        size_t left = !of;
        for (size_t k = 0; is_list && k < of->n_items; k++)
            left += of->items[k].value->text && ws_node_find(outputs, of->items[k].value->text);
        if (of && of->kind == WS_NODE_SCALAR)
            left += ws_node_find(outputs, of->text) != NULL;
        if (!left)
            ws_node_remove(all, all->items[i].key);
    }
}

// An input `study`, a choice between the names.
static void add_choice(struct uniting *u) {
    struct ws_place place = u->request->place;
    struct ws_node *labels = ws_node_map(u->arena, place), *prior = ws_node_map(u->arena, place),
                   *entry = ws_node_map(u->arena, place);
    labels->flow = prior->flow = 1;
    for (size_t s = 0; s < u->n; s++)
        ws_node_set(u->arena, labels, u->request->names[s], place, ws_node_scalar(u->arena, "1", 0, place));
    ws_node_set(u->arena, prior, "choice", place, labels);
    put(u, entry, "description", "study of the case");
    ws_node_set(u->arena, entry, "prior", place, prior);
    add_entry(u, "inputs", WS_SWEEP_STUDIES, place, entry);
}

static struct ws_node *make_group(struct uniting *u) {
    struct ws_place place = u->request->place;
    struct ws_node *group = ws_node_map(u->arena, place), *names = ws_node_list(u->arena, place);
    group->flow = names->flow = 1;
    for (size_t s = 0; s < u->n; s++)
        ws_node_set(u->arena, names, NULL, place, ws_node_scalar(u->arena, u->request->names[s], 1, place));
    ws_node_set(u->arena, group, WS_SWEEP_STUDIES, place, names);
    for (size_t i = 0; i < u->n_all; i++) {
        if (!u->all[i].swept)
            continue;
        struct ws_node *values = ws_node_map(u->arena, place);
        values->flow = 1;
        for (size_t s = 0; s < u->n; s++)
            ws_node_set(u->arena, values, u->request->names[s], place,
                        ws_node_get(item_of(u, &u->all[i], s)->value, "prior"));
        ws_node_set(u->arena, group, u->all[i].name, place, values);
    }
    return group;
}

// What the study that sweeps says of a quantity that the others have does not count.
static void clear(struct uniting *u) {
    u->own_outputs = ws_node_get(u->root, "outputs");
    for (int k = 0; k < 3; k++) {
        struct ws_node *section = ws_merge_section(u->root, sections[k], u->arena);
        for (size_t i = 0; i < u->n_all; i++)
            ws_node_remove(section, u->all[i].name);
    }
}

static void check(struct uniting *u) {
    for (size_t s = 0; s < u->n; s++) {
        if (u->studies[s]->model)
            ws_complain(u->messages, u->request->place,
                        "sweep of 'study': the model of '%s' is code, which cannot be swept over",
                        u->request->names[s]);
        if (ws_study_find(u->studies[s], WS_SWEEP_STUDIES) != SIZE_MAX)
            ws_complain(u->messages, u->request->place,
                        "sweep of 'study': '%s' has a quantity of the name '" WS_SWEEP_STUDIES
                        "', which is that of the choice between studies; give it another",
                        u->request->names[s]);
    }
}

struct ws_node *ws_unite(const struct ws_unite_request *request, struct ws_arena *arena, struct ws_messages *messages) {
    struct uniting u = {.request = request,
                        .root = request->root,
                        .arena = arena,
                        .messages = messages,
                        .n = request->n,
                        .studies = request->studies};
    size_t errors = messages->errors;
    check(&u);
    if (messages->errors > errors)
        return NULL;
    for (size_t s = 0; s < u.n; s++)
        add_names(&u, s);
    decide(&u);
    name_copies(&u);
    make_renamings(&u);
    clear(&u);
    add_quantities(&u);
    add_outputs(&u);
    add_evidence(&u);
    join_list(&u, "units");
    join_list(&u, "correlations");
    settle_equivalents(&u);
    add_choice(&u);
    return messages->errors > errors ? NULL : make_group(&u);
}
