# SPDX-License-Identifier: GPL-3.0-or-later
"""wattspan from Python: run a study and have its result as xarray, or load a result file.

    import wattspan
    result = wattspan.run("priors/grok-4.yaml", set={"pue": "1.1 to 1.3"}, draws=1e6)
    result.quantiles("energy")                      # p5, median, p95 in result.unit("energy")
    result["summary/energy"].quantile_value         # any group of the file, as an xarray.Dataset
    result["prior_predictive"].energy               # the kept draws

A study may also be a dict, as priors/README.md describes the language. One file that needs xarray and, as xarray
itself does for such files, h5netcdf or netCDF4. Copy it beside a notebook, or put this folder on PYTHONPATH.
"""
import collections.abc
import json
import os
import shutil
import subprocess
import tempfile

import xarray

FORMAT_VERSION = 1


class WattspanError(RuntimeError):
    """The program refused or failed: what it said, and its exit code (3: a bad study, 4: trouble with a file)."""

    def __init__(self, text, code=None):
        super().__init__(text)
        self.code = code


class Result(collections.abc.Mapping):
    """A result: groups of the file by path ("summary/energy") as xarray datasets, attributes of the file in attrs."""

    def __init__(self, path, groups, attrs, engine):
        self._path, self._engine, self.attrs = path, engine, attrs
        self._groups = dict.fromkeys(groups)  # read when they are first asked for
        self.name = os.path.splitext(os.path.basename(path))[0]

    def __getitem__(self, path):
        path = path.strip("/")
        if self._groups[path] is None:
            self._groups[path] = xarray.load_dataset(self._path, group=path, engine=self._engine)
        return self._groups[path]

    def __iter__(self):
        return iter(self._groups)

    def __len__(self):
        return len(self._groups)

    def __repr__(self):
        return f"<wattspan.Result {self.attrs.get('title', self.name)!r}: {', '.join(self.outputs)}>"

    def children(self, path):
        """Names of the groups right below one: children("summary") are the outputs."""
        start = path.strip("/") + "/"
        return [p[len(start):] for p in self._groups if p.startswith(start) and "/" not in p[len(start):]]

    @property
    def outputs(self):
        return self.children("summary")

    def unit(self, output):
        """The unit of an output as the study spells it."""
        attrs = self[f"summary/{output}"].attrs
        return attrs.get("unit_label", attrs.get("units", "1"))

    def quantiles(self, output, probabilities=(0.05, 0.5, 0.95), case=0):
        """Quantiles of an output as a DataArray; only such probabilities as the run was asked for."""
        values = self[f"summary/{output}"].quantile_value.isel(case=case)
        return values.sel(quantile=list(probabilities), method="nearest", tolerance=1e-9)

    def sweep(self, output):
        """The summary of an output over the grid of a sweep: one dimension for each swept quantity."""
        cases, summary = self["cases"], self[f"summary/{output}"]
        names = list(cases.data_vars)
        if not names:
            raise WattspanError("the result has one case: nothing was swept")
        joined = summary.assign_coords({name: cases[name] for name in names})
        if len(names) == 1:
            return joined.swap_dims(case=names[0]).drop_vars("case")
        return joined.set_index(case=names).unstack("case")

    def datatree(self):
        """All groups as an xarray.DataTree, where xarray is recent enough to have one (2024.10)."""
        if not hasattr(xarray, "DataTree"):
            raise WattspanError("this xarray has no DataTree; it came with version 2024.10")
        return xarray.DataTree.from_dict({"/": xarray.Dataset(attrs=self.attrs), **self})


def load(path):
    """The result in a file. A group is read when it is first asked for."""
    path = os.fspath(path)
    if not os.path.isfile(path):
        raise WattspanError(f"{path}: there is no such file", 4)
    groups, attrs, engine = _walk(path)
    if attrs.get("format") != "wattspan":
        raise WattspanError(f"{path} is no result of wattspan", 4)
    if attrs.get("format_version") > FORMAT_VERSION:
        raise WattspanError(f"{path} has format version {attrs['format_version']}; this reader knows "
                            f"{FORMAT_VERSION}", 4)
    return Result(path, groups, attrs, engine)


def run(study, set=None, vary=None, program=None, output=None, **options):
    """Runs a study, the path of a file or a dict, and returns its Result.

    set      values or priors in the place of the study's: {"pue": "1.1 to 1.3", "tdp": 700,
             "life": {"pert": {"min": 3, "mode": 4, "max": 6}}}
    vary     quantities to sweep, their values or a range: {"pue": [1.1, 1.2], "tdp": "500:900:5"}; all combinations are
             cases, with the same draws (Result.sweep)
    options  those of `wattspan run`: draws=1e6, seed=2, design="sobol", widen=1.5, keep="all",
             probability=["cost > 1e9 [USD]"]; True stands for an option without a value
    output   where to keep the result file; without it none is left
    program  the program's path, else $WATTSPAN, else wattspan on the PATH, else this source tree's build

    What a dict extends is found from the current folder. Raises WattspanError with the program's messages.
    """
    with tempfile.TemporaryDirectory() as scratch:
        path = os.fspath(output) if output else os.path.join(scratch, "result.h5")
        name, text = ("-", json.dumps(study)) if isinstance(study, dict) else (os.fspath(study), None)
        command = [_find_program(program), "run", name, "--quiet", "-o", path]
        for quantity, value in (set or {}).items():
            command += ["--set", f"{quantity}={value if isinstance(value, str) else json.dumps(value)}"]
        for quantity, values in (vary or {}).items():
            listed = values if isinstance(values, str) else ",".join(str(value) for value in values)
            command += ["--vary", f"{quantity}={listed}"]
        command += _option_words(options)
        done = subprocess.run(command, input=text or "", capture_output=True,
                              text=True, encoding="utf-8", check=False)
        if done.returncode != 0:
            raise WattspanError(done.stderr.strip() or f"wattspan ended with code {done.returncode}", done.returncode)
        result = load(path)
        if not output:
            dict(result)  # the file goes away: read all of it now
        return result


def _option_words(options):
    words = []
    for name, value in options.items():
        option = "--" + name.replace("_", "-")
        if value is True:
            words.append(option)
        elif value is not None and value is not False:
            for item in value if isinstance(value, (list, tuple)) else [value]:
                words += [option, str(item)]
    return words


def _find_program(program):
    beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "build", "wattspan")
    for candidate in (program, os.environ.get("WATTSPAN"), shutil.which("wattspan"), beside):
        if candidate and os.access(candidate, os.X_OK):
            return os.fspath(candidate)
    raise WattspanError("the program wattspan is not found: give program=, or its path in $WATTSPAN")


def _walk(path):
    """Paths of all groups that hold variables, the file's attributes, and the engine that reads it."""
    try:
        import h5netcdf
        file, engine = h5netcdf.File(path, "r"), "h5netcdf"
    except ImportError:
        import netCDF4
        file, engine = netCDF4.Dataset(path), "netcdf4"
    with file:
        attrs = dict(file.attrs) if engine == "h5netcdf" else {n: file.getncattr(n) for n in file.ncattrs()}
        return list(_groups_below(file, "")), attrs, engine


def _groups_below(group, path):
    for name, child in group.groups.items():
        below = f"{path}/{name}".strip("/")
        if child.variables:
            yield below
        yield from _groups_below(child, below)
