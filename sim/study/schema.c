// SPDX-License-Identifier: GPL-3.0-or-later
// The JSON Schema (draft 2020-12) of the study language, for editors: generated from the tables of keys and families,
// so that it cannot drift from the loader. It says nothing of what only a whole study shows (units, undefined names),
// nor what is required of an entry, which a file that is extended may give.
#include <math.h>
#include <string.h>

#include "study/loader.h"

static const char *const table_names[] = {[WS_KEYS_SOURCE] = "source",
                                          [WS_KEYS_INPUT] = "input",
                                          [WS_KEYS_DERIVED] = "derived",
                                          [WS_KEYS_OUTPUT] = "output",
                                          [WS_KEYS_CLAIM] = "claim",
                                          [WS_KEYS_EVIDENCE] = "evidence",
                                          [WS_KEYS_RUN] = "run",
                                          [WS_KEYS_CORRELATION] = "correlation",
                                          [WS_KEYS_EQUIVALENT] = "equivalent"};

static void add_string(struct ws_text *out, const char *text) {
    ws_node_write_json(out, &(struct ws_node){.kind = WS_NODE_SCALAR, .quoted = 1, .text = text}, 0);
}

static void add_words(struct ws_text *out, const char *words, int with_null) {
    ws_text_add(out, "\"enum\": [");
    for (const char *s = words; *s;) {
        size_t n = strcspn(s, " ");
        ws_text_printf(out, "%s\"%.*s\"", s == words ? "" : ", ", (int)n, s);
        s += n;
        s += *s == ' ';
    }
    ws_text_add(out, with_null ? ", null]" : "]");
}

// What a value of each type may be; null removes what an extended file has.
static const char *const type_schemas[] = {
    [WS_KEY_TEXT] = "\"type\": [\"string\", \"number\", \"null\"]",
    [WS_KEY_SOURCE] = "\"type\": [\"string\", \"number\", \"null\"]",
    [WS_KEY_NUMBER] = "\"type\": [\"number\", \"null\"]",
    [WS_KEY_BOOLEAN] = "\"type\": [\"boolean\", \"null\"]",
    [WS_KEY_COUNT] = "\"type\": [\"number\", \"null\"], \"minimum\": 0",
    [WS_KEY_VERSION] = "\"const\": 1",
    [WS_KEY_FILES] = "\"type\": [\"string\", \"array\"], \"items\": {\"type\": \"string\"}",
    [WS_KEY_NAMES] = "\"type\": [\"string\", \"array\", \"null\"], \"items\": {\"type\": \"string\"}",
    [WS_KEY_UNIT] = "\"type\": [\"string\", \"number\", \"null\"]",
    [WS_KEY_PRIOR] = "\"$ref\": \"#/$defs/prior\"",
    [WS_KEY_OBSERVED] = "\"anyOf\": [{\"$ref\": \"#/$defs/prior\"}, {\"$ref\": \"#/$defs/seen\"}]",
    [WS_KEY_POINT] = "\"type\": [\"number\", \"string\", \"null\"]",
    [WS_KEY_FORMULA] = "\"type\": [\"string\", \"number\", \"null\"]",
    [WS_KEY_CLAIMS] =
        "\"anyOf\": [{\"$ref\": \"#/$defs/claim\"}, {\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/claim\"}}]",
    [WS_KEY_PAIR] = "\"type\": \"array\", \"minItems\": 2, \"maxItems\": 2, "
                    "\"items\": {\"type\": [\"number\", \"string\", \"null\"]}",
    [WS_KEY_KEEP] = "\"anyOf\": [{\"type\": [\"number\", \"null\"], \"minimum\": 0}, {\"const\": \"all\"}]",
    [WS_KEY_TOLERANCE] =
        "\"anyOf\": [{\"type\": [\"number\", \"null\"]}, {\"type\": \"string\", \"pattern\": \"^[0-9.eE+-]+%$\"}]",
    [WS_KEY_CORRELATIONS] = "\"type\": [\"array\", \"null\"], \"items\": {\"$ref\": \"#/$defs/correlation\"}",
    [WS_KEY_PROBABILITIES] = "\"$ref\": \"#/$defs/probabilities\"",
    [WS_KEY_RUN] = "\"$ref\": \"#/$defs/run\"",
    [WS_KEY_SWEEP] = "\"$ref\": \"#/$defs/sweep\"",
    [WS_KEY_ANY] = "",
};

static void add_type(struct ws_text *out, const struct ws_key *key) {
    if (key->type == WS_KEY_WORD || key->type == WS_KEY_SCALE)
        add_words(out, key->words, 1);
    else if (key->type == WS_KEY_SECTION)
        ws_text_printf(out, "\"type\": [\"object\", \"null\"], %s\"additionalProperties\": {\"$ref\": \"#/$defs/%s\"}",
                       key->entries == WS_KEYS_SOURCE
                           ? ""
                           : "\"propertyNames\": {\"pattern\": \"^[A-Za-z_][A-Za-z0-9_]*$\", \"maxLength\": 128}, ",
                       table_names[key->entries]);
    else
        ws_text_add(out, type_schemas[key->type]);
}

static void add_properties(struct ws_text *out, int table, const char *indent) {
    size_t count, written = 0;
    const struct ws_key *rows = ws_keys(table, &count);
    for (size_t i = 0; i < count; i++) {
        ws_text_printf(out, "%s\n%s\"%s\": {\"description\": ", written++ ? "," : "", indent, rows[i].name);
        add_string(out, rows[i].summary);
        if (rows[i].type != WS_KEY_ANY)
            ws_text_add(out, ", ");
        add_type(out, &rows[i]);
        ws_text_add(out, "}");
    }
}

// ---- priors ----

// "name": number, for a parameter and each of its aliases.
static void add_parameter(struct ws_text *out, const char *name, const char *aliases, int domain, int first) {
    static const char *const bounds[] = {[WS_ANY] = "",
                                         [WS_POSITIVE] = ", \"exclusiveMinimum\": 0",
                                         [WS_NON_NEGATIVE] = ", \"minimum\": 0",
                                         [WS_PROBABILITY] = ", \"exclusiveMinimum\": 0, \"exclusiveMaximum\": 1"};
    ws_text_printf(out, "%s\"%s\": {\"type\": \"number\"%s}", first ? "" : ", ", name, bounds[domain]);
    for (const char *s = aliases; s && *s;) {
        size_t n = strcspn(s, " ");
        ws_text_printf(out, ", \"%.*s\": {\"type\": \"number\"%s}", (int)n, s, bounds[domain]);
        s += n;
        s += *s == ' ';
    }
}

static void add_own_parameters(struct ws_text *out, const struct ws_family *family) {
    size_t required = 0;
    ws_text_add(out, "{\"type\": \"object\", \"properties\": {");
    for (size_t i = 0; i < WS_MAX_PARAMETERS && family->parameters[i].name; i++)
        add_parameter(out, family->parameters[i].name, family->parameters[i].aliases, family->parameters[i].domain,
                      i == 0);
    ws_text_add(out, "}, \"additionalProperties\": false");
    for (size_t i = 0; i < WS_MAX_PARAMETERS && family->parameters[i].name; i++)
        if (isnan(family->parameters[i].fallback) && !family->parameters[i].aliases)
            ws_text_printf(out, "%s\"%s\"", required++ ? ", " : ", \"required\": [", family->parameters[i].name);
    ws_text_add(out, required ? "]}" : "}");
}

static void add_form(struct ws_text *out, const struct ws_form *form) {
    ws_text_add(out, ", {\"type\": \"object\", \"properties\": {");
    for (size_t i = 0; i < WS_MAX_PARAMETERS && form->names[i]; i++)
        add_parameter(out, form->names[i], NULL, form->domains[i], i == 0);
    ws_text_add(out, "}, \"additionalProperties\": false, \"required\": [");
    for (size_t i = 0; i < WS_MAX_PARAMETERS && form->names[i]; i++)
        ws_text_printf(out, "%s\"%s\"", i ? ", " : "", form->names[i]);
    ws_text_add(out, "]}");
}

static void add_quantile_form(struct ws_text *out, const struct ws_family *family) {
    size_t beside = 0;
    ws_text_add(out, ", {\"type\": \"object\", \"patternProperties\": {\"^p[0-9.]+$\": {\"type\": \"number\"}}, "
                     "\"additionalProperties\": false, \"minProperties\": 2, \"properties\": {");
    for (size_t i = 0; i < WS_MAX_PARAMETERS && family->parameters[i].name; i++)
        if (ws_is_listed(family->beside, family->parameters[i].name))
            add_parameter(out, family->parameters[i].name, family->parameters[i].aliases, family->parameters[i].domain,
                          beside++ == 0);
    ws_text_printf(out, "}, \"maxProperties\": %zu}", 2 + beside);
}

// Families that are given by lists or by other priors.
#define LIST(items) "{\"type\": \"array\", \"minItems\": 1, \"items\": {\"type\": \"number\"" items "}}"
static const struct {
    const char *family, *schema;
} shapes[] = {
    {"discrete", "\"type\": \"object\", \"required\": [\"values\"], \"additionalProperties\": false, "
                 "\"properties\": {\"values\": " LIST("") ", \"weights\": " LIST(", \"exclusiveMinimum\": 0") "}"},
    {"histogram", "\"type\": \"object\", \"required\": [\"edges\", \"weights\"], \"additionalProperties\": false, "
                  "\"properties\": {\"edges\": " LIST("") ", \"weights\": " LIST(", \"minimum\": 0") "}"},
    {"quantiles", "\"type\": \"object\", \"patternProperties\": {\"^p[0-9.]+$\": {\"type\": \"number\"}}, "
                  "\"properties\": {\"min\": {\"type\": \"number\"}, \"max\": {\"type\": \"number\"}}, "
                  "\"additionalProperties\": false, \"minProperties\": 3"},
    {"empirical", "\"type\": \"object\", \"required\": [\"file\"], \"additionalProperties\": false, \"properties\": {"
                  "\"file\": {\"type\": \"string\"}, \"column\": {\"type\": [\"string\", \"integer\"]}, "
                  "\"weights\": {\"type\": [\"string\", \"integer\"]}, \"smooth\": {\"enum\": [true, false, \"log\"]}, "
                  "\"digest\": {\"type\": \"string\"}}"},
    {"dirichlet", "\"type\": \"object\", \"required\": [\"group\", \"alpha\"], \"additionalProperties\": false, "
                  "\"properties\": {\"group\": {\"type\": \"string\", \"pattern\": \"^[A-Za-z_][A-Za-z0-9_]*$\"}, "
                  "\"alpha\": {\"type\": \"number\", \"exclusiveMinimum\": 0}}"},
    {"mixture", "\"type\": \"array\", \"minItems\": 1, \"items\": {\"anyOf\": ["
                "{\"$ref\": \"#/$defs/prior\"}, {\"type\": \"object\", \"minProperties\": 2, \"properties\": {"
                "\"weight\": {\"type\": \"number\", \"exclusiveMinimum\": 0}, \"label\": {\"type\": "
                "\"string\"}, \"source\": {\"type\": \"string\"}}}]}"},
};

static void add_parameters(struct ws_text *out, const struct ws_family *family) {
    if (family->kind == WS_CATEGORICAL) {
        ws_text_add(out, "\"type\": \"object\", \"minProperties\": 1, "
                         "\"additionalProperties\": {\"type\": \"number\", \"minimum\": 0}");
        return;
    }
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (strcmp(family->name, shapes[i].family) == 0) {
            ws_text_add(out, shapes[i].schema);
            return;
        }
    ws_text_add(out, "\"anyOf\": [");
    add_own_parameters(out, family);
    for (size_t i = 0; i < WS_MAX_FORMS && family->forms[i].names[0]; i++)
        add_form(out, &family->forms[i]);
    if (family->from_quantiles)
        add_quantile_form(out, family);
    if (!family->parameters[1].name)
        ws_text_add(out, ", {\"type\": \"number\"}");
    ws_text_add(out, "]");
}

// {given: NAME, LABEL: PRIOR, ...}
static void add_given(struct ws_text *out, const struct ws_family *family) {
    ws_text_add(out,
                ",\n        {\"type\": \"object\", \"required\": [\"given\"], \"minProperties\": 2, \"properties\": {"
                "\"given\": {\"type\": \"string\", \"description\": ");
    add_string(out, family->summary);
    ws_text_add(out, "}}, \"additionalProperties\": {\"$ref\": \"#/$defs/prior\"}}");
}

static void add_family(struct ws_text *out, const struct ws_family *family, const char *name, size_t length) {
    if (strcmp(name, "given") == 0) {
        add_given(out, family);
        return;
    }
    ws_text_printf(out,
                   ",\n        {\"type\": \"object\", \"required\": [\"%.*s\"], \"additionalProperties\": false, "
                   "\"properties\": {",
                   (int)length, name);
    ws_text_printf(out, "\n          \"%.*s\": {\"description\": ", (int)length, name);
    add_string(out, family->summary);
    ws_text_add(out, ", ");
    add_parameters(out, family);
    ws_text_add(out, "}");
    if ((family->kind == WS_CONTINUOUS && strcmp(name, "dirichlet") != 0) || family->kind == WS_DISCRETE) {
        ws_text_add(out, ",");
        add_properties(out, WS_KEYS_PRIOR, "          ");
    }
    ws_text_add(out, "}}");
}

static void add_prior(struct ws_text *out) {
    static const char number[] = "[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?";
    size_t count;
    const struct ws_family *families = ws_families(&count);
    ws_text_printf(out,
                   "    \"prior\": {\n      \"anyOf\": [\n        {\"type\": \"number\"},\n"
                   "        {\"type\": \"string\", \"pattern\": \"^%s +to +%s$\"}",
                   number, number);
    for (size_t i = 0; i < count; i++) {
        add_family(out, &families[i], families[i].name, strlen(families[i].name));
        for (const char *s = families[i].aliases; s && *s;) {
            size_t n = strcspn(s, " ");
            add_family(out, &families[i], s, n);
            s += n;
            s += *s == ' ';
        }
    }
    ws_text_add(out, "\n      ]\n    }");
}

// Values of each swept quantity; under `zip` those of several, side by side.
static void add_sweep(struct ws_text *out) {
    ws_text_add(out,
                "    \"values\": {\"anyOf\": [{\"type\": \"null\"},\n"
                "        {\"type\": \"array\", \"minItems\": 1, \"items\": {\"anyOf\": [{\"$ref\": \"#/$defs/prior\"}, "
                "{\"type\": \"string\"}]}},\n"
                "        {\"type\": \"object\", \"required\": [\"from\", \"to\", \"steps\"], \"additionalProperties\": "
                "false, \"properties\": {\"from\": {\"type\": \"number\"}, \"to\": {\"type\": \"number\"}, \"steps\": "
                "{\"type\": \"number\", \"minimum\": 2}, \"log\": {\"type\": \"boolean\"}}},\n"
                "        {\"type\": \"object\", \"minProperties\": 1, \"not\": {\"required\": [\"from\"]}, "
                "\"additionalProperties\": {\"anyOf\": [{\"$ref\": \"#/$defs/prior\"}, {\"type\": \"string\"}]}}]},\n"
                "    \"together\": {\"type\": \"object\", \"minProperties\": 1, \"additionalProperties\": {\"$ref\": "
                "\"#/$defs/values\"}},\n"
                "    \"sweep\": {\"type\": [\"object\", \"null\"], \"properties\": {\"zip\": {\"anyOf\": [{\"type\": "
                "\"null\"}, {\"$ref\": \"#/$defs/together\"}, {\"type\": \"array\", \"items\": {\"$ref\": "
                "\"#/$defs/together\"}}]}}, \"additionalProperties\": {\"$ref\": \"#/$defs/values\"}},\n");
}

// Counts that were seen, as facts.
static void add_seen(struct ws_text *out) {
    static const char count[] = "{\"type\": \"number\", \"minimum\": 0}",
                      one[] = "{\"type\": \"number\", \"minimum\": 1}";
    static const char open[] = "{\"type\": \"object\", \"additionalProperties\": false, \"minProperties\": ";
    ws_text_printf(out,
                   "    \"seen\": {\"anyOf\": [\n        %s1, \"properties\": {\"poisson\": %s1, \"properties\": {",
                   open, open);
    ws_text_printf(out,
                   "\"count\": %s, \"events\": %s, \"k\": %s, \"exposure\": {\"type\": \"number\", "
                   "\"exclusiveMinimum\": 0}}}}},\n",
                   count, count, count);
    ws_text_printf(out, "        %s1, \"properties\": {\"binomial\": %s2, \"properties\": {", open, open);
    ws_text_printf(out, "\"count\": %s, \"successes\": %s, \"k\": %s, \"n\": %s, \"trials\": %s}}}}]},\n", count, count,
                   count, one, one);
}

const char *ws_study_schema(struct ws_arena *arena) {
    struct ws_text out = {.arena = arena};
    ws_text_add(
        &out, "{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n  \"title\": \"wattspan study\",\n"
              "  \"type\": \"object\",\n  \"required\": [\"wattspan\"],\n  \"additionalProperties\": false,\n"
              "  \"properties\": {");
    add_properties(&out, WS_KEYS_TOP, "    ");
    ws_text_add(&out, "\n  },\n  \"$defs\": {\n");
    for (int table = WS_KEYS_SOURCE; table <= WS_KEYS_EQUIVALENT; table++) {
        if (table == WS_KEYS_PRIOR) // has a form of its own
            continue;
        const char *type = table == WS_KEYS_CLAIM ? "[\"object\", \"number\", \"null\"]" : "[\"object\", \"null\"]";
        ws_text_printf(
            &out, "    \"%s\": {\n      \"type\": %s,\n      \"additionalProperties\": false,\n      \"properties\": {",
            table_names[table], type);
        add_properties(&out, table, "        ");
        ws_text_add(&out, "\n      }\n    },\n");
    }
    ws_text_add(
        &out,
        "    \"probability\": {\"anyOf\": [{\"type\": \"number\", \"exclusiveMinimum\": 0, \"exclusiveMaximum\": 1}, "
        "{\"type\": \"string\", \"pattern\": \"^p[0-9.]+$\"}]},\n"
        "    \"probabilities\": {\"anyOf\": [{\"$ref\": \"#/$defs/probability\"}, {\"type\": \"null\"}, "
        "{\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/probability\"}}]},\n");
    add_sweep(&out);
    add_seen(&out);
    add_prior(&out);
    ws_text_add(&out, "\n  }\n}\n");
    return out.data;
}
