"""Panel of the tab "Compare": the monocular map's scores under every alignment."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr

from depth_demo import pipeline
from depth_demo.comparison.results import Comparison
from depth_demo.evaluation.alignment_scores import AlignedScores
from depth_demo.ui.inputs import in_sentences, whole_table
from depth_demo.ui.panels.by_views import ByViews, seen_if
from depth_demo.ui.results import CompareResult
from depth_demo.ui.run import PRIVATE, LazyTab, Values, lazy_tab
from depth_demo.wording.alignments import ALIGNMENT_HEADERS, ALIGNMENT_WIDTHS, alignment_table, filled_columns, what_flips

FITTED_TO = (("The truth", "truth"), ("Confident stereo: no truth used", "stereo"))
NO_TRUTH = "There is no truth here: the map is fitted to confident stereo, and scored by it."
ONE_VIEW = "There is one view: the map is fitted to the truth."
NOTE = """A monocular map has no pixels until somebody fits it, and papers fit in different ways. All rows are scored against
the truth, or confident stereo in its place, where both methods have an answer; *all truth* counts a hole as wrong. *None*
reads the numbers of a relative map as pixels, as they come, and turns a metric model's metres into pixels by the
calibration; without one, that row is left out. *Robust scale + shift* to the truth is what every other score of the
monocular map uses. The residual is the median error where it was fitted. Fitting to the truth is a best case: in real use
there is no truth to fit to."""


NOTE_ON_ONE_VIEW = """A monocular map has no pixels until somebody fits it, and papers fit in different ways. All rows are
scored against the truth, where the map has an answer. *None* reads the numbers of a relative map as they come, and those of
a metric model as metres; where the truth is disparity and there is no calibration, that row is left out. *Robust scale +
shift* is what every other score of the map uses. The residual is the median error where it was fitted. Fitting to the truth
is a best case: in real use there is no truth to fit to."""
BESIDE_STEREO = "Scores of the monocular map by alignment, beside stereo's where there is truth"
BY_ALIGNMENT = "Scores of the monocular map by alignment"


def table_of(comparison: Comparison, fits: Sequence[AlignedScores]) -> gr.Dataframe:
    """Return the table with the columns that hold scores, stereo last if it was judged."""
    stereo = comparison.stereo.fair if comparison.stereo else None
    rows = alignment_table(fits, stereo, comparison.reference.kind.unit, with_truth=comparison.truth is not None)
    filled = filled_columns(rows)
    value = {
        "headers": [ALIGNMENT_HEADERS[column] for column in filled],
        "data": [[row[column] for column in filled] for row in rows],
    }
    label = BESIDE_STEREO if comparison.match else BY_ALIGNMENT
    return gr.Dataframe(value, label=label, column_widths=[ALIGNMENT_WIDTHS[column] for column in filled])


def build_alignment_panel(result: gr.State) -> LazyTab:
    """Lay out the tab; it is drawn when it is opened."""

    def draw(found: CompareResult, target: str) -> Values:
        rows = pipeline.align(found.comparison, "stereo" if target == "stereo" else "truth")
        stereo = found.comparison.stereo.fair if found.comparison.stereo else None
        said = what_flips(rows, stereo) if stereo else NO_TRUTH if found.comparison.match else ONE_VIEW
        drawn: Values = {table: table_of(found.comparison, rows), flips: said}
        seen = seen_if([choice], seen=stereo is not None)
        return drawn | seen | note.shown(two=found.comparison.match is not None)

    @in_sentences
    def on_target(found: CompareResult | None, target: str) -> Values:
        return draw(found, target) if found else {flips: gr.skip()}

    with gr.Tab("Alignment") as tab:
        gr.Markdown("### Alignment: how the monocular map is fitted decides its scores")
        with gr.Column() as choice:
            fitted_to = gr.Radio(list(FITTED_TO), value="truth", label="Fitted to")
        flips = gr.Markdown()
        table = whole_table(BESIDE_STEREO, ALIGNMENT_HEADERS, ALIGNMENT_WIDTHS)
        note = ByViews(NOTE, NOTE_ON_ONE_VIEW)
        outputs = [table, flips]
        fitted_to.input(on_target, [result, fitted_to], [*outputs, choice, *note.columns], show_progress_on=table, **PRIVATE)
        return lazy_tab(tab, "compare", result, draw, [fitted_to], outputs, [choice, *note.columns])
