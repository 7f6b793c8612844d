// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers from files beside the study: what `empirical` priors are made of.
#ifndef WS_STUDY_DATA_H
#define WS_STUDY_DATA_H

#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

enum { WS_DATA_MOST_VALUES = 1000000, WS_DATA_MOST_BYTES = 64 << 20, WS_DATA_DIGEST = 16 };

// A column of numbers, and another of their weights or NULL. The digest is of both: the merged study names it, and a
// result holds what it names.
struct ws_data {
    const char *name;                   // of the input that has it first, in a result file
    const char *file, *column, *weight; // as the study names them, relative to itself; "" where not given
    const char *units; // of the values as the file has them; "" where it says nothing, or was not read again
    size_t n;
    const double *values, *weights;
    char digest[WS_DATA_DIGEST + 1];
};

// A column as it is read.
struct ws_data_column {
    size_t n;
    double *values;
    const char *units; // the dataset's attribute; "" where it has none, as in a CSV file
};

// Hexadecimal digits of the SHA-256 of the values and the weights.
void ws_data_digest(const double *values, const double *weights, size_t n, char digest[WS_DATA_DIGEST + 1]);

// A column of a CSV text: by name, by number from 1, or "" for the only one. Cells are parted by the comma, semicolon
// or tab that the first line has most of, and may be quoted (RFC 4180); empty lines and lines that start with # are
// passed over; a first line of names is one whose cell in this column is no number. 0 and what was read in `arena`, or
// WS_ERROR_STUDY with the place and the reason in err. (csv.c)
int ws_csv_column(const char *path, const char *text, size_t length, const char *column, struct ws_arena *arena,
                  struct ws_data_column *read, struct ws_error *err);

#endif
