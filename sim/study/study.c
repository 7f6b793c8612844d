// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/study.h"

#include <string.h>

void ws_study_uses(const struct ws_study *study, size_t q, unsigned char *used) {
    if (study->quantities[q].formula)
        ws_expression_uses(study->quantities[q].formula, used);
    if (study->quantities[q].by_model)
        memset(used, 1, study->n_inputs);
}

size_t ws_study_find(const struct ws_study *study, const char *name) {
    for (size_t i = 0; i < study->n_quantities; i++)
        if (strcmp(study->quantities[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}
