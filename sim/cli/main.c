// SPDX-License-Identifier: GPL-3.0-or-later
// wattspan: the program. One file per subcommand, all on wattspan.h alone.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/console.h"
#include "cli/heap.h"
#include "cli/options.h"

static int print_help(const struct ws_command *command) {
    struct ws_console console = ws_console_make(0);
    struct ws_page page;
    int code = ws_page_begin(&page);
    if (code)
        return code;
    if (command)
        ws_help_command(page.stream, command);
    else
        ws_help_program(page.stream, 1);
    return ws_page_end(&page, WS_OK, &console, NULL);
}

static int print_version(void) {
    struct ws_console console = ws_console_make(0);
    struct ws_page page;
    int code = ws_page_begin(&page);
    if (code)
        return code;
    const char *revision = ws_revision();
    fprintf(page.stream, "wattspan %s (%s%s), %s%s\n", ws_version(), *revision ? "git " : "revision unknown", revision,
            *ws_mpi() ? "MPI " : "built without MPI", ws_mpi());
    return ws_page_end(&page, WS_OK, &console, NULL);
}

static int print_completions(int n_words, char **words) {
    struct ws_console console = ws_console_make(0);
    struct ws_page page;
    int code = ws_page_begin(&page);
    if (code)
        return code;
    ws_complete(page.stream, n_words, words);
    return ws_page_end(&page, WS_OK, &console, NULL);
}

static int complain_unknown(const char *word) {
    enum { MOST = 32 };
    const char *names[MOST];
    size_t n = 0;
    for (const struct ws_command *c = ws_command_table; c->name && n < MOST; c++)
        names[n++] = c->name;
    const char *nearest = ws_suggest(word, names, n);
    const char *what = word[0] == '-' ? "option" : "command";
    if (access(word, F_OK) == 0)
        ws_say("wattspan: unknown command '%s'; did you mean 'wattspan run %s'?", word, word);
    else if (nearest)
        ws_say("wattspan: unknown %s '%s'; did you mean '%s'?", what, word, nearest);
    else
        ws_say("wattspan: unknown %s '%s'", what, word);
    ws_say("try 'wattspan --help'");
    return 2;
}

static int run_command(const struct ws_command *command, ws_team *team, int n_words, char **words) {
    struct ws_arguments arguments;
    int code = ws_arguments_parse(&arguments, command, n_words, words);
    arguments.team = team;
    if (!code)
        code = arguments.help ? print_help(command) : command->run(&arguments);
    ws_arguments_finish(&arguments);
    return code;
}

static int is_one_of(const char *word, const char *a, const char *b) {
    return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

// What a process whose work has come to `code` would have said.
static struct ws_error reason(int code) {
    static const int statuses[] = {[2] = WS_ERROR_USAGE, [3] = WS_ERROR_STUDY, [4] = WS_ERROR_FILE};
    struct ws_error error = {0};
    error.status = code >= 2 && code <= 4 ? statuses[code] : WS_ERROR_RUN;
    snprintf(error.text, sizeof error.text, "%s",
             *ws_console_unsaid() ? ws_console_unsaid() : "a process has left before the others");
    return error;
}

// Of several processes the first does all, and the others help it to draw.
static int run_in_team(const struct ws_command *command, int n_words, char **words) {
    ws_heap_begin();
    struct ws_console console = ws_console_make(0);
    struct ws_error error = {0};
    ws_team *team = NULL;
    int code = 0, status = ws_team_join(&team, &error);
    if (ws_team_rank(team) > 0)
        ws_console_mute();
    if (status)
        code = ws_console_fail(&console, &error);
    else if (ws_team_rank(team) == 0 || command->draws)
        code = run_command(command, team, n_words, words);
    error = reason(code);
    return ws_team_leave(team, code, &error);
}

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN); // seen as EPIPE instead, so that a run's result is on disk whatever reads its table
    signal(SIGXFSZ, SIG_IGN); // seen as EFBIG instead, so that a limit on file sizes is an error with a name
    if (argc < 2) {
        ws_help_program(stderr, 0);
        return 2;
    }
    const char *word = argv[1];
    if (is_one_of(word, "--version", "-V"))
        return print_version();
    if (strcmp(word, "complete") == 0) // not for people, hence in no help
        return print_completions(argc - 2, argv + 2);
    if (is_one_of(word, "--help", "-h") || (strcmp(word, "help") == 0 && argc == 2))
        return print_help(NULL);
    int asks = strcmp(word, "help") == 0;
    const struct ws_command *command = ws_command_find(asks ? argv[2] : word);
    if (!command)
        return complain_unknown(asks ? argv[2] : word);
    return asks ? print_help(command) : run_in_team(command, argc - 2, argv + 2);
}
