// SPDX-License-Identifier: GPL-3.0-or-later
#include "prior/table_grid.h"

#include <math.h>
#include <stdlib.h>

#include "prior/prior.h"

const double ws_cubic_node[WS_CUBIC] = {
    0.038060233744356631, 0.30865828381745508, 0.69134171618254492,
    0.96193976625564337, // (1 - cos((2 i + 1) pi / 8)) / 2
};
const double ws_cubic_check[WS_CUBIC] = {0, 0.14644660940672627, 0.85355339059327373, 1};

// Newton's divided differences, expanded.
void ws_cubic_through(const double y[WS_CUBIC], double c[WS_CUBIC]) {
    const double *t = ws_cubic_node;
    double d1 = (y[1] - y[0]) / (t[1] - t[0]), d2 = (y[2] - y[1]) / (t[2] - t[1]), d3 = (y[3] - y[2]) / (t[3] - t[2]);
    double e1 = (d2 - d1) / (t[2] - t[0]), e2 = (d3 - d2) / (t[3] - t[1]);
    double f = (e2 - e1) / (t[3] - t[0]);
    c[3] = f;
    c[2] = e1 - f * (t[0] + t[1] + t[2]);
    c[1] = d1 - e1 * (t[0] + t[1]) + f * (t[0] * t[1] + (t[0] + t[1]) * t[2]);
    c[0] = y[0] - t[0] * (d1 - t[1] * (e1 - t[2] * f));
}

struct nodes {
    double position[WS_NODES], weight[WS_NODES]; // in [0, 1]; of the barycentric formula
};

static void place_nodes(struct nodes *nodes) {
    for (int j = 0; j < WS_NODES; j++) {
        double angle = M_PI * (2 * j + 1) / (2 * WS_NODES);
        nodes->position[j] = 0.5 - 0.5 * cos(angle);
        nodes->weight[j] = (j % 2 ? -1 : 1) * sin(angle);
    }
}

// Lagrange weights of the nodes at position x, by the barycentric formula (Berrut & Trefethen 2004).
static void lagrange(const struct nodes *nodes, double x, double weights[WS_NODES]) {
    double sum = 0;
    for (int j = 0; j < WS_NODES; j++) {
        double distance = x - nodes->position[j];
        if (distance == 0) {
            for (int i = 0; i < WS_NODES; i++)
                weights[i] = i == j;
            return;
        }
        sum += weights[j] = nodes->weight[j] / distance;
    }
    for (int j = 0; j < WS_NODES; j++)
        weights[j] /= sum;
}

// Nodes are at odd multiples of pi / 32 on the half circle, checks at multiples of pi / 4.
static void place_points(struct ws_table_grid *grid, const struct nodes *nodes) {
    int n = 0, n_nodes = 0, n_checks = 0;
    for (int k = 0; k <= 2 * WS_NODES; k++) {
        if (k % 2)
            grid->node[n_nodes++] = n;
        else if (k % (2 * WS_NODES / (WS_CHECKS - 1)) == 0)
            grid->check[n_checks++] = n;
        else
            continue;
        grid->position[n++] = 0.5 - 0.5 * cos(M_PI * k / (2 * WS_NODES));
    }
    for (int i = 0; i < WS_CHECKS; i++)
        lagrange(nodes, grid->position[grid->check[i]], grid->at_check[i]);
}

static void place_octaves(struct ws_table_grid *grid, const struct nodes *nodes) {
    for (int width = 1; width <= 1 << WS_MAX_LEVEL; width *= 2)
        for (int k = 0; k < width; k++)
            for (int j = 0; j < WS_NODES; j++) {
                double weights[WS_NODES];
                lagrange(nodes, (k + nodes->position[j]) / width, weights);
                for (int i = 0; i < WS_NODES; i++)
                    grid->spread[width - 1 + k][j / WS_LANES][i][j % WS_LANES] = weights[i];
            }
}

// Segments are equal parts of v, the nodes are placed in log2 v.
static void place_segment(ws_segment_fit fit, const struct nodes *nodes, double start, double width) {
    double values[WS_CUBIC][WS_NODES], checks[WS_CUBIC][WS_NODES];
    for (int i = 0; i < WS_CUBIC; i++) {
        lagrange(nodes, log2(1 + start + width * ws_cubic_node[i]), values[i]);
        lagrange(nodes, log2(1 + start + width * ws_cubic_check[i]), checks[i]);
    }
    for (int j = 0; j < WS_NODES; j++) {
        double y[WS_CUBIC] = {values[0][j], values[1][j], values[2][j], values[3][j]}, c[WS_CUBIC];
        ws_cubic_through(y, c);
        for (int i = 0; i < WS_CUBIC; i++) {
            double t = ws_cubic_check[i];
            fit[j][i] = c[i];
            fit[j][WS_CUBIC + i] = ((c[3] * t + c[2]) * t + c[1]) * t + c[0] - checks[i][j];
        }
    }
}

struct ws_table_grid *ws_table_grid_create(void) {
    struct ws_table_grid *grid = aligned_alloc(64, (sizeof *grid + 63) / 64 * 64);
    if (!grid)
        return NULL;
    struct nodes nodes;
    grid->kernels = ws_kernels_select(NULL);
    if (!grid->kernels)
        grid->kernels = &ws_kernels_baseline;
    place_nodes(&nodes);
    place_points(grid, &nodes);
    place_octaves(grid, &nodes);
    for (int l = 0; l <= WS_MAX_SEGMENTS; l++)
        for (int i = 0; i < 1 << l; i++)
            place_segment(grid->fit[(1 << l) - 1 + i], &nodes, ldexp(i, -l), ldexp(1, -l));
    return grid;
}

void ws_table_grid_destroy(struct ws_table_grid *grid) { free(grid); }
