// SPDX-License-Identifier: GPL-3.0-or-later
// Many texts, one tree: `extends`, the rules of merging, and what the command line lays over the result.
#ifndef WS_STUDY_MERGE_H
#define WS_STUDY_MERGE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "study/load.h"
#include "study/node.h"
#include "study/study.h"

// A quantity without a unit whose formula --set has cut keeps the formula under this key until its unit is inferred.
#define WS_KEY_CUT_FORMULA "(cut formula)"
#define WS_COMMAND_LINE "<command line>"

struct ws_file_list {
    struct ws_study_file *files;
    const struct ws_node **trees;
    size_t count;
    int trouble;          // a file could not be read
    struct ws_data *data; // n_data columns of numbers, read or handed in
    size_t n_data;
};

// Reads the study and all that it extends, each file once: what a file extends stands before it, in the order listed.
// Nonzero with errors among the messages. (files.c)
int ws_files_read(const struct ws_load_request *request, struct ws_file_list *list, struct ws_arena *arena,
                  struct ws_messages *messages);
// Adds a file that the study's own does not extend, before it. (files.c)
void ws_files_insert(struct ws_file_list *list, const struct ws_study_file *file, struct ws_arena *arena);
// A path as it reads from where the program stands: one that `file` names relative to itself. (files.c)
const char *ws_path_beside(struct ws_arena *arena, const char *file, const char *path);
// The other way round: how `file` would name the path, both as they read from where the program stands. (files.c)
const char *ws_path_from(struct ws_arena *arena, const char *file, const char *path);
// Lays the trees over each other, later ones above. The result has the sections sources, inputs, derived and outputs
// as mappings even where they are empty. (merge.c)
struct ws_node *ws_merge_trees(const struct ws_file_list *list, struct ws_arena *arena, struct ws_messages *messages);
// Lays "NAME=VALUE|PRIOR" settings over a merged tree. Nonzero with errors among the messages where there is then no
// study to look at. (settings.c)
int ws_merge_settings(struct ws_node *root, const struct ws_load_request *request, struct ws_file_list *list,
                       struct ws_arena *arena, struct ws_messages *messages);

// Reads the files that `empirical` priors name, each into the node that names it: its own path is then relative to the
// study, and its digest stands beside it. (data.c)
void ws_merge_data(struct ws_node *root, const struct ws_load_request *request, struct ws_file_list *list,
                   struct ws_arena *arena, struct ws_messages *messages);
// Whether a prior is a choice between labels. (settings.c)
int ws_merge_is_choice(const struct ws_node *prior);
// Makes the quantity an input with that prior, whatever it was before. (settings.c)
void ws_merge_fix(struct ws_node *root, struct ws_arena *arena, const char *name, const struct ws_node *prior);
// Complains that the study has no quantity of that name. (settings.c)
void ws_merge_refuse_name(const struct ws_node *root, const char *name, struct ws_place place, struct ws_arena *arena,
                          struct ws_messages *messages);
// Makes the tree that of all studies which `sweep: {study: ...}` or `--vary study=...` names. 1 where there are such, 0
// where there are none, negative with errors among the messages. (studies.c)
int ws_merge_studies(struct ws_node *root, const struct ws_load_request *request, struct ws_file_list *list,
                     struct ws_arena *arena, struct ws_messages *messages);
// Lays `--vary` over the merged tree's `sweep`, and makes every swept quantity an input with its first value. A list of
// studies has been taken before. (vary.c)
void ws_merge_sweep(struct ws_node *root, const struct ws_load_request *request, int over_studies,
                    struct ws_arena *arena, struct ws_messages *messages);

// Adds what `--probability` and `--widen` ask. (questions.c)
void ws_merge_questions(struct ws_node *root, const struct ws_load_request *request, struct ws_arena *arena);
// The condition that an output was made of there, NULL for any other entry.
const char *ws_question_asked(const struct ws_item *item);

// The section that holds a named quantity: "inputs", "derived", "outputs", or NULL. (merge.c)
const char *ws_merge_section_of(const struct ws_node *root, const char *name);
// The entry without what belongs to a prior or formula that is being replaced. (merge.c)
void ws_merge_drop_definition(struct ws_node *entry);
// The section for editing. (merge.c)
struct ws_node *ws_merge_section(struct ws_node *root, const char *section, struct ws_arena *arena);

#endif
