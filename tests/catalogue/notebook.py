#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The studies of priors/epoch-notebooks against what Epoch AI's notebooks of 2024 print and what is exact, in TAP.

    notebook.py WATTSPAN FOLDER [DRAWS]

The notebooks draw 10,000 times without a seed, so that their figures carry a Monte Carlo error of their own; ours are
held against them within four standard errors of the two.
"""
import json
import math
import subprocess
import sys
import tempfile

Z95 = 1.6448536269514722  # the 95 % quantile of the standard normal distribution
NOTEBOOK = 10_000         # draws of the notebooks
REPEATED = 400_000        # draws of an independent repetition of the second notebook
P5, P50, P95 = 0.05, 0.5, 0.95

wattspan, folder = sys.argv[1:3]
acquisition_draws = sys.argv[3] if len(sys.argv) > 3 else "1e7"
passed = failed = 0


def check(holds, name, found, wanted):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    if not holds:
        print(f"# found {found}, wanted {wanted}")
    print(f"{'' if holds else 'not '}ok {passed + failed} - {name}")


def run(study, draws, *settings):
    """{output: the output's JSON}"""
    with tempfile.TemporaryDirectory() as scratch:
        command = [wattspan, "run", f"{folder}/{study}.yaml", "-n", draws, "--seed", "1", "--design", "mc", "--quiet",
                   "--format", "json", "-o", f"{scratch}/out.h5"]
        for setting in settings:
            command += ["--set", setting]
        found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return {output["name"]: output for output in found["cases"][0]["outputs"]}


def quantile(output, probability):
    """(value, standard error)"""
    row = next(q for q in output["quantiles"] if q["probability"] == probability)
    return row["value"], row["se"]


def relative(output, probability):
    """A quantile over the median, and its standard error without the help of their correlation."""
    value, se = quantile(output, probability)
    median, median_se = quantile(output, P50)
    return value / median, value / median * math.hypot(se / value, median_se / median)


def density(z):
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def error_of_sample(probability, z, sigma, draws):
    """Relative standard error of a sample quantile where the logarithm is normal with sigma."""
    return sigma * math.sqrt(probability * (1 - probability) / draws) / density(z)


# ---- acquisition: a product of four lognormals, exactly exp(-+ 1.645 sigma) of its median ----

def test_acquisition():
    spans = (1.25 / 0.8, 2 / 0.5, 2.1 / 1.3, 1.32 / 1.07)
    sigma = math.sqrt(sum((math.log(span) / (2 * Z95)) ** 2 for span in spans))
    output = run("acquisition", acquisition_draws)["acquisition"]
    check(abs(math.exp(Z95 * sigma) - 2.167988) < 5e-7, "the exact bounds are 0.461257 and 2.167988",
          math.exp(Z95 * sigma), 2.167988)
    for probability, wanted in ((P5, 0.461257), (P95, 2.167988)):
        found, se = relative(output, probability)
        check(abs(found - wanted) <= 4 * se + 5e-7 and se < 5 * wanted / math.sqrt(float(acquisition_draws)),
              f"acquisition, p{100 * probability:.0f} over the median, {acquisition_draws} draws", (found, se), wanted)
    for probability, wanted in ((P5, 0.241), (P95, 4.18)):
        found, _ = relative(run("acquisition", "1e6", "hardware=tpu")["acquisition"], probability)
        check(abs(found / wanted - 1) < 0.01, f"acquisition of TPUs, p{100 * probability:.0f}", found, wanted)


# ---- hardware and energy: chip-hours drawn apart, and once ----

# study, hardware: output: (p5, p95) over the median, repeated independently
REPEATS = {
    ("capex-energy", "gpu"): {"capex": (0.273, 4.11), "energy": (0.309, 3.66), "capex_and_energy": (0.342, 3.74)},
    ("capex-energy", "tpu"): {"capex": (0.169, 6.48), "capex_and_energy": (0.262, 4.89)},
    ("capex-energy-shared", "gpu"): {"capex_and_energy": (0.288, 4.01)},
    ("capex-energy-shared", "tpu"): {"capex_and_energy": (0.224, 5.19)},
}
# What the notebook itself prints, to two digits.
PRINTED = {("capex-energy", "gpu"): {"capex": (0.27, 4.0), "energy": (0.31, 3.6), "capex_and_energy": (0.34, 3.7)},
           ("capex-energy", "tpu"): {"capex": (0.16, 6.6), "capex_and_energy": (0.27, 4.9)}}


def test_sums():
    for (study, hardware), wanted in REPEATS.items():
        found = run(study, "4e6", f"hardware={hardware}")
        compare(found, wanted, REPEATED, 0.0025, f"{study} of {hardware}s, repeated")
        compare(found, PRINTED.get((study, hardware), {}), NOTEBOOK, 0.02, f"{study} of {hardware}s, as printed")


def compare(found, wanted, draws, rounding, name):
    for output, bounds in wanted.items():
        for probability, z, bound in ((P5, -Z95, bounds[0]), (P95, Z95, bounds[1])):
            value, se = relative(found[output], probability)
            sigma = abs(math.log(bound)) / Z95  # nearly lognormal
            error = math.hypot(se / value, math.hypot(error_of_sample(probability, z, sigma, draws),
                                                      error_of_sample(P50, 0, sigma, draws)))
            check(abs(value / bound - 1) <= 4 * error + rounding, f"{name}: {output}, p{100 * probability:.0f}",
                  value, bound)


# ---- development: components, staff and totals of four models ----

def test_development():
    apart, shared = run("development", "1e6"), run("development-shared", "1e6")
    for name, output in apart.items():
        claim = output["published"][0]
        low, _ = quantile(output, P5)
        high, _ = quantile(output, P95)
        sigma = math.log(high / low) / (2 * Z95)
        for key, probability, z in (("p5", P5, -Z95), ("value", P50, 0), ("p95", P95, Z95)):
            found, _ = quantile(output, probability)
            # Twice the variance: the notebook fits each component to percentiles of a sample of experiments, which
            # are themselves as uncertain. Figures are printed to three digits, some to two.
            error = math.sqrt(2) * error_of_sample(probability, z, sigma, NOTEBOOK)
            rounding = 0.5 * last_digit(claim[key]) / claim[key]
            check(abs(found / claim[key] - 1) <= 4 * error + rounding, f"{name}, {key}", found, claim[key])
    for name in (name for name in apart if name.endswith("_total")):
        widths = [quantile(found[name], P95)[0] / quantile(found[name], P5)[0] for found in (apart, shared)]
        check(1.15 * widths[0] < widths[1] < 1.6 * widths[0], f"{name}, wider with experiments drawn once", widths,
              "15 to 60 % wider")


def last_digit(value):
    text = f"{value:g}"
    return 10.0 ** -len(text.partition(".")[2])


test_acquisition()
test_sums()
test_development()
print(f"1..{passed + failed}")
