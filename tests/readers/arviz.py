#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of ArviZ's InferenceData, of which Debian has no package, on the groups that are meant for it.

After the schema of its documentation: groups by their names; in groups of draws `chain` and `draw` are the first
dimensions of every variable, each with coordinates counting from 0; groups that go together agree in them; each
group can be read by itself; draws of a posterior have equal weight.
"""
import h5py
import numpy
import xarray

import result

SCHEMA = {"posterior", "posterior_predictive", "sample_stats", "prior", "prior_predictive", "sample_stats_prior",
          "observed_data", "constant_data", "log_likelihood"}
DRAWS = ("prior", "prior_predictive", "sample_stats_prior", "posterior", "posterior_predictive")


def open_group(file, group):
    """As arviz.from_netcdf does."""
    with xarray.open_dataset(file.filename, group=group, engine="h5netcdf") as dataset:
        return dataset.load()


def groups_of_draws_are_there(file):
    one_case = file["cases/case"].size == 1  # the cases of a sweep have posteriors of their own, and no draws of them
    wanted = set(DRAWS[:2]) | set() if "evidence" not in file else set(DRAWS if one_case else DRAWS[:3])
    if {name for name in file if name in SCHEMA} != wanted:
        yield f"{set(file) & SCHEMA}, wanted {wanted}"


def chain_and_draw_come_first(file):
    for group in set(DRAWS) & set(file):
        dataset = open_group(file, group)
        for name, variable in dataset.data_vars.items():
            if variable.dims[:2] != ("chain", "draw"):
                yield f"{group}/{name} has the dimensions {variable.dims}"
        for axis in ("chain", "draw"):
            if dataset[axis].values.tolist() != list(range(dataset.sizes[axis])):
                yield f"{group}: {axis} does not count from 0"


def every_dimension_has_coordinates(file):
    for group in set(DRAWS) & set(file):
        dataset = open_group(file, group)
        for axis in dataset.dims:
            if axis not in dataset.coords or dataset[axis].dims != (axis,):
                yield f"{group}: {axis}"


def names_are_no_dimensions_and_values_are_numbers(file):
    for group in set(DRAWS) & set(file):
        dataset = open_group(file, group)
        for name, variable in dataset.data_vars.items():
            if variable.dtype.kind not in "fi" or name in dataset.dims:
                yield f"{group}/{name} is {variable.dtype}"


def groups_that_go_together_agree(file):
    for pair in (DRAWS[:2], DRAWS[1:3], DRAWS[3:]):
        if not set(pair) <= set(file):
            continue
        a, b = (open_group(file, group) for group in pair)
        for axis in ("chain", "draw"):
            if a[axis].values.tolist() != b[axis].values.tolist():
                yield f"{pair} differ in {axis}"
    if "posterior" in file and list(file["posterior"]) != list(file["prior"]):
        yield "prior and posterior hold different inputs"


def the_file_says_what_made_it(file):
    for name in ("date_created", "source", "version"):
        if not isinstance(file.attrs.get(name), str) or not file.attrs[name]:
            yield f"attribute {name}"


def draws_are_plain_draws(file):
    """Those of the prior as a function of the outputs' draws: the same draw in both groups."""
    study = file.attrs["study"]
    if "it_energy * pue" not in study or "energy" not in file["prior_predictive"] or file["cases/case"].size > 1:
        return
    for inputs, outputs in (DRAWS[:2], DRAWS[3:]):
        if inputs not in file:
            continue
        x, y = file[inputs], file[outputs]
        wanted = x["hours"][()] * x["power"][()] * x["pue"][()] / 1e9
        if not numpy.allclose(wanted, y["energy"][()], rtol=1e-12):
            yield f"{outputs}/energy is not that of {inputs}"


def the_posterior_has_equal_weights(file):
    """Its draws come as often as their weights say: weighted and unweighted means agree within the errors."""
    if "posterior" not in file:
        return
    log_weight = file["sample_stats_prior/log_weight"][()].ravel()
    weight = numpy.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    effective = 1 / (weight ** 2).sum()
    for name, prior in file["prior"].items():
        if prior.ndim != 2 or h5py.h5ds.is_scale(prior.id):
            continue
        x, drawn = prior[()].ravel().astype(float), file[f"posterior/{name}"][()].ravel().astype(float)
        mean = (weight * x).sum()
        sd = numpy.sqrt((weight * (x - mean) ** 2).sum())
        if sd <= 1e-9 * abs(mean):  # a constant
            continue
        z = (drawn.mean() - mean) / (sd * numpy.sqrt(1 / effective + 1 / file["evidence/distinct"][0]))
        if not abs(z) < 6:
            yield f"{name}: {z} standard errors"


result.run_kinds(groups_of_draws_are_there, chain_and_draw_come_first, every_dimension_has_coordinates,
                 names_are_no_dimensions_and_values_are_numbers, groups_that_go_together_agree,
                 the_file_says_what_made_it, draws_are_plain_draws, the_posterior_has_equal_weights)
