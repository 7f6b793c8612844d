// SPDX-License-Identifier: GPL-3.0-or-later
// The subcommands and the one table of their options, from which parsing, --help and completion follow.
#ifndef WS_CLI_OPTIONS_H
#define WS_CLI_OPTIONS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "wattspan.h"

enum ws_progress_when { WS_PROGRESS_AUTO, WS_PROGRESS_ALWAYS, WS_PROGRESS_NEVER };

struct ws_command;

// What an option that may be given several times has collected.
struct ws_word_list {
    const char **items;
    size_t count;
};

// What the command line says, all subcommands' options together.
struct ws_arguments {
    const struct ws_command *command;
    ws_team *team;            // to draw with; NULL
    const char *operand;      // STUDY, FILE.h5 or TOPIC; NULL where the subcommand has none
    const char *second;       // of a subcommand with two operands
    struct ws_word_list more; // operands after the first, where the subcommand takes any number
    int n_words;              // the words after the subcommand, as typed
    char **words;
    int help, wide, quiet, no_clobber, flatten, priors, equivalents;
    int format, format_given; // enum ws_format
    int progress;             // enum ws_progress_when
    const char *sort, *where, *when, *output, *design, *rng, *weights, *shard;
    uint64_t memory, cases, draws, seed, threads, keep, draw, max_draws, keep_deflate;
    int keep_type; // 1: float32
    int seed_given, keep_given, draw_given;
    size_t n_settings;
    const char **settings;
    struct ws_word_list probabilities, sweeps, groups, tolerances, share, apart;
    double widen; // 0: not given
    double checkpoint;
    int checkpoint_given, resume;
    int repair_correlations;
};

struct ws_command {
    const char *name;
    unsigned bit;            // for the options' sets of subcommands
    const char *operand;     // "STUDY", NULL where there is none; "A B" where there are two, with "..." any number
    const char *choices;     // of the operand, blank-separated; NULL: a file
    const char *summary;     // one line
    const char *description; // a paragraph
    int draws;               // the processes of a team draw for it together
    int (*run)(const struct ws_arguments *arguments); // returns the program's exit code
};

enum ws_option_kind {
    WS_OPTION_FLAG,         // int
    WS_OPTION_TEXT,         // const char *
    WS_OPTION_ONCE,         // the same, where a second one would undo the first without a word
    WS_OPTION_COUNT,        // uint64_t, may be written 1e6
    WS_OPTION_COUNT_OR_ALL, // the same; "all" is UINT64_MAX
    WS_OPTION_CHOICE,       // int, the position among the choices
    WS_OPTION_WORDS,        // appended to a struct ws_word_list
    WS_OPTION_POSITIVE,     // double, above 0
    WS_OPTION_SECONDS,      // double, 0 or above
    WS_OPTION_SIZE,         // uint64_t, bytes: 2GiB
    WS_OPTION_SETTING       // appended to settings
};

struct ws_option {
    const char *name;
    char letter; // 0: none
    int kind;    // enum ws_option_kind
    unsigned commands;
    const char *value;   // "DRAWS" in help; NULL for flags
    const char *choices; // blank-separated; "@generators": the names that `wattspan list generators` gives
    uint64_t least;      // of a count
    size_t field, given; // offsets into struct ws_arguments; given = 0: there is no such field
    const char *help;
};

// The table, ending with a NULL name.
extern const struct ws_option ws_option_table[];
// The subcommands, ending with a NULL name.
extern const struct ws_command ws_command_table[];

const struct ws_command *ws_command_find(const char *name);
// Whether the subcommand takes the option.
int ws_option_applies(const struct ws_option *option, const struct ws_command *command);
// Reads the words after the subcommand. 0, or the exit code for wrong usage, of which a message has been printed.
int ws_arguments_parse(struct ws_arguments *arguments, const struct ws_command *command, int n_words, char **words);
void ws_arguments_finish(struct ws_arguments *arguments);

// The nearest of the names by edit distance, or NULL where none is near.
const char *ws_suggest(const char *name, const char *const *names, size_t count);

int ws_command_run(const struct ws_arguments *arguments);
int ws_command_check(const struct ws_arguments *arguments);
int ws_command_show(const struct ws_arguments *arguments);
int ws_command_extend(const struct ws_arguments *arguments);
int ws_command_merge(const struct ws_arguments *arguments);
int ws_command_sensitivity(const struct ws_arguments *arguments);
int ws_command_explain(const struct ws_arguments *arguments);
int ws_command_compare(const struct ws_arguments *arguments);
int ws_command_replay(const struct ws_arguments *arguments);
int ws_command_list(const struct ws_arguments *arguments);
int ws_command_schema(const struct ws_arguments *arguments);

// Help on a stream opened by the caller. (help.c)
void ws_help_program(FILE *out, int full);
void ws_help_command(FILE *out, const struct ws_command *command);
// Prints what may stand in place of the last of the words typed after the program's name, one a line. (complete.c)
void ws_complete(FILE *out, int n_words, char **words);

#endif
