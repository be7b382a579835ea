"""Every mode has the scores that `evaluate` gives the aligned map; an inverted fit has none."""

from __future__ import annotations

import numpy as np
import pytest

from depth_demo.evaluation.alignment import ALIGNMENT_MODES, apply_alignment
from depth_demo.evaluation.alignment_scores import AffineSsim, score_alignments
from depth_demo.evaluation.metrics import evaluate
from depth_demo.geometry import Calibration, DepthKind, DepthMap
from tests.conftest import disparity_map

CAMERA = Calibration(500, 0.1, 2)


def waves(random: np.random.Generator) -> tuple[DepthMap, DepthMap, np.ndarray]:
    """A bent monocular map, a truth with holes, and a mask."""
    y, x = np.mgrid[:60, :80]
    truth = 20 + 10 * np.sin(x / 9) + 5 * np.cos(y / 7) + 0.1 * x
    monocular = (truth / 40) ** 1.3 + random.normal(0, 0.02, truth.shape)
    truth[5:9, 20:30] = np.nan
    mask = ~np.isnan(truth) & (x > 11)
    return DepthMap(monocular, DepthKind.RELATIVE_INVERSE_DEPTH), disparity_map(truth), mask


def test_all_modes_against_evaluate(random: np.random.Generator) -> None:
    """Its SSIM is scikit-image's."""
    monocular, truth, mask = waves(random)
    rows = score_alignments(monocular, truth, mask, truth, mask, CAMERA)
    assert tuple(row.mode for row in rows) == ALIGNMENT_MODES
    for row in rows:
        expected = evaluate(apply_alignment(monocular, row.fit), truth, "fair", calibration=CAMERA, mask=mask)
        assert row.ssim == pytest.approx(expected.ssim, abs=1e-6)
        assert (row.errors, row.errors_all, row.depth) == (expected.errors, expected.errors_all, expected.depth)
    protocol = evaluate(monocular, truth, "fair", calibration=CAMERA, mask=mask)
    assert rows[-1].fit == protocol.alignment
    assert rows[-1].errors == protocol.errors


def test_metres_without_a_calibration_are_not_read_as_pixels(random: np.random.Generator) -> None:
    """The other ways need no camera."""
    inverse, truth, mask = waves(random)
    metres = DepthMap(np.float32(1) / inverse.values, DepthKind.METRIC_DEPTH)
    assert tuple(row.mode for row in score_alignments(metres, truth, mask, truth, mask)) == ALIGNMENT_MODES[1:]
    assert tuple(row.mode for row in score_alignments(metres, truth, mask, truth, mask, CAMERA)) == ALIGNMENT_MODES


def test_a_fit_to_something_else_is_scored_against_the_truth(random: np.random.Generator) -> None:
    monocular, truth, mask = waves(random)
    stereo = disparity_map(truth.values + 5)
    half = mask & (np.arange(80) < 40)
    rows = score_alignments(monocular, truth, mask, stereo, half)
    assert rows[-1].fit.pixels == half.sum()
    assert rows[-1].depth is None
    assert rows[-1].errors is not None
    assert rows[-1].errors.epe_px == pytest.approx(5, abs=0.8)


def test_inverted_maps_have_no_scores(random: np.random.Generator) -> None:
    monocular, truth, mask = waves(random)
    upside_down = DepthMap(9 - monocular.values, monocular.kind)
    by_mode = {row.mode: row for row in score_alignments(upside_down, truth, mask, truth, mask)}
    assert by_mode["robust scale + shift"].errors is None
    assert np.isnan(by_mode["robust scale + shift"].ssim)
    assert by_mode["scale"].errors is not None  # a scale alone cannot turn it round


def test_without_windows_there_is_no_ssim() -> None:
    ones = np.ones((20, 20), np.float32)
    truth = np.arange(400, dtype=np.float32).reshape(20, 20)
    sparse = np.zeros((20, 20), bool)
    sparse[3, 4] = True
    assert np.isnan(AffineSsim(ones, truth, sparse).mean(1, 0))
    assert np.isnan(AffineSsim(ones, ones, ones > 0).mean(1, 0))
