// SPDX-License-Identifier: GPL-3.0-or-later
// The generators that `--rng` accepts: Philox and every one that GSL has.
#include <string.h>

#include <gsl/gsl_rng.h>

#include "sampler/sampler.h"

enum { MOST_GENERATORS = 128 };

// Those that GSL's manual recommends for simulation; it keeps the others for compatibility or study.
static const char *const recommended[] = {"cmrg",    "gfsr4",     "mrg",     "mt19937", "mt19937_1998", "mt19937_1999",
                                          "ranlux",  "ranlux389", "ranlxd1", "ranlxd2", "ranlxs0",      "ranlxs1",
                                          "ranlxs2", "taus",      "taus113", "taus2"};

static int is_recommended(const char *name) {
    for (size_t i = 0; i < sizeof recommended / sizeof *recommended; i++)
        if (strcmp(recommended[i], name) == 0)
            return 1;
    return 0;
}

size_t ws_generators(struct ws_generator *generators, size_t most) {
    size_t n = 0;
    if (most > 0)
        generators[n++] = (struct ws_generator){"philox4x32", NULL, 0};
    for (const gsl_rng_type **type = gsl_rng_types_setup(); *type && n < most; type++)
        generators[n++] = (struct ws_generator){(*type)->name, *type, !is_recommended((*type)->name)};
    return n;
}

int ws_generator_find(const char *name, struct ws_generator *generator) {
    struct ws_generator all[MOST_GENERATORS];
    size_t count = ws_generators(all, MOST_GENERATORS);
    for (size_t i = 0; i < count; i++)
        if (strcmp(all[i].name, name) == 0) {
            *generator = all[i];
            return 0;
        }
    return -1;
}
