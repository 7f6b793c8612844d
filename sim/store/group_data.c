// SPDX-License-Identifier: GPL-3.0-or-later
// /data: the values that priors were made of, so that the run can be repeated without the files they came from.
#include <string.h>

#include "store/groups.h"

void ws_data_write(struct ws_h5 *h5, const struct ws_study *study) {
    if (study->n_data == 0)
        return;
    struct ws_group all = ws_group_begin(h5, "data");
    ws_group_end(&all);
    for (size_t i = 0; i < study->n_data; i++) {
        const struct ws_data *data = &study->data[i];
        struct ws_group group = ws_group_begin(h5, "data/%s", data->name);
        ws_attribute_text(h5, group.id, "file", data->file);
        ws_attribute_text(h5, group.id, "column", data->column);
        ws_attribute_text(h5, group.id, "digest", data->digest);
        ws_axis_count(&group, "row", data->n, "value, in the order of the file");
        ws_variable_write(&group, &(struct ws_variable){.name = "value",
                                                        .type = WS_VALUE_REAL,
                                                        .axes = "row",
                                                        .data = data->values,
                                                        .mixed_units = 1,
                                                        .long_name = "value in the file, in the unit of the input",
                                                        .packing = WS_PACKED});
        if (data->weights)
            ws_variable_write(&group, &(struct ws_variable){.name = "weight",
                                                            .type = WS_VALUE_REAL,
                                                            .axes = "row",
                                                            .data = data->weights,
                                                            .long_name = "its weight, as in the file",
                                                            .packing = WS_PACKED});
        ws_group_end(&group);
    }
}

static void read_one(struct ws_h5 *h5, const char *name, struct ws_data *data) {
    const char *path = ws_arena_printf(h5->arena, "data/%s", name);
    const char *weights = ws_arena_printf(h5->arena, "%s/weight", path);
    char digest[WS_DATA_DIGEST + 1];
    data->name = name;
    data->file = ""; // the study has them
    data->column = data->weight = "";
    data->n = ws_h5_length(h5, ws_arena_printf(h5->arena, "%s/row", path));
    data->values = ws_h5_read(h5, ws_arena_printf(h5->arena, "%s/value", path), WS_VALUE_REAL, 1, &data->n);
    if (!h5->status && ws_h5_has(h5, weights))
        data->weights = ws_h5_read(h5, weights, WS_VALUE_REAL, 1, &data->n);
    const char *stored = ws_h5_text_of(h5, path, "digest");
    if (h5->status)
        return;
    ws_data_digest(data->values, data->weights, data->n, digest);
    if (strcmp(digest, stored) != 0)
        ws_h5_damaged(h5, "the values in '/%s' are not those that it was written with", path);
    memcpy(data->digest, digest, sizeof data->digest);
}

const struct ws_data *ws_data_read(struct ws_h5 *h5, size_t *n) {
    struct ws_data *data = NULL;
    const char *name;
    *n = 0;
    if (h5->status || !ws_h5_has(h5, "data"))
        return NULL;
    for (size_t i = 0; (name = ws_h5_member(h5, "data", i)); i++) {
        struct ws_data one = {0};
        read_one(h5, name, &one);
        if (h5->status)
            return NULL;
        data = ws_arena_grow(h5->arena, data, *n, sizeof *data);
        data[(*n)++] = one;
    }
    return data;
}
