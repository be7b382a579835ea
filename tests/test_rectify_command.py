"""`depth-demo rectify`: the files that it writes can be matched and read again, and what it prints is what it found."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from depth_demo.__main__ import main
from depth_demo.formats.cameras import read_camera
from tests.support.made_views import BASELINE, FOCAL, LEFT, LEFT_DEPTH, SHAPE, right_viewer, see, true_disparity
from tests.support.rig_files import json_text, opencv_yaml, ros, vins


@pytest.fixture
def photos(tmp_path: Path) -> list[str]:
    paths = [tmp_path / "left.png", tmp_path / "right.png"]
    for path, view in zip(paths, (LEFT, see(right_viewer(2, 0.5, 1))[0]), strict=True):
        Image.fromarray(view).save(path)
    return [str(path) for path in paths]


def test_two_photos_and_a_focal_length(photos: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "folder"
    assert main(["rectify", *photos, "--focal", str(FOCAL), "--out", str(out)]) == 0
    stems = ("left.png", "right.png", "left_mask.png", "right_mask.png", "camera.json", "camera.yaml")
    assert {path.name for path in out.iterdir()} == {f"left_rectified_{stem}" for stem in stems}
    said = capsys.readouterr().out
    assert "The right view alone was turned, by -2.00 degrees of roll, -0.50 of pitch" in said
    assert "Before, the rows differ by" in said
    assert "Free constant: without a calibration" in said
    assert all(f"left_rectified_{stem}" in said for stem in stems)
    np.testing.assert_array_equal(np.asarray(Image.open(out / "left_rectified_left.png")), LEFT)
    mask = np.asarray(Image.open(out / "left_rectified_right_mask.png"))
    assert set(np.unique(mask)) == {0, 255}
    camera = json.loads((out / "left_rectified_camera.json").read_text("utf-8"))
    assert camera["baseline_m"] is None
    assert camera["doffs_px"] is None
    storage = cv2.FileStorage(str(out / "left_rectified_camera.yaml"), cv2.FILE_STORAGE_READ)
    np.testing.assert_allclose(storage.getNode("H2").mat(), camera["homography_right"])
    assert storage.getNode("P2").empty()


@pytest.mark.parametrize("form", ["json", "yaml", "ros", "vins"])
def test_two_photos_and_a_calibration(
    form: str, photos: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The camera that is written holds metres, and both of its files say the same."""
    texts = {"json": [json_text()], "yaml": [opencv_yaml(100)], "ros": list(ros()), "vins": [*vins()[2:], *vins()[:2]]}[form]
    files = [tmp_path / f"{number}.{form}" for number in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text)
    unit = ["--unit", "cm"] if form == "yaml" else []
    out = tmp_path / "out"
    assert main(["rectify", *photos, "--calibration", *map(str, files), *unit, "--out", str(out)]) == 0
    assert "Expected error of depth with f = " in capsys.readouterr().out
    first, second = (read_camera(out / f"left_rectified_camera.{kind}", SHAPE, "m").calibration for kind in ("json", "yaml"))
    assert first.baseline_m == pytest.approx(0.3004, abs=1e-4)
    assert first.focal_length_px == pytest.approx(second.focal_length_px, abs=1e-3)
    assert first.baseline_m == pytest.approx(second.baseline_m, abs=1e-6)
    assert first.doffs_px == pytest.approx(second.doffs_px, abs=1e-6)


def test_a_known_distance_gives_metres(photos: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The board stands 2.6 m away; nothing else is told but the baseline."""
    known = ["--baseline", str(BASELINE), "--known", "400", "200", str(float(LEFT_DEPTH[200, 400]))]
    assert main(["rectify", *photos, "--focal", str(FOCAL), *known, "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "px are added to every disparity, fitted to the distance of 2.6 m at column 400, row 200." in said
    assert "Expected error of depth" in said
    assert "Free constant" not in said
    camera = json.loads((tmp_path / "left_rectified_camera.json").read_text("utf-8"))
    assert camera["baseline_m"] == BASELINE
    assert abs(camera["doffs_px"]) < 1


def test_far_points_give_the_constant(photos: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The wall stands for infinity here: the constant takes its disparity away."""
    disparity = FOCAL * BASELINE / LEFT_DEPTH[100, 180]
    assert main(["rectify", *photos, "--focal", str(FOCAL), "--far", "180", "100", "--out", str(tmp_path)]) == 0
    assert "fitted to a point at infinity" in capsys.readouterr().out
    camera = json.loads((tmp_path / "left_rectified_camera.json").read_text("utf-8"))
    assert camera["doffs_px"] == pytest.approx(-disparity, abs=1)


@pytest.mark.parametrize(("kind", "more"), [("disparity", []), ("depth", ["--baseline", str(BASELINE)])])
def test_a_truth_gives_the_constant(
    kind: str, more: list[str], photos: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ten columns of the room have no truth; the left photo stays, so no truth is written."""
    values = true_disparity() if kind == "disparity" else LEFT_DEPTH.copy()
    values[:, 100:110] = np.nan
    file = tmp_path / f"{kind}.npy"
    np.save(file, values)
    out = tmp_path / "out"
    assert main(["rectify", *photos, "--focal", str(FOCAL), "--truth", str(file), *more, "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "px are added to every disparity, fitted to the truth of " in said
    assert "Truth: the left photo is untouched, so its truth stays as it is." in said
    camera = json.loads((out / "left_rectified_camera.json").read_text("utf-8"))
    assert abs(camera["doffs_px"]) < 1
    assert not list(out.glob("*truth*"))


def test_a_truth_is_written_where_the_left_photo_was_turned(
    photos: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, rig, out = tmp_path / "depth.npy", tmp_path / "rig.json", tmp_path / "out"
    np.save(file, LEFT_DEPTH)
    rig.write_text(json_text())
    assert main(["rectify", *photos, "--calibration", str(rig), "--truth", str(file), "--out", str(out)]) == 0
    assert "Truth: the left photo was turned, and its truth with it." in capsys.readouterr().out
    written = np.load(out / "left_rectified_left_truth_depth_m.npy")
    shown = np.asarray(Image.open(out / "left_rectified_left_mask.png")) > 0
    np.testing.assert_array_equal(~np.isnan(written), shown)


def test_the_focal_length_is_taken_from_the_photo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA405] = 30  # FocalLengthIn35mmFilm
    left, right = tmp_path / "left.jpg", tmp_path / "right.png"
    Image.fromarray(LEFT).save(left, exif=exif, quality=95)
    Image.fromarray(see(right_viewer(1))[0]).save(right)
    assert main(["rectify", str(left), str(right), "--out", str(tmp_path)]) == 0
    assert "The focal length of 555 px is from the left photo's EXIF data." in capsys.readouterr().out  # 30 * 800 / 43.3


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--focal", "-1"], "Focal length must be a number larger than 0, not -1"),
        (["--calibration", "missing.yaml"], "'missing.yaml' is not there"),
        (["--calibration", "a", "b", "c", "d"], "one file, one for each camera, or VINS-Fusion's three; 4 were given"),
        (["--known", "9", "9", "2"], "A known distance gives the constant only with the --baseline"),
        (["--baseline", "-2"], "The baseline must be a number of metres larger than 0, not -2"),
        (["--truth", "missing.npy"], "'missing.npy' is not there"),
        (["--far", "900", "9"], "Column 900, row 9 is outside the picture of 640x480 pixels"),
        (["--calibration", __file__], "holds no two cameras with K, D, R and T"),
        (["--calibration", __file__, "--alpha", "7"], "Alpha must be between 0 and 1, or -1 for OpenCV's own choice, not 7"),
    ],
)
def test_a_refusal_is_one_sentence(
    options: list[str], sentence: str, photos: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rectify", *photos, *options, "--out", str(tmp_path / "x")]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert sentence in said.err
    assert not (tmp_path / "x").exists()
