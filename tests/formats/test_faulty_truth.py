"""Faults of truth files that a pair reveals, and truths that look faulty and are right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from depth_demo.formats.truth import load_ground_truth
from depth_demo.geometry import Calibration, StereoPair
from tests.formats.test_truth_of_a_pair import CAMERA, DEPTH, DISPARITY, HEIGHT, PAIR, WIDTH, as_16_bits, read

WITHOUT_CAMERA = StereoPair(PAIR.left, PAIR.right)
WITH_DOFFS = StereoPair(PAIR.left, PAIR.right, replace(CAMERA, doffs_px=20.0))


def sparse(values: NDArray[Any], count: int) -> NDArray[Any]:
    """Keep so many numbers, and write 0 for the others."""
    kept = np.zeros(values.size, np.bool_)
    kept[np.random.default_rng(5).permutation(values.size)[:count]] = True
    return np.where(kept.reshape(values.shape), values, 0).astype(values.dtype)


@pytest.mark.parametrize("count", [800, 100])
def test_few_numbers_are_enough_to_tell_millimetres(tmp_path: Path, count: int) -> None:
    truth = read(tmp_path, sparse(as_16_bits(DEPTH * 1000), count), "depth.npy")
    assert "depth = value / 1000 m" in truth.description
    assert truth.question is None


def test_too_few_numbers_to_tell_are_said_to_be_so_and_asked_about(tmp_path: Path) -> None:
    truth = read(tmp_path, sparse(as_16_bits(DEPTH * 1000), 4), "depth.npy")
    assert "The pair shows too little to tell" in truth.description
    assert truth.question is not None
    assert "Depth in 16 bits has no usual scale" in truth.question.text


@pytest.mark.parametrize("filled", [-1, -32768, 1e20, 65504, float(np.finfo(np.float32).min)])
def test_what_fills_most_of_a_truth_does_not_count_against_it(tmp_path: Path, filled: float) -> None:
    stored = np.where(sparse(DISPARITY, 9000) > 0, DISPARITY, np.float32(filled)).astype(np.float32)
    stored += np.linspace(0, 0.3, WIDTH, dtype=np.float32) * (np.abs(stored) < 100) * (stored > 0)
    truth = read(tmp_path, stored)
    assert truth.question is None
    assert truth.depth_map.valid.mean() == pytest.approx(9000 / DISPARITY.size, rel=1e-3)


def moved(by: int, axis: int) -> NDArray[np.float32]:
    return np.roll(DISPARITY, by, axis)


FAULTS: dict[str, tuple[Callable[[], NDArray[Any]], StereoPair, str]] = {
    "moved-right": (lambda: moved(20, 1), PAIR, "px to the left"),
    "moved-a-little-right": (lambda: moved(6, 1), PAIR, "moved by about 6 px to the left: of"),
    "moved-a-little-up": (lambda: moved(-4, 0), PAIR, "moved by about 4 px down: of"),
    "moved-down": (lambda: moved(20, 0), PAIR, "px up"),
    "turned": (lambda: as_16_bits(DEPTH[::-1, ::-1] * 1000), PAIR, "The truth is turned by 180 degrees"),
    "mirrored-depth-without-its-name": (lambda: DEPTH[:, ::-1], PAIR, "The truth is mirrored"),
    "offset": (lambda: DISPARITY + 7, PAIR, "All disparities are about 6.97 px too large"),
    "doffs-added": (lambda: DISPARITY + 20, WITH_DOFFS, "That is doffs of the calibration, 20 px"),
    "normalised": (
        lambda: ((DISPARITY - DISPARITY.min()) * 5).astype(np.uint8),
        PAIR,
        "only once it is scaled and shifted: it is about 5 times",
    ),
    "depth-without-doffs": (lambda: DEPTH, WITH_DOFFS, "The depth fits if doffs of the calibration is left out"),
    "inverse-depth": (lambda: (DISPARITY + 20) / 80, WITH_DOFFS, "The truth is inverse depth"),
    "depth-without-a-camera": (lambda: DEPTH, WITHOUT_CAMERA, "shrinks where the pair's disparity grows"),
    "baseline-in-mm": (
        lambda: DEPTH,
        StereoPair(PAIR.left, PAIR.right, Calibration(320.0, 250.0)),
        "Are the stored value per m and the calibration right?",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_the_fault_is_named(tmp_path: Path, case: str) -> None:
    stored, pair, said = FAULTS[case]
    question = read(tmp_path, stored(), pair=pair).question
    assert question is not None
    assert said in question.text


def test_what_grows_with_disparity_but_is_called_depth_is_asked_about_without_a_camera(tmp_path: Path) -> None:
    question = read(tmp_path, DISPARITY * np.float32(0.37), "depth.npy", WITHOUT_CAMERA).question
    assert question is not None
    assert "Is it disparity or inverse depth?" in question.text
    assert question.choices[0].kind == "disparity"


def test_a_measured_scale_is_rounded_to_a_usual_one(tmp_path: Path) -> None:
    question = read(tmp_path, as_16_bits(DISPARITY * 200)).question
    assert question is not None
    assert question.choices[0].words == "disparity = value / 200 px"


def test_a_name_with_inverse_depth_does_not_say_depth(tmp_path: Path) -> None:
    question = read(tmp_path, 1 / DEPTH, "inverse_depth.npy").question
    assert question is not None
    assert question.choices[0].kind == "disparity"


def test_rays_are_measured_from_the_principal_point(tmp_path: Path) -> None:
    camera = Calibration(320.0, 0.25, principal_point_px=(100.0, 60.0))
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    stretch = np.sqrt(1 + ((columns - 100) / 320) ** 2 + ((rows - 60) / 320) ** 2)
    pair = StereoPair(PAIR.left, PAIR.right, camera)
    truth = read(tmp_path, as_16_bits(DEPTH * stretch * 1000), "depth.npy", pair)
    assert "Distances along the ray are converted" in truth.description
    np.testing.assert_allclose(truth.depth_map.values, DEPTH, rtol=1e-3)


def test_the_largest_number_of_16_bits_is_no_depth_by_any_scale(tmp_path: Path) -> None:
    stored = as_16_bits(DEPTH * 2000)
    stored[:10] = 65535
    truth = read(tmp_path, stored, kind="depth", scale=2000)
    assert np.isnan(truth.depth_map.values[:10]).all()
    assert "65535" in truth.description


def test_a_depth_at_which_programs_cut_is_no_measurement(tmp_path: Path) -> None:
    stored = DEPTH + np.linspace(0, 0.01, DEPTH.size, dtype=np.float32).reshape(DEPTH.shape)
    stored[:30] = 10.0
    truth = read(tmp_path, stored, "depth.npy")
    assert np.isnan(truth.depth_map.values[:30]).all()
    assert "10 m (sky)" in truth.description


def test_holes_of_a_search_are_known_after_the_division_by_16(tmp_path: Path) -> None:
    stored = np.rint((DISPARITY + np.linspace(0, 0.3, WIDTH)) * 16).astype(np.float32) / 16
    stored[::9] = 4.0
    truth = read(tmp_path, stored)
    assert np.isnan(truth.depth_map.values[::9]).all()
    assert "infinity and 4 unknown" in truth.description


def test_a_row_more_than_the_views_is_no_other_resolution(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="320x240 pixels, but it is 320x241"):
        read(tmp_path, np.vstack([DISPARITY, DISPARITY[:1]]))


@pytest.mark.parametrize("parted", ["; ", "\t", " "])
def test_a_table_with_decimal_commas_and_a_comment(tmp_path: Path, parted: str) -> None:
    lines = (parted.join(f"{value:.2f}".replace(".", ",") for value in row) for row in DISPARITY)
    path = tmp_path / "truth.txt"
    path.write_text("# disparity [px]\n" + "\n".join(lines))
    np.testing.assert_allclose(read_file(path), DISPARITY)


def test_names_of_columns_that_only_count_them_are_no_row(tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    np.savetxt(path, DISPARITY, "%.2f", ",", header=",".join(map(str, range(WIDTH))), comments="")
    np.testing.assert_allclose(read_file(path), DISPARITY)


def read_file(path: Path) -> NDArray[np.float32]:
    return load_ground_truth(path, pair=PAIR).depth_map.values
