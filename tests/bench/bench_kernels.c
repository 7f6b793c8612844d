// SPDX-License-Identifier: GPL-3.0-or-later
// Nanoseconds per draw of each kernel and instruction set, and a hash of all bits they gave (to be equal in every row).
// The sizes are those of the reference study: 12 inputs, 17 operations, 6 outputs.
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "numeric/kernels.h"

enum { INPUTS = 12, OUTPUTS = 6, ROWS = 32, ROUNDS = 20, LOG2_SEGMENTS = 5, WINDOW_OCTAVES = 64 };

struct bench {
    const struct ws_kernels *kernels;
    struct ws_table tables[INPUTS]; // no two share memory, as in a study
    struct ws_table broken, steps_few, steps_many;
    struct ws_program plain, fused;
    double *rows;
    uint32_t *words; // a row for each input
    uint32_t *scratch;
    struct ws_bin_window windows[2 * OUTPUTS]; // one sign, then both
    struct ws_moment_lanes lanes[OUTPUTS];
};

static void *aligned(size_t size) {
    void *p = aligned_alloc(64, (size + 63) / 64 * 64);
    if (!p)
        abort();
    memset(p, 0, size);
    return p;
}

// ---- what is run ----

// A logistic quantile function with median 3 and scale 1/10, by cubics through four points of each segment.
static void build_row(double c[4], double start, double width, double octave, int upper) {
    double x[4], y[4];
    for (int j = 0; j < 4; j++) {
        x[j] = width * (j + 0.5) / 4;
        double v = octave * (1 + start + x[j]), z = log(v) - log1p(-v);
        y[j] = 3 + (upper ? -0.1 : 0.1) * z;
    }
    double d1 = (y[1] - y[0]) / (x[1] - x[0]), d2 = (y[2] - y[1]) / (x[2] - x[1]), d3 = (y[3] - y[2]) / (x[3] - x[2]);
    double e1 = (d2 - d1) / (x[2] - x[0]), e2 = (d3 - d2) / (x[3] - x[1]), f = (e2 - e1) / (x[3] - x[0]);
    c[3] = f;
    c[2] = e1 - f * (x[0] + x[1] + x[2]);
    c[1] = d1 - e1 * (x[0] + x[1]) + f * (x[0] * x[1] + x[0] * x[2] + x[1] * x[2]);
    c[0] = y[0] - d1 * x[0] + e1 * x[0] * x[1] - f * x[0] * x[1] * x[2];
}

static struct ws_table build_table(void) {
    size_t segments = 1 << LOG2_SEGMENTS, n = 2 * WS_TABLE_OCTAVES * segments;
    double(*rows)[4] = aligned((n + 1) * sizeof *rows);
    for (size_t r = 0; r < n; r++) {
        size_t octave = r / segments % WS_TABLE_OCTAVES;
        build_row(rows[r], (double)(r % segments) / (double)segments, 1 / (double)segments,
                  ldexp(1, (int)octave - WS_TABLE_OCTAVES - 1), r / segments >= WS_TABLE_OCTAVES);
    }
    return (struct ws_table){.kind = WS_TABLE_SMOOTH, .log2_segments = LOG2_SEGMENTS, .rows = (const double(*)[4])rows};
}

static struct ws_table indexed(struct ws_table table) {
    if (ws_table_index(&table))
        abort();
    return table;
}

// One break, in the middle of the segment above the lower quartile.
static struct ws_table build_broken(void) {
    struct ws_table table = build_table();
    size_t n = 2 * WS_TABLE_OCTAVES << LOG2_SEGMENTS, broken = (WS_TABLE_OCTAVES - 1) << LOG2_SEGMENTS;
    double *break_at = aligned(n * sizeof *break_at);
    for (size_t r = 0; r < n; r++)
        break_at[r] = r == broken ? 0.5 / (1 << LOG2_SEGMENTS) : 2;
    table.kind = WS_TABLE_BROKEN;
    table.break_at = break_at;
    table.break_row = aligned(n * sizeof *table.break_row);
    table.beyond = table.rows + n;
    return indexed(table);
}

static struct ws_table build_steps(size_t n) {
    double *values = aligned(n * sizeof *values), *thresholds = aligned(n * sizeof *thresholds);
    for (size_t k = 0; k < n; k++) {
        values[k] = (double)k;
        thresholds[k] = (double)(k + 1) / (double)n;
    }
    return indexed((struct ws_table){.kind = WS_TABLE_STEPS, .n_steps = n, .values = values, .thresholds = thresholds});
}

// The formulas of the reference study; values 0..11 are its inputs, 12.. are results.
static const struct ws_instruction formulas[] = {
    {WS_OP_MUL, 12, {0, -1}},  {WS_OP_MUL, 13, {12, 1}},  {WS_OP_MUL, 14, {13, 2}},
    {WS_OP_MUL, 15, {14, 3}}, // energy
    {WS_OP_MUL, 16, {0, 4}},  // rental
    {WS_OP_MUL, 17, {0, 5}},   {WS_OP_DIV, 18, {17, 6}},  {WS_OP_MUL, 19, {15, 7}},
    {WS_OP_ADD, 20, {18, 19}},                                                       // amortized
    {WS_OP_MUL, 21, {-2, 8}},  {WS_OP_ADD, 22, {11, 21}}, {WS_OP_MUL, 23, {15, 22}}, // water
    {WS_OP_MUL, 24, {8, 9}},   {WS_OP_SUB, 25, {-3, 8}},  {WS_OP_MUL, 26, {25, 10}},
    {WS_OP_ADD, 27, {24, 26}}, {WS_OP_MUL, 28, {15, 27}}, {WS_OP_MUL, 29, {28, -4}}, // CO2
    {WS_OP_DIV, 30, {20, -5}},                                                       // per flop
};
enum { N_FORMULAS = sizeof formulas / sizeof *formulas };
static const int32_t outputs[OUTPUTS] = {15, 16, 20, 23, 29, 30};
static double constants[] = {0.7, 0.5981, 1, 1e-3, 5e26};

static struct ws_program build_program(int is_fused, struct ws_arena *arena) {
    struct ws_instruction *code = aligned(sizeof formulas);
    memcpy(code, formulas, sizeof formulas);
    unsigned char wanted[ROWS] = {0};
    for (int k = 0; k < OUTPUTS; k++)
        wanted[outputs[k]] = 1;
    size_t n = is_fused ? ws_program_fuse(code, N_FORMULAS, ROWS, wanted, arena) : N_FORMULAS;
    return (struct ws_program){ROWS, n, sizeof constants / sizeof *constants, code, constants};
}

// ---- one round of each kernel ----

static double *row(const struct bench *b, int32_t r) { return b->rows + r * WS_ROW_STRIDE; }

static void words(struct bench *b, uint64_t round) {
    for (uint64_t k = 0; k < INPUTS; k++)
        b->kernels->philox(b->words + k * WS_BLOCK, 1, k, round * WS_BLOCK);
}
static void draws(struct bench *b, uint64_t round) {
    (void)round;
    for (int k = 0; k < INPUTS; k++)
        b->kernels->draw(&b->tables[k], b->words + k * WS_BLOCK, row(b, k));
}
static void draw_all(struct bench *b, const struct ws_table *table) {
    for (int k = 0; k < INPUTS; k++)
        b->kernels->draw(table, b->words + k * WS_BLOCK, row(b, k));
}
static void smooth(struct bench *b, uint64_t round) { (void)round, draw_all(b, &b->tables[0]); }
static void broken(struct bench *b, uint64_t round) { (void)round, draw_all(b, &b->broken); }
static void few(struct bench *b, uint64_t round) { (void)round, draw_all(b, &b->steps_few); }
static void many(struct bench *b, uint64_t round) { (void)round, draw_all(b, &b->steps_many); }
static void plain(struct bench *b, uint64_t round) { (void)round, b->kernels->run(&b->plain, b->rows); }
static void fused(struct bench *b, uint64_t round) { (void)round, b->kernels->run(&b->fused, b->rows); }
static void moments(struct bench *b, uint64_t round) {
    (void)round;
    size_t first_invalid;
    for (int k = 0; k < OUTPUTS; k++)
        b->kernels->moments(&b->lanes[k], row(b, outputs[k]), WS_BLOCK, 5, 0.125, &first_invalid);
}
static void one_sign(struct bench *b, uint64_t round) {
    (void)round;
    for (int k = 0; k < OUTPUTS; k++)
        b->kernels->bin(&b->windows[k], NULL, row(b, outputs[k]), WS_BLOCK, b->scratch);
}
static void both_signs(struct bench *b, uint64_t round) {
    (void)round;
    for (int k = 0; k < OUTPUTS; k++)
        b->kernels->bin(&b->windows[OUTPUTS + k], NULL, row(b, outputs[k]), WS_BLOCK, b->scratch);
}
static void tally(struct bench *b, uint64_t round) {
    (void)round;
    size_t first_invalid;
    for (int k = 0; k < OUTPUTS; k++)
        b->kernels->tally(&b->lanes[k], &b->windows[k], NULL, row(b, outputs[k]), WS_BLOCK, 5, 0.125, &first_invalid,
                          b->scratch);
}
static void whole(struct bench *b, uint64_t round) {
    for (uint64_t k = 0; k < INPUTS; k++) {
        b->kernels->philox(b->scratch, 1, k, round * WS_BLOCK);
        b->kernels->draw(&b->tables[k], b->scratch, row(b, (int32_t)k));
    }
    fused(b, round);
    tally(b, round);
}

static const struct {
    const char *name;
    void (*run)(struct bench *b, uint64_t round);
} stages[] = {
    {"words: Philox4x32-10 (12 inputs)", words},
    {"draws: one table 12 times, smooth", smooth},
    {"draws: one table 12 times, one break", broken},
    {"draws: 5 steps, 12 times", few},
    {"draws: 1000 steps, 12 times", many},
    {"draws: 12 tables", draws},
    {"formulas: 19 operations, one by one", plain},
    {"formulas: fused", fused},
    {"moments (6 outputs)", moments},
    {"bins, one sign (6 outputs)", one_sign},
    {"bins, both signs (6 outputs)", both_signs},
    {"moments and bins, one sign (6 outputs)", tally},
    {"whole", whole},
};

// ---- measuring ----

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

// The best of many short rounds over a third of a second: others may be using the machine.
static double measure(struct bench *b, void (*run)(struct bench *b, uint64_t round)) {
    double best = INFINITY;
    for (double end = seconds() + 0.3; seconds() < end;) {
        double start = seconds();
        for (uint64_t round = 0; round < ROUNDS; round++)
            run(b, round);
        best = fmin(best, seconds() - start);
    }
    return best / ((double)ROUNDS * WS_BLOCK) * 1e9;
}

// FNV-1a.
static uint64_t hash(uint64_t h, const void *bytes, size_t n) {
    for (size_t i = 0; i < n; i++)
        h = (h ^ ((const unsigned char *)bytes)[i]) * UINT64_C(0x100000001b3);
    return h;
}

static void clear_tallies(struct bench *b) {
    for (int k = 0; k < 2 * OUTPUTS; k++)
        memset(b->windows[k].counts, 0, (b->windows[k].stray + 1) * sizeof(uint32_t));
    for (int k = 0; k < OUTPUTS; k++)
        b->lanes[k] = (struct ws_moment_lanes){.minimum = INFINITY, .maximum = -INFINITY};
}

static uint64_t hash_all(struct bench *b) {
    clear_tallies(b);
    for (uint64_t round = 0; round < ROUNDS; round++)
        whole(b, round), both_signs(b, round);
    uint64_t h = hash(UINT64_C(0xcbf29ce484222325), b->rows, ROWS * WS_ROW_STRIDE * sizeof *b->rows);
    h = hash(h, b->lanes, sizeof b->lanes);
    for (int k = 0; k < 2 * OUTPUTS; k++)
        h = hash(h, b->windows[k].counts, (b->windows[k].stray + 1) * sizeof(uint32_t));
    return h;
}

static void build(struct bench *b, struct ws_arena *arena) {
    for (int k = 0; k < INPUTS; k++)
        b->tables[k] = build_table();
    b->broken = build_broken();
    b->steps_few = build_steps(5);
    b->steps_many = build_steps(1000);
    b->plain = build_program(0, arena);
    b->fused = build_program(1, arena);
    b->rows = aligned(ROWS * WS_ROW_STRIDE * sizeof *b->rows);
    b->words = aligned(INPUTS * WS_BLOCK * sizeof *b->words);
    b->scratch = aligned(WS_BLOCK * sizeof *b->scratch);
    for (int k = 0; k < 2 * OUTPUTS; k++) {
        int both = k >= OUTPUTS;
        uint32_t stray = WINDOW_OCTAVES * WS_BINS_PER_OCTAVE << both;
        uint32_t first = k % OUTPUTS == OUTPUTS - 1 ? 920 : 1003; // the last output is of the order of 1e-26
        b->windows[k] =
            (struct ws_bin_window){both && first > 1000 ? 5 : 0,           first, WINDOW_OCTAVES, both, stray, stray,
                                   aligned((stray + 1) * sizeof(uint32_t))};
    }
}

int main(void) {
    struct bench b;
    struct ws_arena *arena = ws_arena_create();
    if (!arena || ws_arena_catch(arena))
        return EXIT_FAILURE;
    build(&b, arena);
    const struct ws_kernels *all[WS_MOST_ISAS];
    for (size_t n = ws_kernels_all(all); n-- > 0;) {
        b.kernels = all[n];
        clear_tallies(&b);
        printf("%s\n", b.kernels->isa);
        for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
            printf("    %-40s %7.2f ns/draw\n", stages[i].name, measure(&b, stages[i].run));
        printf("    bits %016" PRIx64 "\n", hash_all(&b));
    }
    ws_arena_destroy(arena);
    return EXIT_SUCCESS;
}
