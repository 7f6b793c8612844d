// SPDX-License-Identifier: GPL-3.0-or-later
// Help, from the tables of subcommands and options.
#include <stdio.h>
#include <string.h>

#include "cli/options.h"

enum { COLUMNS = 80 };

// Prints words on lines up to COLUMNS wide, going on at column `indent`; `column` is where the cursor is.
static void print_words(FILE *out, const char *text, size_t column, size_t indent) {
    int first = 1;
    while (*text) {
        size_t n = strcspn(text, " ");
        if (!first && column + 1 + n > COLUMNS) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            putc(' ', out);
            column++;
        }
        fwrite(text, 1, n, out);
        column += n;
        text += n + (text[n] == ' ');
        first = 0;
    }
    putc('\n', out);
}

static void print_option(FILE *out, const struct ws_option *option) {
    enum { INDENT = 24 };
    char left[64];
    int n = snprintf(left, sizeof left, "  %c%c%s --%s%s%s", option->letter ? '-' : ' ',
                     option->letter ? option->letter : ' ', option->letter ? "," : " ", option->name,
                     option->value ? " " : "", option->value ? option->value : "");
    if (n >= INDENT - 1)
        fprintf(out, "%s\n%*s", left, INDENT, "");
    else
        fprintf(out, "%-*s", INDENT, left);
    print_words(out, option->help, INDENT, INDENT);
}

void ws_help_command(FILE *out, const struct ws_command *command) {
    fprintf(out, "Usage: wattspan %s%s%s [OPTION]...\n\n", command->name, command->operand ? " " : "",
            command->operand ? command->operand : "");
    print_words(out, command->description, 0, 0);
    putc('\n', out);
    for (const struct ws_option *o = ws_option_table; o->name; o++)
        if (ws_option_applies(o, command))
            print_option(out, o);
    fprintf(out, "\nMore in the manual: man wattspan-%s\n", command->name);
}

void ws_help_program(FILE *out, int full) {
    fputs("Usage: wattspan COMMAND [ARGUMENT]... [OPTION]...\n\n", out);
    if (full) {
        print_words(
            out,
            "Turns estimates into distributions: a study gives priors on its inputs and formulas for its outputs; "
            "wattspan draws scenarios from it and writes the distributions of the outputs to an HDF5 file.",
            0, 0);
        putc('\n', out);
    }
    for (const struct ws_command *c = ws_command_table; c->name; c++)
        fprintf(out, "  %-11s %-8s  %s\n", c->name, c->operand ? c->operand : "", c->summary);
    fputs("\nwattspan COMMAND --help tells more about one, wattspan --version its version.\n", out);
    if (full)
        fputs("\nExit codes: 0 done, 1 the run failed, 2 wrong usage, 3 bad study, 4 trouble with\n"
              "a file, 130 and 143 interrupted.\n",
              out);
}
