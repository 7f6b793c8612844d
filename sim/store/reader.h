// SPDX-License-Identifier: GPL-3.0-or-later
// Checked reading: a dataset's type, rank and size are looked at before a byte of it is read, and no file can ask
// for more memory than its own size allows. Where something is not as a wattspan file has it the session fails.
#ifndef WS_STORE_READER_H
#define WS_STORE_READER_H

#include "store/h5.h"
#include "store/writer.h"

// Whether a group or dataset is there; `path` is from the file's root, without a leading slash.
int ws_h5_has(struct ws_h5 *h5, const char *path);

// The name of member number `index` of a group, in the order of creation; NULL beyond the last.
const char *ws_h5_member(struct ws_h5 *h5, const char *group, size_t index);

// The values of a dataset whose sizes must be the given ones; zeroes where the session has failed. In the arena.
// type: WS_VALUE_REAL, WS_VALUE_INT, WS_VALUE_BYTE, WS_VALUE_TEXT (an array of texts, none NULL).
const void *ws_h5_read(struct ws_h5 *h5, const char *path, int type, size_t rank, const size_t *sizes);
// The first `count` numbers of each row of a dataset of two axes, one row after the other.
void ws_h5_read_rows(struct ws_h5 *h5, const char *path, int type, const size_t sizes[2], size_t count, void *values);
// The same in batches of rows of about a megabyte, for what is too large to be held at once; `take` may fail the
// session.
typedef void ws_take_rows(void *user, size_t first, size_t count, const void *values);
void ws_h5_read_batches(struct ws_h5 *h5, const char *path, int type, size_t rank, const size_t *sizes,
                        ws_take_rows *take, void *user);
// The size of a one-dimensional dataset (an axis); 0 where the session has failed.
size_t ws_h5_length(struct ws_h5 *h5, const char *path);

// Attributes of the file. A missing text is "" where it is optional.
const char *ws_h5_text(struct ws_h5 *h5, const char *name, int is_optional);
int64_t ws_h5_int(struct ws_h5 *h5, const char *name, int64_t least, int64_t most);
uint64_t ws_h5_uint(struct ws_h5 *h5, const char *name);
double ws_h5_real(struct ws_h5 *h5, const char *name);
// Those of a group or dataset that is there; they must be, too.
const char *ws_h5_text_of(struct ws_h5 *h5, const char *object, const char *name);
uint64_t ws_h5_uint_of(struct ws_h5 *h5, const char *object, const char *name);

struct ws_axis_size {
    const char *name;
    size_t size;
};
// Reads what ws_fields_write wrote, into records; list members get memory of their own.
void ws_fields_read(struct ws_h5 *h5, const char *group, const struct ws_field *fields, size_t n_fields, void *records,
                    size_t n_records, size_t record_size, const struct ws_axis_size *axes, size_t n_axes);

#endif
