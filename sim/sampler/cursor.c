// SPDX-License-Identifier: GPL-3.0-or-later
// A thread's place in the streams, and the step from words to values.
#include "sampler/cursor.h"

#include <math.h>
#include <stdlib.h>

static int make_generators(struct ws_cursor *cursor, const gsl_rng_type *type) {
    cursor->source = ws_word_source_make(type);
    cursor->rngs = calloc(cursor->n_columns + 1, sizeof *cursor->rngs);
    cursor->second = gsl_rng_alloc(type);
    if (!cursor->rngs || !cursor->second)
        return -1;
    for (size_t k = 0; k < cursor->n_columns; k++)
        if (!(cursor->rngs[k] = gsl_rng_alloc(type)))
            return -1;
    return 0;
}

// The keys that every block asks for, made once.
static int make_keys(struct ws_cursor *cursor) {
    cursor->scramble_keys = calloc(WS_REPLICATES * cursor->n_columns + 1, sizeof *cursor->scramble_keys);
    if (!cursor->scramble_keys)
        return -1;
    for (uint64_t r = 0; r < WS_REPLICATES; r++)
        for (size_t k = 0; k < cursor->n_columns; k++)
            cursor->scramble_keys[r * cursor->n_columns + k] =
                (uint32_t)(ws_replicate_key(cursor, k, r, WS_KEY_SOBOL) >> 32);
    return 0;
}

struct ws_cursor *ws_cursor_create(const struct ws_sampler *sampler, const struct ws_column *columns,
                                   size_t n_columns) {
    struct ws_cursor *cursor = aligned_alloc(alignof(struct ws_cursor), sizeof *cursor);
    if (!cursor)
        return NULL;
    *cursor = (struct ws_cursor){.sampler = *sampler, .columns = columns, .n_columns = n_columns, .filled = SIZE_MAX};
    if ((sampler->generator.type && make_generators(cursor, sampler->generator.type)) ||
        (sampler->directions && make_keys(cursor))) {
        ws_cursor_destroy(cursor);
        return NULL;
    }
    return cursor;
}

void ws_cursor_destroy(struct ws_cursor *cursor) {
    if (!cursor)
        return;
    for (size_t k = 0; cursor->rngs && k < cursor->n_columns; k++)
        if (cursor->rngs[k])
            gsl_rng_free(cursor->rngs[k]);
    if (cursor->second)
        gsl_rng_free(cursor->second);
    free(cursor->rngs);
    free(cursor->scramble_keys);
    free(cursor);
}

void ws_cursor_seek(struct ws_cursor *cursor, uint64_t group) {
    cursor->group = group;
    cursor->addresses = NULL;
    cursor->filled = SIZE_MAX;
    for (size_t k = 0; cursor->rngs && k < cursor->n_columns; k++)
        gsl_rng_set(cursor->rngs[k], ws_group_seed(cursor->sampler.seed, cursor->columns[k].stream, group));
}

uint64_t ws_replicate_key(const struct ws_cursor *cursor, size_t k, uint64_t replicate, enum ws_key_purpose purpose) {
    uint64_t stream = cursor->columns[k].stream, seed = cursor->sampler.seed;
    uint32_t counter[4] = {(uint32_t)replicate, (uint32_t)purpose, (uint32_t)stream, (uint32_t)(stream >> 32)};
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    ws_philox4x32_10(counter, key);
    return (uint64_t)counter[1] << 32 | counter[0];
}

void ws_cursor_gather(struct ws_cursor *cursor, const uint64_t *addresses) {
    cursor->addresses = addresses;
    cursor->filled = SIZE_MAX;
}

// Goes to the group of draw i where the draws come from anywhere. Its block; i becomes its place in there.
static uint64_t find_draw(struct ws_cursor *cursor, uint64_t block, uint32_t *i) {
    if (!cursor->addresses)
        return block;
    uint64_t address = cursor->addresses[*i];
    cursor->group = address / WS_GROUP;
    *i = (uint32_t)(address % WS_BLOCK);
    return address % WS_GROUP / WS_BLOCK;
}

static int fill(struct ws_cursor *cursor, size_t k, uint64_t block) {
    const struct ws_sampler *sampler = &cursor->sampler;
    if (!cursor->addresses)
        return sampler->design->fill(cursor, k, block);
    if (sampler->design->fill_at)
        return sampler->design->fill_at(cursor, k, cursor->addresses);
    for (uint32_t i = 0; i < WS_BLOCK; i++) {
        uint32_t place = i;
        uint64_t of_draw = find_draw(cursor, block, &place);
        cursor->words[i] = sampler->design->word(cursor, k, of_draw, place);
    }
    return sampler->kernels->has_tail(cursor->words);
}

static uint32_t second_word(struct ws_cursor *cursor, size_t k, uint64_t block, uint32_t i) {
    const struct ws_design *design = cursor->sampler.design;
    block = find_draw(cursor, block, &i);
    if (cursor->addresses)
        design->word(cursor, k, block, i);
    return design->second(cursor, k, block, i);
}

// Draws whose word lies in the outermost cells are redone with 64 bits.
static void refine_tails(struct ws_cursor *cursor, size_t k, uint64_t block, const struct ws_table *table, double *x) {
    for (uint32_t i = 0; i < WS_BLOCK; i++) {
        uint32_t word = cursor->words[i], upper = word >> 31, cell = upper ? ~word : word;
        if (cell >= WS_TAIL_CELLS)
            continue;
        uint32_t second = second_word(cursor, k, block, i);
        double below = ((double)(upper ? ~second : second) + 0.5) * 0x1p-32;
        x[i] = ws_table_at(table, ((double)cell + below) * 0x1p-32, (int)upper);
    }
}

// The words of a column, where they are not held already. Returns the column that they were filled for.
static size_t hold_words(struct ws_cursor *cursor, size_t k, uint64_t block) {
    size_t filled = cursor->filled;
    if (filled <= k && block == cursor->filled_block && cursor->columns[filled].stream == cursor->columns[k].stream)
        return filled;
    cursor->tail = fill(cursor, k, block);
    cursor->filled_block = block;
    return cursor->filled = k;
}

void ws_cursor_draw_late(struct ws_cursor *cursor, size_t k, uint64_t block, const struct ws_table *table, double *x) {
    size_t filled = hold_words(cursor, k, block);
    cursor->sampler.kernels->draw_late(table, cursor->words, x, &cursor->late);
    if (!cursor->tail)
        return;
    ws_cursor_finish(cursor);
    refine_tails(cursor, filled, block, table, x);
}

void ws_cursor_finish(struct ws_cursor *cursor) { cursor->sampler.kernels->finish(&cursor->late); }

void ws_cursor_draw(struct ws_cursor *cursor, size_t k, uint64_t block, const struct ws_table *table, double *x) {
    ws_cursor_draw_late(cursor, k, block, table, x);
    ws_cursor_finish(cursor);
}

void ws_cursor_draw_where(struct ws_cursor *cursor, size_t k, uint64_t block, const struct ws_table *table,
                          const double *label, double wanted, double *x) {
    size_t filled = hold_words(cursor, k, block);
    cursor->sampler.kernels->draw_where(table, cursor->words, label, wanted, x);
    if (cursor->tail)
        refine_tails(cursor, filled, block, table, x);
}

void ws_cursor_draw_scores(struct ws_cursor *cursor, const double *z, const struct ws_table *table, double *x) {
    const struct ws_sampler *sampler = &cursor->sampler;
    cursor->filled = SIZE_MAX; // the words held are none of a column's
    int tail = sampler->kernels->words_of_scores(sampler->scores, z, cursor->words);
    for (size_t i = 0; tail && i < WS_BLOCK; i++)
        if (fabs(z[i]) >= WS_TAIL_SCORE)
            cursor->words[i] = ws_score_word(z[i]);
    sampler->kernels->draw(table, cursor->words, x);
    for (size_t i = 0; tail && i < WS_BLOCK; i++)
        if (fabs(z[i]) >= WS_TAIL_SCORE)
            x[i] = ws_table_at(table, ws_score_tail(z[i]), z[i] > 0);
}
