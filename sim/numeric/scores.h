// SPDX-License-Identifier: GPL-3.0-or-later
// Normal scores to words: Phi(-|z|) by a table, for ws_kernels.words_of_scores; by formula in the tails.
//
// Row i is of the scores |z| in [i, i + 1) / WS_SCORE_STEPS: a cubic in s, the distance of |z| from the middle,
//   2^32 Phi(-|z|) - 1/2 = ((c[3] s + c[2]) s + c[1]) s + c[0],
// which rounds to the cell that holds Phi(-|z|). The error of Phi is below 7e-13, 0.003 cells.
#ifndef WS_NUMERIC_SCORES_H
#define WS_NUMERIC_SCORES_H

#include <stdint.h>

enum { WS_SCORE_STEPS = 128, WS_SCORE_ROWS = 39 * WS_SCORE_STEPS / 8 };
// Scores from here on are in the tails: there Phi(-|z|) is 5.4e-7, some 2,300 cells, of which the outermost
// WS_TAIL_CELLS want more than a word.
#define WS_TAIL_SCORE ((double)WS_SCORE_ROWS / WS_SCORE_STEPS)

struct ws_score_table {
    double rows[WS_SCORE_ROWS][4] __attribute__((aligned(64)));
};

void ws_score_table_init(struct ws_score_table *table);
// Phi(-|z|), to full relative accuracy.
double ws_score_tail(double z);
// The word of a score: the cell of 2^-32 that holds Phi(z).
uint32_t ws_score_word(double z);

#endif
