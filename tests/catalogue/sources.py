#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""No number without a source and a basis: every input and every claim of every shipped study, in TAP.

    sources.py WATTSPAN FOLDER
"""
import json
import pathlib
import subprocess
import sys

UNSOURCED = {"reference"}  # what speed is measured with: it estimates nothing


def flattened(wattspan, study):
    done = subprocess.run([wattspan, "check", "--flatten", "--format", "json", study], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise ValueError(done.stderr.strip())
    return json.loads(done.stdout), done.stderr.strip()


def claims_of(output):
    published = output.get("published", [])
    for claim in published if isinstance(published, list) else [published]:
        yield claim if isinstance(claim, dict) else {"value": claim}


def complaints(study, warnings):
    for line in warnings.splitlines():
        yield line
    for name, entry in study["inputs"].items():
        for key in ("source", "basis", "description"):
            if not entry.get(key):
                yield f"input '{name}' has no {key}"
    for name, output in study["outputs"].items():
        if not output.get("description"):
            yield f"output '{name}' has no description"
        for claim in claims_of(output):
            if not claim.get("source"):
                yield f"output '{name}' has a published figure without a source"


def main():
    wattspan, folder = sys.argv[1:]
    studies = [path for path in sorted(pathlib.Path(folder).glob("*.yaml")) if path.stem not in UNSOURCED]
    for number, path in enumerate(studies, 1):
        try:
            found = list(complaints(*flattened(wattspan, path)))
        except ValueError as error:
            found = [str(error)]
        for line in found:
            print("# " + line.replace("\n", "\n# "))
        print(f"{'not ' if found else ''}ok {number} - {path.name}: every number has a source and a basis")
    print(f"1..{len(studies)}")


if __name__ == "__main__":
    main()
