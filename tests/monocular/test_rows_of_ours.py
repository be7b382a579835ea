"""The rows of Depth Anything 3 and MoGe-2: from a file of weights to a map, and to a comparison, with small networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from depth_demo.geometry import DepthKind
from depth_demo.monocular.depth_anything_3 import VARIANTS as DA3_VARIANTS
from depth_demo.monocular.estimator import TorchEstimator, load_estimator
from depth_demo.monocular.moge import VARIANTS as MOGE_VARIANTS
from depth_demo.pipeline import compare
from depth_demo.stereo.settings import SgbmSettings
from tests.conftest import PAIRS
from tests.monocular.test_pretrained import photo
from tests.support import depth_anything_3, moge

MONO, METRIC = "depth-anything-3-mono-large", "depth-anything-3-metric-large"
MOGE = "moge-2-vits-normal"


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with small networks under the names of the published files."""
    for variant in ("mono-large", "metric-large"):
        monkeypatch.setitem(DA3_VARIANTS, variant, depth_anything_3.TINY)
    monkeypatch.setitem(MOGE_VARIANTS, "vits-normal", moge.TINY)
    for name, seed in (("DA3MONO-LARGE", 0), ("DA3METRIC-LARGE", 1)):
        safetensors.torch.save_file(
            depth_anything_3.random_state_dict(depth_anything_3.TINY, seed), tmp_path / f"{name}.safetensors"
        )
    content = {"model_config": moge.official_config(moge.TINY), "model": moge.random_state_dict(moge.TINY)}
    torch.save(content, tmp_path / "moge-2-vits-normal.pt")
    return tmp_path


def loaded(name: str, weights: Path) -> TorchEstimator:
    return load_estimator(name, weights, "cpu")


def test_mono_gives_relative_depth(weights: Path) -> None:
    depth_map = loaded(MONO, weights)(photo(60, 80))
    assert depth_map.kind is DepthKind.RELATIVE_DEPTH
    assert depth_map.shape == (60, 80)
    assert depth_map.remark == ""


@pytest.mark.parametrize("name", [METRIC, MOGE])
def test_metres_tell_the_focal_length_that_they_are_from(name: str, weights: Path) -> None:
    depth_map = loaded(name, weights)(photo(60, 80), focal_length_px=70)
    assert depth_map.kind is DepthKind.METRIC_DEPTH
    assert depth_map.focal_length is not None
    assert (depth_map.focal_length.pixels, depth_map.focal_length.source) == (70, "as given")
    assert "focal length" in depth_map.remark
    assert "70 px" in depth_map.remark


def test_metres_of_depth_anything_3_grow_with_the_focal_length_and_an_assumed_one_is_said(weights: Path) -> None:
    estimator, image = loaded(METRIC, weights), photo(60, 80)
    near, far, guessed = (estimator(image, focal_length_px=pixels) for pixels in (70, 140, None))
    both = near.valid & far.valid
    assert both.any()
    assert far.values[both] == pytest.approx(2 * near.values[both], rel=1e-5)
    assert guessed.focal_length is not None
    assert guessed.focal_length.assumed
    assert "assumed: a 28 mm lens" in guessed.remark


@pytest.mark.parametrize("name", [MONO, METRIC])
def test_they_are_compared(name: str, weights: Path) -> None:
    pair = PAIRS[0].load()
    estimator = loaded(name, weights)
    found = compare(pair, lambda image: estimator(image, 168, 480), SgbmSettings("SGBM_3WAY", num_disparities=64))
    assert found.estimate.depth_map.kind is estimator.spec.kind
    assert found.monocular.fair.alignment is not None
    assert found.stereo is not None
    assert np.isfinite(found.stereo.fair.ssim)
