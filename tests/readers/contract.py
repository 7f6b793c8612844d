#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""results/README.md, table by table, against a real result file."""
import os
import re

import h5py
import numpy

import result

with open(os.path.join(result.root(), "results", "README.md"), encoding="utf-8") as contract:
    ROWS = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            for line in contract if line.startswith("| `")]
VARIABLES = [row for row in ROWS if len(row) == 5]
ATTRIBUTES = [row for row in ROWS if len(row) == 3]
OPTIONAL = {"description", "revision"}


def swept_of(file):
    return [name for name in file["cases"] if name != "case"]


def names_of(file):
    """What the placeholders stand for."""
    inputs = file["inputs/input"].asstr()[()].tolist() if "inputs" in file else []
    return {"<output>": list(file["summary"]), "<input>": inputs, "<categorical>": inputs,
            "<swept>": [name for name in swept_of(file) if not result.is_text(file["cases"][name])],
            "<labelled>": [name for name in swept_of(file) if result.is_text(file["cases"][name])],
            "<data>": list(file["data"]) if "data" in file else [],
            "<given>": ["", "_posterior"] if "evidence" in file else [""]}


def type_of(dataset):
    if result.is_text(dataset):
        return "text"
    names = {"float64": "real", "int64": "int", "int32": "label", "uint8": "byte"}
    return names.get(dataset.dtype.name, dataset.dtype.name)


def is_left_out(path, there):
    """What a sweep has no draws for."""
    return path.startswith("/sensitivity_posterior/") and "/posterior/draw" not in there


def expand(path, names):
    """Every path that the placeholders may stand for."""
    found = re.search(r"<\w+>", path)
    if not found:
        return [path]
    return [full for name in names[found.group()] for full in expand(path.replace(found.group(), name, 1), names)]


def datasets(file):
    return {"/" + path: dataset for path, dataset in result.items(file, h5py.Dataset)}


def every_row_is_in_the_file(file):
    there, names, swept, study = set(datasets(file)), names_of(file), swept_of(file), file.attrs["study"]
    for path, *_, meaning in VARIABLES:
        path = path.strip("`")
        if all(is_left_out(full, there) for full in expand(path, names)):
            continue
        present = [full for full in expand(path, names) if full in there]
        if not present and (meaning.startswith("only ") or ("<categorical>" in path and "by: " not in study)):
            continue
        wanted = 0 if path in ("/cases/<swept>", "/prior_predictive/case") and not swept else 1
        if len(present) < wanted:
            yield f"{path} is not there"
        if "<output>" in path and "<categorical>" not in path:
            for full in set(expand(path, names)) - set(present):
                if not is_left_out(full, there):
                    yield f"{full} is not there"


def every_variable_has_a_row(file):
    names = names_of(file)
    listed = {full: row for row in VARIABLES for full in expand(row[0].strip("`"), names)}
    for path, dataset in datasets(file).items():
        if path not in listed:
            yield f"{path} is not in results/README.md"
            continue
        _, kind, axes, units, _ = listed[path]
        with_cases = path == "/sample_stats_prior/log_weight" or (path.startswith("/prior_predictive/")
                                                                  and path.split("/")[-1] in names["<output>"])
        if with_cases and swept_of(file):
            axes += " case"
        if type_of(dataset) not in kind.split(" or "):
            yield f"{path} is {type_of(dataset)}, wanted {kind}"
        if " ".join(result.axes_of(path, dataset)) != axes:
            yield f"{path} has the axes {result.axes_of(path, dataset)}, wanted '{axes}'"
        found = dataset.attrs.get("units")
        units = "" if type_of(dataset) in ("label", "byte") else units
        if {"": found is not None, "mixed": found is not None, "1": found != "1", "own": found is None}[units]:
            yield f"{path} has units {found!r}, wanted {units or 'none'}"
        if units == "own" and "unit_label" not in dataset.attrs:
            yield f"{path} has no unit_label"


def attributes_of_the_file_are_listed(file):
    listed = [row[0].strip("`") for row in ATTRIBUTES]
    for name, kind, _ in ATTRIBUTES:
        name = name.strip("`")
        value = file.attrs.get(name)
        if value is None:
            if name not in OPTIONAL:
                yield f"attribute {name} is not there"
        elif not isinstance(value, {"text": str, "int": numpy.integer, "real": numpy.floating}[kind]):
            yield f"attribute {name} is {type(value)}, wanted {kind}"
    for name in file.attrs:
        if name not in listed:
            yield f"attribute {name} is not in results/README.md"
    if file.attrs["format"] != "wattspan" or file.attrs["format_version"] != 1:
        yield "format or format_version"


def order_is_that_of_the_tables(file):
    names, there = names_of(file), set(datasets(file))
    place = {}
    for row in VARIABLES:
        for full in expand(row[0].strip("`"), names):
            place.setdefault(full, len(place))
    for group in sorted({os.path.dirname(path) for path in there}):
        found = [place.get(f"{group}/{name}", -1) for name in file[group] if f"{group}/{name}" in there]
        if found != sorted(found):
            yield f"{group}: {list(file[group])}"


result.run_kinds(every_row_is_in_the_file, every_variable_has_a_row, attributes_of_the_file_are_listed,
                 order_is_that_of_the_tables)
