// SPDX-License-Identifier: GPL-3.0-or-later
// Nearest correlation matrix: Higham (2002), "Computing the nearest correlation matrix - a problem from finance", IMA
// J. Numer. Anal. 22: projections onto positive semidefinite matrices and onto unit diagonals in turn, with Dykstra's
// correction.
#include "prior/matrix.h"

#include <math.h>

#include <gsl/gsl_eigen.h>
#include <gsl/gsl_matrix.h>

int ws_matrix_factor(const double *matrix, size_t n, double *factor) {
    const double least = 1e-10; // of a pivot: beyond it rounding would decide
    for (size_t i = 0; i < n; i++) {
        double *row = factor + i * (i + 1) / 2;
        for (size_t j = 0; j <= i; j++) {
            const double *other = factor + j * (j + 1) / 2;
            double sum = matrix[i * n + j];
            for (size_t k = 0; k < j; k++)
                sum -= row[k] * other[k];
            if (i != j)
                row[j] = sum / other[j];
            else if (sum > least)
                row[j] = sqrt(sum);
            else
                return -1;
        }
    }
    return 0;
}

struct projector {
    gsl_eigen_symmv_workspace *work;
    gsl_matrix *copy, *vectors;
    gsl_vector *values;
};

// The nearest positive semidefinite matrix: negative eigenvalues become 0.
static void project(struct projector *p, const gsl_matrix *from, gsl_matrix *to) {
    size_t n = from->size1;
    gsl_matrix_memcpy(p->copy, from);
    gsl_eigen_symmv(p->copy, p->values, p->vectors, p->work);
    gsl_matrix_set_zero(to);
    for (size_t k = 0; k < n; k++) {
        double value = gsl_vector_get(p->values, k);
        for (size_t i = 0; i < n && value > 0; i++)
            for (size_t j = 0; j < n; j++)
                *gsl_matrix_ptr(to, i, j) +=
                    value * gsl_matrix_get(p->vectors, i, k) * gsl_matrix_get(p->vectors, j, k);
    }
}

static void iterate(struct projector *p, gsl_matrix *y, gsl_matrix *r, gsl_matrix *x, gsl_matrix *correction) {
    enum { MOST = 500 };
    size_t n = y->size1;
    for (int step = 0; step < MOST; step++) {
        double change = 0;
        gsl_matrix_memcpy(r, y);
        gsl_matrix_sub(r, correction);
        project(p, r, x);
        gsl_matrix_memcpy(correction, x);
        gsl_matrix_sub(correction, r);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) {
                double next = i == j ? 1 : gsl_matrix_get(x, i, j);
                change = fmax(change, fabs(next - gsl_matrix_get(y, i, j)));
                gsl_matrix_set(y, i, j, next);
            }
        if (change < 1e-8)
            break;
    }
}

int ws_matrix_nearest(const double *matrix, size_t n, double *nearest) {
    const double shrink = 1e-6; // towards independence, so that a Cholesky factor exists
    gsl_matrix *m[4] = {0};
    struct projector p = {gsl_eigen_symmv_alloc(n), gsl_matrix_alloc(n, n), gsl_matrix_alloc(n, n),
                          gsl_vector_alloc(n)};
    int status = !p.work || !p.copy || !p.vectors || !p.values ? -1 : 0;
    for (int i = 0; i < 4; i++)
        if (!(m[i] = gsl_matrix_calloc(n, n)))
            status = -1;
    if (!status) {
        for (size_t k = 0; k < n * n; k++)
            gsl_matrix_set(m[0], k / n, k % n, matrix[k]);
        iterate(&p, m[0], m[1], m[2], m[3]);
        for (size_t k = 0; k < n * n; k++)
            nearest[k] = k / n == k % n ? 1 : (1 - shrink) * gsl_matrix_get(m[0], k / n, k % n);
    }
    for (int i = 0; i < 4; i++)
        gsl_matrix_free(m[i]);
    gsl_eigen_symmv_free(p.work);
    gsl_matrix_free(p.copy);
    gsl_matrix_free(p.vectors);
    gsl_vector_free(p.values);
    return status;
}
