// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers from somebody else's HDF5 file, for priors made of a sample. Nothing of the file is
// trusted: a dataset's type, rank and size are looked at before a byte of it is read.
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "store/h5.h"
#include "store/seal.h"
#include "store/store.h"
#include "store/writer.h"
#include "study/data.h"

enum { MOST_RANK = 8 };

static int refuse(struct ws_h5 *h5, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int refuse(struct ws_h5 *h5, const char *format, ...) {
    va_list args;
    va_start(args, format);
    h5->status = ws_error_set(h5->err, WS_ERROR_STUDY, h5->path, "%s", ws_arena_vprintf(h5->arena, format, args));
    va_end(args);
    return h5->status;
}

// The number of values along the one axis that has more than one of them.
static int find_length(struct ws_h5 *h5, hid_t dataset, const char *name, size_t *n) {
    hsize_t sizes[MOST_RANK] = {0};
    hid_t space = H5Dget_space(dataset);
    int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space), fits = rank >= 1 && rank <= MOST_RANK;
    fits = fits && H5Sget_simple_extent_dims(space, sizes, NULL) == rank;
    ws_h5_release(space);
    if (!fits)
        return refuse(h5, "'/%s' has %d axes, wanted one", name, rank < 0 ? 0 : rank);
    int long_axes = 0;
    uint64_t count = 1;
    for (int i = 0; i < rank; i++) {
        long_axes += sizes[i] != 1;
        if (__builtin_mul_overflow(count, sizes[i], &count))
            count = UINT64_MAX;
    }
    if (long_axes > 1)
        return refuse(h5,
                      "'/%s' is a table of %llu by %llu values, wanted one axis; write one column of it to a dataset "
                      "of its own",
                      name, (unsigned long long)sizes[0], (unsigned long long)sizes[1]);
    if (count > WS_DATA_MOST_VALUES)
        return refuse(h5, "'/%s' has %llu values, at most %d are taken; take a sample of them", name,
                      (unsigned long long)count, (int)WS_DATA_MOST_VALUES);
    *n = (size_t)count;
    return 0;
}

// ---- which dataset ----

// What a file has, for messages: datasets of numbers along one axis, as far as a look at so many links shows them.
enum { MOST_SHOWN = 8, MOST_VISITED = 4096, MOST_LETTERS = 100 };

struct listing {
    size_t shown, visited;
    char names[MOST_SHOWN][MOST_LETTERS + 1]; // an allocation that fails must not jump through HDF5
};

static int holds_numbers(hid_t type) { return H5Tget_class(type) == H5T_FLOAT || H5Tget_class(type) == H5T_INTEGER; }

static int is_column(hid_t file, const char *name) {
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
    hid_t type = dataset < 0 ? H5I_INVALID_HID : H5Dget_type(dataset), space = type < 0 ? type : H5Dget_space(dataset);
    int rank = space < 0 ? 0 : H5Sget_simple_extent_ndims(space), long_axes = 0;
    hsize_t sizes[MOST_RANK] = {0};
    if (rank > 0 && rank <= MOST_RANK && H5Sget_simple_extent_dims(space, sizes, NULL) == rank)
        for (int i = 0; i < rank; i++)
            long_axes += sizes[i] != 1;
    int fits = long_axes == 1 && holds_numbers(type);
    ws_h5_release(space);
    ws_h5_release(type);
    ws_h5_release(dataset);
    return fits;
}

static herr_t list_link(hid_t group, const char *name, const H5L_info_t *link, void *user) {
    struct listing *listing = user;
    H5O_info_t info;
    if (++listing->visited > MOST_VISITED || listing->shown > MOST_SHOWN)
        return 1;
    if (link->type != H5L_TYPE_HARD || H5Oget_info_by_name(group, name, &info, H5P_DEFAULT) < 0 ||
        info.type != H5O_TYPE_DATASET || !is_column(group, name))
        return 0;
    if (listing->shown < MOST_SHOWN)
        strncpy(listing->names[listing->shown], name, MOST_LETTERS);
    listing->shown++;
    return 0;
}

static const char *list_columns(struct ws_h5 *h5, const char *group) {
    struct listing listing = {0};
    struct ws_text names = {.arena = h5->arena};
    hid_t id = H5Gopen2(h5->file, *group ? group : "/", H5P_DEFAULT);
    herr_t seen = id < 0 ? -1 : H5Lvisit(id, H5_INDEX_NAME, H5_ITER_INC, list_link, &listing);
    ws_h5_release(id);
    if (seen < 0 || listing.shown == 0)
        return "";
    for (size_t i = 0; i < listing.shown && i < MOST_SHOWN; i++)
        ws_text_printf(&names, "%s%s%s%s", i ? ", " : "", group, *group ? "/" : "", listing.names[i]);
    return ws_arena_printf(h5->arena, "; there are: %s%s", names.data,
                           listing.shown > MOST_SHOWN || listing.visited > MOST_VISITED ? ", ..." : "");
}

// Follows the path link by link, and none that leads elsewhere: it could be to any file of the user's.
static hid_t open_dataset(struct ws_h5 *h5, const char *name) {
    char *part = ws_arena_copy(h5->arena, name);
    const char *group = "";
    for (char *slash = part; slash;) {
        H5L_info_t link = {.type = H5L_TYPE_ERROR};
        H5O_info_t info = {.type = H5O_TYPE_UNKNOWN};
        slash = strchr(slash, '/');
        if (slash)
            *slash = '\0';
        if (H5Lexists(h5->file, part, H5P_DEFAULT) <= 0 || H5Lget_info(h5->file, part, &link, H5P_DEFAULT) < 0)
            break;
        if (link.type != H5L_TYPE_HARD)
            return refuse(h5, "'/%s' is a link, which is not followed; name what it leads to%s", part,
                          list_columns(h5, group));
        if (H5Oget_info_by_name(h5->file, part, &info, H5P_DEFAULT) < 0)
            break;
        if (!slash && info.type == H5O_TYPE_DATASET)
            return H5Dopen2(h5->file, part, H5P_DEFAULT);
        if (!slash || info.type != H5O_TYPE_GROUP)
            break;
        group = ws_arena_copy(h5->arena, part);
        *slash++ = '/';
    }
    return refuse(h5, "there is no dataset '/%s'%s", name, list_columns(h5, group));
}

// ---- its values ----

// Filters that this HDF5 has not: compression by some other library's plug-in.
static int check_filters(struct ws_h5 *h5, hid_t plan, const char *name) {
    int n = H5Pget_nfilters(plan);
    for (int i = 0; i < n; i++) {
        char filter[64] = "";
        unsigned flags;
        size_t n_values = 0;
        H5Z_filter_t id = H5Pget_filter2(plan, (unsigned)i, &flags, &n_values, NULL, sizeof filter, filter, NULL);
        filter[sizeof filter - 1] = '\0';
        if (id < 0 || H5Zfilter_avail(id) > 0)
            continue;
        return refuse(h5,
                      "'/%s' is compressed by the filter %d (%s), which is not here; h5repack -f GZIP=4 would write "
                      "it anew where that filter is",
                      name, (int)id, *filter ? filter : "no name");
    }
    return 0;
}

static int check_type(struct ws_h5 *h5, hid_t dataset, const char *name) {
    hid_t type = H5Dget_type(dataset), plan = H5Dget_create_plist(dataset);
    int here = plan >= 0 && H5Pget_external_count(plan) == 0 && H5Pget_layout(plan) != H5D_VIRTUAL;
    int status = type >= 0 && holds_numbers(type) ? 0 : refuse(h5, "'/%s' holds no numbers", name);
    if (!status && !here)
        status = refuse(h5, "the values of '/%s' lie in another file, which is not followed", name);
    if (!status)
        status = check_filters(h5, plan, name);
    ws_h5_release(type);
    ws_h5_release(plan);
    return status;
}

// An attribute of one number; `other` where there is none.
static double attribute(hid_t dataset, const char *name, double other) {
    double value = other;
    hid_t id = H5Aexists(dataset, name) > 0 ? H5Aopen(dataset, name, H5P_DEFAULT) : H5I_INVALID_HID;
    hid_t type = id < 0 ? id : H5Aget_type(id), space = type < 0 ? type : H5Aget_space(id);
    int is_number = space >= 0 && H5Sget_simple_extent_npoints(space) == 1 && holds_numbers(type);
    if (is_number && H5Aread(id, H5T_NATIVE_DOUBLE, &value) < 0)
        value = other;
    ws_h5_release(space);
    ws_h5_release(type);
    ws_h5_release(id);
    return value;
}

// As netCDF's conventions have it (NUG, appendix A): values that stand for none, and packed ones, x = offset + factor
// y.
static void unpack(struct ws_h5 *h5, hid_t dataset, const char *name, double *values, size_t n) {
    const double fill = attribute(dataset, "_FillValue", NAN), missing = attribute(dataset, "missing_value", NAN);
    const double factor = attribute(dataset, "scale_factor", 1), offset = attribute(dataset, "add_offset", 0);
    for (size_t i = 0; i < n && !h5->status; i++) {
        if (values[i] == fill || values[i] == missing)
            refuse(h5, "value %zu of '/%s' is the one that stands for a missing one, wanted finite numbers", i + 1,
                   name);
        values[i] = offset + factor * values[i];
        if (!isfinite(values[i]) && !h5->status)
            refuse(h5, "value %zu of '/%s' is %s, wanted finite numbers", i + 1, name,
                   isnan(values[i]) ? "NaN" : "infinite");
    }
}

// ---- its units ----

static void release_text(void *object) { H5free_memory(object); }

// What an attribute of text holds, padding and all; NULL after a failure.
static const char *read_text(struct ws_h5 *h5, hid_t id, hid_t type, const char *name) {
    enum { MOST_TEXT = 65536 };
    char *text = NULL;
    size_t size = H5Tget_size(type);
    htri_t any_length = H5Tis_variable_str(type);
    if (any_length == 0 && (size == 0 || size > MOST_TEXT)) {
        refuse(h5, "the attribute 'units' of '/%s' has %zu bytes, at most %d are taken", name, size, (int)MOST_TEXT);
        return NULL;
    }
    if (any_length == 0)
        text = WS_NEW_ARRAY(h5->arena, char, size + 1);
    if (any_length < 0 || H5Aread(id, type, any_length > 0 ? (void *)&text : text) < 0) {
        ws_h5_fail(h5, "the attribute 'units' of '/%s' cannot be read", name);
        return NULL;
    }
    if (any_length > 0 && text)
        ws_arena_defer(h5->arena, release_text, text);
    return text ? text : ""; // an empty one comes as NULL
}

// Without blanks at its ends, which pad it in files that Fortran wrote, and without what a terminal would obey.
static const char *tidy(struct ws_h5 *h5, const char *text) {
    while (isspace((unsigned char)*text))
        text++;
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    char *copy = ws_arena_copy_n(h5->arena, text, length);
    for (char *s = copy; *s; s++)
        *s = iscntrl((unsigned char)*s) ? ' ' : *s;
    return ws_text_clean(copy, h5->arena);
}

// The attribute `units`, by which netCDF's conventions say what the numbers are in; "" where it is no text.
static const char *read_units(struct ws_h5 *h5, hid_t dataset, const char *name) {
    htri_t there = H5Aexists(dataset, "units");
    if (there == 0)
        return "";
    hid_t id = there < 0 ? H5I_INVALID_HID : H5Aopen(dataset, "units", H5P_DEFAULT);
    hid_t type = id < 0 ? id : H5Aget_type(id), space = type < 0 ? type : H5Aget_space(id);
    hssize_t count = space < 0 ? -1 : H5Sget_simple_extent_npoints(space);
    H5T_class_t class = type < 0 ? H5T_NO_CLASS : H5Tget_class(type);
    const char *text = "";
    if (count < 0 || class == H5T_NO_CLASS)
        ws_h5_fail(h5, "the attribute 'units' of '/%s' cannot be read", name);
    else if (count == 1 && class == H5T_STRING)
        text = read_text(h5, id, type, name);
    ws_h5_release(space);
    ws_h5_release(type);
    ws_h5_release(id);
    return text ? tidy(h5, text) : "";
}

static int read_dataset(struct ws_h5 *h5, const char *name, struct ws_data_column *read) {
    hid_t dataset = open_dataset(h5, name);
    if (dataset < 0)
        return h5->status ? h5->status : refuse(h5, "there is no dataset '/%s'", name);
    if (!check_type(h5, dataset, name) && !find_length(h5, dataset, name, &read->n)) {
        read->values = WS_NEW_ARRAY(h5->arena, double, read->n + 1);
        if (read->n > 0 && H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, read->values) < 0)
            ws_h5_fail(h5, "'/%s' cannot be read", name);
        else
            unpack(h5, dataset, name, read->values, read->n);
        if (!h5->status)
            read->units = read_units(h5, dataset, name);
    }
    H5Dclose(dataset);
    return h5->status;
}

int ws_store_read_column(const char *path, const char *column, struct ws_arena *arena, struct ws_data_column *read,
                         struct ws_error *err) {
    enum ws_seal_state seal = ws_seal_check(path);
    if (seal == WS_SEAL_UNREADABLE)
        return ws_error_set(err, WS_ERROR_FILE, path, "cannot be read: %s", strerror(errno));
    if (seal == WS_SEAL_DAMAGED)
        return ws_error_set(err, WS_ERROR_FILE, path, "is damaged: its checksum does not fit");
    struct ws_h5 *h5 = ws_h5_open(path, WS_H5_READ, arena, err);
    while (*column == '/')
        column++;
    *read = (struct ws_data_column){.units = ""};
    if (!h5->status && !*column)
        refuse(h5, "is an HDF5 file; say which dataset: 'column: GROUP/DATASET'%s", list_columns(h5, ""));
    int status = h5->status ? h5->status : read_dataset(h5, column, read);
    ws_h5_close(h5);
    return status;
}
