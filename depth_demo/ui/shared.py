"""What all visitors share: the loaded model, what was computed before, and how fast models run here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from depth_demo.monocular.answers import Focal, Sampling
from depth_demo.monocular.timing import Pace
from depth_demo.serving.blocks import CLEANING_S, KEPT_S
from depth_demo.ui.estimates import KeptEstimator, KeptMap
from depth_demo.ui.map_cache import MapCache
from depth_demo.ui.matches import KeptChecks, KeptMatch, Matches
from depth_demo.ui.models import ModelShelf

if TYPE_CHECKING:
    from depth_demo.monocular.estimator import Estimator


MAX_BYTES = 128 * 2**20  # of maps of one kind; a disparity map of 1920x1080 pixels has 8 MB, a match three of them
MAX_AGE_S = KEPT_S - 2 * CLEANING_S  # an old map leaves memory at the next cleaning, which is still within KEPT_S


@dataclass(frozen=True, slots=True)
class Shared:
    """One for each page; a test brings its own.

    Attributes:
        shelf: The model that is loaded.
        maps: Monocular maps that were computed before.
        matches: Matches pairs, and keeps the maps.
        pace: How fast models run on this machine.
    """

    shelf: ModelShelf = field(default_factory=ModelShelf)
    maps: MapCache[KeptMap] = field(default_factory=lambda: MapCache[KeptMap](MAX_BYTES, MAX_AGE_S))
    matches: Matches = field(default_factory=lambda: Matches(MapCache[KeptMatch | KeptChecks](MAX_BYTES, MAX_AGE_S)))
    pace: Pace = field(default_factory=Pace)

    def expire(self) -> None:
        """Let go of maps that are too old."""
        self.maps.expire()
        self.matches.cache.expire()

    def kept(
        self,
        loaded: Estimator,
        input_size: int,
        focal_length_px: Focal = None,
        sampling: Sampling | None = None,
    ) -> KeptEstimator:
        """Return an estimator at one input size that computes no map again while it is kept."""
        return KeptEstimator(loaded, input_size, self.maps, self.pace, focal_length_px, sampling)
