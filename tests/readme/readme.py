#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs every block of README.md, in order, in a copy of the source tree, as somebody who follows it would.

    readme.py ROOT

`sh` and `python` blocks have to succeed, `yaml` blocks are written to the file that their first line names; any other
kind of block fails, but for `text`, which is output. Only the command that runs all tests is not run: it runs this one.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

RUNS_US = "scripts/test"


def blocks_of(text):
    """(line, kind, body) of each fenced block."""
    for found in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S):
        yield text.count("\n", 0, found.start()) + 1, found.group(1), found.group(2)


def copy_of(root, place):
    """The source tree without builds, results and history."""
    def left_out(folder, names):
        return [name for name in names
                if name in (".git", "__pycache__") or name.endswith(".h5")
                or os.path.isdir(os.path.join(folder, name, "meson-private"))]
    copy = os.path.join(place, "wattspan")
    shutil.copytree(root, copy, ignore=left_out, symlinks=True)
    return copy


def run(command, body, folder):
    done = subprocess.run([*command, body], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    return done.returncode == 0, done.stdout


def write(body, folder):
    found = re.match(r"# (\S+)\n", body)
    if not found:
        return False, "the first line of a yaml block names its file"
    with open(os.path.join(folder, found.group(1)), "w", encoding="utf-8") as file:
        file.write(body)
    return True, ""


def follow(kind, body, folder):
    if kind == "sh":
        return run(["bash", "-euo", "pipefail", "-c"], body, folder)
    if kind == "python":
        return run(["/usr/bin/python3", "-c"], body, folder)
    if kind == "yaml":
        return write(body, folder)
    return kind == "text", f"a block of kind '{kind}' cannot be run"


def main():
    root = sys.argv[1]
    with open(os.path.join(root, "README.md"), encoding="utf-8") as file:
        blocks = list(blocks_of(file.read()))
    failed = not blocks
    with tempfile.TemporaryDirectory() as place:
        folder = copy_of(root, place)
        for number, (line, kind, body) in enumerate(blocks, 1):
            name = f"README.md:{line}: {body.splitlines()[0]}".replace("#", "")
            if body.strip() == RUNS_US:
                print(f"ok {number} - {name} # SKIP it runs this test")
                continue
            passed, output = follow(kind, body, folder)
            print("# " + output.strip().replace("\n", "\n# "))
            print(f"{'' if passed else 'not '}ok {number} - {name}", flush=True)
            failed = failed or not passed
    print(f"1..{len(blocks)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
