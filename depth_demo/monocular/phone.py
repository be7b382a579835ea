"""The depth map that a phone keeps inside a portrait photo, in the place of a network's estimate."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from depth_demo.formats.phone_depth import load_phone_depth
from depth_demo.geometry import DepthMap, RgbImage, size_text
from depth_demo.monocular.answers import Focal
from depth_demo.monocular.input_size import AS_TRAINED, Preprocessing
from depth_demo.monocular.models import ModelSpec, Sampling

PHONE = "phone"  # stands for the phone's own map where a model is named
PHONE_TITLE = "The phone's own map"
NO_NETWORK = "No network ran."
MAX_STRETCH = 1.02  # of the map's shape over the photo's


class PhoneMap:
    """An `Estimator` that estimates nothing: it returns the map inside one photo, at the size of that photo.

    Attributes:
        spec: Names the map where a model is named. Its kind is the map's: relative stays relative, metres stay metres.
        sha256: "", as there is no file of weights.
        device_name: Says that no network ran.
        description: Where the map comes from, how large it is, and what its numbers mean, in a sentence.
    """

    def __init__(self, path: str | Path) -> None:
        """Read the map.

        Args:
            path: The photo's file.

        Raises:
            ValueError: If the photo holds no map, or one that cannot be used.
        """
        found = load_phone_depth(path)
        if found is None:
            raise ValueError("The photo holds no depth map of its own: choose a model in its place.")
        self._depth_map = found.depth_map
        self.description = found.description
        self.sha256, self.device_name = "", NO_NETWORK
        self.spec = ModelSpec(
            name=PHONE, title=PHONE_TITLE, licence="", kind=found.depth_map.kind, files=(), loader="",
            preprocessing=Preprocessing(),
        )  # fmt: skip

    def __call__(
        self,
        image: RgbImage,
        input_size: int | None = AS_TRAINED,  # noqa: ARG002
        focal_length_px: Focal = None,  # noqa: ARG002
        sampling: Sampling | None = None,  # noqa: ARG002
    ) -> DepthMap:
        """Return the map at the size of its photo, (H, W, 3) uint8 RGB and upright; between pixels it is linear.

        Raises:
            ValueError: If the map has another shape than the photo.
        """
        height, width = self._depth_map.shape
        stretch = (image.shape[1] / width) / (image.shape[0] / height)
        if not 1 / MAX_STRETCH <= stretch <= MAX_STRETCH:
            raise ValueError(
                f"The phone's own map is {width}x{height}, another shape than the photo's {size_text(image)} pixels."
            )
        size = image.shape[1], image.shape[0]
        values = cv2.resize(self._depth_map.values, size, interpolation=cv2.INTER_LINEAR)
        return DepthMap(np.asarray(values, np.float32), self._depth_map.kind)
