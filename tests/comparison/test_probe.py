"""One pixel of a real comparison: every value by hand, and the regions as in the whole picture."""

from __future__ import annotations

import numpy as np
import pytest

from depth_demo.comparison.probe import probe
from depth_demo.comparison.results import Comparison
from depth_demo.evaluation.regions import find_regions
from depth_demo.examples import list_examples
from depth_demo.geometry import DepthKind, DepthMap, RgbImage
from depth_demo.pipeline import compare
from depth_demo.stereo.matched import UNSEARCHED
from depth_demo.stereo.settings import SgbmSettings
from tests.conftest import stereo_of

STREET = list_examples()[1]


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """Example 515 with a monocular map that is its truth, bent and without unit."""
    pair = STREET.load()
    truth = pair.ground_truth
    assert truth is not None
    bent = (np.nan_to_num(truth.values) ** 0.9 / 100).astype(np.float32)

    def estimator(_: RgbImage) -> DepthMap:
        return DepthMap(bent, DepthKind.RELATIVE_INVERSE_DEPTH)

    return compare(pair, estimator, SgbmSettings(mode="SGBM_3WAY", num_disparities=STREET.num_disparities))


def test_every_value_of_a_pixel(comparison: Comparison) -> None:
    x, y = 400, 900
    found = probe(comparison, x, y)
    camera, truth = STREET.calibration, float(comparison.reference.values[y, x])
    assert found.color == tuple(comparison.matched.pair.left[y, x])
    assert found.truth.disparity_px == truth
    assert found.truth.depth_m == pytest.approx(camera.focal_length_px * camera.baseline_m / truth, rel=1e-5)
    assert found.raw == pytest.approx(truth**0.9 / 100, rel=1e-5)
    fit = comparison.monocular.fair.alignment
    assert fit is not None
    assert found.monocular.disparity_px == pytest.approx(fit.scale * found.raw + fit.shift, rel=1e-4)
    matched = float(comparison.matched.disparity.values[y, x])
    assert found.stereo.error_px == pytest.approx(matched - truth)
    metres = camera.focal_length_px * camera.baseline_m * (1 / matched - 1 / truth)
    assert found.stereo.error_m == pytest.approx(metres, rel=1e-3)
    assert found.stereo.ssim == pytest.approx(stereo_of(comparison).fair.ssim_map[y, x], nan_ok=True)
    assert found.missing is None
    assert found.verdict.cause == "right"
    np.testing.assert_array_equal(found.stereo_row, comparison.matched.disparity.values[y])


def test_regions_at_a_pixel_are_those_of_the_whole_picture(comparison: Comparison) -> None:
    pair, truth = comparison.matched.pair, comparison.reference
    band = comparison.matched.unsearched
    regions = [region for region in find_regions(pair.left, truth, band, pair.labels) if region.role != "whole"]
    random = np.random.default_rng(4)
    edges = np.argwhere(next(region.mask for region in regions if region.name == "thin structures"))
    pixels = [*random.choice(edges, 4), (0, 0), (1199, 1919), (random.integers(1200), random.integers(1920))]
    for y, x in pixels:
        expected = tuple(region.name for region in regions if region.mask[y, x])
        assert probe(comparison, int(x), int(y)).regions == expected


def test_missing_answers_of_the_street_have_a_reason(comparison: Comparison) -> None:
    holes = np.argwhere(~comparison.matched.disparity.valid)
    found = [probe(comparison, int(x), int(y)) for y, x in np.random.default_rng(1).choice(holes, 12)]
    checks = [one.missing.check for one in found if one.missing]
    assert len(checks) == len(found)
    assert all(checks)
    assert {one.missing for one in found if one.x < STREET.num_disparities} <= {UNSEARCHED}
    assert np.isnan([one.stereo.disparity_px for one in found]).all()


def test_a_pixel_beside_the_picture(comparison: Comparison) -> None:
    with pytest.raises(ValueError, match=r"within 0\.\.1919, 0\.\.1199, not 1920, 0"):
        probe(comparison, 1920, 0)
