"""What makes the monocular map of a comparison: a model that is loaded, or the phone's own map."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import gradio as gr
import numpy as np

from depth_demo import pipeline
from depth_demo.comparison.results import Comparison, Estimate
from depth_demo.formats.masks import MaskFile
from depth_demo.formats.photos import load_photo
from depth_demo.formats.truth import GroundTruthFile
from depth_demo.geometry import DepthMap, RgbImage, megapixels
from depth_demo.monocular.answers import Focal
from depth_demo.monocular.input_size import InputSize
from depth_demo.monocular.models import find_model
from depth_demo.monocular.phone import PHONE, PhoneMap
from depth_demo.render.files import photo_name
from depth_demo.serving.request_log import note
from depth_demo.ui.asked_model import told
from depth_demo.ui.estimates import input_size_for
from depth_demo.ui.results import CompareResult, GivenMask
from depth_demo.ui.shared import Shared
from depth_demo.ui.tabs.compare_asked import Asked

if TYPE_CHECKING:  # torch stays out until a model is loaded
    from depth_demo.monocular.estimator import Estimator


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


class _Carried:
    """What makes a map of the left view as it was given, for the rectified one.

    Args:
        running: Makes the map.
        photo: The left view as it was given, or as it was but for a turn by a quarter.
        carry: Returns such a map as the rectified view has it.
    """

    def __init__(self, running: _Running, photo: RgbImage, carry: Callable[[DepthMap], DepthMap]) -> None:
        self._running, self._photo, self._carry = running, photo, carry

    def begin(self, image: RgbImage) -> Callable[[], Estimate]:
        end = self._running.begin(self._photo)

        def carried() -> Estimate:
            estimate = end()
            return replace(estimate, image=image, depth_map=self._carry(estimate.depth_map))

        return carried

    def announce(self, image: RgbImage) -> str:  # noqa: ARG002
        return self._running.announce(self._photo)


def turned_map(depth_map: DepthMap) -> DepthMap:
    """Return a map turned a quarter counterclockwise, as the views of a pair with one camera above the other."""
    spread = depth_map.spread
    values = np.ascontiguousarray(np.rot90(depth_map.values))
    return replace(depth_map, values=values, spread=None if spread is None else np.ascontiguousarray(np.rot90(spread)))


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A model that is ready, and at which size it sees the left view; or the phone's own map."""

    model: Estimator | PhoneMap
    chosen: InputSize
    estimator: _Running

    @classmethod
    def load(cls, shared: Shared, asked: Asked, photo: RgbImage, progress: gr.Progress, focal_length_px: Focal) -> Loaded:
        made = asked.rectified
        if asked.model.name == PHONE:
            note(megapixels=megapixels(photo), model=PHONE)
            own = PhoneMap(str(asked.photo_file))
            reading: _Running = _Reading(own)
            if made:  # the map is of the photo as it was given
                reading = _Carried(reading, load_photo(asked.photo_file).pixels, made.found.carry)
            return cls(own, InputSize(own.spec.preprocessing.short_side), reading)
        is_turned = bool(made and made.found.is_turned)
        if is_turned:  # a network is not shown a view that lies on its side
            photo = np.ascontiguousarray(np.rot90(photo, -1))
        name = shared.shelf.resolve(asked.model.name)
        sampling = told(asked.model.sampling(find_model(name), photo), progress, 0.35, 0.6)
        note(megapixels=megapixels(photo), model=name)
        progress(0.05, "Loading the model")
        model = shared.shelf.get(name, progress)
        chosen = input_size_for(photo, model.spec, asked.model.resolution, asked.model.input_size)
        kept: _Running = shared.kept(model, chosen.pixels, focal_length_px, sampling)
        return cls(model, chosen, _Carried(kept, photo, turned_map) if is_turned else kept)

    @property
    def done(self) -> str:
        """What was done, after "Monocular: "."""
        return "the phone's own map" if isinstance(self.model, PhoneMap) else f"estimated by {self.model.spec.title}"

    def result(
        self,
        asked: Asked,
        comparison: Comparison,
        truth: GroundTruthFile | None,
        mask: MaskFile | None,
        views_text: str = "",
    ) -> CompareResult:
        """Return the result; `views_text` says how the views were read."""
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
            views_text,
            model.spec.drawing(asked.model.steps, asked.model.members),
        )
