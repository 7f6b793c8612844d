// SPDX-License-Identifier: GPL-3.0-or-later
// Reading a study and what it extends. A path in `extends` is relative to the file that names it; ".." is allowed (the
// user named that file), absolute paths are not: a study that was handed on would read files of its new owner.
#include <string.h>

#include "study/merge.h"

enum { MAX_EXTENDS = 32, MAX_FILES = 256 };

struct reading {
    const struct ws_load_request *request;
    struct ws_file_list *list;
    struct ws_arena *arena;
    struct ws_messages *messages;
    const char *open[MAX_EXTENDS]; // files whose parents are being read
    size_t depth;
    int failed;
};

// Without "." and "name/..", so that one file has one name; a leading ".." stays, and a "." that is all there is.
static const char *tidy(struct ws_arena *arena, const char *path) {
    char *out = ws_arena_array(arena, strlen(path) + 2, 1);
    size_t length = 0;
    for (const char *s = path; *s;) {
        size_t n = strcspn(s, "/");
        int up = n == 2 && s[0] == '.' && s[1] == '.';
        size_t last = length;
        while (last > 0 && out[last - 1] != '/')
            last--;
        int last_is_up = length - last == 2 && out[last] == '.' && out[last + 1] == '.';
        if (up && length > last && !last_is_up) {
            length = last ? last - 1 : 0;
        } else if (n > 0 && !(n == 1 && *s == '.')) {
            if (length > 0)
                out[length++] = '/';
            memcpy(out + length, s, n);
            length += n;
        }
        s += n;
        s += *s == '/';
    }
    if (*path == '/') {
        memmove(out + 1, out, length++);
        out[0] = '/';
    }
    if (length == 0)
        out[length++] = '.';
    out[length] = '\0';
    return out;
}

const char *ws_path_beside(struct ws_arena *arena, const char *file, const char *path) {
    const char *slash = strrchr(file, '/');
    int folder = slash ? (int)(slash - file) + 1 : 0;
    return tidy(arena, ws_arena_printf(arena, "%.*s%s", folder, file, path));
}

static int get_text(struct reading *r, const char *path, struct ws_place asked, char **text, size_t *length) {
    if (r->depth == 0 && r->request->text) {
        *length = r->request->length;
        *text = ws_arena_copy_n(r->arena, r->request->text, *length);
        return 0;
    }
    struct ws_error err = {0};
    if (!r->request->reader.read)
        ws_error_set(&err, WS_ERROR_FILE, path, "there is nothing to read files with");
    else if (r->request->reader.read(r->request->reader.user, r->depth ? path : r->request->path, r->arena, text,
                                     length, &err) == 0)
        return 0;
    if (asked.line)
        ws_complain(r->messages, asked, "cannot read '%s': %s", path, err.text);
    else
        ws_complain(r->messages, asked, "%s", err.text);
    r->list->trouble = 1;
    return -1;
}

// The folders that both paths begin with are left out of the answer.
const char *ws_path_from(struct ws_arena *arena, const char *file, const char *path) {
    if ((*file == '/') != (*path == '/')) // where the program stands is not known here
        return path;
    const char *rest = path;
    struct ws_text up = {.arena = arena};
    for (const char *slash; (slash = strchr(rest, '/')); rest = slash + 1) {
        size_t length = (size_t)(slash + 1 - path);
        if (strncmp(file, path, length) != 0)
            break;
    }
    ws_text_add(&up, "");
    for (const char *s = strchr(file + (rest - path), '/'); s; s = strchr(s + 1, '/'))
        ws_text_add(&up, "../");
    return ws_arena_printf(arena, "%s%s", up.data, rest);
}

static void read_file(struct reading *r, const char *path, struct ws_place asked);

static int may_read(struct reading *r, const struct ws_node *node, const char *path) {
    if (node->kind != WS_NODE_SCALAR || !*node->text || strcmp(node->text, "-") == 0) {
        ws_complain(r->messages, node->place, "'extends' is %s, wanted the path of a study file or a list of paths",
                    ws_node_describe(node, r->arena));
        return 0;
    }
    if (*node->text == '/' || strstr(node->text, "://")) {
        ws_complain(r->messages, node->place, "'extends' wants a path relative to this file, found '%.200s'",
                    node->text);
        return 0;
    }
    for (size_t i = 0; i < r->depth; i++)
        if (strcmp(r->open[i], path) == 0) {
            const char *self = i + 1 == r->depth ? "the study extends itself" : "a cycle of 'extends'";
            struct ws_text chain = {.arena = r->arena};
            for (size_t k = i; k < r->depth; k++)
                ws_text_printf(&chain, "%s -> ", r->open[k]);
            ws_complain(r->messages, node->place, "%s: %s%s", self, chain.data, path);
            return 0;
        }
    if (r->depth == MAX_EXTENDS || r->list->count >= MAX_FILES) {
        ws_complain(r->messages, node->place, "'extends' goes too far: more than 32 files deep or 256 in all");
        return 0;
    }
    return 1;
}

static void read_parents(struct reading *r, const struct ws_node *extends, const char *path) {
    size_t count = extends->kind == WS_NODE_LIST ? extends->n_items : 1;
    for (size_t i = 0; i < count; i++) {
        const struct ws_node *node = extends->kind == WS_NODE_LIST ? extends->items[i].value : extends;
        const char *parent = node->kind == WS_NODE_SCALAR ? ws_path_beside(r->arena, path, node->text) : "";
        if (may_read(r, node, parent))
            read_file(r, parent, node->place);
        else
            r->failed = 1;
    }
}

static void add_file(struct reading *r, const struct ws_study_file *file, const struct ws_node *tree) {
    struct ws_file_list *list = r->list;
    list->files = ws_arena_grow(r->arena, list->files, list->count, sizeof *list->files);
    list->trees = ws_arena_grow(r->arena, list->trees, list->count, sizeof *list->trees);
    list->files[list->count] = *file;
    list->trees[list->count++] = tree;
}

static void read_file(struct reading *r, const char *path, struct ws_place asked) {
    for (size_t i = 0; i < r->list->count; i++)
        if (strcmp(r->list->files[i].name, path) == 0)
            return;
    char *text = NULL;
    struct ws_study_file file = {.name = path};
    if (get_text(r, path, asked, &text, &file.length)) {
        r->failed = 1;
        return;
    }
    file.text = text;
    ws_sha256_hex(text, file.length, file.sha256);
    const struct ws_node *tree =
        ws_node_parse(text, file.length, (struct ws_place){path, 1, 1}, 0, r->arena, r->messages);
    if (!tree) {
        r->failed = 1;
        return;
    }
    const struct ws_node *extends = ws_node_get(tree, "extends");
    r->open[r->depth++] = path;
    if (extends)
        read_parents(r, extends, path);
    r->depth--;
    add_file(r, &file, tree);
}

void ws_files_insert(struct ws_file_list *list, const struct ws_study_file *file, struct ws_arena *arena) {
    list->files = ws_arena_grow(arena, list->files, list->count, sizeof *list->files);
    list->trees = ws_arena_grow(arena, list->trees, list->count, sizeof *list->trees);
    list->files[list->count] = list->files[list->count - 1];
    list->trees[list->count] = list->trees[list->count - 1];
    list->files[list->count - 1] = *file;
    list->trees[list->count - 1] = ws_node_map(arena, (struct ws_place){file->name, 1, 1});
    list->count++;
}

int ws_files_read(const struct ws_load_request *request, struct ws_file_list *list, struct ws_arena *arena,
                  struct ws_messages *messages) {
    struct reading r = {.request = request, .list = list, .arena = arena, .messages = messages};
    const char *path = strcmp(request->path, "-") == 0 ? request->path : tidy(arena, request->path);
    read_file(&r, path, (struct ws_place){path, 0, 0});
    return r.failed;
}
