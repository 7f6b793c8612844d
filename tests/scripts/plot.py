#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""scripts/plot and scripts/figures.py: the standard set is made, from each kind of file; no label lies on another."""
import os
import subprocess
import sys
import tempfile

import numpy
import xarray

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "readers")]
import result as reader  # noqa: E402

sys.path[:0] = [os.path.join(reader.root(), "scripts")]
sys.dont_write_bytecode = True
import matplotlib  # noqa: E402

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

import figures  # noqa: E402
import wattspan  # noqa: E402

PATH = reader.path()
PLOT = os.path.join(reader.root(), "scripts", "plot")
RESULT = wattspan.load(PATH)
plt.rcParams.update(figures.STYLE)


def overlaps(fig):
    """Pairs of texts of a figure that lie on each other by more than a hair."""
    fig.canvas.draw()
    renderer = fig.canvas.get_renderer()
    shown = []
    for text in texts_of(fig):
        if text.get_visible() and text.get_text().strip():
            box = text.get_window_extent(renderer)
            shown.append((text.get_text(), box))
    for i, (one, a) in enumerate(shown):
        for other, b in shown[i + 1:]:
            wide = min(a.x1, b.x1) - max(a.x0, b.x0)
            high = min(a.y1, b.y1) - max(a.y0, b.y0)
            if wide > 1.5 and high > 1.5:
                yield f"'{one}' lies on '{other}'"


def texts_of(fig):
    """What is written on a figure; of an axis's ticks those that are drawn."""
    yield from fig.texts
    for ax in fig.axes:
        if not ax.axison:
            continue
        yield from (*ax.texts, ax.title, ax._left_title, ax.xaxis.label, ax.yaxis.label)
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            for ticks, places in ((axis.majorTicks, axis.get_majorticklocs()),
                                  (axis.minorTicks, axis.get_minorticklocs())):
                yield from (t.label1 for t, at in zip(ticks, places) if low <= at <= high and t.label1.get_visible())
        if ax.get_legend():
            yield from ax.get_legend().get_texts()
            yield ax.get_legend().get_title()


def check(name, function, *arguments, size=(6.3, 3.7)):
    fig, ax = plt.subplots(figsize=size)
    function(ax, *arguments)
    figures.sign(fig, RESULT)
    for breach in overlaps(fig):
        yield f"{name}: {breach}"
    plt.close(fig)


def no_label_lies_on_another():
    for output in ("energy", "co2e_operational", "cost_owned", "method_ratio"):
        yield from check(f"density of {output}", figures.density, RESULT, output)
        yield from check(f"drivers of {output}", figures.indices, RESULT, output)
        yield from check(f"tornado of {output}", figures.tornado, RESULT, output)
        yield from check(f"draws of {output}", figures.convergence, RESULT, output)
    yield from check("by", figures.split, RESULT, "cost_owned", "depreciation")
    yield from check("widening", figures.widening, [RESULT] * 3, "energy", ["x1", "x1.5", "x2"])
    yield from check("overlay", figures.overlay, [RESULT] * 2, "energy", ["one", "another"])
    fig, axes = plt.subplots(4, 4, figsize=(7.2, 6.8))
    figures.corner(axes, RESULT, ["energy", "hours_scaled", "power_ratio", "training_flop"])
    for breach in overlaps(fig):
        yield f"corner: {breach}"
    plt.close(fig)


class Made(wattspan.Result):
    """A result with some groups replaced."""

    def __init__(self, base, groups):
        super().__init__(base._path, base, base.attrs, base._engine)
        self._groups.update(groups)


def swept(shape):
    """The result as if two quantities had been swept, the output growing with both."""
    x, y = numpy.meshgrid(numpy.linspace(1.1, 1.5, shape[0]), numpy.linspace(0.5, 1, shape[1]), indexing="ij")
    cases = xarray.Dataset({"pue": ("case", x.ravel(), {"units": "1"}), "power": ("case", y.ravel(), {"units": "kW"})},
                           {"case": range(x.size)})
    summary = RESULT["summary/energy"].isel(case=[0] * x.size)
    factor = xarray.DataArray(x.ravel() * y.ravel(), dims="case")
    with xarray.set_options(keep_attrs=True):
        summary = summary.assign(quantile_value=summary.quantile_value * factor)
    return Made(RESULT, {"cases": cases, "summary/energy": summary})


def a_sweep_has_a_line_and_a_map():
    result = swept((6, 5))
    yield from check("line", figures.sweep_line, result, "energy")
    yield from check("map", figures.sweep_map, result, "energy")
    fig, ax = plt.subplots()
    figures.sweep_line(ax, result, "energy")
    median = [line for line in ax.lines if line.get_label() == "median"][0]
    wanted = float(figures.quantile_at(RESULT["summary/energy"], 0.5)) * 0.5 * numpy.linspace(1.1, 1.5, 6)
    if not numpy.allclose(median.get_ydata(), wanted):
        yield f"the median runs through {median.get_ydata()}, wanted {wanted}"
    plt.close(fig)


def prior_and_posterior_stand_together():
    groups = {f"{kind}_posterior/energy": RESULT[f"{kind}/energy"] for kind in ("summary", "histogram")}
    yield from check("conditioned", figures.conditioned, Made(RESULT, groups), "energy")


def what_is_missing_is_said():
    bare = Made(RESULT, {})
    for path in [path for path in bare if "_posterior" in path]:
        del bare._groups[path]
    for function in (figures.conditioned, figures.sweep_line, figures.sweep_map):
        fig, ax = plt.subplots()
        try:
            function(ax, bare, "energy")
            yield f"{function.__name__} draws what is not there"
        except figures.Missing:
            pass
        plt.close(fig)


def densities_have_area_one():
    for output in ("energy", "method_ratio"):
        log = figures.is_log(RESULT, output)
        edges, height = figures._curve(RESULT[f"histogram/{output}"], log)
        area = (height * numpy.diff(numpy.log(edges) if log else edges)).sum()
        if not 0.99 < area <= 1 + 1e-12:
            yield f"{output}: {area}"


def numbers_are_short():
    for value, wanted in ((1.5e9, "1.50G"), (999.6e6, "1.00G"), (12345.0, "12,300"), (0.00012, "1.20e-4"),
                          (53.96, "54.0"), (0, "0"), (float("nan"), "–"), (-2.5e6, "-2.50M")):
        if figures.number(value) != wanted:
            yield f"{value}: '{figures.number(value)}', wanted '{wanted}'"
    for value, wanted in ((54.0, "54"), (100.0, "100"), (1.5e9, "1.5G"), (2e9, "2G"), (3e26, "3e26")):
        if figures.short(value) != wanted:
            yield f"{value}: '{figures.short(value)}', wanted '{wanted}'"


def one_command_makes_the_standard_set():
    kinds = ("overview", "density-energy", "drivers-energy", "tornado-energy", "by-energy-hours_route", "draws-energy",
             "corner-energy")
    for form, magic in (("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([sys.executable, "-B", PLOT, PATH, "-o", folder, "-f", form, "--only", "energy"],
                                  capture_output=True, text=True, check=False)
            if done.returncode or done.stderr:
                yield f"{form}: {done.returncode} {done.stderr}"
            for kind in kinds:
                with open(os.path.join(folder, f"{kind}.{form}"), "rb") as file:
                    if not file.read(5).startswith(magic):
                        yield f"{kind}.{form} is none"


def what_cannot_be_drawn_is_one_line():
    for arguments, code in ((["/nonexistent.h5"], 4), ([PATH, "--only", "enrgy"], 2), ([__file__], 4)):
        done = subprocess.run([sys.executable, "-B", PLOT, *arguments], capture_output=True, text=True, check=False)
        if done.returncode != code or done.stderr.count("\n") != 1:
            yield f"{arguments}: {done.returncode} {done.stderr}"


reader.run(no_label_lies_on_another, a_sweep_has_a_line_and_a_map, prior_and_posterior_stand_together,
           what_is_missing_is_said, densities_have_area_one, numbers_are_short, one_command_makes_the_standard_set,
           what_cannot_be_drawn_is_one_line)
