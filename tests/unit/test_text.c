// SPDX-License-Identifier: GPL-3.0-or-later
// sim/base: numbers as text, nearest names, digests, arenas, messages.
#include "tap.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

static void test_numbers_read_back(void) {
    const double values[] = {0, 0.1, 1.0 / 3, 1.2e8, 5e-324, 1.7976931348623157e308, 246e6, -0.4137, 2027.3, 0x1p-1022};
    char buf[32];
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        double back = NAN;
        CHECK_INT(ws_parse_double(ws_format_double(values[i], buf), &back), 0);
        CHECK(back == values[i]);
    }
    CHECK_STR(ws_format_double(0.1, buf), "0.1");
    CHECK_STR(ws_format_double(120e6, buf), "120000000");
    CHECK_STR(ws_format_double(310, buf), "310");
    CHECK_STR(ws_format_double(-0.0375, buf), "-0.0375");
    CHECK_STR(ws_format_double(5e26, buf), "5e+26");
    CHECK_STR(ws_format_double(NAN, buf), "nan");
    CHECK_STR(ws_format_double(-INFINITY, buf), "-inf");
}

static void test_numbers_refused(void) {
    const char *bad[] = {"", " 1", "1 ", "0x10", "nan", "inf", "1e", "1e400", "1,5", "--1", "1_000", "e5", "."};
    double x;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (!CHECK(ws_parse_double(bad[i], &x) != 0))
            printf("# accepted '%s'\n", bad[i]);
    uint64_t n;
    CHECK(ws_parse_count("1.5", &n) != 0);
    CHECK(ws_parse_count("-1", &n) != 0);
    CHECK(ws_parse_count("1e30", &n) != 0);
    CHECK(ws_parse_count("", &n) != 0);
}

static void test_counts(void) {
    uint64_t n = 0;
    CHECK_INT(ws_parse_count("1e6", &n), 0);
    CHECK_INT(n, 1000000);
    CHECK_INT(ws_parse_count("9007199254740993", &n), 0); // 2^53 + 1 is no double
    CHECK(n == 9007199254740993u);
    CHECK_INT(ws_parse_count("2.5e3", &n), 0);
    CHECK_INT(n, 2500);
}

static void test_nearest(void) {
    const char *names[] = {"gpu_hours", "power_ratio", NULL, "pue", "wue"};
    CHECK_STR(ws_nearest("gpu_hour", names, 5), "gpu_hours");
    CHECK_STR(ws_nearest("GPU_hours", names, 5), "gpu_hours");
    CHECK_STR(ws_nearest("pwoer_ratio", names, 5), "power_ratio");
    CHECK(ws_nearest("electricity", names, 5) == NULL);
    CHECK(ws_nearest("", names, 5) == NULL);
}

static void test_digests(void) { // FIPS 180-4 examples
    char hex[65];
    ws_sha256_hex("abc", 3, hex);
    CHECK_STR(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ws_sha256_hex("", 0, hex);
    CHECK_STR(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(ws_hash64("abc") == UINT64_C(0xeacf018fbf1678ba));
}

static void release(void *object) { ++*(int *)object; }

static void test_arena(void) {
    struct ws_arena *arena = ws_arena_create();
    if (!CHECK(arena != NULL))
        return;
    int released = 0, caught = 0;
    if (ws_arena_catch(arena)) {
        caught = 1;
    } else {
        ws_arena_defer(arena, release, &released);
        int *items = NULL;
        for (size_t i = 0; i < 1000; i++) {
            items = ws_arena_grow(arena, items, i, sizeof *items);
            items[i] = (int)i;
        }
        for (int i = 0; i < 1000; i++)
            CHECK_INT(items[i], i);
        CHECK((uintptr_t)ws_arena_alloc(arena, 4096) % 64 == 0);
        ws_arena_array(arena, SIZE_MAX / 2, 8); // jumps
        CHECK(caught);                          // an impossible allocation returned
    }
    ws_arena_destroy(arena);
    CHECK_INT(released, 1);
    (void)caught;
}

static void test_errors(void) {
    struct ws_error err = {0};
    CHECK_INT(ws_error_set(&err, WS_ERROR_STUDY, "a.yaml:1:2", "first %d", 1), WS_ERROR_STUDY);
    CHECK_INT(ws_error_set(&err, WS_ERROR_FILE, "b", "second"), WS_ERROR_FILE);
    CHECK_STR(err.text, "first 1");
    CHECK_STR(err.where, "a.yaml:1:2");
    CHECK_INT(ws_error_set(NULL, WS_ERROR_FILE, "b", "nobody listens"), WS_ERROR_FILE);
    char buf[64];
    CHECK_STR(ws_place_format((struct ws_place){"a.yaml", 3, 7}, buf, sizeof buf), "a.yaml:3:7");
    CHECK_STR(ws_place_format((struct ws_place){"a.yaml", 0, 0}, buf, sizeof buf), "a.yaml");
}

int main(void) {
    RUN(test_numbers_read_back);
    RUN(test_numbers_refused);
    RUN(test_counts);
    RUN(test_nearest);
    RUN(test_digests);
    RUN(test_arena);
    RUN(test_errors);
    return tap_done();
}
