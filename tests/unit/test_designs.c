// SPDX-License-Identifier: GPL-3.0-or-later
// The designs: published points, hash vectors, stratification before and after scrambling, addresses beyond 2^32.
#include "tap.h"

#include "sampler/cursor.h"

enum { DIMENSIONS = 10 };

// Streams that share no pattern with the dimensions.
static struct ws_cursor *make_cursor(const struct ws_directions *directions, const char *design, uint64_t points,
                                     struct ws_column columns[DIMENSIONS]) {
    struct ws_sampler sampler = {.kernels = ws_kernels_select(NULL),
                                 .design = ws_design_find(design),
                                 .directions = directions,
                                 .seed = 7,
                                 .points = points};
    ws_generator_find("philox4x32", &sampler.generator);
    for (size_t k = 0; k < DIMENSIONS; k++)
        columns[k] = (struct ws_column){0x9E3779B97F4A7C15u * (k + 1), k};
    return ws_cursor_create(&sampler, columns, DIMENSIONS);
}

// Words of points first .. first + count - 1 of a replicate; all multiples of WS_BLOCK.
static void take(struct ws_cursor *cursor, size_t k, uint64_t replicate, uint64_t first, uint64_t count,
                 uint32_t *words) {
    for (uint64_t point = first; point < first + count; point += WS_BLOCK) {
        ws_cursor_seek(cursor, point / WS_RUN);
        cursor->sampler.design->fill(cursor, k, replicate * WS_BLOCKS_PER_RUN + point % WS_RUN / WS_BLOCK);
        memcpy(words + (point - first), cursor->words, WS_BLOCK * sizeof *words);
    }
}

// ---- published numbers ----

// Joe & Kuo's D(6) numbers in Gray-code order: recomputed from the direction numbers; dimensions 1 and 2 equal the
// test table of SciPy.
static void test_joe_kuo(void) {
    static const double points[][DIMENSIONS] = {
        {.5, .5, .5, .5, .5, .5, .5, .5, .5, .5},
        {.75, .25, .25, .25, .75, .75, .25, .75, .75, .75},
        {.25, .75, .75, .75, .25, .25, .75, .25, .25, .25},
        {.375, .375, .625, .875, .375, .125, .375, .875, .875, .625},
        {.875, .875, .125, .375, .875, .625, .875, .375, .375, .125},
        {.625, .125, .875, .625, .625, .875, .125, .125, .125, .375},
        {.125, .625, .375, .125, .125, .375, .625, .625, .625, .875},
        {.1875, .3125, .9375, .4375, .5625, .3125, .4375, .9375, .9375, .3125},
        {.6875, .8125, .4375, .9375, .0625, .8125, .9375, .4375, .4375, .8125},
        {.9375, .0625, .6875, .1875, .3125, .5625, .1875, .1875, .1875, .5625},
    };
    static const double thousandth[DIMENSIONS] = {.2197265625,  .0966796875,  .5185546875, .6767578125, .2802734375,
                                                  .9072265625,  .0458984375,  .8994140625, .5009765625, .0693359375};
    static const double last[DIMENSIONS] = {9.5367431640625e-07, .9375143051147461, .7717370986938477,
                                            .4603452682495117,   .8660097122192383, .7929716110229492,
                                            .3297090530395508,   .8884820938110352, .7400369644165039,
                                            .41405391693115234};
    struct ws_directions *d = ws_directions_create(WS_SOBOL_DIMENSIONS);
    for (size_t k = 0; k < DIMENSIONS; k++) {
        CHECK(ws_sobol_point(d, k, 0) == 0);
        for (size_t n = 0; n < sizeof points / sizeof *points; n++)
            CHECK(ldexp((double)ws_sobol_point(d, k, n + 1), -64) == points[n][k]);
        CHECK(ldexp((double)ws_sobol_point(d, k, 1000), -64) == thousandth[k]);
        CHECK(ldexp((double)ws_sobol_point(d, k, (1 << 20) - 1), -64) == last[k]);
    }
    for (size_t k = 0; k < WS_SOBOL_DIMENSIONS; k++) {
        double mean = 0;
        for (uint64_t n = 0; n < 1024; n++)
            mean += ldexp((double)ws_sobol_point(d, k, n), -64) / 1024;
        CHECK(mean == 0.49951171875); // 0, 1/1024, ... 1023/1024, each once
    }
    ws_directions_destroy(d);
}

// The digits of a direction number stand below the leading one: all dimensions and all 64 digits.
static void test_directions_are_triangular(void) {
    struct ws_directions *d = ws_directions_create(WS_SOBOL_DIMENSIONS);
    for (size_t k = 0; k < WS_SOBOL_DIMENSIONS; k++)
        for (int digit = 0; digit < 64; digit++)
            CHECK(__builtin_ctzll(d->word[k][digit]) == 63 - digit);
    // Two dimensions are never the same sequence.
    size_t alike = 0;
    for (size_t k = 1; k < WS_SOBOL_DIMENSIONS; k++)
        for (size_t j = 0; j < k; j++)
            alike += memcmp(d->word[k], d->word[j], sizeof d->word[k]) == 0;
    CHECK_INT(alike, 0);
    ws_directions_destroy(d);
}

static uint32_t reverse(uint32_t x) {
    uint32_t y = 0;
    for (int i = 0; i < 32; i++)
        y |= (x >> i & 1) << (31 - i);
    return y;
}

static uint32_t scramble(uint32_t x, uint32_t seed) { return reverse(ws_owen_hash(reverse(x), seed)); }

// Recomputed from Vegdahl's constants with another program.
static void test_hash(void) {
    static const uint32_t in[] = {0, 1, 0x80000000, 0xdeadbeef};
    static const uint32_t a[] = {0x1679d7f6, 0x1679d7f7, 0x87e32b06, 0xdf20be3d};
    static const uint32_t b[] = {0xa792495e, 0xa792495f, 0x6607918a, 0x3e10d338};
    for (int i = 0; i < 4; i++) {
        CHECK_INT(scramble(in[i], 0x12345678), a[i]);
        CHECK_INT(scramble(in[i], 0xdeadbeef), b[i]);
    }
    // The leading k bits of what comes out depend on the leading k bits of what goes in alone, and tell them apart.
    uint32_t x = 1, y = 2, seed = 3;
    for (int trial = 0; trial < 2000; trial++) {
        unsigned k = 1 + (unsigned)trial % 31;
        x = x * 747796405u + 2891336453u;
        y = y * 1664525u + 1013904223u;
        seed = seed * 22695477u + 1u;
        uint32_t low = UINT32_MAX >> k, other = (x & ~low) | (y & low);
        CHECK(scramble(x, seed) >> (32 - k) == scramble(other, seed) >> (32 - k));
        CHECK(scramble(x, seed) >> (32 - k) != scramble(x ^ 1u << (32 - k), seed) >> (32 - k));
    }
}

// ---- the words of a run ----

// What fill() gives is the scrambled point, for both instruction sets, far out too.
static void test_words(void) {
    struct ws_directions *d = ws_directions_create(DIMENSIONS);
    struct ws_column columns[DIMENSIONS];
    struct ws_cursor *cursor = make_cursor(d, "sobol", 0, columns);
    static uint32_t words[WS_BLOCK];
    static const uint64_t firsts[] = {0, WS_BLOCK, 4096, UINT64_C(1) << 32,
                                      (UINT64_C(1) << 33) + 12345 * WS_BLOCK};
    for (size_t k = 0; k < DIMENSIONS; k++)
        for (uint64_t r = 0; r < WS_REPLICATES; r += 5)
            for (size_t f = 0; f < sizeof firsts / sizeof *firsts; f++) {
                uint32_t key = (uint32_t)(ws_replicate_key(cursor, k, r, WS_KEY_SOBOL) >> 32);
                take(cursor, k, r, firsts[f], WS_BLOCK, words);
                for (uint64_t i = 0; i < WS_BLOCK; i++)
                    CHECK(words[i] == scramble((uint32_t)(ws_sobol_point(d, k, firsts[f] + i) >> 32), key));
            }
    ws_cursor_destroy(cursor);
    ws_directions_destroy(d);
}

// The most points of 2^m in an elementary interval of 2^-a by 2^-(m - t - a): 2^t if the pair is a (t, m, 2)-net.
static int most_in_cell(const uint32_t *x, const uint32_t *y, unsigned m, unsigned t) {
    enum { MOST = 4096 };
    static int count[MOST];
    int most = 0;
    for (unsigned a = 0; a <= m - t; a++) {
        unsigned b = m - t - a;
        memset(count, 0, sizeof count);
        for (unsigned i = 0; i < 1u << m; i++) {
            unsigned cell = (a ? x[i] >> (32 - a) : 0) << b | (b ? y[i] >> (32 - b) : 0);
            most = ++count[cell] > most ? count[cell] : most;
        }
    }
    return most;
}

// Scrambling keeps the net: the first pair has quality 0, and the others the one that they have without scrambling.
static void test_nets(void) {
    enum { M = 12, N = 1 << M };
    static uint32_t words[DIMENSIONS][N], plain[DIMENSIONS][N];
    struct ws_directions *d = ws_directions_create(DIMENSIONS);
    struct ws_column columns[DIMENSIONS];
    struct ws_cursor *cursor = make_cursor(d, "sobol", 0, columns);
    for (size_t k = 0; k < DIMENSIONS; k++)
        for (uint64_t n = 0; n < N; n++)
            plain[k][n] = (uint32_t)(ws_sobol_point(d, k, n) >> 32);
    for (uint64_t r = 0; r < 3; r++) {
        for (size_t k = 0; k < DIMENSIONS; k++)
            take(cursor, k, r, r * N, N, words[k]); // later stretches of the sequence are nets too
        CHECK_INT(most_in_cell(words[0], words[1], M, 0), 1);
        CHECK_INT(most_in_cell(words[0], words[1], 8, 0), 1);
        for (size_t a = 0; a < 4; a++)
            for (size_t b = a + 1; b < 5; b++)
                for (unsigned t = 0; t < 6; t++)
                    CHECK_INT(most_in_cell(words[a], words[b], M, t), most_in_cell(plain[a], plain[b], M, t));
        for (size_t k = 0; k < DIMENSIONS; k++) // each coordinate: one point in every 4096th
            CHECK_INT(most_in_cell(words[k], words[k], M, M) >= 1 && most_in_cell(words[k], words[0], M, 0) >= 1, 1);
    }
    ws_cursor_destroy(cursor);
    ws_directions_destroy(d);
}

static int by_word(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

// Every coordinate of every replicate has one point in each of n cells, and is spread evenly within its cell.
static void check_strata(struct ws_cursor *cursor, uint64_t n) {
    uint32_t *words = malloc(n * sizeof *words);
    for (size_t k = 0; k < DIMENSIONS; k += 3)
        for (uint64_t r = 0; r < WS_REPLICATES; r += 3) {
            double place = 0;
            uint64_t wrong = 0;
            take(cursor, k, r, 0, n, words);
            qsort(words, n, sizeof *words, by_word);
            for (uint64_t i = 0; i < n; i++) {
                double scaled = ((double)words[i] + 0.5) * 0x1p-32 * (double)n;
                wrong += (uint64_t)scaled != i;
                place += (scaled - floor(scaled)) / (double)n;
            }
            CHECK_INT(wrong, 0);
            CHECK_Z(place, 0.5, sqrt(1.0 / 12 / (double)n), 4.5);
        }
    free(words);
}

static void test_strata(void) {
    struct ws_directions *d = ws_directions_create(DIMENSIONS);
    struct ws_column columns[DIMENSIONS];
    struct ws_cursor *sobol = make_cursor(d, "sobol", 0, columns);
    check_strata(sobol, WS_RUN);
    check_strata(sobol, 4 * WS_RUN);
    ws_cursor_destroy(sobol);
    for (uint64_t runs = 1; runs <= 3; runs++) { // any number of runs, not only powers of two
        struct ws_cursor *lhs = make_cursor(NULL, "lhs", runs * WS_RUN, columns);
        check_strata(lhs, runs * WS_RUN);
        ws_cursor_destroy(lhs);
    }
    ws_directions_destroy(d);
}

// Correlation of two columns of u, in standard errors for independent ones.
static double correlation_z(const uint32_t *a, const uint32_t *b, uint64_t n) {
    double sum = 0;
    for (uint64_t i = 0; i < n; i++)
        sum += (((double)a[i] + 0.5) * 0x1p-32 - 0.5) * (((double)b[i] + 0.5) * 0x1p-32 - 0.5);
    return sum / (double)n * 12 * sqrt((double)n);
}

// Columns are uncorrelated in every design, and so are the points of replicates but for sobol: there the leading digits
// of point i are those of the one net, flipped or not, and independence shows over seeds alone (below).
static void test_independence(void) {
    static uint32_t words[4][WS_RUN];
    struct ws_directions *d = ws_directions_create(DIMENSIONS);
    struct ws_column columns[DIMENSIONS];
    static const char *const names[] = {"mc", "lhs", "sobol"};
    for (int design = 0; design < 3; design++) {
        struct ws_cursor *cursor = make_cursor(d, names[design], WS_RUN, columns);
        for (size_t k = 0; k + 1 < DIMENSIONS; k++)
            for (uint64_t r = 0; r + 1 < WS_REPLICATES; r += 2) {
                take(cursor, k, r, 0, WS_RUN, words[0]);
                take(cursor, k, r + 1, 0, WS_RUN, words[1]);
                take(cursor, k + 1, r, 0, WS_RUN, words[2]);
                CHECK(design == 2 || fabs(correlation_z(words[0], words[1], WS_RUN)) < 4.5);
                CHECK(fabs(correlation_z(words[0], words[2], WS_RUN)) < 4.5);
                CHECK(memcmp(words[0], words[1], sizeof words[0]) != 0);
            }
        ws_cursor_destroy(cursor);
    }
    ws_directions_destroy(d);
}

// Over seeds the estimates of two replicates are uncorrelated, and unbiased: E exp(u + v) = (e - 1)^2.
static void test_replicates_over_seeds(void) {
    enum { SEEDS = 400, N = WS_BLOCK };
    static uint32_t a[N], b[N];
    double sum[2] = {0}, square[2] = {0}, product = 0, truth = (exp(1) - 1) * (exp(1) - 1);
    struct ws_directions *d = ws_directions_create(DIMENSIONS);
    struct ws_column columns[DIMENSIONS];
    struct ws_cursor *cursor = make_cursor(d, "sobol", 0, columns);
    struct ws_sampler sampler = cursor->sampler;
    ws_cursor_destroy(cursor);
    for (sampler.seed = 0; sampler.seed < SEEDS; sampler.seed++) {
        double error[2] = {0};
        cursor = ws_cursor_create(&sampler, columns, DIMENSIONS);
        for (uint64_t r = 0; r < 2; r++) {
            take(cursor, 0, r, 0, N, a);
            take(cursor, 1, r, 0, N, b);
            for (size_t i = 0; i < N; i++)
                error[r] += (exp(((double)a[i] + (double)b[i] + 1) * 0x1p-32) - truth) / N;
            sum[r] += error[r];
            square[r] += error[r] * error[r];
        }
        product += error[0] * error[1];
        ws_cursor_destroy(cursor);
    }
    for (int r = 0; r < 2; r++)
        CHECK_Z(sum[r] / SEEDS, 0, sqrt(square[r]) / SEEDS, 4);
    CHECK_Z(product / sqrt(square[0] * square[1]), 0, 1 / sqrt(SEEDS), 4);
    // 256 independent draws would have an error of sd 0.74 / 16; the net's is below a fiftieth of it.
    CHECK(sqrt(square[0] / SEEDS) < 0.74 / 16 / 50);
    ws_directions_destroy(d);
}

static int by_point(const void *a, const void *b) { return memcmp(a, b, 2 * sizeof(uint32_t)); }

// Point n + 2^32 has the digits of point n in dimension 1 (there are only 2^32 words), not in the others: jumping there
// finds new points.
static void test_beyond_32_bits(void) {
    enum { N = 4 * WS_RUN };
    static uint32_t here[DIMENSIONS][N], there[DIMENSIONS][N], points[2 * N][2];
    const uint64_t far = UINT64_C(1) << 32;
    struct ws_directions *d = ws_directions_create(DIMENSIONS);
    struct ws_column columns[DIMENSIONS];
    struct ws_cursor *cursor = make_cursor(d, "sobol", 0, columns);
    for (size_t k = 0; k < DIMENSIONS; k++) {
        take(cursor, k, 2, 0, N, here[k]);
        take(cursor, k, 2, far, N, there[k]);
    }
    for (size_t k = 1; k < DIMENSIONS; k++) {
        for (size_t i = 0; i < N; i++) {
            points[i][0] = here[0][i];
            points[i][1] = here[k][i];
            points[N + i][0] = there[0][i];
            points[N + i][1] = there[k][i];
        }
        qsort(points, 2 * N, sizeof points[0], by_point);
        int repeats = 0;
        for (size_t i = 1; i < 2 * N; i++)
            repeats += memcmp(points[i], points[i - 1], sizeof points[0]) == 0;
        CHECK_INT(repeats, 0);
    }
    ws_cursor_destroy(cursor);
    ws_directions_destroy(d);
}

// u -> u as a table with one segment per octave: v = 2^e (1 + s).
static struct ws_table identity_table(double (*rows)[4]) {
    for (int side = 0; side < 2; side++)
        for (int o = 0; o < WS_TABLE_OCTAVES; o++) {
            double start = ldexp(1, o - WS_TABLE_OCTAVES - 1), *c = rows[side * WS_TABLE_OCTAVES + o];
            c[0] = side ? 1 - start : start;
            c[1] = side ? -start : start;
        }
    return (struct ws_table){.kind = WS_TABLE_SMOOTH, .rows = (const double(*)[4])rows};
}

// The outermost words are refined evenly: 2^-32 times the second word, itself uniform, is the place within the cell.
static void check_tails(const char *design, uint64_t groups) {
    static _Alignas(64) double rows[2 * WS_TABLE_OCTAVES][4], x[WS_ROW_STRIDE];
    const struct ws_table table = identity_table(rows);
    struct ws_directions *d = ws_directions_create(DIMENSIONS);
    struct ws_column columns[DIMENSIONS];
    struct ws_cursor *cursor = make_cursor(d, design, groups * WS_RUN, columns);
    double refined = 0, place = 0, draws = (double)groups * WS_GROUP * 3;
    for (uint64_t group = 0; group < groups; group++) {
        ws_cursor_seek(cursor, group);
        for (size_t k = 0; k < 3; k++)
            for (uint64_t block = 0; block < WS_BLOCKS_PER_GROUP; block++) {
                ws_cursor_draw(cursor, k, block, &table, x);
                for (size_t i = 0; i < WS_BLOCK; i++)
                    if (x[i] < WS_TAIL_CELLS * 0x1p-32) {
                        refined++;
                        place += fmod(x[i] * 0x1p32, 1);
                    }
            }
    }
    double expected = draws * WS_TAIL_CELLS * 0x1p-32;
    CHECK_Z(refined, expected, sqrt(expected), 4);
    CHECK_Z(place / refined, 0.5, sqrt(1 / (12 * refined)), 4);
    ws_cursor_destroy(cursor);
    ws_directions_destroy(d);
}

static void test_tails(void) {
    check_tails("mc", 200);
    check_tails("sobol", 200);
    check_tails("lhs", 20);
}

int main(void) {
    RUN(test_joe_kuo);
    RUN(test_directions_are_triangular);
    RUN(test_hash);
    RUN(test_words);
    RUN(test_nets);
    RUN(test_strata);
    RUN(test_independence);
    RUN(test_replicates_over_seeds);
    RUN(test_beyond_32_bits);
    RUN(test_tails);
    return tap_done();
}
