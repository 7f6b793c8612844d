// SPDX-License-Identifier: GPL-3.0-or-later
// Shares of a whole: inputs whose priors name one group sum to one in every draw, by a Dirichlet distribution.
#ifndef WS_STUDY_PRIOR_DIRICHLET_H
#define WS_STUDY_PRIOR_DIRICHLET_H

#include "study/loader.h"

// {group: NAME, alpha: NUMBER} into prior->p; the rest follows from the other members (ws_load_shares). Nonzero with
// errors among the messages.
int ws_dirichlet_parse(struct ws_prior *prior, const struct ws_node *node, struct ws_place place, const char *subject,
                       struct ws_arena *arena, struct ws_messages *messages);
// The name of the group if the prior is a share, else NULL.
const char *ws_dirichlet_group(const struct ws_node *prior);
// Nonzero with a message at `place` where the quantity's old prior is a share and the new one is none of the same
// group: the others would not make up for it.
int ws_dirichlet_parted(const char *name, const struct ws_node *old, const struct ws_node *prior, struct ws_place place,
                        struct ws_messages *messages);
// Puts the groups together, once all inputs are there.
void ws_load_shares(struct ws_loader *loader);

#endif
