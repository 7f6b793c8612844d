// SPDX-License-Identifier: GPL-3.0-or-later
// The random streams that a run really uses, named after inputs: no pattern across inputs, groups and seeds.
// Limits are those of the sampling law, at five standard deviations over a few hundred statistics.
#include "tap.h"

#include "base/text.h"
#include "numeric/kernels.h"

enum { STREAMS = 24, SEEDS = 4, N = 1 << 16 }; // N: one group of draws
static const double z_max = 5;
static uint32_t words[STREAMS][N];

// Words of group `group` of every stream.
static void fill(uint64_t seed, uint64_t group) {
    const struct ws_kernels *kernels = ws_kernels_select(NULL);
    static uint32_t block[WS_BLOCK] __attribute__((aligned(64)));
    for (size_t s = 0; s < STREAMS; s++) {
        char name[32];
        snprintf(name, sizeof name, "input:x%zu", s);
        uint64_t stream = ws_hash64(name);
        for (uint64_t i = 0; i < N; i += WS_BLOCK) {
            kernels->philox(block, seed, stream, group * N + i);
            memcpy(words[s] + i, block, sizeof block);
        }
    }
}

static double centred(uint32_t word) { return ((double)word + 0.5) * 0x1p-32 - 0.5; }

// Correlation of n pairs of uniforms, in standard deviations: the product of two has variance 1/144.
static double correlation_z(const uint32_t *a, const uint32_t *b, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += centred(a[i]) * centred(b[i]);
    return sum / sqrt((double)n / 144);
}

static void test_bits_are_even(void) {
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        fill(seed, 0);
        for (size_t s = 0; s < STREAMS; s++) {
            int64_t ones[32] = {0};
            for (size_t i = 0; i < N; i++)
                for (unsigned b = 0; b < 32; b++)
                    ones[b] += words[s][i] >> b & 1;
            for (unsigned b = 0; b < 32; b++)
                CHECK_Z((double)ones[b], N / 2.0, sqrt(N / 4.0), z_max);
        }
    }
}

static void test_streams_do_not_correlate(void) {
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        fill(seed, seed * 1000);
        for (size_t a = 0; a < STREAMS; a++)
            for (size_t b = a + 1; b < STREAMS; b++)
                CHECK_ABS(correlation_z(words[a], words[b], N), 0, z_max);
    }
}

static void test_lags_do_not_correlate(void) {
    static const size_t lags[] = {1, 2, 3, 4, 8, 16, 32, 64, 256, 1024, 4096};
    fill(1, 7);
    for (size_t s = 0; s < STREAMS; s++)
        for (size_t k = 0; k < sizeof lags / sizeof *lags; k++)
            CHECK_ABS(correlation_z(words[s], words[s] + lags[k], N - lags[k]), 0, z_max);
}

// The same stream in neighbouring groups, and with neighbouring seeds.
static void test_groups_and_seeds_do_not_correlate(void) {
    static uint32_t before[STREAMS][N];
    for (int seeds = 0; seeds < 2; seeds++) {
        fill(1, 0);
        for (uint64_t k = 1; k <= 4; k++) {
            memcpy(before, words, sizeof before);
            fill(seeds ? 1 + k : 1, seeds ? 0 : k);
            for (size_t s = 0; s < STREAMS; s++)
                CHECK_ABS(correlation_z(words[s], before[s], N), 0, z_max);
        }
    }
}

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

// Balls thrown into 2^20 cells whose number is ten leading bits of two streams each. With n = 2^14 balls the number of
// collisions is nearly Poisson with mean n - k (1 - (1 - 1/k)^n), k = 2^20 (Knuth, volume 2, 3.3.2 I).
static void test_collisions(void) {
    enum { BALLS = 1 << 14, CELLS = 1 << 20 };
    static unsigned char hit[CELLS];
    double expected = 0, found = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        fill(seed, 3);
        for (size_t s = 0; s + 1 < STREAMS; s++)
            for (size_t start = 0; start < N; start += BALLS) {
                memset(hit, 0, sizeof hit);
                for (size_t i = start; i < start + BALLS; i++) {
                    unsigned char *cell = &hit[(words[s][i] >> 22) << 10 | words[s + 1][i] >> 22];
                    found += *cell;
                    *cell = 1;
                }
                expected += BALLS + CELLS * expm1(BALLS * log1p(-1.0 / CELLS));
            }
    }
    CHECK_Z(found, expected, sqrt(expected), z_max);
}

// Marsaglia's birthday spacings over streams: n birthdays in a year of m = 2^30 days, one from each of the streams in
// turn; the number of equal spacings is Poisson with mean n^3 / (4 m).
static void test_birthday_spacings(void) {
    enum { BIRTHDAYS = 2048, DAY_BITS = 30 };
    static uint32_t day[BIRTHDAYS];
    double found = 0, expected = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        fill(seed, 11);
        for (size_t start = 0; (start + 1) * BIRTHDAYS <= (size_t)STREAMS * N; start++) {
            for (size_t i = 0; i < BIRTHDAYS; i++) {
                size_t at = start * BIRTHDAYS + i;
                day[i] = words[at % STREAMS][at / STREAMS] >> (32 - DAY_BITS);
            }
            qsort(day, BIRTHDAYS, sizeof *day, ascending);
            for (size_t i = BIRTHDAYS - 1; i > 0; i--)
                day[i] -= day[i - 1];
            qsort(day, BIRTHDAYS, sizeof *day, ascending);
            for (size_t i = 1; i < BIRTHDAYS; i++)
                found += day[i] == day[i - 1];
            expected += pow(BIRTHDAYS, 3) / 4 / pow(2, DAY_BITS);
        }
    }
    CHECK_Z(found, expected, sqrt(expected), z_max);
}

int main(void) {
    RUN(test_bits_are_even);
    RUN(test_streams_do_not_correlate);
    RUN(test_lags_do_not_correlate);
    RUN(test_groups_and_seeds_do_not_correlate);
    RUN(test_collisions);
    RUN(test_birthday_spacings);
    return tap_done();
}
