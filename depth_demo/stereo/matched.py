"""What every stereo matcher is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from depth_demo.geometry import DepthMap, StereoPair
from depth_demo.stereo.controls import Described


class MatcherSettings(Described, Protocol):
    """How to match a pair: a frozen dataclass that refuses impossible values.

    Each field carries a `Control`, from which a page draws a form. `min_disparity` and `num_disparities` are among the fields.
    """

    @property
    def min_disparity(self) -> int:
        """Smallest disparity of the search range [px]."""

    @property
    def num_disparities(self) -> int:
        """How many disparities are searched, in steps of 1 px."""

    @property
    def method(self) -> str:
        """What runs, in a word for people, such as the mode of the matcher."""

    @property
    def usual_coverage(self) -> float:
        """Share of the pixels that usual pairs match [%]; below it the rows of a pair are checked."""

    def check_size(self, height: int, width: int) -> None:
        """Raise ValueError if views of this size [px] cannot be matched."""

    def memory_text(self, height: int, width: int) -> str:
        """Return what matching views of this size takes, such as 'HH4 takes 0.2 GiB'."""


S_co = TypeVar("S_co", bound=MatcherSettings, covariant=True)


@dataclass(frozen=True, slots=True, eq=False)
class MatchedViews(Generic[S_co]):
    """What a matcher makes of a pair.

    Attributes:
        pair: The two views.
        settings: As they ran; nothing is left open, such as the mode.
        raw: (H, W) disparity of the left view [px] as the matcher gives it, before further checks; NaN in holes.
        disparity: (H, W) disparity that passed all checks [px], NaN in holes.
        left_right_diff: (H, W) how far both directions of matching disagree [px], NaN where one has no answer; None if the
            pair was matched in one direction.
        remark: Put behind the last word of a sentence on how it was matched, such as ", one direction after the other"; "" for
            nothing to say.
    """

    pair: StereoPair
    settings: S_co
    raw: DepthMap
    disparity: DepthMap
    left_right_diff: NDArray[np.float32] | None = None
    remark: str = ""

    @property
    def coverage(self) -> float:
        """Share of the pixels that matched [%]."""
        return 100 * float(self.disparity.valid.mean())


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a pixel has no disparity.

    Attributes:
        check: Name of the check that removed it; "" if that is unknown.
        because: What the check found, to be read after "none:".
    """

    check: str
    because: str


UNSEARCHED = Rejection("unsearched band", "the search range would leave the right view")
UNSEEN = Rejection("black", "a view was turned, and shows nothing here")
UNTOLD = Rejection("", "this matcher does not tell which check removed it")
