// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/study.h"

#include <string.h>

size_t ws_study_find(const struct ws_study *study, const char *name) {
    for (size_t i = 0; i < study->n_quantities; i++)
        if (strcmp(study->quantities[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}
