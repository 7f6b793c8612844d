// SPDX-License-Identifier: GPL-3.0-or-later
// Names of units: the language's own, the study's, and UDUNITS'.
#include "study/atoms.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <udunits2.h>

#include "base/text.h"
#include "study/load.h"

// ---- names ----

// Names that UDUNITS lacks or reads as something else (gal: galileo; kt: knot; yr: 365.2422 days), as stock UDUNITS
// would have them spelled. A prefix goes between `number` and `unit`: Mgal is "3.785411784 ML".
struct own_name {
    const char *name;
    int takes_prefix;
    const char *number, *unit;
};

static const struct own_name own_names[] = {
    {"Wh", 1, "", "W h"},
    {"Ah", 1, "", "A h"},
    {"MMBtu", 0, "1e6 ", "Btu"},
    {"MMBTU", 0, "1e6 ", "Btu"},
    // The US liquid gallon is 231 cubic inches exactly; UDUNITS has it rounded to seven digits.
    {"gal", 1, "3.785411784 ", "L"},
    {"gallon", 0, "3.785411784 ", "L"},
    {"gallons", 0, "3.785411784 ", "L"},
    {"kt", 0, "", "Gg"},
    {"yr", 1, "", "Julian_year"},
    {"year", 0, "", "Julian_year"},
    {"years", 0, "", "Julian_year"},
    {"month", 0, "730.5 ", "h"},
    {"months", 0, "730.5 ", "h"},
};

static const char prefixes[] =
    "kMGTPEmu"; // one letter each; for own names alone, UDUNITS knows all of them for its own

// What most studies are written in, as UDUNITS has it. Its database is 100 KB of XML, which takes nearly as long to
// read as a study does, and is read where another name comes up. Powers are of the bases in the order of UDUNITS.
enum { N_COMMON_BASES = 4 };
static const char *const common_bases[N_COMMON_BASES] = {"m", "kg", "s", "USD"};

static const struct common_name {
    const char *name, *prefixes;
    double scale;
    int powers[N_COMMON_BASES];
} common_names[] = {
    {"m", "mk", 1, {1}},
    {"L", "mkMG", 1e-3, {3}},
    {"g", "mkMG", 1e-3, {0, 1}},
    {"t", "MG", 1000, {0, 1}},
    {"s", "m", 1, {0, 0, 1}},
    {"min", "", 60, {0, 0, 1}},
    {"h", "", 3600, {0, 0, 1}},
    {"d", "", 86400, {0, 0, 1}},
    {"Julian_year", "", 31557600, {0, 0, 1}},
    {"J", "kMGTP", 1, {2, 1, -2}},
    {"Btu", "", 1055.05585262, {2, 1, -2}},
    {"W", "kMGTP", 1, {2, 1, -3}},
    {"USD", "kMG", 1, {0, 0, 0, 1}},
};

// The pure times that xarray would decode to a timedelta if they were spelled as words, by their symbols.
static const struct {
    double seconds;
    const char *symbol;
} times[] = {{1e-9, "ns"}, {1e-6, "us"}, {1e-3, "ms"}, {1, "s"}, {60, "min"}, {3600, "h"}, {86400, "d"}};

// For `wattspan list units`, and for guessing what an unknown name meant.
static const struct ws_unit_row rows[] = {
    {"1", "one", "a number without unit"},
    {"%", "percent", "0.01"},
    {"W", "watt", "power; kW, MW, GW, TW"},
    {"Wh", "watt hour", "energy, 3600 J; kWh, MWh, GWh, TWh"},
    {"J", "joule", "energy; kJ, MJ, GJ, TJ, PJ"},
    {"Btu", "British thermal unit", "energy, 1055.05585262 J"},
    {"MMBtu", "million Btu", "energy, 1e6 Btu"},
    {"s", "second", "time"},
    {"min", "minute", "time, 60 s"},
    {"h", "hour", "time, 3600 s; GPU-h with a declared GPU"},
    {"d", "day", "time, 24 h"},
    {"week", "week", "time, 7 d"},
    {"month", "month", "time, a twelfth of a year: 730.5 h"},
    {"yr", "year", "time, 8766 h = 365.25 d (a Julian year)"},
    {"kg", "kilogram", "mass"},
    {"g", "gram", "mass; mg, kg"},
    {"t", "tonne", "mass, 1000 kg; kt, Mt, Gt"},
    {"lb", "pound", "mass, 0.45359237 kg"},
    {"m", "metre", "length; mm, cm, km; m2, m3"},
    {"ft", "foot", "length, 0.3048 m"},
    {"L", "litre", "volume, 0.001 m3; mL, kL, ML, GL"},
    {"gal", "US gallon", "volume, 3.785411784 L; kgal, Mgal"},
    {"USD", "US dollar", "money; kUSD, MUSD, GUSD. Other currencies are declared by `units:`"},
    {"K", "kelvin", "temperature difference; degC and degF have an offset and are refused"},
    {"A", "ampere", "current"},
    {"V", "volt", "voltage"},
    {"Hz", "hertz", "frequency"},
    {"mol", "mole", "amount"},
    {"rad", "radian", "angle, 1"},
};

const struct ws_unit_row *ws_unit_rows(size_t *count) {
    *count = sizeof rows / sizeof *rows;
    return rows;
}

// ISO 4217, those in use: a declared unit of such a name is money.
static int is_currency(const char *name) {
    static const char codes[] =
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF "
        "CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD "
        "HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD "
        "MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN "
        "PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY "
        "TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL";
    const char *found = strlen(name) == 3 ? strstr(codes, name) : NULL;
    return found && (found - codes) % 4 == 0;
}

// ---- looking a name up ----

struct looked_up {
    struct ws_units *units;
    double scale;
    int offset, other; // other: logarithmic, a timestamp, too many base units
    int16_t dimension[WS_MAX_BASES];
};

size_t ws_base_index(struct ws_units *units, const char *symbol) {
    for (size_t i = 0; i < units->n_bases; i++)
        if (strcmp(units->bases[i], symbol) == 0)
            return i;
    if (units->n_bases == WS_MAX_BASES)
        return SIZE_MAX;
    units->bases[units->n_bases] = ws_arena_copy(units->arena, symbol);
    return units->n_bases++;
}

static void add_base(struct looked_up *found, const char *symbol, int power) {
    size_t i = symbol ? ws_base_index(found->units, symbol) : SIZE_MAX;
    if (i == SIZE_MAX || abs(power) * WS_ONE > WS_MAX_POWER)
        found->other = 1;
    else
        found->dimension[i] = (int16_t)(found->dimension[i] + power * WS_ONE);
}

// The factor of a name, which may have a prefix, where it is the common one; else 0.
static double common_factor(const struct common_name *common, const char *name) {
    static const char letters[] = "mkMGTP";
    static const double factors[] = {1e-3, 1e3, 1e6, 1e9, 1e12, 1e15};
    if (strcmp(name, common->name) == 0)
        return common->scale;
    if (!*name || !strchr(common->prefixes, *name) || strcmp(name + 1, common->name) != 0)
        return 0;
    return common->scale * factors[strchr(letters, *name) - letters];
}

// A number, or a common name; nonzero where it is neither.
static int multiply_common(struct looked_up *found, const char *word) {
    double factor;
    if (ws_parse_double(word, &factor) == 0) {
        found->scale *= factor;
        return 0;
    }
    for (size_t i = 0; i < sizeof common_names / sizeof *common_names; i++) {
        factor = common_factor(&common_names[i], word);
        if (factor == 0)
            continue;
        found->scale *= factor;
        for (size_t k = 0; k < N_COMMON_BASES; k++)
            if (common_names[i].powers[k])
                add_base(found, common_bases[k], common_names[i].powers[k]);
        return 0;
    }
    return -1;
}

// A product of common names, as `canonical` forms are; nonzero where some are not common.
static int look_up_common(struct ws_units *units, const char *canonical, struct looked_up *found) {
    *found = (struct looked_up){.units = units, .scale = 1};
    for (const char *s = canonical; *s;) {
        char word[16];
        size_t length = strcspn(s, " ");
        if (length == 0 || length >= sizeof word)
            return -1;
        memcpy(word, s, length);
        word[length] = '\0';
        if (multiply_common(found, word))
            return -1;
        s += length + (s[length] == ' ');
    }
    return *canonical == '\0';
}

static ut_status visit_base(const ut_unit *unit, int power, struct looked_up *found) {
    if (!ut_is_dimensionless(unit)) // as the radian is
        add_base(found, ut_get_symbol(unit, UT_ASCII), power);
    return UT_SUCCESS;
}

static ut_status visit_basic(const ut_unit *unit, void *arg) { return visit_base(unit, 1, arg); }

static ut_status visit_product(const ut_unit *unit, int count, const ut_unit *const *basic, const int *powers,
                               void *arg) {
    (void)unit;
    for (int i = 0; i < count; i++)
        visit_base(basic[i], powers[i], arg);
    return UT_SUCCESS;
}

static ut_status visit_timestamp(const ut_unit *unit, const ut_unit *underlying, double origin, void *arg) {
    (void)unit, (void)underlying, (void)origin;
    ((struct looked_up *)arg)->other = 1;
    return UT_SUCCESS;
}

static ut_status visit_logarithmic(const ut_unit *unit, double base, const ut_unit *reference, void *arg) {
    return visit_timestamp(unit, reference, base, arg);
}

static ut_status visit_galilean(const ut_unit *unit, double scale, const ut_unit *underlying, double offset, void *arg);

static const ut_visitor visitor = {visit_basic, visit_product, visit_galilean, visit_timestamp, visit_logarithmic};

static ut_status visit_galilean(const ut_unit *unit, double scale, const ut_unit *underlying, double offset,
                                void *arg) {
    (void)unit;
    struct looked_up *found = arg;
    found->scale *= scale;
    found->offset |= offset != 0;
    return ut_accept_visitor(underlying, &visitor, arg);
}

// ---- UDUNITS' database ----

static void release_system(void *system) { ut_free_system(system); }

static int add_to_database(struct ws_units *units, const char *name) {
    ut_unit *base = ut_new_base_unit(units->system);
    int failed = !base || ut_map_unit_to_symbol(base, name, UT_ASCII) != UT_SUCCESS ||
                 ut_map_symbol_to_unit(name, UT_ASCII, base) != UT_SUCCESS;
    ut_free(base);
    return failed;
}

static int say_unreadable(char *why, size_t size) {
    snprintf(
        why, size,
        "the unit database of UDUNITS cannot be read (is libudunits2-data installed, or UDUNITS2_XML_PATH wrong?)");
    return -1;
}

// The database, with the units that have been declared; NULL where it cannot be read.
static struct ut_system *database(struct ws_units *units) {
    if (units->system)
        return units->system;
    ut_set_error_message_handler(ut_ignore);
    units->system = ut_read_xml(NULL);
    if (units->system)
        ws_arena_defer(units->arena, release_system, units->system);
    for (size_t i = 0; units->system && i < units->n_declared; i++)
        add_to_database(units, units->declared[i]);
    return units->system;
}

// Nonzero where UDUNITS does not know `canonical`, or knows it as something that is not a multiple of base units.
static int look_up(struct ws_units *units, const char *canonical, struct looked_up *found) {
    if (look_up_common(units, canonical, found) == 0)
        return 0;
    *found = (struct looked_up){.units = units, .scale = 1};
    ut_unit *unit = database(units) ? ut_parse(units->system, canonical, UT_UTF8) : NULL;
    if (!unit)
        return -1;
    ut_status status = ut_accept_visitor(unit, &visitor, found);
    ut_free(unit);
    return status != UT_SUCCESS;
}

static const char *own_canonical(struct ws_arena *arena, const char *name) {
    for (int prefix = 0; prefix < 2; prefix++) {
        if (prefix && (!*name || !strchr(prefixes, *name)))
            break;
        for (size_t i = 0; i < sizeof own_names / sizeof *own_names; i++)
            if (strcmp(own_names[i].name, name + prefix) == 0 && prefix <= own_names[i].takes_prefix)
                return ws_arena_printf(arena, "%s%.*s%s", own_names[i].number, prefix, name, own_names[i].unit);
    }
    return NULL;
}

static const char *time_symbol(struct ws_units *units, const struct looked_up *found) {
    int16_t time[WS_MAX_BASES] = {0};
    size_t s = ws_base_index(units, "s");
    if (s == SIZE_MAX)
        return NULL;
    time[s] = WS_ONE;
    for (size_t i = 0; memcmp(time, found->dimension, sizeof time) == 0 && i < sizeof times / sizeof *times; i++)
        if (fabs(found->scale / times[i].seconds - 1) < 1e-12)
            return times[i].symbol;
    return NULL;
}

static int has_money(const struct ws_units *units, const struct looked_up *found) {
    for (size_t i = 0; i < units->n_bases; i++)
        if (found->dimension[i] != 0 && is_currency(units->bases[i]))
            return 1;
    return 0;
}

// The guess for an unknown name; "" where there is none.
static const char *guess(const struct ws_units *units, const char *name) {
    static const char *const prefixed[] = {"kW", "MW", "GW", "TW", "kWh",  "MWh",  "GWh", "TWh", "kJ",
                                           "MJ", "GJ", "TJ", "kt", "Mt",   "Gt",   "km",  "cm",  "mm",
                                           "mL", "kL", "ML", "GL", "MUSD", "kgal", "Mgal"};
    enum { N_ROWS = sizeof rows / sizeof *rows, N_PREFIXED = sizeof prefixed / sizeof *prefixed };
    const char *candidates[N_ROWS + N_PREFIXED + WS_MAX_BASES];
    size_t n = 0;
    for (size_t i = 0; i < units->n_declared; i++)
        candidates[n++] = units->declared[i];
    for (size_t i = 0; i < N_ROWS; i++)
        candidates[n++] = rows[i].symbol;
    for (size_t i = 0; i < N_PREFIXED; i++)
        candidates[n++] = prefixed[i];
    const char *best = name[0] == '$' ? "USD" : ws_nearest(name, candidates, n);
    return best ? best : "";
}

const struct ws_atom *ws_atom_find(struct ws_units *units, const char *name, char *why, size_t size) {
    for (size_t i = 0; i < units->n_atoms; i++)
        if (strcmp(units->atoms[i]->name, name) == 0)
            return units->atoms[i];
    const char *canonical = own_canonical(units->arena, name);
    struct looked_up found;
    if (look_up(units, canonical ? canonical : name, &found)) {
        if (!units->system)
            return say_unreadable(why, size), NULL;
        const char *best = guess(units, name);
        snprintf(why, size, *best ? "unknown unit '%s', did you mean '%s'?" : "unknown unit '%s'%s", name, best);
        return NULL;
    }
    if (found.offset || found.other) {
        snprintf(why, size,
                 found.offset ? "unit '%s' has an offset, so it cannot be multiplied or added: use K"
                              : "unit '%s' is logarithmic or a date, not a multiple of base units",
                 name);
        return NULL;
    }
    struct ws_atom *atom = WS_NEW(units->arena, struct ws_atom);
    const char *symbol = canonical ? NULL : time_symbol(units, &found);
    atom->name = ws_arena_copy(units->arena, name);
    atom->canonical = canonical ? canonical : symbol ? symbol : atom->name;
    atom->to_base = ws_round_factor(found.scale);
    atom->is_money = has_money(units, &found);
    memcpy(atom->dimension, found.dimension, sizeof atom->dimension);
    units->atoms = ws_arena_grow(units->arena, units->atoms, units->n_atoms, sizeof *units->atoms);
    return units->atoms[units->n_atoms++] = atom;
}

// ---- the system ----

// 0, or nonzero with a reason.
static int declare(struct ws_units *units, const char *name, char *why, size_t size) {
    for (size_t i = 0; i < units->n_declared; i++)
        if (strcmp(units->declared[i], name) == 0)
            return 0;
    struct looked_up found;
    size_t length = strlen(name);
    if (!ws_is_name(name) || strchr("0123456789", name[length - 1])) {
        snprintf(why, size,
                 "'%s' cannot be a unit: letters, digits and '_' are wanted, with no digit at either end "
                 "(m2 is a power of m)",
                 name);
        return -1;
    }
    if (own_canonical(units->arena, name) || look_up(units, name, &found) == 0) {
        snprintf(why, size, "'%s' is a unit already", name);
        return -1;
    }
    if (!units->system)
        return say_unreadable(why, size);
    if (strcmp(name, "per") == 0 || units->n_declared == WS_MAX_BASES - 8) {
        snprintf(why, size, "'%s' cannot be a unit: %s", name,
                 strcmp(name, "per") == 0 ? "it divides" : "there are too many");
        return -1;
    }
    int failed = add_to_database(units, name);
    units->declared[units->n_declared++] = ws_arena_copy(units->arena, name);
    if (failed)
        snprintf(why, size, "'%s' cannot be a unit: UDUNITS refuses it", name);
    return failed;
}

struct ws_units *ws_units_create(struct ws_arena *arena, const char *const *declared, size_t n_declared, size_t *bad,
                                 char *why, size_t size) {
    struct ws_units *units = WS_NEW(arena, struct ws_units);
    *bad = SIZE_MAX;
    units->arena = arena;
    units->declared[units->n_declared++] = "USD";
    for (size_t i = 0; i < n_declared; i++)
        if (declare(units, declared[i], why, size)) {
            *bad = i;
            return NULL;
        }
    return units;
}
