// SPDX-License-Identifier: GPL-3.0-or-later
// The designs: how draws are spread over the unit cube.
#include <string.h>

#include "sampler/cursor.h"

static const struct ws_design designs[] = {
    {"mc", "independent draws: never wrong, any number of them; errors fall as draws^(-1/2)", 0, 1, ws_mc_fill,
     ws_mc_fill_at, ws_mc_word, ws_mc_second},
    {"lhs", "Latin hypercube, each input stratified: for means of sums; its number of draws is fixed", 1, 0,
     ws_lhs_fill, NULL, ws_lhs_word, ws_lhs_second},
    {"sobol", "scrambled Sobol points, for a figure to rely on: smooth errors fall nearly as 1/draws", 1, 1,
     ws_sobol_fill, NULL, ws_sobol_word, ws_sobol_second},
};

const struct ws_design *ws_designs(size_t *count) {
    *count = sizeof designs / sizeof *designs;
    return designs;
}

const struct ws_design *ws_design_find(const char *name) {
    for (size_t i = 0; i < sizeof designs / sizeof *designs; i++)
        if (strcmp(designs[i].name, name) == 0)
            return &designs[i];
    return NULL;
}
