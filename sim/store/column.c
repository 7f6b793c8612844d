// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers from somebody else's HDF5 file, for priors made of a sample. Nothing of the file is trusted: see reader.h.
#include <errno.h>
#include <math.h>
#include <string.h>

#include "store/reader.h"
#include "store/seal.h"
#include "store/store.h"
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
    if (space >= 0)
        H5Sclose(space);
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

static int check_type(struct ws_h5 *h5, hid_t dataset, const char *name) {
    hid_t type = H5Dget_type(dataset), plan = H5Dget_create_plist(dataset);
    H5T_class_t class = type < 0 ? H5T_NO_CLASS : H5Tget_class(type);
    int here = plan >= 0 && H5Pget_external_count(plan) == 0 && H5Pget_layout(plan) != H5D_VIRTUAL;
    if (type >= 0)
        H5Tclose(type);
    if (plan >= 0)
        H5Pclose(plan);
    if (class != H5T_FLOAT && class != H5T_INTEGER)
        return refuse(h5, "'/%s' holds no numbers", name);
    return here ? 0 : refuse(h5, "the values of '/%s' lie in another file, which is not followed", name);
}

static int read_dataset(struct ws_h5 *h5, const char *name, double **values, size_t *n) {
    hid_t dataset = ws_h5_has(h5, name) ? H5Dopen2(h5->file, name, H5P_DEFAULT) : H5I_INVALID_HID;
    if (dataset < 0)
        return h5->status ? h5->status : refuse(h5, "there is no dataset '/%s'", name);
    if (!check_type(h5, dataset, name) && !find_length(h5, dataset, name, n)) {
        *values = WS_NEW_ARRAY(h5->arena, double, *n + 1);
        if (*n > 0 && H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, *values) < 0)
            ws_h5_fail(h5, "'/%s' cannot be read", name);
    }
    H5Dclose(dataset);
    for (size_t i = 0; i < *n && !h5->status; i++)
        if (!isfinite((*values)[i]))
            refuse(h5, "value %zu of '/%s' is %s, wanted finite numbers", i + 1, name,
                   isnan((*values)[i]) ? "NaN" : "infinite");
    return h5->status;
}

int ws_store_read_column(const char *path, const char *column, struct ws_arena *arena, double **values, size_t *n,
                         struct ws_error *err) {
    enum ws_seal_state seal = ws_seal_check(path);
    if (seal == WS_SEAL_UNREADABLE)
        return ws_error_set(err, WS_ERROR_FILE, path, "cannot be read: %s", strerror(errno));
    if (seal == WS_SEAL_DAMAGED)
        return ws_error_set(err, WS_ERROR_FILE, path, "is damaged: its checksum does not fit");
    if (!*column)
        return ws_error_set(err, WS_ERROR_STUDY, path, "is an HDF5 file; say which dataset: 'column: GROUP/DATASET'");
    struct ws_h5 *h5 = ws_h5_open(path, WS_H5_READ, arena, err);
    while (*column == '/')
        column++;
    *n = 0;
    int status = h5->status ? h5->status : read_dataset(h5, column, values, n);
    ws_h5_close(h5);
    return status;
}
