"""The border between NumPy and torch, on images of every size and shape that people have."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from depth_demo.geometry import DepthKind
from depth_demo.monocular.answers import BAND, enlarge
from depth_demo.monocular.estimator import half_precision
from depth_demo.monocular.models import DEFAULT
from depth_demo.monocular.preprocessing import to_pixels
from tests.support.small_model import small_estimator


@pytest.mark.parametrize(("height", "width"), [(33, 97), (32, 3200), (3200, 32), (7071, 7071)], ids=str)
def test_every_size_comes_back_at_its_own_size(height: int, width: int) -> None:
    image = np.zeros((height, width, 3), np.uint8)
    image[: height // 2] = 200
    depth_map = small_estimator()(image, input_size=196)
    assert depth_map.shape == (height, width)
    assert depth_map.kind is DepthKind.RELATIVE_INVERSE_DEPTH
    assert depth_map.valid.all()


def test_the_size_as_trained_is_518_for_depth_anything() -> None:
    estimator = small_estimator()
    seen = []
    estimator.network.register_forward_pre_hook(lambda _, inputs: seen.append(tuple(inputs[0].shape)))
    image = np.zeros((64, 64, 3), np.uint8)
    estimator(image)
    estimator(image, input_size=0)
    estimator(image, input_size=196)
    assert seen == [(1, 3, 518, 518), (1, 3, 518, 518), (1, 3, 196, 196)]


def test_metric_models_give_metres() -> None:
    image = np.random.default_rng(0).integers(0, 255, (64, 80, 3), dtype=np.uint8)
    depth_map = small_estimator("depth-anything-v2-metric-indoor-small")(image, input_size=196)
    assert depth_map.kind is DepthKind.METRIC_DEPTH
    assert np.nanmax(depth_map.values) <= 20


def test_the_network_sees_normalised_rgb() -> None:
    """A flat image stays flat through cubic resizing: (value / 255 - mean) / std per channel."""
    image = np.full((50, 60, 3), (255, 128, 0), np.uint8)
    tensor = to_pixels(image, DEFAULT.preprocessing, 196)
    assert tensor.shape == (1, 3, 196, 238)
    expected = [(1 - 0.485) / 0.229, (128 / 255 - 0.456) / 0.224, (0 - 0.406) / 0.225]
    for channel, value in enumerate(expected):
        assert tensor[0, channel] == pytest.approx(value, abs=1e-4)


@pytest.mark.parametrize(
    ("small", "large"), [((14, 21), (37, 50)), ((14, 14), (9, 1)), ((1, 14), (5, 14)), ((7, 9), (2 * BAND + 1, BAND))]
)
def test_maps_are_enlarged_corners_on_corners(small: tuple[int, int], large: tuple[int, int]) -> None:
    values = np.random.default_rng(3).random(small, np.float32)
    expected = F.interpolate(torch.from_numpy(values)[None, None], large, mode="bilinear", align_corners=True)[0, 0]
    np.testing.assert_allclose(enlarge(values, *large), expected, rtol=0, atol=1e-6)


def test_the_same_image_gives_the_same_map() -> None:
    image = np.random.default_rng(1).integers(0, 255, (64, 80, 3), dtype=np.uint8)
    estimator = small_estimator()
    np.testing.assert_array_equal(estimator(image).values, estimator(image).values)


def test_one_image_at_a_time() -> None:
    alone = threading.Lock()

    def enter(*_: object) -> None:
        assert alone.acquire(blocking=False), "two at once"

    estimator = small_estimator()
    estimator.network.register_forward_pre_hook(enter)
    estimator.network.register_forward_hook(lambda *_: alone.release())
    images = np.random.default_rng(5).integers(0, 255, (16, 196, 196, 3), dtype=np.uint8)
    with ThreadPoolExecutor(8) as threads:
        assert len(list(threads.map(estimator, images))) == len(images)


def test_half_precision_is_for_cuda_alone_and_keeps_the_head_exact() -> None:
    assert half_precision(torch.device("cpu")) is None
    estimator = small_estimator()
    image = np.random.default_rng(2).integers(0, 255, (196, 196, 3), dtype=np.uint8)
    full = estimator(image, 196).values
    estimator.half = torch.bfloat16  # what CUDA would use, on the CPU
    half = estimator(image, 196).values
    assert half.dtype == np.float32
    assert not np.array_equal(half, full)
    assert np.abs(half - full).max() < 0.05 * np.abs(full).max()
    assert len(np.unique(half)) > 0.5 * len(np.unique(full))  # no steps of 8 bits
