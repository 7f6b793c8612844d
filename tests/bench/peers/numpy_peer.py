#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""priors/reference.yaml in NumPy as a careful user writes it: SFC64, blocks of 65,536 draws on two threads.

Usage: numpy_peer.py DRAWS. Prints mean, sd, p5, p25, p50, p75, p95 of every output."""
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy.special import ndtr, ndtri

BLOCK = 65536
THREADS = 2
Z95 = 1.6448536269514722
OUTPUTS = "energy cost_rental cost_amortized water co2 cost_per_flop".split()


def lognormal(rng, p5, p95, n):
    low, high = np.log(p5), np.log(p95)
    return rng.lognormal((low + high) / 2, (high - low) / (2 * Z95), n)


def truncated_normal(rng, mean, sd, low, high, n):
    return mean + sd * ndtri(rng.uniform(ndtr((low - mean) / sd), ndtr((high - mean) / sd), n))


def pert(rng, low, mode, high, n):
    width = high - low
    return low + width * rng.beta(1 + 4 * (mode - low) / width, 1 + 4 * (high - mode) / width, n)


def draw(rng, out):
    n = out.shape[1]
    gpu_hours = lognormal(rng, 180e6, 340e6, n)
    energy = gpu_hours * 0.7
    energy *= truncated_normal(rng, 0.80, 0.08, 0.5, 1.0, n)
    energy *= pert(rng, 1.3, 1.45, 1.9, n)
    energy *= rng.triangular(1.08, 1.2, 1.5, n)
    turbines = rng.uniform(0.3, 1.0, n)
    turbine_ef = truncated_normal(rng, 0.52, 0.06, 0, 10, n)
    grid_ef = rng.normal(0.38, 0.05, n)
    out[0] = energy
    out[1] = gpu_hours * lognormal(rng, 1.5, 3.2, n)
    out[2] = (gpu_hours * lognormal(rng, 30e3, 55e3, n) / rng.uniform(26298, 52596, n)
              + energy * lognormal(rng, 0.04, 0.11, n))
    out[3] = energy * (lognormal(rng, 0.5, 2.8, n) + 0.5981 * turbines)
    out[4] = energy * (turbines * turbine_ef + (1 - turbines) * grid_ef) / 1000
    out[5] = out[2] / 5e26


def statistics(x):
    quantiles = np.quantile(x, [0.05, 0.25, 0.5, 0.75, 0.95], overwrite_input=True)
    return [x.mean(), x.std(ddof=1), *quantiles]


def main():
    n = int(float(sys.argv[1]))
    out = np.empty((len(OUTPUTS), n))
    starts = range(0, n, BLOCK)
    seeds = np.random.SeedSequence(1).spawn(len(starts))

    def block(i):
        rng = np.random.Generator(np.random.SFC64(seeds[i]))
        draw(rng, out[:, starts[i]:starts[i] + BLOCK])

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(block, range(len(starts))))
        for name, row in zip(OUTPUTS, pool.map(statistics, out)):
            print(name, *(f"{x:.8g}" for x in row))


main()
