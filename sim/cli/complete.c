// SPDX-License-Identifier: GPL-3.0-or-later
// Completion on the command line (sim/cli/wattspan.bash asks for it): what may stand in place of the last word.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"

static void offer(FILE *out, const char *word, size_t length, const char *typed) {
    if (strncmp(word, typed, strlen(typed)) == 0 && length >= strlen(typed))
        fprintf(out, "%.*s\n", (int)length, word);
}

static void offer_choices(FILE *out, const char *choices, const char *typed) {
    while (*choices) {
        size_t n = strcspn(choices, " ");
        offer(out, choices, n, typed);
        choices += n + (choices[n] == ' ');
    }
}

// The first field of each line of `wattspan list TOPIC --format csv` but the header.
static void offer_list(FILE *out, const char *topic, const char *typed) {
    struct ws_report_options options = {.format = WS_FORMAT_CSV};
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (!stream)
        return;
    int status = ws_report_list(topic, &options, stream, NULL);
    if (fclose(stream) == 0 && status == WS_OK)
        for (const char *line = strchr(text, '\n'); line && line[1]; line = strchr(line + 1, '\n'))
            offer(out, line + 1, strcspn(line + 1, ",\n"), typed);
    free(text);
}

static const struct ws_option *find_option(const struct ws_command *command, const char *word) {
    for (const struct ws_option *o = ws_option_table; o->name; o++)
        if (ws_option_applies(o, command) && ((strncmp(word, "--", 2) == 0 && strcmp(word + 2, o->name) == 0) ||
                                              (o->letter && word[0] == '-' && word[1] == o->letter && word[2] == '\0')))
            return o;
    return NULL;
}

static void offer_options(FILE *out, const struct ws_command *command, const char *typed) {
    for (const struct ws_option *o = ws_option_table; o->name; o++) {
        char word[64];
        snprintf(word, sizeof word, "--%s", o->name);
        if (ws_option_applies(o, command))
            offer(out, word, strlen(word), typed);
    }
}

static void offer_commands(FILE *out, const char *typed) {
    for (const struct ws_command *c = ws_command_table; c->name; c++)
        offer(out, c->name, strlen(c->name), typed);
    offer_choices(out, "help --help --version", typed);
}

void ws_complete(FILE *out, int n_words, char **words) {
    if (n_words <= 1 || strcmp(words[0], "help") == 0) {
        offer_commands(out, n_words > 0 ? words[n_words - 1] : "");
        return;
    }
    const struct ws_command *command = ws_command_find(words[0]);
    if (!command)
        return;
    const char *typed = words[n_words - 1], *before = words[n_words - 2];
    if (strcmp(typed, "=") == 0) // bash takes --format=json for three words
        typed = "";
    else if (strcmp(before, "=") == 0)
        before = n_words > 2 ? words[n_words - 3] : "";
    const struct ws_option *option = find_option(command, before);
    if (option && option->value) {
        if (option->choices && option->choices[0] == '@')
            offer_list(out, option->choices + 1, typed);
        else if (option->choices)
            offer_choices(out, option->choices, typed);
    } else if (typed[0] == '-') {
        offer_options(out, command, typed);
    } else if (command->choices) {
        offer_choices(out, command->choices, typed);
    }
}
