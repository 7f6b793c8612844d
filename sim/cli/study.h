// SPDX-License-Identifier: GPL-3.0-or-later
// What the subcommands that read a study or print a report have in common.
#ifndef WS_CLI_STUDY_H
#define WS_CLI_STUDY_H

#include "cli/console.h"
#include "cli/options.h"

// Loads the operand, or the comparison of both, with all --set; 0, or an exit code after all messages have been
// printed.
int ws_study_open(const struct ws_arguments *arguments, struct ws_console *console, ws_study **study);
// As --format, --wide and the terminal say.
struct ws_report_options ws_report_style(const struct ws_arguments *arguments);
// Prints a report of the result, unless --quiet asks for none; 0, or an exit code after the message.
typedef int ws_reporter(const ws_result *result, const struct ws_report_options *options, FILE *out,
                        struct ws_error *error);
int ws_print_result(const struct ws_arguments *arguments, const ws_result *result, ws_reporter *report,
                    struct ws_console *console);
// The run's options as the command line gives them; the rest is zero.
struct ws_options ws_run_options(const struct ws_arguments *arguments);
// Where the result goes, to be freed; NULL where memory runs out. asked: a file, a folder or NULL.
char *ws_output_path(const char *asked, const char *name, const char *suffix);
// Tells a file from what was there before it: results are written as new files, and only where there is something new.
// 0 where there is none.
uint64_t ws_file_identity(const char *path);
// The command line as a shell would take it, to be freed; NULL where memory runs out.
char *ws_command_line(const struct ws_arguments *arguments);

#endif
