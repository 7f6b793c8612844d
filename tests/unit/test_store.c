// SPDX-License-Identifier: GPL-3.0-or-later
// Results survive the file bit for bit, and trouble with files leaves what was there untouched.
#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "engine/result.h"
#include "store/store.h"
#include "study/load.h"
#include "tap.h"

static char folder[] = "/tmp/wattspan-store-XXXXXX";

static const char *in_folder(const char *name) {
    static char path[8][256];
    static int next;
    next = (next + 1) % 8;
    snprintf(path[next], sizeof path[next], "%s/%s", folder, name);
    return path[next];
}

// ---- a result made by hand ----

static const char study_text[] =
    "wattspan: 1\n"
    "title: A study with an accent, é\n"
    "sources: {a: {title: A source}}\n"
    "inputs:\n"
    "  hours: {unit: h, prior: 1e6 to 4e6, point: 2e6, source: a, basis: read}\n"
    "  power: {unit: kW, prior: 0.7}\n"
    "  method: {prior: {choice: {fast: 1, slow: 3}}, point: slow}\n"
    "  price: {unit: USD/kWh, prior: {normal: {mean: 0.1, sd: 0.01}}, currency: USD, price_year: 2025}\n"
    "outputs:\n"
    "  energy: {unit: GWh, formula: \"hours * power\", boundary: at the meter, by: method,\n"
    "           published: [{value: 1.5, source: a}, {value: 1e6, unit: kWh, note: \"\"}]}\n"
    "  cost: {unit: USD, formula: \"energy * price * select(method, fast = 1, slow = 2)\"}\n";

static int no_file(void *user, const char *path, struct ws_arena *arena, char **text, size_t *length,
                   struct ws_error *err) {
    (void)user, (void)arena, (void)text, (void)length;
    return ws_error_set(err, WS_ERROR_FILE, path, "no file is read here");
}

static struct ws_study *build_study(const char *text, struct ws_arena *arena) {
    struct ws_messages messages = {.arena = arena};
    int trouble = 0;
    const struct ws_load_request request = {
        .path = "folder/hand-made.yaml", .text = text, .length = strlen(text), .reader = {.read = no_file}};
    struct ws_study *study = ws_study_make(&request, arena, &messages, &trouble);
    for (size_t i = 0; i < messages.count; i++)
        printf("# %d:%d: %s\n", messages.items[i].place.line, messages.items[i].place.column, messages.items[i].text);
    return study;
}

// Values that try the file: both signs, zero, very small and large ones; `salt` makes tallies differ.
static void fill_tally(struct ws_tally *tally, unsigned salt) {
    ws_moments_init(&tally->moments, 1.25, 0x1p-3);
    ws_sketch_init(&tally->sketch, 0.5);
    for (int i = 0; i < 500; i++) {
        double x = i == 0 ? 0.5 : (i % 3 ? 1 : -1) * exp(0.02 * ((i * 7 + salt) % 500) - 3);
        double d = (x - 1.25) * 0x1p-3;
        ws_sketch_add(&tally->sketch, x, 1 + i % 4);
        for (int k = 0; k < 4; k++)
            for (int n = 0; n < 1 + i % 4; n++)
                ws_exact_add(&tally->moments.sum[k], pow(d, k + 1));
        tally->moments.minimum = fmin(tally->moments.minimum, x);
        tally->moments.maximum = fmax(tally->moments.maximum, x);
        tally->moments.count += 1 + i % 4;
    }
    if (salt % 2) {
        tally->moments.invalid = salt;
        tally->moments.first_invalid = 3 * salt;
        ws_exact_add(&tally->moments.sum[3], INFINITY);
    }
    for (int k = 0; k < 4; k++)
        ws_exact_normalise(&tally->moments.sum[k]);
}

// Number i in the order case, randomisation, slot.
static void add_tally(struct ws_result *result, size_t i) {
    size_t slot = i % result->n_slots, round = i / result->n_slots;
    struct ws_tally tally = {0};
    if (!result->shelf) {
        fill_tally(&result->tallies[i], (unsigned)i);
        return;
    }
    fill_tally(&tally, (unsigned)i);
    CHECK_INT(ws_result_add(result, round / result->replicates, round % result->replicates, slot, &tally), 0);
    ws_tally_finish(&tally);
}

static void add_slots(struct ws_result *result, struct ws_arena *arena) {
    size_t energy = result->study->n_inputs + result->study->n_derived;
    result->slots = WS_NEW_ARRAY(arena, struct ws_result_slot, 4);
    result->n_slots = 4;
    result->slots[0] = (struct ws_result_slot){energy, SIZE_MAX, 0};
    result->slots[1] = (struct ws_result_slot){energy + 1, SIZE_MAX, 0};
    result->slots[2] = (struct ws_result_slot){energy, 2, 0};
    result->slots[3] = (struct ws_result_slot){energy, 2, 1};
}

static void add_draws(struct ws_result *result, size_t n, struct ws_arena *arena) {
    const struct ws_study *study = result->study;
    result->n_kept = n;
    result->kept_inputs = WS_NEW_ARRAY(arena, double, study->n_inputs *n + 1);
    result->kept_outputs = WS_NEW_ARRAY(arena, double, result->n_cases * study->n_outputs * n + 1);
    for (size_t i = 0; i < study->n_inputs; i++)
        for (size_t k = 0; k < n; k++)
            result->kept_inputs[i * n + k] = i == 1 ? 0.7 : i == 2 ? (double)(k % 2) : sin((double)(i * n + k)) * 1e5;
    for (size_t i = 0; i < result->n_cases * study->n_outputs * n; i++)
        result->kept_outputs[i] = i == 5 ? (double)NAN : i == 6 ? -INFINITY : cos((double)i) / 3;
}

static struct ws_result *make_result(const char *text, size_t n_cases, size_t replicates, size_t n_kept,
                                     struct ws_arena *arena) {
    struct ws_result *result = WS_NEW(arena, struct ws_result);
    *result = (struct ws_result){
        .arena = arena,
        .study = build_study(text, arena),
        .draws = 123456789012,
        .seed = UINT64_MAX - 4,
        .rng = "philox4x32",
        .design = "mc",
        .replicates = replicates,
        .tables_digest = "0123456789abcdef",
        .provenance = {.version = "0.1.0",
                       .revision = "abcdef",
                       .host = "host \xff", // no UTF-8
                       .date_created = "2025-09-12T00:00:00Z",
                       .history = "wattspan run hand-made.yaml",
                       .wall_seconds = 1.5,
                       .threads = 2,
                       .ranks = 1,
                       .isa = "avx2"},
        .n_cases = n_cases,
    };
    if (!result->study) {
        fflush(stdout);
        abort();
    }
    ws_result_make_axes(result, arena);
    CHECK_INT(result->n_cases, n_cases);
    result->inputs = WS_NEW_ARRAY(arena, struct ws_input_table, result->study->n_inputs);
    for (size_t i = 0; i < result->study->n_inputs; i++)
        result->inputs[i] = (struct ws_input_table){1e-10 * (double)i, (double)i, 2, 3, 4.5, -6};
    add_slots(result, arena);
    ws_result_make_tallies(result, arena);
    for (size_t i = 0; i < n_cases * replicates * result->n_slots; i++)
        add_tally(result, i);
    ws_result_pool(result, arena, NULL);
    add_draws(result, n_kept, arena);
    return result;
}

// ---- comparing ----

static int same_bits(const void *a, const void *b, size_t size) { return memcmp(a, b, size) == 0; }

static void compare_tally(const struct ws_tally *found, const struct ws_tally *wanted) {
    CHECK(same_bits(&found->moments.sum, &wanted->moments.sum, sizeof wanted->moments.sum));
    CHECK_REL(found->moments.pivot, wanted->moments.pivot, 0);
    CHECK_REL(found->moments.scale, wanted->moments.scale, 0);
    CHECK_REL(found->moments.minimum, wanted->moments.minimum, 0);
    CHECK_REL(found->moments.maximum, wanted->moments.maximum, 0);
    CHECK_INT(found->moments.count, wanted->moments.count);
    CHECK_INT(found->moments.invalid, wanted->moments.invalid);
    CHECK_INT(found->moments.first_invalid, wanted->moments.first_invalid);
    CHECK_REL(found->sketch.origin, wanted->sketch.origin, 0);
    CHECK_INT(found->sketch.total, wanted->sketch.total);
    if (!CHECK_INT(found->sketch.n_pages, wanted->sketch.n_pages))
        return;
    for (size_t p = 0; p < wanted->sketch.n_pages; p++) {
        CHECK_INT(found->sketch.pages[p].octave, wanted->sketch.pages[p].octave);
        CHECK(same_bits(found->sketch.pages[p].counts, wanted->sketch.pages[p].counts,
                        WS_BINS_PER_OCTAVE * sizeof(int64_t)));
    }
}

static void compare_study(const struct ws_study *found, const struct ws_study *wanted) {
    CHECK_STR(found->name, wanted->name);
    CHECK_STR(found->title, wanted->title);
    CHECK_STR(found->flattened, wanted->flattened);
    CHECK_STR(found->sha256, wanted->sha256);
    CHECK_INT(found->n_quantities, wanted->n_quantities);
    CHECK_INT(found->n_claims, wanted->n_claims);
    if (!CHECK_INT(found->n_files, wanted->n_files))
        return;
    for (size_t i = 0; i < wanted->n_files; i++) {
        CHECK_STR(found->files[i].name, wanted->files[i].name);
        CHECK_STR(found->files[i].text, wanted->files[i].text);
        CHECK_STR(found->files[i].sha256, wanted->files[i].sha256);
        CHECK_INT(found->files[i].length, wanted->files[i].length);
    }
}

static void compare_run(const struct ws_result *found, const struct ws_result *wanted) {
    CHECK_INT(found->draws, wanted->draws);
    CHECK_INT(found->seed, wanted->seed);
    CHECK_STR(found->rng, wanted->rng);
    CHECK_STR(found->design, wanted->design);
    CHECK_INT(found->replicates, wanted->replicates);
    CHECK_STR(found->tables_digest, wanted->tables_digest);
    CHECK_STR(found->provenance.version, wanted->provenance.version);
    CHECK_STR(found->provenance.revision, wanted->provenance.revision);
    CHECK_STR(found->provenance.host, "host \xef\xbf\xbd");
    CHECK_STR(found->provenance.date_created, wanted->provenance.date_created);
    CHECK_STR(found->provenance.history, wanted->provenance.history);
    CHECK_STR(found->provenance.isa, wanted->provenance.isa);
    CHECK_INT(found->provenance.threads, wanted->provenance.threads);
    CHECK_INT(found->provenance.ranks, wanted->provenance.ranks);
    CHECK_REL(found->provenance.wall_seconds, wanted->provenance.wall_seconds, 0);
}

static void compare_result(const struct ws_result *found, const struct ws_result *wanted) {
    size_t n_inputs = wanted->study->n_inputs, n_outputs = wanted->study->n_outputs;
    compare_study(found->study, wanted->study);
    compare_run(found, wanted);
    CHECK(same_bits(found->inputs, wanted->inputs, n_inputs * sizeof *wanted->inputs));
    if (!CHECK_INT(found->n_cases, wanted->n_cases) || !CHECK_INT(found->n_axes, wanted->n_axes) ||
        !CHECK_INT(found->n_slots, wanted->n_slots) || !CHECK_INT(found->n_kept, wanted->n_kept))
        return;
    for (size_t i = 0; i < wanted->n_axes; i++) {
        CHECK_STR(found->axes[i].name, wanted->axes[i].name);
        CHECK(!found->axes[i].labels == !wanted->axes[i].labels);
        for (size_t c = 0; c < wanted->n_cases; c++)
            if (wanted->axes[i].labels)
                CHECK_STR(found->axes[i].labels[c], wanted->axes[i].labels[c]);
            else
                CHECK(same_bits(&found->axes[i].values[c], &wanted->axes[i].values[c], sizeof(double)));
    }
    for (size_t i = 0; i < wanted->n_slots; i++)
        CHECK(same_bits(&found->slots[i], &wanted->slots[i], sizeof wanted->slots[i]));
    for (size_t c = 0; c < wanted->n_cases; c++)
        for (size_t s = 0; s < wanted->n_slots; s++) {
            for (size_t r = 0; r < wanted->replicates; r++)
                compare_tally(ws_result_replicate(found, c, r, s), ws_result_replicate(wanted, c, r, s));
            CHECK_INT(ws_result_tally(found, c, s)->sketch.total, ws_result_tally(wanted, c, s)->sketch.total);
        }
    CHECK(same_bits(found->kept_inputs, wanted->kept_inputs, n_inputs * wanted->n_kept * sizeof(double)));
    CHECK(same_bits(found->kept_outputs, wanted->kept_outputs,
                    wanted->n_cases * n_outputs * wanted->n_kept * sizeof(double)));
}

// Saves, loads and compares.
static void there_and_back(const struct ws_result *result, const char *path, struct ws_arena *arena) {
    struct ws_error error = {0};
    struct ws_result *found = NULL;
    if (!CHECK_INT(ws_store_save(result, path, 0, &error), 0) ||
        !CHECK_INT(ws_store_load(path, arena, &found, &error), 0)) {
        printf("# %s: %s\n", error.where, error.text);
        return;
    }
    compare_result(found, result);
    CHECK_INT(ws_store_probe(path), 1);
}

static void test_round_trip(void) {
    struct ws_arena *arena = ws_arena_create();
    there_and_back(make_result(study_text, 1, 1, 1000, arena), in_folder("one.h5"), arena);
    there_and_back(make_result(study_text, 1, 1, 0, arena), in_folder("one.h5"), arena);
    there_and_back(make_result(study_text, 1, 16, 131072, arena), in_folder("one.h5"), arena);
    ws_arena_destroy(arena);
}

static void test_sweep(void) {
    struct ws_arena *arena = ws_arena_create();
    const char *text = ws_arena_printf(
        arena, "%ssweep: {zip: {price: [1.1, 1.2, 1.3], hours: {low: 1e6, middle: 1e6 to 2e6, high: 3e6}}}\n",
        study_text);
    struct ws_result *result = make_result(text, 3, 2, 100, arena);
    for (size_t a = 0; a < result->n_axes; a++) // what is swept is not kept
        memset(result->kept_inputs + result->study->axes[a].quantity * 100, 0, 100 * sizeof(double));
    there_and_back(result, in_folder("sweep.h5"), arena);
    ws_arena_destroy(arena);
}

// An output of which no draw was a number: no pages, no bins.
static void test_nothing_valid(void) {
    struct ws_arena *arena = ws_arena_create();
    struct ws_result *result = make_result(study_text, 1, 1, 10, arena);
    ws_tally_finish(&result->tallies[1]);
    ws_moments_init(&result->tallies[1].moments, 0, 1);
    result->tallies[1].moments.invalid = 10;
    result->tallies[1].moments.first_invalid = 0;
    there_and_back(result, in_folder("nothing.h5"), arena);
    ws_arena_destroy(arena);
}

// Longer than an attribute of HDF5 may be: 64 KiB.
static void test_long_study(void) {
    struct ws_arena *arena = ws_arena_create();
    enum { LENGTH = 200 * 1024 };
    struct ws_text text = {.arena = arena};
    ws_text_add(&text, "description: ");
    while (text.length < LENGTH + 64)
        ws_text_add(&text, "a description that goes on and on and on and on ");
    ws_text_add(&text, "\n");
    ws_text_add(&text, study_text);
    struct ws_result *result = make_result(text.data, 1, 1, 10, arena);
    CHECK(strlen(result->study->flattened) > LENGTH);
    there_and_back(result, in_folder("long.h5"), arena);
    ws_arena_destroy(arena);
}

static void test_stored_run(void) {
    struct ws_arena *arena = ws_arena_create();
    struct ws_result *result = make_result(study_text, 1, 1, 77, arena);
    struct ws_stored_run run;
    CHECK_INT(ws_store_save(result, in_folder("run.h5"), 0, NULL), 0);
    CHECK_INT(ws_store_load_run(in_folder("run.h5"), arena, &run, NULL), 0);
    CHECK_STR(run.study, result->study->flattened);
    CHECK_INT(run.length, strlen(result->study->flattened));
    CHECK_STR(run.name, "hand-made");
    CHECK_INT(run.draws, result->draws);
    CHECK_INT(run.seed, result->seed);
    CHECK_INT(run.keep, 77);
    CHECK_STR(run.design, "mc");
    CHECK_STR(run.rng, "philox4x32");
    ws_arena_destroy(arena);
}

// ---- trouble ----

static void write_text(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
}

static char *read_all(const char *path, size_t *size) {
    struct stat info;
    FILE *file = fopen(path, "r");
    if (!file || fstat(fileno(file), &info))
        return NULL;
    char *bytes = malloc((size_t)info.st_size + 1);
    *size = fread(bytes, 1, (size_t)info.st_size, file);
    fclose(file);
    return bytes;
}

static int is_there(const char *path) { return access(path, F_OK) == 0; }

// Saving there must fail with a line that names the file and leave no PATH.part.
static void refuses(const struct ws_result *result, const char *path, int flags, const char *reason) {
    struct ws_error error = {0};
    char part[300];
    snprintf(part, sizeof part, "%s.part", path);
    CHECK_INT(ws_store_save(result, path, flags, &error), WS_ERROR_FILE);
    CHECK_STR(error.where, path);
    if (!CHECK(strstr(error.text, reason) != NULL))
        printf("# %s: %s\n", error.where, error.text);
    CHECK(!is_there(part));
}

static void foreign_hdf5(const char *path) {
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
}

static void test_refused_places(void) {
    struct ws_arena *arena = ws_arena_create();
    const struct ws_result *result = make_result(study_text, 1, 1, 10, arena);
    refuses(result, in_folder("missing/a.h5"), 0, "No such file or directory");
    refuses(result, in_folder("one.h5/a.h5"), 0, "");
    refuses(result, "/proc/a.h5", 0, "cannot be written");
    refuses(result, folder, 0, "no wattspan result");
    refuses(result, "/dev/null", 0, "no wattspan result");

    write_text(in_folder("text.h5"), "a text");
    refuses(result, in_folder("text.h5"), 0, "no wattspan result");
    size_t size = 0;
    char *text = read_all(in_folder("text.h5"), &size);
    CHECK(size == 6 && same_bits(text, "a text", 6));
    free(text);

    foreign_hdf5(in_folder("foreign.h5"));
    refuses(result, in_folder("foreign.h5"), 0, "no wattspan result");
    CHECK_INT(ws_store_save(result, in_folder("mine.h5"), WS_SAVE_NO_CLOBBER, NULL), 0);
    refuses(result, in_folder("mine.h5"), WS_SAVE_NO_CLOBBER, "not to be replaced");
    CHECK_INT(ws_store_save(result, in_folder("mine.h5"), 0, NULL), 0);
    CHECK_INT(ws_store_check_output(in_folder("mine.h5"), 0, NULL), 0);
    CHECK_INT(ws_store_check_output(in_folder("mine.h5"), WS_SAVE_NO_CLOBBER, NULL), WS_ERROR_FILE);
    CHECK_INT(ws_store_check_output(in_folder("text.h5"), 0, NULL), WS_ERROR_FILE);
    CHECK_INT(ws_store_check_output(in_folder("new.h5"), 0, NULL), 0);
    CHECK(!is_there(in_folder("new.h5")) && !is_there(in_folder("new.h5.part")));
    ws_arena_destroy(arena);
}

static void test_read_only_folder(void) {
    struct ws_arena *arena = ws_arena_create();
    const struct ws_result *result = make_result(study_text, 1, 1, 10, arena);
    const char *locked = in_folder("locked");
    mkdir(locked, 0555);
    if (geteuid() == 0)
        CHECK(access(locked, W_OK) == 0); // root may write everywhere: /proc stands for the case above
    else
        refuses(result, in_folder("locked/a.h5"), 0, "Permission denied");
    ws_arena_destroy(arena);
}

// A limit on the size of files stands for a full disk.
static void test_full_disk(void) {
    struct ws_arena *arena = ws_arena_create();
    const struct ws_result *result = make_result(study_text, 1, 1, 1000, arena);
    struct rlimit limit, small;
    const char *path = in_folder("full.h5");
    size_t before = 0, after = 0;
    CHECK_INT(ws_store_save(result, path, 0, NULL), 0);
    char *old = read_all(path, &before);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    small = limit;
    small.rlim_cur = 50000;
    setrlimit(RLIMIT_FSIZE, &small);
    refuses(result, path, 0, strerror(EFBIG));
    setrlimit(RLIMIT_FSIZE, &limit);
    char *now = read_all(path, &after);
    CHECK(before == after && same_bits(old, now, before));
    free(old);
    free(now);
    ws_arena_destroy(arena);
}

static void test_stale_part(void) {
    struct ws_arena *arena = ws_arena_create();
    const struct ws_result *result = make_result(study_text, 1, 1, 10, arena);
    write_text(in_folder("stale.h5.part"), "left by a run that was killed");
    CHECK_INT(ws_store_save(result, in_folder("stale.h5"), 0, NULL), 0);
    CHECK_INT(ws_store_probe(in_folder("stale.h5")), 1);
    CHECK(!is_there(in_folder("stale.h5.part")));
    ws_arena_destroy(arena);
}

static void cannot_load(const char *path, const char *reason) {
    struct ws_arena *arena = ws_arena_create();
    struct ws_error error = {0};
    struct ws_result *result = NULL;
    struct ws_stored_run run;
    CHECK_INT(ws_store_load(path, arena, &result, &error), WS_ERROR_FILE);
    CHECK_STR(error.where, path);
    if (!CHECK(strstr(error.text, reason) != NULL))
        printf("# %s: %s\n", error.where, error.text);
    CHECK_INT(ws_store_load_run(path, arena, &run, NULL), WS_ERROR_FILE);
    ws_arena_destroy(arena);
}

static void write_bytes(const char *path, const char *bytes, size_t size) {
    FILE *file = fopen(path, "w");
    fwrite(bytes, 1, size, file);
    fclose(file);
}

static void test_refused_files(void) {
    size_t size = 0;
    cannot_load(in_folder("absent.h5"), "no such file");
    cannot_load(in_folder("text.h5"), "no HDF5 file");
    cannot_load(in_folder("foreign.h5"), "no wattspan result");
    cannot_load(folder, "no HDF5 file");
    char *bytes = read_all(in_folder("mine.h5"), &size);
    write_bytes(in_folder("cut.h5"), bytes, size / 2);
    cannot_load(in_folder("cut.h5"), "truncated");
    write_bytes(in_folder("cut.h5"), bytes, 8);
    cannot_load(in_folder("cut.h5"), "cannot be opened");
    write_bytes(in_folder("cut.h5"), bytes, 0);
    cannot_load(in_folder("cut.h5"), "no HDF5 file");
    free(bytes);
    CHECK_INT(ws_store_probe(in_folder("absent.h5")), -1);
    CHECK_INT(ws_store_probe(in_folder("text.h5")), 0);
    CHECK_INT(ws_store_probe(in_folder("foreign.h5")), 0);
    CHECK_INT(ws_store_probe(folder), 0);
}

// Sets a numeric attribute of the file's root.
static void set_attribute(const char *path, const char *name, int64_t value) {
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), attribute = H5Aopen(file, name, H5P_DEFAULT);
    H5Awrite(attribute, H5T_NATIVE_INT64, &value);
    H5Aclose(attribute);
    H5Fclose(file);
}

static void unlink_member(const char *path, const char *name) {
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    H5Ldelete(file, name, H5P_DEFAULT);
    H5Fclose(file);
}

// Replaces a member by a link to another file's.
static void link_elsewhere(const char *path, const char *name) {
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    H5Ldelete(file, name, H5P_DEFAULT);
    H5Lcreate_external("mine.h5", name, file, name, H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
}

static void set_first_value(const char *path, const char *name, int64_t value) {
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), dataset = H5Dopen2(file, name, H5P_DEFAULT);
    hid_t space = H5Dget_space(dataset);
    int64_t *all = calloc((size_t)H5Sget_simple_extent_npoints(space), sizeof *all);
    H5Dread(dataset, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, all);
    all[0] = value;
    H5Dwrite(dataset, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, all);
    free(all);
    H5Sclose(space);
    H5Dclose(dataset);
    H5Fclose(file);
}

static void set_byte(const char *path, const char *name, size_t at, unsigned char value) {
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), dataset = H5Dopen2(file, name, H5P_DEFAULT);
    hid_t space = H5Dget_space(dataset);
    unsigned char *all = calloc((size_t)H5Sget_simple_extent_npoints(space), 1);
    H5Dread(dataset, H5T_NATIVE_UCHAR, H5S_ALL, H5S_ALL, H5P_DEFAULT, all);
    all[at] = value;
    H5Dwrite(dataset, H5T_NATIVE_UCHAR, H5S_ALL, H5S_ALL, H5P_DEFAULT, all);
    free(all);
    H5Sclose(space);
    H5Dclose(dataset);
    H5Fclose(file);
}

static void copy_file(const char *to, const char *from) {
    size_t size = 0;
    char *bytes = read_all(from, &size);
    write_bytes(to, bytes, size);
    free(bytes);
}

// A reason that names what is wrong, for loading alone: the study and the run can still be read.
static void cannot_load_result(const char *path, const char *reason) {
    struct ws_arena *arena = ws_arena_create();
    struct ws_error error = {0};
    struct ws_result *result = NULL;
    CHECK_INT(ws_store_load(path, arena, &result, &error), WS_ERROR_FILE);
    if (!CHECK(strstr(error.text, reason) != NULL))
        printf("# %s: %s\n", error.where, error.text);
    ws_arena_destroy(arena);
}

static void test_changed_files(void) {
    const char *mine = in_folder("mine.h5"), *path = in_folder("changed.h5");
    copy_file(path, mine);
    set_attribute(path, "format_version", 2);
    cannot_load(path, "format version 2");
    copy_file(path, mine);
    set_attribute(path, "replicates", 3);
    cannot_load_result(path, "values along axis");
    copy_file(path, mine);
    set_attribute(path, "replicates", -1);
    cannot_load_result(path, "'replicates' is -1");
    copy_file(path, mine);
    unlink_member(path, "sketch/cost");
    cannot_load_result(path, "missing");
    copy_file(path, mine);
    link_elsewhere(path, "sketch/cost");
    cannot_load_result(path, "missing");
    copy_file(path, mine);
    set_first_value(path, "sketch/energy/size", -1);
    cannot_load_result(path, "makes no sense");
    copy_file(path, mine);
    set_first_value(path, "sketch/energy/size", 60);
    cannot_load_result(path, "makes no sense");
    copy_file(path, mine);
    set_first_value(path, "sketch/energy/size", 1 << 20);
    cannot_load_result(path, "makes no sense");
    copy_file(path, mine);
    set_byte(path, "sketch/energy/packed", 7, 0x7f); // the pivot is no number
    cannot_load_result(path, "makes no sense");
    copy_file(path, mine);
    set_byte(path, "sketch/energy/packed", 8, 1); // the scale is no power of two
    cannot_load_result(path, "makes no sense");
    copy_file(path, mine);
    set_byte(path, "sketch/energy/packed", 32, 0x80); // another number of draws than counts
    cannot_load_result(path, "makes no sense");
    copy_file(path, mine);
    set_first_value(path, "prior/method", 2);
    cannot_load_result(path, "no label");
}

// Whether loading the file fails with a reason.
static int says_why(const char *path) {
    struct ws_arena *arena = ws_arena_create();
    struct ws_error error = {0};
    struct ws_result *result = NULL;
    int status = ws_store_load(path, arena, &result, &error);
    int good = status != 0 && error.status == status && error.text[0] != '\0';
    ws_arena_destroy(arena);
    return good;
}

// One bit at a time is changed, in a fixed pattern. (One of the last 16 bytes could turn the file into one without a
// checksum.)
static void test_damaged_bytes(void) {
    size_t size = 0;
    char *bytes = read_all(in_folder("mine.h5"), &size);
    uint32_t random = 1;
    for (int i = 0; i < 150; i++) {
        random = random * 1664525u + 1013904223u;
        size_t at = i < 60 ? (size_t)i * 4 : random % (size - 16);
        char old = bytes[at];
        bytes[at] = (char)(old ^ (1 << random % 7));
        write_bytes(in_folder("damaged.h5"), bytes, size);
        CHECK(says_why(in_folder("damaged.h5")));
        bytes[at] = old;
    }
    free(bytes);
}

static void test_no_file_left_open(void) { CHECK_INT(H5Fget_obj_count(H5F_OBJ_ALL, H5F_OBJ_ALL), 0); }

int main(void) {
    if (!mkdtemp(folder))
        return tap_skip("no place for files");
    RUN(test_round_trip);
    RUN(test_sweep);
    RUN(test_nothing_valid);
    RUN(test_long_study);
    RUN(test_stored_run);
    RUN(test_refused_places);
    RUN(test_read_only_folder);
    RUN(test_full_disk);
    RUN(test_stale_part);
    RUN(test_refused_files);
    RUN(test_changed_files);
    RUN(test_damaged_bytes);
    RUN(test_no_file_left_open);
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", folder);
    if (system(command) != 0)
        printf("# %s remains\n", folder);
    return tap_done();
}
