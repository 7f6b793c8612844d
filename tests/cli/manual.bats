#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The commands of priors/README.md do what it says of them, on the studies that it has there.
load common

# The block that is a study called NAME.
example() {
    awk -v name="# $1" '/^```/ { inside = 0 } inside { print } /^```yaml$/ { getline; inside = $0 == name }' \
        "$source_root/priors/README.md" >"$1"
    [ -s "$1" ]
}

# The command that begins with these words, as it stands in the text or in a block of its own.
command_of() {
    command=$({ tr '\n' ' ' <"$source_root/priors/README.md" | grep -o '`wattspan [^`]*`' | tr -d '`'
        grep '^wattspan ' "$source_root/priors/README.md"; } | grep -F -- "$1" | head -n 1)
    [ -n "$command" ] || { echo "the manual has no '$1'" >&2; return 1; }
}

@test "the manual's weights put the output together anew" {
    example servers.yaml
    wattspan run servers.yaml -n 1e5 --quiet
    command_of "wattspan show servers.h5 --weights"
    eval "$command --format csv"
    equal "$code" 0
    # All weight on the straight line: what it has alone.
    python3 - <<'CHECK'
import csv
rows = list(csv.DictReader(open(".out")))
whole = next(r for r in rows if r["kind"] == "output")
line = next(r for r in rows if r["alternative"] == "straight_line")
assert abs(float(whole["p50"]) / float(line["p50"]) - 1) < 1e-6, (whole, line)
CHECK
}

@test "the manual's questions have the lognormal's answers" {
    example billion.yaml
    command_of "wattspan run billion.yaml --probability"
    eval "$command -n 1e6 --format csv --quiet"
    equal "$code" 0
    python3 - <<'CHECK'
import csv, math
z95 = 1.6448536269514722
mu = (math.log(120e6 * 500e6) + math.log(5)) / 2
sigma = math.hypot(math.log(500 / 120), math.log(5)) / 2 / z95
rows = [r for r in csv.DictReader(open(".out")) if r["kind"] == "output" and float(r["maximum"]) == 1]
assert len(rows) == 2, rows
for row, threshold in zip(rows, (1e9, 0.5e9)):
    truth = math.erfc((math.log(threshold) - mu) / sigma / math.sqrt(2)) / 2
    assert abs(float(row["mean"]) - truth) < 4 * float(row["mean_se"]), (row, truth)
CHECK
    command_of "wattspan run billion.yaml --widen"
    eval "$command -n 1e6 --format csv --quiet"
    equal "$code" 0
    python3 - <<'CHECK'
import csv, math
cost = next(r for r in csv.DictReader(open(".out")) if r["output"] == "cost")
spread = 4 * math.hypot(math.log(500 / 120), math.log(5)) / 2
assert abs(math.log(float(cost["p95"]) / float(cost["p5"])) / spread - 1) < 0.01, cost
CHECK
}

@test "the manual's comparison is of the studies there" {
    command_of "wattspan compare grok-4.yaml"
    at=$scratch
    cp -r "$source_root/priors" there
    cd there
    eval "$command -n 1e4 -o \"$at/compared.h5\" --format csv --quiet"
    equal "$code" 0
    has "$out" "cost_owned"
}
