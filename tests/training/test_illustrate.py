"""The picture in docs/training.md has its panels, and each perturbation changes its image."""

from __future__ import annotations

import numpy as np
import pytest

from depth_demo.geometry import RgbImage
from depth_demo.training.illustrate import CAPTION, GAP, HEADING, HEIGHT, WIDTH, draw

LINE = HEIGHT + CAPTION
TOPS = (HEADING, HEADING + LINE, 2 * HEADING + 2 * LINE, 3 * HEADING + 3 * LINE)  # headings stand above lines 1, 3 and 4


def difference(first: RgbImage, second: RgbImage) -> float:
    return float(np.abs(first.astype(np.float32) - second).mean())


@pytest.fixture(scope="module")
def panels() -> list[list[RgbImage]]:
    """The pictures of the four lines, four in a line, without captions."""
    picture = draw()
    assert picture.shape == (3 * HEADING + 4 * LINE, 4 * (WIDTH + GAP) + GAP, 3)
    columns = [GAP + index * (WIDTH + GAP) for index in range(4)]
    return [[picture[top : top + HEIGHT, left : left + WIDTH] for left in columns] for top in TOPS]


def test_each_perturbation_changes_its_image(panels: list[list[RgbImage]]) -> None:
    for image, *perturbed in panels[:2]:
        assert image.std() > 50
        assert all(difference(other, image) > 3 for other in perturbed)


def test_cutmix_shows_the_donor_inside_the_mask_and_the_image_outside(panels: list[list[RgbImage]]) -> None:
    image, donor, mask, mixed = panels[2]
    assert np.array_equal(image, panels[0][0])
    assert np.array_equal(donor, panels[1][0])
    assert set(np.unique(mask)) == {0, 255}
    assert np.array_equal(mixed, np.where(mask == 255, donor, image))


def test_the_losses_are_drawn_each_in_its_own_way(panels: list[list[RgbImage]]) -> None:
    truth, weights, blurred, steps = panels[3]
    assert 0 < difference(blurred, truth) < 10 < difference(weights, truth)
    assert np.median(steps) < np.median(truth) / 2  # away from the outlines the residual has no steps
