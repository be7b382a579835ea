"""A matcher of a few lines, which proves that a matcher is one file and one row: sums of absolute differences in windows."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from depth_demo.geometry import DepthKind, DepthMap, Mask, StereoPair
from depth_demo.stereo.controls import accept_fields, number, slider
from depth_demo.stereo.matched import MatchedViews
from depth_demo.stereo.matcher import Matcher
from depth_demo.stereo.matching import left_right_difference
from depth_demo.stereo.memory import bytes_text
from depth_demo.stereo.reference.local import local_winners

BYTES_PER_PIXEL = 40


@dataclass(frozen=True, slots=True)
class ToySettings:
    """The search range, the window and the tolerance of the left-right check."""

    num_disparities: int = field(
        default=64, metadata=slider("Number of disparities", "px", 1, 256, "Nearer objects need more.", folded=False)
    )
    min_disparity: int = field(default=0, metadata=number("First disparity", "px", 0, 255, "Smallest disparity looked for."))
    window: int = field(default=9, metadata=slider("Window", "px", 1, 31, "Side of the compared squares.", step=2))
    tolerance: float = field(default=1.0, metadata=number("Tolerance", "px", 0, 64, "Both directions agree to this.", step=0))
    method = "SAD"
    usual_coverage = 50.0

    def __post_init__(self) -> None:
        accept_fields(self)

    def check_size(self, height: int, width: int) -> None:
        last = self.min_disparity + self.num_disparities - 1
        if last >= width:
            raise ValueError(f"The disparities reach {last} px, and {width}x{height} pixels have no place for that.")

    def memory_text(self, height: int, width: int) -> str:
        return f"{self.method} takes {bytes_text(BYTES_PER_PIXEL * height * width)}"


def match_by_windows(pair: StereoPair, settings: ToySettings) -> MatchedViews[ToySettings]:
    settings.check_size(*pair.left.shape[:2])
    disparities = range(settings.min_disparity, settings.min_disparity + settings.num_disparities)
    left, right = local_winners(pair, "SAD", settings.window, disparities)
    difference = left_right_difference(left, right)
    checked = np.where(difference <= settings.tolerance, left, np.float32(np.nan))
    raw, disparity = (DepthMap(values, DepthKind.DISPARITY) for values in (left, checked))
    return MatchedViews(pair, settings, raw, disparity, difference)


def left_columns(shape: tuple[int, int], settings: ToySettings) -> Mask:
    return np.broadcast_to(np.arange(shape[1]) < settings.min_disparity, shape)


TOY = Matcher("toy", "Windows of grey values", ToySettings, match_by_windows, left_columns, hole_value=lambda _: 0.0)
