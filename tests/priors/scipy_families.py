#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every family against SciPy's own: what `run` reports of ten million draws, within four standard errors.

Usage: scipy_families.py WATTSPAN
"""
import csv
import io
import json
import math
import os
import subprocess
import sys
import tempfile

import numpy as np
from scipy import optimize, special, stats

SAMPLE = np.round(np.random.default_rng(5).lognormal(1, 0.4, 60), 3)
WEIGHTS = np.arange(60) % 4 + 1


def silverman(values, weights):
    """Silverman 1986, eq. 3.31."""
    shares = weights / weights.sum()
    size = weights.sum() ** 2 / (weights**2).sum()
    order = np.argsort(values)
    at = [values[order][np.searchsorted(np.cumsum(shares[order]), p)] for p in (0.25, 0.75)]
    sd = math.sqrt((shares * (values - (shares * values).sum()) ** 2).sum() * size / (size - 1))
    return 0.9 * min(sd, (at[1] - at[0]) / 1.34) * size**-0.2


class Kernels:
    """A normal kernel about each value, of x or of ln x."""

    def __init__(self, values, weights, in_log):
        self.centres, self.shares, self.in_log = np.log(values) if in_log else values, weights / weights.sum(), in_log
        self.width = silverman(self.centres, weights)

    def pdf(self, x):
        raise NotImplementedError

    def cdf(self, x):
        y = math.log(x) if self.in_log else x
        return (self.shares * stats.norm.cdf((y - self.centres) / self.width)).sum()

    def stats(self, moments):
        del moments
        n, h = np.arange(1, 5), self.width
        if self.in_log:
            raw = np.array([(self.shares * np.exp(k * self.centres + k * k * h * h / 2)).sum() for k in n])
        else:
            raw = np.array([(self.shares * stats.norm.moment(k, self.centres, h)).sum() for k in n])
        return standardised(raw)


class Law:
    """Moments from quantiles, by Gauss's rule in the normal score of u."""

    reach = 8.2

    def pdf(self, x):
        raise NotImplementedError

    def stats(self, moments):
        del moments
        t, w = special.roots_legendre(4000)
        z = self.reach * t  # u = Phi(z) spreads the tails out
        u, weight = stats.norm.cdf(z), self.reach * w * stats.norm.pdf(z)
        x = self.ppf(u)
        middle = (weight * x).sum()
        mean, *raw = ((weight * (x - middle) ** k).sum() for k in range(1, 5))
        moved = standardised([mean] + raw)
        return (middle + moved[0],) + tuple(moved[1:])


class Metalog(Law):
    """Keelin 2016: as many terms as quantiles, of x or of what takes its bounds to infinity."""

    def __init__(self, quantiles, low=None, high=None):
        self.low, self.high = low, high
        y, x = (np.array(list(side), float) for side in (quantiles.keys(), quantiles.values()))
        self.a = np.linalg.solve(self.terms(y, len(y)), self.unbounded(x))

    @staticmethod
    def terms(y, n):
        logit, centred = np.log(y) - np.log1p(-y), y - 0.5
        columns = [np.ones_like(y), logit, centred * logit, centred]
        for k in range(4, n):
            columns.append(centred ** (k // 2) * (logit if k % 2 else 1))
        return np.stack(columns[:n], -1)

    def unbounded(self, x):
        below = 0 if self.low is None else np.log(x - self.low)
        above = 0 if self.high is None else np.log(self.high - x)
        return x if self.low is self.high is None else below - above

    def ppf(self, y):
        m = self.terms(np.asarray(y, float), len(self.a)) @ self.a
        if self.low is None:
            return m if self.high is None else self.high - np.exp(-m)
        return self.low + np.exp(m) if self.high is None else self.low + (self.high - self.low) * special.expit(m)

    def cdf(self, x):
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self.ppf(middle) < x else (low, middle)
        return (low + high) / 2


class Modified(Law):
    """scale, shift, then truncate."""

    reach = 7.5  # where a bound has cut the lower tail off, u is nearer to 1 still

    def __init__(self, law, scale=1, shift=0, low=-np.inf, high=np.inf):
        self.law, self.scale, self.shift, self.low, self.high = law, scale, shift, low, high
        self.below = self.whole(low)
        self.within = self.whole(high) - self.below

    def whole(self, x):
        y = (x - self.shift) / self.scale
        return self.law.cdf(y) if self.scale > 0 else self.law.sf(y)

    def cdf(self, x):
        return min(max((self.whole(x) - self.below) / self.within, 0), 1)

    def ppf(self, u):
        u = np.minimum(self.below + self.within * u, 1)
        return self.shift + self.scale * (self.law.ppf(u) if self.scale > 0 else self.law.isf(u))


class Mixture:
    """SciPy's laws with weights."""

    def __init__(self, *parts):
        total = sum(weight for weight, _ in parts)
        self.parts = [(weight / total, law) for weight, law in parts]

    def pdf(self, x):
        raise NotImplementedError

    def cdf(self, x):
        return sum(weight * law.cdf(x) for weight, law in self.parts)

    def stats(self, moments):
        del moments
        return standardised(np.array([sum(w * law.moment(k) for w, law in self.parts) for k in range(1, 5)]))


class Trapezoid:
    """JCGM 101, 6.4.3: a uniform on [m - c, m + c] whose half-width c is uniform on [half - d, half + d]."""

    def __init__(self, low, high, d):
        self.middle, self.half, self.d = (low + high) / 2, (high - low) / 2, d
        self.t, self.w = special.roots_legendre(400)

    def pdf(self, x):
        raise NotImplementedError

    def cdf(self, x):
        c = self.half + self.d * self.t
        return (0.5 * self.w * np.clip(0.5 + 0.5 * (x - self.middle) / c, 0, 1)).sum()

    def stats(self, moments):
        del moments
        c = self.half + self.d * self.t
        second, fourth = ((0.5 * self.w * c**k).sum() / (k + 1) for k in (2, 4))
        return self.middle, second, 0, fourth / second**2 - 3


def standardised(raw):
    """Mean, variance, skewness and excess kurtosis from the first four raw moments."""
    m, a, b, c = raw
    variance = a - m * m
    return m, variance, (b - 3 * m * a + 2 * m**3) / variance**1.5, \
        (c - 4 * m * b + 6 * m * m * a - 3 * m**4) / variance**2 - 3


def fitted(family, start, quantiles):
    """The law exp(start) of a family with two positive parameters, moved until it has the quantiles."""
    (p, a), (q, b) = quantiles.items()

    def miss(logs):
        law = family(*np.exp(logs))
        return law.ppf(p) / a - 1, law.ppf(q) / b - 1

    found = optimize.root(miss, np.log(start), tol=1e-13)
    assert max(np.abs(miss(found.x))) < 1e-9, found
    return family(*np.exp(found.x))


def listed(law, low, high, scale=1, shift=0):
    """The counts of a law between two values, scaled and shifted."""
    k = np.arange(low, high + 1)
    p = law.pmf(k)
    return stats.rv_discrete(values=(shift + scale * k, p / p.sum()))


Z = stats.norm.ppf(0.95)

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
     stats.rv_histogram((np.array([1, 4, 0, 4]), np.array([1, 2, 3, 5, 5.5])), density=True)),
    ("{normal: {mean: 0, sd: 1}, truncate: [1, 2]}", stats.truncnorm(1, 2)),
    ("{normal: {mean: 1, sd: 1}, scale: -2, shift: 3}", stats.norm(1, 2)),
    ("{curvilinear_trapezoid: {min: 3, max: 6, inexactness: 0.5}}", Trapezoid(3, 6, 0.5)),
    ("{quantiles: {p10: 10, p50: 20, p90: 50, min: 2}}", Metalog({0.1: 10, 0.5: 20, 0.9: 50}, low=2)),
    ("{quantiles: {p10: 10, p50: 20, p90: 35}}", Metalog({0.1: 10, 0.5: 20, 0.9: 35})),
    ("{quantiles: {p5: -4, p25: 1, p50: 2, p95: 3, max: 4}}",
     Metalog({0.05: -4, 0.25: 1, 0.5: 2, 0.95: 3}, high=4)),
    ("{quantiles: {p5: 0.62, p25: 0.7, p50: 0.75, p75: 0.79, p95: 0.85, min: 0, max: 1}}",
     Metalog({0.05: 0.62, 0.25: 0.7, 0.5: 0.75, 0.75: 0.79, 0.95: 0.85}, 0, 1)),
    ("{quantiles: {p10: 10, p50: 20, p90: 35}, scale: 2, shift: -1, truncate: [null, 90]}",
     Modified(Metalog({0.1: 10, 0.5: 20, 0.9: 35}), 2, -1, high=90)),
    ("{mixture: [{weight: 2, normal: {mean: 1, sd: 0.1}}, {weight: 1, uniform: {min: 2, max: 3}}]}",
     Mixture((2, stats.norm(1, 0.1)), (1, stats.uniform(2, 1)))),
    ("{empirical: {file: sample.csv, column: x}}", stats.rv_discrete(values=(SAMPLE, np.full(60, 1 / 60)))),
    ("{empirical: {file: sample.csv, column: x, smooth: true}}", Kernels(SAMPLE, np.ones(60), False)),
    ("{empirical: {file: sample.csv, column: x, weights: w, smooth: log}}", Kernels(SAMPLE, WEIGHTS, True)),
    # Two quantiles in place of parameters.
    ("2 to 8", stats.lognorm(math.log(4) / 2 / Z, scale=4)),
    ("-2 to 8", stats.norm(3, 5 / Z)),
    ("{uniform: {p10: 3, p50: 7}}", stats.uniform(2, 10)),
    ("{loguniform: {p25: 10, p75: 1000}}", stats.loguniform(1, 10000)),
    ("{normal: {p5: -2, p95: 8}}", stats.norm(3, 5 / Z)),
    ("{lognormal: {p95: 8, p50: 2}}", stats.lognorm(math.log(4) / Z, scale=2)),
    ("{lognormal: {mean: 3, sd: 4}}", stats.lognorm(math.sqrt(math.log(25 / 9)), scale=9 / 5)),
    ("{student_t: {df: 7, p5: -2, p95: 8}}", stats.t(7, 3, 5 / stats.t(7).ppf(0.95))),
    ("{beta: {p10: 0.2, p75: 0.5}}", fitted(stats.beta, (2, 3), {0.1: 0.2, 0.75: 0.5})),
    ("{beta: {p5: 3, p95: 6, min: 2, max: 7}}",
     Modified(fitted(stats.beta, (2, 3), {0.05: 0.2, 0.95: 0.8}), 5, 2)),
    ("{gamma: {p5: 2, p95: 8}}", fitted(lambda a, b: stats.gamma(a, scale=b), (5, 1), {0.05: 2, 0.95: 8})),
    # truncate, shift and scale.
    ("{uniform: {min: 3, max: 6}, truncate: [4, null]}", stats.uniform(4, 2)),
    ("{loguniform: {min: 1, max: 100}, scale: 0.1, truncate: [null, 1]}", stats.loguniform(0.1, 1)),
    ("{lognormal: {mu: 0, sigma: 1}, truncate: [0.5, 4], shift: 0.2}",
     Modified(stats.lognorm(1), shift=0.2, low=0.5, high=4)),
    ("{student_t: {df: 3}, truncate: [-4, 9], scale: -2}", Modified(stats.t(3), -2, low=-4, high=9)),
    ("{logistic: {mean: 5, scale: 2}, truncate: [7, null]}", Modified(stats.logistic(5, 2), low=7)),
    ("{triangular: {min: 1, mode: 1.5, max: 4}, truncate: [1.2, 3], scale: -1, shift: 5}",
     Modified(stats.triang(0.5 / 3, 1, 3), -1, 5, 1.2, 3)),
    ("{pert: {min: 1, mode: 2, max: 6}, truncate: [3, null]}", Modified(stats.beta(1.8, 4.2, 1, 5), low=3)),
    ("{beta: {a: 0.5, b: 0.7}, truncate: [0.1, 0.9]}", Modified(stats.beta(0.5, 0.7), low=0.1, high=0.9)),
    ("{gamma: {shape: 0.4, scale: 2}, truncate: [0.1, 3], shift: 0.05}",
     Modified(stats.gamma(0.4, scale=2), shift=0.05, low=0.1, high=3)),
    ("{exponential: {mean: 2}, truncate: [null, 3]}", Modified(stats.expon(scale=2), high=3)),
    ("{weibull: {shape: 0.8, scale: 4}, truncate: [1, 9]}",
     Modified(stats.weibull_min(0.8, scale=4), low=1, high=9)),
    ("{gumbel: {mode: 10, scale: 2}, truncate: [null, 12], scale: -1, shift: 20}",
     Modified(stats.gumbel_r(10, 2), -1, 20, high=12)),
    ("{pareto: {shape: 1.5, min: 2}, truncate: [3, 50]}", Modified(stats.pareto(1.5, scale=2), low=3, high=50)),
    ("{arcsine: {min: -1, max: 3}, truncate: [0, 2.5]}", Modified(stats.arcsine(-1, 4), low=0, high=2.5)),
    ("{curvilinear_trapezoid: {min: 3, max: 6, inexactness: 0.5}, scale: 10, shift: 1}", Trapezoid(31, 61, 5)),
    ("{discrete: {values: [4, 1, 2], weights: [1, 5, 3]}, truncate: [2, null]}",
     stats.rv_discrete(values=([2, 4], [3 / 4, 1 / 4]))),
    ("{histogram: {edges: [1, 2, 3], weights: [1, 4]}, truncate: [1.5, 2.5]}",
     stats.rv_histogram((np.array([1, 4]), np.array([1.5, 2, 2.5])))),
    ("{empirical: {file: sample.csv, column: x}, scale: 2, shift: 1}",
     stats.rv_discrete(values=(1 + 2 * SAMPLE, np.full(60, 1 / 60)))),
    ("{mixture: [{weight: 3, mixture: [{weight: 1, normal: {mean: 0, sd: 1}}, {weight: 3, normal: {mean: 9, sd: 2}}]}, "
     "{gamma: {shape: 4}}]}", Mixture((0.75, stats.norm(0, 1)), (2.25, stats.norm(9, 2)), (1, stats.gamma(4)))),
    # A conditional prior, and one share of three.
    ("{given: expert, ann: {normal: {mean: 1, sd: 0.1}}, bo: {uniform: {min: 2, max: 3}}}",
     Mixture((2, stats.norm(1, 0.1)), (1, stats.uniform(2, 1)))),
    ("{dirichlet: {group: mix, alpha: 2}}", stats.beta(2, 7)),
    ("{dirichlet: {group: mix, alpha: 0.5}}", stats.beta(0.5, 8.5)),
    ("{dirichlet: {group: mix, alpha: 6.5}}", stats.beta(6.5, 2.5)),
    # What counts and lists take, too.
    ("{poisson: {mean: 3}, truncate: [1, null]}", listed(stats.poisson(3), 1, 60)),
    ("{binomial: {n: 20, p: 0.4}, scale: -2, shift: 100}", listed(stats.binom(20, 0.4), 0, 20, -2, 100)),
    # Extremes of the parameters.
    ("{gamma: {shape: 0.03}}", stats.gamma(0.03)),
    ("{gamma: {shape: 1e8}}", stats.gamma(1e8)),
    ("{beta: {a: 0.03, b: 0.04}}", stats.beta(0.03, 0.04)),
    ("{beta: {a: 1e5, b: 1e6}}", stats.beta(1e5, 1e6)),
    ("{student_t: {df: 1e9}}", stats.t(1e9)),
    ("{student_t: {df: 1}}", stats.cauchy()),
    ("{student_t: {df: 0.2}}", stats.t(0.2)),
    ("{weibull: {shape: 0.2}}", stats.weibull_min(0.2)),
    ("{weibull: {shape: 500}}", stats.weibull_min(500)),
    ("{lognormal: {mu: 0, sigma: 3}}", stats.lognorm(3)),
    ("{pareto: {shape: 0.5, min: 1}}", stats.pareto(0.5)),
    ("{normal: {mean: 0, sd: 1}, truncate: [8, null]}", stats.truncnorm(8, np.inf)),
    ("{normal: {mean: 0, sd: 1}, truncate: [-9, -8.9]}", stats.truncnorm(-9, -8.9)),
    ("{loguniform: {min: 1e-9, max: 1e9}}", stats.loguniform(1e-9, 1e9)),
    ("{pert: {min: 0, mode: 0, max: 1, lambda: 100}}", stats.beta(1, 101)),
    ("{binomial: {n: 10000000, p: 0.0000001}}", stats.binom(10**7, 1e-7)),
    ("{bernoulli: {p: 0.0001}}", stats.bernoulli(0.0001)),
    ("{bernoulli: {p: 0.9999}}", stats.bernoulli(0.9999)),
    ("{poisson: {mean: 0.001}}", stats.poisson(0.001)),
]
PROBABILITIES = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99]
DRAWS = 10**7


def study():
    lines = ["wattspan: 1", "inputs:", "  expert: {prior: {choice: {ann: 2, bo: 1}}}"]
    lines += [f"  x{i}: {{unit: 1, prior: {prior}}}" for i, (prior, _) in enumerate(CASES)]
    lines += ["outputs:"] + [f"  y{i}: {{unit: 1, formula: x{i}}}" for i in range(len(CASES))]
    return "\n".join(lines) + "\n"


def run(program, *arguments):
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "sample.csv"), "w", encoding="utf-8") as file:
            file.write("x,w\n" + "".join(f"{x},{w}\n" for x, w in zip(SAMPLE, WEIGHTS)))
        command = [os.path.abspath(program), *arguments]
        done = subprocess.run(command, input=study(), capture_output=True, text=True, check=False, cwd=folder)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def density_misses(law, rows):
    """Where the height that `check --priors` draws is further than 1e-6 from SciPy's density."""
    if not hasattr(getattr(law, "dist", law), "pdf"):
        return
    least = 1e-6 * (law.ppf(0.75) - law.ppf(0.25)) if hasattr(law, "ppf") else 0
    for row in rows:
        x, height = float(row["value"]), float(row["height"] or "nan")
        if abs(x) < least:  # the table's own error is greater
            continue
        try:  # to either side, for a bin ends with a jump
            densities = [float(law.pdf(x * (1 + nudge))) for nudge in (-1e-9, 0, 1e-9)]
        except NotImplementedError:
            return
        crowded = densities[1] * np.spacing(abs(x)) > 1e-9  # where doubles are too far apart to tell a density
        if 0.01 <= float(row["probability"]) <= 0.99 and math.isfinite(densities[1]) and not crowded and \
                not min(abs(height / density - 1) for density in densities if density > 0) <= 1e-6:
            yield f"p{row['probability']}, x {x}: density {height}, SciPy {densities[1]}"


def misses(prior, law, found):
    """What is further than four standard errors from SciPy's value."""
    mean, variance, skewness, kurtosis = (float(x) for x in law.stats(moments="mvsk"))
    sd = math.sqrt(variance)
    # Without a moment there is nothing to compare, and with too heavy a tail its standard error says nothing.
    tame = math.isfinite(kurtosis) and kurtosis < 1e4
    if math.isfinite(sd) and tame:
        yield from miss("mean", found["mean"], mean, sd / math.sqrt(DRAWS))
        yield from miss("sd", found["sd"], sd, sd * math.sqrt((kurtosis + 2) / 4 / DRAWS) + 1e-9 * sd)
        # The sampling error of skewness is of the order of sqrt(6 / n) times tails' weight; ten of them are far less
        # than any mistake in a shape.
        yield from miss("skewness", found["skewness"], skewness, 2.5 * math.sqrt((6 + kurtosis**2) / DRAWS) + 1e-9)
    bin_error = 1e-3 if "arcsine" in prior or "b: 0.04" in prior else 2e-5
    between = [quantile["value"] for quantile in found["quantiles"] if quantile["probability"] in (0.25, 0.75)]
    table_error = 2e-9 * (between[1] - between[0])
    discrete = not hasattr(getattr(law, "dist", law), "pdf")
    for quantile in found["quantiles"]:
        p, x = quantile["probability"], quantile["value"]
        if p not in PROBABILITIES:
            continue
        # In probability, where the sampling law is binomial whatever the density. A bin may add 2e-5 of
        # x, and the bin's whole width where the density has no bound in it; the table 2e-9 of the interquartile range.
        se = math.sqrt(p * (1 - p) / DRAWS)
        near = bin_error * abs(x) + table_error
        low, high = law.cdf(x - near), law.cdf(x + near)
        if discrete:  # the sketch's bins are 0.1 % wide
            low, high = law.cdf(x * (1 - 2e-3 * (x > 0)) - 1.001), law.cdf(x * (1 + 2e-3) + 1.001)
        if not low - 4 * se <= p <= high + 4 * se:
            yield f"p{100 * p:g}: {x} has cdf {low} to {high}"


def miss(what, found, wanted, se):
    if not abs(found - wanted) <= 4 * se:
        yield f"{what} {found}, SciPy {wanted}, {abs(found - wanted) / se:.1f} standard errors away"


def main():
    result = json.loads(run(sys.argv[1], "run", "-", "-n", str(DRAWS), "-o", "x.h5", "--format", "json", "--quiet"))
    drawn = {}
    for row in csv.DictReader(io.StringIO(run(sys.argv[1], "check", "-", "--priors"))):
        if not row["given"]:
            drawn.setdefault(row["input"], []).append(row)
    outputs = {output["name"]: output for output in result["cases"][0]["outputs"]}
    print(f"1..{len(CASES)}")
    failed = 0
    for i, (prior, law) in enumerate(CASES):
        found = [*misses(prior, law, outputs[f"y{i}"]), *density_misses(law, drawn[f"x{i}"])]
        failed += bool(found)
        for line in found:
            print("#", line)
        print(f"{'not ' if found else ''}ok {i + 1} - {prior}")
    sys.exit(failed > 0)


main()
