#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""scripts/wattspan.py: a study from a file or a dict runs, its result is xarray, what goes wrong is an exception."""
import os
import sys
import tempfile

import h5py
import numpy
import xarray

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "readers")]
import result as reader  # noqa: E402

sys.path[:0] = [os.path.join(reader.root(), "scripts")]
sys.dont_write_bytecode = True
import wattspan  # noqa: E402

PATH = reader.path()
STUDY = {
    "wattspan": 1, "title": "From a dict",
    "inputs": {"hours": {"unit": "h", "prior": {"uniform": {"min": 1e6, "max": 3e6}}},
               "power": {"unit": "W", "prior": 700}},
    "outputs": {"energy": {"unit": "GWh", "formula": "hours * power"}},
}


def load_gives_every_group():
    loaded, stored = wattspan.load(PATH), []
    with h5py.File(PATH) as file:
        file.visititems(lambda name, item: stored.append(name) if isinstance(item, h5py.Group)
                        and any(isinstance(member, h5py.Dataset) for member in item.values()) else None)
        if sorted(loaded) != sorted(stored):
            yield f"groups {sorted(set(loaded) ^ set(stored))}"
        if loaded.outputs != list(file["summary"]):
            yield f"outputs {loaded.outputs}"
        quantiles = file["summary/energy/quantile"][:]
        at = [int(numpy.argmin(abs(quantiles - p))) for p in (0.05, 0.5, 0.95)]
        if loaded.quantiles("energy").values.tolist() != file["summary/energy/quantile_value"][0, at].tolist():
            yield "quantiles differ from the file's"
    if loaded.unit("energy") != "GWh" or not isinstance(loaded["summary/energy"], xarray.Dataset):
        yield "unit or type"


def a_dict_runs():
    got = wattspan.run(STUDY, draws=1e5)
    p5, median, p95 = got.quantiles("energy").values
    if not numpy.allclose([p5, median, p95], [0.77, 1.4, 2.03], rtol=5e-3):
        yield f"energy is {p5}, {median}, {p95}"
    if got.attrs["draws"] != 100000 or "energy" not in got["prior_predictive"]:
        yield "attributes or draws"


def set_takes_numbers_texts_and_priors():
    for value, median in ((2e6, 1.4), ("1e6 to 4e6", 1.4), ({"uniform": {"min": 2e6, "max": 4e6}}, 2.1)):
        got = float(wattspan.run(STUDY, set={"hours": value}, draws=1e5).quantiles("energy")[1])
        if abs(got / median - 1) > 0.01:
            yield f"{value}: {got}"


def vary_sweeps():
    got = wattspan.run(STUDY, vary={"hours": [1e6, 2e6], "power": "500:700:3"}, draws=1e4).sweep("energy")
    if dict(got["mean"].sizes) != {"hours": 2, "power": 3}:
        yield f"{got['mean'].sizes}"
    for hours, power in ((1e6, 500), (2e6, 600)):
        if not numpy.isclose(float(got["mean"].sel(hours=hours, power=power)), hours * power / 1e9):
            yield f"at {hours} h, {power} W: {float(got['mean'].sel(hours=hours, power=power))}"
    one = wattspan.run(STUDY, vary={"power": [500, 700]}, draws=1e4).sweep("energy")
    if not numpy.isclose(float(one["mean"].sel(power=700) / one["mean"].sel(power=500)), 1.4):
        yield "one quantity"
    try:
        wattspan.run(STUDY, draws=1e4).sweep("energy")
        yield "a sweep of one case"
    except wattspan.WattspanError:
        pass


def options_reach_the_program():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "kept.h5")
        got = wattspan.run(STUDY, output=path, draws=65536, design="sobol", seed=7, keep="all",
                           probability=["energy > 1.4 [GWh]"])
        if (got.attrs["design"], got.attrs["seed"], got.attrs["kept_draws"]) != ("sobol", 7, 65536):
            yield f"{got.attrs}"
        if len(got.outputs) != 2 or not os.path.isfile(path):
            yield f"{got.outputs}"


def a_bad_study_is_an_exception_with_the_place():
    bad = ({"wattspan": 1, "title": "x"}, 3, "no outputs"), ("/nonexistent.yaml", 4, "nonexistent")
    for study, code, part in bad:
        try:
            wattspan.run(study)
            yield f"{study} runs"
        except wattspan.WattspanError as error:
            if error.code != code or part not in str(error):
                yield f"{error.code}: {error}"
    for path in ("/nonexistent.h5",):
        try:
            wattspan.load(path)
            yield f"{path} loads"
        except wattspan.WattspanError as error:
            if error.code != 4:
                yield str(error)


def a_datatree_where_there_is_one():
    if hasattr(xarray, "DataTree"):
        tree = wattspan.load(PATH).datatree()
        if float(tree["summary/energy/mean"][0]) != float(wattspan.load(PATH)["summary/energy"]["mean"][0]):
            yield "differs"


reader.run(load_gives_every_group, a_dict_runs, set_takes_numbers_texts_and_priors, vary_sweeps,
           options_reach_the_program, a_bad_study_is_an_exception_with_the_place, a_datatree_where_there_is_one)
