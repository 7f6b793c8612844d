#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every family against SciPy's own: what `run` reports of ten million draws, within four standard errors.

Usage: scipy_families.py WATTSPAN
"""
import json
import math
import os
import subprocess
import sys
import tempfile

import numpy as np
from scipy import stats

# A prior as a study has it, and the same distribution from SciPy.
CASES = [
    ("{uniform: {min: 3, max: 6}}", stats.uniform(3, 3)),
    ("{loguniform: {min: 0.1, max: 10}}", stats.loguniform(0.1, 10)),
    ("{normal: {mean: -2, sd: 3}}", stats.norm(-2, 3)),
    ("{lognormal: {mu: 1, sigma: 0.5}}", stats.lognorm(0.5, scale=math.e)),
    ("{student_t: {df: 9, mean: 2, scale: 3}}", stats.t(9, 2, 3)),
    ("{logistic: {mean: 5, scale: 0.5}}", stats.logistic(5, 0.5)),
    ("{triangular: {min: 1, mode: 1.5, max: 4}}", stats.triang(0.5 / 3, 1, 3)),
    ("{pert: {min: 1, mode: 2, max: 6}}", stats.beta(1.8, 4.2, 1, 5)),
    ("{beta: {a: 0.5, b: 0.7}}", stats.beta(0.5, 0.7)),
    ("{beta: {a: 18, b: 4, min: 2, max: 5}}", stats.beta(18, 4, 2, 3)),
    ("{gamma: {shape: 0.4, scale: 2}}", stats.gamma(0.4, scale=2)),
    ("{gamma: {shape: 30, scale: 2}}", stats.gamma(30, scale=2)),
    ("{exponential: {mean: 2}}", stats.expon(scale=2)),
    ("{weibull: {shape: 0.8, scale: 4}}", stats.weibull_min(0.8, scale=4)),
    ("{weibull: {shape: 3, scale: 4}}", stats.weibull_min(3, scale=4)),
    ("{gumbel: {mode: 10, scale: 2}}", stats.gumbel_r(10, 2)),
    ("{pareto: {shape: 9, min: 2}}", stats.pareto(9, scale=2)),
    ("{arcsine: {min: -1, max: 3}}", stats.arcsine(-1, 4)),
    ("{poisson: {mean: 3.5}}", stats.poisson(3.5)),
    ("{poisson: {mean: 12345.6}}", stats.poisson(12345.6)),
    ("{binomial: {n: 20, p: 0.1}}", stats.binom(20, 0.1)),
    ("{binomial: {n: 100000, p: 0.7}}", stats.binom(100000, 0.7)),
    ("{bernoulli: {p: 0.3}}", stats.bernoulli(0.3)),
    ("{discrete: {values: [4, 1, 2], weights: [1, 5, 3]}}",
     stats.rv_discrete(values=([1, 2, 4], [5 / 9, 3 / 9, 1 / 9]))),
    ("{histogram: {edges: [1, 2, 3, 5, 5.5], weights: [1, 4, 0, 2]}}",
     stats.rv_histogram((np.array([1, 4, 0, 4]), np.array([1, 2, 3, 5, 5.5])))),
    ("{normal: {mean: 0, sd: 1}, truncate: [1, 2]}", stats.truncnorm(1, 2)),
    ("{normal: {mean: 1, sd: 1}, scale: -2, shift: 3}", stats.norm(1, 2)),
]
PROBABILITIES = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99]
DRAWS = 10**7


def study():
    lines = ["wattspan: 1", "inputs:"]
    lines += [f"  x{i}: {{unit: 1, prior: {prior}}}" for i, (prior, _) in enumerate(CASES)]
    lines += ["outputs:"] + [f"  y{i}: {{unit: 1, formula: x{i}}}" for i in range(len(CASES))]
    return "\n".join(lines) + "\n"


def run(program):
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "run", "-", "-n", str(DRAWS), "-o", os.path.join(folder, "x.h5"), "--format", "json",
                   "--quiet"]
        done = subprocess.run(command, input=study(), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def misses(prior, law, found):
    """What is further than four standard errors from SciPy's value."""
    mean, variance, skewness, kurtosis = (float(x) for x in law.stats(moments="mvsk"))
    sd = math.sqrt(variance)
    yield from miss("mean", found["mean"], mean, sd / math.sqrt(DRAWS))
    yield from miss("sd", found["sd"], sd, sd * math.sqrt((kurtosis + 2) / 4 / DRAWS))
    # The sampling error of skewness is of the order of sqrt(6 / n) times tails' weight; ten of them are far less than
    # any mistake in a shape.
    yield from miss("skewness", found["skewness"], skewness, 2.5 * math.sqrt((6 + kurtosis**2) / DRAWS) + 1e-9)
    bin_error = 1e-3 if "arcsine" in prior else 2e-5
    discrete = not hasattr(getattr(law, "dist", law), "pdf")
    for quantile in found["quantiles"]:
        p, x = quantile["probability"], quantile["value"]
        if p not in PROBABILITIES:
            continue
        # In probability, where the sampling law is binomial whatever the density. A bin may add 2e-5 of
        # x, and the bin's whole width where the density has no bound in it.
        se = math.sqrt(p * (1 - p) / DRAWS)
        low, high = law.cdf(x - bin_error * abs(x)), law.cdf(x + bin_error * abs(x))
        if discrete:  # the sketch's bins are 0.1 % wide
            low, high = law.cdf(x * (1 - 2e-3 * (x > 0)) - 1.001), law.cdf(x * (1 + 2e-3) + 1.001)
        if not low - 4 * se <= p <= high + 4 * se:
            yield f"p{100 * p:g}: {x} has cdf {low} to {high}"


def miss(what, found, wanted, se):
    if not abs(found - wanted) <= 4 * se:
        yield f"{what} {found}, SciPy {wanted}, {abs(found - wanted) / se:.1f} standard errors away"


def main():
    result = run(sys.argv[1])
    outputs = {output["name"]: output for output in result["cases"][0]["outputs"]}
    print(f"1..{len(CASES)}")
    failed = 0
    for i, (prior, law) in enumerate(CASES):
        found = list(misses(prior, law, outputs[f"y{i}"]))
        failed += bool(found)
        for line in found:
            print("#", line)
        print(f"{'not ' if found else ''}ok {i + 1} - {prior}")
    sys.exit(failed > 0)


main()
