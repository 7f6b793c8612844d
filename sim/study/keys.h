// SPDX-License-Identifier: GPL-3.0-or-later
// The keys of the study language, one table for each kind of mapping. The loader, its messages, the order in which a
// flattened study is written and the JSON Schema all read these tables.
#ifndef WS_STUDY_KEYS_H
#define WS_STUDY_KEYS_H

#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

enum ws_key_table {
    WS_KEYS_TOP,
    WS_KEYS_SOURCE,
    WS_KEYS_INPUT,
    WS_KEYS_DERIVED,
    WS_KEYS_OUTPUT,
    WS_KEYS_CLAIM,
    WS_KEYS_EVIDENCE,
    WS_KEYS_RUN,
    WS_KEYS_PRIOR,
    WS_KEYS_CORRELATION,
    WS_KEYS_EQUIVALENT
};

enum ws_key_type {
    WS_KEY_TEXT,    // stored as it stands at `offset` of the struct
    WS_KEY_WORD,    // one of `words`, stored as text
    WS_KEY_NUMBER,  // stored as double
    WS_KEY_BOOLEAN, // true or false, stored as int
    WS_KEY_COUNT,   // stored as uint64_t
    WS_KEY_SOURCE,  // a text that is a key of `sources`
    // What follows has a reader of its own.
    WS_KEY_VERSION,
    WS_KEY_FILES, // a text or a list of texts
    WS_KEY_NAMES, // a name or a list of names
    WS_KEY_UNIT,
    WS_KEY_PRIOR,
    WS_KEY_OBSERVED, // a prior or a count
    WS_KEY_POINT,
    WS_KEY_FORMULA,
    WS_KEY_CLAIMS,
    WS_KEY_SCALE,
    WS_KEY_PAIR,          // [low, high]
    WS_KEY_KEEP,          // a count or "all"
    WS_KEY_TOLERANCE,     // a number or "0.1%"
    WS_KEY_PROBABILITIES, // p0.5 or 0.005, or a list
    WS_KEY_CORRELATIONS,  // a list of entries of table `entries`
    WS_KEY_SECTION,       // a mapping from names to entries of table `entries`
    WS_KEY_RUN,
    WS_KEY_SWEEP,
    WS_KEY_ANY
};

struct ws_key {
    const char *name;
    int type; // enum ws_key_type
    int required;
    const char *words;   // of WS_KEY_WORD, space-separated
    size_t offset;       // where the loader stores it; SIZE_MAX: nowhere by itself
    int entries;         // enum ws_key_table, of WS_KEY_SECTION
    const char *summary; // one line for people
};

const struct ws_key *ws_keys(int table, size_t *count);
const struct ws_key *ws_key_find(int table, const char *name);

// "; did you mean 'x'?", or "" where no candidate is near.
const char *ws_suggestion(struct ws_arena *arena, const char *name, const char *const *candidates, size_t count);
// Complains of an unknown key, naming the nearest one.
void ws_refuse_key(int table, const char *subject, const char *name, struct ws_place place, struct ws_arena *arena,
                   struct ws_messages *messages);

#endif
