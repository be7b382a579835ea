"""Confident stereo by hand, corrections that stay on their side of an edge, and fused maps that beat what they are made of."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from depth_demo.comparison.fusion import (
    LEVELS,
    Trial,
    confidence_in_words,
    confident_stereo,
    correction_field,
    fuse,
    hold_trial,
    read_grid,
)
from depth_demo.datasets import Sample
from depth_demo.evaluation.alignment import apply_alignment, fit_scale_shift
from depth_demo.geometry import DepthKind, DepthMap, StereoPair
from depth_demo.stereo.matching import fill_holes, match_views
from depth_demo.stereo.settings import SgbmSettings
from tests.conftest import PAIRS, disparity_map
from tests.support.real_pairs import each_real_sample


def stand_in(truth: DepthMap, seed: int = 0) -> DepthMap:
    """A good monocular map: 3 (d / max)^0.9 (1 + bias) + 0.7, blurred and noisy, from truth made dense.

    The bias drifts over the picture with a standard deviation of 4 %, the blur's is 0.2 % of the width, the noise's 0.3 %
    of the range. Unknown pixels take the nearest known one, up to 8 px away; beyond, the map has no value.
    """
    random = np.random.default_rng(seed)
    height, width = truth.shape
    distance, label = cv2.distanceTransformWithLabels(
        (~truth.valid).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros(label.max() + 1, np.float32)
    table[label[truth.valid]] = truth.values[truth.valid]
    dense = cv2.GaussianBlur(table[label], (0, 0), width / 500)
    bias = cv2.resize(random.normal(size=(4, 5)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    values = (np.maximum(dense, 0) / dense.max()) ** 0.9 * (1 + 0.04 * bias / bias.std())
    values += 0.003 * random.normal(size=truth.shape)
    return DepthMap(np.where(distance <= 8, 3 * values + 0.7, np.nan), DepthKind.RELATIVE_INVERSE_DEPTH)


def epe(predicted: DepthMap, truth: DepthMap) -> float:
    """Over all truth pixels; NaN with a hole."""
    return float(np.abs(predicted.values - truth.values)[truth.valid].mean())


def test_confident_stereo_by_hand() -> None:
    values = np.full((40, 60), 7, np.float32)
    values[10, 20] = np.nan
    difference = np.zeros_like(values)
    difference[30, 40], difference[31, 41], difference[32, 42] = 0.5, 0.51, np.nan
    expected = np.zeros(values.shape, bool)
    expected[2:-2, 2:-2] = True
    expected[8:13, 18:23] = False  # within 2 px of the hole
    expected[31, 41] = expected[32, 42] = False
    np.testing.assert_array_equal(confident_stereo(disparity_map(values), difference), expected)
    expected[31, 41] = expected[32, 42] = True
    np.testing.assert_array_equal(confident_stereo(disparity_map(values), None), expected)


def test_a_check_that_did_not_run_is_not_claimed() -> None:
    assert confidence_in_words().startswith("both directions of matching agree within 0.5 px, no hole is within 2 px")
    assert confidence_in_words(both_directions=False).startswith("no hole is within 2 px, and islands are larger than 200 px")


def test_small_islands_are_not_confident() -> None:
    values = np.full((40, 60), 7, np.float32)
    values[10:24, 10:24] = 9  # 196 px of another disparity
    confident = confident_stereo(disparity_map(values), None)
    assert not confident[10:24, 10:24].any()
    assert confident[2:-2, 24:-2].all()
    values[10:24, 10:25] = 9  # 210 px
    assert confident_stereo(disparity_map(values), None)[2:-2, 2:-2].all()


def test_a_correction_does_not_cross_an_edge() -> None:
    """Near and far lie side by side; what is known of each comes from its upper half only."""
    guide = np.where(np.arange(320) < 160, 10, 50) + np.zeros((200, 1))
    correction = np.where(guide == 10, 2.0, -3.0)
    known = (np.arange(200) < 100)[:, np.newaxis] & np.ones(guide.shape, bool)
    field = correction_field(guide.astype(np.float32), correction.astype(np.float32), known)
    np.testing.assert_allclose(field[:100], correction[:100], atol=0.05)
    # An average over places alone would be -0.5 at the edge.
    np.testing.assert_allclose(field[100:150], correction[100:150], atol=0.5)


@pytest.mark.parametrize("cells", [(5, 8), (1, 3)], ids=str)
def test_a_pixel_reads_the_grid_as_the_sum_over_all_its_levels(random: np.random.Generator, cells: tuple[int, int]) -> None:
    grid = random.normal(size=(LEVELS, *cells)).astype(np.float32)
    level = random.uniform(0, LEVELS - 1, (70, 90)).astype(np.float32)
    level[0, :3] = 0, LEVELS - 1, np.nan
    shares = [np.maximum(1 - np.abs(level - n), 0) for n in range(LEVELS)]
    expected = sum(share * cv2.resize(layer, (90, 70)) for share, layer in zip(shares, grid, strict=True))
    np.testing.assert_allclose(read_grid(grid, level), expected, atol=1e-5)


def bent(pair: StereoPair) -> DepthMap:
    assert pair.ground_truth is not None
    return DepthMap(pair.ground_truth.values**1.5, DepthKind.RELATIVE_INVERSE_DEPTH)


@pytest.fixture(scope="module")
def matched() -> tuple[StereoPair, DepthMap, NDArray[np.float32]]:
    pair = PAIRS[0].load()
    found = match_views(pair, SgbmSettings("SGBM_3WAY", num_disparities=64))
    assert found.left_right_diff is not None
    return pair, found.disparity, found.left_right_diff


def test_stereo_where_it_is_trusted_and_no_holes(matched: tuple[StereoPair, DepthMap, NDArray[np.float32]]) -> None:
    pair, disparity, difference = matched
    truth = pair.ground_truth
    assert truth is not None
    fusion = fuse(bent(pair), disparity, difference)
    assert fusion is not None
    assert fusion.fused.valid.all()
    stereo, monocular = fusion.stereo_share == 1, fusion.stereo_share == 0
    np.testing.assert_array_equal(fusion.fused.values[stereo], disparity.values[stereo])
    np.testing.assert_array_equal(fusion.fused.values[monocular], fusion.anchored.values[monocular])
    assert stereo.mean() > 0.5
    assert monocular[~disparity.valid].all()
    between = (fusion.stereo_share > 0) & (fusion.stereo_share < 1)
    pairs = np.stack([disparity.values, fusion.anchored.values])[:, between]
    assert (fusion.fused.values[between] >= pairs.min(axis=0) - 1e-4).all()
    assert (fusion.fused.values[between] <= pairs.max(axis=0) + 1e-4).all()
    assert epe(fusion.anchored, truth) < 0.5 * epe(apply_alignment(bent(pair), fusion.fit), truth)


def test_a_doubtful_mistake_of_stereo_is_not_taken(matched: tuple[StereoPair, DepthMap, NDArray[np.float32]]) -> None:
    pair, disparity, difference = matched
    values, doubt = disparity.values.copy(), difference.copy()
    values[200:240, 200:240] += 15
    doubt[200:240, 200:240] = 0.9  # the matcher's own check lets it pass
    fusion = fuse(bent(pair), disparity_map(values), doubt)
    assert fusion is not None
    assert pair.ground_truth is not None
    assert not fusion.stereo_share[200:240, 200:240].any()
    assert np.abs(fusion.fused.values - pair.ground_truth.values)[200:240, 200:240].mean() < 1


def test_a_trial_by_hand() -> None:
    """A hole of 40x40 px moves by 37 and 29 %; stereo is a ramp of 0.1 px per column, which the background cuts."""
    stereo = 20 + 0.1 * np.arange(200, dtype=np.float32) + np.zeros((100, 1), np.float32)
    holes = stereo.copy()
    holes[10:50, 20:60] = np.nan
    confident = ~np.isnan(holes)
    trial = hold_trial(stereo, disparity_map(holes), confident)
    assert trial is not None
    assert trial.pixels == 40 * 40  # at rows 47 to 87 and columns 78 to 118
    assert trial.monocular_px == pytest.approx(0, abs=0.01)
    assert trial.background_px == pytest.approx(0.1 * np.arange(1, 41).mean(), rel=1e-4)  # the farther side is the left
    assert trial.passed
    assert hold_trial(stereo, disparity_map(stereo), np.ones(stereo.shape, bool)) is None
    assert [Trial(100, error, 1.0).passed for error in (1.99, 2.0, 2.01)] == [True, True, False]


def test_a_poor_monocular_map_fills_no_holes() -> None:
    """Rows of one disparity each are restored without error along the row, and not by a noisy map."""
    plane = np.linspace(10, 50, 200, dtype=np.float32)[:, np.newaxis] + np.zeros((1, 300), np.float32)
    noise = np.random.default_rng(3).normal(size=plane.shape).astype(np.float32)
    holes = plane.copy()
    holes[20:60, 30:90] = np.nan
    fusion = fuse(DepthMap(plane + 3 * noise, DepthKind.RELATIVE_INVERSE_DEPTH), disparity_map(holes))
    assert fusion is not None
    assert fusion.trial is not None
    assert fusion.trial.background_px == 0
    assert not fusion.trial.passed
    assert fusion.holes_from == "filled from the background"
    np.testing.assert_array_equal(fusion.fused.values, plane)
    np.testing.assert_array_equal(fusion.stereo_share, ~np.isnan(holes))


def test_a_poor_monocular_map_does_not_overrule_confident_stereo(
    matched: tuple[StereoPair, DepthMap, NDArray[np.float32]],
) -> None:
    pair, disparity, difference = matched
    poor = DepthMap(cv2.GaussianBlur(bent(pair).values, (0, 0), 30), DepthKind.RELATIVE_INVERSE_DEPTH)
    fusion = fuse(poor, disparity, difference)
    assert fusion is not None
    assert (fusion.stereo_share[fusion.confident] > 0).all()


def test_where_the_monocular_map_has_no_value_stereo_stands(
    matched: tuple[StereoPair, DepthMap, NDArray[np.float32]],
) -> None:
    pair, disparity, difference = matched
    values = bent(pair).values.copy()
    values[100:120] = np.nan
    fusion = fuse(DepthMap(values, DepthKind.RELATIVE_INVERSE_DEPTH), disparity, difference)
    assert fusion is not None
    np.testing.assert_array_equal(fusion.fused.values[100:120], disparity.values[100:120])


def test_nothing_to_hold_on_to(matched: tuple[StereoPair, DepthMap, NDArray[np.float32]]) -> None:
    pair, disparity, difference = matched
    assert fuse(DepthMap(-bent(pair).values, DepthKind.RELATIVE_INVERSE_DEPTH), disparity, difference) is None
    assert fuse(bent(pair), disparity_map(np.full(disparity.shape, np.nan)), None) is None
    with pytest.raises(ValueError, match="needs disparity"):
        fuse(bent(pair), bent(pair))


@each_real_sample
def test_fused_beats_both_on_a_real_pair(sample: Sample) -> None:
    """EPE over all truth pixels: below stereo's with its holes filled, and the monocular map's even fitted to the truth."""
    pair = sample.load()
    assert pair.ground_truth is not None
    truth = pair.ground_truth
    disparities = int(np.nanmax(truth.values) + 1) // 16 * 16 + 16
    found = match_views(pair, SgbmSettings(num_disparities=disparities))
    filled = epe(fill_holes(found.disparity), truth)
    for seed in (0, 1, 2):
        monocular = stand_in(truth, seed)
        fitted = epe(apply_alignment(monocular, fit_scale_shift(monocular, truth)), truth)
        fusion = fuse(monocular, found.disparity, found.left_right_diff)
        assert fusion is not None
        fused = epe(fusion.fused, truth)
        anchored = epe(fusion.anchored, truth)
        print(f"{sample.name:33} {seed} {filled:.3f} {fitted:.3f} {anchored:.3f} {fused:.3f}")
        assert fused < 0.95 * min(filled, fitted)
