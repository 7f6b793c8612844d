// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>
#include <string.h>

#include "prior/empirical.h"
#include "study/data.h"
#include "study/keys.h"
#include "study/prior_mixture.h"

static int refuse_keys(const struct ws_node *node, const char *subject, struct ws_arena *arena,
                       struct ws_messages *messages) {
    static const char *const names[] = {"file", "column", "weights", "smooth", "digest"};
    enum { COUNT = sizeof names / sizeof *names };
    int refused = 0;
    for (size_t i = 0; i < node->n_items; i++) {
        size_t k = 0;
        while (k < COUNT && strcmp(names[k], node->items[i].key) != 0)
            k++;
        if (k < COUNT)
            continue;
        refused = 1;
        ws_complain(messages, node->items[i].place,
                    "%s: empirical has no parameter '%.60s'%s; wanted file, column, weights, smooth", subject,
                    node->items[i].key, ws_suggestion(arena, node->items[i].key, names, COUNT));
    }
    return refused;
}

enum smoothing { AS_IT_IS, SMOOTH, SMOOTH_IN_LOG, UNKNOWN };

static enum smoothing take_smoothing(const struct ws_node *node, const char *subject, struct ws_arena *arena,
                                     struct ws_messages *messages) {
    static const char *const words[] = {[AS_IT_IS] = "false", [SMOOTH] = "true", [SMOOTH_IN_LOG] = "log"};
    const struct ws_node *value = ws_node_get(node, "smooth");
    for (int i = 0; value && value->kind == WS_NODE_SCALAR && i < UNKNOWN; i++)
        if (strcmp(value->text, words[i]) == 0)
            return i;
    if (!value)
        return AS_IT_IS;
    ws_complain(messages, value->place, "%s: 'smooth' is %s, wanted true, false or log", subject,
                ws_node_describe(value, arena));
    return UNKNOWN;
}

static int smooth(struct ws_prior *prior, const struct ws_node *node, const struct ws_data *data, int in_log,
                  const char *subject, struct ws_arena *arena, struct ws_messages *messages) {
    struct ws_place place = ws_node_get(node, "smooth")->place;
    char number[32];
    for (size_t i = 0; i < data->n && in_log; i++)
        if (!(data->values[i] > 0)) {
            ws_complain(messages, place,
                        "%s: 'smooth: log' needs positive values, value %zu in '%s' is %s; give 'smooth: true'",
                        subject, i + 1, data->file, ws_format_double(data->values[i], number));
            return -1;
        }
    if (ws_empirical_smooth(prior, data->values, data->weights, data->n, in_log, arena) == 0)
        return 0;
    ws_complain(messages, place, "%s: the values in '%s' lie too near each other to be smoothed; leave 'smooth' out",
                subject, data->file);
    return -1;
}

int ws_empirical_parse(struct ws_prior *prior, const struct ws_node *node, struct ws_place place, const char *subject,
                       struct ws_arena *arena, struct ws_messages *messages) {
    if (node->kind != WS_NODE_MAP) {
        ws_complain(messages, place, "%s: empirical is given %s, wanted a file and a column, for example %s", subject,
                    ws_node_describe(node, arena), ws_family_find("empirical")->example);
        return -1;
    }
    int refused = refuse_keys(node, subject, arena, messages);
    enum smoothing smoothing = take_smoothing(node, subject, arena, messages);
    if (!ws_node_get(node, "file"))
        ws_complain(messages, place, "%s: empirical needs 'file'; for example %s", subject,
                    ws_family_find("empirical")->example);
    if (refused || smoothing == UNKNOWN || !node->data) // without data: that was an error already
        return -1;
    if (smoothing != AS_IT_IS)
        return smooth(prior, node, node->data, smoothing == SMOOTH_IN_LOG, subject, arena, messages);
    ws_empirical_steps(prior, node->data->values, node->data->weights, node->data->n, arena);
    return 0;
}
