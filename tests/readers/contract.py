#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""results/README.md, table by table, against a real result file."""
import os
import re

import h5py
import numpy

import result

FILE = h5py.File(result.path(), "r")
with open(os.path.join(result.root(), "results", "README.md"), encoding="utf-8") as contract:
    ROWS = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            for line in contract if line.startswith("| `")]
VARIABLES = [row for row in ROWS if len(row) == 5]
ATTRIBUTES = [row for row in ROWS if len(row) == 3]
OPTIONAL = {"description", "revision"}


def texts(name):
    return FILE[name].asstr()[()].tolist() if name in FILE else []


INPUTS, OUTPUTS = texts("inputs/input"), list(FILE["summary"])
SWEPT = [name for name in FILE["cases"] if name != "case"]
NAMES = {"<output>": OUTPUTS, "<input>": INPUTS, "<swept>": SWEPT, "<categorical>": INPUTS,
         "<data>": list(FILE["data"]) if "data" in FILE else [],
         "<given>": ["", "_posterior"] if "evidence" in FILE else [""]}


def type_of(dataset):
    if h5py.check_string_dtype(dataset.dtype):
        return "text"
    return {"float64": "real", "int64": "int", "int32": "label"}.get(dataset.dtype.name, dataset.dtype.name)


def axes_of(dataset):
    if h5py.h5ds.is_scale(dataset.id):
        return dataset.name.split("/")[-1]
    return " ".join(dim[0].name.split("/")[-1] for dim in dataset.dims)


def expand(path):
    """Every path that the placeholders may stand for."""
    found = re.search(r"<\w+>", path)
    if not found:
        return [path]
    return [full for name in NAMES[found.group()] for full in expand(path.replace(found.group(), name, 1))]


def datasets():
    found = []
    FILE.visititems(lambda name, item: found.append("/" + name) if isinstance(item, h5py.Dataset) else None)
    return found


def is_there(path):
    return path in FILE and isinstance(FILE[path], h5py.Dataset)


def every_row_is_in_the_file():
    for path, *_, meaning in VARIABLES:
        path = path.strip("`")
        if meaning.startswith("only ") and not any(map(is_there, expand(path))):
            continue
        present = [full for full in expand(path) if is_there(full)]
        wanted = 0 if path in ("/cases/<swept>", "/prior_predictive/case") and not SWEPT else 1
        if len(present) < wanted:
            yield f"{path} is not there"
        if "<output>" in path and "<categorical>" not in path:
            for full in set(expand(path)) - set(present):
                yield f"{full} is not there"


def every_variable_has_a_row():
    listed = {full: row for row in VARIABLES for full in expand(row[0].strip("`"))}
    for path in datasets():
        if path not in listed:
            yield f"{path} is not in results/README.md"
            continue
        _, kind, axes, units, _ = listed[path]
        dataset, swept = FILE[path], FILE["cases/case"].size > 1
        if path.startswith("/prior_predictive/") and swept and path.split("/")[-1] in OUTPUTS:
            axes += " case"
        if type_of(dataset) not in kind.split(" or "):
            yield f"{path} is {type_of(dataset)}, wanted {kind}"
        if axes_of(dataset) != axes:
            yield f"{path} has the axes '{axes_of(dataset)}', wanted '{axes}'"
        found = dataset.attrs.get("units")
        units = "" if type_of(dataset) == "label" else units
        if {"": found is not None, "mixed": found is not None, "1": found != "1", "own": found is None}[units]:
            yield f"{path} has units {found!r}, wanted {units or 'none'}"
        if units == "own" and "unit_label" not in dataset.attrs:
            yield f"{path} has no unit_label"


def attributes_of_the_file_are_listed():
    listed = [row[0].strip("`") for row in ATTRIBUTES]
    for name, kind, _ in ATTRIBUTES:
        name = name.strip("`")
        value = FILE.attrs.get(name)
        if value is None:
            if name not in OPTIONAL:
                yield f"attribute {name} is not there"
        elif not isinstance(value, {"text": str, "int": numpy.integer, "real": numpy.floating}[kind]):
            yield f"attribute {name} is {type(value)}, wanted {kind}"
    for name in FILE.attrs:
        if name not in listed:
            yield f"attribute {name} is not in results/README.md"
    if FILE.attrs["format"] != "wattspan" or FILE.attrs["format_version"] != 1:
        yield "format or format_version"


def order_is_that_of_the_tables():
    listed = [full for row in VARIABLES for full in expand(row[0].strip("`"))]
    for group in {os.path.dirname(path) for path in datasets()}:
        found = [f"{group}/{name}" for name in FILE[group] if is_there(f"{group}/{name}")]
        if found != [path for path in listed if path in found]:
            yield f"{group}: {found}"


result.run(every_row_is_in_the_file, every_variable_has_a_row, attributes_of_the_file_are_listed,
           order_is_that_of_the_tables)
