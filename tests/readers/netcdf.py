#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the netCDF world sees: xarray by both of its engines, netCDF4-python, ncdump, and UDUNITS on the units."""
import subprocess

import h5py
import netCDF4
import numpy
import xarray

import result

PATH = result.path()
FILE = h5py.File(PATH, "r")
GROUPS = []
FILE.visititems(lambda name, item: GROUPS.append(name) if isinstance(item, h5py.Group) else None)


def members(group):
    return [name for name, item in FILE[group].items() if isinstance(item, h5py.Dataset)]


def same(a, b):
    if a.dtype.kind in "OU":
        return a.tolist() == b.tolist()
    return numpy.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def opens_by(engine):
    for group in GROUPS:
        with xarray.open_dataset(PATH, group=group, engine=engine) as dataset:
            for name in members(group):
                if name not in dataset.variables:
                    yield f"/{group}/{name} is not there"
                    continue
                variable, stored = dataset[name], FILE[group][name]
                text = h5py.check_string_dtype(stored.dtype)
                wanted = stored.asstr()[()] if text else stored[()]
                if not text and variable.dtype != stored.dtype:
                    yield f"/{group}/{name} is {variable.dtype}, stored as {stored.dtype}"
                elif variable.shape != stored.shape or not same(variable.values, wanted):
                    yield f"/{group}/{name} differs"
                for axis in variable.dims:
                    if axis not in dataset.coords:
                        yield f"/{group}/{name}: the axis {axis} has no coordinates"
                for attribute in ("units", "unit_label", "long_name", "flag_meanings"):
                    if variable.attrs.get(attribute) != stored.attrs.get(attribute):
                        yield f"/{group}/{name}: {attribute} is {variable.attrs.get(attribute)!r}"


def xarray_opens_every_group_by_netcdf4():
    yield from opens_by("netcdf4")


def xarray_opens_every_group_by_h5netcdf():
    yield from opens_by("h5netcdf")


def xarray_reads_the_file_itself():
    for engine in ("netcdf4", "h5netcdf"):
        with xarray.open_dataset(PATH, engine=engine) as dataset:
            for name in ("study", "title", "seed", "draws"):
                if dataset.attrs.get(name) != FILE.attrs[name]:
                    yield f"{engine}: {name} is {dataset.attrs.get(name)!r}"


def labels_select():
    output = next(iter(FILE["summary"]))
    with xarray.open_dataset(PATH, group=f"summary/{output}", engine="netcdf4") as dataset:
        median = float(dataset.quantile_value.sel(case=0, quantile=0.5))
        if not dataset.minimum[0] < median < dataset.maximum[0]:
            yield f"the median of {output} is {median}"
    with xarray.open_dataset(PATH, group=f"sensitivity/{output}", engine="netcdf4") as dataset:
        name = str(dataset.input.values[0])
        if dataset.spearman.sel(input=name).dims != ("case",):
            yield f"/sensitivity/{output} at input={name}"


def netcdf4_python_walks_the_file():
    def walk(group):
        for name, variable in group.variables.items():
            for axis in variable.dimensions:
                if axis not in group.dimensions or axis not in group.variables:
                    yield f"{group.path}/{name}: the axis {axis} is not the group's own"
            if variable.size > 0 and variable[:].size != variable.size:
                yield f"{group.path}/{name} cannot be read"
        for child in group.groups.values():
            yield from walk(child)

    with netCDF4.Dataset(PATH) as file:
        found = sum(1 for _ in all_variables(file))
        wanted = sum(len(members(group)) for group in GROUPS)
        if found != wanted:
            yield f"{found} variables, wanted {wanted}"
        yield from walk(file)


def all_variables(group):
    yield from group.variables
    for child in group.groups.values():
        yield from all_variables(child)


def ncdump_prints_the_head():
    done = subprocess.run(["ncdump", "-h", PATH], capture_output=True, text=True, check=False)
    if done.returncode or done.stderr:
        yield f"ncdump -h: {done.returncode} {done.stderr}"
    for output in FILE["summary"]:
        if f"group: {output} {{" not in done.stdout:
            yield f"{output} is not in the head"
    if "phony_dim" in done.stdout:
        yield "an axis has no scale"


def categorical_draws_have_their_meanings():
    for name in members("prior"):
        attributes = FILE["prior"][name].attrs
        if FILE["prior"][name].dtype != numpy.int32:
            continue
        meanings, draws = attributes["flag_meanings"].split(" "), FILE["prior"][name][()]
        if attributes["flag_values"].tolist() != list(range(len(meanings))) or draws.max() >= len(meanings):
            yield f"{name}: {meanings}"


def udunits_reads_the_units():
    """By cf_units' command line, udunits2; where it is missing the unit tests of sim/study stand for it."""
    units = {item.attrs["units"] for group in GROUPS for item in FILE[group].values() if "units" in item.attrs}
    times = {"days", "hours", "minutes", "seconds", "day", "hour", "minute", "second", "milliseconds"}
    for word in units & times:
        yield f"xarray makes a timedelta of '{word}'"
    for unit in sorted(units):
        try:
            done = subprocess.run(["udunits2", "-H", unit], input="\n", capture_output=True, text=True, check=False)
        except FileNotFoundError:
            return
        if "USD" not in unit and "Don't recognize" in done.stdout + done.stderr:
            yield f"UDUNITS does not know '{unit}'"


result.run(xarray_opens_every_group_by_netcdf4, xarray_opens_every_group_by_h5netcdf, xarray_reads_the_file_itself,
           labels_select, netcdf4_python_walks_the_file, ncdump_prints_the_head, categorical_draws_have_their_meanings,
           udunits_reads_the_units)
