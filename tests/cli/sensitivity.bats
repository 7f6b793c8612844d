#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Sensitivity analyses: what is said, printed and written.
load common

@test "sensitivity says its cost first, prints shares of 80 columns and writes a result" {
    wattspan sensitivity small.yaml -n 65536
    equal "$code" 0
    has "$err" "458752 model runs: 65536 points times (3 + 2)" "(3 - 1) for Shapley effects" \
        "written to small.sensitivity.h5"
    has "$out" "65,536 points, sobol, seed 1, 458,752 model runs" "energy: shares of its variance" "first order" \
        "Shapley" "hours" "(1 input without any effect)"
    [ "$(awk 'length > 90' <<<"$out" | wc -l)" -eq 0 ] # two bytes for each ±
    wattspan show small.sensitivity.h5
    equal "$code" 0
    has "$out" "A small study" "65,536 draws, sobol"
}

@test "points are rounded up with a note" {
    wattspan sensitivity small.yaml -n 1e5
    has "$err" "100000 points rounded up to 131072"
}

@test "shares as JSON and CSV" {
    wattspan sensitivity small.yaml -n 65536 --format json --quiet
    equal "$err" ""
    python3 -c 'import json, sys
found = json.load(open(".out"))
assert found["format"] == "wattspan-sensitivity" and found["model_runs"] == 458752
energy = found["outputs"][0]
assert energy["scale"] == "linear" and set(energy["shares"]) == {"hours", "power", "owner"}
share = energy["shares"]["hours"]["total"]
assert share["low"] < share["value"] < share["high"]
assert abs(sum(s["shapley"]["value"] for s in energy["shares"].values()) - 1) < 1e-12'
    wattspan sensitivity small.yaml -n 65536 --format csv --quiet
    equal "$(head -1 .out)" \
        "output,scale,input,first_order,first_order_se,total,total_se,shapley,shapley_se,given"
    equal "$(wc -l <.out)" 7
}

@test "groups count as one, and wrong ones are refused" {
    wattspan sensitivity small.yaml -n 65536 --group size=hours,power --format csv --quiet
    equal "$(cut -d, -f1-3 .out | sed -n 2p)" "energy,linear,size"
    equal "$(wc -l <.out)" 5
    wattspan sensitivity small.yaml --group size=hour
    equal "$code" 2
    has "$err" "group 'size': there is no input 'hour', did you mean 'hours'?"
}

@test "inputs that correlate are redrawn, which costs a run more for each" {
    { cat small.yaml; printf 'correlations:\n  - {between: [hours, power], spearman: 0.5}\n'; } >moving.yaml
    wattspan sensitivity moving.yaml -n 65536
    equal "$code" 0
    has "$err" "589824 model runs: 65536 points times (3 + 2 that correlate + 2)"
    has "$out" "Some inputs correlate"
}

@test "an output without shares says why" {
    cat >odd.yaml <<'END'
wattspan: 1
inputs:
  x: {unit: '1', prior: {normal: {mean: 0, sd: 1}}}
outputs:
  never: {unit: '1', formula: "sqrt(-1 - x * x)"}
  still: {unit: '1', formula: "x - x + 2"}
  huge: {unit: '1', formula: "1e300 * exp(x)"}
END
    wattspan sensitivity odd.yaml -n 65536
    equal "$code" 0
    has "$out" "none: no draw of it is valid" "none: it does not vary"
    has "$(grep -A2 "huge: shares" .out | tail -1)" "x           1.0000" # in units of its spread
    wattspan show odd.sensitivity.h5
    equal "$code" 0
}
