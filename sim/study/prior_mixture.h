// SPDX-License-Identifier: GPL-3.0-or-later
// Families that are made of other priors or of data have readers of their own, one for each.
#ifndef WS_STUDY_PRIOR_MIXTURE_H
#define WS_STUDY_PRIOR_MIXTURE_H

#include "study/prior_parse.h"

// [{weight, label, source, FAMILY ...}, ...] into prior->parts, weights normalised. Nonzero with errors among the
// messages.
int ws_mixture_parse(struct ws_prior *prior, const struct ws_node *node, struct ws_place place, const char *subject,
                     struct ws_arena *arena, struct ws_messages *messages);
// {p10: .., p50: .., p90: .., min: .., max: ..} into prior->data, the metalog's coefficients. (prior_quantiles.c)
int ws_quantiles_parse(struct ws_prior *prior, const struct ws_node *node, struct ws_place place, const char *subject,
                       struct ws_arena *arena, struct ws_messages *messages);
// {edges: [..], weights: [..]} into prior->parts, a uniform for each bin. (prior_histogram.c)
int ws_histogram_parse(struct ws_prior *prior, const struct ws_node *node, struct ws_place place, const char *subject,
                       struct ws_arena *arena, struct ws_messages *messages);
// {file, column, weights, smooth}, whose file has been read (data.c), into prior->parts or prior->data; sets the family
// where it is smoothed. (prior_empirical.c)
int ws_empirical_parse(struct ws_prior *prior, const struct ws_node *node, struct ws_place place, const char *subject,
                       struct ws_arena *arena, struct ws_messages *messages);
// What to do with each `source` in the parts of a prior's mixtures, however deep: the reader knows no sources.
void ws_mixture_sources(const struct ws_node *prior, void (*visit)(void *user, const struct ws_item *source),
                        void *user);

#endif
