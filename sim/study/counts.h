// SPDX-License-Identifier: GPL-3.0-or-later
// Counts that were seen, as facts: {poisson: {count: 3, exposure: 2}} about the rate of events, {binomial: {count: 7,
// n: 10}} about a probability. Private to this folder.
#ifndef WS_STUDY_COUNTS_H
#define WS_STUDY_COUNTS_H

#include "base/error.h"
#include "prior/prior.h"
#include "study/node.h"
#include "study/study.h"

// Nonzero where the node is a count, whether a good one or not.
int ws_count_is(const struct ws_node *node);
// The likelihood of the quantity given the count, as the prior of the same shape: Gamma(k + 1, 1 / exposure) of a rate,
// Beta(k + 1, n - k + 1) of a probability. `unit` is the fact's. NULL with errors among the messages.
const struct ws_prior *ws_count_parse(const struct ws_node *node, const struct ws_unit *unit, const char *subject,
                                      struct ws_arena *arena, struct ws_messages *messages);
// ln of the count's probability over that prior's density: 1 / exposure of a rate, 1 / (n + 1) of a probability.
double ws_count_log_share(const struct ws_prior *observed);

#endif
