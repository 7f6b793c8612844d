// SPDX-License-Identifier: GPL-3.0-or-later
// Tables of the logarithm, the exponential and the error function (elementary_rows.c), for vector code: of the former
// two by the method of Tang (1989 and 1990, "Table-driven implementation of the exponential function", "... of the
// logarithm function in IEEE floating-point arithmetic").
#ifndef WS_NUMERIC_ELEMENTARY_H
#define WS_NUMERIC_ELEMENTARY_H

enum { WS_ELEMENTARY_ROWS = 128 };
extern const double ws_log_rows[WS_ELEMENTARY_ROWS][4] __attribute__((aligned(64)));
extern const double ws_exp_rows[WS_ELEMENTARY_ROWS][4] __attribute__((aligned(64)));
extern const double ws_erf_rows[WS_ELEMENTARY_ROWS][8] __attribute__((aligned(64)));

#endif
