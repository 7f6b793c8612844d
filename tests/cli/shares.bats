#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Shares of a whole through sensitivity, alternatives, comparison and shards.
load common

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    cat >mix.yaml <<'STUDY'
wattspan: 1
inputs:
  owner: {prior: {choice: {us: 1, them: 3}}}
  gas: {unit: 1, prior: {dirichlet: {group: mix, alpha: 2}}}
  coal: {unit: 1, prior: {dirichlet: {group: mix, alpha: 1}}}
  wind: {unit: 1, prior: {dirichlet: {group: mix, alpha: 5}}}
  z: {unit: 1, prior: {normal: {mean: 0, sd: 0.2}}}
outputs:
  y: {unit: 1, formula: "2 * gas + coal + z", by: owner}
  whole: {unit: 1, formula: gas + coal + wind}
STUDY
}

@test "one factor in a sensitivity analysis, with the share of the variance that its covariances give it" {
    cp "$BATS_FILE_TMPDIR/mix.yaml" .
    wattspan sensitivity mix.yaml -n 16384 --quiet --format json
    equal "$code" 0
    python3 - <<'PYTHON'
import json
y = json.load(open(".out"))["outputs"][0]["shares"]
assert sorted(y) == ["mix", "owner", "z"], sorted(y)
p = [2 / 8, 1 / 8]
variance = (4 * p[0] + p[1] - (2 * p[0] + p[1]) ** 2) / 9  # of 2 gas + coal; Dirichlet's covariances
share = variance / (variance + 0.04)
for index in ("first_order", "total", "shapley"):
    found = y["mix"][index]
    assert abs(found["value"] - share) < 4 * found["se"] + 1e-4, (index, found, share)
PYTHON
}

@test "what drives the sum of all shares is not asked of rounding" {
    cp "$BATS_FILE_TMPDIR/mix.yaml" .
    wattspan sensitivity mix.yaml -n 4096 --quiet --format table
    has "$(tr '\n' ' ' <.out)" "whole: shares of its variance none: it does not vary"
    wattspan run mix.yaml -n 1e4 --quiet --format table
    has "$out" "driven by"
    ! grep -E '^whole +[a-z]+ [+-]' .out
}

@test "by alternatives that say nothing of the shares: the same distribution in each" {
    cp "$BATS_FILE_TMPDIR/mix.yaml" .
    wattspan run mix.yaml -n 200000 --quiet --format json
    equal "$code" 0
    python3 - <<'PYTHON'
import json
y, whole = json.load(open(".out"))["cases"][0]["outputs"]
assert [part["alternative"] for part in y["by"]] == ["us", "them"]
for part in y["by"]:
    assert abs(part["mean"] - 0.625) < 4 * part["mean_se"], part
    assert abs(part["sd"] - (0.734375 / 9 + 0.04) ** 0.5) < 4 * part["sd_se"], part
assert abs(whole["minimum"] - 1) < 1e-15 and abs(whole["maximum"] - 1) < 1e-15
PYTHON
}

@test "two quantities in a comparison, or one: shared all together or not at all" {
    cp "$BATS_FILE_TMPDIR/mix.yaml" .
    cp mix.yaml other.yaml
    wattspan compare mix.yaml other.yaml --share gas -n 1000
    equal "$code" 3
    has "$err" "its prior depends on 'coal', which is not shared"
    wattspan compare mix.yaml other.yaml --share gas --share coal --share wind --share z -n 1000 --quiet --format json
    equal "$code" 0
    cp .out shared.json
    wattspan compare mix.yaml other.yaml -n 100000 --quiet --format json
    equal "$code" 0
    python3 - <<'PYTHON'
import json
def difference(name):
    outputs = json.load(open(name))["cases"][0]["outputs"]
    return next(o for o in outputs if o["name"] == "y_difference")
assert difference("shared.json")["sd"] == 0 and difference("shared.json")["mean"] == 0
apart = difference(".out")
assert abs(apart["sd"] - (2 * (0.734375 / 9 + 0.04)) ** 0.5) < 4 * apart["sd_se"], apart
PYTHON
}

@test "shards merge to the bits of one run" {
    cp "$BATS_FILE_TMPDIR/mix.yaml" .
    wattspan run mix.yaml -n 200000 -o whole.h5 --quiet --format csv
    equal "$code" 0
    cp .out whole.csv
    for i in 1 2 3; do
        wattspan run mix.yaml -n 200000 --shard $i/3 -o part-$i.h5 --quiet
        equal "$code" 0
    done
    wattspan merge merged.h5 part-3.h5 part-1.h5 part-2.h5 --quiet
    equal "$code" 0
    wattspan show merged.h5 --format csv
    diff .out whole.csv
}
