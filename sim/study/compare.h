// SPDX-License-Identifier: GPL-3.0-or-later
// Two studies as one: the first's quantities under their own names (so that its draws are those of its own run), the
// second's under prefixed names (so that its streams are others), and for each output that both have the ratio and the
// difference. What comes out is the text of an ordinary study.
#ifndef WS_STUDY_COMPARE_H
#define WS_STUDY_COMPARE_H

#include "study/study.h"

struct ws_compare_request {
    const struct ws_study *a, *b;
    const char *const *share, *const *apart; // names of inputs that are one quantity, or two, whatever the studies say
    size_t n_share, n_apart;
};

struct ws_comparison {
    const char *name;         // "grok-4-vs-llama-3.1-405b"
    const char *text;         // of the study
    const char *shared;       // names of the inputs that are one quantity, ", " between them; "" if there are none
    const char *apart;        // of the uncertain inputs that both have and that are two quantities
    const char *not_compared; // of the outputs of the same name that have neither ratio nor difference
};

// Returns 0, or nonzero with at least one error among the messages.
int ws_compare(const struct ws_compare_request *request, struct ws_comparison *comparison, struct ws_arena *arena,
               struct ws_messages *messages);

#endif
