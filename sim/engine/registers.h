// SPDX-License-Identifier: GPL-3.0-or-later
// One thread's register file: the rows that compiled formulas, and a model in code between them, read and write.
#ifndef WS_ENGINE_REGISTERS_H
#define WS_ENGINE_REGISTERS_H

#include "engine/plan.h"

struct ws_registers {
    const struct ws_plan *plan;
    const struct ws_compiled *compiled;
    double *rows;          // row r at rows + r * WS_ROW_STRIDE
    const double **inputs; // what a model in code is given: the rows of all inputs, and those of its outputs
    double **outputs;
};

// All rows 0 but for those of constants, and `more` rows behind those of the program. 0, or WS_ERROR_MEMORY; to be
// finished either way.
int ws_registers_init(struct ws_registers *registers, const struct ws_plan *plan, const struct ws_compiled *compiled,
                      size_t more);
void ws_registers_finish(struct ws_registers *registers);
// Computes everything from the rows of the columns. 0, or WS_ERROR_MODEL.
int ws_registers_run(const struct ws_registers *registers);
// The same in two steps: what all cases of a sweep share, and the rest, as often as there are cases.
void ws_registers_share(const struct ws_registers *registers);
int ws_registers_rest(const struct ws_registers *registers);
// Says of a status of drawing what there is to say; returns it.
int ws_registers_fail(int status, struct ws_error *err);

#endif
