// SPDX-License-Identifier: GPL-3.0-or-later
// Words, draws, moments and bins of every instruction set, against plain C written from the headers' definitions.
#include "numeric/kernels.h"

#include "tap.h"

static const struct ws_kernels *kernels; // of the instruction set under test

static uint64_t random_state = 3;

// splitmix64
static uint64_t random_bits(void) {
    uint64_t z = random_state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}
static size_t below(size_t n) { return (size_t)(random_bits() % n); }
static double uniform(void) { return (double)(random_bits() >> 11) * 0x1p-53; }

static int same_bits(double a, double b) { return memcmp(&a, &b, sizeof a) == 0; }

// ---- words ----

// Random123's known answers (kat_vectors).
static void test_known_answers(void) {
    static const struct {
        uint32_t counter[4], key[2], wanted[4];
    } known[] = {
        {{0}, {0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX},
         {UINT32_MAX, UINT32_MAX},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        uint32_t words[4];
        memcpy(words, known[i].counter, sizeof words);
        ws_philox4x32_10(words, known[i].key);
        CHECK(memcmp(words, known[i].wanted, sizeof words) == 0);
    }
}

static int is_tail(uint32_t word) { return word < WS_TAIL_CELLS || word >= UINT32_MAX - WS_TAIL_CELLS + 1; }

static void check_block(uint64_t seed, uint64_t stream, uint64_t first) {
    _Alignas(64) uint32_t words[WS_BLOCK];
    int tail = kernels->philox(words, seed, stream, first), wanted_tail = 0, same = 1;
    for (uint64_t i = 0; i < WS_BLOCK; i++) {
        uint64_t q = 4 * ((first + i) / 16) + (first + i) % 8 / 2;
        uint32_t counter[4] = {(uint32_t)q, (uint32_t)(q >> 32), (uint32_t)stream, (uint32_t)(stream >> 32)};
        ws_philox4x32_10(counter, (const uint32_t[]){(uint32_t)seed, (uint32_t)(seed >> 32)});
        same &= words[i] == counter[2 * ((first + i) % 16 / 8) + i % 2];
        same &= words[i] == ws_philox_word(seed, stream, first + i);
        wanted_tail |= is_tail(words[i]);
    }
    CHECK(same);
    CHECK_INT(!!tail, wanted_tail);
    CHECK_INT(!!kernels->has_tail(words), wanted_tail);
}

static void test_addresses(void) {
    check_block(0, 0, 0);
    check_block(UINT64_MAX, UINT64_MAX, UINT64_MAX - WS_BLOCK + 1);
    check_block(1, 2, UINT64_C(4) * UINT32_MAX + 4 - WS_BLOCK); // around a carry into the counter's second word
    check_block(1, 2, UINT64_C(4) * UINT32_MAX + 4);
    for (int i = 0; i < 20000; i++) // about 5 with a word in a tail
        check_block(random_bits(), random_bits(), random_bits() / WS_BLOCK * WS_BLOCK);
}

// Draws anywhere: the words that they have in their blocks.
static void test_any_addresses(void) {
    uint64_t addresses[WS_BLOCK], seed = random_bits(), stream = random_bits();
    uint32_t words[WS_BLOCK] __attribute__((aligned(64)));
    size_t different = 0;
    for (uint64_t i = 0; i < WS_BLOCK; i++)
        addresses[i] = i == 0 ? UINT64_MAX : i % 2 ? random_bits() >> i % 64 : i;
    int tail = kernels->philox_at(words, seed, stream, addresses);
    CHECK_INT(!!tail, !!kernels->has_tail(words));
    for (size_t i = 0; i < WS_BLOCK; i++)
        different += words[i] != ws_philox_word(seed, stream, addresses[i]);
    CHECK_INT(different, 0);
}

static void test_tail_edges(void) {
    static const uint32_t edges[] = {0,         WS_TAIL_CELLS - 1,          WS_TAIL_CELLS,
                                     INT32_MAX, UINT32_MAX - WS_TAIL_CELLS, UINT32_MAX - WS_TAIL_CELLS + 1,
                                     UINT32_MAX};
    _Alignas(64) uint32_t words[WS_BLOCK];
    for (size_t e = 0; e < sizeof edges / sizeof *edges; e++)
        for (size_t i = 0; i < WS_BLOCK; i += 37) {
            for (size_t k = 0; k < WS_BLOCK; k++)
                words[k] = UINT32_MAX / 3;
            words[i] = edges[e];
            CHECK_INT(!!kernels->has_tail(words), is_tail(edges[e]));
        }
}

// ---- draws ----

enum { MOST_ROWS = 2 * WS_TABLE_OCTAVES << 8, MOST_STEPS = 5000, MOST_BEYOND = 20 * 64 };
static _Alignas(64) double rows[2 * MOST_ROWS][4];
static double break_at[MOST_ROWS], piece_end[MOST_ROWS], values[MOST_STEPS], thresholds[MOST_STEPS];
static uint32_t break_row[MOST_ROWS];

// Coefficients at random: any mistake in row or place shows.
static struct ws_table random_pieces(int kind, unsigned log2_segments) {
    size_t n = (size_t)2 * WS_TABLE_OCTAVES << log2_segments, more = n < MOST_BEYOND ? MOST_BEYOND : n;
    for (size_t r = 0; r < n + more; r++)
        for (int k = 0; k < 4; k++)
            rows[r][k] = uniform() - 0.5;
    for (size_t r = 0; r < n; r++) {
        break_at[r] = below(3) ? 2 : uniform() / (double)(1u << log2_segments);
        break_row[r] = (uint32_t)below(n);
    }
    return (struct ws_table){.kind = kind,
                             .log2_segments = log2_segments,
                             .rows = (const double(*)[4])rows,
                             .break_at = break_at,
                             .break_row = break_row,
                             .beyond = (const double(*)[4])(rows + n)};
}

// Ends of the 4 pieces beyond a break, equally wide, or of 64 that become narrower towards a place between; the last
// goes on to its segment's end.
static void place_pieces(double *end, size_t n, double from, double to) {
    for (size_t p = 0; p + 1 < n; p++)
        end[p] = n < 10 ? from + (to - from) * (double)p / (double)(n - 1)
                        : from + (to - from) * (p < n / 2 ? 0.4 - ldexp(0.4, -(int)p) : 0.4 + ldexp(0.6, (int)(p - n)));
    end[n - 1] = 2;
}

// Breaks in n rows alone, half of them in the octaves of most draws, and where asked for each with so many pieces.
static struct ws_table few_breaks(unsigned log2_segments, size_t n, size_t pieces) {
    struct ws_table table = random_pieces(WS_TABLE_BROKEN, log2_segments);
    size_t n_rows = (size_t)2 * WS_TABLE_OCTAVES << log2_segments, each = pieces ? pieces : 1;
    double segment = 1 / (double)(1u << log2_segments);
    for (size_t r = 0; r < n_rows; r++)
        break_at[r] = 2;
    for (size_t k = 0; k < n; k++) {
        size_t octave = below(2) ? WS_TABLE_OCTAVES - 1 - below(3) : below(WS_TABLE_OCTAVES);
        size_t row = ((below(2) * WS_TABLE_OCTAVES + octave) << log2_segments) + below((uint64_t)1 << log2_segments);
        // Places between draws and places of draws.
        break_at[row] = below(2) ? segment * uniform() : ldexp(floor(segment * uniform() * 0x1p20) + 0.5, -20);
        break_row[row] = (uint32_t)(each * k);
        place_pieces(piece_end + each * k, each, break_at[row], segment);
    }
    table.piece_end = pieces ? piece_end : NULL;
    table.n_beyond = each * n;
    return table;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static struct ws_table random_steps(size_t n) {
    for (size_t k = 0; k < n; k++) {
        values[k] = uniform();
        thresholds[k] = ((double)k + 1) / (double)n; // some fall on the grid of u + 2^-33, and some on its points
    }
    if (n > 2)
        thresholds[1] = thresholds[0]; // a step of no width is never drawn
    return (struct ws_table){.kind = WS_TABLE_STEPS, .n_steps = n, .values = values, .thresholds = thresholds};
}

static uint32_t pieces_at(const struct ws_table *table, uint32_t row, double s) {
    while (table->piece_end && table->piece_end[row] <= s)
        row++;
    return row;
}

static double piece(const struct ws_table *table, double v, int upper) {
    int octave = WS_TABLE_OCTAVES + ilogb(v) + 1,
        segments = 1 << table->log2_segments; // [1/4, 1/2): WS_TABLE_OCTAVES - 1
    double fraction = ldexp(v, -ilogb(v)) - 1;
    int segment = (int)(fraction * segments);
    double s = fraction - (double)segment / segments;
    int row = ((upper * WS_TABLE_OCTAVES + octave) << table->log2_segments) + segment;
    const double *c = table->rows[row];
    if (table->kind == WS_TABLE_BROKEN && s >= table->break_at[row])
        c = table->beyond[pieces_at(table, table->break_row[row], s)];
    return ((c[3] * s + c[2]) * s + c[1]) * s + c[0];
}

static double step(const struct ws_table *table, double u) {
    size_t k = 0;
    while (k < table->n_steps - 1 && table->thresholds[k] <= u)
        k++;
    return table->values[k];
}

static double expected(const struct ws_table *table, uint32_t word) {
    double u = (word + 0.5) * 0x1p-32;
    switch (table->kind) {
    case WS_TABLE_CONSTANT:
        return table->constant;
    case WS_TABLE_STEPS:
        return step(table, u);
    default:
        return u < 0.5 ? piece(table, u, 0) : piece(table, 1 - u, 1);
    }
}

// Thresholds of every magnitude at both ends, many of them in one cell.
static struct ws_table crowded_steps(size_t n) {
    struct ws_table table = random_steps(n);
    for (size_t k = 0; k + 1 < n; k++) {
        double away = ldexp(1, (int)(k % (n / 2 + 1) % 50) - 51);
        thresholds[k] = k < n / 2 ? away : 1 - away;
    }
    qsort(thresholds, n - 1, sizeof *thresholds, by_value);
    return table;
}

// Words of every magnitude on both sides, and their neighbours of few and of all bits set.
static void fill_words(uint32_t *words) {
    for (size_t i = 0; i < WS_BLOCK; i++) {
        uint32_t word = (uint32_t)random_bits() >> below(32);
        if (below(4) == 0)
            word = (uint32_t)((UINT64_C(1) << below(33)) - below(2));
        words[i] = below(2) ? word : ~word;
    }
}

// A word near the break of one of the rows that have one.
static uint32_t near_break(const struct ws_table *table) {
    size_t per_side = (size_t)WS_TABLE_OCTAVES << table->log2_segments, row = below(2 * per_side);
    for (size_t tries = 0; break_at[row] >= 2 && tries < 2 * per_side; tries++)
        row = (row + 1) % (2 * per_side);
    int octave = (int)((row >> table->log2_segments) % WS_TABLE_OCTAVES);
    double segment = 1 / (double)(1u << table->log2_segments), at = (double)(row & ((1u << table->log2_segments) - 1));
    size_t piece = break_row[row] + below(3);
    double s = table->piece_end && piece < table->n_beyond && table->piece_end[piece] < 2
                   ? table->piece_end[piece]
                   : fmin(break_at[row], segment);
    uint32_t cell = (uint32_t)ldexp(1 + at * segment + s, octave - WS_TABLE_OCTAVES - 1 + 32) + (uint32_t)below(3) - 1;
    cell = cell > INT32_MAX ? INT32_MAX : cell;
    return row >= per_side ? ~cell : cell;
}

static void check_drawn(const struct ws_table *table) {
    _Alignas(64) uint32_t words[WS_BLOCK];
    _Alignas(64) double x[WS_BLOCK];
    fill_words(words);
    // The words to either side of what the index knows.
    for (size_t i = 0; i < WS_BLOCK && table->n_breaks > 0; i += 3) {
        const struct ws_table_break *at = &table->breaks[below(table->n_breaks)];
        words[i] = at->first + (below(2) ? at->width : 0) + (uint32_t)below(3) - 1;
    }
    for (size_t i = 1; i < WS_BLOCK && table->tree; i += 3)
        words[i] = near_break(table);
    kernels->draw(table, words, x);
    for (size_t i = 0; i < WS_BLOCK; i++) {
        int upper = words[i] > INT32_MAX;
        double u = (words[i] + 0.5) * 0x1p-32, at = ws_table_at(table, upper ? 1 - u : u, upper);
        CHECK(same_bits(x[i], expected(table, words[i])));
        CHECK(same_bits(x[i], at));
    }
}

// One table for all labels: whichever draws have which, all come out as they do together.
static void check_drawn_where(const struct ws_table *table) {
    _Alignas(64) uint32_t words[WS_BLOCK];
    _Alignas(64) double x[WS_BLOCK], y[WS_BLOCK], label[WS_BLOCK];
    fill_words(words);
    for (uint64_t labels = 1; labels < 10; labels++) {
        for (size_t i = 0; i < WS_BLOCK; i++)
            label[i] = (double)(labels < 5 ? below(labels) : below(100) < 96 ? 1 : 0);
        kernels->draw(table, words, x);
        // Where nearly all have one label, all are drawn, and the others come out the same.
        for (int wanted = 0; wanted < 4; wanted++)
            kernels->draw_where(table, words, label, wanted, y);
        for (size_t i = 0; i < WS_BLOCK; i++)
            CHECK(same_bits(x[i], y[i]));
    }
}

// Several blocks of two tables in any order, from few draws at marks to nothing else: all are as draw() has them once
// the last is finished.
static void check_drawn_late(const struct ws_table *table) {
    enum { BLOCKS = 40, NEAR = 32 };
    static _Alignas(64) uint32_t words[BLOCKS][WS_BLOCK];
    uint32_t near[NEAR];
    static _Alignas(64) double x[BLOCKS][WS_BLOCK], y[WS_BLOCK];
    static struct ws_late late;
    const struct ws_table other = *table, *of[BLOCKS];
    for (size_t i = 0; i < NEAR && table->tree; i++)
        near[i] = near_break(table);
    for (uint64_t every = 1; every < 600; every *= 23) {
        for (size_t b = 0; b < BLOCKS; b++) {
            of[b] = b > 0 && below(20) ? of[b - 1] : below(2) ? table : &other;
            fill_words(words[b]);
            for (size_t i = below(every); i < WS_BLOCK && table->tree; i += every)
                words[b][i] = near[below(NEAR)];
            kernels->draw_late(of[b], words[b], x[b], &late);
        }
        kernels->finish(&late);
        kernels->finish(&late); // of nothing
        for (size_t b = 0; b < BLOCKS; b++) {
            kernels->draw(of[b], words[b], y);
            for (size_t i = 0; i < WS_BLOCK; i++)
                CHECK(same_bits(x[b][i], y[i]));
        }
    }
}

static void check_draws(struct ws_table table, size_t n_blocks) {
    CHECK_INT(ws_table_index(&table), 0);
    for (size_t i = 0; i < n_blocks; i++)
        check_drawn(&table);
    check_drawn_where(&table);
    check_drawn_late(&table);
    ws_table_unindex(&table);
}

static void test_draws(void) {
    for (unsigned log2_segments = 0; log2_segments <= 8; log2_segments++) {
        struct ws_table smooth = random_pieces(WS_TABLE_SMOOTH, log2_segments), broken = smooth;
        broken.kind = WS_TABLE_BROKEN;
        check_draws(smooth, 50);
        check_draws(broken, 50);
        for (size_t n = 0; n <= 20; n += 4) {
            check_draws(few_breaks(log2_segments, n, 0), 10);
            check_draws(few_breaks(log2_segments, n, 5), 10);
            check_draws(few_breaks(log2_segments, n, 64), 4);
        }
    }
    static const size_t steps[] = {1, 2, 3, 5, 6, 7, 8, 15, 16, 17, 18, 31, 64, 1000, 1024, 4096, 4097, MOST_STEPS};
    for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
        check_draws(random_steps(steps[k]), 20);
        check_draws(crowded_steps(steps[k]), 20);
    }
    check_draws((struct ws_table){.kind = WS_TABLE_CONSTANT, .constant = 0.1}, 1);
}

// Single points go deeper into the tails than words do, and to the middle.
static void test_table_at(void) {
    struct ws_table table = random_pieces(WS_TABLE_BROKEN, 5);
    for (int i = 0; i < 100000; i++) {
        double v = ldexp(1 + uniform(), -2 - (int)below(53));
        int upper = (int)below(2);
        CHECK(same_bits(ws_table_at(&table, v, upper), piece(&table, v, upper)));
    }
    CHECK(same_bits(ws_table_at(&table, 0x1p-60, 1), piece(&table, 0x1p-54, 1)));
    struct ws_table line =
        random_pieces(WS_TABLE_SMOOTH, 0); // ends of segments meet at the median: x = c0 + c1 + c2 + c3
    CHECK_REL(ws_table_at(&line, 0.5, 0), ws_table_at(&line, nextafter(0.5, 0), 0), 1e-12);
    struct ws_table steps = random_steps(4); // thresholds 1/4, 1/4, 3/4
    CHECK(same_bits(ws_table_at(&steps, 0.25, 0), values[2]));
    CHECK(same_bits(ws_table_at(&steps, nextafter(0.25, 0), 0), values[0]));
    CHECK(same_bits(ws_table_at(&steps, 0.25, 1), values[3]));
    CHECK(same_bits(ws_table_at(&steps, nextafter(0.25, 1), 1), values[2]));
    CHECK(same_bits(ws_table_at(&steps, 0x1p-54, 1), values[3]));
}

// ---- words of normal scores ----

static struct ws_score_table scores;

// In cells of 2^-32 above the lower end of its cell, by the table.
static double cells_of(double z) {
    int row = (int)(z * WS_SCORE_STEPS);
    const double *c = scores.rows[row], s = z - (row + 0.5) / WS_SCORE_STEPS;
    return ((c[3] * s + c[2]) * s + c[1]) * s + c[0];
}

static void test_score_table(void) {
    // Phi(-z), by mpmath; rounding z / sqrt(2) costs z^2 units in the last place
    static const double known[][2] = {{0, 0.5},
                                      {0.001, 0.49960105778608893742},
                                      {1, 0.15865525393145705141},
                                      {2.5, 0.0062096653257761351669},
                                      {4.8749, 5.4431793702123008878e-7},
                                      {5, 2.8665157187919391167e-7},
                                      {8.125, 2.2368120644441050467e-16},
                                      {37, 5.7255712225245768227e-300}};
    double worst = 0;
    for (double z = 0; z < WS_TAIL_SCORE; z += 0x1p-14) // libm's erfc is good to some 1e-16, 1e-6 cells
        worst = fmax(worst, fabs(cells_of(z) + 0.5 - 0x1p31 * erfc(z * M_SQRT1_2)));
    printf("# worst error: %g cells\n", worst);
    CHECK(worst < 0.003);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        CHECK_REL(ws_score_tail(known[i][0]), known[i][1], 5e-16 * (4 + known[i][0] * known[i][0]));
        CHECK_REL(ws_score_tail(-known[i][0]), known[i][1], 5e-16 * (4 + known[i][0] * known[i][0]));
        if (known[i][0] < WS_TAIL_SCORE)
            CHECK_ABS((cells_of(known[i][0]) + 0.5) * 0x1p-32, known[i][1], 7e-13);
    }
    CHECK(ws_score_tail(WS_TAIL_SCORE) * 0x1p32 > WS_TAIL_CELLS + 1); // nothing inside of it wants a second word
    CHECK_INT(ws_score_word(0), UINT32_MAX / 2 + 1);
    CHECK_INT(ws_score_word(-0x1p-60), UINT32_MAX / 2);
    CHECK_INT(ws_score_word(-40), 0);
    CHECK_INT(ws_score_word(40), UINT32_MAX);
}

static uint32_t expected_word(double z) {
    double cell = fmin(rint(cells_of(fabs(z))), 0x1p31 - 1);
    return signbit(z) ? (uint32_t)cell : ~(uint32_t)cell;
}

static double random_score(void) {
    double z = below(2) ? 4 * uniform() : ldexp(uniform(), 2 - (int)below(60));
    if (below(4) == 0) // ends of segments and their neighbours
        z = nextafter((double)below(WS_SCORE_ROWS) / WS_SCORE_STEPS, (double)below(3) - 1);
    z = below(2) ? fabs(z) : -fabs(z);
    return z;
}

static void test_scores(void) {
    _Alignas(64) double z[WS_BLOCK];
    _Alignas(64) uint32_t words[WS_BLOCK];
    size_t next_cell = 0;
    for (int round = 0; round < 400; round++) {
        int with_tail = round % 4 == 0;
        for (size_t i = 0; i < WS_BLOCK; i++)
            z[i] = random_score();
        if (with_tail)
            z[below(WS_BLOCK)] = round % 8 ? WS_TAIL_SCORE : -ldexp(WS_TAIL_SCORE, round / 80);
        CHECK_INT(!!kernels->words_of_scores(&scores, z, words), with_tail);
        for (size_t i = 0; i < WS_BLOCK; i++) {
            if (fabs(z[i]) >= WS_TAIL_SCORE)
                continue;
            int64_t beside = (int64_t)words[i] - (int64_t)ws_score_word(z[i]);
            CHECK(words[i] == expected_word(z[i]));
            CHECK(beside >= -1 && beside <= 1);
            next_cell += beside != 0;
        }
    }
    CHECK(next_cell < 400 * WS_BLOCK / 500);
}

// ---- rows for tallies ----

static void fill_row(double *x, int with_specials) {
    static const double specials[] = {NAN, INFINITY, -INFINITY, 0, -0.0, 0x1p-1074, 1e308, -1e308};
    for (size_t i = 0; i < WS_BLOCK; i++) {
        x[i] = ldexp(1 + uniform(), (int)below(12) - 6);
        if (with_specials && below(3) == 0)
            x[i] = below(2) ? -x[i] : specials[below(sizeof specials / sizeof *specials)];
    }
}

static size_t random_count(void) { return below(2) ? WS_BLOCK : below(WS_BLOCK + 1); }

// ---- moments ----

static void add_expected(struct ws_moment_lanes *lanes, const double *x, size_t n, double pivot, double scale,
                         size_t *first_invalid) {
    double sum[4][WS_LANES] = {{0}};
    int found = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(x[i])) {
            lanes->invalid++;
            if (!found++)
                *first_invalid = i;
            continue;
        }
        double d = (x[i] - pivot) * scale, d2 = d * d;
        sum[0][i % WS_LANES] += d;
        sum[1][i % WS_LANES] += d2;
        sum[2][i % WS_LANES] += d2 * d;
        sum[3][i % WS_LANES] += d2 * d2;
        lanes->minimum = fmin(lanes->minimum, x[i]) + 0.0;
        lanes->maximum = fmax(lanes->maximum, x[i]) + 0.0;
        lanes->count++;
    }
    for (int k = 0; k < 4; k++)
        for (int lane = 0; lane < WS_LANES; lane++)
            lanes->sum[k][lane] += sum[k][lane];
}

static int same_lanes(const struct ws_moment_lanes *a, const struct ws_moment_lanes *b) {
    int same = a->count == b->count && a->invalid == b->invalid && same_bits(a->minimum, b->minimum) &&
               same_bits(a->maximum, b->maximum);
    for (int k = 0; k < 4; k++)
        for (int lane = 0; lane < WS_LANES; lane++) // inf - inf, where powers overflow
            same &= same_bits(a->sum[k][lane], b->sum[k][lane]) || (isnan(a->sum[k][lane]) && isnan(b->sum[k][lane]));
    return same;
}

static void test_moments(void) {
    _Alignas(64) double x[WS_BLOCK];
    for (int round = 0; round < 500; round++) {
        struct ws_moment_lanes found = {.minimum = INFINITY, .maximum = -INFINITY}, wanted = found;
        double pivot = ldexp(uniform(), (int)below(8)), scale = ldexp(1, (int)below(9) - 4);
        for (int block = 0; block < 5; block++) {
            size_t n = random_count(), first_found = 999, first_wanted = 999;
            fill_row(x, round % 2);
            kernels->moments(&found, x, n, pivot, scale, &first_found);
            add_expected(&wanted, x, n, pivot, scale, &first_wanted);
            CHECK_INT(first_found, first_wanted);
        }
        CHECK(same_lanes(&found, &wanted));
    }
}

// ---- bins ----

static uint32_t index_of(const struct ws_bin_window *window, double label, double x) {
    double d = x - window->origin;
    int exponent;
    if (!isfinite(d) || d == 0 || (d < 0 && !window->both_signs))
        return window->stray;
    double mantissa = frexp(fabs(d), &exponent); // biased exponent: 1022 more; subnormal numbers are below every window
    if (exponent + 1022 < (int)window->first || exponent + 1022 >= (int)(window->first + window->octaves))
        return window->stray;
    uint32_t octave = (uint32_t)(exponent + 1022) - window->first + (d < 0 ? window->octaves : 0);
    return (uint32_t)label * window->cells + octave * WS_BINS_PER_OCTAVE +
           (uint32_t)((2 * mantissa - 1) * WS_BINS_PER_OCTAVE);
}

// Labels of as many alternatives, or NULL for one.
static const double *fill_labels(double *label, size_t alternatives) {
    for (size_t i = 0; i < WS_BLOCK; i++)
        label[i] = (double)below(alternatives);
    return alternatives > 1 ? label : NULL;
}

static void test_bins(void) {
    enum { MOST = 2 * 2046 * WS_BINS_PER_OCTAVE + 1 };
    static uint32_t found[MOST], wanted[MOST];
    static const uint32_t spans[][2] = {{1015, 16}, {1023, 1}, {1, 2046}, {1020, 5}};
    _Alignas(64) double x[WS_BLOCK], labels[WS_BLOCK];
    _Alignas(64) uint32_t index[WS_BLOCK], located[WS_BLOCK];
    for (int round = 0; round < 400; round++) {
        const uint32_t *span = spans[round / 2 % 4], alternatives = span[1] > 16 ? 1 : 1 + (uint32_t)below(3);
        uint32_t cells = span[1] * WS_BINS_PER_OCTAVE << round % 2, stray = cells * alternatives;
        struct ws_bin_window window = {below(2) ? 0 : 1.5, span[0], span[1], round % 2, cells, stray, found};
        const double *label = fill_labels(labels, alternatives);
        size_t n = random_count(), strays_before = found[stray] = wanted[stray] = (uint32_t)below(10);
        memset(found, 0, stray * sizeof *found);
        memset(wanted, 0, stray * sizeof *wanted);
        fill_row(x, round / 8 % 2);
        if (below(4) == 0)
            x[below(WS_BLOCK)] = window.origin;
        size_t strays = kernels->bin(&window, label, x, n, index);
        kernels->locate(&window, label, x, n, located);
        for (size_t i = 0; i < n; i++) {
            CHECK_INT(index[i], index_of(&window, labels[i], x[i]));
            wanted[index[i]]++;
        }
        for (size_t i = 0; i < WS_BLOCK; i++) {
            CHECK_INT(located[i], index[i]);
            CHECK(i < n || index[i] == stray);
        }
        CHECK(memcmp(found, wanted, (stray + 1) * sizeof *found) == 0);
        CHECK_INT(strays, wanted[stray] - strays_before);
    }
}

// In one pass the same as one after the other, which the tests above hold.
static void test_tally(void) {
    static uint32_t found[3 * 4096 + 1], wanted[3 * 4096 + 1];
    _Alignas(64) double x[WS_BLOCK], labels[WS_BLOCK];
    _Alignas(64) uint32_t index[WS_BLOCK], same_index[WS_BLOCK];
    for (int round = 0; round < 400; round++) {
        uint32_t cells = 2 * WS_BINS_PER_OCTAVE << round % 2, alternatives = 1 + (uint32_t)below(3),
                 stray = alternatives * cells;
        struct ws_bin_window window = {below(2) ? 0 : 1.5, 1022, 2, round % 2, cells, stray, found}, other = window;
        const double *label = fill_labels(labels, alternatives);
        struct ws_moment_lanes lanes = {.minimum = INFINITY, .maximum = -INFINITY}, same = lanes;
        size_t n = random_count(), first_found = 999, first_wanted = 999;
        other.counts = wanted;
        memset(found, 0, sizeof found);
        memset(wanted, 0, sizeof wanted);
        fill_row(x, round / 2 % 2);
        size_t strays = kernels->tally(&lanes, &window, label, x, n, 1, 0.5, &first_found, index);
        kernels->moments(&same, x, n, 1, 0.5, &first_wanted);
        CHECK_INT(strays, kernels->bin(&other, label, x, n, same_index));
        CHECK(memcmp(index, same_index, n * sizeof *index) == 0);
        CHECK_INT(first_found, first_wanted);
        CHECK(same_lanes(&lanes, &same));
        CHECK(memcmp(found, wanted, sizeof found) == 0);
    }
}

// ---- weights ----

// Draw by draw; lanes as they are, and sums of weights and squares by index.
static void add_weighted(struct ws_weighted_lanes *lanes, const double *x, const double *weight, size_t n,
                         const uint32_t *index, int64_t *sums, size_t *first_invalid) {
    uint64_t invalid = 0;
    for (size_t i = 0; i < n; i++) {
        const double w = ldexp(weight[i], -28);
        double d = (x[i] - 1) * 0.5, term = w * d;
        sums[2 * index[i]] += (int64_t)weight[i];
        sums[2 * index[i] + 1] += (int64_t)floor(weight[i] * weight[i] * 0x1p-28 + 0.5);
        if (w > 0 && !isfinite(x[i]) && invalid++ == 0)
            *first_invalid = i;
        if (w == 0 || !isfinite(x[i]))
            continue;
        for (int k = 0; k < 4; k++, term *= d) {
            lanes->sum[k][i % WS_LANES] += term;
            lanes->square[k][i % WS_LANES] += term * w;
        }
        lanes->minimum = fmin(lanes->minimum, x[i]);
        lanes->maximum = fmax(lanes->maximum, x[i]);
        lanes->count++;
    }
    lanes->invalid += invalid;
}

static int same_weighted(const struct ws_weighted_lanes *a, const struct ws_weighted_lanes *b) {
    return memcmp(a->sum, b->sum, sizeof a->sum) == 0 && memcmp(a->square, b->square, sizeof a->square) == 0 &&
           a->minimum == b->minimum && a->maximum == b->maximum && a->count == b->count && a->invalid == b->invalid;
}

// Rows with and without invalid draws, of which some, or hardly any, have a weight; weights of 1 in every other round.
static void test_weighted_tally(void) {
    enum { CELLS = 50 };
    _Alignas(64) double x[WS_BLOCK], weight[WS_BLOCK];
    _Alignas(64) uint32_t index[WS_BLOCK];
    for (int round = 0; round < 400; round++) {
        struct ws_weighted_lanes found = {.minimum = INFINITY, .maximum = -INFINITY}, wanted = found;
        _Alignas(16) int64_t sums[2 * CELLS] = {0}, wanted_sums[2 * CELLS] = {0};
        for (int block = 0; block < 3; block++) {
            const size_t n = random_count(), one_in = 1 + below(9), units = (size_t)round % 2;
            size_t first_found = 999, first_wanted = 999;
            fill_row(x, round / 2 % 2);
            for (size_t i = 0; i < WS_BLOCK; i++) {
                weight[i] = i >= n || below(one_in) ? 0 : units ? 0x1p28 : floor(ldexp(uniform(), (int)below(41)));
                index[i] = (uint32_t)below(CELLS);
            }
            add_weighted(&wanted, x, weight, n, index, wanted_sums, &first_wanted);
            kernels->weighted_tally(&found, x, weight, n, (int)units, 1, 0.5, index, units ? NULL : sums, &first_found);
            CHECK_INT(first_found, first_wanted);
        }
        CHECK(same_weighted(&found, &wanted));
        CHECK(round % 2 || memcmp(sums, wanted_sums, sizeof sums) == 0);
    }
}

// ---- splits ----

static void test_pack(void) {
    _Alignas(64) double x[WS_BLOCK], label[WS_BLOCK], found[WS_BLOCK], wanted[WS_BLOCK];
    for (int round = 0; round < 200; round++) {
        size_t n = random_count(), count = 0, labels = 1 + below(4);
        for (size_t i = 0; i < WS_BLOCK; i++) {
            x[i] = uniform();
            label[i] = (double)below(labels);
            if (i < n && label[i] == 0)
                wanted[count++] = x[i];
        }
        CHECK_INT(kernels->pack(x, label, 0, n, found), count);
        CHECK(memcmp(found, wanted, count * sizeof *wanted) == 0);
        uint16_t places[WS_BLOCK + WS_LANES] = {0};
        for (size_t i = 0; i < n; i++)
            wanted[i] = x[places[i] = (uint16_t)below(WS_BLOCK)];
        kernels->take(x, places, n, found);
        CHECK(memcmp(found, wanted, n * sizeof *wanted) == 0);
    }
}

// ---- dispatch ----

static void test_select(void) {
    CHECK_STR(ws_kernels_select("baseline")->isa, "baseline");
    CHECK(ws_kernels_select("mmx") == NULL);
    setenv("WATTSPAN_ISA", "baseline", 1);
    CHECK(ws_kernels_select(NULL) == ws_kernels_select("baseline"));
    setenv("WATTSPAN_ISA", "mmx", 1);
    CHECK(ws_kernels_select(NULL) == NULL);
    CHECK(ws_kernels_select("baseline") != NULL); // a name that is given counts more
    unsetenv("WATTSPAN_ISA");
    const struct ws_kernels *all[WS_MOST_ISAS];
    size_t n = ws_kernels_all(all);
    CHECK(ws_kernels_select(NULL) == all[0]);
    for (size_t k = 0; k < n; k++)
        CHECK(ws_kernels_select(all[k]->isa) == all[k]);
    CHECK_STR(all[n - 1]->isa, "baseline");
}

int main(void) {
    RUN(test_known_answers);
    RUN(test_select);
    RUN(test_table_at);
    ws_score_table_init(&scores);
    RUN(test_score_table);
    const struct ws_kernels *all[WS_MOST_ISAS];
    for (size_t n = ws_kernels_all(all); n-- > 0;) {
        kernels = all[n];
        printf("# %s\n", kernels->isa);
        random_state = 3;
        RUN(test_addresses);
        RUN(test_any_addresses);
        RUN(test_tail_edges);
        RUN(test_draws);
        RUN(test_scores);
        RUN(test_moments);
        RUN(test_bins);
        RUN(test_tally);
        RUN(test_weighted_tally);
        RUN(test_pack);
    }
    return tap_done();
}
