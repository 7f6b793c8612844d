#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""priors/reference.yaml in OpenTURNS: a composed distribution pushed through symbolic functions.

Usage: openturns_peer.py DRAWS. Prints mean, sd, p5, p25, p50, p75, p95 of every output."""
import math
import sys

import openturns as ot

Z95 = 1.6448536269514722


def lognormal(p5, p95):
    low, high = math.log(p5), math.log(p95)
    return ot.LogNormal((low + high) / 2, (high - low) / (2 * Z95), 0)


def pert(low, mode, high):
    width = high - low
    return ot.Beta(1 + 4 * (mode - low) / width, 1 + 4 * (high - mode) / width, low, high)


INPUTS = {
    "hours": lognormal(180e6, 340e6),
    "ratio": ot.TruncatedNormal(0.80, 0.08, 0.5, 1.0),
    "server": pert(1.3, 1.45, 1.9),
    "pue": ot.Triangular(1.08, 1.2, 1.5),
    "rental": lognormal(1.5, 3.2),
    "capex": lognormal(30e3, 55e3),
    "life": ot.Uniform(26298, 52596),
    "price": lognormal(0.04, 0.11),
    "share": ot.Uniform(0.3, 1.0),
    "turbine": ot.TruncatedNormal(0.52, 0.06, 0, 10),
    "grid": ot.Normal(0.38, 0.05),
    "wue": lognormal(0.5, 2.8),
}
ENERGY = "(hours * 0.7 * ratio * server * pue)"
AMORTIZED = f"(hours * capex / life + {ENERGY} * price)"
OUTPUTS = {
    "energy": ENERGY,
    "cost_rental": "hours * rental",
    "cost_amortized": AMORTIZED,
    "water": f"{ENERGY} * (wue + 0.5981 * share)",
    "co2": f"{ENERGY} * (share * turbine + (1 - share) * grid) / 1000",
    "cost_per_flop": f"{AMORTIZED} / 5e26",
}


def main():
    n = int(float(sys.argv[1]))
    ot.RandomGenerator.SetSeed(1)
    inputs = ot.RandomVector(ot.ComposedDistribution(list(INPUTS.values())))
    model = ot.SymbolicFunction(list(INPUTS), list(OUTPUTS.values()))
    sample = ot.CompositeRandomVector(model, inputs).getSample(n)
    columns = [sample.computeMean(), sample.computeStandardDeviation()]
    columns += [sample.computeQuantilePerComponent(p) for p in (0.05, 0.25, 0.5, 0.75, 0.95)]
    for k, name in enumerate(OUTPUTS):
        print(name, *(f"{column[k]:.8g}" for column in columns))


main()
