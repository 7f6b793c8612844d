// SPDX-License-Identifier: GPL-3.0-or-later
// The pilot: the draws at addresses 0..4095, whatever part of the run is computed here, fix where the sketch and the
// moments of each output are centred. They choose the resolution, never the result.
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/workspace.h"
#include "numeric/order.h"
#include "wattspan.h"

enum { PILOT = WS_PILOT_DRAWS, LARGEST_EXPONENT = 0x7fe };

static int biased_exponent(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return (int)(bits >> 52) & 0x7ff;
}

// 0, or the median where the middle half of the draws is narrow against it (a calendar year, a gauge block).
static double choose_origin(const double *sorted, size_t n) {
    double median = sorted[n / 2], range = sorted[n - 1 - n / 4] - sorted[n / 4];
    return range < fabs(median) / 8 ? median : 0;
}

// The least octave of a window up to `high`, from the lowest one that the pilot has seen: where octaves are many,
// without those at this end that hold hardly a draw, and of any number the largest.
static int choose_low(uint32_t seen[2][LARGEST_EXPONENT + 2], int low, int high) {
    enum { MANY_OCTAVES = 16, MOST_OCTAVES = 256, HARDLY_ANY = PILOT / 2048 };
    uint32_t left_out = 0;
    for (low -= 2; low < high - MANY_OCTAVES + 1; low++) {
        left_out += low < 1 ? 0 : seen[0][low] + seen[1][low];
        if (left_out > HARDLY_ANY)
            break;
    }
    low = low < high - MOST_OCTAVES + 1 ? high - MOST_OCTAVES + 1 : low;
    return low < 1 ? 1 : low;
}

// The octaves that hold nearly all draws: those that the pilot saw and two more at either end. Draws outside are
// counted one by one, which takes some fifty times as long.
static void choose_window(struct ws_slot *slot, const double *x, size_t n) {
    int low = LARGEST_EXPONENT, high = 0;
    uint32_t seen[2][LARGEST_EXPONENT + 2] = {{0}};
    slot->both_signs = 0;
    for (size_t i = 0; i < n; i++) {
        double d = x[i] - slot->origin;
        if (d == 0)
            continue;
        int e = biased_exponent(d);
        seen[d < 0][e]++;
        low = e < low ? e : low;
        high = e > high ? e : high;
        slot->both_signs |= d < 0;
    }
    slot->pages = 1; // for what the pilot has not seen
    for (int e = low; e <= high; e++)
        slot->pages += (uint32_t)((seen[0][e] > 0) + (seen[1][e] > 0));
    high = high + 2 > LARGEST_EXPONENT ? LARGEST_EXPONENT : high + 2;
    slot->first_octave = (uint32_t)choose_low(seen, low < high ? low : high, high);
    slot->octaves = (uint32_t)high - slot->first_octave + 1;
}

// Moments are about the pilot's mean, in units of a power of two near its largest deviation, so that fourth powers
// neither overflow nor vanish.
static void choose_pivot(struct ws_slot *slot, const double *sorted, size_t n) {
    double mean = 0;
    for (size_t i = 0; i < n; i++)
        mean += sorted[i] / (double)n;
    double spread = fmax(sorted[n - 1] - mean, mean - sorted[0]);
    slot->pivot = mean;
    slot->scale = spread >= DBL_MIN && spread <= DBL_MAX ? ldexp(1, -ilogb(spread)) : 1;
}

// Every case of a sweep has a pilot, which must cost little beside its draws.
static void sort(double *x, size_t n) {
    uint64_t keys[PILOT];
    uint32_t work[2 * PILOT];
    double sorted[PILOT];
    const uint32_t *order = ws_order(x, n, NULL, work, keys);
    for (size_t i = 0; i < n; i++)
        sorted[i] = x[order[i]];
    memcpy(x, sorted, n * sizeof *x);
}

static void centre(struct ws_slot *slot, double *x, size_t n) {
    size_t finite = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(x[i]))
            x[finite++] = x[i];
    slot->origin = slot->pivot = 0;
    slot->scale = 1;
    if (finite > 0) {
        sort(x, finite);
        slot->origin = choose_origin(x, finite);
        choose_pivot(slot, x, finite);
    }
    choose_window(slot, x, finite);
}

// Log-weights are 0 at most, so that weights are exp(0) at most where the pilot has seen draws that fit nearly as well
// as any can. Else there is room for draws that fit 2^20 times better than the best of the pilot.
static double choose_reference(const double *log_weight, size_t n) {
    double greatest = -INFINITY;
    for (size_t i = 0; i < n; i++)
        greatest = log_weight[i] > greatest ? log_weight[i] : greatest;
    greatest += 8 * M_LN2;
    return isinf(greatest) || greatest > 0 ? 0 : greatest;
}

static int few_are_ruled_out(const double *log_weight, size_t n) {
    size_t possible = 0;
    for (size_t i = 0; i < n; i++)
        possible += log_weight[i] > -INFINITY;
    return possible > n / 2;
}

// What the pilot has of a block: column o at values + o * PILOT for every output; log-weights behind them.
static void take_block(const struct ws_workspace *workspace, const struct ws_plan *plan, size_t block, double *values) {
    const size_t n = plan->study->n_outputs, bytes = WS_BLOCK * sizeof *values;
    for (size_t o = 0; o < n; o++)
        memcpy(values + o * PILOT + block * WS_BLOCK, ws_workspace_row(workspace, plan->slots[o].output), bytes);
    if (plan->study->log_weight)
        memcpy(values + n * PILOT + block * WS_BLOCK, ws_workspace_log_weight(workspace), bytes);
}

static int draw_pilot(const struct ws_plan *plan, double *values) {
    struct ws_workspace workspace;
    int status = ws_workspace_init(&workspace, plan, &plan->outputs);
    if (!status)
        ws_workspace_seek(&workspace, 0);
    for (size_t block = 0; !status && block < WS_PILOT_BLOCKS; block++) {
        status = ws_workspace_block(&workspace, block);
        take_block(&workspace, plan, block, values);
    }
    ws_workspace_finish(&workspace);
    return status;
}

// A split is centred as its output is, so that alternatives can be pooled again with other weights, and that those
// counted are the pooled draws.
static void centre_split(struct ws_slot *slot, const struct ws_slot *pooled) {
    const struct ws_slot split = *slot;
    *slot = *pooled;
    slot->by = split.by;
    slot->alternative = split.alternative;
    slot->alternatives = split.alternatives;
    slot->is_common = split.is_common;
}

static void centre_all(struct ws_plan *plan, double *values, const struct ws_plan *lead) {
    const size_t n_outputs = plan->study->n_outputs;
    if (plan->study->log_weight) {
        plan->log_reference = choose_reference(values + n_outputs * PILOT, PILOT);
        plan->few_ruled_out = few_are_ruled_out(values + n_outputs * PILOT, PILOT);
    }
    for (size_t o = 0; o < n_outputs; o++)
        if (lead && plan->slots[o].is_common)
            plan->slots[o] = lead->slots[o];
        else
            centre(&plan->slots[o], values + o * PILOT, PILOT);
    for (size_t o = 0; o < n_outputs; o++)
        for (size_t s = plan->slots[o].first_split; s < plan->slots[o].end_splits; s++)
            centre_split(&plan->slots[s], &plan->slots[o]);
}

static double *make_values(const struct ws_plan *plan) {
    return malloc((plan->study->n_outputs + 1) * PILOT * sizeof(double));
}

int ws_pilot(struct ws_plan *plan, struct ws_error *err) {
    double *values = make_values(plan);
    int status = values ? draw_pilot(plan, values) : WS_ERROR_MEMORY;
    if (!status)
        centre_all(plan, values, NULL);
    free(values);
    return ws_registers_fail(status, err);
}

int ws_pilot_case(struct ws_plan *of_case, struct ws_workspace *workspace, const struct ws_plan *lead) {
    double *values = make_values(of_case);
    int status = values ? 0 : WS_ERROR_MEMORY;
    for (size_t block = 0; block < WS_PILOT_BLOCKS && !status; block++) {
        status = ws_workspace_compute(workspace, of_case, block);
        take_block(workspace, of_case, block, values);
    }
    if (!status)
        centre_all(of_case, values, lead);
    free(values);
    return status;
}
