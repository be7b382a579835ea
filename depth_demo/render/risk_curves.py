"""Risk-coverage curves, and in words whether a method knows where it is wrong."""

from __future__ import annotations

import plotly.graph_objects as go

from depth_demo.comparison.uncertainty import Uncertainty
from depth_demo.evaluation.risk_coverage import RiskCoverage
from depth_demo.render.charts import GRID, LAYOUT, LINE_COLORS

Curves = list[tuple[str, str, RiskCoverage]]


def render_risk_curves(uncertainty: Uncertainty) -> go.Figure:
    """Draw the mean error over the share that is kept: full lines by the method's uncertainty, dotted ones by its error."""
    figure = go.Figure()
    for name, color, curve in _curves(uncertainty):
        for risk, dash, said in ((curve.risk, "solid", name.lower()), (curve.oracle, "dot", f"{name.lower()}, oracle")):
            figure.add_scatter(
                x=100 * curve.coverage, y=risk, name=said, mode="lines", line={"color": color, "dash": dash},
                hovertemplate="the surest %{x:.0f} %: EPE %{y:.2f} px<extra>" + said + "</extra>",
            )  # fmt: skip
    grid = {"gridcolor": GRID, "rangemode": "tozero"}
    figure.update_layout(
        **LAYOUT,
        height=456,
        meta={
            "says": f"Mean error of the surest pixels, by how many are kept. {'. '.join(map(_spoken, _curves(uncertainty)))}."
        },
        margin={"l": 8, "r": 16, "t": 128, "b": 48},  # the component's label stands above the legend
        xaxis={"title": "kept, the surest first [%]", **grid},
        yaxis={"title": "mean error of what is kept [px]", "automargin": True, **grid},
    )
    return figure


def _spoken(named: tuple[str, str, RiskCoverage]) -> str:
    name, _, curve = named
    return f"{name}: {curve.area:.2f} px under the curve, {curve.mean_error:.2f} px with all pixels"


def uncertainty_in_words(uncertainty: Uncertainty) -> str:
    """Write a sentence per method, as Markdown."""
    said = [_in_words(name, curve) for name, _, curve in _curves(uncertainty)]
    if not said:
        said.append("Without ground truth there are no curves: nobody knows the errors.")
    if uncertainty.monocular is None:
        said.append("The phone's own map is not estimated, so a mirrored photo cannot test it: its uncertainty is left out.")
    if uncertainty.stereo is None:
        said.append("Stereo was matched in one direction only, so it has no left-right difference.")
    return "\n\n".join(said)


def _in_words(name: str, curve: RiskCoverage) -> str:
    areas = (
        f"the area under the curve is {curve.area:.2f} px, with an oracle {curve.oracle_area:.2f} px, "
        f"by chance {curve.mean_error:.2f} px"
    )
    possible = curve.mean_error - curve.oracle_area
    if possible <= 0:
        return f"**{name}**: {areas}."
    share = 100 * (curve.mean_error - curve.area) / possible
    knows = f"it goes {share:.0f} % of the way from chance to the oracle" if share > 0 else "it is no better than chance"
    return f"**{name}**: {areas}: {knows}."


def _curves(uncertainty: Uncertainty) -> Curves:
    by = "the spread of its answers" if uncertainty.drawn else "flip disagreement"
    found = (
        ("Stereo, by left-right difference", LINE_COLORS["stereo"], uncertainty.stereo_curve),
        (f"Monocular, anchored, by {by}", LINE_COLORS["monocular"], uncertainty.monocular_curve),
    )
    return [(name, color, curve) for name, color, curve in found if curve is not None]
