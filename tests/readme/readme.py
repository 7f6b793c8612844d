#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs every block of a page, in order, in a copy of the source tree, as somebody who follows it would.

    readme.py ROOT                          README.md, from its first line: it installs and builds
    readme.py ROOT PAGE BUILD [STUDY...]    another page, with what is built in BUILD already: from the root, or where
                                            studies are given in its own folder with a result of each beside it

`sh`, `python`, `r`, `octave` and `c` blocks have to succeed, `yaml` blocks are written to the file that their first
line names; any other kind of block fails, but for `text`, which is output, and `julia`, which Debian 12 does not have.
Only the command that runs all tests is not run: it runs this one.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

RUNS_US = "scripts/test"
NOT_TRIED = {"julia": "Debian 12 has no Julia"}


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
    done = subprocess.run(command if body is None else [*command, body], cwd=folder, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode == 0, done.stdout


def write(body, folder):
    found = re.match(r"# (\S+)\n", body)
    if not found:
        return False, "the first line of a yaml block names its file"
    with open(os.path.join(folder, found.group(1)), "w", encoding="utf-8") as file:
        file.write(body)
    return True, ""


def run_c(body, folder, build):
    """Compiles with the header of the tree and the library of the build."""
    library = os.path.join(build, "sim")
    with tempfile.TemporaryDirectory() as place:
        source, program = os.path.join(place, "block.c"), os.path.join(place, "block")
        with open(source, "w", encoding="utf-8") as file:
            file.write(body)
        flags = os.environ.get("READING_CFLAGS", "").split()
        passed, said = run(["cc", "-Wall", "-Wextra", "-Werror", *flags, source, "-o", program,
                            "-I" + os.path.join(folder, "..", "include"), "-L" + library, "-lwattspan",
                            "-Wl,-rpath," + library], None, folder)
        return run([program], None, folder) if passed else (passed, said)


COMMANDS = {"sh": ["bash", "-euo", "pipefail", "-c"], "python": ["/usr/bin/python3", "-B", "-c"],
            "r": ["Rscript", "--vanilla", "-e"], "octave": ["octave-cli", "--no-init-file", "--quiet", "--eval"]}


def follow(kind, body, folder, build):
    if kind in COMMANDS:
        return run(COMMANDS[kind], body, folder)
    if kind == "c":
        return run_c(body, folder, build)
    if kind == "yaml":
        return write(body, folder)
    return kind == "text", f"a block of kind '{kind}' cannot be run"


def skip_of(kind, body):
    return "it runs this test" if body.strip() == RUNS_US else NOT_TRIED.get(kind)


def prepare(copy, page, build, studies):
    """The folder of the page, with a build where the tree has one and a result of each study."""
    folder = os.path.join(copy, os.path.dirname(page)) if studies else copy
    os.symlink(build, os.path.join(copy, "build"))
    for study in studies:
        subprocess.run([os.path.join(build, "wattspan"), "run", study, "-n", "2e5", "--quiet", "-o", folder], cwd=copy,
                       stdout=subprocess.DEVNULL, check=True)
    return folder


def main():
    root, page, build, *studies = [*sys.argv[1:], *["README.md", None][len(sys.argv) - 2:]]
    with open(os.path.join(root, page), encoding="utf-8") as file:
        blocks = list(blocks_of(file.read()))
    failed = not blocks
    with tempfile.TemporaryDirectory() as place:
        copy = folder = copy_of(root, place)
        if build:
            build = os.path.abspath(build)
            folder = prepare(copy, page, build, studies)
        for number, (line, kind, body) in enumerate(blocks, 1):
            name = f"{page}:{line}: {body.splitlines()[0]}".replace("#", "")
            if skip_of(kind, body):
                print(f"ok {number} - {name} # SKIP {skip_of(kind, body)}")
                continue
            passed, output = follow(kind, body, folder, build)
            print("# " + output.strip().replace("\n", "\n# "))
            print(f"{'' if passed else 'not '}ok {number} - {name}", flush=True)
            failed = failed or not passed
    print(f"1..{len(blocks)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
