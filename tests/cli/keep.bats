#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Kept draws beyond what memory holds are written while they are drawn.
load common

evidence() {
    { cat small.yaml; printf 'evidence:\n  seen: {quantity: used, unit: GWh, observed: {normal: {mean: 1.5, sd: 0.4}}}\n'; } >facts.yaml
}

same() { /usr/bin/python3 "$source_root/tests/same_numbers.py" "$@"; }

# check FILE FEW.h5 DRAWS [float32]: the file has DRAWS draws in all, the first of them those of FEW.h5, which was
# written in one go, and their mean is that of the summary.
check() {
    /usr/bin/python3 - "$@" <<'CHECK'
import sys
import h5py, numpy, xarray
path, few, draws, single = sys.argv[1], sys.argv[2], int(sys.argv[3]), len(sys.argv) > 4
with h5py.File(path) as file, h5py.File(few) as other:
    assert file.attrs["kept_draws"] == draws
    for group in "prior", "prior_predictive", "sample_stats_prior":
        assert (group in file) == (group in other)
        for name in file.get(group, []):
            a, b = file[group][name], other[group][name]
            assert dict(a.attrs).keys() == dict(b.attrs).keys(), (name, dict(a.attrs), dict(b.attrs))
            assert a.fletcher32 or name == "chain"
            if a.ndim == 2:
                assert a.size == draws and a.chunks[1] >= min(32768, a.shape[1])
                wanted = b[:].astype("f4").astype("f8") if single and b.dtype == "f8" else b[:]
                assert a.dtype == ("f4" if single and b.dtype == "f8" else b.dtype), a.dtype
                assert numpy.array_equal(a[:, :b.shape[1]], wanted, equal_nan=True), name
            elif name == "draw":
                assert numpy.array_equal(a[:], numpy.arange(a.size))
    for output in file["prior_predictive"]:
        if output not in ("chain", "draw"):
            mean = file["summary"][output]["mean"][0]
            assert abs(file["prior_predictive"][output][:].astype("f8").mean() / mean - 1) < (1e-6 if single else 1e-12)
with xarray.open_dataset(path, group="prior_predictive") as data:
    assert data.energy.size == draws and data.energy.attrs["units"] == "GW h"
CHECK
}

@test "all draws are in the file, whatever the design, the threads, evidence: mc, lhs, sobol" {
    evidence
    for study in small facts; do
        for design in $([ $study = small ] && echo mc || echo lhs sobol); do
            run="$study.yaml -n 393216 --seed 3 --design $design --quiet"
            wattspan run $run --keep 4096 -o few.h5
            equal "$code" 0
            for threads in 1 3; do
                wattspan run $run --keep all --threads $threads -o all-$threads.h5
                equal "$err" ""
                equal "$code" 0
            done
            check all-1.h5 few.h5 393216
            same all-1.h5 all-3.h5
        done
    done
}

@test "a generator with a state, a last piece that is short" {
    wattspan run small.yaml -n 200001 --rng mt19937 --quiet --keep 5 -o few.h5
    wattspan run small.yaml -n 200001 --rng mt19937 --quiet --keep all -o all.h5
    equal "$code" 0
    check all.h5 few.h5 200001
}

@test "float32 and compression" {
    wattspan run small.yaml -n 200000 --quiet --keep 1000 -o few.h5
    wattspan run small.yaml -n 200000 --quiet --keep all --keep-type float32 -o single.h5
    equal "$code" 0
    check single.h5 few.h5 200000 float32
    wattspan run small.yaml -n 200000 --quiet --keep all --keep-deflate 9 -o packed.h5
    equal "$code" 0
    check packed.h5 few.h5 200000
    wattspan run small.yaml -n 200000 --quiet --keep all -o plain.h5
    [ "$(stat -c %s packed.h5)" -lt "$(stat -c %s plain.h5)" ]
    wattspan run small.yaml -n 1000 --quiet --keep-type float32 -o few-single.h5 # few draws in the same way
    equal "$code" 0
    for wrong in 10 0 x; do
        wattspan run small.yaml --keep-deflate $wrong
        equal "$code" 2
    done
}

@test "shards that are merged, runs to a tolerance and analyses have all draws, too" {
    wattspan run small.yaml -n 400000 --quiet --keep all -o whole.h5
    for i in 1 2 3; do wattspan run small.yaml -n 400000 --quiet --keep all --shard $i/3; done
    wattspan merge merged.h5 small.shard-* --quiet
    equal "$err" ""
    same whole.h5 merged.h5
    wattspan run small.yaml -n 200000 --quiet --keep all -o longer.h5
    wattspan extend longer.h5 -n 400000 --quiet
    equal "$code" 0
    same whole.h5 longer.h5
    wattspan run small.yaml --tolerance 0.3% --quiet --keep all -o tolerance.h5
    equal "$code" 0
    wattspan run small.yaml -n 1000 --quiet --keep 10 -o few.h5
    check tolerance.h5 few.h5 "$(/usr/bin/python3 -c 'import h5py; print(h5py.File("tolerance.h5").attrs["draws"])')"
    wattspan sensitivity small.yaml -n 200000 --design mc --quiet --keep all -o sensitivity.h5
    equal "$code" 0
    check sensitivity.h5 few.h5 262144
}

@test "a sweep keeps what memory holds" {
    wattspan run small.yaml -n 200000 --vary power=600,700 --keep all
    equal "$code" 2
    has "$err" "a sweep keeps at most 131072 draws"
    wattspan run small.yaml -n 100000 --vary power=600,700 --keep all --quiet
    equal "$code" 0
}

@test "show and explain read a part of the draws, run draws all of them again" {
    wattspan run small.yaml -n 300000 --keep all -o all.h5
    equal "$code" 0
    table=$out
    wattspan show all.h5
    equal "$out" "$table"
    wattspan explain all.h5 --when 'energy > 2 [GWh]'
    equal "$code" 0
    has "$out" "of 131,072 kept draws"
    wattspan run all.h5 --quiet -o again.h5
    check again.h5 all.h5 300000
}

@test "a disk that is too small is said so before the draws are written, and nothing is left" {
    [ "$(id -u)" -eq 0 ] && mkdir small && mount -t tmpfs -o size=4m tmpfs small || skip "needs root, to mount"
    wattspan run small.yaml -n 1e6 --keep all -o small/all.h5 --quiet
    code_before=$code err_before=$err left=$(ls -A small)
    head -c 3M /dev/zero >small/other # and where it fills up only while it is written
    wattspan run small.yaml -n 200000 --keep all --keep-deflate 1 -o small/all.h5 --quiet
    left=$left$(ls -A small)
    umount small
    equal "$code_before" 4
    has "$err_before" "small/all.h5: " "1000000 kept draws take 0.0" "are free there"
    equal "$code" 4
    equal "$err" "small/all.h5: error: cannot be written: No space left on device"
    equal "$left" "other"
}
