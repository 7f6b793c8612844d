// SPDX-License-Identifier: GPL-3.0-or-later
// What the parts of loading share: from the merged tree to struct ws_study. Private to this folder.
#ifndef WS_STUDY_LOADER_H
#define WS_STUDY_LOADER_H

#include "study/check.h"
#include "study/keys.h"
#include "study/load.h"
#include "study/merge.h"
#include "study/node.h"
#include "study/study.h"
#include "study/units.h"

struct ws_given; // a conditional prior (prior_given.c)

// A quantity on its way: what its struct ws_quantity does not hold.
struct ws_draft {
    const struct ws_node *entry;
    const char *subject;            // "input 'pue'"
    const struct ws_node *formula;  // the node; for a quantity that --set has fixed only to infer its unit
    struct ws_given *given;         // NULL: not a conditional prior
    const struct ws_syntax *syntax; // NULL where the formula cannot be parsed
    size_t *uses;                   // indices of the quantities that it names
    size_t n_uses;
    int state; // of the walk through the graph
    int bad;   // an error was reported; what uses it stays silent
};

struct ws_loader {
    struct ws_arena *arena;
    struct ws_messages *messages;
    struct ws_study *study;
    struct ws_node *root; // merged
    struct ws_units *units;
    struct ws_draft *drafts; // one for each quantity
    const char **names;      // of the quantities, for suggestions
    int repair;              // correlations that cannot hold are replaced by the nearest that can
    size_t *by_name;         // indices of the quantities, sorted by name
};

// An error about `subject`, which may be "".
void ws_loader_complain(struct ws_loader *loader, struct ws_place place, const char *subject, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
// Index of a quantity, SIZE_MAX if there is none.
size_t ws_loader_find(const struct ws_loader *loader, const char *name);

// Readers of single values; 0 on success, else a message was added. (fields.c)
int ws_take_text(struct ws_loader *loader, const struct ws_item *item, const char *subject, const char **text);
void ws_take_source(struct ws_loader *loader, const struct ws_item *item, const char *subject, const char **source);
int ws_take_number(struct ws_loader *loader, const struct ws_item *item, const char *subject, double *value);
int ws_take_count(struct ws_loader *loader, const struct ws_item *item, const char *subject, uint64_t *value);
int ws_take_unit(struct ws_loader *loader, const struct ws_item *item, const char *subject, struct ws_unit *unit);
// Stores every key of a mapping whose row says where; unknown keys are refused, and required ones missed at `place`.
// Nonzero where YAML has cut a value in two, which makes the rest of the mapping meaningless.
int ws_take_fields(struct ws_loader *loader, const struct ws_node *map, int table, const char *subject,
                   struct ws_place place, void *object);

void ws_load_quantities(struct ws_loader *loader);   // entries.c: layout, names, units, priors, points as given
void ws_load_formulas(struct ws_loader *loader);     // order.c: formulas, evaluation order, cycles, computed points
void ws_load_samples(struct ws_loader *loader);      // samples.c: the units of what empirical priors are made of
void ws_load_outputs(struct ws_loader *loader);      // published.c: by, claims
void ws_load_evidence(struct ws_loader *loader);     // evidence.c
void ws_load_equivalents(struct ws_loader *loader);  // equivalents.c
void ws_load_correlations(struct ws_loader *loader); // correlations.c
void ws_load_run(struct ws_loader *loader);          // run.c
void ws_load_sweep(struct ws_loader *loader);        // sweep.c
void ws_load_questions(struct ws_loader *loader);    // questions.c
void ws_load_warnings(struct ws_loader *loader);     // advice.c

// Refuses samples within a prior whose file says that they are in another unit, where no `scale` is stated. (samples.c)
void ws_samples_check(struct ws_loader *loader, const struct ws_node *prior, const struct ws_unit *unit,
                      const char *subject);

// The merged study as YAML; where with_origins is not NULL, it receives the same with where each line came from.
// (flatten.c)
const char *ws_flatten_yaml(const struct ws_node *root, const char **with_origins, struct ws_arena *arena);

#endif
