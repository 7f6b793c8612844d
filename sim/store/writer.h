// SPDX-License-Identifier: GPL-3.0-or-later
// Writing groups of named variables on named axes: the netCDF-4 data model on HDF5.
//
// An axis is a one-dimensional variable with real coordinates, and the dimension scale of every variable that lies
// along it. Groups share no axes, so that each can be opened by itself.
#ifndef WS_STORE_WRITER_H
#define WS_STORE_WRITER_H

#include "store/h5.h"
#include "study/study.h"

enum ws_value_type {
    WS_VALUE_REAL,  // double
    WS_VALUE_INT,   // int64_t
    WS_VALUE_BYTE,  // unsigned char
    WS_VALUE_LABEL, // int32_t: a label's index
    WS_VALUE_TEXT,  // const char *, UTF-8
    WS_VALUE_SINGLE // float; written alone
};

enum ws_packing {
    WS_PLAIN,   // small, or of no use to anybody if damaged
    WS_CHECKED, // with a checksum
    WS_PACKED   // with a checksum, compressed
};

struct ws_variable {
    const char *name;
    int type;         // enum ws_value_type
    const char *axes; // names of axes of the group, separated by blanks, slowest first: "case quantile"
    const void *data;
    const struct ws_unit *unit; // NULL: a number without unit, or a text
    int mixed_units;            // no `units` at all: another variable of the group names each value's unit
    const char *long_name;
    int packing;               // enum ws_packing
    size_t piece;              // above 0: data come in pieces (ws_variable_begin) of so many values along the last axis
    int in_rows;               // data come in rows (ws_variable_write_rows)
    int deflate;               // of data in pieces that are WS_PACKED: the level
    const char *const *labels; // WS_VALUE_LABEL: what 0, 1, ... n_labels - 1 mean
    size_t n_labels;
    const char *bounds; // of an axis: the variable that holds its cells' ends (CF section 7.1)
};

enum { WS_MOST_AXES = 8 };

struct ws_axis_use { // a variable that lies along an axis, as REFERENCE_LIST wants it
    hobj_ref_t dataset;
    int dimension;
};

struct ws_axis {
    const char *name;
    size_t size;
    hid_t dataset;
    hobj_ref_t reference;
    struct ws_axis_use *uses;
    size_t n_uses;
};

struct ws_group {
    struct ws_h5 *h5;
    const char *path;
    hid_t id;
    struct ws_axis axes[WS_MOST_AXES];
    size_t n_axes;
};

// A group below the file's root: "summary", or "summary/energy" where "summary" is there already.
struct ws_group ws_group_begin(struct ws_h5 *h5, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Ties the axes to their variables.
void ws_group_end(struct ws_group *group);

// Adds an axis with its coordinates, `axes` of which is not looked at.
void ws_axis_write(struct ws_group *group, size_t size, const struct ws_variable *coordinates);
// Adds an axis 0, 1, ... size - 1.
void ws_axis_count(struct ws_group *group, const char *name, size_t size, const char *long_name);
// Adds an axis of texts.
void ws_axis_texts(struct ws_group *group, const char *name, size_t size, const char *const *texts,
                   const char *long_name);
void ws_variable_write(struct ws_group *group, const struct ws_variable *variable);
// A variable that is too large to be held at once: `fill` makes `count` values of the slowest axis from `first` on, in
// a zeroed buffer. `data` is not looked at.
typedef void ws_fill_rows(void *user, size_t first, size_t count, void *buffer);
void ws_variable_write_rows(struct ws_group *group, const struct ws_variable *variable, ws_fill_rows *fill, void *user);
// A variable whose values come in pieces, each a chunk in the file: `count` values along the last axis from `first` on,
// at place `row` of the other one. It stays open beyond its group.
hid_t ws_variable_begin(struct ws_group *group, const struct ws_variable *variable);
void ws_variable_put(struct ws_h5 *h5, hid_t dataset, int type, size_t row, uint64_t first, size_t count,
                     const void *values);
void ws_variable_end(struct ws_h5 *h5, hid_t dataset);

// ---- tables of fields: one row for each variable of a group ----

enum ws_field_unit {
    WS_UNIT_NONE, // a number without unit, or a text
    WS_UNIT_OWN,  // that of the quantity which the group is about
    WS_UNIT_MIXED // another field names each record's
};

// A member of a record, written as a variable over all records. A list member is a pointer to as many values as the
// variable has for each record.
struct ws_field {
    const char *name;
    int type; // enum ws_value_type
    const char *axes;
    int unit; // enum ws_field_unit
    const char *long_name;
    size_t offset;
    int is_list;
    int packing;
};

void ws_fields_write(struct ws_group *group, const struct ws_field *fields, size_t n_fields, const void *records,
                     size_t n_records, size_t record_size, const struct ws_unit *unit);

// ---- attributes of a group, a dataset or the file; empty texts are not written ----

void ws_attribute_text(struct ws_h5 *h5, hid_t object, const char *name, const char *text);
// The text with U+FFFD for bytes that are no UTF-8: names of files and hosts may hold any, and readers choke on them.
const char *ws_text_clean(const char *text, struct ws_arena *arena);
void ws_attribute_int(struct ws_h5 *h5, hid_t object, const char *name, int64_t value);
void ws_attribute_uint(struct ws_h5 *h5, hid_t object, const char *name, uint64_t value);
void ws_attribute_real(struct ws_h5 *h5, hid_t object, const char *name, double value);

#endif
