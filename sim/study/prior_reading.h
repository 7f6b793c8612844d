// SPDX-License-Identifier: GPL-3.0-or-later
// A prior on its way from the text of a study to a struct ws_prior: what its readers have in common. Private to
// prior_parse.c, prior_parameters.c and prior_values.c.
#ifndef WS_STUDY_PRIOR_READING_H
#define WS_STUDY_PRIOR_READING_H

#include "study/prior_parse.h"

struct ws_prior_reading {
    const char *subject;
    struct ws_arena *arena;
    struct ws_messages *messages;
    struct ws_prior *prior;
    const struct ws_family *family;
    const struct ws_node *node; // the family's parameters
    struct ws_place place;      // of the family's name
    int failed;
};

// An error about the subject; the prior has failed.
void ws_prior_complain(struct ws_prior_reading *p, struct ws_place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// The number under a key; nonzero with an error where it is none.
int ws_prior_take_number(struct ws_prior_reading *p, const struct ws_node *node, const char *key, double *value);

// The family's parameters into prior->p, in any of its forms. (prior_parameters.c)
void ws_prior_read_parameters(struct ws_prior_reading *p);
// The same from two quantiles, in any order.
void ws_prior_from_two(struct ws_prior_reading *p, const double *probability, const double *value,
                       struct ws_place place);

// Labels with weights, values with weights, and the values of counts whose parameters have been read, into
// prior->parts. (prior_values.c)
void ws_prior_read_labels(struct ws_prior_reading *p);
void ws_prior_read_values(struct ws_prior_reading *p);
void ws_prior_list_counts(struct ws_prior_reading *p);
// Listed values take truncate, shift and scale at once: the prior is then of the numbers that are left.
void ws_prior_modify_values(struct ws_prior_reading *p);

#endif
