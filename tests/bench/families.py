#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a draw costs, family by family: studies of 1,000 inputs of one family each, whose sum is the output; see
scripts/bench-families.

bench_draws times them in turn, on one thread: words, tables, the sum of all inputs and the tallies of one output. Other
programs on the machine, which share its caches and maybe its core, add to that as much as families differ. So what
counts is the least time of each piece of a few draws of a few inputs, and the median beside it says how much was added.
The inputs of a study take turns at 200 priors with parameters of their own, whose tables no second-level cache holds,
as would be so of 1,000. 200 correlated inputs have a row of their own.

Ends with status 1 where a family of `wattspan list families` has no study here.
"""
import argparse
import datetime
import json
import os
import re
import subprocess
import sys
import tempfile

README = "scripts/README.md"
MARK = ("<!-- families: scripts/bench-families --readme -->\n", "<!-- end of families -->")
SMOOTH, BROKEN, COUNTS, OTHER = "continuous", "continuous, with breakpoints", "counts and lists", "beside families"
LIMIT = {SMOOTH: 1.2, BROKEN: 1.4}  # times the cheapest continuous family

SAMPLE = [1 + (7919 * k % 1000) / 100 + k / 1000 for k in range(200)]


def listing(values):
    return "[" + ", ".join(f"{value:.9g}" for value in values) + "]"


def experts(t, middle):
    """Three who disagree: overlapping, or with nothing between two of them."""
    low, high = f"normal: {{mean: {1 + t}, sd: 0.1}}", f"uniform: {{min: {2 + middle + t}, max: 3}}"
    return f"{{mixture: [{{weight: 2, {low}}}, {{weight: 1, {high}}}]}}"


# A study's name, what kind it is, and the prior of the input at t in [0, 1).
STUDIES = {
    "uniform": (SMOOTH, lambda t: f"{{uniform: {{min: {1 + t}, max: {3 + t}}}}}"),
    "loguniform": (SMOOTH, lambda t: f"{{loguniform: {{min: {0.1 + t}, max: {10 + t}}}}}"),
    "normal": (SMOOTH, lambda t: f"{{normal: {{mean: {1 + t}, sd: 0.2}}}}"),
    "normal, truncated": (SMOOTH, lambda t: f"{{normal: {{mean: {1 + t}, sd: 0.5}}, truncate: [0.4, 2.5]}}"),
    "lognormal": (SMOOTH, lambda t: f"{{lognormal: {{median: 2, gsd: {1.3 + t}}}}}"),
    "student_t": (SMOOTH, lambda t: f"{{student_t: {{df: {3 + 4 * t}, mean: 1, scale: 1}}}}"),
    "logistic": (SMOOTH, lambda t: f"{{logistic: {{mean: {5 + t}, scale: 0.5}}}}"),
    "pert": (SMOOTH, lambda t: f"{{pert: {{min: 1, mode: {2 + t}, max: 6}}}}"),
    "beta": (SMOOTH, lambda t: f"{{beta: {{a: {2 + t}, b: 5}}}}"),
    "gamma": (SMOOTH, lambda t: f"{{gamma: {{shape: {3 + t}, scale: 2}}}}"),
    "exponential": (SMOOTH, lambda t: f"{{exponential: {{mean: {2 + t}}}}}"),
    "weibull": (SMOOTH, lambda t: f"{{weibull: {{shape: {1.5 + t}, scale: 4}}}}"),
    "gumbel": (SMOOTH, lambda t: f"{{gumbel: {{mode: {10 + t}, scale: 2}}}}"),
    "pareto": (SMOOTH, lambda t: f"{{pareto: {{shape: {3 + t}, min: 1}}}}"),
    "arcsine": (SMOOTH, lambda t: f"{{arcsine: {{min: {t}, max: 2}}}}"),
    "quantiles": (SMOOTH, lambda t: f"{{quantiles: {{p10: 10, p50: {20 + t}, p90: 50, min: 0}}}}"),
    "empirical, smooth": (
        SMOOTH, lambda t: f"{{empirical: {{file: sample.csv, column: x, smooth: true}}, scale: {1 + t}}}"),
    "dirichlet": (OTHER, lambda t: f"{{dirichlet: {{group: GROUP, alpha: {2 + t}}}}}"),
    "mixture, overlapping": (
        SMOOTH, lambda t: f"{{mixture: [{{normal: {{mean: {1 + t}, sd: 1}}}}, {{normal: {{mean: 3, sd: 2}}}}]}}"),
    "triangular": (BROKEN, lambda t: f"{{triangular: {{min: 1, mode: {1.5 + t}, max: 4}}}}"),
    "curvilinear_trapezoid": (
        BROKEN, lambda t: f"{{curvilinear_trapezoid: {{min: {3 + t}, max: 6, inexactness: 0.5}}}}"),
    "histogram": (BROKEN, lambda t: f"{{histogram: {{edges: [0, {1 + t / 2}, 2, 5], weights: [1, 3, 2]}}}}"),
    "histogram, 40 bins": (
        BROKEN, lambda t: f"{{histogram: {{edges: {listing(k + t * k / 40 for k in range(41))}, "
        f"weights: {listing(1 + k % 7 for k in range(40))}}}}}"),
    "mixture, with a gap": (BROKEN, lambda t: experts(0.3 * t, 0)),
    "mixture, with a kink": (BROKEN, lambda t: experts(0.3 * t, -1)),
    "poisson": (COUNTS, lambda t: f"{{poisson: {{mean: {3 + t}}}}}"),
    "poisson, mean 10,000": (COUNTS, lambda t: f"{{poisson: {{mean: {10000 + t}}}}}"),
    "binomial": (COUNTS, lambda t: f"{{binomial: {{n: 20, p: {0.1 + t / 2}}}}}"),
    "bernoulli": (COUNTS, lambda t: f"{{bernoulli: {{p: {0.1 + 0.8 * t}}}}}"),
    "discrete": (COUNTS, lambda t: f"{{discrete: {{values: [1, 2, 4], weights: [5, 3, {1 + t}]}}}}"),
    "discrete, 400 values": (
        COUNTS, lambda t: f"{{discrete: {{values: {listing(range(400))}, "
        f"weights: {listing(1 + k * t % 3 for k in range(400))}}}}}"),
    "empirical": (COUNTS, lambda t: f"{{empirical: {{file: sample.csv, column: x}}, scale: {1 + t}}}"),
    "choice": (COUNTS, lambda t: f"{{choice: {{a: 1, b: {1 + t}, c: 2}}}}"),
    "constant": (OTHER, lambda t: str(1 + t)),
    "given, 3 labels": (OTHER, lambda t: f"{{given: school, a: {{normal: {{mean: {1 + t}, sd: 0.2}}}}, "
                        f"b: {{pert: {{min: 1, mode: {2 + t}, max: 6}}}}, c: {{uniform: {{min: {t}, max: 2}}}}}}"),
    "normal, 200 correlated": (OTHER, lambda t: f"{{normal: {{mean: {1 + t}, sd: 0.2}}}}"),
}


DIFFERENT, FEWER = 200, {"mixture, with a gap": 40}  # priors; fewer where tables take long to build
CORRELATED, BESIDE, CHEAPEST = "normal, 200 correlated", "normal", "uniform"


def number_of_inputs(name, n):
    return 200 if name == CORRELATED else n


def text_of(name, n):
    """The study as YAML."""
    prior = STUDIES[name][1]
    lines = ["wattspan: 1", f"title: '{name}'", "inputs:"]
    if name == "given, 3 labels":
        lines.append("  school: {prior: {choice: {a: 1, b: 1, c: 1}}}")
    unit = "" if name == "choice" else "unit: '1', "
    different = min(n, FEWER.get(name, DIFFERENT))
    for i in range(n):
        lines.append(f"  x{i}: {{{unit}prior: {prior(i % different / different)}}}".replace("GROUP", f"g{i // 4}"))
    if name == CORRELATED:
        lines.append("correlations:")
        lines += [f"  - {{between: [x{i}, x{j}], gaussian: {0.9 ** (i - j):.6g}}}" for i in range(n) for j in range(i)]
    terms = [f"select(x{i}, a = 1, b = 2, c = 3)" if name == "choice" else f"x{i}" for i in range(n)]
    # A formula has at most 32 KiB.
    sums = [" + ".join(terms[at:at + 100]) for at in range(0, n, 100)]
    lines += ["derived:"] + [f"  sum{k}: {{unit: '1', formula: '{terms}'}}" for k, terms in enumerate(sums)]
    total = " + ".join(f"sum{k}" for k in range(len(sums)))
    return "\n".join(lines + ["outputs:", f"  y: {{unit: '1', formula: '{total}'}}", ""])


def write_studies(names, n, scratch):
    """The files of the studies, by name."""
    with open(os.path.join(scratch, "sample.csv"), "w", encoding="utf-8") as file:
        file.write("x\n" + "".join(f"{x}\n" for x in SAMPLE))
    files = {name: os.path.join(scratch, re.sub(r"\W+", "_", name) + ".yaml") for name in names}
    for name, path in files.items():
        with open(path, "w", encoding="utf-8") as file:
            file.write(text_of(name, number_of_inputs(name, n)))
    return files


def measure(build, files, n, turns):
    """By study: draws of a turn, least and median nanoseconds by draw and input."""
    done = subprocess.run([f"{build}/tests/bench_draws", str(turns), *files.values()], capture_output=True, text=True,
                          check=False)
    if done.returncode:
        sys.exit(done.stderr)
    found = {}
    for name, line in zip(files, done.stdout.splitlines()):
        draws, least, median = map(float, line.split())
        found[name] = draws, least / number_of_inputs(name, n), median / number_of_inputs(name, n)
    return found


def table(found, n, turns):
    cheapest = min(found[name][1] for name in found if STUDIES[name][0] in LIMIT)
    draws = max(row[0] for row in found.values())
    yield f"{n:,} inputs of one family, {draws:,.0f} draws, one thread; ns per draw and input, the least and the median"
    yield f"of {turns} turns of three times each ({machine()}, {datetime.date.today()})."
    yield "\"Times\" is the least time over that of the cheapest continuous family."
    yield ""
    yield "| prior | kind | ns | median | times |"
    yield "|---|---|---:|---:|---:|"
    for name, (_, least, median) in found.items():
        yield f"| {name} | {STUDIES[name][0]} | {least:.2f} | {median:.2f} | {least / cheapest:.2f} |"
    yield ""
    for kind, limit in LIMIT.items():
        times = [(found[name][1] / cheapest, name) for name in found if STUDIES[name][0] == kind]
        if times:
            yield f"- {kind}: at most {max(times)[0]:.2f} ({max(times)[1]}); wanted {limit}"
    if CORRELATED in found:
        matrix = found[CORRELATED][1] - found[BESIDE][1]
        yield f"- a correlation matrix of 200 inputs takes {matrix:.1f} ns by draw and input"


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = re.search(r"model name\s*:\s*(.*)", file.read())
    return model.group(1) if model else "unknown processor"


def check_complete(build):
    done = subprocess.run([f"{build}/wattspan", "list", "families", "--format", "json"], capture_output=True, text=True,
                          check=True)
    missing = {row["family"] for row in json.loads(done.stdout)} - {n.split(",")[0] for n in STUDIES}
    if missing:
        sys.exit(f"no study of: {', '.join(sorted(missing))}")


def write_readme(lines):
    with open(README, encoding="utf-8") as file:
        text = file.read()
    start, end = text.index(MARK[0]) + len(MARK[0]), text.index(MARK[1])
    with open(README, "w", encoding="utf-8") as file:
        file.write(text[:start] + "\n".join(lines) + "\n" + text[end:])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--turns", type=int, default=20)
    parser.add_argument("--inputs", type=int, default=1000)
    parser.add_argument("--only", action="append", help="the studies whose names begin so, beside the cheapest")
    parser.add_argument("--readme", action="store_true", help="write the table into scripts/README.md")
    args = parser.parse_args()
    check_complete(args.build)
    names = [name for name in STUDIES if not args.only or name.startswith((CHEAPEST, BESIDE, *args.only))]
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as scratch:
        found = measure(args.build, write_studies(names, args.inputs, scratch), args.inputs, args.turns)
    lines = list(table(found, args.inputs, args.turns))
    print("\n".join(lines))
    if args.readme:
        write_readme(lines)


main()
