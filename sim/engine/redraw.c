// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/redraw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "prior/shape.h"

// ---- cells ----

static struct ws_cells cells_of_steps(const struct ws_table *table, struct ws_arena *arena) {
    size_t n = table->n_steps;
    double *low = WS_NEW_ARRAY(arena, double, n), *high = WS_NEW_ARRAY(arena, double, n);
    low[0] = -INFINITY;
    high[n - 1] = INFINITY;
    for (size_t k = 0; k + 1 < n; k++)
        high[k] = low[k + 1] = gsl_cdf_ugaussian_Pinv(table->thresholds[k]);
    return (struct ws_cells){n, low, high};
}

static int ascending(const void *x, const void *y) {
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

// Score of a probability that may be near 1.
static double score(double below, double above) {
    return below < 0.5 ? gsl_cdf_ugaussian_Pinv(below) : gsl_cdf_ugaussian_Qinv(above);
}

// The atoms of a prior whose other values are each drawn by one score alone.
static struct ws_cells cells_of_atoms(const struct ws_prior *prior, struct ws_arena *arena) {
    const double negligible = 1e-9; // of an atom's probability, beside rounding of the distribution function
    size_t most = ws_prior_kinks(prior, NULL, 0), n = 0;
    double *x = WS_NEW_ARRAY(arena, double, most + 1);
    double *low = WS_NEW_ARRAY(arena, double, most + 1), *high = WS_NEW_ARRAY(arena, double, most + 1);
    ws_prior_kinks(prior, x, most);
    qsort(x, most, sizeof *x, ascending);
    const double near = 1e-13; // an atom is found that far around x, which shift and scale may have rounded
    for (size_t k = 0; k < most; k++) {
        double step = near * fmax(fabs(x[0]), fabs(x[most - 1])), before = x[k] - step, after = x[k] + step;
        if ((k > 0 && x[k] == x[k - 1]) || ws_prior_sf(prior, before) - ws_prior_sf(prior, after) < negligible)
            continue;
        low[n] = score(ws_prior_cdf(prior, before), ws_prior_sf(prior, before));
        high[n++] = score(ws_prior_cdf(prior, after), ws_prior_sf(prior, after));
    }
    return (struct ws_cells){n, low, high};
}

static struct ws_cells cells_of(const struct ws_plan *plan, size_t input, struct ws_arena *arena) {
    const struct ws_table *table = plan->tables[input];
    if (table->kind == WS_TABLE_STEPS)
        return cells_of_steps(table, arena);
    if (plan->study->quantities[input].prior)
        return cells_of_atoms(plan->study->quantities[input].prior, arena);
    return (struct ws_cells){0};
}

// The cell that holds z, or n where none does.
static size_t find_cell(const struct ws_cells *cells, double z) {
    size_t below = 0, above = cells->n; // the first cell above z lies between
    while (below < above) {
        size_t middle = (below + above) / 2;
        if (cells->low[middle] <= z)
            below = middle + 1;
        else
            above = middle;
    }
    return below > 0 && z <= cells->high[below - 1] ? below - 1 : cells->n;
}

// ---- laws ----

static double *row_of(const struct ws_law *law, size_t k) { return law->factor + k * (k + 1) / 2; }

// Cholesky's factor in the order given. What the inputs before determine to rounding has a pivot of 0.
static void factorise(const struct ws_link *link, struct ws_law *law) {
    const double least = 1e-12;
    for (size_t i = 0; i < link->n; i++) {
        double *row = row_of(law, i);
        for (size_t j = 0; j <= i; j++) {
            const double *other = row_of(law, j);
            double sum = link->correlation[law->order[i] * link->n + law->order[j]];
            for (size_t k = 0; k < j; k++)
                sum -= row[k] * other[k];
            if (i == j)
                row[j] = sum > least ? sqrt(sum) : 0;
            else
                row[j] = other[j] > 0 ? sum / other[j] : 0;
        }
    }
}

static void make_law(const struct ws_link *link, const unsigned char *redrawn, struct ws_law *law) {
    size_t n = 0;
    for (int pass = 0; pass < 3; pass++) { // kept by score, kept by cell, redrawn
        for (size_t i = 0; i < link->n; i++)
            if (pass == (redrawn[i] ? 2 : link->cells[i].n > 0))
                law->order[n++] = i;
        if (pass == 0)
            law->n_exact = n;
        if (pass == 1)
            law->n_kept = n;
    }
    factorise(link, law);
}

struct ws_law ws_law_room(const struct ws_link *link, struct ws_arena *arena) {
    return (struct ws_law){.order = WS_NEW_ARRAY(arena, size_t, link->n),
                           .factor = WS_NEW_ARRAY(arena, double, link->n *(link->n + 1) / 2)};
}

const struct ws_law *ws_link_law(const struct ws_link *link, const unsigned char *redrawn, struct ws_law *room) {
    if (link->laws) {
        size_t set = 0;
        for (size_t i = 0; i < link->n; i++)
            set |= (size_t)(redrawn[i] != 0) << i;
        return &link->laws[set];
    }
    make_law(link, redrawn, room);
    return room;
}

static const struct ws_law *remember_laws(const struct ws_link *link, struct ws_arena *arena) {
    struct ws_law *laws = WS_NEW_ARRAY(arena, struct ws_law, (size_t)1 << link->n);
    for (size_t set = 0; set < (size_t)1 << link->n; set++) {
        unsigned char redrawn[WS_MOST_REMEMBERED];
        for (size_t i = 0; i < link->n; i++)
            redrawn[i] = set >> i & 1;
        laws[set] = ws_law_room(link, arena);
        make_law(link, redrawn, &laws[set]);
    }
    return laws;
}

const struct ws_link *ws_links_create(const struct ws_plan *plan, struct ws_arena *arena) {
    const struct ws_compiled *compiled = &plan->outputs;
    struct ws_link *links = WS_NEW_ARRAY(arena, struct ws_link, compiled->n_joints + 1);
    for (size_t j = 0; j < compiled->n_joints; j++) {
        const struct ws_joint *joint = compiled->joints[j].joint;
        struct ws_cells *cells = WS_NEW_ARRAY(arena, struct ws_cells, joint->n);
        for (size_t i = 0; i < joint->n; i++)
            cells[i] = cells_of(plan, joint->inputs[i], arena);
        links[j] = (struct ws_link){joint->n, joint->correlation, cells, NULL, plan->normal};
        if (joint->n <= WS_MOST_REMEMBERED)
            links[j].laws = remember_laws(&links[j], arena);
    }
    return links;
}

// ---- kept scores drawn anew given their cells ----

struct uniforms {
    const struct ws_dice *dice;
    uint64_t address;
    uint32_t drawn, word[4];
};

static double next_uniform(struct uniforms *u) {
    static const uint32_t purpose = 0x72647277; // a key that no stream of inputs has
    if (u->drawn % 4 == 0) {
        const uint32_t counter[4] = {(uint32_t)u->address, (uint32_t)(u->address >> 32), u->dice->use,
                                     purpose ^ (u->drawn / 4)};
        memcpy(u->word, counter, sizeof counter);
        ws_philox4x32_10(u->word, u->dice->key);
    }
    return ((double)u->word[u->drawn++ % 4] + 0.5) * 0x1p-32;
}

static double below(double z) { return z < 0 ? 0.5 * ws_erfc(-z * M_SQRT1_2) : 1 - 0.5 * ws_erfc(z * M_SQRT1_2); }

// The probability of low < e < high of a normal score e, and the e at fraction u of it.
static double truncated(const struct ws_table *normal, double low, double high, double u, double *e) {
    int mirrored = low > 0; // in the lower half, where probabilities keep their digits
    double from = mirrored ? -high : low, to = mirrored ? -low : high;
    double start = below(from), p = below(to) - start, at = start + u * p;
    double z = at < 0.5 ? ws_table_at(normal, at, 0) : ws_table_at(normal, 1 - at, 1);
    z = fmin(fmax(z, from), to);
    *e = mirrored ? -z : z;
    return p;
}

// One draw's kept scores as innovations e: how a goes on, or one that is proposed in its place. Returns its weight.
static double follow(const struct ws_link *link, const struct ws_law *law, const double *a, size_t draw,
                     struct uniforms *anew, double *e) {
    double weight = 1;
    for (size_t k = law->n_exact; k < law->n_kept; k++) {
        const double *row = row_of(law, k);
        const struct ws_cells *cells = &link->cells[law->order[k]];
        double z = a[law->order[k] * WS_ROW_STRIDE + draw], mean = 0, proposed;
        size_t cell = find_cell(cells, z);
        for (size_t j = 0; j < k; j++)
            mean += row[j] * e[j * WS_BUNDLE];
        e[k * WS_BUNDLE] = 0;
        if (row[k] == 0)
            continue;
        e[k * WS_BUNDLE] = (z - mean) / row[k];
        if (cell == cells->n) {
            weight *= ws_exp(-0.5 * e[k * WS_BUNDLE] * e[k * WS_BUNDLE]);
            continue;
        }
        weight *= truncated(link->normal, (cells->low[cell] - mean) / row[k], (cells->high[cell] - mean) / row[k],
                            anew ? next_uniform(anew) : 0.5, &proposed);
        if (anew)
            e[k * WS_BUNDLE] = proposed;
    }
    return weight;
}

// e: innovations of the draw's kept scores, WS_BUNDLE apart; other: as many numbers, likewise.
static void wander(const struct ws_link *link, const struct ws_law *law, const double *a, size_t draw,
                   const struct ws_dice *dice, double *e, double *other) {
    struct uniforms uniforms = {.dice = dice, .address = dice->address + draw};
    double weight = follow(link, law, a, draw, NULL, e);
    int proposals = law->n_kept - law->n_exact > 1 ? WS_PROPOSALS : 1; // one alone is always taken
    for (int t = 0; t < proposals; t++) {
        for (size_t k = 0; k < law->n_exact; k++)
            other[k * WS_BUNDLE] = e[k * WS_BUNDLE];
        double proposed = follow(link, law, a, draw, &uniforms, other);
        if (proposals > 1 && !(next_uniform(&uniforms) * weight < proposed))
            continue;
        weight = proposed;
        for (size_t k = law->n_exact; k < law->n_kept; k++)
            e[k * WS_BUNDLE] = other[k * WS_BUNDLE];
    }
}

// ---- redrawing ----

// Innovations of the first n scores in the law's order.
static void innovations(const struct ws_law *law, size_t n, const double *scores, size_t first, double *e) {
    for (size_t k = 0; k < n; k++) {
        const double *row = row_of(law, k), *z = scores + law->order[k] * WS_ROW_STRIDE + first;
        double *own = e + k * WS_BUNDLE, scale = row[k] > 0 ? 1 / row[k] : 0;
        for (size_t i = 0; i < WS_BUNDLE; i++)
            own[i] = z[i];
        for (size_t j = 0; j < k; j++)
            for (size_t i = 0; i < WS_BUNDLE; i++)
                own[i] -= row[j] * e[j * WS_BUNDLE + i];
        for (size_t i = 0; i < WS_BUNDLE; i++)
            own[i] *= scale;
    }
}

void ws_link_redraw(const struct ws_link *link, const struct ws_law *law, const double *a, const double *b,
                    size_t first, const struct ws_dice *dice, double *scratch, double *z) {
    double *kept = scratch, *own = scratch + link->n * WS_BUNDLE;
    innovations(law, law->n_kept, a, first, kept);
    if (law->n_kept > law->n_exact)
        for (size_t i = 0; i < WS_BUNDLE; i++)
            wander(link, law, a, first + i, dice, kept + i, own + i);
    innovations(law, law->n_kept, b, first, own);
    for (size_t k = law->n_kept; k < link->n; k++) {
        const double *row = row_of(law, k), *from = b + law->order[k] * WS_ROW_STRIDE + first;
        double *to = z + law->order[k] * WS_ROW_STRIDE + first;
        for (size_t i = 0; i < WS_BUNDLE; i++)
            to[i] = from[i];
        for (size_t j = 0; j < law->n_kept; j++)
            for (size_t i = 0; i < WS_BUNDLE; i++)
                to[i] += row[j] * (kept[j * WS_BUNDLE + i] - own[j * WS_BUNDLE + i]);
    }
}
