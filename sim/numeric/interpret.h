// SPDX-License-Identifier: GPL-3.0-or-later
// The interpreter of vector programs, one for each instruction set: ws_kernels.run.
#ifndef WS_NUMERIC_INTERPRET_H
#define WS_NUMERIC_INTERPRET_H

#include "numeric/program.h"

void ws_program_run_baseline(const struct ws_program *program, double *rows);
void ws_program_run_avx2(const struct ws_program *program, double *rows);
void ws_program_run_avx512(const struct ws_program *program, double *rows);

#endif
