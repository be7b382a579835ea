"""Photos that cannot be rectified are refused in one sentence or two, which say why."""

from __future__ import annotations

import numpy as np
import pytest

from depth_demo.formats.cameras.rigs import parse_rig
from depth_demo.stereo.rectification.turns import camera_matrix
from depth_demo.stereo.rectify import rectify
from tests.support.made_views import BASELINE, CENTRE, FOCAL, LEFT, Viewer, right_viewer, see, turned
from tests.support.rig_files import json_text


@pytest.mark.parametrize("focal_length_px", [FOCAL, None])
def test_a_camera_that_only_turned_has_no_parallax(focal_length_px: float | None) -> None:
    with pytest.raises(ValueError, match="A turn of the camera alone explains both photos, so there is no depth to find"):
        rectify(LEFT, see(Viewer(turn=turned(1, 1, 3)))[0], focal_length_px=focal_length_px)


@pytest.mark.parametrize("place", [(0.0, 0.0, 0.4), (0.05, 0.02, 0.4), (0.0, 0.0, -0.5)])
def test_a_camera_that_moved_forwards_or_backwards(place: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="The camera moved forwards or backwards between the photos, not sideways"):
        rectify(LEFT, see(Viewer(place, turned(0.5, 0.2, 0.3)))[0], focal_length_px=FOCAL)


@pytest.mark.parametrize(("how", "columns"), [("mirrored", slice(None, None, -1)), ("upside down", slice(None, None, -1))])
def test_a_right_view_that_is_the_wrong_way_round(how: str, columns: slice) -> None:
    right = see(right_viewer())[0][:: -1 if how == "upside down" else 1, columns]
    with pytest.raises(ValueError, match=f"The right view is {how}: turn it the same way as the left one"):
        rectify(LEFT, np.ascontiguousarray(right), focal_length_px=FOCAL)


@pytest.mark.parametrize("focal", [1e-300, 1e-9, 1.0, 1e6, 1e12])
def test_a_focal_length_of_no_lens(focal: float) -> None:
    with pytest.raises(ValueError, match=r"is that of no lens before 640x480 pixels: it is between 32 and 1.28e\+05 px"):
        rectify(LEFT, see(right_viewer(1))[0], focal_length_px=focal)


@pytest.mark.parametrize("quarters", [1, 3])
def test_a_right_view_on_its_side(quarters: int) -> None:
    with pytest.raises(ValueError, match="The right view is on its side: turn it the same way as the left one"):
        rectify(LEFT, np.ascontiguousarray(np.rot90(see(right_viewer())[0], quarters)), focal_length_px=FOCAL)


def test_a_camera_that_stood_aslant_of_the_first_is_told_where_to_stand() -> None:
    with pytest.raises(ValueError, match="beside the first or straight above it, not before, behind or aslant"):
        rectify(LEFT, see(Viewer((0.25, 0.25, 0), turned(0.5)))[0], focal_length_px=FOCAL)


@pytest.mark.parametrize("shape", [(1, 1), (1, 640), (480, 1), (2, 3), (7, 7), (3, 3000)])
def test_views_of_hardly_a_pixel(shape: tuple[int, int]) -> None:
    views = [np.random.default_rng(seed).integers(0, 255, (*shape, 3), np.uint8) for seed in range(2)]
    with pytest.raises(ValueError, match="Only 0 points of the left view were found in the right one"):
        rectify(views[0], views[1])


def test_too_few_matches() -> None:
    with pytest.raises(ValueError, match=r"Only 0 points of the left view were found in the right one, and 30 are needed"):
        rectify(LEFT, np.full_like(LEFT, 99), focal_length_px=FOCAL)


def test_a_few_matches_are_too_few() -> None:
    """All but a patch of both views is grey."""
    right = see(right_viewer(1))[0]
    for size in (40, 60, 80):
        views = [np.full_like(LEFT, 99) for _ in range(2)]
        for view, whole in zip(views, (LEFT, right), strict=True):
            view[200 : 200 + size, 250:400] = whole[200 : 200 + size, 250:400]
        with pytest.raises(
            ValueError, match=r"Only \d+ points of the left view were found in the right one, and 30 are needed"
        ):
            rectify(views[0], views[1], focal_length_px=FOCAL)


def test_a_calibration_for_pictures_of_another_shape() -> None:
    right = see(right_viewer(1))[0]
    with pytest.raises(
        ValueError, match=r"holds for pictures of 640x480 pixels, but these have 640x400, which is another shape"
    ):
        rectify(LEFT[:400], right[:400], parse_rig(json_text()))


def test_one_picture_twice() -> None:
    with pytest.raises(ValueError, match="Both views are the same picture"):
        rectify(LEFT, LEFT)


def test_a_view_that_lies_on_its_side() -> None:
    with pytest.raises(ValueError, match="one view would come out mirrored, upside down or on its side"):
        rectify(LEFT, see(right_viewer(30))[0], focal_length_px=FOCAL)


def test_a_right_view_that_shows_too_little_of_the_left_one() -> None:
    aside = Viewer((BASELINE, 0, 0), turned(pitch=10, yaw=20), k=camera_matrix(1.65 * FOCAL, CENTRE))
    with pytest.raises(
        ValueError, match=r"After this turn, only \d+% of a view would be left, and at least a third is needed"
    ):
        rectify(LEFT, see(aside)[0], focal_length_px=FOCAL)


@pytest.mark.parametrize("focal", [-3.0, float("nan"), float("inf")])
def test_a_focal_length_that_is_none(focal: float) -> None:
    with pytest.raises(ValueError, match="Focal length must be a number larger than 0"):
        rectify(LEFT, see(right_viewer(1))[0], focal_length_px=focal)
