// SPDX-License-Identifier: GPL-3.0-or-later
// What the public handles are made of.
#ifndef WS_API_HANDLES_H
#define WS_API_HANDLES_H

#include "engine/result.h"
#include "study/study.h"
#include "wattspan.h"

// Another owner of the study: released with ws_study_destroy.
const struct ws_study *ws_study_share(const struct ws_study *study);

#endif
