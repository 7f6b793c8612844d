// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/writer.h"

#include <hdf5_hl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum {
    COMPACT_BYTES = 4096,  // smaller data lie in the object's header
    FILTER_BYTES = 16384,  // smaller data are not worth a filter
    CHUNK_BYTES = 1 << 20, // HDF5's chunk cache holds one
    DEFLATE_LEVEL = 1      // higher levels cost much and gain little on counts
};

static hid_t type_of(const struct ws_h5 *h5, int type) {
    switch ((enum ws_value_type)type) {
    case WS_VALUE_REAL:
        return H5T_NATIVE_DOUBLE;
    case WS_VALUE_INT:
        return H5T_NATIVE_INT64;
    case WS_VALUE_BYTE:
        return H5T_NATIVE_UINT8;
    case WS_VALUE_LABEL:
        return H5T_NATIVE_INT32;
    case WS_VALUE_TEXT:
        return h5->text;
    case WS_VALUE_SINGLE:
        return H5T_NATIVE_FLOAT;
    }
    return H5I_INVALID_HID;
}

static size_t size_of(int type) {
    switch (type) {
    case WS_VALUE_BYTE:
        return 1;
    case WS_VALUE_LABEL:
    case WS_VALUE_SINGLE:
        return sizeof(int32_t);
    case WS_VALUE_TEXT:
        return sizeof(char *);
    default:
        return sizeof(double);
    }
}

// ---- text ----

// Length of the UTF-8 sequence at s, 0 where there is none (RFC 3629).
static size_t sequence(const unsigned char *s) {
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) ||
        (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return n;
}

static int is_ascii(const unsigned char *s, size_t n) { // as nearly all is
    unsigned char bits = 0;
    for (size_t i = 0; i < n; i++)
        bits |= s[i];
    return bits < 0x80;
}

const char *ws_text_clean(const char *text, struct ws_arena *arena) {
    const unsigned char *s = (const unsigned char *)(text ? text : "");
    size_t good = 0, n;
    if (is_ascii(s, strlen((const char *)s)))
        return (const char *)s;
    while (s[good] && (n = sequence(s + good)) > 0)
        good += n;
    if (!s[good])
        return (const char *)s;
    struct ws_text clean = {.arena = arena};
    for (size_t i = 0; s[i]; i += n ? n : 1) {
        n = sequence(s + i);
        ws_text_add_n(&clean, n ? (const char *)s + i : "\xef\xbf\xbd", n ? n : 3);
    }
    return clean.data;
}

static const char **clean_texts(struct ws_h5 *h5, const char *const *texts, size_t count) {
    const char **clean = WS_NEW_ARRAY(h5->arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++)
        clean[i] = ws_text_clean(texts[i], h5->arena);
    return clean;
}

// ---- attributes ----

static void write_attribute(struct ws_h5 *h5, hid_t object, const char *name, hid_t type, hid_t space,
                            const void *value) {
    if (h5->status)
        return;
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0 || H5Awrite(attribute, type, value) < 0)
        ws_h5_fail(h5, "the attribute '%s' cannot be written", name);
    if (attribute >= 0 && H5Aclose(attribute) < 0)
        ws_h5_fail(h5, "the attribute '%s' cannot be closed", name);
}

static void write_list(struct ws_h5 *h5, hid_t object, const char *name, hid_t type, size_t count, const void *values) {
    const hsize_t size = count;
    hid_t space = H5Screate_simple(1, &size, NULL);
    write_attribute(h5, object, name, type, space, values);
    H5Sclose(space);
}

void ws_attribute_text(struct ws_h5 *h5, hid_t object, const char *name, const char *text) {
    if (!text || !*text)
        return;
    const char *clean = ws_text_clean(text, h5->arena);
    write_attribute(h5, object, name, h5->text, h5->scalar, &clean);
}

void ws_attribute_int(struct ws_h5 *h5, hid_t object, const char *name, int64_t value) {
    write_attribute(h5, object, name, H5T_NATIVE_INT64, h5->scalar, &value);
}

void ws_attribute_uint(struct ws_h5 *h5, hid_t object, const char *name, uint64_t value) {
    write_attribute(h5, object, name, H5T_NATIVE_UINT64, h5->scalar, &value);
}

void ws_attribute_real(struct ws_h5 *h5, hid_t object, const char *name, double value) {
    write_attribute(h5, object, name, H5T_NATIVE_DOUBLE, h5->scalar, &value);
}

// ---- groups and axes ----

struct ws_group ws_group_begin(struct ws_h5 *h5, const char *format, ...) {
    va_list args;
    va_start(args, format);
    struct ws_group group = {.h5 = h5, .id = H5I_INVALID_HID, .path = ws_arena_vprintf(h5->arena, format, args)};
    va_end(args);
    if (h5->status)
        return group;
    group.id = H5Gcreate2(h5->file, group.path, H5P_DEFAULT, h5->group_plan, H5P_DEFAULT);
    if (group.id < 0)
        ws_h5_fail(h5, "the group '/%s' cannot be made", group.path);
    return group;
}

// The back references that H5DSattach_scale would write one by one, each time all of them anew.
static void close_axis(struct ws_group *group, struct ws_axis *axis) {
    struct ws_h5 *h5 = group->h5;
    if (axis->n_uses > 0)
        write_list(h5, axis->dataset, "REFERENCE_LIST", h5->reference_list, axis->n_uses, axis->uses);
    if (axis->dataset >= 0 && H5Dclose(axis->dataset) < 0)
        ws_h5_fail(h5, "the axis '%s' of '/%s' cannot be closed", axis->name, group->path);
}

void ws_group_end(struct ws_group *group) {
    for (size_t i = 0; i < group->n_axes; i++)
        close_axis(group, &group->axes[i]);
    if (group->id >= 0 && H5Gclose(group->id) < 0)
        ws_h5_fail(group->h5, "the group '/%s' cannot be closed", group->path);
    group->id = H5I_INVALID_HID;
}

static struct ws_axis *find_axis(struct ws_group *group, const char *name, size_t length) {
    for (size_t i = 0; i < group->n_axes; i++)
        if (strlen(group->axes[i].name) == length && strncmp(group->axes[i].name, name, length) == 0)
            return &group->axes[i];
    return NULL;
}

// The axes that a blank-separated list names; returns how many.
static size_t list_axes(struct ws_group *group, const char *names, struct ws_axis *axes[WS_MOST_AXES]) {
    size_t n = 0;
    for (const char *s = names; *s && n < WS_MOST_AXES;) {
        size_t length = strcspn(s, " ");
        axes[n++] = find_axis(group, s, length);
        s += length + (s[length] == ' ');
    }
    return n;
}

// ---- variables ----

// Chunks of at most CHUNK_BYTES: the slowest axes are cut first.
static void choose_chunk(int rank, const hsize_t *sizes, size_t value_size, hsize_t *chunk) {
    hsize_t bytes = value_size;
    for (int i = rank - 1; i >= 0; i--) {
        hsize_t most = CHUNK_BYTES / bytes;
        chunk[i] = sizes[i] <= most ? sizes[i] : most > 0 ? most : 1;
        bytes *= chunk[i];
    }
}

// Creation properties for filtered data, to be closed.
static hid_t filter_plan(struct ws_h5 *h5, const struct ws_variable *variable, int rank, const hsize_t *sizes) {
    hsize_t chunk[WS_MOST_AXES];
    hid_t plan = H5Pcopy(h5->plain);
    choose_chunk(rank, sizes, size_of(variable->type), chunk);
    for (int i = 0; i < rank && variable->piece > 0; i++)
        chunk[i] = i < rank - 1 ? 1 : sizes[i] < variable->piece ? sizes[i] : variable->piece;
    H5Pset_chunk(plan, rank, chunk);
    if (variable->packing == WS_PACKED) {
        H5Pset_shuffle(plan);
        H5Pset_deflate(plan, variable->piece > 0 ? (unsigned)variable->deflate : DEFLATE_LEVEL);
    }
    H5Pset_fletcher32(plan);
    return plan;
}

static hid_t create_dataset(struct ws_group *group, const struct ws_variable *variable, int rank, const hsize_t *sizes,
                            size_t count) {
    struct ws_h5 *h5 = group->h5;
    size_t bytes = count * size_of(variable->type);
    int filtered = variable->piece > 0 || (variable->packing != WS_PLAIN && bytes > FILTER_BYTES);
    hid_t plan = filtered ? filter_plan(h5, variable, rank, sizes) : bytes <= COMPACT_BYTES ? h5->compact : h5->plain;
    hid_t space = H5Screate_simple(rank, sizes, NULL);
    hid_t dataset =
        H5Dcreate2(group->id, variable->name, type_of(h5, variable->type), space, H5P_DEFAULT, plan, H5P_DEFAULT);
    H5Sclose(space);
    if (filtered)
        H5Pclose(plan);
    return dataset;
}

// CF section 3.5: blanks separate the meanings, so there are none within.
static void describe_labels(struct ws_h5 *h5, hid_t dataset, const struct ws_variable *variable) {
    struct ws_text meanings = {.arena = h5->arena};
    int32_t *values = WS_NEW_ARRAY(h5->arena, int32_t, variable->n_labels + 1);
    for (size_t i = 0; i < variable->n_labels; i++) {
        const char *label = ws_arena_copy(h5->arena, variable->labels[i]);
        ws_text_printf(&meanings, "%s%s", i ? " " : "", label);
        for (size_t k = meanings.length - strlen(label); k < meanings.length; k++)
            if (meanings.data[k] == ' ')
                meanings.data[k] = '_';
        values[i] = (int32_t)i;
    }
    write_list(h5, dataset, "flag_values", H5T_NATIVE_INT32, variable->n_labels, values);
    ws_attribute_text(h5, dataset, "flag_meanings", meanings.data);
}

static void describe(struct ws_h5 *h5, hid_t dataset, const struct ws_variable *variable) {
    if (variable->unit) {
        ws_attribute_text(h5, dataset, "units", variable->unit->canonical);
        ws_attribute_text(h5, dataset, "unit_label", variable->unit->label);
    } else if (!variable->mixed_units && (variable->type == WS_VALUE_REAL || variable->type == WS_VALUE_INT)) {
        ws_attribute_text(h5, dataset, "units", "1");
    }
    ws_attribute_text(h5, dataset, "long_name", variable->long_name);
    ws_attribute_text(h5, dataset, "bounds", variable->bounds);
    if (variable->n_labels > 0)
        describe_labels(h5, dataset, variable);
}

// The dataset with its data and attributes, to be closed; H5I_INVALID_HID where that failed.
static hid_t write_dataset(struct ws_group *group, const struct ws_variable *variable, int rank, const hsize_t *sizes) {
    struct ws_h5 *h5 = group->h5;
    const void *data = variable->data;
    hsize_t count = 1;
    for (int i = 0; i < rank; i++)
        count *= sizes[i];
    if (h5->status)
        return H5I_INVALID_HID;
    if (variable->type == WS_VALUE_TEXT)
        data = clean_texts(h5, variable->data, count);
    hid_t transfer = variable->type == WS_VALUE_TEXT ? h5->text_transfer : H5P_DEFAULT;
    hid_t dataset = create_dataset(group, variable, rank, sizes, count);
    if (dataset < 0 || (variable->piece == 0 && !variable->in_rows &&
                        H5Dwrite(dataset, type_of(h5, variable->type), H5S_ALL, H5S_ALL, transfer, data) < 0))
        ws_h5_fail(h5, "'/%s/%s' cannot be written", group->path, variable->name);
    if (dataset >= 0)
        describe(h5, dataset, variable);
    return dataset;
}

static void close_dataset(struct ws_group *group, const char *name, hid_t dataset) {
    if (dataset >= 0 && H5Dclose(dataset) < 0)
        ws_h5_fail(group->h5, "'/%s/%s' cannot be closed", group->path, name);
}

void ws_axis_write(struct ws_group *group, size_t size, const struct ws_variable *coordinates) {
    struct ws_h5 *h5 = group->h5;
    const hsize_t length = size;
    struct ws_axis *axis = &group->axes[group->n_axes++];
    *axis = (struct ws_axis){.name = coordinates->name, .size = size};
    axis->dataset = write_dataset(group, coordinates, 1, &length);
    if (h5->status)
        return;
    if (H5DSset_scale(axis->dataset, axis->name) < 0 ||
        H5Rcreate(&axis->reference, axis->dataset, ".", H5R_OBJECT, -1) < 0)
        ws_h5_fail(h5, "the axis '%s' of '/%s' cannot be made", axis->name, group->path);
}

void ws_axis_texts(struct ws_group *group, const char *name, size_t size, const char *const *texts,
                   const char *long_name) {
    const struct ws_variable coordinates = {.name = name, .type = WS_VALUE_TEXT, .data = texts, .long_name = long_name};
    ws_axis_write(group, size, &coordinates);
}

// Remembers that the variable lies along its axes, and tells it so (what H5DSattach_scale does for one axis).
static void attach_axes(struct ws_group *group, hid_t dataset, struct ws_axis **axes, size_t rank) {
    struct ws_h5 *h5 = group->h5;
    hobj_ref_t own;
    hvl_t scales[WS_MOST_AXES];
    if (h5->status)
        return;
    if (H5Rcreate(&own, dataset, ".", H5R_OBJECT, -1) < 0)
        ws_h5_fail(h5, "a reference within '/%s' cannot be made", group->path);
    for (size_t i = 0; i < rank; i++) {
        struct ws_axis *axis = axes[i];
        scales[i] = (hvl_t){1, &axis->reference};
        axis->uses = ws_arena_grow(h5->arena, axis->uses, axis->n_uses, sizeof *axis->uses);
        axis->uses[axis->n_uses++] = (struct ws_axis_use){own, (int)i};
    }
    write_list(h5, dataset, "DIMENSION_LIST", h5->dimension_list, rank, scales);
}

static hid_t begin_variable(struct ws_group *group, const struct ws_variable *variable, hsize_t *sizes, size_t *rank) {
    struct ws_axis *axes[WS_MOST_AXES];
    *rank = list_axes(group, variable->axes, axes);
    for (size_t i = 0; i < *rank; i++)
        sizes[i] = axes[i]->size;
    hid_t dataset = write_dataset(group, variable, (int)*rank, sizes);
    attach_axes(group, dataset, axes, *rank);
    return dataset;
}

hid_t ws_variable_begin(struct ws_group *group, const struct ws_variable *variable) {
    hsize_t sizes[WS_MOST_AXES];
    size_t rank;
    return begin_variable(group, variable, sizes, &rank);
}

// `count` places of the slowest axis from `first` on.
static void put_rows(struct ws_h5 *h5, hid_t dataset, const struct ws_variable *variable, size_t rank,
                     const hsize_t *sizes, size_t first, size_t count, const void *values) {
    hsize_t start[WS_MOST_AXES] = {first}, size[WS_MOST_AXES];
    memcpy(size, sizes, rank * sizeof *size);
    size[0] = count;
    hid_t space = H5Dget_space(dataset), memory = H5Screate_simple((int)rank, size, NULL);
    if (space < 0 || memory < 0 || H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, size, NULL) < 0 ||
        H5Dwrite(dataset, type_of(h5, variable->type), memory, space, H5P_DEFAULT, values) < 0)
        ws_h5_fail(h5, "'%s' cannot be written", variable->name);
    if (memory >= 0)
        H5Sclose(memory);
    if (space >= 0)
        H5Sclose(space);
}

// As many rows at a time as a chunk has, so that each is compressed once.
void ws_variable_write_rows(struct ws_group *group, const struct ws_variable *variable, ws_fill_rows *fill,
                            void *user) {
    struct ws_variable in_rows = *variable;
    hsize_t sizes[WS_MOST_AXES], chunk[WS_MOST_AXES];
    size_t rank, row = size_of(variable->type);
    in_rows.in_rows = 1;
    hid_t dataset = begin_variable(group, &in_rows, sizes, &rank);
    for (size_t i = 1; i < rank; i++)
        row *= sizes[i];
    choose_chunk((int)rank, sizes, size_of(variable->type), chunk);
    struct ws_arena_mark mark = ws_arena_mark(group->h5->arena);
    void *buffer = ws_arena_array(group->h5->arena, chunk[0], row);
    for (size_t first = 0; first < sizes[0] && !group->h5->status; first += chunk[0]) {
        size_t count = sizes[0] - first < chunk[0] ? sizes[0] - first : chunk[0];
        memset(buffer, 0, count * row);
        fill(user, first, count, buffer);
        if (!group->h5->status)
            put_rows(group->h5, dataset, variable, rank, sizes, first, count, buffer);
    }
    ws_arena_release(group->h5->arena, mark);
    close_dataset(group, variable->name, dataset);
}

void ws_variable_write(struct ws_group *group, const struct ws_variable *variable) {
    close_dataset(group, variable->name, ws_variable_begin(group, variable));
}

void ws_variable_put(struct ws_h5 *h5, hid_t dataset, int type, size_t row, uint64_t first, size_t count,
                     const void *values) {
    if (h5->status)
        return;
    const hsize_t start[2] = {row, first}, size[2] = {1, count}, all = count;
    hid_t space = H5Dget_space(dataset), memory = H5Screate_simple(1, &all, NULL);
    int skipped = space < 0 ? 0 : 2 - H5Sget_simple_extent_ndims(space); // an axis has no rows
    if (space < 0 || memory < 0 || skipped < 0 || skipped > 1 ||
        H5Sselect_hyperslab(space, H5S_SELECT_SET, start + skipped, NULL, size + skipped, NULL) < 0 ||
        H5Dwrite(dataset, type_of(h5, type), memory, space, H5P_DEFAULT, values) < 0)
        ws_h5_fail(h5, "draws cannot be written");
    if (memory >= 0)
        H5Sclose(memory);
    if (space >= 0)
        H5Sclose(space);
}

void ws_variable_end(struct ws_h5 *h5, hid_t dataset) {
    if (dataset >= 0 && H5Dclose(dataset) < 0)
        ws_h5_fail(h5, "draws cannot be written");
}

// ---- tables of fields ----

// The field's values of all records, one after the other.
static const void *gather(struct ws_h5 *h5, const struct ws_field *field, const void *records, size_t n_records,
                          size_t record_size, size_t per_record) {
    size_t bytes = per_record * size_of(field->type);
    char *values = ws_arena_array(h5->arena, n_records + 1, bytes);
    for (size_t r = 0; r < n_records; r++) {
        const char *member = (const char *)records + r * record_size + field->offset;
        const void *from = member;
        if (field->is_list)
            memcpy(&from, member, sizeof from);
        memcpy(values + r * bytes, from, bytes);
    }
    return values;
}

void ws_fields_write(struct ws_group *group, const struct ws_field *fields, size_t n_fields, const void *records,
                     size_t n_records, size_t record_size, const struct ws_unit *unit) {
    for (size_t f = 0; f < n_fields && !group->h5->status; f++) {
        struct ws_axis *axes[WS_MOST_AXES];
        size_t rank = list_axes(group, fields[f].axes, axes), total = 1;
        for (size_t i = 0; i < rank; i++)
            total *= axes[i]->size;
        const struct ws_variable variable = {
            .name = fields[f].name,
            .type = fields[f].type,
            .axes = fields[f].axes,
            .data = gather(group->h5, &fields[f], records, n_records, record_size, total / n_records),
            .unit = fields[f].unit == WS_UNIT_OWN ? unit : NULL,
            .mixed_units = fields[f].unit == WS_UNIT_MIXED,
            .long_name = fields[f].long_name,
            .packing = fields[f].packing,
        };
        ws_variable_write(group, &variable);
    }
}
