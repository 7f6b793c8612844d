// SPDX-License-Identifier: GPL-3.0-or-later
// Vector programs: every operation against C's own, every instruction set against the other, fused against as written.
#include "numeric/kernels.h"

#include "tap.h"

enum { INPUTS = 8, MOST_CODE = 60, VALUES = INPUTS + MOST_CODE, CONSTANTS = 4 };

static const char *const isas[] = {"baseline", "avx2", "avx512"};
enum { ISAS = 3 };
static double rows[ISAS][VALUES * WS_ROW_STRIDE] __attribute__((aligned(64)));
static uint64_t random_state = 7;

// splitmix64
static uint64_t random_bits(void) {
    uint64_t z = random_state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}
static size_t below(size_t n) { return (size_t)(random_bits() % n); }

static const double specials[] = {0,       -0.0,      1,         -1,    0.5,    2,   -2.5,     3,         0x1p52,
                                  -0x1p52, 0x1p-1074, 0x1p-1022, 1e308, -1e308, NAN, INFINITY, -INFINITY, 709.7};
enum { SPECIALS = sizeof specials / sizeof *specials };

// Ordinary numbers, now and then special ones or any bits.
static double random_double(void) {
    uint64_t bits = random_bits();
    double x;
    switch (below(16)) {
    case 0:
        return specials[below(SPECIALS)];
    case 1:
        memcpy(&x, &bits, sizeof x);
        return x;
    case 2:
        return (double)((int)below(7) - 3);
    default:
        return ldexp((double)(int64_t)bits, -62);
    }
}

static int same_bits(double a, double b) { return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0; }

// ---- single operations ----

// What C itself gives where it is exact or one rounding; the rest is held against the C library, to a few units.
static double reference(int operation, double a, double b, double c) {
    switch (operation) {
    case WS_OP_ADD:
        return a + b;
    case WS_OP_SUB:
        return a - b;
    case WS_OP_MUL:
        return a * b;
    case WS_OP_DIV:
        return a / b;
    case WS_OP_POW:
        return pow(a, b);
    case WS_OP_MIN:
        return isnan(a) || isnan(b) ? NAN : a < b ? a : b;
    case WS_OP_MAX:
        return isnan(a) || isnan(b) ? NAN : a > b ? a : b;
    case WS_OP_LT:
        return a < b;
    case WS_OP_LE:
        return a <= b;
    case WS_OP_GT:
        return a > b;
    case WS_OP_GE:
        return a >= b;
    case WS_OP_EQ:
        return a == b;
    case WS_OP_NE:
        return a != b;
    case WS_OP_AND:
        return a != 0 && b != 0;
    case WS_OP_OR:
        return a != 0 || b != 0;
    case WS_OP_NOT:
        return a == 0;
    case WS_OP_NEG:
        return -a;
    case WS_OP_ABS:
        return fabs(a);
    case WS_OP_SQRT:
        return sqrt(a);
    case WS_OP_EXP:
        return exp(a);
    case WS_OP_LOG:
        return log(a);
    case WS_OP_LOG10:
        return log10(a);
    case WS_OP_SIN:
        return sin(a);
    case WS_OP_COS:
        return cos(a);
    case WS_OP_TAN:
        return tan(a);
    case WS_OP_ATAN:
        return atan(a);
    case WS_OP_TANH:
        return tanh(a);
    case WS_OP_ERF:
        return erf(a);
    case WS_OP_FLOOR:
        return floor(a);
    case WS_OP_CEIL:
        return ceil(a);
    default:
        return isnan(a) ? NAN : a != 0 ? b : c;
    }
}

static int is_elementary(int operation) {
    return operation == WS_OP_POW || (operation >= WS_OP_EXP && operation <= WS_OP_ERF);
}

static int agrees(int operation, double found, double wanted) {
    if (!is_elementary(operation) || isnan(wanted) || isinf(wanted) || isinf(found))
        return same_bits(found, wanted) || (is_elementary(operation) && fabs(wanted) > 1e307);
    return fabs(found - wanted) <= 1e-15 * fabs(wanted) + 0x1p-1022;
}

static void check_operation(int operation, const double *a, const double *b, const double *c) {
    for (int isa = 0; isa < ISAS; isa++) {
        const struct ws_kernels *kernels = ws_kernels_select(isas[isa]);
        if (!kernels)
            continue;
        const double *columns[] = {a, b, c};
        for (int k = 0; k < 3; k++)
            memcpy(rows[isa] + k * WS_ROW_STRIDE, columns[k], WS_BLOCK * sizeof(double));
        struct ws_instruction code = {operation, 3, {0, 1, 2}};
        struct ws_program program = {4, 1, 0, &code, NULL};
        kernels->run(&program, rows[isa]);
        const double *found = rows[isa] + 3 * WS_ROW_STRIDE;
        for (int i = 0; i < WS_BLOCK; i++) {
            double applied = ws_operation_apply(operation, a[i], b[i], c[i]);
            int trusted =
                same_bits(found[i], applied) && agrees(operation, applied, reference(operation, a[i], b[i], c[i]));
            if (!trusted)
                printf("# operation %d of %a, %a, %a on %s: %a, applied %a, C %a\n", operation, a[i], b[i], c[i],
                       isas[isa], found[i], applied, reference(operation, a[i], b[i], c[i]));
            CHECK(trusted);
        }
    }
}

static void test_operations(void) {
    static double a[WS_BLOCK], b[WS_BLOCK], c[WS_BLOCK];
    for (int operation = 0; operation < WS_OPERATION_COUNT; operation++)
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < WS_BLOCK; i++) {
                a[i] = round ? random_double() : specials[i % SPECIALS];
                b[i] = round ? random_double() : specials[i / SPECIALS % SPECIALS];
                c[i] = random_double();
                if (operation >= WS_OP_SIN && operation <= WS_OP_TAN) // the C library is not told to match it far out
                    a[i] = isfinite(a[i]) && fabs(a[i]) > 1e6 ? 1 : a[i];
            }
            check_operation(operation, a, b, c);
        }
}

// What the functions of the C library's longer format give, in units in the last place.
static double units_off(int operation, double x, double y, double found) {
    const long double a = (long double)x;
    long double wanted = operation == WS_OP_POW     ? powl(a, (long double)y)
                         : operation == WS_OP_EXP   ? expl(a)
                         : operation == WS_OP_LOG   ? logl(a)
                         : operation == WS_OP_LOG10 ? log10l(a)
                         : operation == WS_OP_ERF   ? erfl(a)
                                                    : tanhl(a);
    int exponent;
    frexpl(wanted, &exponent);
    return (double)(fabsl((long double)found - wanted) / ldexpl(1, exponent - 53));
}

// Where the results are largest and smallest, where tables change from row to row, and about the zero of log.
static double hard_logarithm(void) {
    double u = ldexp((double)(int64_t)random_bits(), -63);
    switch (below(4)) {
    case 0:
        return ldexp(1 + fabs(u), (int)below(2046) - 1022);
    case 1:
        return (1 + (floor(128 * fabs(u)) + 0.5) / 128) * (1 + 1e-12 * u);
    case 2:
        return 1 + ldexp(u, -(int)below(53));
    default:
        return 1 + 0.35 * u;
    }
}

static double hard_exponent(double largest) {
    double u = ldexp((double)(int64_t)random_bits(), -63), row = floor(1e5 * u);
    switch (below(4)) {
    case 0:
        return largest * u;
    case 1:
        return (row + 0.5) * M_LN2 / 128 * (1 + 1e-12 * u);
    case 2:
        return ldexp(u, -(int)below(60));
    default:
        return fmin(10, largest) * u;
    }
}

// Where erf is 1, between, where tables change from row to row, and next to 0.
static double hard_error(void) {
    double u = ldexp((double)(int64_t)random_bits(), -63), row = floor(128 * u);
    switch (below(4)) {
    case 0:
        return 7 * u;
    case 1:
        return (row + 0.5) * 3 / 64 * (1 + 1e-12 * u);
    case 2:
        return ldexp(u, -(int)below(1000));
    default:
        return u;
    }
}

static double hard_argument(int operation) {
    switch (operation) {
    case WS_OP_EXP:
        return hard_exponent(707);
    case WS_OP_TANH:
        return hard_exponent(1 + (double)below(20)) / 2;
    case WS_OP_ERF:
        return hard_error();
    default:
        return hard_logarithm();
    }
}

static void test_last_places(void) {
    static const struct {
        int operation;
        double bound;
    } tested[] = {{WS_OP_EXP, 0.52}, {WS_OP_LOG, 0.63},  {WS_OP_LOG10, 0.6},
                  {WS_OP_POW, 0.54}, {WS_OP_TANH, 1.01}, {WS_OP_ERF, 1.01}};
    for (size_t t = 0; t < sizeof tested / sizeof *tested; t++) {
        double worst = 0;
        for (int round = 0; round < 500; round++) {
            double *x = rows[0], *y = x + WS_ROW_STRIDE, *found = y + WS_ROW_STRIDE;
            for (int i = 0; i < WS_BLOCK; i++) { // powers up to e^707, or ordinary ones
                x[i] = hard_argument(tested[t].operation);
                double most = below(2) ? 707 / fmax(fabs(log(x[i])), 1e-15) : fmin(20, 707 / fabs(log(x[i])));
                y[i] = most * (ldexp((double)(int64_t)random_bits(), -63));
            }
            struct ws_instruction code = {tested[t].operation, 2, {0, 1}};
            struct ws_program program = {3, 1, 0, &code, NULL};
            ws_kernels_select(NULL)->run(&program, rows[0]);
            for (int i = 0; i < WS_BLOCK; i++)
                worst = fmax(worst, units_off(tested[t].operation, x[i], y[i], found[i]));
        }
        printf("# worst error of operation %d: %g units in the last place\n", tested[t].operation, worst);
        CHECK(worst < tested[t].bound);
    }
}

// ---- programs ----

struct random_program {
    struct ws_program program;
    struct ws_instruction code[MOST_CODE];
    double constants[CONSTANTS];
    unsigned char wanted[VALUES];
};

static int32_t random_operand(size_t n_values) {
    if (below(6) == 0)
        return -1 - (int32_t)below(CONSTANTS);
    // Often one of the last two results, so that chains come about, else mostly an input.
    return (int32_t)(below(2) ? n_values - 1 - below(2) : below(4) ? below(INPUTS) : below(n_values));
}

static void make_program(struct random_program *p, size_t n_code) {
    memset(p, 0, sizeof *p);
    for (size_t i = 0; i < n_code; i++) {
        int operation = below(8) ? WS_OP_ADD + (int)below(4) : (int)below(WS_OPERATION_COUNT);
        p->code[i] = (struct ws_instruction){operation, (int32_t)(INPUTS + i), {0}};
        for (size_t k = 0; k < ws_operation_arity(operation); k++)
            p->code[i].operand[k] = random_operand(INPUTS + i);
        p->wanted[INPUTS + i] = below(8) == 0;
    }
    p->wanted[INPUTS + n_code - 1] = 1;
    for (int k = 0; k < CONSTANTS; k++)
        p->constants[k] = random_double();
    p->program = (struct ws_program){VALUES, n_code, CONSTANTS, p->code, p->constants};
}

static void check_wanted(const struct random_program *p, const double *found, const double *wanted) {
    int same = 1;
    for (int v = INPUTS; v < VALUES; v++)
        for (int i = 0; i < WS_BLOCK && p->wanted[v]; i++)
            same &= same_bits(found[v * WS_ROW_STRIDE + i], wanted[v * WS_ROW_STRIDE + i]);
    CHECK(same);
}

static void fill_inputs(double *file) {
    for (int v = 0; v < INPUTS; v++)
        for (int i = 0; i < WS_BLOCK; i++)
            file[v * WS_ROW_STRIDE + i] = random_double();
}

// One value after the other by ws_operation_apply.
static void evaluate(const struct random_program *p, double *file, int draw) {
    for (size_t i = 0; i < p->program.n_instructions; i++) {
        const struct ws_instruction *code = &p->code[i];
        double x[3] = {0};
        for (size_t k = 0; k < ws_operation_arity(code->operation); k++) {
            int32_t operand = code->operand[k];
            x[k] = operand < 0 ? p->constants[-1 - operand] : file[operand * WS_ROW_STRIDE + draw];
        }
        file[code->target * WS_ROW_STRIDE + draw] = ws_operation_apply(code->operation, x[0], x[1], x[2]);
    }
}

static void test_fusion(void) {
    static struct random_program p, fused;
    struct ws_arena *arena = ws_arena_create();
    size_t before = 0, after = 0;
    for (int round = 0; round < 400; round++) {
        size_t n_code = 1 + below(MOST_CODE);
        make_program(&p, n_code);
        fused = p;
        fused.program.instructions = fused.code;
        fused.program.n_instructions = ws_program_fuse(fused.code, n_code, INPUTS + n_code, p.wanted, arena);
        before += n_code;
        after += fused.program.n_instructions;
        fill_inputs(rows[0]);
        for (int isa = 0; isa < ISAS; isa++) {
            const struct ws_kernels *kernels = ws_kernels_select(isas[isa]);
            if (!kernels)
                continue;
            kernels->run(&p.program, rows[0]);
            if (isa == 0 && round < 5) { // the rest is compared by instruction sets
                memcpy(rows[1], rows[0], INPUTS * WS_ROW_STRIDE * sizeof(double));
                for (int draw = 0; draw < WS_BLOCK; draw++)
                    evaluate(&p, rows[1], draw);
                check_wanted(&p, rows[0], rows[1]);
            }
            memcpy(rows[1], rows[0], INPUTS * WS_ROW_STRIDE * sizeof(double));
            kernels->run(&fused.program, rows[1]);
            check_wanted(&p, rows[1], rows[0]);
        }
    }
    printf("# %zu instructions became %zu\n", before, after);
    CHECK(after < before * 3 / 4);
    ws_arena_destroy(arena);
}

static void test_isas_agree(void) {
    static struct random_program p;
    const struct ws_kernels *baseline = ws_kernels_select("baseline"), *best = ws_kernels_select(NULL);
    CHECK(baseline && best);
    for (int round = 0; round < 200; round++) {
        make_program(&p, 1 + below(MOST_CODE));
        fill_inputs(rows[0]);
        memcpy(rows[1], rows[0], INPUTS * WS_ROW_STRIDE * sizeof(double));
        baseline->run(&p.program, rows[0]);
        best->run(&p.program, rows[1]);
        check_wanted(&p, rows[1], rows[0]);
    }
}

// The formulas of the reference study become one pass for each output, and one more for CO2.
static void test_fused_count(void) {
    static const struct ws_instruction formulas[] = {
        {WS_OP_MUL, 12, {0, -1}},  {WS_OP_MUL, 13, {12, 1}},  {WS_OP_MUL, 14, {13, 2}},  {WS_OP_MUL, 15, {14, 3}},
        {WS_OP_MUL, 16, {0, 4}},   {WS_OP_MUL, 17, {0, 5}},   {WS_OP_DIV, 18, {17, 6}},  {WS_OP_MUL, 19, {15, 7}},
        {WS_OP_ADD, 20, {18, 19}}, {WS_OP_MUL, 21, {-2, 8}},  {WS_OP_ADD, 22, {11, 21}}, {WS_OP_MUL, 23, {15, 22}},
        {WS_OP_MUL, 24, {8, 9}},   {WS_OP_SUB, 25, {-3, 8}},  {WS_OP_MUL, 26, {25, 10}}, {WS_OP_ADD, 27, {24, 26}},
        {WS_OP_MUL, 28, {15, 27}}, {WS_OP_DIV, 29, {20, -4}},
    };
    struct ws_instruction code[sizeof formulas / sizeof *formulas];
    memcpy(code, formulas, sizeof formulas);
    unsigned char wanted[30] = {[15] = 1, [16] = 1, [20] = 1, [23] = 1, [28] = 1, [29] = 1};
    struct ws_arena *arena = ws_arena_create();
    CHECK(ws_program_fuse(code, sizeof formulas / sizeof *formulas, 30, wanted, arena) <= 7);
    ws_arena_destroy(arena);
}

int main(void) {
    RUN(test_operations);
    RUN(test_last_places);
    RUN(test_fusion);
    RUN(test_isas_agree);
    RUN(test_fused_count);
    return tap_done();
}
