#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run in every way that it can be made: threads x shards x {in one go, killed and resumed, extended}, for each
design, with correlations, alternatives and evidence. All give the same bits, down to every dataset of the file.

    bits.py [all|some]

all: times ranks of MPI, too (the program has to be built with it); some: half of the ways with each number of ranks,
with threads and shards in turn. Prints TAP.
"""
import glob
import itertools
import os
import sys
import tempfile

import parts
from same_numbers import content

DRAWS = 1000000 # the last group is short, but with sobol, which rounds up
FEWER = 450000 # also short
KILLS = ((2, 1), (1,)) # checkpoints before each kill: without ranks, with some
OPTIONS = ["--seed", "7", "--keep", "2000"]


def whole(words, threads, ranks, path, kill):
    words = ["run", "study.yaml", "-o", path, "--threads", str(threads), *words]
    if not kill:
        parts.run(*words, ranks=ranks)
        return 0
    return finish(words, ranks, path)


def finish(words, ranks, path):
    """Kills it after its second checkpoint, resumes, kills that after one more, and resumes to the end. Several ranks
    draw all that there is in a few steps, and may be done before."""
    words = [*words, "--checkpoint", "1e-6", "--resume"]
    killed = [parts.start_and_kill(words, path, checkpoints, ranks=ranks) != 0 for checkpoints in KILLS[ranks > 0]]
    assert os.path.exists(path + ".checkpoint") or not all(killed)
    parts.run(*words, ranks=ranks)
    return sum(killed)


def sharded(words, threads, ranks, shards, path, kill):
    killed = 0
    for shard in range(1, shards + 1):
        killed += whole([*words, "--shard", f"{shard}/{shards}"], threads, ranks, f"shard-{shard:02}.h5",
                        kill and shard == shards // 2 + 1)
    parts.run("merge", path, *sorted(glob.glob("shard-*.h5"), reverse=True))
    for name in glob.glob("shard-*.h5"):
        os.remove(name)
    return killed


def extended(threads, ranks, path, kill):
    """From what is at `path`; killed, too, after which the file is still what it was, or what it is to be."""
    words = ["extend", path, "-n", str(DRAWS), "--threads", str(threads)]
    if not kill:
        parts.run(*words, ranks=ranks)
        return 0
    return finish(words, ranks, path)


def check_way(tap, wanted, design, threads, ranks, shards, way):
    kill, extend = "killed" in way, "extended" in way
    words = ["-n", str(FEWER if extend else DRAWS), "--design", design, *OPTIONS]
    if shards == 1:
        killed = whole(words, threads, ranks, "out.h5", kill and not extend)
    else:
        killed = sharded(words, threads, ranks, shards, "out.h5", kill and not extend)
    if extend:
        killed = extended(3 - threads, ranks, "out.h5", kill)
    name = f"{design}, " + (f"ranks {ranks}, " if ranks else "") + f"threads {threads}, shards {shards}, {way}"
    different = parts.difference(wanted, "out.h5")
    tap.check(not different, name, different)
    if kill:
        check_way.killed += killed > 0
        tap.check((killed > 0 or ranks) and not glob.glob("*.checkpoint*") and not glob.glob("*.part"),
                  f"{name}: it was killed ({killed} times), and left nothing behind", [killed, os.listdir(".")])
    os.remove("out.h5")


check_way.killed = 0


def choose(which, design, ways):
    """Threads, ranks (0: without MPI), shards and a way, of which there is a test."""
    every = list(itertools.product((1, 2), (1, 2, 3, 5) if which else (0,), (1, 2, 7), ways))
    if which != "some":
        return every
    turn = ("mc", "lhs", "sobol").index(design)
    return [(1 + (r + w) % 2, ranks, (1, 2, 1, 7)[(r + turn) % 4], way)
            for r, ranks in enumerate((1, 2, 3, 5)) for w, way in enumerate(ways) if (r + w + turn) % 2 == 0]


def main():
    tap = parts.Tap()
    which = sys.argv[1] if len(sys.argv) > 1 else ""
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        with open("study.yaml", "w", encoding="utf-8") as file:
            file.write(parts.STUDY)
        for design in "mc", "lhs", "sobol":
            parts.run("run", "study.yaml", "-n", str(DRAWS), "--design", design, *OPTIONS, "-o", "wanted.h5")
            wanted = content("wanted.h5")
            ways = ["in one go", "killed"] + (["extended", "extended and killed"] if design != "lhs" else [])
            for threads, ranks, shards, way in choose(which, design, ways):
                check_way(tap, wanted, design, threads, ranks, shards, way)
        os.chdir("/")
    tap.check(check_way.killed > 2, f"{check_way.killed} runs were killed")
    tap.end()


if __name__ == "__main__":
    main()
