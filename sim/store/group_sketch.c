// SPDX-License-Identifier: GPL-3.0-or-later
// The tallies themselves, as exact integers: what statistics are computed from, what runs are merged and extended from.
//
// A group holds the tallies of one output: for every case, randomisation and slot, in a sweep packed (group_packed.c).
// Slot "all" is the output over all draws, slot "ownership=straight_line" the draws of one alternative. Bins are stored
// by page (an octave that holds counts).
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "prior/prior.h"
#include "store/groups.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { POWERS = 4, SPECIALS = 3, MOST_OCTAVE = 2047 };

static const char *const specials[SPECIALS] = {"nan", "+inf", "-inf"};

struct tally_record {
    double origin, pivot, scale, minimum, maximum;
    int64_t n, n_invalid, first_invalid;
    int64_t (*sum)[WS_EXACT_LIMBS]; // POWERS of them
    int64_t (*special)[SPECIALS];
    int64_t (*square_sum)[WS_EXACT_LIMBS]; // of draws with weights
    int64_t (*square_special)[SPECIALS];
};

#define SLOTS "case replicate slot"
#define ROW(name, type, axes, unit, text, is_list, packing) \
    { #name, type, axes, unit, text, offsetof(struct tally_record, name), is_list, packing }
#define REAL(name, unit, text) ROW(name, WS_VALUE_REAL, SLOTS, unit, text, 0, 0)
#define INTEGER(name, text) ROW(name, WS_VALUE_INT, SLOTS, WS_UNIT_NONE, text, 0, 0)
static const struct ws_field tally_fields[] = {
    REAL(origin, WS_UNIT_OWN, "origin of the bins"),
    REAL(pivot, WS_UNIT_OWN, "sums are of powers of d = (x - pivot) * scale"),
    REAL(scale, WS_UNIT_MIXED, "a power of two, per unit of x"),
    REAL(minimum, WS_UNIT_OWN, "smallest valid draw, +inf if there is none"),
    REAL(maximum, WS_UNIT_OWN, "largest valid draw, -inf if there is none"),
    INTEGER(n, "number of valid draws"),
    INTEGER(n_invalid, "number of draws that were no finite number"),
    INTEGER(first_invalid, "address of the first such draw, -1 if there is none"),
    ROW(sum, WS_VALUE_INT, SLOTS " power limb", WS_UNIT_NONE,
        "exact sum of d^power: the sum over limbs of its value times 2^limb", 1, WS_PACKED),
    ROW(special, WS_VALUE_INT, SLOTS " power kind", WS_UNIT_NONE, "number of terms left out of the sum", 1, 0),
    // What follows is of draws with weights alone; `sum` is then that of w d^power.
    ROW(square_sum, WS_VALUE_INT, SLOTS " power limb", WS_UNIT_NONE, "the same of w^2 d^power", 1, WS_PACKED),
    ROW(square_special, WS_VALUE_INT, SLOTS " power kind", WS_UNIT_NONE, "number of terms left out of that sum", 1, 0),
};
enum { WEIGHTED_FIELDS = 2 };

// ---- slots ----

// The result's slots that belong to an output, in order.
static size_t slots_of(const struct ws_result *result, size_t output, size_t *slots) {
    size_t n = 0;
    for (size_t s = 0; s < result->n_slots; s++)
        if (result->slots[s].output == output)
            slots[n++] = s;
    return n;
}

static const char *slot_label(const struct ws_result *result, size_t slot, struct ws_arena *arena) {
    const struct ws_result_slot *s = &result->slots[slot];
    if (s->by == SIZE_MAX)
        return "all";
    const struct ws_quantity *by = &result->study->quantities[s->by];
    return ws_arena_printf(arena, "%s=%s", by->name, by->prior->parts[s->alternative].label);
}

// The tallies of an output, slot fastest.
struct tallies {
    const char *group; // path
    const struct ws_quantity *output;
    size_t n_slots, n;
    size_t *slots;
    struct ws_tally **items;
    int weighted;
    size_t n_fields; // of tally_fields
};

static struct tallies tallies_of(const struct ws_result *result, size_t output, struct ws_arena *arena) {
    struct tallies t = {.output = &result->study->quantities[output]};
    t.group = ws_arena_printf(arena, "sketch%s/%s", ws_group_suffix(result), t.output->name);
    t.weighted = result->unconditioned != NULL;
    t.n_fields = COUNT(tally_fields) - (t.weighted ? 0 : WEIGHTED_FIELDS);
    t.slots = WS_NEW_ARRAY(arena, size_t, result->n_slots + 1);
    t.n_slots = slots_of(result, output, t.slots);
    t.items = WS_NEW_ARRAY(arena, struct ws_tally *, result->replicates * t.n_slots + 1);
    for (size_t r = 0; !result->shelf && r < result->replicates; r++)
        for (size_t s = 0; s < t.n_slots; s++)
            t.items[t.n++] = &result->tallies[r * result->n_slots + t.slots[s]];
    return t;
}

// ---- writing ----

static void fill_sum(const struct ws_exact_sum *exact, int64_t *limbs, int64_t *kinds) {
    struct ws_exact_sum sum = *exact;
    ws_exact_normalise(&sum);
    memcpy(limbs, sum.limb, sizeof sum.limb);
    kinds[0] = sum.nan;
    kinds[1] = sum.plus_inf;
    kinds[2] = sum.minus_inf;
}

static void fill_record(struct tally_record *record, const struct ws_tally *tally) {
    const struct ws_moments *moments = &tally->moments;
    *record = (struct tally_record){
        .pivot = moments->pivot,
        .scale = moments->scale,
        .minimum = moments->minimum,
        .maximum = moments->maximum,
        .n = (int64_t)moments->count,
        .n_invalid = (int64_t)moments->invalid,
        .first_invalid = moments->first_invalid == UINT64_MAX ? -1 : (int64_t)moments->first_invalid,
        .sum = record->sum,
        .special = record->special,
        .square_sum = record->square_sum,
        .square_special = record->square_special,
    };
    for (int k = 0; k < POWERS; k++) {
        fill_sum(&moments->sum[k], record->sum[k], record->special[k]);
        if (tally->weighing)
            fill_sum(&tally->weighing->square[k], record->square_sum[k], record->square_special[k]);
    }
}

static struct tally_record *make_records(const struct tallies *t, struct ws_arena *arena) {
    struct tally_record *records = WS_NEW_ARRAY(arena, struct tally_record, t->n);
    for (size_t i = 0; i < t->n; i++) {
        records[i].sum = ws_arena_array(arena, POWERS, sizeof *records[i].sum);
        records[i].special = ws_arena_array(arena, POWERS, sizeof *records[i].special);
        records[i].square_sum = ws_arena_array(arena, POWERS, sizeof *records[i].square_sum);
        records[i].square_special = ws_arena_array(arena, POWERS, sizeof *records[i].square_special);
        fill_record(&records[i], t->items[i]);
        records[i].origin = t->items[i]->sketch.origin;
    }
    return records;
}

static void write_axes(struct ws_group *group, const struct ws_result *result, const struct tallies *t) {
    struct ws_arena *arena = group->h5->arena;
    const char **labels = WS_NEW_ARRAY(arena, const char *, t->n_slots);
    int64_t powers[POWERS] = {1, 2, 3, 4}, exponents[WS_EXACT_LIMBS];
    for (size_t s = 0; s < t->n_slots; s++)
        labels[s] = slot_label(result, t->slots[s], arena);
    for (int i = 0; i < WS_EXACT_LIMBS; i++)
        exponents[i] = 32 * i - 1126;
    ws_cases_axis(group, result);
    ws_axis_count(group, "replicate", result->replicates, "randomisation of the design");
    ws_axis_texts(group, "slot", t->n_slots, labels, "all draws, or those of one alternative");
    if (result->shelf)
        return;
    ws_axis_write(group, POWERS, &(struct ws_variable){.name = "power", .type = WS_VALUE_INT, .data = powers});
    ws_axis_write(
        group, WS_EXACT_LIMBS,
        &(struct ws_variable){
            .name = "limb", .type = WS_VALUE_INT, .data = exponents, .long_name = "exponent of two of the limb"});
    ws_axis_texts(group, "kind", SPECIALS, specials, "what a term may be that has no exact sum");
}

static void write_counts(struct ws_group *group, const struct tallies *t, size_t n, int squares) {
    int64_t *counts = WS_NEW_ARRAY(group->h5->arena, int64_t, n * WS_BINS_PER_OCTAVE), *page = counts;
    for (size_t i = 0; i < t->n; i++) {
        const struct ws_sketch *sketch = squares ? &t->items[i]->weighing->squares : &t->items[i]->sketch;
        for (size_t k = 0; k < sketch->n_pages; k++, page += WS_BINS_PER_OCTAVE)
            memcpy(page, sketch->pages[k].counts, WS_BINS_PER_OCTAVE * sizeof *page);
    }
    ws_variable_write(group, &(struct ws_variable){.name = squares ? "count_square" : "count",
                                                   .type = WS_VALUE_INT,
                                                   .axes = "page bin",
                                                   .data = counts,
                                                   .long_name = squares ? "sum of w^2 in the bin, in units of 2^-28"
                                                                : t->weighted ? "sum of w in the bin, in units of 2^-28"
                                                                              : "number of draws in the bin",
                                                   .packing = WS_PACKED});
}

// The pages of all tallies one after the other.
static void write_pages(struct ws_group *group, const struct tallies *t) {
    struct ws_arena *arena = group->h5->arena;
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        n += t->items[i]->sketch.n_pages;
    if (n == 0)
        return;
    int64_t *octaves = WS_NEW_ARRAY(arena, int64_t, n), *tallies = WS_NEW_ARRAY(arena, int64_t, n);
    size_t page = 0;
    for (size_t i = 0; i < t->n; i++)
        for (size_t k = 0; k < t->items[i]->sketch.n_pages; k++, page++) {
            octaves[page] = t->items[i]->sketch.pages[k].octave;
            tallies[page] = (int64_t)i;
        }
    ws_axis_count(group, "bin", WS_BINS_PER_OCTAVE, "leading 10 bits of the mantissa of |x - origin|");
    ws_axis_write(
        group, n,
        &(struct ws_variable){.name = "page",
                              .type = WS_VALUE_INT,
                              .data = octaves,
                              .long_name = "sign of x - origin times (biased binary exponent + 1); 0 for x = origin"});
    ws_variable_write(
        group,
        &(struct ws_variable){.name = "page_tally",
                              .type = WS_VALUE_INT,
                              .axes = "page",
                              .data = tallies,
                              .long_name = "(case * replicates + replicate) * slots + slot that the page belongs to"});
    write_counts(group, t, n, 0);
    if (t->weighted)
        write_counts(group, t, n, 1);
}

static void write_tallies(struct ws_h5 *h5, const struct ws_result *result, size_t output) {
    const struct tallies t = tallies_of(result, output, h5->arena);
    struct ws_group group = ws_group_begin(h5, "%s", t.group);
    write_axes(&group, result, &t);
    if (result->shelf) {
        ws_packed_write(&group, result, t.slots, t.n_slots);
        ws_group_end(&group);
        return;
    }
    const struct tally_record *records = make_records(&t, h5->arena);
    ws_fields_write(&group, tally_fields, t.n_fields, records, t.n, sizeof *records, &t.output->unit);
    write_pages(&group, &t);
    ws_group_end(&group);
}

void ws_sketch_write(struct ws_h5 *h5, const struct ws_result *result) {
    struct ws_group parent = ws_group_begin(h5, "sketch%s", ws_group_suffix(result));
    ws_group_end(&parent);
    struct ws_arena_mark scratch = ws_arena_mark(h5->arena);
    for (size_t o = 0; o < result->study->n_outputs; o++, ws_arena_release(h5->arena, scratch))
        write_tallies(h5, result, ws_output_quantity(result->study, o));
}

// ---- reading ----

// The slots that a run of the study has: pooled outputs, then every output's alternatives.
static void make_slots(struct ws_result *result, struct ws_arena *arena) {
    const struct ws_study *study = result->study;
    size_t first = ws_output_quantity(study, 0), n = study->n_outputs;
    for (size_t o = first; o < study->n_quantities; o++)
        for (size_t k = 0; k < study->quantities[o].n_by; k++)
            n += study->quantities[study->quantities[o].by[k]].prior->n_parts;
    result->slots = WS_NEW_ARRAY(arena, struct ws_result_slot, n + 1);
    for (size_t o = first; o < study->n_quantities; o++)
        result->slots[result->n_slots++] = (struct ws_result_slot){.output = o, .by = SIZE_MAX};
    for (size_t o = first; o < study->n_quantities; o++)
        for (size_t k = 0; k < study->quantities[o].n_by; k++) {
            size_t by = study->quantities[o].by[k];
            for (size_t a = 0; a < study->quantities[by].prior->n_parts; a++)
                result->slots[result->n_slots++] = (struct ws_result_slot){.output = o, .by = by, .alternative = a};
        }
}

// Nonzero if the limbs are in the one form that ws_exact_normalise leaves.
static int is_canonical(const int64_t *limbs) {
    for (int i = 0; i < WS_EXACT_LIMBS - 1; i++)
        if (limbs[i] < 0 || limbs[i] > UINT32_MAX)
            return 0;
    return 1;
}

static int are_sums(int64_t (*sum)[WS_EXACT_LIMBS], int64_t (*special)[SPECIALS]) {
    int sound = 1;
    for (int k = 0; k < POWERS && sound; k++) {
        sound = is_canonical(sum[k]);
        for (int i = 0; i < SPECIALS; i++)
            sound = sound && special[k][i] >= 0 && special[k][i] <= UINT32_MAX;
    }
    return sound;
}

static int is_sound(const struct tally_record *record) {
    int exponent, sound = isfinite(record->origin) && isfinite(record->pivot) && isfinite(record->scale) &&
                          frexp(record->scale, &exponent) == 0.5 && record->n >= 0 && record->n_invalid >= 0 &&
                          record->first_invalid >= -1 && !isnan(record->minimum) && !isnan(record->maximum);
    return sound && are_sums(record->sum, record->special) &&
           (!record->square_sum || are_sums(record->square_sum, record->square_special));
}

static void take_sum(struct ws_exact_sum *sum, const int64_t *limbs, const int64_t *kinds) {
    memcpy(sum->limb, limbs, sizeof sum->limb);
    sum->nan = (uint32_t)kinds[0];
    sum->plus_inf = (uint32_t)kinds[1];
    sum->minus_inf = (uint32_t)kinds[2];
}

static void take_record(struct ws_tally *tally, const struct tally_record *record) {
    struct ws_moments *moments = &tally->moments;
    ws_sketch_init(&tally->sketch, record->origin);
    ws_moments_init(moments, record->pivot, record->scale);
    moments->minimum = record->minimum;
    moments->maximum = record->maximum;
    moments->count = (uint64_t)record->n;
    moments->invalid = (uint64_t)record->n_invalid;
    moments->first_invalid = record->first_invalid < 0 ? UINT64_MAX : (uint64_t)record->first_invalid;
    for (int k = 0; k < POWERS; k++) {
        take_sum(&moments->sum[k], record->sum[k], record->special[k]);
        if (tally->weighing)
            take_sum(&tally->weighing->square[k], record->square_sum[k], record->square_special[k]);
    }
    if (tally->weighing)
        ws_sketch_init(&tally->weighing->squares, record->origin);
}

// Adds a page's counts; nonzero where they are no counts.
static int take_page(struct ws_h5 *h5, struct ws_sketch *sketch, int64_t octave, const int64_t *counts) {
    if (octave < -MOST_OCTAVE || octave > MOST_OCTAVE ||
        (sketch->n_pages > 0 && sketch->pages[sketch->n_pages - 1].octave >= octave))
        return -1;
    int64_t *page = ws_sketch_page(sketch, (int)octave);
    if (!page) {
        h5->status = ws_error_set(h5->err, WS_ERROR_MEMORY, h5->path, "memory ran out");
        return 0;
    }
    for (size_t i = 0; i < WS_BINS_PER_OCTAVE; i++)
        if (counts[i] < 0 || (octave == 0 && i > 0 && counts[i] > 0) ||
            __builtin_add_overflow(sketch->total, counts[i], &sketch->total))
            return -1;
    memcpy(page, counts, WS_BINS_PER_OCTAVE * sizeof *counts);
    return 0;
}

static void read_pages(struct ws_h5 *h5, const struct tallies *t) {
    const char *path = ws_arena_printf(h5->arena, "%s/page", t->group);
    if (!ws_h5_has(h5, path)) // not a single valid draw
        return;
    size_t sizes[2] = {ws_h5_length(h5, path), WS_BINS_PER_OCTAVE};
    const int64_t *octaves = ws_h5_read(h5, path, WS_VALUE_INT, 1, sizes);
    const int64_t *tallies =
        ws_h5_read(h5, ws_arena_printf(h5->arena, "%s/page_tally", t->group), WS_VALUE_INT, 1, sizes);
    const int64_t *counts = ws_h5_read(h5, ws_arena_printf(h5->arena, "%s/count", t->group), WS_VALUE_INT, 2, sizes);
    const int64_t *squares = counts;
    if (t->weighted)
        squares = ws_h5_read(h5, ws_arena_printf(h5->arena, "%s/count_square", t->group), WS_VALUE_INT, 2, sizes);
    for (size_t page = 0; page < sizes[0] && !h5->status; page++) {
        size_t i = tallies[page] < 0 ? SIZE_MAX : (size_t)tallies[page];
        if (i >= t->n || take_page(h5, &t->items[i]->sketch, octaves[page], counts + page * WS_BINS_PER_OCTAVE) ||
            (t->weighted &&
             take_page(h5, &t->items[i]->weighing->squares, octaves[page], squares + page * WS_BINS_PER_OCTAVE)))
            ws_h5_damaged(h5, "page %zu of '/%s' makes no sense", page, t->group);
    }
}

static void check_slots(struct ws_h5 *h5, const struct ws_result *result, const struct tallies *t) {
    const char *const *labels =
        ws_h5_read(h5, ws_arena_printf(h5->arena, "%s/slot", t->group), WS_VALUE_TEXT, 1, &t->n_slots);
    for (size_t s = 0; s < t->n_slots && !h5->status; s++)
        if (strcmp(labels[s], slot_label(result, t->slots[s], h5->arena)) != 0)
            ws_h5_damaged(h5, "'/%s/slot' and the study differ at '%s'", t->group, labels[s]);
}

static void read_tallies(struct ws_h5 *h5, struct ws_result *result, size_t output) {
    const struct tallies t = tallies_of(result, output, h5->arena);
    const struct ws_axis_size axes[] = {{"case", result->n_cases}, {"replicate", result->replicates},
                                        {"slot", t.n_slots},       {"power", POWERS},
                                        {"limb", WS_EXACT_LIMBS},  {"kind", SPECIALS}};
    check_slots(h5, result, &t);
    if (result->shelf) {
        ws_packed_read(h5, result, t.group, t.slots, t.n_slots);
        return;
    }
    struct tally_record *records = WS_NEW_ARRAY(h5->arena, struct tally_record, t.n + 1);
    ws_fields_read(h5, t.group, tally_fields, t.n_fields, records, t.n, sizeof *records, axes, COUNT(axes));
    for (size_t i = 0; i < t.n && t.weighted && !h5->status; i++)
        if (ws_tally_weigh(t.items[i]))
            h5->status = ws_error_set(h5->err, WS_ERROR_MEMORY, h5->path, "memory ran out");
    for (size_t i = 0; i < t.n && !h5->status; i++)
        if (is_sound(&records[i]))
            take_record(t.items[i], &records[i]);
        else
            ws_h5_damaged(h5, "tally %zu of '/%s' makes no sense", i, t.group);
    if (!h5->status)
        read_pages(h5, &t);
    for (size_t i = 0; i < t.n && !h5->status; i++)
        if (!t.weighted && t.items[i]->sketch.total != records[i].n)
            ws_h5_damaged(h5, "tally %zu of '/%s' has not as many counts as draws", i, t.group);
}

void ws_sketch_read(struct ws_h5 *h5, struct ws_result *result) {
    result->n_slots = 0; // of a posterior, those of the prior
    make_slots(result, h5->arena);
    ws_result_make_tallies(result, h5->arena);
    for (size_t o = 0; o < result->study->n_outputs && !h5->status; o++)
        read_tallies(h5, result, ws_output_quantity(result->study, o));
    if (!h5->status)
        h5->status = ws_result_pool(result, h5->arena, h5->err);
}
