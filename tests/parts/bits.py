#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run in every way that it can be made: threads x shards x {in one go, killed and resumed, extended}, for each
design, with correlations, alternatives and evidence. All give the same bits, down to every dataset of the file.

Prints TAP.
"""
import glob
import itertools
import os
import tempfile

import parts
from same_numbers import content

DRAWS = 1000000 # the last group is short, but with sobol, which rounds up
FEWER = 450000 # also short
OPTIONS = ["--seed", "7", "--keep", "2000"]


def whole(words, threads, path, kill):
    words = ["run", "study.yaml", "-o", path, "--threads", str(threads), *words]
    if not kill:
        parts.run(*words)
        return 0
    return finish(words, path)


def finish(words, path):
    """Kills it after its second checkpoint, resumes, kills that after one more, and resumes to the end."""
    words = [*words, "--checkpoint", "1e-6", "--resume"]
    killed = [parts.start_and_kill(words, path, checkpoints) != 0 for checkpoints in (2, 1)]
    assert os.path.exists(path + ".checkpoint") or not all(killed)
    parts.run(*words)
    return sum(killed)


def sharded(words, threads, shards, path, kill):
    killed = 0
    for shard in range(1, shards + 1):
        killed += whole([*words, "--shard", f"{shard}/{shards}"], threads, f"shard-{shard:02}.h5",
                        kill and shard == shards // 2 + 1)
    parts.run("merge", path, *sorted(glob.glob("shard-*.h5"), reverse=True))
    for name in glob.glob("shard-*.h5"):
        os.remove(name)
    return killed


def extended(words, threads, path, kill):
    """From what is at `path`; killed, too, after which the file is still what it was, or what it is to be."""
    words = ["extend", path, "-n", str(DRAWS), "--threads", str(threads)]
    if not kill:
        parts.run(*words)
        return 0
    return finish(words, path)


def check_way(tap, wanted, design, threads, shards, way):
    kill, extend = "killed" in way, "extended" in way
    words = ["-n", str(FEWER if extend else DRAWS), "--design", design, *OPTIONS]
    if shards == 1:
        killed = whole(words, threads, "out.h5", kill and not extend)
    else:
        killed = sharded(words, threads, shards, "out.h5", kill and not extend)
    if extend:
        killed = extended(words, 3 - threads, "out.h5", kill)
    name = f"{design}, threads {threads}, shards {shards}, {way}"
    different = parts.difference(wanted, "out.h5")
    tap.check(not different, name, different)
    if kill:
        tap.check(killed > 0 and not glob.glob("*.checkpoint*") and not glob.glob("*.part"),
                  f"{name}: it was killed ({killed} times), and left nothing behind", [killed, os.listdir(".")])
    os.remove("out.h5")


def main():
    tap = parts.Tap()
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        with open("study.yaml", "w", encoding="utf-8") as file:
            file.write(parts.STUDY)
        for design in "mc", "lhs", "sobol":
            parts.run("run", "study.yaml", "-n", str(DRAWS), "--design", design, *OPTIONS, "-o", "wanted.h5")
            wanted = content("wanted.h5")
            ways = ["in one go", "killed"] + (["extended", "extended and killed"] if design != "lhs" else [])
            for threads, shards, way in itertools.product((1, 2), (1, 2, 7), ways):
                check_way(tap, wanted, design, threads, shards, way)
        os.chdir("/")
    tap.end()


if __name__ == "__main__":
    main()
