// SPDX-License-Identifier: GPL-3.0-or-later
// Running a study with evidence, and holding what comes out against a closed form.
#ifndef WS_TESTS_EVIDENCE_RUN_H
#define WS_TESTS_EVIDENCE_RUN_H

#include "tap.h"

#include "api/handles.h"
#include "wattspan.h"

struct how {
    const char *design, *rng, *isa;
    int threads;
    uint64_t draws, keep;
};

static inline ws_result *run_how(const char *text, struct how how, struct ws_error *error) {
    ws_study *study = NULL;
    ws_result *result = NULL;
    const struct ws_options options = {.draws = how.draws ? how.draws : 1000000,
                                       .seed = 11,
                                       .design = how.design,
                                       .rng = how.rng,
                                       .isa = how.isa,
                                       .threads = how.threads,
                                       .keep = how.keep};
    if (ws_study_parse("study.yaml", text, strlen(text), NULL, NULL, &study, error) == 0)
        ws_run(study, &options, &result, error);
    ws_study_destroy(study);
    return result;
}

static inline ws_result *run(const char *text, const char *design) {
    struct ws_error error = {0};
    ws_result *result = run_how(text, (struct how){.design = design}, &error);
    if (!CHECK(result != NULL))
        printf("# %s: %s\n", error.where, error.text);
    return result;
}

// Within 4 standard errors and what interpolation in a bin of 0.1 % may add.
static inline void check(double found, double truth, double se, const char *what) {
    if (!CHECK(se >= 0 && fabs(found - truth) <= 4 * se + 2e-5 * fabs(truth)))
        printf("# %s: %.10g, wanted %.10g, se %.3g\n", what, found, truth, se);
}

static inline void check_mean_sd(const ws_result *r, const char *output, double mean, double sd) {
    struct ws_estimate e = {NAN, NAN};
    ws_result_mean(r, output, &e, NULL);
    check(e.value, mean, e.se, output);
    ws_result_sd(r, output, &e, NULL);
    check(e.value, sd, e.se, output);
}

#endif
