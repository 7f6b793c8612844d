// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/registers.h"

#include <stdlib.h>
#include <string.h>

#include "wattspan.h"

static double *row(const struct ws_registers *registers, int32_t index) {
    return registers->rows + (size_t)index * WS_ROW_STRIDE;
}

static int connect_model(struct ws_registers *registers) {
    const struct ws_compiled *compiled = registers->compiled;
    const struct ws_study *study = registers->plan->study;
    if (!compiled->calls_model)
        return 0;
    registers->inputs = calloc(study->n_inputs + 1, sizeof *registers->inputs);
    registers->outputs = calloc(study->n_outputs + 1, sizeof *registers->outputs);
    if (!registers->inputs || !registers->outputs)
        return WS_ERROR_MEMORY;
    size_t n = 0;
    for (size_t q = 0; q < study->n_quantities; q++) {
        if (study->quantities[q].role == WS_INPUT)
            registers->inputs[q] = row(registers, compiled->row_of[q]);
        else if (study->quantities[q].by_model)
            registers->outputs[n] = row(registers, compiled->first_model_row + (int32_t)n), n++;
    }
    return 0;
}

int ws_registers_init(struct ws_registers *registers, const struct ws_plan *plan, const struct ws_compiled *compiled,
                      size_t more) {
    const size_t bytes = (compiled->program.n_rows + more + 1) * WS_ROW_STRIDE * sizeof(double), line = 64;
    *registers = (struct ws_registers){.plan = plan, .compiled = compiled, .rows = aligned_alloc(line, bytes)};
    if (!registers->rows)
        return WS_ERROR_MEMORY;
    memset(registers->rows, 0, bytes);
    for (size_t i = 0; i < compiled->n_fills; i++)
        for (size_t k = 0; k < WS_BLOCK; k++)
            row(registers, compiled->fills[i].row)[k] = compiled->fills[i].value;
    return connect_model(registers);
}

void ws_registers_finish(struct ws_registers *registers) {
    free(registers->rows);
    free(registers->inputs);
    free(registers->outputs);
    *registers = (struct ws_registers){0};
}

static void run(const struct ws_registers *registers, const struct ws_program *program) {
    if (program->n_instructions > 0)
        registers->plan->sampler.kernels->run(program, registers->rows);
}

int ws_registers_run(const struct ws_registers *registers) {
    const struct ws_study *study = registers->plan->study;
    run(registers, &registers->compiled->ahead);
    if (registers->compiled->calls_model &&
        study->compute(study->compute_user, WS_BLOCK, registers->inputs, registers->outputs))
        return WS_ERROR_MODEL;
    run(registers, &registers->compiled->program);
    return 0;
}

// A model in code is given all inputs, those that are swept among them.
void ws_registers_share(const struct ws_registers *registers) {
    if (!registers->compiled->calls_model)
        run(registers, &registers->compiled->ahead);
}

int ws_registers_rest(const struct ws_registers *registers) {
    if (registers->compiled->calls_model)
        return ws_registers_run(registers);
    run(registers, &registers->compiled->program);
    return 0;
}

int ws_registers_fail(int status, struct ws_error *err) {
    if (status == WS_ERROR_MODEL)
        return ws_error_set(err, status, NULL, "the model function returned another value than 0");
    return status ? ws_error_set(err, status, NULL, "memory ran out") : 0;
}
