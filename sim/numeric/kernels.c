// SPDX-License-Identifier: GPL-3.0-or-later
// Words and draws, and the table of all kernels. Compiled once for each instruction set.
#include "numeric/kernels.h"

#include <string.h>

#include "numeric/interpret.h"
#include "numeric/neighbours.h"
#include "numeric/owen.h"
#include "numeric/philox.h"
#include "numeric/segments.h"
#include "numeric/tallies.h"
#include "numeric/vec.h"
#include "numeric/weigh.h"

enum { WORDS = 2 * WIDTH, WHOLE = 64 }; // 32-bit words in a vector; what blocks are drawn in parts of

// ---- words ----

// Nonzero where some word w of the block has w + WS_TAIL_CELLS, the least of which is in `least`, below 2
// WS_TAIL_CELLS.
static int is_near_end(vw least) {
    uint32_t smallest = UINT32_MAX;
    for (int k = 0; k < WORDS; k++)
        smallest = least[k] < smallest ? least[k] : smallest;
    return smallest < 2 * WS_TAIL_CELLS;
}

// WIDTH counters, one in the low half of each 64-bit lane; the high halves are not kept clean.
struct counters {
    vu c0, c1, c2, c3;
};

struct philox_keys {
    vu k0[PHILOX_ROUNDS], k1[PHILOX_ROUNDS];
};

INLINE struct counters philox_round(struct counters c, vu k0, vu k1) {
    vu p = multiply_low_halves(c.c0, splat_u(PHILOX_M0)), q = multiply_low_halves(c.c2, splat_u(PHILOX_M1));
    return (struct counters){c.c1 ^ k0 ^ q >> 32, q, c.c3 ^ k1 ^ p >> 32, p};
}

// Stores what one vector of counters has become, from their place in a group of 16 draws on; returns `least` brought up
// to date.
INLINE vw philox_store(uint32_t *place, struct counters c, vw least) {
    vw first = (vw)((c.c0 & splat_u(UINT32_MAX)) | c.c1 << 32),
       second = (vw)((c.c2 & splat_u(UINT32_MAX)) | c.c3 << 32);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    first = (vw)((vu)first << 32 | (vu)first >> 32);
    second = (vw)((vu)second << 32 | (vu)second >> 32);
#endif
#ifdef __AVX512F__ // counters 0 to 3 fill one group of 16 draws, 4 to 7 the next
    store_words(place, (vw)__builtin_shufflevector((vu)first, (vu)second, 0, 1, 2, 3, 8, 9, 10, 11));
    store_words(place + 16, (vw)__builtin_shufflevector((vu)first, (vu)second, 4, 5, 6, 7, 12, 13, 14, 15));
#else
    store_words(place, first);
    store_words(place + 8, second);
#endif
    return smaller_words(smaller_words(least, first + WS_TAIL_CELLS), second + WS_TAIL_CELLS);
}

static int philox(uint32_t *words, uint64_t seed, uint64_t stream, uint64_t first) {
    enum { SETS = 4 }; // of counters under way at once, which hides the multiplier's latency
    struct philox_keys keys;
    for (uint32_t r = 0; r < PHILOX_ROUNDS; r++) {
        keys.k0[r] = splat_u((uint32_t)seed + r * PHILOX_W0);
        keys.k1[r] = splat_u((uint32_t)(seed >> 32) + r * PHILOX_W1);
    }
    vu lanes = {0};
    for (uint64_t k = 0; k < WIDTH; k++)
        lanes[k] = k;
    uint64_t counter = first / 4; // its low half does not overflow within a block
    vu low = splat_u((uint32_t)counter) + lanes, high = splat_u(counter >> 32);
    vu stream_low = splat_u((uint32_t)stream), stream_high = splat_u(stream >> 32);
    vw least = splat_w(UINT32_MAX);
    for (size_t k = 0; k < WS_BLOCK / 4; k += SETS * WIDTH, low += SETS * WIDTH) {
        struct counters c[SETS];
#pragma GCC unroll 4
        for (uint64_t j = 0; j < SETS; j++)
            c[j] = (struct counters){low + j * WIDTH, high, stream_low, stream_high};
#pragma GCC unroll 10
        for (int r = 0; r < PHILOX_ROUNDS; r++)
#pragma GCC unroll 4
            for (int j = 0; j < SETS; j++)
                c[j] = philox_round(c[j], keys.k0[r], keys.k1[r]);
#pragma GCC unroll 4
        for (size_t j = 0; j < SETS; j++) // a group is 4 counters
            least = philox_store(words + 4 * k + j * WIDTH / 4 * 16 + j * WIDTH % 4 * 2, c[j], least);
    }
    return is_near_end(least);
}

static int has_tail(const uint32_t *words) {
    vw least = splat_w(UINT32_MAX);
    for (size_t i = 0; i < WS_BLOCK; i += WORDS)
        least = smaller_words(least, load_words(words + i) + WS_TAIL_CELLS);
    return is_near_end(least);
}

// Each draw's counter by itself, and of its words the one that is the draw's.
static int philox_at(uint32_t *words, uint64_t seed, uint64_t stream, const uint64_t *addresses) {
    vu stream_low = splat_u((uint32_t)stream), stream_high = splat_u(stream >> 32), word_mask = splat_u(UINT32_MAX);
    for (size_t i = 0; i < WS_BLOCK; i += WIDTH) {
        vu address = {0};
        for (size_t k = 0; k < WIDTH; k++)
            address[k] = addresses[i + k];
        vu counter = (address >> 4 << 2) + (address >> 1 & 3);
        struct counters c = {counter, counter >> 32, stream_low, stream_high};
#pragma GCC unroll 10
        for (uint32_t r = 0; r < PHILOX_ROUNDS; r++)
            c = philox_round(c, splat_u((uint32_t)seed + r * PHILOX_W0),
                             splat_u((uint32_t)(seed >> 32) + r * PHILOX_W1));
        vu odd = -(address & 1), later = -(address >> 3 & 1);
        vu word = (~later & ((~odd & c.c0) | (odd & c.c1))) | (later & ((~odd & c.c2) | (odd & c.c3)));
        word &= word_mask;
        for (size_t k = 0; k < WIDTH; k++)
            words[i + k] = (uint32_t)word[k];
    }
    return has_tail(words);
}

// ---- Sobol words ----

static int scramble(uint32_t *words, const uint32_t *pattern, uint32_t base, uint32_t seed) {
    vw least = splat_w(UINT32_MAX);
    for (size_t i = 0; i < WS_BLOCK; i += WORDS) {
        vw x = load_words(pattern + i) ^ base;
        OWEN_HASH(x, seed)
        x = reversed(x);
        least = smaller_words(least, x + WS_TAIL_CELLS);
        store_words(words + i, x);
    }
    return is_near_end(least);
}

// ---- draws ----

// What finds rows by words. With t = word + 1/2 as a signed number, |t| / 2^32 is v, the distance to the nearer end,
// and the sign bit is the side; the rest is in the high word of t's own format, whose exponent and leading bits, less
// those of octave 0, count rows.
struct locator {
    unsigned shift;         // of the high word, so that it counts bytes
    vw row_bits;            // of that
    vu low, flip, fraction; // what is added on the lower side, what makes it into that of the upper side; below rows
};

INLINE struct locator locator_of(const struct ws_table *table) {
    unsigned log2_segments = table->log2_segments, log2_octave = log2_segments + 5;
    _Static_assert(WS_TABLE_ROW_BYTES == 1 << 5, "an octave has 2^5 bytes for each segment");
    // v = 2^-2 |t| / 2^30 is in octave WS_TABLE_OCTAVES - 1 where |t| is in [2^30, 2^31).
    uint32_t low = -((uint32_t)(1023 + 30 - (WS_TABLE_OCTAVES - 1)) << log2_octave),
             high = low + ((uint32_t)WS_TABLE_OCTAVES << log2_octave);
    return (struct locator){.shift = 20 - log2_octave,
                            .row_bits = splat_w((INT32_MAX >> (20 - log2_octave)) & -WS_TABLE_ROW_BYTES),
                            .low = (vu)splat_w(low),
                            .flip = (vu)splat_w(low ^ high),
                            .fraction = splat_u((UINT64_C(1) << (52 - log2_segments)) - 1)};
}

INLINE vd signed_place(const uint32_t *words) { return signed_words(words) + 0.5; } // t

// s from t.
INLINE vd place_within(struct locator by, vd t) {
    vd one = splat(1);
    return (vd)and_xor((vu)t, by.fraction, (vu)one) - one;
}
INLINE vd place_of(struct locator by, const uint32_t *words) { return place_within(by, signed_place(words)); }

// The byte offsets of the rows of WORDS draws.
INLINE vw rows_of(struct locator by, vd t0, vd t1) {
    vw high = high_words(t0, t1), side = (vw)((vi)high >> 31);
    return (shifted_right(high, by.shift) & by.row_bits) + (vw)and_xor((vu)side, by.flip, by.low);
}

// Of a tree's middle: the words there, from `first` on those `below` once 2^31 is taken from both, so that they compare
// as numbers with a sign; and the byte offset that its first cell would have if cells began at 0. Where segments are
// wide, it holds nearly everything, and whole vectors of draws.
struct middle {
    vw first, below, row;
    int is_nearly_all;
};

INLINE struct middle middle_of(const struct ws_table *table) {
    const unsigned edge = 32 - WS_TABLE_LOG2_CELLS + table->log2_segments;
    const size_t n_rows = (size_t)(2 * WS_TABLE_OCTAVES) << table->log2_segments;
    const uint32_t sign = (uint32_t)1 << 31;
    return (struct middle){.is_nearly_all = table->log2_segments < 2,
                           .first = splat_w(((uint32_t)1 << edge) + sign),
                           .below = splat_w((0u - ((uint32_t)2 << edge)) - sign),
                           .row =
                               splat_w((uint32_t)(n_rows - ((size_t)1 << table->log2_segments)) * WS_TABLE_ROW_BYTES)};
}

// The byte offsets of the rows of WORDS draws, of the middle those of their cells.
INLINE vw cells_of(struct locator by, struct middle middle, const uint32_t *words, vd t0, vd t1) {
    vw word = load_words(words), beyond = word - middle.first;
    vw cell = (word >> (32 - WS_TABLE_LOG2_CELLS)) * WS_TABLE_ROW_BYTES + middle.row;
    if (middle.is_nearly_all && all_below(beyond, middle.below))
        return cell;
    return blend_below(beyond, middle.below, cell, rows_of(by, t0, t1));
}

INLINE vd cubic(struct cubics c, vd s) { return ((c.c3 * s + c.c2) * s + c.c1) * s + c.c0; }

// WORDS draws by the offsets of their rows; where x has their s, from there. Where marks is not NULL, it gets a bit for
// each draw whose row is a mark, MARKED of them in a byte.
INLINE void fetch(const void *rows, const uint32_t *offset, vd s0, vd s1, double *x, uint8_t *marks) {
    struct cubics row0 = load_rows(rows, offset), row1 = load_rows(rows, offset + WIDTH);
    store(x, cubic(row0, s0));
    store(x + WIDTH, cubic(row1, s1));
    if (marks)
        store_bits(marks, unequal(row0.c0, row0.c0), unequal(row1.c0, row1.c0));
}
INLINE void fetch_placed(const void *rows, const uint32_t *offset, double *x, uint8_t *marks) {
    fetch(rows, offset, load(x), load(x + WIDTH), x, marks);
}

// Numbers of draws, with room for those of WHOLE draws behind them.
struct list {
    size_t n;
    uint16_t draw[WS_BLOCK + WHOLE];
};

// Rows of draws beyond the break of their segment, where breaks are few: words are compared with each of them. No draw
// is beyond two, and no row there is at 0; several vectors at a time keep the ports busy.
enum { TOGETHER = 4 * WORDS };
INLINE void redirect(const struct ws_table *table, const uint32_t *words, uint32_t *offset) {
    vw other[TOGETHER / WORDS] = {{0}};
    for (size_t k = 0; k < table->n_breaks; k++) {
        vw first = splat_w(table->breaks[k].first), width = splat_w(table->breaks[k].width),
           row = splat_w(table->breaks[k].offset);
#pragma GCC unroll 4
        for (size_t j = 0; j < TOGETHER / WORDS; j++)
            other[j] |= (vw)(load_words(words + j * WORDS) - first <= width) & row;
    }
    for (size_t j = 0; j < TOGETHER / WORDS; j++) {
        vw row = load_words(offset + j * WORDS);
        store_words(offset + j * WORDS, other[j] | ((vw)(other[j] == 0) & row));
    }
}

// What kinds of tables differ in.
enum way { ROWS_ALONE, FEW_BREAKS, TREE };

// Draws through rows: of a tree those are the first rows and the middle, and draws at marks come out as NaN; `marks`
// gets their bits, MARKED of them in a byte.
INLINE void draw_rows(const struct ws_table *table, enum way way, const uint32_t *words, size_t n, double *x,
                      uint8_t *marks) {
    // Rows are fetched this far behind: offsets are stored as vectors and loaded one by one, which is slow as long as
    // the store is under way. Where vectors are wide, it takes less to compute s once more than to store it.
    enum { BEHIND = 8 * WORDS, STORES_S = WIDTH < 8 };
    const void *rows = way == TREE ? table->tree : table->rows;
    const struct locator by = locator_of(table);
    const struct middle middle = middle_of(table);
    uint32_t offset[WS_BLOCK] __attribute__((aligned(64)));
    for (size_t i = 0; i < n + BEHIND; i += WORDS) {
        if (i < n) {
            vd t0 = signed_place(words + i), t1 = signed_place(words + i + WIDTH);
            store_words(offset + i, way == TREE ? cells_of(by, middle, words + i, t0, t1) : rows_of(by, t0, t1));
            if (STORES_S) {
                store(x + i, place_within(by, t0));
                store(x + i + WIDTH, place_within(by, t1));
            }
            if (way == FEW_BREAKS && (i + WORDS) % TOGETHER == 0)
                redirect(table, words + i + WORDS - TOGETHER, offset + i + WORDS - TOGETHER);
        }
        if (i < BEHIND)
            continue;
        size_t at = i - BEHIND;
        uint8_t *these = way == TREE ? marks + at / MARKED : NULL;
        if (STORES_S)
            fetch_placed(rows, offset + at, x + at, these);
        else
            fetch(rows, offset + at, place_of(by, words + at), place_of(by, words + at + WIDTH), x + at, these);
    }
}

static void draw_smooth(const struct ws_table *table, const uint32_t *words, size_t n, double *x) {
    draw_rows(table, ROWS_ALONE, words, n, x, NULL);
}

static void draw_few_breaks(const struct ws_table *table, const uint32_t *words, size_t n, double *x) {
    draw_rows(table, FEW_BREAKS, words, n, x, NULL);
}

// The offsets of the rows that marks lead to; those of other rows stay where they are.
INLINE void follow(struct cubics row, vd s, uint32_t *offset) {
    vm is_mark = row.c0 != row.c0;
    vd next = row.c3 + s * row.c1 + (vd)((s >= row.c2) & (vm)splat(1));
    vh stay = load_half(offset), go = truncated(blend(is_mark, next, splat(0))) * WS_TABLE_ROW_BYTES;
    vh mask = half_mask(is_mark);
    store_half(offset, (go & mask) | (stay & ~mask));
}

// WIDTH draws from the rows that their marks have led to; most of these are no marks.
INLINE vd draw_down(const struct ws_table *table, uint32_t *offset, vd s) {
    struct cubics row = load_rows(table->tree, offset);
    while (some(row.c0 != row.c0)) {
        follow(row, s, offset);
        row = load_rows(table->tree, offset);
    }
    return cubic(row, s);
}

static void draw_listed(const struct ws_table *table, size_t n, const uint32_t *words, double *x) {
    const struct locator by = locator_of(table);
    const struct middle middle = middle_of(table);
    uint32_t offset[WS_LATE] __attribute__((aligned(64)));
    for (size_t k = 0; k < n; k += WORDS) {
        vd t0 = signed_place(words + k), t1 = signed_place(words + k + WIDTH);
        store_words(offset + k, cells_of(by, middle, words + k, t0, t1));
        store(x + k, place_within(by, t0));
        store(x + k + WIDTH, place_within(by, t1));
    }
    for (size_t k = 0; k < n; k += WIDTH)
        follow(load_rows(table->tree, offset + k), load(x + k), offset + k);
    for (size_t k = 0; k < n; k += WIDTH)
        store(x + k, draw_down(table, offset + k, load(x + k)));
}

static void scatter(const double *y, const uint32_t *place, size_t n, double *const *x) {
    for (size_t k = 0; k < n; k++)
        x[place[k] / WS_BLOCK][place[k] % WS_BLOCK] = y[k];
}

// Repeats the last of n words up to the next multiple of `whole`, which is returned.
static size_t fill_up(uint32_t *words, size_t n, size_t whole) {
    for (; n % whole; n++)
        words[n] = words[n - 1];
    return n;
}

static void finish(struct ws_late *late) {
    double y[WS_LATE] __attribute__((aligned(64)));
    if (late->n > 0)
        draw_listed(late->table, fill_up(late->words, late->n, WORDS), late->words, y);
    scatter(y, late->place, late->n, late->x);
    late->n = late->n_blocks = 0;
}

INLINE void list_marks(struct list *list, const uint8_t *marks, size_t n) {
    list->n = 0;
    for (size_t i = 0; i < n; i += WHOLE)
        list->n += store_numbers(list->draw + list->n, bits_of(marks + i / MARKED), (uint16_t)i);
}

// The words of listed draws, and numbers that count on from those of earlier blocks: whole vectors of both.
INLINE void take_listed(struct list *list, const uint32_t *words, uint32_t before, uint32_t *listed, uint32_t *place) {
    memset(list->draw + list->n, 0, WORDS * sizeof *list->draw);
    size_t k = 0;
    do {
        store_words_at(listed + k, words, list->draw + k);
        store_words_anywhere(place + k, load_numbers(list->draw + k) + before);
        k += WORDS;
    } while (k < list->n);
}

static void draw_many_breaks(const struct ws_table *table, const uint32_t *words, size_t n, double *x,
                             struct ws_late *late) {
    uint8_t marks[WS_BLOCK / MARKED];
    struct list list;
    if (late->table != table || late->n > WS_LATE - WS_BLOCK || late->n_blocks == WS_LATE_BLOCKS)
        finish(late);
    draw_rows(table, TREE, words, n, x, marks);
    list_marks(&list, marks, n);
    take_listed(&list, words, (uint32_t)late->n_blocks * WS_BLOCK, late->words + late->n, late->place + late->n);
    late->table = table;
    late->x[late->n_blocks++] = x;
    late->n += list.n;
}

static void draw_broken(const struct ws_table *table, const uint32_t *words, size_t n, double *x,
                        struct ws_late *late) {
    if (table->tree)
        draw_many_breaks(table, words, n, x, late);
    else
        draw_few_breaks(table, words, n, x);
}

// u = (word + 1/2) / 2^32 of WIDTH words.
INLINE vd uniforms(const uint32_t *words) {
    vd t = signed_words(words) + 0.5;
    return (t + (vd)((t < 0) & (vm)splat(0x1p32))) * 0x1p-32;
}

// Where steps are few, every draw goes past every threshold.
static void draw_few_steps(const struct ws_table *table, const uint32_t *words, size_t n, double *x) {
    for (size_t i = 0; i < n; i += 2 * WIDTH) {
        vd u0 = uniforms(words + i), u1 = uniforms(words + i + WIDTH);
        vd x0 = splat(table->values[0]), x1 = x0;
        for (size_t k = 0; k + 1 < table->n_steps; k++) {
            vd threshold = splat(table->thresholds[k]), value = splat(table->values[k + 1]);
            x0 = blend(u0 >= threshold, value, x0);
            x1 = blend(u1 >= threshold, value, x1);
        }
        store(x + i, x0);
        store(x + i + WIDTH, x1);
    }
}

// The value of u by halving, where a cell holds more than one threshold.
static double search_steps(const struct ws_table *table, double u) {
    const double *base = table->thresholds; // base - thresholds of them are known to be <= u
    for (size_t left = table->n_steps - 1; left > 0;) {
        size_t half = (left + 1) / 2;
        base += base[half - 1] <= u ? half : 0;
        left -= half;
    }
    return table->values[base - table->thresholds];
}

// Each draw by the row of its cell, of which few hold more than one threshold.
static void draw_cells(const struct ws_table *table, const uint32_t *words, size_t n, double *x) {
    uint32_t offset[WS_BLOCK] __attribute__((aligned(64)));
    for (size_t i = 0; i < n; i += WORDS)
        store_words(offset + i, (load_words(words + i) >> table->cell_shift) * WS_TABLE_ROW_BYTES);
    for (size_t i = 0; i < n; i += WIDTH) {
        vd u = uniforms(words + i);
        struct cubics cell = load_rows(table->cells, offset + i);
        store(x + i, blend(u >= cell.c0, cell.c2, cell.c1));
        for (int further = some(u >= cell.c3); further; further &= further - 1) {
            int k = __builtin_ctz((unsigned)further);
            x[i + k] = search_steps(table, u[k]);
        }
    }
}

// A search by halving within each draw's cell that always takes the same number of steps, of 8 draws side by side.
static void draw_many_steps(const struct ws_table *table, const uint32_t *words, size_t n, double *x) {
    for (size_t i = 0; i < n; i += 8) {
        const double *base[8]; // base[k] - thresholds of them are known to be <= u[k]
        double u[8];
        for (size_t k = 0; k < 8; k++) {
            base[k] = table->thresholds + table->starts[words[i + k] >> table->cell_shift];
            u[k] = (words[i + k] + 0.5) * 0x1p-32;
        }
        for (size_t left = table->most_in_cell; left > 0;) {
            size_t half = (left + 1) / 2;
            for (size_t k = 0; k < 8; k++)
                base[k] += base[k][half - 1] <= u[k] ? half : 0;
            left -= half;
        }
        for (size_t k = 0; k < 8; k++)
            x[i + k] = table->values[base[k] - table->thresholds];
    }
}

static void draw_constant(const struct ws_table *table, size_t n, double *x) {
    for (size_t i = 0; i < n; i += WIDTH)
        store(x + i, splat(table->constant));
}

static void draw_steps(const struct ws_table *table, const uint32_t *words, size_t n, double *x) {
    enum { FEW = 6 };
    if (table->n_steps <= FEW)
        draw_few_steps(table, words, n, x);
    else if (table->cells)
        draw_cells(table, words, n, x);
    else
        draw_many_steps(table, words, n, x);
}

// The first n draws, a multiple of WHOLE.
static void draw_first(const struct ws_table *table, const uint32_t *words, size_t n, double *x, struct ws_late *late) {
    switch (table->kind) {
    case WS_TABLE_SMOOTH:
        draw_smooth(table, words, n, x);
        break;
    case WS_TABLE_BROKEN:
        draw_broken(table, words, n, x, late);
        break;
    case WS_TABLE_STEPS:
        draw_steps(table, words, n, x);
        break;
    default:
        draw_constant(table, n, x);
    }
}

static void draw_late(const struct ws_table *table, const uint32_t *words, double *x, struct ws_late *late) {
    draw_first(table, words, WS_BLOCK, x, late);
}

static void draw_at_once(const struct ws_table *table, const uint32_t *words, size_t n, double *x) {
    struct ws_late late;
    late.table = table;
    late.n = late.n_blocks = 0;
    draw_first(table, words, n, x, &late);
    finish(&late);
}

static void draw(const struct ws_table *table, const uint32_t *words, double *x) {
    draw_at_once(table, words, WS_BLOCK, x);
}

// The draws whose label is the one wanted. Nothing foretells which these are, so that there is no branch by them.
INLINE void list_draws(struct list *list, const double *label, double wanted) {
    list->n = 0;
    for (size_t i = 0; i < WS_BLOCK; i += WHOLE) {
        uint64_t bits = 0;
        for (size_t k = 0; k < WHOLE; k += WIDTH)
            bits |= (uint64_t)(unsigned)equal(load(label + i + k), splat(wanted)) << k;
        list->n += store_numbers(list->draw + list->n, bits, (uint16_t)i);
    }
}

static void draw_where(const struct ws_table *table, const uint32_t *words, const double *label, double wanted,
                       double *x) {
    double y[WS_BLOCK] __attribute__((aligned(64)));
    uint32_t listed[WS_BLOCK + WHOLE] __attribute__((aligned(64))), place[WS_BLOCK + WHOLE];
    struct list list;
    list_draws(&list, label, wanted);
    if (list.n == 0)
        return;
    if (list.n > WS_BLOCK * 3 / 4) {
        draw_at_once(table, words, WS_BLOCK, x);
        return;
    }
    take_listed(&list, words, 0, listed, place);
    draw_at_once(table, listed, fill_up(listed, list.n, WHOLE), y);
    scatter(y, place, list.n, &x);
}

// ---- correlated draws ----

// A strip of all rows at a time, which stays in the first-level cache; its four sums hide the latency of an addition.
static void combine(double *rows, size_t n, const double *factor) {
    enum { SETS = 4 };
    for (size_t p = 0; p < WS_BLOCK; p += SETS * WIDTH)
        for (size_t i = n; i-- > 0;) { // from the last, so that what a row needs is still there
            const double *c = factor + i * (i + 1) / 2, *row = rows + p;
            vd sum[SETS];
            for (size_t k = 0; k < SETS; k++)
                sum[k] = splat(c[0]) * load(row + k * WIDTH);
            for (size_t j = 1; j <= i; j++) {
                row += WS_ROW_STRIDE;
#pragma GCC unroll 4
                for (size_t k = 0; k < SETS; k++)
                    sum[k] += splat(c[j]) * load(row + k * WIDTH);
            }
            for (size_t k = 0; k < SETS; k++)
                store(rows + i * WS_ROW_STRIDE + p + k * WIDTH, sum[k]);
        }
}

// Scores -> byte offsets of rows and distances from the middles of their segments. The high word of |z| + 2^13 counts
// in units of 2^-7. Returns nonzero if some score is in a tail.
static int locate_scores(const double *z, uint32_t *offset, double *s) {
    _Static_assert(WS_SCORE_STEPS == 1 << 7, "unit of the high word");
    const vd big = splat(0x1p13), middle = splat(0.5 / WS_SCORE_STEPS - 0x1p13), tail = splat(WS_TAIL_SCORE);
    const vd last = splat(WS_TAIL_SCORE - 0.5 / WS_SCORE_STEPS);
    const vu high_half = splat_u(~(uint64_t)UINT32_MAX);
    vd greatest = splat(0);
    for (size_t i = 0; i < WS_BLOCK; i += WORDS) {
        vd z0 = magnitude(load(z + i)), z1 = magnitude(load(z + i + WIDTH));
        greatest = larger(greatest, larger(z0, z1));
        z0 = smaller(z0, last);
        z1 = smaller(z1, last);
        vd t0 = z0 + big, t1 = z1 + big;
        store_words(offset + i, (high_words(t0, t1) - ((1023 + 13) << 20)) << 5);
        store(s + i, z0 - ((vd)((vu)t0 & high_half) + middle));
        store(s + i + WIDTH, z1 - ((vd)((vu)t1 & high_half) + middle));
    }
    return some(greatest >= tail);
}

static int words_of_scores(const struct ws_score_table *table, const double *z, uint32_t *words) {
    uint32_t offset[WS_BLOCK] __attribute__((aligned(64)));
    double s[WS_BLOCK] __attribute__((aligned(64)));
    const vd integer = splat(0x1p52); // to the nearest, which stands in the low word
    int tail = locate_scores(z, offset, s);
    for (size_t i = 0; i < WS_BLOCK; i += WORDS) {
        vd cell0 = cubic(load_rows(table->rows, offset + i), load(s + i)),
           cell1 = cubic(load_rows(table->rows, offset + i + WIDTH), load(s + i + WIDTH));
        vw cell = smaller_words(low_words(cell0 + integer, cell1 + integer), splat_w(UINT32_MAX >> 1));
        vw upper = ~(vw)((vi)high_words(load(z + i), load(z + i + WIDTH)) >> 31);
        store_words(words + i, cell ^ upper);
    }
    return tail;
}

// ---- splits ----

static size_t pack(const double *x, const double *label, double wanted, size_t n, double *out) {
    size_t count = 0, i = 0;
    for (; i + WIDTH <= n; i += WIDTH)
        count += store_some(out + count, load(x + i), some(load(label + i) == wanted));
    for (; i < n; i++) {
        out[count] = x[i];
        count += label[i] == wanted;
    }
    return count;
}

static void take(const double *x, const uint16_t *places, size_t n, double *out) {
    for (size_t i = 0; i < n; i += WIDTH) {
        vd value;
        for (int k = 0; k < WIDTH; k++)
            value[k] = x[places[i + (size_t)k]];
        store(out + i, value);
    }
}

const struct ws_kernels PER_ISA(ws_kernels) = {
#ifdef __AVX512F__
    .isa = "avx512",
#elif defined(__AVX2__)
    .isa = "avx2",
#else
    .isa = "baseline",
#endif
    .philox = philox,
    .philox_at = philox_at,
    .has_tail = has_tail,
    .scramble = scramble,
    .draw = draw,
    .draw_late = draw_late,
    .finish = finish,
    .draw_where = draw_where,
    .combine = combine,
    .words_of_scores = words_of_scores,
    .run = PER_ISA(ws_program_run),
    .moments = PER_ISA(ws_moments_add_row),
    .bin = PER_ISA(ws_bins_count),
    .tally = PER_ISA(ws_tally_row),
    .pack = pack,
    .take = take,
    .locate = PER_ISA(ws_bins_locate),
    .neighbours = &PER_ISA(ws_neighbours),
    .weigh = PER_ISA(ws_weigh),
    .weighted_tally = PER_ISA(ws_weighted_tally),
    .fit_segments = PER_ISA(ws_segments_fit),
    .settle_segments = PER_ISA(ws_segments_settle),
};
