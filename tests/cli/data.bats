#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Priors from files beside the study: read where the file that names them is, kept in the result, refused in words.
load common

sample() {
    printf 'price,weight\n%s' "$1" >prices.csv
    cat >sampled.yaml <<'STUDY'
wattspan: 1
inputs:
  p: {unit: USD, prior: {empirical: {file: prices.csv, column: price, smooth: log}}}
  q: {unit: USD, prior: {empirical: {file: prices.csv, column: price, weights: weight}}}
outputs:
  sum: {unit: USD, formula: p + q}
STUDY
}

values=$'2.5,1\n3.1,2\n2.2,1\n4.0,3\n'

numbers() { # FILE
    h5dump -d /summary/sum/quantile_value -d /summary/sum/mean "$1" | grep "^ *(0" | grep -v DATASET
}

@test "a result repeats itself without the sample's file" {
    sample "$values"
    wattspan run sampled.yaml -n 1e5 -o one.h5
    equal "$code" 0
    mkdir elsewhere && mv one.h5 elsewhere/ && rm prices.csv
    cd elsewhere
    wattspan run one.h5 -o two.h5
    equal "$err" "written to two.h5"
    equal "$(numbers two.h5)" "$(numbers one.h5)"
    wattspan show two.h5
    equal "$code" 0
    equal "$(h5dump -d /data/p/value two.h5 | grep -c '2.5, 3.1, 2.2, 4')" 1
    equal "$(h5dump -d /data/q/weight two.h5 | grep -c '1, 2, 1, 3')" 1
}

@test "shards know their samples, and merge to what one run gives" {
    sample "$values"
    wattspan run sampled.yaml -n 3e5 -o whole.h5
    for i in 1 2; do wattspan run sampled.yaml -n 3e5 --shard "$i/2" -o "part$i.h5"; done
    rm prices.csv
    wattspan merge merged.h5 part1.h5 part2.h5
    equal "$code" 0
    equal "$(numbers merged.h5)" "$(numbers whole.h5)"
}

@test "paths are relative to the file that names them, flattened to the study" {
    sample "$values"
    mkdir -p parts/data studies && mv prices.csv parts/data/
    sed 's|prices.csv|data/prices.csv|' sampled.yaml >parts/part.yaml
    printf 'wattspan: 1\nextends: ../parts/part.yaml\n' >studies/child.yaml
    wattspan check --flatten studies/child.yaml
    has "$out" 'file: "../parts/data/prices.csv"'
    "$WATTSPAN" check --flatten studies/child.yaml >studies/flat.yaml
    wattspan run studies/flat.yaml -n 1e4 -o flat.h5
    equal "$code" 0
    wattspan run studies/child.yaml -n 1e4 -o child.h5
    equal "$(numbers flat.h5)" "$(numbers child.h5)"
    equal "$(h5dump -a study_sha256 flat.h5 | sed 1d)" "$(h5dump -a study_sha256 child.h5 | sed 1d)"
    # On the command line: where one stands.
    wattspan run studies/child.yaml --set 'q={empirical: {file: parts/data/prices.csv, column: 1}}' -n 1e4 -o set.h5
    equal "$code" 0
    wattspan run set.h5 -o again.h5
    equal "$(numbers again.h5)" "$(numbers set.h5)"
}

@test "studies with samples are compared, and so are their results" {
    sample "$values"
    wattspan run sampled.yaml -n 1e4 -o one.h5
    wattspan compare sampled.yaml one.h5 -n 1e4 -o both.h5
    equal "$code" 0
    rm prices.csv
    wattspan run both.h5 -o again.h5
    equal "$code" 0
    equal "$(h5dump -d /summary/sum_ratio/mean again.h5 | sed 1d)" "$(h5dump -d /summary/sum_ratio/mean both.h5 | sed 1d)"
}

@test "a file that has changed since is not taken for the same" {
    sample "$values"
    "$WATTSPAN" check --flatten sampled.yaml >flat.yaml
    printf 'price,weight\n2.5,1\n9,9\n' >prices.csv
    wattspan check flat.yaml
    equal "$code" 3
    has "$err" "flat.yaml:" "input 'p': 'prices.csv' holds other values than when this digest was written"
}

@test "a dataset of an HDF5 file, such as another result's draws" {
    sample "$values"
    wattspan run small.yaml -n 1e4 --keep 500 -o small.h5
    cat >second.yaml <<'STUDY'
wattspan: 1
inputs:
  e: {unit: GWh, prior: {empirical: {file: small.h5, column: prior_predictive/energy, smooth: log}}}
outputs:
  energy: {unit: GWh, formula: e}
STUDY
    wattspan run second.yaml -n 1e5 -o second.h5
    equal "$code" 0
    has "$out" "energy  GWh"
    wattspan check second.yaml --set 'e={empirical: {file: small.h5, column: /prior/nothing}}'
    equal "$code" 3
    has "$err" "small.h5: there is no dataset '/prior/nothing'; there are: prior/draw, prior/hours, "
    wattspan check second.yaml --set 'e={empirical: {file: small.h5, column: inputs/name}}'
    equal "$code" 3
    has "$err" "'/inputs/name' holds no numbers"
    wattspan check second.yaml --set 'e={empirical: {file: small.h5, column: histogram/energy/bin_bounds}}'
    equal "$code" 3
    has "$err" "is a table of"
    wattspan check second.yaml --set 'e={empirical: {file: small.h5, column: summary/energy/point_value}}'
    equal "$code" 3
    has "$err" "has 1 value, wanted two or more"
    wattspan check second.yaml --set 'e={empirical: {file: small.h5}}'
    equal "$code" 3
    has "$err" "say which dataset"
    wattspan check second.yaml --set 'e={empirical: {file: small.h5, column: inputs/point}}'
    equal "$code" 0
    wattspan check second.yaml --set 'e={empirical: {file: small.h5, column: prior}}'
    equal "$code" 3
    has "$err" "there is no dataset '/prior'"
    wattspan check second.yaml --set 'e={empirical: {file: small.h5, column: prior/hours/more}}'
    equal "$code" 3
    has "$err" "there is no dataset '/prior/hours/more'"
}

@test "no file, a folder, a pipe, a damaged result" {
    sample "$values"
    wattspan check sampled.yaml --set 'p={empirical: {file: nothing.csv, column: price}}'
    equal "$code" 4
    has "$err" "<command line>:1:22: error: input 'p': nothing.csv: cannot be opened: No such file"
    mkdir folder.csv
    wattspan check sampled.yaml --set 'p={empirical: {file: folder.csv, column: price}}'
    equal "$code" 4
    has "$err" "folder.csv: is a folder"
    wattspan check sampled.yaml --set 'p={empirical: {file: ., column: price}}'
    equal "$code" 4
    has "$err" "input 'p': .: is a folder"
    mkfifo pipe.csv
    wattspan check sampled.yaml --set 'p={empirical: {file: pipe.csv, column: price}}'
    equal "$code" 4
    has "$err" "pipe.csv: is no ordinary file"
    wattspan run small.yaml -n 1e4 -o small.h5
    printf x | dd of=small.h5 bs=1 seek=9000 conv=notrunc 2>/dev/null
    wattspan check sampled.yaml --set 'p={empirical: {file: small.h5, column: prior/hours}}'
    equal "$code" 4
    has "$err" "small.h5: is damaged"
}

@test "counts and lists take shift, scale and truncate" {
    cat >counts.yaml <<'STUDY'
wattspan: 1
inputs:
  n: {unit: 1, prior: {poisson: {mean: 3}, truncate: [1, 4], scale: 2, shift: 1}}
  d: {unit: 1, prior: {discrete: {values: [1, 2, 4], weights: [1, 2, 1]}, scale: -1}}
outputs:
  n_out: {unit: 1, formula: n}
  d_out: {unit: 1, formula: d}
STUDY
    wattspan run counts.yaml -n 1e5 --format json -o counts.h5
    equal "$code" 0
    # 2 n + 1 in [1, 4]: n = 0 or 1
    python3 - <<'PYTHON'
import json
n, d = json.load(open(".out"))["cases"][0]["outputs"]
assert (n["minimum"], n["maximum"]) == (1, 3), n
assert abs(n["mean"] - 2.5) < 0.01, n["mean"]  # weights 1 and 3
assert (d["minimum"], d["maximum"]) == (-4, -1), d
assert abs(d["mean"] + 2.25) < 0.02, d["mean"]
PYTHON
}

@test "any HDF5 file's dataset is a sample, whoever wrote it" {
    sample "$values"
    /usr/bin/python3 -c 'import h5py
with h5py.File("other.h5", "w") as file:
    file["price"] = [1.0, 2.0, 4.0]'
    wattspan run sampled.yaml --set 'p={empirical: {file: other.h5, column: price}}' --set q=0 -n 1e4 --format json \
        -o other-sum.h5
    equal "$code" 0
    python3 -c 'import json; o = json.load(open(".out"))["cases"][0]["outputs"][0]
assert o["minimum"] == 1 and o["maximum"] == 4, o'
}

@test "datasets that are links, packed, with gaps, or written by a filter that is not here" {
    sample "$values"
    /usr/bin/python3 -c 'import h5py
with h5py.File("other.h5", "w") as file:
    file["link"] = h5py.ExternalLink("elsewhere.h5", "/price")
    file.create_dataset("packed", data=[10, 20, 40], dtype="i2").attrs.update(scale_factor=0.1, add_offset=5)
    file.create_dataset("gaps", data=[1.0, -999.0, 2.0]).attrs["_FillValue"] = -999.0
    file.create_dataset("filtered", data=range(1000), compression="lzf")'
    try() { wattspan "$1" sampled.yaml --set "p={empirical: {file: other.h5, column: $2}}" --set q=0 "${@:3}"; }
    try run packed -n 1e4 --format json -o packed.h5
    equal "$code" 0
    python3 -c 'import json; o = json.load(open(".out"))["cases"][0]["outputs"][0]
assert o["minimum"] == 6 and o["maximum"] == 9, o'
    try check link
    equal "$code" 3
    has "$err" "'/link' is a link, which is not followed; name what it leads to; there are: filtered, gaps, packed"
    try check gaps
    equal "$code" 3
    has "$err" "value 2 of '/gaps' is the one that stands for a missing one"
    try check filtered
    equal "$code" 3
    has "$err" "'/filtered' is compressed by the filter 32000 (lzf), which is not here"
}

@test "a dataset that says it is in other units than the input is refused, unless a scale is stated" {
    /usr/bin/python3 - <<'PYTHON'
import h5py, numpy
with h5py.File("units.h5", "w") as file:
    def put(name, units):
        file.create_dataset(name, data=[1.0, 2.0, 4.0]).attrs["units"] = units
    put("gwh", "GWh")
    put("fixed", numpy.bytes_("GWh"))
    put("listed", numpy.array(["GWh"], dtype=h5py.string_dtype()))
    put("joule", "J")
    put("kg", "kg")
    put("odd", "furlongs per smoot")
    put("latin", numpy.bytes_(b"\xb0\x1bC"))
    put("long", "x" * 5000)
    put("pure", "dimensionless")
    put("one", "1")
    put("percent", "%")
    # What is the input's unit, however spelled, or says nothing
    put("same", "MWh")
    put("spaced", "MW h")
    put("padded", numpy.bytes_("MWh  "))
    put("empty", "")
    put("none", h5py.Empty(h5py.string_dtype()))
    put("number", 3.5)
    put("two", numpy.array([b"kg", b"m"]))
    text = h5py.h5t.C_S1.copy()
    text.set_size(8)
    text.set_strpad(h5py.h5t.STR_SPACEPAD)
    dataset = file.create_dataset("fortran", data=[1.0, 2.0, 4.0])
    units = h5py.h5a.create(dataset.id, b"units", text, h5py.h5s.create(h5py.h5s.SCALAR))
    units.write(numpy.array(b"MWh     ", dtype="S8"))
PYTHON
    study() { # UNIT PRIOR
        printf 'wattspan: 1\ninputs:\n  e:\n    unit: %s\n    prior: %s\noutputs: {y: {unit: %s, formula: e}}\n' \
            "$1" "$2" "$1" >units.yaml
    }
    try() { study "$1" "{empirical: {file: units.h5, column: $2}$3}" && wattspan check units.yaml; }
    for column in same spaced padded empty none number two fortran; do
        try MWh "$column"
        equal "$column $code" "$column 0"
    done
    for column in pure one; do
        try 1 "$column"
        equal "$column $code" "$column 0"
    done
    for column in gwh fixed listed; do
        try MWh "$column"
        equal "$code" 3
        has "$err" "units.yaml:5:" "error: input 'e': the units of '$column' of 'units.h5' are GWh, wanted MWh; \
write 'scale: 1000' beside empirical, or have 'unit: GWh' here"
    done
    try GWh gwh
    equal "$code" 0
    try MWh joule
    has "$err" "write 'scale: 2.7777777777777777e-10' beside empirical"
    try 1 percent
    has "$err" "write 'scale: 0.01' beside empirical"
    try MWh one
    equal "$code" 3
    try MWh kg
    equal "$code" 3
    has "$err" "are kg, which do not convert to MWh; the unit here or the dataset is wrong"
    try MWh odd
    equal "$code" 3
    has "$err" "are 'furlongs per smoot', wanted MWh: unknown unit 'smoot'" "write 'scale: FACTOR' beside empirical"
    try MWh latin
    equal "$code" 3
    has "$err" $'are \'\xef\xbf\xbd C\', wanted MWh'
    try MWh long
    equal "$code" 3
    has "$err" "the unit is longer than 256 bytes"
    for column in gwh kg odd; do
        try MWh "$column" ", scale: 1000"
        equal "$column $code" "$column 0"
    done
    wattspan run units.yaml -n 1e4 --format json -o scaled.h5
    equal "$code" 0
    python3 -c 'import json; o = json.load(open(".out"))["cases"][0]["outputs"][0]
assert o["minimum"] == 1000 and o["maximum"] == 4000, o'
    # Wherever a sample may stand
    study MWh '{mixture: [{empirical: {file: units.h5, column: same}}, {empirical: {file: units.h5, column: gwh}}]}'
    wattspan check units.yaml
    equal "$code" 3
    has "$err" "input 'e': the units of 'gwh' of 'units.h5' are GWh"
    wattspan check units.yaml --set 'e={mixture: [{empirical: {file: units.h5, column: gwh}}, 3], scale: 1000}'
    equal "$code" 0
    study MWh 1
    wattspan check units.yaml --vary 'e={a: {empirical: {file: units.h5, column: gwh}}, b: 3}'
    equal "$code" 3
    has "$err" "sweep of 'e': the units of 'gwh'" "1 error"
    printf 'evidence: {seen: {quantity: y, unit: MWh, observed: {empirical: {file: units.h5, column: kg}}}}\n' >>units.yaml
    wattspan check units.yaml
    equal "$code" 3
    has "$err" "evidence 'seen': the units of 'kg' of 'units.h5' are kg, which do not convert to MWh"
}

@test "the draws of a result are a sample in their unit, however UDUNITS spells it, and in no other" {
    units=(yr gal/MWh USD/MMBtu kWh month kt USD/gpu-h 1 ft2 week lb/MMBtu "'%'")
    {
        printf 'wattspan: 1\nunits: [gpu]\ninputs:\n'
        for i in "${!units[@]}"; do printf '  x%d: {unit: %s, prior: 1 to 2}\n' "$i" "${units[i]}"; done
        printf 'outputs: {y: {unit: kWh, formula: x3}}\n'
    } >first.yaml
    wattspan run first.yaml -n 1e4 --keep 100 -o first.h5
    equal "$code" 0
    sed 's|  \(x[0-9]*\): \(.*\)1 to 2}|  \1: \2{empirical: {file: first.h5, column: prior/\1}}}|' first.yaml >again.yaml
    wattspan check again.yaml
    equal "$code" 0
    equal "$(grep -c empirical again.yaml)" "${#units[@]}"
    sed -i 's|USD/MMBtu|USD/kBtu|; s|unit: kWh, prior|unit: GWh, prior|; s|unit: yr|unit: h|' again.yaml
    wattspan check again.yaml
    equal "$code" 3
    has "$err" "are Julian_year, wanted h; write 'scale: 8766'" "wanted USD/kBtu; write 'scale: 0.001'" \
        "are kW h, wanted GWh; write 'scale: 1e-06'" "3 errors"
}

@test "CSV as spreadsheets write it: quotes within names, carriage returns alone" {
    sample "$values"
    printf '"the ""net"" price",n\n1,x\n3,y\n' >quoted.csv
    wattspan check sampled.yaml --set 'p={empirical: {file: quoted.csv, column: "the \"net\" price"}}'
    equal "$code" 0
    has "$out" "p      USD   1.00    3.00"
    printf '\xef\xbb\xbfa,b\r1,2\r3,4\r' >returns.csv
    wattspan check sampled.yaml --set 'p={empirical: {file: returns.csv, column: a}}'
    equal "$code" 0
    has "$out" "p      USD   1.00    3.00"
}

@test "a smoothed sample as a fact, which the result repeats" {
    sample "$values"
    cat >fact.yaml <<'STUDY'
wattspan: 1
inputs: {x: {unit: USD, prior: {uniform: {min: 0.5, max: 9}}}}
outputs: {y: {unit: USD, formula: x}}
evidence: {seen: {quantity: x, unit: USD, observed: {empirical: {file: prices.csv, column: price, smooth: true}}}}
STUDY
    wattspan run fact.yaml -n 1e5 --format json -o fact.h5
    equal "$code" 0
    python3 - <<'PYTHON'
import json, math, statistics
values = [2.5, 3.1, 2.2, 4.0]
ordered = sorted(values)
width = 0.9 * min(statistics.stdev(values), (ordered[2] - ordered[0]) / 1.34) * 4**-0.2
case = json.load(open(".out"))["cases"][0]
found, mean = case["outputs"][0]["posterior"], statistics.mean(values)
assert abs(found["mean"] - mean) < 4 * found["mean_se"], (found["mean"], mean)
sd = math.sqrt(statistics.pvariance(values) + width**2)
assert abs(found["sd"] - sd) < 4 * found["sd_se"], (found["sd"], sd)
evidence = case["evidence"]
assert abs(evidence["log_evidence"] + math.log(8.5)) < 4 * evidence["log_evidence_se"], evidence
PYTHON
    mv .out first && rm prices.csv
    wattspan run fact.h5 --format json -o again.h5
    python3 - <<'PYTHON'
import json
first, again = (json.load(open(name))["cases"] for name in ("first", ".out"))
assert first == again
PYTHON
}
