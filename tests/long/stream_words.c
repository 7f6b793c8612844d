// SPDX-License-Identifier: GPL-3.0-or-later
// Endless 32-bit words on standard output, as a run uses them, for a battery such as dieharder.
// Usage: stream_words inputs|groups|seeds
//   inputs: draw by draw, one word from each of 16 inputs' streams;  groups: block by block, from 16 groups in turn;
//   seeds: block by block, from neighbouring seeds.
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "numeric/kernels.h"

enum { STREAMS = 16 };
static uint32_t block[STREAMS][WS_BLOCK] __attribute__((aligned(64)));

int main(int argc, char **argv) {
    const char *order = argc > 1 ? argv[1] : "inputs";
    int inputs = !strcmp(order, "inputs"), groups = !strcmp(order, "groups");
    const struct ws_kernels *kernels = ws_kernels_select(NULL);
    uint64_t stream[STREAMS];
    for (int s = 0; s < STREAMS; s++) {
        char name[32];
        snprintf(name, sizeof name, "input:x%d", s);
        stream[s] = ws_hash64(name);
    }
    for (uint64_t address = 0;; address += WS_BLOCK) {
        for (uint64_t s = 0; s < STREAMS; s++) {
            uint64_t group = groups ? s << 16 : 0, seed = inputs || groups ? 1 : 1 + s;
            kernels->philox(block[s], seed, stream[inputs ? s : 0], (group << 16) + address);
        }
        if (!inputs) {
            if (fwrite(block, sizeof block, 1, stdout) != 1)
                return 0;
            continue;
        }
        for (size_t i = 0; i < WS_BLOCK; i++)
            for (int s = 0; s < STREAMS; s++)
                if (fwrite(&block[s][i], sizeof block[s][i], 1, stdout) != 1)
                    return 0;
    }
}
