# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of runs in parts share: a study, runs that are killed at a point of their progress, and the comparison
of two files bit by bit."""
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from same_numbers import content  # noqa: E402

PROGRAM = os.environ["WATTSPAN"]

# What lets Open MPI start more ranks than there are processors, as root, each with as many threads as it is told.
MPI = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_rmaps_base_oversubscribe": "1",
       "OMPI_MCA_hwloc_base_binding_policy": "none", "OMPI_MCA_btl_vader_single_copy_mechanism": "none",
       "NO_COLOR": "1"} # ranks have a terminal of mpirun's own
os.environ.update(MPI)

STUDY = """
wattspan: 1
title: A study in parts
inputs:
  hours: {unit: h, prior: 1e6 to 4e6}
  power: {unit: W, prior: {uniform: {min: 600, max: 800}}}
  owner: {unit: 1, prior: {choice: {rent: 1, buy: 3}}}
  price: {unit: USD/kWh, prior: {given: owner, rent: 0.05 to 0.12, buy: {pert: {min: 0.02, mode: 0.04, max: 0.1}}}}
  margin: {unit: 1, prior: {normal: {mean: 0.1, sd: 0.1}}}
correlations:
  - {between: [hours, power], spearman: 0.6}
outputs:
  energy: {unit: GWh, formula: hours * power, by: owner}
  cost: {unit: USD, formula: "energy * price * (1 + margin)", by: owner, scale: log}
  root: {unit: 1, formula: "sqrt(margin)"}
evidence:
  seen: {quantity: energy, unit: GWh, observed: {normal: {mean: 1.5, sd: 0.4}}}
"""


def difference(wanted, path):
    """The names of what differs; a file that is not there differs in everything."""
    if not os.path.exists(path):
        return ["no file"]
    found = content(path)
    return sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))


def command(words, ranks=0):
    """The program, or so many ranks of it under mpirun."""
    return [*(["mpirun", "-n", str(ranks)] if ranks else []), PROGRAM, *words, "--quiet"]


def run(*words, ranks=0):
    done = subprocess.run(command(words, ranks), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0, (words, done.returncode, done.stderr)


def generation(path):
    """Changes with every checkpoint."""
    try:
        return os.stat(path + ".checkpoint").st_ino, os.stat(path + ".checkpoint").st_mtime_ns
    except FileNotFoundError:
        return None


def ranks_of(launcher):
    """The processes that mpirun has started, by rank."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8") as file:
                parent = file.read().rsplit(")", 1)[1].split()[1]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(parent) == launcher:
            found.append(int(name))
    return sorted(found)


def kill(process, number, ranks):
    """Of several ranks one is killed, in turn the first and the last; mpirun then ends the others."""
    if not ranks:
        process.send_signal(number)
        return
    found = ranks_of(process.pid)
    kill.turn = not getattr(kill, "turn", False)
    if found:
        os.kill(found[0 if kill.turn else -1], number)


def start_and_kill(words, path, checkpoints, wait=0.0, number=signal.SIGKILL, ranks=0):
    """Runs until so many further checkpoints were made, then `wait` times as long as the last of them took, and kills.
    The exit status: 0 where it was done before."""
    process = subprocess.Popen(command(words, ranks), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    last, since, took = generation(path), time.monotonic(), 0.01
    while checkpoints > 0 and process.poll() is None:
        now = generation(path)
        if now != last and now is not None:
            last, took, since = now, time.monotonic() - since, time.monotonic()
            checkpoints -= 1
        time.sleep(0.0002)
    try:
        process.wait(timeout=max(wait * took, 1e-4))
    except subprocess.TimeoutExpired:
        kill(process, number, ranks)
    process.stderr.read()
    process.stderr.close()
    return process.wait(timeout=120)


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def check(self, passed, name, detail=""):
        self.count += 1
        self.failed += not passed
        if not passed and detail:
            print("# " + str(detail).replace("\n", "\n# "))
        print(f"{'' if passed else 'not '}ok {self.count} - {name}", flush=True)

    def end(self):
        print(f"1..{self.count}")
        sys.exit(1 if self.failed else 0)
