#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Disks that fail: each call that writes fails once, the first, the second, ...; the file that was there before stays as
# it was, and nothing else is left. WS_IO_FAULTS is the library of io_faults.c.

load ../cli/common
eval "$(declare -f setup | sed '1s/setup/small_setup/')"
eval "$(declare -f teardown | sed '1s/teardown/small_teardown/')"

setup() {
    small_setup
    "$WATTSPAN" run small.yaml -n 1e4 -o out.h5 --quiet >/dev/null
    cp out.h5 before.h5
}

teardown() {
    if mountpoint -q "$scratch/disk"; then
        umount "$scratch/disk"
    fi
    small_teardown
}

# Runs small.yaml into out.h5 with call "$1" failing at its "$2"nd time with errno "$3": $code, $err; the number of these
# calls goes to .calls.
with_fault() {
    code=0
    # The sanitizer wants to be the first library, and works as the second one, too.
    LD_PRELOAD=$WS_IO_FAULTS WS_FAULT_FOLDER=$PWD/out.h5 WS_FAULT_CALL=$1 WS_FAULT_AT=$2 WS_FAULT_ERRNO=$3 \
        WS_FAULT_COUNT=$PWD/.calls ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0 \
        "$WATTSPAN" run small.yaml -n 2e4 ${more-} -o "$PWD/out.h5" >.out 2>.err || code=$?
    err=$(cat .err)
}

# Each of the calls "$1" of a run that replaces out.h5 fails with errno "$2", which reads "$3". What is closed after a
# trial may fail to be closed, and HDF5 looks for the file that is to be made.
try_each() {
    local call=$1 reason=$2 text=$3 calls at failures=0
    with_fault "$call" 0 0
    equal $code 0
    calls=$(cat .calls)
    [ "$calls" -gt 0 ]
    for ((at = 1; at <= calls; at++)); do
        cp before.h5 out.h5
        with_fault "$call" "$at" "$reason"
        echo "$call $at of $calls: status $code, $err"
        [ ! -e out.h5.part ]
        if [ "$code" -eq 0 ] && [[ $call == @(open|close) ]]; then
            "$WATTSPAN" show out.h5 >/dev/null
            continue
        fi
        failures=$((failures + 1))
        equal $code 4
        has "$err" out.h5 "$text"
        equal "$(wc -l <.err)" 1
        cmp before.h5 out.h5
    done
    [ "$failures" -gt 0 ]
}

@test "opening fails" { try_each open 13 "Permission denied"; }
@test "writing fails" { try_each write 5 "Input/output error"; }
@test "the disk is full" { try_each write 28 "No space left on device"; }
# In the other way of writing: while the draws are made.
@test "writing fails under kept draws" { more="--keep-type float32" try_each write 5 "Input/output error"; }
@test "the disk is full under kept draws" { more="--keep-deflate 1" try_each write 28 "No space left on device"; }
@test "syncing fails" { try_each fsync 5 "Input/output error"; }
@test "closing fails" { try_each close 122 "Disk quota exceeded"; }
@test "renaming fails" { try_each rename 5 "Input/output error"; }

@test "a file system that is full" {
    mkdir disk
    mount -t tmpfs -o size=64k tmpfs disk 2>/dev/null || skip "tmpfs cannot be mounted here"
    wattspan run small.yaml -n 1e4 -o disk/out.h5
    equal $code 4
    has "$err" disk/out.h5 "No space left on device"
    equal "$(wc -l <.err)" 1
    equal "$(ls disk)" ""
}

@test "a file system that refuses locks" {
    unlocked() { # a run of the program there
        LD_PRELOAD=$WS_IO_FAULTS WS_FAULT_LOCKS=1 ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0 \
            "$WATTSPAN" "$@" >.out 2>.err
    }
    "$WATTSPAN" run small.yaml -n 2e5 --keep all --quiet -o wanted.h5
    # The fault is there: another program is refused.
    run env LD_PRELOAD="$WS_IO_FAULTS" WS_FAULT_LOCKS=1 flock wanted.h5 true
    [ "$status" -ne 0 ]
    unlocked run small.yaml -n 2e5 --keep all --quiet -o whole.h5
    unlocked run small.yaml -n 2e5 --keep all --quiet -o whole.h5 --resume
    for i in 1 2; do unlocked run small.yaml -n 2e5 --keep all --quiet --shard $i/2; done
    unlocked merge merged.h5 small.shard-* --quiet
    unlocked show merged.h5
    /usr/bin/python3 "$source_root/tests/same_numbers.py" wanted.h5 whole.h5 merged.h5
}

@test "a clock that is set back all the time" {
    # The clock of what runs so goes an hour back each time that it is asked.
    back=(env LD_PRELOAD="$WS_IO_FAULTS" WS_FAULT_CLOCK=1 ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0")
    "${back[@]}" /usr/bin/python3 -c 'import time; a = time.time(); assert time.time() < a - 3000'
    "$WATTSPAN" run small.yaml -n 3e7 --quiet -o wanted.h5
    "${back[@]}" "$WATTSPAN" run small.yaml -n 3e7 --checkpoint 0.001 --quiet -o out.h5
    /usr/bin/python3 "$source_root/tests/same_numbers.py" wanted.h5 out.h5
    # Nor does it tell which of two checkpoints is the newer.
    rm out.h5
    for _ in {1..20}; do
        "${back[@]}" "$WATTSPAN" run small.yaml -n 3e7 --checkpoint 0.001 --quiet -o out.h5 &
        while [ ! -e out.h5.checkpoint.previous ] && kill -0 $! 2>/dev/null; do sleep 0.005; done
        kill -KILL $! || true
        wait $! || true
        [ ! -e out.h5.checkpoint.previous ] || break
        rm -f out.h5*
    done
    # Killed between two renames, it has left the older one alone.
    newest=out.h5.checkpoint
    [ -e "$newest" ] || newest=out.h5.checkpoint.previous
    "${back[@]}" "$WATTSPAN" run small.yaml -n 3e7 -o out.h5 --resume >.out 2>.err
    has "$(cat .err)" "$newest: note: going on from here"
    /usr/bin/python3 "$source_root/tests/same_numbers.py" wanted.h5 out.h5
}
