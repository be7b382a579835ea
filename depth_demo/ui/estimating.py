"""What all visitors' estimates share: the loaded model, the maps computed before, and how fast models run here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from depth_demo.monocular.timing import Pace
from depth_demo.serving.blocks import CLEANING_S, KEPT_S
from depth_demo.ui.estimates import MAX_BYTES, KeptEstimator
from depth_demo.ui.map_cache import MapCache
from depth_demo.ui.models import ModelShelf

if TYPE_CHECKING:
    from depth_demo.monocular.estimator import Estimator


@dataclass(frozen=True, slots=True)
class Estimating:
    """One for each page; a test brings its own.

    Attributes:
        shelf: The model that is loaded.
        maps: Maps that were computed before.
        pace: How fast models run on this machine.
    """

    shelf: ModelShelf = field(default_factory=ModelShelf)
    # An old map leaves memory at the next cleaning, which is still within KEPT_S.
    maps: MapCache = field(default_factory=lambda: MapCache(MAX_BYTES, KEPT_S - 2 * CLEANING_S))
    pace: Pace = field(default_factory=Pace)

    def kept(self, loaded: Estimator, input_size: int) -> KeptEstimator:
        """Return an estimator at one input size that computes no map again while it is kept."""
        return KeptEstimator(loaded, input_size, self.maps, self.pace)
