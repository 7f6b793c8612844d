// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/reader.h"

#include <string.h>

enum { MOST_RANK = 8 };

// Deflate makes at most 1032 bytes of one; a few more for rounding.
static const uint64_t most_expansion = 1040;

static hid_t memory_type(const struct ws_h5 *h5, int type) {
    return type == WS_VALUE_REAL   ? H5T_NATIVE_DOUBLE
           : type == WS_VALUE_INT  ? H5T_NATIVE_INT64
           : type == WS_VALUE_BYTE ? H5T_NATIVE_UINT8
                                   : h5->text;
}

// Nonzero if values of the file's type can be read as the wanted one without loss of meaning.
static int type_fits(hid_t stored, int type) {
    switch (H5Tget_class(stored)) {
    case H5T_FLOAT:
        return type == WS_VALUE_REAL;
    case H5T_INTEGER:
        return type == WS_VALUE_INT || (type == WS_VALUE_BYTE && H5Tequal(stored, H5T_NATIVE_UINT8) > 0);
    case H5T_STRING:
        return type == WS_VALUE_TEXT && H5Tis_variable_str(stored) > 0;
    default:
        return 0;
    }
}

// ---- links ----

// A link within the file: the others could lead to any file of the user's.
static int is_hard_link(struct ws_h5 *h5, const char *path) {
    H5L_info_t info = {.type = H5L_TYPE_ERROR};
    htri_t exists = H5Lexists(h5->file, path, H5P_DEFAULT);
    if (exists < 0 || (exists > 0 && H5Lget_info(h5->file, path, &info, H5P_DEFAULT) < 0))
        ws_h5_fail(h5, "'/%s' cannot be looked up", path); // not known is not the same as not there
    return exists > 0 && info.type == H5L_TYPE_HARD;
}

// Every link on the way is looked at: H5Lexists fails, rather than says no, where a group on the way is missing.
int ws_h5_has(struct ws_h5 *h5, const char *path) {
    char *part = ws_arena_copy(h5->arena, path);
    if (h5->status)
        return 0;
    for (char *slash = strchr(part, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (!is_hard_link(h5, part))
            return 0;
        *slash = '/';
    }
    return is_hard_link(h5, part);
}

const char *ws_h5_member(struct ws_h5 *h5, const char *group, size_t index) {
    char name[256];
    H5G_info_t info;
    if (h5->status)
        return NULL;
    if (H5Gget_info_by_name(h5->file, group, &info, H5P_DEFAULT) < 0) {
        ws_h5_fail(h5, "'/%s' cannot be read", group);
        return NULL;
    }
    if (index >= info.nlinks)
        return NULL;
    ssize_t length =
        H5Lget_name_by_idx(h5->file, group, H5_INDEX_CRT_ORDER, H5_ITER_INC, index, name, sizeof name, H5P_DEFAULT);
    if (length <= 0 || (size_t)length >= sizeof name) {
        ws_h5_fail(h5, "'/%s' cannot be read", group);
        return NULL;
    }
    return ws_arena_copy(h5->arena, name);
}

// ---- datasets ----

// Nonzero if the data lie in this file.
static int is_stored_here(hid_t dataset) {
    hid_t plan = H5Dget_create_plist(dataset);
    int here = plan >= 0 && H5Pget_external_count(plan) == 0 && H5Pget_layout(plan) != H5D_VIRTUAL;
    ws_h5_release(plan);
    return here;
}

// The sizes found, and whether the file is large enough to hold so many values.
static int find_sizes(struct ws_h5 *h5, hid_t dataset, size_t rank, hsize_t sizes[MOST_RANK], uint64_t *count) {
    hid_t space = H5Dget_space(dataset);
    int fits = space >= 0 && H5Sis_simple(space) > 0 && H5Sget_simple_extent_ndims(space) == (int)rank &&
               H5Sget_simple_extent_dims(space, sizes, NULL) == (int)rank;
    *count = 1;
    for (size_t i = 0; i < rank && fits; i++)
        fits = !__builtin_mul_overflow(*count, sizes[i], count);
    ws_h5_release(space);
    return fits && *count <= h5->file_size * most_expansion / sizeof(double);
}

// An open dataset of the right type and rank, or H5I_INVALID_HID after a failure.
static hid_t open_dataset(struct ws_h5 *h5, const char *path, int type, size_t rank, hsize_t sizes[MOST_RANK],
                          uint64_t *count) {
    if (h5->status)
        return H5I_INVALID_HID;
    if (!ws_h5_has(h5, path)) {
        ws_h5_damaged(h5, "'/%s' is missing", path);
        return H5I_INVALID_HID;
    }
    hid_t dataset = H5Dopen2(h5->file, path, H5P_DEFAULT),
          stored = dataset < 0 ? H5I_INVALID_HID : H5Dget_type(dataset);
    if (stored < 0)
        ws_h5_fail(h5, "'/%s' cannot be read", path);
    else if (!type_fits(stored, type) || !is_stored_here(dataset) || !find_sizes(h5, dataset, rank, sizes, count))
        ws_h5_damaged(h5, "'/%s' is not what it should be", path);
    ws_h5_release(stored);
    if (h5->status && dataset >= 0) {
        H5Dclose(dataset);
        return H5I_INVALID_HID;
    }
    return dataset;
}

size_t ws_h5_length(struct ws_h5 *h5, const char *path) {
    hsize_t sizes[MOST_RANK];
    uint64_t count = 0;
    hid_t dataset = open_dataset(h5, path, WS_VALUE_INT, 1, sizes, &count);
    ws_h5_release(dataset);
    return h5->status ? 0 : count;
}

// Opens a dataset that must have the given sizes.
static hid_t open_sized(struct ws_h5 *h5, const char *path, int type, size_t rank, const size_t *wanted,
                        uint64_t *count) {
    hsize_t sizes[MOST_RANK];
    hid_t dataset = open_dataset(h5, path, type, rank, sizes, count);
    for (size_t i = 0; i < rank && !h5->status; i++)
        if (sizes[i] != wanted[i])
            ws_h5_damaged(h5, "'/%s' has %llu values along axis %zu where %zu are wanted", path,
                          (unsigned long long)sizes[i], i, wanted[i]);
    return dataset;
}

static void read_values(struct ws_h5 *h5, const char *path, hid_t dataset, int type, void *values) {
    hid_t transfer = type == WS_VALUE_TEXT ? h5->text_transfer : H5P_DEFAULT;
    if (!h5->status && H5Dread(dataset, memory_type(h5, type), H5S_ALL, H5S_ALL, transfer, values) < 0)
        ws_h5_fail(h5, "'/%s' cannot be read", path);
    ws_h5_release(dataset);
}

void ws_h5_read_rows(struct ws_h5 *h5, const char *path, int type, const size_t sizes[2], size_t count, void *values) {
    const hsize_t start[2] = {0, 0}, size[2] = {sizes[0], count};
    uint64_t all;
    hid_t dataset = open_sized(h5, path, type, 2, sizes, &all);
    hid_t space = h5->status ? H5I_INVALID_HID : H5Dget_space(dataset);
    hid_t memory = h5->status ? H5I_INVALID_HID : H5Screate_simple(2, size, NULL);
    if (!h5->status &&
        (space < 0 || memory < 0 || H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, size, NULL) < 0 ||
         H5Dread(dataset, memory_type(h5, type), memory, space, H5P_DEFAULT, values) < 0))
        ws_h5_fail(h5, "'/%s' cannot be read", path);
    ws_h5_release(memory);
    ws_h5_release(space);
    ws_h5_release(dataset);
}

static void read_slab(struct ws_h5 *h5, const char *path, hid_t dataset, int type, size_t rank, const hsize_t *start,
                      const hsize_t *size, void *values) {
    hid_t space = H5Dget_space(dataset), memory = H5Screate_simple((int)rank, size, NULL);
    if (space < 0 || memory < 0 || H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, size, NULL) < 0 ||
        H5Dread(dataset, memory_type(h5, type), memory, space, H5P_DEFAULT, values) < 0)
        ws_h5_fail(h5, "'/%s' cannot be read", path);
    ws_h5_release(memory);
    ws_h5_release(space);
}

void ws_h5_read_batches(struct ws_h5 *h5, const char *path, int type, size_t rank, const size_t *sizes,
                        ws_take_rows *take, void *user) {
    enum { BATCH_BYTES = 1 << 20 };
    hsize_t start[MOST_RANK] = {0}, size[MOST_RANK];
    uint64_t all;
    hid_t dataset = open_sized(h5, path, type, rank, sizes, &all);
    size_t row = type == WS_VALUE_BYTE ? 1 : sizeof(double);
    for (size_t i = 0; i < rank; i++)
        size[i] = sizes[i];
    for (size_t i = 1; i < rank && !h5->status; i++)
        row *= sizes[i]; // no overflow: the file is large enough for all
    const size_t batch = row > 0 && row < BATCH_BYTES ? BATCH_BYTES / row : 1;
    struct ws_arena_mark mark = ws_arena_mark(h5->arena);
    void *values = h5->status ? NULL : ws_arena_array(h5->arena, batch < sizes[0] ? batch : sizes[0], row);
    for (size_t first = 0; first < sizes[0] && !h5->status; first += batch) {
        start[0] = first;
        size[0] = sizes[0] - first < batch ? sizes[0] - first : batch;
        read_slab(h5, path, dataset, type, rank, start, size, values);
        if (!h5->status)
            take(user, first, (size_t)size[0], values);
    }
    ws_arena_release(h5->arena, mark);
    ws_h5_release(dataset);
}

// Texts as HDF5 allocates them, given back with the arena.
struct texts {
    size_t count;
    char **items;
};

static void release_texts(void *object) {
    struct texts *texts = object;
    for (size_t i = 0; i < texts->count; i++)
        H5free_memory(texts->items[i]);
}

// Many texts of a malicious file could share one piece of it.
static void check_text_size(struct ws_h5 *h5, const char *path, hid_t dataset) {
    hsize_t bytes = 0;
    hid_t space = h5->status ? H5I_INVALID_HID : H5Dget_space(dataset);
    if (space < 0)
        return;
    if (H5Dvlen_get_buf_size(dataset, h5->text, space, &bytes) < 0)
        ws_h5_fail(h5, "'/%s' cannot be read", path);
    else if (bytes > h5->file_size)
        ws_h5_damaged(h5, "'/%s' is not what it should be", path);
    H5Sclose(space);
}

// An empty text comes from the file as NULL.
static const char **read_texts(struct ws_h5 *h5, const char *path, size_t rank, const size_t *sizes) {
    uint64_t count = 0;
    hid_t dataset = open_sized(h5, path, WS_VALUE_TEXT, rank, sizes, &count);
    if (h5->status)
        return ws_arena_alloc(h5->arena, sizeof(char *));
    struct texts *texts = WS_NEW(h5->arena, struct texts);
    const char **clean = WS_NEW_ARRAY(h5->arena, const char *, count + 1);
    texts->items = WS_NEW_ARRAY(h5->arena, char *, count + 1);
    texts->count = count;
    ws_arena_defer(h5->arena, release_texts, texts);
    check_text_size(h5, path, dataset);
    read_values(h5, path, dataset, WS_VALUE_TEXT, texts->items);
    for (size_t i = 0; i < count; i++)
        clean[i] = texts->items[i] ? texts->items[i] : "";
    return clean;
}

const void *ws_h5_read(struct ws_h5 *h5, const char *path, int type, size_t rank, const size_t *sizes) {
    uint64_t count = 0;
    if (type == WS_VALUE_TEXT)
        return read_texts(h5, path, rank, sizes);
    hid_t dataset = open_sized(h5, path, type, rank, sizes, &count);
    void *values = ws_arena_array(h5->arena, h5->status ? 1 : count + 1, type == WS_VALUE_BYTE ? 1 : sizeof(double));
    read_values(h5, path, dataset, type, values);
    return values;
}

// ---- attributes of the file ----

// object: "." for the file.
static void read_attribute(struct ws_h5 *h5, const char *object, const char *name, int type, hid_t memory,
                           void *value) {
    if (h5->status)
        return;
    hid_t attribute = H5Aopen_by_name(h5->file, object, name, H5P_DEFAULT, H5P_DEFAULT);
    hid_t stored = attribute < 0 ? H5I_INVALID_HID : H5Aget_type(attribute);
    hid_t space = attribute < 0 ? H5I_INVALID_HID : H5Aget_space(attribute);
    if (stored < 0 || space < 0 || !type_fits(stored, type) || H5Sget_simple_extent_npoints(space) != 1)
        ws_h5_damaged(h5, "its attribute '%s' is missing or not what it should be", name);
    else if (H5Aread(attribute, memory, value) < 0)
        ws_h5_fail(h5, "its attribute '%s' cannot be read", name);
    ws_h5_release(space);
    ws_h5_release(stored);
    ws_h5_release(attribute);
}

static void release_text(void *object) { H5free_memory(object); }

const char *ws_h5_text(struct ws_h5 *h5, const char *name, int is_optional) {
    char *text = NULL;
    htri_t exists = is_optional && !h5->status ? H5Aexists(h5->file, name) : 1;
    if (exists < 0)
        ws_h5_fail(h5, "its attribute '%s' cannot be looked up", name);
    if (exists <= 0)
        return "";
    read_attribute(h5, ".", name, WS_VALUE_TEXT, h5->text, &text);
    if (!text)
        return "";
    ws_arena_defer(h5->arena, release_text, text);
    return text;
}

const char *ws_h5_text_of(struct ws_h5 *h5, const char *object, const char *name) {
    char *text = NULL;
    read_attribute(h5, object, name, WS_VALUE_TEXT, h5->text, &text);
    if (!text)
        return "";
    ws_arena_defer(h5->arena, release_text, text);
    return text;
}

uint64_t ws_h5_uint_of(struct ws_h5 *h5, const char *object, const char *name) {
    uint64_t value = 0;
    read_attribute(h5, object, name, WS_VALUE_INT, H5T_NATIVE_UINT64, &value);
    return value;
}

int64_t ws_h5_int(struct ws_h5 *h5, const char *name, int64_t least, int64_t most) {
    int64_t value = least;
    read_attribute(h5, ".", name, WS_VALUE_INT, H5T_NATIVE_INT64, &value);
    if (value < least || value > most)
        ws_h5_damaged(h5, "its attribute '%s' is %lld", name, (long long)value);
    return h5->status ? least : value;
}

uint64_t ws_h5_uint(struct ws_h5 *h5, const char *name) {
    uint64_t value = 0;
    read_attribute(h5, ".", name, WS_VALUE_INT, H5T_NATIVE_UINT64, &value);
    return value;
}

double ws_h5_real(struct ws_h5 *h5, const char *name) {
    double value = 0;
    read_attribute(h5, ".", name, WS_VALUE_REAL, H5T_NATIVE_DOUBLE, &value);
    return value;
}

// ---- tables of fields ----

static size_t sizes_of(const char *names, const struct ws_axis_size *axes, size_t n_axes, size_t sizes[MOST_RANK]) {
    size_t rank = 0;
    for (const char *s = names; *s && rank < MOST_RANK;) {
        size_t length = strcspn(s, " ");
        for (size_t i = 0; i < n_axes; i++)
            if (strlen(axes[i].name) == length && strncmp(axes[i].name, s, length) == 0)
                sizes[rank++] = axes[i].size;
        s += length + (s[length] == ' ');
    }
    return rank;
}

static void scatter(const struct ws_field *field, const char *values, size_t bytes, char *records, size_t n_records,
                    size_t record_size) {
    for (size_t r = 0; r < n_records; r++) {
        char *member = records + r * record_size + field->offset;
        const char *own = values + r * bytes;
        if (field->is_list)
            memcpy(member, &own, sizeof own);
        else
            memcpy(member, own, bytes);
    }
}

void ws_fields_read(struct ws_h5 *h5, const char *group, const struct ws_field *fields, size_t n_fields, void *records,
                    size_t n_records, size_t record_size, const struct ws_axis_size *axes, size_t n_axes) {
    for (size_t f = 0; f < n_fields && !h5->status; f++) {
        size_t sizes[MOST_RANK], total = sizeof(double);
        size_t rank = sizes_of(fields[f].axes, axes, n_axes, sizes);
        const char *path = ws_arena_printf(h5->arena, "%s/%s", group, fields[f].name);
        const void *values = ws_h5_read(h5, path, fields[f].type, rank, sizes);
        for (size_t i = 0; i < rank; i++)
            total *= sizes[i];
        if (!h5->status)
            scatter(&fields[f], values, total / n_records, records, n_records, record_size);
    }
}
