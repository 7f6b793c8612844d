// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/csv.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

static void separate(struct ws_csv *csv) {
    if (csv->column++ > 0)
        putc(',', csv->out);
}

void ws_csv_text(struct ws_csv *csv, const char *value) {
    separate(csv);
    if (!value)
        return;
    if (!strpbrk(value, ",\"\n\r")) {
        fputs(value, csv->out);
        return;
    }
    putc('"', csv->out);
    for (; *value; value++) {
        if (*value == '"')
            putc('"', csv->out);
        putc(*value, csv->out);
    }
    putc('"', csv->out);
}

void ws_csv_number(struct ws_csv *csv, double value) {
    char buf[32];
    ws_csv_text(csv, isnan(value) ? NULL : ws_format_double(value, buf));
}

void ws_csv_count(struct ws_csv *csv, uint64_t value) {
    separate(csv);
    fprintf(csv->out, "%llu", (unsigned long long)value);
}

void ws_csv_end(struct ws_csv *csv) {
    putc('\n', csv->out);
    csv->column = 0;
}

void ws_csv_row(struct ws_csv *csv, const char *const *values, size_t n) {
    for (size_t i = 0; i < n; i++)
        ws_csv_text(csv, values[i]);
    ws_csv_end(csv);
}
