"""Published pairs: our readers against other readers, and against what is published about them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from depth_demo.datasets import Sample
from depth_demo.formats.photos import load_photo
from depth_demo.geometry import DepthMap, StereoPair
from tests.support.handmade_files import DISPARITY
from tests.support.real_pairs import REAL_SAMPLES


@dataclass(frozen=True)
class RealPair:
    """What is published about a pair, or follows from the stored integers: 50 / 4 = 12.5, 1127 / 256 = 4.4023."""

    name: str
    width: int
    height: int
    lowest: float
    highest: float
    scale: float = 1

    @property
    def sample(self) -> Sample:
        if self.name not in REAL_SAMPLES:
            pytest.skip(f"{self.name} is not beside the checkout")
        return REAL_SAMPLES[self.name]


REAL_PAIRS = [
    RealPair("kitti2012_000000_10", 1226, 370, 1127 / 256, 17873 / 256, 256),
    RealPair("kitti2012_000002_10", 1241, 376, 1158 / 256, 37352 / 256, 256),
    RealPair("kitti2012_000051_10", 1242, 375, 1213 / 256, 21705 / 256, 256),
    RealPair("kitti2015_colour_000046_10", 1242, 375, 1247 / 256, 16829 / 256, 256),
    RealPair("middlebury2001_tsukuba", 384, 288, 10, 28, 8),
    RealPair("middlebury2003q_cones", 450, 375, 5.5, 55, 4),
    RealPair("middlebury2003q_teddy", 450, 375, 12.5, 52.75, 4),
    RealPair("middlebury2014_motorcycle_skimage", 741, 500, 7.1914, 59.909),
    RealPair("middlebury2014q_Piano", 707, 481, 10.129, 51.441),  # calib.txt: vmin 9, vmax 55
    RealPair("sceneflow_flyingthings_0", 960, 540, 1.154, 75.883),
]


def stored_by_another_reader(path: Path) -> NDArray[np.float64]:
    """The numbers in the file through OpenCV or NumPy; PFM by splitting its three lines off."""
    if path.suffix == ".npz":
        return np.asarray(np.load(path)["arr_0"], np.float64)
    if path.suffix == ".pfm":
        _, size, _, data = path.read_bytes().split(b"\n", 3)
        width, height = map(int, size.split())
        return np.frombuffer(data, "<f4").reshape(height, width)[::-1].astype(np.float64)
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_UNCHANGED), np.float64)


@pytest.mark.parametrize("real", REAL_PAIRS, ids=lambda real: real.name)
class TestRealPairs:
    def test_photos(self, real: RealPair) -> None:
        for path in (real.sample.left, real.sample.right):
            pixels = load_photo(path).pixels
            assert pixels.shape == (real.height, real.width, 3)
            np.testing.assert_array_equal(pixels[..., ::-1], cv2.imread(str(path), cv2.IMREAD_COLOR))

    def test_truth(self, real: RealPair) -> None:
        truth = real.sample.load().ground_truth
        assert truth is not None
        assert real.sample.truth is not None
        stored = stored_by_another_reader(real.sample.truth)
        np.testing.assert_array_equal(truth.valid, np.isfinite(stored) & (stored != 0))
        np.testing.assert_allclose(truth.values[truth.valid], (stored / real.scale)[truth.valid], rtol=1e-6)
        assert truth.shape == (real.height, real.width)
        assert truth.kind is DISPARITY
        assert np.nanmin(truth.values) == pytest.approx(real.lowest, abs=1e-3)
        assert np.nanmax(truth.values) == pytest.approx(real.highest, abs=1e-3)

    def test_they_fit_together(self, real: RealPair) -> None:
        pair = real.sample.load()
        assert pair.ground_truth is not None
        nothing = DepthMap(0 * pair.ground_truth.values, DISPARITY)
        assert mean_difference(pair, pair.ground_truth) < 0.5 * mean_difference(pair, nothing)


def mean_difference(pair: StereoPair, disparity: DepthMap) -> float:
    """How far the left view is from the right one taken at x - d, over the pixels with truth that stay inside."""
    rows, columns = np.nonzero(disparity.valid)
    sources = np.rint(columns - disparity.values[rows, columns]).astype(int)
    inside = (sources >= 0) & (sources < pair.right.shape[1])
    left = pair.left[rows[inside], columns[inside]].astype(float)
    return float(np.abs(left - pair.right[rows[inside], sources[inside]]).mean())
