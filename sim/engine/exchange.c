// SPDX-License-Identifier: GPL-3.0-or-later
// The two samples are 2 d different dimensions of one sequence: input k has dimension k in A and d + k in B.
//
// Inputs that are drawn jointly are redrawn from their conditional law (engine/redraw.h), which takes their scores in A
// and in B; all others are taken from B as they are.
#include "engine/exchange.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/redraw.h"
#include "engine/registers.h"
#include "wattspan.h"

// One thread's memory.
struct ws_bench {
    const struct ws_exchange *shared;
    struct ws_registers registers;
    int status;                  // 0, or why the model failed
    double *first, *second;      // the inputs' rows of both samples
    double *values_a, *values_b; // [output][draw]; NAN where invalid
    double *walk;                // [step][output][draw]; step n_factors is B's value
    uint32_t *order;             // [draw][step]: the factor that is exchanged
    uint32_t *turn;              // [bundle][factor]: its step, where inputs correlate
    uint64_t address;            // of the block's first draw
    double *scores_a, *scores_b; // of the joints' inputs, row after row
    double *scores;              // those being redrawn
    double *scratch;             // of ws_link_redraw
    unsigned char *redrawn;      // per input of a joint
    struct ws_law *rooms;
    struct ws_cursor *cursor_a, *cursor_b;
    unsigned char *not_positive;
};

static void *aligned(size_t count) {
    size_t bytes = (count * sizeof(double) + 127) / 64 * 64;
    void *memory = aligned_alloc(64, bytes);
    if (memory)
        memset(memory, 0, bytes);
    return memory;
}

void ws_bench_destroy(struct ws_bench *bench) {
    if (!bench)
        return;
    ws_registers_finish(&bench->registers);
    free(bench->first);
    free(bench->second);
    free(bench->values_a);
    free(bench->values_b);
    free(bench->walk);
    free(bench->order);
    free(bench->turn);
    free(bench->scores_a);
    free(bench->scores_b);
    free(bench->scores);
    free(bench->scratch);
    free(bench->redrawn);
    free(bench->not_positive);
    ws_cursor_destroy(bench->cursor_a);
    ws_cursor_destroy(bench->cursor_b);
    free(bench);
}

static int is_whole(const struct ws_bench *bench) {
    return bench->first && bench->second && bench->values_a && bench->values_b && bench->walk && bench->order &&
           bench->turn && bench->scores_a && bench->scores_b && bench->scores && bench->scratch && bench->redrawn &&
           bench->not_positive && bench->cursor_a && bench->cursor_b;
}

struct ws_bench *ws_bench_create(const struct ws_exchange *exchange, int thread) {
    const struct ws_compiled *compiled = &exchange->plan->outputs;
    size_t n_values = exchange->n_outputs * WS_BLOCK, n_factors = exchange->factors->n;
    struct ws_bench *bench = malloc(sizeof *bench);
    if (!bench)
        return NULL;
    *bench = (struct ws_bench){.shared = exchange,
                               .first = aligned(exchange->n_columns * WS_ROW_STRIDE),
                               .second = aligned(exchange->n_columns * WS_ROW_STRIDE),
                               .values_a = aligned(n_values),
                               .values_b = aligned(n_values),
                               .walk = aligned((n_factors + 1) * n_values),
                               .order = calloc(n_factors * WS_BLOCK + 1, sizeof *bench->order),
                               .turn = calloc(n_factors * (WS_BLOCK / WS_BUNDLE) + 1, sizeof *bench->turn),
                               .scores_a = aligned(exchange->n_scores * WS_ROW_STRIDE),
                               .scores_b = aligned(exchange->n_scores * WS_ROW_STRIDE),
                               .scores = aligned(exchange->n_scores * WS_ROW_STRIDE),
                               .scratch = aligned(2 * exchange->most_linked * WS_BUNDLE),
                               .redrawn = calloc(exchange->most_linked + 1, 1),
                               .rooms = exchange->rooms + (size_t)thread * compiled->n_joints,
                               .not_positive = calloc(exchange->n_outputs + 1, 1),
                               .cursor_a = ws_cursor_create(&exchange->sampler, compiled->drawn, exchange->n_columns),
                               .cursor_b = ws_cursor_create(&exchange->sampler, exchange->second, exchange->n_columns)};
    if (!ws_registers_init(&bench->registers, exchange->plan, compiled, 0) && is_whole(bench))
        return bench;
    ws_bench_destroy(bench);
    return NULL;
}

const unsigned char *ws_bench_not_positive(const struct ws_bench *bench) { return bench->not_positive; }

// ---- the model ----

// ln in place, by the kernels, whose bits are the same everywhere.
static void take_logs(const struct ws_bench *bench, double *values) {
    static const struct ws_instruction code = {WS_OP_LOG, 1, {0}};
    union {
        const struct ws_instruction *read;
        struct ws_instruction *write;
    } handle = {&code};
    const struct ws_program program = {.n_rows = 2, .n_instructions = 1, .instructions = handle.write};
    _Alignas(64) double rows[2 * WS_ROW_STRIDE] = {0};
    memcpy(rows, values, WS_BLOCK * sizeof *values);
    bench->shared->sampler.kernels->run(&program, rows);
    memcpy(values, rows + WS_ROW_STRIDE, WS_BLOCK * sizeof *values);
}

// The outputs of what the inputs' rows hold, less their pivots and in units near their spread (a power of two, which
// changes no digit of a share), so that squares neither overflow nor vanish.
static void run_model(struct ws_bench *bench, double *values) {
    const struct ws_exchange *shared = bench->shared;
    const struct ws_plan *plan = shared->plan;
    if (!bench->status)
        bench->status = ws_registers_run(&bench->registers);
    for (size_t o = 0; o < shared->n_outputs; o++) {
        double *y = values + o * WS_BLOCK;
        memcpy(y, bench->registers.rows + (size_t)plan->outputs.row_of[plan->slots[o].output] * WS_ROW_STRIDE,
               WS_BLOCK * sizeof *y);
        if (shared->in_log[o]) {
            for (size_t i = 0; i < WS_BLOCK; i++)
                bench->not_positive[o] |= y[i] <= 0;
            take_logs(bench, y);
        }
        double scale = shared->in_log[o] ? 1 : plan->slots[o].scale;
        for (size_t i = 0; i < WS_BLOCK; i++)
            y[i] = isfinite(y[i]) ? y[i] * scale - shared->pivots[o] : (double)NAN;
    }
}

static void use_inputs(struct ws_bench *bench, const double *inputs) {
    memcpy(bench->registers.rows, inputs, bench->shared->n_columns * WS_ROW_STRIDE * sizeof *inputs);
}

// Columns of inputs that are drawn alone: those of the factor, or all but them.
static void exchange(struct ws_bench *bench, size_t factor, int all_but, const double *inputs) {
    const struct ws_exchange *shared = bench->shared;
    for (size_t k = 0; k < shared->n_columns; k++)
        if (!shared->plan->outputs.is_joint[k] && (shared->factor_of[k] == factor) != all_but)
            memcpy(bench->registers.rows + k * WS_ROW_STRIDE, inputs + k * WS_ROW_STRIDE, WS_BLOCK * sizeof *inputs);
}

// ---- inputs that are drawn jointly ----

// Values of one of a joint's inputs from its scores.
static void draw_scores(struct ws_bench *bench, size_t joint, size_t input, const double *scores, double *rows) {
    const struct ws_compiled *compiled = &bench->shared->plan->outputs;
    const struct ws_compiled_joint *own = &compiled->joints[joint];
    for (size_t k = own->first[input]; k < own->first[input] + own->count[input]; k++)
        ws_cursor_draw_scores(bench->cursor_a, scores + (bench->shared->first_row[joint] + input) * WS_ROW_STRIDE,
                              compiled->tables[k], rows + k * WS_ROW_STRIDE);
}

static void draw_joints(struct ws_bench *bench, struct ws_cursor *cursor, uint64_t block, double *scores,
                        double *rows) {
    const struct ws_plan *plan = bench->shared->plan;
    for (size_t j = 0; j < plan->outputs.n_joints; j++) {
        const struct ws_compiled_joint *joint = &plan->outputs.joints[j];
        double *own = scores + bench->shared->first_row[j] * WS_ROW_STRIDE;
        for (size_t i = 0; i < joint->n; i++)
            ws_cursor_draw(cursor, joint->first[i], block, plan->normal, own + i * WS_ROW_STRIDE);
        plan->sampler.kernels->combine(own, joint->n, joint->factor);
        for (size_t i = 0; i < joint->n; i++)
            draw_scores(bench, j, i, scores, rows);
    }
}

static size_t factor_in(const struct ws_bench *bench, size_t joint, size_t input) {
    return bench->shared->factors->of_input[bench->shared->plan->outputs.joints[joint].joint->inputs[input]];
}

// Redraws the marked inputs of a joint for `n` draws. `use` is another number for each point of a draw.
static void redraw(struct ws_bench *bench, size_t joint, size_t first, size_t n, size_t use) {
    const struct ws_exchange *shared = bench->shared;
    const struct ws_link *link = &shared->links[joint];
    const struct ws_law *law = ws_link_law(link, bench->redrawn, &bench->rooms[joint]);
    const size_t row = shared->first_row[joint] * WS_ROW_STRIDE;
    const uint64_t seed = shared->sampler.seed;
    const struct ws_dice dice = {{(uint32_t)seed, (uint32_t)(seed >> 32)},
                                 bench->address,
                                 (uint32_t)(use * shared->plan->outputs.n_joints + joint)};
    for (size_t i = first; i < first + n; i += WS_BUNDLE)
        ws_link_redraw(link, law, bench->scores_a + row, bench->scores_b + row, i, &dice, bench->scratch,
                       bench->scores + row);
}

// The inputs of the factor redrawn given all others, or the others given them; A's values are in the rows.
static void redraw_factor(struct ws_bench *bench, size_t factor, int all_but) {
    const struct ws_exchange *shared = bench->shared;
    for (size_t j = 0; j < shared->plan->outputs.n_joints; j++) {
        size_t n = shared->links[j].n, marked = 0;
        for (size_t i = 0; i < n; i++)
            marked += bench->redrawn[i] = (factor_in(bench, j, i) == factor) != all_but;
        if (marked > 0)
            redraw(bench, j, 0, WS_BLOCK, 2 * factor + (size_t)all_but);
        for (size_t i = 0; i < n; i++)
            if (bench->redrawn[i])
                draw_scores(bench, j, i, bench->scores, bench->registers.rows);
    }
}

// ---- one factor exchanged ----

// a and redrawn differ in the factor alone, b and c share it alone.
static void add_pairs(struct ws_freeze_sums *sums, const double *a, const double *redrawn, const double *b,
                      const double *c) {
    for (size_t i = 0; i < WS_BLOCK; i++) {
        if (isnan(a[i] + redrawn[i] + b[i] + c[i]))
            continue;
        sums->n++;
        sums->a += a[i];
        sums->aa += a[i] * a[i];
        sums->b += b[i];
        sums->bb += b[i] * b[i];
        sums->c += c[i];
        sums->cc += c[i] * c[i];
        sums->bc += b[i] * c[i];
        sums->square += (a[i] - redrawn[i]) * (a[i] - redrawn[i]);
    }
}

static void exchange_each(struct ws_bench *bench, struct ws_freeze_sums *sums) {
    const struct ws_exchange *shared = bench->shared;
    const size_t n = shared->factors->n;
    double *c = bench->walk, *d = bench->walk + shared->n_outputs * WS_BLOCK; // not walking yet
    for (size_t f = 0; f < n; f++) {
        const double *one = bench->values_b, *other = c;
        use_inputs(bench, bench->first);
        exchange(bench, f, 0, bench->second);
        redraw_factor(bench, f, 0);
        run_model(bench, c);
        if (shared->factors->linked[f]) {
            use_inputs(bench, bench->first);
            exchange(bench, f, 1, bench->second);
            redraw_factor(bench, f, 1);
            run_model(bench, d);
            one = bench->values_a;
            other = d;
        }
        for (size_t o = 0; o < shared->n_outputs; o++)
            add_pairs(&sums[o * n + f], bench->values_a + o * WS_BLOCK, c + o * WS_BLOCK, one + o * WS_BLOCK,
                      other + o * WS_BLOCK);
    }
}

// ---- from A to B in random order ----

// An order (Fisher & Yates) from Philox at a draw's address.
static void choose_order(const struct ws_bench *bench, uint64_t address, uint32_t *order) {
    static const uint64_t purpose = UINT64_C(0x7368617065); // a key that no stream of inputs has
    uint64_t seed = bench->shared->sampler.seed ^ purpose << 16;
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    uint32_t word[4] = {0};
    size_t n = bench->shared->factors->n;
    for (size_t f = 0; f < n; f++)
        order[f] = (uint32_t)f;
    for (size_t f = n; f > 1; f--) {
        size_t used = (n - f) % 4;
        if (used == 0) {
            word[0] = (uint32_t)address;
            word[1] = (uint32_t)(address >> 32);
            word[2] = (uint32_t)((n - f) / 4);
            word[3] = (uint32_t)purpose;
            ws_philox4x32_10(word, key);
        }
        size_t other = (size_t)((uint64_t)word[used] * f >> 32);
        uint32_t swapped = order[f - 1];
        order[f - 1] = order[other];
        order[other] = swapped;
    }
}

// Where inputs correlate every bundle of draws has an order, so that they share their laws, and every other bundle the
// reverse of the one before (antithetic, since what an input gains by being first it loses by being last).
static void choose_bundles(struct ws_bench *bench) {
    const size_t n = bench->shared->factors->n;
    for (size_t bundle = 0; bundle < WS_BLOCK / WS_BUNDLE; bundle++) {
        uint32_t *order = bench->order + bundle * WS_BUNDLE * n;
        if (bundle % 2 == 0)
            choose_order(bench, bench->address + bundle * WS_BUNDLE, order);
        for (size_t s = 0; s < n && bundle % 2 == 1; s++)
            order[s] = (order - WS_BUNDLE * n)[n - 1 - s];
        for (size_t i = 1; i < WS_BUNDLE; i++)
            memcpy(order + i * n, order, n * sizeof *order);
        for (size_t s = 0; s < n; s++)
            bench->turn[bundle * n + order[s]] = (uint32_t)s;
    }
}

static void choose_orders(struct ws_bench *bench) {
    const size_t n = bench->shared->factors->n;
    if (bench->shared->plan->outputs.n_joints > 0)
        choose_bundles(bench);
    else
        for (size_t i = 0; i < WS_BLOCK; i++)
            choose_order(bench, bench->address + i, bench->order + i * n);
}

// The inputs of a joint redrawn whose factors' turn has come, in each bundle where one came at this step.
static void redraw_step(struct ws_bench *bench, size_t step) {
    const struct ws_exchange *shared = bench->shared;
    const size_t n = shared->factors->n;
    for (size_t j = 0; j < shared->plan->outputs.n_joints; j++) {
        const size_t m = shared->links[j].n;
        for (size_t first = 0; first < WS_BLOCK; first += WS_BUNDLE) {
            const uint32_t *turn = bench->turn + first / WS_BUNDLE * n;
            int due = 0;
            for (size_t i = 0; i < m; i++) {
                size_t factor = factor_in(bench, j, i), own = factor == SIZE_MAX ? SIZE_MAX : turn[factor];
                bench->redrawn[i] = own <= step;
                due |= own == step;
            }
            if (due)
                redraw(bench, j, first, WS_BUNDLE, 2 * n + step);
        }
        for (size_t i = 0; i < m; i++)
            draw_scores(bench, j, i, bench->scores, bench->registers.rows);
    }
}

static void exchange_step(struct ws_bench *bench, size_t step) {
    const struct ws_exchange *shared = bench->shared;
    size_t n = shared->factors->n;
    for (size_t k = 0; k < shared->n_columns; k++) {
        if (shared->plan->outputs.is_joint[k])
            continue;
        const double *from = bench->second + k * WS_ROW_STRIDE;
        double *to = bench->registers.rows + k * WS_ROW_STRIDE;
        for (size_t i = 0; i < WS_BLOCK; i++)
            to[i] = bench->order[i * n + step] == shared->factor_of[k] ? from[i] : to[i];
    }
    redraw_step(bench, step);
}

// T. Goda 2021, "A simple algorithm for global sensitivity analysis with Shapley effects", Reliability Engineering &
// System Safety 213: with F_j the output after j steps, the factor of step j gets ((F_0 - F_j)^2 - (F_0 - F_(j-1))^2)
// / 2. On average half of (F_0 - F_j)^2 is E Var(Y | the factors kept), whose growths over all orders are the Shapley
// effects under any law of the inputs if the others are redrawn given those kept (Song, Nelson & Staum 2016, "Shapley
// effects for global sensitivity analysis: theory and computation", SIAM/ASA J. Uncertainty Quantification 4, theorem
// 1).
static void add_walks(const struct ws_bench *bench, size_t output, struct ws_freeze_sums *sums) {
    size_t n = bench->shared->factors->n, stride = bench->shared->n_outputs * WS_BLOCK;
    const double *a = bench->values_a + output * WS_BLOCK, *y = bench->walk + output * WS_BLOCK;
    for (size_t i = 0; i < WS_BLOCK; i++) {
        double valid = a[i], before = 0;
        for (size_t j = 1; j <= n; j++)
            valid += y[j * stride + i];
        if (isnan(valid))
            continue;
        double whole = 0.5 * (a[i] - y[n * stride + i]) * (a[i] - y[n * stride + i]);
        for (size_t j = 1; j <= n; j++) {
            struct ws_freeze_sums *own = &sums[bench->order[i * n + j - 1]];
            double distance = a[i] - y[j * stride + i], reached = 0.5 * distance * distance;
            own->walks++;
            own->step += reached - before;
            own->whole += whole;
            before = reached;
        }
    }
}

static void walk(struct ws_bench *bench, struct ws_freeze_sums *sums) {
    size_t n = bench->shared->factors->n, stride = bench->shared->n_outputs * WS_BLOCK;
    choose_orders(bench);
    use_inputs(bench, bench->first);
    memcpy(bench->scores, bench->scores_a, bench->shared->n_scores * WS_ROW_STRIDE * sizeof *bench->scores);
    for (size_t step = 1; step < n; step++) {
        exchange_step(bench, step - 1);
        run_model(bench, bench->walk + step * stride);
    }
    memcpy(bench->walk + n * stride, bench->values_b, stride * sizeof *bench->walk);
    for (size_t o = 0; o < bench->shared->n_outputs; o++)
        add_walks(bench, o, sums + o * n);
}

// ---- blocks, parts, batches ----

static void draw_both(struct ws_bench *bench, uint64_t group, uint64_t block) {
    const struct ws_exchange *shared = bench->shared;
    const struct ws_plan *plan = shared->plan;
    bench->address = group * WS_GROUP + block * WS_BLOCK;
    draw_joints(bench, bench->cursor_a, block, bench->scores_a, bench->first);
    draw_joints(bench, bench->cursor_b, block, bench->scores_b, bench->second);
    for (size_t k = 0; k < shared->n_columns; k++) {
        const struct ws_table *table = plan->outputs.tables[k];
        if (plan->outputs.is_joint[k])
            continue;
        ws_cursor_draw(bench->cursor_a, k, block, table, bench->first + k * WS_ROW_STRIDE);
        ws_cursor_draw(bench->cursor_b, k, block, table, bench->second + k * WS_ROW_STRIDE);
    }
    use_inputs(bench, bench->first);
    run_model(bench, bench->values_a);
    use_inputs(bench, bench->second);
    run_model(bench, bench->values_b);
}

static void seek_both(struct ws_bench *bench, uint64_t group) {
    ws_cursor_seek(bench->cursor_a, group);
    ws_cursor_seek(bench->cursor_b, group);
}

// The blocks of a batch in one group. A generator with a state starts afresh in each group and is wound on.
int ws_bench_run(struct ws_bench *bench, uint64_t group, uint64_t batch, struct ws_freeze_sums *sums) {
    uint64_t first = batch * WS_BLOCKS_PER_RUN;
    seek_both(bench, group);
    for (uint64_t block = first; block < first + WS_BLOCKS_PER_RUN; block++) {
        draw_both(bench, group, block);
        exchange_each(bench, sums);
        if (bench->shared->factors->n > 0)
            walk(bench, sums);
    }
    return bench->status;
}

// ---- what all threads read ----

static double mean_of_valid(const double *values) {
    double sum = 0, n = 0;
    for (size_t i = 0; i < WS_BLOCK; i++)
        if (!isnan(values[i])) {
            sum += values[i];
            n++;
        }
    return n > 0 ? sum / n : 0;
}

// Sums of squares about a mean lose no digits.
int ws_exchange_settle(struct ws_exchange *exchange) {
    struct ws_bench *bench = ws_bench_create(exchange, 0);
    if (!bench)
        return WS_ERROR_MEMORY;
    seek_both(bench, 0);
    draw_both(bench, 0, 0);
    for (size_t o = 0; o < exchange->n_outputs; o++)
        exchange->pivots[o] = mean_of_valid(bench->values_a + o * WS_BLOCK);
    int status = bench->status;
    ws_bench_destroy(bench);
    return status;
}

// Inputs of sample B: streams and dimensions of their own.
static const struct ws_column *make_second(const struct ws_plan *plan, struct ws_arena *arena) {
    const struct ws_compiled *compiled = &plan->outputs;
    struct ws_column *columns = WS_NEW_ARRAY(arena, struct ws_column, compiled->n_columns + 1);
    for (size_t k = 0; k < compiled->n_columns; k++) {
        const char *name = plan->study->quantities[compiled->columns[k]].name;
        columns[k].stream = ws_hash64(ws_arena_printf(arena, "exchanged:%s", name));
        columns[k].dimension = plan->everything.n_dimensions + compiled->drawn[k].dimension;
    }
    return columns;
}

static void make_links(struct ws_exchange *shared, struct ws_arena *arena) {
    const struct ws_compiled *compiled = &shared->plan->outputs;
    size_t *first_row = WS_NEW_ARRAY(arena, size_t, compiled->n_joints + 1);
    const size_t threads = (size_t)shared->plan->threads;
    shared->links = ws_links_create(shared->plan, arena);
    shared->rooms = WS_NEW_ARRAY(arena, struct ws_law, threads * compiled->n_joints + 1);
    for (size_t j = 0; j < compiled->n_joints; j++) {
        const struct ws_link *link = &shared->links[j];
        first_row[j] = shared->n_scores;
        shared->n_scores += link->n;
        shared->most_linked = link->n > shared->most_linked ? link->n : shared->most_linked;
        for (size_t t = 0; t < threads && !link->laws; t++)
            shared->rooms[t * compiled->n_joints + j] = ws_law_room(link, arena);
    }
    shared->first_row = first_row;
}

static void release_directions(void *directions) { ws_directions_destroy(directions); }

static int make_sampler(struct ws_exchange *shared, struct ws_arena *arena, struct ws_error *err) {
    size_t n = 2 * shared->plan->everything.n_dimensions;
    shared->sampler = shared->plan->sampler;
    if (!shared->sampler.directions)
        return 0;
    if (n > WS_SOBOL_DIMENSIONS)
        return ws_error_set(
            err, WS_ERROR_USAGE, NULL,
            "design 'sobol' has %d dimensions, and two for each of %zu uncertain inputs are needed; use "
            "design 'mc', or fix inputs that matter little",
            WS_SOBOL_DIMENSIONS, n / 2);
    struct ws_directions *directions = ws_directions_create(n);
    if (!directions)
        return ws_error_set(err, WS_ERROR_MEMORY, NULL, "memory ran out");
    ws_arena_defer(arena, release_directions, directions);
    shared->sampler.directions = directions;
    return 0;
}

int ws_exchange_init(struct ws_exchange *exchange, const struct ws_plan *plan, const struct ws_factors *factors,
                     struct ws_arena *arena, struct ws_error *err) {
    const size_t n_columns = plan->outputs.n_columns, n_outputs = plan->study->n_outputs;
    size_t *factor_of = WS_NEW_ARRAY(arena, size_t, n_columns + 1);
    *exchange = (struct ws_exchange){.plan = plan,
                                     .factors = factors,
                                     .second = make_second(plan, arena),
                                     .n_columns = n_columns,
                                     .n_outputs = n_outputs,
                                     .factor_of = factor_of,
                                     .pivots = WS_NEW_ARRAY(arena, double, n_outputs + 1)};
    for (size_t k = 0; k < n_columns; k++)
        factor_of[k] = factors->of_input[plan->outputs.columns[k]];
    make_links(exchange, arena);
    return make_sampler(exchange, arena, err);
}
