"""A comparison step by step, from the files that a visitor chose to the result: of a pair, or of one view with truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

import gradio as gr

from depth_demo import pipeline
from depth_demo.comparison.results import Comparison, Estimate
from depth_demo.examples import find_example
from depth_demo.formats.encodings import ENCODINGS
from depth_demo.formats.masks import MaskFile, load_mask
from depth_demo.formats.photos import load_photo, load_views
from depth_demo.formats.truth import GroundTruthFile, SeenView, TruthKind, load_ground_truth
from depth_demo.geometry import Calibration, RgbImage, SingleView, StereoPair, megapixels
from depth_demo.monocular.input_size import InputSize
from depth_demo.monocular.phone import PHONE, PhoneMap
from depth_demo.render.files import photo_name
from depth_demo.serving.request_log import note
from depth_demo.stereo.matched import MatcherSettings
from depth_demo.ui.estimates import input_size_for
from depth_demo.ui.results import CompareResult, GivenMask
from depth_demo.ui.shared import Shared
from depth_demo.ui.tabs.compare_steps import Step

if TYPE_CHECKING:  # torch stays out until a model is loaded
    from depth_demo.monocular.estimator import Estimator

WORTH_A_LOOK_S = 0.5  # an estimate that took less is drawn with the scores, which follow in a second
ADD_SOMETHING = (
    "There is nothing to set the estimate against: add a right view to match, or the ground truth of the left view."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a visitor asks for.

    Attributes:
        files: Left view, right view and truth.
        mask: The benchmark's.
        camera: Of the pair; None leaves out metres.
        model: Its name, or that of the phone's own map, input size and resolution.
        settings: Of the matcher.
        truth_kind: What the truth holds, or the name of its encoding.
        truth_scale: Stored value per px or m.
    """

    files: tuple[str | None, str | None, str | None]
    mask: str | None
    camera: Calibration | None
    model: tuple[str, int | None, str]
    settings: MatcherSettings
    truth_kind: str
    truth_scale: float

    def read_mask(self, photo: RgbImage) -> MaskFile | None:
        """Read the mask at the size of the left view; None without one."""
        return load_mask(self.mask, (photo.shape[0], photo.shape[1])) if self.mask else None


class _Running(Protocol):
    """What makes the monocular map of a view."""

    def begin(self, image: RgbImage) -> Callable[[], Estimate]:
        """Begin, and return what ends it."""

    def announce(self, image: RgbImage) -> str:
        """Say what the progress shows meanwhile."""


class _Reading:
    """The phone's own map, where a model would run."""

    def __init__(self, own: PhoneMap) -> None:
        self._own = own

    def begin(self, image: RgbImage) -> Callable[[], Estimate]:
        estimate = pipeline.estimate(image, self._own)
        return lambda: estimate

    def announce(self, image: RgbImage) -> str:  # noqa: ARG002
        return "Taking the phone's own map"


@dataclass(frozen=True, slots=True, eq=False)
class _Loaded:
    """A model that is ready, and at which size it sees the left view; or the phone's own map."""

    model: Estimator | PhoneMap
    chosen: InputSize
    estimator: _Running

    @classmethod
    def load(cls, shared: Shared, asked: Asked, photo: RgbImage, progress: gr.Progress) -> _Loaded:
        if asked.model[0] == PHONE:
            note(megapixels=megapixels(photo), model=PHONE)
            own = PhoneMap(str(asked.files[0]))
            return cls(own, InputSize(own.spec.preprocessing.short_side), _Reading(own))
        name, input_size, resolution = shared.shelf.resolve(asked.model[0]), *asked.model[1:]
        note(megapixels=megapixels(photo), model=name)
        progress(0.05, "Loading the model")
        model = shared.shelf.get(name, progress)
        chosen = input_size_for(photo, model.spec, resolution, input_size)
        return cls(model, chosen, shared.kept(model, chosen.pixels))

    @property
    def done(self) -> str:
        """What was done, after "Monocular: "."""
        return "the phone's own map" if isinstance(self.model, PhoneMap) else f"estimated by {self.model.spec.title}"

    def result(
        self, asked: Asked, comparison: Comparison, truth: GroundTruthFile | None, mask: MaskFile | None
    ) -> CompareResult:
        model = self.model
        return CompareResult(
            comparison,
            model.spec,
            model.device_name,
            truth.description if truth else "",
            self.chosen,
            model.sha256,
            asked.files,
            photo_name(asked.files[0]),
            truth.question if truth else None,
            GivenMask(asked.mask, mask.description) if asked.mask and mask else None,
            model.description if isinstance(model, PhoneMap) else "",
        )


def compare_at_once(shared: Shared, asked: Asked, progress: gr.Progress) -> CompareResult:
    """Take all of `steps`."""
    for step in steps(shared, asked, progress):
        if isinstance(step, CompareResult):
            return step
        progress(step.share, step.coming)
    raise AssertionError("the last step is the result")


def steps(
    shared: Shared,
    asked: Asked,
    progress: gr.Progress,
    checks: Callable[[StereoPair], tuple[str, ...]] | None = None,
) -> Iterator[Step | CompareResult]:
    """Read the files, check the views, match, estimate and score; yield what is there after each step.

    Without a right view, nothing is matched, and the truth judges the estimate alone.

    Args:
        shared: What all visitors share.
        asked: What is to be compared.
        progress: Is told of what comes before the first step has ended.
        checks: Returns a sentence for each check of the pair; None leaves them out.

    Raises:
        ValueError: If a file cannot be read, the views cannot be matched, or there is nothing to judge by.
    """
    progress(0.0, "Reading the images")
    if asked.files[1] is None:
        yield from _steps_of_one_view(shared, asked, progress)
    else:
        yield from _steps_of_a_pair(shared, asked, progress, checks)


def _steps_of_a_pair(
    shared: Shared, asked: Asked, progress: gr.Progress, checks: Callable[[StereoPair], tuple[str, ...]] | None
) -> Iterator[Step | CompareResult]:
    left, right, ground_truth = asked.files
    views, camera = load_views(left, right), asked.camera
    example = find_example(left, right, ground_truth) if ground_truth else None
    witness = None if example else StereoPair(*views, camera)  # an example's truth needs none
    truth = read_truth(ground_truth, asked.truth_kind, asked.truth_scale, witness) if ground_truth else None
    mask = asked.read_mask(views[0])
    pair = StereoPair(
        *views,
        camera,
        truth.depth_map if truth else None,
        labels=example.labels if example else None,
        counted=mask.counted if mask else None,
    )
    loaded = _Loaded.load(shared, asked, pair.left, progress)
    pipeline.check_pair(pair, asked.settings)
    estimate = loaded.estimator.begin(pair.left)
    step = Step(pair, 0.1, "Matching both views", checks(pair) if checks else ())
    yield step
    matched = shared.matches.match(pair, asked.settings)
    coming = loaded.estimator.announce(pair.left)
    step = step.after(f"Stereo: {matched.coverage:.1f} % of the pixels matched.", 0.35, coming, matched)
    yield step
    estimated = estimate()
    coming = "Scoring, and looking for failures"
    step = step.after(f"Monocular: {loaded.done}.", 0.6, coming, estimated)
    if estimated.seconds >= WORTH_A_LOOK_S and not estimated.cached:
        yield step
    yield loaded.result(asked, pipeline.compare_results(estimated, matched), truth, mask)


def _steps_of_one_view(shared: Shared, asked: Asked, progress: gr.Progress) -> Iterator[Step | CompareResult]:
    left, _, ground_truth = asked.files
    photo = load_photo(left).pixels
    if ground_truth is None:
        raise ValueError(ADD_SOMETHING)
    seen = SeenView((photo.shape[0], photo.shape[1]), asked.camera)
    truth = read_truth(ground_truth, asked.truth_kind, asked.truth_scale, view=seen)
    mask = asked.read_mask(photo)
    view = SingleView(photo, truth.depth_map, asked.camera, counted=mask.counted if mask else None)
    loaded = _Loaded.load(shared, asked, photo, progress)
    estimate = loaded.estimator.begin(photo)
    yield Step(view, 0.1, loaded.estimator.announce(photo), ())
    yield loaded.result(asked, pipeline.score_one_view(estimate(), view), truth, mask)


def read_truth(
    path: str, reading: str, scale: float, pair: StereoPair | None = None, view: SeenView | None = None
) -> GroundTruthFile:
    """Read the truth as the menu says it: by what it holds, or by the name of its encoding."""
    if reading in list(ENCODINGS):
        return load_ground_truth(path, encoding=reading, scale=scale or None, pair=pair, view=view)
    return load_ground_truth(path, cast("TruthKind", reading), scale or None, pair=pair, view=view)
