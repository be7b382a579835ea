"""Cameras are fitted to corners that are exact by construction; what disagrees is named and left out."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from depth_demo.stereo.boards.board import Board, board_size, dictionary_of
from depth_demo.stereo.boards.calibration import BoardPhotos, calibrate
from depth_demo.stereo.boards.coverage import Coverage
from depth_demo.stereo.boards.finding import SeenBoard
from tests.support.made_boards import LEFT, RIGHT, MadeCamera, Pose, board_poses, pose

BOARD = Board(9, 6, 0.025)
POSES = board_poses(BOARD, 16)
NOISE_PX = 0.05
assert RIGHT.turn is not None
assert RIGHT.shift is not None
TURN, SHIFT = RIGHT.turn, RIGHT.shift


def seen(at: Pose, camera: MadeCamera, noise: float = NOISE_PX, board: Board = BOARD) -> SeenBoard:
    """The corners as the camera projects them, give or take a little."""
    turn, shift = camera.of_world(at)
    points, _ = cv2.projectPoints(board.corners.astype(np.float64), cv2.Rodrigues(turn)[0], shift, camera.k, camera.lens)
    random = np.random.default_rng(int(1e6 * abs(at[1][0])))
    exact = points.reshape(-1, 2)
    noisy = exact + random.normal(0, noise, exact.shape)
    return SeenBoard(np.arange(len(noisy)), noisy.astype(np.float32), "made")


def photos(poses: list[Pose] = POSES, left: MadeCamera = LEFT, right: MadeCamera = RIGHT) -> list[BoardPhotos]:
    return [
        BoardPhotos(f"{number:02}", seen(at, left), seen(at, right), left.shape, right.shape)
        for number, at in enumerate(poses)
    ]  # fmt: skip


def test_both_cameras_and_their_pose_are_found() -> None:
    found = calibrate(photos(), BOARD)
    for lens, camera in ((found.rig.left, LEFT), (found.rig.right, RIGHT)):
        np.testing.assert_allclose(lens.k, camera.k, atol=0.7)
        np.testing.assert_allclose(lens.distortion[:4], camera.distortion[:4], atol=0.01)
    np.testing.assert_allclose(found.rig.rotation, TURN, atol=1e-3)
    np.testing.assert_allclose(found.rig.translation_m, SHIFT, atol=1e-4)
    assert found.rig.size == LEFT.shape
    assert found.rig.right_size is None
    assert (
        found.rig.description
        == "Calibrated from 16 pairs of photos of a chessboard of 9x6 inner corners with squares of 25 mm."
    )
    for rms in (found.left.rms_px, found.right.rms_px, found.pair.rms_px):
        assert rms == pytest.approx(NOISE_PX * 2**0.5, rel=0.1)  # of the distance, in both directions
    assert found.left_out == ()
    assert found.warnings == ()


def test_cameras_of_different_size() -> None:
    """The right camera has half of the left one's pixels."""
    k = RIGHT.k.copy()
    k[:2] /= 2
    small = replace(RIGHT, k=k, shape=(RIGHT.shape[0] // 2, RIGHT.shape[1] // 2))
    found = calibrate(photos(right=small), BOARD)
    np.testing.assert_allclose(found.rig.right.k, small.k, atol=0.7)
    np.testing.assert_allclose(found.rig.translation_m, SHIFT, atol=2e-4)
    assert (found.rig.size, found.rig.right_size) == (LEFT.shape, small.shape)


def test_a_chessboard_that_is_read_from_its_other_end_is_turned() -> None:
    given = photos()
    given[3] = replace(given[3], right=given[3].right.flipped if given[3].right else None)
    found = calibrate(given, BOARD)
    assert found.left_out == ()
    assert found.pair.rms_px < 0.1


def test_photos_that_disagree_are_named_and_left_out() -> None:
    """One blurred corner run, one pair that was not taken at one time, one without a board, one of another size."""
    given = photos()
    bent = given[2].left
    assert bent is not None
    points = bent.points.copy()
    points[20:30] += 6
    given[2] = replace(given[2], left=replace(bent, points=points))
    given[5] = replace(given[5], right=given[6].right)
    given[7] = replace(given[7], right=None)
    given[8] = replace(given[8], left=None, right=None)
    given[9] = replace(given[9], left_size=(100, 100))
    found = calibrate(given, BOARD)
    reasons = dict(found.left_out)
    assert list(reasons) == ["02", "05", "07", "08", "09"]
    assert reasons["02"].startswith("its left photo is ")
    assert reasons["05"].startswith("its photos do not show one pose of the board: they are ")
    assert reasons["07"] == "the right photo does not show the board"
    assert reasons["08"] == "neither photo shows the board"
    assert reasons["09"] == "its left photo has 100x100 pixels, and most have 640x480"
    np.testing.assert_allclose(found.rig.translation_m, SHIFT, atol=2e-4)
    assert found.warnings == ("11 pairs are few: 12 or more make the result surer.",)


def test_boards_that_are_all_tilted_alike_are_refused() -> None:
    flat = [pose(BOARD, 7 * number, 0, 0, 0.03 * (number % 3 - 1), 0.02 * (number % 2), 0.5) for number in range(8)]
    with pytest.raises(ValueError, match="The boards in the photos of the left camera are all tilted alike"):
        calibrate(photos(flat), BOARD)
    leaning = [pose(BOARD, 0, 20, 0, 0.03 * (number % 3 - 1), 0.02 * (number % 2), 0.5) for number in range(8)]
    with pytest.raises(ValueError, match="tilt the board by 20 to 40 degrees to all sides"):
        calibrate(photos(leaning), BOARD)


def test_too_few_pairs_are_refused() -> None:
    with pytest.raises(
        ValueError,
        match=r"Only 5 of 5 pairs show a chessboard of 9x6 inner corners with squares of 25 mm in both photos, and 6 are "
        r"needed\. Take more, with the board tilted",
    ):
        calibrate(photos(POSES[:5]), BOARD)
    with pytest.raises(ValueError, match="There are no photos of a board"):
        calibrate([], BOARD)


def test_pairs_that_were_never_taken_at_one_time_are_refused() -> None:
    mixed = [replace(one, right=other.right) for one, other in zip(photos(), photos()[::-1], strict=True)]
    with pytest.raises(ValueError, match="Check that the names pair photos that were taken at one time"):
        calibrate(mixed, BOARD)


def test_left_and_right_exchanged_are_refused() -> None:
    exchanged = [replace(photo, left=photo.right, right=photo.left) for photo in photos()]
    with pytest.raises(ValueError, match="named left were taken by the right camera: exchange the names"):
        calibrate(exchanged, BOARD)


def test_a_board_that_stays_in_the_middle_is_a_warning() -> None:
    middle = [
        pose(BOARD, 0, pitch, yaw, 0.01 * number / 16, 0, 0.75)
        for number, (pitch, yaw) in enumerate([(30, 0), (-30, 0), (0, 30), (0, -30)] * 4)
    ]
    said = " ".join(calibrate(photos(middle), BOARD).warnings)
    assert "The board never reached the four corners of the left view" in said
    assert "extrapolated" in said


def test_corners_that_are_far_off_are_a_warning() -> None:
    rough = [
        BoardPhotos(f"{number:02}", seen(at, LEFT, 1.5), seen(at, RIGHT, 1.5), LEFT.shape, RIGHT.shape)
        for number, at in enumerate(POSES)
    ]
    said = " ".join(calibrate(rough, BOARD).warnings)
    assert "of the left photos are 2.0 px off: is the board flat, and are the photos sharp?" in said


def places(*points: tuple[float, float]) -> NDArray[np.float32]:
    return np.array(points, np.float32)


def test_coverage_counts_fields_and_names_missed_corners() -> None:
    coverage = Coverage(places((1, 1), (2, 2), (79, 59), (79, 1)), (60, 80))
    assert coverage.share == 3 / 48
    assert coverage.missed == ("lower left",)
    whole = np.stack(np.meshgrid(np.arange(80), np.arange(60)), axis=-1).reshape(-1, 2).astype(np.float32)
    assert Coverage(whole, (60, 80)).share == 1
    assert Coverage(whole, (60, 80)).missed == ()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Board(2, 6, 0.1), "A board has 3 to 100 columns and rows, not 2x6"),
        (lambda: Board(9, 6, 0), "The side of a square must be a number larger than 0, not 0"),
        (lambda: Board(9, 6, 0.1, 0.2), "A marker must be smaller than its square of 0.1 m, not 0.2 m"),
        (lambda: board_size("9"), "The size of a board is written as 9x6, not '9'"),
        (lambda: dictionary_of("9X9"), "Markers are one of 4X4_1000, .*, not '9X9'"),
    ],
)
def test_what_is_no_board(make: object, sentence: str) -> None:
    assert callable(make)
    with pytest.raises(ValueError, match=sentence):
        make()


@pytest.mark.parametrize("text", ["9x6", " 9 X 6 ", "9,6"])
def test_a_size_in_words(text: str) -> None:
    assert board_size(text) == (9, 6)
