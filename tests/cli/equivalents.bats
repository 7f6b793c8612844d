# SPDX-License-Identifier: GPL-3.0-or-later
# wattspan show --equivalents: outputs told in things that people know.
load common

# energy is uniform on 100 to 300 MWh (published 150 MWh); a home takes 10 MWh, the whole is 600 MWh.
homes() {
    cat >homes.yaml <<'STUDY'
wattspan: 1
title: Homes
sources:
  survey: {title: A survey}
inputs:
  energy_used: {unit: MWh, prior: {uniform: {min: 100, max: 300}}, point: 200}
outputs:
  energy: {unit: GWh, formula: energy_used, published: [{value: 150, unit: MWh, source: survey}, 0.3]}
  much: {unit: 1, formula: "energy > 0.2 [GWh]"}
equivalents:
  homes: {description: Homes, unit: kWh, one: 10e3, source: survey, basis: read, note: of a year}
  fields: {unit: MWh, whole: 600, of: energy}
  litres: {unit: L, one: 2}
STUDY
    wattspan run homes.yaml -n 1e5 --design sobol --quiet -o homes.h5
    equal "$code" 0
}

# column NAME of the CSV line of an equivalent
field() {
    python3 - "$1" "$2" <<'PYTHON'
import csv, sys
rows = [row for row in csv.DictReader(open(".out")) if row["equivalent"] == sys.argv[1]]
assert len(rows) == 1, rows
print(f"{float(rows[0][sys.argv[2]]):.2f}")
PYTHON
}

@test "show --equivalents tells quantiles, points and published figures" {
    homes
    wattspan show homes.h5 --equivalents
    equal "$code" 0
    has "$out" "homes    energy  15.0, 30.0    20.0  11.0    20.0  29.0" "Homes, one is 10000 kWh (survey, read); of a year"
    has "$out" "fields   energy  4.00, 2.00    3.00  2.07    3.00  5.45" "out of 600 MWh"
    [[ $out != *litres* ]] # no output is a volume
    wattspan show homes.h5 --equivalents --format markdown
    has "$out" "| told in"
}

@test "an equivalent's quantiles are its output's; those of a share of a whole turn round" {
    homes
    wattspan show homes.h5 --equivalents --format csv
    equal "$code" 0
    equal "$(field homes p5)" 11.00   # 110 MWh
    equal "$(field homes p50)" 20.00
    equal "$(field homes p95)" 29.00
    equal "$(field fields p5)" 2.07   # 600 / 290
    equal "$(field fields p95)" 5.45  # 600 / 110
    equal "$(field fields point)" 3.00
}

@test "show --equivalents --format json" {
    homes
    wattspan show homes.h5 --equivalents --format json
    equal "$code" 0
    python3 - <<'PYTHON'
import json
found = json.load(open(".out"))
assert found["format"] == "wattspan-equivalents"
assert [e["name"] for e in found["equivalents"]] == ["homes", "fields", "litres"]
assert found["equivalents"][0]["one"] == 10000 and found["equivalents"][1]["whole"] == 600
homes, fields = found["cases"][0]["outputs"]
assert homes["output"] == "energy" and homes["published"] == [15, 30] and homes["point"] == 20
assert [q["probability"] for q in homes["quantiles"]] == [0.05, 0.25, 0.5, 0.75, 0.95]
# An error relative to its value carries over, wherever the quantile turns to.
assert abs(homes["quantiles"][0]["se"] / homes["quantiles"][0]["value"]
           - fields["quantiles"][-1]["se"] / fields["quantiles"][-1]["value"]) < 1e-12
PYTHON
}

@test "equivalents are inherited, changed, narrowed and removed by their names" {
    homes
    cat >ours.yaml <<'STUDY'
wattspan: 1
extends: homes.yaml
outputs:
  twice: {unit: MWh, formula: 2 * energy}
equivalents:
  homes: {one: 20e3}
  fields: null
STUDY
    wattspan run ours.yaml -n 1e4 --quiet -o ours.h5
    wattspan show ours.h5 --equivalents --format json
    python3 - <<'PYTHON'
import json
found = json.load(open(".out"))
assert [(o["equivalent"], o["output"], o["point"]) for o in found["cases"][0]["outputs"]] == [
    ("homes", "energy", 10), ("homes", "twice", 20)], found["cases"]
assert found["equivalents"][0]["note"] == "of a year"
PYTHON
    wattspan run homes.yaml --set energy=0.1 -n 1e4 --quiet -o set.h5 # fixed: an output no more
    equal "$code" 0
}

@test "show --equivalents of a study without them is an error that says so" {
    wattspan run small.yaml -n 1e4 --quiet -o small.h5
    wattspan show small.h5 --equivalents
    equal "$code" 2
    has "$err" "the result's study has no equivalents for its outputs"
}

@test "equivalents of the given evidence stand beside those of the priors" {
    homes
    cat >known.yaml <<'STUDY'
wattspan: 1
extends: homes.yaml
evidence:
  metered: {quantity: energy, unit: MWh, between: [100, 200]}
STUDY
    wattspan run known.yaml -n 1e5 --quiet -o known.h5
    wattspan show known.h5 --equivalents
    has "$out" "Given the evidence:"
    wattspan show known.h5 --equivalents --format json
    python3 - <<'PYTHON'
import json
homes = json.load(open(".out"))["cases"][0]["outputs"][0]
assert abs(homes["quantiles"][2]["value"] - 20) < 0.2 and abs(homes["posterior_quantiles"][2]["value"] - 15) < 0.2
PYTHON
    wattspan show known.h5 --equivalents --format csv
    has "$out" "posterior equivalent,homes,energy"
}
