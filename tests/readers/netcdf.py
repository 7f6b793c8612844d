#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the netCDF world sees: xarray by both of its engines, netCDF4-python, ncdump, and UDUNITS on the units."""
import re
import subprocess

import h5netcdf
import h5py
import netCDF4
import numpy
import xarray

import result

ATTRIBUTES = ("units", "unit_label", "long_name", "flag_meanings", "flag_values", "boundary")


def groups_of(file):
    return [path for path, group in result.items(file, h5py.Group)
            if any(isinstance(item, h5py.Dataset) for item in group.values())]


def members(group):
    return {name: item for name, item in group.items() if isinstance(item, h5py.Dataset)}


def same(a, b):
    if a.dtype.kind in "OU":
        return a.tolist() == b.tolist()
    return numpy.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def differs(path, variable, stored):
    """What xarray has against what h5py has: type, axes by name and with coordinates, values, attributes."""
    text = result.is_text(stored)
    if not text and variable.dtype != stored.dtype:
        yield f"{path} is {variable.dtype}, stored as {stored.dtype}"
    elif list(variable.dims) != result.axes_of(path, stored):
        yield f"{path} has the axes {variable.dims}, stored {result.axes_of(path, stored)}"
    elif variable.shape != stored.shape or not same(variable.values, result.values_of(stored)):
        yield f"{path} differs"
    for axis in variable.dims:
        if axis not in variable.coords:
            yield f"{path}: the axis {axis} has no coordinates"
    for name in ATTRIBUTES:
        if not numpy.array_equal(variable.attrs.get(name), stored.attrs.get(name)):
            yield f"{path}: {name} is {variable.attrs.get(name)!r}"


def opens_by(store, root, file):
    """Every group; the file is opened once, since opening reads the head of all of it."""
    for group in groups_of(file):
        dataset = xarray.open_dataset(store(root[group]))  # closing it would close all of the file
        for name, stored in members(file[group]).items():
            if name not in dataset.variables:
                yield f"/{group}/{name} is not there"
            else:
                yield from differs(f"/{group}/{name}", dataset[name], stored)


def xarray_opens_every_group_by_netcdf4(file):
    with netCDF4.Dataset(file.filename) as root:
        yield from opens_by(xarray.backends.NetCDF4DataStore, root, file)


def xarray_opens_every_group_by_h5netcdf(file):
    with h5netcdf.File(file.filename, "r", decode_vlen_strings=True) as root:
        yield from opens_by(xarray.backends.H5NetCDFStore, root, file)


def xarray_opens_a_group_by_its_path(file):
    output = next(iter(file["summary"]))
    for engine in ("netcdf4", "h5netcdf"):
        with xarray.open_dataset(file.filename, group=f"summary/{output}", engine=engine) as dataset:
            yield from differs(f"summary/{output}/quantile_value", dataset.quantile_value,
                               file[f"summary/{output}/quantile_value"])


def xarray_opens_the_whole_tree(file):
    """Where it is recent enough (2024.10) to have open_datatree."""
    if not hasattr(xarray, "open_datatree"):
        return
    for engine in ("netcdf4", "h5netcdf"):
        with xarray.open_datatree(file.filename, engine=engine) as tree:
            for group in groups_of(file):
                for name, stored in members(file[group]).items():
                    yield from differs(f"/{group}/{name}", tree[f"{group}/{name}"], stored)


def xarray_reads_the_file_itself(file):
    for engine in ("netcdf4", "h5netcdf"):
        with xarray.open_dataset(file.filename, engine=engine) as dataset:
            for name in ("study", "title", "seed", "draws"):
                if dataset.attrs.get(name) != file.attrs[name]:
                    yield f"{engine}: {name} is {dataset.attrs.get(name)!r}"


def labels_select(file):
    output = next(iter(file["summary"]))
    with xarray.open_dataset(file.filename, group=f"summary/{output}", engine="netcdf4") as dataset:
        median = float(dataset.quantile_value.sel(case=0, quantile=0.5))
        if not dataset.minimum[0] < median < dataset.maximum[0]:
            yield f"the median of {output} is {median}"
    with xarray.open_dataset(file.filename, group=f"sensitivity/{output}", engine="netcdf4") as dataset:
        name = str(dataset.input.values[0])
        if dataset.spearman.sel(input=name).dims != ("case",):
            yield f"/sensitivity/{output} at input={name}"


def a_sweep_unstacks_to_its_grid(file):
    swept = [name for name in file["cases"] if name != "case"]
    if not swept:
        return
    output = next(iter(file["summary"]))
    with xarray.open_dataset(file.filename, group="cases", engine="netcdf4") as cases, \
            xarray.open_dataset(file.filename, group=f"summary/{output}", engine="netcdf4") as summary:
        joined = summary.assign_coords({name: cases[name] for name in swept})
        grid = joined.set_index(case=swept).unstack("case") if len(swept) > 1 else joined.swap_dims(case=swept[0])
        for case in range(cases.sizes["case"]):
            at = {name: cases[name].values[case] for name in swept}
            if not same(grid.quantile_value.sel(at).values, summary.quantile_value[case].values):
                yield f"{output} at {at}"


def netcdf4_python_walks_the_file(file):
    def walk(group, stored):
        for name, variable in group.variables.items():
            axes = result.axes_of(f"{group.path}/{name}", stored[name])
            if list(variable.dimensions) != axes or not set(axes) <= set(group.dimensions) & set(group.variables):
                yield f"{group.path}/{name} has the axes {variable.dimensions}, stored {axes}"
            values = numpy.ma.getdata(variable[:])
            if not same(values, result.values_of(stored[name])):
                yield f"{group.path}/{name} differs"
            if getattr(variable, "units", None) != stored[name].attrs.get("units"):
                yield f"{group.path}/{name}: units"
        if sorted(group.variables) != sorted(members(stored)):
            yield f"{group.path}: {sorted(set(group.variables) ^ set(members(stored)))}"
        for name, child in group.groups.items():
            yield from walk(child, stored[name])

    with netCDF4.Dataset(file.filename) as dataset:
        yield from walk(dataset, file)


def ncdump_prints_head_and_values(file):
    done = subprocess.run(["ncdump", "-h", file.filename], capture_output=True, text=True, check=False)
    if done.returncode or done.stderr:
        yield f"ncdump -h: {done.returncode} {done.stderr}"
    for output, summary in file["summary"].items():
        if f"group: {output} {{" not in done.stdout:
            yield f"{output} is not in the head"
        units = summary["mean"].attrs["units"]
        if f'mean:units = "{units}"' not in done.stdout:
            yield f"the units of {output}, {units}, are not in the head"
    if "phony_dim" in done.stdout:
        yield "an axis has no scale"
    output = next(iter(file["summary"]))
    done = subprocess.run(["ncdump", "-p", "9,17", "-v", f"/summary/{output}/quantile_value", file.filename],
                          capture_output=True, text=True, check=False)
    printed = done.stdout.split("quantile_value =")[-1].split(";")[0].split(",")
    wanted = file[f"summary/{output}/quantile_value"][()].ravel().tolist()
    if [float(number) for number in printed] != wanted:
        yield f"ncdump -v prints {printed}, wanted {wanted}"


def categorical_draws_have_their_meanings(file):
    for group in ("prior", "posterior"):
        for name, stored in members(file[group]).items() if group in file else ():
            if stored.dtype != numpy.int32:
                continue
            meanings, draws = stored.attrs["flag_meanings"].split(" "), stored[()]
            if stored.attrs["flag_values"].tolist() != list(range(len(meanings))) or draws.max() >= len(meanings):
                yield f"{group}/{name}: {meanings}"


def udunits_reads_the_units(file):
    """By the command line udunits2; where it is missing the unit tests of sim/study stand for it."""
    units = {item.attrs["units"] for _, item in result.items(file, h5py.Dataset) if "units" in item.attrs}
    times = {"days", "hours", "minutes", "seconds", "day", "hour", "minute", "second", "milliseconds"}
    for word in units & times:
        yield f"xarray makes a timedelta of '{word}'"
    for unit in sorted(units):
        try:
            done = subprocess.run(["udunits2", "-H", unit], input="\n", capture_output=True, text=True, check=False)
        except FileNotFoundError:
            return
        if not DECLARED.search(unit) and "Don't recognize" in done.stdout + done.stderr:
            yield f"UDUNITS does not know '{unit}'"


DECLARED = re.compile("USD|gpu")  # money, and the unit that the study declares

result.run_kinds(xarray_opens_every_group_by_netcdf4, xarray_opens_every_group_by_h5netcdf,
                 xarray_opens_a_group_by_its_path, xarray_opens_the_whole_tree, xarray_reads_the_file_itself,
                 labels_select, a_sweep_unstacks_to_its_grid, netcdf4_python_walks_the_file,
                 ncdump_prints_head_and_values, categorical_draws_have_their_meanings, udunits_reads_the_units)
