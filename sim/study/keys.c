// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/keys.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "study/study.h"

#define ROW(key, kind, ...) \
    { .name = key, .type = kind, .offset = SIZE_MAX, __VA_ARGS__ }
#define FIELD(key, kind, where, ...) \
    { .name = key, .type = kind, .offset = where, __VA_ARGS__ }
#define OF(field) offsetof(struct ws_quantity, field)
#define SOURCE_OF(field) offsetof(struct ws_study_source, field)

static const struct ws_key top[] = {
    ROW("wattspan", WS_KEY_VERSION, .required = 1, .summary = "version of the study language: 1"),
    FIELD("title", WS_KEY_TEXT, offsetof(struct ws_study, title), .summary = "what is estimated"),
    FIELD("description", WS_KEY_TEXT, offsetof(struct ws_study, description), .summary = "what is and is not counted"),
    ROW("released", WS_KEY_TEXT,
        .summary = "when what is estimated came out, as 2025-07-09: `compare` then gives ratios per year as well"),
    ROW("extends", WS_KEY_FILES, .summary = "study file or list of files to build on, relative to this file"),
    ROW("model", WS_KEY_TEXT,
        .summary = "name of the code that computes the outputs without a formula, see wattspan.h"),
    ROW("units", WS_KEY_NAMES, .summary = "extra base units, such as gpu"),
    ROW("sources", WS_KEY_SECTION, .entries = WS_KEYS_SOURCE, .summary = "where figures come from, by a short name"),
    ROW("inputs", WS_KEY_SECTION, .entries = WS_KEYS_INPUT, .summary = "uncertain quantities with their priors"),
    ROW("derived", WS_KEY_SECTION, .entries = WS_KEYS_DERIVED,
        .summary = "intermediate quantities with their formulas"),
    ROW("outputs", WS_KEY_SECTION, .entries = WS_KEYS_OUTPUT, .summary = "quantities to report, with their formulas"),
    ROW("run", WS_KEY_RUN, .summary = "defaults of a run; the command line overrides them"),
    ROW("origins", WS_KEY_ANY, .summary = "where each entry came from, as a flattened study has it; not read"),
    ROW("correlations", WS_KEY_CORRELATIONS, .entries = WS_KEYS_CORRELATION, .summary = "inputs that move together"),
    ROW("evidence", WS_KEY_SECTION, .entries = WS_KEYS_EVIDENCE, .summary = "facts to condition on"),
    ROW("equivalents", WS_KEY_SECTION, .entries = WS_KEYS_EQUIVALENT,
        .summary = "what outputs amount to in things that people know, such as pools of water"),
    ROW("sweep", WS_KEY_SWEEP,
        .summary = "a grid of cases, all with the same draws: the values of each swept quantity"),
};

static const struct ws_key source[] = {
    FIELD("title", WS_KEY_TEXT, SOURCE_OF(title), .summary = "title of the page, paper or file"),
    FIELD("publisher", WS_KEY_TEXT, SOURCE_OF(publisher), .summary = "who published it"),
    FIELD("date", WS_KEY_TEXT, SOURCE_OF(date), .summary = "when, as 2025-09-12"),
    FIELD("url", WS_KEY_TEXT, SOURCE_OF(url), .summary = "where"),
    FIELD("note", WS_KEY_TEXT, SOURCE_OF(note), .summary = "whether it was read, what to mind"),
};

#define BASIS "read quoted computed fitted recalled assumed"
#define DESCRIPTION FIELD("description", WS_KEY_TEXT, OF(description), .summary = "what the quantity is")
#define ABOUT \
    FIELD("source", WS_KEY_SOURCE, OF(source), .summary = "a key of sources"), \
        FIELD("basis", WS_KEY_WORD, OF(basis), .words = BASIS, .summary = "how the figure was come by"), \
        FIELD("note", WS_KEY_TEXT, OF(note), .summary = "anything the reader should know"), \
        FIELD("currency", WS_KEY_TEXT, OF(currency), .summary = "currency of money, such as USD"), \
        FIELD("price_year", WS_KEY_NUMBER, OF(price_year), .summary = "the year whose prices money is in"), \
        FIELD("gwp_basis", WS_KEY_TEXT, OF(gwp_basis), .summary = "basis of CO2-equivalents, such as AR6 GWP100")

static const struct ws_key input[] = {
    DESCRIPTION,
    ROW("unit", WS_KEY_UNIT, .summary = "unit of prior and point; 1 for a plain number"),
    ROW("prior", WS_KEY_PRIOR, .required = 1,
        .summary = "a number, 'A to B' (central 90 %), or {family: {parameters}}"),
    ROW("point", WS_KEY_POINT, .summary = "the value that the published estimate used; a label for a choice"),
    ABOUT,
    FIELD("shared", WS_KEY_BOOLEAN, OF(shared),
          .summary = "the same quantity in every study that inherits it unchanged"),
    FIELD("of_study", WS_KEY_TEXT, OF(of_study),
          .summary = "the one study that has the input, in a sweep over studies"),
    ROW("stream", WS_KEY_TEXT,
        .summary = "draws the random numbers of an input of that name, as sweeps over studies have it"),
};

static const struct ws_key derived[] = {
    DESCRIPTION,
    ROW("unit", WS_KEY_UNIT, .summary = "unit of the value; inferred where left out"),
    ROW("formula", WS_KEY_FORMULA, .required = 1, .summary = "formula over the names of other quantities"),
    ABOUT,
    FIELD("boundary", WS_KEY_TEXT, OF(boundary), .summary = "what is counted"),
};

static const struct ws_key output[] = {
    DESCRIPTION,
    ROW("unit", WS_KEY_UNIT, .summary = "unit to report in; a condition needs none"),
    ROW("formula", WS_KEY_FORMULA, .summary = "formula over the names of other quantities"),
    FIELD("boundary", WS_KEY_TEXT, OF(boundary), .summary = "what is counted"),
    ROW("published", WS_KEY_CLAIMS,
        .summary = "published figure: a number, {value, p5, p95, unit, source, note}, or a list of these"),
    ROW("by", WS_KEY_NAMES, .summary = "categorical inputs: also report within each alternative"),
    ROW("scale", WS_KEY_SCALE, .words = "linear log", .summary = "log: indices and histogram bins of the logarithm"),
    ABOUT,
};

static const struct ws_key claim[] = {
    ROW("name", WS_KEY_TEXT, .summary = "what an extending study refers to it by; else its source"),
    ROW("value", WS_KEY_NUMBER, .summary = "the published value"),
    ROW("p5", WS_KEY_NUMBER, .summary = "its published 5 % quantile"),
    ROW("p95", WS_KEY_NUMBER, .summary = "its published 95 % quantile"),
    ROW("unit", WS_KEY_UNIT, .summary = "unit of these; else the output's"),
    ROW("ratio_to", WS_KEY_TEXT,
        .summary = "name of a study, such as llama-3.1-405b: the value is the ratio to its output, for `compare`"),
    ROW("per_year", WS_KEY_BOOLEAN, .summary = "that ratio is a growth in a year"),
    FIELD("tolerance", WS_KEY_NUMBER, offsetof(struct ws_claim, tolerance),
          .summary = "relative distance within which the points should recompute it, such as 0.02"),
    FIELD("bound", WS_KEY_WORD, offsetof(struct ws_claim, bound), .words = "lower upper",
          .summary = "the value is a lower or an upper bound, such as 'more than 100 million'"),
    FIELD("source", WS_KEY_SOURCE, offsetof(struct ws_claim, source), .summary = "a key of sources"),
    FIELD("basis", WS_KEY_WORD, offsetof(struct ws_claim, basis), .words = BASIS,
          .summary = "how the figure was come by"),
    FIELD("note", WS_KEY_TEXT, offsetof(struct ws_claim, note), .summary = "anything the reader should know"),
};

static const struct ws_key evidence[] = {
    FIELD("description", WS_KEY_TEXT, offsetof(struct ws_evidence, description), .summary = "what was observed"),
    ROW("quantity", WS_KEY_TEXT, .required = 1, .summary = "the input, derived quantity or output that was observed"),
    ROW("unit", WS_KEY_UNIT, .required = 1, .summary = "unit of the fact; 1 for a plain number"),
    ROW("observed", WS_KEY_OBSERVED,
        .summary = "the likelihood as a function of the quantity, spelled as a prior is; or a count that was seen"),
    ROW("between", WS_KEY_PAIR, .summary = "[low, high] that holds the quantity; null leaves an end open"),
    ROW("of_study", WS_KEY_TEXT, .summary = "counts in the cases of that study alone, in a sweep over studies"),
    FIELD("source", WS_KEY_SOURCE, offsetof(struct ws_evidence, source), .summary = "a key of sources"),
    FIELD("note", WS_KEY_TEXT, offsetof(struct ws_evidence, note), .summary = "anything the reader should know"),
};

#define EQUIVALENT_OF(field) offsetof(struct ws_equivalent, field)

static const struct ws_key equivalent[] = {
    FIELD("description", WS_KEY_TEXT, EQUIVALENT_OF(description), .summary = "what it is, in the plural"),
    ROW("unit", WS_KEY_UNIT, .required = 1,
        .summary = "unit of one or whole; outputs that convert to it are told in it"),
    FIELD("one", WS_KEY_NUMBER, EQUIVALENT_OF(one), .summary = "how much one is: an output is so many times that"),
    FIELD("whole", WS_KEY_NUMBER, EQUIVALENT_OF(whole),
          .summary = "or the whole that an output goes into so many times, such as a budget"),
    ROW("of", WS_KEY_NAMES, .summary = "the outputs that it is for; else all that convert to the unit"),
    FIELD("source", WS_KEY_SOURCE, EQUIVALENT_OF(source), .summary = "a key of sources"),
    FIELD("basis", WS_KEY_WORD, EQUIVALENT_OF(basis), .words = BASIS, .summary = "how the figure was come by"),
    FIELD("note", WS_KEY_TEXT, EQUIVALENT_OF(note), .summary = "anything the reader should know"),
};

#define CORRELATION_OF(field) offsetof(struct ws_correlation, field)

static const struct ws_key correlation[] = {
    ROW("between", WS_KEY_NAMES, .required = 1, .summary = "the two inputs, [a, b]"),
    ROW("spearman", WS_KEY_NUMBER, .summary = "their rank correlation"),
    ROW("kendall", WS_KEY_NUMBER, .summary = "or Kendall's tau"),
    ROW("gaussian", WS_KEY_NUMBER, .summary = "or the correlation of their normal scores"),
    FIELD("source", WS_KEY_SOURCE, CORRELATION_OF(source), .summary = "a key of sources"),
    FIELD("note", WS_KEY_TEXT, CORRELATION_OF(note), .summary = "why they move together"),
};

static const struct ws_key run[] = {
    FIELD("draws", WS_KEY_COUNT, offsetof(struct ws_run_defaults, draws), .summary = "number of draws, such as 10e6"),
    FIELD("seed", WS_KEY_COUNT, offsetof(struct ws_run_defaults, seed), .summary = "seed of the random numbers"),
    FIELD("design", WS_KEY_TEXT, offsetof(struct ws_run_defaults, design), .summary = "sampling design, such as mc"),
    FIELD("rng", WS_KEY_TEXT, offsetof(struct ws_run_defaults, rng),
          .summary = "random number generator, such as philox4x32"),
    ROW("quantiles", WS_KEY_PROBABILITIES,
        .summary = "quantiles to report beside the standard ones, as p99.5 or 0.995"),
    ROW("keep", WS_KEY_KEEP, .summary = "draws to keep, a count or all"),
    FIELD("widen", WS_KEY_NUMBER, offsetof(struct ws_run_defaults, widen),
          .summary = "multiplies the spread of every prior about its median"),
    ROW("tolerance", WS_KEY_TOLERANCE, .summary = "relative standard error to reach, such as 0.1%"),
};

// Beside the family's own key in a prior.
static const struct ws_key prior[] = {
    ROW("truncate", WS_KEY_PAIR, .summary = "[low, high] of the quantity; null leaves an end open"),
    ROW("shift", WS_KEY_NUMBER, .summary = "added to what the family gives"),
    ROW("scale", WS_KEY_NUMBER, .summary = "multiplies what the family gives, before the shift"),
};

#define TABLE(rows) \
    { rows, sizeof rows / sizeof *rows }
static const struct {
    const struct ws_key *rows;
    size_t count;
} tables[] = {
    [WS_KEYS_TOP] = TABLE(top),
    [WS_KEYS_SOURCE] = TABLE(source),
    [WS_KEYS_INPUT] = TABLE(input),
    [WS_KEYS_DERIVED] = TABLE(derived),
    [WS_KEYS_OUTPUT] = TABLE(output),
    [WS_KEYS_CLAIM] = TABLE(claim),
    [WS_KEYS_EVIDENCE] = TABLE(evidence),
    [WS_KEYS_RUN] = TABLE(run),
    [WS_KEYS_PRIOR] = TABLE(prior),
    [WS_KEYS_CORRELATION] = TABLE(correlation),
    [WS_KEYS_EQUIVALENT] = TABLE(equivalent),
};

const struct ws_key *ws_keys(int table, size_t *count) {
    *count = tables[table].count;
    return tables[table].rows;
}

const struct ws_key *ws_key_find(int table, const char *name) {
    for (size_t i = 0; i < tables[table].count; i++)
        if (strcmp(tables[table].rows[i].name, name) == 0)
            return &tables[table].rows[i];
    return NULL;
}

const char *ws_suggestion(struct ws_arena *arena, const char *name, const char *const *candidates, size_t count) {
    const char *nearest = ws_nearest(name, candidates, count);
    return nearest ? ws_arena_printf(arena, "; did you mean '%s'?", nearest) : "";
}

// "'derived' or 'outputs'": where a quantity would have the key; NULL if nowhere.
static const char *belongs_to(int table, const char *name) {
    if (table != WS_KEYS_INPUT && table != WS_KEYS_DERIVED && table != WS_KEYS_OUTPUT)
        return NULL;
    if (ws_key_find(WS_KEYS_INPUT, name))
        return "'inputs'";
    if (ws_key_find(WS_KEYS_DERIVED, name))
        return "'derived' or 'outputs'";
    return ws_key_find(WS_KEYS_OUTPUT, name) ? "'outputs'" : NULL;
}

void ws_refuse_key(int table, const char *subject, const char *name, struct ws_place place, struct ws_arena *arena,
                   struct ws_messages *messages) {
    size_t count;
    const struct ws_key *rows = ws_keys(table, &count);
    const char *elsewhere = belongs_to(table, name);
    if (table == WS_KEYS_INPUT && ws_key_find(WS_KEYS_PRIOR, name)) {
        ws_complain(messages, place, "%s: '%s' belongs within the prior, beside its family: {normal: {...}, %s: ...}",
                    subject, name, name);
        return;
    }
    if (elsewhere) {
        ws_complain(messages, place, "%s: '%s' is not for this section, it belongs under %s", subject, name, elsewhere);
        return;
    }
    const char **names = WS_NEW_ARRAY(arena, const char *, count);
    struct ws_text all = {.arena = arena};
    for (size_t i = 0; i < count; i++) {
        names[i] = rows[i].name;
        ws_text_printf(&all, "%s%s", all.length ? ", " : "", names[i]);
    }
    const char *near = ws_suggestion(arena, name, names, count);
    if (!*near)
        near = ws_arena_printf(arena, "; known here: %s", all.data);
    ws_complain(messages, place, "%s%sunknown key '%.80s'%s", subject, *subject ? ": " : "", name, near);
}
