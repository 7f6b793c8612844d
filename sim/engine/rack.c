// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/rack.h"

#include <stdlib.h>
#include <string.h>

#include "wattspan.h"

struct ws_rack {
    size_t n;
    struct ws_packed *held;     // in memory
    struct ws_scratch *scratch; // or NULL
    struct ws_scrap *scraps;    // there
};

static void release(void *object) {
    struct ws_rack *rack = object;
    for (size_t i = 0; rack->held && i < rack->n; i++)
        ws_packed_finish(&rack->held[i]);
}

struct ws_rack *ws_rack_create(size_t n, struct ws_scratch *scratch, struct ws_arena *arena) {
    struct ws_rack *rack = WS_NEW(arena, struct ws_rack);
    *rack = (struct ws_rack){.n = n, .scratch = scratch};
    if (scratch)
        rack->scraps = WS_NEW_ARRAY(arena, struct ws_scrap, n + 1);
    else
        rack->held = WS_NEW_ARRAY(arena, struct ws_packed, n + 1);
    ws_arena_defer(arena, release, rack);
    return rack;
}

int ws_rack_put(struct ws_rack *rack, size_t i, struct ws_packed *packed) {
    if (rack->scratch) {
        int status = ws_scratch_put(rack->scratch, &rack->scraps[i], packed->bytes, packed->size);
        ws_packed_finish(packed);
        return status;
    }
    ws_packed_finish(&rack->held[i]);
    rack->held[i] = *packed;
    *packed = (struct ws_packed){0};
    return 0;
}

int ws_rack_copy(const struct ws_rack *rack, size_t i, struct ws_packed *packed) {
    const size_t size = ws_rack_size(rack, i);
    *packed = (struct ws_packed){0};
    if (size == 0)
        return 0;
    packed->bytes = malloc(size);
    if (!packed->bytes)
        return WS_ERROR_MEMORY;
    packed->size = size;
    if (rack->scratch)
        return ws_scratch_get(rack->scratch, &rack->scraps[i], packed->bytes);
    memcpy(packed->bytes, rack->held[i].bytes, size);
    return 0;
}

size_t ws_rack_size(const struct ws_rack *rack, size_t i) {
    return rack->scratch ? rack->scraps[i].size : rack->held[i].size;
}

size_t ws_rack_bytes(const struct ws_rack *rack) {
    size_t bytes = 0;
    for (size_t i = 0; i < rack->n; i++)
        bytes += ws_rack_size(rack, i);
    return bytes;
}
