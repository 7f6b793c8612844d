// SPDX-License-Identifier: GPL-3.0-or-later
// The files that `empirical` priors name. They are read once the texts are merged, so that every prior still knows
// which file named it; afterwards the merged study holds a digest of the values, and says where they came from.
#include "study/data.h"

#include <math.h>
#include <string.h>

#include "study/merge.h"

void ws_data_digest(const double *values, const double *weights, size_t n, char digest[WS_DATA_DIGEST + 1]) {
    char hex[2][65], both[130], whole[65];
    ws_sha256_hex(values, n * sizeof *values, hex[0]);
    ws_sha256_hex(weights ? weights : values, weights ? n * sizeof *weights : 0, hex[1]);
    memcpy(both, hex[0], 64);
    memcpy(both + 64, hex[1], 64);
    ws_sha256_hex(both, 128, whole);
    memcpy(digest, whole, WS_DATA_DIGEST);
    digest[WS_DATA_DIGEST] = '\0';
}

struct filling {
    const struct ws_load_request *request;
    struct ws_file_list *list;
    struct ws_arena *arena;
    struct ws_messages *messages;
    const char *study;   // path of the study itself
    const char *owner;   // name of the input or fact
    const char *subject; // "input 'price'"
};

// ---- one sample ----

// A text or a number under a key; "" where it is not there, NULL after a complaint.
static const char *take_word(struct filling *f, const struct ws_node *node, const char *key) {
    const struct ws_node *value = ws_node_get(node, key);
    if (!value)
        return "";
    if (value->kind == WS_NODE_SCALAR && *value->text)
        return value->text;
    ws_complain(f->messages, value->place, "%s: '%s' is %s, wanted a text", f->subject, key,
                ws_node_describe(value, f->arena));
    return NULL;
}

static const struct ws_data *find(const struct ws_data *data, size_t n, const char *digest) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(data[i].digest, digest) == 0)
            return &data[i];
    return NULL;
}

// A path within what the user named, as in `extends`.
static const char *take_path(struct filling *f, const struct ws_node *node) {
    const struct ws_node *file = ws_node_get(node, "file");
    const char *path = take_word(f, node, "file");
    if (!path)
        return NULL;
    if (*path != '/' && !strstr(path, "://"))
        return ws_path_beside(f->arena, file->place.file, path);
    ws_complain(f->messages, file->place, "%s: 'file' wants a path relative to the file that names it, found '%.200s'",
                f->subject, path);
    return NULL;
}

static int read_column(struct filling *f, const struct ws_node *node, const char *path, const char *key,
                       const char *column, struct ws_data_column *read) {
    const struct ws_reader *reader = &f->request->reader;
    const struct ws_item *item = ws_node_find(node, key);
    struct ws_place place = item ? item->value->place : ws_node_get(node, "file")->place;
    struct ws_error err = {0};
    int status = reader->column ? reader->column(reader->user, path, column, f->arena, read, &err)
                                : ws_error_set(&err, WS_ERROR_FILE, path, "there is nothing to read files with");
    if (!status)
        return 0;
    if (status == WS_ERROR_FILE) {
        f->list->trouble = 1;
        place = ws_node_get(node, "file")->place;
    }
    ws_complain(f->messages, place, "%s: %s: %s", f->subject, err.where, err.text);
    return -1;
}

static int check_values(struct filling *f, struct ws_place place, const struct ws_data *data) {
    char number[32];
    size_t distinct = 1;
    for (size_t i = 1; i < data->n && distinct == 1; i++)
        distinct += data->values[i] != data->values[0];
    if (data->n < 2)
        ws_complain(f->messages, place,
                    "%s: '%s' has %zu value%s, wanted two or more; a constant is written as a number", f->subject,
                    data->file, data->n, data->n == 1 ? "" : "s");
    else if (distinct == 1)
        ws_complain(f->messages, place, "%s: all %zu values in '%s' are %s; a constant is written as a number",
                    f->subject, data->n, data->file, ws_format_double(data->values[0], number));
    return data->n < 2 || distinct == 1 ? -1 : 0;
}

static int check_weights(struct filling *f, struct ws_place place, const struct ws_data *data) {
    char number[32];
    size_t heavy = 0;
    for (size_t i = 0; data->weights && i < data->n; i++) {
        heavy += data->weights[i] > 0;
        if (data->weights[i] >= 0)
            continue;
        ws_complain(f->messages, place, "%s: the weight of value %zu in '%s' is %s, wanted 0 or more", f->subject,
                    i + 1, data->file, ws_format_double(data->weights[i], number));
        return -1;
    }
    if (!data->weights || heavy >= 2)
        return 0;
    ws_complain(f->messages, place, "%s: %s of the values in '%s' has a weight above 0, wanted two or more", f->subject,
                heavy ? "one" : "none", data->file);
    return -1;
}

static int read_data(struct filling *f, const struct ws_node *node, const char *path, struct ws_data *data) {
    struct ws_data_column values = {.units = ""}, weights = values;
    struct ws_place place = ws_node_get(node, "file")->place;
    if (read_column(f, node, path, "column", data->column, &values))
        return -1;
    data->n = values.n;
    data->values = values.values;
    data->units = values.units;
    if (check_values(f, place, data))
        return -1;
    if (*data->weight) {
        if (read_column(f, node, path, "weights", data->weight, &weights))
            return -1;
        place = ws_node_get(node, "weights")->place;
        if (weights.n != data->n) {
            ws_complain(f->messages, place, "%s: '%s' has %zu values and %zu weights, wanted as many of each",
                        f->subject, data->file, data->n, weights.n);
            return -1;
        }
        data->weights = weights.values;
        if (check_weights(f, place, data))
            return -1;
    }
    ws_data_digest(data->values, data->weights, data->n, data->digest);
    return 0;
}

static void add_data(struct filling *f, struct ws_data *data) {
    struct ws_file_list *list = f->list;
    size_t namesakes = 0;
    for (size_t i = 0; i < list->n_data; i++)
        namesakes += strncmp(list->data[i].name, f->owner, strlen(f->owner)) == 0;
    data->name = namesakes ? ws_arena_printf(f->arena, "%s_%zu", f->owner, list->n_data + 1) : f->owner;
    list->data = ws_arena_grow(f->arena, list->data, list->n_data, sizeof *list->data);
    list->data[list->n_data++] = *data;
}

static const struct ws_node *text_node(struct filling *f, const char *text, struct ws_place place) {
    return ws_node_scalar(f->arena, text, 1, place);
}

// The node with its data; without where they cannot be had, which is then an error.
static const struct ws_node *fill_sample(struct filling *f, const struct ws_node *node) {
    if (node->data) { // of a study that is swept over, which has been loaded by itself
        struct ws_data data = *node->data;
        if (!find(f->list->data, f->list->n_data, data.digest))
            add_data(f, &data);
        return node;
    }
    const char *path = take_path(f, node), *column = take_word(f, node, "column"),
               *weight = take_word(f, node, "weights"), *digest = take_word(f, node, "digest");
    if (!path || !column || !weight || !digest)
        return node;
    struct ws_place place = ws_node_get(node, "file")->place;
    struct ws_data data = {
        .file = ws_path_from(f->arena, f->study, path), .column = column, .weight = weight, .units = ""};
    const struct ws_data *known = find(f->request->data, f->request->n_data, digest);
    if (known) {
        data.n = known->n;
        data.values = known->values;
        data.weights = known->weights;
        memcpy(data.digest, digest, sizeof data.digest);
    } else if (read_data(f, node, path, &data)) {
        return node;
    } else if (*digest && strcmp(digest, data.digest) != 0) {
        ws_complain(f->messages, ws_node_get(node, "digest")->place,
                    "%s: '%s' holds other values than when this digest was written (now %s); remove 'digest' to take "
                    "them",
                    f->subject, data.file, data.digest);
        return node;
    }
    if (!find(f->list->data, f->list->n_data, data.digest))
        add_data(f, &data);
    struct ws_data *own = WS_NEW(f->arena, struct ws_data);
    *own = data;
    struct ws_node *filled = ws_node_copy(f->arena, node);
    filled->data = own;
    ws_node_set(f->arena, filled, "file", ws_node_find(node, "file")->place, text_node(f, data.file, place));
    ws_node_set(f->arena, filled, "digest", place, text_node(f, own->digest, place));
    return filled;
}

// ---- all of them ----

// The prior with the samples in it filled; itself where there are none. Depth is bounded by the reader of YAML.
static const struct ws_node *fill(struct filling *f, const struct ws_node *node) {
    struct ws_node *copy = NULL;
    for (size_t i = 0; node->kind != WS_NODE_SCALAR && i < node->n_items; i++) {
        const struct ws_item *item = &node->items[i];
        const struct ws_family *family = item->key ? ws_family_find(item->key) : NULL;
        int is_sample = family && strcmp(family->name, "empirical") == 0 && item->value->kind == WS_NODE_MAP &&
                        ws_node_get(item->value, "file");
        const struct ws_node *filled = is_sample ? fill_sample(f, item->value) : fill(f, item->value);
        if (filled == item->value)
            continue;
        copy = copy ? copy : ws_node_copy(f->arena, node);
        copy->items[i].value = filled;
    }
    return copy ? copy : node;
}

static void fill_section(struct filling *f, struct ws_node *root, const char *section, const char *subject,
                         const char *key) {
    const struct ws_node *entries = ws_node_get(root, section);
    for (size_t i = 0; entries && i < entries->n_items; i++) {
        const struct ws_item *item = &entries->items[i];
        const struct ws_item *prior = item->value->kind == WS_NODE_MAP ? ws_node_find(item->value, key) : NULL;
        if (!prior)
            continue;
        f->owner = item->key;
        f->subject = ws_arena_printf(f->arena, "%s '%.80s'", subject, item->key);
        const struct ws_node *filled = fill(f, prior->value);
        if (filled == prior->value)
            continue;
        struct ws_node *entry = ws_node_copy(f->arena, item->value);
        ws_node_set(f->arena, entry, key, prior->place, filled);
        ws_node_set(f->arena, ws_merge_section(root, section, f->arena), item->key, item->place, entry);
        entries = ws_node_get(root, section);
    }
}

// The values of what is swept.
static void fill_sweep(struct filling *f, struct ws_node *root) {
    const struct ws_item *sweep = ws_node_find(root, "sweep");
    struct ws_node *copy = sweep ? ws_node_copy(f->arena, sweep->value) : NULL;
    for (size_t i = 0; copy && i < copy->n_items; i++) {
        f->owner = copy->items[i].key;
        f->subject = ws_arena_printf(f->arena, "sweep of '%.80s'", f->owner);
        copy->items[i].value = fill(f, copy->items[i].value);
    }
    if (copy)
        ws_node_set(f->arena, root, "sweep", sweep->place, copy);
}

void ws_merge_data(struct ws_node *root, const struct ws_load_request *request, struct ws_file_list *list,
                   struct ws_arena *arena, struct ws_messages *messages) {
    struct filling f = {request, list, arena, messages, list->files[list->count - 1].name, "", ""};
    fill_section(&f, root, "inputs", "input", "prior");
    fill_section(&f, root, "evidence", "evidence", "observed");
    fill_sweep(&f, root);
}
