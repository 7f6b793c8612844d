// SPDX-License-Identifier: GPL-3.0-or-later
// wattspan compare: the comparison is a study (ws_study_open makes it from both operands), and runs as any other.
#include "cli/options.h"

int ws_command_compare(const struct ws_arguments *arguments) { return ws_command_run(arguments); }
