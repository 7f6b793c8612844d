#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Evidence, from the manual's own example to what stands in the file.
load common

# The block of priors/README.md that is a study called NAME.
example() {
    awk -v name="# $1" '/^```/ { inside = 0 } inside { print } /^```yaml$/ { getline; inside = $0 == name }' \
        "$WS_SOURCE_ROOT/priors/README.md" >"$1"
}

@test "the manual's example gives every output twice" {
    example cluster.yaml
    wattspan run cluster.yaml -n 1e5
    equal "$code" 0
    equal "$err" "written to cluster.h5"
    has "$out" "Given the evidence:" "metered: power observed as {normal: {mean: 150, sd: 8}} MW (utility)" \
        "permitted: power at most 180 MW (permit)" "worth " "Pareto k"
    table=$out
    rm cluster.yaml
    wattspan show cluster.h5
    equal "$out" "$table"
    for format in json csv; do
        wattspan run cluster.h5 -n 1e5 -o again.h5 --format "$format"
        sed -e '/"date"/d' -e '/wall_seconds/d' .out >first
        wattspan show again.h5 --format "$format"
        sed -e '/"date"/d' -e '/wall_seconds/d' .out >second
        cmp first second
    done
}

@test "what stands in the file follows from its draws" {
    example cluster.yaml
    wattspan run cluster.yaml -n 4e4 --keep all --quiet
    /usr/bin/python3 - cluster.h5 <<'CHECK'
import sys, h5py, numpy
file = h5py.File(sys.argv[1])
prior = {name: file["prior"][name][0] for name in ("gpus", "watts", "hours")}
energy = file["prior_predictive/energy"][0]
power = prior["gpus"] * prior["watts"] / 1e6
log_weight = numpy.where(power <= 180, -((power - 150) / 8) ** 2 / 2, -numpy.inf)
stored = file["sample_stats_prior/log_weight"][0]
assert numpy.array_equal(numpy.isinf(stored), numpy.isinf(log_weight))
finite = numpy.isfinite(log_weight)
assert numpy.allclose(stored[finite], log_weight[finite], rtol=1e-9, atol=1e-9)
w = numpy.exp(log_weight)
evidence = {name: file["evidence"][name][0] for name in ("ess", "log_evidence", "weighed", "draws", "distinct")}
assert abs(evidence["ess"] / (w.sum() ** 2 / (w ** 2).sum()) - 1) < 1e-5, evidence
density = w.mean() / (8 * numpy.sqrt(2 * numpy.pi))  # of the reading; the interval counts as it is
assert abs(evidence["log_evidence"] - numpy.log(density)) < 1e-6, evidence
assert numpy.allclose(file["evidence/log_greatest"][:], [-numpy.log(8 * numpy.sqrt(2 * numpy.pi)), 0])
assert evidence["draws"] == 40000 and 0 < evidence["weighed"] <= finite.sum()
summary = file["summary_posterior/energy"]
mean = (w * energy).sum() / w.sum()
se = numpy.sqrt((w ** 2 * (energy - mean) ** 2).sum()) / w.sum()
assert abs(summary["mean"][0] / mean - 1) < 1e-6 and abs(summary["mean_se"][0] / se - 1) < 1e-4
assert abs(summary["sd"][0] / numpy.sqrt((w * (energy - mean) ** 2).sum() / w.sum()) - 1) < 1e-3
order = numpy.argsort(energy)
cumulative = numpy.cumsum(w[order]) / w.sum()
for p, q in zip(summary["quantile"][:], summary["quantile_value"][0]):
    if 0.01 <= p <= 0.99:
        assert abs(q / energy[order][numpy.searchsorted(cumulative, p)] - 1) < 3e-3, (p, q)
histogram = file["histogram_posterior/energy"]
assert abs(histogram["count"][0].sum() / w.sum() - 1) < 1e-6
again = file["posterior_predictive/energy"][0]
address = file["evidence/address"][0]
assert numpy.array_equal(again, energy[address]) and again.size == 40000
assert evidence["distinct"] == numpy.unique(address).size < 40000
assert abs(again.mean() - mean) < 4 * summary["sd"][0] / numpy.sqrt(again.size)
# Each draw as often as its weight says: Pearson's statistic over ten groups of equal weight.
group = numpy.minimum((numpy.cumsum(w) / w.sum() * 10).astype(int), 9)
counts, wanted = numpy.bincount(group[address], minlength=10), numpy.bincount(group, w, 10) / w.sum() * again.size
assert ((counts - wanted) ** 2 / wanted).sum() < 30, counts
CHECK
}

@test "evidence that is impossible ends the run, and poor evidence is warned of" {
    example cluster.yaml
    sed 's/between: \[null, 180\]/between: [1, 2]/' cluster.yaml >none.yaml
    wattspan run none.yaml -n 1e4
    equal "$code" 3
    has "$err" "none.yaml:1" "evidence (metered, permitted): none of 10000 draws agrees"
    [ ! -e none.h5 ]
    sed 's/sd: 8}/sd: 0.01}/' cluster.yaml >sharp.yaml
    wattspan run sharp.yaml -n 1e4 --quiet
    equal "$code" 0
    has "$err" "warning: the evidence leaves"
    wattspan show sharp.h5
    has "$out" "warning: the evidence leaves"
}

@test "alternatives weighed anew keep the evidence" {
    cat >two.yaml <<'STUDY'
wattspan: 1
inputs:
  which: {prior: {choice: {low: 1, high: 1}}}
  x: {unit: MW, prior: {normal: {mean: 100, sd: 10}}}
outputs:
  y: {unit: MW, formula: "if(which = low, x, x + 50 [MW])", by: which}
evidence:
  meter: {quantity: y, unit: MW, observed: {normal: {mean: 125, sd: 10}}}
STUDY
    wattspan run two.yaml -n 1e6 --quiet
    wattspan show two.h5 --weights which=low:9,high:1 --format csv
    /usr/bin/python3 - .out <<'CHECK'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
given = next(r for r in rows if r["kind"] == "posterior output")
# Both alternatives fit the reading equally well, so that their weights stay: 0.9 N(112.5, 50) + 0.1 N(137.5, 50).
assert abs(float(given["mean"]) - 115) < 4 * float(given["mean_se"]) + 1e-3, given
assert abs(float(given["sd"]) - (50 + 0.09 * 25 ** 2) ** 0.5) < 0.05, given
CHECK
}
