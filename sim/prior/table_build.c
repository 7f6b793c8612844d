// SPDX-License-Identifier: GPL-3.0-or-later
// Compiling a prior's quantile function to the table of numeric/table.h, with the error reached.
//
// First the quantile is learned panel by panel from few exact values, each panel checked between its nodes and halved
// where that fails (table_grid.h); then the cubics are made from what was learned, with as few segments as the error
// allows. Octaves that hold a kink or a gap, and any that resist, are fitted from exact values segment by segment.
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "numeric/segments.h"
#include "prior/prior.h"
#include "prior/span.h"
#include "prior/table_advice.h"
#include "prior/table_grid.h"

static const double wanted_error = 2e-9; // of the whole, relative to max(|x|, interquartile range)
static const double panel_error = 1e-10; // of a panel's interpolant, a small part of it

static const double sliver = 0x1p-30; // of v: a piece this narrow is not divided further, nor counted in the error
static const double coarse_sliver = 0x1p-25; // where parts are asked, which takes longer
static const double patch = 0x1p-16;         // of v: in slivers such a piece takes much of the room there is

enum { MAX_PIECES = 1 << 16, UNDIVIDED_LEVEL = 5, UNDIVIDED_BREAKS = 6 };
enum { MAX_DIRECT = 24 }; // octaves fitted directly: more than kinks make, the quantile function is then too rough

struct octave {
    int direct;   // fitted from exact values
    double error; // of the interpolant
    double y[WS_NODES];
};

struct build {
    struct ws_span span;
    const struct ws_table_grid *grid;
    struct octave octaves[2][WS_TABLE_OCTAVES];
    double breaks[2][WS_MAX_BREAKS]; // the v of kinks and gaps, ascending
    size_t n_breaks[2], n_direct;
    double roughness; // the largest error of an octave's interpolant
    double spread;    // the interquartile range
    // The attempt under way.
    unsigned level; // log2 of the segments per octave
    double (*rows)[WS_CUBIC], (*beyond)[WS_CUBIC], *break_at, *piece_end;
    uint32_t *break_row;
    size_t n_beyond, room;      // pieces beyond the first of their segments; how many fit
    int divide;                 // segments may have any number of pieces
    int no_memory, is_rounding; // why it is given up
    double error;               // the largest so far
};

static double scale_of(const struct build *build, double x) { return fmax(fabs(x), build->spread); }

// Mixtures may be rough everywhere; what they are made of is evaluated all the same.
static size_t most_direct(const struct build *build) {
    return build->span.prior->family->composite ? 2 * WS_TABLE_OCTAVES : MAX_DIRECT;
}

static int has_break(const struct build *build, int side, double from, double to) {
    for (size_t i = 0; i < build->n_breaks[side]; i++)
        if (build->breaks[side][i] > from && build->breaks[side][i] < to)
            return 1;
    return 0;
}

// ---- learning ----

// Exact values at a panel's points; the largest error of the interpolant at its checks, INFINITY where a value is not
// finite.
static double sample_panel(const struct build *build, int side, int first, int width, double y[WS_NODES]) {
    const struct ws_table_grid *grid = build->grid;
    double v[WS_POINTS], x[WS_POINTS], worst = 0;
    for (int i = 0; i < WS_POINTS; i++)
        v[i] = exp2(first - WS_TABLE_OCTAVES - 1 + width * grid->position[i]);
    ws_span_quantiles(&build->span, WS_POINTS, v, side, x);
    for (int i = 0; i < WS_POINTS; i++)
        if (!isfinite(x[i]))
            return INFINITY;
    for (int j = 0; j < WS_NODES; j++)
        y[j] = x[grid->node[j]];
    for (int i = 0; i < WS_CHECKS; i++) {
        double exact = x[grid->check[i]], sum = 0;
        for (int j = 0; j < WS_NODES; j++)
            sum += grid->at_check[i][j] * y[j];
        worst = fmax(worst, fabs(sum - exact) / scale_of(build, exact));
    }
    return worst;
}

// Whether all are one value, which draws then have to the last bit: x == 3 is a question of its own.
static int is_flat(const double *x, size_t n) {
    for (size_t i = 1; i < n; i++)
        if (x[i] != x[0])
            return 0;
    return 1;
}

static void spread_panel(struct build *build, int side, int first, int width, const double y[WS_NODES], double error) {
    double spread[WS_NODES / WS_LANES][WS_LANES] __attribute__((aligned(64)));
    for (int k = first < 0 ? -first : 0; k < width; k++) {
        struct octave *octave = &build->octaves[side][first + k];
        const ws_segment_fit *weights = build->grid->spread[width - 1 + k];
        build->grid->kernels->fit_segments(weights[0], y, WS_NODES, WS_NODES / WS_LANES, spread);
        octave->error = error;
        memcpy(octave->y, is_flat(y, WS_NODES) ? y : spread[0], sizeof octave->y);
    }
}

static void learn_panel(struct build *build, int side, int first, int width) {
    double from = ldexp(1, first - WS_TABLE_OCTAVES - 1), to = ldexp(from, width);
    if (first + width <= 0 || build->n_direct > most_direct(build))
        return;
    if (!has_break(build, side, from, to)) {
        double y[WS_NODES], error = sample_panel(build, side, first, width, y);
        if (width == 1)
            build->roughness = fmax(build->roughness, error);
        if (error <= panel_error) {
            spread_panel(build, side, first, width, y, error);
            return;
        }
    }
    if (width > 1) {
        learn_panel(build, side, first + width / 2, width / 2);
        learn_panel(build, side, first, width / 2);
    } else {
        build->octaves[side][first].direct = 1;
        build->n_direct++;
    }
}

static void learn(struct build *build) {
    for (int side = 0; side < 2; side++) {
        build->n_breaks[side] = ws_span_breaks(&build->span, side, build->breaks[side]);
        for (int width = 1; width <= 1 << WS_MAX_LEVEL; width *= 2)
            learn_panel(build, side, WS_TABLE_OCTAVES + 1 - 2 * width, width);
    }
}

// ---- one segment; cubics are in t in [0, 1] until they are stored ----

// fmin and fmax are calls for what is an instruction. NaN does not get here: it makes an infinite error.
static inline double smaller(double a, double b) { return a < b ? a : b; }
static inline double larger(double a, double b) { return a > b ? a : b; }

// A value that has a probability of its own.
static int is_atom(const struct ws_span *span, const double c[WS_CUBIC]) {
    return c[1] == 0 && c[2] == 0 && c[3] == 0 && c[0] == span->low && ws_span_cdf(span, c[0], 0) > 0;
}

// Pulls a cubic into the support: it lies within the hull of its Bernstein coefficients. Where the lower end is 0 these
// also keep a distance from it that rounding cannot eat. Returns the largest change.
static double confine(const struct ws_span *span, double c[WS_CUBIC]) {
    double b[WS_CUBIC] = {c[0], c[0] + c[1] / 3, c[0] + (2 * c[1] + c[2]) / 3, c[0] + c[1] + c[2] + c[3]}, change = 0;
    double least = smaller(smaller(b[0], b[1]), smaller(b[2], b[3]));
    double most = larger(larger(b[0], b[1]), larger(b[2], b[3]));
    double low = span->low == 0 ? larger(DBL_MIN, most * 0x1p-44) : span->low, high = span->high;
    if ((least >= low && most <= high) || is_atom(span, c))
        return 0;
    for (int i = 0; i < WS_CUBIC; i++) {
        double inside = fmin(fmax(b[i], low), high);
        change = fmax(change, fabs(inside - b[i]));
        b[i] = inside;
    }
    c[0] = b[0];
    c[1] = 3 * (b[1] - b[0]);
    c[2] = 3 * ((b[2] - b[1]) - (b[1] - b[0]));
    c[3] = (b[3] - b[2]) - 2 * (b[2] - b[1]) + (b[1] - b[0]);
    return change;
}

// Confines a cubic whose errors at the check points are known, and notes the error reached with what was there before.
static void settle(struct build *build, double c[WS_CUBIC], const double error[WS_CUBIC], double before) {
    double start = c[0], end = c[0] + c[1] + c[2] + c[3], worst = 0;
    for (int i = 0; i < WS_CUBIC; i++) {
        if (isnan(error[i])) {
            build->error = INFINITY;
            return;
        }
        worst = larger(worst, fabs(error[i]));
    }
    worst += confine(&build->span, c);
    double least = (start > 0) == (end > 0) ? smaller(fabs(start), fabs(end)) : 0;
    build->error = larger(worst / scale_of(build, least) + before, build->error);
}

// Coefficients for s = t 2^-level.
static void store(const struct build *build, const double c[WS_CUBIC], double row[WS_CUBIC]) {
    double segments = 1 << build->level;
    row[0] = c[0];
    row[1] = c[1] * segments;
    row[2] = c[2] * (segments * segments);
    row[3] = c[3] * (segments * segments * segments);
}

// All segments of an octave, from what was learned of it: at once, or where some leave the support one by one.
static void fit_learned(struct build *build, const struct octave *octave, double (*rows)[WS_CUBIC]) {
    double fits[1 << WS_MAX_SEGMENTS][WS_LANES] __attribute__((aligned(64))), worst;
    const struct ws_segment_bounds bounds = {build->span.low, build->span.high, build->spread};
    const struct ws_kernels *kernels = build->grid->kernels;
    const int flat = is_flat(octave->y, WS_NODES);
    size_t n = (size_t)1 << build->level;
    kernels->fit_segments(build->grid->fit[n - 1], octave->y, WS_NODES, n, fits);
    if (!flat && kernels->settle_segments(fits, n, &bounds, rows, &worst)) {
        build->error = larger(worst + octave->error, build->error);
        return;
    }
    for (size_t i = 0; i < n && build->error <= wanted_error; i++) {
        if (flat)
            memcpy(fits[i], (double[2 * WS_CUBIC]){octave->y[0]}, sizeof fits[i]);
        settle(build, fits[i], fits[i] + WS_CUBIC, octave->error);
        store(build, fits[i], rows[i]);
    }
}

// From a cubic in (t - from) / width to one in t.
static void unfold(double c[WS_CUBIC], double from, double width) {
    double power = 1;
    for (int i = 1; i < WS_CUBIC; i++)
        c[i] /= power *= width;
    for (int i = 0; i < WS_CUBIC - 1; i++)
        for (int j = WS_CUBIC - 2; j >= i; j--)
            c[j] -= from * c[j + 1];
}

// Gives up the terms that rounding would spoil by more than `allowed` once the cubic is in the t of a segment of which
// its own is a small part. What is left is the best that there is on the whole (C. Lanczos 1938, "Trigonometric
// interpolation of empirical and analytical functions", Journal of Mathematics and Physics 17).
static void economize(double c[WS_CUBIC], double width, double allowed) {
    if (DBL_EPSILON * fabs(c[3]) > allowed * width * width * width) { // 32 t^3 - 48 t^2 + 18 t - 1 goes
        c[0] += c[3] / 32;
        c[1] -= c[3] * 18 / 32;
        c[2] += c[3] * 48 / 32;
        c[3] = 0;
    }
    if (c[3] == 0 && DBL_EPSILON * fabs(c[2]) > allowed * width * width) { // 8 t^2 - 8 t + 1 goes
        c[0] -= c[2] / 8;
        c[1] += c[2];
        c[2] = 0;
    }
}

// The part [from, to] of a segment, which starts at v = start and is v_width wide, from exact values.
static void fit_exactly(struct build *build, int side, double start, double v_width, double from, double to,
                        double row[WS_CUBIC]) {
    static const int node[WS_CUBIC] = {1, 3, 4, 6}, check[WS_CUBIC] = {0, 2, 5, 7}; // in ascending order together
    double t[2 * WS_CUBIC], v[2 * WS_CUBIC], x[2 * WS_CUBIC], y[WS_CUBIC], c[WS_CUBIC], error[WS_CUBIC];
    for (int i = 0; i < WS_CUBIC; i++) {
        t[node[i]] = ws_cubic_node[i];
        t[check[i]] = 0.0001 + 0.9998 * ws_cubic_check[i]; // at a gap the end itself may be the other side's
    }
    for (int i = 0; i < 2 * WS_CUBIC; i++)
        v[i] = start + v_width * (from + (to - from) * t[i]);
    ws_span_quantiles(&build->span, 2 * WS_CUBIC, v, side, x);
    for (int i = 0; i < WS_CUBIC; i++)
        y[i] = x[node[i]];
    ws_cubic_through(y, c);
    economize(c, to - from, 0.1 * wanted_error * scale_of(build, y[0]));
    for (int i = 0; i < WS_CUBIC; i++) {
        double at = t[check[i]];
        error[i] = ((c[3] * at + c[2]) * at + c[1]) * at + c[0] - x[check[i]];
    }
    if (is_flat(x, 2 * WS_CUBIC)) {
        memcpy(c, (double[WS_CUBIC]){x[0]}, sizeof c);
        memset(error, 0, sizeof error);
    }
    settle(build, c, error, 0);
    unfold(c, from, to - from);
    store(build, c, row);
}

// ---- segments in pieces ----

static void append_piece(struct build *build, const double row[WS_CUBIC], double end) {
    if (build->n_beyond == build->room && build->room < MAX_PIECES) {
        size_t room = build->room ? 2 * build->room : 64;
        void *beyond = realloc(build->beyond, room * sizeof *build->beyond);
        build->beyond = beyond ? beyond : build->beyond;
        void *piece_end = realloc(build->piece_end, room * sizeof *build->piece_end);
        build->piece_end = piece_end ? piece_end : build->piece_end;
        build->no_memory |= !beyond || !piece_end;
        build->room = room;
    }
    if (build->no_memory || build->n_beyond == build->room) {
        build->error = INFINITY;
        return;
    }
    memcpy(build->beyond[build->n_beyond], row, sizeof *build->beyond);
    build->piece_end[build->n_beyond++] = end;
}

// A segment under division: the first piece stays the segment's own row.
struct division {
    int side;
    double start, v_width;
    size_t row;
    int begun;
};

static void add_piece(struct build *build, struct division *d, double to, const double row[WS_CUBIC]) {
    double scale = ldexp(1, -(int)build->level);
    if (!d->begun) {
        memcpy(build->rows[d->row], row, sizeof *build->rows);
        if (to < 1) {
            build->break_at[d->row] = to * scale;
            build->break_row[d->row] = (uint32_t)build->n_beyond;
        }
    } else {
        append_piece(build, row, to < 1 ? to * scale : 2);
    }
    d->begun = 1;
}

// Whether the values in [from, to], where that is as wide as a patch, are rounding, of which slivers would be left.
static int is_rounding_alone(const struct build *build, const struct division *d, double from, double to) {
    double v = d->start + d->v_width * from, v_width = d->v_width * (to - from);
    int alone = v_width <= patch * v && v_width > 0.5 * patch * v;
    for (int i = 1; i < 4 && alone; i++)
        alone = ws_span_is_rounding(&build->span, v + 0.25 * i * v_width, d->side, wanted_error, build->spread);
    return alone;
}

// Halves [from, to] of a segment until each part is fitted well enough, or is a sliver in which hardly a draw falls:
// about a gap the quantile function is as steep as a tail is at its end.
static void divide(struct build *build, struct division *d, double from, double to) {
    double before = build->error, row[WS_CUBIC], v = d->start + d->v_width * from;
    if (before > wanted_error) // no room, or no number
        return;
    build->error = 0;
    fit_exactly(build, d->side, d->start, d->v_width, from, to, row);
    double reached = build->error;
    int narrow = d->v_width * (to - from) <= (build->span.by_part ? coarse_sliver : sliver) * v;
    if (narrow && !isfinite(reached))
        return;
    build->error = narrow ? before : fmax(before, reached);
    if (reached <= wanted_error || narrow) {
        add_piece(build, d, to, row);
        return;
    }
    build->is_rounding = is_rounding_alone(build, d, from, to);
    if (build->is_rounding)
        return;
    build->error = before;
    divide(build, d, from, 0.5 * (from + to));
    divide(build, d, 0.5 * (from + to), to);
}

static void fit_divided(struct build *build, int side, int octave, int segment, size_t row) {
    double v_width = ldexp(1, octave - WS_TABLE_OCTAVES - 1 - (int)build->level);
    struct division d = {side, v_width * ((1 << build->level) + segment), v_width, row, 0};
    double from = 0;
    for (size_t i = 0; i < build->n_breaks[side]; i++) {
        double t = (build->breaks[side][i] - d.start) / v_width;
        if (!(t > from + 0x1p-40 && t < 1 - 0x1p-40))
            continue;
        divide(build, &d, from, t);
        from = t;
    }
    divide(build, &d, from, 1);
}

static void fit_direct(struct build *build, int side, int octave, int segment, size_t row) {
    double v_width = ldexp(1, octave - WS_TABLE_OCTAVES - 1 - (int)build->level);
    double start = v_width * ((1 << build->level) + segment), at = 2;
    for (size_t i = 0; i < build->n_breaks[side]; i++) {
        double t = (build->breaks[side][i] - start) / v_width;
        if (!(t > 0x1p-40 && t < 1 - 0x1p-40))
            continue;
        if (at < 1)
            build->error = INFINITY; // two in one segment: finer ones may part them
        at = t;
    }
    fit_exactly(build, side, start, v_width, 0, fmin(at, 1), build->rows[row]);
    if (at < 1) {
        fit_exactly(build, side, start, v_width, at, 1, build->beyond[build->n_beyond]);
        build->break_at[row] = ldexp(at, -(int)build->level);
        build->break_row[row] = (uint32_t)build->n_beyond++;
    }
}

// ---- the whole ----

static void forget(struct build *build) {
    free(build->rows);
    free(build->beyond);
    free(build->break_at);
    free(build->break_row);
    free(build->piece_end);
    build->piece_end = NULL;
    build->room = 0;
    build->rows = build->beyond = NULL;
    build->break_at = NULL;
    build->break_row = NULL;
}

// Room for the rows at this level; nonzero where memory runs out.
static int reserve(struct build *build, unsigned level) {
    size_t n_rows = (size_t)(2 * WS_TABLE_OCTAVES) << level, n_breaks = build->n_breaks[0] + build->n_breaks[1];
    forget(build);
    build->level = level;
    build->n_beyond = 0;
    build->error = 0;
    build->rows = aligned_alloc(64, n_rows * sizeof *build->rows);
    if (!build->rows)
        return -1;
    if (n_breaks == 0 && !build->divide)
        return 0;
    if (!build->divide)
        build->beyond = aligned_alloc(64, (n_breaks + 1) / 2 * 2 * sizeof *build->beyond);
    build->break_at = malloc(n_rows * sizeof *build->break_at);
    build->break_row = calloc(n_rows, sizeof *build->break_row);
    if ((!build->beyond && !build->divide) || !build->break_at || !build->break_row)
        return -1;
    for (size_t i = 0; i < n_rows; i++)
        build->break_at[i] = 2;
    return 0;
}

// The segments of an octave that was not learned.
static void fit_from_values(struct build *build, int side, int octave, size_t row) {
    for (int i = 0; i < 1 << build->level && build->error <= wanted_error; i++, row++)
        if (build->divide)
            fit_divided(build, side, octave, i, row);
        else
            fit_direct(build, side, octave, i, row);
}

// The rows at the level reserved of the octaves that were learned, or of those that were not, the bulk first; stops
// where the error is too large.
static void fit_octaves(struct build *build, int direct) {
    for (int octave = WS_TABLE_OCTAVES - 1; octave >= 0; octave--)
        for (int side = 0; side < 2 && build->error <= wanted_error; side++) {
            const struct octave *learned = &build->octaves[side][octave];
            size_t row = (size_t)(side * WS_TABLE_OCTAVES + octave) << build->level;
            if (learned->direct != direct)
                continue;
            if (direct)
                fit_from_values(build, side, octave, row);
            else
                fit_learned(build, learned, build->rows + row);
        }
}

// What takes little first: it mostly tells whether the level will do.
static void fit_rows(struct build *build) {
    fit_octaves(build, 0);
    fit_octaves(build, 1);
}

// Hands what was built over to the table; nonzero where memory runs out.
static int keep(struct build *build, struct ws_table *table) {
    size_t n_rows = (size_t)(2 * WS_TABLE_OCTAVES) << build->level;
    *table = (struct ws_table){.kind = WS_TABLE_SMOOTH, .log2_segments = build->level};
    table->error = build->error + 4 * DBL_EPSILON; // rounding in the evaluation
    table->bytes = n_rows * sizeof *build->rows;
    if (build->n_beyond > 0) {
        double(*rows)[WS_CUBIC] = aligned_alloc(64, (n_rows + build->n_beyond + 1) / 2 * 2 * sizeof *rows);
        if (!rows)
            return -1;
        memcpy(rows, build->rows, n_rows * sizeof *rows);
        memcpy(rows + n_rows, build->beyond, build->n_beyond * sizeof *rows);
        free(build->rows);
        build->rows = rows;
        table->kind = WS_TABLE_BROKEN;
        table->break_at = build->break_at;
        table->break_row = build->break_row;
        table->beyond = (const double(*)[WS_CUBIC])(rows + n_rows);
        table->piece_end = build->piece_end;
        table->n_beyond = build->n_beyond;
        table->bytes +=
            n_rows * (sizeof *build->break_at + sizeof *build->break_row) + build->n_beyond * sizeof *build->beyond;
        build->break_at = NULL;
        build->break_row = NULL;
        build->piece_end = NULL;
    }
    table->rows = (const double(*)[WS_CUBIC])build->rows;
    build->rows = NULL;
    return ws_table_index(table);
}

// As few segments as the error allows, 2^level to 2^most an octave. 0, an error, or 1 where no number of them is
// enough.
static int try_levels(struct build *build, unsigned level, unsigned most, struct ws_table *table,
                      struct ws_error *err) {
    for (; level <= most && !build->is_rounding; level++) {
        int no_memory = reserve(build, level);
        if (!no_memory)
            fit_rows(build);
        int done = build->error <= wanted_error;
        no_memory |= build->no_memory;
        if (!no_memory && done)
            no_memory = keep(build, table);
        if (no_memory || done) {
            forget(build);
            return no_memory ? ws_error_set(err, WS_ERROR_MEMORY, NULL, "memory ran out") : 0;
        }
    }
    forget(build);
    return 1;
}

// Whether the outermost quantiles of the table are beyond floating-point numbers, or so near their end that a piece's
// cubic goes beyond: said before much is computed.
static int overflows(const struct ws_span *span) {
    static const double room = 64;
    double v = 0x1p-54, x[2];
    for (int side = 0; side < 2; side++)
        ws_span_quantiles(span, 1, &v, side, &x[side]);
    return !(fabs(x[0]) <= DBL_MAX / room && fabs(x[1]) <= DBL_MAX / room);
}

static int build_from_span(struct build *build, struct ws_table *table, struct ws_error *err) {
    *build = (struct build){.span = build->span, .grid = build->grid, .spread = build->spread};
    learn(build);
    if (build->n_direct > most_direct(build)) {
        build->error = build->roughness;
        return 1;
    }
    // Where there are breaks, dividing the few segments about them keeps small what draws go through; of many, kernels
    // need not be told apart which segments were divided.
    const size_t n_breaks = build->n_breaks[0] + build->n_breaks[1];
    const int divisible = build->span.prior->family->composite != NULL;
    int status = 1;
    if (!divisible || n_breaks <= UNDIVIDED_BREAKS)
        status = try_levels(build, 0, divisible && n_breaks > 0 ? UNDIVIDED_LEVEL : WS_MAX_SEGMENTS, table, err);
    if (status > 0 && divisible) {
        build->divide = 1;
        status = try_levels(build, 0, WS_MAX_SEGMENTS, table, err);
    }
    return status;
}

static int build_once(struct build *build, struct ws_table *table, const struct ws_prior *prior, struct ws_error *err) {
    double quarter = 0.25, quartiles[2];
    ws_span_make(&build->span, prior);
    for (int side = 0; side < 2; side++)
        ws_span_quantiles(&build->span, 1, &quarter, side, &quartiles[side]);
    build->spread = quartiles[1] - quartiles[0];
    if (prior->family->composite && overflows(&build->span)) {
        build->error = INFINITY;
        return 1;
    }
    int status = build_from_span(build, table, err);
    if (status > 0 && build->is_rounding && ws_span_by_part(&build->span))
        status = build_from_span(build, table, err);
    return status;
}

// ---- what cannot be tabulated ----

// Whether rounding makes steps of what lies between the quartiles. (A mixture may be a constant there.)
static int spreads_by_rounding(const struct build *build, const struct ws_prior *prior) {
    double value = fmax(fabs(ws_prior_quantile(prior, 0.25, 0)), fabs(ws_prior_quantile(prior, 0.25, 1)));
    return !prior->family->composite && build->spread < 0x1p-41 * value;
}

int ws_table_try(const struct ws_prior *prior, const struct ws_table_grid *grid) {
    struct build *build = malloc(sizeof *build);
    struct ws_table table = {0};
    if (!build)
        return WS_ERROR_MEMORY;
    *build = (struct build){.grid = grid};
    int status = build_once(build, &table, prior, NULL);
    status = status == 0 && (!isfinite(build->spread) || spreads_by_rounding(build, prior)) ? 1 : status;
    ws_table_finish(&table);
    free(build);
    return status;
}

static int refuse(const struct build *build, const struct ws_prior *prior, struct ws_error *err) {
    const char *name = prior->family->name;
    double middle = fabs(ws_prior_quantile(prior, 0.25, 0)) / 2 + fabs(ws_prior_quantile(prior, 0.25, 1)) / 2;
    char text[256], advice[400];
    if (middle < 0.5e-280 && fabs(ws_prior_quantile(prior, 0.001, 1)) < 1e-270 &&
        fabs(ws_prior_quantile(prior, 0x1p-53, 1)) < 1e-200) // which a gamma of little shape is not: most of it is 0
        return ws_error_set(err, WS_ERROR_STUDY, NULL,
                            "%s: its values are as small as %.2g, where floating-point numbers end; give it a smaller "
                            "unit",
                            name, fabs(ws_prior_quantile(prior, 0.001, 1)));
    if (prior->family->composite && middle > 1e300)
        return ws_error_set(err, WS_ERROR_STUDY, NULL,
                            "%s: its values are as large as %.2g, where floating-point numbers end; give it a larger "
                            "unit",
                            name, middle);
    if (ws_advise_truncation(prior, build->grid, text, sizeof text) == 0)
        snprintf(advice, sizeof advice, "cut off what does not matter, by %s or so", text);
    else if (ws_advise_shape(prior, build->grid, text, sizeof text) == 0)
        snprintf(advice, sizeof advice, "%s would do; or cut off by truncate: [low, high] what does not matter", text);
    else
        snprintf(advice, sizeof advice,
                 "cut off by truncate: [low, high] what does not matter, or give its logarithm as an input and exp of "
                 "it in formulas");
    if (!isfinite(build->error))
        return ws_error_set(err, WS_ERROR_STUDY, NULL,
                            "%s: its quantiles go beyond what floating-point numbers can hold; %s", name, advice);
    return ws_error_set(err, WS_ERROR_STUDY, NULL,
                        "%s: its quantile function is too rough or reaches over too many orders of magnitude to be "
                        "tabulated (relative error %.2g, at most 2e-9 wanted); %s",
                        name, build->error, advice);
}

static int build_smooth(struct build *build, struct ws_table *table, const struct ws_prior *prior,
                        struct ws_error *err) {
    int status = build_once(build, table, prior, err);
    if (status < 0)
        return status;
    if (!isfinite(build->spread)) {
        ws_table_finish(table);
        build->error = INFINITY;
        return refuse(build, prior, err);
    }
    if (spreads_by_rounding(build, prior)) {
        ws_table_finish(table);
        return ws_error_set(err, WS_ERROR_STUDY, NULL,
                            "%s: it spreads by %.2g about %.6g, which is rounding of such numbers; write the number "
                            "alone, or only what is above it and add it in formulas",
                            prior->family->name, build->spread, ws_prior_quantile(prior, 0.25, 1));
    }
    return status > 0 ? refuse(build, prior, err) : 0;
}

static int build_steps(struct ws_table *table, const struct ws_prior *prior, struct ws_error *err) {
    size_t n = prior->n_parts;
    double *values = malloc(n * sizeof *values), *thresholds = malloc(n * sizeof *thresholds), sum = 0;
    if (!values || !thresholds) {
        free(values);
        free(thresholds);
        return ws_error_set(err, WS_ERROR_MEMORY, NULL, "memory ran out");
    }
    for (size_t i = 0; i < n; i++) {
        values[i] = prior->family->kind == WS_CATEGORICAL ? (double)i : prior->parts[i].value;
        thresholds[i] = sum += prior->parts[i].weight;
    }
    *table = (struct ws_table){.kind = WS_TABLE_STEPS, .n_steps = n, .values = values, .thresholds = thresholds};
    table->bytes = n * (sizeof *values + sizeof *thresholds);
    return ws_table_index(table) ? ws_error_set(err, WS_ERROR_MEMORY, NULL, "memory ran out") : 0;
}

int ws_table_build(struct ws_table *table, const struct ws_prior *prior, const struct ws_table_grid *grid,
                   struct ws_error *err) {
    if (ws_prior_is_constant(prior)) {
        *table = (struct ws_table){.kind = WS_TABLE_CONSTANT, .constant = ws_prior_quantile(prior, 0.5, 0)};
        return 0;
    }
    if (prior->family->kind != WS_CONTINUOUS)
        return build_steps(table, prior, err);
    struct build *build = calloc(1, sizeof *build);
    if (!build)
        return ws_error_set(err, WS_ERROR_MEMORY, NULL, "memory ran out");
    build->grid = grid;
    int status = build_smooth(build, table, prior, err);
    free(build);
    return status;
}

static void release(const void *memory) { free((void *)(uintptr_t)memory); }

void ws_table_finish(struct ws_table *table) {
    ws_table_unindex(table);
    release(table->rows);
    release(table->break_at);
    release(table->break_row);
    release(table->piece_end);
    release(table->values);
    release(table->thresholds);
    *table = (struct ws_table){0};
}

// ---- the digest ----

// Appends the digest of an array; absent ones count as empty.
static size_t add_digest(char *text, size_t length, const void *bytes, size_t count, size_t size) {
    return length +
           (size_t)snprintf(text + length, 18, "%016" PRIx64 " ", bytes ? ws_checksum(bytes, count * size) : 0);
}

void ws_table_digest(const struct ws_table *table, char hex[65]) {
    char text[9 * 65];
    size_t n_rows = (size_t)(2 * WS_TABLE_OCTAVES) << table->log2_segments, length = 0, n_beyond = 0;
    for (size_t i = 0; table->break_at && i < n_rows; i++)
        n_beyond += table->break_at[i] < 2;
    if (table->piece_end)
        n_beyond = table->n_beyond;
    const double head[4] = {table->kind, table->log2_segments, table->constant, (double)table->n_steps};
    length = add_digest(text, length, head, 4, sizeof *head);
    length = add_digest(text, length, table->rows, n_rows, sizeof *table->rows);
    length = add_digest(text, length, table->break_at, n_rows, sizeof *table->break_at);
    length = add_digest(text, length, table->break_row, n_rows, sizeof *table->break_row);
    length = add_digest(text, length, table->beyond, n_beyond, sizeof *table->beyond);
    length = add_digest(text, length, table->values, table->n_steps, sizeof *table->values);
    length =
        add_digest(text, length, table->thresholds, table->n_steps ? table->n_steps - 1 : 0, sizeof *table->thresholds);
    if (table->piece_end)
        length = add_digest(text, length, table->piece_end, table->n_beyond, sizeof *table->piece_end);
    ws_sha256_hex(text, length, hex);
}
