// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/console.h"

enum {
    RUN = 1,
    CHECK = 2,
    SHOW = 4,
    REPLAY = 8,
    LIST = 16,
    SCHEMA = 32,
    SENSITIVITY = 64,
    EXPLAIN = 128,
    MERGE = 256,
    COMPARE = 512,
    EXTEND = 1024,
    ALL = 2047
};

const struct ws_command ws_command_table[] = {
    {"run", RUN, "STUDY", NULL, "draw scenarios from a study and write its result",
     "Draws scenarios from the priors of STUDY (YAML or JSON, - for standard input, or the result of an earlier run, "
     "which is repeated), writes an HDF5 file and prints the distribution of every output beside the published "
     "figures.",
     1, ws_command_run},
    {"check", CHECK, "STUDY", NULL, "look a study through without running it",
     "Lists all errors of STUDY, or its inputs with their compiled priors, its formulas with their units, the memory "
     "that a run needs, and for each published figure its recomputation and what each input alone would have to be to "
     "give it.",
     0, ws_command_check},
    {"show", SHOW, "FILE.h5", NULL, "print the table of an earlier run",
     "Prints from the result FILE.h5 alone the same report as the run that wrote it.", 0, ws_command_show},
    {"sensitivity", SENSITIVITY, "STUDY", NULL, "say which inputs drive each output",
     "Estimates the share of every output's variance that each input of STUDY (a study, or a result of one) carries: "
     "alone (first order), with all its interactions (total), and with the interactions shared out (Shapley effects, "
     "which sum to 1), each with a 95 % interval. It runs the model 2 d + 1 times at each point, d being the number of "
     "uncertain inputs, says so before it starts, and writes a result file that holds the shares.",
     1, ws_command_sensitivity},
    {"explain", EXPLAIN, "FILE.h5", NULL, "say what separates draws that meet a condition",
     "Divides the kept draws of the result FILE.h5 into those that meet a condition and those that do not, and ranks "
     "the inputs by how far their distributions shift.",
     0, ws_command_explain},
    {"merge", MERGE, "OUT.h5 IN.h5...", NULL, "put the shards of a run together",
     "Puts the shards of one run (wattspan run --shard), in any order, together to OUT.h5, the result that the run in "
     "one piece would have written, with the same numbers to the last bit. Shards that overlap, that are missing, or "
     "that are of another study, seed, design, number of draws or version are refused.",
     0, ws_command_merge},
    {"extend", EXTEND, "FILE.h5", NULL, "add draws to a finished run",
     "Goes on from the result FILE.h5 to the number of draws that -n gives, those there already among them, and writes "
     "the result that one long run would have written, with the same numbers to the last bit, in its place or to -o. A "
     "Latin hypercube (lhs), whose number of draws is fixed, and a sensitivity analysis cannot be extended.",
     1, ws_command_extend},
    {"compare", COMPARE, "A B", NULL, "ratio and difference of two studies' outputs",
     "Draws from the studies A and B (each a study, or a result, whose study is drawn again) together, and gives the "
     "ratio and the difference of each output of the same name. Inputs that both inherit unchanged from the same file, "
     "where they are marked shared, are one quantity; all others are drawn independently. It writes a result as run "
     "does.",
     1, ws_command_compare},
    {"replay", REPLAY, "STUDY", NULL, "recompute one draw",
     "Prints every input, intermediate quantity and output of one draw of STUDY (a study, or a result of one) at full "
     "precision.",
     0, ws_command_replay},
    {"list", LIST, "TOPIC", "families designs generators functions units", "list what there is to choose from",
     "Lists the families of priors, the sampling designs, the random number generators, the functions of formulas or "
     "the units: TOPIC is families, designs, generators, functions or units.",
     0, ws_command_list},
    {"schema", SCHEMA, NULL, NULL, "print the JSON Schema of the study language",
     "Prints a JSON Schema of the study language, with which editors complete and check studies.", 0,
     ws_command_schema},
    {NULL, 0, NULL, NULL, NULL, NULL, 0, NULL},
};

#define FIELD(name) offsetof(struct ws_arguments, name)

const struct ws_option ws_option_table[] = {
    {"draws", 'n', WS_OPTION_COUNT, RUN | COMPARE | REPLAY | CHECK, "DRAWS", NULL, 1, FIELD(draws), 0,
     "number of draws, may be written 1e6 (default: the study's, else 1e7); with --tolerance the least"},
    {"draws", 'n', WS_OPTION_COUNT, EXTEND, "DRAWS", NULL, 1, FIELD(draws), 0,
     "number of draws in all, those that are there among them; may be written 1e9"},
    {"tolerance", 0, WS_OPTION_WORDS, RUN, "[OUTPUT=]TOLERANCE", NULL, 0, FIELD(tolerances), 0,
     "draw until the standard errors of mean, p5, p50 and p95 are below a share of max(|value|, sd), as in --tolerance "
     "0.1%, or below a value, as in --tolerance 'energy=2 GWh'; may be repeated"},
    {"max-draws", 0, WS_OPTION_COUNT, RUN, "DRAWS", NULL, 1, FIELD(max_draws), 0,
     "the most that a run to a tolerance draws (default: 1e9)"},
    {"points", 'n', WS_OPTION_COUNT, SENSITIVITY, "POINTS", NULL, 1, FIELD(draws), 0,
     "number of points, at each of which the model is run 2 d + 1 times for d inputs, and once more for each that "
     "correlates (default: 262144)"},
    {"group", 0, WS_OPTION_WORDS, SENSITIVITY, "NAME=A,B", NULL, 0, FIELD(groups), 0,
     "take inputs together as one, as in --group prices=gpu_price,power_price; may be repeated"},
    {"output", 'o', WS_OPTION_TEXT, RUN | COMPARE | SENSITIVITY, "FILE.h5", NULL, 0, FIELD(output), 0,
     "where the result goes, a file or a folder (default: results/NAME.h5 where there is a folder results, "
     "else NAME.h5)"},
    {"output", 'o', WS_OPTION_TEXT, EXTEND, "OUT.h5", NULL, 0, FIELD(output), 0,
     "where the result goes, a file or a folder (default: in the place of FILE.h5)"},
    {"draw", 0, WS_OPTION_COUNT, REPLAY, "I", NULL, 0, FIELD(draw), FIELD(draw_given), "which draw, counted from 0"},
    {"seed", 0, WS_OPTION_COUNT, RUN | COMPARE | SENSITIVITY | REPLAY, "S", NULL, 0, FIELD(seed), FIELD(seed_given),
     "seed of the random streams (default: the study's, else 1)"},
    {"design", 0, WS_OPTION_TEXT, RUN | COMPARE | SENSITIVITY | REPLAY | CHECK, "NAME", "@designs", 0, FIELD(design), 0,
     "sampling design (default: the study's, else mc; of a sensitivity analysis sobol); see wattspan list designs"},
    {"rng", 0, WS_OPTION_TEXT, RUN | COMPARE | REPLAY, "NAME", "@generators", 0, FIELD(rng), 0,
     "random number generator (default: the study's, else philox4x32); see wattspan list generators"},
    {"shard", 0, WS_OPTION_TEXT, RUN, "I/N", "slurm", 0, FIELD(shard), 0,
     "draw part I of N alone, for wattspan merge, as in --shard 7/100; slurm: by the variables of a job array"},
    {"checkpoint", 0, WS_OPTION_SECONDS, RUN | EXTEND | COMPARE | SENSITIVITY, "SECONDS", NULL, 0, FIELD(checkpoint),
     FIELD(checkpoint_given),
     "how often a run that lasts saves what it has drawn, as FILE.h5.checkpoint (default: 60; 0: when interrupted)"},
    {"resume", 0, WS_OPTION_FLAG, RUN | EXTEND | COMPARE | SENSITIVITY, NULL, NULL, 0, FIELD(resume), 0,
     "go on from FILE.h5.checkpoint, where there is one, to the same numbers"},
    {"threads", 0, WS_OPTION_COUNT, RUN | EXTEND | COMPARE | SENSITIVITY | MERGE | CHECK, "T", NULL, 1, FIELD(threads),
     0, "number of threads (default: OMP_NUM_THREADS, SLURM_CPUS_PER_TASK, else the processors that may be used)"},
    {"set", 0, WS_OPTION_SETTING, RUN | COMPARE | SENSITIVITY | CHECK | REPLAY, "NAME=PRIOR", NULL, 0, 0, 0,
     "give a quantity another value or prior, as in --set pue=1.2 or --set 'pue=1.1 to 1.4'; may be repeated"},
    {"probability", 0, WS_OPTION_WORDS, RUN | COMPARE | SENSITIVITY | CHECK | REPLAY, "CONDITION", NULL, 0,
     FIELD(probabilities), 0,
     "also report how probable a condition is, as in --probability 'cost > 1e9 [USD]'; may be repeated"},
    {"vary", 0, WS_OPTION_WORDS, RUN | COMPARE | CHECK, "NAME=VALUES", NULL, 0, FIELD(sweeps), 0,
     "sweep a quantity, as in --vary pue=1.1,1.2,1.3, --vary tdp=500:900:5 (from, to, how many), "
     "--vary tdp=1:1e4:5:log, --vary owner=lab,cloud or --vary 'life={short: 2 to 4, long: 5 to 8}'; repeated, "
     "the cases are the grid; lists in one go side by side: --vary 'a=1,2; b=5,7'; studies: "
     "--vary study=a.yaml,b.yaml"},
    {"memory", 0, WS_OPTION_SIZE, RUN | COMPARE | CHECK, "SIZE", NULL, 0, FIELD(memory), 0,
     "memory that the cases of a sweep may take (default: 1GiB); wattspan check says how much they need"},
    {"share", 0, WS_OPTION_WORDS, COMPARE, "NAME", NULL, 0, FIELD(share), 0,
     "take an input of both studies as one quantity; may be repeated"},
    {"apart", 0, WS_OPTION_WORDS, COMPARE, "NAME", NULL, 0, FIELD(apart), 0,
     "take an input of both studies as two quantities, drawn independently; may be repeated"},
    {"widen", 0, WS_OPTION_POSITIVE, RUN | COMPARE | SENSITIVITY | CHECK | REPLAY, "F", NULL, 0, FIELD(widen), 0,
     "multiply the spread of every prior about its median, in ln x where x is positive"},
    {"repair-correlations", 0, WS_OPTION_FLAG, RUN | SENSITIVITY | CHECK | REPLAY, NULL, NULL, 0,
     FIELD(repair_correlations), 0, "where correlations cannot all hold, take the nearest that can"},
    {"keep", 0, WS_OPTION_COUNT_OR_ALL, RUN | EXTEND | COMPARE | SENSITIVITY | CHECK, "DRAWS", "all", 0, FIELD(keep),
     FIELD(keep_given), "number of draws kept in the result, or all (default: the study's, else 10000)"},
    {"keep-type", 0, WS_OPTION_CHOICE, RUN | EXTEND | COMPARE | SENSITIVITY | MERGE, "TYPE", "float64 float32", 0,
     FIELD(keep_type), 0, "how kept draws are written: float64, or float32 (7 digits, up to 3e38) (default: float64)"},
    {"keep-deflate", 0, WS_OPTION_COUNT, RUN | EXTEND | COMPARE | SENSITIVITY | MERGE, "LEVEL", NULL, 1,
     FIELD(keep_deflate), 0,
     "compress kept draws at a level from 1 to 9, which saves about a tenth and takes far longer (default: they are "
     "not compressed)"},
    {"when", 0, WS_OPTION_ONCE, EXPLAIN, "CONDITION", NULL, 0, FIELD(when), 0,
     "the condition, as in --when 'energy > 500 [GWh]'"},
    {"flatten", 0, WS_OPTION_FLAG, CHECK, NULL, NULL, 0, FIELD(flatten), 0,
     "print the merged study instead, as YAML with the origin of each entry, or with --format json as JSON"},
    {"priors", 0, WS_OPTION_FLAG, CHECK, NULL, NULL, 0, FIELD(priors), 0,
     "print quantiles and densities of the compiled priors instead, as CSV for a plotter"},
    {"format", 0, WS_OPTION_CHOICE, RUN | EXTEND | COMPARE | SHOW | MERGE, "FORMAT", "table json csv markdown latex", 0,
     FIELD(format), FIELD(format_given),
     "form of the report: table, json, csv, or for a paper markdown or latex (with booktabs) (default: table)"},
    {"format", 0, WS_OPTION_CHOICE, SENSITIVITY | CHECK | EXPLAIN | REPLAY | LIST, "FORMAT", "table json csv", 0,
     FIELD(format), FIELD(format_given), "form of the report: table, json or csv (default: table)"},
    {"wide", 0, WS_OPTION_FLAG, RUN | EXTEND | COMPARE | SHOW | MERGE, NULL, NULL, 0, FIELD(wide), 0,
     "add means, standard deviations, standard errors and small histograms to the table"},
    {"equivalents", 0, WS_OPTION_FLAG, SHOW, NULL, NULL, 0, FIELD(equivalents), 0,
     "tell the outputs in the study's equivalents instead, such as pools of water, households, budgets"},
    {"sort", 0, WS_OPTION_TEXT, RUN | SHOW | MERGE, "NAME", NULL, 0, FIELD(sort), 0,
     "of a sweep: one line a case, in the order of an output's median or a swept quantity; -NAME: the greatest first"},
    {"where", 0, WS_OPTION_ONCE, RUN | SHOW | MERGE, "COMPARISON", NULL, 0, FIELD(where), 0,
     "of a sweep: the cases where an output's median or a swept quantity compares with a number or a label, as in "
     "--where 'energy > 300' (in the output's unit) or --where owner=lab"},
    {"cases", 0, WS_OPTION_COUNT, RUN | SHOW | MERGE, "N", NULL, 1, FIELD(cases), 0,
     "of a sweep: one line a case, N of them at most (default: where there are many, those with the extremes)"},
    {"weights", 0, WS_OPTION_ONCE, SHOW, "INPUT=LABEL:WEIGHT,...", NULL, 0, FIELD(weights), 0,
     "put outputs that are split by a categorical input together anew with other weights of its alternatives, as in "
     "--weights ownership=straight_line:1,value_decay:0"},
    {"quiet", 0, WS_OPTION_FLAG, RUN | EXTEND | COMPARE | SENSITIVITY | CHECK | MERGE, NULL, NULL, 0, FIELD(quiet), 0,
     "no progress, notes or table; errors and warnings stay, and so does a report asked for by --format"},
    {"progress", 0, WS_OPTION_CHOICE, RUN | EXTEND | COMPARE | SENSITIVITY, "WHEN", "auto always never", 0,
     FIELD(progress), 0, "when to show progress: auto (on a terminal), always or never (default: auto)"},
    {"no-clobber", 0, WS_OPTION_FLAG, RUN | EXTEND | COMPARE | SENSITIVITY | MERGE, NULL, NULL, 0, FIELD(no_clobber), 0,
     "refuse to replace an earlier result"},
    {"help", 'h', WS_OPTION_FLAG, ALL, NULL, NULL, 0, FIELD(help), 0, "print this help"},
    {NULL, 0, 0, 0, NULL, NULL, 0, 0, 0, NULL},
};

const struct ws_command *ws_command_find(const char *name) {
    for (const struct ws_command *c = ws_command_table; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

int ws_option_applies(const struct ws_option *option, const struct ws_command *command) {
    return (option->commands & command->bit) != 0;
}

// ---- suggestions ----

// Levenshtein's distance, for names of the program's own, which are short.
static size_t distance(const char *a, const char *b) {
    enum { LONGEST = 32 };
    size_t row[LONGEST + 1], na = strlen(a), nb = strlen(b);
    if (na > LONGEST || nb > LONGEST)
        return SIZE_MAX;
    for (size_t j = 0; j <= nb; j++)
        row[j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            best = row[j] + 1 < best ? row[j] + 1 : best;
            row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
        }
    }
    return row[nb];
}

const char *ws_suggest(const char *name, const char *const *names, size_t count) {
    const char *nearest = NULL;
    size_t length = strlen(name), least = length / 3 + 2; // a third of the letters and one more may differ
    for (size_t i = 0; i < count; i++) {
        // What is left out at the end costs nothing: --prog means --progress.
        size_t d = length >= 3 && strncmp(names[i], name, length) == 0 ? 0 : distance(name, names[i]);
        if (d < least && d < length) {
            least = d;
            nearest = names[i];
        }
    }
    return nearest;
}

// ---- parsing ----

enum { USAGE = 2 };

static int complain_try(const struct ws_command *command) {
    ws_say("try 'wattspan %s --help'", command->name);
    return USAGE;
}

static int parse_count(const char *text, uint64_t *value) {
    size_t length = strlen(text);
    char *end;
    errno = 0;
    if (length > 0 && strspn(text, "0123456789") == length) {
        *value = strtoull(text, NULL, 10);
        return errno || *value > INT64_MAX ? -1 : 0;
    }
    if (length == 0 || strspn(text, "0123456789.eE+") != length)
        return -1;
    double number = strtod(text, &end);
    if (*end != '\0' || !(number >= 0 && number < 0x1p63) || number != (double)(uint64_t)number)
        return -1;
    *value = (uint64_t)number;
    return 0;
}

// The position of the text among blank-separated words, or -1.
static int find_choice(const char *choices, const char *text) {
    size_t length = strlen(text);
    int position = 0;
    for (const char *s = choices; *s; position++) {
        size_t n = strcspn(s, " ");
        if (n == length && strncmp(s, text, n) == 0)
            return position;
        s += n + (s[n] == ' ');
    }
    return -1;
}

static int add_setting(struct ws_arguments *arguments, const char *text) {
    const char **settings = realloc(arguments->settings, (arguments->n_settings + 1) * sizeof *settings);
    if (!settings) {
        ws_say("wattspan: memory ran out");
        return 1;
    }
    arguments->settings = settings;
    settings[arguments->n_settings++] = text;
    return 0;
}

static int add_word(struct ws_word_list *list, const char *text) {
    const char **items = realloc(list->items, (list->count + 1) * sizeof *items);
    if (!items) {
        ws_say("wattspan: memory ran out");
        return 1;
    }
    list->items = items;
    items[list->count++] = text;
    return 0;
}

static int store_positive(const struct ws_option *option, double *field, const char *text) {
    char *end;
    *field = strtod(text, &end);
    if (*text && !*end && *field > 0 && *field < 1e300)
        return 0;
    ws_say("wattspan: --%s needs a number above 0%s, found '%s'", option->name,
           *text && !*end && *field >= 1e300 ? " and below 1e300" : "", text);
    return USAGE;
}

static int store_seconds(const struct ws_option *option, double *field, const char *text) {
    char *end;
    *field = strtod(text, &end);
    if (*text && !*end && *field >= 0 && *field < 1e9)
        return 0;
    ws_say("wattspan: --%s needs a number of seconds, found '%s'", option->name, text);
    return USAGE;
}

static int store_count(const struct ws_option *option, uint64_t *field, const char *text) {
    if (option->kind == WS_OPTION_COUNT_OR_ALL && strcmp(text, "all") == 0) {
        *field = UINT64_MAX;
        return 0;
    }
    if (parse_count(text, field) == 0 && *field >= option->least)
        return 0;
    int large = *text && strspn(text, "0123456789.eE+") == strlen(text) && strtod(text, NULL) >= 0x1p63;
    ws_say("wattspan: --%s needs a whole number%s%s, found '%s'", option->name,
           large           ? " below 9.2e18"
           : option->least ? " of at least 1"
                           : "",
           option->kind == WS_OPTION_COUNT_OR_ALL ? " or 'all'" : "", text);
    return USAGE;
}

// "512MiB", "2GB", "1e9".
static int store_size(const struct ws_option *option, uint64_t *field, const char *text) {
    static const struct {
        const char *name;
        double bytes;
    } units[] = {{"", 1},       {"B", 1},        {"kB", 1e3},     {"MB", 1e6},     {"GB", 1e9},
                 {"TB", 1e12},  {"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30}, {"TiB", 0x1p40},
                 {"K", 0x1p10}, {"M", 0x1p20},   {"G", 0x1p30}};
    char *end;
    double number = strtod(text, &end);
    while (*end == ' ')
        end++;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(end, units[i].name) == 0 && number * units[i].bytes >= 1 && number * units[i].bytes < 0x1p60) {
            *field = (uint64_t)(number * units[i].bytes);
            return 0;
        }
    ws_say("wattspan: --%s needs a size such as 512MiB or 4GiB, found '%s'", option->name, text);
    return USAGE;
}

// 0, or an exit code. text is NULL for flags.
static int store(struct ws_arguments *arguments, const struct ws_option *option, const char *text) {
    void *field = (char *)arguments + option->field;
    if (option->given)
        *(int *)((char *)arguments + option->given) = 1;
    switch (option->kind) {
    case WS_OPTION_FLAG:
        *(int *)field = 1;
        return 0;
    case WS_OPTION_ONCE:
        if (*(const char **)field) {
            ws_say("wattspan: --%s is there twice, '%s' and '%s'; it takes one", option->name, *(const char **)field,
                   text);
            return USAGE;
        }
        *(const char **)field = text;
        return 0;
    case WS_OPTION_TEXT:
        *(const char **)field = text;
        return 0;
    case WS_OPTION_WORDS:
        return add_word(field, text);
    case WS_OPTION_POSITIVE:
        return store_positive(option, field, text);
    case WS_OPTION_SECONDS:
        return store_seconds(option, field, text);
    case WS_OPTION_SIZE:
        return store_size(option, field, text);
    case WS_OPTION_SETTING:
        return add_setting(arguments, text);
    case WS_OPTION_CHOICE:
        *(int *)field = find_choice(option->choices, text);
        if (*(int *)field >= 0)
            return 0;
        ws_say("wattspan: --%s is one of %s, found '%s'", option->name, option->choices, text);
        return USAGE;
    default:
        return store_count(option, field, text);
    }
}

static const struct ws_option *find_long(const struct ws_command *command, const char *name, size_t length) {
    for (const struct ws_option *o = ws_option_table; o->name; o++)
        if (ws_option_applies(o, command) && strlen(o->name) == length && strncmp(o->name, name, length) == 0)
            return o;
    return NULL;
}

static const struct ws_option *find_letter(const struct ws_command *command, char letter) {
    for (const struct ws_option *o = ws_option_table; o->name; o++)
        if (ws_option_applies(o, command) && o->letter == letter)
            return o;
    return NULL;
}

static int complain_unknown(const struct ws_command *command, const char *word) {
    enum { MOST = 32 };
    const char *names[MOST];
    size_t n = 0;
    for (const struct ws_option *o = ws_option_table; o->name && n < MOST; o++)
        if (ws_option_applies(o, command))
            names[n++] = o->name;
    size_t dashes = strspn(word, "-"), length = strcspn(word, "=");
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)(length - dashes), word + dashes);
    const char *nearest = ws_suggest(name, names, n);
    if (nearest)
        ws_say("wattspan %s: unknown option '%.*s'; did you mean '--%s'?", command->name, (int)length, word, nearest);
    else
        ws_say("wattspan %s: unknown option '%.*s'", command->name, (int)length, word);
    return complain_try(command);
}

// Reads the option in words[*i] and the word after it where that is its value.
static int parse_option(struct ws_arguments *arguments, int *i, int n_words, char **words) {
    const struct ws_command *command = arguments->command;
    const char *word = words[*i], *value = NULL;
    const struct ws_option *option;
    if (word[1] == '-') {
        size_t length = strcspn(word + 2, "=");
        option = find_long(command, word + 2, length);
        value = word[2 + length] ? word + 2 + length + 1 : NULL;
    } else {
        option = find_letter(command, word[1]);
        value = word[2] ? word + 2 : NULL; // -n1e6
    }
    if (!option || (!option->value && value && word[1] != '-'))
        return complain_unknown(command, word);
    if (!option->value && value) {
        ws_say("wattspan %s: --%s takes no value", command->name, option->name);
        return complain_try(command);
    }
    if (option->value && !value) {
        if (*i + 1 >= n_words) {
            ws_say("wattspan %s: --%s needs a value: %s", command->name, option->name, option->value);
            return complain_try(command);
        }
        value = words[++*i];
    }
    return store(arguments, option, value);
}

static int wants_two(const struct ws_command *command) {
    return command->operand && strchr(command->operand, ' ') && !strstr(command->operand, "...");
}

static int add_operand(struct ws_arguments *arguments, const char *word) {
    const struct ws_command *command = arguments->command;
    if (command->operand && !arguments->operand) {
        arguments->operand = word;
        return 0;
    }
    if (command->operand && strstr(command->operand, "..."))
        return add_word(&arguments->more, word);
    if (wants_two(command) && !arguments->second) {
        arguments->second = word;
        return 0;
    }
    ws_say("wattspan %s: '%s' is one argument too many", command->name, word);
    return complain_try(command);
}

int ws_arguments_parse(struct ws_arguments *arguments, const struct ws_command *command, int n_words, char **words) {
    int only_operands = 0, status = 0;
    *arguments = (struct ws_arguments){.command = command, .n_words = n_words, .words = words};
    for (int i = 0; i < n_words && !status; i++) {
        if (!only_operands && strcmp(words[i], "--") == 0)
            only_operands = 1;
        else if (!only_operands && words[i][0] == '-' && words[i][1] != '\0')
            status = parse_option(arguments, &i, n_words, words);
        else
            status = add_operand(arguments, words[i]);
    }
    int many = command->operand && strstr(command->operand, "...");
    int missing = command->operand && (!arguments->operand || (many && !arguments->more.count) ||
                                       (wants_two(command) && !arguments->second));
    if (!status && !arguments->help && missing) {
        const char *name = arguments->operand ? strchr(command->operand, ' ') + 1 : command->operand;
        ws_say("wattspan %s: %s is missing", command->name, many && arguments->operand ? "IN.h5" : name);
        status = complain_try(command);
    }
    return status;
}

void ws_arguments_finish(struct ws_arguments *arguments) {
    free(arguments->settings);
    free(arguments->probabilities.items);
    free(arguments->sweeps.items);
    free(arguments->groups.items);
    free(arguments->more.items);
    free(arguments->tolerances.items);
    free(arguments->share.items);
    free(arguments->apart.items);
}
