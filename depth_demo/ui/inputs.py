"""What the tabs share: input fields, and errors as sentences."""

from __future__ import annotations

import dataclasses
import functools
import html
import inspect
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar, cast
from urllib.parse import quote

import gradio as gr
from gradio.components import Component

from depth_demo.examples import Example
from depth_demo.monocular.answers import MOST_MEMBERS, MOST_STEPS
from depth_demo.monocular.input_size import AS_PUBLISHED, AS_TRAINED, RESOLUTIONS, NetworkSize, choose_input_size, network_size
from depth_demo.monocular.models import DEFAULT, DEFAULT_MODEL, TINY, WeightsUnavailableError, find_model
from depth_demo.monocular.timing import TYPICAL_PHOTO
from depth_demo.render.maps import COLOR_MAPS
from depth_demo.render.mesh import DETAILS
from depth_demo.stereo.matcher import default_matcher
from depth_demo.ui.calibration import camera_numbers
from depth_demo.ui.matcher_form import MatcherInputs, range_fields
from depth_demo.ui.models import PATIENT, SHAPES, about_model, choose_model, may_take_long, model_choices, predicted_s
from depth_demo.ui.outputs import PhotoInput
from depth_demo.ui.stopping import stoppable

STEPS_SAY = "Of removing noise; each takes its time. 0 takes the model's own number."
MEMBERS_SAY = "Each is drawn on its own, and takes as long as one. From three on, the map shows how far they differ."
P = ParamSpec("P")
R = TypeVar("R")


def in_sentences(handler: Callable[P, R]) -> Callable[P, R]:
    """Show on the page, as a message, what a handler refuses with a sentence."""

    @functools.wraps(handler)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        with _sentences():
            return _call(handler, args, kwargs)

    @functools.wraps(handler)
    def streamed(*args: P.args, **kwargs: P.kwargs) -> Iterator[object]:
        with _sentences():
            yield from cast(Iterator[object], _call(handler, args, kwargs))

    return cast(Callable[P, R], streamed) if inspect.isgeneratorfunction(handler) else wrapped


def _call(handler: Callable[..., R], args: Sequence[object], kwargs: Mapping[str, object]) -> R:
    """Call a handler so that the visitor can stop it where it tells its progress."""

    def told(value: object) -> object:
        return stoppable(value) if isinstance(value, gr.Progress) else value

    return handler(*map(told, args), **{name: told(value) for name, value in kwargs.items()})


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except (ValueError, WeightsUnavailableError) as error:
        raise gr.Error(str(error), print_exception=False) from error


def photo_input(label: str) -> PhotoInput:
    return PhotoInput(label=label, sources=["upload", "webcam", "clipboard"], height=260, buttons=["fullscreen"])


def own(field: gr.Image | gr.File) -> None:
    """Tell the server whose upload this is, by an event that carries it, so that the file goes when the visitor goes."""
    field.upload(claim_upload, field, None, queue=False, show_progress="hidden", api_visibility="private")


def claim_upload(file: str | None) -> None:
    """Do nothing: the event itself tells whose file it is."""


@dataclasses.dataclass(frozen=True, slots=True)
class ModelInputs:
    """Model and what it sees; `settled` tells whether it is known which model to choose for this visitor.

    An `input_size` above 0 overrules the `resolution`. `patient` is the answer to a question that is put before a long run,
    where the tab asks at all.
    """

    model: gr.Dropdown
    resolution: gr.Radio
    input_size: gr.Number
    steps: gr.Number
    members: gr.Number
    patient: gr.Checkbox
    drawing: gr.Accordion
    settled: gr.Checkbox
    asks: bool

    @property
    def fields(self) -> dict[str, Component]:
        """The fields by the names that the endpoints have for them."""
        names = ("model", "resolution", "input_size", "steps", "members")
        return {name: getattr(self, name) for name in names}

    @property
    def later(self) -> list[Component]:
        """The fields that the endpoints take last."""
        return [self.steps, self.members, self.patient]

    @property
    def shown(self) -> list[Any]:
        """What `told_of` fills."""
        return [self.model, self.patient, self.drawing]

    def told_of(
        self, name: str, resolution: str, input_size: float | None, steps: float | None, members: float | None
    ) -> dict[Any, Any]:
        """Tell about a model; ask first if a photo of some shape takes long, and offer how it draws if it does."""
        model = find_model(name)
        taken, given, sampling = model.preprocessing, int(input_size or AS_TRAINED), model.drawing(steps, members)

        def seen(height: int, width: int) -> NetworkSize:
            side = given if given in taken.sides else choose_input_size(height, width, resolution, taken).pixels
            return network_size(height, width, side, taken)

        seconds = predicted_s(model, sampling, seen(*TYPICAL_PHOTO))
        may_ask = self.asks and may_take_long(model, sampling, (seen(*shape) for shape in SHAPES))
        return {
            self.model: gr.update(info=about_model(name, seconds)),
            self.patient: gr.Checkbox(visible=may_ask),
            self.drawing: gr.Accordion(visible=model.sampling is not None),
        }

    def told_after(self, values: Mapping[Any, Any]) -> dict[Any, Any]:
        """Return what is told about the model among values for fields, together with it; nothing where none is among them."""
        if not isinstance(values.get(self.model), str):
            return {}
        known = [values.get(field, field.value) for field in self.fields.values()]
        told = self.told_of(*known)
        return told | {self.model: told[self.model] | {"value": known[0]}}


def model_inputs(*, asks: bool = True) -> ModelInputs:
    """Lay out the fields. The model cannot be changed before `settle_model` has run, which would undo the change.

    Args:
        asks: Whether the visitor is asked before a long run.
    """
    taken, choices = DEFAULT.preprocessing, model_choices()
    model = gr.Dropdown(choices, value=DEFAULT_MODEL, label="Model", info="Looking for its weights ...", interactive=False)
    resolution = gr.Radio(
        [(name.capitalize(), name) for name in RESOLUTIONS], value=AS_PUBLISHED, label="Resolution",
        info="Fast takes a third to an eighth of the time, Fine three to four times as long. "
        f"For {TINY.title}, Fast takes two thirds of the time, and Fine two and a half times as long.",
    )  # fmt: skip
    with gr.Accordion("Exact network input size", open=False):
        input_size = gr.Number(
            AS_TRAINED, precision=0, step=taken.step, label="Short side [px]",
            info=f"0 uses the resolution chosen above. Any other value, {taken.smallest} to {taken.largest} in steps of "
            f"{taken.step}, is used exactly, also for very wide photos.",
        )  # fmt: skip
    patient = gr.Checkbox(value=False, label=PATIENT, visible=False)
    with gr.Accordion("How the answer is drawn", open=False, visible=False) as drawing:
        steps = gr.Number(0, precision=0, minimum=0, maximum=MOST_STEPS, label="Steps", info=STEPS_SAY)
        members = gr.Number(1, precision=0, minimum=1, maximum=MOST_MEMBERS, label="Answers merged", info=MEMBERS_SAY)
    # No state of the server, whose value could be newer than the model that a click sends along.
    settled = gr.Checkbox(value=False, visible=False, label="Whether the model is chosen")
    inputs = ModelInputs(model, resolution, input_size, steps, members, patient, drawing, settled, asks)
    fields: list[Any] = list(inputs.fields.values())
    gr.on(
        [field.input for field in fields], inputs.told_of, fields, inputs.shown,
        api_visibility="private", queue=False, show_progress="hidden",
    )  # fmt: skip
    return inputs


def settle_model(settled: bool) -> tuple[object, object]:  # noqa: FBT001
    """Choose a model, with a word on why, into `settled` and `model`, unless this was done before."""
    if settled:
        return gr.skip(), gr.skip()
    name, reason = choose_model()
    return True, gr.Dropdown(value=name, info=reason, interactive=True)


def color_map_input() -> gr.Dropdown:
    return gr.Dropdown(list(COLOR_MAPS), value=COLOR_MAPS[0], label="Colours", min_width=120)


def detail_input() -> gr.Radio:
    return gr.Radio(list(DETAILS), value="standard", label="Surface detail", min_width=220)


def example_cards(examples: Sequence[Example], *, two_views: bool = True) -> gr.Dataset:
    """Lay out one button per example: its preview, its title and, for two views, what to look for."""
    cards = [
        f'<img src="examples/{quote(example.name)}.jpg" alt="" width="384" height="240">'
        f"<span><strong>{html.escape(example.title)}</strong> {html.escape(example.look_for) if two_views else ''}</span>"
        for example in examples
    ]
    return gr.Dataset(
        label="Examples: one click runs them",
        components=["html"],
        samples=[[card] for card in cards],
        type="index",
        elem_classes="examples",
        visible=bool(examples),
    )


def whole_table(label: str, headers: Sequence[str], column_widths: Sequence[str]) -> gr.Dataframe:
    """Lay out a table that shows all rows at once. It scrolls sideways where its columns do not fit, as on a phone."""
    return gr.Dataframe(
        headers=list(headers), label=label, column_widths=list(column_widths), wrap=True, max_height=1000, elem_classes="table"
    )  # fmt: skip


def stereo_values(
    example: Example, views: Sequence[gr.Image], calibration: Sequence[gr.Number], matcher: MatcherInputs
) -> dict[Component, object]:
    """Return what an example puts into the fields of both views, the camera and the search range."""
    camera, fields = camera_numbers(example.calibration), range_fields(matcher)
    search = default_matcher().settings_type().min_disparity, example.num_disparities
    values = (str(example.left), str(example.right), *camera, *search * (len(fields) // len(search)))
    return dict(zip([*views, *calibration, *fields], values, strict=True))


def forget_earlier(
    views: Sequence[gr.Image],
    calibration: Sequence[gr.Number],
    examples: Sequence[Example],
    truth: Sequence[gr.File] = (),
) -> None:
    """Clear what belongs to the previous pair when a new view is uploaded; keeping it would give silently wrong results.

    This is an example's camera and truth, and the truth of a pair that was compared before, if its left view goes.
    """
    cameras = json.dumps([camera_numbers(example.calibration) for example in examples])
    js = f"(...values) => depthDemo.forget({cameras}, values)"
    fields, brought = [*calibration, *truth], [view.input for view in views]  # an upload is an input too, and fires once
    gr.on(brought, None, [views[0], *fields], fields, js=js, api_visibility="private", show_progress="hidden")
