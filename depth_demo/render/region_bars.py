"""Errors by region as grouped bars: one row per class of pixels, one bar per method."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

import plotly.graph_objects as go

from depth_demo.comparison.results import Comparison
from depth_demo.evaluation.region_errors import RegionErrors
from depth_demo.render.charts import GRID, LAYOUT, LINE_COLORS
from depth_demo.wording.boxes import signed_error
from depth_demo.wording.findings import far_off, mean_error, shown

ROW_PX = 56
MARGIN_PX = 168


def render_region_bars(comparison: Comparison) -> go.Figure:
    """Draw the share of wrong pixels per region and method, with all other figures and the definition on hover."""
    methods = [(name, shown(scores.regions), LINE_COLORS[name]) for name, scores in comparison.judged]
    rows, unit = methods[0][1] if methods else [], comparison.reference.kind.unit
    figure = go.Figure(
        [
            go.Bar(
                name=name,
                orientation="h",
                y=[row_title(row) for row in measured],
                x=[row.wrong for row in measured],
                text=[f"{row.wrong:.0f} %" for row in measured],
                textposition="outside",
                cliponaxis=False,
                marker_color=color,
                customdata=[_hover(name, row) for row in measured],
                hovertemplate="%{customdata}<extra></extra>",
            )
            for name, measured, color in methods
        ]
    )
    figure.update_layout(
        **LAYOUT,
        meta={"says": f"Share of pixels without an answer or {far_off(unit)}. {_spoken(methods)}."},
        barmode="group",
        bargap=0.25,
        height=MARGIN_PX + ROW_PX * len(rows),
        margin={"l": 8, "r": 16, "t": 112, "b": 48},
        hoverlabel={"align": "left"},
        xaxis={
            "title": f"no answer, or {far_off(unit)} [%]",
            "range": [0, 120],  # the labels of long bars have room
            "tickvals": [0, 20, 40, 60, 80, 100],
            "gridcolor": GRID,
        },
        yaxis={"autorange": "reversed", "automargin": True},
    )
    return figure


def _spoken(methods: Sequence[tuple[str, Sequence[RegionErrors], str]]) -> str:
    return ". ".join(
        f"{name}: {', '.join(f'{row.name} {row.wrong:.0f} %' for row in measured)}" for name, measured, _ in methods
    )


def row_title(row: RegionErrors) -> str:
    return f"{row.name}<br><sup>{row.pixels:,} px</sup>"


def _hover(method: str, row: RegionErrors) -> str:
    off = (
        ""
        if math.isnan(row.error)
        else f"where answered: {mean_error(row)}, {signed_error(row.bias, row.unit)} on average<br>"
    )
    return (
        f"<b>{row.name}</b>, {method}<br>wrong {row.wrong:.1f} %, answered {row.coverage:.1f} % of {row.pixels:,} px<br>{off}"
        f"<i>{'<br>'.join(textwrap.wrap(row.definition, 60))}</i>"
    )
