"""The scan line through a pixel, and its costs along the disparities, as plotly figures."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from depth_demo.comparison.probe import Probe, ViewProbe
from depth_demo.render.charts import GRID, INK, LAYOUT, LINE_COLORS
from depth_demo.stereo.reference.costs import Costs
from depth_demo.stereo.why.pixel_costs import WINDOW

DASHES = {"truth": "solid", "stereo": "dash", "monocular": "dot"}
SMALLEST_JUMP_PX, SMALLEST_JUMP_M, JUMP = 2.0, 0.1, 0.05  # or this share of all that is drawn: there a line breaks
MARGIN = {"l": 8, "r": 12, "t": 40, "b": 44}


def render_scan_line(probe: ViewProbe) -> go.Figure:
    """Draw truth, the aligned monocular map and, of a pair, stereo along the pixel's row, with gaps where there is no value.

    A line breaks where it jumps: along a fence, many upright strokes would hide the other lines.
    """
    rows = {"truth": probe.truth_row, "monocular": probe.monocular_row}
    if isinstance(probe, Probe):
        rows["stereo"] = probe.stereo_row
    quantity, unit = probe.row_kind.value, probe.row_kind.unit
    smallest = SMALLEST_JUMP_PX if unit == "px" else SMALLEST_JUMP_M
    known = np.concatenate([values[~np.isnan(values)] for values in rows.values()])
    jump = max(smallest, JUMP * float(np.ptp(known))) if known.size else smallest
    figure = go.Figure(
        [
            go.Scatter(
                name=name,
                **_broken(values, jump),
                mode="lines",
                connectgaps=False,
                line={"color": LINE_COLORS[name], "width": 3 if name == "truth" else 1.5},
                hovertemplate=f"%{{y:.2f}} {unit}",
            )
            for name, values in rows.items()
            if not np.isnan(values).all()
        ]
    )
    figure.add_vline(probe.x, line={"color": INK, "width": 1})
    figure.update_layout(
        **LAYOUT,
        margin=MARGIN,
        height=300,
        hovermode="x",
        meta={"says": f"{quantity.capitalize()} along row {probe.y}, {_spans(rows, unit)}. The pixel is at column {probe.x}."},
        xaxis={"title": f"column in row {probe.y} [px]", "range": [0, len(probe.truth_row) - 1], "gridcolor": GRID},
        yaxis={"title": f"{quantity} [{unit}]", "gridcolor": GRID},
    )
    return figure


def _broken(values: NDArray[np.float32], jump: float) -> dict[str, NDArray[np.float32]]:
    """Return a line's x and y, broken between two columns that differ by more than `jump`; each piece ends half way."""
    after = np.flatnonzero(np.abs(np.diff(values)) > jump) + 1
    ends = np.stack((values[after - 1], np.full(len(after), np.nan), values[after]), axis=1)
    columns = np.arange(len(values), dtype=np.float32)
    x, y = np.insert(columns, after.repeat(3), (after - 0.5).repeat(3)), np.insert(values, after.repeat(3), ends.ravel())
    return {"x": x.astype(np.float32), "y": y.astype(np.float32)}


def _marked(marks: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {disparity:.1f} px" for name, disparity in marks.items() if not math.isnan(disparity))


def _spans(rows: Mapping[str, NDArray[np.float32]], unit: str) -> str:
    """Say from where to where each line goes."""
    valid = ((name, values[~np.isnan(values)]) for name, values in rows.items())
    return ", ".join(f"{name} {found.min():.1f} to {found.max():.1f} {unit}" for name, found in valid if found.size)


def render_costs(probe: Probe) -> go.Figure:
    """Draw five costs of the pixel below each other, each from 0, with lines at truth, stereo and the monocular map."""
    area, found = np.float32(WINDOW**2), probe.costs.curves
    curves: dict[str, tuple[Costs, float]] = {  # and how high its axis reaches at least: a flat curve shall look flat
        "SAD [grey values per px]": (found["SAD"] / area, 10.0),
        "SSD [squared grey values per px]": (found["SSD"] / area, 100.0),
        "1 \N{MINUS SIGN} ZNCC [0 alike, 1 unrelated]": (found["ZNCC"], 1.2),
        "census [differing bits of 62, per px]": (found["census"] / area, 10.0),
        "semi-global, ours [sum over 8 paths]": (probe.aggregated, 50.0),
    }
    from plotly.subplots import make_subplots  # 60 ms that the page need not wait for

    figure = make_subplots(len(curves), 1, shared_xaxes=True, vertical_spacing=0.055, subplot_titles=list(curves))
    levels = np.arange(probe.costs.disparities[0], probe.costs.disparities.stop)
    marks = {
        "truth": probe.truth.disparity_px,
        "stereo": probe.stereo.disparity_px,
        "monocular": probe.monocular.disparity_px,
    }
    for number, (values, lowest_top) in enumerate(curves.values(), start=1):
        seen = np.where(np.isfinite(values), values, np.nan).astype(np.float32)
        top = 1.05 * max(lowest_top, float(np.nanmax(seen, initial=0.0)))
        figure.add_scatter(
            x=levels, y=seen, mode="lines", line={"color": INK, "width": 1.5}, showlegend=False, name="cost",
            hovertemplate="%{x} px: %{y:.3g}<extra></extra>", row=number, col=1,
        )  # fmt: skip
        for name, disparity in marks.items():
            if levels[0] <= disparity <= levels[-1]:
                figure.add_scatter(
                    x=[disparity, disparity], y=[0, top], mode="lines", name=f"{name}, {disparity:.1f} px", legendgroup=name,
                    showlegend=number == 1, hoverinfo="skip",
                    line={"color": LINE_COLORS[name], "dash": DASHES[name], "width": 2}, row=number, col=1,
                )  # fmt: skip
        figure.update_yaxes(range=[0, top], gridcolor=GRID, nticks=4, row=number, col=1)
    figure.update_xaxes(range=[levels[0], levels[-1]], gridcolor=GRID)
    figure.update_xaxes(title="disparity [px]", row=len(curves), col=1)
    figure.update_annotations(font_size=12, x=0, xanchor="left")
    figure.update_layout(**LAYOUT | {"legend": LAYOUT["legend"] | {"y": 1.035}}, margin=MARGIN | {"t": 100}, height=720)
    figure.update_layout(
        meta={
            "says": f"Five costs of the pixel at disparities {levels[0]} to {levels[-1]} px, with lines at {_marked(marks)}."
        }
    )
    return figure
