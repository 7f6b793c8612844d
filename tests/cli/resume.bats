#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What a run that lasts says and leaves when it is interrupted, resumed, refused, extended. That the bits are right in
# all combinations is for tests/parts.
load common

# interrupt SIGNAL ARGUMENT...: runs until there is a checkpoint, then sends the signal: $code, $err. A script's
# background jobs ignore SIGINT, which the program respects: hence Python, which does not.
interrupt() {
    /usr/bin/python3 - "$WATTSPAN" "$@" >.code <<'RUN'
import os, signal, subprocess, sys, time
program, name, *words = sys.argv[1:]
def stat():
    try:
        return os.stat("small.h5.checkpoint").st_mtime_ns
    except FileNotFoundError: # none yet, or one is making way for the next
        return before
before = 0
before = stat()
with open(".err", "w") as err:
    p = subprocess.Popen([program, *words], stdout=subprocess.DEVNULL, stderr=err,
                         preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    while stat() == before and p.poll() is None:
        time.sleep(0.001)
    p.send_signal(getattr(signal, "SIG" + name))
    print(p.wait(timeout=120))
RUN
    code=$(cat .code)
    err=$(cat .err)
}

long=(run small.yaml -n 1e12 --checkpoint 0.01)

@test "SIGINT, SIGTERM and SIGUSR1 save a checkpoint and end with 130, 143 and 75 and one line" {
    for signal in INT:130 TERM:143 USR1:75; do
        interrupt "${signal%:*}" "${long[@]}" --resume --quiet
        equal "$code" "${signal#*:}"
        equal "$(wc -l <.err)" 1
        has "$err" "interrupted after" "of 1000000000000 draws" "saved in small.h5.checkpoint" "--resume goes on"
        [ -e small.h5.checkpoint ] && [ ! -e small.h5 ] && [ ! -e small.h5.part ]
    done
}

@test "while a study is read or planned there is nothing to lose: a signal ends the program at once, with the same codes" {
    for signal in INT:130 TERM:143 USR1:75; do
        /usr/bin/python3 - "$WATTSPAN" "${signal%:*}" >.code <<'RUN'
import signal, subprocess, sys, time
program, name = sys.argv[1:]
with open(".err", "w") as err:
    p = subprocess.Popen([program, "run", "-", "-o", "read.h5"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                         stderr=err, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    while "SigCgt:\t0000000000000000" in (status := open(f"/proc/{p.pid}/status").read()) or "\nState:\tS" not in status:
        time.sleep(0.001) # until it waits for its study, with the signals watched
    time.sleep(0.1)
    p.send_signal(getattr(signal, "SIG" + name))
    print(p.wait(timeout=60))
RUN
        equal "$(cat .code)" "${signal#*:}"
        equal "$(cat .err)" "wattspan: interrupted before anything was drawn"
        [ ! -e read.h5 ] && [ ! -e read.h5.part ] && [ ! -e read.h5.checkpoint ]
    done
}

@test "without periodic checkpoints an interrupted run still leaves one" {
    /usr/bin/python3 - "$WATTSPAN" <<'RUN'
import os, signal, subprocess, sys, time
p = subprocess.Popen([sys.argv[1], "run", "small.yaml", "-n", "1e12", "--checkpoint", "0", "--quiet"])
while not os.path.exists("small.h5.part"):
    time.sleep(0.001)
time.sleep(0.3)
assert not os.path.exists("small.h5.checkpoint")
p.send_signal(signal.SIGTERM)
assert p.wait(timeout=120) == 143
RUN
    [ -e small.h5.checkpoint ]
}

@test "--resume: afresh with a note where there is nothing, on with a note where there is, nothing where all is done" {
    wattspan run small.yaml -n 3e6 --seed 3 --resume -o small.h5
    equal "$code" 0
    has "$err" "small.h5.checkpoint: note: there is no checkpoint to go on from" "written to small.h5"
    cp -p small.h5 first.h5
    wattspan run small.yaml -n 3e6 --seed 3 --resume -o small.h5
    equal "$code" 0
    equal "$err" "small.h5: note: is the finished result of this run: nothing is left to do"
    has "$out" "energy"
    cmp small.h5 first.h5
    wattspan run small.yaml -n 3e6 --seed 3 --resume --no-clobber -o small.h5
    equal "$code" 0
    wattspan run small.yaml -n 3e6 --seed 4 --resume -o small.h5 --quiet # another run
    equal "$code" 0
    ! cmp -s small.h5 first.h5
    rm small.h5
    interrupt KILL run small.yaml -n 3e7 --checkpoint 0.001 --quiet
    equal "$code" -9
    wattspan run small.yaml -n 3e7 --resume
    equal "$code" 0
    has "$err" "small.h5.checkpoint: note: going on from here:" "of 30000000 draws are done"
    equal "$(ls small.h5*)" small.h5
    wattspan run small.yaml -n 2e6 --shard 1/2 -o small.h5
    wattspan run small.yaml -n 2e6 --shard 1/2 -o small.h5 --resume
    equal "$code" 0
    equal "$err" "small.h5: note: is the finished result of this run: nothing is left to do"
}

@test "the checkpoint of another run is refused with one line, and stays" {
    interrupt TERM "${long[@]}" --quiet
    cp small.h5.checkpoint before
    refused() {
        local wanted=$1
        shift
        wattspan "$@" --resume --quiet -o small.h5
        equal "$code" 4
        equal "$(wc -l <.err)" 1
        has "$err" "small.h5.checkpoint: error: $wanted"
        cmp small.h5.checkpoint before
        [ ! -e small.h5 ] && [ ! -e small.h5.part ]
    }
    refused "has another seed than this run" run small.yaml -n 1e12 --seed 9
    refused "has another number of draws" run small.yaml -n 2e12
    refused "has another generator" run small.yaml -n 1e12 --rng mt19937
    refused "is of another study" run small.yaml -n 1e12 --set power=650
    refused "has another number of shards" run small.yaml -n 1e12 --shard 1/1000000
    refused "has another task than this run" run small.yaml --tolerance 0.0001%
    wattspan run small.yaml -n 1e5 # without --resume it is the run that counts
    has "$err" "small.h5.checkpoint: note: is an earlier run's, which --resume would go on from"
    equal "$code" 0
    equal "$(ls small.h5*)" small.h5
    wattspan show small.h5.checkpoint
    equal "$code" 4
    cp before small.h5.checkpoint
    wattspan merge out.h5 small.h5.checkpoint
    equal "$code" 4
    has "$err" "is the checkpoint of a run that has not finished"
    wattspan show small.h5.checkpoint
    has "$err" "is a part of a run"
}

@test "a damaged checkpoint gives way to the one before it; where both are damaged the run starts afresh" {
    wattspan run small.yaml -n 3e7 -o wanted.h5 --quiet
    killed() {
        rm -f small.h5*
        while [ ! -e small.h5.checkpoint ] || [ ! -e small.h5.checkpoint.previous ]; do
            interrupt KILL run small.yaml -n 3e7 --checkpoint 0.001 --quiet --resume
            equal "$code" -9
        done
    }
    # Killed while it saved, it may have left a part of a checkpoint: it goes with the rest.
    killed
    touch small.h5.checkpoint.part
    wattspan run small.yaml -n 3e7 --resume --quiet
    equal "$(ls small.h5*)" small.h5
    for damage in "truncate -s 5000" "truncate -s -16" "truncate -s 0" "dd conv=notrunc bs=1 seek=30000 count=9 status=none if=small.yaml of="; do
        killed
        case $damage in
        dd*) $damage"small.h5.checkpoint" ;;
        *) $damage small.h5.checkpoint ;;
        esac
        wattspan run small.yaml -n 3e7 --resume
        equal "$code" 0
        has "$err" "small.h5.checkpoint: warning: is damaged; looking for the one before it" \
            "small.h5.checkpoint.previous: note: going on from here"
        /usr/bin/python3 "$source_root/tests/same_numbers.py" wanted.h5 small.h5
        equal "$(ls small.h5*)" small.h5
    done
    killed
    truncate -s 5000 small.h5.checkpoint small.h5.checkpoint.previous
    wattspan run small.yaml -n 3e7 --resume
    equal "$code" 0
    has "$err" "small.h5.checkpoint.previous: warning: is damaged" "starting from the beginning"
    /usr/bin/python3 "$source_root/tests/same_numbers.py" wanted.h5 small.h5
}

@test "what is no checkpoint is not replaced by one" {
    echo "my notes" >small.h5.checkpoint
    wattspan run small.yaml -n 1e5
    equal "$code" 4
    has "$err" "small.h5.checkpoint: error: is there already and is no checkpoint"
    equal "$(cat small.h5.checkpoint)" "my notes"
    [ ! -e small.h5 ]
}

@test "a checkpoint that cannot be written is a warning, once; a part that is removed is made again" {
    mkdir small.h5.checkpoint.part
    wattspan run small.yaml -n 2e7 --checkpoint 0.001
    equal "$code" 0
    equal "$(grep -c warning .err)" 1
    has "$err" "small.h5.checkpoint: warning: cannot be written" "saving is tried again" "written to small.h5"
    rmdir small.h5.checkpoint.part
    /usr/bin/python3 - "$WATTSPAN" <<'RUN'
import os, subprocess, sys, time
p = subprocess.Popen([sys.argv[1], "run", "small.yaml", "-n", "1e8", "-o", "other.h5", "--quiet"])
while not os.path.exists("other.h5.part") or os.path.getsize("other.h5.part") == 0: # until the run has marked it
    time.sleep(0.001)
os.remove("other.h5.part")
assert p.wait(timeout=120) == 0
assert os.path.exists("other.h5")
RUN
}

# second PRELOAD: while a run works on small.h5, another is refused; once that was killed, it is not.
second() {
    /usr/bin/python3 - "$WATTSPAN" "$1" <<'RUN'
import os, subprocess, sys, time
program, preload = sys.argv[1:]
env = dict(os.environ, LD_PRELOAD=preload) if preload else None
first = subprocess.Popen([program, "run", "small.yaml", "-n", "1e12", "--quiet"], env=env)
while not os.path.exists("small.h5.part") or os.path.getsize("small.h5.part") == 0:
    time.sleep(0.001)
other = lambda: subprocess.run([program, "run", "small.yaml", "-n", "1e4", "--quiet"], env=env, stderr=subprocess.PIPE,
                               text=True)
refused = other()
first.kill()
first.wait()
assert refused.returncode == 4, refused
assert f"another run (process {first.pid} on" in refused.stderr and refused.stderr.count("\n") == 1, refused.stderr
assert os.path.exists("small.h5.part")
done = other()
assert done.returncode == 0 and done.stderr == "", done
assert sorted(name for name in os.listdir(".") if name.startswith("small.h5")) == ["small.h5"]
RUN
}

@test "two runs do not write the same file, nor is one that was killed in anybody's way" {
    second ""
}

@test "the same where the file system has no locks" {
    [ -n "$WS_NO_LOCKS" ] || skip "the library without locks is not there"
    second "$WS_NO_LOCKS"
}

@test "extend: more draws in the same place; what cannot be is refused with the reason, and the file stays" {
    wattspan run small.yaml -n 3e5
    wattspan extend small.h5 -n 1e6
    equal "$code" 0
    equal "$err" "written to small.h5"
    has "$out" "1,000,000 draws"
    wattspan run small.yaml -n 1e6 -o wanted.h5 --quiet
    /usr/bin/python3 "$source_root/tests/same_numbers.py" wanted.h5 small.h5
    /usr/bin/python3 -c '
import h5py
history = h5py.File("small.h5").attrs["history"]
assert [line.split()[1] for line in history.splitlines()] == ["run", "extend"], history'
    cp -p small.h5 before.h5
    wattspan extend small.h5 -n 1000000
    equal "$code" 0
    equal "$err" "small.h5: note: has as many draws already: nothing is left to do"
    cmp small.h5 before.h5
    mkdir folder
    wattspan extend small.h5 -n 2e6 -o folder --quiet
    [ -e folder/small.h5 ]
    cmp small.h5 before.h5
    refused() {
        local status=$1 wanted=$2
        shift 2
        wattspan extend "$@"
        equal "$code" "$status"
        has "$err" "$wanted"
        cmp small.h5 before.h5
    }
    refused 2 "cannot be extended to 500000, which are fewer" small.h5 -n 5e5
    refused 2 "--draws is missing" small.h5
    refused 4 "is there already, and is not to be replaced" small.h5 -n 2e6 --no-clobber
    wattspan run small.yaml -n 1e5 --design lhs --quiet -o lhs.h5
    refused 2 "design 'lhs', whose draws are spread evenly for their number" lhs.h5 -n 2e5
    wattspan sensitivity small.yaml -n 65536 --quiet -o sensitivity.h5
    refused 2 "holds a sensitivity analysis" sensitivity.h5 -n 2e6
    wattspan run small.yaml -n 1e6 --shard 1/2 --quiet -o shard.h5
    refused 4 "is a part of a run" shard.h5 -n 2e6
    refused 4 "there is no such file" absent.h5 -n 2e6
    wattspan run small.yaml --tolerance 1% --quiet -o tolerance.h5
    wattspan extend tolerance.h5 -n 1e6
    equal "$code" 0
    has "$err" "tolerance.h5: note: was drawn to a tolerance, which is not looked at any more"
    /usr/bin/python3 "$source_root/tests/same_numbers.py" wanted.h5 tolerance.h5
}

@test "a run to a tolerance is resumed in the midst of its rounds" {
    wattspan run small.yaml --tolerance 0.02% --quiet -o wanted.h5
    equal "$code" 0
    for design in mc sobol; do
        [ $design = mc ] || wattspan run small.yaml --tolerance 0.0002% --design sobol --quiet -o wanted.h5
        tolerance=0.02%
        [ $design = mc ] || tolerance=0.0002%
        for i in 1 2 3 4 5 6; do
            interrupt KILL run small.yaml --tolerance $tolerance --design $design --checkpoint 0.001 --resume --quiet
            [ "$code" -eq -9 ] || break
        done
        wattspan run small.yaml --tolerance $tolerance --design $design --resume --quiet
        equal "$code" 0
        /usr/bin/python3 "$source_root/tests/same_numbers.py" wanted.h5 small.h5
        rm small.h5
    done
}

@test "a sweep to a tolerance reaches it in all cases with the bits of a run of as many draws, and is resumed" {
    cat >>small.yaml <<<'evidence: {seen: {quantity: used, unit: GWh, observed: {normal: {mean: 1.5, sd: 0.5}}}}'
    sweep=(run small.yaml --vary power=600,700,800)
    wattspan "${sweep[@]}" --tolerance 0.5% -o wanted.h5 --format json --quiet
    equal "$code" 0
    has "$out" '"reached": true' '"worst_case": '
    draws=$(grep -o '"draws": [0-9]*,' <<<"$out" | head -n 1 | tr -dc 0-9)
    wattspan "${sweep[@]}" -n "$draws" --format csv -o plain.h5
    plain=$out
    wattspan show wanted.h5 --format csv
    equal "$out" "$plain"
    interrupt KILL "${sweep[@]}" --tolerance 0.5% --checkpoint 0.001 --quiet
    wattspan "${sweep[@]}" --tolerance 0.5% --resume --quiet
    equal "$code" 0
    /usr/bin/python3 "$source_root/tests/same_numbers.py" wanted.h5 small.h5
    wattspan "${sweep[@]}" --tolerance 0.1% --max-draws 1e5 --quiet -o short.h5
    has "$err" "not reached with the most draws allowed, 65536: the standard error of " " in case "
}

@test "a sweep is extended, too" {
    sweep=(run small.yaml --vary power=600,700,800 --quiet)
    wattspan "${sweep[@]}" -n 6e5 -o wanted.h5
    equal "$code" 0
    wattspan "${sweep[@]}" -n 3e5
    wattspan extend small.h5 -n 6e5 --quiet
    equal "$code" 0
    /usr/bin/python3 "$source_root/tests/same_numbers.py" wanted.h5 small.h5
}
