// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/number.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

enum { MAX_RUNGS = 12 };

// Units as people write them, each rung so many powers of ten above the first ladder entry's base.
struct ladder {
    struct {
        const char *unit;
        int power;
    } rungs[MAX_RUNGS];
};

static const struct ladder ladders[] = {
    {{{"mWh", -3}, {"Wh", 0}, {"kWh", 3}, {"MWh", 6}, {"GWh", 9}, {"TWh", 12}, {"PWh", 15}}},
    {{{"uW", -6}, {"mW", -3}, {"W", 0}, {"kW", 3}, {"MW", 6}, {"GW", 9}, {"TW", 12}}},
    {{{"mJ", -3}, {"J", 0}, {"kJ", 3}, {"MJ", 6}, {"GJ", 9}, {"TJ", 12}, {"PJ", 15}, {"EJ", 18}}},
    {{{"ug", -6}, {"mg", -3}, {"g", 0}, {"kg", 3}, {"t", 6}, {"kt", 9}, {"Mt", 12}, {"Gt", 15}}},
    {{{"uL", -6}, {"mL", -3}, {"L", 0}, {"kL", 3}, {"ML", 6}, {"GL", 9}, {"TL", 12}}},
    {{{"nm", -9}, {"um", -6}, {"mm", -3}, {"m", 0}, {"km", 3}}},
    {{{"Hz", 0}, {"kHz", 3}, {"MHz", 6}, {"GHz", 9}, {"THz", 12}}},
    {{{"mV", -3}, {"V", 0}, {"kV", 3}, {"MV", 6}}},
};

// Fills *ladder with the ladder that has the unit on it and returns the unit's power there, or INT_MIN.
static int find_rung(const struct ws_unit *unit, struct ladder *ladder, struct ws_arena *arena) {
    for (size_t i = 0; i < sizeof ladders / sizeof *ladders; i++)
        for (size_t k = 0; k < MAX_RUNGS && ladders[i].rungs[k].unit; k++)
            if (strcmp(ladders[i].rungs[k].unit, unit->label) == 0) {
                *ladder = ladders[i];
                return ladder->rungs[k].power;
            }
    if (!unit->is_money || !ws_is_name(unit->label))
        return INT32_MIN;
    // A currency is a base unit, so that its factor tells which prefix it has now.
    static const char prefixes[][2] = {"", "k", "M", "G", "T"};
    for (int k = 0; k < 5; k++)
        if (unit->to_base == pow(10, 3 * k)) {
            const char *currency = unit->label + strlen(prefixes[k]);
            *ladder = (struct ladder){0};
            for (int j = 0; j < 5; j++) {
                ladder->rungs[j].unit = ws_arena_printf(arena, "%s%s", prefixes[j], currency);
                ladder->rungs[j].power = 3 * j;
            }
            return 3 * k;
        }
    return INT32_MIN;
}

struct ws_scale ws_scale_plain(const struct ws_unit *unit, double typical, struct ws_arena *arena) {
    struct ws_scale own = {strcmp(unit->label, "1") == 0 ? "" : unit->label, 0};
    double size = fabs(typical);
    if (!(size > 0) || isinf(size) || (size >= 1e-3 && size < 1e5))
        return own;
    own.power = 3 * (int)floor(log10(size) / 3);
    own.unit = ws_arena_printf(arena, "1e%d%s%s", own.power, *own.unit ? " " : "", own.unit);
    return own;
}

struct ws_scale ws_scale_choose(const struct ws_unit *unit, double typical, struct ws_arena *arena) {
    struct ladder ladder;
    double size = fabs(typical);
    int power = find_rung(unit, &ladder, arena);
    if (power == INT32_MIN || !(size > 0) || isinf(size) || (size >= 1 && size < 1e4))
        return ws_scale_plain(unit, typical, arena);
    size_t best = 0;
    for (size_t k = 0; k < MAX_RUNGS && ladder.rungs[k].unit; k++)
        if (size >= pow(10, ladder.rungs[k].power - power))
            best = k;
    return (struct ws_scale){ladder.rungs[best].unit, ladder.rungs[best].power - power};
}

double ws_scale_apply(struct ws_scale scale, double value) {
    return scale.power >= 0 ? value / pow(10, scale.power) : value * pow(10, -scale.power);
}
