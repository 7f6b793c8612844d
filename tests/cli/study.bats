#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# check, replay, list, schema, and how errors look.
load common

@test "check shows inputs, formulas, claims and memory, in 80 columns" {
    wattspan check small.yaml
    equal "$code" 0
    equal "$err" ""
    has "$out" "A small study" "sha256 " "hours" "1e6 to 4e6" "rent 50 %, buy 50 %" "used" "hours * power" "GWh" \
        "energy: published 1.4 GWh (report); recomputed 1.4000 GWh, ratio 1.0000" \
        "what one input alone would have to be" "A run of 10,000,000 draws, 10,000 of them kept" "iB of"
    equal "$(LC_ALL=C.UTF-8 awk 'length > 80' .out)" ""
}

@test "check back-solves a claim" {
    sed -i 's/value: 1.4/value: 2.1/' small.yaml
    wattspan check small.yaml --format json
    /usr/bin/python3 - .out <<'CHECK'
import json, sys
r = json.load(open(sys.argv[1]))
assert r["format"] == "wattspan-check" and r["bytes"] > 0
claim, = r["published"]
needed = {n["input"]: n for n in claim["needed"]}
assert abs(needed["hours"]["value"] / 3e6 - 1) < 1e-9 and 0.5 < needed["hours"]["percentile"] < 0.95, needed
assert abs(needed["power"]["value"] - 1050) < 1e-6 and needed["power"]["percentile"] == 1, needed
assert abs(claim["ratio"] - 1.4 / 2.1) < 1e-12
assert r["inputs"][0]["table_error"] < 2e-9
CHECK
}

@test "a bad study exits with 3; every error has its place, and they are counted" {
    sed -i 's/unit: W,/unit: Wat,/; s/hours \* power/hours * powr/' small.yaml
    wattspan check small.yaml
    equal "$code" 3
    equal "$out" ""
    has "$err" "small.yaml:7:" "small.yaml:10:" ": error: " "'power'" "2 errors"
    wattspan run small.yaml
    equal "$code" 3
    [ ! -e small.h5 ]
}

@test "a missing study, a folder and a foreign result exit with 4" {
    wattspan run nosuch.yaml
    equal "$code" 4
    has "$err" "nosuch.yaml: error: "
    wattspan check .
    equal "$code" 4
    wattspan show nosuch.h5
    equal "$code" 4
    wattspan show small.yaml
    equal "$code" 4
    has "$err" "small.yaml: error: "
}

@test "check --quiet says nothing of a good study" {
    wattspan check --quiet small.yaml
    equal "$code" 0
    equal "$out$err" ""
}

@test "check --flatten reads back as the same study" {
    wattspan check --flatten small.yaml
    equal "$code" 0
    cp .out flat.yaml
    wattspan check --flatten --format json small.yaml
    cp .out flat.json
    digest() { "$WATTSPAN" check --format json "$1" | grep study_sha256; }
    equal "$(digest flat.yaml)" "$(digest small.yaml)"
    equal "$(digest flat.json)" "$(digest small.yaml)"
    wattspan check --flatten --format csv small.yaml
    equal "$code" 2
}

@test "replay gives the draws that the run kept" {
    wattspan run small.yaml -n 1e4 --keep all --quiet
    wattspan replay small.yaml --draw 1234 --format json
    equal "$code" 0
    /usr/bin/python3 - .out small.h5 <<'CHECK'
import json, sys, h5py
draw = json.load(open(sys.argv[1]))
assert draw["draw"] == 1234 and draw["derived"]["used"]["unit"] == "GWh"
with h5py.File(sys.argv[2]) as file:
    for group, values in (("prior", draw["inputs"]), ("prior_predictive", draw["outputs"])):
        for name, value in values.items():
            assert file[group][name][0, 1234] == value["value"], (name, value)
CHECK
    wattspan replay small.h5 --draw 1234
    equal "$code" 0
    has "$out" "draw 1,234" "hours" "used" "energy" "GWh"
    wattspan replay small.yaml --draw 1234 --format csv
    has "$out" "role,name,value,unit,label" "input,owner,"
}

@test "lists come as table, JSON and CSV" {
    for topic in families designs generators functions units; do
        wattspan list "$topic"
        equal "$code" 0
        equal "$(LC_ALL=C.UTF-8 awk 'length > 80' .out)" ""
        wattspan list "$topic" --format json
        /usr/bin/python3 -c 'import json; assert all(r for r in json.load(open(".out")))'
        wattspan list "$topic" --format csv
        [ "$(wc -l <.out)" -gt 2 ]
    done
    wattspan list generators
    has "$out" philox4x32 mt19937 ranlxd2 weak
}

@test "schema is JSON" {
    wattspan schema
    equal "$code" 0
    /usr/bin/python3 -c 'import json; assert "$schema" in json.load(open(".out"))'
}

@test "colours are for terminals, and not with NO_COLOR" {
    command -v script >/dev/null || skip "no script(1)"
    wattspan run small.yaml -n 1e4
    [[ $out != *$'\033'* ]]
    TERM=xterm script -qec "$WATTSPAN show small.h5" /dev/null >.tty </dev/null
    grep -q $'\033\[1m' .tty
    TERM=xterm NO_COLOR=1 script -qec "$WATTSPAN show small.h5" /dev/null >.tty </dev/null
    ! grep -q $'\033\[1m' .tty
}

@test "what stands or falls with one number that nobody looked up: in check and in the report" {
    cat >weak.yaml <<'STUDY'
wattspan: 1
inputs:
  hours: {unit: h, prior: 100 to 1000, basis: assumed}
  power: {unit: W, prior: 600 to 700, basis: recalled}
outputs:
  energy: {unit: kWh, formula: hours * power}
STUDY
    wattspan check weak.yaml
    has "$out" "energy: hours carries 9" "its basis is 'assumed'"
    [[ $out != *"power carries"* ]]
    wattspan check weak.yaml --format json
    python3 -c 'import json
weak, = json.load(open(".out"))["weak_points"]
assert (weak["output"], weak["input"], weak["basis"], weak["scale"]) == ("energy", "hours", "assumed", "linear")
assert 0.9 < weak["share"] < 1.1'
    wattspan run weak.yaml -n 65536 -o weak.h5
    has "$out" "energy: hours carries 9" "its basis is 'assumed'"
    wattspan show weak.h5
    has "$out" "energy: hours carries 9"
    sed -i 's/basis: assumed/basis: read/' weak.yaml
    wattspan check weak.yaml
    [[ $out != *carries* ]]
}
