// SPDX-License-Identifier: GPL-3.0-or-later
#include "tally/tally.h"

void ws_tally_finish(struct ws_tally *tally) { ws_sketch_finish(&tally->sketch); }

int ws_tally_merge(struct ws_tally *tally, const struct ws_tally *other) {
    ws_moments_merge(&tally->moments, &other->moments);
    return ws_sketch_merge(&tally->sketch, &other->sketch);
}
