#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs in parts give the numbers of runs in one piece, and nothing else passes for them.
load common

evidence() {
    { cat small.yaml; printf 'evidence:\n  seen: {quantity: used, unit: GWh, observed: {normal: {mean: 1.5, sd: 0.4}}}\n'; } >facts.yaml
}

same() { /usr/bin/python3 "$source_root/tests/same_numbers.py" "$@"; }

@test "threads x shards give the bits of one piece: mc, lhs, sobol, by, evidence, a short last group" {
    evidence
    for study in small facts; do
        for design in mc lhs sobol; do
            wattspan run $study.yaml -n 500000 --seed 7 --design $design --threads 1 --quiet -o whole.h5
            equal "$code" 0
            for shards in 1 2 7 11; do # more than there are groups, too
                rm -f $study.shard-*
                for i in $(seq $shards); do
                    wattspan run $study.yaml -n 500000 --seed 7 --design $design --threads $((i % 2 + 1)) --quiet \
                        --shard $i/$shards
                    equal "$code" 0
                done
                wattspan merge merged.h5 $(printf '%s\n' $study.shard-* | sort -r) --quiet
                equal "$err" ""
                equal "$code" 0
                same whole.h5 merged.h5
            done
        done
    done
}

@test "shards are named so that they sort; a job array's variables are understood" {
    wattspan run small.yaml -n 2e5 --shard 2/10
    equal "$err" "written to small.shard-02-of-10.h5"
    equal "$out" ""
    SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_MIN=5 SLURM_ARRAY_TASK_MAX=8 SLURM_ARRAY_TASK_COUNT=4 \
        wattspan run small.yaml -n 2e5 --shard slurm
    equal "$err" "written to small.shard-3-of-4.h5"
    SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_MIN=5 SLURM_ARRAY_TASK_MAX=8 SLURM_ARRAY_TASK_COUNT=2 \
        wattspan run small.yaml -n 2e5 --shard slurm
    equal "$code" 2
    has "$err" "without gaps"
    wattspan run small.yaml --shard slurm
    equal "$code" 2
    has "$err" "job array"
    for wrong in 0/3 4/3 1 a/b 1/; do
        wattspan run small.yaml --shard $wrong
        equal "$code" 2
        has "$err" "--shard needs I/N"
    done
    for i in 1 2; do
        SLURM_ARRAY_TASK_ID=$i SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=2 SLURM_ARRAY_TASK_COUNT=2 \
            wattspan run small.yaml -n 2e5 --shard slurm -o same.h5
    done
    equal "$code" 4
    has "$err" "same.h5: error: holds shard 1 of 2 of this study" "without -o"
    wattspan run small.yaml -n 3e5 --shard 1/2 -o same.h5 # the same one again, or of another run
    equal "$code" 0
    wattspan run small.yaml --shard 1/2 --tolerance 1%
    equal "$code" 2
    has "$err" "cannot be drawn in shards"
}

@test "what is not one whole run is refused, and nothing is written" {
    shard() { "$WATTSPAN" run small.yaml -n 1e6 --quiet "$@"; }
    for i in 1 2 3 4 5; do shard --shard $i/5; done
    refused() {
        local wanted=$1
        shift
        wattspan merge out.h5 "$@"
        equal "$code" 4
        equal "$(wc -l <.err)" 1
        has "$err" "$wanted"
        [ ! -e out.h5 ] && [ ! -e out.h5.part ]
    }
    refused "these are missing: 2, 4 to 5" small.shard-1-of-5.h5 small.shard-3-of-5.h5
    refused "each shard is to be given once" small.shard-?-of-5.h5 small.shard-3-of-5.h5
    shard --seed 2 --shard 1/5 -o seed.h5
    refused "has another seed" small.shard-[2345]-of-5.h5 seed.h5
    shard -n 2e6 --shard 1/5 -o draws.h5
    refused "has another number of draws" small.shard-[2345]-of-5.h5 draws.h5
    shard --shard 1/4 -o four.h5
    refused "has another number of shards" small.shard-[2345]-of-5.h5 four.h5
    shard --set power=650 --shard 1/5 -o study.h5
    refused "is of another study" small.shard-[2345]-of-5.h5 study.h5
    shard -o whole.h5
    refused "is a whole result" small.shard-[2345]-of-5.h5 whole.h5
    head -c 20000 small.shard-1-of-5.h5 >cut.h5
    refused "truncated" small.shard-[2345]-of-5.h5 cut.h5
    refused "no such file" small.shard-[2345]-of-5.h5 absent.h5
    for command in "show small.shard-1-of-5.h5" "run small.shard-1-of-5.h5"; do
        wattspan $command
        equal "$code" 4
        has "$err" "is a part of a run"
    done
    wattspan merge out.h5
    equal "$code" 2
}

# What a checkpoint is asked, too; but it has a checksum, which a test cannot write.
@test "merge: a part by another version of the program, or of other tables, is refused with one line" {
    for i in 1 2; do "$WATTSPAN" run small.yaml -n 2e5 --shard $i/2 -o part$i.h5 --quiet; done
    cp part2.h5 before
    for what in version revision tables_digest; do
        cp before part2.h5
        /usr/bin/python3 - "$what" <<'PY'
import h5py, sys
with h5py.File("part2.h5", "r+") as file:
    assert sys.argv[1] in file.attrs
    file.attrs[sys.argv[1]] = "0.0.0-other"
PY
        wattspan merge out.h5 part1.h5 part2.h5 --quiet
        equal "$code" 4
        equal "$(wc -l <.err)" 1
        has "$err" "part2.h5: error: has another ${what/tables_/}" "'0.0.0-other'"
        [ ! -e out.h5 ] && [ ! -e out.h5.part ]
    done
}
