"""What a visitor asks a comparison for, and how the files are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

import gradio as gr

from depth_demo.formats.encodings import ENCODINGS
from depth_demo.formats.likeness import NoPairError
from depth_demo.formats.masks import MaskFile, load_mask
from depth_demo.formats.pairs import TwoViews, load_two_views, load_two_views_if_any
from depth_demo.formats.truth import GroundTruthFile, SeenView, TruthKind, load_ground_truth
from depth_demo.geometry import Calibration, RgbImage, StereoPair
from depth_demo.stereo.matched import MatcherSettings
from depth_demo.stereo.rectification.truth import carried_truth
from depth_demo.ui.asked_model import AskedModel
from depth_demo.ui.rectifying import RectifiedPair
from depth_demo.ui.results import CompareResult

ADD_SOMETHING = (
    "There is nothing to set the estimate against: add a right view to match, or the ground truth of the left view, or give "
    "one file that holds both views."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a visitor asks for.

    Attributes:
        files: Left view, right view and truth.
        mask: The benchmark's.
        camera: Of the pair; None leaves out metres.
        model: Which one, and how it shall run.
        settings: Of the matcher.
        truth_kind: What the truth holds, or the name of its encoding.
        truth_scale: Stored value per px or m.
        squeezed: Whether the halves of one file with both views are; None asks.
        rectified: What was made of the files of both views; None where they are as they were given.
    """

    files: tuple[str | None, str | None, str | None]
    mask: str | None
    camera: Calibration | None
    model: AskedModel
    settings: MatcherSettings
    truth_kind: str
    truth_scale: float
    squeezed: bool | None = None
    rectified: RectifiedPair | None = None

    @property
    def photo_file(self) -> str | None:
        """The file of the left view as it was given."""
        return self.rectified.given[0] if self.rectified else self.files[0]

    def read_views(self) -> TwoViews | None:
        """Read both views, from a file each or from one; None where there is one view with truth.

        Raises:
            ValueError: If a file cannot be read, or there is nothing to set an estimate against.
        """
        left, right, truth = self.files
        if self.rectified:
            pair = self.rectified.found.pair
            return TwoViews(pair.left, pair.right, self.rectified.words(self.camera, is_judged=truth is not None))
        if truth is not None:
            return load_two_views_if_any(left, right, squeezed=self.squeezed)
        try:
            return load_two_views(left, right, squeezed=self.squeezed)
        except NoPairError as error:
            raise ValueError(ADD_SOMETHING) from error

    def read_mask(self, photo: RgbImage) -> MaskFile | None:
        """Read the mask at the size of the left view, and turn it as that was turned; None without one."""
        if not self.mask:
            return None
        found = self.rectified and self.rectified.found
        height, width = photo.shape[:2]
        read = load_mask(self.mask, (width, height) if found and found.is_turned else (height, width))
        return replace(read, counted=found.carry_mask(read.counted)) if found else read

    def read_truth(self, pair: StereoPair | None) -> GroundTruthFile | None:
        """Read the truth of the left view, and turn it as that was turned; None without one.

        Args:
            pair: Both views and the camera, by which a reading is recognised; None where it is known. They tell nothing of
                the truth of a left view that was turned.

        Raises:
            ValueError: If it cannot be read.
        """
        path = self.files[2]
        if path is None:
            return None
        found = self.rectified and self.rectified.found
        if not found or found.keeps_left:
            return read_truth(path, self.truth_kind, self.truth_scale, pair)
        seen = SeenView(found.source_shape, self.camera)
        truth = read_truth(path, self.truth_kind, self.truth_scale, view=seen)
        return replace(truth, depth_map=carried_truth(found, truth.depth_map))


def read_truth(
    path: str, reading: str, scale: float, pair: StereoPair | None = None, view: SeenView | None = None
) -> GroundTruthFile:
    """Read the truth as the menu says it: by what it holds, or by the name of its encoding."""
    if reading in list(ENCODINGS):
        return load_ground_truth(path, encoding=reading, scale=scale or None, pair=pair, view=view)
    return load_ground_truth(path, cast("TruthKind", reading), scale or None, pair=pair, view=view)


def reader(number: int) -> Callable[[CompareResult | None], tuple[object, object]]:
    """Return what answers a click on the button of a reading, counted from 0."""

    def read_so(result: CompareResult | None) -> tuple[object, object]:
        return chosen_reading(result, number)

    return read_so


def chosen_reading(result: CompareResult | None, number: int) -> tuple[object, object]:
    """Return what the menu and the scale are to hold after a click on a reading that was asked about."""
    choices = result.question.choices if result and result.question else ()
    if number >= len(choices):
        return gr.skip(), gr.skip()
    choice = choices[number]
    return (choice.encoding if choice.kind == "recognised" else choice.kind), choice.scale or 0
