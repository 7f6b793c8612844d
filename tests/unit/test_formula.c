// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/check.h"
#include "study/formula.h"
#include "tap.h"

// A study's worth of quantities to write formulas with; `broken` is one whose own formula has failed.
static const struct {
    const char *name, *unit;
    double value;
} given[] = {
    {"x", "1", 3},
    {"y", "1", -2},
    {"hours", "h", 246e6},
    {"tdp", "W", 700},
    {"price", "USD/GPU-h", 2},
    {"gpus", "GPU", 1000},
    {"energy", "GWh", 310},
    {"small", "MWh", 500},
    {"share", "%", 50},
    {"area", "m2", 9},
    {"side", "m", 2},
    {"cost", "USD", 1e6},
    {"water", "gal/MWh", 158},
    {"life", "yr", 4.5},
    {"broken", NULL, 0},
    {"sum", "W", 5},
    {"ownership", "1", 1},
};
enum { N_GIVEN = sizeof given / sizeof *given, OWNERSHIP = N_GIVEN - 1 };

static struct ws_arena *arena;
static struct ws_units *units;
static struct ws_quantity quantities[N_GIVEN];
static double values[N_GIVEN];
static struct ws_messages messages;

static void setup(void) {
    static const char *const declared[] = {"GPU"};
    static const struct ws_family choice = {.name = "choice", .kind = WS_CATEGORICAL};
    static const struct ws_prior_part parts[] = {
        {.label = "straight_line"}, {.label = "value_decay"}, {.label = "lease"}};
    static const struct ws_prior prior = {.family = &choice, .n_parts = 3, .parts = parts};
    char why[512];
    size_t bad;
    units = ws_units_create(arena, declared, 1, &bad, why, sizeof why);
    CHECK(units != NULL);
    for (size_t i = 0; units && i < N_GIVEN; i++) {
        quantities[i].name = given[i].name;
        values[i] = given[i].value;
        if (given[i].unit)
            CHECK(ws_unit_parse(units, given[i].unit, &quantities[i].unit, why, sizeof why) == 0);
    }
    quantities[OWNERSHIP].prior = &prior;
}

// NULL where the formula is refused; the messages are then in `messages`. unit NULL: inferred into *found.
static const struct ws_expression *compile(const char *formula, const char *unit, struct ws_unit *found) {
    struct ws_place place = {"s.yaml", 5, 10};
    struct ws_scope scope = {units, quantities, N_GIVEN};
    char why[512];
    *found = (struct ws_unit){0};
    messages = (struct ws_messages){.arena = arena};
    if (unit && !CHECK(ws_unit_parse(units, unit, found, why, sizeof why) == 0))
        return NULL;
    const struct ws_syntax *syntax = ws_syntax_parse(formula, place, arena, &messages);
    return syntax ? ws_formula_check(syntax, &scope, found, arena, &messages) : NULL;
}

static void check_value(const char *formula, const char *unit, double wanted) {
    struct ws_unit found;
    const struct ws_expression *tree = compile(formula, unit, &found);
    double value = tree ? ws_expression_value(tree, values) : NAN;
    tap_result(fabs(value - wanted) <= 1e-14 * fabs(wanted), __FILE__, __LINE__, "%s [%s] is %.17g, wanted %.17g; %s",
               formula, unit, value, wanted, messages.count ? messages.items[0].text : "no message");
}

static void check_inferred(const char *formula, const char *label, double wanted) {
    struct ws_unit found;
    const struct ws_expression *tree = compile(formula, NULL, &found);
    double value = tree ? ws_expression_value(tree, values) : NAN;
    tap_result(found.label && strcmp(found.label, label) == 0 && fabs(value - wanted) <= 1e-14 * fabs(wanted), __FILE__,
               __LINE__, "%s is %.17g %s, wanted %.17g %s; %s", formula, value, found.label ? found.label : "(none)",
               wanted, label, messages.count ? messages.items[0].text : "no message");
}

// wanted: the one message, from its start, behind the column in the file.
static void check_error(const char *formula, const char *unit, int column, const char *wanted) {
    struct ws_unit found;
    const struct ws_expression *tree = compile(formula, unit, &found);
    const char *text = messages.count ? messages.items[0].text : "no message";
    int at = messages.count ? messages.items[0].place.column - 9 : 0;
    tap_result(!tree && messages.errors == 1 && at == column && strncmp(text, wanted, strlen(wanted)) == 0, __FILE__,
               __LINE__, "%.60s gives %zu messages, the first at %d: \"%s\"; wanted at %d: \"%s\"", formula,
               messages.count, at, text, column, wanted);
}

static void test_arithmetic(void) {
    check_value("1 + 2 * 3", "1", 7);
    check_value("(1 + 2) * 3", "1", 9);
    check_value("10 - 4 - 3", "1", 3);
    check_value("12 / 3 / 2", "1", 2);
    check_value("2^3^2", "1", 512);
    check_value("-x^2", "1", -9);
    check_value("x^-2", "1", 1.0 / 9);
    check_value("-2 * -x", "1", 6);
    check_value("+x - -y", "1", 1);
    check_value(".5e1 + 1.E+1", "1", 15);
    check_value("2*pi", "1", 6.283185307179586);
    check_value("x^0 + x^1 + x^2 + x^3 + x^7 + x^8 + x^9", "1", 1 + 3 + 9 + 27 + 2187 + 6561 + 19683);
    check_value("4^0.5 + 4^-0.5", "1", 2.5);
    check_value("x\n + \t1\r\n", "1", 4);
}

static void test_logic(void) {
    check_value("x > 2 and y < 0", "1", 1);
    check_value("not x > 2 or not y > 0", "1", 1);
    check_value("x = 3", "1", 1);
    check_value("x == 3 and x != 4 and x >= 3 and x <= 3", "1", 1);
    check_value("(x > 2) + (y > 0)", "1", 1);
    check_value("energy > 200000 [MWh]", "1", 1);
    check_value("energy > 0", "%", 100);
    check_value("if(energy > small, x, y)", "1", 3);
    check_value("if(x, 0, energy)", "GWh", 0);
    check_value("if(y > 0, energy, small)", "MWh", 500);
}

static void test_functions(void) {
    check_value("min(x, y, 2) + max(x, y)", "1", 1);
    check_value("sum(x, y, 1, 2, 3)", "1", 7);
    check_value("sum(energy, small, 0)", "GWh", 310.5);
    check_value("abs(y) + floor(2.5) + ceil(2.5)", "1", 7);
    check_value("sqrt(area) + side", "m", 5);
    check_value("clamp(energy, 0, 100 [MWh])", "GWh", 0.1);
    check_value("clamp(y, -1, 1)", "1", -1);
    check_value("pow(x, 2) + pow(side, 2) / area", "1", 9 + 4.0 / 9);
    check_value("exp(0) + log(1) + log10(100) + erf(0) + tanh(0) + atan(0) + sin(0) + cos(0) + tan(0)", "1", 4);
    check_value("exp(share)", "1", 1.6487212707001282);
    check_value("sin(90 [degree])", "1", 1);
    check_value("sum + 1 [W]", "W", 6);
    check_value("sum(sum, sum)", "W", 10);
}

static void test_units(void) {
    check_value("hours * tdp", "GWh", 172.2);
    check_value("hours * tdp / 1e9", "Wh", 172.2);
    check_value("hours * gpus * price", "USD", 246e6 * 2000);
    check_value("energy * water", "ML", 310 * 158 * 3.785411784e-3);
    check_value("energy * 158 [gal/MWh]", "ML", 310 * 158 * 3.785411784e-3);
    check_value("energy + small", "MWh", 310500);
    check_value("small - energy", "GWh", -309.5);
    check_value("share * tdp", "W", 350);
    check_value("share", "1", 0.5);
    check_value("cost / life", "USD/yr", 1e6 / 4.5);
    check_value("cost / life", "USD/h", 1e6 / 4.5 / 8766);
    check_value("tdp", "kW", 0.7);
    check_value("0", "GWh", 0);
    check_value("side^4 / area", "m2", 16.0 / 9);
    check_value("(side^2)^(1/2)", "cm", 200);
    check_value("(side^(1/3))^3", "m", 2);
    check_value("sqrt(tdp) * sqrt(tdp)", "W", 700);
    check_value("energy^(1 / 2) * small^0.5", "GWh", sqrt(310.0) * sqrt(500.0) * sqrt(1e-3));
}

static size_t operations(const struct ws_expression *tree) {
    size_t n = tree->kind == WS_APPLY;
    for (size_t i = 0; tree->kind == WS_APPLY && i < tree->n_operands; i++)
        n += operations(tree->operand[i]);
    return n;
}

// Units cost nothing where scales agree, one multiplication where they do not.
static void test_cost(void) {
    static const struct {
        const char *formula, *unit;
        size_t operations;
    } costs[] = {{"hours * gpus * price", "USD", 2},
                 {"hours * tdp", "Wh", 1},
                 {"hours * tdp", "GWh", 2},
                 {"energy + energy", "GWh", 1},
                 {"energy + small", "GWh", 2},
                 {"energy + small", "MWh", 3},
                 {"energy", "GWh", 0},
                 {"x + (2 * 3 + 1)", "1", 1},
                 {"energy + 5 [MWh]", "GWh", 1},
                 {"x^2", "1", 1},
                 {"x^-1", "1", 1},
                 {"x^2.5", "1", 1},
                 {"share * tdp / (50 [%])", "W", 2},
                 {"clamp(x, 0, 1)", "1", 2},
                 {"energy > 0", "1", 1},
                 {"select(ownership, straight_line = x, value_decay = y, lease = 1)", "1", 4}};
    for (size_t i = 0; i < sizeof costs / sizeof *costs; i++) {
        struct ws_unit found;
        const struct ws_expression *tree = compile(costs[i].formula, costs[i].unit, &found);
        CHECK(tree != NULL);
        tap_result(tree && operations(tree) == costs[i].operations, __FILE__, __LINE__,
                   "%s takes %zu operations, not %zu", costs[i].formula, tree ? operations(tree) : 0,
                   costs[i].operations);
    }
}

static void test_inference(void) {
    check_inferred("tdp * x", "W", 2100);
    check_inferred("hours * tdp", "h.W", 246e6 * 700);
    check_inferred("hours * gpus * price", "USD", 246e6 * 2000);
    check_inferred("energy * water", "gal", 310 * 158 * 1e3);
    check_inferred("cost / life", "USD/yr", 1e6 / 4.5);
    check_inferred("hours / life", "1", 246e6 / 8766 / 4.5);
    check_inferred("energy + small", "GWh", 310.5);
    check_inferred("small + energy", "MWh", 310500);
    check_inferred("share", "%", 50);
    check_inferred("share * share", "1", 0.25);
    check_inferred("1 / life", "1/yr", 1 / 4.5);
    check_inferred("side^3", "m3", 8);
    check_inferred("x > 1", "1", 1);
    check_inferred("5 [MW] * 2 [h]", "MW.h", 10);
    check_inferred("5 [MW] / 2 [m2] / 1 [s]", "MW/m2/s", 2.5);
}

static void test_choices(void) {
    check_value("select(ownership, straight_line = x, value_decay = y, lease = 1)", "1", -2);
    check_value("select(ownership, lease: 1, value_decay: y, straight_line: x)", "1", -2);
    check_value("select(ownership, straight_line = x, else = 7)", "1", 7);
    check_value("select(ownership, straight_line = 0, else: energy)", "MWh", 310000);
    check_value("select(ownership, value_decay = x = 3, else = 0)", "1", 1);
    check_value("if(ownership = value_decay, x, y)", "1", 3);
    check_value("ownership != value_decay or lease = ownership", "1", 0);
    check_error("select(ownership, straight_line = x, value_decay = y)", "1", 1,
                "select has no value for lease of 'ownership'");
    check_error("select(ownership, straightline = x, else = y)", "1", 19,
                "'ownership' has no label 'straightline', did you mean 'straight_line'?");
    check_error("select(ownership, lease = x, lease = x, else = y)", "1", 30, "label 'lease' comes twice");
    check_error("select(ownership, else = x, lease = y)", "1", 19, "else must come last");
    check_error("select(ownership, lease = 1, straight_line = 2, value_decay = 3, else = 4)", "1", 66,
                "else is never reached");
    check_error("select(ownership, lease = 1 [W], else = 3 [h])", "1", 1,
                "select needs values of one kind, found W and h");
    check_error("select(x, a = 1, else = 2)", "1", 8, "select needs an input with a choice prior");
    check_error("ownership * 2", "1", 1, "'ownership' is a choice between straight_line, value_decay, lease");
    check_error("ownership = x", "1", 13, "'ownership' has no label 'x'");
    check_error("ownership = 2 * x", "1", 15, "'ownership' can only be compared with one of its labels");
    check_error("ownership < lease", "1", 11, "'ownership' is a choice: its labels have no order");
    check_error("x * lease", "1", 5, "'lease' is a label of 'ownership'");
}

static void test_unit_errors(void) {
    check_error("energy + cost", "GWh", 8, "cannot add GWh and USD");
    check_error("energy - x", "GWh", 8, "cannot take the difference of GWh and a number without unit");
    check_error("hours < cost", "1", 7, "cannot compare h with USD");
    check_error("exp(tdp)", "1", 5, "exp needs a number without unit, found W");
    check_error("floor(hours * tdp)", "1", 13, "floor needs a number without unit, found h.W");
    check_error("min(energy, x, 0)", "GWh", 1, "min needs values of one kind, found GWh and a number without unit");
    check_error("if(tdp, x, y)", "1", 4, "the condition of if needs a number without unit, found W");
    check_error("if(x, tdp, cost)", "1", 1, "if needs two values of one kind, found W and USD");
    check_error("not tdp", "1", 5, "not needs a number without unit, found W");
    check_error("hours * tdp", "USD", 1, "the formula gives h.W, which does not convert to its unit USD");
    check_error("x^tdp", "1", 3, "an exponent needs a number without unit, found W");
    check_error("tdp^x", "W", 4, "the exponent of a quantity in W must be a constant");
    check_error("tdp^0.3", "W", 4, "W cannot be raised to the power 0.3");
    check_error("sqrt(tdp)", NULL, 1, "the formula's unit W^(0.5) has a fractional power");
    check_error("158 [gal/MWhh] * x", "1", 6, "unknown unit 'MWhh', did you mean 'MWh'?");
    check_error("1 [degC]", "K", 4, "unit 'degC' has an offset");
    check_error("x * gpu", "1", 5, "unknown name 'gpu', did you mean 'gpus'?");
    check_error("exp * 2", "1", 1, "'exp' is a function and needs its arguments");
    check_error("1 / 0", "1", 3, "this is a constant, and not a finite number");
    check_error("clamp(x, 2, 1)", "1", 1, "clamp(x, low, high) needs low <= high");
}

static void test_syntax_errors(void) {
    check_error("", "1", 1, "the formula is empty");
    check_error("1 +", "1", 4, "the formula ends where a value is wanted");
    check_error("x y", "1", 3, "found 'y' where an operator or the end is wanted");
    check_error("2x", "1", 1, "'2x' is neither a number nor a name: write 2 * x");
    check_error("1.2.3", "1", 1, "'1.2.3' is not a number");
    check_error("1e999", "1", 1, "'1e999' is not a number, or beyond");
    check_error("(x + 1", "1", 7, "the formula ends where ')' is wanted: a parenthesis is open (if YAML has cut");
    check_error("select(ownership", "1", 17,
                "the formula ends where ',' or ')' is wanted: a parenthesis is open (if YAML has cut");
    check_error("x)", "1", 2, "found ')' without its '('");
    check_error("max(x,)", "1", 7, "found ')' where a value is wanted");
    check_error("exp()", "1", 1, "exp(x) needs 1 argument, found 0");
    check_error("exp(x, y)", "1", 1, "exp(x) takes 1 argument, found 2");
    check_error("max(x)", "1", 1, "max(a, b, ...) needs at least 2 arguments, found 1");
    check_error("0 < x < 5", "1", 7, "a chain of comparisons: write a < b and b < c");
    check_error("x ** 2", "1", 3, "'**' is not an operator here: write ^");
    check_error("x && y", "1", 3, "'&&' is not an operator here: write and");
    check_error("!x", "1", 1, "'!' is not an operator here: write not");
    check_error("50% * x", "1", 3, "'%' is a unit only");
    check_error("x # y", "1", 3, "'#' has no meaning in a formula");
    check_error("\u00b5 * x", "1", 1, "'\u00b5' has no meaning in a formula");
    check_error("x * not y", "1", 5, "'not' needs parentheses here");
    check_error("lgo(x)", "1", 1, "unknown function 'lgo', did you mean 'log'?");
    check_error("hours(x)", "1", 1, "unknown function 'hours'");
    check_error("x [GWh]", "GWh", 3, "found '[GWh]' behind something else than a number");
    check_error("5 [GWh", "GWh", 3, "']' is missing");
    check_error("select(ownership, 1 + 2)", "1", 21, "found '+' where '=' after the label is wanted");
}

static void test_all_errors_are_listed(void) {
    struct ws_unit found;
    CHECK(!compile("max(energy + cost, exp(tdp), unknown) + 1 [Wx]", "GWh", &found));
    CHECK_INT(messages.errors, 4);
    CHECK(!compile("max(1 + , 2 2, lgo(3), x ** y) + (4", "1", &found));
    CHECK_INT(messages.errors, 5);
    CHECK(!compile("broken * 2 + cost / 0 [W]", "USD", &found)); // a cascade is not reported again
    CHECK_INT(messages.errors, 0);
    CHECK(!compile("x +\n  cost +\n  1", "USD", &found));
    CHECK_INT(messages.errors, 1);
    CHECK_INT(messages.items[0].place.line, 5);
    CHECK(!compile("x\n+\ncost", "USD", &found));
    CHECK_INT(messages.items[0].place.line, 6);
    CHECK_INT(messages.items[0].place.column, 0);
}

static void check_long(const char *part, size_t n, const char *end, const char *wanted) {
    struct ws_unit found;
    char *text = ws_arena_array(arena, n * strlen(part) + strlen(end) + 1, 1);
    for (size_t i = 0; i < n; i++)
        strcpy(text + i * strlen(part), part);
    strcat(text, end);
    const struct ws_expression *tree = compile(text, "1", &found);
    const char *message = messages.count ? messages.items[0].text : NULL;
    tap_result(wanted ? message && strstr(message, wanted) : tree && isfinite(ws_expression_value(tree, values)),
               __FILE__, __LINE__, "%zu times '%s' gives: %s", n, part, message ? message : "no message");
}

static void test_bounds(void) {
    check_long("(", 150, "x)", "')' is wanted");
    check_long("(", 100000, "x", "longer than");
    check_long("(", 10000, "x", "nests more than");
    check_long("-", 10000, "x", "nests more than");
    check_long("2^", 10000, "x", "nests more than");
    check_long("exp(", 8000, "x", "nests more than");
    check_long("x + ", 1900, "x", NULL);
    check_long("x + ", 8000, "x", "build on each other");
    check_long("not ", 8000, "x", "nests more than");
    char nested[1024] = "x";
    for (int i = 0; i < 100; i++) { // (((x^3)^3)^3 ...: as products it would have 3^100 factors
        memmove(nested + 1, nested, strlen(nested) + 1);
        nested[0] = '(';
        strcat(nested, "/3)^3");
    }
    check_long(nested, 1, "", NULL);
    char *sum = ws_arena_array(arena, 4096, 1);
    strcpy(sum, "sum(x");
    for (int i = 0; i < 999; i++)
        strcat(sum, ",x");
    strcat(sum, ")");
    check_value(sum, "1", 3000);
}

static void test_names(void) {
    struct ws_place place = {"s.yaml", 1, 1};
    size_t n;
    messages = (struct ws_messages){.arena = arena};
    const struct ws_syntax *syntax = ws_syntax_parse(
        "b + a * b + select(c, l = d, else = pi) + (c = lease) + exp(1) + (e = a)", place, arena, &messages);
    if (!CHECK(syntax != NULL))
        return;
    const struct ws_syntax_name *names = ws_syntax_names(syntax, &n);
    static const char *const wanted[] = {"b", "a", "c", "d", "lease", "e"};
    static const int labels[] = {0, 0, 0, 0, 1, 1};
    CHECK_INT(n, 6);
    for (size_t i = 0; i < n && i < 6; i++) {
        CHECK_STR(names[i].name, wanted[i]);
        CHECK_INT(names[i].may_be_label, labels[i]);
    }
    CHECK_INT(names[1].column, 5);
    CHECK(ws_name_is_reserved("draw") && ws_name_is_reserved("pi") && !ws_name_is_reserved("exp") &&
          !ws_name_is_reserved("x"));
}

static void test_uses(void) {
    struct ws_unit found;
    unsigned char used[N_GIVEN] = {0};
    const struct ws_expression *tree = compile("if(ownership = lease, x, side / side)", "1", &found);
    if (!CHECK(tree != NULL))
        return;
    ws_expression_uses(tree, used);
    for (size_t i = 0; i < N_GIVEN; i++)
        CHECK_INT(used[i], !strcmp(given[i].name, "x") || !strcmp(given[i].name, "side") || i == OWNERSHIP);
}

int main(void) {
    arena = ws_arena_create();
    if (!arena || ws_arena_catch(arena))
        return EXIT_FAILURE;
    RUN(setup);
    if (units) {
        RUN(test_arithmetic);
        RUN(test_logic);
        RUN(test_functions);
        RUN(test_units);
        RUN(test_cost);
        RUN(test_inference);
        RUN(test_choices);
        RUN(test_unit_errors);
        RUN(test_syntax_errors);
        RUN(test_all_errors_are_listed);
        RUN(test_bounds);
        RUN(test_names);
        RUN(test_uses);
    }
    ws_arena_destroy(arena);
    return tap_done();
}
