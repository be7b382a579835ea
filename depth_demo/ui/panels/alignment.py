"""Panel of the tab "Compare": the monocular map's scores under every alignment."""

from __future__ import annotations

import gradio as gr

from depth_demo import pipeline
from depth_demo.ui.inputs import in_sentences, whole_table
from depth_demo.ui.results import CompareResult
from depth_demo.wording.alignments import ALIGNMENT_HEADERS, alignment_table, what_flips

FITTED_TO = (("The truth", "truth"), ("Confident stereo: no truth used", "stereo"))
NOTE = """A monocular map has no pixels until somebody fits it, and papers fit in different ways. All rows are scored against
the truth, or confident stereo in its place, where both methods have an answer; *all truth* counts a hole as wrong. *None*
reads the numbers of a relative map as pixels, as they come, and turns a metric model's metres into pixels by the
calibration. *Robust scale + shift* to the truth is what every other score of the monocular map uses. The residual is the
median error where it was fitted. A fit to the truth is an oracle's: in the field there is no truth."""


@in_sentences
def on_alignment(result: CompareResult | None, fitted_to: str) -> tuple[object, ...]:
    """The table, what it turns round, and whether there is a choice; empty without a comparison."""
    if result is None:
        return None, "", gr.skip()
    rows = pipeline.align(result.comparison, "stereo" if fitted_to == "stereo" else "truth")
    if result.comparison.stereo is None:
        return (
            alignment_table(rows, None),
            "There is no truth here: fitted to confident stereo, and scored by it.",
            gr.Radio(visible=False),
        )
    stereo = result.comparison.stereo.fair
    return alignment_table(rows, stereo), what_flips(rows, stereo), gr.Radio(visible=True)


def build_alignment_panel(result: gr.State) -> None:
    """Lay out the panel and fill it whenever there is a new result."""
    gr.Markdown("### Alignment: how the monocular map is fitted decides its scores")
    fitted_to = gr.Radio(list(FITTED_TO), value="truth", label="Fitted to")
    flips = gr.Markdown()
    table = whole_table(
        "Scores of the monocular map by alignment, beside stereo's where there is truth",
        ALIGNMENT_HEADERS,
        ["118px", "64px", "68px", "72px", "82px", "72px", "76px", "150px"],
    )
    gr.Markdown(NOTE)
    for change in (result.change, fitted_to.change):
        change(on_alignment, [result, fitted_to], [table, flips, fitted_to], show_progress_on=table, api_visibility="private")
