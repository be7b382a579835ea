"""`depth-demo calibrate`: photos of boards in, a calibration that `depth-demo rectify` reads out."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from depth_demo.__main__ import main
from depth_demo.formats.cameras.rigs import StereoRig, read_rig
from depth_demo.geometry import RgbImage
from depth_demo.stereo.boards.board import Board
from tests.support.made_boards import SMALL_LEFT, SMALL_RIGHT, MadeBoard, board_poses, charuco, chessboard, photo

SQUARE, MARKER = 0.02, 0.015
CHESS = Board(7, 4, SQUARE)
CHARUCO = Board(8, 5, SQUARE, MARKER, "5X5_1000")


def save(folder: Path, name: str, view: RgbImage) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(view).save(folder / name)


def photograph(board: MadeBoard, what: Board, count: int) -> list[tuple[RgbImage, RgbImage]]:
    return [(photo(board, at, SMALL_LEFT), photo(board, at, SMALL_RIGHT)) for at in board_poses(what, count, 0.28, 0.36, 0.2)]


@pytest.fixture(scope="module")
def chess_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen pairs, one of which has no board on the right, one of another size, and a photo without its other side."""
    folder = tmp_path_factory.mktemp("board photos")
    for number, (left, right) in enumerate(photograph(chessboard(7, 4, SQUARE), CHESS, 16)):
        if number == 3:
            right = np.full_like(right, 120)  # noqa: PLW2901
        if number == 5:
            left, right = left[::2, ::2].copy(), right[::2, ::2].copy()  # noqa: PLW2901
        save(folder, f"left{number:02}.png", left)
        save(folder, f"right{number:02}.png", right)
    save(folder, "left99.png", np.full((20, 30, 3), 120, np.uint8))
    return folder


def check(rig: StereoRig, k_px: float, turn: float, shift_m: float) -> None:
    for lens, camera in ((rig.left, SMALL_LEFT), (rig.right, SMALL_RIGHT)):
        np.testing.assert_allclose(lens.k, camera.k, atol=k_px)
        np.testing.assert_allclose(lens.distortion[:2], camera.distortion[:2], atol=0.015)
    assert SMALL_RIGHT.turn is not None
    assert SMALL_RIGHT.shift is not None
    np.testing.assert_allclose(rig.rotation, SMALL_RIGHT.turn, atol=turn)
    np.testing.assert_allclose(rig.translation_m, SMALL_RIGHT.shift, atol=shift_m)


def test_a_folder_of_chessboards(chess_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The board is recognised; both files say the same, OpenCV reads one, and the rig is the one that took the photos."""
    assert main(["calibrate", str(chess_folder), "--square", "20", "--unit", "mm", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert "Calibrated from 14 pairs of photos of a chessboard of 7x4 inner corners with squares of 20 mm." in said.out
    assert "The corners were found by findChessboardCornersSB in " in said.out
    assert "(the right photo does not show the board)" in said.out
    assert "(its left photo has 240x180 pixels, and most have 480x360)" in said.out
    assert "left99.png (there is no photo of the other camera)" in said.out
    assert "28 corners on the left" in said.err
    rigs = [read_rig(tmp_path / f"board_photos0_stereo.{kind}") for kind in ("yaml", "json")]
    for rig in rigs:
        check(rig, 1.0, 1e-3, 3e-4)
        assert rig.size == SMALL_LEFT.shape
    np.testing.assert_array_equal(rigs[0].left.k, rigs[1].left.k)
    np.testing.assert_array_equal(rigs[0].translation_m, rigs[1].translation_m)
    storage = cv2.FileStorage(str(tmp_path / "board_photos0_stereo.yaml"), cv2.FILE_STORAGE_READ)
    np.testing.assert_array_equal(storage.getNode("K1").mat(), rigs[0].left.k)
    assert storage.getNode("unit").string() == "m"
    fields = json.loads((tmp_path / "board_photos0_stereo.json").read_text("utf-8"))
    assert 0 < fields["rms_stereo_px"] < 0.3
    picture = np.asarray(Image.open(tmp_path / "board_photos0_coverage.png"))
    assert picture.shape == (300, 816, 3)
    assert 0.01 < np.mean((picture != picture[..., :1]).any(axis=-1)) < 0.2  # blue dots on a grey grid


def test_the_calibration_rectifies(chess_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pair of the photos themselves comes out with rows that agree, in metres."""
    assert (
        main(["calibrate", str(chess_folder), "--board", "7x4", "--square", "2", "--unit", "cm", "--out", str(tmp_path)]) == 0
    )
    views = [str(chess_folder / f"{side}04.png") for side in ("left", "right")]
    rig = str(tmp_path / "board_photos0_stereo.yaml")
    capsys.readouterr()
    assert main(["rectify", *views, "--calibration", rig, "--out", str(tmp_path / "out")]) == 0
    assert "baseline 0.06" in capsys.readouterr().out
    pictures = [
        np.asarray(Image.open(tmp_path / "out" / f"left04_rectified_{side}.png"))[..., 0] for side in ("left", "right")
    ]
    found = [cv2.findChessboardCornersSB(picture, (7, 4), flags=cv2.CALIB_CB_ACCURACY)[1] for picture in pictures]
    rows = [np.sort(corners.reshape(-1, 2)[:, 1]) for corners in found]
    assert np.abs(rows[0] - rows[1]).max() < 0.5


def test_half_covered_charuco_boards(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In folders of their own; a hand hides the left half of the board in two photos. The markers are recognised."""
    views = photograph(charuco(8, 5, SQUARE, MARKER, cv2.aruco.DICT_5X5_1000), CHARUCO, 16)
    for number, pair in enumerate(views):
        for side, view in zip(("left", "right"), pair, strict=True):
            if number in {0, 4}:
                view[:, : view.shape[1] * 2 // 5] = 100
            save(tmp_path / "photos" / side, f"{number}.png", view)
    out = tmp_path / "out"
    board = ["--board", "8x5", "--square", "20", "--marker", "15"]
    assert main(["calibrate", str(tmp_path / "photos"), *board, "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "a ChArUco board of 8x5 squares of 20 mm with 5X5_1000 markers" in said
    check(read_rig(out / "photos_stereo.json"), 1.5, 3e-3, 6e-4)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--square", "20", "--board", "9"], "The size of a board is written as 9x6"),
        (["--square", "0"], "The side of a square must be a number larger than 0, not 0"),
        (["--square", "20", "--marker", "15"], "A ChArUco board needs its number of squares, such as --board 8x6"),
        (["--square", "20", "--board", "8x6", "--marker", "30"], "A marker must be smaller than its square"),
        (["--square", "20", "--markers", "4X4_1000"], "A ChArUco board needs the side of its markers, such as --marker 18"),
        (["--square", "20"], "No photo shows a chessboard that is recognised: give its number of inner corners"),
        (["--square", "20", "--board", "9x6"], "Only 0 of 1 pairs show a chessboard of 9x6 inner corners"),
        (["--square", "20", "--board", "9x6", "--marker", "15"], "No photo shows markers that are known here"),
    ],
)
def test_a_refusal_is_one_sentence(
    options: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for side in ("l", "r"):
        save(tmp_path / "in", f"{side}_1.png", np.full((60, 80, 3), 99, np.uint8))
    assert main(["calibrate", str(tmp_path / "in"), *options, "--out", str(tmp_path / "out")]) == 1
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
