// SPDX-License-Identifier: GPL-3.0-or-later
// Comma-separated values (RFC 4180, but lines end with a line feed alone, as Unix tools want them).
#ifndef WS_REPORT_CSV_H
#define WS_REPORT_CSV_H

#include <stdint.h>
#include <stdio.h>

struct ws_csv {
    FILE *out;
    int column;
};

void ws_csv_text(struct ws_csv *csv, const char *value); // NULL and "" give an empty field
void ws_csv_number(struct ws_csv *csv, double value);    // NaN gives an empty field
void ws_csv_count(struct ws_csv *csv, uint64_t value);
void ws_csv_end(struct ws_csv *csv); // of the row
// A whole row of n texts.
void ws_csv_row(struct ws_csv *csv, const char *const *values, size_t n);

#endif
