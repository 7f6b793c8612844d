// SPDX-License-Identifier: GPL-3.0-or-later
// Several studies as one, for a sweep over them: a choice `study` says whose case it is. What all have alike stands
// once; whole priors that differ are values that go side by side; whatever else differs stands once for each study,
// NAME_STUDY, and NAME is what the case's study has. Private to this folder.
#ifndef WS_STUDY_UNITE_H
#define WS_STUDY_UNITE_H

#include "study/study.h"

struct ws_unite_request {
    struct ws_node *root; // of the study that sweeps; becomes the studies in one
    size_t n;
    const char *const *names;              // what the studies are called
    const struct ws_study *const *studies; // each loaded by itself
    struct ws_place place;                 // where they are listed
    const char *const *fixed;              // n_fixed names that the sweep or the command line says what they are
    size_t n_fixed;
};

// What goes side by side: `study` first. NULL with errors among the messages.
struct ws_node *ws_unite(const struct ws_unite_request *request, struct ws_arena *arena, struct ws_messages *messages);

#endif
