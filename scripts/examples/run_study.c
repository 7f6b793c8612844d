/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a study from C and prints the interval of each output.
 *
 *     cc run_study.c $(pkg-config --cflags --libs wattspan) -o run_study
 *     ./run_study priors/grok-4.yaml grok-4.h5
 */
#include <stdio.h>
#include <wattspan.h>

static void print_message(void *user, int severity, const char *where, const char *text) {
    static const char *const names[] = {"note", "warning", "error"};
    (void)user;
    fprintf(stderr, "%s: %s: %s\n", where, names[severity], text);
}

static int print_output(const ws_result *result, const char *output, struct ws_error *error) {
    static const double probabilities[] = {0.05, 0.5, 0.95};
    struct ws_estimate estimate;
    printf("%s", output);
    for (int i = 0; i < 3; i++) {
        int status = ws_result_quantile(result, output, probabilities[i], &estimate, error);
        if (status)
            return status;
        printf("\t%.4g +- %.1g", estimate.value, estimate.se);
    }
    printf("\t%s\n", ws_result_unit(result, output));
    return WS_OK;
}

int main(int argc, char **argv) {
    struct ws_error error = {0};
    struct ws_sink sink = {print_message, NULL};
    struct ws_options options = {.draws = 200000, .seed = 1, .sink = &sink};
    ws_study *study = NULL;
    ws_result *result = NULL;
    if (argc != 3) {
        fprintf(stderr, "usage: %s STUDY.yaml RESULT.h5\n", argv[0]);
        return 2;
    }
    int status = ws_study_load(argv[1], NULL, &sink, &study, &error);
    if (!status)
        status = ws_run(study, &options, &result, &error);
    const char *output;
    for (size_t i = 0; !status && (output = ws_result_output(result, i)) != NULL; i++)
        status = print_output(result, output, &error);
    if (!status)
        status = ws_result_save(result, argv[2], 0, &error);
    if (status)
        fprintf(stderr, "%s: %s\n", error.where, error.text);
    ws_result_destroy(result);
    ws_study_destroy(study);
    return -status;
}
