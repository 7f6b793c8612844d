#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""No number without a source and a basis: every input and every published figure of every shipped study and of every
part that studies extend, in TAP.

    sources.py WATTSPAN FOLDER
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

UNSOURCED = {"reference"}  # what speed is measured with: it estimates nothing
MODEL = "training-run"     # what the parts in sub-folders lie over
STUDIES = "epoch-notebooks"  # the sub-folder that has whole studies


def flattened(wattspan, study):
    done = subprocess.run([wattspan, "check", "--flatten", "--format", "json", study], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise ValueError(done.stderr.strip())
    return json.loads(done.stdout), done.stderr.strip()


def part_over_model(wattspan, folder, path):
    """A part has no outputs and cannot run alone: it is looked at on top of the model."""
    with tempfile.TemporaryDirectory() as place:
        copy = pathlib.Path(place, "priors")
        shutil.copytree(folder, copy)
        study = copy / "part.yaml"
        study.write_text(json.dumps({"wattspan": 1, "extends": [f"{MODEL}.yaml", str(path.relative_to(folder))]}))
        return flattened(wattspan, study)


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
        for key in ("description", "unit"):
            if not output.get(key):
                yield f"output '{name}' has no {key}"
        if not output.get("boundary") and output["unit"] not in ("1", 1):
            yield f"output '{name}' has no boundary"
        for claim in claims_of(output):
            for key in ("source", "basis"):
                if not claim.get(key):
                    yield f"output '{name}' has a published figure without a {key}"
    for name, entry in study.get("equivalents", {}).items():
        for key in ("source", "basis", "description"):
            if not entry.get(key):
                yield f"equivalent '{name}' has no {key}"
    for name, source in study["sources"].items():
        for key in ("title", "publisher"):
            if not source.get(key):
                yield f"source '{name}' has no {key}"


def main():
    wattspan, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    studies = [path for path in sorted(folder.glob("*.yaml")) if path.stem not in UNSOURCED]
    studies += sorted((folder / STUDIES).glob("*.yaml"))
    parts = [path for path in sorted(folder.glob("*/*.yaml")) if path not in studies]
    for number, path in enumerate(studies + parts, 1):
        try:
            found = list(complaints(*(flattened(wattspan, path) if path in studies else
                                      part_over_model(wattspan, folder, path))))
        except ValueError as error:
            found = [str(error)]
        for line in found:
            print("# " + line.replace("\n", "\n# "))
        name = path.relative_to(folder)
        print(f"{'not ' if found else ''}ok {number} - {name}: every number has a source and a basis")
    print(f"1..{len(studies) + len(parts)}")


if __name__ == "__main__":
    main()
