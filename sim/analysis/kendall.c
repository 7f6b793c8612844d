// SPDX-License-Identifier: GPL-3.0-or-later
// Kendall's tau-b of a sample in n log n: W. R. Knight 1966, "A computer method for calculating Kendall's tau with
// ungrouped data", J. Amer. Statist. Assoc. 61. Sorted by x, the exchanges that sort y are the discordant pairs.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/dependence.h"

struct pair {
    double x, y;
};

static int by_both(const void *a, const void *b) {
    const struct pair *p = a, *q = b;
    return p->x != q->x ? (p->x > q->x) - (p->x < q->x) : (p->y > q->y) - (p->y < q->y);
}

// Pairs that are equal in x, in y, or in both, where equal ones are neighbours.
static double count_ties(const struct pair *pairs, size_t n, int in_x, int in_y) {
    double ties = 0, run = 1;
    for (size_t i = 1; i <= n; i++) {
        int same = i < n && (!in_x || pairs[i].x == pairs[i - 1].x) && (!in_y || pairs[i].y == pairs[i - 1].y);
        if (same) {
            run++;
            continue;
        }
        ties += run * (run - 1) / 2;
        run = 1;
    }
    return ties;
}

// Sorts y by merging and returns the exchanges of neighbours that it takes.
static double sort_by_y(struct pair *pairs, struct pair *work, size_t n) {
    if (n < 2)
        return 0;
    size_t half = n / 2, i = 0, j = half;
    double exchanges = sort_by_y(pairs, work, half) + sort_by_y(pairs + half, work, n - half);
    for (size_t k = 0; k < n; k++) {
        int second = i == half || (j < n && pairs[j].y < pairs[i].y);
        exchanges += second ? (double)(half - i) : 0;
        work[k] = pairs[second ? j++ : i++];
    }
    memcpy(pairs, work, n * sizeof *pairs);
    return exchanges;
}

double ws_kendall(const double *x, const double *y, size_t n, struct ws_arena *arena) {
    struct ws_arena_mark mark = ws_arena_mark(arena);
    struct pair *pairs = WS_NEW_ARRAY(arena, struct pair, 2 * n + 1);
    for (size_t i = 0; i < n; i++)
        pairs[i] = (struct pair){x[i], y[i]};
    qsort(pairs, n, sizeof *pairs, by_both);
    double all = (double)n * ((double)n - 1) / 2, same_x = count_ties(pairs, n, 1, 0),
           same_both = count_ties(pairs, n, 1, 1), discordant = sort_by_y(pairs, pairs + n, n),
           same_y = count_ties(pairs, n, 0, 1);
    ws_arena_release(arena, mark);
    return (all - same_x - same_y + same_both - 2 * discordant) / sqrt((all - same_x) * (all - same_y));
}
