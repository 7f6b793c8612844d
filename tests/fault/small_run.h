// SPDX-License-Identifier: GPL-3.0-or-later
// The small run that the fault tests repeat: as many features as fit a study of a few lines.
#ifndef WS_TESTS_SMALL_RUN_H
#define WS_TESTS_SMALL_RUN_H

#include <string.h>
#include <unistd.h>

#include "tap.h"
#include "wattspan.h"

static const char small_study[] =
    "wattspan: 1\n"
    "sources: {a: {title: A source}}\n"
    "inputs:\n"
    "  hours: {unit: h, prior: 1e6 to 4e6, point: 2e6, source: a, basis: read}\n"
    "  power: {unit: kW, prior: {mixture: [{weight: 1, triangular: {min: 0.5, mode: 0.6, max: 0.9}},\n"
    "                                      {weight: 2, normal: {mean: 0.7, sd: 0.05}}]}}\n"
    "  method: {prior: {choice: {fast: 1, slow: 3}}, point: slow}\n"
    "  price: {unit: USD/kWh, prior: {given: method, fast: 0.1 to 0.2, slow: 0.05 to 0.1}}\n"
    "correlations:\n"
    "  - {between: [hours, power], spearman: 0.5}\n"
    "outputs:\n"
    "  energy: {unit: GWh, formula: \"hours * power\", by: method, scale: log,\n"
    "           published: [{value: 1.5, source: a}, {value: 1e6, unit: kWh}]}\n"
    "  cost: {unit: USD, formula: energy * price}\n"
    "evidence:\n"
    "  bill: {quantity: cost, unit: USD, observed: {lognormal: {median: 2e5, gsd: 2}}}\n";

static inline void small_message(void *user, int severity, const char *where, const char *text) {
    (void)user, (void)severity, (void)where, (void)text;
}

static const struct ws_sink small_sink = {small_message, NULL};

static inline struct ws_options small_options(void) {
    return (struct ws_options){.draws = 5000, .keep = 100, .keep_given = 1, .threads = 1, .sink = &small_sink};
}

static inline int small_load(ws_study **study, struct ws_error *error) {
    return ws_study_parse("small.yaml", small_study, strlen(small_study), NULL, &small_sink, study, error);
}

// What a failure has to leave: a status, a reason in words, and no file under any name.
static inline int small_failed_well(int status, const struct ws_error *error, const char *path, long n) {
    char part[300];
    snprintf(part, sizeof part, "%s.part", path);
    return tap_result(status < 0 && error->status == status, __FILE__, __LINE__, "fault %ld: status %d, error's %d", n,
                      status, error->status) &
           tap_result(error->text[0] != '\0', __FILE__, __LINE__, "fault %ld: no reason given", n) &
           tap_result(access(path, F_OK) != 0, __FILE__, __LINE__, "fault %ld: a file is left behind", n) &
           tap_result(access(part, F_OK) != 0, __FILE__, __LINE__, "fault %ld: a part is left behind", n);
}

#endif
