"""Every file that is saved of an estimate, a match and a comparison, read back: as what it is, or refused as no truth."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from PIL import Image

from depth_demo import pipeline
from depth_demo.comparison.results import Comparison, Estimate
from depth_demo.examples import list_examples
from depth_demo.formats.truth import load_ground_truth
from depth_demo.geometry import DepthKind, DepthMap, disparity_to_depth
from depth_demo.monocular.input_size import InputSize
from depth_demo.monocular.models import TINY
from depth_demo.render.files import photo_name, save_estimate, save_match
from depth_demo.stereo.settings import SgbmSettings
from depth_demo.ui.results import CompareResult
from depth_demo.ui.saving import save_with_report
from depth_demo.wording.files import files_say
from tests.conftest import PAIRS
from tests.formats.test_writers import read_ply
from tests.render.test_files import read_glb

PAIR = PAIRS[0]
SETTINGS = SgbmSettings(num_disparities=64)
FOCAL_PX = 480.0
NUMBERS = (".npy", ".pfm", ".tif", "_16bit.png")


@dataclass(frozen=True)
class Saved:
    """A folder of files, and the map that each stem stands for."""

    folder: Path
    files: list[Path]
    maps: dict[str, DepthMap]


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    pair = PAIR.load()
    assert pair.ground_truth is not None
    bent = DepthMap(np.nan_to_num(pair.ground_truth.values, nan=10) ** 1.2, DepthKind.RELATIVE_INVERSE_DEPTH)
    return pipeline.compare(pair, lambda _: bent, SETTINGS)


def metres(comparison: Comparison) -> DepthMap:
    assert comparison.matched.depth is not None
    return comparison.matched.depth


def relative(comparison: Comparison, folder: Path) -> Saved:
    found = comparison.estimate
    files = save_estimate(folder, "a", found, "a network", FOCAL_PX, "Inferno")
    return Saved(folder, files, {"a_relative_inverse_depth": found.depth_map})


def metric(comparison: Comparison, folder: Path) -> Saved:
    """In metres of the truth, under a name that speaks of disparity."""
    pair = comparison.matched.pair
    assert pair.calibration is not None
    found = Estimate(pair.left, disparity_to_depth(comparison.reference, pair.calibration), 1.0)
    files = save_estimate(folder, "disp", found, "a network", FOCAL_PX, "Inferno")
    return Saved(folder, files, {"disp_depth_m": found.depth_map})


def matched(comparison: Comparison, folder: Path) -> Saved:
    match = comparison.matched
    maps = {"a_disparity_px": match.disparity, "a_disparity_filled_px": match.filled, "a_depth_m": metres(comparison)}
    return Saved(folder, save_match(folder, "a", match, FOCAL_PX, "Turbo"), maps)


def compared(comparison: Comparison, folder: Path) -> Saved:
    assert comparison.fused is not None
    assert comparison.aligned is not None
    files = str(PAIR.left), str(PAIR.right), str(PAIR.disparity)
    result = CompareResult(
        comparison, TINY, "CPU", "16-bit PNG", InputSize(TINY.preprocessing.short_side), files=files, name="a"
    )
    maps = {
        "a_monocular_disparity_px": comparison.aligned,
        "a_stereo_disparity_px": comparison.matched.disparity,
        "a_truth_disparity_px": comparison.reference,
        "a_fused_disparity_px": comparison.fused.fusion.fused,
    }
    return Saved(folder, save_with_report(result, "Gray", folder), maps)


@pytest.fixture(scope="module", params=[relative, metric, matched, compared])
def saved(request: pytest.FixtureRequest, comparison: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Saved:
    save: Callable[[Comparison, Path], Saved] = request.param
    return save(comparison, tmp_path_factory.mktemp("saved"))


def test_nothing_else_is_written(saved: Saved) -> None:
    others = {path.name for path in saved.files if not any(path.name.startswith(stem) for stem in saved.maps)}
    assert sorted(saved.files) == sorted(saved.folder.iterdir())
    endings = (
        "_coloured.png",
        "_grey.png",
        "_confidence.npy",
        "_confidence.png",
        "_report.html",
        "_scores.json",
        ".ply",
        ".glb",
    )
    assert all(name.endswith(endings) for name in others)
    written = {path.name for path in saved.files}
    assert {f"{stem}{ending}" for stem in saved.maps for ending in (*NUMBERS, "_16bit.json")} <= written


def test_maps_come_back_as_what_they_are(saved: Saved) -> None:
    for stem, depth_map in saved.maps.items():
        step = json.loads((saved.folder / f"{stem}_16bit.json").read_text())["scale"]
        for ending in NUMBERS:
            file = saved.folder / f"{stem}{ending}"
            if not depth_map.kind.unit:
                with pytest.raises(ValueError, match=r"relative inverse depth, which has no px or m\."):
                    load_ground_truth(file)
                continue
            read = load_ground_truth(file).depth_map
            assert read.kind is depth_map.kind, file.name
            marked = ending in (".tif", "_16bit.png")  # in the others 0 px means a hole, as in most truth
            np.testing.assert_array_equal(read.valid, depth_map.valid & (marked | (depth_map.values != 0)), file.name)
            off = np.abs(read.values - depth_map.values)[read.valid]
            assert off.max() <= (step if ending == "_16bit.png" else 0), file.name


def test_pictures_and_confidence_are_no_truth(saved: Saved) -> None:
    pictures = [
        path
        for path in saved.files
        if path.name.endswith(("_coloured.png", "_grey.png", "_confidence.png", "_confidence.npy"))
    ]
    assert pictures
    for path in pictures:
        with pytest.raises(ValueError, match="It cannot be ground truth, which is disparity in px or depth in m"):
            load_ground_truth(path)


def test_the_pair_agrees_with_its_own_truth_saved(comparison: Comparison, tmp_path: Path) -> None:
    compared(comparison, tmp_path)
    truth = load_ground_truth(tmp_path / "a_truth_disparity_px_16bit.png", pair=comparison.matched.pair)
    assert "The pair agrees on" in truth.description
    assert truth.question is None


def test_the_page_has_a_line_for_every_file(comparison: Comparison, tmp_path: Path) -> None:
    ways: list[tuple[Literal["estimate", "match", "comparison"], Callable[[Comparison, Path], Saved]]] = [
        ("estimate", relative), ("match", matched), ("comparison", compared)
    ]  # fmt: skip
    for of, save in ways:
        folder = tmp_path / of
        folder.mkdir()
        endings = re.findall(r"`([^`]+)`", files_say(of).replace("`.json`", "`_16bit.json`"))
        for path in save(comparison, folder).files:
            assert path.name.endswith(tuple(endings)), (of, path.name)


def test_points_and_surface_keep_the_depth_and_hold_no_flying_pixels(comparison: Comparison, tmp_path: Path) -> None:
    found = matched(comparison, tmp_path)
    depth = metres(comparison).values
    cloud = read_ply(found.folder / "a_points.ply")
    surface = read_glb(found.folder / "a_surface.glb")
    assert 0.9 * np.isfinite(depth).sum() < len(cloud.points) <= np.isfinite(depth).sum()
    known = np.unique(depth[np.isfinite(depth)])
    assert np.isin(cloud.points[:, 2], known).all()
    assert np.isin(-surface.positions[:, 2], known).all()
    assert surface.unit == "m"


def test_stereo_is_sure_where_both_directions_agree(comparison: Comparison, tmp_path: Path) -> None:
    match = comparison.matched
    assert match.left_right_diff is not None
    matched(comparison, tmp_path)
    sure = np.load(tmp_path / "a_stereo_confidence.npy")
    with Image.open(tmp_path / "a_stereo_confidence.png") as picture:
        np.testing.assert_allclose(np.asarray(picture) / 255, sure, atol=0.501 / 255)
    assert (sure[~match.disparity.valid] == 0).all()
    np.testing.assert_allclose(sure[match.disparity.valid], 1 / (1 + match.left_right_diff[match.disparity.valid]), rtol=1e-6)


def test_the_fused_map_is_sure_of_stereo_and_not_of_what_fills_it(comparison: Comparison, tmp_path: Path) -> None:
    compared(comparison, tmp_path)
    assert comparison.fused is not None
    sure, share = np.load(tmp_path / "a_fused_confidence.npy"), comparison.fused.fusion.stereo_share
    assert sure.dtype == np.float32
    assert (sure[share == 0] == 0).all()
    assert np.median(sure[share == 1]) > 0.9
    assert sure.max() <= 1


def test_a_pair_matched_in_one_direction_has_no_confidence(comparison: Comparison, tmp_path: Path) -> None:
    one_way = replace(comparison.matched, left_right_diff=None)
    assert not [path for path in save_match(tmp_path, "a", one_way, FOCAL_PX, "Gray") if "confidence" in path.name]


def test_a_bundled_view_is_named_after_its_example() -> None:
    view = list_examples()[0].left
    assert photo_name(view) == "466_left"
    assert photo_name(PAIR.left) == "left"
    assert photo_name(None) == "photo"
