// SPDX-License-Identifier: GPL-3.0-or-later
#include "numeric/scores.h"

#include <math.h>

#include "numeric/program.h"

// Taylor's series of Phi(-z) about the middle of the segment, whose derivatives are phi times Hermite polynomials. Of
// the quartic term, a s^4, what the Chebyshev polynomial of degree 4 leaves stays, a (r^2 s^2 - r^4 / 8) for |s| <= r
// (Lanczos's economisation).
static void fill_row(double row[4], double z) {
    const double r = 0.5 / WS_SCORE_STEPS, density = 0.39894228040143267794 * ws_exp(-0.5 * z * z),
                 quartic = (z * z - 3) * z * density / 24;
    row[0] = (ws_score_tail(z) - quartic * r * r * r * r / 8) * 0x1p32 - 0.5;
    row[1] = -density * 0x1p32;
    row[2] = (z * density / 2 + quartic * r * r) * 0x1p32;
    row[3] = (1 - z * z) * density / 6 * 0x1p32;
}

void ws_score_table_init(struct ws_score_table *table) {
    for (int i = 0; i < WS_SCORE_ROWS; i++)
        fill_row(table->rows[i], (i + 0.5) / WS_SCORE_STEPS);
}

double ws_score_tail(double z) { return 0.5 * ws_erfc(fabs(z) * 0.70710678118654752440); }

uint32_t ws_score_word(double z) {
    double scaled = ws_score_tail(z) * 0x1p32; // at most 2^31
    uint32_t cell = scaled < 0x1p31 ? (uint32_t)scaled : UINT32_MAX >> 1;
    return z < 0 ? cell : ~cell;
}
