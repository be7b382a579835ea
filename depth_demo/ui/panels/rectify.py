"""Panel "Rectify" between the uploads and the run: rectifies a pair, shows what that is worth, and undoes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components import Component

from depth_demo.comparison.results import Match
from depth_demo.formats.cameras import UnitQuestion
from depth_demo.geometry import StereoPair
from depth_demo.render.files import photo_name
from depth_demo.render.rectified import save_rectified
from depth_demo.serving.blocks import KEPT_S
from depth_demo.stereo.matched import MatcherSettings
from depth_demo.ui.calibration import CalibrationInputs, ReadFile, camera_numbers, told_of
from depth_demo.ui.files import download_button
from depth_demo.ui.inputs import in_sentences
from depth_demo.ui.outputs import Picture, PictureSlider, picture, picture_slider
from depth_demo.ui.panels.rectified_metres import MetresPanel, metres_panel
from depth_demo.ui.panels.rectified_view import ARROWS_SAY, LINES_SAY, RectifiedView, view_of
from depth_demo.ui.panels.rectify_offer import IDLE, done_state, idle_state, offer
from depth_demo.ui.rectifying import RectifiedPair, current, rectify_files, write_files
from depth_demo.ui.rigs import AS_THE_FILE_SAYS, UNIT_CHOICES, rig_of
from depth_demo.ui.run import SILENT, Values

FOLD = "Rectify the pair: turn the views until their rows agree"
AT_FIRST = 10  # % of the slider: nearly all is of the rectified pair
FROM_RECTIFICATION = "These are of the rectified pair."


@dataclass(frozen=True, slots=True)
class RectifyPanel:
    """The panel's place on the page; `watch` brings it to life.

    Attributes:
        fold: Holds all of it; unfolded when a pair needs it.
        line: Why it is offered, or that it was done.
        unit: Appears where the unit of a calibration file must be chosen.
        button, undo: One of them is seen.
        shown: Holds what is seen after rectification: `report`, both pictures, the fit of the constant, downloads.
        made: Holds a `RectifiedPair`; it counts only while the fields hold its files.
    """

    fold: gr.Accordion
    line: gr.Markdown
    unit: gr.Radio
    button: gr.Button
    undo: gr.Button
    shown: gr.Column
    report: gr.Markdown
    lines: PictureSlider
    arrows: Picture
    metres: MetresPanel
    made: gr.State

    @property
    def state(self) -> list[Any]:
        """What tells whether the pair is rectified."""
        return [self.fold, self.line, self.button, self.undo, self.shown, self.unit]

    @property
    def carried(self) -> list[Any]:
        """All that another tab takes over, as `carry` returns it."""
        return [self.made, *self.state, self.report, self.lines, self.arrows, *self.metres.shown]

    def watch(
        self,
        name: str,
        uploads: Sequence[Any],
        camera: CalibrationInputs,
        checked: gr.State,
        ran: Any,  # noqa: ANN401 (Gradio's own type of events is not public)
        matcher: Sequence[Component],
        match: Callable[[StereoPair, MatcherSettings], Match],
    ) -> None:
        """Offer it after the checks of a pair and for a calibration file; rectify and undo on a click.

        Args:
            name: Of the tab's run.
            uploads: All uploads that the run takes, in its order: both views first.
            camera: The fields of the calibration.
            checked: Holds what the checks of the pair found,
            ran: and their event.
            matcher: All fields of the matchers.
            match: Matches a pair, for a point whose disparity is asked for.
        """
        views = uploads[:2]
        self.metres.watch(views, self.made, camera.numbers, matcher, match)
        fields, left = [*camera.numbers, *camera.beside], views[0]
        asked = [*views, camera.file, self.unit, self.made, checked, *camera.numbers]
        offered = [*self.state, self.made, *fields]
        ran.then(offer, asked, offered, **SILENT)
        gr.on([camera.file.upload, camera.unit.input], offer, asked, offered, **SILENT)
        one: dict[str, Any] = {"concurrency_id": "preflight", "concurrency_limit": 1}  # it decodes pictures as well
        quiet: dict[str, Any] = {"api_visibility": "private"}
        changed = [*views, self.made, *self.state, *fields, self.report, self.lines, self.arrows, *self.metres.shown]
        told = f"(...files) => depthDemo.chosen('{name}', files)"
        run = in_sentences(partial(self.on_rectify, left.GRADIO_CACHE, views, camera))
        inputs = [*views, camera.file, self.unit, *camera.numbers, camera.read]
        done = gr.on([self.button.click, self.unit.input], run, inputs, changed, show_progress_on=self.line, **one, **quiet)
        undone = self.undo.click(partial(self.on_undo, views, camera), self.made, changed, **SILENT)
        for event in (done, undone):
            event.success(None, list(uploads), None, js=told, **SILENT)

    def on_rectify(
        self,
        cache: str,
        views: Sequence[Component],
        camera: CalibrationInputs,
        left: str | None,
        right: str | None,
        paths: Sequence[str] | str | None,
        unit: str | None,
        focal: float | None,
        baseline: float | None,
        doffs: float | None,
        read: ReadFile | None,
    ) -> Values:
        """Rectify both photos, put them into the fields, and show what it is worth.

        Raises:
            ValueError: If the photos cannot be rectified; the page stays as it is.
        """
        if left is None or right is None:
            raise ValueError("Rectifying takes both views: add the missing one.")
        try:
            rig = rig_of(paths, unit)
        except UnitQuestion as question:
            return {
                self.line: str(question),
                self.unit: gr.Radio([AS_THE_FILE_SAYS, *question.choices], value=AS_THE_FILE_SAYS, visible=True),
            }
        found, said = rectify_files(left, right, rig, focal)
        files = write_files(left, found, cache)
        before = (focal, baseline, doffs), read
        known = found.calibration
        numbers = camera_numbers(known) if known else (found.focal_length_px if focal else 0, baseline or 0, 0)
        made = RectifiedPair((left, right), files, found, said, numbers, before)
        shown = view_of(made)
        beside = told_of(ReadFile("", None, known, FROM_RECTIFICATION) if known else None)
        return {
            views[0]: files[0],
            views[1]: files[1],
            self.made: made,
            **dict(zip(camera.numbers, numbers, strict=True)),
            **dict(zip(camera.beside, beside, strict=True)),
            **dict(zip(self.state, done_state(), strict=True)),
            **self._drawn(shown),
            **self.metres.of(made),
        }

    def on_undo(self, views: Sequence[Component], camera: CalibrationInputs, made: RectifiedPair | None) -> Values:
        """Put the photos, and what the fields of the calibration held, back."""
        if made is None:
            return {self.made: None}
        numbers, read = made.before
        return {
            views[0]: made.given[0],
            views[1]: made.given[1],
            self.made: None,
            **dict(zip(camera.numbers, (number or 0 for number in numbers), strict=True)),
            **dict(zip(camera.beside, told_of(read), strict=True)),
            **dict(zip(self.state, idle_state(IDLE, wanted=True), strict=True)),
            **self._drawn(None),
            **self.metres.of(None),
        }

    def carry(self, made: RectifiedPair | None, left: str | None, right: str | None) -> list[object]:
        """Return values for `carried` of another tab's panel, which is given the same pair."""
        made = current(made, left, right)
        values = {self.made: made, **self._drawn(view_of(made) if made else None), **self.metres.of(made)}
        values |= dict(zip(self.state, done_state() if made else idle_state(IDLE), strict=True))
        return [values[component] for component in self.carried]

    def _drawn(self, view: RectifiedView | None) -> Values:
        if view is None:
            return {self.report: "", self.lines: None, self.arrows: None}
        return {
            self.report: view.report,
            self.lines: view.lines,
            self.arrows: view.arrows,
        }


def rectify_panel(name: str) -> RectifyPanel:
    """Lay out the panel, folded.

    Args:
        name: Of the tab's run, for the ids of elements.
    """
    with gr.Accordion(FOLD, open=False, elem_id=f"{name}-rectify") as fold:
        line = gr.Markdown(IDLE)
        unit = gr.Radio(UNIT_CHOICES, value=AS_THE_FILE_SAYS, label="Unit of the distance between the cameras", visible=False)
        button = gr.Button("Rectify")
        undo = gr.Button("Undo: use the photos as they are", size="sm", visible=False)
        made = gr.State(time_to_live=KEPT_S)
        with gr.Column(visible=False) as shown:
            report = gr.Markdown(label="What was done")
            lines = picture_slider("Rows before | rows after", position=AT_FIRST)
            gr.Markdown(LINES_SAY)
            with gr.Accordion("Row gaps over the picture", open=False):
                arrows = picture("Row gaps: before on the left, after on the right")
                gr.Markdown(ARROWS_SAY)
            metres = metres_panel()
            with gr.Accordion("Files of the rectified pair", open=False):
                label = "Download both views, masks and the camera"
                download_button(f"{name}-rectified", made, save_pair, label, "pair")
    return RectifyPanel(fold, line, unit, button, undo, shown, report, lines, arrows, metres, made)


def save_pair(made: RectifiedPair, folder: Path) -> list[Path]:
    """Write both views, their masks and the camera, with the constant if it was fitted."""
    return save_rectified(folder, photo_name(made.given[0]), made.known)
