# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of result files: each one function that draws into the axis it is given, from wattspan.Result alone.

    import matplotlib.pyplot as plt
    import figures, wattspan
    fig, ax = plt.subplots()
    figures.density(ax, wattspan.load("results/grok-4.h5"), "energy")

They read nothing but what results/README.md promises. A result that lacks what a figure shows raises Missing.
scripts/plot draws the standard set. Colours are those of Okabe & Ito (2008), told apart with any colour vision; lines
differ in dash as well, so that a print in grey can be read.
"""
import re

import numpy as np
from matplotlib import ticker, transforms

BLUE, ORANGE, GREEN, RED, PURPLE, SKY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9"
GREY, INK = "#8A8A8A", "#222222"
COLORS = [BLUE, ORANGE, GREEN, RED, PURPLE, SKY]
DASHES = ["-", (0, (5, 2)), (0, (1, 1.2)), (0, (5, 1.5, 1, 1.5)), (0, (3, 1, 1, 1, 1, 1)), (0, (8, 2))]
MARKS = ["v", "D", "s", "^", "o", "P", "X", "*"]

STYLE = {
    "font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans"], "font.size": 9, "axes.titlesize": 10,
    "axes.titleweight": "bold", "axes.titlelocation": "left", "axes.spines.top": False, "axes.spines.right": False,
    "axes.labelsize": 9, "xtick.labelsize": 8, "ytick.labelsize": 8, "legend.fontsize": 8, "legend.frameon": False,
    "figure.dpi": 100, "savefig.dpi": 200, "pdf.fonttype": 42, "svg.fonttype": "none", "svg.hashsalt": "wattspan",
    "axes.edgecolor": INK, "text.color": INK, "axes.labelcolor": INK, "figure.constrained_layout.use": True,
}


class Missing(LookupError):
    """The file does not hold what the figure shows."""


# ---- numbers and names ----


def number(value, digits=3):
    """1234567 -> 1.23M, for labels; without an exponent where people write none."""
    if not np.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    size = abs(value)
    for power, letter in ((9, "G"), (6, "M")):
        if size >= 9.995 * 10 ** (power - 1) and power + 3 > np.log10(size):
            return number(value / 10**power, digits) + letter
    if not 1e-3 <= size < 1e6:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    rounded = float(f"{value:.{digits - 1}e}")
    decimals = max(0, digits - 1 - int(np.floor(np.log10(abs(rounded)))))
    return f"{rounded:,.{decimals}f}" if size >= 1e4 else f"{rounded:.{decimals}f}"


def short(value, digits=3):
    """The same without zeros at the end of the decimals: for axes, and for figures that somebody wrote."""
    return re.sub(r"(\.\d*?)0+(?!\d)", lambda found: found.group(1).rstrip("."), number(value, digits))


def words(name):
    """A name of the study as people read it."""
    return name.replace("_", " ")


def wrap(text, width=60):
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines, line = lines + [line], word
        else:
            line = f"{line} {word}".strip()
    return "\n".join(lines + [line])


def group(result, path):
    if path not in result:
        raise Missing(f"there is no /{path} in {result.name}.h5")
    return result[path]


def unit_of(dataset):
    return dataset.attrs.get("unit_label", dataset.attrs.get("units", "1"))


def with_unit(name, unit):
    return words(name) if unit in ("1", "") else f"{words(name)} ({unit})"


def is_log(result, output):
    path = f"histogram/{output}"
    return path in result and result[path].attrs.get("spacing") == "logarithmic" and result[path].bin_bounds[0, 0] > 0


def is_indicator(result, output):
    """An output of zeros and ones: a probability, which has no density."""
    summary = result[f"summary/{output}"]
    return set(np.unique(summary.quantile_value.values)) <= {0.0, 1.0}


def is_drawable(result, output):
    summary = result[f"summary/{output}"]
    return f"histogram/{output}" in result and not is_indicator(result, output) and float(summary.sd[0]) > 0


def quantile_at(dataset, probability, case=0):
    values = dataset.quantile_value.isel(case=case)
    return values.sel(quantile=probability, method="nearest", tolerance=1e-9).values


def claims_of(result, output):
    """[(value, p5, p95, source)] of the published figures for an output, in its unit; a bound says so in its source."""
    if "published" not in result:
        return []
    published = result["published"]

    def source_of(i):
        bound = str(published["bound"][i].values) if "bound" in published else ""
        return str(published.source[i].values) + (f", a bound ({bound})" if bound else "")

    return [(*(float(published[key][i]) for key in ("value", "p5", "p95")), source_of(i))
            for i in range(published.sizes["claim"]) if str(published.output[i].values) == output]


def source_line(result, limit=110):
    """What stands in the corner of a figure: whose numbers these are and how they can be had again."""
    attrs = result.attrs
    return wrap(f"{attrs.get('title', result.name)} · {int(attrs['draws']):,} draws, {attrs['design']}, seed "
                f"{attrs['seed']} · study {str(attrs.get('study_sha256', ''))[:8]} · wattspan "
                f"{attrs.get('version', '')} · interval under the stated priors", limit)


def sign(fig, result):
    """Writes the source line below everything else."""
    fig.supxlabel(source_line(result, int(fig.get_figwidth() * 20)), fontsize=6.5, color=GREY, x=0.01, ha="left")


def scale_axis(axis, log):
    """Plain numbers on a linear or logarithmic axis, few enough that they do not run into each other."""
    if not log:
        axis.set_major_locator(ticker.MaxNLocator(6))
        axis.set_major_formatter(ticker.FuncFormatter(lambda v, _: short(v)))
        return
    axis.set_minor_formatter(ticker.NullFormatter())
    axis.set_major_formatter(ticker.FuncFormatter(lambda v, _: short(v)))
    low, high = axis.get_view_interval()
    decades = np.log10(max(high, 1e-300) / max(low, 1e-300))
    choices = ((0.6, (1, 1.5, 2, 3, 4, 5, 6, 8)), (1, (1, 2, 3, 5)), (2.2, (1, 2, 5)), (3.2, (1, 3)))
    subs = next((marks for most, marks in choices if decades < most), (1,))
    axis.set_major_locator(ticker.LogLocator(10, subs=subs, numticks=20 if decades < 4 else 8))


def set_log(ax, log, which="x"):
    if log:
        getattr(ax, f"set_{which}scale")("log")
    scale_axis(getattr(ax, f"{which}axis"), log)


# ---- densities ----


def below(ax):
    """Where a legend goes that stands under the axis's label, however high the axis is."""
    under = transforms.ScaledTranslation(0, -0.47, ax.figure.dpi_scale_trans)  # inches
    return {"loc": "upper left", "bbox_to_anchor": (0, 0), "bbox_transform": ax.transAxes + under, "borderaxespad": 0}


def _curve(histogram, log, case=0, group_bins=2):
    """Edges and density, per unit of ln x on a log axis, so that equal areas are equal probabilities as drawn."""
    bounds, count = histogram.bin_bounds.values, histogram["count"].values[case].astype(float)
    inner = slice(1, len(count) - 1) if len(count) > 4 else slice(None)  # the outermost hold the tails
    lower, upper, inside = bounds[inner, 0], bounds[inner, 1], count[inner]
    step = group_bins if len(inside) >= 60 else 1
    starts = np.arange(0, len(inside), step)
    edges = np.append(lower[starts], upper[-1])
    merged = np.add.reduceat(inside, starts)
    width = np.diff(np.log(edges)) if log else np.diff(edges)
    return edges, merged / width / max(count.sum(), 1)


def _limits(summary, claims, log, case=0):
    low, high = quantile_at(summary, 0.001, case), quantile_at(summary, 0.999, case)
    low2, high2 = quantile_at(summary, 0.01, case), quantile_at(summary, 0.99, case)
    if log and low > 0:
        pad = (high2 / low2) ** 0.12
        low, high = max(low, low2 / pad), min(high, high2 * pad)
    else:
        pad = 0.12 * (high2 - low2)
        low, high = max(low, low2 - pad), min(high, high2 + pad)
    marks = [v for claim in claims for v in claim[:3] if np.isfinite(v) and (v > 0 or not log)]
    if marks and log:
        low, high = min([low] + [v / 1.08 for v in marks]), max([high] + [v * 1.08 for v in marks])
    elif marks:
        span = 0.03 * (high - low)
        low, high = min([low] + [v - span for v in marks]), max([high] + [v + span for v in marks])
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _mark_claims(ax, claims, top):
    """Published figures as dashed lines with a mark on top; published intervals as bars beside ours."""
    for i, (value, p5, p95, source) in enumerate(claims):
        color, height = COLORS[(i + 1) % len(COLORS)], top * (1.10 + 0.09 * i)
        label = f"published {short(value)}" + (f" ({words(source)})" if source else "")
        if np.isfinite(p5) and np.isfinite(p95):
            ax.plot([p5, p95], [height] * 2, color=color, lw=3, solid_capstyle="butt")
            label += f", its interval {short(p5)} to {short(p95)}"
        if np.isfinite(value):
            ax.plot([value, value], [0, height], color=color, lw=1.2, ls=DASHES[1 + i % 5])
            ax.plot([value], [height], color=color, marker=MARKS[i % len(MARKS)], ms=6, ls="none", label=label)


def density(ax, result, output, case=0, legend=True):
    """The distribution of an output with its p5, p50, p95 and the published figures."""
    summary, histogram = group(result, f"summary/{output}"), group(result, f"histogram/{output}")
    log, claims, unit = is_log(result, output), claims_of(result, output), unit_of(summary)
    edges, height = _curve(histogram, log, case)
    ax.stairs(height, edges, fill=True, color=SKY, alpha=0.35, lw=0)
    ax.stairs(height, edges, color=BLUE, lw=1.1, baseline=None)
    values = [float(quantile_at(summary, p, case)) for p in (0.05, 0.5, 0.95)]
    top = height.max() if len(height) else 1.0
    for value, dash, name in zip(values, ("-", "-", "-"), ("p5", "median", "p95")):
        at = height[np.clip(np.searchsorted(edges, value) - 1, 0, len(height) - 1)]
        ax.plot([value] * 2, [0, at], color=BLUE, lw=2 if name == "median" else 1.2, ls=dash, solid_capstyle="butt")
    ours = f"p5 {number(values[0])} · median {number(values[1])} · p95 {number(values[2])}" + \
        ("" if unit in ("1", "") else f" {unit}")
    ax.plot([values[0], values[2]], [-0.04 * top] * 2, color=BLUE, lw=3, solid_capstyle="butt", label=ours)
    ax.plot(values[1], -0.04 * top, marker="|", color="white", ms=7, mew=2)
    _mark_claims(ax, claims, top)
    ax.set_xlim(*_limits(summary, claims, log, case))
    ax.set_ylim(-0.09 * top, top * (1.16 + 0.09 * max(len(claims), 1)))
    set_log(ax, log)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_title(summary.attrs.get("long_name", words(output)))
    ax.set_xlabel(with_unit(output, unit))
    if legend:
        ax.legend(**below(ax), handlelength=1.6)


def small_density(ax, result, output):
    """The same for a page of many: our interval in the title, one line for each published figure."""
    density(ax, result, output, legend=False)
    summary = result[f"summary/{output}"]
    values = [number(float(quantile_at(summary, p))) for p in (0.05, 0.5, 0.95)]
    unit = "" if unit_of(summary) in ("1", "") else f" {unit_of(summary)}"
    ax.set_title(f"{words(output)}\n", fontsize=8.5)
    ax.text(0, 1.02, f"{values[0]} – {values[1]} – {values[2]}{unit}", transform=ax.transAxes, fontsize=7.5, color=BLUE)
    ax.set_xlabel("")
    ax.tick_params(labelsize=7)
    ax.xaxis.set_major_locator(ticker.LogLocator(10, subs=(1, 3), numticks=9) if is_log(result, output)
                               else ticker.MaxNLocator(4))


def overlay(ax, results, output, labels):
    """The same output of several files, as outlines."""
    logs = [is_log(r, output) for r in results]
    limits = []
    for i, (result, label) in enumerate(zip(results, labels)):
        summary = group(result, f"summary/{output}")
        edges, height = _curve(group(result, f"histogram/{output}"), all(logs))
        values = [number(float(quantile_at(summary, p))) for p in (0.05, 0.5, 0.95)]
        ax.stairs(height, edges, color=COLORS[i % 6], lw=1.6, ls=DASHES[i % 6], baseline=None,
                  label=f"{label}: {values[0]} – {values[1]} – {values[2]}")
        limits.append(_limits(summary, [], all(logs)))
    ax.set_xlim(min(low for low, _ in limits), max(high for _, high in limits))
    ax.set_ylim(bottom=0)
    set_log(ax, all(logs))
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_title(result[f"summary/{output}"].attrs.get("long_name", words(output)))
    ax.set_xlabel(with_unit(output, unit_of(result[f"summary/{output}"])))
    ax.legend(**below(ax), title="p5 – median – p95", alignment="left",
              title_fontsize=8)


def intervals(ax, results, output, labels):
    """p5 to p95 (thin), p25 to p75 (thick) and the median of an output in several files, published figures as lines."""
    log = all(is_log(r, output) for r in results)
    for i, result in enumerate(results):
        summary = group(result, f"summary/{output}")
        q = [float(quantile_at(summary, p)) for p in (0.05, 0.25, 0.5, 0.75, 0.95)]
        y = len(results) - 1 - i
        ax.plot([q[0], q[4]], [y, y], color=BLUE, lw=1.5)
        ax.plot([q[1], q[3]], [y, y], color=BLUE, lw=5, solid_capstyle="butt")
        ax.plot(q[2], y, marker="o", color="white", mec=BLUE, ms=5)
        ax.annotate(f"{number(q[0])} – {number(q[2])} – {number(q[4])}", (1.01, y), xycoords=("axes fraction", "data"),
                    va="center", fontsize=8)
    for i, (value, _, _, source) in enumerate(claims_of(results[0], output)):
        ax.axvline(value, color=COLORS[1 + i % 5], lw=1.2, ls=DASHES[1 + i % 5],
                   label=f"published {short(value)}" + (f" ({words(source)})" if source else ""))
    ax.set_yticks(range(len(results) - 1, -1, -1), [wrap(str(label), 26) for label in labels])
    ax.set_ylim(-0.7, len(results) - 0.3)
    set_log(ax, log)
    summary = results[0][f"summary/{output}"]
    ax.set_xlabel(with_unit(output, unit_of(summary)))
    ax.set_title(summary.attrs.get("long_name", words(output)))
    if claims_of(results[0], output):
        ax.legend(**below(ax))


def widening(ax, results, output, labels):
    """What wider priors do: the intervals of one study with every prior's spread times 1, 1.5, 2."""
    intervals(ax, results, output, labels)
    first = [float(quantile_at(results[0][f"summary/{output}"], p)) for p in (0.05, 0.95)]
    ax.axvspan(first[0], first[1], color=SKY, alpha=0.15, lw=0)
    ax.set_ylabel("spread of every prior")


def widening_of(result):
    """By what the spread of every prior was multiplied (`--widen`), as a label."""
    found = re.search(r"^  widen: ([0-9.eE+-]+)", result.attrs["study"], re.M)
    return f"× {short(float(found.group(1)) if found else 1.0)}"


def split(ax, result, output, categorical, bins=36):
    """An output within each alternative of a categorical input, from the kept draws; areas are their probabilities."""
    by = group(result, f"summary_by/{output}/{categorical}")
    if categorical not in group(result, "prior"):
        raise Missing(f"no draws of {categorical} are kept")
    chosen = result["prior"][categorical].values.ravel()
    draws = group(result, "prior_predictive")[output]
    draws = (draws.isel(case=0) if "case" in draws.dims else draws).values.ravel()
    log, summary = is_log(result, output), result[f"summary/{output}"]
    low, high = _limits(summary, [], log)
    edges = np.geomspace(low, high, bins + 1) if log else np.linspace(low, high, bins + 1)
    width = np.diff(np.log(edges)) if log else np.diff(edges)
    for i, label in enumerate(by.alternative.values):
        count, _ = np.histogram(draws[chosen == i], edges)
        q = [number(float(by.quantile_value.isel(case=0, alternative=i).sel(quantile=p, method="nearest")))
             for p in (0.05, 0.5, 0.95)]
        ax.stairs(count / width / len(draws), edges, color=COLORS[i % 6], ls=DASHES[i % 6], lw=1.6, baseline=None,
                  label=f"{words(str(label))}: {q[0]} – {q[1]} – {q[2]}")
    ax.set_xlim(low, high)
    ax.set_ylim(bottom=0)
    set_log(ax, log)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_title(f"{words(output)} by {words(categorical)}")
    ax.set_xlabel(with_unit(output, unit_of(summary)))
    ax.legend(**below(ax), title="p5 – median – p95", alignment="left",
              title_fontsize=8)


def conditioned(ax, result, output, case=0):
    """The prior distribution of an output beside that given the evidence."""
    parts = [("prior", "", GREY, DASHES[1]), ("given the evidence", "_posterior", BLUE, "-")]
    log, limits = is_log(result, output), []
    for name, suffix, color, dash in parts:
        summary = group(result, f"summary{suffix}/{output}")
        edges, height = _curve(group(result, f"histogram{suffix}/{output}"), log, case, 3 if suffix else 2)
        q = [number(float(quantile_at(summary, p, case))) for p in (0.05, 0.5, 0.95)]
        if suffix:
            ax.stairs(height, edges, fill=True, color=SKY, alpha=0.35, lw=0)
        ax.stairs(height, edges, color=color, ls=dash, lw=1.5, baseline=None,
                  label=f"{name}: {q[0]} – {q[1]} – {q[2]}")
        limits.append(_limits(summary, claims_of(result, output), log, case))
    ax.set_xlim(min(low for low, _ in limits), max(high for _, high in limits))
    _mark_claims(ax, claims_of(result, output), ax.get_ylim()[1])
    ax.set_ylim(bottom=0)
    set_log(ax, log)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_title(result[f"summary/{output}"].attrs.get("long_name", words(output)))
    ax.set_xlabel(with_unit(output, unit_of(result[f"summary/{output}"])))
    ax.legend(**below(ax), title="p5 – median – p95", alignment="left",
              title_fontsize=8)


# ---- what drives an output ----


def _ranked(sensitivity, name, most, case):
    values, se = np.nan_to_num(sensitivity[name].values[case]), np.nan_to_num(sensitivity[f"{name}_se"].values[case])
    order = [i for i in np.argsort(-values, kind="stable") if values[i] > max(1.5 * se[i], 1e-4)]
    return order[:most][::-1]


def indices(ax, result, output, most=10, case=0):
    """Shares of variance by input: first order, and total and Shapley where the file has them; bars to 95 %."""
    sensitivity = group(result, f"sensitivity/{output}")
    kinds = [(n, t) for n, t in (("first_order", "alone (first order)"), ("shapley", "shared out (Shapley)"),
                                 ("total", "with interactions (total)")) if n in sensitivity]
    order = _ranked(sensitivity, "total" if len(kinds) > 1 else "first_order", most, case)
    if not order:
        raise Missing(f"{output} has no shares of variance")
    thick = 0.8 / len(kinds)
    for k, (name, label) in enumerate(kinds):
        y = np.arange(len(order)) + 0.4 - thick * (k + 0.5)
        value, se = 100 * sensitivity[name].values[case][order], 100 * sensitivity[f"{name}_se"].values[case][order]
        ax.barh(y, np.maximum(value, 0), thick * 0.92, color=(BLUE, SKY, ORANGE)[k], label=label,
                hatch=(None, "///", "...")[k], edgecolor="white", lw=0)
        ax.errorbar(np.maximum(value, 0), y, xerr=2.131 * se, fmt="none", ecolor=INK, elinewidth=0.8)
    names = sensitivity.input.values[order]
    ax.set_yticks(range(len(order)), [words(str(n)) for n in names])
    ax.set_xlim(left=0)
    in_log = " of ln(output)" if sensitivity.attrs.get("scale") == "log" else ""
    ax.set_xlabel(f"share of the variance{in_log} (%), with 95 % interval")
    ax.set_title(f"What drives {words(output)}")
    if len(kinds) > 1:
        ax.legend(loc="lower right")


def tornado(ax, result, output, most=10, case=0):
    """The output with each input around its p5 and its p95 (a categorical: first and last alternative)."""
    sensitivity, summary = group(result, f"sensitivity/{output}"), group(result, f"summary/{output}")
    log = sensitivity.attrs.get("scale") == "log"
    low, high = sensitivity.low.values[case], sensitivity.high.values[case]
    swing = np.abs(np.log(high / low)) if log else np.abs(high - low)
    order = np.argsort(-np.nan_to_num(swing), kind="stable")[:most][::-1]
    order = [i for i in order if np.isfinite(swing[i]) and swing[i] > 0]
    if not order:
        raise Missing(f"{output} has no swings")
    middle = float(quantile_at(summary, 0.5, case))
    for y, i in enumerate(order):
        for end, color, hatch in ((low[i], ORANGE, "///"), (high[i], BLUE, None)):
            ax.barh(y, end - middle, 0.7, left=middle, color=color, hatch=hatch, edgecolor="white", lw=0)
    ax.axvline(middle, color=INK, lw=0.8)
    ax.set_yticks(range(len(order)), [words(str(n)) for n in sensitivity.input.values[order]])
    ends = np.concatenate([low[order], high[order]])
    ax.set_xlim(*((ends.min() / 1.04, ends.max() * 1.04) if log else
                  (ends.min() - 0.04 * np.ptp(ends), ends.max() + 0.04 * np.ptp(ends))))
    set_log(ax, log)
    ax.set_xlabel(f"mean of {with_unit(output, unit_of(summary))}" + (", geometric" if log else ""))
    ax.set_title(f"Swing of {words(output)}")
    ax.barh(0, 0, left=middle, color=ORANGE, hatch="///", edgecolor="white", lw=0, label="input around its p5")
    ax.barh(0, 0, left=middle, color=BLUE, label="input around its p95")
    ax.legend(**below(ax), ncol=2)


def corner(axes, result, names, sample=1500):
    """Kept draws of several quantities against each other, their distributions on the diagonal. axes is a square."""
    columns = [_kept(result, name) for name in names]
    log = [c.min() > 0 and np.percentile(c, 95) > 3 * np.percentile(c, 5) for c, _ in columns]
    spans = [np.percentile(c, [0.5, 99.5]) for c, _ in columns]
    for i, (own, unit) in enumerate(columns):
        for j, (other, _) in enumerate(columns):
            ax = axes[i][j]
            if j > i:
                ax.set_axis_off()
                continue
            if i == j:
                edges = np.geomspace(*spans[i], 31) if log[i] else np.linspace(*spans[i], 31)
                ax.hist(own, edges, color=SKY, edgecolor=BLUE, lw=0.5)
                ax.set_yticks([])
                ax.spines["left"].set_visible(False)
            else:
                ax.plot(other[:sample], own[:sample], ".", color=BLUE, ms=1.6, alpha=0.35, mew=0, rasterized=True)
                rank = np.corrcoef(_ranks(other), _ranks(own))[0, 1]
                ax.text(0.04, 0.96, f"{rank:+.2f}", transform=ax.transAxes, va="top", fontsize=7, color=RED,
                        bbox={"fc": "white", "ec": "none", "alpha": 0.8, "pad": 1})
                ax.set_ylim(*spans[i])
                set_log(ax, log[i], "y")
                _few(ax.yaxis, log[i])
            ax.set_xlim(*spans[j])
            set_log(ax, log[j])
            _few(ax.xaxis, log[j])
            ax.tick_params(labelsize=6.5, labelbottom=i == len(names) - 1, labelleft=j == 0 and i > 0)
            if i == len(names) - 1:
                ax.set_xlabel(wrap(with_unit(names[j], columns[j][1]), 18), fontsize=7.5)
            if j == 0 and i > 0:
                ax.set_ylabel(wrap(with_unit(names[i], unit), 18), fontsize=7.5)


def _few(axis, log):
    low, high = axis.get_view_interval()
    if log and high / low > 8:
        wide = high / low >= 30 or high >= 1e12 or high < 1e-3  # long labels
        axis.set_major_locator(ticker.LogLocator(10, subs=(1,) if wide else (1, 3), numticks=5))
    elif log:
        axis.set_major_locator(ticker.MaxNLocator(3, prune="both"))
        axis.set_minor_locator(ticker.NullLocator())
    else:
        axis.set_major_locator(ticker.MaxNLocator(3, prune="both"))


def _kept(result, name):
    for path in ("prior_predictive", "prior"):
        if path in result and name in result[path]:
            draws = result[path][name]
            draws = draws.isel(case=0) if "case" in draws.dims else draws
            return draws.values.ravel().astype(float), unit_of(draws)
    raise Missing(f"no draws of {name} are kept")


def _ranks(values):
    return np.argsort(np.argsort(values, kind="stable"), kind="stable")


# ---- sweeps ----


def swept(result):
    cases = group(result, "cases")
    names = [n for n in cases.data_vars if cases[n].dims == ("case",) and len(np.unique(cases[n].values)) > 1]
    if not names:
        raise Missing("nothing is swept")
    return cases, names


def _levels(values):
    """The values of a swept quantity, each once: numbers in their order, labels in the study's."""
    return np.unique(values) if values.dtype.kind in "fiu" else np.array(list(dict.fromkeys(values)), dtype=object)


def _level(value):
    return words(value) if isinstance(value, str) else short(value)


def sweep_line(ax, result, output, along=None):
    """Median with bands from p25 to p75 and p5 to p95 along a swept quantity, the first that has numbers where none is
    named, bars for each where it has labels; the others at their first values."""
    cases, names = swept(result)
    along = along or next((n for n in names if cases[n].dtype.kind in "fiu"), names[0])
    held = {n: cases[n].values[0] for n in names if n != along}
    chosen = [i for i in range(cases.sizes["case"]) if all(cases[n].values[i] == v for n, v in held.items())]
    levels = list(_levels(cases[along].values[chosen]))
    chosen.sort(key=lambda i: levels.index(cases[along].values[i]))
    summary = group(result, f"summary/{output}")
    q = {p: np.array([float(quantile_at(summary, p, i)) for i in chosen]) for p in (0.05, 0.25, 0.5, 0.75, 0.95)}
    if isinstance(levels[0], str):
        _bars(ax, levels, q)
    else:
        _bands(ax, cases[along].values[chosen], q)
    for i, (value, _, _, source) in enumerate(claims_of(result, output)):
        ax.axhline(value, color=COLORS[1 + i % 5], ls=DASHES[1 + i % 5], lw=1.2,
                   label=f"published {short(value)}" + (f" ({words(source)})" if source else ""))
    set_log(ax, is_log(result, output), "y")
    ax.set_xlabel(with_unit(along, unit_of(cases[along])))
    ax.set_ylabel(with_unit(output, unit_of(summary)))
    rest = ", ".join(f"{words(n)} = {_level(v)}" for n, v in held.items())
    ax.set_title(summary.attrs.get("long_name", words(output)) + (f"\nat {rest}" if rest else ""))
    ax.legend(**below(ax), ncol=2)


def _bands(ax, x, q):
    ax.fill_between(x, q[0.05], q[0.95], color=SKY, alpha=0.3, lw=0, label="p5 to p95")
    ax.fill_between(x, q[0.25], q[0.75], color=SKY, alpha=0.7, lw=0, label="p25 to p75")
    ax.plot(x, q[0.5], color=BLUE, lw=1.8, marker="o", ms=3, label="median")
    if len(x) > 1:
        ax.set_xlim(x.min(), x.max())
    ratios = x[1:] / x[:-1] if (x > 0).all() and len(x) > 2 else np.array([])
    set_log(ax, len(ratios) and np.ptp(ratios) < 0.02 * ratios.mean() and ratios[0] > 1.3)


def _bars(ax, labels, q):
    x = np.arange(len(labels))
    ax.vlines(x, q[0.05], q[0.95], color=SKY, alpha=0.5, lw=9, label="p5 to p95")
    ax.vlines(x, q[0.25], q[0.75], color=SKY, lw=9, label="p25 to p75")
    ax.plot(x, q[0.5], color=BLUE, lw=0, marker="_", ms=14, mew=2, label="median")
    ax.set_xlim(-0.6, len(labels) - 0.4)
    ax.set_xticks(x, [wrap(words(label), 14) for label in labels])


def sweep_map(ax, result, output, probability=0.5):
    """A quantile of an output over a grid of two swept quantities; the values in the cells where they fit."""
    cases, names = swept(result)
    if len(names) < 2:
        raise Missing("a map needs two swept quantities")
    x, y = (list(_levels(cases[n].values)) for n in names[:2])
    summary = group(result, f"summary/{output}")
    grid = np.full((len(y), len(x)), np.nan)
    for i in range(cases.sizes["case"]):
        if all(cases[n].values[i] == cases[n].values[0] for n in names[2:]):
            at = y.index(cases[names[1]].values[i]), x.index(cases[names[0]].values[i])
            grid[at] = float(quantile_at(summary, probability, i))
    image = ax.imshow(grid, origin="lower", aspect="auto", cmap="cividis")
    ax.set_xticks(range(len(x)), [_level(v) for v in x], rotation=0 if len(x) < 9 else 90)
    ax.set_yticks(range(len(y)), [_level(v) for v in y])
    if grid.size <= 80:
        middle = np.nanmean([np.nanmin(grid), np.nanmax(grid)])
        for (row, column), value in np.ndenumerate(grid):
            if np.isfinite(value):
                ax.text(column, row, number(value), ha="center", va="center", fontsize=7,
                        color="white" if value < middle else "black")
    bar = ax.figure.colorbar(image, ax=ax, format=ticker.FuncFormatter(lambda v, _: short(v)))
    name = "median" if probability == 0.5 else f"p{100 * probability:g}"
    bar.set_label(f"{name} of {with_unit(output, unit_of(summary))}")
    ax.set_xlabel(with_unit(names[0], unit_of(cases[names[0]])))
    ax.set_ylabel(with_unit(names[1], unit_of(cases[names[1]])))
    held = ", ".join(f"{words(n)} = {_level(cases[n].values[0])}" for n in names[2:])
    ax.set_title(summary.attrs.get("long_name", words(output)) + (f"\nat {held}" if held else ""))
    ax.spines[:].set_visible(False)


# ---- how many draws ----


def convergence(ax, result, output, case=0):
    """Standard errors of the statistics round by round, or, where a run had no rounds, what more draws would make of
    the errors it reached (they fall with the square root of the number for plain Monte Carlo, faster for other
    designs)."""
    if f"convergence/{output}" in result:
        rounds = result[f"convergence/{output}"]
        for i, name in enumerate(rounds.watched.values):
            size = np.abs(rounds.value.values[case, :, i])
            ax.loglog(rounds.draws, 100 * rounds.se.values[case, :, i] / size, color=COLORS[i % 6], ls=DASHES[i % 6],
                      marker=MARKS[i % 8], ms=4, label=str(name))
        allowed = 100 * rounds.allowed.values[case] / np.abs(rounds.value.values[case])
        ax.loglog(rounds.draws, allowed.min(axis=-1), color=INK, lw=0.8, label="allowed")
    else:
        summary, n = group(result, f"summary/{output}"), int(result.attrs["draws"])
        rows = [("mean", float(summary["mean"][case]), float(summary.mean_se[case]))]
        errors = summary.quantile_se.isel(case=case)
        for p, name in ((0.05, "p5"), (0.5, "median"), (0.95, "p95")):
            rows.append((name, float(quantile_at(summary, p, case)),
                         float(errors.sel(quantile=p, method="nearest", tolerance=1e-9))))
        more = np.geomspace(max(n / 1e3, 1e3), n * 1e3, 25)
        for i, (name, value, se) in enumerate(rows):
            if not (np.isfinite(se) and se > 0 and value):
                continue
            ax.loglog(more, 100 * se / abs(value) * np.sqrt(n / more), color=COLORS[i], ls=DASHES[i], lw=1.4)
            ax.loglog(n, 100 * se / abs(value), color=COLORS[i], marker=MARKS[i], ms=5, ls=DASHES[i],
                      label=f"{name} ({number(100 * se / abs(value), 2)} % at {number(n)})")
    if not ax.lines:
        raise Missing(f"{output} has no standard errors")
    for axis in (ax.xaxis, ax.yaxis):
        low, high = axis.get_view_interval()
        if high / low < 30:  # a decade or so has too few powers of ten to be read by
            axis.set_major_locator(ticker.LogLocator(10, subs=(1, 2, 5)))
        axis.set_major_formatter(ticker.FuncFormatter(lambda v, _: short(v, 1)))
    ax.yaxis.set_minor_formatter(ticker.NullFormatter())
    ax.xaxis.set_minor_formatter(ticker.NullFormatter())
    ax.grid(True, which="major", color="#E2E2E2", lw=0.6)
    ax.set_xlabel("draws")
    ax.set_ylabel("Monte Carlo standard error (%)")
    ax.set_title(f"How many draws: {words(output)}")
    ax.legend(**below(ax), ncol=2)
