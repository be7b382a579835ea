"""Metres of a pair that was rectified without a calibration: its free constant, fitted to a point that a visitor chooses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any
from uuid import uuid4

import gradio as gr
from gradio.components import Component

from depth_demo.comparison.results import Match
from depth_demo.geometry import StereoPair
from depth_demo.stereo.matched import MatcherSettings
from depth_demo.ui.inputs import in_sentences
from depth_demo.ui.matcher_form import form_names, range_names, settings_from
from depth_demo.ui.outputs import Picture, picture
from depth_demo.ui.rectifying import RectifiedPair, current, fit_to_point, reaching_infinity, with_range
from depth_demo.ui.run import MATCHER_QUEUE, PRIVATE, SILENT, Values, in_turn

EXPLAINED = (
    "Without a calibration, one number that all disparities share is not known. It follows from one point: a very "
    "far one, or one whose distance was measured. Click the point, or give its column and row."
)
FILL_IN = "For metres, fill in the baseline under Calibration, and fit again."
READY = "Focal length and doffs were filled in: the next run shows metres."
MOVED = "The search range is now {}, so that it holds infinity."
DEVIATIONS = 3  # standard errors of the constant, within which infinity is looked for
CHOOSE = "Choose a point first: click the picture, or give column and row."


@dataclass(frozen=True, slots=True)
class MetresPanel:
    """The left view to click on, the point's fields, and what was fitted; `watch` brings them to life."""

    group: gr.Accordion
    view: Picture
    place: tuple[gr.Number, gr.Number]
    distance: gr.Number
    button: gr.Button
    told: gr.Markdown

    @property
    def shown(self) -> list[Any]:
        """What `of` sets."""
        return [self.group, self.view, *self.place, self.distance, self.told]

    def of(self, made: RectifiedPair | None) -> Values:
        """Return what is seen of a pair: all of it where the constant is free."""
        is_free = made is not None and made.is_free
        said = made.constant.text if made and made.constant else ""
        return {
            self.group: gr.Accordion(visible=is_free),
            self.view: made.found.pair.left if made and is_free else None,
            **dict.fromkeys(self.place),
            self.distance: 0,
            self.told: said,
        }

    def watch(
        self,
        views: Sequence[gr.Image],
        made: gr.State,
        numbers: Sequence[gr.Number],
        matcher: Sequence[Component],
        match: Callable[[StereoPair, MatcherSettings], Match],
    ) -> None:
        """Take a point by a click on the picture, and fit on the button; `match` is asked for the pair's disparity."""
        self.view.select(on_point, made, list(self.place), queue=False, **SILENT)
        inputs = [*views, made, *self.place, self.distance, *numbers[:2], *matcher]

        @in_sentences
        def fit(*values: Any) -> tuple[object, ...]:  # noqa: ANN401
            return on_fit(match, *values)

        heavy = in_turn(MATCHER_QUEUE) | {"show_progress_on": self.told}
        fields = dict(zip(form_names(), matcher, strict=True))
        search = [fields[name] for name in range_names()]
        self.button.click(fit, inputs, [made, *numbers, self.told, *search], **heavy, **PRIVATE)


def metres_panel() -> MetresPanel:
    """Lay out the panel, unseen."""
    with gr.Accordion("Metres: fit the constant to a point", open=False, visible=False) as group:
        gr.Markdown(EXPLAINED)
        view = picture("Left view: click a point")
        with gr.Row():
            column = gr.Number(None, label="Column [px]", precision=0, minimum=0, min_width=90)
            row = gr.Number(None, label="Row [px]", precision=0, minimum=0, min_width=90)
            distance = gr.Number(0, label="Distance [m]", info="0: very far", minimum=0, min_width=90)
        button = gr.Button("Fit the constant to this point", size="sm")
        told = gr.Markdown()
    return MetresPanel(group, view, (column, row), distance, button, told)


def on_point(made: RectifiedPair | None, event: gr.SelectData) -> tuple[object, object]:
    """Return column and row of a click on the picture."""
    height, width = made.found.valid.shape if made else (0, 0)
    place = event.index if made and isinstance(event.index, list | tuple) else ()
    if len(place) != 2 or not all(isinstance(number, int | float) for number in place):
        return gr.skip(), gr.skip()
    column, row = place
    return (int(column), int(row)) if 0 <= column < width and 0 <= row < height else (gr.skip(), gr.skip())


def on_fit(
    match: Callable[[StereoPair, MatcherSettings], Match],
    left: str | None,
    right: str | None,
    made: RectifiedPair | None,
    column: int | None,
    row: int | None,
    distance: float | None,
    focal: float | None,
    baseline: float | None,
    *fields: object,
) -> tuple[object, ...]:
    """Fit the constant; return the pair with it, focal length, baseline and doffs, what was fitted, and the search range.

    Raises:
        ValueError: If the pair is not rectified, no point was chosen, or nothing was matched there.
    """
    made = current(made, left, right)
    if made is None:
        raise ValueError("The views were changed: rectify the pair first.")
    if column is None or row is None:
        raise ValueError(CHOOSE)
    settings = settings_from(fields)
    search = reaching_infinity(settings, -DEVIATIONS * made.found.constant_error_px)
    found = match(made.pair(None), with_range(settings, search))
    constant = fit_to_point(found.disparity, made, (int(column), int(row)), distance or 0, focal, baseline)
    lengths = (focal or made.found.focal_length_px, baseline) if baseline else (focal or 0, 0)
    numbers = (*lengths, constant.doffs_px)
    fitted = replace(made, constant=constant, numbers=numbers, token=uuid4().hex)
    search = reaching_infinity(settings, -constant.doffs_px)
    moved = MOVED.format(search) if search.min_disparity < settings.min_disparity else ""
    said = " ".join(filter(None, (constant.text, moved, READY if baseline else FILL_IN)))
    return fitted, *numbers, said, *astuple(search) * (len(range_names()) // 2)
