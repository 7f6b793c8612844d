// SPDX-License-Identifier: GPL-3.0-or-later
// Every allocation of the library fails once, the first, the second, ...: each time a clean error. Linked with
// --wrap, so that what GSL, HDF5 and libfyaml allocate for themselves does not count. Leaks are seen by the sanitizer.
//
// Usage: test_memory [STEP]     every STEP-th allocation; 1 where nothing is said
#include <errno.h>

#include "faults.h"
#include "small_run.h"

atomic_long fault_calls, fault_target = -1;
const char *fault_name = "";

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

// As the C library's: NULL and a reason.
static int refuse(const char *name) {
    int now = fault_now(name);
    if (now)
        errno = ENOMEM;
    return now;
}

void *__wrap_malloc(size_t size) { return refuse("malloc") ? NULL : __real_malloc(size); }
void *__wrap_calloc(size_t count, size_t size) { return refuse("calloc") ? NULL : __real_calloc(count, size); }
void *__wrap_realloc(void *old, size_t size) { return refuse("realloc") ? NULL : __real_realloc(old, size); }
void *__wrap_aligned_alloc(size_t alignment, size_t size) {
    return refuse("aligned_alloc") ? NULL : __real_aligned_alloc(alignment, size);
}

static long step = 1;
static char path[] = "/tmp/wattspan-memory-XXXXXX";

static ws_study *study;
static ws_result *result;

static int load_study(struct ws_error *error) {
    ws_study *loaded = NULL;
    int status = small_load(&loaded, error);
    ws_study_destroy(loaded);
    return status;
}

static int run(struct ws_error *error) {
    ws_result *made = NULL;
    const struct ws_options options = small_options();
    int status = ws_run(study, &options, &made, error);
    ws_result_destroy(made);
    return status;
}

static int save(struct ws_error *error) {
    unlink(path);
    return ws_result_save(result, path, 0, error);
}

static int load(struct ws_error *error) {
    ws_result *loaded = NULL;
    int status = ws_result_load(path, &loaded, error);
    ws_result_destroy(loaded);
    return status;
}

static int report(struct ws_error *error) {
    FILE *out = fopen("/dev/null", "w");
    const struct ws_report_options form = {.format = WS_FORMAT_TABLE, .wide = 1};
    int status = ws_report_check(study, NULL, &form, out, error);
    if (!status)
        status = ws_report_result(result, &form, out, error);
    if (!status)
        status = ws_report_explain(result, "energy > 1 [GWh]", &form, out, error);
    fclose(out);
    return status;
}

static int shard(struct ws_error *error) {
    const struct ws_options options = small_options();
    unlink(path);
    return ws_run_shard(study, &options, 1, 1, path, 0, error);
}

static int merge(struct ws_error *error) {
    ws_result *merged = NULL;
    const char *const paths[] = {path};
    const struct ws_options options = small_options();
    int status = ws_merge(paths, 1, &options, &merged, error);
    ws_result_destroy(merged);
    return status;
}

static int sensitivity(struct ws_error *error) {
    static const char text[] = "wattspan: 1\ninputs: {x: {unit: 1, prior: 1 to 2}, y: {unit: 1, prior: 3 to 5}}\n"
                               "outputs: {z: {unit: 1, formula: x * y}}\n";
    ws_study *products = NULL;
    ws_result *made = NULL;
    const struct ws_options options = {.draws = 1024, .keep = 10, .keep_given = 1, .threads = 2, .sink = &small_sink};
    int status = ws_study_parse("xy.yaml", text, strlen(text), NULL, &small_sink, &products, error);
    if (!status)
        status = ws_sensitivity(products, &options, NULL, &made, error);
    ws_result_destroy(made);
    ws_study_destroy(products);
    return status;
}

// One way through the library, which writes a file or not.
struct way {
    const char *name;
    int (*go)(struct ws_error *error);
    int writes;
};

static void check_failure(const struct way *way, int status, const struct ws_error *error, long n) {
    tap_result(status < 0 && error->status == status, __FILE__, __LINE__, "%s, %s, fault %ld: status %d, error's %d",
               way->name, fault_name, n, status, error->status);
    // HDF5 and the C library have their own words for it.
    tap_result(status == WS_ERROR_MEMORY || strstr(error->text, "memory"), __FILE__, __LINE__,
               "%s, %s, fault %ld: status %d, \"%s\"", way->name, fault_name, n, status, error->text);
    if (way->writes)
        small_failed_well(status, error, path, n);
}

static void try_each(const struct way *way) {
    struct ws_error error = {0};
    fault_at(0);
    int done = way->go(&error) == 0;
    long calls = atomic_load(&fault_calls);
    fault_stop();
    if (!tap_result(done, __FILE__, __LINE__, "%s without a fault: %s", way->name, error.text))
        return;
    printf("# %s: %ld allocations\n", way->name, calls);
    for (long n = 1; n <= calls; n += step) {
        error = (struct ws_error){0};
        fault_at(n);
        int status = way->go(&error);
        int reached = atomic_load(&fault_calls) >= n; // threads that race for groups allocate more or less
        fault_stop();
        if (reached)
            check_failure(way, status, &error, n);
    }
    CHECK(way->go(&error) == 0);
}

static void test_study(void) { try_each(&(struct way){"load a study", load_study, 0}); }
static void test_run(void) { try_each(&(struct way){"run", run, 0}); }
static void test_save(void) { try_each(&(struct way){"save", save, 1}); }
static void test_load(void) { try_each(&(struct way){"load", load, 0}); }
static void test_report(void) { try_each(&(struct way){"reports", report, 0}); }
static void test_shard(void) { try_each(&(struct way){"draw a shard", shard, 1}); }
static void test_merge(void) { try_each(&(struct way){"merge", merge, 0}); }
static void test_sensitivity(void) { try_each(&(struct way){"sensitivity", sensitivity, 0}); }

int main(int argc, char **argv) {
    struct ws_error error = {0};
    const struct ws_options options = small_options();
    step = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
    close(mkstemp(path));
    if (small_load(&study, &error) || ws_run(study, &options, &result, &error)) {
        printf("Bail out! %s\n", error.text);
        return EXIT_FAILURE;
    }
    RUN(test_study);
    RUN(test_run);
    RUN(test_save);
    RUN(test_load);
    RUN(test_report);
    RUN(test_shard);
    RUN(test_merge);
    RUN(test_sensitivity);
    unlink(path);
    ws_result_destroy(result);
    ws_study_destroy(study);
    return tap_done();
}
