// SPDX-License-Identifier: GPL-3.0-or-later
// The rules of merging: key by key, later files win; a null removes; a new prior takes the old one's provenance with
// it; a name may move between inputs, derived and outputs. Claims are keyed by name.
#include "study/merge.h"

#include <string.h>

#include "study/keys.h"

static const char *const quantity_sections[] = {"inputs", "derived", "outputs"};
static const int section_tables[] = {WS_KEYS_INPUT, WS_KEYS_DERIVED, WS_KEYS_OUTPUT};
static const char *const section_subjects[] = {"an input", "a derived quantity", "an output"};
enum { SECTIONS = 3 };

struct merging {
    struct ws_arena *arena;
    struct ws_messages *messages;
    struct ws_node *root;
    struct ws_node *section[SECTIONS];
    struct ws_node *sources, *evidence, *equivalents;
    const char *file;
};

const char *ws_merge_section_of(const struct ws_node *root, const char *name) {
    for (int i = 0; i < SECTIONS; i++)
        if (ws_node_find(ws_node_get(root, quantity_sections[i]), name))
            return quantity_sections[i];
    return NULL;
}

void ws_merge_drop_definition(struct ws_node *entry) {
    static const char *const keys[] = {"prior", "formula", "source", "note", "basis", "point"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        ws_node_remove(entry, keys[i]);
}

struct ws_node *ws_merge_section(struct ws_node *root, const char *section, struct ws_arena *arena) {
    const struct ws_item *item = ws_node_find(root, section);
    struct ws_node *copy = ws_node_copy(arena, item->value);
    ws_node_set(arena, root, section, item->place, copy);
    return copy;
}

static int is_written_null(const struct ws_node *node) { return ws_node_is_null(node) && *node->text; }

// Sets what `above` has over what `below` has; a null removes.
static struct ws_node *overlay(struct merging *m, const struct ws_node *below, const struct ws_node *above) {
    struct ws_node *merged = below ? ws_node_copy(m->arena, below) : ws_node_map(m->arena, above->place);
    merged->flow |= above->flow;
    for (size_t i = 0; i < above->n_items; i++) {
        struct ws_item item = above->items[i];
        if (is_written_null(item.value))
            ws_node_remove(merged, item.key);
        else
            ws_node_set(m->arena, merged, item.key, item.place, item.value);
    }
    return merged;
}

// ---- claims ----

static const char *claim_name(const struct ws_node *claim) {
    const struct ws_node *name = ws_node_get(claim, "name");
    if (!name)
        name = ws_node_get(claim, "source");
    return name && name->kind == WS_NODE_SCALAR ? name->text : "";
}

static struct ws_node *claim_list(struct merging *m, const struct ws_node *published) {
    if (published->kind == WS_NODE_LIST)
        return ws_node_copy(m->arena, published);
    struct ws_node *list = ws_node_list(m->arena, published->place);
    list->flow = published->flow;
    if (!ws_node_is_null(published))
        ws_node_set(m->arena, list, NULL, published->place, published);
    return list;
}

// The `occurrence`-th claim of that name (several claims may share a source), or n_items.
static size_t find_claim(const struct ws_node *list, const char *name, size_t occurrence) {
    for (size_t i = 0; i < list->n_items; i++)
        if (strcmp(claim_name(list->items[i].value), name) == 0 && occurrence-- == 0)
            return i;
    return list->n_items;
}

static size_t earlier_of_name(const struct ws_node *list, size_t index) {
    size_t count = 0;
    for (size_t i = 0; i < index; i++)
        count += strcmp(claim_name(list->items[i].value), claim_name(list->items[index].value)) == 0;
    return count;
}

// A claim whose value is null is withdrawn.
static int withdraws(const struct ws_node *claim) {
    const struct ws_item *value = ws_node_find(claim, "value");
    return value && is_written_null(value->value) && !ws_node_get(claim, "p5") && !ws_node_get(claim, "p95");
}

static const struct ws_node *merge_claims(struct merging *m, const struct ws_node *below, const struct ws_node *above) {
    struct ws_node *merged = claim_list(m, below), *later = claim_list(m, above);
    size_t before = merged->n_items;
    unsigned char *withdrawn = ws_arena_alloc(m->arena, before + 1);
    for (size_t i = 0; i < later->n_items; i++) {
        const struct ws_node *claim = later->items[i].value;
        size_t at = find_claim(merged, claim_name(claim), earlier_of_name(later, i));
        if (at >= before) {
            ws_node_set(m->arena, merged, NULL, claim->place, claim);
            continue;
        }
        withdrawn[at] = (unsigned char)withdraws(claim);
        int both_maps = claim->kind == WS_NODE_MAP && merged->items[at].value->kind == WS_NODE_MAP;
        merged->items[at].value = both_maps ? overlay(m, merged->items[at].value, claim) : claim;
    }
    struct ws_node *kept = ws_node_list(m->arena, merged->place);
    for (size_t i = 0; i < merged->n_items; i++)
        if (i >= before || !withdrawn[i])
            ws_node_set(m->arena, kept, NULL, merged->items[i].place, merged->items[i].value);
    return kept->n_items == 1 ? kept->items[0].value : kept;
}

// ---- quantities ----

static struct ws_node *merge_entry(struct merging *m, const struct ws_node *below, const struct ws_node *above,
                                   int table) {
    struct ws_node *base = ws_node_copy(m->arena, below);
    if (ws_node_get(above, "prior") || (ws_node_get(above, "formula") && ws_node_get(below, "prior")))
        ws_merge_drop_definition(base);
    for (size_t i = base->n_items; i-- > 0;) // what a quantity leaves behind when it moves to another section
        if (!ws_key_find(table, base->items[i].key))
            ws_node_remove(base, base->items[i].key);
    struct ws_node *merged = overlay(m, base, above);
    const struct ws_node *old_claims = ws_node_get(base, "published"), *new_claims = ws_node_get(above, "published");
    if (old_claims && new_claims)
        ws_node_set(m->arena, merged, "published", ws_node_find(above, "published")->place,
                    merge_claims(m, old_claims, new_claims));
    merged->place = above->place;
    return merged;
}

static void remove_quantity(struct merging *m, const struct ws_item *item) {
    const char **names = NULL;
    size_t count = 0;
    for (int i = 0; i < SECTIONS; i++) {
        if (ws_node_find(m->section[i], item->key)) {
            ws_node_remove(m->section[i], item->key);
            return;
        }
        for (size_t k = 0; k < m->section[i]->n_items; k++) {
            names = ws_arena_grow(m->arena, names, count, sizeof *names);
            names[count++] = m->section[i]->items[k].key;
        }
    }
    ws_complain(m->messages, item->place, "'%.80s: null' removes nothing: no file that this one extends has it%s",
                item->key, ws_suggestion(m->arena, item->key, names, count));
}

// Where the quantity is now; SECTIONS if nowhere.
static int locate(const struct merging *m, const char *name) {
    int at = 0;
    while (at < SECTIONS && !ws_node_find(m->section[at], name))
        at++;
    return at;
}

static void merge_quantity(struct merging *m, const struct ws_item *item, int role) {
    if (is_written_null(item->value)) {
        remove_quantity(m, item);
        return;
    }
    int at = locate(m, item->key);
    const struct ws_item *old = at < SECTIONS ? ws_node_find(m->section[at], item->key) : NULL;
    if (old && at != role && old->place.file == m->file) {
        ws_complain(m->messages, item->place, "duplicate name '%.80s': it is %s already, on line %d", item->key,
                    section_subjects[at], old->place.line);
        return;
    }
    const struct ws_node *entry = item->value;
    if (old && entry->kind == WS_NODE_MAP && old->value->kind == WS_NODE_MAP)
        entry = merge_entry(m, old->value, entry, section_tables[role]);
    else if (entry->kind == WS_NODE_MAP)
        entry = overlay(m, NULL, entry);
    if (old && at != role)
        ws_node_remove(m->section[at], item->key);
    ws_node_set(m->arena, m->section[role], item->key, item->place, entry);
}

// ---- the other sections ----

// A new fact under an old name takes the old one's provenance with it.
static const struct ws_node *without_fact(struct merging *m, const struct ws_node *old, const struct ws_node *above) {
    static const char *const keys[] = {"observed", "between", "source", "note"};
    if (!ws_node_get(above, "observed") && !ws_node_get(above, "between"))
        return old;
    struct ws_node *rest = ws_node_copy(m->arena, old);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        ws_node_remove(rest, keys[i]);
    return rest;
}

// Entries that have nothing but their keys: sources, evidence, equivalents.
static void merge_named(struct merging *m, struct ws_node *merged, const struct ws_node *above, int table) {
    for (size_t i = 0; i < above->n_items; i++) {
        struct ws_item item = above->items[i];
        const struct ws_node *old = ws_node_get(merged, item.key);
        if (is_written_null(item.value)) {
            ws_node_remove(merged, item.key);
            continue;
        }
        if (old && (old->kind != WS_NODE_MAP || item.value->kind != WS_NODE_MAP))
            old = NULL;
        if (old && table == WS_KEYS_EVIDENCE)
            old = without_fact(m, old, item.value);
        if (item.value->kind == WS_NODE_MAP)
            item.value = overlay(m, old, item.value);
        ws_node_set(m->arena, merged, item.key, item.place, item.value);
    }
}

static void merge_units(struct merging *m, const struct ws_item *units) {
    const struct ws_node *old = ws_node_get(m->root, "units");
    struct ws_node *all = old ? ws_node_copy(m->arena, old) : ws_node_list(m->arena, units->value->place);
    size_t count = units->value->kind == WS_NODE_LIST ? units->value->n_items : 1;
    all->flow = 1;
    for (size_t i = 0; i < count; i++) {
        const struct ws_node *unit = units->value->kind == WS_NODE_LIST ? units->value->items[i].value : units->value;
        int known = 0;
        for (size_t k = 0; k < all->n_items; k++)
            known |= unit->kind == WS_NODE_SCALAR && strcmp(all->items[k].value->text, unit->text) == 0;
        if (!known)
            ws_node_set(m->arena, all, NULL, unit->place, unit);
    }
    ws_node_set(m->arena, m->root, "units", units->place, all);
}

// Whether two entries of `correlations` are about the same two inputs, in either order.
static int same_pair(const struct ws_node *a, const struct ws_node *b) {
    const struct ws_node *x = a->kind == WS_NODE_MAP ? ws_node_get(a, "between") : NULL,
                         *y = b->kind == WS_NODE_MAP ? ws_node_get(b, "between") : NULL;
    if (!x || !y || x->kind != WS_NODE_LIST || y->kind != WS_NODE_LIST || x->n_items != 2 || y->n_items != 2)
        return 0;
    const char *names[4] = {x->items[0].value->text, x->items[1].value->text, y->items[0].value->text,
                            y->items[1].value->text};
    for (int i = 0; i < 4; i++)
        if (!names[i])
            return 0;
    return (strcmp(names[0], names[2]) == 0 && strcmp(names[1], names[3]) == 0) ||
           (strcmp(names[0], names[3]) == 0 && strcmp(names[1], names[2]) == 0);
}

// {between: [a, b], spearman: null}: the pair moves together no more.
static int removes_pair(const struct ws_node *entry) {
    static const char *const measures[] = {"spearman", "kendall", "gaussian"};
    int nulls = 0, values = 0;
    for (size_t i = 0; entry->kind == WS_NODE_MAP && i < sizeof measures / sizeof *measures; i++) {
        const struct ws_item *item = ws_node_find(entry, measures[i]);
        nulls += item && is_written_null(item->value);
        values += item && !ws_node_is_null(item->value);
    }
    return nulls > 0 && values == 0;
}

static void add_pairs(struct merging *m, struct ws_node *all, const struct ws_node *old, const struct ws_node *above) {
    for (size_t k = 0; k < above->n_items; k++) {
        const struct ws_node *entry = above->items[k].value;
        int known = 0;
        for (size_t i = 0; old && i < old->n_items; i++)
            known |= same_pair(old->items[i].value, entry);
        if (!removes_pair(entry))
            ws_node_set(m->arena, all, NULL, above->items[k].place, entry);
        else if (!known)
            ws_complain(m->messages, above->items[k].place,
                        "correlations: this null removes nothing: no file that this one extends has the pair");
    }
}

// An earlier file's pair gives way to the same pair of a later one; pairs twice in one file are for the loader.
static void merge_correlations(struct merging *m, const struct ws_item *item) {
    const struct ws_node *old = ws_node_get(m->root, "correlations"), *above = item->value;
    if (is_written_null(above)) {
        ws_node_remove(m->root, "correlations");
        return;
    }
    if (above->kind != WS_NODE_LIST) {
        ws_complain(m->messages, above->place,
                    "'correlations' is %s, wanted a list such as [{between: [a, b], spearman: "
                    "0.6}]",
                    ws_node_describe(above, m->arena));
        return;
    }
    struct ws_node *all = ws_node_list(m->arena, above->place);
    for (size_t i = 0; old && i < old->n_items; i++) {
        int replaced = 0;
        for (size_t k = 0; k < above->n_items; k++)
            replaced |= same_pair(old->items[i].value, above->items[k].value);
        if (!replaced)
            ws_node_set(m->arena, all, NULL, old->items[i].place, old->items[i].value);
    }
    add_pairs(m, all, old, above);
    ws_node_set(m->arena, m->root, "correlations", item->place, all);
}

static void check_version(struct merging *m, const struct ws_node *node) {
    double version;
    if (ws_node_number(node, &version))
        ws_complain(m->messages, node->place, "'wattspan' is %s, wanted the version of the study language: 1",
                    ws_node_describe(node, m->arena));
    else if (version != 1)
        ws_complain(m->messages, node->place, "'wattspan' is %s: this program reads version 1 of the study language",
                    node->text);
}

// Where entries of a table are kept that are no quantities; NULL for those that are.
static struct ws_node *named_section(const struct merging *m, int table) {
    return table == WS_KEYS_SOURCE       ? m->sources
           : table == WS_KEYS_EVIDENCE   ? m->evidence
           : table == WS_KEYS_EQUIVALENT ? m->equivalents
                                         : NULL;
}

static void merge_section(struct merging *m, const struct ws_item *item, const struct ws_key *key) {
    if (ws_node_is_null(item->value))
        return;
    if (item->value->kind != WS_NODE_MAP) {
        ws_complain(m->messages, item->value->place, "'%s' is %s, wanted a mapping from names to entries", item->key,
                    ws_node_describe(item->value, m->arena));
        return;
    }
    if (key->entries == WS_KEYS_EVIDENCE && item->value->n_items == 0)
        ws_complain(m->messages, item->place, "'%s' is empty; give it a fact or remove it", item->key);
    struct ws_node *named = named_section(m, key->entries);
    if (named) {
        merge_named(m, named, item->value, key->entries);
        return;
    }
    for (size_t i = 0; i < item->value->n_items && m->messages->errors <= WS_STUDY_MAX_ERRORS; i++)
        merge_quantity(m, &item->value->items[i], key->entries - WS_KEYS_INPUT);
}

// `run` and `sweep`.
static void merge_mapping(struct merging *m, const struct ws_item *item, const char *example) {
    const struct ws_node *old = ws_node_get(m->root, item->key);
    if (is_written_null(item->value))
        ws_node_remove(m->root, item->key);
    else if (item->value->kind == WS_NODE_MAP)
        ws_node_set(m->arena, m->root, item->key, item->place, overlay(m, old, item->value));
    else if (!ws_node_is_null(item->value))
        ws_complain(m->messages, item->value->place, "'%s' is %s, wanted a mapping such as %s", item->key,
                    ws_node_describe(item->value, m->arena), example);
}

static void merge_item(struct merging *m, const struct ws_item *item) {
    const struct ws_key *key = ws_key_find(WS_KEYS_TOP, item->key);
    if (!key) {
        ws_refuse_key(WS_KEYS_TOP, "", item->key, item->place, m->arena, m->messages);
        return;
    }
    switch (key->type) {
    case WS_KEY_VERSION:
        check_version(m, item->value);
        ws_node_set(m->arena, m->root, item->key, item->place, item->value);
        break;
    case WS_KEY_SECTION:
        merge_section(m, item, key);
        break;
    case WS_KEY_NAMES:
        if (!ws_node_is_null(item->value))
            merge_units(m, item);
        break;
    case WS_KEY_CORRELATIONS:
        merge_correlations(m, item);
        break;
    case WS_KEY_RUN:
        merge_mapping(m, item, "{draws: 10e6}");
        break;
    case WS_KEY_SWEEP:
        merge_mapping(m, item, "{pue: [1.1, 1.2, 1.3]}");
        break;
    case WS_KEY_TEXT:
        if (is_written_null(item->value))
            ws_node_remove(m->root, item->key);
        else
            ws_node_set(m->arena, m->root, item->key, item->place, item->value);
        break;
    default: // extends has done its work, origins are for people
        break;
    }
}

struct ws_node *ws_merge_trees(const struct ws_file_list *list, struct ws_arena *arena, struct ws_messages *messages) {
    const struct ws_node *study = list->trees[list->count - 1];
    struct merging m = {.arena = arena, .messages = messages, .root = ws_node_map(arena, study->place)};
    m.sources = ws_node_map(arena, study->place);
    m.evidence = ws_node_map(arena, study->place);
    m.equivalents = ws_node_map(arena, study->place);
    for (int i = 0; i < SECTIONS; i++)
        m.section[i] = ws_node_map(arena, study->place);
    for (size_t i = 0; i < list->count; i++) {
        m.file = list->files[i].name;
        for (size_t k = 0; k < list->trees[i]->n_items; k++)
            merge_item(&m, &list->trees[i]->items[k]);
    }
    if (!ws_node_find(study, "wattspan"))
        ws_complain(messages, study->place, "the version of the study language is missing: start with 'wattspan: 1'");
    ws_node_set(arena, m.root, "sources", study->place, m.sources);
    ws_node_set(arena, m.root, "evidence", study->place, m.evidence);
    ws_node_set(arena, m.root, "equivalents", study->place, m.equivalents);
    for (int i = 0; i < SECTIONS; i++)
        ws_node_set(arena, m.root, quantity_sections[i], study->place, m.section[i]);
    return m.root;
}
