/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A study built in code, whose model is a C function: the heat that an insulated pipe loses, which takes an iteration
 * that no formula of the study language could write. Prints the intervals and what drives them.
 *
 *     cc model_function.c $(pkg-config --cflags --libs wattspan) -lm -o model_function
 *     ./model_function pipe.h5
 */
#include <math.h>
#include <stdio.h>
#include <wattspan.h>

/* In the order in which they are added below. */
enum { LENGTH, RADIUS, THICKNESS, CONDUCTIVITY, PIPE, AIR };
enum { HEAT, SURFACE };

/* Air takes up heat from the surface at 1.32 (T - air)^(5/4) / d^(1/4) W/m2 (free convection about a horizontal
 * cylinder, McAdams 1954): the surface's temperature at which that is what the insulation lets through, by bisection.
 * It reads and writes nothing else, so that several threads may call it at once. */
static double surface_temperature(double conductance, double outer, double pipe, double air) {
    double low = air, high = pipe;
    for (int i = 0; i < 60; i++) {
        double middle = 0.5 * (low + high), rise = middle - air;
        double lost = 1.32 * rise * sqrt(sqrt(rise / (2 * outer))) * 6.283185307179586 * outer;
        if (lost < conductance * (pipe - middle))
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

static int pipe_model(void *user, size_t n, const double *const *inputs, double *const *outputs) {
    (void)user;
    for (size_t k = 0; k < n; k++) {
        double outer = inputs[RADIUS][k] + inputs[THICKNESS][k];
        double conductance = 6.283185307179586 * inputs[CONDUCTIVITY][k] / log(outer / inputs[RADIUS][k]);
        double surface = surface_temperature(conductance, outer, inputs[PIPE][k], inputs[AIR][k]);
        outputs[HEAT][k] = 1e-3 * conductance * (inputs[PIPE][k] - surface) * inputs[LENGTH][k]; /* W -> kW */
        outputs[SURFACE][k] = surface;
    }
    return 0;
}

static int build(ws_study **study, const struct ws_sink *sink, struct ws_error *error) {
    ws_builder *b = NULL;
    int status = ws_builder_create("pipe", &b, error);
    if (status)
        return status;
    if ((status = ws_builder_set(b, "title", "Heat lost by an insulated pipe", error)) == 0 &&
        (status = ws_builder_add_input(b, "length", "m", "100", error)) == 0 &&
        (status = ws_builder_add_input(b, "radius", "m", "0.05", error)) == 0 &&
        (status = ws_builder_add_input(b, "thickness", "m", "{triangular: {min: 0.02, mode: 0.04, max: 0.05}}",
                                       error)) == 0 &&
        (status = ws_builder_add_input(b, "conductivity", "W/m/K", "0.035 to 0.06", error)) == 0 &&
        (status = ws_builder_add_input(b, "pipe", "K", "{normal: {mean: 363, sd: 2}}", error)) == 0 &&
        (status = ws_builder_add_input(b, "air", "K", "{uniform: {min: 263, max: 298}}", error)) == 0 &&
        (status = ws_builder_set(b, "inputs.conductivity.note", "wet insulation conducts better", error)) == 0 &&
        (status = ws_builder_add_output(b, "heat", "kW", NULL, error)) == 0 &&
        (status = ws_builder_add_output(b, "surface", "K", NULL, error)) == 0 &&
        (status = ws_builder_add_output(b, "year", "MWh", "heat * 8760 [h]", error)) == 0 &&
        (status = ws_builder_set_model(b, "pipe, version 1", pipe_model, NULL, error)) == 0)
        status = ws_study_build(b, NULL, sink, study, error);
    ws_builder_destroy(b);
    return status;
}

static void print_message(void *user, int severity, const char *where, const char *text) {
    static const char *const names[] = {"note", "warning", "error"};
    (void)user;
    fprintf(stderr, "%s: %s: %s\n", where, names[severity], text);
}

static int print_output(const ws_result *result, const char *output, struct ws_error *error) {
    static const char *const drivers[] = {"thickness", "conductivity", "pipe", "air"};
    struct ws_estimate p5, p95, share;
    int status = ws_result_quantile(result, output, 0.05, &p5, error);
    if (!status)
        status = ws_result_quantile(result, output, 0.95, &p95, error);
    if (status)
        return status;
    printf("%s \t%.3g to %.3g %s\t", output, p5.value, p95.value, ws_result_unit(result, output));
    for (int i = 0; i < 4 && !status; i++) {
        status = ws_result_share(result, output, drivers[i], WS_SHARE_FIRST_ORDER, &share, error);
        if (!status)
            printf(" %s %.0f %%", drivers[i], 100 * share.value);
    }
    printf("\n");
    return status;
}

int main(int argc, char **argv) {
    struct ws_error error = {0};
    struct ws_sink sink = {print_message, NULL};
    struct ws_options options = {.draws = 65536, .sink = &sink, .history = "model_function"};
    ws_study *study = NULL;
    ws_result *result = NULL;
    if (argc != 2) {
        fprintf(stderr, "usage: %s RESULT.h5\n", argv[0]);
        return 2;
    }
    int status = build(&study, &sink, &error);
    if (!status)
        status = ws_sensitivity(study, &options, NULL, &result, &error);
    const char *output;
    for (size_t i = 0; !status && (output = ws_result_output(result, i)) != NULL; i++)
        status = print_output(result, output, &error);
    if (!status)
        status = ws_result_save(result, argv[1], 0, &error);
    if (status)
        fprintf(stderr, "%s: %s\n", error.where, error.text);
    ws_result_destroy(result);
    ws_study_destroy(study);
    return -status;
}
