"""Panels of lines on two logarithmic axes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullLocator

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines by name. All values are larger than 0.

    Attributes:
        title: Quantity of the vertical axis, with its unit.
        across: Quantity of the horizontal axis.
        lines: (x, y) points of each line.
    """

    title: str
    across: str
    lines: Mapping[str, Points]


def save(path: Path, panels: Sequence[Panel], legend: Sequence[str]) -> None:
    """Write the panels, two in a row, with one legend below. The suffix of the path chooses the format.

    Args:
        path: File to write.
        panels: Panels in reading order. A dashed line in each shows proportional growth.
        legend: Names of all lines. The same name has the same colour in every panel.
    """
    rows = math.ceil(len(panels) / 2)
    colors = {name: f"C{n}" for n, name in enumerate(legend)}
    with mpl.rc_context({"svg.fonttype": "none", "font.size": 9}):  # text stays text in SVG
        figure = Figure(figsize=(9, 3.2 * rows + 0.6), layout="constrained")
        for axes, panel in zip(figure.subplots(rows, 2, squeeze=False).flat, panels, strict=False):
            _draw(axes, panel, colors)
        handles = [Line2D([], [], color=color, marker="o", markersize=4, label=name) for name, color in colors.items()]
        figure.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False)
        figure.savefig(path)


def _draw(axes: Axes, panel: Panel, colors: Mapping[str, str]) -> None:
    for name, points in panel.lines.items():
        axes.loglog(*zip(*points, strict=True), marker="o", markersize=4, color=colors[name], label=name)
    left, right, bottom, top = *axes.get_xlim(), *axes.get_ylim()
    axes.plot((left, right), (bottom, bottom * right / left), "--", color="0.6", zorder=1)
    axes.set(title=panel.title, xlabel=panel.across, xlim=(left, right), ylim=(bottom, top))
    axes.grid(color="0.9")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_locator(NullLocator())
