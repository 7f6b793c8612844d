# SPDX-License-Identifier: GPL-3.0-or-later
# What all files here need: a scratch folder to work in, a small study, and $WATTSPAN, the program.

setup() {
    : "${WATTSPAN:?the path of the program}"
    source_root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    scratch=$(mktemp -d)
    cd "$scratch" || return 1
    unset OMP_NUM_THREADS SLURM_CPUS_PER_TASK NO_COLOR
    cat >small.yaml <<'STUDY'
wattspan: 1
title: A small study
sources:
  report: {title: A report}
inputs:
  hours: {unit: h, prior: 1e6 to 4e6, point: 2e6}
  power: {unit: W, prior: {uniform: {min: 600, max: 800}}, point: 700}
  owner: {unit: 1, prior: {choice: {rent: 1, buy: 1}}, point: rent}
derived:
  used: {unit: GWh, formula: hours * power}
outputs:
  energy: {unit: GWh, formula: used, boundary: at the meter, published: {value: 1.4, source: report}, by: owner}
  big: {unit: 1, formula: "energy > 2 [GWh]"}
STUDY
}

teardown() {
    cd / && rm -rf "$scratch"
}

# stdout and stderr apart: $out, $err, $code.
wattspan() {
    code=0
    "$WATTSPAN" "$@" >.out 2>.err || code=$?
    out=$(cat .out)
    err=$(cat .err)
}

# equal FOUND WANTED
equal() {
    [ "$1" = "$2" ] || { printf 'found:  %s\nwanted: %s\n' "$1" "$2" >&2; return 1; }
}

# has TEXT PART...
has() {
    local text=$1 part
    shift
    for part; do
        [[ $text == *"$part"* ]] || { printf 'no "%s" in:\n%s\n' "$part" "$text" >&2; return 1; }
    done
}
