#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# `check --priors`: the compiled priors as a plotter wants them.
load common

@test "check --priors: quantiles and densities of every kind of prior" {
    cat >kinds.yaml <<'STUDY'
wattspan: 1
inputs:
  n: {unit: W, prior: {normal: {mean: 5, sd: 2}}}
  p: {unit: 1, prior: {poisson: {mean: 2}, truncate: [null, 3]}}
  k: {prior: {choice: {one: 1, two: 3}}}
  g: {unit: 1, prior: {given: k, one: {uniform: {min: 0, max: 4}}, two: 7}}
  c: {unit: h, prior: 12}
  s: {unit: 1, prior: {dirichlet: {group: mix, alpha: 2}}}
  t: {unit: 1, prior: {dirichlet: {group: mix, alpha: 1}}}
outputs:
  y: {unit: W, formula: n}
STUDY
    wattspan check kinds.yaml --priors
    equal "$code" 0
    python3 - <<'PYTHON'
import csv, math
rows = list(csv.DictReader(open(".out")))
of = lambda name, given="": [r for r in rows if r["input"] == name and r["given"] == given]
number = lambda row, key: float(row[key])

n = of("n")
assert {r["unit"] for r in n} == {"W"} and {r["kind"] for r in n} == {"density"}
u = [number(r, "probability") for r in n]
assert len(n) > 200 and u == sorted(u) and u[0] == 1e-6 and len(set(u)) == len(u)
for r in n:
    z = (number(r, "value") - 5) / 2
    assert abs(0.5 * math.erfc(-z / math.sqrt(2)) - number(r, "probability")) < 1e-8
    assert abs(number(r, "height") / (math.exp(-z * z / 2) / math.sqrt(8 * math.pi)) - 1) < 1e-9, r

p = of("p")
weights = [1, 2, 2, 4 / 3]
assert [number(r, "value") for r in p] == [0, 1, 2, 3]
assert all(abs(number(r, "height") - w / sum(weights)) < 1e-12 for r, w in zip(p, weights))
assert [(r["kind"], r["value"], r["height"]) for r in of("k")] == [("mass", "one", "0.25"), ("mass", "two", "0.75")]
assert all(abs(number(r, "height") - 0.25) < 1e-9 for r in of("g", "one"))
assert [(r["kind"], r["value"]) for r in of("g", "two")] == [("mass", "7")]
assert number(of("g")[-1], "value") == 7 and of("g")[-1]["height"] == ""
assert [(r["kind"], r["value"], r["height"]) for r in of("c")] == [("mass", "12", "1")]
for r in of("s"):  # Beta(2, 1): density 2 x
    assert abs(number(r, "value") - math.sqrt(number(r, "probability"))) < 1e-9
    assert abs(number(r, "height") - 2 * number(r, "value")) < 1e-8
PYTHON
}

@test "check --priors is CSV and nothing beside it" {
    wattspan check small.yaml --priors --format json
    equal "$code" 2
    has "$err" "--priors gives CSV"
    wattspan check small.yaml --priors --flatten
    equal "$code" 2
    wattspan check small.yaml --priors --format csv
    equal "$code" 0
}

@test "a prior that reaches too far to be tabulated is refused with the remedy, which works" {
    for prior in "gamma: {shape: 0.01}" "weibull: {shape: 0.03}" "beta: {a: 0.005, b: 2}" \
        "lognormal: {mu: 0, sigma: 100}"; do
        sed "s/hours: .*/hours: {unit: h, prior: {$prior}}/" small.yaml >far.yaml
        wattspan run far.yaml -n 1000
        equal "$code" 3
        has "$err" "far.yaml:6:3: error: input 'hours': " "reaches over too many orders of magnitude" \
            "cut off by truncate: [low, high]"
        sed "s/hours: .*/hours: {unit: h, prior: {$prior, truncate: [1e-9, 0.9]}}/" small.yaml >far.yaml
        wattspan run far.yaml -n 1000 --quiet
        equal "$code" 0
    done
    sed 's/hours: .*/hours: {unit: h, prior: {ctrap: {min: 1, max: 2, inexactness: 0.5}}}/' small.yaml >far.yaml
    wattspan run far.yaml -n 1000
    equal "$code" 3
    has "$err" "inexactness 0.48 or less would do"
    sed -i 's/inexactness: 0.5/inexactness: 0.48/' far.yaml
    wattspan run far.yaml -n 1000 --quiet
    equal "$code" 0
}

@test "a shape beyond what can be tabulated is refused with the one that would do" {
    while IFS='|' read -r prior remedy other; do
        sed "s/hours: .*/hours: {unit: h, prior: {$prior}}/" small.yaml >far.yaml
        wattspan run far.yaml -n 1000
        equal "$code" 3
        has "$err" "$remedy or more would do"
        sed "s/hours: .*/hours: {unit: h, prior: {$other}}/" small.yaml >far.yaml
        wattspan run far.yaml -n 1000 --quiet
        equal "$code" 0
    done <<'PRIORS'
beta: {a: 1e-6, b: 1}|a 0.026|beta: {a: 0.026, b: 1}
beta: {a: 1e9, b: 1e-9}|b 0.041|beta: {a: 1e9, b: 0.041}
gamma: {shape: 1e-9}|shape 0.026|gamma: {shape: 0.026}
PRIORS
}

@test "a conditional choice has its labels in any order" {
    cat >order.yaml <<'STUDY'
wattspan: 1
inputs:
  e: {prior: {choice: {ann: 2, bo: 1}}}
  k: {prior: {given: e, ann: {choice: {one: 1, two: 2}}, bo: {choice: {two: 2, one: 5}}}}
outputs:
  first: {unit: 1, formula: k = one}
STUDY
    wattspan run order.yaml -n 4e5 --format json -o order.h5
    equal "$code" 0
    python3 - <<'PYTHON'
import json
first = json.load(open(".out"))["cases"][0]["outputs"][0]
assert abs(first["mean"] - (2 / 3 / 3 + 5 / 7 / 3)) < 4 * first["mean_se"], first["mean"]
PYTHON
}

@test "list families says what every family is given" {
    wattspan list families --format json
    equal "$code" 0
    python3 - <<'PYTHON'
import json
families = {family["family"]: family for family in json.load(open(".out"))}
assert all(family.get("parameters") for family in families.values()), families
assert families["student_t"]["instead"] == "any two quantiles beside df"
assert families["empirical"]["parameters"].startswith("file; column (else the only one); weights: a column, >= 0")
PYTHON
}
