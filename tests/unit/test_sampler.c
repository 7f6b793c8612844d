// SPDX-License-Identifier: GPL-3.0-or-later
// Generators and streams: known answers, addresses, seeds.
#include "tap.h"

#include "sampler/reseed.h"
#include "sampler/sampler.h"

// Random123's known answer for counter 0 and key 0 comes first from GSL's Philox with seed 0.
static void test_gsl_philox(void) {
    gsl_rng *rng = gsl_rng_alloc(ws_rng_philox4x32);
    gsl_rng_set(rng, 0);
    const unsigned long known[] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
    for (size_t i = 0; i < 4; i++)
        CHECK_INT(gsl_rng_get(rng), known[i]);
    CHECK_STR(gsl_rng_name(rng), "philox4x32");
    CHECK(gsl_rng_min(rng) == 0 && gsl_rng_max(rng) == 0xffffffffUL);
    gsl_rng *copy = gsl_rng_clone(rng);
    for (int i = 0; i < 10; i++)
        CHECK(gsl_rng_get(rng) == gsl_rng_get(copy));
    double u = gsl_rng_uniform(rng);
    CHECK(u >= 0 && u < 1);
    gsl_rng_free(copy);
    gsl_rng_free(rng);
}

// Seeds of the groups of one stream never repeat; those of another stream and seed differ.
static void test_seeds(void) {
    enum { GROUPS = 20000 };
    static unsigned char seen[WS_SEEDS / 8 + 1];
    int repeats = 0, same_stream = 0;
    for (uint64_t g = 0; g < GROUPS; g++) {
        unsigned long seed = ws_group_seed(1, 42, g);
        CHECK(seed >= 1 && seed <= WS_SEEDS);
        repeats += seen[seed / 8] >> seed % 8 & 1;
        seen[seed / 8] |= (unsigned char)(1 << seed % 8);
        same_stream += seed == ws_group_seed(1, 43, g) || seed == ws_group_seed(2, 42, g);
    }
    CHECK_INT(repeats, 0);
    CHECK_INT(same_stream, 0);
}

static void test_word_sources(void) { // every generator gives even 32-bit words
    struct ws_generator all[128];
    size_t count = ws_generators(all, 128);
    CHECK(count > 60);
    CHECK_STR(all[0].name, "philox4x32");
    for (size_t g = 1; g < count; g++) {
        if (all[g].weak)
            continue;
        struct ws_word_source source = ws_word_source_make(all[g].type);
        gsl_rng *rng = gsl_rng_alloc(all[g].type);
        gsl_rng_set(rng, 5);
        double mean = 0, low_bit = 0;
        const int n = 20000;
        for (int i = 0; i < n; i++) {
            uint32_t word = ws_word_next(&source, rng);
            mean += ((double)word + 0.5) * 0x1p-32 / n;
            low_bit += (double)(word & 1) / n;
        }
        if (!CHECK_Z(mean, 0.5, sqrt(1.0 / 12 / n), 4.5) || !CHECK_Z(low_bit, 0.5, 0.5 / sqrt(n), 4.5))
            printf("# generator %s\n", all[g].name);
        gsl_rng_free(rng);
    }
}

static void test_find(void) {
    struct ws_generator g;
    CHECK_INT(ws_generator_find("ranlxd2", &g), 0);
    CHECK(!g.weak && g.type != NULL);
    CHECK_INT(ws_generator_find("randu", &g), 0);
    CHECK(g.weak);
    CHECK(ws_generator_find("mt19938", &g) != 0);
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

// The value of a draw depends on seed, stream and address alone: not on the other streams nor on where drawing began.
static void check_addresses(const char *generator) {
    static _Alignas(64) double rows[2 * WS_TABLE_OCTAVES][4];
    static _Alignas(64) double a[WS_ROW_STRIDE], b[WS_ROW_STRIDE];
    const struct ws_table table = identity_table(rows);
    struct ws_sampler sampler = {.kernels = ws_kernels_select(NULL), .design = ws_design_find("mc"), .seed = 99};
    CHECK_INT(ws_generator_find(generator, &sampler.generator), 0);
    const struct ws_column one[] = {{17, 0}}, three[] = {{5, 0}, {17, 1}, {9, 2}};
    struct ws_cursor *alone = ws_cursor_create(&sampler, one, 1), *among = ws_cursor_create(&sampler, three, 3);
    if (!CHECK(alone && among))
        return;
    ws_cursor_seek(alone, 3);
    ws_cursor_seek(among, 1);
    for (size_t k = 0; k < 3; k++)
        ws_cursor_draw(among, k, 0, &table, b);
    ws_cursor_seek(among, 3);
    for (uint64_t block = 0; block < 3; block++) {
        ws_cursor_draw(alone, 0, block, &table, a);
        for (size_t k = 0; k < 3; k++) {
            ws_cursor_draw(among, k, block, &table, b);
            CHECK((memcmp(a, b, WS_BLOCK * sizeof *a) == 0) == (k == 1));
        }
        for (size_t i = 0; i < WS_BLOCK; i++)
            CHECK(a[i] > 0 && a[i] < 1);
    }
    ws_cursor_destroy(alone);
    ws_cursor_destroy(among);
}

static void test_addresses(void) {
    check_addresses("philox4x32");
    check_addresses("mt19937");
    check_addresses("ranlxd2");
}

// Draws in the outermost cells get a second word: the smallest u of many is far below 2^-32.
static void test_tails(void) {
    static _Alignas(64) double rows[2 * WS_TABLE_OCTAVES][4];
    static _Alignas(64) double x[WS_ROW_STRIDE];
    const struct ws_table table = identity_table(rows);
    struct ws_sampler sampler = {.kernels = ws_kernels_select(NULL), .design = ws_design_find("mc"), .seed = 1};
    ws_generator_find("philox4x32", &sampler.generator);
    const struct ws_column stream[] = {{1234, 0}};
    struct ws_cursor *cursor = ws_cursor_create(&sampler, stream, 1);
    size_t refined = 0, draws = 0;
    for (uint64_t group = 0; group < 300; group++) {
        ws_cursor_seek(cursor, group);
        for (uint64_t block = 0; block < WS_GROUP / WS_BLOCK; block++) {
            ws_cursor_draw(cursor, 0, block, &table, x);
            for (size_t i = 0; i < WS_BLOCK; i++)
                refined += x[i] < WS_TAIL_CELLS * 0x1p-32 && fmod(x[i] * 0x1p33, 1) != 0;
            draws += WS_BLOCK;
        }
    }
    double expected = (double)draws * WS_TAIL_CELLS * 0x1p-32;
    CHECK_Z((double)refined, expected, sqrt(expected), 4);
    ws_cursor_destroy(cursor);
}

int main(void) {
    RUN(test_gsl_philox);
    RUN(test_seeds);
    RUN(test_word_sources);
    RUN(test_find);
    RUN(test_addresses);
    RUN(test_tails);
    return tap_done();
}
