#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Explanations from the kept draws of a result.
load common

@test "explain ranks inputs by how far they shift" {
    wattspan run small.yaml -n 1e5 --quiet
    wattspan explain small.h5 --when 'energy > 2 [GWh]'
    equal "$code" 0
    has "$out" "When energy > 2 [GWh]" "of 10,000 kept draws" "input  shift" "hours"
    [ "$(awk 'length > 80' .out | wc -l)" -eq 0 ]
    wattspan explain small.h5 --when 'hours > 2e6 [h] and power < 700 [W]' --format csv
    equal "$(sed -n 1p .out)" "input,shift,met,unmet,unit,alternative"
    wattspan explain small.h5 --when 'owner = buy' --format json
    python3 -c 'import json
found = json.load(open(".out"))
assert found["inputs"][0]["name"] == "owner" and found["inputs"][0]["shift"] == 1, found'
}

@test "too few draws, no condition, a bad one" {
    wattspan run small.yaml -n 1e5 --keep 1000 --quiet
    wattspan explain small.h5 --when 'energy > 5 [GWh]'
    has "$out" "Only 1 kept draws meet it" "a condition that is not as rare"
    wattspan explain small.h5
    equal "$code" 2
    has "$err" "--when is missing"
    wattspan explain small.h5 --when 'energy > 5 [USD]'
    equal "$code" 3
    has "$err" "cannot compare"
}
