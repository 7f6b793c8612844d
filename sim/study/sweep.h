// SPDX-License-Identifier: GPL-3.0-or-later
// `sweep` as a tree: what the merger and the loader both need to know of its form.
//
//     sweep:
//       pue: [1.1, 1.2, 1.3]
//       tdp: {from: 500, to: 900, steps: 5, log: true}
//       lifetime: {short: 2 to 4, long: 5 to 8}
//       study: [a.yaml, b.yaml]
//       zip: {gpu_price: [20e3, 30e3], gpu_power: [700, 1000]}      (or a list of such)
#ifndef WS_STUDY_SWEEP_H
#define WS_STUDY_SWEEP_H

#include "study/load.h"
#include "study/node.h"

#define WS_SWEEP_STUDIES "study"

struct ws_sweep_entry {
    const struct ws_item *item; // NAME: values
    size_t group;               // entries of one group go side by side
};

// All swept quantities in the order written; what is no mapping is complained of where messages is not NULL.
struct ws_sweep_entry *ws_sweep_entries(const struct ws_node *root, size_t *count, struct ws_arena *arena,
                                        struct ws_messages *messages);
// Whether the study sweeps a quantity of that name.
int ws_sweep_has(const struct ws_node *root, const char *name, struct ws_arena *arena);
// Whether the values are {from, to, steps}.
int ws_sweep_is_range(const struct ws_node *values);
// The first of the values, or NULL where they have no sound form.
const struct ws_node *ws_sweep_first(const struct ws_node *values);
// Whether a --vary or --set is of a quantity of that name. (vary.c)
int ws_vary_is_of(const char *text, const char *name);
// Reads --vary number i into a mapping. (vary.c)
void ws_vary_parse(struct ws_node *map, const struct ws_load_request *request, size_t i, struct ws_arena *arena,
                   struct ws_messages *messages);
// Adds what goes side by side to a sweep. (vary.c)
void ws_vary_add(struct ws_node *sweep, const struct ws_node *group, struct ws_arena *arena);

#endif
