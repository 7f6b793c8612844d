// SPDX-License-Identifier: GPL-3.0-or-later
// Every call of HDF5 fails once, the first, the second, ... : saving and loading end in a clean error, no file is left,
// and no object of HDF5 stays open.
//
// Usage: test_hdf5 [STEP]     every STEP-th call, of shards, where each takes a run, every 10 STEP-th; 1 where nothing
// is said
#include <hdf5.h>

#include "faults.h"
#include "small_run.h"
#include "store/store.h"

atomic_long fault_calls, fault_target = -1;
const char *fault_name = "";

static long step = 1;
static char path[] = "/tmp/wattspan-hdf5-XXXXXX";
static ws_study *study;
static ws_result *result;

// What a report of a result says, to be freed; what the result itself says, all figures of it.
static char *tell(const ws_result *told) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    const struct ws_report_options form = {.format = WS_FORMAT_JSON, .wide = 1};
    struct ws_error error = {0};
    if (!out || ws_report_result(told, &form, out, &error))
        printf("Bail out! %s\n", error.text);
    if (out)
        fclose(out);
    // What comes before the inputs is when, where and how it ran.
    char *inputs = text ? strstr(text, "\"inputs\"") : NULL;
    if (!inputs)
        printf("Bail out! a report without inputs\n");
    else
        memmove(text, inputs, strlen(inputs) + 1);
    return text;
}

static char *whole; // what an unharmed result says

// Whether a result says what it has to; it is destroyed.
static int same_again(ws_result *again) {
    char *text = tell(again);
    int same = strcmp(text, whole) == 0;
    free(text);
    ws_result_destroy(again);
    return same;
}

static int save(struct ws_error *error, int *right) {
    ws_result *loaded = NULL;
    int status = ws_result_save(result, path, 0, error);
    fault_stop();
    *right = status == 0 && ws_result_load(path, &loaded, error) == 0 && same_again(loaded);
    return status;
}

static int load(struct ws_error *error, int *right) {
    ws_result *loaded = NULL;
    int status = ws_result_load(path, &loaded, error);
    fault_stop();
    *right = status == 0 && same_again(loaded);
    return status;
}

static int merge(struct ws_error *error, int *right) {
    ws_result *merged = NULL;
    const char *const paths[] = {path};
    const struct ws_options options = small_options();
    int status = ws_merge(paths, 1, &options, &merged, error);
    fault_stop();
    *right = status == 0 && same_again(merged);
    return status;
}

// A sample of another study's, and the units that it is in.
static int read_sample(struct ws_error *error, int *right) {
    struct ws_arena *arena = ws_arena_create();
    struct ws_data_column read = {0};
    int status = WS_ERROR_MEMORY;
    if (arena && ws_arena_catch(arena) == 0)
        status = ws_store_read_column(path, "prior/hours", arena, &read, error);
    fault_stop();
    *right = status == 0 && read.n == 100 && read.values[0] > 1e5 && strcmp(read.units, "h") == 0;
    ws_arena_destroy(arena);
    return status;
}

static int save_shard(struct ws_error *error, int *right) {
    const struct ws_options options = small_options();
    int status = ws_run_shard(study, &options, 1, 1, path, 0, error);
    fault_at(0);
    struct ws_error later = {0};
    *right = status == 0 && merge(&later, right) == 0 && *right;
    return status;
}

// Calls in the whole of a run without a fault.
static long count_calls(int (*go)(struct ws_error *error, int *right), const char *name) {
    struct ws_error error = {0};
    int right = 0;
    fault_at(0);
    int done = go(&error, &right) == 0 && right;
    return tap_result(done, __FILE__, __LINE__, "%s: %s", name, error.text) ? atomic_load(&fault_calls) : 0;
}

// A call may fail without harm (asking whether errors are printed); then what was done has to be right all the same.
static void try_each(const char *name, int (*go)(struct ws_error *error, int *right), int writes, long every) {
    long calls = count_calls(go, name), harmless = 0;
    for (long n = 1; n <= calls; n += every) {
        struct ws_error error = {0};
        int right = 0;
        if (writes)
            unlink(path);
        fault_at(n);
        int status = go(&error, &right);
        harmless += status == 0;
        if (status && writes && !small_failed_well(status, &error, path, n))
            return;
        if (status && !writes)
            tap_result(error.text[0] && error.status == status, __FILE__, __LINE__, "%s, fault %ld, %s: no reason",
                       name, n, fault_name);
        if (!status)
            tap_result(right, __FILE__, __LINE__, "%s, fault %ld, %s: done wrong: %s", name, n, fault_name,
                       error.text);
        ssize_t open = H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL);
        if (!tap_result(open == 0, __FILE__, __LINE__, "%s, fault %ld, %s: %zd objects stay open", name, n,
                        fault_name, open))
            return;
    }
    printf("# %s: %ld calls, every %ldth failed, %ld without harm\n", name, calls, every, harmless);
    CHECK(calls > 40);
}

static void test_save(void) { try_each("save", save, 1, step); }
static void test_load(void) {
    struct ws_error error = {0};
    CHECK(ws_result_save(result, path, 0, &error) == 0);
    try_each("load", load, 0, step);
}
static void test_sample(void) { try_each("read a sample", read_sample, 0, 1); } // of the result that is there
static void test_save_shard(void) { try_each("save a shard", save_shard, 1, 10 * step); }
static void test_merge(void) {
    struct ws_error error = {0};
    const struct ws_options options = small_options();
    CHECK(ws_run_shard(study, &options, 1, 1, path, 0, &error) == 0);
    try_each("merge", merge, 0, 10 * step);
}

int main(int argc, char **argv) {
    struct ws_error error = {0};
    const struct ws_options options = small_options();
    step = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
    close(mkstemp(path));
    unlink(path);
    if (small_load(&study, &error) || ws_run(study, &options, &result, &error)) {
        printf("Bail out! %s\n", error.text);
        return EXIT_FAILURE;
    }
    whole = tell(result);
    RUN(test_save);
    RUN(test_load);
    RUN(test_sample);
    unlink(path);
    RUN(test_save_shard);
    RUN(test_merge);
    unlink(path);
    free(whole);
    ws_result_destroy(result);
    ws_study_destroy(study);
    return tap_done();
}
