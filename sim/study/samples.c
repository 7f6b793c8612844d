// SPDX-License-Identifier: GPL-3.0-or-later
// The units that an HDF5 file says its numbers are in, against those of the input or the fact that is made of them.
#include <string.h>

#include "study/loader.h"

struct sample {
    struct ws_loader *loader;
    const struct ws_unit *unit; // that is wanted
    const char *subject;
};

static void check_sample(const struct sample *s, const struct ws_node *node) {
    const char *units = node->data->units, *label = s->unit->label;
    const char *read = strcmp(units, "dimensionless") == 0 ? "1" : units;
    if (!*units || strcmp(units, s->unit->canonical) == 0)
        return;
    struct ws_unit found;
    double factor;
    char why[1024], digits[32];
    const struct ws_node *column = ws_node_get(node, "column");
    const char *what = ws_arena_printf(s->loader->arena, "'%.80s' of '%s'", node->data->column, node->data->file);
    if (ws_unit_parse(s->loader->units, read, &found, why, sizeof why))
        ws_loader_complain(s->loader, column->place, s->subject,
                           "the units of %s are '%.80s', wanted %s: %s; write 'scale: FACTOR' beside empirical, how "
                           "many %s one of them is, or 'scale: 1' if the numbers are in %s",
                           what, units, label, why, label, label);
    else if (ws_unit_factor(&found, s->unit, &factor))
        ws_loader_complain(s->loader, column->place, s->subject,
                           "the units of %s are %.80s, which do not convert to %s; the unit here or the dataset is "
                           "wrong; 'scale: 1' beside empirical would take its numbers for %s",
                           what, units, label, label);
    else if (factor != 1)
        ws_loader_complain(s->loader, column->place, s->subject,
                           "the units of %s are %.80s, wanted %s; write 'scale: %s' beside empirical, or have "
                           "'unit: %.80s' here",
                           what, units, label, ws_format_double(factor, digits), read);
}

// `scale` beside the sample, or beside a mixture that it is a part of, says that the units were thought of. Depth is
// bounded by the reader of YAML.
static void check_within(const struct sample *s, const struct ws_node *node) {
    if (node->kind == WS_NODE_MAP && ws_node_find(node, "scale"))
        return;
    for (size_t i = 0; node->kind != WS_NODE_SCALAR && i < node->n_items; i++)
        if (node->items[i].value->data)
            check_sample(s, node->items[i].value);
        else
            check_within(s, node->items[i].value);
}

void ws_samples_check(struct ws_loader *loader, const struct ws_node *prior, const struct ws_unit *unit,
                      const char *subject) {
    if (loader->units && unit->label) // else that was an error already
        check_within(&(struct sample){loader, unit, subject}, prior);
}

void ws_load_samples(struct ws_loader *loader) {
    const struct ws_node *sweep = ws_node_get(loader->root, "sweep");
    for (size_t i = 0; loader->study->n_data > 0 && i < loader->study->n_inputs; i++) {
        const struct ws_quantity *q = &loader->study->quantities[i];
        const struct ws_node *entry = loader->drafts[i].entry;
        const struct ws_node *prior = entry->kind == WS_NODE_MAP ? ws_node_get(entry, "prior") : NULL;
        if (prior && !(sweep && ws_node_get(sweep, q->name))) // of what is swept each value is looked at
            ws_samples_check(loader, prior, &q->unit, loader->drafts[i].subject);
    }
}
