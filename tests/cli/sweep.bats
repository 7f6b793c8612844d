#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Sweeps from the command line: what is printed of many cases, memory, studies as cases.
load common

setup_file() {
    export sweep_folder=$BATS_FILE_TMPDIR
    cat >"$sweep_folder/grid.yaml" <<'STUDY'
wattspan: 1
inputs:
  hours: {unit: h, prior: 100 to 200}
  power: {unit: kW, prior: 1 to 2}
  owner: {prior: {choice: {lab: 1, cloud: 1}}}
outputs:
  energy: {unit: kWh, formula: hours * power}
STUDY
    cd "$sweep_folder"
    "$WATTSPAN" run grid.yaml -n 4096 --vary hours=100:600:6 --vary owner=lab,cloud --quiet -o grid.h5
}

# The swept hours of the lines that a table of cases has, in order.
hours_of() { awk '$1 ~ /^(100|200|300|400|500|600)$/ {printf "%s ", $1}' <<<"$out"; }

@test "cases are sorted, picked and counted" {
    cd "$sweep_folder"
    wattspan show grid.h5 --sort hours --where owner=lab
    equal "$code" 0
    equal "$(hours_of)" "100 200 300 400 500 600 "
    wattspan show grid.h5 --sort=-energy --where owner=cloud --cases 2
    equal "$(hours_of)" "600 500 "
    wattspan show grid.h5 --where 'hours <= 200' --sort hours
    equal "$(hours_of)" "100 100 200 200 "
}

@test "numbers of --where have a unit of their own" {
    cd "$sweep_folder"
    wattspan show grid.h5 --where 'energy > 500' --sort hours
    equal "$code" 0
    kilo=$out
    wattspan show grid.h5 --where 'energy > 0.5 MWh' --sort hours
    equal "$out" "${kilo}"
    wattspan show grid.h5 --where 'energy>0.5[MWh]' --sort hours
    equal "$out" "${kilo}"
    wattspan show grid.h5 --where 'hours < 0.5 day' --sort hours
    has "$out$err" "none of 12 cases"
}

@test "what cannot be sorted or picked is told" {
    cd "$sweep_folder"
    wattspan show grid.h5 --sort cost
    equal "$code" 2
    has "$err" "sort: 'cost' is neither swept nor an output; there are hours, owner, energy"
    wattspan show grid.h5 --where energy
    equal "$code" 2
    has "$err" "where: 'energy' compares nothing"
    wattspan show grid.h5 --where 'energy > many'
    equal "$code" 2
    has "$err" "where: 'many' is no number"
    wattspan show grid.h5 --where 'energy > 3 USD'
    equal "$code" 2
    has "$err" "where: 'energy' is in kWh, which 'USD' does not convert to"
    wattspan show grid.h5 --where 'energy > 3 foo'
    equal "$code" 2
    wattspan show grid.h5 --where 'owner > lab'
    equal "$code" 2
    has "$err" "has labels"
    wattspan show grid.h5 --cases no
    equal "$code" 2
}

@test "memory is a size, and too little of it is told with how much is needed" {
    cd "$sweep_folder"
    wattspan run grid.yaml -n 4096 --vary hours=1,2 --memory 1KiB
    equal "$code" 2
    has "$err" "2 cases need"
    has "$err" "give --memory"
    wattspan run grid.yaml -n 4096 --vary hours=1,2 --memory much
    equal "$code" 2
}

@test "studies are cases, each with the numbers of its own run" {
    cd "$sweep_folder"
    printf 'wattspan: 1\nextends: grid.yaml\ninputs:\n  hours: {prior: 300 to 500}\n' >big.yaml
    printf 'wattspan: 1\nextends: grid.yaml\ninputs:\n  power: {prior: 3}\n  hours: {prior: {uniform: {min: 10, max: 20}}}\n' >odd.yaml
    printf 'wattspan: 1\nextends: grid.yaml\nsweep: {study: [grid.yaml, big.yaml, odd.yaml]}\n' >all.yaml
    printf 'wattspan: 1\nextends: grid.yaml\noutputs: {energy: {formula: hours * power * 2}}\n' >other.yaml
    numbers() { grep "$1" <<<"$out" | cut -d, -f"$2"; }
    wattspan run all.yaml -n 70000 --format csv -o all.h5
    equal "$code" 0
    cases=$out
    for study in grid big odd; do
        wattspan run $study.yaml -n 70000 --format csv -o $study.h5
        alone=$(grep ^output, <<<"$out" | sed 's/^output,energy,,,kWh,//')
        has "$cases" "output,energy,,,kWh,$study,$study,$study,$alone"
    done
    wattspan run grid.yaml -n 4096 --set study=big --vary study=big.yaml,other.yaml
    equal "$code" 3
    has "$err" "to have one of the studies run it by itself"
    wattspan run grid.yaml -n 4096 --vary study=big.yaml,missing.yaml
    has "$err" "missing.yaml"
    [ "$code" -ne 0 ]
    wattspan run all.h5 -n 70000 --format csv -o again.h5
    equal "$out" "$cases"
}

# Whatever studies are: other formulas, labels, correlations, facts, units, an input here that is a formula there.
@test "studies that have little in common are cases, each with the draws of its own run" {
    cd "$sweep_folder"
    mkdir -p studies
    printf '%s\n' 'wattspan: 1' 'inputs:' '  hours: {unit: h, prior: 100 to 200}' '  power: {unit: kW, prior: 1 to 2}' \
        '  price: {unit: USD/kWh, prior: 0.1 to 0.2}' '  way: {prior: {choice: {short: 1, long: 2}}}' \
        'outputs:' '  energy: {unit: kWh, formula: "hours * power * select(way, short = 1, long = 2)", by: way}' \
        '  cost: {unit: USD, formula: energy * price}' '  heat: {unit: MJ, formula: energy}' >base.yaml
    sed -i 's/^wattspan: 1/wattspan: 1\nunits: [USD]/' base.yaml
    printf '%s\n' 'wattspan: 1' 'extends: ../base.yaml' 'correlations: [{between: [hours, power], spearman: 0.7}]' \
        'evidence: {metered: {quantity: energy, unit: kWh, between: [null, 600]}}' >studies/one-1.5.yaml
    printf '%s\n' 'wattspan: 1' 'extends: ../base.yaml' 'inputs:' '  days: {unit: d, prior: 5 to 6}' '  hours: null' \
        '  way: {prior: {choice: {short: 1, middle: 1, long: 2}}}' 'derived: {hours: {unit: h, formula: days}}' \
        'outputs:' '  energy: {formula: "hours * power * select(way, short = 1, middle = 1.5, long = 2)"}' \
        '  cost: {unit: kUSD}' '  heat: null' >studies/two.yaml
    printf '%s\n' 'wattspan: 1' 'title: Both' 'sweep: {study: [base.yaml, studies/one-1.5.yaml, studies/two.yaml]}' \
        'outputs: {share: {unit: 1, formula: "if(study = \x27two\x27, cost / price, energy) / energy"}}' >both.yaml
    for design in mc lhs; do
        wattspan run both.yaml -n 70000 --design $design --format csv -o both.h5
        equal "$code" 0
        has "$err" "left out: heat ('two' has none)"
        cases=$out
        [ "$(grep -c -E "^(output,heat|alternative)," <<<"$cases")" = 0 ]
        has "$cases" "output,share,,,1,two,"
        for study in base studies/one-1.5 studies/two; do
            wattspan run $study.yaml -n 70000 --design $design --format csv -o $design.h5 --quiet
            alone=$(grep ^output,energy <<<"$out" | sed 's/^output,energy,,,kWh,,//')
            has "$cases" "output,energy,,,kWh,${study#*/},,$alone"
        done
        alone=$(grep ^output,cost <<<"$out" | cut -d, -f7)
        swept=$(grep ^output,cost,,,USD,two <<<"$cases" | cut -d, -f8)
        /usr/bin/python3 -c "assert abs($swept / $alone / 1000 - 1) < 1e-14"
    done
    wattspan run both.h5 -n 70000 --design lhs --format csv -o again.h5
    equal "$out" "$cases"
    wattspan show both.h5
    has "$out" "Case 2 of 3: study = one-1.5" "metered_one_1_5: energy"
    drivers=$(sed -n '/Case 3/,$p' <<<"$out" | grep '^energy .*+')
    has "$drivers" "power_two +"
    [[ $drivers != *_base* && $drivers != *_one* ]]
    wattspan run both.yaml -n 4096 --vary power=1,2 --set price=0.3 --format csv -o both.h5
    equal "$code" 0
    cases=$out
    for study in base studies/one-1.5 studies/two; do
        wattspan run $study.yaml -n 4096 --set power=2 --set price=0.3 --format csv -o alone.h5 --quiet
        alone=$(grep ^output,energy <<<"$out" | sed 's/^output,energy,,,kWh,,//')
        has "$cases" "output,energy,,,kWh,${study#*/},2,,$alone"
    done
}

# Killed after a checkpoint, with evidence, its tallies in memory or on disk.
@test "a sweep that is killed goes on to the same bits" {
    cd "$sweep_folder"
    { cat grid.yaml; printf 'evidence: {seen: {quantity: energy, unit: kWh, observed: {normal: {mean: 300, sd: 60}}}}\n'; } >facts.yaml
    sweep=(facts.yaml -n 2e5 --keep 100 --vary hours=100:600:100 --threads 2)
    wattspan check "${sweep[@]}" --memory 30MiB
    has "$(tr -s ' \n' ' ' <.out)" "on disk for the cases' tallies"
    wattspan run "${sweep[@]}" --quiet -o whole.h5
    equal "$code" 0
    for how in "KILL 1GiB" "TERM 30MiB"; do
        rm -f cut.h5*
        "$WATTSPAN" run "${sweep[@]}" --quiet -o cut.h5 --memory "${how#* }" --checkpoint 0.05 2>/dev/null &
        pid=$!
        for _ in {1..2000}; do
            [ -e cut.h5.checkpoint ] && break
            sleep 0.005
        done
        kill -"${how% *}" $pid
        wait $pid || true
        wattspan run "${sweep[@]}" -o cut.h5 --memory "${how#* }" --resume
        equal "$code" 0
        has "$err" "note: going on from here"
        /usr/bin/python3 "$source_root/tests/same_numbers.py" whole.h5 cut.h5
    done
}

@test "a study that sweeps is not compared, the comparison of two is swept" {
    cd "$sweep_folder"
    { cat grid.yaml; printf 'sweep: {hours: [100, 200]}\n'; } >own.yaml
    wattspan compare grid.yaml own.yaml -n 4096
    equal "$code" 3
    has "$err" "'own' sweeps hours"
    wattspan compare grid.yaml grid.yaml -n 4096 --vary power=1,2
    equal "$code" 0
    has "$out" "Case 2 of 2: power = 2"
}
