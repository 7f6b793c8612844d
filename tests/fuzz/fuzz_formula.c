// SPDX-License-Identifier: GPL-3.0-or-later
// libFuzzer: any bytes as a formula and as a unit are either refused with a message or give something that can be used.
//     clang -fsanitize=fuzzer,address,undefined ... tests/fuzz/fuzz_formula.c; seeds: formulas of priors/, one per
//     file.
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "study/check.h"
#include "study/formula.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    RENEWED_AFTER = 2000
}; // runs: reading the unit database takes milliseconds, and units keep what they have looked up

static struct ws_arena *arena;
static struct ws_units *units;
static struct ws_quantity quantities[4];

static void must(int condition) {
    if (!condition)
        abort();
}

static void renew(void) {
    static const char *const declared[] = {"GPU"};
    static const char *const names[] = {"x", "p", "cost", "c"}, *const spelled[] = {"1", "kW", "USD/GPU-h", "1"};
    static const struct ws_family choice = {.name = "choice", .kind = WS_CATEGORICAL};
    static const struct ws_prior_part parts[] = {{.label = "a"}, {.label = "b"}};
    static const struct ws_prior prior = {.family = &choice, .n_parts = 2, .parts = parts};
    char why[512];
    size_t bad;
    ws_arena_destroy(arena);
    arena = ws_arena_create();
    must(arena && !ws_arena_catch(arena));
    units = ws_units_create(arena, declared, 1, &bad, why, sizeof why);
    must(units != NULL);
    for (size_t i = 0; i < 4; i++) {
        quantities[i] = (struct ws_quantity){.name = names[i], .prior = i == 3 ? &prior : NULL};
        must(ws_unit_parse(units, spelled[i], &quantities[i].unit, why, sizeof why) == 0);
    }
}

static void try_unit(const char *text) {
    struct ws_unit unit = {0}, again = {0};
    char why[512] = "";
    if (ws_unit_parse(units, text, &unit, why, sizeof why)) {
        must(why[0] != '\0' && !unit.label);
        return;
    }
    must(isfinite(unit.to_base) && unit.to_base > 0);
    must(ws_unit_parse(units, unit.label, &again, why, sizeof why) == 0 && again.to_base == unit.to_base);
    must(strcmp(again.dimension, unit.dimension) == 0 && strcmp(again.canonical, unit.canonical) == 0);
}

static void try_formula(const char *text) {
    static const double values[] = {1.5, 20, 2, 1};
    struct ws_messages messages = {.arena = arena};
    struct ws_scope scope = {units, quantities, 4};
    struct ws_unit unit = {0};
    struct ws_place place = {"formula", 1, 1};
    const struct ws_syntax *syntax = ws_syntax_parse(text, place, arena, &messages);
    const struct ws_expression *tree = syntax ? ws_formula_check(syntax, &scope, &unit, arena, &messages) : NULL;
    must(tree ? messages.errors == 0 : messages.errors > 0);
    if (!tree)
        return;
    try_unit(unit.label);
    volatile double value = ws_expression_value(tree, values);
    (void)value;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static int runs;
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    if (runs++ % RENEWED_AFTER == 0)
        renew();
    if (!ws_arena_catch(arena)) {
        try_formula(text);
        try_unit(text);
    }
    free(text);
    return 0;
}
