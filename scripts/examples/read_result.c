/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a result from C and asks it what no table holds: how probable it is that an output is at or below a value.
 *
 *     cc read_result.c $(pkg-config --cflags --libs wattspan) -o read_result
 *     ./read_result grok-4.h5 energy 500
 */
#include <stdio.h>
#include <stdlib.h>
#include <wattspan.h>

int main(int argc, char **argv) {
    struct ws_error error = {0};
    struct ws_estimate below, mean;
    ws_result *result = NULL;
    if (argc != 4) {
        fprintf(stderr, "usage: %s RESULT.h5 OUTPUT VALUE\n", argv[0]);
        return 2;
    }
    const char *output = argv[2];
    double value = strtod(argv[3], NULL);
    int status = ws_result_load(argv[1], &result, &error);
    if (!status)
        status = ws_result_mean(result, output, &mean, &error);
    if (!status)
        status = ws_result_probability(result, output, value, &below, &error);
    if (status)
        fprintf(stderr, "%s: %s\n", error.where, error.text);
    else
        printf("P(%s <= %g %s) = %.6f +- %.1g, mean %.6g\n", output, value, ws_result_unit(result, output), below.value,
               below.se, mean.value);
    ws_result_destroy(result);
    return -status;
}
