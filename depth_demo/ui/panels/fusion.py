"""Panel of the tab "Compare": both methods as one map, and how sure each is."""

from __future__ import annotations

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from depth_demo.comparison.fusion import HANDICAP, confidence_in_words
from depth_demo.comparison.uncertainty import measure_uncertainty
from depth_demo.geometry import RgbImage
from depth_demo.render.maps import render_two, render_values
from depth_demo.render.risk_curves import render_risk_curves, uncertainty_in_words
from depth_demo.ui.asked_model import told
from depth_demo.ui.inputs import in_sentences, whole_table
from depth_demo.ui.outputs import picture
from depth_demo.ui.panels.by_views import seen_if
from depth_demo.ui.results import CompareResult
from depth_demo.ui.run import MODEL_QUEUE, PRIVATE, LazyTab, Values, in_turn, lazy_tab
from depth_demo.ui.shared import Shared
from depth_demo.wording.fusion import FUSION_HEADERS, fusion_in_words, fusion_table
from depth_demo.wording.terms import explained

NOTE = f"""Stereo measures pixels but leaves holes; a monocular map has no holes but no unit. So the monocular map is
*anchored* to confident stereo by a robust scale and shift, then by smooth corrections that follow place and depth. *Fused* is
stereo where it is confident or agrees with the anchored map within three times the usual error, and the anchored map
elsewhere; the two are blended over 3 px. Stereo is confident where
{confidence_in_words()}. Before that a *trial*: confident stereo is hidden in the shape of the picture's own holes. If the
monocular map's error there is more than {HANDICAP:g} times that of background filling, the background fills the holes."""
ASK = """How sure is each method, without any truth? Stereo: how far matching from left to right and from right to left
differ. Monocular: how far the estimate changes when the image is mirrored, which takes one more run of the model; of a model
that merged three answers or more, how far these differ. The phone's own map cannot be tested so, and is left out. With truth,
the curves show the mean error when only the surest pixels are kept; the closer to its oracle, the better a method knows."""


def pictures(result: CompareResult, color_map: str) -> tuple[RgbImage | None, ...]:
    """Draw the fused and the anchored map in the truth's colours, and the share of stereo. None without a fused map."""
    if result.comparison.fused is None:
        return None, None, None
    fusion = result.comparison.fused.fusion
    return *result.fused(color_map).values(), render_two(fusion.stereo_share, "stereo", fusion.holes_from)


def draw(uncertainty: NDArray[np.float32] | None) -> RgbImage | None:
    """Draw an uncertainty up to its 95th percentile, so that a few large values do not take all the colours."""
    if uncertainty is None or np.isnan(uncertainty).all():
        return None
    high = max(float(np.nanpercentile(uncertainty, 95)), 0.1)
    return render_values(uncertainty, "Viridis", (0.0, high), "uncertainty [px], bright: not sure")


def build_fusion_panel(result: gr.State, color_map: gr.Dropdown, shared: Shared) -> LazyTab:
    """Lay out the tab; its first half is drawn when it is opened, its second half on a click."""

    def draw_fused(found: CompareResult, colors: str) -> Values:
        drawn: Values = dict(zip(maps, pictures(found, colors), strict=True))
        rows = gr.Dataframe(fusion_table(found.comparison), visible=bool(found.comparison.truth and found.comparison.match))
        drawn |= {table: rows, words: fusion_in_words(found.comparison)} | dict.fromkeys(sure)
        return drawn | seen_if([of_stereo], seen=found.comparison.match is not None)

    @in_sentences
    def on_uncertainty(
        found: CompareResult | None,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> tuple[object, ...]:
        return measure(found, shared, progress)

    with gr.Tab("Fused") as tab:
        gr.Markdown("### Both as one map: stereo where it can be trusted, its holes filled")
        words = gr.Markdown()
        with gr.Column() as of_stereo:
            with gr.Row():
                maps = [picture(label, min_width=300) for label in ("Fused", "Anchored", "From stereo")]
            table = whole_table("Over all pixels with truth", FUSION_HEADERS, ["52%", "16%", "16%", "16%"])
            gr.Markdown(explained(NOTE))
            gr.Markdown(ASK)
            ask = gr.Button("Measure uncertainty")
            with gr.Row():
                doubts = [picture(f"Uncertainty, {method}", min_width=300) for method in ("stereo", "monocular")]
            curves = gr.Plot(label="Risk and coverage", min_width=300)
            sure = [*doubts, curves, gr.Markdown()]
        ask.click(on_uncertainty, [result], sure, show_progress_on=curves, **in_turn(MODEL_QUEUE), **PRIVATE)
        return lazy_tab(tab, "compare", result, draw_fused, [color_map], [words, *maps, table, *sure], [of_stereo])


def measure(result: CompareResult | None, shared: Shared, progress: gr.Progress) -> tuple[object, ...]:
    """Run the model once more, on the mirrored left view, and draw how sure each method is.

    The phone's own map cannot be made once more: it is left out.
    """
    if result is None:
        raise ValueError("Compare a pair first.")
    estimator = None
    if not result.own_map:
        progress(0.0, "Estimating from the mirrored image")
        camera = result.comparison.views.calibration
        focal_length_px = camera.focal_length_px if camera else None
        model = shared.shelf.get(result.model.name, progress)
        estimator = shared.kept(model, result.chosen.pixels, focal_length_px, told(result.sampling, progress, 0.1, 1.0))
    found = measure_uncertainty(result.comparison, estimator)
    drawn = (draw(values) for values in (found.stereo, found.monocular))
    judged = found.stereo_curve or found.monocular_curve
    return *drawn, render_risk_curves(found) if judged else None, uncertainty_in_words(found)
