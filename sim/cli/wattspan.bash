# SPDX-License-Identifier: GPL-3.0-or-later
# Completion for bash. The program itself knows what may follow (sim/cli/complete.c); where it has nothing to offer,
# names of files are completed.
_wattspan() {
    mapfile -t COMPREPLY < <("${COMP_WORDS[0]}" complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -o bashdefault -F _wattspan wattspan
