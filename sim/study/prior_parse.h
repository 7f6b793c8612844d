// SPDX-License-Identifier: GPL-3.0-or-later
// Priors as a study spells them -> struct ws_prior, driven by the rows of the family table alone.
#ifndef WS_STUDY_PRIOR_PARSE_H
#define WS_STUDY_PRIOR_PARSE_H

#include "base/arena.h"
#include "base/error.h"
#include "prior/prior.h"
#include "study/node.h"

// A number, "A to B", or {family: {...}} with truncate, shift and scale beside the family. `subject` ("input 'pue'")
// begins every message. NULL with errors among the messages.
const struct ws_prior *ws_prior_parse(const struct ws_node *node, const char *subject, struct ws_arena *arena,
                                      struct ws_messages *messages);
// The number of "p5" or "p99.5" as a probability; 0 on success.
int ws_quantile_key(const char *key, double *probability);
// What may be wrong with a text that should be a number: "; write it without separators", or "".
const char *ws_number_hint(const struct ws_node *node);

#endif
