#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ranks of MPI: what all of them say together, what they are told, what becomes of one that fails. $WATTSPAN has to be
built with MPI. Prints TAP.
"""
import os
import re
import signal
import subprocess
import tempfile
import time

import parts
from same_numbers import content

PLAIN = parts.STUDY.split("evidence:")[0]
SWEEP = PLAIN + """
sweep:
  margin: [0.05, 0.1, 0.2]
  power: {from: 600, to: 900, steps: 7}
"""
# Outputs at or below zero, so that a sensitivity analysis in ln is done again.
NEGATIVE = PLAIN.replace("(1 + margin)", "(1 + 9 * margin)")


def mpirun(*words, ranks=3, quiet=True, **more):
    words = parts.command(words, ranks) if quiet else parts.command(words, ranks)[:-1]
    return subprocess.run(words, capture_output=True, text=True, timeout=120, **more)


def own_lines(text):
    """Without what mpirun itself says of a job that has failed."""
    theirs = ("mpirun", "Primary job", "a non-zero exit code", "the job to be", "  Process name", "  Exit code")
    return [line for line in text.splitlines() if line.strip("-").strip() and not line.startswith(theirs)]


def same(tap, name, *words, ranks=(2, 3)):
    """The program alone and ranks of it: the same bits."""
    parts.run(*words, "-o", "wanted.h5")
    wanted = content("wanted.h5")
    for n in ranks:
        done = mpirun(*words, "-o", "found.h5", "--threads", "1", ranks=n)
        different = parts.difference(wanted, "found.h5") if done.returncode == 0 else done.stderr
        tap.check(not different, f"{name}: ranks {n} give the bits of the program alone", different)
        if os.path.exists("found.h5"):
            os.remove("found.h5")
    os.remove("wanted.h5")


def check_kinds(tap):
    same(tap, "a tolerance", "run", "plain.yaml", "--tolerance", "0.3%", "--max-draws", "3e6")
    same(tap, "a sweep", "run", "sweep.yaml", "-n", "3e5")
    same(tap, "a sensitivity analysis", "sensitivity", "plain.yaml", "-n", "2e5")
    same(tap, "one that is done again", "sensitivity", "negative.yaml", "-n", "65536", ranks=(3,))
    same(tap, "a comparison", "compare", "plain.yaml", "other.yaml", "-n", "3e5", ranks=(2,))
    same(tap, "all draws kept", "run", "plain.yaml", "-n", "3e5", "--keep", "all", ranks=(2,))
    same(tap, "a generator with a state", "run", "study.yaml", "-n", "3e5", "--rng", "mt19937", ranks=(3,))


def check_standard_input(tap):
    """Rank 0 reads it, and hands it to the others: a text longer than what MPI sends unasked."""
    text = open("plain.yaml", encoding="utf-8").read() + "# " + 100000 * "x" + "\n"
    words = ["run", "-", "-n", "2e5"]
    alone = subprocess.run([parts.PROGRAM, *words, "-o", "alone.h5"], input=text, capture_output=True, text=True,
                           timeout=120)
    done = mpirun(*words, "-o", "found.h5", "--threads", "1", input=text)
    different = done.stderr or parts.difference(content("alone.h5"), "found.h5")
    tap.check(alone.returncode == done.returncode == 0 and not different, "a study on standard input", different)


def check_errors(tap):
    for name, code, text, words in (
            ("a bad study", 3, "bad.yaml:3:", ["run", "bad.yaml"]),
            ("wrong usage", 2, "unknown option '--nonsense'", ["run", "plain.yaml", "--nonsense"]),
            ("a missing file", 4, "none.yaml", ["run", "none.yaml"]),
            ("a folder for the result", 4, "/proc/none", ["run", "plain.yaml", "-n", "1e5", "-o", "/proc/none.h5"]),
            ("nothing on standard input", 3, "the file is empty", ["run", "-"]),
            ("evidence that nothing agrees with", 3, "none of 100000 draws", ["run", "vain.yaml", "-n", "1e5"])):
        done = mpirun(*words, input="")
        said = own_lines(done.stderr)
        wrong = [line for line in said if text in line]
        tap.check(done.returncode == code and len(wrong) == 1 and len(said) <= 2 and not done.stdout,
                  f"{name}: one message of all ranks, exit code {code}", [done.returncode, done.stderr])


def check_differing(tap):
    """The last of three ranks is started otherwise."""
    def run(*last, study="plain.yaml"):
        base = ["run", study, "-n", "1e6", "-o", "out.h5", "--threads", "1", "--quiet"]
        return subprocess.run(["mpirun", "-n", "2", parts.PROGRAM, *base, ":", "-n", "1", *last], capture_output=True,
                              text=True, timeout=120, input=open("plain.yaml", encoding="utf-8").read())
    for name, text, last in (
            ("another study", "rank 2 on", [parts.PROGRAM, "run", "other.yaml", "-n", "1e6", "-o", "out.h5"]),
            ("another seed", "rank 2 on", [parts.PROGRAM, "run", "plain.yaml", "-n", "1e6", "--seed", "5"]),
            ("the study on standard input", "rank 0 cannot read it", [parts.PROGRAM, "run", "-", "-n", "1e6"]),
            ("no study", "(of rank 2 on", [parts.PROGRAM, "run", "none.yaml", "-n", "1e6", "-o", "out.h5"])):
        done = run(*last)
        tap.check(done.returncode == 4 and len([x for x in own_lines(done.stderr) if text in x]) == 1 and
                  len(own_lines(done.stderr)) == 1 and not os.path.exists("out.h5"),
                  f"a rank with {name} ends all with one message", [done.returncode, done.stderr])
    done = run(parts.PROGRAM, "run", "plain.yaml", "-n", "1e6", "-o", "out.h5", study="-")
    tap.check(done.returncode == 4 and "rank 2 does not read the study from there" in done.stderr and
              len(own_lines(done.stderr)) == 1, "so does one with a file where the others read standard input",
              [done.returncode, done.stderr])


def check_rank_zero_speaks(tap):
    alone = subprocess.run([parts.PROGRAM, "run", "plain.yaml", "-n", "1e5", "-o", "out.h5"], capture_output=True,
                           text=True, check=True)
    os.remove("out.h5")
    done = mpirun("run", "plain.yaml", "-n", "1e5", "-o", "out.h5", quiet=False)
    heading = re.compile(r"[0-9.e-]+ s on .* threads?")
    texts = [heading.sub("", text) for text in (alone.stdout, done.stdout)]
    tap.check(done.returncode == 0 and texts[0] == texts[1] and " s on 3 ranks of " in done.stdout and
              done.stderr == alone.stderr, "ranks print what one process prints, once, and how many they were",
              [done.stdout, done.stderr])
    for words in ["check", "plain.yaml", "--flatten"], ["list", "designs"], ["show", "out.h5"], ["run", "--help"]:
        alone = subprocess.run([parts.PROGRAM, *words], capture_output=True, text=True, check=True)
        done = mpirun(*words, quiet=False)
        tap.check(done.returncode == 0 and done.stdout == alone.stdout, f"{' '.join(words)}: one rank alone does it",
                  [done.returncode, done.stdout, done.stderr])
    os.remove("out.h5")


def check_alone(tap):
    """WATTSPAN_MPI=off: each rank is a run by itself; without a launcher there is no MPI."""
    script = f'exec {parts.PROGRAM} run plain.yaml -n 1e5 --quiet -o rank-$OMPI_COMM_WORLD_RANK.h5'
    done = subprocess.run(["mpirun", "-n", "2", "sh", "-c", script], env=os.environ | {"WATTSPAN_MPI": "off"})
    tap.check(done.returncode == 0 and os.path.exists("rank-0.h5") and os.path.exists("rank-1.h5"),
              "WATTSPAN_MPI=off lets each rank run by itself")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OMPI", "PMI"))}
    environment |= {"SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "4"}
    done = subprocess.run([parts.PROGRAM, "run", "plain.yaml"], env=environment, capture_output=True, text=True)
    tap.check(done.returncode == 2 and not done.stderr, "of tasks that srun has not told of each other one says so")
    done = subprocess.run([parts.PROGRAM, "run", "plain.yaml"], env=environment | {"SLURM_PROCID": "0"},
                          capture_output=True, text=True)
    tap.check(done.returncode == 2 and "srun --mpi=pmix" in done.stderr, "with the remedy", done.stderr)


def check_signals(tap):
    """To mpirun, which passes them on. Of SIGTERM it says 143 or so by itself."""
    parts.run("run", "plain.yaml", "-n", "2e7", "-o", "wanted.h5")
    wanted = content("wanted.h5")
    words = ["run", "plain.yaml", "-n", "2e7", "-o", "out.h5", "--threads", "1"] # longer than until it is interrupted
    for number, code in (signal.SIGUSR1, 75), (signal.SIGTERM, None):
        process = subprocess.Popen(parts.command([*words, "--checkpoint", "1e-6"], 3), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + 60
        while not os.path.exists("out.h5.checkpoint") and process.poll() is None and time.monotonic() < end:
            time.sleep(0.005)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
        lines = [line for line in own_lines(said) if "interrupted after" in line]
        tap.check(process.returncode not in (0, None) and code in (None, process.returncode) and len(lines) == 1 and
                  os.path.exists("out.h5.checkpoint") and not os.path.exists("out.h5"),
                  f"{number.name}: rank 0 saves a checkpoint and says so once",
                  [process.returncode, said, sorted(os.listdir())])
        done = mpirun(*words, "--resume", ranks=2)
        different = parts.difference(wanted, "out.h5") if done.returncode == 0 else done.stderr
        tap.check(not different, "other ranks go on from there to the same bits", different)
        os.remove("out.h5")


def main():
    tap = parts.Tap()
    studies = {"study": parts.STUDY, "plain": PLAIN, "sweep": SWEEP, "negative": NEGATIVE,
               "other": PLAIN.replace("1e6 to 4e6", "1e6 to 5e6"),
               "bad": "wattspan: 1\ninputs: {a: {unit: W, prior: 3}}\noutputs: {b: {unit: W, formula: a + c}}\n",
               "vain": PLAIN + "evidence:\n  no: {quantity: energy, unit: GWh, between: [1e6, 2e6]}\n"}
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        for name, text in studies.items():
            with open(name + ".yaml", "w", encoding="utf-8") as file:
                file.write(text)
        for check in (check_kinds, check_standard_input, check_errors, check_differing, check_rank_zero_speaks,
                      check_alone, check_signals):
            check(tap)
        os.chdir("/")
    tap.end()


if __name__ == "__main__":
    main()
