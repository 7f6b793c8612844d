// SPDX-License-Identifier: GPL-3.0-or-later
// Correlation matrices: n rows of n, symmetric.
#ifndef WS_PRIOR_MATRIX_H
#define WS_PRIOR_MATRIX_H

#include <stddef.h>

// The lower Cholesky factor, packed row by row (row i holds i + 1 numbers); nonzero where the matrix is not positive
// definite.
int ws_matrix_factor(const double *matrix, size_t n, double *factor);
// The nearest correlation matrix in the Frobenius norm, made just positive definite. 0, or nonzero where memory runs
// out.
int ws_matrix_nearest(const double *matrix, size_t n, double *nearest);

#endif
