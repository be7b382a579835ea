"""The report as it is saved for a bundled scene: its pictures, its numbers, its size, and no path of this machine."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from depth_demo.examples import ROOT, list_examples
from depth_demo.geometry import DepthKind, DepthMap
from depth_demo.monocular.input_size import InputSize
from depth_demo.monocular.models import TINY
from depth_demo.pipeline import compare
from depth_demo.render.files import photo_name
from depth_demo.render.maps import render_photo
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.ui.results import CompareResult
from depth_demo.ui.saving import save_with_report, versions

STREET = list_examples()[0]
NAMES = ("monocular_coloured.png", "stereo_coloured.png", "report.html", "scores.json")


@pytest.fixture(scope="module")
def result() -> CompareResult:
    pair = STREET.load()
    assert pair.ground_truth is not None
    bent = DepthMap(np.nan_to_num(pair.ground_truth.values) ** 1.2, DepthKind.RELATIVE_INVERSE_DEPTH)
    settings = SgbmSettings("SGBM_3WAY", num_disparities=STREET.num_disparities)
    comparison, files = (
        compare(pair, lambda image: bent, settings),
        (str(STREET.left), str(STREET.right), str(STREET.disparity)),
    )
    return CompareResult(
        comparison,
        TINY,
        "CPU",
        "16-bit PNG",
        InputSize(TINY.preprocessing.short_side),
        "ab" * 32,
        files,
        photo_name(STREET.left),
    )


@pytest.fixture(scope="module")
def folder(result: CompareResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    saved = save_with_report(result, "Turbo", folder)
    assert [path.name for path in saved[:4]] == [f"466_left_{name}" for name in NAMES]
    assert all(path.is_file() for path in saved)
    listed = json.loads(saved[3].read_text("utf-8"))["files"]
    assert sorted([*listed, saved[3].name]) == sorted(path.name for path in saved)
    return folder


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return (folder / "466_left_report.html").read_text("utf-8")


def test_it_is_small_and_named_after_the_example(page: str) -> None:
    assert len(page) < 4e6
    assert f"<h1>{STREET.title}</h1>" in page


def test_its_scores_are_those_of_the_file_beside_it(page: str, folder: Path) -> None:
    fair = json.loads((folder / "466_left_scores.json").read_text("utf-8"))["scores"]["fair"]
    table = re.search(r'<table class="scores">.*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    assert table is not None
    rows = {row[0]: row[1:4] for row in (re.findall(r"<t[hd]>(.*?)</t[hd]>", line) for line in table[1].split("</tr>")[:-1])}
    ssim, bad_3 = rows["fair: SSIM"], rows["bad-3 [%]"]
    assert ssim == [f"{fair[method]['ssim']:.4f}" for method in ("monocular", "stereo", "fused")]
    assert bad_3 == [f"{fair[method]['bad_3_percent']:.1f}" for method in ("monocular", "stereo", "fused")]
    assert [f"fair SSIM {value} where both answer." in page for value in ssim[:2]] == [True, True]


def test_its_pictures_are_those_of_the_tab(page: str, result: CompareResult) -> None:
    encoded = re.findall(r'src="data:image/(\w+);base64,([^"]+)"', page)
    pictures = [(form, np.asarray(Image.open(BytesIO(base64.b64decode(data))))) for form, data in encoded]
    maps = result.maps("Turbo")
    assert [form for form, _ in pictures[:7]] == ["jpeg", "jpeg", *["webp"] * 5]
    for shown, (_, picture) in zip(list(maps.values())[1:], pictures[2:7], strict=True):
        np.testing.assert_array_equal(picture, shown)
    right = render_photo(result.comparison.matched.pair.right)
    assert np.abs(pictures[1][1].astype(int) - right).mean() < 3  # grey values that JPEG may cost
    np.testing.assert_array_equal(pictures[-1][1], result.fused("Turbo")["Fused"])
    assert len(pictures) == 8 + len(result.comparison.failures) > 8


def test_no_path_of_this_machine_is_in_it(page: str, folder: Path) -> None:
    for text in (page, (folder / "466_left_scores.json").read_text("utf-8")):
        assert "disparity.png" in text
        assert str(ROOT) not in text
        assert str(folder) not in text


def test_an_upload_is_named_after_its_files(result: CompareResult, tmp_path: Path) -> None:
    monocular, stereo = result.comparison.monocular, result.comparison.stereo
    assert stereo is not None
    bare = dataclasses.replace(monocular, failures=()), dataclasses.replace(stereo, failures=())
    comparison = dataclasses.replace(result.comparison, monocular=bare[0], stereo=bare[1])
    files = ("/srv/secret/a<b>.png", "/srv/secret/b.png", "/srv/secret/t.pfm")
    chosen = InputSize(518, "short side 518 instead of 770 px")
    upload = dataclasses.replace(result, comparison=comparison, chosen=chosen, sha256="", files=files)
    page = save_with_report(upload, "Gray", tmp_path)[2].read_text("utf-8")
    assert "<h1>a&lt;b&gt;.png and b.png</h1>" in page
    assert "secret" not in page
    assert "x518 (short side 518 instead of 770 px)" in page
    assert "No box" in page


def test_versions_are_those_that_run() -> None:
    found = versions()
    assert found["NumPy"] == np.__version__
    assert set(found) == {"Depth Demo", "Python", "OpenCV", "NumPy", "PyTorch", "Gradio"}
