// SPDX-License-Identifier: GPL-3.0-or-later
// Families: every row by its own properties, then values computed elsewhere.
//
// `exact` was made with mpmath 1.3.0 at 50 digits: normal quantiles from its inverse error function, the others by
// bisection in ln x of its regularised incomplete beta and gamma functions, at the double nearest to v. `moments_known`
// are scipy.stats 1.10.1's stats('mvsk') and ppf(0.05, 0.5, 0.95) of the distribution of the same name (pert: scaled
// beta; student_t's p5 and p95, where SciPy is 7e-10 off, are mpmath's). Truncated moments are mpmath's, by closed form
// (normal) or quadrature of the density.
#include "tap.h"

#include <gsl/gsl_errno.h>

#include "base/text.h"
#include "prior/prior.h"

static struct ws_prior prior_of(const char *name, const double *p, size_t n) {
    struct ws_prior prior = {.family = ws_family_find(name), .scale = 1, .low = -INFINITY, .high = INFINITY};
    for (size_t i = 0; i < n && i < WS_MAX_PARAMETERS; i++)
        prior.p[i] = p[i];
    return prior;
}

#define PRIOR(name, ...) \
    prior_of(name, (const double[]){__VA_ARGS__}, sizeof((const double[]){__VA_ARGS__}) / sizeof(double))

// ---- the examples of the rows: "{name: {key: number, ...}}" ----

struct setting {
    char name[32];
    double value;
};

static size_t read_example(const char *example, char family[32], struct setting settings[WS_MAX_PARAMETERS]) {
    size_t n = 0;
    int used = 0;
    if (sscanf(example, "{%31[a-z_]: {%n", family, &used) != 1)
        return 0;
    for (const char *at = example + used; n < WS_MAX_PARAMETERS; at += used + strspn(at + used, ", ")) {
        if (sscanf(at, "%31[a-z_A-Z]: %lf%n", settings[n].name, &settings[n].value, &used) != 2)
            break;
        n++;
    }
    return n;
}

static double value_of(const struct setting *settings, size_t n, const char *name, double fallback) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(settings[i].name, name) == 0)
            return settings[i].value;
    return fallback;
}

// The prior of a row's example, given by parameters or by another form; 0 where neither fits.
static int example_prior(const struct ws_family *family, struct ws_prior *prior) {
    struct setting settings[WS_MAX_PARAMETERS];
    char name[32] = "";
    size_t n = read_example(family->example, name, settings);
    if (n == 0 || strcmp(name, family->name) != 0)
        return 0;
    *prior = (struct ws_prior){.family = family, .scale = 1, .low = -INFINITY, .high = INFINITY};
    int complete = 1;
    for (size_t i = 0; i < WS_MAX_PARAMETERS && family->parameters[i].name; i++) {
        prior->p[i] = value_of(settings, n, family->parameters[i].name, family->parameters[i].fallback);
        complete &= !isnan(prior->p[i]);
    }
    for (size_t f = 0; f < WS_MAX_FORMS && !complete && family->forms[f].names[0]; f++) {
        double values[WS_MAX_PARAMETERS];
        complete = 1;
        for (size_t i = 0; family->forms[f].names[i]; i++) {
            values[i] = value_of(settings, n, family->forms[f].names[i], NAN);
            complete &= !isnan(values[i]);
        }
        if (complete)
            complete = family->forms[f].convert(values, prior->p) == NULL;
    }
    return complete;
}

static void test_rows_are_complete(void) {
    size_t n;
    const struct ws_family *families = ws_families(&n);
    CHECK(n >= 9);
    for (size_t i = 0; i < n; i++) {
        const struct ws_family *family = &families[i];
        struct ws_prior prior;
        CHECK(ws_is_name(family->name));
        CHECK(family->summary && family->example);
        CHECK(ws_family_find(family->name) == family);
        for (size_t j = 0; j < i; j++)
            CHECK(strcmp(families[j].name, family->name) != 0);
        if (family->kind == WS_CATEGORICAL || family->composite ||
            (family->kind == WS_DISCRETE && !family->ratio)) // made of lists
            continue;
        CHECK(example_prior(family, &prior));
        if (family->kind == WS_DISCRETE)
            CHECK(family->mode && family->ratio);
        else
            CHECK(family->quantile && family->cdf && family->support && family->moments);
    }
    CHECK(ws_family_find("gaussian") == ws_family_find("normal"));
    CHECK(ws_family_find("no_such_family") == NULL);
    CHECK(ws_family_find("") == NULL);
}

// ---- properties of a prior ----

// The quantile rises with u, stays in the support, and the cdf gives v back, up to what one rounding of x changes.
static void check_round_trip(const struct ws_prior *prior, double tolerance) {
    double before[2] = {-INFINITY, INFINITY}, low, high;
    prior->family->support(prior->p, &low, &high);
    for (int k = 216; k >= 4; k--) {
        double v = exp2(-k / 4.0);
        for (int upper = 0; upper < 2; upper++) {
            double x = ws_prior_quantile(prior, v, upper), slack = 8 * 0x1p-52 * (fabs(x) + fabs(prior->shift));
            double (*near)(const struct ws_prior *, double) = upper ? ws_prior_sf : ws_prior_cdf;
            double a = near(prior, x - slack), b = near(prior, x + slack);
            if (fabs(x) < 1e-290) // on its way to underflow
                continue;
            if (!CHECK(upper ? x <= before[1] + slack : x >= before[0] - slack) ||
                !CHECK(fmin(a, b) <= v * (1 + tolerance)) || !CHECK(fmax(a, b) >= v * (1 - tolerance))) {
                printf("# %s v %g upper %d x %.17g cdf %.17g..%.17g\n", prior->family->name, v, upper, x, a, b);
                return;
            }
            before[upper] = x;
            CHECK(x >= prior->low && x <= prior->high);
            if (prior->shift == 0 && prior->scale == 1)
                CHECK(x >= low && x <= high);
        }
    }
    CHECK(before[0] <= before[1] + 1e-13 * (fabs(before[0]) + fabs(prior->shift)));
}

static void test_round_trips_of_the_examples(void) {
    size_t n;
    const struct ws_family *families = ws_families(&n);
    for (size_t i = 0; i < n; i++) {
        struct ws_prior prior;
        char text[256];
        if (families[i].kind != WS_CONTINUOUS || families[i].composite || !CHECK(example_prior(&families[i], &prior)))
            continue;
        CHECK_INT(ws_prior_check(&prior, text, sizeof text), 0);
        check_round_trip(&prior, 1e-12);
        double low = ws_prior_quantile(&prior, 0.1, 0), high = ws_prior_quantile(&prior, 0.02, 1);
        prior.low = low;
        prior.high = high;
        CHECK_INT(ws_prior_check(&prior, text, sizeof text), 0);
        check_round_trip(&prior, 1e-12);
        prior.scale = -2;
        prior.shift = 3;
        prior.low = 3 - 2 * high;
        prior.high = 3 - 2 * low;
        CHECK_INT(ws_prior_check(&prior, text, sizeof text), 0);
        check_round_trip(&prior, 1e-12);
    }
}

static void test_round_trips_of_extremes(void) {
    const struct ws_prior priors[] = {
        PRIOR("beta", 0.1, 0.2, 0, 1),   PRIOR("beta", 0.01, 3, 0, 1), PRIOR("beta", 1e6, 2e6, 0, 1),
        PRIOR("beta", 40, 0.3, -5, 5),   PRIOR("pert", 0, 0, 1, 4),    PRIOR("pert", 0, 0.001, 1, 400),
        PRIOR("gamma", 0.05, 3),         PRIOR("gamma", 1e6, 1),       PRIOR("student_t", 0.7, 0, 1),
        PRIOR("student_t", 1e5, 0, 1),   PRIOR("lognormal", 0, 8),     PRIOR("loguniform", 1e-9, 1e9),
        PRIOR("triangular", 0, 1e-9, 1), PRIOR("triangular", 0, 1, 1), PRIOR("triangular", -1, -1, 1),
        PRIOR("weibull", 0.2, 1),        PRIOR("weibull", 50, 1),      PRIOR("pareto", 0.6, 1),
    };
    for (size_t i = 0; i < sizeof priors / sizeof priors[0]; i++)
        check_round_trip(&priors[i], 1e-9);
}

// Moments of the row against integrals of its own quantile function (which truncation far out makes the prior take).
static void test_moments_of_the_examples(void) {
    size_t n;
    const struct ws_family *families = ws_families(&n);
    for (size_t i = 0; i < n; i++) {
        struct ws_prior prior;
        double m[4];
        if (families[i].kind != WS_CONTINUOUS || families[i].composite || !CHECK(example_prior(&families[i], &prior)))
            continue;
        families[i].moments(prior.p, m);
        CHECK_REL(ws_prior_mean(&prior), m[0], 0);
        CHECK_REL(ws_prior_sd(&prior), sqrt(m[1]), 0);
        double low, high;
        families[i].support(prior.p, &low, &high);
        // Cuts off next to nothing (1e-8 of an arcsine), so that only the way of computing changes.
        prior.high = isinf(high) ? 1e300 : nextafter(high, low);
        double tolerance = isinf(high) ? 1e-11 : 1e-8, scale = fabs(m[0]) + sqrt(m[1]);
        CHECK_ABS(ws_prior_mean(&prior), m[0], tolerance * scale);
        CHECK_REL(ws_prior_sd(&prior), sqrt(m[1]), tolerance);
    }
}

static void test_domains_are_refused(void) {
    size_t n;
    const struct ws_family *families = ws_families(&n);
    char text[256];
    for (size_t i = 0; i < n; i++) {
        struct ws_prior good;
        if (families[i].composite || !example_prior(&families[i], &good))
            continue;
        for (size_t j = 0; j < WS_MAX_PARAMETERS && families[i].parameters[j].name; j++) {
            const double bad[] = {NAN, INFINITY, -1, 0};
            size_t n_bad = families[i].parameters[j].domain == WS_POSITIVE ? 4 : 2;
            for (size_t k = 0; k < n_bad; k++) {
                struct ws_prior prior = good;
                prior.p[j] = bad[k];
                CHECK(ws_prior_check(&prior, text, sizeof text) != 0);
                CHECK(strstr(text, families[i].parameters[j].name) != NULL);
            }
        }
    }
}

static void check_refused(struct ws_prior prior, const char *wanted) {
    char text[256] = "";
    CHECK(ws_prior_check(&prior, text, sizeof text) != 0);
    CHECK_STR(text, wanted);
}

static void test_relations_are_refused(void) {
    check_refused(PRIOR("triangular", 1.3, 1.2, 1.5), "triangular needs min <= mode <= max, found min 1.3, mode 1.2");
    check_refused(PRIOR("triangular", 1, 2, 1.5), "triangular needs min <= mode <= max, found mode 2, max 1.5");
    check_refused(PRIOR("triangular", 1, 1, 1), "triangular needs min < max, found min 1, max 1");
    check_refused(PRIOR("pert", 3, 2, 4, 4), "pert needs min <= mode <= max, found min 3, mode 2");
    check_refused(PRIOR("uniform", 6, 3), "uniform needs min < max, found min 6, max 3");
    check_refused(PRIOR("normal", 1, -0.5), "normal needs sd > 0, found -0.5");
    struct ws_prior prior = PRIOR("uniform", 0, 1);
    prior.scale = 0;
    check_refused(prior, "scale needs a finite number other than 0, found 0");
    prior.scale = 1;
    prior.low = 2;
    prior.high = 1;
    check_refused(prior, "truncate needs low < high, found [2, 1]");
    prior.high = 3;
    check_refused(prior, "truncate: [2, 3] leaves nothing of uniform, which lies between 0 and 1");
    prior = PRIOR("normal", 0, 1);
    prior.low = 45.5;
    check_refused(prior, "truncate: [45.5, inf] leaves nothing of normal, of which 90 % lie between -1.64 and 1.64");
    prior = PRIOR("constant", 1);
    prior.scale = 2;
    check_refused(prior, "constant takes no truncate, shift or scale");
}

// ---- values from elsewhere ----

static const struct {
    const char *name;
    double p[WS_MAX_PARAMETERS];
    double v;
    int upper;
    double x;
} exact[] = {
    {"normal", {2.0, 0.5}, 0x1p-54, 0, -2.1461805379067978},
    {"normal", {2.0, 0.5}, 1.0e-9, 0, -0.99890350750384343},
    {"normal", {2.0, 0.5}, 0.01, 0, 0.83682606297957945},
    {"normal", {2.0, 0.5}, 0.3, 0, 1.7377997436459796},
    {"normal", {2.0, 0.5}, 0x1p-54, 1, 6.1461805379067978},
    {"normal", {2.0, 0.5}, 1.0e-9, 1, 4.9989035075038434},
    {"normal", {2.0, 0.5}, 0.01, 1, 3.1631739370204205},
    {"normal", {2.0, 0.5}, 0.3, 1, 2.2622002563540204},
    {"lognormal", {1.0, 0.75}, 0x1p-54, 0, 0.0054112735516937568},
    {"lognormal", {1.0, 0.75}, 1.0e-9, 0, 0.030247091095670204},
    {"lognormal", {1.0, 0.75}, 0.01, 0, 0.47484781985589914},
    {"lognormal", {1.0, 0.75}, 0.3, 0, 1.8343672799291725},
    {"lognormal", {1.0, 0.75}, 0x1p-54, 1, 1365.4929894678559},
    {"lognormal", {1.0, 0.75}, 1.0e-9, 1, 244.28980874753855},
    {"lognormal", {1.0, 0.75}, 0.01, 1, 15.560892963924712},
    {"lognormal", {1.0, 0.75}, 0.3, 1, 4.028122492032213},
    {"beta", {2.0, 5.0, 0.0, 1.0}, 0x1p-54, 0, 1.923731643031798e-9},
    {"beta", {2.0, 5.0, 0.0, 1.0}, 1.0e-9, 0, 8.1650546997689365e-6},
    {"beta", {2.0, 5.0, 0.0, 1.0}, 0.01, 0, 0.026763191142755057},
    {"beta", {2.0, 5.0, 0.0, 1.0}, 0.3, 0, 0.18180347131894916},
    {"beta", {2.0, 5.0, 0.0, 1.0}, 0x1p-54, 1, 0.99960801073418584},
    {"beta", {2.0, 5.0, 0.0, 1.0}, 1.0e-9, 1, 0.9889037390731502},
    {"beta", {2.0, 5.0, 0.0, 1.0}, 0.01, 1, 0.70568632831970751},
    {"beta", {2.0, 5.0, 0.0, 1.0}, 0.3, 1, 0.36035769038002026},
    {"beta", {0.5, 0.25, 0.0, 1.0}, 0x1p-54, 0, 2.1185801984243023e-32},
    {"beta", {0.5, 0.25, 0.0, 1.0}, 1.0e-9, 0, 6.8751858180203737e-18},
    {"beta", {0.5, 0.25, 0.0, 1.0}, 0.01, 0, 0.00068728229776177248},
    {"beta", {0.5, 0.25, 0.0, 1.0}, 0.3, 0, 0.46245911974488157},
    {"beta", {0.5, 0.25, 0.0, 1.0}, 0x1p-54, 1, 1.0},
    {"beta", {0.5, 0.25, 0.0, 1.0}, 1.0e-9, 1, 1.0},
    {"beta", {0.5, 0.25, 0.0, 1.0}, 0.01, 1, 0.99999997045738783},
    {"beta", {0.5, 0.25, 0.0, 1.0}, 0.3, 1, 0.97629825914506101},
    {"beta", {300.0, 7000.0, 0.0, 1.0}, 0x1p-54, 0, 0.024602670207544515},
    {"beta", {300.0, 7000.0, 0.0, 1.0}, 1.0e-9, 0, 0.028606200851550167},
    {"beta", {300.0, 7000.0, 0.0, 1.0}, 0.01, 0, 0.035877185272482929},
    {"beta", {300.0, 7000.0, 0.0, 1.0}, 0.3, 0, 0.039847752533366458},
    {"beta", {300.0, 7000.0, 0.0, 1.0}, 0x1p-54, 1, 0.063240395806350881},
    {"beta", {300.0, 7000.0, 0.0, 1.0}, 1.0e-9, 1, 0.056509347791126454},
    {"beta", {300.0, 7000.0, 0.0, 1.0}, 0.01, 1, 0.046684267566551749},
    {"beta", {300.0, 7000.0, 0.0, 1.0}, 0.3, 1, 0.042283271679273817},
    {"pert", {1.0, 2.0, 6.0, 4.0}, 0x1p-54, 0, 1.0000000013548819},
    {"pert", {1.0, 2.0, 6.0, 4.0}, 1.0e-9, 0, 1.0000145479816742},
    {"pert", {1.0, 2.0, 6.0, 4.0}, 0.01, 0, 1.1156726309613236},
    {"pert", {1.0, 2.0, 6.0, 4.0}, 0.3, 0, 1.9295812448711631},
    {"pert", {1.0, 2.0, 6.0, 4.0}, 0x1p-54, 1, 5.9995142444510433},
    {"pert", {1.0, 2.0, 6.0, 4.0}, 1.0e-9, 1, 5.974041032364592},
    {"pert", {1.0, 2.0, 6.0, 4.0}, 0.01, 1, 4.7427966431481739},
    {"pert", {1.0, 2.0, 6.0, 4.0}, 0.3, 1, 2.9114098898205676},
    {"student_t", {4.0, 0.0, 1.0}, 0x1p-54, 0, -15247.029902217893},
    {"student_t", {4.0, 0.0, 1.0}, 1.0e-9, 0, -234.02761040611893},
    {"student_t", {4.0, 0.0, 1.0}, 0.01, 0, -3.7469473879791968},
    {"student_t", {4.0, 0.0, 1.0}, 0.3, 0, -0.56864906304970548},
    {"student_t", {4.0, 0.0, 1.0}, 0x1p-54, 1, 15247.029902217893},
    {"student_t", {4.0, 0.0, 1.0}, 1.0e-9, 1, 234.02761040611893},
    {"student_t", {4.0, 0.0, 1.0}, 0.01, 1, 3.7469473879791968},
    {"student_t", {4.0, 0.0, 1.0}, 0.3, 1, 0.56864906304970548},
    {"student_t", {0.5, 0.0, 1.0}, 0x1p-54, 0, -3.3376446249826154e+31},
    {"student_t", {0.5, 0.0, 1.0}, 1.0e-9, 0, -1.0284911563163399e+17},
    {"student_t", {0.5, 0.0, 1.0}, 0.01, 0, -1028.4910104716219},
    {"student_t", {0.5, 0.0, 1.0}, 0.3, 0, -1.0095258786071661},
    {"student_t", {0.5, 0.0, 1.0}, 0x1p-54, 1, 3.3376446249826154e+31},
    {"student_t", {0.5, 0.0, 1.0}, 1.0e-9, 1, 1.0284911563163399e+17},
    {"student_t", {0.5, 0.0, 1.0}, 0.01, 1, 1028.4910104716219},
    {"student_t", {0.5, 0.0, 1.0}, 0.3, 1, 1.0095258786071661},
    {"gamma", {3.0, 2.0}, 0x1p-54, 0, 1.3863553938316279e-5},
    {"gamma", {3.0, 2.0}, 1.0e-9, 0, 0.0036358932000540314},
    {"gamma", {3.0, 2.0}, 0.01, 0, 0.8720903301565863},
    {"gamma", {3.0, 2.0}, 0.3, 0, 3.827551588254125},
    {"gamma", {3.0, 2.0}, 0x1p-54, 1, 88.733699265463099},
    {"gamma", {3.0, 2.0}, 1.0e-9, 1, 53.344573117300227},
    {"gamma", {3.0, 2.0}, 0.01, 1, 16.811893829770931},
    {"gamma", {3.0, 2.0}, 0.3, 1, 7.2311353317319808},
    {"gamma", {0.125, 1.0}, 0x1p-54, 0, 5.578275661028831e-131},
    {"gamma", {0.125, 1.0}, 1.0e-9, 0, 6.1866863483145612e-73},
    {"gamma", {0.125, 1.0}, 0.01, 0, 6.1866863483145595e-17},
    {"gamma", {0.125, 1.0}, 0.3, 0, 4.0592313746598739e-5},
    {"gamma", {0.125, 1.0}, 0x1p-54, 1, 32.342744303142707},
    {"gamma", {0.125, 1.0}, 1.0e-9, 1, 16.216243873077314},
    {"gamma", {0.125, 1.0}, 0.01, 1, 1.771479548301235},
    {"gamma", {0.125, 1.0}, 0.3, 1, 0.036843118999410022},
    {"gamma", {2500.0, 1.0}, 0x1p-54, 0, 2107.6778274595464},
    {"gamma", {2500.0, 1.0}, 1.0e-9, 0, 2211.6689432534827},
    {"gamma", {2500.0, 1.0}, 0.01, 0, 2385.1552354811443},
    {"gamma", {2500.0, 1.0}, 0.3, 0, 2473.5402724288707},
    {"gamma", {2500.0, 1.0}, 0x1p-54, 1, 2937.4832086234662},
    {"gamma", {2500.0, 1.0}, 1.0e-9, 1, 2811.6427824470463},
    {"gamma", {2500.0, 1.0}, 0.01, 1, 2617.785919065055},
    {"gamma", {2500.0, 1.0}, 0.3, 1, 2525.9764051820251},
};

static void test_exact_quantiles(void) {
    for (size_t i = 0; i < sizeof exact / sizeof exact[0]; i++) {
        struct ws_prior prior = prior_of(exact[i].name, exact[i].p, WS_MAX_PARAMETERS);
        double x = ws_prior_quantile(&prior, exact[i].v, exact[i].upper);
        if (!CHECK_REL(x, exact[i].x, 1e-13))
            printf("# %s %g %g v %g upper %d\n", exact[i].name, exact[i].p[0], exact[i].p[1], exact[i].v,
                   exact[i].upper);
    }
}

static const struct {
    const char *name;
    double p[WS_MAX_PARAMETERS], moments[4], quantile[3];
} moments_known[] = {
    {"uniform", {3, 6}, {4.5, 0.75, 0, -1.2}, {3.15, 4.5, 5.85}},
    {"loguniform",
     {0.1, 10},
     {2.1497576854211, 6.23481820534946, 1.42838734613309, 1.04927895887354},
     {0.125892541179417, 1, 7.94328234724281}},
    {"normal", {0.75, 0.08}, {0.75, 0.0064, 0, 0}, {0.618411709843882, 0.75, 0.881588290156118}},
    {"lognormal",
     {1, 0.5},
     {3.08021684891803, 2.69475812434495, 1.75018965506972, 5.89844567378478},
     {1.19431546250158, 2.71828182845905, 6.18685458819545}},
    {"student_t", {5, 10, 2}, {10, 6.66666666666667, 0, 6}, {5.96990325333395161, 10, 14.0300967466660484}},
    {"logistic", {5, 0.5}, {5, 0.822467033424113, 0, 1.2}, {3.52778051041678, 5, 6.47221948958322}},
    {"triangular",
     {1.08, 1.2, 1.5},
     {1.26, 0.0078, 0.376264368269589, -0.6},
     {1.13019960159204, 1.24900199203978, 1.42062746066806}},
    {"pert",
     {1.3, 1.45, 1.9, 4},
     {1.5, 0.0114285714285714, 0.467707173346743, -0.375},
     {1.3458642348474, 1.48828610227342, 1.69444499080068}},
    {"beta",
     {2, 5, 0, 1},
     {0.285714285714286, 0.0255102040816327, 0.596284793999944, -0.12},
     {0.0628498917083544, 0.26444998329566, 0.581803409252026}},
    {"gamma", {3, 2}, {6, 12, 1.15470053837925, 2}, {1.63538289432791, 5.34812062744712, 12.591587243744}},
    {"exponential", {2}, {2, 4, 2, 6}, {0.102586588775101, 1.38629436111989, 5.99146454710798}},
    {"weibull",
     {1.5, 4},
     {3.61098117180373, 6.01104455702291, 1.07198657289096, 1.39040356159577},
     {0.552205066225137, 3.13287907509861, 8.31244255013823}},
    {"weibull",
     {0.7, 4},
     {5.06329402422913, 54.8293688584505, 3.49837025709109, 20.5420154966074},
     {0.0574499176022258, 2.36956045180853, 19.1769069135586}},
    {"gumbel",
     {10, 2},
     {11.1544313298031, 6.57973626739291, 1.13954709940465, 2.4},
     {7.8056225992701, 10.7330258411633, 15.9403904980843}},
    {"pareto",
     {5, 1},
     {1.25, 0.104166666666667, 4.6475800154489, 70.8},
     {1.01031145931794, 1.14869835499704, 1.82056420302608}},
    {"arcsine", {-1, 1}, {0, 0.5, 0, -1.5}, {-0.987688340595138, 0, 0.987688340595138}},
};

static void test_moments_and_quantiles(void) {
    for (size_t i = 0; i < sizeof moments_known / sizeof moments_known[0]; i++) {
        struct ws_prior prior = prior_of(moments_known[i].name, moments_known[i].p, WS_MAX_PARAMETERS);
        double m[4], sd = sqrt(moments_known[i].moments[1]);
        prior.family->moments(prior.p, m);
        CHECK_ABS(m[0], moments_known[i].moments[0], 1e-12 * sd);
        CHECK_REL(m[1], moments_known[i].moments[1], 1e-12);
        CHECK_ABS(m[2], moments_known[i].moments[2], 1e-10);
        CHECK_ABS(m[3], moments_known[i].moments[3], 1e-9 * fabs(m[3]) + 1e-10);
        for (int k = 0; k < 3; k++)
            CHECK_ABS(ws_prior_quantile(&prior, k == 1 ? 0.5 : 0.05, k == 2), moments_known[i].quantile[k], 1e-12 * sd);
    }
}

static void check_truncated(struct ws_prior prior, double low, double high, double mean, double sd) {
    prior.low = low;
    prior.high = high;
    CHECK_ABS(ws_prior_mean(&prior), mean, 1e-9 * sd);
    CHECK_REL(ws_prior_sd(&prior), sd, 1e-9);
}

static void test_truncated_moments(void) {
    check_truncated(PRIOR("normal", 0, 1), 1, 2, 1.3831690466315528, 0.26970889140071243);
    check_truncated(PRIOR("normal", 0.8, 0.08), 0.5, 1, 0.79861723484593201, 0.078149483122826945);
    check_truncated(PRIOR("normal", 0.52, 0.06), 0, 10, 0.52, 0.06);
    check_truncated(PRIOR("normal", 0, 1), 5, INFINITY, 5.1865039671258421, 0.18082155462530518);
    check_truncated(PRIOR("normal", 0, 1), -INFINITY, -3, -3.2830986549304365, 0.26562979272903128);
    check_truncated(PRIOR("normal", 0, 1), 20, 21, 20.049753067339751, 0.049631244493875321);
    check_truncated(PRIOR("lognormal", 0, 1), 0.1, 5, 1.2836144224007124, 1.0493646602816367);
    check_truncated(PRIOR("triangular", 0, 0.3, 1), 0.05, 0.9, 0.42943564758424685, 0.1996542540829609);
    check_truncated(PRIOR("pert", 3, 4.5, 6, 4), 4, 5, 4.5, 0.2797632520608227);
    check_truncated(PRIOR("gamma", 3, 1), 1, INFINITY, 3.2, 1.661324772583615);
    check_truncated(PRIOR("pareto", 0.5, 1), 2, 50, 10, 10.327955589886445);
    // What is left above 1 is a power law with the same exponent: mean and sd are those of a Pareto from 2.
    check_truncated(PRIOR("pareto", 2.1, 1), 2, INFINITY, 2 * 2.1 / 1.1, 2 * sqrt(2.1 / 0.1) / 1.1);
    struct ws_prior cauchy = PRIOR("student_t", 1, 0, 1);
    CHECK(isnan(ws_prior_mean(&cauchy)));
    cauchy.low = 0;
    CHECK(isnan(ws_prior_mean(&cauchy)) && isnan(ws_prior_sd(&cauchy)));
    cauchy.high = 1; // density 1 / (1 + x^2) up to a factor
    CHECK_REL(ws_prior_mean(&cauchy), log(2) / 2 / M_PI_4, 1e-12);
}

static void test_shift_and_scale(void) {
    struct ws_prior prior = PRIOR("lognormal", 0, 0.5);
    prior.shift = 10;
    prior.scale = -2;
    struct ws_prior plain = PRIOR("lognormal", 0, 0.5);
    CHECK_REL(ws_prior_mean(&prior), 10 - 2 * exp(0.125), 1e-15);
    CHECK_REL(ws_prior_sd(&prior), 2 * ws_prior_sd(&plain), 1e-15);
    for (double v = 0.5; v > 0x1p-54; v /= 8)
        for (int upper = 0; upper < 2; upper++)
            CHECK_REL(ws_prior_quantile(&prior, v, upper), 10 - 2 * ws_prior_quantile(&plain, v, !upper), 1e-15);
    prior.low = 5;
    prior.high = 9; // of the quantity itself, so the lognormal is cut to [0.5, 2.5]
    plain.low = 0.5;
    plain.high = 2.5;
    for (double v = 0.5; v > 0x1p-54; v /= 8)
        for (int upper = 0; upper < 2; upper++)
            CHECK_REL(ws_prior_quantile(&prior, v, upper), 10 - 2 * ws_prior_quantile(&plain, v, !upper), 1e-14);
    CHECK_REL(ws_prior_cdf(&prior, 8), ws_prior_sf(&plain, 1), 1e-14);
    CHECK(ws_prior_cdf(&prior, 4.9) == 0);
    CHECK(ws_prior_sf(&prior, 9) == 0);
    CHECK_REL(ws_prior_sf(&prior, 5) + ws_prior_cdf(&prior, 5), 1.0, 1e-15);
}

static void test_pert_is_beta(void) {
    struct ws_prior pert = PRIOR("pert", 1, 2, 6, 4), beta = PRIOR("beta", 1.8, 4.2, 1, 6);
    CHECK_REL(ws_prior_mean(&pert), 2.5, 1e-15);
    CHECK_REL(ws_prior_sd(&pert), sqrt(0.75), 1e-15);
    for (double v = 0.5; v > 0x1p-54; v /= 2) {
        CHECK_REL(ws_prior_quantile(&pert, v, 0), ws_prior_quantile(&beta, v, 0), 1e-15);
        CHECK_REL(ws_prior_quantile(&pert, v, 1), ws_prior_quantile(&beta, v, 1), 1e-15);
    }
}

// ---- elicitation ----

static void test_two_quantiles(void) {
    const struct ws_family *lognormal = ws_family_find("lognormal");
    double p[WS_MAX_PARAMETERS] = {0};
    char text[256] = "";
    CHECK_INT(lognormal->from_quantiles(0.05, 1, 0.95, 10, p, text, sizeof text), 0);
    CHECK_ABS(p[0], 1.1512925465, 1e-10);
    CHECK_ABS(p[1], 0.6999361692, 1e-10);
    struct ws_prior prior = prior_of("lognormal", p, 2);
    CHECK_ABS(ws_prior_mean(&prior), 4.0400128269, 1e-10);
    CHECK_ABS(ws_prior_quantile(&prior, 0.5, 0), 3.1622776602, 1e-10);
    CHECK_INT(lognormal->from_quantiles(0.05, 0.2, 0.95, 1, p, text, sizeof text), 0);
    CHECK_ABS(p[0], -0.8047189562, 1e-10);
    CHECK_ABS(p[1], 0.4892343872, 1e-10);
    CHECK(lognormal->from_quantiles(0.05, -1, 0.95, 1, p, text, sizeof text) != 0);
    CHECK_STR(text, "lognormal needs positive quantiles, found p5 -1, p95 1");
    CHECK(lognormal->from_quantiles(0.05, 2, 0.95, 1, p, text, sizeof text) != 0);
    CHECK_STR(text, "lognormal needs quantiles that rise, found p5 2, p95 1");
}

static void test_two_quantiles_come_back(void) {
    static const double pairs[][2] = {{0.05, 0.95}, {0.1, 0.9}, {0.001, 0.5}, {0.6, 0.999}, {0.25, 0.3}};
    size_t n;
    const struct ws_family *families = ws_families(&n);
    char text[256];
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; families[i].from_quantiles && k < sizeof pairs / sizeof pairs[0]; k++) {
            double p1 = pairs[k][0], p2 = pairs[k][1];
            struct ws_prior prior = prior_of(families[i].name, NULL, 0);
            for (size_t j = 0; j < WS_MAX_PARAMETERS && families[i].parameters[j].name; j++)
                if (ws_is_listed(families[i].beside, families[i].parameters[j].name))
                    prior.p[j] =
                        isnan(families[i].parameters[j].fallback) ? 5 : 10 * families[i].parameters[j].fallback;
            // One root inside another costs some digits.
            double tolerance = strcmp(families[i].name, "beta") == 0 ? 1e-9 : 1e-12;
            CHECK_INT(families[i].from_quantiles(p1, 2, p2, 2.5, prior.p, text, sizeof text), 0);
            CHECK_INT(ws_prior_check(&prior, text, sizeof text), 0);
            CHECK_REL(ws_prior_quantile(&prior, fmin(p1, 1 - p1), p1 > 0.5), 2.0, tolerance);
            CHECK_REL(ws_prior_quantile(&prior, fmin(p2, 1 - p2), p2 > 0.5), 2.5, tolerance);
        }
}

static void test_lognormal_forms(void) {
    const struct ws_family *lognormal = ws_family_find("lognormal");
    struct ws_prior prior = PRIOR("lognormal", 0, 1);
    CHECK(lognormal->forms[0].convert((const double[]){3, 2}, prior.p) == NULL);
    CHECK_REL(ws_prior_mean(&prior), 3.0, 1e-14);
    CHECK_REL(ws_prior_sd(&prior), 2.0, 1e-14);
    CHECK(lognormal->forms[1].convert((const double[]){250, 1.5}, prior.p) == NULL);
    CHECK_REL(ws_prior_quantile(&prior, 0.5, 0), 250.0, 1e-14);
    CHECK_REL(ws_prior_cdf(&prior, 375), 0.84134474606854293, 1e-13);
    CHECK(lognormal->forms[1].convert((const double[]){250, 0.9}, prior.p) != NULL);
}

// ---- discrete priors and comparison ----

static void test_choice(void) {
    const struct ws_prior_part parts[] = {
        {.label = "a", .weight = 0.5}, {.label = "b", .weight = 0.25}, {.label = "c", .weight = 0.25}};
    struct ws_prior prior = prior_of("choice", NULL, 0), other;
    char text[256];
    prior.parts = parts;
    prior.n_parts = 3;
    CHECK_INT(ws_prior_check(&prior, text, sizeof text), 0);
    CHECK(ws_prior_is_categorical(&prior) && !ws_prior_is_constant(&prior));
    CHECK(ws_prior_quantile(&prior, 0.4999, 0) == 0);
    CHECK(ws_prior_quantile(&prior, 0.4999, 1) == 1);
    CHECK(ws_prior_quantile(&prior, 0.2, 1) == 2);
    CHECK(ws_prior_cdf(&prior, 1) == 0.75);
    CHECK(ws_prior_sf(&prior, 1) == 0.25);
    CHECK(isnan(ws_prior_mean(&prior)));
    other = prior;
    CHECK(ws_prior_equal(&prior, &other));
    other.n_parts = 1;
    CHECK(!ws_prior_equal(&prior, &other) && ws_prior_is_constant(&other));
    const struct ws_prior_part bad[] = {{.label = "a", .weight = 0}};
    other.parts = bad;
    CHECK(ws_prior_check(&other, text, sizeof text) != 0);
    CHECK_STR(text, "choice needs weights > 0, found 0 for a");
    other.n_parts = 0;
    CHECK(ws_prior_check(&other, text, sizeof text) != 0);
}

static void test_equal(void) {
    struct ws_prior a = PRIOR("normal", 0, 1), b = a, c = PRIOR("normal", 0, 2), d = PRIOR("logistic", 0, 1);
    CHECK(ws_prior_equal(&a, &b) && !ws_prior_equal(&a, &c));
    b.low = 0;
    CHECK(!ws_prior_equal(&a, &b));
    CHECK(!ws_prior_equal(&a, &d));
}

int main(void) {
    gsl_set_error_handler_off();
    RUN(test_rows_are_complete);
    RUN(test_round_trips_of_the_examples);
    RUN(test_round_trips_of_extremes);
    RUN(test_moments_of_the_examples);
    RUN(test_domains_are_refused);
    RUN(test_relations_are_refused);
    RUN(test_exact_quantiles);
    RUN(test_moments_and_quantiles);
    RUN(test_truncated_moments);
    RUN(test_shift_and_scale);
    RUN(test_pert_is_beta);
    RUN(test_two_quantiles);
    RUN(test_two_quantiles_come_back);
    RUN(test_lognormal_forms);
    RUN(test_choice);
    RUN(test_equal);
    return tap_done();
}
