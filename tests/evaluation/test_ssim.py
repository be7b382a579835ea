"""SSIM is scikit-image's, number for number, and 1 or less by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import metrics

from depth_demo.evaluation.ssim import SSIM_WINDOW, box_mean, structural_similarity


@pytest.mark.parametrize("shape", [(7, 7), (8, 30), (65, 47)])
@pytest.mark.parametrize("kind", [np.float64, np.float32, np.uint8])
def test_mean_and_map_are_scikit_images(shape: tuple[int, int], kind: type, random: np.random.Generator) -> None:
    reference: NDArray[np.generic] = random.uniform(0, 255, shape).astype(kind)
    image: NDArray[np.generic] = np.clip(reference.astype(float) + random.normal(0, 20, shape), 0, 255).astype(kind)
    score, similarity = structural_similarity(image, reference, 255.0)
    expected, expected_map = metrics.structural_similarity(
        reference.astype(float), image.astype(float), data_range=255.0, win_size=SSIM_WINDOW, full=True
    )
    assert score == pytest.approx(expected, abs=1e-12)
    np.testing.assert_allclose(similarity, expected_map, atol=1e-11)


def test_by_hand() -> None:
    """Two constant pictures: variances are 0, so C2 cancels, and (2 x 3 x 4 + C1) / (9 + 16 + C1) with C1 = 0.01 is left."""
    score, similarity = structural_similarity(np.full((9, 9), 3), np.full((9, 9), 4), 10.0)
    assert score == pytest.approx(24.01 / 25.01)
    np.testing.assert_allclose(similarity, 24.01 / 25.01)


def test_the_window_is_a_mean_of_49_pixels(random: np.random.Generator) -> None:
    values = random.normal(size=(20, 20))
    assert box_mean(values)[10, 8] == pytest.approx(values[7:14, 5:12].mean())
