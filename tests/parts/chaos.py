#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""chaos.py ROUNDS [SEED]: runs of several kinds are killed (kill -9, at times a signal that asks) at random moments of
their progress, again and again, and resumed. After each death the output is absent or whole; at the end it has the bits
of a run that nobody disturbed.

Prints TAP.
"""
import os
import random
import signal
import subprocess
import sys
import tempfile

import parts
from same_numbers import content

COMMON = ["study.yaml", "--seed", "5", "--keep", "500", "--checkpoint", "0.02"]
# What is run, and what has to be there before.
KINDS = {
    "mc": ["run", *COMMON, "-n", "1e6", "-o", "out.h5"],
    "lhs": ["run", *COMMON, "-n", "1e6", "--design", "lhs", "-o", "out.h5"],
    "sobol": ["run", *COMMON, "-n", "1e6", "--design", "sobol", "-o", "out.h5"],
    "shard": ["run", *COMMON, "-n", "2e6", "--shard", "2/2", "-o", "out.h5"],
    "tolerance": ["run", *COMMON, "--tolerance", "0.15%", "-o", "out.h5"],
    "sensitivity": ["sensitivity", "free.yaml", "-n", "65536", "--checkpoint", "0.02", "-o", "out.h5"],
    "extend": ["extend", "before.h5", "-n", "1e6", "-o", "out.h5", "--checkpoint", "0.02"],
    "extend in place": ["extend", "out.h5", "-n", "1e6", "--checkpoint", "0.02"],
}
MOST_DEATHS = 4


def prepare(kind):
    for name in os.listdir("."):
        if name.startswith("out.h5"):
            os.remove(name)
    if kind == "extend in place":
        with open("before.h5", "rb") as source, open("out.h5", "wb") as target:
            target.write(source.read())


def sound(kind, wanted):
    """Whether what is under the final name may be there."""
    if not os.path.exists("out.h5"):
        return kind != "extend in place"
    found = content("out.h5")
    return found == wanted or (kind == "extend in place" and found == content("before.h5"))


def disturb(kind, wanted, dice):
    """Kills until it is done, or it has died often enough; the number of deaths, and what was wrong on the way."""
    words = [*KINDS[kind], "--resume", "--threads", str(dice.choice((1, 2)))]
    for deaths in range(MOST_DEATHS):
        number = dice.choice((signal.SIGKILL,) * 4 + (signal.SIGTERM, signal.SIGUSR1))
        code = parts.start_and_kill(words, "out.h5", dice.choice((0, 1, 1, 2, 3)), dice.random() * 1.5, number)
        if code not in (0, -number, {signal.SIGTERM: 143, signal.SIGUSR1: 75}.get(number)):
            return deaths, f"exit status {code} after signal {number}"
        if not sound(kind, wanted):
            return deaths, "what is under the final name is neither old nor new"
        if code == 0:
            return deaths, ""
    parts.run(*words)
    return MOST_DEATHS, ""


def main():
    rounds, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    tap, wanted, all_deaths = parts.Tap(), {}, 0
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        with open("study.yaml", "w", encoding="utf-8") as file:
            file.write(parts.STUDY)
        with open("free.yaml", "w", encoding="utf-8") as file: # two inputs less, and none that correlate
            file.write(parts.STUDY[:parts.STUDY.index("correlations:")] + parts.STUDY[parts.STUDY.index("outputs:"):])
        parts.run("run", *COMMON, "-n", "4.1e5", "-o", "before.h5")
        for number in range(rounds):
            dice = random.Random(seed * 1000 + number)
            kind = list(KINDS)[number % len(KINDS)]
            if kind not in wanted:
                prepare(kind)
                parts.run(*KINDS[kind])
                wanted[kind] = content("out.h5")
            prepare(kind)
            deaths, trouble = disturb(kind, wanted[kind], dice)
            all_deaths += deaths
            different = trouble or parts.difference(wanted[kind], "out.h5")
            left = [name for name in os.listdir(".") if "checkpoint" in name or name.endswith(".part")]
            tap.check(not different and not left, f"{kind}, {deaths} deaths", [different, left])
        tap.check(all_deaths >= rounds, f"{all_deaths} deaths in {rounds} rounds")
        if subprocess.run(["sh", "-c", "command -v h5dump"], stdout=subprocess.DEVNULL).returncode == 0:
            dumped = subprocess.run(["h5dump", "-H", "out.h5"], stdout=subprocess.DEVNULL).returncode
            tap.check(dumped == 0, "h5dump reads the last of them")
        os.chdir("/")
    tap.end()


if __name__ == "__main__":
    main()
