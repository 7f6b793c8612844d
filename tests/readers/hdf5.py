#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What h5py sees: scales, types, filters, creation order; and that the numbers of different groups agree."""
from fractions import Fraction

import h5py
import numpy

import result

FILE = h5py.File(result.path(), "r")
SCALE_ATTRIBUTES = {"CLASS", "NAME", "REFERENCE_LIST", "DIMENSION_LIST"}  # as the HDF5 library itself defines them
FILTERS = {h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_FLETCHER32}


def items(kind):
    found = [FILE] if kind is h5py.Group else []
    FILE.visititems(lambda name, item: found.append(item) if isinstance(item, kind) else None)
    return found


def is_scale(dataset):
    return h5py.h5ds.is_scale(dataset.id)


def every_axis_has_one_scale():
    for dataset in items(h5py.Dataset):
        if is_scale(dataset):
            if dataset.ndim != 1 or dataset.name.split("/")[-1] != dataset.attrs["NAME"].decode():
                yield f"{dataset.name} is a scale of another name or rank"
            continue
        for index, dim in enumerate(dataset.dims):
            if len(dim) != 1:
                yield f"{dataset.name} has {len(dim)} scales on axis {index}"
            elif dim[0].shape != (dataset.shape[index],) or dim[0].parent != dataset.parent:
                yield f"{dataset.name} has the scale {dim[0].name} on axis {index}"


def scales_know_their_variables():
    for scale in items(h5py.Dataset):
        if not is_scale(scale):
            continue
        wanted = {(dataset.name, index) for dataset in scale.parent.values() if isinstance(dataset, h5py.Dataset)
                  for index, dim in enumerate(dataset.dims) if not is_scale(dataset) and dim[0] == scale}
        found = {(FILE[reference].name, index) for reference, index in scale.attrs.get("REFERENCE_LIST", [])}
        if found != wanted:
            yield f"{scale.name}: {found ^ wanted}"


def types_are_plain():
    for dataset in items(h5py.Dataset):
        kind = dataset.id.get_type().get_class()
        if kind not in (h5py.h5t.INTEGER, h5py.h5t.FLOAT, h5py.h5t.STRING):
            yield f"{dataset.name} has a type of class {kind}"


def attributes_are_plain():
    for item in items((h5py.Group, h5py.Dataset)):
        for name in item.attrs:
            if name in SCALE_ATTRIBUTES:
                continue
            attribute = h5py.h5a.open(item.id, name.encode())
            kind = attribute.get_type()
            if kind.get_class() == h5py.h5t.STRING:
                if not kind.is_variable_str() or kind.get_cset() != h5py.h5t.CSET_UTF8 or attribute.shape != ():
                    yield f"{item.name}: {name} is not one string of any length in UTF-8"
            elif kind.get_class() not in (h5py.h5t.INTEGER, h5py.h5t.FLOAT):
                yield f"{item.name}: {name} is neither text nor number"


def order_of_creation_is_kept():
    wanted = h5py.h5p.CRT_ORDER_TRACKED | h5py.h5p.CRT_ORDER_INDEXED
    for group in items(h5py.Group):
        plan = h5py.h5g.open(FILE.id, group.name.encode()).get_create_plist()
        if plan.get_link_creation_order() != wanted or plan.get_attr_creation_order() != wanted:
            yield f"{group.name} does not keep the order"
    for dataset in items(h5py.Dataset):
        if dataset.id.get_create_plist().get_attr_creation_order() != wanted:
            yield f"{dataset.name} does not keep the order"


def filters_are_the_common_ones():
    for dataset in items(h5py.Dataset):
        plan = dataset.id.get_create_plist()
        used = {plan.get_filter(i)[0] for i in range(plan.get_nfilters())}
        if not used <= FILTERS:
            yield f"{dataset.name} uses the filters {used}"


def numbers_agree():
    for name, summary in FILE["summary"].items():
        n, sketch = summary["n"][0], FILE["sketch"][name]
        pooled = sketch["page_tally"][()] % sketch["slot"].size == 0
        if FILE["histogram"][name]["count"][0].sum() != n or sketch["count"][()][pooled].sum() != n:
            yield f"{name}: counts do not add up to {n}"
        if n + summary["n_invalid"][0] != FILE.attrs["draws"]:
            yield f"{name}: {n} valid draws of {FILE.attrs['draws']}"
        bounds, values = FILE["histogram"][name]["bin_bounds"][()], summary["quantile_value"][0]
        if not (numpy.diff(bounds, axis=1) > 0).all() or not (bounds[1:, 0] == bounds[:-1, 1]).all():
            yield f"{name}: the histogram's bins do not join"
        inside = values[0] >= summary["minimum"][0] and values[-1] <= summary["maximum"][0]
        if not (numpy.diff(values) >= 0).all() or not inside:
            yield f"{name}: quantiles do not ascend from minimum to maximum"


def kept_draws_are_of_the_same_run():
    """The mean of the first draws lies where the mean of all of them says, within 6 standard errors."""
    for name, summary in FILE["summary"].items():
        draws = FILE["prior_predictive"][name][()]
        z = (draws.mean() - summary["mean"][0]) / (summary["sd"][0] / draws.size ** 0.5)
        if not abs(z) < 6:
            yield f"{name}: {z} standard errors"


def exact_sums_give_the_mean():
    for name, summary in FILE["summary"].items():
        sketch, total = FILE["sketch"][name], Fraction(0)
        slot = (0, slice(None), 0)
        for limb, values in zip(sketch["limb"][()], sketch["sum"][slot][:, 0].T):
            total += sum(int(value) for value in values) * Fraction(2) ** int(limb)
        mean = float(total / int(sketch["n"][slot].sum())) / sketch["scale"][0, 0, 0] + sketch["pivot"][0, 0, 0]
        if not numpy.isclose(mean, summary["mean"][0], rtol=1e-14, atol=0):
            yield f"{name}: {mean} and {summary['mean'][0]}"


result.run(every_axis_has_one_scale, scales_know_their_variables, types_are_plain, attributes_are_plain,
           order_of_creation_is_kept, filters_are_the_common_ones, numbers_agree, kept_draws_are_of_the_same_run,
           exact_sums_give_the_mean)
