// SPDX-License-Identifier: GPL-3.0-or-later
#include <udunits2.h>

#include "study/load.h"
#include "study/units.h"
#include "tap.h"

static struct ws_arena *arena;
static struct ws_units *units;
static char why[512];

static struct ws_unit parse(const char *text) {
    struct ws_unit unit = {0};
    why[0] = '\0';
    int status = ws_unit_parse(units, text, &unit, why, sizeof why);
    tap_result(status == 0, __FILE__, __LINE__, "'%s' is refused: %s", text, why);
    return unit;
}

static void check_factor(const char *from, const char *to, double wanted) {
    struct ws_unit a = parse(from), b = parse(to);
    double factor = NAN;
    if (!a.label || !b.label)
        return;
    int status = ws_unit_factor(&a, &b, &factor);
    tap_result(status == 0 && factor == wanted, __FILE__, __LINE__, "1 %s is %.17g %s, wanted %.17g", from, factor, to,
               wanted);
}

static void check_refused(const char *text, const char *wanted) {
    struct ws_unit unit = {0};
    why[0] = '\0';
    int status = ws_unit_parse(units, text, &unit, why, sizeof why);
    tap_result(status != 0 && strstr(why, wanted) && !unit.label, __FILE__, __LINE__,
               "'%s' gives \"%s\" (status %d), wanted \"%s\"", text, why, status, wanted);
}

static void test_factors_are_exact(void) {
    check_factor("kWh", "GWh", 1e-6);
    check_factor("W.h", "GWh", 1e-9);
    check_factor("h.USD/h", "USD", 1);
    check_factor("MUSD", "USD", 1e6);
    check_factor("GWh", "J", 3.6e12);
    check_factor("gal", "L", 3.785411784);
    check_factor("gallon", "gal", 1);
    check_factor("GWh.gal/MWh", "ML", 3.785411784e-3);
    check_factor("kt", "kg", 1e6);
    check_factor("t", "kt", 1e-3);
    check_factor("MMBtu", "Btu", 1e6);
    check_factor("MMBtu", "J", 1055055852.62);
    check_factor("%", "1", 0.01);
    check_factor("yr", "h", 8766);
    check_factor("h", "yr", 1.0 / 8766);
    check_factor("yr", "d", 365.25);
    check_factor("month", "yr", 1.0 / 12);
    check_factor("d", "h", 24);
    check_factor("kg/kWh", "kt/GWh", 1e-0);
    check_factor("lb/MWh", "kg/MWh", 0.45359237);
    check_factor("Mgal", "kgal", 1000);
    check_factor("m3", "L", 1000);
}

static void test_spellings(void) {
    static const char *const same[][2] = {
        {"USD/GPU-h", "USD/(GPU h)"},
        {"USD/GPU-h", "USD/GPU/h"},
        {"USD/GPU-h", "USD GPU-1 h-1"},
        {"h-1", "1/h"},
        {"h-1", "h^-1"},
        {"m2", "m^2"},
        {"m**2", "m\u00b2"},
        {"s\u207b\u00b9", "s-1"},
        {"W\u00b7h", "Wh"},
        {"gal per MWh", "gal/MWh"},
        {" GWh ", "GWh"},
        {"1e6 Btu", "MMBtu"},
        {"10^6 gal", "Mgal"},
        {"kg.m2.s-3", "W"},
        {"USD / kWh", "USD/kWh"},
        {"GPU-h", "GPU h"},
        {"(W h)2", "Wh2"},
        {"percent", "%"},
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        check_factor(same[i][0], same[i][1], 1);
    CHECK_STR(parse(" USD/GPU-h ").label, "USD/GPU-h");
    CHECK_STR(parse("GWh/kWh").dimension, "");
    CHECK_STR(parse("USD/kWh").dimension, "USD kg-1 m-2 s2");
    CHECK(parse("USD/kWh").is_money);
    CHECK(parse("KRW").is_money);
    CHECK(!parse("GPU").is_money);
    CHECK(!parse("kWh").is_money);
}

static void test_refusals(void) {
    check_refused("", "empty");
    check_refused("  ", "empty");
    check_refused("degC", "offset");
    check_refused("\u00b0C", "offset");
    check_refused("W/degF", "offset");
    check_refused("dBm", "logarithmic");
    check_refused("kwh", "did you mean 'kWh'?");
    check_refused("US", "did you mean 'USD'?");
    check_refused("$/h", "did you mean 'USD'?");
    check_refused("gpu", "did you mean 'GPU'?");
    check_refused("EUR", "unknown unit 'EUR'");
    check_refused("gal/MW h", "ambiguous");
    check_refused("USD/", "ends where a name");
    check_refused("USD//h", "found '/h'");
    check_refused("(W h", "')' is missing");
    check_refused("W)", "found ')'");
    check_refused("m99", "power '99'");
    check_refused("m0", "power '0'");
    check_refused("m^x", "whole number is wanted");
    check_refused("m2s", "unknown unit 'm2s'");
    check_refused("m-2s", "blank");
    check_refused("2kg", "blank");
    check_refused("0 kg", "positive");
    check_refused("1e999 kg", "positive");
    check_refused("hours since 2000-01-01", "unknown unit 'since'");
    check_refused("((((((((((((((((((W))))))))))))))))))", "parentheses");
    check_refused("(1e300 W)12", "size");
}

static void test_declarations(void) {
    static const struct {
        const char *name, *wanted;
    } bad[] = {{"W", "is a unit already"},   {"kWh", "is a unit already"},
               {"gal", "is a unit already"}, {"H100", "no digit"},
               {"2x", "no digit"},           {"", "cannot be"},
               {"a b", "cannot be"},         {"per", "divides"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *const names[] = {"gpu", bad[i].name};
        size_t at = 9;
        CHECK(!ws_units_create(arena, names, 2, &at, why, sizeof why));
        CHECK_INT(at, 1);
        tap_result(strstr(why, bad[i].wanted) != NULL, __FILE__, __LINE__, "'%s' gives \"%s\"", bad[i].name, why);
    }
    const char *const twice[] = {"USD", "gpu", "gpu"};
    size_t at;
    CHECK(ws_units_create(arena, twice, 3, &at, why, sizeof why) != NULL);
}

// What a result file says must mean the same to every other reader of it.
static void check_stock(ut_system *stock, const char *text) {
    struct ws_unit unit = parse(text);
    if (!unit.label)
        return;
    ut_unit *base = ut_parse(stock, *unit.dimension ? unit.dimension : "1", UT_UTF8);
    ut_unit *same = ut_parse(stock, unit.canonical, UT_UTF8);
    cv_converter *converter = base && same ? ut_get_converter(same, base) : NULL;
    double found = converter ? cv_convert_double(converter, 1) : NAN;
    tap_result(fabs(found / unit.to_base - 1) < 1e-14, __FILE__, __LINE__,
               "stock UDUNITS reads '%s' (for '%s') as %.17g, not %.17g", unit.canonical, text, found, unit.to_base);
    cv_free(converter);
    ut_free(base);
    ut_free(same);
}

static void test_stock_reads_canonical(void) {
    static const char *const texts[] = {
        "1",     "%",       "GWh",     "kWh-1",      "L/kWh",        "kg/kWh",  "lb/MMBtu", "gal/MWh",
        "gal2",  "Mgal",    "kt",      "Mt",         "yr",           "1/yr",    "Myr",      "month",
        "hours", "days",    "minutes", "second",     "milliseconds", "weeks",   "h-1",      "1e6 gal",
        "MMBtu", "MMBtu-2", "W/m2",    "kg.m2/s3",   "W\u00b7h",     "GWh/MWh", "Ah",       "ppm",
        "t/d",   "ft",      "8766 h",  "10^6 gal/d", "\u00b5s"};
    ut_system *stock = ut_read_xml(NULL);
    if (!CHECK(stock != NULL))
        return;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_stock(stock, texts[i]);
    size_t n;
    const struct ws_unit_row *rows = ws_unit_rows(&n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].symbol, "USD") != 0)
            check_stock(stock, rows[i].symbol);
    ut_free_system(stock);
    CHECK_STR(parse("GWh").canonical, "GW h");
    CHECK_STR(parse("kt").canonical, "Gg");
    CHECK_STR(parse("USD/kWh").canonical, "USD kW-1 h-1");
    CHECK_STR(parse("gal/MWh").canonical, "3.785411784 L MW-1 h-1");
    CHECK_STR(parse("hours").canonical, "h");
    CHECK_STR(parse("days").canonical, "d");
    CHECK_STR(parse("yr").canonical, "Julian_year");
}

// Common names are known without UDUNITS' database, which must not make a difference.
static void test_common_names_are_stock(void) {
    static const char *const names[] = {"m", "L", "g", "t", "s", "min", "h", "d", "J", "Btu", "W", "Wh"};
    ut_system *stock = ut_read_xml(NULL);
    if (!CHECK(stock != NULL))
        return;
    for (const char *prefix = "mkMGTP"; *prefix; prefix++)
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            char text[8];
            check_stock(stock, names[i]);
            snprintf(text, sizeof text, "%c%s", *prefix, names[i]);
            check_stock(stock, text);
        }
    ut_free_system(stock);
}

static void test_database_is_read_late(void) {
    static const char *const common[] = {"MUSD/GWh", "kg/MMBtu", "L/kWh", "Mgal", "kt", "1/yr", "USD/W/h", "month"};
    struct ws_units *others = units;
    size_t bad;
    setenv("UDUNITS2_XML_PATH", "/nowhere/udunits2.xml", 1);
    units = ws_units_create(arena, NULL, 0, &bad, why, sizeof why);
    for (size_t i = 0; i < sizeof common / sizeof *common && CHECK(units != NULL); i++)
        parse(common[i]);
    check_refused("USD/lb", "cannot be read");
    unsetenv("UDUNITS2_XML_PATH");
    check_factor("lb", "kg", 0.45359237);
    check_factor("lb.USD", "kg.MUSD", 0.45359237e-6);
    units = others;
}

int main(void) {
    static const char *const declared[] = {"USD", "GPU", "KRW"};
    size_t bad;
    arena = ws_arena_create();
    if (!arena || ws_arena_catch(arena))
        return EXIT_FAILURE;
    units = ws_units_create(arena, declared, 3, &bad, why, sizeof why);
    if (!units) {
        printf("Bail out! %s\n", why);
        return EXIT_FAILURE;
    }
    RUN(test_factors_are_exact);
    RUN(test_spellings);
    RUN(test_refusals);
    RUN(test_declarations);
    RUN(test_stock_reads_canonical);
    RUN(test_common_names_are_stock);
    RUN(test_database_is_read_late);
    ws_arena_destroy(arena);
    return tap_done();
}
