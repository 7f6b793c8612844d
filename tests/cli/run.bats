#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs: where results go, what is overwritten, what is printed where, and how runs end.
load common

@test "the result goes to NAME.h5, to results/NAME.h5 where there is a folder results" {
    wattspan run small.yaml -n 1e4
    equal "$code" 0
    equal "$err" "written to small.h5"
    [ -s small.h5 ]
    mkdir results
    wattspan run small.yaml -n 1e4
    equal "$err" "written to results/small.h5"
    [ -s results/small.h5 ]
}

@test "-o names a file or a folder" {
    mkdir there
    wattspan run small.yaml -n 1e4 -o there
    equal "$err" "written to there/small.h5"
    wattspan run small.yaml -n 1e4 -o there/
    equal "$err" "written to there/small.h5"
    wattspan run small.yaml -n 1e4 -o other.h5
    equal "$err" "written to other.h5"
    [ -s there/small.h5 ] && [ -s other.h5 ]
}

@test "a study on standard input is called study" {
    wattspan run - -n 1e4 <small.yaml
    equal "$code" 0
    equal "$err" "written to study.h5"
}

@test "an earlier result is replaced, but not with --no-clobber" {
    wattspan run small.yaml -n 1e4 --quiet
    before=$(cksum <small.h5)
    wattspan run small.yaml -n 2e4 --quiet --no-clobber
    equal "$code" 4
    equal "$(cksum <small.h5)" "$before"
    wattspan run small.yaml -n 2e4 --quiet
    equal "$code" 0
    [ "$(cksum <small.h5)" != "$before" ]
}

@test "a file that is not ours is never overwritten" {
    echo precious >small.h5
    wattspan run small.yaml -n 1e4
    equal "$code" 4
    equal "$out" ""
    has "$err" "small.h5: error: "
    equal "$(cat small.h5)" precious
    wattspan run small.yaml -n 1e4 -o small.yaml
    equal "$code" 4
    has "$(cat small.yaml)" "A small study"
}

@test "an output that cannot be written exits with 4 before anything is drawn" {
    wattspan run small.yaml -n 1e15 -o missing/folder/out.h5
    equal "$code" 4
    has "$err" "missing/folder/out.h5: error: "
    [ ! -e missing ]
}

@test "nothing is left under the .part name" {
    wattspan run small.yaml -n 1e4 --quiet
    equal "$(ls ./*.part 2>/dev/null)" ""
}

@test "the table has its columns and lines and fits 80 columns" {
    wattspan run small.yaml -n 1e5
    equal "$code" 0
    has "$out" "A small study" "100,000 draws, mc, philox4x32, seed 1" \
        "output  unit  published  points" "median" "p95/p5" "lies at" "energy  GWh" "  rent" "  buy" "1.40" \
        "true in " "driven by" "hours +" "at the meter" "Monte Carlo error <= " "comes from the priors"
    equal "$(LC_ALL=C.UTF-8 awk 'length > 80' .out)" ""
    has "$(grep '^big' .out)" " false " "% of draws ±"
}

@test "--wide adds means, standard errors and histograms" {
    wattspan run small.yaml -n 1e5 --wide
    has "$out" "mean se" "sd se" "median se" "█"
}

@test "--format markdown gives pipe tables of equal width, with the numbers of the table" {
    wattspan run small.yaml -n 1e5 --format markdown --quiet
    equal "$code" 0
    has "$out" '**A small study**' '| output | unit | published | points | p5 | median | p95 | p95/p5 | lies at |' \
        '|:---|:---|---:|' '| &ensp;&ensp;rent |'
    wattspan show small.h5
    local median
    median=$(awk '$1 == "energy" { print $6; exit }' <<<"$out")
    wattspan show small.h5 --format markdown
    has "$out" "| $median |"
    equal "$(awk -F'|' '/^\|/ { print $2 ~ /energy/ && NF == 11 } ' <<<"$out" | head -3 | tail -1)" 1
}

@test "--format latex gives closed tables and escapes what LaTeX reads" {
    sed -i 's/A small study/"A small study: 5 % \& $7 of a_b"/' small.yaml
    wattspan run small.yaml -n 1e4 --format latex --quiet
    equal "$code" 0
    has "$out" '\noindent\textbf{A small study: 5 \% \& \$7 of a\_b}' '\toprule' '\bottomrule' '\multicolumn{5}{l@{}}{true in'
    equal "$(grep -c 'begin{tabular}' <<<"$out")" "$(grep -c 'end{tabular}' <<<"$out")"
    [[ $out != *[^\\]%* ]]
}

@test "what is no table of a result does not come as markdown" {
    wattspan check small.yaml --format markdown
    equal "$code" 2
}

@test "--quiet is silent, but prints what --format asks for" {
    wattspan run small.yaml -n 1e4 --quiet
    equal "$code" 0
    equal "$out$err" ""
    wattspan run small.yaml -n 1e4 --quiet --format csv
    equal "$err" ""
    has "$out" "kind,output,"
}

@test "JSON is JSON and carries what the table shows" {
    wattspan run small.yaml -n 1e5 --format json
    equal "$code" 0
    /usr/bin/python3 - .out <<'CHECK'
import json, sys
r = json.load(open(sys.argv[1]))
assert r["format"] == "wattspan-result" and r["run"]["draws"] == 100000 and r["run"]["seed"] == 1
energy, big = r["cases"][0]["outputs"]
assert energy["unit"] == "GWh" and abs(energy["point"] - 1.4) < 1e-12 and energy["boundary"] == "at the meter"
q = {x["probability"]: x for x in energy["quantiles"]}
assert q[0.05]["value"] < q[0.5]["value"] < q[0.95]["value"] and all(x["se"] > 0 for x in q.values())
assert abs(q[0.5]["value"] - 1.4) < 0.02, q[0.5]
claim, = energy["published"]
assert claim["value"] == 1.4 and 0.4 < claim["percentile"] < 0.6 and abs(claim["ratio"] - 1) < 1e-12
assert [b["alternative"] for b in energy["by"]] == ["rent", "buy"]
assert sum(b["n"] for b in energy["by"]) == energy["n"] == 100000
assert energy["spearman"]["hours"] > 0.9
assert sum(energy["histogram"]["counts"]) == 100000
assert big["probability"] is True and 0 < big["mean"] < 1
assert [i["name"] for i in r["inputs"]] == ["hours", "power", "owner"] and r["inputs"][2]["point"] == "rent"
CHECK
}

@test "CSV has one row per output, alternative and claim, all of the same length" {
    wattspan run small.yaml -n 1e5 --format csv
    equal "$code" 0
    /usr/bin/python3 - .out <<'CHECK'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
assert [r["kind"] for r in rows] == ["output", "output", "alternative", "alternative", "claim"], rows
assert rows[0]["output"] == "energy" and rows[0]["unit"] == "GWh" and float(rows[0]["p5"]) < float(rows[0]["p95"])
assert rows[2]["by"] == "owner" and rows[2]["alternative"] == "rent"
assert rows[4]["published"] == "1.4" and rows[4]["source"] == "report" and rows[4]["mean"] == ""
assert all(None not in r and None not in r.values() for r in rows)
CHECK
}

@test "show prints the same report from the file alone" {
    wattspan run small.yaml -n 1e5
    mv small.yaml away.yaml
    table=$out
    wattspan show small.h5
    equal "$code" 0
    equal "$err" ""
    equal "$out" "$table"
    wattspan show small.h5 --format json
    has "$out" '"wattspan-result"'
}

@test "show --weights weighs alternatives anew, without the study" {
    wattspan run small.yaml -n 1e5 --quiet
    rm small.yaml
    wattspan show small.h5 --weights owner=rent:1,buy:0
    equal "$code" 0
    has "$out" "owner = rent 1, buy 0"
    wattspan show small.h5 --weights owner=rent:1 --format csv
    python3 - "$out" <<'CHECK'
import csv, sys
rows = list(csv.DictReader(sys.argv[1].splitlines()))
pooled = next(r for r in rows if r["kind"] == "output" and r["output"] == rows[2]["output"])
rent = next(r for r in rows if r["alternative"] == "rent")
assert abs(float(pooled["p50"]) / float(rent["p50"]) - 1) < 1e-6, (pooled, rent)
CHECK
    wattspan show small.h5 --weights owner=rent:-1
    equal "$code" 2
    has "$err" "wanted 0 or more"
    wattspan show small.h5 --weights keeper=rent:1
    equal "$code" 2
    has "$err" "no input 'keeper'"
    wattspan show small.h5 --weights owner=rent:1 --weights owner=buy:1
    equal "$code" 2
    has "$err" "--weights is there twice"
}

@test "a result repeats its run" {
    wattspan run small.yaml -n 3e4 --seed 7 -o first.h5 --quiet
    rm small.yaml
    wattspan run first.h5 -o second.h5 --quiet
    equal "$code" 0
    equal "$("$WATTSPAN" show second.h5 --format csv)" "$("$WATTSPAN" show first.h5 --format csv)"
}

@test "--seed, --set and --keep do what they say" {
    wattspan run small.yaml -n 1e4 --format csv -o a.h5 --seed 2
    other=$out
    wattspan run small.yaml -n 1e4 --format csv -o a.h5
    [ "$out" != "$other" ]
    wattspan run small.yaml -n 1e4 --quiet --format csv --set power=1000 --set "hours=1e6 to 1.0001e6"
    /usr/bin/python3 -c 'import csv, sys; assert abs(float(next(csv.DictReader(open(".out")))["p50"]) - 1) < 1e-3'
    wattspan run small.yaml -n 1e4 --keep all --format json --quiet
    has "$out" '"kept": 10000,'
    wattspan run small.yaml -n 1e4 --keep 0 --format json --quiet
    has "$out" '"kept": 0,'
    wattspan run small.yaml -n 1e4 --set nosuch=1
    equal "$code" 3
    has "$err" "nosuch"
}

@test "what all draws agree on is not called certain" {
    # 1 - 0.05^(1/100,000) is 0.0029957 %.
    wattspan run small.yaml -n 1e5 --probability 'energy > 1e9 [GWh]' --probability 'energy < 1e9 [GWh]'
    has "$(tr -s ' \n' ' ' <.out)" "true in none of 100,000 draws: < 0.003 % (95 %)" \
        "true in all of 100,000 draws: > 99.997 % (95 %)"
    wattspan run small.yaml -n 1e5 --design sobol --probability 'energy > 1e9 [GWh]' # draws that are not independent
    has "$out" "true in none of "
    [[ $out != *"(95 %)"* ]]
    cat >rare.yaml <<'STUDY'
wattspan: 1
inputs:
  k: {prior: {choice: {u: 1, v: 999}}}
  x: {unit: 1, prior: {uniform: {min: 0, max: 1}}}
outputs: {rare: {unit: 1, formula: "x > select(k, u = 2, v = 3)", by: k}}
STUDY
    wattspan run rare.yaml -n 1e4
    has "$out" "(95 %)"
    wattspan show rare.h5 --weights k=u:999,v:1 # nor draws that are not of equal weight
    has "$out" "true in none of "
    [[ $out != *"(95 %)"* ]]
}

@test "progress appears when asked for, never in a pipe by itself" {
    wattspan run small.yaml -n 1e5 --progress always
    has "$err" "100 %" "draws/s"
    [[ $err != *"% written"* ]]
    wattspan run small.yaml -n 2e5 --keep all --progress always
    has "$err" "100 % written"
    wattspan run small.yaml -n 1e5
    equal "$err" "written to small.h5"
    has "$out" "energy"
    [[ $out != *$'\033'* ]]
}

@test "Ctrl-C and SIGTERM stop a run with 130 and 143 and leave no file" {
    for signal in INT TERM; do
        # A script's background jobs ignore SIGINT, which the program respects: hence Python, which does not.
        /usr/bin/python3 - "$WATTSPAN" "$signal" <<'CHECK'
import signal, subprocess, sys
number = getattr(signal, "SIG" + sys.argv[2])
p = subprocess.Popen([sys.argv[1], "run", "small.yaml", "-n", "1e13", "--progress", "always"], stderr=subprocess.PIPE,
                     text=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
p.stderr.read(1)  # once it says how far it is, it is drawing
p.send_signal(number)
try:
    err = p.communicate(timeout=60)[1]
finally:
    p.kill()
assert p.returncode == 128 + number, p.returncode
assert "interrupted" in err, err
CHECK
        [ ! -e small.h5 ] && [ ! -e small.h5.part ]
    done
}

@test "a run that ignores SIGINT from its start goes on" {
    /usr/bin/python3 - "$WATTSPAN" <<'CHECK'
import signal, subprocess, sys, time
p = subprocess.Popen([sys.argv[1], "run", "small.yaml", "-n", "1e8", "--quiet"],
                     preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
time.sleep(0.1)
p.send_signal(signal.SIGINT)
assert p.wait(timeout=60) == 0
CHECK
}

@test "a full disk behind standard output is an error, a closed pipe is none" {
    [ -c /dev/full ] || skip "no /dev/full"
    code=0
    "$WATTSPAN" run small.yaml -n 1e4 >/dev/full 2>.err || code=$?
    equal "$code" 4
    has "$(cat .err)" "standard output: error: "
    [ -s small.h5 ]
    set -o pipefail
    "$WATTSPAN" show small.h5 --format json | true
}

@test "a limit on file sizes is an error, and leaves nothing behind" {
    code=0
    (ulimit -f 20 && exec "$WATTSPAN" run small.yaml -n 2e4 --quiet -o limited.h5) 2>.err || code=$?
    equal "$code" 4
    has "$(cat .err)" "limited.h5: error: cannot be written: "
    [ ! -e limited.h5 ] && [ ! -e limited.h5.part ]
}

@test "a link is followed: what it points to is the result" {
    mkdir elsewhere
    ln -s elsewhere/there.h5 link.h5
    for _ in made replaced; do
        wattspan run small.yaml -n 1e4 -o link.h5
        equal "$code" 0
        [ -L link.h5 ] && [ -f elsewhere/there.h5 ] && [ ! -L elsewhere/there.h5 ]
    done
    wattspan show link.h5
    equal "$code" 0
    ln -s round.h5 round.h5
    wattspan run small.yaml -n 1e4 -o round.h5
    equal "$code" 4
    has "$err" "round.h5: error: is a symbolic link that leads nowhere"
}

@test "a damaged result is trouble with a file wherever a study may stand" {
    wattspan run small.yaml -n 1e4
    head -c 10000 small.h5 >cut.h5
    for command in run check sensitivity; do
        wattspan "$command" cut.h5
        equal "$code" 4
        has "$err" "cut.h5: error: "
    done
    wattspan replay cut.h5 --draw 1
    equal "$code" 4
}

@test "an unknown Monte Carlo error is not called a small one" {
    wattspan run small.yaml -n 1 -o one.h5
    equal "$code" 0
    has "$out" "Monte Carlo error unknown"
    wattspan show one.h5 --format json
    has "$out" '"monte_carlo_error": null'
}

@test "--probability adds a condition, --widen other spreads, and a result repeats both" {
    wattspan run small.yaml -n 1e5 --probability 'energy > 1 [GWh]' --widen 2
    equal "$code" 0
    has "$out" "every prior's spread times 2" "energy_gt_1_GWh" "true in "
    cp .out first
    wattspan run small.h5 -o again.h5
    equal "$(sed 2d .out)" "$(sed 2d first)"
    wattspan run small.yaml -n 1e4 --probability 'energy / 1 [GWh]'
    equal "$code" 3
    has "$err" "command line: 'energy / 1 [GWh]' is no condition"
    wattspan run small.yaml -n 1e4 --widen 0
    equal "$code" 2
    has "$err" "--widen needs a number above 0, found '0'"
}

@test "an interval about zero keeps its unit, however near to zero its median lies" {
    cat >zero.yaml <<'STUDY'
wattspan: 1
inputs: {x: {unit: kW, prior: {normal: {mean: 0.0002, sd: 1}}}}
outputs: {y: {unit: kW, formula: x}}
STUDY
    wattspan run zero.yaml -n 1e6 --design sobol -o zero.h5
    equal "$code" 0
    has "$out" "y       kW    -1.64  0.00020  1.6"
}
