// SPDX-License-Identifier: GPL-3.0-or-later
// A tally in few bytes: of a sweep's many cases all but the one in hand are kept like this.
#ifndef WS_TALLY_PACKED_H
#define WS_TALLY_PACKED_H

#include "tally/evidence.h"
#include "tally/tally.h"

struct ws_packed {
    unsigned char *bytes; // malloc'ed; NULL: nothing was ever counted, not even nothing
    size_t size;
};

// Replaces what `packed` holds. 0, or WS_ERROR_MEMORY, and then it holds what it held.
int ws_tally_pack(const struct ws_tally *tally, struct ws_packed *packed);
// Makes `tally`, which is to be finished whatever comes: the one that was packed, bit for bit, or an empty one. 0,
// WS_ERROR_MEMORY, or WS_ERROR_FILE where the bytes are no packed tally.
int ws_tally_unpack(const struct ws_packed *packed, struct ws_tally *tally);
// The largest weights of a case, which are the bulk of what is counted of them, in the same way. Unpacking adds them to
// a tally that has none.
int ws_tail_pack(const struct ws_evidence_tally *tally, struct ws_packed *packed);
int ws_tail_unpack(const struct ws_packed *packed, struct ws_evidence_tally *tally);
void ws_packed_finish(struct ws_packed *packed);

#endif
