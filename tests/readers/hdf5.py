#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What h5py sees: scales, types, filters, creation order; and that the numbers of different groups agree."""
from fractions import Fraction

import h5py
import numpy

import result
import tally

SCALE_ATTRIBUTES = {"CLASS", "NAME", "REFERENCE_LIST", "DIMENSION_LIST"}  # as the HDF5 library itself defines them
FILTERS = {h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_FLETCHER32}
MOST_CASES = 20  # of a sweep whose tallies are looked at


def every_axis_has_one_scale(file):
    """Of its own group, of its own length, and of the name of its variable."""
    for path, dataset in result.items(file, h5py.Dataset):
        if result.is_scale(dataset):
            if dataset.ndim != 1 or path.split("/")[-1] != dataset.attrs["NAME"].decode():
                yield f"{path} is a scale of another name or rank"
            continue
        group = file[path.rpartition("/")[0]]
        for index, dim in enumerate(dataset.dims):
            if len(dim) != 1:
                yield f"{path} has {len(dim)} scales on axis {index}"
            elif dim[0].shape != (dataset.shape[index],) or group.get(result.axis_of(dim[0])) != dim[0]:
                yield f"{path} has a scale of another group or length on axis {index}"


def scales_know_their_variables(file):
    for path, group in result.items(file, h5py.Group):
        members = {name: item for name, item in group.items() if isinstance(item, h5py.Dataset)}
        wanted = {name: 0 for name, item in members.items() if result.is_scale(item)}
        for item in members.values():
            for dim in item.dims if not result.is_scale(item) else ():
                wanted[result.axis_of(dim[0])] += 1
        for name, count in wanted.items():
            references = members[name].attrs.get("REFERENCE_LIST", [])
            if len(references) != count:
                yield f"{path}/{name} lists {len(references)} uses, has {count}"
            for reference, axis in references:
                dims = file[reference].dims
                if axis >= len(dims) or dims[axis][0] != members[name]:
                    yield f"{path}/{name} lists a use that is none"


def numbered_axes_count_from_0(file):
    """Those that may be long are written in pieces, which are copied from one axis to another."""
    for path, dataset in result.items(file, h5py.Dataset):
        if path.split("/")[-1] in ("byte", "draw", "event", "rank", "row") and result.is_scale(dataset):
            if dataset[()].tolist() != list(range(len(dataset))):
                yield f"{path} does not count from 0"


def types_are_plain(file):
    for path, dataset in result.items(file, h5py.Dataset):
        kind = dataset.id.get_type().get_class()
        if kind not in (h5py.h5t.INTEGER, h5py.h5t.FLOAT, h5py.h5t.STRING):
            yield f"{path} has a type of class {kind}"


def attributes_are_plain(file):
    for path, item in [*result.items(file, h5py.Group), *result.items(file, h5py.Dataset)]:
        for name in item.attrs:
            if name in SCALE_ATTRIBUTES:
                continue
            attribute = h5py.h5a.open(item.id, name.encode())
            kind = attribute.get_type()
            if kind.get_class() == h5py.h5t.STRING:
                if not kind.is_variable_str() or kind.get_cset() != h5py.h5t.CSET_UTF8 or attribute.shape != ():
                    yield f"{path}: {name} is not one string of any length in UTF-8"
            elif kind.get_class() not in (h5py.h5t.INTEGER, h5py.h5t.FLOAT):
                yield f"{path}: {name} is neither text nor number"


def order_of_creation_is_kept(file):
    wanted = h5py.h5p.CRT_ORDER_TRACKED | h5py.h5p.CRT_ORDER_INDEXED
    for path, group in result.items(file, h5py.Group):
        plan = h5py.h5g.open(file.id, (path or "/").encode()).get_create_plist()
        if plan.get_link_creation_order() != wanted or plan.get_attr_creation_order() != wanted:
            yield f"{path} does not keep the order"
    for path, dataset in result.items(file, h5py.Dataset):
        if dataset.id.get_create_plist().get_attr_creation_order() != wanted:
            yield f"{path} does not keep the order"


def filters_are_the_common_ones(file):
    for path, dataset in result.items(file, h5py.Dataset):
        plan = dataset.id.get_create_plist()
        used = {plan.get_filter(i)[0] for i in range(plan.get_nfilters())}
        if not used <= FILTERS:
            yield f"{path} uses the filters {used}"


def numbers_agree(file):
    """In every case, and given the evidence, where weights are in units of 2^-28."""
    for output, summary in file["summary"].items():
        histogram, n = file["histogram"].get(output), summary["n"][()]
        if (n + summary["n_invalid"][()] != file.attrs["draws"]).any():
            yield f"{output}: {n} valid draws of {file.attrs['draws']}"
        if histogram is None:
            continue
        bounds, values = histogram["bin_bounds"][()], summary["quantile_value"][()]
        if histogram["count"][()].sum(axis=1).tolist() != n.tolist():
            yield f"{output}: the histogram does not hold all draws"
        if not (numpy.diff(bounds, axis=1) > 0).all() or not (bounds[1:, 0] == bounds[:-1, 1]).all():
            yield f"{output}: the histogram's bins do not join"
        inside = (values[:, 0] >= summary["minimum"][()]) & (values[:, -1] <= summary["maximum"][()])
        if not (numpy.diff(values, axis=1) >= 0).all() or not inside.all():
            yield f"{output}: quantiles do not ascend from minimum to maximum"


def kept_draws_are_of_the_same_run(file):
    """The mean of the first draws lies where the mean of all of them says, within 6 standard errors."""
    for output, summary in file["summary"].items():
        draws = file["prior_predictive"][output][()]
        draws = draws.reshape(draws.shape[0] * draws.shape[1], -1)
        for case in range(draws.shape[1]):
            own = draws[numpy.isfinite(draws[:, case]), case]
            if not summary["sd"][case] > 0:
                continue
            z = (own.mean() - summary["mean"][case]) / (summary["sd"][case] / own.size ** 0.5)
            if not abs(z) < 6:
                yield f"{output}, case {case}: {z} standard errors"


def equally_weighted_draws_are_of_the_posterior(file):
    if "posterior_predictive" not in file:
        return
    for output, summary in file["summary_posterior"].items():
        draws = file["posterior_predictive"][output][()].ravel()
        draws = draws[numpy.isfinite(draws)]
        distinct = min(file["evidence/distinct"][0], file["evidence/ess"][0])
        z = (draws.mean() - summary["mean"][0]) / (summary["sd"][0] / distinct ** 0.5)
        if summary["sd"][0] > 0 and not abs(z) < 6:
            yield f"{output}: {z} standard errors"


def tallies_give_the_summary(file):
    """Counts, the mean from exact sums, the extremes, and quantiles in the bins where the counts have them."""
    for given in ("", "_posterior") if "evidence" in file else ("",):
        for output, summary in file[f"summary{given}"].items():
            for case in range(min(file["cases/case"].size, MOST_CASES)):
                found = tally.tallies(file[f"sketch{given}"][output], case)
                for breach in compare(found, {name: values[case] for name, values in summary.items()
                                              if name not in ("case", "quantile")}, summary["quantile"][()]):
                    yield f"{output}{given}, case {case}: {breach}"


def compare(found, summary, probabilities):
    n, weights = sum(t.n for t in found), sum(sum(t.counts.values()) for t in found)
    if n != summary["n"] or sum(t.n_invalid for t in found) != summary["n_invalid"]:
        yield f"{n} draws, {summary['n']} in the summary"
    if not n:
        return
    if any(t.squares is None and sum(t.counts.values()) != t.n for t in found):
        yield "not as many counts as draws"
    if min(t.minimum for t in found) != summary["minimum"] or max(t.maximum for t in found) != summary["maximum"]:
        yield "other extremes"
    total = weights if found[0].squares is None else Fraction(weights, 2 ** 28)
    mean = float(sum(t.sums[0][0] for t in found) / total) / found[0].scale + found[0].pivot
    if not numpy.isclose(mean, summary["mean"], rtol=1e-14, atol=1e-14 * summary["sd"]):
        yield f"the mean is {mean} and {summary['mean']}"
    for p, value in zip(probabilities, summary["quantile_value"]) if len(found) == 1 else ():
        low, high = found[0].quantile_bounds(p)
        if not max(low, summary["minimum"]) <= value <= min(high, summary["maximum"]):
            yield f"quantile {p} is {value}, which is not in {low} to {high}"


result.run_kinds(every_axis_has_one_scale, scales_know_their_variables, numbered_axes_count_from_0,
                 types_are_plain, attributes_are_plain,
                 order_of_creation_is_kept, filters_are_the_common_ones, numbers_agree, kept_draws_are_of_the_same_run,
                 equally_weighted_draws_are_of_the_posterior, tallies_give_the_summary)
