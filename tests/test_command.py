"""The command line: what it writes and prints, how it refuses, and that it works once installed, from any folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from depth_demo.__main__ import main
from depth_demo.examples import list_examples
from tests.conftest import PAIRS
from tests.support.handmade_files import encoded, saved
from tests.support.handmade_pairs import mpo, views
from tests.support.handmade_portraits import PHOTO, gdepth, with_xmp

ROOT = Path(__file__).parents[1]
PAIR = PAIRS[0]
TINY = ["--model", "depth-demo-tiny"]


def test_estimate_writes_a_map_and_a_cloud(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["estimate", str(PAIR.left), *TINY, "--out", str(tmp_path / "new" / "folder")]) == 0
    written = {path.name for path in (tmp_path / "new" / "folder").iterdir()}
    assert written == {
        "left_depth_coloured.png", "left_depth_grey.png", "left_relative_inverse_depth.npy",
        "left_relative_inverse_depth_16bit.png", "left_relative_inverse_depth_16bit.json",
        "left_relative_inverse_depth.pfm", "left_relative_inverse_depth.tif", "left_points.ply", "left_surface.glb",
    }  # fmt: skip
    said = capsys.readouterr().out
    assert "Relative inverse depth, larger is nearer" in said
    assert all(name in said for name in written)


def test_a_bundled_view_is_named_as_on_the_page(tmp_path: Path) -> None:
    view = list_examples()[0].left
    assert main(["estimate", str(view), *TINY, "--resolution", "fast", "--out", str(tmp_path)]) == 0
    assert all(path.name.startswith("466_left_") for path in tmp_path.iterdir())


def test_match_writes_metres_with_a_calibration(tmp_path: Path) -> None:
    camera = tmp_path / "camera.json"
    camera.write_text('{"focal_length_px": 480, "baseline_m": 0.1}')
    views = [str(PAIR.left), str(PAIR.right)]
    assert main(["match", *views, "--calibration", str(camera), "--disparities", "64", "--out", str(tmp_path)]) == 0
    disparity, depth = np.load(tmp_path / "left_disparity_px.npy"), np.load(tmp_path / "left_depth_m.npy")
    np.testing.assert_allclose((disparity * depth)[np.isfinite(depth)], 48, rtol=1e-5)


def test_match_scales_a_calibration_to_the_views_and_asks_for_its_unit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Image.open(PAIR.left) as left:
        width, height = left.size
    camera = tmp_path / "camera.json"
    camera.write_text(json.dumps({"fx": 960, "baseline": 100, "width": 2 * width, "height": 2 * height}))
    match = [
        "match",
        str(PAIR.left),
        str(PAIR.right),
        "--calibration",
        str(camera),
        "--disparities",
        "64",
        "--out",
        str(tmp_path),
    ]
    assert main(match) != 0
    assert "The baseline is 100, which would be 100 m" in capsys.readouterr().err
    assert main([*match, "--unit", "mm"]) == 0
    said = capsys.readouterr().out
    assert "taken in mm, as chosen" in said
    assert f"scaled by 0.5 to {width}x{height} pixels" in said
    disparity, depth = np.load(tmp_path / "left_disparity_px.npy"), np.load(tmp_path / "left_depth_m.npy")
    np.testing.assert_allclose((disparity * depth)[np.isfinite(depth)], 48, rtol=1e-5)


def test_compare_prints_the_scores_that_it_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(path) for path in (PAIR.left, PAIR.right)]
    with Image.open(PAIR.left) as left:
        Image.new("1", left.size, 1).save(tmp_path / "mask.png")
    truth = ["--truth", str(PAIR.disparity), "--mask", str(tmp_path / "mask.png"), "--disparities", "64"]
    assert main(["compare", *files, *truth, *TINY, "--out", str(tmp_path)]) == 0
    fair = json.loads((tmp_path / "left_scores.json").read_text("utf-8"))["scores"]["fair"]
    printed = {cells[0]: cells[1:4] for cells in (line.split("  ") for line in squeezed(capsys.readouterr().out))}
    assert printed["EPE [px]"][1] == f"{fair['stereo']['epe_px']:.2f}"
    assert printed["non-occluded: EPE [px]"] == printed["EPE [px]"]  # the mask counts everything
    assert printed["coverage [%]"][1] == f"{fair['stereo']['coverage_percent']:.1f}"
    assert (tmp_path / "left_report.html").is_file()


def test_compare_scores_a_left_view_against_its_truth_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(PAIR.left), "--truth", str(PAIR.disparity), *TINY, "--out", str(tmp_path)]) == 0
    fair = json.loads((tmp_path / "left_scores.json").read_text("utf-8"))["scores"]["fair"]
    printed = {cells[0]: cells[1:] for cells in (line.split("  ") for line in squeezed(capsys.readouterr().out))}
    assert len(printed["Score"]) == len(printed["EPE [px]"]) == 1
    assert fair["stereo"] is None


def test_one_file_with_both_views_is_matched_and_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "camera.mpo"
    path.write_bytes(mpo([encoded(view, format="JPEG", quality=95) for view in views()]))
    for command, more in (("match", []), ("compare", ["--truth", str(PAIR.disparity), *TINY])):
        assert main([command, str(path), *more, "--disparities", "64", "--out", str(tmp_path)]) == 0
        assert "Both views are from one file. Two frames of a stereo camera" in capsys.readouterr().out
    fair = json.loads((tmp_path / "camera_scores.json").read_text("utf-8"))["scores"]["fair"]
    assert fair["stereo"]["coverage_percent"] > 80
    halves = saved(tmp_path / "halves.png", np.hstack([view[:270, :240] for view in views()]))
    for answer, width in (("yes", 480), ("no", 240)):
        assert main(["match", str(halves), "--squeezed", answer, "--disparities", "64", "--out", str(tmp_path)]) == 0
        assert np.load(tmp_path / "halves_disparity_px.npy").shape == (270, width)


def test_the_phones_own_map_takes_the_place_of_a_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "portrait.jpg"
    path.write_bytes(with_xmp(PHOTO, *gdepth()))
    assert main(["estimate", str(path), "--model", "phone", "--out", str(tmp_path)]) == 0
    assert "No network ran." in capsys.readouterr().out
    np.save(tmp_path / "depth.npy", np.linspace(1, 5, 80 * 104, dtype=np.float32).reshape(80, 104))
    truth = ["--truth", str(tmp_path / "depth.npy")]
    assert main(["compare", str(path), *truth, "--model", "phone", "--out", str(tmp_path)]) == 0
    assert json.loads((tmp_path / "portrait_scores.json").read_text("utf-8"))["model"]["name"] == "phone"


def squeezed(text: str) -> list[str]:
    """Lines in which columns are two blanks apart."""
    return ["  ".join(filter(None, (cell.strip() for cell in line.split("  ")))) for line in text.splitlines()]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["match", "--out", "x"], "Name a left and a right view, one file that holds both, or an --example."),
        (
            ["compare", str(PAIR.left), "--out", "x"],
            "does not hold both views: name a left and a right view, one file that holds both, a left view and its --truth,",
        ),
        (["match", str(PAIR.left), "--out", "x"], "left.png does not hold both views: name a left and a right view"),
        (["compare", str(PAIR.left), "--truth", str(PAIR.disparity), "--model", "phone", "--out", "x"], "holds no depth map"),
        (["match", "a.png", "b.png", "--out", "x"], "Left view: The file 'a.png' is not there"),
        (["estimate", __file__, "--out", "x"], "This file cannot be read here"),
        (["match", str(PAIR.left), str(PAIR.right), "--disparities", "65", "--out", "x"], "must be a multiple of 16, not 65"),
    ],
)
def test_a_refusal_is_one_sentence(arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("depth-demo: ")
    assert sentence in said.err
    assert not Path("x").exists()


def test_installed_it_works_from_any_folder_with_its_examples(tmp_path: Path) -> None:
    """The dependencies are those of the environment that runs the tests; nothing is fetched."""
    source, place = tmp_path / "source", tmp_path / "environment"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "requirements.txt"):
        shutil.copy(ROOT / name, source)
    for name in ("depth_demo", "examples"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("scenes", "__pycache__"))
    pip = [sys.executable, "-m", "pip"]
    offline = ["-q", "--no-deps", "--no-index"]
    run([*pip, "wheel", *offline, "--no-build-isolation", "-w", str(tmp_path), str(source)], tmp_path)
    venv.create(place, with_pip=False)
    programs = place / ("Scripts" if os.name == "nt" else "bin")
    run([*pip, "--python", str(programs / "python"), "install", *offline, str(next(tmp_path.glob("*.whl")))], tmp_path)
    packages = run(
        [str(programs / "python"), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], tmp_path
    ).strip()
    Path(packages, "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    command = [str(programs / "depth-demo"), "compare", "--example", "515", *TINY, "--out", "results"]
    assert "fair: SSIM" in run(command, tmp_path)
    assert "515" in (tmp_path / "results" / "515_left_report.html").read_text("utf-8")
    assert packages in run([str(programs / "python"), "-c", "import depth_demo; print(depth_demo.__file__)"], tmp_path)


def run(command: list[str], folder: Path) -> str:
    """Its output; what it complains of is shown when it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
