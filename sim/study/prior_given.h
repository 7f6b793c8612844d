// SPDX-License-Identifier: GPL-3.0-or-later
// Conditional priors: {given: CATEGORICAL, LABEL: PRIOR, ...}. What a quantity's prior is depends on the label that
// another input has in the same draw; that input may come later in the file and be conditional itself, so that this
// takes two steps: each prior is read with its quantity, labels and weights are settled once all inputs are read.
#ifndef WS_STUDY_PRIOR_GIVEN_H
#define WS_STUDY_PRIOR_GIVEN_H

#include "study/loader.h"

// Nonzero where the node is a conditional prior.
int ws_given_is(const struct ws_node *node);
// Reads the priors of the labels in the order written; the quantity's prior is for now their mixture with equal
// weights. NULL with errors among the messages.
struct ws_given *ws_given_parse(struct ws_loader *loader, const struct ws_node *node, const char *subject,
                                struct ws_quantity *q);
// Finds the categorical inputs, puts the priors in the order of their labels and weighs them. To be called once all
// inputs are read, before the order of evaluation is found.
void ws_load_givens(struct ws_loader *loader);

#endif
