"""The model that the command line names."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING

from depth_demo import pipeline
from depth_demo.comparison.results import Estimate
from depth_demo.geometry import DepthMap, RgbImage
from depth_demo.monocular.answers import Focal
from depth_demo.monocular.input_size import InputSize, choose_input_size, network_size
from depth_demo.monocular.models import Sampling
from depth_demo.monocular.phone import PHONE, PhoneMap

if TYPE_CHECKING:  # torch stays out until a model is loaded
    from depth_demo.monocular.estimator import TorchEstimator


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A loaded model, and at which size it sees a photo; or the phone's own map."""

    estimator: TorchEstimator | PhoneMap
    chosen: InputSize
    focal_length_px: Focal = None
    sampling: Sampling | None = None

    @classmethod
    def load(cls, options: argparse.Namespace, photo: RgbImage, focal_length_px: Focal = None) -> Model:
        """Load the model that the options name; a download tells its progress on the terminal.

        Args:
            options: Of the command line.
            photo: What the model will see.
            focal_length_px: Of the photo; None if nobody knows it.

        Raises:
            ValueError, OSError: As `load_estimator`, or if the photo holds no map of its own and that was named.
        """
        if options.model == PHONE:
            own = PhoneMap(options.left)
            return cls(own, InputSize(own.spec.preprocessing.short_side))
        from depth_demo.monocular.estimator import load_estimator

        estimator = load_estimator(options.model, options.weights)
        spec, (height, width) = estimator.spec, photo.shape[:2]
        chosen = choose_input_size(height, width, options.resolution, spec.preprocessing)
        return cls(estimator, chosen, focal_length_px, spec.drawing(options.steps, options.members))

    def run(self, photo: RgbImage) -> DepthMap:
        """Run the model on a photo."""
        return self.estimator(photo, self.chosen.pixels, self.focal_length_px, self.sampling)

    @property
    def own_map(self) -> str:
        """How the phone's own map was read; "" where a model runs."""
        return self.estimator.description if isinstance(self.estimator, PhoneMap) else ""

    def estimate(self, photo: RgbImage) -> Estimate:
        """Run the model on a photo, and time it."""
        return pipeline.estimate(photo, self.run)

    def seen(self, depth_map: DepthMap) -> str:
        """Say at which size the network saw the photo."""
        return self.chosen.seen(network_size(*depth_map.shape, self.chosen.pixels, self.estimator.spec.preprocessing))
